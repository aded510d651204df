/* Chat templates: the functions that they find, and the template as a whole. */
#include <stdio.h>
#include <string.h>

#include "bitloss.h"
#include "chat/evaluate.h"
#include "chat/json.h"

#define FUNCTION(name)                                                                      \
  static bool name(bl_machine *m, bl_value self, const bl_value *args, const bl_call *call, \
                   bl_value *result)
#define UNUSED(x) (void)(x)

enum { MAX_RANGE = 100000 }; /* as in jinja2's sandbox */

FUNCTION(range) {
  UNUSED(self), UNUSED(call);
  int64_t start, stop, step, n = 0;
  bl_value *items;
  if (!bl_int_argument(m, args[0], 0, &start) || !bl_int_argument(m, args[1], start, &stop) ||
      !bl_int_argument(m, args[2], 1, &step))
    return false;
  if (bl_is_absent(args[1])) start = 0;
  if (step == 0)
    return BL_STOP(m, "chat template, line %d: '%s' takes other arguments", m->line, "range");
  double length = step > 0 ? ((double)stop - (double)start) / (double)step
                           : ((double)start - (double)stop) / -(double)step;
  if (length > (double)MAX_RANGE)
    return BL_STOP(m, "chat template, line %d: a range has more than %d numbers", m->line,
                   MAX_RANGE);
  for (int64_t x = start; step > 0 ? x < stop : x > stop; x += step) n++;
  if (!bl_make_list(m, BL_LIST, (size_t)n, &items, result)) return false;
  for (int64_t i = 0; i < n; i++) items[i] = bl_of_int(start + i * step);
  return true;
}

/* A dict of a call's arguments: of a dict, or of pairs, and of keywords. */
static bool gather(bl_machine *m, const bl_call *call, bl_dict *dict) {
  bl_list items = {0}, pair;
  bl_value of = call->n ? call->values[0] : bl_none;
  if (call->n > 1)
    return BL_STOP(m, "chat template, line %d: '%s' takes other arguments", m->line, "dict");
  if (of.kind == BL_DICT) {
    for (size_t i = 0; i < of.as.dict->n; i++)
      if (!bl_dict_set(m, dict, of.as.dict->keys[i], of.as.dict->values[i])) return false;
  } else if (call->n && !bl_items(m, of, &items)) {
    return false;
  }
  for (size_t i = 0; i < items.n; i++) {
    if (!bl_items(m, items.items[i], &pair)) return false;
    if (pair.n != 2)
      return BL_STOP(m, "chat template, line %d: %zu values were given for %zu names", m->line,
                     pair.n, (size_t)2);
    if (!bl_dict_set(m, dict, pair.items[0], pair.items[1])) return false;
  }
  for (size_t i = 0; i < call->n_keywords; i++)
    if (!bl_dict_set(m, dict, bl_of_text(call->names[i]), call->values[call->n + i])) return false;
  return true;
}

FUNCTION(make_dict) {
  UNUSED(self), UNUSED(args);
  bl_dict *dict = bl_make_dict(m);
  *result = (bl_value){.kind = BL_DICT, .as.dict = dict};
  return dict && gather(m, call, dict);
}

FUNCTION(make_namespace) {
  UNUSED(self), UNUSED(args);
  bl_dict *dict = bl_make_dict(m);
  *result = (bl_value){.kind = BL_NAMESPACE, .as.space = dict};
  return dict && gather(m, call, dict);
}

FUNCTION(raise_exception) {
  UNUSED(self), UNUSED(call), UNUSED(result);
  bl_str text;
  if (!bl_to_text(m, args[0], &text)) return false;
  return BL_STOP(m, "the chat template refuses the conversation: %.*s",
                 (int)(text.size < 400 ? text.size : 400), text.bytes);
}

/* ---- dates --------------------------------------------------------------------------------- */

static int days_before(const bl_date *date) {
  static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  int year = date->year;
  bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return before[date->month - 1] + date->day - 1 + (is_leap && date->month > 2);
}

/* 0 for Sunday. The first of January of the year 1 was a Monday. */
static int weekday(const bl_date *date) {
  int past = date->year - 1;
  return (1 + past * 365 + past / 4 - past / 100 + past / 400 + days_before(date)) % 7;
}

static bool is_date(const bl_date *date) {
  return date && date->year >= 1 && date->year <= 9999 && date->month >= 1 && date->month <= 12 &&
         date->day >= 1 && date->day <= 31 && date->hour >= 0 && date->hour <= 23 &&
         date->minute >= 0 && date->minute <= 59 && date->second >= 0 && date->second <= 60;
}

/* What a letter of strftime stands for in the C locale; false for one that is not known. With
 * `plain` a number has no zeros before it. */
static bool date_part(const bl_date *date, char letter, bool plain, char text[16]) {
  static const char *const months[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
  static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                     "Thursday", "Friday", "Saturday"};
  const char *name = letter == 'B' || letter == 'b'   ? months[date->month - 1]
                     : letter == 'A' || letter == 'a' ? days[weekday(date)]
                     : letter == 'p'                  ? (date->hour < 12 ? "AM" : "PM")
                                                      : NULL;
  if (name) {
    snprintf(text, 16, "%.*s", letter == 'b' || letter == 'a' ? 3 : 9, name);
    return true;
  }
  const struct {
    char letter;
    int number, width;
  } numbers[] = {
      {'Y', date->year, 1},   {'y', date->year % 100, 2}, {'m', date->month, 2},
      {'d', date->day, 2},    {'H', date->hour, 2},       {'I', (date->hour + 11) % 12 + 1, 2},
      {'M', date->minute, 2}, {'S', date->second, 2},     {'j', days_before(date) + 1, 3}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (numbers[i].letter != letter) continue;
    snprintf(text, 16, "%0*d", plain ? 1 : numbers[i].width, numbers[i].number);
    return true;
  }
  return false;
}

FUNCTION(strftime_now) {
  UNUSED(self), UNUSED(call);
  bl_str format;
  size_t start = m->out.size;
  if (!bl_text_argument(m, args[0], (bl_str){0}, &format)) return false;
  if (!is_date(m->now))
    return BL_STOP(m, "chat template, line %d: it asks for the date, and none was given", m->line);
  for (size_t at = 0; at < format.size; at++) {
    char text[16] = {format.bytes[at]};
    bool is_part = format.bytes[at] == '%', plain = false;
    if (is_part && at + 1 < format.size && format.bytes[at + 1] == '-') plain = ++at > 0;
    char letter = is_part && at + 1 < format.size ? format.bytes[++at] : '%';
    if (is_part && letter != '%' && !date_part(m->now, letter, plain, text)) {
      char part[3] = {'%', letter};
      return BL_STOP(m, "chat template, line %d: a date's part '%s' is not known", m->line, part);
    }
    if (!bl_write(m, text, strlen(text))) return false;
  }
  return bl_take_back(m, start, result);
}

static const bl_builtin functions[] = {
    {"range", "start stop step", 1, range},      {"dict", "*", 0, make_dict},
    {"namespace", "*", 0, make_namespace},       {"raise_exception", "message", 1, raise_exception},
    {"strftime_now", "format", 1, strftime_now},
};

const bl_builtin *bl_find_function(bl_str name) {
  return bl_find_builtin(functions, sizeof functions / sizeof *functions, name);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static bool render(bl_machine *m, bl_str source, const char *variables, size_t variables_size) {
  bl_node *first = NULL;
  bl_value names;
  bl_flow flow = BL_FLOW_ON;
  if (!bl_value_from_json(m, "variables", variables, variables_size, &names)) return false;
  if (names.kind != BL_DICT)
    return bl_stop(m, bl_fail(m->error, BL_ERR_ARGUMENT,
                              "the variables of a chat template are not a JSON object"));
  if (!bl_template_parse(m, source, &first)) return false;
  bl_scope outside = {.names = *names.as.dict}, own = {.parent = &outside};
  m->scope = &own;
  return bl_run(m, first, &flow);
}

bl_code bl_chat_render(const char *source, size_t source_size, const char *variables,
                       size_t variables_size, const bl_date *now, char **text, size_t *text_size,
                       bl_error *error) {
  uint64_t size = (uint64_t)source_size + variables_size;
  bl_machine m = {
      .arena = bl_arena_new(),
      .error = error,
      .line = 1,
      .steps_left = 1000000 + 1000 * size,
      .bytes_left = (16u << 20) + 256 * size,
      .now = now,
  };
  if (!m.arena) return bl_fail_memory(error, 1);
  if (render(&m, (bl_str){source, source_size}, variables, variables_size))
    m.code = bl_buffer_append(&m.out, "", 1, error);
  bl_arena_free(m.arena);
  if (m.code != BL_OK) {
    bl_buffer_free(&m.out);
    return m.code;
  }
  *text = m.out.bytes;
  *text_size = m.out.size - 1;
  return BL_OK;
}
