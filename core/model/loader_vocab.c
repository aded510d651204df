/* Reading a model: its tokenizer, where the files are older than tokenizer.json. */
#include <stdlib.h>

#include "base/json.h"
#include "bitloss_text.h"
#include "model/loader.h"

bl_code bl_loader_add_vocab(bl_loader *loader, const bl_vocab_files *files, bl_error *error) {
  const char *config_text = loader->texts[BL_TEXT_CONFIG];
  bl_vocab_files all = *files;
  cJSON *config = NULL;
  char *text = NULL;
  size_t size = 0;
  bl_error reason;
  /* What is wrong with the config is told when it is read. */
  if (config_text && !all.model_type &&
      bl_json_parse("config.json", config_text, loader->text_sizes[BL_TEXT_CONFIG], &config,
                    NULL) == BL_OK)
    all.model_type = cJSON_GetStringValue(bl_json_member(config, "model_type"));
  bl_code code = bl_tokenizer_json_from_vocab(&all, &text, &size, &reason);
  if (code == BL_OK)
    code = bl_loader_add_text(loader, "tokenizer.json", text, size, error);
  else if (code == BL_ERR_UNSUPPORTED)
    code = bl_note_add(&loader->model->notes, error, "no-vocab", "tokenizer.json", 0,
                       "the model has no tokenizer: %s", reason.message);
  else if (error)
    *error = reason;
  free(text);
  cJSON_Delete(config);
  return code;
}
