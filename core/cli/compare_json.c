/* A comparison as a JSON object. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* The figures on a text, in the order in which they are written. */
static const struct {
  const char *name;
  size_t offset;
} text_figures[] = {
    {"ppl", offsetof(bl_text_stats, ppl.value)},
    {"ppl_se", offsetof(bl_text_stats, ppl.error)},
    {"ln_ratio", offsetof(bl_text_stats, ln_ratio.value)},
    {"ln_ratio_se", offsetof(bl_text_stats, ln_ratio.error)},
    {"correlation", offsetof(bl_text_stats, correlation)},
    {"kl_mean", offsetof(bl_text_stats, kl_mean.value)},
    {"kl_mean_se", offsetof(bl_text_stats, kl_mean.error)},
    {"kl_median", offsetof(bl_text_stats, kl_median)},
    {"kl_p90", offsetof(bl_text_stats, kl_90)},
    {"kl_p95", offsetof(bl_text_stats, kl_95)},
    {"kl_p99", offsetof(bl_text_stats, kl_99)},
    {"kl_p999", offsetof(bl_text_stats, kl_999)},
    {"kl_max", offsetof(bl_text_stats, kl_max)},
    {"delta_p_mean", offsetof(bl_text_stats, delta_p.value)},
    {"delta_p_mean_se", offsetof(bl_text_stats, delta_p.error)},
    {"delta_p_rms", offsetof(bl_text_stats, delta_p_rms.value)},
    {"delta_p_rms_se", offsetof(bl_text_stats, delta_p_rms.error)},
    {"same_top", offsetof(bl_text_stats, same_top.value)},
    {"same_top_se", offsetof(bl_text_stats, same_top.error)},
    {"mean_abs_logit_diff", offsetof(bl_text_stats, logit_diff.value)},
    {"mean_abs_logit_diff_se", offsetof(bl_text_stats, logit_diff.error)},
};

static void add_text_figures(cJSON *object, const bl_text_stats *stats) {
  for (size_t i = 0; i < sizeof text_figures / sizeof *text_figures; i++) {
    double value;
    memcpy(&value, (const char *)stats + text_figures[i].offset, sizeof value);
    cli_json_number(object, text_figures[i].name, value);
  }
  cJSON_AddNumberToObject(object, "n_tokens_scored", (double)stats->n);
}

static void add_texts(cJSON *object, const cli_comparison *c, const cli_lane *l) {
  add_text_figures(object, &l->text);
  if (c->eval.n < 2) return;
  cJSON *texts = cJSON_AddObjectToObject(object, "texts");
  for (int i = 0; i < c->eval.n; i++)
    add_text_figures(cJSON_AddObjectToObject(texts, c->eval.list[i].name), &l->texts[i]);
}

/* What a lane did with the prompt. */
static void add_written(cJSON *object, const cli_lane *l) {
  cJSON_AddNumberToObject(object, "tokens_per_second", l->written.tokens_per_second);
  cJSON_AddNumberToObject(object, "prompt_tokens_per_second", l->written.prompt_per_second);
  cli_json_ids(object, "ids", l->written.ids, l->written.n_tokens);
  cli_json_number(object, "first_difference",
                  l->first_difference < 0 ? (double)NAN : l->first_difference);
  cli_json_bytes(object, "text", l->written.text, l->written.size);
}

static void add_departures(cJSON *object, const cli_departures *d) {
  cJSON *item = cJSON_AddObjectToObject(object, "prompts");
  cJSON_AddNumberToObject(item, "n", d->n);
  cJSON_AddNumberToObject(item, "n_differ", d->n_differ);
  cJSON_AddNumberToObject(item, "differ", d->differ.value);
  cJSON_AddNumberToObject(item, "low", d->differ.low);
  cJSON_AddNumberToObject(item, "high", d->differ.high);
  cli_json_number(item, "first_token_median", d->first);
  cli_json_number(item, "rank_median", d->rank);
  cli_json_number(item, "gap_median", d->gap);
  cli_json_number(item, "edit_share_mean", d->edit_share);
}

static void add_work(cJSON *object, const char *key, const double *seconds) {
  cJSON *item = cJSON_AddObjectToObject(object, key);
  for (int i = 0; i < BL_N_WORK; i++)
    cJSON_AddNumberToObject(item, bl_work_name((bl_work)i), seconds[i]);
}

static void add_cost(cJSON *object, const cli_lane *l) {
  const bl_cost *cost = &l->cost;
  double work_bytes[BL_N_WORK];
  for (int i = 0; i < BL_N_WORK; i++) work_bytes[i] = (double)l->work_bytes[i];
  cJSON *item = cJSON_AddObjectToObject(object, "cost");
  cJSON_AddNumberToObject(item, "n_prompt", cost->n_prompt);
  cJSON_AddNumberToObject(item, "n_written", cost->n_written);
  cJSON_AddNumberToObject(item, "prompt_seconds", cost->prompt_seconds);
  cJSON_AddNumberToObject(item, "written_seconds", cost->written_seconds);
  add_work(item, "prompt_work_seconds", cost->prompt_work);
  add_work(item, "written_work_seconds", cost->written_work);
  add_work(item, "work_bytes", work_bytes);
  cJSON_AddNumberToObject(item, "model_bytes", (double)cost->model_bytes);
  cJSON_AddNumberToObject(item, "session_bytes", (double)cost->session_bytes);
}

/* An error that was not measured is null; without any it is 0, and the ratio to it infinite. */
static void add_weights(cJSON *object, const cli_lane *l) {
  bool exact = l->error.n == 0;
  cli_json_number(object, "rmse", !l->has_error ? (double)NAN : exact ? 0 : l->error.rmse);
  cli_json_number(object, "snr_db", !l->has_error || exact ? (double)NAN : l->error.snr_db);
  cli_json_number(object, "max_abs_error",
                  !l->has_error ? (double)NAN
                  : exact       ? 0
                                : l->error.max_abs);
}

static cJSON *make_lane(const cli_comparison *c, const cli_lane *l) {
  bool is_reference = cli_is_reference(c, l);
  char text[BL_RECIPE_TEXT];
  cJSON *object = cJSON_CreateObject();
  bl_recipe_print(&l->recipe, text, sizeof text);
  cli_json_text(object, "recipe", text);
  if (strcmp(text, l->name) != 0) cli_json_text(object, "name", l->name);
  cJSON_AddNumberToObject(object, "size_bytes", (double)l->info.size_bytes);
  cJSON_AddNumberToObject(object, "bits_per_weight", l->info.bits_per_weight);
  cJSON_AddNumberToObject(object, "compression",
                          (double)c->lanes[0].info.size_bytes / (double)l->info.size_bytes);
  cJSON *bytes = cJSON_AddObjectToObject(object, "bytes");
  cJSON_AddNumberToObject(bytes, "codes", (double)l->bytes.codes);
  cJSON_AddNumberToObject(bytes, "scales", (double)l->bytes.scales);
  cJSON_AddNumberToObject(bytes, "biases", (double)l->bytes.biases);
  cJSON_AddNumberToObject(bytes, "untouched", (double)l->bytes.untouched);
  add_weights(object, l);
  if (c->speak.prompt) add_written(object, l);
  if (c->eval.n) add_texts(object, c, l);
  if (c->tasks.n)
    cli_tasks_json(object, &c->tasks, l->is_right, is_reference ? NULL : c->lanes[0].is_right);
  if (c->prompts.n) add_departures(object, &l->departures);
  if (c->set->cost) add_cost(object, l);
  if (c->set->sweep) cJSON_AddBoolToObject(object, "on_front", l->on_front);
  if (!is_reference && (c->eval.n || c->tasks.n))
    cJSON_AddStringToObject(object, "verdict", bl_loss_words(l->loss));
  return object;
}

static void add_eval(cJSON *object, const cli_comparison *c) {
  cJSON *list = cJSON_AddArrayToObject(object, "texts");
  for (int i = 0; i < c->eval.n; i++) {
    cJSON *item = cJSON_CreateObject();
    cli_json_text(item, "path", c->eval.list[i].path);
    cJSON_AddNumberToObject(item, "n_tokens", (double)c->eval.list[i].n_ids);
    cJSON_AddNumberToObject(item, "n_tokens_scored", (double)c->eval.list[i].n_scored);
    cJSON_AddItemToArray(list, item);
  }
}

cJSON *cli_compare_json(const cli_comparison *c) {
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "version", BL_VERSION);
  cli_json_text(object, "model", c->set->model);
  if (c->against) cli_json_text(object, "against", c->set->against);
  cJSON_AddNumberToObject(object, "threads", bl_pool_threads(c->pool));
  cJSON_AddStringToObject(object, "kernels", c->kernels);
  if (c->speak.prompt) cli_json_text(object, "prompt", c->speak.prompt);
  if (c->eval.n) add_eval(object, c);
  if (c->tasks.n) cJSON_AddNumberToObject(object, "stories_left_out", c->tasks.n_open);
  if (c->set->cost) cJSON_AddNumberToObject(object, "peak_memory_bytes", (double)cli_peak_memory());
  if (c->sensitivity.n) cli_sensitivity_json(object, &c->sensitivity);
  cJSON *list = cJSON_AddArrayToObject(object, "lanes");
  for (int i = 0; i < c->n_lanes; i++) cJSON_AddItemToArray(list, make_lane(c, &c->lanes[i]));
  return object;
}
