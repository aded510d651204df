/* What one implementation of the kernels provides. Each file that has one offers it by a function
 * that gives NULL where it was not compiled in; kernel.c asks the CPU before it calls that
 * function.
 *
 * To add an implementation: write its file, declare its function here, list it in kernel.c. */
#ifndef BL_KERNEL_KERNEL_TABLE_H
#define BL_KERNEL_KERNEL_TABLE_H

#include "kernel/activations.h"
#include "kernel/kernel.h"

/* The contracts are those of bl_matmul and bl_dot. matmul_int8 multiplies with activations that
 * `quantizer` rounds; it does nothing and returns false for a format that it has no path for, which
 * is then multiplied as floats. It may be NULL. */
struct bl_kernels {
  const char *name;
  void (*matmul)(bl_pool *pool, const bl_tensor *w, const float *x, int64_t n_tokens, float *y,
                 void *work);
  bool (*matmul_int8)(bl_pool *pool, const bl_tensor *w, const bl_quantizer *quantizer,
                      const float *x, int64_t n_tokens, float *y, void *work);
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
