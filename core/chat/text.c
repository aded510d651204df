/* Chat templates: what filters and methods do with texts. */
#include <string.h>

#include "chat/evaluate.h"
#include "chat/space.h"
#include "text/unicode.h"

bool bl_text_argument(bl_machine *m, bl_value value, bl_str fallback, bl_str *text) {
  *text = fallback;
  if (bl_is_absent(value)) return true;
  if (value.kind == BL_TEXT) {
    *text = value.as.text;
    return true;
  }
  return bl_demand(m, value) &&
         BL_STOP(m, "chat template, line %d: an argument is of type %s, expected %s", m->line,
                 bl_type_name(value), "str");
}

bool bl_int_argument(bl_machine *m, bl_value value, int64_t fallback, int64_t *x) {
  *x = fallback;
  if (bl_is_absent(value)) return true;
  if (value.kind == BL_INT || value.kind == BL_BOOL) {
    *x = value.kind == BL_BOOL ? value.as.truth : value.as.whole;
    return true;
  }
  return bl_demand(m, value) &&
         BL_STOP(m, "chat template, line %d: an argument is of type %s, expected %s", m->line,
                 bl_type_name(value), "int");
}

/* Is it a letter beyond ASCII that has another form? Only a table of all of them could tell which.
 */
static bool has_case(uint32_t code, bool upper) {
  bl_category category = bl_unicode_category(code);
  return code >= 128 && (category == BL_CAT_LT || category == (upper ? BL_CAT_LL : BL_CAT_LU));
}

static char change(char c, bool upper) {
  if (upper) return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Does a word begin behind the character, as Jinja's filter "title" splits a text? */
static bool parts_words(uint32_t code) {
  return (code < 128 && code && strchr("-({[<", (int)code)) || bl_is_space(code);
}

bool bl_change_case(bl_machine *m, bl_str text, bl_case how, bl_value *result) {
  char *bytes = bl_take(m, text.size);
  bool starts = true; /* what stands here is made upper, unless all of it is */
  if (!bytes || !bl_spend(m, text.size)) return false;
  for (size_t at = 0, size; at < text.size; at += size) {
    uint32_t code = bl_utf8_decode(text.bytes, text.size, at, &size);
    bool upper = how == BL_UPPER || (how != BL_LOWER && starts);
    if (has_case(code, upper))
      return BL_STOP(m,
                     "chat template, line %d: '%.*s' is changed to %s, which bitloss can do with "
                     "ASCII letters only",
                     m->line, (int)size, text.bytes + at, upper ? "upper case" : "lower case");
    memcpy(bytes + at, text.bytes + at, size);
    bytes[at] = change(bytes[at], upper);
    starts = (how == BL_TITLE_METHOD && bl_unicode_category(code) > BL_CAT_LT) ||
             (how == BL_TITLE_FILTER && parts_words(code));
  }
  *result = bl_of_text((bl_str){bytes, text.size});
  return true;
}

/* Does `part` stand at `bytes`? Costs what had to be compared: a text of nothing but 'a' has the
 * beginning of "aaaab" everywhere. */
static bool stands(bl_machine *m, const char *bytes, bl_str part, bool *result) {
  size_t n = 0, block;
  for (; n < part.size; n += block) {
    block = part.size - n < 16 ? part.size - n : 16;
    if (memcmp(bytes + n, part.bytes + n, block) != 0) break;
  }
  *result = n >= part.size;
  return bl_spend(m, n / 16);
}

bool bl_find_part(bl_machine *m, bl_str text, size_t from, bl_str part, size_t *at) {
  bool found = false;
  size_t i = from;
  for (; !found && i <= text.size && part.size <= text.size - i; i += !found)
    if (!stands(m, text.bytes + i, part, &found)) return false;
  *at = found ? i : SIZE_MAX;
  return bl_spend(m, (i - from) / 16);
}

bool bl_find_last_part(bl_machine *m, bl_str text, bl_str part, size_t *at) {
  bool found = false;
  size_t n = text.size;
  for (; !found && n >= part.size; n -= !found) {
    if (!stands(m, text.bytes + n - part.size, part, &found)) return false;
    if (n == 0) break;
  }
  *at = found ? n - part.size : SIZE_MAX;
  return bl_spend(m, (text.size - n) / 16);
}

bool bl_replace(bl_machine *m, bl_str text, bl_str old, bl_str new, int64_t most,
                bl_value *result) {
  size_t start = m->out.size, from = 0, done = 0;
  for (; most != 0; most -= most > 0) {
    size_t at;
    if (!bl_find_part(m, text, from, old, &at)) return false;
    if (at == SIZE_MAX) break;
    if (!bl_write(m, text.bytes + done, at - done) || !bl_write(m, new.bytes, new.size) ||
        !bl_spend(m, 1))
      return false;
    done = from = at + old.size;
    if (old.size > 0) continue;
    if (from == text.size) break; /* an empty text is found between all characters */
    from += bl_utf8_length(text.bytes + from, text.size - from);
  }
  return bl_write(m, text.bytes + done, text.size - done) && bl_take_back(m, start, result);
}

bool bl_join(bl_machine *m, bl_str between, const bl_list *items, bl_value *result) {
  size_t start = m->out.size;
  for (size_t i = 0; i < items->n; i++)
    if ((i > 0 && !bl_write(m, between.bytes, between.size)) || !bl_spend(m, 1) ||
        !bl_write_value(m, items->items[i]))
      return false;
  return bl_take_back(m, start, result);
}
