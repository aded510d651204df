/* How far apart two token sequences are. */
#ifndef BL_MEASURE_DIVERGENCE_H
#define BL_MEASURE_DIVERGENCE_H

#include "bitloss.h"

/* The fewest tokens to insert, leave out or replace to make one of the other: Levenshtein (1966),
 * by the recurrence of Wagner and Fischer (1974), one row of it at a time. `row` has
 * min(n_a, n_b) + 1 elements of work space. */
int bl_edit_distance(const int32_t *a, int n_a, const int32_t *b, int n_b, int *row);

#endif
