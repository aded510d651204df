/* A strict reader of JSON that walks the text and builds nothing. */
#include "base/json_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define MAX_DEPTH 128         /* as serde_json; cJSON and its users recurse this deep at most */
#define MAX_NUMBER_LENGTH 63u /* what cJSON reads of one */

static bool fail(bl_json_reader *r, const char *problem) {
  if (!r->problem) r->problem = problem;
  return false;
}

char bl_json_peek(bl_json_reader *r) {
  while (r->at < r->size) {
    char c = r->text[r->at];
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return c;
    r->at++;
  }
  return '\0';
}

bool bl_json_take(bl_json_reader *r, char c, const char *problem) {
  if (r->problem) return false;
  if (bl_json_peek(r) != c || r->at == r->size) return fail(r, problem);
  r->at++;
  return true;
}

bool bl_json_more(bl_json_reader *r, char close, uint64_t *n) {
  if (r->problem) return false;
  if (bl_json_peek(r) == close) {
    r->at++;
    return false;
  }
  const char *problem = close == '}' ? "',' or '}'" : "',' or ']'";
  if ((*n)++ > 0 && !bl_json_take(r, ',', problem)) return false;
  return true;
}

bool bl_json_read_key(bl_json_reader *r, bl_json_raw *key) {
  if (!r->problem && bl_json_peek(r) != '"') return fail(r, "a key in quotes");
  return bl_json_read_string(r, key) && bl_json_take(r, ':', "':' after a key");
}

void bl_json_describe(const bl_json_reader *r, char *text, size_t text_size) {
  bool at_end = r->at == r->size;
  snprintf(text, text_size, "at byte %zu of %zu found %s%.*s%s, expected %s", r->at, r->size,
           at_end ? "the end" : "'", at_end ? 0 : 1, r->text + r->at, at_end ? "" : "'",
           r->problem);
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The four hexadecimal digits after "\u", or -1. */
static int32_t hex4(const char *p, size_t n) {
  if (n < 4) return -1;
  int32_t value = 0;
  for (size_t i = 0; i < 4; i++) {
    int digit = hex_digit(p[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/* Bytes of the escape at p, which starts with a backslash, and the character it stands for; 0 when
 * it is not one. */
static size_t read_escape(const char *p, size_t n, uint32_t *character) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (n < 2) return 0;
  if (p[1] != 'u') {
    const char *found = p[1] ? strchr(letters, p[1]) : NULL;
    if (!found) return 0;
    *character = (uint32_t)meanings[found - letters];
    return 2;
  }
  int32_t unit = hex4(p + 2, n - 2);
  if (unit < 0 || (unit >= 0xdc00 && unit < 0xe000)) return 0;
  *character = (uint32_t)unit;
  if (unit < 0xd800 || unit >= 0xdc00) return 6;
  int32_t low = n >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, n - 8) : -1;
  if (low < 0xdc00 || low >= 0xe000) return 0;
  *character = 0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
  return 12;
}

bool bl_json_read_string(bl_json_reader *r, bl_json_raw *string) {
  if (!bl_json_take(r, '"', "a string")) return false;
  size_t start = r->at;
  while (r->at < r->size && r->text[r->at] != '"') {
    const char *p = r->text + r->at;
    size_t left = r->size - r->at, length;
    if (*p == '\\') {
      uint32_t character;
      length = read_escape(p, left, &character);
      if (length == 0) return fail(r, "a valid escape sequence");
      if (character == 0) return fail(r, "text without NUL characters");
    } else {
      if ((unsigned char)*p < 0x20) return fail(r, "an escaped control character");
      length = bl_utf8_length(p, left);
      if (length == 0) return fail(r, "well-formed UTF-8");
    }
    r->at += length;
  }
  *string = (bl_json_raw){r->text + start, r->at - start};
  return bl_json_take(r, '"', "the end of a string");
}

bool bl_json_raw_is(bl_json_raw raw, const char *word) {
  return raw.size == strlen(word) && memcmp(raw.bytes, word, raw.size) == 0;
}

size_t bl_json_unescape(bl_json_raw raw, char *out) {
  size_t n = 0;
  for (size_t i = 0; i < raw.size;) {
    if (raw.bytes[i] != '\\') {
      out[n++] = raw.bytes[i++];
      continue;
    }
    uint32_t character = 0;
    i += read_escape(raw.bytes + i, raw.size - i, &character);
    n += bl_utf8_encode(character, out + n);
  }
  return n;
}

static size_t count_digits(const bl_json_reader *r, size_t at) {
  size_t n = 0;
  while (at + n < r->size && r->text[at + n] >= '0' && r->text[at + n] <= '9') n++;
  return n;
}

bool bl_json_read_count(bl_json_reader *r, int64_t *value) {
  static const char problem[] = "a whole number from 0 to 9223372036854775807";
  if (r->problem) return false;
  bl_json_peek(r);
  const char *p = r->text + r->at;
  size_t n = count_digits(r, r->at);
  if (n == 0 || (n > 1 && p[0] == '0')) return fail(r, problem);
  if (r->at + n < r->size && strchr(".eE", p[n]) && p[n]) return fail(r, problem);
  int64_t x = 0;
  for (size_t i = 0; i < n; i++)
    if (__builtin_mul_overflow(x, 10, &x) || __builtin_add_overflow(x, p[i] - '0', &x))
      return fail(r, problem);
  r->at += n;
  *value = x;
  return true;
}

/* Is the number, of at most MAX_NUMBER_LENGTH characters, within the range of a double? */
static bool is_finite_number(const char *digits, size_t n) {
  char copy[MAX_NUMBER_LENGTH + 1];
  memcpy(copy, digits, n);
  copy[n] = '\0';
  return isfinite(strtod(copy, NULL));
}

static bool skip_number(bl_json_reader *r) {
  size_t start = r->at, at = start;
  if (r->text[at] == '-') at++;
  size_t n = count_digits(r, at);
  if (n == 0) return fail(r, "a value");
  if (n > 1 && r->text[at] == '0') return fail(r, "a number without leading zeros");
  at += n;
  if (at < r->size && r->text[at] == '.') {
    n = count_digits(r, at + 1);
    if (n == 0) return fail(r, "a number with digits after its point");
    at += 1 + n;
  }
  bool has_exponent = at < r->size && (r->text[at] == 'e' || r->text[at] == 'E');
  if (has_exponent) {
    at++;
    if (at < r->size && (r->text[at] == '+' || r->text[at] == '-')) at++;
    n = count_digits(r, at);
    if (n == 0) return fail(r, "a number with digits in its exponent");
    at += n;
  }
  if (at - start > MAX_NUMBER_LENGTH) return fail(r, "a number of at most 63 characters");
  if (has_exponent && !is_finite_number(r->text + start, at - start))
    return fail(r, "a number below 1.8e308");
  r->at = at;
  return true;
}

static bool skip_word(bl_json_reader *r, const char *word) {
  size_t n = strlen(word);
  if (r->size - r->at < n || memcmp(r->text + r->at, word, n) != 0) return fail(r, "a value");
  r->at += n;
  return true;
}

static bool skip_value(bl_json_reader *r, int depth) {
  if (r->problem) return false;
  bl_json_raw ignored;
  uint64_t n = 0;
  char c = bl_json_peek(r);
  if (c == '"') return bl_json_read_string(r, &ignored);
  if (c == 't') return skip_word(r, "true");
  if (c == 'f') return skip_word(r, "false");
  if (c == 'n') return skip_word(r, "null");
  if (c == '-' || (c >= '0' && c <= '9')) return skip_number(r);
  if (c == 'N' || c == 'I') return fail(r, "a value (NaN and Infinity are none in JSON)");
  if (c != '{' && c != '[') return fail(r, "a value");
  if (depth == MAX_DEPTH) return fail(r, "at most 128 nested levels");
  r->at++;
  char close = c == '{' ? '}' : ']';
  while (bl_json_more(r, close, &n)) {
    if (c == '{' && !bl_json_read_key(r, &ignored)) return false;
    if (!skip_value(r, depth + 1)) return false;
  }
  return !r->problem;
}

bool bl_json_skip(bl_json_reader *r) {
  return skip_value(r, 0);
}

bool bl_json_end(bl_json_reader *r) {
  if (r->problem) return false;
  bl_json_peek(r);
  return r->at == r->size || fail(r, "the end of the text");
}
