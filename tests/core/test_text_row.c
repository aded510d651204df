/* One row of logits against another. The expected figures are computed in 80-bit floats. */
#include "measure/text_row.h"
#include "text_golden.h"

static void figures_are_exact_however_close_or_far_the_rows_are(void) {
  cJSON *cases = text_golden("rows.json");
  const cJSON *object;
  CHECK(cJSON_GetArraySize(cases) == 9);
  cJSON_ArrayForEach(object, cases) {
    int n = json_count(object, "logits");
    float *logits = json_floats(object, "logits"), *ref_logits = json_floats(object, "ref");
    bl_logit_row row = bl_logit_row_make(logits, n), ref = bl_logit_row_make(ref_logits, n);
    bl_row_distance distance = bl_logit_row_distance(&row, &ref);
    double kl = json_number(object, "kl"), diff = json_number(object, "logit_diff");
    CHECK_MSG(is_near(distance.kl, kl, 3e-6, 0), "KL is %.10g, expected %.10g (n = %d)",
              distance.kl, kl, n);
    CHECK_MSG(is_near(distance.logit_diff, diff, 3e-7, 0), "|logit - ref| is %.10g, expected %.10g",
              distance.logit_diff, diff);
    const cJSON *log_p = cJSON_GetObjectItem(object, "log_p");
    for (int i = 0; i < cJSON_GetArraySize(log_p); i++) {
      double expected = cJSON_GetArrayItem(log_p, i)->valuedouble;
      CHECK_MSG(is_near(bl_logit_row_log_p(&row, i), expected, 1e-7, 1.5e-7),
                "ln p is %.10g, expected %.10g", bl_logit_row_log_p(&row, i), expected);
    }
    free(logits);
    free(ref_logits);
  }
  cJSON_Delete(cases);
}

static void equal_rows_are_at_distance_zero_and_no_distance_is_negative(void) {
  float a[700], b[700];
  uint64_t state = 3;
  for (int n = 1; n <= 700; n += n < 40 ? 1 : 83) {
    for (int i = 0; i < n; i++) a[i] = 40 * check_uniform(&state);
    bl_logit_row row = bl_logit_row_make(a, n);
    bl_row_distance same = bl_logit_row_distance(&row, &row);
    CHECK(same.kl == 0 && same.logit_diff == 0);
    for (float change = 1e-6f; change < 100; change *= 10) {
      for (int i = 0; i < n; i++) b[i] = a[i] + change * check_uniform(&state);
      bl_logit_row other = bl_logit_row_make(b, n);
      CHECK(bl_logit_row_distance(&other, &row).kl >= 0);
    }
  }
}

static void the_most_likely_token_is_the_first_of_the_largest(void) {
  float logits[50];
  for (int i = 0; i < 50; i++) logits[i] = (float)(i % 7);
  CHECK(bl_logit_row_make(logits, 50).top == 6);
  logits[49] = 7;
  CHECK(bl_logit_row_make(logits, 50).top == 49);
  logits[0] = 8;
  CHECK(bl_logit_row_make(logits, 50).top == 0);
}

/* Nothing overflows on the way to a figure that can be expressed. */
static void extreme_logits_give_the_figures_that_they_mean(void) {
  const float huge[3] = {3e38f, -3e38f, 0}, certain[3] = {1000, 0, -1000};
  const float excluded[3] = {1, -INFINITY, 1}, even[3] = {-2e38f, -2e38f, -2e38f};
  bl_logit_row row = bl_logit_row_make(huge, 3), other = bl_logit_row_make(certain, 3);
  CHECK(bl_logit_row_log_p(&row, 0) == 0 && bl_logit_row_log_p(&row, 1) == -2 * (double)3e38f);
  CHECK(bl_logit_row_log_p(&other, 1) == -1000 && bl_logit_row_log_p(&other, 2) == -2000);
  CHECK(bl_logit_row_distance(&row, &other).kl == 0); /* both are certain of the same */
  bl_logit_row without = bl_logit_row_make(excluded, 3), level = bl_logit_row_make(even, 3);
  CHECK(is_near(bl_logit_row_log_p(&level, 2), -log(3), 1e-7, 0));
  CHECK(is_near(bl_logit_row_log_p(&without, 0), -log(2), 1e-7, 0));
  CHECK(bl_logit_row_log_p(&without, 1) == -INFINITY);
  const float without_more[3] = {0, -INFINITY, 0}, ones[3] = {1, 1, 1};
  bl_logit_row equal = bl_logit_row_make(without_more, 3), thirds = bl_logit_row_make(ones, 3);
  CHECK(bl_logit_row_distance(&equal, &without).kl == 0);
  CHECK(bl_logit_row_distance(&without, &thirds).kl == INFINITY); /* impossible, and likely there */
  CHECK(is_near(bl_logit_row_distance(&thirds, &without).kl, log(1.5), 1e-6, 0));
}

static void a_logit_that_is_not_a_number_is_never_hidden(void) {
  float good[40], bad[40];
  for (int i = 0; i < 40; i++) good[i] = (float)(i % 5);
  bl_logit_row ref = bl_logit_row_make(good, 40);
  for (int at = 0; at < 40; at++) {
    for (int inf = 0; inf < 2; inf++) {
      memcpy(bad, good, sizeof bad);
      bad[at] = inf ? INFINITY : NAN;
      bl_logit_row row = bl_logit_row_make(bad, 40);
      CHECK(isnan(bl_logit_row_log_p(&row, 7)));
      CHECK(isnan(bl_logit_row_distance(&row, &ref).kl));
      CHECK(isnan(bl_logit_row_distance(&ref, &row).kl));
      CHECK(isnan(bl_logit_row_distance(&row, &row).kl));
    }
  }
}

int main(void) {
  RUN(figures_are_exact_however_close_or_far_the_rows_are);
  RUN(equal_rows_are_at_distance_zero_and_no_distance_is_negative);
  RUN(the_most_likely_token_is_the_first_of_the_largest);
  RUN(extreme_logits_give_the_figures_that_they_mean);
  RUN(a_logit_that_is_not_a_number_is_never_hidden);
  return check_result();
}
