/* Printing JSON as Python's json.dump(indent=4) does, so that what is written here is byte for byte
 * what the libraries write. */
#ifndef BL_BASE_JSON_PRINT_H
#define BL_BASE_JSON_PRINT_H

#include <cJSON.h>

/* Remembers which numbers of a tree were written as floats ("10000.0", "1e4"), which cJSON forgets
 * and Python does not. `text` is the valid JSON that the tree was parsed from. */
void bl_json_mark_floats(cJSON *json, const char *text);

/* Allocated with malloc; NULL when out of memory. */
char *bl_json_print(const cJSON *json);

#endif
