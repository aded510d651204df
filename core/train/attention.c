/* Causal grouped-query attention in training. Probabilities are not kept: the backward pass makes
 * them again from the scores and their log sum (Dao et al. 2022), which for the short contexts here
 * fit a thread's cache. A position sees those from its document's start up to itself; what lies
 * before the first start of a group of queries is not computed. */
#include <math.h>
#include <string.h>

#include "train/trainer.h"

typedef struct pass {
  bl_trainer *trainer;
  int layer;
} pass;

/* Queries [first, end) of a sequence, which together see the positions from `low` on. */
typedef struct span {
  int64_t first, end, low;
} span;

/* Where a task works: one sequence and one head of keys. Strides are floats from token to token. */
typedef struct place {
  int64_t token; /* the sequence's first, in the batch */
  int64_t q_stride, k_stride;
  int64_t k_at;            /* of the head's keys and values in s->k and s->v */
  int first_head, n_heads; /* that share them */
} place;

static place place_of(const bl_trainer *t, int64_t task) {
  const bl_config *c = &t->config;
  int64_t sequence = task / c->n_kv_heads;
  int kv_head = (int)(task % c->n_kv_heads), n_heads = c->n_heads / c->n_kv_heads;
  place p = {.token = sequence * t->options.n_context,
             .q_stride = (int64_t)c->n_heads * c->head_dim,
             .k_stride = (int64_t)c->n_kv_heads * c->head_dim,
             .first_head = kv_head * n_heads,
             .n_heads = n_heads};
  p.k_at = p.token * p.k_stride + (int64_t)kv_head * c->head_dim;
  return p;
}

static int64_t start_of(const bl_trainer *t, const place *p, int64_t i) {
  return t->starts ? t->starts[p->token + i] : 0;
}

static span span_from(const bl_trainer *t, const place *p, int64_t first) {
  int64_t end = first + BL_TRAIN_QUERIES, n = t->options.n_context;
  return (span){first, end < n ? end : n, start_of(t, p, first)};
}

/* scores (end - first, end - low) = q k^T / sqrt(head_dim) of one head. */
static void score(const bl_trainer *t, const place *p, const bl_saved *s, int64_t q_at, span at,
                  float *scores, int thread) {
  int64_t head_dim = t->config.head_dim, n_seen = at.end - at.low, n = at.end - at.first;
  bl_train_gemm(
      t, thread, n, n_seen, head_dim, bl_rows(s->q + q_at + at.first * p->q_stride, p->q_stride),
      bl_columns(s->k + p->k_at + at.low * p->k_stride, p->k_stride), scores, n_seen, false);
  t->kernels->scale(1 / sqrtf((float)head_dim), n * n_seen, scores);
}

/* The part of a row of scores that query i sees: *first, and how many. Clears the rest. */
static int64_t clip_row(const bl_trainer *t, const place *p, span at, int64_t i, float *row,
                        int64_t *first) {
  int64_t n_seen = at.end - at.low, end = i + 1 - at.low;
  *first = start_of(t, p, i) - at.low;
  memset(row, 0, (size_t)*first * sizeof *row);
  memset(row + end, 0, (size_t)(n_seen - end) * sizeof *row);
  return end - *first;
}

static void attend(void *context, int64_t task, int thread) {
  const pass *run = context;
  const bl_trainer *t = run->trainer;
  const bl_saved *s = &t->saved[run->layer];
  place p = place_of(t, task);
  int64_t head_dim = t->config.head_dim;
  float *scores = t->scores + thread * t->scores_size;
  for (int h = p.first_head; h < p.first_head + p.n_heads; h++) {
    int64_t q_at = p.token * p.q_stride + h * head_dim;
    for (int64_t first = 0; first < t->options.n_context; first += BL_TRAIN_QUERIES) {
      span at = span_from(t, &p, first);
      int64_t n_seen = at.end - at.low, from;
      score(t, &p, s, q_at, at, scores, thread);
      for (int64_t i = at.first; i < at.end; i++) {
        float *row = scores + (i - at.first) * n_seen;
        int64_t n = clip_row(t, &p, at, i, row, &from);
        s->log_sum[(p.token + i) * t->config.n_heads + h] = t->kernels->softmax(row + from, n);
      }
      bl_train_gemm(t, thread, at.end - at.first, head_dim, n_seen, bl_rows(scores, n_seen),
                    bl_rows(s->v + p.k_at + at.low * p.k_stride, p.k_stride),
                    s->mixed + q_at + at.first * p.q_stride, p.q_stride, false);
    }
  }
}

void bl_train_attention(bl_trainer *t, int layer) {
  pass run = {t, layer};
  bl_pool_run(t->options.pool, attend, &run, (int64_t)t->n_sequences * t->config.n_kv_heads);
}

/* With P the probabilities, o = P v and S the scores: dv = P^T do, dP = do v^T,
 * dS = P (dP - rowsum(do o)), dq = dS k / sqrt(head_dim), dk = dS^T q / sqrt(head_dim). */
static void attend_backward(const bl_trainer *t, const place *p, const bl_saved *s, int h, span at,
                            int thread) {
  int64_t head_dim = t->config.head_dim, n = at.end - at.first, n_seen = at.end - at.low, from;
  int64_t q_at = p->token * p->q_stride + h * head_dim, q_first = q_at + at.first * p->q_stride;
  int64_t k_low = p->k_at + at.low * p->k_stride;
  float *probabilities = t->scores + thread * t->scores_size; /* (n, n_seen) */
  float *dscores = probabilities + n * n_seen;                /* (n, n_seen) */
  bl_view keys = bl_rows(s->k + k_low, p->k_stride);
  bl_view dmixed = bl_rows(t->dmixed + q_first, p->q_stride);

  score(t, p, s, q_at, at, probabilities, thread);
  bl_train_gemm(t, thread, n, n_seen, head_dim, dmixed, bl_columns(s->v + k_low, p->k_stride),
                dscores, n_seen, false);
  for (int64_t i = at.first; i < at.end; i++) {
    float *row = probabilities + (i - at.first) * n_seen, *drow = dscores + (i - at.first) * n_seen;
    int64_t token = q_at + i * p->q_stride, n_own = clip_row(t, p, at, i, row, &from);
    clip_row(t, p, at, i, drow, &from);
    float pull = t->kernels->dot(t->dmixed + token, s->mixed + token, head_dim);
    t->kernels->exponentials(row + from, n_own, s->log_sum[(p->token + i) * t->config.n_heads + h]);
    t->kernels->softmax_backward(row + from, n_own, pull, 1 / sqrtf((float)head_dim), drow + from);
  }
  bl_train_gemm(t, thread, n_seen, head_dim, n, bl_columns(probabilities, n_seen), dmixed,
                t->dv + k_low, p->k_stride, true);
  bl_train_gemm(t, thread, n, head_dim, n_seen, bl_rows(dscores, n_seen), keys, t->dq + q_first,
                p->q_stride, false);
  bl_train_gemm(t, thread, n_seen, head_dim, n, bl_columns(dscores, n_seen),
                bl_rows(s->q + q_first, p->q_stride), t->dk + k_low, p->k_stride, true);
}

static void backward_task(void *context, int64_t task, int thread) {
  const pass *run = context;
  const bl_trainer *t = run->trainer;
  const bl_saved *s = &t->saved[run->layer];
  place p = place_of(t, task);
  size_t size = (size_t)t->config.head_dim * sizeof(float);
  for (int64_t i = 0; i < t->options.n_context; i++) {
    memset(t->dk + p.k_at + i * p.k_stride, 0, size);
    memset(t->dv + p.k_at + i * p.k_stride, 0, size);
  }
  for (int h = p.first_head; h < p.first_head + p.n_heads; h++)
    for (int64_t first = 0; first < t->options.n_context; first += BL_TRAIN_QUERIES)
      attend_backward(t, &p, s, h, span_from(t, &p, first), thread);
}

void bl_train_attention_backward(bl_trainer *t, int layer) {
  pass run = {t, layer};
  bl_pool_run(t->options.pool, backward_task, &run, (int64_t)t->n_sequences * t->config.n_kv_heads);
}
