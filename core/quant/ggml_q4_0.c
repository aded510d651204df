/* GGML Q4_0: 32 weights share a scale, w' = d * (code - 8).
 *
 *     offset  0   f16 d
 *             2   qs[16], 4-bit codes
 *
 * The weight furthest from 0 gets code 0, -8 steps: d = edge / -8 has the opposite sign. The other
 * end of the grid is a step shorter, so a weight as far from 0 on that side is clamped to code 15.
 * Codes are chosen with d as computed, before its rounding to f16. */
#include "quant/ggml.h"

enum { BLOCK_BYTES = 2 + 16, MAX_CODE = 15 };

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  (void)format, (void)n;
  grids->at[0] = (bl_grid){bl_ggml_find_edge(weights) / -8, 0};
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)format, (void)n;
  bl_ggml_choose_codes(weights, 0, bl_ggml_inverse(grids->at[0].scale), 8.5f, MAX_CODE, codes);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  bl_ggml_write_f16(grids->at[0].scale, parts[0]);
  bl_ggml_pack_nibbles(codes, parts[0] + 2);
}

const bl_gridding bl_gridding_q4_0 = {
    .n_grids = 1,
    .zero_code = 8,
    .fit = fit,
    .store = bl_ggml_store_f16,
    .round = round_codes,
    .pack = pack,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_ggml_encode_row(&bl_gridding_q4_0, format, src, n_cols, BLOCK_BYTES, parts[0]);
}

static void unpack_codes(const bl_format *format, const uint8_t *block, uint8_t *codes) {
  (void)format;
  bl_ggml_unpack_nibbles(block + 2, codes);
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_GGML_BLOCK, block += BLOCK_BYTES) {
    float d = bl_ggml_read_f16(block);
    uint8_t codes[BL_GGML_BLOCK];
    unpack_codes(format, block, codes);
    for (int i = 0; i < BL_GGML_BLOCK; i++) dst[col + i] = d * (float)(codes[i] - 8);
  }
}

const bl_codec bl_codec_q4_0 = {
    .name = "q4_0",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .even_levels = true,
    .fixed_bits = 4,
    .fixed_group = BL_GGML_BLOCK,
    .int8_activations = true,
    .block_bytes = BLOCK_BYTES,
    .n_f16 = 1,
    .f16_at = {0},
    .smallest = 8 * BL_F16_COARSE,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
