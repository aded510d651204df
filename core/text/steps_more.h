/* The rarer steps: what BertNormalizer, Nmt and others do to a text, and where pre-tokenizers cut
 * it by sets of characters. */
#ifndef BL_TEXT_STEPS_MORE_H
#define BL_TEXT_STEPS_MORE_H

#include "text/steps.h"

/* Rewrites to the step's normalization form. */
bl_code bl_rewrite_to_form(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                           size_t limit, bl_error *error);

/* The options of BertNormalizer. */
enum { BL_BERT_CLEAN = 1, BL_BERT_CHINESE = 2, BL_BERT_ACCENTS = 4, BL_BERT_LOWER = 8 };
bl_code bl_rewrite_bert(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                        size_t limit, bl_error *error);

bl_code bl_rewrite_lower(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                         size_t limit, bl_error *error);

/* Removes the characters of the sets in `options`, and makes spaces of those that are in the sets
 * options >> 16. */
bl_code bl_rewrite_by_sets(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                           size_t limit, bl_error *error);

/* The sides that Strip takes white space from. */
enum { BL_STRIP_LEFT = 1, BL_STRIP_RIGHT = 2 };
bl_code bl_rewrite_strip(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                         size_t limit, bl_error *error);

/* Removes the spaces, no other white space, at both ends. */
bl_code bl_rewrite_trim(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                        size_t limit, bl_error *error);
/* Puts another U+2581 before a text that begins with one. */
bl_code bl_rewrite_double_mark(const bl_text_step *step, const char *text, size_t size,
                               bl_buffer *out, size_t limit, bl_error *error);

/* One character of the sets in `options`. */
bool bl_find_in_sets(const bl_text_step *step, const char *text, size_t size, size_t *start,
                     size_t *end);
/* As many characters of a word's as there are, or of those that are neither a word's nor white
 * space: what Whitespace leaves. */
bool bl_find_words(const bl_text_step *step, const char *text, size_t size, size_t *start,
                   size_t *end);
/* So many characters as `options` says, or what is left. */
bool bl_find_length(const bl_text_step *step, const char *text, size_t size, size_t *start,
                    size_t *end);

#endif
