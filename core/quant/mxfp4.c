/* MXFP4: each group of 32 neighbouring weights shares a power of two, and a weight is one of the
 * sixteen 4-bit floating-point numbers of fp_codes.h times that power:
 *
 *     w' = 2^(byte - 127) * {0, 0.5, 1, 1.5, 2, 3, 4, 6, and their negatives}
 *
 * so a weight costs 4 bits and its share of one byte, 4.25 in all. Where affine's points lie evenly
 * these lie closer together near 0, where most weights are; and a power of two times a number only
 * shifts its exponent, which is what makes the format cheap in hardware. The format is that of the
 * OCP Microscaling specification 1.0; the bytes written here are those of mlx.core.quantize with
 * mode="mxfp4" on the CPU, mlx 0.32.4, for float32, float16 and bfloat16 weights. (On a GPU the
 * library runs another program, which breaks ties otherwise.)
 *
 * Choosing the power. The largest code is 6, so the largest magnitude of the group, amax, must
 * not be above 6 * 2^n: n is the smallest whole number for which 2^n >= amax / 6. The quotient is
 * first rounded to the weights' own type. Being up to twice as large as needed is the price of a
 * scale without a fraction: with amax = 6.1 the power is 2, the largest code used is 4 for 3.05
 * (3 * 2 = 6), and the numbers near 0 are 1 apart instead of 0.5.
 *
 * Choosing codes. x = w / 2^n is exact unless it is so small that its code is 0 anyway. Its code is
 * that of the nearest number; halfway between two it is the smaller magnitude, x = 5 gives 4. mlx
 * takes the first of sixteen distances that is least, so it never writes code 8, which is -0.
 *
 *     w           6.1    -1.0     0.5    -0.4     3.0    amax / 6 = 1.02, n = 1
 *     x          3.05    -0.5    0.25    -0.2     1.5
 *     code          5       9       0       0       3
 *     w'            6      -1       0       0       3
 *
 * Packing. Two codes to a byte, the first in the lower half; MLX sees little-endian 32-bit words,
 * [rows, cols / 8].
 *
 * The edges. A group of zeros, or one so small that amax / 6 rounds to 0, has the byte 127 and
 * codes of 0. n below -127 has no byte: as in mlx, n + 127 wraps modulo 256, so such a group (amax
 * below 2^-125) decodes to enormous numbers. Only float32 and bfloat16 can hold weights that small.
 *
 * Not a number. What mlx does with a group that has a NaN or an infinity depends on how the CPU
 * turns infinity into an integer. Here its byte is 255, NaN in the specification, and its codes are
 * 0: 0 * infinity, all 32 weights decode to NaN, and the damage shows. */
#include "quant/fp_codes.h"
#include "quant/lookup.h"
#include "quant/range.h"

enum { GROUP = 32, CODE_BYTES = GROUP / 2 };

/* The parts, as named in the codec below. */
enum { CODES, SCALES };

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format;
  return (size_t)(n_cols / GROUP) * (part == CODES ? CODE_BYTES : 1);
}

static void encode_group(const bl_format *format, const float *weights, uint8_t *packed,
                         uint8_t *byte) {
  const int group = format->group; /* not a constant: compilers then make vectors of the loops */
  float scale = bl_max_abs(weights, group) / BL_E2M1_LARGEST;
  if (!isfinite(scale)) {
    *byte = 255;
    memset(packed, 0, CODE_BYTES);
    return;
  }
  bl_round_to(format->param_dtype, &scale, 1);
  int n = scale == 0 ? 0 : bl_ceil_log2(scale);
  *byte = (uint8_t)(n + 127);
  float power = ldexpf(1, n);
  uint8_t codes[GROUP];
  for (int i = 0; i < group; i++) codes[i] = bl_f32_to_e2m1(weights[i] / power);
  bl_pack_e2m1(codes, group, packed);
}

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  for (int64_t g = 0; g < n_cols / GROUP; g++)
    encode_group(format, src + g * GROUP, parts[CODES] + g * CODE_BYTES, parts[SCALES] + g);
}

static void read_scales(const uint8_t *const *parts, int64_t first, int64_t n, float *scales) {
  for (int64_t g = 0; g < n; g++) scales[g] = bl_e8m0_to_f32(parts[SCALES][first + g]);
}

/* Decodes as mx.dequantize to float32. */
static const bl_lookup lookup = {bl_e2m1_values, BL_CODES_LOW_FIRST, read_scales};

static void unpack_codes(const bl_format *format, const uint8_t *packed, uint8_t *codes) {
  bl_unpack_e2m1_ranks(packed, format->group, codes);
}

const bl_codec bl_codec_mxfp4 = {
    .name = "mxfp4",
    .family = "mlx",
    .containers = BL_HOLDS_MLX,
    .level = bl_e2m1_level,
    .n_parts = 2,
    .part_names = {"weight", "scales"},
    .fixed_bits = 4,
    .fixed_group = GROUP,
    .uses_dtype = true,
    .row_bytes = row_bytes,
    .encode_row = encode_row,
    .decode_row = bl_lookup_decode_row,
    .unpack_codes = unpack_codes,
    .lookup = &lookup,
};
