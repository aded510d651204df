/* A mixed recipe: more bits for the parts of a model that suffer more. */
#include "measure/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/units.h"
#include "model/convert.h"
#include "model/target.h"

typedef struct mix {
  const bl_model *reference;
  const bl_unit *units;
  int n_units, n_formats;
  /* (n_formats + 2): the formats, then the one that was measured, then "reference" for matrices
   * that are in no unit. */
  bl_recipe_rule *formats;
  int measured; /* where the one that was measured is: among the formats, or after them */
  bl_pool *pool;
  bl_progress_fn on_progress; /* may be NULL */
  void *context;
  uint64_t capacity; /* bytes for all units */

  int n_matrices;
  const bl_weight **matrices; /* (n_matrices): all that a recipe could apply to */
  int *unit_of;               /* (n_matrices): -1 for none */
  double *sum_sq;             /* (n_units, n_formats + 1): squared weight errors */
  bl_mix_cost *costs;         /* (n_units, n_formats) */
  bool *ruled_out;            /* the same: is there a matrix that the format can't hold? */

  /* An attempt: units in a part have one format. */
  int *part_of, *chosen;   /* (n_units) */
  bl_mix_cost *part_costs; /* (n_units, n_formats), of which n_parts are used */
  int *part_chosen;        /* (n_units) */
  int *choice;             /* (n_matrices) */
  double price;            /* of a byte, in divergence */

  /* The best so far that can be written down. */
  bl_recipe recipe;
  bl_mix_cost total;
} mix;

/* ---- what each format costs ---------------------------------------------------------------- */

/* A matrix in a format. */
typedef struct measure {
  bool applies; /* the format can hold it, or is "reference" */
  uint64_t bytes;
  double sum_sq; /* squared weight errors */
} measure;

/* A matrix that the format can't hold stays as it is. */
static bl_code measure_matrix(const mix *m, const bl_weight *weight, const bl_recipe_rule *format,
                              measure *found, bl_error *error) {
  const bl_tensor *t = &weight->tensor;
  const bl_load_options options = {
      .recipe = {.codec = format->codec, .bits = format->bits, .group = format->group},
      .measure = true,
      .pool = m->pool};
  const bl_format target =
      bl_target_format(&options, &m->reference->config, weight, t->n_rows, t->n_cols, &t->format);
  *found = (measure){.applies = !format->codec || target.codec == format->codec,
                     .bytes = bl_format_bytes(&target, t->n_rows, t->n_cols)};
  if (bl_format_same(&target, &t->format)) return BL_OK;
  bl_weight converted = {.converted = true};
  bl_conversion c = bl_conversion_make(&converted, t, target, 0, &options);
  bl_code code = bl_conversion_begin(&c, error);
  if (code == BL_OK) bl_conversion_rows_of(&c, t, 0, t->n_rows);
  bl_conversion_end(&c);
  bl_weight_release(&converted);
  found->sum_sq = converted.error.sum_sq_error;
  return code;
}

/* n_params: weights in all units. */
static bl_code measure_units(mix *m, int64_t n_params, bl_error *error) {
  const int last = m->measured < m->n_formats ? m->n_formats - 1 : m->n_formats;
  const int64_t n_total = n_params * (last + 1);
  int64_t n_done = 0;
  for (int i = 0; i < m->n_matrices; i++) {
    const int u = m->unit_of[i];
    const bl_tensor *tensor = &m->matrices[i]->tensor;
    for (int f = 0; f <= last && u >= 0; f++) {
      measure found;
      bl_code code = measure_matrix(m, m->matrices[i], &m->formats[f], &found, error);
      if (code != BL_OK) return code;
      n_done += tensor->n_rows * tensor->n_cols;
      if (m->on_progress && !m->on_progress(m->context, n_done, n_total))
        return bl_fail(error, BL_ERR_CANCELLED, "stopped after %lld of %lld weights",
                       (long long)n_done, (long long)n_total);
      m->sum_sq[u * (m->n_formats + 1) + f] += found.sum_sq;
      if (f == m->n_formats) continue;
      m->costs[u * m->n_formats + f].bytes += found.bytes;
      if (!found.applies) m->ruled_out[u * m->n_formats + f] = true;
    }
  }
  return BL_OK;
}

/* Scales the divergences that were measured. Where the measured format leaves a unit as it is, its
 * divergence for each unit of squared weight error is taken to be that of the others. */
static bl_code expect_divergences(mix *m, const double *kl, bl_error *error) {
  const int n_columns = m->n_formats + 1, measured = m->measured;
  double all_kl = 0, all_sq = 0;
  for (int u = 0; u < m->n_units; u++) {
    if (!isfinite(kl[u]))
      return bl_fail(error, BL_ERR_ARGUMENT, "the divergence of %.47s is not a finite number",
                     m->units[u].pattern);
    const double sq = m->sum_sq[u * n_columns + measured];
    if (!(sq > 0)) continue;
    all_kl += fmax(kl[u], 0);
    all_sq += sq;
  }
  if (!(all_sq > 0))
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the format that was measured changes no weight, so that nothing follows");
  for (int u = 0; u < m->n_units; u++) {
    const double *sq = m->sum_sq + u * n_columns;
    for (int f = 0; f < m->n_formats; f++) {
      double expected =
          sq[measured] > 0 ? fmax(kl[u], 0) * (sq[f] / sq[measured]) : sq[f] * (all_kl / all_sq);
      m->costs[u * m->n_formats + f].kl = isfinite(expected) ? expected : INFINITY;
    }
  }
  return BL_OK;
}

/* A format that can't hold all of a unit's matrices is no choice for it, however little is lost by
 * leaving them as they are. Only where no format can hold all are some left so. */
static void rule_out(mix *m) {
  for (int u = 0; u < m->n_units; u++) {
    bl_mix_cost *costs = m->costs + u * m->n_formats;
    const bool *ruled_out = m->ruled_out + u * m->n_formats;
    uint64_t most = 0;
    bool any = false;
    for (int f = 0; f < m->n_formats; f++) {
      if (ruled_out[f]) continue;
      any = true;
      if (costs[f].bytes > most) most = costs[f].bytes;
    }
    for (int f = 0; f < m->n_formats && any; f++)
      if (ruled_out[f]) costs[f] = (bl_mix_cost){most, INFINITY};
  }
}

/* ---- attempts ------------------------------------------------------------------------------ */

/* Chooses for n_parts parts, into which part_of divides the units, and writes the recipe down if
 * that takes few enough rules: the total is then that of the attempt. */
static bl_code attempt(mix *m, int n_parts, int *n_rules, bl_error *error) {
  const int n_formats = m->n_formats;
  memset(m->part_costs, 0, (size_t)(n_parts * n_formats) * sizeof *m->part_costs);
  for (int u = 0; u < m->n_units; u++) {
    for (int f = 0; f < n_formats; f++) {
      bl_mix_cost *cost = &m->part_costs[m->part_of[u] * n_formats + f];
      cost->bytes += m->costs[u * n_formats + f].bytes;
      cost->kl += m->costs[u * n_formats + f].kl;
    }
  }
  bl_code code = bl_mix_choose(m->part_costs, n_parts, n_formats, m->capacity, m->part_chosen,
                               &m->price, error);
  if (code != BL_OK) return code;
  bl_mix_cost total = {0};
  for (int u = 0; u < m->n_units; u++) {
    m->chosen[u] = m->part_chosen[m->part_of[u]];
    total.bytes += m->costs[u * n_formats + m->chosen[u]].bytes;
    total.kl += m->costs[u * n_formats + m->chosen[u]].kl;
  }
  for (int i = 0; i < m->n_matrices; i++)
    m->choice[i] = m->unit_of[i] >= 0 ? m->chosen[m->unit_of[i]] : n_formats + 1;
  *n_rules = bl_mix_write(&m->reference->config, m->matrices, m->choice, m->n_matrices, m->formats,
                          n_formats + 2, &m->recipe);
  if (*n_rules < 0) return bl_fail_memory(error, (uint64_t)m->n_matrices);
  if (*n_rules <= BL_RECIPE_RULES) m->total = total;
  return BL_OK;
}

/* What a format costs a unit when bytes are paid for. */
static double cost_of(const mix *m, int unit, int format) {
  const bl_mix_cost *cost = &m->costs[unit * m->n_formats + format];
  return cost->kl + m->price * (double)cost->bytes;
}

static bool same_kind(const mix *m, int a, int b) {
  return strcmp(m->units[a].kind, m->units[b].kind) == 0;
}

/* The format that suits all units of this one's kind best. */
static int format_of_kind(const mix *m, int unit) {
  int best = 0;
  double least = INFINITY;
  for (int f = 0; f < m->n_formats; f++) {
    double sum = 0;
    for (int u = 0; u < m->n_units; u++)
      if (same_kind(m, u, unit)) sum += cost_of(m, u, f);
    if (!(sum < least)) continue;
    least = sum;
    best = f;
  }
  return best;
}

/* A unit, and what it gains from a format of its own over that of its kind. */
typedef struct exception {
  int unit;
  double gain;
} exception;

static int compare_gains(const void *a, const void *b) {
  const exception *x = a, *y = b;
  if (x->gain != y->gain) return x->gain > y->gain ? -1 : 1;
  return x->unit - y->unit;
}

/* Divides the units into parts: each of the first n_alone exceptions is one, and all others of a
 * kind are one together. Returns the number of parts. */
static int make_parts(mix *m, const exception *exceptions, int n_alone) {
  int n_parts = 0;
  for (int i = 0; i < n_alone; i++) m->part_of[exceptions[i].unit] = n_parts++;
  for (int i = n_alone; i < m->n_units; i++) {
    int j = n_alone;
    while (j < i && !same_kind(m, exceptions[j].unit, exceptions[i].unit)) j++;
    m->part_of[exceptions[i].unit] = j < i ? m->part_of[exceptions[j].unit] : n_parts++;
  }
  return n_parts;
}

/* The best choice takes more rules than a recipe can have: as many of the units as it can afford
 * keep a format of their own, those that gain the most by it. */
static bl_code choose_with_few_rules(mix *m, bl_error *error) {
  exception *exceptions = malloc((size_t)m->n_units * sizeof *exceptions);
  if (!exceptions) return bl_fail_memory(error, (uint64_t)m->n_units * sizeof *exceptions);
  for (int u = 0; u < m->n_units; u++) {
    double gain = cost_of(m, u, format_of_kind(m, u)) - cost_of(m, u, m->chosen[u]);
    exceptions[u] = (exception){u, isnan(gain) ? 0 : gain}; /* both may be infinite */
  }
  qsort(exceptions, (size_t)m->n_units, sizeof *exceptions, compare_gains);
  /* Every part takes one rule at most, so that this many are always possible. */
  int n_kinds = make_parts(m, exceptions, 0);
  int n_possible = n_kinds < BL_RECIPE_RULES ? BL_RECIPE_RULES - n_kinds : 0;
  int n_too_many = m->n_units, n_rules;
  bl_code code = attempt(m, make_parts(m, exceptions, n_possible), &n_rules, error);
  if (code == BL_OK && n_rules > BL_RECIPE_RULES)
    code = bl_fail(error, BL_ERR_ARGUMENT,
                   "these parts of the model need a recipe with %d rules, but there can be %d",
                   n_rules, BL_RECIPE_RULES);
  while (code == BL_OK && n_too_many - n_possible > 1) {
    int n_alone = n_possible + (n_too_many - n_possible) / 2;
    code = attempt(m, make_parts(m, exceptions, n_alone), &n_rules, error);
    if (n_rules <= BL_RECIPE_RULES)
      n_possible = n_alone;
    else
      n_too_many = n_alone;
  }
  free(exceptions);
  return code;
}

/* ---- in and out ---------------------------------------------------------------------------- */

static bl_code check_arguments(const mix *m, const bl_recipe *measured, const bl_recipe *formats,
                               double target_bits, bl_error *error) {
  if (m->n_units < 1 || m->n_formats < 1 || m->n_formats > UINT8_MAX)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "a mixture of %d formats for %d parts of a model, expected 1 to %d formats and "
                   "at least 1 part",
                   m->n_formats, m->n_units, UINT8_MAX);
  if (!(target_bits > 0 && target_bits <= 64))
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "a target of %g bits per weight, expected more than 0 and at most 64",
                   target_bits);
  bl_code code = bl_check_single_format(measured, false, error);
  for (int f = 0; code == BL_OK && f < m->n_formats; f++)
    code = bl_check_single_format(&formats[f], true, error);
  return code;
}

static bl_code allocate(mix *m, bl_error *error) {
  const size_t n_units = (size_t)m->n_units, n_formats = (size_t)m->n_formats;
  const size_t n_weights = (size_t)m->reference->n_weights + 1;
  m->formats = calloc(n_formats + 2, sizeof *m->formats);
  m->matrices = calloc(n_weights, sizeof *m->matrices);
  m->unit_of = calloc(n_weights, sizeof *m->unit_of);
  m->choice = calloc(n_weights, sizeof *m->choice);
  m->sum_sq = calloc(n_units * (n_formats + 1), sizeof *m->sum_sq);
  m->costs = calloc(n_units * n_formats, sizeof *m->costs);
  m->ruled_out = calloc(n_units * n_formats, sizeof *m->ruled_out);
  m->part_costs = calloc(n_units * n_formats, sizeof *m->part_costs);
  m->part_of = calloc(n_units, sizeof *m->part_of);
  m->part_chosen = calloc(n_units, sizeof *m->part_chosen);
  m->chosen = calloc(n_units, sizeof *m->chosen);
  bool ok = m->formats && m->matrices && m->unit_of && m->choice && m->sum_sq && m->costs &&
            m->ruled_out && m->part_costs && m->part_of && m->part_chosen && m->chosen;
  return ok ? BL_OK : bl_fail_memory(error, n_units * n_formats * sizeof *m->costs);
}

static void release(mix *m) {
  free(m->formats);
  free(m->matrices);
  free(m->unit_of);
  free(m->choice);
  free(m->sum_sq);
  free(m->costs);
  free(m->ruled_out);
  free(m->part_costs);
  free(m->part_of);
  free(m->part_chosen);
  free(m->chosen);
}

/* Finds each unit's matrices. One matrix can't be in two units; *n_params is that of all units. */
static bl_code find_matrices(mix *m, int64_t *n_params, bl_error *error) {
  bl_code code = BL_OK;
  *n_params = 0;
  for (int i = 0; i < m->reference->n_weights; i++) {
    const bl_weight *weight = &m->reference->weights[i];
    if (!bl_role_quantizable(weight->role)) continue;
    int unit = -1;
    for (int u = 0; u < m->n_units; u++) {
      if (!bl_unit_has(&m->units[u], weight)) continue;
      if (unit >= 0)
        code =
            bl_fail(error, BL_ERR_ARGUMENT, "%.96s is in two parts of the model: %.47s and %.47s",
                    weight->name, m->units[unit].pattern, m->units[u].pattern);
      unit = u;
    }
    if (unit >= 0) *n_params += weight->tensor.n_rows * weight->tensor.n_cols;
    m->unit_of[m->n_matrices] = unit;
    m->matrices[m->n_matrices++] = weight;
  }
  for (int u = 0; code == BL_OK && u < m->n_units; u++) {
    int i = 0;
    while (i < m->n_matrices && m->unit_of[i] != u) i++;
    if (i == m->n_matrices)
      code = bl_fail(error, BL_ERR_ARGUMENT, "%.47s matches no matrix of this model",
                     m->units[u].pattern);
  }
  return code;
}

static bl_recipe_rule rule_of(const bl_recipe *format) {
  return (bl_recipe_rule){.codec = format->codec, .bits = format->bits, .group = format->group};
}

static bool same_format(const bl_recipe_rule *a, const bl_recipe_rule *b) {
  return a->codec == b->codec && a->bits == b->bits && a->group == b->group;
}

bl_code bl_mix_make(const bl_model *reference, const bl_unit *units, int n_units, const double *kl,
                    const bl_recipe *measured, const bl_recipe *formats, int n_formats,
                    double target_bits, bl_pool *pool, bl_progress_fn on_progress, void *context,
                    bl_recipe *recipe, double *bits, double *expected_kl, bl_error *error) {
  mix m = {.reference = reference,
           .units = units,
           .n_units = n_units,
           .n_formats = n_formats,
           .pool = pool,
           .on_progress = on_progress,
           .context = context};
  int64_t n_params = 0;
  int n_rules = 0;
  bl_code code = check_arguments(&m, measured, formats, target_bits, error);
  if (code != BL_OK) return code;
  code = allocate(&m, error);
  if (code != BL_OK) goto done;
  for (int f = 0; f < n_formats; f++) m.formats[f] = rule_of(&formats[f]);
  m.formats[n_formats] = rule_of(measured);
  while (!same_format(&m.formats[m.measured], &m.formats[n_formats])) m.measured++;
  code = find_matrices(&m, &n_params, error);
  if (code == BL_OK) code = measure_units(&m, n_params, error);
  if (code == BL_OK) code = expect_divergences(&m, kl, error);
  if (code != BL_OK) goto done;
  rule_out(&m);
  /* A target such as 4.5 is meant to be met to the byte. */
  m.capacity = (uint64_t)floor(target_bits * (double)n_params / 8 * (1 + 1e-12));
  for (int u = 0; u < n_units; u++) m.part_of[u] = u;
  code = attempt(&m, n_units, &n_rules, error);
  if (code == BL_OK && n_rules > BL_RECIPE_RULES) code = choose_with_few_rules(&m, error);
  if (code != BL_OK) goto done;
  *recipe = m.recipe;
  *bits = 8 * (double)m.total.bytes / (double)n_params;
  *expected_kl = m.total.kl;
done:
  release(&m);
  return code;
}
