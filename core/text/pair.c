/* Encoding two texts that belong together, such as a question and an answer. */
#include <stdlib.h>
#include <string.h>

#include "text/parts.h"

/* Appends a text's ids, without what goes around it. */
static bl_code append_text(const bl_tokenizer *tokenizer, const char *text, size_t size,
                           bl_ids *ids, bl_error *error) {
  size_t n = 0;
  bl_code code = bl_tokenizer_encode(tokenizer, text, size, false, NULL, 0, &n, error);
  void *items = ids->ids;
  if (!code) code = bl_grow(&items, &ids->capacity, ids->n + n, sizeof *ids->ids, error);
  ids->ids = items;
  if (!code && n > 0)
    code = bl_tokenizer_encode(tokenizer, text, size, false, ids->ids + ids->n, n, &n, error);
  if (!code) ids->n += n;
  return code;
}

bl_code bl_tokenizer_encode_pair(const bl_tokenizer *tokenizer, const bl_pair_text texts[2],
                                 int32_t *ids, int32_t *types, size_t capacity, size_t *n_ids,
                                 bl_error *error) {
  const bl_ids *pair = &tokenizer->pair;
  bl_ids made = {0}, kinds = {0};
  bl_code code = BL_OK;
  if (pair->n == 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the tokenizer does not say how two texts go together");
  for (size_t i = 0; !code && i < pair->n; i++) {
    int32_t id = pair->ids[i];
    const bl_pair_text *text = id < 0 ? &texts[id == BL_SECOND_TEXT] : NULL;
    code = text ? append_text(tokenizer, text->bytes, text->size, &made, error)
                : bl_ids_append(&made, id, error);
    while (!code && kinds.n < made.n)
      code = bl_ids_append(&kinds, tokenizer->pair_types.ids[i], error);
  }
  if (!code) {
    *n_ids = made.n;
    size_t n = made.n < capacity ? made.n : capacity;
    if (n > 0) memcpy(ids, made.ids, n * sizeof *ids);
    if (n > 0) memcpy(types, kinds.ids, n * sizeof *types);
  }
  bl_ids_free(&made);
  bl_ids_free(&kinds);
  return code;
}
