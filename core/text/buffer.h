/* Growing arrays of bytes and of ids. */
#ifndef BL_TEXT_BUFFER_H
#define BL_TEXT_BUFFER_H

#include "base/error.h"

/* Zero-initialise before first use; free with bl_buffer_free. */
typedef struct bl_buffer {
  char *bytes;
  size_t size, capacity;
} bl_buffer;

void bl_buffer_free(bl_buffer *buffer);
bl_code bl_buffer_reserve(bl_buffer *buffer, size_t n_more, bl_error *error);
bl_code bl_buffer_append(bl_buffer *buffer, const void *bytes, size_t n, bl_error *error);
bl_code bl_buffer_print(bl_buffer *buffer, const char *text, bl_error *error); /* a C string */

typedef struct bl_ids {
  int32_t *ids;
  size_t n, capacity;
} bl_ids;

void bl_ids_free(bl_ids *ids);
bl_code bl_ids_append(bl_ids *ids, int32_t id, bl_error *error);

/* Makes room for at least n_items items of item_bytes each in *items, at least doubling it; *items
 * may move. *capacity is in items. */
bl_code bl_grow(void **items, size_t *capacity, size_t n_items, size_t item_bytes, bl_error *error);

#endif
