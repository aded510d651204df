/* A comparison as CSV: what the JSON says of each lane, one row each. An object within a
 * lane gives a column for each of its members, "bytes.codes"; lists are left out; null is an empty
 * cell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

typedef struct columns {
  int n;
  char **names;
} columns;

static int find(const columns *set, const char *name) {
  for (int i = 0; i < set->n; i++) {
    if (strcmp(set->names[i], name) == 0) return i;
  }
  return -1;
}

/* Adds the columns of an object that are not there yet, each after the one that was before it, so
 * that what only some rows have stands where it belongs; *at is where the next goes. */
static void collect(columns *set, const cJSON *object, const char *prefix, int *at) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) {
    if (cJSON_IsArray(item)) continue;
    char *name = cli_print("%s%s%s", prefix, *prefix ? "." : "", item->string);
    int found = find(set, name);
    if (cJSON_IsObject(item)) {
      collect(set, item, name, at);
    } else if (found >= 0) {
      *at = found + 1;
    } else {
      set->names = cli_grow(set->names, ((size_t)set->n + 1) * sizeof *set->names);
      memmove(set->names + *at + 1, set->names + *at, (size_t)(set->n - *at) * sizeof *set->names);
      set->names[(*at)++] = name;
      set->n++;
      continue;
    }
    free(name);
  }
}

static void print_cell(const char *text) {
  bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;
  if (is_quoted) putchar('"');
  for (size_t n; *text; text += n) {
    n = strcspn(text + 1, "\"") + 1; /* up to the next quote, each of which is doubled */
    if (*text == '"') putchar('"');
    cli_write_text(text, n);
  }
  if (is_quoted) putchar('"');
}

static void print_value(const cJSON *item) {
  char digits[BL_JSON_NUMBER];
  if (cJSON_IsNumber(item)) cli_json_style.print_number(item->valuedouble, digits);
  if (cJSON_IsString(item))
    print_cell(item->valuestring);
  else if (cJSON_IsNumber(item))
    print_cell(digits);
  else if (cJSON_IsBool(item))
    print_cell(cJSON_IsTrue(item) ? "true" : "false");
}

/* The comparison's JSON as a tree. */
static cJSON *make_tree(const cli_comparison *c) {
  bl_json_writer w = {.style = &cli_json_style};
  cli_compare_json(&w, c);
  char *text = cli_json_text(&w);
  cJSON *tree = cJSON_Parse(text);
  if (!tree) cli_die("out of memory for the comparison's rows");
  free(text);
  return tree;
}

/* The member that a column's name leads to, or NULL: names may hold dots themselves. */
static const cJSON *member(const cJSON *object, const char *name) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) {
    size_t size = strlen(item->string);
    if (strncmp(item->string, name, size) != 0) continue;
    if (!name[size]) return cJSON_IsObject(item) || cJSON_IsArray(item) ? NULL : item;
    const cJSON *inner =
        name[size] == '.' && cJSON_IsObject(item) ? member(item, name + size + 1) : NULL;
    if (inner) return inner;
  }
  return NULL;
}

static void print_rows(const columns *set, const cJSON *rows) {
  const cJSON *row;
  cJSON_ArrayForEach(row, rows) {
    for (int i = 0; i < set->n; i++) {
      const cJSON *item = member(row, set->names[i]);
      if (i) putchar(',');
      if (item) print_value(item);
    }
    printf("\n");
  }
}

void cli_compare_csv(const cli_comparison *c) {
  cJSON *object = make_tree(c);
  const cJSON *lists[] = {
      cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(object, "sensitivity"),
                                       "units"),
      cJSON_GetObjectItemCaseSensitive(object, "lanes"),
  };
  columns set = {0};
  for (int i = 0; i < 2; i++) {
    const cJSON *row;
    cJSON_ArrayForEach(row, lists[i]) {
      int at = 0;
      collect(&set, row, "", &at);
    }
  }
  for (int i = 0; i < set.n; i++) {
    if (i) putchar(',');
    print_cell(set.names[i]);
  }
  printf("\n");
  for (int i = 0; i < 2; i++) print_rows(&set, lists[i]);
  for (int i = 0; i < set.n; i++) free(set.names[i]);
  free(set.names);
  cJSON_Delete(object);
}
