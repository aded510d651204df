/* GGML's q2_k and q3_k, whose pieces and runs are those of q6_k (lanes_q6k.h): 16 bytes of a block
 * are the low two bits of four runs of 16 weights. q2_k has a scale and a minimum of 4 bits for
 * each run, q3_k a third bit for each code, a bit plane before the low ones, and signed scales of 6
 * bits. quant/ggml_q2_k.c and ggml_q3_k.c show where everything lies.
 *
 * And what q2_k, q3_k and q6_k have in common: products with a few tokens, over floats. */
#ifndef BL_KERNEL_LANES_Q2K_H
#define BL_KERNEL_LANES_Q2K_H

#include "kernel/lanes_layout.h"
#include "kernel/lanes_q4k.h"

enum {
  Q2K_BYTES = 84,
  Q2K_CODES = 16, /* where the low bits start, after the scales */
  Q2K_D = 80,
  Q3K_BYTES = 110,
  Q3K_CODES = 32, /* after the high bits */
  Q3K_SCALES = 96,
  Q3K_D = 108,
};

/* The constants that codes are taken apart with, beside those of q6k_masks. */
enum { Q2K_MASK_LOW = 6, Q2K_MASK_HIGH = 7 };

static inline void q2k_masks(uint32_t mask[8]) {
  q6k_masks(mask);
  mask[Q2K_MASK_LOW] = 0x03030303;
  mask[Q2K_MASK_HIGH] = 0x04040404;
}

/* The third bits of vector v of a block, those of run r at bit r of each byte. */
BL_INLINE bl_vecu q3k_high_bits(const uint8_t *high, int v) {
#if BL_LANES == 16
  const bl_vecu shift = {0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4};
  (void)v;
  return q6k_load(high, 0) >> shift;
#elif BL_LANES == 8
  return q6k_load(high, 0) >> 4 * v;
#else
  return q6k_load(high + 16 * (v % 2), 0) >> (v / 2 * 4);
#endif
}

/* The codes of vector v of a block, a run in each of four vectors, a code in each byte. */
BL_INLINE void q2k_codes(bool has_third, const uint8_t *block, int v, const uint32_t *mask,
                         bl_vecu codes[Q6K_RUNS]) {
  uint32_t low_bits = mask[Q2K_MASK_LOW], high_bit = mask[Q2K_MASK_HIGH];
  bl_vecu low;
  memcpy(&low, block + (has_third ? Q3K_CODES : Q2K_CODES) + (size_t)v * sizeof low, sizeof low);
#pragma GCC unroll 4
  for (int run = 0; run < Q6K_RUNS; run++)
    codes[run] = (bl_vecu)((bl_veci)low >> 2 * run) & low_bits;
  if (!has_third) return;
  bl_vecu high = q3k_high_bits(block, v);
  codes[0] |= high << 2 & high_bit;
  codes[1] |= high << 1 & high_bit;
  codes[2] |= high & high_bit;
  codes[3] |= high >> 1 & high_bit;
}

/* Scales of a row of q2_k, (n_blocks, 16) as q6k_place orders them, and biases, one for each 16
 * weights in their order. */
static inline void q2k_params(const uint8_t *block, int64_t n_blocks, float *scales,
                              float *biases) {
  for (int64_t n = 0; n < n_blocks; n++, block += Q2K_BYTES, scales += 16, biases += 16) {
    bl_quadu both = load_quad(block);
    bl_quadu scale = both & 0x0f0f0f0f, minimum = both >> 4 & 0x0f0f0f0f;
    q6k_multiply_bytes(load_half(block + Q2K_D), q6k_order_scales((bl_quadb)scale), scales);
    q6k_multiply_bytes(-load_half(block + Q2K_D + 2), q4k_order_minimums(minimum), biases);
  }
}

/* Scales of a row of q3_k, in the same order. */
static inline void q3k_scales(const uint8_t *block, int64_t n_blocks, float *scales) {
  for (int64_t n = 0; n < n_blocks; n++, block += Q3K_BYTES, scales += 16) {
    const uint8_t *p = block + Q3K_SCALES;
    uint32_t u = load_u32(p), v = load_u32(p + 4), w = load_u32(p + 8);
    bl_quadu low = {u, v, u >> 4, v >> 4}, high = {w, w >> 2, w >> 4, w >> 6};
    bl_quadb scale = (bl_quadb)((low & 0x0f0f0f0f) | (high & 0x03030303) << 4) - 32;
    q6k_multiply_bytes(load_half(block + Q3K_D), q6k_order_scales(scale), scales);
  }
}

/* ---- any of the three ----------------------------------------------------------------------- */

BL_INLINE bool has_four_runs(enum path path) {
  return path == PATH_Q2_K || path == PATH_Q3_K || path == PATH_Q6_K;
}

BL_INLINE int64_t runs_bytes(enum path path) {
  return path == PATH_Q2_K ? Q2K_BYTES : path == PATH_Q3_K ? Q3K_BYTES : Q6K_BYTES;
}

/* The code that stands for 0. */
BL_INLINE int runs_zero(enum path path) {
  return path == PATH_Q2_K ? 0 : path == PATH_Q3_K ? 4 : 32;
}

BL_INLINE void runs_codes(enum path path, const uint8_t *block, int v, const uint32_t *mask,
                          bl_vecu codes[Q6K_RUNS]) {
  if (path == PATH_Q6_K)
    q6k_codes(block, v, mask, codes);
  else
    q2k_codes(path == PATH_Q3_K, block, v, mask, codes);
}

/* Biases only where the format has them. */
static inline void runs_params(enum path path, const uint8_t *row, int64_t n_blocks, float *scales,
                               float *biases) {
  if (path == PATH_Q6_K)
    q6k_scales(row, n_blocks, scales);
  else if (path == PATH_Q3_K)
    q3k_scales(row, n_blocks, scales);
  else
    q2k_params(row, n_blocks, scales, biases);
}

/* What is taken off each code, `zero`, amounts to in each of the four lanes of a run:
 * -zero / 4 * (sum of x), to sums (n_blocks, 16) as q6k_place orders them. */
static inline void sum_runs(int zero, int64_t n_blocks, const float *x, float *sums) {
  for (int64_t n = 0; n < n_blocks; n++, x += Q6K_WEIGHTS, sums += 16) {
    for (int piece = 0; piece < Q6K_PIECES; piece++) {
      for (int run = 0; run < Q6K_RUNS; run++) {
        bl_quadf v[4];
        memcpy(v, x + q6k_weight(piece, run), sizeof v);
        bl_quadf four = (v[0] + v[1]) + (v[2] + v[3]);
        sums[q6k_place(piece, run)] =
            -0.25f * (float)zero * ((four[0] + four[1]) + (four[2] + four[3]));
      }
    }
  }
}

/* The products of BL_SET_ROWS rows with one token: scales and biases of each row from runs_params,
 * x from order_q6k with the exponents taken out, sums from sum_runs or, where there are biases, of
 * x over each 16 weights. */
BL_INLINE void fused_runs_of(enum path path, const uint8_t *const *rows, const float *const *scales,
                             const float *const *biases, int64_t n_blocks, const uint32_t *mask,
                             const bl_vecf *x, const float *sums, float y[BL_SET_ROWS]) {
  bl_vecf total[BL_SET_ROWS];
  clear_rows(total);
  bl_vecu lane = group_lanes(0);
  for (int64_t n = 0, at = 0; n < n_blocks; n++) {
    for (int v = 0; v < Q6K_VECTORS; v++, x += Q6K_STEPS, at += Q6K_RUNS * UNITS) {
      for (int r = 0; r < BL_SET_ROWS; r++) {
        bl_vecu codes[Q6K_RUNS];
        runs_codes(path, rows[r] + n * runs_bytes(path), v, mask, codes);
#pragma GCC unroll 4
        for (int run = 0; run < Q6K_RUNS; run++) {
          bl_vecf sum = {0};
          if (runs_zero(path) != 0) sum = bl_spread(sums + at + run * UNITS, lane);
#pragma GCC unroll 4
          for (int k = 0; k < 4; k++)
            sum = bl_madd(q6k_value(codes[run], k, mask), x[4 * run + k], sum);
          total[r] = bl_madd(bl_spread(scales[r] + at + run * UNITS, lane), sum, total[r]);
        }
      }
    }
  }
  if (path == PATH_Q2_K) add_biases(biases, sums, 16 * n_blocks, total);
  bl_quadf result = sum_lanes(total);
  memcpy(y, &result, sizeof result);
}

static inline void fused_runs(enum path path, const uint8_t *const *rows,
                              const float *const *scales, const float *const *biases,
                              int64_t n_blocks, const uint32_t *mask, const bl_vecf *x,
                              const float *sums, float y[BL_SET_ROWS]) {
  if (path == PATH_Q6_K)
    fused_runs_of(PATH_Q6_K, rows, scales, biases, n_blocks, mask, x, sums, y);
  else if (HAS_Q2K && path == PATH_Q3_K)
    fused_runs_of(PATH_Q3_K, rows, scales, biases, n_blocks, mask, x, sums, y);
  else if (HAS_Q2K)
    fused_runs_of(PATH_Q2_K, rows, scales, biases, n_blocks, mask, x, sums, y);
}

#endif
