/* A model as a GGUF file. Keys, names and order as llama.cpp has them: convert_hf_to_gguf.py for
 * what is written, llama-quantize for the order of tensors. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "format/index_build.h"
#include "model/card.h"
#include "model/config_check.h"
#include "model/export_gguf.h"
#include "model/made.h"
#include "model/rope.h"
#include "model/target.h"
#include "text/tokenizer.h"

enum { TYPE_F32 = 0 };                          /* ggml's number */
static const uint32_t quantization_version = 2; /* GGML_QNT_VERSION: how ggml lays out its blocks */

static const char *architecture(const bl_config *config) {
  return config->family->gguf;
}

static bool interleaves_rope(const bl_config *config) {
  return config->family->interleaved_rope;
}

/* ---- tensors ------------------------------------------------------------------------------- */

static bl_code refuse_format(const bl_weight *weight, bl_error *error) {
  char format[32];
  bl_format_print(&weight->tensor.format, format, sizeof format);
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "tensor '%.96s' is stored as %s, which GGUF has no type for: choose a recipe that "
                 "it has one for, such as q4_0, q8_0 or f16, or write an MLX directory",
                 weight->name, format);
}

static bl_code add_array(bl_export *ex, const bl_weight *weight, bl_error *error) {
  const bl_config *config = &ex->model->config;
  const bl_tensor *t = &weight->tensor;
  bl_export_array *a = &ex->arrays[ex->n_arrays];
  *a = (bl_export_array){.tensor = t, .type = TYPE_F32, .n_dims = 1, .dims = {t->n_cols}};
  bl_role_gguf_name(config, weight->role, weight->layer, a->name, sizeof a->name);
  if (!*a->name) return BL_OK; /* export_gguf_encoder.c tells of it */
  ex->n_arrays++;
  a->rows_per_head = bl_permuted_rows(config, interleaves_rope(config), weight->role);
  a->size_bytes = (uint64_t)t->n_cols * sizeof(float);
  if (config->block.adds_one && bl_role_share(weight->role) == BL_IN_OTHER) a->more = 1;
  const bool is_float32 =
      weight->role == BL_POSITIONS || weight->role == BL_TYPES || weight->role == BL_ROUTER;
  if (is_float32) { /* in every file */
    a->n_dims = 2;
    if (weight->role == BL_POSITIONS) a->first_row = config->family->first_position;
    a->dims[0] = t->n_rows - a->first_row;
    a->dims[1] = t->n_cols;
    a->size_bytes *= (uint64_t)a->dims[0];
    a->decode_to = BL_F32;
  } else if (bl_role_quantizable(weight->role)) {
    if (!bl_gguf_type_of_codec(t->format.codec->name, &a->type))
      return refuse_format(weight, error);
    a->n_dims = 2;
    a->dims[0] = t->n_rows;
    a->dims[1] = t->n_cols;
    a->size_bytes = t->row_bytes[0] * (uint64_t)t->n_rows;
    if (a->rows_per_head == 0) a->bytes = t->parts[0];
  }
  bl_export_part_experts(ex, weight, a);
  a->padding = bl_gguf_padding(a->size_bytes);
  return BL_OK;
}

/* The factors that the rotary frequencies are divided by, where there are any. */
static bl_code add_rope_factors(bl_export *ex, bl_error *error) {
  const bl_config *config = &ex->model->config;
  const size_t n = (size_t)config->rope_dim / 2;
  if (!ex->model->rope_factors && config->rope_scaling != BL_ROPE_LLAMA3) return BL_OK;
  ex->rope_factors = malloc(n * sizeof *ex->rope_factors);
  if (!ex->rope_factors) return bl_fail_memory(error, n * sizeof *ex->rope_factors);
  if (ex->model->rope_factors)
    memcpy(ex->rope_factors, ex->model->rope_factors, n * sizeof *ex->rope_factors);
  else
    bl_rope_llama3_factors(config, ex->rope_factors);
  bl_export_array *a = &ex->arrays[ex->n_arrays++];
  *a = (bl_export_array){.name = "rope_freqs.weight", .type = TYPE_F32, .n_dims = 1};
  a->bytes = (const uint8_t *)ex->rope_factors;
  a->dims[0] = (int64_t)n;
  a->size_bytes = n * sizeof *ex->rope_factors;
  a->padding = bl_gguf_padding(a->size_bytes);
  return BL_OK;
}

/* Phi-3's lists of factors, as its config.json has them. */
static bl_code add_long_factors(bl_export *ex, bl_error *error) {
  const bl_config *config = &ex->model->config;
  const size_t n = (size_t)config->rope_dim / 2;
  for (int i = 0; i < 2 && config->rope_scaling == BL_ROPE_LONG; i++) {
    float *factors = malloc(n * sizeof *factors);
    if (!factors) return bl_fail_memory(error, n * sizeof *factors);
    bl_export_array *a = &ex->arrays[ex->n_arrays++];
    *a = (bl_export_array){.type = TYPE_F32, .n_dims = 1, .dims = {(int64_t)n}};
    snprintf(a->name, sizeof a->name, "rope_factors_%s.weight", i ? "long" : "short");
    a->owned = (uint8_t *)factors;
    a->bytes = a->owned;
    a->size_bytes = n * sizeof *factors;
    a->padding = bl_gguf_padding(a->size_bytes);
    bl_code code = bl_config_rope_factors("config.json", ex->model->config_json, config, i == 1,
                                          factors, error);
    if (code != BL_OK) return code;
  }
  return BL_OK;
}

static int layer_of(const bl_export_array *a) {
  return strncmp(a->name, "blk.", 4) == 0 ? atoi(a->name + 4) : -1;
}

/* What is outside the layers, then layer by layer; by name within. */
static int compare_order(const void *a, const void *b) {
  const bl_export_array *x = a, *y = b;
  int lx = layer_of(x), ly = layer_of(y);
  return lx != ly ? (lx > ly) - (lx < ly) : strcmp(x->name, y->name);
}

static bl_code list_arrays(bl_export *ex, bl_error *error) {
  size_t n = (size_t)ex->model->n_weights + 2;
  ex->arrays = malloc(n * sizeof *ex->arrays);
  if (!ex->arrays) return bl_fail_memory(error, n * sizeof *ex->arrays);
  bl_code code = add_rope_factors(ex, error);
  if (code == BL_OK) code = add_long_factors(ex, error);
  for (int i = 0; code == BL_OK && i < ex->model->n_weights; i++)
    code = add_array(ex, &ex->model->weights[i], error);
  if (code == BL_OK) qsort(ex->arrays, (size_t)ex->n_arrays, sizeof *ex->arrays, compare_order);
  return code;
}

/* ---- metadata ------------------------------------------------------------------------------ */

/* The number of a file whose matrices are mostly of this type, as llama.cpp's loader takes it to be
 * when a file does not say (llama-model-loader.cpp); 0, which is F32's, for types without one. */
static uint32_t file_type_of(uint32_t type) {
  static const struct {
    uint32_t type, file_type;
  } known[] = {{1, 1},   {2, 2},   {3, 3},   {6, 8},   {7, 9},   {8, 7},   {10, 10},
               {11, 12}, {12, 15}, {13, 17}, {14, 18}, {20, 25}, {30, 32}, {39, 38}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].type == type) return known[i].file_type;
  return 0;
}

static uint32_t most_common_type(const bl_export *ex) {
  uint32_t best = TYPE_F32;
  int64_t best_n = -1;
  for (int i = 0; i < ex->n_arrays; i++) {
    int64_t n = 0;
    for (int k = 0; k < ex->n_arrays && ex->arrays[i].n_dims > 1; k++)
      if (ex->arrays[k].n_dims > 1 && ex->arrays[k].type == ex->arrays[i].type)
        n += ex->arrays[k].tensor->n_rows * ex->arrays[k].tensor->n_cols;
    if (n <= best_n) continue;
    best_n = n;
    best = ex->arrays[i].type;
  }
  return best;
}

static void put_general(const bl_export *ex, bl_gguf_header *header) {
  const bl_model *model = ex->model;
  const char *name = architecture(&model->config);
  bl_gguf_put_string(header, "general.architecture", name, strlen(name));
  bl_gguf_put_string(header, "general.type", "model", 5);
  bl_gguf_put_u32(header, "general.file_type", file_type_of(most_common_type(ex)));
  bl_gguf_put_u32(header, "general.quantization_version", quantization_version);
}

/* How the rotary embedding is stretched; Llama 3.1's way is a table of factors instead. */
static void put_scaling(const bl_config *config, bl_gguf_header *header) {
  char key[96];
  bool is_yarn = config->rope_scaling == BL_ROPE_YARN;
  if (config->rope_scaling == BL_ROPE_LONG) {
    snprintf(key, sizeof key, "%s.rope.scaling.original_context_length", architecture(config));
    bl_gguf_put_u32(header, key, (uint32_t)config->rope_original_context);
    snprintf(key, sizeof key, "%s.rope.scaling.attn_factor", architecture(config));
    bl_gguf_put_f32(header, key, (float)config->rope_attention);
  }
  if (config->rope_scaling != BL_ROPE_LINEAR && !is_yarn) return;
  snprintf(key, sizeof key, "%s.rope.scaling.type", architecture(config));
  bl_gguf_put_string(header, key, is_yarn ? "yarn" : "linear", is_yarn ? 4 : 6);
  snprintf(key, sizeof key, "%s.rope.scaling.factor", architecture(config));
  bl_gguf_put_f32(header, key, (float)config->rope_factor);
  if (!is_yarn) return;
  snprintf(key, sizeof key, "%s.rope.scaling.original_context_length", architecture(config));
  bl_gguf_put_u32(header, key, (uint32_t)config->rope_original_context);
  for (int i = 0; i < BL_N_YARN; i++) {
    snprintf(key, sizeof key, "%s.%s", architecture(config), bl_yarn_gguf_key(i));
    if (!isnan(config->yarn[i])) bl_gguf_put_f32(header, key, (float)config->yarn[i]);
  }
}

/* Where a layer has no window though llama.cpp gives it one, or the other way around. */
static bool windows_differ(const bl_config *config) {
  bl_config same = {.n_layers = config->n_layers, .window_pattern = config->family->window_pattern};
  bl_config_spread_window(&same, 0);
  return config->window && memcmp(same.windowed, config->windowed, sizeof same.windowed) != 0;
}

static void put_gemma(const bl_config *config, bl_gguf_header *header) {
  const struct {
    const char *key;
    double value;
  } numbers[] = {{"attn_logit_softcapping", (double)config->scales.attention_cap},
                 {"final_logit_softcapping", (double)config->scales.logits_cap},
                 {"rope.freq_base_swa", config->local_theta}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char key[96];
    snprintf(key, sizeof key, "%s.%s", architecture(config), numbers[i].key);
    if (numbers[i].value != 0) bl_gguf_put_f32(header, key, (float)numbers[i].value);
  }
}

static void put_multipliers(const bl_config *config, bl_gguf_header *header) {
  double values[BL_N_MULTIPLIERS];
  bl_config_get_multipliers(config, values);
  for (int i = 0; config->block.has_multipliers && i < BL_N_MULTIPLIERS; i++) {
    char key[96];
    snprintf(key, sizeof key, "%s.%s", architecture(config), bl_multiplier_names[i][1]);
    bl_gguf_put_f32(header, key, (float)bl_plain_decimal(values[i]));
  }
}

static void put_shape(const bl_config *config, bl_gguf_header *header) {
  char key[96];
  const struct {
    const char *key;
    int32_t value;
    bool left_out;
  } sizes[] = {
      {"block_count", config->n_layers, false},
      {"context_length", config->max_context - config->family->first_position, false},
      {"embedding_length", config->dim, false},
      {"feed_forward_length", config->dense_ffn_dim ? config->dense_ffn_dim : config->ffn_dim,
       false},
      {"expert_count", config->n_experts, !config->block.has_experts},
      {"expert_used_count", config->n_used_experts, !config->block.has_experts},
      {"expert_feed_forward_length", config->ffn_dim, config->dense_ffn_dim == 0},
      {"attention.head_count", config->n_heads, false},
      {"attention.head_count_kv", config->n_kv_heads, false},
      {"attention.key_length", config->head_dim, config->head_dim * config->n_heads == config->dim},
      {"attention.value_length", config->head_dim,
       config->head_dim * config->n_heads == config->dim},
      {"vocab_size", config->vocab_size, false},
      {"rope.dimension_count", config->rope_dim, !config->block.has_rope},
  };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    snprintf(key, sizeof key, "%s.%s", architecture(config), sizes[i].key);
    if (!sizes[i].left_out) bl_gguf_put_u32(header, key, (uint32_t)sizes[i].value);
  }
  snprintf(key, sizeof key, "%s.%s", architecture(config), bl_gguf_norm_key(config));
  bl_gguf_put_f32(header, key, (float)config->norm_eps);
  if (!config->block.has_rope) return;
  snprintf(key, sizeof key, "%s.rope.freq_base", architecture(config));
  bl_gguf_put_f32(header, key, (float)config->rope_theta);
  put_scaling(config, header);
  put_gemma(config, header);
  put_multipliers(config, header);
  snprintf(key, sizeof key, "%s.attention.sliding_window", architecture(config));
  if (config->window) bl_gguf_put_u32(header, key, (uint32_t)config->window);
}

/* What the model says of its origin, and how to sample it. */
static bl_code put_origin(bl_export *ex, bl_gguf_header *header, bl_error *error) {
  const bl_model *model = ex->model;
  bl_gguf_put_all(header, &model->origin);
  bl_made_to_gguf(model, header);
  if (strcmp(model->container, "gguf") == 0) return BL_OK;
  return bl_card_to_gguf(&model->texts, model->name, header, &ex->notes, error);
}

/* A token id that config.json names; -1 when it is none, or a list. */
static int32_t config_id(const bl_model *model, const char *key) {
  const cJSON *item = bl_json_member(model->config_json, key);
  double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
  return id >= 0 && id < model->config.vocab_size ? (int32_t)id : -1;
}

/* What GGUF has no words for, or llama.cpp does otherwise. */
static bl_code note_losses(bl_export *ex, bl_error *error) {
  const bl_model *model = ex->model;
  bl_code code = BL_OK;
  if (!model->tokenizer)
    code = bl_note_add(&ex->notes, error, "no-tokenizer", "tokenizer.json", 0,
                       "the model's files have no tokenizer that could be read, so the GGUF file "
                       "has none: llama.cpp can't turn text into tokens with it");
  else if (bl_tokenizer_composes(model->tokenizer))
    code = bl_note_add(&ex->notes, error, "normalizer-left-out", "tokenizer.json", 0,
                       "the tokenizer composes characters before it splits a text (NFC), which "
                       "GGUF can't say: llama.cpp splits decomposed text otherwise");
  size_t n_shared = model->tokenizer ? bl_tokenizer_n_shared(model->tokenizer) : 0;
  if (code == BL_OK && n_shared)
    code = bl_note_add(&ex->notes, error, "shared-id-left-out", "tokenizer.json", (int64_t)n_shared,
                       "%zu of the tokenizer's ids stand%s for two texts, an added token's and one "
                       "of the vocabulary: GGUF has room for the added token's alone, so llama.cpp "
                       "reads the other text as other tokens",
                       n_shared, n_shared == 1 ? "s" : "");
  if (code == BL_OK && model->config.block.is_encoder) code = bl_gguf_note_encoder(ex, error);
  if (code == BL_OK && model->config.window && model->config.query_scale == 0)
    code = bl_note_add(&ex->notes, error, "window-ignored", "sliding_window", model->config.window,
                       "the model's attention looks back over %d tokens, which the file says; "
                       "llama.cpp lets such a model look back over all",
                       (int)model->config.window);
  return code;
}

static bl_code put_tokenizer(const bl_model *model, bl_gguf_header *header, bl_error *error) {
  if (!model->tokenizer) {
    bl_gguf_put_string(header, "tokenizer.ggml.model", "none", 4);
    return BL_OK;
  }
  const bl_special_ids config = {config_id(model, "bos_token_id"), config_id(model, "eos_token_id"),
                                 config_id(model, "unk_token_id"),
                                 config_id(model, "pad_token_id")};
  return bl_tokenizer_to_gguf(model->tokenizer, &config, model->config.vocab_size, header, error);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bl_code refuse_unknown(const bl_config *config, bl_error *error) {
  if (!config->family->gguf)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s models are not written as GGUF: write an MLX directory, or one for "
                   "transformers",
                   config->architecture);
  bl_config same = {.n_layers = config->n_layers};
  bl_config_skip_rope(&same, config->family->rope_pattern);
  if (memcmp(same.unturned, config->unturned, sizeof same.unturned) != 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the model has rotary positions in other layers than llama.cpp's %s "
                   "architecture, so it can't be written as GGUF",
                   architecture(config));
  if (windows_differ(config))
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the model's attention has a window in other layers than llama.cpp's %s "
                   "architecture, so it can't be written as GGUF",
                   architecture(config));
  if (config->query_scale != 0 && config->query_scale != bl_gguf_query_scale(config))
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "field 'query_pre_attn_scalar' is %g, but llama.cpp takes it to be %g, so the "
                   "model can't be written as GGUF",
                   config->query_scale, bl_gguf_query_scale(config));
  if (config->block.has_experts && !config->normalizes_experts)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "field '%s' is false, but llama.cpp takes it to be true, so the model can't be "
                   "written as GGUF",
                   config->family->experts.normalizes);
  const bool is_long =
      config->rope_scaling == BL_ROPE_LONG && config->family != bl_family_find("phi3");
  if (is_long || config->rope_scaling == BL_ROPE_DYNAMIC)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "field 'rope_type' is '%s', which GGUF has no word for, so the model can't "
                   "be written as such a file; an MLX directory keeps its config.json",
                   is_long ? "longrope" : "dynamic");
  if (!config->beyond_gguf) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%s: GGUF has no words for what the model does, so it can't be written as such a "
                 "file; an MLX directory keeps its config.json",
                 config->cannot_run);
}

/* Biases that llama.cpp reads for its llama architecture only. */
static bl_code refuse_biases(const bl_config *config, bl_error *error) {
  const char *which = config->o_bias     ? "attention output"
                      : config->mlp_bias ? "feed-forward"
                                         : NULL;
  if (!which || interleaves_rope(config) || !config->block.has_rope) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "the model has %s biases, which llama.cpp's %s architecture does not, so it can't "
                 "be written as GGUF",
                 which, architecture(config));
}

static bl_code add_file(bl_export *ex, bl_error *error) {
  bl_gguf_header header = {.error = error};
  char *bytes = NULL;
  size_t size = 0;
  put_general(ex, &header);
  put_shape(&ex->model->config, &header);
  bl_code code = note_losses(ex, error);
  if (code == BL_OK) code = put_origin(ex, &header, error);
  if (code == BL_OK) code = put_tokenizer(ex->model, &header, error);
  if (code == BL_OK && ex->model->config.block.is_encoder)
    code = bl_gguf_put_encoder(ex->model, &header, error);
  if (code == BL_OK) code = bl_chat_templates_to_gguf(&ex->model->templates, &header, error);
  for (int i = 0; code == BL_OK && i < ex->n_arrays; i++) {
    const bl_export_array *a = &ex->arrays[i];
    bl_gguf_put_tensor(&header, a->name, a->type, a->n_dims, a->dims, a->size_bytes);
  }
  if (code == BL_OK) code = bl_gguf_finish(&header, &bytes, &size);
  bl_gguf_discard(&header);
  return code == BL_OK ? bl_export_add_file(ex, "model.gguf", bytes, size, 0, error) : code;
}

bl_export *bl_export_gguf_new(const bl_model *model, bl_error *error) {
  bl_export *ex = calloc(1, sizeof *ex);
  if (!ex) {
    bl_fail_memory(error, sizeof *ex);
    return NULL;
  }
  ex->model = model;
  ex->n_shards = 1;
  bl_code code = refuse_unknown(&model->config, error);
  if (code == BL_OK && model->config.block.is_encoder)
    code = bl_gguf_refuse_encoder(&model->config, error);
  if (code == BL_OK) code = refuse_biases(&model->config, error);
  if (code == BL_OK) code = list_arrays(ex, error);
  if (code == BL_OK) code = add_file(ex, error);
  if (code == BL_OK) return ex;
  bl_export_free(ex);
  return NULL;
}
