/* NVFP4: each group of 16 neighbouring weights shares a scale that is itself an 8-bit
 * floating-point number, and a weight is one of the sixteen 4-bit ones times that scale:
 *
 *     w' = e4m3(byte) * {0, 0.5, 1, 1.5, 2, 3, 4, 6, and their negatives}
 *
 * so a weight costs 4 bits and its share of one byte, 4.5 in all. Beside MXFP4 the groups are half
 * as long and the scale has three bits of fraction, so that the largest weight of a group is met to
 * 1/16 instead of a factor of 2. What it lost is range: e4m3 ends at 448 and loses precision below
 * 2^-6, where the scales of most layers lie. Hence the second format here, with a scale for the
 * whole tensor: "nvfp4_tensor" brings the groups' scales to where e4m3 is precise,
 *
 *     w' = (e4m3(byte) * (global_scale / 2688)) * …,     global_scale = max |w| of the tensor,
 *
 * 2688 = 448 * 6 being the largest number that the other two factors can make: the group with the
 * largest weight has the scale 448.
 *
 * The bytes written here are those of mlx.core.quantize with mode="nvfp4" on the CPU, mlx 0.32.4,
 * for float32, float16 and bfloat16 weights; with the tensor scale they are those for global_scale
 * = max |w| in float32, which is what mlx_lm 0.32 gives it. (mlx_lm's files hold it for the experts
 * of a mixture only.)
 *
 *   1. s = amax / 6, rounded to the weights' own type; amax is the largest magnitude of the group.
 *   2. byte = the e4m3 number nearest to s * e, where e = 2688 / global_scale, or 1 without it.
 *   3. x = w / e4m3(byte), rounded to the weights' type, times e in float32.
 *   4. The code is that of the number nearest to x, the first of those that are equally near.
 *
 * For 4 see mxfp4.c: halfway between two it is the smaller magnitude, and never -0. The distance is
 * a float32. From 2^24 on, which takes a scale that ends at 448, distances of different codes
 * round to the same float: there the definition is followed to the letter.
 *
 * The edges. A group of zeros, or one so small that its byte is 0, is divided by 0 in step 3; all
 * distances are then infinite or NaN, and so all codes 0. Infinity and NaN have a meaning in every
 * step: a group that has one has the byte 126, the scale 448, and there the code 0. A tensor
 * of zeros has global_scale 0 and e infinite: 0 * e is NaN, hence the byte 126 and codes 0, which
 * decode to 0. mlx on an x86 CPU writes 254, as NaN is negative there; IEEE 754 leaves that open.
 */
#include "quant/fp_codes.h"
#include "quant/lookup.h"
#include "quant/range.h"

enum { GROUP = 16, CODE_BYTES = GROUP / 2 };

/* The parts, as named in the codecs below. */
enum { CODES, SCALES, GLOBAL_SCALE };

static const float largest_product = BL_E4M3_LARGEST * BL_E2M1_LARGEST;

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format;
  if (part == GLOBAL_SCALE) return 0;
  return (size_t)(n_cols / GROUP) * (part == CODES ? CODE_BYTES : 1);
}

static size_t shared_bytes(const bl_format *format, int part, int64_t n_rows, int64_t n_cols) {
  (void)format, (void)n_rows, (void)n_cols;
  return part == GLOBAL_SCALE ? sizeof(float) : 0;
}

/* ---- encoding ------------------------------------------------------------------------------- */

/* The first e2m1 code whose distance from x is least, in float32; 0 when no distance is a number.
 */
static uint8_t first_nearest(float x) {
  uint8_t best = 0;
  float least = INFINITY;
  for (uint8_t code = 0; code < 16; code++) {
    float distance = fabsf(x - bl_e2m1_values[code]);
    if (distance < least) {
      least = distance;
      best = code;
    }
  }
  return best;
}

/* `factor` is e above. */
static void encode_group(const bl_format *format, const float *weights, float factor,
                         uint8_t *packed, uint8_t *byte) {
  const int n = format->group; /* not a constant: compilers then make vectors of the loops */
  float scale = bl_max_abs(weights, n) / BL_E2M1_LARGEST;
  bl_round_to(format->param_dtype, &scale, 1);
  *byte = bl_f32_to_e4m3(fabsf(scale * factor)); /* positive, that of a NaN too */
  float divisor = bl_e4m3_to_f32(*byte);
  float x[GROUP];
  for (int i = 0; i < n; i++) x[i] = weights[i] / divisor;
  bl_round_to(format->param_dtype, x, n);
  for (int i = 0; i < n; i++) x[i] *= factor;
  uint8_t codes[GROUP];
  if (bl_max_abs(x, n) < 0x1p24f) {
    for (int i = 0; i < n; i++) codes[i] = bl_f32_to_e2m1(x[i]);
  } else {
    for (int i = 0; i < n; i++) codes[i] = first_nearest(x[i]);
  }
  bl_pack_e2m1(codes, n, packed);
}

static void encode_groups(const bl_format *format, const float *weights, int64_t n_groups,
                          float factor, uint8_t *const *parts) {
  for (int64_t g = 0; g < n_groups; g++)
    encode_group(format, weights + g * GROUP, factor, parts[CODES] + g * CODE_BYTES,
                 parts[SCALES] + g);
}

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  encode_groups(format, src, n_cols / GROUP, 1, parts);
}

static void encode_tensor(const bl_format *format, const float *src, int64_t n_rows, int64_t n_cols,
                          uint8_t *const *parts) {
  float global_scale = bl_max_abs(src, n_rows * n_cols);
  memcpy(parts[GLOBAL_SCALE], &global_scale, sizeof global_scale);
  encode_groups(format, src, n_rows * (n_cols / GROUP), largest_product / global_scale, parts);
}

/* ---- decoding ------------------------------------------------------------------------------- */

static void read_scales(const uint8_t *const *parts, int64_t first, int64_t n, float *scales) {
  for (int64_t g = 0; g < n; g++) scales[g] = bl_e4m3_to_f32(parts[SCALES][first + g]);
}

static void read_scales_with_tensor_scale(const uint8_t *const *parts, int64_t first, int64_t n,
                                          float *scales) {
  float global_scale;
  memcpy(&global_scale, parts[GLOBAL_SCALE], sizeof global_scale);
  read_scales(parts, first, n, scales);
  for (int64_t g = 0; g < n; g++) scales[g] *= global_scale / largest_product;
}

/* Both decode as mx.dequantize to float32. */
static const bl_lookup lookup = {bl_e2m1_values, BL_CODES_LOW_FIRST, read_scales};
static const bl_lookup lookup_with_tensor_scale = {bl_e2m1_values, BL_CODES_LOW_FIRST,
                                                   read_scales_with_tensor_scale};

static void unpack_codes(const bl_format *format, const uint8_t *packed, uint8_t *codes) {
  bl_unpack_e2m1_ranks(packed, format->group, codes);
}

const bl_codec bl_codec_nvfp4 = {
    .name = "nvfp4",
    .family = "mlx",
    .containers = BL_HOLDS_MLX,
    .level = bl_e2m1_level,
    .n_parts = 2,
    .part_names = {"weight", "scales"},
    .fixed_bits = 4,
    .fixed_group = GROUP,
    .uses_dtype = true,
    .smallest = 0x1p-9f * BL_E2M1_LARGEST,
    .largest = (BL_E4M3_LARGEST + 16) * BL_E2M1_LARGEST, /* a scale up to 464 is nearest to 448 */
    .row_bytes = row_bytes,
    .encode_row = encode_row,
    .decode_row = bl_lookup_decode_row,
    .unpack_codes = unpack_codes,
    .lookup = &lookup,
};

const bl_codec bl_codec_nvfp4_tensor = {
    .name = "nvfp4_tensor",
    .family = "mlx",
    .level = bl_e2m1_level,
    .n_parts = 3,
    .part_names = {"weight", "scales", "global_scale"},
    .fixed_bits = 4,
    .fixed_group = GROUP,
    .uses_dtype = true,
    .row_bytes = row_bytes,
    .decode_row = bl_lookup_decode_row,
    .unpack_codes = unpack_codes,
    .lookup = &lookup_with_tensor_scale,
    .shared_bytes = shared_bytes,
    .encode_tensor = encode_tensor,
};
