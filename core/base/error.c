/* Sentences for the user, made of what a file supplied and safe to print. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Makes any bytes a line of well-formed UTF-8: controls but `kept`, and stray bytes, become '?',
 * and a last character that did not fit is dropped. */
static void tidy(char *message, size_t n, bool was_cut, uint32_t kept) {
  for (size_t i = 0; i < n;) {
    size_t length;
    uint32_t code = bl_utf8_decode(message, n, i, &length);
    if (code == BL_BAD_UTF8 && was_cut && n - i < 4 && (unsigned char)message[i] >= 0xc2) {
      message[i] = '\0';
      return;
    }
    if (code != BL_BAD_UTF8 && (code == kept || !bl_is_control(code))) {
      i += length;
      continue;
    }
    /* One '?' for each of the bytes, as none may be left out. */
    for (size_t end = i + length; i < end; i++) message[i] = '?';
  }
}

static void print(char *text, size_t text_size, uint32_t kept, const char *format, va_list args) {
  int n = vsnprintf(text, text_size, format, args);
  bool was_cut = n >= (int)text_size;
  tidy(text, was_cut ? text_size - 1 : n > 0 ? (size_t)n : 0, was_cut, kept);
}

void bl_vcopy_sentence(char *text, size_t text_size, const char *format, va_list args) {
  print(text, text_size, BL_BAD_UTF8, format, args);
}

void bl_copy_sentence(char *text, size_t text_size, const char *format, ...) {
  va_list args;
  va_start(args, format);
  bl_vcopy_sentence(text, text_size, format, args);
  va_end(args);
}

/* A format's conversions alone, with BL_FIELD_END after each, up to the first that does not fit:
 * those after it would take its arguments. */
static void take_conversions(const char *format, char *taken, size_t size) {
  char *end = taken + size - 2;
  while ((format = strchr(format, '%')) && taken < end) {
    size_t n = strcspn(format + 1, "%diouxXeEfFgGaAcsp") + 2;
    if (format[n - 1] != '%') {
      if (n >= (size_t)(end - taken)) break;
      memcpy(taken, format, n);
      taken += n;
      *taken++ = BL_FIELD_END;
    }
    format += n;
  }
  *taken = '\0';
}

bl_code bl_fail(bl_error *error, bl_code code, const char *format, ...) {
  if (!error) return code;
  char conversions[128];
  va_list args;
  take_conversions(format, conversions, sizeof conversions);
  error->code = code;
  error->format = format;
  va_start(args, format);
  bl_vcopy_sentence(error->message, sizeof error->message, format, args);
  va_end(args);
  va_start(args, format);
  print(error->fields, sizeof error->fields, BL_FIELD_END, conversions, args);
  va_end(args);
  return code;
}

bl_code bl_fail_memory(bl_error *error, uint64_t n_bytes) {
  return bl_fail(error, BL_ERR_MEMORY, "out of memory: %llu bytes could not be allocated",
                 (unsigned long long)n_bytes);
}
