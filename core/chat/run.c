/* Chat templates: running statements, each of which writes to the machine's output. */
#include "chat/evaluate.h"

#include <string.h>

/* ---- scopes and names ---------------------------------------------------------------------- */

static bool open_scope(bl_machine *m) {
  bl_scope *scope = bl_take(m, sizeof *scope);
  if (!scope) return false;
  scope->parent = m->scope;
  m->scope = scope;
  return true;
}

static bool assign(bl_machine *m, const bl_node *target, bl_value value) {
  bl_list items;
  bl_value space;
  size_t n = 0;
  if (target->kind == BL_NODE_NAME)
    return bl_dict_set(m, &m->scope->names, bl_of_text(target->name), value);
  if (target->kind == BL_NODE_ATTRIBUTE) {
    if (!bl_evaluate(m, target->a, &space)) return false;
    if (space.kind != BL_NAMESPACE || target->name.bytes[0] == '_')
      return BL_STOP(m, "chat template, line %d: only the names of a namespace can be set",
                     target->line);
    return bl_dict_set(m, space.as.space, bl_of_text(target->name), value);
  }
  if (!bl_items(m, value, &items)) return false;
  for (const bl_node *node = target->children; node; node = node->next) n++;
  if (n != items.n)
    return BL_STOP(m, "chat template, line %d: %zu values were given for %zu names", target->line,
                   items.n, n);
  n = 0;
  for (const bl_node *node = target->children; node; node = node->next)
    if (!assign(m, node, items.items[n++])) return false;
  return true;
}

/* Runs nodes in a scope of their own. */
static bool run_inside(bl_machine *m, const bl_node *first, bl_flow *flow) {
  bl_scope *outside = m->scope;
  bool ok = open_scope(m) && bl_run(m, first, flow);
  m->scope = outside;
  return ok;
}

/* The same, with what they write taken back as a text. */
static bool catch (bl_machine *m, const bl_node *first, bl_value *text) {
  size_t start = m->out.size;
  bl_flow flow = BL_FLOW_ON;
  return run_inside(m, first, &flow) && bl_take_back(m, start, text);
}

/* ---- for ----------------------------------------------------------------------------------- */

/* What a loop's body knows as "loop", by name and in this order. */
enum { INDEX, INDEX0, REVINDEX, REVINDEX0, FIRST, LAST, LENGTH, PREVIOUS, NEXT, N_LOOP };
static const char *const loop_names[N_LOOP] = {"index", "index0", "revindex", "revindex0", "first",
                                               "last",  "length", "previtem", "nextitem"};

static bool make_loop(bl_machine *m, bl_value *loop) {
  bl_dict *names = bl_make_dict(m);
  if (!names) return false;
  for (int i = 0; i < N_LOOP; i++)
    if (!bl_dict_set(m, names, bl_of_name(loop_names[i]), bl_none)) return false;
  *loop = (bl_value){.kind = BL_NAMESPACE, .as.space = names};
  return true;
}

static void set_loop(bl_value loop, const bl_list *items, size_t i) {
  bl_value *values = loop.as.space->values;
  int64_t at = (int64_t)i, n = (int64_t)items->n;
  values[INDEX] = bl_of_int(at + 1);
  values[INDEX0] = bl_of_int(at);
  values[REVINDEX] = bl_of_int(n - at);
  values[REVINDEX0] = bl_of_int(n - at - 1);
  values[FIRST] = bl_of_bool(at == 0);
  values[LAST] = bl_of_bool(at == n - 1);
  values[LENGTH] = bl_of_int(n);
  values[PREVIOUS] = at > 0 ? items->items[i - 1] : bl_undefined((bl_str){"previtem", 8});
  values[NEXT] = at < n - 1 ? items->items[i + 1] : bl_undefined((bl_str){"nextitem", 8});
}

/* Keeps those items for which the loop's condition holds. */
static bool keep_items(bl_machine *m, const bl_node *node, bl_list *items) {
  bl_value *kept, list, condition;
  size_t n = 0;
  if (!bl_make_list(m, BL_LIST, items->n, &kept, &list)) return false;
  for (size_t i = 0; i < items->n; i++) {
    m->scope->names.n = 0;
    if (!assign(m, node->a, items->items[i]) || !bl_evaluate(m, node->c, &condition)) return false;
    if (bl_is_true(condition)) kept[n++] = items->items[i];
  }
  *items = (bl_list){n, kept};
  return true;
}

static bool run_items(bl_machine *m, const bl_node *node, const bl_list *items) {
  bl_value loop;
  if (!make_loop(m, &loop)) return false;
  for (size_t i = 0; i < items->n; i++) {
    bl_flow flow = BL_FLOW_ON;
    m->scope->names.n = 0;
    set_loop(loop, items, i);
    if (!bl_dict_set(m, &m->scope->names, bl_of_name("loop"), loop) ||
        !assign(m, node->a, items->items[i]) || !bl_run(m, node->children, &flow))
      return false;
    if (flow == BL_FLOW_BREAK) break;
  }
  return true;
}

static bool run_for(bl_machine *m, const bl_node *node, bl_flow *flow) {
  bl_scope *outside = m->scope;
  bl_value value;
  bl_list items;
  if (!bl_evaluate(m, node->b, &value) || !bl_items(m, value, &items) || !open_scope(m) ||
      (node->c && !keep_items(m, node, &items)))
    return false;
  if (items.n == 0) m->scope->names.n = 0;
  bool ok = items.n ? run_items(m, node, &items) : bl_run(m, node->others, flow);
  m->scope = outside;
  return ok;
}

/* ---- macros -------------------------------------------------------------------------------- */

static bool define_macro(bl_machine *m, const bl_node *node, bl_value *value) {
  bl_macro *macro = bl_take(m, sizeof *macro);
  if (!macro) return false;
  *macro = (bl_macro){node, m->scope};
  *value = (bl_value){.kind = BL_MACRO, .as.macro = macro};
  return true;
}

static const bl_value *find_keyword(const bl_call *call, bl_str name) {
  for (size_t i = 0; i < call->n_keywords; i++)
    if (bl_str_equal(call->names[i], name)) return &call->values[call->n + i];
  return NULL;
}

/* Gives each parameter its value in the macro's scope. */
static bool bind(bl_machine *m, const bl_node *node, const bl_call *call) {
  const bl_str caller = {"caller", 6};
  const bl_value *given_caller = find_keyword(call, caller);
  size_t n = 0, n_used = given_caller != NULL;
  if (given_caller && !bl_dict_set(m, &m->scope->names, bl_of_text(caller), *given_caller))
    return false;
  for (const bl_node *parameter = node->others; parameter; parameter = parameter->next, n++) {
    const bl_value *keyword = n < call->n ? NULL : find_keyword(call, parameter->name);
    bl_value value = bl_undefined(parameter->name);
    n_used += keyword != NULL;
    if (n < call->n)
      value = call->values[n];
    else if (keyword)
      value = *keyword;
    else if (parameter->a && !bl_evaluate(m, parameter->a, &value))
      return false;
    if (!bl_dict_set(m, &m->scope->names, bl_of_text(parameter->name), value)) return false;
  }
  if (call->n <= n && n_used == call->n_keywords) return true;
  return BL_STOP(m, "chat template, line %d: '%.*s' takes other arguments", m->line,
                 (int)(node->name.size < 48 ? node->name.size : 48), node->name.bytes);
}

bool bl_run_macro(bl_machine *m, const bl_macro *macro, const bl_call *call, bl_value *result) {
  bl_scope *outside = m->scope;
  size_t start = m->out.size;
  bl_flow flow = BL_FLOW_ON;
  if (!bl_enter(m)) return false;
  m->scope = macro->scope;
  bool ok = open_scope(m) && bind(m, macro->node, call) &&
            bl_run(m, macro->node->children, &flow) && bl_take_back(m, start, result);
  m->scope = outside;
  bl_leave(m);
  return ok;
}

/* ---- statements ---------------------------------------------------------------------------- */

static bool run_if(bl_machine *m, const bl_node *node, bl_flow *flow) {
  bl_value condition;
  if (!bl_evaluate(m, node->a, &condition)) return false;
  return bl_run(m, bl_is_true(condition) ? node->children : node->others, flow);
}

static bool run_set(bl_machine *m, const bl_node *node) {
  bl_value value;
  return bl_evaluate(m, node->b, &value) && assign(m, node->a, value);
}

/* What a block writes goes through filters, where there are any. */
static bool catch_filtered(bl_machine *m, const bl_node *node, const bl_node *filters,
                           bl_value *value) {
  bl_value outside = m->block;
  if (!catch (m, node->children, value)) return false;
  m->block = *value;
  bool ok = !filters || bl_evaluate(m, filters, value);
  m->block = outside;
  return ok;
}

static bool run_with(bl_machine *m, const bl_node *node, bl_flow *flow) {
  bl_scope *outside = m->scope, *inside = bl_take(m, sizeof *inside);
  bl_value value;
  bool ok = inside != NULL;
  for (const bl_node *set = node->others; ok && set; set = set->next)
    ok = bl_evaluate(m, set->b, &value) &&
         bl_dict_set(m, &inside->names, bl_of_text(set->a->name), value);
  if (!ok) return false;
  inside->parent = outside;
  m->scope = inside;
  ok = bl_run(m, node->children, flow);
  m->scope = outside;
  return ok;
}

/* The macro of a call block is its node's own value, anew each time. */
static bool run_call_block(bl_machine *m, const bl_node *node) {
  bl_value value;
  return define_macro(m, node->b, &node->b->value) && bl_evaluate(m, node, &value) &&
         bl_write_value(m, value);
}

static bool run(bl_machine *m, const bl_node *node, bl_flow *flow) {
  bl_value value;
  switch (node->kind) {
    case BL_NODE_DATA:
      return bl_write(m, node->name.bytes, node->name.size);
    case BL_NODE_PRINT:
      return bl_evaluate(m, node->a, &value) && bl_write_value(m, value);
    case BL_NODE_IF:
      return run_if(m, node, flow);
    case BL_NODE_FOR:
      return run_for(m, node, flow);
    case BL_NODE_SET:
      return run_set(m, node);
    case BL_NODE_SET_BLOCK:
      return catch_filtered(m, node, node->b, &value) && assign(m, node->a, value);
    case BL_NODE_MACRO:
      return define_macro(m, node, &value) &&
             bl_dict_set(m, &m->scope->names, bl_of_text(node->name), value);
    case BL_NODE_CALL_BLOCK:
      return run_call_block(m, node);
    case BL_NODE_FILTER_BLOCK:
      return catch_filtered(m, node, node->a, &value) && bl_write_value(m, value);
    case BL_NODE_WITH:
      return run_with(m, node, flow);
    case BL_NODE_SCOPE:
      return run_inside(m, node->children, flow);
    default:
      *flow = node->kind == BL_NODE_BREAK ? BL_FLOW_BREAK : BL_FLOW_CONTINUE;
      return true;
  }
}

bool bl_run(bl_machine *m, const bl_node *first, bl_flow *flow) {
  if (!bl_enter(m)) return false;
  bool ok = true;
  for (const bl_node *node = first; ok && node && *flow == BL_FLOW_ON; node = node->next) {
    m->line = node->line;
    ok = bl_spend(m, 1) && run(m, node, flow);
  }
  bl_leave(m);
  return ok;
}
