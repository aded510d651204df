/* What a tensor of a model is there for, in whichever family: its role. */
#ifndef BL_FAMILY_ROLES_H
#define BL_FAMILY_ROLES_H

#include <stdbool.h>

#include "bitloss_model.h"

/* Roles outside the layers, those before them first, then roles within a layer. A model's tensors
 * are listed in this order. */
typedef enum bl_role {
  BL_EMBED,
  BL_POSITIONS, /* learned, a row for each */
  BL_TYPES,     /* of tokens: which of two texts they belong to */
  BL_EMBED_NORM,
  BL_EMBED_NORM_BIAS,
  BL_FINAL_NORM,
  BL_FINAL_NORM_BIAS,
  BL_POOLER, /* a linear layer with tanh on the first token's state */
  BL_POOLER_BIAS,
  BL_HEAD_DENSE, /* a linear layer before the classifier or the output */
  BL_HEAD_DENSE_BIAS,
  BL_HEAD_NORM,
  BL_HEAD_NORM_BIAS,
  BL_CLASSIFIER,
  BL_CLASSIFIER_BIAS,
  BL_OUTPUT_BIAS,
  BL_OUTPUT,
  BL_ATTN_NORM,
  BL_ATTN_NORM_BIAS,
  BL_QKV, /* query, key and value in one matrix, one below the other */
  BL_QKV_BIAS,
  BL_Q,
  BL_K,
  BL_V,
  BL_O,
  BL_Q_BIAS,
  BL_K_BIAS,
  BL_V_BIAS,
  BL_O_BIAS,
  BL_Q_NORM,
  BL_K_NORM,
  BL_ATTN_AFTER, /* the norm of what attention gives, before it is added */
  BL_FFN_NORM,
  BL_FFN_NORM_BIAS,
  BL_ROUTER,
  BL_EXPERT_GATE,
  BL_EXPERT_UP,
  BL_EXPERT_DOWN,
  BL_GATE_UP, /* gate and up in one matrix, one below the other */
  BL_GATE,
  BL_UP,
  BL_DOWN,
  BL_GATE_BIAS,
  BL_UP_BIAS,
  BL_DOWN_BIAS,
  BL_FFN_AFTER, /* and of what the feed-forward block gives */
  BL_N_ROLES,
  BL_NO_ROLE = BL_N_ROLES,
} bl_role;

/* Which part of a model's weights a tensor counts as. */
typedef enum bl_share_of_model {
  BL_IN_EMBEDDING, /* of tokens, positions and token types */
  BL_IN_OUTPUT,    /* the output matrix, or the head of an encoder */
  BL_IN_ATTENTION, /* projections and their biases */
  BL_IN_FFN,       /* the same, and the router of experts */
  BL_IN_OTHER,     /* norms */
  BL_N_SHARES,
} bl_share_of_model;

static inline bool bl_role_in_layers(bl_role role) {
  return role > BL_OUTPUT;
}
/* A matrix of experts? */
static inline bool bl_role_is_expert(bl_role role) {
  return role >= BL_EXPERT_GATE && role <= BL_EXPERT_DOWN;
}
/* Outside the layers and before them? */
static inline bool bl_role_comes_first(bl_role role) {
  return role < BL_FINAL_NORM;
}

/* Is it a matrix that a recipe applies to: a linear layer's weight or an embedding? */
bool bl_role_quantizable(bl_role role);
bl_share_of_model bl_role_share(bl_role role);
/* The kind of work that reads it. */
bl_work bl_role_work(bl_role role);

#endif
