/* GGML Q4_1: 32 weights share a straight line, w' = d * code + m.
 *
 *     offset  0   f16 d
 *             2   f16 m
 *             4   qs[16], 4-bit codes
 *
 * The line runs from the smallest weight, m, to the largest in 15 equal steps. Unlike in MLX affine
 * 0 need not lie on it. Codes are chosen with d and m as computed, before their rounding to f16. */
#include "quant/ggml.h"

enum { BLOCK_BYTES = 2 + 2 + 16, MAX_CODE = 15 };

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  (void)format, (void)n;
  bl_range r = bl_ggml_find_range(weights);
  grids->at[0] = (bl_grid){(r.hi - r.lo) / (float)MAX_CODE, r.lo};
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)format, (void)n;
  const bl_grid g = grids->at[0];
  bl_ggml_choose_codes(weights, g.bias, bl_ggml_inverse(g.scale), 0.5f, MAX_CODE, codes);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  bl_ggml_write_f16(grids->at[0].scale, parts[0]);
  bl_ggml_write_f16(grids->at[0].bias, parts[0] + 2);
  bl_ggml_pack_nibbles(codes, parts[0] + 4);
}

const bl_gridding bl_gridding_q4_1 = {
    .n_grids = 1,
    .has_bias = true,
    .fit = fit,
    .store = bl_ggml_store_f16,
    .round = round_codes,
    .pack = pack,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_ggml_encode_row(&bl_gridding_q4_1, format, src, n_cols, BLOCK_BYTES, parts[0]);
}

static void unpack_codes(const bl_format *format, const uint8_t *block, uint8_t *codes) {
  (void)format;
  bl_ggml_unpack_nibbles(block + 4, codes);
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_GGML_BLOCK, block += BLOCK_BYTES) {
    float d = bl_ggml_read_f16(block), m = bl_ggml_read_f16(block + 2);
    uint8_t codes[BL_GGML_BLOCK];
    unpack_codes(format, block, codes);
    for (int i = 0; i < BL_GGML_BLOCK; i++) dst[col + i] = d * (float)codes[i] + m;
  }
}

const bl_codec bl_codec_q4_1 = {
    .name = "q4_1",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .even_levels = true,
    .fixed_bits = 4,
    .fixed_group = BL_GGML_BLOCK,
    .int8_activations = true,
    .block_bytes = BLOCK_BYTES,
    .block_bias_bytes = 2, /* m */
    .n_f16 = 2,
    .f16_at = {0, 2},
    .smallest = 15 * BL_F16_COARSE,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
