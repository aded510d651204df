/* The end of reading a model: is all there, and what is still to be requantized? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "model/convert_fit.h"
#include "model/flaws.h"
#include "model/loader.h"
#include "model/statistics.h"
#include "model/target.h"
#include "model/torch_parts.h"

/* "model.layers.0.mlp.up_proj.weight is missing", and which file should have brought it. */
bl_code bl_loader_fail_missing(const bl_loader *loader, const char *name, bl_error *error) {
  cJSON *json = NULL;
  const char *shard = NULL;
  if (loader->texts[BL_TEXT_SHARD_INDEX] &&
      bl_json_parse("", loader->texts[BL_TEXT_SHARD_INDEX], loader->text_sizes[BL_TEXT_SHARD_INDEX],
                    &json, NULL) == BL_OK)
    shard = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(json, "weight_map"), name));
  char part[300];
  if (!shard && bl_loader_missing_part(loader, part, sizeof part))
    bl_fail(error, BL_ERR_INPUT, "tensor '%.96s' is missing, and so is %.200s", name, part);
  else if (shard)
    bl_fail(error, BL_ERR_INPUT,
            "tensor '%.96s' is missing: model.safetensors.index.json says it is in %.128s", name,
            shard);
  else
    bl_fail(error, BL_ERR_INPUT, "tensor '%.96s' is missing from the files given", name);
  cJSON_Delete(json);
  return BL_ERR_INPUT;
}

/* A tensor that came quantized needs all its parts: MLX's codes, scales and biases, or
 * torch_parts.h's. */
static bl_code check_parts(const bl_loader *loader, bl_error *error) {
  const bl_model *model = loader->model;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    const bl_codec *codec = weight->tensor.format.codec;
    for (int p = 0; p < codec->n_parts && codec->n_parts > 1; p++) {
      if (weight->converted || loader->arrivals[i].parts[p]) continue;
      char own[128], name[160];
      bool is_torchao = model->config.torch_method == BL_TORCH_TORCHAO;
      bl_role_mlx_name(&model->config, weight->role, weight->layer, own, sizeof own);
      int path = (int)(strlen(own) - strlen(".weight"));
      snprintf(name, sizeof name, "%.*s%s%s", path, own, is_torchao ? BL_TORCHAO_PART : ".",
               is_torchao ? bl_torchao_part_name(codec, p) : codec->part_names[p]);
      return bl_loader_fail_missing(loader, name, error);
    }
  }
  return BL_OK;
}

bl_code bl_loader_requantize(const bl_loader *loader, bl_weight *weight, bl_error *error) {
  bl_tensor old = weight->tensor;
  bl_format target = bl_target_format(&loader->options, &loader->model->config, weight, old.n_rows,
                                      old.n_cols, &old.format);
  if (bl_format_same(&target, &old.format))
    return weight->converted /* its scales were cast */
               ? bl_weight_judge(weight, &loader->options, &loader->model->notes, error)
               : BL_OK;
  uint8_t *old_owned[BL_MAX_PARTS];
  memcpy(old_owned, weight->owned, sizeof old_owned);
  memset(weight->owned, 0, sizeof weight->owned);
  weight->converted = true;
  weight->error = (bl_error_sums){0}; /* without that of casting the scales */
  weight->not_finite = weight->lost = (bl_flaw){0};
  bl_conversion conversion = bl_conversion_make(weight, &old, target, 0, &loader->options);
  conversion.hashes = bl_loader_hashes(loader, weight);
  bl_code code = bl_conversion_begin(&conversion, error);
  if (code == BL_OK) bl_conversion_rows_of(&conversion, &old, 0, old.n_rows);
  bl_conversion_end(&conversion);
  if (code == BL_OK) code = bl_weight_find_single(weight, &old, loader->options.pool, error);
  for (int p = 0; p < BL_MAX_PARTS; p++) bl_aligned_free(old_owned[p]);
  if (code != BL_OK) return code;
  return bl_weight_judge(weight, &loader->options, &loader->model->notes, error);
}

/* Embedding, layers from first to last, final norm, output. */
static int64_t rank(const bl_weight *weight) {
  int64_t layer = weight->layer;
  if (layer < 0) layer = bl_role_comes_first(weight->role) ? -1 : INT32_MAX;
  return layer * BL_N_ROLES + (int64_t)weight->role;
}

static int compare_rank(const void *a, const void *b) {
  int64_t ra = rank(a), rb = rank(b);
  return ra < rb ? -1 : ra > rb;
}

bl_code bl_loader_index_roles(bl_model *model, bl_error *error) {
  size_t n_slots = ((size_t)model->config.n_layers + 1) * BL_N_ROLES;
  if (!model->by_role) model->by_role = malloc(n_slots * sizeof *model->by_role);
  if (!model->by_role) return bl_fail_memory(error, n_slots * sizeof *model->by_role);
  for (size_t i = 0; i < n_slots; i++) model->by_role[i] = NULL;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    model->by_role[(weight->layer + 1) * BL_N_ROLES + (int)weight->role] = weight;
  }
  return BL_OK;
}

/* Embeddings are made without the pooler, which some files leave out; classes are not, but
 * llama.cpp's converter writes a BERT that tells some apart without it, of which embeddings can
 * still be made. */
static bool may_be_absent(const bl_model *model, bl_role role) {
  const bool is_pooler = role == BL_POOLER || role == BL_POOLER_BIAS;
  const bool is_gguf = strcmp(model->container, "gguf") == 0;
  return is_pooler && (model->config.head == BL_HEAD_NONE || is_gguf);
}

/* Is there a tensor for every role that the config asks for? */
static bl_code check_roles(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  const int n_layers = model->config.n_layers;
  bl_code code = bl_loader_index_roles(model, error);
  if (code != BL_OK) return code;
  for (int layer = -1; layer < n_layers; layer++) {
    for (int role = 0; role < BL_N_ROLES; role++) {
      int64_t n_rows, n_cols;
      if (bl_role_in_layers((bl_role)role) != (layer >= 0)) continue;
      if (!bl_role_shape(&model->config, (bl_role)role, &n_rows, &n_cols)) continue;
      if (model->by_role[(layer + 1) * BL_N_ROLES + role]) continue;
      if (may_be_absent(model, (bl_role)role)) continue;
      char name[128];
      bl_role_name(&model->config, (bl_role)role, layer, name, sizeof name);
      return bl_loader_fail_missing(loader, name, error);
    }
  }
  return BL_OK;
}

bl_code bl_loader_check_complete(bl_loader *loader, bl_error *error) {
  if (!loader->has_config)
    return bl_fail(error, BL_ERR_INPUT,
                   "no weights: expected a .gguf file, or config.json with .safetensors files");
  bl_code code = bl_loader_check_parts(loader, error);
  if (code == BL_OK) code = check_parts(loader, error);
  if (code == BL_OK) code = bl_loader_check_experts(loader, error);
  return code == BL_OK ? check_roles(loader, error) : code;
}

bl_code bl_loader_complete_tensors(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  bl_code code = bl_loader_check_complete(loader, error);
  for (int i = 0; code == BL_OK && i < model->n_weights; i++) {
    bl_weight *weight = &model->weights[i];
    if (weight->tensor.format.codec->n_parts == 1 || weight->converted) continue;
    weight->source_format = weight->tensor.format;
    code = bl_weight_cast_scales(weight, loader->options.cast, loader->options.measure, error);
    if (code == BL_OK) code = bl_loader_requantize(loader, weight, error);
  }
  if (code != BL_OK) return code;
  code = bl_loader_settle_output(loader, error);
  for (int i = 0; code == BL_OK && i < model->n_weights; i++)
    if (!model->weights[i].converted)
      code = bl_weight_judge_stored(&model->weights[i], &loader->options, &model->notes, error);
  if (code != BL_OK) return code;
  if (model->n_weights > 0)
    qsort(model->weights, (size_t)model->n_weights, sizeof *model->weights, compare_rank);
  code = bl_loader_settle_rope(loader, error);
  if (code == BL_OK) code = bl_loader_index_roles(model, error);
  if (code != BL_OK) return code;
  if (!model->by_role[BL_OUTPUT]) model->by_role[BL_OUTPUT] = model->by_role[BL_EMBED];
  code = bl_statistics_set_scales(&loader->options, model, error);
  if (code == BL_OK) code = bl_model_note_vanished(model, error);
  if (code == BL_OK) code = bl_target_note_misfits(model, error);
  return code == BL_OK ? bl_model_note_not_fitted(model, error) : code;
}
