/* Printing JSON as Python's json.dump(indent=4) does, so that what is written here is byte for byte
 * what the libraries write. */
#ifndef BL_BASE_JSON_PRINT_H
#define BL_BASE_JSON_PRINT_H

#include <cJSON.h>

#include "base/json_write.h"

extern const bl_json_style bl_json_python;

/* Remembers which numbers of a tree were written as floats ("10000.0", "1e4"), which cJSON forgets
 * and Python does not. `text` is the valid JSON that the tree was parsed from. */
void bl_json_mark_floats(cJSON *json, const char *text);

/* The shortest decimal that reads back as the same finite number, as Python's repr; a whole number
 * gets ".0" with `is_float`, and all of its digits without, as far as there is room. */
void bl_json_print_number(double x, bool is_float, char digits[BL_JSON_NUMBER]);

/* Writes a tree, whose numbers are finite, in Python's style. */
void bl_json_put_tree(bl_json_writer *w, const char *key, const cJSON *item);

#endif
