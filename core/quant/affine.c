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
 * works in that type, and so rounds the product and then the sum to it. bl_round_to after each
 * operation would give its bytes; a model that computes in float32 has no use for that loss.
 *
 * Not a number. As in MLX, a NaN has no say in the range and gets code 0. A group with an infinity
 * has no line: its codes are 0, its scale is NaN and its bias the edge. Which of the many NaNs is
 * left open by IEEE 754, so it is always the one that bf16 has in MLX, positive and quiet. When
 * hi - lo overflows the scale is infinite and all codes are 0. */
#include <math.h>

#include "base/number.h"
#include "quant/codec.h"

enum { MAX_GROUP = 128, LANES = 16 };

/* The parts, as named in the codec below. */
enum { CODES, SCALES, BIASES };

static bool settings_valid(int bits, int group) {
  bool bits_valid = bits >= 2 && bits <= 8 && bits != 7;
  return bits_valid && (group == 32 || group == 64 || group == 128);
}

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  size_t n_groups = (size_t)(n_cols / format->group);
  if (part == CODES) return n_groups * (size_t)(format->group * format->bits / 8);
  return n_groups * bl_dtype_size(format->param_dtype);
}

/* ---- choosing the line ---------------------------------------------------------------------- */

typedef struct range {
  float lo, hi;
} range;

typedef struct line {
  float scale, bias;
} line;

/* The smallest and the largest of n weights, NaNs left out; (inf, -inf) when all are. n is a
 * multiple of LANES. Each lane has its own running minimum and maximum: they don't depend on one
 * another, so that compilers make vectors of them without being allowed to reorder anything. */
static range find_range(const float *weights, int n) {
  float lo[LANES], hi[LANES];
  for (int k = 0; k < LANES; k++) {
    lo[k] = INFINITY;
    hi[k] = -INFINITY;
  }
  for (int i = 0; i < n; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      float w = weights[i + k];
      lo[k] = w < lo[k] ? w : lo[k];
      hi[k] = w > hi[k] ? w : hi[k];
    }
  }
  for (int half = LANES / 2; half > 0; half /= 2) {
    for (int k = 0; k < half; k++) {
      lo[k] = lo[k + half] < lo[k] ? lo[k + half] : lo[k];
      hi[k] = hi[k + half] > hi[k] ? hi[k + half] : hi[k];
    }
  }
  return (range){lo[0], hi[0]};
}

/* Steps 1 to 3 above. */
static line choose_line(range r, float max_code) {
  float step = (r.hi - r.lo) / max_code;
  if (step < 1e-7f) step = 1e-7f;
  bool edge_is_lo = fabsf(r.lo) > fabsf(r.hi);
  float edge = edge_is_lo ? r.lo : r.hi;
  if (!edge_is_lo) step = -step;
  float q0 = rintf(edge / step);
  if (q0 == 0) return (line){step, 0};
  float scale = edge / q0;
  if (isnan(scale)) scale = NAN; /* one NaN on every target */
  return (line){scale, edge};
}

/* The nearest code of each weight, ties to the even one.
 *
 * For 0 <= x < 2^22 the sum x + 2^23 lies where neighbouring floats are 1 apart, so the addition
 * itself rounds x to a whole number, ties to even, exactly as rint does; that number is then the
 * low bits of the sum's fraction. Clamping first changes no result, as 0 and max_code are whole. It
 * also turns NaN into 0, as it fails the first comparison, so no conversion to int ever meets one.
 */
static void choose_codes(const float *weights, int n, line l, float max_code, uint8_t *codes) {
  for (int i = 0; i < n; i++) {
    float x = (weights[i] - l.bias) / l.scale;
    x = x > 0 ? x : 0;
    x = x < max_code ? x : max_code;
    codes[i] = (uint8_t)bl_f32_bits(x + 0x1p23f);
  }
}

/* ---- packing -------------------------------------------------------------------------------- */

/* Eight codes, one in each byte of x, to 8 * bits bits without gaps: first two codes close up in
 * each 16 bits, then four in each 32, then all eight. */
static inline uint64_t close_gaps(uint64_t x, int bits) {
  x = (x & 0x00ff00ff00ff00ffu) | (x & 0xff00ff00ff00ff00u) >> (8 - bits);
  x = (x & 0x0000ffff0000ffffu) | (x & 0xffff0000ffff0000u) >> (16 - 2 * bits);
  return (x & 0x00000000ffffffffu) | (x & 0xffffffff00000000u) >> (32 - 4 * bits);
}

/* The reverse of close_gaps; bits of x above 8 * bits are 0. */
static inline uint64_t open_gaps(uint64_t x, int bits) {
  uint64_t four = ((uint64_t)1 << 4 * bits) - 1;
  uint64_t two = (((uint64_t)1 << 2 * bits) - 1) * 0x0000000100000001u;
  uint64_t one = (((uint64_t)1 << bits) - 1) * 0x0001000100010001u;
  x = (x & four) | (x & four << 4 * bits) << (32 - 4 * bits);
  x = (x & two) | (x & two << 2 * bits) << (16 - 2 * bits);
  return (x & one) | (x & one << bits) << (8 - bits);
}

/* n codes to n * bits / 8 bytes. Eight codes always fill `bits` whole bytes. */
static inline void pack_eights(const uint8_t *codes, int n, int bits, uint8_t *packed) {
  for (int i = 0; i < n; i += 8, packed += bits) {
    uint64_t x;
    memcpy(&x, codes + i, 8);
    x = close_gaps(x, bits);
    memcpy(packed, &x, (size_t)bits);
  }
}

static inline void unpack_eights(const uint8_t *packed, int n, int bits, uint8_t *codes) {
  for (int i = 0; i < n; i += 8, packed += bits) {
    uint64_t x = 0;
    for (int k = 0; k < bits; k++) x |= (uint64_t)packed[k] << 8 * k;
    x = open_gaps(x, bits);
    memcpy(codes + i, &x, 8);
  }
}

/* Each case is compiled for its number of bits, with all shifts and masks known. */
static void pack(const uint8_t *codes, int n, int bits, uint8_t *packed) {
  switch (bits) {
    case 2:
      pack_eights(codes, n, 2, packed);
      break;
    case 3:
      pack_eights(codes, n, 3, packed);
      break;
    case 4:
      pack_eights(codes, n, 4, packed);
      break;
    case 5:
      pack_eights(codes, n, 5, packed);
      break;
    case 6:
      pack_eights(codes, n, 6, packed);
      break;
    default:
      pack_eights(codes, n, 8, packed);
  }
}

static void unpack(const uint8_t *packed, int n, int bits, uint8_t *codes) {
  switch (bits) {
    case 2:
      unpack_eights(packed, n, 2, codes);
      break;
    case 3:
      unpack_eights(packed, n, 3, codes);
      break;
    case 4:
      unpack_eights(packed, n, 4, codes);
      break;
    case 5:
      unpack_eights(packed, n, 5, codes);
      break;
    case 6:
      unpack_eights(packed, n, 6, codes);
      break;
    default:
      unpack_eights(packed, n, 8, codes);
  }
}

/* ---- rows ----------------------------------------------------------------------------------- */

static void encode_row(const bl_format *format, const float *src, int64_t n_cols,
                       uint8_t *const *parts) {
  const int group = format->group, bits = format->bits;
  const float max_code = (float)((1 << bits) - 1);
  const size_t packed_size = (size_t)(group * bits / 8);
  const size_t param_size = bl_dtype_size(format->param_dtype);
  const size_t n_groups = (size_t)(n_cols / group);
  for (size_t g = 0; g < n_groups; g++) {
    const float *weights = src + g * (size_t)group;
    uint8_t codes[MAX_GROUP];
    line l = choose_line(find_range(weights, group), max_code);
    choose_codes(weights, group, l, max_code, codes);
    pack(codes, group, bits, parts[CODES] + g * packed_size);
    bl_from_f32(format->param_dtype, &l.scale, 1, parts[SCALES] + g * param_size);
    bl_from_f32(format->param_dtype, &l.bias, 1, parts[BIASES] + g * param_size);
  }
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  const int group = format->group, bits = format->bits;
  const size_t packed_size = (size_t)(group * bits / 8);
  const size_t param_size = bl_dtype_size(format->param_dtype);
  const size_t n_groups = (size_t)(n_cols / group);
  for (size_t g = 0; g < n_groups; g++) {
    uint8_t codes[MAX_GROUP];
    line l;
    unpack(parts[CODES] + g * packed_size, group, bits, codes);
    bl_to_f32(format->param_dtype, parts[SCALES] + g * param_size, 1, &l.scale);
    bl_to_f32(format->param_dtype, parts[BIASES] + g * param_size, 1, &l.bias);
    float *weights = dst + g * (size_t)group;
    for (int i = 0; i < group; i++) weights[i] = l.scale * (float)codes[i] + l.bias;
  }
}

const bl_codec bl_codec_affine = {
    .name = "affine",
    .n_parts = 3,
    .part_names = {"weight", "scales", "biases"},
    .has_settings = true,
    .settings_valid = settings_valid,
    .bits_choices = "2, 3, 4, 5, 6 or 8",
    .group_choices = "32, 64 or 128",
    .default_bits = 4,
    .default_group = 64,
    .row_bytes = row_bytes,
    .encode_row = encode_row,
    .decode_row = decode_row,
};
