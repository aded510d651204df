/* The JSON writer: its layouts, what becomes of odd texts and numbers, and that no text is ever
 * handed over incomplete. What is compact is compared with cJSON's own printing. */
#include <cJSON.h>

#include "base/json.h"
#include "base/json_print.h"
#include "base/json_write.h"
#include "check.h"

/* The text that was written, which the next call takes the place of. */
static const char *finish(bl_json_writer *w) {
  static char *text;
  free(text);
  text = NULL;
  CHECK_OK(bl_json_finish(w, &text, NULL, error));
  return text ? text : "";
}

static void write_all(bl_json_writer *w) {
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "name", "a \"b\" \\ c");
  bl_json_open(w, "sizes", '[');
  bl_json_put_number(w, NULL, 3);
  bl_json_put_number(w, NULL, -0.5);
  bl_json_open(w, NULL, '{');
  bl_json_put_bool(w, "yes", true);
  bl_json_put_bool(w, "no", false);
  bl_json_close(w, '}');
  bl_json_close(w, ']');
  bl_json_open(w, "nothing", '{');
  bl_json_close(w, '}');
  bl_json_open(w, "none", '[');
  bl_json_close(w, ']');
  bl_json_put_raw(w, "raw", "6.0");
  bl_json_put_null(w, "null");
  bl_json_close(w, '}');
}

static void a_compact_text_is_one_line(void) {
  bl_json_writer w = {.style = &bl_json_compact};
  write_all(&w);
  const char *text = finish(&w);
  CHECK_MSG(strcmp(text,
                   "{\"name\":\"a \\\"b\\\" \\\\ c\",\"sizes\":[3,-0.5,{\"yes\":true,"
                   "\"no\":false}],\"nothing\":{},\"none\":[],\"raw\":6.0,\"null\":null}") == 0,
            "%s", text);
}

/* As json.dumps(…, indent=4) prints the same in Python 3.11. */
static void pythons_layout_has_a_line_for_each_item(void) {
  bl_json_writer w = {.style = &bl_json_python};
  write_all(&w);
  const char *text = finish(&w);
  CHECK_MSG(strcmp(text,
                   "{\n"
                   "    \"name\": \"a \\\"b\\\" \\\\ c\",\n"
                   "    \"sizes\": [\n"
                   "        3,\n"
                   "        -0.5,\n"
                   "        {\n"
                   "            \"yes\": true,\n"
                   "            \"no\": false\n"
                   "        }\n"
                   "    ],\n"
                   "    \"nothing\": {},\n"
                   "    \"none\": [],\n"
                   "    \"raw\": 6.0,\n"
                   "    \"null\": null\n"
                   "}") == 0,
            "%s", text);
}

static const char *put_alone(const bl_json_style *style, const char *bytes, size_t size) {
  bl_json_writer w = {.style = style};
  bl_json_put_bytes(&w, NULL, bytes, size);
  return finish(&w);
}

static void strings_are_escaped_as_cjson_and_python_do(void) {
  for (int c = 1; c < 0x80; c++) {
    char string[] = {'a', (char)c, 'b', 0};
    cJSON *item = cJSON_CreateString(string);
    char *expected = cJSON_PrintUnformatted(item);
    char text[32];
    snprintf(text, sizeof text, "%s", put_alone(&bl_json_compact, string, 3));
    if (c == 0x7f)
      CHECK(strcmp(text, "\"a\\u007fb\"") == 0); /* which cJSON writes raw */
    else
      CHECK_MSG(strcmp(text, expected) == 0, "%s for %s", text, expected);
    CHECK(strcmp(put_alone(&bl_json_python, string, 3), text) == 0);
    cJSON_free(expected);
    cJSON_Delete(item);
  }
  CHECK(strcmp(put_alone(&bl_json_compact, "é€😀", 9), "\"é€😀\"") == 0);
  CHECK(strcmp(put_alone(&bl_json_python, "é€😀", 9), "\"\\u00e9\\u20ac\\ud83d\\ude00\"") == 0);
}

static void texts_may_hold_any_bytes(void) {
  CHECK(strcmp(put_alone(&bl_json_compact, "a\0b", 3), "\"a\\u0000b\"") == 0);
  CHECK(strcmp(put_alone(&bl_json_compact, "\xff|\xe2\x82|\xed\xa0\x80", 8),
               "\"\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") ==
        0);
  CHECK(strcmp(put_alone(&bl_json_python, "\xff", 1), "\"\\ufffd\"") == 0);
}

/* U+0080 to U+009F, and what sets the direction of text. */
static void what_acts_on_a_terminal_is_escaped(void) {
  static const unsigned hidden[] = {0x80,   0x9b,   0x9f,   0x61c,  0x200e,
                                    0x200f, 0x202a, 0x202e, 0x2066, 0x2069};
  for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
    char text[32], expected[16];
    snprintf(expected, sizeof expected, "\"\\u%04x\"", hidden[i]);
    cJSON *item = cJSON_Parse(expected);
    snprintf(text, sizeof text, "%s", cJSON_GetStringValue(item));
    cJSON_Delete(item);
    CHECK(strcmp(put_alone(&bl_json_compact, text, strlen(text)), expected) == 0);
  }
}

static void numbers_read_back_the_same_and_others_are_null(void) {
  static const double numbers[] = {0.1, 1e-5, 1e300, 5e-324, 123456789012345680, 16777216.5};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    const bl_json_style *styles[] = {&bl_json_compact, &bl_json_python};
    for (int s = 0; s < 2; s++) {
      bl_json_writer w = {.style = styles[s]};
      bl_json_put_number(&w, NULL, numbers[i]);
      CHECK(strtod(finish(&w), NULL) == numbers[i]);
    }
  }
  bl_json_writer w = {.style = &bl_json_compact};
  bl_json_open(&w, NULL, '[');
  bl_json_put_number(&w, NULL, (double)NAN);
  bl_json_put_number(&w, NULL, (double)INFINITY);
  bl_json_put_number(&w, NULL, -(double)INFINITY);
  bl_json_close(&w, ']');
  CHECK(strcmp(finish(&w), "[null,null,null]") == 0);
}

static void a_member_takes_the_place_of_all_with_its_key(void) {
  static const char text[] = "{\"a\":1,\"b\":2,\"a\":3,\"A\":4}";
  cJSON *json = NULL;
  CHECK_OK(bl_json_parse("t.json", text, strlen(text), &json, error));
  CHECK_OK(bl_json_set(json, "a", cJSON_CreateString("x"), error));
  bl_json_writer w = {.style = &bl_json_compact};
  bl_json_put_tree(&w, NULL, json);
  CHECK(strcmp(finish(&w), "{\"b\":2,\"A\":4,\"a\":\"x\"}") == 0);
  bl_error found = {0};
  CHECK(bl_json_set(json, "b", NULL, &found) == BL_ERR_MEMORY);
  CHECK(strstr(found.message, "out of memory") != NULL);
  bl_json_remove(json, "a");
  CHECK(cJSON_GetArraySize(json) == 1 && strcmp(json->child->string, "A") == 0);
  cJSON_Delete(json);
}

int main(void) {
  RUN(a_compact_text_is_one_line);
  RUN(pythons_layout_has_a_line_for_each_item);
  RUN(strings_are_escaped_as_cjson_and_python_do);
  RUN(texts_may_hold_any_bytes);
  RUN(what_acts_on_a_terminal_is_escaped);
  RUN(numbers_read_back_the_same_and_others_are_null);
  RUN(a_member_takes_the_place_of_all_with_its_key);
  return check_result();
}
