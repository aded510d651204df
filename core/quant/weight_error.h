/* The error of converted weights against the originals, gathered row by row. */
#ifndef BL_QUANT_WEIGHT_ERROR_H
#define BL_QUANT_WEIGHT_ERROR_H

#include "bitloss.h"

/* Sums in float64, so that adding the rows of a tensor in order gives one result on every target.
 */
typedef struct bl_error_sums {
  int64_t n;
  double sum_sq_error; /* sum (w' - w)^2 */
  double sum_sq_ref;   /* sum w^2 */
  double sum_sq;       /* sum w'^2 */
  double sum_product;  /* sum w w' */
  double max_abs;      /* max |w' - w| */
} bl_error_sums;

void bl_error_sums_row(bl_error_sums *sums, const float *original, const float *converted,
                       int64_t n);
void bl_error_sums_add(bl_error_sums *sums, const bl_error_sums *more);
bl_weight_error bl_error_sums_result(const bl_error_sums *sums);

#endif
