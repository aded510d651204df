/* Any bytes as SentencePiece's tokenizer.model and as vocab.txt, by every class that makes
 * something of them: what comes of it must be a tokenizer.json that loads, or be refused, and then
 * encode the bytes themselves. */
#include <stdlib.h>
#include <string.h>

#include "bitloss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

static void use(const bl_vocab_files *files, const char *text, size_t text_size) {
  static int32_t ids[4096];
  char *json = NULL;
  size_t json_size = 0, n = 0;
  bl_tokenizer *tokenizer = NULL;
  bl_error error = {0};
  if (bl_tokenizer_json_from_vocab(files, &json, &json_size, &error) != BL_OK) {
    demand(error.message[0] != '\0');
    return;
  }
  bl_code code = bl_tokenizer_from_json(json, json_size, NULL, 0, NULL, 0, &tokenizer, &error);
  demand(code == BL_OK || error.message[0] != '\0');
  if (code == BL_OK)
    code = bl_tokenizer_encode(tokenizer, text, text_size, true, ids, 4096, &n, &error);
  for (size_t i = 0; code == BL_OK && i < n && i < 4096; i++)
    demand(ids[i] >= 0 && ids[i] < bl_tokenizer_size(tokenizer));
  bl_tokenizer_free(tokenizer);
  free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const configs[] = {
      "{}",
      "{\"tokenizer_class\":\"LlamaTokenizer\",\"add_bos_token\":true}",
      "{\"tokenizer_class\":\"GemmaTokenizer\"}",
      "{\"tokenizer_class\":\"T5Tokenizer\",\"extra_ids\":2}",
      "{\"tokenizer_class\":\"XLMRobertaTokenizer\"}",
  };
  /* A copy of exactly this size, so that the address sanitizer sees a read past it. */
  char *bytes = malloc(size ? size : 1);
  if (!bytes) exit(1);
  if (size) memcpy(bytes, data, size);
  size_t text_size = size < 512 ? size : 512;
  for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
    bl_vocab_files files = {.pieces = {bytes, size}, .config = {configs[i], strlen(configs[i])}};
    use(&files, bytes, text_size);
  }
  bl_vocab_files files = {.words = {bytes, size}};
  use(&files, bytes, text_size);
  free(bytes);
  return 0;
}
