/* A tokenizer's vocabulary: a hash table from texts to ids, and the texts by id. */
#include "text/vocab.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, with a last mix because its low bits alone are weak. */
static uint64_t hash_bytes(const char *bytes, size_t size) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; i++) h = (h ^ (uint8_t)bytes[i]) * 0x100000001b3u;
  return h ^ h >> 32;
}

size_t bl_slot_count(size_t n) {
  size_t n_slots = 64;
  while (n_slots / 3 * 2 < n) n_slots *= 2;
  return n_slots;
}

void bl_vocab_free(bl_vocab *vocab) {
  bl_buffer_free(&vocab->bytes);
  free(vocab->tokens);
  free(vocab->earlier);
  free(vocab->slots);
  *vocab = (bl_vocab){0};
}

bl_code bl_vocab_reserve(bl_vocab *vocab, size_t n_tokens, bl_error *error) {
  vocab->n_slots = bl_slot_count(n_tokens);
  vocab->slots = malloc(vocab->n_slots * sizeof *vocab->slots);
  if (!vocab->slots) return bl_fail_memory(error, vocab->n_slots * sizeof *vocab->slots);
  memset(vocab->slots, 0xff, vocab->n_slots * sizeof *vocab->slots);
  return BL_OK;
}

/* The slot that holds these bytes, or the empty one where they would go. */
static size_t find_slot(const bl_vocab *vocab, const char *bytes, size_t size) {
  size_t mask = vocab->n_slots - 1, i = (size_t)hash_bytes(bytes, size) & mask;
  for (int32_t slot; (slot = vocab->slots[i]) != -1; i = (i + 1) & mask) {
    const bl_token *t = slot < 0 ? &vocab->earlier[-2 - slot].text : &vocab->tokens[slot];
    if (t->size == size && (size == 0 || memcmp(vocab->bytes.bytes + t->at, bytes, size) == 0))
      break;
  }
  return i;
}

bool bl_vocab_has(const bl_vocab *vocab, int32_t id) {
  return id >= 0 && (size_t)id < vocab->n_tokens && vocab->tokens[id].at != SIZE_MAX;
}

int32_t bl_vocab_find(const bl_vocab *vocab, const char *bytes, size_t size) {
  int32_t slot = vocab->slots[find_slot(vocab, bytes, size)];
  return slot < -1 ? vocab->earlier[-2 - slot].id : slot;
}

bl_token bl_vocab_first_text(const bl_vocab *vocab, int32_t id) {
  size_t low = 0, high = vocab->n_earlier;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (vocab->earlier[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < vocab->n_earlier && vocab->earlier[low].id == id ? vocab->earlier[low].text
                                                                : vocab->tokens[id];
}

/* Puts the bytes that an id has aside for others. */
static bl_code set_aside(bl_vocab *vocab, int32_t id, bl_error *error) {
  bl_token t = vocab->tokens[id];
  size_t n = vocab->n_earlier, slot = find_slot(vocab, vocab->bytes.bytes + t.at, t.size);
  void *earlier = vocab->earlier;
  bl_code code = bl_grow(&earlier, &vocab->earlier_capacity, n + 1, sizeof *vocab->earlier, error);
  vocab->earlier = earlier;
  if (code) return code;
  vocab->earlier[n] = (bl_earlier_text){t, id};
  /* Where several ids have the same bytes, the slot is the last one's. */
  if (vocab->slots[slot] == id) vocab->slots[slot] = -2 - (int32_t)n;
  vocab->n_earlier++;
  return BL_OK;
}

bl_code bl_vocab_add(bl_vocab *vocab, int32_t id, const char *bytes, size_t size, bl_error *error) {
  if ((vocab->n_defined + 1) > vocab->n_slots / 4 * 3)
    return bl_fail(error, BL_ERR_ARGUMENT, "more tokens than were announced");
  void *tokens = vocab->tokens;
  bl_code code =
      bl_grow(&tokens, &vocab->token_capacity, (size_t)id + 1, sizeof *vocab->tokens, error);
  vocab->tokens = tokens;
  size_t at = vocab->bytes.size;
  if (!code && bl_vocab_has(vocab, id)) code = set_aside(vocab, id, error);
  if (!code) code = bl_buffer_append(&vocab->bytes, bytes, size, error);
  if (code) return code;
  for (; vocab->n_tokens <= (size_t)id; vocab->n_tokens++)
    vocab->tokens[vocab->n_tokens] = (bl_token){SIZE_MAX, 0};
  vocab->tokens[id] = (bl_token){at, size};
  vocab->slots[find_slot(vocab, bytes, size)] = id;
  vocab->n_defined++;
  return BL_OK;
}
