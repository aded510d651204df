/* Many arrays of floats in one allocation: sizes first, then places. */
#include "base/arrays.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/checked.h"

/* Bytes of the array in whole lines of 64. */
static bool padded_bytes(const bl_array *array, uint64_t *n_bytes) {
  return bl_mul_u64(array->rows, array->cols, n_bytes) &&
         bl_mul_u64(*n_bytes, sizeof(float), n_bytes) &&
         bl_add_u64(*n_bytes, (64 - *n_bytes % 64) % 64, n_bytes);
}

uint64_t bl_array_bytes(const bl_array *arrays, int n_arrays) {
  uint64_t total = 0, size;
  for (int i = 0; i < n_arrays; i++)
    if (!padded_bytes(&arrays[i], &size) || !bl_add_u64(total, size, &total)) return UINT64_MAX;
  return total;
}

void *bl_place_arrays(const bl_array *arrays, int n_arrays, uint64_t *n_bytes) {
  const uint64_t total = bl_array_bytes(arrays, n_arrays);
  uint64_t size;
  *n_bytes = total;
  uint8_t *memory = total < SIZE_MAX ? bl_aligned_alloc((size_t)total) : NULL;
  if (!memory) return NULL;
  uint64_t offset = 0;
  for (int i = 0; i < n_arrays; i++) {
    *arrays[i].at = (float *)(void *)(memory + offset);
    padded_bytes(&arrays[i], &size);
    offset += size;
  }
  return memory;
}
