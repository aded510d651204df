/* torch's dynamic quantization to qint8, the oldest of torch's formats and the one line that the
 * lessons begin with: a signed byte for each weight, and one scale for the whole matrix:
 *
 *     w' = scale * code,    code = -128, …, 127
 *
 * Nothing is smaller than a single scale, and nothing is more easily spoilt: one large weight
 * anywhere in the matrix makes the steps coarse for all of it. Compare int8, which has a scale for
 * each row.
 *
 * The bytes written here are those of torch 2.15's torch.ao.quantization.quantize_dynamic(model,
 * {nn.Linear}, torch.qint8), for weights in any type: scale = max|w| / 127.5 in float32, at least
 * 2^-23 (torchao_int8.c says why 127.5), and codes as in int8.h. torch keeps the scale as a double,
 * though it is computed as a float32; so do we. "Dynamic" is about the activations: they are
 * quantized as well, when the model runs. That is no part of a weight format.
 *
 * Not a number. With a NaN in the matrix the scale is NaN, with an infinity it is infinite; all
 * codes are then 0, and all weights decode to NaN. torch has the same scale; what code it gives to
 * a NaN depends on which of the processor's instructions happened to convert it. */
#include "quant/codec.h"
#include "quant/int8.h"

/* The parts, as named in the codec below. */
enum { CODES, SCALE };

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format;
  return part == CODES ? (size_t)n_cols : 0;
}

static size_t shared_bytes(const bl_format *format, int part, int64_t n_rows, int64_t n_cols) {
  (void)format, (void)n_rows, (void)n_cols;
  return part == SCALE ? sizeof(double) : 0;
}

static void encode_tensor(const bl_format *format, const float *src, int64_t n_rows, int64_t n_cols,
                          uint8_t *const *parts) {
  (void)format;
  const int64_t n = n_rows * n_cols;
  float scale = bl_max_abs(src, n) / 127.5f;
  if (scale < BL_INT8_MIN_SCALE) scale = BL_INT8_MIN_SCALE;
  double stored = scale == scale ? (double)scale : (double)NAN; /* one NaN on every target */
  bl_int8_encode(src, n, scale, parts[CODES]);
  memcpy(parts[SCALE], &stored, sizeof stored);
}

static void decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                       float *dst) {
  (void)format;
  double scale;
  memcpy(&scale, parts[SCALE], sizeof scale);
  bl_int8_decode(parts[CODES], n_cols, (float)scale, dst);
}

const bl_codec bl_codec_qint8 = {
    .name = "qint8",
    .family = "torch",
    .even_levels = true,
    .n_parts = 2,
    .part_names = {"weight", "scale"},
    .fixed_bits = 8,
    .fixed_group = 1,
    .smallest = 2 * BL_INT8_MIN_SCALE,
    .int8_activations = true,
    .static_activations = true,
    .row_bytes = row_bytes,
    .shared_bytes = shared_bytes,
    .encode_tensor = encode_tensor,
    .decode_row = decode_row,
    .unpack_codes = bl_int8_unpack_codes,
};
