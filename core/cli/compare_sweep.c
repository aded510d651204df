/* Sweeps: rows that come as they are measured, and loss against size in characters. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"

const char cli_sweep_recipes[] =
    "affine:8:128,affine:8:64,affine:8:32,affine:6:128,affine:6:64,affine:6:32,"
    "affine:5:128,affine:5:64,affine:5:32,affine:4:128,affine:4:64,affine:4:32,"
    "affine:3:128,affine:3:64,affine:3:32,affine:2:128,affine:2:64,affine:2:32";

/* Columns that a cell of this heading rarely exceeds: rows are printed before the next is known. */
static int least_width(const cli_comparison *c, const char *heading) {
  static const struct {
    const char *heading;
    int width;
  } known[] = {{"size", 7}, {"RMSE", 8}, {"SNR", 7}, {"KL mean", 19}};
  int width = cli_text_width(heading, strlen(heading));
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i].heading, heading) == 0) width = known[i].width;
  for (int i = 0; strcmp(heading, "recipe") == 0 && i < c->n_lanes; i++) {
    int name = cli_text_width(c->lanes[i].name, strlen(c->lanes[i].name));
    if (name > width) width = name;
  }
  return width;
}

static void print_cells(const cli_comparison *c, const cli_grid *grid, const char *const *cells) {
  for (int i = 0; i < grid->table.n_columns; i++) {
    int pad = least_width(c, grid->headings[i]) - cli_text_width(cells[i], strlen(cells[i]));
    if (pad < 0) pad = 0;
    bool right = grid->align[i] == 'r';
    printf("%s%*s%s%*s", i ? "  " : "", right ? pad : 0, "", cells[i], right ? 0 : pad, "");
  }
}

bool cli_sweep_row(const cli_comparison *c, int lane) {
  cli_grid grid;
  cli_grid_make(c, CLI_VIEW_SWEEP, lane + 1, &grid);
  if (lane == 0) {
    printf("%s", cli_on(CLI_DIM));
    print_cells(c, &grid, grid.headings);
    printf("%s\n", cli_off());
  }
  const char *const *cells = (const char *const *)grid.table.cells;
  print_cells(c, &grid, cells + (size_t)lane * (size_t)grid.table.n_columns);
  printf("\n");
  cli_grid_free(&grid);
  return cli_stdout_push();
}

double cli_sweep_loss(const cli_comparison *c, const cli_lane *lane) {
  if (c->eval.n) return lane->text.kl_mean.value;
  if (!lane->has_error) return NAN;
  return lane->error.n ? lane->error.rmse : 0;
}

void cli_sweep_mark(cli_comparison *c) {
  size_t n = (size_t)c->n_lanes;
  double *size = cli_alloc(2 * n * sizeof *size), *loss = size + n;
  bool *on_front = cli_alloc(n * sizeof *on_front);
  for (int i = 0; i < c->n_lanes; i++) {
    size[i] = (double)c->lanes[i].info.size_bytes;
    loss[i] = cli_sweep_loss(c, &c->lanes[i]);
  }
  bl_pareto_front(size, loss, c->n_lanes, on_front);
  for (int i = 0; i < c->n_lanes; i++) c->lanes[i].on_front = on_front[i];
  free(on_front);
  free(size);
}

/* ---- the plot ------------------------------------------------------------------------------- */

enum { PLOT_ROWS = 14, PLOT_COLUMNS = 60 };

/* Where values lie on an axis; the upper one is logarithmic. */
typedef struct axes {
  double low_bits, high_bits, low_loss, high_loss; /* losses as logarithms to base 10 */
} axes;

/* Lanes without a loss, such as the reference, have no place on a logarithmic axis. */
static bool is_drawn(double loss) {
  return isfinite(loss) && loss > 0;
}

static bool find_axes(const cli_comparison *c, axes *a) {
  *a = (axes){INFINITY, -INFINITY, INFINITY, -INFINITY};
  for (int i = 0; i < c->n_lanes; i++) {
    double loss = cli_sweep_loss(c, &c->lanes[i]), bits = c->lanes[i].info.bits_per_weight;
    if (!is_drawn(loss)) continue;
    a->low_bits = fmin(a->low_bits, floor(bits));
    a->high_bits = fmax(a->high_bits, ceil(bits));
    a->low_loss = fmin(a->low_loss, log10(loss));
    a->high_loss = fmax(a->high_loss, log10(loss));
  }
  if (a->high_bits == a->low_bits) a->high_bits++;
  return a->low_loss < a->high_loss;
}

/* The number at which a row of the plot lies. */
static double row_loss(const axes *a, int row) {
  return pow(10, a->high_loss - (a->high_loss - a->low_loss) * row / (PLOT_ROWS - 1));
}

static void draw(const cli_comparison *c, const axes *a, char plot[PLOT_ROWS][PLOT_COLUMNS]) {
  memset(plot, ' ', (size_t)PLOT_ROWS * PLOT_COLUMNS);
  for (int pass = 0; pass < 2; pass++) { /* those on the front lie above the others */
    for (int i = 0; i < c->n_lanes; i++) {
      const cli_lane *l = &c->lanes[i];
      double loss = cli_sweep_loss(c, l);
      if (!is_drawn(loss) || l->on_front != (pass == 1)) continue;
      double x = (l->info.bits_per_weight - a->low_bits) / (a->high_bits - a->low_bits);
      double y = (a->high_loss - log10(loss)) / (a->high_loss - a->low_loss);
      plot[lround(y * (PLOT_ROWS - 1))][lround(x * (PLOT_COLUMNS - 1))] = pass ? '*' : 'o';
    }
  }
}

static void print_point(char point) {
  bool utf8 = cli_is_utf8();
  if (point == '*') {
    printf("%s%s%s", cli_on(CLI_BOLD), utf8 ? "●" : "*", cli_off());
  } else if (point == 'o') {
    printf("%s%s%s", cli_on(CLI_DIM), utf8 ? "○" : "o", cli_off());
  } else {
    putchar(' ');
  }
}

/* The axis below, with a number at every whole bit that has room. */
static void print_bits(const axes *a) {
  const char *line = cli_is_utf8() ? "─" : "-", *corner = cli_is_utf8() ? "└" : "+";
  printf("%8s %s", "", corner);
  for (int i = 0; i < PLOT_COLUMNS; i++) printf("%s", line);
  printf("\n%8s  ", "");
  int at = 0, n_bits = (int)(a->high_bits - a->low_bits), step = n_bits > 16 ? 4 : 1;
  for (int k = 0; k <= n_bits; k += step) {
    int to = (int)lround((double)k / n_bits * (PLOT_COLUMNS - 1));
    at += printf("%*s%.0f", to - at, "", a->low_bits + k);
  }
  printf("\n");
}

/* Names those on the front, or those that are not when they are fewer. */
static void print_front(const cli_comparison *c) {
  int n_front = 0;
  for (int i = 0; i < c->n_lanes; i++) n_front += c->lanes[i].on_front;
  bool beaten = 2 * n_front > c->n_lanes;
  char *line = cli_copy(n_front == 0            ? "No loss is a number."
                        : n_front == c->n_lanes ? "None of them is beaten: to lose less costs bits."
                        : beaten ? "Beaten by another that is as small and loses less:"
                                 : "Not beaten by any other that is as small:");
  const char *between = " ";
  for (int i = 0; i < c->n_lanes; i++) {
    if (c->lanes[i].on_front == beaten) continue;
    char *longer = cli_print("%s%s%s", line, between, c->lanes[i].name);
    free(line);
    line = longer;
    between = ", ";
  }
  printf("\n");
  cli_print_wrapped(line, strlen(line), &(cli_wrap){.width = cli_width(STDOUT_FILENO)});
  free(line);
}

void cli_sweep_plot(const cli_comparison *c) {
  axes a;
  char plot[PLOT_ROWS][PLOT_COLUMNS];
  bool utf8 = cli_is_utf8();
  if (find_axes(c, &a) && cli_width(STDOUT_FILENO) >= PLOT_COLUMNS + 12) {
    draw(c, &a, plot);
    printf("\n%s over bits per weight\n", c->eval.n ? "mean KL divergence" : "RMSE of the weights");
    for (int row = 0; row < PLOT_ROWS; row++) {
      char number[16] = "";
      if (row % 4 == 0 || row == PLOT_ROWS - 1)
        snprintf(number, sizeof number, "%.2g", row_loss(&a, row));
      printf("%8s %s", number, utf8 ? "│" : "|");
      int end = PLOT_COLUMNS;
      while (end > 0 && plot[row][end - 1] == ' ') end--;
      for (int i = 0; i < end; i++) print_point(plot[row][i]);
      printf("\n");
    }
    print_bits(&a);
  }
  print_front(c);
}
