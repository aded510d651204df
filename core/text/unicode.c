/* UTF-8, general categories and normalization form C, by the tables of unicode_tables.c. */
#include "text/unicode.h"

#include <stdlib.h>
#include <string.h>

int bl_find_last(const bl_ascending *list, uint32_t cp, uint32_t *value) {
  int low = 0, high = (list->n + 31) / 32;
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (list->marks[middle] <= cp)
      low = middle;
    else
      high = middle;
  }
  int i = low * 32;
  const uint8_t *gaps = list->gaps + list->places[low];
  *value = list->marks[low];
  for (; i + 1 < list->n && (i + 1) % 32 != 0; i++) {
    uint32_t gap = 0;
    for (int shift = 0;; shift += 7) {
      gap |= (*gaps & 0x7fu) << shift;
      if (*gaps++ < 0x80) break;
    }
    if (*value + gap > cp) break;
    *value += gap;
  }
  return i;
}

static uint32_t value_at(const bl_ascending *list, int index) {
  const uint8_t *gaps = list->gaps + list->places[index / 32];
  uint32_t value = list->marks[index / 32];
  for (int i = index % 32; i > 0; i--)
    for (int shift = 0;; shift += 7) {
      value += (*gaps & 0x7fu) << shift;
      if (*gaps++ < 0x80) break;
    }
  return value;
}

bl_category bl_unicode_category(uint32_t cp) {
  if (cp > 0x10ffff) return BL_CAT_CN;
  uint32_t start;
  return (bl_category)bl_category_values[bl_find_last(&bl_category_starts, cp, &start)];
}

uint32_t bl_unicode_category_set(const char *name, size_t size) {
  static const char names[] = "LuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZpCcCfCsCoCnCc";
  uint32_t set = 0;
  if (size != 1 && size != 2) return 0;
  for (int i = 0; i < BL_N_CATEGORIES; i++)
    if (memcmp(names + 2 * i, name, size) == 0) set |= 1u << i;
  return set;
}

uint32_t bl_unicode_space_set(void) {
  return 1u << BL_CAT_ZS | 1u << BL_CAT_ZL | 1u << BL_CAT_ZP | 1u << BL_CAT_CC_SPACE;
}

bool bl_unicode_is_space(uint32_t cp) {
  return bl_unicode_space_set() >> bl_unicode_category(cp) & 1;
}

uint32_t bl_unicode_word_set(void) {
  return bl_unicode_category_set("L", 1) | bl_unicode_category_set("M", 1) | 1u << BL_CAT_ND |
         1u << BL_CAT_NL | 1u << BL_CAT_PC;
}

const uint32_t bl_word_symbols[BL_N_WORD_SYMBOLS][2] = {
    {0x24b6, 0x24e9}, {0x1f130, 0x1f149}, {0x1f150, 0x1f169}, {0x1f170, 0x1f189}};

bool bl_unicode_is_word(uint32_t cp) {
  for (int i = 0; i < BL_N_WORD_SYMBOLS; i++)
    if (bl_word_symbols[i][0] <= cp && cp <= bl_word_symbols[i][1]) return true;
  bool is_joiner = cp == 0x200c || cp == 0x200d;
  return is_joiner || (bl_unicode_word_set() >> bl_unicode_category(cp) & 1);
}

bl_code bl_utf8_append(bl_buffer *buffer, uint32_t cp, bl_error *error) {
  char bytes[4];
  return bl_buffer_append(buffer, bytes, bl_utf8_encode(cp, bytes), error);
}

/* ---- normalization form C (section 3.11 of the standard, and UAX #15) ---- */

enum { HANGUL = 0xac00, HANGUL_L = 0x1100, HANGUL_V = 0x1161, HANGUL_T = 0x11a7 };
enum { N_HANGUL_V = 21, N_HANGUL_T = 28, N_HANGUL = 19 * 21 * 28, N_HANGUL_L = 19 };

typedef struct marked_char {
  uint32_t cp;
  uint8_t combining_class;
} marked_char;

static uint8_t combining_class(uint32_t cp) {
  if (cp < 0x300) return 0;
  uint32_t start;
  return bl_combining_values[bl_find_last(&bl_combining_starts, cp, &start)];
}

/* The row of the decomposition table for cp, or -1. */
static int decomposition(uint32_t cp) {
  if (cp < 0xc0) return -1;
  uint32_t found;
  int row = bl_find_last(&bl_decomposed, cp, &found);
  return found == cp ? row : -1;
}

/* The character that the pair composes to, or 0. */
static uint32_t compose(uint32_t first, uint32_t second) {
  if (first - HANGUL_L < N_HANGUL_L && second - HANGUL_V < N_HANGUL_V)
    return HANGUL + ((first - HANGUL_L) * N_HANGUL_V + (second - HANGUL_V)) * N_HANGUL_T;
  if (first - HANGUL < N_HANGUL && (first - HANGUL) % N_HANGUL_T == 0 &&
      second - HANGUL_T - 1 < N_HANGUL_T - 1)
    return first + (second - HANGUL_T);
  int part = 1;
  while (part < bl_n_second_parts && bl_second_parts[part] != second) part++;
  if (part == bl_n_second_parts) return 0;
  /* Few characters have the same second part, and memchr finds them fast. */
  const uint8_t *at = bl_decomposed_second, *end = at + bl_decomposed.n;
  while ((at = memchr(at, part, (size_t)(end - at)))) {
    int row = (int)(at++ - bl_decomposed_second);
    if (bl_decomposed_first[row] != (first & 0xffff)) continue;
    uint32_t composed = value_at(&bl_decomposed, row);
    if (composed >> 16 == first >> 16) return composed;
  }
  return 0;
}

typedef struct char_list {
  marked_char *chars;
  size_t n, capacity;
} char_list;

static bl_code append_char(char_list *list, uint32_t cp, bl_error *error) {
  void *items = list->chars;
  bl_code code = bl_grow(&items, &list->capacity, list->n + 1, sizeof *list->chars, error);
  list->chars = items;
  if (code) return code;
  list->chars[list->n++] = (marked_char){cp, combining_class(cp)};
  return BL_OK;
}

/* Appends the full canonical decomposition of cp. Only the first part of a decomposition decomposes
 * further, at most three times, so the second parts wait on a short stack. */
static bl_code decompose(char_list *list, uint32_t cp, bl_error *error) {
  uint32_t waiting[8];
  int n_waiting = 0;
  if (cp - HANGUL < N_HANGUL) {
    uint32_t s = cp - HANGUL, t = s % N_HANGUL_T;
    bl_code code = append_char(list, HANGUL_L + s / (N_HANGUL_V * N_HANGUL_T), error);
    if (!code) code = append_char(list, HANGUL_V + s / N_HANGUL_T % N_HANGUL_V, error);
    if (!code && t) code = append_char(list, HANGUL_T + t, error);
    return code;
  }
  for (int row; (row = decomposition(cp)) >= 0;) {
    uint8_t second = bl_decomposed_second[row];
    bool is_pair = second & ~BL_SECOND_FLAG;
    if (is_pair) waiting[n_waiting++] = bl_second_parts[second & ~BL_SECOND_FLAG];
    uint32_t plane = is_pair ? cp >> 16 : second ? 2 : 0;
    cp = plane << 16 | bl_decomposed_first[row];
  }
  bl_code code = append_char(list, cp, error);
  while (!code && n_waiting > 0) code = append_char(list, waiting[--n_waiting], error);
  return code;
}

/* The same, or the compatibility decomposition where the form has one. */
static bl_code decompose_in(char_list *list, const bl_normal_form *form, uint32_t cp,
                            bl_error *error) {
  const char *text = form->compat ? form->compat(cp) : NULL;
  if (!text) return decompose(list, cp, error);
  bl_code code = BL_OK;
  size_t size = strlen(text), length;
  for (size_t at = 0; !code && at < size; at += length)
    code = append_char(list, bl_utf8_decode(text, size, at, &length), error);
  return code;
}

static int by_combining_class(const void *a, const void *b) {
  /* qsort is not stable: the place in the text decides between equal classes. */
  const marked_char *const *x = a, *const *y = b;
  int difference = (*x)->combining_class - (*y)->combining_class;
  return difference ? difference : (*x > *y) - (*x < *y);
}

/* Puts each run of combining marks in order of their classes. A run may be as long as the text, so
 * long ones are sorted by qsort rather than by insertion. */
static bl_code order_marks(char_list *list, bl_error *error) {
  for (size_t i = 0; i < list->n;) {
    size_t end = i;
    bool in_order = true;
    for (; end < list->n && list->chars[end].combining_class; end++)
      if (end > i && list->chars[end].combining_class < list->chars[end - 1].combining_class)
        in_order = false;
    size_t n = end - i;
    if (!in_order) {
      marked_char *copy = malloc(n * sizeof *copy);
      const marked_char **order = malloc(n * sizeof *order);
      if (copy && order) {
        memcpy(copy, list->chars + i, n * sizeof *copy);
        for (size_t j = 0; j < n; j++) order[j] = copy + j;
        qsort(order, n, sizeof *order, by_combining_class);
        for (size_t j = 0; j < n; j++) list->chars[i + j] = *order[j];
      }
      bool failed = !copy || !order;
      free(copy);
      free(order);
      if (failed) return bl_fail_memory(error, n * sizeof *copy);
    }
    i = end + (end == i);
  }
  return BL_OK;
}

/* Composes in place each starter with the marks after it that nothing blocks. */
static void compose_all(char_list *list) {
  size_t n = 0, starter = SIZE_MAX;
  uint8_t last_class = 0; /* of the character before, when it is not the starter */
  for (size_t i = 0; i < list->n; i++) {
    marked_char c = list->chars[i];
    if (starter != SIZE_MAX && (n - 1 == starter || last_class < c.combining_class)) {
      uint32_t composed = compose(list->chars[starter].cp, c.cp);
      if (composed) {
        list->chars[starter].cp = composed;
        continue;
      }
    }
    if (c.combining_class == 0) starter = n;
    last_class = c.combining_class;
    list->chars[n++] = c;
  }
  list->n = n;
}

const bl_normal_form bl_nfc = {true, 0xcc, 0x300, NULL};

bl_code bl_normalize_append(bl_buffer *out, const bl_normal_form *form, const char *text,
                            size_t size, bl_error *error) {
  char_list list = {0};
  bl_code code = BL_OK;
  size_t at = 0, length = 1;
  while (!code && at < size) {
    /* Each of these is its own normal form and starts a new one, but the last of such a run may
     * compose with a mark that follows it. */
    size_t plain = at;
    while (plain < size && (uint8_t)text[plain] < form->plain_byte) plain++;
    if (plain < size)
      while (plain > at && bl_utf8_goes_on(text[plain - 1])) plain--;
    if (plain < size && plain > at) plain--;
    code = bl_buffer_append(out, text + at, plain - at, error);
    at = plain;
    list.n = 0;
    bool valid = true;
    while (!code && at < size) {
      uint32_t cp = bl_utf8_decode(text, size, at, &length);
      valid = cp != BL_BAD_UTF8;
      if (!valid || (cp < form->plain_end && list.n > 1)) break;
      code = decompose_in(&list, form, cp, error);
      at += length;
    }
    if (!code) code = order_marks(&list, error);
    if (!code && form->composes) compose_all(&list);
    for (size_t i = 0; !code && i < list.n; i++)
      code = bl_utf8_append(out, list.chars[i].cp, error);
    if (!code && !valid && at < size) {
      code = bl_buffer_append(out, text + at, length, error);
      at += length;
    }
  }
  free(list.chars);
  return code;
}
