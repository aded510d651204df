/* The tensors of a model whose config is all that is known of it: its family's, one after the
 * other.
 */
#include "measure/budget_shapes.h"

#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

/* ---- reading -------------------------------------------------------------------------------- */

static bl_code read_dtype(const char *file_name, bl_architecture *a, bl_error *error) {
  const char *name = "bfloat16";
  bl_code code = bl_json_string(file_name, a->json, "torch_dtype", &name, error);
  if (!code) code = bl_json_string(file_name, a->json, "dtype", &name, error);
  if (code || bl_dtype_parse(name, &a->dtype)) return code;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'torch_dtype' is '%.64s', expected float32, float16 or bfloat16",
                 file_name, name);
}

bl_code bl_architecture_read(const char *file_name, const cJSON *json,
                             bl_architecture *architecture, bl_error *error) {
  bl_architecture a = {.json = json};
  bl_code code = bl_config_tensors_from_json(file_name, json, &a.config, error);
  if (code == BL_OK) code = bl_mlx_layers_make(file_name, json, &a.mlx_layers, error);
  if (!code) code = read_dtype(file_name, &a, error);
  if (!code) *architecture = a;
  if (code) bl_architecture_free(&a);
  return code;
}

void bl_architecture_free(bl_architecture *architecture) {
  bl_mlx_layers_free(&architecture->mlx_layers);
}

/* ---- tensors -------------------------------------------------------------------------------- */

static bool show(const bl_config *config, const bl_family_entry *entry, bool is_bias, int layer,
                 bl_shape_fn take, void *context) {
  const char *prefix = config->head == BL_HEAD_NONE ? "" : config->family->prefix;
  const unsigned has = bl_config_has(config);
  bl_shape shape = {.role = is_bias ? entry->bias : entry->weight,
                    .layer = layer,
                    .n_rows = bl_extent_of(config, entry->n_rows),
                    .n_cols = bl_extent_of(config, entry->n_cols)};
  if (shape.role == BL_NO_ROLE || (is_bias && !bl_family_holds(entry->bias_when, has))) return true;
  if (is_bias && bl_role_quantizable(entry->weight)) shape.n_cols = shape.n_rows;
  if (is_bias) shape.n_rows = 1;
  if (bl_role_is_expert(shape.role)) shape.n_rows *= config->n_experts;
  bl_family_print_name(entry, prefix, is_bias, layer, -1, shape.name, sizeof shape.name);
  return take(context, &shape);
}

static bool each_of_entry(const bl_config *config, const bl_family_entry *entry, int layer,
                          bl_shape_fn take, void *context) {
  return !bl_family_holds(entry->when, bl_config_has(config)) ||
         (show(config, entry, false, layer, take, context) &&
          show(config, entry, true, layer, take, context));
}

bool bl_architecture_each(const bl_architecture *architecture, bl_shape_fn take, void *context) {
  const bl_config *config = &architecture->config;
  const bl_family_entry *e = config->family->entries;
  for (; e->hf && !strchr(e->hf, '#'); e++)
    if (!each_of_entry(config, e, -1, take, context)) return false;
  const bl_family_entry *first = e;
  for (int layer = 0; layer < config->n_layers; layer++)
    for (e = first; strchr(e->hf, '#'); e++)
      if (!each_of_entry(config, e, layer, take, context)) return false;
  for (; e->hf; e++)
    if (!each_of_entry(config, e, -1, take, context)) return false;
  return true;
}
