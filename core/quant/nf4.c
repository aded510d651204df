/* NF4, "4-bit NormalFloat", the format of QLoRA and of bitsandbytes: each block of 64 neighbouring
 * weights has one scale, absmax, the largest magnitude among them, and
 *
 *     w' = absmax * value[code]
 *
 * with 16 values from -1 to 1 that are not evenly spaced. A trained network's weights are nearly
 * normally distributed: many near 0, few far out. On an even grid the codes near the ends are
 * hardly ever used, while those near 0 are crowded. NF4 puts its values where the weights are, at
 * the quantiles of a normal distribution, so that each code is about equally likely: the steps are
 * narrow about 0, .08 wide, and wide at the ends, .3.
 *
 *     code     0   1    2    3    4    5    6    7  8   9    10   11   12   13   14   15
 *     value   -1 -.70 -.53 -.39 -.28 -.18 -.09   0 .08 .16  .25  .34  .44  .56  .72   1
 *
 * The two halves differ: 0 and both ends must be exact, and of the 16 codes that leaves 7 below 0
 * and 8 above. A weight costs 4 bits and its share of a float32: 4.5. Storing that float32 in fewer
 * bits is what nf4_double.c is about.
 *
 * Source: Dettmers, Pagnoni, Holtzman, Zettlemoyer (2023), "QLoRA: Efficient finetuning of
 * quantized LLMs". The bytes written here are those of bitsandbytes 0.50.2 on the CPU,
 * functional.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=False), for f32,
 * f16 and bf16; bitsandbytes takes its blocks across the ends of rows, so that it agrees where rows
 * are whole blocks, and other matrices are left alone. Decoding gives the float32 values of its
 * dequantize_4bit; for 16-bit types it rounds these once more.
 *
 * Choosing codes. x = w * (1 / absmax), and the code is the number of midpoints between
 * neighbouring values that lie below x: the nearest value, the lower one of two that are equally
 * near. absmax counts as 1e-38 where it is smaller, so that a block of zeros has x = 0; what is
 * stored is the real one.
 *
 * Not a number. As in bitsandbytes, NaN comes after every midpoint, so it has code 15; with a NaN
 * in the block absmax is NaN and all codes are 15. With an infinity absmax is infinite: what is
 * finite becomes code 7, value 0, which decodes to NaN, and the infinity code 15. */
#include "quant/nf4.h"

#include "quant/grid.h"

/* The parts, as named in the codec below. */
enum { CODES, ABSMAX };

const float bl_nf4_values[16] = {
    -1,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1,
};

static void choose_codes(const float *weights, float absmax, uint8_t *codes) {
  float reciprocal = 1 / (absmax < 1e-38f ? 1e-38f : absmax);
  float x[BL_NF4_BLOCK];
  int count[BL_NF4_BLOCK] = {0};
  for (int i = 0; i < BL_NF4_BLOCK; i++) x[i] = weights[i] * reciprocal;
  for (int k = 0; k < 15; k++) {
    float midpoint = (bl_nf4_values[k] + bl_nf4_values[k + 1]) / 2;
    for (int i = 0; i < BL_NF4_BLOCK; i++) count[i] += !(x[i] <= midpoint);
  }
  for (int i = 0; i < BL_NF4_BLOCK; i++) codes[i] = (uint8_t)count[i];
}

static void pack_codes(const uint8_t *codes, uint8_t *packed) {
  for (int i = 0; i < BL_NF4_BLOCK_BYTES; i++)
    packed[i] = (uint8_t)(codes[2 * i] << 4 | codes[2 * i + 1]);
}

void bl_nf4_encode_block(const float weights[BL_NF4_BLOCK], float absmax,
                         uint8_t packed[BL_NF4_BLOCK_BYTES]) {
  uint8_t codes[BL_NF4_BLOCK];
  choose_codes(weights, absmax, codes);
  pack_codes(codes, packed);
}

void bl_nf4_unpack_codes(const bl_format *format, const uint8_t *packed, uint8_t *codes) {
  (void)format;
  for (int i = 0; i < BL_NF4_BLOCK_BYTES; i++) {
    codes[2 * i] = packed[i] >> 4;
    codes[2 * i + 1] = packed[i] & 15;
  }
}

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format;
  size_t n_blocks = (size_t)(n_cols / BL_NF4_BLOCK);
  return n_blocks * (part == CODES ? (size_t)BL_NF4_BLOCK_BYTES : sizeof(float));
}

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  (void)format;
  grids->at[0] = (bl_grid){bl_max_abs(weights, n), 0};
}

/* Scales are stored as they are. */
static void store(const bl_format *format, bl_grids *grids) {
  (void)format, (void)grids;
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)format, (void)n;
  choose_codes(weights, grids->at[0].scale, codes);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format, (void)n;
  pack_codes(codes, parts[CODES]);
  memcpy(parts[ABSMAX], &grids->at[0].scale, sizeof(float));
}

const bl_gridding bl_gridding_nf4 = {
    .n_grids = 1,
    .unsigned_grid = true,
    .fit = fit,
    .store = store,
    .round = round_codes,
    .pack = pack,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_gridding_encode_row(&bl_gridding_nf4, format, src, n_cols, parts);
}

static void read_scales(const uint8_t *const *parts, int64_t first, int64_t n, float *scales) {
  memcpy(scales, parts[ABSMAX] + (size_t)first * sizeof *scales, (size_t)n * sizeof *scales);
}

static const bl_lookup lookup = {bl_nf4_values, BL_CODES_HIGH_FIRST, read_scales};

const bl_codec bl_codec_nf4 = {
    .name = "nf4",
    .family = "bitsandbytes",
    .containers = BL_HOLDS_TORCH,
    .n_parts = 2,
    .part_names = {"weight", "weight.absmax"},
    .fixed_bits = 4,
    .fixed_group = BL_NF4_BLOCK,
    .row_bytes = row_bytes,
    .encode_row = encode_row,
    .decode_row = bl_lookup_decode_row,
    .unpack_codes = bl_nf4_unpack_codes,
    .lookup = &lookup,
};
