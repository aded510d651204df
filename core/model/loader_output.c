/* An output matrix in the files of a model whose config says that the embedding is its output
 * matrix. As in transformers 5 (PreTrainedModel.tie_weights): where both have the same weights
 * there is one matrix; where they differ the config is wrong, and the model has two. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/loader.h"

bool bl_loader_hashes(const bl_loader *loader, const bl_weight *weight) {
  return loader->may_have_output && (weight->role == BL_EMBED || weight->role == BL_OUTPUT);
}

/* The hash of what the files have: that of a tensor kept as it is follows from its rows. */
static bl_code find_hash(bl_weight *weight, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  if (weight->converted) return BL_OK;
  float *row = malloc((size_t)t->n_cols * sizeof *row);
  if (!row) return bl_fail_memory(error, (uint64_t)t->n_cols * sizeof *row);
  weight->hash = 0;
  for (int64_t r = 0; r < t->n_rows; r++) {
    bl_tensor_decode_row(t, r, row);
    weight->hash = bl_hash_add(weight->hash, bl_row_hash(row, t->n_cols));
  }
  free(row);
  return BL_OK;
}

static void drop(bl_model *model, bl_weight *weight) {
  bl_weight_release(weight);
  free(weight->name);
  bl_weight *end = model->weights + --model->n_weights;
  memmove(weight, weight + 1, (size_t)(end - weight) * sizeof *weight);
}

static bl_code untie(bl_model *model, const bl_weight *output, bl_error *error) {
  static const char key[] = "tie_word_embeddings";
  const bool is_said = cJSON_GetObjectItemCaseSensitive(model->config_json, key) != NULL;
  model->config.tied_output = false;
  model->config.was_tied = true;
  cJSON *value = cJSON_CreateFalse();
  const bool ok =
      value && (is_said ? cJSON_ReplaceItemInObjectCaseSensitive(model->config_json, key, value)
                        : cJSON_AddItemToObject(model->config_json, key, value));
  if (!ok) {
    cJSON_Delete(value);
    return bl_fail_memory(error, sizeof *value);
  }
  if (strcmp(model->container, "gguf") == 0)
    return BL_OK; /* no config says so, only its first part */
  return bl_note_add(&model->notes, error, "untied", output->name, 0,
                     "the config says that the embedding is the output matrix too, but '%.96s' has "
                     "other weights: the model has both, as in transformers",
                     output->name);
}

/* Both matrices of a model that is said to have one; else NULL. */
static void find_both(bl_model *model, bl_weight **embedding, bl_weight **output) {
  *embedding = *output = NULL;
  for (int i = 0; model->config.tied_output && i < model->n_weights; i++) {
    if (model->weights[i].role == BL_EMBED) *embedding = &model->weights[i];
    if (model->weights[i].role == BL_OUTPUT) *output = &model->weights[i];
  }
}

bl_code bl_loader_outline_output(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  bl_weight *embedding, *output;
  find_both(model, &embedding, &output);
  if (!embedding || !output || !bl_format_same(&embedding->source_format, &output->source_format))
    return BL_OK;
  drop(model, output);
  return bl_loader_index_roles(model, error);
}

bl_code bl_loader_settle_output(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  bl_weight *embedding, *output;
  find_both(model, &embedding, &output);
  if (!embedding || !output) return BL_OK;
  bl_code code = find_hash(embedding, error);
  if (code == BL_OK) code = find_hash(output, error);
  if (code != BL_OK) return code;
  if (embedding->hash != output->hash) return untie(model, output, error);
  drop(model, output);
  return BL_OK;
}
