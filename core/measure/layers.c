/* Where the hidden states of a variant part from the reference's, layer by layer, and what each
 * layer would say next. Both read the prompt batch by batch, so that memory holds one batch's
 * states and not the whole prompt's; the lens looks at the last position alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/arrays.h"
#include "base/error.h"
#include "measure/text_row.h"
#include "model/session.h"

enum { BATCH = 64 }; /* tokens that go through together */

/* Over the positions so far. */
typedef struct sums {
  double square_distance, cosine;
} sums;

struct bl_layers {
  bl_session *ref, *own;
  int32_t *ids; /* (n_ids) */
  int n_ids, n_batch;
  int64_t dim;
  int n_stages;               /* the embedding and each layer */
  int n_read;                 /* tokens that went through both */
  int n_seen;                 /* stages that the lens was put on */
  void *memory;               /* these three, in one allocation */
  float *ref_states;          /* (n_stages, n_batch, dim) of the batch under way */
  float *ref_last, *own_last; /* (n_stages, dim): at the last position */
  sums *sums;                 /* (n_stages) */
  bl_layer_figures *figures;  /* (n_stages) */
};

/* ---- beginning ------------------------------------------------------------------------------ */

static bl_code check_models(const bl_config *ref, const bl_config *own, bl_error *error) {
  if (ref->vocab_size != own->vocab_size)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the models' vocabularies differ: the reference has %d tokens, the variant %d",
                   ref->vocab_size, own->vocab_size);
  if (ref->n_layers != own->n_layers || ref->dim != own->dim)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the models' layers can't be compared: the reference has %d, %d wide, the "
                   "variant %d, %d wide",
                   ref->n_layers, (int)ref->dim, own->n_layers, (int)own->dim);
  return BL_OK;
}

static bl_code check_ids(const bl_config *ref, const bl_config *own, const int32_t *ids, size_t n,
                         bl_error *error) {
  int limit = ref->max_context < own->max_context ? ref->max_context : own->max_context;
  if (n == 0)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the prompt is empty, and this model has no token to begin a text with");
  if (n > (size_t)limit)
    return bl_fail(error, BL_ERR_ARGUMENT, "the prompt is %zu tokens long, the context holds %d", n,
                   limit);
  for (size_t i = 0; i < n; i++)
    if (ids[i] < 0 || ids[i] >= ref->vocab_size)
      return bl_fail(error, BL_ERR_ARGUMENT, "token %zu has id %d, expected 0 to %d", i, ids[i],
                     ref->vocab_size - 1);
  return BL_OK;
}

static bl_code allocate(bl_layers *l, bl_error *error) {
  uint64_t stages = (uint64_t)l->n_stages, dim = (uint64_t)l->dim, n_bytes;
  const bl_array arrays[] = {
      {&l->ref_states, stages * (uint64_t)l->n_batch, dim},
      {&l->ref_last, stages, dim},
      {&l->own_last, stages, dim},
  };
  l->memory = bl_place_arrays(arrays, sizeof arrays / sizeof *arrays, &n_bytes);
  if (!l->memory) return bl_fail_memory(error, n_bytes);
  l->ids = malloc((size_t)l->n_ids * sizeof *l->ids);
  l->sums = calloc((size_t)stages, sizeof *l->sums);
  l->figures = calloc((size_t)stages, sizeof *l->figures);
  if (l->ids && l->sums && l->figures) return BL_OK;
  return bl_fail_memory(error, stages * sizeof *l->figures);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* How far h (dim) is from ref (dim), relative to it. */
static void compare(const float *h, const float *ref, int64_t dim, double *distance,
                    double *cosine) {
  double difference = 0, square = 0, ref_square = 0, product = 0;
  for (int64_t i = 0; i < dim; i++) {
    double a = (double)h[i], b = (double)ref[i];
    difference += (a - b) * (a - b);
    square += a * a;
    ref_square += b * b;
    product += a * b;
  }
  bool both_are_zero = square == 0 && ref_square == 0;
  bool one_is_zero = square == 0 || ref_square == 0;
  *distance = both_are_zero ? 0 : sqrt(difference / ref_square);
  *cosine = both_are_zero ? 1 : one_is_zero ? 0 : product / sqrt(square * ref_square);
}

/* The state of the last token of the prompt, where this batch has it; else NULL. */
static const float *last_row(const bl_layers *l, const float *x, int n_tokens) {
  return l->n_read + n_tokens == l->n_ids ? x + (n_tokens - 1) * l->dim : NULL;
}

/* Keeps the reference's states, for the variant's to be held against. */
static void keep(void *observer, int stage, const float *x, int n_tokens) {
  bl_layers *l = observer;
  const size_t row = (size_t)l->dim * sizeof *x;
  memcpy(l->ref_states + (int64_t)stage * l->n_batch * l->dim, x, (size_t)n_tokens * row);
  const float *last = last_row(l, x, n_tokens);
  if (last) memcpy(l->ref_last + stage * l->dim, last, row);
}

static void hold_against(void *observer, int stage, const float *x, int n_tokens) {
  bl_layers *l = observer;
  const float *ref = l->ref_states + (int64_t)stage * l->n_batch * l->dim;
  sums *s = &l->sums[stage];
  double distance = 0, cosine = 0;
  for (int t = 0; t < n_tokens; t++) {
    compare(x + t * l->dim, ref + t * l->dim, l->dim, &distance, &cosine);
    s->square_distance += distance * distance;
    s->cosine += cosine;
  }
  const float *last = last_row(l, x, n_tokens);
  if (!last) return;
  memcpy(l->own_last + stage * l->dim, last, (size_t)l->dim * sizeof *x);
  bl_layer_figures *f = &l->figures[stage];
  f->distance = sqrt(s->square_distance / l->n_ids);
  f->cosine = s->cosine / l->n_ids;
  f->last_distance = distance;
  f->last_cosine = cosine;
}

static void forward(bl_session *s, const bl_layers *l, int n_tokens) {
  s->position = l->n_read;
  bl_forward(s, l->ids + l->n_read, n_tokens);
}

static void read_batch(bl_layers *l) {
  int left = l->n_ids - l->n_read, n = left < l->n_batch ? left : l->n_batch;
  forward(l->ref, l, n);
  forward(l->own, l, n);
  l->n_read += n;
}

/* ---- the lens ------------------------------------------------------------------------------- */

/* Final norm and output matrix on one state (dim). One at a time, as when a model writes: after the
 * last layer these are the logits that the next token is chosen from, bit for bit. */
static bl_logit_row look(bl_session *s, const float *state) {
  memcpy(s->x, state, (size_t)s->model->config.dim * sizeof *state);
  bl_forward_logits(s, 0, 1);
  return bl_logit_row_make(s->logits, s->model->config.vocab_size);
}

static void find_top(const bl_logit_row *row, bl_lens_token top[BL_LENS_TOP]) {
  int n = 0;
  for (int32_t id = 0; !isnan(row->sum) && id < (int32_t)row->n; id++) {
    float logit = row->logits[id];
    if (n == BL_LENS_TOP && !(logit > row->logits[top[n - 1].id])) continue;
    int at = n < BL_LENS_TOP ? n++ : n - 1;
    for (; at > 0 && logit > row->logits[top[at - 1].id]; at--) top[at] = top[at - 1];
    top[at].id = id;
  }
  for (int i = 0; i < n; i++) top[i].p = (float)exp(bl_logit_row_log_p(row, top[i].id));
  for (int i = n; i < BL_LENS_TOP; i++) top[i] = (bl_lens_token){.id = -1, .p = NAN};
}

static bl_code look_at(bl_layers *l, int stage, bl_error *error) {
  bl_layer_figures *f = &l->figures[stage];
  const bl_logit_row ref = look(l->ref, l->ref_last + stage * l->dim);
  if (isnan(ref.sum))
    return bl_fail(error, BL_ERR_NOT_FINITE,
                   "the reference's hidden states are not numbers, so there is nothing to compare "
                   "with");
  const bl_logit_row own = look(l->own, l->own_last + stage * l->dim);
  find_top(&ref, f->ref_top);
  find_top(&own, f->top);
  f->p_of_ref_top = (float)exp(bl_logit_row_log_p(&own, ref.top));
  f->kl = bl_logit_row_distance(&own, &ref).kl;
  return BL_OK;
}

/* ---- the public functions ------------------------------------------------------------------- */

bl_layers *bl_layers_new(const bl_model *reference, const bl_model *variant, const int32_t *ids,
                         size_t n_ids, bl_pool *pool, bl_error *error) {
  const bl_config *ref = &reference->config, *own = &variant->config;
  if (check_models(ref, own, error) != BL_OK || check_ids(ref, own, ids, n_ids, error) != BL_OK)
    return NULL;
  bl_layers *l = calloc(1, sizeof *l);
  if (!l) {
    bl_fail_memory(error, sizeof *l);
    return NULL;
  }
  l->n_ids = (int)n_ids;
  l->n_batch = l->n_ids < BATCH ? l->n_ids : BATCH;
  l->dim = ref->dim;
  l->n_stages = ref->n_layers + 1;
  const bl_session_options options = {.n_context = l->n_ids, .n_batch = l->n_batch, .pool = pool};
  if (allocate(l, error) != BL_OK) goto fail;
  memcpy(l->ids, ids, n_ids * sizeof *ids);
  l->ref = bl_session_new(reference, &options, error);
  if (!l->ref) goto fail;
  l->own = bl_session_new(variant, &options, error);
  if (!l->own) goto fail;
  l->ref->observe = keep;
  l->own->observe = hold_against;
  l->ref->observer = l->own->observer = l;
  return l;

fail:
  bl_layers_free(l);
  return NULL;
}

void bl_layers_free(bl_layers *layers) {
  if (!layers) return;
  bl_session_free(layers->ref);
  bl_session_free(layers->own);
  bl_aligned_free(layers->memory);
  free(layers->ids);
  free(layers->sums);
  free(layers->figures);
  free(layers);
}

bl_code bl_layers_step(bl_layers *layers, int64_t *n_done, int64_t *n_total, bl_error *error) {
  bl_layers *l = layers;
  bl_code code = BL_OK;
  if (l->n_read < l->n_ids)
    read_batch(l);
  else if (l->n_seen < l->n_stages)
    code = look_at(l, l->n_seen++, error);
  *n_done = 2 * ((int64_t)l->n_read + l->n_seen);
  *n_total = 2 * ((int64_t)l->n_ids + l->n_stages);
  return code;
}

const bl_layer_figures *bl_layers_get(const bl_layers *layers, int *n) {
  *n = layers->n_stages;
  return layers->figures;
}
