/* Chat templates: evaluating the tree, and the functions that templates find there. */
#ifndef BL_CHAT_EVALUATE_H
#define BL_CHAT_EVALUATE_H

#include "chat/syntax.h"

/* The names that a part of a template sees: its own, then those of the scope that it lies in. */
typedef struct bl_scope {
  struct bl_scope *parent;
  bl_dict names;
} bl_scope;

typedef struct bl_macro {
  const bl_node *node; /* a MACRO */
  bl_scope *scope;     /* where it was defined */
} bl_macro;

/* What a call gives. */
typedef struct bl_call {
  size_t n, n_keywords;
  const bl_value *values; /* (n + n_keywords) */
  const bl_str *names;    /* (n_keywords) */
} bl_call;

enum { BL_MAX_PARAMETERS = 5 };

/* A filter, a test, a method or a function. `run` gets the value that it is of, and an argument for
 * each parameter: one that was not given is absent (bl_is_absent). With the parameters "*" it looks
 * into `call` itself. */
typedef struct bl_builtin {
  const char *name;
  const char *parameters; /* between spaces */
  int n_required;
  bool (*run)(bl_machine *m, bl_value self, const bl_value *args, const bl_call *call,
              bl_value *result);
} bl_builtin;

static inline bool bl_is_absent(bl_value value) {
  return value.kind == BL_UNDEFINED && !value.as.text.bytes;
}

const bl_builtin *bl_find_builtin(const bl_builtin *builtins, size_t n, bl_str name);
const bl_builtin *bl_find_filter(bl_str name);
const bl_builtin *bl_find_test(bl_str name);
const bl_builtin *bl_find_function(bl_str name);
const bl_builtin *bl_find_method(bl_value_kind kind, bl_str name); /* of a value of that kind */
extern const bl_builtin bl_text_filters[], bl_list_filters[];
extern const size_t bl_n_text_filters, bl_n_list_filters;

/* Calls a builtin with its arguments in their places. */
bool bl_run_builtin(bl_machine *m, const bl_builtin *builtin, bl_value self, const bl_call *call,
                    bl_value *result);

bool bl_evaluate(bl_machine *m, const bl_node *node, bl_value *value);
/* Writes what nodes write, from `first` on. *flow: how they ended. */
typedef enum bl_flow { BL_FLOW_ON, BL_FLOW_BREAK, BL_FLOW_CONTINUE } bl_flow;
bool bl_run(bl_machine *m, const bl_node *first, bl_flow *flow);
bool bl_run_macro(bl_machine *m, const bl_macro *macro, const bl_call *call, bl_value *result);

/* operators.c */
bool bl_binary(bl_machine *m, bl_str name, bl_value a, bl_value b, bl_value *result);
bool bl_compare(bl_machine *m, bl_str name, bl_value a, bl_value b, bool *result);
bool bl_sign(bl_machine *m, bl_str name, bl_value a, bl_value *result);
/* value.name: a method, a member, or an undefined value. */
bool bl_attribute(bl_machine *m, bl_value value, bl_str name, bl_value *result);
/* value[key]; an undefined value where there is none. */
bool bl_item(bl_machine *m, bl_value value, bl_value key, bl_value *result);
/* value[start:stop:step], each of which may be none, of a text or a list. */
bool bl_slice(bl_machine *m, bl_value value, const bl_value bounds[3], bl_value *result);

/* Fails where the value is undefined: what is not there can't be used. */
bool bl_demand(bl_machine *m, bl_value value);
/* An argument as a text, or a whole number; `fallback` where it is absent. */
bool bl_text_argument(bl_machine *m, bl_value value, bl_str fallback, bl_str *text);
bool bl_int_argument(bl_machine *m, bl_value value, int64_t fallback, int64_t *x);

/* ASCII letters made upper or lower; a text with others that have two forms is refused. */
typedef enum bl_case {
  BL_UPPER,
  BL_LOWER,
  BL_CAPITALIZE,   /* the first upper, the others lower */
  BL_TITLE_METHOD, /* of each word, as str.title has it */
  BL_TITLE_FILTER, /* as Jinja's filter has it */
} bl_case;
bool bl_change_case(bl_machine *m, bl_str text, bl_case how, bl_value *result);
/* `text` with each `old` replaced, at most `most` times where that is not negative. */
bool bl_replace(bl_machine *m, bl_str text, bl_str old, bl_str new, int64_t most, bl_value *result);
/* *at: the byte at which `part` begins in `text` from `from` on, or SIZE_MAX. */
bool bl_find_part(bl_machine *m, bl_str text, size_t from, bl_str part, size_t *at);
/* The same of the last one. */
bool bl_find_last_part(bl_machine *m, bl_str text, bl_str part, size_t *at);
/* Items between texts. */
bool bl_join(bl_machine *m, bl_str between, const bl_list *items, bl_value *result);

#endif
