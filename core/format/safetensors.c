/* The safetensors header: a length, a JSON object, then the data. What the reference reader
 * (safetensors 0.8.0) refuses is refused here; also duplicate names, which it lets pass, and
 * tensors of more than BL_MAX_DIMS dimensions. */
#include <string.h>

#include "base/checked.h"
#include "base/json_reader.h"
#include "format/index_build.h"

#define MAX_HEADER_BYTES 100000000u /* the reference reader's limit */

typedef struct header {
  const char *file_name;
  bl_json_reader json;
  bl_index *index;
  uint64_t data_size; /* bytes after the header */
  bl_error *error;
} header;

/* The header stops being what was expected, within a tensor's object or outside (NULL). */
static bl_code fail_json(const header *h, const char *tensor) {
  char problem[160];
  bl_json_describe(&h->json, problem, sizeof problem);
  if (tensor)
    return bl_fail(h->error, BL_ERR_INPUT, "%.128s: tensor '%.64s': the header %s", h->file_name,
                   tensor, problem);
  return bl_fail(h->error, BL_ERR_INPUT, "%.128s: the header %s", h->file_name, problem);
}

/* A name or a value with its escapes resolved. */
static bl_code keep_text(header *h, bl_json_raw raw, const char **text, size_t *size) {
  void *room;
  bl_code code = bl_index_array(h->index, (uint64_t)raw.size + 1, 1, &room, h->error);
  if (code) return code;
  *size = bl_json_unescape(raw, room);
  *text = room;
  return BL_OK;
}

/* Room for one item per member of the object that the reader is at, which is checked to its end but
 * stays unread. */
static bl_code make_room(header *h, const char *problem, size_t item_size, void **array) {
  bl_json_reader ahead = h->json;
  bl_json_raw key;
  uint64_t n = 0;
  bl_json_take(&ahead, '{', problem);
  while (bl_json_more(&ahead, '}', &n))
    if (!bl_json_read_key(&ahead, &key) || !bl_json_skip(&ahead)) break;
  if (!ahead.problem) return bl_index_array(h->index, n, item_size, array, h->error);
  h->json = ahead;
  return fail_json(h, NULL);
}

static bl_code read_metadata(header *h) {
  bl_json_reader *json = &h->json;
  bl_index *index = h->index;
  if (bl_json_peek(json) == 'n') return bl_json_skip(json) ? BL_OK : fail_json(h, NULL);
  if (index->meta)
    return bl_fail(h->error, BL_ERR_INPUT, "%.128s: '__metadata__' is there twice, expected once",
                   h->file_name);
  void *room;
  bl_code code = make_room(h, "'{' after '__metadata__'", sizeof *index->meta, &room);
  if (code) return code;
  index->meta = room;
  uint64_t n = 0;
  bl_json_take(json, '{', "'{'");
  while (bl_json_more(json, '}', &n)) {
    bl_json_raw key, value;
    if (!bl_json_read_key(json, &key) || !bl_json_read_string(json, &value)) break;
    bl_meta *meta = &index->meta[index->n_meta++];
    meta->kind = BL_META_STRING;
    size_t ignored;
    code = keep_text(h, key, &meta->key, &ignored);
    if (!code) code = keep_text(h, value, &meta->s.bytes, &meta->s.size);
    if (!code) code = bl_index_print(index, meta->s, &meta->printed, h->error);
    if (code) return code;
  }
  return json->problem ? fail_json(h, NULL) : BL_OK;
}

static bl_code read_shape(header *h, bl_entry *entry) {
  uint64_t n = 0;
  bl_json_take(&h->json, '[', "'[' after 'shape'");
  while (bl_json_more(&h->json, ']', &n)) {
    int64_t dim;
    if (!bl_json_read_count(&h->json, &dim)) break;
    if (n > BL_MAX_DIMS)
      return bl_fail(h->error, BL_ERR_UNSUPPORTED,
                     "%.128s: tensor '%.64s': field 'shape' has more than %d dimensions, expected "
                     "at most %d",
                     h->file_name, entry->name, BL_MAX_DIMS, BL_MAX_DIMS);
    entry->dims[entry->n_dims++] = dim;
  }
  return h->json.problem ? fail_json(h, entry->name) : BL_OK;
}

static bl_code read_dtype(header *h, bl_entry *entry) {
  bl_json_raw dtype;
  if (!bl_json_read_string(&h->json, &dtype)) return fail_json(h, entry->name);
  entry->type = bl_safetensors_type(dtype.bytes, dtype.size);
  if (entry->type) return BL_OK;
  return bl_fail(
      h->error, BL_ERR_INPUT,
      "%.128s: tensor '%.64s': field 'dtype' is '%.*s', expected a type that safetensors "
      "has, such as BF16",
      h->file_name, entry->name, dtype.size < 32 ? (int)dtype.size : 32, dtype.bytes);
}

static bl_code read_range(header *h, const char *name, int64_t range[2]) {
  bl_json_reader *json = &h->json;
  if (!bl_json_take(json, '[', "'[' after 'data_offsets'") ||
      !bl_json_read_count(json, &range[0]) || !bl_json_take(json, ',', "two offsets") ||
      !bl_json_read_count(json, &range[1]) || !bl_json_take(json, ']', "only two offsets"))
    return fail_json(h, name);
  if (range[0] <= range[1] && (uint64_t)range[1] <= h->data_size) return BL_OK;
  return bl_fail(h->error, BL_ERR_INPUT,
                 "%.128s: tensor '%.64s': field 'data_offsets' is [%lld, %lld], expected a range "
                 "within the %llu bytes after the header",
                 h->file_name, name, (long long)range[0], (long long)range[1],
                 (unsigned long long)h->data_size);
}

/* One tensor's object. Unknown fields are skipped, as the reference reader does. */
static bl_code read_tensor(header *h, bl_entry *entry) {
  static const char *const fields[] = {"dtype", "shape", "data_offsets"};
  bool seen[3] = {false, false, false};
  int64_t range[2] = {0, 0};
  uint64_t n = 0;
  bl_json_take(&h->json, '{', "'{' after a tensor's name");
  while (bl_json_more(&h->json, '}', &n)) {
    bl_json_raw key;
    if (!bl_json_read_key(&h->json, &key)) break;
    int field = 0;
    while (field < 3 && !bl_json_raw_is(key, fields[field])) field++;
    if (field == 3) {
      bl_json_skip(&h->json);
      continue;
    }
    if (seen[field])
      return bl_fail(h->error, BL_ERR_INPUT,
                     "%.128s: tensor '%.64s': field '%s' is there twice, expected once",
                     h->file_name, entry->name, fields[field]);
    seen[field] = true;
    bl_code code = field == 0   ? read_dtype(h, entry)
                   : field == 1 ? read_shape(h, entry)
                                : read_range(h, entry->name, range);
    if (code) return code;
  }
  if (h->json.problem) return fail_json(h, entry->name);
  for (int i = 0; i < 3; i++)
    if (!seen[i])
      return bl_fail(h->error, BL_ERR_INPUT,
                     "%.128s: tensor '%.64s': field '%s' is missing, expected dtype, shape and "
                     "data_offsets",
                     h->file_name, entry->name, fields[i]);

  bl_code code = bl_entry_set_size(h->file_name, entry, h->error);
  if (code) return code;
  uint64_t size = (uint64_t)(range[1] - range[0]);
  if (size != entry->size_bytes)
    return bl_fail(h->error, BL_ERR_INPUT,
                   "%.128s: tensor '%.64s': field 'data_offsets' spans %llu bytes, expected %llu "
                   "for its shape and dtype",
                   h->file_name, entry->name, (unsigned long long)size,
                   (unsigned long long)entry->size_bytes);
  entry->offset = h->index->data_start + (uint64_t)range[0];
  return BL_OK;
}

static bl_code read_header(header *h) {
  bl_json_reader *json = &h->json;
  bl_index *index = h->index;
  void *room;
  bl_code code = make_room(h, "'{'", sizeof *index->entries, &room);
  if (code) return code;
  index->entries = room;
  uint64_t n = 0;
  bl_json_take(json, '{', "'{'");
  while (bl_json_more(json, '}', &n)) {
    bl_json_raw key;
    if (!bl_json_read_key(json, &key)) break;
    if (bl_json_raw_is(key, "__metadata__")) {
      code = read_metadata(h);
    } else {
      bl_entry *entry = &index->entries[index->n_entries++];
      size_t ignored;
      code = keep_text(h, key, &entry->name, &ignored);
      if (!code) code = read_tensor(h, entry);
    }
    if (code) return code;
  }
  return bl_json_end(json) ? BL_OK : fail_json(h, NULL);
}

/* The tensors must follow each other from the first byte after the header to the end of the file,
 * with no gap. */
static bl_code check_contiguous(const header *h) {
  const bl_index *index = h->index;
  uint64_t end = index->data_start;
  for (int i = 0; i < index->n_entries; i++) {
    const bl_entry *entry = &index->entries[i];
    if (entry->offset != end)
      return bl_fail(h->error, BL_ERR_INPUT,
                     "%.128s: tensor '%.64s' starts at byte %llu of the data, expected %llu, where "
                     "the one before it ends",
                     h->file_name, entry->name,
                     (unsigned long long)(entry->offset - index->data_start),
                     (unsigned long long)(end - index->data_start));
    end += entry->size_bytes;
  }
  uint64_t used = end - index->data_start;
  if (used == h->data_size) return BL_OK;
  return bl_fail(h->error, BL_ERR_INPUT,
                 "%.128s: the tensors take %llu bytes but %llu follow the header; expected no "
                 "other bytes",
                 h->file_name, (unsigned long long)used, (unsigned long long)h->data_size);
}

bl_code bl_safetensors_parse(const char *file_name, const uint8_t *bytes, size_t n_bytes,
                             uint64_t file_size, bl_index **index, uint64_t *n_needed,
                             bl_error *error) {
  *index = NULL;
  if (file_size < 8)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: truncated: the file has %llu bytes, expected at least 8", file_name,
                   (unsigned long long)file_size);
  if (n_bytes < 8) {
    *n_needed = 8;
    return BL_OK;
  }
  uint64_t header_size = 0;
  for (int i = 8; i-- > 0;) header_size = header_size << 8 | bytes[i];
  if (header_size > MAX_HEADER_BYTES)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: neither GGUF nor safetensors: its first 8 bytes, read as a header "
                   "length, are %llu, expected at most %u",
                   file_name, (unsigned long long)header_size, MAX_HEADER_BYTES);
  if (header_size > file_size - 8)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: truncated: the header length is %llu, but %llu bytes follow it",
                   file_name, (unsigned long long)header_size, (unsigned long long)(file_size - 8));
  if (n_bytes - 8 < header_size) {
    *n_needed = 8 + header_size;
    return BL_OK;
  }

  header h = {.file_name = file_name, .error = error, .data_size = file_size - 8 - header_size};
  h.json = (bl_json_reader){.text = (const char *)bytes + 8, .size = (size_t)header_size};
  h.index = bl_index_new(file_name, BL_SAFETENSORS);
  if (!h.index) return bl_fail_memory(error, sizeof *h.index);
  h.index->data_start = 8 + header_size;
  bl_code code = read_header(&h);
  if (!code) code = bl_index_sort(h.index, error);
  if (!code) code = check_contiguous(&h);
  if (code) {
    bl_index_free(h.index);
    return code;
  }
  *index = h.index;
  return BL_OK;
}
