/* Writing the header of a GGUF file, version 3: metadata, then the list of tensors; their bytes
 * follow it. Layout as in the GGUF specification of ggml (docs/gguf.md). */
#ifndef BL_FORMAT_GGUF_WRITE_H
#define BL_FORMAT_GGUF_WRITE_H

#include "base/error.h"

/* Bytes at which every tensor begins: what a file without general.alignment has. */
#define BL_GGUF_ALIGNMENT 32u

/* A header in the making: metadata first, then the tensors in the order of their bytes. The first
 * failure is kept in `code`, and whatever is added after it does nothing, so that only
 * bl_gguf_finish needs to be checked. Start from {.error = error}; free with bl_gguf_discard. */
typedef struct bl_gguf_header {
  uint8_t *bytes;
  size_t size, capacity;
  uint64_t n_meta, n_tensors;
  uint64_t data_size; /* of the tensors so far, each padded to the alignment */
  bl_code code;
  bl_error *error;
} bl_gguf_header;

void bl_gguf_put_u32(bl_gguf_header *header, const char *key, uint32_t value);
void bl_gguf_put_i32(bl_gguf_header *header, const char *key, int32_t value);
void bl_gguf_put_f32(bl_gguf_header *header, const char *key, float value);
void bl_gguf_put_bool(bl_gguf_header *header, const char *key, bool value);
void bl_gguf_put_string(bl_gguf_header *header, const char *key, const char *bytes, size_t size);

/* Begins an array of n items, all of which are then added with bl_gguf_item_*. */
typedef enum bl_gguf_item { BL_GGUF_I32 = 5, BL_GGUF_F32 = 6, BL_GGUF_STRING = 8 } bl_gguf_item;
void bl_gguf_put_array(bl_gguf_header *header, const char *key, bl_gguf_item item, uint64_t n);
void bl_gguf_item_i32(bl_gguf_header *header, int32_t value);
void bl_gguf_item_f32(bl_gguf_header *header, float value);
void bl_gguf_item_string(bl_gguf_header *header, const char *bytes, size_t size);

/* Adds all the metadata of another header, which has no tensors. */
void bl_gguf_put_all(bl_gguf_header *header, const bl_gguf_header *other);

/* Lists a tensor of size_bytes bytes; dims (n_dims) are outermost first, `type` is ggml's number.
 * Its bytes begin where those of the tensor before it end, after bl_gguf_padding of them. */
void bl_gguf_put_tensor(bl_gguf_header *header, const char *name, uint32_t type, int n_dims,
                        const int64_t *dims, uint64_t size_bytes);

/* Zeros between the end of so many bytes and the next multiple of the alignment. */
uint32_t bl_gguf_padding(uint64_t size_bytes);

/* Completes the header, with the padding up to the first tensor, and hands its bytes over; they are
 * allocated with malloc. */
bl_code bl_gguf_finish(bl_gguf_header *header, char **bytes, size_t *size);
void bl_gguf_discard(bl_gguf_header *header);

#endif
