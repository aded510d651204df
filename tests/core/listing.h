/* The listing of a weight file's header, as tests/golden/make_format.py writes it, and a way to
 * parse bytes so that the sanitizers see every read past their end. */
#ifndef BL_TESTS_LISTING_H
#define BL_TESTS_LISTING_H

#include "bitloss.h"
#include "check.h"

typedef struct listing {
  char *text;
  size_t size, capacity;
} listing;

static inline void listing_add(listing *l, const char *text) {
  for (; *text; text++) {
    if (l->capacity - l->size < 3) {
      l->capacity = 2 * l->capacity + 4096;
      l->text = realloc(l->text, l->capacity);
      if (!l->text) exit(1);
    }
    if (*text == '\n') l->text[l->size++] = '\\';
    l->text[l->size++] = *text == '\n' ? 'n' : *text;
  }
}

static inline void listing_end_line(listing *l) {
  listing_add(l, "#");
  l->text[l->size - 1] = '\n';
  l->text[l->size] = '\0';
}

/* Free `text` when done; NULL for a header that lists nothing. */
static inline listing list_index(const bl_index *index) {
  listing l = {0};
  char number[64];
  for (int i = 0; i < bl_index_n_metadata(index); i++) {
    const char *key, *value;
    bl_index_get_metadata(index, i, &key, &value);
    listing_add(&l, "meta ");
    listing_add(&l, key);
    listing_add(&l, " = ");
    listing_add(&l, value);
    listing_end_line(&l);
  }
  for (int i = 0; i < bl_index_n_tensors(index); i++) {
    bl_index_tensor t;
    bl_index_get_tensor(index, i, &t);
    listing_add(&l, t.name);
    listing_add(&l, ": ");
    listing_add(&l, t.type);
    listing_add(&l, " [");
    for (int d = 0; d < t.n_dims; d++) {
      snprintf(number, sizeof number, "%s%lld", d ? "," : "", (long long)t.dims[d]);
      listing_add(&l, number);
    }
    snprintf(number, sizeof number, "] %llu %llu", (unsigned long long)t.offset,
             (unsigned long long)t.size_bytes);
    listing_add(&l, number);
    listing_end_line(&l);
  }
  return l;
}

/* bl_index_parse on a copy of exactly n bytes. */
static inline bl_code parse_copy(const char *file_name, const uint8_t *bytes, size_t n,
                                 uint64_t file_size, bl_index **index, uint64_t *n_needed,
                                 bl_error *error) {
  uint8_t *copy = malloc(n ? n : 1);
  if (!copy) exit(1);
  if (n) memcpy(copy, bytes, n);
  bl_code code = bl_index_parse(file_name, copy, n, file_size, index, n_needed, error);
  free(copy);
  return code;
}

/* A golden file lists what the library that owns the format lists, from its whole bytes and from
 * every beginning of them that holds the header; a shorter one asks for more. */
static inline void check_golden_listing(const char *name) {
  char path[512];
  size_t size, expected_size;
  snprintf(path, sizeof path, "%s/format/%s.txt", BL_GOLDEN, name);
  char *expected = (char *)check_read_file(path, &expected_size);
  snprintf(path, sizeof path, "%s/format/%s", BL_GOLDEN, name);
  uint8_t *bytes = check_read_file(path, &size);
  bool was_enough = false;
  for (size_t n = 0; n <= size; n++) {
    bl_index *index = NULL;
    bl_error error = {0};
    uint64_t n_needed = 0;
    bl_code code = parse_copy(name, bytes, n, size, &index, &n_needed, &error);
    CHECK_MSG(code == BL_OK, "%zu bytes: %s", n, error.message);
    if (code != BL_OK) break;
    CHECK_MSG(index || (n_needed > n && n_needed <= size), "%zu bytes: asks for %llu", n,
              (unsigned long long)n_needed);
    CHECK_MSG(index || !was_enough, "%zu bytes are not enough, but fewer were", n);
    was_enough = was_enough || index;
    if (index) {
      listing l = list_index(index);
      CHECK_MSG(strcmp(l.text ? l.text : "", expected) == 0, "expected:\n%s\nfound:\n%s", expected,
                l.text ? l.text : "");
      free(l.text);
    }
    bl_index_free(index);
  }
  CHECK(was_enough);
  free(bytes);
  free(expected);
}

/* The parse must fail with this code and a sentence that names the file and has these words, each
 * of which may be NULL. */
static inline void check_refused(const char *label, const uint8_t *bytes, size_t size,
                                 uint64_t file_size, bl_code expected_code,
                                 const char *const words[3]) {
  bl_index *index = NULL;
  bl_error error = {0};
  uint64_t n_needed = 0;
  bl_code code = parse_copy("m.bin", bytes, size, file_size, &index, &n_needed, &error);
  CHECK_MSG(!index, "%s: was taken", label);
  bl_index_free(index);
  CHECK_MSG(code == expected_code && error.code == code, "%s: code %d, expected %d: %s", label,
            (int)code, (int)expected_code, error.message);
  CHECK_MSG(strncmp(error.message, "m.bin: ", 7) == 0, "%s: the sentence is: %s", label,
            error.message);
  for (int i = 0; i < 3; i++)
    CHECK_MSG(!words[i] || strstr(error.message, words[i]), "%s: '%s' is not in: %s", label,
              words[i], error.message);
}

#endif
