/* The backward pass: each layer from the last to the first, in four rounds over the pool. */
#include <string.h>

#include "train/trainer.h"

typedef struct pass {
  bl_trainer *trainer;
  int layer;
} pass;

/* ---- weights -------------------------------------------------------------------------------- */

typedef struct weight_pass {
  const bl_trainer *trainer;
  const bl_weight_job *jobs;
  int64_t n_tokens;
} weight_pass;

static int64_t n_row_tasks(const bl_param *param) {
  return (param->n_rows + BL_TRAIN_ROWS - 1) / BL_TRAIN_ROWS;
}

static void weight_task(void *context, int64_t task, int thread) {
  const weight_pass *p = context;
  const bl_weight_job *job = p->jobs;
  for (; task >= n_row_tasks(job->param); job++) task -= n_row_tasks(job->param);
  int64_t first = task * BL_TRAIN_ROWS, n_rows = job->param->n_rows, n_cols = job->param->n_cols;
  int64_t n = n_rows - first < BL_TRAIN_ROWS ? n_rows - first : BL_TRAIN_ROWS;
  bl_train_gemm(p->trainer, thread, n, n_cols, p->n_tokens, bl_columns(job->dy + first, n_rows),
                bl_rows(job->x, n_cols), job->param->gradient + first * n_cols, n_cols, true);
}

/* A task owns rows of a gradient and takes all tokens in order, so the sum does not depend on the
 * number of threads. */
void bl_train_weights(bl_trainer *t, const bl_weight_job *jobs, int n_jobs, int64_t n_tokens) {
  weight_pass p = {t, jobs, n_tokens};
  int64_t n_tasks = 0;
  for (int i = 0; i < n_jobs; i++) n_tasks += n_row_tasks(jobs[i].param);
  bl_pool_run(t->options.pool, weight_task, &p, n_tasks);
}

void bl_train_sum_norm(const bl_trainer *t, bl_param *norm) {
  for (int64_t block = 0; block < bl_train_n_blocks(t); block++)
    t->kernels->add(t->dnorm + block * t->config.dim, t->config.dim, norm->gradient);
}

/* ---- layers --------------------------------------------------------------------------------- */

/* dx (b.n, n_cols) (+)= dy (b.n, n_rows) times the parameter. */
static void linear_backward(const bl_trainer *t, int thread, const bl_param *w, int64_t n,
                            const float *dy, float *dx, bool add) {
  bl_train_gemm(t, thread, n, w->n_cols, w->n_rows, bl_rows(dy, w->n_rows), bl_packed(w->back), dx,
                w->n_cols, add);
}

/* For a norm's x, scale and dh (b.n, dim): adds to dx (b.n, dim), and sets the block's dnorm. */
static void norm_backward(const bl_trainer *t, const bl_param *w, int64_t block, const float *x,
                          const float *scale, const float *dh, float *dx) {
  bl_token_block b = bl_train_block(t, block);
  int64_t dim = t->config.dim;
  float *dnorm = t->dnorm + block * dim;
  memset(dnorm, 0, (size_t)dim * sizeof *dnorm);
  for (int64_t i = b.first; i < b.first + b.n; i++)
    t->kernels->norm_backward(x + i * dim, w->used, dh + (i - b.first) * dim, dim, scale[i],
                              dx + i * dim, dnorm);
}

/* From dx, the gradient at the layer's output: through the feed-forward block to dx_mid, and
 * through the output projection to dmixed. */
static void ffn_task(void *context, int64_t block, int thread) {
  const pass *p = context;
  const bl_trainer *t = p->trainer;
  const bl_layer_params *w = &t->layers[p->layer];
  const bl_saved *s = &t->saved[p->layer];
  bl_token_block b = bl_train_block(t, block);
  int64_t dim = t->config.dim, ffn_dim = t->config.ffn_dim, ffn_at = b.first * ffn_dim;
  float *dh = t->rows + thread * t->rows_size; /* (b.n, dim) */
  float *dact = dh + BL_TRAIN_BLOCK * dim;     /* (b.n, ffn_dim) */

  linear_backward(t, thread, w->down, b.n, t->dx + b.first * dim, dact, false);
  t->kernels->swiglu_backward(s->gate + ffn_at, s->up + ffn_at, dact, b.n * ffn_dim,
                              t->act + ffn_at, t->dgate + ffn_at, t->dup + ffn_at);
  linear_backward(t, thread, w->gate, b.n, t->dgate + ffn_at, dh, false);
  linear_backward(t, thread, w->up, b.n, t->dup + ffn_at, dh, true);
  memcpy(t->dx_mid + b.first * dim, t->dx + b.first * dim, (size_t)(b.n * dim) * sizeof(float));
  norm_backward(t, w->ffn_norm, block, s->x_mid, s->ffn_scale, dh, t->dx_mid);
  linear_backward(t, thread, w->o, b.n, t->dx_mid + b.first * dim,
                  t->dmixed + b.first * w->o->n_cols, false);
}

static void unrotate_task(void *context, int64_t block, int thread) {
  const bl_trainer *t = ((const pass *)context)->trainer;
  const bl_config *c = &t->config;
  bl_token_block b = bl_train_block(t, block);
  (void)thread;
  bl_train_rotate(t, b.first, b.n, c->n_heads, t->rope_unsin,
                  t->dq + b.first * c->n_heads * c->head_dim);
  bl_train_rotate(t, b.first, b.n, c->n_kv_heads, t->rope_unsin,
                  t->dk + b.first * c->n_kv_heads * c->head_dim);
}

/* From dq, dk, dv and dx_mid: dx, the gradient at the layer's input. */
static void attention_task(void *context, int64_t block, int thread) {
  const pass *p = context;
  const bl_trainer *t = p->trainer;
  const bl_layer_params *w = &t->layers[p->layer];
  const bl_saved *s = &t->saved[p->layer];
  bl_token_block b = bl_train_block(t, block);
  int64_t dim = t->config.dim;
  float *dh = t->rows + thread * t->rows_size; /* (b.n, dim) */

  linear_backward(t, thread, w->q, b.n, t->dq + b.first * w->q->n_rows, dh, false);
  linear_backward(t, thread, w->k, b.n, t->dk + b.first * w->k->n_rows, dh, true);
  linear_backward(t, thread, w->v, b.n, t->dv + b.first * w->v->n_rows, dh, true);
  memcpy(t->dx + b.first * dim, t->dx_mid + b.first * dim, (size_t)(b.n * dim) * sizeof(float));
  norm_backward(t, w->attn_norm, block, s->x, s->attn_scale, dh, t->dx);
}

static void layer_backward(bl_trainer *t, int l) {
  const bl_layer_params *w = &t->layers[l];
  const bl_saved *s = &t->saved[l];
  pass p = {t, l};
  int64_t n_blocks = bl_train_n_blocks(t);
  bl_pool_run(t->options.pool, ffn_task, &p, n_blocks);
  bl_train_sum_norm(t, w->ffn_norm);
  bl_train_attention_backward(t, l);
  bl_pool_run(t->options.pool, unrotate_task, &p, n_blocks);
  const bl_weight_job jobs[] = {
      {w->down, t->dx, t->act},    {w->gate, t->dgate, s->h_mid}, {w->up, t->dup, s->h_mid},
      {w->o, t->dx_mid, s->mixed}, {w->q, t->dq, s->h},           {w->k, t->dk, s->h},
      {w->v, t->dv, s->h},
  };
  bl_train_weights(t, jobs, sizeof jobs / sizeof *jobs, t->n_tokens);
  bl_pool_run(t->options.pool, attention_task, &p, n_blocks);
  bl_train_sum_norm(t, w->attn_norm);
}

/* ---- embedding ------------------------------------------------------------------------------ */

/* Rows of the embedding that are one task. */
enum { EMBED_ROWS = 256 };

static void embed_task(void *context, int64_t task, int thread) {
  const bl_trainer *t = ((const pass *)context)->trainer;
  int64_t dim = t->config.dim, first = task * EMBED_ROWS;
  (void)thread;
  for (int64_t i = 0; i < t->n_tokens; i++)
    if (t->ids[i] >= first && t->ids[i] < first + EMBED_ROWS)
      t->kernels->add(t->dx + i * dim, dim, t->embed->gradient + t->ids[i] * dim);
}

void bl_train_backward(bl_trainer *t) {
  pass p = {.trainer = t};
  for (int l = t->config.n_layers - 1; l >= 0; l--) layer_backward(t, l);
  bl_pool_run(t->options.pool, embed_task, &p,
              (t->config.vocab_size + EMBED_ROWS - 1) / EMBED_ROWS);
}
