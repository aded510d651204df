/* Every implementation of the kernels, over every format, against arithmetic in double precision on
 * the weights that the codec decodes. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "kernel_material.h"
#include "kernel_timing.h"

/* ---- the error bound ---------------------------------------------------------------------- */

static float part_number(const bl_tensor *w, int part, bl_dtype dtype, int64_t row, size_t at) {
  float value;
  bl_to_f32(dtype, w->parts[part] + (size_t)row * w->row_bytes[part] + at, 1, &value);
  return value;
}

/* What rounding errors are relative to: |scale * code| + |bias|, or a bound on it, where an
 * implementation may multiply the two with x apart; else |weight|. */
static double magnitude(const bl_tensor *w, int64_t row, int64_t col, float weight) {
  const bl_format *f = &w->format;
  size_t g = (size_t)(col / f->group);
  if (is_named(f, "affine")) {
    size_t at = g * bl_dtype_size(f->param_dtype);
    return fabs((double)part_number(w, 1, f->param_dtype, row, at)) * ((1 << f->bits) - 1) +
           fabs((double)part_number(w, 2, f->param_dtype, row, at));
  }
  if (is_named(f, "q4_0")) return 23 * fabs((double)part_number(w, 0, BL_F16, row, 18 * g));
  if (is_named(f, "q4_1"))
    return 15 * fabs((double)part_number(w, 0, BL_F16, row, 20 * g)) +
           fabs((double)part_number(w, 0, BL_F16, row, 20 * g + 2));
  return fabs((double)weight);
}

/* A sum of terms, each of which goes through at most `depth` roundings, is within
 * depth * 2^-24 * (sum of the terms' magnitudes) of the exact one, to first order. With the fewest
 * lanes, four, a term goes through n_cols / 4 additions in its lane; 16 more cover the product, the
 * scale, the sum over lanes and the rounding of a decoded weight. The definition itself sums in
 * double and rounds once. Tiny activations may lose bits when a power of two as small as 2^-27 is
 * multiplied in: at most 2^-150 each, times 2^27 * 255 afterwards. */
static double error_bound(bool is_definition, const bl_tensor *w, double magnitudes,
                          double weight_sizes) {
  if (is_definition)
    return (ldexp(1, -24) + (double)w->n_cols * ldexp(1, -52)) * magnitudes + 1e-45;
  double depth = (double)w->n_cols / 4 + 16;
  return depth * ldexp(1, -24) * magnitudes + ldexp(weight_sizes, -115) +
         (double)w->n_cols * ldexp(1, -149);
}

/* What y = x w' is exactly, and what its error is relative to, for each token and row. */
typedef struct exact_products {
  double *values, *magnitudes; /* n_tokens x n_rows */
  double *weight_sizes;        /* n_rows: sums of the magnitudes of single weights */
} exact_products;

static exact_products multiply_exactly(const bl_tensor *w, const float *x, int64_t n_tokens) {
  int64_t n_rows = w->n_rows, n_cols = w->n_cols;
  size_t n = (size_t)(n_tokens * n_rows);
  float *weights = malloc((size_t)n_cols * sizeof *weights);
  double *sizes = malloc((size_t)n_cols * sizeof *sizes);
  exact_products exact = {calloc(n, sizeof(double)), calloc(n, sizeof(double)),
                          calloc((size_t)n_rows, sizeof(double))};
  for (int64_t r = 0; r < n_rows; r++) {
    bl_tensor_decode_row(w, r, weights);
    for (int64_t c = n_cols - 1; c >= 0; c--) {
      sizes[c] = magnitude(w, r, c, weights[c]);
      exact.weight_sizes[r] += sizes[c];
    }
    for (int64_t t = 0; t < n_tokens; t++) {
      double value = 0, magnitudes = 0;
      for (int64_t c = n_cols - 1; c >= 0; c--) {
        double xc = (double)x[t * n_cols + c];
        value += (double)weights[c] * xc;
        magnitudes += sizes[c] * fabs(xc);
      }
      exact.values[t * n_rows + r] = value;
      exact.magnitudes[t * n_rows + r] = magnitudes;
    }
  }
  free(weights);
  free(sizes);
  return exact;
}

static void check_close(const bl_tensor *w, const float *x, int64_t n_tokens) {
  exact_products exact = multiply_exactly(w, x, n_tokens);
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    const bl_kernels *kernels = bl_kernels_at(k);
    float *y = multiply(kernels, NULL, w, x, n_tokens);
    for (int64_t i = 0; i < n_tokens * w->n_rows; i++) {
      int64_t r = i % w->n_rows;
      double error = fabs((double)y[i] - exact.values[i]);
      double bound = error_bound(k == 0, w, exact.magnitudes[i], exact.weight_sizes[r]);
      if (error <= bound) continue;
      char text[200];
      describe(kernels, w, n_tokens, text, sizeof text);
      CHECK_MSG(false, "%s: y[%d][%d] = %.9g, exact %.9g, off by %g of %g", text,
                (int)(i / w->n_rows), (int)r, (double)y[i], exact.values[i], error, bound);
    }
    free(y);
  }
  free(exact.values);
  free(exact.magnitudes);
  free(exact.weight_sizes);
}

static void products_of_random_weights_stay_within_the_error_bound(void) {
  static const int64_t tokens[] = {1, 2, 3, 4, 5, 64, 65};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  uint64_t state = 1;
  CHECK(n_formats < MAX_FORMATS);
  for (int f = 0; f < n_formats; f++) {
    for (int c = 0; c < 3; c++) {
      int64_t n_cols = columns(&formats[f], c);
      matrix m = make_matrix(formats[f], 11, n_cols, 0.5f, &state);
      for (int t = 0; t < 7; t++) {
        if (EMULATED && tokens[t] == 64) continue;
        float *x = random_values(tokens[t] * n_cols, 3, &state);
        check_close(&m.w, x, tokens[t]);
        free(x);
      }
      free_matrix(&m);
    }
  }
}

static void shapes_of_a_real_model_and_row_counts_beside_every_block_size_are_right(void) {
  static const int64_t rows[] = {1, 2, 3, 4, 5, 63, 64, 65, 131};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  uint64_t state = 2;
  for (int f = 0; f < n_formats; f++) {
    if (bl_codec_has_settings(formats[f].codec) && (formats[f].group != 64 || formats[f].bits != 4))
      continue;
    for (int r = 0; r < 9; r++) {
      int64_t n_cols = formats[f].group == 256 ? 1536 : 576;
      matrix m = make_matrix(formats[f], rows[r], n_cols, 0.5f, &state);
      float *x = random_values(5 * n_cols, 3, &state);
      check_close(&m.w, x, 1);
      check_close(&m.w, x, 5);
      free(x);
      free_matrix(&m);
    }
  }
}

static void huge_and_tiny_numbers_stay_within_the_error_bound(void) {
  static const float sizes[][2] = {/* of the weights, of x */
                                   {1, 1e30f},      {1e30f, 1},      {6e4f, 1e28f}, {1, 1e-37f},
                                   {1e-30f, 1e30f}, {1e-7f, 1e-30f}, {1, 0},        {0, 1}};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  uint64_t state = 3;
  for (int f = 0; f < n_formats; f++) {
    bool holds_large = formats[f].param_dtype == BL_F32 || formats[f].param_dtype == BL_BF16 ||
                       bl_format_dtype(&formats[f]) == BL_F32 ||
                       bl_format_dtype(&formats[f]) == BL_BF16;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      if (sizes[s][0] > 7e4f && !holds_large) continue; /* infinite in f16 */
      int64_t n_cols = columns(&formats[f], 1);
      matrix m = make_matrix(formats[f], 5, n_cols, sizes[s][0], &state);
      float *x = random_values(6 * n_cols, sizes[s][1], &state);
      check_close(&m.w, x, 1);
      check_close(&m.w, x, 6);
      free(x);
      free_matrix(&m);
    }
  }
}

/* ---- properties ------------------------------------------------------------------------------ */

static void results_are_the_same_with_any_number_of_threads(void) {
  uint64_t state = 5;
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  bl_pool *pools[] = {bl_pool_new(2), bl_pool_new(3)}; /* NULL in a build without threads */
  for (int f = 0; f < n_formats; f++) {
    matrix m = make_matrix(formats[f], 301, 512, 0.5f, &state);
    float *x = random_values(9 * 512, 3, &state);
    for (int k = EMULATED; k < bl_kernels_count(); k++) {
      for (int64_t n_tokens = 1; n_tokens <= 9; n_tokens += 8) {
        float *alone = multiply(bl_kernels_at(k), NULL, &m.w, x, n_tokens);
        for (int p = 0; p < 2; p++) {
          float *shared = multiply(bl_kernels_at(k), pools[p], &m.w, x, n_tokens);
          CHECK(memcmp(alone, shared, (size_t)(n_tokens * 301) * sizeof *alone) == 0);
          free(shared);
        }
        free(alone);
      }
    }
    free(x);
    free_matrix(&m);
  }
  for (int p = 0; p < 2; p++) bl_pool_free(pools[p]);
}

/* Three matrices, of which two have one format, with an x in common. */
static void check_together(const matrix *m, bl_activations mode, bl_pool *pool, const float *x,
                           int64_t n_tokens) {
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    bl_products products = {.n = BL_MAX_PRODUCTS};
    for (int i = 0; i < BL_MAX_PRODUCTS; i++) {
      products.w[i] = &m[i].w;
      products.y[i] = malloc((size_t)(n_tokens * m[i].w.n_rows) * sizeof(float));
    }
    size_t size = bl_matmul_work_bytes(m[0].w.n_cols, n_tokens, bl_pool_threads(pool), mode);
    void *work = aligned_alloc(64, (size + 63) / 64 * 64);
    bl_matmul_all(bl_kernels_at(k), pool, &products, mode, x, n_tokens, work);
    for (int i = 0; i < BL_MAX_PRODUCTS; i++) {
      float *alone = multiply_as(bl_kernels_at(k), NULL, &m[i].w, mode, x, n_tokens);
      size_t n_bytes = (size_t)(n_tokens * m[i].w.n_rows) * sizeof *alone;
      CHECK_MSG(memcmp(alone, products.y[i], n_bytes) == 0, "%s: %s",
                bl_kernels_name(bl_kernels_at(k)), m[i].w.format.codec->name);
      free(alone);
      free(products.y[i]);
    }
    free(work);
  }
}

static void products_together_are_those_of_each_alone(void) {
  uint64_t state = 12;
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  bl_pool *pool = bl_pool_new(3);
  for (int f = 0; f + 1 < n_formats; f++) {
    matrix m[] = {make_matrix(formats[f], 70, 512, 0.5f, &state),
                  make_matrix(formats[f], 33, 512, 0.5f, &state),
                  make_matrix(formats[f + 1], 16, 512, 0.5f, &state)};
    float *x = random_values(5 * 512, 3, &state);
    for (int64_t n_tokens = 1; n_tokens <= 5; n_tokens += 4) {
      check_together(m, BL_ACTIVATIONS_FLOAT, pool, x, n_tokens);
      check_together(m, BL_ACTIVATIONS_INT8, NULL, x, n_tokens);
    }
    free(x);
    for (int i = 0; i < 3; i++) free_matrix(&m[i]);
  }
  bl_pool_free(pool);
}

static void a_token_that_is_not_finite_spoils_its_own_outputs_only(void) {
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  static const int64_t tokens[] = {3, 7};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  uint64_t state = 6;
  for (int f = 0; f < n_formats; f++) {
    int64_t n_cols = columns(&formats[f], 1);
    matrix m = make_matrix(formats[f], 9, n_cols, 0.5f, &state);
    for (int i = 0; i < 6; i++) {
      int64_t n_tokens = tokens[i & 1];
      float *x = random_values(n_tokens * n_cols, 3, &state);
      float *changed = malloc((size_t)(n_tokens * n_cols) * sizeof *x);
      memcpy(changed, x, (size_t)(n_tokens * n_cols) * sizeof *x);
      changed[n_cols + (int64_t)(check_random(&state) % (uint64_t)n_cols)] = bad[i >> 1];
      for (int k = EMULATED; k < bl_kernels_count(); k++) {
        float *y = multiply(bl_kernels_at(k), NULL, &m.w, x, n_tokens);
        float *spoilt = multiply(bl_kernels_at(k), NULL, &m.w, changed, n_tokens);
        for (int64_t j = 0; j < 9 * n_tokens; j++) {
          if (j / 9 == 1)
            CHECK(!isfinite(spoilt[j]));
          else
            CHECK(spoilt[j] == y[j] && isfinite(y[j]));
        }
        free(y);
        free(spoilt);
      }
      free(changed);
      free(x);
    }
    free_matrix(&m);
  }
}

static void a_row_that_is_not_finite_spoils_its_own_outputs_only(void) {
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  uint64_t state = 8;
  for (int f = 0; f < n_formats; f++) {
    int64_t n_cols = columns(&formats[f], 1);
    matrix m = make_matrix(formats[f], 9, n_cols, 0.5f, &state);
    float *x = random_values(5 * n_cols, 3, &state);
    for (int k = EMULATED; k < bl_kernels_count(); k++) {
      for (int64_t n_tokens = 1; n_tokens <= 5; n_tokens += 4) {
        matrix bad = make_matrix(formats[f], 9, n_cols, 0.5f, &state);
        for (int p = 0; p < formats[f].codec->n_parts; p++) {
          size_t row_bytes = m.w.row_bytes[p];
          memcpy(bad.allocated[p] + 1, m.w.parts[p], bl_tensor_part_bytes(&m.w, p));
          memset(bad.allocated[p] + 1 + 4 * row_bytes, 0xff, row_bytes); /* NaN in any float type */
        }
        float *row = random_values(n_cols, 1, &state);
        bl_tensor_decode_row(&bad.w, 4, row);
        bool spoils = false; /* not every format can hold what is not finite */
        for (int64_t i = 0; i < n_cols; i++) spoils |= isnan(row[i]);
        free(row);
        float *y = multiply(bl_kernels_at(k), NULL, &m.w, x, n_tokens);
        float *spoilt = multiply(bl_kernels_at(k), NULL, &bad.w, x, n_tokens);
        for (int64_t j = 0; j < 9 * n_tokens; j++) {
          if (j % 9 == 4)
            CHECK(!spoils || isnan(spoilt[j]));
          else
            CHECK(spoilt[j] == y[j] && isfinite(y[j]));
        }
        free(y);
        free(spoilt);
        free_matrix(&bad);
      }
    }
    free(x);
    free_matrix(&m);
  }
}

static void a_matrix_without_columns_gives_zeros(void) {
  bl_tensor w = bl_tensor_make(bl_format_plain(BL_F32), 3, 0);
  float y[6] = {1, 1, 1, 1, 1, 1};
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    bl_matmul(bl_kernels_at(k), NULL, &w, BL_ACTIVATIONS_FLOAT, y, 2, y, NULL);
    for (int i = 0; i < 6; i++) CHECK(y[i] == 0);
  }
}

/* ---- vectors ------------------------------------------------------------------------------ */

static void dots_are_right_for_every_length_at_any_address(void) {
  uint64_t state = 7;
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    const bl_kernels *kernels = bl_kernels_at(k);
    for (int64_t n = 0; n <= 150; n++) {
      float *a = random_values(n + 1, 3, &state), *b = random_values(n + 1, 3, &state);
      double exact = 0, size = 0;
      for (int64_t i = 1; i <= n; i++) {
        exact += (double)a[i] * (double)b[i];
        size += fabs((double)a[i] * (double)b[i]);
      }
      float dot = bl_dot(kernels, a + 1, b + 1, n);
      CHECK_MSG(fabs((double)dot - exact) <= (double)(n / 4 + 8) * ldexp(size, -24),
                "%s dot of %d: %g, not %g", bl_kernels_name(kernels), (int)n, (double)dot, exact);
      free(a);
      free(b);
    }
  }
}

/* ---- the table ---------------------------------------------------------------------------- */

static void implementations_are_found_by_name(void) {
  CHECK(bl_kernels_count() >= 1);
  CHECK(strcmp(bl_kernels_name(bl_kernels_at(0)), "scalar") == 0);
  CHECK(bl_kernels_at(bl_kernels_count()) == NULL && bl_kernels_at(-1) == NULL);
  for (int k = 0; k < bl_kernels_count(); k++)
    CHECK(bl_kernels_find(bl_kernels_name(bl_kernels_at(k))) == bl_kernels_at(k));
  CHECK(bl_kernels_find("abacus") == NULL);
  CHECK(bl_kernels_find(NULL) != NULL);
#if defined(__wasm_simd128__)
  CHECK(strcmp(bl_kernels_name(bl_kernels_find(NULL)), "simd128") == 0);
#elif defined(__aarch64__)
  CHECK(bl_kernels_find("neon") != NULL);
#endif
}

static void a_work_space_too_large_to_express_is_too_large_to_allocate(void) {
  for (int int8 = 0; int8 < 2; int8++) {
    bl_activations mode = int8 ? BL_ACTIVATIONS_INT8 : BL_ACTIVATIONS_FLOAT;
    CHECK(bl_matmul_work_bytes(INT64_MAX, 1, 1, mode) == SIZE_MAX);
    CHECK(bl_matmul_work_bytes(INT64_C(1) << 40, INT64_C(1) << 40, 1, mode) == SIZE_MAX);
    CHECK(bl_matmul_work_bytes(-1, 1, 1, mode) == SIZE_MAX);
    CHECK(bl_matmul_work_bytes(1536, 64, 2, mode) < 2u << 20);
  }
}

int main(void) {
  RUN(implementations_are_found_by_name);
  RUN(a_work_space_too_large_to_express_is_too_large_to_allocate);
  RUN(products_of_random_weights_stay_within_the_error_bound);
  RUN(shapes_of_a_real_model_and_row_counts_beside_every_block_size_are_right);
  RUN(huge_and_tiny_numbers_stay_within_the_error_bound);
  RUN(results_are_the_same_with_any_number_of_threads);
  RUN(products_together_are_those_of_each_alone);
  RUN(a_token_that_is_not_finite_spoils_its_own_outputs_only);
  RUN(a_row_that_is_not_finite_spoils_its_own_outputs_only);
  RUN(a_matrix_without_columns_gives_zeros);
  RUN(dots_are_right_for_every_length_at_any_address);
  return check_result_and_time(BL_ACTIVATIONS_FLOAT);
}
