/* The header of a GGUF file, built in memory. */
#include "format/gguf_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* Numbers of metadata types that are not items of an array here. */
enum { TYPE_U32 = 4, TYPE_BOOL = 7, TYPE_ARRAY = 9 };

/* Magic, version, and the two counts, which are known at the end. */
enum { COUNTS_AT = 8, FIXED_SIZE = 24 };

static bool reserve(bl_gguf_header *h, size_t n_more) {
  if (h->code) return false;
  if (n_more > SIZE_MAX / 2 - h->size) {
    h->code = bl_fail_memory(h->error, n_more);
    return false;
  }
  size_t needed = h->size + n_more;
  if (needed <= h->capacity) return true;
  size_t capacity = needed < 4096 ? 4096 : needed + needed / 2;
  uint8_t *bytes = realloc(h->bytes, capacity);
  if (!bytes) {
    h->code = bl_fail_memory(h->error, capacity);
    return false;
  }
  h->bytes = bytes;
  h->capacity = capacity;
  return true;
}

static void put_bytes(bl_gguf_header *h, const void *bytes, size_t size) {
  if (!reserve(h, size)) return;
  if (size > 0) memcpy(h->bytes + h->size, bytes, size);
  h->size += size;
}

static void set_number(uint8_t *at, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; i++) at[i] = (uint8_t)(value >> 8 * i & 0xff);
}

/* A little-endian number of `size` bytes. */
static void put_number(bl_gguf_header *h, uint64_t value, size_t size) {
  uint8_t bytes[8];
  set_number(bytes, value, size);
  put_bytes(h, bytes, size);
}

static void put_text(bl_gguf_header *h, const char *bytes, size_t size) {
  put_number(h, size, 8);
  put_bytes(h, bytes, size);
}

/* The fixed part is left blank before the first thing that is added. */
static void begin(bl_gguf_header *h) {
  static const uint8_t blank[FIXED_SIZE];
  if (h->size == 0) put_bytes(h, blank, FIXED_SIZE);
}

static void put_key(bl_gguf_header *h, const char *key, uint32_t type) {
  begin(h);
  put_text(h, key, strlen(key));
  put_number(h, type, 4);
  h->n_meta++;
}

void bl_gguf_put_u32(bl_gguf_header *header, const char *key, uint32_t value) {
  put_key(header, key, TYPE_U32);
  put_number(header, value, 4);
}

void bl_gguf_put_i32(bl_gguf_header *header, const char *key, int32_t value) {
  put_key(header, key, BL_GGUF_I32);
  bl_gguf_item_i32(header, value);
}

void bl_gguf_put_f32(bl_gguf_header *header, const char *key, float value) {
  put_key(header, key, BL_GGUF_F32);
  bl_gguf_item_f32(header, value);
}

void bl_gguf_put_bool(bl_gguf_header *header, const char *key, bool value) {
  put_key(header, key, TYPE_BOOL);
  put_number(header, value, 1);
}

void bl_gguf_put_string(bl_gguf_header *header, const char *key, const char *bytes, size_t size) {
  put_key(header, key, BL_GGUF_STRING);
  put_text(header, bytes, size);
}

void bl_gguf_put_array(bl_gguf_header *header, const char *key, bl_gguf_item item, uint64_t n) {
  put_key(header, key, TYPE_ARRAY);
  put_number(header, item, 4);
  put_number(header, n, 8);
}

void bl_gguf_item_i32(bl_gguf_header *header, int32_t value) {
  put_number(header, (uint32_t)value, 4);
}

void bl_gguf_item_f32(bl_gguf_header *header, float value) {
  put_number(header, bl_f32_bits(value), 4);
}

void bl_gguf_item_string(bl_gguf_header *header, const char *bytes, size_t size) {
  put_text(header, bytes, size);
}

void bl_gguf_put_all(bl_gguf_header *header, const bl_gguf_header *other) {
  if (other->size <= FIXED_SIZE) return;
  begin(header);
  put_bytes(header, other->bytes + FIXED_SIZE, other->size - FIXED_SIZE);
  header->n_meta += other->n_meta;
}

uint32_t bl_gguf_padding(uint64_t size_bytes) {
  uint32_t over = (uint32_t)(size_bytes % BL_GGUF_ALIGNMENT);
  return over ? BL_GGUF_ALIGNMENT - over : 0;
}

void bl_gguf_put_tensor(bl_gguf_header *header, const char *name, uint32_t type, int n_dims,
                        const int64_t *dims, uint64_t size_bytes) {
  begin(header);
  put_text(header, name, strlen(name));
  put_number(header, (uint32_t)n_dims, 4);
  for (int i = n_dims; i-- > 0;) put_number(header, (uint64_t)dims[i], 8);
  put_number(header, type, 4);
  put_number(header, header->data_size, 8);
  header->n_tensors++;
  header->data_size += size_bytes + bl_gguf_padding(size_bytes);
}

bl_code bl_gguf_finish(bl_gguf_header *header, char **bytes, size_t *size) {
  static const uint8_t zeros[BL_GGUF_ALIGNMENT];
  begin(header);
  put_bytes(header, zeros, bl_gguf_padding(header->size));
  if (header->code) return header->code;
  memcpy(header->bytes, "GGUF", 4);
  set_number(header->bytes + 4, 3, 4);
  set_number(header->bytes + COUNTS_AT, header->n_tensors, 8);
  set_number(header->bytes + COUNTS_AT + 8, header->n_meta, 8);
  *bytes = (char *)header->bytes;
  *size = header->size;
  header->bytes = NULL;
  return BL_OK;
}

void bl_gguf_discard(bl_gguf_header *header) {
  free(header->bytes);
  *header = (bl_gguf_header){0};
}
