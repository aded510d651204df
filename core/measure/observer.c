/* torch's HistogramObserver, torch/ao/quantization/observer.py of torch 2.15.0. Where torch adds up
 * in float32 here it is mostly in double, so that a choice between two ranges that are equally good
 * within rounding may fall out otherwise. */
#include "measure/observer.h"

#include <math.h>
#include <string.h>

enum { BINS = BL_OBSERVER_BINS, FINER = 16, CODES = 256 };

/* ---- counting -------------------------------------------------------------------------------- */

/* The bin of a place counted in bins; the last for what is no number, as in a range that is not
 * finite, whose model is refused once it has read. */
static int bin_at(double place) {
  if (place < 0) return 0;
  return place < (double)BINS ? (int)place : BINS - 1;
}

/* torch.histc: a range of one number alone is widened by 1 to both sides. */
static void count(bl_range range, const float *x, int64_t n, float *counts) {
  if (range.lo == range.hi) range = (bl_range){range.lo - 1, range.hi + 1};
  const float width = range.hi - range.lo;
  uint32_t whole[BINS] = {0}; /* floats stop counting at 2^24 */
  for (int64_t i = 0; i < n; i++)
    whole[bin_at((double)((x[i] - range.lo) * (float)BINS / width))]++;
  for (int b = 0; b < BINS; b++) counts[b] += (float)whole[b];
}

/* Puts the counts into the bins of a wider range, each bin as FINER thinner ones that go where
 * their middles are. */
static void widen(bl_observer *o, bl_range range) {
  float old[BINS];
  memcpy(old, o->counts, sizeof old);
  memset(o->counts, 0, sizeof o->counts);
  const double step = ((double)o->seen.hi - (double)o->seen.lo) / (BINS * FINER);
  const double width = ((double)range.hi - (double)range.lo) / (double)BINS;
  for (int i = 0; i < BINS * FINER; i++) {
    const double middle = (double)o->seen.lo + (i + 0.5) * step;
    o->counts[bin_at((middle - (double)range.lo) / width)] += old[i / FINER] / (float)FINER;
  }
}

/* All that was seen was one number. */
static void gather(bl_observer *o, bl_range range) {
  float sum = 0;
  for (int b = 0; b < BINS; b++) sum += o->counts[b];
  memset(o->counts, 0, sizeof o->counts);
  count(range, &o->seen.lo, 1, o->counts);
  for (int b = 0; b < BINS; b++) o->counts[b] *= sum;
}

void bl_observe(bl_observer *o, const float *x, int64_t n) {
  if (n == 0) return;
  const bl_range now = bl_find_range(x, n);
  const bl_range all = {now.lo < o->seen.lo ? now.lo : o->seen.lo,
                        now.hi > o->seen.hi ? now.hi : o->seen.hi};
  if (all.lo < o->seen.lo || all.hi > o->seen.hi) {
    if (o->seen.lo == o->seen.hi)
      gather(o, all);
    else if (o->seen.lo < o->seen.hi)
      widen(o, all);
    o->seen = all;
  }
  count(all, x, n, o->counts);
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* The integral of density * x^2. */
static float norm(float from, float to, float density) {
  return density * ((to * to * to - from * from * from) / 3);
}

/* The code of 256 whose part of the range a place is in. */
static float code_at(float place, float width) {
  const float code = floorf(place / width);
  return code < 0 ? 0 : code > CODES - 1 ? CODES - 1 : code;
}

/* The squared error when codes are spread over bins `first` to `last`: what is in a bin is taken to
 * be even, and goes to the middle of its code's part. */
static double error_of(const bl_observer *o, int first, int last) {
  const double bin = ((double)o->seen.hi - (double)o->seen.lo) / (double)BINS;
  const float bin_width = (float)bin;
  const float width = (float)(bin * (last - first + 1) / (double)CODES), half = width / 2;
  double sum = 0;
  if (width == 0) return 0;
  for (int b = 0; b < BINS; b++) {
    const float begin = (float)(b - first) * bin_width, end = begin + bin_width;
    const float code = code_at(begin, width), end_code = code_at(end, width);
    const float density = o->counts[b] / bin_width;
    float error = norm(begin - (code + 0.5f) * width, half, density);
    error += (end_code - code - 1) * norm(-half, half, density);
    error += norm(-half, end - (end_code * width + half), density);
    sum += (double)error;
  }
  return sum;
}

bl_range bl_observer_range(const bl_observer *o) {
  static const double step = 1e-5; /* of the counts, that are left out at either end */
  double total = 0, up_to = 0, alpha = 0, beta = 1, least = INFINITY;
  float sums[BINS];
  int first = 0, last = BINS - 1;
  if (!(o->seen.lo < o->seen.hi)) return o->seen;
  for (int b = 0; b < BINS; b++) {
    up_to += (double)o->counts[b];
    sums[b] = (float)up_to;
  }
  total = (double)(float)up_to;
  while (alpha < beta) {
    int l = first, r = last;
    while (l < last && sums[l] < (float)((alpha + step) * total)) l++;
    while (r > first && sums[r] > (float)((beta - step) * total)) r--;
    const bool moves_first = l - first > last - r;
    if (moves_first)
      alpha += step;
    else
      beta -= step;
    const int next_first = moves_first ? l : first, next_last = moves_first ? last : r;
    if (next_first == first && next_last == last) continue;
    const double error = error_of(o, next_first, next_last);
    if (error > least) break;
    least = error;
    first = next_first;
    last = next_last;
  }
  const float width = (o->seen.hi - o->seen.lo) / (float)BINS;
  return (bl_range){o->seen.lo + width * (float)first, o->seen.lo + width * (float)(last + 1)};
}
