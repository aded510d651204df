/* What a model's matrices are multiplied with while it reads a text: the reference is run, and the
 * one linear() of forward.c shows each input before it is used.
 *
 * Sums are of floats, over a batch of tokens at a time, so that no sum is of more numbers than a
 * batch has tokens or the text has batches. Of the Hessian, x x^T summed, each task has some rows;
 * so the order of additions does not depend on the threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bitloss_encode.h"
#include "measure/calibrate.h"
#include "measure/observer.h"
#include "model/session.h"
#include "model/statistics.h"
#include "text/parts.h"

enum {
  BATCH = 64, /* tokens that go through together */
  ROWS = 16,  /* of the Hessian, in one task */
};

typedef struct run {
  const bl_model *model;
  const bl_calibration *text;
  int n_context;
  int32_t bos; /* replaces the first token of what is read together; -1: nothing does */
  bl_session *session;
  float *logits;          /* (classes) of a classifier, else NULL */
  bl_encoder *encoder;    /* NULL: the model continues texts; else the session is its own */
  bl_observer *observers; /* (inputs of the statistics); NULL where no ranges are needed */
  bl_statistics *statistics;
  const bl_input *last; /* the input that was added last */
  const float *x;       /* of that, (n, n_cols) */
  int n;
  bl_progress_fn on_progress;
  void *context;
  int64_t n_done;
} run;

/* ---- which matrices share an input ------------------------------------------------------------
 */

/* The first role that reads the same vectors; BL_NO_ROLE for one that reads none of the model's. */
static bl_role reader_of(const bl_model *model, bl_role role) {
  switch (role) {
    case BL_K:
    case BL_V:
      return BL_Q;
    case BL_GATE:
    case BL_UP:
      return BL_UP;
    case BL_EMBED: /* the output matrix, where they are one */
      return !model->config.block.is_encoder &&
                     bl_model_tensor(model, BL_OUTPUT, -1) == bl_model_tensor(model, BL_EMBED, -1)
                 ? BL_OUTPUT
                 : BL_NO_ROLE;
    case BL_POSITIONS:
    case BL_TYPES:
      return BL_NO_ROLE;
    default:
      return role;
  }
}

static bl_input *add_input(bl_statistics *s, int64_t n_cols) {
  bl_input *input = &s->inputs[s->n_inputs];
  const size_t n = (size_t)n_cols;
  *input = (bl_input){.n_cols = n_cols,
                      .mean_squares = calloc(n, sizeof *input->mean_squares),
                      .minmax = {INFINITY, -INFINITY},
                      .histogram = {INFINITY, -INFINITY}};
  const bool has_hessian = (s->kind & BL_NEEDS_HESSIAN) == BL_NEEDS_HESSIAN;
  if (has_hessian && n <= SIZE_MAX / sizeof(float) / (n ? n : 1))
    input->hessian = calloc(n * n, sizeof *input->hessian);
  s->n_inputs++;
  return input->mean_squares && (input->hessian || !has_hessian) ? input : NULL;
}

/* That of a matrix which is looked up in: each row is what it is by itself. */
static void make_even(bl_input *input) {
  const int64_t n = input->n_cols;
  input->n_tokens = 1;
  for (int64_t i = 0; i < n; i++) {
    input->mean_squares[i] = 1;
    if (input->hessian) input->hessian[i * n + i] = 1;
  }
}

/* Gives every matrix its input. */
static bool place_inputs(bl_statistics *s, const bl_model *model) {
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    if (weight->tensor.n_rows == 1 || !bl_role_quantizable(weight->role)) continue;
    const bl_role reader = reader_of(model, weight->role);
    int *own = &s->of_role[(weight->layer + 1) * BL_N_ROLES + (int)weight->role];
    int *shared =
        reader == BL_NO_ROLE ? own : &s->of_role[(weight->layer + 1) * BL_N_ROLES + (int)reader];
    if (*shared < 0) {
      *shared = s->n_inputs;
      bl_input *input = add_input(s, weight->tensor.n_cols);
      if (!input) return false;
      if (reader == BL_NO_ROLE) make_even(input);
    }
    *own = *shared;
  }
  return true;
}

static bl_code make_statistics(const bl_model *model, bl_needs needs, bl_statistics **statistics,
                               bl_error *error) {
  const size_t n_slots = ((size_t)model->config.n_layers + 1) * BL_N_ROLES;
  bl_statistics *s = calloc(1, sizeof *s);
  if (!s) return bl_fail_memory(error, sizeof *s);
  *statistics = s;
  s->n_layers = model->config.n_layers;
  s->kind = needs;
  s->of_role = malloc(n_slots * sizeof *s->of_role);
  s->inputs = calloc((size_t)model->n_weights + 1, sizeof *s->inputs);
  if (!s->of_role || !s->inputs) return bl_fail_memory(error, n_slots * sizeof *s->of_role);
  for (size_t i = 0; i < n_slots; i++) s->of_role[i] = -1;
  if (place_inputs(s, model)) return BL_OK;
  return bl_fail(error, BL_ERR_MEMORY,
                 "out of memory: a model with %d layers of width %d has too many statistics; a "
                 "method that needs no calibration text works in less",
                 s->n_layers, model->config.dim);
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* Adds the sums of x_i x_j over the batch for four i and eight j, which fit into registers. */
static void add_tile(const run *r, int64_t i, int64_t j) {
  const int64_t n_cols = r->last->n_cols;
  float sums[4][8] = {{0}};
  for (int t = 0; t < r->n; t++) {
    const float *x = r->x + t * n_cols;
    for (int a = 0; a < 4; a++)
      for (int b = 0; b < 8; b++) sums[a][b] += x[i + a] * x[j + b];
  }
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < 8; b++) r->last->hessian[(i + a) * n_cols + j + b] += sums[a][b];
}

/* The same for one of each: what is left of a width that is no multiple of eight. */
static void add_product(const run *r, int64_t i, int64_t j) {
  const int64_t n_cols = r->last->n_cols;
  float sum = 0;
  for (int t = 0; t < r->n; t++) sum += r->x[t * n_cols + i] * r->x[t * n_cols + j];
  r->last->hessian[i * n_cols + j] += sum;
}

/* Some rows of the Hessian's lower half, and a little more. */
static void add_rows(void *context, int64_t task, int thread) {
  const run *r = context;
  const int64_t n_cols = r->last->n_cols, first = task * ROWS;
  const int64_t end = first + ROWS < n_cols ? first + ROWS : n_cols;
  (void)thread;
  for (int64_t i = first; i < end; i += 4)
    for (int64_t j = 0; j < i + 4 && j < n_cols; j += 8) {
      const bool is_whole = i + 4 <= n_cols && j + 8 <= n_cols;
      if (is_whole) add_tile(r, i, j);
      for (int64_t k = 0; !is_whole && k < 32; k++)
        if (i + k / 8 < n_cols && j + k % 8 < n_cols) add_product(r, i + k / 8, j + k % 8);
    }
}

static void add_squares(const bl_input *input, const float *x, int n_tokens) {
  for (int64_t i = 0; i < input->n_cols; i++) {
    float sum = 0;
    for (int t = 0; t < n_tokens; t++) sum += x[t * input->n_cols + i] * x[t * input->n_cols + i];
    input->mean_squares[i] += sum;
  }
}

/* The input of a matrix; NULL where it has none that is to be added up. */
static bl_input *find_input(const run *r, const bl_tensor *w) {
  for (int i = 0; i < r->model->n_weights; i++) {
    const bl_weight *weight = &r->model->weights[i];
    if (&weight->tensor != w) continue;
    const bl_role role = reader_of(r->model, weight->role);
    if (role == BL_NO_ROLE) return NULL;
    const int input = r->statistics->of_role[(weight->layer + 1) * BL_N_ROLES + (int)role];
    return input >= 0 ? &r->statistics->inputs[input] : NULL;
  }
  return NULL;
}

/* Adds an input up, where it was not for the matrix before. Nothing is made of the logits. */
static bool watch(void *watcher, const bl_tensor *w, const float *x, int n_tokens) {
  run *r = watcher;
  bl_input *input = find_input(r, w);
  const bool is_output = w == bl_model_tensor(r->model, BL_OUTPUT, -1);
  if (!input || input == r->last) return !is_output;
  r->last = input;
  r->x = x;
  r->n = n_tokens;
  add_squares(input, x, n_tokens);
  if (r->observers)
    bl_observe(&r->observers[input - r->statistics->inputs], x, n_tokens * input->n_cols);
  if (input->hessian) bl_pool_run(r->text->pool, add_rows, r, (input->n_cols + ROWS - 1) / ROWS);
  input->n_tokens += n_tokens;
  return !is_output;
}

/* Makes means of the sums; false where the model computes numbers that are none. */
static bool finish(bl_statistics *s, const bl_observer *observers) {
  bool is_finite = true;
  for (int i = 0; i < s->n_inputs; i++) {
    bl_input *input = &s->inputs[i];
    if (observers) {
      input->minmax = observers[i].seen;
      input->histogram = bl_observer_range(&observers[i]);
    }
    const int64_t n = input->n_cols;
    const float share = input->n_tokens > 0 ? 1 / (float)input->n_tokens : 0;
    for (int64_t j = 0; j < n; j++) {
      input->mean_squares[j] *= share;
      is_finite = is_finite && isfinite(input->mean_squares[j]);
    }
    for (int64_t row = 0; input->hessian && row < n; row++)
      for (int64_t col = 0; col <= row; col++) {
        const float mean = input->hessian[row * n + col] * share;
        input->hessian[row * n + col] = input->hessian[col * n + row] = mean;
      }
  }
  return is_finite;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Tokens [start, start + n) of the text, from an empty cache. */
static bl_code read_piece(run *r, size_t start, int n, bl_error *error) {
  bl_session *s = r->session;
  for (int at = 0; at < n; at += BATCH) {
    int32_t ids[BATCH];
    const int n_now = n - at < BATCH ? n - at : BATCH;
    if (r->on_progress && !r->on_progress(r->context, r->n_done, (int64_t)r->text->n_ids))
      return bl_fail(error, BL_ERR_CANCELLED, "stopped after %lld of %lld tokens",
                     (long long)r->n_done, (long long)r->text->n_ids);
    memcpy(ids, r->text->ids + start + (size_t)at, (size_t)n_now * sizeof *ids);
    if (at == 0 && r->bos >= 0) ids[0] = r->bos;
    s->position = at;
    r->last = NULL;
    bl_forward(s, ids, n_now);
    for (int t = 0; t < n_now; t += s->n_logit_rows) {
      r->last = NULL;
      bl_forward_logits(s, t, n_now - t < s->n_logit_rows ? n_now - t : s->n_logit_rows);
    }
    r->n_done += n_now;
  }
  return BL_OK;
}

/* The same of an encoder: a text whole, from the embedding to the classes if it has any. */
static bl_code encode_piece(run *r, size_t start, int n, bl_error *error) {
  if (r->on_progress && !r->on_progress(r->context, r->n_done, (int64_t)r->text->n_ids))
    return bl_fail(error, BL_ERR_CANCELLED, "stopped after %lld of %lld tokens",
                   (long long)r->n_done, (long long)r->text->n_ids);
  r->last = NULL;
  bl_code code = bl_encoder_run(r->encoder, r->text->ids + start, NULL, (size_t)n, error);
  if (code == BL_OK && r->logits) code = bl_encoder_classify(r->encoder, r->logits, error);
  r->n_done += n;
  return code;
}

static bl_code read_text(run *r, bl_error *error) {
  const bl_calibration *text = r->text;
  const size_t whole = text->n_ids, *ends = text->ends ? text->ends : &whole;
  const size_t n_documents = text->ends ? text->n_documents : 1;
  bl_code code = BL_OK;
  size_t at = 0;
  for (size_t d = 0; d < n_documents; d++)
    while (code == BL_OK && at < ends[d]) {
      const size_t left = ends[d] - at, most = (size_t)r->n_context;
      const int n = (int)(left < most ? left : most);
      code = (r->encoder ? encode_piece : read_piece)(r, at, n, error);
      at += (size_t)n;
    }
  return code;
}

bl_code bl_calibration_check(const bl_calibration *text, int32_t n_vocab, bl_error *error) {
  size_t before = 0;
  for (size_t i = 0; i < text->n_ids; i++)
    if (text->ids[i] < 0 || text->ids[i] >= n_vocab)
      return bl_fail(error, BL_ERR_ARGUMENT, "token %zu of the text has id %d, expected 0 to %d", i,
                     text->ids[i], n_vocab - 1);
  for (size_t i = 0; text->ends && i < text->n_documents; i++) {
    if (text->ends[i] < before || text->ends[i] > text->n_ids)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "document %zu of the text ends at token %zu, expected %zu to %zu", i,
                     text->ends[i], before, text->n_ids);
    before = text->ends[i];
  }
  return BL_OK;
}

static bl_code check(const bl_model *model, const bl_calibration *text, bl_error *error) {
  if (model->config.block.has_experts)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "a model with experts can't be calibrated: each of them sees other tokens");
  if (text->n_ids == 0)
    return bl_fail(error, BL_ERR_ARGUMENT, "the calibration text has no tokens");
  return bl_calibration_check(text, model->config.vocab_size, error);
}

static bl_code open_session(run *r, bl_error *error) {
  const bl_config *config = &r->model->config;
  const int limit = config->max_context - config->family->first_position;
  const int wanted = r->text->n_context > 0 ? r->text->n_context : BL_TEXT_CONTEXT;
  r->n_context = wanted < limit ? wanted : limit;
  const bl_session_options options = {
      .n_context = r->n_context, .n_batch = BATCH, .pool = r->text->pool};
  bl_error own = {0};
  const int n_labels = bl_model_n_labels(r->model);
  if (r->model->config.block.is_encoder) {
    r->encoder = bl_encoder_new(r->model, &options, &own);
    if (r->encoder) r->session = bl_encoder_session(r->encoder);
  } else {
    r->session = bl_session_new(r->model, &options, &own);
  }
  if (r->encoder && n_labels > 1) {
    r->logits = malloc((size_t)n_labels * sizeof *r->logits);
    if (!r->logits) return bl_fail_memory(error, (uint64_t)n_labels * sizeof *r->logits);
  }
  if (!r->session) {
    if (error) *error = own;
    return own.code;
  }
  r->session->watch = watch;
  r->session->watcher = r;
  return BL_OK;
}

/* Nothing was seen yet. */
static bl_code make_observers(run *r, bl_error *error) {
  const size_t n = (size_t)r->statistics->n_inputs;
  if (!(r->statistics->kind & BL_NEEDS_RANGES)) return BL_OK;
  r->observers = calloc(n + 1, sizeof *r->observers);
  if (!r->observers) return bl_fail_memory(error, (uint64_t)(n + 1) * sizeof *r->observers);
  for (size_t i = 0; i < n; i++) r->observers[i].seen = (bl_range){INFINITY, -INFINITY};
  return BL_OK;
}

static void close_session(run *r) {
  if (r->encoder)
    bl_encoder_free(r->encoder);
  else
    bl_session_free(r->session);
  free(r->logits);
  free(r->observers);
}

bl_code bl_calibrate(const bl_model *model, bl_needs needs, const bl_calibration *text,
                     bl_progress_fn on_progress, void *context, bl_statistics **statistics,
                     bl_error *error) {
  const bl_tokenizer *tokenizer = model->tokenizer;
  run r = {.model = model,
           .text = text,
           .bos = tokenizer && tokenizer->before.n > 0 ? tokenizer->before.ids[0] : -1,
           .on_progress = on_progress,
           .context = context};
  bl_code code = check(model, text, error);
  if (code == BL_OK) code = make_statistics(model, needs, &r.statistics, error);
  if (code == BL_OK) code = make_observers(&r, error);
  if (code == BL_OK) code = open_session(&r, error);
  if (code == BL_OK) code = read_text(&r, error);
  const bool is_finite = code != BL_OK || finish(r.statistics, r.observers);
  close_session(&r);
  if (!is_finite)
    code = bl_fail(error, BL_ERR_INPUT,
                   "the model's activations are not finite on the calibration text: nothing can be "
                   "chosen by them");
  if (code != BL_OK) {
    bl_statistics_free(r.statistics);
    return code;
  }
  r.statistics->n_tokens = r.n_done;
  *statistics = r.statistics;
  return BL_OK;
}
