/* What was seen of the inputs of a model's matrices, and whether it suffices for a recipe. */
#include "model/statistics.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "bitloss_measure.h"
#include "kernel/activations.h"
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

/* The first method of the recipe's that needs all of it. */
static const char *needing_method(const bl_recipe *recipe, bl_needs needs) {
  const uint32_t methods = bl_recipe_all_methods(recipe);
  int i = 0;
  while (!(methods >> i & 1) || (bl_methods[i]->needs & needs) != needs) i++;
  return bl_methods[i]->name;
}

/* What of the recipe goes by statistics: its first method that does, or the activations. */
static void name_needing(const bl_recipe *recipe, bl_needs needs, char *name, size_t name_size) {
  const bl_needs of_method = needs & BL_NEEDS_HESSIAN;
  snprintf(name, name_size, of_method ? "+%s" : "@%s",
           of_method ? needing_method(recipe, of_method) : "static");
}

bl_code bl_statistics_check(const bl_load_options *options, const bl_config *config,
                            bl_error *error) {
  const bl_needs needs = bl_recipe_needs(&options->recipe);
  const bl_statistics *s = options->statistics;
  char name[48];
  if (bl_recipe_learns(&options->recipe) && !options->learns)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe: method '%s' learns from the whole model's predictions, which is not "
                   "done here: convert and compare do it",
                   learned_method(&options->recipe));
  if (needs == BL_NEEDS_NOTHING) return BL_OK;
  name_needing(&options->recipe, needs, name, sizeof name);
  if (config->block.has_experts)
    return bl_fail(
        error, BL_ERR_RECIPE,
        "recipe: '%s' goes by what matrices are multiplied with, which is not gathered for "
        "experts, each of which sees other tokens",
        name);
  if (!s)
    return bl_fail(
        error, BL_ERR_RECIPE,
        "recipe: '%s' goes by what matrices are multiplied with on a text, and none was given: "
        "it is named with --calibrate",
        name);
  if ((needs & BL_NEEDS_HESSIAN & ~s->kind) || s->n_layers != config->n_layers)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe: the statistics are of another model, or less than '%s' needs", name);
  if (needs & BL_NEEDS_RANGES & ~s->kind)
    return bl_fail(
        error, BL_ERR_RECIPE,
        "recipe: '@static' goes by the range of what matrices are multiplied with, which "
        "an importance matrix does not tell: --calibrate takes a text");
  return BL_OK;
}

bl_code bl_statistics_set_scales(const bl_load_options *options, bl_model *model, bl_error *error) {
  const bl_activations mode = options->recipe.activations;
  for (int i = 0; bl_activations_static(mode) && i < model->n_weights; i++) {
    bl_weight *weight = &model->weights[i];
    if (!weight->tensor.format.codec->static_activations) continue;
    const bl_input *input = bl_statistics_find(options->statistics, weight->role, weight->layer);
    if (!input || input->n_cols != weight->tensor.n_cols || input->n_tokens == 0)
      return bl_fail(
          error, BL_ERR_RECIPE,
          "recipe: nothing was gathered of what '%.96s' is multiplied with, which '@static' "
          "goes by",
          weight->name);
    bl_choose_static_scale(&weight->tensor,
                           mode == BL_ACTIVATIONS_MINMAX ? input->minmax : input->histogram);
  }
  return BL_OK;
}
