/* MLX affine against mlx.core.quantize and mx.dequantize (tests/golden/make_affine.py), and the
 * properties that its definition promises. */
#include "base/number.h"
#include "check.h"
#include "quant/tensor.h"

static const int all_bits[] = {2, 3, 4, 5, 6, 8};
static const int all_groups[] = {32, 64, 128};
static const bl_dtype all_dtypes[] = {BL_F32, BL_F16, BL_BF16};
#define N_OF(array) ((int)(sizeof array / sizeof *array))

static bl_format affine(int bits, int group, bl_dtype dtype) {
  return (bl_format){bl_codec_find("affine", 6), bits, group, dtype};
}

/* Code i of a row, read a bit at a time: bit k of the code is bit i * bits + k of the row. */
static int code_at(const uint8_t *codes, int64_t i, int bits) {
  int code = 0;
  for (int k = 0; k < bits; k++) {
    int64_t bit = i * bits + k;
    code |= (codes[bit / 8] >> bit % 8 & 1) << k;
  }
  return code;
}

static bool same_or_both_nan(float a, float b) {
  return bl_f32_bits(a) == bl_f32_bits(b) || (isnan(a) && isnan(b));
}

/* How many of n numbers of a type differ, all NaNs being the same. */
static int count_differences(bl_dtype dtype, const uint8_t *a, const uint8_t *b, int64_t n) {
  int different = 0;
  for (int64_t i = 0; i < n; i++) {
    float x, y;
    bl_to_f32(dtype, a + (size_t)i * bl_dtype_size(dtype), 1, &x);
    bl_to_f32(dtype, b + (size_t)i * bl_dtype_size(dtype), 1, &y);
    different += !same_or_both_nan(x, y);
  }
  return different;
}

/* ---- encoding into guarded memory -------------------------------------------------------------
 */

enum { GUARD = 64, GUARD_BYTE = 0xa5 };

/* An encoded tensor. Its parts lie between guard bytes, at odd addresses. */
typedef struct encoded {
  bl_tensor tensor;
  uint8_t *memory[BL_MAX_PARTS];
} encoded;

static encoded encode(bl_format format, const float *weights, int64_t n_rows, int64_t n_cols) {
  encoded e = {.tensor = bl_tensor_make(format, n_rows, n_cols)};
  uint8_t *parts[BL_MAX_PARTS];
  for (int p = 0; p < 3; p++) {
    size_t size = (size_t)n_rows * e.tensor.row_bytes[p];
    e.memory[p] = malloc(size + 2 * GUARD + 1);
    if (!e.memory[p]) exit(1);
    memset(e.memory[p], GUARD_BYTE, size + 2 * GUARD + 1);
    parts[p] = e.memory[p] + GUARD + 1;
    e.tensor.parts[p] = parts[p];
  }
  for (int64_t r = 0; r < n_rows; r++)
    bl_tensor_encode_row(&e.tensor, parts, r, weights + r * n_cols);
  return e;
}

static bool guards_intact(const encoded *e) {
  for (int p = 0; p < 3; p++) {
    size_t size = (size_t)e->tensor.n_rows * e->tensor.row_bytes[p];
    for (int i = 0; i <= GUARD; i++)
      if (e->memory[p][i] != GUARD_BYTE) return false;
    for (int i = 0; i < GUARD; i++)
      if (e->memory[p][GUARD + 1 + size + (size_t)i] != GUARD_BYTE) return false;
  }
  return true;
}

static float *decode(const bl_tensor *tensor) {
  float *values = malloc((size_t)(tensor->n_rows * tensor->n_cols) * sizeof *values);
  if (!values) exit(1);
  for (int64_t r = 0; r < tensor->n_rows; r++)
    bl_tensor_decode_row(tensor, r, values + r * tensor->n_cols);
  return values;
}

static void encoded_free(encoded *e) {
  for (int p = 0; p < 3; p++) free(e->memory[p]);
}

/* ---- the library's small matrices -------------------------------------------------------------
 */

/* One matrix of affine.bin; the pointers are into the file. */
typedef struct matrix {
  bl_format format;
  int64_t n_rows, n_cols, n;
  const uint8_t *weights, *parts[3], *decoded, *rounded;
} matrix;

/* Reads the matrix at *at and moves *at past it. */
static matrix read_matrix(const uint8_t **at) {
  uint32_t head[5];
  memcpy(head, *at, sizeof head);
  *at += sizeof head;
  matrix m = {.format = affine((int)head[1], (int)head[2], (bl_dtype)head[0]),
              .n_rows = head[3],
              .n_cols = head[4],
              .n = (int64_t)head[3] * head[4]};
  size_t n = (size_t)m.n, number = bl_dtype_size(m.format.param_dtype);
  const size_t sizes[] = {n * number,           n * head[1] / 8, n / head[2] * number,
                          n / head[2] * number, n * 4,           n * number};
  const uint8_t **fields[] = {&m.weights,  &m.parts[0], &m.parts[1],
                              &m.parts[2], &m.decoded,  &m.rounded};
  for (int i = 0; i < N_OF(sizes); i++) {
    *fields[i] = *at;
    *at += sizes[i];
  }
  return m;
}

typedef bool (*matrix_fn)(const matrix *m);

/* Counts the matrices of which `agrees` is false, and reports. */
static void for_each_matrix(const char *what, matrix_fn agrees) {
  size_t size;
  uint8_t *file = check_read_file(BL_GOLDEN "/affine/affine.bin", &size);
  uint32_t n_matrices;
  CHECK(memcmp(file, "BLAFFINE", 8) == 0);
  memcpy(&n_matrices, file + 8, 4);
  const uint8_t *at = file + 12;
  int mismatches = 0;
  for (uint32_t i = 0; i < n_matrices; i++) {
    matrix m = read_matrix(&at);
    mismatches += !agrees(&m);
  }
  CHECK(at == file + size);
  CHECK(n_matrices >= 200);
  printf("    %s: %u matrices, %d mismatches\n", what, n_matrices, mismatches);
  CHECK(mismatches == 0);
  free(file);
}

static bool encodes_alike(const matrix *m) {
  bl_dtype dtype = m->format.param_dtype;
  float *weights = malloc((size_t)m->n * sizeof *weights);
  if (!weights) exit(1);
  bl_to_f32(dtype, m->weights, m->n, weights);
  encoded e = encode(m->format, weights, m->n_rows, m->n_cols);
  int64_t n_groups = m->n / m->format.group;
  bool alike = memcmp(e.tensor.parts[0], m->parts[0], (size_t)(m->n * m->format.bits / 8)) == 0 &&
               count_differences(dtype, e.tensor.parts[1], m->parts[1], n_groups) == 0 &&
               count_differences(dtype, e.tensor.parts[2], m->parts[2], n_groups) == 0 &&
               guards_intact(&e);
  encoded_free(&e);
  free(weights);
  return alike;
}

static void encoding_writes_the_bytes_of_mlx_and_nothing_else(void) {
  for_each_matrix("mx.quantize", encodes_alike);
}

static bool decodes_alike(const matrix *m) {
  bl_tensor tensor = bl_tensor_make(m->format, m->n_rows, m->n_cols);
  for (int p = 0; p < 3; p++) tensor.parts[p] = m->parts[p];
  float *values = decode(&tensor);
  int different = count_differences(BL_F32, (const uint8_t *)values, m->decoded, m->n);
  free(values);
  return different == 0;
}

static void decoding_gives_the_float32_values_of_mlx(void) {
  for_each_matrix("mx.dequantize in float32", decodes_alike);
}

static bool rounds_alike(const matrix *m) {
  bl_dtype dtype = m->format.param_dtype;
  size_t number = bl_dtype_size(dtype);
  int different = 0;
  for (int64_t i = 0; i < m->n; i++) {
    size_t group = (size_t)(i / m->format.group);
    float scale, bias, theirs;
    bl_to_f32(dtype, m->parts[1] + group * number, 1, &scale);
    bl_to_f32(dtype, m->parts[2] + group * number, 1, &bias);
    bl_to_f32(dtype, m->rounded + (size_t)i * number, 1, &theirs);
    float value = scale * (float)code_at(m->parts[0], i, m->format.bits);
    bl_round_to(dtype, &value, 1);
    value += bias;
    bl_round_to(dtype, &value, 1);
    different += !same_or_both_nan(value, theirs);
  }
  return different == 0;
}

static void mx_dequantize_rounds_the_product_and_the_sum_to_the_type(void) {
  for_each_matrix("mx.dequantize", rounds_alike);
}

/* ---- the library's large matrix ---------------------------------------------------------------
 */

enum { LARGE_ROWS = 64, LARGE_COLS = 2048 };

/* As large_matrix() of make_affine.py. */
static float *make_large_matrix(bl_dtype dtype) {
  const int64_t n = LARGE_ROWS * LARGE_COLS;
  float *weights = malloc((size_t)n * sizeof *weights);
  if (!weights) exit(1);
  uint64_t state = 1;
  for (int64_t i = 0; i < n; i++) {
    float a = check_uniform(&state), b = check_uniform(&state), c = check_uniform(&state);
    weights[i] = ldexpf(a * b * c, -(int)(i / 128 % 24));
  }
  bl_round_to(dtype, weights, n);
  return weights;
}

static uint64_t fnv1a(uint64_t hash, const void *bytes, size_t n) {
  const uint8_t *byte = bytes;
  for (size_t i = 0; i < n; i++) hash = (hash ^ byte[i]) * 0x100000001b3u;
  return hash;
}

static void a_large_matrix_has_the_hashes_of_mlx_in_every_setting(void) {
  FILE *file = fopen(BL_GOLDEN "/affine/hashes.txt", "r");
  CHECK(file);
  if (!file) return;
  char name[8];
  int bits, group, n_lines = 0, mismatches = 0;
  unsigned long long their_encoded, their_decoded;
  while (fscanf(file, "%7s %d %d %llx %llx", name, &bits, &group, &their_encoded, &their_decoded) ==
         5) {
    bl_dtype dtype = BL_DTYPE_NONE;
    CHECK(bl_dtype_parse(name, &dtype));
    float *weights = make_large_matrix(dtype);
    encoded e = encode(affine(bits, group, dtype), weights, LARGE_ROWS, LARGE_COLS);
    const uint64_t start = 0xcbf29ce484222325u;
    uint64_t hash = start;
    for (int p = 0; p < 3; p++)
      hash = fnv1a(hash, e.tensor.parts[p], LARGE_ROWS * e.tensor.row_bytes[p]);
    float *values = decode(&e.tensor);
    uint64_t decoded = fnv1a(start, values, LARGE_ROWS * LARGE_COLS * sizeof *values);
    mismatches += hash != their_encoded || decoded != their_decoded;
    n_lines++;
    free(values);
    encoded_free(&e);
    free(weights);
  }
  fclose(file);
  printf("    %d matrices of %d weights, %d mismatches\n", n_lines, LARGE_ROWS * LARGE_COLS,
         mismatches);
  CHECK(n_lines == 54);
  CHECK(mismatches == 0);
}

/* ---- properties -------------------------------------------------------------------------------
 */

static void codes_are_one_stream_of_bits_lowest_first(void) {
  uint64_t state = 2;
  for (int b = 0; b < N_OF(all_bits); b++) {
    int bits = all_bits[b];
    bl_tensor tensor = bl_tensor_make(affine(bits, 32, BL_F32), 1, 256);
    uint8_t codes[256];
    float scales[8], biases[8], values[256];
    for (int i = 0; i < 32 * bits; i++) codes[i] = (uint8_t)check_random(&state);
    for (int g = 0; g < 8; g++) scales[g] = 1, biases[g] = 0;
    tensor.parts[0] = codes;
    tensor.parts[1] = (const uint8_t *)scales;
    tensor.parts[2] = (const uint8_t *)biases;
    bl_tensor_decode_row(&tensor, 0, values);
    for (int i = 0; i < 256; i++)
      CHECK_MSG((int)values[i] == code_at(codes, i, bits), "%d bits, code %d", bits, i);
  }
}

typedef void (*group_fn)(const bl_tensor *tensor, const float *weights, const float *values);

/* Calls `check` with rows of one group, over all settings: random centres, widths and sizes. */
static void for_random_groups(bl_dtype dtype, group_fn check) {
  uint64_t state = 3;
  for (int b = 0; b < N_OF(all_bits); b++) {
    for (int g = 0; g < N_OF(all_groups); g++) {
      for (int round = 0; round < 200; round++) {
        int group = all_groups[g];
        float weights[128], centre = 2 * check_uniform(&state);
        for (int i = 0; i < group; i++)
          weights[i] = ldexpf(centre + check_uniform(&state), round % 24 - 12);
        weights[group / 2] = 0;
        bl_round_to(dtype, weights, group);
        encoded e = encode(affine(all_bits[b], group, dtype), weights, 1, group);
        float *values = decode(&e.tensor);
        check(&e.tensor, weights, values);
        free(values);
        encoded_free(&e);
      }
    }
  }
}

/* The far end of the grid is where the last code lies; weights past it are clamped to it. */
static void check_half_step(const bl_tensor *tensor, const float *weights, const float *values) {
  float scale, bias;
  memcpy(&scale, tensor->parts[1], 4);
  memcpy(&bias, tensor->parts[2], 4);
  double far = (double)bias + ((1 << tensor->format.bits) - 1) * (double)scale;
  double ulp = fabs((double)bias) * 0x1p-22;
  for (int64_t i = 0; i < tensor->n_cols; i++) {
    double w = weights[i], error = fabs(values[i] - w);
    double past = scale > 0 ? w - far : far - w;
    double bound = fabs((double)scale) / 2 + (past > 0 ? past : 0) + ulp;
    CHECK_MSG(error <= bound, "|%g - %g| > %g", values[i], w, bound);
  }
}

static void the_error_is_at_most_half_a_step_inside_the_grid(void) {
  for_random_groups(BL_F32, check_half_step);
}

/* Zero is in each of these groups, so the line was bent to meet it: |q0| <= n codes from the edge.
 */
static void check_edge_and_zero(const bl_tensor *tensor, const float *weights,
                                const float *values) {
  float edge = 0;
  for (int64_t i = 0; i < tensor->n_cols; i++)
    if (fabsf(weights[i]) > fabsf(edge)) edge = weights[i];
  for (int64_t i = 0; i < tensor->n_cols; i++) {
    if (weights[i] == 0)
      CHECK_MSG(fabsf(values[i]) <= fabsf(edge) * 0x1p-22f, "0 -> %g", values[i]);
    if (weights[i] == edge) CHECK_MSG(values[i] == edge, "edge %g -> %g", edge, values[i]);
  }
}

static void zero_and_the_edge_are_kept(void) {
  for_random_groups(BL_F32, check_edge_and_zero);
}

static int n_reencoded;

/* Where the first and the last code occur, and the far end is nearer to zero than the edge, the
 * decoded weights have the same edge and the same number of steps to zero: the same line, and so
 * the same codes. */
static void check_same_codes(const bl_tensor *tensor, const float *weights, const float *values) {
  (void)weights;
  int bits = tensor->format.bits;
  float lo = INFINITY, hi = -INFINITY;
  bool has_first = false, has_last = false;
  for (int64_t i = 0; i < tensor->n_cols; i++) {
    int code = code_at(tensor->parts[0], i, bits);
    has_first |= code == 0;
    has_last |= code == (1 << bits) - 1;
    lo = fminf(lo, values[i]);
    hi = fmaxf(hi, values[i]);
  }
  float scale;
  memcpy(&scale, tensor->parts[1], 4);
  bool same_edge = scale > 0 ? -lo > fabsf(hi) : hi > fabsf(lo);
  if (!has_first || !has_last || !same_edge) return;
  encoded again = encode(tensor->format, values, 1, tensor->n_cols);
  CHECK(memcmp(again.tensor.parts[0], tensor->parts[0], tensor->row_bytes[0]) == 0);
  encoded_free(&again);
  n_reencoded++;
}

static void decoded_weights_encode_to_the_same_codes(void) {
  n_reencoded = 0;
  for_random_groups(BL_F32, check_same_codes);
  printf("    %d groups of 3600 hold both ends of the grid\n", n_reencoded);
  CHECK(n_reencoded > 1000);
}

static void a_row_takes_its_codes_and_a_scale_and_bias_for_each_group(void) {
  for (int d = 0; d < N_OF(all_dtypes); d++) {
    for (int b = 0; b < N_OF(all_bits); b++) {
      for (int g = 0; g < N_OF(all_groups); g++) {
        int bits = all_bits[b], group = all_groups[g], n_cols = 5 * 128;
        int param_bytes = all_dtypes[d] == BL_F32 ? 4 : 2;
        bl_format format = affine(bits, group, all_dtypes[d]);
        bl_tensor tensor = bl_tensor_make(format, 7, n_cols);
        CHECK(tensor.row_bytes[0] == (size_t)(n_cols * bits / 32) * 4); /* as uint32 words */
        CHECK(tensor.row_bytes[1] == (size_t)(n_cols / group * param_bytes));
        CHECK(tensor.row_bytes[2] == tensor.row_bytes[1]);
        double expected = bits + 2.0 * 8 * param_bytes / group;
        CHECK(bl_format_bits_per_weight(&format) == expected);
        CHECK((double)bl_format_bytes(&format, 7, n_cols) == 7 * n_cols * expected / 8);
      }
    }
  }
}

int main(void) {
  RUN(encoding_writes_the_bytes_of_mlx_and_nothing_else);
  RUN(decoding_gives_the_float32_values_of_mlx);
  RUN(mx_dequantize_rounds_the_product_and_the_sum_to_the_type);
  RUN(a_large_matrix_has_the_hashes_of_mlx_in_every_setting);
  RUN(codes_are_one_stream_of_bits_lowest_first);
  RUN(the_error_is_at_most_half_a_step_inside_the_grid);
  RUN(zero_and_the_edge_are_kept);
  RUN(decoded_weights_encode_to_the_same_codes);
  RUN(a_row_takes_its_codes_and_a_scale_and_bias_for_each_group);
  return check_result();
}
