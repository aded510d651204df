/* What the K formats share: rows in blocks of 256, codes of 2 and 4 bits packed, the head of
 * 6-bit scales and minima. */
#include "quant/ggml_k.h"

static void copy_weights(const float *src, float weights[BL_K_WEIGHTS]) {
  for (int i = 0; i < BL_K_WEIGHTS; i++) weights[i] = src[i] != src[i] ? NAN : src[i];
}

/* Step 3, where scales aren't 0; other groups keep the codes that they have. */
static void choose_codes(const bl_k_steps *steps, const bl_format *format, const bl_grids *grids,
                         const float weights[BL_K_WEIGHTS], uint8_t codes[BL_K_WEIGHTS]) {
  const int n = BL_K_WEIGHTS / steps->n_grids;
  for (int j = 0; j < steps->n_grids; j++) {
    if (grids->at[j].scale != 0)
      bl_k_choose_codes(weights + n * j, n, grids->at[j].scale, -grids->at[j].bias,
                        -steps->zero_code, 1 << format->bits, codes + n * j);
  }
}

void bl_k_encode_row(const bl_k_steps *steps, const bl_format *format, const float *src,
                     int64_t n_cols, uint8_t *blocks) {
  for (int64_t col = 0; col < n_cols; col += BL_K_WEIGHTS, src += BL_K_WEIGHTS) {
    float weights[BL_K_WEIGHTS];
    uint8_t codes[BL_K_WEIGHTS];
    bl_grids grids = {0};
    copy_weights(src, weights);
    steps->search(weights, &grids, codes);
    steps->store(&grids);
    choose_codes(steps, format, &grids, weights, codes);
    steps->pack(format, &grids, codes, BL_K_WEIGHTS, &blocks);
    blocks += format->codec->block_bytes;
  }
}

void bl_k_fit(const bl_k_steps *steps, const float *src, bl_grids *grids) {
  float weights[BL_K_WEIGHTS];
  uint8_t codes[BL_K_WEIGHTS];
  *grids = (bl_grids){0};
  copy_weights(src, weights);
  steps->search(weights, grids, codes);
}

void bl_k_round(const bl_k_steps *steps, const bl_format *format, const bl_grids *grids,
                const float *src, uint8_t codes[BL_K_WEIGHTS]) {
  float weights[BL_K_WEIGHTS];
  copy_weights(src, weights);
  memset(codes, steps->zero_code, BL_K_WEIGHTS);
  choose_codes(steps, format, grids, weights, codes);
}

/* A unit that was given is rounded to f16, and what it makes to whole multiples. One that is not
 * finite stays as it is, with what it has made. */
static void keep_scale_unit(const bl_gridding *gridding, bl_grids *grids) {
  if (!isfinite(grids->scale_unit)) return;
  bl_round_to(BL_F16, &grids->scale_unit, 1);
  for (int j = 0; j < gridding->n_grids; j++)
    grids->scale_steps[j] =
        (int16_t)bl_nearest_code(grids->at[j].scale / grids->scale_unit,
                                 (float)gridding->least_step, (float)gridding->most_step);
}

static void keep_bias_unit(const bl_gridding *gridding, bl_grids *grids) {
  if (!isfinite(grids->bias_unit)) return;
  bl_round_to(BL_F16, &grids->bias_unit, 1);
  for (int j = 0; j < gridding->n_grids; j++)
    grids->bias_steps[j] = (int16_t)bl_nearest_code(-grids->at[j].bias / grids->bias_unit, 0,
                                                    (float)gridding->most_step);
}

void bl_k_store(const bl_gridding *gridding, const bl_k_steps *steps, bl_grids *grids) {
  bl_grids given = *grids;
  steps->store(grids);
  if (given.scale_unit != 0) {
    keep_scale_unit(gridding, &given);
    grids->scale_unit = given.scale_unit;
    memcpy(grids->scale_steps, given.scale_steps, sizeof given.scale_steps);
  }
  if (given.bias_unit != 0) {
    keep_bias_unit(gridding, &given);
    grids->bias_unit = given.bias_unit;
    memcpy(grids->bias_steps, given.bias_steps, sizeof given.bias_steps);
  }
  bl_k_set_grids(grids, gridding->n_grids);
}

void bl_k_set_grids(bl_grids *grids, int n_grids) {
  for (int j = 0; j < n_grids; j++) {
    grids->at[j].scale = grids->scale_unit * (float)grids->scale_steps[j];
    grids->at[j].bias = -(grids->bias_unit * (float)grids->bias_steps[j]);
  }
}

void bl_k_choose_codes(const float *weights, int n, float scale, float min, int lowest, int n_codes,
                       uint8_t *codes) {
  for (int start = 0; start < n; start += 16) {
    for (int i = start; i < start + 16; i++) {
      int code = bl_k_nearest((weights[i] + min) / scale) - lowest;
      code = code < 0 ? 0 : code;
      code = code < n_codes ? code : n_codes - 1;
      codes[i] = (uint8_t)code;
    }
  }
}

float bl_k_furthest_scale(const bl_grids *grids, int n_grids) {
  float furthest = 0, distance = 0; /* kept apart: clang 19 at -O3 drops a fabsf(furthest) */
  for (int j = 0; j < n_grids; j++) {
    if (!(fabsf(grids->at[j].scale) > distance)) continue;
    distance = fabsf(grids->at[j].scale);
    furthest = grids->at[j].scale;
  }
  return furthest;
}

void bl_k_pack_2_bits(const uint8_t *codes, uint8_t packed[64]) {
  for (int half = 0; half < 2; half++) {
    const uint8_t *c = codes + 128 * half;
    for (int j = 0; j < 32; j++)
      packed[32 * half + j] = (uint8_t)((c[j] & 3) | (c[j + 32] & 3) << 2 | (c[j + 64] & 3) << 4 |
                                        (c[j + 96] & 3) << 6);
  }
}

void bl_k_unpack_2_bits(const uint8_t packed[64], uint8_t codes[BL_K_WEIGHTS]) {
  for (int half = 0; half < 2; half++) {
    const uint8_t *p = packed + 32 * half;
    uint8_t *c = codes + 128 * half;
    for (int j = 0; j < 32; j++) c[j] = p[j] & 3;
    for (int j = 0; j < 32; j++) c[j + 32] = p[j] >> 2 & 3;
    for (int j = 0; j < 32; j++) c[j + 64] = p[j] >> 4 & 3;
    for (int j = 0; j < 32; j++) c[j + 96] = p[j] >> 6;
  }
}

void bl_k_pack_4_bits(const uint8_t *codes, uint8_t packed[128]) {
  for (int quarter = 0; quarter < 4; quarter++) {
    const uint8_t *c = codes + 64 * quarter;
    for (int j = 0; j < 32; j++)
      packed[32 * quarter + j] = (uint8_t)((c[j] & 15) | (c[j + 32] & 15) << 4);
  }
}

void bl_k_unpack_4_bits(const uint8_t packed[128], uint8_t codes[BL_K_WEIGHTS]) {
  for (int quarter = 0; quarter < 4; quarter++) {
    const uint8_t *p = packed + 32 * quarter;
    uint8_t *c = codes + 64 * quarter;
    for (int j = 0; j < 32; j++) c[j] = p[j] & 15;
    for (int j = 0; j < 32; j++) c[j + 32] = p[j] >> 4;
  }
}

/* The whole number from 0 to 63 that stands for `value`. A negative one, which only sums that went
 * wrong can give, counts modulo 256 as it does in ggml. */
static int16_t to_6_bits(float value, float per_unit) {
  unsigned q = (unsigned)bl_k_nearest(per_unit * value) & 255;
  return (int16_t)(q < 63 ? q : 63);
}

/* The largest, but at least 0, becomes 63 steps. */
static void choose_scale_unit(bl_grids *grids) {
  float max = 0;
  for (int j = 0; j < BL_K_HEAD_GROUPS; j++)
    max = grids->at[j].scale > max ? grids->at[j].scale : max;
  float per_unit = max > 0 ? 63 / max : 0;
  for (int j = 0; j < BL_K_HEAD_GROUPS; j++)
    grids->scale_steps[j] = to_6_bits(grids->at[j].scale, per_unit);
  grids->scale_unit = max / 63;
  bl_round_to(BL_F16, &grids->scale_unit, 1);
}

static void choose_bias_unit(bl_grids *grids) {
  float max = 0;
  for (int j = 0; j < BL_K_HEAD_GROUPS; j++)
    max = -grids->at[j].bias > max ? -grids->at[j].bias : max;
  float per_unit = max > 0 ? 63 / max : 0;
  for (int j = 0; j < BL_K_HEAD_GROUPS; j++)
    grids->bias_steps[j] = to_6_bits(-grids->at[j].bias, per_unit);
  grids->bias_unit = max / 63;
  bl_round_to(BL_F16, &grids->bias_unit, 1);
}

void bl_k_store_head(bl_grids *grids) {
  choose_scale_unit(grids);
  choose_bias_unit(grids);
  bl_k_set_grids(grids, BL_K_HEAD_GROUPS);
}

void bl_k_write_head(const bl_grids *grids, uint8_t head[BL_K_HEAD_BYTES]) {
  bl_ggml_write_f16(grids->scale_unit, head);
  bl_ggml_write_f16(grids->bias_unit, head + 2);
  uint8_t *bytes = head + 4;
  for (int j = 0; j < 4; j++) {
    int scale_4 = grids->scale_steps[j + 4], min_4 = grids->bias_steps[j + 4];
    bytes[j] = (uint8_t)(grids->scale_steps[j] | scale_4 >> 4 << 6);
    bytes[j + 4] = (uint8_t)(grids->bias_steps[j] | min_4 >> 4 << 6);
    bytes[j + 8] = (uint8_t)((scale_4 & 15) | (min_4 & 15) << 4);
  }
}

void bl_k_read_head_steps(const uint8_t head[BL_K_HEAD_BYTES], bl_grids *grids) {
  const uint8_t *bytes = head + 4;
  for (int j = 0; j < 4; j++) {
    grids->scale_steps[j] = bytes[j] & 63;
    grids->bias_steps[j] = bytes[j + 4] & 63;
    grids->scale_steps[j + 4] = (int16_t)((bytes[j + 8] & 15) | bytes[j] >> 6 << 4);
    grids->bias_steps[j + 4] = (int16_t)(bytes[j + 8] >> 4 | bytes[j + 4] >> 6 << 4);
  }
}

void bl_k_read_head(const uint8_t head[BL_K_HEAD_BYTES], bl_k_line lines[BL_K_HEAD_GROUPS]) {
  float d = bl_ggml_read_f16(head), dmin = bl_ggml_read_f16(head + 2);
  const uint8_t *bytes = head + 4;
  for (int j = 0; j < 4; j++) {
    int scale_4 = (bytes[j + 8] & 15) | bytes[j] >> 6 << 4;
    int min_4 = bytes[j + 8] >> 4 | bytes[j + 4] >> 6 << 4;
    lines[j] = (bl_k_line){d * (float)(bytes[j] & 63), dmin * (float)(bytes[j + 4] & 63)};
    lines[j + 4] = (bl_k_line){d * (float)scale_4, dmin * (float)min_4};
  }
}
