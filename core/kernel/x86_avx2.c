/* Eight lanes: AVX2 with fused multiply-add and f16 conversion. Compiled with those instructions
 * allowed; called only where the CPU has them. */
#include "kernel/kernel_table.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include <immintrin.h>

#define BL_LANES 8
#include "kernel/lanes_types.h"

BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return _mm256_fmadd_ps(a, b, c);
}

BL_INLINE bl_vecf bl_from_f16(bl_halves h) {
  return _mm256_cvtph_ps((__m128i)h);
}

BL_INLINE void bl_load_f16_pair(const uint8_t *p, bl_vecf v[2]) {
  v[0] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p));
  v[1] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(p + 16)));
}

BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane) {
  long long pair;
  memcpy(&pair, p, sizeof pair);
  __m256i both = _mm256_castsi128_si256(_mm_cvtsi64_si128(pair));
  return _mm256_permutevar8x32_ps(_mm256_castsi256_ps(both), (__m256i)lane);
}

#include "kernel/lanes.h"

const bl_kernels *bl_kernels_avx2(void) {
  static const bl_kernels kernels = {"avx2", lanes_matmul, lanes_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_avx2(void) {
  return NULL;
}

#endif
