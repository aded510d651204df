/* A model told from the headers of its files, for JavaScript; the conventions are those of
 * exports.c. Only the full module has this: the one that the page starts with is linked without it
 * (wasm/build.mjs). */
#include "exports.h"

/* The loader's, of the files whose headers it was shown; NULL on an error. bw_model_info tells what
 * it is. */
EXPORT(bw_loader_outline) const bl_model *bw_loader_outline(bl_loader *loader) {
  const bl_model *outline = NULL;
  return bl_loader_outline(loader, &outline, &bw_last_error) == BL_OK ? outline : NULL;
}

/* A sentence; "" where it can be run. */
EXPORT(bw_outline_cannot_run) const char *bw_outline_cannot_run(const bl_model *outline) {
  return bl_model_cannot_run(outline);
}

EXPORT(bw_outline_is_encoder) bool bw_outline_is_encoder(const bl_model *outline) {
  bl_model_info info;
  bl_model_get_info(outline, &info);
  return info.is_encoder;
}

/* Weights, key-value cache and work space in bytes, bits per weight, tokens of context; NULL on an
 * error. 0 leaves the context to the core. */
EXPORT(bw_outline_budget)
const double *bw_outline_budget(const bl_model *outline, const char *recipe, double n_context) {
  static double figures[5];
  bl_budget_options options = {.n_context = (int64_t)n_context};
  bl_budget b;
  if (bl_recipe_parse(recipe, &options.recipe, &bw_last_error) != BL_OK ||
      bl_budget_of_model(outline, &options, &b, &bw_last_error) != BL_OK)
    return NULL;
  figures[0] = (double)b.weight_bytes;
  figures[1] = (double)b.kv_bytes;
  figures[2] = (double)b.activation_bytes;
  figures[3] = b.bits_per_weight;
  figures[4] = (double)b.n_context;
  return figures;
}
