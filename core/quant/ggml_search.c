/* The searches for groups' scales, and for scales with minima, many groups side by side. */
#include "quant/ggml_search.h"

#include <math.h>

#include "quant/quad.h"

enum { LANES = 4, MAX_GROUP = 32 };
#define NEGLIGIBLE 1e-15f /* a group with no weight as large has scale 0 */

INLINE bool any(mask m) {
  return (m[0] | m[1] | m[2] | m[3]) != 0;
}

/* bl_k_nearest, clamped to a code from lowest to lowest + max_code, where max_code is 2^n - 1. */
INLINE quad nearest_code(quad x, int lowest, int max_code) {
  mask code = ((mask)(x + 0x1.8p23f) & 0x7fffff) - (0x400000 + lowest);
  code &= code > -1;
  code = (code | (code > max_code)) & max_code;
  return __builtin_convertvector(code + lowest, quad);
}

/* Four groups of n neighbouring weights; group k goes to lane k. */
static void load_groups(const float *weights, int n, quad *x) {
  for (int i = 0; i < n; i++)
    x[i] = (quad){weights[i], weights[n + i], weights[2 * n + i], weights[3 * n + i]};
}

static void store_codes(const quad *codes, int n, int lowest, uint8_t *dst) {
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < LANES; k++) dst[k * n + i] = (uint8_t)((int)codes[i][k] - lowest);
  }
}

/* ---- a scale --------------------------------------------------------------------------------- */

enum { SCALE_GROUP = 16 };

/* Weights w of four groups, and what their sums are made of. */
typedef struct scale_groups {
  quad w[MAX_GROUP], h[MAX_GROUP], hw[MAX_GROUP]; /* h: importance */
  quad furthest;                                  /* the weight furthest from 0 */
  mask negligible;
} scale_groups;

/* The importance of a weight is its square where it is not given. */
INLINE void load_scale_groups(const float *weights, const float *importance, int n,
                              scale_groups *groups) {
  load_groups(weights, n, groups->w);
  if (importance) load_groups(importance, n, groups->h);
  quad distance = {0};
  groups->furthest = (quad){0};
  for (int i = 0; i < n; i++) {
    quad w = groups->w[i];
    if (!importance) groups->h[i] = w * w;
    groups->hw[i] = groups->h[i] * w;
    mask further = absolute(w) > distance;
    distance = choose(further, absolute(w), distance);
    groups->furthest = choose(further, w, groups->furthest);
  }
  groups->negligible = distance < NEGLIGIBLE;
}

/* With l the codes that per_unit * w is rounded to: sum of h w l and of h l^2. */
typedef struct scale_sums {
  quad wl, ll;
} scale_sums;

INLINE scale_sums sum_codes(const scale_groups *groups, int n, quad per_unit, int half) {
  scale_sums sums = {{0}, {0}};
  for (int i = 0; i < n; i++) {
    quad l = nearest_code(per_unit * groups->w[i], -half, 2 * half - 1);
    sums.wl += groups->hw[i] * l;
    sums.ll += groups->h[i] * l * l;
  }
  return sums;
}

INLINE void search_scale(const float *weights, const float *importance, int n, int half,
                         float *scales, uint8_t *codes) {
  scale_groups groups;
  load_scale_groups(weights, importance, n, &groups);
  quad best_per_unit = (float)-half / groups.furthest;
  scale_sums sums = sum_codes(&groups, n, best_per_unit, half);
  quad scale = choose(sums.ll != 0, sums.wl / sums.ll, (quad){0});
  quad merit = scale * sums.wl; /* sums.wl^2 / sums.ll */
  for (int k = -9; k <= 9; k++) {
    if (k == 0) continue;
    quad per_unit = -((float)half + 0.1f * (float)k) / groups.furthest;
    sums = sum_codes(&groups, n, per_unit, half);
    mask better = (sums.ll > 0) & (sums.wl * sums.wl > merit * sums.ll);
    best_per_unit = choose(better, per_unit, best_per_unit);
    scale = choose(better, sums.wl / sums.ll, scale);
    merit = choose(better, scale * sums.wl, merit);
  }
  scale = choose(groups.negligible, (quad){0}, scale);
  memcpy(scales, &scale, sizeof scale);
  quad chosen[MAX_GROUP];
  for (int i = 0; i < n; i++) {
    quad l = nearest_code(best_per_unit * groups.w[i], -half, 2 * half - 1);
    chosen[i] = choose(groups.negligible, splat((float)-half), l);
  }
  store_codes(chosen, n, -half, codes);
}

void bl_search_scale(const float *weights, float scales[16], uint8_t *codes) {
  for (int j = 0; j < 16; j += LANES)
    search_scale(weights + SCALE_GROUP * j, NULL, SCALE_GROUP, 32, scales + j,
                 codes + SCALE_GROUP * j);
}

void bl_search_scale_weighted(int group, int half, const float *weights, const float *importance,
                              float scales[4], uint8_t *codes) {
  search_scale(weights, importance, group, half, scales, codes);
}

/* ---- a scale, by moving codes ---------------------------------------------------------------- */

enum { MOVING_HALF = 4 };

/* Four groups in the course of the search: codes less 4, and the sums that they make. */
typedef struct moving_codes {
  quad l[SCALE_GROUP];
  scale_sums sums;
} moving_codes;

/* Takes code i out of the sums, and puts the nearest under the scale that remains in its place, in
 * those lanes where that is an improvement; returns where. */
INLINE mask move_code(const scale_groups *groups, int i, moving_codes *m) {
  quad h = groups->h[i], hw = groups->hw[i], l = m->l[i];
  quad wl = m->sums.wl - hw * l, ll = m->sums.ll - h * l * l;
  quad moved = nearest_code(groups->w[i] * ll / wl, -MOVING_HALF, 2 * MOVING_HALF - 1);
  mask better = (wl > 0) & (moved != l);
  wl += hw * moved;
  ll += h * moved * moved;
  better &= (ll > 0) & (wl * wl * m->sums.ll > m->sums.wl * m->sums.wl * ll);
  m->l[i] = choose(better, moved, l);
  m->sums.wl = choose(better, wl, m->sums.wl);
  m->sums.ll = choose(better, ll, m->sums.ll);
  return better;
}

void bl_search_scale_by_codes(const float *weights, float scales[16], uint8_t *codes) {
  enum { QUADS = 4, ROUNDS = 5 };
  scale_groups groups[QUADS];
  moving_codes m[QUADS];
  for (int q = 0; q < QUADS; q++) {
    load_scale_groups(weights + LANES * SCALE_GROUP * q, NULL, SCALE_GROUP, &groups[q]);
    quad per_unit = -MOVING_HALF / groups[q].furthest;
    m[q].sums = sum_codes(&groups[q], SCALE_GROUP, per_unit, MOVING_HALF);
    for (int i = 0; i < SCALE_GROUP; i++)
      m[q].l[i] = nearest_code(per_unit * groups[q].w[i], -MOVING_HALF, 2 * MOVING_HALF - 1);
  }
  /* Each code waits for the one before it, but the quads don't wait for each other. A quad that has
   * come to rest is not moved by further rounds. */
  mask moved = {-1};
  for (int round = 0; round < ROUNDS && any(moved); round++) {
    moved = (mask){0};
    for (int i = 0; i < SCALE_GROUP; i++) {
      for (int q = 0; q < QUADS; q++) moved |= move_code(&groups[q], i, &m[q]);
    }
  }
  for (int q = 0; q < QUADS; q++) {
    scale_sums sums = m[q].sums;
    quad scale = choose(sums.ll > 0, sums.wl / sums.ll, (quad){0});
    scale = choose(groups[q].negligible, (quad){0}, scale);
    memcpy(scales + LANES * q, &scale, sizeof scale);
    for (int i = 0; i < SCALE_GROUP; i++)
      m[q].l[i] = choose(groups[q].negligible, splat(-MOVING_HALF), m[q].l[i]);
    store_codes(m[q].l, SCALE_GROUP, -MOVING_HALF, codes + LANES * SCALE_GROUP * q);
  }
}

/* ---- a scale and a minimum ------------------------------------------------------------------- */

/* Four groups: weights w and their importance v. */
typedef struct line_groups {
  quad w[MAX_GROUP], v[MAX_GROUP];
  quad lo, hi; /* of the weights */
  quad sum_v, sum_vw;
} line_groups;

static void load_line_groups(const bl_line_search *search, const float *weights,
                             const float *importance, line_groups *groups) {
  const int n = search->group == 16 ? 16 : 32;
  const quad *w = groups->w;
  load_groups(weights, n, groups->w);
  quad floor = {0};
  if (importance) load_groups(importance, n, groups->v);
  if (!importance && !search->absolute) {
    quad sum = {0};
    for (int i = 0; i < n; i++) sum += w[i] * w[i];
    for (int k = 0; k < LANES; k++) floor[k] = sqrtf(sum[k] / (float)n);
  }
  for (int i = 0; !importance && i < n; i++) groups->v[i] = floor + absolute(w[i]);
  groups->lo = groups->hi = w[0];
  groups->sum_v = groups->v[0];
  groups->sum_vw = groups->v[0] * w[0];
  for (int i = 1; i < n; i++) {
    groups->lo = choose(w[i] < groups->lo, w[i], groups->lo);
    groups->hi = choose(w[i] > groups->hi, w[i], groups->hi);
    groups->sum_v += groups->v[i];
    groups->sum_vw += groups->v[i] * w[i];
  }
}

/* The codes are per_unit * (w - base), rounded. */
typedef struct grid {
  quad base, per_unit;
} grid;

static void round_codes(const line_groups *groups, int n, grid g, int max_code, quad *codes) {
  for (int i = 0; i < n; i++)
    codes[i] = nearest_code(g.per_unit * (groups->w[i] - g.base), 0, max_code);
}

/* The values are scale * code + base: base is -min. */
typedef struct line {
  quad scale, base;
} line;

/* The line of least squares for these codes, among those with no base above 0; *valid tells where
 * there is one. */
static line fit_line(const line_groups *groups, int n, const quad *codes, mask *valid) {
  quad sum_l = {0}, sum_ll = {0}, sum_wl = {0};
  for (int i = 0; i < n; i++) {
    quad vl = groups->v[i] * codes[i];
    sum_l += vl;
    sum_ll += vl * codes[i];
    sum_wl += vl * groups->w[i];
  }
  quad determinant = groups->sum_v * sum_ll - sum_l * sum_l;
  line l = {(groups->sum_v * sum_wl - groups->sum_vw * sum_l) / determinant,
            (sum_ll * groups->sum_vw - sum_l * sum_wl) / determinant};
  mask above = l.base > 0;
  l.base = choose(above, (quad){0}, l.base);
  l.scale = choose(above, sum_wl / sum_ll, l.scale);
  *valid = determinant > 0;
  return l;
}

static quad line_error(const bl_line_search *search, const line_groups *groups, const quad *codes,
                       line l) {
  quad error = {0};
  for (int i = 0; i < search->group; i++) {
    quad difference = l.scale * codes[i] + l.base - groups->w[i];
    difference = search->absolute ? absolute(difference) : difference * difference;
    error += groups->v[i] * difference;
  }
  return error;
}

void bl_search_line_weighted(const bl_line_search *search, const float *weights,
                             const float *importance, float scales[4], float mins[4],
                             uint8_t *codes) {
  const int n = search->group == 16 ? 16 : 32, max_code = search->max_code;
  line_groups groups;
  quad tried[MAX_GROUP];
  load_line_groups(search, weights, importance, &groups);
  quad lo = choose(groups.lo > 0, (quad){0}, groups.lo), hi = groups.hi;

  /* Where hi is lo, per_unit is infinite: the scale is 0, and so are the codes, of which there is
   * no line of least squares. */
  grid best_grid = {lo, (float)max_code / (hi - lo)};
  line best = {1 / best_grid.per_unit, lo};
  round_codes(&groups, n, best_grid, max_code, tried);
  quad best_error = line_error(search, &groups, tried, best);
  for (int k = 0; k < search->n_candidates; k++) {
    float n_steps = search->first + search->step * (float)k + (float)max_code;
    grid g = {best.base, n_steps / (hi - best.base)};
    round_codes(&groups, n, g, max_code, tried);
    mask better;
    line l = fit_line(&groups, n, tried, &better);
    quad error = line_error(search, &groups, tried, l);
    better &= error < best_error;
    best_error = choose(better, error, best_error);
    best.scale = choose(better, l.scale, best.scale);
    best.base = choose(better, l.base, best.base);
    best_grid.base = choose(better, g.base, best_grid.base);
    best_grid.per_unit = choose(better, g.per_unit, best_grid.per_unit);
  }

  quad min = -best.base;
  memcpy(scales, &best.scale, sizeof min);
  memcpy(mins, &min, sizeof min);
  round_codes(&groups, n, best_grid, max_code, tried);
  store_codes(tried, n, 0, codes);
}

void bl_search_line(const bl_line_search *search, const float *weights, float *scales, float *mins,
                    uint8_t *codes) {
  int n = search->group;
  for (int j = 0; j < BL_K_WEIGHTS / n; j += LANES)
    bl_search_line_weighted(search, weights + n * j, NULL, scales + j, mins + j, codes + n * j);
}
