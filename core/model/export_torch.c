/* A model as a directory that transformers 5.23 loads, as its save_pretrained writes it: plain
 * floats, or matrices of the layers in a format of bitsandbytes or torchao. torch_parts.h says how
 * these lie in the files. The embedding and the output matrix are floats in each of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/json_print.h"
#include "base/number.h"
#include "model/export_hf.h"
#include "model/torch_parts.h"
#include "quant/nf4.h"

/* ---- what is to be written ------------------------------------------------------------------ */

typedef enum library { NO_LIBRARY, BITSANDBYTES, TORCHAO } library;

typedef struct plan {
  library library;
  const bl_weight *first; /* that is quantized; NULL: none */
  bool keeps_some;        /* a matrix of the layers is plain floats */
  bl_dtype dtype;         /* in which most weights are that are plain */
} plan;

static bool is_codec(const bl_weight *weight, const char *name) {
  return strcmp(weight->tensor.format.codec->name, name) == 0;
}

static library library_of(const bl_weight *weight) {
  if (is_codec(weight, "nf4") || is_codec(weight, "nf4_double")) return BITSANDBYTES;
  return is_codec(weight, "int8") || is_codec(weight, "int4") ? TORCHAO : NO_LIBRARY;
}

static bool is_plain(const bl_weight *weight) {
  return bl_format_dtype(&weight->tensor.format) != BL_DTYPE_NONE;
}

static bool is_layer_matrix(const bl_weight *weight) {
  return weight->layer >= 0 && bl_role_quantizable(weight->role);
}

static bool is_quantized(const bl_weight *weight) {
  return is_layer_matrix(weight) && !is_plain(weight);
}

/* bitsandbytes has one setting of double quantization for a model; torchao's tensors each tell what
 * they are. */
static bl_code plan_matrix(plan *p, const bl_config *config, const bl_weight *weight,
                           bl_error *error) {
  library needed = library_of(weight);
  const bl_family_entry *entry =
      bl_family_entry_of(config->family, bl_config_has(config), weight->role);
  if (needed != NO_LIBRARY && (entry->when & BL_TURNED))
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "tensor '%.96s' is stored as %s, but is no linear layer to transformers, which "
                   "quantizes nothing else: write an MLX directory or a GGUF file",
                   weight->name, weight->tensor.format.codec->name);
  if (needed == NO_LIBRARY)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "tensor '%.96s' is stored as %s, which no checkpoint of transformers holds: "
                   "choose a recipe that converts it to nf4, nf4_double, int8, int4 or floats",
                   weight->name, weight->tensor.format.codec->name);
  if (!p->first) {
    p->first = weight;
    p->library = needed;
  }
  const char *name = weight->tensor.format.codec->name;
  if (needed == p->library && (needed == TORCHAO || is_codec(p->first, name))) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "tensor '%.96s' is stored as %s and '%.96s' as %s, which one checkpoint of "
                 "transformers can't hold together",
                 p->first->name, p->first->tensor.format.codec->name, weight->name, name);
}

static bl_code make_plan(const bl_model *model, plan *p, bl_error *error) {
  int64_t n_weights[BL_BF16 + 1] = {0};
  *p = (plan){.dtype = BL_F32};
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    const bl_tensor *t = &weight->tensor;
    n_weights[bl_format_dtype(&t->format)] += t->n_rows * t->n_cols;
    if (is_layer_matrix(weight) && is_plain(weight)) p->keeps_some = true;
    if (!is_quantized(weight)) continue;
    bl_code code = plan_matrix(p, &model->config, weight, error);
    if (code != BL_OK) return code;
  }
  for (int dtype = BL_F32; dtype <= BL_BF16; dtype++)
    if (n_weights[dtype] > n_weights[p->dtype]) p->dtype = (bl_dtype)dtype;
  return BL_OK;
}

/* As torch calls it. */
static const char *torch_name(bl_dtype dtype) {
  return dtype == BL_F32 ? "float32" : dtype == BL_F16 ? "float16" : "bfloat16";
}

/* ---- arrays -------------------------------------------------------------------------------- */

enum { MAX_ARRAYS = 6 }; /* of one weight */

/* Appends an array with n_dims dimensions. */
static bl_export_array *add_array(bl_export *ex, const char *dtype, const uint8_t *bytes,
                                  size_t size_bytes, int n_dims, int64_t rows, int64_t cols) {
  bl_export_array *a = &ex->arrays[ex->n_arrays++];
  *a = (bl_export_array){.dtype = dtype,
                         .n_dims = n_dims,
                         .dims = {rows, cols},
                         .bytes = bytes,
                         .size_bytes = size_bytes};
  return a;
}

/* The same with zeroed bytes of the export's own. */
static bl_export_array *add_own(bl_export *ex, const char *dtype, size_t size_bytes, int n_dims,
                                int64_t rows, int64_t cols, bl_error *error) {
  uint8_t *bytes = calloc(size_bytes, 1);
  if (!bytes) {
    bl_fail_memory(error, size_bytes);
    return NULL;
  }
  bl_export_array *a = add_array(ex, dtype, bytes, size_bytes, n_dims, rows, cols);
  a->owned = bytes;
  return a;
}

/* Appends n numbers of `value`. */
static bl_code add_map(bl_export *ex, const char *name, const char *suffix, int n,
                       float (*value)(int), bl_error *error) {
  bl_export_array *a = add_own(ex, "F32", (size_t)n * sizeof(float), 1, n, 1, error);
  if (!a) return BL_ERR_MEMORY;
  snprintf(a->name, sizeof a->name, "%s%s", name, suffix);
  for (int i = 0; i < n; i++) {
    float x = value(i);
    memcpy(a->owned + (size_t)i * sizeof x, &x, sizeof x);
  }
  return BL_OK;
}

static float nf4_value(int code) {
  return bl_nf4_values[code];
}

/* The JSON that bitsandbytes keeps beside a weight, spaced as Python does it. */
static bl_code add_state(bl_export *ex, const bl_weight *weight, const plan *p, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  char nested[160] = "", text[320];
  if (t->parts[3]) {
    float offset;
    char digits[BL_JSON_NUMBER];
    memcpy(&offset, t->parts[3], sizeof offset);
    if (!isfinite(offset))
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "tensor '%.96s': the mean of its scales is not a finite number, which the "
                     "JSON beside it can't hold",
                     weight->name);
    bl_json_print_number(offset, true, digits);
    snprintf(nested, sizeof nested,
             ", \"nested_blocksize\": 256, \"nested_dtype\": \"float32\", \"nested_offset\": %s",
             digits);
  }
  int n = snprintf(text, sizeof text,
                   "{\"quant_type\": \"nf4\", \"blocksize\": %d, \"dtype\": \"%s\", \"shape\": "
                   "[%lld, %lld]%s}",
                   BL_NF4_BLOCK, torch_name(p->dtype), (long long)t->n_rows, (long long)t->n_cols,
                   nested);
  bl_export_array *a = add_own(ex, "U8", (size_t)n, 1, n, 1, error);
  if (!a) return BL_ERR_MEMORY;
  snprintf(a->name, sizeof a->name, "%s%s", weight->name, BL_BNB_STATE);
  memcpy(a->owned, text, (size_t)n);
  return BL_OK;
}

static bl_code add_bitsandbytes(bl_export *ex, const bl_weight *weight, const plan *p,
                                bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  const int n_arrays =
      t->format.codec->n_parts == 2 ? 2 : 3; /* the fourth part goes to the state */
  for (int part = 0; part < n_arrays; part++) {
    size_t size = bl_tensor_part_bytes(t, part);
    bool is_bytes = part == 0 || (part == 1 && n_arrays == 3);
    int64_t n = (int64_t)(is_bytes ? size : size / sizeof(float));
    bl_export_array *a =
        add_array(ex, is_bytes ? "U8" : "F32", t->parts[part], size, part == 0 ? 2 : 1, n, 1);
    snprintf(a->name, sizeof a->name, "%.*s.%s", bl_path_length(weight->name), weight->name,
             t->format.codec->part_names[part]);
  }
  bl_code code = add_map(ex, weight->name, BL_BNB_MAP, 16, nf4_value, error);
  if (code == BL_OK && n_arrays == 3)
    code = add_map(ex, weight->name, BL_BNB_NESTED_MAP, 256, bl_nf4_dynamic_value, error);
  return code == BL_OK ? add_state(ex, weight, p, error) : code;
}

static void name_torchao(bl_export_array *a, const bl_weight *weight, const char *part) {
  snprintf(a->name, sizeof a->name, "%.*s%s%s", bl_path_length(weight->name), weight->name,
           BL_TORCHAO_PART, part);
}

static bl_code add_int8(bl_export *ex, const bl_weight *weight, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  const bl_codec *codec = t->format.codec;
  name_torchao(
      add_array(ex, "I8", t->parts[0], bl_tensor_part_bytes(t, 0), 2, t->n_rows, t->n_cols), weight,
      bl_torchao_part_name(codec, 0));
  name_torchao(add_array(ex, "F32", t->parts[1], bl_tensor_part_bytes(t, 1), 2, t->n_rows, 1),
               weight, bl_torchao_part_name(codec, 1));
  bl_export_array *zeros = add_own(ex, "I8", (size_t)t->n_rows, 2, t->n_rows, 1, error);
  if (!zeros) return BL_ERR_MEMORY;
  name_torchao(zeros, weight, "zero_point");
  return BL_OK;
}

static bl_code add_int4(bl_export *ex, const bl_weight *weight, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  const bl_codec *codec = t->format.codec;
  const int64_t n_groups = t->n_cols / t->format.group;
  name_torchao(
      add_array(ex, "I8", t->parts[0], bl_tensor_part_bytes(t, 0), 2, t->n_rows, t->n_cols / 2),
      weight, bl_torchao_part_name(codec, 0));
  for (int part = 1; part < 3; part++) {
    bl_export_array *a = add_own(ex, bl_safetensors_dtype(t->format.param_dtype),
                                 bl_tensor_part_bytes(t, part), 2, n_groups, t->n_rows, error);
    if (!a) return BL_ERR_MEMORY;
    name_torchao(a, weight, bl_torchao_part_name(codec, part));
    bl_transpose(t->parts[part], (size_t)t->n_rows, (size_t)n_groups,
                 bl_dtype_size(t->format.param_dtype), a->owned);
  }
  return BL_OK;
}

static bl_code add_weight(bl_export *ex, const bl_weight *weight, const plan *p, bl_error *error) {
  if (is_quantized(weight)) {
    if (p->library == BITSANDBYTES) return add_bitsandbytes(ex, weight, p, error);
    return is_codec(weight, "int8") ? add_int8(ex, weight, error) : add_int4(ex, weight, error);
  }
  bl_dtype own = bl_format_dtype(&weight->tensor.format);
  const bl_config *config = &ex->model->config;
  const bl_family_entry *entry =
      bl_family_entry_of(config->family, bl_config_has(config), weight->role);
  bool turned = (entry->when & BL_TURNED) && entry->weight == weight->role;
  bl_export_add_floats(ex, weight, weight->name, own != BL_DTYPE_NONE ? own : p->dtype, turned);
  return BL_OK;
}

static int number_bytes(const bl_export_array *a) {
  return strcmp(a->dtype, "F32") == 0 ? 4 : strstr(a->dtype, "F16") ? 2 : 1;
}

/* Within a file the safetensors library puts large numbers first, which keeps all aligned. */
static int compare_arrays(const void *x, const void *y) {
  const bl_export_array *a = x, *b = y;
  if (a->shard != b->shard) return a->shard - b->shard;
  int difference = number_bytes(b) - number_bytes(a);
  return difference ? difference : strcmp(a->name, b->name);
}

static bl_code list_arrays(bl_export *ex, const plan *p, bl_error *error) {
  size_t n = (size_t)ex->model->n_weights;
  ex->arrays = malloc(n * MAX_ARRAYS * sizeof *ex->arrays);
  bl_code code = ex->arrays ? BL_OK : bl_fail_memory(error, n * MAX_ARRAYS * sizeof *ex->arrays);
  for (size_t i = 0; code == BL_OK && i < n; i++)
    code = add_weight(ex, &ex->model->weights[i], p, error);
  if (code != BL_OK) return code;
  bl_export_split(ex);
  qsort(ex->arrays, (size_t)ex->n_arrays, sizeof *ex->arrays, compare_arrays);
  return BL_OK;
}

/* ---- metadata of torchao -------------------------------------------------------------------- */

/* What torchao needs to know of a tensor to make it again. */
static void describe(const bl_weight *weight, const plan *p, char *text, size_t text_size) {
  const bl_tensor *t = &weight->tensor;
  if (!is_quantized(weight))
    snprintf(text, text_size, "{\"_type\": \"Tensor\"}");
  else if (is_codec(weight, "int8"))
    snprintf(text, text_size,
             "{\"_type\": \"Int8Tensor\", \"_data\": {\"act_quant_kwargs\": null, "
             "\"reduce_range\": false, \"block_size\": [1, %lld], \"dtype\": {\"_type\": "
             "\"torch.dtype\", \"_data\": \"%s\"}}, \"_tensor_data_names\": [\"zero_point\", "
             "\"qdata\", \"scale\"]}",
             (long long)t->n_cols, torch_name(p->dtype));
  else
    snprintf(text, text_size,
             "{\"_type\": \"Int4Tensor\", \"_data\": {\"activation_dtype\": {\"_type\": "
             "\"torch.dtype\", \"_data\": \"bfloat16\"}, \"block_size\": [1, %d], \"shape\": "
             "[%lld, %lld]}, \"_tensor_data_names\": [\"qdata\", \"scale\", \"zero_point\"]}",
             t->format.group, (long long)t->n_rows, (long long)t->n_cols);
}

static bool ties_output(const bl_config *config) {
  return config->tied_output && !config->block.is_encoder;
}

/* The names of all tensors, as a JSON list in a text. */
static bl_code list_names(const bl_model *model, char **names, bl_error *error) {
  bl_json_writer w = {.style = &bl_json_compact};
  bl_json_open(&w, NULL, '[');
  for (int i = 0; i < model->n_weights; i++) bl_json_put_string(&w, NULL, model->weights[i].name);
  /* A parameter too, though no file has it. */
  if (ties_output(&model->config)) bl_json_put_string(&w, NULL, "lm_head.weight");
  bl_json_close(&w, ']');
  return bl_json_finish(&w, names, NULL, error);
}

static bl_code put_tensors(bl_json_writer *w, const bl_model *model, const plan *p,
                           bl_error *error) {
  char *names = NULL;
  bl_code code = list_names(model, &names, error);
  for (int i = 0; i < model->n_weights; i++) {
    char text[512];
    describe(&model->weights[i], p, text, sizeof text);
    bl_json_put_string(w, model->weights[i].name, text);
  }
  if (ties_output(&model->config))
    bl_json_put_string(w, "lm_head.weight", "{\"_type\": \"Tensor\"}");
  bl_json_put_string(w, "tensor_names", names);
  free(names);
  return code;
}

/* The header's metadata, a JSON object. Each file has those of all tensors: the last one's list of
 * names is the one that counts. */
static bl_code make_metadata(const bl_model *model, const plan *p, char **metadata,
                             bl_error *error) {
  bl_json_writer w = {.style = &bl_json_compact};
  bl_json_open(&w, NULL, '{');
  bl_json_put_string(&w, "format", "pt");
  bl_code code = p->library == TORCHAO ? put_tensors(&w, model, p, error) : BL_OK;
  bl_json_close(&w, '}');
  if (code == BL_OK) return bl_json_finish(&w, metadata, NULL, error);
  bl_json_discard(&w);
  return code;
}

/* ---- config.json --------------------------------------------------------------------------- */

/* The modules that transformers must not expect to be quantized, the output matrix among them, as
 * such a list takes the place of the one that it makes itself; null where all are. */
static void put_kept(bl_json_writer *w, const char *key, const bl_model *model, const plan *p) {
  if (!p->keeps_some) {
    bl_json_put_null(w, key);
    return;
  }
  bl_json_open(w, key, '[');
  bl_json_put_string(w, NULL, "lm_head");
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    char path[128];
    if (!is_layer_matrix(weight) || !is_plain(weight)) continue;
    snprintf(path, sizeof path, "%.*s", bl_path_length(weight->name), weight->name);
    bl_json_put_string(w, NULL, path);
  }
  bl_json_close(w, ']');
}

static void put_bitsandbytes(bl_json_writer *w, const bl_model *model, const plan *p) {
  bl_json_put_bool(w, "_load_in_4bit", true);
  bl_json_put_bool(w, "_load_in_8bit", false);
  bl_json_put_string(w, "bnb_4bit_compute_dtype", torch_name(p->dtype));
  bl_json_put_string(w, "bnb_4bit_quant_storage", "uint8");
  bl_json_put_string(w, "bnb_4bit_quant_type", "nf4");
  bl_json_put_bool(w, "bnb_4bit_use_double_quant", is_codec(p->first, "nf4_double"));
  bl_json_put_bool(w, "llm_int8_enable_fp32_cpu_offload", false);
  bl_json_put_bool(w, "llm_int8_has_fp16_weight", false);
  put_kept(w, "llm_int8_skip_modules", model, p);
  bl_json_put_raw(w, "llm_int8_threshold", "6.0");
  bl_json_put_bool(w, "load_in_4bit", true);
  bl_json_put_bool(w, "load_in_8bit", false);
  bl_json_put_string(w, "quant_method", "bitsandbytes");
}

static void put_torchao(bl_json_writer *w, const bl_model *model, const plan *p) {
  static const char int8_type[] =
      "{\"default\":{\"_data\":{\"granularity\":{\"_data\":{\"dim\":-1},\"_type\":\"PerRow\","
      "\"_version\":1},\"group_size\":null,\"set_inductor_config\":true},"
      "\"_type\":\"Int8WeightOnlyConfig\",\"_version\":2}}";
  static const char int4_type[] =
      "{\"default\":{\"_data\":{\"group_size\":%d,\"int4_choose_qparams_algorithm\":{"
      "\"_data\":\"TINYGEMM\",\"_type\":\"Int4ChooseQParamsAlgorithm\"},"
      "\"int4_packing_format\":{\"_data\":\"PLAIN\",\"_type\":\"Int4PackingFormat\"},"
      "\"int4_tile_packed_ntile\":8,\"set_inductor_config\":true},"
      "\"_type\":\"Int4WeightOnlyConfig\",\"_version\":2}}";
  char text[sizeof int4_type + 16];
  snprintf(text, sizeof text, int4_type, p->first->tensor.format.group);
  bl_json_put_bool(w, "include_input_output_embeddings", false);
  put_kept(w, "modules_to_not_convert", model, p);
  bl_json_put_string(w, "quant_method", "torchao");
  bl_json_put_raw(w, "quant_type", is_codec(p->first, "int8") ? int8_type : text);
  bl_json_put_bool(w, "untie_embedding_weights", false);
}

/* The settings with which each library makes the first of the tensors; what the checkpoint's
 * tensors are does not depend on them. */
static bl_code add_quantization(cJSON *config, const bl_model *model, const plan *p,
                                bl_error *error) {
  bl_json_writer w = {.style = &bl_json_compact};
  cJSON *settings = NULL;
  bl_json_open(&w, NULL, '{');
  if (p->library == BITSANDBYTES)
    put_bitsandbytes(&w, model, p);
  else
    put_torchao(&w, model, p);
  bl_json_close(&w, '}');
  bl_code code = bl_json_finish_tree(&w, "config.json", &settings, error);
  return code == BL_OK ? bl_json_set(config, "quantization_config", settings, error) : code;
}

static bl_code add_config(bl_export *ex, const plan *p, bl_error *error) {
  cJSON *config = NULL;
  bl_code code = bl_export_config(ex->model, &config, error);
  if (code != BL_OK) return code;
  bl_json_remove(config, "quantization");
  bl_json_remove(config, "quantization_config");
  /* transformers before 4.56 read the older name, which newer ones know too. */
  bool has_old = cJSON_GetObjectItemCaseSensitive(config, "torch_dtype") != NULL;
  bl_json_remove(config, "torch_dtype");
  bl_json_remove(config, "dtype");
  code = bl_json_set(config, has_old ? "torch_dtype" : "dtype",
                     cJSON_CreateString(torch_name(p->dtype)), error);
  if (code == BL_OK && p->library != NO_LIBRARY)
    code = add_quantization(config, ex->model, p, error);
  if (code == BL_OK) code = bl_export_add_config(ex, config, error);
  cJSON_Delete(config);
  return code;
}

/* ---- all of it ----------------------------------------------------------------------------- */

bl_export *bl_export_torch_new(const bl_model *model, bl_error *error) {
  plan p;
  if (model->config.block.has_experts) {
    bl_fail(error, BL_ERR_UNSUPPORTED,
            "%s models are not written for transformers, which has a file's experts one by one: "
            "write an MLX directory or a GGUF file",
            model->config.architecture);
    return NULL;
  }
  if (make_plan(model, &p, error) != BL_OK) return NULL;
  bl_export *ex = calloc(1, sizeof *ex);
  if (!ex) {
    bl_fail_memory(error, sizeof *ex);
    return NULL;
  }
  ex->model = model;
  char *metadata = NULL;
  bl_code code = make_metadata(model, &p, &metadata, error);
  if (code == BL_OK) code = list_arrays(ex, &p, error);
  if (code == BL_OK) code = add_config(ex, &p, error);
  if (code == BL_OK) code = bl_export_add_safetensors(ex, metadata, false, error);
  if (code == BL_OK) code = bl_export_add_texts(ex, error);
  free(metadata);
  if (code == BL_OK) return ex;
  bl_export_free(ex);
  return NULL;
}
