/* llama.cpp's importance matrices, as its imatrix tool writes them.
 *
 * In GGUF: metadata "general.type" = "imatrix", "imatrix.datasets" (names of texts),
 * "imatrix.chunk_count" and "imatrix.chunk_size" (tokens); for each matrix two tensors in f32,
 * NAME.in_sum2 (experts, columns), the sums of squares, and NAME.counts (experts, 1), over how many
 * vectors.
 *
 * The older ".dat", numbers in 4 bytes, little-endian:
 *
 *     i32 entries
 *     each: i32 length of the name, the name, i32 chunks n, i32 values, f32 n * mean square
 * (values) i32 chunks, i32 length of the text's name, that name; these may be missing
 *
 * Where a count is 0, llama.cpp takes 1 for every column: no column is known to matter more. */
#include "format/imatrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "format/gguf_write.h"
#include "format/index.h"

static const char sums_suffix[] = ".in_sum2", counts_suffix[] = ".counts";

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct reading {
  const char *file_name;
  const uint8_t *bytes;
  size_t n_bytes;
  bl_imatrix *imatrix;
  bl_error *error;
} reading;

static void *take(const reading *r, size_t n_bytes, bl_code *code) {
  void *memory = bl_arena_alloc(r->imatrix->arena, n_bytes ? n_bytes : 1);
  *code = memory ? BL_OK : bl_fail_memory(r->error, n_bytes);
  return memory;
}

/* Divides the sums of n columns by how many they are of. */
static bl_code make_means(const reading *r, const char *name, float count, int64_t n,
                          float *values) {
  if (!(count >= 0 && count <= 0x1p53f))
    return bl_fail(r->error, BL_ERR_INPUT,
                   "%.128s: the importance of '%.64s' is of %g vectors, expected 0 to 2^53",
                   r->file_name, name, (double)count);
  for (int64_t i = 0; i < n; i++) {
    const float mean = count > 0 ? values[i] / count : 1;
    if (!(values[i] >= 0) || !isfinite(values[i]) || !isfinite(mean))
      return bl_fail(r->error, BL_ERR_INPUT,
                     "%.128s: the importance of '%.64s' has the number %g in column %lld, expected "
                     "none below 0 and all finite",
                     r->file_name, name, (double)values[i], (long long)i);
    values[i] = mean;
  }
  return BL_OK;
}

static bl_code add_entry(const reading *r, bl_imatrix_entry entry, float *values) {
  bl_code code = BL_OK;
  for (int64_t e = 0; code == BL_OK && e < entry.n_experts; e++)
    code = make_means(r, entry.name, entry.counts[e], entry.n_cols, values + e * entry.n_cols);
  entry.mean_squares = values;
  r->imatrix->entries[r->imatrix->n_entries++] = entry;
  return code;
}

/* ---- GGUF ------------------------------------------------------------------------------------ */

static bool has_suffix(const char *name, const char *suffix) {
  const size_t size = strlen(name), n = strlen(suffix);
  return size > n && strcmp(name + size - n, suffix) == 0;
}

/* The tensors of a file in the order of their names: there may be many. */
typedef struct names {
  const bl_entry **entries;
  size_t n;
} names;

static int compare_names(const void *a, const void *b) {
  const bl_entry *const *one = a, *const *other = b;
  return strcmp((*one)->name, (*other)->name);
}

static bl_code sort_names(const reading *r, const bl_index *index, names *sorted) {
  bl_code code;
  sorted->n = (size_t)index->n_entries;
  sorted->entries = take(r, sorted->n * sizeof *sorted->entries, &code);
  if (code != BL_OK) return code;
  for (size_t i = 0; i < sorted->n; i++) sorted->entries[i] = &index->entries[i];
  qsort(sorted->entries, sorted->n, sizeof *sorted->entries, compare_names);
  return BL_OK;
}

/* The counts of the matrix `name`. */
static const bl_entry *find_counts(const names *sorted, const char *name) {
  const size_t name_size = strlen(name);
  for (size_t low = 0, high = sorted->n; low < high;) {
    const size_t middle = low + (high - low) / 2;
    const char *other = sorted->entries[middle]->name;
    int order = strncmp(name, other, name_size);
    if (order == 0) order = strcmp(counts_suffix, other + name_size);
    if (order == 0) return sorted->entries[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

static bool is_f32(const bl_entry *entry) {
  return entry->type->codec && strcmp(entry->type->codec, "f32") == 0;
}

static bl_code read_entry(const reading *r, const names *sorted, const bl_entry *sums) {
  const size_t name_size = strlen(sums->name) - strlen(sums_suffix);
  const char *name = bl_arena_string(r->imatrix->arena, sums->name, name_size);
  if (!name) return bl_fail_memory(r->error, name_size);
  const bl_entry *counts = find_counts(sorted, name);
  bl_code code;
  bl_imatrix_entry entry = {.name = name,
                            .n_cols = sums->n_dims > 0 ? sums->dims[sums->n_dims - 1] : 0};
  const uint64_t n = sums->size_bytes / sizeof(float);
  entry.n_experts = entry.n_cols > 0 ? (int64_t)n / entry.n_cols : 0;
  if (!counts || !is_f32(sums) || !is_f32(counts) || entry.n_experts == 0 ||
      counts->size_bytes != (uint64_t)entry.n_experts * sizeof(float))
    return bl_fail(r->error, BL_ERR_INPUT,
                   "%.128s: tensor '%.64s' has no counts of its own, expected f32 tensors in pairs "
                   "as llama.cpp's imatrix writes them",
                   r->file_name, sums->name);
  float *values = take(r, sums->size_bytes, &code), *of = NULL;
  if (code == BL_OK) of = take(r, counts->size_bytes, &code);
  if (code != BL_OK) return code;
  memcpy(values, r->bytes + sums->offset, sums->size_bytes);
  memcpy(of, r->bytes + counts->offset, counts->size_bytes);
  entry.counts = of;
  return add_entry(r, entry, values);
}

static bl_code read_texts(const reading *r, const bl_index *index) {
  const bl_meta *datasets = bl_index_meta(index, "imatrix.datasets");
  const bool has_name = datasets && datasets->kind == BL_META_ARRAY && datasets->n > 0 &&
                        datasets->item_kind == BL_META_STRING;
  bl_code code =
      bl_meta_int(index, "imatrix.chunk_count", 0, INT32_MAX, &r->imatrix->n_chunks, r->error);
  if (code == BL_OK)
    code =
        bl_meta_int(index, "imatrix.chunk_size", 0, INT32_MAX, &r->imatrix->chunk_tokens, r->error);
  if (code != BL_OK || !has_name) return code;
  const bl_str first = datasets->strings[0];
  r->imatrix->dataset = bl_arena_string(r->imatrix->arena, first.bytes, first.size);
  return r->imatrix->dataset ? BL_OK : bl_fail_memory(r->error, first.size);
}

static bl_code read_gguf(const reading *r) {
  bl_index *index = NULL;
  uint64_t n_needed;
  bl_code code =
      bl_index_parse(r->file_name, r->bytes, r->n_bytes, r->n_bytes, &index, &n_needed, r->error);
  if (code != BL_OK) return code;
  if (!index)
    return bl_fail(r->error, BL_ERR_INPUT, "%.128s: the file ends within its header", r->file_name);
  names sorted = {0};
  code = read_texts(r, index);
  if (code == BL_OK) code = sort_names(r, index, &sorted);
  if (code == BL_OK)
    r->imatrix->entries = take(r, (size_t)index->n_entries * sizeof *r->imatrix->entries, &code);
  for (int i = 0; code == BL_OK && i < index->n_entries; i++)
    if (has_suffix(index->entries[i].name, sums_suffix))
      code = read_entry(r, &sorted, &index->entries[i]);
  bl_index_free(index);
  if (code == BL_OK && r->imatrix->n_entries == 0)
    code = bl_fail(r->error, BL_ERR_INPUT,
                   "%.128s: no tensor is an importance, expected a file of llama.cpp's imatrix",
                   r->file_name);
  return code;
}

/* ---- .dat ------------------------------------------------------------------------------------ */

static bl_code fail_cut_off(const reading *r) {
  return bl_fail(r->error, BL_ERR_INPUT,
                 "%.128s: no file of llama.cpp's imatrix, or cut off: an entry goes beyond the end",
                 r->file_name);
}

/* Reads a number of 4 bytes, from 0 to most; false where there is none. */
static bool read_count(const reading *r, size_t *at, size_t most, int32_t *count) {
  if (r->n_bytes - *at < sizeof *count) return false;
  memcpy(count, r->bytes + *at, sizeof *count);
  *at += sizeof *count;
  return *count >= 0 && (size_t)*count <= most;
}

static bl_code read_name(const reading *r, size_t *at, const char **name) {
  int32_t size;
  if (!read_count(r, at, r->n_bytes - *at, &size) || (size_t)size > r->n_bytes - *at)
    return fail_cut_off(r);
  *name = bl_arena_string(r->imatrix->arena, (const char *)r->bytes + *at, (size_t)size);
  *at += (size_t)size;
  return *name ? BL_OK : bl_fail_memory(r->error, (uint64_t)size);
}

static bl_code read_dat_entry(const reading *r, size_t *at) {
  bl_imatrix_entry entry = {.n_experts = 1};
  int32_t n_chunks, n_values;
  bl_code code = read_name(r, at, &entry.name);
  if (code != BL_OK) return code;
  if (!read_count(r, at, INT32_MAX, &n_chunks) ||
      !read_count(r, at, (r->n_bytes - *at) / sizeof(float), &n_values) ||
      (size_t)n_values * sizeof(float) > r->n_bytes - *at)
    return fail_cut_off(r);
  float *values = take(r, (size_t)n_values * sizeof *values, &code), *count = NULL;
  if (code == BL_OK) count = take(r, sizeof *count, &code);
  if (code != BL_OK) return code;
  memcpy(values, r->bytes + *at, (size_t)n_values * sizeof *values);
  *at += (size_t)n_values * sizeof *values;
  *count = (float)n_chunks;
  entry.n_cols = n_values;
  entry.counts = count;
  return add_entry(r, entry, values);
}

static bl_code read_dat(const reading *r) {
  size_t at = 0;
  int32_t n_entries, n_chunks;
  bl_code code;
  enum { LEAST_ENTRY = 12 }; /* bytes */
  if (!read_count(r, &at, r->n_bytes / LEAST_ENTRY, &n_entries) || n_entries == 0)
    return fail_cut_off(r);
  r->imatrix->entries = take(r, (size_t)n_entries * sizeof *r->imatrix->entries, &code);
  for (int i = 0; code == BL_OK && i < n_entries; i++) code = read_dat_entry(r, &at);
  if (code != BL_OK || at == r->n_bytes) return code;
  if (!read_count(r, &at, INT32_MAX, &n_chunks)) return fail_cut_off(r);
  r->imatrix->n_chunks = n_chunks;
  return read_name(r, &at, &r->imatrix->dataset);
}

bl_code bl_imatrix_parse(const char *file_name, const void *bytes, size_t n_bytes,
                         bl_imatrix **imatrix, bl_error *error) {
  *imatrix = NULL;
  bl_imatrix *made = calloc(1, sizeof *made);
  if (made) made->arena = bl_arena_new();
  if (!made || !made->arena) {
    free(made);
    return bl_fail_memory(error, sizeof *made);
  }
  made->dataset = "";
  const reading r = {file_name, bytes, n_bytes, made, error};
  const bool is_gguf = n_bytes >= 4 && memcmp(bytes, "GGUF", 4) == 0;
  bl_code code = is_gguf ? read_gguf(&r) : read_dat(&r);
  if (code == BL_OK)
    *imatrix = made;
  else
    bl_imatrix_free(made);
  return code;
}

void bl_imatrix_free(bl_imatrix *imatrix) {
  if (imatrix) bl_arena_free(imatrix->arena);
  free(imatrix);
}

const bl_imatrix_entry *bl_imatrix_find(const bl_imatrix *imatrix, const char *name) {
  for (int i = 0; i < imatrix->n_entries; i++)
    if (strcmp(imatrix->entries[i].name, name) == 0) return &imatrix->entries[i];
  return NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void list_tensors(const bl_imatrix *imatrix, bl_gguf_header *header) {
  for (int i = 0; i < imatrix->n_entries; i++) {
    const bl_imatrix_entry *entry = &imatrix->entries[i];
    const int64_t sums[] = {entry->n_experts, entry->n_cols}, counts[] = {entry->n_experts, 1};
    char name[160];
    snprintf(name, sizeof name, "%.128s%s", entry->name, sums_suffix);
    bl_gguf_put_tensor(header, name, 0, 2, sums,
                       (uint64_t)(entry->n_experts * entry->n_cols) * sizeof(float));
    snprintf(name, sizeof name, "%.128s%s", entry->name, counts_suffix);
    bl_gguf_put_tensor(header, name, 0, 2, counts, (uint64_t)entry->n_experts * sizeof(float));
  }
}

/* Adds numbers and the zeros after them; returns where the next ones begin. */
static char *put_numbers(char *at, const float *numbers, int64_t n) {
  const size_t size = (size_t)n * sizeof *numbers;
  memcpy(at, numbers, size);
  memset(at + size, 0, bl_gguf_padding(size));
  return at + size + bl_gguf_padding(size);
}

static char *put_sums(char *at, const bl_imatrix_entry *entry) {
  const size_t n = (size_t)(entry->n_experts * entry->n_cols), size = n * sizeof(float);
  for (size_t i = 0; i < n; i++) {
    const float sum = entry->mean_squares[i] * entry->counts[i / (size_t)entry->n_cols];
    memcpy(at + i * sizeof sum, &sum, sizeof sum);
  }
  memset(at + size, 0, bl_gguf_padding(size));
  return at + size + bl_gguf_padding(size);
}

bl_code bl_imatrix_write_gguf(const bl_imatrix *imatrix, char **bytes, size_t *size,
                              bl_error *error) {
  static const char type[] = "imatrix";
  bl_gguf_header header = {.error = error};
  char *head = NULL;
  size_t head_size = 0;
  bl_gguf_put_string(&header, "general.type", type, strlen(type));
  bl_gguf_put_array(&header, "imatrix.datasets", BL_GGUF_STRING, 1);
  bl_gguf_item_string(&header, imatrix->dataset, strlen(imatrix->dataset));
  bl_gguf_put_u32(&header, "imatrix.chunk_count", (uint32_t)imatrix->n_chunks);
  bl_gguf_put_u32(&header, "imatrix.chunk_size", (uint32_t)imatrix->chunk_tokens);
  list_tensors(imatrix, &header);
  const uint64_t data_size = header.data_size;
  bl_code code = bl_gguf_finish(&header, &head, &head_size);
  bl_gguf_discard(&header);
  if (code != BL_OK) return code;
  char *all = realloc(head, head_size + data_size);
  if (!all) {
    free(head);
    return bl_fail_memory(error, head_size + data_size);
  }
  char *at = all + head_size;
  for (int i = 0; i < imatrix->n_entries; i++) {
    at = put_sums(at, &imatrix->entries[i]);
    at = put_numbers(at, imatrix->entries[i].counts, imatrix->entries[i].n_experts);
  }
  *bytes = all;
  *size = head_size + data_size;
  return BL_OK;
}

static char *put_count(char *at, int64_t count) {
  const int32_t number = (int32_t)count;
  memcpy(at, &number, sizeof number);
  return at + sizeof number;
}

static char *put_name(char *at, const char *name) {
  at = put_count(at, (int64_t)strlen(name));
  memcpy(at, name, strlen(name));
  return at + strlen(name);
}

bl_code bl_imatrix_write_dat(const bl_imatrix *imatrix, char **bytes, size_t *size,
                             bl_error *error) {
  const float n_chunks = imatrix->n_chunks > 0 ? (float)imatrix->n_chunks : 1;
  *size = 3 * sizeof(int32_t) + strlen(imatrix->dataset);
  for (int i = 0; i < imatrix->n_entries; i++) {
    const bl_imatrix_entry *entry = &imatrix->entries[i];
    *size += 3 * sizeof(int32_t) + strlen(entry->name) +
             (size_t)(entry->n_experts * entry->n_cols) * sizeof(float);
  }
  char *at = *bytes = malloc(*size);
  if (!at) return bl_fail_memory(error, *size);
  at = put_count(at, imatrix->n_entries);
  for (int i = 0; i < imatrix->n_entries; i++) {
    const bl_imatrix_entry *entry = &imatrix->entries[i];
    const int64_t n = entry->n_experts * entry->n_cols;
    at = put_count(put_count(put_name(at, entry->name), (int64_t)n_chunks), n);
    for (int64_t k = 0; k < n; k++, at += sizeof(float)) {
      const float value = entry->mean_squares[k] * n_chunks;
      memcpy(at, &value, sizeof value);
    }
  }
  put_name(put_count(at, (int64_t)n_chunks), imatrix->dataset);
  return BL_OK;
}
