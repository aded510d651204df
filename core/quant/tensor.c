/* A matrix in some format: its bytes, and rows encoded and decoded through the codec. */
#include "quant/tensor.h"

bl_tensor bl_tensor_make(bl_format format, int64_t n_rows, int64_t n_cols) {
  bl_tensor tensor = {.format = format, .n_rows = n_rows, .n_cols = n_cols};
  for (int p = 0; p < format.codec->n_parts; p++)
    tensor.row_bytes[p] = bl_format_row_bytes(&format, p, n_cols);
  for (int p = 0; format.codec->shared_bytes && p < format.codec->n_parts; p++)
    tensor.shared_bytes[p] = format.codec->shared_bytes(&format, p, n_rows, n_cols);
  return tensor;
}

size_t bl_tensor_part_bytes(const bl_tensor *tensor, int part) {
  return tensor->row_bytes[part] * (size_t)tensor->n_rows + tensor->shared_bytes[part];
}

static void find_row(const bl_tensor *tensor, int64_t row, const uint8_t *parts[BL_MAX_PARTS]) {
  for (int p = 0; p < tensor->format.codec->n_parts; p++)
    parts[p] = tensor->parts[p] + (size_t)row * tensor->row_bytes[p];
}

void bl_tensor_decode_row(const bl_tensor *tensor, int64_t row, float *dst) {
  const bl_codec *codec = tensor->format.codec;
  const uint8_t *parts[BL_MAX_PARTS] = {NULL};
  if (codec->decode_tensor_row) {
    codec->decode_tensor_row(&tensor->format, tensor->parts, row, tensor->n_cols, dst);
    return;
  }
  find_row(tensor, row, parts);
  codec->decode_row(&tensor->format, parts, tensor->n_cols, dst);
}

void bl_tensor_decode_row_as(const bl_tensor *tensor, bl_dtype dtype, int64_t row, float *dst) {
  const bl_codec *codec = tensor->format.codec;
  const uint8_t *parts[BL_MAX_PARTS] = {NULL};
  if (!codec->decode_row_rounded || dtype != tensor->format.param_dtype) {
    bl_tensor_decode_row(tensor, row, dst);
    return;
  }
  find_row(tensor, row, parts);
  codec->decode_row_rounded(&tensor->format, parts, tensor->n_cols, dst);
}

void bl_tensor_row_codes(const bl_tensor *tensor, int64_t row, uint8_t *codes) {
  const bl_format *format = &tensor->format;
  int64_t group = format->group;
  int group_bytes = format->codec->block_bytes;
  if (!group_bytes) group_bytes = format->group * format->bits / 8;
  const uint8_t *bytes = tensor->parts[0] + (size_t)row * tensor->row_bytes[0];
  for (int64_t col = 0; col < tensor->n_cols; col += group, bytes += group_bytes)
    format->codec->unpack_codes(format, bytes, codes + col);
}

void bl_tensor_encode_row(const bl_tensor *tensor, uint8_t *const *parts, int64_t row,
                          const float *src) {
  const bl_codec *codec = tensor->format.codec;
  uint8_t *row_parts[BL_MAX_PARTS] = {NULL};
  for (int p = 0; p < codec->n_parts; p++)
    row_parts[p] = parts[p] + (size_t)row * tensor->row_bytes[p];
  codec->encode_row(&tensor->format, src, tensor->n_cols, row_parts);
}
