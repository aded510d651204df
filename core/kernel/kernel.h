/* Matrix products over weights in every format, and the small vector operations beside them.
 *
 * scalar.c is the definition. Every other implementation is checked against it over random and
 * extreme inputs, with unaligned tails, and timed by the same program. */
#ifndef BL_KERNEL_KERNEL_H
#define BL_KERNEL_KERNEL_H

#include "base/pool.h"
#include "quant/tensor.h"

/* One implementation, chosen once from what the CPU or the wasm build offers. */
typedef struct bl_kernels bl_kernels;

/* By name ("scalar", "simd128", "avx2", …), or the best that this machine runs for NULL. NULL when
 * there is none of that name here. */
const bl_kernels *bl_kernels_find(const char *name);
const char *bl_kernels_name(const bl_kernels *kernels);
/* All that this machine runs, the definition first. */
int bl_kernels_count(void);
const bl_kernels *bl_kernels_at(int i);

/* y (n_tokens, w.n_rows) = x (n_tokens, w.n_cols) times w transposed.
 *
 * BL_ACTIVATIONS_FLOAT: weights are decoded, the activations stay float: what is measured is the
 * loss from the weights alone. BL_ACTIVATIONS_INT8: x is rounded to int8 first, as activations.h
 * says for the weights' format, and multiplied as whole numbers where an implementation has that;
 * the result is that of the decoded weights and the rounded x. Formats without such a rule, plain
 * floats among them, are multiplied with x as it is. Static ones are rounded likewise, where the
 * tensor has an input_scale by that.
 *
 * x and y must not overlap. `work` has bl_matmul_work_bytes, 64-byte aligned; nothing is
 * allocated. */
void bl_matmul(const bl_kernels *kernels, bl_pool *pool, const bl_tensor *w,
               bl_activations activations, const float *x, int64_t n_tokens, float *y, void *work);

/* Matrices that are multiplied with the same x: a layer's q, k and v. */
enum { BL_MAX_PRODUCTS = 3 };
typedef struct bl_products {
  int n;
  const bl_tensor *w[BL_MAX_PRODUCTS]; /* as many columns each */
  float *y[BL_MAX_PRODUCTS];
} bl_products;

/* What bl_matmul gives for each, to the bit. Neighbours of one format have x prepared once, and
 * their rows shared out among the threads together. */
void bl_matmul_all(const bl_kernels *kernels, bl_pool *pool, const bl_products *products,
                   bl_activations activations, const float *x, int64_t n_tokens, void *work);
/* Work space that suffices for any tensor of at most max_cols columns, any format. */
size_t bl_matmul_work_bytes(int64_t max_cols, int64_t max_tokens, int n_threads,
                            bl_activations activations);

/* sum a[i] * b[i] */
float bl_dot(const bl_kernels *kernels, const float *a, const float *b, int64_t n);

#endif
