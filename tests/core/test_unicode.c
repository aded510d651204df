/* Every code point against the real library: tests/golden/text/unicode.txt, made by
 * tests/golden/make_unicode.py. */
#include "base/error.h"
#include "check.h"
#include "text/parts.h"

enum { N_POINTS = 0x110000 };
static uint8_t expected[N_POINTS];

static bool is_surrogate(uint32_t cp) {
  return cp >= 0xd800 && cp < 0xe000;
}

/* Fills `expected` with a line's ranges. */
static void read_ranges(const char *at) {
  memset(expected, 0, sizeof expected);
  while (*at && *at != '\n') {
    char *end;
    unsigned long low = strtoul(at, &end, 16), high = low;
    if (*end == '-') high = strtoul(end + 1, &end, 16);
    for (unsigned long cp = low; cp <= high && cp < N_POINTS; cp++) expected[cp] = 1;
    at = *end == ',' ? end + 1 : end;
  }
}

/* Hexadecimal to bytes; returns what follows and the space after it. */
static const char *read_hex(const char *at, bl_buffer *out) {
  out->size = 0;
  for (; *at && *at != ' ' && *at != '\n'; at += 2) {
    char c = (char)strtol((char[3]){at[0], at[1], 0}, NULL, 16);
    CHECK_OK(bl_buffer_append(out, &c, 1, error));
  }
  return *at == ' ' ? at + 1 : at;
}

/* Is cp the first or last of a range, in it or beside it? */
static bool is_edge(uint32_t cp) {
  return cp == 0 || cp + 1 == N_POINTS || expected[cp] != expected[cp - 1] ||
         expected[cp] != expected[cp + 1];
}

static void check_pattern(const char *regex, size_t size) {
  bl_pattern *pattern = NULL;
  CHECK_OK(bl_pattern_new("test", regex, size, &pattern, error));
  bl_buffer text = {0};
  for (uint32_t cp = 0; pattern && cp < N_POINTS; cp++) {
    size_t start = 0, end = 0;
    uint64_t steps = 0;
    text.size = 0;
    if (is_surrogate(cp) || !is_edge(cp)) continue;
    CHECK_OK(bl_utf8_append(&text, cp, error));
    bool found = bl_pattern_find(pattern, text.bytes, text.size, &start, &end, &steps, 100);
    CHECK_MSG(found == expected[cp], "%.*s: U+%04X", (int)size, regex, (unsigned)cp);
  }
  bl_buffer_free(&text);
  bl_pattern_free(pattern);
}

static void check_predicate(bool (*has)(uint32_t cp), const char *name) {
  for (uint32_t cp = 0; cp < N_POINTS; cp++)
    CHECK_MSG(is_surrogate(cp) || has(cp) == expected[cp], "%s: U+%04X", name, (unsigned)cp);
}

/* The file's lines of one kind, one after the other; NULL after the last. */
static const char *next_line(const char *at, char kind) {
  for (; *at; at += strcspn(at, "\n"), at += *at == '\n')
    if (at[0] == kind && at[1] == ' ') return at + 2;
  return NULL;
}

static char *golden;

static const char *first_line(char kind) {
  size_t size;
  free(golden);
  golden = (char *)check_read_file(BL_GOLDEN "/text/unicode.txt", &size);
  return next_line(golden, kind);
}

/* A line's pattern where it is a category alone, such as \p{Lu}; 0 for others. */
static uint32_t category_of(const bl_buffer *regex) {
  return regex->size == 6 && memcmp(regex->bytes, "\\p{", 3) == 0
             ? bl_unicode_category_set(regex->bytes + 3, 2)
             : 0;
}

static void every_code_point_has_the_category_that_oniguruma_gives_it(void) {
  bl_buffer regex = {0};
  static uint32_t found[N_POINTS];
  for (uint32_t cp = 0; cp < N_POINTS; cp++) found[cp] = 1u << bl_unicode_category(cp);
  int n = 0;
  for (const char *line = first_line('R'); line; line = next_line(line, 'R')) {
    line = read_hex(line, &regex);
    uint32_t set = category_of(&regex);
    if (set) read_ranges(line);
    for (uint32_t cp = 0; set && cp < N_POINTS; cp++)
      CHECK_MSG(is_surrogate(cp) || ((found[cp] & set) != 0) == expected[cp], "%.*s: U+%04X",
                (int)regex.size, regex.bytes, (unsigned)cp);
    n += set != 0;
  }
  CHECK(n == 29); /* all but surrogates */
  bl_buffer_free(&regex);
}

static void patterns_match_the_code_points_that_oniguruma_does(void) {
  bl_buffer regex = {0};
  int n = 0;
  for (const char *line = first_line('R'); line; line = next_line(line, 'R'), n++) {
    line = read_hex(line, &regex);
    read_ranges(line);
    check_pattern(regex.bytes, regex.size);
  }
  CHECK(n == 37);
  bl_buffer_free(&regex);
}

static void digits_are_those_of_unicode_17(void) {
  read_ranges(first_line('D'));
  check_pattern(bl_digits_pattern, strlen(bl_digits_pattern));
}

static void words_and_white_space_beside_added_tokens_are_the_librarys(void) {
  read_ranges(first_line('W'));
  check_predicate(bl_unicode_is_word, "word");
  read_ranges(first_line('S'));
  check_predicate(bl_unicode_is_space, "space");
}

static void check_nfc(const bl_buffer *text, const bl_buffer *normal, bl_buffer *out) {
  out->size = 0;
  CHECK_OK(bl_normalize_append(out, &bl_nfc, text->bytes, text->size, error));
  CHECK_MSG(out->size == normal->size && memcmp(out->bytes, normal->bytes, out->size) == 0,
            "'%.*s' became '%.*s'", (int)text->size, text->bytes, (int)out->size, out->bytes);
}

/* Notes in `expected` the code point that a listed text is about: 1 alone, 2 between two marks. */
static void mark_listed(const bl_buffer *text) {
  size_t length;
  uint32_t cp = bl_utf8_decode(text->bytes, text->size, 0, &length);
  if (length == text->size) {
    expected[cp] |= 1;
  } else if (cp == 0x345 && text->size > length) {
    size_t at = length;
    cp = bl_utf8_decode(text->bytes, text->size, at, &length);
    if (at + length < text->size) expected[cp] |= 2;
  }
}

static void normalization_form_c_is_the_librarys_for_every_code_point(void) {
  bl_buffer text = {0}, normal = {0}, out = {0};
  int n = 0;
  memset(expected, 0, sizeof expected);
  for (const char *line = first_line('N'); line; line = next_line(line, 'N'), n++) {
    line = read_hex(read_hex(line, &text), &normal);
    check_nfc(&text, &normal, &out);
    mark_listed(&text);
  }
  CHECK(n > 4000);
  /* What the file does not list stays as it is; from plane 2 on there are no marks. */
  for (uint32_t cp = 0; cp < N_POINTS; cp++) {
    for (int between = 0; between < (cp < 0x20000 ? 2 : 1) && !is_surrogate(cp); between++) {
      if (expected[cp] & 1 << between) continue;
      text.size = 0;
      if (between) CHECK_OK(bl_utf8_append(&text, 0x345, error));
      CHECK_OK(bl_utf8_append(&text, cp, error));
      if (between) CHECK_OK(bl_utf8_append(&text, 0x334, error));
      check_nfc(&text, &text, &out);
    }
  }
  bl_buffer_free(&text);
  bl_buffer_free(&normal);
  bl_buffer_free(&out);
}

int main(void) {
  RUN(every_code_point_has_the_category_that_oniguruma_gives_it);
  RUN(patterns_match_the_code_points_that_oniguruma_does);
  RUN(digits_are_those_of_unicode_17);
  RUN(words_and_white_space_beside_added_tokens_are_the_librarys);
  RUN(normalization_form_c_is_the_librarys_for_every_code_point);
  free(golden);
  return check_result();
}
