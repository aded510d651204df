/* Learning grids, codes and norms of a quantized model: gradients against MLX
 * (tests/golden/make_train.py), that what was learned is what is stored, and what it must not
 * depend on. */
#include <math.h>

#include "model/model.h"
#include "sink.h"
#include "train/learned.h"

#define RECIPE "affine:3:32/o_proj=reference"

enum { N_IDS = 1500, N_DOCUMENTS = 40 };

static void *read_golden(const char *file, size_t *size) {
  char path[512];
  snprintf(path, sizeof path, "%s/train/rounded/%s", BL_GOLDEN, file);
  return check_read_file(path, size);
}

static const bl_train_options plain_options = {.n_sequences = 2, .n_context = 60, .epsilon = 1e-8};

/* A model with these weights, in bf16: the parameters of a trainer in their order, or NULL for
 * random ones. */
static bl_model *make_model(const char *config, size_t config_size, const float *weights) {
  bl_train_options options = plain_options;
  bl_error error = {0};
  options.init_std = 0.3;
  options.seed = 5;
  bl_trainer *t = bl_trainer_new(config, config_size, &options, &error);
  CHECK_MSG(t, "%s", error.message);
  if (!t) exit(1);
  for (int i = 0; weights && i < t->n_params; i++) {
    const int64_t n = t->params[i].n_rows * t->params[i].n_cols;
    memcpy(t->params[i].value, weights, (size_t)n * sizeof *weights);
    weights += n;
  }
  sink file = {0};
  CHECK_OK(bl_trainer_export(t, BL_BF16, sink_write, &file, error));
  bl_trainer_free(t);
  bl_load_options load = {.not_finite = BL_NOT_FINITE_NEVER};
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&load, NULL);
  CHECK_OK(bl_loader_add_text(loader, "config.json", config, config_size, error));
  CHECK_OK(bl_loader_begin_file(loader, "model.safetensors", file.size, error));
  CHECK_OK(bl_loader_push(loader, file.bytes, file.size, error));
  CHECK_OK(bl_loader_end_file(loader, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  free(file.bytes);
  if (!model) exit(1);
  return model;
}

static bl_model *golden_model(void) {
  size_t config_size, size;
  char *config = read_golden("config.json", &config_size);
  float *weights = read_golden("weights.f32", &size);
  bl_model *model = make_model(config, config_size, weights);
  free(config);
  free(weights);
  return model;
}

/* Rows that blocks of 256 divide. */
static bl_model *wide_model(void) {
  static const char config[] =
      "{\"model_type\":\"llama\",\"hidden_act\":\"silu\",\"max_position_embeddings\":128,"
      "\"rms_norm_eps\":1e-5,\"rope_theta\":10000.0,\"hidden_size\":256,\"intermediate_size\":256,"
      "\"num_hidden_layers\":1,\"num_attention_heads\":4,\"num_key_value_heads\":2,\"head_dim\":64,"
      "\"vocab_size\":50,\"tie_word_embeddings\":true}";
  return make_model(config, sizeof config - 1, NULL);
}

static bl_model *make_variant(const bl_model *reference, const char *recipe) {
  bl_load_options options = {.measure = true, .learns = true};
  bl_model *variant = NULL;
  CHECK_OK(bl_recipe_parse(recipe, &options.recipe, error));
  CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &variant, error));
  if (!variant) exit(1);
  return variant;
}

/* ---- gradients ------------------------------------------------------------------------------- */

static double distance(const float *a, double scale, const float *b, int64_t n) {
  double error = 0, size = 0;
  for (int64_t i = 0; i < n; i++) {
    const double d = (double)a[i] * scale - (double)b[i];
    error += d * d;
    size += (double)b[i] * (double)b[i];
  }
  return sqrt(error / size);
}

/* Of all grids of a matrix: scales, then biases. */
static float *grid_gradients(const bl_param *p) {
  const bl_learned *l = p->learned;
  float *found = malloc(2 * (size_t)l->n * sizeof *found);
  if (!found) exit(1);
  for (int64_t i = 0; i < l->n; i++) {
    const bl_grid g =
        bl_learned_grid_gradient(l, p->value + i * l->span, p->gradient + i * l->span, l->span);
    found[i] = g.scale;
    found[l->n + i] = g.bias;
  }
  return found;
}

static void gradients_of_scales_and_biases_are_those_of_mlx(void) {
  size_t size;
  float *expected = read_golden("learned.f32", &size), *at = expected;
  float *taught = read_golden("teacher.f32", &size);
  int32_t *batch = read_golden("batch.i32", &size);
  const int64_t all = (int64_t)batch[0] * batch[1];
  const bl_train_batch seen = {batch[0], batch + 2, batch + 2 + all, batch + 2 + 2 * all};
  bl_model *reference = golden_model(), *variant = make_variant(reference, RECIPE);
  bl_trainer *t = bl_train_make(&reference->config, NULL, &plain_options, BL_TRAIN_TO_LEARN, NULL);
  bl_trainer *teacher =
      bl_train_make(&reference->config, NULL, &plain_options, BL_TRAIN_TO_TEACH, NULL);
  CHECK_OK(bl_trainer_take_weights(t, variant, error));
  const float *from = taught;
  for (int i = 0; i < teacher->n_params; i++) {
    const bl_param *p = &teacher->params[i];
    memcpy(p->value, from, (size_t)(p->n_rows * p->n_cols) * sizeof *from);
    from += p->n_rows * p->n_cols;
  }
  for (int i = 0; i < t->n_params; i++) {
    bl_param *p = &t->params[i];
    if (p->n_rows > 1 && p->role != BL_O)
      CHECK_OK(bl_learned_begin(t, p, bl_model_tensor(variant, p->role, p->layer),
                                bl_model_tensor(reference, p->role, p->layer), BL_DTYPE_NONE, true,
                                error));
  }
  CHECK_OK(bl_trainer_set_teacher(t, teacher, error));
  CHECK_OK(bl_trainer_accumulate(t, &seen, error));
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    if (!p->learned) continue;
    float *found = grid_gradients(p);
    for (int half = 0; half < 2; half++, at += p->learned->n) {
      const double d =
          distance(found + half * p->learned->n, 1 / (double)t->n_targets, at, p->learned->n);
      CHECK_MSG(d < 2e-5, "%s of role %d in layer %d: off by %.3g", half ? "biases" : "scales",
                (int)p->role, p->layer, d);
    }
    free(found);
  }
  bl_trainer_free(t);
  bl_trainer_free(teacher);
  bl_model_free(variant);
  bl_model_free(reference);
  free(expected);
  free(taught);
  free(batch);
}

/* ---- learning -------------------------------------------------------------------------------- */

/* A text with something to learn: each token follows from the one before it. */
typedef struct material {
  int32_t ids[N_IDS];
  size_t ends[N_DOCUMENTS];
  bl_learn_options options;
} material;

static void make_text(material *m, bl_pool *pool, int64_t n_steps) {
  static const int32_t between[] = {3, 4};
  for (int i = 0; i < N_IDS; i++) m->ids[i] = (i * 7 + i / 50 * 11) % 50;
  for (int i = 0; i < N_DOCUMENTS; i++) m->ends[i] = (size_t)(i + 1) * (N_IDS / N_DOCUMENTS);
  m->options = (bl_learn_options){.text = {.ids = m->ids,
                                           .n_ids = N_IDS,
                                           .ends = m->ends,
                                           .n_documents = N_DOCUMENTS,
                                           .n_context = 32,
                                           .pool = pool},
                                  .between = between,
                                  .n_between = 2,
                                  .n_steps = n_steps,
                                  .n_tokens = 256,
                                  .seed = 1};
}

static bl_learn_report learn(bl_model *variant, const bl_model *reference, int n_threads,
                             int64_t n_steps, double rate) {
  material m;
  bl_learn_report report = {0};
  bl_pool *pool = n_threads > 1 ? bl_pool_new(n_threads) : NULL;
  make_text(&m, pool, n_steps);
  m.options.rate = rate;
  CHECK_OK(bl_learn(variant, reference, BL_DTYPE_NONE, &m.options, NULL, NULL, &report, error));
  bl_pool_free(pool);
  return report;
}

static bool same_part(const bl_tensor *a, const bl_tensor *b, int part) {
  return memcmp(a->parts[part], b->parts[part], bl_tensor_part_bytes(a, part)) == 0;
}

static bool same_models(const bl_model *a, const bl_model *b) {
  for (int i = 0; i < a->n_weights; i++)
    for (int p = 0; p < a->weights[i].tensor.format.codec->n_parts; p++)
      if (!same_part(&a->weights[i].tensor, &b->weights[i].tensor, p)) return false;
  return true;
}

/* Judged again from the bytes, the model is what learning said that it had become. */
static void check_kept(bl_model *variant, const bl_model *reference, const bl_learn_report *report,
                       const char *recipe) {
  const bl_learn_report again = learn(variant, reference, 1, 1, 0);
  for (int way = 0; way < 2; way++)
    CHECK_MSG(fabs(again.before[way] / report->after[way] - 1) < 1e-6,
              "%s: %.6g when read again, expected %.6g", recipe, again.before[way],
              report->after[way]);
}

static void every_format_learns_and_keeps_what_it_learned(void) {
  static const char *const narrow[] = {
      "affine:4:32+distill", "affine:2:32+dwq", "affine:8:32+distill",
      "q4_0+distill",        "q4_1+distill",    "q5_0+dwq",
      "q5_1+distill",        "q8_0+dwq",        "iq4_nl+distill",
      "int4:32+distill",     "int8+dwq",        "affine:3:32+search+distill"};
  static const char *const wide[] = {"q2_k+distill", "q3_k+distill", "q4_k+distill", "q5_k+dwq",
                                     "q6_k+distill", "q4_k+dwq",     "nf4+distill"};
  for (int w = 0; w < 2; w++) {
    bl_model *reference = w ? wide_model() : golden_model();
    const size_t n = w ? sizeof wide / sizeof *wide : sizeof narrow / sizeof *narrow;
    for (size_t i = 0; i < n; i++) {
      const char *recipe = w ? wide[i] : narrow[i];
      bl_model *variant = make_variant(reference, recipe);
      const bl_learn_report r = learn(variant, reference, 1, 24, 0);
      const double share = r.after[0] / r.before[0] + r.after[1] / r.before[1];
      CHECK(r.n_steps == 24);
      CHECK_MSG(r.kept_step > 0 ? share < 2 : share == 2 && strchr(recipe, '8'),
                "%s: from %.4g and %.4g to %.4g and %.4g", recipe, r.before[0], r.before[1],
                r.after[0], r.after[1]);
      check_kept(variant, reference, &r, recipe);
      bl_model_free(variant);
    }
    bl_model_free(reference);
  }
}

static void what_is_learned_depends_on_neither_threads_nor_time(void) {
  bl_model *reference = golden_model();
  bl_model *one = make_variant(reference, "affine:3:32+distill");
  bl_model *three = make_variant(reference, "affine:3:32+distill");
  bl_model *before = make_variant(reference, "affine:3:32+distill");
  learn(one, reference, 1, 8, 0.02);
  learn(three, reference, 3, 8, 0.02);
  CHECK(same_models(one, three));
  CHECK(!same_models(one, before));
  bl_model_free(one);
  bl_model_free(three);
  bl_model_free(before);
  bl_model_free(reference);
}

/* The reference is untouched, though a variant shares its norms. */
static void dwq_leaves_codes_and_norms_and_distill_neither(void) {
  bl_model *reference = golden_model(), *untouched = golden_model();
  bl_model *before = make_variant(reference, "affine:4:32");
  bl_model *dwq = make_variant(reference, "affine:4:32+dwq");
  bl_model *distilled = make_variant(reference, "affine:4:32+distill");
  CHECK(same_models(before, dwq));
  learn(dwq, reference, 1, 24, 0.02);
  learn(distilled, reference, 1, 24, 0.02);
  int n_codes = 0, n_norms = 0;
  for (int i = 0; i < before->n_weights; i++) {
    const bl_tensor *was = &before->weights[i].tensor;
    CHECK(same_part(was, &dwq->weights[i].tensor, 0));
    if (was->n_rows > 1) CHECK(!same_part(was, &dwq->weights[i].tensor, 1));
    const bool same = same_part(was, &distilled->weights[i].tensor, 0);
    n_codes += was->n_rows > 1 && !same;
    n_norms += was->n_rows == 1 && !same;
  }
  CHECK_MSG(n_codes > 7, "%d matrices of 15 have other codes", n_codes);
  CHECK(n_norms > 0);
  CHECK(same_models(reference, untouched));
  bl_model_free(before);
  bl_model_free(dwq);
  bl_model_free(distilled);
  bl_model_free(reference);
  bl_model_free(untouched);
}

static bool stop_at_six(void *context, int64_t n_done, int64_t n_total) {
  (void)n_total;
  *(int64_t *)context = n_done;
  return n_done < 6;
}

static void learning_that_is_stopped_keeps_what_it_reached(void) {
  material m;
  int64_t seen = 0;
  bl_learn_report report;
  bl_model *reference = golden_model();
  bl_model *variant = make_variant(reference, "affine:2:32+distill");
  make_text(&m, NULL, 200);
  CHECK_OK(
      bl_learn(variant, reference, BL_DTYPE_NONE, &m.options, stop_at_six, &seen, &report, error));
  CHECK(seen == 6 && report.n_steps == 6 && report.kept_step == 6);
  check_kept(variant, reference, &report, "stopped");
  bl_model_free(variant);
  bl_model_free(reference);
}

static void what_made_it_worse_is_not_kept(void) {
  material m;
  bl_learn_report report;
  bl_model *reference = golden_model();
  bl_model *variant = make_variant(reference, "affine:8:32+distill");
  bl_model *before = make_variant(reference, "affine:8:32+distill");
  make_text(&m, NULL, 8);
  m.options.rate = 50;
  CHECK_OK(bl_learn(variant, reference, BL_DTYPE_NONE, &m.options, NULL, NULL, &report, error));
  CHECK(report.n_steps == 8 && report.kept_step == 0);
  CHECK(report.after[0] == report.before[0] && report.after[1] == report.before[1]);
  CHECK(same_models(variant, before));
  bl_model_free(variant);
  bl_model_free(before);
  bl_model_free(reference);
}

/* ---- refused --------------------------------------------------------------------------------- */

static void what_can_not_learn_is_refused(void) {
  bl_error error = {0};
  bl_model *reference = golden_model(), *variant = NULL;
  bl_load_options options = {0};
  CHECK_OK(bl_recipe_parse("affine:4:32+dwq", &options.recipe, error));
  CHECK(bl_recipe_learns(&options.recipe));
  CHECK(bl_model_variant(reference, &options, NULL, NULL, &variant, &error) == BL_ERR_RECIPE &&
        strstr(error.message, "method 'dwq' learns from the whole model's predictions"));
  material m;
  bl_learn_report report;
  variant = make_variant(reference, "affine:4:32+dwq");
  make_text(&m, NULL, 1);
  m.options.text.n_documents = 1;
  m.ends[0] = 32;
  CHECK(bl_learn(variant, reference, BL_DTYPE_NONE, &m.options, NULL, NULL, &report, &error) ==
            BL_ERR_ARGUMENT &&
        strstr(error.message, "is one document of up to 32 tokens, expected more"));
  make_text(&m, NULL, 1);
  m.ends[3] = N_IDS + 1;
  CHECK(bl_learn(variant, reference, BL_DTYPE_NONE, &m.options, NULL, NULL, &report, &error) ==
            BL_ERR_ARGUMENT &&
        strstr(error.message, "document 3 of the text ends at token 1501"));
  make_text(&m, NULL, 1);
  m.ids[100] = 50;
  CHECK(bl_learn(variant, reference, BL_DTYPE_NONE, &m.options, NULL, NULL, &report, &error) ==
            BL_ERR_ARGUMENT &&
        strstr(error.message, "has id 50, expected 0 to 49"));
  reference->config.window = 8;
  CHECK(bl_learn_check(reference, &options.recipe, &error) == BL_ERR_UNSUPPORTED &&
        strstr(error.message, "learn only models of the Llama family"));
  bl_model_free(variant);
  bl_model_free(reference);
}

int main(void) {
  RUN(gradients_of_scales_and_biases_are_those_of_mlx);
  RUN(every_format_learns_and_keeps_what_it_learned);
  RUN(what_is_learned_depends_on_neither_threads_nor_time);
  RUN(dwq_leaves_codes_and_norms_and_distill_neither);
  RUN(learning_that_is_stopped_keeps_what_it_reached);
  RUN(what_made_it_worse_is_not_kept);
  RUN(what_can_not_learn_is_refused);
  return check_result();
}
