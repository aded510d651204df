/* Choosing tokens: model/sample.c and model/exp.h, against arithmetic done here in float64. */
#include "check.h"
#include "model/exp.h"
#include "model/sample.h"

#define N 200 /* tokens in most tests */

/* Logits spread like a model's, some of them equal. */
static void random_logits(uint64_t seed, float *logits) {
  for (int i = 0; i < N; i++) logits[i] = roundf(check_uniform(&seed) * 40) / 8;
}

static void softmax(const float *logits, int n, double temperature, double *p) {
  double max = -INFINITY, sum = 0;
  for (int i = 0; i < n; i++) max = fmax(max, logits[i]);
  for (int i = 0; i < n; i++) sum += p[i] = exp((logits[i] - max) / temperature);
  for (int i = 0; i < n; i++) p[i] /= sum;
}

static int32_t draw_one(bl_sampler *sampler, const float *logits, float *probability) {
  int32_t id = -1;
  float p = -1;
  CHECK_OK(bl_sampler_draw(sampler, logits, &id, &p, error));
  if (probability) *probability = p;
  return id;
}

static bl_sampler new_sampler(bl_sampling settings, int n) {
  bl_sampler sampler = {0};
  CHECK_OK(bl_sampler_init(&sampler, &settings, n, error));
  return sampler;
}

static void temperature_0_takes_the_most_likely_token(void) {
  float logits[5] = {-1, 3, 2.5f, -INFINITY, 0}, p;
  double expected[5];
  bl_sampler sampler = new_sampler((bl_sampling){.temperature = 0, .top_k = 2}, 5);
  CHECK(draw_one(&sampler, logits, &p) == 1);
  softmax(logits, 5, 1, expected);
  CHECK_MSG(fabs(p - expected[1]) < 1e-6, "probability %g, not %g", p, expected[1]);
  bl_sampler_free(&sampler);
}

static void of_equal_tokens_greedy_takes_the_lowest_id(void) {
  float logits[5] = {1, 2, 7, 7, 7};
  bl_sampler sampler = new_sampler((bl_sampling){0}, 5);
  CHECK(draw_one(&sampler, logits, NULL) == 2);
  bl_sampler_free(&sampler);
}

static void draws_follow_splitmix64(void) {
  /* The generator's first outputs for the seed 1234567, as published with its reference code. */
  const uint64_t outputs[5] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                               4593380528125082431u, 16408922859458223821u};
  static float logits[1000]; /* all equal: the id is the draw, scaled */
  bl_sampler sampler = new_sampler((bl_sampling){.temperature = 1, .seed = 1234567}, 1000);
  for (int i = 0; i < 5; i++) {
    int expected = (int)((double)outputs[i] / 0x1p64 * 1000);
    CHECK(draw_one(&sampler, logits, NULL) == expected);
  }
  bl_sampler_free(&sampler);
}

/* Pearson's statistic of n_draws draws at a temperature; 7 degrees of freedom. */
static double chi_square(float temperature, int n_draws) {
  const float logits[8] = {0, 1, 2, 0.5f, -1, 1.5f, -2, 1};
  double expected[8], statistic = 0;
  int count[8] = {0};
  bl_sampler sampler = new_sampler((bl_sampling){.temperature = temperature, .seed = 42}, 8);
  for (int i = 0; i < n_draws; i++) count[draw_one(&sampler, logits, NULL)]++;
  bl_sampler_free(&sampler);
  softmax(logits, 8, temperature, expected);
  for (int i = 0; i < 8; i++) {
    double mean = expected[i] * n_draws;
    statistic += (count[i] - mean) * (count[i] - mean) / mean;
  }
  return statistic;
}

static void draws_are_as_frequent_as_softmax_says(void) {
  const float temperatures[3] = {1, 0.7f, 1.8f};
  for (int i = 0; i < 3; i++) {
    double statistic = chi_square(temperatures[i], 100000);
    CHECK_MSG(statistic < 24.32, "chi-square %.1f at temperature %g: p < 0.001", statistic,
              temperatures[i]); /* the 99.9th percentile for 7 degrees of freedom */
  }
}

static const float *sort_logits; /* for by_likelihood */
static int by_likelihood(const void *a, const void *b) {
  int i = *(const int *)a, j = *(const int *)b;
  if (sort_logits[i] != sort_logits[j]) return sort_logits[i] > sort_logits[j] ? -1 : 1;
  return i - j;
}

/* Marks which tokens pass the filters, from their definitions, over a full sort. */
static int expected_kept(const float *logits, const bl_sampling *s, bool kept[N]) {
  int order[N], n = N;
  double p[N], sum = 0, gathered = 0;
  for (int i = 0; i < N; i++) order[i] = i, kept[i] = false;
  sort_logits = logits;
  qsort(order, N, sizeof *order, by_likelihood);
  softmax(logits, N, 1, p);
  if (s->top_k > 0 && s->top_k < n) n = s->top_k;
  for (int i = 0; i < n; i++) sum += p[order[i]];
  if (s->top_p > 0 && s->top_p < 1) {
    int needed = 0;
    while (needed < n && gathered < s->top_p * sum) gathered += p[order[needed++]];
    n = needed;
  }
  int n_kept = 0;
  for (int i = 0; i < n; i++)
    if (p[order[i]] >= (double)s->min_p * p[order[0]]) kept[order[i]] = true, n_kept++;
  return n_kept;
}

/* Draws often, at a temperature that makes all kept tokens about equally likely, and compares those
 * that came with those that should. */
static void check_filters(bl_sampling settings) {
  settings.temperature = 1e6f;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    float logits[N];
    bool kept[N], drawn[N] = {false};
    random_logits(seed, logits);
    int n_kept = expected_kept(logits, &settings, kept);
    settings.seed = seed;
    bl_sampler sampler = new_sampler(settings, N);
    for (int i = 0; i < 30 * n_kept; i++) drawn[draw_one(&sampler, logits, NULL)] = true;
    bl_sampler_free(&sampler);
    for (int i = 0; i < N; i++)
      CHECK_MSG(kept[i] == drawn[i], "seed %d: token %d was %s (%d should be kept)", (int)seed, i,
                drawn[i] ? "drawn" : "never drawn", n_kept);
  }
}

static void top_k_keeps_the_k_most_likely(void) {
  check_filters((bl_sampling){.top_k = 1});
  check_filters((bl_sampling){.top_k = 7});
  check_filters((bl_sampling){.top_k = 50});
  check_filters((bl_sampling){.top_k = N});
  check_filters((bl_sampling){.top_k = 100000});
}

static void top_p_keeps_the_smallest_set_that_reaches_p(void) {
  check_filters((bl_sampling){.top_p = 1e-6f});
  check_filters((bl_sampling){.top_p = 0.5f});
  check_filters((bl_sampling){.top_p = 0.95f});
  check_filters((bl_sampling){.top_p = 1});
}

static void min_p_compares_with_the_most_likely(void) {
  check_filters((bl_sampling){.min_p = 0.05f});
  check_filters((bl_sampling){.min_p = 0.6f});
  check_filters((bl_sampling){.min_p = 1});
}

static void filters_apply_one_after_the_other(void) {
  check_filters((bl_sampling){.top_k = 40, .top_p = 0.9f});
  check_filters((bl_sampling){.top_k = 10, .top_p = 0.9f, .min_p = 0.3f});
  check_filters((bl_sampling){.top_p = 0.8f, .min_p = 0.1f});
}

static void probability_is_the_models_whatever_the_filters(void) {
  float logits[N], p;
  double expected[N];
  random_logits(3, logits);
  softmax(logits, N, 1, expected);
  bl_sampler sampler = new_sampler(
      (bl_sampling){.temperature = 2, .top_k = 5, .top_p = 0.7f, .min_p = 0.1f, .seed = 1}, N);
  for (int i = 0; i < 100; i++) {
    int id = draw_one(&sampler, logits, &p);
    CHECK_MSG(fabs(p - expected[id]) < 1e-6 * expected[id] + 1e-9, "%g, not %g", p, expected[id]);
  }
  bl_sampler_free(&sampler);
}

static void a_very_low_temperature_is_greedy(void) {
  const float temperatures[3] = {1e-3f, 1e-30f, 1e-45f};
  float logits[4] = {1, 5, 4.5f, -INFINITY};
  for (int i = 0; i < 3; i++) {
    bl_sampler sampler = new_sampler((bl_sampling){.temperature = temperatures[i]}, 4);
    for (int j = 0; j < 100; j++) CHECK(draw_one(&sampler, logits, NULL) == 1);
    bl_sampler_free(&sampler);
  }
}

static void a_token_at_minus_infinity_is_never_drawn(void) {
  float logits[4] = {0, -INFINITY, 0, -INFINITY};
  bl_sampler sampler = new_sampler((bl_sampling){.temperature = 100, .top_k = 3}, 4);
  for (int i = 0; i < 1000; i++) CHECK(logits[draw_one(&sampler, logits, NULL)] == 0);
  bl_sampler_free(&sampler);
}

static void logits_that_are_no_numbers_are_an_error(void) {
  const float bad[3][3] = {{0, NAN, 1}, {0, INFINITY, 1}, {-INFINITY, -INFINITY, -INFINITY}};
  for (int greedy = 0; greedy < 2; greedy++)
    for (int i = 0; i < 3; i++) {
      bl_sampler sampler = new_sampler((bl_sampling){.temperature = greedy ? 0 : 1}, 3);
      bl_error error = {0};
      int32_t id = -7;
      float p;
      CHECK(bl_sampler_draw(&sampler, bad[i], &id, &p, &error) == BL_ERR_NOT_FINITE);
      CHECK(error.message[0] && id == -7);
      bl_sampler_free(&sampler);
    }
}

static void a_setting_out_of_range_is_named(void) {
  const struct {
    bl_sampling settings;
    const char *name;
  } cases[] = {
      {{.temperature = -1}, "temperature"},
      {{.temperature = NAN}, "temperature"},
      {{.top_k = -1}, "top_k"},
      {{.top_p = 1.5f}, "top_p"},
      {{.top_p = NAN}, "top_p"},
      {{.min_p = -0.1f}, "min_p"},
      {{.min_p = NAN}, "min_p"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    bl_sampler sampler = {0};
    bl_error error = {0};
    CHECK(bl_sampler_init(&sampler, &cases[i].settings, 10, &error) == BL_ERR_ARGUMENT);
    CHECK_MSG(strstr(error.message, cases[i].name), "%s", error.message);
  }
}

static void exp_is_within_its_stated_error(void) {
  double worst = 0;
  for (float x = -87.3f; x <= 88.3f; x += 1.0f / 1024) {
    double expected = exp((double)x);
    worst = fmax(worst, fabs(bl_exp(x) - expected) / expected);
  }
  CHECK_MSG(worst < 1.5e-7, "relative error %g", worst);
  CHECK(bl_exp(0) == 1);
  CHECK(bl_exp(-INFINITY) == 0 && bl_exp(-100) == 0);
  CHECK(bl_exp(INFINITY) > 1e38f && isnan(bl_exp(NAN)));
}

int main(void) {
  RUN(temperature_0_takes_the_most_likely_token);
  RUN(of_equal_tokens_greedy_takes_the_lowest_id);
  RUN(draws_follow_splitmix64);
  RUN(draws_are_as_frequent_as_softmax_says);
  RUN(top_k_keeps_the_k_most_likely);
  RUN(top_p_keeps_the_smallest_set_that_reaches_p);
  RUN(min_p_compares_with_the_most_likely);
  RUN(filters_apply_one_after_the_other);
  RUN(probability_is_the_models_whatever_the_filters);
  RUN(a_very_low_temperature_is_greedy);
  RUN(a_token_at_minus_infinity_is_never_drawn);
  RUN(logits_that_are_no_numbers_are_an_error);
  RUN(a_setting_out_of_range_is_named);
  RUN(exp_is_within_its_stated_error);
  return check_result();
}
