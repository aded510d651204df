/* GGML's q4_k and q5_k: blocks of 256 weights, with a scale and a minimum of 6 bits for every 32 of
 * them, and an f16 factor for all scales and one for all minimums. q5_k keeps the codes' fifth bits
 * apart, between the head and the low four.
 *
 * A piece of a block is 16 bytes of low bits: the codes of two runs of 16 weights, which are 32
 * weights apart. Four lanes hold a piece, a vector UNITS of them, and a run's words have a code in
 * each byte, as in lanes_q6k.h. ggml_k.h shows where the scales' bits are.
 *
 * d * scale has at most 17 significant bits and times any code at most 22, so all of this is exact.
 */
#ifndef BL_KERNEL_LANES_Q4K_H
#define BL_KERNEL_LANES_Q4K_H

#include "kernel/lanes_q6k.h"

enum {
  Q4K_WEIGHTS = 256,
  Q4K_BYTES = 144,
  Q5K_BYTES = 176,
  Q5K_HIGH = 16, /* where q5_k's fifth bits start */
  Q4K_LOW_BYTES = 128,
  Q4K_GROUPS = 8,
  Q4K_PIECES = 8,
  Q4K_RUNS = 2, /* of a piece */
  Q4K_VECTORS = Q4K_PIECES / UNITS,
  Q4K_STEPS = 4 * Q4K_RUNS, /* of a vector: vectors of x that it meets */
};

/* The constants that codes are taken apart with; in memory, for the reason given at layout.mask. */
enum { Q4K_MASK_LOW = 4, Q4K_MASK_FIFTH = 5 };

static inline void q4k_masks(uint32_t mask[8]) {
  for (int k = 0; k < 4; k++) mask[k] = 0x1fu << 8 * k;
  mask[Q4K_MASK_LOW] = 0x0f0f0f0f;
  mask[Q4K_MASK_FIFTH] = 0x10101010;
}

BL_INLINE int64_t q4k_bytes(bool has_fifth) {
  return has_fifth ? Q5K_BYTES : Q4K_BYTES;
}

/* The first weight of a run, within its block. */
BL_INLINE int q4k_weight(int piece, int run) {
  return 64 * (piece / 2) + 16 * (piece % 2) + 32 * run;
}

/* For group g of 8 its byte in `words`, in the order that q6k_multiply_bytes takes to 16 places. */
BL_INLINE bl_quadu q4k_order_scales(bl_quadu words) {
  bl_quadb s = (bl_quadb)words;
#if BL_LANES == 4
  s = __builtin_shufflevector(s, s, 0, 2, 4, 6, 1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7);
#elif BL_LANES == 8
  s = __builtin_shufflevector(s, s, 0, 2, 4, 6, 0, 2, 4, 6, 1, 3, 5, 7, 1, 3, 5, 7);
#else
  s = __builtin_shufflevector(s, s, 0, 1, 4, 5, 0, 1, 4, 5, 2, 3, 6, 7, 2, 3, 6, 7);
#endif
  return (bl_quadu)s;
}

/* The same for the minimums, which stay in their order and have zeros after them. */
BL_INLINE bl_quadu q4k_order_minimums(bl_quadu words) {
  bl_quadb s = (bl_quadb)words;
  s = __builtin_shufflevector(s, s, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return (bl_quadu)s;
}

/* Scales of a row, (n_blocks, Q4K_VECTORS, Q4K_RUNS, UNITS), one for every four lanes, and biases,
 * (n_blocks, Q4K_GROUPS), with 8 more after the last. */
static inline void q4k_params(const uint8_t *block, int64_t block_bytes, int64_t n_blocks,
                              float *scales, float *biases) {
  for (int64_t n = 0; n < n_blocks; n++, block += block_bytes, scales += 16, biases += 8) {
    uint32_t u = load_u32(block + 4), v = load_u32(block + 8), w = load_u32(block + 12);
    bl_quadu scale = {u & 0x3f3f3f3f, (w & 0x0f0f0f0f) | (u >> 2 & 0x30303030)};
    bl_quadu minimum = {v & 0x3f3f3f3f, (w >> 4 & 0x0f0f0f0f) | (v >> 2 & 0x30303030)};
    q6k_multiply_bytes(load_half(block), q4k_order_scales(scale), scales);
    q6k_multiply_bytes(-load_half(block + 2), q4k_order_minimums(minimum), biases);
  }
}

/* The fifth bits of vector v of a block, those of its first runs at the bottom of each byte and
 * those of its second runs above them. */
BL_INLINE bl_vecu q5k_fifth_bits(const uint8_t *high, int v) {
#if BL_LANES == 16
  const bl_vecu shift = {0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2};
  return q6k_load(high, 0) >> (shift + (unsigned)(4 * v));
#elif BL_LANES == 8
  return q6k_load(high, 0) >> 2 * v;
#else
  return q6k_load(high + 16 * (v % 2), 0) >> (v & ~1);
#endif
}

/* The codes of vector v of a block, a run in each of two vectors, a code in each byte. */
BL_INLINE void q4k_codes(bool has_fifth, const uint8_t *block, int v, const uint32_t *mask,
                         bl_vecu codes[Q4K_RUNS]) {
  const uint8_t *low = block + q4k_bytes(has_fifth) - Q4K_LOW_BYTES;
  bl_vecu both;
  memcpy(&both, low + (size_t)v * sizeof both, sizeof both);
  codes[0] = both & mask[Q4K_MASK_LOW];
  codes[1] = (bl_vecu)((bl_veci)both >> 4) & mask[Q4K_MASK_LOW];
  if (!has_fifth) return;
  bl_vecu fifth = q5k_fifth_bits(block + Q5K_HIGH, v);
  codes[0] |= fifth << 4 & mask[Q4K_MASK_FIFTH];
  codes[1] |= fifth << 3 & mask[Q4K_MASK_FIFTH];
}

/* Puts one token's x into the order of the codes, with their exponents taken out: (n_blocks,
 * Q4K_VECTORS, Q4K_STEPS) vectors. */
static inline void order_q4k(int64_t n_blocks, const float *x, float *dst) {
  order_pieces(Q4K_PIECES, Q4K_RUNS, q4k_weight, n_blocks, true, x, dst);
}

/* The products of BL_SET_ROWS rows with one token: scales and biases of each row from q4k_params,
 * x from order_q4k, and the sums of x over groups, with zeros to whole vectors. */
static inline void fused_q4k(bool has_fifth, const uint8_t *const *rows, const float *const *scales,
                             const float *const *biases, int64_t n_blocks, const uint32_t *mask,
                             const bl_vecf *x, const float *sums, float y[BL_SET_ROWS]) {
  bl_vecf total[BL_SET_ROWS];
  clear_rows(total);
  bl_vecu lane = group_lanes(0);
  for (int64_t n = 0, at = 0; n < n_blocks; n++) {
    for (int v = 0; v < Q4K_VECTORS; v++, x += Q4K_STEPS, at += Q4K_RUNS * UNITS) {
      for (int r = 0; r < BL_SET_ROWS; r++) {
        bl_vecu codes[Q4K_RUNS];
        q4k_codes(has_fifth, rows[r] + n * q4k_bytes(has_fifth), v, mask, codes);
#pragma GCC unroll 2
        for (int run = 0; run < Q4K_RUNS; run++) {
          bl_vecf sum = q6k_value(codes[run], 0, mask) * x[4 * run];
#pragma GCC unroll 4
          for (int k = 1; k < 4; k++)
            sum = bl_madd(q6k_value(codes[run], k, mask), x[4 * run + k], sum);
          total[r] = bl_madd(bl_spread(scales[r] + at + run * UNITS, lane), sum, total[r]);
        }
      }
    }
  }
  add_biases(biases, sums, Q4K_GROUPS * n_blocks, total);
  bl_quadf result = sum_lanes(total);
  memcpy(y, &result, sizeof result);
}

#endif
