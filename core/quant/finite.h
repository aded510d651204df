/* Weights that are no finite numbers: NaN and infinities that a file holds, and finite weights that
 * a format can't hold, for they are too large or their whole group is too small. */
#ifndef BL_QUANT_FINITE_H
#define BL_QUANT_FINITE_H

#include "quant/tensor.h"

/* Weights of one kind in a tensor. */
typedef struct bl_flaw {
  int64_t n;        /* how many; 0: none, and nothing else is set */
  int64_t row, col; /* one of them: the first, or the largest of the first row that has one */
  float value;      /* and what it is */
} bl_flaw;

/* Adds what later rows have; which come in any order, and the first of them counts. */
void bl_flaw_add(bl_flaw *flaw, const bl_flaw *more);

/* Has a row (n) a weight of 2048 or more, or one that is not finite? Every format holds those
 * below: nvfp4 ends first, at 2688. */
bool bl_has_extremes(const float *weights, int64_t n);

/* Those of a row (n) that are not finite. */
bl_flaw bl_find_not_finite(const float *weights, int64_t n, int64_t row);
/* Those of a row of finite weights that are lost in what became of them: not finite any more, or
 * cut off at the format's end. */
bl_flaw bl_find_lost(const bl_format *format, const float *weights, const float *converted,
                     int64_t n, int64_t row);

/* Below what magnitude of all its weights a group may vanish in this format, when its weights were
 * cast to `cast` before. 0: none may. */
float bl_smallest_kept(const bl_format *format, bl_dtype cast);
/* Has a row (n), whose groups are those of the format, one that is wholly below `smallest`? */
bool bl_has_small_groups(const bl_format *format, const float *weights, int64_t n, float smallest);
/* Those of a row's weights that vanish in what became of them: they are 0 or off by half of what
 * they were, or more, and so, as a root mean square, is the group that they are in, which is wholly
 * below `smallest`. */
bl_flaw bl_find_vanished(const bl_format *format, const float *weights, const float *converted,
                         int64_t n, int64_t row, float smallest);

/* May row `row` have a weight that is not finite? Looks at as little as the format allows. */
bool bl_row_may_not_be_finite(const bl_tensor *tensor, int64_t row);

/* Reads a whole tensor as it is stored and finds its weights that are not finite. Where the scales
 * alone tell that there are none, only they are read. */
bl_code bl_tensor_find_not_finite(const bl_tensor *tensor, bl_pool *pool, bl_flaw *found,
                                  bl_error *error);

#endif
