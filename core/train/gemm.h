/* The matrix product, over vectors of BL_LANES floats. Included by the file of each instruction
 * set, after train/vector.h and its bl_madd.
 *
 * A panel of b, BL_GEMM_DEPTH deep and two vectors wide, is copied so that it stays in the first
 * cache; rows of a pass over it a few at a time, each element spread over a vector, and their sums
 * stay in registers. (The scheme of Goto and van de Geijn 2008, without its outer blocks: what is
 * multiplied here has been cut to a size that the second cache holds.) */
#ifndef BL_TRAIN_GEMM_H
#define BL_TRAIN_GEMM_H

#include "train/kernels.h"

/* So many rows of sums, two vectors each, and what feeds them fill the registers. */
enum { PANEL_COLS = 2 * BL_LANES, SUM_ROWS = BL_LANES == 16 ? 8 : 6 };

/* Columns [0, n_cols) of b (depth, n_cols), n_cols <= PANEL_COLS, to panel (depth, PANEL_COLS);
 * zeros beyond. */
static void pack_panel(bl_view b, int64_t depth, int64_t n_cols, float *panel) {
  if (n_cols < PANEL_COLS) memset(panel, 0, (size_t)(depth * PANEL_COLS) * sizeof *panel);
  if (b.col == 1) {
    for (int64_t k = 0; k < depth; k++, panel += PANEL_COLS) {
      const float *from = b.at + k * b.row;
      if (n_cols == PANEL_COLS) /* a constant size, for two moves instead of a call */
        memcpy(panel, from, PANEL_COLS * sizeof *panel);
      else
        memcpy(panel, from, (size_t)n_cols * sizeof *panel);
    }
    return;
  }
  int64_t j = 0;
  for (; j + 4 <= n_cols; j += 4) {
    const float *from = b.at + j * b.col;
    float *to = panel + j;
    int64_t k = 0;
    for (; k + 4 <= depth; k += 4, from += 4, to += 4 * PANEL_COLS) {
      bl_quadf r[4];
      for (int i = 0; i < 4; i++) memcpy(&r[i], from + i * b.col, sizeof r[i]);
      bl_quadf ab = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
      bl_quadf ab2 = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
      bl_quadf cd = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
      bl_quadf cd2 = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
      r[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
      r[1] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
      r[2] = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
      r[3] = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
      for (int i = 0; i < 4; i++) memcpy(to + i * PANEL_COLS, &r[i], sizeof r[i]);
    }
    for (; k < depth; k++, from++, to += PANEL_COLS)
      for (int i = 0; i < 4; i++) to[i] = from[i * b.col];
  }
  for (; j < n_cols; j++)
    for (int64_t k = 0; k < depth; k++) panel[k * PANEL_COLS + j] = b.at[j * b.col + k];
}

/* Rows of a (m, depth) whose columns are contiguous, to packed: SUM_ROWS rows at a time, (depth,
 * SUM_ROWS). Along the columns, as they lie in memory. */
static void pack_rows(bl_view a, int64_t m, int64_t depth, float *packed) {
  for (int64_t k = 0; k < depth; k++, packed += SUM_ROWS) {
    const float *from = a.at + k * a.col;
    float *to = packed;
    int64_t i = 0;
    for (; i + SUM_ROWS <= m; i += SUM_ROWS, to += depth * SUM_ROWS)
      memcpy(to, from + i, SUM_ROWS * sizeof *to);
    for (int64_t r = 0; i + r < m; r++) to[r] = from[i + r];
  }
}

/* c (n_rows, n_cols) (+)= a (n_rows, depth) times panel, for n_rows that is a constant where this
 * is called. */
BL_INLINE void multiply_rows(int n_rows, int64_t depth, bl_view a, const float *panel, float *c,
                             int64_t c_row, int64_t n_cols, bool add) {
  bl_vecf sum[SUM_ROWS][2];
  for (int r = 0; r < n_rows; r++) sum[r][0] = sum[r][1] = (bl_vecf){0};
  const bl_vecf *b = (const bl_vecf *)(const void *)panel;
  const float *x = a.at;
  for (int64_t k = 0; k < depth; k++, b += 2, x += a.col) {
    bl_vecf b0 = b[0], b1 = b[1];
#pragma GCC unroll 8
    for (int r = 0; r < n_rows; r++) {
      bl_vecf spread = x[r * a.row] - (bl_vecf){0};
      sum[r][0] = bl_madd(spread, b0, sum[r][0]);
      sum[r][1] = bl_madd(spread, b1, sum[r][1]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < n_rows; r++, c += c_row) {
    bl_vecf old[2] = {{0}, {0}};
    if (n_cols == PANEL_COLS) {
      if (add) memcpy(old, c, sizeof old);
      old[0] += sum[r][0];
      old[1] += sum[r][1];
      memcpy(c, old, sizeof old);
    } else {
      if (add) memcpy(old, c, (size_t)n_cols * sizeof *c);
      old[0] += sum[r][0];
      old[1] += sum[r][1];
      memcpy(c, old, (size_t)n_cols * sizeof *c);
    }
  }
}

/* All m rows with one panel. a is packed by SUM_ROWS, or its rows are contiguous. */
static void multiply_panel(int64_t m, int64_t depth, bl_view a, bool packed, const float *panel,
                           float *c, int64_t c_row, int64_t n_cols, bool add) {
  int64_t i = 0;
  for (; i + SUM_ROWS <= m; i += SUM_ROWS) {
    bl_view rows =
        packed ? (bl_view){a.at + i * depth, 1, SUM_ROWS} : (bl_view){a.at + i * a.row, a.row, 1};
    if (packed)
      multiply_rows(SUM_ROWS, depth, (bl_view){rows.at, 1, SUM_ROWS}, panel, c + i * c_row, c_row,
                    n_cols, add);
    else
      multiply_rows(SUM_ROWS, depth, (bl_view){rows.at, a.row, 1}, panel, c + i * c_row, c_row,
                    n_cols, add);
  }
  for (int64_t r = 0; i + r < m; r++) {
    bl_view row = packed ? (bl_view){a.at + i * depth + r, 1, SUM_ROWS}
                         : (bl_view){a.at + (i + r) * a.row, a.row, 1};
    multiply_rows(1, depth, row, panel, c + (i + r) * c_row, c_row, n_cols, add);
  }
}

/* Where the panel at (k0, j) of a packed b with n columns begins; it is `depth` deep. */
static int64_t packed_at(int64_t n, int64_t k0, int64_t j, int64_t depth) {
  int64_t n_padded = (n + PANEL_COLS - 1) / PANEL_COLS * PANEL_COLS;
  return k0 * n_padded + j * depth;
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static void lanes_pack(int64_t n, int64_t k, bl_view b, float *packed) {
  for (int64_t k0 = 0; k0 < k; k0 += BL_GEMM_DEPTH) {
    int64_t depth = least(k - k0, BL_GEMM_DEPTH);
    for (int64_t j = 0; j < n; j += PANEL_COLS)
      pack_panel((bl_view){b.at + k0 * b.row + j * b.col, b.row, b.col}, depth,
                 least(n - j, PANEL_COLS), packed + packed_at(n, k0, j, depth));
  }
}

static void lanes_gemm(int64_t m, int64_t n, int64_t k, bl_view a, bl_view b, float *c,
                       int64_t c_row, bool add, float *work) {
  float *own_panel = work, *rows = work + BL_GEMM_DEPTH * BL_GEMM_COLS;
  bool is_packed = b.row == 0 && b.col == 0, pack = a.col != 1;
  int64_t step = pack ? BL_GEMM_ROWS / SUM_ROWS * SUM_ROWS : m;
  for (int64_t k0 = 0; k0 < k; k0 += BL_GEMM_DEPTH) {
    int64_t depth = least(k - k0, BL_GEMM_DEPTH);
    for (int64_t i = 0; i < m; i += step) {
      int64_t n_rows = least(m - i, step);
      bl_view part = {a.at + i * a.row + k0 * a.col, a.row, a.col};
      if (pack) {
        pack_rows(part, n_rows, depth, rows);
        part.at = rows;
      }
      for (int64_t j = 0; j < n; j += PANEL_COLS) {
        int64_t n_cols = least(n - j, PANEL_COLS);
        const float *panel = is_packed ? b.at + packed_at(n, k0, j, depth) : own_panel;
        if (!is_packed)
          pack_panel((bl_view){b.at + k0 * b.row + j * b.col, b.row, b.col}, depth, n_cols,
                     own_panel);
        multiply_panel(n_rows, depth, part, pack, panel, c + i * c_row + j, c_row, n_cols,
                       add || k0 > 0);
      }
    }
  }
}

#endif
