/* A model as the files of an MLX directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_print.h"
#include "base/number.h"
#include "model/model.h"
#include "text/tokenizer.h"

/* mlx_lm starts another file when a tensor would take the current one past this. */
static const uint64_t max_shard_bytes = (uint64_t)5 << 30;

/* One array of a safetensors file. */
typedef struct array {
  char name[136];
  const char *dtype; /* "U32", "BF16" … */
  int n_dims;
  int64_t dims[2];
  const uint8_t *bytes;
  uint64_t size_bytes;
  int shard;
} array;

typedef struct export_file {
  char name[48];
  char *text; /* the whole file, or a safetensors header that arrays follow */
  size_t text_size;
  int shard; /* whose arrays follow; -1: none */
  uint64_t size_bytes;
} export_file;

struct bl_export {
  const bl_model *model;
  int n_arrays, n_shards, n_files;
  array *arrays;
  export_file *files;
};

void bl_export_free(bl_export *ex) {
  if (!ex) return;
  for (int i = 0; i < ex->n_files; i++) free(ex->files[i].text);
  free(ex->files);
  free(ex->arrays);
  free(ex);
}

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

/* "model.norm" from "model.norm.weight". */
static int path_length(const bl_weight *weight) {
  return (int)(strrchr(weight->name, '.') - weight->name);
}

static bl_code add_arrays(bl_export *ex, const bl_weight *weight, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  bl_dtype dtype = bl_format_dtype(&t->format);
  if (dtype != BL_DTYPE_NONE) {
    array *a = &ex->arrays[ex->n_arrays++];
    *a = (array){.dtype = safetensors_name(dtype), .bytes = t->parts[0]};
    snprintf(a->name, sizeof a->name, "%s", weight->name);
    a->n_dims = t->n_rows == 1 && !bl_role_quantizable(weight->role) ? 1 : 2;
    a->dims[0] = a->n_dims == 1 ? t->n_cols : t->n_rows;
    a->dims[1] = t->n_cols;
    a->size_bytes = t->row_bytes[0] * (uint64_t)t->n_rows;
    return BL_OK;
  }
  if (strcmp(t->format.codec->name, "affine") != 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "tensor '%.96s' is stored as %s, which an MLX directory can't hold: choose a "
                   "recipe that converts it, or a float type for what the recipe leaves",
                   weight->name, t->format.codec->name);
  for (int p = 0; p < t->format.codec->n_parts; p++) {
    array *a = &ex->arrays[ex->n_arrays++];
    *a = (array){.n_dims = 2, .bytes = t->parts[p]};
    a->dtype = p == 0 ? "U32" : safetensors_name(t->format.param_dtype);
    snprintf(a->name, sizeof a->name, "%.*s.%s", path_length(weight), weight->name,
             t->format.codec->part_names[p]);
    a->dims[0] = t->n_rows;
    a->dims[1] = (int64_t)(t->row_bytes[p] / (p == 0 ? 4 : bl_dtype_size(t->format.param_dtype)));
    a->size_bytes = t->row_bytes[p] * (uint64_t)t->n_rows;
  }
  return BL_OK;
}

static bl_code list_arrays(bl_export *ex, bl_error *error) {
  size_t n = (size_t)ex->model->n_weights;
  const bl_weight **order = malloc(n * sizeof *order);
  ex->arrays = malloc(n * BL_MAX_PARTS * sizeof *ex->arrays);
  bl_code code = order && ex->arrays ? BL_OK : bl_fail_memory(error, n * sizeof *ex->arrays);
  for (size_t i = 0; code == BL_OK && i < n; i++) order[i] = &ex->model->weights[i];
  if (code == BL_OK) qsort(order, n, sizeof *order, compare_mlx_order);
  for (size_t i = 0; code == BL_OK && i < n; i++) code = add_arrays(ex, order[i], error);
  free(order);
  uint64_t shard_bytes = 0;
  for (int i = 0; code == BL_OK && i < ex->n_arrays; i++) {
    array *a = &ex->arrays[i];
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

/* Takes the text over; NULL means that there was no memory for it. */
static bl_code add_file(bl_export *ex, const char *name, char *text, size_t text_size, int shard,
                        bl_error *error) {
  if (!text) return bl_fail_memory(error, text_size);
  export_file *files = realloc(ex->files, ((size_t)ex->n_files + 1) * sizeof *files);
  if (!files) {
    free(text);
    return bl_fail_memory(error, sizeof *files);
  }
  ex->files = files;
  export_file *file = &files[ex->n_files++];
  *file = (export_file){.text = text, .text_size = text_size, .shard = shard};
  snprintf(file->name, sizeof file->name, "%s", name);
  file->size_bytes = text_size;
  for (int i = 0; i < ex->n_arrays; i++)
    if (ex->arrays[i].shard == shard) file->size_bytes += ex->arrays[i].size_bytes;
  return BL_OK;
}

static bl_code add_json(bl_export *ex, const char *name, const cJSON *json, bl_error *error) {
  char *text = bl_json_print(json);
  return add_file(ex, name, text, text ? strlen(text) : 0, -1, error);
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
    const array *a = &ex->arrays[i];
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
  return add_file(ex, name, text, n, shard, error);
}

static int compare_names(const void *a, const void *b) {
  return strcmp((*(const array *const *)a)->name, (*(const array *const *)b)->name);
}

static bl_code add_shard_index(bl_export *ex, bl_error *error) {
  uint64_t total_size = 0;
  bl_model_info info;
  bl_model_get_info(ex->model, &info);
  const array **sorted = malloc((size_t)ex->n_arrays * sizeof *sorted);
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

static void add_settings(cJSON *object, int group, int bits) {
  cJSON_AddNumberToObject(object, "group_size", group);
  cJSON_AddNumberToObject(object, "bits", bits);
  cJSON_AddStringToObject(object, "mode", "affine");
}

/* The "quantization" entry: the recipe's settings, and those of every layer that differs. NULL
 * when nothing is quantized. */
static cJSON *quantization(const bl_model *model) {
  cJSON *json = NULL;
  int bits = model->recipe.bits, group = model->recipe.group;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    const bl_format *format = &weight->tensor.format;
    if (strcmp(format->codec->name, "affine") != 0) continue;
    if (!json) {
      json = cJSON_CreateObject();
      if (!model->recipe.codec || strcmp(model->recipe.codec->name, "affine") != 0) {
        bits = format->bits;
        group = format->group;
      }
      add_settings(json, group, bits);
    }
    if (format->bits == bits && format->group == group) continue;
    char path[128];
    snprintf(path, sizeof path, "%.*s", path_length(weight), weight->name);
    add_settings(cJSON_AddObjectToObject(json, path), format->group, format->bits);
  }
  return json;
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
  if (strcmp(model->container, "mlx") != 0 || model->recipe.codec) {
    cJSON *settings = quantization(model);
    cJSON_DeleteItemFromObjectCaseSensitive(config, "quantization");
    cJSON_DeleteItemFromObjectCaseSensitive(config, "quantization_config");
    if (settings) {
      cJSON_AddItemToObject(config, "quantization_config", cJSON_Duplicate(settings, true));
      cJSON_AddItemToObject(config, "quantization", settings);
    }
  }
  use_end_tokens(model, config);
  bl_code code = sort_members(config) ? add_json(ex, "config.json", config, error)
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
  if (code == BL_OK) code = add_file(ex, "tokenizer.json", text, text_size, -1, error);
  if (code == BL_OK && strcmp(ex->model->container, "gguf") == 0)
    code = add_tokenizer_config(ex, error);
  return code;
}

/* ---- the public functions ------------------------------------------------------------------ */

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
    code = add_file(ex, "generation_config.json", bl_copy_string(model->generation_config),
                    strlen(model->generation_config), -1, error);
  if (code == BL_OK) return ex;
  bl_export_free(ex);
  return NULL;
}

int bl_export_n_files(const bl_export *ex) {
  return ex->n_files;
}
const char *bl_export_file_name(const bl_export *ex, int file) {
  return ex->files[file].name;
}
uint64_t bl_export_file_size(const bl_export *ex, int file) {
  return ex->files[file].size_bytes;
}

static bool write_in_pieces(const uint8_t *bytes, uint64_t n_bytes, bl_write_fn write,
                            void *context) {
  const uint64_t piece = (uint64_t)4 << 20;
  for (uint64_t done = 0; done < n_bytes; done += piece) {
    uint64_t n = n_bytes - done < piece ? n_bytes - done : piece;
    if (!write(context, bytes + done, (size_t)n)) return false;
  }
  return true;
}

bl_code bl_export_write(const bl_export *ex, int file, bl_write_fn write, void *context,
                        bl_error *error) {
  if (file < 0 || file >= ex->n_files)
    return bl_fail(error, BL_ERR_ARGUMENT, "file %d does not exist: the export has %d", file,
                   ex->n_files);
  const export_file *f = &ex->files[file];
  bool going = write_in_pieces((const uint8_t *)f->text, f->text_size, write, context);
  for (int i = 0; going && f->shard >= 0 && i < ex->n_arrays; i++)
    if (ex->arrays[i].shard == f->shard)
      going = write_in_pieces(ex->arrays[i].bytes, ex->arrays[i].size_bytes, write, context);
  return going ? BL_OK : bl_fail(error, BL_ERR_CANCELLED, "writing %s was stopped", f->name);
}
