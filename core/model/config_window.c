/* Of config.json: which layers look back over a window only, and how far. What the fields mean as
 * in transformers 5.23. */
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

enum { DEFAULT_MAX_WINDOW_LAYERS = 28 };

/* "layer_types", where it is there: one for each layer. */
static bl_code read_layer_types(const char *file_name, const cJSON *json, bl_config *config,
                                bool *are_given, bl_error *error) {
  const cJSON *types = bl_json_member(json, "layer_types"), *item;
  int layer = 0, n_windowed = 0;
  *are_given = cJSON_IsArray(types);
  if (!*are_given) return BL_OK;
  cJSON_ArrayForEach(item, types) {
    const char *type = cJSON_IsString(item) ? item->valuestring : "not a string";
    const bool has_window = strcmp(type, "sliding_attention") == 0;
    if (!has_window && strcmp(type, "full_attention") != 0)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "%.128s: field 'layer_types' has '%.64s', expected full_attention or "
                     "sliding_attention",
                     file_name, type);
    if (has_window && layer < config->n_layers) bl_config_set_windowed(config, layer);
    n_windowed += has_window;
    layer++;
  }
  if (n_windowed == 0 || layer == config->n_layers) return BL_OK;
  return bl_fail(error, BL_ERR_INPUT, "%.128s: field 'layer_types' has %d layers, expected %d",
                 file_name, layer, config->n_layers);
}

void bl_config_spread_window(bl_config *config, int32_t first) {
  const int32_t pattern = config->window_pattern;
  for (int32_t l = first; l < config->n_layers; l++)
    if (pattern == 0 || (l + 1) % pattern != 0) bl_config_set_windowed(config, l);
}

bl_code bl_config_read_window(const char *file_name, const cJSON *json, bl_config *config,
                              bl_error *error) {
  const bl_family *f = config->family;
  int64_t window = 0, first = f->has_window ? 0 : DEFAULT_MAX_WINDOW_LAYERS;
  bool are_given;
  bl_code code = read_layer_types(file_name, json, config, &are_given, error);
  bool used = f->has_window || are_given;
  if (!code) code = bl_json_bool(file_name, json, "use_sliding_window", &used, error);
  if (!code) code = bl_json_int(file_name, json, "sliding_window", 0, INT32_MAX, &window, error);
  if (!code && !f->has_window)
    code = bl_json_int(file_name, json, "max_window_layers", 0, INT32_MAX, &first, error);
  if (code) return code;
  const bool all_see = window >= config->max_context && f->default_local_theta == 0;
  if (!used || window == 0 || all_see) {
    memset(config->windowed, 0, sizeof config->windowed);
    return BL_OK;
  }
  if (!are_given) bl_config_spread_window(config, (int32_t)first);
  for (int l = 0; l < config->n_layers; l++)
    if (bl_config_windowed(config, l)) config->window = (int32_t)window;
  return BL_OK;
}
