/* Static activations: their scales, codes and logits against torch's (tests/golden/make_static.py),
 * and what is refused. */
#include <cJSON.h>
#include <math.h>

#include "check.h"
#include "kernel/activations.h"
#include "kernel/kernel.h"
#include "measure/observer.h"
#include "model/model.h"
#include "model_files.h"

enum { N = 2048, N_CALLS = 5, N_CODES = 64, MOST = 64 };

static const char *const modes[] = {"qint8:histogram", "qint8:minmax", "int8:histogram",
                                    "int8:minmax"};
enum { N_MODES = 4 };

static cJSON *read_json(const char *name) {
  size_t size;
  char *text = (char *)golden_read("static", name, &size);
  cJSON *json = cJSON_ParseWithLength(text, size);
  free(text);
  CHECK(json != NULL);
  return json;
}

static double number_at(const cJSON *list, int i) {
  return cJSON_GetNumberValue(cJSON_GetArrayItem(list, i));
}

/* Floats of the same value but for the order in which they were added up. */
static bool is_near(double found, double expected, double most) {
  return fabs(found - expected) <= most * fabs(expected) + 1e-12;
}

static bool begins_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* ---- observers ------------------------------------------------------------------------------- */

/* A matrix of the mode's format, with the scale for the range. */
static bl_tensor tensor_for(const char *mode, bl_range range) {
  const char *name = begins_with(mode, "qint8") ? "qint8" : "int8";
  bl_format format = {bl_codec_find(name, strlen(name)), 8, 1, BL_F32};
  bl_tensor w = bl_tensor_make(format, 2, N_CODES);
  bl_choose_static_scale(&w, range);
  return w;
}

static bl_range range_for(const char *mode, const bl_observer *o) {
  return strstr(mode, "histogram") ? bl_observer_range(o) : o->seen;
}

static void check_codes(const char *kind, const char *mode, const bl_tensor *w, const float *row,
                        const cJSON *expected) {
  const bl_quantizer q = bl_quantizer_make(w, row, 1);
  int8_t codes[N_CODES];
  float scales[N_CODES];
  bl_quantize(&q, row, N_CODES, codes, scales);
  CHECK(scales[0] == w->input_scale);
  for (int i = 0; i < N_CODES; i++)
    CHECK_MSG(codes[i] == (int)number_at(expected, i), "%s, %s: code %d is %d, torch's %d", kind,
              mode, i, codes[i], (int)number_at(expected, i));
}

/* What is told after each call, and the codes in the end. */
static void check_kind(const cJSON *kind) {
  char name[64];
  size_t size;
  snprintf(name, sizeof name, "calls_%s.bin", kind->string);
  float *calls = (float *)(void *)golden_read("static", name, &size);
  CHECK(size == (N_CALLS * N + N_CODES) * sizeof *calls);
  bl_observer *o = calloc(1, sizeof *o);
  o->seen = (bl_range){INFINITY, -INFINITY};
  for (int c = 0; c < N_CALLS; c++) {
    const cJSON *after = cJSON_GetArrayItem(kind, c), *range = cJSON_GetObjectItem(after, "range");
    bl_observe(o, calls + c * N, N);
    const bl_range found = bl_observer_range(o);
    const double width = (double)o->seen.hi - (double)o->seen.lo, most = 1e-6 * width + 1e-15;
    CHECK_MSG(fabs((double)found.lo - number_at(range, 0)) <= most &&
                  fabs((double)found.hi - number_at(range, 1)) <= most,
              "%s, call %d: %.9g to %.9g, torch has %.9g to %.9g", kind->string, c,
              (double)found.lo, (double)found.hi, number_at(range, 0), number_at(range, 1));
    for (int m = 0; m < N_MODES; m++) {
      const cJSON *line = cJSON_GetObjectItem(cJSON_GetObjectItem(after, "lines"), modes[m]);
      const bl_tensor w = tensor_for(modes[m], range_for(modes[m], o));
      CHECK_MSG(is_near((double)w.input_scale, number_at(line, 0), 1e-6) &&
                    w.input_zero == (int)number_at(line, 1),
                "%s, %s, call %d: %.9g, %d, torch has %.9g, %d", kind->string, modes[m], c,
                (double)w.input_scale, w.input_zero, number_at(line, 0), (int)number_at(line, 1));
      const cJSON *codes = cJSON_GetObjectItem(cJSON_GetObjectItem(after, "codes"), modes[m]);
      if (codes) check_codes(kind->string, modes[m], &w, calls + N_CALLS * N, codes);
    }
  }
  free(o);
  free(calls);
}

static void ranges_scales_and_codes_are_those_of_torch(void) {
  cJSON *kinds = read_json("observers.json");
  const cJSON *kind;
  CHECK(cJSON_GetArraySize(kinds) == 8);
  cJSON_ArrayForEach(kind, kinds) check_kind(kind);
  cJSON_Delete(kinds);
}

static void what_was_never_seen_counts_as_0(void) {
  const bl_tensor w = tensor_for("qint8", (bl_range){INFINITY, -INFINITY});
  CHECK(w.input_scale == 0x1p-23f && w.input_zero == 0);
}

static void what_is_no_number_spoils_its_token(void) {
  const bl_tensor w = tensor_for("int8", (bl_range){-1, 1});
  float row[N_CODES] = {0}, scales[1];
  int8_t codes[N_CODES];
  const bl_quantizer q = bl_quantizer_make(&w, row, 1);
  row[7] = 3;
  bl_quantize(&q, row, N_CODES, codes, scales);
  CHECK(codes[7] == 127); /* beyond what was seen: cut off */
  row[7] = NAN;
  bl_quantize(&q, row, N_CODES, codes, scales);
  CHECK(isnan(scales[0]));
  row[7] = INFINITY;
  bl_quantize(&q, row, N_CODES, codes, scales);
  CHECK(isnan(scales[0]));
}

/* ---- a model --------------------------------------------------------------------------------- */

#define CLASSIFIER "../../examples/tinyworld/classifier"

static int read_ids(const cJSON *list, int32_t *ids) {
  int n = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, list) ids[n++] = item->valueint;
  return n;
}

static bl_statistics *calibrate(const bl_model *model, const cJSON *texts, bl_error *error) {
  int32_t ids[20 * MOST];
  size_t ends[20], n = 0, n_texts = 0;
  const cJSON *text;
  cJSON_ArrayForEach(text, texts) {
    n += (size_t)read_ids(text, ids + n);
    ends[n_texts++] = n;
  }
  const bl_calibration calibration = {.ids = ids, .n_ids = n, .ends = ends, .n_documents = n_texts};
  bl_statistics *statistics = NULL;
  if (bl_calibrate(model, BL_NEEDS_RANGES, &calibration, NULL, NULL, &statistics, error) != BL_OK)
    return NULL;
  return statistics;
}

/* "qint8@static" for "qint8:histogram". */
static void name_recipe(const char *mode, char recipe[64]) {
  const int n = (int)strcspn(mode, ":");
  snprintf(recipe, 64, "%.*s@static%s/*embeddings=f32", n, mode, mode + n);
}

static bl_model *make_variant(const bl_model *model, const char *mode,
                              const bl_statistics *statistics) {
  char recipe[64];
  bl_model *variant = NULL;
  bl_load_options options = {.statistics = statistics};
  name_recipe(mode, recipe);
  CHECK_OK(bl_recipe_parse(recipe, &options.recipe, error));
  CHECK_OK(bl_model_variant(model, &options, NULL, NULL, &variant, error));
  return variant;
}

static void check_scales(const bl_model *variant, const char *mode, const cJSON *layers) {
  int n = 0;
  for (int i = 0; i < variant->n_weights; i++) {
    const bl_weight *weight = &variant->weights[i];
    char name[128];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(weight->name) - strlen(".weight")),
             weight->name);
    const cJSON *layer = cJSON_GetObjectItem(layers, name);
    if (!layer || weight->tensor.n_rows == 1) continue;
    const cJSON *line = cJSON_GetObjectItem(layer, mode);
    n++;
    CHECK_MSG(is_near((double)weight->tensor.input_scale, number_at(line, 0), 1e-5) &&
                  weight->tensor.input_zero == (int)number_at(line, 1),
              "%s, %s: %.9g, %d, torch has %.9g, %d", name, mode,
              (double)weight->tensor.input_scale, weight->tensor.input_zero, number_at(line, 0),
              (int)number_at(line, 1));
  }
  CHECK_MSG(n == cJSON_GetArraySize(layers), "%d layers", n);
}

/* The largest difference of a logit from torch's, and how many texts have none over 1e-5. */
static double judge(const bl_model *variant, const char *mode, const char *kernels,
                    const cJSON *lines, int *n_equal) {
  double worst = 0;
  bl_encoder *encoder = bl_encoder_new(variant, &(bl_session_options){.kernels = kernels}, NULL);
  const cJSON *line;
  cJSON_ArrayForEach(line, lines) {
    int32_t ids[MOST];
    float logits[8];
    const int n = read_ids(cJSON_GetObjectItem(line, "ids"), ids);
    const cJSON *expected = cJSON_GetObjectItem(cJSON_GetObjectItem(line, "logits"), mode);
    CHECK_OK(bl_encoder_run(encoder, ids, NULL, (size_t)n, error));
    CHECK_OK(bl_encoder_classify(encoder, logits, error));
    double own = 0;
    for (int i = 0; i < 2; i++) own = fmax(own, fabs((double)logits[i] - number_at(expected, i)));
    worst = fmax(worst, own);
    *n_equal += own < 1e-5;
  }
  bl_encoder_free(encoder);
  return worst;
}

/* Where a float falls between two codes, rounding in an earlier layer may give it the other one:
 * then logits are off by what steps of codes do, as those of torch's own engines are among each
 * other. */
static void a_classifier_is_that_of_torch(void) {
  cJSON *golden = read_json("classifier.json");
  bl_model *model = NULL;
  CHECK_OK(golden_load(CLASSIFIER, "reference", &model, error));
  bl_error why = {0};
  bl_statistics *statistics = calibrate(model, cJSON_GetObjectItem(golden, "calibration"), &why);
  CHECK_MSG(statistics != NULL, "%s", why.message);
  for (int m = 0; statistics && m < N_MODES; m++) {
    bl_model *variant = make_variant(model, modes[m], statistics);
    check_scales(variant, modes[m], cJSON_GetObjectItem(golden, "layers"));
    for (int k = 0; k < bl_kernels_count(); k++) {
      const char *kernels = bl_kernels_name(bl_kernels_at(k));
      int n_equal = 0;
      const double worst =
          judge(variant, modes[m], kernels, cJSON_GetObjectItem(golden, "lines"), &n_equal);
      printf("    %s, %s: %d of 20 texts equal, the furthest logit is %.2g off\n", modes[m],
             kernels, n_equal, worst);
      CHECK_MSG(worst < 0.05 && n_equal >= 10, "%s, %s: %d equal, a logit is %g off", modes[m],
                kernels, n_equal, worst);
    }
    bl_model_free(variant);
  }
  bl_statistics_free(statistics);
  bl_model_free(model);
  cJSON_Delete(golden);
}

/* ---- recipes, and what is refused ------------------------------------------------------------ */

static void recipes_name_the_observer(void) {
  static const struct {
    const char *text, *printed;
  } cases[] = {{"qint8@static", "qint8@static"},
               {"INT8@Static:Histogram/lm_head=bf16", "int8@static/lm_head=bf16"},
               {"int8+search@static:minmax", "int8+search@static:minmax"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_recipe recipe;
    char text[BL_RECIPE_TEXT];
    CHECK_OK(bl_recipe_parse(cases[i].text, &recipe, error));
    bl_recipe_print(&recipe, text, sizeof text);
    CHECK_MSG(strcmp(text, cases[i].printed) == 0, "%s", text);
    CHECK(bl_activations_static(recipe.activations));
    CHECK(bl_recipe_needs(&recipe) == BL_NEEDS_RANGES);
  }
}

static void what_has_no_static_activations_is_refused(void) {
  static const char *const texts[] = {"affine:4:64@static", "q4_0@static", "q4_k_m@static",
                                      "reference@static", "qint8@static/v_proj=q4_0"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    bl_recipe recipe;
    bl_error error = {0};
    CHECK(bl_recipe_parse(texts[i], &recipe, &error) == BL_ERR_RECIPE);
    CHECK_MSG(strstr(error.message, "has no static activations"), "%s", error.message);
  }
  bl_recipe recipe;
  bl_error error = {0};
  CHECK(bl_recipe_parse("int8@static:mean", &recipe, &error) == BL_ERR_RECIPE);
  CHECK(strstr(error.message, "expected int8, static, static:minmax or float"));
}

static void without_calibration_it_is_refused(void) {
  bl_model *model = NULL, *variant = NULL;
  bl_load_options options = {0};
  bl_error error = {0};
  CHECK_OK(golden_load("tiny_llama", "reference", &model, error));
  CHECK_OK(bl_recipe_parse("int8@static", &options.recipe, error));
  CHECK(bl_model_variant(model, &options, NULL, NULL, &variant, &error) == BL_ERR_RECIPE);
  CHECK_MSG(strstr(error.message, "'@static' goes by what matrices are multiplied with"), "%s",
            error.message);
  CHECK(strstr(error.message, "--calibrate"));
  bl_model_free(model);
}

/* A model with such numbers is refused once it has read; until then nothing may break. */
static void numbers_that_no_range_holds_stay_within_the_bins(void) {
  const float calls[][2] = {{0, 1e36f}, {-3e38f, 3e38f}, {0, INFINITY}, {NAN, 1}, {0, 1}};
  bl_observer *o = calloc(1, sizeof *o);
  for (size_t first = 0; first < sizeof calls / sizeof *calls; first++) {
    *o = (bl_observer){.seen = {INFINITY, -INFINITY}};
    for (size_t c = first; c < sizeof calls / sizeof *calls; c++) bl_observe(o, calls[c], 2);
    bl_observer_range(o);
    double sum = 0;
    for (int b = 0; b < BL_OBSERVER_BINS; b++) sum += (double)o->counts[b];
    CHECK_MSG(sum > 0, "from call %zu on: %g counted", first, sum);
  }
  free(o);
}

int main(void) {
  RUN(ranges_scales_and_codes_are_those_of_torch);
  RUN(what_was_never_seen_counts_as_0);
  RUN(what_is_no_number_spoils_its_token);
  RUN(numbers_that_no_range_holds_stay_within_the_bins);
  RUN(a_classifier_is_that_of_torch);
  RUN(recipes_name_the_observer);
  RUN(what_has_no_static_activations_is_refused);
  RUN(without_calibration_it_is_refused);
  return check_result();
}
