/* Methods that choose codes, for JavaScript; the conventions are those of exports.c, and
 * wasm/methods.ts is the only caller. Only the full module has this (wasm/build.mjs). What it makes
 * goes to the other modules as codes: bw_model_variant of exports_measure.c takes them. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "exports.h"
#include "imports.h"

static bool tell(void *context, int64_t n_done, int64_t n_total) {
  (void)context;
  return bw_progress((double)n_done, (double)n_total) != 0;
}

/* {text, plain, needs}: the canonical recipe, what its codes are without its methods, and what
 * these need, as a number that is 0 for nothing and greater for more. */
EXPORT(bw_recipe_methods) const char *bw_recipe_methods(const char *text) {
  bl_recipe recipe;
  char printed[BL_RECIPE_TEXT];
  if (bl_recipe_parse(text, &recipe, &bw_last_error) != BL_OK) return NULL;
  bw_json_begin();
  bw_json_open(NULL, '{');
  bl_recipe_print(&recipe, printed, sizeof printed);
  bw_json_string("text", printed);
  bw_json_number("needs", (double)bl_recipe_needs(&recipe));
  recipe.methods = 0;
  for (int i = 0; i < recipe.n_rules; i++) recipe.rules[i].methods = 0;
  bl_recipe_print(&recipe, printed, sizeof printed);
  bw_json_string("plain", printed);
  bw_json_close('}');
  return bw_json_end();
}

/* ---- the text ------------------------------------------------------------------------------ */

/* For a model, whose config.json says how a plain text is divided. NULL on an error. */
EXPORT(bw_calibration_new) bl_calibration_text *bw_calibration_new(const bl_model *model) {
  return bl_calibration_text_new(model, &bw_last_error);
}

EXPORT(bw_calibration_free) void bw_calibration_free(bl_calibration_text *text) {
  bl_calibration_text_free(text);
}

EXPORT(bw_calibration_add)
int bw_calibration_add(bl_calibration_text *text, const char *name, const char *bytes,
                       size_t size) {
  return (int)bl_calibration_text_add(text, name, bytes, size, &bw_last_error);
}

/* Lets the model read so many tokens of the text, and gathers what a recipe of that `needs` needs;
 * once for a text. NULL on an error. */
EXPORT(bw_calibrate)
bl_statistics *bw_calibrate(const bl_model *model, bl_calibration_text *text, int needs,
                            double n_tokens) {
  bl_calibration tokens = {0};
  bl_statistics *statistics = NULL;
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  if (!tokenizer) {
    bl_fail(&bw_last_error, BL_ERR_UNSUPPORTED,
            "The model's files have no tokenizer: expected a tokenizer.json beside them");
    return NULL;
  }
  bl_code code =
      bl_calibration_text_encode(text, tokenizer, (size_t)n_tokens, &tokens, &bw_last_error);
  if (code == BL_OK)
    code = bl_calibrate(model, (bl_needs)needs, &tokens, tell, NULL, &statistics, &bw_last_error);
  return code == BL_OK ? statistics : NULL;
}

EXPORT(bw_statistics_free) void bw_statistics_free(bl_statistics *statistics) {
  bl_statistics_free(statistics);
}

EXPORT(bw_statistics_tokens) double bw_statistics_tokens(const bl_statistics *statistics) {
  return (double)bl_statistics_tokens(statistics);
}

/* ---- the codes ------------------------------------------------------------------------------ */

/* The reference under a recipe with methods; `statistics` may be NULL where these need none.
 * `calibration` is what to say of the text. NULL on an error. */
EXPORT(bw_fit)
bl_model *bw_fit(const bl_model *reference, const char *recipe, const bl_statistics *statistics,
                 const char *calibration) {
  bl_load_options options = {.statistics = statistics, .calibration = calibration};
  bl_model *variant = NULL;
  if (bl_recipe_parse(recipe, &options.recipe, &bw_last_error) != BL_OK ||
      bl_model_variant(reference, &options, tell, NULL, &variant, &bw_last_error) != BL_OK)
    return NULL;
  return variant;
}

EXPORT(bw_variant_bytes) double bw_variant_bytes(const bl_model *variant) {
  return (double)bl_variant_bytes(variant);
}

EXPORT(bw_variant_write) void bw_variant_write(const bl_model *variant, uint8_t *bytes) {
  bl_variant_write(variant, bytes);
}
