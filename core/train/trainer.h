/* What a trainer holds, for the files that run it. */
#ifndef BL_TRAIN_TRAINER_H
#define BL_TRAIN_TRAINER_H

#include "base/pool.h"
#include "model/config.h"
#include "model/names.h"
#include "quant/grid.h"
#include "train/kernels.h"

typedef struct bl_learned bl_learned; /* learned.h */

/* A matrix or a vector of the model, and what is kept for each of its numbers. */
typedef struct bl_param {
  bl_role role;
  int layer;              /* -1 outside the layers */
  int64_t n_rows, n_cols; /* a vector is one row */
  float *value, *gradient;
  float *used;          /* what the passes multiply by: `value`, or what its format makes of that */
  float *ahead, *back;  /* a matrix transposed, and as it is, packed for the two passes */
  float *mean, *square; /* AdamW's moments */

  /* Only of a matrix that is trained through its rounding; else NULL. */
  const bl_gridding *gridding;
  bl_format format;
  int8_t *clipped; /* 1: the weight lies above the end of its grid; -1: below; 0: within */

  /* Only of a matrix whose grids, and perhaps codes, are learned; `value` then holds its codes. */
  bl_learned *learned;
  bl_dtype stored; /* only of a norm that is learned: its type in the model; else NONE */
} bl_param;

/* The parameters of one layer. */
typedef struct bl_layer_params {
  bl_param *attn_norm, *q, *k, *v, *o, *ffn_norm, *gate, *up, *down;
} bl_layer_params;

/* What the forward pass keeps of one layer for the backward pass. `tokens` are those of a batch,
 * its sequences one after the other. */
typedef struct bl_saved {
  float *x;          /* (tokens, dim): the residual stream as it enters the layer */
  float *attn_scale; /* (tokens): what the norm multiplied by */
  float *h;          /* (tokens, dim): normalized */
  float *q;          /* (tokens, n_heads, head_dim), rotated */
  float *k, *v;      /* (tokens, n_kv_heads, head_dim), k rotated */
  float *log_sum;    /* (tokens, n_heads): log of the sum of e^score */
  float *mixed;      /* (tokens, n_heads, head_dim): values mixed by attention */
  float *x_mid;      /* (tokens, dim): the residual stream between the two blocks */
  float *ffn_scale;  /* (tokens) */
  float *h_mid;      /* (tokens, dim): normalized */
  float *gate, *up;  /* (tokens, ffn_dim) */
} bl_saved;

/* Tokens that go through a layer together, on one thread: their activations stay in its cache. */
enum { BL_TRAIN_BLOCK = 128 };
/* Tokens whose logits are held at once, in blocks. */
enum { BL_TRAIN_LOGITS = 8 * BL_TRAIN_BLOCK };
/* Queries that attention takes together. */
enum { BL_TRAIN_QUERIES = 64 };
/* Rows of a weight gradient that are one task. */
enum { BL_TRAIN_ROWS = 128 };

/* What a trainer is for. */
typedef enum bl_train_use {
  BL_TRAIN_TO_TRAIN,
  BL_TRAIN_TO_LEARN, /* grids and codes of a quantized model, and norms: see learned.h */
  BL_TRAIN_TO_TEACH, /* it only goes forward */
} bl_train_use;

struct bl_trainer {
  bl_config config;
  bl_train_use use;
  bl_train_options options;
  const bl_train_kernels *kernels;
  int n_threads;
  bl_trainer *teacher; /* whose predictions are learned; NULL: the text's own tokens */

  int n_params;
  bl_param *params;
  bl_param *embed, *final_norm, *output; /* output is embed when tied */
  bl_layer_params *layers;               /* (n_layers) */
  int64_t n_values;                      /* numbers in all parameters, padding counted */
  int64_t n_packed;                      /* and in all packed matrices */
  bool is_packed;                        /* the packed matrices are those of the values */

  void *memory;                            /* everything below, in one allocation */
  float *values, *means, *squares;         /* (n_values) */
  float *gradients;                        /* (n_values) */
  float *rounded;                          /* (n_values), where weights are rounded */
  int8_t *clipped;                         /* (n_values), there too */
  float *packed;                           /* (n_packed) */
  float *rope_cos, *rope_sin, *rope_unsin; /* (n_context, head_dim / 2); unsin is -sin */

  bl_saved *saved;    /* (n_layers) */
  float *x;           /* (tokens, dim): out of the last layer */
  float *final_scale; /* (tokens) */
  float *h;           /* (tokens, dim): normalized, as the output matrix sees it */
  float *act;         /* (tokens, ffn_dim): what the down projection reads, of one layer */
  float *logits;      /* (BL_TRAIN_LOGITS, vocab_size), then their gradient */
  double *losses;     /* (tokens) */

  /* Gradients with respect to the activations of one layer. */
  float *dx, *dx_mid; /* (tokens, dim) */
  float *dmixed, *dq; /* (tokens, n_heads, head_dim) */
  float *dk, *dv;     /* (tokens, n_kv_heads, head_dim) */
  float *dgate, *dup; /* (tokens, ffn_dim) */
  float *dnorm;       /* (blocks, dim): a norm's gradient, by block */
  double *norms;      /* partial sums of the gradient's square */

  /* Work space of each thread. */
  float *work;       /* (n_threads, work_size) */
  int64_t work_size; /* BL_GEMM_WORK, and: */
  float *rows;       /* (n_threads, rows_size): BL_TRAIN_BLOCK rows of dim and ffn_dim */
  int64_t rows_size;
  float *scores; /* (n_threads, 2, BL_TRAIN_QUERIES, n_context) */
  int64_t scores_size;

  int64_t step;                          /* steps done */
  double smoothed;                       /* sum of losses, each weighted less than the next */
  double loss;                           /* summed over the step so far */
  int64_t n_targets;                     /* in the step so far */
  const int32_t *ids, *targets, *starts; /* of the batch that is going through */
  int n_sequences, n_tokens;
};

/* One product on one thread: c (m, n) (+)= a (m, k) b (k, n). */
static inline void bl_train_gemm(const bl_trainer *t, int thread, int64_t m, int64_t n, int64_t k,
                                 bl_view a, bl_view b, float *c, int64_t c_row, bool add) {
  t->kernels->gemm(m, n, k, a, b, c, c_row, add, t->work + thread * t->work_size);
}

/* Tokens [first, first + n) of the batch: block `block`. */
typedef struct bl_token_block {
  int64_t first, n;
} bl_token_block;
bl_token_block bl_train_block(const bl_trainer *trainer, int64_t block);
int64_t bl_train_n_blocks(const bl_trainer *trainer);

/* BL_ERR_UNSUPPORTED, and why, for a model that can be run but not trained here. */
bl_code bl_train_check(const bl_config *config, bl_error *error);
/* A trainer of a config that was read; rope_factors (rope_dim / 2) or NULL as in bl_rope_table.
 * bl_trainer_new (trainer.c) reads one and makes it. */
bl_trainer *bl_train_make(const bl_config *config, const float *rope_factors,
                          const bl_train_options *options, bl_train_use use, bl_error *error);
/* Bytes that one of a sound config takes; UINT64_MAX where that is not known. */
uint64_t bl_train_bytes(const bl_config *config, const bl_train_options *options, bl_train_use use);
/* The learning rate of a step, from 1 on (optimizer.c). */
double bl_train_rate(const bl_train_options *options, int64_t step);

/* The parameters' list, for a config that has been checked (params.c). */
bl_code bl_train_list_params(bl_trainer *trainer, bl_error *error);
void bl_train_place_params(bl_trainer *trainer);
void bl_train_init_params(bl_trainer *trainer);
/* Packs the matrices, rounded where they are trained so, unless they have not changed. */
void bl_train_pack_params(bl_trainer *trainer);

/* Finds which parameters the options' recipe rounds, and to what (rounding.c). */
bl_code bl_train_choose_formats(bl_trainer *trainer, bl_error *error);
/* Makes `used` and `clipped` of those from `value`. */
void bl_train_round_params(bl_trainer *trainer);
/* Takes out of numbers [first, first + n) of the gradient what would push clipped weights still
 * further out. */
void bl_train_hold_clipped(const bl_param *param, int64_t first, int64_t n);

/* The batch through all layers: x is left as it comes out of the last (forward.c). */
void bl_train_forward(bl_trainer *trainer);
/* Rotates every head of rows (n, n_heads, head_dim) that begin with token `first`; backwards with
 * `unsin` as sines. */
void bl_train_rotate(const bl_trainer *trainer, int64_t first, int64_t n, int n_heads,
                     const float *sines, float *rows);

/* Attention of one layer over the batch: mixed and log_sum (attention.c). */
void bl_train_attention(bl_trainer *trainer, int layer);
/* From dmixed: dq, dk and dv, before rotation. */
void bl_train_attention_backward(bl_trainer *trainer, int layer);

/* The final norm, the output matrix and the cross-entropy: fills losses. With `backward` also sets
 * dx and adds to the gradients of the two parameters (loss.c). */
void bl_train_loss(bl_trainer *trainer, bool backward);

/* From dx: the gradients of all layers and of the embedding (backward.c). */
void bl_train_backward(bl_trainer *trainer);
/* gradient (n_rows, n_cols) += dy (n_tokens, n_rows) transposed times x (n_tokens, n_cols), for a
 * list of parameters. */
typedef struct bl_weight_job {
  bl_param *param;
  const float *dy, *x;
} bl_weight_job;
void bl_train_weights(bl_trainer *trainer, const bl_weight_job *jobs, int n_jobs, int64_t n_tokens);
/* Tasks that the optimizer cuts the parameters into (optimizer.c). */
int64_t bl_train_n_slices(const bl_trainer *trainer);
/* Adds dnorm, summed over the blocks, to the gradient of a norm. */
void bl_train_sum_norm(const bl_trainer *trainer, bl_param *norm);

#endif
