/* Chat templates: each part of their language against jinja2 (golden/make_chat.py), what is said of
 * those that are wrong, and the bounds on what a template can do. */
#include <cJSON.h>

#include "bitloss.h"
#include "check.h"
#include "model_files.h"

static const bl_date date = {2025, 7, 4, 9, 5, 6};

static bl_code render(const char *source, const char *variables, char **text, bl_error *error) {
  size_t size = 0;
  *text = NULL;
  bl_code code = bl_chat_render(source, strlen(source), variables, strlen(variables), &date, text,
                                &size, error);
  CHECK(code != BL_OK || strlen(*text) == size);
  return code;
}

/* ---- what it renders ----------------------------------------------------------------------- */

static void every_case_is_rendered_as_jinja2_does_or_refused_as_it_is_there(void) {
  size_t size;
  char *file = (char *)golden_read("chat", "cases.json", &size);
  cJSON *root = cJSON_ParseWithLength(file, size), *one;
  const char *variables = cJSON_GetStringValue(cJSON_GetObjectItem(root, "variables"));
  int n = 0, n_refused = 0;
  cJSON_ArrayForEach(one, cJSON_GetObjectItem(root, "cases")) {
    const char *source = cJSON_GetStringValue(cJSON_GetObjectItem(one, "template"));
    const char *expected = cJSON_GetStringValue(cJSON_GetObjectItem(one, "text"));
    bl_error error = {0};
    char *text;
    bl_code code = render(source, variables, &text, &error);
    if (expected)
      CHECK_MSG(code == BL_OK && strcmp(text, expected) == 0, "%s\ngave %s\nnot %s", source,
                code == BL_OK ? text : error.message, expected);
    else
      CHECK_MSG(code == BL_ERR_INPUT && error.message[0], "%s\ngave %s", source,
                text ? text : error.message);
    n++;
    n_refused += !expected;
    free(text);
  }
  CHECK(n > 570 && n_refused > 90);
  cJSON_Delete(root);
  free(file);
}

/* ---- what is said of what it can't render -------------------------------------------------- */

static void said(const char *source, const char *expected) {
  bl_error error = {0};
  char *text;
  bl_code code = render(source, "{\"a\": 1, \"t\": \"x\"}", &text, &error);
  CHECK_MSG(code == BL_ERR_INPUT && strcmp(error.message, expected) == 0, "%s gave %s", source,
            code == BL_OK ? text : error.message);
  free(text);
}

static void an_error_names_the_line_and_what_is_wrong(void) {
  said("a\n{{ b.c }}", "chat template, line 2: 'b' is undefined");
  said("a\n\n{% nope %}", "chat template, line 3: there is no tag 'nope'");
  said("{{ a | nope }}", "chat template, line 1: there is no filter 'nope'");
  said("{% if a %}\n", "chat template, line 1: found 'the end', expected elif else endif");
  said("{{ a + t }}", "chat template, line 1: '+' is not possible between int and str");
  said("{# a\n", "chat template, line 1: '{#' is not closed");
  said("{{ raise_exception('Roles must alternate, ' ~ t) }}",
       "the chat template refuses the conversation: Roles must alternate, x");
  said("{{ [a].append(2) }}", "chat template, line 1: a template may not change a list");
}

static void what_jinja2_would_render_and_this_does_not_is_refused_in_a_sentence(void) {
  said("{{ 'É' | lower }}",
       "chat template, line 1: 'É' is changed to lower case, which bitloss can do with ASCII "
       "letters only");
  said("{{ 10 ** 19 }}", "chat template, line 1: a whole number is over 63 bits");
  said("{{ t.upper }}", "chat template, line 1: a value of type method can't be written as text");
  said("{{ strftime_now('%U') }}", "chat template, line 1: a date's part '%U' is not known");
  said("{% for x in t recursive %}{% endfor %}",
       "chat template, line 1: found 'recursive', expected %}");
}

static void a_date_is_there_only_where_the_caller_gives_one(void) {
  static const char source[] = "{{ strftime_now('%Y') }}";
  bl_error error = {0};
  char *text = NULL;
  size_t size;
  bl_code code = bl_chat_render(source, sizeof source - 1, "{}", 2, NULL, &text, &size, &error);
  CHECK(code == BL_ERR_INPUT && strstr(error.message, "asks for the date, and none was given"));
  const bl_date leap = {2024, 12, 31, 0, 0, 0};
  const char *all = "{{ strftime_now('%A %j %I %p %-d %y') }}";
  CHECK_OK(bl_chat_render(all, strlen(all), "{}", 2, &leap, &text, &size, error));
  CHECK_MSG(strcmp(text, "Tuesday 366 12 AM 31 24") == 0, "%s", text);
  free(text);
}

static void variables_that_are_no_json_object_are_refused(void) {
  static const char *const wrong[] = {"", "[]", "{", "{\"a\": 1} x", "{\"a\": \"\\u0000\"}"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    bl_error error = {0};
    char *text;
    bl_code code = render("x", wrong[i], &text, &error);
    CHECK_MSG(code == BL_ERR_INPUT || code == BL_ERR_ARGUMENT, "%s", wrong[i]);
    CHECK(error.message[0]);
  }
}

/* ---- bounds -------------------------------------------------------------------------------- */

static void a_template_that_goes_on_too_long_is_stopped(void) {
  static const char *const endless[] = {
      "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
      "{% set n = namespace(s='xxxxxxxx') %}{% for a in range(99) %}{% set n.s = n.s + n.s %}"
      "{% endfor %}",
      "{{ 'x' * 99999999999 }}",
      "{{ ([1] * 99999) * 99999 }}",
      "{% set n = namespace(l=[1]) %}{% for a in range(99) %}{% set n.l = n.l + n.l %}{% endfor %}",
      "{% set n = namespace(l=1) %}{% for a in range(999) %}{% set n.l = [n.l] %}{% endfor %}"
      "{{ n.l }}",
      "{% set n = namespace(l=1) %}{% for a in range(999) %}{% set n.l = [n.l] %}{% endfor %}"
      "{{ n.l == [n.l] or n.l | tojson }}",
      "{{ ('x' * 100000).replace('', 'y' * 10000) }}",
      "{{ ('x' * 50000 + 'y') in ('x' * 100000) }}",
      "{{ ('x' * 100000).rfind('x' * 50000 + 'y') }}",
  };
  for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
    bl_error error = {0};
    char *text;
    bl_code code = render(endless[i], "{}", &text, &error);
    bool is_told = strstr(error.message, "a conversation of this length allows") ||
                   strstr(error.message, "nested more than");
    CHECK_MSG(code == BL_ERR_INPUT && is_told, "%s gave %s", endless[i], error.message);
    free(text);
  }
}

/* n copies of `part` between two texts. */
static char *repeated(const char *before, const char *part, size_t n, const char *after) {
  size_t size = strlen(part), at = strlen(before);
  char *text = malloc(at + n * size + strlen(after) + 1);
  if (!text) exit(1);
  memcpy(text, before, at);
  for (size_t i = 0; i < n; i++, at += size) memcpy(text + at, part, size);
  strcpy(text + at, after);
  return text;
}

static void deep_nesting_is_refused_in_whatever_it_is_written(void) {
  static const char *const parts[][3] = {
      {"{{ ", "(", ""},
      {"{{ ", "[", ""},
      {"{{ ", "-", "1 }}"},
      {"{{ ", "not ", "1 }}"},
      {"{{ ", "a[", ""},
      {"", "{% if 1 %}", ""},
      {"{{ ", "1 if 1 else ", "1 }}"},
      {"", "{% for a in b %}", ""},
      {"{% set ", "(", "a = 1 %}"},
  };
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    char *source = repeated(parts[i][0], parts[i][1], 50000, parts[i][2]), *text;
    bl_error error = {0};
    bl_code code = render(source, "{}", &text, &error);
    CHECK_MSG(code == BL_ERR_INPUT && strstr(error.message, "nested more than"), "%s: %s",
              parts[i][1], error.message);
    free(text);
    free(source);
  }
}

/* Chains do not nest while they are parsed, but the tree does. */
static void a_long_chain_is_refused_too(void) {
  static const char *const parts[] = {" + 1", ".a", "|trim", "()", " ~ 1", " and 1"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    char *source = repeated("{{ 1", parts[i], 50000, " }}"), *text;
    bl_error error = {0};
    bl_code code = render(source, "{}", &text, &error);
    CHECK_MSG(code == BL_ERR_INPUT && error.message[0], "%s", parts[i]);
    free(text);
    free(source);
  }
}

static void a_long_conversation_is_rendered(void) {
  char *messages = repeated("{\"messages\": [", "{\"role\": \"user\", \"content\": \"a b c\"},",
                            20000, "{\"role\": \"user\", \"content\": \"end\"}]}");
  bl_error error = {0};
  char *text;
  bl_code code = render(
      "{% for m in messages %}{% if loop.last or messages[loop.index0 + 1].role == "
      "'user' %}<{{ m['content'] | trim }}>{% endif %}{% endfor %}",
      messages, &text, &error);
  CHECK_MSG(code == BL_OK, "%s", error.message);
  CHECK(code == BL_OK && strlen(text) == 20000 * 7 + 5);
  free(text);
  free(messages);
}

int main(void) {
  RUN(every_case_is_rendered_as_jinja2_does_or_refused_as_it_is_there);
  RUN(an_error_names_the_line_and_what_is_wrong);
  RUN(what_jinja2_would_render_and_this_does_not_is_refused_in_a_sentence);
  RUN(a_date_is_there_only_where_the_caller_gives_one);
  RUN(variables_that_are_no_json_object_are_refused);
  RUN(a_template_that_goes_on_too_long_is_stopped);
  RUN(deep_nesting_is_refused_in_whatever_it_is_written);
  RUN(a_long_chain_is_refused_too);
  RUN(a_long_conversation_is_rendered);
  return check_result();
}
