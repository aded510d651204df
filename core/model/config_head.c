/* Of config.json: which of its family's models it is, for families that have several. */
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

bl_code bl_config_read_head(const char *file_name, const cJSON *json, bl_config *config,
                            bl_error *error) {
  bl_config *c = config;
  c->n_experts = 8;
  c->n_types = 2;
  bl_code code = refuse_quantized(file_name, json, c->family, error);
  if (!code) code = read_head(file_name, json, c, error);
  if (!code)
    code = bl_config_read_size(file_name, json, "num_local_experts", BL_MAX_EXPERTS, &c->n_experts,
                               error);
  if (!code)
    code =
        bl_config_read_size(file_name, json, "type_vocab_size", BL_MAX_VOCAB, &c->n_types, error);
  return code ? code : read_labels(file_name, json, c, error);
}
