/* Every implementation of the kernels gives back single weights exactly as the codec decodes them.
 */
#include "kernel_material.h"

/* For each weight: x with a one at its place and zeros elsewhere, alone and all together. */
static void check_each_weight_comes_back(const bl_tensor *w) {
  int64_t n_cols = w->n_cols, n_rows = w->n_rows;
  float *x = calloc((size_t)(n_cols * n_cols), sizeof *x);
  float *weights = malloc((size_t)(n_rows * n_cols) * sizeof *weights);
  for (int64_t c = 0; c < n_cols; c++) x[c * n_cols + c] = 1;
  for (int64_t r = 0; r < n_rows; r++) bl_tensor_decode_row(w, r, weights + r * n_cols);
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    for (int64_t batch = 1; batch <= n_cols; batch += n_cols - 1) {
      if (n_cols == 1 && batch > 1) break;
      for (int64_t first = 0; first < n_cols; first += batch) {
        float *y = multiply(bl_kernels_at(k), NULL, w, x + first * n_cols, batch);
        for (int64_t r = 0; r < n_rows; r++) {
          const float *row = weights + r * n_cols;
          for (int64_t t = 0; t < batch; t++) {
            if (y[t * n_rows + r] == row[first + t]) continue;
            char text[200];
            describe(bl_kernels_at(k), w, batch, text, sizeof text);
            CHECK_MSG(false, "%s: weight (%d, %d) is %.9g, got %.9g", text, (int)r,
                      (int)(first + t), (double)row[first + t], (double)y[t * n_rows + r]);
          }
        }
        free(y);
      }
    }
  }
  free(weights);
  free(x);
}

/* Scales of ordinary size, as large as f16 allows, and denormal in f16. */
static void a_one_at_one_place_gives_back_each_weight_exactly(void) {
  static const float sizes[] = {0.5f, 6e4f, 1e-5f};
  bl_format formats[MAX_FORMATS];
  int n_formats = list_formats(formats, MAX_FORMATS);
  uint64_t state = 4;
  for (int f = 0; f < n_formats; f++) {
    for (int s = 0; s < 3; s++) {
      matrix m = make_matrix(formats[f], 6, columns(&formats[f], 1), sizes[s], &state);
      check_each_weight_comes_back(&m.w);
      free_matrix(&m);
    }
  }
}

/* Row r has one number that is not zero: the r-th of all 65536. */
static void every_f16_number_is_read_as_it_is(void) {
  enum { N_ROWS = 1 << 16, N_COLS = 64, MAX_TOKENS = 4 };
  bl_tensor w = bl_tensor_make(bl_format_plain(BL_F16), N_ROWS, N_COLS);
  uint8_t *bytes = calloc(N_ROWS, w.row_bytes[0]);
  float x[MAX_TOKENS * N_COLS];
  for (int i = 0; i < MAX_TOKENS * N_COLS; i++) x[i] = 1;
  for (unsigned r = 0; r < N_ROWS; r++) {
    uint8_t number[2] = {(uint8_t)r, (uint8_t)(r >> 8)};
    memcpy(bytes + r * w.row_bytes[0] + 2 * (r % N_COLS), number, 2);
  }
  w.parts[0] = bytes;
  for (int k = EMULATED; k < bl_kernels_count(); k++) {
    for (int64_t n_tokens = 1; n_tokens <= MAX_TOKENS; n_tokens += MAX_TOKENS - 1) {
      float *y = multiply(bl_kernels_at(k), NULL, &w, x, n_tokens);
      for (unsigned i = 0; i < N_ROWS * n_tokens; i++) {
        unsigned number = i % N_ROWS, exponent = number >> 10 & 31, fraction = number & 1023;
        double value =
            exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, (int)exponent - 25);
        if (exponent == 31) value = fraction ? NAN : INFINITY;
        if (number >> 15) value = -value;
        bool same = isnan(value) ? isnan(y[i]) : (double)y[i] == value;
        CHECK_MSG(same, "%s, %d tokens: 0x%04x is %g, got %g", bl_kernels_name(bl_kernels_at(k)),
                  (int)n_tokens, number, value, (double)y[i]);
      }
      free(y);
    }
  }
  free(bytes);
}

/* The products with the most significant bits: codes and scales at the ends of their ranges. */
static void q6_k_weights_at_the_ends_of_their_range_come_back_exactly(void) {
  static const uint16_t factors[] = {0x7bff, 0x0001, 0x83ff, 0x3fff, 0xfbff, 0x0400};
  static const int8_t scales[] = {-128, 127, -127, 1, 0, 125, -125, 64};
  enum { BLOCK = 210, SCALES = 192, FACTOR = 208 };
  bl_format format = {bl_codec_find("q6_k", 4), 6, 256, BL_DTYPE_NONE};
  bl_tensor w = bl_tensor_make(format, 6, 256);
  uint8_t bytes[6 * BLOCK];
  w.parts[0] = bytes;
  for (int pattern = 0; pattern < 3; pattern++) {
    static const int codes[] = {0x00, 0xff, 0x5a}; /* all 0, all 63, and a mixture */
    for (int r = 0; r < 6; r++) {
      uint8_t *block = bytes + r * BLOCK;
      memset(block, codes[pattern], SCALES);
      for (int i = 0; i < 16; i++) block[SCALES + i] = (uint8_t)scales[(i + r) % 8];
      memcpy(block + FACTOR, &factors[r], 2);
    }
    check_each_weight_comes_back(&w);
  }
}

int main(void) {
  RUN(a_one_at_one_place_gives_back_each_weight_exactly);
  RUN(every_f16_number_is_read_as_it_is);
  RUN(q6_k_weights_at_the_ends_of_their_range_come_back_exactly);
  return check_result();
}
