/* Loading: chunking does not matter, containers agree, and broken models are refused in words. */
#include "model_files.h"

static bl_load_options with_recipe(const char *recipe) {
  bl_load_options options = {.measure = true};
  bl_error parse_error;
  if (bl_recipe_parse(recipe, &options.recipe, &parse_error) != BL_OK) {
    printf("    %s\n", parse_error.message);
    exit(1);
  }
  return options;
}

/* All decoded weights of both models are the same bits. */
static void check_same_weights(const bl_model *a, const bl_model *b) {
  bl_model_info info_a, info_b;
  bl_model_get_info(a, &info_a);
  bl_model_get_info(b, &info_b);
  CHECK(info_a.n_tensors == info_b.n_tensors && info_a.n_tensors > 0);
  CHECK(info_a.n_params == info_b.n_params);
  for (int i = 0; i < info_a.n_tensors && i < info_b.n_tensors; i++) {
    bl_tensor_info ta, tb;
    CHECK_OK(bl_model_get_tensor(a, i, &ta, error));
    CHECK_OK(bl_model_get_tensor(b, i, &tb, error));
    CHECK_MSG(strcmp(ta.name, tb.name) == 0, "%s against %s", ta.name, tb.name);
    CHECK(ta.n_rows == tb.n_rows && ta.n_cols == tb.n_cols);
    size_t n = (size_t)(ta.n_rows * ta.n_cols);
    float *wa = malloc(n * sizeof *wa), *wb = malloc(n * sizeof *wb);
    CHECK_OK(bl_model_decode_rows(a, i, 0, ta.n_rows, wa, error));
    CHECK_OK(bl_model_decode_rows(b, i, 0, tb.n_rows, wb, error));
    CHECK_MSG(memcmp(wa, wb, n * sizeof *wa) == 0, "weights of %s differ", ta.name);
    free(wa);
    free(wb);
  }
}

static void any_chunking_gives_the_same_model(void) {
  static const size_t pieces[] = {1, 7, 1000, 65536, 0};
  const char *files[] = {"model.safetensors", NULL};
  bl_load_options options = with_recipe("affine:4:64");
  bl_model *whole = NULL;
  CHECK_OK(golden_load("tiny_llama", "affine:4:64", &whole, error));
  for (size_t i = 0; whole && i < sizeof pieces / sizeof *pieces; i++) {
    bl_model *model = NULL;
    CHECK_OK(golden_load_files("tiny_llama", files, &options, pieces[i], &model, error));
    if (model) check_same_weights(whole, model);
    bl_model_free(model);
  }
  bl_model_free(whole);
}

static void a_mapped_file_gives_the_same_model_in_place(void) {
  bl_model *pushed = NULL, *mapped = NULL;
  CHECK_OK(golden_load("tiny_llama", "reference", &pushed, error));
  size_t size;
  uint8_t *bytes = golden_read("tiny_llama", "model.safetensors", &size);
  bl_load_options options = {0};
  bl_loader *loader = bl_loader_new(&options, NULL);
  CHECK_OK(golden_add_texts(loader, "tiny_llama", error));
  CHECK_OK(bl_loader_add_file(loader, "model.safetensors", bytes, size, error));
  CHECK_OK(bl_loader_finish(loader, &mapped, error));
  bl_loader_free(loader);
  if (pushed && mapped) {
    check_same_weights(pushed, mapped);
    /* In place: a change of the file's bytes is a change of the model. */
    float before, after;
    bl_tensor_info last;
    bl_model_info info;
    bl_model_get_info(mapped, &info);
    CHECK_OK(bl_model_get_tensor(mapped, 0, &last, error));
    float *row = malloc((size_t)last.n_cols * sizeof *row);
    CHECK_OK(bl_model_decode_rows(mapped, 0, 0, 1, row, error));
    before = row[0];
    for (size_t i = size / 2 / 4 * 4; i < size; i++) bytes[i] ^= 0x55;
    for (size_t i = size / 8; i < size / 2 / 4 * 4; i++) bytes[i] ^= 0x55;
    CHECK_OK(bl_model_decode_rows(mapped, 0, 0, 1, row, error));
    after = row[0];
    CHECK(before != after);
    free(row);
  }
  bl_model_free(pushed);
  bl_model_free(mapped);
  free(bytes);
}

static void threads_do_not_change_what_is_measured(void) {
  const char *files[] = {"model.safetensors", NULL};
  bl_load_options options = with_recipe("affine:3:32");
  bl_model *alone = NULL, *together = NULL;
  CHECK_OK(golden_load_files("tiny_llama", files, &options, 0, &alone, error));
  options.pool = bl_pool_new(3);
  CHECK_OK(golden_load_files("tiny_llama", files, &options, 0, &together, error));
  bl_pool_free(options.pool);
  if (alone && together) {
    check_same_weights(alone, together);
    bl_weight_error a, b;
    bl_model_get_error(alone, &a);
    bl_model_get_error(together, &b);
    CHECK(a.n > 0 && a.n == b.n && a.rmse == b.rmse && a.max_abs == b.max_abs);
  }
  bl_model_free(alone);
  bl_model_free(together);
}

static void shards_join_into_the_same_model(void) {
  const char *shards[] = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                          NULL};
  bl_load_options options = {0};
  bl_model *whole = NULL, *joined = NULL;
  CHECK_OK(golden_load("tiny_llama", "reference", &whole, error));
  CHECK_OK(golden_load_files("tiny_llama_sharded", shards, &options, 4096, &joined, error));
  if (whole && joined) check_same_weights(whole, joined);
  bl_model_free(whole);
  bl_model_free(joined);
}

static void gguf_rows_are_put_back_in_order(void) {
  static const char *const names[] = {"tiny_llama", "tiny_llama_bias"};
  for (int i = 0; i < 2; i++) {
    char file[64];
    snprintf(file, sizeof file, "%s.gguf", names[i]);
    const char *files[] = {file, NULL};
    bl_load_options options = {0};
    bl_model *hf = NULL, *gguf = NULL;
    CHECK_OK(golden_load(names[i], "reference", &hf, error));
    CHECK_OK(golden_load_files("tiny_gguf", files, &options, 1000, &gguf, error));
    if (hf && gguf) check_same_weights(hf, gguf);
    bl_model_free(hf);
    bl_model_free(gguf);
  }
}

static void sizes_are_exact(void) {
  /* tiny_llama: vocabulary 320, width 128, 2 layers, 4 heads of 32 of which 2 have keys, FFN 128.
   */
  const int64_t matrices = 320 * 128 + 2 * (128 * 128 * 2 + 64 * 128 * 2 + 3 * 128 * 128);
  const int64_t norms = 5 * 128;
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama", "affine:4:64", &model, error));
  if (!model) return;
  bl_model_info info;
  bl_model_get_info(model, &info);
  CHECK(info.n_params == matrices + norms);
  CHECK(info.source_bytes == (uint64_t)(4 * (matrices + norms)));
  /* Half a byte a weight, a float32 scale and bias for each 64. */
  CHECK(info.size_bytes == (uint64_t)(matrices / 2 + matrices / 64 * 8 + norms * 4));
  CHECK(strcmp(info.recipe, "affine:4:64") == 0 && strcmp(info.stored_as, "f32") == 0);
  CHECK(!info.already_quantized && info.has_tokenizer && info.tied_output);
  bl_weight_error error_4;
  bl_model_get_error(model, &error_4);
  CHECK(error_4.n == matrices);
  CHECK(error_4.snr_db > 10 && error_4.snr_db < 35);
  bl_model_free(model);
}

static void an_mlx_directory_is_its_own_reference_and_can_be_requantized(void) {
  bl_model *stored = NULL, *same = NULL, *finer = NULL;
  CHECK_OK(golden_load("tiny_llama_mlx4", "reference", &stored, error));
  CHECK_OK(golden_load("tiny_llama", "affine:4:64", &same, error));
  CHECK_OK(golden_load("tiny_llama_mlx4", "affine:8:32", &finer, error));
  if (stored && same && finer) {
    check_same_weights(stored, same);
    bl_model_info info;
    bl_model_get_info(stored, &info);
    CHECK(strcmp(info.container, "mlx") == 0 && info.already_quantized);
    CHECK(strcmp(info.stored_as, "affine") == 0);
    bl_weight_error error_8;
    bl_model_get_error(finer, &error_8);
    CHECK(error_8.n > 0 && error_8.snr_db > 40);
  }
  bl_model_free(stored);
  bl_model_free(same);
  bl_model_free(finer);
}

static void a_cast_comes_before_the_recipe(void) {
  const char *files[] = {"model.safetensors", NULL};
  bl_load_options options = with_recipe("affine:4:64");
  options.cast = BL_BF16;
  bl_model *model = NULL;
  CHECK_OK(golden_load_files("tiny_llama", files, &options, 0, &model, error));
  if (!model) return;
  bl_model_info info;
  bl_model_get_info(model, &info);
  for (int i = 0; i < info.n_tensors; i++) {
    bl_tensor_info tensor;
    CHECK_OK(bl_model_get_tensor(model, i, &tensor, error));
    bool is_norm = strstr(tensor.name, "norm") != NULL;
    CHECK(strcmp(tensor.format, is_norm ? "bf16" : "affine:4:64") == 0);
    uint64_t n = (uint64_t)(tensor.n_rows * tensor.n_cols);
    CHECK(tensor.size_bytes == (is_norm ? 2 * n : n / 2 + n / 64 * 4));
  }
  bl_model_free(model);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void check_refused(bl_code code, const bl_error *error, const char *part_1,
                          const char *part_2) {
  CHECK_MSG(code != BL_OK, "accepted; expected a refusal with '%s'", part_1);
  CHECK_MSG(strstr(error->message, part_1) && strstr(error->message, part_2),
            "'%s' lacks '%s' or '%s'", error->message, part_1, part_2);
}

/* Loads tiny_llama with its config changed: the first `from` in it becomes `to`. */
static bl_code load_with_config(const char *from, const char *to, bl_error *error) {
  size_t size, weights_size;
  char *config = (char *)golden_read("tiny_llama", "config.json", &size);
  uint8_t *weights = golden_read("tiny_llama", "model.safetensors", &weights_size);
  char *at = strstr(config, from);
  if (!at) exit(1);
  char changed[2048];
  snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - config), config, to, at + strlen(from));
  bl_loader *loader = bl_loader_new(NULL, error);
  bl_model *model = NULL;
  bl_code code = bl_loader_add_text(loader, "config.json", changed, strlen(changed), error);
  if (code == BL_OK)
    code = golden_push(loader, "model.safetensors", weights, weights_size, 0, error);
  if (code == BL_OK) code = bl_loader_finish(loader, &model, error);
  bl_loader_free(loader);
  bl_model_free(model);
  free(config);
  free(weights);
  return code;
}

static void a_config_that_does_not_fit_the_weights_is_refused(void) {
  bl_error error = {0};
  check_refused(load_with_config("\"hidden_size\": 128", "\"hidden_size\": 256", &error), &error,
                "model.safetensors", "expected [");
  check_refused(load_with_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", &error),
                &error, "model.layers.2.", "is missing");
  check_refused(load_with_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", &error),
                &error, "model.layers.1.", "1 layers");
  check_refused(
      load_with_config("\"num_attention_heads\": 4", "\"num_attention_heads\": 0", &error), &error,
      "config.json", "num_attention_heads");
  check_refused(load_with_config("\"llama\"", "\"t5\"", &error), &error, "config.json", "t5");
}

static void a_model_without_a_config_is_refused(void) {
  size_t size;
  uint8_t *weights = golden_read("tiny_llama", "model.safetensors", &size);
  bl_error error = {0};
  bl_loader *loader = bl_loader_new(NULL, NULL);
  bl_code code = golden_push(loader, "model.safetensors", weights, size, 100, &error);
  check_refused(code, &error, "config.json is missing", "model.safetensors");
  code = bl_loader_push(loader, weights, 1, &error);
  check_refused(code, &error, "failed", "");
  bl_loader_free(loader);
  free(weights);
}

/* A tokenizer that is refused is so at the weights' header: none of them has been quantized by
 * then. */
static void texts_are_read_before_the_first_weight(void) {
  size_t size;
  uint8_t *weights = golden_read("tiny_llama", "model.safetensors", &size);
  uint64_t header_size;
  memcpy(&header_size, weights, sizeof header_size);
  for (int is_bad = 0; is_bad < 2; is_bad++) {
    bl_error error = {0};
    bl_loader *loader = bl_loader_new(NULL, NULL);
    CHECK_OK(golden_add_texts(loader, "tiny_llama", error));
    if (is_bad) CHECK_OK(bl_loader_add_text(loader, "tokenizer.json", "[]", 2, error));
    CHECK_OK(bl_loader_begin_file(loader, "model.safetensors", size, error));
    bl_code code = bl_loader_push(loader, weights, 8 + (size_t)header_size, &error);
    if (is_bad) {
      check_refused(code, &error, "", "tokenizer.json");
    } else {
      CHECK(code == BL_OK);
      code = bl_loader_add_text(loader, "tokenizer.json", "{}", 2, &error);
      check_refused(code, &error, "after the first weights", "tokenizer.json");
    }
    bl_loader_free(loader);
  }
  free(weights);
}

static void a_shard_that_was_not_given_is_named(void) {
  const char *only_first[] = {"model-00001-of-00002.safetensors", NULL};
  bl_model *model = NULL;
  bl_error error = {0};
  bl_code code = golden_load_files("tiny_llama_sharded", only_first, NULL, 0, &model, &error);
  check_refused(code, &error, "is missing", "model-00002-of-00002.safetensors");
}

static void a_tensor_given_twice_is_refused(void) {
  const char *twice[] = {"model.safetensors", "model.safetensors", NULL};
  bl_model *model = NULL;
  bl_error error = {0};
  check_refused(golden_load_files("tiny_llama", twice, NULL, 0, &model, &error), &error, "twice",
                "model.safetensors");
  check_refused(golden_load_files("tiny_llama_mlx4", twice, NULL, 0, &model, &error), &error,
                "twice", "model.safetensors");
}

static void files_that_end_early_or_late_are_refused(void) {
  static const char *const folders[] = {"tiny_llama", "tiny_llama_mlx4", "tiny_gguf"};
  for (int f = 0; f < 3; f++) {
    const char *name = f == 2 ? "tiny_llama.gguf" : "model.safetensors";
    size_t size;
    uint8_t *bytes = golden_read(folders[f], name, &size);
    for (size_t given = 0; given < size; given += 1 + size / 97) {
      bl_error error = {0};
      bl_loader *loader = bl_loader_new(NULL, NULL);
      CHECK_OK(golden_add_texts(loader, folders[f], error));
      bl_code code = bl_loader_begin_file(loader, name, size, &error);
      if (code == BL_OK) code = bl_loader_push(loader, bytes, given, &error);
      if (code == BL_OK) code = bl_loader_end_file(loader, &error);
      check_refused(code, &error, name, "");
      bl_loader_free(loader);
    }
    bl_error error = {0};
    bl_loader *loader = bl_loader_new(NULL, NULL);
    CHECK_OK(golden_add_texts(loader, folders[f], error));
    bl_code code = bl_loader_begin_file(loader, name, size, &error);
    if (code == BL_OK) code = bl_loader_push(loader, bytes, size, &error);
    if (code == BL_OK) code = bl_loader_push(loader, bytes, 1, &error);
    check_refused(code, &error, name, "more bytes");
    bl_loader_free(loader);
    free(bytes);
  }
}

static void nothing_at_all_is_refused(void) {
  bl_error error = {0};
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(NULL, NULL);
  check_refused(bl_loader_finish(loader, &model, &error), &error, "no weights", ".gguf");
  bl_loader_free(loader);
}

int main(void) {
  RUN(any_chunking_gives_the_same_model);
  RUN(a_mapped_file_gives_the_same_model_in_place);
  RUN(threads_do_not_change_what_is_measured);
  RUN(shards_join_into_the_same_model);
  RUN(gguf_rows_are_put_back_in_order);
  RUN(sizes_are_exact);
  RUN(an_mlx_directory_is_its_own_reference_and_can_be_requantized);
  RUN(a_cast_comes_before_the_recipe);
  RUN(a_config_that_does_not_fit_the_weights_is_refused);
  RUN(a_model_without_a_config_is_refused);
  RUN(texts_are_read_before_the_first_weight);
  RUN(a_shard_that_was_not_given_is_named);
  RUN(a_tensor_given_twice_is_refused);
  RUN(files_that_end_early_or_late_are_refused);
  RUN(nothing_at_all_is_refused);
  return check_result();
}
