/* One tensor in detail: where its weights lie, and what became of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/model.h"

/* What the finite originals are like. Sums are of differences from the first one, so that weights
 * that are all the same have no spread, not even from rounding. */
typedef struct spread {
  int64_t n;
  float low, high;
  double first, sum, sum_sq;
} spread;

/* What one row needs. */
typedef struct scratch {
  float *original, *converted; /* (n_cols) */
  uint8_t *codes;              /* (n_cols) */
} scratch;

int64_t bl_weight_group(const bl_model *model, int tensor) {
  const bl_tensor *t = &model->weights[tensor].tensor;
  return bl_format_scale_group(&t->format, t->n_cols);
}

/* ---- the originals --------------------------------------------------------------------------- */

static void spread_add(spread *s, const float *weights, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    float w = weights[i];
    if (!isfinite(w)) continue;
    if (s->n == 0) *s = (spread){.low = w, .high = w, .first = w};
    double x = w - s->first;
    s->sum += x;
    s->sum_sq += x * x;
    s->low = w < s->low ? w : s->low;
    s->high = w > s->high ? w : s->high;
    s->n++;
  }
}

/* The weights between these two are no outliers. */
static void find_limits(const spread *s, double *lowest, double *highest) {
  if (s->n == 0) {
    *lowest = *highest = 0;
    return;
  }
  double n = (double)s->n, mean = s->sum / n, variance = s->sum_sq / n - mean * mean;
  double reach = 4 * sqrt(fmax(variance, 0));
  *lowest = s->first + mean - reach;
  *highest = s->first + mean + reach;
}

static int64_t count_outside(const float *weights, int64_t n, double lowest, double highest) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) count += weights[i] < lowest || weights[i] > highest;
  return count;
}

/* ---- histograms ------------------------------------------------------------------------------ */

/* The ends are compared first: what lies between them is finite, and in [0, 1] after the division.
 */
static int find_bin(float w, float low, float high) {
  if (w <= low) return 0;
  if (w >= high) return BL_HISTOGRAM_BINS - 1;
  double share = ((double)w - low) / ((double)high - low);
  int bin = (int)(share * BL_HISTOGRAM_BINS);
  return bin < BL_HISTOGRAM_BINS ? bin : BL_HISTOGRAM_BINS - 1; /* low far away, w next to high */
}

static void count_bins(const float *weights, int64_t n, float low, float high, int64_t *bins) {
  for (int64_t i = 0; i < n; i++)
    if (!isnan(weights[i])) bins[find_bin(weights[i], low, high)]++;
}

static void count_codes(const bl_tensor *tensor, int64_t row, uint8_t *codes,
                        bl_weight_detail *detail) {
  if (!tensor->format.codec->unpack_codes) return;
  detail->n_codes = 1 << tensor->format.bits;
  bl_tensor_row_codes(tensor, row, codes);
  for (int64_t i = 0; i < tensor->n_cols; i++) detail->codes[codes[i]]++;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* The RMSE of each group of a row of n_groups. */
static void measure_groups(const float *original, const float *converted, int64_t group,
                           int64_t n_groups, float *rmse) {
  for (int64_t g = 0; g < n_groups; g++, original += group, converted += group) {
    double sum = 0;
    for (int64_t i = 0; i < group; i++) {
      double e = (double)converted[i] - original[i];
      sum += e * e;
    }
    rmse[g] = (float)sqrt(sum / (double)group);
  }
}

/* Originals are decoded twice, once for their range and once for all else: keeping them would take
 * four bytes for each weight of the tensor. */
static void measure(const bl_tensor *reference, const bl_tensor *variant, const scratch *s,
                    bl_weight_detail *detail, bl_weight_error *rows, float *groups) {
  int64_t n_rows = variant->n_rows, n_cols = variant->n_cols, n_outliers = 0;
  int64_t group = bl_format_scale_group(&variant->format, n_cols), n_groups = n_cols / group;
  spread originals = {0};
  for (int64_t r = 0; r < n_rows; r++) {
    bl_tensor_decode_row(reference, r, s->original);
    spread_add(&originals, s->original, n_cols);
  }
  *detail = (bl_weight_detail){.low = originals.low, .high = originals.high};
  double lowest, highest;
  find_limits(&originals, &lowest, &highest);

  bl_error_sums sums = {0};
  for (int64_t r = 0; r < n_rows; r++) {
    bl_tensor_decode_row(reference, r, s->original);
    bl_tensor_decode_row(variant, r, s->converted);
    n_outliers += count_outside(s->original, n_cols, lowest, highest);
    count_bins(s->original, n_cols, detail->low, detail->high, detail->originals);
    count_bins(s->converted, n_cols, detail->low, detail->high, detail->converted);
    count_codes(variant, r, s->codes, detail);
    bl_error_sums row = {0};
    bl_error_sums_row(&row, s->original, s->converted, n_cols);
    bl_error_sums_add(&sums, &row);
    if (rows) rows[r] = bl_error_sums_result(&row);
    if (groups) measure_groups(s->original, s->converted, group, n_groups, groups + r * n_groups);
  }
  detail->error = bl_error_sums_result(&sums);
  if (sums.n > 0) detail->outliers = (double)n_outliers / (double)sums.n;
}

/* ---- the public function --------------------------------------------------------------------- */

static bl_code check_tensors(const bl_model *reference, const bl_model *variant, int tensor,
                             bl_error *error) {
  bl_tensor_info a, b;
  bl_code code = bl_model_get_tensor(reference, tensor, &a, error);
  if (code == BL_OK) code = bl_model_get_tensor(variant, tensor, &b, error);
  if (code != BL_OK) return code;
  if (strcmp(a.name, b.name) == 0 && a.n_rows == b.n_rows && a.n_cols == b.n_cols) return BL_OK;
  return bl_fail(error, BL_ERR_ARGUMENT,
                 "tensor %d is %.96s (%lld, %lld) in one model and %.96s (%lld, %lld) in the "
                 "other: expected two versions of one model",
                 tensor, a.name, (long long)a.n_rows, (long long)a.n_cols, b.name,
                 (long long)b.n_rows, (long long)b.n_cols);
}

bl_code bl_weight_detail_get(const bl_model *reference, const bl_model *variant, int tensor,
                             bl_weight_detail *detail, bl_weight_error *rows, float *groups,
                             bl_error *error) {
  bl_code code = check_tensors(reference, variant, tensor, error);
  if (code != BL_OK) return code;
  const bl_tensor *original = &reference->weights[tensor].tensor;
  const bl_tensor *converted = &variant->weights[tensor].tensor;
  size_t n_cols = (size_t)converted->n_cols;
  scratch s = {
      .original = malloc(n_cols * sizeof *s.original),
      .converted = malloc(n_cols * sizeof *s.converted),
      .codes = malloc(n_cols),
  };
  if (s.original && s.converted && s.codes)
    measure(original, converted, &s, detail, rows, groups);
  else
    code = bl_fail_memory(error, n_cols * sizeof(float));
  free(s.original);
  free(s.converted);
  free(s.codes);
  return code;
}
