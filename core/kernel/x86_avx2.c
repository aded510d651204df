/* Eight lanes: AVX2 with fused multiply-add and f16 conversion. Compiled with those instructions
 * allowed; called only where the CPU has them. */
#include "kernel/kernel_table.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include <immintrin.h>

#define BL_LANES 8
#define BL_LOOKS_UP 1
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

BL_INLINE bl_vecf bl_look_up(const uint32_t table[16], bl_vecu index) {
  const float *numbers = (const float *)(const void *)table;
  __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(numbers), (__m256i)index);
  __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(numbers + 8), (__m256i)index);
  return _mm256_blendv_ps(low, high, (__m256)(index << 28));
}

BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane) {
  long long pair;
  memcpy(&pair, p, sizeof pair);
  __m256i both = _mm256_castsi128_si256(_mm_cvtsi64_si128(pair));
  return _mm256_permutevar8x32_ps(_mm256_castsi256_ps(both), (__m256i)lane);
}

#define DOT_CODES 4
#define DOT_IS_NARROW 1
#define BL_SCALES_IN_PLACE 0
#include "kernel/lanes_int8_codes.h"

/* Pairs of products are summed in 16 bits, which codes up to 127 fit. Others are taken apart first,
 * the even bytes and the odd ones. */
BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide) {
  if (!wide) {
    __m256i pairs = _mm256_maddubs_epi16((__m256i)codes, (__m256i)x);
    return sum + (bl_veci)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
  }
  __m256i even = _mm256_srai_epi16(_mm256_slli_epi16((__m256i)x, 8), 8);
  __m256i odd = _mm256_srai_epi16((__m256i)x, 8);
  sum += (bl_veci)_mm256_madd_epi16((__m256i)(codes & 0x00ff00ff), even);
  return sum + (bl_veci)_mm256_madd_epi16(_mm256_srli_epi16((__m256i)codes, 8), odd);
}

#include "kernel/lanes.h"
#include "kernel/lanes_int8.h"

const bl_kernels *bl_kernels_avx2(void) {
  static const bl_kernels kernels = {"avx2", lanes_matmul, lanes_matmul_int8, lanes_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_avx2(void) {
  return NULL;
}

#endif
