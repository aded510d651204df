/* Remarks that stop nothing, gathered while a model is read or an export is made: what was done
 * otherwise than the files or the caller say, and what was left out. A front end shows every one.
 */
#ifndef BL_BASE_NOTES_H
#define BL_BASE_NOTES_H

#include "base/error.h"

typedef struct bl_notes {
  int n;
  bl_note *list; /* (n) */
} bl_notes;

/* Adds a note; `kind` is a string literal, `subject` the tensor, field or file that it is about
 * (copied, cut where it is too long), `count` how many of something, or 0. One of the same kind and
 * subject as an earlier one replaces it. A file cannot make the list long: after the first
 * BL_MAX_NOTES a last one says how many more there were. Fails only for want of memory. */
#define BL_MAX_NOTES 64
bl_code bl_note_add(bl_notes *notes, bl_error *error, const char *kind, const char *subject,
                    int64_t count, const char *format, ...) BL_PRINTF(6, 7);
void bl_notes_free(bl_notes *notes);

#endif
