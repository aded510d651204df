/* Chat templates: values from JSON and as JSON, as Python's json has them. */
#include "chat/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_print.h"
#include "base/utf8.h"

/* ---- reading ------------------------------------------------------------------------------- */

static bool read_value(bl_machine *m, bl_json_reader *r, bl_value *value);

static bool read_string(bl_machine *m, bl_json_raw raw, bl_value *value) {
  char *bytes = bl_take(m, raw.size);
  if (!bytes || !bl_spend(m, 1 + raw.size / 16)) return false;
  *value = bl_of_text((bl_str){bytes, bl_json_unescape(raw, bytes)});
  return true;
}

/* A number with a point or an exponent is a float, as in Python. */
static bool read_number(bl_machine *m, bl_json_reader *r, bl_value *value) {
  char digits[80];
  size_t start = r->at;
  if (!bl_json_skip(r)) return false;
  size_t n = r->at - start;
  snprintf(digits, sizeof digits, "%.*s", (int)n, r->text + start);
  if (strpbrk(digits, ".eE")) {
    *value = bl_of_float(strtod(digits, NULL));
    return true;
  }
  int64_t x;
  bool is_whole = bl_parse_whole((bl_str){r->text + start, n}, &x);
  *value = bl_of_int(x);
  if (is_whole) return true;
  return BL_STOP(m, "chat template, line %d: a whole number is over 63 bits", m->line);
}

/* Items are gathered in a growing array of the arena's. */
static bool read_list(bl_machine *m, bl_json_reader *r, bl_value *value) {
  bl_value *items = NULL, item;
  size_t n = 0, capacity = 0;
  uint64_t n_read = 0;
  r->at++;
  while (bl_json_more(r, ']', &n_read)) {
    if (!read_value(m, r, &item)) return false;
    if (n == capacity) {
      bl_value *grown = bl_take(m, (capacity = capacity ? 2 * capacity : 4) * sizeof *grown);
      if (!grown) return false;
      if (n) memcpy(grown, items, n * sizeof *items);
      items = grown;
    }
    items[n++] = item;
  }
  bl_list *list = bl_take(m, sizeof *list);
  if (!list) return false;
  *list = (bl_list){n, items};
  *value = (bl_value){.kind = BL_LIST, .as.list = list};
  return true;
}

static bool read_dict(bl_machine *m, bl_json_reader *r, bl_value *value) {
  bl_dict *dict = bl_make_dict(m);
  bl_json_raw raw;
  bl_value key, item;
  uint64_t n_read = 0;
  r->at++;
  while (dict && bl_json_more(r, '}', &n_read)) {
    if (!bl_json_read_key(r, &raw) || !read_string(m, raw, &key) || !read_value(m, r, &item) ||
        !bl_dict_set(m, dict, key, item))
      return false;
  }
  *value = (bl_value){.kind = BL_DICT, .as.dict = dict};
  return dict != NULL;
}

/* False also where the text is no JSON: the reader has the problem then. */
static bool read_value(bl_machine *m, bl_json_reader *r, bl_value *value) {
  bl_json_raw raw;
  char c = bl_json_peek(r);
  bool ok;
  switch (c) {
    case '"':
      return bl_json_read_string(r, &raw) && read_string(m, raw, value);
    case '[':
    case '{':
      if (!bl_enter(m)) return false;
      ok = c == '[' ? read_list(m, r, value) : read_dict(m, r, value);
      bl_leave(m);
      return ok;
    case 't':
    case 'f':
      *value = bl_of_bool(c == 't');
      return bl_json_skip(r);
    case 'n':
      *value = bl_none;
      return bl_json_skip(r);
    default:
      return read_number(m, r, value);
  }
}

bool bl_value_from_json(bl_machine *m, const char *file, const char *text, size_t size,
                        bl_value *value) {
  bl_json_reader reader = {.text = text, .size = size};
  bool ok = read_value(m, &reader, value);
  if (m->code != BL_OK) return false;
  if (ok && bl_json_end(&reader)) return true;
  return bl_stop(m, bl_json_refuse(file, &reader, m->error));
}

/* ---- writing ------------------------------------------------------------------------------- */

static bool put(bl_machine *m, const char *text) {
  return bl_write(m, text, strlen(text));
}

static bool put_escape(bl_machine *m, uint32_t code) {
  static const char letters[] = "\"\"\\\\\nn\rr\tt\bb\ff";
  char escape[16];
  const char *found = code < 128 && code ? strchr(letters, (int)code) : NULL;
  /* The place of a character in the pairs is even; that of a letter is not reached, as none is
   * escaped. */
  if (found)
    snprintf(escape, sizeof escape, "\\%c", found[1]);
  else if (code < 0x10000)
    snprintf(escape, sizeof escape, "\\u%04x", (unsigned)code);
  else
    snprintf(escape, sizeof escape, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (code >> 10)),
             (unsigned)(0xdc00 + (code & 0x3ff)));
  return put(m, escape);
}

static bool put_string(bl_machine *m, bl_str text, bool ascii) {
  bool ok = put(m, "\"");
  for (size_t at = 0, size; ok && at < text.size; at += size) {
    uint32_t code = bl_utf8_decode(text.bytes, text.size, at, &size);
    bool is_escaped = code < ' ' || code == '"' || code == '\\' || (ascii && code >= 0x7f);
    if (ascii && code == 0x7f) is_escaped = false;
    ok = is_escaped ? put_escape(m, code) : bl_write(m, text.bytes + at, size);
  }
  return ok && put(m, "\"");
}

static bool put_line(bl_machine *m, const bl_dump *dump, int level) {
  if (!dump->has_lines) return true;
  bool ok = put(m, "\n");
  for (int i = 0; ok && i < level; i++) ok = bl_write(m, dump->indent.bytes, dump->indent.size);
  return ok;
}

static bool put_item_start(bl_machine *m, const bl_dump *dump, size_t i, int level) {
  return (i == 0 || bl_write(m, dump->item.bytes, dump->item.size)) && put_line(m, dump, level + 1);
}

static bool put_list(bl_machine *m, const bl_list *list, const bl_dump *dump, int level) {
  bool ok = put(m, "[");
  for (size_t i = 0; ok && i < list->n; i++)
    ok = put_item_start(m, dump, i, level) && bl_write_json(m, list->items[i], dump, level + 1);
  if (ok && list->n) ok = put_line(m, dump, level);
  return ok && put(m, "]");
}

/* The key as JSON has it, which knows texts alone. */
static bool put_key(bl_machine *m, bl_value key, const bl_dump *dump) {
  bl_value text = key;
  size_t start = m->out.size;
  if (key.kind == BL_TUPLE)
    return BL_STOP(m, "chat template, line %d: a value of type %s can't be a key", m->line,
                   bl_type_name(key));
  if (key.kind != BL_TEXT && (!bl_write_json(m, key, dump, 0) || !bl_take_back(m, start, &text)))
    return false;
  return put_string(m, text.as.text, dump->ascii) && bl_write(m, dump->key.bytes, dump->key.size);
}

/* The places of a dict's keys in the order in which they are written. */
static bool order_keys(bl_machine *m, const bl_dict *dict, bool sorted, size_t *places) {
  int order = 0;
  for (size_t i = 0; i < dict->n; i++) {
    size_t at = i;
    for (; sorted && at > 0; at--) {
      if (!bl_spend(m, 1) || !bl_order(m, dict->keys[places[at - 1]], dict->keys[i], &order))
        return false;
      if (order <= 0) break;
      places[at] = places[at - 1];
    }
    places[at] = i;
  }
  return true;
}

static bool put_dict(bl_machine *m, const bl_dict *dict, const bl_dump *dump, int level) {
  size_t *places = bl_take(m, dict->n * sizeof *places);
  bool ok = places && order_keys(m, dict, dump->sorted, places) && put(m, "{");
  for (size_t i = 0; ok && i < dict->n; i++)
    ok = put_item_start(m, dump, i, level) && put_key(m, dict->keys[places[i]], dump) &&
         bl_write_json(m, dict->values[places[i]], dump, level + 1);
  if (ok && dict->n) ok = put_line(m, dump, level);
  return ok && put(m, "}");
}

static bool put_number(bl_machine *m, bl_value value) {
  if (value.kind == BL_INT || isfinite(value.as.real)) return bl_write_repr(m, value);
  return put(m, isnan(value.as.real) ? "NaN" : value.as.real < 0 ? "-Infinity" : "Infinity");
}

bool bl_write_json(bl_machine *m, bl_value value, const bl_dump *dump, int level) {
  bool ok;
  switch (value.kind) {
    case BL_NONE:
      return put(m, "null");
    case BL_BOOL:
      return put(m, value.as.truth ? "true" : "false");
    case BL_INT:
    case BL_FLOAT:
      return put_number(m, value);
    case BL_TEXT:
      return put_string(m, value.as.text, dump->ascii);
    case BL_LIST:
    case BL_TUPLE:
    case BL_DICT:
      if (!bl_enter(m)) return false;
      ok = value.kind == BL_DICT ? put_dict(m, value.as.dict, dump, level)
                                 : put_list(m, value.as.list, dump, level);
      bl_leave(m);
      return ok;
    default:
      return BL_STOP(m, "chat template, line %d: a value of type %s can't be written as JSON",
                     m->line, bl_type_name(value));
  }
}
