/* Reading task files: one JSON object a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_print.h"
#include "read.h"
#include "tasks.h"
#include "texts.h"

/* More lines than this are a mistake, such as a wrong file. */
#define MAX_TASKS 10000000

/* Where in a file something is wrong. */
typedef struct place {
  const char *path;
  size_t line;
} place;

/* "tests/a.jsonl, line 12: field 'answer' is 7, expected a text" */
static bool wrong_field(const place *at, const char *name, const cJSON *found,
                        const char *expected) {
  if (!found)
    return cli_fail("%s, line %zu: field '%s' is missing, expected %s", at->path, at->line, name,
                    expected);
  bl_json_writer w = {.style = &bl_json_compact};
  bl_json_put_tree(&w, NULL, found);
  char *value = cli_json_text(&w);
  cli_fail("%s, line %zu: field '%s' is %.80s, expected %s", at->path, at->line, name, value,
           expected);
  free(value);
  return false;
}

/* *text points into the object. */
static bool read_text(const place *at, const cJSON *object, const char *name, const char **text) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  *text = cJSON_GetStringValue(item);
  if (*text && **text) return true;
  return wrong_field(at, name, item, "a text that is not empty");
}

static bool is_edge(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What a model writes is compared up to its first newline and without white space around it, so no
 * other answer could ever be given. */
static bool read_answer(const place *at, const cJSON *object, const char **answer) {
  if (!read_text(at, object, "answer", answer)) return false;
  const char *text = *answer;
  if (!strchr(text, '\n') && !is_edge(*text) && !is_edge(text[strlen(text) - 1])) return true;
  return wrong_field(at, "answer", cJSON_GetObjectItemCaseSensitive(object, "answer"),
                     "one line without white space around it");
}

/* A task that is answered in writing may list choices for its reader: the answer is among them. */
static bool check_choices(const place *at, const cJSON *choices, const char *answer) {
  if (!choices) return true;
  const cJSON *choice;
  bool has_answer = false;
  cJSON_ArrayForEach(choice, choices) {
    const char *text = cJSON_GetStringValue(choice);
    has_answer = has_answer || (text && strcmp(text, answer) == 0);
  }
  if (cJSON_IsArray(choices) && has_answer) return true;
  return wrong_field(at, "choices", choices, "a list of texts that has the answer");
}

/* The choices of a task whose answer is an index into them. */
static bool check_choice_task(const place *at, const cJSON *choices, const cJSON *answer) {
  const cJSON *choice;
  bool all_texts = cJSON_GetArraySize(choices) >= 2;
  cJSON_ArrayForEach(choice, choices) {
    const char *text = cJSON_GetStringValue(choice);
    all_texts = all_texts && text && *text;
  }
  if (!cJSON_IsArray(choices) || !all_texts)
    return wrong_field(at, "choices", choices, "a list of at least two texts that are not empty");
  double index = cJSON_GetNumberValue(answer);
  int n = cJSON_GetArraySize(choices);
  if (index >= 0 && index < n && index == (int)index) return true;
  char *expected = cli_print("the index of one of the %d choices, from 0 to %d", n, n - 1);
  wrong_field(at, "answer", answer, expected);
  free(expected);
  return false;
}

/* Room for one more in a list that doubles at powers of two. */
static void *grow_list(void *list, int n, size_t item_size) {
  size_t count = (size_t)n;
  return (count & (count - 1)) == 0 ? cli_grow(list, (2 * count + 1) * item_size) : list;
}

/* What a skill and a language are filed under: both, and between them a NUL, which neither holds.
 * To be freed. */
static char *group_key(const char *skill, const char *language, size_t *size) {
  size_t n = strlen(skill);
  char *key = cli_print("%s %s", skill, language);
  *size = strlen(key);
  key[n] = 0;
  return key;
}

int cli_tasks_group(const cli_tasks *tasks, const char *skill, const char *language) {
  size_t size;
  char *key = group_key(skill, language, &size);
  int group = cli_dictionary_find(&tasks->groups, key, size);
  free(key);
  return group;
}

/* The group's index; a new one where there is none yet. */
static int find_group(cli_tasks *tasks, const char *skill, const char *language) {
  size_t size;
  char *key = group_key(skill, language, &size);
  int group = cli_dictionary_add(&tasks->groups, key, size);
  free(key);
  if (group < tasks->n_groups) return group;
  tasks->list = grow_list(tasks->list, tasks->n_groups, sizeof *tasks->list);
  tasks->list[tasks->n_groups] = (cli_task_group){cli_copy(skill), cli_copy(language), 0};
  return tasks->n_groups++;
}

static void add_written(cli_tasks *tasks, const char *id, const char *prompt, const char *answer,
                        int group) {
  int n = tasks->n_written++;
  tasks->written = grow_list(tasks->written, n, sizeof *tasks->written);
  tasks->written_groups = grow_list(tasks->written_groups, n, sizeof *tasks->written_groups);
  tasks->written[n] = (bl_task){
      .id = cli_copy(id),
      .prompt = cli_copy(prompt),
      .answer = cli_copy(answer),
      .prompt_size = strlen(prompt),
      .answer_size = strlen(answer),
  };
  tasks->written_groups[n] = group;
}

static void add_choice(cli_tasks *tasks, const char *id, const char *prompt, const cJSON *choices,
                       int answer, int group) {
  int n = tasks->n_choice++;
  tasks->choice = grow_list(tasks->choice, n, sizeof *tasks->choice);
  tasks->choice_groups = grow_list(tasks->choice_groups, n, sizeof *tasks->choice_groups);
  size_t n_choices = (size_t)cJSON_GetArraySize(choices), i = 0;
  const char **texts = cli_alloc(n_choices * sizeof *texts);
  size_t *sizes = cli_alloc(n_choices * sizeof *sizes);
  const cJSON *choice;
  cJSON_ArrayForEach(choice, choices) {
    texts[i] = cli_copy(cJSON_GetStringValue(choice));
    sizes[i] = strlen(texts[i]);
    i++;
  }
  tasks->choice[n] = (bl_choice_task){
      .id = cli_copy(id),
      .prompt = cli_copy(prompt),
      .prompt_size = strlen(prompt),
      .n_choices = (int)n_choices,
      .choices = texts,
      .choice_sizes = sizes,
      .answer = answer,
  };
  tasks->choice_groups[n] = group;
}

static bool read_task(cli_tasks *tasks, const place *at, const cJSON *object) {
  const char *id, *skill, *language, *prompt, *answer;
  if (!read_text(at, object, "id", &id) || !read_text(at, object, "skill", &skill) ||
      !read_text(at, object, "lang", &language) || !read_text(at, object, "prompt", &prompt))
    return false;
  /* A story goes on in one of many ways: its text is for perplexity, not for a score. */
  if (strcmp(skill, "stories") == 0) {
    tasks->n_open++;
    return true;
  }
  if (tasks->n == MAX_TASKS)
    return cli_fail("%s, line %zu: there are more than %d tasks", at->path, at->line, MAX_TASKS);
  const cJSON *choices = cJSON_GetObjectItemCaseSensitive(object, "choices");
  const cJSON *index = cJSON_GetObjectItemCaseSensitive(object, "answer");
  bool is_choice = choices && cJSON_IsNumber(index);
  if (is_choice ? !check_choice_task(at, choices, index)
                : !read_answer(at, object, &answer) || !check_choices(at, choices, answer))
    return false;
  int group = find_group(tasks, skill, language);
  if (is_choice)
    add_choice(tasks, id, prompt, choices, (int)cJSON_GetNumberValue(index), group);
  else
    add_written(tasks, id, prompt, answer, group);
  tasks->list[group].n++;
  tasks->n++;
  return true;
}

static bool read_line(cli_tasks *tasks, const place *at, const char *line, size_t size) {
  while (size > 0 && is_edge(line[size - 1])) size--;
  if (size == 0) return true;
  cJSON *object = cli_json_line(at->path, at->line, line, size);
  bool ok = object && read_task(tasks, at, object);
  cJSON_Delete(object);
  return ok;
}

static bool read_file(void *context, const char *path) {
  cli_tasks *tasks = context;
  size_t size;
  char *text = cli_read_file(path, CLI_MAX_TEXT, &size);
  if (!text) return false;
  place at = {cli_file_name(path), 0};
  bool ok = true;
  for (size_t start = 0; ok && start < size;) {
    const char *newline = memchr(text + start, '\n', size - start);
    size_t length = newline ? (size_t)(newline - text) - start : size - start;
    text[start + length] = 0; /* the newline, or the NUL that cli_read_file puts at the end */
    at.line++;
    ok = read_line(tasks, &at, text + start, length);
    start += length + 1;
  }
  free(text);
  return ok;
}

static int compare_ids(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A task that counts twice, as when a file is named twice, makes results look surer than they are.
 */
static bool refuse_repeated(const cli_tasks *tasks) {
  const char **ids = cli_alloc((size_t)tasks->n * sizeof *ids);
  for (int i = 0; i < tasks->n_written; i++) ids[i] = tasks->written[i].id;
  for (int i = 0; i < tasks->n_choice; i++) ids[tasks->n_written + i] = tasks->choice[i].id;
  qsort(ids, (size_t)tasks->n, sizeof *ids, compare_ids);
  bool ok = true;
  for (int i = 1; ok && i < tasks->n; i++) {
    if (strcmp(ids[i - 1], ids[i]) == 0)
      ok = cli_fail("task '%.64s' is there twice, expected every id once in all files", ids[i]);
  }
  free(ids);
  return ok;
}

bool cli_tasks_read(cli_tasks *tasks, const char *list) {
  *tasks = (cli_tasks){0};
  bool ok = cli_each_item(list, read_file, tasks);
  if (ok && tasks->n == 0)
    ok = cli_fail("%s: there is no task with one right answer, expected at least one", list);
  return ok && refuse_repeated(tasks);
}

void cli_tasks_free(cli_tasks *tasks) {
  for (int i = 0; i < tasks->n_written; i++) {
    free((char *)tasks->written[i].id);
    free((char *)tasks->written[i].prompt);
    free((char *)tasks->written[i].answer);
  }
  for (int i = 0; i < tasks->n_choice; i++) {
    bl_choice_task *task = &tasks->choice[i];
    for (int k = 0; k < task->n_choices; k++) free((char *)task->choices[k]);
    free((void *)task->choices);
    free((void *)task->choice_sizes);
    free((char *)task->id);
    free((char *)task->prompt);
  }
  for (int i = 0; i < tasks->n_groups; i++) {
    free(tasks->list[i].skill);
    free(tasks->list[i].language);
  }
  free(tasks->written);
  free(tasks->choice);
  free(tasks->written_groups);
  free(tasks->choice_groups);
  free(tasks->list);
  cli_dictionary_free(&tasks->groups);
  *tasks = (cli_tasks){0};
}
