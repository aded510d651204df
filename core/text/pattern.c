/* The deterministic automaton behind bl_pattern.
 *
 * A state is an ordered list of places in the program, most preferred first, before the next
 * character is known. A transition looks at the next character's class (or the end of the text),
 * follows splits and lookaheads, notes whether the program's end was reached *before* that
 * character, drops what is less preferred than that, and moves the rest over the character. Ordered
 * lists that are cut at a match give the matches of a backtracking engine (Cox, "Regular Expression
 * Matching: the Virtual Machine Approach", 2009). */
#include "text/pattern.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_STATES = 1000, MAX_KINDS = 200, DEAD = 0, START = 1, ACCEPTS = 0x8000 };

/* Characters that every class of the pattern treats alike are of one kind. Code points are cut into
 * cells where a range of the pattern begins or ends; a cell and a category determine the kind. */
struct bl_pattern {
  uint32_t *cells; /* (n_cells) first code points, ascending from 0 */
  int n_cells;
  uint8_t *kinds; /* (n_cells, BL_N_CATEGORIES) */
  int n_kinds;    /* the end of the text is kind n_kinds */
  uint8_t ascii_kinds[128];
  uint16_t *next; /* (n_states, n_kinds + 1): the state, and ACCEPTS */
  int n_states;
  char *source;
};

void bl_pattern_free(bl_pattern *pattern) {
  if (!pattern) return;
  free(pattern->cells);
  free(pattern->kinds);
  free(pattern->next);
  free(pattern->source);
  free(pattern);
}

/* ---- kinds of characters ---- */

static bool class_has(const bl_program *g, const bl_class *c, uint32_t cp, int category) {
  bool found = false;
  for (int i = 0; i < c->n && !found; i++) {
    const bl_class_item *item = &g->items[c->first + i];
    bool has = (item->categories >> category & 1) || (item->low <= cp && cp <= item->high);
    for (int k = 0; k < BL_N_WORD_SYMBOLS && item->word && !has; k++)
      has = bl_word_symbols[k][0] <= cp && cp <= bl_word_symbols[k][1];
    found = has != item->negated;
  }
  return found != c->negated;
}

static int compare_u32(const void *a, const void *b) {
  const uint32_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static bl_code make_cells(bl_pattern *pattern, const bl_program *g, bl_error *error) {
  size_t most = 130 + 2 * BL_N_WORD_SYMBOLS + 2 * (size_t)g->n_items, n = 0;
  uint32_t *cells = malloc(most * sizeof *cells);
  if (!cells) return bl_fail_memory(error, most * sizeof *cells);
  for (uint32_t cp = 0; cp <= 128; cp++) cells[n++] = cp;
  for (int i = 0; i < BL_N_WORD_SYMBOLS; i++) {
    cells[n++] = bl_word_symbols[i][0];
    cells[n++] = bl_word_symbols[i][1] + 1;
  }
  for (int i = 0; i < g->n_items; i++) {
    if (g->items[i].low > g->items[i].high) continue;
    cells[n++] = g->items[i].low;
    cells[n++] = g->items[i].high + 1;
  }
  qsort(cells, n, sizeof *cells, compare_u32);
  int kept = 0;
  for (size_t i = 0; i < n; i++)
    if (kept == 0 || cells[i] != cells[kept - 1]) cells[kept++] = cells[i];
  pattern->cells = cells;
  pattern->n_cells = kept;
  return BL_OK;
}

/* The kind with these memberships, one byte per class; a new one when there is none yet. */
static int find_kind(bl_pattern *pattern, const bl_program *g, uint8_t *members,
                     const uint8_t *wanted) {
  size_t n = (size_t)g->n_classes;
  for (int k = 0; k < pattern->n_kinds; k++)
    if (memcmp(members + (size_t)k * n, wanted, n) == 0) return k;
  if (pattern->n_kinds == MAX_KINDS) return -1;
  memcpy(members + (size_t)pattern->n_kinds * n, wanted, n);
  return pattern->n_kinds++;
}

/* Fills members (MAX_KINDS, n_classes). */
static bl_code make_kinds(const char *file, bl_pattern *pattern, const bl_program *g,
                          uint8_t *members, bl_error *error) {
  size_t n_bytes = (size_t)pattern->n_cells * BL_N_CATEGORIES;
  pattern->kinds = calloc(n_bytes, 1);
  if (!pattern->kinds) return bl_fail_memory(error, n_bytes);
  uint8_t wanted[BL_MAX_CLASSES];
  for (int cell = 0; cell < pattern->n_cells; cell++) {
    uint32_t cp = pattern->cells[cell];
    for (int category = 0; category < BL_N_CATEGORIES; category++) {
      if (cp < 128 && category != (int)bl_unicode_category(cp)) continue;
      for (int i = 0; i < g->n_classes; i++) wanted[i] = class_has(g, &g->classes[i], cp, category);
      int kind = find_kind(pattern, g, members, wanted);
      if (kind < 0)
        return bl_fail(error, BL_ERR_UNSUPPORTED,
                       "%s: a split pattern tells more than %d kinds of characters apart", file,
                       MAX_KINDS);
      pattern->kinds[cell * BL_N_CATEGORIES + category] = (uint8_t)kind;
      if (cp < 128) pattern->ascii_kinds[cp] = (uint8_t)kind;
    }
  }
  return BL_OK;
}

static int kind_of(const bl_pattern *pattern, uint32_t cp) {
  if (cp < 128) return pattern->ascii_kinds[cp];
  int low = 0, high = pattern->n_cells;
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (pattern->cells[middle] <= cp)
      low = middle;
    else
      high = middle;
  }
  return pattern->kinds[low * BL_N_CATEGORIES + (int)bl_unicode_category(cp)];
}

/* ---- states ---- */

typedef struct place_list {
  int n;
  int16_t places[BL_MAX_INSTRUCTIONS];
} place_list;

typedef struct builder {
  const bl_program *program;
  const uint8_t *members; /* (n_kinds, n_classes) */
  bl_pattern *pattern;
  bl_buffer states;              /* the place lists one after the other */
  size_t begins[MAX_STATES + 1]; /* where each begins in `states` */
  uint8_t is_waiting[BL_MAX_INSTRUCTIONS], is_next[BL_MAX_INSTRUCTIONS];
  int16_t stack[2 * BL_MAX_INSTRUCTIONS];
} builder;

static bool ahead_holds(const builder *b, const bl_instruction *instruction, int kind) {
  bool has = kind < b->pattern->n_kinds &&
             b->members[(size_t)kind * (size_t)b->program->n_classes + (size_t)instruction->x];
  return has == (instruction->op == BL_OP_AHEAD);
}

/* Where the places of one state lead over a character of this kind; true when the program's end is
 * reached before it. */
static bool step(builder *b, const int16_t *places, int n_places, int kind, place_list *next) {
  const bl_program *g = b->program;
  int n_stack = 0;
  next->n = 0;
  memset(b->is_waiting, 0, sizeof b->is_waiting);
  memset(b->is_next, 0, sizeof b->is_next);
  for (int i = n_places; i-- > 0;) b->stack[n_stack++] = places[i];
  while (n_stack > 0) {
    int at = b->stack[--n_stack];
    const bl_instruction *in = &g->code[at];
    if (b->is_waiting[at]) continue;
    b->is_waiting[at] = 1;
    switch (in->op) {
      case BL_OP_MATCH:
        return true;
      case BL_OP_SPLIT:
        b->stack[n_stack++] = (int16_t)(at + in->y);
        b->stack[n_stack++] = (int16_t)(at + in->x);
        break;
      case BL_OP_JUMP:
        b->stack[n_stack++] = (int16_t)(at + in->x);
        break;
      case BL_OP_AHEAD:
      case BL_OP_NOT_AHEAD:
        if (ahead_holds(b, in, kind)) b->stack[n_stack++] = (int16_t)(at + 1);
        break;
      case BL_OP_CLASS:
        if (kind < b->pattern->n_kinds && !b->is_next[at + 1] &&
            b->members[(size_t)kind * (size_t)g->n_classes + (size_t)in->x]) {
          b->is_next[at + 1] = 1;
          next->places[next->n++] = (int16_t)(at + 1);
        }
    }
  }
  return false;
}

/* The number of the state with these places, added when it is new; -1 when there are too many or
 * memory ran out (then *code says so). */
static int find_state(builder *b, const place_list *list, bl_code *code, bl_error *error) {
  size_t n_bytes = (size_t)list->n * sizeof *list->places;
  bl_pattern *pattern = b->pattern;
  for (int s = 0; s < pattern->n_states; s++)
    if (b->begins[s + 1] - b->begins[s] == n_bytes &&
        (n_bytes == 0 || memcmp(b->states.bytes + b->begins[s], list->places, n_bytes) == 0))
      return s;
  if (pattern->n_states == MAX_STATES) return -1;
  *code = bl_buffer_append(&b->states, list->places, n_bytes, error);
  if (*code) return -1;
  b->begins[pattern->n_states + 1] = b->states.size;
  return pattern->n_states++;
}

static bl_code make_states(const char *file, builder *b, bl_error *error) {
  bl_pattern *pattern = b->pattern;
  size_t n_columns = (size_t)pattern->n_kinds + 1, capacity = 0;
  place_list list = {0}, current;
  bl_code code = BL_OK;
  find_state(b, &list, &code, error); /* DEAD: nowhere */
  list = (place_list){1, {0}};
  if (!code) find_state(b, &list, &code, error); /* START: at the first instruction */
  for (int s = 0; !code && s < pattern->n_states; s++) {
    void *rows = pattern->next;
    code = bl_grow(&rows, &capacity, (size_t)s + 1, n_columns * sizeof *pattern->next, error);
    pattern->next = rows;
    if (code) break;
    size_t n_bytes = b->begins[s + 1] - b->begins[s];
    current.n = (int)(n_bytes / sizeof *current.places);
    if (n_bytes) memcpy(current.places, b->states.bytes + b->begins[s], n_bytes);
    for (int kind = 0; !code && kind < (int)n_columns; kind++) {
      bool accepts = step(b, current.places, current.n, kind, &list);
      int to = find_state(b, &list, &code, error);
      if (code) break;
      if (to < 0)
        return bl_fail(error, BL_ERR_UNSUPPORTED,
                       "%s: a split pattern is too intricate (over %d states)", file, MAX_STATES);
      if (accepts && s == START)
        return bl_fail(error, BL_ERR_UNSUPPORTED, "%s: a split pattern matches the empty text",
                       file);
      pattern->next[(size_t)s * n_columns + (size_t)kind] =
          (uint16_t)(to | (accepts ? ACCEPTS : 0));
    }
  }
  return code;
}

static bl_code compile(const char *file, const bl_program *program, bl_pattern **out,
                       bl_error *error) {
  bl_pattern *pattern = calloc(1, sizeof *pattern);
  size_t n_members = (size_t)MAX_KINDS * (size_t)program->n_classes + 1;
  uint8_t *members = calloc(n_members, 1);
  builder *b = calloc(1, sizeof *b);
  bl_code code = pattern && members && b ? BL_OK : bl_fail_memory(error, n_members);
  if (!code) code = make_cells(pattern, program, error);
  if (!code) code = make_kinds(file, pattern, program, members, error);
  if (!code) {
    b->program = program;
    b->members = members;
    b->pattern = pattern;
    code = make_states(file, b, error);
  }
  if (b) bl_buffer_free(&b->states);
  free(b);
  free(members);
  if (code)
    bl_pattern_free(pattern);
  else
    *out = pattern;
  return code;
}

bl_code bl_pattern_new(const char *file, const char *regex, size_t size, bl_pattern **pattern,
                       bl_error *error) {
  bl_program *program = malloc(sizeof *program);
  if (!program) return bl_fail_memory(error, sizeof *program);
  bl_code code = bl_pattern_parse(file, regex, size, program, error);
  bl_pattern *made = NULL;
  if (!code) code = compile(file, program, &made, error);
  free(program);
  if (code) return code;
  made->source = malloc(size + 1);
  if (!made->source) {
    bl_pattern_free(made);
    return bl_fail_memory(error, size + 1);
  }
  memcpy(made->source, regex, size);
  made->source[size] = '\0';
  *pattern = made;
  return BL_OK;
}

const char *bl_pattern_source(const bl_pattern *pattern) {
  return pattern->source;
}

bl_code bl_pattern_literal(const char *file, const char *literal, size_t size, bl_pattern **pattern,
                           bl_error *error) {
  bl_buffer regex = {0};
  bl_code code = BL_OK;
  for (size_t i = 0; !code && i < size; i++) {
    if (literal[i] > 0x20 && strchr("\\.^$()[]{}*+?|&-", literal[i]))
      code = bl_buffer_append(&regex, "\\", 1, error);
    if (!code) code = bl_buffer_append(&regex, literal + i, 1, error);
  }
  if (!code) code = bl_buffer_append(&regex, "", 1, error);
  if (!code) code = bl_pattern_new(file, regex.bytes, regex.size - 1, pattern, error);
  bl_buffer_free(&regex);
  return code;
}

bool bl_pattern_find(const bl_pattern *pattern, const char *text, size_t size, size_t *start,
                     size_t *end, uint64_t *steps, uint64_t max_steps) {
  size_t n_columns = (size_t)pattern->n_kinds + 1, length;
  for (size_t from = *start; from < size; from += length) {
    size_t at = from, found = from;
    int state = START;
    for (;;) {
      int kind = pattern->n_kinds;
      size_t n = 0;
      if (at < size) {
        uint32_t cp = bl_utf8_decode(text, size, at, &n);
        if (cp == BL_BAD_UTF8) cp = 0xfffd, n = 1;
        kind = kind_of(pattern, cp);
      }
      if (++*steps > max_steps) return false;
      uint16_t to = pattern->next[(size_t)state * n_columns + (size_t)kind];
      if (to & ACCEPTS) found = at;
      state = to & ~ACCEPTS;
      if (state == DEAD) break;
      at += n;
    }
    if (found > from) {
      *start = from;
      *end = found;
      return true;
    }
    if (bl_utf8_decode(text, size, from, &length) == BL_BAD_UTF8) length = 1;
  }
  return false;
}
