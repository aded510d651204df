/* In the place of core/quant/recipe_methods.c in the modules: their table of methods is empty. */
#include "base/error.h"
#include "quant/method.h"
#include "quant/recipe_parse.h"

bl_code bl_piece_methods(bl_piece piece, const bl_recipe *recipe, uint32_t *methods,
                         bl_error *error) {
  (void)recipe;
  (void)methods;
  return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': method '%.*s' is not available yet",
                 piece.recipe, bl_quoted(piece.size), piece.text);
}

void bl_methods_print(uint32_t methods, char *text, size_t text_size) {
  (void)methods;
  if (text_size > 0) *text = '\0';
}
