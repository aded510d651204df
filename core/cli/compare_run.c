/* Quantizing and measuring the lanes of a comparison, one after another. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* ---- progress ------------------------------------------------------------------------------- */

/* A bar that starts once the core says how much there is to do. */
typedef struct bar {
  const char *label, *unit;
  bool is_started;
} bar;

static bool show(void *context, int64_t n_done, int64_t n_total) {
  bar *b = context;
  if (!b->is_started) cli_progress_start(b->label, b->unit, (uint64_t)n_total);
  b->is_started = true;
  cli_progress((uint64_t)n_done);
  return !cli_interrupted();
}

/* Ends a bar; an interruption needs no sentence. */
static bool finish(bl_code code, const bl_error *error) {
  cli_progress_end();
  if (code == BL_OK) return !cli_interrupted();
  return !cli_interrupted() && cli_fail("%s", error->message);
}

/* ---- predictions on the texts --------------------------------------------------------------- */

static bool run_texts(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  bl_error error;
  bl_code code = BL_OK;
  bl_token_score *scores = cli_alloc((size_t)c->eval.n_scored * sizeof *scores), *to = scores;
  lane->texts = cli_alloc((size_t)c->eval.n * sizeof *lane->texts);
  for (int i = 0; code == BL_OK && i < c->eval.n; i++) {
    const cli_eval_text *text = &c->eval.list[i];
    bar b = {lane->label, "tokens", false};
    code = bl_text_run(c->reference, &model, 1, text->ids, text->n_ids, &c->text_options, show, &b,
                       to, &error);
    if (code == BL_OK) code = bl_text_summarize(to, text->n_scored, &lane->texts[i], &error);
    to += text->n_scored;
  }
  if (code == BL_OK) code = bl_text_summarize(scores, c->eval.n_scored, &lane->text, &error);
  free(scores);
  return finish(code, &error);
}

/* ---- tasks ---------------------------------------------------------------------------------- */

static bool run_tasks(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  lane->is_right = cli_alloc((size_t)c->tasks.n * sizeof *lane->is_right);
  if (!cli_tasks_run(&c->tasks, model, lane->label, c->pool, lane->is_right)) return false;
  lane->paired = bl_paired_compare(c->lanes[0].is_right, lane->is_right, c->tasks.n);
  return true;
}

/* ---- prompts -------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* NaN for none. */
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
  d.differ = bl_share_of(d.n_differ, n);
  d.first = median(first, d.n_differ);
  d.rank = median(rank, d.n_differ);
  d.gap = median(gap, d.n_differ);
  free(first);
  return d;
}

static bool run_prompts(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  bl_error error;
  bl_divergence *divergences = cli_alloc((size_t)c->prompts.n * sizeof *divergences);
  bar b = {lane->label, "prompts", false};
  bl_code code = bl_divergence_run(c->reference, model, (const char *const *)c->prompts.texts,
                                   c->prompts.sizes, c->prompts.n, (int)c->set->max_tokens, c->pool,
                                   show, &b, divergences, &error);
  if (code == BL_OK) lane->departures = summarize(divergences, c->prompts.n);
  free(divergences);
  return finish(code, &error);
}

/* ---- cost ----------------------------------------------------------------------------------- */

/* The kind of work that reads a tensor. */
static bl_work work_of(const char *name) {
  if (strstr(name, "norm")) return BL_WORK_OTHER;
  if (strstr(name, "self_attn.")) return BL_WORK_PROJECTIONS;
  if (strstr(name, "mlp.")) return BL_WORK_FFN;
  if (strstr(name, "lm_head")) return BL_WORK_OUTPUT;
  return strstr(name, "embed") ? BL_WORK_EMBEDDING : BL_WORK_OTHER;
}

static bool run_cost(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  bl_error error;
  bl_cost_options options = {.clock = cli_seconds, .pool = c->pool};
  if (bl_cost_run(model, &options, &lane->cost, &error) != BL_OK)
    return cli_fail("%s", error.message);
  for (int i = 0; i < lane->info.n_tensors; i++) {
    bl_tensor_info tensor;
    if (bl_model_get_tensor(model, i, &tensor, &error) != BL_OK)
      return cli_fail("%s", error.message);
    lane->work_bytes[work_of(tensor.name)] += tensor.size_bytes;
  }
  if (lane->info.tied_output) /* one matrix, looked up in and multiplied with */
    lane->work_bytes[BL_WORK_OUTPUT] = lane->work_bytes[BL_WORK_EMBEDDING];
  return !cli_interrupted();
}

/* ---- a lane --------------------------------------------------------------------------------- */

static int find_difference(const cli_text *a, const cli_text *b) {
  int n = a->n_tokens < b->n_tokens ? a->n_tokens : b->n_tokens;
  for (int i = 0; i < n; i++) {
    if (a->ids[i] != b->ids[i]) return i;
  }
  return a->n_tokens == b->n_tokens ? -1 : n;
}

static bool measure(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  bl_model_get_info(model, &lane->info);
  bl_model_get_error(model, &lane->error);
  bl_model_get_bytes(model, &lane->bytes);
  lane->has_error = lane->base == c->reference;
  cli_speak own = c->speak;
  own.label = lane->label;
  if (own.prompt && !cli_continue(model, &own, &lane->written)) return false;
  lane->first_difference = find_difference(&c->lanes[0].written, &lane->written);
  if (c->eval.n && !run_texts(c, model, lane)) return false;
  if (c->tasks.n && !run_tasks(c, model, lane)) return false;
  if (c->prompts.n && !run_prompts(c, model, lane)) return false;
  if (c->set->cost && !run_cost(c, model, lane)) return false;
  if (cli_is_reference(c, lane)) return true;
  if (c->eval.n) lane->loss = bl_loss_of_text(&lane->text);
  if (c->tasks.n) {
    int n;
    bl_share right = cli_tasks_share(&c->tasks, c->lanes[0].is_right, -1, &n);
    bl_loss loss = bl_loss_of_tasks(&lane->paired, llround(right.value * n));
    lane->loss = bl_loss_worst(lane->loss, loss);
  }
  return true;
}

static bool run_lane(cli_comparison *c, int index) {
  cli_lane *lane = &c->lanes[index];
  bl_error error;
  bl_model *variant = NULL;
  lane->base = index ? c->model : c->reference;
  lane->label = c->n_lanes < 3 ? cli_print("%.40s", lane->name)
                               : cli_print("%.40s (%d of %d)", lane->name, index + 1, c->n_lanes);
  if (!lane->is_stored) {
    bl_load_options options = {.recipe = lane->recipe, .measure = true, .pool = c->pool};
    bar b = {lane->label, "weights", false};
    bl_code code = bl_model_variant(c->model, &options, show, &b, &variant, &error);
    if (!finish(code, &error)) return false;
  }
  bool ok = measure(c, variant ? variant : lane->base, lane);
  bl_model_free(variant);
  return ok;
}

bool cli_lanes_run(cli_comparison *c) {
  for (int i = 0; i < c->n_lanes; i++) {
    if (!run_lane(c, i)) return false;
    if (c->streams) cli_sweep_row(c, i);
  }
  return true;
}
