/* GPTQ (Frantar et al. 2022, arXiv 2210.17323): the columns of a matrix get their codes one after
 * another, and what a code is off by is made up for in the columns that are still to come, as far
 * as the inputs go together.
 *
 * With H the Hessian of the input, damped, and U the upper triangular factor of H^-1 = U^T U, in
 * every row w, column by column:
 *
 *     q = the code nearest to w_k,    e = (w_k - w'(q)) / U_kk,    w_j -= e U_kj for all j > k
 *
 * which leaves (w - w') H (w - w')^T, what the matrix's output is off by, the least that is
 * possible once the codes up to k are chosen. The grids of a block are found when the block begins,
 * of its weights as they are then; where a method for grids stands before this one it finds them,
 * with weights 1 / U_kk^2, which is what an error in a column then costs. Columns after the block
 * are updated once for each block. This is mlx_lm's gptq (0.32.2, mlx_lm/quant/gptq.py), but that
 * the grids which codes are chosen on are those stored, and that a tied embedding is fitted too. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "quant/methods/factor.h"
#include "quant/methods/rows.h"

typedef struct state {
  float *upper;      /* (n_cols, n_cols): U */
  float *importance; /* (n_cols): 1 / U_kk^2 */
} state;

static bl_code begin(bl_fitting *f, bl_error *error) {
  const size_t n = (size_t)f->n_cols;
  state *s = calloc(1, sizeof *s);
  f->state[BL_STAGE_CODES] = s;
  float *hessian = s ? bl_fitting_hessian(f) : NULL;
  if (hessian) s->upper = malloc((n * n + n) * sizeof *s->upper);
  bl_code code = BL_OK;
  if (!hessian || !s->upper) {
    code = bl_fail_memory(error, (n * n + n) * sizeof *s->upper);
  } else {
    s->importance = s->upper + n * n;
    code = bl_inverse_factor(hessian, f->n_cols, f->pool, s->upper, error);
    for (size_t k = 0; code == BL_OK && k < n; k++)
      s->importance[k] = 1 / (s->upper[k * n + k] * s->upper[k * n + k]);
  }
  free(hessian);
  return code;
}

static void end(bl_fitting *f) {
  state *s = f->state[BL_STAGE_CODES];
  if (s) free(s->upper);
  free(s);
}

/* The weights of all rows as they are by now, and the errors of a block. */
static size_t n_work(const bl_fitting *f) {
  return BL_FIT_ROWS * (size_t)f->n_cols + (size_t)f->block;
}

/* w -= e U, over n columns: four rows of U at a time, (n_errors, stride) from u on. */
static void spread(float *restrict w, const float *restrict errors, int64_t n_errors,
                   const float *restrict u, int64_t stride, int64_t n) {
  int64_t k = 0;
  for (; k + 4 <= n_errors; k += 4) {
    const float *u0 = u + k * stride, *u1 = u0 + stride, *u2 = u1 + stride, *u3 = u2 + stride;
    const float e0 = errors[k], e1 = errors[k + 1], e2 = errors[k + 2], e3 = errors[k + 3];
    for (int64_t j = 0; j < n; j++) w[j] -= (e0 * u0[j] + e1 * u1[j]) + (e2 * u2[j] + e3 * u3[j]);
  }
  for (; k < n_errors; k++)
    for (int64_t j = 0; j < n; j++) w[j] -= errors[k] * u[k * stride + j];
}

/* Chooses the codes of the block at column `first` of one row, w (n_cols). */
static void choose(const bl_fitting *f, float *w, int64_t first, bl_grids *grids, uint8_t *codes,
                   float *errors) {
  const state *s = f->state[BL_STAGE_CODES];
  const int64_t n = f->n_cols, end_col = first + f->block;
  bl_fitting_grids(f, w + first, s->importance + first, grids);
  for (int64_t k = first; k < end_col; k++) {
    const float *u = s->upper + k * n;
    const bl_grid grid = grids->at[(k - first) / f->span];
    codes[k] = bl_fitting_code(f, grid, w[k]);
    const float e = (w[k] - bl_fitting_weight(f, grid, codes[k])) / u[k];
    errors[k - first] = e;
    for (int64_t j = k + 1; j < end_col; j++) w[j] -= e * u[j];
  }
  spread(w + end_col, errors, f->block, s->upper + first * n + end_col, n, n - end_col);
}

static void fit_rows(const bl_fitting *f, bl_fit_rows *rows) {
  const int64_t n = f->n_cols;
  float *errors = rows->work + BL_FIT_ROWS * n;
  memcpy(rows->work, rows->weights, (size_t)(rows->n * n) * sizeof *rows->work);
  for (int64_t b = 0; b < f->n_blocks; b++)
    for (int64_t i = 0; i < rows->n; i++)
      choose(f, rows->work + i * n, b * f->block, &rows->grids[i * f->n_blocks + b],
             rows->codes + i * n, errors);
}

const bl_method bl_method_gptq = {
    .name = "gptq",
    .summary =
        "Chooses codes column by column and makes up for each error in the columns that "
        "follow, as far as the inputs of a calibration text go together.",
    .stage = BL_STAGE_CODES,
    .needs = BL_NEEDS_HESSIAN,
    .begin = begin,
    .end = end,
    .n_work = n_work,
    .rows = fit_rows,
};
