/* Many arrays of floats in one allocation. */
#ifndef BL_BASE_ARRAYS_H
#define BL_BASE_ARRAYS_H

#include <stdint.h>

/* (rows, cols) of floats, wanted at *at. */
typedef struct bl_array {
  float **at;
  uint64_t rows, cols;
} bl_array;

/* Bytes of the block that the arrays take; UINT64_MAX where that can't be expressed. */
uint64_t bl_array_bytes(const bl_array *arrays, int n_arrays);
/* Places every array in one block from bl_aligned_alloc, each on a multiple of 64 bytes and not
 * cleared, and returns the block, to be given back with bl_aligned_free. *n_bytes is its size, and
 * UINT64_MAX where that can't be expressed. NULL, with nothing placed: it could not be had. */
void *bl_place_arrays(const bl_array *arrays, int n_arrays, uint64_t *n_bytes);

#endif
