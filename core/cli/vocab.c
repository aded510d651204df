/* A tokenizer from a model's older files. */
#include "files.h"

static bl_vocab_file find(const cli_source *source, const char *name) {
  const cli_file *file = cli_source_text(source, name);
  return file ? (bl_vocab_file){(const char *)file->bytes, (size_t)file->size} : (bl_vocab_file){0};
}

bool cli_has_vocab(const cli_source *source) {
  return !source->is_gguf && !cli_source_text(source, "tokenizer.json") &&
         cli_source_text(source, "vocab.json") && cli_source_text(source, "merges.txt");
}

bl_code cli_make_tokenizer(const cli_source *source, char **text, size_t *size, bl_error *error) {
  bl_vocab_files files = {
      .vocab = find(source, "vocab.json"),
      .merges = find(source, "merges.txt"),
      .config = find(source, "tokenizer_config.json"),
      .added = find(source, "added_tokens.json"),
      .map = find(source, "special_tokens_map.json"),
  };
  const bl_vocab_file text_of_config = find(source, "config.json"); /* the loader checks it */
  cJSON *config = cJSON_ParseWithLength(text_of_config.bytes, text_of_config.size);
  files.model_type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(config, "model_type"));
  bl_code code = bl_tokenizer_json_from_vocab(&files, text, size, error);
  cJSON_Delete(config);
  return code;
}
