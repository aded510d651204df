/* A comparison in Markdown, fit to paste into a design review: conditions, intervals, and a verdict
 * for each row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* Text that Markdown would take for its own. */
static void print_escaped(const char *text) {
  char *plain = cli_plain_copy(text);
  for (const char *c = plain; *c; c++) {
    if (strchr("|*_`<\\", *c)) putchar('\\');
    putchar(*c);
  }
  free(plain);
}

static void print_row(const char *const *cells, int n) {
  for (int i = 0; i < n; i++) {
    printf(i ? " | " : "| ");
    print_escaped(cells[i]);
  }
  printf(" |\n");
}

static void print_grid(const cli_grid *grid) {
  const cli_table *table = &grid->table;
  print_row(table->headings, table->n_columns);
  for (int i = 0; i < table->n_columns; i++) printf(table->align[i] == 'r' ? "|---:" : "|---");
  printf("|\n");
  for (int row = 0; row < table->n_rows; row++)
    print_row((const char *const *)table->cells + (size_t)row * (size_t)table->n_columns,
              table->n_columns);
}

static void print_view(const cli_comparison *c, cli_view view) {
  cli_grid grid;
  cli_grid_make(c, view, c->n_lanes, &grid);
  printf("\n");
  print_grid(&grid);
  cli_grid_free(&grid);
}

static void print_escaped_line(const char *start, char *text) {
  printf("%s", start);
  print_escaped(text);
  printf("\n");
  free(text);
}

static void print_model(const char *what, const char *path, const bl_model *model) {
  bl_model_info info;
  char size[16], count[32];
  bl_model_get_info(model, &info);
  print_escaped_line(what,
                     cli_print("%s (%s, %s), %s weights, %s", path, info.container, info.stored_as,
                               cli_count(info.n_params, count), cli_size(info.size_bytes, size)));
}

/* How much of a text is read together, and what of it is scored. */
static void print_context(const cli_comparison *c) {
  if (c->text_options.n_context)
    printf("- context: chunks of %d tokens", c->text_options.n_context);
  else
    printf(
        "- context: chunks of 512 tokens, or of what the model or the text has when that is "
        "less");
  printf(c->eval.documents == BL_DOCUMENTS_WHOLE
             ? "; the second half of each scored\n"
             : "; each document by itself, every token after its first scored, and the second half "
               "of each chunk where it is longer\n");
}

static void print_conditions(const cli_comparison *c) {
  print_model("- model: ", c->set->model, c->model);
  if (c->against) print_model("- reference: ", c->set->against, c->against);
  if (c->eval.n) print_escaped_line("- text: ", cli_eval_words(&c->eval));
  if (c->eval.n) print_context(c);
  if (c->tasks.n)
    printf("- tasks: %d answered in writing, greedily; %d by the likeliest choice\n",
           c->tasks.n_written, c->tasks.n_choice);
  if (c->labels.n) print_escaped_line("- labels: ", cli_labels_words(&c->labels, c->set->cost));
  if (c->prompts.n)
    printf("- prompts: %d, continued greedily by %lld tokens\n", c->prompts.n,
           (long long)c->set->max_tokens);
  if (c->layers.prompt) print_escaped_line("- layer by layer, after: ", cli_copy(c->layers.prompt));
  for (int i = 0; i < c->n_lanes; i++)
    if (c->lanes[i].problem)
      print_escaped_line("- ", cli_print("%s: %s", c->lanes[i].name, c->lanes[i].problem));
  printf("- bitloss %s, %d threads, kernels: %s\n", BL_VERSION, bl_pool_threads(c->pool),
         c->kernels);
}

/* A row for each skill and language, a column for each lane. */
static void print_tasks(const cli_comparison *c) {
  printf("\n| skill | language | items |");
  for (int i = 0; i < c->n_lanes; i++) {
    printf(" ");
    print_escaped(c->lanes[i].name);
    printf(" |");
  }
  printf("\n|---|---|---:|");
  for (int i = 0; i < c->n_lanes; i++) printf("---:|");
  bl_proportion **shares = cli_alloc((size_t)c->n_lanes * sizeof *shares);
  for (int i = 0; i < c->n_lanes; i++)
    shares[i] = cli_tasks_accuracies(&c->tasks, c->lanes[i].is_right);
  for (int g = 0; g < c->tasks.n_groups; g++) {
    const cli_task_group *group = &c->tasks.list[g];
    printf("\n| ");
    print_escaped(group->skill);
    printf(" | ");
    print_escaped(group->language);
    printf(" | %d |", group->n);
    for (int i = 0; i < c->n_lanes; i++) {
      bl_proportion share = shares[i][g];
      printf(" %.1f%% [%.1f, %.1f] |", 100 * share.value, 100 * share.low, 100 * share.high);
    }
  }
  printf("\n");
  for (int i = 0; i < c->n_lanes; i++) free(shares[i]);
  free(shares);
}

static void print_legend(const cli_comparison *c) {
  if (c->eval.n)
    printf(
        "\n± is one standard error. The ln ratio is ln(perplexity / the reference's); KL is the "
        "divergence from the reference's predictions in nats, its mean over tokens and its 99th "
        "percentile; same top is the share of tokens whose likeliest prediction stays; |logit "
        "diff| the mean absolute difference of logits.\n");
  if (c->tasks.n)
    printf(
        "\nBrackets hold 95%% intervals; points are the difference to the reference over the "
        "same tasks.\n");
  if (c->labels.n)
    printf(
        "\nBrackets hold 95%% intervals; points are the difference to the reference over the "
        "same texts; |logit diff| is the mean absolute difference of logits, ± one standard "
        "error.\n\n"
        "Each verdict is that of the labels, by the rules in bitloss's README.\n");
  if (c->eval.n || c->tasks.n)
    printf(
        "\nEach verdict is that of text or tasks, whichever is worse, by the rules in bitloss's "
        "README.\n");
}

static void print_layers(const cli_comparison *c) {
  for (int i = 1; i < c->n_lanes; i++) {
    const cli_lane *l = &c->lanes[i];
    if (!l->stages) continue;
    cli_grid grid;
    print_escaped_line("\n", cli_print("%s, layer by layer:", l->name));
    printf("\n");
    cli_layers_grid(c, l, &grid);
    print_grid(&grid);
    cli_grid_free(&grid);
    print_escaped_line("\n", cli_layers_sentence(l));
  }
}

static void print_sensitivity(const cli_sensitivity *s) {
  cli_grid grid;
  cli_sensitivity_grid(s, 0, false, &grid);
  printf("\nEach alone quantized to %s:\n\n", s->recipe_name);
  print_grid(&grid);
  cli_grid_free(&grid);
  if (!s->has_mix) return;
  char text[BL_RECIPE_TEXT];
  bl_recipe_print(&s->mix, text, sizeof text);
  printf("\nMixture of %.3f bits per weight, expected KL %.4g:\n\n    %s\n", s->mix_bits,
         s->expected_kl, text);
}

void cli_compare_markdown(const cli_comparison *c) {
  print_conditions(c);
  print_view(c, c->labels.n ? CLI_VIEW_LABELS : CLI_VIEW_REVIEW);
  print_legend(c);
  if (c->eval.n > 1 && c->n_lanes > 1) {
    cli_grid grid;
    cli_grid_texts(c, &grid);
    printf("\n");
    print_grid(&grid);
    cli_grid_free(&grid);
  }
  if (c->tasks.n) print_tasks(c);
  if (c->prompts.n) print_view(c, CLI_VIEW_PROMPTS);
  if (c->layers.prompt) print_layers(c);
  if (c->set->cost && !c->labels.n) {
    print_view(c, CLI_VIEW_COST);
    print_view(c, CLI_VIEW_WORK);
  }
  if (c->sensitivity.n) print_sensitivity(&c->sensitivity);
}
