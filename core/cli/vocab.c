/* A tokenizer from a model's older files. */
#include <stdlib.h>

#include "base/json.h"
#include "files.h"

static bl_vocab_file find(const cli_source *source, const char *name) {
  const cli_file *file = cli_source_text(source, name);
  return file ? (bl_vocab_file){(const char *)file->bytes, (size_t)file->size} : (bl_vocab_file){0};
}

/* SentencePiece's, under the names that transformers gives it. */
static bl_vocab_file find_pieces(const cli_source *source) {
  static const char *const names[] = {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model"};
  for (int i = 0; i < 3; i++)
    if (cli_source_text(source, names[i])) return find(source, names[i]);
  return (bl_vocab_file){0};
}

bool cli_has_vocab(const cli_source *source) {
  if (source->is_gguf || cli_source_text(source, "tokenizer.json")) return false;
  return (cli_source_text(source, "vocab.json") && cli_source_text(source, "merges.txt")) ||
         cli_source_text(source, "vocab.txt") || find_pieces(source).bytes;
}

bl_code cli_make_tokenizer(const cli_source *source, char **text, size_t *size, bl_error *error) {
  bl_vocab_files files = {
      .vocab = find(source, "vocab.json"),
      .merges = find(source, "merges.txt"),
      .words = find(source, "vocab.txt"),
      .pieces = find_pieces(source),
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
