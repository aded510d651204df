/* The regular expressions that tokenizers split text with, compiled to a table-driven automaton:
 * one table look-up per character, whatever the pattern. Matches are those of a backtracking engine
 * (leftmost, the first alternative that fits, greedy). */
#ifndef BL_TEXT_PATTERN_H
#define BL_TEXT_PATTERN_H

#include "text/unicode.h"

typedef struct bl_pattern bl_pattern;

/* Compiles an expression of: alternation, groups (?:…) (…) (?i:…), classes […] and [^…] with
 * ranges,
 * \p{…} \P{…} \s \S \d \D \w \W, escaped characters, the quantifiers ? * + {n} {n,} {m,n}, and the
 * lookaheads (?!x) (?=x) for a single class x. Other constructs give BL_ERR_UNSUPPORTED. `file` is
 * named in errors. */
bl_code bl_pattern_new(const char *file, const char *regex, size_t size, bl_pattern **pattern,
                       bl_error *error);
/* Compiles an expression that matches exactly these bytes. */
bl_code bl_pattern_literal(const char *file, const char *literal, size_t size, bl_pattern **pattern,
                           bl_error *error);
void bl_pattern_free(bl_pattern *pattern);
/* The expression that it was compiled from. */
const char *bl_pattern_source(const bl_pattern *pattern);

/* The next match at or after *start, in text[0 .. size): sets *start and *end, or returns false.
 * Bytes that are not UTF-8 count as one U+FFFD each. *steps grows by the number of characters that
 * were looked at; the search gives up, returning false, when it passes max_steps. */
bool bl_pattern_find(const bl_pattern *pattern, const char *text, size_t size, size_t *start,
                     size_t *end, uint64_t *steps, uint64_t max_steps);

/* ---- between the compiler (pattern_parse.c) and the automaton (pattern.c) ---- */

/* One item of a class: characters of the categories, or from low to high; or all but those. */
typedef struct bl_class_item {
  uint32_t categories, low, high; /* low > high: no range */
  bool word;                      /* bl_word_symbols too */
  bool negated;
} bl_class_item;

/* A class is the union of items [first, first + n), or what is outside it. */
typedef struct bl_class {
  int first, n;
  bool negated;
} bl_class;

/* Instructions; x and y are offsets relative to the instruction itself. */
typedef enum bl_op {
  BL_OP_CLASS,
  BL_OP_SPLIT,
  BL_OP_JUMP,
  BL_OP_AHEAD,
  BL_OP_NOT_AHEAD,
  BL_OP_MATCH
} bl_op;
typedef struct bl_instruction {
  bl_op op;
  int x; /* CLASS, AHEAD: index of the class; SPLIT: the preferred way; JUMP */
  int y; /* SPLIT: the other way */
} bl_instruction;

enum { BL_MAX_INSTRUCTIONS = 600, BL_MAX_CLASSES = 200, BL_MAX_ITEMS = 600 };
typedef struct bl_program {
  bl_instruction code[BL_MAX_INSTRUCTIONS];
  bl_class classes[BL_MAX_CLASSES];
  bl_class_item items[BL_MAX_ITEMS];
  int n_code, n_classes, n_items;
} bl_program;

bl_code bl_pattern_parse(const char *file, const char *regex, size_t size, bl_program *program,
                         bl_error *error);

#endif
