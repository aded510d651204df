/* The definition of the kernels: each row is decoded by its codec, then multiplied and summed in
 * order in double precision and rounded to float once. Products of floats are exact in double, so
 * this is the exact sum but for n * 2^-53 of its magnitude and the last rounding. With int8
 * activations x is rounded, and the same then done. */
#include "kernel/kernel_table.h"

struct job {
  const bl_tensor *w;
  const float *x;
  int64_t n_tokens;
  float *y;
  float *rows; /* (n_threads, bl_thread_floats) */
};

static float dot(const float *a, const float *b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
  return (float)sum;
}

static void multiply_row(void *context, int64_t row, int thread) {
  const struct job *job = context;
  const bl_tensor *w = job->w;
  float *weights = job->rows + thread * bl_thread_floats(w->n_cols);
  bl_tensor_decode_row(w, row, weights);
  for (int64_t t = 0; t < job->n_tokens; t++)
    job->y[t * w->n_rows + row] = dot(weights, job->x + t * w->n_cols, w->n_cols);
}

static void matmul(bl_pool *pool, const bl_products *products, const float *x, int64_t n_tokens,
                   void *work) {
  for (int i = 0; i < products->n; i++) {
    struct job job = {products->w[i], x, n_tokens, products->y[i], work};
    bl_pool_run(pool, multiply_row, &job, products->w[i]->n_rows);
  }
}

const bl_kernels *bl_kernels_scalar(void) {
  static const bl_kernels kernels = {"scalar", matmul, NULL, dot};
  return &kernels;
}
