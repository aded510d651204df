/* Parts of a model quantized alone, and the front of size against loss. */
#include "deep_model.h"
#include "model_files.h"

static bl_recipe parse(const char *text) {
  bl_recipe recipe;
  bl_error found = {0};
  if (bl_recipe_parse(text, &recipe, &found) == BL_OK) return recipe;
  printf("    %s\n", found.message);
  exit(1);
}

static bl_model *load(const char *folder, const char *recipe) {
  bl_model *model = NULL;
  bl_error found = {0};
  if (golden_load(folder, recipe, &model, &found) == BL_OK) return model;
  printf("    %s: %s\n", folder, found.message);
  exit(1);
}

/* ---- units ------------------------------------------------------------------------------------
 */

/* How many tensors a loader converts under "reference/PATTERN=f16", and their parameters. */
static int count_converted(const bl_model *model, const char *pattern, int64_t *n_params) {
  char text[128];
  snprintf(text, sizeof text, "reference/%.47s=f16", pattern);
  bl_load_options options = {.recipe = parse(text)};
  bl_model *variant = NULL;
  int n = 0;
  *n_params = 0;
  CHECK_OK(bl_model_variant(model, &options, NULL, NULL, &variant, error));
  bl_model_info info = {0};
  if (variant) bl_model_get_info(variant, &info);
  for (int i = 0; i < info.n_tensors; i++) {
    bl_tensor_info tensor;
    CHECK_OK(bl_model_get_tensor(variant, i, &tensor, error));
    n += tensor.converted;
    if (tensor.converted) *n_params += tensor.n_rows * tensor.n_cols;
  }
  bl_model_free(variant);
  return n;
}

static void a_unit_s_pattern_matches_its_matrices_and_no_others(void) {
  enum { N_LAYERS = 12, CAPACITY = 128 };
  uint8_t *file;
  bl_model *model = deep_model(N_LAYERS, 1, &file);
  const int64_t in_layer = 2 * 64 * 64 + 2 * 32 * 64 + 3 * 64 * 128, embedding = 64 * 64;
  static const struct {
    bl_unit_by by;
    int n_units, n_matrices; /* of a unit in the layers */
  } expected[] = {{BL_BY_TENSOR, 1 + 7 * N_LAYERS, 1},
                  {BL_BY_LAYER, 1 + N_LAYERS, 7},
                  {BL_BY_KIND, 1 + 7, N_LAYERS}};
  for (int k = 0; k < 3; k++) {
    bl_unit units[CAPACITY];
    int n = bl_units_list(model, expected[k].by, units, CAPACITY);
    CHECK_MSG(n == expected[k].n_units, "%d units", n);
    int64_t n_params = 0;
    for (int u = 0; u < n && u < CAPACITY; u++) {
      int64_t matched;
      int n_matched = count_converted(model, units[u].pattern, &matched);
      CHECK_MSG(n_matched == (u == 0 ? 1 : expected[k].n_matrices), "%s matches %d",
                units[u].pattern, n_matched);
      CHECK(matched == units[u].n_params);
      n_params += matched;
      CHECK((units[u].layer == -1) == (u == 0 || expected[k].by == BL_BY_KIND));
      CHECK((*units[u].kind == 0) == (u > 0 && expected[k].by == BL_BY_LAYER));
    }
    CHECK(n_params == embedding + N_LAYERS * in_layer);
  }
  bl_model_free(model);
  free(file);
}

static void units_have_names_that_a_reader_knows(void) {
  bl_model *tied = load("tiny_llama", "reference"), *untied = load("tiny_llama3", "reference");
  bl_unit units[64];
  CHECK(bl_units_list(tied, BL_BY_TENSOR, units, 64) == 15);
  CHECK(strcmp(units[0].pattern, "embed_tokens") == 0 &&
        strcmp(units[0].kind, "embed_tokens") == 0);
  CHECK(strcmp(units[8].pattern, "layers.1.self_attn.q_proj") == 0);
  CHECK(strcmp(units[14].pattern, "layers.1.mlp.down_proj") == 0);
  CHECK(units[14].layer == 1 && strcmp(units[14].kind, "down_proj") == 0);
  CHECK(bl_units_list(untied, BL_BY_LAYER, units, 64) == 5);
  CHECK(strcmp(units[0].pattern, "embed_tokens") == 0 && strcmp(units[4].pattern, "lm_head") == 0);
  CHECK(strcmp(units[2].pattern, "layers.1") == 0 && units[2].layer == 1);
  CHECK(strcmp(units[4].kind, "lm_head") == 0 && units[4].layer == -1);
  CHECK(bl_units_list(untied, BL_BY_KIND, units, 64) == 9);
  CHECK(strcmp(units[7].pattern, "down_proj") == 0 && strcmp(units[7].kind, "down_proj") == 0);
  /* What does not fit is counted, and not written. */
  units[3].n_params = -7;
  CHECK(bl_units_list(untied, BL_BY_KIND, units, 3) == 9 && units[3].n_params == -7);
  CHECK(bl_units_list(untied, BL_BY_KIND, NULL, 0) == 9);
  bl_model_free(tied);
  bl_model_free(untied);
}

/* ---- running ----------------------------------------------------------------------------------
 */

enum { N_IDS = 60 };
static void make_ids(int32_t ids[N_IDS], int vocab) {
  uint64_t state = 11;
  for (int i = 0; i < N_IDS; i++) ids[i] = (int32_t)(check_random(&state) % (uint64_t)vocab);
}

typedef struct results {
  int n, stop_after;
  bl_text_stats stats[64];
  int64_t n_done, n_total; /* tokens */
  int n_calls, stop_at;    /* calls of on_progress; 0: never */
} results;

static bool on_progress(void *context, int64_t n_done, int64_t n_total) {
  results *r = context;
  CHECK(n_done >= r->n_done && n_done <= n_total && (r->n_total == 0 || n_total == r->n_total));
  r->n_done = n_done;
  r->n_total = n_total;
  return ++r->n_calls != r->stop_at;
}

static bool take(void *context, int unit, const bl_text_stats *stats) {
  results *r = context;
  CHECK_MSG(unit == r->n, "unit %d comes after %d", unit, r->n - 1);
  r->stats[r->n++] = *stats;
  return r->n != r->stop_after;
}

/* The same by other means: the loader reads the files under a recipe with one rule. */
static bl_text_stats run_alone(const bl_model *reference, const char *folder, const char *pattern,
                               const char *format, const int32_t *ids,
                               const bl_text_options *options) {
  char text[128];
  snprintf(text, sizeof text, "reference/%.47s=%s", pattern, format);
  const bl_model *variant = load(folder, text);
  const int64_t n = bl_text_n_scored(reference, N_IDS, options);
  bl_token_score *scores = malloc((size_t)n * sizeof *scores);
  bl_text_stats stats = {0};
  if (!scores) exit(1);
  CHECK_OK(bl_text_run(reference, &variant, 1, ids, N_IDS, options, NULL, NULL, scores, error));
  CHECK_OK(bl_text_summarize(scores, n, &stats, error));
  free(scores);
  bl_model_free((bl_model *)variant);
  return stats;
}

static void every_unit_gives_what_it_gives_alone(void) {
  static const char *const folders[] = {"tiny_llama", "tiny_llama3"};
  int32_t ids[N_IDS];
  make_ids(ids, 320);
  const bl_text_options options = {.n_context = 20, .first = 1};
  for (int f = 0; f < 2; f++) {
    bl_model *reference = load(folders[f], "reference");
    const bl_recipe recipe = parse("affine:2:32");
    for (bl_unit_by by = BL_BY_TENSOR; by <= BL_BY_KIND; by++) {
      bl_unit units[64];
      results r = {0};
      int n = bl_units_list(reference, by, units, 64);
      CHECK_OK(bl_sensitivity_run(reference, &recipe, units, n, ids, N_IDS, &options, take, NULL,
                                  &r, error));
      CHECK(r.n == n);
      for (int u = 0; u < r.n; u++) {
        bl_text_stats alone =
            run_alone(reference, folders[f], units[u].pattern, "affine:2:32", ids, &options);
        CHECK(alone.n == 57 && alone.kl_mean.value > 0);
        CHECK_MSG(memcmp(&alone, &r.stats[u], sizeof alone) == 0, "%s: KL %.9g, alone %.9g",
                  units[u].pattern, r.stats[u].kl_mean.value, alone.kl_mean.value);
      }
    }
    bl_model_free(reference);
  }
}

/* tiny_llama3 has rows of 64, and of 128 in down_proj only. */
static void a_unit_that_the_format_leaves_as_it_is_gives_zeros(void) {
  int32_t ids[N_IDS];
  make_ids(ids, 320);
  const bl_text_options options = {.n_context = 20};
  const bl_text_stats zero = {0};
  bl_model *reference = load("tiny_llama3", "reference");
  bl_unit units[16];
  int n = bl_units_list(reference, BL_BY_KIND, units, 16), n_changed = 0;
  bl_recipe recipe = parse("affine:2:128");
  results r = {0};
  CHECK_OK(bl_sensitivity_run(reference, &recipe, units, n, ids, N_IDS, &options, take, NULL, &r,
                              error));
  CHECK(r.n == 9);
  for (int u = 0; u < n; u++) {
    bool changes = strcmp(units[u].kind, "down_proj") == 0;
    n_changed += changes;
    CHECK((r.stats[u].n > 0 && r.stats[u].kl_mean.value > 0) == changes);
    CHECK((memcmp(&r.stats[u], &zero, sizeof zero) == 0) == !changes);
  }
  CHECK(n_changed == 1);
  recipe = parse("bf16"); /* as it is stored */
  r = (results){0};
  CHECK_OK(bl_sensitivity_run(reference, &recipe, units, n, ids, N_IDS, &options, take, NULL, &r,
                              error));
  for (int u = 0; u < n; u++) CHECK(memcmp(&r.stats[u], &zero, sizeof zero) == 0);
  bl_model_free(reference);
}

static void it_stops_when_told_to_and_refuses_what_is_no_format(void) {
  int32_t ids[N_IDS];
  make_ids(ids, 320);
  const bl_text_options options = {.n_context = 20};
  bl_model *reference = load("tiny_llama", "reference");
  bl_unit units[32];
  int n = bl_units_list(reference, BL_BY_TENSOR, units, 32);
  bl_recipe recipe = parse("affine:4:64");
  for (int stop = 1; stop <= n; stop += 3) {
    results r = {.stop_after = stop};
    bl_error found = {0};
    CHECK(bl_sensitivity_run(reference, &recipe, units, n, ids, N_IDS, &options, take, NULL, &r,
                             &found) == BL_ERR_CANCELLED);
    CHECK(r.n == stop && strstr(found.message, "of 15 parts"));
  }
  static const char *const refused[] = {"reference", "mixed_3_6", "affine/v_proj=q8_0",
                                        "affine:8:64@int8"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    results r = {0};
    bl_error found = {0};
    recipe = parse(refused[i]);
    CHECK(bl_sensitivity_run(reference, &recipe, units, n, ids, N_IDS, &options, take, NULL, &r,
                             &found) == BL_ERR_ARGUMENT);
    CHECK_MSG(r.n == 0 && strstr(found.message, "expected a single format"), "%s", found.message);
  }
  results r = {0};
  bl_error found = {0};
  recipe = parse("affine:4:64");
  CHECK(bl_sensitivity_run(reference, &recipe, units, n, ids, 1, &options, take, NULL, &r,
                           &found) == BL_ERR_ARGUMENT);
  CHECK_MSG(strstr(found.message, "the text has 1 token"), "%s", found.message);
  bl_model_free(reference);
}

/* One text of 59 tokens that are run, and a unit of each kind: 9, in groups of 4 with the reference
 * in each. Under the second format most units are not run: they count as done. */
static void progress_counts_the_tokens_of_all_runs_and_can_stop_it(void) {
  int32_t ids[N_IDS];
  make_ids(ids, 320);
  const bl_text_options options = {.n_context = N_IDS};
  bl_model *reference = load("tiny_llama3", "reference");
  bl_unit units[16];
  int n = bl_units_list(reference, BL_BY_KIND, units, 16);
  static const char *const formats[] = {"affine:2:32", "affine:2:128"};
  for (int f = 0; f < 2; f++) {
    bl_recipe recipe = parse(formats[f]);
    results r = {0};
    CHECK_OK(bl_sensitivity_run(reference, &recipe, units, n, ids, N_IDS, &options, take,
                                on_progress, &r, error));
    CHECK_MSG(r.n == 9 && r.n_total == (9 + 3) * 59, "%d units, %lld tokens", r.n,
              (long long)r.n_total);
    CHECK(f == 1 || r.n_done == r.n_total);
    for (int at = 1; at <= r.n_calls; at += 5) {
      results stop = {.stop_at = at};
      bl_error found = {0};
      CHECK(bl_sensitivity_run(reference, &recipe, units, n, ids, N_IDS, &options, take,
                               on_progress, &stop, &found) == BL_ERR_CANCELLED);
      CHECK(stop.n_calls == at && found.message[0]);
    }
  }
  bl_model_free(reference);
}

/* ---- the front --------------------------------------------------------------------------------
 */

static void the_front_has_what_nothing_else_beats(void) {
  enum { N = 9 };
  const double size[N] = {10, 20, 20, 30, 30, 40, 40, 5, 50},
               loss[N] = {5, 3, 4, 3, 2, 2, 2, NAN, INFINITY};
  /* 20 at 3 beats 20 at 4 and 30 at 3; 30 at 2 beats both of 40. */
  const bool expected[N] = {true, true, false, false, true, false, false, false, false};
  bool found[N];
  bl_pareto_front(size, loss, N, found);
  for (int i = 0; i < N; i++) CHECK_MSG(found[i] == expected[i], "point %d", i);
  const double same[2] = {1, 1};
  bl_pareto_front(same, same, 2, found);
  CHECK(found[0] && found[1]);
  bl_pareto_front(size, loss, 0, found);
}

int main(void) {
  RUN(a_unit_s_pattern_matches_its_matrices_and_no_others);
  RUN(units_have_names_that_a_reader_knows);
  RUN(every_unit_gives_what_it_gives_alone);
  RUN(a_unit_that_the_format_leaves_as_it_is_gives_zeros);
  RUN(it_stops_when_told_to_and_refuses_what_is_no_format);
  RUN(progress_counts_the_tokens_of_all_runs_and_can_stop_it);
  RUN(the_front_has_what_nothing_else_beats);
  return check_result();
}
