/* Making a trainer, and pushing batches through it. */
#include "train/trainer.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/arrays.h"
#include "base/json.h"
#include "model/blocks.h"
#include "model/model.h"
#include "model/rope.h"
#include "train/learned.h"

/* ---- memory --------------------------------------------------------------------------------- */

/* Room for one more array in a list of `capacity`. */
typedef struct array_list {
  bl_array *arrays;
  int n;
} array_list;

static void want(array_list *list, float **at, int64_t rows, int64_t cols) {
  list->arrays[list->n++] = (bl_array){at, (uint64_t)rows, (uint64_t)cols};
}

/* Places every array, and clears it: pages are then there before the first step. */
static bl_code place(bl_trainer *t, const array_list *list, bl_error *error) {
  uint64_t n_bytes;
  t->memory = bl_place_arrays(list->arrays, list->n, &n_bytes);
  if (!t->memory)
    return bl_fail(error, BL_ERR_MEMORY,
                   "out of memory: training with %d sequences of %d tokens at a time needs %llu "
                   "MB; take fewer at a time",
                   t->options.n_sequences, t->options.n_context,
                   (unsigned long long)(n_bytes >> 20));
  memset(t->memory, 0, (size_t)n_bytes);
  return BL_OK;
}

static void want_layer(array_list *list, const bl_config *c, bl_saved *s, int64_t tokens) {
  int64_t q = (int64_t)c->n_heads * c->head_dim, kv = (int64_t)c->n_kv_heads * c->head_dim;
  want(list, &s->x, tokens, c->dim);
  want(list, &s->attn_scale, tokens, 1);
  want(list, &s->h, tokens, c->dim);
  want(list, &s->q, tokens, q);
  want(list, &s->k, tokens, kv);
  want(list, &s->v, tokens, kv);
  want(list, &s->log_sum, tokens, c->n_heads);
  want(list, &s->mixed, tokens, q);
  want(list, &s->x_mid, tokens, c->dim);
  want(list, &s->ffn_scale, tokens, 1);
  want(list, &s->h_mid, tokens, c->dim);
  want(list, &s->gate, tokens, c->ffn_dim);
  want(list, &s->up, tokens, c->ffn_dim);
}

enum { LAYER_ARRAYS = 13, OTHER_ARRAYS = 34 };

/* Where arrays go that are not of floats. */
typedef struct other_arrays {
  float *losses, *norms, *clipped;
} other_arrays;

/* Lists all arrays of a trainer; the list is to be freed. */
static bl_code list_arrays(bl_trainer *t, array_list *list, other_arrays *other, bl_error *error) {
  const bl_config *c = &t->config;
  int64_t tokens = (int64_t)t->options.n_sequences * t->options.n_context;
  int64_t q = (int64_t)c->n_heads * c->head_dim, kv = (int64_t)c->n_kv_heads * c->head_dim;
  int64_t blocks = tokens / BL_TRAIN_BLOCK + 1;
  int64_t logits = tokens < BL_TRAIN_LOGITS ? tokens : BL_TRAIN_LOGITS;
  int64_t half = c->head_dim / 2, context = t->options.n_context;
  t->work_size = BL_GEMM_WORK;
  t->rows_size = (int64_t)BL_TRAIN_BLOCK * (c->dim + c->ffn_dim);
  t->scores_size = 2 * (int64_t)BL_TRAIN_QUERIES * context;

  size_t capacity = (size_t)c->n_layers * LAYER_ARRAYS + OTHER_ARRAYS;
  list->arrays = calloc(capacity, sizeof(bl_array));
  if (!list->arrays) return bl_fail_memory(error, capacity * sizeof(bl_array));
  const bool rounds = !bl_recipe_is_reference(&t->options.quantize);
  want(list, &t->values, t->n_values, 1);
  if (t->use != BL_TRAIN_TO_TEACH) {
    want(list, &t->means, t->n_values, 1);
    want(list, &t->squares, t->n_values, 1);
    want(list, &t->gradients, t->n_values, 1);
  }
  want(list, &t->packed, t->n_packed, 1);
  if (rounds || t->use == BL_TRAIN_TO_LEARN) want(list, &t->rounded, t->n_values, 1);
  if (rounds) want(list, &other->clipped, t->n_values / 4 + 1, 1); /* bytes */
  want(list, &t->rope_cos, context, half);
  want(list, &t->rope_sin, context, half);
  want(list, &t->rope_unsin, context, half);
  for (int l = 0; l < c->n_layers; l++) want_layer(list, c, &t->saved[l], tokens);
  want(list, &t->x, tokens, c->dim);
  want(list, &t->final_scale, tokens, 1);
  want(list, &t->h, tokens, c->dim);
  want(list, &t->act, tokens, c->ffn_dim);
  want(list, &t->logits, logits, c->vocab_size);
  want(list, &other->losses, tokens, 2); /* doubles */
  want(list, &t->dx, tokens, c->dim);
  want(list, &t->dx_mid, tokens, c->dim);
  want(list, &t->dmixed, tokens, q);
  want(list, &t->dq, tokens, q);
  want(list, &t->dk, tokens, kv);
  want(list, &t->dv, tokens, kv);
  want(list, &t->dgate, tokens, c->ffn_dim);
  want(list, &t->dup, tokens, c->ffn_dim);
  want(list, &t->dnorm, blocks, c->dim);
  want(list, &other->norms, bl_train_n_slices(t), 2); /* doubles */
  want(list, &t->work, t->n_threads, t->work_size);
  want(list, &t->rows, t->n_threads, t->rows_size);
  want(list, &t->scores, t->n_threads, t->scores_size);
  return BL_OK;
}

static bl_code allocate(bl_trainer *t, bl_error *error) {
  array_list list = {0};
  other_arrays other = {0};
  bl_code code = list_arrays(t, &list, &other, error);
  if (code == BL_OK) code = place(t, &list, error);
  free(list.arrays);
  if (code != BL_OK) return code;
  t->losses = (double *)(void *)other.losses;
  t->norms = (double *)(void *)other.norms;
  t->clipped = (int8_t *)(void *)other.clipped;
  return BL_OK;
}

/* ---- making one ----------------------------------------------------------------------------- */

/* A model that can be run but not trained here is refused by name of what it has. */
bl_code bl_train_check(const bl_config *c, bl_error *error) {
  const struct {
    bool present;
    const char *what;
  } refused[] = {{!bl_steps_are_llamas(&c->block), "another block than Llama's"},
                 {c->qkv_bias || c->o_bias, "biases in attention"},
                 {c->mlp_bias, "biases in the feed-forward block"},
                 {c->qk_norm, "norms on queries and keys"},
                 {c->window != 0, "a window of attention"},
                 {c->rope_attention != 0, "rotary positions that yarn or longrope stretches"},
                 {!bl_family_entry_of(c->family, bl_config_has(c), BL_Q),
                  "query, key and value in one matrix"},
                 {c->mlx_group != 0, "quantized weights"}};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (refused[i].present)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "config.json: the model has %s, which can't be trained", refused[i].what);
  return BL_OK;
}

static bl_code check_options(const bl_config *c, const bl_train_options *o, bl_error *error) {
  if (o->n_context < 1 || o->n_context > c->max_context)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the context is %d tokens, expected 1 to %d (max_position_embeddings)",
                   o->n_context, c->max_context);
  if (o->n_sequences < 1 || (int64_t)o->n_sequences * o->n_context > INT32_MAX)
    return bl_fail(error, BL_ERR_ARGUMENT, "%d sequences of %d tokens can't go through together",
                   o->n_sequences, o->n_context);
  bool ok = o->learning_rate >= 0 && o->final_rate >= 0 && o->warmup_steps >= 0 &&
            o->n_steps >= 0 && o->beta1 >= 0 && o->beta1 < 1 && o->beta2 >= 0 && o->beta2 < 1 &&
            o->epsilon > 0 && o->weight_decay >= 0 && o->max_norm >= 0 && o->init_std >= 0;
  if (ok) return BL_OK;
  return bl_fail(error, BL_ERR_ARGUMENT,
                 "the optimizer's settings are out of range: rates, steps, weight decay, norm and "
                 "deviation are 0 or more, betas from 0 to below 1, epsilon above 0");
}

static bl_code read_config(const char *config, size_t config_size, bl_config *read,
                           bl_error *error) {
  cJSON *json = NULL;
  bl_code code = bl_json_parse("config.json", config, config_size, &json, error);
  if (code == BL_OK) code = bl_config_from_json("config.json", json, read, error);
  cJSON_Delete(json);
  return code;
}

bl_trainer *bl_train_make(const bl_config *config, const float *rope_factors,
                          const bl_train_options *options, bl_train_use use, bl_error *error) {
  bl_trainer *t = calloc(1, sizeof *t);
  if (!t) {
    bl_fail_memory(error, sizeof *t);
    return NULL;
  }
  t->config = *config;
  t->use = use;
  t->options = *options;
  t->n_threads = bl_pool_threads(options->pool);
  t->kernels = options->bf16 && !options->kernels ? bl_train_kernels_find("amx") : NULL;
  if (!t->kernels) t->kernels = bl_train_kernels_find(options->kernels);
  bl_code code = BL_OK;
  if (!t->kernels)
    code = bl_fail(error, BL_ERR_ARGUMENT, "there are no training kernels '%.64s' on this machine",
                   options->kernels);
  if (code == BL_OK) code = bl_train_check(&t->config, error);
  if (code == BL_OK) code = check_options(&t->config, options, error);
  if (code == BL_OK) code = bl_train_list_params(t, error);
  if (code == BL_OK) code = bl_train_choose_formats(t, error);
  if (code == BL_OK) code = allocate(t, error);
  if (code != BL_OK) {
    bl_trainer_free(t);
    return NULL;
  }
  t->options.kernels = t->kernels->name;
  bl_train_place_params(t);
  bl_train_init_params(t);
  bl_rope_table(&t->config, rope_factors, t->options.n_context, t->rope_cos, t->rope_sin);
  int64_t n_angles = (int64_t)t->options.n_context * (t->config.head_dim / 2);
  for (int64_t i = 0; i < n_angles; i++) t->rope_unsin[i] = -t->rope_sin[i];
  return t;
}

uint64_t bl_train_bytes(const bl_config *config, const bl_train_options *options,
                        bl_train_use use) {
  bl_trainer t = {.config = *config,
                  .use = use,
                  .options = *options,
                  .n_threads = bl_pool_threads(options->pool)};
  array_list list = {0};
  other_arrays other;
  bl_code code = bl_train_list_params(&t, NULL);
  if (code == BL_OK) code = list_arrays(&t, &list, &other, NULL);
  const uint64_t n_bytes = code == BL_OK ? bl_array_bytes(list.arrays, list.n) : UINT64_MAX;
  free(list.arrays);
  free(t.saved);
  free(t.layers);
  free(t.params);
  return n_bytes;
}

bl_trainer *bl_trainer_new(const char *config, size_t config_size, const bl_train_options *options,
                           bl_error *error) {
  bl_config read;
  if (read_config(config, config_size, &read, error) != BL_OK) return NULL;
  return bl_train_make(&read, NULL, options, BL_TRAIN_TO_TRAIN, error);
}

void bl_trainer_free(bl_trainer *trainer) {
  if (!trainer) return;
  for (int i = 0; trainer->params && i < trainer->n_params; i++)
    bl_learned_free(trainer->params[i].learned);
  bl_aligned_free(trainer->memory);
  free(trainer->saved);
  free(trainer->layers);
  free(trainer->params);
  free(trainer);
}

int64_t bl_trainer_n_params(const bl_trainer *trainer) {
  int64_t n = 0;
  for (int i = 0; i < trainer->n_params; i++)
    n += trainer->params[i].n_rows * trainer->params[i].n_cols;
  return n;
}

int64_t bl_trainer_n_steps_done(const bl_trainer *trainer) {
  return trainer->step;
}

const char *bl_trainer_kernels(const bl_trainer *trainer) {
  return trainer->kernels->name;
}

bl_code bl_trainer_set_teacher(bl_trainer *t, bl_trainer *teacher, bl_error *error) {
  if (teacher == t || teacher->config.vocab_size != t->config.vocab_size)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the teacher's vocabulary has %d tokens, the model's %d: it must be another "
                   "model of the same tokens",
                   teacher->config.vocab_size, t->config.vocab_size);
  if (teacher->options.n_context != t->options.n_context ||
      teacher->options.n_sequences < t->options.n_sequences || teacher->n_threads != t->n_threads)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the teacher takes %d sequences of %d tokens, expected %d of %d, on the same "
                   "threads",
                   teacher->options.n_sequences, teacher->options.n_context, t->options.n_sequences,
                   t->options.n_context);
  t->teacher = teacher;
  return BL_OK;
}

bl_code bl_trainer_take_weights(bl_trainer *t, const bl_model *model, bl_error *error) {
  const bl_config *own = &t->config, *other = &model->config;
  if (own->n_layers != other->n_layers)
    return bl_fail(error, BL_ERR_ARGUMENT, "the model has %d layers, the recipe's config.json %d",
                   other->n_layers, own->n_layers);
  if (own->tied_output && !other->tied_output)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the model has an output matrix of its own, the recipe's config.json says that "
                   "it is the embedding");
  if (!own->tied_output && other->tied_output)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the model's output matrix is the embedding, the recipe's config.json says that "
                   "it is one of its own");
  if (own->rope_scaling != other->rope_scaling || own->rope_factor != other->rope_factor ||
      own->rope_low_freq_factor != other->rope_low_freq_factor ||
      own->rope_high_freq_factor != other->rope_high_freq_factor ||
      own->rope_original_context != other->rope_original_context)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the model's rope_scaling is not that of the recipe's config.json: its weights "
                   "would mean something else");
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    bool has = false;
    for (int j = 0; !has && j < t->n_params; j++)
      has = t->params[j].role == weight->role && t->params[j].layer == weight->layer;
    if (!has)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "%.96s: the model has it, the recipe's config.json does not", weight->name);
  }
  if (own->rope_theta != other->rope_theta || own->norm_eps != other->norm_eps ||
      own->n_heads != other->n_heads)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the model has %d heads, rope_theta %g and rms_norm_eps %g, and the recipe's "
                   "config.json %d, %g and %g: its weights would mean something else",
                   other->n_heads, other->rope_theta, other->norm_eps, own->n_heads,
                   own->rope_theta, own->norm_eps);
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    const bl_tensor *tensor = bl_model_tensor(model, p->role, p->layer);
    if (!tensor || tensor->n_rows != p->n_rows || tensor->n_cols != p->n_cols) {
      char name[96];
      bl_role_name(own, p->role, p->layer, name, sizeof name);
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "%s: the model's is %lld x %lld, the recipe's config.json expects %lld x %lld",
                     name, (long long)(tensor ? tensor->n_rows : 0),
                     (long long)(tensor ? tensor->n_cols : 0), (long long)p->n_rows,
                     (long long)p->n_cols);
    }
  }
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    const bl_tensor *tensor = bl_model_tensor(model, p->role, p->layer);
    for (int64_t row = 0; row < p->n_rows; row++)
      bl_tensor_decode_row(tensor, row, p->value + row * p->n_cols);
  }
  t->is_packed = false;
  return BL_OK;
}

/* ---- batches -------------------------------------------------------------------------------- */

/* Checks a batch and makes it the one that goes through. */
static bl_code take_batch(bl_trainer *t, const bl_train_batch *batch, bl_error *error) {
  int n_context = t->options.n_context, vocab_size = t->config.vocab_size;
  if (batch->n_sequences < 1 || batch->n_sequences > t->options.n_sequences)
    return bl_fail(error, BL_ERR_ARGUMENT, "the batch has %d sequences, expected 1 to %d",
                   batch->n_sequences, t->options.n_sequences);
  int64_t n = (int64_t)batch->n_sequences * n_context;
  for (int64_t i = 0; i < n; i++) {
    int position = (int)(i % n_context);
    if (batch->ids[i] < 0 || batch->ids[i] >= vocab_size)
      return bl_fail(error, BL_ERR_ARGUMENT, "token %lld has id %d, expected 0 to %d", (long long)i,
                     batch->ids[i], vocab_size - 1);
    if (batch->targets[i] < -1 || batch->targets[i] >= vocab_size)
      return bl_fail(error, BL_ERR_ARGUMENT, "target %lld is %d, expected -1 to %d", (long long)i,
                     batch->targets[i], vocab_size - 1);
    if (!batch->starts) continue;
    int least = position == 0 ? 0 : batch->starts[i - 1];
    if (batch->starts[i] < least || batch->starts[i] > position)
      return bl_fail(error, BL_ERR_ARGUMENT, "start %lld is %d, expected %d to %d", (long long)i,
                     batch->starts[i], least, position);
  }
  t->ids = batch->ids;
  t->targets = batch->targets;
  t->starts = batch->starts;
  t->n_sequences = batch->n_sequences;
  t->n_tokens = (int)n;
  return BL_OK;
}

/* Adds the batch's losses, in order. */
static void sum_losses(const bl_trainer *t, double *loss, int64_t *n_targets) {
  for (int i = 0; i < t->n_tokens; i++) {
    *loss += t->losses[i];
    *n_targets += t->targets[i] >= 0;
  }
}

/* The batch through the model, and through its teacher. */
static void forward(bl_trainer *t) {
  bl_trainer *teacher = t->teacher;
  bl_train_pack_params(t);
  bl_train_forward(t);
  if (!teacher) return;
  teacher->ids = t->ids;
  teacher->targets = t->targets;
  teacher->starts = t->starts;
  teacher->n_sequences = t->n_sequences;
  teacher->n_tokens = t->n_tokens;
  bl_train_pack_params(teacher);
  bl_train_forward(teacher);
}

bl_code bl_trainer_accumulate(bl_trainer *trainer, const bl_train_batch *batch, bl_error *error) {
  bl_code code = take_batch(trainer, batch, error);
  if (code != BL_OK) return code;
  forward(trainer);
  bl_train_loss(trainer, true);
  bl_train_backward(trainer);
  sum_losses(trainer, &trainer->loss, &trainer->n_targets);
  return BL_OK;
}

bl_code bl_trainer_evaluate(bl_trainer *trainer, const bl_train_batch *batch, double *loss,
                            int64_t *n_targets, bl_error *error) {
  bl_code code = take_batch(trainer, batch, error);
  if (code != BL_OK) return code;
  forward(trainer);
  bl_train_loss(trainer, false);
  sum_losses(trainer, loss, n_targets);
  return BL_OK;
}
