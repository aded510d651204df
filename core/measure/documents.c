/* Where a text's documents begin and end. */
#include <string.h>

#include "bitloss_measure.h"

static const char *const names[] = {
    [BL_DOCUMENTS_WHOLE] = "whole", [BL_DOCUMENTS_LINES] = "lines", [BL_DOCUMENTS_BLANK] = "blank"};

const char *bl_documents_name(bl_documents by) {
  return names[by];
}

bool bl_documents_parse(const char *name, bl_documents *by) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i], name) != 0) continue;
    *by = (bl_documents)i;
    return true;
  }
  return false;
}

/* Is the line that begins at `from` blank? It is text[from, *end) without its line end, and the one
 * after it begins at *next. */
static bool is_blank_line(const char *text, size_t size, size_t from, size_t *end, size_t *next) {
  const char *newline = memchr(text + from, '\n', size - from);
  *end = newline ? (size_t)(newline - text) : size;
  *next = newline ? *end + 1 : size;
  bool is_blank = true;
  for (size_t i = from; is_blank && i < *end; i++)
    is_blank = text[i] == ' ' || text[i] == '\t' || text[i] == '\r';
  if (newline && *end > from && text[*end - 1] == '\r') --*end;
  return is_blank;
}

bool bl_text_next_document(bl_documents by, const char *text, size_t size, size_t *at,
                           size_t *start, size_t *end) {
  size_t line_end, next;
  if (by == BL_DOCUMENTS_WHOLE) {
    *start = *at;
    *at = *end = size;
    return *start < size;
  }
  while (*at < size && is_blank_line(text, size, *at, &line_end, &next)) *at = next;
  if (*at >= size) return false;
  *start = *at;
  do {
    *end = line_end;
    *at = next;
  } while (by == BL_DOCUMENTS_BLANK && *at < size &&
           !is_blank_line(text, size, *at, &line_end, &next));
  return true;
}
