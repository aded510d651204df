/* Grids found by weighted least squares: never worse than the format's own rule, near the best that
 * there are, and by the importance given. */
#include "quant/methods/search.h"
#include "weight_kinds.h"

static bl_format format_of(const char *name, int bits, int group, bl_dtype dtype) {
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  return (bl_format){codec, bits, group, dtype};
}

static const struct {
  const char *name;
  int bits, group;
  bl_dtype dtype;
} formats[] = {
    {"affine", 2, 32, BL_F16},  {"affine", 3, 64, BL_BF16}, {"affine", 4, 64, BL_BF16},
    {"affine", 8, 128, BL_F32}, {"q4_0", 4, 32, 0},         {"q4_1", 4, 32, 0},
    {"q5_0", 5, 32, 0},         {"q5_1", 5, 32, 0},         {"q8_0", 8, 32, 0},
    {"q2_k", 2, 256, 0},        {"q3_k", 3, 256, 0},        {"q4_k", 4, 256, 0},
    {"q5_k", 5, 256, 0},        {"q6_k", 6, 256, 0},        {"iq4_nl", 4, 32, 0},
    {"int4", 4, 128, BL_BF16},  {"int8", 8, 1, BL_F32},     {"nf4", 4, 64, 0},
};
enum { N_FORMATS = sizeof formats / sizeof *formats, N_COLS = 512, N_ROWS = 4 };

static bl_format format_at(int f) {
  return format_of(formats[f].name, formats[f].bits, formats[f].group, formats[f].dtype);
}

/* From 0 to 4, most of it small, as squares of what layers are given are. */
static void make_importance(float *importance, int n) {
  uint64_t state = 7;
  for (int i = 0; i < n; i++) {
    float u = check_uniform(&state);
    importance[i] = 4 * u * u * u * u;
  }
}

static void no_block_is_worse_than_by_the_formats_own_rule(void) {
  float importance[N_COLS];
  make_importance(importance, N_COLS);
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_at(f);
    const bl_gridding *gridding = bl_gridding_of(format.codec);
    const int64_t n = bl_gridding_block(gridding, &format, N_COLS);
    for (int kind = 0; kind < N_KINDS; kind++) {
      float *weights = make_weights((enum kind)kind, BL_F16, N_ROWS, N_COLS);
      for (int64_t i = 0; i < N_ROWS * N_COLS; i += n) {
        const float *h = kind % 2 ? importance + i % N_COLS : NULL;
        bl_grids own = {0}, found;
        gridding->fit(&format, weights + i, n, &own);
        gridding->store(&format, &own);
        bl_search_fit(gridding, &format, weights + i, h, n, &found);
        float before = bl_search_error(gridding, &format, weights + i, h, n, &own);
        float after = bl_search_error(gridding, &format, weights + i, h, n, &found);
        CHECK_MSG(isnan(before) || after <= before, "%s, kind %d: %g, and by its own rule %g",
                  formats[f].name, kind, (double)after, (double)before);
      }
      free(weights);
    }
  }
}

static void grids_are_found_as_they_are_stored(void) {
  float *weights = make_weights(BELL, BL_BF16, N_ROWS, N_COLS);
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_at(f);
    const bl_gridding *gridding = bl_gridding_of(format.codec);
    const int64_t n = bl_gridding_block(gridding, &format, N_COLS);
    for (int64_t i = 0; i < N_ROWS * N_COLS; i += n) {
      bl_grids found, again;
      bl_search_fit(gridding, &format, weights + i, NULL, n, &found);
      again = found;
      gridding->store(&format, &again);
      for (int g = 0; g < gridding->n_grids; g++)
        CHECK_MSG(memcmp(&again.at[g], &found.at[g], sizeof again.at[g]) == 0, "%s",
                  formats[f].name);
    }
  }
  free(weights);
}

/* sum h (w - w')^2 of 64 weights in 16 even steps from lo to hi, in float64. */
static double error_between(const float *weights, const float *h, double lo, double hi) {
  double step = (hi - lo) / 15, error = 0;
  for (int i = 0; i < 64; i++) {
    double code = rint((weights[i] - lo) / step);
    code = code < 0 ? 0 : code > 15 ? 15 : code;
    double d = lo + step * code - weights[i];
    error += h[i] * d * d;
  }
  return error;
}

/* Of 300 by 300 pairs of ends. */
static double least_error(const float *weights, const float *h) {
  enum { ENDS = 300 };
  double lo = weights[0], hi = weights[0], least = INFINITY;
  for (int i = 1; i < 64; i++) {
    if (weights[i] < lo) lo = weights[i];
    if (weights[i] > hi) hi = weights[i];
  }
  for (int a = 0; a < ENDS; a++) {
    for (int b = 0; b < ENDS; b++) {
      double reach = (hi - lo) / ENDS / 4;
      double error = error_between(weights, h, lo + reach * (a - 30), hi - reach * (b - 30));
      if (error < least) least = error;
    }
  }
  return least;
}

static void what_is_found_is_near_the_best_of_90000_grids(void) {
  bl_format format = format_of("affine", 4, 64, BL_F32);
  const bl_gridding *gridding = bl_gridding_of(format.codec);
  float *weights = make_weights(BELL, BL_F32, 1, 512), h[512];
  double found_sum = 0, least_sum = 0;
  make_importance(h, 512);
  for (int i = 0; i < 512; i += 64) {
    bl_grids found;
    bl_search_fit(gridding, &format, weights + i, h + i, 64, &found);
    found_sum += bl_search_error(gridding, &format, weights + i, h + i, 64, &found);
    least_sum += least_error(weights + i, h + i);
  }
  printf("    %.4f of the least\n", found_sum / least_sum);
  CHECK(found_sum < 1.05 * least_sum);
  free(weights);
}

/* Half of a group's weights matter a million times more: under their grid they err less than under
 * one that was found for all alike, and the others more. */
static void importance_decides_who_errs(void) {
  float *weights = make_weights(BELL, BL_F32, N_ROWS, N_COLS), h[N_COLS], alike[N_COLS];
  for (int i = 0; i < N_COLS; i++) {
    h[i] = i % 2 ? 1e-6f : 1;
    alike[i] = 1;
  }
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_at(f);
    const bl_gridding *gridding = bl_gridding_of(format.codec);
    const int64_t n = bl_gridding_block(gridding, &format, N_COLS);
    double chosen = 0, equal = 0;
    for (int64_t i = 0; i < N_ROWS * N_COLS; i += n) {
      bl_grids found;
      bl_search_fit(gridding, &format, weights + i, h + i % N_COLS, n, &found);
      chosen += bl_search_error(gridding, &format, weights + i, h + i % N_COLS, n, &found);
      bl_search_fit(gridding, &format, weights + i, alike, n, &found);
      equal += bl_search_error(gridding, &format, weights + i, h + i % N_COLS, n, &found);
    }
    CHECK_MSG(chosen < equal, "%s: %g, and with all alike %g", formats[f].name, chosen, equal);
  }
  free(weights);
}

int main(void) {
  RUN(no_block_is_worse_than_by_the_formats_own_rule);
  RUN(grids_are_found_as_they_are_stored);
  RUN(what_is_found_is_near_the_best_of_90000_grids);
  RUN(importance_decides_who_errs);
  return check_result();
}
