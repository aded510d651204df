/* Errors are values: a code, and one sentence for the user. */
#ifndef BL_BASE_ERROR_H
#define BL_BASE_ERROR_H

#include "bitloss.h"

#if defined(__GNUC__)
#define BL_PRINTF(format_arg, first_arg) __attribute__((format(printf, format_arg, first_arg)))
#else
#define BL_PRINTF(format_arg, first_arg)
#endif

/* Leaves the sentence in `error` (which may be NULL) and returns `code`, so that a function can end
 * with `return bl_fail(error, BL_ERR_INPUT, "%s: field 'x' is %d, expected at least 1", …)`. What a
 * file supplied (names, values) must be printed with a bounded precision such as %.64s; characters
 * that would break a terminal or a sentence (controls) are replaced by '?'. */
bl_code bl_fail(bl_error *error, bl_code code, const char *format, ...) BL_PRINTF(3, 4);

/* The same for a failed allocation of n bytes. */
bl_code bl_fail_memory(bl_error *error, uint64_t n_bytes);

#endif
