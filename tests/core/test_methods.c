/* Methods that choose codes: GPTQ against mlx_lm's, what each gains, and what none of them may
 * depend on. tests/golden/make_gptq.py made the files of gptq/. */
#include "base/pool.h"
#include "check.h"
#include "quant/fitting.h"
#include "quant/method.h"
#include "quant/methods/factor.h"
#include "quant/tensor.h"

#ifdef BL_EMULATED
enum { WIDE = 256 }; /* factors of twice that take a minute */
#else
enum { WIDE = 512 };
#endif
enum { N_ROWS = 48, N_COLS = 192 };

static float *read_floats(const char *name, size_t n) {
  char path[512];
  size_t size;
  snprintf(path, sizeof path, "%s/gptq/%s", BL_GOLDEN, name);
  float *numbers = (float *)check_read_file(path, &size);
  CHECK(size == n * sizeof *numbers);
  return numbers;
}

/* A layer: its weights and what is known of its input. */
typedef struct layer {
  int64_t n_cols;
  float *weights; /* (N_ROWS, n_cols) */
  bl_input input;
} layer;

static void set_squares(layer *l) {
  l->input.mean_squares = malloc((size_t)l->n_cols * sizeof(float));
  for (int64_t i = 0; i < l->n_cols; i++)
    l->input.mean_squares[i] = l->input.hessian[i * l->n_cols + i];
}

static layer golden_layer(void) {
  layer l = {.n_cols = N_COLS, .weights = read_floats("weights.bin", N_ROWS * N_COLS)};
  l.input = (bl_input){.n_cols = N_COLS, .n_tokens = 4096};
  l.input.hessian = read_floats("hessian.bin", N_COLS * N_COLS);
  set_squares(&l);
  return l;
}

/* The same weights and inputs again and again, a little different: for blocks of 256. */
static layer wide_layer(void) {
  layer small = golden_layer(), l = {.n_cols = WIDE};
  l.weights = malloc(N_ROWS * WIDE * sizeof(float));
  l.input = (bl_input){.n_cols = WIDE, .n_tokens = 4096};
  l.input.hessian = calloc(WIDE * WIDE, sizeof(float));
  for (int i = 0; i < N_ROWS * WIDE; i++)
    l.weights[i] = small.weights[(i * 7 + i / WIDE) % (N_ROWS * N_COLS)];
  for (int i = 0; i < WIDE; i++)
    for (int j = 0; j < WIDE; j++)
      if (i / N_COLS == j / N_COLS)
        l.input.hessian[i * WIDE + j] = small.input.hessian[i % N_COLS * N_COLS + j % N_COLS];
  set_squares(&l);
  free(small.weights);
  free(small.input.hessian);
  free(small.input.mean_squares);
  return l;
}

static void free_layer(layer *l) {
  free(l->weights);
  free(l->input.hessian);
  free(l->input.mean_squares);
}

static bl_format format_of(const char *text, uint32_t *methods) {
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(text, &recipe, error));
  const bl_codec *codec = recipe.codec;
  *methods = recipe.methods;
  return (bl_format){codec, codec->bits ? recipe.bits : codec->fixed_bits,
                     codec->groups ? recipe.group : codec->fixed_group,
                     bl_codec_has_settings(codec) || codec->uses_dtype ? BL_F32 : BL_DTYPE_NONE};
}

/* A quantized layer; its bytes are one allocation. */
typedef struct quantized {
  bl_tensor tensor;
  uint8_t *bytes;
  size_t size;
} quantized;

static void place_parts(quantized *q, uint8_t *parts[BL_MAX_PARTS]) {
  size_t at = 0;
  for (int p = 0; p < q->tensor.format.codec->n_parts; p++) {
    parts[p] = q->bytes + at;
    q->tensor.parts[p] = parts[p];
    at += bl_tensor_part_bytes(&q->tensor, p);
  }
}

/* By a recipe's format and methods, in pieces of so many rows. */
static quantized quantize(const layer *l, const char *recipe, int piece, bl_pool *pool) {
  uint32_t methods;
  uint8_t *parts[BL_MAX_PARTS] = {NULL};
  const bl_format format = format_of(recipe, &methods);
  quantized q = {.tensor = bl_tensor_make(format, N_ROWS, l->n_cols)};
  for (int p = 0; p < format.codec->n_parts; p++) q.size += bl_tensor_part_bytes(&q.tensor, p);
  q.bytes = calloc(q.size, 1);
  place_parts(&q, parts);
  if (!methods) {
    for (int64_t row = 0; row < N_ROWS; row++)
      bl_tensor_encode_row(&q.tensor, parts, row, l->weights + row * l->n_cols);
    return q;
  }
  bl_fitting f = {0};
  CHECK_OK(bl_fitting_begin(&f, &format, methods, &l->input, l->n_cols, pool, error));
  for (int row = 0; row < N_ROWS; row += piece) {
    uint8_t *rows[BL_FIT_ROWS][BL_MAX_PARTS] = {{NULL}};
    const int n = N_ROWS - row < piece ? N_ROWS - row : piece;
    for (int i = 0; i < n; i++)
      for (int p = 0; p < format.codec->n_parts; p++)
        rows[i][p] = parts[p] + (size_t)(row + i) * q.tensor.row_bytes[p];
    bl_fitting_rows(&f, 0, l->weights + row * l->n_cols, n, rows);
  }
  bl_fitting_end(&f);
  return q;
}

/* The sum over rows of (w' - w) H (w' - w)^T: what the layer's output is off by. */
static double error_of(const layer *l, const float *decoded) {
  const int64_t n = l->n_cols;
  double sum = 0;
  for (int64_t row = 0; row < N_ROWS; row++)
    for (int64_t i = 0; i < n; i++) {
      double inner = 0;
      for (int64_t j = 0; j < n; j++)
        inner += (double)l->input.hessian[i * n + j] *
                 (double)(decoded[row * n + j] - l->weights[row * n + j]);
      sum += inner * (double)(decoded[row * n + i] - l->weights[row * n + i]);
    }
  return sum;
}

static double output_error(const layer *l, const char *recipe) {
  quantized q = quantize(l, recipe, BL_FIT_ROWS, NULL);
  float *decoded = malloc((size_t)(N_ROWS * l->n_cols) * sizeof *decoded);
  for (int64_t row = 0; row < N_ROWS; row++)
    bl_tensor_decode_row(&q.tensor, row, decoded + row * l->n_cols);
  double error = error_of(l, decoded);
  free(decoded);
  free(q.bytes);
  return error;
}

/* ---- GPTQ ------------------------------------------------------------------------------------ */

static void gptq_has_the_codes_of_mlx_lm(void) {
  layer l = golden_layer();
  for (int bits = 2; bits <= 8; bits *= 2) {
    char recipe[32], path[512];
    size_t size;
    snprintf(recipe, sizeof recipe, "affine:%d:64+gptq", bits);
    quantized q = quantize(&l, recipe, BL_FIT_ROWS, NULL);
    snprintf(path, sizeof path, "%s/gptq/codes-%d.bin", BL_GOLDEN, bits);
    uint8_t *theirs = check_read_file(path, &size), ours[N_COLS];
    snprintf(path, sizeof path, "lines-%d.bin", bits);
    float *lines = read_floats(path, N_ROWS * N_COLS / 64 * 2);
    float *decoded = malloc(N_ROWS * N_COLS * sizeof *decoded);
    int n_equal = 0;
    for (int row = 0; row < N_ROWS; row++) {
      bl_tensor_row_codes(&q.tensor, row, ours);
      for (int col = 0; col < N_COLS; col++) {
        const int at = row * N_COLS + col;
        n_equal += ours[col] == theirs[at];
        decoded[at] = lines[at / 64 * 2] * (float)theirs[at] + lines[at / 64 * 2 + 1];
      }
    }
    const double share = (double)n_equal / (N_ROWS * N_COLS);
    const double own_error = output_error(&l, recipe), their_error = error_of(&l, decoded);
    CHECK_MSG(share >= 0.99, "%d bits: %.4f of the codes are mlx_lm's", bits, share);
    CHECK_MSG(own_error <= 1.001 * their_error, "%d bits: the output is off by %g, mlx_lm's by %g",
              bits, own_error, their_error);
    free(theirs);
    free(lines);
    free(decoded);
    free(q.bytes);
  }
  free_layer(&l);
}

static void the_factor_is_that_of_the_inverse(void) {
  enum { N = 100 };
  static float h[N * N], upper[N * N];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      h[i * N + j] = (i == j ? 2.0f : 0.0f) + 1.0f / (float)(1 + (i - j) * (i - j));
  CHECK_OK(bl_inverse_factor(h, N, NULL, upper, error));
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) { /* U h U^T = 1 */
      double sum = 0;
      for (int a = i; a < N; a++)
        for (int b = j; b < N; b++)
          sum += (double)upper[i * N + a] * (double)h[a * N + b] * (double)upper[j * N + b];
      CHECK_MSG(fabs(sum - (i == j)) < 1e-5, "%d, %d: %g", i, j, sum);
    }
  h[0] = NAN;
  bl_error found;
  CHECK(bl_inverse_factor(h, N, NULL, upper, &found) == BL_ERR_ARGUMENT);
}

/* ---- what methods gain ------------------------------------------------------------------------
 */

static void every_step_of_the_best_chain_brings_the_output_nearer(void) {
  layer l = wide_layer();
  static const char *const formats[] = {"affine:2:64", "affine:3:64", "affine:4:64", "q4_0", "q4_1",
                                        "q5_1",        "iq4_nl",      "nf4",         "q3_k", "q4_k",
                                        "q6_k",        "int8",        "int4:64"};
  static const char *const chains[] = {"", "+imatrix+gptq", "+imatrix+gptq+polish"};
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    double before = INFINITY;
    for (int c = 0; c < 3; c++) {
      char recipe[64];
      snprintf(recipe, sizeof recipe, "%s%s", formats[i], chains[c]);
      const double after = output_error(&l, recipe);
      CHECK_MSG(after < before, "%s: off by %g, before that by %g", recipe, after, before);
      before = after;
    }
  }
  free_layer(&l);
}

static void search_lowers_the_error_of_weights_with_their_importance(void) {
  layer l = wide_layer();
  for (int64_t i = 0; i < WIDE; i++) /* of inputs that do not go together */
    for (int64_t j = 0; j < WIDE; j++)
      if (i != j) l.input.hessian[i * WIDE + j] = 0;
  const double rounded = output_error(&l, "affine:3:64");
  const double searched = output_error(&l, "affine:3:64+search");
  const double weighted = output_error(&l, "affine:3:64+imatrix");
  CHECK_MSG(searched < rounded && weighted < searched, "%g, %g, %g", rounded, searched, weighted);
  free_layer(&l);
}

/* ---- what no result depends on -----------------------------------------------------------------
 */

static void neither_pieces_nor_threads_change_a_byte(void) {
  layer l = wide_layer();
  static const char *const recipes[] = {"affine:4:64+search", "affine:3:128+search+gptq+polish",
                                        "q4_k+imatrix+gptq+polish", "int8+gptq+polish"};
  bl_pool *pool = bl_pool_new(3);
  for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
    quantized whole = quantize(&l, recipes[i], BL_FIT_ROWS, NULL);
    quantized single = quantize(&l, recipes[i], 1, NULL);
    quantized shared = quantize(&l, recipes[i], 5, pool);
    CHECK_MSG(memcmp(whole.bytes, single.bytes, whole.size) == 0, "%s row by row", recipes[i]);
    CHECK_MSG(memcmp(whole.bytes, shared.bytes, whole.size) == 0, "%s on threads", recipes[i]);
    free(whole.bytes);
    free(single.bytes);
    free(shared.bytes);
  }
  bl_pool_free(pool);
  free_layer(&l);
}

static void a_row_that_is_not_finite_is_rounded(void) {
  layer l = wide_layer();
  l.weights[3 * WIDE + 5] = NAN;
  l.weights[9 * WIDE] = INFINITY;
  quantized plain = quantize(&l, "affine:4:64", BL_FIT_ROWS, NULL);
  quantized fitted = quantize(&l, "affine:4:64+search+gptq+polish", BL_FIT_ROWS, NULL);
  for (int row = 0; row < N_ROWS; row++)
    for (int p = 0; p < 3; p++) {
      const size_t n = plain.tensor.row_bytes[p];
      const bool same = memcmp(plain.tensor.parts[p] + (size_t)row * n,
                               fitted.tensor.parts[p] + (size_t)row * n, n) == 0;
      CHECK_MSG(same || (row != 3 && row != 9), "row %d", row);
      if (p == 0 && row != 3 && row != 9) CHECK(!same);
    }
  free(plain.bytes);
  free(fitted.bytes);
  free_layer(&l);
}

static void inputs_that_were_never_seen_are_no_obstacle(void) {
  layer l = golden_layer();
  memset(l.input.hessian, 0, N_COLS * N_COLS * sizeof(float));
  CHECK(isfinite(output_error(&l, "affine:4:64+gptq+polish")));
  for (int i = 0; i < N_COLS; i++) l.input.hessian[i * N_COLS + i] = i < 10 ? 1.0f : 0.0f;
  CHECK(output_error(&l, "affine:4:64+gptq") <= output_error(&l, "affine:4:64"));
  free_layer(&l);
}

int main(void) {
  RUN(gptq_has_the_codes_of_mlx_lm);
  RUN(the_factor_is_that_of_the_inverse);
  RUN(every_step_of_the_best_chain_brings_the_output_nearer);
  RUN(search_lowers_the_error_of_weights_with_their_importance);
  RUN(neither_pieces_nor_threads_change_a_byte);
  RUN(a_row_that_is_not_finite_is_rounded);
  RUN(inputs_that_were_never_seen_are_no_obstacle);
  return check_result();
}
