/* What the two NF4 formats share: codes of 4 bits and the blocks that have a scale. */
#ifndef BL_QUANT_NF4_H
#define BL_QUANT_NF4_H

#include "quant/codec.h"
#include "quant/range.h"

enum { BL_NF4_BLOCK = 64, BL_NF4_BLOCK_BYTES = BL_NF4_BLOCK / 2 };

/* The 16 values of NF4, as nf4.c explains. */
extern const float bl_nf4_values[16];

/* The value of nf4_double's dynamic map for a code from 0 to 255. */
float bl_nf4_dynamic_value(int code);

/* A block of weights, of which the largest magnitude is absmax, to two codes a byte, the first in
 * the upper half. */
void bl_nf4_encode_block(const float weights[BL_NF4_BLOCK], float absmax,
                         uint8_t packed[BL_NF4_BLOCK_BYTES]);

/* A block's codes, as the codec table has it. */
void bl_nf4_unpack_codes(const bl_format *format, const uint8_t *packed, uint8_t *codes);

#endif
