/* An encoder as a GGUF file: what of it llama.cpp's "bert" has no place for, and its own metadata,
 * as convert_hf_to_gguf.py writes it. */
#include "model/export_gguf.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "bitloss_encode.h"
#include "model/pooling.h"

bl_code bl_gguf_refuse_encoder(const bl_config *config, bl_error *error) {
  const bl_activation activation = config->block.activation;
  if (config->head == BL_HEAD_TOKENS || config->head == BL_HEAD_SPANS)
    return bl_fail(
        error, BL_ERR_UNSUPPORTED,
        "the model tells %s, but a GGUF file has no place for the layer that does: write "
        "an MLX directory, or one for transformers",
        config->head == BL_HEAD_TOKENS ? "classes of single tokens apart"
                                       : "where an answer begins and ends");
  if (activation == BL_GELU_ERF || activation == BL_GELU_TANH) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "the model's activation is %s, but llama.cpp takes it to be gelu, so the model "
                 "can't be written as GGUF",
                 activation == BL_RELU ? "relu" : "silu");
}

/* Which of a family's tensors have no place. */
static const char *left_out(const bl_config *config) {
  if (config->head == BL_HEAD_MASKED) return "the layers that guess hidden words are";
  return config->family == bl_family_find("distilbert") || config->head != BL_HEAD_NONE
             ? NULL
             : "the pooler, which embeddings do not need, is";
}

bl_code bl_gguf_note_encoder(bl_export *ex, bl_error *error) {
  const bl_config *config = &ex->model->config;
  const char *what = left_out(config), *type = NULL;
  bl_code code = BL_OK;
  for (int i = 0; what && i < ex->model->n_weights; i++) {
    char name[96];
    const bl_weight *weight = &ex->model->weights[i];
    bl_role_gguf_name(config, weight->role, weight->layer, name, sizeof name);
    if (*name) continue;
    code = bl_note_add(&ex->notes, error, "head-left-out", weight->name, 0,
                       "%s left out: a GGUF file has no place for it", what);
    break;
  }
  if (code == BL_OK && config->head == BL_HEAD_SEQUENCE &&
      bl_model_tensor(ex->model, BL_HEAD_DENSE, -1))
    code = bl_note_add(&ex->notes, error, "head-differs", "pre_classifier.weight", 0,
                       "the layer before the classes has relu, where llama.cpp takes tanh: it "
                       "gives other logits, and bitloss, which reads the file as DistilBERT, the "
                       "model's own");
  if (code == BL_OK && config->block.activation == BL_GELU_ERF)
    code = bl_note_add(&ex->notes, error, "gelu-approximated", "hidden_act", 0,
                       "llama.cpp approximates the model's gelu by tanh: its vectors differ by "
                       "some 0.0003");
  if (code == BL_OK && config->block.activation == BL_GELU_TANH)
    code = bl_note_add(&ex->notes, error, "gelu-left-out", "hidden_act", 0,
                       "GGUF has no word for the model's gelu, which tanh approximates: bitloss "
                       "reads the file as one with gelu itself");
  if (code == BL_OK)
    code = bl_json_string("config.json", ex->model->config_json, "problem_type", &type, error);
  if (code == BL_OK && type && strcmp(type, "single_label_classification") != 0)
    code = bl_note_add(&ex->notes, error, "problem-type-left-out", "problem_type", 0,
                       "GGUF has no words for 'problem_type', which is '%.64s': readers take the "
                       "model to choose one class",
                       type);
  return code;
}

static void put_labels(const bl_model *model, bl_gguf_header *header) {
  const int n = bl_model_n_labels(model);
  if (n == 0) return;
  bl_gguf_put_array(header, "bert.classifier.output_labels", BL_GGUF_STRING, (uint64_t)n);
  for (int i = 0; i < n; i++) {
    char buffer[24];
    const char *label = bl_model_label(model, i, buffer);
    bl_gguf_item_string(header, label, strlen(label));
  }
}

bl_code bl_gguf_put_encoder(const bl_model *model, bl_gguf_header *header, bl_error *error) {
  static const uint32_t numbers[] = {[BL_POOL_MEAN] = BL_GGUF_POOL_MEAN,
                                     [BL_POOL_FIRST] = BL_GGUF_POOL_FIRST,
                                     [BL_POOL_LAST] = BL_GGUF_POOL_LAST};
  const bl_config *config = &model->config;
  const bool has_types = bl_model_tensor(model, BL_TYPES, -1) != NULL;
  bl_pooling pooling;
  bl_code code = bl_pooling_of(&model->texts, &pooling, error);
  if (code != BL_OK) return code;
  bl_gguf_put_bool(header, "bert.attention.causal", false);
  bl_gguf_put_u32(
      header, "bert.pooling_type",
      config->head == BL_HEAD_SEQUENCE ? (uint32_t)BL_GGUF_POOL_RANK : numbers[pooling]);
  bl_gguf_put_u32(header, "tokenizer.ggml.token_type_count",
                  has_types ? (uint32_t)config->n_types : 1);
  put_labels(model, header);
  return BL_OK;
}
