/* Rows of floats from one type to another, and the types' names. */
#include "base/number.h"

#include "base/error.h"

const char *bl_dtype_name(bl_dtype dtype) {
  switch (dtype) {
    case BL_F32:
      return "f32";
    case BL_F16:
      return "f16";
    case BL_BF16:
      return "bf16";
    case BL_DTYPE_NONE:
      break;
  }
  return "none";
}

bool bl_dtype_parse(const char *name, bl_dtype *dtype) {
  static const struct {
    const char *name;
    bl_dtype dtype;
  } names[] = {
      {"f32", BL_F32},     {"float32", BL_F32}, {"f16", BL_F16},
      {"float16", BL_F16}, {"bf16", BL_BF16},   {"bfloat16", BL_BF16},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i].name) == 0) {
      *dtype = names[i].dtype;
      return true;
    }
  }
  return false;
}

/* bl_f16_to_f32(bl_f32_to_f16(x)) in a form that compilers make vectors of. */
static inline float round_to_f16(float x) {
  uint32_t u = bl_f32_bits(x), sign = u & 0x80000000u, a = u ^ sign;
  uint32_t normal = (a + 0xfffu + (a >> 13 & 1u)) & ~0x1fffu;
  /* f16 denormals lie 2^-24 apart, as floats from 0.5 on do. */
  uint32_t small = bl_f32_bits((bl_f32_from_bits(a) + 0.5f) - 0.5f);
  uint32_t rounded = a < 0x38800000u ? small : normal;
  rounded = a >= 0x477ff000u ? 0x7f800000u : rounded; /* 65520 and above */
  rounded = a > 0x7f800000u ? 0x7fc00000u : rounded;
  return bl_f32_from_bits(sign | rounded);
}

void bl_round_to(bl_dtype dtype, float *values, int64_t n) {
  if (dtype == BL_F16) {
    for (int64_t i = 0; i < n; i++) values[i] = round_to_f16(values[i]);
  } else if (dtype == BL_BF16) {
    for (int64_t i = 0; i < n; i++) values[i] = bl_bf16_to_f32(bl_f32_to_bf16(values[i]));
  }
}

void bl_to_f32(bl_dtype dtype, const void *src, int64_t n, float *dst) {
  const uint8_t *bytes = src;
  if (dtype == BL_F32) {
    memcpy(dst, src, (size_t)n * 4);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    uint16_t h;
    memcpy(&h, bytes + 2 * i, 2);
    dst[i] = dtype == BL_F16 ? bl_f16_to_f32(h) : bl_bf16_to_f32(h);
  }
}

void bl_from_f32(bl_dtype dtype, const float *src, int64_t n, void *dst) {
  uint8_t *bytes = dst;
  if (dtype == BL_F32) {
    memcpy(dst, src, (size_t)n * 4);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    uint16_t h = dtype == BL_F16 ? bl_f32_to_f16(src[i]) : bl_f32_to_bf16(src[i]);
    memcpy(bytes + 2 * i, &h, 2);
  }
}
