/* What a progress callback was told; it can ask to stop. */
#ifndef BL_TESTS_WATCH_H
#define BL_TESTS_WATCH_H

#include "check.h"

typedef struct watch {
  int64_t last, total;
  int n_calls, n_still; /* calls; those that told of nothing new */
  int stop_at;          /* at which call; 0: never */
} watch;

static inline bool watch_progress(void *context, int64_t n_done, int64_t n_total) {
  watch *w = context;
  CHECK(n_done >= w->last && n_done <= n_total);
  if (n_done == w->last) w->n_still++;
  w->last = n_done;
  w->total = n_total;
  return ++w->n_calls != w->stop_at;
}

#endif
