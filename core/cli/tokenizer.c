/* The tokenizer of a model, without its weights. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/notes.h"
#include "files.h"
#include "read.h"
#include "text/tokenizer.h"

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

/* What the file says that is no folder and no weights: the text of that name. */
static const cli_file *own_file(const cli_source *source) {
  const char *slash = strrchr(source->path, '/');
  return source->is_folder ? NULL : cli_source_text(source, slash ? slash + 1 : source->path);
}

static bool tell(bl_code code, const bl_error *error, bl_tokenizer *const *tokenizer) {
  if (code == BL_ERR_MEMORY) cli_die("%s", error->message);
  if (code != BL_OK) return cli_fail("%s", error->message);
  bl_notes notes = {0};
  bl_error failed;
  if (bl_tokenizer_take_notes(*tokenizer, &notes, &failed) != BL_OK) cli_die("%s", failed.message);
  for (int i = 0; i < notes.n; i++) cli_note("%s", notes.list[i].message);
  bl_notes_free(&notes);
  return true;
}

static bl_code read_texts(const cli_source *source, bl_tokenizer **tokenizer, bl_error *error) {
  static const char *const names[] = {"tokenizer.json", "tokenizer_config.json",
                                      "generation_config.json", "special_tokens_map.json"};
  const char *texts[4] = {NULL};
  size_t sizes[4] = {0};
  char *made = NULL;
  bl_code code = BL_OK;
  for (int i = 0; i < 4; i++) {
    const cli_file *file = cli_source_text(source, names[i]);
    if (file) texts[i] = (const char *)file->bytes;
    if (file) sizes[i] = (size_t)file->size;
  }
  const cli_file *own = own_file(source);
  if (!texts[0] || (own && strcmp(own->name, names[0]) != 0 && !ends_with(own->name, ".json")))
    code = cli_make_tokenizer(source, &made, &sizes[0], error);
  if (made) texts[0] = made;
  if (code == BL_OK)
    code = bl_tokenizer_from_json(texts[0], sizes[0], texts[1], sizes[1], texts[2], sizes[2],
                                  tokenizer, error);
  if (code == BL_OK && texts[3])
    code = bl_tokenizer_add_specials(*tokenizer, texts[3], sizes[3], error);
  free(made);
  return code;
}

static bl_code read_gguf(const cli_source *source, bl_tokenizer **tokenizer, bl_error *error) {
  const cli_file *file = &source->weights[0];
  bl_index *index = NULL;
  uint64_t n_needed;
  bl_code code = bl_index_parse(file->name, file->bytes, (size_t)file->size, file->size, &index,
                                &n_needed, error);
  if (code == BL_OK) code = bl_tokenizer_from_gguf(index, tokenizer, error);
  bl_index_free(index);
  return code;
}

/* A file that is not one of a tokenizer's by its name: tokenizer.json under another one. */
static bl_code read_other(const char *path, bl_tokenizer **tokenizer, bl_error *error) {
  size_t size;
  char *text = cli_read_file(path, CLI_MAX_BESIDE, &size);
  if (!text) return BL_ERR_CANCELLED; /* which has been said */
  bl_code code = bl_tokenizer_from_json(text, size, NULL, 0, NULL, 0, tokenizer, error);
  free(text);
  return code;
}

static bool has_texts(const cli_source *source) {
  return cli_source_text(source, "tokenizer.json") || cli_has_vocab(source);
}

bl_tokenizer *cli_open_tokenizer(const char *path) {
  cli_source source;
  bl_tokenizer *tokenizer = NULL;
  bl_error error = {0};
  bl_code code = BL_OK;
  bool ok = cli_source_open_texts(&source, path);
  bool is_weights = ends_with(path, ".gguf") || ends_with(path, ".safetensors");
  bool is_json = ok && !source.is_folder && ends_with(path, ".json") && !own_file(&source);
  bool is_gguf = ends_with(path, ".gguf") || (ok && source.is_folder && !has_texts(&source) &&
                                              !cli_source_text(&source, "config.json"));
  if (ok && is_json) {
    code = read_other(path, &tokenizer, &error);
    ok = code != BL_ERR_CANCELLED && tell(code, &error, &tokenizer);
  } else if (ok && is_gguf) {
    cli_source_close(&source);
    ok = cli_source_open_parts(&source, path);
    if (ok && !source.is_gguf) ok = cli_fail("%s holds no tokenizer", path);
    if (ok) ok = tell(read_gguf(&source, &tokenizer, &error), &error, &tokenizer);
  } else if (ok && !is_weights && !source.is_folder && !own_file(&source)) {
    ok = cli_fail(
        "%s is not a tokenizer's file: expected a model's directory, a .gguf file, "
        "tokenizer.json, vocab.txt or tokenizer.model",
        path);
  } else if (ok && has_texts(&source)) {
    ok = tell(read_texts(&source, &tokenizer, &error), &error, &tokenizer);
  }
  if (ok && !tokenizer) ok = cli_fail("%s holds no tokenizer", path);
  cli_source_close(&source);
  return ok ? tokenizer : NULL;
}
