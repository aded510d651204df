/* Task files, and how a model does on them. */
#ifndef BL_CLI_TASKS_H
#define BL_CLI_TASKS_H

#include "cli.h"

/* Tasks of one skill in one language. */
typedef struct cli_task_group {
  char *skill, *language;
  int n;
} cli_task_group;

typedef struct cli_tasks {
  int n, n_open; /* n_open: tasks without one right answer, which were left out */
  bl_task *tasks;
  int *groups; /* (n): the group of each task */
  int n_groups;
  cli_task_group *list; /* in the order in which the files bring them */
} cli_tasks;

/* Reads files of JSON lines, with commas between their names. On failure says which file, line and
 * field, what was found and what was expected. Free with cli_tasks_free in any case. */
bool cli_tasks_read(cli_tasks *tasks, const char *list);
void cli_tasks_free(cli_tasks *tasks);

/* Lets the model answer them all, under a progress bar called `label`; fills is_right (n). On
 * failure or interruption returns false. */
bool cli_tasks_run(const cli_tasks *tasks, const bl_model *model, const char *label, bl_pool *pool,
                   bool *is_right);

/* Prints a table of skills by languages. `reference` (n) holds the results to compare with, or is
 * NULL. */
void cli_tasks_print(const cli_tasks *tasks, const bool *is_right, const bool *reference);
/* Adds the same as "tasks", "all_tasks" and, with a reference, "against_reference". */
void cli_tasks_json(cJSON *object, const cli_tasks *tasks, const bool *is_right,
                    const bool *reference);

#endif
