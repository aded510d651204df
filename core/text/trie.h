/* A tree of the tokens of a vocabulary by their bytes, to find those that a text begins with. */
#ifndef BL_TEXT_TRIE_H
#define BL_TEXT_TRIE_H

#include "text/vocab.h"

/* Nodes lie level by level, so that the children of node i are [first[i], first[i + 1]), in order
 * of their labels. Node 0 is the root. Zero-initialise before first use; free with bl_trie_free. */
typedef struct bl_trie {
  uint32_t *first; /* (n_nodes + 1) */
  uint8_t *labels; /* (n_nodes) the byte that leads to a node */
  int32_t *ids;    /* (n_nodes) of the token that ends there, or -1 */
  size_t n_nodes;
  uint32_t begin[256]; /* the root's child for a byte, or 0 */
} bl_trie;

/* Makes the tree of all tokens that a vocabulary has so far. It has at most one node for each of
 * their bytes, which may be 2^31. */
bl_code bl_trie_make(bl_trie *trie, const bl_vocab *vocab, bl_error *error);
void bl_trie_free(bl_trie *trie);

/* The child of a node for a byte; 0: none. */
static inline uint32_t bl_trie_child(const bl_trie *trie, uint32_t node, uint8_t byte) {
  if (node == 0) return trie->begin[byte];
  uint32_t low = trie->first[node], high = trie->first[node + 1];
  while (high - low > 8) {
    uint32_t middle = low + (high - low) / 2;
    if (trie->labels[middle] <= byte)
      low = middle;
    else
      high = middle;
  }
  for (; low < high; low++)
    if (trie->labels[low] == byte) return low;
  return 0;
}

/* How many nodes all searches in a text of `size` bytes may visit: beyond that a vocabulary was
 * made to be slow. */
static inline uint64_t bl_trie_budget(size_t size) {
  return 1000000 + (uint64_t)size * 300;
}
bl_code bl_trie_too_slow(bl_error *error);

#endif
