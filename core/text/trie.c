/* Making the tree of tokens: level by level from the sorted list. */
#include "text/trie.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
  const uint8_t *bytes;
  size_t size;
  int32_t id;
} entry;

static int by_bytes(const void *a, const void *b) {
  const entry *x = a, *y = b;
  size_t n = x->size < y->size ? x->size : y->size;
  int order = n ? memcmp(x->bytes, y->bytes, n) : 0;
  if (order) return order;
  if (x->size != y->size) return x->size < y->size ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

void bl_trie_free(bl_trie *trie) {
  free(trie->first);
  free(trie->labels);
  free(trie->ids);
  *trie = (bl_trie){0};
}

bl_code bl_trie_too_slow(bl_error *error) {
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "the tokenizer's vocabulary takes too long to search on this text");
}

/* The tokens in order, each text once: of several with one text the last. */
static bl_code sort_tokens(const bl_vocab *vocab, entry **list, size_t *n, bl_error *error) {
  entry *all = malloc((vocab->n_tokens + 1) * sizeof *all);
  size_t count = 0, kept = 0;
  if (!all) return bl_fail_memory(error, (vocab->n_tokens + 1) * sizeof *all);
  for (size_t id = 0; id < vocab->n_tokens; id++) {
    bl_token t = vocab->tokens[id];
    if (t.at == SIZE_MAX || t.size == 0) continue;
    all[count++] = (entry){(const uint8_t *)vocab->bytes.bytes + t.at, t.size, (int32_t)id};
  }
  qsort(all, count, sizeof *all, by_bytes);
  for (size_t i = 0; i < count; i++) {
    bool again = i + 1 < count && all[i].size == all[i + 1].size &&
                 memcmp(all[i].bytes, all[i + 1].bytes, all[i].size) == 0;
    if (!again) all[kept++] = all[i];
  }
  *list = all;
  *n = kept;
  return BL_OK;
}

/* The tokens [low, high) begin with the bytes that lead to a node. */
typedef struct range {
  size_t low, high;
} range;

/* What is being made. */
typedef struct making {
  bl_trie *trie;
  const entry *list;
  range *level, *next;    /* of the nodes of a level, and of those of the next */
  size_t n_level, n_next; /* at most as many as tokens */
  size_t capacities[3];   /* of the tree's arrays */
  bl_error *error;
} making;

static bl_code add_node(making *m, uint8_t label) {
  bl_trie *trie = m->trie;
  size_t n = trie->n_nodes;
  void *first = trie->first, *labels = trie->labels, *ids = trie->ids;
  if (n >= INT32_MAX) return bl_fail_memory(m->error, n * sizeof *trie->first);
  bl_code code = bl_grow(&first, &m->capacities[0], n + 2, sizeof *trie->first, m->error);
  trie->first = first;
  if (!code) code = bl_grow(&labels, &m->capacities[1], n + 1, sizeof *trie->labels, m->error);
  trie->labels = labels;
  if (!code) code = bl_grow(&ids, &m->capacities[2], n + 1, sizeof *trie->ids, m->error);
  trie->ids = ids;
  if (code) return code;
  trie->labels[n] = label;
  trie->ids[n] = -1;
  trie->n_nodes++;
  return BL_OK;
}

/* Adds the children of a node at this depth. */
static bl_code add_children(making *m, size_t node, range r, size_t depth) {
  if (m->list[r.low].size == depth) m->trie->ids[node] = m->list[r.low++].id;
  m->trie->first[node] = (uint32_t)m->trie->n_nodes;
  while (r.low < r.high) {
    uint8_t label = m->list[r.low].bytes[depth];
    size_t end = r.low + 1;
    while (end < r.high && m->list[end].bytes[depth] == label) end++;
    m->next[m->n_next++] = (range){r.low, end};
    bl_code code = add_node(m, label);
    if (code) return code;
    r.low = end;
  }
  return BL_OK;
}

static bl_code add_levels(making *m, size_t n_tokens) {
  bl_code code = add_node(m, 0);
  m->level[0] = (range){0, n_tokens};
  m->n_level = n_tokens > 0;
  if (!code) m->trie->first[0] = 1;
  size_t node = 0;
  for (size_t depth = 0; !code && m->n_level > 0; depth++) {
    m->n_next = 0;
    for (size_t i = 0; !code && i < m->n_level; i++)
      code = add_children(m, node++, m->level[i], depth);
    range *swap = m->level;
    m->level = m->next;
    m->next = swap;
    m->n_level = m->n_next;
  }
  if (!code) m->trie->first[m->trie->n_nodes] = (uint32_t)m->trie->n_nodes;
  return code;
}

bl_code bl_trie_make(bl_trie *trie, const bl_vocab *vocab, bl_error *error) {
  entry *list = NULL;
  size_t n = 0;
  bl_code code = sort_tokens(vocab, &list, &n, error);
  making m = {.trie = trie, .list = list, .error = error};
  m.level = malloc((n + 1) * sizeof *m.level);
  m.next = malloc((n + 1) * sizeof *m.next);
  if (!code && (!m.level || !m.next)) code = bl_fail_memory(error, n * sizeof *m.level);
  if (!code) code = add_levels(&m, n);
  for (uint32_t i = code ? 0 : trie->first[0]; !code && i < trie->first[1]; i++)
    trie->begin[trie->labels[i]] = i;
  free(list);
  free(m.level);
  free(m.next);
  return code;
}
