/* MLX affine: each group of 32, 64 or 128 neighbouring weights shares a straight line,
 *
 *     w' = scale * code + bias,    code = 0, 1, …, n = 2^bits - 1,
 *
 * so a weight costs `bits` bits and its share of one scale and one bias. The bytes written here are
 * those of mlx.core.quantize on the CPU, mlx 0.32, for every setting and weight type.
 *
 * Choosing the line. With lo and hi the group's smallest and largest weight, the obvious grid has
 * the step (hi - lo) / n and starts at lo. Its fault is that 0, the commonest weight, may fall
 * between two points. So the step is changed a little until 0 is one of them:
 *
 *   1. The edge is lo or hi, whichever is further from 0. It gets code 0, and bias = edge, so that
 *      it is exact. The step leads from the edge into the range: where the edge is hi it is
 *      negative.
 *   2. edge / step says how many steps lie between the edge and 0. It is rounded to a whole number
 *      q0, and scale = edge / q0: now 0 lies on the line too, q0 steps from the edge.
 *   3. Where q0 is 0 the edge is less than half a step from 0: a group of zeros, or of weights that
 *      are small beside the smallest step, 1e-7. Then bias = 0, and scale = step.
 *
 * With 3 bits, lo = -1.0 and hi = 1.1: the step is -0.3, edge / step = -3.67, q0 = -4, and
 *
 *     code     7       6       5       4       3       2       1       0
 *     w'    -0.825  -0.550  -0.275     0     0.275   0.550   0.825   1.100
 *
 * The far end paid for it: the grid became finer than the range needs, and -1.0 is clamped to code
 * 7. Had edge / step been rounded towards 0, the grid would have become coarser instead.
 *
 * Codes are chosen with the scale and bias as computed, in float32; only then are these rounded to
 * the weights' own type for storing. So after decoding the edge is exact, and 0 is as exact as the
 * rounding of the scale allows.
 *
 * Packing. The codes of a row form one stream of bits, each code with its lowest bit first. MLX
 * sees the stream as little-endian 32-bit words, [rows, cols * bits / 32]; that changes no byte.
 *
 * Decoding computes scale * code + bias in float32, a product then a sum, from the stored scale and
 * bias: it equals mx.dequantize of float32 scales and biases. For 16-bit ones mx.dequantize
 * works in that type, and so rounds the product and then the sum to it. A model that computes in
 * float32 has no use for that loss; decode_row_rounded has it, for who writes mlx_lm's bytes.
 *
 * Not a number. As in MLX, a NaN has no say in the range and gets code 0. A group with an infinity
 * has no line: its codes are 0, its scale is NaN and its bias the edge. Which of the many NaNs is
 * left open by IEEE 754, so it is always the one that bf16 has in MLX, positive and quiet. When
 * hi - lo overflows the scale is infinite and all codes are 0. */
#include <math.h>

#include "quant/bits.h"
#include "quant/grid.h"
#include "quant/range.h"

enum { MAX_GROUP = 128 };

/* The parts, as named in the codec below. */
enum { CODES, SCALES, BIASES };

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  size_t n_groups = (size_t)(n_cols / format->group);
  if (part == CODES) return n_groups * (size_t)(format->group * format->bits / 8);
  return n_groups * bl_dtype_size(format->param_dtype);
}

/* ---- choosing the line ---------------------------------------------------------------------- */

/* Steps 1 to 3 above. */
static bl_grid choose_line(bl_range r, float max_code) {
  float step = (r.hi - r.lo) / max_code;
  if (step < 1e-7f) step = 1e-7f;
  bool edge_is_lo = fabsf(r.lo) > fabsf(r.hi);
  float edge = edge_is_lo ? r.lo : r.hi;
  if (!edge_is_lo) step = -step;
  float q0 = rintf(edge / step);
  if (q0 == 0) return (bl_grid){step, 0};
  float scale = edge / q0;
  if (isnan(scale)) scale = NAN; /* one NaN on every target */
  return (bl_grid){scale, edge};
}

static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  grids->at[0] = choose_line(bl_find_range(weights, n), (float)((1 << format->bits) - 1));
}

/* The nearest code of each weight, ties to the even one.
 *
 * For 0 <= x < 2^22 the sum x + 2^23 lies where neighbouring floats are 1 apart, so the addition
 * itself rounds x to a whole number, ties to even, exactly as rint does; that number is then the
 * low bits of the sum's fraction. Clamping first changes no result, as 0 and max_code are whole. It
 * also turns NaN into 0, as it fails the first comparison, so no conversion to int ever meets one.
 */
static void round_codes(const bl_format *format, const bl_grids *grids,
                        const float *restrict weights, int64_t n, uint8_t *restrict codes) {
  const bl_grid l = grids->at[0];
  const float max_code = (float)((1 << format->bits) - 1);
  for (int64_t i = 0; i < n; i++) {
    float x = (weights[i] - l.bias) / l.scale;
    x = x > 0 ? x : 0;
    x = x < max_code ? x : max_code;
    codes[i] = (uint8_t)bl_f32_bits(x + 0x1p23f);
  }
}

static void store(const bl_format *format, bl_grids *grids) {
  bl_round_to(format->param_dtype, &grids->at[0].scale, 1);
  bl_round_to(format->param_dtype, &grids->at[0].bias, 1);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  bl_pack_codes(codes, (int)n, format->bits, parts[CODES]);
  bl_from_f32(format->param_dtype, &grids->at[0].scale, 1, parts[SCALES]);
  bl_from_f32(format->param_dtype, &grids->at[0].bias, 1, parts[BIASES]);
}

const bl_gridding bl_gridding_affine = {
    .n_grids = 1,
    .has_bias = true,
    .fit = fit,
    .store = store,
    .round = round_codes,
    .pack = pack,
};

/* ---- rows ----------------------------------------------------------------------------------- */

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  bl_gridding_encode_row(&bl_gridding_affine, format, src, n_cols, parts);
}

/* With `rounded` as mx.dequantize, else in float32. */
static void decode(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                   bool rounded, float *dst) {
  const int group = format->group, bits = format->bits;
  const size_t packed_size = (size_t)(group * bits / 8);
  const size_t param_size = bl_dtype_size(format->param_dtype);
  const size_t n_groups = (size_t)(n_cols / group);
  for (size_t g = 0; g < n_groups; g++) {
    uint8_t codes[MAX_GROUP];
    bl_grid l;
    bl_unpack_codes(parts[CODES] + g * packed_size, group, bits, codes);
    bl_to_f32(format->param_dtype, parts[SCALES] + g * param_size, 1, &l.scale);
    bl_to_f32(format->param_dtype, parts[BIASES] + g * param_size, 1, &l.bias);
    float *weights = dst + g * (size_t)group;
    if (!rounded) { /* in one pass: rows are decoded so all the time */
      for (int i = 0; i < group; i++) weights[i] = l.scale * (float)codes[i] + l.bias;
      continue;
    }
    for (int i = 0; i < group; i++) weights[i] = l.scale * (float)codes[i];
    bl_round_to(format->param_dtype, weights, group);
    for (int i = 0; i < group; i++) weights[i] += l.bias;
    bl_round_to(format->param_dtype, weights, group);
  }
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  decode(format, parts, n_cols, false, dst);
}

static void decode_row_rounded(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                               float *dst) {
  decode(format, parts, n_cols, true, dst);
}

static void unpack_codes(const bl_format *format, const uint8_t *packed, uint8_t *codes) {
  bl_unpack_codes(packed, format->group, format->bits, codes);
}

const bl_codec bl_codec_affine = {
    .name = "affine",
    .n_parts = 3,
    .part_names = {"weight", "scales", "biases"},
    .family = "mlx",
    .containers = BL_HOLDS_MLX,
    .even_levels = true,
    .bits = (const uint16_t[]){2, 3, 4, 5, 6, 8, 0},
    .groups = (const uint16_t[]){32, 64, 128, 0},
    .default_bits = 4,
    .default_group = 64,
    .int8_activations = true,
    .row_bytes = row_bytes,
    .bias_part = BIASES,
    .floats_after_codes = true,
    .smallest = 1e-7f,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .decode_row_rounded = decode_row_rounded,
    .unpack_codes = unpack_codes,
};
