/* A tokenizer's vocabulary: which text has which id. */
#ifndef BL_TEXT_VOCAB_H
#define BL_TEXT_VOCAB_H

#include "text/buffer.h"

/* Where a token's bytes are. An id without a token has at == SIZE_MAX. */
typedef struct bl_token {
  size_t at, size;
} bl_token;

/* The text that an id had before it was given another one. */
typedef struct bl_earlier_text {
  bl_token text;
  int32_t id;
} bl_earlier_text;

/* Zero-initialise before first use; free with bl_vocab_free. */
typedef struct bl_vocab {
  bl_buffer bytes;  /* of all tokens, one after the other */
  bl_token *tokens; /* (n_tokens) by id */
  size_t n_tokens;  /* highest id + 1 */
  size_t n_defined; /* texts that ids were given */
  size_t token_capacity;
  bl_earlier_text *earlier; /* (n_earlier) in order of id */
  size_t n_earlier, earlier_capacity;
  int32_t *slots; /* (n_slots) hash table by bytes: an id, -1 for none, or -2 - i for earlier[i] */
  size_t n_slots; /* a power of two */
} bl_vocab;

void bl_vocab_free(bl_vocab *vocab);

/* Makes room for the hash table, before anything is added. */
bl_code bl_vocab_reserve(bl_vocab *vocab, size_t n_tokens, bl_error *error);

/* How many slots a hash table of n items has: the smallest power of two that leaves a third of them
 * free. */
size_t bl_slot_count(size_t n);

/* Gives an id its bytes. When two ids have the same bytes, both can be decoded and the later one is
 * found. An id that has bytes keeps them to be found by and to be merged, and has the new ones as
 * its token: so once at most, and in order of id. id < max_id is the caller's promise. */
bl_code bl_vocab_add(bl_vocab *vocab, int32_t id, const char *bytes, size_t size, bl_error *error);
bool bl_vocab_has(const bl_vocab *vocab, int32_t id);
int32_t bl_vocab_find(const bl_vocab *vocab, const char *bytes, size_t size); /* -1: none */
/* The first bytes that the id was given, which a BPE's merges are about. */
bl_token bl_vocab_first_text(const bl_vocab *vocab, int32_t id);

#endif
