/* JSON on stdout. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* cJSON's strings end at NUL and are not checked for UTF-8, and what a model writes may hold
 * anything: so texts are escaped here and handed over as they are to be printed. */
void cli_json_bytes(cJSON *object, const char *key, const char *text, size_t size) {
  char *escaped = cli_alloc(6 * size + 3), *to = escaped; /* \u001f is the longest */
  *to++ = '"';
  for (size_t i = 0; i < size;) {
    uint32_t code;
    size_t n = cli_read_char(text + i, size - i, &code);
    if (code == '"' || code == '\\') {
      *to++ = '\\';
      *to++ = (char)code;
    } else if (code == '\n') {
      to += sprintf(to, "\\n");
    } else if (code < 0x20 || code == 0x7f) {
      to += sprintf(to, "\\u%04x", (unsigned)code);
    } else if (code == 0xfffd) {
      to += sprintf(to, "\xef\xbf\xbd");
    } else {
      memcpy(to, text + i, n);
      to += n;
    }
    i += n;
  }
  *to++ = '"';
  *to = 0;
  cJSON_AddRawToObject(object, key, escaped);
  free(escaped);
}

void cli_json_text(cJSON *object, const char *key, const char *text) {
  cli_json_bytes(object, key, text, strlen(text));
}

void cli_json_number(cJSON *object, const char *key, double value) {
  if (isfinite(value)) {
    cJSON_AddNumberToObject(object, key, value);
  } else {
    cJSON_AddNullToObject(object, key);
  }
}

void cli_json_ids(cJSON *object, const char *key, const int32_t *ids, int n_ids) {
  cJSON *list = cJSON_AddArrayToObject(object, key);
  for (int i = 0; i < n_ids; i++) cJSON_AddItemToArray(list, cJSON_CreateNumber(ids[i]));
}

static void add_note(cJSON *list, const bl_note *note) {
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(list, object);
  cli_json_text(object, "kind", note->kind);
  cli_json_text(object, "subject", note->subject);
  cJSON_AddNumberToObject(object, "count", (double)note->count);
  cli_json_text(object, "message", note->message);
}

void cli_json_notes(cJSON *object, const bl_model *model, const bl_export *ex) {
  cJSON *list = cJSON_AddArrayToObject(object, "notes");
  for (int i = 0; i < bl_model_n_notes(model); i++) add_note(list, bl_model_note(model, i));
  for (int i = 0; ex && i < bl_export_n_notes(ex); i++) add_note(list, bl_export_note(ex, i));
}

void cli_json_print(cJSON *object) {
  char *text = cJSON_Print(object);
  if (!text) {
    cli_fail("out of memory while printing JSON");
    exit(CLI_FAILED);
  }
  puts(text);
  cJSON_free(text);
  cJSON_Delete(object);
}
