/* Any bytes as an importance matrix: what is read of it are numbers not below 0, and it can be
 * written in both ways. */
#include <stdlib.h>
#include <string.h>

#include "format/imatrix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

/* A copy of exactly n bytes, so that the address sanitizer sees a read past them. */
static bl_imatrix *parse(const void *data, size_t n) {
  uint8_t *copy = malloc(n ? n : 1);
  if (!copy) exit(1);
  if (n) memcpy(copy, data, n);
  bl_error error = {0};
  bl_imatrix *imatrix = NULL;
  bl_code code = bl_imatrix_parse("fuzz.bin", copy, n, &imatrix, &error);
  free(copy);
  demand(code == error.code && (code == BL_OK) == (imatrix != NULL));
  return imatrix;
}

static void check(const bl_imatrix *imatrix) {
  for (int i = 0; i < imatrix->n_entries; i++) {
    const bl_imatrix_entry *entry = &imatrix->entries[i];
    demand(entry->n_cols >= 0 && entry->n_experts >= 1 && entry->name);
    for (int64_t k = 0; k < entry->n_experts * entry->n_cols; k++)
      demand(entry->mean_squares[k] >= 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bl_imatrix *imatrix = parse(data, size);
  if (!imatrix) return 0;
  char *bytes = NULL;
  size_t n = 0;
  check(imatrix);
  if (bl_imatrix_write_dat(imatrix, &bytes, &n, NULL) == BL_OK) free(bytes);
  if (bl_imatrix_write_gguf(imatrix, &bytes, &n, NULL) == BL_OK) free(bytes);
  bl_imatrix_free(imatrix);
  return 0;
}
