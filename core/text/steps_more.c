/* The rarer steps, as `tokenizers` 0.23.3 does them. Bytes that are not UTF-8 count as U+FFFD. */
#include "text/steps_more.h"

#include <string.h>

#include "text/characters.h"

/* The character at text[at] and its sets; it has `*length` bytes. */
static uint32_t sets_at(const char *text, size_t size, size_t at, uint32_t *cp, size_t *length) {
  uint32_t c = bl_utf8_decode(text, size, at, length);
  *cp = c == BL_BAD_UTF8 ? 0xfffd : c;
  return bl_char_sets(*cp);
}

/* ---- BertNormalizer ---- */

/* Controls away, white space to spaces, and a space on each side of Chinese characters. */
static bl_code clean(uint32_t options, const char *text, size_t size, bl_buffer *out,
                     bl_error *error) {
  bl_code code = bl_buffer_reserve(out, size, error);
  size_t length;
  for (size_t at = 0; !code && at < size; at += length) {
    uint32_t cp, sets = sets_at(text, size, at, &cp, &length);
    bool is_chinese = (options & BL_BERT_CHINESE) && (sets & BL_CHAR_CHINESE);
    if ((options & BL_BERT_CLEAN) && (sets & BL_CHAR_CONTROL)) continue;
    if (is_chinese) code = bl_buffer_append(out, " ", 1, error);
    if (code) return code;
    code = (options & BL_BERT_CLEAN) && (sets & BL_CHAR_BLANK)
               ? bl_buffer_append(out, " ", 1, error)
               : bl_buffer_append(out, text + at, length, error);
    if (!code && is_chinese) code = bl_buffer_append(out, " ", 1, error);
  }
  return code;
}

/* Accents away, and the rest in lower case. */
static bl_code strip_and_lower(uint32_t options, const char *text, size_t size, bl_buffer *out,
                               bl_error *error) {
  bl_code code = bl_buffer_reserve(out, size, error);
  size_t length;
  for (size_t at = 0; !code && at < size; at += length) {
    uint32_t cp = bl_utf8_decode(text, size, at, &length);
    if (cp >= 0x300 && (options & BL_BERT_ACCENTS) && (bl_char_sets(cp) & BL_CHAR_ACCENT)) continue;
    code = (options & BL_BERT_LOWER) && cp != BL_BAD_UTF8
               ? bl_lower_append(out, cp, error)
               : bl_buffer_append(out, text + at, length, error);
  }
  return code;
}

/* All of it at once for text of ASCII characters. */
static bl_code rewrite_ascii(uint32_t options, const char *text, size_t size, bl_buffer *out,
                             bl_error *error) {
  bl_code code = bl_buffer_reserve(out, size, error);
  for (size_t i = 0; !code && i < size; i++) {
    char c = text[i];
    bool is_blank = c == ' ' || (c >= '\t' && c <= '\r');
    if ((options & BL_BERT_CLEAN) && (c < ' ' || c == 0x7f)) {
      /* Only these three are white space to it before they are controls. */
      if (!is_blank || c == '\v' || c == '\f') continue;
      c = ' ';
    }
    if ((options & BL_BERT_LOWER) && c >= 'A' && c <= 'Z') c = (char)(c + 32);
    out->bytes[out->size++] = c;
  }
  return code;
}

bl_code bl_rewrite_bert(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                        size_t limit, bl_error *error) {
  (void)limit; /* at most three times as long */
  size_t n_ascii = 0;
  while (n_ascii < size && (uint8_t)text[n_ascii] < 0x80) n_ascii++;
  if (n_ascii == size) return rewrite_ascii(step->options, text, size, out, error);
  bl_buffer cleaned = {0}, decomposed = {0}, *last = &cleaned;
  bl_code code = clean(step->options, text, size, &cleaned, error);
  if (!code && (step->options & BL_BERT_ACCENTS)) {
    last = &decomposed;
    code = bl_normalize_append(last, &bl_nfd, cleaned.bytes, cleaned.size, error);
  }
  if (!code) code = strip_and_lower(step->options, last->bytes, last->size, out, error);
  bl_buffer_free(&cleaned);
  bl_buffer_free(&decomposed);
  return code;
}

/* ---- the others ---- */

bl_code bl_rewrite_to_form(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                           size_t limit, bl_error *error) {
  (void)limit; /* at most eleven times as long */
  return bl_normalize_append(out, step->form, text, size, error);
}

bl_code bl_rewrite_lower(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                         size_t limit, bl_error *error) {
  (void)step, (void)limit; /* at most twice as long */
  return strip_and_lower(BL_BERT_LOWER, text, size, out, error);
}

bl_code bl_rewrite_by_sets(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                           size_t limit, bl_error *error) {
  (void)limit;
  bl_code code = BL_OK;
  size_t length;
  for (size_t at = 0; !code && at < size; at += length) {
    uint32_t cp, sets = sets_at(text, size, at, &cp, &length);
    if (sets & step->options & 0xffff) continue;
    code = sets & step->options >> 16 ? bl_buffer_append(out, " ", 1, error)
                                      : bl_buffer_append(out, text + at, length, error);
  }
  return code;
}

bl_code bl_rewrite_strip(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                         size_t limit, bl_error *error) {
  (void)limit;
  size_t start = 0, end = 0, length;
  bool begun = !(step->options & BL_STRIP_LEFT);
  for (size_t at = 0; at < size; at += length) {
    uint32_t cp, sets = sets_at(text, size, at, &cp, &length);
    bool is_space = sets & BL_CHAR_SPACE;
    if (!begun && is_space) start = at + length;
    if (!is_space) begun = true;
    if (!is_space || !(step->options & BL_STRIP_RIGHT)) end = at + length;
  }
  return end > start ? bl_buffer_append(out, text + start, end - start, error) : BL_OK;
}

bl_code bl_rewrite_trim(const bl_text_step *step, const char *text, size_t size, bl_buffer *out,
                        size_t limit, bl_error *error) {
  (void)step;
  while (size > 0 && *text == ' ') text++, size--;
  while (size > 0 && text[size - 1] == ' ') size--;
  return bl_append_within(out, text, size, limit, error);
}

bl_code bl_rewrite_double_mark(const bl_text_step *step, const char *text, size_t size,
                               bl_buffer *out, size_t limit, bl_error *error) {
  (void)step;
  bool is_there = size >= 3 && memcmp(text, "\xe2\x96\x81", 3) == 0;
  bl_code code = is_there ? bl_append_within(out, text, 3, limit, error) : BL_OK;
  return code ? code : bl_append_within(out, text, size, limit, error);
}

bool bl_find_in_sets(const bl_text_step *step, const char *text, size_t size, size_t *start,
                     size_t *end) {
  size_t length;
  for (size_t at = *start; at < size; at += length) {
    uint32_t cp;
    if (!(sets_at(text, size, at, &cp, &length) & step->options)) continue;
    *start = at;
    *end = at + length;
    return true;
  }
  return false;
}

bool bl_find_words(const bl_text_step *step, const char *text, size_t size, size_t *start,
                   size_t *end) {
  (void)step;
  uint32_t wanted = BL_CHAR_BETWEEN; /* what the match is of, once it has begun */
  size_t at = *start, length;
  for (; at < size; at += length) {
    uint32_t cp, sets = sets_at(text, size, at, &cp, &length) & (BL_CHAR_WORD | BL_CHAR_BETWEEN);
    if (wanted == BL_CHAR_BETWEEN && sets != BL_CHAR_BETWEEN) {
      wanted = sets;
      *start = at;
    }
    if (wanted != BL_CHAR_BETWEEN && sets != wanted) break;
  }
  *end = at;
  return wanted != BL_CHAR_BETWEEN;
}

bool bl_find_length(const bl_text_step *step, const char *text, size_t size, size_t *start,
                    size_t *end) {
  size_t at = *start, length;
  for (uint32_t n = 0; at < size && n < step->options; n++, at += length)
    bl_utf8_decode(text, size, at, &length);
  *end = at;
  return at > *start;
}
