/* Of config.json: the family, sizes, and which of the family's models it is. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

/* ---- the family ----------------------------------------------------------------------------- */

bl_code bl_config_refuse_family(const char *file_name, bool is_gguf, const char *name,
                                int name_size, bl_error *error) {
  char expected[256];
  const int n = name_size < 64 ? name_size : 64;
  bl_family_names(is_gguf, expected, sizeof expected);
  if (!bl_families_are_all)
    return bl_fail(error, BL_ERR_ELSEWHERE,
                   "%.128s: '%.*s' is a family of models that only the full module may know",
                   file_name, n, name);
  if (is_gguf)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: metadata 'general.architecture' is '%.*s', expected %s", file_name, n,
                   name, expected);
  return bl_fail(error, BL_ERR_UNSUPPORTED, "%.128s: field 'model_type' is '%.*s', expected %s",
                 file_name, n, name, expected);
}

bl_code bl_config_find_family(const char *file_name, const cJSON *json, const bl_family **family,
                              bl_error *error) {
  const char *name = NULL;
  if (!cJSON_IsObject(json))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: the text is not a JSON object", file_name);
  bl_code code = bl_json_string(file_name, json, "model_type", &name, error);
  if (code) return code;
  if (!name)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field 'model_type' is missing", file_name);
  *family = bl_family_find(name);
  if (*family) return BL_OK;
  return bl_config_refuse_family(file_name, false, name, (int)strlen(name), error);
}

/* ---- sizes ---------------------------------------------------------------------------------- */

bl_code bl_config_read_size(const char *file_name, const cJSON *json, const char *key, int64_t max,
                            int32_t *value, bl_error *error) {
  int64_t x = *value;
  if (!key) return BL_OK;
  bl_code code = bl_json_int(file_name, json, key, 1, max, &x, error);
  if (code) return code;
  if (x == 0)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: field '%s' is missing, expected a whole number from 1 to %lld",
                   file_name, key, (long long)max);
  *value = (int32_t)x;
  return BL_OK;
}

static bl_code settle_heads(const char *file_name, bl_config *c, int32_t head_dim,
                            bl_error *error) {
  const bl_config_fields *f = &c->family->fields;
  const bool divides = head_dim != 0 || c->dim % c->n_heads == 0;
  if (!divides && f->head_dim)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: field '%s' is %d, expected a multiple of %s (%d) where head_dim is not "
                   "given",
                   file_name, f->dim, c->dim, f->n_heads, c->n_heads);
  if (!divides)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %d, expected a multiple of %s (%d)",
                   file_name, f->dim, c->dim, f->n_heads, c->n_heads);
  c->head_dim = head_dim ? head_dim : c->dim / c->n_heads;
  c->rope_dim = c->head_dim;
  const bl_shape_fields fields = {f->n_heads, f->n_kv_heads ? f->n_kv_heads : f->n_heads,
                                  "head_dim"};
  return bl_config_check_heads(file_name, c, &fields, error);
}

static bl_code read_sizes(const char *file_name, const cJSON *json, bl_config *c, bl_error *error) {
  const bl_family *family = c->family;
  const bl_config_fields *f = &family->fields;
  bl_code code = bl_config_read_size(file_name, json, f->dim, BL_MAX_DIM, &c->dim, error);
  if (!code)
    code = bl_config_read_size(file_name, json, f->n_layers, BL_MAX_LAYERS, &c->n_layers, error);
  if (!code)
    code = bl_config_read_size(file_name, json, f->n_heads, BL_MAX_HEADS, &c->n_heads, error);
  c->ffn_dim = family->default_ffn * c->dim;
  if (!code)
    code = bl_config_read_size(file_name, json, f->ffn_dim, BL_MAX_FFN, &c->ffn_dim, error);
  if (!code)
    code = bl_config_read_size(file_name, json, "vocab_size", BL_MAX_VOCAB, &c->vocab_size, error);
  if (code) return code;

  int32_t head_dim = family->default_head_dim;
  int64_t given = head_dim;
  c->n_kv_heads = family->needs_kv_heads ? 0 : c->n_heads;
  c->max_context = family->default_context;
  code = bl_config_read_size(file_name, json, f->n_kv_heads, BL_MAX_HEADS, &c->n_kv_heads, error);
  if (!code)
    code = bl_config_read_size(file_name, json, f->max_context, BL_MAX_CONTEXT, &c->max_context,
                               error);
  if (!code && f->head_dim)
    code = bl_json_int(file_name, json, f->head_dim, 1, BL_MAX_HEAD_DIM, &given, error);
  head_dim = (int32_t)given;
  return code ? code : settle_heads(file_name, c, head_dim, error);
}

/* ---- the whole ----------------------------------------------------------------------------- */

bl_code bl_config_read_shape(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error) {
  bl_code code = BL_OK;
  config->head = config->family->models[0].head;
  if (!config->family->any_class) code = bl_config_read_head(file_name, json, config, error);
  return code ? code : read_sizes(file_name, json, config, error);
}
