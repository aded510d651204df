/* config.json of Hugging Face and MLX models. Fields, defaults and what they mean as in
 * transformers 5.23 and mlx_lm 0.32; where the two have different defaults the field is required.
 */
#include "model/config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/blocks.h"
#include "model/config_check.h"

/* What is being read, for errors. */
typedef struct source {
  const char *file_name;
  const cJSON *json;
  bl_error *error;
  const cJSON *whole; /* the config, where json is an object in it */
} source;

/* A whole number from 1 to max; one that is absent keeps *value, or is an error when that is 0. */
static bl_code read_size(const source *s, const char *key, int64_t max, int32_t *value) {
  int64_t x = *value;
  bl_code code = bl_json_int(s->file_name, s->json, key, 1, max, &x, s->error);
  if (code) return code;
  if (x == 0)
    return bl_fail(s->error, BL_ERR_INPUT,
                   "%.128s: field '%s' is missing, expected a whole number from 1 to %lld",
                   s->file_name, key, (long long)max);
  *value = (int32_t)x;
  return BL_OK;
}

/* The same for a number. */
static bl_code read_number(const source *s, const char *key, double min, double max,
                           double *value) {
  bl_code code = bl_json_float(s->file_name, s->json, key, min, max, value, s->error);
  if (code || *value != 0) return code;
  return bl_fail(s->error, BL_ERR_INPUT, "%.128s: field '%s' is missing, expected %g to %g",
                 s->file_name, key, min, max);
}

/* ---- rotary embedding ---------------------------------------------------------------------- */

static bl_code read_llama3(const source *s, bl_config *config) {
  config->rope_scaling = BL_ROPE_LLAMA3;
  bl_code code = read_number(s, "factor", BL_MIN_ROPE_FACTOR, 1e6, &config->rope_factor);
  if (!code) code = read_number(s, "low_freq_factor", 1e-6, 1e6, &config->rope_low_freq_factor);
  if (!code) code = read_number(s, "high_freq_factor", 1e-6, 1e6, &config->rope_high_freq_factor);
  if (!code)
    code = read_size(s, "original_max_position_embeddings", BL_MAX_CONTEXT,
                     &config->rope_original_context);
  if (code) return code;
  if (config->rope_low_freq_factor < config->rope_high_freq_factor) return BL_OK;
  return bl_fail(s->error, BL_ERR_INPUT,
                 "%.128s: field 'high_freq_factor' is %g, expected more than low_freq_factor (%g)",
                 s->file_name, config->rope_high_freq_factor, config->rope_low_freq_factor);
}

/* 1 + 0.1 m ln(factor) */
static double yarn_growth(const bl_config *config, double m) {
  return config->rope_factor > 1 ? 1 + 0.1 * m * log(config->rope_factor) : 1;
}

/* What cosines and sines are multiplied by. */
static bl_code read_yarn_attention(const source *s, bl_config *config) {
  double over = 0, under = 0;
  bool truncate = true;
  bl_code code = bl_json_float(s->file_name, s->json, "mscale", -1e6, 1e6, &over, s->error);
  if (!code)
    code = bl_json_float(s->file_name, s->json, "mscale_all_dim", -1e6, 1e6, &under, s->error);
  if (!code) code = bl_json_bool(s->file_name, s->json, "truncate", &truncate, s->error);
  if (code) return code;
  if (!truncate)
    return bl_fail(s->error, BL_ERR_UNSUPPORTED, "%.128s: field 'truncate' is false, expected true",
                   s->file_name);
  if (!isnan(config->yarn[BL_YARN_ATTENTION]))
    config->rope_attention = config->yarn[BL_YARN_ATTENTION];
  else if (over != 0 && under != 0)
    config->rope_attention = yarn_growth(config, over) / yarn_growth(config, under);
  else
    config->rope_attention = yarn_growth(config, 1);
  return BL_OK;
}

/* The settings of yarn in rope_scaling or rope_parameters, as transformers 5.23 names them. */
static bl_code read_yarn(const source *s, bl_config *config) {
  static const char *const keys[BL_N_YARN] = {"extrapolation_factor", "attention_factor",
                                              "beta_fast", "beta_slow"};
  config->rope_scaling = BL_ROPE_YARN;
  config->rope_original_context = config->max_context;
  bl_code code = read_number(s, "factor", BL_MIN_ROPE_FACTOR, 1e6, &config->rope_factor);
  if (!code)
    code = read_size(s, "original_max_position_embeddings", BL_MAX_CONTEXT,
                     &config->rope_original_context);
  for (int i = 0; !code && i < BL_N_YARN; i++) {
    config->yarn[i] = NAN;
    code = bl_json_float(s->file_name, s->json, keys[i], -1e6, 1e6, &config->yarn[i], s->error);
  }
  return code ? code : read_yarn_attention(s, config);
}

/* How many of a head are turned. */
static bl_code read_partial_rotary(const source *s, bl_config *config) {
  double share = 1;
  bl_code code =
      bl_json_float(s->file_name, s->json, "partial_rotary_factor", 0, 1, &share, s->error);
  if (code || share == 1) return code;
  config->rope_dim = (int32_t)(config->head_dim * share);
  const bool is_even = config->rope_dim > 0 && config->rope_dim % 2 == 0;
  if (config->family->has_partial_rope && is_even) return BL_OK;
  return bl_fail(s->error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'partial_rotary_factor' is %g, expected 1", s->file_name, share);
}

/* A list of rope_dim / 2 factors; `factors` may be NULL. */
static bl_code read_factors(const source *s, const char *key, const bl_config *config,
                            float *factors) {
  const cJSON *list = bl_json_member(s->json, key), *item;
  int n = 0;
  cJSON_ArrayForEach(item, list) {
    const float factor = cJSON_IsNumber(item) ? (float)item->valuedouble : 0;
    if (!(factor > 0) || isinf(factor) || n == config->rope_dim / 2) break;
    if (factors) factors[n] = factor;
    n++;
  }
  if (cJSON_IsArray(list) && !item && n == config->rope_dim / 2) return BL_OK;
  return bl_fail(s->error, BL_ERR_INPUT, "%.128s: field '%s' is no list of %d positive numbers",
                 s->file_name, key, (int)config->rope_dim / 2);
}

/* What cosines and sines are multiplied by where a file does not say. */
static double grow_by(double factor, int32_t original) {
  return factor > 1 ? sqrt(1 + log(factor) / log(original)) : 1;
}

double bl_longrope_attention(const bl_config *config) {
  return grow_by((double)config->max_context / config->rope_original_context,
                 config->rope_original_context);
}

static bl_code read_longrope(const source *s, bl_config *config) {
  static const char original[] = "original_max_position_embeddings";
  const source whole = {"config.json", s->whole, s->error, NULL};
  const bool is_inside = bl_json_member(s->json, original) != NULL;
  double factor = 0, attention = 0;
  config->rope_scaling = BL_ROPE_LONG;
  config->rope_original_context = config->max_context;
  bl_code code = read_factors(s, "short_factor", config, NULL);
  if (!code) code = read_factors(s, "long_factor", config, NULL);
  if (!code)
    code =
        read_size(is_inside ? s : &whole, original, BL_MAX_CONTEXT, &config->rope_original_context);
  if (!code) code = bl_json_float(s->file_name, s->json, "factor", 1e-6, 1e6, &factor, s->error);
  if (!code)
    code =
        bl_json_float(s->file_name, s->json, "attention_factor", 1e-6, 1e6, &attention, s->error);
  if (factor == 0) factor = (double)config->max_context / config->rope_original_context;
  config->rope_attention =
      attention != 0 ? attention : grow_by(factor, config->rope_original_context);
  return code;
}

/* The scaling in `s->json`: the object "rope_scaling", or "rope_parameters" of newer files. */
static bl_code read_scaling(const source *s, bl_config *config) {
  const char *type = NULL;
  bl_code code = bl_json_string(s->file_name, s->json, "rope_type", &type, s->error);
  if (!code && !type) code = bl_json_string(s->file_name, s->json, "type", &type, s->error);
  if (!code) code = read_partial_rotary(s, config);
  if (code) return code;
  const bool was_long = config->family->has_partial_rope && type &&
                        (strcmp(type, "su") == 0 || strcmp(type, "yarn") == 0);
  if (was_long) type = "longrope"; /* as Phi-3's first files call it */
  if (!type || strcmp(type, "default") == 0) return BL_OK;
  if (strcmp(type, "llama3") == 0) return read_llama3(s, config);
  if (strcmp(type, "linear") == 0) {
    config->rope_scaling = BL_ROPE_LINEAR;
    return read_number(s, "factor", BL_MIN_ROPE_FACTOR, 1e6, &config->rope_factor);
  }
  if (strcmp(type, "yarn") == 0) return read_yarn(s, config);
  if (strcmp(type, "longrope") == 0) return read_longrope(s, config);
  if (strcmp(type, "dynamic") == 0) {
    config->rope_scaling = BL_ROPE_DYNAMIC;
    return read_number(s, "factor", BL_MIN_ROPE_FACTOR, 1e6, &config->rope_factor);
  }
  return bl_fail(s->error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'rope_type' is '%.64s', expected default, linear, llama3, yarn, "
                 "longrope or dynamic",
                 s->file_name, type);
}

/* The object that tells of the rotary embedding: "rope_scaling" when it has members, else
 * "rope_parameters"; nothing of the other one counts (transformers 5.23, modeling_rope_utils.py,
 * convert_rope_params_to_dict). NULL: neither. *key is its name. */
static bl_code find_rope_object(const source *s, const cJSON **object, const char **key) {
  const cJSON *parameters, *scaling;
  bl_code code = bl_json_object(s->file_name, s->json, "rope_parameters", &parameters, s->error);
  if (!code) code = bl_json_object(s->file_name, s->json, "rope_scaling", &scaling, s->error);
  if (code) return code;
  bool is_scaling = scaling && scaling->child;
  *object = is_scaling ? scaling : parameters;
  *key = is_scaling ? "rope_scaling" : "rope_parameters";
  /* Where layers with a window have others, of which bl_config_read_block knows. */
  const cJSON *full = bl_json_member(*object, "full_attention");
  if (cJSON_IsObject(full)) *object = full;
  return BL_OK;
}

bl_code bl_config_rope_factors(const char *file_name, const cJSON *json, const bl_config *config,
                               bool is_long, float *factors, bl_error *error) {
  source s = {file_name, json, error, NULL};
  const char *name;
  bl_code code = find_rope_object(&s, &s.json, &name);
  return code ? code : read_factors(&s, is_long ? "long_factor" : "short_factor", config, factors);
}

static bl_code read_rope(const source *s, const bl_family *f, bl_config *config) {
  const cJSON *object;
  const char *name;
  bool traditional = false;
  bl_code code = find_rope_object(s, &object, &name);
  if (!code) code = read_partial_rotary(s, config);
  if (!code) code = bl_json_bool(s->file_name, s->json, "rope_traditional", &traditional, s->error);
  if (code) return code;
  if (traditional)
    return bl_fail(s->error, BL_ERR_UNSUPPORTED,
                   "%.128s: field 'rope_traditional' is true, expected false", s->file_name);

  char label[160];
  snprintf(label, sizeof label, "%.128s: %s", s->file_name, name);
  const source inner = {label, object, s->error, s->json};
  double theta = f->default_rope_theta;
  code = bl_json_float(s->file_name, s->json, "rope_theta", 1, 1e12, &theta, s->error);
  if (!code) code = bl_json_float(label, object, "rope_theta", 1, 1e12, &theta, s->error);
  if (code) return code;
  if (theta == 0)
    return bl_fail(s->error, BL_ERR_INPUT,
                   "%.128s: field 'rope_theta' is missing, expected 1 to 1e12", s->file_name);
  config->rope_theta = theta;
  return inner.json ? read_scaling(&inner, config) : BL_OK;
}

/* A member of both objects that differs, or NULL. */
static const char *find_contradiction(const cJSON *used, const cJSON *unused) {
  const cJSON *item;
  cJSON_ArrayForEach(item, unused) {
    const cJSON *other = bl_json_member(used, item->string);
    if (other && !cJSON_IsNull(item) && !cJSON_Compare(item, other, true)) return item->string;
  }
  return NULL;
}

static bl_code note_rope(const source *s, bl_notes *notes) {
  const char *file_name = s->file_name;
  const cJSON *json = s->json;
  bl_error *error = s->error;
  const cJSON *object, *theta = bl_json_member(json, "rope_theta");
  const char *name;
  bl_code code = find_rope_object(s, &object, &name);
  if (code || !object) return code;
  const cJSON *other = bl_json_member(json, "rope_parameters"),
              *own_theta = bl_json_member(object, "rope_theta");
  const char *key = other == object ? NULL : find_contradiction(object, other);
  if (key)
    code = bl_note_add(notes, error, "rope", key, 0,
                       "%.128s: '%.64s' is one value in rope_scaling and another in "
                       "rope_parameters; rope_scaling counts, as in transformers",
                       file_name, key);
  if (!code && theta && own_theta && !cJSON_Compare(theta, own_theta, true))
    code = bl_note_add(notes, error, "rope", "rope_theta", 0,
                       "%.128s: rope_theta is %g, but %g in %s, which counts, as in transformers",
                       file_name, theta->valuedouble, own_theta->valuedouble, name);
  bool has_type = bl_json_member(object, "rope_type") || bl_json_member(object, "type");
  if (!code && bl_json_member(object, "factor") && !has_type)
    code = bl_note_add(notes, error, "rope", "factor", 0,
                       "%.128s: %s has a factor but no rope_type: nothing is scaled, as in "
                       "transformers",
                       file_name, name);
  return code;
}

/* ---- what the block can't do --------------------------------------------------------------- */

/* What lies between the matrices of Llama's block is silu. */
static bl_code refuse_activation(const source *s, const bl_config *config) {
  const char *key = config->family->fields.activation, *activation = "silu";
  bl_code code = bl_json_string(s->file_name, s->json, key, &activation, s->error);
  if (code || strcmp(activation, "silu") == 0) return code;
  return bl_fail(s->error, BL_ERR_UNSUPPORTED, "%.128s: field '%s' is '%.64s', expected silu",
                 s->file_name, key, activation);
}

/* What the block does, beside the rotary embedding. */
static bl_code read_block(const source *s, bl_config *config) {
  bl_code code = bl_steps_are_llamas(&config->block)
                     ? refuse_activation(s, config)
                     : bl_config_read_block(s->file_name, s->json, config, s->error);
  if (code || !config->block.has_rope) return code;
  return bl_config_read_window(s->file_name, s->json, config, s->error);
}

static bl_code read_norm_eps(const source *s, bl_config *config) {
  const char *key = config->family->fields.norm_eps;
  config->norm_eps = config->family->default_norm_eps;
  return key ? read_number(s, key, 1e-20, 1, &config->norm_eps) : BL_OK;
}

/* ---- what else decides which tensors there are --------------------------------------------- */

static bl_code read_flags(const source *s, const bl_family *f, bl_config *config) {
  bool attention_bias = false;
  config->tied_output = f->is_tied;
  bl_code code =
      bl_json_bool(s->file_name, s->json, "tie_word_embeddings", &config->tied_output, s->error);
  if (!code)
    code = bl_json_bool(s->file_name, s->json, "attention_bias", &attention_bias, s->error);
  if (!code) code = bl_json_bool(s->file_name, s->json, "mlp_bias", &config->mlp_bias, s->error);
  if (code) return code;

  config->qkv_bias = f->has_qkv_bias || attention_bias;
  config->o_bias = !f->has_qkv_bias && attention_bias;
  config->qk_norm = f->has_qk_norm;
  return BL_OK;
}

/* ---- for measuring -------------------------------------------------------------------------- */

/* bitloss's own field: "whole", "lines" or "blank". A model does not run worse for want of it. */
static bool read_documents(const cJSON *json, bl_documents *documents) {
  const cJSON *item = bl_json_member(json, "text_documents");
  return !item || cJSON_IsNull(item) ||
         (cJSON_IsString(item) && bl_documents_parse(item->valuestring, documents));
}

bl_code bl_config_take_notes(const char *file_name, const cJSON *json, bl_notes *notes,
                             bl_error *error) {
  const source s = {file_name, json, error, NULL};
  bl_documents documents;
  bl_code code = note_rope(&s, notes);
  if (!code && !read_documents(json, &documents))
    code =
        bl_note_add(notes, error, "text-documents", "text_documents", 0,
                    "%.128s: field 'text_documents' is none of whole, lines and blank; texts are "
                    "read as whole",
                    file_name);
  return code;
}

/* ---- the whole ----------------------------------------------------------------------------- */

bl_code bl_config_tensors_from_json(const char *file_name, const cJSON *json, bl_config *config,
                                    bl_error *error) {
  const source s = {file_name, json, error, NULL};
  bl_config c = {0};
  bl_format general = {0};
  bl_code code = bl_config_find_family(file_name, json, &c.family, error);
  if (code) return code;
  snprintf(c.architecture, sizeof c.architecture, "%s", c.family->name);
  c.block = c.family->block;
  code = bl_config_read_shape(file_name, json, &c, error);
  if (!code) code = read_flags(&s, c.family, &c);
  if (!code) code = bl_config_mlx_general(file_name, json, &general, error);
  read_documents(json, &c.documents);
  c.mlx_group = general.group;
  c.mlx_bits = general.bits;
  if (!code && !general.codec) code = bl_config_read_torch(file_name, json, &c, error);
  if (!code) *config = c;
  return code;
}

bl_code bl_config_from_json(const char *file_name, const cJSON *json, bl_config *config,
                            bl_error *error) {
  const source s = {file_name, json, error, NULL};
  const bl_family *f = NULL;
  bl_config c;
  bl_code code = bl_config_find_family(file_name, json, &f, error);
  if (!code) code = bl_config_tensors_from_json(file_name, json, &c, error);
  if (!code) code = read_norm_eps(&s, &c);
  if (!code && c.block.has_rope) code = read_rope(&s, f, &c);
  if (!code) code = read_block(&s, &c);
  if (!code) *config = c;
  return code;
}

/* ---- what is converted, but not run --------------------------------------------------------- */

bl_code bl_config_to_convert(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error) {
  bl_error reason;
  bl_config c;
  bl_code code = bl_config_from_json(file_name, json, config, &reason);
  if (code != BL_ERR_UNSUPPORTED) {
    if (code != BL_OK && error) *error = reason;
    return code;
  }
  const source s = {file_name, json, error, NULL};
  const bl_family *f = NULL;
  code = bl_config_find_family(file_name, json, &f, error);
  if (!code) code = bl_config_tensors_from_json(file_name, json, &c, error);
  if (!code) code = read_norm_eps(&s, &c);
  if (code) return code;
  const source quiet = {file_name, json, NULL, NULL};
  bool known = c.block.has_rope && read_rope(&quiet, f, &c) == BL_OK;
  known = read_block(&quiet, &c) == BL_OK && known;
  c.beyond_gguf = !known;
  bl_copy_sentence(c.cannot_run, sizeof c.cannot_run, "%s", reason.message);
  *config = c;
  return BL_OK;
}
