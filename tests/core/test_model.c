/* Running models: sessions and generation, against mlx_lm's logits and greedy texts for the small
 * models of tests/golden (see make_models.py there). */
#include <cJSON.h>

#include "check.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "model_files.h"

static const char *const models[] = {
    "tiny_llama",        "tiny_llama3",        "tiny_llama_bias", "tiny_qwen2",
    "tiny_qwen3",        "tiny_llama_sharded", "tiny_llama_mlx4", "tiny_llama_mlx_mixed",
    "tiny_llama_mlx_fp", "tiny_gpt2",          "tiny_gpt2_bare",  "tiny_gpt2_mlx4",
    "tiny_exaone",       "tiny_gemma2",        "tiny_gemma3",     "tiny_llama_window",
    "tiny_mixtral",      "tiny_qwen3_moe",     "tiny_llama_yarn", "tiny_phi3",
    "tiny_granite",      "tiny_smollm3",       "tiny_olmo2",
};
enum { N_MODELS = sizeof models / sizeof models[0] };

/* ---- loading -------------------------------------------------------------------------------- */

/* Loads a golden directory as it is; exits when that fails. */
static bl_model *load(const char *name) {
  const char *whole[] = {"model.safetensors", NULL};
  const char *shards[] = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                          NULL};
  bool is_whole = golden_exists(name, whole[0]);
  bl_error error = {0};
  bl_model *model = NULL;
  if (golden_load_files(name, is_whole ? whole : shards, &(bl_load_options){0}, 0, &model,
                        &error) != BL_OK) {
    printf("    cannot load %s: %s\n", name, error.message);
    exit(1);
  }
  return model;
}

/* What make_models.py expects of a model. */
typedef struct expected {
  cJSON *json;
  int n_ids, n_vocab, n_greedy;
  int32_t ids[64], greedy[64];
  float *logits; /* (n_ids, n_vocab) */
} expected;

static int read_ids(const cJSON *json, const char *key, int32_t ids[64]) {
  int n = 0;
  const cJSON *id;
  cJSON_ArrayForEach(id, cJSON_GetObjectItem(json, key)) if (n < 64) ids[n++] = id->valueint;
  return n;
}

static expected read_expected(const char *name) {
  expected e = {0};
  size_t size;
  char *text = (char *)golden_read(name, "expected.json", &size);
  e.json = cJSON_ParseWithLength(text, size);
  free(text);
  e.n_ids = read_ids(e.json, "ids", e.ids);
  e.n_greedy = read_ids(e.json, "greedy_ids", e.greedy);
  e.logits = (float *)(void *)golden_read(name, "logits.f32", &size);
  if (e.n_ids == 0) {
    printf("    cannot read what is expected of %s\n", name);
    exit(1);
  }
  e.n_vocab = (int)(size / sizeof *e.logits) / e.n_ids;
  return e;
}

static void free_expected(expected *e) {
  cJSON_Delete(e->json);
  free(e->logits);
}

static const char *text_of(const expected *e, const char *key) {
  return cJSON_GetObjectItem(e->json, key)->valuestring;
}

/* ---- evaluating ----------------------------------------------------------------------------- */

static bl_session *new_session(const bl_model *model, bl_session_options options) {
  bl_error error = {0};
  bl_session *session = bl_session_new(model, &options, &error);
  if (!session) {
    printf("    no session: %s\n", error.message);
    exit(1);
  }
  return session;
}

typedef struct rows {
  float *logits; /* (…, n_vocab) */
  int n_vocab, n, stop_after;
} rows;

static bool keep_row(void *context, int position, const float *logits) {
  rows *r = context;
  CHECK(position == r->n);
  memcpy(r->logits + (size_t)r->n * r->n_vocab, logits, r->n_vocab * sizeof *logits);
  r->n++;
  return r->stop_after == 0 || r->n < r->stop_after;
}

/* Logits (n_ids, n_vocab) of a fresh session with these options; free with free. */
static float *all_logits(const bl_model *model, const expected *e, bl_session_options options) {
  size_t n = (size_t)e->n_ids * e->n_vocab;
  float *logits = calloc(n, sizeof *logits);
  bl_session *session = new_session(model, options);
  rows r = {.logits = logits, .n_vocab = e->n_vocab};
  CHECK_OK(bl_session_eval(session, e->ids, (size_t)e->n_ids, keep_row, &r, error));
  CHECK(r.n == e->n_ids && bl_session_position(session) == e->n_ids);
  CHECK(bl_session_logits(session) &&
        memcmp(bl_session_logits(session), logits + n - e->n_vocab, e->n_vocab * 4) == 0);
  bl_session_free(session);
  return logits;
}

static double max_difference(const float *a, const float *b, size_t n) {
  double worst = 0;
  for (size_t i = 0; i < n; i++) {
    double d = fabs((double)a[i] - b[i]);
    if (!(d <= worst)) worst = d; /* also when d is NaN */
  }
  return worst;
}

/* mlx_lm's own float32 logits are within 1e-4 of a float64 evaluation; they are of size 6. */
static void logits_are_those_of_mlx_lm_with_every_kernel(void) {
  double worst = 0;
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load(models[i]);
    expected e = read_expected(models[i]);
    size_t n = (size_t)e.n_ids * e.n_vocab;
    for (int k = 0; k < bl_kernels_count(); k++) {
      const char *kernels = bl_kernels_name(bl_kernels_at(k));
      float *logits = all_logits(model, &e, (bl_session_options){.kernels = kernels});
      double d = max_difference(logits, e.logits, n);
      CHECK_MSG(d < 3e-4, "%s with %s kernels: logits differ by %g", models[i], kernels, d);
      worst = fmax(worst, d);
      free(logits);
    }
    free_expected(&e);
    bl_model_free(model);
  }
  printf("    largest difference from mlx_lm: %.1e\n", worst);
}

static void a_batch_of_any_size_gives_the_same_logits(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load(models[i]);
    expected e = read_expected(models[i]);
    size_t n = (size_t)e.n_ids * e.n_vocab;
    const int sizes[] = {1, 2, 5, 17, 512};
    float *together = all_logits(model, &e, (bl_session_options){.n_batch = 64});
    for (int j = 0; j < 5; j++) {
      float *logits = all_logits(model, &e, (bl_session_options){.n_batch = sizes[j]});
      double d = max_difference(logits, together, n);
      CHECK_MSG(d < 1e-4, "%s in batches of %d: %g", models[i], sizes[j], d);
      free(logits);
    }
    free(together);
    free_expected(&e);
    bl_model_free(model);
  }
}

static void the_number_of_threads_does_not_change_a_bit(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load(models[i]);
    expected e = read_expected(models[i]);
    size_t n = (size_t)e.n_ids * e.n_vocab;
    for (int n_batch = 1; n_batch <= 64; n_batch += 63) {
      float *alone = all_logits(model, &e, (bl_session_options){.n_batch = n_batch});
      for (int n_threads = 2; n_threads <= 5; n_threads += 3) {
        bl_pool *pool = bl_pool_new(n_threads);
        float *logits =
            all_logits(model, &e, (bl_session_options){.n_batch = n_batch, .pool = pool});
        CHECK_MSG(memcmp(logits, alone, n * sizeof *logits) == 0, "%s with %d threads", models[i],
                  n_threads);
        free(logits);
        bl_pool_free(pool);
      }
      free(alone);
    }
    free_expected(&e);
    bl_model_free(model);
  }
}

static void after_a_truncation_all_is_as_if_the_rest_had_never_been(void) {
  bl_model *model = load("tiny_llama3");
  expected e = read_expected("tiny_llama3");
  size_t row_bytes = (size_t)e.n_vocab * sizeof(float);
  bl_session *fresh = new_session(model, (bl_session_options){0});
  bl_session *reused = new_session(model, (bl_session_options){0});
  int32_t other[30];
  for (int i = 0; i < 30; i++) other[i] = i * 7 % e.n_vocab;

  CHECK_OK(bl_session_eval(fresh, e.ids, 10, NULL, NULL, error));
  CHECK_OK(bl_session_eval(reused, e.ids, 10, NULL, NULL, error));
  CHECK_OK(bl_session_eval(reused, other, 30, NULL, NULL, error));
  CHECK(bl_session_position(reused) == 40);
  CHECK_OK(bl_session_truncate(reused, 10, error));
  CHECK(bl_session_position(reused) == 10 && bl_session_logits(reused) == NULL);
  CHECK_OK(bl_session_eval(fresh, e.ids + 10, 20, NULL, NULL, error));
  CHECK_OK(bl_session_eval(reused, e.ids + 10, 20, NULL, NULL, error));
  CHECK(memcmp(bl_session_logits(fresh), bl_session_logits(reused), row_bytes) == 0);

  bl_session_free(fresh);
  bl_session_free(reused);
  free_expected(&e);
  bl_model_free(model);
}

static void a_caller_can_stop_an_evaluation(void) {
  bl_model *model = load("tiny_qwen3");
  expected e = read_expected("tiny_qwen3");
  bl_session *session = new_session(model, (bl_session_options){.n_batch = 4});
  rows r = {calloc((size_t)e.n_ids * e.n_vocab, 4), e.n_vocab, 0, 6};
  bl_error error = {0};
  bl_code code = bl_session_eval(session, e.ids, (size_t)e.n_ids, keep_row, &r, &error);
  CHECK(code == BL_ERR_CANCELLED && r.n == 6);
  CHECK(bl_session_position(session) == 0 && bl_session_logits(session) == NULL);
  free(r.logits);
  bl_session_free(session);
  free_expected(&e);
  bl_model_free(model);
}

/* GGUF files carry Llama 3's rescaling as a factor for each frequency, computed here from its
 * definition: turns in the original context, compared with the low and high frequency factors. */
static void frequency_factors_stand_for_llama_3_scaling(void) {
  bl_model *model = load("tiny_llama3");
  expected e = read_expected("tiny_llama3");
  bl_config *c = &model->config;
  model->rope_factors = calloc((size_t)c->head_dim / 2, sizeof(float));
  for (int i = 0; i < c->head_dim / 2; i++) {
    double wavelength = 2 * 3.14159265358979 * pow(10000, 2.0 * i / c->head_dim);
    double smooth = (128 / wavelength - 1) / (4 - 1);
    smooth = fmin(fmax(smooth, 0), 1);
    model->rope_factors[i] = (float)(1 / (smooth + (1 - smooth) / 8));
  }
  c->rope_scaling = BL_ROPE_PLAIN;
  float *logits = all_logits(model, &e, (bl_session_options){0});
  double d = max_difference(logits, e.logits, (size_t)e.n_ids * e.n_vocab);
  CHECK_MSG(d < 3e-4, "logits differ by %g", d);
  free(logits);
  free_expected(&e);
  bl_model_free(model);
}

static void what_does_not_fit_is_refused_in_a_sentence(void) {
  bl_model *model = load("tiny_llama");
  bl_session *session = new_session(model, (bl_session_options){.n_context = 10});
  int32_t ids[11] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, bad[3] = {5, 320, 6}, negative = -1;
  bl_error error = {0};
  CHECK(bl_session_context(session) == 10);
  CHECK_OK(bl_session_eval(session, ids, 4, NULL, NULL, error));
  CHECK(bl_session_eval(session, ids, 7, NULL, NULL, &error) == BL_ERR_ARGUMENT);
  CHECK_MSG(strstr(error.message, "7 tokens") && strstr(error.message, "10"), "%s", error.message);
  CHECK(bl_session_eval(session, bad, 3, NULL, NULL, &error) == BL_ERR_ARGUMENT);
  CHECK_MSG(strstr(error.message, "320"), "%s", error.message);
  CHECK(bl_session_eval(session, &negative, 1, NULL, NULL, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_session_position(session) == 4);
  CHECK_OK(bl_session_eval(session, ids, 6, NULL, NULL, error));
  CHECK(bl_session_eval(session, ids, 1, NULL, NULL, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_session_truncate(session, 11, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_session_truncate(session, -1, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_session_position(session) == 10);
  bl_session_free(session);

  const bl_session_options refused[] = {
      {.n_context = 513}, {.n_context = -1}, {.n_batch = -1}, {.kernels = "abacus"}};
  for (int i = 0; i < 4; i++) {
    error = (bl_error){0};
    CHECK(!bl_session_new(model, &refused[i], &error));
    CHECK(error.code == BL_ERR_ARGUMENT && error.message[0]);
  }
  bl_model_free(model);
}

/* ---- generating ----------------------------------------------------------------------------- */

typedef struct story {
  int32_t ids[64];
  int n_ids, n_prompt_steps;
  char text[1024];
  bl_stop_reason stop;
  double log_probability; /* of all tokens together */
} story;

/* Runs a generation to its end. */
static story tell(bl_session *session, const char *prompt, bl_sampling sampling, int max_tokens) {
  story s = {0};
  bl_error error = {0};
  bl_generation *g =
      bl_generation_new(session, prompt, strlen(prompt), &sampling, max_tokens, &error);
  CHECK_MSG(g, "%s", error.message);
  if (!g) return s;
  bl_step step = {0};
  while (step.kind != BL_STEP_DONE) {
    bl_code code = bl_generation_step(g, &step, &error);
    CHECK_MSG(code == BL_OK, "%s", error.message);
    if (code != BL_OK) break;
    if (step.kind == BL_STEP_PROMPT) s.n_prompt_steps++;
    if (step.kind == BL_STEP_TOKEN) {
      s.ids[s.n_ids++ % 64] = step.id;
      s.log_probability += log(step.probability);
      CHECK(step.n_done == s.n_ids && step.n_total == max_tokens);
    }
    strncat(s.text, step.text, step.text_size);
  }
  s.stop = step.stop;
  CHECK(bl_generation_step(g, &step, &error) == BL_OK && step.kind == BL_STEP_DONE);
  CHECK(step.stop == s.stop && step.text_size == 0);
  bl_generation_free(g);
  return s;
}

static void greedy_texts_are_those_of_mlx_lm(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load(models[i]);
    expected e = read_expected(models[i]);
    bl_session *session = new_session(model, (bl_session_options){.n_batch = 16});
    int max_tokens = cJSON_GetObjectItem(e.json, "max_tokens")->valueint;
    story s = tell(session, text_of(&e, "prompt"), (bl_sampling){0}, max_tokens);
    bool ended = strcmp(text_of(&e, "end"), "end") == 0;
    CHECK_MSG(s.n_prompt_steps == (e.n_ids + 15) / 16, "%s: %d prompt steps", models[i],
              s.n_prompt_steps);
    CHECK_MSG(s.n_ids == e.n_greedy && memcmp(s.ids, e.greedy, 4 * (size_t)e.n_greedy) == 0,
              "%s wrote other tokens", models[i]);
    CHECK_MSG(strcmp(s.text, text_of(&e, "greedy_text")) == 0, "%s wrote \"%s\", not \"%s\"",
              models[i], s.text, text_of(&e, "greedy_text"));
    CHECK_MSG(s.stop == (ended ? BL_STOP_END : BL_STOP_LENGTH), "%s stopped by %d", models[i],
              s.stop);
    bl_session_free(session);
    free_expected(&e);
    bl_model_free(model);
  }
}

static void a_seed_repeats_its_text_and_another_does_not(void) {
  bl_model *model = load("tiny_qwen2");
  bl_session *session = new_session(model, (bl_session_options){0});
  bl_sampling sampling = {.temperature = 1, .top_k = 40, .top_p = 0.95f, .seed = 7};
  story first = tell(session, "One boat", sampling, 20);
  story again = tell(session, "One boat", sampling, 20);
  sampling.seed = 8;
  story other = tell(session, "One boat", sampling, 20);
  CHECK(first.n_ids == 20 && strcmp(first.text, again.text) == 0);
  CHECK(first.log_probability == again.log_probability && first.log_probability < 0);
  CHECK(memcmp(first.ids, other.ids, sizeof first.ids) != 0);
  bl_session_free(session);
  bl_model_free(model);
}

static void a_text_ends_when_the_context_is_full(void) {
  bl_model *model = load("tiny_llama");
  expected e = read_expected("tiny_llama");
  bl_session *session = new_session(model, (bl_session_options){.n_context = e.n_ids + 3});
  story s = tell(session, text_of(&e, "prompt"), (bl_sampling){0}, 24);
  /* Three tokens enter the cache; the fourth is known without. */
  CHECK(s.stop == BL_STOP_CONTEXT && s.n_ids == 4);
  CHECK(memcmp(s.ids, e.greedy, 4 * sizeof *s.ids) == 0);
  CHECK(bl_session_position(session) == e.n_ids + 3);
  bl_session_free(session);

  bl_error error = {0};
  session = new_session(model, (bl_session_options){.n_context = e.n_ids - 1});
  const char *prompt = text_of(&e, "prompt");
  CHECK(!bl_generation_new(session, prompt, strlen(prompt), &(bl_sampling){0}, 5, &error));
  CHECK_MSG(error.code == BL_ERR_ARGUMENT && strstr(error.message, "36"), "%s", error.message);
  bl_session_free(session);
  free_expected(&e);
  bl_model_free(model);
}

static void no_tokens_asked_for_are_none_written(void) {
  bl_model *model = load("tiny_llama");
  bl_session *session = new_session(model, (bl_session_options){0});
  story s = tell(session, "One", (bl_sampling){0}, 0);
  CHECK(s.n_ids == 0 && s.stop == BL_STOP_LENGTH && s.n_prompt_steps == 1);
  bl_error error = {0};
  CHECK(!bl_generation_new(session, "One", 3, &(bl_sampling){0}, -1, &error));
  CHECK(error.code == BL_ERR_ARGUMENT);
  bl_session_free(session);
  bl_model_free(model);
}

static void an_empty_prompt_needs_a_token_to_begin_with(void) {
  bl_model *llama = load("tiny_llama"), *qwen = load("tiny_qwen3");
  bl_session *with = new_session(llama, (bl_session_options){0});
  bl_session *without = new_session(qwen, (bl_session_options){0});
  bl_error error = {0};
  CHECK(tell(with, "", (bl_sampling){0}, 5).n_prompt_steps == 1);
  CHECK(bl_session_position(with) == 5); /* <s> and four of the five tokens */
  CHECK(!bl_generation_new(without, "", 0, &(bl_sampling){0}, 5, &error));
  CHECK_MSG(error.code == BL_ERR_ARGUMENT && strstr(error.message, "empty"), "%s", error.message);
  bl_session_free(with);
  bl_session_free(without);
  bl_model_free(llama);
  bl_model_free(qwen);
}

static void a_session_used_for_something_else_meanwhile_is_noticed(void) {
  bl_model *model = load("tiny_llama");
  bl_session *session = new_session(model, (bl_session_options){0});
  bl_error error = {0};
  bl_step step;
  bl_generation *g = bl_generation_new(session, "One", 3, &(bl_sampling){0}, 5, &error);
  CHECK_OK(bl_generation_step(g, &step, error));
  CHECK_OK(bl_generation_step(g, &step, error));
  CHECK(step.kind == BL_STEP_TOKEN);
  CHECK_OK(bl_session_truncate(session, 1, error));
  CHECK(bl_generation_step(g, &step, &error) == BL_ERR_ARGUMENT && error.message[0]);
  bl_generation_free(g);
  bl_session_free(session);
  bl_model_free(model);
}

/* The next `n` tokens of a generation, and how many steps its prompt took. */
static int take_tokens(bl_generation *g, int32_t *ids, int n) {
  bl_error error = {0};
  bl_step step = {0};
  int n_prompt_steps = 0, n_ids = 0;
  CHECK_MSG(g, "no generation");
  while (g && n_ids < n && bl_generation_step(g, &step, &error) == BL_OK &&
         step.kind != BL_STEP_DONE) {
    n_prompt_steps += step.kind == BL_STEP_PROMPT;
    if (step.kind == BL_STEP_TOKEN) ids[n_ids++] = step.id;
  }
  CHECK_MSG(n_ids == n, "%s", error.message);
  bl_generation_free(g);
  return n_prompt_steps;
}

static void a_prompt_whose_beginning_is_in_the_cache_reads_the_rest_alone(void) {
  static const int32_t prompt[] = {5, 6, 7, 8, 9, 10, 11, 12};
  bl_model *model = load("tiny_llama");
  bl_session *session = new_session(model, (bl_session_options){.n_batch = 1});
  const bl_sampling greedy = {0};
  bl_error error = {0};
  int32_t anew[3], resumed[3];
  CHECK(take_tokens(bl_generation_from_ids(session, prompt, 8, &greedy, 3, &error), anew, 3) == 8);
  /* The cache now holds the prompt and two tokens more, which are forgotten. */
  CHECK(take_tokens(bl_generation_resume(session, prompt, 8, 5, &greedy, 3, &error), resumed, 3) ==
        3);
  CHECK(memcmp(anew, resumed, sizeof anew) == 0);
  CHECK(!bl_generation_resume(session, prompt, 8, 8, &greedy, 3, &error));
  CHECK(error.code == BL_ERR_ARGUMENT && strstr(error.message, "8 ids of a prompt of 8"));
  CHECK_OK(bl_session_truncate(session, 2, error));
  CHECK(!bl_generation_resume(session, prompt, 8, 5, &greedy, 3, &error));
  CHECK(strstr(error.message, "the session holds 2"));
  bl_session_free(session);
  bl_model_free(model);
}

int main(void) {
  RUN(logits_are_those_of_mlx_lm_with_every_kernel);
  RUN(a_batch_of_any_size_gives_the_same_logits);
  RUN(the_number_of_threads_does_not_change_a_bit);
  RUN(after_a_truncation_all_is_as_if_the_rest_had_never_been);
  RUN(a_caller_can_stop_an_evaluation);
  RUN(frequency_factors_stand_for_llama_3_scaling);
  RUN(what_does_not_fit_is_refused_in_a_sentence);
  RUN(greedy_texts_are_those_of_mlx_lm);
  RUN(a_seed_repeats_its_text_and_another_does_not);
  RUN(a_text_ends_when_the_context_is_full);
  RUN(no_tokens_asked_for_are_none_written);
  RUN(an_empty_prompt_needs_a_token_to_begin_with);
  RUN(a_session_used_for_something_else_meanwhile_is_noticed);
  RUN(a_prompt_whose_beginning_is_in_the_cache_reads_the_rest_alone);
  return check_result();
}
