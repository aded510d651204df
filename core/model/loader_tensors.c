/* Reading a model: what becomes of each tensor of a file, and of its bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/checked.h"
#include "base/error.h"
#include "base/json.h"
#include "model/loader.h"
#include "model/statistics.h"
#include "model/target.h"
#include "model/texts_gguf.h"
#include "model/torch_parts.h"

/* ---- config -------------------------------------------------------------------------------- */

static bl_code read_json_config(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  if (!loader->texts[BL_TEXT_CONFIG])
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: config.json is missing: it must lie beside a safetensors file",
                   loader->file_name);
  bl_code code = bl_json_parse("config.json", loader->texts[BL_TEXT_CONFIG],
                               loader->text_sizes[BL_TEXT_CONFIG], &model->config_json, error);
  bool was_part = false;
  if (code == BL_OK)
    code = bl_config_take_text(&model->config_json, &was_part, &model->notes, error);
  if (code == BL_OK)
    code = bl_config_to_convert("config.json", model->config_json, &model->config, error);
  if (code == BL_OK)
    code = bl_config_take_notes("config.json", model->config_json, &model->notes, error);
  if (code == BL_OK)
    code = bl_mlx_layers_make("config.json", model->config_json, &loader->mlx_layers, error);
  if (code != BL_OK) return code;
  model->container = model->config.mlx_group > 0 ? "mlx" : "safetensors";
  const char *name = NULL;
  code = bl_json_string("config.json", model->config_json, "_name_or_path", &name, NULL);
  if (code == BL_OK && name) {
    model->name = bl_copy_string(name);
    if (!model->name) return bl_fail_memory(error, strlen(name) + 1);
  }
  return BL_OK;
}

static bl_code read_gguf_config(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  bl_index joined;
  bl_entry *entries = NULL;
  bl_str name = {"", 0};
  bl_code code = bl_loader_join_headers(loader, &joined, &entries, error);
  if (code == BL_OK) code = bl_config_from_gguf(&joined, &model->config, error);
  if (code == BL_OK) code = bl_tokenizer_from_gguf(&joined, &model->tokenizer, error);
  if (code == BL_OK) code = bl_meta_string(&joined, "general.name", &name, error);
  free(entries);
  model->container = "gguf";
  if (code != BL_OK) return code;
  model->name = malloc(name.size + 1);
  if (!model->name) return bl_fail_memory(error, name.size + 1);
  memcpy(model->name, name.bytes, name.size);
  model->name[name.size] = '\0';
  code = bl_config_to_json(&model->config, model->tokenizer, &model->config_json, error);
  if (code == BL_OK && model->config.block.is_encoder)
    code = bl_config_gguf_labels(loader->index, &model->config, model->config_json, error);
  return code == BL_OK ? bl_texts_from_gguf(loader->index, model, error) : code;
}

bl_code bl_loader_read_config(bl_loader *loader, bl_error *error) {
  bool is_gguf = loader->index->container == BL_GGUF, is_part;
  bl_code code = bl_loader_take_part(loader, &is_part, error);
  if (code != BL_OK) return code;
  if (!is_gguf && loader->model->config.tied_output && !loader->output_is_embedding &&
      bl_loader_lists_output(loader))
    loader->model->config.output_is_there = true;
  if (loader->has_config) {
    bool was_gguf = strcmp(loader->model->container, "gguf") == 0;
    if (is_gguf == was_gguf && (!is_gguf || is_part)) return BL_OK; /* the next shard */
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: a GGUF file is a whole model; it can't be joined with another file",
                   loader->file_name);
  }
  code = is_gguf ? read_gguf_config(loader, error) : read_json_config(loader, error);
  bl_config *config = &loader->model->config;
  if (code == BL_OK && config->tied_output) {
    config->output_is_there = !is_gguf && bl_loader_lists_output(loader);
    loader->output_is_embedding = config->output_is_there && !bl_loader_lists_embedding(loader);
    if (loader->output_is_embedding) config->output_is_there = false;
    loader->may_have_output = config->output_is_there || (is_part && loader->n_shown == 0);
  }
  if (code == BL_OK)
    code = bl_recipe_check_rules(&loader->options.recipe, &loader->model->config, error);
  if (code == BL_OK) code = bl_statistics_check(&loader->options, config, error);
  loader->has_config = code == BL_OK;
  return code;
}

/* ---- one entry ----------------------------------------------------------------------------- */

bl_weight *bl_loader_weight(bl_loader *loader, bl_role role, int layer, bool *is_new) {
  bl_model *model = loader->model;
  *is_new = false;
  if (!loader->places)
    loader->places =
        calloc(((size_t)model->config.n_layers + 1) * BL_N_ROLES, sizeof *loader->places);
  if (!loader->places) return NULL;
  int *place = &loader->places[(layer + 1) * BL_N_ROLES + (int)role];
  if (*place) return &model->weights[*place - 1];
  if (model->n_weights == loader->weight_capacity) {
    int capacity = loader->weight_capacity ? 2 * loader->weight_capacity : 64;
    bl_weight *weights = realloc(model->weights, (size_t)capacity * sizeof *weights);
    if (weights) model->weights = weights;
    bl_arrival *arrivals = realloc(loader->arrivals, (size_t)capacity * sizeof *arrivals);
    if (arrivals) loader->arrivals = arrivals;
    if (!weights || !arrivals) return NULL;
    loader->weight_capacity = capacity;
  }
  char name[128];
  bl_role_name(&model->config, role, layer, name, sizeof name);
  bl_weight *weight = &model->weights[model->n_weights];
  *weight = (bl_weight){.role = role, .layer = layer, .name = bl_copy_string(name)};
  if (!weight->name) return NULL;
  loader->arrivals[model->n_weights++] = (bl_arrival){0};
  *place = model->n_weights;
  *is_new = true;
  return weight;
}

/* "[2, 3]" */
static void print_shape(const bl_entry *entry, char text[96]) {
  size_t at = (size_t)snprintf(text, 96, "[");
  for (int d = 0; d < entry->n_dims; d++)
    at += (size_t)snprintf(text + at, 96 - at, "%s%lld", d ? ", " : "", (long long)entry->dims[d]);
  snprintf(text + at, 96 - at, "]");
}

/* The entry as it is in the file, where this one has experts below one another. */
static const bl_entry *in_file(const bl_loader *loader, const bl_entry *entry) {
  for (int i = 0; i < loader->index->n_entries; i++)
    if (loader->index->entries[i].name == entry->name) return &loader->index->entries[i];
  return entry;
}

static bl_code fail_stack(const bl_loader *loader, const bl_entry *entry, bl_error *error) {
  char found[96];
  print_shape(entry, found);
  return bl_fail(error, BL_ERR_INPUT,
                 "%.128s: tensor '%.96s' has shape %s, expected [%d, rows, columns]: a matrix of "
                 "each expert",
                 loader->file_name, entry->name, found, loader->model->config.n_experts);
}

bl_code bl_loader_fail_shape(const bl_loader *loader, const bl_entry *entry, int64_t n_rows,
                             int64_t n_cols, bl_error *error) {
  char found[96];
  const bl_entry *stored = in_file(loader, entry);
  print_shape(stored, found);
  if (entry->n_dims == 2 && stored->n_dims == 3)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' has shape %s, expected [%lld, %lld, %lld] from the "
                   "config",
                   loader->file_name, entry->name, found, (long long)stored->dims[0],
                   (long long)(n_rows / stored->dims[0]), (long long)n_cols);
  if (n_rows == 1)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' has shape %s, expected [%lld] from the config",
                   loader->file_name, entry->name, found, (long long)n_cols);
  return bl_fail(error, BL_ERR_INPUT,
                 "%.128s: tensor '%.96s' has shape %s, expected [%lld, %lld] from the config",
                 loader->file_name, entry->name, found, (long long)n_rows, (long long)n_cols);
}

bool bl_entry_has_shape(const bl_entry *entry, int64_t n_rows, int64_t n_cols) {
  if (n_rows == 1 && entry->n_dims == 1) return entry->dims[0] == n_cols;
  return entry->n_dims == 2 && entry->dims[0] == n_rows && entry->dims[1] == n_cols;
}

bl_code bl_loader_fail_twice(const bl_loader *loader, const bl_entry *entry, bl_error *error) {
  return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is there twice", loader->file_name,
                 entry->name);
}

bl_code bl_loader_fail_unknown(const bl_loader *loader, const bl_entry *entry, bl_error *error) {
  const bl_config *config = &loader->model->config;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: tensor '%.96s' is not one that a %s model with %d layers has",
                 loader->file_name, entry->name, config->architecture, config->n_layers);
}

static bl_code open_rows(bl_loader *loader, const bl_entry *entry, bl_weight *weight,
                         int64_t n_rows, int64_t n_cols, bool turned, bl_error *error) {
  if (!entry->type->codec)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: tensor '%.96s' is stored as %s, which bitloss can't read as weights",
                   loader->file_name, entry->name, entry->type->name);
  const bl_codec *codec = bl_codec_find(entry->type->codec, strlen(entry->type->codec));
  bl_format source = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
  if (n_cols % source.group != 0)
    return bl_fail(
        error, BL_ERR_INPUT, "%.128s: tensor '%.96s' has rows of %lld, not a multiple of %s's %d",
        loader->file_name, entry->name, (long long)n_cols, entry->type->name, source.group);
  const bl_config *config = &loader->model->config;
  bl_format target = bl_target_format(&loader->options, config, weight, n_rows, n_cols, &source);
  weight->source_format = source;
  weight->source_bytes = entry->size_bytes;
  weight->converted = !bl_format_same(&source, &target);

  int64_t rows_per_head = bl_permuted_rows(config, config->interleaved_rope, weight->role);
  const bl_tensor described = bl_tensor_make(source, n_rows, n_cols);
  const bool is_norm = bl_role_share(weight->role) == BL_IN_OTHER;
  const bool has_one = loader->index->container == BL_GGUF && config->block.adds_one && is_norm;
  bl_sink *sink = &loader->sink;
  sink->kind = turned ? BL_SINK_TURN : BL_SINK_CONVERT;
  sink->weight = weight;
  sink->can_stay = !weight->converted && rows_per_head == 0 && !turned && !has_one;
  sink->conversion =
      bl_conversion_make(weight, &described, target, rows_per_head, &loader->options);
  sink->conversion.hashes = bl_loader_hashes(loader, weight);
  sink->conversion.less = has_one ? 1 : 0;
  sink->row_bytes = sink->conversion.source.row_bytes[0];
  return BL_OK;
}

/* Which part of an MLX tensor a name stands for: 0 for X.weight, 1 for X.scales, 2 for X.biases;
 * `stem` receives X.weight. -1 for other names. */
static int mlx_part(const char *name, char *stem, size_t stem_size) {
  static const char *const suffixes[] = {".weight", ".scales", ".biases"};
  size_t n = strlen(name);
  for (int p = 0; p < 3; p++) {
    size_t m = strlen(suffixes[p]);
    if (n <= m || strcmp(name + n - m, suffixes[p]) != 0) continue;
    if ((size_t)snprintf(stem, stem_size, "%.*s.weight", (int)(n - m), name) >= stem_size)
      return -1;
    return p;
  }
  return -1;
}

/* Has the entry the type that a part of this format is stored in? The scales and biases of affine
 * are floats, whose type goes to format->param_dtype; those of the floating-point modes are bytes.
 */
static bl_code check_mlx_type(const bl_loader *loader, const bl_entry *entry, int part,
                              bl_format *format, bl_error *error) {
  const char *type = entry->type->name;
  const char *expected = part == 0 ? "U32" : "U8";
  bool valid = strcmp(type, expected) == 0;
  if (format->codec->uses_dtype) {
    /* What mx.dequantize makes of it when no type is asked for. */
    format->param_dtype = BL_BF16;
  } else if (part > 0) {
    expected = "F32, F16 or BF16";
    valid = entry->type->codec && bl_dtype_parse(entry->type->codec, &format->param_dtype);
  }
  if (valid) return BL_OK;
  return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is %s, expected %s",
                 loader->file_name, entry->name, type, expected);
}

static bl_code open_mlx_part(bl_loader *loader, const bl_entry *entry, bl_weight *weight, int part,
                             bl_format settings, int64_t n_rows, int64_t n_cols, bl_error *error) {
  bl_arrival *arrival = &loader->arrivals[weight - loader->model->weights];
  bl_tensor *tensor = &weight->tensor;
  if (arrival->parts[part]) return bl_loader_fail_twice(loader, entry, error);
  if (part >= settings.codec->n_parts)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' is there, but mode %s of the config has none",
                   loader->file_name, entry->name, settings.codec->name);
  const bl_codec *stored = weight->converted ? weight->source_format.codec : tensor->format.codec;
  if (stored && stored != settings.codec)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' is there, but its weights are %s and not quantized",
                   loader->file_name, entry->name, stored->name);
  if (n_cols % settings.group != 0)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' is quantized in groups of %d, but has rows of %lld",
                   loader->file_name, entry->name, settings.group, (long long)n_cols);
  int64_t expected_cols = part == 0 ? n_cols * settings.bits / 32 : n_cols / settings.group;
  if (!bl_entry_has_shape(entry, n_rows, expected_cols))
    return bl_loader_fail_shape(loader, entry, n_rows, expected_cols, error);
  bl_code code = check_mlx_type(loader, entry, part, &settings, error);
  if (code != BL_OK) return code;
  bl_dtype earlier = tensor->format.param_dtype;
  if (part > 0 && earlier != BL_DTYPE_NONE && earlier != settings.param_dtype)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' is %s, but the other of scales and biases is %s",
                   loader->file_name, entry->name, bl_dtype_name(settings.param_dtype),
                   bl_dtype_name(earlier));
  if (!tensor->format.codec || part > 0) {
    bl_tensor known = bl_tensor_make(settings, n_rows, n_cols);
    memcpy(known.parts, tensor->parts, sizeof known.parts);
    *tensor = known;
  }
  arrival->parts[part] = true;
  weight->source_bytes += entry->size_bytes;
  loader->sink = (bl_sink){.kind = BL_SINK_COPY, .weight = weight, .part = part, .can_stay = true};
  return BL_OK;
}

bl_code bl_loader_open_entry(bl_loader *loader, const bl_entry *entry, bl_error *error) {
  const bl_config *config = &loader->model->config;
  bl_container container = loader->index->container;
  loader->sink = (bl_sink){.kind = BL_SINK_SKIP};
  if (container == BL_GGUF) {
    bool taken;
    bl_code code = bl_loader_open_rope(loader, entry, &taken, error);
    if (code != BL_OK || taken) return code;
  }
  if (bl_name_ignored(config->family, container, entry->name)) return BL_OK;

  if (config->torch_method != BL_TORCH_NONE) {
    bool taken;
    bl_code code = bl_loader_open_torch(loader, entry, &taken, error);
    if (code != BL_OK || taken) return code;
  }
  char stem[160];
  int part = config->mlx_group > 0 ? mlx_part(entry->name, stem, sizeof stem) : -1;
  bl_family_place place;
  int64_t n_rows, n_cols;
  if (!bl_find_name(config->family, container, part >= 0 ? stem : entry->name, &place) ||
      place.layer >= config->n_layers)
    return bl_loader_fail_unknown(loader, entry, error);
  bl_role role = place.role;
  /* transformers 5.23, PreTrainedModel.tie_weights: the one that is there is both. */
  if (role == BL_OUTPUT && loader->output_is_embedding) role = BL_EMBED;
  if (role == BL_OUTPUT) { /* also where the config says that it is the embedding */
    bl_role_shape(config, BL_EMBED, &n_rows, &n_cols);
  } else if (!bl_role_shape(config, role, &n_rows, &n_cols)) {
    return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is there, but the config has none",
                   loader->file_name, entry->name);
  }
  if (place.expert >= 0) return bl_loader_open_expert(loader, entry, &place, n_rows, n_cols, error);
  bl_entry flat; /* experts below one another */
  if (bl_role_is_expert(role)) {
    if (entry->n_dims != 3 || entry->dims[0] != config->n_experts)
      return fail_stack(loader, entry, error);
    flat = *entry;
    flat.n_dims = 2;
    flat.dims[0] = entry->dims[0] * entry->dims[1];
    flat.dims[1] = entry->dims[2];
    entry = &flat;
  }
  bool is_new;
  bl_weight *weight = bl_loader_weight(loader, role, place.layer, &is_new);
  if (!weight) return bl_fail_memory(error, sizeof *weight);
  if (is_new && role == BL_EMBED && loader->output_is_embedding) {
    bl_code code =
        bl_note_add(&loader->model->notes, error, "embedding-from-output", entry->name, 0,
                    "the files have no embedding; the config says that it is the output "
                    "matrix too, so '%.96s' is both, as in transformers",
                    entry->name);
    if (code != BL_OK) return code;
  }

  if (part >= 0 && bl_role_quantizable(role)) {
    char path[160];
    snprintf(path, sizeof path, "%.*s", (int)(strlen(stem) - strlen(".weight")), stem);
    bl_format settings;
    bl_code code = bl_mlx_layers_find(&loader->mlx_layers, path, &settings, error);
    if (code != BL_OK) return code;
    bool is_codes = part > 0 || strcmp(entry->type->name, "U32") == 0;
    if (settings.codec && is_codes)
      return open_mlx_part(loader, entry, weight, part, settings, n_rows, n_cols, error);
  }
  if (!is_new) return bl_loader_fail_twice(loader, entry, error);
  const int64_t file_rows = place.turned ? n_cols : n_rows;
  const int64_t file_cols = place.turned ? n_rows : n_cols;
  if (!bl_entry_has_shape(entry, file_rows, file_cols))
    return bl_loader_fail_shape(loader, entry, file_rows, file_cols, error);
  loader->arrivals[weight - loader->model->weights].parts[0] = true;
  return open_rows(loader, entry, weight, n_rows, n_cols, place.turned, error);
}

/* ---- its bytes ----------------------------------------------------------------------------- */

/* Memory is taken when the first bytes come, and not at all for tensors that stay where they are.
 */
static bl_code begin_sink(bl_loader *loader, const bl_entry *entry, bl_error *error) {
  bl_sink *sink = &loader->sink;
  if (sink->kind == BL_SINK_EXPERT) return bl_loader_begin_expert(loader, entry, error);
  if (sink->kind == BL_SINK_CONVERT) {
    sink->carry = malloc(sink->row_bytes);
    if (!sink->carry) return bl_fail_memory(error, sink->row_bytes);
    return bl_conversion_begin(&sink->conversion, error);
  }
  if (sink->kind == BL_SINK_TURN) {
    size_t n_bytes = entry->size_bytes < SIZE_MAX / 2 ? (size_t)entry->size_bytes : SIZE_MAX;
    sink->carry = malloc(n_bytes);
    sink->turned = malloc(n_bytes);
    if (!sink->carry || !sink->turned) return bl_fail_memory(error, 2 * entry->size_bytes);
    return bl_conversion_begin(&sink->conversion, error);
  }
  if (sink->kind == BL_SINK_TORCH) {
    if (entry->size_bytes < SIZE_MAX / 2) sink->carry = malloc((size_t)entry->size_bytes + 1);
    if (!sink->carry) return bl_fail_memory(error, entry->size_bytes);
    sink->copy_to = sink->carry;
  }
  if (sink->kind == BL_SINK_COPY && sink->weight) {
    if (entry->size_bytes < SIZE_MAX / 2)
      sink->copy_to = bl_aligned_alloc((size_t)entry->size_bytes);
    if (!sink->copy_to) return bl_fail_memory(error, entry->size_bytes);
    sink->weight->owned[sink->part] = sink->copy_to;
    sink->weight->tensor.parts[sink->part] = sink->copy_to;
  }
  return BL_OK;
}

static void feed_rows(bl_sink *sink, const uint8_t *bytes, size_t n_bytes) {
  if (sink->carry_size > 0) {
    size_t n = sink->row_bytes - sink->carry_size;
    if (n > n_bytes) n = n_bytes;
    memcpy(sink->carry + sink->carry_size, bytes, n);
    sink->carry_size += n;
    bytes += n;
    n_bytes -= n;
    if (sink->carry_size < sink->row_bytes) return;
    bl_conversion_rows(&sink->conversion, sink->rows_done++, 1, (const uint8_t *[]){sink->carry});
    sink->carry_size = 0;
  }
  int64_t n_rows = (int64_t)(n_bytes / sink->row_bytes);
  if (n_rows > 0) bl_conversion_rows(&sink->conversion, sink->rows_done, n_rows, &bytes);
  sink->rows_done += n_rows;
  sink->carry_size = n_bytes - (size_t)n_rows * sink->row_bytes;
  memcpy(sink->carry, bytes + (size_t)n_rows * sink->row_bytes, sink->carry_size);
}

/* Takes bytes of a matrix that lies (n_cols, n_rows) in the file; all of it goes on together. */
static void feed_turned(bl_sink *sink, const uint8_t *bytes, size_t n_bytes) {
  const bl_tensor *t = &sink->conversion.source;
  const size_t size = t->row_bytes[0] / (size_t)t->n_cols; /* of a number */
  const size_t n_rows = (size_t)t->n_rows, n_cols = (size_t)t->n_cols;
  memcpy(sink->carry + sink->carry_size, bytes, n_bytes);
  sink->carry_size += n_bytes;
  if (sink->carry_size < n_rows * n_cols * size) return;
  bl_transpose(sink->carry, n_cols, n_rows, size, sink->turned);
  bl_conversion_rows(&sink->conversion, 0, t->n_rows, (const uint8_t *[]){sink->turned});
}

bl_code bl_loader_feed_entry(bl_loader *loader, const uint8_t *bytes, size_t n_bytes, bool mapped,
                             bl_error *error) {
  bl_sink *sink = &loader->sink;
  const bl_entry *entry = &loader->index->entries[loader->next_entry];
  if (mapped && sink->can_stay) {
    sink->weight->tensor.parts[sink->part] = bytes;
    return BL_OK;
  }
  if (!sink->begun) {
    bl_code code = begin_sink(loader, entry, error);
    if (code != BL_OK) return code;
    sink->begun = true;
  }
  if (sink->kind == BL_SINK_CONVERT) feed_rows(sink, bytes, n_bytes);
  if (sink->kind == BL_SINK_TURN) feed_turned(sink, bytes, n_bytes);
  if (sink->kind == BL_SINK_COPY || sink->kind == BL_SINK_TORCH || sink->kind == BL_SINK_EXPERT) {
    memcpy(sink->copy_to + sink->copied, bytes, n_bytes);
    sink->copied += n_bytes;
  }
  bool is_whole = sink->copied == entry->size_bytes;
  if (sink->kind == BL_SINK_EXPERT && is_whole) return bl_loader_end_expert(loader, error);
  return sink->kind == BL_SINK_TORCH && is_whole
             ? bl_loader_take_torch(loader, entry, sink->carry, error)
             : BL_OK;
}

void bl_loader_close_entry(bl_loader *loader) {
  bl_sink *sink = &loader->sink;
  if (sink->kind == BL_SINK_CONVERT || sink->kind == BL_SINK_TURN)
    bl_conversion_end(&sink->conversion);
  free(sink->carry);
  free(sink->turned);
  *sink = (bl_sink){.kind = BL_SINK_SKIP};
  loader->in_entry = false;
}
