/* malloc and its kin, for the module alone: the linker takes them in place of the library's. That
 * of Emscripten 3.1.6, emmalloc, adds a size to an address and compares the sum, which wraps near 4
 * GB: it gave out blocks that ended beyond memory. Here an end is never computed before the size is
 * known to fit, and the last of memory's 65,536 pages is never asked for, so that no end is 2^32.
 * tests/core/test_wasm_memory.c runs this file over a memory of its own, up to the last byte.
 *
 * Memory is blocks, one right after another. A block has a header of 8 bytes, at an address that is
 * 8 more than a multiple of 16, so that what follows is aligned to 16; its size counts the header
 * and is a multiple of 16. A free block is in a list of those about as large (good fit in two
 * levels: Masmano, Ripoll, Crespo and Real, 2004, "TLSF"), and two free blocks are never
 * neighbours. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 65536, MAX_PAGES = 65535, HEADER = 8, UNIT = 16, N_BINS = 208, FEW = 16 };

/* Bits of a header's size. */
enum { USED = 1, BEFORE_USED = 2, FLAGS = UNIT - 1 };

typedef uint32_t address;

typedef struct block {
  uint32_t size_before;   /* of the block before, while that is free */
  uint32_t size;          /* with flags */
  address next, previous; /* of its list, while it is free; 0 at the ends */
} block;

#ifndef BW_OWN_PAGES
extern char __heap_base;

/* What address 0 is. */
static const uintptr_t memory = 0;

static address heap_base(void) {
  return (address)(uintptr_t)&__heap_base;
}

static uint32_t n_pages(void) {
  return (uint32_t)__builtin_wasm_memory_size(0);
}

static bool add_pages(uint32_t n) {
  return __builtin_wasm_memory_grow(0, n) != SIZE_MAX;
}
#endif

static address lists[N_BINS];
static uint32_t non_empty[(N_BINS + 31) / 32]; /* a bit for each list */
static address end_mark; /* a used block without a payload, after the last; 0 at first */

static block *at(address a) {
  return (block *)(memory + a);
}

static uint32_t size_of(address b) {
  return at(b)->size & ~(uint32_t)FLAGS;
}

static address after(address b) {
  return b + size_of(b);
}

/* Eight lists for each power of two; below 16 units, one for each size. */
static uint32_t bin_of(uint32_t size) {
  uint32_t units = size / UNIT;
  uint32_t shift = units < 8 ? 0 : 28 - (uint32_t)__builtin_clz(units);
  return 8 * shift + (units >> shift);
}

/* ---- lists of free blocks -------------------------------------------------------------------- */

static void take_out(address b) {
  uint32_t bin = bin_of(size_of(b));
  address next = at(b)->next, previous = at(b)->previous;
  if (next) at(next)->previous = previous;
  if (previous)
    at(previous)->next = next;
  else if (!(lists[bin] = next))
    non_empty[bin / 32] &= ~(UINT32_C(1) << bin % 32);
}

/* Makes a free block of `size` bytes at b, joined with free neighbours, and lists it. `flags` says
 * whether the block before is used. */
static void put_in(address b, uint32_t size, uint32_t flags) {
  address next = b + size;
  if (!(at(next)->size & USED)) {
    take_out(next);
    size += size_of(next);
  }
  if (!(flags & BEFORE_USED)) {
    uint32_t more = at(b)->size_before;
    b -= more;
    take_out(b);
    size += more;
  }
  uint32_t bin = bin_of(size);
  address first = lists[bin];
  *at(b) = (block){at(b)->size_before, size | BEFORE_USED, first, 0};
  if (first) at(first)->previous = b;
  lists[bin] = b;
  non_empty[bin / 32] |= UINT32_C(1) << bin % 32;
  at(b + size)->size_before = size;
  at(b + size)->size &= ~(uint32_t)BEFORE_USED;
}

/* The first block of at least `size` bytes among the first n of the list that those of this size
 * are in; 0 for none. */
static address find_among(uint32_t size, uint32_t n) {
  address b = lists[bin_of(size)];
  for (; b && n > 0; b = at(b)->next, n--)
    if (size_of(b) >= size) return b;
  return 0;
}

/* A block from the lists of larger ones, of which every one will do; 0 for none. */
static address find_larger(uint32_t size) {
  for (uint32_t bin = bin_of(size) + 1; bin < N_BINS; bin = (bin / 32 + 1) * 32) {
    uint32_t rest = non_empty[bin / 32] >> bin % 32;
    if (rest) return lists[bin + (uint32_t)__builtin_ctz(rest)];
  }
  return 0;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void begin(void) {
  address first = ((heap_base() + UNIT - 1) & ~(uint32_t)FLAGS) + HEADER;
  end_mark = n_pages() * PAGE - HEADER;
  at(end_mark)->size = USED;
  put_in(first, end_mark - first, BEFORE_USED);
}

/* Adds a free block that ends at memory's new end and has `size` bytes or more. */
static bool grow(uint32_t size) {
  uint32_t flags = at(end_mark)->size;
  uint32_t missing = size - (flags & BEFORE_USED ? 0 : at(end_mark)->size_before);
  uint32_t n = (missing + PAGE - 1) / PAGE, now = n_pages(), left = MAX_PAGES - now;
  if (now >= MAX_PAGES || n > left) return false;
  /* Ahead, so that a row of small requests is not one of growths. */
  uint32_t ahead = now / 8 < 256 ? now / 8 : 256;
  if (ahead > left) ahead = left;
  if (n < ahead && add_pages(ahead))
    n = ahead;
  else if (!add_pages(n))
    return false;
  address b = end_mark;
  end_mark += n * PAGE;
  at(end_mark)->size = USED;
  put_in(b, n * PAGE, flags);
  return true;
}

/* Gives back what a used block has beyond `size` bytes. */
static void cut(address b, uint32_t size) {
  uint32_t rest = size_of(b) - size;
  if (rest == 0) return;
  at(b)->size -= rest;
  put_in(b + size, rest, BEFORE_USED);
}

/* The size of a block for n bytes; 0 when memory can never have it. */
static uint32_t block_size(size_t n) {
  if (n > (size_t)(MAX_PAGES - 16) * PAGE) return 0;
  return ((uint32_t)n + HEADER + UNIT - 1) & ~(uint32_t)FLAGS;
}

/* A used block of `size` bytes; 0 when there is no room. */
static address allocate(uint32_t size) {
  if (size == 0) return 0;
  if (!end_mark) begin();
  address b = find_among(size, FEW);
  if (!b) b = find_larger(size);
  if (!b && grow(size)) b = end_mark - at(end_mark)->size_before;
  if (!b) b = find_among(size, UINT32_MAX);
  if (!b) return 0;
  take_out(b);
  at(b)->size |= USED;
  at(after(b))->size |= BEFORE_USED;
  cut(b, size);
  return b;
}

static void *payload(address b) {
  return b ? (void *)(memory + b + HEADER) : NULL;
}

static address block_of(const void *p) {
  return (address)((uintptr_t)p - memory) - HEADER;
}

/* ---- the library's functions ------------------------------------------------------------------
 */

void *malloc(size_t n) {
  return payload(allocate(block_size(n)));
}

void free(void *p) {
  if (!p) return;
  address b = block_of(p);
  put_in(b, size_of(b), at(b)->size);
}

void *calloc(size_t n, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(n, size, &total)) return NULL;
  void *p = payload(allocate(block_size(total)));
  return p ? memset(p, 0, total) : NULL;
}

void *realloc(void *p, size_t n) {
  if (!p) return malloc(n);
  address b = block_of(p), next = after(b);
  uint32_t size = block_size(n), old = size_of(b);
  if (size == 0) return NULL;
  if (old < size && !(at(next)->size & USED) && size - old <= size_of(next)) {
    take_out(next);
    at(b)->size += size_of(next);
    at(after(b))->size |= BEFORE_USED;
  }
  if (size_of(b) >= size) {
    cut(b, size);
    return p;
  }
  void *moved = malloc(n);
  if (!moved) return NULL;
  memcpy(moved, p, old - HEADER);
  free(p);
  return moved;
}

/* alignment is a power of two, at least 16 and at most a page. */
void *aligned_alloc(size_t alignment, size_t n) {
  uint32_t size = block_size(n);
  address b = size ? allocate(size + (uint32_t)alignment - UNIT) : 0;
  if (!b) return NULL;
  uint32_t gap = -(b + HEADER) & ((uint32_t)alignment - 1);
  if (gap > 0) {
    uint32_t rest = at(b)->size - gap; /* with flags */
    at(b + gap)->size = rest;
    put_in(b, gap, rest);
    b += gap;
  }
  cut(b, size);
  return payload(b);
}
