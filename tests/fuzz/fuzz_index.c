/* Any bytes as a weight file: parsed whole, and as a caller does who follows *n_needed. Both ways
 * must agree, every range listed must lie inside the file, and nothing may be read past the bytes
 * that were given. */
#include <stdlib.h>
#include <string.h>

#include "bitloss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

/* Parses a copy of exactly n bytes, so that the address sanitizer sees a read past them. */
static bl_code parse(const uint8_t *data, size_t n, uint64_t file_size, bl_index **index,
                     uint64_t *n_needed) {
  uint8_t *copy = malloc(n ? n : 1);
  if (!copy) exit(1);
  if (n) memcpy(copy, data, n);
  bl_error error = {0};
  *index = NULL;
  bl_code code = bl_index_parse("fuzz.bin", copy, n, file_size, index, n_needed, &error);
  free(copy);
  demand(code == error.code && (code == BL_OK) == (error.message[0] == '\0'));
  demand(code == BL_OK || !*index);
  return code;
}

static void check_index(const bl_index *index, uint64_t file_size) {
  uint64_t end = 0;
  for (int i = 0; i < bl_index_n_tensors(index); i++) {
    bl_index_tensor t;
    bl_index_get_tensor(index, i, &t);
    demand(strlen(t.name) < file_size && strlen(t.type) > 0 && t.n_dims >= 0 && t.n_dims <= 4);
    for (int d = 0; d < t.n_dims; d++) demand(t.dims[d] >= 0);
    demand(t.offset >= end && t.size_bytes <= file_size && t.offset <= file_size - t.size_bytes);
    end = t.offset + t.size_bytes;
  }
  for (int i = 0; i < bl_index_n_metadata(index); i++) {
    const char *key, *value;
    bl_index_get_metadata(index, i, &key, &value);
    demand(strlen(key) < file_size && strlen(value) < 1024);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bl_index *whole, *grown;
  uint64_t n_needed = 0;
  bl_code code = parse(data, size, size, &whole, &n_needed);
  demand(code != BL_OK || whole);
  if (whole) check_index(whole, size);

  bl_code grown_code;
  size_t n = 0;
  while ((grown_code = parse(data, n, size, &grown, &n_needed)) == BL_OK && !grown) {
    demand(n_needed > n && n_needed <= size);
    n = (size_t)n_needed;
  }
  demand(grown_code == code);
  if (whole && grown) demand(bl_index_n_tensors(whole) == bl_index_n_tensors(grown));
  bl_index_free(whole);
  bl_index_free(grown);
  return 0;
}
