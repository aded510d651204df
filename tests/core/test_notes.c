/* Remarks that stop nothing: what is kept of them, and how many. */
#include "base/notes.h"
#include "check.h"

static void a_note_keeps_what_it_is_about(void) {
  bl_notes notes = {0};
  CHECK_OK(bl_note_add(&notes, error, "left-out", "lm_head", 3, "%d of %s", 3, "lm_head"));
  CHECK(notes.n == 1);
  CHECK(strcmp(notes.list[0].kind, "left-out") == 0);
  CHECK(strcmp(notes.list[0].subject, "lm_head") == 0);
  CHECK(notes.list[0].count == 3);
  CHECK(strcmp(notes.list[0].message, "3 of lm_head") == 0);
  bl_notes_free(&notes);
}

static void the_same_remark_again_takes_the_place_of_the_first(void) {
  bl_notes notes = {0};
  CHECK_OK(bl_note_add(&notes, error, "left-out", "a", 1, "one"));
  CHECK_OK(bl_note_add(&notes, error, "left-out", "b", 1, "other"));
  CHECK_OK(bl_note_add(&notes, error, "left-out", "a", 2, "two"));
  CHECK(notes.n == 2);
  CHECK(notes.list[0].count == 2 && strcmp(notes.list[0].message, "two") == 0);
  bl_notes_free(&notes);
}

static void a_file_cannot_make_the_list_long(void) {
  bl_notes notes = {0};
  for (int i = 0; i < 1000; i++) {
    char name[16];
    snprintf(name, sizeof name, "t%d", i);
    CHECK_OK(bl_note_add(&notes, error, "left-out", name, 0, "%s", name));
  }
  CHECK(notes.n == BL_MAX_NOTES + 1);
  const bl_note *last = &notes.list[BL_MAX_NOTES];
  CHECK(last->count == 1000 - BL_MAX_NOTES);
  CHECK(strcmp(last->message, "there are 936 more remarks") == 0);
  bl_notes_free(&notes);
}

static void what_a_file_supplied_is_cut_and_made_plain(void) {
  bl_notes notes = {0};
  char name[400];
  memset(name, 'x', sizeof name - 1);
  name[0] = '\x1b';
  name[sizeof name - 1] = 0;
  CHECK_OK(bl_note_add(&notes, error, "left-out", name, 0, "%s", name));
  CHECK(strlen(notes.list[0].subject) == sizeof notes.list[0].subject - 1);
  CHECK(notes.list[0].subject[0] == '?' && notes.list[0].message[0] == '?');
  bl_notes_free(&notes);
}

int main(void) {
  RUN(a_note_keeps_what_it_is_about);
  RUN(the_same_remark_again_takes_the_place_of_the_first);
  RUN(a_file_cannot_make_the_list_long);
  RUN(what_a_file_supplied_is_cut_and_made_plain);
  return check_result();
}
