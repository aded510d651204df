/* Chat templates: parsing statements (jinja2 3.1.6, parser.py; chat_template_utils.py of
 * transformers 5.24 for "generation"). */
#include "chat/syntax.h"

#include <string.h>

static bl_node *parse_statement(bl_parser *p);

/* Is the tag that begins here named by one of the words, between spaces? */
static bool at_tag(const bl_parser *p, const char *words) {
  if (p->at->kind != BL_TOKEN_BLOCK || p->at[1].kind != BL_TOKEN_NAME) return false;
  bl_str name = p->at[1].text;
  for (const char *word = words; *word;) {
    size_t n = strcspn(word, " ");
    if (bl_str_equal(name, (bl_str){word, n})) return true;
    word += n + (word[n] == ' ');
  }
  return false;
}

static bl_node *parse_print(bl_parser *p) {
  bl_node *node = bl_new_node(p, BL_NODE_PRINT);
  if (!node) return NULL;
  p->at++;
  node->a = bl_parse_tuple(p);
  if (!node->a) return NULL;
  if (p->at->kind != BL_TOKEN_PRINT_END) {
    bl_unexpected(p, "}}");
    return NULL;
  }
  p->at++;
  return node;
}

static bl_node *parse_data(bl_parser *p) {
  bl_node *node = bl_new_node(p, BL_NODE_DATA);
  if (node) node->name = p->at++->text;
  return node;
}

static bool end_tag(bl_parser *p) {
  if (p->at->kind != BL_TOKEN_BLOCK_END) return bl_unexpected(p, "%}");
  p->at++;
  return true;
}

/* Nodes up to a tag named by one of the words, which may be ""; *first is NULL where there are
 * none. The tag's name is taken and the rest of it is at hand. */
static bool parse_nodes(bl_parser *p, const char *ends, bl_node **first) {
  bl_node **place = first;
  *first = NULL;
  if (!bl_enter(p->m)) return false;
  while (p->at->kind != BL_TOKEN_EOF && !at_tag(p, ends)) {
    *place = p->at->kind == BL_TOKEN_PRINT  ? parse_print(p)
             : p->at->kind == BL_TOKEN_DATA ? parse_data(p)
                                            : parse_statement(p);
    if (!*place) return false;
    place = &(*place)->next;
  }
  bl_leave(p->m);
  if (*ends && p->at->kind == BL_TOKEN_EOF) return bl_unexpected(p, ends);
  p->at += *ends ? 2 : 0;
  return true;
}

/* The end of the tag at hand, and what is there up to the closing tag. */
static bool parse_body(bl_parser *p, const char *end, bl_node **first) {
  bl_skip_operator(p, ":");
  return end_tag(p) && parse_nodes(p, end, first) && end_tag(p);
}

/* Is the name of the tag that parse_nodes took last this word? */
static bool took(const bl_parser *p, const char *word) {
  return bl_str_is(p->at[-1].text, word);
}

static bool parse_if(bl_parser *p, bl_node *node) {
  node->kind = BL_NODE_IF;
  node->a = bl_parse_condition(p);
  bl_skip_operator(p, ":");
  if (!node->a || !end_tag(p) || !parse_nodes(p, "elif else endif", &node->children)) return false;
  if (took(p, "endif")) return end_tag(p);
  if (took(p, "else")) return parse_body(p, "endif", &node->others);
  node->others = bl_new_node(p, BL_NODE_IF);
  if (!node->others || !bl_enter(p->m)) return false;
  bool ok = parse_if(p, node->others);
  bl_leave(p->m);
  return ok;
}

static bool parse_for(bl_parser *p, bl_node *node) {
  node->kind = BL_NODE_FOR;
  node->a = bl_parse_target(p, false);
  if (!node->a) return false;
  if (!bl_skip_word(p, "in")) return bl_unexpected(p, "in");
  node->b = bl_parse_condition(p);
  if (!node->b) return false;
  if (bl_skip_word(p, "if") && !(node->c = bl_parse_expression(p))) return false;
  bl_skip_operator(p, ":");
  p->n_loops++;
  if (!end_tag(p) || !parse_nodes(p, "else endfor", &node->children)) return false;
  p->n_loops--;
  return took(p, "endfor") ? end_tag(p) : parse_body(p, "endfor", &node->others);
}

static bool parse_set(bl_parser *p, bl_node *node) {
  node->a = bl_parse_target(p, true);
  if (!node->a) return false;
  if (bl_skip_operator(p, "=")) {
    node->kind = BL_NODE_SET;
    node->b = bl_parse_tuple(p);
    return node->b && end_tag(p);
  }
  node->kind = BL_NODE_SET_BLOCK;
  node->b = bl_parse_filters(p, NULL, false);
  return p->m->code == BL_OK && parse_body(p, "endset", &node->children);
}

/* The parameters of a macro, in parentheses. */
static bool parse_signature(bl_parser *p, bl_node *macro) {
  bl_node **place = &macro->others;
  if (!bl_expect_operator(p, "(")) return false;
  while (!bl_skip_operator(p, ")")) {
    if (macro->others && !bl_expect_operator(p, ",")) return false;
    bl_node *parameter = bl_new_node(p, BL_NODE_KEYWORD);
    if (!parameter || !bl_expect_name(p, &parameter->name)) return false;
    if (bl_skip_operator(p, "=") && !(parameter->a = bl_parse_expression(p))) return false;
    *place = parameter;
    place = &parameter->next;
  }
  return true;
}

static bool parse_macro(bl_parser *p, bl_node *node) {
  node->kind = BL_NODE_MACRO;
  return bl_expect_name(p, &node->name) && parse_signature(p, node) &&
         parse_body(p, "endmacro", &node->children);
}

static bool parse_call_block(bl_parser *p, bl_node *node) {
  node->kind = BL_NODE_CALL_BLOCK;
  node->b = bl_new_node(p, BL_NODE_MACRO);
  if (!node->b) return false;
  node->b->name = (bl_str){"caller", 6};
  if (bl_at_operator(p, "(") && !parse_signature(p, node->b)) return false;
  node->a = bl_parse_expression(p);
  if (!node->a) return false;
  if (node->a->kind != BL_NODE_CALL) return bl_unexpected(p, "(");
  return parse_body(p, "endcall", &node->b->children);
}

static bool parse_filter_block(bl_parser *p, bl_node *node) {
  node->kind = BL_NODE_FILTER_BLOCK;
  node->a = bl_parse_filters(p, NULL, true);
  return node->a && parse_body(p, "endfilter", &node->children);
}

static bool parse_with(bl_parser *p, bl_node *node) {
  bl_node **place = &node->others;
  node->kind = BL_NODE_WITH;
  while (p->at->kind != BL_TOKEN_BLOCK_END) {
    if (node->others && !bl_expect_operator(p, ",")) return false;
    bl_node *set = bl_new_node(p, BL_NODE_SET);
    bl_str name;
    if (!set || !(set->a = bl_new_node(p, BL_NODE_NAME)) || !bl_expect_name(p, &name) ||
        !bl_expect_operator(p, "=") || !(set->b = bl_parse_expression(p)))
      return false;
    set->a->name = name;
    *place = set;
    place = &set->next;
  }
  return parse_body(p, "endwith", &node->children);
}

static bool parse_generation(bl_parser *p, bl_node *node) {
  node->kind = BL_NODE_SCOPE;
  return parse_body(p, "endgeneration", &node->children);
}

static bool parse_jump(bl_parser *p, bl_node *node) {
  bool is_break = took(p, "break");
  const char *word = is_break ? "break" : "continue";
  node->kind = is_break ? BL_NODE_BREAK : BL_NODE_CONTINUE;
  if (p->n_loops > 0) return end_tag(p);
  return BL_STOP(p->m, "chat template, line %d: '%s' is outside of a loop", node->line, word);
}

static const struct {
  const char *name;
  bool (*parse)(bl_parser *p, bl_node *node);
  bool is_apart; /* what is in it can't leave the loop around it */
} tags[] = {
    {"if", parse_if, false},          {"for", parse_for, false},
    {"set", parse_set, true},         {"macro", parse_macro, true},
    {"call", parse_call_block, true}, {"filter", parse_filter_block, true},
    {"with", parse_with, false},      {"generation", parse_generation, true},
    {"break", parse_jump, false},     {"continue", parse_jump, false},
};

static bool parse_tag(bl_parser *p, size_t tag, bl_node *node) {
  int n_loops = p->n_loops;
  if (tags[tag].is_apart) p->n_loops = 0;
  bool ok = tags[tag].parse(p, node);
  p->n_loops = n_loops;
  return ok;
}

static bl_node *parse_statement(bl_parser *p) {
  bl_node *node = bl_new_node(p, BL_NODE_SCOPE);
  bl_str name;
  p->at++;
  if (!node || !bl_expect_name(p, &name)) return NULL;
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (bl_str_is(name, tags[i].name)) return parse_tag(p, i, node) ? node : NULL;
  BL_STOP(p->m, "chat template, line %d: there is no %s '%.*s'", node->line, "tag",
          (int)(name.size < 48 ? name.size : 48), name.bytes);
  return NULL;
}

bool bl_template_parse(bl_machine *m, bl_str source, bl_node **first) {
  bl_template_token *tokens;
  if (!bl_template_tokens(m, source, &tokens)) return false;
  bl_parser parser = {.m = m, .at = tokens};
  return parse_nodes(&parser, "", first);
}
