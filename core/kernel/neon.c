/* Four lanes: the vectors that every 64-bit ARM has. */
#include "kernel/kernel_table.h"

#if defined(__aarch64__)

#include "kernel/neon.h"

#define DOT_CODES 2
#define DOT_IS_NARROW 0
#define BL_SCALES_IN_PLACE 0
#include "kernel/lanes_int8_codes.h"

BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide) {
  (void)wide;
  int16x8_t a = vreinterpretq_s16_u32(codes), b = vreinterpretq_s16_s32(x);
  int32x4_t low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
  return sum + vpaddq_s32(low, vmull_high_s16(a, b));
}

#include "kernel/lanes.h"
#include "kernel/lanes_int8.h"

void bl_neon_matmul(bl_pool *pool, const bl_products *products, const float *x, int64_t n_tokens,
                    void *work) {
  lanes_matmul(pool, products, x, n_tokens, work);
}

float bl_neon_dot(const float *a, const float *b, int64_t n) {
  return lanes_dot(a, b, n);
}

const bl_kernels *bl_kernels_neon(void) {
  static const bl_kernels kernels = {"neon", bl_neon_matmul, lanes_matmul_int8, bl_neon_dot};
  return &kernels;
}

#else

const bl_kernels *bl_kernels_neon(void) {
  return NULL;
}

#endif
