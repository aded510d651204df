/* Growing arrays of bytes and of ids. */
#include "text/buffer.h"

#include <stdlib.h>
#include <string.h>

bl_code bl_grow(void **items, size_t *capacity, size_t n_items, size_t item_bytes,
                bl_error *error) {
  if (n_items <= *capacity) return BL_OK;
  size_t wanted = *capacity < 16 ? 16 : *capacity;
  while (wanted < n_items && wanted <= SIZE_MAX / 2) wanted *= 2;
  if (wanted < n_items || wanted > SIZE_MAX / 2 / item_bytes) return bl_fail_memory(error, n_items);
  void *moved = realloc(*items, wanted * item_bytes);
  if (!moved) return bl_fail_memory(error, wanted * item_bytes);
  *items = moved;
  *capacity = wanted;
  return BL_OK;
}

void bl_buffer_free(bl_buffer *buffer) {
  free(buffer->bytes);
  *buffer = (bl_buffer){0};
}

bl_code bl_buffer_reserve(bl_buffer *buffer, size_t n_more, bl_error *error) {
  if (n_more > SIZE_MAX / 2 - buffer->size) return bl_fail_memory(error, n_more);
  void *bytes = buffer->bytes;
  bl_code code = bl_grow(&bytes, &buffer->capacity, buffer->size + n_more, 1, error);
  buffer->bytes = bytes;
  return code;
}

bl_code bl_buffer_append(bl_buffer *buffer, const void *bytes, size_t n, bl_error *error) {
  if (n == 0) return BL_OK;
  bl_code code = bl_buffer_reserve(buffer, n, error);
  if (code) return code;
  memcpy(buffer->bytes + buffer->size, bytes, n);
  buffer->size += n;
  return BL_OK;
}

bl_code bl_buffer_print(bl_buffer *buffer, const char *text, bl_error *error) {
  return bl_buffer_append(buffer, text, strlen(text), error);
}

void bl_ids_free(bl_ids *ids) {
  free(ids->ids);
  *ids = (bl_ids){0};
}

bl_code bl_ids_append(bl_ids *ids, int32_t id, bl_error *error) {
  void *items = ids->ids;
  bl_code code = bl_grow(&items, &ids->capacity, ids->n + 1, sizeof *ids->ids, error);
  ids->ids = items;
  if (code) return code;
  ids->ids[ids->n++] = id;
  return BL_OK;
}
