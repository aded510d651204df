/* The plain formats of a first lesson on quantization: an even grid of 2^bits points over a whole
 * matrix ("tensor") or over each of its rows ("channel": a row makes one number of a layer's
 * output), with 0 in the grid's middle or wherever suits the weights ("asym").
 *
 *     w' = scale * (code - zero_point),    code = 0, 1, …, n = 2^bits - 1
 *
 *     name           scale                    zero point           shared by
 *     tensor         max|w| / (2^(bits-1)-1)  2^(bits-1)           the matrix
 *     tensor_asym    (hi - lo) / n            rint(-lo / scale)    the matrix
 *     channel        as tensor                                     a row
 *     channel_asym   as tensor_asym                                a row
 *
 * Symmetric: the largest magnitude lies on the grid's last point, on either side, so the grid has
 * an odd number of points and code 0 is never used. It wastes what the weights leave empty on the
 * shorter side, but the zero point is known and costs nothing.
 *
 * Asymmetric: the grid spans lo to hi, the smallest and the largest weight, or 0 where that is
 * further out: the range must contain 0, so that 0 can be exact. The zero point, the code of 0, is
 * rounded to a whole number, which shifts the grid by up to half a step: an end may be clamped by
 * as much.
 *
 *     code = clamp(rint(w / scale) + zero_point, 0, n)
 *
 * All in float32, ties to the even number. These are textbook formulas (as in Jacob et al., 2018,
 * "Quantization and training of neural networks for efficient integer-arithmetic-only inference"),
 * kept bare to be read and compared: no library's bytes are matched. The formats of real use are
 * near by: int8 is a channel:8 with 127.5 for 127; affine is an asymmetric grid for each group.
 *
 * Codes are packed without gaps, eight at a time, so rows are multiples of 8. For each grid there
 * is a float32 scale and, in the asymmetric formats, a byte for the zero point.
 *
 * At the edge. Weights that are all 0, or so small that the scale is 0, decode to 0. With a NaN the
 * scale is NaN, with an infinity, or where hi - lo overflows, it is infinite: all weights that
 * share it decode to NaN. */
#include "quant/bits.h"
#include "quant/codec.h"
#include "quant/range.h"

enum { MIN_BITS = 2, MAX_BITS = 8, PACKED_TOGETHER = 8, CHUNK = 128 };

/* The parts, as named in the codecs below. The last is absent from the symmetric formats. */
enum { CODES, SCALE, ZERO_POINT };

static bool is_asymmetric(const bl_format *format) {
  return format->codec->n_parts > ZERO_POINT;
}

/* ---- grids ----------------------------------------------------------------------------------- */

typedef struct grid {
  float scale;
  int zero_point, first, last; /* codes; first is the smallest in use */
} grid;

static grid symmetric_grid(const float *weights, int64_t n, int bits) {
  int middle = 1 << (bits - 1);
  float scale = bl_max_abs(weights, n) / (float)(middle - 1);
  return (grid){scale == scale ? scale : NAN, middle, 1, 2 * middle - 1};
}

static grid asymmetric_grid(const float *weights, int64_t n, int bits) {
  int last = (1 << bits) - 1;
  float largest = bl_max_abs(weights, n);
  if (largest != largest) return (grid){NAN, 0, 0, last};
  bl_range range = bl_find_range(weights, n);
  float lo = range.lo < 0 ? range.lo : 0, hi = range.hi > 0 ? range.hi : 0;
  float scale = (hi - lo) / (float)last;
  int zero_point = bl_nearest_code(-lo / scale, 0, (float)last);
  return (grid){scale, zero_point, 0, last};
}

static grid choose_grid(const bl_format *format, const float *weights, int64_t n) {
  return is_asymmetric(format) ? asymmetric_grid(weights, n, format->bits)
                               : symmetric_grid(weights, n, format->bits);
}

static void write_grid(const bl_format *format, grid g, uint8_t *const *parts) {
  memcpy(parts[SCALE], &g.scale, sizeof g.scale);
  if (is_asymmetric(format)) *parts[ZERO_POINT] = (uint8_t)g.zero_point;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void encode_codes(const bl_format *format, const float *src, int64_t n_cols, grid g,
                         uint8_t *packed) {
  const float lo = (float)(g.first - g.zero_point), hi = (float)(g.last - g.zero_point);
  for (int64_t col = 0; col < n_cols; col += CHUNK) {
    uint8_t codes[CHUNK];
    int n = n_cols - col < CHUNK ? (int)(n_cols - col) : CHUNK;
    for (int i = 0; i < n; i++)
      codes[i] = (uint8_t)(bl_nearest_code(src[col + i] / g.scale, lo, hi) + g.zero_point);
    bl_pack_codes(codes, n, format->bits, packed + (size_t)col / 8 * (size_t)format->bits);
  }
}

/* The whole of src, n_rows rows, shares one grid. */
static void encode_tensor(const bl_format *format, const float *src, int64_t n_rows, int64_t n_cols,
                          uint8_t *const *parts) {
  grid g = choose_grid(format, src, n_rows * n_cols);
  encode_codes(format, src, n_rows * n_cols, g, parts[CODES]);
  write_grid(format, g, parts);
}

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  encode_tensor(format, src, 1, n_cols, parts);
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const int bits = format->bits;
  const int zero_point = is_asymmetric(format) ? *parts[ZERO_POINT] : 1 << (bits - 1);
  float scale;
  memcpy(&scale, parts[SCALE], sizeof scale);
  for (int64_t col = 0; col < n_cols; col += CHUNK) {
    uint8_t codes[CHUNK];
    int n = n_cols - col < CHUNK ? (int)(n_cols - col) : CHUNK;
    bl_unpack_codes(parts[CODES] + (size_t)col / 8 * (size_t)bits, n, bits, codes);
    for (int i = 0; i < n; i++) dst[col + i] = scale * (float)(codes[i] - zero_point);
  }
}

static void unpack_codes(const bl_format *format, const uint8_t *packed, uint8_t *codes) {
  bl_unpack_codes(packed, PACKED_TOGETHER, format->bits, codes);
}

/* ---- the four formats ------------------------------------------------------------------------ */

static size_t grid_bytes(int part) {
  return part == SCALE ? sizeof(float) : 1;
}

static size_t channel_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  return part == CODES ? (size_t)n_cols / 8 * (size_t)format->bits : grid_bytes(part);
}

static size_t tensor_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  return part == CODES ? channel_row_bytes(format, part, n_cols) : 0;
}

static size_t tensor_shared_bytes(const bl_format *format, int part, int64_t n_rows,
                                  int64_t n_cols) {
  (void)format, (void)n_rows, (void)n_cols;
  return part == CODES ? 0 : grid_bytes(part);
}

const bl_codec bl_codec_tensor = {
    .name = "tensor",
    .family = "plain",
    .even_levels = true,
    .lowest_unused = true,
    .n_parts = 2,
    .part_names = {"weight", "scale"},
    .fixed_group = PACKED_TOGETHER,
    .bits = (const uint16_t[]){2, 3, 4, 5, 6, 7, 8, 0},
    .default_bits = 8,
    .row_bytes = tensor_row_bytes,
    .shared_bytes = tensor_shared_bytes,
    .encode_tensor = encode_tensor,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};

const bl_codec bl_codec_tensor_asym = {
    .name = "tensor_asym",
    .family = "plain",
    .even_levels = true,
    .n_parts = 3,
    .part_names = {"weight", "scale", "zero_point"},
    .fixed_group = PACKED_TOGETHER,
    .bits = (const uint16_t[]){2, 3, 4, 5, 6, 7, 8, 0},
    .default_bits = 8,
    .row_bytes = tensor_row_bytes,
    .bias_part = ZERO_POINT,
    .shared_bytes = tensor_shared_bytes,
    .encode_tensor = encode_tensor,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};

const bl_codec bl_codec_channel = {
    .name = "channel",
    .family = "plain",
    .even_levels = true,
    .lowest_unused = true,
    .n_parts = 2,
    .part_names = {"weight", "scale"},
    .fixed_group = PACKED_TOGETHER,
    .bits = (const uint16_t[]){2, 3, 4, 5, 6, 7, 8, 0},
    .default_bits = 8,
    .row_bytes = channel_row_bytes,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};

const bl_codec bl_codec_channel_asym = {
    .name = "channel_asym",
    .family = "plain",
    .even_levels = true,
    .n_parts = 3,
    .part_names = {"weight", "scale", "zero_point"},
    .fixed_group = PACKED_TOGETHER,
    .bits = (const uint16_t[]){2, 3, 4, 5, 6, 7, 8, 0},
    .default_bits = 8,
    .row_bytes = channel_row_bytes,
    .bias_part = ZERO_POINT,
    .encode_row = encode_row,
    .decode_row = decode_row,
    .unpack_codes = unpack_codes,
};
