/* mxfp4, mxfp8, nvfp4 and nvfp4_tensor against mx.quantize and mx.dequantize
 * (tests/golden/make_mx.py), and the properties that their definitions promise. */
#include "base/number.h"
#include "check.h"
#include "quant/tensor.h"

enum { MXFP4, MXFP8, NVFP4, NVFP4_TENSOR, N_FORMATS };
static const char *const names[N_FORMATS] = {"mxfp4", "mxfp8", "nvfp4", "nvfp4_tensor"};
static const bl_dtype all_dtypes[] = {BL_F32, BL_F16, BL_BF16};

static bl_format format_named(const char *name, bl_dtype dtype) {
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  if (!codec) {
    printf("    there is no format '%s'\n", name);
    exit(1);
  }
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, dtype};
}

static uint64_t fnv1a(uint64_t hash, const void *bytes, size_t n) {
  const uint8_t *byte = bytes;
  for (size_t i = 0; i < n; i++) hash = (hash ^ byte[i]) * 0x100000001b3u;
  return hash;
}
static const uint64_t fnv_start = 0xcbf29ce484222325u;

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
  uint8_t *parts[BL_MAX_PARTS] = {NULL};
  for (int p = 0; p < format.codec->n_parts; p++) {
    size_t size = bl_tensor_part_bytes(&e.tensor, p);
    e.memory[p] = malloc(size + 2 * GUARD + 1);
    if (!e.memory[p]) exit(1);
    memset(e.memory[p], GUARD_BYTE, size + 2 * GUARD + 1);
    parts[p] = e.memory[p] + GUARD + 1;
    e.tensor.parts[p] = parts[p];
  }
  if (format.codec->encode_tensor)
    format.codec->encode_tensor(&format, weights, n_rows, n_cols, parts);
  for (int64_t r = 0; r < n_rows && !format.codec->encode_tensor; r++)
    bl_tensor_encode_row(&e.tensor, parts, r, weights + r * n_cols);
  return e;
}

static bool guards_intact(const encoded *e) {
  for (int p = 0; p < e->tensor.format.codec->n_parts; p++) {
    size_t size = bl_tensor_part_bytes(&e->tensor, p);
    for (int i = 0; i <= GUARD; i++)
      if (e->memory[p][i] != GUARD_BYTE) return false;
    for (int i = 0; i < GUARD; i++)
      if (e->memory[p][GUARD + 1 + size + (size_t)i] != GUARD_BYTE) return false;
  }
  return true;
}

static void encoded_free(encoded *e) {
  for (int p = 0; p < BL_MAX_PARTS; p++) free(e->memory[p]);
}

/* The decoded values, all NaNs the same; freed by the caller. */
static float *decode(const bl_tensor *tensor) {
  int64_t n = tensor->n_rows * tensor->n_cols;
  float *values = malloc((size_t)n * sizeof *values);
  if (!values) exit(1);
  for (int64_t r = 0; r < tensor->n_rows; r++)
    bl_tensor_decode_row(tensor, r, values + r * tensor->n_cols);
  for (int64_t i = 0; i < n; i++)
    if (isnan(values[i])) values[i] = bl_f32_from_bits(0x7fc00000);
  return values;
}

static uint64_t hash_of_values(const bl_tensor *tensor) {
  float *values = decode(tensor);
  uint64_t hash =
      fnv1a(fnv_start, values, (size_t)(tensor->n_rows * tensor->n_cols) * sizeof *values);
  free(values);
  return hash;
}

/* ---- the library's small matrices -------------------------------------------------------------
 */

enum { CODES, SCALES, GLOBAL_SCALE };

/* Are two float32 the same, or both NaN, of which there are many? */
static bool same_number(const uint8_t *a, const uint8_t *b) {
  float x, y;
  memcpy(&x, a, 4);
  memcpy(&y, b, 4);
  return bl_f32_bits(x) == bl_f32_bits(y) || (isnan(x) && isnan(y));
}

/* Compares matrix `weights` in one format with the library's bytes at *at, and moves past them. */
static void compare_matrix(bl_format format, const float *weights, const uint32_t *shape,
                           const uint8_t **at, int *mismatches) {
  encoded e = encode(format, weights, shape[0], shape[1]);
  bool alike = guards_intact(&e);
  bl_tensor theirs = e.tensor;
  for (int p = 0; p < format.codec->n_parts; p++) {
    size_t size = bl_tensor_part_bytes(&e.tensor, p);
    alike = alike && (p == GLOBAL_SCALE ? same_number(e.tensor.parts[p], *at)
                                        : memcmp(e.tensor.parts[p], *at, size) == 0);
    theirs.parts[p] = *at;
    *at += size;
  }
  uint64_t hash;
  memcpy(&hash, *at, 8);
  *at += 8;
  *mismatches += !alike || hash_of_values(&theirs) != hash;
  encoded_free(&e);
}

static void every_matrix_has_the_bytes_and_the_values_of_mlx(void) {
  size_t size;
  uint8_t *file = check_read_file(BL_GOLDEN "/mx/mx.bin", &size);
  uint32_t n_matrices;
  CHECK(memcmp(file, "BLMXFP04", 8) == 0);
  memcpy(&n_matrices, file + 8, 4);
  const uint8_t *at = file + 12;
  int counts[N_FORMATS] = {0}, mismatches[N_FORMATS] = {0};
  for (uint32_t i = 0; i < n_matrices; i++) {
    uint32_t head[4]; /* dtype, rows, columns, formats */
    memcpy(head, at, sizeof head);
    at += sizeof head;
    int64_t n = (int64_t)head[1] * head[2];
    float *weights = malloc((size_t)n * sizeof *weights);
    if (!weights) exit(1);
    bl_to_f32((bl_dtype)head[0], at, n, weights);
    at += (size_t)n * bl_dtype_size((bl_dtype)head[0]);
    for (int f = 0; f < N_FORMATS; f++) {
      if (!(head[3] >> f & 1)) continue;
      counts[f]++;
      compare_matrix(format_named(names[f], (bl_dtype)head[0]), weights, head + 1, &at,
                     &mismatches[f]);
    }
    free(weights);
  }
  CHECK(at == file + size);
  for (int f = 0; f < N_FORMATS; f++) {
    printf("    %-12s %d matrices, %d mismatches\n", names[f], counts[f], mismatches[f]);
    CHECK(counts[f] >= 90);
    CHECK(mismatches[f] == 0);
  }
  free(file);
}

/* ---- the library's large matrix ---------------------------------------------------------------
 */

enum { LARGE_ROWS = 64, LARGE_COLS = 2048 };

/* As large_matrix() of make_mx.py. */
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

static void a_large_matrix_has_the_hashes_of_mlx_for_every_type_of_weights(void) {
  FILE *file = fopen(BL_GOLDEN "/mx/large.txt", "r");
  CHECK(file);
  if (!file) return;
  char type[8], name[16];
  int n_lines = 0, mismatches = 0;
  unsigned long long their_encoded, their_decoded;
  while (fscanf(file, "%7s %15s %llx %llx", type, name, &their_encoded, &their_decoded) == 4) {
    bl_dtype dtype = BL_DTYPE_NONE;
    CHECK(bl_dtype_parse(type, &dtype));
    float *weights = make_large_matrix(dtype);
    encoded e = encode(format_named(name, dtype), weights, LARGE_ROWS, LARGE_COLS);
    uint64_t hash = fnv_start;
    for (int p = 0; p < 2; p++)
      hash = fnv1a(hash, e.tensor.parts[p], bl_tensor_part_bytes(&e.tensor, p));
    mismatches += hash != their_encoded || hash_of_values(&e.tensor) != their_decoded;
    n_lines++;
    encoded_free(&e);
    free(weights);
  }
  fclose(file);
  printf("    %d matrices of %d weights, %d mismatches\n", n_lines, LARGE_ROWS * LARGE_COLS,
         mismatches);
  CHECK(n_lines == 12);
  CHECK(mismatches == 0);
}

static void every_code_under_every_scale_decodes_as_in_mlx(void) {
  FILE *file = fopen(BL_GOLDEN "/mx/decoded.txt", "r");
  CHECK(file);
  if (!file) return;
  char name[16];
  float global_scale;
  unsigned long long theirs;
  int n_lines = 0;
  while (fscanf(file, "%15s %f %llx", name, &global_scale, &theirs) == 3) {
    static uint8_t codes[256][256], scales[256][16];
    bl_format format = format_named(name, BL_F32);
    for (int r = 0; r < 256; r++) {
      for (int c = 0; c < 256; c++)
        codes[r][c] = (uint8_t)(format.bits == 8 ? c : 2 * c % 16 | (2 * c + 1) % 16 << 4);
      memset(scales[r], r, sizeof scales[r]);
    }
    uint8_t packed[256 * 256], packed_scales[256 * 16];
    bl_tensor tensor = bl_tensor_make(format, 256, 256);
    for (size_t r = 0; r < 256; r++) {
      memcpy(packed + r * tensor.row_bytes[0], codes[r], tensor.row_bytes[0]);
      memcpy(packed_scales + r * tensor.row_bytes[1], scales[r], tensor.row_bytes[1]);
    }
    tensor.parts[0] = packed;
    tensor.parts[1] = packed_scales;
    tensor.parts[2] = (const uint8_t *)&global_scale;
    CHECK_MSG(hash_of_values(&tensor) == theirs, "%s with global_scale %g decodes to other values",
              name, (double)global_scale);
    n_lines++;
  }
  CHECK(n_lines == 5);
  fclose(file);
}

/* ---- what is ours to decide -------------------------------------------------------------------
 */

static void a_group_with_a_nan_or_an_infinity_decodes_to_nan_and_harms_no_other(void) {
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (int f = MXFP4; f <= MXFP8; f++) {
    for (int d = 0; d < 3; d++) {
      for (int b = 0; b < 3; b++) {
        float weights[96];
        for (int i = 0; i < 96; i++) weights[i] = 0.01f * (float)(i % 7 - 3);
        weights[40] = bad[b];
        encoded e = encode(format_named(names[f], all_dtypes[d]), weights, 1, 96);
        CHECK(e.tensor.parts[SCALES][1] == 255);
        float *values = decode(&e.tensor);
        for (int i = 0; i < 96; i++)
          CHECK(i / 32 == 1 ? isnan(values[i]) : fabsf(values[i] - weights[i]) <= 0.006f);
        free(values);
        encoded_free(&e);
      }
    }
  }
}

static void a_tensor_of_zeros_with_a_tensor_scale_decodes_to_zeros(void) {
  float weights[64] = {0};
  encoded e = encode(format_named("nvfp4_tensor", BL_F32), weights, 2, 32);
  for (int i = 0; i < 4; i++) CHECK(e.tensor.parts[SCALES][i] == 126);
  float *values = decode(&e.tensor);
  for (int i = 0; i < 64; i++) CHECK(bl_f32_bits(values[i]) == 0);
  free(values);
  encoded_free(&e);
}

/* ---- properties -------------------------------------------------------------------------------
 */

static void a_weight_is_half_a_step_of_its_codes_away_at_most(void) {
  uint64_t state = 3;
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_named(names[f], BL_F32);
    float weights[512];
    for (int i = 0; i < 512; i++) weights[i] = 0.3f * check_uniform(&state);
    encoded e = encode(format, weights, 2, 256);
    float *values = decode(&e.tensor);
    for (int i = 0; i < 512; i++) {
      float largest = 0;
      for (int k = i / format.group * format.group, end = k + format.group; k < end; k++)
        largest = fmaxf(largest, fabsf(weights[k]));
      /* The widest step of fp4 is 2 of 6, under a scale that is up to twice too large (mx), or 1/16
       * off (nv), where the largest weight may also be cut. */
      float widest = f == MXFP8 ? 1 / 16.0f : f == MXFP4 ? 1 / 3.0f : (1 + 1 / 8.0f) / 6;
      CHECK(fabsf(values[i] - weights[i]) <= largest * widest);
    }
    free(values);
    encoded_free(&e);
  }
}

/* f16 is left out: 0.5 times its smallest power of two is none of its numbers. */
static void decoded_weights_encode_to_the_same_values_where_their_type_has_them(void) {
  for (int d = 0; d < 3; d++) {
    if (all_dtypes[d] == BL_F16) continue;
    float *weights = make_large_matrix(all_dtypes[d]);
    for (int f = MXFP4; f <= MXFP8; f++) {
      encoded first =
          encode(format_named(names[f], all_dtypes[d]), weights, LARGE_ROWS, LARGE_COLS);
      float *once = decode(&first.tensor);
      encoded second = encode(first.tensor.format, once, LARGE_ROWS, LARGE_COLS);
      float *twice = decode(&second.tensor);
      int different = 0;
      for (int i = 0; i < LARGE_ROWS * LARGE_COLS; i++) different += once[i] != twice[i];
      CHECK_MSG(different == 0, "%s %s: %d values", names[f], bl_dtype_name(all_dtypes[d]),
                different);
      free(once);
      free(twice);
      encoded_free(&first);
      encoded_free(&second);
    }
    free(weights);
  }
}

static void a_row_takes_its_codes_and_a_byte_for_each_group(void) {
  static const double bits_per_weight[N_FORMATS] = {4.25, 8.25, 4.5, 4.5};
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_named(names[f], BL_F16);
    bl_tensor tensor = bl_tensor_make(format, 3, 64);
    CHECK(tensor.row_bytes[0] == (size_t)(64 * format.bits / 8));
    CHECK(tensor.row_bytes[1] == (size_t)(64 / format.group));
    CHECK(bl_format_bits_per_weight(&format) == bits_per_weight[f]);
    uint64_t shared = f == NVFP4_TENSOR ? 4 : 0;
    CHECK(bl_format_bytes(&format, 3, 64) ==
          3 * (tensor.row_bytes[0] + tensor.row_bytes[1]) + shared);
  }
}

int main(void) {
  RUN(every_matrix_has_the_bytes_and_the_values_of_mlx);
  RUN(a_large_matrix_has_the_hashes_of_mlx_for_every_type_of_weights);
  RUN(every_code_under_every_scale_decodes_as_in_mlx);
  RUN(a_group_with_a_nan_or_an_infinity_decodes_to_nan_and_harms_no_other);
  RUN(a_tensor_of_zeros_with_a_tensor_scale_decodes_to_zeros);
  RUN(a_weight_is_half_a_step_of_its_codes_away_at_most);
  RUN(decoded_weights_encode_to_the_same_values_where_their_type_has_them);
  RUN(a_row_takes_its_codes_and_a_byte_for_each_group);
  return check_result();
}
