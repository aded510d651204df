/* Choosing the codes of a matrix by methods: what they work on, and how it is run. */
#ifndef BL_QUANT_FITTING_H
#define BL_QUANT_FITTING_H

#include "base/pool.h"
#include "quant/grid.h"
#include "quant/range.h"

/* What a method does. A recipe names at most one of each, in this order. */
typedef enum bl_stage {
  BL_STAGE_GRIDS,  /* chooses the grids of each block by its own weights */
  BL_STAGE_CODES,  /* chooses codes column by column, for what the matrix gives */
  BL_STAGE_POLISH, /* improves grids and codes together */
  BL_STAGE_LEARN,  /* goes by the whole model's predictions: not part of a fitting */
  BL_N_STAGES,
} bl_stage;

/* What is known of the vectors x (n_cols) that a matrix is multiplied with. */
typedef struct bl_input {
  int64_t n_cols, n_tokens; /* n_tokens: vectors that were seen */
  float *mean_squares;      /* (n_cols): of x_i^2 */
  float *hessian;           /* (n_cols, n_cols): of x_i x_j; NULL where it was not gathered */
  /* Of all elements together, from the least to the greatest, and the part of that of which a
   * histogram says that codes for it lose least; empty (lo > hi) where nothing was seen. */
  bl_range minmax, histogram;
} bl_input;

typedef struct bl_method bl_method;

typedef struct bl_fitting {
  bl_format format;
  const bl_gridding *gridding;
  const bl_method *methods[BL_N_STAGES]; /* NULL where there is none of that stage */
  const bl_input *input;                 /* NULL where nothing is known of it; borrowed */
  bl_pool *pool;
  int64_t n_cols, block; /* weights of a row and of a block */
  int64_t n_blocks;      /* of a row */
  int64_t span;          /* weights of a block that share a grid */
  float levels[256];     /* of the codes first_code to max_code */
  int max_code;
  void *state[BL_N_STAGES]; /* what a stage's method keeps for all rows */
  size_t n_work;            /* floats at bl_fit_rows.work */
  void **rooms;             /* (threads of the pool): what bl_fitting_rows works in */
} bl_fitting;

/* Rows of a matrix that are fitted together on one thread. */
typedef struct bl_fit_rows {
  int n;
  const float *weights; /* (n, n_cols) */
  bl_grids *grids;      /* (n, n_blocks), as stored */
  uint8_t *codes;       /* (n, n_cols) */
  float *work;
} bl_fit_rows;

/* So many rows share one passage over what a method knows of the input. */
enum { BL_FIT_ROWS = 16 };

/* Begins a matrix with rows of n_cols, with the methods of the table that are bits of `methods`.
 * Where these need statistics `input` has them. The pool is for what all rows share. */
bl_code bl_fitting_begin(bl_fitting *fitting, const bl_format *format, uint32_t methods,
                         const bl_input *input, int64_t n_cols, bl_pool *pool, bl_error *error);
/* Chooses the codes of n rows, at most BL_FIT_ROWS of them, weights (n, n_cols), and writes them:
 * parts[i][p] is where row i is in part p. `thread` is the pool's that calls. A row whose weights
 * are not all finite is rounded. */
void bl_fitting_rows(const bl_fitting *fitting, int thread, const float *weights, int n,
                     uint8_t *const parts[][BL_MAX_PARTS]);
/* Releases what the fitting keeps; safe on a zeroed one, and after a begin that failed. */
void bl_fitting_end(bl_fitting *fitting);

/* ---- for methods ---------------------------------------------------------------------------- */

/* The grids of a row's block at weight `col`, by the fitting's method for them or else the format's
 * own rule, as they are stored. `importance` (block) is of the weights, or NULL. */
void bl_fitting_grids(const bl_fitting *fitting, const float *weights, const float *importance,
                      bl_grids *grids);
/* The code whose level is nearest on a grid. */
uint8_t bl_fitting_code(const bl_fitting *fitting, bl_grid grid, float weight);
/* What a code stands for. */
static inline float bl_fitting_weight(const bl_fitting *fitting, bl_grid grid, uint8_t code) {
  return grid.scale * fitting->levels[code] + grid.bias;
}
/* The grid of weight `col` of a row whose grids these are. */
static inline bl_grid bl_fitting_grid(const bl_fitting *fitting, const bl_grids *grids,
                                      int64_t col) {
  return grids[col / fitting->block].at[col % fitting->block / fitting->span];
}
/* The input's Hessian with 1% of its mean diagonal added to the diagonal, so that it can be
 * inverted though some elements of the input were never seen apart: (n_cols, n_cols), to be freed.
 */
float *bl_fitting_hessian(const bl_fitting *fitting);

#endif
