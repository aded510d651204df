/* Factors of symmetric positive definite matrices, in double precision.
 *
 * With h = R R^T, R upper triangular, h^-1 = R^-T R^-1: so the factor that is wanted is U = R^-1.
 * R is found from the last column back: once column k is known, its outer product with itself is
 * taken from what is left of h. Only the lower triangle is kept, so that row k of it is column k of
 * R, and every inner loop runs along a row. */
#include "quant/methods/factor.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum {
  PANEL = 16,  /* columns that are taken from the rest together */
  COLUMNS = 64 /* of the inverse, found by one task */
};

typedef struct factor {
  double *a; /* (n, n), lower: h, then R^T */
  int64_t n;
  int64_t first, end; /* the panel */
  double *inverse;    /* (n, n), lower: of R^T */
  float *upper;
} factor;

/* row -= by * other, over its first n numbers */
static void subtract(double *restrict row, const double *restrict other, double by, int64_t n) {
  for (int64_t j = 0; j < n; j++) row[j] -= by * other[j];
}

/* Takes the panel's columns from row i. */
static void reduce_row(void *context, int64_t i, int thread) {
  const factor *f = context;
  (void)thread;
  double *row = f->a + i * f->n;
  for (int64_t k = f->end - 1; k >= f->first; k--)
    subtract(row, f->a + k * f->n, f->a[k * f->n + i], i + 1);
}

/* Makes rows first to end - 1 rows of R^T; those after them have been taken from them. */
static bool factor_panel(factor *f) {
  for (int64_t k = f->end - 1; k >= f->first; k--) {
    double *row = f->a + k * f->n;
    if (!(row[k] > 0) || !isfinite(row[k])) return false;
    const double root = sqrt(row[k]);
    for (int64_t j = 0; j <= k; j++) row[j] = j == k ? root : row[j] / root;
    for (int64_t i = f->first; i < k; i++) subtract(f->a + i * f->n, row, row[i], i + 1);
  }
  return true;
}

/* Some columns of the inverse of R^T, row after row. */
static void invert_columns(void *context, int64_t task, int thread) {
  const factor *f = context;
  (void)thread;
  const int64_t n = f->n, begin = task * COLUMNS, end = begin + COLUMNS < n ? begin + COLUMNS : n;
  for (int64_t i = begin; i < n; i++) {
    const double *of_r = f->a + i * n;
    double *row = f->inverse + i * n;
    for (int64_t j = begin; j < end; j++) row[j] = i == j ? 1 : 0;
    for (int64_t k = begin; k < i; k++) {
      const int64_t last = k + 1 < end ? k + 1 : end; /* row k ends at its diagonal */
      subtract(row + begin, f->inverse + k * n + begin, of_r[k], last - begin);
    }
    for (int64_t j = begin; j < end; j++) row[j] /= of_r[i];
    for (int64_t j = begin; j < end && j <= i; j++) f->upper[j * n + i] = (float)row[j];
  }
}

bl_code bl_inverse_factor(const float *h, int64_t n, bl_pool *pool, float *upper, bl_error *error) {
  const size_t n_bytes = 2 * (size_t)n * (size_t)n * sizeof(double);
  factor f = {.n = n, .upper = upper, .a = malloc(n_bytes)};
  if (!f.a) return bl_fail_memory(error, n_bytes);
  f.inverse = f.a + n * n;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) f.a[i * n + j] = (double)h[i * n + j];
  bool ok = true;
  for (f.end = n; ok && f.end > 0; f.end = f.first) {
    f.first = f.end > PANEL ? f.end - PANEL : 0;
    ok = factor_panel(&f);
    if (ok) bl_pool_run(pool, reduce_row, &f, f.first);
  }
  if (ok) bl_pool_run(pool, invert_columns, &f, (n + COLUMNS - 1) / COLUMNS);
  free(f.a);
  return ok ? BL_OK
            : bl_fail(error, BL_ERR_ARGUMENT,
                      "the statistics of a matrix's input are not finite, so that no method can go "
                      "by them");
}

bool bl_solve(double *a, double *b, int n) {
  for (int j = 0; j < n; j++) {
    double *row = a + j * n;
    for (int k = 0; k <= j; k++) {
      const double *other = a + k * n;
      double sum = row[k];
      for (int i = 0; i < k; i++) sum -= row[i] * other[i];
      if (k == j && !(sum > 0)) return false;
      row[k] = k == j ? sqrt(sum) : sum / other[k];
    }
  }
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < j; i++) b[j] -= a[j * n + i] * b[i];
    b[j] /= a[j * n + j];
  }
  for (int j = n - 1; j >= 0; j--) {
    for (int i = j + 1; i < n; i++) b[j] -= a[i * n + j] * b[i];
    b[j] /= a[j * n + j];
  }
  return true;
}
