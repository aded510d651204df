/* The config.json that says what a GGUF file's metadata does. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "model/config_check.h"

double bl_plain_decimal(double x) {
  if ((double)(float)x != x) return x;
  for (int digits = 1; digits <= 9; digits++) {
    char text[32];
    snprintf(text, sizeof text, "%.*g", digits, x);
    double decimal = strtod(text, NULL);
    if ((float)decimal == (float)x) return decimal;
  }
  return x;
}

static const char *const yarn_names[BL_N_YARN] = {"extrapolation_factor", "attention_factor",
                                                  "beta_fast", "beta_slow"};

/* Without its factors, which come as tensors: loader_rope.c puts them in. */
static void put_long(bl_json_writer *w, const bl_config *config) {
  const double growth = bl_longrope_attention(config);
  bl_json_open(w, "rope_scaling", '{');
  bl_json_put_string(w, "rope_type", "longrope");
  if (fabs(config->rope_attention - growth) > 1e-6)
    bl_json_put_number(w, "attention_factor", bl_plain_decimal(config->rope_attention));
  bl_json_close(w, '}');
  bl_json_put_number(w, "original_max_position_embeddings", config->rope_original_context);
}

static void put_rope(bl_json_writer *w, const bl_config *config) {
  bl_json_put_number(w, "rope_theta", bl_plain_decimal(config->rope_theta));
  if (config->rope_scaling == BL_ROPE_PLAIN) {
    bl_json_put_null(w, "rope_scaling");
    return;
  }
  if (config->rope_scaling == BL_ROPE_LONG) {
    put_long(w, config);
    return;
  }
  bool is_llama3 = config->rope_scaling == BL_ROPE_LLAMA3;
  bool is_yarn = config->rope_scaling == BL_ROPE_YARN;
  bl_json_open(w, "rope_scaling", '{');
  bl_json_put_string(w, "rope_type", is_llama3 ? "llama3" : is_yarn ? "yarn" : "linear");
  bl_json_put_number(w, "factor", bl_plain_decimal(config->rope_factor));
  if (is_llama3) {
    bl_json_put_number(w, "low_freq_factor", config->rope_low_freq_factor);
    bl_json_put_number(w, "high_freq_factor", config->rope_high_freq_factor);
  }
  if (is_llama3 || is_yarn)
    bl_json_put_number(w, "original_max_position_embeddings", config->rope_original_context);
  for (int i = 0; is_yarn && i < BL_N_YARN; i++)
    if (!isnan(config->yarn[i]))
      bl_json_put_number(w, yarn_names[i], bl_plain_decimal(config->yarn[i]));
  bl_json_close(w, '}');
}

/* The id that the tokenizer puts before every text, and those that end one. */
static bl_code put_tokens(bl_json_writer *w, const bl_tokenizer *tokenizer, bl_error *error) {
  int32_t first;
  size_t n_ids = 0;
  int n_ends = 0;
  bl_code code = bl_tokenizer_encode(tokenizer, "", 0, true, &first, 1, &n_ids, error);
  if (code == BL_ERR_MEMORY) return code;
  if (code == BL_OK && n_ids > 0 && !bl_tokenizer_is_end(tokenizer, first))
    bl_json_put_number(w, "bos_token_id", first);
  for (int32_t id = 0; id < bl_tokenizer_size(tokenizer); id++)
    n_ends += bl_tokenizer_is_end(tokenizer, id);
  if (n_ends > 1) bl_json_open(w, "eos_token_id", '[');
  for (int32_t id = 0; id < bl_tokenizer_size(tokenizer); id++)
    if (bl_tokenizer_is_end(tokenizer, id))
      bl_json_put_number(w, n_ends > 1 ? NULL : "eos_token_id", id);
  if (n_ends > 1) bl_json_close(w, ']');
  return BL_OK;
}

static void put_size(bl_json_writer *w, const char *key, int32_t size) {
  if (key) bl_json_put_number(w, key, size);
}

static void put_gemma_fields(bl_json_writer *w, const bl_config *config) {
  const bl_scales *scales = &config->scales;
  bl_json_put_number(w, "query_pre_attn_scalar", config->query_scale);
  if (scales->attention_cap != 0)
    bl_json_put_number(w, "attn_logit_softcapping",
                       bl_plain_decimal((double)scales->attention_cap));
  if (scales->logits_cap != 0)
    bl_json_put_number(w, "final_logit_softcapping", bl_plain_decimal((double)scales->logits_cap));
  if (config->local_theta == 0) return;
  bl_json_put_number(w, "rope_local_base_freq", bl_plain_decimal(config->local_theta));
  bl_json_put_number(w, "sliding_window_pattern", config->window_pattern);
}

/* Where all layers have experts. */
static void put_experts(bl_json_writer *w, const bl_config *config) {
  const bl_expert_fields *f = &config->family->experts;
  bl_json_put_number(w, f->n, config->n_experts);
  bl_json_put_number(w, f->n_used, config->n_used_experts);
  if (!f->normalizes) return;
  bl_json_put_bool(w, f->normalizes, config->normalizes_experts);
  bl_json_put_number(w, "intermediate_size", config->dense_ffn_dim);
  bl_json_put_number(w, "decoder_sparse_step", 1);
  bl_json_open(w, "mlp_only_layers", '[');
  bl_json_close(w, ']');
}

/* "partial_rotary_factor". Readers cut off what is behind the point of head_dim times it, so of the
 * decimals that are as good as the quotient it is the shortest of which they make rope_dim. */
static double rotary_share(const bl_config *config) {
  const double share = (double)config->rope_dim / config->head_dim;
  for (int digits = 1; digits <= 17; digits++) {
    char text[32];
    snprintf(text, sizeof text, "%.*g", digits, share);
    const double decimal = strtod(text, NULL);
    const bool is_it = (int32_t)(config->head_dim * decimal) == config->rope_dim;
    if (is_it && fabs(decimal - share) < 1e-9) return decimal;
  }
  return nextafter(share, 1);
}

/* Fields of the families whose positions are rotary. */
static void put_rotary_fields(bl_json_writer *w, const bl_config *config) {
  bl_json_put_bool(w, "attention_bias", config->qkv_bias);
  bl_json_put_bool(w, "mlp_bias", config->mlp_bias);
  if (config->window) {
    bool is_mistral = config->family->has_window;
    bl_json_put_number(w, "sliding_window", config->window);
    if (!is_mistral) bl_json_put_bool(w, "use_sliding_window", true);
    if (!is_mistral) bl_json_put_number(w, "max_window_layers", 0);
  }
  if (config->query_scale != 0) put_gemma_fields(w, config);
  double values[BL_N_MULTIPLIERS];
  bl_config_get_multipliers(config, values);
  for (int i = 0; config->block.has_multipliers && i < BL_N_MULTIPLIERS; i++)
    bl_json_put_number(w, bl_multiplier_names[i][0], bl_plain_decimal(values[i]));
  if (config->block.skips_rope) /* as llama.cpp has it */
    bl_json_put_number(w, "no_rope_layer_interval", config->family->rope_pattern);
  if (config->rope_dim != config->head_dim)
    bl_json_put_number(w, "partial_rotary_factor", rotary_share(config));
  put_rope(w, config);
}

static void put_fields(bl_json_writer *w, const bl_config *config) {
  const bl_config_fields *f = &config->family->fields;
  static const char *const activations[] = {
      [BL_SILU] = "silu", [BL_GELU_TANH] = "gelu_new", [BL_GELU_ERF] = "gelu", [BL_RELU] = "relu"};
  const bl_model_class *class = config->family->models;
  while (class->head != config->head) class ++;
  bl_json_open(w, "architectures", '[');
  bl_json_put_string(w, NULL, class->name);
  bl_json_close(w, ']');
  bl_json_put_string(w, "model_type", config->architecture);
  const bool is_gemmas = config->block.is_gated && config->block.activation == BL_GELU_TANH;
  bl_json_put_string(w, f->activation,
                     is_gemmas ? "gelu_pytorch_tanh" : activations[config->block.activation]);
  bl_json_put_string(w, "torch_dtype", "float16");
  bl_json_put_bool(w, "tie_word_embeddings", config->tied_output);
  if (f->norm_eps) bl_json_put_number(w, f->norm_eps, bl_plain_decimal(config->norm_eps));
  put_size(w, f->head_dim, config->head_dim);
  put_size(w, f->dim, config->dim);
  put_size(w, f->ffn_dim, config->ffn_dim);
  put_size(w, f->max_context, config->max_context);
  put_size(w, f->old_context, config->max_context);
  put_size(w, f->n_heads, config->n_heads);
  put_size(w, f->n_layers, config->n_layers);
  put_size(w, f->n_kv_heads, config->n_kv_heads);
  put_size(w, "vocab_size", config->vocab_size);
  if (config->block.has_experts) put_experts(w, config);
  if (config->block.has_rope) put_rotary_fields(w, config);
  if (bl_family_entry_of(config->family, config->head, BL_TYPES))
    put_size(w, "type_vocab_size", config->n_types);
}

bl_code bl_config_to_json(const bl_config *config, const bl_tokenizer *tokenizer, cJSON **json,
                          bl_error *error) {
  bl_json_writer w = {.style = &bl_json_compact};
  bl_json_open(&w, NULL, '{');
  put_fields(&w, config);
  const bool continues = !config->block.is_encoder;
  bl_code code = tokenizer && continues ? put_tokens(&w, tokenizer, error) : BL_OK;
  bl_json_close(&w, '}');
  if (code == BL_OK) return bl_json_finish_tree(&w, "config.json", json, error);
  bl_json_discard(&w);
  return code;
}
