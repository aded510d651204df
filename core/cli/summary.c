/* What the headers of a model's files tell: shape, formats, sizes, before any weight is read. */
#include "summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config.h"
#include "recipes.h"

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

bl_dtype cli_default_cast(const cli_source *source, const cJSON *config) {
  if (source->is_gguf) return BL_F16;
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(config, "torch_dtype"));
  if (!name) {
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(config, "text_config");
    name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(text, "dtype"));
  }
  bl_dtype dtype = BL_DTYPE_NONE;
  bool known = name && (strcmp(name, "float16") == 0 || strcmp(name, "bfloat16") == 0 ||
                        strcmp(name, "float32") == 0);
  return known && bl_dtype_parse(name, &dtype) ? dtype : BL_DTYPE_NONE;
}

/* ---- the model's own description ------------------------------------------------------------ */

static int64_t config_int(const cJSON *config, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(config, key);
  if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 1e15) return 0;
  return (int64_t)item->valuedouble;
}

static void config_text(const cJSON *config, const char *key, char *text, size_t text_size) {
  const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(config, key));
  if (value) snprintf(text, text_size, "%s", value);
}

static void describe_from_config(cli_summary *s, const cJSON *config) {
  config_text(config, "model_type", s->architecture, sizeof s->architecture);
  config_text(config, "_name_or_path", s->name, sizeof s->name);
  const bl_family *family = bl_family_find(s->architecture);
  const bl_config_fields *f = family ? &family->fields : &bl_family_llama.fields;
  s->n_layers = config_int(config, f->n_layers);
  s->dim = config_int(config, f->dim);
  s->n_heads = config_int(config, f->n_heads);
  s->n_kv_heads = f->n_kv_heads ? config_int(config, f->n_kv_heads) : s->n_heads;
  s->ffn_dim = config_int(config, f->ffn_dim);
  if (family && s->ffn_dim == 0) s->ffn_dim = family->default_ffn * s->dim;
  s->vocab_size = config_int(config, "vocab_size");
  s->max_context = config_int(config, f->max_context);
  if (family) s->max_context -= family->first_position;
  if (family && family->is_tied) s->tied_output = 1;
  const cJSON *tied = cJSON_GetObjectItemCaseSensitive(config, "tie_word_embeddings");
  if (cJSON_IsBool(tied)) s->tied_output = cJSON_IsTrue(tied);
  s->is_encoder = family && family->block.is_encoder;
  if (family && family->block.has_experts) {
    s->n_experts = config_int(config, family->experts.n);
    if (s->n_experts == 0) s->n_experts = family->experts.default_n;
  }
  if (s->is_encoder) s->tied_output = -1; /* it has no output matrix */
}

static const char *metadata(const bl_index *index, const char *key) {
  for (int i = 0; i < bl_index_n_metadata(index); i++) {
    const char *found, *value;
    bl_index_get_metadata(index, i, &found, &value);
    if (strcmp(found, key) == 0) return value;
  }
  return NULL;
}

/* A whole number of GGUF metadata, under the architecture's prefix. 0 when it is absent. */
static int64_t metadata_int(const bl_index *index, const char *architecture, const char *key) {
  char full[128];
  snprintf(full, sizeof full, "%s.%s", architecture, key);
  const char *value = metadata(index, full);
  long long number = value ? strtoll(value, NULL, 10) : 0;
  return number > 0 ? number : 0;
}

static void describe_from_gguf(cli_summary *s) {
  const bl_index *index = s->indexes[0];
  const char *architecture = metadata(index, "general.architecture");
  const char *name = metadata(index, "general.name");
  snprintf(s->architecture, sizeof s->architecture, "%s", architecture ? architecture : "");
  snprintf(s->name, sizeof s->name, "%s", name ? name : "");
  s->n_layers = metadata_int(index, s->architecture, "block_count");
  s->dim = metadata_int(index, s->architecture, "embedding_length");
  s->n_heads = metadata_int(index, s->architecture, "attention.head_count");
  s->n_kv_heads = metadata_int(index, s->architecture, "attention.head_count_kv");
  s->ffn_dim = metadata_int(index, s->architecture, "feed_forward_length");
  s->max_context = metadata_int(index, s->architecture, "context_length");
  s->n_experts = metadata_int(index, s->architecture, "expert_count");
  s->has_tokenizer = metadata(index, "tokenizer.ggml.tokens") != NULL;
  const bl_family *family = bl_family_find_gguf(s->architecture, strlen(s->architecture));
  s->is_encoder = family && family->block.is_encoder;
  s->tied_output = s->is_encoder ? -1 : 1;
  for (int i = 0; i < s->n_tensors; i++) {
    const bl_index_tensor *entry = &s->tensors[i].entry;
    if (strcmp(entry->name, "output.weight") == 0) s->tied_output = 0;
    if (strcmp(entry->name, "token_embd.weight") == 0 && entry->n_dims == 2) {
      s->vocab_size = entry->dims[0];
    }
  }
}

/* ---- tensors -------------------------------------------------------------------------------- */

static bool parse_file(cli_file *file, cli_summary *s) {
  bl_error error;
  bl_index *index = NULL;
  uint64_t n_needed = 0;
  if (!cli_map(file)) return false;
  if (bl_index_parse(file->name, file->bytes, (size_t)file->size, file->size, &index, &n_needed,
                     &error) != BL_OK) {
    return cli_fail("%s", error.message);
  }
  if (!index) return cli_fail("%s: the header does not end within the file", file->name);
  s->indexes = cli_grow(s->indexes, ((size_t)s->n_indexes + 1) * sizeof(bl_index *));
  s->indexes[s->n_indexes++] = index;
  int n = bl_index_n_tensors(index);
  s->tensors = cli_grow(s->tensors, ((size_t)s->n_tensors + (size_t)n) * sizeof *s->tensors);
  for (int i = 0; i < n; i++) {
    cli_tensor *tensor = &s->tensors[s->n_tensors++];
    *tensor = (cli_tensor){.file = file->name};
    bl_index_get_tensor(index, i, &tensor->entry);
  }
  return true;
}

/* The dimensions of a tensor multiplied; the core has checked them against the file's size. */
static int64_t count_elements(const bl_index_tensor *entry) {
  int64_t n = 1;
  for (int d = 0; d < entry->n_dims; d++) n *= entry->dims[d];
  return n;
}

static int compare_names(const void *a, const void *b) {
  return strcmp((*(cli_tensor *const *)a)->entry.name, (*(cli_tensor *const *)b)->entry.name);
}

cli_tensor **cli_sort_tensors(cli_summary *s) {
  size_t n = (size_t)s->n_tensors;
  cli_tensor **sorted = cli_alloc(n * sizeof *sorted);
  for (size_t i = 0; i < n; i++) sorted[i] = &s->tensors[i];
  qsort(sorted, n, sizeof *sorted, compare_names);
  return sorted;
}

/* "X.scales" for "X.weight", among tensors sorted by name. */
static cli_tensor *find_part(cli_tensor **sorted, int n, const char *weight, const char *part) {
  char *name = cli_print("%.*s%s", (int)(strlen(weight) - strlen("weight")), weight, part);
  cli_tensor wanted = {.entry.name = name}, *key = &wanted;
  cli_tensor **found = bsearch(&key, sorted, (size_t)n, sizeof *sorted, compare_names);
  free(name);
  return found ? *found : NULL;
}

/* "quantization" of an MLX config, which may have an entry for every layer. */
typedef struct mlx_settings {
  const cJSON *general;
  cli_dictionary paths; /* of those that have an entry of their own */
  const cJSON **own;    /* (paths.n); NULL where it is true or false */
} mlx_settings;

static void read_mlx_settings(mlx_settings *settings, const cJSON *config) {
  *settings = (mlx_settings){cJSON_GetObjectItemCaseSensitive(config, "quantization"), {0}, NULL};
  int n = cJSON_GetArraySize(settings->general);
  settings->own = cli_alloc((size_t)n * sizeof *settings->own);
  const cJSON *item;
  cJSON_ArrayForEach(item, settings->general) {
    const char *path = item->string ? item->string : "";
    int k = cli_dictionary_add(&settings->paths, path, strlen(path));
    settings->own[k] = cJSON_IsObject(item) ? item : NULL; /* of two the last holds */
  }
}

static void free_mlx_settings(mlx_settings *settings) {
  cli_dictionary_free(&settings->paths);
  free(settings->own);
}

/* The group size of an MLX module: its own entry in the config, or the general one; 64, which is
 * mlx_lm's default, when a file comes without a config. */
static int64_t group_of(const mlx_settings *settings, const char *weight) {
  int k = cli_dictionary_find(&settings->paths, weight, strlen(weight) - strlen(".weight"));
  const cJSON *own = k >= 0 ? settings->own[k] : NULL;
  int64_t group = config_int(own ? own : settings->general, "group_size");
  return group > 0 && group <= 4096 ? group : 64;
}

static bl_dtype dtype_of(const bl_index_tensor *entry) {
  return strcmp(entry->type, "F32") == 0    ? BL_F32
         : strcmp(entry->type, "F16") == 0  ? BL_F16
         : strcmp(entry->type, "BF16") == 0 ? BL_BF16
                                            : BL_DTYPE_NONE;
}

/* An MLX tensor: packed codes in X.weight, with X.scales and perhaps X.biases beside it. */
static void join_parts(cli_summary *s, const cJSON *config) {
  size_t n = (size_t)s->n_tensors;
  mlx_settings settings;
  read_mlx_settings(&settings, config);
  cli_tensor **sorted = cli_sort_tensors(s);
  for (size_t i = 0; i < n; i++) {
    cli_tensor *weight = &s->tensors[i];
    const bl_index_tensor *codes = &weight->entry;
    if (strcmp(codes->type, "U32") != 0 || !ends_with(codes->name, ".weight")) continue;
    cli_tensor *scales = find_part(sorted, (int)n, codes->name, "scales");
    cli_tensor *biases = find_part(sorted, (int)n, codes->name, "biases");
    int64_t n_scales = scales ? count_elements(&scales->entry) : 0;
    if (n_scales == 0 || codes->n_dims < 1 || count_elements(codes) == 0) continue;
    int64_t group = group_of(&settings, codes->name);
    int64_t n_bits = 32 * count_elements(codes), bits = n_bits / (n_scales * group);
    weight->n_params = n_scales * group;
    weight->is_codes = true;
    weight->param_dtype = dtype_of(&scales->entry);
    if (weight->param_dtype == BL_DTYPE_NONE) weight->param_dtype = BL_BF16; /* scales are bytes */
    snprintf(weight->format, sizeof weight->format, "affine:%d:%d", (int)bits, (int)group);
    if (!biases) { /* one of MLX's floating-point modes */
      snprintf(weight->format, sizeof weight->format, "unknown");
      config_text(settings.general, "mode", weight->format, sizeof weight->format);
    }
    weight->size_bytes += scales->entry.size_bytes + (biases ? biases->entry.size_bytes : 0);
    scales->is_part = true;
    scales->n_params = 0;
    scales->size_bytes = 0;
    if (biases) {
      biases->is_part = true;
      biases->n_params = 0;
      biases->size_bytes = 0;
    }
    snprintf(s->container, sizeof s->container, "mlx");
  }
  free_mlx_settings(&settings);
  free(sorted);
}

static void measure_tensors(cli_summary *s, const cli_source *source, const cJSON *config) {
  for (int i = 0; i < s->n_tensors; i++) {
    cli_tensor *tensor = &s->tensors[i];
    tensor->n_params = count_elements(&tensor->entry);
    tensor->size_bytes = tensor->entry.size_bytes;
    bl_dtype dtype = dtype_of(&tensor->entry);
    bool is_blocks = strcmp(s->container, "gguf") == 0 && tensor->entry.n_dims >= 2;
    tensor->param_dtype = dtype == BL_DTYPE_NONE && is_blocks ? BL_F16 : dtype;
    size_t k = 0;
    for (; tensor->entry.type[k] && k + 1 < sizeof tensor->format; k++) {
      char c = tensor->entry.type[k];
      tensor->format[k] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    tensor->format[k] = 0;
  }
  if (strcmp(s->container, "gguf") == 0) return;
  join_parts(s, config);
  cli_join_torch(s, source, config);
}

/* ---- tensors that a model has no use for ---------------------------------------------------- */

static const uint8_t *bytes_of(const cli_source *source, const cli_tensor *tensor) {
  for (int i = 0; i < source->n_weights; i++)
    if (source->weights[i].name == tensor->file) return source->weights[i].bytes;
  return NULL;
}

/* Are all tensors of the output matrix those of the embedding, byte for byte? */
static bool repeats_embedding(const cli_summary *s, const cli_source *source) {
  static const char output[] = "lm_head.", embedding[] = "model.embed_tokens.";
  for (int i = 0; i < s->n_tensors; i++) {
    const bl_index_tensor *a = &s->tensors[i].entry, *b = NULL;
    const cli_tensor *other = NULL;
    if (strncmp(a->name, output, strlen(output)) != 0) continue;
    for (int k = 0; k < s->n_tensors && !other; k++) {
      b = &s->tensors[k].entry;
      if (strncmp(b->name, embedding, strlen(embedding)) == 0 &&
          strcmp(b->name + strlen(embedding), a->name + strlen(output)) == 0)
        other = &s->tensors[k];
    }
    if (!other || strcmp(a->type, b->type) != 0 || a->size_bytes != b->size_bytes ||
        memcmp(bytes_of(source, &s->tensors[i]) + a->offset, bytes_of(source, other) + b->offset,
               (size_t)a->size_bytes) != 0)
      return false;
  }
  return true;
}

/* Rotary frequencies and their factors, and the embedding once more as the output matrix. */
static void leave_out(cli_summary *s, const cli_source *source) {
  bool has_output = false;
  for (int i = 0; i < s->n_tensors; i++)
    has_output |= strncmp(s->tensors[i].entry.name, "lm_head.", 8) == 0;
  const bool drops = has_output && s->tied_output == 1 && repeats_embedding(s, source);
  if (has_output && s->tied_output == 1 && !drops) {
    s->was_tied = true;
    s->tied_output = 0;
  }
  for (int i = 0; i < s->n_tensors; i++) {
    const char *name = s->tensors[i].entry.name;
    s->tensors[i].is_left_out =
        (strstr(name, "rotary_emb.inv_freq") || strcmp(name, "rope_freqs.weight") == 0 ||
         strcmp(name, "rope_factors_long.weight") == 0 ||
         strcmp(name, "rope_factors_short.weight") == 0 || strstr(name, ".attn_rot_embd.weight") ||
         (drops && strncmp(name, "lm_head.", 8) == 0));
  }
}

/* What only a family's own models have: tensors that carry nothing, and matrices that lie (in,
 * out), which are shown as they are used. */
static void apply_family(cli_summary *s) {
  const bool is_gguf = strcmp(s->container, "gguf") == 0;
  const bl_family *family = is_gguf ? bl_family_find_gguf(s->architecture, strlen(s->architecture))
                                    : bl_family_find(s->architecture);
  for (int i = 0; family && i < s->n_tensors; i++) {
    cli_tensor *tensor = &s->tensors[i];
    bl_family_place place;
    const char *name = tensor->entry.name;
    if (bl_family_ignores(family, is_gguf, name)) tensor->is_left_out = true;
    if (tensor->entry.n_dims != 2 || !bl_family_find_name(family, is_gguf, name, &place) ||
        !place.turned)
      continue;
    tensor->own_dims[0] = tensor->entry.dims[1];
    tensor->own_dims[1] = tensor->entry.dims[0];
    tensor->entry.dims = tensor->own_dims;
  }
}

/* Totals, and the format that holds most of the weights. */
static void add_up(cli_summary *s) {
  cli_dictionary formats = {0};
  int64_t *n_params = cli_alloc((size_t)s->n_tensors * sizeof *n_params), most = 0;
  for (int i = 0; i < s->n_tensors; i++) {
    const cli_tensor *tensor = &s->tensors[i];
    if (tensor->is_left_out) continue;
    s->n_params += tensor->n_params;
    s->size_bytes += tensor->size_bytes;
    n_params[cli_dictionary_add(&formats, tensor->format, strlen(tensor->format))] +=
        tensor->n_params;
  }
  for (int k = 0; k < formats.n; k++) {
    if (n_params[k] <= most) continue;
    most = n_params[k];
    snprintf(s->stored_as, sizeof s->stored_as, "%s", formats.words[k].text);
  }
  cli_dictionary_free(&formats);
  free(n_params);
  s->bits_per_weight = s->n_params ? 8.0 * (double)s->size_bytes / (double)s->n_params : 0;
}

bool cli_summarize(cli_source *source, cli_summary *summary) {
  cli_summary *s = summary;
  *s = (cli_summary){.tied_output = -1};
  for (int i = 0; i < source->n_weights; i++) {
    if (!parse_file(&source->weights[i], s)) return false;
  }
  bool ok;
  cJSON *config = cli_source_config(source, &ok);
  if (!ok) return false;
  snprintf(s->container, sizeof s->container, "%s", bl_index_container(s->indexes[0]));
  s->has_tokenizer = cli_source_text(source, "tokenizer.json") || cli_has_vocab(source);
  bl_error error;
  s->cast = cli_default_cast(source, config);
  if (config && bl_config_take_text(&config, &s->was_part, NULL, &error) != BL_OK)
    cli_die("%s", error.message);
  measure_tensors(s, source, config);
  if (source->is_gguf) {
    describe_from_gguf(s);
  } else if (config) {
    describe_from_config(s, config);
  }
  cJSON_Delete(config);
  leave_out(s, source);
  apply_family(s);
  add_up(s);
  return true;
}

void cli_check_tokenizer(const cli_source *source, cli_summary *summary) {
  static const char *const names[] = {"tokenizer.json", "tokenizer_config.json",
                                      "generation_config.json"};
  const char *texts[3] = {NULL};
  size_t sizes[3] = {0};
  bl_error error;
  bl_tokenizer *tokenizer = NULL;
  for (int i = 0; i < 3; i++) {
    const cli_file *file = cli_source_text(source, names[i]);
    if (file) texts[i] = (const char *)file->bytes;
    if (file) sizes[i] = (size_t)file->size;
  }
  if (!summary->has_tokenizer) return;
  char *made = NULL;
  bl_code code = BL_OK;
  if (!source->is_gguf && !texts[0]) {
    code = cli_make_tokenizer(source, &made, &sizes[0], &error);
    texts[0] = made;
  }
  if (code == BL_OK)
    code = source->is_gguf ? bl_tokenizer_from_gguf(summary->indexes[0], &tokenizer, &error)
                           : bl_tokenizer_from_json(texts[0], sizes[0], texts[1], sizes[1],
                                                    texts[2], sizes[2], &tokenizer, &error);
  free(made);
  if (code == BL_ERR_MEMORY) cli_die("%s", error.message);
  if (code != BL_OK)
    snprintf(summary->tokenizer_problem, sizeof summary->tokenizer_problem, "%s", error.message);
  summary->has_tokenizer = code == BL_OK;
  bl_tokenizer_free(tokenizer);
}

void cli_summary_free(cli_summary *summary) {
  for (int i = 0; i < summary->n_tensors; i++) free(summary->tensors[i].own_name);
  for (int i = 0; i < summary->n_indexes; i++) bl_index_free(summary->indexes[i]);
  free(summary->indexes);
  free(summary->tensors);
  *summary = (cli_summary){0};
}

/* ---- what a recipe would cost --------------------------------------------------------------- */

static uint64_t dtype_bytes(bl_dtype dtype) {
  return dtype == BL_F32 ? 4 : 2;
}

/* The bytes of a tensor that the recipe leaves alone, once its floats, among them the scales and
 * biases of affine, are cast. */
static uint64_t bytes_after_cast(const cli_tensor *tensor, bl_dtype dtype) {
  if (dtype == BL_DTYPE_NONE || dtype == tensor->param_dtype) return tensor->size_bytes;
  if (!tensor->is_codes) return (uint64_t)tensor->n_params * dtype_bytes(dtype);
  bool is_affine = strncmp(tensor->format, "affine:", 7) == 0;
  if (!is_affine) return tensor->size_bytes;
  uint64_t n_params =
      (tensor->size_bytes - tensor->entry.size_bytes) / dtype_bytes(tensor->param_dtype);
  return tensor->entry.size_bytes + n_params * dtype_bytes(dtype);
}

cli_cost cli_cost_of(const cli_summary *summary, const bl_recipe *recipe) {
  bl_outline outline = {.architecture = summary->architecture,
                        .n_layers = summary->n_layers,
                        .n_heads = summary->n_heads,
                        .n_kv_heads = summary->n_kv_heads,
                        .n_experts = summary->n_experts};
  cli_cost cost = {0};
  char text[BL_RECIPE_TEXT];
  bl_recipe_print(recipe, text, sizeof text);
  /* From GGUF to GGUF what a recipe leaves alone stays as it is. */
  bl_recipe_kind kind;
  const bool stays = strcmp(summary->container, "gguf") == 0 && cli_recipe_kind(text, &kind) &&
                     kind.containers == BL_HOLDS_GGUF;
  const bl_dtype cast = stays ? BL_DTYPE_NONE : summary->cast;
  for (int i = 0; i < summary->n_tensors; i++) {
    const cli_tensor *tensor = &summary->tensors[i];
    const char *name = tensor->entry.name;
    int64_t n = tensor->n_params;
    if (n == 0 || tensor->is_left_out) continue;
    /* To a mixture the embedding is that of a tied model even where the config was wrong about it.
     */
    outline.tied_output = summary->tied_output == 1 || summary->is_encoder ||
                          (summary->was_tied && strcmp(name, "model.embed_tokens.weight") == 0);
    bl_dtype dtype = tensor->param_dtype;
    if (dtype != BL_DTYPE_NONE && cast != BL_DTYPE_NONE) dtype = cast;
    int64_t n_rows = 1; /* of a matrix, or of several that lie below one another */
    for (int d = 0; d + 1 < tensor->entry.n_dims; d++) n_rows *= tensor->entry.dims[d];
    uint64_t n_bytes = 0;
    bl_error error;
    if (!*cost.refusal && bl_recipe_check_name(recipe, name, &error) != BL_OK)
      snprintf(cost.refusal, sizeof cost.refusal, "%s", error.message);
    if (dtype != BL_DTYPE_NONE && ends_with(name, ".weight"))
      n_bytes = bl_recipe_bytes(recipe, &outline, name, n_rows, n / n_rows, dtype);
    if (n_bytes) cost.n_converted += n;
    const bool is_matrix = dtype != BL_DTYPE_NONE && n_rows > 1;
    cost.n_matrices += n_bytes > 0;
    if (is_matrix && bl_recipe_misfits_name(recipe, &outline, name, n_rows, n / n_rows)) {
      cost.n_matrices++;
      cost.n_misfits++;
      cost.n_left += n;
    }
    cost.size_bytes += n_bytes ? n_bytes : bytes_after_cast(tensor, dtype);
  }
  cost.bits_per_weight = 8.0 * (double)cost.size_bytes / (double)summary->n_params;
  return cost;
}
