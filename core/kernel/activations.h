/* Activations in int8: how x is rounded to codes, by the format of the weights that it meets.
 *
 *     weights                          x is cut into           scale                     codes
 *     q4_0 … q8_0, iq4_nl, mxfp4_ggml  blocks of 32            max|x| / 127, kept as f16 -127 … 127
 *     q2_k … q6_k                      blocks of 256           -m / 127, m the first x   -127 … 127
 *                                                              furthest from 0
 *     affine                           blocks of 32            max|x| / 127              -127 … 127
 *     int8                             tokens                  max|x| / 127.5, >= 2^-23  -128 … 127
 *     qint8                            not at all: all tokens  (max - min) / 127         -127 … 127
 *                                      of a product together
 *
 * Those of int8 and qint8 may also be static, of a tensor that has an input_scale: one scale for
 * all tokens, found before by bl_choose_static_scale, and codes -128 … 127, or for qint8 -zero …
 * 127 - zero. Numbers beyond the range that calibration saw are cut off at its ends.
 *
 * The GGML rules are those of llama.cpp v0.5.0: the codes and scales of quantize_row_q8_0_ref,
 * quantize_row_q8_1_ref (whose stored sum, rounded to f16, is not used: sums here are exact) and
 * quantize_row_q8_K_ref. Its x86 code rounds halves in blocks of 32 to even and not away from 0.
 * MLX has no such mode; affine takes the same blocks and leaves the scale in float32.
 *
 * int8 is torchao 0.18's Int8DynamicActivationInt8WeightConfig: symmetric, each token on its own.
 *
 * qint8 is torch 2.15's quantize_dynamic on x86: asymmetric and, so that sums of two products fit
 * into 16 bits, with 7 of 8 bits (reduce_range). One scale and zero point serve the whole matrix
 * that a layer is called with, so a token's codes depend on those that go through with it: on the
 * session's batch. A code here is torch's less its zero point.
 *
 * The static rules are those of torch 2.15's observers (torch.ao.quantization) and of its operator
 * quantized_decomposed.quantize_per_tensor: for qint8 default_observer and
 * default_histogram_observer, asymmetric with 7 bits, and for int8 per_tensor_symmetric qint8, as
 * in torchao 0.18's Int8StaticActivationInt8WeightConfig with one scale for all tokens.
 *
 * Not a number. A block in which something isn't finite, or whose scale overflows, has the scale
 * NaN and codes 0: all that is computed from it is NaN, and the fault is not hidden. */
#ifndef BL_KERNEL_ACTIVATIONS_H
#define BL_KERNEL_ACTIVATIONS_H

#include "quant/range.h"
#include "quant/tensor.h"

typedef enum bl_rounding {
  BL_ROUNDING_NONE, /* the format has no integer activations */
  BL_ROUNDING_Q8_0,
  BL_ROUNDING_Q8_K,
  BL_ROUNDING_BLOCKS, /* as Q8_0, scales in float32 */
  BL_ROUNDING_TOKENS,
  BL_ROUNDING_CALLS,
  BL_ROUNDING_STATIC,
} bl_rounding;

/* How the tokens of one product are rounded. */
typedef struct bl_quantizer {
  bl_rounding rounding;
  int64_t block; /* columns that share a scale; a row's columns are a multiple of it */
  float scale;   /* BL_ROUNDING_CALLS and _STATIC: of all tokens, */
  int low, high; /* and the codes that there are */
} bl_quantizer;

/* For x (n_tokens, w.n_cols), the activations that weights `w` are to be multiplied with. */
bl_quantizer bl_quantizer_make(const bl_tensor *w, const float *x, int64_t n_tokens);

/* Gives a tensor whose codec has static activations its input_scale and input_zero, for inputs in
 * the range that calibration chose; an empty range (lo > hi) counts as 0 alone. */
void bl_choose_static_scale(bl_tensor *w, bl_range range);

/* One token, x (n_cols): x' = scales[i / block] * codes[i]. */
void bl_quantize(const bl_quantizer *quantizer, const float *x, int64_t n_cols, int8_t *codes,
                 float *scales);

/* The same decoded: x' (n_cols) as float32. */
void bl_round_activations(const bl_quantizer *quantizer, const float *x, int64_t n_cols,
                          float *rounded);

#endif
