/* The formats in which a checkpoint holds its tensors, from its config alone. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "measure/budget_shapes.h"

/* The format that torchao's settings name for all linear layers in the layers. */
static bl_code torchao_format(const char *file_name, const cJSON *settings, bl_dtype dtype,
                              bl_format *format, bl_error *error) {
  const cJSON *general = bl_json_member(bl_json_member(settings, "quant_type"), "default");
  const char *type = cJSON_GetStringValue(bl_json_member(general, "_type"));
  bool is_int4 = type && strcmp(type, "Int4WeightOnlyConfig") == 0;
  if (!is_int4 && !(type && strcmp(type, "Int8WeightOnlyConfig") == 0))
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: field 'quant_type' is '%.64s', expected Int8WeightOnlyConfig or "
                   "Int4WeightOnlyConfig",
                   file_name, type ? type : "");
  const bl_codec *codec = bl_codec_find(is_int4 ? "int4" : "int8", 4);
  int64_t group = is_int4 ? codec->default_group : codec->fixed_group;
  bl_code code = is_int4 ? bl_json_int(file_name, bl_json_member(general, "_data"), "group_size", 1,
                                       1 << 20, &group, error)
                         : BL_OK;
  if (code) return code;
  char choices[BL_CHOICES_TEXT];
  if (is_int4) bl_print_choices(codec->groups, choices);
  if (is_int4 && !bl_codec_takes(codec, codec->fixed_bits, (int)group))
    return bl_fail(error, BL_ERR_UNSUPPORTED, "%.128s: field 'group_size' is %lld, expected %s",
                   file_name, (long long)group, choices);
  *format = (bl_format){codec, codec->fixed_bits, (int)group, dtype};
  return BL_OK;
}

static bl_code torch_format(const char *file_name, const bl_architecture *a, bl_dtype dtype,
                            bl_format *format, bl_error *error) {
  static const char *const lists[] = {"llm_int8_skip_modules", "modules_to_not_convert"};
  const cJSON *settings = bl_json_member(a->json, "quantization_config");
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    if (cJSON_GetArraySize(bl_json_member(settings, lists[i])) > 0)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "%.128s: field '%s' names modules, expected none: every matrix in the layers "
                     "is quantized",
                     file_name, lists[i]);
  if (a->config.torch_method == BL_TORCH_TORCHAO)
    return torchao_format(file_name, settings, dtype, format, error);
  bool is_double = a->config.torch_method == BL_TORCH_NF4_DOUBLE;
  const char *name = is_double ? "nf4_double" : "nf4";
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  *format = (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
  return BL_OK;
}

bl_code bl_architecture_format(const char *file_name, const bl_architecture *architecture,
                               const bl_shape *shape, bl_dtype dtype, bl_format *format,
                               bl_error *error) {
  const bl_config *c = &architecture->config;
  bl_format found = {0};
  bl_code code = BL_OK;
  const bool is_matrix = bl_role_quantizable(shape->role);
  if (is_matrix && c->torch_method != BL_TORCH_NONE && shape->layer >= 0) {
    code = torch_format(file_name, architecture, dtype, &found, error);
  } else if (is_matrix && c->mlx_group > 0) {
    char path[sizeof shape->name];
    bl_role_mlx_name(c, shape->role, shape->layer, path, sizeof path);
    path[strlen(path) - strlen(".weight")] = '\0';
    code = bl_mlx_layers_find(&architecture->mlx_layers, path, &found, error);
    /* mlx_lm leaves a matrix alone whose rows the group does not divide. */
    if (found.codec && shape->n_cols % found.group != 0) found.codec = NULL;
    if (found.codec) found.param_dtype = found.codec->uses_dtype ? BL_BF16 : dtype;
  }
  if (code) return code;
  *format = found.codec ? found : bl_format_plain(dtype);
  if (shape->n_cols % format->group == 0) return BL_OK;
  return bl_fail(error, BL_ERR_INPUT,
                 "%.128s: the rows of %.96s have %lld weights, expected a multiple of %s's %d",
                 file_name, shape->name, (long long)shape->n_cols, format->codec->name,
                 format->group);
}
