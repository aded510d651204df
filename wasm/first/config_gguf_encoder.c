/* In the place of core/model/config_gguf_encoder.c in the first module, none of whose families
 * encodes whole texts. */
#include <string.h>

#include "model/config_check.h"

bl_code bl_config_gguf_encoder(const bl_index *index, bl_config *config, bl_error *error) {
  return bl_config_refuse_family(index->file_name, true, config->architecture,
                                 (int)strlen(config->architecture), error);
}

bl_code bl_config_gguf_labels(const bl_index *index, const bl_config *config, cJSON *json,
                              bl_error *error) {
  (void)index;
  (void)config;
  (void)json;
  (void)error;
  return BL_OK;
}

bl_code bl_pooling_from_gguf(const bl_index *index, bl_texts *texts, bl_notes *notes,
                             bl_error *error) {
  (void)index;
  (void)texts;
  (void)notes;
  (void)error;
  return BL_OK;
}

bool bl_gguf_key_of_words(const bl_index *index, const char *key) {
  (void)index;
  (void)key;
  return false;
}
