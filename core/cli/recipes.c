/* Lists of recipes from the command line; "all" stands for every format. */
#include "recipes.h"

#include <string.h>

#include "texts.h"

static void add(cli_recipes *recipes, const bl_recipe *recipe) {
  char text[BL_RECIPE_TEXT], other[BL_RECIPE_TEXT];
  bl_recipe_print(recipe, text, sizeof text);
  for (int i = 0; i < recipes->n; i++) {
    bl_recipe_print(&recipes->list[i], other, sizeof other);
    if (strcmp(other, text) == 0) return;
  }
  recipes->list = cli_grow(recipes->list, ((size_t)recipes->n + 1) * sizeof *recipes->list);
  recipes->list[recipes->n++] = *recipe;
}

static void add_all(cli_recipes *recipes) {
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_recipe recipe;
    bl_recipe_kind_get(i, &kind);
    if (bl_recipe_parse(kind.name, &recipe, NULL) == BL_OK) add(recipes, &recipe);
  }
}

static bool add_item(void *context, const char *item) {
  bl_error error;
  bl_recipe recipe;
  if (strcmp(item, "all") == 0)
    add_all(context);
  else if (bl_recipe_parse(item, &recipe, &error) == BL_OK)
    add(context, &recipe);
  else
    return cli_fail("%s", error.message);
  return true;
}

bool cli_recipes_parse(cli_recipes *recipes, const char *list) {
  *recipes = (cli_recipes){0};
  return cli_each_item(list, add_item, recipes);
}

bool cli_recipe_kind(const char *recipe, bl_recipe_kind *kind) {
  size_t size = strcspn(recipe, ":+@/");
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind_get(i, kind);
    if (strlen(kind->name) == size && strncmp(kind->name, recipe, size) == 0) return true;
  }
  return false;
}
