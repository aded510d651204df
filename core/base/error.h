/* Errors are values: a code, and one sentence for the user. */
#ifndef BL_BASE_ERROR_H
#define BL_BASE_ERROR_H

#include <stdarg.h>

#include "bitloss.h"

#if defined(__GNUC__)
#define BL_PRINTF(format_arg, first_arg) __attribute__((format(printf, format_arg, first_arg)))
#else
#define BL_PRINTF(format_arg, first_arg)
#endif

/* Leaves the sentence in `error` (which may be NULL) and returns `code`, so that a function can end
 * with `return bl_fail(error, BL_ERR_INPUT, "%s: field 'x' is %d, expected at least 1", …)`. What a
 * file supplied (names, values) must be printed with a bounded precision such as %.64s; characters
 * that would break a terminal or a sentence (controls) are replaced by '?'. The format is kept: it
 * must be a literal, one for each kind of error, and web/i18n has its sentence in Korean. */
bl_code bl_fail(bl_error *error, bl_code code, const char *format, ...) BL_PRINTF(3, 4);

/* printf for a sentence that holds what a file supplied: controls and bytes that are not UTF-8
 * become '?', and a last character that did not fit is dropped. */
void bl_copy_sentence(char *text, size_t text_size, const char *format, ...) BL_PRINTF(3, 4);
void bl_vcopy_sentence(char *text, size_t text_size, const char *format, va_list args);

/* The same for a failed allocation of n bytes. */
bl_code bl_fail_memory(bl_error *error, uint64_t n_bytes);

#endif
