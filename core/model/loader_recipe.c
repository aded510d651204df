/* How a loader's recipe meets the model that is being loaded. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "model/loader.h"

bl_place bl_loader_place(const bl_loader *loader, const char *name, int layer) {
  const bl_config *config = &loader->model->config;
  return (bl_place){.name = name,
                    .layer = layer,
                    .n_layers = config->n_layers,
                    .tied_output = config->tied_output,
                    .n_heads = config->n_heads,
                    .n_kv_heads = config->n_kv_heads};
}

/* Has the model a matrix of this role, for a recipe to apply to? */
static bool has_matrix(const bl_config *config, bl_role role) {
  int64_t n_rows, n_cols;
  return bl_role_quantizable(role) && bl_role_shape(config, role, &n_rows, &n_cols);
}

static bool matches_any(const bl_config *config, const char *pattern) {
  for (int role = 0; role < BL_N_ROLES; role++) {
    bool in_layers = role > BL_OUTPUT;
    if (!has_matrix(config, (bl_role)role)) continue;
    for (int layer = in_layers ? 0 : -1; layer < (in_layers ? config->n_layers : 0); layer++) {
      char name[128];
      bl_role_name((bl_role)role, layer, name, sizeof name);
      if (bl_pattern_matches(pattern, name)) return true;
    }
  }
  return false;
}

/* "embed_tokens, q_proj, k_proj" …: the last component of every matrix's name. The nearest of them
 * is left in `nearest`. */
static void list_matrices(const bl_config *config, char names[][32], bl_nearest *nearest,
                          char *text, size_t text_size) {
  size_t n = 0;
  *text = '\0';
  for (int role = 0; role < BL_N_ROLES; role++) {
    char name[128];
    if (!has_matrix(config, (bl_role)role)) continue;
    bl_role_name((bl_role)role, 0, name, sizeof name);
    *strrchr(name, '.') = '\0';
    const char *dot = strrchr(name, '.');
    snprintf(names[role], sizeof names[role], "%.31s", dot ? dot + 1 : name);
    bl_nearest_offer(nearest, names[role]);
    if (n < text_size)
      n += (size_t)snprintf(text + n, text_size - n, "%s%s", n ? ", " : "", names[role]);
  }
}

bl_code bl_loader_check_rules(const bl_loader *loader, bl_error *error) {
  const bl_config *config = &loader->model->config;
  const bl_recipe *recipe = &loader->options.recipe;
  for (int i = 0; i < recipe->n_rules; i++) {
    const char *pattern = recipe->rules[i].pattern;
    if (matches_any(config, pattern)) continue;
    char names[BL_N_ROLES][32], list[256];
    bl_nearest nearest = {.wanted = pattern, .wanted_size = strlen(pattern)};
    list_matrices(config, names, &nearest, list, sizeof list);
    if (nearest.name)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "recipe: pattern '%s' matches no matrix of this model, perhaps %s was meant",
                     pattern, nearest.name);
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "recipe: pattern '%s' matches no matrix of this model, which has %s, and "
                   "layers.0 to layers.%d",
                   pattern, list, config->n_layers - 1);
  }
  return BL_OK;
}
