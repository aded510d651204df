/* The list of remarks that stop nothing. */
#include "base/notes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TOO_MANY "more-notes"

/* The note of that kind and subject, a new one, or NULL where there is no memory. */
static bl_note *place_for(bl_notes *notes, const char *kind, const char *subject) {
  for (int i = 0; i < notes->n; i++) {
    bl_note *note = &notes->list[i];
    if (strcmp(note->kind, kind) == 0 && strcmp(note->subject, subject) == 0) return note;
  }
  bl_note *grown = realloc(notes->list, ((size_t)notes->n + 1) * sizeof *grown);
  if (!grown) return NULL;
  notes->list = grown;
  grown[notes->n] = (bl_note){.kind = kind};
  return &grown[notes->n++];
}

bl_code bl_note_add(bl_notes *notes, bl_error *error, const char *kind, const char *subject,
                    int64_t count, const char *format, ...) {
  char name[sizeof((bl_note *)0)->subject];
  bl_copy_sentence(name, sizeof name, "%s", subject);
  bool is_full = notes->n >= BL_MAX_NOTES;
  bl_note *note = place_for(notes, is_full ? TOO_MANY : kind, is_full ? "" : name);
  if (!note) return bl_fail_memory(error, ((uint64_t)notes->n + 1) * sizeof *note);
  if (is_full) {
    note->count++;
    bl_copy_sentence(note->message, sizeof note->message, "there are %lld more remarks",
                     (long long)note->count);
    return BL_OK;
  }
  note->count = count;
  memcpy(note->subject, name, sizeof name);
  va_list args;
  va_start(args, format);
  bl_vcopy_sentence(note->message, sizeof note->message, format, args);
  va_end(args);
  return BL_OK;
}

void bl_notes_free(bl_notes *notes) {
  free(notes->list);
  *notes = (bl_notes){0};
}
