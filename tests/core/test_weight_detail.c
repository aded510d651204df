/* One tensor in detail, against counts made by hand or by a plain loop; and where the bytes go. */
#include "check.h"
#include "model/model.h"
#include "model_files.h"

/* A model of one tensor, as bl_weight_detail_get needs it. */
typedef struct one {
  bl_weight weight;
  bl_model model;
  uint8_t *memory[BL_MAX_PARTS];
} one;

static one *make_one(bl_format format, int64_t n_rows, int64_t n_cols, const float *weights) {
  one *m = calloc(1, sizeof *m);
  if (!m) exit(1);
  m->weight.name = "w";
  m->weight.source_format = format;
  m->weight.tensor = bl_tensor_make(format, n_rows, n_cols);
  for (int p = 0; p < format.codec->n_parts; p++) {
    m->memory[p] = malloc(bl_tensor_part_bytes(&m->weight.tensor, p));
    if (!m->memory[p]) exit(1);
    m->weight.tensor.parts[p] = m->memory[p];
  }
  for (int64_t r = 0; r < n_rows; r++)
    bl_tensor_encode_row(&m->weight.tensor, m->memory, r, weights + r * n_cols);
  m->model.config.family = &bl_family_llama;
  m->model.weights = &m->weight;
  m->model.n_weights = 1;
  return m;
}

static void free_one(one *m) {
  for (int p = 0; p < BL_MAX_PARTS; p++) free(m->memory[p]);
  free(m);
}

static bl_format affine(int bits, int group) {
  return (bl_format){bl_codec_find("affine", 6), bits, group, BL_F32};
}

static int64_t total(const int64_t *counts, int n) {
  int64_t sum = 0;
  for (int i = 0; i < n; i++) sum += counts[i];
  return sum;
}

/* The detail of float32 weights that were turned into others. */
static bl_weight_detail detail_of(const float *original, const float *converted, int64_t n_rows,
                                  int64_t n_cols, bl_weight_error *rows, float *groups) {
  bl_format f32 = bl_format_plain(BL_F32);
  one *a = make_one(f32, n_rows, n_cols, original), *b = make_one(f32, n_rows, n_cols, converted);
  bl_weight_detail detail;
  CHECK_OK(bl_weight_detail_get(&a->model, &b->model, 0, &detail, rows, groups, error));
  free_one(a);
  free_one(b);
  return detail;
}

/* ---- by hand ----------------------------------------------------------------------------------
 */

static void histograms_errors_and_rows_are_as_counted_by_hand(void) {
  /* A bin is 1 wide: the last one takes in its upper end. What is outside goes to the ends. */
  const float original[] = {0, 0.99f, 1, 63.5f, 64, 1.5f, 33, 2};
  const float converted[] = {-5, 0.99f, 3, 63.5f, 70, 1.5f, 33, 5};
  bl_weight_error rows[2];
  float groups[2];
  bl_weight_detail d = detail_of(original, converted, 2, 4, rows, groups);
  int64_t originals[64] = {[0] = 2, [1] = 2, [2] = 1, [33] = 1, [63] = 2};
  int64_t after[64] = {[0] = 2, [1] = 1, [3] = 1, [5] = 1, [33] = 1, [63] = 2};
  CHECK(d.low == 0 && d.high == 64);
  CHECK(memcmp(d.originals, originals, sizeof originals) == 0);
  CHECK(memcmp(d.converted, after, sizeof after) == 0);
  CHECK(d.n_codes == 0 && total(d.codes, 256) == 0 && d.outliers == 0);
  /* errors -5, 0, 2, 0 and 6, 0, 0, 3 */
  CHECK(d.error.n == 8 && d.error.max_abs == 6 && fabs(d.error.rmse - sqrt(74.0 / 8)) < 1e-15);
  CHECK(rows[0].n == 4 && rows[0].max_abs == 5 && fabs(rows[0].rmse - sqrt(29.0 / 4)) < 1e-15);
  CHECK(rows[1].n == 4 && rows[1].max_abs == 6 && fabs(rows[1].rmse - sqrt(45.0 / 4)) < 1e-15);
  CHECK(groups[0] == (float)sqrt(29.0 / 4) && groups[1] == (float)sqrt(45.0 / 4));
}

static void weights_beyond_four_standard_deviations_are_outliers(void) {
  enum { N = 1000 };
  float w[N];
  for (int i = 0; i < N; i++) w[i] = i % 2 ? 11 : 9;
  /* mean 10, variance (996 + 2 * 90^2 + 2 * 18^2) / 1000 = 17.8, four deviations 16.9 */
  w[17] = 100, w[18] = -80, w[500] = 28, w[501] = -8;
  CHECK(detail_of(w, w, 10, 100, NULL, NULL).outliers == 0.004);
  /* variance (996 + 2 * 90^2 + 2 * 16^2) / 1000 = 17.7, four deviations 16.8 */
  w[500] = 26, w[501] = -6;
  CHECK(detail_of(w, w, 10, 100, NULL, NULL).outliers == 0.002);
}

static void equal_weights_have_no_outliers_and_one_bin(void) {
  float w[96], less[96];
  for (int i = 0; i < 96; i++) w[i] = 0.1f, less[i] = i % 2 ? 0.2f : 0;
  bl_weight_detail d = detail_of(w, less, 3, 32, NULL, NULL);
  CHECK(d.outliers == 0 && d.low == 0.1f && d.high == 0.1f);
  CHECK(d.originals[0] == 96 && d.converted[0] == 48 && d.converted[63] == 48);
}

/* 8 values and a group of zeros, to 2 bits: the edge, -1, has code 0, and 0 lies on the line. */
static void codes_and_groups_are_those_of_the_format(void) {
  float w[64] = {0};
  for (int i = 0; i < 32; i++) w[i] = (float)(i % 4) - 1; /* -1, 0, 1, 2 */
  one *a = make_one(bl_format_plain(BL_F32), 1, 64, w), *b = make_one(affine(2, 32), 1, 64, w);
  bl_weight_detail d;
  float groups[2] = {-1, -1};
  CHECK(bl_weight_group(&a->model, 0) == 64 && bl_weight_group(&b->model, 0) == 32);
  CHECK_OK(bl_weight_detail_get(&a->model, &b->model, 0, &d, NULL, groups, error));
  /* The edge is 2 and has code 0, so that codes fall with the weights: 8 of each. All zeros: 0. */
  CHECK(d.n_codes == 4);
  CHECK(d.codes[0] == 8 + 32 && d.codes[1] == 8 && d.codes[2] == 8 && d.codes[3] == 8);
  CHECK(d.error.rmse == 0 && d.error.cosine == 1 && isinf(d.error.snr_db));
  CHECK(groups[0] == 0 && groups[1] == 0);
  CHECK_OK(bl_weight_detail_get(&b->model, &b->model, 0, &d, NULL, NULL, error));
  CHECK(d.low == -1 && d.high == 2 && d.originals[0] == 8 && d.originals[63] == 8);
  free_one(a);
  free_one(b);
}

/* ---- by a plain loop ---------------------------------------------------------------------------
 */

static void many_weights_give_the_figures_of_a_plain_loop(void) {
  enum { ROWS = 37, COLS = 256, N = ROWS * COLS };
  static float w[N], v[COLS];
  uint64_t state = 1;
  for (int i = 0; i < N; i++) {
    w[i] = check_uniform(&state) + check_uniform(&state) + check_uniform(&state);
    if (i % 400 == 7) w[i] *= 8;
  }
  const bl_format formats[] = {affine(2, 64), affine(3, 32), affine(4, 128), affine(8, 32)};
  for (int f = 0; f < 4; f++) {
    int group = formats[f].group, n_groups = COLS / group;
    one *a = make_one(bl_format_plain(BL_F32), ROWS, COLS, w),
        *b = make_one(formats[f], ROWS, COLS, w);
    bl_weight_detail d;
    bl_weight_error rows[ROWS];
    float groups[ROWS * COLS / 32];
    CHECK_OK(bl_weight_detail_get(&a->model, &b->model, 0, &d, rows, groups, error));

    int64_t originals[64] = {0}, converted[64] = {0}, codes[256] = {0};
    long double sum = 0, sum_sq = 0, sq_error = 0;
    float low = w[0], high = w[0];
    for (int i = 0; i < N; i++) {
      sum += w[i];
      sum_sq += (long double)w[i] * w[i];
      low = fminf(low, w[i]);
      high = fmaxf(high, w[i]);
    }
    long double mean = sum / N, reach = 4 * sqrtl(sum_sq / N - mean * mean);
    int n_outliers = 0;
    for (int r = ROWS - 1; r >= 0; r--) {
      uint8_t row_codes[COLS];
      long double row_error = 0;
      bl_tensor_decode_row(&b->weight.tensor, r, v);
      bl_tensor_row_codes(&b->weight.tensor, r, row_codes);
      for (int g = 0; g < n_groups; g++) {
        long double e2 = 0;
        for (int i = g * group; i < (g + 1) * group; i++) {
          float x = w[r * COLS + i];
          /* The bin is found by walking along the edges. */
          int bin = 0, after = 0;
          while (bin < 63 && x >= low + (bin + 1) * ((long double)high - low) / 64) bin++;
          while (after < 63 && v[i] >= low + (after + 1) * ((long double)high - low) / 64) after++;
          originals[bin]++;
          converted[after]++;
          codes[row_codes[i]]++;
          n_outliers += fabsl(x - mean) > reach;
          e2 += ((long double)v[i] - x) * ((long double)v[i] - x);
        }
        float rmse = (float)sqrtl(e2 / group);
        CHECK(fabsf(groups[r * n_groups + g] - rmse) <= 1e-6f * rmse);
        row_error += e2;
      }
      CHECK(fabsl(rows[r].rmse - sqrtl(row_error / COLS)) < 1e-14L);
      sq_error += row_error;
    }
    CHECK(d.low == low && d.high == high);
    CHECK(memcmp(d.originals, originals, sizeof originals) == 0);
    CHECK(memcmp(d.converted, converted, sizeof converted) == 0);
    CHECK(d.n_codes == 1 << formats[f].bits && memcmp(d.codes, codes, sizeof codes) == 0);
    CHECK(n_outliers > 10 && fabs(d.outliers - (double)n_outliers / N) < 1e-12);
    CHECK(d.error.n == N && fabsl(d.error.rmse - sqrtl(sq_error / N)) < 1e-14L);
    free_one(a);
    free_one(b);
  }
}

/* ---- what should not be there -----------------------------------------------------------------
 */

static void broken_weights_are_counted_where_they_can_be(void) {
  const float original[] = {1, NAN, INFINITY, -INFINITY, -1, 0, 0.5f, NAN};
  const float converted[] = {NAN, 1, 3e38f, -3e38f, -INFINITY, INFINITY, 0.5f, 0};
  bl_weight_error rows[2];
  float groups[2];
  bl_weight_detail d = detail_of(original, converted, 2, 4, rows, groups);
  CHECK(d.low == -1 && d.high == 1);
  CHECK(total(d.originals, 64) == 6 && total(d.converted, 64) == 7);
  CHECK(d.originals[0] == 2 && d.originals[63] == 2); /* -inf, -1; 1, inf */
  CHECK(d.converted[0] == 2 && d.converted[63] == 3); /* -3e38, -inf; 1, 3e38, inf */
  CHECK(d.outliers == 0.25);                          /* the infinities */
  CHECK(isnan(d.error.rmse) && isnan(rows[0].rmse) && isnan(groups[1]));
}

static void nothing_finite_gives_no_range(void) {
  const float original[] = {NAN, NAN, INFINITY, NAN}, converted[] = {1, -1, NAN, 0};
  bl_weight_detail d = detail_of(original, converted, 1, 4, NULL, NULL);
  CHECK(d.low == 0 && d.high == 0 && total(d.originals, 64) == 1);
  CHECK(d.converted[0] == 2 && d.converted[63] == 1);
}

/* The range is that of the largest floats, so that differences overflow a float. */
static void the_largest_floats_have_bins(void) {
  const float w[] = {-0x1.fffffep127f, -1e38f,         0, 1e-30f, 1, 1e38f,
                     0x1.fffffcp127f,  0x1.fffffep127f};
  bl_weight_detail d = detail_of(w, w, 1, 8, NULL, NULL);
  CHECK(d.originals[0] == 1 && d.originals[63] == 2 && d.originals[32] == 3);
  CHECK(total(d.originals, 64) == 8 && d.outliers == 0);
}

/* Any bits at all, encoded and taken apart: a sanitizer sees what is out of bounds. */
static void any_bits_are_safe(void) {
  uint64_t state = 5;
  uint32_t bits[4 * 256];
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < 4 * 256; i++) bits[i] = (uint32_t)(check_random(&state) >> 32);
    float w[4 * 256], groups[4 * 256];
    memcpy(w, bits, sizeof w);
    for (int c = 0; c < bl_codec_count(); c++) {
      const bl_codec *codec = bl_codec_at(c);
      if (!codec->encode_row) continue;
      int bits = codec->bits ? codec->default_bits : codec->fixed_bits;
      int group = codec->groups ? codec->default_group : codec->fixed_group;
      bl_format format = {codec, bits, group, BL_F32};
      one *a = make_one(bl_format_plain(BL_F32), 4, 256, w), *b = make_one(format, 4, 256, w);
      bl_weight_detail d;
      CHECK_OK(bl_weight_detail_get(&a->model, &b->model, 0, &d, NULL, groups, error));
      CHECK(d.n_codes == 0 || total(d.codes, d.n_codes) == 4 * 256);
      free_one(a);
      free_one(b);
    }
  }
}

static void tensors_that_do_not_match_are_refused(void) {
  const float w[8] = {0};
  bl_format f32 = bl_format_plain(BL_F32);
  one *a = make_one(f32, 2, 4, w), *b = make_one(f32, 4, 2, w);
  bl_weight_detail d;
  bl_error error;
  CHECK(bl_weight_detail_get(&a->model, &a->model, 1, &d, NULL, NULL, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_weight_detail_get(&a->model, &a->model, -1, &d, NULL, NULL, NULL) == BL_ERR_ARGUMENT);
  CHECK(bl_weight_detail_get(&a->model, &b->model, 0, &d, NULL, NULL, &error) == BL_ERR_ARGUMENT);
  CHECK_MSG(strstr(error.message, "(2, 4)") && strstr(error.message, "(4, 2)"), "%s",
            error.message);
  b->weight.tensor = a->weight.tensor;
  b->weight.name = "v";
  CHECK(bl_weight_detail_get(&a->model, &b->model, 0, &d, NULL, NULL, &error) == BL_ERR_ARGUMENT);
  free_one(a);
  free_one(b);
}

/* ---- models -----------------------------------------------------------------------------------
 */

static bool same_error(const bl_weight_error *a, const bl_weight_error *b) {
  return a->n == b->n && a->rmse == b->rmse && a->snr_db == b->snr_db && a->max_abs == b->max_abs &&
         a->cosine == b->cosine;
}

/* Under every recipe that a menu offers: the loader measured the same errors, to the bit, every
 * weight is counted once, and the bytes add up to the model's size. */
static void every_recipe_adds_up(void) {
  bl_model *reference = NULL;
  CHECK_OK(golden_load("tiny_llama", "reference", &reference, error));
  if (!reference) exit(1);
  for (int k = 0; k < bl_recipe_kind_count(); k++) {
    bl_recipe_kind kind;
    bl_model *variant = NULL;
    bl_recipe_kind_get(k, &kind);
    CHECK_OK(golden_load("tiny_llama", kind.name, &variant, error));
    if (!variant) continue;
    bl_model_info info;
    bl_model_get_info(variant, &info);
    uint64_t untouched = 0;
    for (int t = 0; t < info.n_tensors; t++) {
      bl_tensor_info tensor;
      bl_weight_detail d;
      CHECK_OK(bl_model_get_tensor(variant, t, &tensor, error));
      CHECK_OK(bl_weight_detail_get(reference, variant, t, &d, NULL, NULL, error));
      int64_t n = tensor.n_rows * tensor.n_cols;
      CHECK_MSG(!tensor.converted || same_error(&d.error, &tensor.error), "%s: %s", kind.name,
                tensor.name);
      CHECK_MSG(total(d.originals, 64) == n && total(d.converted, 64) == n, "%s: %s", kind.name,
                tensor.name);
      CHECK_MSG(total(d.codes, 256) == (d.n_codes ? n : 0), "%s: %s", kind.name, tensor.name);
      if (d.n_codes == 0) untouched += tensor.size_bytes;
    }
    bl_byte_split split;
    bl_model_get_bytes(variant, &split);
    CHECK_MSG(split.untouched == untouched, "%s", kind.name);
    CHECK_MSG(split.codes + split.scales + split.biases + split.untouched == info.size_bytes, "%s",
              kind.name);
    bl_model_free(variant);
  }
  bl_model_free(reference);
}

/* Models that came quantized, with parts in the order and the types of other libraries. */
static void models_that_came_quantized_add_up_too(void) {
  const struct {
    const char *folder;
    bool has_biases;
  } cases[] = {
      {"tiny_llama_mlx4", true},         {"tiny_llama_mlx_mixed", true},
      {"tiny_llama_mlx_fp", true}, /* of its embedding, which is affine */
      {"tiny_llama_bnb", false},         {"tiny_llama_bnb_double", false},
      {"tiny_llama_torchao_int4", true}, {"tiny_llama_torchao_int8", false},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    bl_model *model = NULL;
    CHECK_OK(golden_load(cases[c].folder, "reference", &model, error));
    if (!model) continue;
    bl_model_info info;
    bl_byte_split split;
    bl_model_get_info(model, &info);
    bl_model_get_bytes(model, &split);
    CHECK_MSG(split.codes + split.scales + split.biases + split.untouched == info.size_bytes, "%s",
              cases[c].folder);
    CHECK_MSG(split.codes > split.scales && split.scales > 0, "%s", cases[c].folder);
    CHECK_MSG((split.biases > 0) == cases[c].has_biases, "%s", cases[c].folder);
    for (int t = 0; t < info.n_tensors; t++) {
      bl_weight_detail d;
      CHECK_OK(bl_weight_detail_get(model, model, t, &d, NULL, NULL, error));
      CHECK_MSG(memcmp(d.originals, d.converted, sizeof d.originals) == 0, "%s", cases[c].folder);
      CHECK_MSG(d.error.max_abs == 0 && d.error.cosine > 1 - 1e-15, "%s", cases[c].folder);
    }
    bl_model_free(model);
  }
}

int main(void) {
  RUN(histograms_errors_and_rows_are_as_counted_by_hand);
  RUN(weights_beyond_four_standard_deviations_are_outliers);
  RUN(equal_weights_have_no_outliers_and_one_bin);
  RUN(codes_and_groups_are_those_of_the_format);
  RUN(many_weights_give_the_figures_of_a_plain_loop);
  RUN(broken_weights_are_counted_where_they_can_be);
  RUN(nothing_finite_gives_no_range);
  RUN(the_largest_floats_have_bins);
  RUN(any_bits_are_safe);
  RUN(tensors_that_do_not_match_are_refused);
  RUN(every_recipe_adds_up);
  RUN(models_that_came_quantized_add_up_too);
  return check_result();
}
