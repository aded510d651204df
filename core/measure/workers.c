/* Threads that each run a model on items of their own until none is left. */
#include "measure/workers.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/pool.h"

enum { BATCH = 128 }; /* tokens of a prompt that go through together */

/* How one thread fared. */
typedef struct outcome {
  bl_code code;
  bl_error error;
} outcome;

typedef struct run {
  bl_worker_fn work;
  void *context;
  bl_progress_fn on_progress;
  void *progress_context;
  outcome *outcomes; /* (bl_pool_threads) */
  int64_t n_items;
  int64_t n_reported; /* the last number that on_progress heard; the caller's thread's own */
  _Atomic int64_t n_done;
  atomic_bool stopped; /* by an error or the callback: what is left is skipped */
} run;

static bool report(run *r, int64_t n_done) {
  r->n_reported = n_done;
  return !r->on_progress || r->on_progress(r->progress_context, n_done, r->n_items);
}

static void do_item(void *context, int64_t item, int thread) {
  run *r = context;
  outcome *o = &r->outcomes[thread];
  if (atomic_load(&r->stopped)) return;
  o->code = r->work(r->context, item, thread, &o->error);
  int64_t n_done = atomic_fetch_add(&r->n_done, 1) + 1;
  bool is_caller = thread == 0;
  if (o->code == BL_OK && is_caller && !report(r, n_done))
    o->code = bl_fail(&o->error, BL_ERR_CANCELLED, "stopped");
  if (o->code != BL_OK) atomic_store(&r->stopped, true);
}

bl_code bl_workers_run(bl_pool *pool, int64_t n_items, bl_worker_fn work, void *context,
                       bl_progress_fn on_progress, void *progress_context, bl_error *error) {
  int n_threads = bl_pool_threads(pool);
  run r = {.work = work,
           .context = context,
           .on_progress = on_progress,
           .progress_context = progress_context,
           .n_items = n_items};
  r.outcomes = calloc((size_t)n_threads, sizeof *r.outcomes);
  if (!r.outcomes) return bl_fail_memory(error, (uint64_t)n_threads * sizeof *r.outcomes);
  bl_pool_run(pool, do_item, &r, n_items);
  bl_code code = BL_OK;
  for (int i = 0; i < n_threads && code == BL_OK; i++) {
    code = r.outcomes[i].code;
    if (code != BL_OK && error) *error = r.outcomes[i].error;
  }
  /* Others may have done the last items, or all of them. */
  if (code == BL_OK && r.n_reported < n_items && !report(&r, n_items))
    code = bl_fail(error, BL_ERR_CANCELLED, "stopped");
  free(r.outcomes);
  return code;
}

bl_session **bl_worker_sessions(const bl_model *model, int n_threads, int n_context,
                                bl_error *error) {
  bl_session **sessions = calloc((size_t)n_threads, sizeof *sessions);
  bl_session_options options = {.n_context = n_context, .n_batch = BATCH};
  if (!sessions) bl_fail_memory(error, (uint64_t)n_threads * sizeof *sessions);
  for (int i = 0; sessions && i < n_threads; i++) {
    sessions[i] = bl_session_new(model, &options, error);
    if (sessions[i]) continue;
    bl_worker_sessions_free(sessions, n_threads);
    return NULL;
  }
  return sessions;
}

void bl_worker_sessions_free(bl_session **sessions, int n_threads) {
  for (int i = 0; sessions && i < n_threads; i++) bl_session_free(sessions[i]);
  free(sessions);
}

bl_code bl_encode_new(const bl_tokenizer *tokenizer, const char *text, size_t text_size,
                      int32_t **ids, size_t *n_ids, bl_error *error) {
  size_t n;
  bl_code code = bl_tokenizer_encode_prompt(tokenizer, text, text_size, NULL, 0, &n, error);
  if (code != BL_OK) return code;
  int32_t *own = malloc((n + 1) * sizeof *own);
  if (!own) return bl_fail_memory(error, (uint64_t)n * sizeof *own);
  code = bl_tokenizer_encode_prompt(tokenizer, text, text_size, own, n, &n, error);
  if (code != BL_OK) {
    free(own);
    return code;
  }
  *ids = own;
  *n_ids = n;
  return BL_OK;
}
