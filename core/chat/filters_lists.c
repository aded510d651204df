/* Chat templates: the filters for lists and dicts (jinja2 3.1.6, filters.py). */
#include <string.h>

#include "chat/evaluate.h"

#define FILTER(name)                                                                        \
  static bool name(bl_machine *m, bl_value self, const bl_value *args, const bl_call *call, \
                   bl_value *result)
#define UNUSED(x) (void)(x)

static bool make_copy(bl_machine *m, bl_value_kind kind, const bl_list *items, bl_value *result) {
  bl_value *copy;
  if (!bl_make_list(m, kind, items->n, &copy, result)) return false;
  if (items->n) memcpy(copy, items->items, items->n * sizeof *copy);
  return true;
}

FILTER(list) {
  UNUSED(args), UNUSED(call);
  bl_list items;
  return bl_items(m, self, &items) && make_copy(m, BL_LIST, &items, result);
}

FILTER(first) {
  UNUSED(args), UNUSED(call);
  bl_list items;
  if (!bl_items(m, self, &items)) return false;
  *result = items.n ? items.items[0] : bl_undefined((bl_str){"first", 5});
  return true;
}

FILTER(last) {
  UNUSED(args), UNUSED(call);
  bl_list items;
  if (!bl_items(m, self, &items)) return false;
  *result = items.n ? items.items[items.n - 1] : bl_undefined((bl_str){"last", 4});
  return true;
}

FILTER(reverse) {
  UNUSED(args), UNUSED(call);
  const bl_value back[3] = {{.kind = BL_NONE}, {.kind = BL_NONE}, bl_of_int(-1)};
  bl_list items;
  if (self.kind == BL_TEXT) return bl_slice(m, self, back, result);
  if (!bl_items(m, self, &items) || !make_copy(m, BL_LIST, &items, &self) ||
      !bl_slice(m, self, back, result))
    return false;
  result->kind = BL_GENERATOR;
  return true;
}

/* A dict's pairs as tuples. */
static bool pairs(bl_machine *m, const bl_dict *dict, bl_value *result) {
  bl_value *items, *pair;
  if (!bl_make_list(m, BL_LIST, dict->n, &items, result)) return false;
  for (size_t i = 0; i < dict->n; i++) {
    if (!bl_make_list(m, BL_TUPLE, 2, &pair, &items[i])) return false;
    pair[0] = dict->keys[i];
    pair[1] = dict->values[i];
  }
  return true;
}

static bool demand_dict(bl_machine *m, bl_value value) {
  return value.kind == BL_DICT ||
         (bl_demand(m, value) &&
          BL_STOP(m, "chat template, line %d: an argument is of type %s, expected %s", m->line,
                  bl_type_name(value), "dict"));
}

FILTER(items) {
  UNUSED(args), UNUSED(call);
  static const bl_dict none = {0};
  if (self.kind == BL_UNDEFINED) return pairs(m, &none, result);
  return demand_dict(m, self) && pairs(m, self.as.dict, result);
}

/* ---- attributes ---------------------------------------------------------------------------- */

/* What an attribute such as "a.b.0" leads to, with `fallback`, unless it is absent, in the place of
 * what is not there; the item itself where there is no attribute. */
static bool follow_or(bl_machine *m, bl_value item, bl_value attribute, bl_value fallback,
                      bl_value *result) {
  *result = item;
  if (bl_is_absent(attribute) || attribute.kind == BL_NONE) return true;
  if (attribute.kind != BL_TEXT) return bl_demand(m, item) && bl_item(m, item, attribute, result);
  bl_str rest = attribute.as.text;
  while (rest.bytes) {
    const char *dot = rest.size ? memchr(rest.bytes, '.', rest.size) : NULL;
    bl_str part = {rest.bytes, dot ? (size_t)(dot - rest.bytes) : rest.size};
    bool is_number = part.size > 0 && part.size < 10;
    int64_t number = 0;
    for (size_t i = 0; is_number && i < part.size; i++) {
      is_number = part.bytes[i] >= '0' && part.bytes[i] <= '9';
      number = 10 * number + (part.bytes[i] - '0');
    }
    if (!bl_demand(m, *result) ||
        !bl_item(m, *result, is_number ? bl_of_int(number) : bl_of_text(part), result))
      return false;
    if (result->kind == BL_UNDEFINED && !bl_is_absent(fallback)) *result = fallback;
    rest = dot ? (bl_str){dot + 1, rest.size - part.size - 1} : (bl_str){0};
  }
  return true;
}

static bool follow(bl_machine *m, bl_value item, bl_value attribute, bl_value *result) {
  return follow_or(m, item, attribute, (bl_value){0}, result);
}

static bool follow_all(bl_machine *m, bl_list *items, bl_value attribute) {
  bl_value *made, value;
  if (bl_is_absent(attribute) || attribute.kind == BL_NONE) return true;
  if (!bl_make_list(m, BL_LIST, items->n, &made, &value)) return false;
  for (size_t i = 0; i < items->n; i++)
    if (!follow(m, items->items[i], attribute, &made[i])) return false;
  *items = *value.as.list;
  return true;
}

FILTER(join) {
  UNUSED(call);
  bl_list items;
  bl_str between;
  return bl_items(m, self, &items) && bl_text_argument(m, args[0], (bl_str){"", 0}, &between) &&
         follow_all(m, &items, args[1]) && bl_join(m, between, &items, result);
}

/* ---- map, select, reject ------------------------------------------------------------------- */

/* What is false, such as None, has no items for these filters. */
static bool items_if_any(bl_machine *m, bl_value value, bl_list *items) {
  *items = (bl_list){0};
  return !bl_is_true(value) || bl_items(m, value, items);
}

/* A call with the arguments after the first n. */
static bl_call rest_of(const bl_call *call, size_t n) {
  return (bl_call){.n = call->n - n,
                   .n_keywords = call->n_keywords,
                   .values = call->values + n,
                   .names = call->names};
}

static bool few_arguments(bl_machine *m, const char *name) {
  return BL_STOP(m, "chat template, line %d: '%s' takes other arguments", m->line, name);
}

static bool find_named(bl_machine *m, const bl_call *call, size_t i, bool is_test,
                       const bl_builtin **found) {
  bl_str name;
  if (!bl_text_argument(m, call->values[i], (bl_str){0}, &name)) return false;
  *found = is_test ? bl_find_test(name) : bl_find_filter(name);
  if (*found) return true;
  return BL_STOP(m, "chat template, line %d: there is no %s '%.*s'", m->line,
                 is_test ? "test" : "filter", (int)(name.size < 48 ? name.size : 48), name.bytes);
}

static bool map_attribute(bl_machine *m, bl_list items, const bl_call *call, bl_value *result) {
  bl_value *made, attribute = {0}, fallback = {0};
  for (size_t i = 0; i < call->n_keywords; i++) {
    if (bl_str_is(call->names[i], "attribute")) attribute = call->values[i];
    if (bl_str_is(call->names[i], "default")) fallback = call->values[i];
  }
  if (bl_is_absent(attribute)) return few_arguments(m, "map");
  if (!bl_make_list(m, BL_GENERATOR, items.n, &made, result)) return false;
  for (size_t i = 0; i < items.n; i++)
    if (!follow_or(m, items.items[i], attribute, fallback, &made[i])) return false;
  return true;
}

FILTER(map) {
  UNUSED(args);
  const bl_builtin *filter;
  bl_value *made;
  bl_list items;
  if (!items_if_any(m, self, &items)) return false;
  if (call->n == 0) return map_attribute(m, items, call, result);
  bl_call rest = rest_of(call, 1);
  if (!find_named(m, call, 0, false, &filter) ||
      !bl_make_list(m, BL_GENERATOR, items.n, &made, result))
    return false;
  for (size_t i = 0; i < items.n; i++)
    if (!bl_run_builtin(m, filter, items.items[i], &rest, &made[i])) return false;
  return true;
}

/* Keeps the items for which a test gives `wanted`: of the item itself or of an attribute. */
static bool choose(bl_machine *m, bl_value self, const bl_call *call, bool of_attribute,
                   bool wanted, bl_value *result) {
  const bl_builtin *test = NULL;
  size_t n_own = of_attribute, n_kept = 0;
  bl_list items;
  bl_value *kept, value, holds;
  if (!items_if_any(m, self, &items)) return false;
  if (call->n < n_own) return few_arguments(m, "selectattr");
  bool has_test = call->n > n_own;
  bl_call rest = rest_of(call, n_own + has_test);
  if ((has_test && !find_named(m, call, n_own, true, &test)) ||
      !bl_make_list(m, BL_GENERATOR, items.n, &kept, result))
    return false;
  for (size_t i = 0; i < items.n; i++) {
    value = items.items[i];
    if (of_attribute && !follow(m, items.items[i], call->values[0], &value)) return false;
    holds = value;
    if (test && !bl_run_builtin(m, test, value, &rest, &holds)) return false;
    if (bl_is_true(holds) == wanted) kept[n_kept++] = items.items[i];
  }
  result->as.rest->n = n_kept;
  return true;
}

FILTER(select_items) {
  UNUSED(args);
  return choose(m, self, call, false, true, result);
}

FILTER(reject_items) {
  UNUSED(args);
  return choose(m, self, call, false, false, result);
}

FILTER(select_attributes) {
  UNUSED(args);
  return choose(m, self, call, true, true, result);
}

FILTER(reject_attributes) {
  UNUSED(args);
  return choose(m, self, call, true, false, result);
}

/* ---- order --------------------------------------------------------------------------------- */

/* By what an item is sorted: an attribute, in lower case unless `exact`. */
static bool sort_key(bl_machine *m, bl_value item, bl_value attribute, bool exact, bl_value *key) {
  if (!follow(m, item, attribute, key)) return false;
  return exact || key->kind != BL_TEXT || bl_change_case(m, key->as.text, BL_LOWER, key);
}

static bool sort_keys(bl_machine *m, const bl_list *items, bl_value attribute, bool exact,
                      bl_value **keys) {
  bl_value list;
  if (!bl_make_list(m, BL_LIST, items->n, keys, &list)) return false;
  for (size_t i = 0; i < items->n; i++)
    if (!sort_key(m, items->items[i], attribute, exact, &(*keys)[i])) return false;
  return true;
}

/* Sorts items by keys, stably; backwards, equal ones still stay in their order. */
static bool sort_by(bl_machine *m, bl_value *keys, bl_value *items, size_t n, bool backwards) {
  int order = 0;
  for (size_t i = 1; i < n; i++) {
    bl_value key = keys[i], item = items[i];
    size_t at = i;
    for (; at > 0; at--) {
      if (!bl_spend(m, 1) || !bl_order(m, key, keys[at - 1], &order)) return false;
      if (backwards ? order <= 0 : order >= 0) break;
      keys[at] = keys[at - 1];
      items[at] = items[at - 1];
    }
    keys[at] = key;
    items[at] = item;
  }
  return true;
}

static bool sort_list(bl_machine *m, bl_value list, bl_value attribute, bool exact,
                      bool backwards) {
  bl_value *keys;
  return sort_keys(m, list.as.list, attribute, exact, &keys) &&
         sort_by(m, keys, (bl_value *)list.as.list->items, list.as.list->n, backwards);
}

FILTER(sort) {
  return list(m, self, args, call, result) &&
         sort_list(m, *result, args[2], bl_is_true(args[1]), bl_is_true(args[0]));
}

FILTER(dictsort) {
  UNUSED(call);
  bl_str by;
  return demand_dict(m, self) && bl_text_argument(m, args[1], (bl_str){"key", 3}, &by) &&
         pairs(m, self.as.dict, result) &&
         sort_list(m, *result, bl_of_int(bl_str_is(by, "value")), bl_is_true(args[0]),
                   bl_is_true(args[2]));
}

FILTER(unique) {
  UNUSED(call);
  bl_list items;
  bl_value *keys, *kept;
  size_t n = 0;
  if (!bl_items(m, self, &items) || !sort_keys(m, &items, args[1], bl_is_true(args[0]), &keys) ||
      !bl_make_list(m, BL_GENERATOR, items.n, &kept, result))
    return false;
  for (size_t i = 0; i < items.n; i++) {
    bool is_known = false;
    for (size_t k = 0; k < n && !is_known; k++)
      if (!bl_spend(m, 1) || !bl_equal(m, keys[k], keys[i], &is_known)) return false;
    if (is_known) continue;
    keys[n] = keys[i];
    kept[n++] = items.items[i];
  }
  result->as.rest->n = n;
  return true;
}

/* The first of the items that come before all others, or behind them. */
static bool extreme(bl_machine *m, bl_value self, const bl_value *args, int sign,
                    bl_value *result) {
  bl_list items;
  bl_value *keys;
  size_t best = 0;
  int order = 0;
  if (!bl_items(m, self, &items) || !sort_keys(m, &items, args[1], bl_is_true(args[0]), &keys))
    return false;
  for (size_t i = 1; i < items.n; i++) {
    if (!bl_order(m, keys[i], keys[best], &order)) return false;
    if (order * sign > 0) best = i;
  }
  *result = items.n ? items.items[best] : bl_undefined((bl_str){"item", 4});
  return true;
}

FILTER(min) {
  UNUSED(call);
  return extreme(m, self, args, -1, result);
}

FILTER(max) {
  UNUSED(call);
  return extreme(m, self, args, 1, result);
}

FILTER(sum) {
  UNUSED(call);
  bl_list items;
  *result = bl_is_absent(args[1]) ? bl_of_int(0) : args[1];
  if (!bl_items(m, self, &items) || !follow_all(m, &items, args[0])) return false;
  for (size_t i = 0; i < items.n; i++)
    if (!bl_binary(m, (bl_str){"+", 1}, *result, items.items[i], result)) return false;
  return true;
}

const bl_builtin bl_list_filters[] = {
    {"list", "", 0, list},
    {"first", "", 0, first},
    {"last", "", 0, last},
    {"reverse", "", 0, reverse},
    {"items", "", 0, items},
    {"join", "d attribute", 0, join},
    {"map", "*", 0, map},
    {"select", "*", 0, select_items},
    {"reject", "*", 0, reject_items},
    {"selectattr", "*", 0, select_attributes},
    {"rejectattr", "*", 0, reject_attributes},
    {"sort", "reverse case_sensitive attribute", 0, sort},
    {"dictsort", "case_sensitive by reverse", 0, dictsort},
    {"unique", "case_sensitive attribute", 0, unique},
    {"min", "case_sensitive attribute", 0, min},
    {"max", "case_sensitive attribute", 0, max},
    {"sum", "attribute start", 0, sum},
};
const size_t bl_n_list_filters = sizeof bl_list_filters / sizeof *bl_list_filters;
