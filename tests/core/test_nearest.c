/* Finding the name that was meant. */
#include "base/nearest.h"

#include "check.h"

static const char *nearest(const char *wanted, const char *const *names) {
  bl_nearest n = {.wanted = wanted, .wanted_size = strlen(wanted)};
  for (int i = 0; names[i]; i++) bl_nearest_offer(&n, names[i]);
  return n.name ? n.name : "";
}

static void check_nearest(const char *wanted, const char *expected) {
  static const char *const names[] = {"down_proj", "up_proj",      "v_proj", "q_proj",
                                      "lm_head",   "embed_tokens", NULL};
  CHECK_MSG(strcmp(nearest(wanted, names), expected) == 0, "'%s' gives '%s', expected '%s'", wanted,
            nearest(wanted, names), expected);
}

static void two_wrong_letters_are_near(void) {
  check_nearest("down_proj", "down_proj");
  check_nearest("dwon_proj", "down_proj"); /* neighbours swapped */
  check_nearest("dwon_porj", "down_proj"); /* twice */
  check_nearest("donw_pro", "down_proj");  /* swapped, and one left out */
  check_nearest("lmheads", "lm_head");     /* one left out, one too many */
  check_nearest("embed_tokkens", "embed_tokens");
  check_nearest("dwn_prj_", ""); /* three */
  check_nearest("head", "");
  check_nearest("", "");
}

static void the_nearest_wins_and_the_first_of_two(void) {
  check_nearest("k_proj", "v_proj"); /* as near as q_proj */
  check_nearest("qq_proj", "q_proj");
  static const char *const names[] = {"abcdef", "abcdxx", "abcdxf", NULL};
  CHECK(strcmp(nearest("abcdxf", names), "abcdxf") == 0);
}

static void short_words_allow_one_letter(void) {
  static const char *const names[] = {"int8", "q4_0", NULL};
  CHECK(strcmp(nearest("int4", names), "int8") == 0);
  CHECK(strcmp(nearest("q4", names), "") == 0);
  CHECK(strcmp(nearest("q40", names), "q4_0") == 0);
  CHECK(strcmp(nearest("q", names), "") == 0);
}

static void words_of_any_length_can_be_given(void) {
  char longest[200];
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  static const char *const names[] = {"aaaa", NULL};
  CHECK(strcmp(nearest(longest, names), "") == 0);
  for (size_t n = 40; n < 60; n++) {
    char name[64], wanted[64];
    memset(name, 'b', n);
    name[n] = '\0';
    strcpy(wanted, name);
    wanted[n / 2] = 'c';
    const char *const same[] = {name, NULL};
    CHECK((nearest(wanted, same) == name) == (n <= 48));
  }
}

int main(void) {
  RUN(two_wrong_letters_are_near);
  RUN(the_nearest_wins_and_the_first_of_two);
  RUN(short_words_allow_one_letter);
  RUN(words_of_any_length_can_be_given);
  return check_result();
}
