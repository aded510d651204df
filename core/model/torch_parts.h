/* How the checkpoints of bitsandbytes and torchao, as transformers 5.23 writes them, lay out a
 * quantized matrix (n_rows, n_cols), whose weight is called P = "X.weight". Each codec's parts are
 * there as they are, but for int4's scales and zeros.
 *
 *     nf4, nf4_double                U8   P               (n_rows * n_cols / 2, 1)
 *                                    F32  P.absmax        (n_rows * n_cols / 64); U8 in nf4_double
 *                                    F32  P.quant_map     (16), the values of the codes
 *     nf4_double                     F32  P.nested_absmax (a run of 256 blocks each)
 *                                    F32  P.nested_quant_map  (256), the dynamic map
 *     nf4, nf4_double                U8   P.quant_state.bitsandbytes__nf4, JSON: the shape, the
 *                                         weights' type, nested_offset
 *
 *     int8, with x for X._weight_    I8   xqdata (n_rows, n_cols), F32 xscale (n_rows, 1),
 *                                    I8   xzero_point (n_rows, 1), all 0
 *     int4                           I8   xqdata (n_rows, n_cols / 2),
 *                                    T    xscale and xzero_point (n_cols / group, n_rows), turned
 *
 * torchao describes every tensor in the safetensors header's metadata, under P. */
#ifndef BL_MODEL_TORCH_PARTS_H
#define BL_MODEL_TORCH_PARTS_H

#include <string.h>

#include "quant/codec.h"

#define BL_BNB_STATE ".quant_state.bitsandbytes__nf4"
#define BL_BNB_MAP ".quant_map"
#define BL_BNB_NESTED_MAP ".nested_quant_map"

/* What stands in the place of ".weight" in the name of torchao's parts, before the part's own. */
#define BL_TORCHAO_PART "._weight_"

/* torchao's name of a part of int8 or int4. */
static inline const char *bl_torchao_part_name(const bl_codec *codec, int part) {
  return part == 0 ? "qdata" : codec->part_names[part];
}

/* dst (n_cols, n_rows) is src (n_rows, n_cols) with rows and columns exchanged; elements have
 * `size` bytes. */
static inline void bl_transpose(const uint8_t *src, size_t n_rows, size_t n_cols, size_t size,
                                uint8_t *dst) {
  for (size_t r = 0; r < n_rows; r++)
    for (size_t c = 0; c < n_cols; c++)
      memcpy(dst + (c * n_rows + r) * size, src + (r * n_cols + c) * size, size);
}

#endif
