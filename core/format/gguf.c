/* The GGUF header, versions 2 and 3: typed metadata, then a list of tensors, then the data. Layout
 * as in the GGUF specification of ggml (docs/gguf.md) and gguf 0.19.0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/utf8.h"
#include "format/index_build.h"

/* Far above any real header, so that a wrong count in a huge file is a sentence and not an endless
 * read. */
#define MAX_HEADER_BYTES (1u << 30)
#define MIN_META_BYTES 13u   /* key length, type, and a value of one byte */
#define MIN_TENSOR_BYTES 24u /* name length, number of dimensions, type, offset */

/* Where the parser is. When it can't go on, either `code` says why, or `n_needed` is set: the bytes
 * seen so far end here, but the file does not. */
typedef struct cursor {
  const char *file_name;
  const uint8_t *bytes;
  size_t n_bytes, at;
  uint64_t file_size;
  uint64_t n_needed;
  bl_code code;
  bl_error *error;
  /* For sentences: "metadata entry 3 'general.name'". */
  const char *part; /* NULL: the header */
  const char *name; /* "": not read yet */
  uint64_t number;
} cursor;

/* The types of metadata values, by their number. */
enum {
  TYPE_FLOAT32 = 6,
  TYPE_BOOL = 7,
  TYPE_STRING = 8,
  TYPE_ARRAY = 9,
  TYPE_UINT64 = 10,
  TYPE_FLOAT64 = 12
};
static const struct value_type {
  const char *name;
  uint8_t size; /* the least bytes that a value takes */
  bl_meta_kind kind;
} value_types[] = {
    {"u8", 1, BL_META_INT},       {"i8", 1, BL_META_INT},    {"u16", 2, BL_META_INT},
    {"i16", 2, BL_META_INT},      {"u32", 4, BL_META_INT},   {"i32", 4, BL_META_INT},
    {"f32", 4, BL_META_FLOAT},    {"bool", 1, BL_META_BOOL}, {"string", 8, BL_META_STRING},
    {"array", 12, BL_META_ARRAY}, {"u64", 8, BL_META_INT},   {"i64", 8, BL_META_INT},
    {"f64", 8, BL_META_FLOAT},
};
#define N_VALUE_TYPES (sizeof value_types / sizeof *value_types)

/* ---- bytes --------------------------------------------------------------------------------- */

/* What the parser is at, for a sentence. */
static const char *place(const cursor *c, char text[128]) {
  if (!c->part)
    snprintf(text, 128, "the header");
  else if (c->name[0] == '\0')
    snprintf(text, 128, "%s %llu", c->part, (unsigned long long)c->number);
  else
    snprintf(text, 128, "%s %llu '%.64s'", c->part, (unsigned long long)c->number, c->name);
  return text;
}

/* Are n more bytes here? */
static bool have(cursor *c, uint64_t n) {
  uint64_t left = c->file_size - c->at;
  if (n > left) {
    char text[128];
    c->code = bl_fail(c->error, BL_ERR_INPUT,
                      "%.128s: truncated: %s needs %llu bytes at byte %zu, but the file ends at "
                      "%llu",
                      c->file_name, place(c, text), (unsigned long long)n, c->at,
                      (unsigned long long)c->file_size);
    return false;
  }
  if (n > MAX_HEADER_BYTES - c->at) {
    char text[128];
    c->code = bl_fail(c->error, BL_ERR_INPUT,
                      "%.128s: %s needs %llu bytes at byte %zu, expected a header of at most %u",
                      c->file_name, place(c, text), (unsigned long long)n, c->at, MAX_HEADER_BYTES);
    return false;
  }
  if (n <= c->n_bytes - c->at) return true;
  c->n_needed = c->at + n;
  return false;
}

/* A little-endian number of 1 to 8 bytes. */
static bool take(cursor *c, size_t size, uint64_t *value) {
  if (!have(c, size)) return false;
  uint64_t x = 0;
  for (size_t i = size; i-- > 0;) x = x << 8 | c->bytes[c->at + i];
  c->at += size;
  *value = x;
  return true;
}

static bool take_string(cursor *c, bl_str *string) {
  uint64_t size;
  if (!take(c, 8, &size) || !have(c, size)) return false;
  *string = (bl_str){(const char *)c->bytes + c->at, (size_t)size};
  c->at += (size_t)size;
  return true;
}

/* A key or a tensor's name, copied into the arena. */
static bool take_name(cursor *c, bl_index *index, const char **name) {
  bl_str raw;
  c->name = "";
  if (!take_string(c, &raw)) return false;
  if (!bl_utf8_is_valid(raw.bytes, raw.size) || (raw.size > 0 && memchr(raw.bytes, 0, raw.size))) {
    char text[128];
    c->code = bl_fail(c->error, BL_ERR_INPUT,
                      "%.128s: the name of %s is '%.*s', expected UTF-8 without NUL", c->file_name,
                      place(c, text), raw.size < 64 ? (int)raw.size : 64, raw.bytes);
    return false;
  }
  c->code = bl_index_text(index, raw.bytes, raw.size, name, c->error);
  if (c->code) return false;
  c->name = *name;
  return true;
}

/* ---- metadata ------------------------------------------------------------------------------ */

static int64_t sign_extend(uint64_t bits, size_t size) {
  uint64_t sign = (uint64_t)1 << (8 * size - 1);
  return (int64_t)((bits ^ sign) - sign);
}

/* One number or bool: *i for whole numbers (the largest for one above it) and bools, *f for
 * fractions. *raw has its bits. */
static bool take_scalar(cursor *c, uint64_t type, int64_t *i, double *f, uint64_t *raw) {
  uint64_t bits;
  size_t size = value_types[type].size;
  if (!take(c, size, &bits)) return false;
  *raw = bits;
  if (type == TYPE_FLOAT64) {
    memcpy(f, &bits, 8);
    return true;
  }
  if (type == TYPE_FLOAT32) {
    uint32_t half = (uint32_t)bits;
    float x;
    memcpy(&x, &half, 4);
    *f = (double)x;
    return true;
  }
  bool is_signed = value_types[type].name[0] == 'i';
  if (type == TYPE_BOOL && bits > 1) {
    char text[128];
    c->code = bl_fail(c->error, BL_ERR_INPUT, "%.128s: %s is %llu, expected 0 or 1 for a bool",
                      c->file_name, place(c, text), (unsigned long long)bits);
    return false;
  }
  *i = is_signed ? sign_extend(bits, size) : bits > INT64_MAX ? INT64_MAX : (int64_t)bits;
  return true;
}

/* n strings. They are copied with the lengths between them, in one piece. */
static bool take_strings(cursor *c, bl_index *index, bl_str *strings, uint64_t n) {
  size_t start = c->at;
  for (uint64_t i = 0; i < n; i++)
    if (!take_string(c, &strings[i])) return false;
  const char *source = (const char *)c->bytes + start, *copy;
  c->code = bl_index_text(index, source, c->at - start, &copy, c->error);
  if (c->code) return false;
  for (uint64_t i = 0; i < n; i++) strings[i].bytes = copy + (strings[i].bytes - source);
  return true;
}

static bool take_array(cursor *c, bl_index *index, bl_meta *meta, uint64_t *item_type) {
  uint64_t type, n;
  if (!take(c, 4, &type) || !take(c, 8, &n)) return false;
  if (type >= N_VALUE_TYPES || type == TYPE_ARRAY) {
    char text[128];
    c->code = bl_fail(c->error, type == TYPE_ARRAY ? BL_ERR_UNSUPPORTED : BL_ERR_INPUT,
                      "%.128s: %s is an array of type %llu, expected numbers, bools or strings",
                      c->file_name, place(c, text), (unsigned long long)type);
    return false;
  }
  uint64_t least_bytes;
  if (!bl_mul_u64(n, value_types[type].size, &least_bytes)) least_bytes = UINT64_MAX;
  if (!have(c, least_bytes)) return false;

  meta->item_kind = value_types[type].kind;
  meta->n = n;
  *item_type = type;
  size_t item_size = type == TYPE_STRING ? sizeof(bl_str) : 8;
  void *items;
  c->code = bl_index_array(index, n, item_size, &items, c->error);
  if (c->code) return false;
  if (meta->item_kind == BL_META_STRING) {
    meta->strings = items;
    return take_strings(c, index, items, n);
  }
  int64_t *ints = meta->item_kind == BL_META_FLOAT ? NULL : items;
  double *floats = ints ? NULL : items;
  meta->ints = ints;
  meta->floats = floats;
  for (uint64_t k = 0; k < n; k++) {
    int64_t i = 0;
    double f = 0;
    uint64_t raw;
    if (!take_scalar(c, type, &i, &f, &raw)) return false;
    if (ints)
      ints[k] = i;
    else
      floats[k] = f;
  }
  return true;
}

/* The fewest digits that read back as the same number; whole numbers in full. */
static void print_float(double x, bool is_f32, char *text, size_t size) {
  if (fabs(x) < 1e15 && x == floor(x)) {
    snprintf(text, size, "%.1f", x);
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(text, size, "%.*g", digits, x);
    double back = strtod(text, NULL);
    if (is_f32 ? (float)back == (float)x : back == x) return;
  }
}

/* `raw` are the bits of a number. */
static bl_code print_value(const cursor *c, bl_index *index, bl_meta *meta, uint64_t type,
                           uint64_t item_type, uint64_t raw) {
  char text[64];
  if (meta->kind == BL_META_STRING) return bl_index_print(index, meta->s, &meta->printed, c->error);
  if (meta->is_above) {
    snprintf(text, sizeof text, "%llu", (unsigned long long)raw);
  } else if (meta->kind == BL_META_INT) {
    snprintf(text, sizeof text, "%lld", (long long)meta->i);
  } else if (meta->kind == BL_META_BOOL) {
    snprintf(text, sizeof text, "%s", meta->i ? "true" : "false");
  } else if (meta->kind == BL_META_FLOAT) {
    print_float(meta->f, type == TYPE_FLOAT32, text, sizeof text);
  } else {
    snprintf(text, sizeof text, "%s[%llu]", value_types[item_type].name,
             (unsigned long long)meta->n);
  }
  return bl_index_text(index, text, strlen(text), &meta->printed, c->error);
}

static bool take_meta(cursor *c, bl_index *index, bl_meta *meta) {
  uint64_t type, item_type = 0, raw = 0;
  if (!take_name(c, index, &meta->key) || !take(c, 4, &type)) return false;
  if (type >= N_VALUE_TYPES) {
    char text[128];
    c->code = bl_fail(c->error, BL_ERR_INPUT, "%.128s: %s has type %llu, expected 0 to %zu",
                      c->file_name, place(c, text), (unsigned long long)type, N_VALUE_TYPES - 1);
    return false;
  }
  meta->kind = value_types[type].kind;
  bool taken;
  if (type == TYPE_ARRAY) {
    taken = take_array(c, index, meta, &item_type);
  } else if (type == TYPE_STRING) {
    taken = take_strings(c, index, &meta->s, 1);
  } else {
    taken = take_scalar(c, type, &meta->i, &meta->f, &raw);
    meta->is_above = type == TYPE_UINT64 && raw > INT64_MAX;
  }
  if (!taken) return false;
  c->code = print_value(c, index, meta, type, item_type, raw);
  return c->code == BL_OK;
}

/* ---- tensors ------------------------------------------------------------------------------- */

static bool bad_tensor(cursor *c, const char *field, uint64_t found, const char *expected) {
  char text[128];
  c->code = bl_fail(c->error, BL_ERR_INPUT, "%.128s: %s: %s is %llu, expected %s", c->file_name,
                    place(c, text), field, (unsigned long long)found, expected);
  return false;
}

/* A tensor's place in the list; its offset is still relative to the data. */
static bool take_tensor(cursor *c, bl_index *index, bl_entry *entry) {
  uint64_t n_dims, dim, type;
  if (!take_name(c, index, &entry->name) || !take(c, 4, &n_dims)) return false;
  if (n_dims > BL_MAX_DIMS) return bad_tensor(c, "number of dimensions", n_dims, "at most 4");
  entry->n_dims = (int)n_dims;
  for (int i = entry->n_dims; i-- > 0;) {
    if (!take(c, 8, &dim)) return false;
    if (dim > INT64_MAX) return bad_tensor(c, "a dimension", dim, "at most 2^63 - 1");
    entry->dims[i] = (int64_t)dim;
  }
  if (!take(c, 4, &type) || !take(c, 8, &entry->offset)) return false;
  entry->type = bl_gguf_type((uint32_t)type);
  if (!entry->type) return bad_tensor(c, "type", type, "one of the type numbers that ggml uses");
  int64_t row_length = entry->n_dims > 0 ? entry->dims[entry->n_dims - 1] : 1;
  if (row_length % entry->type->block_len != 0) {
    char expected[64];
    snprintf(expected, sizeof expected, "a multiple of %lld for type %s",
             (long long)entry->type->block_len, entry->type->name);
    return bad_tensor(c, "row length", (uint64_t)row_length, expected);
  }
  c->code = bl_entry_set_size(c->file_name, entry, c->error);
  return c->code == BL_OK;
}

/* Turns offsets into places in the file, and checks that the data is there. */
static bl_code place_tensors(const cursor *c, bl_index *index) {
  int64_t alignment = 32;
  bl_code code = bl_meta_int(index, "general.alignment", 1, 1 << 30, &alignment, c->error);
  if (code) return code;
  if (alignment & (alignment - 1))
    return bl_fail(c->error, BL_ERR_INPUT,
                   "%.128s: metadata 'general.alignment' is %lld, expected a power of two",
                   c->file_name, (long long)alignment);
  uint64_t unit = (uint64_t)alignment;
  index->data_start = ((uint64_t)c->at + unit - 1) / unit * unit;
  for (int i = 0; i < index->n_entries; i++) {
    bl_entry *entry = &index->entries[i];
    if (entry->offset % unit != 0)
      return bl_fail(c->error, BL_ERR_INPUT,
                     "%.128s: tensor '%.64s': offset is %llu, expected a multiple of %llu",
                     c->file_name, entry->name, (unsigned long long)entry->offset,
                     (unsigned long long)unit);
    uint64_t start, end;
    bool inside = bl_add_u64(index->data_start, entry->offset, &start) &&
                  bl_add_u64(start, entry->size_bytes, &end) && end <= c->file_size;
    if (!inside)
      return bl_fail(
          c->error, BL_ERR_INPUT,
          "%.128s: tensor '%.64s': %llu bytes at offset %llu of the data do not fit; the "
          "data starts at byte %llu and the file ends at %llu",
          c->file_name, entry->name, (unsigned long long)entry->size_bytes,
          (unsigned long long)entry->offset, (unsigned long long)index->data_start,
          (unsigned long long)c->file_size);
    entry->offset = start;
  }
  return BL_OK;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Magic, version and the two counts. */
static bool take_counts(cursor *c, uint64_t *n_tensors, uint64_t *n_meta) {
  uint64_t magic, version, least_meta, least_tensors, least;
  if (!take(c, 4, &magic) || !take(c, 4, &version)) return false;
  if (magic != 0x46554747u) { /* "GGUF" */
    c->code =
        bl_fail(c->error, BL_ERR_INPUT, "%.128s: the first bytes are not GGUF's", c->file_name);
    return false;
  }
  if (version != 2 && version != 3) {
    bool swapped = version != 0 && (version & 0xffff) == 0;
    c->code =
        bl_fail(c->error, BL_ERR_UNSUPPORTED, "%.128s: the GGUF version is %llu, expected 2 or 3%s",
                c->file_name, (unsigned long long)version,
                swapped ? " in little-endian order: this file is big-endian" : "");
    return false;
  }
  if (!take(c, 8, n_tensors) || !take(c, 8, n_meta)) return false;
  uint64_t left = c->file_size - c->at;
  bool fits = *n_tensors <= INT32_MAX && *n_meta <= INT32_MAX &&
              bl_mul_u64(*n_meta, MIN_META_BYTES, &least_meta) &&
              bl_mul_u64(*n_tensors, MIN_TENSOR_BYTES, &least_tensors) &&
              bl_add_u64(least_meta, least_tensors, &least) && least <= left;
  if (fits) return true;
  c->code = bl_fail(c->error, BL_ERR_INPUT,
                    "%.128s: the header counts %llu tensors and %llu metadata entries, more than "
                    "the %llu bytes after it can hold",
                    c->file_name, (unsigned long long)*n_tensors, (unsigned long long)*n_meta,
                    (unsigned long long)left);
  return false;
}

static bool take_header(cursor *c, bl_index *index) {
  uint64_t n_tensors, n_meta;
  void *room;
  if (!take_counts(c, &n_tensors, &n_meta)) return false;

  c->part = "metadata entry";
  if (!have(c, n_meta * MIN_META_BYTES)) return false;
  c->code = bl_index_array(index, n_meta, sizeof *index->meta, &room, c->error);
  if (c->code) return false;
  index->meta = room;
  for (c->number = 0; c->number < n_meta; c->number++)
    if (!take_meta(c, index, &index->meta[index->n_meta++])) return false;

  c->part = "tensor";
  c->number = 0;
  c->name = "";
  if (!have(c, n_tensors * MIN_TENSOR_BYTES)) return false;
  c->code = bl_index_array(index, n_tensors, sizeof *index->entries, &room, c->error);
  if (c->code) return false;
  index->entries = room;
  for (; c->number < n_tensors; c->number++)
    if (!take_tensor(c, index, &index->entries[index->n_entries++])) return false;

  c->code = place_tensors(c, index);
  if (!c->code) c->code = bl_index_sort(index, c->error);
  return c->code == BL_OK;
}

bl_code bl_gguf_parse(const char *file_name, const uint8_t *bytes, size_t n_bytes,
                      uint64_t file_size, bl_index **index, uint64_t *n_needed, bl_error *error) {
  *index = NULL;
  cursor c = {.file_name = file_name,
              .bytes = bytes,
              .n_bytes = n_bytes,
              .file_size = file_size,
              .error = error,
              .name = ""};
  bl_index *built = bl_index_new(file_name, BL_GGUF);
  if (!built) return bl_fail_memory(error, sizeof *built);
  if (take_header(&c, built)) {
    *index = built;
    return BL_OK;
  }
  bl_index_free(built);
  if (c.code) return c.code;
  uint64_t twice = (uint64_t)n_bytes * 2;
  *n_needed = c.n_needed > twice ? c.n_needed : twice;
  if (*n_needed < 4096) *n_needed = 4096;
  if (*n_needed > file_size) *n_needed = file_size;
  return BL_OK;
}
