/* The error of converted weights against the originals, summed in float64. */
#include "quant/weight_error.h"

#include <math.h>

/* Independent sums, so that compilers can make vectors of them; their number fixes the order of the
 * additions on every target. */
enum { LANES = 4 };

/* The larger of the two; NaN as soon as either is, so that a broken weight can't hide. */
static double larger_or_nan(double a, double b) {
  return isnan(a) || a > b ? a : b;
}

/* sum_sq and sum_product of a row. They have a loop of their own, as all sums together need more
 * registers than there are. */
static void add_products(bl_error_sums *row, const float *original, const float *converted,
                         int64_t n) {
  double sq[LANES] = {0}, product[LANES] = {0};
  int64_t n_even = n - n % LANES;
  for (int64_t i = 0; i < n_even; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      double w = original[i + k], v = converted[i + k];
      sq[k] += v * v;
      product[k] += w * v;
    }
  }
  for (int64_t i = n_even; i < n; i++) {
    double w = original[i], v = converted[i];
    sq[0] += v * v;
    product[0] += w * v;
  }
  for (int k = 0; k < LANES; k++) {
    row->sum_sq += sq[k];
    row->sum_product += product[k];
  }
}

void bl_error_sums_row(bl_error_sums *sums, const float *original, const float *converted,
                       int64_t n) {
  double sq_error[LANES] = {0}, sq_ref[LANES] = {0}, max_abs[LANES] = {0};
  int64_t n_even = n - n % LANES;
  for (int64_t i = 0; i < n_even; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      double w = original[i + k], e = converted[i + k] - w;
      sq_error[k] += e * e;
      sq_ref[k] += w * w;
      max_abs[k] = larger_or_nan(max_abs[k], fabs(e));
    }
  }
  for (int64_t i = n_even; i < n; i++) {
    double w = original[i], e = converted[i] - w;
    sq_error[0] += e * e;
    sq_ref[0] += w * w;
    max_abs[0] = larger_or_nan(max_abs[0], fabs(e));
  }
  bl_error_sums row = {.n = n};
  for (int k = 0; k < LANES; k++) {
    row.sum_sq_error += sq_error[k];
    row.sum_sq_ref += sq_ref[k];
    row.max_abs = larger_or_nan(row.max_abs, max_abs[k]);
  }
  add_products(&row, original, converted, n);
  bl_error_sums_add(sums, &row);
}

void bl_error_sums_add(bl_error_sums *sums, const bl_error_sums *more) {
  sums->n += more->n;
  sums->sum_sq_error += more->sum_sq_error;
  sums->sum_sq_ref += more->sum_sq_ref;
  sums->sum_sq += more->sum_sq;
  sums->sum_product += more->sum_product;
  sums->max_abs = larger_or_nan(sums->max_abs, more->max_abs);
}

/* The product of two sums of squares of floats lies far within a double's range. */
static double cosine(const bl_error_sums *sums) {
  if (sums->sum_sq_ref == 0 && sums->sum_sq == 0) return 1;
  if (sums->sum_sq_ref == 0 || sums->sum_sq == 0) return 0;
  double value = sums->sum_product / sqrt(sums->sum_sq_ref * sums->sum_sq);
  return value > 1 ? 1 : value < -1 ? -1 : value; /* but for rounding; NaN stays */
}

bl_weight_error bl_error_sums_result(const bl_error_sums *sums) {
  bl_weight_error result = {.n = sums->n, .snr_db = INFINITY, .max_abs = sums->max_abs};
  result.cosine = cosine(sums);
  if (sums->n > 0) result.rmse = sqrt(sums->sum_sq_error / (double)sums->n);
  if (sums->sum_sq_error != 0) result.snr_db = 10 * log10(sums->sum_sq_ref / sums->sum_sq_error);
  return result;
}
