/* The parameters of a model in training: their list, their place, their first values. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "train/learned.h"
#include "train/trainer.h"

/* Each parameter begins at a multiple of 64 bytes. */
static int64_t padded(const bl_param *param) {
  return (param->n_rows * param->n_cols + 15) / 16 * 16;
}

/* Floats of a matrix packed for the forward or the backward pass; none of a vector. */
static int64_t packed(const bl_param *param, bool ahead) {
  if (param->n_rows == 1) return 0;
  return ahead ? bl_packed_size(param->n_rows, param->n_cols)
               : bl_packed_size(param->n_cols, param->n_rows);
}

/* Appends the parameter of a role, when the model has it; returns it or NULL. */
static bl_param *append(bl_trainer *t, bl_role role, int layer) {
  bl_param param = {.role = role, .layer = layer};
  if (!bl_role_shape(&t->config, role, &param.n_rows, &param.n_cols)) return NULL;
  t->params[t->n_params] = param;
  return &t->params[t->n_params++];
}

bl_code bl_train_list_params(bl_trainer *t, bl_error *error) {
  size_t n_layers = (size_t)t->config.n_layers, capacity = 3 + 9 * n_layers;
  t->params = calloc(capacity, sizeof *t->params);
  t->layers = calloc(n_layers, sizeof *t->layers);
  t->saved = calloc(n_layers, sizeof *t->saved);
  if (!t->params || !t->layers || !t->saved)
    return bl_fail_memory(error, capacity * sizeof *t->params);
  t->embed = append(t, BL_EMBED, -1);
  for (int l = 0; l < t->config.n_layers; l++) {
    bl_layer_params *layer = &t->layers[l];
    layer->attn_norm = append(t, BL_ATTN_NORM, l);
    layer->q = append(t, BL_Q, l);
    layer->k = append(t, BL_K, l);
    layer->v = append(t, BL_V, l);
    layer->o = append(t, BL_O, l);
    layer->ffn_norm = append(t, BL_FFN_NORM, l);
    layer->gate = append(t, BL_GATE, l);
    layer->up = append(t, BL_UP, l);
    layer->down = append(t, BL_DOWN, l);
  }
  t->final_norm = append(t, BL_FINAL_NORM, -1);
  bl_param *output = append(t, BL_OUTPUT, -1);
  t->output = output ? output : t->embed;
  for (int i = 0; i < t->n_params; i++) {
    t->n_values += padded(&t->params[i]);
    t->n_packed += packed(&t->params[i], true) + packed(&t->params[i], false);
  }
  return BL_OK;
}

void bl_train_place_params(bl_trainer *t) {
  int64_t at = 0, packed_at = 0;
  for (int i = 0; i < t->n_params; i++) {
    bl_param *param = &t->params[i];
    param->value = t->values + at;
    param->used = param->gridding ? t->rounded + at : param->value;
    param->clipped = param->gridding ? t->clipped + at : NULL;
    if (t->use != BL_TRAIN_TO_TEACH) {
      param->gradient = t->gradients + at;
      param->mean = t->means + at;
      param->square = t->squares + at;
    }
    at += padded(param);
    param->ahead = t->packed + packed_at;
    packed_at += packed(param, true);
    param->back = t->packed + packed_at;
    packed_at += packed(param, false);
  }
}

static void pack_task(void *context, int64_t i, int thread) {
  const bl_trainer *t = context;
  const bl_param *p = &t->params[i / 2];
  (void)thread;
  if (p->n_rows == 1 || (i % 2 == 1 && t->use == BL_TRAIN_TO_TEACH)) return;
  if (i % 2 == 0)
    t->kernels->pack(p->n_rows, p->n_cols, bl_columns(p->used, p->n_cols), p->ahead);
  else
    t->kernels->pack(p->n_cols, p->n_rows, bl_rows(p->used, p->n_cols), p->back);
}

void bl_train_pack_params(bl_trainer *t) {
  if (t->is_packed) return;
  bl_train_round_params(t);
  bl_learned_apply(t);
  bl_pool_run(t->options.pool, pack_task, t, 2 * (int64_t)t->n_params);
  t->is_packed = true;
}

/* Uniform in [-1, 1). */
static float uniform(uint64_t *state) {
  return (float)(int32_t)(bl_random(state) >> 32) * 0x1p-31f;
}

/* Matrices are uniform, which needs no library function and so is the same everywhere; norms are
 * 1. The residual stream sums 2 n_layers writes, so each is made smaller (GPT-2's rule). */
void bl_train_init_params(bl_trainer *t) {
  uint64_t state = t->options.seed;
  for (int i = 0; i < t->n_params; i++) {
    bl_param *param = &t->params[i];
    double std = t->options.init_std;
    if (param->role == BL_O || param->role == BL_DOWN) std /= sqrt(2.0 * t->config.n_layers);
    float bound = (float)(std * sqrt(3)); /* of a uniform distribution with this deviation */
    for (int64_t j = 0; j < param->n_rows * param->n_cols; j++)
      param->value[j] = param->n_rows == 1 ? 1 : bound * uniform(&state);
  }
}
