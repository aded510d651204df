/* Printing JSON byte for byte as Python's json.dump(indent=4) does. */
#include "base/json_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void print_number(double x, char digits[BL_JSON_NUMBER]) {
  bl_json_print_number(x, false, digits);
}

const bl_json_style bl_json_python = {
    .indent = "    ",
    .colon = ": ",
    .escapes = BL_JSON_ESCAPES,
    .items_have_lines = true,
    .ascii = true,
    .print_number = print_number,
};

void bl_json_put_tree(bl_json_writer *w, const char *key, const cJSON *item) {
  if (cJSON_IsBool(item)) {
    bl_json_put_bool(w, key, cJSON_IsTrue(item));
  } else if (cJSON_IsNumber(item)) {
    char digits[BL_JSON_NUMBER];
    bl_json_print_number(item->valuedouble, item->type & IS_FLOAT, digits);
    bl_json_put_raw(w, key, digits);
  } else if (cJSON_IsString(item)) {
    bl_json_put_string(w, key, item->valuestring);
  } else if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
    bool is_object = cJSON_IsObject(item);
    bl_json_open(w, key, is_object ? '{' : '[');
    for (const cJSON *child = item->child; child; child = child->next)
      bl_json_put_tree(w, is_object ? child->string : NULL, child);
    bl_json_close(w, is_object ? '}' : ']');
  } else {
    bl_json_put_null(w, key);
  }
}
