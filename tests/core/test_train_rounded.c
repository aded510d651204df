/* Quantization-aware training and learning from a teacher: losses and gradients against MLX
 * (tests/golden/make_train.py), and that what was trained is what a conversion then makes. */
#include <math.h>

#include "base/json.h"
#include "model/model.h"
#include "sink.h"
#include "train/trainer.h"

#define RECIPE "affine:3:32/o_proj=reference"

typedef struct golden {
  char *config;
  size_t config_size;
  int32_t *batch; /* n_sequences, n_context, then ids, targets and starts */
  float *weights, *teacher, *gradients, *held;
  double loss, n_targets, clipped;
} golden;

static void *read_golden(const char *file, size_t *size) {
  char path[512];
  snprintf(path, sizeof path, "%s/train/rounded/%s", BL_GOLDEN, file);
  return check_read_file(path, size);
}

static double number(const cJSON *object, const char *key) {
  return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static golden open_golden(void) {
  golden g;
  size_t size;
  g.config = read_golden("config.json", &g.config_size);
  g.batch = read_golden("batch.i32", &size);
  g.weights = read_golden("weights.f32", &size);
  g.teacher = read_golden("teacher.f32", &size);
  g.gradients = read_golden("gradients.f32", &size);
  g.held = read_golden("held.f32", &size);
  char *text = read_golden("steps.json", &size);
  cJSON *json = NULL;
  CHECK_OK(bl_json_parse("steps.json", text, size, &json, error));
  g.loss = number(json, "loss");
  g.n_targets = number(json, "n_targets");
  g.clipped = number(json, "clipped");
  cJSON_Delete(json);
  free(text);
  return g;
}

static void close_golden(golden *g) {
  free(g->config);
  free(g->batch);
  free(g->weights);
  free(g->teacher);
  free(g->gradients);
  free(g->held);
}

static bl_train_batch batch_of(const golden *g) {
  const int64_t all = (int64_t)g->batch[0] * g->batch[1];
  const int32_t *ids = g->batch + 2;
  return (bl_train_batch){g->batch[0], ids, ids + all, ids + 2 * all};
}

/* A trainer with these weights; `recipe` is NULL for one that rounds nothing. */
static bl_trainer *make(const golden *g, const char *recipe, const float *weights, bl_pool *pool) {
  bl_train_options options = {.n_sequences = g->batch[0],
                              .n_context = g->batch[1],
                              .learning_rate = 0.002,
                              .final_rate = 0.002,
                              .beta1 = 0.9,
                              .beta2 = 0.95,
                              .epsilon = 1e-8,
                              .max_norm = 1,
                              .pool = pool};
  bl_error error = {0};
  if (recipe) CHECK_OK(bl_recipe_parse(recipe, &options.quantize, error));
  bl_trainer *t = bl_trainer_new(g->config, g->config_size, &options, &error);
  CHECK_MSG(t, "%s", error.message);
  if (!t) exit(1);
  for (int i = 0; i < t->n_params; i++) {
    const int64_t n = t->params[i].n_rows * t->params[i].n_cols;
    memcpy(t->params[i].value, weights, (size_t)n * sizeof *weights);
    weights += n;
  }
  return t;
}

/* |a * scale - b| / |b|, or |a * scale| where b is zero. */
static double distance(const float *a, double scale, const float *b, int64_t n) {
  double error = 0, size = 0;
  for (int64_t i = 0; i < n; i++) {
    const double d = (double)a[i] * scale - (double)b[i];
    error += d * d;
    size += (double)b[i] * (double)b[i];
  }
  return sqrt(size > 0 ? error / size : error);
}

static void check_all(const bl_trainer *t, const char *what, const float *expected) {
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    const int64_t n = p->n_rows * p->n_cols;
    const double d = distance(p->gradient, 1 / (double)t->n_targets, expected, n);
    CHECK_MSG(d < 2e-5, "%s of role %d in layer %d is off by %.3g", what, (int)p->role, p->layer,
              d);
    expected += n;
  }
}

static void gradients_through_the_rounding_are_those_of_mlx(void) {
  golden g = open_golden();
  bl_trainer *t = make(&g, RECIPE, g.weights, NULL), *teacher = make(&g, NULL, g.teacher, NULL);
  const bl_train_batch batch = batch_of(&g);
  CHECK_OK(bl_trainer_set_teacher(t, teacher, error));
  CHECK_OK(bl_trainer_accumulate(t, &batch, error));
  CHECK((double)t->n_targets == g.n_targets);
  CHECK_MSG(fabs(t->loss / g.n_targets / g.loss - 1) < 1e-5, "loss %.8g, expected %.8g",
            t->loss / g.n_targets, g.loss);
  check_all(t, "the gradient", g.gradients);
  int n_clipped = 0, n_rounded = 0;
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    const int64_t n = p->n_rows * p->n_cols;
    CHECK(!p->gridding == (p->n_rows == 1 || p->role == BL_O));
    n_rounded += p->gridding != NULL;
    for (int64_t j = 0; p->clipped && j < n; j++) n_clipped += p->clipped[j] != 0;
    bl_train_hold_clipped(p, 0, n);
  }
  CHECK(n_rounded == 1 + 2 * 6);
  CHECK_MSG(n_clipped == (int)g.clipped, "%d clipped, expected %g", n_clipped, g.clipped);
  check_all(t, "what is held of the gradient", g.held);
  bl_trainer_free(t);
  bl_trainer_free(teacher);
  close_golden(&g);
}

static bl_model *load(const golden *g, const sink *file, const char *recipe) {
  bl_load_options options = {0};
  bl_model *model = NULL;
  CHECK_OK(bl_recipe_parse(recipe, &options.recipe, error));
  bl_loader *loader = bl_loader_new(&options, NULL);
  CHECK_OK(bl_loader_add_text(loader, "config.json", g->config, g->config_size, error));
  CHECK_OK(bl_loader_add_file(loader, "model.safetensors", file->bytes, file->size, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  if (!model) exit(1);
  return model;
}

/* Steps away from where it began, on three threads; then the weights are saved and quantized. */
static void what_was_trained_is_what_a_conversion_makes(void) {
  static const char *const recipes[] = {RECIPE, "affine:4:32", "q4_0", "q5_1", "int4:32", "int8"};
  for (size_t r = 0; r < sizeof recipes / sizeof *recipes; r++) {
    golden g = open_golden();
    bl_pool *pool = bl_pool_new(3);
    bl_trainer *t = make(&g, recipes[r], g.weights, pool);
    const bl_train_batch batch = batch_of(&g);
    double loss = 0, first = 0;
    int64_t n_targets = 0;
    for (int step = 0; step < 5; step++) {
      bl_train_report report;
      CHECK_OK(bl_trainer_accumulate(t, &batch, error));
      CHECK_OK(bl_trainer_step(t, &report, error));
      if (step == 0) first = report.loss;
    }
    CHECK_OK(bl_trainer_evaluate(t, &batch, &loss, &n_targets, error));
    CHECK_MSG(loss / (double)n_targets < first, "%s: from %.4g to %.4g", recipes[r], first,
              loss / (double)n_targets);
    sink file = {0};
    CHECK_OK(bl_trainer_export(t, BL_BF16, sink_write, &file, error));
    bl_model *model = load(&g, &file, recipes[r]);
    for (int i = 0; i < t->n_params; i++) {
      const bl_param *p = &t->params[i];
      float row[64];
      int64_t n_different = 0;
      for (int64_t j = 0; p->gridding && j < p->n_rows; j++) {
        bl_tensor_decode_row(bl_model_tensor(model, p->role, p->layer), j, row);
        for (int64_t k = 0; k < p->n_cols; k++) n_different += row[k] != p->used[j * p->n_cols + k];
      }
      CHECK_MSG(n_different == 0, "%s: %d weights of role %d differ", recipes[r], (int)n_different,
                (int)p->role);
    }
    bl_model_free(model);
    free(file.bytes);
    bl_trainer_free(t);
    bl_pool_free(pool);
    close_golden(&g);
  }
}

static void a_model_is_its_own_teacher_without_loss(void) {
  golden g = open_golden();
  bl_trainer *t = make(&g, NULL, g.weights, NULL), *teacher = make(&g, NULL, g.weights, NULL);
  const bl_train_batch batch = batch_of(&g);
  CHECK_OK(bl_trainer_set_teacher(t, teacher, error));
  CHECK_OK(bl_trainer_accumulate(t, &batch, error));
  CHECK_MSG(fabs(t->loss) < 1e-4, "loss %g", t->loss);
  for (int64_t i = 0; i < t->n_values; i++) CHECK(fabsf(t->gradients[i]) < 1e-4f);
  bl_trainer_free(t);
  bl_trainer_free(teacher);
  close_golden(&g);
}

static void weights_are_taken_from_a_model_of_the_same_shapes(void) {
  golden g = open_golden();
  bl_trainer *from = make(&g, NULL, g.teacher, NULL), *t = make(&g, NULL, g.weights, NULL);
  sink file = {0};
  CHECK_OK(bl_trainer_export(from, BL_F32, sink_write, &file, error));
  bl_model *model = load(&g, &file, "reference");
  CHECK_OK(bl_trainer_take_weights(t, model, error));
  CHECK(memcmp(t->values, from->values, (size_t)t->n_values * sizeof(float)) == 0);
  bl_error error = {0};
  t->config.rope_theta = 500000;
  CHECK(bl_trainer_take_weights(t, model, &error) == BL_ERR_ARGUMENT &&
        strstr(error.message, "rope_theta 10000"));
  t->config.rope_theta = 10000;
  t->params[0].n_rows++;
  CHECK(bl_trainer_take_weights(t, model, &error) == BL_ERR_ARGUMENT &&
        strstr(error.message, "embed_tokens.weight: the model's is 50 x 32"));
  t->params[0].n_rows--;
  bl_model_free(model);
  free(file.bytes);
  bl_trainer_free(from);
  bl_trainer_free(t);
  close_golden(&g);
}

static void what_can_not_be_trained_through_is_refused(void) {
  static const struct {
    const char *recipe, *part;
  } refused[] = {{"mxfp4", "the rounding of 'mxfp4'"}, {"q4_k", "quantizes nothing of this model"}};
  golden g = open_golden();
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    bl_train_options options = {.n_sequences = 1, .n_context = 8, .epsilon = 1};
    bl_error error = {0};
    CHECK_OK(bl_recipe_parse(refused[i].recipe, &options.quantize, error));
    CHECK(!bl_trainer_new(g.config, g.config_size, &options, &error));
    CHECK_MSG(strstr(error.message, refused[i].part), "%s", error.message);
  }
  bl_trainer *t = make(&g, NULL, g.weights, NULL);
  bl_train_options less = {.n_sequences = 1, .n_context = 8, .epsilon = 1};
  bl_error error = {0};
  bl_trainer *short_one = bl_trainer_new(g.config, g.config_size, &less, &error);
  CHECK(bl_trainer_set_teacher(t, t, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_trainer_set_teacher(t, short_one, &error) == BL_ERR_ARGUMENT &&
        strstr(error.message, "1 sequences of 8 tokens"));
  CHECK(!t->teacher);
  bl_trainer_free(short_one);
  bl_trainer_free(t);
  close_golden(&g);
}

int main(void) {
  RUN(gradients_through_the_rounding_are_those_of_mlx);
  RUN(what_was_trained_is_what_a_conversion_makes);
  RUN(a_model_is_its_own_teacher_without_loss);
  RUN(weights_are_taken_from_a_model_of_the_same_shapes);
  RUN(what_can_not_be_trained_through_is_refused);
  return check_result();
}
