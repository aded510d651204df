/* The core under an allocator that fails at the n-th call, for every n: each piece of work either
 * does what it does otherwise or returns BL_ERR_MEMORY with a sentence, and gives back all that it
 * took. The linker puts the allocator before the library's (CMakeLists.txt); where it can't, as in
 * wasm, the tests are left out. */
#include <cJSON.h>

#include "bitloss.h"
#include "check.h"
#include "model/model.h"
#include "model_files.h"

#if defined(BL_WRAPS_MALLOC)

/* ---- the allocator ------------------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);

static int64_t n_calls, failing, n_live; /* failing: which call; 0: none */

static bool fails(void) {
  return ++n_calls == failing;
}

static void *count(void *block) {
  n_live += block != NULL;
  return block;
}

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

void *__wrap_malloc(size_t size) {
  return fails() ? NULL : count(__real_malloc(size));
}
void *__wrap_calloc(size_t n, size_t size) {
  return fails() ? NULL : count(__real_calloc(n, size));
}
void *__wrap_realloc(void *block, size_t size) {
  if (fails()) return NULL;
  void *grown = __real_realloc(block, size);
  return block ? grown : count(grown);
}
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : count(__real_aligned_alloc(alignment, size));
}
void __wrap_free(void *block) {
  n_live -= block != NULL;
  __real_free(block);
}

/* ---- work ---------------------------------------------------------------------------------- */

/* A model's files, read before anything fails. */
typedef struct material {
  const char *folder, *weights;
  char *texts[3];
  size_t sizes[3];
  uint8_t *bytes;
  size_t size;
} material;

static const char *const text_names[] = {"config.json", "tokenizer.json", "generation_config.json"};

static material read_material(const char *folder, const char *weights) {
  material m = {.folder = folder, .weights = weights};
  for (int i = 0; i < 3; i++)
    if (golden_exists(folder, text_names[i]))
      m.texts[i] = (char *)golden_read(folder, text_names[i], &m.sizes[i]);
  m.bytes = golden_read(folder, weights, &m.size);
  return m;
}

static void free_material(material *m) {
  for (int i = 0; i < 3; i++) free(m->texts[i]);
  free(m->bytes);
}

static bl_code load(const material *m, const char *recipe, bl_model **model, bl_error *error) {
  bl_load_options options = {.measure = true};
  bl_code code = bl_recipe_parse(recipe, &options.recipe, error);
  bl_loader *loader = code == BL_OK ? bl_loader_new(&options, error) : NULL;
  if (!loader) return error->code;
  for (int i = 0; code == BL_OK && i < 3; i++)
    if (m->texts[i])
      code = bl_loader_add_text(loader, text_names[i], m->texts[i], m->sizes[i], error);
  if (code == BL_OK) code = golden_push(loader, m->weights, m->bytes, m->size, 50000, error);
  if (code == BL_OK) code = bl_loader_finish(loader, model, error);
  bl_loader_free(loader);
  return code;
}

/* A sum of what was made, by which two runs are compared. */
static void add(uint64_t *sum, const void *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) *sum = (*sum ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
}

static bool take(void *sum, const void *bytes, size_t n) {
  add(sum, bytes, n);
  return true;
}

static bl_code export_files(bl_export *ex, uint64_t *sum, bl_error *error) {
  bl_code code = ex ? BL_OK : error->code;
  for (int i = 0; code == BL_OK && i < bl_export_n_files(ex); i++) {
    const char *name = bl_export_file_name(ex, i);
    add(sum, name, strlen(name));
    code = bl_export_write(ex, i, take, sum, error);
  }
  bl_export_free(ex);
  return code;
}

typedef bl_export *(*make_export)(const bl_model *model, bl_error *error);

static bl_code convert(const material *m, const char *recipe, make_export make, uint64_t *sum,
                       bl_error *error) {
  bl_model *model = NULL;
  bl_code code = load(m, recipe, &model, error);
  if (code == BL_OK) code = export_files(make(model, error), sum, error);
  bl_model_free(model);
  return code;
}

static bl_code to_mlx(const material *m, uint64_t *sum, bl_error *error) {
  return convert(m, "mixed_3_6:32", bl_export_mlx_new, sum, error);
}
static bl_code to_gguf(const material *m, uint64_t *sum, bl_error *error) {
  return convert(m, "q8_0", bl_export_gguf_new, sum, error);
}
static bl_code to_torch(const material *m, uint64_t *sum, bl_error *error) {
  return convert(m, "int8/v_proj=bf16/embed_tokens=reference", bl_export_torch_new, sum, error);
}

static bl_code to_floats(const material *m, uint64_t *sum, bl_error *error) {
  return convert(m, "bf16", bl_export_torch_new, sum, error);
}

static bl_code write_text(const bl_model *model, uint64_t *sum, bl_error *error) {
  const bl_session_options options = {.n_context = 16};
  bl_session *session = bl_session_new(model, &options, error);
  bl_generation *generation =
      session ? bl_generation_new(session, "The sea", 7, &(bl_sampling){.temperature = 1}, 3, error)
              : NULL;
  bl_code code = generation ? BL_OK : error->code;
  bl_step step = {.kind = BL_STEP_PROMPT};
  while (code == BL_OK && step.kind != BL_STEP_DONE) {
    code = bl_generation_step(generation, &step, error);
    if (code == BL_OK) add(sum, &step.id, sizeof step.id);
    if (code == BL_OK) add(sum, step.text, step.text_size);
  }
  bl_generation_free(generation);
  bl_session_free(session);
  return code;
}

static bl_code look_into_layers(const bl_model *model, const bl_model *variant, const int32_t *ids,
                                size_t n_ids, uint64_t *sum, bl_error *error) {
  int64_t done = 0, total = 1;
  bl_layers *layers = bl_layers_new(model, variant, ids, n_ids, NULL, error);
  bl_code code = layers ? BL_OK : error->code;
  while (code == BL_OK && done < total) code = bl_layers_step(layers, &done, &total, error);
  int n = 0;
  const bl_layer_figures *figures = layers ? bl_layers_get(layers, &n) : NULL;
  for (int i = 0; i < n; i++) add(sum, &figures[i].kl, sizeof figures[i].kl);
  bl_layers_free(layers);
  return code;
}

/* Runs a text through a model and a variant of it. */
static bl_code measure(const bl_model *model, uint64_t *sum, bl_error *error) {
  static const int32_t ids[] = {5, 6, 7, 8, 9, 10, 11, 12};
  bl_load_options options = {0};
  bl_model *variant = NULL;
  bl_token_score scores[8];
  bl_code code = bl_recipe_parse("affine:4:32", &options.recipe, error);
  if (code == BL_OK) code = bl_model_variant(model, &options, NULL, NULL, &variant, error);
  const bl_model *models[] = {variant};
  const bl_text_options text = {.n_context = 8};
  if (code == BL_OK) code = bl_text_run(model, models, 1, ids, 8, &text, NULL, NULL, scores, error);
  if (code == BL_OK) add(sum, &scores[0].kl, sizeof scores[0].kl);
  if (code == BL_OK) code = look_into_layers(model, variant, ids, 8, sum, error);
  bl_model_free(variant);
  return code;
}

static bl_code run_and_measure(const material *m, uint64_t *sum, bl_error *error) {
  bl_model *model = NULL;
  bl_code code = load(m, "reference", &model, error);
  if (code == BL_OK) code = write_text(model, sum, error);
  if (code == BL_OK) code = measure(model, sum, error);
  bl_model_free(model);
  return code;
}

static bl_code learn(const bl_model *model, bl_model *variant, bl_error *error) {
  static const int32_t ids[] = {5, 6, 7, 8, 9, 10, 11, 12};
  static const size_t ends[] = {3, 6, 8};
  const bl_learn_options options = {
      .text = {.ids = ids, .n_ids = 8, .ends = ends, .n_documents = 3, .n_context = 8},
      .n_steps = 2,
      .n_tokens = 16,
      .rate = 0.1};
  bl_learn_report report;
  return bl_learn(variant, model, BL_DTYPE_NONE, &options, NULL, NULL, &report, error);
}

static bl_code make_and_learn(const material *m, uint64_t *sum, bl_error *error) {
  bl_load_options options = {.learns = true};
  bl_model *model = NULL, *variant = NULL;
  bl_code code = bl_recipe_parse("affine:4:32+distill", &options.recipe, error);
  if (code == BL_OK) code = load(m, "reference", &model, error);
  if (code == BL_OK) code = bl_model_variant(model, &options, NULL, NULL, &variant, error);
  if (code == BL_OK) code = learn(model, variant, error);
  bl_export *ex = code == BL_OK ? bl_export_mlx_new(variant, error) : NULL;
  if (code == BL_OK) code = ex ? export_files(ex, sum, error) : error->code;
  bl_model_free(variant);
  bl_model_free(model);
  return code;
}

static bl_code read_tokenizer(const material *m, uint64_t *sum, bl_error *error) {
  static const char text[] = "The old boat, é 12";
  bl_tokenizer *tokenizer = NULL;
  int32_t ids[64];
  size_t n = 0;
  bl_code code =
      bl_tokenizer_from_json(m->texts[1], m->sizes[1], NULL, 0, NULL, 0, &tokenizer, error);
  if (code == BL_OK)
    code = bl_tokenizer_encode(tokenizer, text, sizeof text - 1, true, ids, 64, &n, error);
  if (code == BL_OK) add(sum, ids, n * sizeof *ids);
  bl_tokenizer_free(tokenizer);
  return code;
}

/* Encodes a text, where there is a tokenizer, and frees it. */
static bl_code use_tokenizer(bl_code code, bl_tokenizer *tokenizer, uint64_t *sum,
                             bl_error *error) {
  static const char text[] = "The  old boat's <s> caf\xc3\xa9 \xea\xb0\x95 12";
  int32_t ids[256];
  size_t n = 0;
  if (code == BL_OK)
    code = bl_tokenizer_encode(tokenizer, text, sizeof text - 1, true, ids, 256, &n, error);
  if (code == BL_OK) add(sum, ids, n * sizeof *ids);
  bl_tokenizer_free(tokenizer);
  return code;
}

static bl_code read_json(const material *m, uint64_t *sum, bl_error *error) {
  bl_tokenizer *t = NULL;
  bl_code code =
      bl_tokenizer_from_json((const char *)m->bytes, m->size, NULL, 0, NULL, 0, &t, error);
  return use_tokenizer(code, t, sum, error);
}

static bl_code read_older(const material *m, uint64_t *sum, bl_error *error) {
  bl_vocab_file file = {(const char *)m->bytes, m->size};
  bool is_words = strcmp(m->weights, "vocab.txt") == 0;
  bl_vocab_files files = {.words = is_words ? file : (bl_vocab_file){0},
                          .pieces = is_words ? (bl_vocab_file){0} : file};
  char *text = NULL;
  size_t size = 0;
  bl_tokenizer *t = NULL;
  bl_code code = bl_tokenizer_json_from_vocab(&files, &text, &size, error);
  if (code == BL_OK) code = bl_tokenizer_from_json(text, size, NULL, 0, NULL, 0, &t, error);
  free(text);
  return use_tokenizer(code, t, sum, error);
}

static bl_code read_gguf(const material *m, uint64_t *sum, bl_error *error) {
  bl_index *index = NULL;
  uint64_t n_needed;
  bl_tokenizer *t = NULL;
  bl_code code = bl_index_parse(m->weights, m->bytes, m->size, m->size, &index, &n_needed, error);
  if (code == BL_OK) code = bl_tokenizer_from_gguf(index, &t, error);
  bl_index_free(index);
  return use_tokenizer(code, t, sum, error);
}

static bl_code render_chat(const material *m, uint64_t *sum, bl_error *error) {
  static const char source[] =
      "{% macro f(x) %}[{{ x }}]{% endmacro %}{% for m in messages %}{{ "
      "f(m.content.split(',')|join) "
      "}}{{ m|tojson(indent=2) }}{% endfor %}{{ 'x' * 70000 }}";
  static const char variables[] = "{\"messages\": [{\"role\": \"user\", \"content\": \"a,b\"}]}";
  char *text = NULL;
  size_t size = 0;
  (void)m;
  bl_code code = bl_chat_render(source, sizeof source - 1, variables, sizeof variables - 1, NULL,
                                &text, &size, error);
  if (code == BL_OK) add(sum, text, size);
  free(text);
  return code;
}

/* A text is read, and activations are rounded by what was seen. */
static bl_code calibrate(const material *m, uint64_t *sum, bl_error *error) {
  static const int32_t ids[] = {5, 6, 7, 8, 9, 10, 11, 12};
  const bl_calibration text = {.ids = ids, .n_ids = 8};
  bl_model *model = NULL, *variant = NULL;
  bl_statistics *statistics = NULL;
  bl_load_options options = {0};
  bl_code code = load(m, "reference", &model, error);
  if (code == BL_OK) code = bl_recipe_parse("int8@static", &options.recipe, error);
  if (code == BL_OK)
    code = bl_calibrate(model, BL_NEEDS_HESSIAN | BL_NEEDS_RANGES, &text, NULL, NULL, &statistics,
                        error);
  options.statistics = statistics;
  if (code == BL_OK) code = bl_model_variant(model, &options, NULL, NULL, &variant, error);
  for (int i = 0; code == BL_OK && i < variant->n_weights; i++)
    add(sum, &variant->weights[i].tensor.input_scale, sizeof(float));
  bl_statistics_free(statistics);
  bl_model_free(variant);
  bl_model_free(model);
  return code;
}

/* ---- the tests ----------------------------------------------------------------------------- */

/* Does the work with each of its allocations failing. Under emulation and sanitizers that takes
 * long, so of many no more than 400 are tried, spread over them. */
static void starve(const char *folder, const char *weights,
                   bl_code (*work)(const material *, uint64_t *, bl_error *)) {
  material m = read_material(folder, weights);
  bl_error error = {0};
  uint64_t good = 1, sum;
  n_calls = 0;
  CHECK_MSG(work(&m, &good, &error) == BL_OK, "%s: %s", folder, error.message);
  const int64_t n_all = n_calls, step = n_all / 400 + 1, live = n_live;
  for (int64_t n = 1; n <= n_all; n += step) {
    error = (bl_error){0};
    sum = 1;
    n_calls = 0;
    failing = n;
    bl_code code = work(&m, &sum, &error);
    failing = 0;
    CHECK_MSG(n_live == live, "%s, allocation %lld: %lld are not given back", folder, (long long)n,
              (long long)(n_live - live));
    CHECK_MSG(code == BL_OK ? sum == good : code == BL_ERR_MEMORY && error.code == BL_ERR_MEMORY,
              "%s, allocation %lld of %lld: code %d, %s", folder, (long long)n, (long long)n_all,
              (int)code, code == BL_OK ? "something is missing" : error.message);
    CHECK_MSG(code == BL_OK || strstr(error.message, "out of memory"), "%s", error.message);
  }
  free_material(&m);
}

static void an_mlx_directory_is_written_whole_or_not(void) {
  starve("tiny_llama3", "model.safetensors", to_mlx);
  starve("tiny_gguf", "tiny_llama_bias.gguf", to_mlx);
}
static void a_gguf_file_is_written_whole_or_not(void) {
  starve("tiny_llama3", "model.safetensors", to_gguf);
}
static void a_checkpoint_for_torch_is_written_whole_or_not(void) {
  starve("tiny_llama3", "model.safetensors", to_torch);
  starve("tiny_gpt2", "model.safetensors", to_floats);
  starve("tiny_llama_bnb_double", "model.safetensors", to_torch);
}
static void a_model_runs_and_is_measured_or_says_why_not(void) {
  starve("tiny_llama3", "model.safetensors", run_and_measure);
  starve("tiny_gpt2", "model.safetensors", run_and_measure);
}
static void a_model_learns_or_says_why_not(void) {
  starve("tiny_llama3", "model.safetensors", make_and_learn);
}
static void a_model_is_calibrated_or_says_why_not(void) {
  starve("tiny_llama3", "model.safetensors", calibrate);
  starve("tiny_distilbert", "model.safetensors", calibrate);
}
static void a_tokenizer_is_read_whole_or_not(void) {
  starve("tiny_llama3", "model.safetensors", read_tokenizer);
  starve("text", "albert.json", read_json);
  starve("vocab/bert", "vocab.txt", read_older);
  starve("vocab/spm", "tokenizer.model", read_older);
  starve("text", "t5_gguf.gguf", read_gguf);
}
static void a_chat_template_is_rendered_whole_or_not(void) {
  starve("tiny_llama3", "model.safetensors", render_chat);
}

int main(void) {
  /* cJSON may be a library of the system's, whose calls the linker does not turn. */
  cJSON_InitHooks(&(cJSON_Hooks){__wrap_malloc, __wrap_free});
  RUN(an_mlx_directory_is_written_whole_or_not);
  RUN(a_gguf_file_is_written_whole_or_not);
  RUN(a_checkpoint_for_torch_is_written_whole_or_not);
  RUN(a_model_runs_and_is_measured_or_says_why_not);
  RUN(a_model_learns_or_says_why_not);
  RUN(a_model_is_calibrated_or_says_why_not);
  RUN(a_tokenizer_is_read_whole_or_not);
  RUN(a_chat_template_is_rendered_whole_or_not);
  return check_result();
}

#else

int main(void) {
  printf("skipped: the linker puts no allocator before the library's here\n");
  return 0;
}

#endif
