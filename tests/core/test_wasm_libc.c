/* What the module has in place of the C library's functions does what the library's do: here, on
 * the machine that builds, they are compared with its own, under other names. What the module takes
 * from the browser is from the library here; tests/wasm/engine.test.mjs has the browser's. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define vsnprintf own_vsnprintf
#define snprintf own_snprintf
#define sprintf own_sprintf
#define sscanf own_sscanf
#define strtod own_strtod
#define strtol own_strtol
#define strstr own_strstr
#define qsort own_qsort
#define exp own_exp
#define log own_log
#define log10 own_log10
#define pow own_pow
#define lgamma own_lgamma
#define sin own_sin
#define cos own_cos
#include "../../wasm/libc_math.c"
#include "../../wasm/libc_text.c"
#undef vsnprintf
#undef snprintf
#undef sprintf
#undef sscanf
#undef strtod
#undef strtol
#undef strstr
#undef qsort
#undef exp
#undef log
#undef log10
#undef pow
#undef lgamma
#undef sin
#undef cos

int bw_write_digits(double x, char digits[BW_DIGITS]) {
  char text[BW_DIGITS + 16];
  snprintf(text, sizeof text, "%.*e", BW_DIGITS - 1, x);
  digits[0] = text[0];
  memcpy(digits + 1, text + 2, BW_DIGITS - 1);
  return atoi(text + BW_DIGITS + 2);
}

/* Only what is all a number, without white space, may be handed on. */
double bw_read_number(const char *text, size_t n) {
  char copy[1200], *end;
  CHECK(n > 0 && n < sizeof copy && strspn(text, "0123456789.eE+-") >= n);
  memcpy(copy, text, n);
  copy[n] = '\0';
  double x = strtod(copy, &end);
  CHECK(end == copy + n);
  return x;
}

static uint64_t random_state = 1;

static uint64_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

/* Any finite double: all exponents alike. */
static double random_double(void) {
  double x;
  do {
    uint64_t bits = random_bits();
    memcpy(&x, &bits, sizeof x);
  } while (!isfinite(x));
  return x;
}

/* Uniform in [low, high). */
static double between(double low, double high) {
  return low + (high - low) * ((double)(random_bits() >> 11) * 0x1p-53);
}

/* How many doubles lie between two of one sign. */
static double units_apart(double a, double b) {
  if (a == b || (isnan(a) && isnan(b))) return 0;
  int64_t x, y;
  memcpy(&x, &a, sizeof x);
  memcpy(&y, &b, sizeof y);
  return fabs((double)(x - y));
}

static bool prints_alike(const char *format, double x) {
  /* The module's %f ends in zeros then. */
  if (isfinite(x) && fabs(x) >= 1e101 && strchr(format, 'f')) return true;
  char own[512], want[512];
  int n = own_snprintf(own, sizeof own, format, x), n_want = snprintf(want, sizeof want, format, x);
  if (n == n_want && strcmp(own, want) == 0) return true;
  if (!check_failed_here) printf("    %s of %a: '%s', expected '%s'\n", format, x, own, want);
  return false;
}

static const double hard_numbers[] = {0,
                                      -0.,
                                      1,
                                      -1,
                                      0.5,
                                      1.5,
                                      2.5,
                                      0.125,
                                      0.375,
                                      9.5,
                                      99.95,
                                      999999.5,
                                      0.1,
                                      1e22,
                                      1e23,
                                      1e-5,
                                      1e-4,
                                      123456,
                                      1234567,
                                      0x1p-1074,
                                      0x1p-1022,
                                      0x1.fffffffffffffp1023,
                                      9007199254740993.,
                                      5e-324,
                                      1e300,
                                      INFINITY,
                                      -INFINITY,
                                      NAN,
                                      0.0001,
                                      0.00001234,
                                      1e16,
                                      1e15,
                                      4.5,
                                      0.30000000000000004};

static void numbers_print_as_the_librarys(void) {
  static const char *const formats[] = {"%g",    "%.0f", "%.1f",   "%f",    "%.17g", "%.9g",
                                        "%.15g", "%.1g", "%12.3f", "%-12g", "%08.2f"};
  for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
    for (size_t i = 0; i < sizeof hard_numbers / sizeof *hard_numbers; i++)
      CHECK(prints_alike(formats[f], hard_numbers[i]));
    for (int i = 0; i < 3000; i++) {
      CHECK(prints_alike(formats[f], random_double()));
      CHECK(prints_alike(formats[f], between(-100, 100)));
      CHECK(prints_alike(formats[f], (double)(random_bits() % 100000) / 64)); /* many ties */
    }
  }
}

static void a_number_of_more_digits_than_the_module_has_ends_in_zeros(void) {
  char own[512], want[512];
  CHECK(own_snprintf(own, sizeof own, "%.0f", 1e300) == 301);
  snprintf(want, sizeof want, "%.0f", 1e300);
  CHECK(strncmp(own, want, BW_DIGITS) == 0);
  CHECK(strspn(own + BW_DIGITS, "0") == 301 - BW_DIGITS);
}

static void texts_print_as_the_librarys(void) {
  char own[64], want[64];
#define SAME(...)                                                                                \
  CHECK(own_snprintf(own, sizeof own, __VA_ARGS__) == snprintf(want, sizeof want, __VA_ARGS__)); \
  CHECK(strcmp(own, want) == 0)
  SAME("%d %d %d", 0, -2147483647 - 1, 2147483647);
  SAME("%lld %llu", (long long)INT64_MIN, (unsigned long long)UINT64_MAX);
  SAME("%zu %u", (size_t)12345, 4000000000u);
  SAME("%05d|%-5d|%5d|%02X|%04x", -42, 42, 42, 0x0au, 0xabcu);
  SAME("%s|%.2s|%.*s|%-6s|%6s", "abc", "abc", 1, "abc", "abc", "abc");
  SAME("%c%%%c", 'x', 'y');
  SAME("%s", "");
#undef SAME
  /* What does not fit is cut, and counted. */
  CHECK(own_snprintf(own, 4, "%d", 12345) == 5 && strcmp(own, "123") == 0);
  CHECK(own_snprintf(NULL, 0, "%d", 12345) == 5);
}

static bool reads_alike(const char *text) {
  char *own_end, *end;
  double own = own_strtod(text, &own_end), want = strtod(text, &end);
  if (memcmp(&own, &want, sizeof own) == 0 && own_end == end) return true;
  if (!check_failed_here) printf("    '%s': %a, expected %a\n", text, own, want);
  return false;
}

static void numbers_are_read_as_the_library_reads_them(void) {
  static const char *const texts[] = {
      "0",
      "-0",
      "",
      "x",
      "-",
      ".",
      "1",
      " 12x",
      "1e",
      "1e+",
      "1e5",
      "1.5E-3",
      "1e-",
      "1e5e5",
      "1.2.3",
      "5.e3",
      "-.5e+2]",
      "+-1",
      "-0.0e-0,",
      "\t\n\v\f\r 7",
      "+7",
      ".5",
      "5.",
      "1e400",
      "-1e400",
      "1e-400",
      "4.9e-324",
      "2.4703282292062327e-324",
      "2.4703282292062328e-324",
      "2.2250738585072011e-308",
      "1.7976931348623157e308",
      "1.7976931348623159e308",
      "9007199254740993",
      "9007199254740992.999999",
      "0.1",
      "1e22",
      "1e23",
      "8.98846567431158e307",
      "179769313486231580793728971405301e276",
      "0.000000000000000000001",
      "9007199254740993.000000000000000000000000000000000000000000000000000000000000000000000001",
      "100000000000000000000000000000000000000000000000000",
      "00012",
      "0e999999999999"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) CHECK(reads_alike(texts[i]));
  char text[1200];
  for (int i = 0; i < 20000; i++) {
    double x = i % 2 ? random_double() : between(-1000, 1000);
    snprintf(text, sizeof text, "%.*g", 1 + (int)(random_bits() % 20), x);
    CHECK(reads_alike(text));
    snprintf(text, sizeof text, "%.*g", 30 + (int)(random_bits() % 700), x);
    CHECK(reads_alike(text));
  }
}

static void hexadecimal_and_words_are_no_numbers(void) {
  static const char *const texts[] = {"inf", "-infinity", "nan", "x10", "e5", ".e5", "- 1"};
  char *end;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    CHECK(own_strtod(texts[i], &end) == 0 && end == texts[i]);
  CHECK(own_strtod("-0x1p3", &end) == 0 && strcmp(end, "x1p3") == 0);
}

static void whole_numbers_are_read_in_any_base(void) {
  static const char *const texts[] = {"0", "ff", "FFx", "-12", " 7f", "g", ""};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char *own_end, *end;
    for (int base = 10; base <= 16; base += 6) {
      CHECK(own_strtol(texts[i], &own_end, base) == strtol(texts[i], &end, base));
      CHECK(own_end == end);
    }
  }
}

static void texts_are_found_where_the_library_finds_them(void) {
  static const char *const parts[] = {"", "a", "ab", "aab", "b", "aaab", "xaaab", "aaabx"};
  static const char *const texts[] = {"", "a", "aaab", "xaabaaabaaab"};
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
      CHECK(own_strstr(texts[t], parts[p]) == strstr(texts[t], parts[p]));
}

static int compare_ints(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

static void lists_are_sorted(void) {
  static int own[5000], want[5000];
  for (size_t n = 0; n < 5000; n = n < 10 ? n + 1 : 3 * n) {
    for (size_t i = 0; i < n; i++) own[i] = want[i] = (int)(random_bits() % 1000) - 500;
    own_qsort(own, n, sizeof *own, compare_ints);
    qsort(want, n, sizeof *want, compare_ints);
    CHECK(memcmp(own, want, n * sizeof *own) == 0);
  }
}

/* The library's own results may be off by a unit. */
static void functions_are_within_a_unit_of_the_librarys(void) {
  double worst_exp = 0, worst_log = 0, worst_log10 = 0, worst_pow = 0, worst_sin = 0, worst_cos = 0;
  for (int i = 0; i < 100000; i++) {
    double x = between(-740, 709), y = exp(between(-700, 700)), z = between(0.9, 1.1);
    worst_exp = fmax(worst_exp, units_apart(own_exp(x), exp(x)));
    worst_exp = fmax(worst_exp, units_apart(own_exp(x / 1000), exp(x / 1000)));
    worst_log = fmax(worst_log, units_apart(own_log(y), log(y)));
    worst_log = fmax(worst_log, units_apart(own_log(z), log(z)));
    worst_log10 = fmax(worst_log10, units_apart(own_log10(y), log10(y)));
    double theta = between(1000, 2e6), power = between(-1, 0);
    worst_pow = fmax(worst_pow, units_apart(own_pow(theta, power), pow(theta, power)));
    worst_pow = fmax(worst_pow, units_apart(own_pow(y, power), pow(y, power)));
    double angle = i % 2 ? between(-10, 10) : between(0, 1 << 20);
    worst_sin = fmax(worst_sin, units_apart(own_sin(angle), sin(angle)));
    worst_cos = fmax(worst_cos, units_apart(own_cos(angle), cos(angle)));
  }
  CHECK(worst_exp <= 1);
  CHECK(worst_log <= 1);
  CHECK(worst_log10 <= 2); /* two roundings in many libraries */
  CHECK(worst_pow <= 1);
  CHECK(worst_sin <= 1);
  CHECK(worst_cos <= 1);
  for (double x = 0.25; x < 5000; x += 0.25)
    CHECK(fabs(own_lgamma(x) - lgamma(x)) <= 1e-14 * (1 + fabs(lgamma(x))));
}

static void functions_agree_where_they_are_special(void) {
  static const double xs[] = {0,  -0.,   1,        -1,        2,   -2,        0.5,    -0.5,   3,
                              -3, 1e300, INFINITY, -INFINITY, NAN, 0x1p-1074, -1e300, 1e-300, 2.5};
  for (size_t i = 0; i < sizeof xs / sizeof *xs; i++) {
    double x = xs[i];
    CHECK(units_apart(own_exp(x), exp(x)) <= 1);
    CHECK(units_apart(own_log(x), log(x)) <= 1);
    CHECK(units_apart(own_log10(x), log10(x)) <= 1);
    for (size_t k = 0; k < sizeof xs / sizeof *xs; k++)
      CHECK(units_apart(own_pow(x, xs[k]), pow(x, xs[k])) <= 1);
  }
  CHECK(isnan(own_sin(INFINITY)) && isnan(own_cos(NAN)));
  CHECK(own_sin(0) == 0 && own_cos(0) == 1);
}

int main(void) {
  RUN(numbers_print_as_the_librarys);
  RUN(a_number_of_more_digits_than_the_module_has_ends_in_zeros);
  RUN(texts_print_as_the_librarys);
  RUN(numbers_are_read_as_the_library_reads_them);
  RUN(hexadecimal_and_words_are_no_numbers);
  RUN(whole_numbers_are_read_in_any_base);
  RUN(texts_are_found_where_the_library_finds_them);
  RUN(lists_are_sorted);
  RUN(functions_are_within_a_unit_of_the_librarys);
  RUN(functions_agree_where_they_are_special);
  return check_result();
}
