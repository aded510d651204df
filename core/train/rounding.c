/* Quantization-aware training: what the passes multiply by is what a format makes of the weights,
 * while the optimizer goes on moving the weights themselves.
 *
 * Ahead, every weight is rounded as it will be when the model is saved in bf16 and quantized: to
 * bf16, then to the nearest code of its group's grid, which the format's own rule finds anew from
 * the weights at each step. Back, the gradient passes straight through the rounding (Bengio et al.
 * 2013): it is taken to be that of the weight, since a rounded one has none. It is held where it
 * would push a weight that lies beyond the end of its grid still further out, as no code would ever
 * show that. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "model/target.h"
#include "train/trainer.h"

/* Weights that are one task. */
enum { WEIGHTS_PER_TASK = 1 << 14 };

/* ---- which parameters ----------------------------------------------------------------------- */

bl_code bl_train_choose_formats(bl_trainer *t, bl_error *error) {
  const bl_load_options load = {.recipe = t->options.quantize};
  const bl_format source = bl_format_plain(BL_BF16);
  if (bl_recipe_is_reference(&load.recipe)) return BL_OK;
  int n_rounded = 0;
  bool has_methods = load.recipe.methods != 0;
  for (int i = 0; i < load.recipe.n_rules; i++)
    has_methods = has_methods || load.recipe.rules[i].methods != 0;
  if (has_methods)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "training goes through the rounding that a format has by itself: leave out the "
                   "methods, which are after a '+'");
  for (int i = 0; i < t->n_params; i++) {
    bl_param *p = &t->params[i];
    if (p->n_rows == 1) continue;
    char name[96];
    const bl_weight weight = {.role = p->role, .layer = p->layer, .name = name};
    bl_role_name(&t->config, p->role, p->layer, name, sizeof name);
    p->format = bl_target_format(&load, &t->config, &weight, p->n_rows, p->n_cols, &source);
    if (bl_format_same(&p->format, &source)) continue; /* the recipe leaves it alone */
    p->gridding = bl_gridding_of(p->format.codec);
    if (!p->gridding)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "%s: training through the rounding of '%s' is not possible: its codes do not "
                     "stand on a grid that a group has for itself",
                     name, p->format.codec->name);
    n_rounded++;
  }
  char recipe[BL_RECIPE_TEXT];
  if (n_rounded > 0) return BL_OK;
  bl_recipe_print(&load.recipe, recipe, sizeof recipe);
  return bl_fail(error, BL_ERR_ARGUMENT,
                 "'%.96s' quantizes nothing of this model: no matrix has rows that its groups "
                 "divide",
                 recipe);
}

/* ---- ahead ---------------------------------------------------------------------------------- */

/* Half the way that the code at an end of the grid has to its neighbour: weights further out than
 * that are nearest to it only because there is no other. 0: not an end. */
static float half_gap(const bl_gridding *gridding, const bl_format *format, const float *levels,
                      uint8_t code) {
  const int first = gridding->first_code, last = (1 << format->bits) - 1;
  if (code == first) return (levels[first + 1] - levels[first]) / 2;
  return code == last ? (levels[last] - levels[last - 1]) / 2 : 0;
}

/* Rounds n weights, one block: `used` is what they become; clipped[i] is 1 where a weight lies
 * above the end of its grid, -1 below, else 0. */
static void round_block(const bl_param *p, const float *levels, const float *weights, int64_t n,
                        uint8_t *codes, float *used, int8_t *clipped) {
  const bl_gridding *gridding = p->gridding;
  bl_grids grids;
  gridding->fit(&p->format, weights, n, &grids);
  if (gridding->rounds_stored) gridding->store(&p->format, &grids);
  gridding->round(&p->format, &grids, weights, n, codes);
  if (!gridding->rounds_stored) gridding->store(&p->format, &grids);
  const int64_t span = n / gridding->n_grids;
  for (int64_t i = 0; i < n; i++) {
    const bl_grid grid = grids.at[i / span];
    used[i] = grid.scale * levels[codes[i]] + grid.bias;
    const float gap = fabsf(grid.scale) * half_gap(gridding, &p->format, levels, codes[i]);
    const float past = weights[i] - used[i];
    clipped[i] = gap > 0 && fabsf(past) > gap ? (past > 0 ? 1 : -1) : 0;
  }
}

static int64_t rows_per_task(const bl_param *p) {
  const int64_t n = WEIGHTS_PER_TASK / p->n_cols;
  return n > 0 ? n : 1;
}

static int64_t n_tasks(const bl_param *p) {
  if (!p->gridding) return 0;
  return (p->n_rows + rows_per_task(p) - 1) / rows_per_task(p);
}

static void round_task(void *context, int64_t task, int thread) {
  const bl_trainer *t = context;
  const bl_param *p = t->params;
  for (; task >= n_tasks(p); p++) task -= n_tasks(p);
  float levels[256];
  bl_gridding_levels(p->gridding, &p->format, levels);
  float *weights = t->rows + thread * t->rows_size; /* (n_cols), then their codes */
  uint8_t *codes = (uint8_t *)(weights + p->n_cols);
  const int64_t block = bl_gridding_block(p->gridding, &p->format, p->n_cols);
  const int64_t first = task * rows_per_task(p), end = first + rows_per_task(p);
  for (int64_t row = first; row < end && row < p->n_rows; row++) {
    const int64_t at = row * p->n_cols;
    memcpy(weights, p->value + at, (size_t)p->n_cols * sizeof *weights);
    bl_round_to(BL_BF16, weights, p->n_cols);
    for (int64_t col = 0; col < p->n_cols; col += block)
      round_block(p, levels, weights + col, block, codes, p->used + at + col,
                  p->clipped + at + col);
  }
}

void bl_train_round_params(bl_trainer *t) {
  int64_t n = 0;
  for (int i = 0; i < t->n_params; i++) n += n_tasks(&t->params[i]);
  if (n > 0) bl_pool_run(t->options.pool, round_task, t, n);
}

/* ---- back ----------------------------------------------------------------------------------- */

void bl_train_hold_clipped(const bl_param *p, int64_t first, int64_t n) {
  if (!p->gridding) return;
  for (int64_t i = first; i < first + n; i++) {
    /* A step goes against the gradient: a positive one makes the weight smaller. */
    const bool outward = p->clipped[i] != 0 && (p->gradient[i] < 0) == (p->clipped[i] > 0);
    if (outward) p->gradient[i] = 0;
  }
}
