/* A comparison on the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"

/* Units that a ranking on the terminal shows. */
#define MAX_UNITS 24

static void print_view(const cli_comparison *c, cli_view view) {
  cli_grid grid;
  cli_grid_make(c, view, c->n_lanes, &grid);
  cli_table_print(&grid.table);
  cli_grid_free(&grid);
}

static void print_dim(const char *text) {
  printf("\n%s", cli_on(CLI_DIM));
  cli_print_wrapped(text, strlen(text), &(cli_wrap){.width = cli_width(STDOUT_FILENO)});
  printf("%s", cli_off());
}

/* What each lane wrote after the prompt, with its first difference marked. */
static void print_written(const cli_comparison *c) {
  int width = cli_width(STDOUT_FILENO);
  for (int i = 0; i < c->n_lanes; i++) {
    const cli_lane *l = &c->lanes[i];
    int at = l->first_difference;
    cli_wrap wrap = {.indent = 2, .width = width, .marked = at >= 0};
    if (wrap.marked) {
      wrap.mark = at < l->written.n_tokens ? l->written.starts[at] : l->written.size;
      wrap.mark_end = at + 1 < l->written.n_tokens ? l->written.starts[at + 1] : l->written.size;
    }
    printf("\n%s%s%s\n", cli_on(CLI_BOLD), l->name, cli_off());
    cli_print_wrapped(l->written.text, l->written.size, &wrap);
    if (l->written.problem) printf("  %s%s%s\n", cli_on(CLI_DIM), l->written.problem, cli_off());
  }
}

/* The figures of all texts together, then the divergence on each. */
static void print_texts(const cli_comparison *c) {
  char *words = cli_eval_words(&c->eval);
  print_dim(words);
  free(words);
  print_view(c, CLI_VIEW_TEXT);
  if (c->eval.n < 2 || c->n_lanes < 2) return;
  cli_grid grid;
  cli_grid_texts(c, &grid);
  printf("\n");
  cli_table_print(&grid.table);
  cli_grid_free(&grid);
}

/* A table per lane; below them, what was left out. */
static void print_tasks(const cli_comparison *c) {
  for (int i = 0; i < c->n_lanes; i++) {
    printf("\n%s%s%s\n", cli_on(CLI_BOLD), c->lanes[i].name, cli_off());
    cli_tasks_print(&c->tasks, c->lanes[i].is_right, i ? c->lanes[0].is_right : NULL);
  }
  if (c->tasks.n_open) {
    printf("\n%sLeft out: stories (%d), which have no one right answer.%s\n", cli_on(CLI_DIM),
           c->tasks.n_open, cli_off());
  }
}

static void print_labels(const cli_comparison *c) {
  print_view(c, CLI_VIEW_LABELS);
  char *words = cli_labels_words(&c->labels, c->set->cost);
  print_dim(words);
  free(words);
}

static void print_prompts(const cli_comparison *c) {
  char *words = cli_print("%d prompts, each continued greedily by %lld tokens", c->prompts.n,
                          (long long)c->set->max_tokens);
  print_dim(words);
  free(words);
  print_view(c, CLI_VIEW_PROMPTS);
}

static void print_layers(const cli_comparison *c) {
  for (int i = 1; i < c->n_lanes; i++) {
    const cli_lane *l = &c->lanes[i];
    if (!l->stages) continue;
    cli_grid grid;
    printf("\n%s%s%s\n", cli_on(CLI_BOLD), l->name, cli_off());
    cli_layers_grid(c, l, &grid);
    cli_table_print(&grid.table);
    cli_grid_free(&grid);
    char *sentence = cli_layers_sentence(l);
    printf("%s\n", sentence);
    free(sentence);
  }
}

static void print_cost(const cli_comparison *c) {
  char peak[16];
  const bl_cost *cost = &c->lanes[0].cost;
  char *words = cli_print(
      "A prompt of %d tokens, then %d written one by one; %d threads, %s; peak "
      "memory %s",
      cost->n_prompt, cost->n_written, bl_pool_threads(c->pool), c->kernels,
      cli_size(cli_peak_memory(), peak));
  print_dim(words);
  free(words);
  print_view(c, CLI_VIEW_COST);
  print_dim("Time to write a token, by kind of work, and the bytes of weights it reads");
  print_view(c, CLI_VIEW_WORK);
}

static void print_sensitivity(const cli_sensitivity *s) {
  cli_grid grid;
  cli_sensitivity_grid(s, MAX_UNITS, true, &grid);
  cli_table_print(&grid.table);
  cli_grid_free(&grid);
  if (s->n > MAX_UNITS) printf("… and %d more, which lose less\n", s->n - MAX_UNITS);
  if (s->has_mix) {
    char text[BL_RECIPE_TEXT];
    bl_recipe_print(&s->mix, text, sizeof text);
    printf("\nmixture of %.3f bits per weight, expected KL %.4g:\n%s\n", s->mix_bits,
           s->expected_kl, text); /* in one line, to be copied */
  }
  printf("\n");
}

void cli_compare_table(const cli_comparison *c) {
  if (c->sensitivity.n) print_sensitivity(&c->sensitivity);
  if (c->labels.n)
    print_labels(c);
  else if (!c->streams)
    print_view(c, CLI_VIEW_MAIN);
  if (c->streams) cli_sweep_plot(c);
  if (c->completion.prompt) print_written(c);
  if (c->eval.n && !c->streams) print_texts(c);
  if (c->tasks.n && !c->streams) print_tasks(c);
  if (c->prompts.n) print_prompts(c);
  if (c->layers.prompt) print_layers(c);
  if (c->set->cost && !c->labels.n) print_cost(c);
}
