/* Chat templates: operators, members and slices, as Python has them. */
#include <math.h>
#include <string.h>

#include "chat/evaluate.h"

static bool not_possible(bl_machine *m, bl_str name, bl_value a, bl_value b) {
  char operator[8] = "";
  memcpy(operator, name.bytes, name.size < 7 ? name.size : 7);
  return bl_demand(m, a) && bl_demand(m, b) &&
         BL_STOP(m, "chat template, line %d: '%s' is not possible between %s and %s",
                 m->line, operator, bl_type_name(a), bl_type_name(b));
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

static bool too_large(bl_machine *m) {
  return BL_STOP(m, "chat template, line %d: a whole number is over 63 bits", m->line);
}

static bool by_zero(bl_machine *m) {
  return BL_STOP(m, "chat template, line %d: a division by zero", m->line);
}

static int64_t whole(bl_value x) {
  return x.kind == BL_BOOL ? x.as.truth : x.as.whole;
}

/* Toward minus infinity; the remainder has the divisor's sign. */
static int64_t floor_divide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return a % b != 0 && (a % b < 0) != (b < 0) ? quotient - 1 : quotient;
}

/* By a whole exponent, multiplied out. */
static double real_power(double base, int64_t exponent) {
  uint64_t n = exponent < 0 ? -(uint64_t)exponent : (uint64_t)exponent;
  double power = 1;
  for (; n > 0; n >>= 1, base *= base)
    if (n & 1) power *= base;
  return exponent < 0 ? 1 / power : power;
}

static bool int_power(bl_machine *m, int64_t base, int64_t exponent, bl_value *result) {
  int64_t power = 1;
  if (exponent < 0) {
    if (base == 0) return by_zero(m);
    *result = bl_of_float(real_power((double)base, exponent));
    return true;
  }
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1 && __builtin_mul_overflow(power, base, &power)) return too_large(m);
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base)) return too_large(m);
  }
  *result = bl_of_int(power);
  return true;
}

static bool int_operation(bl_machine *m, bl_str name, int64_t a, int64_t b, bl_value *result) {
  int64_t x = 0;
  bool overflows = false;
  if (bl_str_is(name, "**")) return int_power(m, a, b, result);
  if (bl_str_is(name, "+")) overflows = __builtin_add_overflow(a, b, &x);
  if (bl_str_is(name, "-")) overflows = __builtin_sub_overflow(a, b, &x);
  if (bl_str_is(name, "*")) overflows = __builtin_mul_overflow(a, b, &x);
  if (bl_str_is(name, "/") || bl_str_is(name, "//") || bl_str_is(name, "%")) {
    if (b == 0) return by_zero(m);
    if (bl_str_is(name, "/")) {
      *result = bl_of_float((double)a / (double)b);
      return true;
    }
    overflows = a == INT64_MIN && b == -1;
    if (!overflows) x = floor_divide(a, b);
    if (!overflows && bl_str_is(name, "%")) x = a - x * b;
  }
  if (overflows) return too_large(m);
  *result = bl_of_int(x);
  return true;
}

static bool float_operation(bl_machine *m, bl_str name, double a, double b, bl_value *result) {
  bool is_power = bl_str_is(name, "**");
  if (is_power && !(b == floor(b) && fabs(b) < 1e6))
    return not_possible(m, name, bl_of_float(a), bl_of_float(b));
  bool divides = bl_str_is(name, "/") || bl_str_is(name, "//") || bl_str_is(name, "%");
  if (divides && b == 0) return by_zero(m);
  double x = bl_str_is(name, "+")    ? a + b
             : bl_str_is(name, "-")  ? a - b
             : bl_str_is(name, "*")  ? a * b
             : bl_str_is(name, "/")  ? a / b
             : bl_str_is(name, "//") ? floor(a / b)
             : bl_str_is(name, "%")  ? fmod(a, b)
                                     : real_power(a, (int64_t)b);
  if (bl_str_is(name, "%") && x != 0 && (x < 0) != (b < 0)) x += b;
  *result = bl_of_float(x);
  return true;
}

/* ---- texts and lists ----------------------------------------------------------------------- */

static bool is_list(bl_value value) {
  return value.kind == BL_LIST || value.kind == BL_TUPLE;
}

static bool add_texts(bl_machine *m, bl_str a, bl_str b, bl_value *result) {
  char *bytes = b.size <= SIZE_MAX - a.size ? bl_take(m, a.size + b.size) : NULL;
  if (!bytes || !bl_spend(m, (a.size + b.size) / 16)) return false;
  if (a.size) memcpy(bytes, a.bytes, a.size);
  if (b.size) memcpy(bytes + a.size, b.bytes, b.size);
  *result = bl_of_text((bl_str){bytes, a.size + b.size});
  return true;
}

/* As HTML wants it, unless it is marked as such: what markupsafe 3.0 makes of what is added to a
 * text that is. */
static bool escape(bl_machine *m, bl_value *value) {
  size_t start = m->out.size;
  bl_str text = value->as.text;
  if (value->is_safe) return true;
  for (size_t at = 0; at < text.size; at++) {
    char c = text.bytes[at];
    const char *name = c == '&'    ? "&amp;"
                       : c == '<'  ? "&lt;"
                       : c == '>'  ? "&gt;"
                       : c == '\'' ? "&#39;"
                       : c == '"'  ? "&#34;"
                                   : NULL;
    if (!bl_spend(m, 1) || !(name ? bl_write(m, name, strlen(name)) : bl_write(m, &c, 1)))
      return false;
  }
  return bl_take_back(m, start, value);
}

static bool add_safely(bl_machine *m, bl_value a, bl_value b, bl_value *result) {
  bool is_safe = a.is_safe || b.is_safe;
  if (is_safe && (!escape(m, &a) || !escape(m, &b))) return false;
  if (!add_texts(m, a.as.text, b.as.text, result)) return false;
  result->is_safe = is_safe;
  return true;
}

static bool add_lists(bl_machine *m, bl_value a, bl_value b, bl_value *result) {
  bl_value *items;
  size_t n = a.as.list->n;
  if (!bl_make_list(m, a.kind, n + b.as.list->n, &items, result)) return false;
  if (n) memcpy(items, a.as.list->items, n * sizeof *items);
  if (b.as.list->n) memcpy(items + n, b.as.list->items, b.as.list->n * sizeof *items);
  return true;
}

/* The text or list so many times; a negative number counts as 0. */
static bool repeat(bl_machine *m, bl_value of, int64_t times, bl_value *result) {
  size_t n = of.kind == BL_TEXT ? of.as.text.size : of.as.list->n, start = m->out.size;
  bl_value *items;
  bool ok = true;
  if (times < 0 || n == 0) times = 0;
  if ((uint64_t)times > 1 + m->steps_left) return bl_spend(m, UINT64_MAX);
  if (of.kind == BL_TEXT) {
    for (int64_t i = 0; ok && i < times; i++)
      ok = bl_spend(m, 1) && bl_write(m, of.as.text.bytes, n);
    return ok && bl_take_back(m, start, result);
  }
  if ((uint64_t)times > SIZE_MAX / 64 / (n + 1)) return bl_spend(m, UINT64_MAX);
  if (!bl_make_list(m, of.kind, n * (size_t)times, &items, result)) return false;
  for (size_t i = 0; i < (size_t)times; i++)
    memcpy(items + i * n, of.as.list->items, n * sizeof *items);
  return true;
}

bool bl_binary(bl_machine *m, bl_str name, bl_value a, bl_value b, bl_value *result) {
  bool is_sum = bl_str_is(name, "+"), is_product = bl_str_is(name, "*");
  if (bl_str_is(name, "~")) {
    bl_str x, y;
    return bl_to_text(m, a, &x) && bl_to_text(m, b, &y) && add_texts(m, x, y, result);
  }
  if (bl_is_number(a) && bl_is_number(b)) {
    if (a.kind == BL_FLOAT || b.kind == BL_FLOAT)
      return float_operation(m, name, bl_as_real(a), bl_as_real(b), result);
    return int_operation(m, name, whole(a), whole(b), result);
  }
  if (is_sum && a.kind == BL_TEXT && b.kind == BL_TEXT) return add_safely(m, a, b, result);
  if (is_sum && is_list(a) && a.kind == b.kind) return add_lists(m, a, b, result);
  if (is_product && (a.kind == BL_TEXT || is_list(a)) && (b.kind == BL_INT || b.kind == BL_BOOL))
    return repeat(m, a, whole(b), result);
  if (is_product && (b.kind == BL_TEXT || is_list(b)) && (a.kind == BL_INT || a.kind == BL_BOOL))
    return repeat(m, b, whole(a), result);
  return not_possible(m, name, a, b);
}

bool bl_sign(bl_machine *m, bl_str name, bl_value a, bl_value *result) {
  if (!bl_demand(m, a)) return false;
  if (!bl_is_number(a)) return not_possible(m, name, a, a);
  if (a.kind == BL_FLOAT) {
    *result = bl_of_float(bl_str_is(name, "-") ? -a.as.real : a.as.real);
    return true;
  }
  return int_operation(m, name, 0, whole(a), result);
}

/* ---- comparisons --------------------------------------------------------------------------- */

static bool contains(bl_machine *m, bl_value container, bl_value value, bool *result) {
  bl_list items;
  *result = false;
  if (container.kind == BL_UNDEFINED) return true;
  if (container.kind == BL_TEXT) {
    if (value.kind != BL_TEXT) return not_possible(m, (bl_str){"in", 2}, value, container);
    size_t at;
    if (!bl_find_part(m, container.as.text, 0, value.as.text, &at)) return false;
    *result = at != SIZE_MAX;
    return true;
  }
  if (container.kind == BL_DICT) {
    const bl_value *found;
    if (!bl_dict_find(m, container.as.dict, value, &found)) return false;
    *result = found != NULL;
    return true;
  }
  if (!bl_items(m, container, &items)) return false;
  for (size_t i = 0; !*result && i < items.n; i++)
    if (!bl_spend(m, 1) || !bl_equal(m, items.items[i], value, result)) return false;
  return true;
}

bool bl_compare(bl_machine *m, bl_str name, bl_value a, bl_value b, bool *result) {
  int order = 0;
  if (bl_str_is(name, "==") || bl_str_is(name, "!=")) {
    if (!bl_equal(m, a, b, result)) return false;
    *result = *result == bl_str_is(name, "==");
    return true;
  }
  if (bl_str_is(name, "in") || bl_str_is(name, "not in")) {
    if (!contains(m, b, a, result)) return false;
    *result = *result == bl_str_is(name, "in");
    return true;
  }
  if (!bl_demand(m, a) || !bl_demand(m, b) || !bl_order(m, a, b, &order)) return false;
  bool takes_equal = name.size == 2;
  *result = (takes_equal && order == 0) || (name.bytes[0] == '<' ? order < 0 : order > 0);
  return true;
}

/* ---- members ------------------------------------------------------------------------------- */

static bool make_method(bl_machine *m, bl_value self, const bl_builtin *builtin, bl_value *result) {
  bl_method *method = bl_take(m, sizeof *method);
  if (!method) return false;
  *method = (bl_method){self, builtin};
  *result = (bl_value){.kind = BL_METHOD, .as.method = method};
  return true;
}

/* What stands under a name; false where there is nothing. */
static bool find_member(bl_value value, bl_str name, bl_value *result) {
  const bl_value *found = NULL;
  if (value.kind == BL_DICT) found = bl_dict_get(value.as.dict, name);
  if (value.kind == BL_NAMESPACE) found = bl_dict_get(value.as.space, name);
  if (found) *result = *found;
  return found != NULL;
}

bool bl_attribute(bl_machine *m, bl_value value, bl_str name, bl_value *result) {
  if (value.kind == BL_NAMESPACE && find_member(value, name, result)) return true;
  const bl_builtin *method = bl_find_method(value.kind, name);
  if (method) return make_method(m, value, method, result);
  if (!find_member(value, name, result)) *result = bl_undefined(name);
  return true;
}

/* A place counted from the end where it is negative; false where it is outside of n. */
static bool find_place(bl_value index, size_t n, size_t *place) {
  int64_t at = whole(index);
  if (at < 0) at += (int64_t)n;
  *place = (size_t)at;
  return at >= 0 && at < (int64_t)n;
}

bool bl_item(bl_machine *m, bl_value value, bl_value key, bl_value *result) {
  static const bl_str item = {"item", 4};
  size_t place;
  *result = bl_undefined(item);
  if (key.kind == BL_TEXT) {
    if (find_member(value, key.as.text, result)) return bl_spend(m, 1);
    const bl_builtin *method = bl_find_method(value.kind, key.as.text);
    if (method) return make_method(m, value, method, result);
    *result = bl_undefined(key.as.text);
    return true;
  }
  if (value.kind == BL_DICT) {
    const bl_value *found;
    if (!bl_dict_find(m, value.as.dict, key, &found)) return false;
    if (found) *result = *found;
    return true;
  }
  if (key.kind != BL_INT && key.kind != BL_BOOL) return true;
  if (is_list(value) && find_place(key, value.as.list->n, &place))
    *result = value.as.list->items[place];
  if (value.kind == BL_TEXT) {
    bl_str text = value.as.text;
    if (!find_place(key, bl_text_length(text), &place)) return true;
    size_t start = bl_text_at(text, place);
    bl_str rest = {text.bytes + start, text.size - start};
    *result = bl_of_text((bl_str){rest.bytes, bl_text_at(rest, 1)});
    return bl_spend(m, text.size / 16);
  }
  return true;
}

/* ---- slices -------------------------------------------------------------------------------- */

/* Where a slice begins, where it ends and how it steps, in n items. */
typedef struct bounds {
  int64_t start, stop, step;
} bounds;

/* A bound as Python clips it, or `unset`. */
static bool clip(bl_machine *m, bl_value bound, int64_t n, bool is_back, int64_t unset,
                 int64_t *at) {
  int64_t low = is_back ? -1 : 0, high = is_back ? n - 1 : n;
  *at = unset;
  if (bound.kind == BL_NONE) return true;
  if (bound.kind != BL_INT && bound.kind != BL_BOOL)
    return bl_demand(m, bound) &&
           BL_STOP(m, "chat template, line %d: a place is of type %s, expected int", m->line,
                   bl_type_name(bound));
  *at = whole(bound);
  if (*at < 0) *at = *at < -n ? low : *at + n;
  if (*at < low) *at = low;
  if (*at > high) *at = high;
  return true;
}

static bool find_bounds(bl_machine *m, const bl_value given[3], int64_t n, bounds *b) {
  bl_value step = given[2];
  b->step = 1;
  if (step.kind == BL_INT || step.kind == BL_BOOL) {
    b->step = whole(step);
    if (b->step > n) b->step = n + 1;
    if (b->step < -n) b->step = -n - 1;
    if (whole(step) == 0)
      return BL_STOP(m, "chat template, line %d: the step of a slice is 0", m->line);
  }
  bool is_back = b->step < 0;
  return clip(m, given[0], n, is_back, is_back ? n - 1 : 0, &b->start) &&
         clip(m, given[1], n, is_back, is_back ? -1 : n, &b->stop);
}

static size_t count_steps(const bounds *b) {
  int64_t n = 0;
  if (b->step > 0 && b->start < b->stop) n = (b->stop - b->start - 1) / b->step + 1;
  if (b->step < 0 && b->start > b->stop) n = (b->start - b->stop - 1) / -b->step + 1;
  return (size_t)n;
}

static bool slice_list(bl_machine *m, const bl_list *list, bl_value_kind kind, const bounds *b,
                       bl_value *result) {
  bl_value *taken;
  size_t n = count_steps(b);
  if (!bl_make_list(m, kind, n, &taken, result)) return false;
  for (size_t i = 0; i < n; i++) taken[i] = list->items[b->start + (int64_t)i * b->step];
  return true;
}

static bool slice_text(bl_machine *m, bl_value value, const bounds *b, bl_value *result) {
  bl_str text = value.as.text;
  bl_list items;
  if (b->step == 1) { /* the bytes are there */
    size_t start = bl_text_at(text, (size_t)b->start);
    bl_str rest = {text.bytes + start, text.size - start};
    *result = bl_of_text((bl_str){rest.bytes, bl_text_at(rest, count_steps(b))});
    return bl_spend(m, text.size / 16);
  }
  if (!bl_items(m, value, &items) || !slice_list(m, &items, BL_LIST, b, result)) return false;
  items = *result->as.list;
  return bl_join(m, (bl_str){0}, &items, result);
}

bool bl_slice(bl_machine *m, bl_value value, const bl_value given[3], bl_value *result) {
  bounds b;
  size_t n;
  if (value.kind != BL_TEXT && !is_list(value))
    return BL_STOP(m, "chat template, line %d: a value of type %s has no items", m->line,
                   bl_type_name(value));
  if (!bl_length(m, value, &n) || !find_bounds(m, given, (int64_t)n, &b)) return false;
  return value.kind == BL_TEXT ? slice_text(m, value, &b, result)
                               : slice_list(m, value.as.list, value.kind, &b, result);
}
