/* The plain formats, tensor and channel, symmetric and not, against their formulas worked out in
 * double, and codes read one bit at a time. */
#include "torch_material.h"

enum { ROWS = 3, COLS = 200, N = ROWS * COLS };

static const char *const names[] = {"tensor", "tensor_asym", "channel", "channel_asym"};

static bool is_asymmetric(const char *name) {
  return strstr(name, "_asym") != NULL;
}

static bool is_channel(const char *name) {
  return strncmp(name, "channel", 7) == 0;
}

/* Code i of a row: bit k of the code is bit i * bits + k of the row. */
static int code_at(const uint8_t *codes, int64_t i, int bits) {
  int code = 0;
  for (int k = 0; k < bits; k++) {
    int64_t bit = i * bits + k;
    code |= (codes[bit / 8] >> bit % 8 & 1) << k;
  }
  return code;
}

/* A quotient of two float32 in double, rounded to float32, is the float32 quotient. */
static float divide(float a, float b) {
  return (float)((double)a / (double)b);
}

static int clamp(double x, int lo, int hi) {
  return x < lo ? lo : x > hi ? hi : (int)x;
}

typedef struct grid {
  float scale;
  int zero_point;
} grid;

/* The formulas of uniform.c's table for n finite weights that are not all 0. */
static grid expected_grid(const char *name, const float *weights, int n, int bits) {
  float lo = 0, hi = 0;
  for (int i = 0; i < n; i++) {
    lo = fminf(lo, weights[i]);
    hi = fmaxf(hi, weights[i]);
  }
  int last = (1 << bits) - 1;
  if (!is_asymmetric(name)) {
    int half = 1 << (bits - 1);
    return (grid){divide(fmaxf(-lo, hi), (float)(half - 1)), half};
  }
  float scale = divide((float)((double)hi - (double)lo), (float)last);
  return (grid){scale, clamp(nearbyint(divide(-lo, scale)), 0, last)};
}

static int expected_code(const char *name, float weight, grid g, int bits) {
  int last = (1 << bits) - 1, first = is_asymmetric(name) ? 0 : 1;
  return clamp(nearbyint(divide(weight, g.scale)) + g.zero_point, first, last);
}

static grid stored_grid(const torch_encoded *e, const char *name, int row, int bits) {
  int at = is_channel(name) ? row : 0;
  grid g = {.zero_point = 1 << (bits - 1)};
  memcpy(&g.scale, e->tensor.parts[1] + 4 * at, 4);
  if (is_asymmetric(name)) g.zero_point = e->tensor.parts[2][at];
  return g;
}

static int n_codes;

static void check_tensor(const char *name, int bits, int kind) {
  float *weights = torch_make_weights(kind, BL_F32, N);
  torch_encoded e = torch_encode(torch_format(name, bits, 8, BL_DTYPE_NONE), weights, ROWS, COLS);
  CHECK(torch_guards_intact(&e));
  float *values = torch_decode(&e.tensor, BL_F32);
  for (int r = 0; r < ROWS; r++) {
    grid expected = is_channel(name) ? expected_grid(name, weights + r * COLS, COLS, bits)
                                     : expected_grid(name, weights, N, bits);
    grid g = stored_grid(&e, name, r, bits);
    CHECK_MSG(bl_f32_bits(g.scale) == bl_f32_bits(expected.scale),
              "%s:%d, kind %d: scale %g not %g", name, bits, kind, g.scale, expected.scale);
    CHECK_MSG(g.zero_point == expected.zero_point, "%s:%d, kind %d", name, bits, kind);
    for (int i = 0; i < COLS; i++, n_codes++) {
      float weight = weights[r * COLS + i];
      int code = code_at(e.tensor.parts[0] + r * e.tensor.row_bytes[0], i, bits);
      CHECK_MSG(code == expected_code(name, weight, g, bits), "%s:%d, kind %d: code %d of %g", name,
                bits, kind, code, weight);
      float value = (float)((double)g.scale * (code - g.zero_point));
      CHECK(bl_f32_bits(values[r * COLS + i]) == bl_f32_bits(value));
    }
  }
  free(values);
  torch_encoded_free(&e);
  free(weights);
}

/* Kinds 0 to 24 but zeros: random at every scale, constants, outliers, ties, powers of two, the
 * largest and the smallest numbers. Their hi - lo does not overflow. */
static void scales_zero_points_and_codes_are_those_of_the_formulas(void) {
  n_codes = 0;
  for (int f = 0; f < 4; f++)
    for (int bits = 2; bits <= 8; bits++)
      for (int kind = 0; kind <= 24; kind++) {
        bool is_zero = kind == 6 || kind == 7, overflows = kind == 20 || kind == 22;
        if (!is_zero && !(overflows && is_asymmetric(names[f]))) check_tensor(names[f], bits, kind);
      }
  printf("    %d codes\n", n_codes);
  CHECK(n_codes > 300000);
}

/* By hand: 3 bits, weights -1 to 1.1. */
static void the_grids_of_a_small_row_are_as_worked_out_by_hand(void) {
  const float weights[8] = {-1, 1.1f, 0, 0.4f, -0.2f, 0.9f, -0.5f, 0.1f};
  /* Symmetric: scale 1.1 / 3, codes 4 + w / .3667. */
  const int symmetric[8] = {1, 7, 4, 5, 3, 6, 3, 4};
  /* Asymmetric: scale 2.1 / 7 = .3, zero point rint(3.33) = 3; 1.1 is at 3.67, rint 4, code 7. */
  const int asymmetric[8] = {0, 7, 3, 4, 2, 6, 1, 3};
  for (int a = 0; a < 2; a++) {
    const char *name = names[2 + a];
    torch_encoded e = torch_encode(torch_format(name, 3, 8, BL_DTYPE_NONE), weights, 1, 8);
    grid g = stored_grid(&e, name, 0, 3);
    CHECK(fabsf(g.scale - (a ? 0.3f : 0.36666667f)) < 1e-6f && g.zero_point == (a ? 3 : 4));
    for (int i = 0; i < 8; i++)
      CHECK_MSG(code_at(e.tensor.parts[0], i, 3) == (a ? asymmetric : symmetric)[i], "%s, %d", name,
                i);
    torch_encoded_free(&e);
  }
}

static void zero_is_exact_and_others_are_within_a_step(void) {
  for (int f = 0; f < 4; f++) {
    for (int bits = 2; bits <= 8; bits++) {
      float *weights = torch_make_weights(10, BL_F32, N); /* 0.5 to 1: zero is outside */
      weights[7] = 0;
      torch_encoded e =
          torch_encode(torch_format(names[f], bits, 8, BL_DTYPE_NONE), weights, ROWS, COLS);
      float *values = torch_decode(&e.tensor, BL_F32);
      CHECK(values[7] == 0);
      for (int i = 0; i < N; i++) {
        grid g = stored_grid(&e, names[f], i / COLS, bits);
        CHECK_MSG(fabsf(values[i] - weights[i]) <= 0.5001f * g.scale, "%s:%d: %g -> %g", names[f],
                  bits, weights[i], values[i]);
      }
      free(values);
      torch_encoded_free(&e);
      free(weights);
    }
  }
}

/* For every format, bits and kind of weights decode to what `fits` says, given how many are off. */
static void check_decoded(int kind, bool (*fits)(float value)) {
  for (int f = 0; f < 4; f++) {
    for (int bits = 2; bits <= 8; bits++) {
      float *weights = torch_make_weights(kind, BL_F32, N);
      torch_encoded e =
          torch_encode(torch_format(names[f], bits, 8, BL_DTYPE_NONE), weights, ROWS, COLS);
      CHECK(torch_guards_intact(&e));
      float *values = torch_decode(&e.tensor, BL_F32);
      /* The kinds with a single NaN or infinity have it in row 0, which a channel keeps apart. */
      int n = is_channel(names[f]) ? COLS : N;
      for (int i = 0; i < n; i++)
        CHECK_MSG(fits(values[i]), "%s:%d, kind %d: %g", names[f], bits, kind, values[i]);
      free(values);
      torch_encoded_free(&e);
      free(weights);
    }
  }
}

static bool is_zero(float value) {
  return value == 0;
}

static bool is_nan(float value) {
  return isnan(value);
}

static void zeros_decode_to_zeros(void) {
  check_decoded(6, is_zero);
  check_decoded(7, is_zero);
}

static void a_nan_or_an_infinity_is_seen_in_all_that_shares_its_scale(void) {
  for (int kind = 25; kind <= 28; kind++) check_decoded(kind, is_nan);
}

/* 2^-149, the smallest number, divided by anything is 0 in float32 or 2^-149 again. Divided by such
 * a scale of 0 it is infinite, and still the symmetric formats don't use code 0. */
static void weights_too_small_for_a_scale_decode_to_zeros(void) {
  float weights[16] = {0};
  weights[3] = 0x1p-149f;
  weights[5] = -0x1p-149f;
  for (int f = 0; f < 4; f++) {
    torch_encoded e = torch_encode(torch_format(names[f], 8, 8, BL_DTYPE_NONE), weights, 1, 16);
    float *values = torch_decode(&e.tensor, BL_F32);
    for (int i = 0; i < 16; i++) {
      CHECK(values[i] == 0);
      CHECK(is_asymmetric(names[f]) || code_at(e.tensor.parts[0], i, 8) != 0);
    }
    free(values);
    torch_encoded_free(&e);
  }
}

static void sizes_count_scales_and_zero_points(void) {
  for (int f = 0; f < 4; f++) {
    for (int bits = 1; bits <= 9; bits++) {
      bl_format format = torch_format(names[f], bits, 8, BL_DTYPE_NONE);
      CHECK(bl_codec_takes(format.codec, bits, 8) == (bits >= 2 && bits <= 8));
      uint64_t grids = is_channel(names[f]) ? 7 : 1, grid_bytes = is_asymmetric(names[f]) ? 5 : 4;
      CHECK(bl_format_bytes(&format, 7, 80) == (uint64_t)(7 * 10 * bits) + grids * grid_bytes);
      CHECK(bl_format_bits_per_weight(&format) == bits);
    }
  }
}

int main(void) {
  RUN(scales_zero_points_and_codes_are_those_of_the_formulas);
  RUN(the_grids_of_a_small_row_are_as_worked_out_by_hand);
  RUN(zero_is_exact_and_others_are_within_a_step);
  RUN(zeros_decode_to_zeros);
  RUN(a_nan_or_an_infinity_is_seen_in_all_that_shares_its_scale);
  RUN(weights_too_small_for_a_scale_decode_to_zeros);
  RUN(sizes_count_scales_and_zero_points);
  return check_result();
}
