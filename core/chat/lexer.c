/* Chat templates: cutting a template into tokens (jinja2 3.1.6, lexer.py). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "chat/space.h"
#include "chat/syntax.h"

enum { MAX_BRACKETS = 128 };

typedef struct lexer {
  bl_machine *m;
  bl_str source;
  size_t at;
  int line;
  bool line_starts;            /* what was taken last ended with a line */
  char brackets[MAX_BRACKETS]; /* that are open in this tag, by what closes them */
  int n_brackets;
  bl_template_token *tokens; /* (capacity), in the arena */
  size_t n, capacity;
} lexer;

static char peek(const lexer *l, size_t ahead) {
  return l->at + ahead < l->source.size ? l->source.bytes[l->at + ahead] : '\0';
}

static bool looks_at(const lexer *l, size_t at, const char *word) {
  size_t n = strlen(word);
  return at + n <= l->source.size && memcmp(l->source.bytes + at, word, n) == 0;
}

/* Moves on to the byte `end`, counting lines. */
static void move_to(lexer *l, size_t end) {
  l->line_starts = end > l->at && l->source.bytes[end - 1] == '\n';
  for (; l->at < end; l->at++) l->line += l->source.bytes[l->at] == '\n';
}

static bool add(lexer *l, bl_template_token token) {
  if (l->n == l->capacity) {
    size_t capacity = l->capacity ? 2 * l->capacity : 64;
    bl_template_token *grown = bl_take(l->m, capacity * sizeof *grown);
    if (!grown) return false;
    if (l->n) memcpy(grown, l->tokens, l->n * sizeof *grown);
    l->tokens = grown;
    l->capacity = capacity;
  }
  l->tokens[l->n++] = token;
  return bl_spend(l->m, 1);
}

static bool add_kind(lexer *l, bl_token_kind kind, size_t start, size_t size) {
  bl_str text = {l->source.bytes + start, size};
  return add(l, (bl_template_token){.kind = kind, .line = l->line, .text = text});
}

/* Where white space that begins at `at` ends. */
static size_t skip_space(const lexer *l, size_t at) {
  bl_str rest = {l->source.bytes + at, l->source.size - at};
  return l->source.size - bl_strip_start(rest, (bl_str){0}).size;
}

static bool not_closed(const lexer *l, const char *what) {
  return BL_STOP(l->m, "chat template, line %d: '%s' is not closed", l->line, what);
}

/* ---- outside of tags ----------------------------------------------------------------------- */

/* Adds the text before a tag, whose sign is '-', '+' or another character: '-' takes the white
 * space before it away, and without a sign a tag that prints nothing takes that of its line. */
static bool add_data(lexer *l, size_t end, char sign, bool prints) {
  bl_str text = {l->source.bytes + l->at, end - l->at};
  if (sign == '-') {
    text = bl_strip_end(text, (bl_str){0});
  } else if (sign != '+' && !prints) {
    size_t line = text.size;
    while (line > 0 && text.bytes[line - 1] != '\n') line--;
    bl_str last = {text.bytes + line, text.size - line};
    if ((line > 0 || l->line_starts) && bl_strip_start(last, (bl_str){0}).size == 0)
      text.size = line;
  }
  bool ok = text.size == 0 || add_kind(l, BL_TOKEN_DATA, l->at, text.size);
  move_to(l, end);
  return ok;
}

/* If a tag "{%", sign, word stands at `at`: where what follows the white space behind it begins,
 * else 0. */
static size_t after_word(const lexer *l, size_t at, const char *word) {
  if (!looks_at(l, at, "{%")) return 0;
  at += 2;
  if (at < l->source.size && (l->source.bytes[at] == '-' || l->source.bytes[at] == '+')) at++;
  at = skip_space(l, at);
  return looks_at(l, at, word) ? skip_space(l, at + strlen(word)) : 0;
}

static char sign_at(const lexer *l, size_t at) {
  return at < l->source.size ? l->source.bytes[at] : '\0';
}

/* Where a tag ends whose end may stand at `at`: behind it and the white space that it takes. 0: it
 * does not stand there. */
static size_t tag_end(const lexer *l, size_t at, const char *end, bool takes_plus, bool trims) {
  bool has_minus = sign_at(l, at) == '-' && looks_at(l, at + 1, end);
  if (has_minus) return skip_space(l, at + 3);
  if (takes_plus && sign_at(l, at) == '+' && looks_at(l, at + 1, end)) return at + 3;
  if (!looks_at(l, at, end)) return 0;
  return at + 2 + (trims && sign_at(l, at + 2) == '\n');
}

static bool skip_comment(lexer *l) {
  for (size_t at = l->at + 2; at < l->source.size; at++) {
    size_t end = tag_end(l, at, "#}", true, true);
    if (end) {
      move_to(l, end);
      return true;
    }
  }
  return not_closed(l, "{#");
}

/* The content of {% raw %}, from `start` on. */
static bool add_raw(lexer *l, size_t start) {
  for (size_t at = start; at < l->source.size; at++) {
    size_t word = after_word(l, at, "endraw");
    size_t end = word ? tag_end(l, word, "%}", true, true) : 0;
    if (!end) continue;
    move_to(l, start);
    if (!add_data(l, at, sign_at(l, at + 2), false)) return false;
    move_to(l, end);
    return true;
  }
  return not_closed(l, "raw");
}

/* ---- within tags --------------------------------------------------------------------------- */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (unsigned char)c >= 0x80;
}

/* Digits with '_' between them, from `at` on; their end. */
static size_t digits_end(const lexer *l, size_t at) {
  while (is_digit(sign_at(l, at)) ||
         (sign_at(l, at) == '_' && is_digit(sign_at(l, at + 1)) && at > l->at))
    at++;
  return at;
}

static bool add_number(lexer *l) {
  size_t end = digits_end(l, l->at);
  bool is_float = false, is_member = l->at > 0 && l->source.bytes[l->at - 1] == '.';
  if (!is_member && sign_at(l, end) == '.' && is_digit(sign_at(l, end + 1))) {
    is_float = true;
    end = digits_end(l, end + 1);
  }
  size_t exponent = end + 1;
  if (sign_at(l, exponent) == '-' || sign_at(l, exponent) == '+') exponent++;
  if (!is_member && (sign_at(l, end) == 'e' || sign_at(l, end) == 'E') &&
      is_digit(sign_at(l, exponent))) {
    is_float = true;
    end = digits_end(l, exponent);
  }
  char digits[64];
  size_t n = 0;
  for (size_t i = l->at; i < end && n < sizeof digits - 1; i++)
    if (l->source.bytes[i] != '_') digits[n++] = l->source.bytes[i];
  digits[n] = '\0';
  int64_t x = 0;
  if (!is_float && !bl_parse_whole((bl_str){digits, n}, &x))
    return BL_STOP(l->m, "chat template, line %d: a whole number is over 63 bits", l->line);
  bl_value value = is_float ? bl_of_float(strtod(digits, NULL)) : bl_of_int(x);
  bool ok = add(l, (bl_template_token){.kind = BL_TOKEN_CONSTANT,
                                       .line = l->line,
                                       .text = {l->source.bytes + l->at, end - l->at},
                                       .value = value});
  move_to(l, end);
  return ok;
}

/* Reads up to `most` digits of a base at *at. */
static uint32_t read_code(const lexer *l, size_t *at, size_t end, int base, int most, int *n) {
  uint32_t code = 0;
  for (*n = 0; *n < most && *at < end; ++*n, ++*at) {
    char c = l->source.bytes[*at];
    int digit = is_digit(c)            ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : 99;
    if (digit >= base) break;
    code = code * (uint32_t)base + (uint32_t)digit;
  }
  return code;
}

/* An escape at *at, behind its backslash: writes what it stands for, at most four bytes. */
static bool unescape(lexer *l, size_t *at, size_t end, char *out, size_t *n_out) {
  static const char letters[] = "\\'\"abfnrtv", meanings[] = "\\'\"\a\b\f\n\r\t\v";
  char c = l->source.bytes[*at];
  const char *found = c ? strchr(letters, c) : NULL;
  int wanted = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0, n;
  *n_out = 0;
  if (c == '\n') {
    ++*at;
  } else if (found) {
    out[(*n_out)++] = meanings[found - letters];
    ++*at;
  } else if (wanted || (c >= '0' && c <= '7')) {
    if (wanted) ++*at;
    uint32_t code = read_code(l, at, end, wanted ? 16 : 8, wanted ? wanted : 3, &n);
    if ((wanted && n < wanted) || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      return BL_STOP(l->m, "chat template, line %d: a text has an escape that is no character",
                     l->line);
    *n_out = bl_utf8_encode(code, out);
  } else if (c == 'N') {
    return BL_STOP(l->m, "chat template, line %d: a text has an escape that is no character",
                   l->line);
  } else {
    out[(*n_out)++] = '\\'; /* it stays */
  }
  return true;
}

static bool add_string(lexer *l) {
  char quote = peek(l, 0);
  size_t end = l->at + 1;
  while (end < l->source.size && l->source.bytes[end] != quote)
    end += l->source.bytes[end] == '\\' ? 2 : 1;
  if (end >= l->source.size) return not_closed(l, quote == '"' ? "\"" : "'");
  char *bytes = bl_take(l->m, end - l->at);
  size_t n = 0, n_out;
  if (!bytes) return false;
  for (size_t at = l->at + 1; at < end;) {
    if (l->source.bytes[at] != '\\') {
      bytes[n++] = l->source.bytes[at++];
      continue;
    }
    char out[4];
    at++;
    if (!unescape(l, &at, end, out, &n_out)) return false;
    memcpy(bytes + n, out, n_out);
    n += n_out;
  }
  bool ok = add(l, (bl_template_token){.kind = BL_TOKEN_CONSTANT,
                                       .line = l->line,
                                       .text = {l->source.bytes + l->at, end + 1 - l->at},
                                       .value = bl_of_text((bl_str){bytes, n})});
  move_to(l, end + 1);
  return ok;
}

static bool balance(lexer *l, char c) {
  const char *open = strchr("()[]{}", c);
  if (!open) return true;
  if (strchr("([{", c)) {
    if (l->n_brackets == MAX_BRACKETS)
      return BL_STOP(l->m, "chat template, line %d: nested more than %d deep", l->line,
                     MAX_BRACKETS);
    l->brackets[l->n_brackets++] = open[1];
    return true;
  }
  if (l->n_brackets > 0 && l->brackets[--l->n_brackets] == c) return true;
  char found[2] = {c, '\0'};
  return BL_STOP(l->m, "chat template, line %d: found '%.64s', expected %s", l->line, found,
                 "another bracket");
}

static bool add_operator(lexer *l) {
  static const char *const pairs[] = {"//", "**", "==", "!=", ">=", "<="};
  size_t n = strchr("+-/*%~[](){}><=.:|,;", peek(l, 0)) && peek(l, 0) ? 1 : 0;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (looks_at(l, l->at, pairs[i])) n = 2;
  if (n == 0) {
    char found[8] = "";
    memcpy(found, l->source.bytes + l->at,
           bl_utf8_length(l->source.bytes + l->at, l->source.size - l->at));
    return BL_STOP(l->m, "chat template, line %d: found '%.64s', expected %s", l->line, found,
                   "an expression");
  }
  if (n == 1 && !balance(l, peek(l, 0))) return false;
  bool ok = add_kind(l, BL_TOKEN_OPERATOR, l->at, n);
  move_to(l, l->at + n);
  return ok;
}

static bool add_name(lexer *l) {
  size_t end = l->at;
  while (is_name_byte(sign_at(l, end))) end++;
  bool ok = add_kind(l, BL_TOKEN_NAME, l->at, end - l->at);
  move_to(l, end);
  return ok;
}

/* What is in a tag, up to its end. */
static bool add_tag(lexer *l, bool prints) {
  const char *ends = prints ? "}}" : "%}";
  l->n_brackets = 0;
  while (l->at < l->source.size) {
    size_t end = l->n_brackets ? 0 : tag_end(l, l->at, ends, !prints, !prints);
    if (end) {
      bool ok = add_kind(l, prints ? BL_TOKEN_PRINT_END : BL_TOKEN_BLOCK_END, l->at, 2);
      move_to(l, end);
      return ok;
    }
    size_t space = skip_space(l, l->at);
    bool ok = true;
    if (space > l->at)
      move_to(l, space);
    else if (is_digit(peek(l, 0)))
      ok = add_number(l);
    else if (is_name_byte(peek(l, 0)))
      ok = add_name(l);
    else if (peek(l, 0) == '"' || peek(l, 0) == '\'')
      ok = add_string(l);
    else
      ok = add_operator(l);
    if (!ok) return false;
  }
  return not_closed(l, prints ? "{{" : "{%");
}

/* The next tag and the text before it. */
static bool add_next(lexer *l) {
  size_t at = l->at;
  while (at < l->source.size && !looks_at(l, at, "{{") && !looks_at(l, at, "{%") &&
         !looks_at(l, at, "{#"))
    at++;
  if (at == l->source.size) {
    if (!add_kind(l, BL_TOKEN_DATA, l->at, at - l->at)) return false;
    move_to(l, at);
    return true;
  }
  char kind = l->source.bytes[at + 1], sign = sign_at(l, at + 2);
  size_t raw = after_word(l, at, "raw");
  size_t raw_start = raw ? tag_end(l, raw, "%}", false, false) : 0;
  if (!add_data(l, at, sign, kind == '{')) return false;
  if (raw_start) return add_raw(l, raw_start);
  if (kind == '#') return skip_comment(l);
  if (!add_kind(l, kind == '{' ? BL_TOKEN_PRINT : BL_TOKEN_BLOCK, at, 2)) return false;
  move_to(l, at + 2 + (sign == '-' || sign == '+'));
  return add_tag(l, kind == '{');
}

/* A copy with "\n" at the end of every line, and without that of the last. */
static bool copy_lines(bl_machine *m, bl_str source, bl_str *lines) {
  char *bytes = bl_take(m, source.size);
  size_t n = 0;
  if (!bytes || !bl_spend(m, source.size / 16)) return false;
  for (size_t i = 0; i < source.size; i++) {
    bool is_return = source.bytes[i] == '\r';
    if (is_return && i + 1 < source.size && source.bytes[i + 1] == '\n') continue;
    bytes[n++] = is_return ? '\n' : source.bytes[i];
  }
  if (n > 0 && bytes[n - 1] == '\n') n--;
  *lines = (bl_str){bytes, n};
  return true;
}

bool bl_template_tokens(bl_machine *m, bl_str source, bl_template_token **tokens) {
  lexer l = {.m = m, .line = 1, .line_starts = true};
  if (!bl_utf8_is_valid(source.bytes, source.size))
    return BL_STOP(m, "the chat template is not well-formed UTF-8");
  if (!copy_lines(m, source, &l.source)) return false;
  while (l.at < l.source.size)
    if (!add_next(&l)) return false;
  if (!add_kind(&l, BL_TOKEN_EOF, l.at, 0)) return false;
  *tokens = l.tokens;
  return true;
}
