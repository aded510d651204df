/* Tokenizers against the real libraries: tests/golden/text, made by tests/golden/make_text.py. */
#include "base/error.h"
#include "check.h"
#include "text/pattern.h"
#include "text/tokenizer.h"

#define DIRECTORY BL_GOLDEN "/text/"

static uint8_t *read_golden(const char *name, const char *suffix, size_t *size) {
  char path[512];
  snprintf(path, sizeof path, "%s%s%s", DIRECTORY, name, suffix);
  return check_read_file(path, size);
}

static bl_tokenizer *open_json(const char *name) {
  size_t size;
  bl_tokenizer *tokenizer = NULL;
  uint8_t *text = read_golden(name, ".json", &size);
  CHECK_OK(bl_tokenizer_from_json((char *)text, size, NULL, 0, NULL, 0, &tokenizer, error));
  free(text);
  return tokenizer;
}

static bl_tokenizer *open_gguf(const char *name) {
  size_t size;
  bl_tokenizer *tokenizer = NULL;
  bl_index *index = NULL;
  uint64_t n_needed;
  uint8_t *bytes = read_golden(name, ".gguf", &size);
  CHECK_OK(bl_index_parse(name, bytes, size, size, &index, &n_needed, error));
  if (index) CHECK_OK(bl_tokenizer_from_gguf(index, &tokenizer, error));
  bl_index_free(index);
  free(bytes);
  return tokenizer;
}

/* Reads a word up to a space or the end of the line. */
static char *next_word(char **at) {
  char *word = *at;
  while (**at != ' ' && **at != '\n' && **at) ++*at;
  if (**at) *(*at)++ = '\0';
  return word;
}

/* Hexadecimal to bytes, in place; "-" is empty. Returns their number. */
static size_t unhex(char *hex) {
  size_t n = 0;
  if (*hex == '-') return 0;
  for (; hex[2 * n]; n++) {
    char pair[3] = {hex[2 * n], hex[2 * n + 1], 0};
    hex[n] = (char)strtol(pair, NULL, 16);
  }
  return n;
}

static int32_t wanted[8192], found[8192];

static size_t read_ids(char *list) {
  size_t n = 0;
  if (*list == '-') return 0;
  for (char *at = list; *at; n++) {
    wanted[n] = (int32_t)strtol(at, &at, 10);
    if (*at == ',') at++;
  }
  return n;
}

static void check_encode(const bl_tokenizer *t, char *text, char *ids, int line) {
  size_t size = unhex(text), n = read_ids(ids), n_found = 0;
  CHECK_OK(bl_tokenizer_encode(t, text, size, true, found, 8192, &n_found, error));
  CHECK_MSG(n_found == n && memcmp(found, wanted, n * sizeof *found) == 0,
            "line %d: the ids of '%.*s' are the library's (%zu, not %zu)", line,
            (int)(size < 60 ? size : 60), text, n, n_found);
}

static void check_decode(const bl_tokenizer *t, size_t n, bool keep_special, char *expected,
                         int line) {
  size_t size = unhex(expected), at = 0, n_text;
  const char *text;
  bool same = true;
  bl_decoder *decoder = bl_decoder_new(t, keep_special, NULL);
  for (size_t i = 0; i <= n; i++) {
    if (i < n)
      CHECK_OK(bl_decoder_push(decoder, wanted[i], &text, &n_text, error));
    else
      bl_decoder_flush(decoder, &text, &n_text);
    same = same && n_text <= size - at && memcmp(text, expected + at, n_text) == 0;
    at += same ? n_text : 0;
  }
  CHECK_MSG(same && at == size, "line %d: the text of the ids is the library's", line);
  bl_decoder_free(decoder);
}

/* Checks every line of NAME.txt; there must be at least `least`. */
static void check_vectors(const bl_tokenizer *t, const char *name, int least) {
  size_t size;
  uint8_t *file = read_golden(name, ".txt", &size);
  int line = 1;
  for (char *at = (char *)file; t && *at; line++) {
    char *kind = next_word(&at), *first = next_word(&at), *second = next_word(&at);
    if (*kind == 'E') {
      check_encode(t, first, second, line);
    } else {
      size_t n = read_ids(first);
      check_decode(t, n, false, second, line);
      check_decode(t, n, true, next_word(&at), line);
    }
  }
  CHECK_MSG(line > least, "%s has over %d lines", name, least);
  free(file);
}

static void check_style(const char *name) {
  bl_tokenizer *t = open_json(name);
  check_vectors(t, name, 350);
  bl_tokenizer_free(t);
}

static void gpt2_style_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("gpt2");
}
static void llama3_style_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("llama3");
}
static void qwen2_style_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("qwen2");
}
static void smollm_style_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("smollm");
}
static void prefix_space_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("prefix");
}
static void llama2_style_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("llama2");
}
static void metaspace_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("metaspace");
}
static void wordpiece_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("bert");
  check_style("bert_cased");
  check_style("wordpiece");
}
/* pairs.txt: the style, two texts, ids and types, as `tokenizers` gives them. */
static void pairs_are_put_together_as_by_tokenizers(void) {
  size_t size;
  int n_lines = 0;
  uint8_t *file = read_golden("pairs", ".txt", &size);
  for (char *at = (char *)file; *at; n_lines++) {
    char *name = next_word(&at), *first = next_word(&at), *second = next_word(&at);
    bl_tokenizer *t = open_json(name);
    size_t n_first = unhex(first), n_second = unhex(second), n = 0, n_types;
    const bl_pair_text texts[] = {{first, n_first}, {second, n_second}};
    static int32_t types[8192];
    CHECK_OK(bl_tokenizer_encode_pair(t, texts, found, types, 8192, &n, error));
    n_types = read_ids(next_word(&at));
    CHECK_MSG(n == n_types && !memcmp(found, wanted, n * sizeof *found), "%s: ids", name);
    n_types = read_ids(next_word(&at));
    CHECK_MSG(n == n_types && !memcmp(types, wanted, n * sizeof *types), "%s: types", name);
    bl_tokenizer_free(t);
  }
  CHECK(n_lines > 10);
  free(file);
}
/* The same file gives the same ids by way of GGUF, which keeps neither the class nor the pairs. */
static void bert_and_t5_in_gguf_give_the_ids_of_the_librarys(void) {
  bl_tokenizer *bert = open_gguf("bert_gguf"), *t5 = open_gguf("t5_gguf");
  check_vectors(bert, "bert", 350);
  check_vectors(t5, "t5_gguf", 200);
  bl_tokenizer_free(bert);
  bl_tokenizer_free(t5);
}
static void unigram_gives_the_ids_and_texts_of_tokenizers(void) {
  check_style("t5");
  check_style("xlmr");
  check_style("albert");
  check_style("unigram");
}

/* The vocabulary's ids have holes: added tokens get ids of its last tokens, and both are found. */
static void added_tokens_after_a_hole_give_the_ids_and_texts_of_tokenizers(void) {
  bl_tokenizer *t = open_json("hole");
  bl_notes notes = {0};
  check_vectors(t, "hole", 350);
  if (!t) return;
  CHECK(bl_tokenizer_n_shared(t) == 3);
  CHECK_OK(bl_tokenizer_take_notes(t, &notes, error));
  CHECK(notes.n == 1 && strcmp(notes.list[0].kind, "shared-id") == 0 && notes.list[0].count == 3);
  const char *end = notes.n ? strstr(notes.list[0].message, "'word' gets id 264,") : NULL;
  CHECK_MSG(end && strstr(end, "(such tokens: 3)"), "%s", notes.n ? notes.list[0].message : "none");
  bl_notes_free(&notes);
  bl_tokenizer_free(t);
}

/* The GGUF holds the tokenizer of smollm.json. */
static void byte_level_gguf_gives_the_ids_of_its_tokenizer_json(void) {
  bl_tokenizer *t = open_gguf("smollm_gguf");
  check_vectors(t, "smollm", 350);
  bl_tokenizer_free(t);
}

static void sentencepiece_gguf_gives_the_ids_of_sentencepiece(void) {
  bl_tokenizer *t = open_gguf("sentencepiece");
  check_vectors(t, "sentencepiece", 200);
  bl_tokenizer_free(t);
}

static void check_rewritten(const char *name, const char *vectors, int least) {
  char *text = NULL;
  size_t size = 0;
  bl_tokenizer *original = open_gguf(name), *again = NULL;
  if (!original) return;
  CHECK_OK(bl_tokenizer_to_json(original, &text, &size, error));
  CHECK_OK(bl_tokenizer_from_json(text, size, NULL, 0, NULL, 0, &again, error));
  check_vectors(again, vectors, least);
  free(text);
  bl_tokenizer_free(original);
  bl_tokenizer_free(again);
}

static void tokenizer_json_written_from_gguf_gives_the_same_ids(void) {
  check_rewritten("smollm_gguf", "smollm", 350);
  check_rewritten("sentencepiece", "sentencepiece", 200);
}

static void tokenizer_json_is_given_back_as_it_was(void) {
  size_t size, n = 0;
  char *given = NULL;
  uint8_t *text = read_golden("gpt2", ".json", &size);
  bl_tokenizer *t = open_json("gpt2");
  CHECK_OK(bl_tokenizer_to_json(t, &given, &n, error));
  CHECK(given && n == size && memcmp(given, text, size) == 0);
  free(given);
  free(text);
  bl_tokenizer_free(t);
}

static void too_small_a_buffer_gets_the_first_ids_and_the_number_needed(void) {
  bl_tokenizer *t = open_json("smollm");
  int32_t all[64], some[3] = {-1, -1, -1};
  size_t n_all, n_some;
  CHECK_OK(bl_tokenizer_encode(t, "12345 678", 9, false, all, 64, &n_all, error));
  CHECK_OK(bl_tokenizer_encode(t, "12345 678", 9, false, some, 2, &n_some, error));
  CHECK(n_all == 9 && n_some == n_all); /* each digit alone, and the space */
  CHECK(some[0] == all[0] && some[1] == all[1] && some[2] == -1);
  bl_tokenizer_free(t);
}

static void ends_of_text_are_those_that_the_files_declare(void) {
  static const char config[] = "{\"eos_token\": {\"content\": \"<|user|>\"}}";
  static const char generation[] = "{\"eos_token_id\": [0, 7, 99999]}";
  size_t size;
  uint8_t *text = read_golden("smollm", ".json", &size);
  bl_tokenizer *t = NULL;
  CHECK_OK(bl_tokenizer_from_json((char *)text, size, config, sizeof config - 1, generation,
                                  sizeof generation - 1, &t, error));
  for (int32_t id = -2; t && id < bl_tokenizer_size(t) + 2; id++)
    CHECK_MSG(bl_tokenizer_is_end(t, id) == (id == 0 || id == 1 || id == 7), "id %d", (int)id);
  if (t) bl_tokenizer_add_end(t, 9);
  CHECK(t && bl_tokenizer_is_end(t, 9));
  bl_tokenizer_free(t);
  t = NULL;
  CHECK_OK(bl_tokenizer_from_json((char *)text, size, NULL, 0, NULL, 0, &t, error));
  CHECK(t && !bl_tokenizer_is_end(t, 0));
  bl_tokenizer_free(t);
  free(text);
}

static void check_prompt(const bl_tokenizer *t, const char *text, const char *same_as,
                         bool add_special) {
  int32_t ids[64], expected[64];
  size_t n = 0, n_expected = 0;
  CHECK_OK(bl_tokenizer_encode_prompt(t, text, strlen(text), ids, 64, &n, error));
  CHECK_OK(bl_tokenizer_encode(t, same_as, strlen(same_as), add_special, expected, 64, &n_expected,
                               error));
  CHECK_MSG(n == n_expected && memcmp(ids, expected, n * sizeof *ids) == 0, "'%s'", text);
}

/* mlx_lm 0.32.2, generate.py: special tokens are added when there is no BOS or the prompt does not
 * begin with its text. llama3.json puts <s> before a text and <|end|> after it. */
static void a_prompt_that_begins_with_bos_gets_no_special_tokens(void) {
  static const char *const prompts[] = {"<s>The sea", "<s>", "<s><s>a", "<s> a<|end|>"};
  bl_tokenizer *t = open_json("llama3");
  for (size_t i = 0; t && i < sizeof prompts / sizeof *prompts; i++)
    check_prompt(t, prompts[i], prompts[i], false);
  if (t) {
    check_prompt(t, "The sea", "The sea", true);
    check_prompt(t, " <s>The sea", " <s>The sea", true);
    check_prompt(t, "<|end|>The sea", "<|end|>The sea", true);
    check_prompt(t, "", "", true);
  }
  bl_tokenizer_free(t);
}

/* A piece of half a megabyte that nothing splits: quadratic work would take minutes. */
static void a_long_unbroken_text_is_encoded_in_good_time(void) {
  enum { SIZE = 500000 };
  bl_tokenizer *t = open_json("llama2");
  char *text = malloc(SIZE);
  int32_t *ids = malloc(SIZE * sizeof *ids);
  size_t n = 0;
  memset(text, 'a', SIZE);
  CHECK_OK(bl_tokenizer_encode(t, text, SIZE, false, ids, SIZE, &n, error));
  CHECK(n > SIZE / 64 && n <= SIZE + 1);
  free(ids);
  free(text);
  bl_tokenizer_free(t);
}

static void patterns_cut_texts_where_oniguruma_does(void) {
  size_t size;
  uint8_t *file = read_golden("patterns", ".txt", &size);
  bl_pattern *pattern = NULL;
  int line = 1, n_texts = 0;
  for (char *at = (char *)file; *at; line++) {
    bool is_pattern = *next_word(&at) == 'P';
    char *text = next_word(&at);
    size_t n = unhex(text), done = 0;
    if (is_pattern) {
      bl_pattern_free(pattern);
      pattern = NULL;
      CHECK_OK(bl_pattern_new("test", text, n, &pattern, error));
      if (!pattern) break;
      continue;
    }
    n_texts++;
    /* Matches and what lies between them, in order. */
    char *pieces = next_word(&at);
    uint64_t steps = 0;
    size_t start = 0, end = 0, match_end = 0;
    bool same = true;
    for (char *piece = strtok(pieces, ","); piece; piece = strtok(NULL, ",")) {
      if (done == match_end) {
        start = done;
        if (!bl_pattern_find(pattern, text, n, &start, &match_end, &steps, UINT64_MAX))
          start = match_end = n;
      }
      end = done < start ? start : match_end;
      size_t n_piece = unhex(piece);
      same = same && n_piece == end - done && memcmp(text + done, piece, n_piece) == 0;
      done = end;
    }
    CHECK_MSG(same && done == n, "line %d: the pieces are those of the library", line);
  }
  CHECK(n_texts > 1000);
  bl_pattern_free(pattern);
  free(file);
}

static void normalization_form_c_is_that_of_tokenizers(void) {
  size_t size;
  uint8_t *file = read_golden("nfc", ".txt", &size);
  int line = 1;
  for (char *at = (char *)file; *at; line++) {
    char *text = next_word(&at), *expected = next_word(&at);
    size_t n = unhex(text), n_expected = unhex(expected);
    bl_buffer out = {0};
    CHECK_OK(bl_normalize_append(&out, &bl_nfc, text, n, error));
    CHECK_MSG(out.size == n_expected && memcmp(out.bytes, expected, n_expected) == 0, "line %d",
              line);
    bl_buffer_free(&out);
  }
  CHECK(line > 600);
  free(file);
}

int main(void) {
  RUN(gpt2_style_gives_the_ids_and_texts_of_tokenizers);
  RUN(llama3_style_gives_the_ids_and_texts_of_tokenizers);
  RUN(qwen2_style_gives_the_ids_and_texts_of_tokenizers);
  RUN(smollm_style_gives_the_ids_and_texts_of_tokenizers);
  RUN(prefix_space_gives_the_ids_and_texts_of_tokenizers);
  RUN(llama2_style_gives_the_ids_and_texts_of_tokenizers);
  RUN(metaspace_gives_the_ids_and_texts_of_tokenizers);
  RUN(wordpiece_gives_the_ids_and_texts_of_tokenizers);
  RUN(pairs_are_put_together_as_by_tokenizers);
  RUN(bert_and_t5_in_gguf_give_the_ids_of_the_librarys);
  RUN(unigram_gives_the_ids_and_texts_of_tokenizers);
  RUN(added_tokens_after_a_hole_give_the_ids_and_texts_of_tokenizers);
  RUN(byte_level_gguf_gives_the_ids_of_its_tokenizer_json);
  RUN(sentencepiece_gguf_gives_the_ids_of_sentencepiece);
  RUN(tokenizer_json_written_from_gguf_gives_the_same_ids);
  RUN(tokenizer_json_is_given_back_as_it_was);
  RUN(too_small_a_buffer_gets_the_first_ids_and_the_number_needed);
  RUN(ends_of_text_are_those_that_the_files_declare);
  RUN(a_prompt_that_begins_with_bos_gets_no_special_tokens);
  RUN(a_long_unbroken_text_is_encoded_in_good_time);
  RUN(patterns_cut_texts_where_oniguruma_does);
  RUN(normalization_form_c_is_that_of_tokenizers);
  return check_result();
}
