/* Gemma 3 as a part of a model that looks at images too, against transformers'
 * (tests/golden/make_gemma_nested.py). */
#include "family_files.h"

static const char folder[] = "tiny_gemma3_nested";

static void its_logits_are_those_of_transformers(void) {
  bl_model *model = load(folder, "model.safetensors", "reference");
  bl_model_info info;
  bl_model_get_info(model, &info);
  CHECK(strcmp(info.architecture, "gemma3_text") == 0);
  check_logits(model, folder);
  bl_model_free(model);
}

/* As other versions of transformers save it. */
static void names_may_have_the_parts_the_other_way_around(void) {
  static const char from[] = "language_model.model.", to[] = "model.language_model.";
  size_t size, n = 0;
  uint8_t *bytes = golden_read(folder, "model.safetensors", &size);
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, NULL);
  for (size_t i = 0; i + sizeof from < size; i++) {
    if (memcmp(bytes + i, from, strlen(from)) != 0) continue;
    memcpy(bytes + i, to, strlen(to));
    n++;
  }
  CHECK(n == 6 * 13 + 2);
  CHECK_OK(golden_add_texts(loader, folder, error));
  CHECK_OK(golden_push(loader, "model.safetensors", bytes, size, 777, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  if (model) check_logits(model, folder);
  bl_model_free(model);
  bl_loader_free(loader);
  free(bytes);
}

static void what_is_left_out_is_told(void) {
  bl_model *model = load(folder, "model.safetensors", "affine:4:32");
  bool is_told = false;
  for (int i = 0; i < bl_model_n_notes(model); i++)
    is_told |= strcmp(bl_model_note(model, i)->kind, "images-left-out") == 0;
  CHECK(is_told);
  bl_model_free(model);
}

/* Each of them holds the language model alone. */
static void what_is_written_reads_back_the_same(void) {
  bl_model *model = load(folder, "model.safetensors", "reference");
  bl_model *back[] = {reload(bl_export_torch_new(model, NULL), "model.safetensors"),
                      reload(bl_export_mlx_new(model, NULL), "model.safetensors"),
                      reload(bl_export_gguf_new(model, NULL), "model.gguf")};
  for (int i = 0; i < 3; i++) {
    CHECK(bl_model_n_notes(back[i]) == 0);
    check_logits(back[i], folder);
    bl_model_free(back[i]);
  }
  bl_model_free(model);
}

/* The hub's config leaves most fields out. */
static void the_fields_that_a_config_leaves_out_are_those_of_transformers(void) {
  size_t size, n;
  char *config = (char *)golden_read(folder, "gemma-3-4b.config.json", &size);
  char *expected = (char *)golden_read(folder, "parameters.json", &n);
  cJSON *json = cJSON_ParseWithLength(expected, n);
  bl_budget budget;
  CHECK_OK(bl_budget_from_config(config, size, &(bl_budget_options){0}, &budget, error));
  CHECK((double)budget.n_params == cJSON_GetObjectItem(json, "gemma-3-4b")->valuedouble);
  cJSON_Delete(json);
  free(config);
  free(expected);
}

static void others_are_refused_by_their_name(void) {
  static const char config[] =
      "{\"model_type\":\"llava\",\"text_config\":{\"model_type\":\"llama\",\"hidden_size\":64}}";
  bl_budget budget;
  bl_error error = {0};
  CHECK(bl_budget_from_config(config, strlen(config), &(bl_budget_options){0}, &budget, &error) ==
        BL_ERR_UNSUPPORTED);
  CHECK_MSG(strstr(error.message, "'model_type' is 'llava'"), "%s", error.message);
}

int main(void) {
  RUN(its_logits_are_those_of_transformers);
  RUN(names_may_have_the_parts_the_other_way_around);
  RUN(what_is_left_out_is_told);
  RUN(what_is_written_reads_back_the_same);
  RUN(the_fields_that_a_config_leaves_out_are_those_of_transformers);
  RUN(others_are_refused_by_their_name);
  return check_result();
}
