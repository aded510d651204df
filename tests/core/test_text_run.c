/* Models reading a text side by side. */
#include "measure/text_row.h"
#include "model/model.h"
#include "text_golden.h"
#include "watch.h"

/* The text of scores.json, and a model under a recipe. */
static int32_t ids[150];

static bl_model *load(const char *folder, const char *recipe) {
  bl_model *model = NULL;
  CHECK_OK(golden_load(folder, recipe, &model, error));
  if (!model) exit(1);
  return model;
}

static bl_token_score *new_scores(const bl_model *model, size_t n_ids,
                                  const bl_text_options *options, int n_models) {
  int64_t n = bl_text_n_scored(model, n_ids, options);
  return calloc((size_t)(n * n_models) + 1, sizeof(bl_token_score));
}

/* The scores of a run that must succeed. */
static bl_token_score *run(const bl_model *reference, const bl_model *const *models, int n_models,
                           const int32_t *text, size_t n_ids, const bl_text_options *options) {
  bl_token_score *scores = new_scores(reference, n_ids, options, n_models);
  CHECK_OK(
      bl_text_run(reference, models, n_models, text, n_ids, options, NULL, NULL, scores, error));
  return scores;
}

static bool are_same(const bl_token_score *a, const bl_token_score *b, int64_t n) {
  return memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

/* ---- figures -------------------------------------------------------------------------------- */

/* Logits are computed in float32 here and in float64 there: they differ by some 1e-5. */
static void check_scores(const bl_token_score *scores, const cJSON *index, const cJSON *golden) {
  bl_token_score *expected = json_scores(golden);
  int n = json_count(golden, "kl");
  for (int i = 0; i < n; i++) {
    const bl_token_score *s = &scores[i], *e = &expected[i];
    CHECK(s->index == cJSON_GetArrayItem(index, i)->valueint);
    CHECK_MSG(is_near((double)s->log_p, (double)e->log_p, 0, 1e-4) &&
                  is_near((double)s->ref_log_p, (double)e->ref_log_p, 0, 1e-4),
              "token %d: ln p %.9g and %.9g, expected %.9g and %.9g", s->index, (double)s->log_p,
              (double)s->ref_log_p, (double)e->log_p, (double)e->ref_log_p);
    CHECK_MSG(is_near((double)s->kl, (double)e->kl, 1e-3, 1e-6), "token %d: KL %.9g, expected %.9g",
              s->index, (double)s->kl, (double)e->kl);
    CHECK(is_near((double)s->logit_diff, (double)e->logit_diff, 1e-4, 0));
    CHECK(s->is_same_top == e->is_same_top);
  }
  bl_text_stats stats;
  CHECK_OK(bl_text_summarize(scores, n, &stats, error));
  check_stats(&stats, cJSON_GetObjectItem(golden, "stats"), 1e-3);
  free(expected);
}

/* Chunks with and without tokens left over, one by default, one that starts with the first token,
 * and texts of several documents: short, empty, of one token, longer than a chunk. */
static void scores_are_those_of_an_independent_model(void) {
  static const char *const recipes[] = {"affine:4:64", "affine:8:64"};
  bl_model *reference = load("tiny_llama", "reference");
  const bl_model *models[2] = {load("tiny_llama", recipes[0]), load("tiny_llama", recipes[1])};
  cJSON *golden = text_golden("scores.json");
  const cJSON *object;
  cJSON_ArrayForEach(object, cJSON_GetObjectItem(golden, "cases")) {
    size_t n_ids = (size_t)json_number(object, "n_ids");
    bl_text_options options = {.n_context = (int)json_number(object, "n_context"),
                               .first = (int)json_number(object, "first")};
    size_t ends[8];
    const cJSON *documents = cJSON_GetObjectItem(object, "ends"), *end;
    cJSON_ArrayForEach(end, documents) ends[options.n_documents++] = (size_t)end->valueint;
    if (documents) options.ends = ends;
    const cJSON *index = cJSON_GetObjectItem(object, "index");
    int64_t n = bl_text_n_scored(reference, n_ids, &options);
    CHECK(n == cJSON_GetArraySize(index));
    bl_token_score *scores = run(reference, models, 2, ids, n_ids, &options);
    for (int m = 0; m < 2; m++)
      check_scores(scores + m * n, index, cJSON_GetObjectItem(object, recipes[m]));
    free(scores);
  }
  cJSON_Delete(golden);
  bl_model_free((bl_model *)models[0]);
  bl_model_free((bl_model *)models[1]);
  bl_model_free(reference);
}

static void perplexity_is_what_llama_cpp_prints(void) {
  cJSON *golden = text_golden("llama_cpp.json");
  int32_t *text = json_ids(golden, "ids");
  size_t n_ids = (size_t)json_count(golden, "ids");
  bl_text_options options = {.n_context = (int)json_number(golden, "n_context")};
  bl_model *model = load("tiny_llama", "reference");
  const bl_model *models[1] = {model};
  bl_token_score *scores = run(model, models, 1, text, n_ids, &options);
  int64_t n = bl_text_n_scored(model, n_ids, &options);
  bl_text_stats stats;
  CHECK_OK(bl_text_summarize(scores, n, &stats, error));
  CHECK(n == 4 * 127 && n_ids > 4 * 256);
  CHECK_MSG(is_near(stats.ppl.value, json_number(golden, "ppl"), 1e-5, 0), "%.10g",
            stats.ppl.value);
  CHECK_MSG(is_near(stats.ppl.error, json_number(golden, "ppl_error"), 1e-5, 0), "%.10g",
            stats.ppl.error);
  free(scores);
  free(text);
  cJSON_Delete(golden);
  bl_model_free(model);
}

/* ---- what must not matter ------------------------------------------------------------------- */

static void several_at_once_are_the_same_as_one_and_the_reference_loses_nothing(void) {
  bl_model *reference = load("tiny_llama", "reference"), *four = load("tiny_llama", "affine:4:64");
  bl_model *two = load("tiny_llama", "q4_0@int8");
  const bl_model *models[3] = {four, reference, two};
  bl_text_options options = {.n_context = 50};
  int64_t n = bl_text_n_scored(reference, 150, &options);
  CHECK(n == 3 * 24);
  bl_token_score *all = run(reference, models, 3, ids, 150, &options);
  for (int m = 0; m < 3; m++) {
    bl_token_score *one = run(reference, &models[m], 1, ids, 150, &options);
    CHECK(are_same(one, all + m * n, n));
    free(one);
  }
  for (int64_t i = n; i < 2 * n; i++) {
    CHECK(all[i].kl == 0 && all[i].logit_diff == 0 && all[i].is_same_top == 1);
    CHECK(all[i].log_p == all[i].ref_log_p && all[i].ref_log_p == all[i - n].ref_log_p);
  }
  free(all);
  bl_model_free(two);
  bl_model_free(four);
  bl_model_free(reference);
}

static void the_number_of_threads_does_not_change_a_bit(void) {
  bl_model *reference = load("tiny_llama", "reference"), *variant = load("tiny_llama", "q8_0");
  const bl_model *models[1] = {variant};
  bl_text_options options = {.n_context = 70};
  int64_t n = bl_text_n_scored(reference, 150, &options);
  bl_token_score *alone = run(reference, models, 1, ids, 150, &options);
  for (int n_threads = 2; n_threads <= 3; n_threads++) {
    options.pool = bl_pool_new(n_threads);
    bl_token_score *together = run(reference, models, 1, ids, 150, &options);
    CHECK(are_same(alone, together, n));
    free(together);
    bl_pool_free(options.pool);
  }
  free(alone);
  bl_model_free(variant);
  bl_model_free(reference);
}

typedef struct gathered {
  float *logits; /* (n_tokens, vocab_size) */
  int64_t vocab_size;
} gathered;

static bool gather(void *context, int position, const float *logits) {
  gathered *g = context;
  memcpy(g->logits + position * g->vocab_size, logits, (size_t)g->vocab_size * sizeof *logits);
  return true;
}

/* Logits of a text, by the public session in batches of another size: not so small that kernels
 * take other ways through them. */
static gathered eval(const bl_model *model, const int32_t *text, size_t n_ids) {
  gathered g = {.vocab_size = model->config.vocab_size};
  g.logits = calloc(n_ids * (size_t)g.vocab_size, sizeof *g.logits);
  bl_session_options options = {.n_context = 100, .n_batch = 20};
  bl_session *session = bl_session_new(model, &options, NULL);
  CHECK_OK(bl_session_eval(session, text, n_ids, gather, &g, error));
  bl_session_free(session);
  return g;
}

static void the_size_of_batches_does_not_change_a_bit(void) {
  bl_model *reference = load("tiny_llama", "reference"), *variant = load("tiny_llama", "q4_0");
  const bl_model *models[1] = {variant};
  bl_text_options options = {.n_context = 97, .first = 1};
  bl_token_score *scores = run(reference, models, 1, ids, 97, &options);
  gathered a = eval(variant, ids, 97), b = eval(reference, ids, 97);
  CHECK(bl_text_n_scored(reference, 97, &options) == 96);
  for (int i = 0; i < 96; i++) {
    bl_logit_row row = bl_logit_row_make(a.logits + i * a.vocab_size, a.vocab_size);
    bl_logit_row ref = bl_logit_row_make(b.logits + i * b.vocab_size, b.vocab_size);
    CHECK(scores[i].index == i + 1);
    CHECK(scores[i].log_p == (float)bl_logit_row_log_p(&row, ids[i + 1]));
    CHECK(scores[i].ref_log_p == (float)bl_logit_row_log_p(&ref, ids[i + 1]));
    CHECK(scores[i].kl == (float)bl_logit_row_distance(&row, &ref).kl);
  }
  free(a.logits);
  free(b.logits);
  free(scores);
  bl_model_free(variant);
  bl_model_free(reference);
}

static bool note_total(void *context, int64_t done, int64_t total) {
  (void)done;
  *(int64_t *)context = total;
  return true;
}

/* Logits that one run leaves stand in for the reference in the next: the same scores from one model
 * less, also where that model is the reference itself. */
static void the_reference_need_not_run_twice(void) {
  static const size_t ends[] = {40, 97, 150};
  bl_model *reference = load("tiny_llama", "reference"), *variant = load("tiny_llama", "q4_0");
  const bl_model *models[2] = {variant, reference};
  bl_text_options options = {.ends = ends, .n_documents = 3};
  int64_t n = bl_text_n_scored(reference, 150, &options);
  bl_token_score *expected = run(reference, models, 2, ids, 150, &options);
  float *logits = calloc((size_t)(n * reference->config.vocab_size), sizeof *logits);
  options.ref_logits = logits;
  bl_token_score *filling = run(reference, models, 2, ids, 150, &options);
  CHECK(are_same(filling, expected, 2 * n));
  options.has_ref_logits = true;
  bl_token_score *scores = new_scores(reference, 150, &options, 2);
  int64_t total = 0;
  CHECK_OK(
      bl_text_run(reference, models, 2, ids, 150, &options, note_total, &total, scores, error));
  CHECK(are_same(scores, expected, 2 * n));
  CHECK(total == n); /* the variant alone has been run */
  bl_token_score *alone = run(reference, models + 1, 1, ids, 150, &options);
  CHECK(are_same(alone, expected + n, n));
  /* They are what is compared with: others give other scores. */
  for (int64_t i = 0; i < n * reference->config.vocab_size; i++) logits[i] = 0;
  bl_token_score *other = run(reference, models, 1, ids, 150, &options);
  CHECK(!are_same(other, expected, n));
  free(other);
  free(alone);
  free(scores);
  free(filling);
  free(logits);
  free(expected);
  bl_model_free(variant);
  bl_model_free(reference);
}

/* Documents together are each of them alone, read to its end, whatever stands before it. */
static void documents_know_nothing_of_each_other(void) {
  static const size_t ends[] = {40, 41, 41, 97, 150};
  bl_model *reference = load("tiny_qwen2", "reference"), *variant = load("tiny_qwen2", "q4_0");
  const bl_model *models[1] = {variant};
  bl_text_options options = {.ends = ends, .n_documents = 5};
  int64_t n = bl_text_n_scored(reference, 150, &options), at = 0;
  CHECK(n == 39 + 55 + 52);
  bl_token_score *all = run(reference, models, 1, ids, 150, &options);
  for (int d = 0; d < 5; d++) {
    size_t begin = d > 0 ? ends[d - 1] : 0, n_ids = ends[d] - begin;
    if (n_ids < 2) continue;
    bl_text_options whole = {.first = 1};
    bl_token_score *alone = run(reference, models, 1, ids + begin, n_ids, &whole);
    for (size_t i = 0; i + 1 < n_ids; i++) {
      CHECK(all[at].index == (int32_t)(begin + i + 1));
      alone[i].index = all[at].index;
      CHECK(are_same(&alone[i], &all[at++], 1));
    }
    free(alone);
  }
  CHECK(at == n);
  free(all);
  bl_model_free(variant);
  bl_model_free(reference);
}

/* tiny_llama's tokenizer puts a token before every text, tiny_qwen2's does not. */
static void only_where_the_tokenizer_adds_one_is_the_first_token_replaced(void) {
  static const char *const folders[] = {"tiny_llama", "tiny_qwen2"};
  int32_t other[60];
  for (int f = 0; f < 2; f++) {
    bl_model *model = load(folders[f], "reference");
    const bl_model *models[1] = {model};
    bl_text_options options = {.n_context = 30, .first = 1};
    memcpy(other, ids, sizeof other);
    other[30] = other[30] == 77 ? 78 : 77; /* the first of the second chunk */
    bl_token_score *a = run(model, models, 1, ids, 60, &options);
    bl_token_score *b = run(model, models, 1, other, 60, &options);
    CHECK(are_same(a, b, 29));
    CHECK(are_same(a + 29, b + 29, 29) == (f == 0));
    free(a);
    free(b);
    bl_model_free(model);
  }
}

/* ---- how a text is cut up ------------------------------------------------------------------- */

static void the_number_of_scores_follows_from_chunks(void) {
  bl_model *model = load("tiny_llama", "reference"); /* at most 512 tokens */
  const struct {
    size_t n_ids;
    int n_context, first;
    int64_t n;
  } cases[] = {
      {2048, 512, 0, 4 * 255},
      {2047, 512, 0, 3 * 255},
      {2048, 0, 0, 4 * 255},
      {512, 0, 0, 255},
      {511, 512, 0, 0},
      {511, 0, 0, 255},
      {10, 0, 0, 4},
      {3, 0, 0, 1},
      {2, 0, 0, 0},
      {2, 0, 1, 1},
      {1, 0, 0, 0},
      {0, 0, 0, 0},
      {100, 10, 1, 90},
      {109, 10, 9, 10},
      {100, 10, 10, 0},
      {100, 10, -1, 0},
      {600, 513, 0, 0},
      {9, 0, 9, 0},
      {10, 0, 9, 1},
      {100, -5, 0, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_text_options options = {.n_context = cases[i].n_context, .first = cases[i].first};
    CHECK_MSG(bl_text_n_scored(model, cases[i].n_ids, &options) == cases[i].n, "case %zu: %lld", i,
              (long long)bl_text_n_scored(model, cases[i].n_ids, &options));
  }
  bl_model_free(model);
}

static void the_number_of_scores_of_documents_follows_from_their_chunks(void) {
  bl_model *model = load("tiny_llama", "reference");
  static const size_t ends[] = {1, 1, 3, 103, 1203, 2000};
  const struct {
    size_t n_documents;
    int n_context, first;
    int64_t n;
  } cases[] = {
      {6, 0, 0, 1 + 99 + (511 + 255) + (511)},
      {6, 100, 0, 1 + 99 + (99 + 10 * 49) + (99 + 6 * 49)},
      {6, 100, 1, 1 + 99 + 11 * 99 + 7 * 99},
      {3, 512, 0, 1},
      {3, 3, 2, 1},
      {2, 0, 0, 0},
      {1, 0, 0, 0},
      {0, 0, 0, 0},
      {6, 513, 0, 0},
      {6, 100, 100, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_text_options options = {.n_context = cases[i].n_context,
                               .first = cases[i].first,
                               .ends = ends,
                               .n_documents = cases[i].n_documents};
    CHECK_MSG(bl_text_n_scored(model, 2000, &options) == cases[i].n, "case %zu: %lld", i,
              (long long)bl_text_n_scored(model, 2000, &options));
  }
  bl_model_free(model);
}

static void check_documents(bl_documents by, const char *text, const char *expected) {
  char found[256] = "";
  size_t at = 0, start, end;
  while (bl_text_next_document(by, text, strlen(text), &at, &start, &end)) {
    strncat(found, text + start, end - start);
    strcat(found, "|");
  }
  CHECK_MSG(strcmp(found, expected) == 0, "%s of '%s' is '%s'", bl_documents_name(by), text, found);
}

static void a_text_is_divided_at_lines_or_at_blank_lines(void) {
  check_documents(BL_DOCUMENTS_WHOLE, "a\n\n b\n", "a\n\n b\n|");
  check_documents(BL_DOCUMENTS_WHOLE, "", "");
  check_documents(BL_DOCUMENTS_LINES, "a\n\n b \r\nc", "a| b |c|");
  check_documents(BL_DOCUMENTS_LINES, "\n \t\r\n\n", "");
  check_documents(BL_DOCUMENTS_LINES, "", "");
  check_documents(BL_DOCUMENTS_BLANK, "a\nb\n\nc\n", "a\nb|c|");
  check_documents(BL_DOCUMENTS_BLANK, "\n\n a\r\nb\r\n \t\r\n\n\nc\n\nd", " a\r\nb|c|d|");
  check_documents(BL_DOCUMENTS_BLANK, "\n", "");
  bl_documents by = BL_DOCUMENTS_BLANK;
  CHECK(bl_documents_parse("lines", &by) && by == BL_DOCUMENTS_LINES);
  CHECK(bl_documents_parse("whole", &by) && by == BL_DOCUMENTS_WHOLE);
  CHECK(!bl_documents_parse("line", &by) && !bl_documents_parse("", &by));
}

/* ---- progress ------------------------------------------------------------------------------- */

static void progress_counts_every_model_that_runs_and_can_stop_it(void) {
  bl_model *reference = load("tiny_llama", "reference"), *variant = load("tiny_llama", "q8_0");
  const bl_model *models[2] = {reference, variant};
  bl_text_options options = {.n_context = 100};
  bl_token_score *scores = new_scores(reference, 100, &options, 2);
  for (int n_models = 1; n_models <= 2; n_models++) {
    watch w = {0};
    CHECK_OK(bl_text_run(reference, models, n_models, ids, 100, &options, watch_progress, &w,
                         scores, error));
    CHECK(w.last == w.total && w.total == 99 * n_models && w.n_calls >= 3);
    for (int at = 1; at <= w.n_calls; at++) {
      watch stop = {.stop_at = at};
      bl_error error = {0};
      CHECK(bl_text_run(reference, models, n_models, ids, 100, &options, watch_progress, &stop,
                        scores, &error) == BL_ERR_CANCELLED);
      CHECK(stop.n_calls == at && error.message[0]);
    }
  }
  free(scores);
  bl_model_free(variant);
  bl_model_free(reference);
}

/* ---- bad input ------------------------------------------------------------------------------ */

static void check_error(const bl_model *reference, const bl_model *model, const int32_t *text,
                        size_t n_ids, const bl_text_options *options, const char *words) {
  bl_error error = {0};
  bl_token_score scores[1];
  bl_code code =
      bl_text_run(reference, &model, 1, text, n_ids, options, NULL, NULL, scores, &error);
  CHECK_MSG(code == BL_ERR_ARGUMENT && error.code == code && strcmp(error.message, words) == 0,
            "%s", error.message);
  CHECK(bl_text_run(reference, &model, 1, text, n_ids, options, NULL, NULL, scores, NULL) == code);
}

static void what_cannot_be_run_is_refused_in_one_sentence(void) {
  bl_model *m = load("tiny_llama", "reference");
  check_error(m, m, ids, 0, &(bl_text_options){0},
              "the text has 0 tokens, expected 3 to 2147483647");
  check_error(m, m, ids, 1, &(bl_text_options){0},
              "the text has 1 tokens, expected 3 to 2147483647");
  check_error(m, m, ids, 99, &(bl_text_options){.n_context = 100},
              "the text has 99 tokens, expected 100 to 2147483647");
  check_error(m, m, ids, 20, &(bl_text_options){.first = 20},
              "the text has 20 tokens, expected 21 to 2147483647");
  check_error(m, m, ids, 100, &(bl_text_options){.n_context = 513},
              "a chunk of the text has 513 tokens, expected 3 to 512");
  check_error(m, m, ids, 100, &(bl_text_options){.n_context = 2},
              "a chunk of the text has 2 tokens, expected 3 to 512");
  check_error(m, m, ids, 100, &(bl_text_options){.n_context = -1},
              "a chunk of the text has -1 tokens, expected 3 to 512");
  check_error(m, m, ids, 100, &(bl_text_options){.n_context = 40, .first = 40},
              "the first token of a chunk that is predicted is 40, expected 1 to 39");
  check_error(m, m, ids, 100, &(bl_text_options){.n_context = 40, .first = -2},
              "the first token of a chunk that is predicted is -2, expected 1 to 39");
  static const size_t falling[] = {60, 50}, far[] = {60, 101}, short_ones[] = {1, 2, 2};
  check_error(m, m, ids, 100, &(bl_text_options){.ends = falling, .n_documents = 2},
              "document 1 of the text ends at token 50, expected 60 to 100");
  check_error(m, m, ids, 100, &(bl_text_options){.ends = far, .n_documents = 2},
              "document 1 of the text ends at token 101, expected 60 to 100");
  check_error(m, m, ids, 2, &(bl_text_options){.ends = short_ones, .n_documents = 3},
              "no document of the text has 2 tokens, of which the second could be predicted");
  check_error(m, m, ids, 100, &(bl_text_options){.kernels = "abacus"},
              "there are no kernels 'abacus' on this machine");
  int32_t bad[100];
  memcpy(bad, ids, sizeof bad);
  bad[98] = 320;
  check_error(m, m, bad, 100, &(bl_text_options){0},
              "token 98 of the text has id 320, expected 0 to 319");
  bad[98] = -1;
  check_error(m, m, bad, 100, &(bl_text_options){0},
              "token 98 of the text has id -1, expected 0 to 319");
  bl_error error = {0};
  CHECK(bl_text_run(m, NULL, 0, ids, 100, &(bl_text_options){0}, NULL, NULL, NULL, &error) ==
        BL_ERR_ARGUMENT);
  CHECK(strcmp(error.message, "there are 0 models, expected at least 1") == 0);
  bl_model_free(m);
}

/* tiny_llama, but "<|im_end|>" is called "<|im_and|>". */
static bl_model *load_renamed(void) {
  size_t size;
  char *text = (char *)golden_read("tiny_llama", "tokenizer.json", &size), *at = text;
  while ((at = strstr(at, "im_end"))) at[3] = 'a';
  bl_load_options options = {0};
  bl_loader *loader = bl_loader_new(&options, NULL);
  bl_model *model = NULL;
  CHECK_OK(golden_add_texts(loader, "tiny_llama", error));
  CHECK_OK(bl_loader_add_text(loader, "tokenizer.json", text, size, error));
  free(text);
  uint8_t *bytes = golden_read("tiny_llama", "model.safetensors", &size);
  CHECK_OK(golden_push(loader, "model.safetensors", bytes, size, 0, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  free(bytes);
  bl_loader_free(loader);
  return model;
}

static void models_with_different_vocabularies_are_not_compared(void) {
  bl_model *reference = load("tiny_llama", "reference"), *renamed = load_renamed();
  check_error(reference, renamed, ids, 100, &(bl_text_options){0},
              "model 1 has another vocabulary than the reference: token 3 is '<|im_and|>', "
              "expected '<|im_end|>'");
  bl_model larger = *reference;
  larger.config.vocab_size = 321;
  check_error(reference, &larger, ids, 100, &(bl_text_options){0},
              "model 1 has a vocabulary of 321 tokens, expected 320 as in the reference");
  bl_model_free(renamed);
  bl_model_free(reference);
}

/* A model whose weights in one tensor are NaN. */
static bl_model *load_broken(void) {
  bl_load_options options = {0};
  bl_loader *loader = bl_loader_new(&options, NULL);
  bl_model *model = NULL;
  size_t size;
  CHECK_OK(golden_add_texts(loader, "tiny_llama", error));
  uint8_t *bytes = golden_read("tiny_llama", "model.safetensors", &size);
  memset(bytes + size - 64, 0xff, 64);
  CHECK_OK(golden_push(loader, "model.safetensors", bytes, size, 0, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  free(bytes);
  bl_loader_free(loader);
  return model;
}

static void weights_that_are_not_numbers_give_figures_that_are_not(void) {
  bl_model *reference = load("tiny_llama", "reference"), *broken = load_broken();
  const bl_model *models[1] = {broken};
  bl_text_options options = {0};
  int64_t n = bl_text_n_scored(reference, 150, &options);
  for (int is_reference = 0; is_reference < 2; is_reference++) {
    const bl_model *ref = is_reference ? broken : reference;
    bl_token_score *scores = run(ref, models, 1, ids, 150, &options);
    bl_text_stats stats;
    CHECK_OK(bl_text_summarize(scores, n, &stats, error));
    CHECK(isnan(stats.ppl.value) && isnan(stats.ln_ratio.value) && isnan(stats.kl_mean.value));
    CHECK(isnan(stats.kl_max) && isnan(stats.same_top.value) && isnan(stats.logit_diff.value));
    CHECK(isnan(stats.ref_ppl.value) == is_reference);
    free(scores);
  }
  bl_model_free(broken);
  bl_model_free(reference);
}

int main(void) {
  cJSON *golden = text_golden("scores.json");
  int32_t *all = json_ids(golden, "ids");
  if (json_count(golden, "ids") != 150) return 1;
  memcpy(ids, all, sizeof ids);
  free(all);
  cJSON_Delete(golden);

  RUN(scores_are_those_of_an_independent_model);
  RUN(perplexity_is_what_llama_cpp_prints);
  RUN(several_at_once_are_the_same_as_one_and_the_reference_loses_nothing);
  RUN(the_number_of_threads_does_not_change_a_bit);
  RUN(the_size_of_batches_does_not_change_a_bit);
  RUN(the_reference_need_not_run_twice);
  RUN(documents_know_nothing_of_each_other);
  RUN(only_where_the_tokenizer_adds_one_is_the_first_token_replaced);
  RUN(the_number_of_scores_follows_from_chunks);
  RUN(the_number_of_scores_of_documents_follows_from_their_chunks);
  RUN(a_text_is_divided_at_lines_or_at_blank_lines);
  RUN(progress_counts_every_model_that_runs_and_can_stop_it);
  RUN(what_cannot_be_run_is_refused_in_one_sentence);
  RUN(models_with_different_vocabularies_are_not_compared);
  RUN(weights_that_are_not_numbers_give_figures_that_are_not);
  return check_result();
}
