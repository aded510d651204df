/* Tokenizer files that say something odd of ids and ends: they are read as the libraries read them,
 * with a note. */
#include "base/error.h"
#include "check.h"
#include "text/parts.h"

/* tokenizer.json with this model and these other members. */
static bl_code load(const char *model, const char *others, bl_tokenizer **tokenizer,
                    bl_error *error) {
  char text[4096];
  int n = snprintf(text, sizeof text, "{\"model\": %s%s%s}", model, *others ? ", " : "", others);
  *tokenizer = NULL;
  *error = (bl_error){0};
  return bl_tokenizer_from_json(text, (size_t)n, NULL, 0, NULL, 0, tokenizer, error);
}

#define AB "{\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2}, \"merges\": [\"a b\"]}"

/* Metadata of a GGUF file, made by hand. */
static bl_code load_gguf(bl_meta *meta, int n_meta, bl_tokenizer **t, bl_error *error) {
  char name[] = "model.gguf";
  bl_index index = {.file_name = name, .container = BL_GGUF, .n_meta = n_meta, .meta = meta};
  *t = NULL;
  return bl_tokenizer_from_gguf(&index, t, error);
}

/* Ids as tokenizers 0.23.3 gives them; the vocabulary is a, b, ab. */
static void added_tokens_get_the_ids_that_tokenizers_gives_them(void) {
  static const struct {
    const char *added, *text;
    int32_t ids[4]; /* of the text, up to -1 */
    int n_moved;
  } cases[] = {
      {"{\"id\":9,\"content\":\"<x>\"}", "a<x>b", {0, 3, 1, -1}, 1},
      {"{\"id\":3,\"content\":\"<x>\"}", "a<x>b", {0, 3, 1, -1}, 0},
      {"{\"id\":2147483647,\"content\":\"<x>\"}", "a<x>b", {0, 3, 1, -1}, 1},
      {"{\"id\":4,\"content\":\"<y>\"},{\"id\":3,\"content\":\"<x>\"}",
       "<x>b<y>",
       {4, 1, 3, -1},
       2},
      {"{\"id\":1,\"content\":\"<x>\"}", "a<x>b", {0, 3, 1, -1}, 1},
      {"{\"id\":7,\"content\":\"b\"}", "abb", {0, 1, 1, -1}, 1},
      {"{\"id\":3,\"content\":\"\"},{\"id\":4,\"content\":\"<x>\"}", "a<x>", {0, 3, -1}, 1},
      {"{\"id\":3,\"content\":\"<x>\"},{\"id\":3,\"content\":\"<y>\"}", "<x><y>", {3, 4, -1}, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_tokenizer *t;
    bl_error error;
    bl_notes notes = {0};
    char others[256];
    int32_t ids[8];
    size_t n = 0, n_expected = 0;
    snprintf(others, sizeof others, "\"added_tokens\": [%s]", cases[i].added);
    load(AB, others, &t, &error);
    CHECK_MSG(t != NULL, "%s: %s", cases[i].added, error.message);
    if (!t) continue;
    while (cases[i].ids[n_expected] >= 0) n_expected++;
    CHECK_OK(bl_tokenizer_encode(t, cases[i].text, strlen(cases[i].text), true, ids, 8, &n, error));
    CHECK_MSG(n == n_expected && !memcmp(ids, cases[i].ids, n * sizeof *ids), "%s", cases[i].added);
    CHECK_OK(bl_tokenizer_take_notes(t, &notes, error));
    CHECK_MSG(notes.n == (cases[i].n_moved > 0), "%s: %d notes", cases[i].added, notes.n);
    if (notes.n)
      CHECK(strcmp(notes.list[0].kind, "added-token") == 0 &&
            notes.list[0].count == cases[i].n_moved);
    bl_notes_free(&notes);
    bl_tokenizer_free(t);
  }
}

/* tokenizers 0.23.3 puts a template's ids around a text as they are. */
static void a_template_may_name_an_id_that_no_token_has(void) {
  bl_tokenizer *t;
  bl_error error;
  bl_notes notes = {0};
  int32_t ids[8];
  size_t n = 0, size;
  const char *bytes;
  load(AB,
       "\"added_tokens\": [{\"id\": 9, \"content\": \"<x>\"}],"
       "\"post_processor\": {\"type\": \"TemplateProcessing\", \"special_tokens\": {\"<x>\": "
       "{\"ids\": [9]}}, \"single\": [{\"SpecialToken\": {\"id\": \"<x>\"}}, {\"Sequence\": {}}]}",
       &t, &error);
  CHECK_MSG(t != NULL, "%s", error.message);
  if (!t) return;
  CHECK_OK(bl_tokenizer_encode(t, "a<x>", 4, true, ids, 8, &n, error));
  CHECK(n == 3 && ids[0] == 9 && ids[1] == 0 && ids[2] == 3);
  CHECK_OK(bl_tokenizer_bytes(t, 9, true, &bytes, &size, error));
  CHECK(size == 0);
  CHECK_OK(bl_tokenizer_take_notes(t, &notes, error));
  CHECK(notes.n == 2 && strcmp(notes.list[1].kind, "template-id") == 0);
  bl_notes_free(&notes);
  bl_tokenizer_free(t);
}

/* Of 50,000 ids that are shared each text is found, in little time. */
static void many_shared_ids_are_found(void) {
  enum { N = 50000 };
  size_t size = 0;
  char *text = malloc(N * 80);
  bl_tokenizer *t = NULL;
  size += (size_t)sprintf(text, "{\"model\":{\"merges\":[],\"vocab\":{\"\":0");
  for (int i = 0; i < N; i++) size += (size_t)sprintf(text + size, ",\"v%d\":%d", i, N + 1 + i);
  size += (size_t)sprintf(text + size, "}},\"added_tokens\":[");
  for (int i = 0; i < N; i++)
    size += (size_t)sprintf(text + size, "%s{\"id\":%d,\"content\":\"<%d>\"}", i ? "," : "",
                            N + 1 + i, i);
  size += (size_t)sprintf(text + size, "]}");
  CHECK_OK(bl_tokenizer_from_json(text, size, NULL, 0, NULL, 0, &t, error));
  free(text);
  if (!t) return;
  CHECK(bl_tokenizer_n_shared(t) == N);
  for (int i = 0; i < N; i += 999) {
    char words[2][16];
    const char *bytes;
    int32_t id = -1;
    size_t n = 0;
    snprintf(words[0], sizeof words[0], "v%d", i);
    int wanted_size = snprintf(words[1], sizeof words[1], "<%d>", i);
    CHECK(bl_vocab_find(&t->vocab, words[0], strlen(words[0])) == N + 1 + i);
    CHECK_OK(bl_tokenizer_encode(t, words[1], (size_t)wanted_size, true, &id, 1, &n, error));
    CHECK(n == 1 && id == N + 1 + i);
    CHECK_OK(bl_tokenizer_bytes(t, id, true, &bytes, &n, error));
    CHECK((int)n == wanted_size && memcmp(bytes, words[1], n) == 0);
    bl_token first = bl_vocab_first_text(&t->vocab, id);
    CHECK(first.size == strlen(words[0]) &&
          memcmp(t->vocab.bytes.bytes + first.at, words[0], first.size) == 0);
  }
  bl_tokenizer_free(t);
}

enum { N_META = 5 };

/* The least of a GGUF's SentencePiece tokenizer of 8 pieces, and one more value. */
static void describe_pieces(bl_meta meta[N_META], const bl_str *tokens, const double *scores,
                            const int64_t *types) {
  const bl_meta least[N_META] = {
      {.key = "tokenizer.ggml.model", .kind = BL_META_STRING, .s = {"llama", 5}},
      {.key = "tokenizer.ggml.tokens",
       .kind = BL_META_ARRAY,
       .item_kind = BL_META_STRING,
       .n = 8,
       .strings = tokens},
      {.key = "tokenizer.ggml.scores",
       .kind = BL_META_ARRAY,
       .item_kind = BL_META_FLOAT,
       .n = 8,
       .floats = scores},
      {.key = "tokenizer.ggml.token_type",
       .kind = BL_META_ARRAY,
       .item_kind = BL_META_INT,
       .n = 8,
       .ints = types},
      {.key = "unrelated", .kind = BL_META_INT},
  };
  memcpy(meta, least, sizeof least);
}

/* A tokenizer of these with one value changed; NULL changes none. */
static bl_tokenizer *load_pieces(const bl_meta *change, bl_notes *notes) {
  static const bl_str tokens[] = {{"<unk>", 5},       {"<s>", 3}, {"</s>", 4},        {"a", 1},
                                  {"<|im_end|>", 10}, {"b", 1},   {"<|eot_id|>", 10}, {"c", 1}};
  static const double scores[] = {0, 0, 0, -1, 0, -2, 0, -3, -4};
  static const int64_t types[] = {2, 3, 3, 1, 4, 1, 1, 1, 1, 1};
  bl_meta meta[N_META];
  describe_pieces(meta, tokens, scores, types);
  bl_tokenizer *t = NULL;
  bl_error error = {0};
  meta[4] = change ? *change : meta[4];
  if (change && change->kind == BL_META_ARRAY) { /* the same array, longer by so many items */
    bool is_scores = strstr(change->key, "scores");
    meta[is_scores ? 2 : 3].n += change->n;
    meta[4].key = "unrelated";
  }
  bl_code code = load_gguf(meta, N_META, &t, &error);
  CHECK_MSG(code == BL_OK && t, "%s: %s", change ? change->key : "", error.message);
  if (t) CHECK_OK(bl_tokenizer_take_notes(t, notes, error));
  return t;
}

/* llama.cpp warns of "bad special token" and takes its default id; it reads as many types and
 * scores as there are tokens. */
static void gguf_values_that_name_no_token_are_noted(void) {
  static const struct {
    bl_meta change;
    const char *kind;
  } cases[] = {
      {{.key = "tokenizer.ggml.padding_token_id", .kind = BL_META_INT, .i = 8}, "special-id"},
      {{.key = "tokenizer.ggml.padding_token_id", .kind = BL_META_INT, .i = 4294967295},
       "special-id"},
      {{.key = "tokenizer.ggml.unknown_token_id", .kind = BL_META_INT, .i = -1}, "special-id"},
      {{.key = "tokenizer.ggml.bos_token_id", .kind = BL_META_INT, .i = 99}, "special-id"},
      {{.key = "tokenizer.ggml.eot_token_id", .kind = BL_META_INT, .i = 99}, "special-id"},
      {{.key = "tokenizer.ggml.eos_token_id", .kind = BL_META_INT, .i = INT64_MAX}, "special-id"},
      {{.key = "tokenizer.ggml.token_type", .kind = BL_META_ARRAY, .n = 2}, "gguf-array"},
      {{.key = "tokenizer.ggml.scores", .kind = BL_META_ARRAY, .n = 1}, "gguf-array"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_notes notes = {0};
    int32_t ids[8];
    size_t n = 0;
    bl_tokenizer *t = load_pieces(&cases[i].change, &notes);
    if (!t) continue;
    CHECK_MSG(notes.n == 1 && strcmp(notes.list[0].kind, cases[i].kind) == 0 &&
                  strcmp(notes.list[0].subject, cases[i].change.key) == 0,
              "%s: %d notes", cases[i].change.key, notes.n);
    /* BOS is 1 and the end 2, as llama.cpp's defaults are; the unknown token is 0. */
    CHECK_OK(bl_tokenizer_encode(t, "az", 2, true, ids, 8, &n, error));
    CHECK_MSG(n > 1 && ids[0] == 1 && ids[n - 1] == 0 && bl_tokenizer_is_end(t, 2), "%s",
              cases[i].change.key);
    bl_notes_free(&notes);
    bl_tokenizer_free(t);
  }
}

/* llama.cpp, llama-vocab.cpp: tokens of these texts end what is written, and are control tokens. */
static void tokens_that_end_a_turn_are_known_by_their_text(void) {
  bl_notes notes = {0};
  bl_tokenizer *t = load_pieces(NULL, &notes);
  int32_t ids[8];
  size_t n = 0, size;
  const char *bytes;
  if (!t) return;
  CHECK(notes.n == 0);
  for (int32_t id = 0; id < 8; id++)
    CHECK_MSG(bl_tokenizer_is_end(t, id) == (id == 2 || id == 4 || id == 6), "id %d", (int)id);
  CHECK_OK(bl_tokenizer_encode(t, "<|eot_id|>", 10, false, ids, 8, &n, error));
  CHECK(n == 1 && ids[0] == 6);
  CHECK_OK(bl_tokenizer_bytes(t, 6, false, &bytes, &size, error));
  CHECK(size == 0);
  bl_tokenizer_free(t);
}

/* tokenizer.json with these files beside it; its ends are "<e>", id 3, by tokenizer_config.json. */
static bl_tokenizer *load_beside(const char *config, const char *generation, size_t n_generation,
                                 bl_notes *notes) {
  static const char text[] =
      "{\"added_tokens\":[{\"id\":3,\"content\":\"<e>\",\"special\":true}],"
      "\"model\":{\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}";
  bl_tokenizer *t = NULL;
  CHECK_OK(bl_tokenizer_from_json(text, sizeof text - 1, config, strlen(config), generation,
                                  n_generation, &t, error));
  if (t) CHECK_OK(bl_tokenizer_take_notes(t, notes, error));
  return t;
}

/* mlx_lm reads on without one. */
static void an_odd_generation_config_stops_no_model(void) {
  static const struct {
    const char *text, *kind; /* kind: of the note; NULL: none */
    int64_t count;
  } cases[] = {
      {"", "generation-config", 0},
      {"not JSON", "generation-config", 0},
      {"{\"temperature\": NaN}", "generation-config", 0},
      {"[1, 2]", "generation-config", 0},
      {"null", "generation-config", 0},
      {"{}", NULL, 0},
      {"{\"eos_token_id\": null}", NULL, 0},
      {"{\"eos_token_id\": []}", NULL, 0},
      {"{\"eos_token_id\": -1}", "end-token", 1},
      {"{\"eos_token_id\": 1e999}", "generation-config", 0},
      {"{\"eos_token_id\": \"<e>\"}", "end-token", 1},
      {"{\"eos_token_id\": {\"a\": 1}}", "end-token", 1},
      {"{\"eos_token_id\": [1, null, true, 0.5, [2], 2147483648, \"a\"]}", "end-token", 6},
      {"{\"eos_token_id\": [1, 5000]}", "end-token", 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_notes notes = {0};
    bl_tokenizer *t =
        load_beside("{\"eos_token\":\"<e>\"}", cases[i].text, strlen(cases[i].text), &notes);
    CHECK_MSG(t && bl_tokenizer_is_end(t, 3), "%s", cases[i].text);
    CHECK_MSG(notes.n == (cases[i].kind != NULL), "%s: %d notes", cases[i].text, notes.n);
    if (notes.n && cases[i].kind)
      CHECK_MSG(strcmp(notes.list[0].kind, cases[i].kind) == 0 &&
                    notes.list[0].count == cases[i].count &&
                    strcmp(notes.list[0].subject, "generation_config.json") == 0,
                "%s: %s", cases[i].text, notes.list[0].message);
    bool has_one = strstr(cases[i].text, "[1, ") && cases[i].text[0] == '{';
    CHECK(t && bl_tokenizer_is_end(t, 1) == has_one);
    CHECK(t && bl_tokenizer_is_end(t, 5000) == (strstr(cases[i].text, "5000") != NULL));
    bl_notes_free(&notes);
    bl_tokenizer_free(t);
  }
}

static void a_tokenizer_config_that_is_no_object_is_ignored_and_noted(void) {
  static const char *const texts[] = {"", "not JSON", "[1]", "null", "{\"eos_token\": \"<e>\""};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    bl_notes notes = {0};
    bl_tokenizer *t = load_beside(texts[i], "{}", 2, &notes);
    CHECK_MSG(t && notes.n == 1 && strcmp(notes.list[0].kind, "tokenizer-config") == 0 &&
                  strstr(notes.list[0].message, "tokenizer_config.json: ") &&
                  strstr(notes.list[0].message, "it is ignored"),
              "%s: %d notes", texts[i], notes.n);
    CHECK(t && !bl_tokenizer_is_end(t, 3));
    bl_notes_free(&notes);
    bl_tokenizer_free(t);
  }
}

/* llama.cpp, llama-vocab.cpp: fill-in-the-middle's padding, repository and file separator end what
 * is written: by id where the metadata has one, else by text. */
static void tokens_of_fill_in_the_middle_end_a_text(void) {
  static const bl_str tokens[] = {{"<unk>", 5}, {"<s>", 3},          {"</s>", 4},
                                  {"a", 1},     {"<|fim_pad|>", 11}, {"<reponame>", 10},
                                  {"<PAD>", 5}, {"<|file_sep|>", 12}};
  static const double scores[8] = {0};
  static const int64_t types[] = {2, 3, 3, 1, 3, 1, 3, 4};
  for (int named = 0; named < 2; named++) {
    bl_meta meta[N_META];
    describe_pieces(meta, tokens, scores, types);
    meta[4] = (bl_meta){.key = named ? "tokenizer.ggml.fim_sep_token_id" : "unrelated",
                        .kind = BL_META_INT,
                        .i = 3};
    bl_tokenizer *t = NULL;
    CHECK_OK(load_gguf(meta, N_META, &t, error));
    if (!t) continue;
    for (int32_t id = 0; id < 8; id++) {
      bool ends = id == 2 || id == 4 || id == 5 || (named ? id == 3 : id == 7);
      CHECK_MSG(bl_tokenizer_is_end(t, id) == ends, "%d, named %d", (int)id, named);
    }
    bl_tokenizer_free(t);
  }
}

static void an_odd_special_token_in_tokenizer_config_is_noted(void) {
  static const struct {
    const char *config;
    int n_notes;
  } cases[] = {
      {"{}", 0},
      {"{\"eos_token\": null, \"pad_token\": null}", 0},
      {"{\"eos_token\": {\"content\": \"<e>\"}}", 0},
      {"{\"eos_token\": -1}", 1},
      {"{\"eos_token\": \"<none>\"}", 1},
      {"{\"eos_token\": {\"content\": 3}, \"bos_token\": [\"a\"], \"unk_token\": true}", 3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_notes notes = {0};
    bl_tokenizer *t = load_beside(cases[i].config, "{}", 2, &notes);
    CHECK_MSG(t && notes.n == cases[i].n_notes, "%s: %d notes", cases[i].config, notes.n);
    for (int k = 0; k < notes.n; k++) CHECK(strcmp(notes.list[k].kind, "special-token") == 0);
    bl_notes_free(&notes);
    bl_tokenizer_free(t);
  }
}

int main(void) {
  RUN(added_tokens_get_the_ids_that_tokenizers_gives_them);
  RUN(many_shared_ids_are_found);
  RUN(a_template_may_name_an_id_that_no_token_has);
  RUN(gguf_values_that_name_no_token_are_noted);
  RUN(tokens_that_end_a_turn_are_known_by_their_text);
  RUN(an_odd_generation_config_stops_no_model);
  RUN(a_tokenizer_config_that_is_no_object_is_ignored_and_noted);
  RUN(tokens_of_fill_in_the_middle_end_a_text);
  RUN(an_odd_special_token_in_tokenizer_config_is_noted);
  return check_result();
}
