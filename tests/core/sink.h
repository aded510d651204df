/* A file that an export writes, in memory. */
#ifndef BL_TESTS_SINK_H
#define BL_TESTS_SINK_H

#include "check.h"

typedef struct sink {
  uint8_t *bytes; /* the test's to free */
  size_t size;
} sink;

/* For bl_export_write, with a sink as the context. */
static inline bool sink_write(void *context, const void *bytes, size_t n) {
  sink *s = context;
  s->bytes = realloc(s->bytes, s->size + n + 1);
  memcpy(s->bytes + s->size, bytes, n);
  s->size += n;
  return true;
}

#endif
