/* GGML's q6_k: blocks of 256 weights, whose 6-bit codes have a signed byte as scale for every 16
 * and one f16 factor d for all.
 *
 * A piece of a block is 16 bytes of qh, with 16 of ql and the 16 that lie 32 bytes after those: the
 * codes of four runs of 16 weights, which are 32 weights apart and have one scale each. Four lanes
 * hold a piece, a vector UNITS of them. The words of a run have a code in each byte; step k meets
 * byte k, which stays where it lies, as in lanes_codes.h.
 *
 * d * scale has 18 significant bits and times any code at most 24, so all of this is exact. */
#ifndef BL_KERNEL_LANES_Q6K_H
#define BL_KERNEL_LANES_Q6K_H

#include "kernel/lanes_layout.h"

enum {
  Q6K_WEIGHTS = 256,
  Q6K_BYTES = 210,
  Q6K_HIGH = 128,   /* where qh starts */
  Q6K_SCALES = 192, /* where the 16 scales do */
  Q6K_D = 208,
  Q6K_PIECES = 4,
  Q6K_RUNS = 4, /* of a piece */
  Q6K_VECTORS = Q6K_PIECES / UNITS,
  Q6K_STEPS = 4 * Q6K_RUNS, /* of a vector: vectors of x that it meets */
};

/* The constants that codes are taken apart with; in memory, for the reason given at layout.mask. */
enum { Q6K_MASK_LOW = 4, Q6K_MASK_HIGH = 5 };

static inline void q6k_masks(uint32_t mask[8]) {
  for (int k = 0; k < 4; k++) mask[k] = 0x3fu << 8 * k;
  mask[Q6K_MASK_LOW] = 0x0f0f0f0f;
  mask[Q6K_MASK_HIGH] = 0x30303030;
}

/* The first weight of a run, within its block. */
BL_INLINE int q6k_weight(int piece, int run) {
  return 128 * (piece / 2) + 32 * run + 16 * (piece % 2);
}

/* Where a run's scale goes among the 16: (Q6K_VECTORS, Q6K_RUNS, UNITS). */
BL_INLINE int q6k_place(int piece, int run) {
  return (piece / UNITS * Q6K_RUNS + run) * UNITS + piece % UNITS;
}

/* Orders the bytes of 16 scales so that byte k of word i is the one with place 4 k + i. */
BL_INLINE bl_quadu q6k_order_scales(bl_quadb s) {
#if BL_LANES == 4
  s = __builtin_shufflevector(s, s, 0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
#elif BL_LANES == 8
  s = __builtin_shufflevector(s, s, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
#else
  s = __builtin_shufflevector(s, s, 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15);
#endif
  return (bl_quadu)s;
}

/* d times each of 16 signed bytes, to dst: byte k of word i is number 4 k + i. */
BL_INLINE void q6k_multiply_bytes(float d, bl_quadu bytes, float *dst) {
#pragma GCC unroll 4
  for (int k = 0; k < 4; k += UNITS, dst += BL_LANES) {
    bl_quadu top[UNITS]; /* byte k of each word, at its top */
    for (int i = 0; i < UNITS; i++) top[i] = bytes << (24 - 8 * (k + i));
    bl_veci words = (bl_veci)join_quads(top) >> 24;
    bl_vecf v = d * __builtin_convertvector(words, bl_vecf);
    memcpy(dst, &v, sizeof v);
  }
}

/* The f16 number at p. */
BL_INLINE float load_half(const uint8_t *p) {
  uint16_t half;
  memcpy(&half, p, sizeof half);
  return bl_from_f16((bl_halves){0} + half)[0];
}

/* d * scale of every run of a row, to dst (n_blocks, 16), each block as q6k_place orders it. */
static inline void q6k_scales(const uint8_t *block, int64_t n_blocks, float *dst) {
  for (int64_t n = 0; n < n_blocks; n++, block += Q6K_BYTES, dst += 16) {
    bl_quadu bytes = q6k_order_scales((bl_quadb)load_quad(block + Q6K_SCALES));
    q6k_multiply_bytes(load_half(block + Q6K_D), bytes, dst);
  }
}

/* The bytes of one vector at p; with sixteen lanes, half of them there and half `second` bytes on.
 */
BL_INLINE bl_vecu q6k_load(const uint8_t *p, int second) {
  bl_vecu v;
#if BL_LANES == 16
  typedef uint32_t half __attribute__((vector_size(32)));
  half a, b;
  memcpy(&a, p, sizeof a);
  memcpy(&b, p + second, sizeof b);
  v = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  (void)second;
  memcpy(&v, p, sizeof v);
#endif
  return v;
}

/* The codes of vector v of a block, a run in each of four vectors, a code in each byte. */
BL_INLINE void q6k_codes(const uint8_t *block, int v, const uint32_t *mask,
                         bl_vecu codes[Q6K_RUNS]) {
  int piece = v * UNITS;
  const uint8_t *low = block + 64 * (piece / 2) + 16 * (piece % 2);
  bl_vecu a = q6k_load(low, 64), b = q6k_load(low + 32, 64);
  bl_vecu high = q6k_load(block + Q6K_HIGH + 16 * piece, 32);
  uint32_t low_bits = mask[Q6K_MASK_LOW], high_bits = mask[Q6K_MASK_HIGH];
  codes[0] = (a & low_bits) | (high << 4 & high_bits);
  codes[1] = (b & low_bits) | (high << 2 & high_bits);
  codes[2] = ((bl_vecu)((bl_veci)a >> 4) & low_bits) | (high & high_bits);
  codes[3] = ((bl_vecu)((bl_veci)b >> 4) & low_bits) | ((bl_vecu)((bl_veci)high >> 2) & high_bits);
}

/* Byte k of every lane, times 2^(8 k). */
BL_INLINE bl_vecf q6k_value(bl_vecu codes, int k, const uint32_t *mask) {
  return __builtin_convertvector((bl_veci)(codes & mask[k]), bl_vecf);
}

/* Puts one token's x into the order of codes that lie in pieces of blocks: (n_blocks, n_pieces /
 * UNITS, n_runs, 4) vectors. Those that meet byte k carry 2^(-8 k) if exponents are taken out. */
BL_INLINE void order_pieces(int n_pieces, int n_runs, int (*weight)(int piece, int run),
                            int64_t n_blocks, bool take_exponents_out, const float *x, float *dst) {
  bl_quadf scale[4];
  for (int k = 0; k < 4; k++) {
    float s = take_exponents_out ? bl_f32_from_bits((uint32_t)(127 - 8 * k) << 23) : 1;
    scale[k] = (bl_quadf){s, s, s, s};
  }
  for (int64_t n = 0; n < n_blocks; n++, x += Q6K_WEIGHTS, dst += Q6K_WEIGHTS) {
    for (int piece = 0; piece < n_pieces; piece++) {
      float *to = dst + piece / UNITS * 4 * n_runs * BL_LANES + piece % UNITS * 4;
      for (int run = 0; run < n_runs; run++)
        transpose(x + weight(piece, run), 4, scale, to + 4 * run * BL_LANES, BL_LANES);
    }
  }
}

/* (n_blocks, Q6K_VECTORS, Q6K_STEPS) vectors. */
static inline void order_q6k(int64_t n_blocks, bool take_exponents_out, const float *x,
                             float *dst) {
  order_pieces(Q6K_PIECES, Q6K_RUNS, q6k_weight, n_blocks, take_exponents_out, x, dst);
}

/* Decodes a row, with its scales from q6k_scales, to the order of order_q6k. */
static inline void tile_q6k(const uint8_t *row, const float *scales, int64_t n_blocks,
                            const uint32_t *mask, bl_vecf *dst) {
  bl_vecu lane = group_lanes(0);
  for (int64_t n = 0; n < n_blocks; n++, row += Q6K_BYTES) {
    for (int v = 0; v < Q6K_VECTORS; v++) {
      bl_vecu codes[Q6K_RUNS];
      q6k_codes(row, v, mask, codes);
#pragma GCC unroll 4
      for (int run = 0; run < Q6K_RUNS; run++, dst += 4, scales += UNITS) {
        bl_vecf scale = bl_spread(scales, lane);
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++) {
          float unit_scale = bl_f32_from_bits((uint32_t)(127 - 8 * k) << 23);
          dst[k] = scale * (q6k_value(codes[run], k, mask) * unit_scale - 32);
        }
      }
    }
  }
}

#endif
