/* GGML's Q5_K: 5.5 bits per weight. A block of 256 weights is one of Q4_K with a fifth bit for each
 * code, 176 bytes:
 *
 *     field       what
 *     f16 d       what the scales count
 *     f16 dmin    what the minimums count
 *     scales[12]  for each group of 32 weights a scale and a minimum, 0 to 63 (bl_k_write_head)
 *     qh[32]      high bit of each code: bit k of byte j is that of weight j of group k
 *     qs[128]     low 4 bits of each code (bl_k_pack_4_bits)
 *
 *     w' = (d * scale) * code - dmin * min */
#include "quant/ggml_search.h"

enum { GROUP = 32, HIGH = BL_K_HEAD_BYTES, CODES = HIGH + 32, BYTES = CODES + 128 };

static const bl_line_search line_search = {
    .group = GROUP,
    .max_code = 31,
    .first = -0.5f,
    .step = 0.1f,
    .n_candidates = 16,
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
  uint8_t *block = parts[0], *high = block + HIGH;
  bl_k_write_head(grids, block);
  memset(high, 0, GROUP);
  for (int j = 0; j < BL_K_HEAD_GROUPS; j++) {
    for (int i = 0; i < GROUP; i++) high[i] = (uint8_t)(high[i] | codes[GROUP * j + i] >> 4 << j);
  }
  bl_k_pack_4_bits(codes, block + CODES);
}

extern const bl_gridding bl_gridding_q5_k;
static const bl_k_steps steps = {BL_K_HEAD_GROUPS, 0, search, bl_k_store_head, pack};

static void store(const bl_format *format, bl_grids *grids) {
  (void)format;
  bl_k_store(&bl_gridding_q5_k, &steps, grids);
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

const bl_gridding bl_gridding_q5_k = {
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
  for (int i = 0; i < BL_K_WEIGHTS; i++) {
    int high = block[HIGH + i % GROUP] >> i / GROUP & 1;
    codes[i] = (uint8_t)(codes[i] | high << 4);
  }
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_K_WEIGHTS, block += BYTES) {
    bl_k_line lines[BL_K_HEAD_GROUPS];
    bl_k_read_head(block, lines);
    const uint8_t *high = block + HIGH, *low = block + CODES;
    for (int j = 0; j < BL_K_HEAD_GROUPS; j += 2, low += GROUP, dst += 2 * GROUP) {
      bl_k_line a = lines[j], b = lines[j + 1];
      uint8_t a_bit = (uint8_t)(1 << j), b_bit = (uint8_t)(2 << j);
      for (int i = 0; i < GROUP; i++) {
        int code = (low[i] & 15) + (high[i] & a_bit ? 16 : 0);
        dst[i] = a.scale * (float)code - a.min;
      }
      for (int i = 0; i < GROUP; i++) {
        int code = (low[i] >> 4) + (high[i] & b_bit ? 16 : 0);
        dst[GROUP + i] = b.scale * (float)code - b.min;
      }
    }
  }
}

const bl_codec bl_codec_q5_k = {
    .name = "q5_k",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .fixed_bits = 5,
    .fixed_group = BL_K_WEIGHTS,
    .int8_activations = true,
    .block_bytes = BYTES,
    .block_bias_bytes = 2 + 6, /* dmin, and 8 minimums of 6 bits */
    .n_f16 = 2,
    .f16_at = {0, 2},
    .smallest = 63 * 31 * BL_F16_COARSE, /* codes up to 31, scales up to 63 */
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
