/* What the blocks of GGUF files with 32 weights have in common: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0,
 * IQ4_NL and MXFP4. Each is one part, a row of blocks, and each block holds its scale beside its
 * codes.
 *
 * Encoding writes the bytes of llama.cpp v0.5.0's ggml_quantize_chunk without an importance matrix,
 * which is what its llama-quantize puts in a file; decoding gives the float32 values of its
 * dequantize_row_*: the same operations in the same order, each rounded.
 *
 * Not a number. Where a block's weights or scale are not finite, llama.cpp converts floats to
 * integers that can't hold them, which C leaves undefined. Here that is defined, the same on every
 * target: such a weight's code is stored as 0. So it is in llama.cpp on x86, but for what a
 * format's file says. */
#ifndef BL_QUANT_GGML_H
#define BL_QUANT_GGML_H

#include <float.h>
#include <math.h>

#include "base/number.h"
#include "quant/grid.h"
#include "quant/range.h"

enum { BL_GGML_BLOCK = 32 };

/* Little-endian, at any address. */
static inline float bl_ggml_read_f16(const uint8_t *bytes) {
  uint16_t h;
  memcpy(&h, bytes, sizeof h);
  return bl_f16_to_f32(h);
}

static inline void bl_ggml_write_f16(float x, uint8_t *bytes) {
  uint16_t h = bl_f32_to_f16(x);
  memcpy(bytes, &h, sizeof h);
}

/* A block's grid as it will be read, both numbers in f16. */
static inline void bl_ggml_store_f16(const bl_format *format, bl_grids *grids) {
  (void)format;
  bl_round_to(BL_F16, &grids->at[0].scale, 1);
  bl_round_to(BL_F16, &grids->at[0].bias, 1);
}

/* ---- codes in bytes ------------------------------------------------------------------------- */

/* The low 4 bits of 32 codes in qs[16]: the low halves of the bytes are weights 0 to 15, the high
 * halves weights 16 to 31. */
static inline void bl_ggml_pack_nibbles(const uint8_t *restrict codes, uint8_t *restrict qs) {
  for (int i = 0; i < BL_GGML_BLOCK / 2; i++)
    qs[i] = (uint8_t)((codes[i] & 15) | codes[i + BL_GGML_BLOCK / 2] << 4);
}

static inline void bl_ggml_unpack_nibbles(const uint8_t *qs, uint8_t *codes) {
  for (int i = 0; i < BL_GGML_BLOCK / 2; i++) {
    codes[i] = qs[i] & 15;
    codes[i + BL_GGML_BLOCK / 2] = qs[i] >> 4;
  }
}

/* The fifth bits of 32 codes in qh[4]: bit i of the little-endian word is weight i's. Eight codes
 * are one 64-bit word with a fifth bit in each byte; the product adds up shifted copies of the word
 * so that all eight bits meet in its highest byte, in order and without a carry. */
static inline void bl_ggml_pack_fifth_bits(const uint8_t *codes, uint8_t *qh) {
  for (int i = 0; i < BL_GGML_BLOCK / 8; i++) {
    uint64_t eight;
    memcpy(&eight, codes + 8 * i, sizeof eight);
    eight = eight >> 4 & 0x0101010101010101u;
    qh[i] = (uint8_t)(eight * 0x0102040810204080u >> 56);
  }
}

/* Adds the fifth bits to codes that have the other four. Of eight copies of a byte of qh, byte i
 * keeps bit i alone, 2^i; adding 2^7 - 2^i then sets its highest bit if that was set, without a
 * carry. */
static inline void bl_ggml_unpack_fifth_bits(const uint8_t *qh, uint8_t *codes) {
  for (int i = 0; i < BL_GGML_BLOCK / 8; i++) {
    uint64_t eight, bits = qh[i] * 0x0101010101010101u & 0x8040201008040201u;
    bits = (bits + 0x00406070787c7e7fu) & 0x8080808080808080u;
    memcpy(&eight, codes + 8 * i, sizeof eight);
    eight |= bits >> 3;
    memcpy(codes + 8 * i, &eight, sizeof eight);
  }
}

/* ---- choosing a scale ----------------------------------------------------------------------- */

/* lo[k] becomes the smaller of lo[k] and lo[k + n], hi[k] the larger, for k < n. */
static inline void bl_ggml_fold_range(float *lo, float *hi, int n) {
  for (int k = 0; k < n; k++) {
    lo[k] = lo[k + n] < lo[k] ? lo[k + n] : lo[k];
    hi[k] = hi[k + n] > hi[k] ? hi[k + n] : hi[k];
  }
}

/* The range of 32 weights and of what is given to start with, NaNs left out. The comparisons form a
 * tree: those of a level don't depend on one another, so that compilers make vectors of them
 * without being allowed to reorder anything. */
static inline bl_range bl_ggml_widen_range(bl_range start, const float *weights) {
  enum { HALF = BL_GGML_BLOCK / 2 };
  float lo[HALF], hi[HALF];
  for (int i = 0; i < HALF; i++) {
    float w = weights[i], v = weights[i + HALF];
    lo[i] = w < start.lo ? w : start.lo;
    hi[i] = w > start.hi ? w : start.hi;
    lo[i] = v < lo[i] ? v : lo[i];
    hi[i] = v > hi[i] ? v : hi[i];
  }
  bl_ggml_fold_range(lo, hi, 8);
  bl_ggml_fold_range(lo, hi, 4);
  bl_ggml_fold_range(lo, hi, 2);
  bl_ggml_fold_range(lo, hi, 1);
  return (bl_range){lo[0], hi[0]};
}

/* The weight furthest from 0, with its sign: of several the first. +0 for a block of zeros. */
static inline float bl_ggml_find_edge(const float *weights) {
  bl_range r = bl_ggml_widen_range((bl_range){0, 0}, weights);
  if (r.hi != -r.lo) return r.hi > -r.lo ? r.hi : r.lo;
  if (r.hi == 0) return 0;
  int i = 0;
  while (fabsf(weights[i]) != r.hi) i++;
  return weights[i];
}

/* The smallest and the largest weight; the largest and smallest float, in this order, when there
 * are only NaNs. A 0 at the lower end has the sign of the block's first 0, as it will be stored. */
static inline bl_range bl_ggml_find_range(const float *weights) {
  bl_range r = bl_ggml_widen_range((bl_range){FLT_MAX, -FLT_MAX}, weights);
  if (r.lo == 0) {
    int i = 0;
    while (weights[i] != 0) i++;
    r.lo = weights[i];
    if (r.hi == 0) r.hi = r.lo; /* a block of zeros: their difference is then +0 */
  }
  return r;
}

/* 1 / scale, 0 for 0. Where it overflows (a scale below 2^-128) no weight can be divided by the
 * scale: NaN, which makes all codes 0. */
static inline float bl_ggml_inverse(float scale) {
  if (scale == 0) return 0;
  float inverse = 1 / scale;
  return isinf(inverse) ? NAN : inverse;
}

/* iq4_nl's: for the sum of importance * (w - w')^2 over 32 weights. */
float bl_iq4_nl_scale(const float *weights, const float *importance);

/* ---- choosing codes ------------------------------------------------------------------------- */

/* The codes of 32 weights: (w - zero) * inverse + offset without its fraction, from 0 to max_code,
 * and 0 for NaN. */
static inline void bl_ggml_choose_codes(const float *restrict weights, float zero, float inverse,
                                        float offset, uint8_t max_code, uint8_t *restrict codes) {
  for (int i = 0; i < BL_GGML_BLOCK; i++) {
    float x = (weights[i] - zero) * inverse + offset;
    x = x > 0 ? x : 0;
    x = x < (float)max_code ? x : (float)max_code;
    codes[i] = (uint8_t)(int32_t)x;
  }
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* bl_gridding_encode_row of a format with blocks of 32 in one part. */
static inline void bl_ggml_encode_row(const bl_gridding *gridding, const bl_format *format,
                                      const float *src, int64_t n_cols, int block_bytes,
                                      uint8_t *block) {
  for (int64_t col = 0; col < n_cols; col += BL_GGML_BLOCK, block += block_bytes) {
    bl_grids grids;
    uint8_t codes[BL_GGML_BLOCK];
    gridding->fit(format, src + col, BL_GGML_BLOCK, &grids);
    gridding->round(format, &grids, src + col, BL_GGML_BLOCK, codes);
    gridding->pack(format, &grids, codes, BL_GGML_BLOCK, &block);
  }
}

#endif
