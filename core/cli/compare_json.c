/* A comparison as a JSON object. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
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

static void put_text_figures(bl_json_writer *w, const bl_text_stats *stats) {
  for (size_t i = 0; i < sizeof text_figures / sizeof *text_figures; i++) {
    double value;
    memcpy(&value, (const char *)stats + text_figures[i].offset, sizeof value);
    bl_json_put_number(w, text_figures[i].name, value);
  }
  bl_json_put_number(w, "n_tokens_scored", (double)stats->n);
}

static void put_texts(bl_json_writer *w, const cli_comparison *c, const cli_lane *l) {
  put_text_figures(w, &l->text);
  bl_json_put_string(w, "documents", bl_documents_name(c->eval.documents));
  if (c->eval.n < 2) return;
  bl_json_open(w, "texts", '{');
  for (int i = 0; i < c->eval.n; i++) {
    bl_json_open(w, c->eval.list[i].name, '{');
    put_text_figures(w, &l->texts[i]);
    bl_json_close(w, '}');
  }
  bl_json_close(w, '}');
}

/* What a lane did with the prompt. */
static void put_written(bl_json_writer *w, const cli_lane *l) {
  bl_json_put_number(w, "tokens_per_second", l->speed.value);
  bl_json_put_number(w, "tokens_per_second_se", l->speed.error);
  bl_json_put_number(w, "prompt_tokens_per_second", l->written.prompt_per_second);
  cli_json_ids(w, "ids", l->written.ids, l->written.n_tokens);
  bl_json_put_number(w, "first_difference",
                     l->first_difference < 0 ? (double)NAN : l->first_difference);
  bl_json_put_bytes(w, "text", l->written.text, l->written.size);
}

static void put_departures(bl_json_writer *w, const cli_departures *d) {
  bl_json_open(w, "prompts", '{');
  bl_json_put_number(w, "n", d->n);
  bl_json_put_number(w, "n_differ", d->n_differ);
  bl_json_put_number(w, "differ", d->differ.value);
  bl_json_put_number(w, "low", d->differ.low);
  bl_json_put_number(w, "high", d->differ.high);
  bl_json_put_number(w, "first_token_median", d->first);
  bl_json_put_number(w, "rank_median", d->rank);
  bl_json_put_number(w, "gap_median", d->gap);
  bl_json_put_number(w, "edit_share_mean", d->edit_share);
  bl_json_close(w, '}');
}

static void put_work(bl_json_writer *w, const char *key, const double *seconds) {
  bl_json_open(w, key, '{');
  for (int i = 0; i < BL_N_WORK; i++) bl_json_put_number(w, bl_work_name((bl_work)i), seconds[i]);
  bl_json_close(w, '}');
}

static void put_cost(bl_json_writer *w, const cli_lane *l) {
  const bl_cost *cost = &l->cost;
  double work_bytes[BL_N_WORK];
  for (int i = 0; i < BL_N_WORK; i++) work_bytes[i] = (double)l->work_bytes[i];
  bl_json_open(w, "cost", '{');
  bl_json_put_number(w, "n_prompt", cost->n_prompt);
  bl_json_put_number(w, "n_written", cost->n_written);
  bl_json_put_number(w, "prompt_seconds", cost->prompt_seconds);
  bl_json_put_number(w, "written_seconds", cost->written_seconds);
  put_work(w, "prompt_work_seconds", cost->prompt_work);
  put_work(w, "written_work_seconds", cost->written_work);
  put_work(w, "work_bytes", work_bytes);
  bl_json_put_number(w, "model_bytes", (double)cost->model_bytes);
  bl_json_put_number(w, "session_bytes", (double)cost->session_bytes);
  bl_json_close(w, '}');
}

/* An error that was not measured is null; without any it is 0, and the ratio to it infinite. */
static void put_weights(bl_json_writer *w, const cli_lane *l) {
  bool exact = l->error.n == 0;
  bl_json_put_number(w, "rmse", !l->has_error ? (double)NAN : exact ? 0 : l->error.rmse);
  bl_json_put_number(w, "snr_db", !l->has_error || exact ? (double)NAN : l->error.snr_db);
  bl_json_put_number(w, "max_abs_error",
                     !l->has_error ? (double)NAN
                     : exact       ? 0
                                   : l->error.max_abs);
}

static void put_notes(bl_json_writer *w, const cli_lane *l) {
  bl_json_open(w, "notes", '[');
  for (int i = 0; i < l->n_notes; i++) cli_json_note(w, &l->notes[i]);
  bl_json_close(w, ']');
}

static void put_labels(bl_json_writer *w, const cli_comparison *c, const cli_lane *l) {
  const cli_label_figures *f = &l->labels;
  const bl_proportion right = bl_proportion_of(f->n_right, c->labels.n);
  bl_json_open(w, "labels", '{');
  bl_json_put_number(w, "accuracy", right.value);
  bl_json_put_number(w, "low", right.low);
  bl_json_put_number(w, "high", right.high);
  bl_json_put_number(w, "n", c->labels.n);
  if (!cli_is_reference(c, l)) {
    bl_json_put_number(w, "same_label", (double)f->n_same / c->labels.n);
    bl_json_put_number(w, "mean_abs_logit_diff", f->logit_diff.value);
    bl_json_put_number(w, "mean_abs_logit_diff_se", f->logit_diff.error);
    cli_paired_json(w, &l->paired);
  }
  for (int b = 0; c->set->cost && b < CLI_N_BATCHES; b++) {
    char key[32];
    snprintf(key, sizeof key, "batch_%d_seconds", cli_batches[b]);
    bl_json_put_number(w, key, f->batch_seconds[b]);
  }
  bl_json_close(w, '}');
}

static void put_lane(bl_json_writer *w, const cli_comparison *c, const cli_lane *l) {
  bool is_reference = cli_is_reference(c, l);
  char text[BL_RECIPE_TEXT];
  bl_json_open(w, NULL, '{');
  bl_recipe_print(&l->recipe, text, sizeof text);
  bl_json_put_string(w, "recipe", text);
  if (strcmp(text, l->name) != 0) bl_json_put_string(w, "name", l->name);
  bl_json_put_number(w, "size_bytes", (double)l->info.size_bytes);
  bl_json_put_number(w, "bits_per_weight", l->info.bits_per_weight);
  bl_json_put_number(w, "compression",
                     (double)c->lanes[0].info.size_bytes / (double)l->info.size_bytes);
  bl_json_open(w, "bytes", '{');
  bl_json_put_number(w, "codes", (double)l->bytes.codes);
  bl_json_put_number(w, "scales", (double)l->bytes.scales);
  bl_json_put_number(w, "biases", (double)l->bytes.biases);
  bl_json_put_number(w, "untouched", (double)l->bytes.untouched);
  bl_json_close(w, '}');
  put_weights(w, l);
  if (c->completion.prompt) put_written(w, l);
  if (c->eval.n) put_texts(w, c, l);
  if (c->tasks.n)
    cli_tasks_json(w, &c->tasks, l->is_right, is_reference ? NULL : c->lanes[0].is_right);
  if (c->labels.n) put_labels(w, c, l);
  if (c->prompts.n) put_departures(w, &l->departures);
  if (c->set->cost && !c->labels.n) put_cost(w, l);
  if (c->set->sweep) bl_json_put_bool(w, "on_front", l->on_front);
  if (l->n_notes > 0) put_notes(w, l);
  if (l->problem) bl_json_put_string(w, "problem", l->problem);
  if (cli_lane_has_verdict(c, l)) bl_json_put_string(w, "verdict", bl_loss_words(l->loss));
  bl_json_close(w, '}');
}

static void put_eval(bl_json_writer *w, const cli_comparison *c) {
  bl_json_open(w, "texts", '[');
  for (int i = 0; i < c->eval.n; i++) {
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "path", c->eval.list[i].path);
    bl_json_put_string(w, "documents", bl_documents_name(c->eval.documents));
    bl_json_put_number(w, "n_documents", (double)c->eval.list[i].n_documents);
    bl_json_put_number(w, "n_tokens", (double)c->eval.list[i].n_ids);
    bl_json_put_number(w, "n_tokens_scored", (double)c->eval.list[i].n_scored);
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
}

void cli_compare_json(bl_json_writer *w, const cli_comparison *c) {
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "version", BL_VERSION);
  bl_json_put_string(w, "model", c->set->model);
  if (c->against) bl_json_put_string(w, "against", c->set->against);
  bl_json_put_number(w, "threads", bl_pool_threads(c->pool));
  bl_json_put_string(w, "kernels", c->kernels);
  if (c->completion.prompt) bl_json_put_string(w, "prompt", c->completion.prompt);
  if (c->completion.prompt) bl_json_put_bool(w, "chat_template", c->completion.is_chat);
  if (c->eval.n) put_eval(w, c);
  if (c->labels.n) bl_json_put_string(w, "labels", c->set->labels);
  if (c->tasks.n) bl_json_put_number(w, "stories_left_out", c->tasks.n_open);
  if (c->set->cost) bl_json_put_number(w, "peak_memory_bytes", (double)cli_peak_memory());
  if (c->sensitivity.n) cli_sensitivity_json(w, c);
  if (c->layers.prompt) cli_layers_json(w, c);
  cli_json_notes(w, c->model, NULL);
  bl_json_open(w, "lanes", '[');
  for (int i = 0; i < c->n_lanes; i++) put_lane(w, c, &c->lanes[i]);
  bl_json_close(w, ']');
  bl_json_close(w, '}');
}
