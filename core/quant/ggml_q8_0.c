/* GGML Q8_0: 32 weights share a scale, w' = d * code with codes from -127 to 127.
 *
 *     offset  0   f16 d
 *             2   i8 qs[32]
 *
 * d = max |w| / 127, and codes are rounded to the nearest, halves away from 0, with d as computed,
 * before its rounding to f16.
 *
 * Not a number. llama.cpp's running maximum starts afresh after a NaN, so only the weights after a
 * block's last NaN have a say in d; where the last weight is one, d is NaN. Codes of earlier,
 * larger weights then need not fit into a byte: their low 8 bits are stored, or 0 from 2^31 on. */
#include "quant/ggml.h"

enum { BLOCK_BYTES = 2 + 32, MAX_CODE = 127 };

/* max |w| of the weights after the last NaN, or NaN when there are none. */
static float find_largest_after_nan(const float *weights) {
  float largest = NAN;
  for (int i = BL_GGML_BLOCK - 1; i >= 0 && !isnan(weights[i]); i--)
    largest = fmaxf(largest, fabsf(weights[i]));
  return largest;
}

static bool has_nan(const float *weights) {
  int n_nans = 0;
  for (int i = 0; i < BL_GGML_BLOCK; i++) n_nans += weights[i] != weights[i];
  return n_nans > 0;
}

static float find_largest(const float *weights) {
  bl_range r = bl_ggml_widen_range((bl_range){0, 0}, weights);
  if (has_nan(weights)) return find_largest_after_nan(weights);
  return r.hi >= -r.lo ? r.hi : -r.lo;
}

/* round(w * inverse) + 128, the low 8 bits; with a magnitude of at most `limit`.
 *
 * Just under a half is added, away from 0, and the fraction dropped. For 0.5 itself, and every
 * other half, the addition rounds up to the next whole number; for the float below 0.5 it does not,
 * as it would if 0.5 were added. */
static void choose_codes(const float *restrict weights, float inverse, float limit,
                         uint8_t *restrict codes) {
  for (int i = 0; i < BL_GGML_BLOCK; i++) {
    float x = weights[i] * inverse;
    x += copysignf(0x1.fffffep-2f, x);
    x = fabsf(x) < 0x1p31f ? x : 0;
    x = x < limit ? x : limit;
    x = x > -limit ? x : -limit;
    codes[i] = (uint8_t)((uint8_t)(int32_t)x ^ 0x80);
  }
}

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  (void)format, (void)n;
  float d = find_largest(weights) / (float)MAX_CODE;
  grids->at[0] = (bl_grid){isnan(d) ? NAN : d, 0}; /* one NaN on every target */
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)format, (void)n;
  const float limit = has_nan(weights) ? 0x1.fffffep30f : (float)MAX_CODE;
  choose_codes(weights, bl_ggml_inverse(grids->at[0].scale), limit, codes);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  bl_ggml_write_f16(grids->at[0].scale, parts[0]);
  for (int i = 0; i < BL_GGML_BLOCK; i++) parts[0][2 + i] = codes[i] ^ 0x80;
}

const bl_gridding bl_gridding_q8_0 = {
    .n_grids = 1,
    .zero_code = 128,
    .first_code = 1,
    .fit = fit,
    .store = bl_ggml_store_f16,
    .round = round_codes,
    .pack = pack,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_ggml_encode_row(&bl_gridding_q8_0, format, src, n_cols, BLOCK_BYTES, parts[0]);
}

static void unpack_codes(const bl_format *format, const uint8_t *block, uint8_t *codes) {
  (void)format;
  for (int i = 0; i < BL_GGML_BLOCK; i++) codes[i] = block[2 + i] ^ 0x80; /* -128 becomes 0 */
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_GGML_BLOCK, block += BLOCK_BYTES) {
    float d = bl_ggml_read_f16(block);
    int8_t codes[BL_GGML_BLOCK]; /* a copy, which dst can't overlap, makes for a faster loop */
    memcpy(codes, block + 2, sizeof codes);
    for (int i = 0; i < BL_GGML_BLOCK; i++) dst[col + i] = d * (float)codes[i];
  }
}

const bl_codec bl_codec_q8_0 = {
    .name = "q8_0",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .even_levels = true,
    .fixed_bits = 8,
    .fixed_group = BL_GGML_BLOCK,
    .int8_activations = true,
    .block_bytes = BLOCK_BYTES,
    .n_f16 = 1,
    .f16_at = {0},
    .smallest = 127 * BL_F16_COARSE,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
