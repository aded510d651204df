/* A hash table with open addressing, at most half full. */
#include "dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* FNV-1a (Fowler, Noll, Vo), from a basis of this run's own, and mixed as splitmix64 does (Steele,
 * Lea and Flood 2014). */
static uint64_t hash_of(const cli_dictionary *d, const char *text, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u ^ d->seed;
  for (size_t i = 0; i < size; i++) hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
  return hash ^ hash >> 31;
}

/* The slot that holds the text, or the empty one where it would go. */
static size_t slot_of(const cli_dictionary *d, const char *text, size_t size, uint64_t hash) {
  size_t slot = (size_t)hash & (d->n_slots - 1);
  for (; d->slots[slot] >= 0; slot = (slot + 1) & (d->n_slots - 1)) {
    const cli_word *word = &d->words[d->slots[slot]];
    if (word->hash == hash && word->size == size && memcmp(word->text, text, size) == 0) break;
  }
  return slot;
}

static void grow(cli_dictionary *d) {
  if (!d->n_slots) d->seed = (uint64_t)(uintptr_t)d ^ (uint64_t)(cli_seconds() * 1e9);
  d->n_slots = d->n_slots ? 2 * d->n_slots : 64;
  d->words = cli_grow(d->words, d->n_slots / 2 * sizeof *d->words);
  d->slots = cli_grow(d->slots, d->n_slots * sizeof *d->slots);
  memset(d->slots, 0xff, d->n_slots * sizeof *d->slots);
  for (int i = 0; i < d->n; i++) {
    const cli_word *word = &d->words[i];
    d->slots[slot_of(d, word->text, word->size, word->hash)] = i;
  }
}

int cli_dictionary_find(const cli_dictionary *d, const char *text, size_t size) {
  return d->n_slots ? d->slots[slot_of(d, text, size, hash_of(d, text, size))] : -1;
}

int cli_dictionary_add(cli_dictionary *d, const char *text, size_t size) {
  if (2 * (size_t)d->n >= d->n_slots) grow(d);
  uint64_t hash = hash_of(d, text, size);
  size_t slot = slot_of(d, text, size, hash);
  if (d->slots[slot] >= 0) return d->slots[slot];
  char *copy = cli_alloc(size + 1);
  memcpy(copy, text, size);
  d->words[d->n] = (cli_word){copy, size, hash};
  return d->slots[slot] = d->n++;
}

void cli_dictionary_free(cli_dictionary *d) {
  for (int i = 0; i < d->n; i++) free(d->words[i].text);
  free(d->words);
  free(d->slots);
  *d = (cli_dictionary){0};
}
