/* The list of a file's tensors and metadata, whichever container it came from: built, checked,
 * asked. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/stranger.h"
#include "base/utf8.h"
#include "format/index_build.h"

#define PRINTED_CHARACTERS 120u

bl_code bl_index_parse(const char *file_name, const void *bytes, size_t n_bytes, uint64_t file_size,
                       bl_index **index, uint64_t *n_needed, bl_error *error) {
  *index = NULL;
  if (n_bytes > file_size)
    return bl_fail(error, BL_ERR_ARGUMENT, "%.128s: %zu bytes were given of a file of %llu",
                   file_name, n_bytes, (unsigned long long)file_size);
  if (file_size < 8)
    return bl_fail(
        error, BL_ERR_INPUT,
        "%.128s: a file of %llu bytes is neither safetensors nor GGUF, whose headers are "
        "longer",
        file_name, (unsigned long long)file_size);
  if (n_bytes < 8) {
    *n_needed = file_size < 4096 ? file_size : 4096;
    return BL_OK;
  }
  if (memcmp(bytes, "GGUF", 4) == 0)
    return bl_gguf_parse(file_name, bytes, n_bytes, file_size, index, n_needed, error);
  const char *stranger = bl_stranger(bytes, n_bytes);
  if (stranger)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: this is %s; expected safetensors or GGUF",
                   file_name, stranger);
  return bl_safetensors_parse(file_name, bytes, n_bytes, file_size, index, n_needed, error);
}

bl_index *bl_index_new(const char *file_name, bl_container container) {
  bl_index *index = calloc(1, sizeof *index);
  if (!index) return NULL;
  index->container = container;
  index->arena = bl_arena_new();
  if (index->arena) index->file_name = bl_arena_string(index->arena, file_name, strlen(file_name));
  if (index->file_name) return index;
  bl_index_free(index);
  return NULL;
}

void bl_index_free(bl_index *index) {
  if (!index) return;
  bl_arena_free(index->arena);
  free(index);
}

const char *bl_index_container(const bl_index *index) {
  return index->container == BL_GGUF ? "gguf" : "safetensors";
}

int bl_index_n_tensors(const bl_index *index) {
  return index->n_entries;
}

void bl_index_get_tensor(const bl_index *index, int i, bl_index_tensor *tensor) {
  const bl_entry *e = &index->entries[i];
  *tensor = (bl_index_tensor){.name = e->name,
                              .type = e->type->name,
                              .n_dims = e->n_dims,
                              .dims = e->dims,
                              .offset = e->offset,
                              .size_bytes = e->size_bytes};
}

int bl_index_n_metadata(const bl_index *index) {
  return index->n_meta;
}

void bl_index_get_metadata(const bl_index *index, int i, const char **key, const char **value) {
  *key = index->meta[i].key;
  *value = index->meta[i].printed;
}

/* ---- building ------------------------------------------------------------------------------ */

bl_code bl_index_array(bl_index *index, uint64_t count, size_t item_size, void **array,
                       bl_error *error) {
  uint64_t n_bytes;
  if (!bl_mul_u64(count, item_size, &n_bytes) || n_bytes > SIZE_MAX / 2)
    return bl_fail_memory(error, UINT64_MAX);
  *array = bl_arena_alloc(index->arena, (size_t)n_bytes);
  return *array ? BL_OK : bl_fail_memory(error, n_bytes);
}

bl_code bl_index_text(bl_index *index, const char *bytes, size_t size, const char **text,
                      bl_error *error) {
  *text = bl_arena_string(index->arena, bytes, size);
  return *text ? BL_OK : bl_fail_memory(error, size);
}

bl_code bl_index_print(bl_index *index, bl_str s, const char **printed, bl_error *error) {
  static const char ellipsis[] = "\xe2\x80\xa6";
  char text[PRINTED_CHARACTERS * 4 + sizeof ellipsis];
  size_t n = 0, n_characters = 0;
  for (size_t i = 0; i < s.size; n_characters++) {
    if (n_characters == PRINTED_CHARACTERS) {
      memcpy(text + n, ellipsis, sizeof ellipsis - 1);
      n += sizeof ellipsis - 1;
      break;
    }
    size_t length;
    uint32_t code = bl_utf8_decode(s.bytes, s.size, i, &length);
    if (code == BL_BAD_UTF8 || bl_is_control(code)) {
      text[n++] = '?';
    } else {
      memcpy(text + n, s.bytes + i, length);
      n += length;
    }
    i += length;
  }
  return bl_index_text(index, text, n, printed, error);
}

bl_code bl_entry_set_size(const char *file_name, bl_entry *entry, bl_error *error) {
  uint64_t n_elements = 1;
  bool fits = true;
  for (int i = 0; i < entry->n_dims; i++)
    fits = fits && bl_mul_u64(n_elements, (uint64_t)entry->dims[i], &n_elements);
  fits = fits && n_elements <= INT64_MAX;
  uint64_t block_len = (uint64_t)entry->type->block_len;
  if (fits && n_elements % block_len != 0)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.64s' has %llu elements, expected a multiple of %llu for type "
                   "%s",
                   file_name, entry->name, (unsigned long long)n_elements,
                   (unsigned long long)block_len, entry->type->name);
  uint64_t block_bytes = (uint64_t)entry->type->block_bytes;
  if (!fits || !bl_mul_u64(n_elements / block_len, block_bytes, &entry->size_bytes))
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.64s': its shape multiplies to more than 2^63 elements or "
                   "bytes",
                   file_name, entry->name);
  return BL_OK;
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By offset; among those that start together the empty ones first, then by name, so that the order
 * does not depend on the sort. */
static int compare_entries(const void *a, const void *b) {
  const bl_entry *x = a, *y = b;
  if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
  if (x->size_bytes != y->size_bytes) return x->size_bytes < y->size_bytes ? -1 : 1;
  return strcmp(x->name, y->name);
}

/* Refuses a name that occurs twice; sorts `names`. */
static bl_code refuse_twins(const bl_index *index, const char **names, int n, const char *what,
                            bl_error *error) {
  if (n == 0) return BL_OK;
  qsort(names, (size_t)n, sizeof *names, compare_names);
  for (int i = 1; i < n; i++)
    if (strcmp(names[i - 1], names[i]) == 0)
      return bl_fail(error, BL_ERR_INPUT, "%.128s: %s '%.64s' is there twice, expected once",
                     index->file_name, what, names[i]);
  return BL_OK;
}

bl_code bl_index_sort(bl_index *index, bl_error *error) {
  bl_code code = BL_OK;
  int n = index->n_entries > index->n_meta ? index->n_entries : index->n_meta;
  if (n == 0) return BL_OK;
  const char **names = malloc((size_t)n * sizeof *names);
  if (!names) return bl_fail_memory(error, (uint64_t)n * sizeof *names);
  for (int i = 0; i < index->n_meta; i++) names[i] = index->meta[i].key;
  code = refuse_twins(index, names, index->n_meta, "metadata", error);
  if (code) goto done;
  for (int i = 0; i < index->n_entries; i++) names[i] = index->entries[i].name;
  code = refuse_twins(index, names, index->n_entries, "tensor", error);
  if (code || index->n_entries == 0) goto done;

  qsort(index->entries, (size_t)index->n_entries, sizeof *index->entries, compare_entries);
  for (int i = 1; i < index->n_entries; i++) {
    const bl_entry *a = &index->entries[i - 1], *b = &index->entries[i];
    if (b->offset - a->offset < a->size_bytes) {
      code =
          bl_fail(error, BL_ERR_INPUT,
                  "%.128s: tensor '%.64s' starts at byte %llu, inside tensor '%.64s' (%llu bytes "
                  "from %llu)",
                  index->file_name, b->name, (unsigned long long)b->offset, a->name,
                  (unsigned long long)a->size_bytes, (unsigned long long)a->offset);
      goto done;
    }
  }

done:
  free(names);
  return code;
}

/* ---- typed metadata ------------------------------------------------------------------------ */

const bl_meta *bl_index_meta(const bl_index *index, const char *key) {
  for (int i = 0; i < index->n_meta; i++)
    if (strcmp(index->meta[i].key, key) == 0) return &index->meta[i];
  return NULL;
}

static bl_code wrong_kind(const bl_index *index, const bl_meta *meta, const char *expected,
                          bl_error *error) {
  static const char *const names[] = {
      [BL_META_INT] = "a whole number", [BL_META_FLOAT] = "a fraction",
      [BL_META_BOOL] = "true or false", [BL_META_STRING] = "a string",
      [BL_META_ARRAY] = "an array",
  };
  return bl_fail(error, BL_ERR_INPUT, "%.128s: metadata '%s' is %s, expected %s", index->file_name,
                 meta->key, names[meta->kind], expected);
}

bl_code bl_meta_int(const bl_index *index, const char *key, int64_t min, int64_t max,
                    int64_t *value, bl_error *error) {
  const bl_meta *meta = bl_index_meta(index, key);
  if (!meta) return BL_OK;
  if (meta->kind != BL_META_INT) return wrong_kind(index, meta, "a whole number", error);
  if (meta->is_above)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: metadata '%s' is %s, expected %lld to %lld",
                   index->file_name, key, meta->printed, (long long)min, (long long)max);
  if (meta->i < min || meta->i > max)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: metadata '%s' is %lld, expected %lld to %lld",
                   index->file_name, key, (long long)meta->i, (long long)min, (long long)max);
  *value = meta->i;
  return BL_OK;
}

bl_code bl_meta_float(const bl_index *index, const char *key, double min, double max, double *value,
                      bl_error *error) {
  const bl_meta *meta = bl_index_meta(index, key);
  if (!meta) return BL_OK;
  if (meta->kind != BL_META_FLOAT && meta->kind != BL_META_INT)
    return wrong_kind(index, meta, "a number", error);
  double x = meta->kind == BL_META_INT ? (double)meta->i : meta->f;
  if (!(x >= min && x <= max))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: metadata '%s' is %g, expected %g to %g",
                   index->file_name, key, x, min, max);
  *value = x;
  return BL_OK;
}

bl_code bl_meta_bool(const bl_index *index, const char *key, bool *value, bl_error *error) {
  const bl_meta *meta = bl_index_meta(index, key);
  if (!meta) return BL_OK;
  if (meta->kind != BL_META_BOOL) return wrong_kind(index, meta, "true or false", error);
  *value = meta->i != 0;
  return BL_OK;
}

bl_code bl_meta_string(const bl_index *index, const char *key, bl_str *value, bl_error *error) {
  const bl_meta *meta = bl_index_meta(index, key);
  if (!meta) return BL_OK;
  if (meta->kind != BL_META_STRING) return wrong_kind(index, meta, "a string", error);
  *value = meta->s;
  return BL_OK;
}
