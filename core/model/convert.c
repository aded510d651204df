#include "model/convert.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/number.h"

bool bl_weight_allocate(bl_weight *weight) {
  bl_tensor *tensor = &weight->tensor;
  for (int p = 0; p < tensor->format.codec->n_parts; p++) {
    weight->owned[p] = bl_aligned_alloc(tensor->row_bytes[p] * (size_t)tensor->n_rows);
    if (!weight->owned[p]) {
      bl_weight_release(weight);
      return false;
    }
    tensor->parts[p] = weight->owned[p];
  }
  return true;
}

void bl_weight_release(bl_weight *weight) {
  for (int p = 0; p < BL_MAX_PARTS; p++) {
    bl_aligned_free(weight->owned[p]);
    weight->owned[p] = NULL;
    weight->tensor.parts[p] = NULL;
  }
}

int64_t bl_unpermuted_row(int64_t row, int64_t rows_per_head) {
  int64_t head = row / rows_per_head, i = row % rows_per_head;
  return head * rows_per_head + i % 2 * (rows_per_head / 2) + i / 2;
}

/* Is the tensor kept exactly as it was read? */
static bool is_copy(const bl_conversion *c) {
  const bl_format *from = &c->source.format, *to = &c->weight->tensor.format;
  return from->codec == to->codec && from->bits == to->bits && from->group == to->group &&
         from->param_dtype == to->param_dtype;
}

bl_code bl_conversion_begin(bl_conversion *c, bl_error *error) {
  uint64_t n_bytes = bl_format_bytes(&c->weight->tensor.format, c->weight->tensor.n_rows,
                                     c->weight->tensor.n_cols);
  if (n_bytes > SIZE_MAX / 2 || !bl_weight_allocate(c->weight))
    return bl_fail_memory(error, n_bytes);
  if (is_copy(c)) return BL_OK;
  size_t n_scratch = 2 * (size_t)c->source.n_cols * (size_t)bl_pool_threads(c->pool);
  c->scratch = malloc(n_scratch * sizeof *c->scratch);
  c->row_sums = malloc(BL_CONVERT_BATCH * sizeof *c->row_sums);
  if (!c->scratch || !c->row_sums) return bl_fail_memory(error, n_scratch * sizeof *c->scratch);
  return BL_OK;
}

void bl_conversion_end(bl_conversion *c) {
  free(c->scratch);
  free(c->row_sums);
  c->scratch = NULL;
  c->row_sums = NULL;
}

typedef struct batch {
  bl_conversion *c;
  int64_t first_row;
  const uint8_t *parts[BL_MAX_PARTS]; /* at first_row */
} batch;

static int64_t target_row(const bl_conversion *c, int64_t row) {
  return c->rows_per_head > 0 ? bl_unpermuted_row(row, c->rows_per_head) : row;
}

static void convert_row(void *context, int64_t i, int thread) {
  const batch *b = context;
  bl_conversion *c = b->c;
  int64_t n_cols = c->source.n_cols;
  float *original = c->scratch + 2 * n_cols * thread;
  float *converted = original + n_cols;

  const uint8_t *row_parts[BL_MAX_PARTS];
  for (int p = 0; p < c->source.format.codec->n_parts; p++)
    row_parts[p] = b->parts[p] + (size_t)i * c->source.row_bytes[p];
  c->source.format.codec->decode_row(&c->source.format, row_parts, n_cols, original);
  bool measure = c->measure && c->weight->converted;
  const float *values = original;
  if (c->cast != BL_DTYPE_NONE) {
    memcpy(converted, original, (size_t)n_cols * sizeof *converted);
    bl_round_to(c->cast, converted, n_cols);
    values = converted;
  }
  int64_t row = target_row(c, b->first_row + i);
  bl_tensor_encode_row(&c->weight->tensor, c->weight->owned, row, values);

  bl_error_sums *sums = &c->row_sums[i];
  *sums = (bl_error_sums){0};
  if (!measure) return;
  bl_tensor_decode_row(&c->weight->tensor, row, converted);
  bl_error_sums_row(sums, original, converted, n_cols);
}

void bl_conversion_rows(bl_conversion *c, int64_t first_row, int64_t n_rows,
                        const uint8_t *const *parts) {
  if (is_copy(c)) {
    for (int p = 0; p < c->source.format.codec->n_parts; p++) {
      size_t row_bytes = c->source.row_bytes[p];
      for (int64_t i = 0; i < n_rows; i++)
        memcpy(c->weight->owned[p] + (size_t)target_row(c, first_row + i) * row_bytes,
               parts[p] + (size_t)i * row_bytes, row_bytes);
    }
    return;
  }
  for (int64_t done = 0; done < n_rows; done += BL_CONVERT_BATCH) {
    int64_t n = n_rows - done < BL_CONVERT_BATCH ? n_rows - done : BL_CONVERT_BATCH;
    batch b = {.c = c, .first_row = first_row + done};
    for (int p = 0; p < c->source.format.codec->n_parts; p++)
      b.parts[p] = parts[p] + (size_t)done * c->source.row_bytes[p];
    bl_pool_run(c->pool, convert_row, &b, n);
    /* Rows are added in order, so the sums do not depend on the number of threads. */
    for (int64_t i = 0; i < n; i++) bl_error_sums_add(&c->weight->error, &c->row_sums[i]);
  }
}
