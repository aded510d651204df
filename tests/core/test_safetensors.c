/* safetensors headers: what the library lists, and files that break the rules. */
#include "check.h"
#include "format/index.h"
#include "format/index_build.h"
#include "listing.h"

static void golden_files_list_what_the_library_lists(void) {
  check_golden_listing("types.safetensors");
  check_golden_listing("names.safetensors");
  check_golden_listing("spaced.safetensors");
  check_golden_listing("nothing.safetensors");
}

/* The bytes of a file with this header; free when done. The data is zeros. */
static uint8_t *make_file(const char *header, size_t header_size, size_t data_size, size_t *size) {
  *size = 8 + header_size + data_size;
  uint8_t *bytes = calloc(1, *size);
  if (!bytes) exit(1);
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)((uint64_t)header_size >> (8 * i));
  memcpy(bytes + 8, header, header_size);
  return bytes;
}

#define A_TENSOR "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]"

/* Headers that must be refused, the bytes of data after them, and words of the sentence. */
static const struct bad {
  const char *header;
  size_t data_size;
  const char *words[3];
} bad_headers[] = {
    /* not JSON */
    {"", 0, {"byte 0", "'{'", "expected"}},
    {"[]", 0, {"byte 0", "'{'"}},
    {"null", 0, {"byte 0", "'{'"}},
    {"{", 0, {"byte 1", "key"}},
    {"{}x", 0, {"byte 2", "the end"}},
    {"{}{}", 0, {"byte 2", "the end"}},
    {"{\"a\"}", 0, {"byte 4", "':'"}},
    {"{\"a\":}", 0, {"byte 5", "a value"}},
    {"{'a':{" A_TENSOR "}}", 4, {"byte 1", "key in quotes"}},
    {"{\"a\":{" A_TENSOR "},}", 4, {"key in quotes"}},
    {"{\"a\":{" A_TENSOR ",}}", 4, {"key in quotes"}},
    {"{\"a\":{" A_TENSOR "}", 4, {"',' or '}'"}},
    {"{\"a\":{" A_TENSOR "} \"b\":{" A_TENSOR "}}", 4, {"',' or '}'"}},
    {"{\"a\xff\":{" A_TENSOR "}}", 4, {"UTF-8"}},
    {"{\"a\xc0\xaf\":{" A_TENSOR "}}", 4, {"UTF-8"}},
    {"{\"a\xed\xa0\x80\":{" A_TENSOR "}}", 4, {"UTF-8"}},
    {"{\"a\n\":{" A_TENSOR "}}", 4, {"control"}},
    {"{\"\\ud800\":{" A_TENSOR "}}", 4, {"escape"}},
    {"{\"\\udc00\":{" A_TENSOR "}}", 4, {"escape"}},
    {"{\"\\u12g4\":{" A_TENSOR "}}", 4, {"escape"}},
    {"{\"\\x\":{" A_TENSOR "}}", 4, {"escape"}},
    {"{\"\\u0000\":{" A_TENSOR "}}", 4, {"NUL"}},
    {"{\"a\":{" A_TENSOR ",\"x\":01}}", 4, {"leading zeros"}},
    {"{\"a\":{" A_TENSOR ",\"x\":1.}}", 4, {"after its point"}},
    {"{\"a\":{" A_TENSOR ",\"x\":1e}}", 4, {"exponent"}},
    {"{\"a\":{" A_TENSOR ",\"x\":nul}}", 4, {"a value"}},
    {"{\"a\":{" A_TENSOR ",\"x\":NaN}}", 4, {"a value"}},
    /* fields */
    {"{\"a\":1}", 0, {"tensor 'a'", "'{'"}},
    {"{\"a\":null}", 0, {"tensor 'a'", "'{'"}},
    {"{\"a\":{}}", 0, {"tensor 'a'", "'dtype' is missing"}},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, {"tensor 'a'", "'dtype' is missing"}},
    {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, {"'a'", "'shape' is missing"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, {"'a'", "'data_offsets' is missing"}},
    {"{\"a\":{" A_TENSOR ",\"dtype\":\"F32\"}}", 4, {"'a'", "'dtype' is there twice"}},
    {"{\"a\":{" A_TENSOR ",\"shape\":[1]}}", 4, {"'a'", "'shape' is there twice"}},
    {"{\"a\":{" A_TENSOR ",\"data_offsets\":[0,4]}}", 4, {"'data_offsets' is there twice"}},
    /* dtype */
    {"{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "'F33'", "BF16"}},
    {"{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, {"'dtype'", "'f32'"}},
    {"{\"a\":{\"dtype\":\"\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, {"'dtype'", "''"}},
    {"{\"a\":{\"dtype\":3,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, {"'a'", "a string"}},
    /* shape */
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "'[' after 'shape'"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "whole number"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "whole number"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1e0],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "whole number"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", 4, {"whole number"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,],\"data_offsets\":[0,4]}}", 4, {"byte", "expected"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,4]}}",
     4,
     {"9223372036854775807"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "2^63"}},
    {"{\"a\":{\"dtype\":\"F64\",\"shape\":[4611686018427387904],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "2^63"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
     0,
     {"'a'", "2^63"}},
    {"{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}",
     1,
     {"'a'", "3 elements", "multiple of 2"}},
    {"{\"a\":{\"dtype\":\"F6_E2M3\",\"shape\":[2],\"data_offsets\":[0,1]}}",
     1,
     {"2 elements", "multiple of 4"}},
    /* ranges */
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":4}}",
     4,
     {"'[' after 'data_offsets'"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, {"two offsets"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, {"only two offsets"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}",
     4,
     {"'a'", "[4, 0]", "4 bytes after"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
     3,
     {"'a'", "[0, 4]", "3 bytes after"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9007199254740993,9007199254740997]}"
     "}",
     4,
     {"[9007199254740993, 9007199254740997]"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "spans 4 bytes", "expected 8"}},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,4]}}",
     4,
     {"'a'", "spans 4 bytes", "expected 2"}},
    {"{\"a\":{" A_TENSOR "}}", 5, {"take 4 bytes", "5 follow"}},
    {"{}", 1, {"take 0 bytes", "1 follow"}},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
     8,
     {"'a'", "byte 4", "expected 0"}},
    {"{\"a\":{" A_TENSOR "},\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[5,8]}}",
     8,
     {"'b'", "byte 5", "expected 4"}},
    {"{\"a\":{" A_TENSOR "},\"b\":{" A_TENSOR "}}", 4, {"'b'", "inside tensor 'a'"}},
    {"{\"a\":{" A_TENSOR "},\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[2,5]}}",
     5,
     {"'b'", "inside tensor 'a'"}},
    /* names */
    {"{\"a\":{" A_TENSOR "},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
     8,
     {"tensor 'a'", "twice"}},
    {"{\"a\":{" A_TENSOR "},\"\\u0061\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
     8,
     {"tensor 'a'", "twice"}},
    /* metadata */
    {"{\"__metadata__\":1}", 0, {"__metadata__", "'{'"}},
    {"{\"__metadata__\":{\"a\":1}}", 0, {"a string"}},
    {"{\"__metadata__\":{\"a\":null}}", 0, {"a string"}},
    {"{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, {"metadata 'a'", "twice"}},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, {"__metadata__", "twice"}},
};

static void malformed_headers_are_refused_with_a_sentence(void) {
  for (size_t i = 0; i < sizeof bad_headers / sizeof *bad_headers; i++) {
    const struct bad *bad = &bad_headers[i];
    size_t size;
    uint8_t *bytes = make_file(bad->header, strlen(bad->header), bad->data_size, &size);
    check_refused(bad->header, bytes, size, size, BL_ERR_INPUT, bad->words);
    free(bytes);
  }
}

static void more_than_four_dimensions_are_unsupported(void) {
  const char *header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,1]}}";
  size_t size;
  uint8_t *bytes = make_file(header, strlen(header), 1, &size);
  check_refused("five dimensions", bytes, size, size, BL_ERR_UNSUPPORTED,
                (const char *[3]){"'a'", "'shape'", "at most 4"});
  free(bytes);
}

static void unknown_fields_may_nest_but_not_without_end(void) {
  for (int depth = 100; depth <= 200; depth += 100) {
    char header[1024] = "{\"a\":{" A_TENSOR ",\"x\":";
    for (int i = 0; i < depth; i++) strcat(header, "[");
    for (int i = 0; i < depth; i++) strcat(header, "]");
    strcat(header, "}}");
    size_t size;
    uint8_t *bytes = make_file(header, strlen(header), 4, &size);
    if (depth == 100) {
      bl_index *index = NULL;
      uint64_t n_needed;
      CHECK_OK(parse_copy("m", bytes, size, size, &index, &n_needed, error));
      bl_index_free(index);
    } else {
      check_refused("200 levels", bytes, size, size, BL_ERR_INPUT,
                    (const char *[3]){"128 nested levels"});
    }
    free(bytes);
  }
}

static void the_header_length_is_checked_before_it_is_used(void) {
  static const struct {
    uint64_t length, file_size;
    const char *words[3];
  } cases[] = {
      {100000001, UINT64_MAX, {"100000001", "at most 100000000"}},
      {UINT64_MAX, UINT64_MAX, {"18446744073709551615", "at most 100000000"}},
      {1, 8, {"truncated", "length is 1", "0 bytes"}},
      {100, 107, {"truncated", "length is 100", "99 bytes"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint8_t bytes[8];
    for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)(cases[i].length >> (8 * k));
    check_refused("header length", bytes, 8, cases[i].file_size, BL_ERR_INPUT, cases[i].words);
  }
}

static void files_that_are_something_else_are_named(void) {
  static const struct {
    const char *start;
    const char *words[3];
  } cases[] = {
      {"version https://git-lfs.github.com/spec/v1\n", {"Git LFS", "expected safetensors or GGUF"}},
      {"PK\3\4........", {"zip", "expected safetensors or GGUF"}},
      {"<!DOCTYPE html>", {"web page", "expected safetensors or GGUF"}},
      {"<!doctype HTML><p>", {"web page"}},
      {"<HTML lang=en>", {"web page"}},
      {"\xef\xbb\xbf<head>", {"web page"}},
      {"\r\n\t <!-- hi --><html>", {"web page"}},
      {"ggjt............", {"neither GGUF nor safetensors"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_refused(cases[i].start, (const uint8_t *)cases[i].start, strlen(cases[i].start),
                  strlen(cases[i].start), BL_ERR_INPUT, cases[i].words);
  check_refused("7 bytes", (const uint8_t *)"GGUF...", 7, 7, BL_ERR_INPUT,
                (const char *[3]){"7 bytes", "neither"});
  check_refused("nothing", (const uint8_t *)"", 0, 0, BL_ERR_INPUT,
                (const char *[3]){"0 bytes", "neither"});
}

static void more_bytes_than_the_file_has_is_the_callers_mistake(void) {
  check_refused("9 of 8", (const uint8_t *)"\0\0\0\0\0\0\0\0\0", 9, 8, BL_ERR_ARGUMENT,
                (const char *[3]){"9 bytes", "file of 8"});
}

static void a_file_cut_anywhere_is_refused(void) {
  char path[512];
  size_t size;
  snprintf(path, sizeof path, "%s/format/names.safetensors", BL_GOLDEN);
  uint8_t *bytes = check_read_file(path, &size);
  for (size_t n = 0; n < size; n++)
    check_refused("cut", bytes, n, n, BL_ERR_INPUT, (const char *[3]){NULL});
  free(bytes);
}

/* Element sizes in bits, as the format's documentation lists them. */
static void packed_types_take_their_bits(void) {
  static const struct {
    const char *dtype;
    int bits;
  } types[] = {{"F4", 4},   {"F6_E2M3", 6},     {"F6_E3M2", 6},    {"F8_E8M0", 8},
               {"C64", 64}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    char header[128];
    int n_bytes = 8 * types[i].bits / 8;
    snprintf(header, sizeof header,
             "{\"a\":{\"dtype\":\"%s\",\"shape\":[8],\"data_offsets\":[0,%d]}}", types[i].dtype,
             n_bytes);
    size_t size;
    uint8_t *bytes = make_file(header, strlen(header), (size_t)n_bytes, &size);
    bl_index *index = NULL;
    uint64_t n_needed;
    CHECK_OK(parse_copy("m", bytes, size, size, &index, &n_needed, error));
    if (index) CHECK(index->entries[0].size_bytes == (uint64_t)n_bytes);
    bl_index_free(index);
    free(bytes);
  }
}

static void float_types_name_their_codecs(void) {
  CHECK(strcmp(bl_safetensors_type("BF16", 4)->codec, "bf16") == 0);
  CHECK(strcmp(bl_safetensors_type("F16", 3)->codec, "f16") == 0);
  CHECK(strcmp(bl_safetensors_type("F32", 3)->codec, "f32") == 0);
  CHECK(bl_safetensors_type("U32", 3)->codec == NULL);
  CHECK(bl_safetensors_type("BF1", 3) == NULL);
}

/* A header of 20000 tensors takes time in proportion to its length: a quadratic search for
 * duplicates would take minutes under the sanitizers. */
static void many_tensors_are_read_in_order_of_offset(void) {
  enum { N = 20000 };
  char *header = malloc(N * 96 + 16);
  if (!header) exit(1);
  size_t at = (size_t)sprintf(header, "{");
  for (int i = N; i-- > 0;)
    at += (size_t)sprintf(header + at,
                          "\"model.layers.%d.weight\":{\"dtype\":\"F16\",\"shape\":[1],"
                          "\"data_offsets\":[%d,%d]}%s",
                          i, 2 * i, 2 * i + 2, i ? "," : "}");
  size_t size;
  uint8_t *bytes = make_file(header, at, 2 * N, &size);
  bl_index *index = NULL;
  uint64_t n_needed;
  CHECK_OK(bl_index_parse("m", bytes, size, size, &index, &n_needed, error));
  free(bytes); /* the index does not refer to the input */
  free(header);
  if (!index) return;
  CHECK(index->n_entries == N && index->data_start == 8 + at);
  for (int i = 0; i < N; i += 997) {
    char name[64];
    snprintf(name, sizeof name, "model.layers.%d.weight", i);
    CHECK(strcmp(index->entries[i].name, name) == 0);
    CHECK(index->entries[i].offset == 8 + at + 2 * (uint64_t)i);
  }
  bl_index_free(index);
}

static void empty_tensors_come_before_the_one_they_lie_at(void) {
  const char *header =
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
      "\"z\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
      "\"y\":{\"dtype\":\"U8\",\"shape\":[3,0],\"data_offsets\":[2,2]}}";
  static const char *const order[] = {"z", "a", "y"};
  size_t size;
  uint8_t *bytes = make_file(header, strlen(header), 2, &size);
  bl_index *index = NULL;
  uint64_t n_needed;
  CHECK_OK(parse_copy("m", bytes, size, size, &index, &n_needed, error));
  for (int i = 0; index && i < 3; i++) CHECK(strcmp(index->entries[i].name, order[i]) == 0);
  bl_index_free(index);
  free(bytes);
}

static void the_parser_asked_directly_wants_its_first_8_bytes(void) {
  static const uint8_t bytes[8] = {2};
  bl_index *index = NULL;
  uint64_t n_needed = 0;
  bl_error found = {0};
  CHECK(bl_safetensors_parse("m", bytes, 7, 7, &index, &n_needed, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "truncated: the file has 7 bytes"));
  CHECK_OK(bl_safetensors_parse("m", bytes, 7, 10, &index, &n_needed, error));
  CHECK(!index && n_needed == 8);
  CHECK_OK(bl_safetensors_parse("m", bytes, 8, 10, &index, &n_needed, error));
  CHECK(!index && n_needed == 10);
}

int main(void) {
  RUN(golden_files_list_what_the_library_lists);
  RUN(malformed_headers_are_refused_with_a_sentence);
  RUN(more_than_four_dimensions_are_unsupported);
  RUN(unknown_fields_may_nest_but_not_without_end);
  RUN(the_header_length_is_checked_before_it_is_used);
  RUN(files_that_are_something_else_are_named);
  RUN(more_bytes_than_the_file_has_is_the_callers_mistake);
  RUN(a_file_cut_anywhere_is_refused);
  RUN(packed_types_take_their_bits);
  RUN(float_types_name_their_codecs);
  RUN(empty_tensors_come_before_the_one_they_lie_at);
  RUN(the_parser_asked_directly_wants_its_first_8_bytes);
  RUN(many_tensors_are_read_in_order_of_offset);
  return check_result();
}
