#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_reader.h"

#define MAX_EXACT 9007199254740992.0 /* 2^53: whole numbers up to here are exact in a double */

bl_code bl_json_parse(const char *file, const char *text, size_t size, cJSON **json,
                      bl_error *error) {
  bl_json_reader reader = {.text = text, .size = size};
  if (!bl_json_skip(&reader) || !bl_json_end(&reader)) {
    char problem[160];
    bl_json_describe(&reader, problem, sizeof problem);
    return bl_fail(error, BL_ERR_INPUT, "%.128s: not valid JSON: %s", file, problem);
  }
  *json = cJSON_ParseWithLength(text, size);
  return *json ? BL_OK : bl_fail_memory(error, size);
}

static const char *kind_name(const cJSON *item) {
  if (cJSON_IsBool(item)) return cJSON_IsTrue(item) ? "true" : "false";
  if (cJSON_IsNumber(item)) return "a number";
  if (cJSON_IsString(item)) return "a string";
  if (cJSON_IsArray(item)) return "an array";
  return "an object";
}

const cJSON *bl_json_member(const cJSON *object, const char *key) {
  const cJSON *found = NULL;
  for (const cJSON *item = object ? object->child : NULL; item; item = item->next)
    if (item->string && strcmp(item->string, key) == 0) found = item;
  return found && !cJSON_IsNull(found) ? found : NULL;
}

bl_code bl_json_int(const char *file, const cJSON *object, const char *key, int64_t min,
                    int64_t max, int64_t *value, bl_error *error) {
  const cJSON *item = bl_json_member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsNumber(item))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %s, expected a whole number", file,
                   key, kind_name(item));
  double x = item->valuedouble;
  bool exact = fabs(x) <= MAX_EXACT && x == floor(x);
  if (!exact || (int64_t)x < min || (int64_t)x > max)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: field '%s' is %.17g, expected a whole number from %lld to %lld", file,
                   key, x, (long long)min, (long long)max);
  *value = (int64_t)x;
  return BL_OK;
}

bl_code bl_json_float(const char *file, const cJSON *object, const char *key, double min,
                      double max, double *value, bl_error *error) {
  const cJSON *item = bl_json_member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsNumber(item))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %s, expected a number", file, key,
                   kind_name(item));
  if (!(item->valuedouble >= min && item->valuedouble <= max))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %g, expected %g to %g", file, key,
                   item->valuedouble, min, max);
  *value = item->valuedouble;
  return BL_OK;
}

bl_code bl_json_bool(const char *file, const cJSON *object, const char *key, bool *value,
                     bl_error *error) {
  const cJSON *item = bl_json_member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsBool(item))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %s, expected true or false", file,
                   key, kind_name(item));
  *value = cJSON_IsTrue(item);
  return BL_OK;
}

bl_code bl_json_string(const char *file, const cJSON *object, const char *key, const char **value,
                       bl_error *error) {
  const cJSON *item = bl_json_member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsString(item))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %s, expected a string", file, key,
                   kind_name(item));
  *value = item->valuestring;
  return BL_OK;
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

static void put_quoted(text *t, const char *string) {
  put_string(t, "\"");
  for (const char *c = string; *c; c++) {
    char escape[8];
    if (*c == '"' || *c == '\\') {
      snprintf(escape, sizeof escape, "\\%c", *c);
    } else if ((unsigned char)*c < 0x20) {
      snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*c);
    } else {
      put(t, c, 1);
      continue;
    }
    put_string(t, escape);
  }
  put_string(t, "\"");
}

/* The shortest decimal that reads back as the same number. */
static void put_number(text *t, double x) {
  char digits[40];
  if (x == floor(x) && fabs(x) < 0x1p53) {
    snprintf(digits, sizeof digits, "%.0f", x);
  } else {
    for (int precision = 1; precision <= 17; precision++) {
      snprintf(digits, sizeof digits, "%.*g", precision, x);
      if (strtod(digits, NULL) == x) break;
    }
  }
  put_string(t, digits);
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
    put_number(t, item->valuedouble);
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
