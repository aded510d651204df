/* JSON text for JavaScript to parse, written piece by piece: there is no need for a tree first. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "exports.h"

static char *text;
static size_t size, capacity;
static bool failed;

static void put(const char *bytes, size_t n) {
  if (failed) return;
  if (capacity - size < n + 1) {
    size_t larger = 2 * capacity + n + 1024;
    char *grown = realloc(text, larger);
    if (!grown) {
      failed = true;
      return;
    }
    text = grown;
    capacity = larger;
  }
  memcpy(text + size, bytes, n);
  size += n;
  text[size] = '\0';
}

static void put_quoted(const char *string) {
  put("\"", 1);
  for (const char *c = string; *c; c++) {
    char escape[8];
    if (*c == '"' || *c == '\\')
      put(escape, (size_t)snprintf(escape, sizeof escape, "\\%c", *c));
    else if ((unsigned char)*c < 0x20)
      put(escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*c));
    else
      put(c, 1);
  }
  put("\"", 1);
}

/* What comes before a value: a comma unless it is the first, and its key. */
static void put_key(const char *key) {
  if (size > 0 && text[size - 1] != '{' && text[size - 1] != '[') put(",", 1);
  if (!key) return;
  put_quoted(key);
  put(":", 1);
}

void bw_json_begin(void) {
  size = 0;
  failed = false;
}

void bw_json_open(const char *key, char bracket) {
  put_key(key);
  put(&bracket, 1);
}

void bw_json_close(char bracket) {
  put(&bracket, 1);
}

void bw_json_number(const char *key, double x) {
  char digits[32];
  put_key(key);
  if (isfinite(x))
    put(digits, (size_t)snprintf(digits, sizeof digits, "%.17g", x));
  else
    put("null", 4);
}

void bw_json_bool(const char *key, bool x) {
  put_key(key);
  put(x ? "true" : "false", x ? 4 : 5);
}

void bw_json_string(const char *key, const char *string) {
  put_key(key);
  if (string)
    put_quoted(string);
  else
    put("null", 4);
}

const char *bw_json_end(void) {
  if (!failed) return text;
  bl_fail_memory(&bw_last_error, size);
  return NULL;
}
