/* One token by itself, to be shown. */
#include <stdio.h>
#include <string.h>

#include "text/parts.h"

static const char cut[] = "\xe2\x80\xa6"; /* … */

void bl_tokenizer_label(const bl_tokenizer *tokenizer, int32_t id, char *label, size_t size) {
  const char *bytes = "";
  size_t n = 0, length, used = 0;
  const size_t room = size - sizeof cut; /* what is cut needs its mark */
  if (bl_tokenizer_bytes(tokenizer, id, true, &bytes, &n, NULL) != BL_OK) n = 0;
  for (size_t at = 0; at < n; at += length) {
    char stray[16];
    const char *part = bytes + at;
    size_t part_size = 4;
    if (bl_utf8_decode(bytes, n, at, &length) == BL_BAD_UTF8) {
      length = 1;
      snprintf(stray, sizeof stray, "<%02X>", (unsigned)(unsigned char)*part);
      part = stray;
    } else {
      part_size = length;
    }
    if (used + part_size > room) {
      memcpy(label + used, cut, sizeof cut - 1);
      used += sizeof cut - 1;
      break;
    }
    memcpy(label + used, part, part_size);
    used += part_size;
  }
  label[used] = 0;
}
