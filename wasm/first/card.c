/* In the place of core/model/card.c in the first module, which writes no files: what a GGUF file
 * says of the model's origin and of sampling, which goes into others, is not kept. */
#include "model/card.h"

bl_code bl_card_from_gguf(const bl_index *index, bl_texts *texts, bl_notes *notes,
                          bl_error *error) {
  (void)index;
  (void)texts;
  (void)notes;
  (void)error;
  return BL_OK;
}

void bl_sampling_from_gguf(const bl_index *index, bl_json_writer *w) {
  (void)index;
  (void)w;
}

bool bl_gguf_key_travels(const char *key) {
  (void)key;
  return false;
}
