/* Variants of a model that is loaded. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/convert_fit.h"
#include "model/flaws.h"
#include "model/statistics.h"
#include "model/target.h"

/* Weights between two reports of progress: some hundredths of a second for the slowest format. */
enum { WEIGHTS_PER_STEP = 1 << 16 };

typedef struct making {
  const bl_load_options *options;
  bl_progress_fn on_progress; /* may be NULL */
  void *context;
  int64_t n_done, n_total; /* weights */
  size_t at;               /* in the options' codes */
} making;

/* Tells how far it is, after n_more weights. */
static bl_code report(making *m, int64_t n_more, bl_error *error) {
  m->n_done += n_more;
  if (!m->on_progress || m->on_progress(m->context, m->n_done, m->n_total)) return BL_OK;
  return bl_fail(error, BL_ERR_CANCELLED, "stopped after %lld of %lld weights",
                 (long long)m->n_done, (long long)m->n_total);
}

/* Bytes of all parts of a weight. */
static uint64_t bytes_of(const bl_weight *weight) {
  uint64_t n = 0;
  for (int p = 0; p < weight->tensor.format.codec->n_parts; p++)
    n += bl_tensor_part_bytes(&weight->tensor, p);
  return n;
}

uint64_t bl_variant_bytes(const bl_model *variant) {
  uint64_t n = 0;
  for (int i = 0; i < variant->n_weights; i++)
    if (variant->weights[i].owned[0]) n += bytes_of(&variant->weights[i]);
  return n;
}

void bl_variant_write(const bl_model *variant, uint8_t *bytes) {
  for (int i = 0; i < variant->n_weights; i++) {
    const bl_weight *weight = &variant->weights[i];
    for (int p = 0; weight->owned[0] && p < weight->tensor.format.codec->n_parts; p++) {
      const size_t n = bl_tensor_part_bytes(&weight->tensor, p);
      memcpy(bytes, weight->owned[p], n);
      bytes += n;
    }
  }
}

static bl_code fail_codes(const making *m, const bl_weight *weight, bl_error *error) {
  return bl_fail(error, BL_ERR_INPUT,
                 "the codes are of another model or recipe: %zu bytes, which end within '%.96s'",
                 m->options->n_codes, weight->name);
}

/* Copies the weight's codes from those that the options have. */
static bl_code take_codes(making *m, bl_conversion *c, bl_error *error) {
  const bl_weight *weight = c->weight;
  if (bytes_of(weight) > m->options->n_codes - m->at) return fail_codes(m, weight, error);
  for (int p = 0; p < weight->tensor.format.codec->n_parts; p++) {
    const size_t n = bl_tensor_part_bytes(&weight->tensor, p);
    memcpy(weight->owned[p], m->options->codes + m->at, n);
    m->at += n;
  }
  c->has_codes = true;
  return BL_OK;
}

/* Turns a weight of the variant that still has its reference's codes into `target`. */
static bl_code convert(making *m, bl_model *model, bl_weight *weight, bl_format target,
                       bl_error *error) {
  const bl_tensor old = weight->tensor;
  uint8_t *cast[BL_MAX_PARTS]; /* scales that were cast to a type of their own */
  memcpy(cast, weight->owned, sizeof cast);
  memset(weight->owned, 0, sizeof weight->owned);
  weight->converted = true;
  weight->error = (bl_error_sums){0};
  weight->not_finite = weight->lost = (bl_flaw){0}; /* what vanished before is not back */
  const bl_config *config = &model->config;
  bl_conversion c = bl_conversion_make(
      weight, &old, target, bl_permuted_rows(config, config->interleaved_rope, weight->role),
      m->options);
  const int64_t n_rows = c.source.n_rows, n_cols = c.source.n_cols;
  const int64_t step = n_cols < WEIGHTS_PER_STEP ? WEIGHTS_PER_STEP / n_cols : 1;
  bl_code code = bl_conversion_begin(&c, error);
  if (code == BL_OK && m->options->codes) code = take_codes(m, &c, error);
  for (int64_t row = 0; code == BL_OK && row < n_rows; row += step) {
    const int64_t n = n_rows - row < step ? n_rows - row : step;
    bl_conversion_rows_of(&c, &old, row, n);
    code = report(m, n * n_cols, error);
  }
  bl_conversion_end(&c);
  for (int p = 0; p < BL_MAX_PARTS; p++) bl_aligned_free(cast[p]);
  return code == BL_OK ? bl_weight_judge(weight, m->options, &model->notes, error) : code;
}

/* A model that shares all of the reference, or NULL when memory ran out. */
static bl_model *share(const bl_model *reference, const bl_recipe *recipe) {
  const size_t n_weights = (size_t)reference->n_weights;
  const size_t n_slots = ((size_t)reference->config.n_layers + 1) * BL_N_ROLES;
  bl_model *model = malloc(sizeof *model);
  bl_weight *weights = malloc((n_weights + 1) * sizeof *weights);
  const bl_weight **by_role = malloc(n_slots * sizeof *by_role);
  if (!model || !weights || !by_role) {
    free(model);
    free(weights);
    free(by_role);
    return NULL;
  }
  *model = *reference;
  model->reference = reference;
  model->recipe = *recipe;
  model->notes = (bl_notes){0};
  model->weights = weights;
  model->by_role = by_role;
  for (size_t i = 0; i < n_weights; i++) {
    weights[i] = reference->weights[i];
    memset(weights[i].owned, 0, sizeof weights[i].owned);
  }
  for (size_t i = 0; i < n_slots; i++) {
    const bl_weight *weight = reference->by_role[i];
    by_role[i] = weight ? weights + (weight - reference->weights) : NULL;
  }
  return model;
}

bl_code bl_model_variant(const bl_model *reference, const bl_load_options *options,
                         bl_progress_fn on_progress, void *context, bl_model **variant,
                         bl_error *error) {
  const bl_config *config = &reference->config;
  bl_code code = bl_recipe_check_rules(&options->recipe, config, error);
  if (code == BL_OK && !options->codes) code = bl_statistics_check(options, config, error);
  if (code != BL_OK) return code;
  bl_model *model = share(reference, &options->recipe);
  if (!model) return bl_fail_memory(error, sizeof *model);
  bl_copy_sentence(model->calibration, sizeof model->calibration, "%s",
                   options->calibration ? options->calibration : "");
  making m = {.options = options, .on_progress = on_progress, .context = context};
  for (int i = 0; i < model->n_weights; i++)
    m.n_total += model->weights[i].tensor.n_rows * model->weights[i].tensor.n_cols;
  for (int i = 0; code == BL_OK && i < model->n_weights; i++) {
    bl_weight *weight = &model->weights[i];
    code = bl_weight_cast_scales(weight, options->cast, options->measure, error);
    if (code != BL_OK) break;
    const bl_tensor *old = &weight->tensor;
    const bl_format target =
        bl_target_format(options, config, weight, old->n_rows, old->n_cols, &old->format);
    const bool stays = bl_format_same(&target, &old->format);
    if (stays) code = bl_weight_judge(weight, options, &model->notes, error);
    if (stays && code == BL_OK) code = report(&m, old->n_rows * old->n_cols, error);
    if (!stays) code = convert(&m, model, weight, target, error);
  }
  if (code == BL_OK && options->codes && m.at != options->n_codes)
    code = fail_codes(&m, &model->weights[model->n_weights - 1], error);
  if (code == BL_OK) code = bl_statistics_set_scales(options, model, error);
  if (code == BL_OK) code = bl_model_note_vanished(model, error);
  if (code == BL_OK) code = bl_target_note_misfits(model, error);
  if (code == BL_OK) code = bl_model_note_not_fitted(model, error);
  if (code == BL_OK)
    *variant = model;
  else
    bl_model_free(model);
  return code;
}
