/* Learning the codes, scales and norms of a quantized model from the model that it was made from:
 * the methods dwq and distill.
 *
 * The loss is KL(reference || model) at every token of a text, at temperature 1 (Hinton et al.
 * 2015); what moves is in learned.h, by Adam with a short warm-up and half a cosine. Odd steps read
 * documents apart, even ones joined: a model that has learned from one way of reading alone gains
 * less in the other. A part of the text is held out, and judged by: the mean, over both ways of
 * reading, of the divergence as a share of what it was. The model always holds what was best. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/number.h"
#include "model/model.h"
#include "quant/method.h"
#include "quant/recipe.h"
#include "text/parts.h"
#include "train/learn_text.h"
#include "train/learned.h"

enum {
  WARMUP = 20,
  JUDGED = 5, /* times in all */
};

typedef struct learning {
  const bl_learn_options *options;
  bl_model *model;
  const bl_model *reference;
  bl_trainer *student, *teacher;
  bl_learn_text text;
  double best; /* share of the divergence at the beginning */
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

/* ---- judging --------------------------------------------------------------------------------- */

typedef struct sums {
  bl_trainer *student;
  double loss;
  int64_t n_targets;
} sums;

static bl_code add_batch(void *context, const bl_train_batch *batch, bl_error *error) {
  sums *s = context;
  return bl_trainer_evaluate(s->student, batch, &s->loss, &s->n_targets, error);
}

/* The divergence over what is held out, read in one of the two ways. */
static bl_code measure(learning *l, bl_reading reading, double *divergence, bl_error *error) {
  sums s = {.student = l->student};
  bl_code code = bl_learn_text_held(&l->text, reading, add_batch, &s, error);
  *divergence = s.n_targets > 0 ? s.loss / (double)s.n_targets : 0;
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
    bl_code code = measure(l, (bl_reading)way, &now[way], error);
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
      .n_sequences = l->text.n_sequences,
      .n_context = l->text.n_context,
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

uint64_t bl_learn_bytes(const bl_model *reference, const bl_learn_options *options) {
  learning l = {.options = options, .reference = reference};
  bl_learn_text_sizes(&l.text, options, reference->config.max_context);
  const bl_config config = plain_config(reference);
  const bl_train_options each = train_options(&l);
  const uint64_t student = bl_train_bytes(&config, &each, BL_TRAIN_TO_LEARN);
  const uint64_t teacher = bl_train_bytes(&config, &each, BL_TRAIN_TO_TEACH);
  return student < UINT64_MAX - teacher ? student + teacher : UINT64_MAX;
}

static bl_code begin(learning *l, bl_dtype cast, bl_error *error) {
  const bl_tokenizer *tokenizer = l->reference->tokenizer;
  const bl_config *config = &l->reference->config;
  l->text.n_vocab = config->vocab_size;
  l->text.bos = tokenizer && tokenizer->before.n > 0 ? tokenizer->before.ids[0] : -1;
  bl_code code = bl_learn_text_begin(&l->text, l->options, config->max_context, error);
  if (code == BL_OK) code = begin_trainers(l, error);
  if (code == BL_OK) code = begin_learned(l, cast, error);
  return code;
}

static bl_code step(learning *l, bl_error *error) {
  const bl_reading reading = l->student->step % 2 == 0 ? BL_READ_APART : BL_READ_JOINED;
  bl_train_batch batch;
  bl_train_report report;
  bl_code code = bl_learn_text_next(&l->text, reading, &batch, error);
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
                   (long long)r->kept_step, r->before[BL_READ_APART], r->after[BL_READ_APART],
                   r->before[BL_READ_JOINED], r->after[BL_READ_JOINED]);
}

static void end(learning *l) {
  bl_trainer_free(l->student);
  bl_trainer_free(l->teacher);
  bl_learn_text_end(&l->text);
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
