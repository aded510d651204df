/* A model as the files of an MLX directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_print.h"
#include "base/number.h"
#include "model/export.h"
#include "text/tokenizer.h"

/* mlx_lm starts another file when a tensor would take the current one past this. */
static const uint64_t max_shard_bytes = (uint64_t)5 << 30;

/* ---- arrays -------------------------------------------------------------------------------- */

static const char *safetensors_name(bl_dtype dtype) {
  return dtype == BL_F32 ? "F32" : dtype == BL_F16 ? "F16" : "BF16";
}

/* The order in which mlx_lm lists a model's parameters; it decides what goes into which shard. */
static int mlx_rank(bl_role role) {
  static const bl_role order[] = {
      BL_EMBED,     BL_Q,      BL_Q_BIAS,  BL_K,         BL_K_BIAS,   BL_V,          BL_V_BIAS,
      BL_O,         BL_O_BIAS, BL_Q_NORM,  BL_K_NORM,    BL_GATE,     BL_GATE_BIAS,  BL_DOWN,
      BL_DOWN_BIAS, BL_UP,     BL_UP_BIAS, BL_ATTN_NORM, BL_FFN_NORM, BL_FINAL_NORM, BL_OUTPUT,
  };
  int i = 0;
  while (order[i] != role) i++;
  return i;
}

static int compare_mlx_order(const void *a, const void *b) {
  const bl_weight *x = *(const bl_weight *const *)a, *y = *(const bl_weight *const *)b;
  int lx = x->layer, ly = y->layer;
  if (lx < 0) lx = x->role == BL_EMBED ? -1 : INT32_MAX;
  if (ly < 0) ly = y->role == BL_EMBED ? -1 : INT32_MAX;
  if (lx != ly) return lx < ly ? -1 : 1;
  return mlx_rank(x->role) - mlx_rank(y->role);
}

/* All weights, in a list that the caller frees; NULL: out of memory. */
static const bl_weight **weights_in_mlx_order(const bl_model *model) {
  size_t n = (size_t)model->n_weights;
  const bl_weight **order = malloc(n * sizeof *order);
  for (size_t i = 0; order && i < n; i++) order[i] = &model->weights[i];
  if (order) qsort(order, n, sizeof *order, compare_mlx_order);
  return order;
}

/* "model.norm" from "model.norm.weight". */
static int path_length(const bl_weight *weight) {
  return (int)(strrchr(weight->name, '.') - weight->name);
}

static bl_code add_arrays(bl_export *ex, const bl_weight *weight, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  bl_dtype dtype = bl_format_dtype(&t->format);
  if (dtype != BL_DTYPE_NONE) {
    bl_export_array *a = &ex->arrays[ex->n_arrays++];
    *a = (bl_export_array){.dtype = safetensors_name(dtype), .bytes = t->parts[0]};
    snprintf(a->name, sizeof a->name, "%s", weight->name);
    a->n_dims = t->n_rows == 1 && !bl_role_quantizable(weight->role) ? 1 : 2;
    a->dims[0] = a->n_dims == 1 ? t->n_cols : t->n_rows;
    a->dims[1] = t->n_cols;
    a->size_bytes = t->row_bytes[0] * (uint64_t)t->n_rows;
    return BL_OK;
  }
  if (!bl_is_mlx_mode(t->format.codec))
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "tensor '%.96s' is stored as %s, which an MLX directory can't hold: choose a "
                   "recipe that converts it, or a float type for what the recipe leaves",
                   weight->name, t->format.codec->name);
  for (int p = 0; p < t->format.codec->n_parts; p++) {
    bl_export_array *a = &ex->arrays[ex->n_arrays++];
    *a = (bl_export_array){.n_dims = 2, .bytes = t->parts[p]};
    bool is_bytes = t->format.codec->uses_dtype;
    size_t number_size = p == 0 ? 4 : is_bytes ? 1 : bl_dtype_size(t->format.param_dtype);
    a->dtype = p == 0 ? "U32" : is_bytes ? "U8" : safetensors_name(t->format.param_dtype);
    snprintf(a->name, sizeof a->name, "%.*s.%s", path_length(weight), weight->name,
             t->format.codec->part_names[p]);
    a->dims[0] = t->n_rows;
    a->dims[1] = (int64_t)(t->row_bytes[p] / number_size);
    a->size_bytes = t->row_bytes[p] * (uint64_t)t->n_rows;
  }
  return BL_OK;
}

static bl_code list_arrays(bl_export *ex, bl_error *error) {
  size_t n = (size_t)ex->model->n_weights;
  const bl_weight **order = weights_in_mlx_order(ex->model);
  ex->arrays = malloc(n * BL_MAX_PARTS * sizeof *ex->arrays);
  bl_code code = order && ex->arrays ? BL_OK : bl_fail_memory(error, n * sizeof *ex->arrays);
  for (size_t i = 0; code == BL_OK && i < n; i++) code = add_arrays(ex, order[i], error);
  free(order);
  uint64_t shard_bytes = 0;
  for (int i = 0; code == BL_OK && i < ex->n_arrays; i++) {
    bl_export_array *a = &ex->arrays[i];
    if (ex->n_shards == 0 || shard_bytes + a->size_bytes > max_shard_bytes) {
      ex->n_shards++;
      shard_bytes = 0;
    }
    a->shard = ex->n_shards - 1;
    shard_bytes += a->size_bytes;
  }
  return code;
}

/* ---- files --------------------------------------------------------------------------------- */

static bl_code add_json(bl_export *ex, const char *name, const cJSON *json, bl_error *error) {
  char *text = bl_json_print(json);
  return bl_export_add_file(ex, name, text, text ? strlen(text) : 0, -1, error);
}

static void shard_name(const bl_export *ex, int shard, char *name, size_t name_size) {
  if (ex->n_shards == 1)
    snprintf(name, name_size, "model.safetensors");
  else
    snprintf(name, name_size, "model-%05d-of-%05d.safetensors", shard + 1, ex->n_shards);
}

/* The length and the JSON that begin a safetensors file, padded to a multiple of 8 bytes. */
static bl_code add_shard(bl_export *ex, int shard, bl_error *error) {
  size_t capacity = 64;
  for (int i = 0; i < ex->n_arrays; i++)
    if (ex->arrays[i].shard == shard) capacity += strlen(ex->arrays[i].name) + 160;
  char *text = malloc(capacity);
  if (!text) return bl_fail_memory(error, capacity);
  size_t n = 8;
  n += (size_t)snprintf(text + n, capacity - n, "{\"__metadata__\":{\"format\":\"mlx\"}");
  uint64_t offset = 0;
  for (int i = 0; i < ex->n_arrays; i++) {
    const bl_export_array *a = &ex->arrays[i];
    if (a->shard != shard) continue;
    char shape[48];
    if (a->n_dims == 1)
      snprintf(shape, sizeof shape, "%lld", (long long)a->dims[0]);
    else
      snprintf(shape, sizeof shape, "%lld,%lld", (long long)a->dims[0], (long long)a->dims[1]);
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
  cJSON *json = cJSON_CreateObject();
  cJSON *metadata = cJSON_AddObjectToObject(json, "metadata");
  cJSON *map = cJSON_AddObjectToObject(json, "weight_map");
  bl_code code = sorted && metadata && map ? BL_OK : bl_fail_memory(error, sizeof *ex);
  for (int i = 0; code == BL_OK && i < ex->n_arrays; i++) {
    sorted[i] = &ex->arrays[i];
    total_size += ex->arrays[i].size_bytes;
  }
  if (code == BL_OK) {
    qsort(sorted, (size_t)ex->n_arrays, sizeof *sorted, compare_names);
    cJSON_AddNumberToObject(metadata, "total_size", (double)total_size);
    cJSON_AddNumberToObject(metadata, "total_parameters", (double)info.n_params);
  }
  for (int i = 0; code == BL_OK && i < ex->n_arrays; i++) {
    char name[48];
    shard_name(ex, sorted[i]->shard, name, sizeof name);
    cJSON_AddStringToObject(map, sorted[i]->name, name);
  }
  if (code == BL_OK) code = add_json(ex, "model.safetensors.index.json", json, error);
  cJSON_Delete(json);
  free(sorted);
  return code;
}

/* ---- config.json --------------------------------------------------------------------------- */

static void add_settings(cJSON *object, const bl_format *format) {
  cJSON_AddNumberToObject(object, "group_size", format->group);
  cJSON_AddNumberToObject(object, "bits", format->bits);
  cJSON_AddStringToObject(object, "mode", format->codec->name);
}

/* The settings that hold where no layer has its own: the recipe's, mlx_lm's default beside a
 * mixture, or those of the first quantized tensor. */
static bl_format general_settings(const bl_model *model, const bl_format *first) {
  const bl_recipe *recipe = &model->recipe;
  const bl_codec *codec = recipe->codec;
  if (recipe->mixture && recipe->group > 0)
    return (bl_format){first->codec, first->codec->default_bits, recipe->group, BL_DTYPE_NONE};
  if (!codec || !bl_is_mlx_mode(codec)) return *first;
  if (codec->has_settings) return (bl_format){codec, recipe->bits, recipe->group, BL_DTYPE_NONE};
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

/* The "quantization" entry: general settings, and those of every layer that differs; of every layer
 * under a mixture, as mlx_lm writes them. `json` stays NULL when nothing is quantized. */
static bl_code quantization(const bl_model *model, cJSON **json, bl_error *error) {
  const bl_weight **order = weights_in_mlx_order(model);
  if (!order) return bl_fail_memory(error, (uint64_t)model->n_weights * sizeof *order);
  bl_format general = {0};
  *json = NULL;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_format *format = &order[i]->tensor.format;
    if (!bl_is_mlx_mode(format->codec)) continue;
    if (!*json) {
      general = general_settings(model, format);
      *json = cJSON_CreateObject();
      add_settings(*json, &general);
    }
    bool is_general = format->codec == general.codec && format->bits == general.bits &&
                      format->group == general.group;
    if (is_general && !model->recipe.mixture) continue;
    char path[128];
    snprintf(path, sizeof path, "%.*s", path_length(order[i]), order[i]->name);
    add_settings(cJSON_AddObjectToObject(*json, path), format);
  }
  free(order);
  return BL_OK;
}

static int compare_keys(const void *a, const void *b) {
  return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* Puts an object's members in order of their keys, as mlx_lm does. */
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

/* The end tokens that generation_config.json names take the place of the config's, as mlx_lm's
 * loader has it. A text that is not JSON is left alone, as there. */
static void use_end_tokens(const bl_model *model, cJSON *config) {
  cJSON *generation = NULL;
  if (!model->generation_config ||
      bl_json_parse("", model->generation_config, strlen(model->generation_config), &generation,
                    NULL) != BL_OK)
    return;
  cJSON *ids = cJSON_DetachItemFromObjectCaseSensitive(generation, "eos_token_id");
  bool given = cJSON_IsArray(ids) ? cJSON_GetArraySize(ids) > 0
                                  : cJSON_IsNumber(ids) && ids->valuedouble != 0;
  if (given) {
    cJSON_DeleteItemFromObjectCaseSensitive(config, "eos_token_id");
    cJSON_AddItemToObject(config, "eos_token_id", ids);
  } else {
    cJSON_Delete(ids);
  }
  cJSON_Delete(generation);
}

static bl_code add_config(bl_export *ex, bl_error *error) {
  const bl_model *model = ex->model;
  if (model->rope_factors)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "tensor 'rope_freqs.weight' rescales the rotary frequencies in a way that "
                   "config.json can't express, so the model can't be exported");
  cJSON *config = cJSON_Duplicate(model->config_json, true);
  if (!config) return bl_fail_memory(error, sizeof *config);
  cJSON_DeleteItemFromObjectCaseSensitive(config, "_name_or_path");
  cJSON_DeleteItemFromObjectCaseSensitive(config, "vision_config");
  bl_code code = BL_OK;
  if (strcmp(model->container, "mlx") != 0 || !bl_recipe_is_reference(&model->recipe)) {
    cJSON *settings = NULL;
    code = quantization(model, &settings, error);
    cJSON_DeleteItemFromObjectCaseSensitive(config, "quantization");
    cJSON_DeleteItemFromObjectCaseSensitive(config, "quantization_config");
    if (settings) {
      cJSON_AddItemToObject(config, "quantization_config", cJSON_Duplicate(settings, true));
      cJSON_AddItemToObject(config, "quantization", settings);
    }
  }
  use_end_tokens(model, config);
  if (code == BL_OK)
    code = sort_members(config) ? add_json(ex, "config.json", config, error)
                                : bl_fail_memory(error, sizeof *config);
  cJSON_Delete(config);
  return code;
}

/* ---- tokenizer ----------------------------------------------------------------------------- */

/* What Hugging Face's loaders want beside a tokenizer.json that was made from GGUF metadata. */
static bl_code add_tokenizer_config(bl_export *ex, bl_error *error) {
  cJSON *json = cJSON_CreateObject();
  if (!json) return bl_fail_memory(error, sizeof *json);
  cJSON_AddStringToObject(json, "tokenizer_class", "PreTrainedTokenizerFast");
  cJSON_AddFalseToObject(json, "clean_up_tokenization_spaces");
  const bl_tokenizer *tokenizer = ex->model->tokenizer;
  for (int id = 0; id < bl_tokenizer_size(tokenizer); id++) {
    const char *bytes;
    size_t n_bytes;
    if (!bl_tokenizer_is_end(tokenizer, id) ||
        bl_tokenizer_bytes(tokenizer, id, true, &bytes, &n_bytes, NULL) != BL_OK)
      continue;
    char *token = malloc(n_bytes + 1);
    if (!token) break;
    memcpy(token, bytes, n_bytes);
    token[n_bytes] = '\0';
    cJSON_AddStringToObject(json, "eos_token", token);
    free(token);
    break;
  }
  bl_code code = add_json(ex, "tokenizer_config.json", json, error);
  cJSON_Delete(json);
  return code;
}

static bl_code add_tokenizer(bl_export *ex, bl_error *error) {
  char *text = NULL;
  size_t text_size = 0;
  bl_code code = bl_tokenizer_to_json(ex->model->tokenizer, &text, &text_size, error);
  if (code == BL_OK) code = bl_export_add_file(ex, "tokenizer.json", text, text_size, -1, error);
  if (code == BL_OK && strcmp(ex->model->container, "gguf") == 0)
    code = add_tokenizer_config(ex, error);
  return code;
}

/* ---- all of it ---------------------------------------------------------------------------- */

bl_export *bl_export_mlx_new(const bl_model *model, bl_error *error) {
  bl_export *ex = calloc(1, sizeof *ex);
  if (!ex) {
    bl_fail_memory(error, sizeof *ex);
    return NULL;
  }
  ex->model = model;
  bl_code code = list_arrays(ex, error);
  if (code == BL_OK) code = add_config(ex, error);
  for (int shard = 0; code == BL_OK && shard < ex->n_shards; shard++)
    code = add_shard(ex, shard, error);
  if (code == BL_OK) code = add_shard_index(ex, error);
  if (code == BL_OK && model->tokenizer) code = add_tokenizer(ex, error);
  if (code == BL_OK && model->generation_config)
    code =
        bl_export_add_file(ex, "generation_config.json", bl_copy_string(model->generation_config),
                           strlen(model->generation_config), -1, error);
  if (code == BL_OK) return ex;
  bl_export_free(ex);
  return NULL;
}
