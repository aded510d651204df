/* Which parts of a model suffer most, and a recipe made of that. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* ---- measuring ------------------------------------------------------------------------------ */

/* One text being run under every unit. */
typedef struct pass {
  cli_sensitivity *s;
  cli_bar bar;
  bool has_reference; /* its logits are numbers */
} pass;

/* The mean over the tokens of two texts; their errors are taken to be independent. */
static bl_estimate pool_means(bl_estimate a, int64_t n_a, bl_estimate b, int64_t n_b) {
  double n = (double)(n_a + n_b), share_a = (double)n_a / n, share_b = (double)n_b / n;
  return (bl_estimate){share_a * a.value + share_b * b.value,
                       hypot(share_a * a.error, share_b * b.error)};
}

static bool take_unit(void *context, int unit, const bl_text_stats *stats) {
  pass *p = context;
  cli_unit_loss *loss = &p->s->losses[unit];
  if (stats->n > 0 && !isfinite(stats->ref_ppl.value)) return p->has_reference = false;
  loss->kl = pool_means(loss->kl, loss->n, stats->kl_mean, stats->n);
  loss->ln_ratio = pool_means(loss->ln_ratio, loss->n, stats->ln_ratio, stats->n);
  loss->same_top = pool_means(loss->same_top, loss->n, stats->same_top, stats->n);
  loss->logit_diff = pool_means(loss->logit_diff, loss->n, stats->logit_diff, stats->n);
  loss->n += stats->n;
  return !cli_interrupted();
}

static bool show_progress(void *context, int64_t n_done, int64_t n_total) {
  pass *p = context;
  return cli_bar_show(&p->bar, n_done, n_total);
}

static bool measure(const cli_comparison *c, cli_sensitivity *s) {
  bl_error error;
  bl_code code = BL_OK;
  s->losses = cli_alloc((size_t)s->n * sizeof *s->losses);
  for (int i = 0; code == BL_OK && i < c->eval.n; i++) {
    const cli_eval_text *text = &c->eval.list[i];
    char *label = c->eval.n == 1 ? cli_copy("Sensitivity")
                                 : cli_print("Sensitivity, text %d of %d", i + 1, c->eval.n);
    pass p = {.s = s, .bar = {.label = label, .unit = "tokens"}, .has_reference = true};
    const bl_text_options options = cli_eval_options(text, &c->text_options);
    code = bl_sensitivity_run(c->reference, &s->recipe, s->units, s->n, text->ids, text->n_ids,
                              &options, take_unit, show_progress, &p, &error);
    cli_progress_end();
    free(label);
    if (!p.has_reference)
      return cli_fail(
          "%s: on the text its logits are not numbers, so nothing can be compared with it",
          c->set->model);
  }
  return cli_bar_end(code, &error);
}

/* ---- ranking -------------------------------------------------------------------------------- */

/* Is a's loss less than b's? One that is not a number is the greatest. */
static bool loses_less(const cli_unit_loss *a, const cli_unit_loss *b) {
  if (isnan(a->kl.value)) return false;
  return isnan(b->kl.value) || a->kl.value < b->kl.value;
}

/* By falling loss; units that lose the same stay in the model's order. A few hundred at most, so
 * that insertion does. */
static void rank(cli_sensitivity *s) {
  s->order = cli_alloc((size_t)s->n * sizeof *s->order);
  for (int i = 0; i < s->n; i++) {
    int k = i;
    for (; k > 0 && loses_less(&s->losses[s->order[k - 1]], &s->losses[i]); k--)
      s->order[k] = s->order[k - 1];
    s->order[k] = i;
  }
}

/* ---- mixing --------------------------------------------------------------------------------- */

/* The formats of which a mixture is made: those on the list, when there are several; else the
 * widths of the measured one, with its groups; else all of its family. */
static int list_formats(const cli_comparison *c, const cli_sensitivity *s, bl_recipe *formats,
                        int capacity) {
  int n = 0;
  for (int i = 1; i < c->n_lanes && c->n_lanes > 2 && n < capacity; i++)
    formats[n++] = c->lanes[i].recipe;
  if (n > 0) return n;
  bl_recipe_kind own = {0}, kind;
  size_t size = strcspn(s->recipe_name, ":");
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind_get(i, &kind);
    if (strlen(kind.name) == size && strncmp(kind.name, s->recipe_name, size) == 0) own = kind;
  }
  for (int i = 0; own.name && own.n_bits == 0 && i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind_get(i, &kind);
    bool fits = !kind.is_mixture && strcmp(kind.family, own.family) == 0 && n < capacity;
    if (fits && bl_recipe_parse(kind.name, &formats[n], NULL) == BL_OK) n++;
  }
  for (int i = 0; i < own.n_bits && n < capacity; i++) {
    char *text = s->recipe.group ? cli_print("%s:%d:%d", own.name, own.bits[i], s->recipe.group)
                                 : cli_print("%s:%d", own.name, own.bits[i]);
    if (bl_recipe_parse(text, &formats[n], NULL) == BL_OK) n++;
    free(text);
  }
  return n;
}

static bool mix(cli_comparison *c, cli_sensitivity *s) {
  enum { MAX_FORMATS = 64 };
  bl_error error;
  bl_recipe *formats = cli_alloc(MAX_FORMATS * sizeof *formats);
  double *kl = cli_alloc((size_t)s->n * sizeof *kl);
  int n_formats = list_formats(c, s, formats, MAX_FORMATS);
  for (int i = 0; i < s->n; i++) kl[i] = s->losses[i].kl.value;
  cli_bar bar = {.label = "Mixing", .unit = "weights"};
  bl_code code = bl_mix_make(c->reference, s->units, s->n, kl, &s->recipe, formats, n_formats,
                             c->set->target_bits, c->pool, cli_bar_show, &bar, &s->mix,
                             &s->mix_bits, &s->expected_kl, &error);
  free(formats);
  free(kl);
  s->has_mix = code == BL_OK;
  return cli_bar_end(code, &error);
}

/* The lanes that a ranking is for: the reference, the uniform recipe, and the mixture. */
static void set_lanes(cli_comparison *c, const cli_sensitivity *s) {
  bl_recipe none = {0};
  cli_lanes_free(c);
  c->lanes = NULL;
  c->n_lanes = 0;
  cli_lane_add(c, &none, NULL);
  cli_lane_add(c, &s->recipe, NULL);
  if (!s->has_mix) return;
  char *name = cli_print("mixture of %.2f bits", s->mix_bits);
  cli_lane_add(c, &s->mix, name);
  free(name);
}

bool cli_sensitivity_run(cli_comparison *c) {
  cli_sensitivity *s = &c->sensitivity;
  const char *by = c->set->sensitivity;
  bl_unit_by unit_by = strcmp(by, "layer") == 0  ? BL_BY_LAYER
                       : strcmp(by, "kind") == 0 ? BL_BY_KIND
                                                 : BL_BY_TENSOR;
  s->recipe = c->lanes[1].recipe;
  bl_recipe_print(&s->recipe, s->recipe_name, sizeof s->recipe_name);
  s->n = bl_units_list(c->reference, unit_by, NULL, 0);
  s->units = cli_alloc((size_t)s->n * sizeof *s->units);
  bl_units_list(c->reference, unit_by, s->units, s->n);
  if (s->n == 0) return cli_fail("%s has no matrices to quantize", c->set->model);
  if (!measure(c, s)) return false;
  rank(s);
  if (c->set->target_bits > 0 && !mix(c, s)) return false;
  set_lanes(c, s);
  return true;
}

void cli_sensitivity_free(cli_sensitivity *s) {
  free(s->units);
  free(s->losses);
  free(s->order);
}

/* ---- showing -------------------------------------------------------------------------------- */

/* A bar of at most 18 columns. */
static char *make_bar(double share) {
  enum { COLUMNS = 18 };
  const char *cell = cli_is_utf8() ? "█" : "#";
  int n = isnan(share) ? 0 : (int)lround(share * (double)COLUMNS);
  char *bar = cli_alloc((size_t)COLUMNS * strlen(cell) + 1);
  for (int i = 0; i < n && i < COLUMNS; i++) strcat(bar, cell);
  return bar;
}

void cli_sensitivity_grid(const cli_sensitivity *s, int max_rows, bool bars, cli_grid *grid) {
  *grid = (cli_grid){0};
  cli_grid_column(grid, "alone", 'l');
  cli_grid_column(grid, "weights", 'r');
  cli_grid_column(grid, "KL mean", 'r');
  cli_grid_column(grid, bars ? "" : "same top", bars ? 'l' : 'r');
  double most = 0;
  for (int i = 0; i < s->n; i++) most = fmax(most, s->losses[i].kl.value);
  for (int i = 0; i < s->n && (max_rows == 0 || i < max_rows); i++) {
    const bl_unit *unit = &s->units[s->order[i]];
    const cli_unit_loss *loss = &s->losses[s->order[i]];
    char count[32];
    char *kl = cli_estimate(loss->kl, false);
    char *last = bars ? make_bar(most > 0 ? loss->kl.value / most : 0)
                      : cli_figure("%.1f%%", 100 * loss->same_top.value);
    const char *cells[] = {unit->pattern, cli_count(unit->n_params, count), kl, last};
    cli_table_add(&grid->table, cells);
    free(kl);
    free(last);
  }
}

static void put_estimate(bl_json_writer *w, const char *name, bl_estimate estimate) {
  char *error = cli_print("%s_se", name);
  bl_json_put_number(w, name, estimate.value);
  bl_json_put_number(w, error, estimate.error);
  free(error);
}

void cli_sensitivity_json(bl_json_writer *w, const cli_comparison *c) {
  const cli_sensitivity *s = &c->sensitivity;
  bl_json_open(w, "sensitivity", '{');
  bl_json_put_string(w, "recipe", s->recipe_name);
  bl_json_open(w, "units", '[');
  for (int i = 0; i < s->n; i++) {
    const bl_unit *unit = &s->units[s->order[i]];
    const cli_unit_loss *loss = &s->losses[s->order[i]];
    bl_json_open(w, NULL, '{');
    char *recipe = cli_print("reference/%s=%s", unit->pattern, s->recipe_name);
    bl_json_put_string(w, "recipe", recipe);
    free(recipe);
    bl_json_put_string(w, "unit", unit->pattern);
    bl_json_put_number(w, "layer", unit->layer < 0 ? (double)NAN : unit->layer);
    bl_json_put_string(w, "kind", unit->kind);
    bl_json_put_number(w, "n_params", (double)unit->n_params);
    put_estimate(w, "ln_ratio", loss->ln_ratio);
    put_estimate(w, "kl_mean", loss->kl);
    put_estimate(w, "same_top", loss->same_top);
    put_estimate(w, "mean_abs_logit_diff", loss->logit_diff);
    bl_json_put_number(w, "n_tokens_scored", (double)loss->n);
    bl_json_put_string(w, "documents", bl_documents_name(c->eval.documents));
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
  bl_json_close(w, '}');
  if (!s->has_mix) return;
  char text[BL_RECIPE_TEXT];
  bl_recipe_print(&s->mix, text, sizeof text);
  bl_json_open(w, "mix", '{');
  bl_json_put_string(w, "recipe", text);
  bl_json_put_number(w, "bits_per_weight", s->mix_bits);
  bl_json_put_number(w, "expected_kl", s->expected_kl);
  bl_json_close(w, '}');
}
