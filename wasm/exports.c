/* The flat layer between the core and JavaScript. wasm/engine.ts and wasm/model.ts are its callers.
 *
 *  - Numbers are int, float or double: a double carries file sizes, which JavaScript can't pass as
 *    a 64-bit integer without a BigInt. Handles are addresses.
 *  - Texts come in as NUL-terminated strings, or as bytes with a length where NUL may be inside.
 *  - Structs go out as JSON text, which stays valid until the next call that returns JSON; only
 *    bl_step, read once per token, is read from memory in place.
 *  - A function that can fail returns NULL, a negative number or a bl_code; the sentence is then at
 *    bw_error_message(). A module instance serves one thread, so its few statics are its own. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "exports.h"

bl_error bw_last_error;

EXPORT(bw_error_code) int bw_error_code(void) {
  return (int)bw_last_error.code;
}

EXPORT(bw_error_message) const char *bw_error_message(void) {
  return bw_last_error.message;
}

/* Which sentence it is, and what stands in it, each ended by BL_FIELD_END. */
EXPORT(bw_error_format) const char *bw_error_format(void) {
  return bw_last_error.format;
}

EXPORT(bw_error_fields) const char *bw_error_fields(void) {
  return bw_last_error.fields;
}

EXPORT(bw_alloc) void *bw_alloc(size_t n_bytes) {
  return malloc(n_bytes);
}

EXPORT(bw_free) void bw_free(void *p) {
  free(p);
}

/* ---- structs as JSON ----------------------------------------------------------------------- */

static void write_error(const bl_weight_error *error) {
  bw_json_open("error", '{');
  bw_json_number("n", (double)error->n);
  bw_json_number("rmse", error->rmse);
  bw_json_number("snrDb", error->snr_db);
  bw_json_number("maxAbs", error->max_abs);
  bw_json_number("cosine", error->cosine);
  bw_json_close('}');
}

/* ModelInfo of wasm/types.ts, with the error over all tensors as "error". */
EXPORT(bw_model_info) const char *bw_model_info(const bl_model *model) {
  bl_model_info info;
  bl_weight_error error;
  bl_model_get_info(model, &info);
  bl_model_get_error(model, &error);
  bw_json_begin();
  bw_json_open(NULL, '{');
  bw_json_string("architecture", info.architecture);
  bw_json_string("name", info.name);
  bw_json_string("container", info.container);
  bw_json_string("storedAs", info.stored_as);
  bw_json_bool("alreadyQuantized", info.already_quantized);
  bw_json_string("recipe", info.recipe);
  bw_json_number("nLayers", info.n_layers);
  bw_json_number("dim", info.dim);
  bw_json_number("nHeads", info.n_heads);
  bw_json_number("nKvHeads", info.n_kv_heads);
  bw_json_number("headDim", info.head_dim);
  bw_json_number("ffnDim", info.ffn_dim);
  bw_json_number("vocabSize", info.vocab_size);
  bw_json_number("maxContext", info.max_context);
  bw_json_bool("tiedOutput", info.tied_output);
  bw_json_bool("hasTokenizer", info.has_tokenizer);
  bw_json_string("documents", bl_documents_name(info.documents));
  bw_json_number("nParams", (double)info.n_params);
  bw_json_number("sourceBytes", (double)info.source_bytes);
  bw_json_number("sizeBytes", (double)info.size_bytes);
  bw_json_number("bitsPerWeight", info.bits_per_weight);
  bw_json_number("nTensors", info.n_tensors);
  write_error(&error);
  bw_json_open("notes", '[');
  for (int i = 0; i < bl_model_n_notes(model); i++) bw_json_note(bl_model_note(model, i));
  bw_json_close(']');
  bw_json_close('}');
  return bw_json_end();
}

/* One of the texts that a chat template is rendered with, or NULL: see bl_model_text. */
EXPORT(bw_model_text) const char *bw_model_text(const bl_model *model, const char *name) {
  return bl_model_text(model, name);
}

/* An array of TensorInfo. */
EXPORT(bw_model_tensors) const char *bw_model_tensors(const bl_model *model) {
  bl_model_info model_info;
  bl_model_get_info(model, &model_info);
  bw_json_begin();
  bw_json_open(NULL, '[');
  for (int i = 0; i < model_info.n_tensors; i++) {
    bl_tensor_info info;
    if (bl_model_get_tensor(model, i, &info, &bw_last_error) != BL_OK) return NULL;
    bw_json_open(NULL, '{');
    bw_json_string("name", info.name);
    bw_json_string("format", info.format);
    bw_json_string("sourceFormat", info.source_format);
    bw_json_number("nRows", (double)info.n_rows);
    bw_json_number("nCols", (double)info.n_cols);
    bw_json_number("sizeBytes", (double)info.size_bytes);
    bw_json_number("sourceBytes", (double)info.source_bytes);
    bw_json_bool("converted", info.converted);
    write_error(&info.error);
    bw_json_close('}');
  }
  bw_json_close(']');
  return bw_json_end();
}

/* {text, f32, f16, bf16}: the canonical recipe, and its bits per weight for each type of scales. */
EXPORT(bw_recipe) const char *bw_recipe(const char *text) {
  bl_recipe recipe;
  char canonical[BL_RECIPE_TEXT];
  if (bl_recipe_parse(text, &recipe, &bw_last_error) != BL_OK) return NULL;
  bl_recipe_print(&recipe, canonical, sizeof canonical);
  bw_json_begin();
  bw_json_open(NULL, '{');
  bw_json_string("text", canonical);
  for (bl_dtype dtype = BL_F32; dtype <= BL_BF16; dtype++)
    bw_json_number(bl_dtype_name(dtype), bl_recipe_bits_per_weight(&recipe, dtype));
  bw_json_close('}');
  return bw_json_end();
}

static void write_ints(const char *key, const int *values, int n) {
  bw_json_open(key, '[');
  for (int i = 0; i < n; i++) bw_json_number(NULL, values[i]);
  bw_json_close(']');
}

static void write_containers(unsigned containers) {
  bw_json_open("containers", '[');
  if (containers & BL_HOLDS_MLX) bw_json_string(NULL, "mlx");
  if (containers & BL_HOLDS_GGUF) bw_json_string(NULL, "gguf");
  if (containers & BL_HOLDS_TORCH) bw_json_string(NULL, "torch");
  bw_json_close(']');
}

/* An array of RecipeKind of wasm/types.ts. */
EXPORT(bw_recipe_kinds) const char *bw_recipe_kinds(void) {
  bw_json_begin();
  bw_json_open(NULL, '[');
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_recipe_kind_get(i, &kind);
    bw_json_open(NULL, '{');
    bw_json_string("name", kind.name);
    bw_json_string("family", kind.family);
    write_ints("bits", kind.bits, kind.n_bits);
    write_ints("groups", kind.groups, kind.n_groups);
    bw_json_number("defaultBits", kind.default_bits);
    bw_json_number("defaultGroup", kind.default_group);
    bw_json_bool("isMixture", kind.is_mixture);
    bw_json_bool("int8Activations", kind.int8_activations);
    write_containers(kind.containers);
    bw_json_number("fixedBits", kind.fixed_bits);
    bw_json_bool("evenLevels", kind.even_levels);
    bw_json_bool("lowestUnused", kind.lowest_unused);
    bw_json_open("levels", '[');
    for (int k = 0; k < kind.n_levels; k++) bw_json_number(NULL, (double)kind.levels[k]);
    bw_json_close(']');
    bw_json_close('}');
  }
  bw_json_close(']');
  return bw_json_end();
}

/* ---- loading ------------------------------------------------------------------------------- */

/* `cast` is a float type's name, or "" to keep what is stored; `name`, which must stay until the
 * loader has finished, is what to call a model whose files do not say, or NULL. Errors are always
 * measured. */
EXPORT(bw_loader_new)
bl_loader *bw_loader_new(const char *recipe, const char *cast, const char *name) {
  bl_load_options options = {.measure = true, .name = name};
  if (bl_recipe_parse(recipe, &options.recipe, &bw_last_error) != BL_OK) return NULL;
  if (*cast && !bl_dtype_parse(cast, &options.cast)) {
    bl_fail(&bw_last_error, BL_ERR_ARGUMENT, "cast: expected f32, f16 or bf16");
    return NULL;
  }
  return bl_loader_new(&options, &bw_last_error);
}

EXPORT(bw_loader_free) void bw_loader_free(bl_loader *loader) {
  bl_loader_free(loader);
}

EXPORT(bw_loader_add_text)
int bw_loader_add_text(bl_loader *loader, const char *name, const char *text, size_t size) {
  return (int)bl_loader_add_text(loader, name, text, size, &bw_last_error);
}

/* How many bytes of the file are needed: 0 once its header has been taken; -1 on an error. */
EXPORT(bw_loader_show_header)
double bw_loader_show_header(bl_loader *loader, const char *name, const void *bytes, size_t n_bytes,
                             double size) {
  uint64_t n_needed;
  bl_code code = bl_loader_show_header(loader, name, bytes, n_bytes, (uint64_t)size, &n_needed,
                                       &bw_last_error);
  return code == BL_OK ? (double)n_needed : -1;
}

/* The bytes that the weights would take, of the files whose headers were shown; -1 where they would
 * not load. The loader can then only be freed. */
EXPORT(bw_loader_check) double bw_loader_check(bl_loader *loader) {
  bl_code code = bl_loader_check(loader, &bw_last_error);
  return code == BL_OK ? (double)bl_loader_planned_bytes(loader) : -1;
}

EXPORT(bw_loader_begin_file)
int bw_loader_begin_file(bl_loader *loader, const char *name, double size) {
  return (int)bl_loader_begin_file(loader, name, (uint64_t)size, &bw_last_error);
}

EXPORT(bw_loader_push) int bw_loader_push(bl_loader *loader, const void *bytes, size_t n_bytes) {
  return (int)bl_loader_push(loader, bytes, n_bytes, &bw_last_error);
}

EXPORT(bw_loader_end_file) int bw_loader_end_file(bl_loader *loader) {
  return (int)bl_loader_end_file(loader, &bw_last_error);
}

EXPORT(bw_loader_tensor_name) const char *bw_loader_tensor_name(const bl_loader *loader) {
  return bl_loader_tensor_name(loader);
}

EXPORT(bw_loader_finish) bl_model *bw_loader_finish(bl_loader *loader) {
  bl_model *model = NULL;
  return bl_loader_finish(loader, &model, &bw_last_error) == BL_OK ? model : NULL;
}

/* ---- a model ------------------------------------------------------------------------------- */

EXPORT(bw_model_free) void bw_model_free(bl_model *model) {
  bl_model_free(model);
}

/* values (n_rows, n_cols) */
EXPORT(bw_model_decode_rows)
int bw_model_decode_rows(const bl_model *model, int tensor, double first_row, double n_rows,
                         float *values) {
  return (int)bl_model_decode_rows(model, tensor, (int64_t)first_row, (int64_t)n_rows, values,
                                   &bw_last_error);
}

static const bl_tokenizer *tokenizer_of(const bl_model *model) {
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  if (!tokenizer)
    bl_fail(&bw_last_error, BL_ERR_UNSUPPORTED,
            "The model's files have no tokenizer: expected a tokenizer.json beside them");
  return tokenizer;
}

/* Returns how many ids the text has, or -1; writes at most `capacity` of them. `around` is 0 for
 * the text alone, 1 with special tokens around it, 2 for what a model is given to continue. */
EXPORT(bw_tokenize)
int bw_tokenize(const bl_model *model, const char *text, size_t size, int around, int32_t *ids,
                size_t capacity) {
  const bl_tokenizer *tokenizer = tokenizer_of(model);
  size_t n = 0;
  if (!tokenizer) return -1;
  bl_code code = around == 2 ? bl_tokenizer_encode_prompt(tokenizer, text, size, ids, capacity, &n,
                                                          &bw_last_error)
                             : bl_tokenizer_encode(tokenizer, text, size, around == 1, ids,
                                                   capacity, &n, &bw_last_error);
  return code == BL_OK ? (int)n : -1;
}

EXPORT(bw_decoder_new) bl_decoder *bw_decoder_new(const bl_model *model, bool keep_special) {
  const bl_tokenizer *tokenizer = tokenizer_of(model);
  return tokenizer ? bl_decoder_new(tokenizer, keep_special, &bw_last_error) : NULL;
}

EXPORT(bw_decoder_free) void bw_decoder_free(bl_decoder *decoder) {
  bl_decoder_free(decoder);
}

/* A piece of text in memory. */
typedef struct text_view {
  const char *bytes;
  size_t size;
} text_view;

/* The text that this id completes, valid until the next call; NULL on an error. */
EXPORT(bw_decoder_push) const text_view *bw_decoder_push(bl_decoder *decoder, int32_t id) {
  static text_view text;
  return bl_decoder_push(decoder, id, &text.bytes, &text.size, &bw_last_error) == BL_OK ? &text
                                                                                        : NULL;
}

EXPORT(bw_decoder_flush) const text_view *bw_decoder_flush(bl_decoder *decoder) {
  static text_view text;
  bl_decoder_flush(decoder, &text.bytes, &text.size);
  return &text;
}

/* ---- running a model ----------------------------------------------------------------------- */

EXPORT(bw_session_new)
bl_session *bw_session_new(const bl_model *model, int n_context, int n_batch) {
  bl_session_options options = {.n_context = n_context, .n_batch = n_batch};
  return bl_session_new(model, &options, &bw_last_error);
}

EXPORT(bw_session_free) void bw_session_free(bl_session *session) {
  bl_session_free(session);
}

EXPORT(bw_session_kernels) const char *bw_session_kernels(const bl_session *session) {
  return bl_session_kernels(session);
}

/* Where bw_session_eval collects logits: row i is for the i-th token of the call. */
typedef struct logit_rows {
  float *next; /* (vocab_size) */
  size_t vocab_size;
} logit_rows;

static bool collect_logits(void *context, int position, const float *logits) {
  (void)position;
  logit_rows *rows = context;
  memcpy(rows->next, logits, rows->vocab_size * sizeof *logits);
  rows->next += rows->vocab_size;
  return true;
}

/* Runs n_ids tokens after those in the session; writes the logits after each (n_ids, vocab_size).
 */
EXPORT(bw_session_eval)
int bw_session_eval(bl_session *session, const int32_t *ids, size_t n_ids, float *logits,
                    size_t vocab_size) {
  logit_rows rows = {logits, vocab_size};
  return (int)bl_session_eval(session, ids, n_ids, collect_logits, &rows, &bw_last_error);
}

EXPORT(bw_generation_new)
bl_generation *bw_generation_new(bl_session *session, const int32_t *ids, size_t n_ids,
                                 float temperature, int top_k, float top_p, float min_p,
                                 double seed, int max_tokens) {
  bl_sampling sampling = {temperature, top_k, top_p, min_p, (uint64_t)seed};
  return bl_generation_from_ids(session, ids, n_ids, &sampling, max_tokens, &bw_last_error);
}

EXPORT(bw_generation_free) void bw_generation_free(bl_generation *generation) {
  bl_generation_free(generation);
}

/* wasm/engine.ts reads the step as eight 32-bit words in this order. */
_Static_assert(sizeof(bl_step) == 32 && offsetof(bl_step, kind) == 0 &&
                   offsetof(bl_step, n_done) == 4 && offsetof(bl_step, n_total) == 8 &&
                   offsetof(bl_step, id) == 12 && offsetof(bl_step, probability) == 16 &&
                   offsetof(bl_step, text) == 20 && offsetof(bl_step, text_size) == 24 &&
                   offsetof(bl_step, stop) == 28,
               "bl_step is eight words");

/* The next step, valid until the next call; NULL on an error. */
EXPORT(bw_generation_step) const bl_step *bw_generation_step(bl_generation *generation) {
  static bl_step step;
  step = (bl_step){0};
  return bl_generation_step(generation, &step, &bw_last_error) == BL_OK ? &step : NULL;
}
