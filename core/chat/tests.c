/* Chat templates: the tests behind "is" (jinja2 3.1.6, tests.py), and finding filters. */
#include "chat/evaluate.h"

#include <string.h>

#define TEST(name)                                                                          \
  static bool name(bl_machine *m, bl_value self, const bl_value *args, const bl_call *call, \
                   bl_value *result)
#define UNUSED(x) (void)(x)
#define KIND_TEST(name, fact)              \
  TEST(name) {                             \
    UNUSED(m), UNUSED(args), UNUSED(call); \
    *result = bl_of_bool(fact);            \
    return true;                           \
  }

KIND_TEST(is_defined, self.kind != BL_UNDEFINED)
KIND_TEST(is_undefined, self.kind == BL_UNDEFINED)
KIND_TEST(is_none, self.kind == BL_NONE)
KIND_TEST(is_boolean, self.kind == BL_BOOL)
KIND_TEST(is_true, self.kind == BL_BOOL && self.as.truth)
KIND_TEST(is_false, self.kind == BL_BOOL && !self.as.truth)
KIND_TEST(is_integer, self.kind == BL_INT)
KIND_TEST(is_float, self.kind == BL_FLOAT)
KIND_TEST(is_number, bl_is_number(self))
KIND_TEST(is_string, self.kind == BL_TEXT)
KIND_TEST(is_mapping, self.kind == BL_DICT)
KIND_TEST(is_sequence, self.kind == BL_UNDEFINED || (self.kind >= BL_TEXT && self.kind <= BL_DICT))
KIND_TEST(is_iterable, self.kind == BL_UNDEFINED || self.kind == BL_GENERATOR ||
                           (self.kind >= BL_TEXT && self.kind <= BL_DICT))
KIND_TEST(is_callable, self.kind >= BL_MACRO)

/* All but one of the comparisons, which "is" has by several names. */
static bool compare(bl_machine *m, const char *name, bl_value a, bl_value b, bl_value *result) {
  bool holds;
  if (!bl_compare(m, (bl_str){name, strlen(name)}, a, b, &holds)) return false;
  *result = bl_of_bool(holds);
  return true;
}

#define COMPARE_TEST(name, operator)                    \
  TEST(name) {                                          \
    UNUSED(call);                                       \
    return compare(m, operator, self, args[0], result); \
  }

COMPARE_TEST(is_equal, "==")
COMPARE_TEST(is_other, "!=")
COMPARE_TEST(is_less, "<")
COMPARE_TEST(is_at_most, "<=")
COMPARE_TEST(is_greater, ">")
COMPARE_TEST(is_at_least, ">=")
COMPARE_TEST(is_in, "in")

static bool remainder_is(bl_machine *m, bl_value self, bl_value by, int64_t wanted,
                         bl_value *result) {
  return bl_binary(m, (bl_str){"%", 1}, self, by, result) &&
         compare(m, "==", *result, bl_of_int(wanted), result);
}

TEST(is_even) {
  UNUSED(args), UNUSED(call);
  return remainder_is(m, self, bl_of_int(2), 0, result);
}

TEST(is_odd) {
  UNUSED(args), UNUSED(call);
  return remainder_is(m, self, bl_of_int(2), 1, result);
}

TEST(is_divisible) {
  UNUSED(call);
  return remainder_is(m, self, args[0], 0, result);
}

static const bl_builtin tests[] = {
    {"defined", "", 0, is_defined},
    {"undefined", "", 0, is_undefined},
    {"none", "", 0, is_none},
    {"boolean", "", 0, is_boolean},
    {"true", "", 0, is_true},
    {"false", "", 0, is_false},
    {"integer", "", 0, is_integer},
    {"float", "", 0, is_float},
    {"number", "", 0, is_number},
    {"string", "", 0, is_string},
    {"mapping", "", 0, is_mapping},
    {"sequence", "", 0, is_sequence},
    {"iterable", "", 0, is_iterable},
    {"callable", "", 0, is_callable},
    {"eq", "b", 1, is_equal},
    {"equalto", "b", 1, is_equal},
    {"==", "b", 1, is_equal},
    {"ne", "b", 1, is_other},
    {"!=", "b", 1, is_other},
    {"lt", "b", 1, is_less},
    {"lessthan", "b", 1, is_less},
    {"<", "b", 1, is_less},
    {"le", "b", 1, is_at_most},
    {"<=", "b", 1, is_at_most},
    {"gt", "b", 1, is_greater},
    {"greaterthan", "b", 1, is_greater},
    {">", "b", 1, is_greater},
    {"ge", "b", 1, is_at_least},
    {">=", "b", 1, is_at_least},
    {"in", "seq", 1, is_in},
    {"even", "", 0, is_even},
    {"odd", "", 0, is_odd},
    {"divisibleby", "num", 1, is_divisible},
};

const bl_builtin *bl_find_builtin(const bl_builtin *builtins, size_t n, bl_str name) {
  for (size_t i = 0; i < n; i++)
    if (bl_str_is(name, builtins[i].name)) return &builtins[i];
  return NULL;
}

const bl_builtin *bl_find_test(bl_str name) {
  return bl_find_builtin(tests, sizeof tests / sizeof *tests, name);
}

const bl_builtin *bl_find_filter(bl_str name) {
  const bl_builtin *found = bl_find_builtin(bl_text_filters, bl_n_text_filters, name);
  return found ? found : bl_find_builtin(bl_list_filters, bl_n_list_filters, name);
}
