/* Checkpoints of bitsandbytes and torchao: what is written is what transformers' save_pretrained
 * wrote, and what it wrote is read (tests/golden/make_torch_models.py). */
#include <cJSON.h>

#include "format/index.h"
#include "model/model.h"
#include "model_files.h"

static const struct {
  const char *folder, *recipe, *format;
} models[] = {
    {"tiny_llama_bnb", "nf4/embed_tokens=reference", "nf4"},
    {"tiny_llama_bnb_double", "nf4_double/embed_tokens=reference", "nf4_double"},
    {"tiny_llama_torchao_int8", "int8/embed_tokens=reference", "int8"},
    {"tiny_llama_torchao_int4", "int4:64/embed_tokens=reference", "int4:64"},
};
enum { N_MODELS = sizeof models / sizeof *models };

static const char *const weights_file[] = {"model.safetensors", NULL};

static bl_model *load(const char *folder, const char *recipe, bl_dtype cast) {
  bl_load_options options = {.cast = cast};
  bl_model *model = NULL;
  bl_error found = {0};
  if (bl_recipe_parse(recipe, &options.recipe, &found) != BL_OK ||
      golden_load_files(folder, weights_file, &options, 0, &model, &found) != BL_OK) {
    printf("    cannot load %s as %s: %s\n", folder, recipe, found.message);
    exit(1);
  }
  return model;
}

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

/* The file of this name in an export of the model; empty when there is none. */
static bytes exported(const bl_model *model, const char *name) {
  bytes b = {0};
  bl_error found = {0};
  bl_export *ex = bl_export_torch_new(model, &found);
  CHECK_MSG(ex, "%s", found.message);
  for (int i = 0; ex && i < bl_export_n_files(ex); i++) {
    if (strcmp(bl_export_file_name(ex, i), name) != 0) continue;
    CHECK_OK(bl_export_write(ex, i, append, &b, error));
    CHECK(b.size == bl_export_file_size(ex, i));
  }
  bl_export_free(ex);
  return b;
}

static bl_index *parse_index(const bytes *file) {
  bl_index *index = NULL;
  uint64_t needed;
  CHECK_OK(bl_index_parse("f", file->data, file->size, file->size, &index, &needed, error));
  if (!index) exit(1);
  return index;
}

/* The tensor of this name; its name is NULL when there is none. */
static bl_index_tensor find_tensor(const bl_index *index, const char *name) {
  bl_index_tensor t;
  for (int i = 0; i < bl_index_n_tensors(index); i++) {
    bl_index_get_tensor(index, i, &t);
    if (strcmp(t.name, name) == 0) return t;
  }
  return (bl_index_tensor){0};
}

/* The same JSON? */
static bool same_json(const char *a, size_t a_size, const char *b, size_t b_size) {
  cJSON *x = cJSON_ParseWithLength(a, a_size), *y = cJSON_ParseWithLength(b, b_size);
  bool same = x && y && cJSON_Compare(x, y, true);
  cJSON_Delete(x);
  cJSON_Delete(y);
  return same;
}

/* Is every name of one list in the other, and are they equally many? */
static bool same_names(const bl_meta *a, const bl_meta *b) {
  cJSON *x = cJSON_ParseWithLength(a->s.bytes, a->s.size);
  cJSON *y = cJSON_ParseWithLength(b->s.bytes, b->s.size);
  bool same = cJSON_GetArraySize(x) == cJSON_GetArraySize(y) && cJSON_GetArraySize(x) > 0;
  const cJSON *name, *other;
  cJSON_ArrayForEach(name, x) {
    bool found = false;
    cJSON_ArrayForEach(other, y) found = found || cJSON_Compare(name, other, true);
    same = same && found;
  }
  cJSON_Delete(x);
  cJSON_Delete(y);
  return same;
}

/* Every tensor has the same name, type, shape and place, every byte of data is the same, and every
 * member of the metadata says the same. */
static void check_same_file(const bytes *ours, const bytes *theirs, const char *folder) {
  bl_index *a = parse_index(ours), *b = parse_index(theirs);
  CHECK(a->n_entries == b->n_entries && a->n_entries > 40);
  for (int i = 0; i < b->n_entries; i++) {
    const bl_entry *t = &b->entries[i], *u = &a->entries[i];
    CHECK_MSG(strcmp(t->name, u->name) == 0, "%s: %s stands in the place of %s", folder, u->name,
              t->name);
    CHECK_MSG(t->type == u->type && t->n_dims == u->n_dims &&
                  memcmp(t->dims, u->dims, (size_t)t->n_dims * sizeof *t->dims) == 0,
              "%s: %s has another type or shape", folder, t->name);
  }
  size_t n = ours->size - (size_t)a->data_start;
  CHECK_MSG(n == theirs->size - (size_t)b->data_start &&
                memcmp(ours->data + a->data_start, theirs->data + b->data_start, n) == 0,
            "%s: other bytes", folder);
  CHECK(a->n_meta == b->n_meta && a->n_meta > 0);
  for (int i = 0; i < b->n_meta; i++) {
    const bl_meta *t = &b->meta[i], *u = bl_index_meta(a, t->key);
    CHECK_MSG(u, "%s: no metadata %s", folder, t->key);
    if (!u) continue;
    bool is_text = t->s.size > 0 && t->s.bytes[0] != '{' && t->s.bytes[0] != '[';
    bool same = strcmp(t->key, "tensor_names") == 0 ? same_names(t, u)
                : is_text ? t->s.size == u->s.size && memcmp(t->s.bytes, u->s.bytes, t->s.size) == 0
                          : same_json(t->s.bytes, t->s.size, u->s.bytes, u->s.size);
    CHECK_MSG(same, "%s: metadata %s is %.*s", folder, t->key, (int)u->s.size, u->s.bytes);
  }
  bl_index_free(a);
  bl_index_free(b);
}

static cJSON *parse_config(const bytes *text) {
  cJSON *json = cJSON_ParseWithLength((const char *)text->data, text->size);
  CHECK_MSG(json, "no config: %s", (const char *)text->data);
  if (!json) exit(1);
  return json;
}

/* What transformers needs to load it is what transformers wrote. */
static void check_same_settings(const bytes *ours, const bytes *theirs) {
  static const char *const keys[] = {"quantization_config", "hidden_size", "vocab_size",
                                     "model_type", "tie_word_embeddings"};
  cJSON *a = parse_config(ours), *b = parse_config(theirs);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    CHECK_MSG(cJSON_Compare(cJSON_GetObjectItem(a, keys[i]), cJSON_GetObjectItem(b, keys[i]), true),
              "%s of %s", keys[i], (const char *)ours->data);
  const char *key = cJSON_HasObjectItem(a, "torch_dtype") ? "torch_dtype" : "dtype";
  CHECK(cJSON_Compare(cJSON_GetObjectItem(a, key), cJSON_GetObjectItem(b, "dtype"), true));
  cJSON_Delete(a);
  cJSON_Delete(b);
}

static void check_export(const bl_model *model, const char *folder) {
  bytes file = exported(model, "model.safetensors"), config = exported(model, "config.json");
  bytes tokenizer = exported(model, "tokenizer.json");
  bytes their_file, their_config;
  their_file.data = golden_read(folder, "model.safetensors", &their_file.size);
  their_config.data = golden_read(folder, "config.json", &their_config.size);
  check_same_file(&file, &their_file, folder);
  check_same_settings(&config, &their_config);
  CHECK(tokenizer.size > 0);
  free(file.data);
  free(config.data);
  free(tokenizer.data);
  free(their_file.data);
  free(their_config.data);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void an_export_is_what_save_pretrained_writes(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load("tiny_llama", models[i].recipe, BL_DTYPE_NONE);
    check_export(model, models[i].folder);
    bl_model_free(model);
  }
}

static void a_checkpoint_comes_back_as_it_was(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load(models[i].folder, "reference", BL_DTYPE_NONE);
    check_export(model, models[i].folder);
    bl_model_free(model);
  }
}

static void an_embedding_that_was_quantized_is_written_with_the_values_it_has(void) {
  bl_model *model = load("tiny_llama3", "nf4_double", BL_DTYPE_NONE); /* bf16, not tied */
  bytes file = exported(model, "model.safetensors");
  bl_index *index = parse_index(&file);
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    const bl_tensor *t = &weight->tensor;
    if (weight->role != BL_EMBED && weight->role != BL_OUTPUT) continue;
    CHECK(strcmp(t->format.codec->name, "nf4_double") == 0);
    bl_index_tensor found = find_tensor(index, weight->name);
    CHECK(found.name && strcmp(found.type, "BF16") == 0 && found.dims[0] == t->n_rows);
    if (!found.name) continue;
    float *row = calloc((size_t)t->n_cols, sizeof *row);
    for (int64_t r = 0; r < t->n_rows; r++) {
      CHECK_OK(bl_model_decode_rows(model, i, r, 1, row, error));
      const uint8_t *stored = file.data + found.offset + (size_t)(r * t->n_cols) * 2;
      for (int64_t c = 0; c < t->n_cols; c++) {
        uint32_t bits = (uint32_t)stored[2 * c] << 16 | (uint32_t)stored[2 * c + 1] << 24;
        float value;
        memcpy(&value, &bits, sizeof value);
        CHECK(fabsf(value - row[c]) <= fabsf(row[c]) / 256);
      }
    }
    free(row);
  }
  bl_index_free(index);
  free(file.data);
  bl_model_free(model);
}

static void a_model_in_floats_has_its_type_and_no_quantization(void) {
  static const struct {
    bl_dtype dtype;
    const char *name, *stored;
  } types[] = {
      {BL_F32, "float32", "F32"}, {BL_F16, "float16", "F16"}, {BL_BF16, "bfloat16", "BF16"}};
  for (int i = 0; i < 3; i++) {
    bl_model *model = load("tiny_llama_mlx4", bl_dtype_name(types[i].dtype), types[i].dtype);
    bytes config = exported(model, "config.json"), file = exported(model, "model.safetensors");
    cJSON *json = parse_config(&config);
    bl_index *index = parse_index(&file);
    CHECK(!cJSON_GetObjectItem(json, "quantization_config"));
    CHECK(!cJSON_GetObjectItem(json, "quantization"));
    const char *key = cJSON_HasObjectItem(json, "torch_dtype") ? "torch_dtype" : "dtype";
    CHECK(strcmp(cJSON_GetObjectItem(json, key)->valuestring, types[i].name) == 0);
    for (int k = 0; k < index->n_entries; k++)
      CHECK(strcmp(index->entries[k].type->name, types[i].stored) == 0);
    bl_index_free(index);
    cJSON_Delete(json);
    free(config.data);
    free(file.data);
    bl_model_free(model);
  }
}

/* A list that transformers is given takes the place of its own, in which the output matrix is. */
static void matrices_that_stay_floats_are_listed_for_transformers(void) {
  static const char *const recipes[] = {"nf4/v_proj=reference", "int8/v_proj=reference"};
  static const char *const keys[] = {"llm_int8_skip_modules", "modules_to_not_convert"};
  for (int i = 0; i < 2; i++) {
    bl_model *model = load("tiny_llama", recipes[i], BL_DTYPE_NONE);
    bytes config = exported(model, "config.json");
    cJSON *json = parse_config(&config);
    const cJSON *list =
        cJSON_GetObjectItem(cJSON_GetObjectItem(json, "quantization_config"), keys[i]);
    static const char *const names[] = {"lm_head", "model.layers.0.self_attn.v_proj",
                                        "model.layers.1.self_attn.v_proj"};
    CHECK(cJSON_GetArraySize(list) == 3);
    for (int k = 0; k < 3 && cJSON_GetArraySize(list) == 3; k++)
      CHECK(strcmp(cJSON_GetArrayItem(list, k)->valuestring, names[k]) == 0);
    cJSON_Delete(json);
    free(config.data);
    bl_model_free(model);
  }
}

static void formats_without_a_checkpoint_are_refused_in_a_sentence(void) {
  static const struct {
    const char *recipe, *words;
  } refused[] = {
      {"q4_0", "stored as q4_0, which no checkpoint of transformers holds"},
      {"affine:4:64", "stored as affine, which"},
      {"qint8", "stored as qint8, which"},
      {"channel", "stored as channel, which"},
      {"mxfp4", "stored as mxfp4, which"},
      {"nf4/v_proj=q8_0", "'model.layers.0.self_attn.v_proj.weight' is stored as q8_0"},
      {"nf4/layers.1=nf4_double", "can't hold together"},
      {"nf4/layers.1=int8", "can't hold together"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    bl_model *model = load("tiny_llama", refused[i].recipe, BL_DTYPE_NONE);
    bl_error found = {0};
    bl_export *ex = bl_export_torch_new(model, &found);
    CHECK(!ex && found.code == BL_ERR_UNSUPPORTED);
    CHECK_MSG(strstr(found.message, refused[i].words), "%s: %s", refused[i].recipe, found.message);
    bl_export_free(ex);
    bl_model_free(model);
  }
}

/* ---- reading -------------------------------------------------------------------------------- */

static void a_checkpoint_keeps_its_formats(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load(models[i].folder, "reference", BL_DTYPE_NONE);
    bl_model_info info;
    bl_model_get_info(model, &info);
    CHECK(strcmp(info.container, "safetensors") == 0 && info.tied_output);
    size_t file_size;
    free(golden_read(models[i].folder, "model.safetensors", &file_size));
    CHECK(info.source_bytes > file_size - 16384 && info.source_bytes < file_size);
    for (int k = 0; k < info.n_tensors; k++) {
      bl_tensor_info t;
      CHECK_OK(bl_model_get_tensor(model, k, &t, error));
      bool is_matrix = strstr(t.name, "_proj") != NULL;
      CHECK_MSG(strcmp(t.format, is_matrix ? models[i].format : "f32") == 0, "%s is %s", t.name,
                t.format);
      CHECK(strcmp(t.format, t.source_format) == 0 && !t.converted);
    }
    bl_model_free(model);
  }
}

typedef struct rows {
  const float *expected; /* (n, n_vocab) */
  int n_vocab, n;
  double worst;
} rows;

static bool compare_row(void *context, int position, const float *logits) {
  rows *r = context;
  for (int i = 0; i < r->n_vocab; i++) {
    double d = fabs((double)logits[i] - r->expected[(size_t)position * r->n_vocab + i]);
    if (!(d <= r->worst)) r->worst = d; /* also when d is NaN */
  }
  r->n++;
  return true;
}

static int read_ids(const cJSON *json, const char *key, int32_t ids[64]) {
  int n = 0;
  const cJSON *id;
  cJSON_ArrayForEach(id, cJSON_GetObjectItem(json, key)) if (n < 64) ids[n++] = id->valueint;
  return n;
}

static void logits_and_greedy_texts_are_those_of_transformers(void) {
  double worst = 0;
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *model = load(models[i].folder, "reference", BL_DTYPE_NONE);
    size_t size;
    bytes text;
    text.data = golden_read(models[i].folder, "expected.json", &text.size);
    float *logits = (float *)(void *)golden_read(models[i].folder, "logits.f32", &size);
    cJSON *json = parse_config(&text);
    int32_t ids[64], greedy[64];
    int n_ids = read_ids(json, "ids", ids), n_greedy = read_ids(json, "greedy_ids", greedy);
    CHECK(n_ids == 36 && n_greedy == 24);
    bl_session *session = bl_session_new(model, &(bl_session_options){0}, NULL);
    rows r = {logits, (int)(size / sizeof *logits) / n_ids, 0, 0};
    CHECK_OK(bl_session_eval(session, ids, (size_t)n_ids, compare_row, &r, error));
    CHECK_MSG(r.n == n_ids && r.worst < 1e-4, "%s: logits differ by %g", models[i].folder, r.worst);
    worst = fmax(worst, r.worst);
    for (int k = 0; k < n_greedy; k++) {
      const float *row = bl_session_logits(session);
      int32_t best = 0;
      for (int v = 1; v < r.n_vocab; v++)
        if (row[v] > row[best]) best = v;
      CHECK_MSG(best == greedy[k], "%s: token %d is %d, expected %d", models[i].folder, k, best,
                greedy[k]);
      CHECK_OK(bl_session_eval(session, &greedy[k], 1, NULL, NULL, error));
    }
    bl_session_free(session);
    cJSON_Delete(json);
    free(text.data);
    free(logits);
    bl_model_free(model);
  }
  printf("    largest difference from transformers: %.1e\n", worst);
}

static void pieces_of_any_size_make_the_same_model(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *whole = load(models[i].folder, "reference", BL_DTYPE_NONE), *pieces = NULL;
    CHECK_OK(golden_load_files(models[i].folder, weights_file, &(bl_load_options){0}, 1009, &pieces,
                               error));
    for (int k = 0; pieces && k < whole->n_weights; k++) {
      const bl_tensor *a = &whole->weights[k].tensor, *b = &pieces->weights[k].tensor;
      for (int p = 0; p < a->format.codec->n_parts; p++)
        CHECK_MSG(memcmp(a->parts[p], b->parts[p], bl_tensor_part_bytes(a, p)) == 0,
                  "%s: part %d of %s", models[i].folder, p, whole->weights[k].name);
    }
    bl_model_free(whole);
    bl_model_free(pieces);
  }
}

/* The scale of a row of int8 is rounded to the type that the weights had, which the config tells
 * where the format does not. */
static void a_recipe_converts_what_a_checkpoint_has(void) {
  for (int i = 0; i < N_MODELS; i++) {
    bl_model *as_it_is = load(models[i].folder, "reference", BL_DTYPE_NONE);
    bl_model *plain = load(models[i].folder, "f32", BL_DTYPE_NONE);
    bl_model *affine = load(models[i].folder, "affine:4:32", BL_DTYPE_NONE);
    for (int k = 0; k < plain->n_weights; k++) {
      const bl_tensor *t = &as_it_is->weights[k].tensor;
      CHECK(bl_format_dtype(&plain->weights[k].tensor.format) == BL_F32);
      if (bl_role_quantizable(affine->weights[k].role))
        CHECK(affine->weights[k].tensor.format.param_dtype == BL_F32);
      float *row = calloc((size_t)t->n_cols, sizeof *row);
      for (int64_t r = 0; r < t->n_rows; r++) {
        bl_tensor_decode_row(t, r, row);
        const bl_tensor *u = &plain->weights[k].tensor;
        CHECK(memcmp(u->parts[0] + (size_t)r * u->row_bytes[0], row, u->row_bytes[0]) == 0);
      }
      free(row);
    }
    bl_model_free(as_it_is);
    bl_model_free(plain);
    bl_model_free(affine);
  }
}

/* ---- what is refused ------------------------------------------------------------------------ */

/* Replaces `from` by `to` at its first place. */
static void replace(bytes *text, const char *from, const char *to) {
  size_t n = strlen(from), m = strlen(to);
  for (size_t i = 0; i + n <= text->size; i++) {
    if (memcmp(text->data + i, from, n) != 0) continue;
    bytes edited = {0};
    append(&edited, text->data, i);
    append(&edited, to, m);
    append(&edited, text->data + i + n, text->size - i - n);
    free(text->data);
    *text = edited;
    return;
  }
  CHECK_MSG(false, "'%s' is not there", from);
}

typedef struct edit {
  const char *folder, *file, *from, *to, *words; /* file: what is edited: "config", "header", or
                                                    "data", where the sizes are the same */
} edit;

static bl_code load_edited(const edit *e, bl_error *found) {
  bytes config, file, header = {0}, whole = {0};
  config.data = golden_read(e->folder, "config.json", &config.size);
  file.data = golden_read(e->folder, "model.safetensors", &file.size);
  uint64_t header_size;
  memcpy(&header_size, file.data, 8);
  append(&header, file.data + 8, (size_t)header_size);
  bytes data = {0};
  append(&data, file.data + 8 + header_size, file.size - 8 - (size_t)header_size);
  replace(strcmp(e->file, "config") == 0   ? &config
          : strcmp(e->file, "header") == 0 ? &header
                                           : &data,
          e->from, e->to);
  header_size = header.size;
  append(&whole, &header_size, 8);
  append(&whole, header.data, header.size);
  append(&whole, data.data, data.size);
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, NULL);
  bl_code code =
      bl_loader_add_text(loader, "config.json", (const char *)config.data, config.size, found);
  if (code == BL_OK)
    code = golden_push(loader, "model.safetensors", whole.data, whole.size, 0, found);
  if (code == BL_OK) code = bl_loader_finish(loader, &model, found);
  bl_model_free(model);
  bl_loader_free(loader);
  free(config.data);
  free(file.data);
  free(header.data);
  free(data.data);
  free(whole.data);
  return code;
}

#define BNB "tiny_llama_bnb"
#define DOUBLE "tiny_llama_bnb_double"
#define INT8 "tiny_llama_torchao_int8"
#define INT4 "tiny_llama_torchao_int4"

static const edit refused[] = {
    {BNB, "config", "\"load_in_8bit\": false", "\"load_in_8bit\": true", "LLM.int8()"},
    {BNB, "config", "\"bnb_4bit_quant_type\": \"nf4\"", "\"bnb_4bit_quant_type\": \"fp4\"",
     "'bnb_4bit_quant_type' is 'fp4', expected nf4"},
    {BNB, "config", "\"uint8\"", "\"bfloat16\"", "'bnb_4bit_quant_storage' is 'bfloat16'"},
    {BNB, "config", "\"bnb_4bit_use_double_quant\": false", "\"bnb_4bit_use_double_quant\": true",
     "absmax' is F32, expected U8"},
    {DOUBLE, "config", "\"bnb_4bit_use_double_quant\": true",
     "\"bnb_4bit_use_double_quant\": false", "bnb_4bit_use_double_quant of the config is false"},
    {BNB, "config", "\"quant_method\": \"bitsandbytes\"", "\"quant_method\": \"gptq\"",
     "expected MLX's settings, bitsandbytes, torchao"},
    {BNB, "data", "\"blocksize\": 64", "\"blocksize\": 32", "'blocksize' is 32, expected 64"},
    {BNB, "data", "\"nf4\"", "\"fp4\"", "'quant_type' is 'fp4', expected nf4"},
    {BNB, "data", "\"shape\": [128, 128]", "\"shape\": [256, 064]", "not valid JSON: at byte 74"},
    {BNB, "data", "\"shape\": [128, 128]", "\"shape\": [256,  64]", "'shape' is not [128, 128]"},
    {DOUBLE, "data", "\"nested_blocksize\": 256", "\"nested_blocksize\": 128",
     "'nested_blocksize' is 128, expected 256"},
    {DOUBLE, "data", "\"nested_offset\"", "\"nested_offseT\"", "'nested_offset' is missing"},
    {BNB, "data", "\xb1\x39\x32\xbf", "\xb1\x39\x32\x3f", "gives code 1 the value 0.69"},
    {DOUBLE, "data", "\xb1\x39\x32\xbf", "\xb1\x39\x32\x3f", "gives code 1 the value 0.69"},
    {BNB, "header", ".0.mlp.up_proj.weight.absmax\"", ".0.mlp.up_proj.weight.absmin\"",
     "up_proj.weight.absmin' is not one that"},
    {BNB, "header", "[8192,1]", "[1,8192]", "has shape [1, 8192], expected [8192, 1]"},
    {INT8, "header", "\\\"act_quant_kwargs\\\": null", "\\\"act_quant_kwargs\\\": {}",
     "asks for quantized activations"},
    {INT8, "header", "\\\"block_size\\\": [1, 128]", "\\\"block_size\\\": [1, 64]",
     "'block_size' is [1, 64], expected [1, 128]"},
    {INT8, "header", "Int8Tensor", "Float8Tensor", "'_type' is 'Float8Tensor'"},
    {INT8, "header", "\\\"_data\\\": \\\"float32\\\"", "\\\"_data\\\": \\\"float64\\\"",
     "'dtype' is 'float64'"},
    {INT8, "header", "_weight_zero_point", "_weight_zero_pointer", "is not one that a llama model"},
    {INT4, "header", "Int4Tensor", "Int4TilePackedTo4dTensor",
     "'_type' is 'Int4TilePackedTo4dTensor', expected Int8Tensor or Int4Tensor"},
    {INT4, "header", "\\\"block_size\\\": [1, 64]", "\\\"block_size\\\": [1, 48]",
     "'block_size' is [1, 48], expected 32, 64, 128 or 256"},
    {INT4, "header", "\\\"block_size\\\": [1, 64]", "\\\"block_size\\\": [2, 64]",
     "'block_size' is not [1, n]"},
    {INT4, "header", "\\\"block_size\\\": [1, 64]", "\\\"block_size\\\": [1, 32]", "expected [4, "},
};

static void what_bitloss_cannot_read_is_told_in_a_sentence(void) {
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const edit *e = &refused[i];
    bl_error found = {0};
    bl_code code = load_edited(e, &found);
    CHECK_MSG(code == BL_ERR_UNSUPPORTED || code == BL_ERR_INPUT, "%s is loaded", e->to);
    CHECK_MSG(strstr(found.message, e->words), "%s: %s", e->to, found.message);
  }
}

/* Without one tensor, whose place another name takes that a checkpoint may have. */
static void a_part_that_is_missing_is_named(void) {
  static const edit missing[] = {
      {BNB, "header", "model.layers.1.mlp.up_proj.weight.absmax\"",
       "model.layers.1.mlp.up_proj.weight.quant_map2\"", "quant_map2' is not one"},
      {INT8, "header", "model.layers.1.mlp.up_proj._weight_scale\"", "model.rotary_emb.inv_freq\"",
       "model.layers.1.mlp.up_proj._weight_scale' is missing"},
      {DOUBLE, "header", "model.layers.1.mlp.up_proj.weight.nested_absmax\"",
       "model.rotary_emb.inv_freq\"",
       "model.layers.1.mlp.up_proj.weight.nested_absmax' is missing"},
  };
  for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
    bl_error found = {0};
    CHECK(load_edited(&missing[i], &found) != BL_OK);
    CHECK_MSG(strstr(found.message, missing[i].words), "%s", found.message);
  }
}

int main(void) {
  RUN(an_export_is_what_save_pretrained_writes);
  RUN(a_checkpoint_comes_back_as_it_was);
  RUN(an_embedding_that_was_quantized_is_written_with_the_values_it_has);
  RUN(a_model_in_floats_has_its_type_and_no_quantization);
  RUN(matrices_that_stay_floats_are_listed_for_transformers);
  RUN(formats_without_a_checkpoint_are_refused_in_a_sentence);
  RUN(a_checkpoint_keeps_its_formats);
  RUN(logits_and_greedy_texts_are_those_of_transformers);
  RUN(pieces_of_any_size_make_the_same_model);
  RUN(a_recipe_converts_what_a_checkpoint_has);
  RUN(what_bitloss_cannot_read_is_told_in_a_sentence);
  RUN(a_part_that_is_missing_is_named);
  return check_result();
}
