/* Writing JSON piece by piece, in one of several layouts. A writer remembers that memory ran out:
 * what follows does nothing, and bl_json_finish says so, so that no text is ever incomplete. */
#ifndef BL_BASE_JSON_WRITE_H
#define BL_BASE_JSON_WRITE_H

#include "base/error.h"

#define BL_JSON_NUMBER 40

/* How a text is laid out. */
typedef struct bl_json_style {
  const char *indent;  /* of a level; an object's members each have a line. NULL: all is one line */
  const char *colon;   /* what stands between key and value */
  const char *escapes; /* pairs of a character and the letter that stands for it after '\' */
  bool items_have_lines;  /* so have a list's items; else they follow each other after ", " */
  bool braces_have_lines; /* an object's are on lines of their own even with nothing between */
  bool ascii;             /* other characters are escaped too, not only those that are not to see */
  void (*print_number)(double x, char digits[BL_JSON_NUMBER]); /* a finite one */
} bl_json_style;

/* On one line without spaces, numbers with 17 digits. */
extern const bl_json_style bl_json_compact;
#define BL_JSON_ESCAPES "\"\"\\\\\nn\tt\rr\bb\ff" /* all that JSON has, but for '/' */

/* Zero-initialise but for the style. Ends with bl_json_finish or bl_json_discard. */
typedef struct bl_json_writer {
  const bl_json_style *style;
  char *text; /* ends with NUL once there is any */
  size_t size, capacity;
  int depth;
  bool has_members; /* of what was opened last and is not closed yet */
  bool failed;
} bl_json_writer;

/* Values follow in the order in which they are to be read. `key` is NULL within a list and for the
 * outermost value. */
void bl_json_open(bl_json_writer *w, const char *key, char bracket);   /* '{' or '[' */
void bl_json_close(bl_json_writer *w, char bracket);                   /* '}' or ']' */
void bl_json_put_number(bl_json_writer *w, const char *key, double x); /* null if not finite */
void bl_json_put_bool(bl_json_writer *w, const char *key, bool x);
void bl_json_put_null(bl_json_writer *w, const char *key);
/* A C string; NULL gives null. Bytes that are not UTF-8 become U+FFFD, here and in keys; controls
 * that would act on a terminal are escaped. */
void bl_json_put_string(bl_json_writer *w, const char *key, const char *string);
/* The same for text in which NUL is a character like any other. */
void bl_json_put_bytes(bl_json_writer *w, const char *key, const char *bytes, size_t size);
/* A value that is JSON already. */
void bl_json_put_raw(bl_json_writer *w, const char *key, const char *json);

/* Hands the text over, which ends with NUL (not counted in *size; `size` may be NULL); free it. */
bl_code bl_json_finish(bl_json_writer *w, char **text, size_t *size, bl_error *error);
void bl_json_discard(bl_json_writer *w);

#endif
