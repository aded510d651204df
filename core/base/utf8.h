/* Well-formed UTF-8, as Unicode's table 3-7 has it: no surrogates, no overlong forms. */
#ifndef BL_BASE_UTF8_H
#define BL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes (1 to 4) of the character at the start of `text`, which has n >= 1 bytes; 0 when they are
 * not a whole well-formed character. */
static inline size_t bl_utf8_length(const char *text, size_t n) {
  const unsigned char *p = (const unsigned char *)text;
  if (p[0] < 0x80) return 1;
  size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4 || n < length) return 0;
  unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
  unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < length; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  return length;
}

/* The code point of a well-formed character of `length` bytes. */
static inline uint32_t bl_utf8_code(const char *text, size_t length) {
  const unsigned char *p = (const unsigned char *)text;
  uint32_t code = length == 1 ? p[0] : p[0] & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) code = code << 6 | (p[i] & 0x3fu);
  return code;
}

/* Does the character act on a terminal instead of showing: one of the C0 and C1 controls, or one of
 * those that set the direction of text (U+061C, U+200E and F, U+202A to E, U+2066 to 9)? */
static inline bool bl_is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
         code == 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* Is the whole text well formed and free of NUL, so that it can be a plain C string? */
static inline bool bl_utf8_plain(const char *text, size_t n) {
  if (n && memchr(text, 0, n)) return false;
  for (size_t i = 0; i < n;) {
    size_t length = bl_utf8_length(text + i, n - i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

#endif
