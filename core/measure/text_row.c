/* The passes over the vocabulary: a few for each token of a text, so they are written as loops that
 * compilers make vectors of. In floats, but for sums, which are float64. The order of the additions
 * is fixed: equal logits give equal figures on every target. */
#include "measure/text_row.h"

#include <math.h>

#include "model/exp.h"

enum {
  BLOCK = 256, /* logits at a time: what lies between two loops stays in the nearest cache */
  LANES = 8,   /* independent sums or maxima */
};

static int64_t block_size(int64_t first, int64_t n) {
  return n - first < BLOCK ? n - first : BLOCK;
}

static float maximum(const float *x, int64_t n) {
  float lane[LANES], max = -INFINITY;
  for (int k = 0; k < LANES; k++) lane[k] = -INFINITY;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  for (; i < n; i++) max = x[i] > max ? x[i] : max;
  for (int k = 0; k < LANES; k++) max = lane[k] > max ? lane[k] : max;
  return max;
}

static int64_t first_equal(const float *x, int64_t n, float value) {
  for (int64_t i = 0; i < n; i++)
    if (x[i] == value) return i;
  return 0;
}

/* Adds up x (n) into the lanes. */
static void add_up(double lane[LANES], const float *x, int64_t n) {
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) lane[k] += (double)x[i + k];
  for (; i < n; i++) lane[0] += (double)x[i];
}

static double total(const double lane[LANES]) {
  double sum = 0;
  for (int k = 0; k < LANES; k++) sum += lane[k];
  return sum;
}

bl_logit_row bl_logit_row_make(const float *logits, int64_t n) {
  bl_logit_row row = {.logits = logits, .n = n, .max = maximum(logits, n)};
  row.top = first_equal(logits, n, row.max);
  double lane[LANES] = {0};
  float powers[BLOCK];
  for (int64_t first = 0; first < n; first += BLOCK) {
    int64_t size = block_size(first, n);
    const float *x = logits + first;
    for (int64_t i = 0; i < size; i++) powers[i] = bl_exp(x[i] - row.max);
    add_up(lane, powers, size);
  }
  row.sum = total(lane);
  return row;
}

double bl_logit_row_log_p(const bl_logit_row *row, int64_t id) {
  return ((double)row->logits[id] - (double)row->max) - log(row->sum);
}

/* (e^u - 1 - u) / u^2 for |u| < 1, by its Taylor series; the first term left out is less than 5e-8
 * of the result. */
static inline float excess(float u) {
  float s = 1.0f / 3628800;
  s = s * u + 1.0f / 362880;
  s = s * u + 1.0f / 40320;
  s = s * u + 1.0f / 5040;
  s = s * u + 1.0f / 720;
  s = s * u + 1.0f / 120;
  s = s * u + 1.0f / 24;
  s = s * u + 1.0f / 6;
  return s * u + 0.5f;
}

/* The terms of the divergence are p_ref (ln p_ref - ln p) = -p_ref u, of both signs, which all but
 * cancel when the rows are close: in floats little would be left. As both p add up to 1, the sum is
 * also that of p_ref (e^u - 1 - u) = p - p_ref - p_ref u, and no term of this one is negative. It
 * is taken as p_ref u^2 excess(u) where u is small. */
bl_row_distance bl_logit_row_distance(const bl_logit_row *row, const bl_logit_row *ref) {
  double kl_lane[LANES] = {0}, diff_lane[LANES] = {0};
  float kl[BLOCK], diff[BLOCK];
  float scale = (float)(1 / row->sum), ref_scale = (float)(1 / ref->sum);
  /* u = (logit - logit_ref) - shift, where most of it may cancel */
  double shift = ((double)row->max - (double)ref->max) + log(row->sum / ref->sum);
  for (int64_t first = 0; first < row->n; first += BLOCK) {
    int64_t size = block_size(first, row->n);
    const float *x = row->logits + first, *x_ref = ref->logits + first;
    for (int64_t i = 0; i < size; i++) {
      float p = bl_exp(x[i] - row->max) * scale, p_ref = bl_exp(x_ref[i] - ref->max) * ref_scale;
      float u = (float)(((double)x[i] - (double)x_ref[i]) - shift);
      float far = p - p_ref - (p_ref > 0 ? p_ref * u : 0); /* u may be infinite where p_ref is 0 */
      float near = p_ref * (u * u) * excess(u);
      kl[i] = fabsf(u) < 1 ? near : far;
      diff[i] = fabsf(x[i] - x_ref[i]);
    }
    add_up(kl_lane, kl, size);
    add_up(diff_lane, diff, size);
  }
  return (bl_row_distance){.kl = total(kl_lane), .logit_diff = total(diff_lane) / (double)row->n};
}
