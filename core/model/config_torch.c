/* What "quantization_config" in a config.json says of a checkpoint of bitsandbytes or torchao, as
 * transformers 5.23 writes it. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/config.h"

bl_torch_method bl_torch_method_find(const char *name) {
  if (strcmp(name, "bitsandbytes") == 0) return BL_TORCH_NF4;
  return strcmp(name, "torchao") == 0 ? BL_TORCH_TORCHAO : BL_TORCH_NONE;
}

static bl_code read_bitsandbytes(const char *label, const cJSON *settings, bl_torch_method *method,
                                 bl_error *error) {
  bool is_int8 = false, is_double = false;
  const char *type = "fp4", *storage = "uint8"; /* the library's defaults */
  bl_code code = bl_json_bool(label, settings, "load_in_8bit", &is_int8, error);
  if (!code) code = bl_json_bool(label, settings, "bnb_4bit_use_double_quant", &is_double, error);
  if (!code) code = bl_json_string(label, settings, "bnb_4bit_quant_type", &type, error);
  if (!code) code = bl_json_string(label, settings, "bnb_4bit_quant_storage", &storage, error);
  if (code) return code;
  if (is_int8)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: field 'load_in_8bit' is true: bitsandbytes' LLM.int8() is not supported, "
                   "expected nf4 in 4 bits",
                   label);
  if (strcmp(type, "nf4") != 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: field 'bnb_4bit_quant_type' is '%.64s', expected nf4", label, type);
  if (strcmp(storage, "uint8") != 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: field 'bnb_4bit_quant_storage' is '%.64s', expected uint8", label, storage);
  *method = is_double ? BL_TORCH_NF4_DOUBLE : BL_TORCH_NF4;
  return BL_OK;
}

bl_code bl_config_read_torch(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error) {
  const cJSON *settings = bl_json_member(json, "quantization_config");
  const char *name = cJSON_GetStringValue(bl_json_member(settings, "quant_method"));
  bl_torch_method method = name ? bl_torch_method_find(name) : BL_TORCH_NONE;
  bl_code code = BL_OK;
  if (method == BL_TORCH_NONE) return BL_OK;
  if (method == BL_TORCH_NF4) {
    char label[160];
    snprintf(label, sizeof label, "%.128s: quantization_config", file_name);
    code = read_bitsandbytes(label, settings, &method, error);
  }
  const char *dtype = NULL;
  if (!code) code = bl_json_string(file_name, json, "torch_dtype", &dtype, error);
  if (!code) code = bl_json_string(file_name, json, "dtype", &dtype, error);
  if (code) return code;
  if (!dtype || !bl_dtype_parse(dtype, &config->float_dtype)) config->float_dtype = BL_F32;
  config->torch_method = method;
  return BL_OK;
}
