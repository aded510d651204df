/* Chat templates: evaluating expressions. */
#include "chat/evaluate.h"

#include <string.h>

static bool no_such(bl_machine *m, const char *what, bl_str name) {
  return BL_STOP(m, "chat template, line %d: there is no %s '%.*s'", m->line, what,
                 (int)(name.size < 48 ? name.size : 48), name.bytes);
}

bool bl_demand(bl_machine *m, bl_value value) {
  bl_str name = value.as.text;
  if (value.kind != BL_UNDEFINED) return true;
  return BL_STOP(m, "chat template, line %d: '%.*s' is undefined", m->line,
                 (int)(name.size < 48 ? name.size : 48), name.bytes ? name.bytes : "");
}

static bool find_name(bl_str name, const bl_scope *scope, bl_value *value) {
  for (; scope; scope = scope->parent) {
    const bl_value *found = bl_dict_get(&scope->names, name);
    if (!found) continue;
    *value = *found;
    return true;
  }
  const bl_builtin *function = bl_find_function(name);
  *value = function ? (bl_value){.kind = BL_FUNCTION, .as.builtin = function} : bl_undefined(name);
  return function != NULL;
}

static size_t count(const bl_node *first) {
  size_t n = 0;
  for (; first; first = first->next) n++;
  return n;
}

static bool evaluate_list(bl_machine *m, const bl_node *node, bl_value *value) {
  bl_value *items;
  size_t n = 0;
  if (!bl_make_list(m, node->kind == BL_NODE_TUPLE ? BL_TUPLE : BL_LIST, count(node->children),
                    &items, value))
    return false;
  for (const bl_node *item = node->children; item; item = item->next)
    if (!bl_evaluate(m, item, &items[n++])) return false;
  return true;
}

static bool evaluate_dict(bl_machine *m, const bl_node *node, bl_value *value) {
  bl_dict *dict = bl_make_dict(m);
  bl_value key, item;
  if (!dict) return false;
  for (const bl_node *at = node->children; at; at = at->next->next)
    if (!bl_evaluate(m, at, &key) || !bl_evaluate(m, at->next, &item) ||
        !bl_dict_set(m, dict, key, item))
      return false;
  *value = (bl_value){.kind = BL_DICT, .as.dict = dict};
  return true;
}

/* ---- calls --------------------------------------------------------------------------------- */

/* `caller` goes with the keywords unless it is NULL. */
static bool evaluate_arguments(bl_machine *m, const bl_node *first, const bl_value *caller,
                               bl_call *call) {
  size_t n = count(first) + (caller != NULL);
  bl_value *values = bl_take(m, n * sizeof *values);
  bl_str *names = values ? bl_take(m, n * sizeof *names) : NULL;
  if (!names) return false;
  *call = (bl_call){.values = values, .names = names};
  for (const bl_node *node = first; node; node = node->next) {
    bool is_keyword = node->kind == BL_NODE_KEYWORD;
    if (is_keyword) names[call->n_keywords] = node->name;
    if (!bl_evaluate(m, is_keyword ? node->a : node, &values[call->n + call->n_keywords]))
      return false;
    if (is_keyword)
      call->n_keywords++;
    else
      call->n++;
  }
  if (!caller) return true;
  values[n - 1] = *caller;
  names[call->n_keywords++] = (bl_str){"caller", 6};
  return true;
}

/* Calls what can be called. */
static bool call_value(bl_machine *m, bl_value callee, const bl_call *call, bl_value *result) {
  switch (callee.kind) {
    case BL_MACRO:
      return bl_run_macro(m, callee.as.macro, call, result);
    case BL_FUNCTION:
      return bl_run_builtin(m, callee.as.builtin, bl_none, call, result);
    case BL_METHOD:
      return bl_run_builtin(m, callee.as.method->builtin, callee.as.method->self, call, result);
    default:
      return bl_demand(m, callee) &&
             BL_STOP(m, "chat template, line %d: a value of type %s can't be called", m->line,
                     bl_type_name(callee));
  }
}

static bool evaluate_call(bl_machine *m, const bl_node *node, const bl_value *caller,
                          bl_value *value) {
  bl_value callee;
  bl_call call;
  if (!bl_evaluate(m, node->a, &callee) || !evaluate_arguments(m, node->children, caller, &call))
    return false;
  m->line = node->line;
  return call_value(m, callee, &call, value);
}

static bool is_word_of(const char *at, size_t n, bl_str name) {
  return bl_str_equal((bl_str){at, n}, name);
}

/* Puts a call's values into the places of the parameters. */
static bool bind(const bl_builtin *builtin, const bl_call *call, bl_value *args) {
  int n = 0;
  size_t n_used = 0;
  for (const char *at = builtin->parameters; *at; n++) {
    size_t size = strcspn(at, " ");
    bool is_given = (size_t)n < call->n;
    args[n] = is_given ? call->values[n] : (bl_value){0};
    for (size_t i = 0; i < call->n_keywords && !is_given; i++)
      if (is_word_of(at, size, call->names[i])) {
        args[n] = call->values[call->n + i];
        is_given = true;
        n_used++;
      }
    if (!is_given && n < builtin->n_required) return false;
    at += size + (at[size] == ' ');
  }
  return call->n <= (size_t)n && n_used == call->n_keywords;
}

bool bl_run_builtin(bl_machine *m, const bl_builtin *builtin, bl_value self, const bl_call *call,
                    bl_value *result) {
  bl_value args[BL_MAX_PARAMETERS] = {0}; /* an undefined value that was given keeps its name */
  if (strcmp(builtin->parameters, "*") != 0 && !bind(builtin, call, args))
    return BL_STOP(m, "chat template, line %d: '%s' takes other arguments", m->line, builtin->name);
  return bl_spend(m, 1) && builtin->run(m, self, args, call, result);
}

static bool evaluate_filter(bl_machine *m, const bl_node *node, bl_value *value) {
  const bl_builtin *filter = bl_find_filter(node->name);
  bl_value self = m->block;
  bl_call call;
  m->line = node->line;
  if (!filter) return no_such(m, "filter", node->name);
  if ((node->a && !bl_evaluate(m, node->a, &self)) ||
      !evaluate_arguments(m, node->children, NULL, &call))
    return false;
  m->line = node->line;
  return bl_run_builtin(m, filter, self, &call, value);
}

static bool evaluate_test(bl_machine *m, const bl_node *node, bl_value *value) {
  const bl_builtin *test = bl_find_test(node->name);
  bl_value self;
  bl_call call;
  m->line = node->line;
  if (!test) return no_such(m, "test", node->name);
  return bl_evaluate(m, node->a, &self) && evaluate_arguments(m, node->children, NULL, &call) &&
         bl_run_builtin(m, test, self, &call, value);
}

/* ---- the rest ------------------------------------------------------------------------------ */

static bool evaluate_compare(bl_machine *m, const bl_node *node, bl_value *value) {
  bl_value left, right;
  bool holds = true;
  if (!bl_evaluate(m, node->a, &left)) return false;
  for (const bl_node *at = node->children; holds && at; at = at->next) {
    if (!bl_evaluate(m, at->b, &right)) return false;
    m->line = at->line;
    if (!bl_compare(m, at->name, left, right, &holds)) return false;
    left = right;
  }
  *value = bl_of_bool(holds);
  return true;
}

static bool evaluate_binary(bl_machine *m, const bl_node *node, bl_value *value) {
  bl_value a, b;
  if (!bl_evaluate(m, node->a, &a) || !bl_evaluate(m, node->b, &b)) return false;
  m->line = node->line;
  return bl_binary(m, node->name, a, b, value);
}

static bool evaluate_choice(bl_machine *m, const bl_node *node, bl_value *value) {
  static const char hint[] = "the inline if";
  bl_value condition;
  if (!bl_evaluate(m, node->b, &condition)) return false;
  if (bl_is_true(condition)) return bl_evaluate(m, node->a, value);
  if (node->c) return bl_evaluate(m, node->c, value);
  *value = bl_undefined((bl_str){hint, sizeof hint - 1});
  return true;
}

static bool evaluate_slice(bl_machine *m, const bl_node *node, bl_value *value) {
  bl_value of, bounds[3];
  const bl_node *bound = node->children;
  if (!bl_evaluate(m, node->a, &of)) return false;
  for (int i = 0; i < 3; i++, bound = bound->next)
    if (!bl_evaluate(m, bound, &bounds[i])) return false;
  m->line = node->line;
  return bl_demand(m, of) && bl_slice(m, of, bounds, value);
}

static bool evaluate_part(bl_machine *m, const bl_node *node, bl_value *value) {
  bl_value of, key;
  if (!bl_evaluate(m, node->a, &of)) return false;
  if (node->kind == BL_NODE_ITEM && !bl_evaluate(m, node->b, &key)) return false;
  m->line = node->line;
  return bl_demand(m, of) && (node->kind == BL_NODE_ITEM ? bl_item(m, of, key, value)
                                                         : bl_attribute(m, of, node->name, value));
}

static bool evaluate(bl_machine *m, const bl_node *node, bl_value *value) {
  switch (node->kind) {
    case BL_NODE_CONSTANT:
      *value = node->value;
      return true;
    case BL_NODE_NAME:
      find_name(node->name, m->scope, value);
      return true;
    case BL_NODE_LIST:
    case BL_NODE_TUPLE:
      return evaluate_list(m, node, value);
    case BL_NODE_DICT:
      return evaluate_dict(m, node, value);
    case BL_NODE_ATTRIBUTE:
    case BL_NODE_ITEM:
      return evaluate_part(m, node, value);
    case BL_NODE_SLICE:
      return evaluate_slice(m, node, value);
    case BL_NODE_CALL:
      return evaluate_call(m, node, NULL, value);
    case BL_NODE_FILTER:
      return evaluate_filter(m, node, value);
    case BL_NODE_TEST:
      return evaluate_test(m, node, value);
    case BL_NODE_NOT:
      if (!bl_evaluate(m, node->a, value)) return false;
      *value = bl_of_bool(!bl_is_true(*value));
      return true;
    case BL_NODE_SIGN:
      return bl_evaluate(m, node->a, value) && bl_sign(m, node->name, *value, value);
    case BL_NODE_BINARY:
      return evaluate_binary(m, node, value);
    case BL_NODE_AND:
    case BL_NODE_OR:
      if (!bl_evaluate(m, node->a, value)) return false;
      return bl_is_true(*value) == (node->kind == BL_NODE_OR) || bl_evaluate(m, node->b, value);
    case BL_NODE_COMPARE:
      return evaluate_compare(m, node, value);
    case BL_NODE_CHOICE:
      return evaluate_choice(m, node, value);
    case BL_NODE_CALL_BLOCK:
      return evaluate_call(m, node->a, &node->b->value, value);
    default: /* ABSENT */
      *value = bl_none;
      return true;
  }
}

bool bl_evaluate(bl_machine *m, const bl_node *node, bl_value *value) {
  if (!bl_enter(m)) return false;
  m->line = node->line;
  bool ok = evaluate(m, node, value);
  bl_leave(m);
  return ok;
}
