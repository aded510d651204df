/* Command-line options, from one table per command: the parser, the defaults and the help text all
 * read it, so they cannot differ. */
#ifndef BL_CLI_ARGS_H
#define BL_CLI_ARGS_H

#include "cli.h"

typedef enum cli_kind {
  CLI_FLAG,    /* field: bool */
  CLI_TEXT,    /* field: const char * */
  CLI_CHOICE,  /* field: const char *, one of the words in `value` */
  CLI_INT,     /* field: int64_t */
  CLI_REAL,    /* field: double */
  CLI_REFUSED, /* a peer's option that bitloss does not have: `help` says why; no field */
} cli_kind;

typedef struct cli_option {
  const char *name;  /* long name, without dashes; NULL ends the table */
  const char *alias; /* another long name, or NULL */
  char letter;       /* short name, or 0 */
  cli_kind kind;
  size_t offset;        /* of the field in the command's settings */
  const char *value;    /* what the help calls the value: "N", "TEXT", "auto|always|never" */
  const char *fallback; /* the default, as a user would write it; NULL: zero */
  const char *implied;  /* of a choice: what the option alone means; NULL: it needs a value */
  double min, max;      /* bounds of a number */
  bool required;
  bool not_empty; /* of a text: "" is refused at once */
  const char *help;
} cli_option;

/* The first member of every command's settings. */
typedef struct cli_common {
  bool help, json;
  int64_t threads; /* 0: choose */
  const char *color;
} cli_common;

typedef struct cli_command {
  const char *name, *summary; /* one line in the list of commands */
  const char *usage;          /* after "bitloss NAME " */
  const char *about;          /* paragraphs, separated by blank lines */
  const char *bare;           /* the option that an argument without dashes fills */
  const cli_option *options;
  const char *examples; /* printed as it is */
  size_t settings_size;
  cli_status (*run)(const void *settings);
} cli_command;

extern const cli_command cli_inspect, cli_convert, cli_generate, cli_chat, cli_classify, cli_embed,
    cli_compare, cli_tokenize, cli_budget, cli_train;
extern const cli_option cli_common_options[];

/* Fills the settings (zeroed, settings_size bytes) from the arguments after the command's name.
 * Texts point into argv. On a usage error says so and returns false. With --help among the
 * arguments nothing is required. */
bool cli_parse(const cli_command *command, int argc, char **argv, void *settings);

/* The word of `words` that is nearest to `word`, or NULL when none is near. */
const char *cli_nearest(const char *word, const char *const *words, int n_words);

/* help.c */
void cli_help(const cli_command *command);
void cli_help_recipes(void); /* what a recipe is, and all formats */
void cli_help_all(const cli_command *const *commands, int n_commands);

#endif
