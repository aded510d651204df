/* The quantization that MLX writes into config.json: general settings, and entries for single
 * layers, as mlx_lm 0.32 reads them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/config.h"

/* What is being read, for errors. */
typedef struct source {
  const char *file_name;
  const cJSON *json;
  bl_error *error;
} source;

static bl_code read_mlx_mode(const source *s, const bl_codec **codec) {
  const char *mode = "affine";
  bl_code code = bl_json_string(s->file_name, s->json, "mode", &mode, s->error);
  if (code) return code;
  *codec = bl_codec_find(mode, strlen(mode));
  if (*codec && bl_is_mlx_mode(*codec)) return BL_OK;
  return bl_fail(s->error, BL_ERR_UNSUPPORTED,
                 "%.160s: field 'mode' is '%.64s', expected affine, mxfp4, mxfp8 or nvfp4",
                 s->file_name, mode);
}

/* One of the numbers. Null stands for the mode's default; so does leaving it out, where the
 * settings are those of one layer. */
static bl_code read_mlx_number(const source *s, const char *key, bool may_be_left_out,
                               int default_value, int32_t *number) {
  bool is_null = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(s->json, key));
  int64_t value = is_null || may_be_left_out ? default_value : 0;
  bl_code code = bl_json_int(s->file_name, s->json, key, 1, 1 << 20, &value, s->error);
  *number = (int32_t)value;
  return code;
}

/* The general settings, or with `of_layer` those of one layer. */
static bl_code read_mlx_settings(const source *s, bool of_layer, bl_format *format) {
  const bl_codec *codec;
  bl_code code = read_mlx_mode(s, &codec);
  if (code) return code;
  int default_bits = codec->bits ? codec->default_bits : codec->fixed_bits;
  int default_group = codec->groups ? codec->default_group : codec->fixed_group;
  bl_format f = {.codec = codec};
  code = read_mlx_number(s, "group_size", of_layer, default_group, &f.group);
  if (!code) code = read_mlx_number(s, "bits", of_layer, default_bits, &f.bits);
  if (code) return code;
  const uint16_t one_group[] = {(uint16_t)default_group, 0},
                 one_bits[] = {(uint16_t)default_bits, 0};
  char choices[BL_CHOICES_TEXT];
  bl_print_choices(codec->groups ? codec->groups : one_group, choices);
  if (!bl_codec_takes(codec, default_bits, f.group))
    return bl_fail(s->error, f.group ? BL_ERR_UNSUPPORTED : BL_ERR_INPUT,
                   "%.160s: field 'group_size' is %d, expected %s", s->file_name, f.group, choices);
  bl_print_choices(codec->bits ? codec->bits : one_bits, choices);
  if (!bl_codec_takes(codec, f.bits, default_group))
    return bl_fail(s->error, f.bits ? BL_ERR_UNSUPPORTED : BL_ERR_INPUT,
                   "%.160s: field 'bits' is %d, expected %s", s->file_name, f.bits, choices);
  *format = f;
  return BL_OK;
}

/* The object with MLX's settings, or NULL. Without "quantization" it may be "quantization_config",
 * where other libraries' methods are named too. */
static bl_code find_mlx_settings(const source *s, const cJSON **settings) {
  bl_code code = bl_json_object(s->file_name, s->json, "quantization", settings, s->error);
  if (code || *settings) return code;
  code = bl_json_object(s->file_name, s->json, "quantization_config", settings, s->error);
  if (code || !*settings) return code;
  const cJSON *method = bl_json_member(*settings, "quant_method");
  if (!method) return BL_OK;
  if (cJSON_IsString(method) && bl_torch_method_find(method->valuestring) != BL_TORCH_NONE) {
    *settings = NULL;
    return BL_OK;
  }
  return bl_fail(s->error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'quantization_config' has quant_method '%.64s', expected MLX's "
                 "settings, bitsandbytes, torchao or weights that are not quantized",
                 s->file_name, cJSON_IsString(method) ? method->valuestring : "?");
}

bl_code bl_config_mlx_general(const char *file_name, const cJSON *json, bl_format *format,
                              bl_error *error) {
  const source s = {file_name, json, error};
  const cJSON *settings;
  *format = (bl_format){0};
  bl_code code = find_mlx_settings(&s, &settings);
  if (code || !settings) return code;
  char label[320];
  snprintf(label, sizeof label, "%.128s: quantization", file_name);
  const source inner = {label, settings, error};
  return read_mlx_settings(&inner, false, format);
}

/* ---- of single layers ----------------------------------------------------------------------- */

/* By name, then by place. */
static int compare_items(const void *a, const void *b) {
  const bl_mlx_layer *x = a, *y = b;
  int order = strcmp(x->item->string, y->item->string);
  return order ? order : (x->place > y->place) - (x->place < y->place);
}

bl_code bl_mlx_layers_make(const char *file_name, const cJSON *json, bl_mlx_layers *layers,
                           bl_error *error) {
  const source s = {file_name, json, error};
  const cJSON *settings, *item;
  bl_mlx_layers made = {0};
  *layers = made;
  bl_code code = find_mlx_settings(&s, &settings);
  if (code || !settings) return code;
  code = bl_config_mlx_general(file_name, json, &made.general, error);
  if (code) return code;
  cJSON_ArrayForEach(item, settings) made.n++;
  made.list = malloc((made.n + 1) * sizeof *made.list);
  if (!made.list) return bl_fail_memory(error, (made.n + 1) * sizeof *made.list);
  size_t place = 0;
  cJSON_ArrayForEach(item, settings) {
    made.list[place] = (bl_mlx_layer){item, place};
    place++;
  }
  qsort(made.list, made.n, sizeof *made.list, compare_items);
  snprintf(made.file_name, sizeof made.file_name, "%s", file_name);
  *layers = made;
  return BL_OK;
}

void bl_mlx_layers_free(bl_mlx_layers *layers) {
  free(layers->list);
  *layers = (bl_mlx_layers){0};
}

/* The entry of that name; of several the last counts. NULL where it is absent or null. */
static const cJSON *find_layer(const bl_mlx_layers *layers, const char *path) {
  size_t low = 0, high = layers->n; /* those before `low` are not after the path */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(layers->list[middle].item->string, path) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  const cJSON *item = low > 0 ? layers->list[low - 1].item : NULL;
  return item && strcmp(item->string, path) == 0 && !cJSON_IsNull(item) ? item : NULL;
}

bl_code bl_mlx_layers_find(const bl_mlx_layers *layers, const char *path, bl_format *format,
                           bl_error *error) {
  const cJSON *layer = find_layer(layers, path);
  *format = (bl_format){0};
  if (cJSON_IsFalse(layer)) return BL_OK;
  if (cJSON_IsObject(layer)) {
    char label[320];
    snprintf(label, sizeof label, "%.128s: quantization of %.128s", layers->file_name, path);
    const source own = {label, layer, error};
    return read_mlx_settings(&own, true, format);
  }
  if (layer && !cJSON_IsTrue(layer))
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: quantization of %.128s is neither an object nor true or false",
                   layers->file_name, path);
  *format = layers->general;
  return BL_OK;
}
