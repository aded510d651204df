/* Of GGUF metadata: an encoder's shape, and what its files would have beside config.json. llama.cpp
 * has BERT, DistilBERT and RoBERTa under one name. The one without token types is DistilBERT. What
 * RoBERTa has of its own, positions before the first text's and where its head lies, is not in such
 * a file any more: it is a BERT. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"
#include "model/pooling.h"

static const bl_entry *find_tensor(const bl_index *index, const char *name) {
  for (int i = 0; i < index->n_entries; i++)
    if (strcmp(index->entries[i].name, name) == 0) return &index->entries[i];
  return NULL;
}

/* Every token must see all others. */
static bl_code refuse_causal(const bl_index *index, bl_error *error) {
  bool causal = false;
  bl_code code = bl_meta_bool(index, "bert.attention.causal", &causal, error);
  if (code || !causal) return code;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: metadata 'bert.attention.causal' is true, expected false",
                 index->file_name);
}

/* DistilBERT's config.json has no place for what norms add to their divisor. */
static bl_code check_distilbert(const bl_index *index, const bl_config *config, bl_error *error) {
  double eps = config->family->default_norm_eps;
  bl_code code = bl_meta_float(index, "bert.attention.layer_norm_epsilon", 0, 1, &eps, error);
  if (code || (float)eps == (float)config->family->default_norm_eps) return code;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: there are no token types, as in DistilBERT, but metadata "
                 "'bert.attention.layer_norm_epsilon' is %g, expected %g",
                 index->file_name, eps, config->family->default_norm_eps);
}

static const bl_meta *find_labels(const bl_index *index) {
  const bl_meta *labels = bl_index_meta(index, "bert.classifier.output_labels");
  bool are_texts = labels && labels->kind == BL_META_ARRAY && labels->n > 0 &&
                   labels->item_kind == BL_META_STRING;
  return are_texts ? labels : NULL;
}

static int32_t n_rows_of(const bl_entry *entry) {
  const int64_t n = entry->n_dims == 2 ? entry->dims[0] : 1;
  return n >= 1 && n <= BL_MAX_VOCAB ? (int32_t)n : 1;
}

bl_code bl_config_gguf_encoder(const bl_index *index, bl_config *config, bl_error *error) {
  const bl_entry *types = find_tensor(index, "token_types.weight"),
                 *classes = find_tensor(index, "cls.output.weight");
  bl_code code = refuse_causal(index, error);
  if (code) return code;
  if (!types) {
    config->family = bl_family_find("distilbert");
    snprintf(config->architecture, sizeof config->architecture, "%s", config->family->name);
    code = check_distilbert(index, config, error);
  }
  config->n_types = types ? n_rows_of(types) : 2;
  config->head = classes ? BL_HEAD_SEQUENCE : BL_HEAD_NONE;
  const bl_meta *labels = find_labels(index);
  if (classes) config->n_labels = labels ? (int32_t)labels->n : n_rows_of(classes);
  return code;
}

/* ---- its files ------------------------------------------------------------------------------ */

bl_code bl_config_gguf_labels(const bl_index *index, const bl_config *config, cJSON *json,
                              bl_error *error) {
  const bl_meta *labels = find_labels(index);
  if (config->head != BL_HEAD_SEQUENCE) return BL_OK;
  bl_json_writer w = {.style = &bl_json_compact};
  cJSON *names = NULL;
  bl_json_open(&w, NULL, '{');
  for (int32_t i = 0; i < config->n_labels; i++) {
    char key[24], own[32];
    snprintf(key, sizeof key, "%d", (int)i);
    snprintf(own, sizeof own, "LABEL_%d", (int)i);
    if (labels)
      bl_json_put_bytes(&w, key, labels->strings[i].bytes, labels->strings[i].size);
    else
      bl_json_put_string(&w, key, own);
  }
  bl_json_close(&w, '}');
  bl_code code = bl_json_finish_tree(&w, "config.json", &names, error);
  return code ? code : bl_json_set(json, "id2label", names, error);
}

bl_code bl_pooling_from_gguf(const bl_index *index, bl_texts *texts, bl_notes *notes,
                             bl_error *error) {
  int64_t pooling = BL_GGUF_POOL_MEAN;
  bl_code code = bl_meta_int(index, "bert.pooling_type", 0, 4, &pooling, error);
  const char *text = pooling == BL_GGUF_POOL_FIRST  ? "{\"pooling_mode_cls_token\": true}"
                     : pooling == BL_GGUF_POOL_LAST ? "{\"pooling_mode_lasttoken\": true}"
                                                    : NULL;
  if (code || !text) return code;
  return bl_texts_add(texts, BL_POOLING_FILE, text, strlen(text), notes, error);
}

bool bl_gguf_key_of_words(const bl_index *index, const char *key) {
  static const char *const keys[] = {"tokenizer.ggml.cls_token_id",
                                     "tokenizer.ggml.seperator_token_id",
                                     "tokenizer.ggml.mask_token_id"};
  const bl_meta *model = bl_index_meta(index, "tokenizer.ggml.model");
  if (!model || model->kind != BL_META_STRING || model->s.size != 4 ||
      memcmp(model->s.bytes, "bert", 4) != 0)
    return false;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (strcmp(key, keys[i]) == 0) return true;
  return false;
}
