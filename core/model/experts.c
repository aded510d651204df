/* Experts: which of them a token goes through, and their matrices as parts of one. */
#include "model/experts.h"

#include <math.h>
#include <string.h>

#include "model/exp.h"
#include "model/session.h"

/* x (n) becomes e^x / sum(e^x). */
static void softmax(float *x, int n) {
  float largest = x[0], sum = 0;
  for (int i = 1; i < n; i++)
    if (x[i] > largest) largest = x[i];
  for (int i = 0; i < n; i++) sum += x[i] = bl_exp(x[i] - largest);
  for (int i = 0; i < n; i++) x[i] /= sum;
}

/* Leaves their share to the experts that have the largest, and takes that of all others. Of two
 * that are equal the first counts. Where one is not a number none is, and all stay so. */
static void choose(const bl_config *c, float *shares) {
  float sum = 0;
  if (isnan(shares[0])) return;
  for (int taken = 0; taken < c->n_used_experts; taken++) {
    int best = 0;
    for (int e = 1; e < c->n_experts; e++)
      if (shares[e] > shares[best]) best = e;
    sum += shares[best];
    shares[best] = -shares[best]; /* below 0: chosen; one of 0 may be so twice, and adds nothing */
  }
  for (int e = 0; e < c->n_experts; e++) {
    shares[e] = shares[e] < 0 ? -shares[e] : 0;
    if (c->normalizes_experts) shares[e] /= sum;
  }
}

/* The rows of one expert. */
static bl_tensor part_of(const bl_tensor *all, int n_experts, int expert) {
  bl_tensor t = *all;
  t.n_rows /= n_experts;
  for (int p = 0; p < t.format.codec->n_parts; p++)
    t.parts[p] += (size_t)(expert * t.n_rows) * t.row_bytes[p];
  return t;
}

/* down(act(gate x) * up x) of the n rows of expert_in, to expert_out. */
static void run_expert(bl_session *s, const bl_layer *w, int expert, int n) {
  const bl_config *c = &s->model->config;
  const bl_tensor gate = part_of(w->expert_gate, c->n_experts, expert);
  const bl_tensor up = part_of(w->expert_up, c->n_experts, expert);
  const bl_tensor down = part_of(w->expert_down, c->n_experts, expert);
  const bl_products both = {2, {&gate, &up}, {s->gate, s->up}};
  const float *const no_biases[] = {NULL, NULL};
  bl_linear_all(s, &both, no_biases, s->expert_in, n);
  s->steps->gate(c->block.activation, s->gate, s->up, (int64_t)n * c->ffn_dim);
  bl_linear(s, &down, NULL, s->gate, n, s->expert_out);
}

void bl_experts(bl_session *s, int layer, const float *x, int n_tokens) {
  const bl_config *c = &s->model->config;
  const bl_layer *w = &s->layers[layer];
  const int64_t dim = c->dim;
  bl_linear(s, w->router, NULL, x, n_tokens, s->shares);
  for (int t = 0; t < n_tokens; t++) {
    softmax(s->shares + (int64_t)t * c->n_experts, c->n_experts);
    choose(c, s->shares + (int64_t)t * c->n_experts);
  }
  memset(s->expert_sum, 0, (size_t)(n_tokens * dim) * sizeof *s->expert_sum);
  for (int e = 0; e < c->n_experts; e++) {
    int n = 0;
    for (int t = 0; t < n_tokens; t++)
      if (s->shares[(int64_t)t * c->n_experts + e] > 0)
        memcpy(s->expert_in + n++ * dim, x + t * dim, (size_t)dim * sizeof *x);
    if (n == 0) continue;
    run_expert(s, w, e, n);
    n = 0;
    for (int t = 0; t < n_tokens; t++) {
      const float share = s->shares[(int64_t)t * c->n_experts + e];
      if (!(share > 0)) continue;
      const float *y = s->expert_out + n++ * dim;
      for (int64_t i = 0; i < dim; i++) s->expert_sum[t * dim + i] += share * y[i];
    }
  }
  for (int t = 0; t < n_tokens; t++) {
    const float share = s->shares[(int64_t)t * c->n_experts];
    for (int64_t i = 0; isnan(share) && i < dim; i++) s->expert_sum[t * dim + i] = share;
  }
  memcpy(s->h, s->expert_sum, (size_t)(n_tokens * dim) * sizeof *s->h);
}
