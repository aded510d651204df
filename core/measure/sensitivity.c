/* What each part of a model suffers when it alone is quantized. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/units.h"

/* Variants that go through the text together. Each costs a session's memory, and together they cost
 * one run of the reference; results come as often as a group is done. */
enum { GROUP = 4 };

typedef struct sensitivity {
  const bl_model *reference;
  const bl_recipe *format;
  const bl_unit *units;
  int n_units;
  const int32_t *ids;
  size_t n_ids;
  const bl_text_options *options;
  bl_unit_fn on_unit;
  bl_progress_fn on_progress; /* may be NULL */
  void *context;
  int64_t n_before, n_runs; /* how often the text was run before this group, and is in all, the
                               reference counted in each group */
  int n_now;                /* models that run in this group, the reference among them */
  int64_t n_scored;
  bl_token_score *scores; /* (GROUP, n_scored) */
} sensitivity;

/* Units that are next: a variant of each, NULL where the format changes none of its matrices. */
typedef struct group {
  int first, n;
  bl_model *models[GROUP];
} group;

/* Does the variant differ from its reference, in any tensor's format? */
static bool differs(const bl_model *variant) {
  for (int i = 0; i < variant->n_weights; i++)
    for (int p = 0; p < variant->weights[i].tensor.format.codec->n_parts; p++)
      if (variant->weights[i].owned[p]) return true;
  return false;
}

static bl_code make_variants(const sensitivity *s, group *g, bl_error *error) {
  bl_load_options options = {.pool = s->options->pool, .not_finite = BL_NOT_FINITE_ANYWHERE};
  options.recipe.n_rules = 1;
  bl_recipe_rule *rule = options.recipe.rules;
  *rule = (bl_recipe_rule){
      .codec = s->format->codec, .bits = s->format->bits, .group = s->format->group};
  for (int i = 0; i < g->n; i++) {
    memcpy(rule->pattern, s->units[g->first + i].pattern, sizeof rule->pattern);
    bl_code code = bl_model_variant(s->reference, &options, NULL, NULL, &g->models[i], error);
    if (code != BL_OK) return code;
    if (differs(g->models[i])) continue;
    bl_model_free(g->models[i]);
    g->models[i] = NULL;
  }
  return BL_OK;
}

/* From tokens of the group to tokens of all. */
static bool show_progress(void *context, int64_t n_done, int64_t n_total) {
  const sensitivity *s = context;
  const int64_t n_tokens = n_total / s->n_now; /* of one run */
  return !s->on_progress ||
         s->on_progress(s->context, s->n_before * n_tokens + n_done, s->n_runs * n_tokens);
}

static bl_code run_group(sensitivity *s, group *g, bl_error *error) {
  const bl_model *models[GROUP];
  int n_models = 0;
  bl_code code = make_variants(s, g, error);
  for (int i = 0; i < g->n; i++)
    if (g->models[i]) models[n_models++] = g->models[i];
  s->n_now = n_models ? n_models + 1 : 0;
  s->n_before += g->n + 1 - s->n_now; /* what needs no run counts as done */
  if (code == BL_OK && n_models > 0)
    code = bl_text_run(s->reference, models, n_models, s->ids, s->n_ids, s->options, show_progress,
                       s, s->scores, error);
  s->n_before += s->n_now;
  const bl_token_score *scores = s->scores;
  for (int i = 0; code == BL_OK && i < g->n; i++) {
    bl_text_stats stats = {0};
    if (g->models[i]) {
      code = bl_text_summarize(scores, s->n_scored, &stats, error);
      scores += s->n_scored;
    }
    if (code == BL_OK && !s->on_unit(s->context, g->first + i, &stats))
      code = bl_fail(error, BL_ERR_CANCELLED, "stopped after %d of %d parts of the model",
                     g->first + i + 1, s->n_units);
  }
  return code;
}

bl_code bl_sensitivity_run(const bl_model *reference, const bl_recipe *recipe, const bl_unit *units,
                           int n_units, const int32_t *ids, size_t n_ids,
                           const bl_text_options *options, bl_unit_fn on_unit,
                           bl_progress_fn on_progress, void *context, bl_error *error) {
  sensitivity s = {.reference = reference,
                   .format = recipe,
                   .units = units,
                   .n_units = n_units,
                   .ids = ids,
                   .n_ids = n_ids,
                   .options = options,
                   .on_unit = on_unit,
                   .on_progress = on_progress,
                   .context = context,
                   .n_runs = (int64_t)n_units + (n_units + GROUP - 1) / GROUP,
                   .n_scored = bl_text_n_scored(reference, n_ids, options)};
  bl_code code = bl_check_single_format(recipe, false, error);
  if (code != BL_OK) return code;
  const uint64_t n_bytes = (GROUP * (uint64_t)s.n_scored + 1) * sizeof *s.scores;
  if (n_bytes <= SIZE_MAX) s.scores = malloc((size_t)n_bytes);
  if (!s.scores) return bl_fail_memory(error, n_bytes);
  for (int first = 0; code == BL_OK && first < n_units; first += GROUP) {
    group g = {.first = first, .n = n_units - first < GROUP ? n_units - first : GROUP};
    code = run_group(&s, &g, error);
    for (int i = 0; i < g.n; i++) bl_model_free(g.models[i]);
  }
  free(s.scores);
  return code;
}
