/* Grouped-query attention, causal unless the model is an encoder, as two matrix products over the
 * cache for each head that keys and values have: scores from the keys, and a mixture of the values.
 */
#include <math.h>
#include <string.h>

#include "model/exp.h"
#include "model/session.h"

/* A running maximum or sum is kept in this many lanes, which compilers turn into vectors. */
enum { LANES = 16 };

static float maximum(const float *x, int n) {
  float lane[LANES], max = x[0];
  for (int j = 0; j < LANES; j++) lane[j] = x[0];
  int i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++) lane[j] = x[i + j] > lane[j] ? x[i + j] : lane[j];
  for (; i < n; i++) max = x[i] > max ? x[i] : max;
  for (int j = 0; j < LANES; j++) max = lane[j] > max ? lane[j] : max;
  return max;
}

static float total(const float *x, int n) {
  float lane[LANES] = {0};
  double sum = 0;
  int i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++) lane[j] += x[i + j];
  for (; i < n; i++) sum += (double)x[i];
  for (int j = 0; j < LANES; j++) sum += (double)lane[j];
  return (float)sum;
}

/* Turns scores (n) into probabilities: e^s / sum e^s, with the largest score subtracted first so
 * that nothing overflows. */
static void softmax(float *scores, int n) {
  float max = maximum(scores, n);
  for (int i = 0; i < n; i++) scores[i] = bl_exp(scores[i] - max);
  float scale = 1 / total(scores, n);
  for (int i = 0; i < n; i++) scores[i] *= scale;
}

typedef struct attention {
  bl_session *session;
  int layer, n_tokens;
  int window;  /* 0: none */
  int n_heads; /* heads in a task: neighbours that share keys and values */
} attention;

/* Tokens first .. first + n - 1 of the batch, and n_heads heads from `head` on. */
typedef struct part {
  int first, n, head;
} part;

static part part_of(const attention *a, int64_t i) {
  int n_blocks = (a->n_tokens + BL_ATTENTION_TOKENS - 1) / BL_ATTENTION_TOKENS;
  int first = (int)(i % n_blocks) * BL_ATTENTION_TOKENS, left = a->n_tokens - first;
  return (part){.first = first,
                .n = left < BL_ATTENTION_TOKENS ? left : BL_ATTENTION_TOKENS,
                .head = (int)(i / n_blocks) * a->n_heads};
}

/* A part of the cache as a matrix of n_cols columns, whose rows are `stride` floats apart. */
static bl_tensor cache_matrix(const float *start, int64_t n_rows, int64_t n_cols, int64_t stride) {
  bl_tensor matrix = bl_tensor_make(bl_format_plain(BL_F32), n_rows, n_cols);
  matrix.parts[0] = (const uint8_t *)start;
  matrix.row_bytes[0] = (size_t)stride * sizeof *start;
  return matrix;
}

static void attend(void *context, int64_t i, int thread) {
  const attention *a = context;
  const bl_session *s = a->session;
  const bl_config *c = &s->model->config;
  part p = part_of(a, i);
  int64_t head_dim = c->head_dim, row = (int64_t)a->n_heads * head_dim; /* floats of one token */
  int n_queries = p.n * a->n_heads;
  /* By the last token of this part: of an encoder's text each sees all. */
  int n_seen = s->position + (c->block.is_encoder ? a->n_tokens : p.first + p.n);
  /* Nothing of this part sees what lies before `from`, where rows begin aligned. */
  const int first_seen = a->window ? s->position + p.first + 1 - a->window : 0;
  const int from = first_seen > 0 ? first_seen / 16 * 16 : 0;
  n_seen -= from;
  int64_t kv_head = (int64_t)a->layer * c->n_kv_heads + p.head / (c->n_heads / c->n_kv_heads);
  bl_tensor keys = cache_matrix(s->keys + (kv_head * s->n_context + from) * head_dim, n_seen,
                                head_dim, head_dim); /* (n_seen, head_dim) */
  bl_tensor values = cache_matrix(s->values + kv_head * head_dim * s->value_stride + from, head_dim,
                                  n_seen, s->value_stride); /* (head_dim, n_seen) */

  float *queries = s->queries + thread * s->n_queries * head_dim; /* (n_queries, head_dim) */
  float *scores =
      s->scores + (int64_t)thread * s->n_queries * s->n_context; /* (n_queries, n_seen) */
  float *work = s->query_work + (uint64_t)thread * s->query_work_size;
  const float *q = s->q + ((int64_t)p.first * c->n_heads + p.head) * head_dim;
  float *mixed = s->mixed + ((int64_t)p.first * c->n_heads + p.head) * head_dim;
  float scale = c->scales.attention != 0 ? c->scales.attention : 1 / sqrtf((float)head_dim);

  for (int t = 0; t < p.n; t++)
    for (int64_t j = 0; j < row; j++)
      queries[t * row + j] = scale * q[t * c->n_heads * head_dim + j];
  bl_matmul(s->kernels, NULL, &keys, BL_ACTIVATIONS_FLOAT, queries, n_queries, scores, work);
  if (c->scales.attention_cap != 0)
    s->steps->cap(c->scales.attention_cap, scores, (int64_t)n_queries * n_seen);
  for (int j = 0; j < n_queries; j++) {
    /* A token sees those before it, as far back as the window goes, and itself. */
    int end = c->block.is_encoder ? n_seen : n_seen - p.n + 1 + j / a->n_heads;
    int start = a->window && end > a->window ? end - a->window : 0;
    float *own = scores + (int64_t)j * n_seen;
    softmax(own + start, end - start);
    memset(own, 0, (size_t)start * sizeof *own);
    memset(own + end, 0, (size_t)(n_seen - end) * sizeof *own);
  }
  bl_matmul(s->kernels, NULL, &values, BL_ACTIVATIONS_FLOAT, scores, n_queries, queries, work);
  for (int t = 0; t < p.n; t++)
    memcpy(mixed + t * c->n_heads * head_dim, queries + t * row, (size_t)row * sizeof *mixed);
}

/* A prompt's tokens are taken with all heads of a group, so that keys and values are read once for
 * them; a single token is taken head by head, so that there is work for every thread. */
void bl_attention(bl_session *session, int layer, int n_tokens) {
  const bl_config *c = &session->model->config;
  attention a = {.session = session, .layer = layer, .n_tokens = n_tokens};
  a.window = bl_config_windowed(c, layer) ? c->window : 0;
  a.n_heads = n_tokens > 1 ? c->n_heads / c->n_kv_heads : 1;
  int n_blocks = (n_tokens + BL_ATTENTION_TOKENS - 1) / BL_ATTENTION_TOKENS;
  bl_pool_run(session->pool, attend, &a, (int64_t)n_blocks * (c->n_heads / a.n_heads));
}
