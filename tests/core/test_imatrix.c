/* Quantizing with an importance matrix against llama.cpp (tests/golden/make_ggml_imatrix.py). */
#include "ggml_weights.h"
#include "quant/method.h"
#include "quant/methods/imatrix.h"

enum { SEED = 1 << 20, N_FORMATS = 11 };
#ifdef BL_EMULATED
enum { MOST_ROWS = 2 }; /* the long matrices take minutes */
#else
enum { MOST_ROWS = 64 };
#endif
static const char *const names[N_FORMATS] = {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0",  "q2_k",
                                             "q3_k", "q4_k", "q5_k", "q6_k", "iq4_nl"};

typedef struct matrix_case {
  int32_t kind, exponent, importance, n_rows, n_cols;
} matrix_case;

static float *make_weights(const matrix_case *c, uint64_t seed) {
  const int n = c->n_rows * c->n_cols;
  float *weights = allocate((size_t)n * sizeof *weights);
  for (int i = 0; i < n; i++)
    weights[i] = make_weight(c->kind, c->exponent, i, check_random(&seed));
  return weights;
}

static float *make_importance(const matrix_case *c, uint64_t seed) {
  float *values = allocate((size_t)c->n_cols * sizeof *values);
  for (int i = 0; i < c->n_cols; i++) {
    float u = (float)(check_random(&seed) >> 52);
    values[i] = c->importance == 1 ? 1 : u * u * 0x1p-24f;
    if (c->importance == 2 && i % 3 == 0) values[i] = 0;
    if (c->importance == 3 && i == c->n_cols / 2) values[i] = 0x1p20f;
  }
  return values;
}

static uint64_t hash_of(const uint8_t *bytes, size_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; i++) h = (h ^ bytes[i]) * 0x100000001b3u;
  return h;
}

/* Rows whose bytes have another hash. */
static int count_mismatches(const bl_format *format, const matrix_case *c, uint64_t number,
                            const uint8_t *hashes) {
  float *weights = make_weights(c, number), *importance = make_importance(c, SEED + number);
  const size_t size = bl_format_row_bytes(format, 0, c->n_cols);
  uint8_t *bytes = allocate(size + 1), *parts[] = {bytes + 1}; /* at an odd address */
  int mismatches = 0;
  for (int r = 0; r < c->n_rows; r++) {
    uint64_t expected;
    memcpy(&expected, hashes + 8 * r, sizeof expected);
    bl_imatrix_encode_row(format, weights + r * c->n_cols, importance, c->n_cols, parts);
    mismatches += hash_of(parts[0], size) != expected;
  }
  free(weights);
  free(importance);
  free(bytes);
  return mismatches;
}

static void rows_have_the_bytes_of_llama_cpp(void) {
  size_t size;
  uint8_t *file = check_read_file(BL_GOLDEN "/ggml_imatrix/ggml_imatrix.bin", &size);
  uint32_t n_cases;
  CHECK(memcmp(file, "BLGGMLI1", 8) == 0);
  memcpy(&n_cases, file + 8, 4);
  CHECK(n_cases >= 50);
  const uint8_t *at = file + 12 + n_cases * sizeof(matrix_case);
  for (int f = 0; f < N_FORMATS; f++) {
    const bl_codec *codec = bl_codec_find(names[f], strlen(names[f]));
    const bl_format format = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
    int n_rows = 0, mismatches = 0;
    CHECK_MSG(bl_imatrix_encodes(codec), "%s", names[f]);
    for (uint32_t i = 0; i < n_cases; i++) {
      matrix_case c;
      memcpy(&c, file + 12 + i * sizeof c, sizeof c);
      if (c.n_cols % format.group != 0) continue;
      const bool is_short = c.n_rows <= MOST_ROWS;
      int wrong = is_short ? count_mismatches(&format, &c, i, at) : 0;
      CHECK_MSG(wrong == 0, "%s: case %u of kind %d, exponent %d, importance %d: %d of %d rows",
                names[f], i, c.kind, c.exponent, c.importance, wrong, c.n_rows);
      mismatches += wrong;
      n_rows += is_short ? c.n_rows : 0;
      at += 8 * c.n_rows;
    }
    printf("    %s: %d rows, %d mismatches\n", names[f], n_rows, mismatches);
  }
  CHECK(at == file + size);
  free(file);
}

static uint32_t method_named(const char *name) {
  for (int i = 0; i < bl_n_methods; i++)
    if (strcmp(bl_methods[i]->name, name) == 0) return (uint32_t)1 << i;
  return 0;
}

/* Rows fitted by +imatrix are llama.cpp's; with a method after it they are not. */
static void a_fitting_by_the_matrix_alone_has_these_bytes(void) {
  enum { COLS = 512 };
  const matrix_case c = {0, -22, 0, 2, COLS}; /* about normally distributed */
  float *weights = make_weights(&c, 1), *importance = make_importance(&c, SEED + 1);
  float *hessian = allocate(COLS * COLS * sizeof *hessian);
  memset(hessian, 0, COLS * COLS * sizeof *hessian);
  for (int i = 0; i < COLS; i++) hessian[i * COLS + i] = importance[i];
  const bl_input input = {
      .n_cols = COLS, .n_tokens = 1000, .mean_squares = importance, .hessian = hessian};
  bl_pool *pool = bl_pool_new(1);
  const char *const after[] = {NULL, "polish"};
  for (int f = 0; f < N_FORMATS; f++) {
    const bl_codec *codec = bl_codec_find(names[f], strlen(names[f]));
    const bl_format format = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
    const size_t size = bl_format_row_bytes(&format, 0, COLS);
    uint8_t *expected = allocate(2 * size), *found = allocate(2 * size);
    for (int r = 0; r < 2; r++) {
      uint8_t *parts[] = {expected + (size_t)r * size};
      bl_imatrix_encode_row(&format, weights + r * COLS, importance, COLS, parts);
    }
    for (int a = 0; a < 2; a++) {
      bl_fitting fitting = {0};
      const uint32_t methods = method_named("imatrix") | (after[a] ? method_named(after[a]) : 0);
      CHECK_OK(bl_fitting_begin(&fitting, &format, methods, &input, COLS, pool, error));
      uint8_t *parts[2][BL_MAX_PARTS] = {{found}, {found + size}};
      bl_fitting_rows(&fitting, 0, weights, 2, parts);
      bl_fitting_end(&fitting);
      CHECK_MSG((memcmp(expected, found, 2 * size) == 0) == (a == 0), "%s %s", names[f],
                after[a] ? after[a] : "alone");
    }
    free(expected);
    free(found);
  }
  bl_pool_free(pool);
  free(weights);
  free(importance);
  free(hessian);
}

static void other_formats_have_no_such_encoder(void) {
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    bool expected = false;
    for (int f = 0; f < N_FORMATS; f++) expected = expected || strcmp(names[f], codec->name) == 0;
    CHECK_MSG(bl_imatrix_encodes(codec) == expected, "%s", codec->name);
  }
}

int main(void) {
  RUN(rows_have_the_bytes_of_llama_cpp);
  RUN(a_fitting_by_the_matrix_alone_has_these_bytes);
  RUN(other_formats_have_no_such_encoder);
  return check_result();
}
