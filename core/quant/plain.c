/* The plain float formats: f32, f16 and bf16, little-endian, with nothing shared between weights.
 * Encoding rounds to nearest, ties to even. */
#include "base/number.h"
#include "quant/codec.h"

static size_t plain_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)part;
  return (size_t)n_cols * bl_dtype_size(bl_format_dtype(format));
}

static void plain_encode_row(const bl_format *format, const float *src, int64_t n_cols,
                             uint8_t *const *parts) {
  bl_from_f32(bl_format_dtype(format), src, n_cols, parts[0]);
}

static void plain_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                             float *dst) {
  bl_to_f32(bl_format_dtype(format), parts[0], n_cols, dst);
}

const bl_codec bl_codec_f32 = {
    .name = "f32",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "float",
    .containers = BL_HOLDS_MLX | BL_HOLDS_GGUF | BL_HOLDS_TORCH,
    .fixed_bits = 32,
    .fixed_group = 1,
    .row_bytes = plain_row_bytes,
    .encode_row = plain_encode_row,
    .decode_row = plain_decode_row,
};

const bl_codec bl_codec_f16 = {
    .name = "f16",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "float",
    .containers = BL_HOLDS_MLX | BL_HOLDS_GGUF | BL_HOLDS_TORCH,
    .fixed_bits = 16,
    .fixed_group = 1,
    .smallest = BL_F16_COARSE,
    .row_bytes = plain_row_bytes,
    .encode_row = plain_encode_row,
    .decode_row = plain_decode_row,
};

const bl_codec bl_codec_bf16 = {
    .name = "bf16",
    .n_parts = 1,
    .part_names = {"weight"},
    .family = "float",
    .containers = BL_HOLDS_MLX | BL_HOLDS_GGUF | BL_HOLDS_TORCH,
    .fixed_bits = 16,
    .fixed_group = 1,
    .row_bytes = plain_row_bytes,
    .encode_row = plain_encode_row,
    .decode_row = plain_decode_row,
};
