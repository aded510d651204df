/* What a model needs, told from its config. Parameters, names, shapes and bytes of published models
 * are those of transformers 5.23 (make_budget.py); bytes under a recipe must be those of the model
 * when it is loaded. */
#include "check.h"
#include "kernel/kernel.h"
#include "measure/budget_shapes.h"
#include "model_files.h"

static bl_code budget_of(const char *folder, const char *file, const bl_budget_options *options,
                         bl_budget *budget, bl_error *error) {
  size_t size;
  uint8_t *text = golden_read(folder, file, &size);
  bl_code code = bl_budget_from_config((const char *)text, size, options, budget, error);
  free(text);
  return code;
}

static bl_budget_options with_recipe(const char *recipe) {
  bl_budget_options options = {0};
  CHECK_OK(bl_recipe_parse(recipe, &options.recipe, error));
  return options;
}

/* ---- published models ----------------------------------------------------------------------- */

typedef struct listing {
  int64_t n_tensors, n_params;
  uint64_t checksum;
} listing;

static void list_name(listing *l, const char *name, int64_t n_rows, int64_t n_cols) {
  char line[512];
  snprintf(line, sizeof line, "%s %lld %lld", name, (long long)n_rows, (long long)n_cols);
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char *c = line; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
  l->checksum += hash;
  l->n_tensors++;
  l->n_params += n_rows * n_cols;
}

static bool list_tensor(void *context, const bl_shape *shape) {
  enum { N_EXPERTS = 8 }; /* Mixtral's, which a checkpoint has one by one */
  static const char mark[] = ".experts.";
  const char *experts = strstr(shape->name, mark);
  if (!experts) list_name(context, shape->name, shape->n_rows, shape->n_cols);
  for (int e = 0; experts && e < N_EXPERTS; e++) {
    char name[256];
    snprintf(name, sizeof name, "%.*s%s%d.%s", (int)(experts - shape->name), shape->name, mark, e,
             experts + strlen(mark));
    list_name(context, name, shape->n_rows / N_EXPERTS, shape->n_cols);
  }
  return true;
}

static listing list_tensors(const char *file) {
  size_t size;
  listing l = {0};
  bl_architecture architecture;
  uint8_t *text = golden_read("budget", file, &size);
  cJSON *json = cJSON_ParseWithLength((const char *)text, size);
  CHECK_OK(bl_architecture_read(file, json, &architecture, error));
  CHECK(bl_architecture_each(&architecture, list_tensor, &l));
  cJSON_Delete(json);
  free(text);
  return l;
}

static void names_shapes_and_bytes_of_published_models_are_those_of_transformers(void) {
  size_t size;
  char *lines = (char *)golden_read("budget", "models.txt", &size), *line = lines;
  int n_models = 0;
  for (int taken; *line; line += taken, n_models++) {
    char name[64], file[96];
    long long n_params, n_tensors;
    unsigned long long checksum, bytes[3];
    static const char *const recipes[] = {"reference", "affine:8:64", "affine:4:64"};
    if (sscanf(line, "%63s %lld %lld %llx %llu %llu %llu\n%n", name, &n_params, &n_tensors,
               &checksum, &bytes[0], &bytes[1], &bytes[2], &taken) != 7)
      break;
    snprintf(file, sizeof file, "%s.config.json", name);
    listing l = list_tensors(file);
    CHECK_MSG(l.n_tensors == n_tensors && l.n_params == n_params,
              "%s has %lld tensors and %lld weights, expected %lld and %lld", name,
              (long long)l.n_tensors, (long long)l.n_params, n_tensors, n_params);
    CHECK_MSG(l.checksum == checksum, "names or shapes of %s differ", name);
    for (int i = 0; i < 3; i++) {
      bl_budget_options options = with_recipe(recipes[i]);
      bl_budget b;
      options.dtype = BL_BF16;
      CHECK_OK(budget_of("budget", file, &options, &b, error));
      CHECK(b.n_params == n_params);
      CHECK(b.n_embedding + b.n_output + b.n_attention + b.n_ffn + b.n_other == n_params);
      CHECK_MSG(b.weight_bytes == bytes[i], "%s %s takes %llu bytes, expected %llu", name,
                recipes[i], (unsigned long long)b.weight_bytes, bytes[i]);
      CHECK(b.bits_per_weight == 8.0 * (double)bytes[i] / (double)n_params);
    }
  }
  CHECK_MSG(n_models == 23, "%d models", n_models);
  free(lines);
}

static void parameters_are_counted_by_what_they_are_for(void) {
  bl_budget b;
  CHECK_OK(budget_of("budget", "Llama-2-7B.config.json", &(bl_budget_options){0}, &b, error));
  CHECK(b.n_embedding == 32000LL * 4096 && b.n_output == 32000LL * 4096);
  CHECK(b.n_attention == 32LL * 4 * 4096 * 4096 && b.n_ffn == 32LL * 3 * 4096 * 11008);
  CHECK(b.n_other == 65LL * 4096);
  CHECK(strcmp(b.architecture, "llama") == 0);
  CHECK_OK(budget_of("budget", "gpt2.config.json", &(bl_budget_options){0}, &b, error));
  CHECK(b.n_embedding == (50257LL + 1024) * 768 && b.n_output == 0);
  CHECK_OK(budget_of("budget", "Mixtral-8x7B.config.json", &(bl_budget_options){0}, &b, error));
  CHECK(b.n_ffn == 32LL * (8LL * 3 * 4096 * 14336 + 8 * 4096));
}

static void the_cache_has_a_key_and_a_value_for_each_token_head_and_layer(void) {
  bl_budget b;
  bl_budget_options options = {0};
  CHECK_OK(budget_of("budget", "Llama-2-7B.config.json", &options, &b, error));
  CHECK(b.kv_bytes == 2ull << 30); /* f16, 4096 tokens */
  options.n_context = 131072;
  CHECK_OK(budget_of("budget", "Llama-3.1-8B.config.json", &options, &b, error));
  CHECK(b.kv_bytes == 16ull << 30);
  options.kv_dtype = BL_F32;
  CHECK_OK(budget_of("budget", "Llama-3.1-8B.config.json", &options, &b, error));
  CHECK(b.kv_bytes == 32ull << 30);
  options = (bl_budget_options){0};
  CHECK_OK(budget_of("budget", "gpt2.config.json", &options, &b, error));
  CHECK(b.kv_bytes == 2 * 12 * 768 * 1024 * 2); /* its context is shorter than 4096 */
  CHECK_OK(budget_of("budget", "bert-base.config.json", &options, &b, error));
  CHECK(b.kv_bytes == 0 && b.activation_bytes > 0);
}

static void a_window_or_a_scaling_that_bitloss_cannot_run_is_counted_all_the_same(void) {
  static const char config[] =
      "{\"model_type\": \"qwen3\", \"hidden_size\": 64, \"num_hidden_layers\": 2, "
      "\"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"head_dim\": 32, "
      "\"intermediate_size\": 128, \"vocab_size\": 320, \"max_position_embeddings\": 512, "
      "\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4}, \"use_sliding_window\": true, "
      "\"sliding_window\": 64, \"hidden_act\": \"gelu\"}";
  bl_budget b;
  CHECK_OK(bl_budget_from_config(config, strlen(config), &(bl_budget_options){0}, &b, error));
  CHECK(b.n_params ==
        2 * 320 * 64 + 64 + 2 * (2 * 128 * 64 + 2 * 64 * 64 + 2 * 32 + 3 * 128 * 64 + 2 * 64));
}

/* ---- loaded models -------------------------------------------------------------------------- */

typedef struct model_folder {
  const char *folder, *files[3];
} model_folder;

static const model_folder folders[] = {
    {"tiny_llama", {"model.safetensors"}},
    {"tiny_llama3", {"model.safetensors"}},
    {"tiny_llama_bias", {"model.safetensors"}},
    {"tiny_llama_bnb", {"model.safetensors"}},
    {"tiny_llama_bnb_double", {"model.safetensors"}},
    {"tiny_llama_mlx4", {"model.safetensors"}},
    {"tiny_llama_sharded",
     {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}},
    {"tiny_llama_torchao_int4", {"model.safetensors"}},
    {"tiny_llama_torchao_int8", {"model.safetensors"}},
    {"tiny_qwen2", {"model.safetensors"}},
    {"tiny_qwen3", {"model.safetensors"}},
    {"../../examples/tinyworld/models/0.5M", {"model.safetensors"}},
    {"../../examples/tinyworld/models/2M", {"model.safetensors"}},
};
enum { N_FOLDERS = sizeof folders / sizeof *folders };

/* The type of the floats that a model was read from: some of these configs tell another. */
static bl_dtype stored_dtype(const bl_model *model) {
  bl_tensor_info last = {0};
  bl_dtype dtype = BL_DTYPE_NONE;
  bl_model_info info;
  bl_model_get_info(model, &info);
  for (int i = 0; i < info.n_tensors; i++) {
    CHECK_OK(bl_model_get_tensor(model, i, &last, error));
    if (strcmp(last.name, "model.norm.weight") == 0)
      CHECK(bl_dtype_parse(last.source_format, &dtype));
  }
  return dtype;
}

static void compare(const model_folder *f, const char *recipe) {
  bl_load_options load = {0};
  bl_model *model = NULL;
  bl_model_info info = {0};
  bl_budget b = {0};
  CHECK_OK(bl_recipe_parse(recipe, &load.recipe, error));
  CHECK_OK(golden_load_files(f->folder, f->files, &load, 0, &model, error));
  if (!model) return;
  bl_budget_options options = {.recipe = load.recipe, .dtype = stored_dtype(model)};
  CHECK_OK(budget_of(f->folder, "config.json", &options, &b, error));
  bl_model_get_info(model, &info);
  CHECK_MSG(b.n_params == info.n_params && b.weight_bytes == info.size_bytes,
            "%s as %s: %lld weights in %llu bytes, loaded %lld in %llu", f->folder, recipe,
            (long long)b.n_params, (unsigned long long)b.weight_bytes, (long long)info.n_params,
            (unsigned long long)info.size_bytes);
  CHECK(b.bits_per_weight == info.bits_per_weight);
  bl_model_free(model);
}

static void the_bytes_of_every_format_and_mixture_are_those_of_the_loaded_model(void) {
  for (int f = 0; f < N_FOLDERS - 1; f++) {
    compare(&folders[f], "reference");
    for (int i = 0; i < bl_recipe_kind_count(); i++) {
      bl_recipe_kind kind;
      bl_recipe_kind_get(i, &kind);
      compare(&folders[f], kind.name);
    }
  }
}

static void the_bytes_of_rules_and_settings_are_those_of_the_loaded_model(void) {
  static const char *const recipes[] = {
      "affine:3:32",
      "affine:6:128",
      "affine:4:64/embed_tokens=reference/v_proj=affine:8:32",
      "q4_k_m/layers.0=bf16",
      "reference/down_proj=nf4/layers.1=q8_0",
      "q8_0@int8",
  };
  for (int f = 0; f < N_FOLDERS; f++)
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) compare(&folders[f], recipes[i]);
}

/* In the files of both, one matrix that the config says nothing of is bfloat16 all the same. */
static void matrices_of_several_modes_are_counted_as_the_config_says(void) {
  static const struct {
    const char *folder;
    int n_plain, n_quantized; /* bytes of that matrix */
  } rows[] = {{"tiny_llama_mlx_fp", 128 * 128 * 2, 128 * 128 / 32 * 17},
              {"tiny_llama_mlx_mixed", 64 * 128 * 2, 64 * 128 / 64 * 36}};
  for (int i = 0; i < 2; i++) {
    bl_model *model = NULL;
    bl_model_info info;
    bl_budget b;
    bl_budget_options options = {.dtype = BL_BF16};
    CHECK_OK(golden_load(rows[i].folder, "reference", &model, error));
    bl_model_get_info(model, &info);
    CHECK_OK(budget_of(rows[i].folder, "config.json", &options, &b, error));
    CHECK(b.weight_bytes == info.size_bytes - (uint64_t)(rows[i].n_plain - rows[i].n_quantized));
    bl_model_free(model);
  }
}

static uint64_t cache_bytes(const bl_model_info *info, int n_context) {
  uint64_t heads = (uint64_t)info->n_layers * (uint64_t)info->n_kv_heads;
  uint64_t keys = heads * (uint64_t)n_context * (uint64_t)info->head_dim * 4;
  uint64_t values =
      heads * (uint64_t)info->head_dim * (uint64_t)((n_context + 15) / 16 * 16 + 16) * 4;
  return (keys + 63) / 64 * 64 + (values + 63) / 64 * 64;
}

static void the_work_space_is_that_of_a_session_beside_its_cache(void) {
  static const struct {
    const char *recipe;
    int n_context, n_batch;
  } rows[] = {{"reference", 512, 64},  {"reference", 17, 5},   {"reference", 1, 1},
              {"affine:4:64", 100, 3}, {"q8_0@int8", 200, 64}, {"q4_0@int8", 333, 128}};
  for (int f = 0; f < N_FOLDERS; f++) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
      bl_load_options load = {0};
      bl_model *model = NULL;
      bl_budget b = {0};
      CHECK_OK(bl_recipe_parse(rows[i].recipe, &load.recipe, error));
      CHECK_OK(golden_load_files(folders[f].folder, folders[f].files, &load, 0, &model, error));
      if (!model) return;
      bl_session_options session_options = {.n_context = rows[i].n_context,
                                            .n_batch = rows[i].n_batch};
      bl_session *session = bl_session_new(model, &session_options, NULL);
      bl_budget_options options = {
          .recipe = load.recipe, .n_context = rows[i].n_context, .n_batch = rows[i].n_batch};
      CHECK_OK(budget_of(folders[f].folder, "config.json", &options, &b, error));
      bl_model_info info;
      bl_model_get_info(model, &info);
      uint64_t expected = bl_session_memory(session) - cache_bytes(&info, rows[i].n_context);
      CHECK_MSG(b.activation_bytes == expected, "%s %s: %llu bytes, a session has %llu",
                folders[f].folder, rows[i].recipe, (unsigned long long)b.activation_bytes,
                (unsigned long long)expected);
      bl_session_free(session);
      bl_model_free(model);
    }
  }
}

/* ---- sizes in words ------------------------------------------------------------------------- */

static bl_budget budget_of_size(const char *size) {
  char config[1024];
  bl_budget b = {0};
  CHECK_OK(bl_budget_config(size, config, sizeof config, error));
  CHECK_OK(bl_budget_from_config(config, strlen(config), &(bl_budget_options){0}, &b, error));
  return b;
}

/* The numbers are those on the models' pages, or of models.txt. */
static void a_published_size_is_the_published_model(void) {
  static const struct {
    const char *size;
    int64_t n_params;
  } rows[] = {
      {"135M", 134515008},   {"360m", 361821120},     {"0.5B", 494032768},
      {"0.6B", 596049920},   {"1B", 1235814400},      {"1.1B", 1100048384},
      {"1.5b", 1543714304},  {"1.7B", 1720574976},    {"3B", 3212749824},
      {"4B", 4022468096},    {"7B", 6738415616},      {"8B", 8030261248},
      {"13B", 13015864320},  {"14B", 14768307200},    {"32B", 32762123264},
      {"70B", 70553706496},  {"72B", 72706203648},    {"405B", 405853388800},
      {"8x7b", 46702792704}, {"8x22B", 140620634112}, {"llama-2-7b", 6738415616},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    bl_budget b = budget_of_size(rows[i].size);
    CHECK_MSG(b.n_params == rows[i].n_params, "%s has %lld parameters, expected %lld", rows[i].size,
              (long long)b.n_params, (long long)rows[i].n_params);
  }
}

static void any_other_size_is_met_within_two_per_cent(void) {
  for (double n = 1e6; n <= 1e13; n *= 1.037) {
    char size[32];
    snprintf(size, sizeof size, "%.0f", n);
    bl_budget b = budget_of_size(size);
    CHECK_MSG(fabs((double)b.n_params / n - 1) < 0.02, "%s gave %lld parameters", size,
              (long long)b.n_params);
  }
  CHECK(fabs((double)budget_of_size("6.5B").n_params / 6.5e9 - 1) < 0.02);
  CHECK(fabs((double)budget_of_size("250m").n_params / 2.5e8 - 1) < 0.02);
  CHECK(fabs((double)budget_of_size("1.2T").n_params / 1.2e12 - 1) < 0.02);
}

/* The lesson's 7B: 14 GB at fp16, and a half and a quarter of it and a little, for the scales. */
static void seven_billion_weights_are_the_lessons_gigabytes(void) {
  char config[1024];
  static const struct {
    const char *recipe;
    double gb;
  } rows[] = {{"f16", 13.48}, {"affine:8:64", 7.16}, {"affine:4:64", 3.79}};
  CHECK_OK(bl_budget_config("7B", config, sizeof config, error));
  for (int i = 0; i < 3; i++) {
    bl_budget_options options = with_recipe(rows[i].recipe);
    bl_budget b;
    CHECK_OK(bl_budget_from_config(config, strlen(config), &options, &b, error));
    CHECK(fabs((double)b.weight_bytes / 1e9 - rows[i].gb) < 0.005);
  }
}

/* ---- bad input ------------------------------------------------------------------------------ */

static bool fails_size(const char *size, const char *sentence) {
  char config[1024];
  bl_error error = {0};
  return bl_budget_config(size, config, sizeof config, &error) == BL_ERR_ARGUMENT &&
         strstr(error.message, sentence);
}

static void a_word_that_is_no_size_is_refused(void) {
  static const char *const words[] = {"",    "B",    "x",      "7BB", "-7B",  "7 B", "1e9", ".5B",
                                      "inf", "0x7B", "1.2.3B", "7Q",  "7\"B", "0B",  "nan"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    CHECK_MSG(fails_size(words[i], "is not a size, expected a number of parameters"), "%s",
              words[i]);
  CHECK(fails_size("999K", "expected 1M to 10T"));
  CHECK(fails_size("11T", "expected 1M to 10T"));
  CHECK(fails_size("999999999999999999999999", "expected 1M to 10T"));
  char small[16];
  bl_error error = {0};
  CHECK(bl_budget_config("7B", small, sizeof small, &error) == BL_ERR_ARGUMENT);
}

static bool fails(const char *config, const bl_budget_options *options, const char *sentence) {
  bl_error error = {0};
  bl_budget b = {.n_params = -7};
  bl_code code = bl_budget_from_config(config, strlen(config), options, &b, &error);
  bool as_expected = code != BL_OK && b.n_params == -7 && strstr(error.message, sentence);
  if (!as_expected) printf("    '%s'\n", error.message);
  return as_expected;
}

#define GPT2 "\"model_type\": \"gpt2\", \"n_embd\": 64, \"n_layer\": 2, \"n_positions\": 128"

static void a_bad_config_is_one_sentence(void) {
  const bl_budget_options none = {0};
  CHECK(fails("", &none, "config.json"));
  CHECK(fails("[]", &none, "config.json: the text is not a JSON object"));
  CHECK(fails("{}", &none, "field 'model_type' is missing"));
  CHECK(fails("{\"model_type\": 7}", &none, "field 'model_type'"));
  CHECK(fails(
      "{\"model_type\": \"t5\"}", &none,
      "field 'model_type' is 't5', expected llama, mistral, mixtral, qwen2, qwen3, qwen3_moe, "
      "exaone, "
      "gemma2, gemma3_text, phi3, granite, smollm3, olmo2, gpt2, bert, distilbert or roberta"));
  CHECK(fails("{\"model_type\": \"llama\"}", &none, "field 'hidden_size' is missing"));
  CHECK(fails("{" GPT2 "}", &none, "field 'n_head' is missing"));
  CHECK(fails("{" GPT2 ", \"n_head\": 0}", &none, "field 'n_head'"));
  CHECK(fails("{" GPT2 ", \"n_head\": 1e30}", &none, "field 'n_head'"));
  CHECK(fails("{" GPT2 ", \"n_head\": 5, \"vocab_size\": 9}", &none,
              "field 'n_embd' is 64, expected a multiple of n_head (5)"));
  CHECK(fails("{" GPT2 ", \"n_head\": 4, \"vocab_size\": 9, "
              "\"architectures\": [\"GPT2ForSequenceClassification\"]}",
              &none, "expected GPT2LMHeadModel or GPT2Model"));
  CHECK(fails("{" GPT2 ", \"n_head\": 4, \"vocab_size\": 9, \"architectures\": 7}", &none,
              "field 'architectures'"));
  CHECK(fails("{" GPT2 ", \"n_head\": 4, \"vocab_size\": 9, \"torch_dtype\": \"int8\"}", &none,
              "field 'torch_dtype' is 'int8', expected float32, float16 or bfloat16"));
}

static void a_model_too_large_to_be_counted_is_refused(void) {
  CHECK(
      fails("{\"model_type\": \"mixtral\", \"hidden_size\": 1048576, \"num_hidden_layers\": 4096, "
            "\"num_attention_heads\": 1024, \"num_key_value_heads\": 1024, \"vocab_size\": 9, "
            "\"head_dim\": 1024, \"intermediate_size\": 16777216, \"num_local_experts\": 256, "
            "\"max_position_embeddings\": 268435456}",
            &(bl_budget_options){0}, "more than 10^17 parameters"));
}

static void options_out_of_range_are_refused(void) {
  const char *config = "{" GPT2 ", \"n_head\": 4, \"vocab_size\": 9}";
  bl_budget_options options = {.n_context = 129};
  CHECK(fails(config, &options, "the context is 129 tokens, expected 1 to 128"));
  options.n_context = -1;
  CHECK(fails(config, &options, "the context is -1 tokens"));
  options = (bl_budget_options){.n_batch = -1};
  CHECK(fails(config, &options, "the batch is -1 tokens"));
  options = with_recipe("affine:4:64/q_proj=bf16");
  CHECK(fails(config, &options, "pattern 'q_proj' matches no matrix of this model"));
  options = with_recipe("affine:4:64/attn.c_attn=bf16");
  bl_budget b;
  CHECK_OK(bl_budget_from_config(config, strlen(config), &options, &b, error));
}

int main(void) {
  RUN(names_shapes_and_bytes_of_published_models_are_those_of_transformers);
  RUN(parameters_are_counted_by_what_they_are_for);
  RUN(the_cache_has_a_key_and_a_value_for_each_token_head_and_layer);
  RUN(a_window_or_a_scaling_that_bitloss_cannot_run_is_counted_all_the_same);
  RUN(the_bytes_of_every_format_and_mixture_are_those_of_the_loaded_model);
  RUN(the_bytes_of_rules_and_settings_are_those_of_the_loaded_model);
  RUN(matrices_of_several_modes_are_counted_as_the_config_says);
  RUN(the_work_space_is_that_of_a_session_beside_its_cache);
  RUN(a_published_size_is_the_published_model);
  RUN(any_other_size_is_met_within_two_per_cent);
  RUN(seven_billion_weights_are_the_lessons_gigabytes);
  RUN(a_word_that_is_no_size_is_refused);
  RUN(a_bad_config_is_one_sentence);
  RUN(a_model_too_large_to_be_counted_is_refused);
  RUN(options_out_of_range_are_refused);
  return check_result();
}
