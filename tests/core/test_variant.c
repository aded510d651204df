/* Variants of a loaded model: the same to the bit as what a loader makes of the same files. */
#include "base/number.h"
#include "model/convert.h"
#include "model/model.h"
#include "model_files.h"
#include "watch.h"

/* ---- a model's files in memory ----------------------------------------------------------------
 */

/* A model to load again and again, under one recipe after another. */
typedef struct source {
  const char *folder;
  char name[32];
  uint8_t *bytes;
  size_t size;
} source;

static source open_source(const char *folder, const char *name) {
  source s = {.folder = folder};
  snprintf(s.name, sizeof s.name, "%s", name);
  s.bytes = golden_read(folder, name, &s.size);
  return s;
}

static bl_code load(const source *s, const bl_load_options *options, bl_model **model,
                    bl_error *error) {
  *model = NULL;
  bl_loader *loader = bl_loader_new(options, error);
  bl_code code = loader ? golden_add_texts(loader, s->folder, error) : BL_ERR_MEMORY;
  if (code == BL_OK) code = bl_loader_add_file(loader, s->name, s->bytes, s->size, error);
  if (code == BL_OK) code = bl_loader_finish(loader, model, error);
  bl_loader_free(loader);
  return code;
}

static bl_model *load_reference(const source *s) {
  const bl_load_options options = {0};
  bl_model *model;
  bl_error found = {0};
  if (load(s, &options, &model, &found) == BL_OK) return model;
  printf("    cannot load %s: %s\n", s->folder, found.message);
  exit(1);
}

static bl_load_options with_recipe(const char *recipe, bl_dtype cast) {
  bl_load_options options = {.measure = true, .cast = cast};
  bl_error found = {0};
  if (bl_recipe_parse(recipe, &options.recipe, &found) == BL_OK) return options;
  printf("    %s\n", found.message);
  exit(1);
}

typedef struct bytes {
  uint8_t *data;
  size_t size;
} bytes;

static bool append(void *context, const void *data, size_t n) {
  bytes *b = context;
  b->data = realloc(b->data, b->size + n + 1);
  if (!b->data) exit(1);
  memcpy(b->data + b->size, data, n);
  b->size += n;
  return true;
}

/* A GGUF file of a model under a recipe. */
static source as_gguf(const char *folder, const char *recipe) {
  source hf = open_source(folder, "model.safetensors");
  bl_load_options options = with_recipe(recipe, BL_DTYPE_NONE);
  bl_model *model = NULL;
  bytes file = {0};
  CHECK_OK(load(&hf, &options, &model, error));
  bl_error found = {0};
  bl_export *ex = model ? bl_export_gguf_new(model, &found) : NULL;
  if (!ex || bl_export_write(ex, 0, append, &file, &found) != BL_OK) {
    printf("    cannot write %s as %s: %s\n", folder, recipe, found.message);
    exit(1);
  }
  bl_export_free(ex);
  bl_model_free(model);
  free(hf.bytes);
  return (source){"tiny_gguf", "model.gguf", file.data, file.size};
}

/* ---- the same model? --------------------------------------------------------------------------
 */

static void check_same_info(const bl_model *a, const bl_model *b, const char *what) {
  bl_model_info x, y;
  bl_model_get_info(a, &x);
  bl_model_get_info(b, &y);
  CHECK_MSG(strcmp(x.recipe, y.recipe) == 0, "%s: recipe %s, expected %s", what, y.recipe,
            x.recipe);
  CHECK(strcmp(x.architecture, y.architecture) == 0 && strcmp(x.name, y.name) == 0);
  CHECK(strcmp(x.container, y.container) == 0 && strcmp(x.stored_as, y.stored_as) == 0);
  CHECK(x.already_quantized == y.already_quantized && x.tied_output == y.tied_output);
  CHECK(x.has_tokenizer == y.has_tokenizer && x.n_layers == y.n_layers && x.dim == y.dim);
  CHECK(x.n_params == y.n_params && x.n_tensors == y.n_tensors);
  CHECK_MSG(x.size_bytes == y.size_bytes && x.source_bytes == y.source_bytes &&
                x.bits_per_weight == y.bits_per_weight,
            "%s: sizes", what);
  bl_weight_error e, f;
  bl_model_get_error(a, &e);
  bl_model_get_error(b, &f);
  CHECK_MSG(memcmp(&e, &f, sizeof e) == 0, "%s: error %.17g, expected %.17g", what, f.rmse, e.rmse);
}

static void check_same_tensors(const bl_model *a, const bl_model *b, const char *what) {
  CHECK(a->n_weights == b->n_weights && a->n_weights >= 20);
  for (int i = 0; i < a->n_weights && i < b->n_weights; i++) {
    bl_tensor_info x, y;
    CHECK_OK(bl_model_get_tensor(a, i, &x, error));
    CHECK_OK(bl_model_get_tensor(b, i, &y, error));
    CHECK_MSG(strcmp(x.name, y.name) == 0 && strcmp(x.format, y.format) == 0 &&
                  strcmp(x.source_format, y.source_format) == 0,
              "%s: %s is %s of %s, expected %s is %s of %s", what, y.name, y.format,
              y.source_format, x.name, x.format, x.source_format);
    CHECK_MSG(x.n_rows == y.n_rows && x.n_cols == y.n_cols && x.size_bytes == y.size_bytes &&
                  x.source_bytes == y.source_bytes && x.converted == y.converted,
              "%s: %s", what, x.name);
    CHECK_MSG(memcmp(&x.error, &y.error, sizeof x.error) == 0,
              "%s: %s has error %.17g, expected %.17g", what, x.name, y.error.rmse, x.error.rmse);
    const bl_tensor *t = &a->weights[i].tensor, *u = &b->weights[i].tensor;
    CHECK_MSG(bl_format_same(&t->format, &u->format), "%s: %s has another format", what, x.name);
    for (int p = 0; p < t->format.codec->n_parts; p++)
      CHECK_MSG(memcmp(t->parts[p], u->parts[p], bl_tensor_part_bytes(t, p)) == 0,
                "%s: %s has other bytes in part %d", what, x.name, p);
  }
}

static bl_export *export_as(int kind, const bl_model *model, bl_error *error) {
  return kind == 0   ? bl_export_mlx_new(model, error)
         : kind == 1 ? bl_export_gguf_new(model, error)
                     : bl_export_torch_new(model, error);
}

/* Both give the same files, or refuse with the same words. */
static int check_same_exports(const bl_model *a, const bl_model *b, const char *what) {
  int n_written = 0;
  for (int kind = 0; kind < 3; kind++) {
    bl_error found_a = {0}, found_b = {0};
    bl_export *x = export_as(kind, a, &found_a), *y = export_as(kind, b, &found_b);
    CHECK_MSG(!x == !y && strcmp(found_a.message, found_b.message) == 0, "%s: '%s' against '%s'",
              what, found_a.message, found_b.message);
    for (int i = 0; x && y && i < bl_export_n_files(x); i++) {
      bytes file_x = {0}, file_y = {0};
      CHECK_OK(bl_export_write(x, i, append, &file_x, error));
      CHECK_OK(bl_export_write(y, i, append, &file_y, error));
      CHECK_MSG(file_x.size == file_y.size && memcmp(file_x.data, file_y.data, file_x.size) == 0,
                "%s: %s differs", what, bl_export_file_name(x, i));
      free(file_x.data);
      free(file_y.data);
      n_written++;
    }
    bl_export_free(x);
    bl_export_free(y);
  }
  return n_written;
}

/* Makes the same twice, from the files and from the reference, and compares. */
static int compare(const source *s, const bl_model *reference, const bl_load_options *options,
                   const char *what) {
  bl_model *loaded = NULL, *variant = NULL;
  int n_written = 0;
  CHECK_OK(load(s, options, &loaded, error));
  CHECK_OK(bl_model_variant(reference, options, NULL, NULL, &variant, error));
  if (loaded && variant) {
    check_same_info(loaded, variant, what);
    check_same_tensors(loaded, variant, what);
    n_written = check_same_exports(loaded, variant, what);
  }
  bl_model_free(variant);
  bl_model_free(loaded);
  return n_written;
}

static void compare_recipe(const source *s, const bl_model *reference, const char *recipe,
                           bl_dtype cast) {
  char what[256];
  snprintf(what, sizeof what, "%s %s as %s cast to %s", s->folder, s->name, recipe,
           bl_dtype_name(cast));
  bl_load_options options = with_recipe(recipe, cast);
  compare(s, reference, &options, what);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void every_format_and_mixture_gives_what_a_loader_makes(void) {
  source sources[] = {open_source("tiny_llama", "model.safetensors"),
                      open_source("tiny_gguf", "tiny_llama_bias.gguf"),
                      open_source("tiny_llama_mlx4", "model.safetensors"),
                      open_source("tiny_gpt2", "model.safetensors")};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    bl_model *reference = load_reference(&sources[i]);
    for (int k = 0; k < bl_recipe_kind_count(); k++) {
      bl_recipe_kind kind;
      bl_recipe_kind_get(k, &kind);
      compare_recipe(&sources[i], reference, kind.name, k % 2 ? BL_F16 : BL_DTYPE_NONE);
    }
    bl_model_free(reference);
    free(sources[i].bytes);
  }
}

static void every_container_gives_what_a_loader_makes(void) {
  static const char *const folders[] = {"tiny_llama3",
                                        "tiny_llama_bias",
                                        "tiny_qwen2",
                                        "tiny_qwen3",
                                        "tiny_llama_mlx4",
                                        "tiny_llama_mlx_fp",
                                        "tiny_llama_mlx_mixed",
                                        "tiny_llama_bnb",
                                        "tiny_llama_bnb_double",
                                        "tiny_llama_torchao_int4",
                                        "tiny_llama_torchao_int8"};
  static const char *const recipes[] = {"reference",
                                        "affine:4:64",
                                        "affine:3:32/v_proj=affine:8:64/lm_head=reference",
                                        "reference/layers.1=nf4_double",
                                        "qint8",
                                        "mixed_3_6",
                                        "q4_k_m",
                                        "bf16"};
  static const bl_dtype casts[] = {BL_DTYPE_NONE, BL_F16, BL_BF16};
  source sources[16];
  int n_sources = 0, n_written = 0;
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
    sources[n_sources++] = open_source(folders[i], "model.safetensors");
  sources[n_sources++] = as_gguf("tiny_llama_bias", "q4_1");
  sources[n_sources++] = as_gguf("tiny_llama3", "q8_0");
  for (int i = 0; i < n_sources; i++) {
    bl_model *reference = load_reference(&sources[i]);
    for (size_t r = 0; r < sizeof recipes / sizeof *recipes; r++) {
      const bl_load_options options = with_recipe(recipes[r], casts[(i + (int)r) % 3]);
      if (strstr(recipes[r], "lm_head") && reference->config.tied_output) continue;
      n_written += compare(&sources[i], reference, &options, sources[i].folder);
    }
    bl_model_free(reference);
    free(sources[i].bytes);
  }
  CHECK(n_written > 100);
}

static void what_the_recipe_leaves_alone_is_shared(void) {
  source s = open_source("tiny_llama3", "model.safetensors");
  bl_model *reference = load_reference(&s), *variant = NULL;
  bl_load_options options =
      with_recipe("reference/layers.1.mlp.up_proj=affine:4:64", BL_DTYPE_NONE);
  CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &variant, error));
  if (!variant) return;
  int n_other = 0;
  for (int i = 0; i < variant->n_weights; i++) {
    const bl_weight *a = &reference->weights[i], *b = &variant->weights[i];
    bool is_shared = a->tensor.parts[0] == b->tensor.parts[0];
    CHECK(is_shared == (strcmp(b->name, "model.layers.1.mlp.up_proj.weight") != 0));
    CHECK(is_shared == !b->converted);
    n_other += !is_shared;
  }
  CHECK(n_other == 1);
  CHECK(bl_model_tokenizer(variant) == bl_model_tokenizer(reference));
  CHECK(bl_model_tensor(variant, BL_UP, 1)->format.bits == 4);
  CHECK(bl_model_tensor(variant, BL_UP, 0) != bl_model_tensor(reference, BL_UP, 0));
  bl_model_free(variant);
  /* The reference still is whole. */
  bl_model *again = load_reference(&s);
  check_same_tensors(again, reference, "the reference, after the variant is gone");
  check_same_info(again, reference, "the reference");
  bl_model_free(again);
  bl_model_free(reference);
  free(s.bytes);
}

static void it_runs_as_the_loaded_model_does(void) {
  static const char *const folders[] = {"tiny_llama", "tiny_llama3"}; /* tied, and not */
  const int32_t ids[] = {1, 5, 9, 2, 77, 31};
  for (int f = 0; f < 2; f++) {
    source s = open_source(folders[f], "model.safetensors");
    bl_model *reference = load_reference(&s), *models[2] = {NULL};
    bl_load_options options = with_recipe("affine:4:32", BL_DTYPE_NONE);
    CHECK_OK(load(&s, &options, &models[0], error));
    CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &models[1], error));
    const bl_session_options how = {.kernels = "scalar"};
    bl_session *sessions[2];
    for (int i = 0; i < 2; i++) {
      sessions[i] = bl_session_new(models[i], &how, NULL);
      CHECK_OK(bl_session_eval(sessions[i], ids, sizeof ids / sizeof *ids, NULL, NULL, error));
    }
    const size_t n = (size_t)reference->config.vocab_size;
    CHECK(memcmp(bl_session_logits(sessions[0]), bl_session_logits(sessions[1]),
                 n * sizeof(float)) == 0);
    for (int i = 0; i < 2; i++) {
      bl_session_free(sessions[i]);
      bl_model_free(models[i]);
    }
    bl_model_free(reference);
    free(s.bytes);
  }
}

static void threads_do_not_change_it(void) {
  source s = open_source("tiny_gguf", "tiny_llama_bias.gguf");
  bl_model *reference = load_reference(&s), *alone = NULL, *together = NULL;
  bl_load_options options = with_recipe("q4_k", BL_F16);
  CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &alone, error));
  options.pool = bl_pool_new(3);
  CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &together, error));
  if (alone && together) {
    check_same_tensors(alone, together, "with 3 threads");
    check_same_info(alone, together, "with 3 threads");
  }
  bl_pool_free(options.pool);
  bl_model_free(alone);
  bl_model_free(together);
  bl_model_free(reference);
  free(s.bytes);
}

static void progress_counts_weights_and_can_stop_it(void) {
  source s = open_source("tiny_llama", "model.safetensors");
  bl_model *reference = load_reference(&s), *variant = NULL;
  bl_load_options options = with_recipe("affine:4:64", BL_DTYPE_NONE);
  bl_model_info info;
  bl_model_get_info(reference, &info);
  watch all = {0};
  CHECK_OK(bl_model_variant(reference, &options, watch_progress, &all, &variant, error));
  CHECK(all.n_still == 0 && all.last == info.n_params && all.total == info.n_params);
  bl_model_free(variant);
  for (int stop_at = 1; stop_at <= all.n_calls; stop_at++) {
    watch w = {.stop_at = stop_at};
    bl_error found = {0};
    variant = NULL;
    bl_code code = bl_model_variant(reference, &options, watch_progress, &w, &variant, &found);
    CHECK(code == BL_ERR_CANCELLED && found.code == code && !variant && w.n_calls == stop_at);
    CHECK_MSG(strstr(found.message, "stopped after "), "%s", found.message);
  }
  bl_model_free(reference);
  free(s.bytes);
}

static void a_rule_that_matches_nothing_is_refused_in_the_loader_s_words(void) {
  static const char *const recipes[] = {"reference/v_porj=affine:4:64", "affine/layers.7=q8_0",
                                        "affine/lm_head=reference", "affine/*.input_layernorm=f16"};
  source s = open_source("tiny_llama", "model.safetensors");
  bl_model *reference = load_reference(&s);
  for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
    bl_load_options options = with_recipe(recipes[i], BL_DTYPE_NONE);
    bl_model *model = NULL;
    bl_error loaders = {0}, ours = {0};
    CHECK(load(&s, &options, &model, &loaders) == BL_ERR_RECIPE);
    CHECK(bl_model_variant(reference, &options, NULL, NULL, &model, &ours) == BL_ERR_RECIPE);
    CHECK_MSG(strcmp(loaders.message, ours.message) == 0, "'%s' against '%s'", loaders.message,
              ours.message);
    CHECK_MSG(strstr(ours.message, "matches no matrix"), "%s", ours.message);
    CHECK(!model);
  }
  bl_model_free(reference);
  free(s.bytes);
}

/* The weights of a tensor, all of them. */
static float *decode(const bl_tensor *t) {
  float *values = malloc((size_t)(t->n_rows * t->n_cols) * sizeof *values);
  if (!values) exit(1);
  for (int64_t r = 0; r < t->n_rows; r++) bl_tensor_decode_row(t, r, values + r * t->n_cols);
  return values;
}

/* A tensor whose rows share something is encoded from weights that were rounded first, and its
 * error is that against the weights as they were. */
static void a_cast_comes_before_formats_that_look_at_the_whole_tensor(void) {
  static const char *const names[] = {"qint8", "tensor:4", "tensor_asym:4", "nf4_double",
                                      "nvfp4_tensor"};
  source s = open_source("tiny_llama", "model.safetensors");
  bl_model *reference = load_reference(&s);
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    bl_load_options options = with_recipe(names[k], BL_BF16);
    bl_model *models[2] = {NULL};
    CHECK_OK(load(&s, &options, &models[0], error));
    CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &models[1], error));
    int n_wider = 0;
    for (int m = 0; m < 2 && models[m]; m++) {
      for (int i = 0; i < reference->n_weights; i++) {
        const bl_weight *weight = &models[m]->weights[i];
        const bl_tensor *t = &weight->tensor;
        if (!t->format.codec->encode_tensor) continue;
        const int64_t n = t->n_rows * t->n_cols;
        float *originals = decode(&reference->weights[i].tensor),
              *rounded = decode(&reference->weights[i].tensor);
        bl_round_to(BL_BF16, rounded, n);
        bl_weight expected = {.tensor = bl_tensor_make(t->format, t->n_rows, t->n_cols)};
        CHECK(bl_weight_allocate(&expected));
        t->format.codec->encode_tensor(&t->format, rounded, t->n_rows, t->n_cols, expected.owned);
        for (int p = 0; p < t->format.codec->n_parts; p++)
          CHECK_MSG(memcmp(t->parts[p], expected.owned[p], bl_tensor_part_bytes(t, p)) == 0,
                    "%s: part %d of %s", names[k], p, weight->name);
        float *kept = decode(t);
        double sum_sq = 0, sum_sq_rounded = 0;
        for (int64_t j = 0; j < n; j++) {
          sum_sq += pow((double)kept[j] - originals[j], 2);
          sum_sq_rounded += pow((double)kept[j] - rounded[j], 2);
        }
        const bl_weight_error found = bl_error_sums_result(&weight->error);
        CHECK_MSG(fabs(found.rmse / sqrt(sum_sq / (double)n) - 1) < 1e-12, "%s: error of %s",
                  names[k], weight->name);
        n_wider += fabs(sqrt(sum_sq_rounded / sum_sq) - 1) > 1e-9;
        bl_weight_release(&expected);
        free(originals);
        free(rounded);
        free(kept);
      }
    }
    CHECK_MSG(n_wider > 10, "%s: the cast does not show", names[k]);
    bl_model_free(models[0]);
    bl_model_free(models[1]);
  }
  bl_model_free(reference);
  free(s.bytes);
}

/* Without that a rule for every matrix of a model with six layers could not be. */
static void sixty_four_rules_reach_the_model(void) {
  source s = open_source("tiny_llama", "model.safetensors");
  bl_model *reference = load_reference(&s), *variant = NULL;
  char text[BL_RECIPE_TEXT] = "reference";
  for (int i = 0; i < BL_RECIPE_RULES; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text),
             "/model.layers.%d.*.%s_proj=affine:%d", i % 2, i < 32 ? "up" : "down", i < 62 ? 2 : 8);
  bl_load_options options = with_recipe(text, BL_DTYPE_NONE);
  CHECK(options.recipe.n_rules == 64);
  CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &variant, error));
  if (variant) {
    for (int layer = 0; layer < 2; layer++) {
      CHECK(bl_model_tensor(variant, BL_UP, layer)->format.bits == 2);
      CHECK(bl_model_tensor(variant, BL_DOWN, layer)->format.bits == 8);
    }
    compare(&s, reference, &options, "with 64 rules");
  }
  bl_model_free(variant);
  bl_model_free(reference);
  free(s.bytes);
}

int main(void) {
  RUN(every_format_and_mixture_gives_what_a_loader_makes);
  RUN(every_container_gives_what_a_loader_makes);
  RUN(what_the_recipe_leaves_alone_is_shared);
  RUN(it_runs_as_the_loaded_model_does);
  RUN(threads_do_not_change_it);
  RUN(progress_counts_weights_and_can_stop_it);
  RUN(a_rule_that_matches_nothing_is_refused_in_the_loader_s_words);
  RUN(a_cast_comes_before_formats_that_look_at_the_whole_tensor);
  RUN(sixty_four_rules_reach_the_model);
  return check_result();
}
