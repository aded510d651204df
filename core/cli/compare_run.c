/* Quantizing and measuring the lanes of a comparison, one after another. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "learn.h"

/* Lanes that are measured together, when their variants have at most so many bytes. */
enum { GROUP = 4 };
#define GROUP_BYTES ((uint64_t)256 << 20)

/* Lanes first to first + n - 1. */
typedef struct group {
  int first, n;
  bl_model *variants[GROUP]; /* NULL where a lane is a model as it is stored */
  const bl_model *models[GROUP];
} group;

/* ---- predictions on the texts --------------------------------------------------------------- */

/* The reference reads each text once for all of the group. */
static bool run_texts(const cli_comparison *c, const group *g) {
  bl_error error;
  bl_code code = BL_OK;
  const size_t n_all = (size_t)c->eval.n_scored;
  cli_lane *lanes = c->lanes + g->first;
  bl_token_score *scores = cli_alloc(2 * (size_t)g->n * n_all * sizeof *scores);
  bl_token_score *all = scores + (size_t)g->n * n_all; /* (n, n_all) of all texts */
  char *label = g->n == 1 ? cli_copy(lanes->label)
                          : cli_print("%.40s to %.40s", lanes[0].label, lanes[g->n - 1].label);
  for (int i = 0; i < g->n; i++)
    lanes[i].texts = cli_alloc((size_t)c->eval.n * sizeof *lanes->texts);
  size_t at = 0;
  for (int t = 0; code == BL_OK && t < c->eval.n; t++) {
    const cli_eval_text *text = &c->eval.list[t];
    const size_t n = (size_t)text->n_scored;
    const bl_text_options options = cli_eval_options(text, &c->text_options);
    cli_bar bar = {.label = label, .unit = "tokens"};
    code = bl_text_run(c->reference, g->models, g->n, text->ids, text->n_ids, &options,
                       cli_bar_show, &bar, scores, &error);
    for (int i = 0; code == BL_OK && i < g->n; i++) {
      const bl_token_score *own = scores + (size_t)i * n;
      memcpy(all + (size_t)i * n_all + at, own, n * sizeof *own);
      code = bl_text_summarize(own, text->n_scored, &lanes[i].texts[t], &error);
    }
    at += n;
  }
  for (int i = 0; code == BL_OK && i < g->n; i++)
    code = bl_text_summarize(all + (size_t)i * n_all, c->eval.n_scored, &lanes[i].text, &error);
  free(label);
  free(scores);
  return cli_bar_end(code, &error);
}

/* ---- tasks ---------------------------------------------------------------------------------- */

static bool run_tasks(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  lane->is_right = cli_alloc((size_t)c->tasks.n * sizeof *lane->is_right);
  int n_not_finite;
  if (!cli_tasks_run(&c->tasks, model, lane->label, c->pool, lane->is_right, &n_not_finite))
    return false;
  if (n_not_finite > 0) cli_lane_fail(lane, "on some of the tasks its logits are not numbers");
  lane->paired = bl_paired_compare(c->lanes[0].is_right, lane->is_right, c->tasks.n);
  return true;
}

static bool run_labels(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  const cli_label_figures *reference = cli_is_reference(c, lane) ? NULL : &c->lanes[0].labels;
  if (!cli_labels_run(&c->labels, model, lane->label, c->pool, c->set->cost, reference,
                      &lane->labels))
    return false;
  if (lane->labels.n_not_finite > 0)
    cli_lane_fail(lane, "on some of the texts its logits are not numbers");
  if (reference)
    lane->paired = bl_paired_compare(reference->is_right, lane->labels.is_right, c->labels.n);
  return true;
}

/* ---- prompts -------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
  return (x > y) - (x < y);
}

/* What is not a number comes last. NaN for none. */
static double median(double *values, int n) {
  if (n == 0) return NAN;
  qsort(values, (size_t)n, sizeof *values, compare_numbers);
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static cli_departures summarize(const bl_divergence *divergences, int n) {
  cli_departures d = {.n = n};
  double *first = cli_alloc(3 * (size_t)n * sizeof *first), *rank = first + n, *gap = rank + n;
  for (int i = 0; i < n; i++) {
    const bl_divergence *one = &divergences[i];
    d.edit_share += one->edit_share / n;
    if (one->edit_distance == 0) continue;
    first[d.n_differ] = one->first + 1;
    rank[d.n_differ] = one->rank + 1;
    gap[d.n_differ++] = (double)one->gap;
  }
  d.differ = bl_proportion_of(d.n_differ, n);
  d.first = median(first, d.n_differ);
  d.rank = median(rank, d.n_differ);
  d.gap = median(gap, d.n_differ);
  free(first);
  return d;
}

static bool run_prompts(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  bl_error error;
  bl_divergence *divergences = cli_alloc((size_t)c->prompts.n * sizeof *divergences);
  cli_bar bar = {.label = lane->label, .unit = "prompts"};
  bl_code code = bl_divergence_run(c->reference, model, (const char *const *)c->prompts.texts,
                                   c->prompts.sizes, c->prompts.n, (int)c->set->max_tokens, c->pool,
                                   cli_bar_show, &bar, divergences, &error);
  if (code == BL_OK) lane->departures = summarize(divergences, c->prompts.n);
  for (int i = 0; code == BL_OK && i < c->prompts.n; i++)
    if (isnan(divergences[i].gap))
      cli_lane_fail(lane, "after some of the prompts its logits are not numbers");
  free(divergences);
  if (code == BL_ERR_NOT_FINITE) { /* the reference's */
    cli_lane_fail(&c->lanes[0], "after some of the prompts its logits are not numbers");
    cli_progress_end();
    return true;
  }
  return cli_bar_end(code, &error);
}

/* ---- cost ----------------------------------------------------------------------------------- */

static bool run_cost(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  bl_error error;
  bl_cost_options options = {.clock = cli_seconds, .pool = c->pool};
  cli_bar bar = {.label = lane->label, .unit = "tokens"};
  bl_code code = bl_cost_run(model, &options, cli_bar_show, &bar, &lane->cost, &error);
  if (!cli_bar_end(code, &error)) return false;
  for (int i = 0; i < lane->info.n_tensors; i++) {
    bl_tensor_info tensor;
    if (bl_model_get_tensor(model, i, &tensor, &error) != BL_OK)
      return cli_fail("%s", error.message);
    lane->work_bytes[tensor.work] += tensor.size_bytes;
  }
  if (lane->info.tied_output) /* one matrix, looked up in and multiplied with */
    lane->work_bytes[BL_WORK_OUTPUT] = lane->work_bytes[BL_WORK_EMBEDDING];
  return true;
}

/* ---- a lane --------------------------------------------------------------------------------- */

static int find_difference(const cli_text *a, const cli_text *b) {
  int n = a->n_tokens < b->n_tokens ? a->n_tokens : b->n_tokens;
  for (int i = 0; i < n; i++) {
    if (a->ids[i] != b->ids[i]) return i;
  }
  return a->n_tokens == b->n_tokens ? -1 : n;
}

/* All but the texts, which have been run. */
static bool measure(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  cli_completion own = c->completion;
  own.label = lane->label;
  own.is_repeated = !cli_is_reference(c, lane);
  own.tolerates = true;
  if (own.prompt && !cli_continue(model, &own, &lane->written)) return false;
  if (own.prompt && !lane->written.problem &&
      !cli_time_writing(model, &own, lane->written.n_context, &lane->speed))
    return false;
  if (own.prompt && lane == c->lanes) cli_hint_at_template(model, &own, &lane->written);
  if (lane->written.problem) cli_lane_fail(lane, lane->written.problem);
  lane->first_difference =
      c->lanes[0].written.problem ? -1 : find_difference(&c->lanes[0].written, &lane->written);
  if (c->tasks.n && !run_tasks(c, model, lane)) return false;
  if (c->labels.n && !run_labels(c, model, lane)) return false;
  if (c->prompts.n && !run_prompts(c, model, lane)) return false;
  if (c->layers.prompt && !cli_layers_run(c, model, lane)) return false;
  if (c->set->cost && !c->labels.n && !run_cost(c, model, lane)) return false;
  cli_lane_judge(c, lane);
  return true;
}

/* Makes the lane's model; *variant is NULL where it is a model as it is stored. */
static bool make_lane(const cli_comparison *c, cli_lane *lane, bl_model **variant) {
  bl_error error;
  int number = (int)(lane - c->lanes) + 1;
  lane->base = number > 1 ? c->model : c->reference;
  lane->label = c->n_lanes < 3 ? cli_print("%.40s", lane->name)
                               : cli_print("%.40s (%d of %d)", lane->name, number, c->n_lanes);
  if (!lane->is_stored) {
    bl_load_options options = {.recipe = lane->recipe,
                               .measure = true,
                               .not_finite = BL_NOT_FINITE_ANYWHERE,
                               .pool = c->pool,
                               .statistics = c->calibration.statistics,
                               .learns = true};
    cli_bar bar = {.label = lane->label, .unit = "weights"};
    bl_code code = bl_model_variant(c->model, &options, cli_bar_show, &bar, variant, &error);
    if (!cli_bar_end(code, &error) ||
        !cli_learn(*variant, c->model, &options, &c->set->calibrate, &c->calibration))
      return false;
  }
  const bl_model *model = *variant ? *variant : lane->base;
  cli_lane_take_notes(c, lane, model);
  bl_model_get_info(model, &lane->info);
  bl_model_get_error(model, &lane->error);
  bl_model_get_bytes(model, &lane->bytes);
  lane->has_error = lane->base == c->reference;
  return true;
}

/* Makes the lanes from g->first on, as many as a group may have; at least one. */
static bool make_group(const cli_comparison *c, group *g) {
  const int most = c->eval.n ? GROUP : 1;
  uint64_t n_bytes = 0;
  while (g->n < most && g->first + g->n < c->n_lanes && n_bytes < GROUP_BYTES) {
    cli_lane *lane = &c->lanes[g->first + g->n];
    bl_model **variant = &g->variants[g->n];
    if (!make_lane(c, lane, variant)) return false;
    g->models[g->n++] = *variant ? *variant : lane->base;
    if (*variant) n_bytes += lane->info.size_bytes;
  }
  return true;
}

static bool run_group(const cli_comparison *c, group *g) {
  if (!make_group(c, g) || (c->eval.n && !run_texts(c, g))) return false;
  for (int i = 0; i < g->n; i++) {
    if (!measure(c, g->models[i], &c->lanes[g->first + i])) return false;
    if (c->streams && !cli_sweep_row(c, g->first + i)) return false;
  }
  return true;
}

bool cli_lanes_run(cli_comparison *c) {
  bool ok = true;
  for (int first = 0; ok && first < c->n_lanes;) {
    group g = {.first = first};
    ok = run_group(c, &g);
    for (int i = 0; i < GROUP; i++) bl_model_free(g.variants[i]);
    first += g.n;
  }
  return ok;
}
