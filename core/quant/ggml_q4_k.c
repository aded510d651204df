/* GGML's Q4_K, the format of most models that llama.cpp's users download: 4.5 bits per weight. A
 * block of 256 weights has 144 bytes:
 *
 *     field       what
 *     f16 d       what the scales count
 *     f16 dmin    what the minimums count
 *     scales[12]  for each group of 32 weights a scale and a minimum, 0 to 63 (bl_k_write_head)
 *     qs[128]     codes, 0 to 15 (bl_k_pack_4_bits)
 *
 *     w' = (d * scale) * code - dmin * min
 *
 * Of the 4.5 bits 4 are the code's. A group's scale and minimum, at 6 bits each, cost 12 / 32 =
 * 0.375 bits, and d and dmin 32 / 256 = 0.125. Q4_1 has a scale and a minimum for every 32 weights
 * too, but as two f16, and so costs 5 bits; that is what counting in units of d and dmin saves.
 *
 * Say the largest scale in a block is 0.0126 and the largest minimum 0.0945: then d = 0.0126 / 63 =
 * 0.0002 and dmin = 0.0015. A group for which the search found the scale 0.00516 and the minimum
 * 0.0402 stores 25.8 and 26.8, rounded to 26 and 27. It will be read as 0.0052 * code - 0.0405, 16
 * values from -0.0405 to 0.0375, and codes are chosen anew for these.
 *
 * 0 need not be among them; here it lies at code 7.8. MLX affine, in contrast, moves its line until
 * 0 is exact. */
#include "quant/ggml_search.h"

enum { GROUP = 32, CODES = BL_K_HEAD_BYTES, BYTES = CODES + 128 };

static const bl_line_search line_search = {
    .group = GROUP,
    .max_code = 15,
    .first = -1,
    .step = 0.1f,
    .n_candidates = 21,
};

static void search(const float weights[BL_K_WEIGHTS], bl_grids *grids,
                   uint8_t codes[BL_K_WEIGHTS]) {
  float scales[BL_K_HEAD_GROUPS], mins[BL_K_HEAD_GROUPS];
  bl_search_line(&line_search, weights, scales, mins, codes);
  for (int j = 0; j < BL_K_HEAD_GROUPS; j++) grids->at[j] = (bl_grid){scales[j], -mins[j]};
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  uint8_t *block = parts[0];
  bl_k_write_head(grids, block);
  bl_k_pack_4_bits(codes, block + CODES);
}

extern const bl_gridding bl_gridding_q4_k;
static const bl_k_steps steps = {BL_K_HEAD_GROUPS, 0, search, bl_k_store_head, pack};

static void store(const bl_format *format, bl_grids *grids) {
  (void)format;
  bl_k_store(&bl_gridding_q4_k, &steps, grids);
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

const bl_gridding bl_gridding_q4_k = {
    .n_grids = BL_K_HEAD_GROUPS,
    .has_bias = true,
    .unsigned_grid = true,
    .nested = true,
    .most_step = 63,
    .rounds_stored = true,
    .fit = fit,
    .store = store,
    .round = round_codes,
    .pack = pack,
    .read_steps = bl_k_read_head_steps,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_k_encode_row(&steps, format, src, n_cols, parts[0]);
}

static void unpack_codes(const bl_format *format, const uint8_t *block, uint8_t *codes) {
  (void)format;
  bl_k_unpack_4_bits(block + CODES, codes);
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_K_WEIGHTS, block += BYTES) {
    bl_k_line lines[BL_K_HEAD_GROUPS];
    bl_k_read_head(block, lines);
    const uint8_t *packed = block + CODES;
    for (int j = 0; j < BL_K_HEAD_GROUPS; j += 2, packed += GROUP, dst += 2 * GROUP) {
      bl_k_line low = lines[j], high = lines[j + 1];
      for (int i = 0; i < GROUP; i++) dst[i] = low.scale * (float)(packed[i] & 15) - low.min;
      for (int i = 0; i < GROUP; i++)
        dst[GROUP + i] = high.scale * (float)(packed[i] >> 4) - high.min;
    }
  }
}

const bl_codec bl_codec_q4_k = {
    .name = "q4_k",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .fixed_bits = 4,
    .fixed_group = BL_K_WEIGHTS,
    .int8_activations = true,
    .block_bytes = BYTES,
    .block_bias_bytes = 2 + 6, /* dmin, and 8 minimums of 6 bits */
    .n_f16 = 2,
    .f16_at = {0, 2},
    .smallest = 63 * 15 * BL_F16_COARSE, /* codes up to 15, scales up to 63 */
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
