/* Any bytes as tokenizer.json with a text after it, separated by a NUL: whatever loads must encode
 * the text, decode every id it gives, and write itself out. */
#include <stdlib.h>
#include <string.h>

#include "text/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

static void check_ids(const bl_tokenizer *tokenizer, const int32_t *ids, size_t n) {
  bl_decoder *decoder = bl_decoder_new(tokenizer, true, NULL);
  if (!decoder) exit(1);
  const char *text;
  size_t text_size;
  for (size_t i = 0; i < n; i++) {
    demand(ids[i] >= 0); /* a template's may be beyond all tokens */
    demand(bl_decoder_push(decoder, ids[i], &text, &text_size, NULL) == BL_OK);
  }
  bl_decoder_flush(decoder, &text, &text_size);
  demand(text_size == 0 || text_size == 3);
  bl_decoder_free(decoder);
}

static void check_encode(const bl_tokenizer *tokenizer, const char *text, size_t size) {
  int32_t ids[4096];
  size_t n = 0;
  bl_error error = {0};
  bl_code code = bl_tokenizer_encode(tokenizer, text, size, true, ids, 4096, &n, &error);
  demand(code == error.code && (code == BL_OK) == (error.message[0] == '\0'));
  if (code == BL_OK) check_ids(tokenizer, ids, n < 4096 ? n : 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *end = memchr(data, 0, size);
  size_t json_size = end ? (size_t)(end - data) : size;
  size_t text_size = end ? size - json_size - 1 : 0;
  /* Copies of exactly these sizes, so that the address sanitizer sees a read past them. */
  char *json = malloc(json_size ? json_size : 1), *text = malloc(text_size ? text_size : 1);
  if (!json || !text) exit(1);
  if (json_size) memcpy(json, data, json_size);
  if (text_size) memcpy(text, end + 1, text_size);
  bl_tokenizer *tokenizer = NULL;
  bl_error error = {0};
  bl_code code =
      bl_tokenizer_from_json(json, json_size, text, text_size, NULL, 0, &tokenizer, &error);
  if (code)
    code = bl_tokenizer_from_json(json, json_size, NULL, 0, NULL, 0, &tokenizer, &error);
  else
    demand(tokenizer != NULL);
  demand(code == BL_OK || error.message[0] != '\0');
  if (code == BL_OK) {
    char *written = NULL;
    size_t written_size = 0;
    check_encode(tokenizer, text, text_size);
    check_encode(tokenizer, json, json_size);
    demand(bl_tokenizer_to_json(tokenizer, &written, &written_size, NULL) == BL_OK);
    demand(written_size == json_size && memcmp(written, json, json_size) == 0);
    free(written);
  }
  bl_tokenizer_free(tokenizer);
  free(json);
  free(text);
  return 0;
}
