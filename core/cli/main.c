/* bitloss: the command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

static const cli_command *const commands[] = {
    &cli_inspect, &cli_convert, &cli_generate, &cli_chat,   &cli_classify,
    &cli_embed,   &cli_compare, &cli_tokenize, &cli_budget, &cli_train};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static cli_status run_command(const cli_command *command, int argc, char **argv) {
  void *settings = cli_alloc(command->settings_size);
  cli_status status = CLI_USAGE;
  if (cli_parse(command, argc, argv, settings)) {
    const cli_common *common = settings;
    cli_set_color(common->color);
    if (common->help) {
      cli_help(command);
      status = CLI_OK;
    } else {
      status = command->run(settings);
    }
  }
  free(settings);
  return status;
}

static cli_status unknown_command(const char *word) {
  const char *names[N_COMMANDS];
  for (int i = 0; i < N_COMMANDS; i++) names[i] = commands[i]->name;
  const char *nearest = cli_nearest(word + strspn(word, "-"), names, N_COMMANDS);
  if (nearest) {
    cli_fail("there is no command '%s'; the nearest is %s", word, nearest);
  } else {
    cli_fail("there is no command '%s'; 'bitloss --help' lists them", word);
  }
  return CLI_USAGE;
}

static cli_status run(int argc, char **argv) {
  if (argc < 2) {
    cli_fail("no command given; 'bitloss --help' lists them");
    return CLI_USAGE;
  }
  const char *word = argv[1];
  if (strcmp(word, "--version") == 0) {
    printf("bitloss %s\n", BL_VERSION);
    return CLI_OK;
  }
  bool help = strcmp(word, "help") == 0;
  if (help && argc > 2) {
    for (int i = 0; i < N_COMMANDS; i++) {
      if (strcmp(argv[2], commands[i]->name) != 0) continue;
      cli_help(commands[i]);
      return CLI_OK;
    }
    if (strcmp(argv[2], "recipe") != 0 && strcmp(argv[2], "recipes") != 0)
      return unknown_command(argv[2]);
    cli_help_recipes();
    return CLI_OK;
  }
  if (help || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
    cli_help_all(commands, N_COMMANDS);
    return CLI_OK;
  }
  for (int i = 0; i < N_COMMANDS; i++) {
    if (strcmp(word, commands[i]->name) == 0) return run_command(commands[i], argc - 2, argv + 2);
  }
  return unknown_command(word);
}

int main(int argc, char **argv) {
  cli_stdout_begin();
  cli_catch_faults();
  cli_set_color("auto");
  cli_status status = run(argc, argv);
  cli_progress_end();
  cli_die_if_interrupted();
  if (!cli_stdout_end(status == CLI_OK) && status == CLI_OK) status = CLI_FAILED;
  return (int)status;
}
