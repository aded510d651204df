/* MXFP8: each group of 32 neighbouring weights shares a power of two, and a weight is an 8-bit
 * floating-point number, e4m3 of fp_codes.h, times that power:
 *
 *     w' = 2^(byte - 127) * e4m3(code)
 *
 * so a weight costs 8 bits and its share of one byte, 8.25 in all. The format is that of the OCP
 * Microscaling specification 1.0; the bytes written here are those of mlx.core.quantize with
 * mode="mxfp8" on the CPU, mlx 0.32.4, for float32, float16 and bfloat16 weights.
 *
 * e4m3 reaches 448, so with amax the largest magnitude of the group, n is the smallest whole number
 * for which 2^n >= amax / 448, the quotient rounded to the weights' own type first. Then w / 2^n,
 * which is exact unless it is too small to matter, is rounded to the nearest e4m3 number, ties to
 * the even code. Three bits of fraction make the error at most 1/16 of a weight, over a range in
 * which the largest weight is 2^14 to 2^15 times the smallest that keeps that precision: here a
 * float-like code is a poor bargain beside 8 evenly spaced bits for weights of similar size, and a
 * good one where a few are enormous.
 *
 * A code keeps the sign of its weight, also when that is a zero. The edges are those of mxfp4.c: a
 * group of zeros, or one so small that amax / 448 rounds to 0, has the byte 127; n below -127
 * wraps, as in mlx; and a group that has a NaN or an infinity has the byte 255 and codes of 0, so
 * that all of it decodes to NaN, where mlx's own bytes depend on the CPU. */
#include "quant/codec.h"
#include "quant/fp_codes.h"
#include "quant/range.h"

enum { GROUP = 32 };

/* The parts, as named in the codec below. */
enum { CODES, SCALES };

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format;
  return part == CODES ? (size_t)n_cols : (size_t)(n_cols / GROUP);
}

static void encode_group(bl_dtype dtype, const float *weights, uint8_t *codes, uint8_t *byte) {
  float scale = bl_max_abs(weights, GROUP) / BL_E4M3_LARGEST;
  if (!isfinite(scale)) {
    *byte = 255;
    memset(codes, 0, GROUP);
    return;
  }
  bl_round_to(dtype, &scale, 1);
  int n = scale == 0 ? 0 : bl_ceil_log2(scale);
  *byte = (uint8_t)(n + 127);
  float power = ldexpf(1, n);
  for (int i = 0; i < GROUP; i++) codes[i] = bl_f32_to_e4m3(weights[i] / power);
}

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  for (int64_t g = 0; g < n_cols / GROUP; g++)
    encode_group(format->param_dtype, src + g * GROUP, parts[CODES] + g * GROUP, parts[SCALES] + g);
}

/* As mx.dequantize to float32. */
static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  (void)format;
  for (int64_t g = 0; g < n_cols / GROUP; g++) {
    const uint8_t *codes = parts[CODES] + g * GROUP;
    float power = bl_e8m0_to_f32(parts[SCALES][g]);
    float *weights = dst + g * GROUP;
    for (int i = 0; i < GROUP; i++) weights[i] = bl_e4m3_to_f32(codes[i]) * power;
  }
}

/* From the most negative number up, -0 before 0. The two ends, 0 and 255, are NaN, which is never
 * written. */
static void unpack_codes(const bl_format *format, const uint8_t *bytes, uint8_t *codes) {
  for (int i = 0; i < format->group; i++)
    codes[i] = (uint8_t)(bytes[i] & 0x80 ? 255 - bytes[i] : 128 + bytes[i]);
}

static float level(int code) {
  return bl_e4m3_to_f32((uint8_t)(code < 128 ? 255 - code : code - 128));
}

const bl_codec bl_codec_mxfp8 = {
    .name = "mxfp8",
    .family = "mlx",
    .containers = BL_HOLDS_MLX,
    .level = level,
    .n_parts = 2,
    .part_names = {"weight", "scales"},
    .fixed_bits = 8,
    .fixed_group = GROUP,
    .uses_dtype = true,
    .row_bytes = row_bytes,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
