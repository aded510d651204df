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

static const bl_line_search line_search = {
    .group = GROUP,
    .max_code = 3,
    .first = -0.5f,
    .step = 0.1f,
    .n_candidates = 16,
    .absolute = true,
};

/* Whole multiples of the largest value divided by 15, and 15 for it; returns the unit. Of a
 * negative scale, which only sums that went wrong can give, the low 8 bits stay, as in ggml. */
static float round_to_multiples(const float values[N_GROUPS], uint8_t q[N_GROUPS]) {
  float max = 0;
  for (int j = 0; j < N_GROUPS; j++) max = values[j] > max ? values[j] : max;
  float per_unit = 15 / max, unit = max / 15;
  for (int j = 0; j < N_GROUPS; j++)
    q[j] = max > 0 ? (uint8_t)(bl_k_nearest(per_unit * values[j]) & 255) : 0;
  bl_round_to(BL_F16, &unit, 1);
  return unit;
}

/* A scale of more than 4 bits runs into its minimum's. */
static void choose_units(bl_grids *grids) {
  float scales[N_GROUPS], mins[N_GROUPS];
  uint8_t scale_q[N_GROUPS], min_q[N_GROUPS];
  for (int j = 0; j < N_GROUPS; j++) {
    scales[j] = grids->at[j].scale;
    mins[j] = -grids->at[j].bias;
  }
  grids->scale_unit = round_to_multiples(scales, scale_q);
  for (int j = 0; j < N_GROUPS; j++) grids->scale_steps[j] = scale_q[j];
  grids->bias_unit = round_to_multiples(mins, min_q);
  for (int j = 0; j < N_GROUPS; j++) grids->bias_steps[j] = min_q[j];
  for (int j = 0; j < N_GROUPS; j++) {
    int packed = (grids->scale_steps[j] | grids->bias_steps[j] << 4) & 255;
    grids->scale_steps[j] = (int16_t)(packed & 15);
    grids->bias_steps[j] = (int16_t)(packed >> 4);
  }
  bl_k_set_grids(grids, N_GROUPS);
}

static void search(const float weights[BL_K_WEIGHTS], bl_grids *grids,
                   uint8_t codes[BL_K_WEIGHTS]) {
  float scales[N_GROUPS], mins[N_GROUPS];
  bl_search_line(&line_search, weights, scales, mins, codes);
  for (int j = 0; j < N_GROUPS; j++) grids->at[j] = (bl_grid){scales[j], -mins[j]};
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  uint8_t *block = parts[0];
  for (int j = 0; j < N_GROUPS; j++)
    block[j] = (uint8_t)(grids->scale_steps[j] | grids->bias_steps[j] << 4);
  bl_k_pack_2_bits(codes, block + CODES);
  bl_ggml_write_f16(grids->scale_unit, block + D);
  bl_ggml_write_f16(grids->bias_unit, block + D + 2);
}

static void read_steps(const uint8_t *block, bl_grids *grids) {
  for (int j = 0; j < N_GROUPS; j++) {
    grids->scale_steps[j] = block[j] & 15;
    grids->bias_steps[j] = block[j] >> 4;
  }
}

extern const bl_gridding bl_gridding_q2_k;
static const bl_k_steps steps = {N_GROUPS, 0, search, choose_units, pack};

static void store(const bl_format *format, bl_grids *grids) {
  (void)format;
  bl_k_store(&bl_gridding_q2_k, &steps, grids);
}

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  (void)format, (void)n;
  bl_k_fit(&steps, weights, grids);
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)n;
  bl_k_round(&steps, format, grids, weights, codes);
}

const bl_gridding bl_gridding_q2_k = {
    .n_grids = N_GROUPS,
    .has_bias = true,
    .unsigned_grid = true,
    .nested = true,
    .most_step = 15,
    .rounds_stored = true,
    .fit = fit,
    .store = store,
    .round = round_codes,
    .pack = pack,
    .read_steps = read_steps,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_k_encode_row(&steps, format, src, n_cols, parts[0]);
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
    .containers = BL_HOLDS_GGUF,
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
