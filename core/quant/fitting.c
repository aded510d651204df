/* Running methods over the rows of a matrix. */
#include "quant/fitting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "quant/method.h"

/* ---- for methods ---------------------------------------------------------------------------- */

void bl_fitting_grids(const bl_fitting *f, const float *weights, const float *importance,
                      bl_grids *grids) {
  const bl_method *method = f->methods[BL_STAGE_GRIDS];
  memset(grids, 0, sizeof *grids);
  if (method)
    method->fit(f->gridding, &f->format, weights, importance, f->block, grids);
  else
    f->gridding->fit(&f->format, weights, f->block, grids);
  f->gridding->store(&f->format, grids);
}

/* The code whose level is nearest to x; levels grow with codes. */
static int nearest_level(const bl_fitting *f, float x) {
  int code = f->gridding->first_code;
  while (code < f->max_code && x > (f->levels[code] + f->levels[code + 1]) / 2) code++;
  return code;
}

uint8_t bl_fitting_code(const bl_fitting *f, bl_grid grid, float weight) {
  if (!(fabsf(grid.scale) > 0)) return (uint8_t)f->gridding->zero_code;
  const float x = (weight - grid.bias) / grid.scale;
  if (f->format.codec->lookup) return (uint8_t)nearest_level(f, x);
  const float least = f->levels[f->gridding->first_code], most = f->levels[f->max_code];
  float level = x > least ? x : least;
  if (level > most) level = most;
  return (uint8_t)((int)rintf(level) + f->gridding->zero_code);
}

float *bl_fitting_hessian(const bl_fitting *f) {
  const size_t n = (size_t)f->n_cols;
  float *h = malloc(n * n * sizeof *h);
  if (!h) return NULL;
  memcpy(h, f->input->hessian, n * n * sizeof *h);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)h[i * n + i];
  float damping = (float)(0.01 * sum / (double)n);
  if (!(damping > 0)) damping = 1; /* nothing was seen: every column counts the same */
  for (size_t i = 0; i < n; i++) h[i * n + i] += damping;
  return h;
}

/* ---- one matrix ----------------------------------------------------------------------------- */

/* What a thread works in; its arrays follow it. */
typedef struct room {
  bl_grids *grids;
  uint8_t *codes;
  float *work;
} room;

static bool make_rooms(bl_fitting *f) {
  const int n = bl_pool_threads(f->pool);
  const size_t n_grids = BL_FIT_ROWS * (size_t)f->n_blocks;
  const size_t n_codes = BL_FIT_ROWS * (size_t)f->n_cols;
  f->rooms = calloc((size_t)n, sizeof *f->rooms);
  for (int t = 0; f->rooms && t < n; t++) {
    room *r = bl_aligned_alloc(sizeof *r + n_grids * sizeof *r->grids +
                               f->n_work * sizeof *r->work + n_codes);
    f->rooms[t] = r;
    if (!r) return false;
    r->grids = (bl_grids *)(r + 1);
    r->work = (float *)(r->grids + n_grids);
    r->codes = (uint8_t *)(r->work + f->n_work);
  }
  return f->rooms != NULL;
}

static void set_levels(bl_fitting *f) {
  float levels[256] = {0};
  bl_gridding_levels(f->gridding, &f->format, levels);
  memcpy(f->levels, levels, sizeof levels);
  f->max_code = (1 << f->format.bits) - 1;
}

bl_code bl_fitting_begin(bl_fitting *f, const bl_format *format, uint32_t methods,
                         const bl_input *input, int64_t n_cols, bl_pool *pool, bl_error *error) {
  const bl_gridding *gridding = bl_gridding_of(format->codec);
  *f = (bl_fitting){
      .format = *format, .gridding = gridding, .input = input, .pool = pool, .n_cols = n_cols};
  f->block = bl_gridding_block(gridding, format, n_cols);
  f->n_blocks = n_cols / f->block;
  f->span = f->block / gridding->n_grids;
  set_levels(f);
  for (int i = 0; i < bl_n_methods; i++)
    if (methods >> i & 1) f->methods[bl_methods[i]->stage] = bl_methods[i];
  bl_code code = BL_OK;
  for (int s = 0; code == BL_OK && s < BL_N_STAGES; s++) {
    const bl_method *method = f->methods[s];
    if (method && method->begin) code = method->begin(f, error);
    const size_t n_work = method && method->n_work ? method->n_work(f) : 0;
    if (n_work > f->n_work) f->n_work = n_work;
  }
  if (code == BL_OK && !make_rooms(f)) code = bl_fail_memory(error, f->n_work * sizeof(float));
  return code;
}

void bl_fitting_end(bl_fitting *f) {
  for (int s = 0; s < BL_N_STAGES; s++)
    if (f->methods[s] && f->methods[s]->end) f->methods[s]->end(f);
  for (int t = 0; f->rooms && t < bl_pool_threads(f->pool); t++) bl_aligned_free(f->rooms[t]);
  free(f->rooms);
  *f = (bl_fitting){0};
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool is_finite(const float *weights, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (!isfinite(weights[i])) return false;
  return true;
}

/* The first step of all where no method chooses codes column by column. */
static void round_rows(const bl_fitting *f, bl_fit_rows *rows) {
  const bl_method *method = f->methods[BL_STAGE_GRIDS];
  const bool weighs = method && method->needs & BL_NEEDS_MEAN_SQUARES;
  for (int64_t i = 0; i < rows->n * f->n_blocks; i++) {
    const float *weights = rows->weights + i * f->block;
    const float *importance = weighs ? f->input->mean_squares + i % f->n_blocks * f->block : NULL;
    bl_fitting_grids(f, weights, importance, &rows->grids[i]);
    f->gridding->round(&f->format, &rows->grids[i], weights, f->block, rows->codes + i * f->block);
  }
}

static void pack_row(const bl_fitting *f, const bl_grids *grids, const uint8_t *codes,
                     uint8_t *const *parts) {
  bl_block_parts block = bl_block_parts_first(&f->format, f->block, parts);
  for (int64_t b = 0; b < f->n_blocks; b++, bl_block_parts_next(&block))
    f->gridding->pack(&f->format, &grids[b], codes + b * f->block, f->block, block.at);
}

/* Does the one method that there is encode whole rows? */
static bool encodes_rows(const bl_fitting *f) {
  const bl_method *method = f->methods[BL_STAGE_GRIDS];
  for (int s = BL_STAGE_GRIDS + 1; s < BL_N_STAGES; s++)
    if (f->methods[s]) return false;
  return method && method->encodes && method->encodes(f->format.codec);
}

/* Fits rows to grids and codes, and packs them. */
static void fit_rows(const bl_fitting *f, bl_fit_rows *rows, uint8_t *const parts[][BL_MAX_PARTS]) {
  if (f->methods[BL_STAGE_CODES])
    f->methods[BL_STAGE_CODES]->rows(f, rows);
  else
    round_rows(f, rows);
  for (int s = BL_STAGE_CODES + 1; s < BL_N_STAGES; s++)
    if (f->methods[s]) f->methods[s]->rows(f, rows);
  for (int i = 0; i < rows->n; i++)
    pack_row(f, rows->grids + i * f->n_blocks, rows->codes + i * f->n_cols, parts[i]);
}

void bl_fitting_rows(const bl_fitting *f, int thread, const float *weights, int n,
                     uint8_t *const parts[][BL_MAX_PARTS]) {
  const room *r = f->rooms[thread];
  const int64_t n_cols = f->n_cols;
  const bool by_rows = encodes_rows(f);
  bl_fit_rows rows = {n, weights, r->grids, r->codes, r->work};
  if (!by_rows) fit_rows(f, &rows, parts);
  for (int i = 0; i < n; i++) {
    const float *row = weights + i * n_cols;
    if (!is_finite(row, n_cols))
      f->format.codec->encode_row(&f->format, row, n_cols, parts[i]);
    else if (by_rows)
      f->methods[BL_STAGE_GRIDS]->encode_row(&f->format, row, f->input->mean_squares, n_cols,
                                             parts[i]);
  }
}
