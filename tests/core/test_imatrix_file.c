/* llama.cpp's importance matrices (tests/golden/make_imatrix.py): read, written, and damaged. */
#include "check.h"
#include "format/imatrix.h"

static bl_imatrix *read_golden(const char *name) {
  char path[512];
  size_t size;
  bl_imatrix *imatrix = NULL;
  snprintf(path, sizeof path, "%s/format/%s", BL_GOLDEN, name);
  uint8_t *bytes = check_read_file(path, &size);
  CHECK_OK(bl_imatrix_parse(name, bytes, size, &imatrix, error));
  free(bytes);
  if (!imatrix) exit(1);
  return imatrix;
}

/* What make_imatrix.py put in: column i of the first matrix has the mean (i + 1) / 8. */
static void check_texts_and_first(const bl_imatrix *imatrix) {
  CHECK(imatrix->n_entries == 2 && imatrix->n_chunks == 4);
  CHECK(strcmp(imatrix->dataset, "calibration.txt") == 0);
  const bl_imatrix_entry *entry = bl_imatrix_find(imatrix, "blk.0.attn_q.weight");
  CHECK(entry && entry->n_cols == 8 && entry->n_experts == 1);
  for (int i = 0; entry && i < 8; i++) CHECK(entry->mean_squares[i] == (float)(i + 1) / 8);
  CHECK(!bl_imatrix_find(imatrix, "blk.0.attn_q"));
}

static void a_gguf_file_has_means_of_each_expert(void) {
  bl_imatrix *imatrix = read_golden("imatrix.gguf");
  check_texts_and_first(imatrix);
  CHECK(imatrix->chunk_tokens == 128);
  CHECK(imatrix->entries[0].counts[0] == 512);
  const bl_imatrix_entry *experts = bl_imatrix_find(imatrix, "blk.0.ffn_down_exps.weight");
  CHECK(experts && experts->n_cols == 4 && experts->n_experts == 2);
  for (int i = 0; experts && i < 4; i++) {
    CHECK(experts->mean_squares[i] == (float)(i + 1) / 8);
    CHECK(experts->mean_squares[4 + i] == 1); /* it saw nothing */
  }
  bl_imatrix_free(imatrix);
}

static void an_older_file_has_the_same_means(void) {
  bl_imatrix *imatrix = read_golden("imatrix.dat");
  check_texts_and_first(imatrix);
  const bl_imatrix_entry *experts = bl_imatrix_find(imatrix, "blk.0.ffn_down_exps.weight");
  CHECK(experts && experts->n_cols == 8 && experts->n_experts == 1);
  bl_imatrix_free(imatrix);
}

static void what_is_written_as_gguf_reads_the_same(void) {
  bl_imatrix *imatrix = read_golden("imatrix.gguf"), *again = NULL;
  char *bytes = NULL;
  size_t size = 0;
  CHECK_OK(bl_imatrix_write_gguf(imatrix, &bytes, &size, error));
  CHECK_OK(bl_imatrix_parse("again.gguf", bytes, size, &again, error));
  CHECK(again && again->n_entries == 2 && again->n_chunks == 4 && again->chunk_tokens == 128);
  CHECK(again && strcmp(again->dataset, imatrix->dataset) == 0);
  for (int i = 0; again && i < 2; i++) {
    const bl_imatrix_entry *a = &imatrix->entries[i], *b = &again->entries[i];
    const size_t n = (size_t)(a->n_experts * a->n_cols) * sizeof(float);
    CHECK(strcmp(a->name, b->name) == 0 && a->n_cols == b->n_cols);
    CHECK(a->n_experts == b->n_experts && memcmp(a->mean_squares, b->mean_squares, n) == 0);
    CHECK(memcmp(a->counts, b->counts, (size_t)a->n_experts * sizeof(float)) == 0);
  }
  free(bytes);
  bl_imatrix_free(imatrix);
  bl_imatrix_free(again);
}

static void what_is_written_as_dat_has_the_tools_bytes(void) {
  bl_imatrix *imatrix = read_golden("imatrix.dat");
  char *bytes = NULL;
  size_t size = 0, expected_size;
  uint8_t *expected = check_read_file(BL_GOLDEN "/format/imatrix.dat", &expected_size);
  CHECK_OK(bl_imatrix_write_dat(imatrix, &bytes, &size, error));
  CHECK(size == expected_size && memcmp(bytes, expected, size) == 0);
  free(bytes);
  free(expected);
  bl_imatrix_free(imatrix);
}

/* Every beginning of the file is refused, but of a ".dat" the one that ends before the text's name,
 * which may be missing. Read from a copy of just that size, so that a sanitizer sees what is read
 * beyond it. */
static void a_file_that_is_cut_off_is_refused(void) {
  static const char *const names[] = {"imatrix.gguf", "imatrix.dat"};
  for (int f = 0; f < 2; f++) {
    char path[512];
    size_t size;
    snprintf(path, sizeof path, "%s/format/%s", BL_GOLDEN, names[f]);
    uint8_t *bytes = check_read_file(path, &size);
    const size_t without_text = size - 8 - strlen("calibration.txt");
    for (size_t n = 0; n < size; n++) {
      uint8_t *part = malloc(n ? n : 1);
      bl_imatrix *imatrix = NULL;
      bl_error error = {0};
      memcpy(part, bytes, n);
      bl_code code = bl_imatrix_parse(names[f], part, n, &imatrix, &error);
      const bool may_be = f == 1 ? n == without_text : size - n < 32; /* padding */
      CHECK_MSG(may_be || (code == BL_ERR_INPUT && error.message[0]), "%s: %d bytes gave %d",
                names[f], (int)n, (int)code);
      bl_imatrix_free(imatrix);
      free(part);
    }
    free(bytes);
  }
}

static void numbers_that_are_no_mean_squares_are_refused(void) {
  const float numbers[] = {-1, NAN, INFINITY};
  size_t size;
  uint8_t *bytes = check_read_file(BL_GOLDEN "/format/imatrix.dat", &size);
  for (int i = 0; i < 3; i++) {
    bl_imatrix *imatrix = NULL;
    bl_error error = {0};
    memcpy(bytes + 4 + 4 + strlen("blk.0.attn_q.weight") + 8 + 8, &numbers[i], 4);
    CHECK(bl_imatrix_parse("bad.dat", bytes, size, &imatrix, &error) == BL_ERR_INPUT);
    CHECK_MSG(strstr(error.message, "'blk.0.attn_q.weight'") && strstr(error.message, "column 2"),
              "%s", error.message);
    bl_imatrix_free(imatrix);
  }
  free(bytes);
}

int main(void) {
  RUN(a_gguf_file_has_means_of_each_expert);
  RUN(an_older_file_has_the_same_means);
  RUN(what_is_written_as_gguf_reads_the_same);
  RUN(what_is_written_as_dat_has_the_tools_bytes);
  RUN(a_file_that_is_cut_off_is_refused);
  RUN(numbers_that_are_no_mean_squares_are_refused);
  return check_result();
}
