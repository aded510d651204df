/* Figures as words, and the tables made of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* ---- numbers -------------------------------------------------------------------------------- */

char *cli_figure(const char *format, double value) {
  if (isnan(value)) return cli_copy("not a number");
  if (isinf(value)) return cli_copy(value > 0 ? "infinite" : "minus infinite");
  char text[64]; /* the formats ask for few digits; the largest double is cut */
  snprintf(text, sizeof text, format, value);
  return cli_copy(text);
}

const char *cli_plus_minus(void) {
  return cli_is_utf8() ? "±" : "+-";
}

char *cli_estimate(bl_estimate estimate, bool sign) {
  double v = estimate.value, e = estimate.error;
  if (!isfinite(v) || !isfinite(e) || !(e > 0)) return cli_figure(sign ? "%+.4g" : "%.4g", v);
  int digits = 1 - (int)floor(log10(e));
  if (digits > 12) return cli_figure(sign ? "%+.4g" : "%.4g", v);
  if (digits < 0) digits = 0;
  const char *between = cli_plus_minus();
  return cli_print(sign ? "%+.*f %s %.*f" : "%.*f %s %.*f", digits, v, between, digits, e);
}

/* ---- columns -------------------------------------------------------------------------------- */

typedef char *(*cell_fn)(const cli_comparison *c, const cli_lane *lane);

/* What must have been measured for a column to be there. */
enum {
  ALWAYS = 0,
  WRITTEN = 1,
  TEXT = 2,
  NO_TEXT = 4,
  TASKS = 8,
  PROMPTS = 16,
  COST = 32,
  DAMAGE = 64,
  LABELS = 128,
  LATENCY = 256, /* of labelling */
  VERDICT = TEXT | TASKS | DAMAGE | LABELS,
};

typedef struct column {
  const char *heading;
  char align;
  unsigned needs; /* any of these */
  cell_fn cell;
} column;

static char *empty(void) {
  return cli_copy("");
}

static char *name_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return cli_copy(l->name);
}

static char *size_text(uint64_t n_bytes) {
  char text[16];
  return cli_copy(cli_size(n_bytes, text));
}

static char *size_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return size_text(l->info.size_bytes);
}

static char *bits_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return cli_figure("%.2f", l->info.bits_per_weight);
}

static char *ratio_cell(const cli_comparison *c, const cli_lane *l) {
  if (cli_is_reference(c, l)) return empty();
  return cli_figure("%.2fx", (double)c->lanes[0].info.size_bytes / (double)l->info.size_bytes);
}

static char *rmse_cell(const cli_comparison *c, const cli_lane *l) {
  if (cli_is_reference(c, l) || !l->has_error) return empty();
  return cli_figure("%.3g", l->error.n ? l->error.rmse : 0);
}

static char *snr_cell(const cli_comparison *c, const cli_lane *l) {
  if (cli_is_reference(c, l) || !l->has_error) return empty();
  bool exact = l->error.n == 0 || l->error.snr_db == (double)INFINITY;
  return exact ? cli_copy("exact") : cli_figure("%.1f dB", l->error.snr_db);
}

static char *speed_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return l->speed.value > 0 ? cli_estimate(l->speed, false) : empty();
}

static char *differs_cell(const cli_comparison *c, const cli_lane *l) {
  if (cli_is_reference(c, l) || c->lanes[0].written.problem) return empty();
  if (l->written.n_tokens == 0 && c->lanes[0].written.n_tokens == 0)
    return cli_copy("nothing written");
  return l->first_difference < 0 ? cli_copy("never")
                                 : cli_print("token %d", l->first_difference + 1);
}

static char *ppl_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return cli_estimate(l->text.ppl, false);
}

static char *short_ppl_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return cli_figure(l->text.ppl.value < 1000 ? "%.2f" : "%.4g", l->text.ppl.value);
}

static char *ratio_ppl_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : cli_estimate(l->text.ln_ratio, true);
}

static char *kl_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : cli_estimate(l->text.kl_mean, false);
}

static char *kl_99_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : cli_figure("%.3g", l->text.kl_99);
}

static char *same_top_cell(const cli_comparison *c, const cli_lane *l) {
  if (cli_is_reference(c, l)) return empty();
  bl_estimate share = l->text.same_top;
  char *number = cli_estimate((bl_estimate){100 * share.value, 100 * share.error}, false);
  char *text = isfinite(share.value) ? cli_print("%s%%", number) : cli_copy(number);
  free(number);
  return text;
}

static char *short_top_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : cli_figure("%.1f%%", 100 * l->text.same_top.value);
}

static char *logit_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : cli_figure("%.3g", l->text.logit_diff.value);
}

static char *proportion_text(bl_proportion share) {
  return cli_print("%.1f%% [%.1f, %.1f]", 100 * share.value, 100 * share.low, 100 * share.high);
}

static char *right_cell(const cli_comparison *c, const cli_lane *l) {
  return proportion_text(cli_tasks_accuracy(&c->tasks, l->is_right));
}

static char *short_right_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_figure("%.1f%%", 100 * cli_tasks_accuracy(&c->tasks, l->is_right).value);
}

static char *points_cell(const cli_comparison *c, const cli_lane *l) {
  const bl_proportion *d = &l->paired.difference;
  if (cli_is_reference(c, l)) return empty();
  return cli_print("%+.1f [%+.1f, %+.1f]", 100 * d->value, 100 * d->low, 100 * d->high);
}

static char *differ_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : proportion_text(l->departures.differ);
}

/* Medians over the prompts that differ: none where none does. */
static char *median_text(const cli_comparison *c, const cli_lane *l, const char *format,
                         double value) {
  return cli_is_reference(c, l) || l->departures.n_differ == 0 ? empty()
                                                               : cli_figure(format, value);
}

static char *first_cell(const cli_comparison *c, const cli_lane *l) {
  return median_text(c, l, "%.4g", l->departures.first);
}

static char *rank_cell(const cli_comparison *c, const cli_lane *l) {
  return median_text(c, l, "%.4g", l->departures.rank);
}

static char *gap_cell(const cli_comparison *c, const cli_lane *l) {
  return median_text(c, l, "%.3f", l->departures.gap);
}

static char *edit_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : cli_figure("%.1f%%", 100 * l->departures.edit_share);
}

static char *time_text(double seconds) {
  return cli_figure(seconds < 0.01 ? "%.3f ms" : "%.1f ms", 1000 * seconds);
}

static char *label_right_cell(const cli_comparison *c, const cli_lane *l) {
  return proportion_text(bl_proportion_of(l->labels.n_right, c->labels.n));
}

static char *label_diff_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_is_reference(c, l) ? empty() : cli_estimate(l->labels.logit_diff, false);
}

static char *batch_text(const cli_lane *l, int batch) {
  const double seconds = l->labels.batch_seconds[batch];
  return cli_figure(seconds < 0.01 ? "%.2f ms" : "%.1f ms", 1000 * seconds);
}

static char *batch_1_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return batch_text(l, 0);
}

static char *batch_4_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return batch_text(l, 1);
}

static char *batch_8_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return batch_text(l, 2);
}

static char *prompt_time_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return time_text(l->cost.prompt_seconds / l->cost.n_prompt);
}

static char *written_time_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return time_text(l->cost.written_seconds / l->cost.n_written);
}

static char *resident_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return size_text(l->cost.model_bytes);
}

static char *session_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return size_text(l->cost.session_bytes);
}

static char *work_text(const cli_lane *l, bl_work work) {
  char *time = time_text(l->cost.written_work[work] / l->cost.n_written);
  char *size = l->work_bytes[work] ? size_text(l->work_bytes[work]) : empty();
  char *text = *size ? cli_print("%s (%s)", time, size) : cli_copy(time);
  free(time);
  free(size);
  return text;
}

static char *embedding_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return work_text(l, BL_WORK_EMBEDDING);
}

static char *projections_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return work_text(l, BL_WORK_PROJECTIONS);
}

static char *attention_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return work_text(l, BL_WORK_ATTENTION);
}

static char *ffn_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return work_text(l, BL_WORK_FFN);
}

static char *output_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return work_text(l, BL_WORK_OUTPUT);
}

static char *other_cell(const cli_comparison *c, const cli_lane *l) {
  (void)c;
  return work_text(l, BL_WORK_OTHER);
}

static char *verdict_cell(const cli_comparison *c, const cli_lane *l) {
  return cli_lane_has_verdict(c, l) ? cli_copy(bl_loss_words(l->loss)) : empty();
}

static const column recipe = {"recipe", 'l', ALWAYS, name_cell},
                    size = {"size", 'r', ALWAYS, size_cell},
                    bits = {"bits/w", 'r', ALWAYS, bits_cell},
                    ratio = {"ratio", 'r', ALWAYS, ratio_cell},
                    rmse = {"RMSE", 'r', ALWAYS, rmse_cell}, snr = {"SNR", 'r', ALWAYS, snr_cell},
                    sweep_rmse = {"RMSE", 'r', NO_TEXT, rmse_cell},
                    sweep_snr = {"SNR", 'r', NO_TEXT, snr_cell},
                    speed = {"tok/s", 'r', WRITTEN, speed_cell},
                    differs = {"differs at", 'r', WRITTEN, differs_cell},
                    ppl = {"perplexity", 'r', TEXT, ppl_cell},
                    short_ppl = {"perplexity", 'r', TEXT, short_ppl_cell},
                    ln_ratio = {"ln ratio", 'r', TEXT, ratio_ppl_cell},
                    kl = {"KL mean", 'r', TEXT, kl_cell}, kl_99 = {"KL 99%", 'r', TEXT, kl_99_cell},
                    same_top = {"same top", 'r', TEXT, same_top_cell},
                    short_top = {"same top", 'r', TEXT, short_top_cell},
                    logit = {"|logit diff|", 'r', TEXT, logit_cell},
                    right = {"tasks right", 'r', TASKS, right_cell},
                    short_right = {"tasks", 'r', TASKS, short_right_cell},
                    points = {"points", 'r', TASKS, points_cell},
                    differ = {"texts that differ", 'r', PROMPTS, differ_cell},
                    first = {"first token", 'r', PROMPTS, first_cell},
                    rank = {"rank", 'r', PROMPTS, rank_cell}, gap = {"gap", 'r', PROMPTS, gap_cell},
                    edit = {"edits", 'r', PROMPTS, edit_cell},
                    batch_1 = {"1 text", 'r', LATENCY, batch_1_cell},
                    batch_4 = {"4 texts", 'r', LATENCY, batch_4_cell},
                    batch_8 = {"8 texts", 'r', LATENCY, batch_8_cell},
                    label_right = {"accuracy", 'r', LABELS, label_right_cell},
                    label_points = {"points", 'r', LABELS, points_cell},
                    label_diff = {"|logit diff|", 'r', LABELS, label_diff_cell},
                    prompt_time = {"prompt, a token", 'r', COST, prompt_time_cell},
                    written_time = {"writing, a token", 'r', COST, written_time_cell},
                    resident = {"weights", 'r', COST, resident_cell},
                    session = {"cache, work space", 'r', COST, session_cell},
                    work_embedding = {"embedding", 'r', COST, embedding_cell},
                    work_projections = {"projections", 'r', COST, projections_cell},
                    work_attention = {"attention", 'r', COST, attention_cell},
                    work_ffn = {"ffn", 'r', COST, ffn_cell},
                    work_output = {"output", 'r', COST, output_cell},
                    work_other = {"other", 'r', COST, other_cell},
                    verdict = {"verdict", 'l', VERDICT, verdict_cell};

static const column *const views[][16] = {
    [CLI_VIEW_MAIN] = {&recipe, &size, &bits, &ratio, &rmse, &snr, &speed, &differs, &verdict},
    [CLI_VIEW_TEXT] = {&recipe, &ppl, &ln_ratio, &kl, &kl_99, &same_top, &logit},
    [CLI_VIEW_PROMPTS] = {&recipe, &differ, &first, &rank, &gap, &edit},
    [CLI_VIEW_COST] = {&recipe, &prompt_time, &written_time, &resident, &session},
    [CLI_VIEW_WORK] = {&recipe, &work_embedding, &work_projections, &work_attention, &work_ffn,
                       &work_output, &work_other},
    [CLI_VIEW_LABELS] = {&recipe, &size, &bits, &batch_1, &batch_4, &batch_8, &label_right,
                         &label_points, &label_diff, &verdict},
    [CLI_VIEW_REVIEW] = {&recipe, &size, &bits, &rmse, &snr, &ppl, &ln_ratio, &kl, &kl_99,
                         &same_top, &logit, &right, &points, &verdict},
    [CLI_VIEW_SWEEP] = {&recipe, &size, &bits, &sweep_rmse, &sweep_snr, &short_ppl, &kl, &short_top,
                        &short_right},
};

/* ---- tables --------------------------------------------------------------------------------- */

void cli_grid_column(cli_grid *grid, const char *heading, char align) {
  int i = grid->table.n_columns++;
  grid->headings[i] = heading;
  grid->align[i] = align;
  grid->table.headings = grid->headings;
  grid->table.align = grid->align;
}

void cli_grid_make(const cli_comparison *c, cli_view view, int n_lanes, cli_grid *grid) {
  unsigned measured = (c->completion.prompt ? WRITTEN : 0u) | (c->eval.n ? TEXT : NO_TEXT) |
                      (c->tasks.n ? TASKS : 0u) | (c->prompts.n ? PROMPTS : 0u) |
                      (c->set->cost ? COST : 0u) | (c->labels.n ? LABELS : 0u) |
                      (c->labels.n && c->set->cost ? LATENCY : 0u) |
                      (cli_lanes_have_verdict(c) ? DAMAGE : 0u);
  const column *columns[16];
  *grid = (cli_grid){0};
  for (int i = 0; i < 16 && views[view][i]; i++) {
    const column *col = views[view][i];
    if (col->needs && !(col->needs & measured)) continue;
    columns[grid->table.n_columns] = col;
    cli_grid_column(grid, col->heading, col->align);
  }
  for (int i = 0; i < n_lanes; i++) {
    char *cells[16];
    for (int k = 0; k < grid->table.n_columns; k++) cells[k] = columns[k]->cell(c, &c->lanes[i]);
    cli_table_add(&grid->table, (const char *const *)cells);
    for (int k = 0; k < grid->table.n_columns; k++) free(cells[k]);
  }
}

void cli_grid_texts(const cli_comparison *c, cli_grid *grid) {
  enum { MAX_TEXTS = 8 };
  int n = c->eval.n < MAX_TEXTS ? c->eval.n : MAX_TEXTS;
  *grid = (cli_grid){0};
  cli_grid_column(grid, "KL mean", 'l');
  for (int t = 0; t < n; t++) cli_grid_column(grid, c->eval.list[t].name, 'r');
  for (int i = 1; i < c->n_lanes; i++) {
    char *cells[1 + MAX_TEXTS] = {cli_copy(c->lanes[i].name)};
    for (int t = 0; t < n; t++) cells[1 + t] = cli_estimate(c->lanes[i].texts[t].kl_mean, false);
    cli_table_add(&grid->table, (const char *const *)cells);
    for (int t = 0; t <= n; t++) free(cells[t]);
  }
}

void cli_grid_free(cli_grid *grid) {
  cli_table_free(&grid->table);
}

/* How the texts were divided. */
static char *documents_words(const cli_eval *eval) {
  char n[32];
  const char *plural = eval->n_documents == 1 ? "" : "s";
  cli_count(eval->n_documents, n);
  switch (eval->documents) {
    case BL_DOCUMENTS_LINES:
      return cli_print("in %s document%s, a line each", n, plural);
    case BL_DOCUMENTS_BLANK:
      return cli_print("in %s document%s with blank lines between", n, plural);
    default:
      return cli_copy(eval->n == 1 ? "as one document" : "as one document each");
  }
}

char *cli_eval_words(const cli_eval *eval) {
  char n_ids[32], n_scored[32];
  char *names = cli_copy("");
  for (int i = 0; i < eval->n; i++) {
    char *longer = cli_print("%s%s%s", names, i ? ", " : "", eval->list[i].name);
    free(names);
    names = longer;
  }
  char *documents = documents_words(eval);
  char *words =
      cli_print("%s: %s tokens %s, %s of them scored", names, cli_count(eval->n_ids, n_ids),
                documents, cli_count(eval->n_scored, n_scored));
  free(documents);
  free(names);
  return words;
}
