/* tiny_llama with weights that are not what they should be, and how it loads. */
#ifndef DAMAGED_MODEL_H
#define DAMAGED_MODEL_H

#include "model_files.h"

/* tiny_llama's file, with some weights of a tensor changed, from row 1, column 2 on. */
typedef struct damaged {
  uint8_t *bytes;
  size_t size;
} damaged;

/* Where a tensor's bytes are in the file. */
static inline size_t place_of(const damaged *d, const char *tensor) {
  bl_index *index = NULL;
  uint64_t n_needed;
  size_t place = 0;
  CHECK_OK(bl_index_parse("m", d->bytes, d->size, d->size, &index, &n_needed, error));
  for (int i = 0; index && i < bl_index_n_tensors(index); i++) {
    bl_index_tensor t;
    bl_index_get_tensor(index, i, &t);
    if (strcmp(t.name, tensor) == 0) place = (size_t)t.offset;
  }
  bl_index_free(index);
  CHECK(place > 0);
  return place;
}

static inline damaged damage(const char *tensor, int n, float value) {
  damaged d;
  d.bytes = golden_read("tiny_llama", "model.safetensors", &d.size);
  uint8_t *first = d.bytes + place_of(&d, tensor) + 4 * (size_t)130;
  for (int k = 0; k < n; k++) memcpy(first + 4 * (size_t)k, &value, sizeof value);
  return d;
}

/* piece 0: mapped. */
static inline bl_code load(const damaged *d, const char *recipe, bl_not_finite not_finite,
                           size_t piece, bl_model **model, bl_error *error) {
  bl_load_options options = {.not_finite = not_finite, .measure = piece % 2 != 0};
  CHECK_OK(bl_recipe_parse(recipe, &options.recipe, error));
  bl_loader *loader = bl_loader_new(&options, error);
  bl_code code = golden_add_texts(loader, "tiny_llama", error);
  if (code == BL_OK && piece)
    code = golden_push(loader, "model.safetensors", d->bytes, d->size, piece, error);
  else if (code == BL_OK)
    code = bl_loader_add_file(loader, "model.safetensors", d->bytes, d->size, error);
  if (code == BL_OK) code = bl_loader_finish(loader, model, error);
  bl_loader_free(loader);
  return code;
}

static const char up[] = "model.layers.1.mlp.up_proj.weight";

#endif
