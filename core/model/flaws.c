/* Refusing weights that are not finite or are lost, or leaving a note of them. */
#include "model/flaws.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "format/index.h"

/* "[3, 17]", or "[17]" in a vector. */
static void print_place(const bl_weight *weight, const bl_flaw *flaw, char *text, size_t size) {
  if (weight->tensor.n_rows == 1)
    snprintf(text, size, "[%lld]", (long long)flaw->col);
  else
    snprintf(text, size, "[%lld, %lld]", (long long)flaw->row, (long long)flaw->col);
}

static bl_code judge_not_finite(const bl_weight *weight, bool refused, bl_notes *notes,
                                bl_error *error) {
  const bl_flaw *flaw = &weight->not_finite;
  char place[48], name[128];
  bl_weight_own_name(weight, name, sizeof name);
  print_place(weight, flaw, place, sizeof place);
  static const char sentence[] =
      "tensor '%.96s' has %lld weight%s not finite, the first of them %s at %s";
  const char *are = flaw->n == 1 ? " that is" : "s that are";
  const char *value = isnan(flaw->value) ? "NaN" : flaw->value > 0 ? "infinity" : "-infinity";
  if (refused)
    return bl_fail(error, BL_ERR_NOT_FINITE, sentence, name, (long long)flaw->n, are, value, place);
  return bl_note_add(notes, error, "not-finite", name, flaw->n, sentence, name, (long long)flaw->n,
                     are, value, place);
}

/* What to choose instead, as the end of a sentence. */
static void print_advice(const bl_weight *weight, const bl_load_options *options, char *text,
                         size_t size) {
  const bl_format *format = &weight->tensor.format;
  const char *name = strncmp(weight->name, "model.", 6) == 0 ? weight->name + 6 : weight->name;
  if (options->cast == BL_F16 || bl_format_dtype(format) != BL_DTYPE_NONE)
    snprintf(text, size, "bf16 and f32 hold them");
  else
    snprintf(text, size, "'/%.*s=bf16' in the recipe keeps them",
             (int)(strlen(name) - strlen(".weight")), name);
}

static bl_code judge_lost(const bl_weight *weight, const bl_load_options *options, bool refused,
                          bl_notes *notes, bl_error *error) {
  const bl_flaw *flaw = &weight->lost;
  char place[48], format[32], advice[160];
  print_place(weight, flaw, place, sizeof place);
  bl_format_print(&weight->tensor.format, format, sizeof format);
  print_advice(weight, options, advice, sizeof advice);
  static const char sentence[] =
      "tensor '%.96s' has a weight of %.6g at %s, more than %s%s holds: %lld of its weights %s "
      "lost, and %s";
  const char *scales = options->cast == BL_F16 && strcmp(format, "f16") != 0 ? " of f16" : "";
  if (refused)
    return bl_fail(error, BL_ERR_NOT_FINITE, sentence, weight->name, (double)flaw->value, place,
                   format, scales, (long long)flaw->n, "would be", advice);
  return bl_note_add(notes, error, "lost-weights", weight->name, flaw->n, sentence, weight->name,
                     (double)flaw->value, place, format, scales, (long long)flaw->n, "are", advice);
}

bl_code bl_weight_judge(const bl_weight *weight, const bl_load_options *options, bl_notes *notes,
                        bl_error *error) {
  const bool as_stored = bl_recipe_is_reference(&options->recipe) && options->cast == BL_DTYPE_NONE;
  const bool refused = options->not_finite == BL_NOT_FINITE_NEVER ||
                       (options->not_finite == BL_NOT_FINITE_AS_STORED && !as_stored);
  bl_code code = BL_OK;
  if (weight->not_finite.n) code = judge_not_finite(weight, refused, notes, error);
  if (code == BL_OK && weight->lost.n) code = judge_lost(weight, options, refused, notes, error);
  return code;
}

bl_code bl_model_note_vanished(bl_model *model, bl_error *error) {
  const bl_weight *first = NULL;
  int64_t n = 0;
  int n_tensors = 0;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    if (weight->vanished.n == 0) continue;
    if (!first) first = weight;
    n += weight->vanished.n;
    n_tensors++;
  }
  if (!first) return BL_OK;
  char place[48], format[32], others[48] = "", recipe[BL_RECIPE_TEXT] = "";
  const bool has_recipe = !bl_recipe_is_reference(&model->recipe);
  if (has_recipe) bl_recipe_print(&model->recipe, recipe, sizeof recipe);
  print_place(first, &first->vanished, place, sizeof place);
  bl_format_print(&first->tensor.format, format, sizeof format);
  if (n_tensors > 1)
    snprintf(others, sizeof others, " and %d other%s", n_tensors - 1, n_tensors > 2 ? "s" : "");
  return bl_note_add(&model->notes, error, "vanished-weights", first->name, n,
                     "%.96s%s%lld weight%s of tensor '%.96s'%s became 0 or %s off by half or more, "
                     "as all weights of a group are too small for %s; the first is %.6g at %s",
                     recipe, has_recipe ? ": " : "", (long long)n, n == 1 ? "" : "s", first->name,
                     others, n == 1 ? "is" : "are", format, (double)first->vanished.value, place);
}

bl_code bl_weight_judge_stored(bl_weight *weight, const bl_load_options *options, bl_notes *notes,
                               bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  bl_code code = BL_OK;
  weight->not_finite = (bl_flaw){0};
  if (weight->n_sound != t->n_rows * t->n_cols)
    code = bl_tensor_find_not_finite(t, options->pool, &weight->not_finite, error);
  if (code == BL_OK) code = bl_weight_find_single(weight, t, options->pool, error);
  return code == BL_OK ? bl_weight_judge(weight, options, notes, error) : code;
}

bl_code bl_index_count_not_finite(const bl_index *index, int i, const void *bytes, bl_pool *pool,
                                  int64_t *n, int64_t *first, bl_error *error) {
  const bl_entry *entry = &index->entries[i];
  const char *name = entry->type->codec;
  bl_flaw flaw = {0};
  *n = -1;
  *first = 0;
  if (!name) return BL_OK;
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  const int64_t n_cols = entry->n_dims > 0 ? entry->dims[entry->n_dims - 1] : 1;
  int64_t n_rows = 1;
  for (int d = 0; d + 1 < entry->n_dims; d++) n_rows *= entry->dims[d];
  *n = 0;
  if (n_rows == 0 || n_cols == 0) return BL_OK;
  const bl_format format = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
  bl_tensor tensor = bl_tensor_make(format, n_rows, n_cols);
  tensor.parts[0] = bytes;
  bl_code code = bl_tensor_find_not_finite(&tensor, pool, &flaw, error);
  *n = flaw.n;
  *first = flaw.row * n_cols + flaw.col;
  return code;
}
