/* Task files, and how a model does on them. */
#ifndef BL_CLI_TASKS_H
#define BL_CLI_TASKS_H

#include "cli.h"
#include "dictionary.h"

/* Tasks of one skill in one language. */
typedef struct cli_task_group {
  char *skill, *language;
  int n;
} cli_task_group;

typedef struct cli_tasks {
  int n;      /* tasks in all: those to be answered in writing, then those with choices */
  int n_open; /* tasks without one right answer, which were left out */
  int n_written, n_choice;
  bl_task *written;                    /* (n_written) */
  bl_choice_task *choice;              /* (n_choice) */
  int *written_groups, *choice_groups; /* the group of each */
  int n_groups;
  cli_task_group *list;  /* in the order in which the files bring them */
  cli_dictionary groups; /* their numbers, by skill and language */
} cli_tasks;

/* Reads files of JSON lines, with commas between their names. A task is one of multiple choice when
 * its answer is a number: the index of the right one of its choices, from 0. On failure says which
 * file, line and field, what was found and what was expected. Free with cli_tasks_free in any case.
 */
bool cli_tasks_read(cli_tasks *tasks, const char *list);
void cli_tasks_free(cli_tasks *tasks);

/* Lets the model answer them all, under a progress bar called `label`; fills is_right (n).
 * *n_not_finite is in how many of them its logits were not numbers. On failure or interruption
 * returns false. */
bool cli_tasks_run(const cli_tasks *tasks, const bl_model *model, const char *label, bl_pool *pool,
                   bool *is_right, int *n_not_finite);

/* The group of a skill and a language; -1 where there is none. */
int cli_tasks_group(const cli_tasks *tasks, const char *skill, const char *language);
/* The share of right answers in all. */
bl_proportion cli_tasks_accuracy(const cli_tasks *tasks, const bool *is_right);
/* That of each group: (n_groups), to be freed. */
bl_proportion *cli_tasks_accuracies(const cli_tasks *tasks, const bool *is_right);

/* Prints a table of skills by languages. `reference` (n) holds the results to compare with, or is
 * NULL. */
void cli_tasks_print(const cli_tasks *tasks, const bool *is_right, const bool *reference);
/* Adds the same as "tasks", "all_tasks" and, with a reference, "against_reference". */
void cli_tasks_json(bl_json_writer *w, const cli_tasks *tasks, const bool *is_right,
                    const bool *reference);
/* Adds a paired comparison with the reference as "against_reference". */
void cli_paired_json(bl_json_writer *w, const bl_paired *paired);

#endif
