/* Reading a model: factors of the rotary frequencies, which GGUF has as tensors: Llama 3.1's, which
 * a rule gives, and Phi-3's, of which there are two lists. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "model/config_check.h"
#include "model/loader.h"
#include "model/rope.h"

static const char *const long_names[2][2] = {{"rope_factors_short.weight", "short_factor"},
                                             {"rope_factors_long.weight", "long_factor"}};

/* Has the entry's n numbers copied to *factors. */
static bl_code open_factors(bl_loader *loader, const bl_entry *entry, int64_t n, float **factors,
                            bl_error *error) {
  if (strcmp(entry->type->name, "F32") != 0)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is %s, expected %s",
                   loader->file_name, entry->name, entry->type->name, "F32");
  if (!bl_entry_has_shape(entry, 1, n)) return bl_loader_fail_shape(loader, entry, 1, n, error);
  if (*factors) return bl_loader_fail_twice(loader, entry, error);
  *factors = malloc((size_t)n * sizeof **factors);
  if (!*factors) return bl_fail_memory(error, (uint64_t)n * sizeof **factors);
  loader->sink = (bl_sink){.kind = BL_SINK_COPY, .copy_to = (uint8_t *)*factors};
  return BL_OK;
}

bl_code bl_loader_open_rope(bl_loader *loader, const bl_entry *entry, bool *taken,
                            bl_error *error) {
  bl_model *model = loader->model;
  const bl_config *c = &model->config;
  *taken = true;
  if (strcmp(entry->name, "rope_freqs.weight") == 0 && c->rope_scaling != BL_ROPE_LONG)
    return open_factors(loader, entry, c->rope_dim / 2, &model->rope_factors, error);
  for (int i = 0; i < 2 && c->rope_scaling == BL_ROPE_LONG; i++)
    if (strcmp(entry->name, long_names[i][0]) == 0)
      return open_factors(loader, entry, c->rope_dim / 2, &loader->long_factors[i], error);
  *taken = false;
  return BL_OK;
}

/* A list of numbers; NULL: out of memory. */
static cJSON *list_of(const float *factors, int n) {
  cJSON *list = cJSON_CreateArray();
  for (int i = 0; list && i < n; i++) {
    cJSON *item = cJSON_CreateNumber(bl_plain_decimal((double)factors[i]));
    if (item && cJSON_AddItemToArray(list, item)) continue;
    cJSON_Delete(item);
    cJSON_Delete(list);
    return NULL;
  }
  return list;
}

static bl_code settle_long(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  const int n = model->config.rope_dim / 2;
  cJSON *scaling = cJSON_GetObjectItemCaseSensitive(model->config_json, "rope_scaling");
  bl_code code = BL_OK;
  for (int i = 0; code == BL_OK && i < 2; i++) {
    const float *factors = loader->long_factors[i];
    if (!factors) return bl_loader_fail_missing(loader, long_names[i][0], error);
    code = bl_json_set(scaling, long_names[i][1], list_of(factors, n), error);
    if (code == BL_OK) /* are they positive? */
      code = bl_config_rope_factors(long_names[i][0], model->config_json, &model->config, i == 1,
                                    loader->long_factors[i], error);
  }
  return code;
}

bl_code bl_loader_settle_rope(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  const bool is_gguf = strcmp(model->container, "gguf") == 0;
  if (is_gguf && model->config.rope_scaling == BL_ROPE_LONG) return settle_long(loader, error);
  if (!model->rope_factors || !bl_rope_recognize_llama3(&model->config, model->rope_factors))
    return BL_OK;
  /* They follow Llama 3.1's rule, which config.json can express. */
  free(model->rope_factors);
  model->rope_factors = NULL;
  cJSON_Delete(model->config_json);
  model->config_json = NULL;
  return bl_config_to_json(&model->config, model->tokenizer, &model->config_json, error);
}
