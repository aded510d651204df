/* GGML's Q3_K: 3.4375 bits per weight. A block of 256 weights has 110 bytes:
 *
 *     field       what
 *     hmask[32]   high bit of each code: bit k of byte j is that of weight 32 * k + j
 *     qs[64]      low 2 bits of each code (bl_k_pack_2_bits)
 *     scales[12]  for each group of 16 weights 6 bits, from which 32 is taken off
 *     f16 d       what the scales count
 *
 *     w' = (d * (scale - 32)) * (code - 4)
 *
 * Bytes 0 to 7 of scales hold the low 4 bits of groups 0 to 7 and, in their upper halves, of groups
 * 8 to 15. Byte 8 + j holds the high 2 bits of groups j, j + 4, j + 8 and j + 12, from the lowest
 * up.
 *
 * There is no minimum, but scales have a sign, and -4 is one more step than 3: the search gives
 * every group the sign that puts its furthest weight on the longer side. In the same way d has the
 * sign that puts the block's largest scale on -32. */
#include "quant/ggml_search.h"

enum {
  GROUP = 16,
  N_GROUPS = BL_K_WEIGHTS / GROUP,
  CODES = 32,
  SCALES = CODES + 64,
  D = SCALES + 12,
  BYTES = D + 2,
};

/* The scale of group j, in units of d */
static int read_scale(const uint8_t *block, int j) {
  const uint8_t *packed = block + SCALES;
  int low = packed[j % 8] >> 4 * (j / 8) & 15, high = packed[8 + j % 4] >> 2 * (j / 4) & 3;
  return (low | high << 4) - 32;
}

static void read_scales(const uint8_t *block, float scales[N_GROUPS]) {
  float d = bl_ggml_read_f16(block + D);
  for (int j = 0; j < N_GROUPS; j++) scales[j] = d * (float)read_scale(block, j);
}

static void read_steps(const uint8_t *block, bl_grids *grids) {
  for (int j = 0; j < N_GROUPS; j++) grids->scale_steps[j] = (int16_t)read_scale(block, j);
}

/* The scale furthest from 0 becomes -32 steps. A block without scales gets -32 for all. */
static void choose_units(bl_grids *grids) {
  float furthest = bl_k_furthest_scale(grids, N_GROUPS);
  float per_unit = -32 / furthest;
  for (int j = 0; j < N_GROUPS; j++) {
    int q = furthest != 0 ? bl_k_nearest(per_unit * grids->at[j].scale) : -32;
    grids->scale_steps[j] = (int16_t)(q < 31 ? q : 31);
  }
  grids->scale_unit = furthest != 0 ? 1 / per_unit : 0;
  bl_round_to(BL_F16, &grids->scale_unit, 1);
  bl_k_set_grids(grids, N_GROUPS);
}

static void write_scales(const bl_grids *grids, uint8_t *block) {
  uint8_t *packed = block + SCALES;
  memset(packed, 0, 12);
  for (int j = 0; j < N_GROUPS; j++) {
    int q = grids->scale_steps[j] + 32;
    packed[j % 8] = (uint8_t)(packed[j % 8] | (q & 15) << 4 * (j / 8));
    packed[8 + j % 4] = (uint8_t)(packed[8 + j % 4] | q >> 4 << 2 * (j / 4));
  }
  bl_ggml_write_f16(grids->scale_unit, block + D);
}

static void search(const float weights[BL_K_WEIGHTS], bl_grids *grids,
                   uint8_t codes[BL_K_WEIGHTS]) {
  float scales[N_GROUPS];
  bl_search_scale_by_codes(weights, scales, codes);
  for (int j = 0; j < N_GROUPS; j++) grids->at[j] = (bl_grid){scales[j], 0};
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  uint8_t *block = parts[0];
  write_scales(grids, block);
  memset(block, 0, CODES);
  for (int k = 0; k < 8; k++) {
    for (int j = 0; j < 32; j++) block[j] = (uint8_t)(block[j] | codes[32 * k + j] >> 2 << k);
  }
  bl_k_pack_2_bits(codes, block + CODES);
}

extern const bl_gridding bl_gridding_q3_k;
static const bl_k_steps steps = {N_GROUPS, 4, search, choose_units, pack};

static void store(const bl_format *format, bl_grids *grids) {
  (void)format;
  bl_k_store(&bl_gridding_q3_k, &steps, grids);
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

const bl_gridding bl_gridding_q3_k = {
    .n_grids = N_GROUPS,
    .zero_code = 4,
    .nested = true,
    .least_step = -32,
    .most_step = 31,
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
  for (int k = 0; k < 8; k++) {
    uint8_t bit = (uint8_t)(1 << k);
    for (int j = 0; j < 32; j++)
      codes[32 * k + j] = (uint8_t)(codes[32 * k + j] + (block[j] & bit ? 4 : 0));
  }
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_K_WEIGHTS, block += BYTES) {
    float scales[N_GROUPS];
    uint8_t codes[BL_K_WEIGHTS];
    read_scales(block, scales);
    unpack_codes(format, block, codes);
    for (int j = 0; j < N_GROUPS; j++, dst += GROUP)
      for (int i = 0; i < GROUP; i++) dst[i] = scales[j] * (float)(codes[GROUP * j + i] - 4);
  }
}

const bl_codec bl_codec_q3_k = {
    .name = "q3_k",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .fixed_bits = 3,
    .fixed_group = BL_K_WEIGHTS,
    .int8_activations = true,
    .block_bytes = BYTES,
    .n_f16 = 1,
    .f16_at = {108},
    .smallest = 32 * 4 * BL_F16_COARSE, /* codes down to -4, scales to -32 */
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
