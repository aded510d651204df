/* GGML's Q2_K: 2.625 bits per weight. A block of 256 weights has 84 bytes:
 *
 *     field       what
 *     scales[16]  for each group of 16 weights: low half its scale, high half its minimum, 0 to 15
 *     qs[64]      codes, 0 to 3 (bl_k_pack_2_bits)
 *     f16 d       what the scales count
 *     f16 dmin    what the minimums count
 *
 *     w' = (d * scale) * code - dmin * min
 *
 * With four values to a group, an absolute error is minimised: a squared one would spend them on
 * the outliers. */
#include "quant/ggml_search.h"

enum { GROUP = 16, N_GROUPS = BL_K_WEIGHTS / GROUP, CODES = 16, D = CODES + 64, BYTES = D + 4 };

static const bl_line_search search = {
    .group = GROUP,
    .max_code = 3,
    .first = -0.5f,
    .step = 0.1f,
    .n_candidates = 16,
    .absolute = true,
};

/* Rounds 16 scales or minimums to whole multiples q of the largest divided by 15, and returns that.
 * Of a negative scale, which only sums that went wrong can give, the low 8 bits stay, as in ggml.
 */
static float round_to_multiples(const float values[N_GROUPS], uint8_t q[N_GROUPS]) {
  float max = 0;
  for (int j = 0; j < N_GROUPS; j++) max = values[j] > max ? values[j] : max;
  float per_unit = 15 / max;
  for (int j = 0; j < N_GROUPS; j++)
    q[j] = max > 0 ? (uint8_t)(bl_k_nearest(per_unit * values[j]) & 255) : 0;
  return max / 15;
}

static void encode_block(const float *weights, uint8_t *block) {
  float scales[N_GROUPS], mins[N_GROUPS];
  uint8_t codes[BL_K_WEIGHTS], scale_q[N_GROUPS], min_q[N_GROUPS];
  bl_search_line(&search, weights, scales, mins, codes);
  bl_ggml_write_f16(round_to_multiples(scales, scale_q), block + D);
  bl_ggml_write_f16(round_to_multiples(mins, min_q), block + D + 2);
  float d = bl_ggml_read_f16(block + D), dmin = bl_ggml_read_f16(block + D + 2);
  for (int j = 0; j < N_GROUPS; j++) {
    block[j] = (uint8_t)(scale_q[j] | min_q[j] << 4);
    float scale = d * (float)(block[j] & 15), min = dmin * (float)(block[j] >> 4);
    if (scale != 0)
      bl_k_choose_codes(weights + GROUP * j, GROUP, scale, min, 0, 4, codes + GROUP * j);
  }
  bl_k_pack_2_bits(codes, block + CODES);
}

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_k_encode_row(format, src, n_cols, encode_block, parts[0]);
}

static void unpack_codes(const bl_format *format, const uint8_t *block, uint8_t *codes) {
  (void)format;
  bl_k_unpack_2_bits(block + CODES, codes);
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_K_WEIGHTS, block += BYTES) {
    float d = bl_ggml_read_f16(block + D), dmin = bl_ggml_read_f16(block + D + 2);
    uint8_t codes[BL_K_WEIGHTS];
    unpack_codes(format, block, codes);
    for (int j = 0; j < N_GROUPS; j++, dst += GROUP) {
      float scale = d * (float)(block[j] & 15), min = dmin * (float)(block[j] >> 4);
      for (int i = 0; i < GROUP; i++) dst[i] = scale * (float)codes[GROUP * j + i] - min;
    }
  }
}

const bl_codec bl_codec_q2_k = {
    .name = "q2_k",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .fixed_bits = 2,
    .fixed_group = BL_K_WEIGHTS,
    .int8_activations = true,
    .block_bytes = BYTES,
    .block_bias_bytes = 2 + 8, /* dmin, and 16 minimums of 4 bits */
    .n_f16 = 2,
    .f16_at = {80, 82},
    .smallest = 15 * 3 * BL_F16_COARSE, /* codes up to 3, scales up to 15 */
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
