/* What headers alone tell of a model is what the model tells once it is loaded, in every container;
 * and of its budget what its config tells. */
#include "check.h"
#include "model_files.h"

/* Shows the loader the first bytes of a file, and more where it says so. */
static bl_code show(bl_loader *loader, const char *folder, const char *file, bl_error *error) {
  size_t size;
  uint8_t *bytes = golden_read(folder, file, &size);
  uint64_t n_needed = 256;
  bl_code code = BL_OK;
  while (code == BL_OK && n_needed > 0) {
    const size_t n = n_needed < size ? (size_t)n_needed : size;
    code = bl_loader_show_header(loader, file, bytes, n, size, &n_needed, error);
  }
  free(bytes);
  return code;
}

/* NULL in *outline, and the reason in `refused`, where there is none. */
static bl_error refused;

static bl_loader *outlined(const char *folder, const char *const *files, const bl_model **outline) {
  bl_error *error = &refused;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, error);
  bl_code code = strcmp(folder, "tiny_gguf") == 0 ? BL_OK : golden_add_texts(loader, folder, error);
  for (int i = 0; code == BL_OK && files[i]; i++) code = show(loader, folder, files[i], error);
  *outline = NULL;
  if (code == BL_OK) bl_loader_outline(loader, outline, error);
  return loader;
}

static const struct {
  const char *folder, *files[4];
} models[] = {
    {"tiny_llama", {"model.safetensors"}},
    {"tiny_llama_sharded",
     {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}},
    {"tiny_qwen3", {"model.safetensors"}},
    {"tiny_gpt2", {"model.safetensors"}},
    {"tiny_gemma3", {"model.safetensors"}},
    {"tiny_qwen3_moe", {"model.safetensors"}},
    {"tiny_llama_mlx4", {"model.safetensors"}},
    {"tiny_llama_mlx_mixed", {"model.safetensors"}},
    {"tiny_llama_bnb", {"model.safetensors"}},
    {"tiny_llama_torchao_int8", {"model.safetensors"}},
    {"tiny_gguf", {"tiny_llama.gguf"}},
    {"tiny_gguf", {"tiny_gemma3.gguf"}},
};
static const char *const recipes[] = {"reference", "affine:8:64", "affine:4:64", "affine:3:64",
                                      "q4_k_m",    "q8_0",        "nf4"};

static void headers_tell_what_the_loaded_model_tells(void) {
  for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
    const char *folder = models[m].folder;
    const bl_model *outline;
    bl_model *model = NULL;
    bl_loader *loader = outlined(folder, models[m].files, &outline);
    CHECK_OK(golden_load_files(folder, models[m].files, &(bl_load_options){0}, 0, &model, error));
    CHECK_MSG(outline && model, "%s: %s", folder, refused.message);
    if (!outline || !model) break;
    bl_model_info told, loaded;
    bl_model_get_info(outline, &told);
    bl_model_get_info(model, &loaded);
    CHECK_MSG(told.n_params == loaded.n_params && told.size_bytes == loaded.size_bytes &&
                  told.source_bytes == loaded.source_bytes && told.n_tensors == loaded.n_tensors,
              "%s: sizes differ", folder);
    CHECK_MSG(strcmp(told.stored_as, loaded.stored_as) == 0, "%s is %s", folder, told.stored_as);
    CHECK(strcmp(told.architecture, loaded.architecture) == 0);
    CHECK(strcmp(told.container, loaded.container) == 0 && strcmp(told.name, loaded.name) == 0);
    CHECK(strcmp(bl_model_cannot_run(outline), bl_model_cannot_run(model)) == 0);
    for (size_t r = 0; r < sizeof recipes / sizeof *recipes; r++) {
      bl_budget_options options = {0};
      bl_budget from_outline, from_model;
      bl_model *variant = NULL;
      bl_load_options load = {0};
      CHECK_OK(bl_recipe_parse(recipes[r], &options.recipe, error));
      load.recipe = options.recipe;
      bl_error told_no, loading_no;
      const bl_code code =
          golden_load_files(folder, models[m].files, &load, 0, &variant, &loading_no);
      CHECK(bl_budget_of_model(outline, &options, &from_outline, &told_no) == code);
      if (code != BL_OK) { /* experts cannot have every format */
        CHECK_MSG(strcmp(told_no.message, loading_no.message) == 0, "%s", told_no.message);
        continue;
      }
      CHECK_OK(bl_budget_of_model(model, &options, &from_model, error));
      CHECK_MSG(memcmp(&from_outline, &from_model, sizeof from_model) == 0, "%s under %s", folder,
                recipes[r]);
      bl_model_get_info(variant, &loaded);
      CHECK_MSG(from_outline.weight_bytes == loaded.size_bytes, "%s under %s: %llu bytes, not %llu",
                folder, recipes[r], (unsigned long long)from_outline.weight_bytes,
                (unsigned long long)loaded.size_bytes);
      bl_model_free(variant);
    }
    bl_model_free(model);
    bl_loader_free(loader);
  }
}

static void the_budget_is_that_of_the_config(void) {
  const char *const file[] = {"model.safetensors", NULL};
  const char *const folders[] = {"tiny_llama", "tiny_qwen3", "tiny_gpt2", "tiny_phi3"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    const bl_model *outline;
    bl_loader *loader = outlined(folders[i], file, &outline);
    size_t size;
    uint8_t *config = golden_read(folders[i], "config.json", &size);
    for (size_t r = 0; outline && r < sizeof recipes / sizeof *recipes; r++) {
      bl_budget_options options = {0};
      bl_budget a, b;
      bl_model_info info;
      bl_model_get_info(outline, &info);
      CHECK(bl_dtype_parse(info.stored_as, &options.dtype));
      CHECK_OK(bl_recipe_parse(recipes[r], &options.recipe, error));
      CHECK_OK(bl_budget_from_config((const char *)config, size, &options, &a, error));
      options.dtype = BL_DTYPE_NONE;
      CHECK_OK(bl_budget_of_model(outline, &options, &b, error));
      CHECK_MSG(memcmp(&a, &b, sizeof a) == 0, "%s under %s", folders[i], recipes[r]);
    }
    CHECK_MSG(outline != NULL, "%s: %s", folders[i], refused.message);
    free(config);
    bl_loader_free(loader);
  }
}

static void what_would_not_load_has_no_outline(void) {
  const char *const one[] = {"model-00001-of-00002.safetensors", NULL};
  const bl_model *outline;
  bl_loader *loader = outlined("tiny_llama_sharded", one, &outline);
  CHECK(!outline && strstr(refused.message, "is missing"));
  bl_loader_free(loader);
  loader = bl_loader_new(&(bl_load_options){0}, &refused);
  CHECK_OK(bl_loader_add_text(loader, "config.json", "{\"model_type\": \"mamba\"}", 23, error));
  CHECK_OK(show(loader, "tiny_llama", "model.safetensors", error));
  CHECK(bl_loader_outline(loader, &outline, &refused) == BL_ERR_UNSUPPORTED);
  CHECK_MSG(strstr(refused.message, "mamba"), "%s", refused.message);
  bl_loader_free(loader);
}

/* The matrix of a tied model that its files have twice. */
static void an_output_that_is_the_embedding_once_more_counts_once(void) {
  const bl_model *outline;
  bl_model_info once, twice;
  size_t size;
  uint8_t *bytes = golden_read("tiny_llama", "model.safetensors", &size), head[256];
  bl_loader *loader = outlined("tiny_llama", (const char *[]){"model.safetensors", NULL}, &outline);
  bl_model_get_info(outline, &once);
  bl_loader_free(loader);
  loader = bl_loader_new(&(bl_load_options){0}, NULL);
  CHECK_OK(golden_add_texts(loader, "tiny_llama", error));
  CHECK_OK(show(loader, "tiny_llama", "model.safetensors", error));
  const int n = snprintf((char *)head + 8, sizeof head - 8,
                         "{\"lm_head.weight\":{\"dtype\":\"F32\",\"shape\":[320,128],"
                         "\"data_offsets\":[0,163840]}}");
  memset(head, 0, 8);
  head[0] = (uint8_t)n;
  uint64_t n_needed;
  CHECK_OK(bl_loader_show_header(loader, "more.safetensors", head, (size_t)n + 8,
                                 (uint64_t)n + 8 + 163840, &n_needed, error));
  CHECK_OK(bl_loader_outline(loader, &outline, error));
  bl_model_get_info(outline, &twice);
  CHECK(twice.n_params == once.n_params && twice.size_bytes == once.size_bytes);
  bl_loader_free(loader);
  free(bytes);
}

int main(void) {
  RUN(an_output_that_is_the_embedding_once_more_counts_once);
  RUN(headers_tell_what_the_loaded_model_tells);
  RUN(the_budget_is_that_of_the_config);
  RUN(what_would_not_load_has_no_outline);
  return check_result();
}
