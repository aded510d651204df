/* Reading and writing characters in UTF-8: the one place that knows its bits. */
#include "base/utf8.h"

/* Length of the character that a lead byte begins, and the range of its second byte; 0 for a byte
 * that begins none. */
static size_t lead_length(uint8_t lead, uint8_t *low, uint8_t *high) {
  *low = 0x80;
  *high = 0xbf;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  if (lead == 0xe0) *low = 0xa0;
  if (lead == 0xed) *high = 0x9f;
  if (lead < 0xf0) return 3;
  if (lead == 0xf0) *low = 0x90;
  if (lead == 0xf4) *high = 0x8f;
  return 4;
}

uint32_t bl_utf8_decode(const char *text, size_t size, size_t at, size_t *length) {
  const uint8_t *s = (const uint8_t *)text + at;
  uint8_t low, high;
  size_t n = lead_length(s[0], &low, &high);
  *length = 1;
  if (n == 1) return s[0];
  if (n == 0) return BL_BAD_UTF8;
  uint32_t cp = s[0] & (0x7fu >> n);
  for (; *length < n; ++*length) {
    size_t i = *length;
    if (i == size - at || s[i] < low || s[i] > high) return BL_BAD_UTF8;
    cp = cp << 6 | (s[i] & 0x3fu);
    low = 0x80;
    high = 0xbf;
  }
  return cp;
}

size_t bl_utf8_missing(const char *text, size_t size) {
  if (size == 0) return 0;
  uint8_t low, high;
  size_t n = lead_length((uint8_t)text[0], &low, &high), length;
  if (n <= size || bl_utf8_decode(text, size, 0, &length) != BL_BAD_UTF8) return 0;
  return length == size ? n - size : 0;
}

bool bl_utf8_is_valid(const char *text, size_t n) {
  size_t length;
  for (size_t at = 0; at < n; at += length)
    if (bl_utf8_decode(text, n, at, &length) == BL_BAD_UTF8) return false;
  return true;
}

size_t bl_utf8_encode(uint32_t code, char bytes[4]) {
  size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = n; i-- > 1; code >>= 6) bytes[i] = (char)(0x80 | (code & 0x3f));
  bytes[0] = (char)(n == 1 ? code : code | (0xf00u >> n & 0xff));
  return n;
}
