/* What can be said of counts: how sure a share is, and whether two variants differ. */
#include <math.h>

#include "bitloss.h"

bl_proportion bl_proportion_of(int64_t n_right, int64_t n) {
  if (n < 1) return (bl_proportion){0, 0, 1};
  double count = (double)n, p = (double)n_right / count, z2 = BL_Z95 * BL_Z95 / count;
  double centre = p + z2 / 2, reach = sqrt(z2 * (p * (1 - p) + z2 / 4));
  bl_proportion share = {p, (centre - reach) / (1 + z2), (centre + reach) / (1 + z2)};
  /* At the ends the formula gives 0 and 1 but for rounding. */
  if (n_right == 0) share.low = 0;
  if (n_right == n) share.high = 1;
  return share;
}

/* The two-sided binomial test of `a` against `b` at 1/2: twice the tail up to the smaller count.
 * The largest term comes from logarithms, so that 2^-n cannot underflow; each one below it from its
 * neighbour. */
static double binomial_p(int64_t a, int64_t b) {
  double n = (double)(a + b), k = (double)(a < b ? a : b);
  double term = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2)), sum = 0;
  for (; k >= 0 && term > sum * 1e-17; k--) {
    sum += term;
    term *= k / (n - k + 1);
  }
  return fmin(1, 2 * sum);
}

/* The correlation of the two variants' results, with Newcombe's correction towards none. */
static double correlation(double both, double gained, double lost, double neither) {
  double margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither);
  if (margins <= 0) return 0;
  double n = both + gained + lost + neither, cross = both * neither - gained * lost;
  if (cross > 0) cross = fmax(cross - n / 2, 0);
  return cross / sqrt(margins);
}

/* The root of a sum of squares that rounding may take below 0. */
static double length_of(double a, double b, double phi) {
  return sqrt(fmax(0, a * a - 2 * phi * a * b + b * b));
}

bl_paired bl_paired_compare(const bool *first, const bool *second, int64_t n) {
  bl_paired paired = {.n = n, .difference = {0, -1, 1}, .p = 1};
  int64_t n_both = 0;
  for (int64_t i = 0; i < n; i++) {
    n_both += first[i] && second[i];
    paired.n_gained += !first[i] && second[i];
    paired.n_lost += first[i] && !second[i];
  }
  if (n < 1) return paired;
  int64_t n_neither = n - n_both - paired.n_gained - paired.n_lost;
  bl_proportion a = bl_proportion_of(n_both + paired.n_lost, n),
                b = bl_proportion_of(n_both + paired.n_gained, n);
  double phi = correlation((double)n_both, (double)paired.n_gained, (double)paired.n_lost,
                           (double)n_neither);
  bl_proportion *d = &paired.difference;
  d->value = (double)(paired.n_gained - paired.n_lost) / (double)n;
  d->low = d->value - length_of(b.value - b.low, a.high - a.value, phi);
  d->high = d->value + length_of(b.high - b.value, a.value - a.low, phi);
  paired.p = binomial_p(paired.n_gained, paired.n_lost);
  return paired;
}

/* Differences in accuracy below this matter to nobody who chooses a precision. */
static const double MARGIN = 0.02;

bl_verdict bl_paired_verdict(const bl_paired *paired) {
  if (paired->p < 0.05)
    return paired->n_gained > paired->n_lost ? BL_VERDICT_BETTER : BL_VERDICT_WORSE;
  bool is_same = paired->difference.low > -MARGIN && paired->difference.high < MARGIN;
  return is_same ? BL_VERDICT_SAME : BL_VERDICT_UNCLEAR;
}
