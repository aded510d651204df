/* The steps of blocks that are not Llama's. Activations as in transformers 5.23 (activations.py),
 * built on bl_exp, so that they have the same bits on every target. */
#include "model/blocks.h"

#include <math.h>

#include "model/exp.h"
#include "model/experts.h"

/* Sums in float64: they run over one row, and cost nothing beside the products. */
static void layer_norm(float eps, const float *x, const float *weight, const float *bias,
                       int64_t n_rows, int64_t n, float *y) {
  for (int64_t r = 0; r < n_rows; r++, x += n, y += n) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)x[i];
    const double mean = sum / (double)n;
    for (int64_t i = 0; i < n; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    const float scale = (float)(1 / sqrt(squares / (double)n + (double)eps));
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] - (float)mean) * scale * weight[i] + bias[i];
  }
}

/* x / (1 + e^-x) */
static float silu(float x) {
  return x / (1 + bl_exp(-x));
}

/* x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), where (1 + tanh u) / 2 is
 * 1 / (1 + e^-2u). */
static float gelu_tanh(float x) {
  const float u = 0.79788456f * (x + 0.044715f * x * x * x);
  return x / (1 + bl_exp(-2 * u));
}

/* x (1 + erf(x / sqrt 2)) / 2. The error function is Abramowitz and Stegun's 7.1.26, whose absolute
 * error is below 1.5e-7. */
static float gelu_erf(float x) {
  const float z = fabsf(x) * 0.70710678f, t = 1 / (1 + 0.3275911f * z);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const float rest = p * t * bl_exp(-z * z); /* 1 - erf z */
  return x * 0.5f * (x < 0 ? rest : 2 - rest);
}

static void activate(bl_activation activation, float *x, int64_t n) {
  switch (activation) {
    case BL_SILU:
      for (int64_t i = 0; i < n; i++) x[i] = silu(x[i]);
      break;
    case BL_GELU_TANH:
      for (int64_t i = 0; i < n; i++) x[i] = gelu_tanh(x[i]);
      break;
    case BL_GELU_ERF:
      for (int64_t i = 0; i < n; i++) x[i] = gelu_erf(x[i]);
      break;
    case BL_RELU:
      for (int64_t i = 0; i < n; i++) x[i] = x[i] < 0 ? 0 : x[i];
      break;
  }
}

static void gate(bl_activation activation, float *g, const float *y, int64_t n) {
  activate(activation, g, n);
  for (int64_t i = 0; i < n; i++) g[i] *= y[i];
}

/* tanh u = 2 / (1 + e^-2u) - 1 */
static void cap_at(float cap, float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] = cap * (2 / (1 + bl_exp(-2 * x[i] / cap)) - 1);
}

bl_code bl_steps_find(const bl_config *config, bool encodes, const bl_steps **steps,
                      bl_error *error) {
  static const bl_steps others = {layer_norm, activate, gate, cap_at, bl_experts};
  *steps = bl_steps_are_llamas(&config->block) ? NULL : &others;
  if (config->block.is_encoder == encodes) return BL_OK;
  if (encodes)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "a %s model continues texts: bert, distilbert and roberta models classify and "
                   "embed",
                   config->architecture);
  return bl_fail(
      error, BL_ERR_UNSUPPORTED,
      "a %s model reads whole texts and does not continue them: it classifies and embeds",
      config->architecture);
}
