/* The parts of a recipe's text. */
#ifndef BL_QUANT_RECIPE_PARSE_H
#define BL_QUANT_RECIPE_PARSE_H

#include "quant/recipe.h"

/* A piece of a recipe, and the whole for the error's sentence. */
typedef struct bl_piece {
  const char *recipe; /* the whole text, as given */
  const char *text;
  size_t size;
} bl_piece;

/* How many bytes of a piece a sentence quotes. */
static inline int bl_quoted(size_t size) {
  return (int)(size < 64 ? size : 64);
}

/* Reads NAME [":" BITS] [":" GROUP] {"+" METHOD} into the recipe's codec, mixture, bits, group and
 * methods. Mixtures are refused when `is_rule`. */
bl_code bl_piece_format(bl_piece piece, bool is_rule, bl_recipe *recipe, bl_error *error);

/* Reads METHOD {"+" METHOD}, which follows the recipe's codec or mixture. */
bl_code bl_piece_methods(bl_piece piece, const bl_recipe *recipe, uint32_t *methods,
                         bl_error *error);

/* Reads PATTERN "=" FORMAT as another of the recipe's rules. */
bl_code bl_piece_rule(bl_piece piece, bl_recipe *recipe, bl_error *error);

static inline char bl_lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

#endif
