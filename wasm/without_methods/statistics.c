/* In the place of core/model/statistics.c in the small modules, none of whose recipes need any. */
#include "model/statistics.h"

#include "base/error.h"

bl_code bl_statistics_check(const bl_load_options *options, const bl_config *config,
                            bl_error *error) {
  (void)config;
  if (!bl_activations_static(options->recipe.activations)) return BL_OK;
  return bl_fail(error, BL_ERR_RECIPE, "recipe: static activations are not available yet");
}

/* Asked alone where codes come from another module, which may have what this one lacks. */
bl_code bl_statistics_set_scales(const bl_load_options *options, bl_model *model, bl_error *error) {
  (void)model;
  return bl_statistics_check(options, NULL, error);
}
