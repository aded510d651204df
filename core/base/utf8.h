/* Well-formed UTF-8, as Unicode's table 3-7 has it: no surrogates, no overlong forms. */
#ifndef BL_BASE_UTF8_H
#define BL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the character at text[at], at < size, and sets *length. What is not UTF-8 gives
 * BL_BAD_UTF8, and as *length that of the longest beginning of a character that stands there, at
 * least 1: the bytes that one U+FFFD replaces (Unicode 16, section 3.9, as Python does). */
#define BL_BAD_UTF8 0xffffffffu
uint32_t bl_utf8_decode(const char *text, size_t size, size_t at, size_t *length);

/* How many bytes text[0 .. size) would need to become a whole character, when it is a proper
 * beginning of one; else 0. */
size_t bl_utf8_missing(const char *text, size_t size);

/* Bytes (1 to 4) of the character at the start of `text`, which has n >= 1 bytes; 0 when they are
 * not a whole well-formed character. */
static inline size_t bl_utf8_length(const char *text, size_t n) {
  size_t length;
  if ((unsigned char)*text < 0x80) return 1;
  return bl_utf8_decode(text, n, 0, &length) == BL_BAD_UTF8 ? 0 : length;
}

/* Is the whole text well formed? */
bool bl_utf8_is_valid(const char *text, size_t n);

/* Is it a byte that goes on with a character, in well-formed text? */
static inline bool bl_utf8_goes_on(char byte) {
  return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Writes a code point, and returns how many bytes it takes. */
size_t bl_utf8_encode(uint32_t code, char bytes[4]);

/* Does the character act on a terminal instead of showing: one of the C0 and C1 controls, or one of
 * those that set the direction of text (U+061C, U+200E and F, U+202A to E, U+2066 to 9)? */
static inline bool bl_is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
         code == 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

#endif
