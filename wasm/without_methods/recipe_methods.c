/* In the place of core/quant/recipe_methods.c in the small modules: the full one has methods. */
#include "base/error.h"
#include "quant/method.h"
#include "quant/recipe_parse.h"

bl_code bl_piece_methods(bl_piece piece, const bl_recipe *recipe, uint32_t *methods,
                         bl_error *error) {
  (void)recipe;
  (void)methods;
  return bl_fail(error, BL_ERR_ELSEWHERE, "recipe '%.64s': method '%.*s' is in the full module",
                 piece.recipe, bl_quoted(piece.size), piece.text);
}

void bl_methods_print(uint32_t methods, char *text, size_t text_size) {
  (void)methods;
  if (text_size > 0) *text = '\0';
}
