/* Conversions between float32 and the 16-bit float types, exact and branch-free enough to inline.
 * Rounding is to nearest, ties to even, as in IEEE 754 and in MLX, PyTorch and ggml. */
#ifndef BL_BASE_NUMBER_H
#define BL_BASE_NUMBER_H

#include <stdint.h>
#include <string.h>

#include "bitloss.h"

static inline uint32_t bl_f32_bits(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

static inline float bl_f32_from_bits(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}

/* bf16 is the upper half of a float32. */
static inline float bl_bf16_to_f32(uint16_t h) {
  return bl_f32_from_bits((uint32_t)h << 16);
}

static inline uint16_t bl_f32_to_bf16(float x) {
  uint32_t u = bl_f32_bits(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(u >> 16 | 0x40u); /* quiet NaN */
  return (uint16_t)((u + 0x7fffu + (u >> 16 & 1u)) >> 16);
}

/* f16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static inline float bl_f16_to_f32(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
  uint32_t magnitude = h & 0x7fffu;
  if (magnitude >= 0x7c00u)
    return bl_f32_from_bits(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
  /* Read as a float32 with the same fields the value is 2^112 too small; the product is exact, also
   * for f16 denormals. */
  float scaled = bl_f32_from_bits(magnitude << 13) * 0x1p112f;
  return bl_f32_from_bits(sign | bl_f32_bits(scaled));
}

static inline uint16_t bl_f32_to_f16(float x) {
  uint32_t u = bl_f32_bits(x);
  uint16_t sign = (uint16_t)(u >> 16 & 0x8000u);
  u &= 0x7fffffffu;
  if (u > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
  if (u >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); /* 65520 and above round to infinity */
  if (u < 0x38800000u) {
    /* Denormal in f16: adding 0.5 leaves the rounded fraction in the low bits of the sum. */
    float sum = bl_f32_from_bits(u) + 0.5f;
    return (uint16_t)(sign | (bl_f32_bits(sum) & 0x7ffu));
  }
  return (uint16_t)(sign | ((u - 0x38000000u + 0xfffu + (u >> 13 & 1u)) >> 13));
}

/* Bytes of one number: 4 or 2. */
static inline size_t bl_dtype_size(bl_dtype dtype) {
  return dtype == BL_F32 ? 4 : 2;
}

/* Rounds each value to `dtype` and back, in place; F32 and NONE leave it as it is. */
void bl_round_to(bl_dtype dtype, float *values, int64_t n);

/* n numbers of `dtype` at `src` (no alignment needed) to or from float32. */
void bl_to_f32(bl_dtype dtype, const void *src, int64_t n, float *dst);
void bl_from_f32(bl_dtype dtype, const float *src, int64_t n, void *dst);

#endif
