/* Rounding activations to int8 codes, and how wide the rows of codes are. */
#include "kernel/activations.h"

#include <math.h>

#include "base/number.h"
#include "quant/ggml_k.h"
#include "quant/range.h"

/* ---- rules for a block ---------------------------------------------------------------------- */

/* The scale of a block where it isn't finite. */
static float refuse(int64_t n, int8_t *codes) {
  memset(codes, 0, (size_t)n);
  return NAN;
}

/* 32 values, codes rounded to the nearest, halves away from 0: the float below a half is added,
 * which for a half itself rounds up, and the fraction dropped. */
static float quantize_32(const float *x, int8_t *codes) {
  float largest = bl_max_abs(x, BL_GGML_BLOCK), scale = largest / 127;
  if (!isfinite(largest)) return refuse(BL_GGML_BLOCK, codes);
  float inverse = scale > 0 ? 1 / scale : 0;
  if (isinf(inverse)) inverse = 0; /* as small as that, x counts as 0 */
  for (int i = 0; i < BL_GGML_BLOCK; i++) {
    float v = x[i] * inverse;
    codes[i] = (int8_t)(v + copysignf(0x1.fffffep-2f, v));
  }
  return scale;
}

/* The same with the scale as f16 keeps it, chosen after the codes. */
static float quantize_q8_0(const float *x, int8_t *codes) {
  float scale = bl_f16_to_f32(bl_f32_to_f16(quantize_32(x, codes)));
  return isfinite(scale) ? scale : refuse(BL_GGML_BLOCK, codes);
}

/* 256 values; the one furthest from 0 gets code -127, so the scale has the other sign. */
static float quantize_q8_k(const float *x, int8_t *codes) {
  float largest = bl_max_abs(x, BL_K_WEIGHTS);
  if (!isfinite(largest)) return refuse(BL_K_WEIGHTS, codes);
  memset(codes, 0, BL_K_WEIGHTS);
  if (largest == 0) return 0;
  int furthest = 0;
  while (fabsf(x[furthest]) != largest) furthest++;
  float inverse = -127 / x[furthest];
  if (isinf(inverse)) return 0;
  for (int i = 0; i < BL_K_WEIGHTS; i++)
    codes[i] = (int8_t)bl_nearest_code(x[i] * inverse, -127, 127);
  return 1 / inverse;
}

/* A token of torchao. */
static float quantize_token(const float *x, int64_t n, int8_t *codes) {
  float scale = bl_max_abs(x, n) / 127.5f;
  if (!isfinite(scale)) return refuse(n, codes);
  if (scale < 0x1p-23f) scale = 0x1p-23f;
  float inverse = 1 / scale;
  for (int64_t i = 0; i < n; i++) codes[i] = (int8_t)bl_nearest_code(x[i] * inverse, -128, 127);
  return scale;
}

/* ---- torch: all tokens together -------------------------------------------------------------- */

/* torch's ChooseQuantizationParams for codes 0 to 127 of numbers in [lo, hi]. */
static void choose_line(float lo, float hi, bl_quantizer *q) {
  const float smallest = 6.1e-5f, max_code = 127;
  lo = lo < 0 ? lo : 0;
  hi = hi > 0 ? hi : 0;
  double scale = ((double)hi - (double)lo) / (double)max_code;
  if ((float)scale == 0 || isinf(1 / (float)scale)) scale = 0.1;
  if (scale < (double)smallest) {
    float stretch = smallest / (float)scale;
    scale = (double)smallest;
    if (lo == 0) {
      hi = smallest * max_code;
    } else if (hi == 0) {
      lo = -smallest * max_code;
    } else {
      lo *= stretch;
      hi *= stretch;
    }
  }
  double from_lo = -(double)lo / scale, from_hi = (double)max_code - (double)hi / scale;
  double lo_error = fabs((double)lo / scale),
         hi_error = (double)max_code + fabs((double)hi / scale);
  double zero = lo_error < hi_error ? from_lo : from_hi;
  q->low = zero<0 ? 0 : zero>(double) max_code ? -127 : -(int)rint(zero);
  q->high = 127;
  q->scale = (float)scale;
}

static void choose_call(const float *x, int64_t n, bl_quantizer *q) {
  q->scale = NAN;
  if (!isfinite(bl_max_abs(x, n))) return;
  bl_range range = bl_find_range(x, n);
  choose_line(range.lo, range.hi, q);
  if (!isfinite(q->scale)) q->scale = NAN;
}

static float quantize_by(const bl_quantizer *q, const float *x, int64_t n, int8_t *codes) {
  float inverse = 1 / q->scale;
  for (int64_t i = 0; i < n; i++)
    codes[i] = (int8_t)bl_nearest_code(x[i] * inverse, (float)q->low, (float)q->high);
  return q->scale;
}

static float quantize_in_call(const bl_quantizer *q, const float *x, int64_t n, int8_t *codes) {
  return isnan(q->scale) ? refuse(n, codes) : quantize_by(q, x, n, codes);
}

/* ---- by calibrated scales -------------------------------------------------------------------- */

/* torch's _calculate_qparams, in float32 as there, for codes -128 to 127 or 0 to 127. */
static void choose_static(bool is_symmetric, bl_range range, float *scale, int *zero) {
  const float smallest = 0x1p-23f;
  const float lo = range.lo < 0 ? range.lo : 0, hi = range.hi > 0 ? range.hi : 0;
  *scale = is_symmetric ? (-lo > hi ? -lo : hi) / 127.5f : (hi - lo) / 127;
  if (*scale < smallest) *scale = smallest;
  *zero = is_symmetric ? 0 : -bl_nearest_code(lo / *scale, -127, 0);
}

static float quantize_static(const bl_quantizer *q, const float *x, int64_t n, int8_t *codes) {
  return isfinite(bl_max_abs(x, n)) ? quantize_by(q, x, n, codes) : refuse(n, codes);
}

/* ---- choosing a rule ------------------------------------------------------------------------- */

static bl_rounding rounding_of(const bl_codec *codec) {
  if (!codec->int8_activations) return BL_ROUNDING_NONE;
  if (strcmp(codec->family, "ggml") == 0)
    return codec->fixed_group == BL_K_WEIGHTS ? BL_ROUNDING_Q8_K : BL_ROUNDING_Q8_0;
  if (strcmp(codec->name, "affine") == 0) return BL_ROUNDING_BLOCKS;
  return strcmp(codec->name, "qint8") == 0 ? BL_ROUNDING_CALLS : BL_ROUNDING_TOKENS;
}

void bl_choose_static_scale(bl_tensor *w, bl_range range) {
  const bool is_symmetric = rounding_of(w->format.codec) == BL_ROUNDING_TOKENS;
  choose_static(is_symmetric, range, &w->input_scale, &w->input_zero);
}

bl_quantizer bl_quantizer_make(const bl_tensor *w, const float *x, int64_t n_tokens) {
  bl_quantizer q = {.rounding = rounding_of(w->format.codec), .block = w->n_cols};
  if (q.rounding == BL_ROUNDING_Q8_0 || q.rounding == BL_ROUNDING_BLOCKS) q.block = BL_GGML_BLOCK;
  if (q.rounding == BL_ROUNDING_Q8_K) q.block = BL_K_WEIGHTS;
  if (w->input_scale > 0) {
    const bool is_symmetric = q.rounding == BL_ROUNDING_TOKENS;
    q.rounding = BL_ROUNDING_STATIC;
    q.scale = w->input_scale;
    q.low = is_symmetric ? -128 : -w->input_zero;
    q.high = is_symmetric ? 127 : 127 - w->input_zero;
  }
  if (q.rounding == BL_ROUNDING_CALLS) choose_call(x, n_tokens * w->n_cols, &q);
  return q;
}

static float quantize_block(const bl_quantizer *q, const float *x, int8_t *codes) {
  switch (q->rounding) {
    case BL_ROUNDING_Q8_0:
      return quantize_q8_0(x, codes);
    case BL_ROUNDING_Q8_K:
      return quantize_q8_k(x, codes);
    case BL_ROUNDING_BLOCKS:
      return quantize_32(x, codes);
    case BL_ROUNDING_TOKENS:
      return quantize_token(x, q->block, codes);
    case BL_ROUNDING_STATIC:
      return quantize_static(q, x, q->block, codes);
    default:
      return quantize_in_call(q, x, q->block, codes);
  }
}

void bl_quantize(const bl_quantizer *quantizer, const float *x, int64_t n_cols, int8_t *codes,
                 float *scales) {
  int64_t block = quantizer->block;
  for (int64_t i = 0; i < n_cols; i += block)
    scales[i / block] = quantize_block(quantizer, x + i, codes + i);
}

void bl_round_activations(const bl_quantizer *quantizer, const float *x, int64_t n_cols,
                          float *rounded) {
  int64_t block = quantizer->block;
  for (int64_t i = 0; i < n_cols; i += block) {
    /* The codes fit into the room of their own results, which are written from the last on. */
    int8_t *codes = (int8_t *)(rounded + i);
    float scale = quantize_block(quantizer, x + i, codes);
    for (int64_t j = block - 1; j >= 0; j--) {
      float value = scale * (float)codes[j];
      memcpy(rounded + i + j, &value, sizeof value);
    }
  }
}
