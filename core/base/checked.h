/* Size arithmetic on numbers that a file supplied: false means overflow. */
#ifndef BL_BASE_CHECKED_H
#define BL_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool bl_mul_u64(uint64_t a, uint64_t b, uint64_t *product) {
  return !__builtin_mul_overflow(a, b, product);
}

static inline bool bl_add_u64(uint64_t a, uint64_t b, uint64_t *sum) {
  return !__builtin_add_overflow(a, b, sum);
}

#endif
