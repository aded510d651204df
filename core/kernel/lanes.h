/* The SIMD kernels, written once for BL_LANES lanes: an instruction set's file includes
 * lanes_types.h, defines its operations, includes this, and puts lanes_matmul and lanes_dot
 * into its table.
 *
 * A few tokens take the path of lanes_fused.h, many that of lanes_tile.h. Every output is computed
 * by one thread, in an order that depends on the shape alone. */
#ifndef BL_KERNEL_LANES_H
#define BL_KERNEL_LANES_H

#include "kernel/kernel_table.h"
#include "kernel/lanes_fused.h"
#include "kernel/lanes_layout.h"
#include "kernel/lanes_q2k.h"
#include "kernel/lanes_tile.h"

/* From this many tokens on, decoding rows first is faster than reading codes again for each. */
enum { TILE_FROM_TOKENS = 4 };

struct job {
  const bl_products *products;
  int64_t task_rows;
  const bl_tensor *w; /* of a task its own, with y; before, the first */
  struct layout layout;
  const float *x;
  int64_t n_tokens;
  float *y;
  bool fused;                     /* the few-token path */
  int64_t n_units, n_groups;      /* for PATH_CODES; else 0 */
  int64_t n_blocks;               /* for GGML's K formats; else 0 */
  int64_t step_cols, padded_cols; /* columns are padded to whole steps */
  int64_t params;                 /* room for the scales of a row */
  float *prepared, *sums, *tiles; /* the three pieces of the work space */
};

/* Puts one token's x into the layout's order: step j of the vector that holds a unit. */
static void order_units(const struct layout *l, int64_t n_units, bool take_exponents_out,
                        const float *x, float *dst) {
  bl_quadf scale[2][4];
  bool nibbles = l->order == ORDER_NIBBLES;
  for (int j = 0; j < 8; j++) {
    int e = take_exponents_out ? code_exponent(l->packing, j) : 0;
    float s = bl_f32_from_bits((uint32_t)(127 - e) << 23);
    bl_quadf all = {s, s, s, s};
    if (nibbles)
      scale[j & 1][j >> 1] = all;
    else
      scale[j >> 2][j & 3] = all;
  }
  bool eights = l->order == ORDER_EIGHTS;
  for (int64_t u = 0; u < n_units; u++) {
    const float *from = x + 32 * u;
    float *to = dst + u / UNITS * 8 * BL_LANES + u % UNITS * 4;
    int64_t second = nibbles ? BL_LANES : 4 * BL_LANES;
    int64_t step = nibbles ? 2 * BL_LANES : BL_LANES;
    transpose(from, eights ? 8 : 4, scale[0], to, step);
    transpose(from + (eights ? 4 : 16), eights ? 8 : 4, scale[1], to + second, step);
  }
}

static bool is_q4k(const struct layout *l) {
  return l->path == PATH_Q4_K || l->path == PATH_Q5_K;
}

static void sum_groups(const float *x, int64_t n_groups, int64_t group, float *sums) {
  for (int64_t g = 0; g < n_groups; g++) {
    bl_vecf sum = {0};
    for (int64_t i = 0; i < group; i += BL_LANES) {
      bl_vecf v;
      memcpy(&v, x + g * group + i, sizeof v);
      sum += v;
    }
    sums[g] = sum_lanes_of_one(sum);
  }
}

static void prepare_token(void *context, int64_t t, int thread) {
  const struct job *job = context;
  (void)thread;
  int64_t n_cols = job->w->n_cols;
  const float *x = job->x + t * n_cols;
  float *dst = job->prepared + t * job->padded_cols;
  float *sums = job->sums + t * job->params;
  memset(dst + job->padded_cols - job->step_cols, 0, (size_t)job->step_cols * sizeof *dst);
  if (job->layout.path == PATH_CODES) {
    order_units(&job->layout, job->n_units, job->fused, x, dst);
    if (!job->fused || !layout_has_bias(&job->layout)) return;
    memset(sums, 0, (size_t)job->params * sizeof *sums);
    sum_groups(x, job->n_groups, 32 << job->layout.group_shift, sums);
  } else if (is_q4k(&job->layout)) {
    order_q4k(job->n_blocks, x, dst);
    memset(sums, 0, (size_t)job->params * sizeof *sums);
    sum_groups(x, Q4K_GROUPS * job->n_blocks, Q4K_WEIGHTS / Q4K_GROUPS, sums);
  } else if (has_four_runs(job->layout.path)) {
    order_q6k(job->n_blocks, job->fused, x, dst);
    if (job->fused && job->layout.path == PATH_Q2_K)
      sum_groups(x, 16 * job->n_blocks, 16, sums);
    else if (job->fused)
      sum_runs(runs_zero(job->layout.path), job->n_blocks, x, sums);
  } else {
    memcpy(dst, x, (size_t)n_cols * sizeof *dst);
  }
}

/* Points `f` at the codes of row `row` as its r-th, its scales and biases as floats in `params`. */
static void set_fused_row(const struct job *job, int64_t row, int r, float *params, fused *f) {
  const struct layout *l = &job->layout;
  float *scales = params + 2 * r * job->params, *biases = scales + job->params;
  const uint8_t *bytes = job->w->parts[0] + (size_t)row * job->w->row_bytes[0];
  if (l->path == PATH_CODES) load_row_params(l, job->w, row, job->n_groups, scales, biases);
  if (has_four_runs(l->path)) runs_params(l->path, bytes, job->n_blocks, scales, biases);
  if (is_q4k(l)) q4k_params(bytes, q4k_bytes(l->path == PATH_Q5_K), job->n_blocks, scales, biases);
  f->codes[r] = bytes + l->codes_offset;
  f->scales[r] = scales;
  f->biases[r] = biases;
}

/* Everything of `f` that is the same for all rows. */
static void set_fused(const struct job *job, fused *f) {
  const struct layout *l = &job->layout;
  f->mask = l->mask;
  f->unit_bytes = l->unit_bytes;
  f->n_units = job->n_units;
  f->n_groups = job->n_groups;
  f->group_shift = l->group_shift;
  f->has_bias = layout_has_bias(l);
}

/* Few tokens: rows [first, first + n_valid), n_valid <= BL_SET_ROWS. A last short set repeats its
 * last row. */
static void fused_set(const struct job *job, int64_t first, int n_valid, float *params) {
  float y[BL_SET_ROWS];
  fused f;
  set_fused(job, &f);
  const uint8_t *rows[BL_SET_ROWS];
  for (int r = 0; r < BL_SET_ROWS; r++) {
    int64_t row = first + (r < n_valid ? r : n_valid - 1);
    rows[r] = job->w->parts[0] + (size_t)row * job->w->row_bytes[0];
    if (job->layout.path != PATH_PLAIN) set_fused_row(job, row, r, params, &f);
  }
  for (int64_t t = 0; t < job->n_tokens; t++) {
    const bl_vecf *x = (const bl_vecf *)(const void *)(job->prepared + t * job->padded_cols);
    const float *sums = job->sums + t * job->params;
    if (job->layout.path == PATH_CODES)
      fused_for(job->layout.packing)(&f, x, sums, y);
    else if (is_q4k(&job->layout))
      fused_q4k(job->layout.path == PATH_Q5_K, rows, f.scales, f.biases, job->n_blocks, f.mask, x,
                sums, y);
    else if (has_four_runs(job->layout.path))
      fused_runs(job->layout.path, rows, f.scales, f.biases, job->n_blocks, f.mask, x, sums, y);
    else
      plain_for(job->layout.dtype, rows, job->w->n_cols, x, y);
    for (int r = 0; r < n_valid; r++) job->y[t * job->w->n_rows + first + r] = y[r];
  }
}

/* Many tokens: rows [first, first + n_valid), n_valid <= BL_SET_ROWS. */
static void tile_set(const struct job *job, int64_t first, int n_valid, float *tile,
                     float *params) {
  int64_t stride = job->padded_cols;
  fused f;
  set_fused(job, &f);
  for (int r = 0; r < n_valid; r++) {
    int64_t row = first + r;
    float *dst = tile + r * stride;
    bl_vecf *vectors = (bl_vecf *)(void *)dst;
    const uint8_t *bytes = job->w->parts[0] + (size_t)row * job->w->row_bytes[0];
    if (job->layout.path == PATH_PLAIN) {
      tile_plain(job->layout.dtype, bytes, job->w->n_cols, dst);
    } else if (job->layout.path == PATH_OTHER) {
      bl_tensor_decode_row(job->w, row, dst);
    } else {
      set_fused_row(job, row, 0, params, &f);
      if (job->layout.path == PATH_CODES)
        tile_codes(job->layout.packing, &f, vectors);
      else
        tile_q6k(bytes, f.scales[0], job->n_blocks, f.mask, vectors);
    }
  }
  tile_multiply((const bl_vecf *)(const void *)tile, (const bl_vecf *)(const void *)job->prepared,
                stride / BL_LANES, job->n_tokens, n_valid, job->w->n_rows, job->y + first);
}

static void multiply_task(void *context, int64_t task, int thread) {
  struct job own = *(const struct job *)context;
  const struct job *job = &own;
  int i = bl_product_of_task(own.products, own.task_rows, &task);
  own.w = own.products->w[i];
  own.y = own.products->y[i];
  int64_t n_rows = job->w->n_rows;
  float *tile = job->tiles + thread * bl_thread_floats(job->w->n_cols);
  float *params = tile + BL_SET_ROWS * job->padded_cols;
  /* Zeros for what lies past the ends of rows. */
  memset(params, 0, (size_t)(2 * BL_SET_ROWS * job->params) * sizeof *params);
  for (int64_t r = 1; !job->fused && r <= BL_SET_ROWS; r++)
    memset(tile + r * job->padded_cols - job->step_cols, 0, (size_t)job->step_cols * sizeof *tile);
  int64_t first = task * job->task_rows;
  int64_t end = first + job->task_rows < n_rows ? first + job->task_rows : n_rows;
  for (int64_t row = first; row < end; row += BL_SET_ROWS) {
    int n_valid = end - row < BL_SET_ROWS ? (int)(end - row) : BL_SET_ROWS;
    if (job->fused)
      fused_set(job, row, n_valid, params);
    else
      tile_set(job, row, n_valid, tile, params);
  }
}

/* Is there no path for this product, though one for its format? */
static bool goes_by_codec(const struct layout *l, int64_t n_cols, int64_t n_tokens) {
  bool is_lookup = l->path == PATH_CODES && code_is_looked_up(l->packing);
  bool is_q2k = l->path == PATH_Q2_K || l->path == PATH_Q3_K;
  if (n_tokens >= TILE_FROM_TOKENS) return is_lookup || is_q4k(l) || is_q2k;
  return is_lookup && n_cols % 32 != 0;
}

static void lanes_matmul(bl_pool *pool, const bl_products *products, const float *x,
                         int64_t n_tokens, void *work) {
  const bl_tensor *w = products->w[0];
  struct job job = {.products = products,
                    .task_rows = bl_task_rows(products, pool),
                    .w = w,
                    .layout = layout_of(&w->format),
                    .x = x,
                    .n_tokens = n_tokens};
  if (goes_by_codec(&job.layout, w->n_cols, n_tokens)) job.layout.path = PATH_OTHER;
  job.fused = n_tokens < TILE_FROM_TOKENS && job.layout.path != PATH_OTHER;
  bool has_units = job.layout.path == PATH_CODES, is_q4 = is_q4k(&job.layout);
  if (is_q4) q4k_masks(job.layout.mask);
  if (has_four_runs(job.layout.path)) q2k_masks(job.layout.mask);
  job.n_units = has_units ? w->n_cols / 32 : 0;
  job.n_groups = group_of_unit(job.layout.packing, job.n_units, job.layout.group_shift);
  job.n_blocks = is_q4 || has_four_runs(job.layout.path) ? w->n_cols / Q6K_WEIGHTS : 0;
  job.step_cols = has_units ? 8 * BL_LANES : BL_LANES;
  job.padded_cols = (w->n_cols + job.step_cols - 1) / job.step_cols * job.step_cols;
  job.params = bl_padded(job.n_groups + 16 * job.n_blocks);
  job.prepared = work;
  job.sums = job.prepared + n_tokens * job.padded_cols;
  job.tiles = job.sums + n_tokens * job.params;
  bl_pool_run(pool, prepare_token, &job, n_tokens);
  bl_pool_run(pool, multiply_task, &job, bl_n_tasks(products, job.task_rows));
}

static float lanes_dot(const float *a, const float *b, int64_t n) {
  bl_vecf sum[4] = {0};
  int64_t i = 0;
  for (; i + 4 * BL_LANES <= n; i += 4 * BL_LANES) {
    bl_vecf va[4], vb[4];
    memcpy(va, a + i, sizeof va);
    memcpy(vb, b + i, sizeof vb);
    for (int v = 0; v < 4; v++) sum[v] = bl_madd(va[v], vb[v], sum[v]);
  }
  for (; i + BL_LANES <= n; i += BL_LANES) {
    bl_vecf va, vb;
    memcpy(&va, a + i, sizeof va);
    memcpy(&vb, b + i, sizeof vb);
    sum[0] = bl_madd(va, vb, sum[0]);
  }
  float result = sum_lanes_of_one((sum[0] + sum[1]) + (sum[2] + sum[3]));
  for (; i < n; i++) result += a[i] * b[i];
  return result;
}

#endif
