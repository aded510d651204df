/* Grids by weighted least squares.
 *
 * A format's own rule spreads a group's codes from its smallest weight to its largest. A grid that
 * is a little narrower lets the outermost weights err and moves all others nearer to a code. So
 * many grids are tried, each as it will be stored. Under each, every weight takes the nearest code,
 * and for these codes least squares has a formula for the best scale s and bias b: with h the
 * importance and l the levels,
 *
 *     s sum h l l + b sum h l = sum h l w,    s sum h l + b sum h = sum h w
 *
 * That grid is tried next, twice over; at last the ends of the best grid are moved by parts of a
 * step, from a half to a 32nd. What counts is the error that a stored grid leaves. The format's own
 * grid is the first candidate, so that no block gets worse.
 *
 * In the K formats a block's scales and biases are whole multiples of a unit. There the groups are
 * searched one by one as if they were not; then units and multiples are improved in turn: for each
 * group all multiples next to its own, and for all groups together the units, which with the
 * multiples as they are have a formula of the same kind. */
#include "quant/methods/search.h"

#include <math.h>
#include <string.h>

#include "quant/quad.h"

enum {
  LANES = 4,
  ENDS = 7,    /* positions of each end of a grid with a bias */
  SCALES = 24, /* scales of each sign of a grid without */
  REFITS = 2,  /* of each */
  FINEST = 32, /* part of a step by which the ends of the best are moved in the end */
  ROUNDS = 3,  /* of units and multiples */
};

/* Weights that share a grid. Their importance is |v| + floor. */
typedef struct group {
  const float *w, *v;
  float floor;
  int64_t n;
  float sum_h, sum_hw;
} group;

typedef struct search {
  const bl_gridding *gridding;
  const bl_format *format;
  const float *values; /* of a lookup; else NULL */
  float midpoints[15]; /* between these */
  float levels[256];
  float least, most; /* levels */
} search;

static search make_search(const bl_gridding *gridding, const bl_format *format) {
  search s = {.gridding = gridding, .format = format};
  const bl_lookup *lookup = format->codec->lookup;
  bl_gridding_levels(gridding, format, s.levels);
  s.least = s.levels[gridding->first_code];
  s.most = s.levels[(1 << format->bits) - 1];
  if (!lookup) return s;
  s.values = lookup->values;
  for (int k = 0; k < 15; k++) s.midpoints[k] = (s.values[k] + s.values[k + 1]) / 2;
  return s;
}

static float sum_of(quad x) {
  return (x[0] + x[1]) + (x[2] + x[3]);
}

/* Up to four numbers, then zeros. */
static quad load_few(const float *x, int64_t n) {
  quad q = {0};
  for (int k = 0; k < LANES && k < n; k++) q[k] = x[k];
  return q;
}

static group make_group(const float *weights, const float *importance, int64_t n) {
  group g = {weights, importance ? importance : weights, 0, n, 0, 0};
  quad sum_squares = {0}, sum_h = {0}, sum_hw = {0};
  for (int64_t i = 0; !importance && i < n; i += LANES) {
    quad w = load_few(weights + i, n - i);
    sum_squares += w * w;
  }
  if (!importance) g.floor = sqrtf(sum_of(sum_squares) / (float)n);
  for (int64_t i = 0; i < n; i += LANES) {
    quad w = load_few(weights + i, n - i);
    quad h = absolute(load_few(g.v + i, n - i)) + (i + LANES <= n ? g.floor : 0);
    for (int k = 0; i + LANES > n && k < n - i; k++) h[k] += g.floor;
    sum_h += h;
    sum_hw += h * w;
  }
  g.sum_h = sum_of(sum_h);
  g.sum_hw = sum_of(sum_hw);
  return g;
}

/* ---- one grid ------------------------------------------------------------------------------- */

/* With h the importance, l the level nearest to w: sums of h (w' - w)^2, h l, h l^2, h l w. */
typedef struct sums {
  float error, l, ll, lw;
} sums;

/* Four of each. */
typedef struct quad_sums {
  quad error, l, ll, lw;
} quad_sums;

INLINE quad nearest_whole(const search *s, quad w, bl_grid grid, float inverse) {
  quad x = (w - grid.bias) * inverse;
  x = choose(x > s->least, x, splat(s->least));
  x = choose(x < s->most, x, splat(s->most));
  return (x + 0x1.8p23f) - 0x1.8p23f;
}

INLINE quad nearest_value(const search *s, quad w, float inverse) {
  quad x = w * inverse, l = splat(s->values[0]);
  for (int k = 0; k < 15; k++) l = choose(x > s->midpoints[k], splat(s->values[k + 1]), l);
  return l;
}

INLINE void add(quad_sums *a, quad w, quad h, quad l, bl_grid grid) {
  quad hl = h * l, difference = grid.scale * l + grid.bias - w;
  a->error += h * (difference * difference);
  a->l += hl;
  a->ll += hl * l;
  a->lw += hl * w;
}

INLINE sums weigh_levels(const search *s, const group *g, bl_grid grid, bool is_lookup) {
  quad_sums a = {{0}, {0}, {0}, {0}};
  const float inverse = grid.scale != 0 ? 1 / grid.scale : 0;
  int64_t i = 0;
  for (; i + LANES <= g->n; i += LANES) {
    quad w = load_quad(g->w + i), h = absolute(load_quad(g->v + i)) + g->floor;
    add(&a, w, h, is_lookup ? nearest_value(s, w, inverse) : nearest_whole(s, w, grid, inverse),
        grid);
  }
  if (i < g->n) { /* the last few of a row */
    quad w = load_few(g->w + i, g->n - i), h = absolute(load_few(g->v + i, g->n - i));
    for (int k = 0; k < g->n - i; k++) h[k] += g->floor;
    add(&a, w, h, is_lookup ? nearest_value(s, w, inverse) : nearest_whole(s, w, grid, inverse),
        grid);
  }
  return (sums){sum_of(a.error), sum_of(a.l), sum_of(a.ll), sum_of(a.lw)};
}

static sums weigh(const search *s, const group *g, bl_grid grid) {
  return s->values ? weigh_levels(s, g, grid, true) : weigh_levels(s, g, grid, false);
}

/* The grid of least squares for the codes of these sums; false where there is none. */
static bool refit(const search *s, const group *g, const sums *t, bl_grid *grid) {
  *grid = (bl_grid){t->lw / t->ll, 0};
  if (!s->gridding->has_bias) return t->ll > 0;
  float determinant = g->sum_h * t->ll - t->l * t->l;
  float scale = (g->sum_h * t->lw - g->sum_hw * t->l) / determinant;
  float bias = (g->sum_hw - scale * t->l) / g->sum_h;
  if (s->gridding->unsigned_grid && bias > 0) return t->ll > 0;
  *grid = (bl_grid){scale, bias};
  return determinant > 0;
}

/* ---- one group ------------------------------------------------------------------------------ */

typedef struct best {
  bl_grid grid;
  float error;
} best;

/* As it is stored; where grids are nested that is not known yet. */
static bl_grid stored(const search *s, bl_grid grid) {
  bl_grids one = {.at = {grid}};
  if (s->gridding->nested) return grid;
  s->gridding->store(s->format, &one);
  return one.at[0];
}

/* Tries the grid and what least squares makes of it. */
static void try_grid(const search *s, const group *g, bl_grid grid, int n_refits, best *found) {
  for (int k = 0; k <= n_refits; k++) {
    if (s->gridding->unsigned_grid && !(grid.scale >= 0 && grid.bias <= 0)) return;
    bl_grid as_stored = stored(s, grid);
    sums t = weigh(s, g, as_stored);
    if (t.error < found->error) *found = (best){as_stored, t.error};
    if (k == n_refits || !refit(s, g, &t, &grid)) return;
  }
}

/* Grids from a little above the smallest weight to a little below the largest. */
static void try_ends(const search *s, const group *g, float lo, float hi, best *found) {
  const float farthest = 0.5f * (hi - lo) / (float)s->format->bits;
  for (int a = 0; a < ENDS; a++) {
    for (int b = 0; b < ENDS; b++) {
      float first = lo + farthest * (float)a / (float)(ENDS - 1);
      float last = hi - farthest * (float)b / (float)(ENDS - 1);
      float scale = (last - first) / (s->most - s->least);
      try_grid(s, g, (bl_grid){scale, first - scale * s->least}, REFITS, found);
    }
  }
}

/* Grids that put the weight furthest from 0 on or beyond the last level, on either side. */
static void try_scales(const search *s, const group *g, float furthest, best *found) {
  const float reach = fmaxf(s->most, -s->least);
  const float stretch = 1.5f / (float)s->format->bits / (float)SCALES;
  for (int k = -8; k < SCALES; k++) {
    float scale = furthest / (reach * (1 + stretch * (float)k));
    try_grid(s, g, (bl_grid){scale, 0}, REFITS, found);
    if (!s->gridding->unsigned_grid) try_grid(s, g, (bl_grid){-scale, 0}, REFITS, found);
  }
}

/* Moves the ends of the grid that was found by smaller and smaller parts of a step. */
static void move_ends(const search *s, const group *g, best *found) {
  for (int part = 2; part <= FINEST; part *= 2) {
    const bl_grid from = found->grid;
    const float move = from.scale / (float)part;
    for (int k = 0; k < 9; k++) {
      const float first = move * (float)(k % 3 - 1), last = move * (float)(k / 3 - 1);
      const float stretch = (last - first) / (s->most - s->least);
      bl_grid moved = {from.scale + stretch, from.bias + first - stretch * s->least};
      if (k != 4) try_grid(s, g, moved, 0, found);
    }
  }
}

static void move_scale(const search *s, const group *g, best *found) {
  for (int part = 2; part <= FINEST; part *= 2) {
    const float scale = found->grid.scale;
    const float move = scale / (float)part / fmaxf(s->most, -s->least);
    try_grid(s, g, (bl_grid){scale - move, 0}, 0, found);
    try_grid(s, g, (bl_grid){scale + move, 0}, 0, found);
  }
}

static void search_group(const search *s, const group *g, best *found) {
  float lo = g->w[0], hi = g->w[0];
  for (int64_t i = 1; i < g->n; i++) {
    lo = g->w[i] < lo ? g->w[i] : lo;
    hi = g->w[i] > hi ? g->w[i] : hi;
  }
  if (!s->gridding->has_bias) {
    try_scales(s, g, fmaxf(hi, -lo), found);
    move_scale(s, g, found);
    return;
  }
  if (s->gridding->unsigned_grid) lo = lo < 0 ? lo : 0;
  try_ends(s, g, lo, hi, found);
  move_ends(s, g, found);
}

/* ---- a block of nested grids ---------------------------------------------------------------- */

typedef struct block {
  group groups[BL_MAX_GRIDS];
  int n_groups;
} block;

/* Of the grids as they are; each group's to errors (n_groups). */
static float block_error(const search *s, const block *b, const bl_grids *grids, float *errors) {
  float error = 0;
  for (int j = 0; j < b->n_groups; j++) {
    errors[j] = weigh(s, &b->groups[j], grids->at[j]).error;
    error += errors[j];
  }
  return error;
}

/* Moves a group's steps to the best of those next to them. */
static void move_steps(const search *s, const group *g, int j, bl_grids *grids, float *error) {
  const bl_gridding *gridding = s->gridding;
  const int first = grids->scale_steps[j], bias_first = grids->bias_steps[j];
  const int reach = gridding->has_bias ? 1 : 0;
  for (int a = first - 1; a <= first + 1; a++) {
    for (int b = bias_first - reach; b <= bias_first + reach; b++) {
      if (a < gridding->least_step || a > gridding->most_step) continue;
      if (b < 0 || b > gridding->most_step) continue;
      bl_grid grid = {grids->scale_unit * (float)a, -(grids->bias_unit * (float)b)};
      float tried = weigh(s, g, grid).error;
      if (!(tried < *error)) continue;
      *error = tried;
      grids->at[j] = grid;
      grids->scale_steps[j] = (int16_t)a;
      grids->bias_steps[j] = (int16_t)b;
    }
  }
}

/* The units of least squares for the codes and steps as they are. */
static bl_grids refit_units(const search *s, const block *b, const bl_grids *grids) {
  double xx = 0, xy = 0, yy = 0, xw = 0, yw = 0;
  bl_grids changed = *grids;
  for (int j = 0; j < b->n_groups; j++) {
    const group *g = &b->groups[j];
    sums t = weigh(s, g, grids->at[j]);
    double x = grids->scale_steps[j], y = -grids->bias_steps[j];
    xx += x * x * (double)t.ll;
    xy += x * y * (double)t.l;
    yy += y * y * (double)g->sum_h;
    xw += x * (double)t.lw;
    yw += y * (double)g->sum_hw;
  }
  double determinant = xx * yy - xy * xy;
  if (s->gridding->has_bias && determinant > 1e-9 * xx * yy) {
    changed.scale_unit = (float)((yy * xw - xy * yw) / determinant);
    changed.bias_unit = (float)((xx * yw - xy * xw) / determinant);
  } else if (xx > 0) {
    changed.scale_unit = (float)((xw - xy * (double)grids->bias_unit) / xx);
  }
  for (int j = 0; j < b->n_groups; j++) {
    changed.at[j].scale = changed.scale_unit * (float)changed.scale_steps[j];
    changed.at[j].bias = -(changed.bias_unit * (float)changed.bias_steps[j]);
  }
  s->gridding->store(s->format, &changed);
  return changed;
}

static bool is_allowed(const search *s, const bl_grids *grids) {
  return !s->gridding->unsigned_grid || (grids->scale_unit >= 0 && grids->bias_unit >= 0);
}

static void improve_block(const search *s, const block *b, bl_grids *grids, float *errors,
                          float error) {
  for (int round = 0; round < ROUNDS; round++) {
    for (int j = 0; j < b->n_groups; j++) move_steps(s, &b->groups[j], j, grids, &errors[j]);
    error = block_error(s, b, grids, errors);
    float tried_errors[BL_MAX_GRIDS];
    bl_grids tried = refit_units(s, b, grids);
    float tried_error = block_error(s, b, &tried, tried_errors);
    if (!(tried_error < error) || !is_allowed(s, &tried)) return;
    *grids = tried;
    memcpy(errors, tried_errors, sizeof tried_errors);
  }
}

static void search_block(const search *s, const block *b, const float *weights, int64_t n,
                         bl_grids *grids) {
  float errors[BL_MAX_GRIDS], own_errors[BL_MAX_GRIDS];
  bl_grids own = {.scale_unit = 0}, relaxed = {.scale_unit = 0};
  s->gridding->fit(s->format, weights, n, &own);
  for (int j = 0; j < b->n_groups; j++) {
    best found = {own.at[j], weigh(s, &b->groups[j], own.at[j]).error};
    search_group(s, &b->groups[j], &found);
    relaxed.at[j] = found.grid;
  }
  s->gridding->store(s->format, &own);
  s->gridding->store(s->format, &relaxed);
  float own_error = block_error(s, b, &own, own_errors);
  float error = block_error(s, b, &relaxed, errors);
  if (error < own_error) {
    improve_block(s, b, &relaxed, errors, error);
    *grids = relaxed;
  } else {
    improve_block(s, b, &own, own_errors, own_error);
    *grids = own;
  }
}

/* ---- blocks --------------------------------------------------------------------------------- */

static void make_block(const bl_gridding *gridding, const float *weights, const float *importance,
                       int64_t n, block *b) {
  const int64_t span = n / gridding->n_grids;
  b->n_groups = gridding->n_grids;
  for (int j = 0; j < b->n_groups; j++)
    b->groups[j] = make_group(weights + span * j, importance ? importance + span * j : NULL, span);
}

void bl_search_fit(const bl_gridding *gridding, const bl_format *format, const float *weights,
                   const float *importance, int64_t n, bl_grids *grids) {
  search s = make_search(gridding, format);
  block b;
  make_block(gridding, weights, importance, n, &b);
  *grids = (bl_grids){.scale_unit = 0};
  if (gridding->nested) {
    search_block(&s, &b, weights, n, grids);
    return;
  }
  gridding->fit(format, weights, n, grids);
  gridding->store(format, grids);
  best found = {grids->at[0], weigh(&s, &b.groups[0], grids->at[0]).error};
  search_group(&s, &b.groups[0], &found);
  grids->at[0] = found.grid;
}

float bl_search_error(const bl_gridding *gridding, const bl_format *format, const float *weights,
                      const float *importance, int64_t n, const bl_grids *grids) {
  search s = make_search(gridding, format);
  block b;
  float errors[BL_MAX_GRIDS];
  make_block(gridding, weights, importance, n, &b);
  return block_error(&s, &b, grids, errors);
}
