/* A choice of formats for single matrices, as a recipe with few rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/mix.h"
#include "measure/units.h"

enum { NO_RULE = -1 };

/* Rules for whole kinds and whole layers; what neither says rightly takes a rule of its own. */
typedef struct scheme {
  int base;
  int by_kind[BL_N_ROLES]; /* a format; the base: no rule */
  int *by_layer;           /* (n_layers): a format, or NO_RULE */
} scheme;

typedef struct writing {
  const bl_config *config;
  const bl_weight *const *matrices;
  const int *choice;
  int n_matrices, n_layers, n_formats;
} writing;

/* What the rules for kinds and layers give to a matrix. */
static int given(const scheme *s, const bl_weight *weight) {
  int layer_format = weight->layer >= 0 ? s->by_layer[weight->layer] : NO_RULE;
  return layer_format != NO_RULE ? layer_format : s->by_kind[weight->role];
}

/* Rules of all three sorts. */
static int count_rules(const writing *w, const scheme *s) {
  int n = 0;
  for (int r = 0; r < BL_N_ROLES; r++) n += s->by_kind[r] != s->base;
  for (int l = 0; l < w->n_layers; l++) n += s->by_layer[l] != NO_RULE;
  for (int i = 0; i < w->n_matrices; i++) n += given(s, w->matrices[i]) != w->choice[i];
  return n;
}

/* Sets *place to that of the formats from `first` on that needs the fewest rules; when several do,
 * it stays or the first of them wins. Returns how many these are. */
static int improve(const writing *w, const scheme *s, int *place, int first, int n_rules) {
  int best = *place;
  for (int f = first; f < w->n_formats; f++) {
    *place = f;
    int n = count_rules(w, s);
    if (n >= n_rules) continue;
    n_rules = n;
    best = f;
  }
  *place = best;
  return n_rules;
}

/* Starting from a base alone, changes one rule at a time for as long as that saves some. */
static int find_rules(const writing *w, int base, scheme *s) {
  s->base = base;
  for (int r = 0; r < BL_N_ROLES; r++) s->by_kind[r] = base;
  for (int l = 0; l < w->n_layers; l++) s->by_layer[l] = NO_RULE;
  int n_rules = count_rules(w, s), before = n_rules + 1;
  while (n_rules < before) {
    before = n_rules;
    for (int r = 0; r < BL_N_ROLES; r++) n_rules = improve(w, s, &s->by_kind[r], 0, n_rules);
    for (int l = 0; l < w->n_layers; l++)
      n_rules = improve(w, s, &s->by_layer[l], NO_RULE, n_rules);
  }
  return n_rules;
}

static void add_rule(bl_recipe *recipe, const char *pattern, const bl_recipe_rule *format) {
  bl_recipe_rule *rule = &recipe->rules[recipe->n_rules++];
  *rule = *format;
  snprintf(rule->pattern, sizeof rule->pattern, "%s", pattern);
}

/* The later a rule stands, the fewer matrices it is for: the last that matches holds. */
static void write_rules(const writing *w, const scheme *s, const bl_recipe_rule *formats,
                        bl_recipe *recipe) {
  char pattern[sizeof formats->pattern];
  const bl_recipe_rule *base = &formats[s->base];
  *recipe = (bl_recipe){.codec = base->codec, .bits = base->bits, .group = base->group};
  for (int r = 0; r < BL_N_ROLES; r++) {
    int i = 0;
    while (i < w->n_matrices && (int)w->matrices[i]->role != r) i++;
    if (i == w->n_matrices || s->by_kind[r] == s->base) continue;
    bl_role_kind(w->config, (bl_role)r, pattern, sizeof pattern);
    add_rule(recipe, pattern, &formats[s->by_kind[r]]);
  }
  for (int l = 0; l < w->n_layers; l++) {
    if (s->by_layer[l] == NO_RULE) continue;
    bl_layer_pattern(w->config, l, pattern, sizeof pattern);
    add_rule(recipe, pattern, &formats[s->by_layer[l]]);
  }
  for (int i = 0; i < w->n_matrices; i++) {
    if (given(s, w->matrices[i]) == w->choice[i]) continue;
    bl_weight_pattern(w->config, w->matrices[i], pattern, sizeof pattern);
    add_rule(recipe, pattern, &formats[w->choice[i]]);
  }
}

/* Weights whose choice is this format. */
static int64_t n_weights_of(const writing *w, int format) {
  int64_t n = 0;
  for (int i = 0; i < w->n_matrices; i++)
    if (w->choice[i] == format) n += w->matrices[i]->tensor.n_rows * w->matrices[i]->tensor.n_cols;
  return n;
}

int bl_mix_write(const bl_config *config, const bl_weight *const *matrices, const int *choice,
                 int n_matrices, const bl_recipe_rule *formats, int n_formats, bl_recipe *recipe) {
  const int n_layers = config->n_layers;
  const writing w = {config, matrices, choice, n_matrices, n_layers, n_formats};
  scheme s = {.by_layer = malloc(((size_t)n_layers + 1) * sizeof *s.by_layer)};
  if (!s.by_layer) return -1;
  int best = 0, fewest = INT32_MAX;
  for (int f = 0; f < n_formats; f++) {
    int n_rules = find_rules(&w, f, &s);
    bool is_better =
        n_rules < fewest || (n_rules == fewest && n_weights_of(&w, f) > n_weights_of(&w, best));
    if (!is_better) continue;
    fewest = n_rules;
    best = f;
  }
  find_rules(&w, best, &s);
  if (fewest <= BL_RECIPE_RULES) write_rules(&w, &s, formats, recipe);
  free(s.by_layer);
  return fewest;
}
