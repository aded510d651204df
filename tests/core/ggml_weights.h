/* The weights of tests/golden/make_ggml_k.py and make_ggml_imatrix.py. */
#ifndef BL_TESTS_GGML_WEIGHTS_H
#define BL_TESTS_GGML_WEIGHTS_H

#include "base/number.h"
#include "check.h"

enum { BLOCK = 256 };

static inline void *allocate(size_t n_bytes) {
  void *memory = malloc(n_bytes);
  if (!memory) exit(1);
  return memory;
}

enum kind {
  BELL,
  HEAVY_TAILED,
  UNIFORM,
  POSITIVE,
  NEGATIVE,
  CONSTANT,
  NEGATIVE_CONSTANT,
  ZERO,
  ONE_OUTLIER,
  FEW_VALUES,
  HALVES,
  LARGEST_FLOATS,
  SOME_NAN,
  SOME_INF,
  SOME_NOT_FINITE,
  UNEVEN_GROUPS,
  ANY_BITS,
  MOSTLY_ZERO,
  OFFSET,
  NEGATIVE_OFFSET,
  DENORMAL,
  F16_OVERFLOW,
  F16_UNDERFLOW,
  NEGLIGIBLE,
};

static inline float scaled(int64_t n, int exponent) {
  return (float)ldexp((double)n, exponent);
}

/* Weight i of a tensor, from a random number drawn for it. */
static inline float make_weight(int kind, int exponent, int i, uint64_t r) {
  const float not_finite[] = {NAN, INFINITY, -INFINITY};
  int64_t bell = -2 * 0xffff, uniform = (int64_t)(r >> 40), far = (int64_t)1 << 40;
  for (int k = 0; k < 4; k++) bell += (int64_t)(r >> 16 * k & 0xffff);
  switch ((enum kind)kind) {
    case BELL:
    case DENORMAL:
    case F16_OVERFLOW:
    case F16_UNDERFLOW:
    case NEGLIGIBLE:
      return scaled(bell, exponent);
    case HEAVY_TAILED:
      return scaled(bell * bell * bell, exponent);
    case UNIFORM:
      return scaled(uniform - (1 << 23), exponent);
    case POSITIVE:
      return scaled(uniform, exponent);
    case NEGATIVE:
      return scaled(-uniform, exponent);
    case CONSTANT:
      return scaled(3, exponent);
    case NEGATIVE_CONSTANT:
      return scaled(-3, exponent);
    case ZERO:
      return i % 2 ? -0.0f : 0.0f;
    case ONE_OUTLIER:
      return scaled(bell, exponent + (i % BLOCK == 37 ? 10 : 0));
    case FEW_VALUES:
      return scaled((int64_t)(r >> 60) - 8, exponent);
    case HALVES:
      return scaled((int64_t)(r >> 32) % 64 - 32, exponent - 1);
    case LARGEST_FLOATS:
      return r >> 63 ? -0x1.fffffep127f : 0x1.fffffep127f;
    case SOME_NAN:
      return r >> 60 == 0 ? NAN : scaled(bell, exponent);
    case SOME_INF:
      return r >> 58 == 0 ? INFINITY : scaled(bell, exponent);
    case SOME_NOT_FINITE:
      return r >> 60 == 0 ? not_finite[(r >> 32) % 3] : scaled(bell, exponent);
    case UNEVEN_GROUPS:
      return scaled(bell, exponent + i / 16 % 16 - 8);
    case ANY_BITS: {
      float x = bl_f32_from_bits((uint32_t)(r >> 32));
      return isnan(x) ? NAN : x;
    }
    case MOSTLY_ZERO:
      return r >> 59 == 0 ? scaled(bell, exponent) : 0;
    case OFFSET:
      return scaled(far + bell, exponent);
    case NEGATIVE_OFFSET:
      return scaled(-far + bell, exponent);
  }
  printf("    unknown kind %d\n", kind);
  exit(1);
}

#endif
