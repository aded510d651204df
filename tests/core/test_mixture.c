/* Mixtures: which tensor gets which format, against llama.cpp's own quantizer and mlx_lm
 * (tests/golden/make_mixture.py), and what becomes of whole models under recipes with rules. */
#include "model/model.h"
#include "model_files.h"
#include "quant/mixture.h"
#include "sink.h"

/* ---- one tensor at a time ------------------------------------------------------------------- */

typedef struct golden_line {
  char recipe[32], name[64], formats[2048];
  long long n_cols;
} golden_line;

/* The text of what the recipe makes of a bf16 tensor. */
static void format_text(const bl_recipe *recipe, const bl_place *place, int64_t n_cols, char *text,
                        size_t text_size) {
  bl_format format;
  snprintf(text, text_size, "kept");
  if (bl_recipe_format(recipe, place, 64, n_cols, BL_BF16, &format))
    bl_format_print(&format, text, text_size);
}

/* Checks a line against the recipe: formats of the layers in order, as "q6_k*2,q4_k". Returns how
 * many tensors it was about. */
static int check_line(const golden_line *line, bl_place place) {
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(line->recipe, &recipe, error));
  const char *mark = strchr(line->name, '#'), *at = line->formats;
  int n_tensors = mark ? place.n_layers : 1, left = 0, n_read;
  char expected[32] = "";
  for (int i = 0; i < n_tensors; i++) {
    char name[96], found[32];
    if (left == 0) {
      CHECK(sscanf(at, "%31[^,*]%n", expected, &n_read) == 1);
      at += n_read;
      left = *at == '*' ? (int)strtol(at + 1, (char **)&at, 10) : 1;
      at += *at == ',';
    }
    left--;
    place.layer = mark ? i : -1;
    if (mark)
      snprintf(name, sizeof name, "%.*s%d%s.weight", (int)(mark - line->name), line->name, i,
               mark + 1);
    else
      snprintf(name, sizeof name, "%s.weight", line->name);
    place.name = name;
    format_text(&recipe, &place, line->n_cols, found, sizeof found);
    CHECK_MSG(strcmp(found, expected) == 0, "%s of %d layers: %s becomes %s, expected %s",
              line->recipe, place.n_layers, name, found, expected);
  }
  CHECK(left == 0 && *at == '\0');
  return n_tensors;
}

/* Checks a whole list of models; returns how many tensors there were. */
static int check_list(const char *file, int *n_recipes) {
  size_t size;
  char *text = (char *)golden_read("mixture", file, &size), *next = text;
  bl_place place = {0};
  int n_tensors = 0;
  char last[32] = "";
  *n_recipes = 0;
  for (char *at = text; at && *at; at = next) {
    next = strchr(at, '\n');
    if (next) *next++ = '\0';
    golden_line line;
    int tied;
    place.n_experts = strncmp(at, "model", 5) == 0 ? 0 : place.n_experts;
    if (sscanf(at, "model layers %d heads %d kv_heads %d tied %d experts %d", &place.n_layers,
               &place.n_heads, &place.n_kv_heads, &tied, &place.n_experts) >= 4) {
      place.tied_output = tied;
      continue;
    }
    int n = sscanf(at, "%31s %63s %lld %2047s", line.recipe, line.name, &line.n_cols, line.formats);
    CHECK_MSG(n == 4, "%s: %s", file, at);
    if (n != 4) break;
    if (strcmp(line.recipe, last) != 0) ++*n_recipes;
    snprintf(last, sizeof last, "%s", line.recipe);
    n_tensors += check_line(&line, place);
  }
  free(text);
  return n_tensors;
}

static void file_types_give_each_tensor_what_llama_cpp_gives_it(void) {
  int n_recipes, n_tensors = check_list("llama.txt", &n_recipes);
  CHECK_MSG(n_recipes == (6 + 2 + 3) * 15 + (3 + 4) * 9, "%d recipes", n_recipes);
  CHECK_MSG(n_tensors == 32790, "%d tensors", n_tensors);
}

static void mixed_recipes_give_each_tensor_what_mlx_lm_gives_it(void) {
  int n_recipes, n_tensors = check_list("mlx.txt", &n_recipes);
  CHECK_MSG(n_recipes == 5 * 4 * 2, "%d recipes", n_recipes);
  CHECK_MSG(n_tensors == 4544, "%d tensors", n_tensors);
}

/* Otherwise a mixture would be an error in the middle of a model. */
static void every_format_of_a_mixture_can_be_written(void) {
  for (int i = 0; i < bl_mixture_count(); i++) {
    const bl_mixture *mixture = bl_mixture_at(i);
    CHECK(bl_mixture_find(mixture->name, strlen(mixture->name)) == mixture);
    CHECK(!bl_codec_find(mixture->name, strlen(mixture->name)));
    for (const char *const *name = mixture->codecs; *name; name++) {
      const bl_codec *codec = bl_codec_find(*name, strlen(*name));
      CHECK_MSG(codec && bl_codec_encodes(codec), "%s of %s", *name, mixture->name);
    }
  }
}

/* ---- whole models --------------------------------------------------------------------------- */

/* A file that grows in memory. */
/* A file of the MLX directory that `folder` becomes under a recipe. */
static sink converted(const char *folder, const char *recipe, const char *name) {
  sink s = {0};
  bl_model *model = NULL;
  CHECK_OK(golden_load(folder, recipe, &model, error));
  bl_export *ex = model ? bl_export_mlx_new(model, NULL) : NULL;
  CHECK(ex != NULL);
  for (int i = 0; ex && i < bl_export_n_files(ex); i++)
    if (strcmp(bl_export_file_name(ex, i), name) == 0)
      CHECK_OK(bl_export_write(ex, i, sink_write, &s, error));
  CHECK_MSG(s.size > 0, "%s of %s under %s is empty", name, folder, recipe);
  bl_export_free(ex);
  bl_model_free(model);
  return s;
}

static uint64_t fnv1a(const uint8_t *bytes, uint64_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  for (uint64_t i = 0; i < n; i++) h = (h ^ bytes[i]) * 0x100000001b3u;
  return h;
}

static int compare_lines(const void *a, const void *b) {
  return strcmp(strrchr(*(char *const *)a, ' '), strrchr(*(char *const *)b, ' '));
}

/* The tensors of a safetensors file as make_mixture.py lists them. */
static char *listing(const sink *file) {
  bl_index *index = NULL;
  uint64_t needed;
  CHECK_OK(bl_index_parse("ours", file->bytes, file->size, file->size, &index, &needed, error));
  size_t n = index ? (size_t)bl_index_n_tensors(index) : 0;
  char **lines = calloc(n + 1, sizeof *lines), *text = calloc(n + 1, 256);
  for (size_t i = 0; i < n; i++) {
    bl_index_tensor t;
    char shape[64];
    bl_index_get_tensor(index, (int)i, &t);
    int at = snprintf(shape, sizeof shape, "%lld", (long long)t.dims[0]);
    if (t.n_dims == 2)
      snprintf(shape + at, sizeof shape - (size_t)at, "x%lld", (long long)t.dims[1]);
    lines[i] = malloc(256);
    snprintf(lines[i], 256, "%s %s %016llx %s\n", t.type, shape,
             (unsigned long long)fnv1a(file->bytes + t.offset, t.size_bytes), t.name);
  }
  qsort(lines, n, sizeof *lines, compare_lines);
  for (size_t i = 0; i < n; i++) {
    strcat(text, lines[i]);
    free(lines[i]);
  }
  free(lines);
  bl_index_free(index);
  return text;
}

/* The model under the recipe is what mlx_lm.convert wrote, tensors and config.json. */
static void check_as_mlx_lm(const char *folder, const char *recipe, const char *golden) {
  char name[96];
  size_t size;
  snprintf(name, sizeof name, "%s.txt", golden);
  sink weights = converted(folder, recipe, "model.safetensors");
  char *ours = listing(&weights), *theirs = (char *)golden_read("mixture", name, &size);
  CHECK_MSG(strcmp(ours, theirs) == 0, "%s has other tensors:\n%s", golden, ours);
  free(ours);
  free(theirs);
  free(weights.bytes);

  snprintf(name, sizeof name, "%s.config.json", golden);
  sink config = converted(folder, recipe, "config.json");
  theirs = (char *)golden_read("mixture", name, &size);
  CHECK_MSG(config.size == size && memcmp(config.bytes, theirs, size) == 0,
            "%s has another config: %s", golden, (char *)config.bytes);
  free(theirs);
  free(config.bytes);
}

static void a_mixed_model_is_what_mlx_lm_convert_writes(void) {
  check_as_mlx_lm("tiny_llama", "mixed_3_6", "tiny_llama_mixed_3_6");
  check_as_mlx_lm("tiny_llama3", "mixed_2_6:32", "tiny_llama3_mixed_2_6");
}

/* mlx_lm.convert with a predicate of its own made tiny_llama_mlx_mixed. */
static void rules_do_what_a_predicate_does_in_mlx_lm(void) {
  bl_load_options options = {.cast = BL_BF16};
  CHECK_OK(
      bl_recipe_parse("affine:4:64/embed_tokens=affine:5:128/layers.0.mlp.down_proj=affine:8:32"
                      "/layers.1.self_attn.v_proj=reference",
                      &options.recipe, error));
  bl_model *ours = NULL, *theirs = NULL;
  const char *files[] = {"model.safetensors", NULL};
  CHECK_OK(golden_load_files("tiny_llama", files, &options, 0, &ours, error));
  CHECK_OK(golden_load("tiny_llama_mlx_mixed", "reference", &theirs, error));
  if (!ours || !theirs) return;
  CHECK(ours->n_weights == theirs->n_weights && ours->n_weights == 20);
  for (int i = 0; i < ours->n_weights; i++) {
    const bl_tensor *a = &ours->weights[i].tensor, *b = &theirs->weights[i].tensor;
    CHECK(strcmp(ours->weights[i].name, theirs->weights[i].name) == 0);
    CHECK_MSG(bl_format_same(&a->format, &b->format), "%s", ours->weights[i].name);
    for (int p = 0; p < a->format.codec->n_parts; p++)
      CHECK_MSG(memcmp(a->parts[p], b->parts[p], bl_tensor_part_bytes(a, p)) == 0, "%s",
                ours->weights[i].name);
  }
  bl_model_free(ours);
  bl_model_free(theirs);
}

static void rules_also_apply_to_a_model_that_was_quantized_already(void) {
  bl_model *model = NULL;
  CHECK_OK(
      golden_load("tiny_llama_mlx4", "reference/v_proj=affine:3:32/layers.1=bf16", &model, error));
  if (!model) return;
  for (int i = 0; i < model->n_weights; i++) {
    bl_tensor_info info;
    CHECK_OK(bl_model_get_tensor(model, i, &info, error));
    if (info.n_rows == 1) continue;
    const char *expected = strstr(info.name, "layers.1.") ? "bf16"
                           : strstr(info.name, "v_proj")  ? "affine:3:32"
                                                          : "affine:4:64";
    CHECK_MSG(strcmp(info.format, expected) == 0, "%s is %s", info.name, info.format);
  }
  bl_model_free(model);
}

static void check_load_refused(const char *folder, const char *recipe, const char *sentence) {
  bl_model *model = NULL;
  bl_error error = {0};
  CHECK(golden_load(folder, recipe, &model, &error) == BL_ERR_RECIPE && !model);
  CHECK_MSG(strcmp(error.message, sentence) == 0, "%s", error.message);
}

static void a_pattern_that_matches_no_matrix_is_told_at_once(void) {
  check_load_refused(
      "tiny_llama", "affine/v_porj=f32",
      "recipe: pattern 'v_porj' matches no matrix of this model, perhaps v_proj was meant");
  check_load_refused("tiny_llama", "affine/v_proj=f32/lm_head=f32",
                     "recipe: pattern 'lm_head' matches no matrix of this model, which has "
                     "embed_tokens, q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, "
                     "and layers.0 to layers.1");
  check_load_refused("tiny_llama3", "affine/layers.3=f32",
                     "recipe: pattern 'layers.3' matches no matrix of this model, which has "
                     "embed_tokens, lm_head, q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, "
                     "down_proj, and layers.0 to layers.2");
  check_load_refused("tiny_llama", "affine/input_layernorm=f32",
                     "recipe: pattern 'input_layernorm' matches no matrix of this model, which has "
                     "embed_tokens, q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, "
                     "and layers.0 to layers.1");
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama3", "affine:4:32/lm_head=f32/layers.2=f16", &model, error));
  bl_model_free(model);
}

int main(void) {
  RUN(file_types_give_each_tensor_what_llama_cpp_gives_it);
  RUN(mixed_recipes_give_each_tensor_what_mlx_lm_gives_it);
  RUN(every_format_of_a_mixture_can_be_written);
  RUN(a_mixed_model_is_what_mlx_lm_convert_writes);
  RUN(rules_do_what_a_predicate_does_in_mlx_lm);
  RUN(rules_also_apply_to_a_model_that_was_quantized_already);
  RUN(a_pattern_that_matches_no_matrix_is_told_at_once);
  return check_result();
}
