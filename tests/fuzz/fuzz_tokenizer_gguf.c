/* Any bytes as a GGUF file: a tokenizer that is made of its metadata must encode a text, decode
 * every id it gives, and write itself as a tokenizer.json that loads. */
#include <stdlib.h>
#include <string.h>

#include "text/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

static void check_tokenizer(bl_tokenizer *tokenizer) {
  static const char text[] = "The old  boat, 12345 안녕 <|end|></s>\n\xff it's";
  int32_t ids[512];
  size_t n = 0, n_bytes, written_size = 0;
  const char *bytes;
  char *written = NULL;
  bl_notes notes = {0};
  bl_error error = {0};
  demand(bl_tokenizer_take_notes(tokenizer, &notes, &error) == BL_OK);
  for (int i = 0; i < notes.n; i++) demand(notes.list[i].message[0] != '\0');
  bl_notes_free(&notes);
  bl_code code = bl_tokenizer_encode_prompt(tokenizer, text, sizeof text - 1, ids, 512, &n, &error);
  demand((code == BL_OK) == (error.message[0] == '\0'));
  for (size_t i = 0; code == BL_OK && i < n && i < 512; i++) {
    demand(ids[i] >= 0 && ids[i] < bl_tokenizer_size(tokenizer));
    demand(bl_tokenizer_bytes(tokenizer, ids[i], true, &bytes, &n_bytes, &error) == BL_OK);
  }
  if (bl_tokenizer_to_json(tokenizer, &written, &written_size, &error) != BL_OK) {
    demand(error.message[0] != '\0');
    return;
  }
  bl_tokenizer *again = NULL;
  bl_code loaded = bl_tokenizer_from_json(written, written_size, NULL, 0, NULL, 0, &again, &error);
  demand((loaded == BL_OK) == (again != NULL));
  bl_tokenizer_free(again);
  free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bl_index *index = NULL;
  bl_tokenizer *tokenizer = NULL;
  bl_error error = {0};
  uint64_t n_needed = 0;
  if (bl_index_parse("fuzz.gguf", data, size, size, &index, &n_needed, &error) != BL_OK || !index)
    return 0;
  bl_code code = bl_tokenizer_from_gguf(index, &tokenizer, &error);
  demand(code == BL_OK || (error.message[0] != '\0' && !tokenizer));
  if (tokenizer) check_tokenizer(tokenizer);
  bl_tokenizer_free(tokenizer);
  bl_index_free(index);
  return 0;
}
