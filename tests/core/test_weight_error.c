/* The error figures of converted weights, against arithmetic done by hand or in another order. */
#include "check.h"
#include "quant/weight_error.h"

enum { N = 1003 }; /* no multiple of anything */

static void make_weights(float *original, float *converted) {
  uint64_t state = 1;
  for (int i = 0; i < N; i++) {
    original[i] = check_uniform(&state);
    converted[i] = original[i] + 0.01f * check_uniform(&state);
  }
}

static void the_figures_are_those_of_their_definitions(void) {
  /* errors 1, -2, 0, 2, 0: squares sum to 9; originals' squares to 1 + 4 + 9 + 16 + 60 = 90 */
  const float original[] = {1, 2, -3, 4, 7.745966692414834f};
  const float converted[] = {2, 0, -3, 6, 7.745966692414834f};
  bl_error_sums sums = {0};
  bl_error_sums_row(&sums, original, converted, 5);
  bl_weight_error error = bl_error_sums_result(&sums);
  CHECK(error.n == 5);
  CHECK(sums.sum_sq_error == 9);
  CHECK(error.max_abs == 2);
  CHECK(fabs(error.rmse - 1.3416407864998738) < 1e-15); /* sqrt(9 / 5) */
  CHECK(fabs(error.snr_db - 10) < 1e-6);                /* 90 / 9 */
}

static double cosine_of(const float *original, const float *converted, int n) {
  bl_error_sums sums = {0};
  bl_error_sums_row(&sums, original, converted, n);
  return bl_error_sums_result(&sums).cosine;
}

static void the_cosine_is_that_of_the_angle_between_them(void) {
  const float w[] = {1, 2, 2, 0, 0}, turned[] = {2, 1, 2, 0, 0}, across[] = {0, 0, 0, 3, -4};
  const float twice[] = {2, 4, 4, 0, 0}, opposite[] = {-1, -2, -2, 0, 0}, zero[5] = {0};
  CHECK(fabs(cosine_of(w, turned, 5) - 8.0 / 9) < 1e-15); /* 8 / (3 * 3) */
  CHECK(cosine_of(w, across, 5) == 0);
  CHECK(cosine_of(w, w, 5) == 1);
  CHECK(cosine_of(w, twice, 5) == 1); /* blind to size */
  CHECK(cosine_of(w, opposite, 5) == -1);
  CHECK(cosine_of(zero, zero, 5) == 1);
  CHECK(cosine_of(w, zero, 5) == 0 && cosine_of(zero, w, 5) == 0);
}

/* Rounding must not take it out of [-1, 1], whatever the weights, and tiny ones count as any. */
static void the_cosine_of_weights_with_themselves_is_one(void) {
  uint64_t state = 3;
  for (int round = 0; round < 1000; round++) {
    float w[7], scale = ldexpf(1, round % 240 - 130);
    for (int i = 0; i < 7; i++) w[i] = check_uniform(&state) * scale;
    double cosine = cosine_of(w, w, 7);
    CHECK_MSG(cosine <= 1 && cosine > 1 - 1e-15, "%.17g at scale %g", cosine, (double)scale);
  }
}

static void many_weights_add_up_as_in_one_plain_loop(void) {
  float original[N], converted[N];
  make_weights(original, converted);
  bl_error_sums sums = {0};
  bl_error_sums_row(&sums, original, converted, N);
  long double sq_error = 0, sq_ref = 0, sq = 0, product = 0, max_abs = 0;
  for (int i = N - 1; i >= 0; i--) {
    long double e = (long double)converted[i] - original[i];
    sq_error += e * e;
    sq_ref += (long double)original[i] * original[i];
    sq += (long double)converted[i] * converted[i];
    product += (long double)original[i] * converted[i];
    if (fabsl(e) > max_abs) max_abs = fabsl(e);
  }
  bl_weight_error error = bl_error_sums_result(&sums);
  CHECK(fabsl(error.rmse / sqrtl(sq_error / N) - 1) < 1e-14L);
  CHECK(fabsl(error.snr_db / (10 * log10l(sq_ref / sq_error)) - 1) < 1e-14L);
  CHECK(error.max_abs == (double)max_abs);
  CHECK(fabsl(error.cosine - product / sqrtl(sq_ref * sq)) < 1e-14L);
}

static void rows_of_every_length_count_each_weight_once(void) {
  float original[40] = {0}, converted[40] = {0};
  for (int n = 0; n <= 40; n++) {
    for (int i = 0; i < n; i++) original[i] = 2, converted[i] = 3;
    bl_error_sums sums = {0};
    bl_error_sums_row(&sums, original, converted, n);
    CHECK(sums.n == n && sums.sum_sq_error == n && sums.sum_sq_ref == 4 * n);
    CHECK(sums.sum_sq == 9 * n && sums.sum_product == 6 * n);
    CHECK(sums.max_abs == (n > 0));
  }
}

static void sums_of_rows_add_up_to_those_of_the_whole(void) {
  float original[N], converted[N];
  make_weights(original, converted);
  bl_error_sums whole = {0}, first = {0}, second = {0};
  bl_error_sums_row(&whole, original, converted, 600);
  bl_error_sums_row(&whole, original + 600, converted + 600, N - 600);
  bl_error_sums_row(&first, original, converted, 600);
  bl_error_sums_row(&second, original + 600, converted + 600, N - 600);
  bl_error_sums_add(&first, &second);
  CHECK(memcmp(&first, &whole, sizeof whole) == 0);
  CHECK(whole.n == N);
}

static void no_error_is_an_infinite_ratio(void) {
  const float w[] = {1, -2, 3};
  bl_error_sums sums = {0};
  bl_error_sums_row(&sums, w, w, 3);
  bl_weight_error error = bl_error_sums_result(&sums);
  CHECK(error.n == 3 && error.rmse == 0 && error.max_abs == 0);
  CHECK(isinf(error.snr_db) && error.snr_db > 0);
}

static void nothing_measured_gives_zeros(void) {
  bl_error_sums sums = {0};
  bl_weight_error error = bl_error_sums_result(&sums);
  CHECK(error.n == 0 && error.rmse == 0 && error.max_abs == 0);
}

static void a_nan_shows_in_every_figure(void) {
  for (int at = 0; at < 9; at++) {
    float original[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, converted[9];
    memcpy(converted, original, sizeof converted);
    converted[0] += 100;
    converted[8] += 100;
    converted[at] = NAN;
    bl_error_sums sums = {0};
    bl_error_sums_row(&sums, original, converted, 9);
    bl_weight_error error = bl_error_sums_result(&sums);
    CHECK_MSG(isnan(error.rmse) && isnan(error.snr_db) && isnan(error.max_abs), "NaN at %d", at);
    CHECK_MSG(isnan(error.cosine), "NaN at %d", at);
  }
}

int main(void) {
  RUN(the_figures_are_those_of_their_definitions);
  RUN(the_cosine_is_that_of_the_angle_between_them);
  RUN(the_cosine_of_weights_with_themselves_is_one);
  RUN(many_weights_add_up_as_in_one_plain_loop);
  RUN(rows_of_every_length_count_each_weight_once);
  RUN(sums_of_rows_add_up_to_those_of_the_whole);
  RUN(no_error_is_an_infinite_ratio);
  RUN(nothing_measured_gives_zeros);
  RUN(a_nan_shows_in_every_figure);
  return check_result();
}
