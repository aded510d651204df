/* The rows of one tensor, from the form in the file to the form that the model keeps. */
#include "model/convert.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/checked.h"
#include "base/error.h"
#include "base/number.h"
#include "model/convert_fit.h"

bool bl_weight_allocate(bl_weight *weight) {
  bl_tensor *tensor = &weight->tensor;
  for (int p = 0; p < tensor->format.codec->n_parts; p++) {
    weight->owned[p] = bl_aligned_alloc(bl_tensor_part_bytes(tensor, p));
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
  return c->less == 0 && bl_format_same(&c->source.format, &c->weight->tensor.format);
}

/* The tensor with its elements one to a row. */
static bl_tensor column_of(const bl_tensor *vector) {
  bl_tensor column = bl_tensor_make(vector->format, vector->n_cols, 1);
  column.parts[0] = vector->parts[0];
  return column;
}

bl_conversion bl_conversion_make(bl_weight *weight, const bl_tensor *source, bl_format target,
                                 int64_t rows_per_head, const bl_load_options *options) {
  bl_conversion c = {
      .weight = weight,
      .source = *source,
      .cast = source->format.codec->n_parts == 1 ? options->cast : BL_DTYPE_NONE,
      .measure = options->measure,
      .rows_per_head = rows_per_head,
      .as_column = rows_per_head > 0 && source->n_rows == 1,
      .pool = options->pool,
  };
  c.smallest = bl_smallest_kept(&target, c.cast);
  if (!options->codes) bl_conversion_set_methods(&c, &target, options);
  if (c.as_column) c.source = column_of(source);
  weight->tensor = bl_tensor_make(target, c.source.n_rows, c.source.n_cols);
  return c;
}

bl_code bl_conversion_begin(bl_conversion *c, bl_error *error) {
  uint64_t n_bytes = bl_format_bytes(&c->weight->tensor.format, c->weight->tensor.n_rows,
                                     c->weight->tensor.n_cols);
  if (n_bytes > SIZE_MAX / 2 || !bl_weight_allocate(c->weight))
    return bl_fail_memory(error, n_bytes);
  if (is_copy(c)) return BL_OK;
  size_t n_scratch = 2 * (size_t)c->source.n_cols * (size_t)bl_pool_threads(c->pool);
  if (c->methods) {
    n_scratch *= BL_FIT_ROWS;
    bl_code code = bl_conversion_begin_fitting(c, error);
    if (code != BL_OK) return code;
  }
  c->scratch = malloc(n_scratch * sizeof *c->scratch);
  c->checks = malloc(BL_CONVERT_BATCH * sizeof *c->checks);
  if (!c->scratch || !c->checks) return bl_fail_memory(error, n_scratch * sizeof *c->scratch);
  if (!c->weight->tensor.format.codec->encode_tensor) return BL_OK;
  uint64_t n_weights;
  bool fits = bl_mul_u64((uint64_t)c->source.n_rows, (uint64_t)c->source.n_cols, &n_weights) &&
              n_weights <= SIZE_MAX / sizeof *c->originals;
  size_t n_bytes_whole = fits ? (size_t)n_weights * sizeof *c->originals : 0;
  c->originals = fits ? malloc(n_bytes_whole) : NULL;
  if (c->cast != BL_DTYPE_NONE && c->originals) c->rounded = malloc(n_bytes_whole);
  bool ok = c->originals && (c->rounded || c->cast == BL_DTYPE_NONE);
  return ok ? BL_OK : bl_fail_memory(error, n_weights * sizeof *c->originals);
}

static void turn_flaw(bl_flaw *flaw) {
  flaw->col = flaw->row;
  flaw->row = 0;
}

void bl_conversion_end(bl_conversion *c) {
  if (c->as_column) { /* a vector again */
    turn_flaw(&c->weight->not_finite);
    turn_flaw(&c->weight->lost);
    turn_flaw(&c->weight->vanished);
    bl_tensor *tensor = &c->weight->tensor;
    bl_tensor vector = bl_tensor_make(tensor->format, 1, tensor->n_rows);
    vector.parts[0] = tensor->parts[0];
    *tensor = vector;
    c->as_column = false;
  }
  if (c->methods) bl_conversion_end_fitting(c);
  free(c->scratch);
  free(c->checks);
  free(c->originals);
  free(c->rounded);
  c->originals = NULL;
  c->rounded = NULL;
  c->scratch = NULL;
  c->checks = NULL;
}

/* ---- scales --------------------------------------------------------------------------------- */

/* n numbers at `from` in another type; allocated with bl_aligned_alloc. */
static uint8_t *cast_numbers(bl_dtype dtype, bl_dtype old_dtype, const uint8_t *from, size_t n) {
  const size_t size = bl_dtype_size(dtype), old_size = bl_dtype_size(old_dtype);
  uint8_t *to = bl_aligned_alloc(n * size);
  for (size_t i = 0; to && i < n; i++) {
    float number;
    bl_to_f32(old_dtype, from + i * old_size, 1, &number);
    bl_from_f32(dtype, &number, 1, to + i * size);
  }
  return to;
}

/* What casting its scales did to a tensor: weights that became infinite or vanish, beside those
 * that were not finite before, and the error where it is to be measured. */
static bl_code check_cast(bl_weight *weight, const bl_tensor *old, bool measure, bl_error *error) {
  const bl_format *format = &weight->tensor.format;
  const float smallest = bl_smallest_kept(format, BL_DTYPE_NONE);
  const int64_t n = old->n_cols;
  float *rows = malloc(2 * (size_t)n * sizeof *rows);
  if (!rows) return bl_fail_memory(error, 2 * (uint64_t)n * sizeof *rows);
  weight->not_finite = (bl_flaw){0};
  for (int64_t row = 0; row < old->n_rows; row++) {
    bl_error_sums sums = {0};
    bl_tensor_decode_row(old, row, rows);
    bl_tensor_decode_row(&weight->tensor, row, rows + n);
    const bl_flaw not_finite = bl_find_not_finite(rows, n, row);
    const bl_flaw lost = bl_find_lost(format, rows, rows + n, n, row);
    const bl_flaw vanished = bl_find_vanished(format, rows, rows + n, n, row, smallest);
    if (not_finite.n) bl_flaw_add(&weight->not_finite, &not_finite);
    if (lost.n && !not_finite.n) bl_flaw_add(&weight->lost, &lost);
    if (vanished.n) bl_flaw_add(&weight->vanished, &vanished);
    if (!measure) continue;
    bl_error_sums_row(&sums, rows, rows + n, n);
    bl_error_sums_add(&weight->error, &sums);
  }
  free(rows);
  return BL_OK;
}

bl_code bl_weight_cast_scales(bl_weight *weight, bl_dtype dtype, bool measure, bl_error *error) {
  const bl_tensor old = weight->tensor;
  const bl_codec *codec = old.format.codec;
  const bl_dtype old_dtype = old.format.param_dtype;
  if (dtype == BL_DTYPE_NONE || dtype == old_dtype || !codec->decode_row_rounded) return BL_OK;
  bl_format format = old.format;
  format.param_dtype = dtype;
  weight->tensor = bl_tensor_make(format, old.n_rows, old.n_cols);
  weight->tensor.parts[0] = old.parts[0];
  uint8_t *cast[BL_MAX_PARTS] = {NULL};
  bl_code code = BL_OK;
  for (int p = 1; code == BL_OK && p < codec->n_parts; p++) {
    size_t size = bl_tensor_part_bytes(&old, p);
    cast[p] = cast_numbers(dtype, old_dtype, old.parts[p], size / bl_dtype_size(old_dtype));
    if (!cast[p]) code = bl_fail_memory(error, size);
    weight->tensor.parts[p] = cast[p];
  }
  weight->converted = true;
  if (code == BL_OK) code = check_cast(weight, &old, measure, error);
  for (int p = 1; p < codec->n_parts; p++) {
    bl_aligned_free(weight->owned[p]);
    weight->owned[p] = cast[p];
  }
  return code;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* A sum of products modulo 2^64 with odd numbers. */
uint64_t bl_row_hash(const float *weights, int64_t n) {
  uint64_t hash = 0, factor = 1;
  for (int64_t i = 0; i < n; i++, factor += 0x9e3779b97f4a7c16u)
    hash += (bl_f32_bits(weights[i]) + 1ull) * factor;
  return hash ^ hash >> 29;
}

static bool measures(const bl_conversion *c) {
  return c->measure && c->weight->converted;
}

void bl_conversion_check_row(const bl_conversion *c, int64_t row, const float *original,
                             float *converted, bl_row_check *check) {
  const bl_tensor *target = &c->weight->tensor;
  const bool may_lose = check->has_extremes && !check->not_finite.n;
  if (!may_lose && !check->has_small && !measures(c)) return;
  bl_tensor_decode_row(target, row, converted);
  if (may_lose) {
    bl_flaw lost = bl_find_lost(&target->format, original, converted, target->n_cols, row);
    if (lost.n) check->lost = lost;
  }
  if (check->has_small)
    check->vanished =
        bl_find_vanished(&target->format, original, converted, target->n_cols, row, c->smallest);
  if (measures(c)) bl_error_sums_row(&check->sums, original, converted, target->n_cols);
}

void bl_conversion_read_row(const bl_batch *b, int64_t i, int64_t row, float *original) {
  bl_conversion *c = b->c;
  const int64_t n_cols = c->source.n_cols;
  bl_row_check *check = &c->checks[i];
  *check = (bl_row_check){0};
  bl_tensor_decode_row(b->source, b->whole ? row : b->first + i, original);
  for (int64_t j = 0; c->less != 0 && j < n_cols; j++) original[j] -= c->less;
  check->has_extremes = bl_has_extremes(original, n_cols);
  check->has_small = bl_has_small_groups(&c->weight->tensor.format, original, n_cols, c->smallest);
  if (check->has_extremes) check->not_finite = bl_find_not_finite(original, n_cols, row);
  if (c->hashes) check->hash = bl_row_hash(original, n_cols);
}

static void convert_row(void *context, int64_t i, int thread) {
  const bl_batch *b = context;
  bl_conversion *c = b->c;
  int64_t n_cols = c->source.n_cols, row = bl_conversion_target_row(c, b->first_row + i);
  float *original = c->originals ? c->originals + row * n_cols : c->scratch + 2 * n_cols * thread;
  float *converted = c->scratch + (2 * thread + 1) * n_cols;
  bl_conversion_read_row(b, i, row, original);
  if (c->originals) return;
  bl_dtype plain = bl_format_dtype(&c->weight->tensor.format);
  if (plain != BL_DTYPE_NONE && b->source->format.codec->decode_row_rounded)
    bl_tensor_decode_row_as(b->source, plain, b->whole ? row : b->first + i, converted);
  else
    memcpy(converted, original, (size_t)n_cols * sizeof *converted);
  if (c->cast != BL_DTYPE_NONE) bl_round_to(c->cast, converted, n_cols);
  if (!c->has_codes) bl_tensor_encode_row(&c->weight->tensor, c->weight->owned, row, converted);
  bl_conversion_check_row(c, row, original, converted, &c->checks[i]);
}

/* Row i of a tensor that was encoded as a whole. */
static void check_encoded_row(void *context, int64_t i, int thread) {
  const bl_batch *b = context;
  bl_conversion *c = b->c;
  int64_t n_cols = c->source.n_cols, row = b->first_row + i;
  const float *original = c->originals + row * n_cols;
  c->checks[i] = (bl_row_check){0};
  c->checks[i].has_extremes = !c->weight->not_finite.n && bl_has_extremes(original, n_cols);
  c->checks[i].has_small =
      bl_has_small_groups(&c->weight->tensor.format, original, n_cols, c->smallest);
  bl_conversion_check_row(c, row, original, c->scratch + 2 * n_cols * thread, &c->checks[i]);
}

/* Rows are added in order, so that the sums do not depend on the number of threads. */
static void add_checks(bl_conversion *c, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const bl_row_check *check = &c->checks[i];
    bl_error_sums_add(&c->weight->error, &check->sums);
    if (check->not_finite.n) bl_flaw_add(&c->weight->not_finite, &check->not_finite);
    if (check->lost.n) bl_flaw_add(&c->weight->lost, &check->lost);
    if (check->vanished.n) bl_flaw_add(&c->weight->vanished, &check->vanished);
    c->has_extremes |= check->has_extremes;
    c->has_small |= check->has_small;
  }
}

/* All rows have come, of a tensor whose rows share something. */
static void encode_whole(bl_conversion *c) {
  const bl_tensor *target = &c->weight->tensor;
  size_t n = (size_t)c->source.n_rows * (size_t)c->source.n_cols;
  if (c->rounded) {
    memcpy(c->rounded, c->originals, n * sizeof *c->rounded);
    bl_round_to(c->cast, c->rounded, (int64_t)n);
  }
  if (!c->has_codes)
    target->format.codec->encode_tensor(&target->format, c->rounded ? c->rounded : c->originals,
                                        target->n_rows, target->n_cols, c->weight->owned);
  const bool may_lose = c->has_extremes && !c->weight->not_finite.n;
  if (!may_lose && !c->has_small && !measures(c)) return;
  for (int64_t done = 0; done < target->n_rows; done += BL_CONVERT_BATCH) {
    int64_t left = target->n_rows - done,
            n_rows = left < BL_CONVERT_BATCH ? left : BL_CONVERT_BATCH;
    bl_batch b = {.c = c, .first_row = done};
    bl_pool_run(c->pool, check_encoded_row, &b, n_rows);
    add_checks(c, n_rows);
  }
}

/* While a row is in the nearest cache it is looked at. */
static void copy_rows(bl_conversion *c, int64_t first_row, int64_t n_rows,
                      const uint8_t *const *parts) {
  const bl_tensor *target = &c->weight->tensor;
  for (int64_t i = 0; i < n_rows; i++) {
    const int64_t row = bl_conversion_target_row(c, first_row + i);
    for (int p = 0; p < c->source.format.codec->n_parts; p++) {
      size_t row_bytes = c->source.row_bytes[p];
      memcpy(c->weight->owned[p] + (size_t)row * row_bytes, parts[p] + (size_t)i * row_bytes,
             row_bytes);
    }
    if (!bl_row_may_not_be_finite(target, row)) c->weight->n_sound += target->n_cols;
  }
}

/* Converts rows in batches, beginning with the batch's, and a tensor whose rows share something
 * once its last row has come. */
static void convert_rows(bl_batch b, int64_t n_rows) {
  bl_conversion *c = b.c;
  const int64_t end = b.first_row + n_rows;
  while (b.first_row < end) {
    int64_t left = end - b.first_row, n = left < BL_CONVERT_BATCH ? left : BL_CONVERT_BATCH;
    b.n = n;
    if (c->methods)
      bl_conversion_fit_rows(&b);
    else
      bl_pool_run(c->pool, convert_row, &b, n);
    for (int64_t i = 0; c->hashes && i < n; i++)
      c->weight->hash = bl_hash_add(c->weight->hash, c->checks[i].hash);
    add_checks(c, n);
    b.first += n;
    b.first_row += n;
  }
  if (c->originals && end == c->source.n_rows) encode_whole(c);
}

void bl_conversion_rows(bl_conversion *c, int64_t first_row, int64_t n_rows,
                        const uint8_t *const *parts) {
  if (is_copy(c)) {
    copy_rows(c, first_row, n_rows, parts);
    return;
  }
  bl_tensor source = c->source;
  memcpy(source.parts, parts, (size_t)source.format.codec->n_parts * sizeof *parts);
  convert_rows((bl_batch){.c = c, .source = &source, .first_row = first_row}, n_rows);
}

void bl_conversion_rows_of(bl_conversion *c, const bl_tensor *whole, int64_t first_row,
                           int64_t n_rows) {
  const bl_tensor source = c->as_column ? column_of(whole) : *whole;
  convert_rows((bl_batch){.c = c, .source = &source, .whole = true, .first_row = first_row},
               n_rows);
}
