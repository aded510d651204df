/* Chat templates: the filters for texts and numbers (jinja2 3.1.6, filters.py; tojson as
 * transformers 5.24 has it). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chat/evaluate.h"
#include "chat/json.h"
#include "chat/space.h"

#define FILTER(name)                                                                        \
  static bool name(bl_machine *m, bl_value self, const bl_value *args, const bl_call *call, \
                   bl_value *result)
#define UNUSED(x) (void)(x)

static bool change_case(bl_machine *m, bl_value self, bl_case how, bl_value *result) {
  bl_str text;
  return bl_to_text(m, self, &text) && bl_change_case(m, text, how, result);
}

FILTER(upper) {
  UNUSED(args), UNUSED(call);
  return change_case(m, self, BL_UPPER, result);
}

FILTER(lower) {
  UNUSED(args), UNUSED(call);
  return change_case(m, self, BL_LOWER, result);
}

FILTER(capitalize) {
  UNUSED(args), UNUSED(call);
  return change_case(m, self, BL_CAPITALIZE, result);
}

FILTER(title) {
  UNUSED(args), UNUSED(call);
  return change_case(m, self, BL_TITLE_FILTER, result);
}

FILTER(trim) {
  UNUSED(call);
  bl_str text, set;
  if (args[0].kind == BL_NONE) args = (bl_value[]){{0}};
  if (!bl_to_text(m, self, &text) || !bl_text_argument(m, args[0], (bl_str){0}, &set)) return false;
  *result = bl_of_text(bl_strip_end(bl_strip_start(text, set), set));
  return bl_spend(m, text.size / 16);
}

FILTER(replace) {
  UNUSED(call);
  bl_str text, old, new;
  int64_t most;
  if (args[2].kind == BL_NONE) args = (bl_value[]){args[0], args[1], {0}};
  return bl_to_text(m, self, &text) && bl_to_text(m, args[0], &old) &&
         bl_to_text(m, args[1], &new) && bl_int_argument(m, args[2], -1, &most) &&
         bl_replace(m, text, old, new, most, result);
}

FILTER(string) {
  UNUSED(args), UNUSED(call);
  bl_str text;
  if (!bl_to_text(m, self, &text)) return false;
  *result = self.kind == BL_TEXT ? self : bl_of_text(text);
  return true;
}

FILTER(safe) {
  if (!string(m, self, args, call, result)) return false;
  result->is_safe = true;
  return true;
}

FILTER(length) {
  UNUSED(args), UNUSED(call);
  size_t n;
  if (!bl_length(m, self, &n)) return false;
  *result = bl_of_int((int64_t)n);
  return true;
}

FILTER(set_default) {
  UNUSED(m), UNUSED(call);
  bool replaces = self.kind == BL_UNDEFINED || (bl_is_true(args[1]) && !bl_is_true(self));
  *result = !replaces ? self : bl_is_absent(args[0]) ? bl_of_name("") : args[0];
  return true;
}

/* ---- indent -------------------------------------------------------------------------------- */

/* What goes before a line: so many spaces, or a text. */
static bool indention(bl_machine *m, bl_value width, bl_str *text) {
  int64_t n;
  bl_value spaces;
  if (width.kind == BL_TEXT) return bl_text_argument(m, width, (bl_str){0}, text);
  if (!bl_int_argument(m, width, 4, &n) ||
      !bl_binary(m, (bl_str){"*", 1}, bl_of_name(" "), bl_of_int(n), &spaces))
    return false;
  *text = spaces.as.text;
  return true;
}

FILTER(indent) {
  UNUSED(call);
  bl_str text, before;
  size_t start = m->out.size;
  bool first = bl_is_true(args[1]), blank = bl_is_true(args[2]);
  if (!bl_demand(m, self) || !bl_text_argument(m, self, (bl_str){0}, &text) ||
      !indention(m, args[0], &before))
    return false;
  bool ok = !first || bl_write(m, before.bytes, before.size);
  for (size_t at = 0; ok && at < text.size;) {
    const char *end = memchr(text.bytes + at, '\n', text.size - at);
    size_t n = end ? (size_t)(end - text.bytes) - at : text.size - at;
    bool is_indented = at > 0 && (n > 0 || blank);
    if (at > 0) ok = bl_write(m, "\n", 1);
    if (ok && is_indented) ok = bl_write(m, before.bytes, before.size);
    if (ok) ok = bl_write(m, text.bytes + at, n) && bl_spend(m, 1);
    at += n + 1;
    /* A text that ends with a line has an empty one behind it. */
    if (ok && end && at == text.size)
      ok = bl_write(m, "\n", 1) && (!blank || bl_write(m, before.bytes, before.size));
  }
  return ok && bl_take_back(m, start, result);
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* A text as a number: the whole of it but for white space. */
static bool parse_number(bl_str text, bool takes_point, bl_value *result) {
  char digits[64], *end;
  int64_t x;
  text = bl_strip_end(bl_strip_start(text, (bl_str){0}), (bl_str){0});
  if (!takes_point) {
    bool is_whole = bl_parse_whole(text, &x);
    if (is_whole) *result = bl_of_int(x);
    return is_whole;
  }
  if (text.size == 0 || text.size >= sizeof digits) return false;
  memcpy(digits, text.bytes, text.size);
  digits[text.size] = '\0';
  if (strspn(digits, "+-0123456789.eE") != text.size) return false;
  double number = strtod(digits, &end);
  if (end != digits + text.size) return false;
  *result = bl_of_float(number);
  return true;
}

static bool to_whole(bl_machine *m, double x, bl_value *result) {
  if (!(fabs(x) < 0x1p63))
    return BL_STOP(m, "chat template, line %d: a whole number is over 63 bits", m->line);
  *result = bl_of_int((int64_t)x);
  return true;
}

FILTER(to_int) {
  UNUSED(call);
  bl_value number;
  *result = bl_is_absent(args[0]) ? bl_of_int(0) : args[0];
  if (self.kind == BL_TEXT) {
    if (parse_number(self.as.text, false, result)) return true;
    return !parse_number(self.as.text, true, &number) || to_whole(m, number.as.real, result);
  }
  if (bl_is_number(self)) return to_whole(m, bl_as_real(self), result);
  return bl_demand(m, self);
}

FILTER(to_float) {
  UNUSED(call);
  *result = bl_is_absent(args[0]) ? bl_of_float(0) : args[0];
  if (self.kind == BL_TEXT) parse_number(self.as.text, true, result);
  if (bl_is_number(self)) *result = bl_of_float(bl_as_real(self));
  return bl_demand(m, self);
}

static bool demand_number(bl_machine *m, bl_value value) {
  if (!bl_demand(m, value)) return false;
  return bl_is_number(value) ||
         BL_STOP(m, "chat template, line %d: an argument is of type %s, expected %s", m->line,
                 bl_type_name(value), "int");
}

FILTER(absolute) {
  UNUSED(args), UNUSED(call);
  bool is_below = bl_is_number(self) && bl_as_real(self) < 0;
  if (!demand_number(m, self)) return false;
  if (is_below) return bl_sign(m, (bl_str){"-", 1}, self, result);
  return bl_sign(m, (bl_str){"+", 1}, self, result);
}

FILTER(round_number) {
  UNUSED(call);
  int64_t precision;
  bl_str method;
  if (!demand_number(m, self) || !bl_int_argument(m, args[0], 0, &precision) ||
      !bl_text_argument(m, args[1], (bl_str){"common", 6}, &method))
    return false;
  double scale = 1, x = bl_as_real(self);
  for (int64_t i = 0; i < llabs(precision) && i < 400; i++) scale *= 10;
  x = precision < 0 ? x / scale : x * scale;
  bool is_up = bl_str_is(method, "ceil"), is_down = bl_str_is(method, "floor");
  if (!is_up && !is_down && self.kind != BL_FLOAT && precision >= 0)
    return bl_sign(m, (bl_str){"+", 1}, self, result);
  x = is_up ? ceil(x) : is_down ? floor(x) : nearbyint(x);
  x = precision < 0 ? x * scale : x / scale;
  *result = bl_of_float(x);
  return true;
}

/* ---- tojson -------------------------------------------------------------------------------- */

/* The indent of a level: None, so many spaces, or a text. */
static bool read_indent(bl_machine *m, bl_value value, bl_dump *dump) {
  dump->has_lines = !bl_is_absent(value) && value.kind != BL_NONE;
  return !dump->has_lines || indention(m, value, &dump->indent);
}

static bool read_separators(bl_machine *m, bl_value value, bl_dump *dump) {
  bl_list items;
  dump->item = dump->has_lines ? (bl_str){",", 1} : (bl_str){", ", 2};
  dump->key = (bl_str){": ", 2};
  if (bl_is_absent(value) || value.kind == BL_NONE) return true;
  if (!bl_items(m, value, &items)) return false;
  if (items.n != 2)
    return BL_STOP(m, "chat template, line %d: %zu values were given for %zu names", m->line,
                   items.n, (size_t)2);
  return bl_text_argument(m, items.items[0], (bl_str){0}, &dump->item) &&
         bl_text_argument(m, items.items[1], (bl_str){0}, &dump->key);
}

FILTER(to_json) {
  UNUSED(call);
  size_t start = m->out.size;
  bl_dump dump = {.ascii = bl_is_true(args[0]), .sorted = bl_is_true(args[3])};
  return read_indent(m, args[1], &dump) && read_separators(m, args[2], &dump) &&
         bl_demand(m, self) && bl_write_json(m, self, &dump, 0) && bl_take_back(m, start, result);
}

const bl_builtin bl_text_filters[] = {
    {"upper", "", 0, upper},
    {"lower", "", 0, lower},
    {"capitalize", "", 0, capitalize},
    {"title", "", 0, title},
    {"trim", "chars", 0, trim},
    {"replace", "old new count", 2, replace},
    {"string", "", 0, string},
    {"safe", "", 0, safe},
    {"length", "", 0, length},
    {"count", "", 0, length},
    {"default", "default_value boolean", 0, set_default},
    {"d", "default_value boolean", 0, set_default},
    {"indent", "width first blank", 0, indent},
    {"int", "default base", 0, to_int},
    {"float", "default", 0, to_float},
    {"abs", "", 0, absolute},
    {"round", "precision method", 0, round_number},
    {"tojson", "ensure_ascii indent separators sort_keys", 0, to_json},
};
const size_t bl_n_text_filters = sizeof bl_text_filters / sizeof *bl_text_filters;
