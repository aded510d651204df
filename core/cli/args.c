/* The parser of command-line options. */
#include "args.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 64

const cli_option cli_common_options[] = {
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(cli_common, json),
     .help = "Print one JSON object instead of text."},
    {.name = "threads",
     .kind = CLI_INT,
     .offset = offsetof(cli_common, threads),
     .value = "N",
     .min = 1,
     .max = 256,
     .help = "Threads to work with. The default is one per core."},
    {.name = "color",
     .kind = CLI_CHOICE,
     .offset = offsetof(cli_common, color),
     .value = "auto|always|never",
     .fallback = "auto",
     .help = "Colours: auto uses them on a terminal unless NO_COLOR is set."},
    {.name = "help",
     .letter = 'h',
     .kind = CLI_FLAG,
     .offset = offsetof(cli_common, help),
     .help = "Show this text."},
    {.name = NULL}};

const char *cli_nearest(const char *word, const char *const *words, int n_words) {
  const char *nearest = NULL;
  size_t size = strlen(word);
  int least = size < 4 ? 2 : (int)size / 2 + 1; /* farther than this is not near */
  for (int i = 0; i < n_words; i++) {
    int distance = bl_name_distance(word, size, words[i], strlen(words[i]));
    /* "bits" means "q-bits", whatever the distance. */
    if (size >= 3 && distance > 1 && strstr(words[i], word)) distance = 1;
    if (distance < least) {
      least = distance;
      nearest = words[i];
    }
  }
  return nearest;
}

/* The command's own options, then those that all commands have. */
static int all_options(const cli_command *command, const cli_option **list) {
  int n = 0;
  const cli_option *tables[] = {command->options, cli_common_options};
  for (int t = 0; t < 2; t++) {
    for (const cli_option *option = tables[t]; option->name && n < MAX_OPTIONS; option++) {
      list[n++] = option;
    }
  }
  return n;
}

static bool same_name(const char *name, const char *argument, size_t size) {
  return name && strlen(name) == size && strncmp(name, argument, size) == 0;
}

/* The option that an argument such as "--q-bits=4" or "-q" names, or NULL. */
static const cli_option *find(const cli_option **list, int n, const char *argument) {
  bool is_long = argument[1] == '-';
  const char *name = argument + (is_long ? 2 : 1);
  size_t size = is_long ? strcspn(name, "=") : strlen(name);
  for (int i = 0; i < n; i++) {
    if (is_long &&
        (same_name(list[i]->name, name, size) || same_name(list[i]->alias, name, size))) {
      return list[i];
    }
    if (!is_long && size == 1 && list[i]->letter == name[0]) return list[i];
  }
  return NULL;
}

static bool unknown(const cli_command *command, const cli_option **list, int n,
                    const char *argument) {
  const char *names[2 * MAX_OPTIONS];
  int n_names = 0;
  for (int i = 0; i < n; i++) {
    if (list[i]->kind == CLI_REFUSED) continue;
    names[n_names++] = list[i]->name;
    if (list[i]->alias) names[n_names++] = list[i]->alias;
  }
  int size = (int)strcspn(argument, "=");
  char *word = cli_print("%.*s", size, argument + strspn(argument, "-"));
  word[strcspn(word, "=")] = 0;
  const char *nearest = cli_nearest(word, names, n_names);
  free(word);
  if (nearest) {
    return cli_fail("%s has no option '%.*s'; the nearest is --%s", command->name, size, argument,
                    nearest);
  }
  return cli_fail("%s has no option '%.*s'; 'bitloss %s --help' lists them", command->name, size,
                  argument, command->name);
}

/* Is text one of the words of "auto|always|never"? */
static bool is_choice(const char *choices, const char *text) {
  size_t size = strlen(text);
  for (const char *word = choices; size; word += strcspn(word, "|") + 1) {
    size_t n = strcspn(word, "|");
    if (n == size && strncmp(word, text, n) == 0) return true;
    if (!word[n]) break;
  }
  return false;
}

/* "auto, always or never" */
static char *list_choices(const char *choices) {
  size_t n_words = 1;
  for (const char *c = choices; *c; c++) n_words += *c == '|';
  char *text = cli_alloc(strlen(choices) + 4 * n_words + 1), *end = text;
  size_t i = 0;
  for (const char *word = choices;; word++, i++) {
    size_t n = strcspn(word, "|");
    if (i) end += sprintf(end, "%s", i + 1 == n_words ? " or " : ", ");
    end += sprintf(end, "%.*s", (int)n, word);
    word += n;
    if (!*word) return text;
  }
}

static bool set_number(const cli_option *option, const char *text, char *field) {
  char *end;
  errno = 0;
  double real = 0;
  long long whole = 0;
  if (option->kind == CLI_INT) {
    whole = strtoll(text, &end, 10);
    real = (double)whole;
  } else {
    real = strtod(text, &end);
  }
  bool is_number = *text && !strchr(" \t\n", *text) && !*end && isfinite(real);
  if (!is_number || errno == ERANGE || real < option->min || real > option->max) {
    return cli_fail("--%s is '%s', expected %s from %.15g to %.15g", option->name, text,
                    option->kind == CLI_INT ? "a whole number" : "a number", option->min,
                    option->max);
  }
  int64_t whole64 = whole;
  if (option->kind == CLI_INT) {
    memcpy(field, &whole64, sizeof whole64);
  } else {
    memcpy(field, &real, sizeof real);
  }
  return true;
}

static bool set(const cli_option *option, const char *text, void *settings) {
  char *field = (char *)settings + option->offset;
  const bool yes = true;
  switch (option->kind) {
    case CLI_FLAG:
      memcpy(field, &yes, sizeof yes);
      return true;
    case CLI_INT:
    case CLI_REAL:
      return set_number(option, text, field);
    case CLI_CHOICE:
      if (!is_choice(option->value, text)) {
        char *choices = list_choices(option->value);
        cli_fail("--%s is '%s', expected %s", option->name, text, choices);
        free(choices);
        return false;
      }
      memcpy(field, &text, sizeof text);
      return true;
    case CLI_TEXT:
      if (option->not_empty && !*text)
        return cli_fail("--%s is empty, expected %s", option->name, option->value);
      memcpy(field, &text, sizeof text);
      return true;
    case CLI_REFUSED:
      break;
  }
  return cli_fail("--%s: %s", option->name, option->help);
}

static bool is_option(const char *argument) {
  return argument[0] == '-' && argument[1] != 0;
}

/* Finds the value of an option, after "=" or in the next argument. The next argument may start with
 * a dash ("--prompt -"), but must not be an option itself, which means that the value was
 * forgotten. */
static bool take_value(const cli_option *option, const cli_option **list, int n, int argc,
                       char **argv, int *i, const char **value) {
  const char *equals = argv[*i][1] == '-' ? strchr(argv[*i], '=') : NULL;
  *value = NULL;
  if (option->kind == CLI_REFUSED) return true;
  if (option->kind == CLI_FLAG) {
    if (equals) return cli_fail("--%s takes no value", option->name);
    return true;
  }
  if (equals) {
    *value = equals + 1;
    return true;
  }
  if (option->implied) {
    bool chosen = *i + 1 < argc && is_choice(option->value, argv[*i + 1]);
    *value = chosen ? argv[++*i] : option->implied;
    return true;
  }
  if (*i + 1 >= argc || (is_option(argv[*i + 1]) && find(list, n, argv[*i + 1]))) {
    return cli_fail("--%s needs a value: --%s %s", option->name, option->name, option->value);
  }
  *value = argv[++*i];
  return true;
}

bool cli_parse(const cli_command *command, int argc, char **argv, void *settings) {
  const cli_option *list[MAX_OPTIONS];
  bool given[MAX_OPTIONS] = {false};
  int n = all_options(command, list);
  for (int i = 0; i < n; i++) {
    if (list[i]->fallback && !set(list[i], list[i]->fallback, settings)) return false;
  }
  bool only_bare = false; /* after "--" */
  for (int i = 0; i < argc; i++) {
    const cli_option *option;
    const char *value;
    if (!only_bare && strcmp(argv[i], "--") == 0) {
      only_bare = true;
      continue;
    }
    if (!only_bare && is_option(argv[i])) {
      const char *name = argv[i];
      option = find(list, n, name);
      if (!option) return unknown(command, list, n, name);
      if (!take_value(option, list, n, argc, argv, &i, &value)) return false;
    } else {
      char *as_option = cli_print("--%s", command->bare);
      option = find(list, n, as_option);
      free(as_option);
      value = argv[i];
      for (int k = 0; k < n; k++) {
        if (list[k] == option && given[k]) {
          return cli_fail("%s takes one model; '%s' is one argument too many", command->name,
                          value);
        }
      }
    }
    if (!set(option, value, settings)) return false;
    for (int k = 0; k < n; k++) given[k] = given[k] || list[k] == option;
  }
  if (((const cli_common *)settings)->help) return true;
  for (int i = 0; i < n; i++) {
    if (!list[i]->required || given[i]) continue;
    return cli_fail("%s needs --%s %s; 'bitloss %s --help' shows how", command->name, list[i]->name,
                    list[i]->value, command->name);
  }
  return true;
}
