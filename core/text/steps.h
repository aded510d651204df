/* What is done to a text before a model makes ids of it: a list of steps, each of which changes the
 * text or cuts it into smaller pieces. Normalizers and pre-tokenizers of tokenizer.json become
 * these. */
#ifndef BL_TEXT_STEPS_H
#define BL_TEXT_STEPS_H

#include "text/pattern.h"

typedef enum bl_step_action {
  BL_DO_REWRITE, /* `rewrite` makes another text of each piece */
  BL_DO_PREPEND, /* `text` goes before each piece that is not empty, and: */
  BL_DO_REPLACE, /* each match of the pattern becomes `text` */
  BL_DO_SPLIT,   /* cut where matches of the pattern, or of `find`, begin and end, and: */
} bl_step_action;

typedef enum bl_split {
  BL_SPLIT_ISOLATED,             /* matches are pieces, and so is what lies between them */
  BL_SPLIT_REMOVED,              /* matches are dropped */
  BL_SPLIT_INVERTED,             /* what lies between matches is dropped */
  BL_SPLIT_MERGED_WITH_PREVIOUS, /* a match ends its piece */
  BL_SPLIT_MERGED_WITH_NEXT,     /* a match begins its piece */
  BL_SPLIT_CONTIGUOUS,           /* as isolated, but matches that touch are one piece */
} bl_split;

typedef struct bl_text_step bl_text_step;
/* Appends what becomes of a piece; `out` may not grow beyond `limit` bytes. */
typedef bl_code (*bl_rewrite_fn)(const bl_text_step *step, const char *text, size_t size,
                                 bl_buffer *out, size_t limit, bl_error *error);
/* The next match at or after *start, which is not empty: sets *start and *end, or returns false. */
typedef bool (*bl_find_fn)(const bl_text_step *step, const char *text, size_t size, size_t *start,
                           size_t *end);

struct bl_text_step {
  bl_step_action action;
  bl_pattern *pattern; /* REPLACE, SPLIT; owned */
  bl_rewrite_fn rewrite;
  bl_find_fn find;            /* in the pattern's place */
  const bl_normal_form *form; /* REWRITE, to one of these */
  uint32_t options;           /* REWRITE, `find`: what they say it is */
  char *text;                 /* PREPEND, REPLACE, REWRITE; owned */
  size_t text_size;
  bl_split split;
  bool unless_there; /* PREPEND: not before a piece that begins with `text` already */
  bool only_first; /* PREPEND: only before pieces that begin with what the first character became */
  bool keeps_first; /* REWRITE: where the first character becomes nothing, the next stands for it */
};

typedef struct bl_text_steps {
  bl_text_step *steps;
  size_t n, capacity;
} bl_text_steps;

/* More steps than any tokenizer has, and how many times as long as a text, with the texts of the
 * steps, they may make it: so that no file costs more than its own size and the text's account for.
 */
enum { BL_MAX_STEPS = 64, BL_MAX_GROWTH = 16 };

/* Appends to a text that may not grow beyond `limit` bytes. */
bl_code bl_append_within(bl_buffer *out, const char *bytes, size_t n, size_t limit,
                         bl_error *error);

/* Appends a step, taking over what it owns, also on failure. */
bl_code bl_text_steps_add(bl_text_steps *steps, bl_text_step step, bl_error *error);
void bl_text_steps_free(bl_text_steps *steps);

typedef struct bl_piece {
  size_t start, end; /* in the text */
} bl_piece;

/* A text and its pieces, in order. Zero-initialise before first use. */
typedef struct bl_pieces {
  bl_buffer text;
  bl_piece *pieces;
  size_t n, capacity;
  size_t n_first; /* so many bytes of the text come of the input's first character */
} bl_pieces;

/* Makes it one piece with this text, of which n_first bytes come of the input's first character. */
bl_code bl_pieces_set(bl_pieces *pieces, const char *text, size_t size, size_t n_first,
                      bl_error *error);
void bl_pieces_free(bl_pieces *pieces);
/* The bytes that the steps may make of texts of `size` bytes in all. */
size_t bl_text_steps_budget(const bl_text_steps *steps, size_t size);
/* Does the steps. What they make takes its bytes from *budget, and is refused when they are more.
 */
bl_code bl_text_steps_apply(const bl_text_steps *steps, bl_pieces *pieces, size_t *budget,
                            bl_error *error);

#endif
