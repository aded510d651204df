/* Finding weights that are not finite: in rows of floats, and in a tensor as it is stored, where
 * for most formats the scales alone tell; and those that a format can't hold. */
#include "quant/finite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/pool.h"

enum { ROWS = 1024 }; /* that are read between two sums */

void bl_flaw_add(bl_flaw *flaw, const bl_flaw *more) {
  int64_t n = flaw->n + more->n;
  if (flaw->n == 0 || (more->n > 0 && more->row < flaw->row)) *flaw = *more;
  flaw->n = n;
}

/* Are a row's weights all below `limit`, which is finite? As bits, without their sign, floats are
 * ordered as whole numbers are: the sum reaches 2^31 where the magnitude reaches `limit`. */
static bool is_small(const float *weights, int64_t n, float limit) {
  const uint32_t to_top = 0x80000000u - bl_f32_bits(limit);
  uint32_t any = 0;
  for (int64_t i = 0; i < n; i++) any |= (bl_f32_bits(weights[i]) & 0x7fffffffu) + to_top;
  return !(any >> 31);
}

bool bl_has_extremes(const float *weights, int64_t n) {
  return !is_small(weights, n, 2048);
}

bl_flaw bl_find_not_finite(const float *weights, int64_t n, int64_t row) {
  bl_flaw flaw = {.row = row};
  for (int64_t i = 0; i < n; i++) {
    if (isfinite(weights[i])) continue;
    if (flaw.n++ > 0) continue;
    flaw.col = i;
    flaw.value = weights[i];
  }
  return flaw;
}

bl_flaw bl_find_lost(const bl_format *format, const float *weights, const float *converted,
                     int64_t n, int64_t row) {
  bl_flaw flaw = {.row = row};
  const float end = format->codec->largest > 0 ? format->codec->largest : INFINITY;
  for (int64_t i = 0; i < n; i++) {
    flaw.n += !isfinite(converted[i]) || fabsf(weights[i]) > end;
    if (fabsf(weights[i]) <= fabsf(flaw.value)) continue;
    flaw.col = i;
    flaw.value = weights[i];
  }
  return flaw;
}

/* ---- groups that are too small -------------------------------------------------------------- */

/* Of plain numbers, which share nothing: one that vanishes beside others that don't is rounded, as
 * any small one is. */
enum { PLAIN_GROUP = 32 };

static int64_t group_of(const bl_format *format, int64_t n_cols) {
  const int64_t group = bl_format_dtype(format) != BL_DTYPE_NONE
                            ? PLAIN_GROUP
                            : bl_format_scale_group(format, n_cols);
  return group < n_cols ? group : n_cols;
}

float bl_smallest_kept(const bl_format *format, bl_dtype cast) {
  float smallest = format->codec->smallest;
  /* A line of up to 255 steps, each a number in f16. */
  if (format->codec->floats_after_codes && format->param_dtype == BL_F16)
    smallest = 255 * BL_F16_COARSE;
  return cast == BL_F16 && smallest < BL_F16_COARSE ? BL_F16_COARSE : smallest;
}

bool bl_has_small_groups(const bl_format *format, const float *weights, int64_t n, float smallest) {
  const int64_t group = group_of(format, n);
  for (int64_t i = 0; smallest > 0 && i < n; i += group)
    if (is_small(weights + i, n - i < group ? n - i : group, smallest)) return true;
  return false;
}

/* Is the error of a group, as a root mean square, half of its weights' or more? */
static bool is_lost(const float *weights, const float *converted, int64_t n) {
  double sum = 0, sum_errors = 0;
  for (int64_t i = 0; i < n; i++) {
    const double w = (double)weights[i], error = (double)converted[i] - w;
    sum += w * w;
    sum_errors += error * error;
  }
  return sum > 0 && sum_errors >= sum / 4 && isfinite(sum_errors);
}

bl_flaw bl_find_vanished(const bl_format *format, const float *weights, const float *converted,
                         int64_t n, int64_t row, float smallest) {
  const int64_t group = group_of(format, n);
  bl_flaw flaw = {.row = row};
  for (int64_t first = 0; first < n; first += group) {
    const int64_t end = first + group < n ? first + group : n;
    if (!is_small(weights + first, end - first, smallest) ||
        !is_lost(weights + first, converted + first, end - first))
      continue;
    for (int64_t i = first; i < end; i++) {
      if (weights[i] == 0 || fabsf(converted[i] - weights[i]) < fabsf(weights[i]) / 2) continue;
      if (flaw.n++ > 0) continue;
      flaw.col = i;
      flaw.value = weights[i];
    }
  }
  return flaw;
}

/* ---- as stored ------------------------------------------------------------------------------ */

/* Is one of n numbers of 16 bits, without its sign, at least `limit`? */
static bool reaches_16(const uint8_t *bytes, int64_t n, int16_t limit) {
  int16_t most = 0; /* signed: SSE2 compares no others */
  for (int64_t i = 0; i < n; i++) {
    int16_t h;
    memcpy(&h, bytes + 2 * i, 2);
    h &= 0x7fff;
    most = h > most ? h : most;
  }
  return most >= limit;
}

static bool reaches_32(const uint8_t *bytes, int64_t n, int32_t limit) {
  int32_t most = 0;
  for (int64_t i = 0; i < n; i++) {
    int32_t u;
    memcpy(&u, bytes + 4 * i, 4);
    u &= 0x7fffffff;
    most = u > most ? u : most;
  }
  return most >= limit;
}

/* Is one of n numbers of this type not finite, or, where they are `scales`, so large that a code
 * times it could be? */
static bool is_suspect(bl_dtype dtype, const uint8_t *bytes, int64_t n, bool scales) {
  if (dtype == BL_F32) return reaches_32(bytes, n, scales ? 0x71800000 : 0x7f800000);
  return reaches_16(bytes, n, dtype == BL_F16 ? 0x7c00 : scales ? 0x7180 : 0x7f80);
}

bool bl_row_may_not_be_finite(const bl_tensor *t, int64_t row) {
  const bl_codec *codec = t->format.codec;
  const bl_dtype dtype = bl_format_dtype(&t->format), scales = t->format.param_dtype;
  const uint8_t *bytes = t->parts[0] + (size_t)row * t->row_bytes[0];
  if (dtype != BL_DTYPE_NONE) return is_suspect(dtype, bytes, t->n_cols, false);
  if (codec->n_f16 > 0) {
    for (int64_t g = 0; g < t->n_cols / t->format.group; g++, bytes += codec->block_bytes)
      for (int i = 0; i < codec->n_f16; i++)
        if (reaches_16(bytes + codec->f16_at[i], 1, 0x7c00)) return true;
    return false;
  }
  if (!codec->floats_after_codes) return true;
  for (int p = 1; p < codec->n_parts; p++) {
    const int64_t n = (int64_t)(t->row_bytes[p] / bl_dtype_size(scales));
    if (is_suspect(scales, t->parts[p] + (size_t)row * t->row_bytes[p], n, true)) return true;
  }
  return false;
}

typedef struct scan {
  const bl_tensor *tensor;
  float *rows;    /* one for each thread */
  bl_flaw *flaws; /* (ROWS) */
  int64_t first;
} scan;

static void scan_row(void *context, int64_t i, int thread) {
  const scan *s = context;
  const int64_t row = s->first + i, n = s->tensor->n_cols;
  float *weights = s->rows + n * thread;
  s->flaws[i] = (bl_flaw){0};
  if (!bl_row_may_not_be_finite(s->tensor, row)) return;
  bl_tensor_decode_row(s->tensor, row, weights);
  s->flaws[i] = bl_find_not_finite(weights, n, row);
}

bl_code bl_tensor_find_not_finite(const bl_tensor *tensor, bl_pool *pool, bl_flaw *found,
                                  bl_error *error) {
  const size_t n_bytes = (size_t)tensor->n_cols * (size_t)bl_pool_threads(pool) * sizeof(float);
  scan s = {.tensor = tensor, .rows = malloc(n_bytes), .flaws = malloc(ROWS * sizeof *s.flaws)};
  bl_code code = s.rows && s.flaws ? BL_OK : bl_fail_memory(error, n_bytes);
  for (; code == BL_OK && s.first < tensor->n_rows; s.first += ROWS) {
    const int64_t left = tensor->n_rows - s.first, n = left < ROWS ? left : ROWS;
    bl_pool_run(pool, scan_row, &s, n);
    for (int64_t i = 0; i < n; i++) bl_flaw_add(found, &s.flaws[i]);
  }
  free(s.rows);
  free(s.flaws);
  return code;
}
