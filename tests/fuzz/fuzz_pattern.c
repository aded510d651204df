/* Any text as a split pattern, then a NUL byte, then a text to cut with it. A pattern that is taken
 * must give matches that lie in the text, one after the other, each of them of whole characters. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "text/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

/* A copy in an allocation of the exact size, so that a read past it is seen. */
static char *copy_of(const uint8_t *bytes, size_t size) {
  char *copy = malloc(size ? size : 1);
  demand(copy != NULL);
  if (size) memcpy(copy, bytes, size);
  return copy;
}

static void check_matches(const bl_pattern *pattern, const char *text, size_t size) {
  uint64_t steps = 0, most = 1000 + 200 * (uint64_t)size;
  size_t start = 0, end = 0, done = 0, length;
  while (bl_pattern_find(pattern, text, size, &start, &end, &steps, most)) {
    demand(done <= start && start < end && end <= size);
    size_t at = start;
    for (; at < end; at += length)
      if (bl_utf8_decode(text, size, at, &length) == BL_BAD_UTF8) length = 1;
    demand(at == end);
    done = start = end;
  }
  demand(steps <= most + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
  size_t n_regex = nul ? (size_t)(nul - data) : size, n_text = nul ? size - n_regex - 1 : 0;
  char *regex = copy_of(data, n_regex), *text = copy_of(nul ? nul + 1 : NULL, n_text);
  bl_pattern *pattern = NULL;
  bl_error error = {0};
  bl_code code = bl_pattern_new("fuzz", regex, n_regex, &pattern, &error);
  demand((code == BL_OK) == (pattern != NULL) && (code == BL_OK || error.message[0]));
  if (pattern) check_matches(pattern, text, n_text);
  bl_pattern_free(pattern);
  free(regex);
  free(text);
  return 0;
}
