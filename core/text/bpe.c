/* Byte-pair encoding: the hash table of merges, and the loop over the best pair. */
#include "text/bpe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/unicode.h"

/* One piece of a word while it is being merged; a merged-away one has id -1. */
struct bl_symbol {
  int32_t id;
  int32_t previous, next; /* index, or -1 */
};

/* A possible merge of the symbol at `at` with the one after it. */
struct bl_candidate {
  uint64_t order; /* rank << 32 | at: the lowest rank first, then the leftmost */
  int32_t id;     /* what it would give: a candidate is stale when its pair now gives another */
};

void bl_bpe_free(bl_bpe *bpe) {
  free(bpe->merges);
  *bpe = (bl_bpe){0};
}

void bl_bpe_work_free(bl_bpe_work *work) {
  free(work->symbols);
  free(work->heap);
  *work = (bl_bpe_work){0};
}

/* ---- merges ---- */

static uint64_t hash_pair(uint64_t pair) {
  pair *= 0x9e3779b97f4a7c15u;
  return pair ^ pair >> 32;
}

bl_code bl_bpe_reserve(bl_bpe *bpe, size_t n_merges, bl_error *error) {
  bpe->n_merge_slots = bl_slot_count(n_merges);
  bpe->merges = malloc(bpe->n_merge_slots * sizeof *bpe->merges);
  if (!bpe->merges) return bl_fail_memory(error, bpe->n_merge_slots * sizeof *bpe->merges);
  for (size_t i = 0; i < bpe->n_merge_slots; i++) bpe->merges[i] = (bl_merge){0, 0, -1};
  bpe->unknown = -1;
  return BL_OK;
}

static size_t find_merge_slot(const bl_bpe *bpe, uint64_t pair) {
  size_t mask = bpe->n_merge_slots - 1, i = (size_t)hash_pair(pair) & mask;
  while (bpe->merges[i].id >= 0 && bpe->merges[i].pair != pair) i = (i + 1) & mask;
  return i;
}

const bl_merge *bl_bpe_find_merge(const bl_bpe *bpe, int32_t left, int32_t right) {
  const bl_merge *m =
      &bpe->merges[find_merge_slot(bpe, (uint64_t)(uint32_t)left << 32 | (uint32_t)right)];
  return m->id >= 0 ? m : NULL;
}

static int by_rank(const void *a, const void *b) {
  const bl_merge *x = a, *y = b;
  if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
  return (x->pair > y->pair) - (x->pair < y->pair);
}

bl_code bl_bpe_list_merges(const bl_bpe *bpe, bl_merge **merges, bl_error *error) {
  bl_merge *list = malloc((bpe->n_merges + 1) * sizeof *list);
  if (!list) return bl_fail_memory(error, (bpe->n_merges + 1) * sizeof *list);
  size_t n = 0;
  for (size_t i = 0; i < bpe->n_merge_slots; i++)
    if (bpe->merges[i].id >= 0) list[n++] = bpe->merges[i];
  qsort(list, n, sizeof *list, by_rank);
  *merges = list;
  return BL_OK;
}

/* Doubles the merge table. */
static bl_code grow_merges(bl_bpe *bpe, bl_error *error) {
  bl_merge *old = bpe->merges;
  size_t n_old = bpe->n_merge_slots, n_new = n_old * 2;
  bl_merge *merges = malloc(n_new * sizeof *merges);
  if (!merges) return bl_fail_memory(error, n_new * sizeof *merges);
  for (size_t i = 0; i < n_new; i++) merges[i] = (bl_merge){0, 0, -1};
  bpe->merges = merges;
  bpe->n_merge_slots = n_new;
  for (size_t i = 0; i < n_old; i++)
    if (old[i].id >= 0) merges[find_merge_slot(bpe, old[i].pair)] = old[i];
  free(old);
  return BL_OK;
}

bl_code bl_bpe_add_merge(bl_bpe *bpe, int32_t left, int32_t right, uint32_t rank, int32_t id,
                         bl_error *error) {
  if (bpe->n_merges + 1 > bpe->n_merge_slots / 4 * 3) {
    bl_code code = grow_merges(bpe, error);
    if (code) return code;
  }
  uint64_t pair = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
  bl_merge *m = &bpe->merges[find_merge_slot(bpe, pair)];
  if (m->id < 0) bpe->n_merges++;
  *m = (bl_merge){pair, rank, id};
  return BL_OK;
}

void bl_bpe_finish(bl_bpe *bpe, const bl_vocab *vocab) {
  for (int i = 0; i < 256; i++) {
    char name[8];
    snprintf(name, sizeof name, "<0x%02X>", (unsigned)i);
    bpe->byte_ids[i] = bl_vocab_find(vocab, name, 6);
  }
  for (int i = 0; i < 512; i++) {
    char bytes[4];
    bpe->char_ids[i] = bl_vocab_find(vocab, bytes, bl_utf8_encode((uint32_t)i, bytes));
  }
}

/* ---- encoding a word ---- */

static void heap_push(bl_bpe_work *work, size_t *n, struct bl_candidate c) {
  size_t i = (*n)++;
  while (i > 0 && work->heap[(i - 1) / 2].order > c.order) {
    work->heap[i] = work->heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  work->heap[i] = c;
}

static struct bl_candidate heap_pop(bl_bpe_work *work, size_t *n) {
  struct bl_candidate top = work->heap[0], last = work->heap[--*n];
  size_t i = 0;
  for (size_t child; (child = 2 * i + 1) < *n; i = child) {
    if (child + 1 < *n && work->heap[child + 1].order < work->heap[child].order) child++;
    if (work->heap[child].order >= last.order) break;
    work->heap[i] = work->heap[child];
  }
  work->heap[i] = last;
  return top;
}

static void push_pair(const bl_bpe *bpe, bl_bpe_work *work, size_t *n_heap, int32_t left) {
  const struct bl_symbol *s = work->symbols;
  if (left < 0 || s[left].next < 0) return;
  const bl_merge *m = bl_bpe_find_merge(bpe, s[left].id, s[s[left].next].id);
  if (m)
    heap_push(work, n_heap, (struct bl_candidate){(uint64_t)m->rank << 32 | (uint32_t)left, m->id});
}

static int32_t char_id(const bl_bpe *bpe, const bl_vocab *vocab, uint32_t cp, const char *bytes,
                       size_t size) {
  return cp < 512 ? bpe->char_ids[cp] : bl_vocab_find(vocab, bytes, size);
}

static void add_symbol(bl_bpe_work *work, size_t *n, int32_t id) {
  work->symbols[*n] = (struct bl_symbol){id, (int32_t)*n - 1, (int32_t)*n + 1};
  ++*n;
}

/* Whether each of the bytes has a <0xNN> token. */
static bool can_fall_back(const bl_bpe *bpe, const char *bytes, size_t size) {
  if (!bpe->byte_fallback) return false;
  for (size_t i = 0; i < size; i++)
    if (bpe->byte_ids[(uint8_t)bytes[i]] < 0) return false;
  return true;
}

/* Writes the symbols of single characters; returns their number, at most `size`. An unknown token
 * is held back until the next known character, also past characters that fall back to bytes, which
 * is the order in which `tokenizers` writes them. */
static size_t first_symbols(const bl_bpe *bpe, const bl_vocab *vocab, bl_bpe_work *work,
                            const char *word, size_t size) {
  size_t n = 0, length;
  bool unknown_waits = false;
  for (size_t at = 0; at < size; at += length) {
    uint32_t cp = bl_utf8_decode(word, size, at, &length);
    int32_t id = cp == BL_BAD_UTF8 ? -1 : char_id(bpe, vocab, cp, word + at, length);
    if (id >= 0) {
      if (unknown_waits) add_symbol(work, &n, bpe->unknown);
      unknown_waits = false;
      add_symbol(work, &n, id);
    } else if (can_fall_back(bpe, word + at, length)) {
      for (size_t i = 0; i < length; i++)
        add_symbol(work, &n, bpe->byte_ids[(uint8_t)word[at + i]]);
    } else if (bpe->unknown >= 0) {
      if (unknown_waits && !bpe->fuse_unknown) add_symbol(work, &n, bpe->unknown);
      unknown_waits = true;
    }
  }
  if (unknown_waits) add_symbol(work, &n, bpe->unknown);
  if (n > 0) work->symbols[n - 1].next = -1;
  return n;
}

static bl_code make_room(bl_bpe_work *work, size_t size, bl_error *error) {
  void *symbols = work->symbols, *heap = work->heap;
  bl_code code = bl_grow(&symbols, &work->symbol_capacity, size, sizeof *work->symbols, error);
  work->symbols = symbols;
  /* A merge takes one candidate off the heap and adds at most two, and there are fewer merges than
   * symbols. */
  if (!code) code = bl_grow(&heap, &work->heap_capacity, 2 * size, sizeof *work->heap, error);
  work->heap = heap;
  return code;
}

bl_code bl_bpe_encode(const bl_bpe *bpe, const bl_vocab *vocab, bl_bpe_work *work, const char *word,
                      size_t size, bl_ids *ids, bl_error *error) {
  if (size == 0) return BL_OK;
  if (size > INT32_MAX / 2)
    return bl_fail(error, BL_ERR_ARGUMENT, "a text of %zu bytes is too long to encode", size);
  if (bpe->ignore_merges) {
    int32_t id = bl_vocab_find(vocab, word, size);
    if (id >= 0) return bl_ids_append(ids, id, error);
  }
  bl_code code = make_room(work, size, error);
  if (code) return code;
  struct bl_symbol *s = work->symbols;
  size_t n = first_symbols(bpe, vocab, work, word, size), n_heap = 0;
  for (size_t i = 0; i + 1 < n; i++) push_pair(bpe, work, &n_heap, (int32_t)i);
  while (n_heap > 0) {
    struct bl_candidate c = heap_pop(work, &n_heap);
    int32_t left = (int32_t)(uint32_t)c.order, right = s[left].next;
    if (s[left].id < 0 || right < 0) continue;
    const bl_merge *m = bl_bpe_find_merge(bpe, s[left].id, s[right].id);
    if (!m || m->id != c.id) continue;
    s[left].id = m->id;
    s[left].next = s[right].next;
    if (s[right].next >= 0) s[s[right].next].previous = left;
    s[right].id = -1;
    push_pair(bpe, work, &n_heap, s[left].previous);
    push_pair(bpe, work, &n_heap, left);
  }
  for (int32_t i = n > 0 ? 0 : -1; !code && i >= 0; i = s[i].next)
    code = bl_ids_append(ids, s[i].id, error);
  return code;
}
