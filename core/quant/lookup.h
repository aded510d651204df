/* Formats whose weight is scale * values[code]: codes of 4 bits that choose among 16 numbers which
 * don't lie evenly, and one scale for each group. What such a format says of itself here is enough
 * to decode it, and for the kernels to multiply it without decoding it first. */
#ifndef BL_QUANT_LOOKUP_H
#define BL_QUANT_LOOKUP_H

#include "quant/codec.h"

/* Which codes byte i of a group holds, in its lower and its upper half. */
typedef enum bl_code_order {
  BL_CODES_LOW_FIRST,  /* 2 i and 2 i + 1 */
  BL_CODES_HIGH_FIRST, /* 2 i + 1 and 2 i */
  BL_CODES_HALVES,     /* i and i + group / 2 */
} bl_code_order;

typedef struct bl_lookup {
  const float *values; /* 16 */
  bl_code_order order;
  /* The scales of the groups first to first + n - 1 of a row, whose parts are as in decode_row. */
  void (*read_scales)(const uint8_t *const *parts, int64_t first, int64_t n, float *scales);
} bl_lookup;

/* From the first byte of one group's codes to that of the next, and where those of the first are in
 * part 0: a block has its codes last. */
static inline size_t bl_lookup_stride(const bl_format *format) {
  int block_bytes = format->codec->block_bytes;
  return (size_t)(block_bytes ? block_bytes : format->group / 2);
}
static inline size_t bl_lookup_offset(const bl_format *format) {
  return bl_lookup_stride(format) - (size_t)format->group / 2;
}

/* decode_row of these formats. */
void bl_lookup_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                          float *dst);

#endif
