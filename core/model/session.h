/* What a session holds, for the files that run it. */
#ifndef BL_MODEL_SESSION_H
#define BL_MODEL_SESSION_H

#include "bitloss_encode.h"
#include "kernel/kernel.h"
#include "model/blocks.h"
#include "model/model.h"
#include "model/rope.h"

/* The weights of one layer, looked up once. Pointers are NULL where the model has none. */
typedef struct bl_layer {
  const bl_tensor *qkv;       /* (n_heads * head_dim + 2 * n_kv_heads * head_dim, dim), in the
                                 place of q, k and v */
  const bl_tensor *q;         /* (n_heads * head_dim, dim) */
  const bl_tensor *k, *v;     /* (n_kv_heads * head_dim, dim) */
  const bl_tensor *o;         /* (dim, n_heads * head_dim) */
  const bl_tensor *gate_up;   /* (2 * ffn_dim, dim), in the place of gate and up */
  const bl_tensor *gate, *up; /* (ffn_dim, dim) */
  const bl_tensor *down;      /* (dim, ffn_dim) */
  const bl_tensor *router;    /* (n_experts, dim), and then in the place of gate, up and down: */
  const bl_tensor *expert_gate, *expert_up;    /* (n_experts * ffn_dim, dim) */
  const bl_tensor *expert_down;                /* (n_experts * dim, ffn_dim) */
  const float *attn_norm, *ffn_norm;           /* (dim) */
  const float *attn_norm_bias, *ffn_norm_bias; /* (dim) */
  const float *qkv_bias;               /* (n_heads * head_dim + 2 * n_kv_heads * head_dim) */
  const float *q_norm, *k_norm;        /* (head_dim) */
  const float *attn_after, *ffn_after; /* (dim) */
  const float *q_bias;                 /* (n_heads * head_dim) */
  const float *k_bias, *v_bias;        /* (n_kv_heads * head_dim) */
  const float *o_bias, *down_bias;     /* (dim) */
  const float *gate_bias, *up_bias;    /* (ffn_dim) */
} bl_layer;

/* Shown the residual stream x (n_tokens, dim) of a batch on its way: `stage` is 0 as it comes out
 * of the embedding, and l + 1 as it comes out of layer l. */
typedef void (*bl_observe_fn)(void *observer, int stage, const float *x, int n_tokens);

/* Shown x (n_tokens, w.n_cols) before it is multiplied with a matrix; false: what would come of
 * that is not wanted, and is not computed. */
typedef bool (*bl_watch_fn)(void *watcher, const bl_tensor *w, const float *x, int n_tokens);

struct bl_session {
  const bl_model *model;
  const bl_kernels *kernels;
  bl_pool *pool;
  int n_context;    /* positions in the cache */
  int n_batch;      /* tokens that go through together */
  int n_logit_rows; /* tokens whose logits are computed together */
  int position;     /* tokens in the cache */

  bl_observe_fn observe; /* NULL: nobody looks */
  void *observer;
  bl_watch_fn watch; /* NULL: nobody does */
  void *watcher;

  bl_clock_fn clock; /* NULL: nothing is timed */
  double clock_at;   /* what it said last */
  double seconds[BL_N_WORK];

  const bl_steps *steps;                     /* NULL: Llama's */
  bl_layer *layers;                          /* (n_layers) */
  const float *final_norm, *final_norm_bias; /* (dim) */
  const int32_t *types;                      /* an encoder's, of the batch's tokens; NULL: all 0 */
  const float *embed_norm, *embed_norm_bias; /* (dim) */

  uint64_t memory_bytes;        /* of `memory` */
  void *memory;                 /* everything below, in one allocation */
  float *vectors;               /* norms and biases, decoded */
  float *rope_cos, *rope_sin;   /* (n_context, rope_dim / 2) */
  float *local_cos, *local_sin; /* the same, where layers with a window have their own */
  float *keys;                  /* (n_layers, n_kv_heads, n_context, head_dim) */
  float *values; /* (n_layers, n_kv_heads, head_dim, value_stride): transposed, so that
                    both products of attention run along rows */
  int64_t value_stride;

  /* Work space of attention, for each thread. */
  int n_queries;  /* heads of one group, for up to BL_ATTENTION_TOKENS tokens */
  float *queries; /* (n_threads, n_queries, head_dim) */
  float *scores;  /* (n_threads, n_queries, n_context) */
  uint64_t query_work_size;
  float *query_work; /* (n_threads, query_work_size): for bl_matmul within one thread */

  /* Activations of a batch. */
  float *x;     /* (n_batch, dim): the residual stream */
  float *h;     /* (n_batch, dim): what a block reads, then what it adds */
  float *q;     /* (n_batch, n_heads, head_dim) */
  float *k, *v; /* (n_batch, n_kv_heads, head_dim) */
  float *qkv;   /* (n_batch, (n_heads + 2 * n_kv_heads) * head_dim), where they are one matrix */
  float *mixed; /* (n_batch, n_heads, head_dim): values mixed by attention */
  float *gate, *up; /* (n_batch, ffn_dim); `up` is twice as wide where they are one matrix */
  float *shares;    /* (n_batch, n_experts): of each expert in what comes out */
  float *expert_in, *expert_out, *expert_sum; /* (n_batch, dim) */
  float *logits;                              /* (n_logit_rows, vocab_size) */
  float *last_logits; /* the row of `logits` for the last token; NULL when there is none */
  float *work;        /* for bl_matmul */
};

/* A session of either kind: one that continues texts, or an encoder's, in which a text goes through
 * whole, from position 0 on. */
bl_session *bl_session_open(const bl_model *model, const bl_session_options *options, bool encodes,
                            bl_error *error);

/* That of an encoder. */
bl_session *bl_encoder_session(bl_encoder *encoder);

/* y (n_tokens, w.n_rows) = x (n_tokens, w.n_cols) times w transposed, plus bias unless NULL. */
void bl_linear(const bl_session *session, const bl_tensor *w, const float *bias, const float *x,
               int n_tokens, float *y);

/* The same for several matrices and one x; biases (products.n). */
void bl_linear_all(const bl_session *session, const bl_products *products,
                   const float *const *biases, const float *x, int n_tokens);

/* Runs tokens ids (n_tokens), at most n_batch of them, at the positions from `position` on: their
 * keys and values enter the cache, and x (n_tokens, dim) is left as it comes out of the last layer.
 * Does not move `position`. */
void bl_forward(bl_session *session, const int32_t *ids, int n_tokens);

/* Logits (n_tokens, vocab_size) of that batch's tokens from `first` on, at most n_logit_rows. */
void bl_forward_logits(bl_session *session, int first, int n_tokens);

/* Tokens of a prompt that attention takes together. */
#define BL_ATTENTION_TOKENS 16

/* Causal attention of a batch in one layer: mixed (n_tokens, n_heads, head_dim) from q and from the
 * cache, which already holds the batch's own keys and values. */
void bl_attention(bl_session *session, int layer, int n_tokens);

#endif
