/* Predictions on a text: the reference and its variants read it side by side. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/text_row.h"
#include "model/session.h"
#include "text/parts.h"

enum {
  BATCH = 64, /* tokens that go through together */
};

/* ---- how the text is cut up ----------------------------------------------------------------- */

/* `ends` (n_documents): where each document of the ids ends. */
typedef struct plan {
  const size_t *ends;
  size_t n_documents, whole; /* whole: the one end of a text that is not divided */
  bool is_divided;
  int n_context, first;
  int64_t n_scored, n_run; /* tokens in all chunks */
  int longest;             /* of the chunks */
} plan;

/* Tokens that go through an empty cache. */
typedef struct chunk {
  size_t start; /* in the text */
  int n, first; /* the tokens from `first` on are predicted */
} chunk;

/* How far the text has been cut up. */
typedef struct walk {
  size_t document, at;
} walk;

static const size_t *ends_of(const plan *p) {
  return p->is_divided ? p->ends : &p->whole;
}

/* False after the last. A document by itself is predicted from its second token on: there is no
 * more to look back at. Chunks within a text have lost what was before them. */
static bool next_chunk(const plan *p, walk *w, chunk *c) {
  const size_t *ends = ends_of(p);
  for (; w->document < p->n_documents; w->document++) {
    size_t begin = w->document > 0 ? ends[w->document - 1] : 0, left = ends[w->document] - w->at;
    size_t n_context = (size_t)p->n_context;
    bool begins = p->is_divided && w->at == begin && left >= 2;
    if (begins || left >= n_context) {
      int n = left < n_context ? (int)left : p->n_context;
      *c = (chunk){.start = w->at, .n = n, .first = begins ? 1 : p->first};
      w->at += (size_t)n;
      return true;
    }
    w->at = ends[w->document];
  }
  return false;
}

static bl_code check_ends(const bl_text_options *options, size_t n_ids, bl_error *error) {
  size_t before = 0;
  for (size_t i = 0; options->ends && i < options->n_documents; i++) {
    if (options->ends[i] < before || options->ends[i] > n_ids)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "document %zu of the text ends at token %zu, expected "
                     "%zu to %zu",
                     i, options->ends[i], before, n_ids);
    before = options->ends[i];
  }
  return BL_OK;
}

/* Sums up the chunks. */
static void count_chunks(plan *p) {
  walk w = {0};
  chunk c;
  while (next_chunk(p, &w, &c)) {
    p->n_scored += c.n - c.first;
    p->n_run += c.n - 1; /* nothing is predicted from the last token */
    if (c.n > p->longest) p->longest = c.n;
  }
}

/* Fails where options are out of range or the text is too short for one chunk. */
static bl_code make_plan(const bl_model *model, size_t n_ids, const bl_text_options *options,
                         plan *p, bl_error *error) {
  int limit = model->config.max_context, first = options->first;
  int longest = options->n_context;
  *p = (plan){.is_divided = options->ends != NULL, .ends = options->ends, .whole = n_ids};
  p->n_documents = p->is_divided ? options->n_documents : 1;
  if (longest == 0) longest = limit < BL_TEXT_CONTEXT ? limit : BL_TEXT_CONTEXT;
  int shortest = first == 0 ? 3 : 2; /* by default one token of three is predicted */
  if (longest < shortest || longest > limit)
    return bl_fail(error, BL_ERR_ARGUMENT, "a chunk of the text has %d tokens, expected %d to %d",
                   longest, shortest, limit);
  if (first < 0 || first >= longest)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the first token of a chunk that is predicted is %d, expected 1 to %d", first,
                   longest - 1);
  if (p->is_divided)
    shortest = 2;
  else if (options->n_context != 0)
    shortest = longest;
  else if (first >= shortest)
    shortest = first + 1;
  if (n_ids < (size_t)shortest || n_ids > INT32_MAX)
    return bl_fail(error, BL_ERR_ARGUMENT, "the text has %zu tokens, expected %d to %d", n_ids,
                   shortest, INT32_MAX);
  bl_code code = check_ends(options, n_ids, error);
  if (code != BL_OK) return code;
  p->n_context = !p->is_divided && n_ids < (size_t)longest ? (int)n_ids : longest;
  p->first = first != 0 ? first : p->n_context / 2 + 1;
  count_chunks(p);
  if (p->n_scored == 0)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "no document of the text has 2 tokens, of which the second could be predicted");
  return BL_OK;
}

int64_t bl_text_n_scored(const bl_model *model, size_t n_ids, const bl_text_options *options) {
  plan p = {0};
  return make_plan(model, n_ids, options, &p, NULL) == BL_OK ? p.n_scored : 0;
}

/* ---- what must be so ------------------------------------------------------------------------ */

/* Where both vocabularies name an id they must name it alike. One may lack names that the other
 * has: a container can fill up unused ids. */
static bl_code check_names(const bl_tokenizer *ref, const bl_tokenizer *tokenizer, int model,
                           bl_error *error) {
  if (!ref || !tokenizer || ref == tokenizer) return BL_OK;
  int n = bl_tokenizer_size(ref), n_other = bl_tokenizer_size(tokenizer);
  if (n_other < n) n = n_other;
  for (int32_t id = 0; id < n; id++) {
    const char *a, *b;
    size_t a_size, b_size;
    bl_code code = bl_tokenizer_bytes(ref, id, true, &a, &a_size, error);
    if (code == BL_OK) code = bl_tokenizer_bytes(tokenizer, id, true, &b, &b_size, error);
    if (code != BL_OK) return code;
    if (a_size > 0 && b_size > 0 && (a_size != b_size || memcmp(a, b, a_size) != 0))
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "model %d has another vocabulary than the reference: token %d is '%.*s', "
                     "expected '%.*s'",
                     model + 1, id, (int)(b_size < 32 ? b_size : 32), b,
                     (int)(a_size < 32 ? a_size : 32), a);
  }
  return BL_OK;
}

static bl_code check_models(const bl_model *reference, const bl_model *const *models, int n_models,
                            bl_error *error) {
  if (n_models < 1)
    return bl_fail(error, BL_ERR_ARGUMENT, "there are %d models, expected at least 1", n_models);
  for (int m = 0; m < n_models; m++) {
    if (models[m]->config.vocab_size != reference->config.vocab_size)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "model %d has a vocabulary of %d tokens, expected %d as in the reference",
                     m + 1, models[m]->config.vocab_size, reference->config.vocab_size);
    bl_code code = check_names(reference->tokenizer, models[m]->tokenizer, m, error);
    if (code != BL_OK) return code;
  }
  return BL_OK;
}

static bl_code check_ids(const bl_model *model, const int32_t *ids, size_t n_ids, int32_t bos,
                         bl_error *error) {
  int32_t n = model->config.vocab_size;
  if (bos >= n)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the token that the tokenizer puts before a text has id %d, expected 0 to %d",
                   bos, n - 1);
  for (size_t i = 0; i < n_ids; i++)
    if (ids[i] < 0 || ids[i] >= n)
      return bl_fail(error, BL_ERR_ARGUMENT, "token %zu of the text has id %d, expected 0 to %d", i,
                     ids[i], n - 1);
  return BL_OK;
}

/* ---- running -------------------------------------------------------------------------------- */

typedef struct run {
  plan plan;
  const int32_t *ids;
  int32_t bos; /* replaces the first token of a chunk; -1: nothing does */
  int n_models;
  bl_session **sessions;  /* (1 + n_models): first the reference's, NULL where its logits are there;
                             NULL for a model that is it */
  bl_logit_row *ref_rows; /* (n_rows) of the block being compared */
  int n_rows;             /* compared together at most */
  int64_t n_vocab;
  float *ref_logits; /* (n_scored, n_vocab) kept from run to run; NULL: none are */
  bool has_ref_logits;
  bl_pool *pool;
  bl_token_score *scores; /* (n_models, n_scored) */
  bl_progress_fn on_progress;
  void *context;
  int64_t n_done, n_total; /* tokens, counted once for each session */
} run;

/* A block of logits that is being compared: tokens from `start` on predict those after them. */
typedef struct block {
  const run *run;
  const bl_session *session; /* NULL: the reference's */
  size_t start;              /* in the text */
  bl_token_score *scores;
} block;

/* The reference's logits of a block that is being compared. */
typedef struct ref_block {
  const run *run;
  const float *logits; /* (n, n_vocab) */
} ref_block;

static void take_reference_row(void *context, int64_t i, int thread) {
  const ref_block *b = context;
  int64_t n = b->run->n_vocab;
  (void)thread;
  b->run->ref_rows[i] = bl_logit_row_make(b->logits + i * n, n);
}

/* Logits of the reference after n tokens of the batch from `first` on, those of the score at
 * `score` first: computed and, where that is wanted, kept, or those that were kept. */
static const float *reference_logits(const run *r, int first, int n, int64_t score) {
  float *kept = r->ref_logits ? r->ref_logits + score * r->n_vocab : NULL;
  bl_session *reference = r->sessions[0];
  if (!reference) return kept;
  bl_forward_logits(reference, first, n);
  if (kept) memcpy(kept, reference->logits, (size_t)(n * r->n_vocab) * sizeof *kept);
  return reference->logits;
}

static void score_row(void *context, int64_t i, int thread) {
  const block *b = context;
  const bl_logit_row *ref = &b->run->ref_rows[i];
  size_t index = b->start + (size_t)i + 1;
  int32_t id = b->run->ids[index];
  (void)thread;
  bl_logit_row row = *ref;
  if (b->session) row = bl_logit_row_make(b->session->logits + i * ref->n, ref->n);
  bl_row_distance distance = bl_logit_row_distance(&row, ref);
  b->scores[i] = (bl_token_score){
      .index = (int32_t)index,
      .log_p = (float)bl_logit_row_log_p(&row, id),
      .ref_log_p = (float)bl_logit_row_log_p(ref, id),
      .kl = (float)distance.kl,
      .logit_diff = (float)distance.logit_diff,
      .is_same_top = row.top == ref->top,
  };
}

/* Compares what n tokens of the batch from `first` on predict; the first of them is at `start` in
 * the text, and its score is the one at `score` for each model. */
static void compare_block(run *r, int first, int n, size_t start, int64_t score) {
  const int64_t n_scored = r->plan.n_scored;
  ref_block reference = {.run = r, .logits = reference_logits(r, first, n, score)};
  bl_pool_run(r->pool, take_reference_row, &reference, n);
  for (int m = 0; m < r->n_models; m++) {
    bl_session *session = r->sessions[1 + m];
    if (session) bl_forward_logits(session, first, n);
    block b = {
        .run = r, .session = session, .start = start, .scores = r->scores + m * n_scored + score};
    bl_pool_run(r->pool, score_row, &b, n);
  }
}

static bl_code report(const run *r, bl_error *error) {
  if (!r->on_progress || r->on_progress(r->context, r->n_done, r->n_total)) return BL_OK;
  return bl_fail(error, BL_ERR_CANCELLED, "stopped after %lld of %lld tokens", (long long)r->n_done,
                 (long long)r->n_total);
}

/* Runs a batch through every session, which are all at the same position. */
static bl_code forward(run *r, const int32_t *ids, int n, bl_error *error) {
  for (int i = 0; i <= r->n_models; i++) {
    if (!r->sessions[i]) continue;
    bl_code code = report(r, error);
    if (code != BL_OK) return code;
    bl_forward(r->sessions[i], ids, n);
    r->n_done += n;
  }
  return BL_OK;
}

static void set_position(const run *r, int position) {
  for (int i = 0; i <= r->n_models; i++)
    if (r->sessions[i]) r->sessions[i]->position = position;
}

/* One chunk of the text, from an empty cache, whose scores begin at `score`. Nothing is predicted
 * from its last token, so that one is not run. */
static bl_code run_chunk(run *r, const chunk *c, int64_t score, bl_error *error) {
  int n_run = c->n - 1, n_rows = r->n_rows;
  int predicting = c->first - 1; /* the first token from which another is predicted */
  for (int at = 0; at < n_run; at += BATCH) {
    int32_t ids[BATCH];
    int end = at + BATCH < n_run ? at + BATCH : n_run;
    memcpy(ids, r->ids + c->start + (size_t)at, (size_t)(end - at) * sizeof *ids);
    if (at == 0 && r->bos >= 0) ids[0] = r->bos;
    set_position(r, at);
    bl_code code = forward(r, ids, end - at, error);
    if (code != BL_OK) return code;
    for (int t = at > predicting ? at : predicting; t < end; t += n_rows)
      compare_block(r, t - at, end - t < n_rows ? end - t : n_rows, c->start + (size_t)t,
                    score + t - predicting);
  }
  return BL_OK;
}

static bl_code run_chunks(run *r, bl_error *error) {
  walk w = {0};
  chunk c;
  bl_code code = BL_OK;
  for (int64_t score = 0; code == BL_OK && next_chunk(&r->plan, &w, &c); score += c.n - c.first)
    code = run_chunk(r, &c, score, error);
  return code;
}

/* Makes the sessions; r->plan is there. */
static bl_code open_sessions(run *r, const bl_model *reference, const bl_model *const *models,
                             const bl_text_options *options, bl_error *error) {
  bl_session_options session = {.n_context = r->plan.longest - 1,
                                .n_batch = BATCH,
                                .kernels = options->kernels,
                                .pool = options->pool};
  size_t n = 1 + (size_t)r->n_models;
  r->sessions = calloc(n, sizeof *r->sessions);
  if (!r->sessions) return bl_fail_memory(error, n * sizeof *r->sessions);
  for (int i = 0; i <= r->n_models; i++) {
    const bl_model *model = i == 0 ? reference : models[i - 1];
    if (i == 0 ? r->has_ref_logits : model == reference) continue;
    bl_error local = {0};
    r->sessions[i] = bl_session_new(model, &session, &local);
    if (!r->sessions[i]) {
      if (error) *error = local;
      return local.code;
    }
    r->n_total += r->plan.n_run;
    if (r->sessions[i]->n_logit_rows < r->n_rows) r->n_rows = r->sessions[i]->n_logit_rows;
  }
  r->ref_rows = calloc((size_t)r->n_rows, sizeof *r->ref_rows);
  if (!r->ref_rows) return bl_fail_memory(error, (size_t)r->n_rows * sizeof *r->ref_rows);
  return BL_OK;
}

static void close_sessions(run *r) {
  for (int i = 0; r->sessions && i <= r->n_models; i++) bl_session_free(r->sessions[i]);
  free(r->sessions);
  free(r->ref_rows);
}

bl_code bl_text_run(const bl_model *reference, const bl_model *const *models, int n_models,
                    const int32_t *ids, size_t n_ids, const bl_text_options *options,
                    bl_progress_fn on_progress, void *context, bl_token_score *scores,
                    bl_error *error) {
  const bl_tokenizer *tokenizer = reference->tokenizer;
  run r = {.ids = ids,
           .bos = tokenizer && tokenizer->before.n > 0 ? tokenizer->before.ids[0] : -1,
           .n_models = n_models,
           .n_rows = BATCH,
           .n_vocab = reference->config.vocab_size,
           .ref_logits = options->ref_logits,
           .has_ref_logits = options->ref_logits && options->has_ref_logits,
           .pool = options->pool,
           .scores = scores,
           .on_progress = on_progress,
           .context = context};
  bl_code code = check_models(reference, models, n_models, error);
  if (code == BL_OK) code = make_plan(reference, n_ids, options, &r.plan, error);
  if (code == BL_OK) code = check_ids(reference, ids, n_ids, r.bos, error);
  if (code != BL_OK) return code;
  code = open_sessions(&r, reference, models, options, error);
  if (code == BL_OK) code = run_chunks(&r, error);
  if (code == BL_OK) code = report(&r, error);
  close_sessions(&r);
  return code;
}
