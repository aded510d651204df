/* What the module takes from whoever starts it: wasm/loader.ts has the functions, wasm/imports.js
 * their names for the linker. */
#ifndef BL_WASM_IMPORTS_H
#define BL_WASM_IMPORTS_H

#include <stddef.h>

/* Seconds on the browser's own clock. */
double bw_now(void);

/* Told how far long work is, of so much in all; 0 stops it. */
int bw_progress(double n_done, double n_total);

/* As many as JavaScript writes. */
enum { BW_DIGITS = 101 };

/* Writes the first BW_DIGITS significant digits of a finite x >= 0, '0' to '9', the last one
 * rounded. Returns the power of ten of the first; x = 0 is all zeros, from 10^0 on. */
int bw_write_digits(double x, char digits[BW_DIGITS]);

/* The double nearest to the decimal number that the n characters are, ties to even; infinity when
 * it is too large. A sign may come first; then digits, with a point before, among or after them,
 * and perhaps an exponent. */
double bw_read_number(const char *text, size_t n);

#endif
