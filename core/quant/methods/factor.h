/* Factors of symmetric positive definite matrices. */
#ifndef BL_QUANT_METHODS_FACTOR_H
#define BL_QUANT_METHODS_FACTOR_H

#include "base/pool.h"

/* The upper triangular U with U^T U = h^-1, for h (n, n): upper (n, n), of which only what is on
 * and above the diagonal is written. BL_ERR_MEMORY; BL_ERR_ARGUMENT where h is not positive
 * definite. The result does not depend on the number of threads. */
bl_code bl_inverse_factor(const float *h, int64_t n, bl_pool *pool, float *upper, bl_error *error);

/* Solves a x = b for a (n, n), of which only the lower triangle is read; it is overwritten, and so
 * is b with x. False where a is not positive definite: nothing is then to be used. */
bool bl_solve(double *a, double *b, int n);

#endif
