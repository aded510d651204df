/* MLX directories in the floating-point modes: what is written is what mlx_lm.convert wrote
 * (tests/golden/make_mx_models.py, make_models.py), and what it wrote is read. */
#include "model/model.h"
#include "model_files.h"

/* ---- exported files in memory --------------------------------------------------------------- */

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
  b->data[b->size] = 0;
  return true;
}

/* The file of this name in an MLX export of the model; empty when there is none. */
static bytes exported(const bl_model *model, const char *name) {
  bytes b = {0};
  bl_error found = {0};
  bl_export *ex = bl_export_mlx_new(model, &found);
  CHECK_MSG(ex, "%s", found.message);
  for (int i = 0; ex && i < bl_export_n_files(ex); i++)
    if (strcmp(bl_export_file_name(ex, i), name) == 0)
      CHECK_OK(bl_export_write(ex, i, append, &b, error));
  bl_export_free(ex);
  return b;
}

static bl_code load(const char *folder, const char *recipe, bl_dtype cast, bl_model **model,
                    bl_error *error) {
  const char *files[] = {"model.safetensors", NULL};
  bl_load_options options = {.cast = cast};
  bl_code code = bl_recipe_parse(recipe, &options.recipe, error);
  *model = NULL;
  return code == BL_OK ? golden_load_files(folder, files, &options, 0, model, error) : code;
}

/* ---- hashes of directories ------------------------------------------------------------------ */

static uint64_t fnv1a(uint64_t hash, const void *data, size_t n) {
  const uint8_t *byte = data;
  for (size_t i = 0; i < n; i++) hash = (hash ^ byte[i]) * 0x100000001b3u;
  return hash;
}
static const uint64_t fnv_start = 0xcbf29ce484222325u;

static int compare_names(const void *a, const void *b) {
  return strcmp(((const bl_index_tensor *)a)->name, ((const bl_index_tensor *)b)->name);
}

/* Of all tensors of a safetensors file, as make_mx_models.py has it. */
static uint64_t hash_of_tensors(const bytes *file, int *n_tensors) {
  bl_index *index = NULL;
  uint64_t needed, hash = fnv_start;
  *n_tensors = 0;
  CHECK_OK(bl_index_parse("file", file->data, file->size, file->size, &index, &needed, error));
  if (!index) return 0;
  int n = bl_index_n_tensors(index);
  bl_index_tensor *tensors = calloc((size_t)n + 1, sizeof *tensors);
  if (!tensors) exit(1);
  for (int i = 0; i < n; i++) bl_index_get_tensor(index, i, &tensors[i]);
  qsort(tensors, (size_t)n, sizeof *tensors, compare_names);
  for (int i = 0; i < n; i++) {
    const bl_index_tensor *t = &tensors[i];
    hash = fnv1a(hash, t->name, strlen(t->name) + 1);
    hash = fnv1a(hash, t->type, strlen(t->type) + 1);
    hash = fnv1a(hash, t->dims, (size_t)t->n_dims * sizeof *t->dims);
    hash = fnv1a(hash, file->data + t->offset, (size_t)t->size_bytes);
  }
  free(tensors);
  bl_index_free(index);
  *n_tensors = n;
  return hash;
}

static void every_mode_writes_the_directory_of_mlx_lm_convert(void) {
  FILE *file = fopen(BL_GOLDEN "/mx/models.txt", "r");
  CHECK(file);
  if (!file) return;
  char folder[32], mode[16], type[16];
  int n_lines = 0, n_tensors, total = 0;
  unsigned long long weights, config;
  while (fscanf(file, "%31s %15s %15s %d %llx %llx", folder, mode, type, &n_tensors, &weights,
                &config) == 6) {
    bl_dtype cast = BL_DTYPE_NONE;
    CHECK(bl_dtype_parse(type, &cast) || strcmp(type, "own") == 0);
    bl_model *model;
    CHECK_OK(load(folder, mode, cast, &model, error));
    if (!model) continue;
    bytes tensors = exported(model, "model.safetensors"), text = exported(model, "config.json");
    int n_ours;
    CHECK_MSG(hash_of_tensors(&tensors, &n_ours) == weights && n_ours == n_tensors,
              "%s as %s, type %s: other weights", folder, mode, type);
    CHECK_MSG(fnv1a(fnv_start, text.data, text.size) == config, "%s as %s, type %s: config is %s",
              folder, mode, type, (const char *)text.data);
    total += n_tensors;
    n_lines++;
    free(tensors.data);
    free(text.data);
    bl_model_free(model);
  }
  fclose(file);
  printf("    %d directories, %d tensors\n", n_lines, total);
  CHECK(n_lines == 36);
}

/* ---- modes side by side --------------------------------------------------------------------- */

/* How make_models.py made tiny_llama_mlx_fp. */
static const char mixed_recipe[] =
    "mxfp4/v_proj=mxfp8/down_proj=nvfp4/layers.1.self_attn.q_proj=reference/"
    "embed_tokens=affine:8:64";

/* Does an export of the model have the tensors and the config of tiny_llama_mlx_fp? */
static void check_is_mixed_directory(const bl_model *model) {
  bytes tensors = exported(model, "model.safetensors"), text = exported(model, "config.json");
  bytes their_tensors, their_text;
  their_tensors.data = golden_read("tiny_llama_mlx_fp", "model.safetensors", &their_tensors.size);
  their_text.data = golden_read("tiny_llama_mlx_fp", "config.json", &their_text.size);
  int n_ours, n_theirs;
  CHECK(hash_of_tensors(&tensors, &n_ours) == hash_of_tensors(&their_tensors, &n_theirs));
  CHECK(n_ours == n_theirs);
  CHECK_MSG(text.size == their_text.size && memcmp(text.data, their_text.data, text.size) == 0,
            "config.json is %s", (const char *)text.data);
  free(tensors.data);
  free(text.data);
  free(their_tensors.data);
  free(their_text.data);
}

static void layers_of_different_modes_are_written_as_mlx_lm_does(void) {
  bl_model *model;
  CHECK_OK(load("tiny_llama", mixed_recipe, BL_BF16, &model, error));
  if (model) check_is_mixed_directory(model);
  bl_model_free(model);
}

static void a_directory_of_different_modes_comes_back_as_it_was(void) {
  static const char *const recipes[] = {"reference", mixed_recipe};
  for (int i = 0; i < 2; i++) {
    bl_model *model;
    CHECK_OK(load("tiny_llama_mlx_fp", recipes[i], BL_DTYPE_NONE, &model, error));
    if (!model) continue;
    bl_model_info info;
    bl_model_get_info(model, &info);
    CHECK(strcmp(info.container, "mlx") == 0 && info.already_quantized);
    check_is_mixed_directory(model);
    bl_model_free(model);
  }
}

static void codes_that_are_quantized_again_have_scales_in_bf16(void) {
  bl_model *model;
  CHECK_OK(load("tiny_llama_mlx_fp", "affine:4:32", BL_DTYPE_NONE, &model, error));
  if (!model) return;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_format *format = &model->weights[i].tensor.format;
    if (!bl_role_quantizable(model->weights[i].role)) continue;
    CHECK(strcmp(format->codec->name, "affine") == 0 && format->param_dtype == BL_BF16);
  }
  bl_model_free(model);
}

/* ---- what is refused ------------------------------------------------------------------------ */

/* Loads tiny_llama_mlx_fp after replacing `from` by `to`, once, in the header of its weights. */
static void check_refused(const char *from, const char *to, const char *words) {
  size_t size;
  uint8_t *file = golden_read("tiny_llama_mlx_fp", "model.safetensors", &size);
  uint64_t header_size;
  memcpy(&header_size, file, 8);
  char *header = calloc(1, (size_t)header_size + strlen(to) + 1);
  bytes edited = {0};
  if (!header) exit(1);
  memcpy(header, file + 8, (size_t)header_size);
  char *at = strstr(header, from);
  CHECK_MSG(at, "'%s' is not in the header", from);
  if (at) {
    memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
    memcpy(at, to, strlen(to));
  }
  uint64_t new_size = strlen(header);
  append(&edited, &new_size, 8);
  append(&edited, header, (size_t)new_size);
  append(&edited, file + 8 + header_size, size - 8 - (size_t)header_size);

  bl_error found = {0};
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, &found);
  bl_code code = golden_add_texts(loader, "tiny_llama_mlx_fp", &found);
  if (code == BL_OK)
    code = golden_push(loader, "model.safetensors", edited.data, edited.size, 0, &found);
  if (code == BL_OK) code = bl_loader_finish(loader, &model, &found);
  CHECK_MSG(code == BL_ERR_INPUT && strstr(found.message, words), "'%s' to '%s' gives: %s", from,
            to, found.message);
  bl_loader_free(loader);
  bl_model_free(model);
  free(edited.data);
  free(header);
  free(file);
}

static void parts_that_do_not_fit_their_mode_are_refused(void) {
  check_refused("\"U8\",\"shape\":[128,4]},\"model.layers.0.mlp.up_proj.weight",
                "\"I8\",\"shape\":[128,4]},\"model.layers.0.mlp.up_proj.weight",
                "up_proj.scales' is I8, expected U8");
  check_refused("0.mlp.up_proj.scales", "0.mlp.up_proj.biases",
                "mode mxfp4 of the config has none");
  check_refused("0.self_attn.v_proj.scales", "1.self_attn.q_proj.scales",
                "weights are bf16 and not quantized");
  check_refused("0.mlp.up_proj.scales", "0.self_attn.rotary_emb.inv_freq",
                "'model.layers.0.mlp.up_proj.scales' is missing");
}

static void a_tensor_scale_is_nothing_that_an_mlx_directory_holds(void) {
  bl_model *model;
  bl_error found = {0};
  CHECK_OK(load("tiny_llama", "nvfp4_tensor", BL_DTYPE_NONE, &model, error));
  if (!model) return;
  CHECK(bl_export_mlx_new(model, &found) == NULL);
  CHECK(found.code == BL_ERR_UNSUPPORTED && strstr(found.message, "nvfp4_tensor"));
  bl_model_free(model);
}

int main(void) {
  RUN(every_mode_writes_the_directory_of_mlx_lm_convert);
  RUN(layers_of_different_modes_are_written_as_mlx_lm_does);
  RUN(a_directory_of_different_modes_comes_back_as_it_was);
  RUN(codes_that_are_quantized_again_have_scales_in_bf16);
  RUN(parts_that_do_not_fit_their_mode_are_refused);
  RUN(a_tensor_scale_is_nothing_that_an_mlx_directory_holds);
  return check_result();
}
