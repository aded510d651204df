/* GGML MXFP4: 32 weights share a power of two, w' = 2^(e - 127) * value.
 *
 *     offset  0   u8 e
 *             1   qs[16], 4-bit codes
 *
 * A code is a 4-bit float (e2m1): its lower 3 bits give 0, 0.5, 1, 1.5, 2, 3, 4 or 6, the highest
 * bit the sign. As in llama.cpp the arithmetic here is with twice the value and half the scale.
 *
 * The scale is the one that puts the largest weight between the values 4 and 8: those above 6 are
 * clamped to it. Each weight gets the nearest value, of two the one nearer to 0. This is OCP's
 * format and its choice of scale; MLX's mxfp4 has the same bits in two parts, and another choice.
 *
 * Not a number. A NaN has no say in the scale and gets code 0. A block with an infinity has e = 0
 * and all its codes 0; llama.cpp on x86 gives the same but for weights below 2^-103 beside it. */
#include "quant/fp_codes.h"
#include "quant/ggml.h"
#include "quant/lookup.h"

enum { BLOCK_BYTES = 1 + 16 };

static const float doubled_values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/* 2^(e - 128), which is denormal for e < 2. */
static float half_scale(uint8_t e) {
  return bl_f32_from_bits(e < 2 ? 0x00200000u << e : (uint32_t)(e - 1) << 23);
}

/* floorf(log2f(largest)) - 2 + 127, with the rounding of log2f: just below a power of two it gives
 * the whole number above, where that is nearer than the next float. Only there does its exact value
 * matter, and there log2 is as good as its tangent at the power of two.
 *
 * Below 2^-125 there is no such e. What llama.cpp does is undefined; here as on x86 the number is
 * taken modulo 256, which gives a scale so large that all codes are 0. */
static uint8_t choose_exponent(float largest) {
  if (largest == 0 || isinf(largest)) return 0;
  int exponent;
  double fraction = (double)frexpf(largest, &exponent); /* in [0.5, 1) */
  float log2_largest = (float)(exponent + (fraction - 1) * 0x1.71547652b82fep0 /* 1 / ln 2 */);
  return (uint8_t)(int)(floorf(log2_largest) - 2 + 127);
}

/* The code of a weight is the number of midpoints between values that its size lies above, and its
 * sign. A midpoint next to a value that overflows is infinite, so that such a value is never met.
 */
static void choose_codes(const float *weights, float scale, uint8_t *codes) {
  float mid[7];
  for (int c = 0; c < 7; c++)
    mid[c] = scale * doubled_values[c] / 2 + scale * doubled_values[c + 1] / 2;
  for (int i = 0; i < BL_GGML_BLOCK; i++) {
    float size = fabsf(weights[i]);
    int code = (size > mid[0]) + (size > mid[1]) + (size > mid[2]) + (size > mid[3]) +
               (size > mid[4]) + (size > mid[5]) + (size > mid[6]);
    codes[i] = (uint8_t)(code | (weights[i] < -mid[0] ? 8 : 0));
  }
}

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  (void)format;
  uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BL_GGML_BLOCK, block += BLOCK_BYTES) {
    float largest = fabsf(bl_ggml_find_edge(src + col));
    uint8_t e = choose_exponent(largest), codes[BL_GGML_BLOCK];
    choose_codes(src + col, isinf(largest) ? INFINITY : half_scale(e), codes);
    block[0] = e;
    bl_ggml_pack_nibbles(codes, block + 1);
  }
}

static void unpack_codes(const bl_format *format, const uint8_t *block, uint8_t *codes) {
  (void)format;
  bl_ggml_unpack_nibbles(block + 1, codes);
  for (int i = 0; i < BL_GGML_BLOCK; i++) codes[i] = bl_e2m1_rank(codes[i]);
}

static void read_scales(const uint8_t *const *parts, int64_t first, int64_t n, float *scales) {
  for (int64_t g = 0; g < n; g++) scales[g] = half_scale(parts[0][(first + g) * BLOCK_BYTES]);
}

static const bl_lookup lookup = {doubled_values, BL_CODES_HALVES, read_scales};

const bl_codec bl_codec_mxfp4_ggml = {
    .name = "mxfp4_ggml",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "ggml",
    .containers = BL_HOLDS_GGUF,
    .level = bl_e2m1_level,
    .fixed_bits = 4,
    .fixed_group = BL_GGML_BLOCK,
    .int8_activations = true,
    .block_bytes = BLOCK_BYTES,
    .encode_row = encode_row,
    .decode_row = bl_lookup_decode_row,
    .unpack_codes = unpack_codes,
    .lookup = &lookup,
};
