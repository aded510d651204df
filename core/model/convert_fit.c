/* The rows of one tensor, where methods choose their codes. */
#include "model/convert_fit.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "model/statistics.h"
#include "quant/method.h"
#include "quant/recipe.h"

void bl_conversion_set_methods(bl_conversion *c, const bl_format *target,
                               const bl_load_options *options) {
  const bl_weight *weight = c->weight;
  if (!weight->name) return;
  const bl_place place = {.name = weight->name};
  c->methods = bl_methods_for(bl_recipe_methods(&options->recipe, &place), target->codec);
  c->methods &= ~bl_methods_learned(c->methods); /* which come when all matrices are there */
  if (c->methods) c->input = bl_statistics_find(options->statistics, weight->role, weight->layer);
}

bl_code bl_conversion_begin_fitting(bl_conversion *c, bl_error *error) {
  const bl_tensor *target = &c->weight->tensor;
  if (bl_methods_need(c->methods) > BL_NEEDS_NOTHING &&
      (!c->input || c->input->n_cols != target->n_cols))
    return bl_fail(
        error, BL_ERR_RECIPE,
        "recipe: nothing was gathered of what '%.96s' is multiplied with, which a method "
        "goes by",
        c->weight->name);
  return bl_fitting_begin(&c->fitting, &target->format, c->methods, c->input, target->n_cols,
                          c->pool, error);
}

void bl_conversion_end_fitting(bl_conversion *c) {
  bl_fitting_end(&c->fitting);
}

/* Has the recipe methods for a matrix in the format that it has? */
static bool has_methods(const bl_recipe *recipe, const bl_weight *weight) {
  const bl_place place = {.name = weight->name};
  return weight->tensor.n_rows > 1 && bl_role_quantizable(weight->role) &&
         bl_methods_for(bl_recipe_methods(recipe, &place), weight->tensor.format.codec) != 0;
}

int bl_model_n_fitted(const bl_model *model) {
  int n = 0;
  for (int i = 0; i < model->n_weights; i++)
    n += model->weights[i].converted && has_methods(&model->recipe, &model->weights[i]);
  return n;
}

bl_code bl_model_note_not_fitted(bl_model *model, bl_error *error) {
  char recipe[BL_RECIPE_TEXT];
  int n = 0;
  for (int i = 0; i < model->n_weights; i++)
    n += !model->weights[i].converted && has_methods(&model->recipe, &model->weights[i]);
  if (n == 0) return BL_OK;
  bl_recipe_print(&model->recipe, recipe, sizeof recipe);
  return bl_note_add(
      &model->notes, error, "not-fitted", recipe, n,
      "%.96s: %d matrices are stored in this format already, and keep the codes that "
      "they have: methods choose anew only from weights that were not rounded yet",
      recipe, n);
}

/* Up to BL_FIT_ROWS rows of a batch. */
static void fit_rows(void *context, int64_t task, int thread) {
  const bl_batch *b = context;
  bl_conversion *c = b->c;
  const bl_tensor *target = &c->weight->tensor;
  const int64_t n_cols = target->n_cols, first = task * BL_FIT_ROWS;
  const int n = b->n - first < BL_FIT_ROWS ? (int)(b->n - first) : BL_FIT_ROWS;
  float *originals = c->scratch + 2 * BL_FIT_ROWS * n_cols * thread;
  float *converted = originals + BL_FIT_ROWS * n_cols;
  uint8_t *parts[BL_FIT_ROWS][BL_MAX_PARTS] = {{NULL}};
  for (int i = 0; i < n; i++) {
    const int64_t row = bl_conversion_target_row(c, b->first_row + first + i);
    bl_conversion_read_row(b, first + i, row, originals + i * n_cols);
    for (int p = 0; p < target->format.codec->n_parts; p++)
      parts[i][p] = c->weight->owned[p] + (size_t)row * target->row_bytes[p];
  }
  memcpy(converted, originals, (size_t)(n * n_cols) * sizeof *converted);
  if (c->cast != BL_DTYPE_NONE) bl_round_to(c->cast, converted, n * n_cols);
  bl_fitting_rows(&c->fitting, thread, converted, n, parts);
  for (int i = 0; i < n; i++)
    bl_conversion_check_row(c, bl_conversion_target_row(c, b->first_row + first + i),
                            originals + i * n_cols, converted, &c->checks[first + i]);
}

void bl_conversion_fit_rows(bl_batch *b) {
  bl_pool_run(b->c->pool, fit_rows, b, (b->n + BL_FIT_ROWS - 1) / BL_FIT_ROWS);
}
