/* As much of YAML as model cards are written in: keys at the beginning of a line, with a text, a
 * list in brackets, a list of lines that begin with "-", or indented lines after "|" or ">". */
#include <string.h>

#include "model/card.h"

#define MAX_YAML_BYTES ((size_t)1 << 16) /* real ones stay under 10 kB */

/* A piece of text that is being read. */
typedef struct cursor {
  const char *at, *end;
} cursor;

static cursor take_line(cursor *c) {
  const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));
  cursor line = {c->at, newline ? newline : c->end};
  c->at = newline ? newline + 1 : c->end;
  if (line.end > line.at && line.end[-1] == '\r') line.end--;
  return line;
}

static bool is_rule(cursor line) {
  return line.end - line.at == 3 && memcmp(line.at, "---", 3) == 0;
}

/* The lines between the first two rules. */
static cursor front_matter(const char *readme, size_t size) {
  cursor c = {readme, readme + (size < MAX_YAML_BYTES ? size : MAX_YAML_BYTES)};
  if (!is_rule(take_line(&c))) return (cursor){readme, readme};
  cursor yaml = {c.at, c.at};
  while (c.at < c.end) {
    yaml.end = c.at;
    if (is_rule(take_line(&c))) return yaml;
  }
  return (cursor){readme, readme}; /* the second rule is missing */
}

static void skip_blanks(cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) c->at++;
}

/* Appends a character, unless there is no room for it and a NUL. */
static bool put(char c, char *value, size_t value_size, size_t *n) {
  if (*n + 1 >= value_size) return false;
  value[(*n)++] = c;
  return true;
}

/* A text in quotes: '' is a quote in single ones, \ escapes in double ones. */
static bool read_quoted(cursor *c, char *value, size_t value_size, size_t *n) {
  const char quote = *c->at++;
  while (c->at < c->end) {
    char x = *c->at++;
    if (x == quote && (quote == '"' || c->at == c->end || *c->at != quote)) return true;
    if (x == quote) c->at++;
    if (quote == '"' && x == '\\') {
      if (c->at == c->end) return false;
      x = *c->at++;
      if (x == 'n' || x == 't')
        x = x == 'n' ? '\n' : '\t';
      else if (!strchr("\"\\/", x))
        return false;
    }
    if (!put(x, value, value_size, n)) return false;
  }
  return false;
}

/* A text without quotes goes to the end of the line, a comment, or within brackets a comma. */
static bool read_plain(cursor *c, bool in_brackets, char *value, size_t value_size, size_t *n) {
  if (c->at < c->end && strchr("|>{&*!%@`[", *c->at)) return false; /* something else than a text */
  while (c->at < c->end && !(in_brackets && (*c->at == ',' || *c->at == ']'))) {
    if (*c->at == '#' && *n > 0 && value[*n - 1] == ' ') break;
    if (*c->at == ':' && (c->at + 1 == c->end || c->at[1] == ' ')) return false; /* a key */
    if (!put(*c->at++, value, value_size, n)) return false;
  }
  while (*n > 0 && (value[*n - 1] == ' ' || value[*n - 1] == '\t')) (*n)--;
  return true;
}

static bool is_nothing(const char *value, size_t n) {
  return n == 0 || (n == 1 && *value == '~') || (n == 4 && memcmp(value, "null", 4) == 0);
}

static bool read_text(cursor *c, bool in_brackets, char *value, size_t value_size) {
  size_t n = 0;
  skip_blanks(c);
  bool is_quoted = c->at < c->end && (*c->at == '"' || *c->at == '\'');
  bool ok = is_quoted ? read_quoted(c, value, value_size, &n)
                      : read_plain(c, in_brackets, value, value_size, &n);
  value[n] = '\0';
  return ok && (is_quoted || !is_nothing(value, n));
}

/* The n-th of "a, b]". */
static bool read_in_brackets(cursor c, int n, char *value, size_t value_size) {
  for (; c.at < c.end; n--) {
    bool ok = read_text(&c, true, value, value_size);
    if (!ok || n == 0) return ok;
    skip_blanks(&c);
    if (c.at == c.end || *c.at++ != ',') return false;
  }
  return false;
}

/* The n-th of the lines that begin with "-". */
static bool read_lines(cursor c, int n, char *value, size_t value_size) {
  while (c.at < c.end) {
    cursor line = take_line(&c);
    skip_blanks(&line);
    if (line.at == line.end || *line.at == '#') continue;
    if (*line.at != '-') return false;
    line.at++;
    if (n-- == 0) return read_text(&line, false, value, value_size);
  }
  return false;
}

/* The indented lines that follow "|", each a line, or ">", one line all together. */
static bool read_block(cursor c, bool folds, char *value, size_t value_size) {
  size_t n = 0;
  while (c.at < c.end && (*c.at == ' ' || *c.at == '\n')) {
    cursor line = take_line(&c);
    skip_blanks(&line);
    if (n > 0 && !put(folds ? ' ' : '\n', value, value_size, &n)) return false;
    while (line.at < line.end)
      if (!put(*line.at++, value, value_size, &n)) return false;
  }
  while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\n')) n--;
  value[n] = '\0';
  return n > 0;
}

bool bl_card_value(const char *readme, size_t size, const char *key, int n, char *value,
                   size_t value_size) {
  cursor yaml = front_matter(readme, size);
  size_t key_size = strlen(key);
  while (yaml.at < yaml.end) {
    cursor line = take_line(&yaml);
    if ((size_t)(line.end - line.at) <= key_size || memcmp(line.at, key, key_size) != 0 ||
        line.at[key_size] != ':')
      continue;
    line.at += key_size + 1;
    skip_blanks(&line);
    if (line.at == line.end || *line.at == '#') return read_lines(yaml, n, value, value_size);
    if (*line.at == '|' || *line.at == '>')
      return n == 0 && read_block(yaml, *line.at == '>', value, value_size);
    if (*line.at != '[') return n == 0 && read_text(&line, false, value, value_size);
    line.at++;
    return read_in_brackets(line, n, value, value_size);
  }
  return false;
}
