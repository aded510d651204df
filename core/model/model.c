/* A loaded model: what it tells of itself, and its tensors decoded. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/convert.h"

void bl_model_free(bl_model *model) {
  if (!model) return;
  const bool is_variant = model->reference != NULL;
  for (int i = 0; i < model->n_weights; i++) {
    bl_weight_release(&model->weights[i]);
    if (!is_variant) free(model->weights[i].name);
  }
  free(model->weights);
  free(model->by_role);
  bl_notes_free(&model->notes);
  if (!is_variant) {
    free(model->rope_factors);
    bl_texts_free(&model->texts);
    bl_chat_templates_free(&model->templates);
    bl_gguf_discard(&model->origin);
    free(model->name);
    cJSON_Delete(model->config_json);
    bl_tokenizer_free(model->tokenizer);
  }
  free(model);
}

const bl_tensor *bl_model_tensor(const bl_model *model, bl_role role, int layer) {
  const bl_weight *weight = model->by_role[(layer + 1) * BL_N_ROLES + (int)role];
  return weight ? &weight->tensor : NULL;
}

int bl_model_n_notes(const bl_model *model) {
  return model->notes.n;
}
const bl_note *bl_model_note(const bl_model *model, int i) {
  return &model->notes.list[i];
}

const bl_tokenizer *bl_model_tokenizer(const bl_model *model) {
  return model->tokenizer;
}

static int64_t n_params(const bl_weight *weight) {
  return weight->tensor.n_rows * weight->tensor.n_cols;
}

static uint64_t size_bytes(const bl_weight *weight) {
  return bl_format_bytes(&weight->tensor.format, weight->tensor.n_rows, weight->tensor.n_cols);
}

/* The source format that most parameters were read from. */
static const bl_format *most_common_source(const bl_model *model) {
  enum { MOST = 64 }; /* there are fewer formats than this, with all their settings */
  const bl_format *formats[MOST], *best = NULL;
  int64_t n[MOST], best_n = -1;
  int n_formats = 0;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_format *f = &model->weights[i].source_format;
    int k = 0;
    while (k < n_formats && (f->codec != formats[k]->codec || f->bits != formats[k]->bits ||
                             f->group != formats[k]->group))
      k++;
    if (k == MOST) continue;
    if (k == n_formats) {
      formats[k] = f;
      n[n_formats++] = 0;
    }
    n[k] += n_params(&model->weights[i]);
  }
  for (int k = 0; k < n_formats; k++) {
    if (n[k] <= best_n) continue;
    best_n = n[k];
    best = formats[k];
  }
  return best;
}

void bl_model_get_info(const bl_model *model, bl_model_info *info) {
  const bl_config *config = &model->config;
  *info = (bl_model_info){
      .architecture = config->architecture,
      .name = model->name ? model->name : "",
      .container = model->container,
      .stored_as = "",
      .n_layers = config->n_layers,
      .dim = config->dim,
      .n_heads = config->n_heads,
      .n_kv_heads = config->n_kv_heads,
      .head_dim = config->head_dim,
      .ffn_dim = config->ffn_dim,
      .vocab_size = config->vocab_size,
      .max_context = config->max_context - config->family->first_position,
      .tied_output = config->tied_output,
      .is_encoder = config->block.is_encoder,
      .has_tokenizer = model->tokenizer != NULL,
      .documents = config->documents,
      .n_tensors = model->n_weights,
  };
  bl_recipe_print(&model->recipe, info->recipe, sizeof info->recipe);
  for (int i = 0; i < model->n_weights; i++) {
    info->n_params += n_params(&model->weights[i]);
    info->source_bytes += model->weights[i].source_bytes;
    info->size_bytes += size_bytes(&model->weights[i]);
  }
  if (info->n_params > 0)
    info->bits_per_weight = 8.0 * (double)info->size_bytes / (double)info->n_params;
  const bl_format *source = most_common_source(model);
  if (source) {
    info->stored_as = source->codec->name;
    info->already_quantized = bl_format_dtype(source) == BL_DTYPE_NONE;
  }
}

const char *bl_model_cannot_run(const bl_model *model) {
  return model->config.cannot_run;
}

static bl_code check_index(const bl_model *model, int index, bl_error *error) {
  if (index >= 0 && index < model->n_weights) return BL_OK;
  return bl_fail(error, BL_ERR_ARGUMENT, "tensor %d does not exist: the model has %d", index,
                 model->n_weights);
}

bl_code bl_model_get_tensor(const bl_model *model, int index, bl_tensor_info *info,
                            bl_error *error) {
  bl_code code = check_index(model, index, error);
  if (code != BL_OK) return code;
  const bl_weight *weight = &model->weights[index];
  *info = (bl_tensor_info){
      .name = weight->name,
      .layer = weight->layer,
      .work = bl_role_work(weight->role),
      .n_rows = weight->tensor.n_rows,
      .n_cols = weight->tensor.n_cols,
      .size_bytes = size_bytes(weight),
      .source_bytes = weight->source_bytes,
      .converted = weight->converted,
      .error = bl_error_sums_result(&weight->error),
  };
  if (bl_role_quantizable(weight->role))
    bl_role_kind(&model->config, weight->role, info->kind, sizeof info->kind);
  bl_format_print(&weight->tensor.format, info->format, sizeof info->format);
  bl_format_print(&weight->source_format, info->source_format, sizeof info->source_format);
  return BL_OK;
}

void bl_model_get_error(const bl_model *model, bl_weight_error *error) {
  bl_error_sums sums = {0};
  for (int i = 0; i < model->n_weights; i++) bl_error_sums_add(&sums, &model->weights[i].error);
  *error = bl_error_sums_result(&sums);
}

bl_code bl_model_decode_rows(const bl_model *model, int tensor, int64_t first_row, int64_t n_rows,
                             float *values, bl_error *error) {
  bl_code code = check_index(model, tensor, error);
  if (code != BL_OK) return code;
  const bl_tensor *t = &model->weights[tensor].tensor;
  if (first_row < 0 || n_rows < 0 || n_rows > t->n_rows || first_row > t->n_rows - n_rows)
    return bl_fail(error, BL_ERR_ARGUMENT, "rows %lld to %lld do not exist: %s has %lld",
                   (long long)first_row, (long long)(first_row + n_rows),
                   model->weights[tensor].name, (long long)t->n_rows);
  for (int64_t r = 0; r < n_rows; r++)
    bl_tensor_decode_row(t, first_row + r, values + r * t->n_cols);
  return BL_OK;
}
