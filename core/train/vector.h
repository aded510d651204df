/* Vectors of BL_LANES floats, in the vector types that gcc and clang share. */
#ifndef BL_TRAIN_VECTOR_H
#define BL_TRAIN_VECTOR_H

#include <stdint.h>
#include <string.h>

#define BL_INLINE static inline __attribute__((always_inline))

typedef float bl_vecf __attribute__((vector_size(4 * BL_LANES)));
typedef int32_t bl_veci __attribute__((vector_size(4 * BL_LANES)));
typedef float bl_quadf __attribute__((vector_size(16)));

#endif
