/* What the files of exports share: the last error, and structs written as JSON text. */
#ifndef BL_WASM_EXPORTS_H
#define BL_WASM_EXPORTS_H

#include <stdbool.h>

#include "bitloss.h"

#define EXPORT(name) __attribute__((export_name(#name)))

/* A module instance serves one thread, so these are its own. */
extern bl_error bw_last_error;

/* Begins a JSON text in place of the one before. Values follow in the order in which they are to be
 * read; `key` is NULL within an array and for the outermost value. A number that is not finite is
 * written as null. Keys are plain ASCII. */
void bw_json_begin(void);
void bw_json_open(const char *key, char bracket); /* '{' or '[' */
void bw_json_close(char bracket);
void bw_json_number(const char *key, double x);
void bw_json_bool(const char *key, bool x);
void bw_json_string(const char *key, const char *text); /* NULL: null */
/* An element: a Note of wasm/types.ts. */
void bw_json_note(const bl_note *note);
/* The text, valid until the next bw_json_begin; NULL and an error when memory ran out. */
const char *bw_json_end(void);

#endif
