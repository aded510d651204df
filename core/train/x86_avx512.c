/* Sixteen lanes: AVX-512 (F, BW, DQ, VL). Compiled with those instructions allowed; called only
 * where the CPU has them. */
#include "train/kernels.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

#include <immintrin.h>

#define BL_LANES 16
#define BL_MATH_NAME "avx512"
#include "train/vector.h"

BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return _mm512_fmadd_ps(a, b, c);
}

#include "train/gemm.h"
#include "train/rows.h"

const bl_train_kernels *bl_train_kernels_avx512(void) {
  return &lanes_math;
}

#else

const bl_train_kernels *bl_train_kernels_avx512(void) {
  return NULL;
}

#endif
