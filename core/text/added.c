/* Finding the added tokens in a text, the longest at each place. */
#include "text/added.h"

#include <stdlib.h>
#include <string.h>

#include "text/unicode.h"

void bl_added_free(bl_added_set *set) {
  for (size_t i = 0; i < set->n; i++) free((void *)(uintptr_t)set->tokens[i].text);
  free(set->tokens);
  *set = (bl_added_set){0};
}

bl_code bl_added_append(bl_added_set *set, bl_added_token token, bl_error *error) {
  void *items = set->tokens;
  bl_code code = bl_grow(&items, &set->capacity, set->n + 1, sizeof token, error);
  set->tokens = items;
  if (code) return code;
  char *copy = malloc(token.size);
  if (!copy) return bl_fail_memory(error, token.size);
  memcpy(copy, token.text, token.size);
  token.text = copy;
  set->tokens[set->n++] = token;
  set->begins[(uint8_t)copy[0]] = true;
  return BL_OK;
}

static int by_text(const void *a, const void *b) {
  const bl_added_token *x = a, *y = b;
  int order = memcmp(x->text, y->text, x->size < y->size ? x->size : y->size);
  if (order) return order;
  if (x->size != y->size) return x->size < y->size ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

void bl_added_sort(bl_added_set *set) {
  if (set->n) qsort(set->tokens, set->n, sizeof *set->tokens, by_text);
}

/* The first of tokens [low, high), which agree in their first `depth` bytes, whose next byte is at
 * least `byte`; one that has ended comes before all others. */
static size_t lower_bound(const bl_added_set *set, size_t low, size_t high, size_t depth,
                          int byte) {
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const bl_added_token *t = &set->tokens[middle];
    if (t->size <= depth || (uint8_t)t->text[depth] < byte)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The longest token that text begins with, or NULL. *n_steps: how many tokens' bytes were looked
 * at. */
static const bl_added_token *longest_at(const bl_added_set *set, const char *text, size_t size,
                                        size_t *n_steps) {
  const bl_added_token *best = NULL;
  size_t low = 0, high = set->n;
  *n_steps = 0;
  for (size_t depth = 0; depth < size && low < high; depth++) {
    /* As far as the first and the last agree, all between them do. */
    const bl_added_token *first = &set->tokens[low], *last = &set->tokens[high - 1];
    size_t end = first->size < last->size ? first->size : last->size;
    while (depth + 1 < end && depth + 1 < size && first->text[depth] == text[depth] &&
           last->text[depth] == text[depth])
      depth++, ++*n_steps;
    for (size_t n = high - low; n > 0; n /= 2) *n_steps += 2; /* of two searches */
    int byte = (uint8_t)text[depth];
    low = lower_bound(set, low, high, depth, byte);
    high = lower_bound(set, low, high, depth, byte + 1);
    if (low < high && set->tokens[low].size == depth + 1) best = &set->tokens[low];
  }
  return best;
}

/* Where the character that ends before `at` begins. */
static size_t previous_char(const char *text, size_t at) {
  size_t start = at - 1;
  while (start > 0 && at - start < 4 && bl_utf8_goes_on(text[start])) start--;
  return start;
}

static bool stands_alone(const char *text, size_t size, size_t start, size_t end) {
  size_t length;
  if (start > 0) {
    size_t before = previous_char(text, start);
    if (bl_unicode_is_word(bl_utf8_decode(text, start, before, &length))) return false;
  }
  return end == size || !bl_unicode_is_word(bl_utf8_decode(text, size, end, &length));
}

const bl_added_token *bl_added_find(const bl_added_set *set, const char *text, size_t size,
                                    size_t from, size_t taken, size_t *start, size_t *end,
                                    size_t *resume, uint64_t *budget) {
  if (set->n == 0) return NULL;
  for (size_t at = from; at < size && *budget > 0;) {
    size_t n_steps = 0;
    const bl_added_token *token =
        set->begins[(uint8_t)text[at]] ? longest_at(set, text + at, size - at, &n_steps) : NULL;
    *budget -= n_steps < *budget ? n_steps : *budget;
    if (!token) {
      at++;
      continue;
    }
    size_t first = at, last = at + token->size, length;
    at = *resume = last;
    if (token->single_word && !stands_alone(text, size, first, last)) continue;
    while (token->left_strip && first > taken) {
      size_t before = previous_char(text, first);
      if (!bl_unicode_is_space(bl_utf8_decode(text, first, before, &length))) break;
      first = before;
    }
    while (token->right_strip && last < size &&
           bl_unicode_is_space(bl_utf8_decode(text, size, last, &length)))
      last += length;
    *start = first > taken ? first : taken;
    *end = last;
    return token;
  }
  return NULL;
}
