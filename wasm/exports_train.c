/* Quantization-aware training, for JavaScript; the conventions are those of exports.c, and
 * wasm/train.ts is the only caller. Only the module of the trainer has this (wasm/build.mjs). Long
 * work is cut up by the caller, a sequence at a time. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "exports.h"
#include "train/packing.h"

/* A model that learns through the rounding of a format what it predicted before it. */
typedef struct training {
  bl_trainer *student, *teacher;
  bl_train_options options;
  uint16_t *corpus;
  int32_t end;                  /* the token that ends a document */
  bl_train_document *documents; /* those to learn from, then those held out */
  size_t n_documents, n_held_out;
  bl_train_packing packing, held_out; /* of this pass over the documents; and of the others */
  uint64_t pass;
  size_t next_sequence; /* of the packing */
  int sequences_per_step, n_accumulated;
  int64_t n_tokens;                /* read since the beginning */
  int32_t *ids, *targets, *starts; /* (n_context) */
  bl_train_report report;
  double numbers[6];
} training;

EXPORT(bw_training_free) void bw_training_free(training *t) {
  if (!t) return;
  bl_trainer_free(t->student);
  bl_trainer_free(t->teacher);
  bl_train_packing_free(&t->packing);
  bl_train_packing_free(&t->held_out);
  free(t->corpus);
  free(t->documents);
  free(t->ids);
  free(t);
}

static bl_code out_of_memory(size_t n_bytes) {
  return bl_fail_memory(&bw_last_error, n_bytes);
}

/* ---- what is read --------------------------------------------------------------------------- */

static bl_code copy_corpus(training *t, const int32_t *ids, size_t n_ids) {
  t->corpus = malloc((n_ids + 1) * sizeof *t->corpus);
  if (!t->corpus) return out_of_memory(n_ids * sizeof *t->corpus);
  for (size_t i = 0; i < n_ids; i++) {
    if (ids[i] < 0 || ids[i] > UINT16_MAX)
      return bl_fail(&bw_last_error, BL_ERR_ARGUMENT, "token %zu has id %d, expected 0 to %d", i,
                     ids[i], UINT16_MAX);
    t->corpus[i] = (uint16_t)ids[i];
  }
  return BL_OK;
}

/* The last twentieth is held out, as `bitloss train` has it of a lone file. */
static bl_code cut(training *t, size_t n_ids) {
  uint64_t at = 0;
  size_t n = 0;
  bl_train_document document;
  while (bl_train_next_document(t->corpus, n_ids, t->end, &at, &document)) n++;
  t->n_held_out = n / 20 + 1;
  if (n <= t->n_held_out)
    return bl_fail(&bw_last_error, BL_ERR_INPUT,
                   "The text has %zu documents, expected some to train on and some to hold out", n);
  t->documents = malloc(n * sizeof *t->documents);
  if (!t->documents) return out_of_memory(n * sizeof *t->documents);
  at = 0;
  for (size_t i = 0; i < n; i++)
    bl_train_next_document(t->corpus, n_ids, t->end, &at, &t->documents[i]);
  t->n_documents = n - t->n_held_out;
  return bl_train_pack(&t->held_out, t->documents + t->n_documents, t->n_held_out,
                       t->options.n_context, 0, &bw_last_error);
}

static bl_code pack_pass(training *t) {
  t->next_sequence = 0;
  return bl_train_pack_pass(&t->packing, t->documents, t->n_documents, t->options.n_context,
                            t->options.seed, t->pass, &bw_last_error);
}

static bl_train_batch row(training *t, const bl_train_packing *packing, size_t sequence) {
  bl_train_fill_row(packing, sequence, t->corpus, t->end, t->options.n_context, t->ids, t->targets,
                    t->starts);
  return (bl_train_batch){1, t->ids, t->targets, t->starts};
}

/* ---- beginning ------------------------------------------------------------------------------ */

static bl_code begin_trainers(training *t, const bl_model *model, const char *config,
                              size_t config_size) {
  bl_train_options plain = t->options;
  plain.quantize = (bl_recipe){0};
  t->student = bl_trainer_new(config, config_size, &t->options, &bw_last_error);
  if (!t->student) return bw_last_error.code;
  t->teacher = bl_trainer_new(config, config_size, &plain, &bw_last_error);
  if (!t->teacher) return bw_last_error.code;
  bl_code code = bl_trainer_take_weights(t->student, model, &bw_last_error);
  if (code == BL_OK) code = bl_trainer_take_weights(t->teacher, model, &bw_last_error);
  if (code == BL_OK) code = bl_trainer_set_teacher(t->student, t->teacher, &bw_last_error);
  return code;
}

static bl_code begin(training *t, const bl_model *model, const char *config, size_t config_size,
                     const int32_t *ids, size_t n_ids, int32_t end) {
  const size_t n_context = (size_t)t->options.n_context;
  t->ids = malloc(3 * n_context * sizeof *t->ids);
  if (!t->ids) return out_of_memory(3 * n_context * sizeof *t->ids);
  t->targets = t->ids + n_context;
  t->starts = t->targets + n_context;
  t->end = end;
  bl_code code = begin_trainers(t, model, config, config_size);
  if (code == BL_OK) code = copy_corpus(t, ids, n_ids);
  if (code == BL_OK) code = cut(t, n_ids);
  if (code == BL_OK) code = pack_pass(t);
  return code;
}

static bool settle(training *t, const char *recipe, const double *settings) {
  bl_train_options *o = &t->options;
  *o = (bl_train_options){
      .n_sequences = 1,
      .n_context = (int)settings[0],
      .n_steps = (int64_t)settings[2],
      .warmup_steps = (int64_t)settings[3],
      .learning_rate = settings[4],
      .beta1 = settings[5],
      .beta2 = settings[6],
      .epsilon = 1e-8,
      .max_norm = settings[7],
      .seed = (uint64_t)settings[8],
  };
  if (bl_recipe_parse(recipe, &o->quantize, &bw_last_error) != BL_OK) return false;
  if (o->quantize.activations != BL_ACTIVATIONS_FLOAT || bl_recipe_is_reference(&o->quantize)) {
    bl_fail(&bw_last_error, BL_ERR_ARGUMENT,
            "'%.96s' rounds no weights alone: training goes through the rounding of weights",
            recipe);
    return false;
  }
  if (o->n_context < 1) {
    bl_fail(&bw_last_error, BL_ERR_ARGUMENT, "the context is %d tokens, expected 1 or more",
            o->n_context);
    return false;
  }
  t->sequences_per_step = (int)settings[1] / o->n_context;
  if (t->sequences_per_step < 1) t->sequences_per_step = 1;
  return true;
}

/* Begins with the model's weights; the model's own predictions are what is learned. `config` is its
 * config.json, `ids` the text, whose documents end with token `end`; `settings` are, in this order,
 * the context, tokens of a step, steps, steps of the warm-up, the highest rate, beta1, beta2, the
 * gradient's greatest norm and the seed. Nothing is borrowed. NULL on an error. */
EXPORT(bw_training_new)
training *bw_training_new(const bl_model *model, const char *config, size_t config_size,
                          const char *recipe, const int32_t *ids, size_t n_ids, int32_t end,
                          const double *settings) {
  training *t = calloc(1, sizeof *t);
  if (!t) {
    out_of_memory(sizeof *t);
    return NULL;
  }
  if (settle(t, recipe, settings) && begin(t, model, config, config_size, ids, n_ids, end) == BL_OK)
    return t;
  bw_training_free(t);
  return NULL;
}

/* ---- going on ------------------------------------------------------------------------------- */

/* Reads one more sequence, and with the last one of a step moves the weights: 1 then, 0 before, -1
 * on an error. */
EXPORT(bw_training_advance) int bw_training_advance(training *t) {
  if (t->next_sequence == t->packing.n_sequences) {
    t->pass++;
    if (pack_pass(t) != BL_OK) return -1;
  }
  bl_train_batch batch = row(t, &t->packing, t->next_sequence++);
  if (bl_trainer_accumulate(t->student, &batch, &bw_last_error) != BL_OK) return -1;
  t->n_tokens += t->options.n_context;
  if (++t->n_accumulated < t->sequences_per_step) return 0;
  t->n_accumulated = 0;
  return bl_trainer_step(t->student, &t->report, &bw_last_error) == BL_OK ? 1 : -1;
}

/* step, loss, its running mean, norm of the gradient, learning rate; tokens read, those of a step
 * under way counted. Of the last step. */
EXPORT(bw_training_report) const double *bw_training_report(training *t) {
  t->numbers[0] = (double)t->report.step;
  t->numbers[1] = t->report.loss;
  t->numbers[2] = t->report.smoothed_loss;
  t->numbers[3] = t->report.gradient_norm;
  t->numbers[4] = t->report.learning_rate;
  t->numbers[5] = (double)t->n_tokens;
  return t->numbers;
}

EXPORT(bw_training_n_held_out) int bw_training_n_held_out(const training *t) {
  return (int)t->held_out.n_sequences;
}

/* The sum of KL(before || now) over the tokens of a sequence that is held out, in nats, and how
 * many tokens; NULL on an error. */
EXPORT(bw_training_held_out) const double *bw_training_held_out(training *t, int sequence) {
  double loss = 0;
  int64_t n = 0;
  if (sequence < 0 || (size_t)sequence >= t->held_out.n_sequences) {
    bl_fail(&bw_last_error, BL_ERR_ARGUMENT, "sequence %d is not held out", sequence);
    return NULL;
  }
  bl_train_batch batch = row(t, &t->held_out, (size_t)sequence);
  if (bl_trainer_evaluate(t->student, &batch, &loss, &n, &bw_last_error) != BL_OK) return NULL;
  t->numbers[0] = loss;
  t->numbers[1] = (double)n;
  return t->numbers;
}

/* Bytes that grow as they are written. */
typedef struct bytes {
  uint8_t *at;
  size_t size, capacity;
} bytes;

static bool append(void *context, const void *more, size_t n) {
  bytes *b = context;
  if (b->size + n > b->capacity) {
    const size_t capacity = (b->size + n) * 3 / 2;
    uint8_t *grown = realloc(b->at, capacity);
    if (!grown) return false;
    b->at = grown;
    b->capacity = capacity;
  }
  if (n > 0) memcpy(b->at + b->size, more, n);
  b->size += n;
  return true;
}

/* The weights as they are, a safetensors file in bf16: under the recipe it becomes, to the bit,
 * what was trained. Returns the address of its bytes, which the caller frees, and their number in
 * *size; NULL on an error. What a step under way has gathered is not in it. */
EXPORT(bw_training_export) uint8_t *bw_training_export(const training *t, size_t *size) {
  bytes file = {0};
  if (bl_trainer_export(t->student, BL_BF16, append, &file, &bw_last_error) == BL_OK) {
    *size = file.size;
    return file.at;
  }
  free(file.at);
  return NULL;
}
