/* The C library's printf and strtod for the module alone: what the core uses of them, exactly
 * rounded. The library's own carry numbers of 128 bits and take 25 KB; here the browser does the
 * arithmetic (imports.h). The linker takes these in place of the library's;
 * tests/core/test_wasm_libc.c compares the two. */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imports.h"

/* ---- rounding -------------------------------------------------------------------------------- */

/* Rounds to `keep` digits (may be none or negative), to nearest, ties to even. Returns how many
 * there are; a carry out of the first moves the point.
 *
 * A double may have more digits than BW_DIGITS, but these decide at up to 17: a tie there has no
 * more than 18, and a double that is not a tie differs from every one by more than 10^-38 of itself
 * (for each exponent, the convergents of 2^(e+1) / 10^q give the least difference). With %f and up
 * to 17 decimals as well: from 1 on, what comes after the point ends within BW_DIGITS. */
static int round_digits(char digits[BW_DIGITS], int keep, int *point) {
  if (keep >= BW_DIGITS) return BW_DIGITS;
  if (keep < 0) return 0;
  bool tie = digits[keep] == '5';
  for (int i = keep + 1; i < BW_DIGITS && tie; i++) tie = digits[i] == '0';
  bool odd = keep > 0 && (digits[keep - 1] - '0') % 2;
  bool up = tie ? odd : digits[keep] >= '5';
  if (!up) return keep;
  int i = keep;
  while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
  if (i > 0) {
    digits[i - 1]++;
    return keep;
  }
  digits[0] = '1';
  ++*point;
  return keep > 0 ? keep : 1;
}

/* ---- printing -------------------------------------------------------------------------------- */

/* The text so far; what does not fit is counted only. */
typedef struct output {
  char *text;
  size_t size, n;
} output;

static void put(output *out, char c) {
  if (out->n < out->size) out->text[out->n] = c;
  out->n++;
}

static void put_repeated(output *out, char c, int n) {
  for (; n > 0; n--) put(out, c);
}

/* One conversion: %[0][-][width][.precision]letter, where '*' is the next argument. */
typedef struct conversion {
  bool zeros, left;
  int width, precision; /* -1: none was given */
  char letter;
} conversion;

/* A field of n characters, which begins with a sign if there is one. */
static void put_field(output *out, const conversion *c, const char *field, int n) {
  int padding = c->width - n;
  if (!c->left && !c->zeros) put_repeated(out, ' ', padding);
  if (c->zeros && n > 0 && *field == '-') {
    put(out, *field++);
    n--;
  }
  if (!c->left && c->zeros) put_repeated(out, '0', padding);
  for (int i = 0; i < n; i++) put(out, field[i]);
  if (c->left) put_repeated(out, ' ', padding);
}

static void put_integer(output *out, const conversion *c, uint64_t x, bool negative) {
  char field[24];
  int at = sizeof field;
  unsigned base = c->letter == 'x' || c->letter == 'X' ? 16 : 10;
  const char *letters = c->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  do field[--at] = letters[x % base];
  while (x /= base);
  if (negative) field[--at] = '-';
  put_field(out, c, field + at, (int)sizeof field - at);
}

/* Writes digits with `point` of them before the point, then n_after; zeros stand for those that are
 * missing. */
static char *write_fixed(char *to, const char *digits, int n, int point, int n_after) {
  if (point <= 0) *to++ = '0';
  for (int i = 0; i < point; i++) *to++ = i < n ? digits[i] : '0';
  if (n_after > 0) *to++ = '.';
  for (int i = point; i < point + n_after; i++) *to++ = i >= 0 && i < n ? digits[i] : '0';
  return to;
}

static char *write_exponent(char *to, int exponent) {
  *to++ = 'e';
  *to++ = exponent < 0 ? '-' : '+';
  unsigned size = (unsigned)abs(exponent);
  if (size >= 100) *to++ = (char)('0' + size / 100);
  *to++ = (char)('0' + size / 10 % 10);
  *to++ = (char)('0' + size % 10);
  return to;
}

enum { MAX_PRECISION = 100 };

/* %f and %g, exact as far as BW_DIGITS go: %f has only zeros behind them. */
static void put_double(output *out, const conversion *c, double x) {
  char digits[BW_DIGITS], field[320 + MAX_PRECISION], *to = field;
  int precision = c->precision < 0 ? 6 : c->precision;
  if (precision > MAX_PRECISION) precision = MAX_PRECISION;
  if (signbit(x)) *to++ = '-';
  if (!isfinite(x)) {
    conversion plain = *c;
    plain.zeros = false;
    memcpy(to, isnan(x) ? "nan" : "inf", 3);
    put_field(out, &plain, field, (int)(to - field) + 3);
    return;
  }
  int point = bw_write_digits(fabs(x), digits) + 1;
  if (c->letter == 'f') {
    int n = round_digits(digits, point + precision, &point);
    to = write_fixed(to, digits, n, point, precision);
  } else {
    int keep = precision > 0 ? precision : 1;
    int n = round_digits(digits, keep, &point), exponent = point - 1;
    while (n > 0 && digits[n - 1] == '0') n--; /* %g leaves out zeros at the end */
    if (exponent >= -4 && exponent < keep) {
      int n_after = n - (exponent + 1);
      to = write_fixed(to, digits, n, exponent + 1, n_after > 0 ? n_after : 0);
    } else {
      to = write_exponent(write_fixed(to, digits, n, 1, n > 1 ? n - 1 : 0), exponent);
    }
  }
  put_field(out, c, field, (int)(to - field));
}

static void put_string(output *out, const conversion *c, const char *string) {
  int n = 0;
  while ((c->precision < 0 || n < c->precision) && string[n]) n++;
  put_field(out, c, string, n);
}

static int read_number(const char **format) {
  int n = 0;
  for (; **format >= '0' && **format <= '9'; ++*format) n = n * 10 + (**format - '0');
  return n;
}

int vsnprintf(char *text, size_t size, const char *format, va_list args) {
  output out = {text, size > 0 ? size - 1 : 0, 0};
  for (const char *f = format; *f; f++) {
    if (*f != '%') {
      put(&out, *f);
      continue;
    }
    conversion c = {.precision = -1};
    for (f++; *f == '0' || *f == '-'; f++) *(*f == '0' ? &c.zeros : &c.left) = true;
    c.width = *f == '*' ? va_arg(args, int) : read_number(&f);
    if (*f == '*') f++;
    if (*f == '.') {
      f++;
      c.precision = *f == '*' ? va_arg(args, int) : read_number(&f);
      if (*f == '*') f++;
    }
    int n_long = 0;
    for (; *f == 'l' || *f == 'z'; f++) n_long += *f == 'z' ? sizeof(size_t) == 8 : 1;
    bool is_wide = n_long > 1 || (n_long > 0 && sizeof(long) == 8);
    c.letter = *f;
    switch (*f) {
      case 'd': {
        int64_t x = is_wide ? va_arg(args, long long) : va_arg(args, int);
        put_integer(&out, &c, x < 0 ? -(uint64_t)x : (uint64_t)x, x < 0);
        break;
      }
      case 'u':
      case 'x':
      case 'X':
        put_integer(&out, &c, is_wide ? va_arg(args, unsigned long long) : va_arg(args, unsigned),
                    false);
        break;
      case 'f':
      case 'g':
        put_double(&out, &c, va_arg(args, double));
        break;
      case 's':
        put_string(&out, &c, va_arg(args, const char *));
        break;
      case 'c':
        put_field(&out, &c, &(char){(char)va_arg(args, int)}, 1);
        break;
      case '%':
        put(&out, '%');
        break;
      default: /* nothing that is used here */
        __builtin_trap();
    }
  }
  if (size > 0) text[out.n < size ? out.n : size - 1] = '\0';
  return (int)out.n;
}

int snprintf(char *text, size_t size, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, size, format, args);
  va_end(args);
  return n;
}

/* cJSON's only; it leaves room for every number. */
int sprintf(char *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, SIZE_MAX, format, args);
  va_end(args);
  return n;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Numbers as JSON has them, with white space and signs before; neither hexadecimal nor words. */
double strtod(const char *text, char **end) {
  static const char digits[] = "0123456789";
  const char *start = text + strspn(text, " \t\n\v\f\r"), *c = start;
  if (*c == '-' || *c == '+') c++;
  size_t n_digits = strspn(c, digits);
  c += n_digits;
  if (*c == '.') {
    size_t n_after = strspn(++c, digits);
    n_digits += n_after;
    c += n_after;
  }
  if (n_digits == 0) {
    if (end) *end = (char *)text;
    return 0;
  }
  if (*c == 'e' || *c == 'E') {
    const char *exponent = c + 1;
    if (*exponent == '-' || *exponent == '+') exponent++;
    size_t n_exponent = strspn(exponent, digits);
    if (n_exponent > 0) c = exponent + n_exponent;
  }
  if (end) *end = (char *)c;
  return bw_read_number(start, (size_t)(c - start));
}

/* cJSON's only: one "%lg". */
int sscanf(const char *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *end;
  double x = strtod(text, &end);
  if (end != text) *va_arg(args, double *) = x;
  va_end(args);
  return end != text;
}

/* Letters count as digits from 10 on; the range is not checked. */
long strtol(const char *text, char **end, int base) {
  const char *c = text + strspn(text, " \t\n\v\f\r");
  bool negative = *c == '-';
  if (*c == '-' || *c == '+') c++;
  const char *first = c;
  unsigned long x = 0;
  for (;; c++) {
    int letter = *c | 0x20;
    int digit = *c >= '0' && *c <= '9'           ? *c - '0'
                : letter >= 'a' && letter <= 'z' ? letter - 'a' + 10
                                                 : 36;
    if (digit >= base) break;
    x = x * (unsigned long)base + (unsigned long)digit;
  }
  if (end) *end = (char *)(c > first ? c : text);
  return (long)(negative ? 0 - x : x);
}

/* ---- searching and sorting ------------------------------------------------------------------- */

/* For short texts. */
char *strstr(const char *text, const char *part) {
  size_t n = strlen(part);
  for (; *text || n == 0; text++)
    if (strncmp(text, part, n) == 0) return (char *)text;
  return NULL;
}

typedef int (*compare_fn)(const void *, const void *);

static void swap_items(char *a, char *b, size_t size) {
  for (size_t i = 0; i < size; i++) {
    char c = a[i];
    a[i] = b[i];
    b[i] = c;
  }
}

/* Moves item i of a heap of n down to where neither of those below it is greater. */
static void sift_down(char *items, size_t i, size_t n, size_t size, compare_fn compare) {
  for (size_t child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && compare(items + child * size, items + (child + 1) * size) < 0) child++;
    if (compare(items + i * size, items + child * size) >= 0) return;
    swap_items(items + i * size, items + child * size, size);
  }
}

/* Williams (1964), "Algorithm 232: heapsort". */
void qsort(void *base, size_t n, size_t size, compare_fn compare) {
  char *items = base;
  for (size_t i = n / 2; i > 0; i--) sift_down(items, i - 1, n, size, compare);
  for (size_t end = n; end > 1; end--) {
    swap_items(items, items + (end - 1) * size, size);
    sift_down(items, 0, end - 1, size, compare);
  }
}
