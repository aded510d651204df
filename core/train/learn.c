/* Learning the codes, scales and norms of a quantized model from the model that it was made from:
 * the methods dwq and distill.
 *
 * The loss is KL(reference || model) at every token of a text, at temperature 1 (Hinton et al.
 * 2015); what moves is in learned.h, by Adam with a short warm-up and half a cosine. Odd steps read
 * documents apart, even ones joined: a model that has learned from one way of reading alone gains
 * less in the other. A part of the text is held out, and judged by: the mean, over both ways of
 * reading, of the divergence as a share of what it was. The model always holds what was best. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/number.h"
#include "model/model.h"
#include "quant/method.h"
#include "quant/recipe.h"
#include "text/parts.h"
#include "train/learned.h"
#include "train/packing.h"

enum {
  WARMUP = 20,
  HELD_OUT = 16,          /* every so manieth document is held out */
  HELD_OUT_TOKENS = 8192, /* but no more than this */
  JUDGED = 5,             /* times in all */
  APART = 0,              /* ways of reading, as in bl_learn_report */
  JOINED = 1,
};

/* Documents that follow one another in an order, pass after pass. */
typedef struct stream {
  const bl_train_document *documents;
  size_t n;
  size_t *order;    /* (n) */
  uint64_t seed;    /* of the next pass's order; 0: the order of the text */
  size_t next, at;  /* a document, in the order, and a token of it */
  size_t n_between; /* tokens still to come before it */
} stream;

typedef struct learning {
  const bl_learn_options *options;
  bl_model *model;
  const bl_model *reference;
  bl_trainer *student, *teacher;
  int n_context, n_sequences;
  int32_t bos;                  /* begins what is read joined; -1: nothing does */
  bl_train_document *documents; /* (n_documents), then (n_held) that are held out */
  size_t n_documents, n_held;
  bl_train_packing packing; /* of this pass */
  size_t next_sequence;
  uint64_t pass;
  stream joined;
  int32_t *ids, *targets, *starts; /* (n_sequences, n_context): a batch */
  double best;                     /* share of the divergence at the beginning */
  bl_learn_report *report;
} learning;

/* ---- what is learned ------------------------------------------------------------------------- */

/* The methods that learn a matrix of the model; 0: it stays. */
static uint32_t methods_of(const bl_model *model, const bl_weight *weight) {
  const bl_place place = {.name = weight->name};
  if (!weight->converted || weight->tensor.n_rows == 1) return 0;
  return bl_methods_learned(
      bl_methods_for(bl_recipe_methods(&model->recipe, &place), weight->tensor.format.codec));
}

static bool learn_codes(uint32_t methods) {
  for (int i = 0; i < bl_n_methods; i++)
    if (methods >> i & 1 && bl_methods[i]->learns_codes) return true;
  return false;
}

static bl_param *param_of(const bl_trainer *t, const bl_weight *weight) {
  for (int i = 0; i < t->n_params; i++)
    if (t->params[i].role == weight->role && t->params[i].layer == weight->layer)
      return &t->params[i];
  return NULL;
}

/* Gives a weight bytes of its own, which may so far be shared. */
static bool own(bl_weight *weight) {
  for (int p = 0; p < weight->tensor.format.codec->n_parts; p++) {
    if (weight->owned[p]) continue;
    const size_t n = bl_tensor_part_bytes(&weight->tensor, p);
    weight->owned[p] = bl_aligned_alloc(n);
    if (!weight->owned[p]) return false;
    memcpy(weight->owned[p], weight->tensor.parts[p], n);
    weight->tensor.parts[p] = weight->owned[p];
  }
  return true;
}

static bl_code begin_learned(learning *l, bl_dtype cast, bl_error *error) {
  bool codes = false;
  for (int i = 0; i < l->model->n_weights; i++) {
    bl_weight *weight = &l->model->weights[i];
    const uint32_t methods = methods_of(l->model, weight);
    if (methods == 0) continue;
    codes = codes || learn_codes(methods);
    const bl_tensor *original = bl_model_tensor(l->reference, weight->role, weight->layer);
    bl_code code = own(weight)
                       ? bl_learned_begin(l->student, param_of(l->student, weight), &weight->tensor,
                                          original, cast, learn_codes(methods), error)
                       : bl_fail_memory(error, weight->source_bytes);
    if (code != BL_OK) return code;
  }
  for (int i = 0; codes && i < l->model->n_weights; i++) {
    bl_weight *weight = &l->model->weights[i];
    const bl_dtype dtype = bl_format_dtype(&weight->tensor.format);
    if (weight->tensor.n_rows > 1 || dtype == BL_DTYPE_NONE) continue;
    if (!own(weight)) return bl_fail_memory(error, weight->source_bytes);
    bl_learned_begin_norm(l->student, param_of(l->student, weight), dtype);
  }
  return BL_OK;
}

/* Writes a weight as it is now, and measures its error anew where it had been measured. */
static void write_weight(const learning *l, bl_weight *weight, const bl_param *p) {
  const bl_tensor *original = bl_model_tensor(l->reference, weight->role, weight->layer);
  bl_tensor *tensor = &weight->tensor;
  float *from = l->student->rows, *to = from + p->n_cols; /* (n_cols) each, then codes */
  const bool measures = weight->error.n > 0;
  weight->error = (bl_error_sums){0};
  if (!p->learned) {
    bl_from_f32(p->stored, p->value, p->n_cols, weight->owned[0]);
    weight->converted = true;
  }
  for (int64_t row = 0; p->learned && row < p->n_rows; row++) {
    uint8_t *parts[BL_MAX_PARTS] = {NULL};
    for (int q = 0; q < tensor->format.codec->n_parts; q++)
      parts[q] = weight->owned[q] + (size_t)row * tensor->row_bytes[q];
    bl_learned_pack_row(p, row, (uint8_t *)(to + p->n_cols), parts);
    if (!measures) continue;
    bl_error_sums sums = {0};
    bl_tensor_decode_row(original, row, from);
    bl_tensor_decode_row(tensor, row, to);
    bl_error_sums_row(&sums, from, to, p->n_cols);
    bl_error_sums_add(&weight->error, &sums);
  }
}

static void keep(const learning *l) {
  for (int i = 0; i < l->model->n_weights; i++) {
    bl_weight *weight = &l->model->weights[i];
    const bl_param *p = param_of(l->student, weight);
    if (p->learned || p->stored != BL_DTYPE_NONE) write_weight(l, weight, p);
  }
}

/* ---- the text -------------------------------------------------------------------------------- */

static bl_code check_text(const learning *l, bl_error *error) {
  const bl_calibration *text = &l->options->text;
  const int32_t n_vocab = l->reference->config.vocab_size;
  size_t before = 0;
  for (size_t i = 0; i < text->n_ids; i++)
    if (text->ids[i] < 0 || text->ids[i] >= n_vocab)
      return bl_fail(error, BL_ERR_ARGUMENT, "token %zu of the text has id %d, expected 0 to %d", i,
                     text->ids[i], n_vocab - 1);
  for (size_t i = 0; i < text->n_documents; i++) {
    if (text->ends[i] < before || text->ends[i] > text->n_ids)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "document %zu of the text ends at token %zu, expected %zu to %zu", i,
                     text->ends[i], before, text->n_ids);
    before = text->ends[i];
  }
  return BL_OK;
}

/* How many parts the text has that are read together: documents, or what goes into a context of
 * longer ones. */
static size_t count_parts(const learning *l) {
  const bl_calibration *text = &l->options->text;
  const size_t most = (size_t)l->n_context;
  size_t n = 0, start = 0;
  for (size_t i = 0; i < text->n_documents; start = text->ends[i++])
    n += (text->ends[i] - start + most - 1) / most;
  return n;
}

/* Lists those of the n parts that are held out, every so manieth, or the others. Every token of a
 * part is predicted from, so one more than it has is counted. */
static size_t list(const learning *l, bool held, size_t n, bl_train_document *documents) {
  const bl_calibration *text = &l->options->text;
  const size_t most = (size_t)l->n_context, stride = n < HELD_OUT ? n : HELD_OUT;
  size_t n_listed = 0, n_tokens = 0, part = 0, at = 0;
  for (size_t i = 0; i < text->n_documents; i++)
    for (size_t size; at < text->ends[i]; at += size, part++) {
      const size_t left = text->ends[i] - at;
      size = left < most ? left : most;
      if ((part % stride == stride - 1) != held || (held && n_tokens >= HELD_OUT_TOKENS)) continue;
      documents[n_listed++] = (bl_train_document){at, (uint32_t)size + 1};
      n_tokens += size;
    }
  return n_listed;
}

static bl_code divide(learning *l, bl_error *error) {
  bl_code code = check_text(l, error);
  if (code != BL_OK) return code;
  const size_t n = count_parts(l);
  if (n < 2)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the calibration text is one document of up to %d tokens, expected more: a part "
                   "of it is held out, to see what learning has gained",
                   l->n_context);
  l->documents = malloc(n * sizeof *l->documents);
  if (!l->documents) return bl_fail_memory(error, n * sizeof *l->documents);
  l->n_documents = list(l, false, n, l->documents);
  l->n_held = list(l, true, n, l->documents + l->n_documents);
  return BL_OK;
}

/* A new order for a pass of the stream. */
static void shuffle(stream *s) {
  for (size_t i = 0; i < s->n; i++) s->order[i] = i;
  for (size_t i = s->n; s->seed && i > 1; i--) {
    const size_t j = (size_t)(bl_random(&s->seed) % i), kept = s->order[i - 1];
    s->order[i - 1] = s->order[j];
    s->order[j] = kept;
  }
  s->next = s->at = 0;
}

static bl_code open_stream(stream *s, const bl_train_document *documents, size_t n, uint64_t seed,
                           bl_error *error) {
  *s = (stream){.documents = documents, .n = n, .seed = seed};
  s->order = malloc((n + 1) * sizeof *s->order);
  if (!s->order) return bl_fail_memory(error, n * sizeof *s->order);
  shuffle(s);
  return BL_OK;
}

/* The next token of the stream. What begins a document by itself does not stand within a text. */
static int32_t next_token(const learning *l, stream *s) {
  const bl_learn_options *o = l->options;
  if (s->n_between > 0) return o->between[o->n_between - s->n_between--];
  const bl_train_document *d = &s->documents[s->order[s->next]];
  const int32_t *ids = o->text.ids + d->first;
  if (s->at == 0 && ids[0] == l->bos && d->n > 2) s->at = 1;
  const int32_t id = ids[s->at++];
  if (s->at + 1 < d->n) return id;
  s->at = 0;
  s->n_between = o->n_between;
  if (++s->next == s->n) shuffle(s);
  return id;
}

/* What is read together counts whole: the teacher says what should follow, so no target is needed
 * but any. */
static void fill_joined(const learning *l, stream *s, int row) {
  const int64_t at = (int64_t)row * l->n_context;
  for (int i = 0; i < l->n_context; i++) {
    l->ids[at + i] = i == 0 && l->bos >= 0 ? l->bos : next_token(l, s);
    l->targets[at + i] = 0;
    l->starts[at + i] = 0;
  }
}

static void fill_apart(const learning *l, const bl_train_packing *packing, size_t sequence,
                       int row) {
  const int64_t first = (int64_t)row * l->n_context;
  int at = 0;
  for (size_t i = packing->sequences[sequence]; i < packing->ends[sequence]; i++) {
    const bl_train_piece *piece = &packing->pieces[i];
    const int start = at;
    for (uint32_t j = 0; j < piece->n; j++, at++) {
      l->ids[first + at] = l->options->text.ids[piece->first + j];
      l->targets[first + at] = 0;
      l->starts[first + at] = start;
    }
  }
  for (; at < l->n_context; at++) {
    l->ids[first + at] = 0;
    l->targets[first + at] = -1;
    l->starts[first + at] = at;
  }
}

static bl_code fill_next(learning *l, bl_error *error) {
  bl_code code = BL_OK;
  for (int row = 0; code == BL_OK && row < l->n_sequences; row++) {
    if (l->student->step % 2 == 1) {
      fill_joined(l, &l->joined, row);
      continue;
    }
    if (l->next_sequence == l->packing.n_sequences) {
      l->next_sequence = 0;
      code = bl_train_pack_pass(&l->packing, l->documents, l->n_documents, l->n_context,
                                l->options->seed, l->pass++, error);
    }
    if (code == BL_OK) fill_apart(l, &l->packing, l->next_sequence++, row);
  }
  return code;
}

/* ---- judging --------------------------------------------------------------------------------- */

/* The divergence over what is held out, read in one of the two ways. */
static bl_code measure(learning *l, int way, double *divergence, bl_error *error) {
  const bl_train_document *held = l->documents + l->n_documents;
  bl_train_packing packing = {0};
  stream joined = {0};
  double loss = 0;
  int64_t n_targets = 0;
  bl_code code = open_stream(&joined, held, l->n_held, 0, error);
  if (code == BL_OK) code = bl_train_pack(&packing, held, l->n_held, l->n_context, 0, error);
  for (size_t at = 0; code == BL_OK && at < packing.n_sequences;) {
    int rows = 0;
    for (; rows < l->n_sequences && at < packing.n_sequences; rows++, at++) {
      if (way == APART) fill_apart(l, &packing, at, rows);
      if (way == JOINED) fill_joined(l, &joined, rows);
    }
    const bl_train_batch batch = {rows, l->ids, l->targets, l->starts};
    code = bl_trainer_evaluate(l->student, &batch, &loss, &n_targets, error);
  }
  bl_train_packing_free(&packing);
  free(joined.order);
  *divergence = n_targets > 0 ? loss / (double)n_targets : 0;
  if (code == BL_OK && !isfinite(*divergence))
    code = bl_fail(error, BL_ERR_INPUT,
                   "the models' predictions are not finite on the calibration text: nothing can be "
                   "learned from them");
  return code;
}

/* Keeps what there is now where it is better than all before. */
static bl_code judge(learning *l, bl_error *error) {
  bl_learn_report *r = l->report;
  double now[2], share = 0;
  for (int way = 0; way < 2; way++) {
    bl_code code = measure(l, way, &now[way], error);
    if (code != BL_OK) return code;
    if (l->student->step == 0) r->before[way] = r->after[way] = now[way];
    share += r->before[way] > 0 ? now[way] / r->before[way] / 2 : 0;
  }
  if (l->student->step == 0) l->best = share;
  if (!(share < l->best)) return BL_OK;
  l->best = share;
  r->kept_step = l->student->step;
  memcpy(r->after, now, sizeof now);
  keep(l);
  return BL_OK;
}

/* ---- beginning and steps --------------------------------------------------------------------- */

static bl_train_options train_options(const learning *l) {
  const bl_learn_options *o = l->options;
  return (bl_train_options){
      .n_sequences = l->n_sequences,
      .n_context = l->n_context,
      .learning_rate = o->rate > 0 ? o->rate : BL_LEARN_RATE,
      .warmup_steps = WARMUP,
      .n_steps = o->n_steps,
      .beta1 = 0.9,
      .beta2 = 0.98,
      .epsilon = 1e-10,
      .pool = o->text.pool,
  };
}

/* The numbers themselves are what is learned from, however the files store them. */
static bl_config plain_config(const bl_model *model) {
  bl_config config = model->config;
  config.mlx_group = 0;
  return config;
}

static bl_code begin_trainers(learning *l, bl_error *error) {
  const bl_config config = plain_config(l->reference);
  const bl_train_options options = train_options(l);
  const float *factors = l->reference->rope_factors;
  l->student = bl_train_make(&config, factors, &options, BL_TRAIN_TO_LEARN, error);
  if (l->student) l->teacher = bl_train_make(&config, factors, &options, BL_TRAIN_TO_TEACH, error);
  if (!l->teacher && error->code == BL_ERR_MEMORY)
    return bl_fail(error, BL_ERR_MEMORY,
                   "out of memory: learning takes %llu MB beside the model and its original",
                   (unsigned long long)(bl_learn_bytes(l->reference, l->options) >> 20));
  if (!l->teacher) return error->code;
  bl_code code = bl_trainer_take_weights(l->teacher, l->reference, error);
  if (code == BL_OK) code = bl_trainer_take_weights(l->student, l->model, error);
  if (code == BL_OK) code = bl_trainer_set_teacher(l->student, l->teacher, error);
  return code;
}

/* How much is read at once. */
static void set_sizes(learning *l) {
  const bl_learn_options *o = l->options;
  const int limit = l->reference->config.max_context;
  const int wanted = o->text.n_context > 0 ? o->text.n_context : BL_TEXT_CONTEXT;
  const int n_tokens = o->n_tokens > 0 ? o->n_tokens : BL_LEARN_TOKENS;
  l->n_context = wanted < limit ? wanted : limit;
  l->n_sequences = l->n_context < n_tokens ? n_tokens / l->n_context : 1;
}

uint64_t bl_learn_bytes(const bl_model *reference, const bl_learn_options *options) {
  learning l = {.options = options, .reference = reference};
  set_sizes(&l);
  const bl_config config = plain_config(reference);
  const bl_train_options each = train_options(&l);
  const uint64_t student = bl_train_bytes(&config, &each, BL_TRAIN_TO_LEARN);
  const uint64_t teacher = bl_train_bytes(&config, &each, BL_TRAIN_TO_TEACH);
  return student < UINT64_MAX - teacher ? student + teacher : UINT64_MAX;
}

static bl_code begin(learning *l, bl_dtype cast, bl_error *error) {
  const bl_tokenizer *tokenizer = l->reference->tokenizer;
  set_sizes(l);
  l->bos = tokenizer && tokenizer->before.n > 0 ? tokenizer->before.ids[0] : -1;
  const size_t n = (size_t)l->n_sequences * (size_t)l->n_context;
  l->ids = malloc(3 * n * sizeof *l->ids);
  if (!l->ids) return bl_fail_memory(error, 3 * n * sizeof *l->ids);
  l->targets = l->ids + n;
  l->starts = l->targets + n;
  bl_code code = divide(l, error);
  if (code == BL_OK)
    code = open_stream(&l->joined, l->documents, l->n_documents, l->options->seed | 1, error);
  if (code == BL_OK) code = begin_trainers(l, error);
  if (code == BL_OK) code = begin_learned(l, cast, error);
  l->next_sequence = l->packing.n_sequences; /* none: the first pass is packed at the first step */
  return code;
}

static bl_code step(learning *l, bl_error *error) {
  bl_train_report report;
  bl_code code = fill_next(l, error);
  const bl_train_batch batch = {l->n_sequences, l->ids, l->targets, l->starts};
  if (code == BL_OK) code = bl_trainer_accumulate(l->student, &batch, error);
  if (code == BL_OK) code = bl_learned_step(l->student, &report, error);
  return code;
}

static bl_code go(learning *l, bl_progress_fn on_progress, void *context, bl_error *error) {
  const int64_t n = l->options->n_steps, every = n / (JUDGED - 1) + 1;
  bl_code code = judge(l, error);
  bool goes_on = true;
  for (int64_t done = 0; code == BL_OK && goes_on && done < n;) {
    goes_on = !on_progress || on_progress(context, done, n);
    if (goes_on) code = step(l, error);
    if (code == BL_OK) done = l->report->n_steps = l->student->step;
    if (code == BL_OK && (!goes_on || done == n || done % every == 0)) code = judge(l, error);
  }
  return code;
}

/* For whoever is told how the codes were chosen. */
static void tell(const learning *l) {
  const bl_learn_report *r = l->report;
  bl_copy_sentence(l->model->learned, sizeof l->model->learned,
                   "%lld steps; KL from the original on text held out: %.3g to %.3g by documents, "
                   "%.3g to %.3g joined",
                   (long long)r->kept_step, r->before[APART], r->after[APART], r->before[JOINED],
                   r->after[JOINED]);
}

static void end(learning *l) {
  bl_trainer_free(l->student);
  bl_trainer_free(l->teacher);
  bl_train_packing_free(&l->packing);
  free(l->documents);
  free(l->joined.order);
  free(l->ids);
}

bl_code bl_learn_check(const bl_model *reference, const bl_recipe *recipe, bl_error *error) {
  const bl_config config = plain_config(reference);
  bl_error own = {0};
  if (!bl_recipe_learns(recipe)) return BL_OK;
  if (bl_train_check(&config, &own) == BL_OK) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "recipe: '+dwq' and '+distill' learn only models of the Llama family: %s",
                 own.message);
}

bl_code bl_learn(bl_model *model, const bl_model *reference, bl_dtype cast,
                 const bl_learn_options *options, bl_progress_fn on_progress, void *context,
                 bl_learn_report *report, bl_error *error) {
  bl_learn_options own = *options;
  if (own.n_steps == 0) own.n_steps = BL_LEARN_STEPS;
  learning l = {.options = &own, .model = model, .reference = reference, .report = report};
  bl_error reason = {0};
  *report = (bl_learn_report){0};
  int n_learned = 0;
  for (int i = 0; i < model->n_weights; i++)
    n_learned += methods_of(model, &model->weights[i]) != 0;
  if (n_learned == 0) return BL_OK;
  bl_code code = bl_learn_check(reference, &model->recipe, &reason);
  if (code == BL_OK) code = begin(&l, cast, &reason);
  if (code == BL_OK) code = go(&l, on_progress, context, &reason);
  if (code == BL_OK) tell(&l);
  end(&l);
  if (code != BL_OK && error) *error = reason;
  return code;
}
