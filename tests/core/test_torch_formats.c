/* int8, int4 and qint8 against torchao and torch (tests/golden/make_torch.py), and what their
 * definitions promise. */
#include "torch_material.h"

static void compare_int8(const torch_encoded *e, const torch_head *head, const uint8_t **at,
                         torch_counts *counts) {
  torch_compare_codes(e, 0, (int64_t)head->n_rows * head->n_cols, at, counts);
  torch_compare_params(e, 1, head->n_rows, BL_F32, at, counts);
  torch_compare_decoded(e, (bl_dtype)head->dtype, at, counts);
}

static void int8_has_the_bytes_and_values_of_torchao(void) {
  torch_check_file(BL_GOLDEN "/torch/int8.bin", "int8", 90, compare_int8);
  torch_check_large("int8", "int8", true);
}

static void compare_int4(const torch_encoded *e, const torch_head *head, const uint8_t **at,
                         torch_counts *counts) {
  int64_t n = (int64_t)head->n_rows * head->n_cols;
  torch_compare_codes(e, 0, n / 2, at, counts);
  torch_compare_params(e, 1, n / head->group, (bl_dtype)head->dtype, at, counts);
  torch_compare_params(e, 2, n / head->group, (bl_dtype)head->dtype, at, counts);
}

static void int4_has_the_bytes_of_torchao(void) {
  torch_check_file(BL_GOLDEN "/torch/int4.bin", "int4", 360, compare_int4);
  torch_check_large("int4", "int4", false);
}

static void compare_qint8(const torch_encoded *e, const torch_head *head, const uint8_t **at,
                          torch_counts *counts) {
  torch_compare_codes(e, 0, (int64_t)head->n_rows * head->n_cols, at, counts);
  counts->params++;
  counts->params_different += memcmp(e->tensor.parts[1], *at, 8) != 0;
  *at += 8;
  torch_compare_decoded(e, BL_F32, at, counts);
}

static void qint8_has_the_bytes_and_values_of_torch(void) {
  torch_check_file(BL_GOLDEN "/torch/qint8.bin", "qint8", 78, compare_qint8);
  torch_check_large("qint8", "qint8", true);
}

/* scale * code + zero, worked out from the stored bytes a second way: in double, where product and
 * sum of such numbers are exact or nearly so. */
static void int4_decodes_to_scale_times_code_plus_zero(void) {
  for (int group = 32; group <= 256; group *= 2) {
    float *weights = torch_make_weights(1, BL_BF16, 2 * 512);
    torch_encoded e = torch_encode(torch_format("int4", 4, group, BL_BF16), weights, 2, 512);
    float *values = torch_decode(&e.tensor, BL_F32);
    for (int64_t i = 0; i < 2 * 512; i++) {
      float scale, zero;
      bl_to_f32(BL_BF16, e.tensor.parts[1] + i / group * 2, 1, &scale);
      bl_to_f32(BL_BF16, e.tensor.parts[2] + i / group * 2, 1, &zero);
      int code = e.tensor.parts[0][i / 2] >> (i % 2 ? 4 : 0) & 15;
      if (code > 7) code -= 16;
      /* The product has at most 12 significant bits, so that only the sum rounds. */
      CHECK(values[i] == (float)((double)scale * code + zero));
      double error = fabs((double)values[i] - weights[i]);
      double bound = fabs((double)scale) / 2 + (fabs((double)zero) + 8 * fabs((double)scale)) / 128;
      CHECK_MSG(error <= bound, "|%g - %g|", values[i], weights[i]);
    }
    free(values);
    torch_encoded_free(&e);
    free(weights);
  }
}

static void a_nan_or_an_infinity_is_seen_in_what_shares_its_scale_and_nowhere_else(void) {
  const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
  for (int b = 0; b < 4; b++) {
    float *weights = torch_make_weights(0, BL_F32, 2 * 64);
    weights[3] = bad[b];
    torch_encoded e = torch_encode(torch_format("int8", 8, 1, BL_F32), weights, 2, 64);
    float *values = torch_decode(&e.tensor, BL_F32);
    for (int i = 0; i < 64; i++) CHECK(isnan(values[i]) && isfinite(values[64 + i]));
    free(values);
    torch_encoded_free(&e);
    e = torch_encode(torch_format("qint8", 8, 1, BL_F32), weights, 2, 64);
    values = torch_decode(&e.tensor, BL_F32);
    for (int i = 0; i < 128; i++) CHECK(isnan(values[i]) && e.tensor.parts[0][i] == 0);
    free(values);
    torch_encoded_free(&e);
    free(weights);
  }
}

static void sizes_count_every_scale(void) {
  bl_format int8 = torch_format("int8", 8, 1, BL_BF16), qint8 = torch_format("qint8", 8, 1, BL_F32);
  CHECK(bl_format_bytes(&int8, 7, 100) == 7 * (100 + 4));
  CHECK(bl_format_bytes(&qint8, 7, 100) == 7 * 100 + 8);
  CHECK(bl_format_bits_per_weight(&int8) == 8);
  for (int group = 32; group <= 256; group *= 2) {
    bl_format int4 = torch_format("int4", 4, group, BL_BF16);
    CHECK(bl_format_bits_per_weight(&int4) == 4 + 32.0 / group);
    CHECK(bl_format_bytes(&int4, 3, 512) == (uint64_t)(3 * (256 + 512 / group * 4)));
    CHECK(bl_codec_takes(int4.codec, 4, group));
    CHECK(!bl_codec_takes(int4.codec, 4, group - 1) && !bl_codec_takes(int4.codec, 8, group));
  }
  const bl_codec *codec = bl_codec_find("int4", 4);
  CHECK(!bl_codec_takes(codec, 4, 16) && !bl_codec_takes(codec, 4, 512));
}

int main(void) {
  RUN(int8_has_the_bytes_and_values_of_torchao);
  RUN(int4_has_the_bytes_of_torchao);
  RUN(qint8_has_the_bytes_and_values_of_torch);
  RUN(int4_decodes_to_scale_times_code_plus_zero);
  RUN(a_nan_or_an_infinity_is_seen_in_what_shares_its_scale_and_nowhere_else);
  RUN(sizes_count_every_scale);
  return check_result();
}
