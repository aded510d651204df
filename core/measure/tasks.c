/* Letting a model answer questions. */
#include "measure/tasks.h"

#include <stdlib.h>

#include "base/pool.h"
#include "measure/workers.h"

/* ---- the rule ------------------------------------------------------------------------------- */

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
    else if (!at_edge || !bl_is_space(c))
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

typedef struct run {
  const bl_task *tasks;
  int *max_tokens; /* (n_tasks); -1 once logits were not finite */
  bl_session **sessions;
  bool *is_right;
} run;

/* Steps until it is known whether the answer is right, which for a wrong one is often at the first
 * token. */
static bl_code do_task(void *context, int64_t i, int thread, bl_error *error) {
  const run *r = context;
  const bl_task *task = &r->tasks[i];
  bl_sampling greedy = {0};
  bl_generation *generation = bl_generation_new(
      r->sessions[thread], task->prompt, task->prompt_size, &greedy, r->max_tokens[i], error);
  if (!generation) return error->code;
  bl_match match = {task->answer, task->answer_size, 0, BL_MATCH_OPEN};
  bl_step step = {0};
  bl_code code = BL_OK;
  while (match.state == BL_MATCH_OPEN && code == BL_OK) {
    code = bl_generation_step(generation, &step, error);
    if (code == BL_ERR_NOT_FINITE) {
      r->max_tokens[i] = -1;
      match.state = BL_MATCH_WRONG;
      code = BL_OK;
      break;
    }
    if (code != BL_OK) break;
    bl_match_push(&match, step.text, step.text_size);
    if (step.kind == BL_STEP_DONE) bl_match_end(&match);
  }
  bl_generation_free(generation);
  r->is_right[i] = match.state == BL_MATCH_RIGHT;
  return code;
}

/* Finds how many tokens each task may write, and the positions that the longest one needs. */
static bl_code measure_tasks(const run *r, const bl_model *model, int n_tasks, int *n_context,
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
    bl_code code = bl_tokenizer_encode_prompt(tokenizer, task->prompt, task->prompt_size, NULL, 0,
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
    r->max_tokens[i] = (int)n_answer + BL_TASK_SPARE_TOKENS;
    size_t n = n_prompt + (size_t)r->max_tokens[i];
    if (n > limit) n = limit;
    if (n > (size_t)*n_context) *n_context = (int)n;
  }
  return BL_OK;
}

bl_code bl_tasks_run(const bl_model *model, const bl_task *tasks, int n_tasks, bl_pool *pool,
                     bl_progress_fn on_progress, void *context, bool *is_right, int *n_not_finite,
                     bl_error *error) {
  if (n_tasks < 1)
    return bl_fail(error, BL_ERR_ARGUMENT, "there are %d tasks, expected at least 1", n_tasks);
  int n_threads = bl_pool_threads(pool), n_context = 0;
  run r = {.tasks = tasks, .is_right = is_right};
  r.max_tokens = calloc((size_t)n_tasks, sizeof *r.max_tokens);
  if (!r.max_tokens) return bl_fail_memory(error, (uint64_t)n_tasks * sizeof *r.max_tokens);
  bl_error own = {0};
  bl_code code = measure_tasks(&r, model, n_tasks, &n_context, &own);
  if (code == BL_OK) {
    r.sessions = bl_worker_sessions(model, n_threads, n_context, &own);
    code = r.sessions ? bl_workers_run(pool, n_tasks, do_task, &r, on_progress, context, &own)
                      : own.code;
  }
  if (code != BL_OK && error) *error = own;
  if (code == BL_OK && n_not_finite) *n_not_finite = 0;
  for (int i = 0; code == BL_OK && n_not_finite && i < n_tasks; i++)
    *n_not_finite += r.max_tokens[i] < 0;
  bl_worker_sessions_free(r.sessions, n_threads);
  free(r.max_tokens);
  return code;
}
