/* Chat templates: parsing expressions (jinja2 3.1.6, parser.py). Each function takes one level of
 * precedence and calls the one that binds more closely. */
#include "base/utf8.h"
#include "chat/syntax.h"

#include <string.h>

static bl_node *parse_or(bl_parser *p);
static bl_node *parse_unary(bl_parser *p, bool takes_filters);
static bl_node *parse_primary(bl_parser *p);
static bl_node *parse_postfix(bl_parser *p, bl_node *node);

/* ---- tokens -------------------------------------------------------------------------------- */

bl_node *bl_new_node(bl_parser *p, bl_node_kind kind) {
  bl_node *node = bl_take(p->m, sizeof *node);
  if (!node) return NULL;
  node->kind = kind;
  node->line = p->at->line;
  return node;
}

bool bl_at_operator(const bl_parser *p, const char *text) {
  return p->at->kind == BL_TOKEN_OPERATOR && bl_str_is(p->at->text, text);
}

static bool at_word(const bl_parser *p, const char *word) {
  return p->at->kind == BL_TOKEN_NAME && bl_str_is(p->at->text, word);
}

bool bl_skip_operator(bl_parser *p, const char *text) {
  if (!bl_at_operator(p, text)) return false;
  p->at++;
  return true;
}

bool bl_skip_word(bl_parser *p, const char *word) {
  if (!at_word(p, word)) return false;
  p->at++;
  return true;
}

bool bl_unexpected(bl_parser *p, const char *expected) {
  bl_str found = p->at->text;
  if (found.size > 40) found.size = 40;
  char text[48] = "the end";
  if (p->at->kind != BL_TOKEN_EOF) {
    memcpy(text, found.bytes, found.size);
    text[found.size] = '\0';
  }
  return BL_STOP(p->m, "chat template, line %d: found '%.64s', expected %s", p->at->line, text,
                 expected);
}

bool bl_expect_operator(bl_parser *p, const char *text) {
  return bl_skip_operator(p, text) || bl_unexpected(p, text);
}

bool bl_expect_name(bl_parser *p, bl_str *name) {
  if (p->at->kind != BL_TOKEN_NAME) return bl_unexpected(p, "a name");
  *name = p->at++->text;
  return true;
}

/* ---- lists of nodes ------------------------------------------------------------------------ */

typedef struct chain {
  bl_node *first, *last;
} chain;

static bool append(chain *c, bl_node *node) {
  if (!node) return false;
  if (c->last)
    c->last->next = node;
  else
    c->first = node;
  c->last = node;
  return true;
}

/* Arguments in parentheses, the first of which is at hand: `node` gets them as children. */
static bool parse_arguments(bl_parser *p, bl_node *node) {
  chain all = {0};
  bool has_keyword = false;
  if (!bl_expect_operator(p, "(")) return false;
  while (!bl_skip_operator(p, ")")) {
    if (all.first) {
      if (!bl_expect_operator(p, ",")) return false;
      if (bl_skip_operator(p, ")")) break;
    }
    bool is_keyword = p->at->kind == BL_TOKEN_NAME && p->at[1].kind == BL_TOKEN_OPERATOR &&
                      bl_str_is(p->at[1].text, "=");
    if (has_keyword && !is_keyword) return bl_unexpected(p, "NAME=");
    bl_node *argument;
    if (is_keyword) {
      argument = bl_new_node(p, BL_NODE_KEYWORD);
      if (!argument) return false;
      argument->name = p->at->text;
      p->at += 2;
      argument->a = bl_parse_expression(p);
      if (!argument->a) return false;
    } else {
      argument = bl_parse_expression(p);
    }
    has_keyword = is_keyword;
    if (!append(&all, argument)) return false;
  }
  node->children = all.first;
  return true;
}

/* ---- what stands by itself ----------------------------------------------------------------- */

/* Strings that follow each other are one. */
static bl_node *parse_constant(bl_parser *p) {
  bl_node *node = bl_new_node(p, BL_NODE_CONSTANT);
  if (!node) return NULL;
  node->value = p->at++->value;
  while (node->value.kind == BL_TEXT && p->at->kind == BL_TOKEN_CONSTANT &&
         p->at->value.kind == BL_TEXT) {
    size_t start = p->m->out.size;
    bl_str a = node->value.as.text, b = p->at++->value.as.text;
    if (!bl_write(p->m, a.bytes, a.size) || !bl_write(p->m, b.bytes, b.size) ||
        !bl_take_back(p->m, start, &node->value))
      return NULL;
  }
  return node;
}

static bl_node *parse_word(bl_parser *p) {
  bl_str word = p->at->text;
  bool is_true = bl_str_is(word, "true") || bl_str_is(word, "True");
  bool is_false = bl_str_is(word, "false") || bl_str_is(word, "False");
  bool is_none = bl_str_is(word, "none") || bl_str_is(word, "None");
  bl_node *node = bl_new_node(p, is_true || is_false || is_none ? BL_NODE_CONSTANT : BL_NODE_NAME);
  if (!node) return NULL;
  node->name = word;
  node->value = is_none ? bl_none : bl_of_bool(is_true);
  p->at++;
  return node;
}

/* The items of a list up to `close`; of a dict, keys and values in turn. */
static bl_node *parse_items(bl_parser *p, bl_node_kind kind, const char *close) {
  bl_node *node = bl_new_node(p, kind);
  chain all = {0};
  if (!node) return NULL;
  p->at++;
  while (!bl_skip_operator(p, close)) {
    if (all.first) {
      if (!bl_expect_operator(p, ",")) return NULL;
      if (bl_skip_operator(p, close)) break;
    }
    if (!append(&all, bl_parse_expression(p))) return NULL;
    if (kind == BL_NODE_DICT &&
        (!bl_expect_operator(p, ":") || !append(&all, bl_parse_expression(p))))
      return NULL;
  }
  node->children = all.first;
  return node;
}

/* What is in parentheses: an expression, or a tuple, which may be empty. */
static bl_node *parse_parentheses(bl_parser *p) {
  p->at++;
  bl_node *node = bl_at_operator(p, ")") ? bl_new_node(p, BL_NODE_TUPLE) : bl_parse_tuple(p);
  return node && bl_expect_operator(p, ")") ? node : NULL;
}

static bl_node *parse_primary(bl_parser *p) {
  if (p->at->kind == BL_TOKEN_NAME) return parse_word(p);
  if (p->at->kind == BL_TOKEN_CONSTANT) return parse_constant(p);
  if (bl_at_operator(p, "(")) return parse_parentheses(p);
  if (bl_at_operator(p, "[")) return parse_items(p, BL_NODE_LIST, "]");
  if (bl_at_operator(p, "{")) return parse_items(p, BL_NODE_DICT, "}");
  bl_unexpected(p, "an expression");
  return NULL;
}

/* ---- behind it ----------------------------------------------------------------------------- */

static bl_node *parse_attribute(bl_parser *p, bl_node *of) {
  bl_node *node = bl_new_node(p, BL_NODE_ATTRIBUTE);
  if (!node) return NULL;
  p->at++;
  node->a = of;
  if (p->at->kind != BL_TOKEN_CONSTANT || p->at->value.kind != BL_INT)
    return bl_expect_name(p, &node->name) ? node : NULL;
  node->kind = BL_NODE_ITEM;
  node->b = parse_constant(p);
  return node->b ? node : NULL;
}

/* One of the three parts of a slice. */
static bool parse_part(bl_parser *p, chain *parts) {
  bool is_absent = bl_at_operator(p, ":") || bl_at_operator(p, "]");
  return append(parts, is_absent ? bl_new_node(p, BL_NODE_ABSENT) : bl_parse_expression(p));
}

static bl_node *parse_item(bl_parser *p, bl_node *of) {
  bl_node *node = bl_new_node(p, BL_NODE_ITEM);
  chain parts = {0};
  if (!node) return NULL;
  p->at++;
  node->a = of;
  if (bl_at_operator(p, "]")) {
    bl_unexpected(p, "an expression");
    return NULL;
  }
  if (!parse_part(p, &parts)) return NULL;
  if (bl_skip_operator(p, ":")) {
    node->kind = BL_NODE_SLICE;
    if (!parse_part(p, &parts)) return NULL;
    bl_skip_operator(p, ":");
    if (!parse_part(p, &parts)) return NULL;
    node->children = parts.first;
  }
  node->b = parts.first;
  return bl_expect_operator(p, "]") ? node : NULL;
}

static bl_node *parse_call(bl_parser *p, bl_node *of) {
  bl_node *node = bl_new_node(p, BL_NODE_CALL);
  if (!node || !parse_arguments(p, node)) return NULL;
  node->a = of;
  return node;
}

static bl_node *parse_postfix(bl_parser *p, bl_node *node) {
  while (node) {
    if (bl_at_operator(p, "."))
      node = parse_attribute(p, node);
    else if (bl_at_operator(p, "["))
      node = parse_item(p, node);
    else if (bl_at_operator(p, "("))
      node = parse_call(p, node);
    else
      break;
  }
  return node;
}

bl_node *bl_parse_filters(bl_parser *p, bl_node *node, bool starts) {
  while (starts || bl_skip_operator(p, "|")) {
    bl_node *filter = bl_new_node(p, BL_NODE_FILTER);
    starts = false;
    if (!filter || !bl_expect_name(p, &filter->name) ||
        (bl_at_operator(p, "(") && !parse_arguments(p, filter)))
      return NULL;
    filter->a = node;
    node = filter;
  }
  return node;
}

/* Does an argument without parentheses follow a test's name? */
static bool starts_argument(const bl_parser *p) {
  if (p->at->kind == BL_TOKEN_CONSTANT) return true;
  if (p->at->kind == BL_TOKEN_NAME)
    return !at_word(p, "else") && !at_word(p, "or") && !at_word(p, "and");
  return bl_at_operator(p, "[") || bl_at_operator(p, "{");
}

static bl_node *parse_test(bl_parser *p, bl_node *of) {
  p->at++;
  bool is_negated = bl_skip_word(p, "not");
  bl_node *node = bl_new_node(p, BL_NODE_TEST);
  if (!node || !bl_expect_name(p, &node->name)) return NULL;
  node->a = of;
  if (bl_at_operator(p, "(")) {
    if (!parse_arguments(p, node)) return NULL;
  } else if (starts_argument(p)) {
    node->children = parse_postfix(p, parse_primary(p));
    if (!node->children) return NULL;
  }
  if (!is_negated) return node;
  bl_node *inverse = bl_new_node(p, BL_NODE_NOT);
  if (inverse) inverse->a = node;
  return inverse;
}

static bl_node *parse_filters_and_tests(bl_parser *p, bl_node *node) {
  while (node) {
    if (bl_at_operator(p, "|"))
      node = bl_parse_filters(p, node, false);
    else if (at_word(p, "is"))
      node = parse_test(p, node);
    else if (bl_at_operator(p, "("))
      node = parse_call(p, node);
    else
      break;
  }
  return node;
}

/* ---- operators ----------------------------------------------------------------------------- */

static bl_node *join(bl_parser *p, bl_node_kind kind, bl_str name, bl_node *a, bl_node *b) {
  bl_node *node = a && b ? bl_new_node(p, kind) : NULL;
  if (!node) return NULL;
  node->name = name;
  node->a = a;
  node->b = b;
  return node;
}

static bl_node *parse_unary_inside(bl_parser *p, bool takes_filters) {
  bl_node *node;
  if (bl_at_operator(p, "-") || bl_at_operator(p, "+")) {
    node = bl_new_node(p, BL_NODE_SIGN);
    if (!node) return NULL;
    node->name = p->at++->text;
    node->a = parse_unary(p, false);
    if (!node->a) return NULL;
  } else {
    node = parse_primary(p);
  }
  node = parse_postfix(p, node);
  return takes_filters ? parse_filters_and_tests(p, node) : node;
}

/* All that nests in an expression passes here, or through parse_not and bl_parse_expression. */
static bl_node *parse_unary(bl_parser *p, bool takes_filters) {
  if (!bl_enter(p->m)) return NULL;
  bl_node *node = parse_unary_inside(p, takes_filters);
  bl_leave(p->m);
  return node;
}

/* Operators of one level, from the left: those of `level` up to the last, which is NULL. */
enum { N_LEVELS = 4 };
static bl_node *parse_level(bl_parser *p, int level) {
  static const char *const levels[N_LEVELS][5] = {{"+", "-"}, {"~"}, {"*", "/", "//", "%"}, {"**"}};
  if (level == N_LEVELS) return parse_unary(p, true);
  bl_node *node = parse_level(p, level + 1);
  for (int i = 0; node && levels[level][i]; i++) {
    if (!bl_at_operator(p, levels[level][i])) continue;
    bl_str name = p->at++->text;
    node = join(p, BL_NODE_BINARY, name, node, parse_level(p, level + 1));
    i = -1;
  }
  return node;
}

/* The operator of a comparison that is at hand, taken; its bytes are NULL where there is none. */
static bl_str take_comparison(bl_parser *p) {
  static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
    if (bl_at_operator(p, operators[i])) return p->at++->text;
  if (at_word(p, "in")) return p->at++->text;
  bool is_not_in =
      at_word(p, "not") && p->at[1].kind == BL_TOKEN_NAME && bl_str_is(p->at[1].text, "in");
  if (!is_not_in) return (bl_str){0};
  p->at += 2;
  return (bl_str){"not in", 6};
}

static bl_node *parse_compare(bl_parser *p) {
  bl_node *first = parse_level(p, 0), *node = NULL;
  chain all = {0};
  for (bl_str name; first && (name = take_comparison(p)).bytes;) {
    bl_node *operand = bl_new_node(p, BL_NODE_BINARY);
    if (!node) node = bl_new_node(p, BL_NODE_COMPARE);
    if (!operand || !node) return NULL;
    operand->name = name;
    operand->b = parse_level(p, 0);
    if (!operand->b || !append(&all, operand)) return NULL;
  }
  if (!node) return first;
  node->a = first;
  node->children = all.first;
  return node;
}

static bl_node *parse_not(bl_parser *p) {
  if (!at_word(p, "not")) return parse_compare(p);
  bl_node *node = bl_new_node(p, BL_NODE_NOT);
  if (!node || !bl_enter(p->m)) return NULL;
  p->at++;
  node->a = parse_not(p);
  bl_leave(p->m);
  return node->a ? node : NULL;
}

static bl_node *parse_and(bl_parser *p) {
  bl_node *node = parse_not(p);
  while (node && bl_skip_word(p, "and"))
    node = join(p, BL_NODE_AND, (bl_str){0}, node, parse_not(p));
  return node;
}

static bl_node *parse_or(bl_parser *p) {
  bl_node *node = parse_and(p);
  while (node && bl_skip_word(p, "or")) node = join(p, BL_NODE_OR, (bl_str){0}, node, parse_and(p));
  return node;
}

static bl_node *parse_choice(bl_parser *p) {
  bl_node *node = parse_or(p);
  while (node && bl_skip_word(p, "if")) {
    node = join(p, BL_NODE_CHOICE, (bl_str){0}, node, parse_or(p));
    if (!node || !bl_skip_word(p, "else")) continue;
    node->c = bl_parse_expression(p);
    if (!node->c) return NULL;
  }
  return node;
}

bl_node *bl_parse_expression(bl_parser *p) {
  if (!bl_enter(p->m)) return NULL;
  bl_node *node = parse_choice(p);
  bl_leave(p->m);
  return node;
}

/* Is there no further item of a tuple? */
static bool at_end(const bl_parser *p) {
  return p->at->kind == BL_TOKEN_PRINT_END || p->at->kind == BL_TOKEN_BLOCK_END ||
         bl_at_operator(p, ")") || at_word(p, "in") || at_word(p, "recursive") ||
         bl_at_operator(p, "=");
}

/* One item, or a tuple of what `parse` takes where a comma follows. */
static bl_node *parse_list_of(bl_parser *p, bl_node *(*parse)(bl_parser *p)) {
  bl_node *first = parse(p);
  chain all = {0};
  if (!first || !bl_at_operator(p, ",")) return first;
  bl_node *node = bl_new_node(p, BL_NODE_TUPLE);
  if (!node || !append(&all, first)) return NULL;
  while (bl_skip_operator(p, ",") && !at_end(p))
    if (!append(&all, parse(p))) return NULL;
  node->children = all.first;
  return node;
}

bl_node *bl_parse_tuple(bl_parser *p) {
  return parse_list_of(p, bl_parse_expression);
}

bl_node *bl_parse_condition(bl_parser *p) {
  return parse_list_of(p, parse_or);
}

static bl_node *parse_target_item(bl_parser *p) {
  if (bl_at_operator(p, "(")) {
    if (!bl_enter(p->m)) return NULL;
    p->at++;
    bl_node *node = parse_list_of(p, parse_target_item);
    bl_leave(p->m);
    return node && bl_expect_operator(p, ")") ? node : NULL;
  }
  bl_node *node = p->at->kind == BL_TOKEN_NAME ? parse_word(p) : NULL;
  if (node && node->kind == BL_NODE_NAME) return node;
  if (p->m->code == BL_OK) bl_unexpected(p, "a name");
  return NULL;
}

bl_node *bl_parse_target(bl_parser *p, bool takes_attribute) {
  bl_node *node = parse_list_of(p, parse_target_item);
  if (!node || !takes_attribute || !bl_at_operator(p, ".")) return node;
  return node->kind == BL_NODE_NAME ? parse_attribute(p, node) : node;
}
