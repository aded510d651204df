/* The extremes of some weights: what a scale is chosen by. The loops are written so that compilers
 * make vectors of them without being allowed to reorder anything. */
#ifndef BL_QUANT_RANGE_H
#define BL_QUANT_RANGE_H

#include <math.h>

#include "base/number.h"

typedef struct bl_range {
  float lo, hi;
} bl_range;

/* The smallest and the largest of n weights, NaNs left out; (inf, -inf) when all are. Each lane has
 * its own running minimum and maximum, so that they don't depend on one another. */
static inline bl_range bl_find_range(const float *weights, int64_t n) {
  enum { LANES = 16 };
  float lo[LANES], hi[LANES];
  for (int k = 0; k < LANES; k++) {
    lo[k] = INFINITY;
    hi[k] = -INFINITY;
  }
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      float w = weights[i + k];
      lo[k] = w < lo[k] ? w : lo[k];
      hi[k] = w > hi[k] ? w : hi[k];
    }
  }
  for (int half = LANES / 2; half > 0; half /= 2) {
    for (int k = 0; k < half; k++) {
      lo[k] = lo[k + half] < lo[k] ? lo[k + half] : lo[k];
      hi[k] = hi[k + half] > hi[k] ? hi[k + half] : hi[k];
    }
  }
  bl_range range = {lo[0], hi[0]};
  for (; i < n; i++) {
    range.lo = weights[i] < range.lo ? weights[i] : range.lo;
    range.hi = weights[i] > range.hi ? weights[i] : range.hi;
  }
  return range;
}

/* The largest magnitude of n weights; NaN when there is one among them, always the same NaN. As
 * bits, without their sign, floats are ordered as whole numbers are: 0, …, infinity, NaN. */
static inline float bl_max_abs(const float *weights, int64_t n) {
  int32_t most = 0; /* signed: SSE2 compares no others */
  for (int64_t i = 0; i < n; i++) {
    int32_t magnitude = (int32_t)(bl_f32_bits(weights[i]) & 0x7fffffffu);
    most = magnitude > most ? magnitude : most;
  }
  return most > 0x7f800000 ? NAN : bl_f32_from_bits((uint32_t)most);
}

/* The whole number nearest to x, ties to the even one, clamped to [lo, hi], which lie within 2^21
 * of 0; 0 for NaN. Adding 3 * 2^22 moves x to where neighbouring floats are 1 apart, so that the
 * addition itself rounds, and the number is then the low bits of the sum. Clamping first changes
 * no result, as lo and hi are whole. */
static inline int bl_nearest_code(float x, float lo, float hi) {
  x = x == x ? x : 0;
  x = x > lo ? x : lo;
  x = x < hi ? x : hi;
  return (int)(bl_f32_bits(x + 0x1.8p23f) - bl_f32_bits(0x1.8p23f));
}

#endif
