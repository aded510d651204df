/* The JSON text that JavaScript is handed: one at a time, in the module's own memory. */
#include <stdlib.h>

#include "base/json_write.h"
#include "exports.h"

static bl_json_writer writer = {.style = &bl_json_compact};
static char *text; /* the last one that was finished */

void bw_json_begin(void) {
  bl_json_discard(&writer);
}

void bw_json_open(const char *key, char bracket) {
  bl_json_open(&writer, key, bracket);
}

void bw_json_close(char bracket) {
  bl_json_close(&writer, bracket);
}

void bw_json_number(const char *key, double x) {
  bl_json_put_number(&writer, key, x);
}

void bw_json_bool(const char *key, bool x) {
  bl_json_put_bool(&writer, key, x);
}

void bw_json_string(const char *key, const char *string) {
  bl_json_put_string(&writer, key, string);
}

void bw_json_note(const bl_note *note) {
  bw_json_open(NULL, '{');
  bw_json_string("kind", note->kind);
  bw_json_string("subject", note->subject);
  bw_json_number("count", (double)note->count);
  bw_json_string("message", note->message);
  bw_json_close('}');
}

const char *bw_json_end(void) {
  free(text);
  text = NULL;
  bl_json_finish(&writer, &text, NULL, &bw_last_error);
  return text;
}
