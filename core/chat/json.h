/* Chat templates: values from JSON and as JSON. */
#ifndef BL_CHAT_JSON_H
#define BL_CHAT_JSON_H

#include "chat/value.h"

/* Reads a value; `file` is what the text is called in an error. */
bool bl_value_from_json(bl_machine *m, const char *file, const char *text, size_t size,
                        bl_value *value);

/* How json.dumps is to write. */
typedef struct bl_dump {
  bool ascii, sorted;
  bool has_lines;   /* indented */
  bl_str indent;    /* of a level */
  bl_str item, key; /* what stands after an item, and after a key */
} bl_dump;

/* Writes what Python's json.dumps does to m->out. */
bool bl_write_json(bl_machine *m, bl_value value, const bl_dump *dump, int level);

#endif
