/* The parts into which a model is cut to see which of them suffers most. */
#include "measure/units.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "quant/recipe.h"

bool bl_unit_has(const bl_unit *unit, const bl_weight *weight) {
  return bl_role_quantizable(weight->role) && bl_pattern_matches(unit->pattern, weight->name);
}

void bl_weight_pattern(const bl_config *config, const bl_weight *weight, char *pattern,
                       size_t pattern_size) {
  static const char suffix[] = ".weight";
  const char *name = weight->name, *prefix = config->family->prefix;
  if (strncmp(name, prefix, strlen(prefix)) == 0) name += strlen(prefix);
  snprintf(pattern, pattern_size, "%.*s", (int)(strlen(name) - (sizeof suffix - 1)), name);
}

bl_code bl_check_single_format(const bl_recipe *recipe, bool reference_allowed, bl_error *error) {
  bool is_format = recipe->codec || (reference_allowed && bl_recipe_is_reference(recipe));
  const bool rounds = recipe->methods == 0 && recipe->activations == BL_ACTIVATIONS_FLOAT;
  if (is_format && recipe->n_rules == 0 && rounds) return BL_OK;
  char text[BL_RECIPE_TEXT];
  bl_recipe_print(recipe, text, sizeof text);
  return bl_fail(error, BL_ERR_ARGUMENT,
                 "recipe '%.64s': expected a single format such as affine:4:64, for one part of "
                 "the model at a time",
                 text);
}

/* The unit that a matrix belongs to; n_params is left to be added up. */
static bl_unit unit_of(const bl_config *config, const bl_weight *weight, bl_unit_by by) {
  bl_unit unit = {.layer = by == BL_BY_KIND ? -1 : weight->layer};
  const bool whole_layer = by == BL_BY_LAYER && weight->layer >= 0;
  if (whole_layer)
    bl_layer_pattern(config, weight->layer, unit.pattern, sizeof unit.pattern);
  else
    bl_role_kind(config, weight->role, unit.kind, sizeof unit.kind);
  if (by == BL_BY_KIND) memcpy(unit.pattern, unit.kind, sizeof unit.kind);
  if (by != BL_BY_KIND && !whole_layer)
    bl_weight_pattern(config, weight, unit.pattern, sizeof unit.pattern);
  return unit;
}

/* Is this the first of the model's matrices in its unit? */
static bool is_first(const bl_model *model, int index, bl_unit_by by) {
  const bl_weight *weight = &model->weights[index];
  for (int i = 0; i < index && by != BL_BY_TENSOR; i++) {
    const bl_weight *earlier = &model->weights[i];
    if (by == BL_BY_KIND && earlier->role == weight->role) return false;
    if (by == BL_BY_LAYER && earlier->layer == weight->layer && weight->layer >= 0 &&
        bl_role_quantizable(earlier->role))
      return false;
  }
  return true;
}

int bl_units_list(const bl_model *model, bl_unit_by by, bl_unit *units, int capacity) {
  int n_units = 0;
  for (int i = 0; i < model->n_weights; i++) {
    if (!bl_role_quantizable(model->weights[i].role) || !is_first(model, i, by)) continue;
    if (n_units++ >= capacity) continue;
    bl_unit *unit = &units[n_units - 1];
    *unit = unit_of(&model->config, &model->weights[i], by);
    for (int j = i; j < model->n_weights; j++) {
      const bl_tensor *t = &model->weights[j].tensor;
      if (bl_unit_has(unit, &model->weights[j])) unit->n_params += t->n_rows * t->n_cols;
    }
  }
  return n_units;
}
