/* Choosing the next token from logits. */
#ifndef BL_MODEL_SAMPLE_H
#define BL_MODEL_SAMPLE_H

#include "base/error.h"

/* A token that may be drawn. */
typedef struct bl_candidate {
  float logit;
  int32_t id;
} bl_candidate;

typedef struct bl_sampler {
  bl_sampling settings;
  uint64_t state; /* of the random generator */
  int n_vocab;
  bl_candidate *candidates; /* (n_vocab) work space, owned */
} bl_sampler;

/* Checks the settings; an error names the one that is out of range. */
bl_code bl_sampler_init(bl_sampler *sampler, const bl_sampling *settings, int n_vocab,
                        bl_error *error);
void bl_sampler_free(bl_sampler *sampler); /* safe on a zeroed sampler */

/* Draws a token id from logits (n_vocab). `probability` is softmax(logits)[id], before any filter.
 * Nothing is allocated. Logits that contain NaN or +infinity are an error.
 *
 * Each filter sees the distribution that the one before it left, renormalized:
 *   top_k  the k most likely; of equals, the lowest ids
 *   top_p  the smallest number of most likely ones whose probabilities reach top_p
 *   min_p  those with at least min_p times the probability of the most likely
 * What is left is drawn with probability proportional to e^(logit / temperature). */
bl_code bl_sampler_draw(bl_sampler *sampler, const float *logits, int32_t *id, float *probability,
                        bl_error *error);

#endif
