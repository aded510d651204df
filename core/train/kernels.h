/* The arithmetic of training: one general matrix product, and the row operations between products.
 * Written once (gemm.h, rows.h) and compiled for each instruction set; bl_train_kernels_find
 * chooses.
 *
 * Inference multiplies by weights in any format, as dot products of rows (kernel/). Training needs
 * three products of plain floats, two of them with a transposed factor, so here the matrices are
 * views with strides: nothing is transposed in memory. */
#ifndef BL_TRAIN_KERNELS_H
#define BL_TRAIN_KERNELS_H

#include "bitloss.h"

/* Element (i, j) is at[i * row + j * col]; one of the two strides is 1. Both are 0 for a right-hand
 * factor that `pack` has put into the order in which `gemm` reads it. */
typedef struct bl_view {
  const float *at;
  int64_t row, col;
} bl_view;

/* A row-major matrix whose rows are `stride` floats apart, and its transpose. */
static inline bl_view bl_rows(const float *at, int64_t stride) {
  return (bl_view){at, stride, 1};
}
static inline bl_view bl_columns(const float *at, int64_t stride) {
  return (bl_view){at, 1, stride};
}

static inline bl_view bl_packed(const float *at) {
  return (bl_view){at, 0, 0};
}

/* What AdamW needs to know, with the corrections of step t worked out: decay = 1 - rate * weight
 * decay, step = rate / (1 - beta1^t), root = 1 / sqrt(1 - beta2^t). */
typedef struct bl_adamw {
  float beta1, beta2, epsilon, decay, step, root;
  float gradient_scale; /* applied to the gradient first */
} bl_adamw;

typedef struct bl_train_kernels {
  const char *name;

  /* c (m, n) = a (m, k) times b (k, n), added to what c holds when `add`. Rows of c are c_row
   * floats apart. `work` has BL_GEMM_WORK floats, 64-byte aligned. The order of every sum depends
   * on the shapes alone. */
  void (*gemm)(int64_t m, int64_t n, int64_t k, bl_view a, bl_view b, float *c, int64_t c_row,
               bool add, float *work);
  /* Packs b (k, n) for products that use it often. bl_packed_size floats, 64-byte aligned. */
  void (*pack)(int64_t n, int64_t k, bl_view b, float *packed);

  /* y = x * s * weight with s = 1 / sqrt(mean(x^2) + eps), for one row; returns s. */
  float (*norm)(const float *x, const float *weight, int64_t n, float eps, float *y);
  /* Given dy, adds the gradient with respect to x to dx and that of the weight to dweight. */
  void (*norm_backward)(const float *x, const float *weight, const float *dy, int64_t n, float s,
                        float *dx, float *dweight);

  /* y = silu(gate) * up, with silu(g) = g / (1 + e^-g) */
  void (*swiglu)(const float *gate, const float *up, int64_t n, float *y);
  /* Given dy: y again, and the gradients with respect to gate and up. */
  void (*swiglu_backward)(const float *gate, const float *up, const float *dy, int64_t n, float *y,
                          float *dgate, float *dup);

  /* x = e^(x - log sum e^x); returns log sum e^x. */
  float (*softmax)(float *x, int64_t n);
  /* x = e^(x - offset) */
  void (*exponentials)(float *x, int64_t n, float offset);
  /* y = p * (y - offset) * scale */
  void (*softmax_backward)(const float *p, int64_t n, float offset, float scale, float *y);

  /* x = s * x, y = y + x */
  void (*scale)(float s, int64_t n, float *x);
  void (*add)(const float *x, int64_t n, float *y);
  float (*dot)(const float *a, const float *b, int64_t n);

  /* One step of AdamW (Loshchilov and Hutter 2019, with bias correction, as PyTorch and MLX
   * compute it): moves the parameters p along gradient g, updates the moments m and v, and clears
   * g. */
  void (*adamw)(const bl_adamw *settings, int64_t n, float *p, float *m, float *v, float *g);
} bl_train_kernels;

/* Floats of work space: packed panels of a and of b. */
enum { BL_GEMM_DEPTH = 128, BL_GEMM_ROWS = 128, BL_GEMM_COLS = 32 };
enum { BL_GEMM_WORK = BL_GEMM_DEPTH * (BL_GEMM_ROWS + BL_GEMM_COLS) };

/* Floats of b (k, n) when it is packed, both sizes padded. */
static inline int64_t bl_packed_size(int64_t n, int64_t k) {
  return (n + BL_GEMM_COLS - 1) / BL_GEMM_COLS * BL_GEMM_COLS * ((k + 15) / 16 * 16);
}

/* By name ("portable", "avx2", "avx512", "amx"), or for NULL the best in float32 that this machine
 * runs, which is not "amx". NULL when there is none of that name here. */
const bl_train_kernels *bl_train_kernels_find(const char *name);

/* NULL where it was not compiled in. */
const bl_train_kernels *bl_train_kernels_portable(void);
const bl_train_kernels *bl_train_kernels_avx2(void);
const bl_train_kernels *bl_train_kernels_avx512(void);
/* NULL also where the CPU does not have it. */
const bl_train_kernels *bl_train_kernels_amx(void);

#endif
