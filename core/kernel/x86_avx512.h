/* Sixteen lanes: what the files for AVX-512 share. */
#ifndef BL_KERNEL_X86_AVX512_H
#define BL_KERNEL_X86_AVX512_H

#include <immintrin.h>

#define BL_LANES 16
#define BL_LOOKS_UP 1
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

BL_INLINE bl_vecf bl_look_up(const uint32_t table[16], bl_vecu index) {
  return _mm512_permutexvar_ps((__m512i)index, _mm512_loadu_ps(table));
}

BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane) {
  return _mm512_permutexvar_ps((__m512i)lane, _mm512_castps128_ps512(_mm_loadu_ps(p)));
}

/* Units of 18 bytes, of which four have their scales within 64. */
BL_INLINE bl_vecf bl_scales_in_place(const uint8_t *p, int n_present) {
  enum { UNIT = 9 }; /* 16-bit words */
  const __m512i first = _mm512_broadcast_i64x4(
      _mm256_setr_epi16(0, 0, 0, 0, UNIT, UNIT, UNIT, UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT,
                        3 * UNIT, 3 * UNIT, 3 * UNIT, 3 * UNIT));
  __mmask32 there = (__mmask32)((UINT64_C(1) << UNIT * n_present) - 1);
  __m512i words = n_present < 4 ? _mm512_maskz_loadu_epi16(there, p) : _mm512_loadu_si512(p);
  return _mm512_cvtph_ps(_mm512_castsi512_si256(_mm512_permutexvar_epi16(first, words)));
}

/* Products with float activations, as VNNI's too. */
void bl_avx512_matmul(bl_pool *pool, const bl_products *products, const float *x, int64_t n_tokens,
                      void *work);
float bl_avx512_dot(const float *a, const float *b, int64_t n);

#endif
