/* Documents into sequences. Each goes, whole, into the fullest of some open sequences that still
 * has room for it (best fit), so that little is left empty and no document loses its beginning. */
#include <stdlib.h>
#include <string.h>

#include "train.h"

/* Sequences open at a time: with more, less room is left over. */
enum { N_OPEN = 64 };

typedef struct open_sequence {
  cli_piece *pieces; /* (n_context) */
  size_t n_pieces;
  int n_used; /* positions */
} open_sequence;

/* A random order of 0 .. n - 1 (Fisher and Yates), or that order itself for seed 0. */
static size_t *make_order(size_t n, uint64_t seed) {
  size_t *order = cli_alloc((n + 1) * sizeof *order);
  for (size_t i = 0; i < n; i++) order[i] = i;
  for (size_t i = n; seed && i > 1; i--) {
    size_t j = (size_t)(bl_random(&seed) % i), kept = order[i - 1];
    order[i - 1] = order[j];
    order[j] = kept;
  }
  return order;
}

static void close_sequence(cli_packing *p, open_sequence *open) {
  if (open->n_pieces == 0) return;
  if (p->n_pieces + open->n_pieces > p->piece_capacity) {
    p->piece_capacity = (p->n_pieces + open->n_pieces) * 3 / 2 + 1024;
    p->pieces = cli_grow(p->pieces, p->piece_capacity * sizeof *p->pieces);
  }
  if (p->n_sequences == p->sequence_capacity) {
    p->sequence_capacity = p->sequence_capacity * 3 / 2 + 1024;
    p->sequences = cli_grow(p->sequences, p->sequence_capacity * sizeof *p->sequences);
    p->ends = cli_grow(p->ends, p->sequence_capacity * sizeof *p->ends);
  }
  memcpy(p->pieces + p->n_pieces, open->pieces, open->n_pieces * sizeof *p->pieces);
  p->sequences[p->n_sequences] = p->n_pieces;
  p->n_pieces += open->n_pieces;
  p->ends[p->n_sequences++] = p->n_pieces;
  open->n_pieces = 0;
  open->n_used = 0;
}

static void put_piece(cli_packing *p, open_sequence *open, cli_piece piece, int n_context) {
  int best = -1, fullest = 0;
  for (int i = 0; i < N_OPEN; i++) {
    bool fits = open[i].n_used + (int)piece.n <= n_context;
    if (fits && (best < 0 || open[i].n_used > open[best].n_used)) best = i;
    if (open[i].n_used > open[fullest].n_used) fullest = i;
  }
  if (best < 0) close_sequence(p, &open[best = fullest]);
  open[best].pieces[open[best].n_pieces++] = piece;
  open[best].n_used += (int)piece.n;
  if (open[best].n_used == n_context) close_sequence(p, &open[best]);
}

void cli_pack(cli_packing *p, const cli_document *documents, size_t n, int n_context,
              uint64_t seed) {
  open_sequence open[N_OPEN] = {{0}};
  p->n_pieces = p->n_sequences = 0;
  for (int i = 0; i < N_OPEN; i++) {
    open[i].pieces = cli_alloc((size_t)n_context * sizeof *open[i].pieces);
  }
  size_t *order = make_order(n, seed);
  for (size_t i = 0; i < n; i++) {
    const cli_document *d = &documents[order[i]];
    for (uint32_t at = 0; at + 1 < d->n; at += (uint32_t)n_context) {
      uint32_t left = d->n - 1 - at;
      cli_piece piece = {d->first + at, left < (uint32_t)n_context ? left : (uint32_t)n_context};
      put_piece(p, open, piece, n_context);
    }
  }
  for (int i = 0; i < N_OPEN; i++) {
    close_sequence(p, &open[i]);
    free(open[i].pieces);
  }
  free(order);

  /* Those that closed late are less full than others: they are mixed in. */
  order = make_order(p->n_sequences, seed ? seed + 1 : 0);
  size_t *from = cli_alloc((p->n_sequences + 1) * sizeof *from);
  size_t *to = cli_alloc((p->n_sequences + 1) * sizeof *to);
  for (size_t i = 0; i < p->n_sequences; i++) {
    from[i] = p->sequences[order[i]];
    to[i] = p->ends[order[i]];
  }
  memcpy(p->sequences, from, p->n_sequences * sizeof *from);
  memcpy(p->ends, to, p->n_sequences * sizeof *to);
  free(from);
  free(to);
  free(order);
}

void cli_packing_free(cli_packing *packing) {
  free(packing->pieces);
  free(packing->sequences);
  free(packing->ends);
  *packing = (cli_packing){0};
}

void cli_fill_row(const cli_packing *packing, size_t sequence, const cli_corpus *corpus,
                  int32_t end, int n_context, int32_t *ids, int32_t *targets, int32_t *starts) {
  int at = 0;
  for (size_t i = packing->sequences[sequence]; i < packing->ends[sequence]; i++) {
    const cli_piece *piece = &packing->pieces[i];
    int start = at;
    for (uint32_t j = 0; j < piece->n; j++, at++) {
      ids[at] = corpus->ids[piece->first + j];
      targets[at] = corpus->ids[piece->first + j + 1];
      starts[at] = start;
    }
  }
  for (; at < n_context; at++) { /* what is left over sees itself and counts for nothing */
    ids[at] = end;
    targets[at] = -1;
    starts[at] = at;
  }
}
