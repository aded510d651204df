/* exp in float32, the same bits on every target: softmax and SiLU do not depend on whose libm is
 * linked. Branch-free, so that compilers vectorize loops over it. */
#ifndef BL_MODEL_EXP_H
#define BL_MODEL_EXP_H

#include "base/number.h"

/* e^x with a relative error under 1.5e-7. 0 below -87.3 (where float32 would become denormal),
 * e^88.3 above 88.3; NaN for NaN.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, so e^x = 2^n e^r, and seven terms of the Taylor series give
 * e^r. ln 2 is split in two so that n * ln2_high is exact. */
static inline float bl_exp(float x) {
  const float rounder = 0x1.8p23f; /* adding it leaves an integer in the low bits of the sum */
  const float ln2_high = 0x1.62ep-1f, ln2_low = 0x1.0bfbe8p-15f;
  float y = x < -87.3f ? -87.3f : x;
  y = y > 88.3f ? 88.3f : y;
  float shifted = y * 1.44269504f + rounder;
  float n = shifted - rounder;
  float r = (y - n * ln2_high) - n * ln2_low;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  float power = bl_f32_from_bits((bl_f32_bits(shifted) << 23) + 0x3f800000u); /* 2^n */
  uint32_t keep = 0u - (uint32_t)!(x < -87.3f); /* a mask: a branch would not be vectorized */
  return bl_f32_from_bits(bl_f32_bits(p * power) & keep);
}

#endif
