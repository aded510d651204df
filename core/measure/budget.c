/* What a model needs, from its config alone: the same tensors and the same choice of formats as
 * where it is loaded, without the weights. */
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/number.h"
#include "measure/budget_shapes.h"
#include "model/session.h"
#include "model/target.h"

static const char file_name[] = "config.json";

enum {
  DEFAULT_BATCH = 64,
  MAX_BATCH = 1 << 20,
  LOGIT_ROWS = 16, /* as in a session */
};

/* ---- weights -------------------------------------------------------------------------------- */

/* The sums so far. */
typedef struct tally {
  const bl_architecture *a;
  bl_load_options load; /* the recipe */
  bl_dtype dtype;
  int64_t params[BL_N_SHARES];
  uint64_t n_params, weight_bytes;
  uint64_t vector_floats; /* of all vectors, as a session decodes them */
  int64_t max_cols;
  bl_code code;
  bl_error *error;
} tally;

/* Adds a tensor that is stored as `source`. Of the weight its role, layer and name count. */
static bool add_tensor(tally *t, const bl_weight *weight, int64_t n_rows, int64_t n_cols,
                       const bl_format *source) {
  bl_format format = bl_target_format(&t->load, &t->a->config, weight, n_rows, n_cols, source);
  uint64_t n, n_bytes = bl_format_bytes(&format, n_rows, n_cols);
  bool fits = bl_mul_u64((uint64_t)n_rows, (uint64_t)n_cols, &n) &&
              bl_add_u64(t->n_params, n, &t->n_params) && t->n_params <= INT64_MAX / 64 &&
              n_bytes != UINT64_MAX && bl_add_u64(t->weight_bytes, n_bytes, &t->weight_bytes);
  if (!fits) {
    t->code = bl_fail(t->error, BL_ERR_INPUT,
                      "%s: the model has more than 10^17 parameters, expected one that can exist",
                      file_name);
    return false;
  }
  t->params[bl_role_share(weight->role)] += (int64_t)n;
  if (n_rows == 1) t->vector_floats += ((uint64_t)n_cols + 15) / 16 * 16;
  if (n_cols > t->max_cols) t->max_cols = n_cols;
  return true;
}

static bool count_tensor(void *context, const bl_shape *tensor) {
  tally *t = context;
  bl_shape shape = *tensor;
  bl_format source;
  t->code = bl_architecture_format(file_name, t->a, &shape, t->dtype, &source, t->error);
  if (t->code != BL_OK) return false;
  const bl_weight weight = {.role = shape.role, .layer = shape.layer, .name = shape.name};
  return add_tensor(t, &weight, shape.n_rows, shape.n_cols, &source);
}

/* ---- work space ----------------------------------------------------------------------------- */

/* One array of floats, each on a multiple of 64 bytes as in session.c. The bounds of the config
 * keep every such product below 2^62. */
static uint64_t array_bytes(int64_t n_rows, int64_t n_cols) {
  return ((uint64_t)n_rows * (uint64_t)n_cols * sizeof(float) + 63) / 64 * 64;
}

static uint64_t matmul_bytes(int64_t n_cols, int64_t n_tokens, bl_activations activations) {
  return (bl_matmul_work_bytes(n_cols, n_tokens, 1, activations) / 64 + 1) * 64;
}

/* What a session of one thread takes beside its cache; test_budget.c compares it with one. */
static uint64_t activation_bytes(const tally *t, int64_t n_context, int64_t n_batch) {
  const bl_config *c = &t->a->config;
  int64_t q = (int64_t)c->n_heads * c->head_dim, kv = (int64_t)c->n_kv_heads * c->head_dim;
  int64_t n_queries =
      c->n_heads / c->n_kv_heads * (n_batch < BL_ATTENTION_TOKENS ? n_batch : BL_ATTENTION_TOKENS);
  int64_t longest_row = c->head_dim > n_context ? c->head_dim : n_context;
  uint64_t total = sizeof(bl_session) + (uint64_t)c->n_layers * sizeof(bl_layer);
  total += array_bytes((int64_t)t->vector_floats, 1);
  if (c->block.has_rope) total += 2 * array_bytes(n_context, c->head_dim / 2);
  total += array_bytes(n_queries, c->head_dim) + array_bytes(n_queries, n_context);
  total += matmul_bytes(longest_row, n_queries, BL_ACTIVATIONS_FLOAT);
  total += 2 * array_bytes(n_batch, c->dim); /* x, h */
  total += 2 * array_bytes(n_batch, q);      /* q, mixed */
  total += 2 * array_bytes(n_batch, kv);     /* k, v */
  int64_t n_rows, n_cols;
  if (bl_role_shape(c, BL_QKV, &n_rows, &n_cols)) total += array_bytes(n_batch, n_rows);
  total += 2 * array_bytes(n_batch, c->ffn_dim);
  if (c->block.has_experts)
    total += array_bytes(n_batch, c->n_experts) + 3 * array_bytes(n_batch, c->dim);
  total += array_bytes(n_batch < LOGIT_ROWS ? n_batch : LOGIT_ROWS, c->vocab_size);
  return total + matmul_bytes(t->max_cols, n_batch, t->load.recipe.activations);
}

static uint64_t kv_bytes(const bl_architecture *a, int64_t n_context, bl_dtype dtype) {
  const bl_config *c = &a->config;
  if (c->block.is_encoder) return 0;
  uint64_t per_token = 2 * (uint64_t)c->n_layers * (uint64_t)c->n_kv_heads * (uint64_t)c->head_dim;
  return per_token * (uint64_t)n_context * bl_dtype_size(dtype);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bl_code settle_lengths(const bl_architecture *a, const bl_budget_options *options,
                              int64_t *n_context, int64_t *n_batch, bl_error *error) {
  int64_t limit = a->config.max_context;
  *n_context = options->n_context;
  *n_batch = options->n_batch ? options->n_batch : DEFAULT_BATCH;
  if (*n_context == 0) *n_context = limit < BL_SESSION_CONTEXT ? limit : BL_SESSION_CONTEXT;
  if (*n_context < 1 || *n_context > limit)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the context is %lld tokens, expected 1 to %lld, the model's limit",
                   (long long)*n_context, (long long)limit);
  if (*n_batch < 1 || *n_batch > MAX_BATCH)
    return bl_fail(error, BL_ERR_ARGUMENT, "the batch is %lld tokens, expected 1 to %d",
                   (long long)*n_batch, MAX_BATCH);
  /* In an encoder every token looks at all others: they go through together. */
  if (*n_batch > *n_context || a->config.block.is_encoder) *n_batch = *n_context;
  return BL_OK;
}

static void fill(const tally *t, const bl_budget_options *options, int64_t n_context,
                 int64_t n_batch, bl_budget *budget) {
  *budget = (bl_budget){
      .n_params = (int64_t)t->n_params,
      .n_embedding = t->params[BL_IN_EMBEDDING],
      .n_output = t->params[BL_IN_OUTPUT],
      .n_attention = t->params[BL_IN_ATTENTION],
      .n_ffn = t->params[BL_IN_FFN],
      .n_other = t->params[BL_IN_OTHER],
      .weight_bytes = t->weight_bytes,
      .kv_bytes = kv_bytes(t->a, n_context, options->kv_dtype ? options->kv_dtype : BL_F16),
      .activation_bytes = activation_bytes(t, n_context, n_batch),
      .bits_per_weight = 8.0 * (double)t->weight_bytes / (double)t->n_params,
      .n_context = n_context,
      .n_batch = n_batch,
  };
  snprintf(budget->architecture, sizeof budget->architecture, "%s", t->a->config.architecture);
}

bl_code bl_budget_from_config(const char *config, size_t config_size,
                              const bl_budget_options *options, bl_budget *budget,
                              bl_error *error) {
  cJSON *json = NULL;
  bl_architecture a = {0};
  int64_t n_context, n_batch;
  bool was_part = false;
  bl_code code = bl_json_parse(file_name, config, config_size, &json, error);
  if (code == BL_OK) code = bl_config_take_text(&json, &was_part, NULL, error);
  if (code == BL_OK) code = bl_architecture_read(file_name, json, &a, error);
  if (code == BL_OK) code = settle_lengths(&a, options, &n_context, &n_batch, error);
  if (code != BL_OK) goto done;

  bl_dtype dtype = options->dtype != BL_DTYPE_NONE ? options->dtype : a.dtype;
  tally t = {.a = &a, .load = {.recipe = options->recipe}, .dtype = dtype, .error = error};
  if (a.config.torch_method != BL_TORCH_NONE) a.config.float_dtype = dtype;
  bl_architecture_each(&a, count_tensor, &t);
  code = t.code != BL_OK ? t.code : bl_recipe_check_rules(&t.load.recipe, &a.config, error);
  if (code == BL_OK) fill(&t, options, n_context, n_batch, budget);

done:
  bl_architecture_free(&a);
  cJSON_Delete(json);
  return code;
}

bl_code bl_budget_of_model(const bl_model *model, const bl_budget_options *options,
                           bl_budget *budget, bl_error *error) {
  const bl_architecture a = {.config = model->config};
  const bl_load_options load = {.recipe = options->recipe, .cast = options->dtype};
  int64_t n_context, n_batch;
  bl_code code = bl_recipe_check_rules(&load.recipe, &a.config, error);
  if (code == BL_OK) code = settle_lengths(&a, options, &n_context, &n_batch, error);
  if (code != BL_OK) return code;
  tally t = {.a = &a, .load = load, .error = error};
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    if (!add_tensor(&t, weight, weight->tensor.n_rows, weight->tensor.n_cols,
                    &weight->source_format))
      return t.code;
  }
  fill(&t, options, n_context, n_batch, budget);
  return BL_OK;
}
