/* Feeding the golden model directories to a loader. */
#ifndef BL_TESTS_MODEL_FILES_H
#define BL_TESTS_MODEL_FILES_H

#include "bitloss.h"
#include "check.h"

static inline void golden_path(char *path, size_t size, const char *folder, const char *name) {
  snprintf(path, size, "%s/%s/%s", BL_GOLDEN, folder, name);
}

static inline bool golden_exists(const char *folder, const char *name) {
  char path[512];
  golden_path(path, sizeof path, folder, name);
  FILE *file = fopen(path, "rb");
  if (file) fclose(file);
  return file != NULL;
}

static inline uint8_t *golden_read(const char *folder, const char *name, size_t *size) {
  char path[512];
  golden_path(path, sizeof path, folder, name);
  return check_read_file(path, size);
}

/* Adds the text files that a model directory has. */
static inline bl_code golden_add_texts(bl_loader *loader, const char *folder, bl_error *error) {
  static const char *const names[] = {"config.json", "tokenizer.json", "tokenizer_config.json",
                                      "generation_config.json", "model.safetensors.index.json"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!golden_exists(folder, names[i])) continue;
    size_t size;
    uint8_t *text = golden_read(folder, names[i], &size);
    bl_code code = bl_loader_add_text(loader, names[i], (const char *)text, size, error);
    free(text);
    if (code != BL_OK) return code;
  }
  return BL_OK;
}

/* Pushes one weight file in pieces of `piece` bytes; 0: all at once. */
static inline bl_code golden_push(bl_loader *loader, const char *name, const uint8_t *bytes,
                                  size_t size, size_t piece, bl_error *error) {
  bl_code code = bl_loader_begin_file(loader, name, size, error);
  if (piece == 0) piece = size;
  for (size_t at = 0; code == BL_OK && at < size; at += piece)
    code = bl_loader_push(loader, bytes + at, size - at < piece ? size - at : piece, error);
  return code == BL_OK ? bl_loader_end_file(loader, error) : code;
}

/* Loads a directory whose weights are the files named (NULL ends the list). */
static inline bl_code golden_load_files(const char *folder, const char *const *files,
                                        const bl_load_options *options, size_t piece,
                                        bl_model **model, bl_error *error) {
  bl_loader *loader = bl_loader_new(options, error);
  bl_code code = loader ? golden_add_texts(loader, folder, error) : BL_ERR_MEMORY;
  for (int i = 0; code == BL_OK && files[i]; i++) {
    size_t size;
    uint8_t *bytes = golden_read(folder, files[i], &size);
    code = golden_push(loader, files[i], bytes, size, piece, error);
    free(bytes);
  }
  if (code == BL_OK) code = bl_loader_finish(loader, model, error);
  bl_loader_free(loader);
  return code;
}

static inline bl_code golden_load(const char *folder, const char *recipe, bl_model **model,
                                  bl_error *error) {
  bl_load_options options = {.measure = true};
  bl_code code = bl_recipe_parse(recipe, &options.recipe, error);
  if (code != BL_OK) return code;
  const char *files[] = {"model.safetensors", NULL};
  return golden_load_files(folder, files, &options, 0, model, error);
}

/* A folder's model.safetensors whose last weight is not a number; NULL when it can't be loaded. */
static inline bl_model *golden_load_broken(const char *folder) {
  const bl_load_options options = {.not_finite = BL_NOT_FINITE_ANYWHERE};
  size_t size;
  uint8_t *bytes = golden_read(folder, "model.safetensors", &size);
  bl_model *model = NULL;
  memset(bytes + size - 4, 0xff, 4);
  bl_loader *loader = bl_loader_new(&options, NULL);
  bl_code code = loader ? golden_add_texts(loader, folder, NULL) : BL_ERR_MEMORY;
  if (code == BL_OK) code = golden_push(loader, "model.safetensors", bytes, size, 0, NULL);
  if (code == BL_OK) code = bl_loader_finish(loader, &model, NULL);
  bl_loader_free(loader);
  free(bytes);
  return code == BL_OK ? model : NULL;
}

#endif
