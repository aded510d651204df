/* A model as the files of an MLX directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/number.h"
#include "model/export_hf.h"
#include "quant/mixture.h"

/* ---- arrays -------------------------------------------------------------------------------- */

/* A weight and its place in the order in which mlx_lm lists a model's parameters, which decides
 * what goes into which shard. */
typedef struct placed {
  const bl_weight *weight;
  int layer, rank;
} placed;

static int compare_places(const void *a, const void *b) {
  const placed *x = a, *y = b;
  if (x->layer != y->layer) return x->layer < y->layer ? -1 : 1;
  return x->rank - y->rank;
}

static placed place_of(const bl_config *config, const bl_weight *weight) {
  const bl_family_entry *entry =
      bl_family_entry_of(config->family, bl_config_has(config), weight->role);
  int outside = bl_role_comes_first(weight->role) ? -1 : INT32_MAX;
  return (placed){
      .weight = weight,
      .layer = weight->layer < 0 ? outside : weight->layer,
      .rank = 2 * (int)(entry - config->family->entries) + (entry->bias == weight->role)};
}

/* All weights, in a list that the caller frees; NULL: out of memory. */
static const bl_weight **weights_in_mlx_order(const bl_model *model) {
  size_t n = (size_t)model->n_weights;
  const bl_weight **order = malloc(n * sizeof *order);
  placed *places = malloc(n * sizeof *places);
  if (order && places) {
    for (size_t i = 0; i < n; i++) places[i] = place_of(&model->config, &model->weights[i]);
    qsort(places, n, sizeof *places, compare_places);
    for (size_t i = 0; i < n; i++) order[i] = places[i].weight;
  } else {
    free(order);
    order = NULL;
  }
  free(places);
  return order;
}

static bl_code add_arrays(bl_export *ex, const bl_weight *weight, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  bl_dtype dtype = bl_format_dtype(&t->format);
  char name[128];
  bl_role_mlx_name(&ex->model->config, weight->role, weight->layer, name, sizeof name);
  if (dtype != BL_DTYPE_NONE) {
    bl_export_add_floats(ex, weight, name, dtype, false);
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
    a->dtype = p == 0 ? "U32" : is_bytes ? "U8" : bl_safetensors_dtype(t->format.param_dtype);
    snprintf(a->name, sizeof a->name, "%.*s.%s", bl_path_length(name), name,
             t->format.codec->part_names[p]);
    a->dims[0] = t->n_rows;
    a->dims[1] = (int64_t)(t->row_bytes[p] / number_size);
    a->size_bytes = t->row_bytes[p] * (uint64_t)t->n_rows;
    bl_export_part_experts(ex, weight, a);
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
  if (code == BL_OK) bl_export_split(ex);
  return code;
}

/* ---- config.json --------------------------------------------------------------------------- */

/* Does what a model is to become say MLX settings, whatever its tensors can take? */
static bool recipe_has_settings(const bl_recipe *recipe) {
  return recipe->mixture ? recipe->mixture->has_group
                         : recipe->codec && bl_is_mlx_mode(recipe->codec);
}

/* The settings that hold where no layer has its own: the recipe's, mlx_lm's general ones beside a
 * mixture, or those of the first quantized tensor. Without a codec: there are none. */
static bl_format general_settings(const bl_model *model, const bl_mlx_options *options,
                                  const bl_format *first) {
  const bl_recipe *recipe = &model->recipe;
  const bl_codec *codec = recipe->codec;
  if (!recipe_has_settings(recipe)) return first ? *first : (bl_format){0};
  if (recipe->mixture) {
    codec = bl_codec_find(recipe->mixture->codecs[0], strlen(recipe->mixture->codecs[0]));
    int bits = options->general_bits ? options->general_bits : codec->default_bits;
    return (bl_format){codec, bits, recipe->group, BL_DTYPE_NONE};
  }
  if (bl_codec_has_settings(codec))
    return (bl_format){codec, recipe->bits, recipe->group, BL_DTYPE_NONE};
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

/* Puts "group_size", which is null where none was named, "bits" and "mode". */
static void put_settings(bl_json_writer *w, const bl_format *format, bool names_group,
                         bool names_mode) {
  if (names_group)
    bl_json_put_number(w, "group_size", format->group);
  else
    bl_json_put_null(w, "group_size");
  bl_json_put_number(w, "bits", format->bits);
  if (names_mode) bl_json_put_string(w, "mode", format->codec->name);
}

/* The settings of every layer that differs from the general ones; of every layer under a mixture,
 * as mlx_lm writes them, which leaves out the mode of what a model's own code decides. */
static void put_layers(bl_json_writer *w, const bl_model *model, const bl_weight *const *order,
                       const bl_format *general, const bl_mlx_options *options) {
  bool is_mixture = model->recipe.mixture != NULL;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_format *format = &order[i]->tensor.format;
    if (!bl_is_mlx_mode(format->codec)) continue;
    bool is_general = format->codec == general->codec && format->bits == general->bits &&
                      format->group == general->group;
    if (is_general && !is_mixture) continue;
    char path[128];
    bl_role_mlx_name(&model->config, order[i]->role, order[i]->layer, path, sizeof path);
    path[bl_path_length(path)] = '\0';
    bl_json_open(w, path, '{');
    const bool is_models_own =
        order[i]->role == BL_ROUTER && model->config.family->router_at_8_bits;
    put_settings(w, format, !(is_mixture && options->group_unnamed), is_mixture || !is_models_own);
    bl_json_close(w, '}');
  }
}

/* The "quantization" entry. `json` stays NULL when neither the recipe nor a tensor has settings:
 * mlx_lm writes those that were asked for also where no tensor could be quantized. */
static bl_code quantization(const bl_model *model, const bl_mlx_options *options, cJSON **json,
                            bl_error *error) {
  const bl_weight **order = weights_in_mlx_order(model);
  if (!order) return bl_fail_memory(error, (uint64_t)model->n_weights * sizeof *order);
  const bl_format *first = NULL;
  for (int i = 0; !first && i < model->n_weights; i++)
    if (bl_is_mlx_mode(order[i]->tensor.format.codec)) first = &order[i]->tensor.format;
  const bl_format general = general_settings(model, options, first);
  bl_json_writer w = {.style = &bl_json_compact};
  if (general.codec) {
    bl_json_open(&w, NULL, '{');
    put_settings(&w, &general, true, true);
    put_layers(&w, model, order, &general, options);
    bl_json_close(&w, '}');
  }
  free(order);
  return general.codec ? bl_json_finish_tree(&w, "config.json", json, error) : BL_OK;
}

/* The end tokens that generation_config.json names take the place of the config's, as mlx_lm's
 * loader has it. A text that is not JSON is left alone, as there. */
static bl_code use_end_tokens(const bl_model *model, cJSON *config, bl_error *error) {
  cJSON *generation = NULL;
  const bl_text *text = bl_texts_find(&model->texts, "generation_config.json");
  if (!text) return BL_OK;
  bl_code code =
      bl_json_parse("generation_config.json", text->bytes, text->size, &generation, error);
  if (code != BL_OK) return code == BL_ERR_MEMORY ? code : BL_OK;
  cJSON *ids = cJSON_DetachItemFromObjectCaseSensitive(generation, "eos_token_id");
  bool given = cJSON_IsArray(ids) ? cJSON_GetArraySize(ids) > 0
                                  : cJSON_IsNumber(ids) && ids->valuedouble != 0;
  if (given)
    code = bl_json_set(config, "eos_token_id", ids, error);
  else
    cJSON_Delete(ids);
  cJSON_Delete(generation);
  return code;
}

/* `settings` under both names that readers know. */
static bl_code set_quantization(cJSON *config, const cJSON *settings, bl_error *error) {
  bl_code code = bl_json_set(config, "quantization_config", cJSON_Duplicate(settings, true), error);
  return code == BL_OK ? bl_json_set(config, "quantization", cJSON_Duplicate(settings, true), error)
                       : code;
}

static bl_code add_config(bl_export *ex, const bl_mlx_options *options, bl_error *error) {
  const bl_model *model = ex->model;
  cJSON *config = NULL;
  bl_code code = bl_export_config(model, &config, error);
  if (code != BL_OK) return code;
  if (strcmp(model->container, "mlx") != 0 || !bl_recipe_is_reference(&model->recipe)) {
    cJSON *settings = NULL;
    bl_json_remove(config, "quantization");
    bl_json_remove(config, "quantization_config");
    code = quantization(model, options, &settings, error);
    if (settings) code = set_quantization(config, settings, error);
    cJSON_Delete(settings);
  }
  if (code == BL_OK) code = use_end_tokens(model, config, error);
  if (code == BL_OK) code = bl_export_add_config(ex, config, error);
  cJSON_Delete(config);
  return code;
}

/* ---- all of it ---------------------------------------------------------------------------- */

bl_export *bl_export_mlx_with(const bl_model *model, const bl_mlx_options *options,
                              bl_error *error) {
  bl_export *ex = calloc(1, sizeof *ex);
  if (!ex) {
    bl_fail_memory(error, sizeof *ex);
    return NULL;
  }
  ex->model = model;
  bl_code code = list_arrays(ex, error);
  if (code == BL_OK) code = add_config(ex, options, error);
  if (code == BL_OK) code = bl_export_add_safetensors(ex, "{\"format\":\"mlx\"}", true, error);
  if (code == BL_OK) code = bl_export_add_texts(ex, error);
  if (code == BL_OK) return ex;
  bl_export_free(ex);
  return NULL;
}

bl_export *bl_export_mlx_new(const bl_model *model, bl_error *error) {
  return bl_export_mlx_with(model, &(const bl_mlx_options){0}, error);
}
