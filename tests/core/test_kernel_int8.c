/* Products with activations in int8: every implementation, over every format that has them, against
 * arithmetic in double precision on decoded weights and decoded activations; and the rounding of
 * activations against the libraries whose rules it follows. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "kernel/activations.h"
#include "kernel_material.h"
#include "kernel_timing.h"
#include "model_files.h"

static int list_int8_formats(bl_format *formats) {
  bl_format all[MAX_FORMATS];
  int n = 0, n_all = list_formats(all, MAX_FORMATS);
  for (int f = 0; f < n_all; f++)
    if (all[f].codec->int8_activations) formats[n++] = all[f];
  return n;
}

/* ---- rounding ------------------------------------------------------------------------------- */

/* tests/golden/activations: rows of 256 floats, and for each rule what a library makes of them.
 * make_activations.py says how the files are laid out. */
typedef struct golden {
  uint8_t *bytes;
  int64_t n_rows;
} golden;

static golden read_golden(const char *name, size_t row_bytes) {
  char path[512];
  size_t size;
  snprintf(path, sizeof path, "%s/activations/%s", BL_GOLDEN, name);
  golden g = {.bytes = check_read_file(path, &size)};
  CHECK(size > 0 && size % row_bytes == 0);
  g.n_rows = (int64_t)(size / row_bytes);
  return g;
}

enum { COLS = 256 };

/* The codes and scales of `format`'s rule for each row of x.bin, taken as a product of `n_tokens`
 * tokens, against those of the file: per row `n_scales` float32 scales, then 256 codes. */
static void check_rounding(const char *format_name, const char *file, int n_scales,
                           int64_t n_tokens) {
  const bl_codec *codec = bl_codec_find(format_name, strlen(format_name));
  bl_format format = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
  bl_tensor w = bl_tensor_make(format, 1, COLS);
  size_t row_bytes = (size_t)n_scales * sizeof(float) + COLS;
  golden x = read_golden("x.bin", COLS * sizeof(float)), expected = read_golden(file, row_bytes);
  CHECK(x.n_rows == expected.n_rows && x.n_rows % n_tokens == 0);
  for (int64_t row = 0; row < x.n_rows; row++) {
    const float *tokens = (const float *)(const void *)x.bytes + row / n_tokens * n_tokens * COLS;
    const float *own = (const float *)(const void *)x.bytes + row * COLS;
    float scales[COLS];
    int8_t codes[COLS];
    bl_quantizer q = bl_quantizer_make(&w, tokens, n_tokens);
    bl_quantize(&q, own, COLS, codes, scales);
    const uint8_t *want = expected.bytes + (size_t)row * row_bytes;
    CHECK(COLS / q.block == n_scales);
    CHECK_MSG(memcmp(scales, want, (size_t)n_scales * sizeof *scales) == 0, "%s: scales of row %d",
              file, (int)row);
    CHECK_MSG(memcmp(codes, want + (size_t)n_scales * sizeof *scales, COLS) == 0,
              "%s: codes of row %d", file, (int)row);
  }
  free(x.bytes);
  free(expected.bytes);
}

static void blocks_of_32_are_those_of_llama_cpp(void) {
  check_rounding("q8_0", "q8_0.bin", COLS / 32, 1);
  check_rounding("q4_1", "q8_1.bin", COLS / 32, 1);
}

static void blocks_of_256_are_those_of_llama_cpp(void) {
  check_rounding("q4_k", "q8_k.bin", 1, 1);
}

static void tokens_are_rounded_as_torchao_does(void) {
  check_rounding("int8", "int8.bin", 1, 1);
}

static void a_product_of_several_tokens_is_rounded_as_torch_does(void) {
  check_rounding("qint8", "qint8.bin", 1, 1);
  check_rounding("qint8", "qint8_4_tokens.bin", 1, 4);
}

static void affine_keeps_the_scale_of_a_block_in_float32(void) {
  bl_format format = {bl_codec_find("affine", 6), 4, 64, BL_F32};
  bl_tensor w = bl_tensor_make(format, 1, 64);
  uint64_t state = 1;
  float *x = random_values(64, 3, &state), scales[2];
  int8_t codes[64];
  bl_quantizer q = bl_quantizer_make(&w, x, 1);
  bl_quantize(&q, x, 64, codes, scales);
  for (int b = 0; b < 2; b++) {
    float largest = 0;
    for (int i = 0; i < 32; i++) largest = fmaxf(largest, fabsf(x[32 * b + i]));
    CHECK(scales[b] == largest / 127);
    for (int i = 0; i < 32; i++)
      CHECK(codes[32 * b + i] == (int)roundf(x[32 * b + i] * (1 / scales[b])));
  }
  free(x);
}

static void every_format_has_a_rule_or_stays_in_floats(void) {
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS), n_int8 = 0;
  for (int f = 0; f < n_formats; f++) {
    bl_tensor w = bl_tensor_make(formats[f], 1, formats[f].group);
    float x[256] = {1};
    bl_quantizer q = bl_quantizer_make(&w, x, 1);
    CHECK((q.rounding == BL_ROUNDING_NONE) == !formats[f].codec->int8_activations);
    n_int8 += q.rounding != BL_ROUNDING_NONE;
  }
  CHECK(n_int8 == 54 + 12 + 2); /* settings of affine, GGML's formats, torch's two */
}

/* ---- products ------------------------------------------------------------------------------- */

/* What each weight is with code 0, where a format adds a bias to scale * code; else 0. */
static float *decode_biases(const bl_tensor *w) {
  static const struct {
    const char *name;
    size_t block_bytes, codes;
  } with_bias[] = {{"q4_1", 20, 4}, {"q5_1", 24, 4}, {"q4_k", 144, 16}, {"affine", 1, 0}};
  size_t n = (size_t)(w->n_rows * w->n_cols), part_bytes = bl_tensor_part_bytes(w, 0);
  float *biases = calloc(n, sizeof *biases);
  uint8_t *bytes = malloc(part_bytes);
  for (size_t i = 0; i < sizeof with_bias / sizeof *with_bias; i++) {
    if (!is_named(&w->format, with_bias[i].name)) continue;
    memcpy(bytes, w->parts[0], part_bytes);
    for (size_t at = 0; at < part_bytes; at += with_bias[i].block_bytes)
      memset(bytes + at + with_bias[i].codes, 0, with_bias[i].block_bytes - with_bias[i].codes);
    bl_tensor zeros = *w;
    zeros.parts[0] = bytes;
    for (int64_t r = 0; r < w->n_rows; r++) bl_tensor_decode_row(&zeros, r, biases + r * w->n_cols);
  }
  free(bytes);
  return biases;
}

/* A sum of terms that go through at most `depth` roundings is within depth * 2^-24 * (sum of their
 * magnitudes) of the exact one. Sums of whole numbers are exact; the rest is as in test_kernel.c.
 * The definition sums in double and rounds once. */
static double error_bound(bool is_definition, int64_t n_cols, double magnitudes) {
  if (is_definition) return (ldexp(1, -24) + (double)n_cols * ldexp(1, -52)) * magnitudes + 1e-45;
  return ((double)n_cols / 4 + 16) * ldexp(1, -24) * magnitudes + (double)n_cols * ldexp(1, -149);
}

/* Decoded activations of n_tokens tokens, by the rule of w's format. */
static float *decode_activations(const bl_tensor *w, const float *x, int64_t n_tokens) {
  int64_t n_cols = w->n_cols;
  float *decoded = malloc((size_t)(n_tokens * n_cols) * sizeof *decoded);
  float *scales = malloc((size_t)n_cols * sizeof *scales);
  int8_t *codes = malloc((size_t)n_cols);
  bl_quantizer q = bl_quantizer_make(w, x, n_tokens);
  for (int64_t t = 0; t < n_tokens; t++) {
    bl_quantize(&q, x + t * n_cols, n_cols, codes, scales);
    for (int64_t i = 0; i < n_cols; i++)
      decoded[t * n_cols + i] = scales[i / q.block] * (float)codes[i];
  }
  free(scales);
  free(codes);
  return decoded;
}

static void check_products(const bl_tensor *w, const float *x, int64_t n_tokens) {
  int64_t n_cols = w->n_cols, n_rows = w->n_rows, n = n_tokens * n_rows;
  float *decoded = decode_activations(w, x, n_tokens), *biases = decode_biases(w);
  float *weights = malloc((size_t)n_cols * sizeof *weights);
  double *exact = calloc((size_t)n, sizeof *exact), *magnitudes = calloc((size_t)n, sizeof *exact);
  for (int64_t r = 0; r < n_rows; r++) {
    const float *bias = biases + r * n_cols;
    bl_tensor_decode_row(w, r, weights);
    for (int64_t t = 0; t < n_tokens; t++) {
      for (int64_t c = n_cols - 1; c >= 0; c--) {
        double xc = (double)decoded[t * n_cols + c], wc = (double)weights[c];
        exact[t * n_rows + r] += wc * xc;
        magnitudes[t * n_rows + r] +=
            (fabs(wc - (double)bias[c]) + fabs((double)bias[c])) * fabs(xc);
      }
    }
  }
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    const bl_kernels *kernels = bl_kernels_at(k);
    float *y = multiply_as(kernels, NULL, w, BL_ACTIVATIONS_INT8, x, n_tokens);
    for (int64_t i = 0; i < n; i++) {
      double error = fabs((double)y[i] - exact[i]);
      double bound = error_bound(k == 0, n_cols, magnitudes[i]);
      if (error <= bound || (isnan(exact[i]) && isnan(y[i]))) continue;
      char text[200];
      describe(kernels, w, n_tokens, text, sizeof text);
      CHECK_MSG(false, "%s: y[%d][%d] = %.9g, exact %.9g, off by %g of %g", text, (int)(i / n_rows),
                (int)(i % n_rows), (double)y[i], exact[i], error, bound);
    }
    free(y);
  }
  free(decoded);
  free(biases);
  free(weights);
  free(exact);
  free(magnitudes);
}

static void check_random_products(bl_format format, int64_t n_rows, int64_t n_cols,
                                  int64_t n_tokens, float w_size, float x_size, uint64_t *state) {
  matrix m = make_matrix(format, n_rows, n_cols, w_size, state);
  float *x = random_values(n_tokens * n_cols, x_size, state);
  check_products(&m.w, x, n_tokens);
  free(x);
  free_matrix(&m);
}

static void products_are_those_of_decoded_weights_and_activations(void) {
  static const int64_t tokens[] = {1, 2, 3, 4, 5, 8, 13, 64, 65};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_int8_formats(formats);
  uint64_t state = 1;
  for (int f = 0; f < n_formats; f++)
    for (int c = 0; c < 3; c++)
      for (int t = 0; t < 9; t++)
        if (!EMULATED || tokens[t] != 64)
          check_random_products(formats[f], 11, columns(&formats[f], c), tokens[t], 0.5f, 3,
                                &state);
}

static void rows_beside_every_block_size_are_right(void) {
  static const int64_t rows[] = {1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 131};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_int8_formats(formats);
  uint64_t state = 2;
  for (int f = 0; f < n_formats; f++) {
    if (formats[f].codec->bits && formats[f].group != 64) continue;
    for (int r = 0; r < 12; r++) {
      int64_t n_cols = formats[f].group == 256 ? 768 : 576;
      check_random_products(formats[f], rows[r], n_cols, 1, 0.5f, 3, &state);
      check_random_products(formats[f], rows[r], n_cols, 5, 0.5f, 3, &state);
    }
  }
}

static void huge_and_tiny_numbers_stay_within_the_error_bound(void) {
  static const float sizes[][2] = {/* of the weights, of x */
                                   {1, 1e6f},   {1, 1e30f},      {6e4f, 1e28f}, {1, 1e-6f},
                                   {1, 1e-37f}, {1e-7f, 1e-30f}, {1, 0},        {0, 1}};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_int8_formats(formats);
  uint64_t state = 3;
  for (int f = 0; f < n_formats; f++)
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
      for (int64_t n_tokens = 1; n_tokens <= 6; n_tokens += 5)
        check_random_products(formats[f], 5, columns(&formats[f], 1), n_tokens, sizes[s][0],
                              sizes[s][1], &state);
}

/* All codes at the ends of their range on both sides: the largest sums of whole numbers there are.
 */
static void the_largest_sums_do_not_overflow(void) {
  bl_format formats[MAX_FORMATS];
  int n_formats = list_int8_formats(formats);
  for (int f = 0; f < n_formats; f++) {
    int64_t n_cols = formats[f].group == 256 ? 768 : 384;
    for (int pattern = 0; pattern < 4; pattern++) {
      uint64_t state = 4;
      matrix m = make_matrix(formats[f], 5, n_cols, 1, &state);
      bl_tensor *w = &m.w;
      float *weights = malloc((size_t)(5 * n_cols) * sizeof *weights);
      for (int64_t i = 0; i < 5 * n_cols; i++) {
        bool up = pattern & 1 ? i % 32 != 0 : i % 32 == 0; /* the other end is there too */
        weights[i] = up ? 1 : -1;
      }
      for (int64_t r = 0; r < 5 && formats[f].codec->encode_row; r++)
        bl_tensor_encode_row(w, (uint8_t *const *)(const void *)w->parts, r, weights + r * n_cols);
      float *x = malloc((size_t)(5 * n_cols) * sizeof *x);
      for (int64_t i = 0; i < 5 * n_cols; i++) x[i] = pattern & 2 ? 1 : -1;
      check_products(w, x, 1);
      check_products(w, x, 5);
      free(x);
      free(weights);
      free_matrix(&m);
    }
  }
}

/* Products by llama.cpp's own code on x86, activations rounded by it. Of q4_1 and q5_1 it
 * multiplies the minimums with sums of activations that are rounded to f16, by at most 2^-11; all
 * others differ by the order of additions. */
static void products_are_those_of_llama_cpp(void) {
  static const char *const names[] = {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0",   "q2_k",
                                      "q3_k", "q4_k", "q5_k", "q6_k", "iq4_nl", "mxfp4_ggml"};
  enum { ROWS = 4, TOKENS = 3, PRODUCT_COLS = 512 };
  golden x = read_golden("products/x.bin", TOKENS * PRODUCT_COLS * sizeof(float));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const bl_codec *codec = bl_codec_find(names[i], strlen(names[i]));
    bl_format format = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
    bl_tensor w = bl_tensor_make(format, ROWS, PRODUCT_COLS);
    size_t w_bytes = bl_tensor_part_bytes(&w, 0);
    char file[64];
    snprintf(file, sizeof file, "products/%s.bin", names[i]);
    golden g = read_golden(file, w_bytes + TOKENS * ROWS * sizeof(float));
    w.parts[0] = g.bytes;
    float expected[TOKENS * ROWS], size = 0;
    memcpy(expected, g.bytes + w_bytes, sizeof expected);
    for (int j = 0; j < TOKENS * ROWS; j++) size = fmaxf(size, fabsf(expected[j]));
    bool sums_in_f16 = strcmp(names[i], "q4_1") == 0 || strcmp(names[i], "q5_1") == 0;
    for (int k = EMULATED; k < bl_kernels_count(); k++) {
      float *y = multiply_as(bl_kernels_at(k), NULL, &w, BL_ACTIVATIONS_INT8,
                             (const float *)(const void *)x.bytes, TOKENS);
      for (int j = 0; j < TOKENS * ROWS; j++) {
        float error = fabsf(y[j] - expected[j]) / size;
        CHECK_MSG(error < (sums_in_f16 ? 2e-3f : 2e-6f), "%s %s: %.9g, llama.cpp has %.9g",
                  bl_kernels_name(bl_kernels_at(k)), names[i], (double)y[j], (double)expected[j]);
      }
      free(y);
    }
    free(g.bytes);
  }
  free(x.bytes);
}

/* ---- properties ----------------------------------------------------------------------------- */

static void results_are_the_same_with_any_number_of_threads(void) {
  uint64_t state = 5;
  bl_format formats[MAX_FORMATS];
  int n_formats = list_int8_formats(formats);
  bl_pool *pool = bl_pool_new(3); /* NULL in a build without threads */
  for (int f = 0; f < n_formats; f++) {
    matrix m = make_matrix(formats[f], 301, 512, 0.5f, &state);
    float *x = random_values(9 * 512, 3, &state);
    for (int k = EMULATED; k < bl_kernels_count(); k++) {
      for (int64_t n = 1; n <= 9; n += 8) {
        float *alone = multiply_as(bl_kernels_at(k), NULL, &m.w, BL_ACTIVATIONS_INT8, x, n);
        float *shared = multiply_as(bl_kernels_at(k), pool, &m.w, BL_ACTIVATIONS_INT8, x, n);
        CHECK(memcmp(alone, shared, (size_t)(n * 301) * sizeof *alone) == 0);
        free(alone);
        free(shared);
      }
    }
    free(x);
    free_matrix(&m);
  }
  bl_pool_free(pool);
}

/* But for qint8, whose scale is of all tokens: there it spoils all. */
static void a_token_that_is_not_finite_spoils_its_own_outputs_only(void) {
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_int8_formats(formats);
  uint64_t state = 6;
  for (int f = 0; f < n_formats; f++) {
    int64_t n_cols = columns(&formats[f], 1);
    bool all = is_named(&formats[f], "qint8");
    matrix m = make_matrix(formats[f], 9, n_cols, 0.5f, &state);
    for (int i = 0; i < 6; i++) {
      int64_t n_tokens = i & 1 ? 3 : 7;
      float *x = random_values(n_tokens * n_cols, 3, &state);
      for (int k = EMULATED; k < bl_kernels_count(); k++) {
        float *y = multiply_as(bl_kernels_at(k), NULL, &m.w, BL_ACTIVATIONS_INT8, x, n_tokens);
        float *at = x + n_cols + (int64_t)(check_random(&state) % (uint64_t)n_cols), was = *at;
        *at = bad[i >> 1];
        float *spoilt = multiply_as(bl_kernels_at(k), NULL, &m.w, BL_ACTIVATIONS_INT8, x, n_tokens);
        *at = was;
        for (int64_t j = 0; j < 9 * n_tokens; j++) {
          if (all || j / 9 == 1)
            CHECK(!isfinite(spoilt[j]));
          else
            CHECK(spoilt[j] == y[j] && isfinite(y[j]));
        }
        free(y);
        free(spoilt);
      }
      free(x);
    }
    free_matrix(&m);
  }
}

/* A float format in a recipe with int8 activations, and one that has no rule. */
static void formats_without_a_rule_are_multiplied_with_floats(void) {
  uint64_t state = 7;
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  for (int f = 0; f < n_formats; f++) {
    if (formats[f].codec->int8_activations) continue;
    int64_t n_cols = columns(&formats[f], 1);
    matrix m = make_matrix(formats[f], 7, n_cols, 0.5f, &state);
    float *x = random_values(5 * n_cols, 3, &state);
    for (int k = EMULATED; k < bl_kernels_count(); k++) {
      float *y = multiply(bl_kernels_at(k), NULL, &m.w, x, 5);
      float *y_int8 = multiply_as(bl_kernels_at(k), NULL, &m.w, BL_ACTIVATIONS_INT8, x, 5);
      CHECK(memcmp(y, y_int8, 35 * sizeof *y) == 0);
      free(y);
      free(y_int8);
    }
    free(x);
    free_matrix(&m);
  }
}

/* ---- models --------------------------------------------------------------------------------- */

/* Logits (vocab_size) after a few tokens; the caller frees them. */
static float *logits_of(const char *recipe, const char *kernels, int *vocab_size) {
  static const int32_t ids[] = {1, 5, 9, 2, 7, 3, 11, 4};
  bl_model *model = NULL;
  bl_error error = {0};
  CHECK_OK(golden_load("tiny_llama", recipe, &model, error));
  bl_model_info info;
  bl_model_get_info(model, &info);
  bl_session_options options = {.kernels = kernels};
  bl_session *session = bl_session_new(model, &options, &error);
  CHECK_OK(bl_session_eval(session, ids, 8, NULL, NULL, error));
  *vocab_size = info.vocab_size;
  float *logits = malloc((size_t)*vocab_size * sizeof *logits);
  memcpy(logits, bl_session_logits(session), (size_t)*vocab_size * sizeof *logits);
  bl_session_free(session);
  bl_model_free(model);
  return logits;
}

static void a_recipe_decides_the_mode_of_its_model(void) {
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    const char *name = bl_kernels_name(bl_kernels_at(k));
    int n;
    float *floats = logits_of("affine:8:32", name, &n),
          *same = logits_of("affine:8:32@float", name, &n);
    float *rounded = logits_of("affine:8:32@int8", name, &n);
    double size = 0, difference = 0;
    for (int i = 0; i < n; i++) {
      size += (double)floats[i] * (double)floats[i];
      difference += pow((double)rounded[i] - (double)floats[i], 2);
    }
    CHECK(memcmp(floats, same, (size_t)n * sizeof *floats) == 0);
    CHECK_MSG(difference > 1e-8 * size && difference < 1e-2 * size, "%s: %g of %g", name,
              difference, size);
    free(floats);
    free(same);
    free(rounded);
  }
}

int main(void) {
  RUN(blocks_of_32_are_those_of_llama_cpp);
  RUN(blocks_of_256_are_those_of_llama_cpp);
  RUN(tokens_are_rounded_as_torchao_does);
  RUN(a_product_of_several_tokens_is_rounded_as_torch_does);
  RUN(affine_keeps_the_scale_of_a_block_in_float32);
  RUN(every_format_has_a_rule_or_stays_in_floats);
  RUN(products_are_those_of_decoded_weights_and_activations);
  RUN(rows_beside_every_block_size_are_right);
  RUN(huge_and_tiny_numbers_stay_within_the_error_bound);
  RUN(the_largest_sums_do_not_overflow);
  RUN(products_are_those_of_llama_cpp);
  RUN(results_are_the_same_with_any_number_of_threads);
  RUN(a_token_that_is_not_finite_spoils_its_own_outputs_only);
  RUN(formats_without_a_rule_are_multiplied_with_floats);
  RUN(a_recipe_decides_the_mode_of_its_model);
  return check_result_and_time(BL_ACTIVATIONS_INT8);
}
