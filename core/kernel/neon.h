/* Four lanes: what the files for 64-bit ARM share. */
#ifndef BL_KERNEL_NEON_H
#define BL_KERNEL_NEON_H

#include <arm_neon.h>

#define BL_LANES 4
#define BL_LOOKS_UP 1
#include "kernel/lanes_types.h"

BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c) {
  return vfmaq_f32(c, a, b);
}

BL_INLINE bl_vecf bl_from_f16(bl_halves h) {
  return vcvt_f32_f16((float16x4_t)h);
}

BL_INLINE void bl_load_f16_pair(const uint8_t *p, bl_vecf v[2]) {
  float16x8_t halves = vreinterpretq_f16_u8(vld1q_u8(p));
  v[0] = vcvt_f32_f16(vget_low_f16(halves));
  v[1] = vcvt_high_f32_f16(halves);
}

/* Of the table's bytes, which one look-up has all of. */
BL_INLINE bl_vecf bl_look_up(const uint32_t table[16], bl_vecu index) {
  uint8x16x4_t bytes = vld1q_u8_x4((const uint8_t *)table);
  uint32x4_t first = vmulq_n_u32(index & 15, 0x04040404);
  return (bl_vecf)vqtbl4q_u8(bytes, (uint8x16_t)(first + 0x03020100));
}

BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane) {
  (void)lane;
  return vld1q_dup_f32(p);
}

/* Products with float activations, as those with the dot product instructions too. */
void bl_neon_matmul(bl_pool *pool, const bl_products *products, const float *x, int64_t n_tokens,
                    void *work);
float bl_neon_dot(const float *a, const float *b, int64_t n);

#endif
