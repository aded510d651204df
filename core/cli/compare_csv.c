/* A comparison as CSV: what the JSON says of each lane, one row each. An object within a
 * lane gives a column for each of its members, "bytes.codes"; lists are left out; null is an empty
 * cell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* The columns by name, and their order. */
typedef struct columns {
  cli_dictionary names;
  int *next; /* the one after each, -1 after the last */
  int first;
} columns;

/* What to do with a member of a row that is neither an object nor a list. */
typedef void (*member_fn)(void *context, const char *name, const cJSON *item);

/* Names every such member, those of objects in it too: "bytes.codes". */
static void each_member(const cJSON *object, const char *prefix, member_fn take, void *context) {
  const cJSON *item;
  cJSON_ArrayForEach(item, object) {
    if (cJSON_IsArray(item)) continue;
    char *name = cli_print("%s%s%s", prefix, *prefix ? "." : "", item->string);
    if (cJSON_IsObject(item))
      each_member(item, name, take, context);
    else
      take(context, name, item);
    free(name);
  }
}

/* The columns of one row are being gathered. */
typedef struct gathering {
  columns *set;
  int last; /* the column of the member before; -1 at the beginning */
} gathering;

/* A new column goes after the one that was before it, so that what only some rows have stands where
 * it belongs. */
static void gather(void *context, const char *name, const cJSON *item) {
  gathering *g = context;
  columns *set = g->set;
  (void)item;
  int n = set->names.n, column = cli_dictionary_add(&set->names, name, strlen(name));
  if (column == n) {
    if ((n & (n - 1)) == 0) /* double at powers of two */
      set->next = cli_grow(set->next, (2 * (size_t)n + 1) * sizeof *set->next);
    int *from = g->last < 0 ? &set->first : &set->next[g->last];
    set->next[column] = *from;
    *from = column;
  }
  g->last = column;
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

/* The cells of one row. */
typedef struct row_cells {
  const columns *set;
  const cJSON **items; /* (n) by column; NULL where it has none */
} row_cells;

static void fill(void *context, const char *name, const cJSON *item) {
  row_cells *row = context;
  const cJSON **cell = &row->items[cli_dictionary_find(&row->set->names, name, strlen(name))];
  if (!*cell) *cell = item;
}

static void print_rows(const columns *set, const cJSON *rows) {
  const cJSON *row;
  cJSON_ArrayForEach(row, rows) {
    row_cells cells = {set, cli_alloc((size_t)set->names.n * sizeof(cJSON *))};
    each_member(row, "", fill, &cells);
    for (int i = set->first; i >= 0; i = set->next[i]) {
      if (i != set->first) putchar(',');
      if (cells.items[i]) print_value(cells.items[i]);
    }
    printf("\n");
    free(cells.items);
  }
}

static const cJSON *list_in(const cJSON *object, const char *name, const char *list) {
  return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(object, name), list);
}

void cli_compare_csv(const cli_comparison *c) {
  cJSON *object = make_tree(c);
  const cJSON *lists[] = {
      list_in(object, "sensitivity", "units"),
      cJSON_GetObjectItemCaseSensitive(object, "lanes"),
      list_in(object, "layers", "rows"),
  };
  const int n_lists = sizeof lists / sizeof *lists;
  columns set = {.first = -1};
  for (int i = 0; i < n_lists; i++) {
    const cJSON *row;
    cJSON_ArrayForEach(row, lists[i])
        each_member(row, "", gather, &(gathering){.set = &set, .last = -1});
  }
  for (int i = set.first; i >= 0; i = set.next[i]) {
    if (i != set.first) putchar(',');
    print_cell(set.names.words[i].text);
  }
  printf("\n");
  for (int i = 0; i < n_lists; i++) print_rows(&set, lists[i]);
  cli_dictionary_free(&set.names);
  free(set.next);
  cJSON_Delete(object);
}
