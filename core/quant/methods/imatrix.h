/* Quantizing with an importance matrix as llama.cpp does. */
#ifndef BL_QUANT_METHODS_IMATRIX_H
#define BL_QUANT_METHODS_IMATRIX_H

#include "quant/grid.h"

/* Has llama.cpp an encoder for the format that takes an importance matrix? q4_0 to q5_1, iq4_nl and
 * the K formats have; q8_0 has one that takes no notice of it. */
bool bl_imatrix_encodes(const bl_codec *codec);

/* Encodes a row of such a format, finite weights, as ggml_quantize_chunk does with an importance
 * matrix whose row is importance (n_cols): for each column the mean square of what the layer is
 * given there. parts are as in encode_row. */
void bl_imatrix_encode_row(const bl_format *format, const float *weights, const float *importance,
                           int64_t n_cols, uint8_t *const *parts);

#endif
