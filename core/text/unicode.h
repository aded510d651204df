/* What the tokenizers need to know about characters: UTF-8, general categories, and normalization
 * form C, each as Hugging Face `tokenizers` 0.23.3 has it, whose parts come from different times:
 * categories of Unicode 16.0, normalization of Unicode 9.0. */
#ifndef BL_TEXT_UNICODE_H
#define BL_TEXT_UNICODE_H

#include "base/utf8.h"
#include "text/buffer.h"

/* General categories, in the order of the table. BL_CAT_CC_SPACE are the control characters that
 * are white space (tab to carriage return, and U+0085), so that \s is a set of categories. */
typedef enum bl_category {
  BL_CAT_LU,
  BL_CAT_LL,
  BL_CAT_LT,
  BL_CAT_LM,
  BL_CAT_LO,
  BL_CAT_MN,
  BL_CAT_MC,
  BL_CAT_ME,
  BL_CAT_ND,
  BL_CAT_NL,
  BL_CAT_NO,
  BL_CAT_PC,
  BL_CAT_PD,
  BL_CAT_PS,
  BL_CAT_PE,
  BL_CAT_PI,
  BL_CAT_PF,
  BL_CAT_PO,
  BL_CAT_SM,
  BL_CAT_SC,
  BL_CAT_SK,
  BL_CAT_SO,
  BL_CAT_ZS,
  BL_CAT_ZL,
  BL_CAT_ZP,
  BL_CAT_CC,
  BL_CAT_CF,
  BL_CAT_CS,
  BL_CAT_CO,
  BL_CAT_CN,
  BL_CAT_CC_SPACE,
  BL_N_CATEGORIES
} bl_category;

bl_category bl_unicode_category(uint32_t cp);
/* The set of categories (bit i for category i) that a name such as "L" or "Lu" stands for, as in
 * \p{L}; 0 when there is no such category. */
uint32_t bl_unicode_category_set(const char *name, size_t size);
uint32_t bl_unicode_space_set(void); /* \s: the White_Space property */
bool bl_unicode_is_space(uint32_t cp);
/* A word's character: a letter, mark, digit, connector, joiner or alphabetic symbol. */
bool bl_unicode_is_word(uint32_t cp);
uint32_t bl_unicode_word_set(void); /* the categories of such characters; beside them: */
/* The circled and squared letters (first, last): symbols with the Alphabetic property. */
enum { BL_N_WORD_SYMBOLS = 4 };
extern const uint32_t bl_word_symbols[BL_N_WORD_SYMBOLS][2];

/* Appends the character in UTF-8. */
bl_code bl_utf8_append(bl_buffer *buffer, uint32_t cp, bl_error *error);

/* A normalization form. Texts of the characters below `plain_end`, whose first bytes are below
 * `plain_byte`, are in it as they are. `compat` gives a character's compatibility decomposition,
 * which ends with NUL, or NULL where that is the canonical one; NULL: all are canonical. */
typedef struct bl_normal_form {
  bool composes;
  uint8_t plain_byte;
  uint32_t plain_end;
  const char *(*compat)(uint32_t cp);
} bl_normal_form;
extern const bl_normal_form bl_nfc;

/* Appends `text` in a normalization form of Unicode 9.0: later characters stay as they are. Bytes
 * that are not UTF-8 do too. */
bl_code bl_normalize_append(bl_buffer *out, const bl_normal_form *form, const char *text,
                            size_t size, bl_error *error);

/* The tables behind these, in unicode_tables.c, made by make_unicode.py. */

/* n numbers in ascending order, in few bytes: every 32nd is in marks, and gaps has the distances of
 * those that follow it, from places on, seven bits a byte, low ones first. */
typedef struct bl_ascending {
  const uint8_t *gaps;
  const uint32_t *marks;
  const uint16_t *places;
  int n;
} bl_ascending;

/* The index of the last number that is at most cp; the first number must be. *value is that number.
 */
int bl_find_last(const bl_ascending *list, uint32_t cp, uint32_t *value);

/* Where runs of one category, or of one canonical combining class, begin, and which it is. */
extern const bl_ascending bl_category_starts, bl_combining_starts;
extern const uint8_t bl_category_values[], bl_combining_values[];
/* The characters with a canonical decomposition (Hangul apart), and its parts: the low 16 bits of
 * the first, and a number in bl_second_parts, which for 0 has 0: there is no second part. With two
 * parts the first lies in the character's own plane, and the flag says that they don't compose
 * again. With one part the flag says that it lies in plane 2, else it is in plane 0. */
#define BL_SECOND_FLAG 0x80
extern const bl_ascending bl_decomposed;
extern const uint16_t bl_decomposed_first[];
extern const uint8_t bl_decomposed_second[];
extern const uint32_t bl_second_parts[];
extern const int bl_n_second_parts;

#endif
