/* GGML's Q6_K: 6.5625 bits per weight. A block of 256 weights has 210 bytes:
 *
 *     field       what
 *     ql[128]     low 4 bits of each code
 *     qh[64]      high 2 bits of each code
 *     scales[16]  for each group of 16 weights a signed byte
 *     f16 d       what the scales count
 *
 *     w' = (d * scale) * (code - 32)
 *
 * Each half of the block, 128 weights, has 64 bytes of ql and 32 of qh. Its first 64 weights take
 * the lower halves of ql's bytes, in order, the others the upper halves. Byte j of qh holds the
 * high bits of weights j, j + 32, j + 64 and j + 96, from the lowest up (bl_k_pack_2_bits).
 *
 * There is no minimum; as in Q3_K, scales have a sign that puts each group's furthest weight on
 * -32, and d the one that puts the largest scale on -128. */
#include <math.h>

#include "quant/ggml_search.h"

enum {
  GROUP = 16,
  N_GROUPS = BL_K_WEIGHTS / GROUP,
  HIGH = 128,
  SCALES = HIGH + 64,
  D = SCALES + 16,
  BYTES = D + 2,
};

/* The scale furthest from 0 becomes -128 steps; where all are negligible there are none. */
static void choose_units(bl_grids *grids) {
  float furthest = bl_k_furthest_scale(grids, N_GROUPS);
  bool negligible = fabsf(furthest) < 1e-15f;
  float per_unit = -128 / furthest;
  for (int j = 0; j < N_GROUPS; j++) {
    int q = negligible ? 0 : bl_k_nearest(per_unit * grids->at[j].scale);
    grids->scale_steps[j] = (int8_t)((q < 127 ? q : 127) & 255);
  }
  grids->scale_unit = negligible ? 0 : 1 / per_unit;
  bl_round_to(BL_F16, &grids->scale_unit, 1);
  bl_k_set_grids(grids, N_GROUPS);
}

static void search(const float weights[BL_K_WEIGHTS], bl_grids *grids,
                   uint8_t codes[BL_K_WEIGHTS]) {
  float scales[N_GROUPS];
  bl_search_scale(weights, scales, codes);
  for (int j = 0; j < N_GROUPS; j++) grids->at[j] = (bl_grid){scales[j], 0};
}

static void pack_codes(const uint8_t *codes, uint8_t *block) {
  uint8_t high[BL_K_WEIGHTS];
  for (int half = 0; half < 2; half++) {
    for (int i = 0; i < 64; i++) {
      const uint8_t *c = codes + 128 * half + i;
      block[64 * half + i] = (uint8_t)((c[0] & 15) | (c[64] & 15) << 4);
    }
  }
  for (int i = 0; i < BL_K_WEIGHTS; i++) high[i] = codes[i] >> 4;
  bl_k_pack_2_bits(high, block + HIGH);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  uint8_t *block = parts[0];
  int all = 0;
  for (int j = 0; j < N_GROUPS; j++) all |= grids->scale_steps[j];
  if (all == 0 && grids->scale_unit == 0) { /* no scales: then no codes either */
    memset(block, 0, BYTES);
    return;
  }
  pack_codes(codes, block);
  for (int j = 0; j < N_GROUPS; j++) block[SCALES + j] = (uint8_t)grids->scale_steps[j];
  bl_ggml_write_f16(grids->scale_unit, block + D);
}

static void read_steps(const uint8_t *block, bl_grids *grids) {
  for (int j = 0; j < N_GROUPS; j++) grids->scale_steps[j] = (int8_t)block[SCALES + j];
}

extern const bl_gridding bl_gridding_q6_k;
static const bl_k_steps steps = {N_GROUPS, 32, search, choose_units, pack};

static void store(const bl_format *format, bl_grids *grids) {
  (void)format;
  bl_k_store(&bl_gridding_q6_k, &steps, grids);
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

const bl_gridding bl_gridding_q6_k = {
    .n_grids = N_GROUPS,
    .zero_code = 32,
    .nested = true,
    .least_step = -128,
    .most_step = 127,
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
  bl_k_unpack_2_bits(block + HIGH, codes);
  for (int half = 0; half < 2; half++) {
    uint8_t *c = codes + 128 * half;
    const uint8_t *low = block + 64 * half;
    for (int i = 0; i < 64; i++) c[i] = (uint8_t)(c[i] << 4 | (low[i] & 15));
    for (int i = 0; i < 64; i++) c[i + 64] = (uint8_t)(c[i + 64] << 4 | low[i] >> 4);
  }
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_K_WEIGHTS, block += BYTES) {
    float d = bl_ggml_read_f16(block + D);
    uint8_t codes[BL_K_WEIGHTS];
    unpack_codes(format, block, codes);
    for (int j = 0; j < N_GROUPS; j++, dst += GROUP) {
      float scale = d * (float)(int8_t)block[SCALES + j];
      for (int i = 0; i < GROUP; i++) dst[i] = scale * (float)(codes[GROUP * j + i] - 32);
    }
  }
}

const bl_codec bl_codec_q6_k = {
    .name = "q6_k",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .fixed_bits = 6,
    .fixed_group = BL_K_WEIGHTS,
    .int8_activations = true,
    .block_bytes = BYTES,
    .n_f16 = 1,
    .f16_at = {208},
    .smallest = 128 * 32 * BL_F16_COARSE, /* codes down to -32, scales to -128 */
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
