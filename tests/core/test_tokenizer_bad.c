/* Tokenizer files that nobody should have written, and texts that are not UTF-8. */
#include "base/error.h"
#include "check.h"
#include "text/pattern.h"
#include "text/tokenizer.h"

/* tokenizer.json with this model and these other members. */
static bl_code load(const char *model, const char *others, bl_tokenizer **tokenizer,
                    bl_error *error) {
  char text[4096];
  int n = snprintf(text, sizeof text, "{\"model\": %s%s%s}", model, *others ? ", " : "", others);
  *tokenizer = NULL;
  *error = (bl_error){0};
  return bl_tokenizer_from_json(text, (size_t)n, NULL, 0, NULL, 0, tokenizer, error);
}

/* Loading gives this error, and its sentence names the file and contains `words`. */
static void check_refused(const char *model, const char *others, bl_code expected,
                          const char *words) {
  bl_tokenizer *tokenizer;
  bl_error error;
  bl_code code = load(model, others, &tokenizer, &error);
  CHECK_MSG(code == expected && error.code == expected && !tokenizer, "%s: code %d, %s", words,
            (int)code, error.message);
  CHECK_MSG(strstr(error.message, "tokenizer.json") && strstr(error.message, words),
            "'%s' has '%s'", error.message, words);
  bl_tokenizer_free(tokenizer);
}

#define AB "{\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2}, \"merges\": [\"a b\"]}"

static void check_split(const char *pattern, bl_code expected, const char *words) {
  char others[1024];
  snprintf(others, sizeof others,
           "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"%s\"}, "
           "\"behavior\": \"Isolated\", \"invert\": false}",
           pattern);
  check_refused(AB, others, expected, words);
}

static void a_model_with_parts_missing_or_of_the_wrong_type_is_refused(void) {
  check_refused("null", "", BL_ERR_INPUT, "model");
  check_refused("[]", "", BL_ERR_INPUT, "model");
  check_refused("{}", "", BL_ERR_INPUT, "vocab");
  check_refused("{\"vocab\": []}", "", BL_ERR_INPUT, "vocab");
  check_refused("{\"vocab\": {\"a\": 0}}", "", BL_ERR_INPUT, "merges");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": {}}", "", BL_ERR_INPUT, "merges");
  check_refused("{\"vocab\": {}, \"merges\": []}", "", BL_ERR_INPUT, "empty");
  check_refused("{\"type\": \"WordLevel\"}", "", BL_ERR_UNSUPPORTED, "WordLevel");
  check_refused("{\"type\": 3}", "", BL_ERR_INPUT, "type");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [], \"unk_token\": \"z\"}", "", BL_ERR_INPUT,
                "unk_token");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [], \"end_of_word_suffix\": \"</w>\"}", "",
                BL_ERR_UNSUPPORTED, "end_of_word_suffix");
}

static void a_file_that_is_no_object_is_refused(void) {
  static const char *const cases[][2] = {
      {"", "the file is empty, expected JSON"},
      {"[]", "not a JSON object"},
      {"\"a\"", "not a JSON object"},
      {"nothing", "not valid JSON"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a Git LFS pointer"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_tokenizer *t = NULL;
    bl_error error = {0};
    CHECK(bl_tokenizer_from_json(cases[i][0], strlen(cases[i][0]), NULL, 0, NULL, 0, &t, &error) ==
          BL_ERR_INPUT);
    CHECK_MSG(!t && strncmp(error.message, "tokenizer.json: ", 16) == 0 &&
                  strstr(error.message, cases[i][1]),
              "%s: %s", cases[i][0], error.message);
  }
}

static void ids_that_are_not_possible_are_refused(void) {
  check_refused("{\"vocab\": {\"a\": -1}, \"merges\": []}", "", BL_ERR_INPUT, "vocab");
  check_refused("{\"vocab\": {\"a\": \"0\"}, \"merges\": []}", "", BL_ERR_INPUT, "vocab");
  check_refused("{\"vocab\": {\"a\": 0.5}, \"merges\": []}", "", BL_ERR_INPUT, "vocab");
  check_refused("{\"vocab\": {\"a\": 1000000000}, \"merges\": []}", "", BL_ERR_INPUT, "room");
  check_refused("{\"vocab\": {\"a\": 99999999999999999999}, \"merges\": []}", "", BL_ERR_INPUT,
                "vocab");
  check_refused("{\"vocab\": {\"a\": 0, \"b\": 0}, \"merges\": []}", "", BL_ERR_INPUT, "already");
  check_refused("{\"vocab\": {\"a\": 0, \"a\": 1}, \"merges\": []}", "", BL_ERR_INPUT, "already");
}

static void merges_that_make_no_sense_are_refused(void) {
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}", "", BL_ERR_INPUT, "merge 0");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [\"a a\"]}", "", BL_ERR_INPUT, "merge 0");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [\"aa\"]}", "", BL_ERR_INPUT, "merges");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [[\"a\"]]}", "", BL_ERR_INPUT, "merges");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [7]}", "", BL_ERR_INPUT, "merges");
  check_refused("{\"vocab\": {\"a\": 0}, \"merges\": [[\"a\", \"\"]]}", "", BL_ERR_INPUT,
                "merge 0");
}

static void added_tokens_that_contradict_the_vocabulary_are_refused(void) {
  check_refused(AB, "\"added_tokens\": 3", BL_ERR_INPUT, "added_tokens");
  check_refused(AB, "\"added_tokens\": [{\"id\": 3}]", BL_ERR_INPUT, "content");
  check_refused(AB, "\"added_tokens\": [{\"content\": \"x\"}]", BL_ERR_INPUT, "id");
  check_refused(AB, "\"added_tokens\": [{\"id\": -1, \"content\": \"x\"}]", BL_ERR_INPUT, "id");
  check_refused(AB, "\"added_tokens\": [{\"id\": 3, \"content\": \"x\", \"special\": 1}]",
                BL_ERR_INPUT, "special");
}

static void steps_that_are_not_known_are_refused_by_name(void) {
  check_refused(AB, "\"normalizer\": {\"type\": \"NFX\"}", BL_ERR_UNSUPPORTED, "NFX");
  check_refused(AB, "\"normalizer\": {}", BL_ERR_INPUT, "type");
  check_refused(AB, "\"pre_tokenizer\": {\"type\": \"UnicodeScripts\"}", BL_ERR_UNSUPPORTED,
                "UnicodeScripts");
  check_refused(AB, "\"pre_tokenizer\": {\"type\": \"Sequence\"}", BL_ERR_INPUT, "pretokenizers");
  check_refused(AB, "\"decoder\": {\"type\": \"CTC\"}", BL_ERR_UNSUPPORTED, "CTC");
  check_refused(AB, "\"post_processor\": {\"type\": \"BertProcessing\"}", BL_ERR_INPUT, "cls");
  check_refused(AB,
                "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": "
                "[{\"SpecialToken\": {\"id\": \"<s>\"}}]}",
                BL_ERR_INPUT, "<s>");
}

static void patterns_beyond_the_supported_ones_are_refused(void) {
  check_split("(?<!a)b", BL_ERR_UNSUPPORTED, "special group");
  check_split("a++", BL_ERR_UNSUPPORTED, "possessive");
  check_split("a+?", BL_ERR_UNSUPPORTED, "lazy");
  check_split("^a", BL_ERR_UNSUPPORTED, "construct");
  check_split("(?!ab)c", BL_ERR_UNSUPPORTED, "lookahead");
  check_split("\\\\p{Greek}", BL_ERR_UNSUPPORTED, "property");
  check_split("a{1000}", BL_ERR_UNSUPPORTED, "repetition");
  check_split("[a&&b]", BL_ERR_UNSUPPORTED, "intersection");
  check_split("(a", BL_ERR_INPUT, "open group");
  check_split("a)", BL_ERR_INPUT, "')'");
  check_split("[a", BL_ERR_INPUT, "ends");
  check_split("a*", BL_ERR_UNSUPPORTED, "empty text");
  check_split("", BL_ERR_UNSUPPORTED, "empty text");
  check_split("((((((((((((((((((((((((a))))))))))))))))))))))))", BL_ERR_UNSUPPORTED, "nested");
  check_split("(?:(?:(?:a{60}){60}){60}){60}", BL_ERR_UNSUPPORTED, "too many");
}

/* Every beginning of a pattern that has all constructs is a pattern or refused in a sentence. */
static void patterns_that_end_too_early_are_refused(void) {
  static const char whole[] =
      "(?i:'s|[^a-c\\\\]\\p{^Lu}]|(?=x)(?![\\s])\\W{2,3})|(?:a{1,}|b?)+\\w(x)";
  static const char *const parts[] = {"(?=", "(?!", "(?",   "(?i",  "(?i:",   "(?:",    "(",
                                      "[",   "[^",  "[a-",  "\\\\", "\\\\p",  "\\\\p{", "\\\\p{L",
                                      "a{",  "a{1", "a{1,", "(?=[", "(?!\\\\"};
  for (size_t n = 0; n < sizeof whole - 1; n++) {
    bl_pattern *pattern = NULL;
    bl_error found = {0};
    char *copy = malloc(n + 1); /* its exact size, so that a read past it is seen */
    memcpy(copy, whole, n);
    bl_code code = bl_pattern_new("test", copy, n, &pattern, &found);
    CHECK_MSG((code == BL_OK) == (pattern != NULL), "%zu bytes", n);
    CHECK_MSG(code == BL_OK || found.message[0], "%zu bytes", n);
    bl_pattern_free(pattern);
    free(copy);
  }
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    bl_tokenizer *t = NULL;
    bl_error found = {0};
    char others[256];
    snprintf(others, sizeof others,
             "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"%s\"}, "
             "\"behavior\": \"Isolated\", \"invert\": false}",
             parts[i]);
    bl_code code = load(AB, others, &t, &found);
    CHECK_MSG(code == BL_ERR_INPUT || code == BL_ERR_UNSUPPORTED, "%s: %s", parts[i],
              found.message);
    bl_tokenizer_free(t);
  }
}

/* a*b looks at all of a run of a's for each of them: the search must give up, not hang. */
/* A token of 900 times 'a' and a 'b', looked for where there is nothing but 'a'. */
static void added_tokens_that_are_slow_on_a_text_are_reported(void) {
  enum { N = 100000 };
  char others[1200], a[901];
  bl_tokenizer *tokenizer;
  bl_error error;
  size_t n;
  memset(a, 'a', 900);
  a[900] = '\0';
  snprintf(others, sizeof others, "\"added_tokens\": [{\"id\": 3, \"content\": \"%sb\"}]", a);
  CHECK_MSG(load(AB, others, &tokenizer, &error) == BL_OK, "%s", error.message);
  char *text = malloc(N);
  if (!text) exit(1);
  memset(text, 'a', N);
  CHECK(bl_tokenizer_encode(tokenizer, text, N, true, NULL, 0, &n, &error) == BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "takes too long to search"));
  CHECK(bl_tokenizer_encode(tokenizer, text, 1000, true, NULL, 0, &n, &error) == BL_OK);
  CHECK(n == 1000);
  free(text);
  bl_tokenizer_free(tokenizer);
}

static void a_pattern_that_is_slow_on_a_text_is_reported(void) {
  enum { SIZE = 200000 };
  bl_tokenizer *t;
  bl_error error;
  load(AB,
       "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"a*b\"}, "
       "\"behavior\": \"Isolated\", \"invert\": false}",
       &t, &error);
  char *text = malloc(SIZE);
  memset(text, 'a', SIZE);
  size_t n = 0;
  CHECK(t && bl_tokenizer_encode(t, text, SIZE, false, NULL, 0, &n, &error) == BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "too long"));
  CHECK_OK(bl_tokenizer_encode(t, "aaab", 4, false, NULL, 0, &n, error));
  free(text);
  bl_tokenizer_free(t);
}

/* n times `piece`, in which "%d" is the item's number, with commas between; allocated. */
static char *repeated(const char *begin, const char *piece, int n, const char *end) {
  size_t room = strlen(begin) + strlen(end) + (size_t)n * (strlen(piece) + 24) + 1, at;
  char *text = malloc(room);
  at = (size_t)sprintf(text, "%s", begin);
  for (int i = 0; i < n; i++) {
    if (i) text[at++] = ',';
    for (const char *c = piece; *c; c++) {
      if (c[0] == '%' && c[1] == 'd') {
        at += (size_t)sprintf(text + at, "%d", i);
        c++;
      } else {
        text[at++] = *c;
      }
    }
  }
  sprintf(text + at, "%s", end);
  return text;
}

#define DOUBLING "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}"

/* Each step doubles, or more: there is no end to what a chain of them makes of a text. */
static void steps_that_make_far_more_of_a_text_are_refused(void) {
  static const char *const kinds[][2] = {
      {"\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[", DOUBLING},
      {"\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[",
       "{\"type\":\"Prepend\",\"prepend\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}," DOUBLING},
      {"\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[",
       "{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":\"Isolated\"},"
       "{\"type\":\"Metaspace\",\"replacement\":\"aaaaaaaa\",\"split\":true}"},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    bl_tokenizer *t = NULL;
    bl_error error = {0};
    size_t n = 0;
    char *others = repeated(kinds[i][0], kinds[i][1], 10, "]}");
    load(AB, others, &t, &error);
    CHECK_MSG(t != NULL, "%zu: %s", i, error.message);
    CHECK_MSG(t && bl_tokenizer_encode(t, "aaaa bab", 8, false, NULL, 0, &n, &error) ==
                       BL_ERR_UNSUPPORTED,
              "%zu: %zu tokens", i, n);
    CHECK_MSG(strstr(error.message, "make more of a text than the"), "%s", error.message);
    free(others);
    bl_tokenizer_free(t);
  }
  char *decoder = repeated("\"decoder\":{\"type\":\"Sequence\",\"decoders\":[", DOUBLING, 20, "]}");
  bl_tokenizer *t = NULL;
  bl_error error = {0};
  CHECK(load(AB, decoder, &t, &error) == BL_ERR_UNSUPPORTED && !t);
  CHECK_MSG(strstr(error.message, "make more of a text than the"), "%s", error.message);
  free(decoder);
  decoder =
      repeated("\"decoder\":{\"type\":\"Sequence\",\"decoders\":[",
               "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"b\"}", 65, "]}");
  char *text = malloc(strlen(decoder) + 200);
  int size = sprintf(text, "{\"model\": %s, %s}", AB, decoder);
  CHECK(bl_tokenizer_from_json(text, (size_t)size, NULL, 0, NULL, 0, &t, &error) ==
        BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "more than 64 steps"));
  free(text);
  free(decoder);
}

/* A chain that a real tokenizer could have: it may make a text several times as long. */
static void steps_that_lengthen_a_text_within_reason_are_taken(void) {
  bl_tokenizer *t;
  bl_error error;
  size_t n = 0;
  load(AB,
       "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":["
       "{\"type\":\"Prepend\",\"prepend\":\"a\"},"
       "{\"type\":\"Replace\",\"pattern\":{\"String\":\"b\"},\"content\":\"aaaaaaaaaaaa\"}]}",
       &t, &error);
  CHECK_MSG(t != NULL, "%s", error.message);
  if (t) CHECK_OK(bl_tokenizer_encode(t, "bbbbbbbb", 8, false, NULL, 0, &n, error));
  CHECK(n == 97);
  bl_tokenizer_free(t);
}

/* Work that grew with the square of 100,000 items would take minutes. */
static void files_of_100000_items_are_read_and_used_in_good_time(void) {
  enum { N = 100000 };
  static const char *const kinds[][3] = {
      {"{\"model\":" AB ",\"added_tokens\":[", "{\"id\":%d,\"content\":\"<token %d>\"}", "]}"},
      {"{\"model\":" AB ",\"added_tokens\":[",
       "{\"id\":%d,\"content\":\"aaaaaaaaaaaaaaaa%d\",\"normalized\":true}", "]}"},
      {"{\"model\":" AB ",\"post_processor\":{\"type\":\"TemplateProcessing\",\"special_tokens\":{",
       "\"%d\":{\"ids\":[0]}", "},\"single\":[{\"Sequence\":{}}]}}"},
      {"{\"model\":" AB ",\"post_processor\":{\"type\":\"TemplateProcessing\",\"special_tokens\":"
       "{\"a\":{\"ids\":[0]}},\"single\":[",
       "{\"SpecialToken\":{\"id\":\"a\"}}", ",{\"Sequence\":{}}]}}"},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char *text = repeated(kinds[i][0], kinds[i][1], N, kinds[i][2]);
    bl_tokenizer *t = NULL;
    size_t n = 0;
    CHECK_OK(bl_tokenizer_from_json(text, strlen(text), NULL, 0, NULL, 0, &t, error));
    if (t) CHECK_OK(bl_tokenizer_encode(t, "a<token 7>b", 11, true, NULL, 0, &n, error));
    CHECK_MSG(n == (i == 0 ? 3u : i == 3 ? N + 1u : 1u), "%zu: %zu tokens", i, n);
    free(text);
    bl_tokenizer_free(t);
  }
}

static void bytes_that_are_not_utf8_are_encoded_as_they_are(void) {
  size_t size, n = 0, at = 0, n_bytes;
  static const char text[] = "a\xff\xc3(\xe2\x82 \xf0\x9f\x98\x80\x80\xed\xa0\x80z\0b";
  uint8_t *file = check_read_file(BL_GOLDEN "/text/qwen2.json", &size);
  bl_tokenizer *t = NULL;
  int32_t ids[64];
  const char *bytes;
  bool same = true;
  CHECK_OK(bl_tokenizer_from_json((char *)file, size, NULL, 0, NULL, 0, &t, error));
  CHECK_OK(bl_tokenizer_encode(t, text, sizeof text - 1, true, ids, 64, &n, error));
  for (size_t i = 0; i < n; i++) {
    CHECK_OK(bl_tokenizer_bytes(t, ids[i], true, &bytes, &n_bytes, error));
    same = same && at + n_bytes < sizeof text && memcmp(text + at, bytes, n_bytes) == 0;
    at += n_bytes;
  }
  CHECK(same && at == sizeof text - 1);
  bl_tokenizer_free(t);
  free(file);
}

/* Unicode 16, table 3-8, and Python's bytes.decode("utf-8", "replace"). */
static void broken_utf8_becomes_one_replacement_per_maximal_subpart(void) {
  static const char vocab[] =
      "{\"vocab\": {\"a\": 0, \"\xc3\xa1\": 1, \"\xc3\xb0\": 2, \"\xc2\xa9\": 3, \"\xc3\xbf\": 4, "
      "\"\xc3\xa2\": 5, \"\xc4\xa4\": 6, \"\xc2\xac\": 7}, \"merges\": []}";
  /* The bytes: a, e1, f0, a9, ff, e2, 82, ac. */
  static const int32_t ids[] = {0, 1, 2, 3, 4, 0, 5, 6, 7, 5, 6};
  static const char *const expected[] = {"a", "", "\xef\xbf\xbd", "", "", "", "", "", "", "", ""};
  bl_tokenizer *t;
  bl_error error;
  const char *text;
  size_t size, total = 0;
  char all[128];
  load(vocab, "\"decoder\": {\"type\": \"ByteLevel\"}", &t, &error);
  CHECK_MSG(t != NULL, "%s", error.message);
  bl_decoder *decoder = bl_decoder_new(t, false, NULL);
  for (size_t i = 0; t && i < sizeof ids / sizeof *ids; i++) {
    CHECK(bl_decoder_push(decoder, ids[i], &text, &size, &error) == BL_OK);
    if (i < 4) CHECK_MSG(size == strlen(expected[i]) && !memcmp(text, expected[i], size), "%zu", i);
    memcpy(all + total, text, size);
    total += size;
  }
  bl_decoder_flush(decoder, &text, &size);
  memcpy(all + total, text, size);
  total += size;
  /* a, the lone e1, f0 a9 cut short, ff, a, the euro sign, and e2 82 unfinished at the end. */
  static const char whole[] =
      "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
      "a\xe2\x82\xac\xef\xbf\xbd";
  CHECK_MSG(total == sizeof whole - 1 && !memcmp(all, whole, total), "'%.*s'", (int)total, all);
  bl_decoder_free(decoder);
  bl_tokenizer_free(t);
}

static void ids_without_a_token_stand_for_nothing(void) {
  bl_tokenizer *t;
  bl_error error;
  const char *bytes;
  size_t n = 9;
  load("{\"vocab\": {\"a\": 0, \"b\": 9}, \"merges\": []}", "", &t, &error);
  CHECK(t && bl_tokenizer_size(t) == 10);
  for (int32_t id = 1; t && id < 20; id++) {
    CHECK_OK(bl_tokenizer_bytes(t, id, true, &bytes, &n, error));
    CHECK(id == 9 ? n == 1 && *bytes == 'b' : n == 0);
  }
  CHECK(t && bl_tokenizer_bytes(t, -1, true, &bytes, &n, &error) == BL_ERR_ARGUMENT);
  bl_tokenizer_free(t);
}

/* Metadata of a GGUF file, made by hand. */
static bl_code load_gguf(bl_meta *meta, int n_meta, bl_tokenizer **t, bl_error *error) {
  char name[] = "model.gguf";
  bl_index index = {.file_name = name, .container = BL_GGUF, .n_meta = n_meta, .meta = meta};
  *t = NULL;
  return bl_tokenizer_from_gguf(&index, t, error);
}

static void gguf_metadata_that_lacks_a_part_is_refused(void) {
  static const bl_str tokens[] = {{"a", 1}, {"b", 1}};
  static const bl_str merges[] = {{"a c", 3}};
  bl_tokenizer *t;
  bl_error error = {0};
  bl_meta meta[] = {
      {.key = "tokenizer.ggml.model", .kind = BL_META_STRING, .s = {"gpt2", 4}},
      {.key = "tokenizer.ggml.tokens",
       .kind = BL_META_ARRAY,
       .item_kind = BL_META_STRING,
       .n = 2,
       .strings = tokens},
      {.key = "tokenizer.ggml.merges",
       .kind = BL_META_ARRAY,
       .item_kind = BL_META_STRING,
       .n = 1,
       .strings = merges},
      {.key = "tokenizer.ggml.pre", .kind = BL_META_STRING, .s = {"no-such", 7}},
  };
  CHECK(load_gguf(meta, 0, &t, &error) == BL_OK && !t);
  CHECK(load_gguf(meta, 1, &t, &error) == BL_ERR_INPUT && strstr(error.message, "tokens"));
  CHECK(load_gguf(meta, 2, &t, &error) == BL_ERR_INPUT && strstr(error.message, "merges"));
  CHECK(load_gguf(meta, 3, &t, &error) == BL_ERR_INPUT && strstr(error.message, "merge 0"));
  CHECK(load_gguf(meta, 4, &t, &error) == BL_ERR_UNSUPPORTED && strstr(error.message, "no-such"));
  meta[0].s = (bl_str){"llama", 5};
  CHECK(load_gguf(meta, 2, &t, &error) == BL_ERR_INPUT && strstr(error.message, "scores"));
  meta[0].s = (bl_str){"t5", 2};
  CHECK(load_gguf(meta, 2, &t, &error) == BL_ERR_INPUT && strstr(error.message, "scores"));
  meta[0].s = (bl_str){"bert", 4};
  CHECK(load_gguf(meta, 2, &t, &error) == BL_ERR_INPUT && strstr(error.message, "is not in it"));
  meta[0].s = (bl_str){"rwkv", 4};
  CHECK(load_gguf(meta, 2, &t, &error) == BL_ERR_UNSUPPORTED && strstr(error.message, "rwkv"));
  meta[1].item_kind = BL_META_INT;
  CHECK(load_gguf(meta, 2, &t, &error) == BL_ERR_INPUT && strstr(error.message, "strings"));
}

int main(void) {
  RUN(a_model_with_parts_missing_or_of_the_wrong_type_is_refused);
  RUN(a_file_that_is_no_object_is_refused);
  RUN(ids_that_are_not_possible_are_refused);
  RUN(merges_that_make_no_sense_are_refused);
  RUN(added_tokens_that_contradict_the_vocabulary_are_refused);
  RUN(steps_that_are_not_known_are_refused_by_name);
  RUN(patterns_beyond_the_supported_ones_are_refused);
  RUN(patterns_that_end_too_early_are_refused);
  RUN(a_pattern_that_is_slow_on_a_text_is_reported);
  RUN(added_tokens_that_are_slow_on_a_text_are_reported);
  RUN(steps_that_make_far_more_of_a_text_are_refused);
  RUN(steps_that_lengthen_a_text_within_reason_are_taken);
  RUN(files_of_100000_items_are_read_and_used_in_good_time);
  RUN(bytes_that_are_not_utf8_are_encoded_as_they_are);
  RUN(broken_utf8_becomes_one_replacement_per_maximal_subpart);
  RUN(ids_without_a_token_stand_for_nothing);
  RUN(gguf_metadata_that_lacks_a_part_is_refused);
  return check_result();
}
