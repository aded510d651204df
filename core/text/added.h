/* Tokens that are recognised in a text before it is normalized and split, such as "<|im_end|>". */
#ifndef BL_TEXT_ADDED_H
#define BL_TEXT_ADDED_H

#include "text/buffer.h"

typedef struct bl_added_token {
  const char *text; /* what is looked for; the set owns it; not NUL-terminated */
  size_t size;
  int32_t id;
  bool special;
  bool single_word; /* not next to a letter, mark or digit */
  bool left_strip;  /* takes the white space before it along */
  bool right_strip; /* takes the white space after it along */
  bool normalized;  /* looked for in the normalized text */
} bl_added_token;

/* Tokens, sorted by bl_added_sort before the first search. Zero-initialise. */
typedef struct bl_added_set {
  bl_added_token *tokens;
  size_t n, capacity;
  bool begins[256]; /* some token begins with this byte */
} bl_added_set;

/* Steps that all searches in a text of `size` bytes may take: beyond that the tokens were made to
 * be slow. */
static inline uint64_t bl_added_budget(size_t size) {
  return 1000000 + (uint64_t)size * 128;
}

enum { BL_MAX_ADDED_SIZE = 4096 }; /* bytes of an added token */

/* Appends a token with a copy of its text, which must be of 1 to BL_MAX_ADDED_SIZE bytes. */
bl_code bl_added_append(bl_added_set *set, bl_added_token token, bl_error *error);
void bl_added_sort(bl_added_set *set);
void bl_added_free(bl_added_set *set);

/* Finds the next token in text[from .. size): the leftmost, and of those the longest. What it takes
 * is [*start, *end), white space included; *resume is where the search goes on. `taken` is where
 * the previous token ended, and bounds what is stripped on the left. NULL: none, or the search took
 * more than *budget steps, of which nothing is then left. */
const bl_added_token *bl_added_find(const bl_added_set *set, const char *text, size_t size,
                                    size_t from, size_t taken, size_t *start, size_t *end,
                                    size_t *resume, uint64_t *budget);

#endif
