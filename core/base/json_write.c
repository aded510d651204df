/* Writing JSON piece by piece: layouts, escapes, and the memory that a text takes. */
#include "base/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void print_17_digits(double x, char digits[BL_JSON_NUMBER]) {
  snprintf(digits, BL_JSON_NUMBER, "%.17g", x);
}

const bl_json_style bl_json_compact = {
    .colon = ":",
    .escapes = BL_JSON_ESCAPES,
    .print_number = print_17_digits,
};

static void put(bl_json_writer *w, const char *bytes, size_t n) {
  if (w->failed) return;
  if (w->capacity - w->size < n + 1) {
    size_t capacity = 2 * w->capacity + n + 256;
    char *grown = realloc(w->text, capacity);
    if (!grown) {
      w->failed = true;
      return;
    }
    w->text = grown;
    w->capacity = capacity;
  }
  memcpy(w->text + w->size, bytes, n);
  w->size += n;
  w->text[w->size] = '\0';
}

static void put_text(bl_json_writer *w, const char *text) {
  put(w, text, strlen(text));
}

static void put_line(bl_json_writer *w) {
  put(w, "\n", 1);
  for (int i = 0; i < w->depth; i++) put_text(w, w->style->indent);
}

/* ---- strings ------------------------------------------------------------------------------- */

static void put_code(bl_json_writer *w, uint32_t code) {
  char escape[16];
  if (code < 0x10000)
    snprintf(escape, sizeof escape, "\\u%04x", (unsigned)code);
  else
    snprintf(escape, sizeof escape, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (code >> 10)),
             (unsigned)(0xdc00 + (code & 0x3ff)));
  put_text(w, escape);
}

/* Writes the first character of n >= 1 bytes; returns how many of these it took. */
static size_t put_character(bl_json_writer *w, const char *bytes, size_t n) {
  size_t length;
  uint32_t code = bl_utf8_decode(bytes, n, 0, &length);
  bool is_whole = code != BL_BAD_UTF8;
  if (!is_whole) code = 0xfffd;
  const char *escape = w->style->escapes;
  while (*escape && (unsigned char)*escape != code) escape += 2;
  if (*escape)
    put(w, (char[]){'\\', escape[1]}, 2);
  else if (bl_is_control(code) || (w->style->ascii && code >= 0x80))
    put_code(w, code);
  else if (!is_whole)
    put_text(w, "\xef\xbf\xbd");
  else
    put(w, bytes, length);
  return is_whole ? length : 1;
}

static void put_quoted(bl_json_writer *w, const char *bytes, size_t n) {
  put(w, "\"", 1);
  for (size_t i = 0; i < n;) i += put_character(w, bytes + i, n - i);
  put(w, "\"", 1);
}

/* ---- values -------------------------------------------------------------------------------- */

/* What comes before a value: a comma unless it is the first, its place and its key. */
static void begin_value(bl_json_writer *w, const char *key) {
  const bl_json_style *style = w->style;
  if (w->has_members) put(w, ",", 1);
  if (style->indent && w->depth > 0 && (key || style->items_have_lines))
    put_line(w);
  else if (style->indent && w->has_members)
    put(w, " ", 1);
  w->has_members = true;
  if (!key) return;
  put_quoted(w, key, strlen(key));
  put_text(w, style->colon);
}

void bl_json_open(bl_json_writer *w, const char *key, char bracket) {
  begin_value(w, key);
  put(w, &bracket, 1);
  w->depth++;
  w->has_members = false;
}

void bl_json_close(bl_json_writer *w, char bracket) {
  const bl_json_style *style = w->style;
  bool has_lines = bracket == '}' ? w->has_members || style->braces_have_lines
                                  : w->has_members && style->items_have_lines;
  w->depth--;
  if (style->indent && has_lines) put_line(w);
  put(w, &bracket, 1);
  w->has_members = true;
}

void bl_json_put_raw(bl_json_writer *w, const char *key, const char *json) {
  begin_value(w, key);
  put_text(w, json);
}

void bl_json_put_number(bl_json_writer *w, const char *key, double x) {
  char digits[BL_JSON_NUMBER] = "null";
  if (isfinite(x)) w->style->print_number(x, digits);
  bl_json_put_raw(w, key, digits);
}

void bl_json_put_bool(bl_json_writer *w, const char *key, bool x) {
  bl_json_put_raw(w, key, x ? "true" : "false");
}

void bl_json_put_null(bl_json_writer *w, const char *key) {
  bl_json_put_raw(w, key, "null");
}

void bl_json_put_bytes(bl_json_writer *w, const char *key, const char *bytes, size_t size) {
  begin_value(w, key);
  put_quoted(w, bytes, size);
}

void bl_json_put_string(bl_json_writer *w, const char *key, const char *string) {
  if (string)
    bl_json_put_bytes(w, key, string, strlen(string));
  else
    bl_json_put_null(w, key);
}

/* ---- the end ------------------------------------------------------------------------------- */

bl_code bl_json_finish(bl_json_writer *w, char **text, size_t *size, bl_error *error) {
  if (w->failed || !w->text) {
    bl_code code = bl_fail_memory(error, w->size);
    bl_json_discard(w);
    return code;
  }
  *text = w->text;
  if (size) *size = w->size;
  *w = (bl_json_writer){.style = w->style};
  return BL_OK;
}

void bl_json_discard(bl_json_writer *w) {
  free(w->text);
  *w = (bl_json_writer){.style = w->style};
}
