/* Products with int8 activations, many tokens, not for wide codes where DOT_IS_NARROW: a row for
 * each lane is brought to codes of equal size, once, and these are interleaved, so that a lane sums
 * for its own row and an activation serves all lanes. */
#ifndef BL_KERNEL_LANES_INT8_TILE_H
#define BL_KERNEL_LANES_INT8_TILE_H

#include "kernel/lanes_int8_fused.h"

/* Tokens whose sums stay in registers. */
enum { INT8_BLOCK = BL_REGISTERS == 32 ? 8 : 4 };

typedef struct int8_tile {
  const bl_vecu *codes;           /* (n_words): word w of every row, as the steps have them */
  const bl_vecf *scales, *biases; /* (n_groups), (n_biases): of every row */
  int64_t n_units, n_biases;      /* units: what four lanes take at a step */
  int group_shift;
} int8_tile;

/* The words of BL_SET_ROWS rows, (BL_SET_ROWS, n_words). */
BL_INLINE void int8_unpack_rows(int kind, const int8_rows *f, int64_t n_words, uint32_t *words) {
  const int n = kind_steps(kind) * kind_vectors(kind);
  for (int r = 0; r < BL_SET_ROWS; r++) {
    uint32_t *dst = words + r * n_words;
    for (int64_t at = 0; at < f->n_loads; at++, dst += n * BL_LANES) {
      bl_vecu codes[MAX_LOAD_VECTORS];
      load_steps(kind, f->codes[r], f->unit_bytes, f->mask, at,
                 kind_is_k(kind) ? UNITS : units_present(f, at), codes);
      memcpy(dst, codes, (size_t)n * sizeof *codes);
    }
  }
}

static void int8_unpack(int kind, const int8_rows *f, int64_t n_words, uint32_t *words) {
  switch (kind) {
    case PACKED_2:
      if (int8_has(PACKED_2)) int8_unpack_rows(PACKED_2, f, n_words, words);
      break;
    case PACKED_3:
      if (int8_has(PACKED_3)) int8_unpack_rows(PACKED_3, f, n_words, words);
      break;
    case PACKED_4:
      int8_unpack_rows(PACKED_4, f, n_words, words);
      break;
    case PACKED_5:
      if (int8_has(PACKED_5)) int8_unpack_rows(PACKED_5, f, n_words, words);
      break;
    case PACKED_6:
      if (int8_has(PACKED_6)) int8_unpack_rows(PACKED_6, f, n_words, words);
      break;
    case PACKED_8:
      int8_unpack_rows(PACKED_8, f, n_words, words);
      break;
    case PACKED_SIGNED_8:
      int8_unpack_rows(PACKED_SIGNED_8, f, n_words, words);
      break;
    case PACKED_1_AND_4:
      if (int8_has(PACKED_1_AND_4)) int8_unpack_rows(PACKED_1_AND_4, f, n_words, words);
      break;
    case KIND_Q4_K:
      int8_unpack_rows(KIND_Q4_K, f, n_words, words);
      break;
    case KIND_Q5_K:
      if (int8_has(KIND_Q5_K)) int8_unpack_rows(KIND_Q5_K, f, n_words, words);
      break;
    case KIND_Q6_K:
      int8_unpack_rows(KIND_Q6_K, f, n_words, words);
      break;
    case KIND_Q2_K:
      if (int8_has(KIND_Q2_K)) int8_unpack_rows(KIND_Q2_K, f, n_words, words);
      break;
    case KIND_Q3_K:
      if (int8_has(KIND_Q3_K)) int8_unpack_rows(KIND_Q3_K, f, n_words, words);
      break;
  }
}

/* Rows (BL_SET_ROWS, n_words) become columns first .. first + BL_SET_ROWS - 1 of the tile,
 * (n_words, BL_LANES). n_words is a multiple of four. */
static void int8_interleave(const uint32_t *rows, int64_t n_words, int first, uint32_t *tile) {
  for (int64_t w = 0; w < n_words; w += 4) {
    bl_quadu r[4];
    for (int i = 0; i < 4; i++) memcpy(&r[i], rows + i * n_words + w, sizeof r[i]);
    bl_quadu ab = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
    bl_quadu ab2 = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
    bl_quadu cd = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
    bl_quadu cd2 = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
    r[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    r[1] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    r[2] = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
    r[3] = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
    for (int i = 0; i < 4; i++) memcpy(tile + (w + i) * BL_LANES + first, &r[i], sizeof r[i]);
  }
}

/* y[t * n_rows + r] for the first n_valid rows of the tile and n_tokens tokens; n_tokens and
 * n_vectors are constants where this is called. */
BL_INLINE void int8_block(int n_tokens, int n_vectors, const int8_tile *tile,
                          const int8_token *tokens, int n_valid, int64_t n_rows, float *y) {
  bl_vecf total[INT8_BLOCK];
  for (int t = 0; t < n_tokens; t++) total[t] = (bl_vecf){0};
  for (int64_t u = 0; u < tile->n_units; u++) {
    int64_t step = u / UNITS, quarter = u % UNITS * 4,
            first = step * n_vectors * BL_LANES + quarter;
    bl_veci sum[INT8_BLOCK];
    for (int t = 0; t < n_tokens; t++)
      sum[t] = (bl_veci){0} + ((const int32_t *)tokens[t].starts)[step * BL_LANES + quarter];
#pragma GCC unroll 16
    for (int k = 0; k < 4 * n_vectors; k++) {
      int64_t w = first + k / 4 * BL_LANES + k % 4;
      bl_vecu codes = tile->codes[w];
      for (int t = 0; t < n_tokens; t++) {
        bl_veci x = (bl_veci){0} + ((const int32_t *)tokens[t].codes)[w];
        sum[t] = bl_dot_add(sum[t], codes, x, false);
      }
    }
    bl_vecf scale = tile->scales[u >> tile->group_shift];
    for (int t = 0; t < n_tokens; t++) {
      float x_scale = ((const float *)tokens[t].scales)[step * BL_LANES + quarter];
      total[t] = bl_madd(scale, __builtin_convertvector(sum[t], bl_vecf) * x_scale, total[t]);
    }
  }
  for (int64_t g = 0; g < tile->n_biases; g++) {
    bl_vecf bias = tile->biases[g];
    for (int t = 0; t < n_tokens; t++)
      total[t] = bl_madd(bias, (bl_vecf){0} + tokens[t].sums[g], total[t]);
  }
  for (int t = 0; t < n_tokens; t++) memcpy(y + t * n_rows, &total[t], (size_t)n_valid * sizeof *y);
}

/* The same for any number of tokens. */
BL_INLINE void int8_tile_tokens(int n_vectors, const int8_tile *tile, const int8_token *tokens,
                                int64_t n_tokens, int n_valid, int64_t n_rows, float *y) {
  int64_t t = 0;
  for (; t + INT8_BLOCK <= n_tokens; t += INT8_BLOCK)
    int8_block(INT8_BLOCK, n_vectors, tile, tokens + t, n_valid, n_rows, y + t * n_rows);
  for (; t < n_tokens; t++)
    int8_block(1, n_vectors, tile, tokens + t, n_valid, n_rows, y + t * n_rows);
}

static void int8_tile_multiply(int kind, const int8_tile *tile, const int8_token *tokens,
                               int64_t n_tokens, int n_valid, int64_t n_rows, float *y) {
  enum { UNIT_VECTORS = 8 / DOT_CODES, K_VECTORS = 4 / DOT_CODES };
  if (kind_is_k(kind))
    int8_tile_tokens(K_VECTORS, tile, tokens, n_tokens, n_valid, n_rows, y);
  else
    int8_tile_tokens(UNIT_VECTORS, tile, tokens, n_tokens, n_valid, n_rows, y);
}

#endif
