/* Chat templates: from their text to a tree. The language is Jinja's, with the settings of
 * transformers 5.24 (chat_template_utils.py): trim_blocks and lstrip_blocks, break and continue,
 * the tag "generation". Sources: jinja2 3.1.6, lexer.py and parser.py. */
#ifndef BL_CHAT_SYNTAX_H
#define BL_CHAT_SYNTAX_H

#include "chat/value.h"

/* ---- tokens -------------------------------------------------------------------------------- */

typedef enum bl_token_kind {
  BL_TOKEN_DATA,      /* text that is written as it is */
  BL_TOKEN_PRINT,     /* {{ */
  BL_TOKEN_PRINT_END, /* }} */
  BL_TOKEN_BLOCK,     /* {% */
  BL_TOKEN_BLOCK_END, /* %} */
  BL_TOKEN_NAME,      /* also words such as "if" */
  BL_TOKEN_CONSTANT,  /* a text or a number: `value` */
  BL_TOKEN_OPERATOR,  /* one or two characters */
  BL_TOKEN_EOF,
} bl_token_kind;

typedef struct bl_template_token {
  bl_token_kind kind;
  int line;
  bl_str text;
  bl_value value; /* of a constant */
} bl_template_token;

/* Cuts a template into tokens, the last of which is EOF. The text must outlive them. */
bool bl_template_tokens(bl_machine *m, bl_str source, bl_template_token **tokens);

/* ---- the tree ------------------------------------------------------------------------------ */

typedef enum bl_node_kind {
  /* expressions */
  BL_NODE_CONSTANT,  /* value */
  BL_NODE_NAME,      /* name */
  BL_NODE_LIST,      /* children */
  BL_NODE_TUPLE,     /* children */
  BL_NODE_DICT,      /* children: keys and values in turn */
  BL_NODE_ATTRIBUTE, /* a.name */
  BL_NODE_ITEM,      /* a[b] */
  BL_NODE_SLICE,     /* a[children], three of them, each of which may be an ABSENT */
  BL_NODE_ABSENT,
  BL_NODE_CALL,    /* a(children) */
  BL_NODE_KEYWORD, /* name = a, among a call's children */
  BL_NODE_FILTER,  /* a | name(children); a is NULL for a block's content */
  BL_NODE_TEST,    /* a is name(children) */
  BL_NODE_NOT,     /* not a */
  BL_NODE_SIGN,    /* name a: + or - */
  BL_NODE_BINARY,  /* a name b: + - * and so on, ~ */
  BL_NODE_AND,     /* a and b */
  BL_NODE_OR,      /* a or b */
  BL_NODE_COMPARE, /* a, then children: BINARY with an operator and b alone */
  BL_NODE_CHOICE,  /* a if b else c; c may be NULL */
  /* statements */
  BL_NODE_DATA,       /* name: the text */
  BL_NODE_PRINT,      /* a */
  BL_NODE_IF,         /* if a: children, else others */
  BL_NODE_FOR,        /* for a in b if c: children, else others */
  BL_NODE_SET,        /* a = b; a is a NAME, a TUPLE or an ATTRIBUTE of a namespace */
  BL_NODE_SET_BLOCK,  /* a = children, through the filters b, which may be NULL */
  BL_NODE_MACRO,      /* name(others): children; others are KEYWORDs, with a NULL without default */
  BL_NODE_CALL_BLOCK, /* calls a with a macro `b` as "caller" */
  BL_NODE_FILTER_BLOCK, /* children, through the filters a */
  BL_NODE_WITH,         /* others: SETs whose values are of the scope outside; then children */
  BL_NODE_SCOPE,        /* children, whose names stay there */
  BL_NODE_BREAK,
  BL_NODE_CONTINUE,
} bl_node_kind;

typedef struct bl_node {
  bl_node_kind kind;
  int line;
  bl_str name;
  bl_value value;
  struct bl_node *a, *b, *c;
  struct bl_node *children, *others; /* the first of each, linked by `next` */
  struct bl_node *next;
} bl_node;

typedef struct bl_parser {
  bl_machine *m;
  const bl_template_token *at;
  int n_loops; /* that break and continue can mean here */
} bl_parser;

/* Parses a template's tokens: *first is NULL for an empty one. */
bool bl_template_parse(bl_machine *m, bl_str source, bl_node **first);

/* ---- between parse.c and expression.c ---- */

bl_node *bl_new_node(bl_parser *p, bl_node_kind kind);
bool bl_at_operator(const bl_parser *p, const char *text);
/* Takes it where it is there. */
bool bl_skip_operator(bl_parser *p, const char *text);
bool bl_skip_word(bl_parser *p, const char *word);
/* Fails where it is not. */
bool bl_expect_operator(bl_parser *p, const char *text);
bool bl_expect_name(bl_parser *p, bl_str *name);
/* Says that something else was expected. */
bool bl_unexpected(bl_parser *p, const char *expected);

/* Each gives the node, or NULL with an error. */
bl_node *bl_parse_expression(bl_parser *p); /* with "a if b else c" */
bl_node *bl_parse_tuple(bl_parser *p);      /* one expression, or several between commas */
bl_node *bl_parse_condition(bl_parser *p);  /* the same without "a if b else c" */
bl_node *bl_parse_target(bl_parser *p, bool takes_attribute);
/* Filters after "|" and, with `starts`, one before that; NULL where there are none: see m->code. */
bl_node *bl_parse_filters(bl_parser *p, bl_node *node, bool starts);

#endif
