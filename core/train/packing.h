/* Documents into the sequences of batches. */
#ifndef BL_TRAIN_PACKING_H
#define BL_TRAIN_PACKING_H

#include "bitloss.h"

/* A document, as a range of a corpus's tokens. */
typedef struct bl_train_document {
  uint64_t first; /* token */
  uint32_t n;     /* tokens, its end counted */
} bl_train_document;

/* The first document at *at or later, which is moved past its end; false where there is none. A
 * document ends with token `end`, or with the corpus; one without anything before its end teaches
 * nothing and is left out. */
bool bl_train_next_document(const uint16_t *ids, uint64_t n_ids, int32_t end, uint64_t *at,
                            bl_train_document *document);

/* What a document, or a part of one that is longer than a sequence, puts into one. */
typedef struct bl_train_piece {
  uint64_t first; /* token of the corpus */
  uint32_t n;     /* positions; the token after the last one is its target */
} bl_train_piece;

/* Documents in an order, packed whole into sequences. Zeros before the first bl_train_pack. */
typedef struct bl_train_packing {
  bl_train_piece *pieces;
  size_t n_pieces, piece_capacity;
  size_t *sequences; /* where each one's pieces begin, in the order of use; n_sequences of them */
  size_t *ends;      /* and end */
  size_t n_sequences, sequence_capacity;
} bl_train_packing;

/* Packs documents[0 .. n) into sequences of n_context positions, shuffled when `seed` is not 0, in
 * the place of what was packed before. A document stands in one sequence, unless it is longer than
 * one. The packing is to be freed also after an error. */
bl_code bl_train_pack(bl_train_packing *packing, const bl_train_document *documents, size_t n,
                      int n_context, uint64_t seed, bl_error *error);
/* The same, of a pass over the documents, 0 the first: each is shuffled with a seed of its own. */
bl_code bl_train_pack_pass(bl_train_packing *packing, const bl_train_document *documents, size_t n,
                           int n_context, uint64_t seed, uint64_t pass, bl_error *error);
void bl_train_packing_free(bl_train_packing *packing);
/* Writes one sequence as a row of a bl_train_batch; what it leaves free sees itself and counts for
 * nothing. */
void bl_train_fill_row(const bl_train_packing *packing, size_t sequence, const uint16_t *corpus,
                       int32_t end, int n_context, int32_t *ids, int32_t *targets, int32_t *starts);

#endif
