/* Chat templates: values as text, as Python's str and repr have them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_print.h"
#include "chat/value.h"
#include "text/unicode.h"

static bool put(bl_machine *m, const char *text) {
  return bl_write(m, text, strlen(text));
}

static bool put_number(bl_machine *m, bl_value value) {
  char digits[BL_JSON_NUMBER];
  if (value.kind == BL_INT)
    snprintf(digits, sizeof digits, "%lld", (long long)value.as.whole);
  else if (isfinite(value.as.real))
    bl_json_print_number(value.as.real, true, digits);
  else
    snprintf(digits, sizeof digits, "%s",
             isnan(value.as.real) ? "nan"
             : value.as.real < 0  ? "-inf"
                                  : "inf");
  return put(m, digits);
}

/* Does repr show the character as it is? */
static bool is_printable(uint32_t code) {
  bl_category category = bl_unicode_category(code);
  return code == ' ' || category < BL_CAT_ZS;
}

static bool put_escape(bl_machine *m, uint32_t code) {
  char escape[16];
  if (code == '\n') return put(m, "\\n");
  if (code == '\r') return put(m, "\\r");
  if (code == '\t') return put(m, "\\t");
  snprintf(escape, sizeof escape,
           code < 0x100     ? "\\x%02x"
           : code < 0x10000 ? "\\u%04x"
                            : "\\U%08x",
           (unsigned)code);
  return put(m, escape);
}

static bool put_repr(bl_machine *m, bl_str text) {
  bool has_single = text.size && memchr(text.bytes, '\'', text.size);
  bool has_double = text.size && memchr(text.bytes, '"', text.size);
  char quote = has_single && !has_double ? '"' : '\'';
  bool ok = bl_write(m, &quote, 1);
  for (size_t at = 0, size; ok && at < text.size; at += size) {
    uint32_t code = bl_utf8_decode(text.bytes, text.size, at, &size);
    if (code == '\\' || code == (uint32_t)quote) ok = put(m, "\\");
    if (ok && !is_printable(code))
      ok = put_escape(m, code);
    else if (ok)
      ok = bl_write(m, text.bytes + at, size);
  }
  return ok && bl_write(m, &quote, 1);
}

static bool put_list(bl_machine *m, const bl_list *list, bool is_tuple) {
  bool ok = put(m, is_tuple ? "(" : "[");
  for (size_t i = 0; ok && i < list->n; i++)
    ok = (i == 0 || put(m, ", ")) && bl_write_repr(m, list->items[i]);
  if (ok && is_tuple && list->n == 1) ok = put(m, ",");
  return ok && put(m, is_tuple ? ")" : "]");
}

static bool put_dict(bl_machine *m, const bl_dict *dict) {
  bool ok = put(m, "{");
  for (size_t i = 0; ok && i < dict->n; i++)
    ok = (i == 0 || put(m, ", ")) && bl_write_repr(m, dict->keys[i]) && put(m, ": ") &&
         bl_write_repr(m, dict->values[i]);
  return ok && put(m, "}");
}

static bool put_nested(bl_machine *m, bl_value value) {
  if (!bl_enter(m)) return false;
  bool ok = value.kind == BL_DICT ? put_dict(m, value.as.dict)
                                  : put_list(m, value.as.list, value.kind == BL_TUPLE);
  bl_leave(m);
  return ok;
}

bool bl_write_repr(bl_machine *m, bl_value value) {
  switch (value.kind) {
    case BL_UNDEFINED:
      return put(m, "Undefined");
    case BL_NONE:
      return put(m, "None");
    case BL_BOOL:
      return put(m, value.as.truth ? "True" : "False");
    case BL_INT:
    case BL_FLOAT:
      return put_number(m, value);
    case BL_TEXT:
      return put_repr(m, value.as.text);
    case BL_LIST:
    case BL_TUPLE:
    case BL_DICT:
      return put_nested(m, value);
    default:
      return BL_STOP(m, "chat template, line %d: a value of type %s can't be written as text",
                     m->line, bl_type_name(value));
  }
}

bool bl_write_value(bl_machine *m, bl_value value) {
  if (value.kind == BL_TEXT) return bl_write(m, value.as.text.bytes, value.as.text.size);
  return value.kind == BL_UNDEFINED || bl_write_repr(m, value);
}

bool bl_to_text(bl_machine *m, bl_value value, bl_str *text) {
  size_t start = m->out.size;
  if (value.kind == BL_TEXT) {
    *text = value.as.text;
    return true;
  }
  if (!bl_write_value(m, value) || !bl_take_back(m, start, &value)) return false;
  *text = value.as.text;
  return true;
}
