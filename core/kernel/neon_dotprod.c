/* Four lanes: 64-bit ARM with the dot product instructions (Apple's M1 and what came after it, most
 * others from 2018 on), which multiply and sum four bytes at once. Only products with int8
 * activations differ from neon.c's. Compiled with those instructions allowed; called only where the
 * CPU has them. */
#include "kernel/kernel_table.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)

#include "kernel/neon.h"

#define DOT_CODES 4
#define DOT_IS_NARROW 1
#define BL_SCALES_IN_PLACE 0
#include "kernel/lanes_int8_codes.h"

/* Both factors are signed here. Codes above 127 are brought down by 128, which is put back by
 * taking off -128 * x. */
BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide) {
  int8x16_t b = vreinterpretq_s8_s32(x);
  if (!wide) return vdotq_s32(sum, vreinterpretq_s8_u32(codes), b);
  int32x4_t taken_off = vdotq_s32(vdupq_n_s32(0), vdupq_n_s8(-128), b);
  return vdotq_s32(sum, vreinterpretq_s8_u32(codes ^ 0x80808080), b) - taken_off;
}

#include "kernel/lanes_int8.h"

const bl_kernels *bl_kernels_neon_dotprod(void) {
  static const bl_kernels kernels = {"neon-dotprod", bl_neon_matmul, lanes_matmul_int8,
                                     bl_neon_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_neon_dotprod(void) {
  return NULL;
}

#endif
