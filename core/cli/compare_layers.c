/* Where the lanes part: for one prompt, layer by layer, how far the hidden state is from the
 * reference's, and what each layer would say next. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* ---- measuring ------------------------------------------------------------------------------ */

/* Cuts the prompt into tokens. */
static bool encode(cli_layers *layers, const bl_tokenizer *tokenizer) {
  bl_error error;
  size_t capacity = layers->size + 16; /* hardly any text has more */
  for (;;) {
    layers->ids = cli_grow(layers->ids, capacity * sizeof *layers->ids);
    if (bl_tokenizer_encode_prompt(tokenizer, layers->prompt, layers->size, layers->ids, capacity,
                                   &layers->n_ids, &error) != BL_OK)
      return cli_fail("%s", error.message);
    if (layers->n_ids <= capacity) return true;
    capacity = layers->n_ids;
  }
}

bool cli_layers_prepare(cli_comparison *c) {
  bl_error error;
  const bl_tokenizer *tokenizer = bl_model_tokenizer(c->reference);
  cli_layers *own = &c->layers;
  if (!tokenizer)
    return cli_fail(
        "%s has no tokenizer, so it cannot read a prompt: expected a tokenizer.json beside its "
        "weights",
        c->against ? c->set->against : c->set->model);
  if (!encode(own, tokenizer)) return false;
  bl_layers *layers = bl_layers_new(c->reference, c->model, own->ids, own->n_ids, c->pool, &error);
  bl_layers_free(layers);
  return layers || cli_fail("%s", error.message);
}

bool cli_layers_run(const cli_comparison *c, const bl_model *model, cli_lane *lane) {
  const cli_layers *own = &c->layers;
  bl_error error;
  int64_t n_done = 0, n_total = 1;
  if (cli_is_reference(c, lane) || c->lanes[0].problem) return true;
  bl_layers *layers = bl_layers_new(c->reference, model, own->ids, own->n_ids, c->pool, &error);
  bl_code code = layers ? BL_OK : error.code;
  cli_bar bar = {.label = lane->label, .unit = "tokens"};
  while (code == BL_OK && n_done < n_total) {
    code = bl_layers_step(layers, &n_done, &n_total, &error);
    if (code == BL_OK && !cli_bar_show(&bar, n_done, n_total)) code = BL_ERR_CANCELLED;
  }
  if (code == BL_OK) {
    const bl_layer_figures *figures = bl_layers_get(layers, &lane->n_stages);
    const size_t n_bytes = (size_t)lane->n_stages * sizeof *figures;
    lane->stages = memcpy(cli_alloc(n_bytes), figures, n_bytes);
    if (isnan(figures[lane->n_stages - 1].kl))
      cli_lane_fail(lane, "after the prompt its hidden states are not numbers");
  }
  bl_layers_free(layers);
  if (code == BL_ERR_NOT_FINITE) { /* the reference's */
    cli_lane_fail(&c->lanes[0], "after the prompt its hidden states are not numbers");
    cli_progress_end();
    return true;
  }
  return cli_bar_end(code, &error);
}

void cli_layers_free(cli_layers *layers) {
  free(layers->prompt);
  free(layers->ids);
  *layers = (cli_layers){0};
}

/* ---- words ---------------------------------------------------------------------------------- */

static char *stage_name(int stage) {
  return stage == 0 ? cli_copy("embedding") : cli_print("%d", stage);
}

/* A token in quotes, with what would break a line written as in JSON. */
static char *token_text(const cli_comparison *c, int32_t id) {
  char label[64], *text = cli_alloc(2 * sizeof label + 3), *to = text;
  bl_tokenizer_label(bl_model_tokenizer(c->reference), id, label, sizeof label);
  *to++ = '"';
  for (const char *from = label; *from; from++) {
    const char *escaped = *from == '\n'   ? "\\n"
                          : *from == '\t' ? "\\t"
                          : *from == '\r' ? "\\r"
                                          : "";
    if (*escaped) *to++ = '\\';
    *to++ = *escaped ? escaped[1] : *from;
  }
  *to++ = '"';
  *to = 0;
  char *plain = cli_plain_copy(text);
  free(text);
  return plain;
}

static char *token_cell(const cli_comparison *c, const bl_lens_token *token) {
  if (token->id < 0) return cli_copy("not a number");
  char *text = token_text(c, token->id);
  char *cell = cli_print("%s %.1f%%", text, 100 * (double)token->p);
  free(text);
  return cell;
}

static bool says_same(const bl_layer_figures *f) {
  return f->top[0].id == f->ref_top[0].id;
}

char *cli_layers_sentence(const cli_lane *lane) {
  const int last = lane->n_stages - 1;
  int n_same = 0; /* stages from the first on that would say the same */
  while (n_same <= last && says_same(&lane->stages[n_same])) n_same++;
  if (n_same > last) return cli_copy("After every layer it would say the same token.");
  const char *end = says_same(&lane->stages[last]) ? "; in the end it says the same" : "";
  if (n_same == 0) return cli_print("From the embedding on it would say another token%s.", end);
  if (n_same == 1)
    return cli_print("After the embedding it would say the same token, after layer 1 another%s.",
                     end);
  return cli_print("Up to layer %d it would say the same token, after layer %d another%s.",
                   n_same - 1, n_same, end);
}

void cli_layers_grid(const cli_comparison *c, const cli_lane *lane, cli_grid *grid) {
  *grid = (cli_grid){0};
  cli_grid_column(grid, "after layer", 'l');
  cli_grid_column(grid, "distance", 'r');
  cli_grid_column(grid, "last token's", 'r');
  cli_grid_column(grid, "cosine", 'r');
  cli_grid_column(grid, "KL", 'r');
  cli_grid_column(grid, "reference would say", 'l');
  cli_grid_column(grid, "this would say", 'l');
  for (int i = 0; i < lane->n_stages; i++) {
    const bl_layer_figures *f = &lane->stages[i];
    char *cells[] = {stage_name(i),
                     cli_figure("%.3g", f->distance),
                     cli_figure("%.3g", f->last_distance),
                     cli_figure("%.4f", f->cosine),
                     cli_figure("%.3g", f->kl),
                     token_cell(c, &f->ref_top[0]),
                     token_cell(c, &f->top[0])};
    cli_table_add(&grid->table, (const char *const *)cells);
    for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) free(cells[k]);
  }
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void put_token(bl_json_writer *w, const cli_comparison *c, const char *key,
                      const char *id_key, const char *p_key, const bl_lens_token *token) {
  char label[64];
  bl_tokenizer_label(bl_model_tokenizer(c->reference), token->id, label, sizeof label);
  bl_json_put_string(w, key, token->id < 0 ? NULL : label);
  bl_json_put_number(w, id_key, token->id < 0 ? (double)NAN : token->id);
  bl_json_put_number(w, p_key, (double)token->p);
}

static void put_top(bl_json_writer *w, const cli_comparison *c, const char *key,
                    const bl_lens_token *top) {
  bl_json_open(w, key, '[');
  for (int i = 0; i < BL_LENS_TOP && top[i].id >= 0; i++) {
    bl_json_open(w, NULL, '{');
    put_token(w, c, "token", "id", "p", &top[i]);
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
}

static void put_stage(bl_json_writer *w, const cli_comparison *c, const cli_lane *lane, int stage) {
  const bl_layer_figures *f = &lane->stages[stage];
  char recipe[BL_RECIPE_TEXT];
  bl_recipe_print(&lane->recipe, recipe, sizeof recipe);
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "recipe", recipe);
  if (strcmp(recipe, lane->name) != 0) bl_json_put_string(w, "name", lane->name);
  bl_json_put_number(w, "layer", stage);
  bl_json_put_number(w, "distance", f->distance);
  bl_json_put_number(w, "last_distance", f->last_distance);
  bl_json_put_number(w, "cosine", f->cosine);
  bl_json_put_number(w, "last_cosine", f->last_cosine);
  bl_json_put_number(w, "kl", f->kl);
  put_token(w, c, "reference_token", "reference_id", "reference_p", &f->ref_top[0]);
  put_token(w, c, "token", "id", "p", &f->top[0]);
  bl_json_put_number(w, "p_of_reference_token", (double)f->p_of_ref_top);
  put_top(w, c, "reference_top", f->ref_top);
  put_top(w, c, "top", f->top);
  bl_json_close(w, '}');
}

void cli_layers_json(bl_json_writer *w, const cli_comparison *c) {
  bl_json_open(w, "layers", '{');
  bl_json_put_bytes(w, "prompt", c->layers.prompt, c->layers.size);
  cli_json_ids(w, "ids", c->layers.ids, (int)c->layers.n_ids);
  bl_json_open(w, "rows", '[');
  for (int i = 1; i < c->n_lanes; i++)
    for (int k = 0; k < c->lanes[i].n_stages; k++) put_stage(w, c, &c->lanes[i], k);
  bl_json_close(w, ']');
  bl_json_close(w, '}');
}
