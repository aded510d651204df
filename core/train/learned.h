/* Learning what a quantized model is made of: grids, codes and norms. A trainer that is made to
 * learn multiplies by exactly what will be stored; what it moves are
 *
 *   of a grid     w' = scale * (level + zero),   scale = scale_0 * e^a,   zero = bias_0 / scale_0 +
 * b or, nested,   scale unit = d_0 * e^a,  bias unit = dmin_0 * e^b, with their multiples as they
 * are of a code     its number as a real one: the nearest whole number is the code of a norm its
 * weights
 *
 * Ahead, scales, biases and norms are rounded to their stored types and codes to whole numbers; the
 * gradient passes straight through all of this (Bengio et al. 2013). With G = dL/dw', summed over
 * the weights of a grid: dL/dscale = sum level G, dL/dbias = sum G, from which the gradients of a
 * and b follow. */
#ifndef BL_TRAIN_LEARNED_H
#define BL_TRAIN_LEARNED_H

#include "quant/tensor.h"
#include "train/trainer.h"

struct bl_learned {
  const bl_gridding *gridding;
  bl_format format;
  bool codes; /* are they learned, or do they stay? */
  int64_t block, n_blocks,
      span;  /* as in a bl_fitting: weights; blocks of a row; weights of a grid */
  int units; /* of a block: its grids, or one where these are nested */
  int first_code, max_code;
  float levels[256];
  float gap;                       /* between neighbouring levels, on average */
  int64_t n;                       /* units of the matrix */
  void *memory;                    /* all of these: */
  float *scale, *bias;             /* (n): a grid's, or a block's units, at the start */
  float *value;                    /* (2, n): a, then b */
  float *gradient, *mean, *square; /* (2, n) */
  int16_t *steps;                  /* (n_rows, n_blocks, 2, n_grids): of scales and biases */
};

/* Lets a matrix of the trainer be learned, from what it is in the quantized model and what it was,
 * rounded to `cast`. */
bl_code bl_learned_begin(bl_trainer *trainer, bl_param *param, const bl_tensor *quantized,
                         const bl_tensor *original, bl_dtype cast, bool codes, bl_error *error);
/* Lets a norm be learned, which is stored as `dtype`. */
void bl_learned_begin_norm(bl_trainer *trainer, bl_param *param, bl_dtype dtype);
void bl_learned_free(bl_learned *learned);

/* Makes `used` of all that is learned. */
void bl_learned_apply(bl_trainer *trainer);
/* dL/dscale and dL/dbias of a grid whose n weights have these codes and this gradient. */
bl_grid bl_learned_grid_gradient(const bl_learned *learned, const float *codes,
                                 const float *gradient, int64_t n);
/* What is learned moves along what was accumulated, which is cleared; `rate` is that of codes. */
bl_code bl_learned_step(bl_trainer *trainer, bl_train_report *report, bl_error *error);
/* Writes one row of a matrix as it is now: parts[p] is its place. `codes` is room for n_cols. */
void bl_learned_pack_row(const bl_param *param, int64_t row, uint8_t *codes, uint8_t *const *parts);

#endif
