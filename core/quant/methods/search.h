/* Finding the grids of a block by weighted least squares. */
#ifndef BL_QUANT_METHODS_SEARCH_H
#define BL_QUANT_METHODS_SEARCH_H

#include "quant/grid.h"

/* The grids of one block of n weights, as they are stored, for which the sum of
 * importance * (w - w')^2 is the least that was found; never more than with those of the format's
 * own rule. importance (n) is not negative; where it is NULL a weight's is its magnitude plus the
 * root mean square of those that share its grid: large weights carry more of a product. */
void bl_search_fit(const bl_gridding *gridding, const bl_format *format, const float *weights,
                   const float *importance, int64_t n, bl_grids *grids);

/* What is minimised, for the grids given: every weight with the code whose level is nearest.
 * Infinite or NaN where the weights or the grids are not finite. */
float bl_search_error(const bl_gridding *gridding, const bl_format *format, const float *weights,
                      const float *importance, int64_t n, const bl_grids *grids);

#endif
