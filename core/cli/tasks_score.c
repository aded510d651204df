/* Running tasks, and showing how a model did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks.h"

bool cli_tasks_run(const cli_tasks *tasks, const bl_model *model, const char *label, bl_pool *pool,
                   bool *is_right) {
  bl_error error;
  bl_code code = BL_OK;
  cli_bar written = {.label = label, .unit = "tasks"}, choice = written;
  if (tasks->n_written)
    code = bl_tasks_run(model, tasks->written, tasks->n_written, pool, cli_bar_show, &written,
                        is_right, &error);
  if (code == BL_OK && tasks->n_choice) {
    int *picks = cli_alloc((size_t)tasks->n_choice * sizeof *picks);
    code = bl_choices_run(model, tasks->choice, tasks->n_choice, pool, cli_bar_show, &choice, picks,
                          NULL, &error);
    for (int i = 0; code == BL_OK && i < tasks->n_choice; i++)
      is_right[tasks->n_written + i] = picks[i] == tasks->choice[i].answer;
    free(picks);
  }
  return cli_bar_end(code, &error);
}

bl_share cli_tasks_share(const cli_tasks *tasks, const bool *is_right, int group, int *n) {
  int64_t n_right = 0;
  for (int i = 0; i < tasks->n; i++) {
    int k = i - tasks->n_written, of = k < 0 ? tasks->written_groups[i] : tasks->choice_groups[k];
    n_right += (group < 0 || of == group) && is_right[i];
  }
  *n = group < 0 ? tasks->n : tasks->list[group].n;
  return bl_share_of(n_right, *n);
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

/* The different skills, or languages, in the order of the groups. */
typedef struct names {
  int n;
  const char **list;
} names;

static void add_name(names *set, const char *name) {
  for (int i = 0; i < set->n; i++) {
    if (strcmp(set->list[i], name) == 0) return;
  }
  set->list = cli_grow(set->list, ((size_t)set->n + 1) * sizeof *set->list);
  set->list[set->n++] = name;
}

static int find_group(const cli_tasks *tasks, const char *skill, const char *language) {
  for (int i = 0; i < tasks->n_groups; i++) {
    const cli_task_group *group = &tasks->list[i];
    if (strcmp(group->skill, skill) == 0 && strcmp(group->language, language) == 0) return i;
  }
  return -1;
}

static char *print_share(bl_share share) {
  return cli_print("%.1f%% [%4.1f, %4.1f]", 100 * share.value, 100 * share.low, 100 * share.high);
}

/* A row for each skill, and two columns for each language: accuracy with its interval, and how many
 * tasks there are. */
static void print_groups(const cli_tasks *tasks, const bool *is_right) {
  names skills = {0}, languages = {0};
  for (int i = 0; i < tasks->n_groups; i++) {
    add_name(&skills, tasks->list[i].skill);
    add_name(&languages, tasks->list[i].language);
  }
  int n_columns = 1 + 2 * languages.n;
  const char **headings = cli_alloc((size_t)n_columns * sizeof *headings);
  char *align = cli_alloc((size_t)n_columns),
       **cells = cli_alloc((size_t)n_columns * sizeof *cells);
  memset(align, 'r', (size_t)n_columns);
  align[0] = 'l';
  headings[0] = "skill";
  for (int l = 0; l < languages.n; l++) {
    headings[1 + 2 * l] = languages.list[l];
    headings[2 + 2 * l] = "n";
  }
  cli_table table = {.n_columns = n_columns, .headings = headings, .align = align};
  for (int s = 0; s < skills.n; s++) {
    cells[0] = cli_copy(skills.list[s]);
    for (int l = 0; l < languages.n; l++) {
      int group = find_group(tasks, skills.list[s], languages.list[l]), n = 0;
      bl_share share = {0};
      if (group >= 0) share = cli_tasks_share(tasks, is_right, group, &n);
      cells[1 + 2 * l] = group < 0 ? cli_copy("") : print_share(share);
      cells[2 + 2 * l] = group < 0 ? cli_copy("") : cli_print("%d", n);
    }
    cli_table_add(&table, (const char *const *)cells);
    for (int c = 0; c < n_columns; c++) free(cells[c]);
  }
  cli_table_print(&table);
  cli_table_free(&table);
  free(headings);
  free(align);
  free(cells);
  free(skills.list);
  free(languages.list);
}

void cli_tasks_print(const cli_tasks *tasks, const bool *is_right, const bool *reference) {
  char count[32];
  int n;
  print_groups(tasks, is_right);
  char *all = print_share(cli_tasks_share(tasks, is_right, -1, &n));
  printf("in all: %s, n = %s\n", all, cli_count(n, count));
  free(all);
  if (!reference) return;
  bl_paired paired = bl_paired_compare(reference, is_right, tasks->n);
  const bl_share *d = &paired.difference;
  printf(
      "vs reference: %lld lost, %lld gained, %+.1f points [%+.1f, %+.1f], p = %.2g: "
      "%s\n",
      (long long)paired.n_lost, (long long)paired.n_gained, 100 * d->value, 100 * d->low,
      100 * d->high, paired.p, verdict_name(bl_paired_verdict(&paired)));
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void put_share(bl_json_writer *w, const char *key, const cli_tasks *tasks,
                      const bool *is_right, int group) {
  int n;
  bl_share share = cli_tasks_share(tasks, is_right, group, &n);
  bl_json_open(w, key, '{');
  bl_json_put_number(w, "accuracy", share.value);
  bl_json_put_number(w, "low", share.low);
  bl_json_put_number(w, "high", share.high);
  bl_json_put_number(w, "n", n);
  bl_json_close(w, '}');
}

void cli_tasks_json(bl_json_writer *w, const cli_tasks *tasks, const bool *is_right,
                    const bool *reference) {
  bl_json_open(w, "tasks", '{');
  for (int i = 0; i < tasks->n_groups; i++) {
    char *key = cli_print("%s/%s", tasks->list[i].skill, tasks->list[i].language);
    put_share(w, key, tasks, is_right, i);
    free(key);
  }
  bl_json_close(w, '}');
  put_share(w, "all_tasks", tasks, is_right, -1);
  if (!reference) return;
  bl_paired paired = bl_paired_compare(reference, is_right, tasks->n);
  bl_json_open(w, "against_reference", '{');
  bl_json_put_number(w, "n_lost", (double)paired.n_lost);
  bl_json_put_number(w, "n_gained", (double)paired.n_gained);
  bl_json_put_number(w, "difference", paired.difference.value);
  bl_json_put_number(w, "low", paired.difference.low);
  bl_json_put_number(w, "high", paired.difference.high);
  bl_json_put_number(w, "p", paired.p);
  bl_json_put_string(w, "verdict", verdict_name(bl_paired_verdict(&paired)));
  bl_json_close(w, '}');
}
