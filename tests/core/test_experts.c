/* Models with experts (tests/golden/make_moe.py): what they are written as against what mlx_lm and
 * the `gguf` library wrote, and files and recipes that are refused. test_families.c holds their
 * logits against mlx_lm's in each container. */
#include "family_files.h"

/* ---- what it is written as ------------------------------------------------------------------ */

static void an_mlx_directory_is_what_mlx_lm_writes(void) {
  bl_model *model = load("tiny_qwen3_moe", "model.safetensors", "affine:4:32");
  bl_export *ex = bl_export_mlx_new(model, NULL);
  sink weights = exported(ex, "model.safetensors", false);
  sink config = exported(ex, "config.json", true);
  check_same_tensors(&weights, "tiny_qwen3_moe_mlx4", "model.safetensors", 0);
  size_t size;
  char *text = (char *)golden_read("tiny_qwen3_moe_mlx4", "config.json", &size);
  cJSON *theirs = cJSON_ParseWithLength(text, size);
  cJSON *ours = cJSON_ParseWithLength((char *)config.bytes, config.size);
  const cJSON *a = cJSON_GetObjectItem(theirs, "quantization"), *item;
  const cJSON *b = cJSON_GetObjectItem(ours, "quantization");
  int n_layers = 0;
  cJSON_ArrayForEach(item, a) {
    n_layers += cJSON_IsObject(item);
    CHECK_MSG(cJSON_Compare(item, cJSON_GetObjectItem(b, item->string), true), "%s", item->string);
  }
  CHECK(n_layers == 2 && cJSON_GetArraySize(a) == cJSON_GetArraySize(b));
  cJSON_Delete(theirs);
  cJSON_Delete(ours);
  free(text);
  free(weights.bytes);
  free(config.bytes);
  bl_model_free(model);
}

static void a_gguf_file_is_what_the_gguf_library_writes(void) {
  static const char *const models[] = {"tiny_mixtral", "tiny_qwen3_moe"};
  for (int i = 0; i < 2; i++) {
    char file[64];
    snprintf(file, sizeof file, "%s.gguf", models[i]);
    bl_model *model = load(models[i], "model.safetensors", "f16");
    sink written = exported(bl_export_gguf_new(model, NULL), "model.gguf", true);
    check_same_tensors(&written, "tiny_gguf", file, 0);
    free(written.bytes);
    bl_model_free(model);
  }
}

static void what_is_written_reads_back_the_same(void) {
  const char *from[][3] = {{"tiny_mixtral", "model.safetensors", "tiny_mixtral"},
                           {"tiny_gguf", "tiny_mixtral.gguf", "tiny_mixtral"},
                           {"tiny_qwen3_moe", "model.safetensors", "tiny_qwen3_moe"},
                           {"tiny_gguf", "tiny_qwen3_moe.gguf", "tiny_qwen3_moe"}};
  for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
    bl_model *model = load(from[i][0], from[i][1], "reference");
    bl_model *back[] = {reload(bl_export_mlx_new(model, NULL), "model.safetensors"),
                        reload(bl_export_gguf_new(model, NULL), "model.gguf")};
    for (int k = 0; k < 2; k++) {
      check_logits(back[k], from[i][2]);
      bl_model_free(back[k]);
    }
    bl_error error = {0};
    CHECK(!bl_export_torch_new(model, &error) && error.code == BL_ERR_UNSUPPORTED);
    CHECK_MSG(strstr(error.message, "one by one"), "%s", error.message);
    bl_model_free(model);
  }
}

/* A variant is what a loader makes of the same files under the recipe. */
static void a_variant_has_the_same_codes(void) {
  bl_model *loaded = load("tiny_mixtral", "model.safetensors", "affine:3:32");
  bl_model *reference = load("tiny_mixtral", "model.safetensors", "reference"), *variant = NULL;
  bl_load_options options = {.recipe = loaded->recipe};
  CHECK_OK(bl_model_variant(reference, &options, NULL, NULL, &variant, error));
  for (int i = 0; variant && i < loaded->n_weights; i++) {
    const bl_tensor *a = &loaded->weights[i].tensor, *b = &variant->weights[i].tensor;
    CHECK(strcmp(loaded->weights[i].name, variant->weights[i].name) == 0);
    for (int p = 0; p < a->format.codec->n_parts; p++)
      CHECK_MSG(memcmp(a->parts[p], b->parts[p], bl_tensor_part_bytes(a, p)) == 0, "%s",
                loaded->weights[i].name);
  }
  bl_model_free(variant);
  bl_model_free(reference);
  bl_model_free(loaded);
}

/* ---- recipes -------------------------------------------------------------------------------- */

static void format_is(const char *folder, const char *recipe, const char *name,
                      const char *format) {
  bl_model *model = load(folder, "model.safetensors", recipe);
  bl_model_info info;
  bl_model_get_info(model, &info);
  int n_found = 0;
  for (int i = 0; i < info.n_tensors; i++) {
    bl_tensor_info t;
    CHECK_OK(bl_model_get_tensor(model, i, &t, error));
    if (!strstr(t.name, name)) continue;
    n_found++;
    CHECK_MSG(strcmp(t.format, format) == 0, "%s under %s is %s", t.name, recipe, t.format);
  }
  CHECK_MSG(n_found == 2, "%d tensors are '%s'", n_found, name);
  bl_model_free(model);
}

static void the_router_has_the_format_that_its_programs_give_it(void) {
  format_is("tiny_qwen3_moe", "affine:4:32", "mlp.gate.weight", "affine:8:64");
  format_is("tiny_qwen3_moe", "mixed_3_6:32", "mlp.gate.weight", "affine:3:32");
  format_is("tiny_qwen3_moe", "affine:4:32/mlp.gate=affine:2:32", "mlp.gate.weight", "affine:2:32");
  format_is("tiny_mixtral", "affine:4:32", "moe.gate.weight", "affine:4:32");
  format_is("tiny_mixtral", "q8_0", "moe.gate.weight", "bf16");
  format_is("tiny_mixtral", "q8_0", "experts.w2.weight", "q8_0");
  format_is("tiny_mixtral", "q8_0/experts.w2=q4_0", "experts.w2.weight", "q4_0");
}

static void what_experts_cannot_have_is_refused(void) {
  static const char *const recipes[][2] = {{"tensor:4", "one scale for all rows"},
                                           {"affine:4:32/experts.w1=qint8", "one scale"}};
  const char *files[] = {"model.safetensors", NULL};
  for (int i = 0; i < 2; i++) {
    bl_load_options options = {0};
    bl_model *model = NULL;
    bl_error error = {0};
    CHECK_OK(bl_recipe_parse(recipes[i][0], &options.recipe, error));
    CHECK(golden_load_files("tiny_mixtral", files, &options, 0, &model, &error) == BL_ERR_RECIPE);
    CHECK_MSG(strstr(error.message, recipes[i][1]), "%s", error.message);
    CHECK(bl_recipe_check_name(&options.recipe,
                               "model.layers.1.block_sparse_moe.experts.3.w1.weight",
                               &error) == BL_ERR_RECIPE);
    CHECK(bl_recipe_check_name(&options.recipe, "model.layers.1.self_attn.q_proj.weight", &error) ==
          BL_OK);
  }
}

/* ---- refusals ------------------------------------------------------------------------------- */

static uint8_t *find(uint8_t *bytes, size_t size, const char *text) {
  const size_t n = strlen(text);
  for (size_t i = 0; i + n <= size; i++)
    if (memcmp(bytes + i, text, n) == 0) return bytes + i;
  return NULL;
}

/* Loads tiny_mixtral with a text of one of its files changed for another as long. */
static bl_code load_changed(const char *file, const char *text, const char *other,
                            bl_error *error) {
  size_t config_size, size;
  uint8_t *config = golden_read("tiny_mixtral", "config.json", &config_size);
  uint8_t *weights = golden_read("tiny_mixtral", "model.safetensors", &size);
  const bool in_config = strcmp(file, "config.json") == 0;
  uint8_t *at = in_config ? find(config, config_size, text) : find(weights, size, text);
  CHECK_MSG(at && strlen(text) == strlen(other), "%s, %s", text, other);
  if (at) memcpy(at, other, strlen(other));
  bl_loader *loader = bl_loader_new(NULL, NULL);
  bl_model *model = NULL;
  bl_code code =
      bl_loader_add_text(loader, "config.json", (const char *)config, config_size, error);
  if (code == BL_OK) code = golden_push(loader, "model.safetensors", weights, size, 1000, error);
  if (code == BL_OK) code = bl_loader_finish(loader, &model, error);
  bl_model_free(model);
  bl_loader_free(loader);
  free(config);
  free(weights);
  return code;
}

static void an_expert_that_is_missing_is_named(void) {
  bl_error error = {0};
  /* Under a name that carries nothing. */
  CHECK(load_changed("model.safetensors", "model.layers.1.block_sparse_moe.experts.2.w3.weight\"",
                     "model.layers.1.self_attn.rotary_emb.inv_freq\"       ",
                     &error) == BL_ERR_INPUT);
  CHECK_MSG(strstr(error.message, "experts.2.w3.weight' is missing"), "%s", error.message);
}

static void of_experts_that_are_all_missing_the_first_is_named(void) {
  size_t config_size, size;
  uint8_t *config = golden_read("tiny_mixtral", "config.json", &config_size);
  uint8_t *weights = golden_read("tiny_mixtral", "model.safetensors", &size);
  for (int e = 0; e < 4; e++) {
    char name[64], other[64];
    snprintf(name, sizeof name, "model.layers.1.block_sparse_moe.experts.%d.w3.weight\"", e);
    snprintf(other, sizeof other, "model.layers.%d.self_attn.rotary_emb.inv_freq\"       ", e);
    uint8_t *at = find(weights, size, name);
    CHECK(at && strlen(name) == strlen(other));
    if (at) memcpy(at, other, strlen(other));
  }
  bl_error error = {0};
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(NULL, NULL);
  CHECK_OK(bl_loader_add_text(loader, "config.json", (const char *)config, config_size, error));
  CHECK_OK(golden_push(loader, "model.safetensors", weights, size, 1000, error));
  CHECK(bl_loader_finish(loader, &model, &error) == BL_ERR_INPUT);
  CHECK_MSG(strstr(error.message, "layers.1.block_sparse_moe.experts.0.w3.weight' is missing"),
            "%s", error.message);
  bl_loader_free(loader);
  free(config);
  free(weights);
}

/* The shapes in the sentence are those that a file would have. */
static void a_stack_of_another_shape_is_refused_with_both(void) {
  static const struct {
    uint64_t dims[3]; /* as GGUF has them */
    const char *words;
  } cases[] = {{{64, 4, 64}, "shape [64, 4, 64], expected [4, rows, columns]"},
               {{32, 128, 4}, "shape [4, 128, 32], expected [4, 64, 64] from"}};
  static const char name[] = "blk.0.ffn_gate_exps.weight";
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t size;
    uint8_t *file = golden_read("tiny_gguf", "tiny_mixtral.gguf", &size);
    uint8_t *at = find(file, size, name);
    CHECK(at != NULL);
    if (at) memcpy(at + strlen(name) + 4, cases[i].dims, sizeof cases[i].dims);
    bl_error error = {0};
    bl_loader *loader = bl_loader_new(NULL, NULL);
    CHECK(golden_push(loader, "model.gguf", file, size, 0, &error) == BL_ERR_INPUT);
    CHECK_MSG(strstr(error.message, cases[i].words), "%s", error.message);
    bl_loader_free(loader);
    free(file);
  }
}

/* Though by then the recipe has given the weights scales of the same shape. */
static void scales_of_weights_that_were_not_quantized_are_refused(void) {
  static const char *const headers[] = {
      "{\"model.layers.0.mlp.switch_mlp.gate_proj.scales\":"
      "{\"dtype\":\"BF16\",\"shape\":[6,32,2],\"data_offsets\":[0,768]}}",
      "{\"model.layers.0.self_attn.q_proj.scales\":"
      "{\"dtype\":\"BF16\",\"shape\":[128,2],\"data_offsets\":[0,512]}}"};
  size_t config_size, size;
  char *config = (char *)golden_read("tiny_qwen3_moe", "config.json", &config_size);
  uint8_t *weights = golden_read("tiny_qwen3_moe", "model.safetensors", &size);
  char text[2048];
  const int n_text =
      snprintf(text, sizeof text, "{\"quantization\":{\"group_size\":32,\"bits\":4},%.*s",
               (int)config_size - 1, config + 1);
  for (int i = 0; i < 2; i++) {
    uint8_t more[1024] = {(uint8_t)strlen(headers[i])};
    memcpy(more + 8, headers[i], strlen(headers[i]));
    const size_t n_more = 8 + strlen(headers[i]) + (i == 0 ? 768 : 512);
    bl_load_options options = {0};
    bl_error error = {0};
    CHECK_OK(bl_recipe_parse("affine:4:32", &options.recipe, error));
    bl_loader *loader = bl_loader_new(&options, NULL);
    CHECK_OK(bl_loader_add_text(loader, "config.json", text, (size_t)n_text, error));
    CHECK_OK(golden_push(loader, "model-1.safetensors", weights, size, 1000, error));
    CHECK(golden_push(loader, "model-2.safetensors", more, n_more, 0, &error) == BL_ERR_INPUT);
    CHECK_MSG(strstr(error.message, "its weights are bf16"), "%s", error.message);
    bl_loader_free(loader);
  }
  free(config);
  free(weights);
}

/* Puts a number that is none into a tensor of bf16, at an element. */
static void spoil(uint8_t *weights, size_t size, const char *name, int element) {
  uint8_t *at = find(weights, size, name), *offsets = at;
  const uint64_t n_header = weights[0] | (uint64_t)weights[1] << 8;
  CHECK(at != NULL);
  if (!at) return;
  while (memcmp(offsets, "data_offsets\":[", 15) != 0) offsets++;
  const long begin = strtol((char *)offsets + 15, NULL, 10);
  memset(weights + 8 + n_header + begin + 2 * element, 0xff, 2);
}

static void what_is_not_finite_is_named_by_its_own_tensor(void) {
  static const char *const recipes[] = {"reference", "affine:4:32", "q8_0"};
  for (int i = 0; i < 3; i++) {
    bl_load_options options = {.not_finite = BL_NOT_FINITE_NEVER};
    size_t size;
    uint8_t *weights = golden_read("tiny_mixtral", "model.safetensors", &size);
    bl_loader *loader;
    bl_model *model = NULL;
    bl_error error = {0};
    spoil(weights, size, "model.layers.1.block_sparse_moe.experts.2.w3.weight\"", 64 * 3 + 5);
    spoil(weights, size, "model.layers.1.block_sparse_moe.experts.2.w3.weight\"", 64 * 3 + 9);
    spoil(weights, size, "model.layers.1.block_sparse_moe.experts.3.w3.weight\"", 7);
    CHECK_OK(bl_recipe_parse(recipes[i], &options.recipe, error));
    loader = bl_loader_new(&options, NULL);
    CHECK_OK(golden_add_texts(loader, "tiny_mixtral", error));
    bl_code code = golden_push(loader, "model.safetensors", weights, size, 1000, &error);
    if (code == BL_OK) code = bl_loader_finish(loader, &model, &error);
    CHECK(code == BL_ERR_NOT_FINITE);
    CHECK_MSG(
        strstr(error.message, "layers.1.block_sparse_moe.experts.2.w3.weight' has 2 weights") &&
            strstr(error.message, "NaN at [3, 5]"),
        "%s: %s", recipes[i], error.message);
    bl_loader_free(loader);
    free(weights);
  }
}

/* Of Qwen3's attention, where its config says so. */
static void biases_that_are_missing_are_named(void) {
  size_t config_size, size;
  char *config = (char *)golden_read("tiny_qwen3_moe", "config.json", &config_size);
  uint8_t *weights = golden_read("tiny_qwen3_moe", "model.safetensors", &size);
  static const char said[] = "\"attention_bias\": false";
  uint8_t *at = find((uint8_t *)config, config_size, said);
  CHECK(at != NULL);
  if (at) memcpy(at, "\"attention_bias\": true ", strlen(said));
  bl_error error = {0};
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(NULL, NULL);
  CHECK_OK(bl_loader_add_text(loader, "config.json", config, config_size, error));
  CHECK_OK(golden_push(loader, "model.safetensors", weights, size, 1000, error));
  CHECK(bl_loader_finish(loader, &model, &error) == BL_ERR_INPUT);
  CHECK_MSG(strstr(error.message, "self_attn.q_proj.bias' is missing"), "%s", error.message);
  bl_loader_free(loader);
  free(config);
  free(weights);
}

static void experts_that_are_odd_are_refused(void) {
  static const struct {
    const char *file, *text, *other, *words[2];
  } cases[] = {
      {"model.safetensors", "experts.3.w1", "experts.7.w1", {"experts.7.w1", "not one that"}},
      {"model.safetensors", "experts.3.w1", "experts.2.w1", {"experts.2.w1", "is there twice"}},
      {"config.json", "experts\": 4", "experts\": 5", {"moe.gate.weight", "expected [5, 64]"}},
      {"config.json", "per_tok\": 2", "per_tok\": 9", {"num_experts_per_tok", "at most"}},
      {"config.json",
       "\"sliding_window\": null",
       "\"mlp_only_layers\":  5 ",
       {"mlp_only_layers", "not a list"}},
      {"config.json", "\"sliding_window\": null", "\"mlp_only_layers\": [1]", {"mlp_only", "none"}},
      {"config.json",
       "\"torch_dtype\": \"bfloat16\"",
       "\"decoder_sparse_step\": 2 ",
       {"_step", "1"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_error error = {0};
    bl_code code = load_changed(cases[i].file, cases[i].text, cases[i].other, &error);
    CHECK_MSG(code != BL_OK, "%s was taken", cases[i].other);
    for (int k = 0; k < 2; k++)
      CHECK_MSG(strstr(error.message, cases[i].words[k]), "'%s' is not in: %s", cases[i].words[k],
                error.message);
  }
}

int main(void) {
  RUN(an_mlx_directory_is_what_mlx_lm_writes);
  RUN(a_gguf_file_is_what_the_gguf_library_writes);
  RUN(what_is_written_reads_back_the_same);
  RUN(a_variant_has_the_same_codes);
  RUN(the_router_has_the_format_that_its_programs_give_it);
  RUN(what_experts_cannot_have_is_refused);
  RUN(an_expert_that_is_missing_is_named);
  RUN(of_experts_that_are_all_missing_the_first_is_named);
  RUN(a_stack_of_another_shape_is_refused_with_both);
  RUN(scales_of_weights_that_were_not_quantized_are_refused);
  RUN(what_is_not_finite_is_named_by_its_own_tensor);
  RUN(biases_that_are_missing_are_named);
  RUN(experts_that_are_odd_are_refused);
  return check_result();
}
