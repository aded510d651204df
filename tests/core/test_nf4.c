/* nf4 and nf4_double against bitsandbytes (tests/golden/make_torch.py), and what their definitions
 * promise. */
#include "torch_material.h"

static void compare_nf4(const torch_encoded *e, const torch_head *head, const uint8_t **at,
                        torch_counts *counts) {
  int64_t n = (int64_t)head->n_rows * head->n_cols;
  torch_compare_codes(e, 0, n / 2, at, counts);
  torch_compare_params(e, 1, n / 64, BL_F32, at, counts);
  torch_compare_decoded(e, BL_F32, at, counts);
}

static void nf4_has_the_bytes_and_values_of_bitsandbytes(void) {
  torch_check_file(BL_GOLDEN "/torch/nf4.bin", "nf4", 90, compare_nf4);
  torch_check_large("nf4", "nf4", true);
}

static void compare_nf4_double(const torch_encoded *e, const torch_head *head, const uint8_t **at,
                               torch_counts *counts) {
  int64_t n = (int64_t)head->n_rows * head->n_cols, n_blocks = n / 64;
  if (n < 10000) {
    torch_compare_codes(e, 0, n / 2, at, counts);
  } else {
    uint64_t hash = torch_fnv1a(TORCH_FNV1A_START, e->tensor.parts[0], (size_t)n / 2);
    counts->codes_different += hash != torch_read_u64(at);
  }
  torch_compare_codes(e, 1, n_blocks, at, counts);
  torch_compare_params(e, 2, (n_blocks + 255) / 256, BL_F32, at, counts);
  torch_compare_params(e, 3, 1, BL_F32, at, counts);
  torch_compare_decoded(e, BL_F32, at, counts);
}

static void nf4_double_has_the_bytes_and_values_of_bitsandbytes(void) {
  torch_check_file(BL_GOLDEN "/torch/double.bin", "nf4_double", 99, compare_nf4_double);
  torch_check_large("double", "nf4_double", true);
}

/* ---- the tables -------------------------------------------------------------------------------
 */

/* A block whose absmax is 1, of which weight 0 has that and the others have codes 0 to 15. */
static void every_code_of_nf4_stands_for_the_value_that_bitsandbytes_has(void) {
  size_t size;
  uint8_t *file = check_read_file(BL_GOLDEN "/torch/map.bin", &size);
  CHECK(size == 64 + 1024 + 65536);
  uint8_t codes[32];
  float absmax = 1, values[64];
  for (int i = 0; i < 32; i++) codes[i] = (uint8_t)(i % 16 << 4 | (15 - i % 16));
  bl_tensor tensor = bl_tensor_make(torch_format("nf4", 4, 64, BL_F32), 1, 64);
  tensor.parts[0] = codes;
  tensor.parts[1] = (const uint8_t *)&absmax;
  bl_tensor_decode_row(&tensor, 0, values);
  for (int i = 0; i < 64; i++) {
    int code = i % 2 == 0 ? i / 2 % 16 : 15 - i / 2 % 16;
    CHECK(torch_count_different(&values[i], file + 4 * code, 1, BL_F32) == 0);
  }
  free(file);
}

/* One block for each code, its absmax decoded from a nested scale of 1 and an offset of 0: the
 * map's value, as weights of code 15. */
static void every_code_of_the_dynamic_map_stands_for_the_value_that_bitsandbytes_has(void) {
  size_t size;
  uint8_t *file = check_read_file(BL_GOLDEN "/torch/map.bin", &size);
  uint8_t codes[256 * 32], absmax[256];
  float nested = 1, offset = 0;
  memset(codes, 0xff, sizeof codes);
  for (int i = 0; i < 256; i++) absmax[i] = (uint8_t)i;
  bl_tensor tensor = bl_tensor_make(torch_format("nf4_double", 4, 64, BL_F32), 16, 16 * 64);
  tensor.parts[0] = codes;
  tensor.parts[1] = absmax;
  tensor.parts[2] = (const uint8_t *)&nested;
  tensor.parts[3] = (const uint8_t *)&offset;
  float *values = torch_decode(&tensor, BL_F32);
  int64_t different = 0;
  for (int i = 0; i < 256 * 64; i++)
    different += torch_count_different(&values[i], file + 64 + 4 * (i / 64), 1, BL_F32);
  CHECK(different == 0);
  free(values);
  free(file);
}

/* All 65536 grid points between an absmax and its code, 127 of them at a time. Blocks 2 j and
 * 2 j + 1 of a run have the absmax 1 + x and 1 - x, where x is the grid point to 16 binary places,
 * so that sums are exact and the mean is 1; blocks 254 and 255 have 2 and 0, so that the nested
 * scale is 1. */
static void every_grid_point_has_the_code_of_bitsandbytes(void) {
  size_t size;
  uint8_t *file = check_read_file(BL_GOLDEN "/torch/map.bin", &size);
  const uint8_t *theirs = file + 64 + 1024;
  enum { N_BLOCKS = 256, COLS = N_BLOCKS * 64, PER_RUN = 127 };
  float *weights = torch_allocate(COLS * sizeof *weights);
  int n_checked = 0, different = 0;
  for (int first = 0; first < 65536; first += PER_RUN) {
    for (int i = 0; i < COLS; i++) {
      int block = i / 64, point = first + block / 2 < 65536 ? first + block / 2 : 65535;
      float x = rintf((float)(65536 * (2.0 * point / 65535 - 1))) / 65536;
      if (block >= 254) x = 1;
      weights[i] = block % 2 == 0 ? 1 + x : 1 - x;
    }
    torch_encoded e = torch_encode(torch_format("nf4_double", 4, 64, BL_F32), weights, 1, COLS);
    float nested, offset;
    memcpy(&nested, e.tensor.parts[2], 4);
    memcpy(&offset, e.tensor.parts[3], 4);
    CHECK_MSG(nested == 1 && offset == 1, "%.9g, %.9g", nested, offset);
    for (int j = 0; j < PER_RUN && first + j < 65536; j++, n_checked++)
      different += e.tensor.parts[1][2 * j] != theirs[first + j];
    torch_encoded_free(&e);
  }
  printf("    %d grid points, %d mismatches\n", n_checked, different);
  CHECK(n_checked == 65536 && different == 0);
  free(weights);
  free(file);
}

/* ---- properties -------------------------------------------------------------------------------
 */

static void no_value_of_nf4_is_nearer_than_the_one_chosen(void) {
  float *weights = torch_make_weights(1, BL_F32, 16 * 64);
  torch_encoded e = torch_encode(torch_format("nf4", 4, 64, BL_F32), weights, 1, 16 * 64);
  float *values = torch_decode(&e.tensor, BL_F32);
  for (int i = 0; i < 16 * 64; i++) {
    float absmax;
    memcpy(&absmax, e.tensor.parts[1] + i / 64 * 4, 4);
    double error = fabs((double)values[i] - weights[i]);
    for (int c = 0; c < 16; c++)
      CHECK(error <= fabs((double)torch_nf4_values[c] * absmax - weights[i]) + absmax * 0x1p-22);
  }
  free(values);
  torch_encoded_free(&e);
  free(weights);
}

static void a_nan_or_an_infinity_makes_nothing_of_a_doubly_quantized_matrix_finite(void) {
  const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
  for (int b = 0; b < 4; b++) {
    float *weights = torch_make_weights(0, BL_F32, 8 * 4096);
    weights[300] = bad[b];
    torch_encoded e = torch_encode(torch_format("nf4_double", 4, 64, BL_F32), weights, 8, 4096);
    CHECK(torch_guards_intact(&e));
    float *values = torch_decode(&e.tensor, BL_F32);
    for (int i = 0; i < 8 * 4096; i++) CHECK(!isfinite(values[i]));
    for (int i = 0; i < 8 * 64; i++) CHECK(e.tensor.parts[1][i] == 0);
    free(values);
    torch_encoded_free(&e);
    free(weights);
  }
}

static void sizes_count_every_scale(void) {
  bl_format nf4 = torch_format("nf4", 4, 64, BL_F32);
  bl_format nf4_double = torch_format("nf4_double", 4, 64, BL_F32);
  CHECK(bl_format_bits_per_weight(&nf4) == 4.5);
  CHECK(bl_format_bytes(&nf4, 3, 128) == 3 * (64 + 8));
  CHECK(bl_format_bits_per_weight(&nf4_double) == 4.125);
  CHECK(bl_format_bytes(&nf4_double, 3, 128) == 3 * (64 + 2) + 4 + 4);
  CHECK(bl_format_bytes(&nf4_double, 257, 64) == 257 * (32 + 1) + 2 * 4 + 4);
}

int main(void) {
  RUN(nf4_has_the_bytes_and_values_of_bitsandbytes);
  RUN(nf4_double_has_the_bytes_and_values_of_bitsandbytes);
  RUN(every_code_of_nf4_stands_for_the_value_that_bitsandbytes_has);
  RUN(every_code_of_the_dynamic_map_stands_for_the_value_that_bitsandbytes_has);
  RUN(every_grid_point_has_the_code_of_bitsandbytes);
  RUN(no_value_of_nf4_is_nearer_than_the_one_chosen);
  RUN(a_nan_or_an_infinity_makes_nothing_of_a_doubly_quantized_matrix_finite);
  RUN(sizes_count_every_scale);
  return check_result();
}
