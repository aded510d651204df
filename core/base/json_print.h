/* Printing JSON as Python's json.dump(indent=4) does, so that what is written here is byte for byte
 * what the libraries write. */
#ifndef BL_BASE_JSON_PRINT_H
#define BL_BASE_JSON_PRINT_H

#include <cJSON.h>
#include <stdbool.h>

/* Remembers which numbers of a tree were written as floats ("10000.0", "1e4"), which cJSON forgets
 * and Python does not. `text` is the valid JSON that the tree was parsed from. */
void bl_json_mark_floats(cJSON *json, const char *text);

#define BL_JSON_NUMBER 40

/* The shortest decimal that reads back as the same finite number, as Python's repr; a whole number
 * gets ".0" with `is_float`, and all of its digits without, as far as there is room. */
void bl_json_print_number(double x, bool is_float, char digits[BL_JSON_NUMBER]);

/* Allocated with malloc; NULL when out of memory. */
char *bl_json_print(const cJSON *json);

#endif
