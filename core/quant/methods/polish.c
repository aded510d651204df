/* Polish: grids and codes of a row improved in turn, under the Hessian H of the input.
 *
 * What a row's codes lose is d H d^T with d = w' - w, the error of its output over all that the
 * input was seen to be. g = H d says how the loss changes with each weight. Twice:
 *
 *   1. With the codes as they are, w' is linear in the scales and biases of all of the row's grids:
 *      those of the least loss solve one linear system for all of them together. They are rounded
 *      to what is stored, and kept where the loss is then less. Where scales are whole multiples of
 *      a unit it is the units that are solved for, with the multiples as they are.
 *   2. Two sweeps over the columns: each code moves to where the loss is least with all others as
 *      they are, which is the level nearest to w'_k - g_k / H_kk. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "quant/methods/factor.h"
#include "quant/methods/rows.h"

enum { ROUNDS = 2, SWEEPS = 2 };

/* What is solved for: for each grid, or each block where the grids are nested, a factor of the
 * scales and, where there are any, one of the biases. */
typedef struct state {
  float *hessian;  /* (n_cols, n_cols), damped */
  int64_t n_units; /* grids or blocks of a row */
  int64_t unit;    /* weights of each */
  int n_unknowns;  /* of a row */
} state;

static bl_code begin(bl_fitting *f, bl_error *error) {
  state *s = calloc(1, sizeof *s);
  f->state[BL_STAGE_POLISH] = s;
  if (s) s->hessian = bl_fitting_hessian(f);
  if (!s || !s->hessian)
    return bl_fail_memory(error, (uint64_t)f->n_cols * (uint64_t)f->n_cols * sizeof(float));
  s->unit = f->gridding->nested ? f->block : f->span;
  s->n_units = f->n_cols / s->unit;
  s->n_unknowns = (int)s->n_units * (f->gridding->has_bias ? 2 : 1);
  return BL_OK;
}

static void end(bl_fitting *f) {
  state *s = f->state[BL_STAGE_POLISH];
  if (s) free(s->hessian);
  free(s);
}

/* A row being polished. */
typedef struct row {
  const bl_fitting *f;
  const state *s;
  const float *weights; /* (n_cols) */
  bl_grids *grids;      /* (n_blocks) */
  uint8_t *codes;       /* (n_cols) */
  double *system;       /* (n_unknowns, n_unknowns) */
  double *solution;     /* (n_unknowns) */
  float *products;      /* (n_unknowns, n_cols): of H with what each unknown does to w' */
  float *effect;        /* (n_unknowns / n_units, n_cols): that, where it is not 0 */
  float *error;         /* (n_cols): d */
  float *gradient;      /* (n_cols): g */
  bl_grids *other;      /* (n_blocks) */
} row;

static size_t n_work(const bl_fitting *f) {
  const state *s = f->state[BL_STAGE_POLISH];
  if (!s) return 0;
  const size_t n = (size_t)f->n_cols, u = (size_t)s->n_unknowns;
  const size_t n_grids = (size_t)f->n_blocks * (sizeof(bl_grids) / sizeof(float) + 1);
  return 2 * (u * u + u) + 2 + u * n + 4 * n + n_grids;
}

static void place_work(row *r, float *work) {
  const size_t n = (size_t)r->f->n_cols, u = (size_t)r->s->n_unknowns;
  work += (uintptr_t)work / sizeof(float) % 2; /* doubles first */
  r->system = (double *)work;
  r->solution = r->system + u * u;
  r->products = (float *)(r->solution + u);
  r->effect = r->products + u * n;
  r->error = r->effect + 2 * n;
  r->gradient = r->error + n;
  r->other = (bl_grids *)(r->gradient + n);
}

/* y += by * x */
static void add(float *restrict y, const float *restrict x, float by, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] += by * x[i];
}

/* d and g = H d of the row on these grids; returns the loss d g. */
static double weigh(row *r, const bl_grids *grids) {
  const bl_fitting *f = r->f;
  const int64_t n = f->n_cols;
  double loss = 0;
  memset(r->gradient, 0, (size_t)n * sizeof *r->gradient);
  for (int64_t k = 0; k < n; k++) {
    const bl_grid grid = bl_fitting_grid(f, grids, k);
    r->error[k] = bl_fitting_weight(f, grid, r->codes[k]) - r->weights[k];
    add(r->gradient, r->s->hessian + k * n, r->error[k], n);
  }
  for (int64_t k = 0; k < n; k++) loss += (double)r->error[k] * (double)r->gradient[k];
  return loss;
}

/* What the unknowns of column k do to w'_k: its level and 1, or the same in steps. */
static void find_effects(row *r) {
  const bl_fitting *f = r->f;
  const int64_t n = f->n_cols;
  for (int64_t k = 0; k < n; k++) {
    const bl_grids *grids = &r->grids[k / f->block];
    const int64_t g = k % f->block / f->span;
    const float level = f->levels[r->codes[k]];
    r->effect[k] = f->gridding->nested ? (float)grids->scale_steps[g] * level : level;
    r->effect[n + k] = f->gridding->nested ? -(float)grids->bias_steps[g] : 1;
  }
}

/* The system of the unknowns' changes: effects H effects, and what is solved for, -effects g. */
static void make_system(row *r) {
  const state *s = r->s;
  const int64_t n = r->f->n_cols;
  const int u = s->n_unknowns, n_kinds = u / (int)s->n_units;
  find_effects(r);
  for (int p = 0; p < u; p++) {
    const int64_t first = p / n_kinds * s->unit;
    const float *effect = r->effect + p % n_kinds * n;
    float *product = r->products + p * n;
    double sum = 0;
    memset(product, 0, (size_t)n * sizeof *product);
    for (int64_t k = first; k < first + s->unit; k++) {
      add(product, s->hessian + k * n, effect[k], n);
      sum -= (double)effect[k] * (double)r->gradient[k];
    }
    r->solution[p] = sum;
    for (int other = 0; other <= p; other++) {
      const int64_t begin_col = other / n_kinds * s->unit;
      const float *other_effect = r->effect + other % n_kinds * n;
      double inner = 0;
      for (int64_t k = begin_col; k < begin_col + s->unit; k++)
        inner += (double)other_effect[k] * (double)product[k];
      r->system[p * u + other] = inner;
    }
  }
  for (int p = 0; p < u; p++) /* where all codes of a grid are one, its unknowns are one too many */
    r->system[p * u + p] = r->system[p * u + p] * (1 + 1e-6) + 1e-30;
}

/* Of a block whose grids are nested; where the format has no such units they stay. */
static void change_units(const row *r, bl_grids *grids, const double *change) {
  const bl_gridding *gridding = r->f->gridding;
  const float scale = grids->scale_unit + (float)change[0];
  const float bias = gridding->has_bias ? grids->bias_unit + (float)change[1] : 0;
  if (gridding->unsigned_grid && !(scale > 0 && bias >= 0)) return;
  grids->scale_unit = scale;
  grids->bias_unit = bias;
  for (int g = 0; g < gridding->n_grids; g++) {
    grids->at[g].scale = scale * (float)grids->scale_steps[g];
    grids->at[g].bias = -(bias * (float)grids->bias_steps[g]);
  }
}

/* Puts the changed grids to r->other, as they are stored. */
static void change_grids(row *r) {
  const bl_fitting *f = r->f;
  const bool has_bias = f->gridding->has_bias;
  const int n_kinds = has_bias ? 2 : 1;
  memcpy(r->other, r->grids, (size_t)f->n_blocks * sizeof *r->other);
  for (int64_t i = 0; i < r->s->n_units; i++) {
    const double *change = r->solution + i * n_kinds;
    if (f->gridding->nested) {
      change_units(r, &r->other[i], change);
      continue;
    }
    bl_grid *grid = &r->other[i * f->span / f->block].at[i * f->span % f->block / f->span];
    const bl_grid changed = {grid->scale + (float)change[0],
                             has_bias ? grid->bias + (float)change[1] : 0};
    if (!f->gridding->unsigned_grid || (changed.scale > 0 && changed.bias <= 0)) *grid = changed;
  }
  for (int64_t b = 0; b < f->n_blocks; b++) f->gridding->store(&f->format, &r->other[b]);
}

/* Finds better grids for the codes; returns the loss. */
static double refit(row *r, double loss) {
  const size_t n_bytes = (size_t)r->f->n_blocks * sizeof *r->grids;
  make_system(r);
  if (!bl_solve(r->system, r->solution, r->s->n_unknowns)) return loss;
  change_grids(r);
  const double changed = weigh(r, r->other);
  if (changed < loss) {
    memcpy(r->grids, r->other, n_bytes);
    return changed;
  }
  return weigh(r, r->grids);
}

/* Moves each code to where the loss is least with the others as they are. */
static void sweep(row *r) {
  const bl_fitting *f = r->f;
  const int64_t n = f->n_cols;
  for (int64_t k = 0; k < n; k++) {
    const float *h = r->s->hessian + k * n;
    const bl_grid grid = bl_fitting_grid(f, r->grids, k);
    const float now = bl_fitting_weight(f, grid, r->codes[k]);
    const uint8_t code = bl_fitting_code(f, grid, now - r->gradient[k] / h[k]);
    if (code == r->codes[k]) continue;
    const float change = bl_fitting_weight(f, grid, code) - now;
    if (!(change * (2 * r->gradient[k] + change * h[k]) < 0)) continue;
    r->codes[k] = code;
    r->error[k] += change;
    add(r->gradient, h, change, n);
  }
}

static void polish_row(row *r) {
  double loss = weigh(r, r->grids);
  for (int i = 0; i < ROUNDS && loss > 0; i++) {
    loss = refit(r, loss);
    for (int k = 0; k < SWEEPS; k++) sweep(r);
    loss = weigh(r, r->grids);
  }
}

static void polish_rows(const bl_fitting *f, bl_fit_rows *rows) {
  row r = {.f = f, .s = f->state[BL_STAGE_POLISH]};
  place_work(&r, rows->work);
  for (int64_t i = 0; i < rows->n; i++) {
    r.weights = rows->weights + i * f->n_cols;
    r.grids = rows->grids + i * f->n_blocks;
    r.codes = rows->codes + i * f->n_cols;
    polish_row(&r);
  }
}

const bl_method bl_method_polish = {
    .name = "polish",
    .summary =
        "Solves for all scales and biases of a row together and moves codes one by one, "
        "twice, by what a calibration text shows of the inputs.",
    .stage = BL_STAGE_POLISH,
    .needs = BL_NEEDS_HESSIAN,
    .begin = begin,
    .end = end,
    .n_work = n_work,
    .rows = polish_rows,
};
