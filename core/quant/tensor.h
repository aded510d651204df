/* A weight matrix in some format. */
#ifndef BL_QUANT_TENSOR_H
#define BL_QUANT_TENSOR_H

#include "quant/codec.h"

typedef struct bl_tensor {
  bl_format format;
  int64_t n_rows, n_cols;             /* a vector is one row */
  const uint8_t *parts[BL_MAX_PARTS]; /* row r of part p is at parts[p] + r * row_bytes[p] */
  size_t row_bytes[BL_MAX_PARTS];
  size_t shared_bytes[BL_MAX_PARTS]; /* of a part that all rows share, whose row_bytes are 0 */
  /* How what it is multiplied with is rounded where that has been calibrated: x' = input_scale *
   * code, and input_zero the code of torch that stands for 0. Scale 0: it has not. */
  float input_scale;
  int input_zero;
} bl_tensor;

/* Describes a tensor of this format and shape; its parts are NULL. */
bl_tensor bl_tensor_make(bl_format format, int64_t n_rows, int64_t n_cols);

/* Bytes of one part. */
size_t bl_tensor_part_bytes(const bl_tensor *tensor, int part);

/* Decodes one row into dst (n_cols). */
void bl_tensor_decode_row(const bl_tensor *tensor, int64_t row, float *dst);

/* The same as weights of type `dtype`: where that is the type of the row's scales, with the
 * roundings that the format's owner has then; else not yet rounded to it. */
void bl_tensor_decode_row_as(const bl_tensor *tensor, bl_dtype dtype, int64_t row, float *dst);

/* One row's codes (n_cols), from 0 for the lowest to 2^bits - 1, for a format whose codec has
 * unpack_codes. */
void bl_tensor_row_codes(const bl_tensor *tensor, int64_t row, uint8_t *codes);

/* Encodes src (n_cols) as row `row` of the tensor whose bytes are at parts[], for a format whose
 * codec has encode_row. */
void bl_tensor_encode_row(const bl_tensor *tensor, uint8_t *const *parts, int64_t row,
                          const float *src);

#endif
