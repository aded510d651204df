/* Of config.json: the family, sizes, and which of the family's models it is. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

/* ---- the family ----------------------------------------------------------------------------- */

bl_code bl_config_find_family(const char *file_name, const cJSON *json, bl_family_list which,
                              const bl_family **family, bl_error *error) {
  const char *name = NULL;
  if (!cJSON_IsObject(json))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: the text is not a JSON object", file_name);
  bl_code code = bl_json_string(file_name, json, "model_type", &name, error);
  if (code) return code;
  if (!name)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field 'model_type' is missing", file_name);
  *family = bl_family_find(name);
  if (*family && (which == BL_LIST_ALL || (*family)->runs)) return BL_OK;
  char expected[256];
  bl_family_names(which, expected, sizeof expected);
  return bl_fail(error, BL_ERR_UNSUPPORTED, "%.128s: field 'model_type' is '%.64s', expected %s",
                 file_name, name, expected);
}

/* ---- sizes ---------------------------------------------------------------------------------- */

/* A whole number from 1 to max; one that is absent keeps *value, or is an error when that is 0. No
 * key: there is no such field. */
static bl_code read_size(const char *file_name, const cJSON *json, const char *key, int64_t max,
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
  const bl_shape_fields fields = {f->n_heads, f->n_kv_heads ? f->n_kv_heads : f->n_heads,
                                  "head_dim"};
  return bl_config_check_heads(file_name, c, &fields, error);
}

static bl_code read_sizes(const char *file_name, const cJSON *json, bl_config *c, bl_error *error) {
  const bl_family *family = c->family;
  const bl_config_fields *f = &family->fields;
  bl_code code = read_size(file_name, json, f->dim, BL_MAX_DIM, &c->dim, error);
  if (!code) code = read_size(file_name, json, f->n_layers, BL_MAX_LAYERS, &c->n_layers, error);
  if (!code) code = read_size(file_name, json, f->n_heads, BL_MAX_HEADS, &c->n_heads, error);
  c->ffn_dim = family->default_ffn * c->dim;
  if (!code) code = read_size(file_name, json, f->ffn_dim, BL_MAX_FFN, &c->ffn_dim, error);
  if (!code) code = read_size(file_name, json, "vocab_size", BL_MAX_VOCAB, &c->vocab_size, error);
  if (code) return code;

  int32_t head_dim = family->default_head_dim;
  int64_t given = head_dim;
  c->n_kv_heads = family->needs_kv_heads ? 0 : c->n_heads;
  c->max_context = family->default_context;
  code = read_size(file_name, json, f->n_kv_heads, BL_MAX_HEADS, &c->n_kv_heads, error);
  if (!code)
    code = read_size(file_name, json, f->max_context, BL_MAX_CONTEXT, &c->max_context, error);
  if (!code && f->head_dim)
    code = bl_json_int(file_name, json, f->head_dim, 1, BL_MAX_HEAD_DIM, &given, error);
  head_dim = (int32_t)given;
  return code ? code : settle_heads(file_name, c, head_dim, error);
}

/* ---- which model ---------------------------------------------------------------------------- */

/* How many classes a head tells apart: as many as have labels. */
static bl_code read_labels(const char *file_name, const cJSON *json, bl_config *c,
                           bl_error *error) {
  const cJSON *labels = bl_json_member(json, "id2label");
  int n = cJSON_IsObject(labels) ? cJSON_GetArraySize(labels) : 0;
  c->n_labels = n > 0 ? n : 2;
  return n > 0 ? BL_OK
               : read_size(file_name, json, "num_labels", BL_MAX_VOCAB, &c->n_labels, error);
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
  c->head = models[0].head;
  if (!list || c->family->any_class) return BL_OK;
  for (int i = 0; name && models[i].name; i++) {
    c->head = models[i].head;
    if (strcmp(models[i].name, name) == 0) return BL_OK;
  }
  char expected[256];
  list_models(models, expected, sizeof expected);
  return bl_fail(error, BL_ERR_UNSUPPORTED, "%.128s: field 'architectures' is '%.64s', expected %s",
                 file_name, name ? name : "", expected);
}

/* A family that is only counted is counted as it was made. */
static bl_code refuse_quantized(const char *file_name, const cJSON *json, const bl_family *family,
                                bl_error *error) {
  static const char *const fields[] = {"quantization", "quantization_config"};
  for (int i = 0; i < 2 && !family->runs; i++) {
    const cJSON *settings = bl_json_member(json, fields[i]);
    bool is_empty = cJSON_IsObject(settings) && !settings->child;
    if (settings && !is_empty)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "%.128s: field '%s' is there, expected the config of a %s model that is not "
                     "quantized",
                     file_name, fields[i], family->name);
  }
  return BL_OK;
}

bl_code bl_config_read_shape(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error) {
  bl_config *c = config;
  bl_code code = refuse_quantized(file_name, json, c->family, error);
  if (!code) code = read_sizes(file_name, json, c, error);
  if (!code) code = read_head(file_name, json, c, error);
  if (c->family->any_class) return code;
  c->n_experts = 8;
  c->n_types = 2;
  if (!code)
    code = read_size(file_name, json, "num_local_experts", BL_MAX_EXPERTS, &c->n_experts, error);
  if (!code) code = read_size(file_name, json, "type_vocab_size", BL_MAX_VOCAB, &c->n_types, error);
  return code ? code : read_labels(file_name, json, c, error);
}
