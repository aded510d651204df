/* torchao's int8 weight-only format: a signed byte for each weight, and for each row, which makes
 * one number of a layer's output, a scale of its own:
 *
 *     w' = scale * code,    code = -128, …, 127
 *
 * It is symmetric: 0 is code 0, so there is no zero point to store, and the grid reaches as far
 * below 0 as above, whether or not the weights do. The bytes written here are those of torchao
 * 0.18's Int8WeightOnlyConfig() with its default granularity, PerRow, on the CPU, for weights in
 * f32, f16 and bf16.
 *
 * Choosing the scale. The 256 codes span 255 steps. Splitting these evenly about 0 gives 127.5 on
 * each side:
 *
 *     scale = max|w| / 127.5
 *
 * The largest weight lies at 127.5 steps, halfway between two codes: where it is positive it is
 * clamped to 127, half a step inwards; where it is negative it rounds to -128, half a step out.
 * So a row of equal weights .7 comes back as .69725. In exchange every other weight has a grid
 * finer than max|w| / 127 would be. The division is rounded to the weights' own type, the quotient
 * is then a float32 and at least 2^-23; codes are chosen with it (int8.h), and it is what is
 * stored. A row all of whose weights are below 2^-24, half of the smallest scale, becomes zeros.
 *
 * Decoding multiplies in float32. torchao rounds this product to the weights' type; a model that
 * computes in float32 has no use for that loss.
 *
 * Not a number. With a NaN in the row the scale is NaN and all codes are 0. With an infinity the
 * scale is infinite and all codes are 0, since x / inf is 0 and inf / inf isn't a number. Either
 * way, as in torchao, the whole row decodes to NaN: the fault is not hidden. */
#include "quant/grid.h"
#include "quant/int8.h"

/* The parts, as named in the codec below. */
enum { CODES, SCALE };

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format;
  return part == CODES ? (size_t)n_cols : sizeof(float);
}

static float choose_scale(const float *weights, int64_t n, bl_dtype weight_type) {
  float scale = bl_max_abs(weights, n) / 127.5f;
  bl_round_to(weight_type, &scale, 1);
  if (scale != scale) return NAN; /* one NaN on every target */
  return scale < BL_INT8_MIN_SCALE ? BL_INT8_MIN_SCALE : scale;
}

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  grids->at[0] = (bl_grid){choose_scale(weights, n, format->param_dtype), 0};
}

/* In float32, whatever type the weights had. */
static void store(const bl_format *format, bl_grids *grids) {
  (void)format, (void)grids;
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)format;
  bl_int8_encode(weights, n, grids->at[0].scale, codes);
  for (int64_t i = 0; i < n; i++) codes[i] ^= 0x80;
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  (void)format;
  for (int64_t i = 0; i < n; i++) parts[CODES][i] = codes[i] ^ 0x80;
  memcpy(parts[SCALE], &grids->at[0].scale, sizeof(float));
}

const bl_gridding bl_gridding_int8 = {
    .n_grids = 1,
    .row_block = true,
    .zero_code = 128,
    .fit = fit,
    .store = store,
    .round = round_codes,
    .pack = pack,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  float scale = choose_scale(src, n_cols, format->param_dtype);
  bl_int8_encode(src, n_cols, scale, parts[CODES]);
  memcpy(parts[SCALE], &scale, sizeof scale);
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  (void)format;
  float scale;
  memcpy(&scale, parts[SCALE], sizeof scale);
  bl_int8_decode(parts[CODES], n_cols, scale, dst);
}

const bl_codec bl_codec_int8 = {
    .name = "int8",
    .family = "torch",
    .containers = BL_HOLDS_TORCH,
    .even_levels = true,
    .n_parts = 2,
    .part_names = {"weight", "scale"},
    .fixed_bits = 8,
    .fixed_group = 1,
    .smallest = 2 * BL_INT8_MIN_SCALE,
    .uses_dtype = true,
    .int8_activations = true,
    .static_activations = true,
    .row_bytes = row_bytes,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = bl_int8_unpack_codes,
};
