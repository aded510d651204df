/* GGML IQ4_NL: 32 weights share a scale, w' = d * values[code]. The values are closer together near
 * 0, where most weights are.
 *
 *     offset  0   f16 d
 *             2   qs[16], 4-bit codes
 *
 * Choosing d. The first attempt puts the weight furthest from 0 at +127 of the grid; fifteen more
 * put it at -120, -121, … -134 (the value at that end is -127). For a given choice of codes, with
 * values q, the scale with the least error sum w^2 (w - d q)^2 is d = sum w^2 q w / sum w^2 q q,
 * and the first sum squared over the second says by how much it lowers the error. (The outer w^2 is
 * the weight's importance, for want of something better.) The best attempt's d is kept, and the
 * codes are then those nearest to w / d, a d as computed, before its rounding to f16.
 *
 * llama.cpp has two encoders for this format. This is the one behind its llama-quantize and
 * ggml_quantize_chunk; its quantize_row_iq4_nl_ref makes no attempts beside another first one.
 *
 * Not finite. Where the sums overflow (weights above 1e19 do) or are of an infinity, d is NaN and
 * all codes are 15. Any sum with a NaN makes d = 0. Blocks below 1e-15 are taken for zeros. */
#include "quant/ggml.h"

enum { BLOCK_BYTES = 2 + 16, N_TRIES = 16 };

static const float values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                 1,    13,   25,  38,  53,  69,  89,  113};

/* The value nearest to x, the higher one when x is halfway, as a sum of the steps between values; a
 * NaN takes them all. No table is looked up, so that loops over it become vectors. */
static inline float nearest_value(float x) {
  float value = -127;
  value += x < -115.5f ? 0 : 23;
  value += x < -93.5f ? 0 : 21;
  value += x < -74.0f ? 0 : 18;
  value += x < -57.0f ? 0 : 16;
  value += x < -42.0f ? 0 : 14;
  value += x < -28.5f ? 0 : 13;
  value += x < -16.0f ? 0 : 12;
  value += x < -4.5f ? 0 : 11;
  value += x < 7.0f ? 0 : 12;
  value += x < 19.0f ? 0 : 12;
  value += x < 31.5f ? 0 : 13;
  value += x < 45.5f ? 0 : 15;
  value += x < 61.0f ? 0 : 16;
  value += x < 79.0f ? 0 : 20;
  value += x < 101.0f ? 0 : 24;
  return value;
}

/* The code of the value nearest to w * inverse, in the same way. */
static void choose_codes(const float *restrict weights, float inverse, uint8_t *restrict codes) {
  for (int i = 0; i < BL_GGML_BLOCK; i++) {
    float x = weights[i] * inverse;
    int code = !(x < -115.5f) + !(x < -93.5f) + !(x < -74.0f) + !(x < -57.0f) + !(x < -42.0f) +
               !(x < -28.5f) + !(x < -16.0f) + !(x < -4.5f) + !(x < 7.0f) + !(x < 19.0f) +
               !(x < 31.5f) + !(x < 45.5f) + !(x < 61.0f) + !(x < 79.0f) + !(x < 101.0f);
    codes[i] = (uint8_t)code;
  }
}

/* All attempts run side by side, each adding up its own sums in the order of the weights. */
float bl_iq4_nl_scale(const float *weights, const float *importance) {
  float edge = bl_ggml_find_edge(weights);
  if (fabsf(edge) < 1e-15f) return 0;
  float inverse[N_TRIES], sum_qx[N_TRIES] = {0}, sum_qq[N_TRIES] = {0};
  inverse[0] = 1 / (edge / 127);
  for (int t = 1; t < N_TRIES; t++) inverse[t] = (float)(t - 135) / edge;
  for (int i = 0; i < BL_GGML_BLOCK; i++) {
    float x = weights[i], h = importance[i];
    for (int t = 0; t < N_TRIES; t++) {
      float q = nearest_value(inverse[t] * x);
      sum_qx[t] += h * q * x;
      sum_qq[t] += h * q * q;
    }
  }
  float scale = sum_qq[0] > 0 ? sum_qx[0] / sum_qq[0] : 0;
  float best = scale * sum_qx[0];
  for (int t = 1; t < N_TRIES; t++) {
    if (sum_qq[t] > 0 && sum_qx[t] * sum_qx[t] > best * sum_qq[t]) {
      scale = sum_qx[t] / sum_qq[t];
      best = scale * sum_qx[t];
    }
  }
  return isnan(scale) ? bl_f32_from_bits(0xffc00000u) : scale; /* one NaN everywhere, that of x86 */
}

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  (void)format, (void)n;
  float squares[BL_GGML_BLOCK];
  for (int i = 0; i < BL_GGML_BLOCK; i++) squares[i] = weights[i] * weights[i];
  grids->at[0] = (bl_grid){bl_iq4_nl_scale(weights, squares), 0};
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)format, (void)n;
  const float d = grids->at[0].scale;
  choose_codes(weights, d == 0 ? 0 : 1 / d, codes);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  bl_ggml_write_f16(grids->at[0].scale, parts[0]);
  bl_ggml_pack_nibbles(codes, parts[0] + 2);
}

const bl_gridding bl_gridding_iq4_nl = {
    .n_grids = 1,
    .fit = fit,
    .store = bl_ggml_store_f16,
    .round = round_codes,
    .pack = pack,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_ggml_encode_row(&bl_gridding_iq4_nl, format, src, n_cols, BLOCK_BYTES, parts[0]);
}

static void unpack_codes(const bl_format *format, const uint8_t *block, uint8_t *codes) {
  (void)format;
  bl_ggml_unpack_nibbles(block + 2, codes);
}

static void read_scales(const uint8_t *const *parts, int64_t first, int64_t n, float *scales) {
  for (int64_t g = 0; g < n; g++)
    scales[g] = bl_ggml_read_f16(parts[0] + (first + g) * BLOCK_BYTES);
}

static const bl_lookup lookup = {values, BL_CODES_HALVES, read_scales};

const bl_codec bl_codec_iq4_nl = {
    .name = "iq4_nl",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .fixed_bits = 4,
    .fixed_group = BL_GGML_BLOCK,
    .int8_activations = true,
    .block_bytes = BLOCK_BYTES,
    .n_f16 = 1,
    .f16_at = {0},
    .smallest = 127 * BL_F16_COARSE,
    .encode_row = encode_row,
    .decode_row = bl_lookup_decode_row,
    .unpack_codes = unpack_codes,
    .lookup = &lookup,
};
