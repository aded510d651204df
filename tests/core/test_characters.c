/* Every code point through the rarer steps, against `tokenizers`: tests/golden/text/characters.txt,
 * made by tests/golden/make_characters.py. */
#include <inttypes.h>

#include "base/error.h"
#include "check.h"
#include "text/characters.h"
#include "text/steps_more.h"

enum { N_POINTS = 0x110000, BLOCK = 4096 };

static char *golden;

/* What follows a name at the beginning of a line. */
static const char *line_of(const char *name) {
  size_t n = strlen(name), size;
  if (!golden) golden = (char *)check_read_file(BL_GOLDEN "/text/characters.txt", &size);
  for (const char *at = golden; at && *at; at = strchr(at, '\n') + 1)
    if (strncmp(at, name, n) == 0 && at[n] == ' ') return at + n + 1;
  CHECK_MSG(false, "%s is in the file", name);
  return "";
}

static bool is_surrogate(uint32_t cp) {
  return cp >= 0xd800 && cp < 0xe000;
}

static void check_set(const char *name, bool (*has)(uint32_t cp)) {
  const char *at = line_of(name);
  unsigned long low = 1, high = 0;
  for (uint32_t cp = 0; cp < N_POINTS; cp++) {
    while (cp > high || low > high) {
      char *end;
      if (!*at || *at == '\n') {
        low = high = N_POINTS;
        break;
      }
      low = high = strtoul(at, &end, 16);
      if (*end == '-') high = strtoul(end + 1, &end, 16);
      at = *end == ',' ? end + 1 : end;
    }
    if (!is_surrogate(cp))
      CHECK_MSG(has(cp) == (cp >= low && cp <= high), "%s: U+%04X", name, (unsigned)cp);
  }
}

static bool is_punctuation(uint32_t cp) {
  return bl_char_sets(cp) & BL_CHAR_PUNCTUATION;
}
static bool is_space(uint32_t cp) {
  return bl_char_sets(cp) & BL_CHAR_SPACE;
}
static bool is_between(uint32_t cp) {
  return bl_char_sets(cp) & BL_CHAR_BETWEEN;
}
static bool is_word(uint32_t cp) {
  return bl_char_sets(cp) & BL_CHAR_WORD;
}

static void the_sets_of_characters_are_the_librarys(void) {
  check_set("punctuation", is_punctuation);
  check_set("space", is_space);
  check_set("between", is_between);
  check_set("word", is_word);
}

static void check_step(const char *name, bl_text_step step) {
  const char *at = line_of(name);
  bl_buffer text = {0}, out = {0};
  for (uint32_t start = 0; start < N_POINTS; start += BLOCK) {
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t cp = start; cp < start + BLOCK; cp++) {
      text.size = out.size = 0;
      if (!is_surrogate(cp)) {
        CHECK_OK(bl_utf8_append(&text, cp, error));
        CHECK_OK(step.rewrite(&step, text.bytes, text.size, &out, 1000, error));
      }
      CHECK_OK(bl_buffer_append(&out, "", 1, error));
      for (size_t i = 0; i < out.size; i++) h = (h ^ (uint8_t)out.bytes[i]) * 0x100000001b3u;
    }
    char *end;
    uint64_t expected = strtoull(at, &end, 16);
    CHECK_MSG(h == expected, "%s: from U+%04X on", name, (unsigned)start);
    at = *end == ',' ? end + 1 : end;
  }
  bl_buffer_free(&text);
  bl_buffer_free(&out);
}

static void steps_make_of_every_code_point_what_the_library_does(void) {
  const uint32_t all = BL_BERT_CLEAN | BL_BERT_CHINESE | BL_BERT_ACCENTS | BL_BERT_LOWER;
  const uint32_t nmt = BL_CHAR_NMT_GONE | (uint32_t)BL_CHAR_NMT_BLANK << 16;
  check_step("bert_clean", (bl_text_step){.rewrite = bl_rewrite_bert, .options = BL_BERT_CLEAN});
  check_step("bert_chinese",
             (bl_text_step){.rewrite = bl_rewrite_bert, .options = BL_BERT_CHINESE});
  check_step("bert_accents",
             (bl_text_step){.rewrite = bl_rewrite_bert, .options = BL_BERT_ACCENTS});
  check_step("bert", (bl_text_step){.rewrite = bl_rewrite_bert, .options = all});
  check_step("lower", (bl_text_step){.rewrite = bl_rewrite_lower});
  check_step("strip_accents",
             (bl_text_step){.rewrite = bl_rewrite_by_sets, .options = BL_CHAR_MARK});
  check_step("nmt", (bl_text_step){.rewrite = bl_rewrite_by_sets, .options = nmt});
  check_step("strip", (bl_text_step){.rewrite = bl_rewrite_strip,
                                     .options = BL_STRIP_LEFT | BL_STRIP_RIGHT});
  check_step("nfd", (bl_text_step){.rewrite = bl_rewrite_to_form, .form = &bl_nfd});
  check_step("nfkc", (bl_text_step){.rewrite = bl_rewrite_to_form, .form = &bl_nfkc});
  check_step("nfkd", (bl_text_step){.rewrite = bl_rewrite_to_form, .form = &bl_nfkd});
}

/* UAX #29, as far as clusters below six bytes tell. */
static void clusters_end_where_the_standard_says(void) {
  static const struct {
    const char *text;
    size_t first;
  } cases[] = {{"a", 1},
               {"ab", 1},
               {"\r\n", 2},
               {"\n\r", 1},
               {"a\xcc\x81", 3},
               {"\n\xcc\x81", 1},
               {"a\xe2\x80\x8d", 4},
               {"\xd8\x80"
                "a",
                3},
               {"\xd8\x80\n", 2},
               {"\xe1\x84\x80\xe1\x85\xa1\xcc\x81", 8},
               {"\xea\xb0\x80\xe1\x86\xa8", 6},
               {"\xea\xb0\x81\xe1\x85\xa1", 3},
               {"\xff\xcc\x81", 3}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t found = bl_cluster_size(cases[i].text, strlen(cases[i].text));
    CHECK_MSG(found == cases[i].first, "case %zu: %zu", i, found);
  }
}

int main(void) {
  RUN(the_sets_of_characters_are_the_librarys);
  RUN(steps_make_of_every_code_point_what_the_library_does);
  RUN(clusters_end_where_the_standard_says);
  free(golden);
  return check_result();
}
