/* JSON that the command reads and writes. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cli.h"

/* 15 digits, which show decimals as they were meant, where these are the number up to the rounding
 * of a double's last digit; else the 17 that tell every double from its neighbours. */
static void print_number(double x, char digits[BL_JSON_NUMBER]) {
  snprintf(digits, BL_JSON_NUMBER, "%.15g", x);
  double read = strtod(digits, NULL);
  if (fabs(read - x) > fmax(fabs(read), fabs(x)) * DBL_EPSILON)
    snprintf(digits, BL_JSON_NUMBER, "%.17g", x);
}

const bl_json_style cli_json_style = {
    .indent = "\t",
    .colon = ":\t",
    .escapes = "\"\"\\\\\nn",
    .braces_have_lines = true,
    .print_number = print_number,
};

bool cli_json_parse(const char *file, const void *text, size_t size, cJSON **json,
                    bl_error *error) {
  *json = NULL;
  bl_code code = bl_json_parse_object(file, text, size, json, error);
  if (code == BL_ERR_MEMORY) cli_die("%s", error->message);
  return code == BL_OK;
}

cJSON *cli_json_object(const char *file, const void *text, size_t size) {
  bl_error error;
  cJSON *json;
  if (!cli_json_parse(file, text, size, &json, &error)) cli_fail("%s", error.message);
  return json;
}

cJSON *cli_json_line(const char *path, size_t line, const char *text, size_t size) {
  char label[32];
  bl_error error;
  cJSON *json;
  snprintf(label, sizeof label, "line %zu", line);
  if (!cli_json_parse(label, text, size, &json, &error)) cli_fail("%s, %s", path, error.message);
  return json;
}

void cli_json_ids(bl_json_writer *w, const char *key, const int32_t *ids, int n_ids) {
  bl_json_open(w, key, '[');
  for (int i = 0; i < n_ids; i++) bl_json_put_number(w, NULL, ids[i]);
  bl_json_close(w, ']');
}

void cli_json_note(bl_json_writer *w, const bl_note *note) {
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "kind", note->kind);
  bl_json_put_string(w, "subject", note->subject);
  bl_json_put_number(w, "count", (double)note->count);
  bl_json_put_string(w, "message", note->message);
  bl_json_close(w, '}');
}

void cli_json_notes(bl_json_writer *w, const bl_model *model, const bl_export *ex) {
  bl_json_open(w, "notes", '[');
  for (int i = 0; i < bl_model_n_notes(model); i++) cli_json_note(w, bl_model_note(model, i));
  for (int i = 0; ex && i < bl_export_n_notes(ex); i++) cli_json_note(w, bl_export_note(ex, i));
  bl_json_close(w, ']');
}

char *cli_json_text(bl_json_writer *w) {
  bl_error error;
  char *text;
  if (bl_json_finish(w, &text, NULL, &error) != BL_OK) cli_die("%s", error.message);
  return text;
}

void cli_json_print(bl_json_writer *w) {
  char *text = cli_json_text(w);
  puts(text);
  cli_stdout_watch();
  free(text);
}
