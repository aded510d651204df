/* What running a model costs: time by kind of work, and memory. */
#include <stdlib.h>

#include "base/error.h"

enum { DEFAULT_PROMPT = 128, DEFAULT_WRITTEN = 32, DEFAULT_RUNS = 3 };

/* One phase of one run: the prompt, or what is written after it. */
typedef struct timing {
  double seconds, work[BL_N_WORK];
} timing;

static int by_seconds(const void *a, const void *b) {
  double x = ((const timing *)a)->seconds, y = ((const timing *)b)->seconds;
  return (x > y) - (x < y);
}

/* Which token it is does not change what it costs. Far apart, so that looking tokens up is not
 * helped by what is in the processor's cache. */
static int32_t make_id(int i, int vocab_size) {
  return (int32_t)((uint32_t)(i + 1) * 2654435761u % (uint32_t)vocab_size);
}

/* What all runs share. */
typedef struct runs {
  bl_session *session;
  const bl_cost_options *options;
  const int32_t *ids; /* (n_prompt + n_written) */
  bl_progress_fn on_progress;
  void *context;
  int64_t n_done, n_total; /* tokens */
} runs;

/* Runs ids (n), n_together at a time. What the callback does is not counted. */
static bl_code time_phase(runs *r, const int32_t *ids, int n, int n_together, timing *t,
                          bl_error *error) {
  double before[BL_N_WORK];
  bl_session_get_times(r->session, before);
  for (int done = 0; done < n; done += n_together) {
    double start = r->options->clock();
    bl_code code = bl_session_eval(r->session, ids + done, (size_t)n_together, NULL, NULL, error);
    if (code != BL_OK) return code;
    t->seconds += r->options->clock() - start;
    r->n_done += n_together;
    if (r->on_progress && !r->on_progress(r->context, r->n_done, r->n_total))
      return bl_fail(error, BL_ERR_CANCELLED, "stopped after %lld of %lld tokens",
                     (long long)r->n_done, (long long)r->n_total);
  }
  bl_session_get_times(r->session, t->work);
  for (int k = 0; k < BL_N_WORK; k++) t->work[k] -= before[k];
  return BL_OK;
}

/* Fills timings of the prompt and of what is written, (n_runs) each. */
static bl_code time_runs(runs *r, timing *prompt, timing *written, bl_error *error) {
  const int n_prompt = r->options->n_prompt, n_written = r->options->n_written;
  for (int run = 0; run < r->options->n_runs; run++) {
    bl_code code = bl_session_truncate(r->session, 0, error);
    if (code == BL_OK) code = time_phase(r, r->ids, n_prompt, n_prompt, &prompt[run], error);
    if (code == BL_OK) code = time_phase(r, r->ids + n_prompt, n_written, 1, &written[run], error);
    if (code != BL_OK) return code;
  }
  return BL_OK;
}

/* Puts the defaults in, and sees to it that the tokens fit into the context. */
static bl_code complete_options(const bl_model_info *info, bl_cost_options *options,
                                bl_error *error) {
  const int64_t limit = info->max_context;
  if (!options->clock)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the cost of a model cannot be measured without a clock");
  if (options->n_written == 0)
    options->n_written = limit / 2 < DEFAULT_WRITTEN ? (int)(limit / 2) : DEFAULT_WRITTEN;
  const int64_t room = limit - options->n_written;
  if (options->n_prompt == 0)
    options->n_prompt = room < DEFAULT_PROMPT ? (int)room : DEFAULT_PROMPT;
  if (options->n_runs == 0) options->n_runs = DEFAULT_RUNS;
  if (options->n_prompt < 1 || options->n_written < 1 || options->n_runs < 1)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "%d tokens of a prompt, %d written after it and %d runs were asked for in a "
                   "context of %d: expected at least 1 of each",
                   options->n_prompt, options->n_written, options->n_runs, info->max_context);
  if (options->n_prompt > room)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "%d tokens of a prompt and %d after it do not fit: the model's context is %d",
                   options->n_prompt, options->n_written, info->max_context);
  return BL_OK;
}

/* The middle one by its time; the faster of two. */
static const timing *median(timing *timings, int n) {
  qsort(timings, (size_t)n, sizeof *timings, by_seconds);
  return &timings[(n - 1) / 2];
}

static void fill_cost(const bl_model_info *info, const bl_session *session,
                      const bl_cost_options *options, timing *prompt, timing *written,
                      bl_cost *cost) {
  const timing *p = median(prompt, options->n_runs), *w = median(written, options->n_runs);
  *cost = (bl_cost){
      .n_prompt = options->n_prompt,
      .n_written = options->n_written,
      .prompt_seconds = p->seconds,
      .written_seconds = w->seconds,
      .model_bytes = info->size_bytes,
      .session_bytes = bl_session_memory(session),
  };
  for (int k = 0; k < BL_N_WORK; k++) {
    cost->prompt_work[k] = p->work[k];
    cost->written_work[k] = w->work[k];
  }
}

bl_code bl_cost_run(const bl_model *model, const bl_cost_options *options,
                    bl_progress_fn on_progress, void *context, bl_cost *cost, bl_error *error) {
  bl_model_info info;
  bl_cost_options all = *options;
  bl_model_get_info(model, &info);
  bl_code code = complete_options(&info, &all, error);
  if (code != BL_OK) return code;

  int n_ids = all.n_prompt + all.n_written;
  bl_session_options session_options = {.n_context = n_ids,
                                        .n_batch = all.n_prompt,
                                        .kernels = all.kernels,
                                        .pool = all.pool,
                                        .clock = all.clock};
  bl_session *session = NULL;
  int32_t *ids = calloc((size_t)n_ids, sizeof *ids);
  timing *timings = calloc((size_t)all.n_runs, 2 * sizeof *timings);
  if (!ids || !timings) {
    code = bl_fail_memory(error, (uint64_t)all.n_runs * 2 * sizeof *timings);
    goto done;
  }
  for (int i = 0; i < n_ids; i++) ids[i] = make_id(i, info.vocab_size);
  bl_error session_error = {0};
  session = bl_session_new(model, &session_options, &session_error);
  if (!session) {
    code = session_error.code;
    if (error) *error = session_error;
    goto done;
  }
  runs r = {.session = session,
            .options = &all,
            .ids = ids,
            .on_progress = on_progress,
            .context = context,
            .n_total = (int64_t)all.n_runs * n_ids};
  code = time_runs(&r, timings, timings + all.n_runs, error);
  if (code == BL_OK) fill_cost(&info, session, &all, timings, timings + all.n_runs, cost);

done:
  bl_session_free(session);
  free(timings);
  free(ids);
  return code;
}
