/* Of config.json, for the families whose block is not Llama's: which of its family's models it is,
 * and what its block does. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

/* How many classes a head tells apart: as many as have labels. */
static bl_code read_labels(const char *file_name, const cJSON *json, bl_config *c,
                           bl_error *error) {
  const cJSON *labels = bl_json_member(json, "id2label");
  int n = cJSON_IsObject(labels) ? cJSON_GetArraySize(labels) : 0;
  c->n_labels = n > 0 ? n : 2;
  return n > 0 ? BL_OK
               : bl_config_read_size(file_name, json, "num_labels", BL_MAX_VOCAB, &c->n_labels,
                                     error);
}

/* "GPT2LMHeadModel or GPT2Model" */
static void list_models(const bl_model_class *models, char *text, size_t text_size) {
  size_t n = 0;
  for (int i = 0; models[i].name && n < text_size; i++) {
    const char *separator = i == 0 ? "" : models[i + 1].name ? ", " : " or ";
    n += (size_t)snprintf(text + n, text_size - n, "%s%s", separator, models[i].name);
  }
}

/* Which of the family's models it is: the first name in "architectures" says. */
static bl_code read_head(const char *file_name, const cJSON *json, bl_config *c, bl_error *error) {
  const bl_model_class *models = c->family->models;
  const cJSON *list = bl_json_member(json, "architectures");
  const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(list, 0));
  if (!list) return BL_OK;
  for (int i = 0; name && models[i].name; i++) {
    c->head = models[i].head;
    if (strcmp(models[i].name, name) == 0) return BL_OK;
  }
  char expected[256];
  list_models(models, expected, sizeof expected);
  return bl_fail(error, BL_ERR_UNSUPPORTED, "%.128s: field 'architectures' is '%.64s', expected %s",
                 file_name, name ? name : "", expected);
}

/* Every layer must have experts. */
static bl_code refuse_dense(const char *file_name, const cJSON *json, bl_error *error) {
  const cJSON *dense = bl_json_member(json, "mlp_only_layers");
  int64_t step = 1;
  bl_code code = bl_json_int(file_name, json, "decoder_sparse_step", 0, INT32_MAX, &step, error);
  if (code) return code;
  if (step != 1)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: field 'decoder_sparse_step' is %lld, expected 1: all layers have "
                   "experts",
                   file_name, (long long)step);
  if (dense && !cJSON_IsNull(dense) && !cJSON_IsArray(dense))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field 'mlp_only_layers' is not a list", file_name);
  if (cJSON_GetArraySize(dense) == 0) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'mlp_only_layers' names %d layers, expected none: all have experts",
                 file_name, cJSON_GetArraySize(dense));
}

static bl_code read_experts(const char *file_name, const cJSON *json, bl_config *c,
                            bl_error *error) {
  const bl_expert_fields *f = &c->family->experts;
  c->n_experts = f->default_n;
  c->n_used_experts = f->default_used;
  c->normalizes_experts = !f->normalizes;
  bl_code code = bl_config_read_size(file_name, json, f->n, BL_MAX_EXPERTS, &c->n_experts, error);
  if (!code)
    code =
        bl_config_read_size(file_name, json, f->n_used, BL_MAX_EXPERTS, &c->n_used_experts, error);
  if (!code && f->normalizes)
    code = bl_json_bool(file_name, json, f->normalizes, &c->normalizes_experts, error);
  if (!code && f->normalizes) /* Qwen's: beside which dense layers have a width of their own */
    code = bl_config_read_size(file_name, json, "intermediate_size", BL_MAX_FFN, &c->dense_ffn_dim,
                               error);
  if (!code) code = refuse_dense(file_name, json, error);
  if (code || c->n_used_experts <= c->n_experts) return code;
  return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %d, expected at most %s (%d)",
                 file_name, f->n_used, c->n_used_experts, f->n, c->n_experts);
}

bl_code bl_config_read_head(const char *file_name, const cJSON *json, bl_config *config,
                            bl_error *error) {
  bl_config *c = config;
  c->n_types = 2;
  bl_code code = read_head(file_name, json, c, error);
  if (!code && c->block.has_experts) code = read_experts(file_name, json, c, error);
  if (!code)
    code =
        bl_config_read_size(file_name, json, "type_vocab_size", BL_MAX_VOCAB, &c->n_types, error);
  return code ? code : read_labels(file_name, json, c, error);
}

/* ---- the block ------------------------------------------------------------------------------ */

static bl_code read_activation(const char *file_name, const cJSON *json, bl_config *config,
                               bl_error *error) {
  static const struct {
    const char *name;
    bl_activation activation;
  } known[] = {{"silu", BL_SILU},           {"gelu", BL_GELU_ERF},
               {"gelu_new", BL_GELU_TANH},  {"gelu_pytorch_tanh", BL_GELU_TANH},
               {"gelu_fast", BL_GELU_TANH}, {"relu", BL_RELU}};
  const char *key = config->family->fields.activation, *name = NULL;
  bl_code code = bl_json_string(file_name, json, key, &name, error);
  if (code || !name) return code;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(known[i].name, name) != 0) continue;
    config->block.activation = known[i].activation;
    return BL_OK;
  }
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: field '%s' is '%.64s', expected gelu, gelu_new, relu or silu", file_name,
                 key, name);
}

static bl_code refuse_positions(const char *file_name, const cJSON *json, bl_error *error) {
  const char *positions = "absolute";
  bl_code code = bl_json_string(file_name, json, "position_embedding_type", &positions, error);
  if (code || strcmp(positions, "absolute") == 0) return code;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'position_embedding_type' is '%.64s', expected absolute", file_name,
                 positions);
}

/* A number that null turns off, and that is `otherwise` where it is not named. */
static bl_code read_cap(const char *file_name, const cJSON *json, const char *key, double otherwise,
                        float *cap, bl_error *error) {
  double value = cJSON_IsNull(bl_json_member(json, key)) ? 0 : otherwise;
  bl_code code = bl_json_float(file_name, json, key, 1e-6, 1e6, &value, error);
  *cap = (float)value;
  return code;
}

/* What Gemma's blocks multiply by and hold within bounds, and the rotary positions of the layers
 * that have a window. */
static bl_code read_gemma(const char *file_name, const cJSON *json, bl_config *c, bl_error *error) {
  const bl_family *f = c->family;
  int64_t pattern = f->window_pattern;
  c->query_scale = f->default_query_scale;
  c->local_theta = f->default_local_theta;
  bl_code code =
      bl_json_float(file_name, json, "query_pre_attn_scalar", 1e-6, 1e6, &c->query_scale, error);
  if (!code)
    code = read_cap(file_name, json, "attn_logit_softcapping", f->default_attention_cap,
                    &c->scales.attention_cap, error);
  if (!code)
    code = read_cap(file_name, json, "final_logit_softcapping", f->default_logits_cap,
                    &c->scales.logits_cap, error);
  if (!code && c->local_theta != 0) {
    const cJSON *local =
        bl_json_member(bl_json_member(json, "rope_parameters"), "sliding_attention");
    code = bl_json_float(file_name, json, "rope_local_base_freq", 1, 1e12, &c->local_theta, error);
    if (!code && cJSON_IsObject(local))
      code = bl_json_float(file_name, local, "rope_theta", 1, 1e12, &c->local_theta, error);
    if (!code)
      code =
          bl_json_int(file_name, json, "sliding_window_pattern", 1, BL_MAX_LAYERS, &pattern, error);
  }
  c->window_pattern = (int32_t)pattern;
  bl_config_settle_scales(c);
  return code;
}

/* Granite's. */
static bl_code read_multipliers(const char *file_name, const cJSON *json, bl_config *c,
                                bl_error *error) {
  double values[BL_N_MULTIPLIERS];
  bl_code code = BL_OK;
  for (int i = 0; !code && i < BL_N_MULTIPLIERS; i++) {
    values[i] = 1;
    code = bl_json_float(file_name, json, bl_multiplier_names[i][0], 1e-6, 1e6, &values[i], error);
  }
  if (!code) bl_config_put_multipliers(c, values);
  return code;
}

/* "no_rope_layers": for each layer 1 where it has rotary positions, and else 0. */
static bl_code read_no_rope(const char *file_name, const cJSON *json, bl_config *c,
                            bl_error *error) {
  const cJSON *list = bl_json_member(json, "no_rope_layers"), *item;
  int64_t pattern = c->family->rope_pattern;
  int l = 0;
  bl_code code =
      bl_json_int(file_name, json, "no_rope_layer_interval", 1, BL_MAX_LAYERS, &pattern, error);
  if (code) return code;
  if (!cJSON_IsArray(list)) {
    bl_config_skip_rope(c, (int32_t)pattern);
    return BL_OK;
  }
  cJSON_ArrayForEach(item, list) {
    const bool is_known =
        cJSON_IsNumber(item) && (item->valuedouble == 0 || item->valuedouble == 1);
    if (!is_known || l == c->n_layers) break;
    if (item->valuedouble == 0) c->unturned[l / 8] |= (uint8_t)(1 << l % 8);
    l++;
  }
  if (!item && l == c->n_layers) return BL_OK;
  return bl_fail(error, BL_ERR_INPUT,
                 "%.128s: field 'no_rope_layers' is no list of %d numbers that are 0 or 1",
                 file_name, c->n_layers);
}

/* Where the first positions are the padding's, they are the rows up to its id. */
static bl_code refuse_padding(const char *file_name, const cJSON *json, const bl_family *family,
                              bl_error *error) {
  const int64_t expected = family->first_position - 1;
  int64_t id = expected;
  if (family->first_position == 0) return BL_OK;
  bl_code code = bl_json_int(file_name, json, "pad_token_id", INT32_MIN, INT32_MAX, &id, error);
  if (code || id == expected) return code;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'pad_token_id' is %lld, expected %lld: positions begin behind it",
                 file_name, (long long)id, (long long)expected);
}

bl_code bl_config_read_block(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error) {
  static const char *const words[] = {"false", "true"};
  bl_code code = read_activation(file_name, json, config, error);
  if (!code) code = refuse_positions(file_name, json, error);
  if (!code) code = refuse_padding(file_name, json, config->family, error);
  if (!code && config->family->default_query_scale != 0)
    code = read_gemma(file_name, json, config, error);
  if (!code && config->block.has_multipliers)
    code = read_multipliers(file_name, json, config, error);
  if (!code && config->block.skips_rope) code = read_no_rope(file_name, json, config, error);
  const bl_expected_field *field = config->family->expected;
  for (; !code && field && field->name; field++) {
    bool value = field->value;
    code = bl_json_bool(file_name, json, field->name, &value, error);
    if (!code && value != field->value)
      return bl_fail(error, BL_ERR_UNSUPPORTED, "%.128s: field '%s' is %s, expected %s", file_name,
                     field->name, words[value], words[field->value]);
  }
  return code;
}
