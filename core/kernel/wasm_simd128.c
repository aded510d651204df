/* Four lanes: WebAssembly's 128-bit SIMD. */
#include "kernel/kernel_table.h"

#if defined(__wasm_simd128__)

#include <wasm_simd128.h>

#define BL_LANES 4
#include "kernel/lanes_types.h"

BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return a * b + c;
}

/* As bl_f16_to_f32: the fields moved into place, 2^112 too small; what was infinite or NaN is then
 * 65536 or more and gets its exponent mended. */
BL_INLINE bl_vecf bl_from_f16(bl_halves h) {
  typedef int16_t signed_halves __attribute__((vector_size(8)));
  bl_veci fields = __builtin_convertvector((signed_halves)h, bl_veci) << 13;
  v128_t scaled =
      (v128_t)((bl_vecf)(fields & (bl_veci)wasm_u32x4_const_splat(0x8fffe000u)) * 0x1p112f);
  v128_t infinite = wasm_f32x4_ge(wasm_f32x4_abs(scaled), wasm_f32x4_const_splat(65536));
  return (bl_vecf)(scaled | (infinite & wasm_u32x4_const_splat(0x7f800000u)));
}

BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane) {
  (void)lane;
  return (bl_vecf)wasm_v128_load32_splat(p);
}

#include "kernel/lanes.h"

const bl_kernels *bl_kernels_wasm_simd128(void) {
  static const bl_kernels kernels = {"simd128", lanes_matmul, lanes_dot, lanes_axpy};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_wasm_simd128(void) {
  return NULL;
}

#endif
