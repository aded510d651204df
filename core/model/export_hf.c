/* What MLX's and transformers' directories share: safetensors with an index, config and
 * tokenizer. */
#include "model/export_hf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_print.h"
#include "base/number.h"
#include "model/made.h"
#include "text/tokenizer.h"

/* mlx_lm starts another file when a tensor would take the current one past this. */
static const uint64_t max_shard_bytes = (uint64_t)5 << 30;

/* ---- arrays -------------------------------------------------------------------------------- */

const char *bl_safetensors_dtype(bl_dtype dtype) {
  return dtype == BL_F32 ? "F32" : dtype == BL_F16 ? "F16" : "BF16";
}

int bl_path_length(const char *name) {
  return (int)(strrchr(name, '.') - name);
}

void bl_export_add_floats(bl_export *ex, const bl_weight *weight, const char *name, bl_dtype dtype,
                          bool turned) {
  const bl_tensor *t = &weight->tensor;
  bool as_it_is = bl_format_dtype(&t->format) == dtype && !turned;
  bool is_vector = t->n_rows == 1 && !bl_role_quantizable(weight->role);
  bl_export_array *a = &ex->arrays[ex->n_arrays++];
  *a = (bl_export_array){
      .dtype = bl_safetensors_dtype(dtype),
      .n_dims = is_vector ? 1 : 2,
      .dims = {is_vector || turned ? t->n_cols : t->n_rows, turned ? t->n_rows : t->n_cols},
      .bytes = as_it_is ? t->parts[0] : NULL,
      .tensor = t,
      .decode_to = as_it_is ? BL_DTYPE_NONE : dtype,
      .turned = turned,
      .size_bytes = (uint64_t)t->n_rows * (uint64_t)t->n_cols * bl_dtype_size(dtype),
  };
  snprintf(a->name, sizeof a->name, "%s", name);
  bl_export_part_experts(ex, weight, a);
}

void bl_export_split(bl_export *ex) {
  uint64_t shard_bytes = 0;
  for (int i = 0; i < ex->n_arrays; i++) {
    bl_export_array *a = &ex->arrays[i];
    if (ex->n_shards == 0 || shard_bytes + a->size_bytes > max_shard_bytes) {
      ex->n_shards++;
      shard_bytes = 0;
    }
    a->shard = ex->n_shards - 1;
    shard_bytes += a->size_bytes;
  }
}

/* ---- safetensors --------------------------------------------------------------------------- */

bl_code bl_export_add_json(bl_export *ex, const char *name, bl_json_writer *w, bl_error *error) {
  char *text = NULL;
  size_t size = 0;
  bl_code code = bl_json_finish(w, &text, &size, error);
  return code == BL_OK ? bl_export_add_file(ex, name, text, size, -1, error) : code;
}

static void shard_name(const bl_export *ex, int shard, char *name, size_t name_size) {
  if (ex->n_shards == 1)
    snprintf(name, name_size, "model.safetensors");
  else
    snprintf(name, name_size, "model-%05d-of-%05d.safetensors", shard + 1, ex->n_shards);
}

/* The length and the JSON that begin a safetensors file, padded to a multiple of 8 bytes. */
static bl_code add_shard(bl_export *ex, int shard, const char *metadata, bl_error *error) {
  size_t capacity = strlen(metadata) + 64;
  for (int i = 0; i < ex->n_arrays; i++)
    if (ex->arrays[i].shard == shard) capacity += strlen(ex->arrays[i].name) + 160;
  char *text = malloc(capacity);
  if (!text) return bl_fail_memory(error, capacity);
  size_t n = 8;
  n += (size_t)snprintf(text + n, capacity - n, "{\"__metadata__\":%s", metadata);
  uint64_t offset = 0;
  for (int i = 0; i < ex->n_arrays; i++) {
    const bl_export_array *a = &ex->arrays[i];
    if (a->shard != shard) continue;
    char shape[72];
    size_t at = 0;
    for (int d = 0; d < a->n_dims; d++)
      at += (size_t)snprintf(shape + at, sizeof shape - at, "%s%lld", d ? "," : "",
                             (long long)a->dims[d]);
    n += (size_t)snprintf(text + n, capacity - n,
                          ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%llu,%llu]}",
                          a->name, a->dtype, shape, (unsigned long long)offset,
                          (unsigned long long)(offset + a->size_bytes));
    offset += a->size_bytes;
  }
  text[n++] = '}';
  while (n % 8 != 0) text[n++] = ' ';
  for (int i = 0; i < 8; i++) text[i] = (char)((uint64_t)(n - 8) >> 8 * i & 0xff);
  char name[48];
  shard_name(ex, shard, name, sizeof name);
  return bl_export_add_file(ex, name, text, n, shard, error);
}

static int compare_names(const void *a, const void *b) {
  return strcmp((*(const bl_export_array *const *)a)->name,
                (*(const bl_export_array *const *)b)->name);
}

static bl_code add_shard_index(bl_export *ex, bl_error *error) {
  uint64_t total_size = 0;
  bl_model_info info;
  bl_model_get_info(ex->model, &info);
  const bl_export_array **sorted = malloc((size_t)ex->n_arrays * sizeof *sorted);
  if (!sorted) return bl_fail_memory(error, (uint64_t)ex->n_arrays * sizeof *sorted);
  for (int i = 0; i < ex->n_arrays; i++) {
    sorted[i] = &ex->arrays[i];
    total_size += ex->arrays[i].size_bytes;
  }
  qsort(sorted, (size_t)ex->n_arrays, sizeof *sorted, compare_names);
  bl_json_writer w = {.style = &bl_json_python};
  bl_json_open(&w, NULL, '{');
  bl_json_open(&w, "metadata", '{');
  bl_json_put_number(&w, "total_size", (double)total_size);
  bl_json_put_number(&w, "total_parameters", (double)info.n_params);
  bl_json_close(&w, '}');
  bl_json_open(&w, "weight_map", '{');
  for (int i = 0; i < ex->n_arrays; i++) {
    char name[48];
    shard_name(ex, sorted[i]->shard, name, sizeof name);
    bl_json_put_string(&w, sorted[i]->name, name);
  }
  bl_json_close(&w, '}');
  bl_json_close(&w, '}');
  free(sorted);
  return bl_export_add_json(ex, "model.safetensors.index.json", &w, error);
}

bl_code bl_export_add_safetensors(bl_export *ex, const char *metadata, bool always_index,
                                  bl_error *error) {
  bl_code code = BL_OK;
  for (int shard = 0; code == BL_OK && shard < ex->n_shards; shard++)
    code = add_shard(ex, shard, metadata, error);
  bool has_index = always_index || ex->n_shards > 1;
  return code == BL_OK && has_index ? add_shard_index(ex, error) : code;
}

/* ---- config.json --------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b) {
  return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* Puts an object's members in order of their keys, as mlx_lm and transformers do. */
static bool sort_members(cJSON *object) {
  size_t n = (size_t)cJSON_GetArraySize(object);
  cJSON **items = malloc((n + 1) * sizeof *items);
  if (!items) return false;
  for (size_t i = 0; i < n; i++) items[i] = cJSON_DetachItemViaPointer(object, object->child);
  qsort(items, n, sizeof *items, compare_keys);
  for (size_t i = 0; i < n; i++) cJSON_AddItemToArray(object, items[i]);
  free(items);
  return true;
}

/* transformers 5 writes "rope_parameters", where mlx_lm 0.32 (llama, qwen2) and transformers 4 read
 * "rope_theta" and "rope_scaling" alone, and else take defaults without a word. So both are written
 * where only the former is there, which all read alike. */
static bl_code add_old_spelling(cJSON *config, bl_error *error) {
  const cJSON *parameters = bl_json_member(config, "rope_parameters");
  const cJSON *theta = bl_json_member(parameters, "rope_theta");
  const cJSON *type = bl_json_member(parameters, "rope_type");
  bl_code code = BL_OK;
  if (cJSON_IsNumber(theta) && !bl_json_member(config, "rope_theta"))
    code = bl_json_set(config, "rope_theta", cJSON_Duplicate(theta, true), error);
  bool is_scaled = cJSON_IsString(type) && strcmp(type->valuestring, "default") != 0;
  if (code != BL_OK || !is_scaled || bl_json_member(config, "rope_scaling")) return code;
  cJSON *scaling = cJSON_Duplicate(parameters, true);
  if (scaling) bl_json_remove(scaling, "rope_theta");
  return bl_json_set(config, "rope_scaling", scaling, error);
}

bl_code bl_export_config(const bl_model *model, cJSON **config, bl_error *error) {
  if (model->rope_factors)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "tensor 'rope_freqs.weight' rescales the rotary frequencies in a way that "
                   "config.json can't express, so the model can't be exported");
  *config = cJSON_Duplicate(model->config_json, true);
  if (!*config) return bl_fail_memory(error, sizeof **config);
  bl_json_remove(*config, "_name_or_path");
  bl_json_remove(*config, "vision_config");
  bl_code code = add_old_spelling(*config, error);
  if (code == BL_OK) return BL_OK;
  cJSON_Delete(*config);
  *config = NULL;
  return code;
}

bl_code bl_export_add_config(bl_export *ex, cJSON *config, bl_error *error) {
  bl_code code = bl_made_to_config(ex->model, config, error);
  if (code != BL_OK) return code;
  if (!sort_members(config)) return bl_fail_memory(error, sizeof *config);
  bl_json_writer w = {.style = &bl_json_python};
  bl_json_put_tree(&w, NULL, config);
  return bl_export_add_json(ex, "config.json", &w, error);
}

/* ---- texts --------------------------------------------------------------------------------- */

static bl_code add_tokenizer(bl_export *ex, bl_error *error) {
  char *text = NULL;
  size_t text_size = 0;
  if (!ex->model->tokenizer) return BL_OK;
  bl_code code = bl_tokenizer_to_json(ex->model->tokenizer, &text, &text_size, error);
  return code == BL_OK ? bl_export_add_file(ex, "tokenizer.json", text, text_size, -1, error)
                       : code;
}

bl_code bl_export_add_texts(bl_export *ex, bl_error *error) {
  const bl_texts *texts = &ex->model->texts;
  const bl_text *card = bl_texts_find(texts, "README.md");
  char *new_card = NULL;
  size_t card_size = 0;
  bl_code code = add_tokenizer(ex, error);
  if (code == BL_OK) code = bl_made_to_card(ex->model, card, &new_card, &card_size, error);
  if (new_card) code = bl_export_add_file(ex, "README.md", new_card, card_size, -1, error);
  for (int i = 0; code == BL_OK && i < texts->n; i++) {
    const bl_text *text = &texts->list[i];
    if (new_card && text == card) continue;
    char *copy = malloc(text->size + 1);
    if (copy) memcpy(copy, text->bytes, text->size + 1);
    code = bl_export_add_file(ex, text->name, copy, text->size, -1, error);
  }
  return code;
}
