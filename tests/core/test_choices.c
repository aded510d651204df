/* Multiple choice by likelihood, against mlx_lm's logits (make_choices.py). */
#include <cJSON.h>

#include "check.h"
#include "measure/choices.h"
#include "model_files.h"

enum { MAX_CHOICES = 8, MAX_TASKS = 16 };

/* The tasks of one model, and what is expected of them. */
typedef struct material {
  bl_model *model;
  cJSON *json;
  int n_tasks;
  bl_choice_task tasks[MAX_TASKS];
  const char *choices[MAX_TASKS][MAX_CHOICES];
  size_t sizes[MAX_TASKS][MAX_CHOICES];
  double sums[MAX_TASKS][MAX_CHOICES];
  int picks[MAX_TASKS], picks_by_byte[MAX_TASKS];
} material;

static const char *const folders[] = {"tiny_llama3", "tiny_qwen2"};

static material *load(const char *folder) {
  material *m = calloc(1, sizeof *m);
  size_t size;
  CHECK_OK(golden_load(folder, "reference", &m->model, error));
  uint8_t *text = golden_read("choices", "choices.json", &size);
  m->json = cJSON_ParseWithLength((const char *)text, size);
  free(text);
  const cJSON *item;
  cJSON_ArrayForEach(item, cJSON_GetObjectItem(m->json, folder)) {
    int t = m->n_tasks++, c = 0;
    const char *prompt = cJSON_GetStringValue(cJSON_GetObjectItem(item, "prompt"));
    const cJSON *choice;
    cJSON_ArrayForEach(choice, cJSON_GetObjectItem(item, "choices")) {
      m->choices[t][c] = cJSON_GetStringValue(choice);
      m->sizes[t][c] = strlen(m->choices[t][c]);
      m->sums[t][c] =
          cJSON_GetNumberValue(cJSON_GetArrayItem(cJSON_GetObjectItem(item, "sums"), c));
      c++;
    }
    m->picks[t] = (int)cJSON_GetNumberValue(cJSON_GetObjectItem(item, "pick"));
    m->picks_by_byte[t] = (int)cJSON_GetNumberValue(cJSON_GetObjectItem(item, "pick_by_byte"));
    m->tasks[t] =
        (bl_choice_task){"golden", prompt, strlen(prompt), c, m->choices[t], m->sizes[t], 0};
  }
  return m;
}

static void unload(material *m) {
  bl_model_free(m->model);
  cJSON_Delete(m->json);
  free(m);
}

static void each_choice_has_the_log_probability_that_mlx_lm_gives_it(void) {
  for (int f = 0; f < 2; f++) {
    material *m = load(folders[f]);
    bl_session_options options = {0};
    bl_session *session = bl_session_new(m->model, &options, NULL);
    CHECK(m->n_tasks == 6);
    for (int t = 0; t < m->n_tasks; t++) {
      double sums[MAX_CHOICES];
      CHECK_OK(bl_choice_sums(session, &m->tasks[t], sums, error));
      for (int c = 0; c < m->tasks[t].n_choices; c++)
        CHECK_MSG(fabs(sums[c] - m->sums[t][c]) < 2e-4 + 2e-6 * fabs(m->sums[t][c]),
                  "%s, task %d, choice %d: %.9g, expected %.9g", folders[f], t, c, sums[c],
                  m->sums[t][c]);
    }
    bl_session_free(session);
    unload(m);
  }
}

static void the_likeliest_choice_is_picked_and_the_likeliest_by_byte(void) {
  for (int f = 0; f < 2; f++) {
    material *m = load(folders[f]);
    int picks[MAX_TASKS], picks_by_byte[MAX_TASKS];
    CHECK_OK(bl_choices_run(m->model, m->tasks, m->n_tasks, NULL, NULL, NULL, picks, picks_by_byte,
                            error));
    for (int t = 0; t < m->n_tasks; t++) {
      CHECK_MSG(picks[t] == m->picks[t], "%s, task %d: %d", folders[f], t, picks[t]);
      CHECK_MSG(picks_by_byte[t] == m->picks_by_byte[t], "%s, task %d by byte: %d", folders[f], t,
                picks_by_byte[t]);
    }
    CHECK_OK(bl_choices_run(m->model, m->tasks, m->n_tasks, NULL, NULL, NULL, picks, NULL, error));
    unload(m);
  }
}

static bl_choice_task make_task(const char *const *choices, size_t *sizes, int n) {
  for (int i = 0; i < n; i++) sizes[i] = strlen(choices[i]);
  return (bl_choice_task){"made", "p", 1, n, choices, sizes, 0};
}

static void of_equal_choices_the_first_is_picked_and_none_when_nothing_is_a_number(void) {
  static const char *const choices[] = {" ab", "abcd", "  a"};
  size_t sizes[3];
  bl_choice_task task = make_task(choices, sizes, 3);
  const double equal[] = {-4, -4, -4}, infinite[] = {-INFINITY, -INFINITY, -2},
               some[] = {NAN, -INFINITY, NAN}, none[] = {NAN, NAN, NAN};
  CHECK(bl_choice_pick(&task, equal, false) == 0);
  CHECK(bl_choice_pick(&task, equal, true) == 1); /* -4 / 4 bytes, not -4 / 2 or -4 / 1 */
  CHECK(bl_choice_pick(&task, infinite, false) == 2);
  CHECK(bl_choice_pick(&task, some, false) == 1);
  CHECK(bl_choice_pick(&task, none, false) == -1);
  CHECK(bl_choice_pick(&task, none, true) == -1);
}

/* A model whose output is not a number: a weight in the middle of the file is none. */
static bl_model *load_broken(void) {
  size_t size;
  uint8_t *bytes = golden_read("tiny_llama3", "model.safetensors", &size);
  bl_load_options options = {0};
  bl_model *model = NULL;
  memset(bytes + size - 2, 0xff, 2);
  bl_loader *loader = bl_loader_new(&options, NULL);
  CHECK_OK(golden_add_texts(loader, "tiny_llama3", error));
  CHECK_OK(golden_push(loader, "model.safetensors", bytes, size, 0, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  free(bytes);
  return model;
}

static void a_model_that_is_not_a_number_picks_nothing(void) {
  material *m = load("tiny_llama3");
  bl_model *broken = load_broken();
  int picks[MAX_TASKS], picks_by_byte[MAX_TASKS];
  CHECK_OK(
      bl_choices_run(broken, m->tasks, m->n_tasks, NULL, NULL, NULL, picks, picks_by_byte, error));
  for (int t = 0; t < m->n_tasks; t++) CHECK(picks[t] == -1 && picks_by_byte[t] == -1);
  bl_model_free(broken);
  unload(m);
}

/* Many tasks: the golden ones over and over. */
enum { N_MANY = 60 };

static bool count_up(void *context, int64_t n_done, int64_t n_total) {
  int *last = context;
  CHECK(n_done >= 1 && n_done <= N_MANY && n_total == N_MANY);
  *last = (int)n_done;
  return true;
}

static bool stop_at_two(void *context, int64_t n_done, int64_t n_total) {
  (void)n_total;
  *(int *)context = (int)n_done;
  return n_done < 2;
}

static void threads_change_nothing_and_a_callback_can_stop_it(void) {
  material *m = load("tiny_qwen2");
  bl_choice_task tasks[N_MANY];
  int picks[N_MANY], last = 0;
  for (int i = 0; i < N_MANY; i++) tasks[i] = m->tasks[i % m->n_tasks];
  bl_pool *pool = bl_pool_new(3);
  CHECK_OK(bl_choices_run(m->model, tasks, N_MANY, pool, count_up, &last, picks, NULL, error));
  for (int i = 0; i < N_MANY; i++) CHECK(picks[i] == m->picks[i % m->n_tasks]);
  CHECK(last == N_MANY);
  bl_pool_free(pool);
  bl_error error = {0};
  CHECK(bl_choices_run(m->model, tasks, N_MANY, NULL, stop_at_two, &last, picks, NULL, &error) ==
        BL_ERR_CANCELLED);
  CHECK(last == 2);
  unload(m);
}

static bool fails(const material *m, bl_choice_task task, const char *sentence) {
  bl_error error = {0};
  int pick;
  bl_code code = bl_choices_run(m->model, &task, 1, NULL, NULL, NULL, &pick, NULL, &error);
  bool as_expected = code != BL_OK && strstr(error.message, sentence);
  if (!as_expected) printf("    '%s'\n", error.message);
  return as_expected;
}

static void a_task_that_cannot_be_scored_is_named(void) {
  material *m = load("tiny_qwen2"); /* its tokenizer puts nothing before a text */
  bl_choice_task good = m->tasks[0], task;
  static const char *const merged[] = {"ats", "x"}, *const empty[] = {"x", ""};
  const size_t merged_sizes[] = {3, 1}, empty_sizes[] = {1, 0};
  task = good;
  task.n_choices = 1;
  CHECK(fails(m, task, "task golden: the answer is choice 1 of 1, expected one of at least 2"));
  task = good;
  task.answer = task.n_choices;
  CHECK(fails(m, task, "task golden: the answer is choice 4 of 3"));
  task = good;
  task.prompt = " \n";
  task.prompt_size = 2;
  CHECK(fails(m, task, "task golden: the prompt is empty"));
  task = (bl_choice_task){"m", "count the bo", 12, 2, merged, merged_sizes, 0};
  CHECK(fails(m, task, "task m: choice 1 adds no token to the prompt"));
  task = (bl_choice_task){"e", "the", 3, 2, empty, empty_sizes, 0};
  CHECK(fails(m, task, "task e: choice 2 adds no token to the prompt"));
  bl_error error = {0};
  CHECK(bl_choices_run(m->model, &good, 0, NULL, NULL, NULL, NULL, NULL, &error) ==
        BL_ERR_ARGUMENT);
  unload(m);
}

/* A context of 512: 511 tokens and a choice of two just fit, since nothing is read after the last
 * token; one token more does not. */
static void a_task_may_fill_the_context_and_no_more(void) {
  material *m = load("tiny_qwen2");
  static const char *const choices[] = {"@@", "##"};
  const size_t sizes[] = {2, 2};
  char prompt[600];
  memset(prompt, '@', sizeof prompt);
  size_t n = 0;
  for (size_t size = 500; size <= 520; size++) {
    CHECK_OK(
        bl_tokenizer_encode(bl_model_tokenizer(m->model), prompt, size, true, NULL, 0, &n, error));
    if (n != size) break;
    bl_choice_task task = {"full", prompt, size, 2, choices, sizes, 0};
    int pick = -2;
    if (size <= 511)
      CHECK_OK(bl_choices_run(m->model, &task, 1, NULL, NULL, NULL, &pick, NULL, error));
    else
      CHECK(fails(m, task, "task full: its prompt and choice 1 are "));
  }
  CHECK(n == 520); /* every character was a token */
  unload(m);
}

int main(void) {
  RUN(each_choice_has_the_log_probability_that_mlx_lm_gives_it);
  RUN(the_likeliest_choice_is_picked_and_the_likeliest_by_byte);
  RUN(of_equal_choices_the_first_is_picked_and_none_when_nothing_is_a_number);
  RUN(a_model_that_is_not_a_number_picks_nothing);
  RUN(threads_change_nothing_and_a_callback_can_stop_it);
  RUN(a_task_that_cannot_be_scored_is_named);
  RUN(a_task_may_fill_the_context_and_no_more);
  return check_result();
}
