/* The matrix product over the tiles of AMX. Included by x86_amx.c.
 *
 * Both factors are rounded to bfloat16 and copied into tiles first: rows of a and a panel of b, two
 * tiles wide, at most BL_TILES_DEPTH deep. Four tiles of sums stay in registers. */
#ifndef BL_TRAIN_GEMM_AMX_H
#define BL_TRAIN_GEMM_AMX_H

#include <string.h>

#include "train/kernels.h"

enum {
  TILE_OUTER = 16,  /* rows of a tile of a or c, columns of one of b or c */
  TILE_DEPTH = 32,  /* numbers that a tile of a and one of b share */
  TILE_WORDS = 256, /* pairs of numbers in a tile, 32 bits each */
  PANEL = 2 * TILE_OUTER,
  DEPTH = 2 * BL_GEMM_DEPTH, /* of what is packed at once: half the size of floats */
};

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Tiles that cover `depth` numbers. */
static int64_t n_deep(int64_t depth) {
  return (depth + TILE_DEPTH - 1) / TILE_DEPTH;
}

BL_INLINE __mmask16 first_of(int64_t n) {
  return (__mmask16)(n >= 16 ? 0xffff : (1u << n) - 1);
}

/* Swaps rows and columns of 16 by 16 words: pairs, then quads of rows are interleaved, then
 * quarters of vectors are exchanged. */
BL_INLINE void transpose(__m512i v[16]) {
  __m512i t[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; i += 4) {
    v[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 4; i++) {
    __m512i even = _mm512_shuffle_i32x4(v[i], v[i + 4], 0x88);
    __m512i odd = _mm512_shuffle_i32x4(v[i], v[i + 4], 0xdd);
    __m512i even2 = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0x88);
    __m512i odd2 = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0xdd);
    t[i] = _mm512_shuffle_i32x4(even, even2, 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(odd, odd2, 0x88);
    t[i + 8] = _mm512_shuffle_i32x4(even, even2, 0xdd);
    t[i + 12] = _mm512_shuffle_i32x4(odd, odd2, 0xdd);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) v[i] = t[i];
}

/* 32 numbers, the first n of them from memory, as 16 pairs. */
BL_INLINE __m512i pairs_along(const float *from, int64_t n) {
  __m512 low = _mm512_maskz_loadu_ps(first_of(n), from);
  __m512 high = _mm512_maskz_loadu_ps(n > 16 ? first_of(n - 16) : 0, from + 16);
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/* 16 pairs, each of a number of this row and the one below it, if there is one. */
BL_INLINE __m512i pairs_across(const float *from, int64_t below, bool has_below, int64_t n) {
  const __m512i zip = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8,
                                       23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  __m512 low = _mm512_maskz_loadu_ps(first_of(n), from);
  __m512 high = _mm512_maskz_loadu_ps(has_below ? first_of(n) : 0, from + below);
  return _mm512_permutexvar_epi16(zip, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

/* pack_tile for sizes and an order that are constants where this is called. */
BL_INLINE void pack_tile_of(const float *from, int64_t outer, int64_t deep, int64_t n_outer,
                            int64_t n_depth, bool is_along, bool is_left, uint32_t *tile) {
  __m512i v[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) {
    if (is_along)
      v[i] = i < n_outer ? pairs_along(from + i * outer, n_depth) : _mm512_setzero_si512();
    else
      v[i] = 2 * i < n_depth ? pairs_across(from + 2 * i * deep, deep, 2 * i + 1 < n_depth, n_outer)
                             : _mm512_setzero_si512();
  }
  if (is_along != is_left) transpose(v);
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) _mm512_store_si512(tile + 16 * i, v[i]);
}

/* A tile from n_outer <= 16 by n_depth <= 32 numbers, (o, k) at from[o * outer + k * deep]; zeros
 * beyond. A row of it is an o when `is_left`, otherwise a pair of k. */
static void pack_tile(const float *from, int64_t outer, int64_t deep, int64_t n_outer,
                      int64_t n_depth, bool is_left, uint32_t *tile) {
  bool is_full = n_outer == TILE_OUTER && n_depth == TILE_DEPTH;
  if (is_full && deep == 1 && is_left)
    pack_tile_of(from, outer, 1, TILE_OUTER, TILE_DEPTH, true, true, tile);
  else if (is_full && deep == 1)
    pack_tile_of(from, outer, 1, TILE_OUTER, TILE_DEPTH, true, false, tile);
  else if (is_full && is_left)
    pack_tile_of(from, 1, deep, TILE_OUTER, TILE_DEPTH, false, true, tile);
  else if (is_full)
    pack_tile_of(from, 1, deep, TILE_OUTER, TILE_DEPTH, false, false, tile);
  else
    pack_tile_of(from, outer, deep, n_outer, n_depth, deep == 1, is_left, tile);
}

/* n_outer rows of a, or columns of b, by `depth`, into tiles: two beside each other, then deeper.
 */
static void pack_tiles(const float *from, int64_t outer, int64_t deep, int64_t n_outer,
                       int64_t depth, bool is_left, uint32_t *tiles) {
  for (int64_t o = 0; o < n_outer; o += PANEL)
    for (int64_t k = 0; k < depth; k += TILE_DEPTH)
      for (int64_t half = o; half < o + PANEL; half += TILE_OUTER, tiles += TILE_WORDS) {
        if (half >= n_outer)
          memset(tiles, 0, TILE_WORDS * sizeof *tiles);
        else
          pack_tile(from + half * outer + k * deep, outer, deep, least(n_outer - half, TILE_OUTER),
                    least(depth - k, TILE_DEPTH), is_left, tiles);
      }
}

/* c (32, 32) (+)= a times b, of n tiles deep each. */
static void multiply_tiles(int64_t n, const uint32_t *a, const uint32_t *b, float *c, int64_t c_row,
                           bool add) {
  size_t row = (size_t)c_row * sizeof *c;
  if (add) {
    _tile_loadd(0, c, row);
    _tile_loadd(1, c + TILE_OUTER, row);
    _tile_loadd(2, c + TILE_OUTER * c_row, row);
    _tile_loadd(3, c + TILE_OUTER * c_row + TILE_OUTER, row);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t k = 0; k < n; k++, a += 2 * TILE_WORDS, b += 2 * TILE_WORDS) {
    _tile_loadd(4, a, 64);
    _tile_loadd(5, a + TILE_WORDS, 64);
    _tile_loadd(6, b, 64);
    _tile_loadd(7, b + TILE_WORDS, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, row);
  _tile_stored(1, c + TILE_OUTER, row);
  _tile_stored(2, c + TILE_OUTER * c_row, row);
  _tile_stored(3, c + TILE_OUTER * c_row + TILE_OUTER, row);
}

/* The same for the n_rows by n_cols of c that are there. */
static void multiply_edge(int64_t n, const uint32_t *a, const uint32_t *b, float *c, int64_t c_row,
                          int64_t n_rows, int64_t n_cols, bool add) {
  float block[PANEL * PANEL];
  for (int64_t i = 0; add && i < n_rows; i++)
    memcpy(block + i * PANEL, c + i * c_row, (size_t)n_cols * sizeof *c);
  multiply_tiles(n, a, b, block, PANEL, add);
  for (int64_t i = 0; i < n_rows; i++)
    memcpy(c + i * c_row, block + i * PANEL, (size_t)n_cols * sizeof *c);
}

/* Where the panel at (k0, j) of a packed b with n columns begins; it is `depth` deep. Every depth
 * but the last is a whole number of tiles. */
static int64_t packed_at(int64_t n, int64_t k0, int64_t j, int64_t depth) {
  int64_t n_padded = (n + PANEL - 1) / PANEL * PANEL;
  return (k0 * n_padded + n_deep(depth) * TILE_DEPTH * j) / 2;
}

static void lanes_pack(int64_t n, int64_t k, bl_view b, float *packed) {
  for (int64_t k0 = 0; k0 < k; k0 += DEPTH) {
    int64_t depth = least(k - k0, DEPTH);
    pack_tiles(b.at + k0 * b.row, b.col, b.row, n, depth, false,
               (uint32_t *)packed + packed_at(n, k0, 0, depth));
  }
}

static void lanes_gemm(int64_t m, int64_t n, int64_t k, bl_view a, bl_view b, float *c,
                       int64_t c_row, bool add, float *work) {
  static const struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } shape = {.palette = 1,
             .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
             .rows = {16, 16, 16, 16, 16, 16, 16, 16}};
  _tile_loadconfig(&shape);
  uint32_t *own_panel = (uint32_t *)work, *rows = own_panel + DEPTH * PANEL / 2;
  bool is_packed = b.row == 0 && b.col == 0;
  for (int64_t k0 = 0; k0 < k; k0 += DEPTH) {
    int64_t depth = least(k - k0, DEPTH), n_tiles = n_deep(depth);
    for (int64_t i0 = 0; i0 < m; i0 += BL_GEMM_ROWS) {
      int64_t n_rows = least(m - i0, BL_GEMM_ROWS);
      pack_tiles(a.at + i0 * a.row + k0 * a.col, a.row, a.col, n_rows, depth, true, rows);
      for (int64_t j = 0; j < n; j += PANEL) {
        int64_t n_cols = least(n - j, PANEL);
        const uint32_t *panel = (const uint32_t *)b.at + packed_at(n, k0, j, depth);
        if (!is_packed) {
          pack_tiles(b.at + k0 * b.row + j * b.col, b.col, b.row, n_cols, depth, false, own_panel);
          panel = own_panel;
        }
        for (int64_t i = 0; i < n_rows; i += PANEL) {
          const uint32_t *left = rows + i * n_tiles * TILE_DEPTH / 2;
          float *to = c + (i0 + i) * c_row + j;
          bool more = add || k0 > 0;
          if (n_rows - i >= PANEL && n_cols == PANEL)
            multiply_tiles(n_tiles, left, panel, to, c_row, more);
          else
            multiply_edge(n_tiles, left, panel, to, c_row, least(n_rows - i, PANEL), n_cols, more);
        }
      }
    }
  }
  _tile_release();
}

#endif
