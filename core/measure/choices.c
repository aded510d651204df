/* Multiple choice by likelihood. The rules are those of EleutherAI's lm-evaluation-harness 0.4
 * (lm_eval/api/model.py, _encode_pair, and lm_eval/models/huggingface.py, _loglikelihood_tokens):
 * white space at the end of a prompt belongs to the choices; the prompt is encoded by itself, then
 * together with each choice, and what is longer than the prompt is the choice. */
#include "measure/choices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "measure/text_row.h"
#include "measure/workers.h"
#include "model/session.h"

/* Bytes of the prompt without the white space at its end. */
static size_t bare_size(const bl_choice_task *task) {
  size_t n = task->prompt_size;
  while (n > 0 && bl_is_space(task->prompt[n - 1])) n--;
  return n;
}

/* Encodes the prompt with one choice. */
static bl_code encode_with(const bl_tokenizer *tokenizer, const bl_choice_task *task, int choice,
                           int32_t **ids, size_t *n_ids, bl_error *error) {
  size_t n_prompt = task->prompt_size, n_choice = task->choice_sizes[choice];
  char *text = malloc(n_prompt + n_choice + 1);
  if (!text) return bl_fail_memory(error, n_prompt + n_choice + 1);
  if (n_prompt) memcpy(text, task->prompt, n_prompt);
  if (n_choice) memcpy(text + n_prompt, task->choices[choice], n_choice);
  bl_code code = bl_encode_new(tokenizer, text, n_prompt + n_choice, ids, n_ids, error);
  free(text);
  return code;
}

/* ---- one task ------------------------------------------------------------------------------- */

/* A choice being scored: `next` is the token that the next logits are to predict. */
typedef struct scoring {
  const int32_t *next;
  int64_t n_vocab;
  double sum;
} scoring;

static bool add_token(void *context, int position, const float *logits) {
  (void)position;
  scoring *s = context;
  bl_logit_row row = bl_logit_row_make(logits, s->n_vocab);
  s->sum += bl_logit_row_log_p(&row, *s->next++);
  return true;
}

/* Runs the prompt, whose last logits go to `first` (vocab_size); *n_prompt is its length. */
static bl_code run_prompt(bl_session *session, const bl_choice_task *task, float *first,
                          size_t *n_prompt, bl_error *error) {
  int32_t *ids = NULL;
  const bl_tokenizer *tokenizer = bl_model_tokenizer(session->model);
  bl_code code = bl_encode_new(tokenizer, task->prompt, bare_size(task), &ids, n_prompt, error);
  if (code != BL_OK) return code;
  if (*n_prompt == 0)
    code = bl_fail(error, BL_ERR_ARGUMENT,
                   "task %.64s: the prompt is empty, and this model has no token to begin a text "
                   "with",
                   task->id);
  if (code == BL_OK) code = bl_session_truncate(session, 0, error);
  if (code == BL_OK) code = bl_session_eval(session, ids, *n_prompt, NULL, NULL, error);
  if (code == BL_OK)
    memcpy(first, bl_session_logits(session),
           (size_t)session->model->config.vocab_size * sizeof *first);
  free(ids);
  return code;
}

/* Scores one choice after the prompt, which stays in the cache. */
static bl_code sum_choice(bl_session *session, const bl_choice_task *task, int choice,
                          const float *first, size_t n_prompt, double *sum, bl_error *error) {
  int32_t *ids = NULL;
  size_t n;
  bl_code code = encode_with(bl_model_tokenizer(session->model), task, choice, &ids, &n, error);
  if (code != BL_OK) return code;
  if (n <= n_prompt) {
    code = bl_fail(error, BL_ERR_INPUT,
                   "task %.64s: choice %d adds no token to the prompt, expected some text",
                   task->id, choice + 1);
  } else {
    scoring s = {.next = ids + n_prompt, .n_vocab = session->model->config.vocab_size};
    add_token(&s, 0, first);
    code = bl_session_eval(session, ids + n_prompt, n - n_prompt - 1, add_token, &s, error);
    *sum = s.sum;
  }
  if (code == BL_OK) code = bl_session_truncate(session, (int)n_prompt, error);
  free(ids);
  return code;
}

bl_code bl_choice_sums(bl_session *session, const bl_choice_task *task, double *sums,
                       bl_error *error) {
  size_t n_prompt, n_bytes = (size_t)session->model->config.vocab_size * sizeof(float);
  float *first = malloc(n_bytes);
  if (!first) return bl_fail_memory(error, n_bytes);
  bl_code code = run_prompt(session, task, first, &n_prompt, error);
  for (int i = 0; code == BL_OK && i < task->n_choices; i++)
    code = sum_choice(session, task, i, first, n_prompt, &sums[i], error);
  free(first);
  return code;
}

static double choice_bytes(const bl_choice_task *task, int choice) {
  size_t n = task->choice_sizes[choice], i = 0;
  while (i + 1 < n && bl_is_space(task->choices[choice][i])) i++;
  return (double)(n - i);
}

int bl_choice_pick(const bl_choice_task *task, const double *sums, bool by_byte) {
  int pick = -1;
  double best = NAN;
  for (int i = 0; i < task->n_choices; i++) {
    double score = by_byte ? sums[i] / choice_bytes(task, i) : sums[i];
    if (isnan(score) || (pick >= 0 && score <= best)) continue;
    best = score;
    pick = i;
  }
  return pick;
}

/* ---- all tasks ------------------------------------------------------------------------------ */

typedef struct run {
  const bl_choice_task *tasks;
  bl_session **sessions;
  double *sums; /* (n_threads, max_choices) */
  int max_choices;
  int *picks, *picks_by_byte; /* the second may be NULL */
} run;

static bl_code do_task(void *context, int64_t i, int thread, bl_error *error) {
  const run *r = context;
  const bl_choice_task *task = &r->tasks[i];
  double *sums = r->sums + (size_t)thread * (size_t)r->max_choices;
  bl_code code = bl_choice_sums(r->sessions[thread], task, sums, error);
  if (code != BL_OK) return code;
  r->picks[i] = bl_choice_pick(task, sums, false);
  if (r->picks_by_byte) r->picks_by_byte[i] = bl_choice_pick(task, sums, true);
  return BL_OK;
}

/* Checks the tasks, and finds the positions and the choices that the largest one needs. */
static bl_code measure_tasks(run *r, const bl_model *model, int n_tasks, int *n_context,
                             bl_error *error) {
  bl_model_info info;
  bl_model_get_info(model, &info);
  *n_context = 1;
  for (int i = 0; i < n_tasks; i++) {
    const bl_choice_task *task = &r->tasks[i];
    if (task->n_choices < 2 || task->answer < 0 || task->answer >= task->n_choices)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "task %.64s: the answer is choice %d of %d, expected one of at least 2",
                     task->id, task->answer + 1, task->n_choices);
    if (task->n_choices > r->max_choices) r->max_choices = task->n_choices;
    for (int choice = 0; choice < task->n_choices; choice++) {
      int32_t *ids = NULL;
      size_t n, limit = (size_t)info.max_context;
      bl_code code = encode_with(bl_model_tokenizer(model), task, choice, &ids, &n, error);
      free(ids);
      if (code != BL_OK) return code;
      /* The last token is only predicted. */
      if (n > limit + 1)
        return bl_fail(error, BL_ERR_ARGUMENT,
                       "task %.64s: its prompt and choice %d are %zu tokens long, the model's "
                       "context holds %zu",
                       task->id, choice + 1, n, limit);
      if (n > (size_t)*n_context) *n_context = n > limit ? (int)limit : (int)n;
    }
  }
  return BL_OK;
}

bl_code bl_choices_run(const bl_model *model, const bl_choice_task *tasks, int n_tasks,
                       bl_pool *pool, bl_progress_fn on_progress, void *context, int *picks,
                       int *picks_by_byte, bl_error *error) {
  int n_threads = bl_pool_threads(pool), n_context;
  run r = {.tasks = tasks, .picks = picks, .picks_by_byte = picks_by_byte};
  if (n_tasks < 1)
    return bl_fail(error, BL_ERR_ARGUMENT, "there are %d tasks, expected at least 1", n_tasks);
  if (!bl_model_tokenizer(model))
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the model has no tokenizer, so it cannot read tasks: expected a "
                   "tokenizer.json beside its weights");
  bl_code code = measure_tasks(&r, model, n_tasks, &n_context, error);
  if (code != BL_OK) return code;
  size_t n_sums = (size_t)n_threads * (size_t)r.max_choices;
  r.sums = malloc(n_sums * sizeof *r.sums);
  if (!r.sums) return bl_fail_memory(error, n_sums * sizeof *r.sums);
  bl_error own = {0};
  r.sessions = bl_worker_sessions(model, n_threads, n_context, &own);
  code = r.sessions ? bl_workers_run(pool, n_tasks, do_task, &r, on_progress, context, &own)
                    : own.code;
  if (code != BL_OK && error) *error = own;
  bl_worker_sessions_free(r.sessions, n_threads);
  free(r.sums);
  return code;
}
