/* What range of numbers an integer code should reach, seen number by number: torch's observers. */
#ifndef BL_MEASURE_OBSERVER_H
#define BL_MEASURE_OBSERVER_H

#include "base/pool.h"
#include "quant/range.h"

/* Bins of the histogram, torch's default. */
enum { BL_OBSERVER_BINS = 2048 };

/* Bins of the same width from the least number seen to the greatest. Zeroed but for `seen`, which
 * is (inf, -inf), it has seen nothing. */
typedef struct bl_observer {
  bl_range seen;
  float counts[BL_OBSERVER_BINS];
} bl_observer;

/* Takes n finite numbers that a layer was called with, as torch 2.15's HistogramObserver.forward:
 * where they reach further than all before, the counts so far are moved to wider bins. So they
 * depend, a little, on how the numbers were divided into calls. */
void bl_observe(bl_observer *observer, const float *x, int64_t n);

/* The part of `seen` that loses least squared error when 256 codes are spread over it and what is
 * outside is cut off: HistogramObserver's _non_linear_param_search. */
bl_range bl_observer_range(const bl_observer *observer);

#endif
