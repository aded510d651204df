/* What was seen of the inputs of a model's matrices, and whether it suffices for a recipe. */
#include "model/statistics.h"

#include <stdlib.h>

#include "base/error.h"
#include "bitloss_measure.h"
#include "quant/method.h"

void bl_statistics_free(bl_statistics *statistics) {
  if (!statistics) return;
  for (int i = 0; i < statistics->n_inputs; i++) {
    free(statistics->inputs[i].mean_squares);
    free(statistics->inputs[i].hessian);
  }
  free(statistics->inputs);
  free(statistics->of_role);
  free(statistics);
}

int64_t bl_statistics_tokens(const bl_statistics *statistics) {
  return statistics->n_tokens;
}

const bl_input *bl_statistics_find(const bl_statistics *s, bl_role role, int layer) {
  if (!s || layer >= s->n_layers) return NULL;
  const int i = s->of_role[(layer + 1) * BL_N_ROLES + (int)role];
  return i >= 0 ? &s->inputs[i] : NULL;
}

static const char *learned_method(const bl_recipe *recipe) {
  const uint32_t learned = bl_methods_learned(bl_recipe_all_methods(recipe));
  int i = 0;
  while (!(learned >> i & 1)) i++;
  return bl_methods[i]->name;
}

/* The first method of the recipe's that needs so much. */
static const char *needing_method(const bl_recipe *recipe, bl_needs needs) {
  const uint32_t methods = bl_recipe_all_methods(recipe);
  int i = 0;
  while (!(methods >> i & 1) || bl_methods[i]->needs < needs) i++;
  return bl_methods[i]->name;
}

bl_code bl_statistics_check(const bl_load_options *options, const bl_config *config,
                            bl_error *error) {
  const bl_needs needs = bl_recipe_needs(&options->recipe);
  if (bl_recipe_learns(&options->recipe) && !options->learns)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe: method '%s' learns from the whole model's predictions, which is not "
                   "done here: convert and compare do it",
                   learned_method(&options->recipe));
  if (needs == BL_NEEDS_NOTHING) return BL_OK;
  const char *method = needing_method(&options->recipe, needs);
  if (config->block.has_experts)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe: method '%s' goes by what matrices are multiplied with, which is not "
                   "gathered for experts, each of which sees other tokens",
                   method);
  if (!options->statistics)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe: method '%s' goes by what matrices are multiplied with on a text, and "
                   "none was given: convert and compare take one with --calibrate",
                   method);
  if (options->statistics->kind < needs || options->statistics->n_layers != config->n_layers)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe: the statistics are of another model, or less than method '%s' needs",
                   method);
  return BL_OK;
}
