/* Sixteen lanes: AVX-512 (F, BW, DQ, VL). Compiled with those instructions allowed; called only
 * where the CPU has them. */
#include "kernel/kernel_table.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

#include "kernel/x86_avx512.h"

#define DOT_CODES 4
#define DOT_IS_NARROW 1
#define BL_SCALES_IN_PLACE 1
#include "kernel/lanes_int8_codes.h"

/* Pairs of products are summed in 16 bits, which codes up to 127 fit. Others are taken apart first,
 * the even bytes and the odd ones. */
BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide) {
  if (!wide) {
    __m512i pairs = _mm512_maddubs_epi16((__m512i)codes, (__m512i)x);
    return sum + (bl_veci)_mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
  }
  __m512i even = _mm512_srai_epi16(_mm512_slli_epi16((__m512i)x, 8), 8);
  __m512i odd = _mm512_srai_epi16((__m512i)x, 8);
  sum += (bl_veci)_mm512_madd_epi16((__m512i)(codes & 0x00ff00ff), even);
  return sum + (bl_veci)_mm512_madd_epi16(_mm512_srli_epi16((__m512i)codes, 8), odd);
}

#include "kernel/lanes.h"
#include "kernel/lanes_int8.h"

void bl_avx512_matmul(bl_pool *pool, const bl_products *products, const float *x, int64_t n_tokens,
                      void *work) {
  lanes_matmul(pool, products, x, n_tokens, work);
}

float bl_avx512_dot(const float *a, const float *b, int64_t n) {
  return lanes_dot(a, b, n);
}

const bl_kernels *bl_kernels_avx512(void) {
  static const bl_kernels kernels = {"avx512", bl_avx512_matmul, lanes_matmul_int8, bl_avx512_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_avx512(void) {
  return NULL;
}

#endif
