/* Reading tokenizer.json: what its readers share, the kinds of models among them. */
#ifndef BL_TEXT_JSON_READING_H
#define BL_TEXT_JSON_READING_H

#include "base/json.h"
#include "text/parts.h"

/* The two long members of the model, as they stand in the text. They are read from there: as a tree
 * they would take ten times the memory of the rest of the file. */
typedef struct bl_long_parts {
  bl_json_raw vocabulary, merges; /* bytes NULL: absent */
} bl_long_parts;

/* What the readers of one file share. */
typedef struct bl_json_reading {
  bl_tokenizer *tokenizer;
  bl_long_parts parts;
  size_t text_size;      /* an id must be below it: a file has no room for more tokens than bytes */
  bl_buffer left, right; /* strings of the text with escapes resolved */
  int32_t n_vocabulary;  /* tokens of the model itself */
  int32_t last_added;    /* the highest id of an added token so far, or -1 */
  int64_t n_moved;       /* added tokens that do not get the file's id */
  int64_t n_shared;      /* added tokens that get an id of the vocabulary's */
  bl_error *error;
} bl_json_reading;

/* In sentences about it. */
extern const char bl_tokenizer_file[];

/* How many bytes of a text that a file has a sentence shows. */
static inline int bl_shown(size_t size) {
  return size < 64 ? (int)size : 64;
}

/* Makes `out` the string with its escapes resolved. */
bl_code bl_json_unescape_to(bl_json_reading *r, bl_json_raw raw, bl_buffer *out);

/* The reader found something else than what the format has there. */
bl_code bl_json_wrong_kind(bl_json_reading *r, const char *field, uint64_t n, const char *expected);

/* The number of members of an object or items of a list. */
size_t bl_json_count_items(bl_json_raw part);

/* Reads a vocabulary that is an object of texts and ids. */
bl_code bl_json_read_vocabulary(bl_json_reading *r);

#endif
