/* Reading JSON piece by piece, strictly as RFC 8259 has it, without building a tree: exact 64-bit
 * integers, and no memory beyond the text. For large headers, and to check a text before cJSON
 * (which takes more than JSON) parses it. */
#ifndef BL_BASE_JSON_READER_H
#define BL_BASE_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All functions do nothing and return false once there is a problem. */
typedef struct bl_json_reader {
  const char *text;
  size_t size, at;
  const char *problem; /* NULL: none. Else what was expected at byte `at`: "',' or '}'" */
} bl_json_reader;

/* A string as it is written, without its quotes and with its escapes. */
typedef struct bl_json_raw {
  const char *bytes;
  size_t size;
} bl_json_raw;

/* The next character that is not white space, which stays unread; '\0' at the end. */
char bl_json_peek(bl_json_reader *reader);

/* Takes one of { [ : and so on; `problem` is what to say when it is not there. */
bool bl_json_take(bl_json_reader *reader, char c, const char *problem);

/* Is there another member before the closing bracket? Takes the comma before it, or the bracket.
 * *n counts the members so far and starts at 0. */
bool bl_json_more(bl_json_reader *reader, char close, uint64_t *n);

/* A member's key and its colon. */
bool bl_json_read_key(bl_json_reader *reader, bl_json_raw *key);

bool bl_json_read_string(bl_json_reader *reader, bl_json_raw *string);
/* A whole number from 0 to INT64_MAX, written with digits only. */
bool bl_json_read_count(bl_json_reader *reader, int64_t *value);
/* Any value, checked but not kept. */
bool bl_json_skip(bl_json_reader *reader);
/* Nothing but white space is left. */
bool bl_json_end(bl_json_reader *reader);

/* Once there is a problem: "at byte 5 of 9 found 'x', expected ':' after a key". 160 bytes
 * suffice. */
void bl_json_describe(const bl_json_reader *reader, char *text, size_t text_size);

/* Is the string, as written, this word? A word spelled with escapes is another one. */
bool bl_json_raw_is(bl_json_raw raw, const char *word);
/* Writes a string's characters with escapes resolved; at most raw.size bytes. Returns how many. */
size_t bl_json_unescape(bl_json_raw raw, char *out);

#endif
