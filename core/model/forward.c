/* The transformer, a batch of tokens at a time: Llama's, and where a family has other steps, those
 * of blocks.h. */
#include <math.h>
#include <string.h>

#include "model/exp.h"
#include "model/session.h"

/* ---- time ----------------------------------------------------------------------------------- */

static void start_clock(bl_session *s) {
  if (s->clock) s->clock_at = s->clock();
}

/* Puts the time since the clock was last looked at down to a kind of work. */
static void spend(bl_session *s, bl_work work) {
  if (!s->clock) return;
  double now = s->clock();
  s->seconds[work] += now - s->clock_at;
  s->clock_at = now;
}

/* ---- the steps of a layer ------------------------------------------------------------------- */

/* y = x / sqrt(mean(x^2) + eps) * weight, over rows of n; y may be x. */
static void rms_norm(const bl_session *s, const float *x, const float *weight, int64_t n_rows,
                     int64_t n, float *y) {
  float eps = (float)s->model->config.norm_eps;
  for (int64_t r = 0; r < n_rows; r++, x += n, y += n) {
    float mean_square = bl_dot(s->kernels, x, x, n) / (float)n;
    float factor = 1.0f / sqrtf(mean_square + eps);
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * factor * weight[i];
  }
}

/* The norm of the model's blocks, over rows of dim. */
static void norm(const bl_session *s, const float *x, const float *weight, const float *bias,
                 int64_t n_rows, float *y) {
  const bl_config *c = &s->model->config;
  if (c->block.norm == BL_NORM_LAYER)
    s->steps->norm((float)c->norm_eps, x, weight, bias, n_rows, c->dim, y);
  else
    rms_norm(s, x, weight, n_rows, c->dim, y);
}

/* x += y */
static void add(float *restrict x, const float *restrict y, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] += y[i];
}

/* x *= by */
static void scale(float *x, float by, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] *= by;
}

/* g = silu(g) * y, with silu(g) = g / (1 + e^-g) */
static void gate(float *restrict g, const float *restrict y, int64_t n) {
  for (int64_t i = 0; i < n; i++) g[i] = g[i] / (1 + bl_exp(-g[i])) * y[i];
}

void bl_linear_all(const bl_session *s, const bl_products *products, const float *const *biases,
                   const float *x, int n_tokens) {
  bl_products wanted = {0};
  const float *bias[BL_MAX_PRODUCTS];
  for (int i = 0; i < products->n; i++) {
    if (s->watch && !s->watch(s->watcher, products->w[i], x, n_tokens)) continue;
    bias[wanted.n] = biases[i];
    wanted.w[wanted.n] = products->w[i];
    wanted.y[wanted.n++] = products->y[i];
  }
  bl_matmul_all(s->kernels, s->pool, &wanted, s->model->recipe.activations, x, n_tokens, s->work);
  for (int i = 0; i < wanted.n; i++) {
    int64_t n_rows = wanted.w[i]->n_rows;
    for (int t = 0; bias[i] && t < n_tokens; t++) add(wanted.y[i] + t * n_rows, bias[i], n_rows);
  }
}

void bl_linear(const bl_session *s, const bl_tensor *w, const float *bias, const float *x,
               int n_tokens, float *y) {
  const bl_products one = {.n = 1, .w = {w}, .y = {y}};
  bl_linear_all(s, &one, &bias, x, n_tokens);
}

/* Normalizes (where the model does) and rotates every head of x (n_tokens, n_heads, head_dim). */
static void place_heads(const bl_session *s, int layer, const float *norm, int n_tokens,
                        int n_heads, float *x) {
  int64_t head_dim = s->model->config.head_dim;
  const int turned = s->model->config.rope_dim;
  const bool is_local = s->local_cos && bl_config_windowed(&s->model->config, layer);
  const float *cosines = is_local ? s->local_cos : s->rope_cos;
  const float *sines = is_local ? s->local_sin : s->rope_sin;
  const int64_t width = s->model->config.block.joins_heads ? n_heads * head_dim : head_dim;
  if (norm) rms_norm(s, x, norm, n_tokens * n_heads * head_dim / width, width, x);
  if (s->model->config.unturned[layer / 8] >> layer % 8 & 1) return;
  for (int t = 0; t < n_tokens; t++) {
    int64_t angles = (s->position + t) * (turned / 2);
    for (int h = 0; h < n_heads; h++, x += head_dim)
      bl_rope_rotate(x, turned, cosines + angles, sines + angles);
  }
}

/* Puts k and v (n_tokens, n_kv_heads, head_dim) into the cache of one layer. */
static void remember(bl_session *s, int layer, int n_tokens) {
  int64_t n_heads = s->model->config.n_kv_heads, head_dim = s->model->config.head_dim;
  for (int64_t h = 0; h < n_heads; h++) {
    int64_t head = layer * n_heads + h;
    float *keys = s->keys + (head * s->n_context + s->position) * head_dim;
    float *values = s->values + head * head_dim * s->value_stride + s->position;
    for (int t = 0; t < n_tokens; t++)
      memcpy(keys + t * head_dim, s->k + (t * n_heads + h) * head_dim,
             (size_t)head_dim * sizeof *keys);
    for (int64_t d = 0; d < head_dim; d++)
      for (int t = 0; t < n_tokens; t++)
        values[d * s->value_stride + t] = s->v[(t * n_heads + h) * head_dim + d];
  }
}

/* Query, key and value of x (n_tokens, dim). Where they are one matrix, each token's three stand
 * one after the other in what it gives. */
static void project(bl_session *s, const bl_layer *w, const float *x, int n_tokens) {
  if (!w->qkv) {
    const bl_products three = {3, {w->q, w->k, w->v}, {s->q, s->k, s->v}};
    const float *const biases[] = {w->q_bias, w->k_bias, w->v_bias};
    bl_linear_all(s, &three, biases, x, n_tokens);
    return;
  }
  const bl_config *c = &s->model->config;
  const int64_t q = (int64_t)c->n_heads * c->head_dim, kv = (int64_t)c->n_kv_heads * c->head_dim;
  bl_linear(s, w->qkv, w->qkv_bias, x, n_tokens, s->qkv);
  for (int64_t t = 0; t < n_tokens; t++) {
    const float *row = s->qkv + t * (q + 2 * kv);
    memcpy(s->q + t * q, row, (size_t)q * sizeof *row);
    memcpy(s->k + t * kv, row + q, (size_t)kv * sizeof *row);
    memcpy(s->v + t * kv, row + q + kv, (size_t)kv * sizeof *row);
  }
}

/* What a block reads: x, normalized unless the norm comes after it. */
static const float *enter(bl_session *s, const float *weight, const float *bias, int n_tokens) {
  if (!weight || s->model->config.block.norm_after) return s->x;
  norm(s, s->x, weight, bias, n_tokens, s->h);
  return s->h;
}

/* x += h, what a block gives, normalized where there is a norm `after` it. */
static void leave(bl_session *s, const float *weight, const float *bias, const float *after,
                  int n_tokens) {
  const float residual = s->model->config.scales.residual;
  if (after) norm(s, s->h, after, NULL, n_tokens, s->h);
  if (residual != 0) scale(s->h, residual, (int64_t)n_tokens * s->model->config.dim);
  add(s->x, s->h, (int64_t)n_tokens * s->model->config.dim);
  if (s->model->config.block.norm_after) norm(s, s->x, weight, bias, n_tokens, s->x);
}

/* x += Wo attention(norm(x)) */
static void attention_block(bl_session *s, int l, int n_tokens) {
  const bl_config *c = &s->model->config;
  const bl_layer *w = &s->layers[l];

  const float *x = enter(s, w->attn_norm, w->attn_norm_bias, n_tokens);
  spend(s, BL_WORK_OTHER);
  project(s, w, x, n_tokens);
  spend(s, BL_WORK_PROJECTIONS);
  if (c->block.has_rope) {
    place_heads(s, l, w->q_norm, n_tokens, c->n_heads, s->q);
    place_heads(s, l, w->k_norm, n_tokens, c->n_kv_heads, s->k);
  }
  spend(s, BL_WORK_OTHER);
  const int cache_layer = c->block.is_encoder ? 0 : l; /* an encoder keeps no layer's */
  remember(s, cache_layer, n_tokens);
  bl_attention(s, cache_layer, n_tokens);
  spend(s, BL_WORK_ATTENTION);
  bl_linear(s, w->o, w->o_bias, s->mixed, n_tokens, s->h);
  spend(s, BL_WORK_PROJECTIONS);
  leave(s, w->attn_norm, w->attn_norm_bias, w->attn_after, n_tokens);
}

/* What comes out of gate and up, made the factor of down: of one token. */
static void activate_token(void *context, int64_t t, int thread) {
  bl_session *s = context;
  const bl_config *c = &s->model->config;
  const int64_t n = c->ffn_dim;
  float *g = s->gate + t * n, *up = s->up + t * n;
  (void)thread;
  if (s->layers->gate_up) {
    up = s->up + t * 2 * n;
    memcpy(g, up, (size_t)n * sizeof *g);
    gate(g, up + n, n);
  } else if (!c->block.is_gated) {
    s->steps->activate(c->block.activation, up, n);
  } else if (s->steps) {
    s->steps->gate(c->block.activation, g, up, n);
  } else {
    gate(g, up, n);
  }
}

/* x += Wdown (act(Wgate norm(x)) * Wup norm(x)), or without a gate x += Wdown act(Wup norm(x)); or
 * what experts make of norm(x) */
static void ffn_block(bl_session *s, int l, int n_tokens) {
  const bl_config *c = &s->model->config;
  const bl_layer *w = &s->layers[l];

  const float *x = enter(s, w->ffn_norm, w->ffn_norm_bias, n_tokens);
  spend(s, BL_WORK_OTHER);
  if (w->router) {
    s->steps->experts(s, l, x, n_tokens);
    spend(s, BL_WORK_FFN);
    leave(s, w->ffn_norm, w->ffn_norm_bias, w->ffn_after, n_tokens);
    return;
  }
  if (w->gate_up) {
    bl_linear(s, w->gate_up, w->up_bias, x, n_tokens, s->up);
  } else {
    const bl_products both = {w->gate ? 2 : 1, {w->up, w->gate}, {s->up, s->gate}};
    const float *const biases[] = {w->up_bias, w->gate_bias};
    bl_linear_all(s, &both, biases, x, n_tokens);
  }
  bl_pool_run(s->pool, activate_token, s, n_tokens);
  bl_linear(s, w->down, w->down_bias, c->block.is_gated ? s->gate : s->up, n_tokens, s->h);
  spend(s, BL_WORK_FFN);
  leave(s, w->ffn_norm, w->ffn_norm_bias, w->ffn_after, n_tokens);
}

/* x += row `row` of an embedding that not every model has. */
static void add_row(bl_session *s, const bl_tensor *rows, int64_t row, float *x) {
  if (!rows) return;
  bl_tensor_decode_row(rows, row, s->h);
  add(x, s->h, rows->n_cols);
}

/* x = the tokens' rows of the embedding, with those of positions and token types where these are
 * learned. */
static void embed(bl_session *s, const int32_t *ids, int n_tokens) {
  const bl_config *c = &s->model->config;
  const bl_tensor *tokens = bl_model_tensor(s->model, BL_EMBED, -1);        /* (vocab_size, dim) */
  const bl_tensor *positions = bl_model_tensor(s->model, BL_POSITIONS, -1); /* (max_context, dim) */
  const bl_tensor *types = bl_model_tensor(s->model, BL_TYPES, -1);         /* (n_types, dim) */
  for (int64_t t = 0; t < n_tokens; t++) {
    float *x = s->x + t * c->dim;
    bl_tensor_decode_row(tokens, ids[t], x);
    if (c->scales.embedding != 0) scale(x, c->scales.embedding, c->dim);
    add_row(s, positions, s->position + t + c->family->first_position, x);
    add_row(s, types, s->types ? s->types[t] : 0, x);
  }
  if (s->embed_norm) norm(s, s->x, s->embed_norm, s->embed_norm_bias, n_tokens, s->x);
}

static void show(bl_session *s, int stage, int n_tokens) {
  if (s->observe) s->observe(s->observer, stage, s->x, n_tokens);
}

void bl_forward(bl_session *s, const int32_t *ids, int n_tokens) {
  const bl_config *c = &s->model->config;
  start_clock(s);
  embed(s, ids, n_tokens);
  spend(s, BL_WORK_EMBEDDING);
  show(s, 0, n_tokens);
  for (int l = 0; l < c->n_layers; l++) {
    attention_block(s, l, n_tokens);
    ffn_block(s, l, n_tokens);
    show(s, l + 1, n_tokens);
  }
  spend(s, BL_WORK_OTHER);
}

void bl_forward_logits(bl_session *s, int first, int n_tokens) {
  const bl_config *c = &s->model->config;
  const bl_tensor *output = bl_model_tensor(s->model, BL_OUTPUT, -1); /* (vocab_size, dim) */
  start_clock(s);
  norm(s, s->x + (int64_t)first * c->dim, s->final_norm, s->final_norm_bias, n_tokens, s->h);
  spend(s, BL_WORK_OTHER);
  bl_linear(s, output, NULL, s->h, n_tokens, s->logits);
  if (c->scales.logits != 0) scale(s->logits, c->scales.logits, (int64_t)n_tokens * c->vocab_size);
  if (c->scales.logits_cap != 0)
    s->steps->cap(c->scales.logits_cap, s->logits, (int64_t)n_tokens * c->vocab_size);
  spend(s, BL_WORK_OUTPUT);
}
