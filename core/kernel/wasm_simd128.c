/* Four lanes: WebAssembly's 128-bit SIMD. */
#include "kernel/kernel_table.h"

#if defined(__wasm_simd128__)

#include <wasm_simd128.h>

#define BL_LANES 4
#define BL_LOOKS_UP 0
#include "kernel/lanes_types.h"

BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return a * b + c;
}

/* Eight numbers. The fields are moved into place while they are 16 bits wide: the sign, exponent
 * and first seven bits of the fraction to the upper half, the other three to the lower. That is
 * 2^112 too small, as in bl_f16_to_f32; an exponent of all ones becomes one of float, so that
 * infinity and NaN stay what they are. */
BL_INLINE void from_eight_f16(v128_t h, bl_vecf v[2]) {
  v128_t exponent = wasm_i16x8_const_splat(0x7c00);
  v128_t infinite = wasm_i16x8_eq(h & exponent, exponent);
  v128_t high = wasm_v128_bitselect(infinite, wasm_i16x8_shr(h, 3), wasm_i16x8_const_splat(0x7000));
  v128_t low = wasm_i16x8_shl(h, 13);
  v[0] = (bl_vecf)wasm_i16x8_shuffle(low, high, 0, 8, 1, 9, 2, 10, 3, 11) * 0x1p112f;
  v[1] = (bl_vecf)wasm_i16x8_shuffle(low, high, 4, 12, 5, 13, 6, 14, 7, 15) * 0x1p112f;
}

BL_INLINE bl_vecf bl_from_f16(bl_halves h) {
  bl_vecf v[2];
  from_eight_f16(wasm_v128_load64_zero(&h), v);
  return v[0];
}

BL_INLINE void bl_load_f16_pair(const uint8_t *p, bl_vecf v[2]) {
  from_eight_f16(wasm_v128_load(p), v);
}

BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane) {
  (void)lane;
  return (bl_vecf)wasm_v128_load32_splat(p);
}

#define BL_SCALES_IN_PLACE 0
#if defined(__wasm_relaxed_simd__)

/* The relaxed dot product of bytes is the same on every engine as long as those of its second
 * factor are below 128. Codes of 8 bits go without their highest, for which 128 * x is added. */
#define DOT_CODES 4
#define DOT_IS_NARROW 0
#include "kernel/lanes_int8_codes.h"

BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide) {
  v128_t a = (v128_t)x, b = (v128_t)codes, low = b & wasm_i8x16_const_splat(127);
  if (!wide) return (bl_veci)wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, b, (v128_t)sum);
  v128_t high = a & wasm_i8x16_lt(b, wasm_i8x16_const_splat(0));
  high = wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_extadd_pairwise_i8x16(high));
  return (bl_veci)wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, low, (v128_t)sum) +
         ((bl_veci)high << 7);
}

#else

#define DOT_CODES 2
#define DOT_IS_NARROW 0
#include "kernel/lanes_int8_codes.h"

BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide) {
  (void)wide;
  return sum + (bl_veci)wasm_i32x4_dot_i16x8((v128_t)codes, (v128_t)x);
}

#endif

#include "kernel/lanes.h"
#include "kernel/lanes_int8.h"

const bl_kernels *bl_kernels_wasm_simd128(void) {
  static const bl_kernels kernels = {"simd128", lanes_matmul, lanes_matmul_int8, lanes_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_wasm_simd128(void) {
  return NULL;
}

#endif
