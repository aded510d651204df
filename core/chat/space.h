/* Chat templates: white space, as Python's str has it. */
#ifndef BL_CHAT_SPACE_H
#define BL_CHAT_SPACE_H

#include "chat/value.h"

/* str.isspace of a character: the property White_Space and four separators among the controls. */
bool bl_is_space(uint32_t code);
/* Without the characters of `set` at the beginning, or the end; without white space where its bytes
 * are NULL. */
bl_str bl_strip_start(bl_str text, bl_str set);
bl_str bl_strip_end(bl_str text, bl_str set);

#endif
