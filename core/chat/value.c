/* Chat templates: making values and asking them. */
#include "chat/value.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

const bl_value bl_none = {.kind = BL_NONE};

/* ---- limits -------------------------------------------------------------------------------- */

bool bl_stop(bl_machine *m, bl_code code) {
  m->code = code;
  return false;
}

bool bl_spend(bl_machine *m, uint64_t n_steps) {
  if (n_steps <= m->steps_left) {
    m->steps_left -= n_steps;
    return true;
  }
  m->steps_left = 0;
  return BL_STOP(m,
                 "chat template, line %d: it takes more steps than a conversation of this length "
                 "allows",
                 m->line);
}

static bool spend_bytes(bl_machine *m, size_t n_bytes) {
  if (n_bytes <= m->bytes_left) {
    m->bytes_left -= n_bytes;
    return true;
  }
  m->bytes_left = 0;
  return BL_STOP(m,
                 "chat template, line %d: it makes more text than a conversation of this length "
                 "allows",
                 m->line);
}

void *bl_take(bl_machine *m, size_t n_bytes) {
  if (!spend_bytes(m, n_bytes)) return NULL;
  void *memory = bl_arena_alloc(m->arena, n_bytes);
  if (!memory) bl_stop(m, bl_fail_memory(m->error, n_bytes));
  return memory;
}

bool bl_enter(bl_machine *m) {
  if (m->depth == BL_CHAT_MAX_DEPTH)
    return BL_STOP(m, "chat template, line %d: nested more than %d deep", m->line,
                   BL_CHAT_MAX_DEPTH);
  m->depth++;
  return bl_spend(m, 1);
}

void bl_leave(bl_machine *m) {
  m->depth--;
}

/* ---- making -------------------------------------------------------------------------------- */

bl_value bl_of_text(bl_str text) {
  return (bl_value){.kind = BL_TEXT, .as.text = text};
}

bl_value bl_of_name(const char *text) {
  return bl_of_text((bl_str){text, strlen(text)});
}

bl_value bl_of_int(int64_t x) {
  return (bl_value){.kind = BL_INT, .as.whole = x};
}

bl_value bl_of_float(double x) {
  return (bl_value){.kind = BL_FLOAT, .as.real = x};
}

bl_value bl_of_bool(bool x) {
  return (bl_value){.kind = BL_BOOL, .as.truth = x};
}

bl_value bl_undefined(bl_str name) {
  return (bl_value){.kind = BL_UNDEFINED, .as.text = name};
}

bool bl_make_list(bl_machine *m, bl_value_kind kind, size_t n, bl_value **items, bl_value *list) {
  if (n > SIZE_MAX / 64) return bl_stop(m, bl_fail_memory(m->error, n));
  bl_list *made = bl_take(m, sizeof *made);
  *items = made ? bl_take(m, n * sizeof **items) : NULL;
  if (!*items || !bl_spend(m, n)) return false;
  *made = (bl_list){n, *items};
  *list = (bl_value){.kind = kind, .as.rest = made};
  return true;
}

/* A copy of bytes, as a text. */
static bool make_text(bl_machine *m, const char *bytes, size_t n, bl_value *text) {
  char *copy = bl_take(m, n);
  if (!copy || !bl_spend(m, n / 16)) return false;
  if (n) memcpy(copy, bytes, n);
  *text = bl_of_text((bl_str){copy, n});
  return true;
}

bool bl_take_back(bl_machine *m, size_t start, bl_value *text) {
  const char *bytes = m->out.bytes ? m->out.bytes + start : NULL; /* nothing was ever written */
  bool ok = make_text(m, bytes, m->out.size - start, text);
  m->out.size = start;
  return ok;
}

bool bl_write(bl_machine *m, const char *bytes, size_t n) {
  if (!spend_bytes(m, n) || !bl_spend(m, n / 16)) return false;
  bl_code code = bl_buffer_append(&m->out, bytes, n, m->error);
  return code == BL_OK || bl_stop(m, code);
}

/* ---- dicts --------------------------------------------------------------------------------- */

bl_dict *bl_make_dict(bl_machine *m) {
  return bl_take(m, sizeof(bl_dict));
}

static bool is_key(bl_value value) {
  return value.kind <= BL_TUPLE && value.kind != BL_LIST;
}

static bool find_place(bl_machine *m, const bl_dict *dict, bl_value key, size_t *place) {
  bool is_equal = false;
  if (!is_key(key))
    return BL_STOP(m, "chat template, line %d: a value of type %s can't be a key", m->line,
                   bl_type_name(key));
  if (!bl_spend(m, 1 + dict->n / 8)) return false;
  for (*place = 0; *place < dict->n; ++*place) {
    const bl_value *other = &dict->keys[*place];
    if (key.kind == BL_TEXT && other->kind == BL_TEXT)
      is_equal = bl_str_equal(key.as.text, other->as.text);
    else if (!bl_equal(m, key, *other, &is_equal))
      return false;
    if (is_equal) break;
  }
  return true;
}

static bool grow(bl_machine *m, bl_dict *dict) {
  size_t capacity = dict->capacity ? 2 * dict->capacity : 4;
  bl_value *keys = bl_take(m, capacity * sizeof *keys);
  bl_value *values = keys ? bl_take(m, capacity * sizeof *values) : NULL;
  if (!values) return false;
  if (dict->n) memcpy(keys, dict->keys, dict->n * sizeof *keys);
  if (dict->n) memcpy(values, dict->values, dict->n * sizeof *values);
  dict->keys = keys;
  dict->values = values;
  dict->capacity = capacity;
  return true;
}

bool bl_dict_set(bl_machine *m, bl_dict *dict, bl_value key, bl_value value) {
  size_t place;
  if (!find_place(m, dict, key, &place)) return false;
  if (place == dict->n) {
    if (dict->n == dict->capacity && !grow(m, dict)) return false;
    dict->keys[dict->n++] = key;
  }
  dict->values[place] = value;
  return true;
}

bool bl_dict_find(bl_machine *m, const bl_dict *dict, bl_value key, const bl_value **found) {
  size_t place;
  if (!find_place(m, dict, key, &place)) return false;
  *found = place < dict->n ? &dict->values[place] : NULL;
  return true;
}

const bl_value *bl_dict_get(const bl_dict *dict, bl_str key) {
  for (size_t i = 0; i < dict->n; i++)
    if (dict->keys[i].kind == BL_TEXT && bl_str_equal(dict->keys[i].as.text, key))
      return &dict->values[i];
  return NULL;
}

/* ---- asking -------------------------------------------------------------------------------- */

const char *bl_type_name(bl_value value) {
  static const char *const names[] = {
      [BL_UNDEFINED] = "Undefined", [BL_NONE] = "NoneType",
      [BL_BOOL] = "bool",           [BL_INT] = "int",
      [BL_FLOAT] = "float",         [BL_TEXT] = "str",
      [BL_LIST] = "list",           [BL_TUPLE] = "tuple",
      [BL_DICT] = "dict",           [BL_NAMESPACE] = "namespace",
      [BL_GENERATOR] = "generator", [BL_MACRO] = "macro",
      [BL_FUNCTION] = "function",   [BL_METHOD] = "method",
  };
  return names[value.kind];
}

bool bl_is_true(bl_value value) {
  switch (value.kind) {
    case BL_UNDEFINED:
    case BL_NONE:
      return false;
    case BL_BOOL:
      return value.as.truth;
    case BL_INT:
      return value.as.whole != 0;
    case BL_FLOAT:
      return value.as.real != 0;
    case BL_TEXT:
      return value.as.text.size > 0;
    case BL_LIST:
    case BL_TUPLE:
      return value.as.list->n > 0;
    case BL_DICT:
      return value.as.dict->n > 0;
    default:
      return true;
  }
}

bool bl_is_number(bl_value value) {
  return value.kind == BL_BOOL || value.kind == BL_INT || value.kind == BL_FLOAT;
}

static int64_t as_whole(bl_value number) {
  return number.kind == BL_BOOL ? number.as.truth : number.as.whole;
}

double bl_as_real(bl_value number) {
  return number.kind == BL_FLOAT ? number.as.real : (double)as_whole(number);
}

static bool lists_equal(bl_machine *m, const bl_list *a, const bl_list *b, bool *is_equal) {
  *is_equal = a->n == b->n;
  for (size_t i = 0; *is_equal && i < a->n; i++)
    if (!bl_equal(m, a->items[i], b->items[i], is_equal)) return false;
  return true;
}

static bool dicts_equal(bl_machine *m, const bl_dict *a, const bl_dict *b, bool *is_equal) {
  const bl_value *other;
  *is_equal = a->n == b->n;
  for (size_t i = 0; *is_equal && i < a->n; i++) {
    if (!bl_dict_find(m, b, a->keys[i], &other)) return false;
    if (!other)
      *is_equal = false;
    else if (!bl_equal(m, a->values[i], *other, is_equal))
      return false;
  }
  return true;
}

static bool numbers_equal(bl_value a, bl_value b) {
  if (a.kind == BL_FLOAT || b.kind == BL_FLOAT) return bl_as_real(a) == bl_as_real(b);
  return as_whole(a) == as_whole(b);
}

bool bl_equal(bl_machine *m, bl_value value, bl_value other, bool *is_equal) {
  if (bl_is_number(value) && bl_is_number(other)) {
    *is_equal = numbers_equal(value, other);
    return true;
  }
  *is_equal = value.kind == other.kind;
  if (!*is_equal) return true;
  bool ok = true;
  switch (value.kind) {
    case BL_UNDEFINED:
    case BL_NONE:
      return true;
    case BL_TEXT:
      *is_equal = bl_str_equal(value.as.text, other.as.text);
      return bl_spend(m, value.as.text.size / 64);
    case BL_LIST:
    case BL_TUPLE:
    case BL_DICT:
      if (!bl_enter(m)) return false;
      ok = value.kind == BL_DICT ? dicts_equal(m, value.as.dict, other.as.dict, is_equal)
                                 : lists_equal(m, value.as.list, other.as.list, is_equal);
      bl_leave(m);
      return ok;
    default:
      *is_equal = value.as.macro == other.as.macro; /* the same one */
      return true;
  }
}

static bool order_lists(bl_machine *m, const bl_list *a, const bl_list *b, int *order) {
  if (!bl_enter(m)) return false;
  bool ok = true, is_equal = true;
  *order = (a->n > b->n) - (a->n < b->n);
  for (size_t i = 0; ok && is_equal && i < a->n && i < b->n; i++) {
    ok = bl_equal(m, a->items[i], b->items[i], &is_equal);
    if (ok && !is_equal) ok = bl_order(m, a->items[i], b->items[i], order);
  }
  bl_leave(m);
  return ok;
}

bool bl_order(bl_machine *m, bl_value value, bl_value other, int *order) {
  if (bl_is_number(value) && bl_is_number(other)) {
    double a = bl_as_real(value), b = bl_as_real(other);
    *order = (a > b) - (a < b);
    if (value.kind != BL_FLOAT && other.kind != BL_FLOAT)
      *order = (as_whole(value) > as_whole(other)) - (as_whole(value) < as_whole(other));
    return true;
  }
  if (value.kind == BL_TEXT && other.kind == BL_TEXT) {
    bl_str a = value.as.text, b = other.as.text;
    size_t n = a.size < b.size ? a.size : b.size;
    *order = n ? memcmp(a.bytes, b.bytes, n) : 0;
    if (*order == 0) *order = (a.size > b.size) - (a.size < b.size);
    return bl_spend(m, n / 64);
  }
  if (value.kind == other.kind && (value.kind == BL_LIST || value.kind == BL_TUPLE))
    return order_lists(m, value.as.list, other.as.list, order);
  return BL_STOP(m, "chat template, line %d: '%s' is not possible between %s and %s", m->line, "<",
                 bl_type_name(value), bl_type_name(other));
}

bool bl_parse_whole(bl_str digits, int64_t *x) {
  size_t i = digits.size > 0 && (digits.bytes[0] == '-' || digits.bytes[0] == '+');
  bool is_negative = i == 1 && digits.bytes[0] == '-', ok = i < digits.size;
  *x = 0;
  for (; ok && i < digits.size; i++) {
    int digit = digits.bytes[i] - '0';
    ok = digit >= 0 && digit <= 9 && !__builtin_mul_overflow(*x, 10, x) &&
         !__builtin_add_overflow(*x, is_negative ? -digit : digit, x);
  }
  return ok;
}

bool bl_str_equal(bl_str a, bl_str b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

bool bl_str_is(bl_str text, const char *word) {
  return bl_str_equal(text, (bl_str){word, strlen(word)});
}

size_t bl_text_length(bl_str text) {
  size_t n = 0;
  for (size_t i = 0; i < text.size; i++) n += !bl_utf8_goes_on(text.bytes[i]);
  return n;
}

size_t bl_text_at(bl_str text, size_t index) {
  size_t at = 0;
  for (; at < text.size; at++)
    if (!bl_utf8_goes_on(text.bytes[at]) && index-- == 0) break;
  return at;
}

bool bl_length(bl_machine *m, bl_value value, size_t *n) {
  *n = 0;
  switch (value.kind) {
    case BL_UNDEFINED:
      return true;
    case BL_TEXT:
      *n = bl_text_length(value.as.text);
      return bl_spend(m, value.as.text.size / 16);
    case BL_LIST:
    case BL_TUPLE:
      *n = value.as.list->n;
      return true;
    case BL_DICT:
      *n = value.as.dict->n;
      return true;
    default:
      return BL_STOP(m, "chat template, line %d: a value of type %s has no length", m->line,
                     bl_type_name(value));
  }
}

static bool characters(bl_machine *m, bl_str text, bl_list *items) {
  bl_value *made, list;
  size_t n = bl_text_length(text), at = 0;
  if (!bl_make_list(m, BL_LIST, n, &made, &list)) return false;
  for (size_t i = 0; i < n; i++) {
    size_t size = bl_utf8_length(text.bytes + at, text.size - at);
    made[i] = bl_of_text((bl_str){text.bytes + at, size});
    at += size;
  }
  *items = *list.as.list;
  return true;
}

bool bl_items(bl_machine *m, bl_value value, bl_list *items) {
  *items = (bl_list){0};
  switch (value.kind) {
    case BL_UNDEFINED:
      return true;
    case BL_TEXT:
      return characters(m, value.as.text, items);
    case BL_LIST:
    case BL_TUPLE:
      *items = *value.as.list;
      return true;
    case BL_GENERATOR:
      *items = *value.as.rest;
      *value.as.rest = (bl_list){0};
      return true;
    case BL_DICT:
      *items = (bl_list){value.as.dict->n, value.as.dict->keys};
      return true;
    default:
      return BL_STOP(m, "chat template, line %d: a value of type %s has no items", m->line,
                     bl_type_name(value));
  }
}
