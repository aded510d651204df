/* Chat templates: the methods of texts, lists and dicts, as Python has them. Those that would
 * change a value are refused, as by jinja2's ImmutableSandboxedEnvironment. */
#include <string.h>

#include "base/utf8.h"
#include "chat/evaluate.h"
#include "chat/space.h"

#define METHOD(name)                                                                        \
  static bool name(bl_machine *m, bl_value self, const bl_value *args, const bl_call *call, \
                   bl_value *result)
#define UNUSED(x) (void)(x)

/* ---- texts --------------------------------------------------------------------------------- */

/* The characters to strip: white space where none, or None, is given. */
static bool strip(bl_machine *m, bl_value self, bl_value given, bool start, bool end,
                  bl_value *result) {
  bl_str text = self.as.text, set = {0};
  if (given.kind != BL_NONE && !bl_text_argument(m, given, set, &set)) return false;
  if (start) text = bl_strip_start(text, set);
  if (end) text = bl_strip_end(text, set);
  *result = bl_of_text(text);
  return bl_spend(m, (1 + set.size / 16) * (1 + self.as.text.size / 16));
}

METHOD(strip_both) {
  UNUSED(call);
  return strip(m, self, args[0], true, true, result);
}

METHOD(strip_left) {
  UNUSED(call);
  return strip(m, self, args[0], true, false, result);
}

METHOD(strip_right) {
  UNUSED(call);
  return strip(m, self, args[0], false, true, result);
}

#define CASE_METHOD(name, how)                           \
  METHOD(name) {                                         \
    UNUSED(args), UNUSED(call);                          \
    return bl_change_case(m, self.as.text, how, result); \
  }

CASE_METHOD(upper, BL_UPPER)
CASE_METHOD(lower, BL_LOWER)
CASE_METHOD(capitalize, BL_CAPITALIZE)
CASE_METHOD(title, BL_TITLE_METHOD)

METHOD(replace) {
  UNUSED(call);
  bl_str old, new;
  int64_t most;
  return bl_text_argument(m, args[0], (bl_str){0}, &old) &&
         bl_text_argument(m, args[1], (bl_str){0}, &new) &&
         bl_int_argument(m, args[2], -1, &most) &&
         bl_replace(m, self.as.text, old, new, most, result);
}

static bool touches(bl_str text, bl_str part, bool at_end) {
  if (part.size > text.size) return false;
  bl_str there = {text.bytes + (at_end ? text.size - part.size : 0), part.size};
  return bl_str_equal(there, part);
}

/* Does the text begin or end with a text, or with one of a tuple? */
static bool touches_any(bl_machine *m, bl_value self, bl_value given, bool at_end,
                        bl_value *result) {
  bl_list parts = {1, &given};
  bool found = false;
  bl_str part;
  if (given.kind == BL_TUPLE) parts = *given.as.list;
  for (size_t i = 0; i < parts.n && !found; i++) {
    if (!bl_text_argument(m, parts.items[i], (bl_str){0}, &part)) return false;
    found = touches(self.as.text, part, at_end);
  }
  *result = bl_of_bool(found);
  return true;
}

METHOD(starts_with) {
  UNUSED(call);
  return touches_any(m, self, args[0], false, result);
}

METHOD(ends_with) {
  UNUSED(call);
  return touches_any(m, self, args[0], true, result);
}

/* Without a beginning, or an end, that is there. */
static bool remove_part(bl_machine *m, bl_value self, bl_value given, bool at_end,
                        bl_value *result) {
  bl_str text = self.as.text, part;
  if (!bl_text_argument(m, given, (bl_str){0}, &part)) return false;
  if (touches(text, part, at_end)) {
    text.size -= part.size;
    text.bytes += at_end ? 0 : part.size;
  }
  *result = bl_of_text(text);
  return true;
}

METHOD(remove_prefix) {
  UNUSED(call);
  return remove_part(m, self, args[0], false, result);
}

METHOD(remove_suffix) {
  UNUSED(call);
  return remove_part(m, self, args[0], true, result);
}

static bool find(bl_machine *m, bl_value self, bl_value given, bool from_end, bl_value *result) {
  bl_str text = self.as.text, part;
  size_t at;
  if (!bl_text_argument(m, given, (bl_str){0}, &part)) return false;
  if (!(from_end ? bl_find_last_part(m, text, part, &at) : bl_find_part(m, text, 0, part, &at)))
    return false;
  *result = bl_of_int(at == SIZE_MAX ? -1 : (int64_t)bl_text_length((bl_str){text.bytes, at}));
  return true;
}

METHOD(find_first) {
  UNUSED(call);
  return find(m, self, args[0], false, result);
}

METHOD(find_from_end) {
  UNUSED(call);
  return find(m, self, args[0], true, result);
}

METHOD(count_parts) {
  UNUSED(call);
  bl_str text = self.as.text, part;
  int64_t n = 0;
  if (!bl_text_argument(m, args[0], (bl_str){0}, &part)) return false;
  if (part.size == 0) n = (int64_t)bl_text_length(text) + 1;
  for (size_t at = 0; part.size > 0; at += part.size, n++) {
    if (!bl_find_part(m, text, at, part, &at)) return false;
    if (at == SIZE_MAX) break;
  }
  *result = bl_of_int(n);
  return true;
}

METHOD(join) {
  UNUSED(call);
  bl_list items;
  if (!bl_items(m, args[0], &items)) return false;
  for (size_t i = 0; i < items.n; i++)
    if (items.items[i].kind != BL_TEXT)
      return BL_STOP(m, "chat template, line %d: an argument is of type %s, expected %s", m->line,
                     bl_type_name(items.items[i]), "str");
  return bl_join(m, self.as.text, &items, result);
}

/* ---- splitting ----------------------------------------------------------------------------- */

/* The byte at which white space begins, or SIZE_MAX; *n: how many bytes its first character has. */
static size_t find_space(bl_str text, size_t *n) {
  for (size_t at = 0; at < text.size; at += *n)
    if (bl_is_space(bl_utf8_decode(text.bytes, text.size, at, n))) return at;
  return SIZE_MAX;
}

/* The next part of a text that is split from the left, up to `between` or to white space. Where
 * there is none its bytes are NULL. */
static bool next_part(bl_machine *m, bl_str *rest, bl_str between, bool is_last, bl_str *part) {
  size_t end = SIZE_MAX, n = between.size;
  if (!between.bytes && rest->bytes) {
    *rest = bl_strip_start(*rest, between);
    if (rest->size == 0) *rest = (bl_str){0};
  }
  *part = *rest;
  if (!part->bytes) return true;
  if (between.bytes && !is_last && !bl_find_part(m, *rest, 0, between, &end)) return false;
  if (!between.bytes && !is_last) end = find_space(*rest, &n);
  if (end == SIZE_MAX) {
    *rest = (bl_str){0};
    return true;
  }
  part->size = end;
  rest->bytes += end + n;
  rest->size -= end + n;
  return true;
}

METHOD(split) {
  UNUSED(call);
  bl_str rest = self.as.text, between = {0}, part;
  bl_value *items, text = self;
  int64_t most;
  if ((args[0].kind != BL_NONE && !bl_text_argument(m, args[0], between, &between)) ||
      !bl_int_argument(m, args[1], -1, &most) || !bl_spend(m, rest.size / 16))
    return false;
  if (between.bytes && between.size == 0)
    return BL_STOP(m, "chat template, line %d: a text is split at an empty one", m->line);
  size_t n = 0, capacity = 0;
  for (bl_str left = rest;; capacity++) {
    if (!next_part(m, &left, between, false, &part)) return false;
    if (!part.bytes) break;
  }
  if (!bl_make_list(m, BL_LIST, capacity, &items, result)) return false;
  for (; n < capacity; n++) {
    if (!next_part(m, &rest, between, n == (size_t)most, &part)) return false;
    if (!part.bytes) break;
    items[n] = bl_of_text(part);
  }
  if (n < capacity && !bl_make_list(m, BL_LIST, n, &items, &text)) return false;
  if (n < capacity) {
    memcpy(items, result->as.list->items, n * sizeof *items);
    *result = text;
  }
  return true;
}

/* From the right, at most so many times. */
METHOD(split_right) {
  bl_str text = self.as.text, between;
  bl_value *items, list;
  int64_t most;
  if (!bl_int_argument(m, args[1], -1, &most)) return false;
  if (most < 0 || bl_is_absent(args[0]) || args[0].kind == BL_NONE)
    return split(m, self, args, call, result);
  if (!bl_text_argument(m, args[0], (bl_str){0}, &between)) return false;
  if (between.size == 0)
    return BL_STOP(m, "chat template, line %d: a text is split at an empty one", m->line);
  size_t n = 1, at;
  for (bl_str left = text; n <= (size_t)most; n++, left.size = at) {
    if (!bl_find_last_part(m, left, between, &at)) return false;
    if (at == SIZE_MAX) break;
  }
  if (!bl_make_list(m, BL_LIST, n, &items, &list)) return false;
  for (size_t i = n; i-- > 1;) {
    if (!bl_find_last_part(m, text, between, &at)) return false;
    size_t end = at + between.size;
    items[i] = bl_of_text((bl_str){text.bytes + end, text.size - end});
    text.size = at;
  }
  items[0] = bl_of_text(text);
  *result = list;
  return true;
}

/* What ends a line for str.splitlines. */
static bool ends_line(uint32_t code) {
  return (code >= '\n' && code <= '\r') || (code >= 0x1c && code <= 0x1e) || code == 0x85 ||
         code == 0x2028 || code == 0x2029;
}

/* The next line of a text that has one, without its end. */
static bl_str next_line(bl_str *rest) {
  bl_str line = *rest;
  size_t at = 0, n = 0;
  for (; at < rest->size; at += n)
    if (ends_line(bl_utf8_decode(rest->bytes, rest->size, at, &n))) break;
  line.size = at;
  if (at == rest->size) n = 0;
  if (n > 0 && line.bytes[at] == '\r' && at + 1 < rest->size && line.bytes[at + 1] == '\n') n = 2;
  *rest = (bl_str){rest->bytes + at + n, rest->size - at - n};
  return line;
}

METHOD(split_lines) {
  UNUSED(args), UNUSED(call);
  bl_str rest = self.as.text;
  bl_value *items;
  size_t n = 0;
  for (bl_str left = rest; left.size > 0; n++) next_line(&left);
  if (!bl_make_list(m, BL_LIST, n, &items, result) || !bl_spend(m, rest.size / 16)) return false;
  for (size_t i = 0; i < n; i++) items[i] = bl_of_text(next_line(&rest));
  return true;
}

/* ---- what characters are ------------------------------------------------------------------- */

/* Are there characters, and is each a digit, white space, or a letter or digit? ASCII alone has
 * been told apart further. */
static bool all_are(bl_str text, const char *low, const char *high, bool space) {
  bool ok = text.size > 0;
  for (size_t at = 0, size; ok && at < text.size; at += size) {
    uint32_t code = bl_utf8_decode(text.bytes, text.size, at, &size);
    ok = space && bl_is_space(code);
    for (size_t i = 0; low[i] && !ok; i++)
      ok = code >= (unsigned char)low[i] && code <= (unsigned char)high[i];
  }
  return ok;
}

METHOD(is_digit) {
  UNUSED(m), UNUSED(args), UNUSED(call);
  *result = bl_of_bool(all_are(self.as.text, "0", "9", false));
  return true;
}

METHOD(is_space) {
  UNUSED(m), UNUSED(args), UNUSED(call);
  *result = bl_of_bool(all_are(self.as.text, "", "", true));
  return true;
}

/* ---- format -------------------------------------------------------------------------------- */

/* "{}" and "{0}": each is replaced by an argument, "{{" and "}}" by a brace. */
METHOD(format) {
  UNUSED(args);
  bl_str text = self.as.text;
  size_t start = m->out.size, n = 0;
  for (size_t at = 0; at < text.size; at++) {
    char c = text.bytes[at], next = at + 1 < text.size ? text.bytes[at + 1] : '\0';
    bool is_brace = c == '{' || c == '}';
    if (!is_brace || next == c) {
      if (!bl_write(m, &c, 1) || !bl_spend(m, 1)) return false;
      at += is_brace;
      continue;
    }
    bool has_place = next >= '0' && next <= '9';
    size_t place = has_place ? (size_t)(next - '0') : n++;
    at += 1u + has_place;
    if (c == '}' || at >= text.size || text.bytes[at] != '}' || place >= call->n)
      return BL_STOP(m, "chat template, line %d: '%s' takes other arguments", m->line, "format");
    if (!bl_write_value(m, call->values[place])) return false;
  }
  return bl_take_back(m, start, result);
}

static const bl_builtin text_methods[] = {
    {"strip", "chars", 0, strip_both},
    {"lstrip", "chars", 0, strip_left},
    {"rstrip", "chars", 0, strip_right},
    {"upper", "", 0, upper},
    {"lower", "", 0, lower},
    {"capitalize", "", 0, capitalize},
    {"title", "", 0, title},
    {"replace", "old new count", 2, replace},
    {"startswith", "prefix", 1, starts_with},
    {"endswith", "suffix", 1, ends_with},
    {"removeprefix", "prefix", 1, remove_prefix},
    {"removesuffix", "suffix", 1, remove_suffix},
    {"find", "sub", 1, find_first},
    {"rfind", "sub", 1, find_from_end},
    {"count", "sub", 1, count_parts},
    {"join", "iterable", 1, join},
    {"split", "sep maxsplit", 0, split},
    {"rsplit", "sep maxsplit", 0, split_right},
    {"splitlines", "", 0, split_lines},
    {"isdigit", "", 0, is_digit},
    {"isspace", "", 0, is_space},
    {"format", "*", 0, format},
};

/* ---- dicts and lists ----------------------------------------------------------------------- */

METHOD(dict_get) {
  UNUSED(call);
  const bl_value *found;
  if (!bl_dict_find(m, self.as.dict, args[0], &found)) return false;
  *result = found ? *found : bl_is_absent(args[1]) ? bl_none : args[1];
  return true;
}

METHOD(dict_keys) {
  UNUSED(args), UNUSED(call);
  bl_value *items;
  size_t n = self.as.dict->n;
  if (!bl_make_list(m, BL_LIST, n, &items, result)) return false;
  if (n) memcpy(items, self.as.dict->keys, n * sizeof *items);
  return true;
}

METHOD(dict_values) {
  UNUSED(args), UNUSED(call);
  bl_value *items;
  size_t n = self.as.dict->n;
  if (!bl_make_list(m, BL_LIST, n, &items, result)) return false;
  if (n) memcpy(items, self.as.dict->values, n * sizeof *items);
  return true;
}

METHOD(dict_items) {
  UNUSED(args);
  return bl_find_filter((bl_str){"items", 5})->run(m, self, NULL, call, result);
}

METHOD(copy) {
  UNUSED(m), UNUSED(args), UNUSED(call);
  *result = self; /* which nothing changes */
  return true;
}

METHOD(list_index) {
  UNUSED(call);
  bool is_equal = false;
  size_t i = 0;
  for (; i < self.as.list->n && !is_equal; i++)
    if (!bl_spend(m, 1) || !bl_equal(m, self.as.list->items[i], args[0], &is_equal)) return false;
  *result = bl_of_int((int64_t)i - 1);
  return is_equal ||
         BL_STOP(m, "chat template, line %d: a list has no item of that value", m->line);
}

METHOD(list_count) {
  UNUSED(call);
  int64_t n = 0;
  bool is_equal;
  for (size_t i = 0; i < self.as.list->n; i++) {
    if (!bl_spend(m, 1) || !bl_equal(m, self.as.list->items[i], args[0], &is_equal)) return false;
    n += is_equal;
  }
  *result = bl_of_int(n);
  return true;
}

METHOD(refused) {
  UNUSED(args), UNUSED(call), UNUSED(result);
  return BL_STOP(m, "chat template, line %d: a template may not change a %s", m->line,
                 bl_type_name(self));
}

static const bl_builtin dict_methods[] = {
    {"get", "key default", 1, dict_get},
    {"keys", "", 0, dict_keys},
    {"values", "", 0, dict_values},
    {"items", "", 0, dict_items},
    {"copy", "", 0, copy},
    {"clear", "*", 0, refused},
    {"pop", "*", 0, refused},
    {"popitem", "*", 0, refused},
    {"setdefault", "*", 0, refused},
    {"update", "*", 0, refused},
};

static const bl_builtin list_methods[] = {
    {"index", "value", 1, list_index},
    {"count", "value", 1, list_count},
    {"copy", "", 0, copy},
    {"append", "*", 0, refused},
    {"clear", "*", 0, refused},
    {"extend", "*", 0, refused},
    {"insert", "*", 0, refused},
    {"pop", "*", 0, refused},
    {"remove", "*", 0, refused},
    {"reverse", "*", 0, refused},
    {"sort", "*", 0, refused},
};

/* ---- loop ---------------------------------------------------------------------------------- */

/* Its arguments in turn. */
METHOD(loop_cycle) {
  UNUSED(args);
  const bl_value *index = bl_dict_get(self.as.space, (bl_str){"index0", 6});
  if (!index || index->kind != BL_INT || call->n == 0)
    return BL_STOP(m, "chat template, line %d: '%s' takes other arguments", m->line, "cycle");
  *result = call->values[(uint64_t)index->as.whole % call->n];
  return true;
}

static const bl_builtin loop_methods[] = {{"cycle", "*", 0, loop_cycle}};

#define FIND(methods, name) bl_find_builtin(methods, sizeof methods / sizeof *methods, name)

const bl_builtin *bl_find_method(bl_value_kind kind, bl_str name) {
  switch (kind) {
    case BL_TEXT:
      return FIND(text_methods, name);
    case BL_DICT:
      return FIND(dict_methods, name);
    case BL_LIST:
      return FIND(list_methods, name);
    case BL_TUPLE:
      return bl_find_builtin(list_methods, 2, name); /* index and count */
    case BL_NAMESPACE:
      return FIND(loop_methods, name);
    default:
      return NULL;
  }
}
