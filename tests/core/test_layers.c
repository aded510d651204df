/* Where hidden states part, and what each layer would say next, against mlx_lm (make_layers.py). */
#include "model/session.h"
#include "text_golden.h"

static const char *const folders[] = {"tiny_llama", "tiny_llama3", "tiny_qwen3", "tiny_qwen2"};
enum { N_CASES = 4, MAX_IDS = 512 };

/* A case of layers.json, its model and its variant. */
typedef struct material {
  cJSON *json; /* all cases */
  const cJSON *stages;
  bl_model *model, *variant;
  int32_t *ids;
  int n_ids;
} material;

static bl_model *make_variant(const bl_model *model, const char *recipe) {
  bl_load_options options = {.not_finite = BL_NOT_FINITE_ANYWHERE};
  bl_model *variant = NULL;
  CHECK_OK(bl_recipe_parse(recipe, &options.recipe, error));
  CHECK_OK(bl_model_variant(model, &options, NULL, NULL, &variant, error));
  return variant;
}

static material load(int i) {
  size_t size;
  material m = {0};
  char *text = (char *)golden_read("layers", "layers.json", &size);
  m.json = cJSON_ParseWithLength(text, size);
  free(text);
  const cJSON *c = cJSON_GetArrayItem(m.json, i);
  CHECK(strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(c, "model")), folders[i]) == 0);
  CHECK_OK(golden_load(folders[i], "reference", &m.model, error));
  m.variant = make_variant(m.model, cJSON_GetStringValue(cJSON_GetObjectItem(c, "recipe")));
  m.ids = json_ids(c, "ids");
  m.n_ids = json_count(c, "ids");
  m.stages = cJSON_GetObjectItem(c, "stages");
  return m;
}

static void unload(material *m) {
  bl_model_free(m->variant);
  bl_model_free(m->model);
  free(m->ids);
  cJSON_Delete(m->json);
}

/* Runs it to the end. */
static bl_layers *run(const bl_model *reference, const bl_model *variant, const int32_t *ids,
                      size_t n_ids, bl_pool *pool) {
  bl_error e = {0};
  int64_t done = 0, total = 1, before;
  bl_layers *layers = bl_layers_new(reference, variant, ids, n_ids, pool, &e);
  CHECK_MSG(layers, "%s", e.message);
  while (layers && done < total) {
    before = done;
    CHECK_OK(bl_layers_step(layers, &done, &total, error));
    CHECK(done > before && done <= total);
  }
  return layers;
}

/* ---- states --------------------------------------------------------------------------------- */

typedef struct watcher {
  const float *expected; /* (n_stages, n_ids, dim) */
  int n_ids, dim, n_calls;
  double worst;
} watcher;

static void watch_states(void *observer, int stage, const float *x, int n_tokens) {
  watcher *w = observer;
  CHECK(n_tokens == w->n_ids && stage == w->n_calls++);
  const float *expected = w->expected + (int64_t)stage * n_tokens * w->dim;
  for (int64_t i = 0; i < (int64_t)n_tokens * w->dim; i++)
    w->worst = fmax(w->worst, fabs((double)x[i] - (double)expected[i]));
}

static void the_states_after_each_layer_are_mlx_lms(void) {
  for (int i = 0; i < N_CASES; i++) {
    material m = load(i);
    char name[64];
    size_t size;
    snprintf(name, sizeof name, "%s.f32", folders[i]);
    uint8_t *bytes = golden_read("layers", name, &size);
    bl_model_info info;
    bl_model_get_info(m.model, &info);
    CHECK(size == sizeof(float) * (size_t)((info.n_layers + 1) * m.n_ids * info.dim));
    watcher w = {.expected = (const float *)bytes, .n_ids = m.n_ids, .dim = info.dim};
    const bl_session_options options = {0};
    bl_session *session = bl_session_new(m.model, &options, NULL);
    session->observe = watch_states;
    session->observer = &w;
    CHECK_OK(bl_session_eval(session, m.ids, (size_t)m.n_ids, NULL, NULL, error));
    CHECK(w.n_calls == info.n_layers + 1);
    CHECK_MSG(w.worst < 1e-4, "%s: a state is off by %g", folders[i], w.worst);
    bl_session_free(session);
    free(bytes);
    unload(&m);
  }
}

/* ---- figures -------------------------------------------------------------------------------- */

static void check_tokens(const bl_lens_token *found, const cJSON *expected, const char *what) {
  for (int k = 0; k < BL_LENS_TOP; k++) {
    const cJSON *pair = cJSON_GetArrayItem(expected, k);
    double p = cJSON_GetArrayItem(pair, 1)->valuedouble;
    CHECK_MSG(found[k].id == cJSON_GetArrayItem(pair, 0)->valueint, "%s: token %d is %d", what, k,
              found[k].id);
    CHECK_MSG(is_near((double)found[k].p, p, 1e-3, 1e-7), "%s: its p is %g, expected %g", what,
              (double)found[k].p, p);
  }
}

static void distances_cosines_and_lenses_are_those_of_mlx_lms_states(void) {
  for (int i = 0; i < N_CASES; i++) {
    material m = load(i);
    int n;
    bl_layers *layers = run(m.model, m.variant, m.ids, (size_t)m.n_ids, NULL);
    const bl_layer_figures *f = bl_layers_get(layers, &n);
    CHECK(n == cJSON_GetArraySize(m.stages));
    for (int s = 0; s < n; s++, f++) {
      const cJSON *stage = cJSON_GetArrayItem(m.stages, s);
      const struct {
        const char *key;
        double found;
      } figures[] = {{"distance", f->distance},
                     {"last_distance", f->last_distance},
                     {"cosine", f->cosine},
                     {"last_cosine", f->last_cosine},
                     {"kl", f->kl},
                     {"p_of_ref_top", (double)f->p_of_ref_top}};
      for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
        double expected = json_number(stage, figures[k].key);
        CHECK_MSG(is_near(figures[k].found, expected, 1e-3, 1e-7), "%s %d: %s is %.9g, not %.9g",
                  folders[i], s, figures[k].key, figures[k].found, expected);
      }
      check_tokens(f->ref_top, cJSON_GetObjectItem(stage, "ref_top"), folders[i]);
      check_tokens(f->top, cJSON_GetObjectItem(stage, "top"), folders[i]);
    }
    bl_layers_free(layers);
    unload(&m);
  }
}

static void the_lens_after_the_last_layer_is_what_the_model_predicts(void) {
  for (int i = 0; i < N_CASES; i++) {
    material m = load(i);
    int n;
    bl_layers *layers = run(m.model, m.variant, m.ids, (size_t)m.n_ids, NULL);
    const bl_layer_figures *last = bl_layers_get(layers, &n) + n - 1;
    const bl_session_options options = {0};
    bl_session *session = bl_session_new(m.variant, &options, NULL);
    CHECK_OK(bl_session_eval(session, m.ids, (size_t)m.n_ids, NULL, NULL, error));
    const float *logits = bl_session_logits(session);
    double sum = 0;
    int32_t best = 0;
    for (int32_t id = 0; id < 320; id++) {
      sum += exp((double)logits[id]);
      if (logits[id] > logits[best]) best = id;
    }
    CHECK(last->top[0].id == best);
    CHECK(is_near((double)last->top[0].p, exp((double)logits[best]) / sum, 1e-6, 0));
    CHECK(is_near((double)last->p_of_ref_top, exp((double)logits[last->ref_top[0].id]) / sum, 1e-6,
                  0));
    bl_session_free(session);
    bl_layers_free(layers);
    unload(&m);
  }
}

static void a_model_does_not_part_from_itself(void) {
  material m = load(0);
  int n;
  bl_layers *layers = run(m.model, m.model, m.ids, (size_t)m.n_ids, NULL);
  const bl_layer_figures *f = bl_layers_get(layers, &n);
  for (int s = 0; s < n; s++, f++) {
    CHECK(f->distance == 0 && f->last_distance == 0 && f->kl == 0);
    CHECK(fabs(f->cosine - 1) < 1e-12 && fabs(f->last_cosine - 1) < 1e-12);
    CHECK(memcmp(f->top, f->ref_top, sizeof f->top) == 0 && f->p_of_ref_top == f->top[0].p);
  }
  bl_layers_free(layers);
  unload(&m);
}

/* More tokens than go through together, and one alone. */
static void neither_threads_nor_batches_change_a_figure(void) {
  material m = load(1);
  int32_t ids[200];
  int n, n_shared;
  for (int i = 0; i < 200; i++) ids[i] = m.ids[i % m.n_ids];
  bl_pool *pool = bl_pool_new(3);
  bl_layers *alone = run(m.model, m.variant, ids, 200, NULL);
  bl_layers *shared = run(m.model, m.variant, ids, 200, pool);
  const bl_layer_figures *a = bl_layers_get(alone, &n), *b = bl_layers_get(shared, &n_shared);
  CHECK(n == n_shared && memcmp(a, b, (size_t)n * sizeof *a) == 0);
  /* What is read first does not know of what follows. */
  double squares = 0;
  for (int length = 1; length <= 3; length++) {
    bl_layers *shorter = run(m.model, m.variant, ids, (size_t)length, NULL);
    const bl_layer_figures *f = bl_layers_get(shorter, &n) + 2;
    squares += f->last_distance * f->last_distance;
    CHECK_MSG(is_near(f->distance, sqrt(squares / length), 1e-5, 0), "%d: %g, expected %g", length,
              f->distance, sqrt(squares / length));
    bl_layers_free(shorter);
  }
  bl_layers_free(alone);
  bl_layers_free(shared);
  bl_pool_free(pool);
  unload(&m);
}

/* ---- what cannot be ------------------------------------------------------------------------- */

static void refuses(const bl_model *reference, const bl_model *variant, const int32_t *ids,
                    size_t n_ids, const char *sentence) {
  bl_error e = {0};
  CHECK(!bl_layers_new(reference, variant, ids, n_ids, NULL, &e));
  CHECK_MSG(e.code == BL_ERR_ARGUMENT && strstr(e.message, sentence), "%s", e.message);
}

static void what_cannot_be_compared_is_refused(void) {
  material m = load(0), other = load(1);
  bl_model *world = NULL;
  int32_t many[MAX_IDS + 1] = {0}, bad[] = {1, 320};
  CHECK_OK(golden_load("../../examples/tinyworld/models/0.5M", "reference", &world, error));
  refuses(m.model, m.variant, many, 0, "the prompt is empty");
  refuses(m.model, m.variant, many, MAX_IDS + 1,
          "the prompt is 513 tokens long, the context holds 512");
  refuses(m.model, m.variant, bad, 2, "token 1 has id 320, expected 0 to 319");
  refuses(m.model, other.model, many, 1, "the reference has 2, 128 wide, the variant 3, 64 wide");
  refuses(m.model, world, many, 1, "the reference has 320 tokens, the variant 2048");
  bl_model_free(world);
  unload(&m);
  unload(&other);
}

static void a_variant_that_is_not_a_number_has_figures_that_are_none(void) {
  material m = load(0);
  int n;
  bl_model *broken = golden_load_broken(folders[0]);
  bl_layers *layers = run(m.model, broken, m.ids, (size_t)m.n_ids, NULL);
  const bl_layer_figures *last = bl_layers_get(layers, &n) + n - 1;
  CHECK(isnan(last->kl) && isnan(last->p_of_ref_top));
  CHECK(last->top[0].id == -1 && isnan(last->top[0].p) && last->ref_top[0].id >= 0);
  bl_layers_free(layers);
  bl_error e = {0};
  bl_code code = BL_OK;
  int64_t done = 0, total = 1;
  layers = bl_layers_new(broken, m.model, m.ids, (size_t)m.n_ids, NULL, &e);
  while (code == BL_OK && done < total) code = bl_layers_step(layers, &done, &total, &e);
  CHECK(code == BL_ERR_NOT_FINITE && strstr(e.message, "the reference's hidden states"));
  bl_layers_free(layers);
  bl_model_free(broken);
  unload(&m);
}

/* ---- labels --------------------------------------------------------------------------------- */

static void check_label(const bl_tokenizer *tokenizer, const char *text, bool is_first,
                        const char *expected) {
  int32_t ids[16] = {0};
  size_t n;
  char label[64];
  CHECK_OK(bl_tokenizer_encode(tokenizer, text, strlen(text), false, ids, 16, &n, error));
  bl_tokenizer_label(tokenizer, is_first ? ids[0] : ids[n - 1], label, sizeof label);
  CHECK_MSG(strcmp(label, expected) == 0, "'%s', expected '%s'", label, expected);
}

static void a_token_is_shown_by_its_characters_and_stray_bytes_by_number(void) {
  material m = load(0);
  const bl_tokenizer *tokenizer = bl_model_tokenizer(m.model);
  char label[64];
  check_label(tokenizer, "a", true, "a");
  check_label(tokenizer, " ", true, " ");
  check_label(tokenizer, "<|im_end|>", true, "<|im_end|>");
  check_label(tokenizer, "\xf0\x9f\x99\x82", true, "<F0>");
  check_label(tokenizer, "\xf0\x9f\x99\x82", false, "<82>");
  bl_tokenizer_label(tokenizer, 1 << 20, label, sizeof label);
  CHECK(!*label);
  bl_tokenizer_label(tokenizer, -1, label, sizeof label);
  CHECK(!*label);
  check_label(tokenizer, "<|im_start|>", true, "<|im_start|>");
  int32_t id;
  size_t n;
  CHECK_OK(bl_tokenizer_encode(tokenizer, "<|im_start|>", 12, false, &id, 1, &n, error));
  bl_tokenizer_label(tokenizer, id, label, 8);
  CHECK_MSG(strcmp(label, "<|im\xe2\x80\xa6") == 0, "%s", label);
  unload(&m);
}

int main(void) {
  RUN(the_states_after_each_layer_are_mlx_lms);
  RUN(distances_cosines_and_lenses_are_those_of_mlx_lms_states);
  RUN(the_lens_after_the_last_layer_is_what_the_model_predicts);
  RUN(a_model_does_not_part_from_itself);
  RUN(neither_threads_nor_batches_change_a_figure);
  RUN(what_cannot_be_compared_is_refused);
  RUN(a_variant_that_is_not_a_number_has_figures_that_are_none);
  RUN(a_token_is_shown_by_its_characters_and_stray_bytes_by_number);
  return check_result();
}
