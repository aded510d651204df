/* A tokenizer from a model's older files, or why there is none. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/json.h"
#include "files.h"

static bl_vocab_file find(const cli_source *source, const char *name) {
  const cli_file *file = cli_source_text(source, name);
  return file ? (bl_vocab_file){(const char *)file->bytes, (size_t)file->size} : (bl_vocab_file){0};
}

bool cli_has_vocab(const cli_source *source) {
  return !source->is_gguf && !cli_source_text(source, "tokenizer.json") &&
         cli_source_text(source, "vocab.json") && cli_source_text(source, "merges.txt");
}

const char *cli_tokenizer_not_read(const cli_source *source) {
  if (source->is_gguf || cli_source_text(source, "tokenizer.json") || cli_has_vocab(source))
    return NULL;
  struct stat info;
  char *path = cli_print("%s/tokenizer.model", source->folder);
  const bool is_there = stat(path, &info) == 0;
  free(path);
  return is_there ? "tokenizer.model, a file of SentencePiece, is not read, and there is no "
                    "tokenizer.json beside it: transformers makes one, with "
                    "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)"
                  : NULL;
}

bl_code cli_make_tokenizer(const cli_source *source, char **text, size_t *size, bl_error *error) {
  bl_vocab_files files = {
      .vocab = find(source, "vocab.json"),
      .merges = find(source, "merges.txt"),
      .config = find(source, "tokenizer_config.json"),
      .added = find(source, "added_tokens.json"),
      .map = find(source, "special_tokens_map.json"),
  };
  const bl_vocab_file text_of_config = find(source, "config.json");
  cJSON *config = NULL;
  bl_code code = text_of_config.bytes ? bl_json_parse("config.json", text_of_config.bytes,
                                                      text_of_config.size, &config, error)
                                      : BL_OK;
  if (code == BL_ERR_MEMORY) return code; /* all else of it is the loader's to check */
  files.model_type = cJSON_GetStringValue(bl_json_member(config, "model_type"));
  code = bl_tokenizer_json_from_vocab(&files, text, size, error);
  cJSON_Delete(config);
  return code;
}
