/* How the text that a variant writes departs from the reference's. */
#include "measure/divergence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "measure/text_row.h"
#include "measure/workers.h"
#include "model/session.h"

int bl_edit_distance(const int32_t *a, int n_a, const int32_t *b, int n_b, int *row) {
  if (n_b > n_a) return bl_edit_distance(b, n_b, a, n_a, row);
  for (int j = 0; j <= n_b; j++) row[j] = j;
  for (int i = 1; i <= n_a; i++) {
    int diagonal = row[0]; /* the row before, one to the left */
    row[0] = i;
    for (int j = 1; j <= n_b; j++) {
      int best = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[n_b];
}

/* ---- one prompt ----------------------------------------------------------------------------- */

/* What one thread works with. */
typedef struct scratch {
  int32_t *written, *ref_written; /* (max_written) */
  int *row;                       /* (max_written + 1) */
} scratch;

typedef struct run {
  const bl_tokenizer *tokenizer;
  const char *const *prompts;
  const size_t *prompt_sizes;
  int max_written; /* tokens that any prompt's text may have */
  bl_session **ref_sessions, **sessions;
  scratch *scratches; /* (n_threads) */
  bl_divergence *divergences;
} run;

/* The first place where the variant departs. */
typedef struct departure {
  const int32_t *ref_ids; /* (n_ref) what the reference wrote; NULL while that is being written */
  int n_ref;
  int first, rank; /* first is -1 as long as there is none */
  double gap;
} departure;

/* Notes where the reference's token there stands in the variant. Where the logits are not numbers
 * no token is likelier than another: it stands last. */
static void depart(departure *d, int at, const bl_logit_row *row) {
  int32_t id = d->ref_ids[at];
  float logit = row->logits[id];
  d->first = at;
  d->rank = 0;
  for (int32_t i = 0; i < row->n; i++) {
    float other = row->logits[i];
    bool is_after = other < logit || (other == logit && i >= id);
    d->rank += i != id && !is_after;
  }
  if (isnan(row->sum)) d->rank = (int)row->n - 1;
  d->gap = exp(bl_logit_row_log_p(row, row->top)) - exp(bl_logit_row_log_p(row, id));
}

/* Continues the prompt greedily: ids receives at most max_written tokens, among them the one that
 * ends the text, if it comes. A text ends where the logits are not numbers. */
static bl_code write_text(const run *r, bl_session *session, const int32_t *prompt, size_t n_prompt,
                          departure *d, int32_t *ids, int *n_ids, bl_error *error) {
  bl_code code = bl_session_truncate(session, 0, error);
  if (code == BL_OK) code = bl_session_eval(session, prompt, n_prompt, NULL, NULL, error);
  *n_ids = 0;
  while (code == BL_OK) {
    bl_logit_row row =
        bl_logit_row_make(bl_session_logits(session), session->model->config.vocab_size);
    int at = *n_ids;
    bool is_number = !isnan(row.sum);
    bool can_depart = d->ref_ids && d->first < 0 && at < d->n_ref;
    if (can_depart && (!is_number || row.top != d->ref_ids[at])) depart(d, at, &row);
    if (!is_number) break;
    int32_t id = (int32_t)row.top;
    ids[(*n_ids)++] = id;
    bool is_full = bl_session_position(session) == bl_session_context(session);
    if (bl_tokenizer_is_end(r->tokenizer, id) || *n_ids == r->max_written || is_full) break;
    code = bl_session_eval(session, &id, 1, NULL, NULL, error);
  }
  return code;
}

static bl_code compare_texts(const run *r, int64_t i, int thread, const int32_t *prompt,
                             size_t n_prompt, bl_error *error) {
  scratch *k = &r->scratches[thread];
  departure none = {.first = -1}, d = {.ref_ids = k->ref_written, .first = -1};
  int n;
  bl_code code = write_text(r, r->ref_sessions[thread], prompt, n_prompt, &none, k->ref_written,
                            &d.n_ref, error);
  if (code != BL_OK) return code;
  if (d.n_ref == 0)
    return bl_fail(error, BL_ERR_NOT_FINITE,
                   "the reference's logits are not numbers, so it writes no text to compare with");
  code = write_text(r, r->sessions[thread], prompt, n_prompt, &d, k->written, &n, error);
  if (code != BL_OK) return code;
  bl_divergence *result = &r->divergences[i];
  *result = (bl_divergence){.n_tokens = d.n_ref, .first = d.n_ref};
  if (d.first < 0) return BL_OK;
  int n_after = n - d.first, n_ref_after = d.n_ref - d.first;
  result->first = d.first;
  result->rank = d.rank;
  result->gap = (float)d.gap;
  result->edit_distance = bl_edit_distance(k->ref_written + d.first, n_ref_after,
                                           k->written + d.first, n_after, k->row);
  result->edit_share =
      (double)result->edit_distance / (n_after > n_ref_after ? n_after : n_ref_after);
  return BL_OK;
}

static bl_code do_prompt(void *context, int64_t i, int thread, bl_error *error) {
  const run *r = context;
  int32_t *ids = NULL;
  size_t n;
  bl_code code = bl_encode_new(r->tokenizer, r->prompts[i], r->prompt_sizes[i], &ids, &n, error);
  if (code == BL_OK) code = compare_texts(r, i, thread, ids, n, error);
  free(ids);
  return code;
}

/* ---- all prompts ---------------------------------------------------------------------------- */

/* Checks the prompts, and finds the positions that the longest one and its text need. */
static bl_code measure_prompts(const run *r, int n_prompts, int limit, int *n_context,
                               bl_error *error) {
  *n_context = 1;
  for (int i = 0; i < n_prompts; i++) {
    size_t n;
    bl_code code = bl_tokenizer_encode_prompt(r->tokenizer, r->prompts[i], r->prompt_sizes[i], NULL,
                                              0, &n, error);
    if (code != BL_OK) return code;
    if (n == 0)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "prompt %d is empty, and this model has no token to begin a text with", i + 1);
    if (n > (size_t)limit)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "prompt %d is %zu tokens long, the model's context holds %d", i + 1, n, limit);
    int64_t needed = (int64_t)n + r->max_written;
    if (needed > *n_context) *n_context = needed < limit ? (int)needed : limit;
  }
  return BL_OK;
}

static void free_scratches(scratch *scratches, int n_threads) {
  for (int i = 0; scratches && i < n_threads; i++) {
    free(scratches[i].written);
    free(scratches[i].ref_written);
    free(scratches[i].row);
  }
  free(scratches);
}

static scratch *make_scratches(int n_threads, int max_written, bl_error *error) {
  size_t n = (size_t)max_written + 1;
  scratch *scratches = calloc((size_t)n_threads, sizeof *scratches);
  bool ok = scratches != NULL;
  for (int i = 0; ok && i < n_threads; i++) {
    scratches[i].written = malloc(n * sizeof *scratches[i].written);
    scratches[i].ref_written = malloc(n * sizeof *scratches[i].ref_written);
    scratches[i].row = malloc(n * sizeof *scratches[i].row);
    ok = scratches[i].written && scratches[i].ref_written && scratches[i].row;
  }
  if (ok) return scratches;
  bl_fail_memory(error, (uint64_t)n_threads * n * 12);
  free_scratches(scratches, n_threads);
  return NULL;
}

bl_code bl_divergence_run(const bl_model *reference, const bl_model *variant,
                          const char *const *prompts, const size_t *prompt_sizes, int n_prompts,
                          int max_tokens, bl_pool *pool, bl_progress_fn on_progress, void *context,
                          bl_divergence *divergences, bl_error *error) {
  int n_threads = bl_pool_threads(pool), n_context;
  bl_model_info ref_info, info;
  run r = {.tokenizer = bl_model_tokenizer(reference),
           .prompts = prompts,
           .prompt_sizes = prompt_sizes,
           .divergences = divergences};
  bl_model_get_info(reference, &ref_info);
  bl_model_get_info(variant, &info);
  if (!r.tokenizer)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the model has no tokenizer, so it cannot read prompts: expected a "
                   "tokenizer.json beside its weights");
  if (ref_info.vocab_size != info.vocab_size)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the models' vocabularies differ: the reference has %d tokens, the variant %d",
                   ref_info.vocab_size, info.vocab_size);
  if (n_prompts < 1 || max_tokens < 1)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "there are %d prompts and %d tokens to write, expected at least 1 of each",
                   n_prompts, max_tokens);
  int limit = ref_info.max_context < info.max_context ? ref_info.max_context : info.max_context;
  /* A text fills the context at most, and one token comes after it. */
  r.max_written = max_tokens < limit ? max_tokens : limit;
  bl_code code = measure_prompts(&r, n_prompts, limit, &n_context, error);
  if (code != BL_OK) return code;

  bl_error own = {.code = BL_ERR_MEMORY};
  r.scratches = make_scratches(n_threads, r.max_written, &own);
  if (r.scratches) r.ref_sessions = bl_worker_sessions(reference, n_threads, n_context, &own);
  if (r.ref_sessions) r.sessions = bl_worker_sessions(variant, n_threads, n_context, &own);
  code = r.sessions ? bl_workers_run(pool, n_prompts, do_prompt, &r, on_progress, context, &own)
                    : own.code;
  if (code != BL_OK && error) *error = own;
  bl_worker_sessions_free(r.sessions, n_threads);
  bl_worker_sessions_free(r.ref_sessions, n_threads);
  free_scratches(r.scratches, n_threads);
  return code;
}
