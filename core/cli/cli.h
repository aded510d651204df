/* What the files of the `bitloss` command share: exit statuses, errors, the terminal, progress
 * bars, tables. Everything of the command's own is called cli_*, to tell it from the core's bl_*.
 */
#ifndef BL_CLI_CLI_H
#define BL_CLI_CLI_H

#include <cJSON.h>

#include "base/json_write.h"
#include "bitloss.h"

#if defined(__GNUC__)
#define CLI_PRINTF(format_arg, first_arg) __attribute__((format(printf, format_arg, first_arg)))
#else
#define CLI_PRINTF(format_arg, first_arg)
#endif

typedef enum cli_status { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 } cli_status;

/* Erases a progress bar, prints "bitloss: <sentence>" to stderr with control characters replaced,
 * and returns false, so that a function can end with `return cli_fail("…", …)`. */
bool cli_fail(const char *format, ...) CLI_PRINTF(1, 2);
/* The same for a remark that stops nothing: "bitloss: note: <sentence>". */
void cli_note(const char *format, ...) CLI_PRINTF(1, 2);

/* Says each note of the core's, once. */
void cli_model_notes(const bl_model *model);
void cli_export_notes(const bl_export *ex);

/* Fails with the sentence and ends the process. What was to be printed is not, and what was being
 * written is removed. */
_Noreturn void cli_die(const char *format, ...) CLI_PRINTF(1, 2);

/* Like malloc, realloc and strdup, but die when memory is short. The command's own allocations are
 * small; the core's large ones report through bl_error. */
void *cli_alloc(size_t n_bytes);
void *cli_grow(void *block, size_t n_bytes);
char *cli_copy(const char *text);
/* printf into a new string. */
char *cli_print(const char *format, ...) CLI_PRINTF(1, 2);

/* ---- system.c: the machine ------------------------------------------------------------------ */

double cli_seconds(void);       /* monotonic */
uint64_t cli_peak_memory(void); /* bytes this process held at most */
int cli_default_threads(void);  /* physical cores this process may use */

/* ---- signals.c ------------------------------------------------------------------------------ */

/* At the very beginning: what becomes of SIGPIPE, of a file size limit (ulimit -f) and of a mapped
 * file that is cut short. */
void cli_catch_faults(void);
/* From now on SIGINT, SIGTERM and SIGHUP set a mark. Whoever works looks for it and ends; when that
 * takes most of a second the process ends without him, and removes what it had begun to write. */
void cli_catch_interrupts(void);
bool cli_interrupted(void);    /* has one of them come? */
bool cli_take_interrupt(void); /* was it Ctrl-C? Then it is forgotten, and the work alone ended */
/* While it is true an interruption waits for what is being done: a checkpoint that was promised. */
void cli_finish_first(bool saving);
void cli_die_if_interrupted(void); /* ends the process by that signal, as a shell expects */

/* ---- print.c: words and numbers ------------------------------------------------------------- */

typedef enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_MARK, CLI_AFTER_MARK } cli_style;

/* Decides about colour on stdout: "always", "never", or "auto" (a terminal, and NO_COLOR unset). */
void cli_set_color(const char *when);
bool cli_has_color(void);
bool cli_is_terminal(int fd);
bool cli_is_utf8(void);              /* does the locale's name say UTF-8? */
int cli_width(int fd);               /* columns of that terminal; 80 where it is not one */
const char *cli_on(cli_style style); /* the escape sequence that starts a style, or "" */
const char *cli_off(void);

/* "93.7 MB", in powers of 1000. `text` holds at least 16 bytes; returns it. */
const char *cli_size(uint64_t n_bytes, char *text);
/* "134,515,008"; `text` holds at least 32 bytes; returns it. */
const char *cli_count(int64_t n, char *text);

/* Reads one UTF-8 character of at least one byte; returns how many bytes it takes. A byte that
 * starts no valid sequence gives U+FFFD and takes one. */
size_t cli_read_char(const char *text, size_t size, uint32_t *code);
/* Terminal columns that UTF-8 text takes. */
int cli_text_width(const char *text, size_t size);
/* A copy in which control characters are '?': for names that a file brought. */
char *cli_plain_copy(const char *text);
/* How to wrap: lines of at most `width` columns, each after `indent` spaces (the first one's have
 * been printed when `hanging`). With `marked`, bytes [mark, mark_end) are shown as the difference,
 * and what follows as its consequence. */
typedef struct cli_wrap {
  int indent, width;
  bool hanging, marked;
  size_t mark, mark_end;
} cli_wrap;
/* Prints text so, and a newline. Control characters other than newlines are left out: the text may
 * come from a model. */
void cli_print_wrapped(const char *text, size_t size, const cli_wrap *wrap);
/* A table of text cells, printed in columns as wide as they need; where the terminal is too narrow
 * for it, each row is printed as "heading cell, heading cell …". */
typedef struct cli_table {
  int n_columns;
  const char *const *headings;
  const char *align; /* one character per column: 'l' or 'r' */
  int n_rows;
  char **cells; /* (n_rows, n_columns) */
} cli_table;
void cli_table_add(cli_table *table, const char *const *cells); /* copies them */
void cli_table_print(const cli_table *table);
void cli_table_free(cli_table *table);

/* ---- stdout.c ------------------------------------------------------------------------------- */

/* First of all. From then on what is printed is held back until the end. */
void cli_stdout_begin(void);
/* Lets out what was printed so far; false after saying why that failed, with which a command ends.
 */
bool cli_stdout_push(void);
/* After each part of an output of any length: remembers why a write failed. */
void cli_stdout_watch(void);
/* Last of all: lets out everything where the command succeeded, else nothing more. False when it
 * did not succeed, or that failed. */
bool cli_stdout_end(bool succeeded);
/* Prints a character as cli_read_char read it: nothing for a control, U+FFFD for a stray byte. */
void cli_write_char(const char *text, size_t size, uint32_t code);
/* Prints text as it is; when stdout is a terminal, without control characters and stray bytes. */
void cli_write_text(const char *text, size_t size);

/* ---- json.c --------------------------------------------------------------------------------- */

/* Parses a JSON object. False when it is not one: the sentence is in `error`, and *json is NULL.
 * Dies when memory is short. Free with cJSON_Delete. */
bool cli_json_parse(const char *file, const void *text, size_t size, cJSON **json, bl_error *error);
/* The same; NULL after saying what is wrong. */
cJSON *cli_json_object(const char *file, const void *text, size_t size);
/* The same for a line of a file of JSON lines. */
cJSON *cli_json_line(const char *path, size_t line, const char *text, size_t size);

/* How every command's JSON is laid out: indented with tabs, lists on one line. */
extern const bl_json_style cli_json_style;
void cli_json_ids(bl_json_writer *w, const char *key, const int32_t *ids, int n_ids);
void cli_json_note(bl_json_writer *w, const bl_note *note);
/* "notes": what was remarked of the model and, unless it is NULL, of the export. */
void cli_json_notes(bl_json_writer *w, const bl_model *model, const bl_export *ex);
/* The whole text, to be freed; dies when memory was short. */
char *cli_json_text(bl_json_writer *w);
/* Prints it to stdout. */
void cli_json_print(bl_json_writer *w);

/* ---- progress.c ----------------------------------------------------------------------------- */

/* A bar on stderr, drawn only on a terminal and only once the work has taken a while. There is one
 * at a time. `unit` is "B" for bytes, else a word such as "tokens". */
void cli_progress_start(const char *label, const char *unit, uint64_t total);
void cli_progress(uint64_t done);
void cli_progress_end(void); /* erases it */

/* A bar for work of the core's, which says itself how much there is: cli_bar_show is a
 * bl_progress_fn whose context is the bar, and stops the work on an interruption. */
typedef struct cli_bar {
  const char *label, *unit;
  bool is_started;
} cli_bar;
bool cli_bar_show(void *bar, int64_t n_done, int64_t n_total);
/* Erases the bar and says what went wrong, if anything did: an interruption needs no sentence.
 * Returns whether the work was done. */
bool cli_bar_end(bl_code code, const bl_error *error);

/* Writes the bar's line for a terminal of `width` columns into text; for `elapsed` seconds of work.
 * No more than width - 1 columns. */
void cli_progress_line(char *text, size_t text_size, const char *label, const char *unit,
                       uint64_t done, uint64_t total, double elapsed, int width);

#endif
