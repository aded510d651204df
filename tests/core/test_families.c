/* Families with blocks of their own in every container that they have, against mlx_lm's logits
 * (tests/golden/make_gpt2.py, make_gemma.py and others), and what they are written as against the
 * files that mlx_lm and the `gguf` library wrote. test_model.c runs the same models in batches,
 * with every kernel. */
#include "family_files.h"

static void logits_are_those_of_mlx_lm_in_every_container(void) {
  static const char *const models[][3] = {
      {"tiny_gpt2", "model.safetensors", "tiny_gpt2"},
      {"tiny_gpt2_bare", "model.safetensors", "tiny_gpt2_bare"},
      {"tiny_gpt2_mlx4", "model.safetensors", "tiny_gpt2_mlx4"},
      {"tiny_gguf", "tiny_gpt2.gguf", "tiny_gpt2"},
      {"tiny_exaone", "model.safetensors", "tiny_exaone"},
      {"tiny_gguf", "tiny_exaone.gguf", "tiny_exaone"},
      {"tiny_gemma2", "model.safetensors", "tiny_gemma2"},
      {"tiny_gguf", "tiny_gemma2.gguf", "tiny_gemma2"},
      {"tiny_gemma3", "model.safetensors", "tiny_gemma3"},
      {"tiny_gguf", "tiny_gemma3.gguf", "tiny_gemma3"},
      {"tiny_phi3", "model.safetensors", "tiny_phi3"},
      {"tiny_mixtral", "model.safetensors", "tiny_mixtral"},
      {"tiny_gguf", "tiny_mixtral.gguf", "tiny_mixtral"},
      {"tiny_qwen3_moe", "model.safetensors", "tiny_qwen3_moe"},
      {"tiny_gguf", "tiny_qwen3_moe.gguf", "tiny_qwen3_moe"},
      {"tiny_qwen3_moe_mlx4", "model.safetensors", "tiny_qwen3_moe_mlx4"}};
  for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
    bl_model *model = load(models[i][0], models[i][1], "reference");
    check_logits(model, models[i][2]);
    bl_model_free(model);
  }
}

/* make_windows.py: the config is another one for weights that are there. */
static void windows_are_those_of_transformers(void) {
  static const char *const models[][2] = {
      {"tiny_mistral_window", "../tiny_llama/model.safetensors"},
      {"tiny_qwen2_window", "../tiny_qwen2/model.safetensors"}};
  for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
    bl_model *model = load(models[i][0], models[i][1], "reference");
    check_logits(model, models[i][0]);
    bl_model_free(model);
  }
}

/* ---- what it is written as ------------------------------------------------------------------ */

static void an_mlx_directory_is_what_mlx_lm_convert_writes(void) {
  bl_model *model = load("tiny_gpt2", "model.safetensors", "affine:4:32");
  bl_export *ex = bl_export_mlx_new(model, NULL);
  sink weights = exported(ex, "model.safetensors", false);
  sink index = exported(ex, "model.safetensors.index.json", true);
  check_same_tensors(&weights, "tiny_gpt2_mlx4", "model.safetensors", 0);
  size_t size;
  uint8_t *theirs = golden_read("tiny_gpt2_mlx4", "model.safetensors.index.json", &size);
  CHECK(size == index.size && memcmp(theirs, index.bytes, size) == 0);
  free(theirs);
  free(weights.bytes);
  free(index.bytes);
  bl_model_free(model);
}

static void a_gguf_file_is_what_the_gguf_library_writes(void) {
  static const char *const models[][2] = {{"tiny_gpt2", "tiny_gpt2.gguf"},
                                          {"tiny_gemma2", "tiny_gemma2.gguf"},
                                          {"tiny_gemma3", "tiny_gemma3.gguf"}};
  for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
    bl_model *model = load(models[i][0], "model.safetensors", "f16");
    sink file = exported(bl_export_gguf_new(model, NULL), "model.gguf", true);
    check_same_tensors(&file, "tiny_gguf", models[i][1], 0);
    free(file.bytes);
    bl_model_free(model);
  }
}

static void a_directory_for_transformers_has_matrices_as_they_were(void) {
  bl_model *model = load("tiny_gpt2", "model.safetensors", "reference");
  sink file = exported(bl_export_torch_new(model, NULL), "model.safetensors", true);
  check_same_tensors(&file, "tiny_gpt2", "model.safetensors", 0);
  free(file.bytes);
  bl_model_free(model);
}

/* Its two lists of rotary factors are tensors in GGUF. */
static void phi_3_keeps_its_factors_in_every_container(void) {
  bl_model *model = load("tiny_phi3", "model.safetensors", "reference");
  bl_model *gguf = reload(bl_export_gguf_new(model, NULL), "model.gguf");
  bl_model *back[] = {reload(bl_export_mlx_new(model, NULL), "model.safetensors"),
                      reload(bl_export_torch_new(model, NULL), "model.safetensors"), gguf,
                      reload(bl_export_mlx_new(gguf, NULL), "model.safetensors"),
                      reload(bl_export_gguf_new(gguf, NULL), "model.gguf")};
  for (int k = 0; k < 5; k++) check_logits(back[k], "tiny_phi3");
  for (int k = 0; k < 5; k++) bl_model_free(back[k]);
  bl_model_free(model);
}

static void phi_3_with_factors_that_are_none_is_refused(void) {
  bl_model *model = load("tiny_phi3", "model.safetensors", "reference");
  sink file = exported(bl_export_gguf_new(model, NULL), "model.gguf", true);
  const float two[] = {1.1f, 1.2f}, none[] = {-1, 0, NAN, INFINITY};
  uint8_t *at = NULL;
  for (size_t i = 0; i + sizeof two <= file.size; i++)
    if (memcmp(file.bytes + i, two, sizeof two) == 0) at = file.bytes + i;
  CHECK(at);
  for (int k = 0; at && k < 4; k++) {
    bl_model *none_made = NULL;
    bl_error error = {0};
    memcpy(at, &none[k], sizeof none[k]);
    bl_loader *loader = bl_loader_new(NULL, NULL);
    CHECK_OK(golden_push(loader, "model.gguf", file.bytes, file.size, 777, error));
    CHECK(bl_loader_finish(loader, &none_made, &error) == BL_ERR_INPUT);
    CHECK_MSG(
        strstr(error.message, "rope_factors_short.weight") && strstr(error.message, "positive"),
        "%s", error.message);
    bl_loader_free(loader);
  }
  free(file.bytes);
  bl_model_free(model);
}

/* The tensor of this name in a GGUF file, where the description of it begins. */
static uint8_t *find_entry(const sink *file, const char *name) {
  uint8_t *found = NULL;
  const size_t n = strlen(name);
  for (size_t i = 8; i + n + 4 <= file->size; i++)
    if (file->bytes[i - 8] == n && memcmp(file->bytes + i, name, n) == 0) found = file->bytes + i;
  CHECK_MSG(found, "%s", name);
  if (!found) exit(1);
  return found - 8;
}

static void phi_3_has_no_third_list_of_factors(void) {
  static const char name[] = "rope_freqs.weight", last[] = "blk.1.ffn_up.weight";
  bl_model *model = load("tiny_phi3", "model.safetensors", "reference");
  sink file = exported(bl_export_gguf_new(model, NULL), "model.gguf", true);
  const size_t end =
      (size_t)(find_entry(&file, last) - file.bytes) + 8 + sizeof last - 1 + 4 + 16 + 4 + 8;
  uint8_t info[8 + sizeof name - 1 + 4 + 8 + 4 + 8] = {sizeof name - 1}; /* the rest is 0: F32 */
  const size_t old_data = (end + 31) / 32 * 32, data = (end + sizeof info + 31) / 32 * 32;
  const uint32_t n_dims = 1, n_factors = 6;
  const uint64_t offset = file.size - old_data, size = data + offset + 32;
  memcpy(info + 8, name, sizeof name - 1);
  memcpy(info + 8 + sizeof name - 1, &n_dims, 4);
  memcpy(info + 8 + sizeof name - 1 + 4, &n_factors, 4);
  memcpy(info + sizeof info - 8, &offset, 8);
  uint8_t *bytes = calloc(1, size);
  CHECK(bytes != NULL && offset % 32 == 0);
  memcpy(bytes, file.bytes, end);
  memcpy(bytes + end, info, sizeof info);
  memcpy(bytes + data, file.bytes + old_data, file.size - old_data);
  bytes[8]++; /* tensors */
  bl_error error = {0};
  bl_loader *loader = bl_loader_new(NULL, NULL);
  CHECK(golden_push(loader, "model.gguf", bytes, size, 777, &error) != BL_OK);
  CHECK_MSG(strstr(error.message, name) && strstr(error.message, "not one that"), "%s",
            error.message);
  bl_loader_free(loader);
  free(bytes);
  free(file.bytes);
  bl_model_free(model);
}

/* As transformers: a text within the original context has the short factors. */
static void a_short_context_takes_the_short_factors(void) {
  bl_model *model = load("tiny_phi3", "model.safetensors", "reference");
  const int32_t ids[] = {5, 6, 7, 8};
  float first[N_VOCAB];
  double worst[2] = {0};
  for (int i = 0; i < 3; i++) {
    const bl_session_options options = {.n_context = i == 0 ? 33 : i == 1 ? 34 : 32};
    bl_session *session = bl_session_new(model, &options, NULL);
    CHECK_OK(bl_session_eval(session, ids, 4, NULL, NULL, error));
    const float *logits = bl_session_logits(session);
    for (int k = 0; k < N_VOCAB; k++) {
      double d = i > 0 ? fabs((double)logits[k] - (double)first[k]) : 0;
      if (i > 0 && d > worst[i - 1]) worst[i - 1] = d;
      if (i == 0) first[k] = logits[k];
    }
    bl_session_free(session);
  }
  CHECK_MSG(worst[0] < 1e-3 && worst[1] > 0.01, "%g and %g", worst[0], worst[1]);
  bl_model_free(model);
}

static void what_is_written_reads_back_the_same(void) {
  const char *from[][3] = {{"tiny_gpt2", "model.safetensors", "tiny_gpt2"},
                           {"tiny_gguf", "tiny_gpt2.gguf", "tiny_gpt2"},
                           {"tiny_exaone", "model.safetensors", "tiny_exaone"},
                           {"tiny_granite", "model.safetensors", "tiny_granite"},
                           {"tiny_smollm3", "model.safetensors", "tiny_smollm3"},
                           {"tiny_olmo2", "model.safetensors", "tiny_olmo2"},
                           {"tiny_llama_yarn", "model.safetensors", "tiny_llama_yarn"},
                           {"tiny_gemma2", "model.safetensors", "tiny_gemma2"},
                           {"tiny_gemma3", "model.safetensors", "tiny_gemma3"},
                           {"tiny_gguf", "tiny_gemma2.gguf", "tiny_gemma2"},
                           {"tiny_gguf", "tiny_gemma3.gguf", "tiny_gemma3"}};
  for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
    bl_model *model = load(from[i][0], from[i][1], "reference");
    bl_model *back[] = {reload(bl_export_mlx_new(model, NULL), "model.safetensors"),
                        reload(bl_export_torch_new(model, NULL), "model.safetensors"),
                        reload(bl_export_gguf_new(model, NULL), "model.gguf")};
    for (int k = 0; k < 3; k++) {
      check_logits(back[k], from[i][2]);
      bl_model_free(back[k]);
    }
    bl_model_free(model);
  }
}

/* ---- recipes -------------------------------------------------------------------------------- */

static void quantized_as(const char *recipe, const char *name, const char *format) {
  bl_model *model = load("tiny_gpt2", "model.safetensors", recipe);
  bl_model_info info;
  bool found = false;
  bl_model_get_info(model, &info);
  for (int i = 0; i < info.n_tensors; i++) {
    bl_tensor_info t;
    CHECK_OK(bl_model_get_tensor(model, i, &t, error));
    if (!strstr(t.name, name)) continue;
    CHECK_MSG(strcmp(t.format, format) == 0, "%s under %s is %s", t.name, recipe, t.format);
    found = true;
  }
  CHECK(found);
  bl_model_free(model);
}

/* llama_tensor_get_type and tensor_allows_quantization in llama.cpp's llama-quant.cpp. */
static void positions_are_quantized_as_mlx_lm_does_and_not_as_llama_cpp(void) {
  quantized_as("affine:4:32", "wpe.weight", "affine:4:32");
  quantized_as("q8_0", "wpe.weight", "f16");
  quantized_as("q8_0", "c_attn.weight", "q8_0");
  quantized_as("q4_k_m", "wte.weight", "q8_0");
  quantized_as("q4_k_m", "h.0.mlp.c_proj.weight", "q4_k");
  quantized_as("q4_k_m", "h.1.mlp.c_proj.weight", "q6_k"); /* more bits in the last eighth */
  quantized_as("qint8", "wpe.weight", "f16");
}

static void kinds_of_matrices_tell_the_two_projections_apart(void) {
  static const char *const kinds[] = {"wte",         "wpe",  "attn.c_attn",
                                      "attn.c_proj", "c_fc", "mlp.c_proj"};
  bl_model *model = load("tiny_gpt2", "model.safetensors", "affine:4:32/mlp.c_proj=affine:8:32");
  bl_unit units[16];
  CHECK(bl_units_list(model, BL_BY_KIND, units, 16) == 6);
  for (int k = 0; k < 6; k++) {
    bool found = false;
    for (int i = 0; i < 6; i++)
      found = found || strcmp(units[i].kind, kinds[k] + (k == 2 ? 5 : 0)) == 0;
    CHECK_MSG(found, "%s", kinds[k]);
  }
  CHECK(bl_units_list(model, BL_BY_LAYER, units, 16) == 4 && strcmp(units[3].pattern, "h.1") == 0);
  bl_model_free(model);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void what_its_block_does_otherwise_is_refused_by_name(void) {
  static const char config[] =
      "{\"model_type\":\"gpt2\",\"n_embd\":64,\"n_layer\":2,\"n_head\":4,\"vocab_size\":320,%s}";
  static const struct {
    const char *member, *words;
  } refused[] = {
      {"\"scale_attn_by_inverse_layer_idx\":true", "scale_attn_by_inverse_layer_idx' is true"},
      {"\"scale_attn_weights\":false", "'scale_attn_weights' is false, expected true"},
      {"\"add_cross_attention\":true", "'add_cross_attention' is true"},
      {"\"activation_function\":\"tanh\"", "'activation_function' is 'tanh', expected gelu"},
      {"\"architectures\":[\"GPT2ForSequenceClassification\"]", "expected GPT2LMHeadModel"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    char text[512];
    bl_config c;
    bl_error error = {0};
    snprintf(text, sizeof text, config, refused[i].member);
    cJSON *json = cJSON_Parse(text);
    CHECK(bl_config_from_json("config.json", json, &c, &error) == BL_ERR_UNSUPPORTED);
    CHECK_MSG(strstr(error.message, refused[i].words), "%s", error.message);
    cJSON_Delete(json);
  }
}

static void it_is_not_trained_and_no_linear_layer_to_torch(void) {
  static const char *const untrained[] = {"tiny_gpt2",    "tiny_gemma3",       "tiny_phi3",
                                          "tiny_mixtral", "tiny_granite",      "tiny_smollm3",
                                          "tiny_olmo2",   "tiny_llama_window", "tiny_llama_yarn"};
  bl_error error = {0};
  for (size_t i = 0; i < sizeof untrained / sizeof *untrained; i++) {
    size_t size;
    char *config = (char *)golden_read(untrained[i], "config.json", &size);
    bl_train_options options = {.n_sequences = 1, .n_context = 8};
    CHECK(!bl_trainer_new(config, size, &options, &error) && error.code == BL_ERR_UNSUPPORTED);
    CHECK_MSG(strstr(error.message, "can't be trained"), "%s: %s", untrained[i], error.message);
    free(config);
  }
  bl_model *model = load("tiny_gpt2", "model.safetensors", "nf4/wte=reference");
  CHECK(!bl_export_torch_new(model, &error) && error.code == BL_ERR_UNSUPPORTED);
  CHECK_MSG(strstr(error.message, "is no linear layer"), "%s", error.message);
  bl_model_free(model);
}

int main(void) {
  RUN(logits_are_those_of_mlx_lm_in_every_container);
  RUN(windows_are_those_of_transformers);
  RUN(an_mlx_directory_is_what_mlx_lm_convert_writes);
  RUN(a_gguf_file_is_what_the_gguf_library_writes);
  RUN(a_directory_for_transformers_has_matrices_as_they_were);
  RUN(phi_3_keeps_its_factors_in_every_container);
  RUN(phi_3_with_factors_that_are_none_is_refused);
  RUN(phi_3_has_no_third_list_of_factors);
  RUN(a_short_context_takes_the_short_factors);
  RUN(what_is_written_reads_back_the_same);
  RUN(positions_are_quantized_as_mlx_lm_does_and_not_as_llama_cpp);
  RUN(kinds_of_matrices_tell_the_two_projections_apart);
  RUN(what_its_block_does_otherwise_is_refused_by_name);
  RUN(it_is_not_trained_and_no_linear_layer_to_torch);
  return check_result();
}
