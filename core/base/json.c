/* Reading JSON: the text is checked by the strict reader first, then cJSON makes the tree. */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_print.h"
#include "base/stranger.h"

#define MAX_EXACT 9007199254740992.0 /* 2^53: whole numbers up to here are exact in a double */

bl_code bl_json_refuse(const char *file, const bl_json_reader *reader, bl_error *error) {
  const char *stranger = bl_stranger(reader->text, reader->size);
  if (stranger)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: this is %s; expected JSON", file, stranger);
  bl_json_reader start = {.text = reader->text, .size = reader->size};
  bl_json_peek(&start);
  if (start.at == start.size)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: the file is %s, expected JSON", file,
                   start.size ? "blank" : "empty");
  char problem[160];
  bl_json_describe(reader, problem, sizeof problem);
  return bl_fail(error, BL_ERR_INPUT, "%.128s: not valid JSON%s: %s", file,
                 reader->at == reader->size ? ", or cut off" : "", problem);
}

bl_code bl_json_parse(const char *file, const char *text, size_t size, cJSON **json,
                      bl_error *error) {
  bl_json_reader reader = {.text = text, .size = size};
  if (!bl_json_skip(&reader) || !bl_json_end(&reader)) return bl_json_refuse(file, &reader, error);
  *json = cJSON_ParseWithLength(text, size);
  if (!*json) return bl_fail_memory(error, size);
  bl_json_mark_floats(*json, text);
  return BL_OK;
}

bl_code bl_json_parse_object(const char *file, const char *text, size_t size, cJSON **json,
                             bl_error *error) {
  bl_code code = bl_json_parse(file, text, size, json, error);
  if (code != BL_OK || cJSON_IsObject(*json)) return code;
  cJSON_Delete(*json);
  *json = NULL;
  return bl_fail(error, BL_ERR_INPUT, "%.128s: the text is not a JSON object", file);
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

bl_code bl_json_finish_tree(bl_json_writer *w, const char *file, cJSON **json, bl_error *error) {
  char *text = NULL;
  size_t size = 0;
  bl_code code = bl_json_finish(w, &text, &size, error);
  if (code == BL_OK) code = bl_json_parse(file, text, size, json, error);
  free(text);
  return code;
}

void bl_json_remove(cJSON *object, const char *key) {
  while (cJSON_GetObjectItemCaseSensitive(object, key))
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
}

bl_code bl_json_set(cJSON *object, const char *key, cJSON *value, bl_error *error) {
  bl_json_remove(object, key);
  if (value && cJSON_AddItemToObject(object, key, value)) return BL_OK;
  cJSON_Delete(value);
  return bl_fail_memory(error, sizeof *value + strlen(key) + 1);
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

bl_code bl_json_object(const char *file, const cJSON *object, const char *key, const cJSON **value,
                       bl_error *error) {
  *value = bl_json_member(object, key);
  if (cJSON_IsObject(*value) && !(*value)->child) *value = NULL;
  if (!*value || cJSON_IsObject(*value)) return BL_OK;
  return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is not an object", file, key);
}
