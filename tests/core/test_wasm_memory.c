/* The module's malloc over 4 GB of address space of its own, of which only what is written to takes
 * memory: whatever is asked for, a block lies inside memory, aligned, apart from all others. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#if UINTPTR_MAX > UINT32_MAX && !defined(_WIN32)
#include <sys/mman.h>

static uintptr_t memory;
static uint32_t pages;

static uint32_t heap_base(void) {
  return 2 << 20;
}

static uint32_t n_pages(void) {
  return pages;
}

static bool add_pages(uint32_t n) {
  if (n > 65536 - pages) return false;
  pages += n;
  return true;
}

#define BW_OWN_PAGES
#define malloc own_malloc
#define calloc own_calloc
#define realloc own_realloc
#define free own_free
#define aligned_alloc own_aligned_alloc
#include "../../wasm/memory.c"
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef aligned_alloc

#define MB ((size_t)1 << 20)

/* An empty memory of 16 MB, as the module has at first. */
static void start(void) {
  memset(lists, 0, sizeof lists);
  memset(non_empty, 0, sizeof non_empty);
  end_mark = 0;
  pages = 256;
}

/* Does a block of n bytes lie in memory, which ends below 4 GB? */
static bool lies_inside(const void *p, size_t n) {
  uint64_t from = (uintptr_t)p - memory, end = (uint64_t)pages * PAGE;
  return from >= heap_base() && from % 16 == 0 && from + n <= end && end < UINT64_C(1) << 32;
}

/* Fills memory with blocks of n bytes until none is left; returns how many there were. */
static int fill(size_t n) {
  int count = 0;
  for (void *p; (p = own_malloc(n)); count++)
    if (!lies_inside(p, n)) return -1;
  return count;
}

static void every_size_up_to_all_of_memory_lies_inside_it(void) {
  for (size_t mb = 1; mb <= 4100; mb++) {
    start();
    size_t n = mb * MB;
    int count = fill(n);
    /* Nearly 4 GB; blocks may share what is left over, a header each and the last page. */
    CHECK_MSG(count >= 0 && (size_t)count == (4094 * MB - PAGE) / (n + 16), "%zu MB: %d blocks", mb,
              count);
  }
}

static void a_free_block_at_the_top_is_not_given_to_who_wants_more(void) {
  for (size_t kept = 64; kept < 4000; kept += 61) {
    for (size_t wanted = kept + 1; wanted < 4300; wanted += 173) {
      start();
      CHECK(lies_inside(own_malloc((4080 - kept) * MB), (4080 - kept) * MB));
      void *top = own_malloc(kept * MB);
      CHECK(lies_inside(top, kept * MB));
      own_free(top);
      void *p = own_malloc(wanted * MB);
      CHECK(!p || lies_inside(p, wanted * MB));
      CHECK(p ? wanted <= kept + 14 : wanted >= kept + 14);
      if (!p) CHECK(own_malloc(kept * MB) == top);
    }
  }
}

static void what_no_memory_holds_is_refused_by_every_function(void) {
  start();
  char *p = own_malloc(100);
  strcpy(p, "kept");
  for (size_t short_of = 0; short_of < 2 * MB; short_of = 2 * short_of + 1) {
    size_t n = UINT32_MAX - short_of;
    CHECK(!own_malloc(n) && !own_calloc(1, n) && !own_realloc(p, n) && !own_aligned_alloc(64, n));
  }
  CHECK(!own_calloc(SIZE_MAX / 2, 3) && !own_calloc(65536, 65536) && !own_malloc(SIZE_MAX));
  CHECK(strcmp(p, "kept") == 0 && pages == 256);
}

static void aligned_blocks_and_moved_ones_near_the_top_lie_inside(void) {
  for (size_t mb = 1; mb < 2000; mb += 7) {
    start();
    char *low = own_malloc(mb * MB);
    while (pages < 60000 && own_malloc(63 * MB)) continue;
    for (void *p; (p = own_aligned_alloc(64, mb * MB));)
      CHECK(lies_inside(p, mb * MB) && ((uintptr_t)p - memory) % 64 == 0);
    while (own_malloc(MB / 4)) continue;
    CHECK(!own_realloc(low, 3000 * MB));
    own_free(low);
    void *again = own_malloc(mb * MB);
    CHECK(again == low && lies_inside(own_realloc(again, mb * MB / 2), mb * MB / 2));
  }
}

/* Of everything in use: where, how much, and the byte it is filled with. */
typedef struct piece {
  uint8_t *bytes;
  size_t n;
  uint8_t fill;
} piece;

static bool is_intact(const piece *p) {
  for (size_t i = 0; i < p->n; i++)
    if (p->bytes[i] != p->fill) return false;
  return true;
}

/* xorshift32: Marsaglia (2003). */
static uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  return *state ^= *state << 5;
}

static void pieces_stay_apart_whatever_comes_and_goes(void) {
  enum { N = 500, STEPS = 200000 };
  static piece pieces[N];
  uint32_t state = 1;
  start();
  memset(pieces, 0, sizeof pieces);
  for (int step = 0; step < STEPS; step++) {
    piece *p = &pieces[next_random(&state) % N];
    size_t n = next_random(&state) % (next_random(&state) % 64 ? 300 : 20000);
    uint32_t how = next_random(&state) % 4;
    if (p->bytes) CHECK(is_intact(p));
    if (p->bytes && how == 0) {
      uint8_t *moved = own_realloc(p->bytes, n);
      for (size_t i = 0; i < n && i < p->n; i++) CHECK(moved[i] == p->fill);
      p->bytes = moved;
    } else {
      own_free(p->bytes);
      p->bytes = how == 1 ? own_calloc(1, n) : how == 2 ? own_aligned_alloc(64, n) : own_malloc(n);
      CHECK(how != 2 || ((uintptr_t)p->bytes - memory) % 64 == 0);
      for (size_t i = 0; how == 1 && i < n; i++) CHECK(p->bytes[i] == 0);
    }
    p->n = n;
    p->fill = (uint8_t)step;
    CHECK(lies_inside(p->bytes, n));
    memset(p->bytes, p->fill, n);
  }
  for (int i = 0; i < N; i++) own_free(pieces[i].bytes);
  /* All is one block again. */
  size_t all = (size_t)pages * PAGE - heap_base() - 64;
  CHECK(pages < 512 && lies_inside(own_malloc(all), all));
}

int main(void) {
  void *space = mmap(NULL, (size_t)1 << 32, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) return 1;
  memory = (uintptr_t)space;
  RUN(every_size_up_to_all_of_memory_lies_inside_it);
  RUN(a_free_block_at_the_top_is_not_given_to_who_wants_more);
  RUN(what_no_memory_holds_is_refused_by_every_function);
  RUN(aligned_blocks_and_moved_ones_near_the_top_lie_inside);
  RUN(pieces_stay_apart_whatever_comes_and_goes);
  return check_result();
}

#else

int main(void) {
  printf("skipped: 4 GB of addresses do not fit\n");
  return 0;
}

#endif
