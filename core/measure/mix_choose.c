/* The multiple-choice knapsack problem: one of several formats for each part of a model, within a
 * size. It is solved exactly by dynamic programming over sizes (Dudzinski and Walukiewicz (1987),
 * "Exact methods for the knapsack problem and its generalizations", section 4). */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "measure/mix.h"

enum { MAX_CELLS = 1 << 16 };

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static uint64_t least_bytes(const bl_mix_cost *costs, int n_formats) {
  uint64_t least = costs[0].bytes;
  for (int f = 1; f < n_formats; f++)
    if (costs[f].bytes < least) least = costs[f].bytes;
  return least;
}

/* Sizes are counted from the least possible on, in cells of so many bytes. */
static uint64_t bytes_per_cell(const bl_mix_cost *costs, int n_parts, int n_formats,
                               uint64_t spare) {
  uint64_t divisor = 0;
  for (int p = 0; p < n_parts; p++) {
    const bl_mix_cost *part = costs + (size_t)p * (size_t)n_formats;
    uint64_t least = least_bytes(part, n_formats);
    for (int f = 0; f < n_formats; f++)
      divisor = greatest_common_divisor(divisor, part[f].bytes - least);
  }
  uint64_t coarse = spare / MAX_CELLS + 1;
  if (divisor == 0) return spare + 1; /* all are of one size */
  return divisor > coarse ? divisor : coarse;
}

/* The state of the search after some parts. */
typedef struct search {
  size_t n_cells;    /* sizes 0 to n_cells - 1 are looked at */
  double *best;      /* (n_cells): the least divergence of the parts so far within that size */
  double *next;      /* the same with one part more */
  uint8_t *choices;  /* (n_parts, n_cells): the format of the part there */
  uint64_t *weights; /* (n_formats): cells that a format takes beyond the smallest */
} search;

/* Adds a part to the search. On equal divergences the smaller format is taken. */
static void add_part(search *s, const bl_mix_cost *part, int n_formats, uint64_t per_cell,
                     uint8_t *choices) {
  uint64_t least = least_bytes(part, n_formats);
  for (int f = 0; f < n_formats; f++)
    s->weights[f] = (part[f].bytes - least) / per_cell + ((part[f].bytes - least) % per_cell != 0);
  int smallest = 0;
  while (s->weights[smallest] != 0) smallest++;
  for (size_t c = 0; c < s->n_cells; c++) {
    s->next[c] = s->best[c] + part[smallest].kl;
    choices[c] = (uint8_t)smallest;
  }
  for (int f = 0; f < n_formats; f++) {
    const double kl = part[f].kl;
    for (size_t c = (size_t)s->weights[f]; s->weights[f] < s->n_cells && c < s->n_cells; c++) {
      const double sum = s->best[c - s->weights[f]] + kl;
      const bool is_tie = sum == s->next[c] && s->weights[f] < s->weights[choices[c]];
      if (!(sum < s->next[c]) && !is_tie) continue;
      s->next[c] = sum;
      choices[c] = (uint8_t)f;
    }
  }
  double *swap = s->best;
  s->best = s->next;
  s->next = swap;
}

/* How fast the least divergence falls with size near the end, over an eighth of the sizes. */
static double price_of(const search *s, uint64_t per_cell) {
  size_t last = s->n_cells - 1, before = last - last / 8;
  double fall = s->best[before] - s->best[last];
  return before < last && isfinite(fall) ? fall / (double)((last - before) * per_cell) : 0;
}

/* Where sizes were rounded up some bytes are left: spends them on whatever helps most. */
static void spend_rest(const bl_mix_cost *costs, int n_parts, int n_formats, uint64_t capacity,
                       int *chosen) {
  uint64_t used = 0;
  for (int p = 0; p < n_parts; p++) used += costs[p * n_formats + chosen[p]].bytes;
  for (;;) {
    double most = 0;
    int part = -1, format = 0;
    for (int p = 0; p < n_parts; p++) {
      const bl_mix_cost *now = &costs[p * n_formats + chosen[p]];
      for (int f = 0; f < n_formats; f++) {
        const bl_mix_cost *other = &costs[p * n_formats + f];
        const bool fits = other->bytes <= capacity - used + now->bytes;
        if (!fits || !(now->kl - other->kl > most)) continue;
        most = now->kl - other->kl;
        part = p;
        format = f;
      }
    }
    if (part < 0) return;
    used += costs[part * n_formats + format].bytes - costs[part * n_formats + chosen[part]].bytes;
    chosen[part] = format;
  }
}

bl_code bl_mix_choose(const bl_mix_cost *costs, int n_parts, int n_formats, uint64_t capacity,
                      int *chosen, double *price, bl_error *error) {
  uint64_t least = 0, most_spare = 0;
  for (int p = 0; p < n_parts; p++) {
    const bl_mix_cost *part = costs + (size_t)p * (size_t)n_formats;
    uint64_t most = 0, part_least = least_bytes(part, n_formats);
    for (int f = 0; f < n_formats; f++)
      if (part[f].bytes > most) most = part[f].bytes;
    least += part_least;
    most_spare += most - part_least;
  }
  if (least > capacity)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the size asked for is %llu bytes, but the smallest of the formats need %llu",
                   (unsigned long long)capacity, (unsigned long long)least);
  const uint64_t spare = capacity - least < most_spare ? capacity - least : most_spare;
  const uint64_t per_cell = bytes_per_cell(costs, n_parts, n_formats, spare);
  search s = {.n_cells = (size_t)(spare / per_cell) + 1};
  s.best = calloc(s.n_cells, sizeof *s.best);
  s.next = malloc(s.n_cells * sizeof *s.next);
  const uint64_t n_choices = (uint64_t)n_parts * s.n_cells;
  s.choices = n_choices < SIZE_MAX ? malloc((size_t)n_choices + 1) : NULL;
  s.weights = malloc((size_t)n_formats * sizeof *s.weights);
  bl_code code = BL_OK;
  if (!s.best || !s.next || !s.choices || !s.weights) {
    code = bl_fail_memory(error, n_choices);
    goto done;
  }
  for (int p = 0; p < n_parts; p++)
    add_part(&s, costs + (size_t)p * (size_t)n_formats, n_formats, per_cell,
             s.choices + (size_t)p * s.n_cells);
  *price = price_of(&s, per_cell);
  size_t cell = s.n_cells - 1;
  for (int p = n_parts - 1; p >= 0; p--) {
    const bl_mix_cost *part = costs + (size_t)p * (size_t)n_formats;
    chosen[p] = s.choices[(size_t)p * s.n_cells + cell];
    uint64_t beyond = part[chosen[p]].bytes - least_bytes(part, n_formats);
    cell -= (size_t)(beyond / per_cell + (beyond % per_cell != 0));
  }
  spend_rest(costs, n_parts, n_formats, capacity, chosen);
done:
  free(s.best);
  free(s.next);
  free(s.choices);
  free(s.weights);
  return code;
}
