/* Memory that is given back all at once, cut from blocks of 64 KB or of one large request. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536u
#define ALIGN 16u

typedef struct block {
  struct block *next;
  size_t used, capacity;
} block;

struct bl_arena {
  block *blocks;
};

bl_arena *bl_arena_new(void) {
  return calloc(1, sizeof(bl_arena));
}

void bl_arena_free(bl_arena *arena) {
  if (!arena) return;
  for (block *b = arena->blocks; b;) {
    block *next = b->next;
    free(b);
    b = next;
  }
  free(arena);
}

void *bl_arena_alloc(bl_arena *arena, size_t n_bytes) {
  if (n_bytes > SIZE_MAX / 2) return NULL;
  size_t n = (n_bytes + ALIGN - 1) / ALIGN * ALIGN;
  block *b = arena->blocks;
  if (!b || b->capacity - b->used < n) {
    size_t capacity = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    b = calloc(1, sizeof *b + ALIGN + capacity);
    if (!b) return NULL;
    b->capacity = capacity;
    b->next = arena->blocks;
    arena->blocks = b;
  }
  /* calloc may align to less than 16 bytes (it does in wasm), so the start is rounded up. */
  uintptr_t start = ((uintptr_t)b + sizeof *b + ALIGN - 1) / ALIGN * ALIGN;
  void *p = (void *)(start + b->used);
  b->used += n;
  return p;
}

char *bl_arena_string(bl_arena *arena, const char *bytes, size_t n_bytes) {
  char *copy = n_bytes < SIZE_MAX ? bl_arena_alloc(arena, n_bytes + 1) : NULL;
  if (copy && n_bytes) memcpy(copy, bytes, n_bytes);
  return copy;
}

char *bl_copy_string(const char *string) {
  size_t n_bytes = strlen(string) + 1;
  char *copy = malloc(n_bytes);
  if (copy) memcpy(copy, string, n_bytes);
  return copy;
}

void *bl_aligned_alloc(size_t n_bytes) {
  if (n_bytes > SIZE_MAX - 64) return NULL;
  return aligned_alloc(64, (n_bytes + 63) / 64 * 64 + (n_bytes == 0 ? 64 : 0));
}

void bl_aligned_free(void *p) {
  free(p);
}
