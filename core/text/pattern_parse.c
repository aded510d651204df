/* From the text of a regular expression to a program for a nondeterministic automaton. */
#include <string.h>

#include "text/pattern.h"

enum { MAX_NESTING = 16, MAX_REPEAT = 64 };

typedef struct parser {
  const char *file, *regex;
  size_t size, at;
  bl_program *program;
  bl_error *error;
} parser;

static bl_code unsupported(const parser *p, size_t at, const char *what) {
  size_t shown = p->size - at < 24 ? p->size - at : 24;
  return bl_fail(p->error, BL_ERR_UNSUPPORTED,
                 "%s: a split pattern uses %s at byte %zu ('%.*s'), which is not supported",
                 p->file, what, at, (int)shown, p->regex + at);
}

static bool looking_at(const parser *p, const char *s) {
  size_t n = strlen(s);
  return p->size - p->at >= n && memcmp(p->regex + p->at, s, n) == 0;
}

static bool skip(parser *p, const char *s) {
  if (!looking_at(p, s)) return false;
  p->at += strlen(s);
  return true;
}

static bl_code next_char(parser *p, uint32_t *cp) {
  size_t length;
  if (p->at >= p->size)
    return bl_fail(p->error, BL_ERR_INPUT, "%s: a split pattern ends too early, at byte %zu",
                   p->file, p->at);
  *cp = bl_utf8_decode(p->regex, p->size, p->at, &length);
  if (*cp == BL_BAD_UTF8)
    return bl_fail(p->error, BL_ERR_INPUT, "%s: a split pattern is not UTF-8 at byte %zu", p->file,
                   p->at);
  p->at += length;
  return BL_OK;
}

static bl_code emit(parser *p, int at, bl_instruction instruction) {
  bl_program *g = p->program;
  if (g->n_code == BL_MAX_INSTRUCTIONS) return unsupported(p, p->at, "too many steps");
  memmove(g->code + at + 1, g->code + at, (size_t)(g->n_code - at) * sizeof *g->code);
  g->code[at] = instruction;
  g->n_code++;
  return BL_OK;
}

/* ---- classes ---- */

static bl_code add_item(parser *p, uint32_t categories, uint32_t low, uint32_t high, bool negated) {
  bl_program *g = p->program;
  if (g->n_items == BL_MAX_ITEMS) return unsupported(p, p->at, "too many characters");
  g->items[g->n_items++] = (bl_class_item){categories, low, high, false, negated};
  return BL_OK;
}

static bl_code add_range(parser *p, uint32_t low, uint32_t high, bool fold) {
  bl_code code = add_item(p, 0, low, high, false);
  if (!fold) return code;
  /* Simple case folding of ASCII letters, with the two other characters that fold to one:
   * U+017F (long s) and U+212A (Kelvin sign). */
  for (uint32_t c = 'a'; !code && c <= 'z'; c++) {
    uint32_t other = c == 's' ? 0x17f : c == 'k' ? 0x212a : 0;
    bool has_lower = low <= c && c <= high, has_upper = low <= c - 32 && c - 32 <= high;
    if (!has_lower && !has_upper && !(other && low <= other && other <= high)) continue;
    code = add_item(p, 0, c, c, false);
    if (!code) code = add_item(p, 0, c - 32, c - 32, false);
    if (!code && other) code = add_item(p, 0, other, other, false);
  }
  const uint32_t cased = 1u << BL_CAT_LU | 1u << BL_CAT_LL | 1u << BL_CAT_LT;
  if (!code && high > 0x7f && !(low == high && (low == 0x17f || low == 0x212a)) &&
      (low != high || (cased >> bl_unicode_category(low) & 1)))
    return unsupported(p, p->at, "(?i:) with letters outside ASCII");
  return code;
}

/* \w or \W, inside of […]. */
static bl_code add_word(parser *p, bool negated) {
  bl_code code = add_item(p, bl_unicode_word_set(), 1, 0, negated);
  if (!code) p->program->items[p->program->n_items - 1].word = true;
  return code;
}

/* After a backslash: a category, a shorthand, or (with *literal set) a plain character. */
static bl_code parse_escape(parser *p, bool *literal, uint32_t *cp) {
  size_t start = p->at - 1;
  *literal = false;
  bl_code code = next_char(p, cp);
  if (code) return code;
  const uint32_t digits = 1u << BL_CAT_ND;
  switch (*cp) {
    case 's':
      return add_item(p, bl_unicode_space_set(), 1, 0, false);
    case 'S':
      return add_item(p, bl_unicode_space_set(), 1, 0, true);
    case 'd':
      return add_item(p, digits, 1, 0, false);
    case 'D':
      return add_item(p, digits, 1, 0, true);
    case 'w':
    case 'W':
      return add_word(p, *cp == 'W');
    case 'n':
      *cp = '\n';
      break;
    case 'r':
      *cp = '\r';
      break;
    case 't':
      *cp = '\t';
      break;
    case 'f':
      *cp = '\f';
      break;
    case 'v':
      *cp = '\v';
      break;
    case 'p':
    case 'P': {
      bool negated = *cp == 'P';
      if (!skip(p, "{")) return unsupported(p, start, "a property without braces");
      if (skip(p, "^")) negated = !negated;
      const char *name = p->regex + p->at;
      while (p->at < p->size && p->regex[p->at] != '}') p->at++;
      uint32_t set = bl_unicode_category_set(name, (size_t)(p->regex + p->at - name));
      if (!set || !skip(p, "}"))
        return unsupported(p, start, "a property other than a general category");
      return add_item(p, set, 1, 0, negated);
    }
    default:
      if ((*cp >= 'a' && *cp <= 'z') || (*cp >= 'A' && *cp <= 'Z') || (*cp >= '0' && *cp <= '9'))
        return unsupported(p, start, "an escape");
  }
  *literal = true;
  return BL_OK;
}

static bl_code begin_class(parser *p, bool negated) {
  bl_program *g = p->program;
  if (g->n_classes == BL_MAX_CLASSES) return unsupported(p, p->at, "too many classes");
  g->classes[g->n_classes++] = (bl_class){g->n_items, 0, negated};
  return BL_OK;
}

/* The inside of […], after the opening bracket. */
static bl_code parse_brackets(parser *p, bool fold) {
  size_t start = p->at - 1;
  bool negated = skip(p, "^");
  bl_code code = begin_class(p, negated);
  if (!code && looking_at(p, "]")) return unsupported(p, start, "an empty class");
  while (!code && !skip(p, "]")) {
    uint32_t low, high;
    bool literal = true;
    if (looking_at(p, "[")) return unsupported(p, p->at, "a class inside a class");
    if (looking_at(p, "&&")) return unsupported(p, p->at, "an intersection of classes");
    code = next_char(p, &low);
    if (!code && low == '\\') code = parse_escape(p, &literal, &low);
    if (code || !literal) continue;
    high = low;
    if (looking_at(p, "-") && !looking_at(p, "-]")) {
      p->at++;
      code = next_char(p, &high);
      if (!code && high == '\\') {
        code = parse_escape(p, &literal, &high);
        if (!code && !literal) return unsupported(p, start, "a range that ends in a class");
      }
      if (!code && high < low) return unsupported(p, start, "a range that runs backwards");
    }
    if (!code) code = add_range(p, low, high, fold);
  }
  if (code) return code;
  bl_class *c = &p->program->classes[p->program->n_classes - 1];
  c->n = p->program->n_items - c->first;
  return BL_OK;
}

/* \w or \W that stands alone, where Oniguruma counts the numbers in Latin-1 among a word's
 * characters. */
static bl_code parse_word(parser *p, bool negated) {
  bl_code code = begin_class(p, negated);
  if (!code) code = add_word(p, false);
  if (!code) code = add_item(p, 0, 0xb2, 0xb3, false);
  if (!code) code = add_item(p, 0, 0xb9, 0xb9, false);
  if (!code) code = add_item(p, 0, 0xbc, 0xbe, false);
  if (!code) p->program->classes[p->program->n_classes - 1].n = 4;
  return code;
}

/* One character, escape or class; adds a class to the program. */
static bl_code parse_class(parser *p, bool fold) {
  uint32_t cp;
  bool literal = true;
  size_t start = p->at;
  if (skip(p, "[")) return parse_brackets(p, fold);
  if (skip(p, "\\w")) return parse_word(p, false);
  if (skip(p, "\\W")) return parse_word(p, true);
  bl_code code = next_char(p, &cp);
  if (!code && cp < 0x80 && strchr(".^$()*+?{|", (int)cp) && cp)
    return unsupported(p, start, "a construct");
  if (!code) code = begin_class(p, false);
  if (!code && cp == '\\') code = parse_escape(p, &literal, &cp);
  if (!code && literal) code = add_range(p, cp, cp, fold);
  if (code) return code;
  bl_class *c = &p->program->classes[p->program->n_classes - 1];
  c->n = p->program->n_items - c->first;
  return BL_OK;
}

/* ---- groups, repetition, alternation ---- */

static bl_code parse_alternatives(parser *p, bool fold, int depth);

static bl_code parse_lookahead(parser *p, bl_op op, bool fold) {
  size_t start = p->at;
  bl_code code = parse_class(p, fold);
  if (!code && !skip(p, ")")) return unsupported(p, start, "a lookahead of more than one class");
  if (!code) code = emit(p, p->program->n_code, (bl_instruction){op, p->program->n_classes - 1, 0});
  return code;
}

/* An unquantified element. */
static bl_code parse_atom(parser *p, bool fold, int depth) {
  size_t start = p->at;
  if (skip(p, "(?!")) return parse_lookahead(p, BL_OP_NOT_AHEAD, fold);
  if (skip(p, "(?=")) return parse_lookahead(p, BL_OP_AHEAD, fold);
  if (skip(p, "(")) {
    if (skip(p, "?i:"))
      fold = true;
    else if (!skip(p, "?:") && looking_at(p, "?"))
      return unsupported(p, start, "a special group");
    if (depth == MAX_NESTING) return unsupported(p, start, "deeply nested groups");
    bl_code code = parse_alternatives(p, fold, depth + 1);
    if (!code && !skip(p, ")"))
      return bl_fail(p->error, BL_ERR_INPUT, "%s: a split pattern has an open group at byte %zu",
                     p->file, start);
    return code;
  }
  bl_code code = parse_class(p, fold);
  if (!code)
    code = emit(p, p->program->n_code, (bl_instruction){BL_OP_CLASS, p->program->n_classes - 1, 0});
  return code;
}

static bool parse_number(parser *p, int *number) {
  size_t start = p->at;
  int n = 0;
  for (; p->at < p->size && p->regex[p->at] >= '0' && p->regex[p->at] <= '9'; p->at++)
    if (n <= MAX_REPEAT) n = n * 10 + (p->regex[p->at] - '0');
  *number = n;
  return p->at > start;
}

/* Appends a copy of n instructions from `first`; their jumps are relative and stay inside. */
static bl_code copy_code(parser *p, const bl_instruction *source, int n) {
  bl_code code = BL_OK;
  for (int i = 0; !code && i < n; i++) code = emit(p, p->program->n_code, source[i]);
  return code;
}

/* A quantifier for the code from `first` on: least to most repetitions, most < 0 for no limit. */
static bl_code repeat(parser *p, int first, int least, int most) {
  bl_program *g = p->program;
  bl_instruction atom[BL_MAX_INSTRUCTIONS];
  int n = g->n_code - first;
  memcpy(atom, g->code + first, (size_t)n * sizeof *atom);
  g->n_code = first;
  bl_code code = BL_OK;
  for (int i = 0; !code && i < least; i++) code = copy_code(p, atom, n);
  if (!code && most < 0) {
    code = emit(p, g->n_code, (bl_instruction){BL_OP_SPLIT, 1, n + 2});
    if (!code) code = copy_code(p, atom, n);
    if (!code) code = emit(p, g->n_code, (bl_instruction){BL_OP_JUMP, -(n + 1), 0});
  }
  /* Each optional copy may leave to the end of all of them. */
  for (int i = least; !code && i < most; i++) {
    code = emit(p, g->n_code, (bl_instruction){BL_OP_SPLIT, 1, (most - i) * (n + 1)});
    if (!code) code = copy_code(p, atom, n);
  }
  return code;
}

static bl_code parse_repeated(parser *p, bool fold, int depth) {
  int first = p->program->n_code, least = 1, most = 1;
  bl_code code = parse_atom(p, fold, depth);
  if (code) return code;
  size_t start = p->at;
  if (skip(p, "?"))
    least = 0;
  else if (skip(p, "*"))
    least = 0, most = -1;
  else if (skip(p, "+"))
    most = -1;
  else if (skip(p, "{")) {
    bool good = parse_number(p, &least);
    most = least;
    if (good && skip(p, ",") && !parse_number(p, &most)) most = -1;
    if (!good || !skip(p, "}") || least > MAX_REPEAT || most > MAX_REPEAT ||
        (most >= 0 && most < least))
      return unsupported(p, start, "a repetition count");
  } else {
    return BL_OK;
  }
  if (looking_at(p, "+") || looking_at(p, "?") || looking_at(p, "*") || looking_at(p, "{"))
    return unsupported(p, start, "a possessive, lazy or doubled quantifier");
  return repeat(p, first, least, most);
}

static bl_code parse_alternatives(parser *p, bool fold, int depth) {
  bl_program *g = p->program;
  int branch = g->n_code, last_jump = -1;
  for (;;) {
    bl_code code = BL_OK;
    while (!code && p->at < p->size && !looking_at(p, "|") && !looking_at(p, ")"))
      code = parse_repeated(p, fold, depth);
    if (code || !skip(p, "|")) {
      if (code) return code;
      break;
    }
    /* Jumps out of the branches are chained through y until the end of the group is known. */
    code = emit(p, branch, (bl_instruction){BL_OP_SPLIT, 1, g->n_code - branch + 2});
    if (!code) code = emit(p, g->n_code, (bl_instruction){BL_OP_JUMP, 0, last_jump});
    if (code) return code;
    last_jump = g->n_code - 1;
    branch = g->n_code;
  }
  while (last_jump >= 0) {
    bl_instruction *jump = &g->code[last_jump];
    int previous = jump->y;
    *jump = (bl_instruction){BL_OP_JUMP, g->n_code - last_jump, 0};
    last_jump = previous;
  }
  return BL_OK;
}

bl_code bl_pattern_parse(const char *file, const char *regex, size_t size, bl_program *program,
                         bl_error *error) {
  parser p = {file, regex, size, 0, program, error};
  program->n_code = program->n_classes = program->n_items = 0;
  bl_code code = parse_alternatives(&p, false, 0);
  if (!code && p.at < size)
    code = bl_fail(error, BL_ERR_INPUT, "%s: a split pattern has an unopened ')' at byte %zu", file,
                   p.at);
  if (!code) code = emit(&p, program->n_code, (bl_instruction){BL_OP_MATCH, 0, 0});
  return code;
}
