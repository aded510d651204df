/* The ground that all else stands on: number conversions, JSON, memory, threads, errors. */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_print.h"
#include "base/json_reader.h"
#include "base/number.h"
#include "base/utf8.h"
#include "check.h"

/* ---- numbers ------------------------------------------------------------------------------- */

/* The value of a small float from its definition: sign, exponent field, fraction field. */
static double value_of(uint32_t bits, int fraction_bits, int exponent_bits) {
  int max_exponent = (1 << exponent_bits) - 1, bias = max_exponent / 2;
  int fraction = (int)(bits & ((1u << fraction_bits) - 1));
  int exponent = (int)(bits >> fraction_bits) & max_exponent;
  double sign = bits >> (fraction_bits + exponent_bits) & 1 ? -1 : 1;
  if (exponent == max_exponent) return fraction ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * ldexp(fraction, 1 - bias - fraction_bits);
  return sign * ldexp((1 << fraction_bits) + fraction, exponent - bias - fraction_bits);
}

static bool same(double a, double b) {
  return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static void every_16_bit_float_has_its_value(void) {
  for (uint32_t h = 0; h < 65536; h++) {
    CHECK_MSG(same(bl_f16_to_f32((uint16_t)h), value_of(h, 10, 5)), "f16 %04x", h);
    CHECK_MSG(same(bl_bf16_to_f32((uint16_t)h), value_of(h, 7, 8)), "bf16 %04x", h);
  }
}

static void every_16_bit_float_survives_a_round_trip(void) {
  for (uint32_t h = 0; h < 65536; h++) {
    float f = bl_f16_to_f32((uint16_t)h), b = bl_bf16_to_f32((uint16_t)h);
    CHECK_MSG(isnan(f) || bl_f32_to_f16(f) == h, "f16 %04x", h);
    CHECK_MSG(isnan(b) || bl_f32_to_bf16(b) == h, "bf16 %04x", h);
  }
}

/* Rounds x to a float of so many fraction bits by arithmetic alone: scaled so that one unit in the
 * last place is 1, where nearbyint rounds to nearest, ties to even. */
static double round_by_arithmetic(double x, int fraction_bits, int min_exponent, double max) {
  if (x == 0 || isinf(x) || isnan(x)) return x;
  int exponent;
  frexp(x, &exponent);
  exponent -= 1; /* |x| is in [2^exponent, 2^(exponent+1)) */
  if (exponent < min_exponent) exponent = min_exponent;
  double unit = ldexp(1, exponent - fraction_bits);
  double rounded = nearbyint(x / unit) * unit;
  if (fabs(rounded) > max) return copysign(INFINITY, x);
  return copysign(rounded, x);
}

static void check_rounding(float x) {
  double f16 = round_by_arithmetic((double)x, 10, -14, 65504.0);
  double bf16 = round_by_arithmetic((double)x, 7, -126, 0x1.fep127);
  CHECK_MSG(same(bl_f16_to_f32(bl_f32_to_f16(x)), f16), "f16 of %a", (double)x);
  CHECK_MSG(same(bl_bf16_to_f32(bl_f32_to_bf16(x)), bf16), "bf16 of %a", (double)x);
}

/* For each 16-bit number: it, the tie above it, and the float32 neighbours of both. */
static void float32_rounds_to_nearest_ties_to_even(void) {
  for (uint32_t h = 0; h < 65536; h++) {
    const uint32_t points[] = {bl_f32_bits(bl_f16_to_f32((uint16_t)h)), h << 16};
    const uint32_t ties[] = {1u << 12, 1u << 15};
    for (int kind = 0; kind < 2; kind++) {
      for (uint32_t d = 0; d < 6; d++) {
        uint32_t bits = points[kind] + (d < 3 ? d - 1 : ties[kind] + d - 4);
        check_rounding(bl_f32_from_bits(bits));
      }
    }
  }
  /* f16 denormals have ties at other places. */
  for (int i = 0; i <= 4096; i++) {
    float x = (float)ldexp(i, -25);
    check_rounding(x);
    check_rounding(nextafterf(x, 1));
    check_rounding(-nextafterf(x, -1));
  }
  uint64_t random = 1;
  for (int i = 0; i < 1000000; i++)
    check_rounding(bl_f32_from_bits((uint32_t)check_random(&random)));
}

static void large_values_become_infinite_where_the_format_ends(void) {
  CHECK(bl_f32_to_f16(65504.0f) == 0x7bff);
  CHECK(bl_f32_to_f16(nextafterf(65520.0f, 0)) == 0x7bff);
  CHECK(bl_f32_to_f16(65520.0f) == 0x7c00);
  CHECK(bl_f32_to_f16(-INFINITY) == 0xfc00);
  CHECK(bl_f32_to_bf16(0x1.fffffep127f) == 0x7f80);
  CHECK(isnan(bl_f16_to_f32(bl_f32_to_f16(NAN))));
  /* A NaN whose payload lies in the lower half must not become infinity. */
  CHECK(isnan(bl_bf16_to_f32(bl_f32_to_bf16(bl_f32_from_bits(0x7f800001u)))));
  CHECK(isnan(bl_f16_to_f32(bl_f32_to_f16(bl_f32_from_bits(0xff800001u)))));
}

static void arrays_convert_without_alignment(void) {
  static const float values[] = {0, -1.5f, 3.140625f, 65504.0f, 1e-7f};
  static const bl_dtype dtypes[] = {BL_F32, BL_F16, BL_BF16};
  for (int d = 0; d < 3; d++) {
    uint8_t bytes[32];
    float rounded[5], back[5];
    memcpy(rounded, values, sizeof values);
    bl_round_to(dtypes[d], rounded, 5);
    bl_from_f32(dtypes[d], values, 5, bytes + 1);
    bl_to_f32(dtypes[d], bytes + 1, 5, back);
    CHECK(memcmp(back, rounded, sizeof back) == 0);
    for (int i = 0; i < 5; i++) {
      double x = (double)values[i];
      double expected = dtypes[d] == BL_F32   ? x
                        : dtypes[d] == BL_F16 ? round_by_arithmetic(x, 10, -14, 65504.0)
                                              : round_by_arithmetic(x, 7, -126, 0x1.fep127);
      CHECK(same((double)back[i], expected));
    }
  }
}

static void dtype_names_are_read_and_written(void) {
  bl_dtype dtype = BL_DTYPE_NONE;
  CHECK(bl_dtype_parse("bfloat16", &dtype) && dtype == BL_BF16);
  CHECK(bl_dtype_parse("f16", &dtype) && dtype == BL_F16);
  CHECK(bl_dtype_parse("float32", &dtype) && dtype == BL_F32);
  CHECK(!bl_dtype_parse("float64", &dtype) && dtype == BL_F32);
  CHECK(strcmp(bl_dtype_name(BL_BF16), "bf16") == 0 && strcmp(bl_dtype_name(BL_F32), "f32") == 0);
  CHECK(strcmp(bl_dtype_name(BL_DTYPE_NONE), "none") == 0);
}

/* ---- arena --------------------------------------------------------------------------------- */

static void arena_memory_is_zeroed_aligned_and_separate(void) {
  bl_arena *arena = bl_arena_new();
  CHECK(arena != NULL);
  uint8_t *blocks[400];
  for (size_t i = 0; i < 400; i++) {
    size_t n = i * i; /* up to 160 kB, beyond one block of the arena */
    blocks[i] = bl_arena_alloc(arena, n);
    CHECK(blocks[i] && (uintptr_t)blocks[i] % 16 == 0);
    for (size_t k = 0; k < n; k += 97) CHECK(blocks[i][k] == 0);
    memset(blocks[i], (int)(i & 0xff), n);
  }
  for (size_t i = 1; i < 400; i++)
    CHECK(blocks[i][0] == (i & 0xff) && blocks[i][i * i - 1] == (i & 0xff));
  char *text = bl_arena_string(arena, "abcdef", 3);
  CHECK(text && strcmp(text, "abc") == 0);
  CHECK(bl_arena_alloc(arena, SIZE_MAX) == NULL && bl_arena_alloc(arena, SIZE_MAX - 40) == NULL);
  CHECK(bl_arena_string(arena, "", SIZE_MAX) == NULL);
  bl_arena_free(arena);
  bl_arena_free(NULL);
}

static void aligned_memory_starts_at_64_bytes(void) {
  for (size_t n = 0; n < 300; n += 37) {
    uint8_t *p = bl_aligned_alloc(n);
    CHECK(p && (uintptr_t)p % 64 == 0);
    if (p) memset(p, 1, n);
    bl_aligned_free(p);
  }
  CHECK(bl_aligned_alloc(SIZE_MAX) == NULL);
  bl_aligned_free(NULL);
}

/* ---- error messages ------------------------------------------------------------------------ */

static void messages_are_one_line_of_utf8(void) {
  bl_error error;
  CHECK(bl_fail(&error, BL_ERR_INPUT, "a\nb\x1b[31mc\x7f%s", "é\xff\xc3") == BL_ERR_INPUT);
  CHECK(error.code == BL_ERR_INPUT && strcmp(error.message, "a?b?[31mc?é??") == 0);
  bl_fail(&error, BL_ERR_INPUT, "c1 \xc2\x9b, surrogate \xed\xa0\x80, overlong \xc0\x80");
  CHECK(strcmp(error.message, "c1 ??, surrogate ???, overlong ??") == 0);
  bl_fail(&error, BL_ERR_INPUT, "%.3s is cut", "aé€");
  CHECK(strcmp(error.message, "aé is cut") == 0);
  bl_fail(&error, BL_ERR_INPUT, "%.2s", "aé");
  CHECK(strcmp(error.message, "a?") == 0);
  CHECK(bl_fail(NULL, BL_ERR_MEMORY, "nobody listens") == BL_ERR_MEMORY);

  /* The same apart: which sentence, and what stands at its conversions. */
  static const char format[] = "%.3s: '%.*s' is %lld, 100%% of %g and %zu";
  bl_fail(&error, BL_ERR_INPUT, format, "file", 2, "key", (long long)-7, 0.5, (size_t)9);
  CHECK(error.format == format);
  CHECK(strcmp(error.message, "fil: 'ke' is -7, 100% of 0.5 and 9") == 0);
  CHECK(strcmp(error.fields,
               "fil\x1fke\x1f-7\x1f"
               "0.5\x1f"
               "9\x1f") == 0);
  bl_fail(&error, BL_ERR_INPUT, "nothing stands in this");
  CHECK(strcmp(error.fields, "") == 0);
  bl_fail(&error, BL_ERR_INPUT, "%s is %s", "a\x1b[2J", "\xe2\x80\xae\xff");
  CHECK(strcmp(error.fields, "a?[2J\x1f????\x1f") == 0);
  /* Nor is a later conversion given the argument of one that was too long. */
  bl_fail(&error, BL_ERR_INPUT,
          "%d and "
          "%.000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000002d and %d",
          1, 2, 3);
  CHECK(strcmp(error.fields, "1\x1f") == 0);
  CHECK(bl_fail_memory(&error, 12) == BL_ERR_MEMORY && strstr(error.message, "12 bytes"));
}

/* A message that does not fit ends with a whole character, wherever the cut falls. */
static void long_messages_end_with_a_whole_character(void) {
  for (int shift = 0; shift < 4; shift++) {
    bl_error error;
    char text[1024] = "abc";
    text[shift] = '\0';
    for (int i = 0; i < 200; i++) strcat(text, "😀");
    bl_fail(&error, BL_ERR_INPUT, "%s", text);
    size_t n = strlen(error.message);
    CHECK(n < sizeof error.message && n > sizeof error.message - 5);
    CHECK(bl_utf8_is_valid(error.message, n) && (n - (size_t)shift) % 4 == 0);
  }
}

/* Against a decoder written from the definition: decode the bits, then ask whether that number may
 * be written so. */
static void utf8_is_what_unicode_says(void) {
  uint64_t random = 2;
  static const uint8_t leads[] = {0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0,
                                  0xe1, 0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf5, 0xff};
  for (int i = 0; i < 400000; i++) {
    uint64_t r = check_random(&random);
    uint8_t p[4] = {leads[r & 15], (uint8_t)(r >> 8), (uint8_t)(r >> 16), (uint8_t)(r >> 24)};
    for (int k = 1; k < 4; k++)
      if (r >> (32 + k) & 1) p[k] = (uint8_t)(0x80 | (p[k] & 0x3f));
    size_t length = p[0] < 0x80       ? 1
                    : p[0] >> 5 == 6  ? 2
                    : p[0] >> 4 == 14 ? 3
                    : p[0] >> 3 == 30 ? 4
                                      : 0;
    uint32_t c = length == 1   ? p[0]
                 : length == 2 ? p[0] & 31u
                 : length == 3 ? p[0] & 15u
                               : p[0] & 7u;
    bool valid = length > 0;
    for (size_t k = 1; k < length; k++) {
      valid = valid && p[k] >> 6 == 2;
      c = c << 6 | (p[k] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    valid = valid && c >= least[length] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    CHECK_MSG(bl_utf8_length((const char *)p, 4) == (valid ? length : 0), "%02x %02x %02x %02x",
              p[0], p[1], p[2], p[3]);
    if (!valid) continue;
    char written[4];
    size_t n_read;
    CHECK(bl_utf8_decode((const char *)p, 4, 0, &n_read) == c && n_read == length);
    CHECK(bl_utf8_encode(c, written) == length && memcmp(written, p, length) == 0);
    if (length > 1) CHECK(bl_utf8_length((const char *)p, length - 1) == 0);
  }
  CHECK(bl_utf8_is_valid("", 0) && bl_utf8_is_valid("aé", 3) && !bl_utf8_is_valid("a\xc3", 2));
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static cJSON *parse(const char *text, bl_error *error) {
  cJSON *json = NULL;
  bl_json_parse("f.json", text, strlen(text), &json, error);
  return json;
}

static void json_is_read_strictly(void) {
  static const struct {
    const char *text, *words;
  } bad[] = {
      {"{", "or cut off: at byte 1 of 1 found the end, expected a key in quotes"},
      {"[1,]", "at byte 3 of 4 found ']', expected a value"},
      {"[1 2]", "found '2', expected ',' or ']'"},
      {"{\"a\" 1}", "found '1', expected ':'"},
      {"{} x", "at byte 3 of 4 found 'x', expected the end"},
      {"[01]", "leading zeros"},
      {"[+1]", "expected a value"},
      {"[.5]", "expected a value"},
      {"[1.]", "after its point"},
      {"[1e+]", "exponent"},
      {"[-]", "expected a value"},
      {"[NaN]", "expected a value (NaN and Infinity are none in JSON)"},
      {"[-Infinity]", "expected a value"},
      {"{\"a\":[1e999]}", "at byte 6 of 13 found '1', expected a number below 1.8e308"},
      {"-1e400", "expected a number below 1.8e308"},
      {"[tru]", "expected a value"},
      {"[\"\t\"]", "control"},
      {"[\"\\u12\"]", "escape"},
      {"[\"\\ud83d\"]", "escape"},
      {"[\"\\u0000\"]", "NUL"},
      {"[\"\xe9\"]", "found '?', expected well-formed UTF-8"},
      {"[\"abc", "the end of a string"},
      {"\xef\xbb\xbf{}", "at byte 0"},
      {"[1234567890123456789012345678901234567890123456789012345678901234]", "63 characters"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    bl_error error = {0};
    CHECK_MSG(parse(bad[i].text, &error) == NULL, "%s was taken", bad[i].text);
    CHECK_MSG(strncmp(error.message, "f.json: not valid JSON", 22) == 0 &&
                  strstr(error.message, ": at byte ") && strstr(error.message, bad[i].words),
              "%s gave: %s", bad[i].text, error.message);
  }
  bl_error error = {0};
  cJSON *json =
      parse(" {\"a\": [1, -2.5e-3, true, null, \"\\u00e9\\ud83d\\ude00\\n\"]}\r\n ", &error);
  const cJSON *a = bl_json_member(json, "a");
  CHECK(cJSON_GetArraySize(a) == 5 && cJSON_GetArrayItem(a, 1)->valuedouble == -2.5e-3);
  CHECK(strcmp(cJSON_GetArrayItem(a, 4)->valuestring, "é😀\n") == 0);
  cJSON_Delete(json);
}

static void what_is_handed_over_in_the_place_of_json_is_called_so(void) {
  static const struct {
    const char *text, *sentence;
  } strangers[] = {
      {"", "f.json: the file is empty, expected JSON"},
      {" \n", "f.json: the file is blank, expected JSON"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n",
       "f.json: this is a Git LFS pointer, which stands for a file that was not downloaded; "
       "expected JSON"},
      {"<!DOCTYPE html>", "f.json: this is a web page; expected JSON"},
      {"<!doctype HTML>", "f.json: this is a web page; expected JSON"},
      {"<HTML>", "f.json: this is a web page; expected JSON"},
  };
  for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
    bl_error error = {0};
    CHECK(parse(strangers[i].text, &error) == NULL);
    CHECK_MSG(strcmp(error.message, strangers[i].sentence) == 0, "%s", error.message);
  }
  bl_error error = {0};
  cJSON *json = NULL;
  CHECK(bl_json_parse_object("f.json", "[1]", 3, &json, &error) == BL_ERR_INPUT && !json);
  CHECK(strcmp(error.message, "f.json: the text is not a JSON object") == 0);
}

static void json_nests_up_to_128_levels(void) {
  for (int depth = 128; depth <= 129; depth++) {
    char text[300] = "";
    for (int i = 0; i < depth; i++) strcat(text, "[");
    for (int i = 0; i < depth; i++) strcat(text, "]");
    bl_error error = {0};
    cJSON *json = parse(text, &error);
    CHECK((json != NULL) == (depth == 128));
    CHECK(json || strstr(error.message, "128 nested levels"));
    cJSON_Delete(json);
  }
}

static void json_getters_leave_absent_members_and_name_wrong_ones(void) {
  bl_error found = {0};
  cJSON *json = parse(
      "{\"i\":3,\"big\":9007199254740994,\"half\":0.5,\"b\":true,\"s\":\"x\",\"n\":null,\"twice\":"
      "1,"
      "\"twice\":2}",
      &found);
  int64_t i = 7;
  double f = 7;
  bool b = false;
  const char *s = "d";
  CHECK_OK(bl_json_int("f", json, "absent", 0, 9, &i, error));
  CHECK_OK(bl_json_int("f", json, "n", 0, 9, &i, error));
  CHECK_OK(bl_json_int("f", NULL, "i", 0, 9, &i, error));
  CHECK_OK(bl_json_float("f", json, "n", 0, 9, &f, error));
  CHECK_OK(bl_json_bool("f", json, "n", &b, error));
  CHECK_OK(bl_json_string("f", json, "n", &s, error));
  CHECK(i == 7 && f == 7 && !b && strcmp(s, "d") == 0);
  CHECK_OK(bl_json_int("f", json, "i", 3, 3, &i, error));
  CHECK_OK(bl_json_float("f", json, "half", 0, 9, &f, error));
  CHECK_OK(bl_json_bool("f", json, "b", &b, error));
  CHECK_OK(bl_json_string("f", json, "s", &s, error));
  CHECK(i == 3 && f == 0.5 && b && strcmp(s, "x") == 0);
  CHECK_OK(bl_json_int("f", json, "twice", 0, 9, &i, error)); /* as Python: the last */
  CHECK(i == 2);

  CHECK(bl_json_int("f", json, "i", 4, 9, &i, &found) == BL_ERR_INPUT);
  CHECK(strcmp(found.message, "f: field 'i' is 3, expected a whole number from 4 to 9") == 0);
  CHECK(bl_json_int("f", json, "half", 0, 9, &i, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "'half' is 0.5"));
  CHECK(bl_json_int("f", json, "s", 0, 9, &i, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "'s' is a string, expected a whole number"));
  /* Beyond 2^53 a double no longer holds every whole number. */
  CHECK(bl_json_int("f", json, "big", 0, INT64_MAX, &i, &found) == BL_ERR_INPUT);
  CHECK(bl_json_float("f", json, "i", 0, 1, &f, &found) == BL_ERR_INPUT);
  CHECK(strcmp(found.message, "f: field 'i' is 3, expected 0 to 1") == 0);
  CHECK(bl_json_bool("f", json, "i", &b, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "'i' is a number, expected true or false"));
  CHECK(bl_json_string("f", json, "b", &s, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "'b' is true, expected a string"));
  CHECK(i == 2 && f == 0.5 && b && strcmp(s, "x") == 0);
  cJSON_Delete(json);
}

static void whole_numbers_are_read_exactly(void) {
  static const struct {
    const char *text;
    bool taken;
    int64_t value;
  } cases[] = {
      {"0", true, 0},
      {"9007199254740993", true, 9007199254740993},
      {"9223372036854775807", true, INT64_MAX},
      {"9223372036854775808", false, 0},
      {"99999999999999999999", false, 0},
      {"-1", false, 0},
      {"-0", false, 0},
      {"00", false, 0},
      {"1.0", false, 0},
      {"1e3", false, 0},
      {"\"1\"", false, 0},
      {"", false, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_json_reader reader = {.text = cases[i].text, .size = strlen(cases[i].text)};
    int64_t value = 0;
    bool taken = bl_json_read_count(&reader, &value) && bl_json_end(&reader);
    CHECK_MSG(taken == cases[i].taken && value == cases[i].value, "%s", cases[i].text);
  }
}

/* json.dumps(…, indent=4) of Python 3.11. */
static void json_is_printed_as_python_prints_it(void) {
  const char *python =
      "{\n"
      "    \"a\": [\n"
      "        1,\n"
      "        1.0,\n"
      "        1e-05,\n"
      "        1e+22,\n"
      "        0.1,\n"
      "        1.2345678901234568e+20,\n"
      "        -0.0,\n"
      "        5e-324,\n"
      "        1000000000000000.0,\n"
      "        -7,\n"
      "        1000000000000000019884624838656,\n" /* a model_max_length that transformers writes */
      "        2.5e-07,\n"
      "        1e+16,\n"
      "        100000.0\n"
      "    ],\n"
      "    \"k\": \"\\u00e9\\n\\t\\\"\\\\ \\ud55c \\ud83d\\ude42\\u0001\\u007f/\",\n"
      "    \"e\": {},\n"
      "    \"l\": [],\n"
      "    \"n\": null,\n"
      "    \"t\": true,\n"
      "    \"nested\": {\n"
      "        \"x\": {\n"
      "            \"y\": [\n"
      "                {\n"
      "                    \"z\": 0.5\n"
      "                }\n"
      "            ]\n"
      "        }\n"
      "    }\n"
      "}";
  cJSON *json = NULL;
  CHECK_OK(bl_json_parse("t.json", python, strlen(python), &json, error));
  char *printed = NULL;
  bl_json_writer w = {.style = &bl_json_python};
  bl_json_put_tree(&w, NULL, json);
  CHECK_OK(bl_json_finish(&w, &printed, NULL, error));
  CHECK_MSG(strcmp(printed, python) == 0, "%s", printed);
  free(printed);
  cJSON_Delete(json);
}

int main(void) {
  RUN(every_16_bit_float_has_its_value);
  RUN(every_16_bit_float_survives_a_round_trip);
  RUN(float32_rounds_to_nearest_ties_to_even);
  RUN(large_values_become_infinite_where_the_format_ends);
  RUN(arrays_convert_without_alignment);
  RUN(dtype_names_are_read_and_written);
  RUN(arena_memory_is_zeroed_aligned_and_separate);
  RUN(aligned_memory_starts_at_64_bytes);
  RUN(messages_are_one_line_of_utf8);
  RUN(long_messages_end_with_a_whole_character);
  RUN(utf8_is_what_unicode_says);
  RUN(json_is_read_strictly);
  RUN(what_is_handed_over_in_the_place_of_json_is_called_so);
  RUN(json_nests_up_to_128_levels);
  RUN(json_getters_leave_absent_members_and_name_wrong_ones);
  RUN(whole_numbers_are_read_exactly);
  RUN(json_is_printed_as_python_prints_it);
  return check_result();
}
