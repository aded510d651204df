/* What torch's and torchao's int8 formats share: a code is a signed byte. */
#ifndef BL_QUANT_INT8_H
#define BL_QUANT_INT8_H

#include "quant/codec.h"
#include "quant/range.h"

/* A scale is never smaller than this, the float32 epsilon: so no weight is divided by 0. */
#define BL_INT8_MIN_SCALE 0x1p-23f

/* The nearest codes of n weights. Both libraries multiply by the reciprocal instead of dividing by
 * the scale, which now and then gives the other code of two that are equally near. NaN gives 0. */
static inline void bl_int8_encode(const float *weights, int64_t n, float scale, uint8_t *codes) {
  float reciprocal = 1 / scale;
  for (int64_t i = 0; i < n; i++)
    codes[i] = (uint8_t)bl_nearest_code(weights[i] * reciprocal, -128, 127);
}

/* As the codec table has it: -128 becomes 0. */
static inline void bl_int8_unpack_codes(const bl_format *format, const uint8_t *bytes,
                                        uint8_t *codes) {
  for (int i = 0; i < format->group; i++) codes[i] = bytes[i] ^ 0x80;
}

static inline void bl_int8_decode(const uint8_t *codes, int64_t n, float scale, float *weights) {
  for (int64_t i = 0; i < n; i++) weights[i] = (float)(int8_t)codes[i] * scale;
}

#endif
