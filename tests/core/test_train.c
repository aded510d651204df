/* Training: gradients and optimizer steps against MLX (tests/golden/make_train.py), against
 * differences of the loss, and what a trainer promises about threads and checkpoints. */
#include "base/json.h"
#include "sink.h"
#include "train/trainer.h"

static const char *const cases[] = {"tied", "documents"};
enum { N_CASES = sizeof cases / sizeof *cases };
static const char *const kernels[] = {"portable", "avx2", "avx512"};
enum { N_KERNELS = sizeof kernels / sizeof *kernels };

/* ---- golden cases --------------------------------------------------------------------------- */

typedef struct golden {
  char *config;
  size_t config_size;
  int32_t n_sequences, n_context;
  int32_t *batch; /* ids, targets, starts: (n_sequences, n_context) each */
  float *weights, *gradients, *trained;
  cJSON *steps;
} golden;

static void *read_golden(const char *name, const char *file, size_t *size) {
  char path[512];
  snprintf(path, sizeof path, "%s/train/%s/%s", BL_GOLDEN, name, file);
  return check_read_file(path, size);
}

static golden open_golden(const char *name) {
  golden g;
  size_t size;
  g.config = read_golden(name, "config.json", &g.config_size);
  int32_t *batch = read_golden(name, "batch.i32", &size);
  g.n_sequences = batch[0];
  g.n_context = batch[1];
  g.batch = malloc(size);
  if (!g.batch) exit(1);
  memcpy(g.batch, batch + 2, size - 2 * sizeof *batch);
  free(batch);
  g.weights = read_golden(name, "weights.f32", &size);
  g.gradients = read_golden(name, "gradients.f32", &size);
  g.trained = read_golden(name, "trained.f32", &size);
  char *steps = read_golden(name, "steps.json", &size);
  CHECK_OK(bl_json_parse("steps.json", steps, size, &g.steps, error));
  free(steps);
  return g;
}

static void close_golden(golden *g) {
  free(g->config);
  free(g->batch);
  free(g->weights);
  free(g->gradients);
  free(g->trained);
  cJSON_Delete(g->steps);
}

static double number(const cJSON *object, const char *key) {
  return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* A part of the golden batch: sequences [first, first + n). */
static bl_train_batch part_of(const golden *g, int first, int n) {
  int64_t all = (int64_t)g->n_sequences * g->n_context, at = (int64_t)first * g->n_context;
  return (bl_train_batch){n, g->batch + at, g->batch + all + at, g->batch + 2 * all + at};
}

static bl_train_options golden_options(const golden *g) {
  return (bl_train_options){.n_sequences = g->n_sequences,
                            .n_context = g->n_context,
                            .learning_rate = number(g->steps, "learning_rate"),
                            .final_rate = number(g->steps, "final_rate"),
                            .warmup_steps = (int64_t)number(g->steps, "warmup_steps"),
                            .n_steps = (int64_t)number(g->steps, "n_steps"),
                            .beta1 = number(g->steps, "beta1"),
                            .beta2 = number(g->steps, "beta2"),
                            .epsilon = number(g->steps, "epsilon"),
                            .weight_decay = number(g->steps, "weight_decay"),
                            .max_norm = number(g->steps, "max_norm"),
                            .init_std = 0.05,
                            .seed = 7};
}

/* A trainer with the golden weights. */
static bl_trainer *golden_trainer(const golden *g, const bl_train_options *options) {
  bl_error error = {0};
  bl_trainer *t = bl_trainer_new(g->config, g->config_size, options, &error);
  CHECK_MSG(t, "%s", error.message);
  if (!t) exit(1);
  const float *from = g->weights;
  for (int i = 0; i < t->n_params; i++) {
    int64_t n = t->params[i].n_rows * t->params[i].n_cols;
    memcpy(t->params[i].value, from, (size_t)n * sizeof *from);
    from += n;
  }
  return t;
}

static void parameters_have_the_names_and_shapes_of_the_library(void) {
  for (int c = 0; c < N_CASES; c++) {
    golden g = open_golden(cases[c]);
    bl_train_options options = golden_options(&g);
    bl_trainer *t = golden_trainer(&g, &options);
    size_t size;
    char *names = read_golden(cases[c], "names.txt", &size), *line = strtok(names, "\n");
    for (int i = 0; i < t->n_params; i++, line = strtok(NULL, "\n")) {
      const bl_param *p = &t->params[i];
      char name[96], own[160];
      bl_role_name(&t->config, p->role, p->layer, name, sizeof name);
      snprintf(own, sizeof own, p->n_rows == 1 ? "%s %d" : "%s %dx%d", name,
               (int)(p->n_rows == 1 ? p->n_cols : p->n_rows), (int)p->n_cols);
      CHECK_MSG(line && strcmp(line, own) == 0, "'%s', expected '%s'", own, line ? line : "");
    }
    CHECK(!line);
    free(names);
    bl_trainer_free(t);
    close_golden(&g);
  }
}

/* |a * scale - b| / |b| */
static double distance(const float *a, double scale, const float *b, int64_t n) {
  double error = 0, size = 0;
  for (int64_t i = 0; i < n; i++) {
    double d = (double)a[i] * scale - (double)b[i];
    error += d * d;
    size += (double)b[i] * (double)b[i];
  }
  return sqrt(error / size);
}

/* `most` is how far a parameter's gradient may be off, relative to its length. */
static void check_gradients(const char *name, const char *kernel, double most) {
  golden g = open_golden(name);
  bl_train_options options = golden_options(&g);
  options.kernels = kernel;
  bl_trainer *t = golden_trainer(&g, &options);
  bl_train_batch batch = part_of(&g, 0, g.n_sequences);
  CHECK_OK(bl_trainer_accumulate(t, &batch, error));
  double count = number(g.steps, "n_targets"), loss = number(g.steps, "loss");
  CHECK((double)t->n_targets == count);
  CHECK_MSG(fabs(t->loss / count - loss) < most * loss, "loss %.8g, expected %.8g", t->loss / count,
            loss);
  const float *expected = g.gradients;
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    double d = distance(p->gradient, 1 / count, expected, p->n_rows * p->n_cols);
    CHECK_MSG(d < most, "%s, %s: gradient of role %d in layer %d is off by %.3g", name, kernel,
              (int)p->role, p->layer, d);
    expected += p->n_rows * p->n_cols;
  }
  bl_trainer_free(t);
  close_golden(&g);
}

static void gradients_of_every_parameter_are_those_of_mlx(void) {
  for (int c = 0; c < N_CASES; c++)
    for (int k = 0; k < N_KERNELS; k++)
      if (bl_train_kernels_find(kernels[k])) check_gradients(cases[c], kernels[k], 1e-5);
}

/* Scores off by parts in a thousand go through exponentials, and these cases have few tokens. */
static void gradients_through_bfloat16_are_near(void) {
  for (int c = 0; c < N_CASES; c++)
    if (bl_train_kernels_find("amx")) check_gradients(cases[c], "amx", 0.1);
}

static void steps_of_adamw_are_those_of_mlx(void) {
  for (int c = 0; c < N_CASES; c++) {
    golden g = open_golden(cases[c]);
    bl_train_options options = golden_options(&g);
    bl_trainer *t = golden_trainer(&g, &options);
    const cJSON *step;
    cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(g.steps, "steps")) {
      bl_train_report report = {0};
      for (int s = 0; s < g.n_sequences; s++) { /* in parts, to see them accumulate */
        bl_train_batch batch = part_of(&g, s, 1);
        CHECK_OK(bl_trainer_accumulate(t, &batch, error));
      }
      CHECK_OK(bl_trainer_step(t, &report, error));
      CHECK(fabs(report.learning_rate - number(step, "learning_rate")) < 1e-12);
      CHECK_MSG(fabs(report.loss - number(step, "loss")) < 1e-4, "step %d: loss %.8g, not %.8g",
                (int)report.step, report.loss, number(step, "loss"));
      CHECK_MSG(fabs(report.gradient_norm / number(step, "norm") - 1) < 1e-4,
                "step %d: gradient of length %.8g, not %.8g", (int)report.step,
                report.gradient_norm, number(step, "norm"));
    }
    const float *from = g.weights, *to = g.trained;
    for (int i = 0; i < t->n_params; i++) {
      int64_t n = t->params[i].n_rows * t->params[i].n_cols;
      double d = distance(t->params[i].value, 1, to, n), moved = distance(from, 1, to, n);
      CHECK_MSG(d < 1e-5 && d < 1e-3 * moved, "%s: parameter %d is off by %.3g of %.3g", cases[c],
                i, d, moved);
      from += n;
      to += n;
    }
    bl_trainer_free(t);
    close_golden(&g);
  }
}

/* ---- differences ----------------------------------------------------------------------------- */

/* The gradient along a direction is the slope of the loss along it. */
static void gradients_are_the_slope_of_the_loss(void) {
  for (int c = 0; c < N_CASES; c++) {
    golden g = open_golden(cases[c]);
    bl_train_options options = golden_options(&g);
    bl_trainer *t = golden_trainer(&g, &options);
    bl_train_batch batch = part_of(&g, 0, g.n_sequences);
    CHECK_OK(bl_trainer_accumulate(t, &batch, error));
    uint64_t state = 11;
    for (int i = 0; i < t->n_params; i++) { /* one parameter at a time: none can hide */
      bl_param *p = &t->params[i];
      int64_t n = p->n_rows * p->n_cols;
      float *direction = malloc((size_t)n * sizeof *direction);
      if (!direction) exit(1);
      double slope = 0, size = 0, losses[2] = {0};
      /* Mostly along the gradient, so that the slope is not lost in rounding. */
      for (int64_t j = 0; j < n; j++) size += pow((double)p->gradient[j], 2) / (double)n;
      for (int64_t j = 0; j < n; j++) {
        direction[j] = p->gradient[j] / (float)sqrt(size) + 0.5f * check_uniform(&state);
        slope += (double)direction[j] * (double)p->gradient[j];
      }
      const float step = 0.004f / sqrtf((float)n); /* moves the parameter by about that length */
      for (int side = 0; side < 2; side++) {
        int64_t n_targets = 0;
        float move = side ? -step : step;
        for (int64_t j = 0; j < n; j++) p->value[j] += move * direction[j];
        t->is_packed = false;
        CHECK_OK(bl_trainer_evaluate(t, &batch, &losses[side], &n_targets, error));
        for (int64_t j = 0; j < n; j++) p->value[j] -= move * direction[j];
      }
      double found = (losses[0] - losses[1]) / (2 * (double)step);
      CHECK_MSG(fabs(found / slope - 1) < 2e-3, "%s: parameter %d has slope %.6g, gradient %.6g",
                cases[c], i, found, slope);
      free(direction);
    }
    bl_trainer_free(t);
    close_golden(&g);
  }
}

/* ---- promises ------------------------------------------------------------------------------- */

static void train(bl_trainer *t, const golden *g, int n_steps, bl_train_report *report) {
  for (int i = 0; i < n_steps; i++) {
    bl_train_batch batch = part_of(g, 0, g->n_sequences);
    CHECK_OK(bl_trainer_accumulate(t, &batch, error));
    CHECK_OK(bl_trainer_step(t, report, error));
  }
}

static void a_tiny_batch_is_learned_by_heart(void) {
  golden g = open_golden("tied");
  bl_train_options options = golden_options(&g);
  options.learning_rate = 0.01;
  options.final_rate = 1e-3;
  options.n_steps = 300;
  options.weight_decay = 0;
  options.max_norm = 1;
  options.epsilon = 1e-8;
  bl_error error = {0};
  bl_trainer *t = bl_trainer_new(g.config, g.config_size, &options, &error);
  CHECK(t);
  bl_train_report report = {0};
  train(t, &g, 1, &report);
  /* New weights know nothing: all 50 tokens are about as likely. */
  CHECK_MSG(fabs(report.loss - log(50)) < 0.1, "first loss %.4g", report.loss);
  train(t, &g, 299, &report);
  CHECK_MSG(report.loss < 0.02, "last loss %.4g", report.loss);
  CHECK(report.step == 300 && bl_trainer_n_steps_done(t) == 300);
  bl_trainer_free(t);
  close_golden(&g);
}

static sink save(const bl_trainer *t) {
  sink b = {0};
  CHECK_OK(bl_trainer_save(t, sink_write, &b, error));
  return b;
}

static bool same(sink a, sink b) {
  return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

static void a_resumed_run_is_the_uninterrupted_one_to_the_bit(void) {
  golden g = open_golden("documents");
  bl_train_options options = golden_options(&g);
  bl_trainer *whole = golden_trainer(&g, &options);
  bl_trainer *resumed = golden_trainer(&g, &options);
  bl_train_report a = {0}, b = {0};
  train(whole, &g, 3, &a);
  sink half = save(whole);
  train(resumed, &g, 1, &b); /* what it held before must not matter */
  CHECK_OK(bl_trainer_restore(resumed, half.bytes, half.size, error));
  CHECK(bl_trainer_n_steps_done(resumed) == 3);
  train(whole, &g, 3, &a);
  train(resumed, &g, 3, &b);
  sink end = save(whole), other = save(resumed);
  CHECK(same(end, other));
  CHECK(a.loss == b.loss && a.smoothed_loss == b.smoothed_loss && a.step == b.step);
  CHECK(!same(half, end));
  free(half.bytes);
  free(end.bytes);
  free(other.bytes);
  bl_trainer_free(whole);
  bl_trainer_free(resumed);
  close_golden(&g);
}

static void a_step_that_was_begun_and_forgotten_never_was(void) {
  golden g = open_golden("documents");
  bl_train_options options = golden_options(&g);
  bl_trainer *straight = golden_trainer(&g, &options);
  bl_trainer *stopped = golden_trainer(&g, &options);
  bl_train_report a = {0}, b = {0};
  train(straight, &g, 2, &a);
  train(stopped, &g, 2, &b);
  bl_train_batch batch = part_of(&g, 0, g.n_sequences);
  CHECK_OK(bl_trainer_accumulate(stopped, &batch, error));
  bl_trainer_forget(stopped);
  sink whole = save(straight), other = save(stopped);
  CHECK(same(whole, other));
  free(whole.bytes);
  free(other.bytes);
  train(straight, &g, 1, &a);
  train(stopped, &g, 1, &b);
  whole = save(straight);
  other = save(stopped);
  CHECK(same(whole, other) && a.loss == b.loss);
  free(whole.bytes);
  free(other.bytes);
  bl_trainer_free(straight);
  bl_trainer_free(stopped);
  close_golden(&g);
}

static void results_do_not_depend_on_the_number_of_threads(void) {
  for (int c = 0; c < N_CASES; c++) {
    golden g = open_golden(cases[c]);
    sink alone = {0};
    for (int n_threads = 1; n_threads <= 5; n_threads += 2) {
      bl_train_options options = golden_options(&g);
      options.pool = bl_pool_new(n_threads);
      bl_trainer *t = golden_trainer(&g, &options);
      bl_train_report report = {0};
      train(t, &g, 3, &report);
      sink b = save(t);
      CHECK(alone.size == 0 || same(alone, b));
      free(alone.bytes);
      alone = b;
      bl_trainer_free(t);
      bl_pool_free(options.pool);
    }
    free(alone.bytes);
    close_golden(&g);
  }
}

static void evaluating_leaves_training_as_it_was(void) {
  golden g = open_golden("tied");
  bl_train_options options = golden_options(&g);
  bl_trainer *t = golden_trainer(&g, &options), *other = golden_trainer(&g, &options);
  bl_train_report a = {0}, b = {0};
  bl_train_batch batch = part_of(&g, 0, 2), first = part_of(&g, 0, 1);
  double loss = 0;
  int64_t n_targets = 0;
  CHECK_OK(bl_trainer_accumulate(t, &batch, error));
  CHECK_OK(bl_trainer_evaluate(t, &first, &loss, &n_targets, error));
  CHECK_OK(bl_trainer_step(t, &a, error));
  train(other, &g, 1, &b);
  sink mine = save(t), theirs = save(other);
  CHECK(n_targets == g.n_context && loss > 0);
  CHECK(same(mine, theirs));
  free(mine.bytes);
  free(theirs.bytes);
  bl_trainer_free(t);
  bl_trainer_free(other);
  close_golden(&g);
}

/* ---- files and errors ----------------------------------------------------------------------- */

static void exported_weights_load_and_are_the_trainers(void) {
  golden g = open_golden("documents");
  bl_train_options options = golden_options(&g);
  bl_trainer *t = golden_trainer(&g, &options);
  sink file = {0};
  CHECK_OK(bl_trainer_export(t, BL_F32, sink_write, &file, error));
  bl_load_options load = {0};
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&load, NULL);
  CHECK_OK(bl_loader_add_text(loader, "config.json", g.config, g.config_size, error));
  CHECK_OK(bl_loader_add_file(loader, "model.safetensors", file.bytes, file.size, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  if (!model) return;
  bl_model_info info;
  bl_model_get_info(model, &info);
  CHECK(info.n_params == bl_trainer_n_params(t));
  /* The session's own forward pass gives the loss that the trainer gives. */
  bl_session_options run = {.n_context = g.n_context};
  bl_session *session = bl_session_new(model, &run, NULL);
  bl_train_batch batch = part_of(&g, 0, 1);
  double loss = 0, expected = 0;
  int64_t n_targets = 0;
  CHECK_OK(bl_trainer_evaluate(t, &batch, &expected, &n_targets, error));
  for (int i = 0; i < g.n_context; i++) {
    if (i == batch.starts[i]) CHECK_OK(bl_session_truncate(session, 0, error));
    CHECK_OK(bl_session_eval(session, &batch.ids[i], 1, NULL, NULL, error));
    const float *logits = bl_session_logits(session);
    double sum = 0;
    for (int v = 0; v < info.vocab_size; v++) sum += exp((double)logits[v]);
    if (batch.targets[i] >= 0) loss += log(sum) - (double)logits[batch.targets[i]];
  }
  CHECK_MSG(fabs(loss - expected) < 1e-4 * expected, "session %.8g, trainer %.8g", loss, expected);
  bl_session_free(session);
  bl_model_free(model);
  free(file.bytes);
  bl_trainer_free(t);
  close_golden(&g);
}

/* Does the call fail with a sentence that has this in it? */
static bool says(const bl_error *error, bl_code code, bl_code expected, const char *part) {
  if (code == expected && strstr(error->message, part)) return true;
  printf("    code %d: %s\n", (int)code, error->message);
  return false;
}

static void a_batch_that_does_not_add_up_is_refused(void) {
  golden g = open_golden("documents");
  bl_train_options options = golden_options(&g);
  bl_trainer *t = golden_trainer(&g, &options);
  bl_error error = {0};
  bl_train_report report;
  bl_code code = bl_trainer_step(t, &report, &error);
  CHECK(says(&error, code, BL_ERR_ARGUMENT, "at least one target"));
  int64_t all = (int64_t)g.n_sequences * g.n_context;
  const struct {
    int64_t at;
    int32_t value;
    const char *part;
  } wrongs[] = {{3, 37, "token 3 has id 37"},    {3, -1, "token 3 has id -1"},
                {all + 5, 37, "target 5 is 37"}, {all + 5, -2, "target 5 is -2"},
                {2 * all, 1, "start 0 is 1"},    {2 * all + g.n_context - 1, 0, "start 69 is 0"}};
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    int32_t right = g.batch[wrongs[i].at];
    g.batch[wrongs[i].at] = wrongs[i].value;
    bl_train_batch batch = part_of(&g, 0, g.n_sequences);
    code = bl_trainer_accumulate(t, &batch, &error);
    CHECK(says(&error, code, BL_ERR_ARGUMENT, wrongs[i].part));
    g.batch[wrongs[i].at] = right;
  }
  bl_train_batch none = part_of(&g, 0, 0), many = part_of(&g, 0, g.n_sequences + 1);
  CHECK(bl_trainer_accumulate(t, &none, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_trainer_accumulate(t, &many, &error) == BL_ERR_ARGUMENT);
  CHECK(t->n_targets == 0 && t->loss == 0);
  bl_trainer_free(t);
  close_golden(&g);
}

static void a_checkpoint_of_another_model_is_refused(void) {
  golden g = open_golden("documents"), h = open_golden("tied");
  bl_train_options g_options = golden_options(&g), h_options = golden_options(&h);
  bl_trainer *t = golden_trainer(&g, &g_options), *other = golden_trainer(&h, &h_options);
  sink b = save(other), own = save(t);
  bl_error error = {0};
  CHECK(
      says(&error, bl_trainer_restore(t, b.bytes, b.size, &error), BL_ERR_INPUT, "another model"));
  CHECK(
      says(&error, bl_trainer_restore(t, own.bytes, own.size - 1, &error), BL_ERR_INPUT, "bytes"));
  CHECK(
      says(&error, bl_trainer_restore(t, own.bytes, 7, &error), BL_ERR_INPUT, "not a checkpoint"));
  sink after = save(t);
  CHECK(same(own, after));
  free(b.bytes);
  free(own.bytes);
  free(after.bytes);
  bl_trainer_free(t);
  bl_trainer_free(other);
  close_golden(&g);
  close_golden(&h);
}

static void a_model_or_settings_that_cannot_be_trained_are_refused(void) {
  golden g = open_golden("tied");
  bl_error error = {0};
  bl_train_options options = golden_options(&g);
  options.n_context = 129;
  CHECK(!bl_trainer_new(g.config, g.config_size, &options, &error));
  CHECK(says(&error, error.code, BL_ERR_ARGUMENT, "129 tokens, expected 1 to 128"));
  options = golden_options(&g);
  options.beta2 = 1;
  CHECK(!bl_trainer_new(g.config, g.config_size, &options, &error));
  CHECK(says(&error, error.code, BL_ERR_ARGUMENT, "betas from 0"));
  options = golden_options(&g);
  options.kernels = "abacus";
  CHECK(!bl_trainer_new(g.config, g.config_size, &options, &error));
  CHECK(says(&error, error.code, BL_ERR_ARGUMENT, "'abacus'"));
  options.kernels = NULL;
  char *bias = strstr(g.config, "\"attention_bias\": false");
  if (!bias) exit(1);
  memcpy(bias, "\"attention_bias\": true ", 23);
  CHECK(!bl_trainer_new(g.config, g.config_size, &options, &error));
  CHECK(says(&error, error.code, BL_ERR_UNSUPPORTED, "biases in attention"));
  close_golden(&g);
}

int main(void) {
  RUN(parameters_have_the_names_and_shapes_of_the_library);
  RUN(gradients_of_every_parameter_are_those_of_mlx);
  RUN(gradients_through_bfloat16_are_near);
  RUN(steps_of_adamw_are_those_of_mlx);
  RUN(gradients_are_the_slope_of_the_loss);
  RUN(a_tiny_batch_is_learned_by_heart);
  RUN(a_resumed_run_is_the_uninterrupted_one_to_the_bit);
  RUN(a_step_that_was_begun_and_forgotten_never_was);
  RUN(results_do_not_depend_on_the_number_of_threads);
  RUN(evaluating_leaves_training_as_it_was);
  RUN(exported_weights_load_and_are_the_trainers);
  RUN(a_batch_that_does_not_add_up_is_refused);
  RUN(a_checkpoint_of_another_model_is_refused);
  RUN(a_model_or_settings_that_cannot_be_trained_are_refused);
  return check_result();
}
