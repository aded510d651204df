/* Reading JSON from files that nobody has checked: cJSON, with getters whose errors name the file
 * and the field. */
#ifndef BL_BASE_JSON_H
#define BL_BASE_JSON_H

#include <cJSON.h>

#include "base/json_reader.h"
#include "base/json_write.h"

/* Parses exactly `size` bytes (surrounding white space allowed), strictly: RFC 8259, UTF-8, at most
 * 128 levels, no NUL in strings, numbers within a double's range. On failure the sentence names
 * `file`, and what it is instead, or the byte at which the text stops being JSON and what was
 * expected there; BL_ERR_MEMORY is no fault of the text's. Free with cJSON_Delete. */
bl_code bl_json_parse(const char *file, const char *text, size_t size, cJSON **json,
                      bl_error *error);
/* The same for a text that must be an object. */
bl_code bl_json_parse_object(const char *file, const char *text, size_t size, cJSON **json,
                             bl_error *error);
/* Says what is wrong with a text for which `reader` has a problem. */
bl_code bl_json_refuse(const char *file, const bl_json_reader *reader, bl_error *error);

/* Reads what was written as a tree, in the place of bl_json_finish; `file` is for the sentence. */
bl_code bl_json_finish_tree(bl_json_writer *w, const char *file, cJSON **json, bl_error *error);

/* Removes an object's members of that key. */
void bl_json_remove(cJSON *object, const char *key);

/* Gives an object a member in the place of any with that key. Takes `value` over, also where it
 * fails, which is for want of memory only; NULL means that there was none for the value. */
bl_code bl_json_set(cJSON *object, const char *key, cJSON *value, bl_error *error);

/* The member of an object, or NULL when it is absent or null. Of several members with one key the
 * last counts, as in Python. */
const cJSON *bl_json_member(const cJSON *object, const char *key);

/* Getters for a member of an object. A member that is absent or null leaves *value as it was (the
 * default) and is no error; one of the wrong type, or out of [min, max], is. Of several members
 * with one key the last counts, as in Python. */
bl_code bl_json_int(const char *file, const cJSON *object, const char *key, int64_t min,
                    int64_t max, int64_t *value, bl_error *error);
bl_code bl_json_float(const char *file, const cJSON *object, const char *key, double min,
                      double max, double *value, bl_error *error);
bl_code bl_json_bool(const char *file, const cJSON *object, const char *key, bool *value,
                     bl_error *error);
/* A member that must be an object; *value becomes NULL where it is absent, null or empty. */
bl_code bl_json_object(const char *file, const cJSON *object, const char *key, const cJSON **value,
                       bl_error *error);
/* *value points into the object. */
bl_code bl_json_string(const char *file, const cJSON *object, const char *key, const char **value,
                       bl_error *error);

#endif
