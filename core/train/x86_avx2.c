/* Eight lanes: AVX2 and FMA. Compiled with those instructions allowed; called only where the CPU
 * has them. */
#include "train/kernels.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>

#define BL_LANES 8
#define BL_MATH_NAME "avx2"
#include "train/vector.h"

BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return _mm256_fmadd_ps(a, b, c);
}

#include "train/gemm.h"
#include "train/rows.h"

const bl_train_kernels *bl_train_kernels_avx2(void) {
  return &lanes_math;
}

#else

const bl_train_kernels *bl_train_kernels_avx2(void) {
  return NULL;
}

#endif
