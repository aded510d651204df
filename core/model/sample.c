/* Choosing the next token from logits: filters, then a seeded draw. */
#include "model/sample.h"

#include <math.h>
#include <stdlib.h>

#include "model/exp.h"

/* A number in [0, 1). */
static double random_unit(uint64_t *state) {
  return (double)(bl_random(state) >> 11) * 0x1p-53;
}

bl_code bl_sampler_init(bl_sampler *sampler, const bl_sampling *settings, int n_vocab,
                        bl_error *error) {
  const bl_sampling *s = settings;
  if (!(s->temperature >= 0 && s->temperature <= 1e6f))
    return bl_fail(error, BL_ERR_ARGUMENT, "temperature is %g, expected 0 to 1000000",
                   (double)s->temperature);
  if (s->top_k < 0)
    return bl_fail(error, BL_ERR_ARGUMENT, "top_k is %d, expected at least 0", s->top_k);
  if (!(s->top_p >= 0 && s->top_p <= 1))
    return bl_fail(error, BL_ERR_ARGUMENT, "top_p is %g, expected 0 to 1", (double)s->top_p);
  if (!(s->min_p >= 0 && s->min_p <= 1))
    return bl_fail(error, BL_ERR_ARGUMENT, "min_p is %g, expected 0 to 1", (double)s->min_p);
  size_t n_bytes = (size_t)n_vocab * sizeof *sampler->candidates;
  bl_candidate *candidates = malloc(n_bytes);
  if (!candidates) return bl_fail_memory(error, n_bytes);
  *sampler = (bl_sampler){*settings, settings->seed, n_vocab, candidates};
  return BL_OK;
}

void bl_sampler_free(bl_sampler *sampler) {
  free(sampler->candidates);
  sampler->candidates = NULL;
}

/* ---- a heap with the most likely candidate on top ------------------------------------------- */

static bool more_likely(bl_candidate a, bl_candidate b) {
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

/* Moves heap[i] down to where both its children are less likely. */
static void sift_down(bl_candidate *heap, int n, int i) {
  bl_candidate moved = heap[i];
  for (int child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && more_likely(heap[child + 1], heap[child])) child++;
    if (!more_likely(heap[child], moved)) break;
    heap[i] = heap[child];
  }
  heap[i] = moved;
}

/* Takes the top off a heap of n and leaves it in the place that becomes free, heap[n - 1]. */
static void pop(bl_candidate *heap, int n) {
  bl_candidate top = heap[0];
  heap[0] = heap[n - 1];
  heap[n - 1] = top;
  sift_down(heap, n - 1, 0);
}

/* ---- filters -------------------------------------------------------------------------------- */

/* Arranges candidates (n) so that the ones which pass the filters come last, the most likely at the
 * very end, and returns their number. Only those that are kept get sorted: a heap is made in linear
 * time, and its top taken until a filter says stop. max is the largest logit, sum the sum of
 * e^(logit - max) over all n. */
static int filter(const bl_sampling *settings, bl_candidate *candidates, int n, float max,
                  double sum) {
  for (int i = n / 2 - 1; i >= 0; i--) sift_down(candidates, n, i);

  int popped = 0, limit = n;
  if (settings->top_k > 0 && settings->top_k < n) {
    limit = settings->top_k;
    for (sum = 0; popped < limit; popped++) {
      pop(candidates, n - popped);
      sum += (double)bl_exp(candidates[n - 1 - popped].logit - max);
    }
  }

  double enough = settings->top_p > 0 && settings->top_p < 1 ? settings->top_p * sum : INFINITY;
  double gathered = 0;
  int kept = 0;
  for (; kept < limit; kept++) {
    if (kept == popped) pop(candidates, n - popped++);
    float weight = bl_exp(candidates[n - 1 - kept].logit - max);
    if (kept > 0 && (gathered >= enough || weight < settings->min_p)) break;
    gathered += (double)weight;
  }
  return kept;
}

/* ---- drawing -------------------------------------------------------------------------------- */

/* The id of one of candidates (n), drawn in proportion to e^((logit - max) / temperature). */
static int32_t draw(bl_sampler *sampler, const bl_candidate *candidates, int n, float max) {
  float temperature = sampler->settings.temperature;
  double total = 0;
  for (int i = 0; i < n; i++) total += (double)bl_exp((candidates[i].logit - max) / temperature);
  double target = random_unit(&sampler->state) * total;
  /* Rounding could leave the target just unreached: then it is the last one that has any weight. */
  int32_t id = candidates[0].id;
  double gathered = 0;
  for (int i = 0; i < n; i++) {
    float weight = bl_exp((candidates[i].logit - max) / temperature);
    if (weight == 0) continue;
    id = candidates[i].id;
    gathered += (double)weight;
    if (gathered > target) break;
  }
  return id;
}

bl_code bl_sampler_draw(bl_sampler *sampler, const float *logits, int32_t *id, float *probability,
                        bl_error *error) {
  const bl_sampling *settings = &sampler->settings;
  bl_candidate *candidates = sampler->candidates;
  int n = sampler->n_vocab;
  int32_t best = 0;
  for (int i = 0; i < n; i++) {
    if (isnan(logits[i]) || logits[i] == INFINITY)
      return bl_fail(error, BL_ERR_NOT_FINITE,
                     "the model's logit for token %d is not a number: its weights are damaged", i);
    if (logits[i] > logits[best]) best = i;
  }
  float max = logits[best];
  if (max == -INFINITY)
    return bl_fail(error, BL_ERR_NOT_FINITE, "the model gives no token any probability");
  double sum = 0;
  for (int i = 0; i < n; i++) sum += (double)bl_exp(logits[i] - max);

  *id = best;
  if (settings->temperature > 0) {
    for (int i = 0; i < n; i++) candidates[i] = (bl_candidate){logits[i], i};
    bool filtered = (settings->top_k > 0 && settings->top_k < n) ||
                    (settings->top_p > 0 && settings->top_p < 1) || settings->min_p > 0;
    int n_kept = filtered ? filter(settings, candidates, n, max, sum) : n;
    *id = draw(sampler, candidates + n - n_kept, n_kept, max);
  }
  *probability = (float)((double)bl_exp(logits[*id] - max) / sum);
  return BL_OK;
}
