/* What is learned of a quantized model: its parts, ahead and back. */
#include "train/learned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "model/exp.h"

enum {
  WEIGHTS_PER_TASK = 1 << 14,
  SCALES = 0, /* the halves of bl_learned.value */
  SHIFTS = 1,
};

/* A code's real number begins no further than this from the code, so that none is another code's.
 */
static const float reach = 0.45f;

/* Of the rate of codes. In 3 bits and fewer codes move faster: their steps are larger, and so is
 * what is to be mended. */
static const float few_bits_rate = 4.0f / 3, scale_rate = 0.2f, shift_rate = 2, norm_rate = 0.1f;

/* ---- where things are ------------------------------------------------------------------------ */

static int64_t rows_per_task(const bl_param *p) {
  const int64_t n = WEIGHTS_PER_TASK / p->n_cols;
  return n > 0 ? n : 1;
}

static bool is_norm(const bl_param *p) {
  return p->n_rows == 1 && p->stored != BL_DTYPE_NONE;
}

static int64_t n_tasks(const bl_param *p) {
  if (!p->learned) return is_norm(p);
  return (p->n_rows + rows_per_task(p) - 1) / rows_per_task(p);
}

static int64_t n_all_tasks(const bl_trainer *t) {
  int64_t n = 0;
  for (int i = 0; i < t->n_params; i++) n += n_tasks(&t->params[i]);
  return n;
}

/* Some rows of a parameter. */
typedef struct slice {
  const bl_param *param;
  int64_t first, end;
} slice;

static slice slice_at(const bl_trainer *t, int64_t task) {
  const bl_param *p = t->params;
  for (; task >= n_tasks(p); p++) task -= n_tasks(p);
  const int64_t first = task * rows_per_task(p), end = first + rows_per_task(p);
  return (slice){p, first, end < p->n_rows ? end : p->n_rows};
}

/* ---- grids ----------------------------------------------------------------------------------- */

/* A scale of 0, and so a unit of 0, stays. */
static void set_grid(const bl_learned *l, int64_t unit, bl_grid *grid) {
  const float scale = l->scale[unit] * bl_exp(l->value[unit]);
  *grid = (bl_grid){scale, l->bias[unit]};
  if (l->scale[unit] == 0 || !l->gridding->has_bias) return;
  grid->bias = scale * (l->bias[unit] / l->scale[unit] + l->value[l->n + unit]);
  if (l->gridding->unsigned_grid && grid->bias > 0) grid->bias = 0;
}

static void set_units(const bl_learned *l, int64_t block, bl_grids *grids) {
  const int n = l->gridding->n_grids;
  const int16_t *steps = l->steps + block * 2 * n;
  grids->scale_unit = l->scale[block] * bl_exp(l->value[block]);
  grids->bias_unit = l->bias[block] * bl_exp(l->value[l->n + block]);
  for (int g = 0; g < n; g++) {
    grids->scale_steps[g] = steps[g];
    grids->bias_steps[g] = steps[n + g];
    grids->at[g].scale = grids->scale_unit * (float)steps[g];
    grids->at[g].bias = l->gridding->has_bias ? -(grids->bias_unit * (float)steps[n + g]) : 0;
  }
}

/* The grids of a block, counted over all rows, as they would be stored now. */
static void make_grids(const bl_learned *l, int64_t block, bl_grids *grids) {
  memset(grids, 0, sizeof *grids);
  if (l->gridding->nested) set_units(l, block, grids);
  for (int u = 0; u < l->units && !l->gridding->nested; u++)
    set_grid(l, block * l->units + u, &grids->at[u]);
  l->gridding->store(&l->format, grids);
}

/* A number within the codes' range to the nearest whole one. */
static inline int nearest(float x) {
  return (int)(x + 0.5f);
}

/* ---- beginning ------------------------------------------------------------------------------- */

static bool allocate(bl_learned *l, int64_t n_rows) {
  const size_t n = (size_t)l->n;
  const size_t n_steps =
      l->gridding->nested ? (size_t)(n_rows * l->n_blocks) * 2 * (size_t)l->gridding->n_grids : 0;
  float *at = calloc(10 * n + n_steps / 2 + 1, sizeof *at);
  l->memory = at;
  if (!at) return false;
  l->scale = at;
  l->bias = at + n;
  l->value = at + 2 * n;
  l->gradient = at + 4 * n;
  l->mean = at + 6 * n;
  l->square = at + 8 * n;
  l->steps = (int16_t *)(void *)(at + 10 * n);
  return true;
}

static void take_grids(bl_learned *l, int64_t block, const bl_grids *grids) {
  const int n = l->gridding->n_grids;
  if (!l->gridding->nested) {
    for (int u = 0; u < l->units; u++) {
      l->scale[block * l->units + u] = grids->at[u].scale;
      l->bias[block * l->units + u] = grids->at[u].bias;
    }
    return;
  }
  l->scale[block] = grids->scale_unit;
  l->bias[block] = grids->bias_unit;
  memcpy(l->steps + block * 2 * n, grids->scale_steps, (size_t)n * sizeof *l->steps);
  memcpy(l->steps + block * 2 * n + n, grids->bias_steps, (size_t)n * sizeof *l->steps);
}

/* Where a level lies among the codes: a real number. */
static float place_of(const bl_learned *l, float level) {
  int code = l->first_code;
  while (code < l->max_code - 1 && level > l->levels[code + 1]) code++;
  return (float)code + (level - l->levels[code]) / (l->levels[code + 1] - l->levels[code]);
}

/* A code's number, which is that of the weight unless the code is another's. */
static float begin_code(const bl_learned *l, bl_grid grid, float weight, uint8_t code) {
  const float place = grid.scale != 0 ? place_of(l, (weight - grid.bias) / grid.scale) : NAN;
  const float least = (float)code - reach, most = (float)code + reach;
  if (!(place == place)) return code;
  return place < least ? least : place > most ? most : place;
}

/* Takes over one row. `weights` (n_cols) is what it was; `codes` is room for as many. */
static void take_row(const bl_param *p, const bl_tensor *quantized, int64_t row,
                     const float *weights, uint8_t *codes) {
  bl_learned *l = p->learned;
  uint8_t *at[BL_MAX_PARTS] = {NULL};
  for (int q = 0; q < l->format.codec->n_parts; q++) /* only read */
    at[q] = (uint8_t *)(uintptr_t)(quantized->parts[q] + (size_t)row * quantized->row_bytes[q]);
  bl_tensor_row_codes(quantized, row, codes);
  bl_block_parts block = bl_block_parts_first(&l->format, l->block, at);
  for (int64_t b = 0; b < l->n_blocks; b++, bl_block_parts_next(&block)) {
    bl_grids grids;
    bl_gridding_read(l->gridding, &l->format, (const uint8_t *const *)block.at, &grids);
    take_grids(l, row * l->n_blocks + b, &grids);
    for (int64_t i = b * l->block; i < (b + 1) * l->block; i++)
      p->value[row * p->n_cols + i] =
          l->codes ? begin_code(l, grids.at[i % l->block / l->span], weights[i], codes[i])
                   : (float)codes[i];
  }
}

bl_code bl_learned_begin(bl_trainer *t, bl_param *p, const bl_tensor *quantized,
                         const bl_tensor *original, bl_dtype cast, bool codes, bl_error *error) {
  const bl_format *format = &quantized->format;
  const bl_gridding *gridding = bl_gridding_of(format->codec);
  bl_learned *l = calloc(1, sizeof *l);
  p->learned = l;
  if (!l) return bl_fail_memory(error, sizeof *l);
  *l = (bl_learned){.gridding = gridding, .format = *format, .codes = codes};
  l->block = bl_gridding_block(gridding, format, p->n_cols);
  l->n_blocks = p->n_cols / l->block;
  l->span = l->block / gridding->n_grids;
  l->units = gridding->nested ? 1 : gridding->n_grids;
  l->n = p->n_rows * l->n_blocks * l->units;
  l->first_code = gridding->first_code;
  l->max_code = (1 << format->bits) - 1;
  bl_gridding_levels(gridding, format, l->levels);
  l->gap =
      (l->levels[l->max_code] - l->levels[l->first_code]) / (float)(l->max_code - l->first_code);
  if (!allocate(l, p->n_rows)) return bl_fail_memory(error, 10 * (uint64_t)l->n * sizeof(float));
  p->used = t->rounded + (p->value - t->values);
  float *weights = t->rows; /* (n_cols), then the codes */
  for (int64_t row = 0; row < p->n_rows; row++) {
    bl_tensor_decode_row(original, row, weights);
    if (cast != BL_DTYPE_NONE) bl_round_to(cast, weights, p->n_cols);
    take_row(p, quantized, row, weights, (uint8_t *)(weights + p->n_cols));
  }
  return BL_OK;
}

void bl_learned_begin_norm(bl_trainer *t, bl_param *p, bl_dtype dtype) {
  p->used = t->rounded + (p->value - t->values);
  p->stored = dtype;
}

void bl_learned_free(bl_learned *learned) {
  if (learned) free(learned->memory);
  free(learned);
}

/* ---- ahead ----------------------------------------------------------------------------------- */

static void apply_task(void *context, int64_t task, int thread) {
  const slice s = slice_at(context, task);
  const bl_param *p = s.param;
  const bl_learned *l = p->learned;
  (void)thread;
  if (!l) {
    memcpy(p->used, p->value, (size_t)p->n_cols * sizeof *p->used);
    bl_round_to(p->stored, p->used, p->n_cols);
    return;
  }
  for (int64_t block = s.first * l->n_blocks; block < s.end * l->n_blocks; block++) {
    bl_grids grids;
    make_grids(l, block, &grids);
    for (int64_t i = 0; i < l->block; i += l->span) {
      const bl_grid grid = grids.at[i / l->span];
      const float *codes = p->value + block * l->block + i;
      float *used = p->used + block * l->block + i;
      for (int64_t j = 0; j < l->span; j++)
        used[j] = grid.scale * l->levels[nearest(codes[j])] + grid.bias;
    }
  }
}

void bl_learned_apply(bl_trainer *t) {
  const int64_t n = t->use == BL_TRAIN_TO_LEARN ? n_all_tasks(t) : 0;
  if (n > 0) bl_pool_run(t->options.pool, apply_task, t, n);
}

void bl_learned_pack_row(const bl_param *p, int64_t row, uint8_t *codes, uint8_t *const *parts) {
  const bl_learned *l = p->learned;
  const float *value = p->value + row * p->n_cols;
  for (int64_t i = 0; i < p->n_cols; i++) codes[i] = (uint8_t)nearest(value[i]);
  bl_block_parts block = bl_block_parts_first(&l->format, l->block, parts);
  for (int64_t b = 0; b < l->n_blocks; b++, bl_block_parts_next(&block)) {
    bl_grids grids;
    make_grids(l, row * l->n_blocks + b, &grids);
    l->gridding->pack(&l->format, &grids, codes + b * l->block, l->block, block.at);
  }
}

/* ---- back ------------------------------------------------------------------------------------ */

bl_grid bl_learned_grid_gradient(const bl_learned *l, const float *codes, const float *gradient,
                                 int64_t n) {
  float scale = 0, bias = 0;
  for (int64_t i = 0; i < n; i++) {
    scale += l->levels[nearest(codes[i])] * gradient[i];
    bias += gradient[i];
  }
  return (bl_grid){scale, bias};
}

/* The gradients of a block's grids, and in the place of its weights' those of its codes. */
static void find_block(const bl_param *p, int64_t block) {
  const bl_learned *l = p->learned;
  bl_grids grids;
  make_grids(l, block, &grids);
  for (int g = 0; g < l->gridding->n_grids; g++) {
    const int64_t at = block * l->block + g * l->span;
    const int64_t unit = l->gridding->nested ? block : block * l->units + g;
    const bl_grid grid = grids.at[g];
    const bl_grid by = bl_learned_grid_gradient(l, p->value + at, p->gradient + at, l->span);
    const float of_scale = grid.scale * by.scale, of_bias = grid.bias * by.bias;
    l->gradient[unit] += l->gridding->nested ? of_scale : of_scale + of_bias;
    if (l->gridding->has_bias)
      l->gradient[l->n + unit] += l->gridding->nested ? of_bias : grid.scale * by.bias;
    const float per_code = grid.scale * l->gap;
    for (int64_t i = at; l->codes && i < at + l->span; i++) p->gradient[i] *= per_code;
  }
}

typedef struct update {
  const bl_trainer *trainer;
  double rate;
  bl_adamw adam;
} update;

/* One step of Adam on n numbers, at a multiple of the rate. */
static void move(const update *u, float factor, int64_t n, float *p, float *m, float *v, float *g) {
  bl_adamw adam = u->adam;
  adam.step *= factor;
  u->trainer->kernels->adamw(&adam, n, p, m, v, g);
}

static void move_codes(const update *u, const bl_param *p, int64_t first, int64_t n) {
  const bl_learned *l = p->learned;
  const float least = (float)l->first_code - reach, most = (float)l->max_code + reach;
  move(u, l->format.bits <= 3 ? few_bits_rate : 1, n, p->value + first, p->mean + first,
       p->square + first, p->gradient + first);
  for (int64_t i = first; i < first + n; i++) {
    const float x = p->value[i]; /* not a number where a gradient was none */
    p->value[i] = !(x > least) ? least : x > most ? most : x;
  }
}

static void update_task(void *context, int64_t task, int thread) {
  const update *u = context;
  const slice s = slice_at(u->trainer, task);
  const bl_param *p = s.param;
  const bl_learned *l = p->learned;
  (void)thread;
  if (!l) {
    move(u, norm_rate, p->n_cols, p->value, p->mean, p->square, p->gradient);
    return;
  }
  for (int64_t block = s.first * l->n_blocks; block < s.end * l->n_blocks; block++)
    find_block(p, block);
  if (l->codes) move_codes(u, p, s.first * p->n_cols, (s.end - s.first) * p->n_cols);
  const int64_t of_row = l->n_blocks * l->units, n = (s.end - s.first) * of_row;
  for (int half = SCALES; half <= SHIFTS; half++) {
    const int64_t at = half * l->n + s.first * of_row;
    const bool is_zero = half == SHIFTS && !l->gridding->nested;
    move(u, is_zero ? shift_rate : scale_rate, n, l->value + at, l->mean + at, l->square + at,
         l->gradient + at);
  }
}

bl_code bl_learned_step(bl_trainer *t, bl_train_report *report, bl_error *error) {
  const bl_train_options *o = &t->options;
  const double count = (double)t->n_targets, loss = t->loss / count;
  if (!isfinite(loss))
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "step %lld of learning: the divergence is %g: the model's predictions are not "
                   "finite on the calibration text",
                   (long long)t->step + 1, loss);
  const double n = (double)++t->step;
  update u = {.trainer = t, .rate = bl_train_rate(o, t->step)};
  u.adam = (bl_adamw){.beta1 = (float)o->beta1,
                      .beta2 = (float)o->beta2,
                      .epsilon = (float)o->epsilon,
                      .decay = 1,
                      .step = (float)(u.rate / (1 - pow(o->beta1, n))),
                      .root = (float)(1 / sqrt(1 - pow(o->beta2, n))),
                      .gradient_scale = (float)(1 / count)};
  t->is_packed = false;
  bl_pool_run(o->pool, update_task, &u, n_all_tasks(t));
  *report = (bl_train_report){
      .step = t->step, .n_targets = t->n_targets, .loss = loss, .learning_rate = u.rate};
  bl_trainer_forget(t);
  return BL_OK;
}
