/* The values of chat templates: those of Python, as far as templates meet them. None changes once
 * it is made, namespaces and generators apart, so that values share what they are made of. */
#ifndef BL_CHAT_VALUE_H
#define BL_CHAT_VALUE_H

#include "base/arena.h"
#include "format/index.h"
#include "text/buffer.h"

typedef enum bl_value_kind {
  BL_UNDEFINED, /* `text` names what is not there */
  BL_NONE,
  BL_BOOL,
  BL_INT,
  BL_FLOAT,
  BL_TEXT,
  BL_LIST,
  BL_TUPLE,
  BL_DICT,
  BL_NAMESPACE,
  BL_GENERATOR, /* what map, select and the like give: read once, and always true */
  BL_MACRO,
  BL_FUNCTION,
  BL_METHOD, /* a function and the value that it is of */
} bl_value_kind;

typedef struct bl_value bl_value;
typedef struct bl_list bl_list;
typedef struct bl_dict bl_dict;

struct bl_value {
  bl_value_kind kind;
  bool is_safe; /* of a text: the filter "safe" gave it, so that "+" escapes what it is joined with
                 */
  union {
    bool truth;
    int64_t whole;
    double real;
    bl_str text; /* whole characters of UTF-8 */
    const bl_list *list;
    bl_list *rest; /* of a generator: what is not read yet */
    const bl_dict *dict;
    bl_dict *space; /* of a namespace */
    const struct bl_macro *macro;
    const struct bl_builtin *builtin;
    const struct bl_method *method;
  } as;
};

struct bl_list {
  size_t n;
  const bl_value *items; /* (n) */
};

/* Keys in the order in which they were put in. */
struct bl_dict {
  size_t n, capacity;
  bl_value *keys, *values; /* (capacity) */
};

typedef struct bl_method {
  bl_value self;
  const struct bl_builtin *builtin;
} bl_method;

/* Evaluating a template: its memory, its limits, and what went wrong. Functions that can fail
 * return false, and then the machine has the error. */
typedef struct bl_machine {
  bl_arena *arena;
  bl_error *error;
  bl_code code;
  int line;  /* of what is evaluated */
  int depth; /* of nested evaluations */
  uint64_t steps_left, bytes_left;
  const struct bl_date *now;
  bl_buffer out;          /* what was written; blocks that are caught take their end away */
  struct bl_scope *scope; /* the names that are seen */
  bl_value block;         /* what a block's filters are applied to */
} bl_machine;

enum { BL_CHAT_MAX_DEPTH = 200 };

/* With the line, for which the format begins "chat template, line %d: ". */
#define BL_STOP(m, ...) bl_stop((m), bl_fail((m)->error, BL_ERR_INPUT, __VA_ARGS__))
bool bl_stop(bl_machine *m, bl_code code);
/* Counts work; false, with an error, where there was more than the input's length allows. */
bool bl_spend(bl_machine *m, uint64_t n_steps);
/* Zeroed memory from the arena; NULL, with an error, where there is none, or too much was taken. */
void *bl_take(bl_machine *m, size_t n_bytes);
/* One level deeper, for what calls itself; each bl_enter that gave true has a bl_leave. */
bool bl_enter(bl_machine *m);
void bl_leave(bl_machine *m);

/* ---- making values ---- */

bl_value bl_of_text(bl_str text);
bl_value bl_of_name(const char *text); /* a C string that stays */
bl_value bl_of_int(int64_t x);
bl_value bl_of_float(double x);
bl_value bl_of_bool(bool x);
bl_value bl_undefined(bl_str name);
extern const bl_value bl_none;

/* A list of n items that are to be filled in; with kind BL_TUPLE or BL_GENERATOR such a one. */
bool bl_make_list(bl_machine *m, bl_value_kind kind, size_t n, bl_value **items, bl_value *list);
/* What was written after out.size was `start`, taken back as a text. */
bool bl_take_back(bl_machine *m, size_t start, bl_value *text);
bool bl_write(bl_machine *m, const char *bytes, size_t n);

bl_dict *bl_make_dict(bl_machine *m);
/* Gives the key a value, in the place of one that it has; false for a key that can't be one. */
bool bl_dict_set(bl_machine *m, bl_dict *dict, bl_value key, bl_value value);
/* *found is NULL where there is no such key. */
bool bl_dict_find(bl_machine *m, const bl_dict *dict, bl_value key, const bl_value **found);
/* By a text. Counts no work. */
const bl_value *bl_dict_get(const bl_dict *dict, bl_str key);

/* ---- asking values ---- */

/* Python's name of the type: "str", "NoneType". */
const char *bl_type_name(bl_value value);
bool bl_is_true(bl_value value);
bool bl_is_number(bl_value value); /* bool, int or float */
double bl_as_real(bl_value number);
/* Does `value` equal `other`, as Python's == has it? */
bool bl_equal(bl_machine *m, bl_value value, bl_value other, bool *is_equal);
/* *order is below, above or equal to 0; fails where Python's < does. */
bool bl_order(bl_machine *m, bl_value value, bl_value other, int *order);

/* Decimal digits, with a sign before them or none, as a number; false for anything else, and for
 * what has over 63 bits. */
bool bl_parse_whole(bl_str digits, int64_t *x);
bool bl_str_is(bl_str text, const char *word);
bool bl_str_equal(bl_str a, bl_str b);
/* How many characters. */
size_t bl_text_length(bl_str text);
/* The byte at which character `index` begins, at most the text's size. */
size_t bl_text_at(bl_str text, size_t index);
/* len(); fails where there is none. */
bool bl_length(bl_machine *m, bl_value value, size_t *n);
/* The items that a loop goes through: of a list, the characters of a text, the keys of a dict. A
 * generator is empty afterwards. */
bool bl_items(bl_machine *m, bl_value value, bl_list *items);

/* ---- as text ---- */

/* Writes str(value), or repr(value), to m->out. */
bool bl_write_value(bl_machine *m, bl_value value);
bool bl_write_repr(bl_machine *m, bl_value value);
/* str(value). */
bool bl_to_text(bl_machine *m, bl_value value, bl_str *text);

#endif
