/* Sixteen lanes: AVX-512 (F, BW, DQ, VL). Compiled with those instructions allowed; called only
 * where the CPU has them. */
#include "kernel/kernel_table.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

#include <immintrin.h>

#define BL_LANES 16
#include "kernel/lanes_types.h"

BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return _mm512_fmadd_ps(a, b, c);
}

BL_INLINE bl_vecf bl_from_f16(bl_halves h) {
  return _mm512_cvtph_ps((__m256i)h);
}

BL_INLINE void bl_load_f16_pair(const uint8_t *p, bl_vecf v[2]) {
  v[0] = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
  v[1] = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)(p + 32)));
}

BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane) {
  return _mm512_permutexvar_ps((__m512i)lane, _mm512_castps128_ps512(_mm_loadu_ps(p)));
}

#include "kernel/lanes.h"

const bl_kernels *bl_kernels_avx512(void) {
  static const bl_kernels kernels = {"avx512", lanes_matmul, lanes_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_avx512(void) {
  return NULL;
}

#endif
