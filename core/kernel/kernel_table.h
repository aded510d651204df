/* What one implementation of the kernels provides. Each file that has one offers it by a function
 * that gives NULL where it was not compiled in; kernel.c asks the CPU before it calls that
 * function.
 *
 * To add an implementation: write its file, declare its function here, list it in kernel.c. */
#ifndef BL_KERNEL_KERNEL_TABLE_H
#define BL_KERNEL_KERNEL_TABLE_H

#include "kernel/activations.h"
#include "kernel/kernel.h"

/* The contracts are those of bl_matmul_all, of matrices in one format, and bl_dot. matmul_int8
 * multiplies with activations that `quantizer` rounds; it does nothing and returns false for a
 * format that it has no path for, which is then multiplied as floats. It may be NULL. */
struct bl_kernels {
  const char *name;
  void (*matmul)(bl_pool *pool, const bl_products *products, const float *x, int64_t n_tokens,
                 void *work);
  bool (*matmul_int8)(bl_pool *pool, const bl_products *products, const bl_quantizer *quantizer,
                      const float *x, int64_t n_tokens, void *work);
  float (*dot)(const float *a, const float *b, int64_t n);
};

const bl_kernels *bl_kernels_scalar(void);
const bl_kernels *bl_kernels_wasm_simd128(void);
const bl_kernels *bl_kernels_avx2(void);
const bl_kernels *bl_kernels_avx512(void);
const bl_kernels *bl_kernels_avx512vnni(void);
const bl_kernels *bl_kernels_neon(void);
const bl_kernels *bl_kernels_neon_dotprod(void);

/* The work space, in floats, is cut up as follows; each piece starts on a whole vector, and
 * padded_cols and params are at most what the functions below give.
 *
 *   activations  (n_tokens, padded_cols)  x in the order in which the kernel meets the codes
 *   sums         (n_tokens, params)       of x over each group
 *   per thread:  tile    (BL_SET_ROWS, padded_cols)   decoded weights
 *                scales  (BL_SET_ROWS, params)
 *                biases  (BL_SET_ROWS, params)
 *
 * With int8 activations, lanes_int8.h says what is where; bl_token_floats are enough for a token,
 * bl_int8_thread_floats for a thread. A format that is multiplied as floats has its rounded x,
 * (n_tokens, n_cols), before all else.
 */
/* Rows that go together, so that a load of x serves all of them. */
#define BL_SET_ROWS 4

/* The most lanes of an implementation; in int8 a tile has as many rows. */
#define BL_MAX_LANES 16

/* The rows of all products are shared out in tasks of so many: a multiple of BL_MAX_LANES, few
 * where a matrix has few rows for each thread. */
static inline int64_t bl_task_rows(const bl_products *products, const bl_pool *pool) {
  enum { MOST_ROWS = 64, TASKS_OF_A_THREAD = 8 };
  int64_t n_rows = 0, n_threads = bl_pool_threads(pool);
  for (int i = 0; i < products->n; i++) n_rows += products->w[i]->n_rows;
  int64_t rows = n_rows / (n_threads * TASKS_OF_A_THREAD) / BL_MAX_LANES * BL_MAX_LANES;
  if (n_threads == 1 || rows > MOST_ROWS) return MOST_ROWS;
  return rows < BL_MAX_LANES ? BL_MAX_LANES : rows;
}

static inline int64_t bl_n_tasks(const bl_products *products, int64_t task_rows) {
  int64_t n = 0;
  for (int i = 0; i < products->n; i++) n += (products->w[i]->n_rows + task_rows - 1) / task_rows;
  return n;
}

/* Which of the products a task is of, and in *task which of that one's. */
static inline int bl_product_of_task(const bl_products *products, int64_t task_rows,
                                     int64_t *task) {
  for (int i = 0;; i++) {
    int64_t n = (products->w[i]->n_rows + task_rows - 1) / task_rows;
    if (*task < n || i == products->n - 1) return i;
    *task -= n;
  }
}

/* Columns, rounded up to whole vectors of the widest implementation: 16 lanes of 8 codes. */
static inline int64_t bl_padded_cols(int64_t n_cols) {
  return (n_cols + 127) / 128 * 128;
}

/* Room for n numbers in whole vectors, and one vector of zeros after. */
static inline int64_t bl_padded(int64_t n) {
  return (n + 31) / 16 * 16;
}

/* Room for one number per group of 16 or more. */
static inline int64_t bl_padded_params(int64_t n_cols) {
  return bl_padded(n_cols / 16);
}

static inline int64_t bl_thread_floats(int64_t n_cols) {
  return BL_SET_ROWS * (bl_padded_cols(n_cols) + 2 * bl_padded_params(n_cols));
}

/* The tile's codes, four rows of them before they are interleaved, and scales and biases. */
static inline int64_t bl_int8_thread_floats(int64_t n_cols) {
  return (BL_MAX_LANES / 2 + BL_SET_ROWS) * bl_padded_cols(n_cols) / 2 +
         2 * BL_MAX_LANES * bl_padded_params(n_cols);
}

static inline int64_t bl_token_floats(int64_t n_cols) {
  return bl_padded_cols(n_cols) + bl_padded_params(n_cols);
}

#endif
