/* The list of the small text files that travel with a model. */
#include "model/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/stranger.h"
#include "model/pooling.h"

static const char *const loader_files[] = {
    /* what a model is read from */
    "config.json",
    "tokenizer.json",
    "model.safetensors.index.json",
    /* what a front end may make a tokenizer.json of */
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    /* what travels */
    "tokenizer_config.json",
    "generation_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    BL_POOLING_FILE,
    "README.md",
    NULL,
};
enum { N_NOT_TRAVELLING = 9 };

const char *const *bl_loader_text_names(void) {
  return loader_files;
}

/* additional_chat_templates/NAME.jinja, with a name that leads nowhere else. */
static bool is_template_file(const char *name) {
  size_t n = strlen(BL_TEMPLATE_FOLDER), size = strlen(name);
  if (size <= n + 6 || size > 120 || strncmp(name, BL_TEMPLATE_FOLDER, n) != 0) return false;
  return name[n] != '.' && !strpbrk(name + n, "/\\") && strcmp(name + size - 6, ".jinja") == 0;
}

bool bl_text_travels(const char *name) {
  for (const char *const *file = loader_files + N_NOT_TRAVELLING; *file; file++)
    if (strcmp(*file, name) == 0) return true;
  return is_template_file(name);
}

const bl_text *bl_texts_find(const bl_texts *texts, const char *name) {
  for (int i = 0; i < texts->n; i++)
    if (strcmp(texts->list[i].name, name) == 0) return &texts->list[i];
  return NULL;
}

static bl_code append(bl_texts *texts, bl_text text, bl_error *error) {
  bl_text *list = realloc(texts->list, ((size_t)texts->n + 1) * sizeof *list);
  if (!list) return bl_fail_memory(error, ((size_t)texts->n + 1) * sizeof *list);
  texts->list = list;
  texts->list[texts->n++] = text;
  texts->n_bytes += text.size;
  return BL_OK;
}

static void take_out(bl_texts *texts, int i) {
  texts->n_bytes -= texts->list[i].size;
  free(texts->list[i].name);
  free(texts->list[i].bytes);
  texts->n--;
  memmove(texts->list + i, texts->list + i + 1, (size_t)(texts->n - i) * sizeof *texts->list);
}

/* What is read as JSON is refused, or told, by its reader. */
static bool is_pointer(const char *name, const char *bytes, size_t size) {
  return strcmp(name, "tokenizer_config.json") != 0 &&
         strcmp(name, "generation_config.json") != 0 && bl_is_lfs_pointer(bytes, size);
}

bl_code bl_texts_add(bl_texts *texts, const char *name, const char *bytes, size_t size,
                     bl_notes *notes, bl_error *error) {
  const bl_text *earlier = bl_texts_find(texts, name);
  if (earlier) take_out(texts, (int)(earlier - texts->list));
  if (is_pointer(name, bytes, size))
    return bl_note_add(notes, error, "pointer-left-out", name, 0, "%.128s is %s: it is left out",
                       name, bl_stranger(bytes, size));
  if (size > BL_MAX_TEXT_BYTES - texts->n_bytes)
    return bl_note_add(notes, error, "text-too-long", name, (int64_t)size,
                       "%.128s has %zu bytes, with which the model's texts are over %zu MB: it is "
                       "left out",
                       name, size, BL_MAX_TEXT_BYTES >> 20);
  bl_text text = {bl_copy_string(name), malloc(size + 1), size};
  bl_code code = text.name && text.bytes ? BL_OK : bl_fail_memory(error, size);
  if (code == BL_OK) {
    if (size > 0) memcpy(text.bytes, bytes, size);
    text.bytes[size] = '\0';
    code = append(texts, text, error);
  }
  if (code == BL_OK) return BL_OK;
  free(text.name);
  free(text.bytes);
  return code;
}

void bl_texts_free(bl_texts *texts) {
  while (texts->n > 0) take_out(texts, texts->n - 1);
  free(texts->list);
  *texts = (bl_texts){0};
}
