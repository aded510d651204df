/* Lists of recipes. */
#ifndef BL_CLI_RECIPES_H
#define BL_CLI_RECIPES_H

#include "cli.h"

typedef struct cli_recipes {
  int n;
  bl_recipe *list;
} cli_recipes;

/* Reads "affine:8:64,nf4"; "all" stands for every format and mixture with its default settings.
 * Each is there once. Says what is wrong with a list. Free `list` in any case. */
bool cli_recipes_parse(cli_recipes *recipes, const char *list);

/* The format or mixture that a recipe's text begins with; false for "reference". */
bool cli_recipe_kind(const char *recipe, bl_recipe_kind *kind);

#endif
