/* A model's shape from GGUF metadata. Keys as in the GGUF specification of ggml; what a missing key
 * means as in llama.cpp. config_json.c writes the config.json that says the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

bl_code bl_config_check_heads(const char *file_name, const bl_config *config,
                              const bl_shape_fields *fields, bl_error *error) {
  if (config->n_heads % config->n_kv_heads != 0)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %d, expected a divisor of %s (%d)",
                   file_name, fields->kv_heads, config->n_kv_heads, fields->heads, config->n_heads);
  if (config->block.has_rope && config->head_dim % 2 != 0)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %d, expected an even number",
                   file_name, fields->head_dim, config->head_dim);
  int64_t width = (int64_t)config->n_heads * config->head_dim;
  if (width > BL_MAX_DIM)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: fields '%s' and '%s' multiply to %lld, expected at most %d", file_name,
                   fields->heads, fields->head_dim, (long long)width, BL_MAX_DIM);
  return BL_OK;
}

/* ---- GGUF metadata ------------------------------------------------------------------------- */

/* The metadata under one architecture's prefix. */
typedef struct source {
  const bl_index *index;
  const char *architecture;
  bl_error *error;
} source;

static const char *full_key(const source *s, const char *key, char text[96]) {
  snprintf(text, 96, "%s.%s", s->architecture, key);
  return text;
}

/* bl_meta_int for what may also be written as an array with a value for each layer, as llama.cpp
 * takes it, where all of them are equal. */
static bl_code read_whole(const source *s, const char *key, int64_t min, int64_t max,
                          int64_t *value) {
  const bl_meta *meta = bl_index_meta(s->index, key);
  if (!meta || meta->kind != BL_META_ARRAY || meta->item_kind != BL_META_INT || meta->n == 0)
    return bl_meta_int(s->index, key, min, max, value, s->error);
  for (uint64_t i = 1; i < meta->n; i++)
    if (meta->ints[i] != meta->ints[0])
      return bl_fail(s->error, BL_ERR_UNSUPPORTED,
                     "%.128s: metadata '%s' is %lld for one layer and %lld for another, expected "
                     "one value for all",
                     s->index->file_name, key, (long long)meta->ints[0], (long long)meta->ints[i]);
  bl_meta one = {.key = meta->key, .kind = BL_META_INT, .i = meta->ints[0]};
  const bl_index only = {.file_name = s->index->file_name, .n_meta = 1, .meta = &one};
  return bl_meta_int(&only, key, min, max, value, s->error);
}

/* A whole number from 1 to max; one that is absent keeps *value, or is an error when that is 0. */
static bl_code read_size(const source *s, const char *key, int64_t max, int32_t *value) {
  char text[96];
  int64_t x = *value;
  bl_code code = read_whole(s, full_key(s, key, text), 1, max, &x);
  if (code) return code;
  if (x == 0)
    return bl_fail(s->error, BL_ERR_INPUT,
                   "%.128s: metadata '%s' is missing, expected a whole number from 1 to %lld",
                   s->index->file_name, text, (long long)max);
  *value = (int32_t)x;
  return BL_OK;
}

/* A feature that must be absent or have this value. */
static bl_code expect_value(const source *s, const char *key, int64_t expected) {
  char text[96];
  int64_t x = expected;
  bl_code code = read_whole(s, full_key(s, key, text), 0, INT64_MAX, &x);
  if (code || x == expected) return code;
  return bl_fail(s->error, BL_ERR_UNSUPPORTED, "%.128s: metadata '%s' is %lld, expected %lld",
                 s->index->file_name, text, (long long)x, (long long)expected);
}

static bool has_tensor(const bl_index *index, const char *name) {
  for (int i = 0; i < index->n_entries; i++)
    if (strcmp(index->entries[i].name, name) == 0) return true;
  return false;
}

static bl_code find_architecture(const bl_index *index, bl_config *config, bl_error *error) {
  bl_str name = {"", 0};
  bl_code code = bl_meta_string(index, "general.architecture", &name, error);
  if (code) return code;
  config->family = bl_family_find_gguf(name.bytes, name.size);
  if (config->family) {
    snprintf(config->architecture, sizeof config->architecture, "%s", config->family->name);
    config->head = config->family->models[0].head;
    config->block = config->family->block;
    return BL_OK;
  }
  return bl_config_refuse_family(index->file_name, true, name.bytes,
                                 name.size < 64 ? (int)name.size : 64, error);
}

/* Of Hugging Face's families with experts Mixtral is the one that llama.cpp calls Llama too. */
static bl_code read_experts(const source *s, bl_config *c) {
  int64_t n = 0;
  char key[96];
  bl_code code = read_whole(s, full_key(s, "expert_count", key), 0, BL_MAX_EXPERTS, &n);
  if (code) return code;
  if (n > 0 && c->family == &bl_family_llama) {
    c->family = bl_family_find("mixtral");
    if (!c->family) return bl_config_refuse_family(s->index->file_name, true, "llama", 5, s->error);
    c->block = c->family->block;
    snprintf(c->architecture, sizeof c->architecture, "%s", c->family->name);
  }
  if (!c->block.has_experts) return expect_value(s, "expert_count", 0);
  c->n_experts = (int32_t)n;
  c->normalizes_experts = true;
  code = read_size(s, "expert_count", BL_MAX_EXPERTS, &c->n_experts);
  if (!code) code = read_size(s, "expert_used_count", c->n_experts, &c->n_used_experts);
  if (!code) code = expect_value(s, "expert_shared_count", 0);
  if (code || !c->family->experts.normalizes) return code;
  c->dense_ffn_dim = c->ffn_dim;
  c->ffn_dim = 0;
  return read_size(s, "expert_feed_forward_length", BL_MAX_FFN, &c->ffn_dim);
}

static bl_code read_shape(const source *s, bl_config *config) {
  bl_code code = read_size(s, "embedding_length", BL_MAX_DIM, &config->dim);
  if (!code) code = read_size(s, "block_count", BL_MAX_LAYERS, &config->n_layers);
  if (!code) code = read_size(s, "attention.head_count", BL_MAX_HEADS, &config->n_heads);
  if (!code) code = read_size(s, "feed_forward_length", BL_MAX_FFN, &config->ffn_dim);
  if (!code) code = read_size(s, "context_length", BL_MAX_CONTEXT, &config->max_context);
  if (code) return code;

  const bl_meta *tokens = bl_index_meta(s->index, "tokenizer.ggml.tokens");
  if (tokens && tokens->kind == BL_META_ARRAY && tokens->n <= BL_MAX_VOCAB)
    config->vocab_size = (int32_t)tokens->n;
  config->n_kv_heads = config->n_heads;
  code = read_size(s, "vocab_size", BL_MAX_VOCAB, &config->vocab_size);
  if (!code) code = read_size(s, "attention.head_count_kv", BL_MAX_HEADS, &config->n_kv_heads);
  if (code) return code;

  if (config->dim % config->n_heads == 0) config->head_dim = config->dim / config->n_heads;
  code = read_size(s, "attention.key_length", BL_MAX_HEAD_DIM, &config->head_dim);
  if (!code) code = expect_value(s, "attention.value_length", config->head_dim);
  config->rope_dim = config->head_dim;
  if (!code && config->family->has_partial_rope)
    code = read_size(s, "rope.dimension_count", config->head_dim, &config->rope_dim);
  else if (!code)
    code = expect_value(s, "rope.dimension_count", config->head_dim);
  if (code) return code;
  if (config->rope_dim % 2 != 0)
    return bl_fail(s->error, BL_ERR_INPUT,
                   "%.128s: metadata '%s.rope.dimension_count' is %d, expected an even number",
                   s->index->file_name, s->architecture, config->rope_dim);
  static const bl_shape_fields fields = {"attention.head_count", "attention.head_count_kv",
                                         "attention.key_length"};
  return bl_config_check_heads(s->index->file_name, config, &fields, s->error);
}

static const char *const yarn_keys[BL_N_YARN] = {
    "rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_beta_fast",
    "rope.scaling.yarn_beta_slow"};

const char *bl_yarn_gguf_key(int i) {
  return yarn_keys[i];
}

static bl_code read_yarn(const source *s, double factor, bl_config *config) {
  char key[96];
  int32_t original = config->max_context;
  config->rope_scaling = BL_ROPE_YARN;
  config->rope_factor = factor > 0 ? factor : 1;
  bl_code code = read_size(s, "rope.scaling.original_context_length", BL_MAX_CONTEXT, &original);
  config->rope_original_context = original;
  for (int i = 0; !code && i < BL_N_YARN; i++) {
    config->yarn[i] = NAN;
    code = bl_meta_float(s->index, full_key(s, yarn_keys[i], key), -1e6, 1e6, &config->yarn[i],
                         s->error);
  }
  config->rope_attention = factor > 1 ? 1 + 0.1 * log(factor) : 1;
  /* llama.cpp multiplies by the factor for attention, transformers has it in the place of another.
   */
  const double *own = &config->yarn[BL_YARN_ATTENTION], *mix = &config->yarn[BL_YARN_EXTRAPOLATION];
  const char *odd = !isnan(*mix) && *mix != 1   ? yarn_keys[BL_YARN_EXTRAPOLATION]
                    : !isnan(*own) && *own != 1 ? yarn_keys[BL_YARN_ATTENTION]
                                                : NULL;
  if (odd)
    bl_copy_sentence(config->cannot_run, sizeof config->cannot_run,
                     "%.128s: metadata '%s.%s' is there, expected none or 1", s->index->file_name,
                     s->architecture, odd);
  return code;
}

/* Phi-3's, whose factors are tensors. */
static bl_code read_long(const source *s, bl_config *config) {
  char key[96];
  config->rope_scaling = BL_ROPE_LONG;
  config->rope_original_context = config->max_context;
  config->rope_attention = 1;
  bl_code code = read_size(s, "rope.scaling.original_context_length", BL_MAX_CONTEXT,
                           &config->rope_original_context);
  if (!code)
    code = bl_meta_float(s->index, full_key(s, "rope.scaling.attn_factor", key), 1e-6, 1e6,
                         &config->rope_attention, s->error);
  return code;
}

static bl_code read_rope(const source *s, bl_config *config) {
  char key[96];
  bl_str type = {"linear", 6}; /* what a factor alone stands for */
  double factor = 0;
  config->rope_theta = 10000;
  bl_code code = bl_meta_float(s->index, full_key(s, "rope.freq_base", key), 1, 1e12,
                               &config->rope_theta, s->error);
  /* The older key, for linear scaling only; then the newer pair. */
  if (!code)
    code =
        bl_meta_float(s->index, full_key(s, "rope.scale_linear", key), 0, 1e6, &factor, s->error);
  if (!code)
    code = bl_meta_string(s->index, full_key(s, "rope.scaling.type", key), &type, s->error);
  if (!code)
    code =
        bl_meta_float(s->index, full_key(s, "rope.scaling.factor", key), 0, 1e6, &factor, s->error);
  if (code) return code;
  if (config->family->has_partial_rope && has_tensor(s->index, "rope_factors_long.weight"))
    return read_long(s, config);
  if (type.size == 4 && memcmp(type.bytes, "none", 4) == 0) return BL_OK;
  if (type.size == 4 && memcmp(type.bytes, "yarn", 4) == 0) return read_yarn(s, factor, config);
  if (type.size != 6 || memcmp(type.bytes, "linear", 6) != 0)
    return bl_fail(s->error, BL_ERR_UNSUPPORTED,
                   "%.128s: metadata '%s.rope.scaling.type' is '%.*s', expected none or linear",
                   s->index->file_name, s->architecture, type.size < 64 ? (int)type.size : 64,
                   type.bytes);
  if (factor == 0 || factor == 1) return BL_OK; /* as llama.cpp: 0 stands for no scaling */
  if (factor < BL_MIN_ROPE_FACTOR)              /* below 1 positions move apart, there and here */
    return bl_fail(s->error, BL_ERR_INPUT, "%.128s: metadata '%s' is %g, expected %g to 1e+06",
                   s->index->file_name, key, factor, BL_MIN_ROPE_FACTOR);
  config->rope_scaling = BL_ROPE_LINEAR;
  config->rope_factor = factor;
  return BL_OK;
}

const char *bl_gguf_norm_key(const bl_config *config) {
  return config->block.norm == BL_NORM_RMS ? "attention.layer_norm_rms_epsilon"
                                           : "attention.layer_norm_epsilon";
}

static bl_code read_norm_eps(const source *s, bl_config *config) {
  char key[96];
  bl_code code = bl_meta_float(s->index, full_key(s, bl_gguf_norm_key(config), key), 1e-20, 1,
                               &config->norm_eps, s->error);
  if (code || config->norm_eps != 0) return code;
  return bl_fail(s->error, BL_ERR_INPUT, "%.128s: metadata '%s' is missing, expected 1e-20 to 1",
                 s->index->file_name, key);
}

double bl_gguf_query_scale(const bl_config *config) {
  return config->n_layers == config->family->wide_layers ? config->dim / config->n_heads
                                                         : config->head_dim;
}

const char *const bl_multiplier_names[BL_N_MULTIPLIERS][2] = {
    {"embedding_multiplier", "embedding_scale"},
    {"attention_multiplier", "attention.scale"},
    {"residual_multiplier", "residual_scale"},
    {"logits_scaling", "logit_scale"},
};

void bl_config_put_multipliers(bl_config *config, const double values[BL_N_MULTIPLIERS]) {
  config->scales.embedding = (float)values[BL_MULTIPLY_EMBEDDING];
  config->scales.attention = (float)values[BL_MULTIPLY_ATTENTION];
  config->scales.residual = (float)values[BL_MULTIPLY_RESIDUAL];
  config->scales.logits = (float)(1 / values[BL_DIVIDE_LOGITS]);
}

void bl_config_get_multipliers(const bl_config *config, double values[BL_N_MULTIPLIERS]) {
  values[BL_MULTIPLY_EMBEDDING] = (double)config->scales.embedding;
  values[BL_MULTIPLY_ATTENTION] = (double)config->scales.attention;
  values[BL_MULTIPLY_RESIDUAL] = (double)config->scales.residual;
  values[BL_DIVIDE_LOGITS] = (double)(1 / config->scales.logits);
}

/* Granite's; where llama.cpp has another for one that is missing, it is required. */
static bl_code read_multipliers(const source *s, bl_config *config) {
  double values[BL_N_MULTIPLIERS] = {0};
  bl_code code = BL_OK;
  for (int i = 0; !code && config->block.has_multipliers && i < BL_N_MULTIPLIERS; i++) {
    char key[96];
    code = bl_meta_float(s->index, full_key(s, bl_multiplier_names[i][1], key), 1e-6, 1e6,
                         &values[i], s->error);
    if (!code && values[i] == 0)
      return bl_fail(s->error, BL_ERR_INPUT,
                     "%.128s: metadata '%s' is missing, expected 1e-06 to 1e+06",
                     s->index->file_name, key);
  }
  if (!code && config->block.has_multipliers) bl_config_put_multipliers(config, values);
  return code;
}

/* What Gemma's blocks multiply by and hold within bounds. */
static bl_code read_scales(const source *s, bl_config *config) {
  char key[96];
  const bl_family *f = config->family;
  double attention_cap = f->default_attention_cap, logits_cap = f->default_logits_cap;
  if (f->default_query_scale == 0) return BL_OK;
  config->query_scale = bl_gguf_query_scale(config);
  config->local_theta = f->default_local_theta;
  config->window_pattern = f->window_pattern;
  bl_code code = bl_meta_float(s->index, full_key(s, "attn_logit_softcapping", key), 1e-6, 1e6,
                               &attention_cap, s->error);
  if (!code)
    code = bl_meta_float(s->index, full_key(s, "final_logit_softcapping", key), 1e-6, 1e6,
                         &logits_cap, s->error);
  if (!code && config->local_theta != 0)
    code = bl_meta_float(s->index, full_key(s, "rope.freq_base_swa", key), 1, 1e12,
                         &config->local_theta, s->error);
  config->scales.attention_cap = (float)attention_cap;
  config->scales.logits_cap = (float)logits_cap;
  bl_config_settle_scales(config);
  return code;
}

/* A window shorter than the context. */
static bl_code read_window(const source *s, bl_config *config) {
  char key[96];
  int64_t window = 0;
  bl_code code = bl_meta_int(s->index, full_key(s, "attention.sliding_window", key), 0, INT64_MAX,
                             &window, s->error);
  const bool all_see = window >= config->max_context && config->local_theta == 0;
  if (code || window == 0 || all_see) return code;
  config->window = window < INT32_MAX ? (int32_t)window : INT32_MAX;
  bl_config_spread_window(config, 0);
  return BL_OK;
}

bl_code bl_config_from_gguf(const bl_index *index, bl_config *config, bl_error *error) {
  bl_config c = {0};
  bl_code code = find_architecture(index, &c, error);
  if (code) return code;
  const source s = {index, c.family->gguf, error};
  if (c.block.is_encoder) code = bl_config_gguf_encoder(index, &c, error);
  if (!code) code = read_shape(&s, &c);
  if (!code) code = read_norm_eps(&s, &c);
  if (!code && c.block.has_rope) code = read_rope(&s, &c);
  if (!code) code = read_experts(&s, &c);
  if (!code) code = read_scales(&s, &c);
  if (!code) code = read_multipliers(&s, &c);
  if (!code) code = read_window(&s, &c);
  if (code) return code;
  c.tied_output = !has_tensor(index, "output.weight");
  c.qkv_bias = c.family->has_qkv_bias || has_tensor(index, "blk.0.attn_q.bias");
  c.o_bias = has_tensor(index, "blk.0.attn_output.bias");
  c.mlp_bias = has_tensor(index, "blk.0.ffn_gate.bias");
  c.qk_norm = c.family->has_qk_norm;
  c.interleaved_rope = c.family->interleaved_rope;
  bl_config_skip_rope(&c, c.family->rope_pattern);
  /* Of the Hugging Face families with these blocks it is Mistral that has a window. */
  if (c.window && c.family == &bl_family_llama) {
    c.family = bl_family_find("mistral");
    snprintf(c.architecture, sizeof c.architecture, "%s", c.family->name);
  }
  *config = c;
  return BL_OK;
}
