/* From the scores of tokens to figures for a text, by the formulas of llama.cpp's perplexity tool
 * (tools/perplexity/perplexity.cpp, v0.5.0). A standard error is that of a mean of independent
 * values. Variances are taken in two passes, about the mean: the same in exact arithmetic as there,
 * without the cancellation. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* One of the values that a token contributes to a mean. */
typedef double (*value_fn)(const bl_token_score *score);

static double loss(const bl_token_score *s) {
  return -(double)s->log_p;
}

static double ref_loss(const bl_token_score *s) {
  return -(double)s->ref_log_p;
}

static double extra_loss(const bl_token_score *s) {
  return loss(s) - ref_loss(s);
}

static double kl(const bl_token_score *s) {
  return (double)s->kl;
}

static double logit_diff(const bl_token_score *s) {
  return (double)s->logit_diff;
}

static double delta_p(const bl_token_score *s) {
  return exp((double)s->log_p) - exp((double)s->ref_log_p);
}

static double sq_delta_p(const bl_token_score *s) {
  return delta_p(s) * delta_p(s);
}

/* NaN where the predictions are: nothing is then the most likely. */
static double same_top(const bl_token_score *s) {
  return isnan(s->kl) ? NAN : (double)s->is_same_top;
}

static double mean_of(const bl_token_score *scores, int64_t n, value_fn value) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += value(&scores[i]);
  return sum / (double)n;
}

/* The mean of (a - mean a) (b - mean b). */
static double covariance_of(const bl_token_score *scores, int64_t n, value_fn a, double mean_a,
                            value_fn b, double mean_b) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (a(&scores[i]) - mean_a) * (b(&scores[i]) - mean_b);
  return sum / (double)n;
}

/* One value says nothing of its error. */
static double error_of_mean(double variance, int64_t n) {
  return n > 1 ? sqrt(variance / (double)(n - 1)) : INFINITY;
}

static bl_estimate estimate(const bl_token_score *scores, int64_t n, value_fn value) {
  double mean = mean_of(scores, n, value);
  double variance = covariance_of(scores, n, value, mean, value, mean);
  return (bl_estimate){mean, error_of_mean(variance, n)};
}

/* e^x of an estimate x: to first order its error grows by the same factor. */
static bl_estimate exp_estimate(bl_estimate x) {
  return (bl_estimate){exp(x.value), exp(x.value) * x.error};
}

/* The square root of an estimate, and d sqrt(x) = dx / (2 sqrt(x)). */
static bl_estimate sqrt_estimate(bl_estimate x) {
  double root = sqrt(x.value);
  return (bl_estimate){root, x.error == 0 ? 0 : x.error / (2 * root)};
}

static double correlation_of(const bl_token_score *scores, int64_t n, value_fn a, value_fn b) {
  double mean_a = mean_of(scores, n, a), mean_b = mean_of(scores, n, b);
  double var_a = covariance_of(scores, n, a, mean_a, a, mean_a);
  double var_b = covariance_of(scores, n, b, mean_b, b, mean_b);
  return covariance_of(scores, n, a, mean_a, b, mean_b) / sqrt(var_a * var_b);
}

static int compare_floats(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Between the two values around position fraction * (n - 1), in proportion. */
static double percentile(const float *sorted, int64_t n, double fraction) {
  double at = fraction * (double)(n - 1);
  int64_t below = (int64_t)at, above = below + 1 < n ? below + 1 : below;
  double share = at - (double)below;
  if (share == 0) return (double)sorted[below];
  return (1 - share) * (double)sorted[below] + share * (double)sorted[above];
}

/* There is no order among values of which one is NaN: then every percentile is. */
static bl_code take_percentiles(const bl_token_score *scores, int64_t n, bl_text_stats *stats,
                                bl_error *error) {
  if (isnan(stats->kl_mean.value)) {
    stats->kl_median = stats->kl_90 = stats->kl_95 = NAN;
    stats->kl_99 = stats->kl_999 = stats->kl_max = NAN;
    return BL_OK;
  }
  float *sorted = malloc((size_t)n * sizeof *sorted);
  if (!sorted) return bl_fail_memory(error, (uint64_t)n * sizeof *sorted);
  for (int64_t i = 0; i < n; i++) sorted[i] = scores[i].kl;
  qsort(sorted, (size_t)n, sizeof *sorted, compare_floats);
  stats->kl_median = percentile(sorted, n, 0.5);
  stats->kl_90 = percentile(sorted, n, 0.9);
  stats->kl_95 = percentile(sorted, n, 0.95);
  stats->kl_99 = percentile(sorted, n, 0.99);
  stats->kl_999 = percentile(sorted, n, 0.999);
  stats->kl_max = (double)sorted[n - 1];
  free(sorted);
  return BL_OK;
}

bl_code bl_text_summarize(const bl_token_score *scores, int64_t n, bl_text_stats *stats,
                          bl_error *error) {
  bl_text_stats result = {
      .n = n,
      .ppl = exp_estimate(estimate(scores, n, loss)),
      .ref_ppl = exp_estimate(estimate(scores, n, ref_loss)),
      /* var(a - b) = var a + var b - 2 cov(a, b), and never negative */
      .ln_ratio = estimate(scores, n, extra_loss),
      .correlation = correlation_of(scores, n, loss, ref_loss),
      .kl_mean = estimate(scores, n, kl),
      .delta_p = estimate(scores, n, delta_p),
      .delta_p_rms = sqrt_estimate(estimate(scores, n, sq_delta_p)),
      .same_top = estimate(scores, n, same_top), /* p (1 - p) is the variance of zeros and ones */
      .logit_diff = estimate(scores, n, logit_diff),
  };
  bl_code code = take_percentiles(scores, n, &result, error);
  if (code == BL_OK) *stats = result;
  return code;
}
