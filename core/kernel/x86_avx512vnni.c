/* Sixteen lanes: AVX-512 with VNNI, which multiplies and sums four bytes at once. Only products
 * with int8 activations differ from AVX-512's. Compiled with those instructions allowed; called
 * only where the CPU has them. */
#include "kernel/kernel_table.h"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && \
    defined(__AVX512VL__)

#include "kernel/x86_avx512.h"

#define DOT_CODES 4
#define DOT_IS_NARROW 0
#define BL_SCALES_IN_PLACE 1
#include "kernel/lanes_int8_codes.h"

BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide) {
  (void)wide;
  return (bl_veci)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)codes, (__m512i)x);
}

#include "kernel/lanes_int8.h"

const bl_kernels *bl_kernels_avx512vnni(void) {
  static const bl_kernels kernels = {"avx512vnni", bl_avx512_matmul, lanes_matmul_int8,
                                     bl_avx512_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_avx512vnni(void) {
  return NULL;
}

#endif
