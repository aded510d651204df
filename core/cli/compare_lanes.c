/* The lanes of a comparison: which there are, in what order. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"

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

/* "all": every format and mixture that bitloss has, with its default settings. */
static void add_all(cli_comparison *c) {
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_recipe recipe;
    bl_recipe_kind_get(i, &kind);
    if (bl_recipe_parse(kind.name, &recipe, NULL) == BL_OK) cli_lane_add(c, &recipe, NULL);
  }
}

static bool add_listed(void *context, const char *name) {
  bl_error error;
  bl_recipe recipe;
  if (strcmp(name, "all") == 0)
    add_all(context);
  else if (bl_recipe_parse(name, &recipe, &error) == BL_OK)
    cli_lane_add(context, &recipe, NULL);
  else
    return cli_fail("%s", error.message);
  return true;
}

bool cli_lanes_parse(cli_comparison *c, const char *list) {
  bl_recipe recipe = {0};
  cli_lane_add(c, &recipe, NULL);
  if (c->set->against) { /* a second lane without a recipe: the model, beside that one */
    const char *slash = strrchr(c->set->model, '/');
    append(c, &recipe, slash && slash[1] ? slash + 1 : c->set->model, true);
  }
  return !list || cli_each_item(list, add_listed, c);
}

void cli_lanes_free(cli_comparison *c) {
  for (int i = 0; i < c->n_lanes; i++) {
    cli_lane *lane = &c->lanes[i];
    cli_text_free(&lane->written);
    free(lane->name);
    free(lane->label);
    free(lane->texts);
    free(lane->is_right);
  }
  free(c->lanes);
}
