/* Printing JSON byte for byte as Python's json.dump(indent=4) does. */
#include "base/json_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* A bit of cJSON's `type` above those it uses itself; cJSON_Duplicate keeps it. */
#define IS_FLOAT (1 << 12)

/* Where the next number of a JSON text begins, strings passed over. */
static const char *next_number(const char *c) {
  for (;; c++) {
    if (*c == '-' || (*c >= '0' && *c <= '9')) return c;
    if (*c != '"') continue;
    for (c++; *c != '"'; c++)
      if (*c == '\\') c++;
  }
}

/* Numbers come in the text in the order in which the tree is walked. Returns where the walk got. */
static const char *mark_floats(cJSON *item, const char *at) {
  if (cJSON_IsNumber(item)) {
    at = next_number(at);
    size_t n = strspn(at, "+-0123456789.eE");
    for (size_t i = 0; i < n; i++)
      if (strchr(".eE", at[i])) item->type |= IS_FLOAT;
    return at + n;
  }
  for (cJSON *child = item->child; child; child = child->next) at = mark_floats(child, at);
  return at;
}

void bl_json_mark_floats(cJSON *json, const char *text) {
  /* A bare number has no bracket after it to end the text, which need not end in NUL. */
  if (json->child) mark_floats(json, text);
}

/* A text that grows; `failed` once memory ran out. */
typedef struct text {
  char *bytes;
  size_t size, capacity;
  bool failed;
} text;

static void put(text *t, const char *bytes, size_t n) {
  if (t->failed) return;
  if (t->capacity - t->size < n + 1) {
    size_t capacity = 2 * t->capacity + n + 256;
    char *grown = realloc(t->bytes, capacity);
    if (!grown) {
      t->failed = true;
      return;
    }
    t->bytes = grown;
    t->capacity = capacity;
  }
  memcpy(t->bytes + t->size, bytes, n);
  t->size += n;
  t->bytes[t->size] = '\0';
}

static void put_string(text *t, const char *string) {
  put(t, string, strlen(string));
}

static void put_line(text *t, int depth) {
  put_string(t, "\n");
  for (int i = 0; i < depth; i++) put_string(t, "    ");
}

/* Writes one character, given as its well-formed UTF-8, in ASCII; its length is returned. */
static size_t put_escaped(text *t, const char *c) {
  static const char *const short_escapes = "\"\"\\\\\nn\tt\rr\bb\ff";
  for (const char *e = short_escapes; *e; e += 2) {
    if (*c != e[0]) continue;
    put(t, (char[]){'\\', e[1]}, 2);
    return 1;
  }
  size_t length = bl_utf8_length(c, strlen(c));
  if (length <= 1 && (unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f) {
    put(t, c, 1);
    return 1;
  }
  static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  unsigned code = (unsigned char)*c & lead_bits[length > 0 ? length : 1];
  for (size_t i = 1; i < length; i++) code = code << 6 | ((unsigned char)c[i] & 0x3f);
  char escape[16];
  if (code < 0x10000)
    snprintf(escape, sizeof escape, "\\u%04x", code);
  else
    snprintf(escape, sizeof escape, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
             0xdc00 + ((code - 0x10000) & 0x3ff));
  put_string(t, escape);
  return length > 0 ? length : 1;
}

static void put_quoted(text *t, const char *string) {
  put_string(t, "\"");
  while (*string) string += put_escaped(t, string);
  put_string(t, "\"");
}

void bl_json_print_number(double x, bool is_float, char digits[BL_JSON_NUMBER]) {
  if (x == floor(x) && fabs(x) < (is_float ? 1e16 : 1e36)) {
    snprintf(digits, BL_JSON_NUMBER, is_float ? "%.1f" : "%.0f", x);
    return;
  }
  for (int precision = 1; precision <= 17; precision++) {
    snprintf(digits, BL_JSON_NUMBER, "%.*g", precision, x);
    if (strtod(digits, NULL) == x) break;
  }
}

static void put_value(text *t, const cJSON *item, int depth);

static void put_members(text *t, const cJSON *item, int depth) {
  bool is_object = cJSON_IsObject(item);
  put_string(t, is_object ? "{" : "[");
  for (const cJSON *child = item->child; child; child = child->next) {
    if (child != item->child) put_string(t, ",");
    put_line(t, depth + 1);
    if (is_object) {
      put_quoted(t, child->string);
      put_string(t, ": ");
    }
    put_value(t, child, depth + 1);
  }
  if (item->child) put_line(t, depth);
  put_string(t, is_object ? "}" : "]");
}

static void put_value(text *t, const cJSON *item, int depth) {
  if (cJSON_IsBool(item)) {
    put_string(t, cJSON_IsTrue(item) ? "true" : "false");
  } else if (cJSON_IsNumber(item)) {
    char digits[BL_JSON_NUMBER];
    bl_json_print_number(item->valuedouble, item->type & IS_FLOAT, digits);
    put_string(t, digits);
  } else if (cJSON_IsString(item)) {
    put_quoted(t, item->valuestring);
  } else if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
    put_members(t, item, depth);
  } else {
    put_string(t, "null");
  }
}

char *bl_json_print(const cJSON *json) {
  text t = {0};
  put_value(&t, json, 0);
  if (!t.failed) return t.bytes;
  free(t.bytes);
  return NULL;
}
