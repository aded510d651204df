/* The lanes of a comparison: which there are, in what order. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "recipes.h"

bool cli_is_reference(const cli_comparison *c, const cli_lane *lane) {
  return lane == c->lanes;
}

static void append(cli_comparison *c, const bl_recipe *recipe, const char *name, bool is_stored) {
  cli_lane new = {.recipe = *recipe, .name = cli_copy(name), .is_stored = is_stored};
  c->lanes = cli_grow(c->lanes, ((size_t)c->n_lanes + 1) * sizeof *c->lanes);
  c->lanes[c->n_lanes++] = new;
}

void cli_lane_add(cli_comparison *c, const bl_recipe *recipe, const char *name) {
  char text[BL_RECIPE_TEXT], other[BL_RECIPE_TEXT];
  bl_recipe_print(recipe, text, sizeof text);
  for (int i = 0; i < c->n_lanes; i++) {
    bl_recipe_print(&c->lanes[i].recipe, other, sizeof other);
    if (strcmp(other, text) == 0) return;
  }
  append(c, recipe, name ? name : text, bl_recipe_is_reference(recipe));
}

bool cli_lanes_parse(cli_comparison *c, const char *list) {
  bl_recipe recipe = {0};
  cli_lane_add(c, &recipe, NULL);
  if (c->set->against) { /* a second lane without a recipe: the model, beside that one */
    const char *slash = strrchr(c->set->model, '/');
    append(c, &recipe, slash && slash[1] ? slash + 1 : c->set->model, true);
  }
  if (!list) return true;
  cli_recipes recipes;
  bool ok = cli_recipes_parse(&recipes, list);
  for (int i = 0; ok && i < recipes.n; i++) cli_lane_add(c, &recipes.list[i], NULL);
  free(recipes.list);
  return ok;
}

void cli_lanes_free(cli_comparison *c) {
  for (int i = 0; i < c->n_lanes; i++) {
    cli_lane *lane = &c->lanes[i];
    cli_text_free(&lane->written);
    free(lane->name);
    free(lane->label);
    free(lane->problem);
    free(lane->notes);
    free(lane->texts);
    free(lane->is_right);
    cli_label_figures_free(&lane->labels);
    free(lane->stages);
  }
  free(c->lanes);
}
