/* Four lanes: SSE2, NEON and WebAssembly's 128-bit SIMD, by way of the compiler's own vectors. */
#define BL_LANES 4
#define BL_MATH_NAME "portable"
#include "train/vector.h"

#if defined(__aarch64__)
#include <arm_neon.h>
BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return vfmaq_f32(c, a, b);
}
#else
BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return a * b + c;
}
#endif

#include "train/gemm.h"
#include "train/rows.h"

const bl_train_kernels *bl_train_kernels_portable(void) {
  return &lanes_math;
}
