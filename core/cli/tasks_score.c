/* Running tasks, and showing how a model did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks.h"

bool cli_tasks_run(const cli_tasks *tasks, const bl_model *model, const char *label, bl_pool *pool,
                   bool *is_right, int *n_not_finite) {
  bl_error error;
  bl_code code = BL_OK;
  *n_not_finite = 0;
  cli_bar written = {.label = label, .unit = "tasks"}, choice = written;
  if (tasks->n_written)
    code = bl_tasks_run(model, tasks->written, tasks->n_written, pool, cli_bar_show, &written,
                        is_right, n_not_finite, &error);
  if (code == BL_OK && tasks->n_choice) {
    int *picks = cli_alloc((size_t)tasks->n_choice * sizeof *picks);
    code = bl_choices_run(model, tasks->choice, tasks->n_choice, pool, cli_bar_show, &choice, picks,
                          NULL, &error);
    for (int i = 0; code == BL_OK && i < tasks->n_choice; i++) {
      is_right[tasks->n_written + i] = picks[i] == tasks->choice[i].answer;
      *n_not_finite += picks[i] < 0;
    }
    free(picks);
  }
  return cli_bar_end(code, &error);
}

bl_proportion cli_tasks_accuracy(const cli_tasks *tasks, const bool *is_right) {
  int64_t n_right = 0;
  for (int i = 0; i < tasks->n; i++) n_right += is_right[i];
  return bl_proportion_of(n_right, tasks->n);
}

bl_proportion *cli_tasks_accuracies(const cli_tasks *tasks, const bool *is_right) {
  int64_t *n_right = cli_alloc((size_t)tasks->n_groups * sizeof *n_right);
  bl_proportion *shares = cli_alloc((size_t)tasks->n_groups * sizeof *shares);
  for (int i = 0; i < tasks->n; i++) {
    int k = i - tasks->n_written;
    n_right[k < 0 ? tasks->written_groups[i] : tasks->choice_groups[k]] += is_right[i];
  }
  for (int g = 0; g < tasks->n_groups; g++)
    shares[g] = bl_proportion_of(n_right[g], tasks->list[g].n);
  free(n_right);
  return shares;
}

static const char *verdict_name(bl_verdict verdict) {
  switch (verdict) {
    case BL_VERDICT_SAME:
      return "no difference";
    case BL_VERDICT_BETTER:
      return "better";
    case BL_VERDICT_WORSE:
      return "worse";
    case BL_VERDICT_UNCLEAR:
      break;
  }
  return "too few tasks to tell";
}

/* ---- the table ------------------------------------------------------------------------------ */

static char *print_proportion(bl_proportion share) {
  return cli_print("%.1f%% [%4.1f, %4.1f]", 100 * share.value, 100 * share.low, 100 * share.high);
}

/* With more languages than this each skill and language has a line of its own. */
enum { MAX_LANGUAGES = 8 };

/* The share of a group and how many tasks it has, as two cells; empty for -1. */
static void print_group(const cli_tasks *tasks, const bl_proportion *shares, int group,
                        char **cells) {
  cells[0] = group < 0 ? cli_copy("") : print_proportion(shares[group]);
  cells[1] = group < 0 ? cli_copy("") : cli_print("%d", tasks->list[group].n);
}

static void add_row(cli_table *table, char **cells) {
  cli_table_add(table, (const char *const *)cells);
  for (int c = 0; c < table->n_columns; c++) free(cells[c]);
}

/* A row for each skill, and two columns for each language: accuracy with its interval, and how many
 * tasks there are. */
static void print_groups(const cli_tasks *tasks, const bool *is_right) {
  cli_dictionary skills = {0}, languages = {0};
  for (int i = 0; i < tasks->n_groups; i++) {
    const cli_task_group *group = &tasks->list[i];
    cli_dictionary_add(&skills, group->skill, strlen(group->skill));
    cli_dictionary_add(&languages, group->language, strlen(group->language));
  }
  bl_proportion *shares = cli_tasks_accuracies(tasks, is_right);
  bool is_wide = languages.n > MAX_LANGUAGES;
  int n_wide = is_wide ? 1 : languages.n;
  const char *headings[1 + 2 * MAX_LANGUAGES] = {"skill", "right", "n"};
  char align[2 + 2 * MAX_LANGUAGES] = {0}, *cells[1 + 2 * MAX_LANGUAGES];
  cli_table table = {.n_columns = 1 + 2 * n_wide, .headings = headings, .align = align};
  memset(align, 'r', (size_t)table.n_columns);
  align[0] = 'l';
  for (int l = 0; l < n_wide && !is_wide; l++) {
    headings[1 + 2 * l] = languages.words[l].text;
    headings[2 + 2 * l] = "n";
  }
  for (int s = 0; s < skills.n && !is_wide; s++) {
    const char *skill = skills.words[s].text;
    cells[0] = cli_copy(skill);
    for (int l = 0; l < languages.n; l++)
      print_group(tasks, shares, cli_tasks_group(tasks, skill, languages.words[l].text),
                  &cells[1 + 2 * l]);
    add_row(&table, cells);
  }
  for (int g = 0; g < tasks->n_groups && is_wide; g++) {
    cells[0] = cli_print("%s, %s", tasks->list[g].skill, tasks->list[g].language);
    print_group(tasks, shares, g, &cells[1]);
    add_row(&table, cells);
  }
  cli_table_print(&table);
  cli_table_free(&table);
  free(shares);
  cli_dictionary_free(&skills);
  cli_dictionary_free(&languages);
}

void cli_tasks_print(const cli_tasks *tasks, const bool *is_right, const bool *reference) {
  char count[32];
  print_groups(tasks, is_right);
  char *all = print_proportion(cli_tasks_accuracy(tasks, is_right));
  printf("in all: %s, n = %s\n", all, cli_count(tasks->n, count));
  free(all);
  if (!reference) return;
  bl_paired paired = bl_paired_compare(reference, is_right, tasks->n);
  const bl_proportion *d = &paired.difference;
  printf(
      "vs reference: %lld lost, %lld gained, %+.1f points [%+.1f, %+.1f], p = %.2g: "
      "%s\n",
      (long long)paired.n_lost, (long long)paired.n_gained, 100 * d->value, 100 * d->low,
      100 * d->high, paired.p, verdict_name(bl_paired_verdict(&paired)));
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void put_proportion(bl_json_writer *w, const char *key, bl_proportion share, int n) {
  bl_json_open(w, key, '{');
  bl_json_put_number(w, "accuracy", share.value);
  bl_json_put_number(w, "low", share.low);
  bl_json_put_number(w, "high", share.high);
  bl_json_put_number(w, "n", n);
  bl_json_close(w, '}');
}

void cli_paired_json(bl_json_writer *w, const bl_paired *paired) {
  bl_json_open(w, "against_reference", '{');
  bl_json_put_number(w, "n_lost", (double)paired->n_lost);
  bl_json_put_number(w, "n_gained", (double)paired->n_gained);
  bl_json_put_number(w, "difference", paired->difference.value);
  bl_json_put_number(w, "low", paired->difference.low);
  bl_json_put_number(w, "high", paired->difference.high);
  bl_json_put_number(w, "p", paired->p);
  bl_json_put_string(w, "verdict", verdict_name(bl_paired_verdict(paired)));
  bl_json_close(w, '}');
}

void cli_tasks_json(bl_json_writer *w, const cli_tasks *tasks, const bool *is_right,
                    const bool *reference) {
  bl_proportion *shares = cli_tasks_accuracies(tasks, is_right);
  bl_json_open(w, "tasks", '{');
  for (int i = 0; i < tasks->n_groups; i++) {
    char *key = cli_print("%s/%s", tasks->list[i].skill, tasks->list[i].language);
    put_proportion(w, key, shares[i], tasks->list[i].n);
    free(key);
  }
  bl_json_close(w, '}');
  free(shares);
  put_proportion(w, "all_tasks", cli_tasks_accuracy(tasks, is_right), tasks->n);
  if (!reference) return;
  const bl_paired paired = bl_paired_compare(reference, is_right, tasks->n);
  cli_paired_json(w, &paired);
}
