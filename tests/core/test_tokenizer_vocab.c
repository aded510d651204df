/* Tokenizers from the files before tokenizer.json: the ids of transformers
 * (tests/golden/make_vocab.py).
 */
#include <cJSON.h>

#include "bitloss.h"
#include "model_files.h"

/* A file of tests/golden/vocab that may be missing. */
static bl_vocab_file read_beside(const char *folder, const char *name) {
  size_t size;
  if (!golden_exists(folder, name)) return (bl_vocab_file){0};
  char *bytes = (char *)golden_read(folder, name, &size);
  return (bl_vocab_file){bytes, size};
}

static bl_vocab_files read_files(const char *folder) {
  return (bl_vocab_files){
      .vocab = read_beside(folder, "vocab.json"),
      .merges = read_beside(folder, "merges.txt"),
      .words = read_beside(folder, "vocab.txt"),
      .pieces = read_beside(folder, "tokenizer.model"),
      .config = read_beside(folder, "tokenizer_config.json"),
      .added = read_beside(folder, "added_tokens.json"),
      .map = read_beside(folder, "special_tokens_map.json"),
  };
}

static void free_files(bl_vocab_files *files) {
  free((char *)files->vocab.bytes);
  free((char *)files->merges.bytes);
  free((char *)files->words.bytes);
  free((char *)files->pieces.bytes);
  free((char *)files->config.bytes);
  free((char *)files->added.bytes);
  free((char *)files->map.bytes);
}

static bl_tokenizer *make(const bl_vocab_files *files) {
  char *text = NULL;
  size_t size = 0;
  bl_tokenizer *t = NULL;
  CHECK_OK(bl_tokenizer_json_from_vocab(files, &text, &size, error));
  if (text)
    CHECK_OK(bl_tokenizer_from_json(text, size, files->config.bytes, files->config.size, NULL, 0,
                                    &t, error));
  free(text);
  return t;
}

static void check_ids(const char *folder, const bl_tokenizer *t, const cJSON *want) {
  const char *text = cJSON_GetObjectItem(want, "text")->valuestring;
  const cJSON *ids = cJSON_GetObjectItem(want, "ids");
  int32_t found[256];
  size_t n = 0;
  CHECK_OK(bl_tokenizer_encode(t, text, strlen(text), true, found, 256, &n, error));
  bool same = n == (size_t)cJSON_GetArraySize(ids);
  for (size_t i = 0; same && i < n; i++)
    same = found[i] == cJSON_GetArrayItem(ids, (int)i)->valueint;
  CHECK_MSG(same, "%s: '%s' has %zu tokens, expected %d", folder, text, n, cJSON_GetArraySize(ids));
}

static void the_ids_are_those_of_transformers(void) {
  static const char *const folders[] = {"vocab/gpt2",        "vocab/gpt2_bos", "vocab/qwen2",
                                        "vocab/roberta",     "vocab/bert",     "vocab/cased",
                                        "vocab/llama",       "vocab/gemma",    "vocab/spm",
                                        "vocab/spm_unigram", "vocab/t5",       "vocab/xlmr"};
  for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
    bl_vocab_files files = read_files(folders[f]);
    bl_tokenizer *t = make(&files);
    bl_vocab_file expected = read_beside(folders[f], "expected.json");
    cJSON *cases = cJSON_ParseWithLength(expected.bytes, expected.size);
    const cJSON *one;
    CHECK(cJSON_GetArraySize(cases) == 10);
    cJSON_ArrayForEach(one, cases) if (t) check_ids(folders[f], t, one);
    cJSON_Delete(cases);
    free((char *)expected.bytes);
    free_files(&files);
    bl_tokenizer_free(t);
  }
}

/* What lies beside changes ids: a damaged file is not taken for a missing one. */
static void damaged_files_beside_are_refused_by_name(void) {
  static const char vocab[] = "{\"a\":0}", damaged[] = "{\"<s>\":";
  for (int i = 0; i < 2; i++) {
    bl_vocab_files files = {
        .vocab = {vocab, strlen(vocab)}, .merges = {"", 0}, .model_type = "gpt2"};
    bl_vocab_file *file = i ? &files.map : &files.added;
    *file = (bl_vocab_file){damaged, strlen(damaged)};
    bl_error error = {0};
    char *text = NULL;
    size_t size;
    CHECK(bl_tokenizer_json_from_vocab(&files, &text, &size, &error) == BL_ERR_INPUT);
    CHECK(strstr(error.message, i ? "special_tokens_map.json: " : "added_tokens.json: "));
    free(text);
  }
}

static void other_tokenizers_and_damage_are_refused_in_a_sentence(void) {
  static const struct {
    const char *vocab, *config, *model_type;
    bl_code code;
    const char *words;
  } cases[] = {
      {"{\"a\":0}", "{\"tokenizer_class\":\"LlamaTokenizer\"}", "gpt2", BL_ERR_UNSUPPORTED,
       "tokenizer_class is 'LlamaTokenizer'"},
      {"{\"a\":0}", "{}", "mamba", BL_ERR_UNSUPPORTED, "tokenizer_class is missing"},
      {"{\"a\":0}", "not JSON", "qwen3", BL_OK, ""},
      {"{\"a\":0}", NULL, "gpt2", BL_OK, ""},
      {"[]", NULL, "gpt2", BL_ERR_INPUT, "vocab.json: "},
      {"{\"a\":", NULL, "gpt2", BL_ERR_INPUT, "vocab.json: "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_vocab_files files = {.vocab = {cases[i].vocab, strlen(cases[i].vocab)},
                            .merges = {"#version: 0.2\n\n", 15},
                            .model_type = cases[i].model_type};
    if (cases[i].config) files.config = (bl_vocab_file){cases[i].config, strlen(cases[i].config)};
    bl_error error = {0};
    char *text = NULL;
    size_t size;
    bl_code code = bl_tokenizer_json_from_vocab(&files, &text, &size, &error);
    CHECK_MSG(code == cases[i].code && strstr(error.message, cases[i].words), "case %zu: %d %s", i,
              (int)code, error.message);
    free(text);
  }
}

/* A model of byte-pair encoding whose pieces are n letters, for every n up to 160: each can be
 * merged at every place. */
static size_t write_many_merges(char *bytes) {
  char *at = bytes;
  for (int n = 1; n <= 160; n++) {
    int size = n + (n < 128 ? 2 : 3), head = size < 128 ? 1 : 2;
    *at++ = 1 << 3 | 2;
    *at++ = (char)((size & 0x7f) | (head > 1 ? 0x80 : 0));
    if (head > 1) *at++ = (char)(size >> 7);
    *at++ = 1 << 3 | 2;
    *at++ = (char)((n & 0x7f) | (n < 128 ? 0 : 0x80));
    if (n >= 128) *at++ = (char)(n >> 7);
    memset(at, 'a', (size_t)n);
    at += n;
  }
  memcpy(at, "\x12\x02\x18\x02", 4); /* trainer_spec: model_type 2 */
  return (size_t)(at + 4 - bytes);
}

static void damage_to_a_sentencepiece_file_and_excess_are_refused(void) {
  static char bytes[1 << 15];
  const struct {
    const char *bytes;
    size_t size;
    bl_code code;
    const char *words;
  } cases[] = {
      {"", 0, BL_ERR_INPUT, "not a model of SentencePiece"},
      {"pieces", 6, BL_ERR_INPUT, "not a model of SentencePiece"},
      {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, BL_ERR_INPUT, "not a model"},
      {"\x0a\x03\x0a\x01\xff", 5, BL_ERR_INPUT, "not a model"},
      {"\x0a\x08\x0a\x01"
       "a\x15\x00\x00\xc0\x7f",
       10, BL_ERR_INPUT, "not a model"}, /* NaN */
      {"\x0a\x03\x0a\x01"
       "a\x12\x03\xc0\x02\x05",
       10, BL_ERR_INPUT, "unk_id is 5"},
      {"\x0a\x03\x0a\x01"
       "a\x12\x02\x18\x03",
       9, BL_ERR_UNSUPPORTED, "model_type 3"},
      {bytes, write_many_merges(bytes), BL_ERR_UNSUPPORTED, "merged in more ways"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_vocab_files files = {.pieces = {cases[i].bytes, cases[i].size}};
    bl_error error = {0};
    char *text = NULL;
    size_t size;
    bl_code code = bl_tokenizer_json_from_vocab(&files, &text, &size, &error);
    CHECK_MSG(code == cases[i].code && strstr(error.message, cases[i].words), "case %zu: %d %s", i,
              (int)code, error.message);
    free(text);
  }
}

static void damage_to_vocab_txt_is_refused(void) {
  static const char *const cases[][2] = {
      {"[PAD]\n[UNK]\n[CLS]\n", "'[SEP]' is not in it"},
      {"[UNK]\n[CLS]\n[SEP]\n\xff\n", "line 4 is not UTF-8"},
      {"", "'[CLS]' is not in it"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_vocab_files files = {.words = {cases[i][0], strlen(cases[i][0])}};
    bl_error error = {0};
    char *text = NULL;
    size_t size;
    CHECK(bl_tokenizer_json_from_vocab(&files, &text, &size, &error) == BL_ERR_INPUT);
    CHECK_MSG(strstr(error.message, cases[i][1]), "case %zu: %s", i, error.message);
    free(text);
  }
}

int main(void) {
  RUN(the_ids_are_those_of_transformers);
  RUN(damaged_files_beside_are_refused_by_name);
  RUN(other_tokenizers_and_damage_are_refused_in_a_sentence);
  RUN(damage_to_a_sentencepiece_file_and_excess_are_refused);
  RUN(damage_to_vocab_txt_is_refused);
  return check_result();
}
