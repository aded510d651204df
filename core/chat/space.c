/* Chat templates: white space, and taking it away. */
#include "chat/space.h"

#include <string.h>

#include "text/unicode.h"

bool bl_is_space(uint32_t code) {
  return (code >= 0x1c && code <= 0x1f) || bl_unicode_is_space(code);
}

static bool is_in_set(const char *character, size_t size, bl_str set) {
  if (!set.bytes) {
    size_t length;
    return bl_is_space(bl_utf8_decode(character, size, 0, &length));
  }
  for (size_t at = 0; at + size <= set.size; at++)
    if (memcmp(set.bytes + at, character, size) == 0) return true;
  return false;
}

bl_str bl_strip_start(bl_str text, bl_str set) {
  while (text.size > 0) {
    size_t size = bl_utf8_length(text.bytes, text.size);
    if (!is_in_set(text.bytes, size, set)) break;
    text.bytes += size;
    text.size -= size;
  }
  return text;
}

bl_str bl_strip_end(bl_str text, bl_str set) {
  while (text.size > 0) {
    size_t at = text.size - 1;
    while (at > 0 && bl_utf8_goes_on(text.bytes[at])) at--;
    if (!is_in_set(text.bytes + at, text.size - at, set)) break;
    text.size = at;
  }
  return text;
}
