/* What the blocks of other families do where Llama's has its own steps: norms with mean and bias,
 * what lies between two matrices without a gate or beside another than silu, positions that are
 * learned, numbers that are held within bounds, experts. */
#ifndef BL_MODEL_BLOCKS_H
#define BL_MODEL_BLOCKS_H

#include "model/config.h"

struct bl_session;

typedef struct bl_steps {
  /* y = (x - mean(x)) / sqrt(variance(x) + eps) * weight + bias, over rows of n; y may be x. */
  void (*norm)(float eps, const float *x, const float *weight, const float *bias, int64_t n_rows,
               int64_t n, float *y);
  /* x = activation(x), for n numbers. */
  void (*activate)(bl_activation activation, float *x, int64_t n);
  /* g = activation(g) * y */
  void (*gate)(bl_activation activation, float *g, const float *y, int64_t n);
  /* x = cap tanh(x / cap) */
  void (*cap)(float cap, float *x, int64_t n);
  /* h = what the experts of layer `layer` that its router chooses for each token make of x
   * (n_tokens, dim), which may be h. */
  void (*experts)(struct bl_session *session, int layer, const float *x, int n_tokens);
} bl_steps;

/* The steps of a session, which continues texts unless it `encodes` them; BL_ERR_UNSUPPORTED where
 * the model is made for the other. *steps is NULL for a block that is Llama's. */
bl_code bl_steps_find(const bl_config *config, bool encodes, const bl_steps **steps,
                      bl_error *error);

/* Is the block one of Llama's steps alone? */
static inline bool bl_steps_are_llamas(const bl_block *block) {
  return block->norm == BL_NORM_RMS && block->has_rope && block->is_gated &&
         block->activation == BL_SILU && !block->adds_one && !block->scales_embedding &&
         !block->has_multipliers && !block->skips_rope && !block->joins_heads &&
         !block->has_experts;
}

#endif
