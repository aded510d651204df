/* What the two parsers share while they build a bl_index. */
#ifndef BL_FORMAT_INDEX_BUILD_H
#define BL_FORMAT_INDEX_BUILD_H

#include "base/arena.h"
#include "format/index.h"

/* An empty index with its arena; NULL when out of memory. Free with bl_index_free. */
bl_index *bl_index_new(const char *file_name, bl_container container);

/* Room for `count` zeroed items in the index's arena; fails with BL_ERR_MEMORY. */
bl_code bl_index_array(bl_index *index, uint64_t count, size_t item_size, void **array,
                       bl_error *error);
/* A NUL-terminated copy in the arena. */
bl_code bl_index_text(bl_index *index, const char *bytes, size_t size, const char **text,
                      bl_error *error);

/* The first 120 characters of a string as one line of well-formed UTF-8: controls and stray bytes
 * are '?', and an ellipsis stands for the rest. */
bl_code bl_index_print(bl_index *index, bl_str string, const char **printed, bl_error *error);

/* Sets size_bytes from the type and the dimensions; refuses a product that overflows and a number
 * of elements that is not whole blocks. */
bl_code bl_entry_set_size(const char *file_name, bl_entry *entry, bl_error *error);

/* Puts the entries in order of offset; refuses two tensors or two metadata keys of one name, and
 * tensors that overlap. */
bl_code bl_index_sort(bl_index *index, bl_error *error);

/* NULL: no such type. */
const bl_type *bl_safetensors_type(const char *name, size_t size);
const bl_type *bl_gguf_type(uint32_t number);
/* ggml's number of the type that a codec's bytes are; false when GGUF has none. */
bool bl_gguf_type_of_codec(const char *codec, uint32_t *number);

#endif
