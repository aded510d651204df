/* Where generations part. What the models write is what mlx_lm wrote (make_models.py). */
#include <cJSON.h>

#include "check.h"
#include "measure/divergence.h"
#include "model_files.h"

/* ---- edit distance -------------------------------------------------------------------------- */

static int distance(const char *a, const char *b) {
  int32_t ids_a[32], ids_b[32];
  int row[33], n_a = (int)strlen(a), n_b = (int)strlen(b);
  for (int i = 0; i < n_a; i++) ids_a[i] = a[i];
  for (int i = 0; i < n_b; i++) ids_b[i] = b[i];
  return bl_edit_distance(ids_a, n_a, ids_b, n_b, row);
}

static void the_edit_distance_counts_insertions_deletions_and_replacements(void) {
  CHECK(distance("kitten", "sitting") == 3);
  CHECK(distance("sitting", "kitten") == 3);
  CHECK(distance("saturday", "sunday") == 3);
  CHECK(distance("intention", "execution") == 5);
  CHECK(distance("", "") == 0 && distance("abc", "") == 3 && distance("", "abc") == 3);
  CHECK(distance("abc", "abc") == 0 && distance("abcd", "bcd") == 1 && distance("ab", "ba") == 2);
}

/* By the definition, without a table: from the ends of both. */
static int by_definition(const int32_t *a, int n_a, const int32_t *b, int n_b) {
  if (n_a == 0 || n_b == 0) return n_a + n_b;
  int replaced = by_definition(a, n_a - 1, b, n_b - 1) + (a[n_a - 1] != b[n_b - 1]);
  int left_out = by_definition(a, n_a - 1, b, n_b) + 1;
  int inserted = by_definition(a, n_a, b, n_b - 1) + 1;
  int least = replaced < left_out ? replaced : left_out;
  return inserted < least ? inserted : least;
}

static void the_edit_distance_is_the_least_number_of_edits(void) {
  uint64_t state = 7;
  for (int trial = 0; trial < 200; trial++) {
    int32_t a[6], b[6];
    int row[7], n_a = (int)(check_random(&state) % 7), n_b = (int)(check_random(&state) % 7);
    for (int i = 0; i < 6; i++) {
      a[i] = (int32_t)(check_random(&state) % 3);
      b[i] = (int32_t)(check_random(&state) % 3);
    }
    CHECK(bl_edit_distance(a, n_a, b, n_b, row) == by_definition(a, n_a, b, n_b));
  }
}

/* ---- models --------------------------------------------------------------------------------- */

/* A model, and what mlx_lm writes with it after `prompt`. */
typedef struct material {
  bl_model *model;
  cJSON *json;
  const char *prompt;
  int32_t ids[64]; /* (n) what it writes, with the token that ends the text */
  int n;
} material;

static material load(const char *folder) {
  material m = {0};
  size_t size;
  CHECK_OK(golden_load(folder, "reference", &m.model, error));
  uint8_t *text = golden_read(folder, "expected.json", &size);
  m.json = cJSON_ParseWithLength((const char *)text, size);
  free(text);
  m.prompt = cJSON_GetStringValue(cJSON_GetObjectItem(m.json, "prompt"));
  const cJSON *id;
  cJSON_ArrayForEach(id, cJSON_GetObjectItem(m.json, "greedy_ids")) m.ids[m.n++] =
      (int32_t)cJSON_GetNumberValue(id);
  if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(m.json, "end")), "end") == 0)
    m.ids[m.n++] = 1; /* the end token of all these tokenizers */
  return m;
}

static void unload(material *m) {
  bl_model_free(m->model);
  cJSON_Delete(m->json);
}

static bl_divergence run(const bl_model *reference, const bl_model *variant, const char *prompt,
                         int max_tokens) {
  bl_divergence d = {0};
  size_t size = strlen(prompt);
  CHECK_OK(bl_divergence_run(reference, variant, &prompt, &size, 1, max_tokens, NULL, NULL, NULL,
                             &d, error));
  return d;
}

/* Rank and gap of `id` in the model after the prompt and n_written tokens, from logits that are
 * computed in one go. */
static void stand(const material *m, const int32_t *written, int n_written, int32_t id, int *rank,
                  double *gap) {
  bl_session_options options = {0};
  bl_session *session = bl_session_new(m->model, &options, NULL);
  int32_t ids[256];
  size_t n;
  bl_model_info info;
  bl_model_get_info(m->model, &info);
  CHECK_OK(bl_tokenizer_encode(bl_model_tokenizer(m->model), m->prompt, strlen(m->prompt), true,
                               ids, 256, &n, error));
  for (int i = 0; i < n_written; i++) ids[n++] = written[i];
  CHECK_OK(bl_session_eval(session, ids, n, NULL, NULL, error));
  const float *logits = bl_session_logits(session);
  double sum = 0, best = 0;
  *rank = 0;
  for (int i = 0; i < info.vocab_size; i++) {
    double p = exp((double)logits[i]);
    sum += p;
    best = p > best ? p : best;
    *rank += logits[i] > logits[id];
  }
  *gap = (best - exp((double)logits[id])) / sum;
  bl_session_free(session);
}

static void two_models_part_where_mlx_lms_texts_part(void) {
  material a = load("tiny_llama");
  static const char *const others[] = {"tiny_llama_mlx4", "tiny_llama_mlx_mixed", "tiny_llama_bnb"};
  for (int i = 0; i < 3; i++) {
    material b = load(others[i]);
    int first = 0, row[64], rank;
    double gap;
    while (a.ids[first] == b.ids[first]) first++;
    bl_divergence d = run(a.model, b.model, a.prompt, 24);
    CHECK_MSG(d.n_tokens == 24 && d.first == first, "%s: token %d of %d, expected %d", others[i],
              d.first, d.n_tokens, first);
    stand(&b, b.ids, first, a.ids[first], &rank, &gap);
    CHECK_MSG(d.rank == rank && rank >= 1, "%s: rank %d, expected %d", others[i], d.rank, rank);
    CHECK(fabs((double)d.gap - gap) < 1e-4 && d.gap > 0);
    int edits = bl_edit_distance(a.ids + first, 24 - first, b.ids + first, 24 - first, row);
    CHECK(d.edit_distance == edits && d.edit_share == (double)edits / (24 - first));
    unload(&b);
  }
  unload(&a);
}

static void a_model_does_not_part_from_itself(void) {
  material a = load("tiny_llama"), ending = load("tiny_llama3");
  bl_divergence d = run(a.model, a.model, a.prompt, 24);
  CHECK(d.n_tokens == 24 && d.first == 24 && d.rank == 0 && d.gap == 0);
  CHECK(d.edit_distance == 0 && d.edit_share == 0);
  d = run(ending.model, ending.model, ending.prompt, 24);
  CHECK(ending.n < 24 && d.n_tokens == ending.n && d.first == ending.n); /* the end is a token */
  d = run(a.model, a.model, a.prompt, 1);
  CHECK(d.n_tokens == 1 && d.first == 1);
  unload(&a);
  unload(&ending);
}

/* With random weights the texts of two models part at once; that one of them ends shows in the
 * edits: no more than the longer has tokens. */
static void an_end_of_text_is_a_token_like_any_other(void) {
  material a = load("tiny_llama"), b = load("tiny_llama3");
  bl_divergence forth = run(a.model, b.model, a.prompt, 24);
  bl_divergence back = run(b.model, a.model, a.prompt, 24);
  CHECK(a.ids[0] != b.ids[0] && forth.first == 0 && back.first == 0);
  CHECK(forth.n_tokens == 24 && back.n_tokens == b.n);
  int row[64], edits = bl_edit_distance(a.ids, a.n, b.ids, b.n, row);
  CHECK(forth.edit_distance == edits && back.edit_distance == edits);
  CHECK(forth.edit_share == edits / 24.0 && back.edit_share == edits / 24.0);
  unload(&a);
  unload(&b);
}

static void a_full_context_ends_both_texts(void) {
  material a = load("tiny_llama");
  char prompt[2400];
  size_t n, size = 0;
  do {
    size += 4;
    memset(prompt, '@', size);
    CHECK_OK(
        bl_tokenizer_encode(bl_model_tokenizer(a.model), prompt, size, true, NULL, 0, &n, error));
  } while (n < 509);
  CHECK(n <= 512);
  prompt[size] = '\0';
  bl_divergence d = run(a.model, a.model, prompt, 100);
  CHECK_MSG(d.n_tokens == 512 - (int)n + 1, "%d tokens after %zu", d.n_tokens, n);
  unload(&a);
}

static void a_variant_that_is_not_a_number_writes_nothing(void) {
  material a = load("tiny_llama");
  bl_model *broken = golden_load_broken("tiny_llama");
  bl_divergence d = run(a.model, broken, a.prompt, 24);
  CHECK(d.n_tokens == 24 && d.first == 0 && d.rank == 319 && isnan(d.gap));
  CHECK(d.edit_distance == 24 && d.edit_share == 1);
  size_t size = strlen(a.prompt);
  bl_error error = {0};
  CHECK(bl_divergence_run(broken, a.model, &a.prompt, &size, 1, 24, NULL, NULL, NULL, &d, &error) ==
        BL_ERR_NOT_FINITE);
  CHECK(strstr(error.message, "the reference's logits are not numbers"));
  bl_model_free(broken);
  unload(&a);
}

/* ---- many prompts --------------------------------------------------------------------------- */

enum { N_PROMPTS = 24 };

static bool count_up(void *context, int64_t n_done, int64_t n_total) {
  CHECK(n_done >= 1 && n_done <= N_PROMPTS && n_total == N_PROMPTS);
  ++*(int *)context;
  return true;
}

static bool stop_at_two(void *context, int64_t n_done, int64_t n_total) {
  (void)n_total;
  *(int *)context = (int)n_done;
  return n_done < 2;
}

static void threads_change_nothing_and_a_callback_can_stop_it(void) {
  material a = load("tiny_llama"), b = load("tiny_llama_mlx_mixed");
  char texts[N_PROMPTS][16];
  const char *prompts[N_PROMPTS];
  size_t sizes[N_PROMPTS];
  bl_divergence alone[N_PROMPTS] = {0}, shared[N_PROMPTS] = {0};
  int n_alone = 0, n_shared = 0, last = 0;
  for (int i = 0; i < N_PROMPTS; i++) {
    prompts[i] = texts[i];
    sizes[i] = (size_t)snprintf(texts[i], sizeof texts[i], "boat %d, %d", i, i * i);
  }
  CHECK_OK(bl_divergence_run(a.model, b.model, prompts, sizes, N_PROMPTS, 16, NULL, count_up,
                             &n_alone, alone, error));
  bl_pool *pool = bl_pool_new(3);
  CHECK_OK(bl_divergence_run(a.model, b.model, prompts, sizes, N_PROMPTS, 16, pool, count_up,
                             &n_shared, shared, error));
  bl_pool_free(pool);
  CHECK(memcmp(alone, shared, sizeof alone) == 0);
  CHECK(n_alone == N_PROMPTS && n_shared >= 1);
  bl_error error = {0};
  CHECK(bl_divergence_run(a.model, b.model, prompts, sizes, N_PROMPTS, 16, NULL, stop_at_two, &last,
                          alone, &error) == BL_ERR_CANCELLED);
  CHECK(last == 2);
  unload(&a);
  unload(&b);
}

static void what_cannot_be_compared_is_refused(void) {
  material a = load("tiny_llama"), bare = load("tiny_qwen2");
  bl_model *other = NULL;
  bl_divergence d;
  bl_error error = {0};
  const char *prompt = a.prompt, *empty = "";
  size_t size = strlen(prompt), none = 0;
  CHECK_OK(golden_load("../../examples/tinyworld/models/0.5M", "reference", &other, error));
  CHECK(bl_divergence_run(a.model, other, &prompt, &size, 1, 24, NULL, NULL, NULL, &d, &error) ==
        BL_ERR_ARGUMENT);
  CHECK(strstr(error.message, "vocabularies differ: the reference has 320 tokens, the variant "));
  CHECK(bl_divergence_run(a.model, a.model, &prompt, &size, 0, 24, NULL, NULL, NULL, &d, &error) ==
        BL_ERR_ARGUMENT);
  CHECK(bl_divergence_run(a.model, a.model, &prompt, &size, 1, 0, NULL, NULL, NULL, &d, &error) ==
        BL_ERR_ARGUMENT);
  CHECK(bl_divergence_run(bare.model, bare.model, &empty, &none, 1, 9, NULL, NULL, NULL, &d,
                          &error) == BL_ERR_ARGUMENT);
  CHECK(strstr(error.message, "prompt 1 is empty"));
  static char text[4096];
  memset(text, '@', sizeof text);
  const char *too_long = text;
  size = sizeof text;
  CHECK(bl_divergence_run(a.model, a.model, &too_long, &size, 1, 9, NULL, NULL, NULL, &d, &error) ==
        BL_ERR_ARGUMENT);
  CHECK(strstr(error.message, "prompt 1 is ") && strstr(error.message, "context holds 512"));
  bl_model_free(other);
  unload(&a);
  unload(&bare);
}

int main(void) {
  RUN(the_edit_distance_counts_insertions_deletions_and_replacements);
  RUN(the_edit_distance_is_the_least_number_of_edits);
  RUN(two_models_part_where_mlx_lms_texts_part);
  RUN(a_model_does_not_part_from_itself);
  RUN(an_end_of_text_is_a_token_like_any_other);
  RUN(a_full_context_ends_both_texts);
  RUN(a_variant_that_is_not_a_number_writes_nothing);
  RUN(threads_change_nothing_and_a_callback_can_stop_it);
  RUN(what_cannot_be_compared_is_refused);
  return check_result();
}
