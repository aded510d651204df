/* Four floats at once, in the types that gcc and clang share: every target has registers for them,
 * and each lane is rounded as a float alone would be. Comparisons give masks. */
#ifndef BL_QUANT_QUAD_H
#define BL_QUANT_QUAD_H

#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef float quad __attribute__((vector_size(16)));
typedef int32_t mask __attribute__((vector_size(16)));

INLINE quad splat(float x) {
  return (quad){x, x, x, x};
}

/* From any address. */
INLINE quad load_quad(const float *x) {
  quad q;
  memcpy(&q, x, sizeof q);
  return q;
}

INLINE quad choose(mask where, quad a, quad b) {
  return (quad)(((mask)a & where) | ((mask)b & ~where));
}

INLINE quad absolute(quad x) {
  return (quad)((mask)x & 0x7fffffff);
}

#endif
