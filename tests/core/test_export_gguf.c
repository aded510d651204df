/* GGUF export: what is written is what the format's owner reads, and what comes back is what was
 * there. */
#include "model/model.h"
#include "model_files.h"
#include "sink.h"
#include "text/tokenizer.h"

/* The one file of a model's GGUF export; size 0 on failure. */
static sink written(const bl_model *model) {
  sink s = {0};
  bl_error error = {0};
  bl_export *ex = bl_export_gguf_new(model, &error);
  CHECK_MSG(ex, "%s", error.message);
  if (!ex) return s;
  CHECK(bl_export_n_files(ex) == 1);
  CHECK(strcmp(bl_export_file_name(ex, 0), "model.gguf") == 0);
  CHECK_MSG(bl_export_write(ex, 0, sink_write, &s, &error) == BL_OK, "%s", error.message);
  CHECK(s.size == bl_export_file_size(ex, 0));
  bl_export_free(ex);
  return s;
}

static bl_model *load_gguf(const uint8_t *bytes, size_t size) {
  bl_model *model = NULL;
  bl_load_options options = {0};
  bl_error error = {0};
  bl_loader *loader = bl_loader_new(&options, &error);
  bl_code code = golden_push(loader, "model.gguf", bytes, size, 1000, &error);
  if (code == BL_OK) code = bl_loader_finish(loader, &model, &error);
  CHECK_MSG(code == BL_OK, "%s", error.message);
  bl_loader_free(loader);
  return model;
}

static bl_model *load(const char *folder) {
  bl_model *model = NULL;
  CHECK_OK(golden_load(folder, "reference", &model, error));
  return model;
}

static bl_index *parse(const uint8_t *bytes, size_t size) {
  bl_index *index = NULL;
  uint64_t needed;
  CHECK_OK(bl_index_parse("model.gguf", bytes, size, size, &index, &needed, error));
  return index;
}

static const char *metadata(const bl_index *index, const char *wanted) {
  for (int i = 0; i < bl_index_n_metadata(index); i++) {
    const char *key, *value;
    bl_index_get_metadata(index, i, &key, &value);
    if (strcmp(key, wanted) == 0) return value;
  }
  return "(absent)";
}

static bool find_tensor(const bl_index *index, const char *name, bl_index_tensor *tensor) {
  for (int i = 0; i < bl_index_n_tensors(index); i++) {
    bl_index_get_tensor(index, i, tensor);
    if (strcmp(tensor->name, name) == 0) return true;
  }
  return false;
}

static void check_metadata(const bl_index *index, const char *key, const char *expected) {
  CHECK_MSG(strcmp(metadata(index, key), expected) == 0, "%s is %s, expected %s", key,
            metadata(index, key), expected);
}

/* ---- the file ------------------------------------------------------------------------------ */

/* tiny_gguf was written by the `gguf` library, with rows permuted in Python. */
static void check_same_tensors(const char *folder, const char *golden) {
  bl_model *model = load(folder);
  if (!model) return;
  sink ours = written(model);
  size_t size;
  uint8_t *theirs = golden_read("tiny_gguf", golden, &size);
  bl_index *a = parse(ours.bytes, ours.size), *b = parse(theirs, size);
  CHECK(a && b && bl_index_n_tensors(a) == bl_index_n_tensors(b));
  for (int i = 0; a && b && i < bl_index_n_tensors(b); i++) {
    bl_index_tensor t, u;
    bl_index_get_tensor(b, i, &t);
    bool found = find_tensor(a, t.name, &u);
    CHECK_MSG(found, "%s is missing", t.name);
    if (!found) continue;
    CHECK_MSG(strcmp(t.type, u.type) == 0 && t.n_dims == u.n_dims &&
                  memcmp(t.dims, u.dims, (size_t)t.n_dims * sizeof *t.dims) == 0,
              "%s has another type or shape", t.name);
    CHECK_MSG(t.size_bytes == u.size_bytes &&
                  memcmp(theirs + t.offset, ours.bytes + u.offset, (size_t)t.size_bytes) == 0,
              "%s has other bytes", t.name);
    CHECK_MSG(u.offset % 32 == 0, "%s begins at %llu", t.name, (unsigned long long)u.offset);
  }
  bl_index_free(a);
  bl_index_free(b);
  free(theirs);
  free(ours.bytes);
  bl_model_free(model);
}

static void tensors_are_those_that_the_gguf_library_wrote(void) {
  check_same_tensors("tiny_llama", "tiny_llama.gguf");
  check_same_tensors("tiny_llama_bias", "tiny_llama_bias.gguf");
}

static void tensors_are_in_the_order_of_llama_quantize(void) {
  static const char *const expected[] = {
      "output.weight",
      "output_norm.weight",
      "rope_freqs.weight",
      "token_embd.weight",
      "blk.0.attn_k.weight",
      "blk.0.attn_norm.weight",
      "blk.0.attn_output.weight",
      "blk.0.attn_q.weight",
      "blk.0.attn_v.weight",
      "blk.0.ffn_down.weight",
      "blk.0.ffn_gate.weight",
      "blk.0.ffn_norm.weight",
      "blk.0.ffn_up.weight",
      "blk.1.attn_k.weight",
  };
  bl_model *model = load("tiny_llama3");
  if (!model) return;
  sink file = written(model);
  bl_index *index = parse(file.bytes, file.size);
  uint64_t end = 0;
  for (int i = 0; index && i < bl_index_n_tensors(index); i++) {
    bl_index_tensor t;
    bl_index_get_tensor(index, i, &t);
    if (i < (int)(sizeof expected / sizeof *expected))
      CHECK_MSG(strcmp(t.name, expected[i]) == 0, "%d is %s, expected %s", i, t.name, expected[i]);
    CHECK(i == 0 || t.offset == (end + 31) / 32 * 32);
    end = t.offset + t.size_bytes;
  }
  CHECK(file.size == (end + 31) / 32 * 32);
  bl_index_free(index);
  free(file.bytes);
  bl_model_free(model);
}

static void metadata_says_what_the_config_says(void) {
  bl_model *model = load("tiny_llama_bias");
  if (!model) return;
  sink file = written(model);
  bl_index *index = parse(file.bytes, file.size);
  if (!index) return;
  static const char *const expected[][2] = {
      {"general.architecture", "llama"},
      {"general.file_type", "1"},
      {"general.quantization_version", "2"},
      {"llama.block_count", "2"},
      {"llama.context_length", "512"},
      {"llama.embedding_length", "96"},
      {"llama.feed_forward_length", "128"},
      {"llama.attention.head_count", "3"},
      {"llama.attention.head_count_kv", "1"},
      {"llama.attention.key_length", "64"},
      {"llama.attention.value_length", "64"},
      {"llama.attention.layer_norm_rms_epsilon", "1e-05"},
      {"llama.rope.freq_base", "10000.0"},
      {"llama.rope.dimension_count", "64"},
      {"llama.rope.scaling.type", "linear"},
      {"llama.rope.scaling.factor", "2.0"},
      {"llama.vocab_size", "320"},
      {"tokenizer.ggml.model", "gpt2"},
      {"tokenizer.ggml.pre", "gpt-2"},
      {"tokenizer.ggml.tokens", "string[320]"},
      {"tokenizer.ggml.token_type", "i32[320]"},
      {"tokenizer.ggml.merges", "string[60]"},
      {"tokenizer.ggml.bos_token_id", "0"},
      {"tokenizer.ggml.eos_token_id", "1"},
      {"tokenizer.ggml.add_bos_token", "true"},
  };
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    check_metadata(index, expected[i][0], expected[i][1]);
  bl_index_free(index);
  free(file.bytes);
  bl_model_free(model);
}

static void a_head_as_wide_as_usual_is_not_mentioned(void) {
  bl_model *model = load("tiny_qwen2");
  if (!model) return;
  sink file = written(model);
  bl_index *index = parse(file.bytes, file.size);
  if (!index) return;
  check_metadata(index, "general.architecture", "qwen2");
  check_metadata(index, "general.file_type", "32");
  check_metadata(index, "qwen2.attention.key_length", "(absent)");
  check_metadata(index, "qwen2.rope.scaling.type", "(absent)");
  bl_index_free(index);
  free(file.bytes);
  bl_model_free(model);
}

/* ---- back again ---------------------------------------------------------------------------- */

/* The ids of a text that exercises merges, digits, special tokens and bytes. */
static size_t encode(const bl_model *model, int32_t *ids, size_t capacity) {
  static const char text[] = "The old boat: 안녕, x = 12 → ü 🙂\n\n<|im_start|> wind's </s>";
  size_t n = 0;
  CHECK_OK(
      bl_tokenizer_encode(model->tokenizer, text, sizeof text - 1, true, ids, capacity, &n, error));
  return n;
}

static void check_same_text(const bl_model *a, const bl_model *b) {
  int32_t ids_a[128], ids_b[128];
  size_t n = encode(a, ids_a, 128), m = encode(b, ids_b, 128);
  CHECK(n == m && n > 10 && n <= 128 && memcmp(ids_a, ids_b, n * sizeof *ids_a) == 0);
  CHECK(bl_tokenizer_size(a->tokenizer) == bl_tokenizer_size(b->tokenizer));
  /* In a GGUF "<|im_end|>", id 3, ends a text whatever the model's files said (llama.cpp). */
  for (int id = 0; id < bl_tokenizer_size(a->tokenizer); id++)
    CHECK_MSG(
        bl_tokenizer_is_end(b->tokenizer, id) == (id == 3 || bl_tokenizer_is_end(a->tokenizer, id)),
        "id %d ends a text in one of them", id);
}

/* Every matrix has its bytes again, every vector its values. */
static void check_round_trip(const char *folder) {
  bl_model *model = load(folder);
  if (!model) return;
  sink file = written(model);
  bl_model *back = load_gguf(file.bytes, file.size);
  if (!back) return;
  CHECK(model->n_weights == back->n_weights);
  for (int i = 0; i < model->n_weights; i++) {
    const bl_tensor *t = &model->weights[i].tensor, *u = &back->weights[i].tensor;
    const char *name = model->weights[i].name;
    CHECK_MSG(strcmp(name, back->weights[i].name) == 0 && t->n_rows == u->n_rows &&
                  t->n_cols == u->n_cols,
              "%s/%s is %s", folder, name, back->weights[i].name);
    if (t->n_rows > 1) {
      CHECK_MSG(t->format.codec == u->format.codec &&
                    memcmp(t->parts[0], u->parts[0], t->row_bytes[0] * (size_t)t->n_rows) == 0,
                "%s/%s has other bytes", folder, name);
    } else {
      float x[512], y[512];
      CHECK(t->n_cols <= 512);
      bl_tensor_decode_row(t, 0, x);
      bl_tensor_decode_row(u, 0, y);
      CHECK_MSG(memcmp(x, y, (size_t)t->n_cols * sizeof *x) == 0, "%s/%s has other values", folder,
                name);
    }
  }
  check_same_text(model, back);
  sink again = written(back);
  CHECK_MSG(again.size == file.size && memcmp(again.bytes, file.bytes, file.size) == 0,
            "%s: a GGUF file does not come back as it was", folder);
  free(again.bytes);
  free(file.bytes);
  bl_model_free(back);
  bl_model_free(model);
}

static void a_model_comes_back_as_it_was(void) {
  check_round_trip("tiny_llama");
  check_round_trip("tiny_llama_bias");
  check_round_trip("tiny_qwen2");
  check_round_trip("tiny_qwen3");
  check_round_trip("tiny_llama3");
}

/* Llama 3.1's rule as in transformers' modeling_rope_utils.py, for tiny_llama3's settings. */
static void llama_3_scaling_becomes_a_table_of_factors(void) {
  bl_model *model = load("tiny_llama3");
  if (!model) return;
  sink file = written(model);
  bl_index *index = parse(file.bytes, file.size);
  bl_index_tensor t;
  CHECK(index && find_tensor(index, "rope_freqs.weight", &t) && t.dims[0] == 16);
  const double factor = 8, low = 1, high = 4, original = 128, theta = 10000;
  for (int i = 0; index && i < 16; i++) {
    float found;
    memcpy(&found, file.bytes + t.offset + 4 * (size_t)i, 4);
    double wavelength = 2 * 3.14159265358979323846 * pow(theta, 2.0 * i / 32);
    double smooth = (original / wavelength - low) / (high - low), expected;
    if (wavelength < original / high)
      expected = 1;
    else if (wavelength > original / low)
      expected = factor;
    else
      expected = 1 / ((1 - smooth) / factor + smooth);
    CHECK_MSG(fabs((double)found - expected) <= 1e-6 * expected, "factor %d is %.9g, expected %.9g",
              i, (double)found, expected);
  }
  bl_index_free(index);
  free(file.bytes);
  bl_model_free(model);
}

/* sentencepiece.gguf has scores; tokenizer.json, made of it, has merges, of which scores are made
 * again. */
static void a_sentencepiece_tokenizer_comes_back(void) {
  size_t size;
  uint8_t *bytes = golden_read("text", "sentencepiece.gguf", &size);
  bl_index *index = parse(bytes, size);
  free(bytes);
  for (int as_json = 0; index && as_json < 2; as_json++) {
    bl_model *model = load("tiny_llama");
    if (!model) break;
    bl_tokenizer_free(model->tokenizer);
    model->tokenizer = NULL;
    CHECK_OK(bl_tokenizer_from_gguf(index, &model->tokenizer, error));
    if (as_json) {
      char *text = NULL;
      size_t text_size = 0;
      CHECK_OK(bl_tokenizer_to_json(model->tokenizer, &text, &text_size, error));
      bl_tokenizer_free(model->tokenizer);
      model->tokenizer = NULL;
      CHECK_OK(bl_tokenizer_from_json(text, text_size, NULL, 0, NULL, 0, &model->tokenizer, error));
      free(text);
    }
    model->config.vocab_size = bl_tokenizer_size(model->tokenizer);
    sink file = written(model);
    bl_index *again = parse(file.bytes, file.size);
    bl_tokenizer *back = NULL;
    CHECK_OK(bl_tokenizer_from_gguf(again, &back, error));
    check_metadata(again, "tokenizer.ggml.model", "llama");
    check_metadata(again, "tokenizer.ggml.add_bos_token", "true");
    bl_model other = {.tokenizer = back};
    int32_t ids[256], ids_back[256];
    size_t n = encode(model, ids, 256), m = encode(&other, ids_back, 256);
    CHECK(n == m && n > 10 && n <= 256 && memcmp(ids, ids_back, n * sizeof *ids) == 0);
    bl_tokenizer_free(back);
    bl_index_free(again);
    free(file.bytes);
    bl_model_free(model);
  }
  bl_index_free(index);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void check_refused(bl_model *model, const char *words) {
  bl_error error = {0};
  bl_export *ex = bl_export_gguf_new(model, &error);
  CHECK(!ex && error.code == BL_ERR_UNSUPPORTED);
  CHECK_MSG(strstr(error.message, words), "%s", error.message);
  bl_export_free(ex);
  bl_model_free(model);
}

static void a_format_that_gguf_has_no_type_for_is_refused(void) {
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama", "affine:4:64", &model, error));
  if (model)
    check_refused(model, "tensor 'model.embed_tokens.weight' is stored as affine:4:64, which GGUF");
}

static void biases_that_llama_cpp_does_not_read_are_refused(void) {
  bl_model *model = load("tiny_llama_bias");
  if (!model) return;
  model->config.family = bl_family_find("qwen3");
  check_refused(model, "attention output biases, which llama.cpp's qwen3 architecture does not");
}

/* A model with one of the tokenizers in tests/golden/text; NULL on failure. */
static bl_model *load_with_tokenizer(const char *name) {
  bl_model *model = load("tiny_llama");
  if (!model) return NULL;
  size_t size;
  uint8_t *text = golden_read("text", name, &size);
  bl_tokenizer_free(model->tokenizer);
  model->tokenizer = NULL;
  CHECK_OK(
      bl_tokenizer_from_json((const char *)text, size, NULL, 0, NULL, 0, &model->tokenizer, error));
  free(text);
  if (model->tokenizer) return model;
  bl_model_free(model);
  return NULL;
}

static void check_tokenizer_refused(const char *name, const char *words) {
  bl_model *model = load_with_tokenizer(name);
  if (!model) return;
  model->config.vocab_size = 1 << 16; /* room for its ids */
  check_refused(model, words);
}

static void merges_that_are_no_scores_are_refused(void) {
  check_tokenizer_refused("llama2.json", "merges can't be written as GGUF's scores");
}

static void a_tokenizer_that_llama_cpp_has_no_name_for_is_refused(void) {
  check_tokenizer_refused("metaspace.json", "neither byte-level nor SentencePiece's");
  check_tokenizer_refused("prefix.json", "splits text in a way that llama.cpp has no name for");
}

static void a_vocabulary_larger_than_the_embedding_is_refused(void) {
  bl_model *model = load("tiny_llama");
  if (!model) return;
  model->config.vocab_size = 319;
  check_refused(model, "ids up to 319, but the model's embedding has 319 rows");
}

static bool refuse(void *context, const void *bytes, size_t n) {
  (void)context, (void)bytes, (void)n;
  return false;
}

/* BERT's as the file that llama.cpp's converter writes has it; others of its kind are refused. */
static void a_wordpiece_tokenizer_comes_back(void) {
  bl_model *model = load_with_tokenizer("bert.json");
  if (!model) return;
  model->config.vocab_size = bl_tokenizer_size(model->tokenizer);
  sink file = written(model);
  bl_index *index = file.size ? parse(file.bytes, file.size) : NULL;
  bl_tokenizer *back = NULL;
  CHECK(index != NULL);
  if (index) CHECK_OK(bl_tokenizer_from_gguf(index, &back, error));
  if (index) check_metadata(index, "tokenizer.ggml.model", "bert");
  bl_model other = {.tokenizer = back};
  int32_t ids[256], ids_back[256];
  size_t n = encode(model, ids, 256), m = back ? encode(&other, ids_back, 256) : 0;
  CHECK(n == m && n > 10 && n <= 256 && memcmp(ids, ids_back, n * sizeof *ids) == 0);
  bl_tokenizer_free(back);
  bl_index_free(index);
  free(file.bytes);
  bl_model_free(model);
  static const char *const refused[] = {"bert_cased.json", "wordpiece.json", "t5.json"};
  for (int i = 0; i < 3; i++) {
    model = load_with_tokenizer(refused[i]);
    if (!model) return;
    model->config.vocab_size = bl_tokenizer_size(model->tokenizer);
    bl_error error = {0};
    CHECK_MSG(!bl_export_gguf_new(model, &error) && error.code == BL_ERR_UNSUPPORTED, "%s: %s",
              refused[i], error.message);
    bl_model_free(model);
  }
}

static void writing_stops_when_the_caller_says_so(void) {
  bl_model *model = load("tiny_llama");
  bl_export *ex = model ? bl_export_gguf_new(model, NULL) : NULL;
  CHECK(ex != NULL);
  if (!ex) return;
  bl_error error = {0};
  CHECK(bl_export_write(ex, 0, refuse, NULL, &error) == BL_ERR_CANCELLED);
  CHECK(bl_export_write(ex, 1, refuse, NULL, &error) == BL_ERR_ARGUMENT);
  bl_export_free(ex);
  bl_model_free(model);
}

/* Names of split patterns, by the tokenizers of known models. */
static void split_patterns_get_llama_cpps_names(void) {
  static const char *const known[][2] = {{"gpt2.json", "gpt-2"},
                                         {"llama3.json", "llama-bpe"},
                                         {"qwen2.json", "qwen2"},
                                         {"smollm.json", "smollm"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    bl_model *model = load_with_tokenizer(known[i][0]);
    if (!model) return;
    model->config.vocab_size = bl_tokenizer_size(model->tokenizer) + 3;
    sink file = written(model);
    bl_index *index = file.size ? parse(file.bytes, file.size) : NULL;
    CHECK_MSG(index, "%s", known[i][0]);
    if (index) check_metadata(index, "tokenizer.ggml.pre", known[i][1]);
    bl_index_free(index);
    free(file.bytes);
    bl_model_free(model);
  }
}

static const bl_meta *find_meta(const bl_index *index, const char *key) {
  for (int i = 0; i < index->n_meta; i++)
    if (strcmp(index->meta[i].key, key) == 0) return &index->meta[i];
  return NULL;
}

static bool str_is(bl_str s, const char *text) {
  return s.size == strlen(text) && memcmp(s.bytes, text, s.size) == 0;
}

/* Of two texts with one id GGUF has the added token's, and merges are still of the other. */
static void an_id_with_two_texts_is_told(void) {
  bl_model *model = load_with_tokenizer("hole.json");
  if (!model) return;
  model->config.vocab_size = bl_tokenizer_size(model->tokenizer);
  bl_export *ex = bl_export_gguf_new(model, NULL);
  const bl_note *note = ex && bl_export_n_notes(ex) ? bl_export_note(ex, 0) : NULL;
  CHECK(note && strcmp(note->kind, "shared-id-left-out") == 0 && note->count == 3);
  bl_export_free(ex);
  sink file = written(model);
  bl_index *index = file.size ? parse(file.bytes, file.size) : NULL;
  const bl_meta *tokens = index ? find_meta(index, "tokenizer.ggml.tokens") : NULL;
  const bl_meta *merges = index ? find_meta(index, "tokenizer.ggml.merges") : NULL;
  CHECK(tokens && tokens->n == 266 && merges && merges->n == 6);
  if (tokens && merges) {
    CHECK(str_is(tokens->strings[262], "<|end|>") && str_is(tokens->strings[264], "word"));
    CHECK(str_is(merges->strings[3], "ab ab") && str_is(merges->strings[5], "w or"));
  }
  bl_index_free(index);
  free(file.bytes);
  bl_model_free(model);
}

int main(void) {
  RUN(tensors_are_those_that_the_gguf_library_wrote);
  RUN(tensors_are_in_the_order_of_llama_quantize);
  RUN(metadata_says_what_the_config_says);
  RUN(a_head_as_wide_as_usual_is_not_mentioned);
  RUN(a_model_comes_back_as_it_was);
  RUN(llama_3_scaling_becomes_a_table_of_factors);
  RUN(a_sentencepiece_tokenizer_comes_back);
  RUN(a_wordpiece_tokenizer_comes_back);
  RUN(split_patterns_get_llama_cpps_names);
  RUN(an_id_with_two_texts_is_told);
  RUN(a_format_that_gguf_has_no_type_for_is_refused);
  RUN(biases_that_llama_cpp_does_not_read_are_refused);
  RUN(merges_that_are_no_scores_are_refused);
  RUN(a_tokenizer_that_llama_cpp_has_no_name_for_is_refused);
  RUN(a_vocabulary_larger_than_the_embedding_is_refused);
  RUN(writing_stops_when_the_caller_says_so);
  return check_result();
}
