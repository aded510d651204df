/* Documents into sequences. Each goes, whole, into the fullest of some open sequences that still
 * has room for it (best fit), so that little is left empty and no document loses its beginning. */
#include "train/packing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Sequences open at a time: with more, less room is left over. */
enum { N_OPEN = 64 };

typedef struct open_sequence {
  bl_train_piece *pieces; /* (n_context) */
  size_t n_pieces;
  int n_used; /* positions */
} open_sequence;

bool bl_train_next_document(const uint16_t *ids, uint64_t n_ids, int32_t end, uint64_t *at,
                            bl_train_document *document) {
  uint64_t first = *at;
  for (uint64_t i = first; i < n_ids; i++) {
    if (ids[i] != end && i + 1 < n_ids) continue;
    *at = i + 1;
    if (i > first) {
      *document = (bl_train_document){first, (uint32_t)(i + 1 - first)};
      return true;
    }
    first = i + 1;
  }
  return false;
}

/* A random order of 0 .. n - 1 (Fisher and Yates), or that order itself for seed 0; NULL without
 * memory. */
static size_t *make_order(size_t n, uint64_t seed) {
  size_t *order = malloc((n + 1) * sizeof *order);
  for (size_t i = 0; order && i < n; i++) order[i] = i;
  for (size_t i = n; order && seed && i > 1; i--) {
    size_t j = (size_t)(bl_random(&seed) % i), kept = order[i - 1];
    order[i - 1] = order[j];
    order[j] = kept;
  }
  return order;
}

/* The list with room for n elements; as it was, and *ok false, without memory. */
static void *grown(void *list, size_t n, size_t size, bool *ok) {
  void *moved = realloc(list, n * size);
  *ok = *ok && moved;
  return moved ? moved : list;
}

static bool close_sequence(bl_train_packing *p, open_sequence *open) {
  bool ok = true;
  if (open->n_pieces == 0) return true;
  if (p->n_pieces + open->n_pieces > p->piece_capacity) {
    const size_t n = (p->n_pieces + open->n_pieces) * 3 / 2 + 1024;
    p->pieces = grown(p->pieces, n, sizeof *p->pieces, &ok);
    if (!ok) return false;
    p->piece_capacity = n;
  }
  if (p->n_sequences == p->sequence_capacity) {
    const size_t n = p->sequence_capacity * 3 / 2 + 1024;
    p->sequences = grown(p->sequences, n, sizeof *p->sequences, &ok);
    p->ends = grown(p->ends, n, sizeof *p->ends, &ok);
    if (!ok) return false;
    p->sequence_capacity = n;
  }
  memcpy(p->pieces + p->n_pieces, open->pieces, open->n_pieces * sizeof *p->pieces);
  p->sequences[p->n_sequences] = p->n_pieces;
  p->n_pieces += open->n_pieces;
  p->ends[p->n_sequences++] = p->n_pieces;
  open->n_pieces = 0;
  open->n_used = 0;
  return true;
}

static bool put_piece(bl_train_packing *p, open_sequence *open, bl_train_piece piece,
                      int n_context) {
  int best = -1, fullest = 0;
  for (int i = 0; i < N_OPEN; i++) {
    bool fits = open[i].n_used + (int)piece.n <= n_context;
    if (fits && (best < 0 || open[i].n_used > open[best].n_used)) best = i;
    if (open[i].n_used > open[fullest].n_used) fullest = i;
  }
  if (best < 0 && !close_sequence(p, &open[best = fullest])) return false;
  open[best].pieces[open[best].n_pieces++] = piece;
  open[best].n_used += (int)piece.n;
  return open[best].n_used < n_context || close_sequence(p, &open[best]);
}

/* Every document into the sequences that are open, which are then closed. `pieces` is (N_OPEN,
 * n_context). */
static bool pack_all(bl_train_packing *p, const bl_train_document *documents, size_t n,
                     const size_t *order, int n_context, bl_train_piece *pieces) {
  open_sequence open[N_OPEN] = {{0}};
  bool ok = true;
  for (int i = 0; i < N_OPEN; i++) open[i].pieces = pieces + (size_t)i * (size_t)n_context;
  for (size_t i = 0; ok && i < n; i++) {
    const bl_train_document *d = &documents[order[i]];
    for (uint32_t at = 0; ok && at + 1 < d->n; at += (uint32_t)n_context) {
      uint32_t left = d->n - 1 - at;
      bl_train_piece piece = {d->first + at,
                              left < (uint32_t)n_context ? left : (uint32_t)n_context};
      ok = put_piece(p, open, piece, n_context);
    }
  }
  for (int i = 0; ok && i < N_OPEN; i++) ok = close_sequence(p, &open[i]);
  return ok;
}

/* Those that closed late are less full than others: they are mixed in. */
static bool mix(bl_train_packing *p, uint64_t seed) {
  size_t *order = make_order(p->n_sequences, seed ? seed + 1 : 0);
  size_t *from = malloc((p->n_sequences + 1) * sizeof *from);
  size_t *to = malloc((p->n_sequences + 1) * sizeof *to);
  const bool ok = order && from && to;
  for (size_t i = 0; ok && i < p->n_sequences; i++) {
    from[i] = p->sequences[order[i]];
    to[i] = p->ends[order[i]];
  }
  if (ok && p->n_sequences > 0) {
    memcpy(p->sequences, from, p->n_sequences * sizeof *from);
    memcpy(p->ends, to, p->n_sequences * sizeof *to);
  }
  free(from);
  free(to);
  free(order);
  return ok;
}

bl_code bl_train_pack(bl_train_packing *p, const bl_train_document *documents, size_t n,
                      int n_context, uint64_t seed, bl_error *error) {
  p->n_pieces = p->n_sequences = 0;
  const size_t n_bytes = N_OPEN * (size_t)n_context * sizeof(bl_train_piece);
  bl_train_piece *pieces = malloc(n_bytes);
  size_t *order = make_order(n, seed);
  const bool ok =
      pieces && order && pack_all(p, documents, n, order, n_context, pieces) && mix(p, seed);
  free(pieces);
  free(order);
  return ok ? BL_OK : bl_fail_memory(error, n_bytes);
}

bl_code bl_train_pack_pass(bl_train_packing *packing, const bl_train_document *documents, size_t n,
                           int n_context, uint64_t seed, uint64_t pass, bl_error *error) {
  /* Odd: never 0, which would be the order of the texts. */
  return bl_train_pack(packing, documents, n, n_context, (seed + pass) * 0x9e3779b97f4a7c15u | 1,
                       error);
}

void bl_train_packing_free(bl_train_packing *packing) {
  free(packing->pieces);
  free(packing->sequences);
  free(packing->ends);
  *packing = (bl_train_packing){0};
}

void bl_train_fill_row(const bl_train_packing *packing, size_t sequence, const uint16_t *corpus,
                       int32_t end, int n_context, int32_t *ids, int32_t *targets,
                       int32_t *starts) {
  int at = 0;
  for (size_t i = packing->sequences[sequence]; i < packing->ends[sequence]; i++) {
    const bl_train_piece *piece = &packing->pieces[i];
    int start = at;
    for (uint32_t j = 0; j < piece->n; j++, at++) {
      ids[at] = corpus[piece->first + j];
      targets[at] = corpus[piece->first + j + 1];
      starts[at] = start;
    }
  }
  for (; at < n_context; at++) {
    ids[at] = end;
    targets[at] = -1;
    starts[at] = at;
  }
}
