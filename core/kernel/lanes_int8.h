/* The SIMD kernels for activations in int8, written once for BL_LANES lanes: an instruction set's
 * file includes lanes_types.h, defines its operations, those of lanes_int8_codes.h among them, and
 *
 *   DOT_CODES      4 where they multiply bytes, 2 for 16-bit numbers
 *   DOT_IS_NARROW  1 where bl_dot_add treats codes above 127 apart
 *   BL_SCALES_IN_PLACE  1 where bl_scales_in_place of lanes_int8_fused.h is there
 *
 * includes this and puts lanes_matmul_int8 into its table.
 *
 * The work space: for each token its codes, scales, starts and sums, as int8_token has them; for
 * each thread a tile of BL_LANES rows, room to unpack BL_SET_ROWS rows, and params: scales and
 * biases of BL_LANES rows. */
#ifndef BL_KERNEL_LANES_INT8_H
#define BL_KERNEL_LANES_INT8_H

#include "kernel/activations.h"
#include "kernel/kernel_table.h"
#include "kernel/lanes_int8_tile.h"
#include "kernel/lanes_layout.h"

enum { INT8_TILE_FROM_TOKENS = 4 };

struct int8_job {
  const bl_products *products;
  int64_t task_rows;
  const bl_tensor *w; /* of a task its own, with y; before, the first */
  const bl_quantizer *quantizer;
  struct int8_layout layout;
  const float *x;
  int64_t n_tokens;
  float *y;
  /* A unit is what four lanes take at a step: unit_weights neighbours in order, or the run of a K
   * format's block that first_weight has. */
  int64_t n_units, n_steps, n_loads;
  int n_vectors, unit_weights;
  uint8_t first_weight[16];
  uint8_t order[32]; /* of a unit's weights in its four lanes, (n_vectors, 4, DOT_CODES) */
  bool in_order;     /* order is 0, 1, 2, … */
  int64_t n_groups, n_biases, params;
  int64_t n_words; /* of 32 bits, of codes in a row */
  int64_t thread_floats;
  float *codes, *scales, *starts, *sums, *threads; /* the pieces of the work space */
};

/* ---- activations ---------------------------------------------------------------------------- */

#if DOT_CODES == 4
typedef int8_t int8_element;
#else
typedef int16_t int8_element;
#endif

static int64_t int8_first_weight(const struct int8_job *job, int64_t unit) {
  if (!kind_is_k(job->layout.kind)) return 32 * unit;
  return unit / 16 * Q6K_WEIGHTS + job->first_weight[unit % 16];
}

/* Puts the codes of one unit into its lanes, `to` being the first, and returns their sum. */
static int int8_order_unit(const struct int8_job *job, const int8_t *codes, int8_element *to) {
  int sum = 0, n = 4 * DOT_CODES;
  for (int i = 0; i < job->unit_weights; i++) sum += codes[i];
  for (int v = 0; v < job->n_vectors; v++, to += BL_LANES * DOT_CODES) {
    const uint8_t *order = job->order + v * n;
    if (DOT_CODES == 4 && job->in_order)
      memcpy(to, codes + v * n, 16);
    else
      for (int i = 0; i < n; i++) to[i] = codes[order[i]];
  }
  return sum;
}

static void int8_prepare_token(void *context, int64_t t, int thread) {
  const struct int8_job *job = context;
  int64_t n_cols = job->w->n_cols, block = job->quantizer->block;
  float *block_scales = job->threads + thread * job->thread_floats;
  int8_t *codes = (int8_t *)(block_scales + bl_padded(n_cols / block));
  bl_quantize(job->quantizer, job->x + t * n_cols, n_cols, codes, block_scales);

  float *words = job->codes + t * job->n_words, *sums = job->sums + t * job->params;
  float *scales = job->scales + t * job->n_steps * BL_LANES;
  int32_t *starts = (int32_t *)(job->starts + t * job->n_steps * BL_LANES);
  int64_t last = job->n_steps - 1;
  memset(words + last * job->n_vectors * BL_LANES, 0, (size_t)job->n_vectors * sizeof(bl_vecf));
  memset(scales + last * BL_LANES, 0, sizeof(bl_vecf));
  memset(starts + last * BL_LANES, 0, sizeof(bl_veci));
  memset(sums, 0, (size_t)job->params * sizeof *sums);
  for (int64_t u = 0; u < job->n_units; u++) {
    int64_t from = int8_first_weight(job, u), step = u / UNITS, quarter = u % UNITS * 4;
    float *to = words + step * job->n_vectors * BL_LANES + quarter;
    int sum = int8_order_unit(job, codes + from, (int8_element *)to);
    float scale = block_scales[from / block];
    bl_quadf four = {scale, scale, scale, scale};
    int32_t start[4] = {-job->layout.zero * sum};
    memcpy(scales + step * BL_LANES + quarter, &four, sizeof four);
    memcpy(starts + step * BL_LANES + quarter, start, sizeof start);
    if (job->n_biases > 0) sums[from >> job->layout.bias_shift] += scale * (float)sum;
  }
}

static int8_token int8_token_at(const struct int8_job *job, int64_t t) {
  int64_t at = t * job->n_steps * BL_LANES;
  return (int8_token){.codes = (const bl_veci *)(const void *)(job->codes + t * job->n_words),
                      .scales = (const bl_vecf *)(const void *)(job->scales + at),
                      .starts = (const bl_veci *)(const void *)(job->starts + at),
                      .sums = job->sums + t * job->params};
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* What is the same for all rows. */
static void int8_start_rows(const struct int8_job *job, bool tiled, int8_rows *f) {
  f->unit_bytes = job->layout.codes.unit_bytes;
  f->mask = job->layout.codes.mask;
  f->n_units = job->n_units;
  f->n_loads = job->n_loads;
  f->n_biases = job->n_biases;
  f->group_shift = job->layout.group_shift;
  f->scales_in_place = BL_SCALES_IN_PLACE && !tiled && int8_is_q4_0(&job->layout);
}

/* Rows [first, first + BL_SET_ROWS), those past n_rows being the last one again, with their scales
 * and biases in `params`, (2, BL_SET_ROWS * job->params). */
static void int8_set_rows(const struct int8_job *job, int64_t first, float *params, int8_rows *f) {
  const bl_tensor *w = job->w;
  float *scales = params, *biases = params + BL_SET_ROWS * job->params;
  if (first >= w->n_rows) first = w->n_rows - 1;
  int64_t n_rows = w->n_rows - first < BL_SET_ROWS ? w->n_rows - first : BL_SET_ROWS;
  if (!f->scales_in_place)
    load_int8_params(&job->layout, w, first, n_rows, job->n_groups, job->n_biases, scales, biases);
  for (int r = 0; r < BL_SET_ROWS; r++) {
    int64_t row = r < n_rows ? r : n_rows - 1;
    f->codes[r] =
        w->parts[0] + (size_t)(first + row) * w->row_bytes[0] + job->layout.codes.codes_offset;
    f->scales[r] = scales + row * job->n_groups;
    f->biases[r] = biases + row * job->n_biases;
  }
}

/* Asks for the codes of the set after the next, which come from memory when the matrix is large and
 * one token goes through it. */
static void int8_prefetch(const struct int8_job *job, int64_t first) {
  enum { AHEAD = 2 * BL_SET_ROWS, LINE = 64 };
  if (first + AHEAD + BL_SET_ROWS > job->w->n_rows) return;
  size_t row_bytes = job->w->row_bytes[0];
  const uint8_t *codes = job->w->parts[0] + (size_t)(first + AHEAD) * row_bytes;
  for (size_t i = 0; i < BL_SET_ROWS * row_bytes; i += LINE) __builtin_prefetch(codes + i);
}

/* Few tokens: up to BL_SET_ROWS rows. */
static void int8_fused_set(const struct int8_job *job, int64_t first, int n_valid, float *params,
                           int8_rows *f) {
  int8_prefetch(job, first);
  int8_set_rows(job, first, params, f);
  for (int64_t t = 0; t < job->n_tokens; t++) {
    int8_token token = int8_token_at(job, t);
    float y[BL_SET_ROWS];
    int8_fused(job->layout.kind, f, &token, y);
    memcpy(job->y + t * job->w->n_rows + first, y, (size_t)n_valid * sizeof *y);
  }
}

/* Scales, then biases, of BL_SET_ROWS rows go to their lanes of the tile's. */
static void int8_interleave_params(const struct int8_job *job, const int8_rows *f, int first,
                                   float *scales, float *biases) {
  for (int r = 0; r < BL_SET_ROWS; r++) {
    for (int64_t g = 0; g < job->n_groups; g++) scales[g * BL_LANES + first + r] = f->scales[r][g];
    for (int64_t g = 0; g < job->n_biases; g++) biases[g * BL_LANES + first + r] = f->biases[r][g];
  }
}

/* Many tokens: up to BL_LANES rows. `thread` is the work space of this thread. */
static void int8_tile_set(const struct int8_job *job, int64_t first, int n_valid, float *thread,
                          float *params, int8_rows *f) {
  enum { TOKENS = 64 };
  float *rows = thread + job->n_words * BL_LANES;
  float *tile_scales = params + 2 * BL_SET_ROWS * job->params;
  float *tile_biases = tile_scales + job->n_groups * BL_LANES;
  for (int r = 0; r < BL_LANES; r += BL_SET_ROWS) {
    int8_set_rows(job, first + r, params, f);
    int8_unpack(job->layout.kind, f, job->n_words, (uint32_t *)rows);
    int8_interleave((const uint32_t *)rows, job->n_words, r, (uint32_t *)thread);
    int8_interleave_params(job, f, r, tile_scales, tile_biases);
  }
  int8_tile tile = {.codes = (const bl_vecu *)(const void *)thread,
                    .scales = (const bl_vecf *)(const void *)tile_scales,
                    .biases = (const bl_vecf *)(const void *)tile_biases,
                    .n_units = job->n_units,
                    .n_biases = job->n_biases,
                    .group_shift = job->layout.group_shift};
  for (int64_t t = 0; t < job->n_tokens; t += TOKENS) {
    int8_token tokens[TOKENS];
    int64_t n = job->n_tokens - t < TOKENS ? job->n_tokens - t : TOKENS;
    for (int64_t i = 0; i < n; i++) tokens[i] = int8_token_at(job, t + i);
    int8_tile_multiply(job->layout.kind, &tile, tokens, n, n_valid, job->w->n_rows,
                       job->y + t * job->w->n_rows + first);
  }
}

static void int8_multiply_task(void *context, int64_t task, int thread) {
  struct int8_job own = *(const struct int8_job *)context;
  const struct int8_job *job = &own;
  int i = bl_product_of_task(own.products, own.task_rows, &task);
  own.w = own.products->w[i];
  own.y = own.products->y[i];
  int64_t n_rows = job->w->n_rows, start = task * job->task_rows;
  float *work = job->threads + thread * job->thread_floats;
  float *params = work + job->n_words * (BL_LANES + BL_SET_ROWS);
  int64_t end = start + job->task_rows < n_rows ? start + job->task_rows : n_rows;
  bool tiled = job->n_tokens >= INT8_TILE_FROM_TOKENS;
  int set_rows = tiled ? BL_LANES : BL_SET_ROWS;
  int8_rows f;
  int8_start_rows(job, tiled, &f);
  for (int64_t row = start; row < end; row += set_rows) {
    int n_valid = end - row < set_rows ? (int)(end - row) : set_rows;
    if (tiled)
      int8_tile_set(job, row, n_valid, work, params, &f);
    else
      int8_fused_set(job, row, n_valid, params, &f);
  }
}

/* ---- the product ------------------------------------------------------------------------------
 */

/* In which order four lanes meet the weights of a unit. */
static void int8_set_order(struct int8_job *job) {
  int kind = job->layout.kind, i = 0;
  job->in_order = true;
  for (int place = 0; kind_is_k(kind) && place < 16; place++)
    job->first_weight[place] = (uint8_t)k_first_weight(kind, place);
  for (int v = 0; v < job->n_vectors; v++) {
    for (int l = 0; l < 4; l++) {
      for (int e = 0; e < DOT_CODES; e++, i++) {
        /* The bytes of a K format are the first four of a lane's eight. */
        enum packing packing = kind_is_k(kind) ? PACKED_8 : (enum packing)kind;
        enum order order = kind_is_k(kind) ? ORDER_BYTES : job->layout.codes.order;
        job->order[i] = (uint8_t)weight_of_code(order, l, code_in_vector(packing, v, e));
        job->in_order = job->in_order && job->order[i] == i;
      }
    }
  }
}

static bool lanes_matmul_int8(bl_pool *pool, const bl_products *products,
                              const bl_quantizer *quantizer, const float *x, int64_t n_tokens,
                              void *work) {
  const bl_tensor *w = products->w[0];
  struct int8_job job = {.products = products,
                         .task_rows = bl_task_rows(products, pool),
                         .w = w,
                         .quantizer = quantizer,
                         .x = x,
                         .n_tokens = n_tokens};
  if (!int8_layout_of(w, &job.layout)) return false;
  int kind = job.layout.kind;
  /* Floats are faster then. */
  if (DOT_IS_NARROW && kind_is_wide(kind) && n_tokens >= INT8_TILE_FROM_TOKENS) return false;
  job.n_vectors = kind_vectors(kind);
  job.unit_weights = kind_is_k(kind) ? 16 : 32;
  job.n_units = w->n_cols / job.unit_weights;
  job.n_steps = (job.n_units + UNITS - 1) / UNITS;
  job.n_loads = job.n_steps / kind_steps(kind);
  job.n_groups = ((job.n_units - 1) >> job.layout.group_shift) + 1;
  job.n_biases = job.layout.has_bias ? w->n_cols >> job.layout.bias_shift : 0;
  job.params = bl_padded(job.n_groups);
  job.n_words = job.n_steps * job.n_vectors * BL_LANES;
  job.thread_floats = bl_int8_thread_floats(w->n_cols);
  int8_set_order(&job);
  job.codes = work;
  job.scales = job.codes + n_tokens * job.n_words;
  job.starts = job.scales + n_tokens * job.n_steps * BL_LANES;
  job.sums = job.starts + n_tokens * job.n_steps * BL_LANES;
  job.threads = job.sums + n_tokens * job.params;
  bl_pool_run(pool, int8_prepare_token, &job, n_tokens);
  bl_pool_run(pool, int8_multiply_task, &job, bl_n_tasks(products, job.task_rows));
  return true;
}

#endif
