/* Byte-pair encoding: the merges of a vocabulary, and the loop that applies them to a word. */
#ifndef BL_TEXT_BPE_H
#define BL_TEXT_BPE_H

#include "text/vocab.h"

typedef struct bl_merge {
  uint64_t pair; /* left id << 32 | right id */
  uint32_t rank; /* lower goes first */
  int32_t id;    /* what the pair becomes; -1 in an empty slot */
} bl_merge;

/* Zero-initialise before first use; free with bl_bpe_free. */
typedef struct bl_bpe {
  bl_merge *merges; /* (n_merge_slots) hash table by pair */
  size_t n_merge_slots, n_merges;
  bool
      byte_fallback; /* an unknown character becomes <0xNN> tokens, where the vocabulary has them */
  bool fuse_unknown; /* a run of unknown characters becomes one unknown token */
  bool ignore_merges;    /* a word that is a token is that token, whatever the merges say */
  int32_t unknown;       /* the token for an unknown character; -1: it is left out */
  int32_t byte_ids[256]; /* of <0xNN>, or -1 */
  int32_t char_ids[512]; /* of the first characters, or -1: saves most look-ups */
} bl_bpe;

void bl_bpe_free(bl_bpe *bpe);

/* Makes room for the hash table, before anything is added. */
bl_code bl_bpe_reserve(bl_bpe *bpe, size_t n_merges, bl_error *error);

/* Adds or replaces the merge of a pair. */
bl_code bl_bpe_add_merge(bl_bpe *bpe, int32_t left, int32_t right, uint32_t rank, int32_t id,
                         bl_error *error);

/* The merge of a pair; NULL: none. */
const bl_merge *bl_bpe_find_merge(const bl_bpe *bpe, int32_t left, int32_t right);
/* All merges in order of rank, those of one rank by pair; allocated with malloc. */
bl_code bl_bpe_list_merges(const bl_bpe *bpe, bl_merge **merges, bl_error *error);

/* Fills byte_ids and char_ids, after all tokens are added. */
void bl_bpe_finish(bl_bpe *bpe, const bl_vocab *vocab);

/* Work space of bl_bpe_encode, reused from word to word. Zero-initialise. */
typedef struct bl_bpe_work {
  struct bl_symbol *symbols;
  struct bl_candidate *heap;
  size_t symbol_capacity, heap_capacity;
} bl_bpe_work;
void bl_bpe_work_free(bl_bpe_work *work);

/* Appends the ids of one word (no further splits) to `ids`. Time grows as n log n in its length. */
bl_code bl_bpe_encode(const bl_bpe *bpe, const bl_vocab *vocab, bl_bpe_work *work, const char *word,
                      size_t size, bl_ids *ids, bl_error *error);

#endif
