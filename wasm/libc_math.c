/* Functions of the C library's <math.h>, for the module alone. The library's own are built around
 * tables and reductions for speed: 14 KB that hardly compress. Here they are called a few times per
 * token or per model, so these are short instead: sums of series in pairs of doubles. Their results
 * are within one unit in the last place of the exact value; the linker takes them in place of the
 * library's. tests/core/test_wasm_libc.c compares the two. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A number as the exact sum of two doubles, |lo| at most half a unit in the last place of hi:
 * Dekker (1971), "A floating-point technique for extending the available precision". */
typedef struct pair {
  double hi, lo;
} pair;

static const pair ln_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
static const pair ln_10 = {0x1.26bb1bbb55516p+1, -0x1.f48ad494ea3e9p-53};

/* a + b exactly. */
static pair sum(double a, double b) {
  double s = a + b, b_part = s - a;
  return (pair){s, (a - (s - b_part)) + (b - b_part)};
}

/* a * b exactly: each factor is split into halves of 26 bits, whose products are exact. */
static pair product(double a, double b) {
  const double splitter = 0x1p27 + 1;
  double a_big = splitter * a, b_big = splitter * b;
  double a_hi = a_big - (a_big - a), a_lo = a - a_hi;
  double b_hi = b_big - (b_big - b), b_lo = b - b_hi;
  double p = a * b;
  return (pair){p, ((a_hi * b_hi - p) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo};
}

static pair add(pair a, pair b) {
  pair s = sum(a.hi, b.hi);
  return sum(s.hi, s.lo + (a.lo + b.lo));
}

static pair multiply(pair a, pair b) {
  pair p = product(a.hi, b.hi);
  return sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static pair divide(pair a, pair b) {
  double q = a.hi / b.hi;
  pair p = multiply(b, (pair){q, 0});
  return sum(q, ((a.hi - p.hi) + (a.lo - p.lo)) / b.hi);
}

/* 2^n for a normal number's n. */
static double power_of_2(int n) {
  double power;
  uint64_t bits = (uint64_t)(n + 1023) << 52;
  memcpy(&power, &bits, sizeof power);
  return power;
}

/* x 2^n for x near 1: of the two products the first is exact. */
static double scale(double x, int n) {
  int part = n < -1000 ? -1000 : n > 1000 ? 1000 : n;
  return x * power_of_2(part) * power_of_2(n - part);
}

/* ln x for finite x > 0: x = m 2^e with m near 1, and ln m = 2 artanh((m - 1) / (m + 1)). */
static pair log_of(double x) {
  const double root_half = 0x1.6a09e667f3bcdp-1;
  int e;
  double m = frexp(x, &e); /* 1/2 <= m < 1 */
  if (m < root_half) {
    m *= 2;
    e--;
  }
  pair s = divide((pair){m - 1, 0}, sum(m, 1)), s2 = multiply(s, s), series = {0, 0};
  for (int k = 45; k >= 3; k -= 2) /* s^2 < 0.03: the term after the last is below 2^-115 */
    series = multiply(s2, add(series, divide((pair){1, 0}, (pair){k, 0})));
  pair ln_m = multiply(add(series, (pair){1, 0}), (pair){2 * s.hi, 2 * s.lo});
  return add(multiply(ln_2, (pair){e, 0}), ln_m);
}

/* e^x: x = n ln 2 + r with |r| <= ln 2 / 2, and Taylor's series gives e^r. */
static double exp_of(pair x) {
  if (x.hi > 710) return INFINITY;
  if (x.hi < -746) return 0;
  double n = rint(x.hi / ln_2.hi);
  pair r = add(x, multiply(ln_2, (pair){-n, 0})), series = {1, 0};
  for (int k = 22; k >= 1; k--) /* r^22 / 22! is below 2^-103 */
    series = add(multiply(series, divide(r, (pair){k, 0})), (pair){1, 0});
  return scale(series.hi + series.lo, (int)n);
}

double exp(double x) {
  return isnan(x) ? x : exp_of((pair){x, 0});
}

/* ln x divided by ln_base. */
static double log_to(double x, pair ln_base) {
  if (x == 0) return -INFINITY;
  if (x < 0) return NAN;
  if (!isfinite(x)) return x;
  return divide(log_of(x), ln_base).hi;
}

double log(double x) {
  return log_to(x, (pair){1, 0});
}

double log10(double x) {
  return log_to(x, ln_10);
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (isnan(x) || isnan(y)) return NAN;
  double size = fabs(x), power = 1;
  if (size == 0 || isinf(size) || (fabs(y) > 0x1p64 && size != 1))
    power = (size > 1) == (y > 0) ? INFINITY : 0;
  else if (size != 1)
    power = exp_of(multiply(log_of(size), (pair){y, 0}));
  if (!signbit(x)) return power;
  bool whole = rint(y) == y;
  if (!whole && size > 0 && !isinf(size)) return NAN;
  return whole && rint(y / 2) != y / 2 ? -power : power;
}

/* ln |gamma(x)| for x > 0: Stirling's series, after the argument was raised to where it is exact to
 * the last digit. */
double lgamma(double x) {
  static const double terms[] = {1. / 12,   -1. / 360,      1. / 1260, -1. / 1680,
                                 1. / 1188, -691. / 360360, 1. / 156,  -3617. / 122400};
  if (!(x > 0)) return x <= 0 ? INFINITY : x;
  if (isinf(x)) return x;
  double below = 1;
  for (; x < 12; x++) below *= x;
  double inverse = 1 / x, square = inverse * inverse, series = 0;
  for (int i = 7; i >= 0; i--) series = series * square + terms[i];
  const double half_ln_2_pi = 0x1.d67f1c864beb5p-1;
  double ln_x = log(x);
  return (x - 0.5) * ln_x - x + half_ln_2_pi + series * inverse - log(below);
}

/* x = quadrant * pi / 2 + r with |r| at most pi / 4, for |x| under 2^27: pi / 2 comes in pieces of
 * 25 bits, so that their products with the quadrant are exact. Positions times frequencies, which
 * is what angles are here, stay below. */
static pair reduce(double x, unsigned *quadrant) {
  const double a = 0x1.921fb5p+0, b = 0x1.110b46p-26;
  const pair c = {0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};
  double n = rint(x * 0x1.45f306dc9c883p-1);
  *quadrant = (unsigned)(int64_t)n;
  pair r = sum(x - n * a, -n * b);
  return add(r, multiply(c, (pair){-n, 0}));
}

static double sine(pair r) {
  double r2 = r.hi * r.hi, series = 0;
  for (int k = 17; k >= 3; k -= 2) series = r2 / (k * (k - 1)) * (1 - series);
  /* The series is 1 - sin(r) / r; the low part of r moves the sine by lo cos r. */
  return r.hi - (r.hi * series - r.lo * (1 - r2 / 2));
}

static double cosine(pair r) {
  double r2 = r.hi * r.hi, series = 0;
  for (int k = 18; k >= 4; k -= 2) series = r2 / (k * (k - 1)) * (1 - series);
  /* 1 - r^2 / 2 (1 - series), in two parts: what rounding 1 - r^2 / 2 drops is added back. */
  double half = r2 / 2, big = 1 - half;
  return big + (((1 - big) - half) + (half * series - r.hi * r.lo));
}

static double turn(double x, unsigned more) {
  if (!isfinite(x)) return NAN;
  unsigned quadrant;
  pair r = reduce(x, &quadrant);
  quadrant += more;
  double y = quadrant % 2 ? cosine(r) : sine(r);
  return quadrant & 2 ? -y : y;
}

double sin(double x) {
  return x == 0 ? x : turn(x, 0);
}

double cos(double x) {
  return turn(x, 1);
}
