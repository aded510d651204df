#include "base/json.h"

#include <math.h>
#include <string.h>

bl_code bl_json_parse(const char *file, const char *text, size_t size, cJSON **json,
                      bl_error *error) {
  const char *end = NULL;
  cJSON *parsed = cJSON_ParseWithLengthOpts(text, size, &end, false);
  size_t at = end ? (size_t)(end - text) : 0;
  if (parsed) {
    while (at < size && (strchr(" \t\r\n", text[at]) || text[at] == '\0')) at++;
    if (at == size) {
      *json = parsed;
      return BL_OK;
    }
    cJSON_Delete(parsed);
  }
  return bl_fail(error, BL_ERR_INPUT, "%s: not valid JSON at byte %zu of %zu", file, at, size);
}

static const char *kind_name(const cJSON *item) {
  if (cJSON_IsBool(item)) return cJSON_IsTrue(item) ? "true" : "false";
  if (cJSON_IsNumber(item)) return "a number";
  if (cJSON_IsString(item)) return "a string";
  if (cJSON_IsArray(item)) return "an array";
  return "an object";
}

/* The member, or NULL when it is absent or null. */
static const cJSON *member(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
  return item && !cJSON_IsNull(item) ? item : NULL;
}

bl_code bl_json_int(const char *file, const cJSON *object, const char *key, int64_t min,
                    int64_t max, int64_t *value, bl_error *error) {
  const cJSON *item = member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsNumber(item))
    return bl_fail(error, BL_ERR_INPUT, "%s: field '%s' is %s, expected a whole number", file, key,
                   kind_name(item));
  double x = item->valuedouble;
  if (!(x >= (double)min && x <= (double)max) || x != floor(x))
    return bl_fail(error, BL_ERR_INPUT,
                   "%s: field '%s' is %.17g, expected a whole number from %lld to %lld", file, key,
                   x, (long long)min, (long long)max);
  *value = (int64_t)x;
  return BL_OK;
}

bl_code bl_json_float(const char *file, const cJSON *object, const char *key, double min,
                      double max, double *value, bl_error *error) {
  const cJSON *item = member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsNumber(item))
    return bl_fail(error, BL_ERR_INPUT, "%s: field '%s' is %s, expected a number", file, key,
                   kind_name(item));
  if (!(item->valuedouble >= min && item->valuedouble <= max))
    return bl_fail(error, BL_ERR_INPUT, "%s: field '%s' is %g, expected %g to %g", file, key,
                   item->valuedouble, min, max);
  *value = item->valuedouble;
  return BL_OK;
}

bl_code bl_json_bool(const char *file, const cJSON *object, const char *key, bool *value,
                     bl_error *error) {
  const cJSON *item = member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsBool(item))
    return bl_fail(error, BL_ERR_INPUT, "%s: field '%s' is %s, expected true or false", file, key,
                   kind_name(item));
  *value = cJSON_IsTrue(item);
  return BL_OK;
}

bl_code bl_json_string(const char *file, const cJSON *object, const char *key, const char **value,
                       bl_error *error) {
  const cJSON *item = member(object, key);
  if (!item) return BL_OK;
  if (!cJSON_IsString(item))
    return bl_fail(error, BL_ERR_INPUT, "%s: field '%s' is %s, expected a string", file, key,
                   kind_name(item));
  *value = item->valuestring;
  return BL_OK;
}
