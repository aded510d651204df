/* Memory that is given back all at once. */
#ifndef BL_BASE_ARENA_H
#define BL_BASE_ARENA_H

#include <stddef.h>

typedef struct bl_arena bl_arena;
bl_arena *bl_arena_new(void); /* NULL: out of memory */
void bl_arena_free(bl_arena *arena);
/* Zeroed, aligned to 16 bytes; NULL when out of memory. */
void *bl_arena_alloc(bl_arena *arena, size_t n_bytes);
/* A NUL-terminated copy of n bytes. */
char *bl_arena_string(bl_arena *arena, const char *bytes, size_t n_bytes);

/* A copy of a string, to be released with free; NULL when out of memory. */
char *bl_copy_string(const char *string);

/* malloc and free with 64-byte alignment, for weights and activations. Not zeroed. */
void *bl_aligned_alloc(size_t n_bytes);
void bl_aligned_free(void *p);

#endif
