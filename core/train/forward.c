/* The forward pass in training: a block of tokens at a time through the parts of a layer that treat
 * tokens alone, all of a sequence at once through attention. */
#include <string.h>

#include "model/rope.h"
#include "train/trainer.h"

typedef struct pass {
  bl_trainer *trainer;
  int layer;
} pass;

int64_t bl_train_n_blocks(const bl_trainer *t) {
  return (t->n_tokens + BL_TRAIN_BLOCK - 1) / BL_TRAIN_BLOCK;
}

bl_token_block bl_train_block(const bl_trainer *t, int64_t block) {
  int64_t first = block * BL_TRAIN_BLOCK, left = t->n_tokens - first;
  return (bl_token_block){first, left < BL_TRAIN_BLOCK ? left : BL_TRAIN_BLOCK};
}

void bl_train_rotate(const bl_trainer *t, int64_t first, int64_t n, int n_heads, const float *sines,
                     float *rows) {
  int64_t head_dim = t->config.head_dim;
  for (int64_t i = first; i < first + n; i++) {
    int64_t angles = i % t->options.n_context * (head_dim / 2);
    for (int h = 0; h < n_heads; h++, rows += head_dim)
      bl_rope_rotate(rows, (int)head_dim, t->rope_cos + angles, sines + angles);
  }
}

/* y (b.n, n_rows) (+)= x (b.n, n_cols) times the parameter transposed, for rows of a block that
 * begin at x and y. */
static void linear(const bl_trainer *t, int thread, const bl_param *w, bl_token_block b,
                   const float *x, float *y, bool add) {
  bl_train_gemm(t, thread, b.n, w->n_rows, w->n_cols, bl_rows(x, w->n_cols), bl_packed(w->ahead), y,
                w->n_rows, add);
}

static void norm(const bl_trainer *t, const bl_param *w, bl_token_block b, const float *x,
                 float *scale, float *y) {
  int64_t dim = t->config.dim;
  float eps = (float)t->config.norm_eps;
  for (int64_t i = b.first; i < b.first + b.n; i++)
    scale[i] = t->kernels->norm(x + i * dim, w->used, dim, eps, y + i * dim);
}

/* Queries, keys and values of layer l, from its x. */
static void begin_layer(const bl_trainer *t, int l, bl_token_block b, int thread) {
  const bl_config *c = &t->config;
  const bl_layer_params *w = &t->layers[l];
  const bl_saved *s = &t->saved[l];
  float *q = s->q + b.first * w->q->n_rows, *k = s->k + b.first * w->k->n_rows;
  const float *h = s->h + b.first * c->dim;
  norm(t, w->attn_norm, b, s->x, s->attn_scale, s->h);
  linear(t, thread, w->q, b, h, q, false);
  linear(t, thread, w->k, b, h, k, false);
  linear(t, thread, w->v, b, h, s->v + b.first * w->v->n_rows, false);
  bl_train_rotate(t, b.first, b.n, c->n_heads, t->rope_sin, q);
  bl_train_rotate(t, b.first, b.n, c->n_kv_heads, t->rope_sin, k);
}

static void embed_task(void *context, int64_t block, int thread) {
  const bl_trainer *t = ((const pass *)context)->trainer;
  bl_token_block b = bl_train_block(t, block);
  int64_t dim = t->config.dim;
  for (int64_t i = b.first; i < b.first + b.n; i++)
    memcpy(t->saved[0].x + i * dim, t->embed->used + t->ids[i] * dim, (size_t)dim * sizeof(float));
  begin_layer(t, 0, b, thread);
}

/* What follows attention: its output projection and the feed-forward block, and then the beginning
 * of the next layer. */
static void layer_task(void *context, int64_t block, int thread) {
  const pass *p = context;
  const bl_trainer *t = p->trainer;
  const bl_layer_params *w = &t->layers[p->layer];
  const bl_saved *s = &t->saved[p->layer];
  bl_token_block b = bl_train_block(t, block);
  bool is_last = p->layer + 1 == t->config.n_layers;
  int64_t at = b.first * t->config.dim, ffn_at = b.first * t->config.ffn_dim;
  size_t size = (size_t)(b.n * t->config.dim) * sizeof(float);
  float *out = (is_last ? t->x : t->saved[p->layer + 1].x) + at;

  memcpy(s->x_mid + at, s->x + at, size);
  linear(t, thread, w->o, b, s->mixed + b.first * w->o->n_cols, s->x_mid + at, true);
  norm(t, w->ffn_norm, b, s->x_mid, s->ffn_scale, s->h_mid);
  linear(t, thread, w->gate, b, s->h_mid + at, s->gate + ffn_at, false);
  linear(t, thread, w->up, b, s->h_mid + at, s->up + ffn_at, false);
  t->kernels->swiglu(s->gate + ffn_at, s->up + ffn_at, b.n * t->config.ffn_dim, t->act + ffn_at);
  memcpy(out, s->x_mid + at, size);
  linear(t, thread, w->down, b, t->act + ffn_at, out, true);
  if (!is_last) begin_layer(t, p->layer + 1, b, thread);
}

void bl_train_forward(bl_trainer *t) {
  pass p = {.trainer = t};
  int64_t n_blocks = bl_train_n_blocks(t);
  bl_pool_run(t->options.pool, embed_task, &p, n_blocks);
  for (p.layer = 0; p.layer < t->config.n_layers; p.layer++) {
    bl_train_attention(t, p.layer);
    bl_pool_run(t->options.pool, layer_task, &p, n_blocks);
  }
}
