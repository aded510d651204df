/* Weights of many kinds, for tests of what encoders do to them. */
#ifndef BL_TESTS_WEIGHT_KINDS_H
#define BL_TESTS_WEIGHT_KINDS_H

#include "base/number.h"
#include "check.h"

static inline void *allocate(size_t n_bytes) {
  void *memory = malloc(n_bytes ? n_bytes : 1);
  if (!memory) exit(1);
  return memory;
}

/* ---- weights ----------------------------------------------------------------------------------
 *
 * Made of whole numbers and of exact operations only, and as bits, which no move through a register
 * changes: they are themselves the same on every target. */

enum { INFINITE = 0xff }; /* the exponent of infinity and NaN */

static inline uint32_t random_bits(uint64_t *state, int n) {
  return (uint32_t)(check_random(state) >> (64 - n));
}

/* As trained weights are: about normally distributed, the standard deviation is 2^exponent. The sum
 * of 12 uniform numbers of 20 bits less its mean has at most 24 bits, so nothing is rounded. */
static inline float bell(uint64_t *state, int exponent) {
  int32_t sum = -(6 << 20);
  for (int i = 0; i < 12; i++) sum += (int32_t)random_bits(state, 20);
  return ldexpf((float)sum, exponent - 20);
}

static inline uint32_t with_exponent(uint64_t *state, uint32_t exponent) {
  return random_bits(state, 1) << 31 | exponent << 23 | random_bits(state, 23);
}

static inline uint32_t infinity(uint64_t *state) {
  return random_bits(state, 1) << 31 | INFINITE << 23;
}

/* Quiet or signalling, of either sign, with any payload. */
static inline uint32_t not_a_number(uint64_t *state) {
  return with_exponent(state, INFINITE) | 1;
}

enum kind {
  BELL,
  BELL_SMALL,    /* scales are denormals of f16 */
  BELL_SMALLER,  /* scales are 0 in f16, and below the smallest that some formats have */
  BELL_LARGE,    /* scales overflow f16 */
  BELL_HUGE,     /* so do squares in float32 */
  HEAVY_TAILED,  /* an exponent for each, the smaller the commoner */
  ANY_EXPONENT,  /* an exponent for each, all as common */
  OUTLIERS,      /* one in 41 is 100 times the others */
  POSITIVE,      /* no 0 in the range */
  NEGATIVE,      /* nor here */
  SPARSE,        /* zeros of both signs, few weights */
  HALVES,        /* on and halfway between the codes of a grid with the step 1 */
  SIXTEENTHS,    /* many magnitudes twice, with both signs */
  POWERS_OF_TWO, /* and the floats next to them */
  CONSTANT,      /* a number for each row */
  ZERO,
  DENORMAL,
  LARGEST, /* sums and differences overflow */
  N_FINITE,
  SOME_NAN = N_FINITE,
  SOME_INFINITE,
  SOME_OF_BOTH,
  ALL_NAN,
  ALL_INFINITE, /* +, -, and in the other rows both */
  ANY_BITS,
  N_KINDS,
};

static inline float finite_weight(enum kind kind, int64_t row, int64_t col, uint64_t *state) {
  static const float constants[] = {0.7f, -3.25f, 1e-8f, -0x1.fffffep-3f};
  switch (kind) {
    case BELL_SMALL:
      return bell(state, -18);
    case BELL_SMALLER:
      return bell(state, -60);
    case BELL_LARGE:
      return bell(state, 24);
    case BELL_HUGE:
      return bell(state, 100);
    case OUTLIERS:
      return col % 41 == 7 ? 100 * bell(state, -5) : bell(state, -5);
    case POSITIVE:
      return 0.25f + fabsf(bell(state, -5));
    case NEGATIVE:
      return -0.25f - fabsf(bell(state, -5));
    case SPARSE:
      return random_bits(state, 4) ? 0 * bell(state, 0) : bell(state, -5);
    case HALVES:
      return 0.5f * (float)((int)random_bits(state, 6) - 32);
    case SIXTEENTHS:
      return 0.0625f * (float)((int)random_bits(state, 4) - 8);
    case CONSTANT:
      return constants[row % 4];
    case ZERO:
      return row % 2 ? -0.0f : 0;
    default: /* BELL */
      return bell(state, -5);
  }
}

static inline uint32_t weight_bits(enum kind kind, int64_t row, int64_t col, uint64_t *state) {
  const uint32_t one_in_64 = random_bits(state, 6);
  uint32_t exponent = 127, bits;
  switch (kind) {
    case HEAVY_TAILED:
      exponent -= 8;
      while (random_bits(state, 1)) exponent++;
      return with_exponent(state, exponent);
    case ANY_EXPONENT:
      return with_exponent(state, random_bits(state, 20) % INFINITE);
    case POWERS_OF_TWO:
      bits = random_bits(state, 1) << 31 | (exponent - random_bits(state, 4)) << 23;
      return bits - 1 + random_bits(state, 8) % 3;
    case DENORMAL:
      return with_exponent(state, 0);
    case LARGEST:
      return with_exponent(state, INFINITE - 1) | (one_in_64 % 2 ? 0x7fffff : 0);
    case SOME_NAN:
      if (one_in_64 == 0) return not_a_number(state);
      break;
    case SOME_INFINITE:
      if (one_in_64 == 0) return infinity(state);
      break;
    case SOME_OF_BOTH:
      if (one_in_64 < 2) return one_in_64 ? infinity(state) : not_a_number(state);
      break;
    case ALL_NAN:
      return not_a_number(state);
    case ALL_INFINITE:
      bits = infinity(state);
      return row > 1 ? bits : (bits & 0x7fffffff) | (uint32_t)row << 31;
    case ANY_BITS:
      return random_bits(state, 32);
    default:
      break;
  }
  return bl_f32_bits(finite_weight(kind, row, col, state));
}

/* A matrix of one kind. What is finite stays so when it is rounded to `dtype`. */
static inline float *make_weights(enum kind kind, bl_dtype dtype, int64_t n_rows, int64_t n_cols) {
  const float largest = dtype == BL_F16 ? 65504 : 0x1.fep127f;
  float *weights = allocate((size_t)(n_rows * n_cols) * sizeof *weights);
  uint64_t state = (uint64_t)kind;
  for (int64_t i = 0; i < n_rows * n_cols; i++) {
    uint32_t bits = weight_bits(kind, i / n_cols, i % n_cols, &state);
    memcpy(weights + i, &bits, sizeof bits);
  }
  bl_round_to(dtype, weights, n_rows * n_cols);
  for (int64_t i = 0; kind < N_FINITE && i < n_rows * n_cols; i++)
    if (isinf(weights[i])) weights[i] = copysignf(largest, weights[i]);
  return weights;
}

#endif
