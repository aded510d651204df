/* Words for figures: each rule at its edge. */
#include "bitloss.h"
#include "check.h"

static bl_loss of_text(double ratio, double error) {
  bl_text_stats stats = {.n = 1000, .ppl = {8 * ratio, 1}, .ref_ppl = {8, 1}};
  stats.ln_ratio = (bl_estimate){log(ratio), error};
  return bl_loss_of_text(&stats);
}

static void no_loss_needs_an_interval_that_ends_below_one_per_cent(void) {
  CHECK(of_text(1.0, 0) == BL_LOSS_NONE); /* the same to the bit */
  CHECK(of_text(1.0, 0.005) == BL_LOSS_NONE);
  CHECK(of_text(1.0, log(1.01) / 1.96 * 0.999) == BL_LOSS_NONE);
  CHECK(of_text(1.0, log(1.01) / 1.96 * 1.001) == BL_LOSS_UNCLEAR);
  CHECK(of_text(1.005, 0.0025) == BL_LOSS_SMALL); /* seen, if little */
  CHECK(of_text(0.9, 0.01) == BL_LOSS_NONE);      /* better */
  CHECK(of_text(0.9, 0.2) == BL_LOSS_UNCLEAR);
}

static void a_loss_counts_when_its_interval_leaves_zero_out(void) {
  CHECK(of_text(exp(0.03), 0.03 / 1.96 * 0.999) == BL_LOSS_SMALL);
  CHECK(of_text(exp(0.03), 0.03 / 1.96 * 1.001) == BL_LOSS_UNCLEAR);
  CHECK(of_text(1.0499, 0.001) == BL_LOSS_SMALL);
  CHECK(of_text(1.0501, 0.001) == BL_LOSS_LARGE);
  CHECK(of_text(1.9, 0.001) == BL_LOSS_LARGE);
}

static void broken_is_a_perplexity_that_has_doubled_or_is_none(void) {
  CHECK(of_text(2.1, log(1.05) / 1.96 * 0.999) == BL_LOSS_BROKEN);
  CHECK(of_text(2.1, log(1.05) / 1.96 * 1.001) == BL_LOSS_LARGE);
  CHECK(of_text(1.99, 0) == BL_LOSS_LARGE);
  CHECK(of_text(NAN, NAN) == BL_LOSS_BROKEN);
  CHECK(of_text(INFINITY, NAN) == BL_LOSS_BROKEN);
}

static bl_loss of_divergence(double kl, double error) {
  bl_text_stats stats = {.n = 1000, .ppl = {8, 1}, .ref_ppl = {8, 1}, .kl_mean = {kl, error}};
  return bl_loss_of_text(&stats);
}

static void a_divergence_counts_where_the_perplexity_shows_nothing(void) {
  CHECK(of_divergence(0.001, 0.0001) == BL_LOSS_NONE);
  CHECK(of_divergence(0.009, 0.001 / 1.96 * 0.999) == BL_LOSS_NONE);
  CHECK(of_divergence(0.009, 0.001 / 1.96 * 1.001) == BL_LOSS_UNCLEAR);
  CHECK(of_divergence(0.02, 0.01 / 1.96 * 1.001) == BL_LOSS_UNCLEAR);
  CHECK(of_divergence(0.02, 0.01 / 1.96 * 0.999) == BL_LOSS_SMALL);
  CHECK(of_divergence(0.0999, 0.001) == BL_LOSS_SMALL);
  CHECK(of_divergence(0.1001, 0.001) == BL_LOSS_LARGE);
  CHECK(of_divergence(1.1, 0.1 / 1.96 * 1.001) == BL_LOSS_LARGE);
  CHECK(of_divergence(1.1, 0.1 / 1.96 * 0.999) == BL_LOSS_BROKEN);
  CHECK(of_divergence(NAN, NAN) == BL_LOSS_BROKEN);
}

static void of_perplexity_and_divergence_the_worse_counts(void) {
  bl_text_stats stats = {.n = 1000, .ppl = {8, 1}, .ref_ppl = {8, 1}};
  stats.ln_ratio = (bl_estimate){-0.06, 0.001}; /* a better guesser, but another model */
  stats.kl_mean = (bl_estimate){0.3, 0.01};
  CHECK(bl_loss_of_text(&stats) == BL_LOSS_LARGE);
  stats.ln_ratio = (bl_estimate){0, 0.1}; /* too little to tell */
  stats.kl_mean = (bl_estimate){0.001, 0.0001};
  CHECK(bl_loss_of_text(&stats) == BL_LOSS_UNCLEAR);
  stats.ln_ratio = (bl_estimate){0.02, 0.001};
  CHECK(bl_loss_of_text(&stats) == BL_LOSS_SMALL);
}

static void nothing_measured_is_no_verdict(void) {
  bl_text_stats none = {0};
  CHECK(bl_loss_of_text(&none) == BL_LOSS_NOT_MEASURED);
  bl_text_stats no_reference = {.n = 10, .ppl = {8, 1}, .ref_ppl = {NAN, NAN}};
  no_reference.ln_ratio = no_reference.kl_mean = (bl_estimate){NAN, NAN};
  CHECK(bl_loss_of_text(&no_reference) == BL_LOSS_NOT_MEASURED); /* nothing to compare with */
  bl_token_score same = {.log_p = -2, .ref_log_p = -2, .is_same_top = 1};
  bl_text_stats one;
  CHECK_OK(bl_text_summarize(&same, 1, &one, error));
  CHECK(bl_loss_of_text(&one) == BL_LOSS_UNCLEAR); /* one token tells nothing */
}

static bl_loss of_tasks(int n, int n_right, int n_lost, int n_gained) {
  bl_paired paired;
  bool *first = calloc((size_t)n + 1, 1), *second = calloc((size_t)n + 1, 1);
  for (int i = 0; i < n; i++) {
    first[i] = i < n_right;
    second[i] = i < n_right ? i >= n_lost : i < n_right + n_gained;
  }
  paired = bl_paired_compare(first, second, n);
  CHECK(paired.n_lost == n_lost && paired.n_gained == n_gained);
  free(first);
  free(second);
  return bl_loss_of_tasks(&paired, n_right);
}

static void tasks_tell_no_loss_from_too_few_to_tell(void) {
  CHECK(of_tasks(0, 0, 0, 0) == BL_LOSS_NOT_MEASURED);
  CHECK(of_tasks(20, 15, 0, 0) == BL_LOSS_UNCLEAR);
  CHECK(of_tasks(2000, 1500, 0, 0) == BL_LOSS_NONE);
  CHECK(of_tasks(2000, 1500, 10, 10) == BL_LOSS_NONE);
  CHECK(of_tasks(2000, 1500, 400, 400) == BL_LOSS_UNCLEAR);
  CHECK(of_tasks(2000, 1500, 10, 60) == BL_LOSS_NONE); /* better */
  CHECK(of_tasks(20, 15, 5, 0) == BL_LOSS_UNCLEAR);    /* p = 0.0625 */
}

static void five_points_are_the_edge_between_small_and_large(void) {
  CHECK(of_tasks(1000, 800, 50, 0) == BL_LOSS_SMALL);
  CHECK(of_tasks(1000, 800, 51, 0) == BL_LOSS_LARGE);
  CHECK(of_tasks(1000, 800, 90, 40) == BL_LOSS_SMALL);
  CHECK(of_tasks(1000, 800, 91, 40) == BL_LOSS_LARGE);
  CHECK(of_tasks(4000, 3000, 20, 4) == BL_LOSS_SMALL);
}

static void broken_is_to_lose_more_than_half_of_what_was_right(void) {
  CHECK(of_tasks(1000, 800, 400, 0) == BL_LOSS_LARGE);
  CHECK(of_tasks(1000, 800, 401, 0) == BL_LOSS_BROKEN);
  CHECK(of_tasks(1000, 800, 440, 40) == BL_LOSS_LARGE);
  CHECK(of_tasks(1000, 20, 11, 0) == BL_LOSS_BROKEN);
  CHECK(of_tasks(1000, 20, 10, 0) == BL_LOSS_SMALL); /* half, of a reference that knows little */
  CHECK(of_tasks(6, 6, 6, 0) == BL_LOSS_BROKEN);     /* p = 0.03125 */
}

static void of_two_measurements_the_worse_counts_and_the_unclear_gives_way(void) {
  static const bl_loss order[] = {BL_LOSS_NOT_MEASURED, BL_LOSS_UNCLEAR, BL_LOSS_NONE,
                                  BL_LOSS_SMALL,        BL_LOSS_LARGE,   BL_LOSS_BROKEN};
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) CHECK(bl_loss_worst(order[i], order[j]) == order[i > j ? i : j]);
}

static void every_verdict_has_its_words(void) {
  CHECK(strcmp(bl_loss_words(BL_LOSS_NOT_MEASURED), "not measured") == 0);
  CHECK(strcmp(bl_loss_words(BL_LOSS_NONE), "no measurable loss") == 0);
  CHECK(strcmp(bl_loss_words(BL_LOSS_UNCLEAR), "too little to tell") == 0);
  CHECK(strcmp(bl_loss_words(BL_LOSS_SMALL), "measurable, small") == 0);
  CHECK(strcmp(bl_loss_words(BL_LOSS_LARGE), "measurable, large") == 0);
  CHECK(strcmp(bl_loss_words(BL_LOSS_BROKEN), "broken") == 0);
}

int main(void) {
  RUN(no_loss_needs_an_interval_that_ends_below_one_per_cent);
  RUN(a_loss_counts_when_its_interval_leaves_zero_out);
  RUN(broken_is_a_perplexity_that_has_doubled_or_is_none);
  RUN(a_divergence_counts_where_the_perplexity_shows_nothing);
  RUN(of_perplexity_and_divergence_the_worse_counts);
  RUN(nothing_measured_is_no_verdict);
  RUN(tasks_tell_no_loss_from_too_few_to_tell);
  RUN(five_points_are_the_edge_between_small_and_large);
  RUN(broken_is_to_lose_more_than_half_of_what_was_right);
  RUN(of_two_measurements_the_worse_counts_and_the_unclear_gives_way);
  RUN(every_verdict_has_its_words);
  return check_result();
}
