/* What the normalizers and pre-tokenizers of Hugging Face `tokenizers` 0.23.3 take characters for,
 * beyond unicode.h: each part there asks another library, and each has a set of its own here. */
#ifndef BL_TEXT_CHARACTERS_H
#define BL_TEXT_CHARACTERS_H

#include "text/unicode.h"

/* The sets that a character belongs to; made by make_characters.py. */
enum {
  BL_CHAR_CONTROL = 1,         /* BertNormalizer removes it as a control */
  BL_CHAR_BLANK = 2,           /* BertNormalizer makes a space of it */
  BL_CHAR_CHINESE = 4,         /* BertNormalizer puts spaces around it */
  BL_CHAR_ACCENT = 8,          /* BertNormalizer removes it as an accent */
  BL_CHAR_PUNCTUATION = 16,    /* BertPreTokenizer and Punctuation cut it off */
  BL_CHAR_MARK = 32,           /* StripAccents removes it */
  BL_CHAR_NMT_GONE = 64,       /* Nmt removes it */
  BL_CHAR_NMT_BLANK = 128,     /* Nmt makes a space of it */
  BL_CHAR_SPACE = 256,         /* white space to all but Whitespace */
  BL_CHAR_WORD = 512,          /* a word's to Whitespace */
  BL_CHAR_BETWEEN = 1024,      /* white space to Whitespace */
  BL_CHAR_JOINS_BEFORE = 2048, /* goes into one grapheme cluster with what is before it */
  BL_CHAR_JOINS_AFTER = 4096,  /* … with what follows it */
  BL_CHAR_ALONE = 8192,        /* nothing that follows goes into its cluster */
};
uint32_t bl_char_sets(uint32_t cp);

/* Appends the character in lower case. */
bl_code bl_lower_append(bl_buffer *out, uint32_t cp, bl_error *error);

extern const bl_normal_form bl_nfd, bl_nfkc, bl_nfkd;

/* The size of the grapheme cluster at the start of `text`, size >= 1. Pairs of flags and of emoji
 * are not joined: who asks looks at short clusters only, which none of them is. */
size_t bl_cluster_size(const char *text, size_t size);

/* ---- the tables, in characters_tables.c ---- */

/* Where runs of characters in the same sets begin, which of the kinds they are, and its sets. */
extern const bl_ascending bl_char_starts;
extern const uint8_t bl_char_values[];
extern const uint16_t bl_char_kinds[];

/* Every step-th character from first to last has its lower case at a distance. */
typedef struct bl_lower_run {
  uint32_t first, last;
  int32_t step, distance;
} bl_lower_run;
extern const bl_lower_run bl_lower_runs[];
extern const int bl_n_lower_runs;

/* The characters with a compatibility decomposition of their own, and where it is in the texts. */
extern const bl_ascending bl_compat_chars;
extern const uint16_t bl_compat_places[];
extern const uint8_t bl_compat_texts[];

#endif
