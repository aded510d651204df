/* The two small floating-point numbers that MX and NVFP4 weights are made of, and what the formats
 * built on them share. Rules of the OCP Microscaling (MX) specification 1.0 and of mlx 0.32 on the
 * CPU.
 *
 *   e2m1, "fp4": a sign, 2 bits of exponent, 1 of fraction; codes 0 to 7 are
 *         0   0.5   1   1.5   2   3   4   6        and 8 to 15 the same with a minus
 *
 *   e4m3, "fp8": a sign, 4 bits of exponent with bias 7, 3 of fraction; up to 448, in steps of
 *         2^-9 below 2^-6. It has no infinity; 127 and 255 are NaN.
 *
 * The loops are written for compilers to make vectors of: no branches, lanes that don't depend on
 * one another. */
#ifndef BL_QUANT_FP_CODES_H
#define BL_QUANT_FP_CODES_H

#include <math.h>

#include "base/number.h"

#define BL_E4M3_LARGEST 448.0f
#define BL_E2M1_LARGEST 6.0f

/* ---- e4m3 ----------------------------------------------------------------------------------- */

/* The nearest e4m3 number, ties to the even code; what is larger than 448 becomes 448, and so does
 * NaN. The sign is kept, that of a zero too. */
static inline uint8_t bl_f32_to_e4m3(float x) {
  uint32_t sign = bl_f32_bits(x) >> 24 & 0x80u;
  float a = fabsf(x);
  a = a < BL_E4M3_LARGEST ? a : BL_E4M3_LARGEST;
  uint32_t u = bl_f32_bits(a);
  /* From 2^-6 on the code is the float's exponent and upper fraction, rounded. Below it counts
   * steps of 2^-9: 2^14 is where floats are that far apart, so the sum rounds to a whole number of
   * them, and has it in its low bits. */
  uint32_t normal = (u + 0x7ffffu + (u >> 20 & 1u)) >> 20;
  uint32_t small = bl_f32_bits(a + 0x1p14f) & 0xffu;
  return (uint8_t)(sign | (a < 0x1p-6f ? small : normal - (120u << 3)));
}

static inline float bl_e4m3_to_f32(uint8_t code) {
  uint32_t sign = (uint32_t)(code & 0x80u) << 24, u = code & 0x7fu;
  float small = (float)(int32_t)u * 0x1p-9f;
  uint32_t normal = (u << 20) + (120u << 23);
  uint32_t magnitude = u < 8 ? bl_f32_bits(small) : u == 127 ? 0x7fc00000u : normal;
  return bl_f32_from_bits(sign | magnitude);
}

/* ---- e2m1 ----------------------------------------------------------------------------------- */

static const float bl_e2m1_values[16] = {0,     0.5f,  1,     1.5f,  2,     3,     4,     6,
                                         -0.0f, -0.5f, -1.0f, -1.5f, -2.0f, -3.0f, -4.0f, -6.0f};

/* The e2m1 number nearest to x, which is not NaN; of two equally near the one closer to 0, and
 * never -0. From 1 on the code is the float's exponent and the first bit of its fraction, where a
 * half is rounded down; below 1 it is how many of the two ties there are exceeded. */
static inline uint8_t bl_f32_to_e2m1(float x) {
  float a = fabsf(x);
  a = a < BL_E2M1_LARGEST ? a : BL_E2M1_LARGEST;
  uint32_t normal = ((bl_f32_bits(a) + 0x1fffffu) >> 22) - (126u << 1);
  uint32_t small = (uint32_t)(a > 0.25f) + (uint32_t)(a > 0.75f);
  uint32_t sign = x < -0.25f ? 8 : 0;
  return (uint8_t)(sign | (a < 1 ? small : normal));
}

/* Its place among the sixteen from -6 up, -0 before 0. */
static inline uint8_t bl_e2m1_rank(uint8_t code) {
  return code < 8 ? 8 + code : 15 - code;
}

/* The number of that rank. */
static inline float bl_e2m1_level(int rank) {
  return bl_e2m1_values[rank < 8 ? 15 - rank : rank - 8];
}

/* n codes, n a multiple of 2, to n / 2 bytes: the first of a pair is the lower half. */
static inline void bl_pack_e2m1(const uint8_t *codes, int n, uint8_t *packed) {
  for (int i = 0; i < n / 2; i++) packed[i] = (uint8_t)(codes[2 * i] | codes[2 * i + 1] << 4);
}

static inline void bl_unpack_e2m1_ranks(const uint8_t *packed, int n, uint8_t *ranks) {
  for (int i = 0; i < n / 2; i++) {
    ranks[2 * i] = bl_e2m1_rank(packed[i] & 15);
    ranks[2 * i + 1] = bl_e2m1_rank(packed[i] >> 4);
  }
}

/* ---- e8m0 ----------------------------------------------------------------------------------- */

/* e8m0 is the upper 8 bits of a positive float32 without its fraction: 2^(byte - 127). What mlx
 * reads in 255, which the specification calls NaN, is infinity; 0 is 2^-127, a denormal. */
static inline float bl_e8m0_to_f32(uint8_t byte) {
  return bl_f32_from_bits(byte ? (uint32_t)byte << 23 : 1u << 22);
}

/* The smallest n for which 2^n >= x, of a positive finite number. */
static inline int bl_ceil_log2(float x) {
  int n;
  float fraction = frexpf(x, &n); /* x = fraction * 2^n, 1/2 <= fraction < 1 */
  return fraction == 0.5f ? n - 1 : n;
}

#endif
