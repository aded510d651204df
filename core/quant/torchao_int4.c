/* torchao's int4 weight-only format: each group of 32, 64, 128 or 256 neighbouring weights of a row
 * shares a straight line,
 *
 *     w' = scale * code + zero,    code = -8, …, 7
 *
 * so a weight costs 4 bits and its share of a scale and a zero. "Zero" is torchao's word for the
 * weight that code 0 stands for. It is a float and not, as a zero point is elsewhere, a code; a
 * weight of exactly 0 need not be on the line at all. Compare MLX's affine, which has the same 16
 * points, but bends the line until it meets 0.
 *
 * Choosing the line. lo and hi are the group's smallest and largest weight; the 16 codes are spread
 * evenly from one to the other, both ends exact:
 *
 *     scale = max(hi - lo, 1e-6) / 15
 *     zero  = lo + 8 * scale
 *     code  = clamp(rint((w - lo) / scale), 0, 15) - 8
 *
 * All in float32, whatever the weights' type. Codes are chosen with the scale and lo as computed;
 * only then are scale and zero rounded to the weights' type for storing. In bf16, with its 8
 * significant bits, that moves the whole line by up to 1/256 of |zero|. Where the weights are
 * nearly equal and far from 0, this is many steps; around 0, where trained weights are, it is a
 * fraction of one. Where hi - lo is below 1e-6 the line no longer fits the group: equal weights all
 * get code -8, which stands for lo.
 *
 * The bytes are those of torchao 0.18's Int4WeightOnlyConfig(group_size=g) with its default packing
 * format, PLAIN, for f32, f16 and bf16: two codes to a byte, the even column in the low half, each
 * as 4 bits of two's complement; the same as the signed bytes of torchao's qdata, [rows, cols / 2].
 * Scales and zeros are stored here row by row, [rows, cols / group]; torchao keeps them the other
 * way about, [cols / group, rows], which is for an exporter to do. (torchao's tile-packed layout
 * for tensor cores chooses its numbers by other rules, in bf16 throughout.)
 *
 * Decoding computes scale * code + zero in float32, a product then a sum, from the stored scale and
 * zero. torchao itself only ever decodes inside a GPU kernel, so here there is no reference to
 * compare with: this is what the encoder's formula says.
 *
 * Not a number. As in torchao, with a NaN in the group scale and zero are NaN and all codes are 0;
 * with an infinity, or where hi - lo overflows, the scale is infinite, and a code is -8, or 0 for
 * the weights whose distance from lo, divided by the scale, isn't a number. */
#include "quant/grid.h"
#include "quant/range.h"

enum { BITS = 4, MIN_GROUP = 32, MAX_GROUP = 256 };

/* The parts, as named in the codec below. */
enum { CODES, SCALES, ZEROS };

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  if (part == CODES) return (size_t)n_cols / 2;
  return (size_t)(n_cols / format->group) * bl_dtype_size(format->param_dtype);
}

typedef struct line {
  float scale, lo;
} line;

static line choose_line(const float *weights, int n) {
  float largest = bl_max_abs(weights, n);
  if (largest != largest) return (line){NAN, NAN};
  bl_range range = bl_find_range(weights, n);
  float span = range.hi - range.lo;
  if (span != span) return (line){NAN, range.lo}; /* inf - inf: one NaN on every target */
  return (line){(span < 1e-6f ? 1e-6f : span) / 15, range.lo};
}

/* What isn't a number becomes code 8, which is 0 once it is packed. */
static void choose_codes(const float *weights, int64_t n, line l, uint8_t *codes) {
  for (int64_t i = 0; i < n; i++) {
    float x = (weights[i] - l.lo) / l.scale;
    codes[i] = (uint8_t)bl_nearest_code(x == x ? x : 8, 0, 15);
  }
}

/* Codes 0 to 15 become -8 to 7 and so, as 4 bits of two's complement, swap their upper bit. */
static void pack_codes(const uint8_t *codes, int64_t n, uint8_t *packed) {
  for (int64_t i = 0; i < n / 2; i++)
    packed[i] = (uint8_t)((codes[2 * i] | codes[2 * i + 1] << 4) ^ 0x88);
}

static float zero_of(line l) {
  float zero = l.lo + 8 * l.scale;
  return zero == zero ? zero : NAN;
}

/* The steps. encode_row measures weights from the lowest of the group; on a grid that is given they
 * are measured from its zero, which now and then makes another code of two that are equally near.
 */
static void fit(const bl_format *format, const float *weights, int64_t n, bl_grids *grids) {
  (void)format;
  line l = choose_line(weights, (int)n);
  grids->at[0] = (bl_grid){l.scale, zero_of(l)};
}

static void store(const bl_format *format, bl_grids *grids) {
  bl_round_to(format->param_dtype, &grids->at[0].scale, 1);
  bl_round_to(format->param_dtype, &grids->at[0].bias, 1);
}

static void round_codes(const bl_format *format, const bl_grids *grids, const float *weights,
                        int64_t n, uint8_t *codes) {
  (void)format;
  const bl_grid g = grids->at[0];
  choose_codes(weights, n, (line){g.scale, g.bias - 8 * g.scale}, codes);
}

static void pack(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
                 uint8_t *const *parts) {
  pack_codes(codes, n, parts[CODES]);
  bl_from_f32(format->param_dtype, &grids->at[0].scale, 1, parts[SCALES]);
  bl_from_f32(format->param_dtype, &grids->at[0].bias, 1, parts[ZEROS]);
}

const bl_gridding bl_gridding_int4 = {
    .n_grids = 1,
    .has_bias = true,
    .zero_code = 8,
    .fit = fit,
    .store = store,
    .round = round_codes,
    .pack = pack,
};

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  const int group = format->group;
  bl_block_parts block = bl_block_parts_first(format, group, parts);
  for (int64_t col = 0; col < n_cols; col += group, bl_block_parts_next(&block)) {
    line l = choose_line(src + col, group);
    bl_grids grids = {.at = {{l.scale, zero_of(l)}}};
    uint8_t codes[MAX_GROUP];
    choose_codes(src + col, group, l, codes);
    pack(format, &grids, codes, group, block.at);
  }
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const int group = format->group;
  const size_t param_size = bl_dtype_size(format->param_dtype);
  const size_t n_groups = (size_t)(n_cols / group);
  for (size_t g = 0; g < n_groups; g++) {
    const uint8_t *packed = parts[CODES] + g * (size_t)group / 2;
    float *weights = dst + g * (size_t)group, scale, zero;
    bl_to_f32(format->param_dtype, parts[SCALES] + g * param_size, 1, &scale);
    bl_to_f32(format->param_dtype, parts[ZEROS] + g * param_size, 1, &zero);
    for (int i = 0; i < group / 2; i++) {
      int even = (packed[i] & 15) ^ 8, odd = packed[i] >> 4 ^ 8;
      weights[2 * i] = scale * (float)(even - 8) + zero;
      weights[2 * i + 1] = scale * (float)(odd - 8) + zero;
    }
  }
}

static void unpack_codes(const bl_format *format, const uint8_t *packed, uint8_t *codes) {
  for (int i = 0; i < format->group / 2; i++) {
    codes[2 * i] = (packed[i] & 15) ^ 8;
    codes[2 * i + 1] = packed[i] >> 4 ^ 8;
  }
}

const bl_codec bl_codec_int4 = {
    .name = "int4",
    .family = "torch",
    .containers = BL_HOLDS_TORCH,
    .even_levels = true,
    .n_parts = 3,
    .part_names = {"weight", "scale", "zero_point"},
    .fixed_bits = BITS,
    .groups = (const uint16_t[]){32, 64, 128, 256, 0},
    .default_group = 128,
    .row_bytes = row_bytes,
    .bias_part = ZEROS,
    .smallest = 1e-6f,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
