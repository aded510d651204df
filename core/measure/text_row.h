/* Logits of one token: what they predict, and how far they are from the reference's. */
#ifndef BL_MEASURE_TEXT_ROW_H
#define BL_MEASURE_TEXT_ROW_H

#include <stdint.h>

/* A row of logits with what its softmax needs: p[i] = e^(logits[i] - max) / sum. */
typedef struct bl_logit_row {
  const float *logits; /* (n) borrowed */
  int64_t n;
  float max;
  double sum;
  int64_t top; /* the first of the largest */
} bl_logit_row;

/* n is at least 1. With a logit that is NaN or plus infinity, or with all at minus infinity, the
 * sum is NaN, and so is everything that follows from it. A single minus infinity is a probability
 * of 0. */
bl_logit_row bl_logit_row_make(const float *logits, int64_t n);

/* ln p[id] */
double bl_logit_row_log_p(const bl_logit_row *row, int64_t id);

/* How far a row is from the reference's (of the same n). */
typedef struct bl_row_distance {
  double kl;         /* sum p_ref (ln p_ref - ln p) */
  double logit_diff; /* mean |logit - logit_ref| */
} bl_row_distance;

/* The divergence is computed to a few parts in a million of itself, however small it is, and is
 * never negative; a row's distance from an equal one is exactly 0. */
bl_row_distance bl_logit_row_distance(const bl_logit_row *row, const bl_logit_row *ref);

#endif
