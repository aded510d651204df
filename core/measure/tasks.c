/* Letting a model answer questions. */
#include "measure/tasks.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/pool.h"

enum {
  SPARE_TOKENS = 8, /* that a model may write beyond the length of the answer */
  BATCH = 128,      /* tokens of a prompt that go through together */
};

/* ---- the rule ------------------------------------------------------------------------------- */

static bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_whole(const bl_match *match) {
  return match->n_matched == match->answer_size;
}

bl_match_state bl_match_push(bl_match *match, const char *text, size_t text_size) {
  for (size_t i = 0; i < text_size && match->state == BL_MATCH_OPEN; i++) {
    char c = text[i];
    bool at_edge = match->n_matched == 0 || is_whole(match);
    if (c == '\n')
      bl_match_end(match);
    else if (!is_whole(match) && c == match->answer[match->n_matched])
      match->n_matched++;
    else if (!at_edge || !is_space(c))
      match->state = BL_MATCH_WRONG;
  }
  return match->state;
}

bl_match_state bl_match_end(bl_match *match) {
  if (match->state == BL_MATCH_OPEN)
    match->state = is_whole(match) ? BL_MATCH_RIGHT : BL_MATCH_WRONG;
  return match->state;
}

bool bl_task_is_right(const char *text, size_t text_size, const char *answer, size_t answer_size) {
  bl_match match = {answer, answer_size, 0, BL_MATCH_OPEN};
  bl_match_push(&match, text, text_size);
  return bl_match_end(&match) == BL_MATCH_RIGHT;
}

/* ---- running -------------------------------------------------------------------------------- */

/* What one thread works with. */
typedef struct worker {
  bl_session *session;
  bl_code code;
  bl_error error;
} worker;

typedef struct run {
  const bl_task *tasks;
  int *max_tokens; /* (n_tasks) */
  worker *workers; /* (bl_pool_threads) */
  bl_progress_fn on_progress;
  void *context;
  bool *is_right;
  int n_tasks;
  atomic_int n_done;
  atomic_bool stopped; /* by an error or the callback: what is left is skipped */
} run;

/* Steps until it is known whether the answer is right, which for a wrong one is often at the first
 * token. */
static bl_code answer_task(const run *r, int64_t i, bl_session *session, bl_error *error) {
  const bl_task *task = &r->tasks[i];
  bl_sampling greedy = {0};
  bl_generation *generation =
      bl_generation_new(session, task->prompt, task->prompt_size, &greedy, r->max_tokens[i], error);
  if (!generation) return error->code;
  bl_match match = {task->answer, task->answer_size, 0, BL_MATCH_OPEN};
  bl_step step = {0};
  bl_code code = BL_OK;
  while (match.state == BL_MATCH_OPEN && code == BL_OK) {
    code = bl_generation_step(generation, &step, error);
    if (code != BL_OK) break;
    bl_match_push(&match, step.text, step.text_size);
    if (step.kind == BL_STEP_DONE) bl_match_end(&match);
  }
  bl_generation_free(generation);
  r->is_right[i] = match.state == BL_MATCH_RIGHT;
  return code;
}

static void work(void *context, int64_t i, int thread) {
  run *r = context;
  worker *w = &r->workers[thread];
  if (atomic_load(&r->stopped)) return;
  w->code = answer_task(r, i, w->session, &w->error);
  int n_done = atomic_fetch_add(&r->n_done, 1) + 1;
  bool is_caller = thread == 0;
  if (w->code == BL_OK && is_caller && r->on_progress &&
      !r->on_progress(r->context, n_done, r->n_tasks))
    w->code = bl_fail(&w->error, BL_ERR_CANCELLED, "stopped");
  if (w->code != BL_OK) atomic_store(&r->stopped, true);
}

/* Finds how many tokens each task may write, and the positions that the longest one needs. */
static bl_code measure_tasks(run *r, const bl_model *model, int n_tasks, int *n_context,
                             bl_error *error) {
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  bl_model_info info;
  bl_model_get_info(model, &info);
  if (!tokenizer)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the model has no tokenizer, so it cannot read tasks: expected a "
                   "tokenizer.json beside its weights");
  *n_context = 1;
  for (int i = 0; i < n_tasks; i++) {
    const bl_task *task = &r->tasks[i];
    size_t n_prompt, n_answer, limit = (size_t)info.max_context;
    bl_code code = bl_tokenizer_encode(tokenizer, task->prompt, task->prompt_size, true, NULL, 0,
                                       &n_prompt, error);
    if (code == BL_OK)
      code = bl_tokenizer_encode(tokenizer, task->answer, task->answer_size, false, NULL, 0,
                                 &n_answer, error);
    if (code != BL_OK) return code;
    if (n_prompt > limit || n_answer > limit)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "task %.64s: its %s is %zu tokens long, the model's context holds %zu",
                     task->id, n_prompt > limit ? "prompt" : "answer",
                     n_prompt > limit ? n_prompt : n_answer, limit);
    r->max_tokens[i] = (int)n_answer + SPARE_TOKENS;
    size_t n = n_prompt + (size_t)r->max_tokens[i];
    if (n > limit) n = limit;
    if (n > (size_t)*n_context) *n_context = (int)n;
  }
  return BL_OK;
}

bl_code bl_tasks_run(const bl_model *model, const bl_task *tasks, int n_tasks, bl_pool *pool,
                     bl_progress_fn on_progress, void *context, bool *is_right, bl_error *error) {
  if (n_tasks < 1)
    return bl_fail(error, BL_ERR_ARGUMENT, "there are %d tasks, expected at least 1", n_tasks);
  int n_workers = bl_pool_threads(pool), n_context = 0;
  run r = {.tasks = tasks,
           .n_tasks = n_tasks,
           .on_progress = on_progress,
           .context = context,
           .is_right = is_right};
  bl_code code;
  r.max_tokens = calloc((size_t)n_tasks, sizeof *r.max_tokens);
  r.workers = calloc((size_t)n_workers, sizeof *r.workers);
  if (!r.max_tokens || !r.workers) {
    code = bl_fail_memory(error, (uint64_t)n_tasks * sizeof *r.max_tokens);
    goto done;
  }
  code = measure_tasks(&r, model, n_tasks, &n_context, error);
  if (code != BL_OK) goto done;
  for (int i = 0; i < n_workers; i++) {
    bl_session_options options = {.n_context = n_context, .n_batch = BATCH};
    r.workers[i].session = bl_session_new(model, &options, &r.workers[i].error);
    if (!r.workers[i].session) {
      code = r.workers[i].error.code;
      if (error) *error = r.workers[i].error;
      goto done;
    }
  }
  bl_pool_run(pool, work, &r, n_tasks);
  for (int i = 0; i < n_workers && code == BL_OK; i++) {
    code = r.workers[i].code;
    if (code != BL_OK && error) *error = r.workers[i].error;
  }

done:
  for (int i = 0; r.workers && i < n_workers; i++) bl_session_free(r.workers[i].session);
  free(r.workers);
  free(r.max_tokens);
  return code;
}
