#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

/* Cuts a message that was shortened in the middle of a UTF-8 sequence back to its last whole
 * character, and replaces control characters. */
static void tidy(char *message, size_t capacity) {
  size_t n = 0;
  for (; n < capacity && message[n]; n++) {
    unsigned char c = (unsigned char)message[n];
    if (c < 0x20 || c == 0x7f) message[n] = '?';
  }
  size_t start = n; /* of the last character */
  while (start > 0 && ((unsigned char)message[start - 1] & 0xc0) == 0x80) start--;
  if (start == 0) return;
  unsigned char lead = (unsigned char)message[start - 1];
  size_t expected = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (n - (start - 1) < expected) message[start - 1] = '\0';
}

bl_code bl_fail(bl_error *error, bl_code code, const char *format, ...) {
  if (!error) return code;
  va_list args;
  va_start(args, format);
  error->code = code;
  vsnprintf(error->message, sizeof error->message, format, args);
  va_end(args);
  tidy(error->message, sizeof error->message);
  return code;
}

bl_code bl_fail_memory(bl_error *error, uint64_t n_bytes) {
  return bl_fail(error, BL_ERR_MEMORY, "out of memory: %llu bytes could not be allocated",
                 (unsigned long long)n_bytes);
}
