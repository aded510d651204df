/* From the scores of tokens to the figures of a text. */
#include "text_golden.h"

static void figures_are_those_of_the_formulas(void) {
  cJSON *cases = text_golden("stats.json");
  const cJSON *object;
  CHECK(cJSON_GetArraySize(cases) == 5);
  cJSON_ArrayForEach(object, cases) {
    int n = json_count(object, "kl");
    bl_token_score *scores = json_scores(object);
    bl_text_stats stats;
    CHECK_OK(bl_text_summarize(scores, n, &stats, error));
    check_stats(&stats, cJSON_GetObjectItem(object, "stats"), 1e-7);
    free(scores);
  }
  cJSON_Delete(cases);
}

static bl_token_score score(double p, double ref_p, float kl) {
  return (bl_token_score){
      .log_p = (float)log(p), .ref_log_p = (float)log(ref_p), .kl = kl, .is_same_top = 1};
}

/* Perplexity 4, exactly; the divergences 0 to 4 lie at 0, 25, 50, 75 and 100 per cent. */
static void percentiles_lie_between_neighbours(void) {
  bl_token_score scores[5];
  const float kl[5] = {3, 0, 4, 1, 2}; /* in no order */
  for (int i = 0; i < 5; i++) scores[i] = score(0.25, 0.5, kl[i]);
  bl_text_stats stats;
  CHECK_OK(bl_text_summarize(scores, 5, &stats, error));
  CHECK(is_near(stats.ppl.value, 4, 1e-7, 0) && is_near(stats.ref_ppl.value, 2, 1e-7, 0));
  CHECK(is_near(stats.ln_ratio.value, log(2), 1e-7, 0) && stats.ln_ratio.error == 0);
  CHECK(stats.kl_median == 2 && stats.kl_max == 4 && stats.kl_mean.value == 2);
  CHECK(is_near(stats.kl_90, 3.6, 1e-12, 0) && is_near(stats.kl_999, 3.996, 1e-12, 0));
  CHECK(is_near(stats.kl_mean.error, sqrt(0.5), 1e-12, 0)); /* variance 2, over n - 1 */
  CHECK(is_near(stats.delta_p.value, -0.25, 1e-7, 0));
}

static void equal_predictions_have_lost_nothing(void) {
  bl_token_score scores[4];
  for (int i = 0; i < 4; i++) scores[i] = score(0.1 + 0.2 * i, 0.1 + 0.2 * i, 0);
  bl_text_stats stats;
  CHECK_OK(bl_text_summarize(scores, 4, &stats, error));
  CHECK(stats.ppl.value == stats.ref_ppl.value && stats.ppl.error == stats.ref_ppl.error);
  CHECK(stats.ln_ratio.value == 0 && stats.ln_ratio.error == 0 && stats.correlation == 1);
  CHECK(stats.kl_mean.value == 0 && stats.kl_mean.error == 0 && stats.kl_max == 0);
  CHECK(stats.delta_p.value == 0 && stats.delta_p_rms.value == 0 && stats.delta_p_rms.error == 0);
  CHECK(stats.same_top.value == 1 && stats.same_top.error == 0);
}

static void one_token_says_nothing_of_the_error(void) {
  bl_token_score one = score(0.25, 0.5, 1);
  bl_text_stats stats;
  CHECK_OK(bl_text_summarize(&one, 1, &stats, error));
  CHECK(is_near(stats.ppl.value, 4, 1e-7, 0) && isinf(stats.ppl.error));
  CHECK(stats.kl_mean.value == 1 && isinf(stats.kl_mean.error) && stats.kl_max == 1);
  CHECK(isinf(stats.ln_ratio.error) && isinf(stats.same_top.error));
}

static void no_token_gives_no_number(void) {
  bl_text_stats stats;
  CHECK_OK(bl_text_summarize(NULL, 0, &stats, error));
  CHECK(stats.n == 0 && isnan(stats.ppl.value) && isnan(stats.kl_mean.value));
  CHECK(isnan(stats.kl_max) && isnan(stats.same_top.value));
}

/* Wherever the broken token is: no order of the values is relied on. */
static void what_is_not_a_number_shows_in_every_figure(void) {
  for (int broken = 0; broken < 20; broken++) {
    bl_token_score scores[20];
    for (int i = 0; i < 20; i++) scores[i] = score(0.3, 0.4, (float)i);
    scores[broken].log_p = scores[broken].kl = scores[broken].logit_diff = NAN;
    bl_text_stats stats;
    CHECK_OK(bl_text_summarize(scores, 20, &stats, error));
    CHECK(isnan(stats.ppl.value) && isnan(stats.ppl.error) && isnan(stats.ln_ratio.value));
    CHECK(isnan(stats.correlation) && isnan(stats.delta_p.value) && isnan(stats.delta_p_rms.value));
    CHECK(isnan(stats.kl_mean.value) && isnan(stats.kl_mean.error) && isnan(stats.kl_median));
    CHECK(isnan(stats.kl_90) && isnan(stats.kl_95) && isnan(stats.kl_99) && isnan(stats.kl_999));
    CHECK(isnan(stats.kl_max) && isnan(stats.same_top.value) && isnan(stats.logit_diff.value));
    CHECK(is_near(stats.ref_ppl.value, 2.5, 1e-7, 0)); /* the reference is not broken */
  }
}

/* A token that the variant holds to be impossible. */
static void an_infinite_divergence_stays_one(void) {
  bl_token_score scores[12];
  for (int i = 0; i < 12; i++) scores[i] = score(0.5, 0.5, (float)i);
  scores[3].kl = INFINITY;
  scores[3].log_p = -INFINITY;
  bl_text_stats stats;
  CHECK_OK(bl_text_summarize(scores, 12, &stats, error));
  CHECK(isinf(stats.ppl.value) && isinf(stats.kl_mean.value) && isinf(stats.kl_max));
  CHECK(stats.kl_median == 6.5); /* of 0 1 2 4 5 6 | 7 8 9 10 11 inf */
  CHECK(stats.delta_p.value < 0 && isfinite(stats.delta_p.value));
}

int main(void) {
  RUN(figures_are_those_of_the_formulas);
  RUN(percentiles_lie_between_neighbours);
  RUN(equal_predictions_have_lost_nothing);
  RUN(one_token_says_nothing_of_the_error);
  RUN(no_token_gives_no_number);
  RUN(what_is_not_a_number_shows_in_every_figure);
  RUN(an_infinite_divergence_stays_one);
  return check_result();
}
