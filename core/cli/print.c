/* Words, numbers, colours and tables on the terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/utf8.h"
#include "cli.h"

static void print_sentence(const char *start, const char *format, va_list arguments) {
  char text[2048];
  bl_vcopy_sentence(text, sizeof text, format, arguments);
  cli_progress_end();
  fprintf(stderr, "%s%s\n", start, text);
}

bool cli_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_sentence("bitloss: ", format, arguments);
  va_end(arguments);
  return false;
}

void cli_note(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_sentence("bitloss: note: ", format, arguments);
  va_end(arguments);
}

void cli_model_notes(const bl_model *model) {
  for (int i = 0; i < bl_model_n_notes(model); i++)
    cli_note("%s", bl_model_note(model, i)->message);
}

void cli_export_notes(const bl_export *ex) {
  for (int i = 0; i < bl_export_n_notes(ex); i++) cli_note("%s", bl_export_note(ex, i)->message);
}

void cli_die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_sentence("bitloss: ", format, arguments);
  va_end(arguments);
  cli_stdout_end(false);
  exit(CLI_FAILED); /* where cli_begun_remove waits */
}

void *cli_grow(void *block, size_t n_bytes) {
  void *grown = realloc(block, n_bytes ? n_bytes : 1);
  if (!grown) cli_die("out of memory (%zu bytes more were needed)", n_bytes);
  return grown;
}

void *cli_alloc(size_t n_bytes) {
  return memset(cli_grow(NULL, n_bytes), 0, n_bytes);
}

char *cli_copy(const char *text) {
  size_t size = strlen(text) + 1;
  return memcpy(cli_alloc(size), text, size);
}

char *cli_print(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (size < 0) size = 0;
  char *text = cli_alloc((size_t)size + 1);
  va_start(arguments, format);
  vsnprintf(text, (size_t)size + 1, format, arguments);
  va_end(arguments);
  return text;
}

/* ---- the terminal --------------------------------------------------------------------------- */

static bool color;

bool cli_is_terminal(int fd) {
  const char *term = getenv("TERM");
  return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

void cli_set_color(const char *when) {
  const char *no_color = getenv("NO_COLOR");
  if (strcmp(when, "auto") == 0) {
    color = cli_is_terminal(STDOUT_FILENO) && !(no_color && *no_color);
  } else {
    color = strcmp(when, "always") == 0;
  }
}

bool cli_has_color(void) {
  return color;
}

bool cli_is_utf8(void) {
  const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (int i = 0; i < 3; i++) {
    const char *locale = getenv(names[i]);
    if (!locale || !*locale) continue; /* the first that is set decides */
    return strstr(locale, "UTF-8") || strstr(locale, "utf8") || strstr(locale, "UTF8") ||
           strstr(locale, "utf-8");
  }
  return false;
}

int cli_width(int fd) {
  struct winsize size;
  if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

const char *cli_on(cli_style style) {
  if (!color) return "";
  switch (style) {
    case CLI_BOLD:
      return "\033[1m";
    case CLI_DIM:
      return "\033[2m";
    case CLI_MARK:
      return "\033[1;30;43m";
    case CLI_AFTER_MARK:
      return "\033[33m";
    default:
      return "";
  }
}

const char *cli_off(void) {
  return color ? "\033[0m" : "";
}

/* ---- numbers -------------------------------------------------------------------------------- */

const char *cli_size(uint64_t n_bytes, char *text) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double value = (double)n_bytes;
  int unit = 0;
  while (value >= 999.5 && unit < 6) {
    value /= 1000;
    unit++;
  }
  snprintf(text, 16, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text;
}

const char *cli_count(int64_t n, char *text) {
  char digits[24];
  int n_digits = snprintf(digits, sizeof digits, "%lld", (long long)n), size = 0;
  for (int i = 0; i < n_digits; i++) {
    bool comma = i > 0 && (n_digits - i) % 3 == 0 && digits[i - 1] != '-';
    if (comma) text[size++] = ',';
    text[size++] = digits[i];
  }
  text[size] = 0;
  return text;
}

/* ---- UTF-8 ---------------------------------------------------------------------------------- */

size_t cli_read_char(const char *text, size_t size, uint32_t *code) {
  size_t length;
  *code = bl_utf8_decode(text, size, 0, &length);
  if (*code != BL_BAD_UTF8) return length;
  *code = 0xfffd;
  return 1;
}

/* Columns of one character: East Asian wide characters and pictographs take two, combining marks
 * none. The ranges are those of Unicode's EastAsianWidth W and F, coarsely. */
static int char_width(uint32_t c) {
  if ((c >= 0x300 && c < 0x370) || (c >= 0x200b && c < 0x2010) || (c >= 0xfe00 && c < 0xfe10))
    return 0;
  bool wide = (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
              (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
              (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61) ||
              (c >= 0xffe0 && c < 0xffe7) || (c >= 0x1f300 && c < 0x1f650) ||
              (c >= 0x1f900 && c < 0x1fa00) || (c >= 0x20000 && c < 0x3fffe);
  return wide ? 2 : 1;
}

int cli_text_width(const char *text, size_t size) {
  int width = 0;
  for (size_t i = 0; i < size;) {
    uint32_t code;
    i += cli_read_char(text + i, size - i, &code);
    width += char_width(code);
  }
  return width;
}

char *cli_plain_copy(const char *text) {
  size_t size = strlen(text), used = 0;
  char *plain = cli_alloc(size + 1);
  for (size_t i = 0; i < size;) {
    uint32_t code;
    size_t n = cli_read_char(text + i, size - i, &code);
    bool keep = !bl_is_control(code) && (code != 0xfffd || n == 3);
    if (!keep) {
      plain[used++] = '?';
    } else {
      memcpy(plain + used, text + i, n);
      used += n;
    }
    i += n;
  }
  return plain;
}

/* The columns of the word that starts at text[i]: up to the next space or newline. */
static int word_width(const char *text, size_t size, size_t i) {
  size_t end = i;
  while (end < size && text[end] != ' ' && text[end] != '\n') end++;
  return cli_text_width(text + i, end - i);
}

void cli_print_wrapped(const char *text, size_t size, const cli_wrap *wrap) {
  const char *plain_mark = cli_is_utf8() ? "▸" : ">>";
  int indent = wrap->indent, column = 0;
  int room = wrap->width - indent > 16 ? wrap->width - indent : 16;
  size_t mark = wrap->marked ? wrap->mark : SIZE_MAX;
  printf("%*s", wrap->hanging ? 0 : indent, "");
  for (size_t i = 0; i < size || i == mark;) {
    if (i == mark) {
      printf("%s", color ? cli_on(CLI_MARK) : plain_mark);
      if (!color) column += cli_text_width(plain_mark, strlen(plain_mark));
      mark = SIZE_MAX;
      if (i == size && color) printf(" "); /* the text ends where the other goes on */
      continue;
    }
    if (wrap->marked && i == wrap->mark_end) printf("%s%s", cli_off(), cli_on(CLI_AFTER_MARK));
    uint32_t code;
    size_t n = cli_read_char(text + i, size - i, &code);
    bool at_space = code == ' ' && column > 0;
    bool breaks = code == '\n' || (at_space && column + 1 + word_width(text, size, i + 1) > room);
    if (breaks || column + char_width(code) > room) {
      printf("\n%*s", indent, "");
      column = 0;
    }
    if (!breaks && !bl_is_control(code)) {
      cli_write_char(text + i, n, code);
      column += char_width(code);
    }
    i += n;
  }
  printf("%s\n", cli_off());
}

/* ---- tables --------------------------------------------------------------------------------- */

void cli_table_add(cli_table *table, const char *const *cells) {
  size_t n = (size_t)table->n_columns, old = (size_t)table->n_rows * n;
  if ((table->n_rows & (table->n_rows - 1)) == 0) /* double at powers of two */
    table->cells = cli_grow(table->cells, (2 * old + n) * sizeof *table->cells);
  for (size_t i = 0; i < n; i++) table->cells[old + i] = cli_plain_copy(cells[i]);
  table->n_rows++;
}

static void print_cell(const char *cell, char align, int width, bool last) {
  int pad = width - cli_text_width(cell, strlen(cell));
  if (align == 'r') printf("%*s%s", pad > 0 ? pad : 0, "", cell);
  if (align != 'r') printf("%s%*s", cell, last || pad < 0 ? 0 : pad, "");
}

static void print_as_list(const cli_table *table, int width) {
  for (int row = 0; row < table->n_rows; row++) {
    char **cells = table->cells + (size_t)row * (size_t)table->n_columns;
    printf("%s%s%s\n", cli_on(CLI_BOLD), cells[0], cli_off());
    char *line = cli_copy("");
    for (int c = 1; c < table->n_columns; c++) {
      if (!*cells[c]) continue;
      char *heading = cli_plain_copy(table->headings[c]);
      char *longer = cli_print("%s%s%s %s", line, *line ? ", " : "", heading, cells[c]);
      free(heading);
      free(line);
      line = longer;
    }
    cli_print_wrapped(line, strlen(line), &(cli_wrap){.indent = 2, .width = width});
    free(line);
  }
}

void cli_table_print(const cli_table *table) {
  int *widths = cli_alloc((size_t)table->n_columns * sizeof *widths), total = 0;
  for (int c = 0; c < table->n_columns; c++) {
    widths[c] = cli_text_width(table->headings[c], strlen(table->headings[c]));
    for (int row = 0; row < table->n_rows; row++) {
      const char *cell = table->cells[(size_t)row * (size_t)table->n_columns + (size_t)c];
      int width = cli_text_width(cell, strlen(cell));
      if (width > widths[c]) widths[c] = width;
    }
    total += widths[c] + (c ? 2 : 0);
  }
  int room = cli_width(STDOUT_FILENO);
  if (isatty(STDOUT_FILENO) && total > room) {
    print_as_list(table, room);
  } else {
    for (int row = -1; row < table->n_rows; row++) {
      printf("%s", row < 0 ? cli_on(CLI_DIM) : "");
      for (int c = 0; c < table->n_columns; c++) {
        char *heading = row < 0 ? cli_plain_copy(table->headings[c]) : NULL;
        size_t at = (size_t)(row < 0 ? 0 : row) * (size_t)table->n_columns + (size_t)c;
        if (c) printf("  ");
        print_cell(heading ? heading : table->cells[at], table->align[c], widths[c],
                   c == table->n_columns - 1);
        free(heading);
      }
      printf("%s\n", row < 0 ? cli_off() : "");
      cli_stdout_watch();
    }
  }
  free(widths);
}

void cli_table_free(cli_table *table) {
  size_t n = (size_t)table->n_rows * (size_t)table->n_columns;
  for (size_t i = 0; i < n; i++) free(table->cells[i]);
  free(table->cells);
  table->cells = NULL;
  table->n_rows = 0;
}
