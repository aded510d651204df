/* The small text files of a model's folder that travel with it: what they say of its tokenizer, its
 * chat templates, how it wants to be sampled, who made it and under which licence. A model that was
 * read from GGUF gets files that say what its metadata says. */
#ifndef BL_MODEL_TEXTS_H
#define BL_MODEL_TEXTS_H

#include "base/notes.h"
#include "format/index.h"

/* Text files of more than this, all together, are not kept. */
#define BL_MAX_TEXT_BYTES ((size_t)16 << 20)

/* Where further chat templates lie, each as NAME.jinja. */
#define BL_TEMPLATE_FOLDER "additional_chat_templates/"

typedef struct bl_text {
  char *name;
  char *bytes; /* (size), then a NUL */
  size_t size;
} bl_text;

typedef struct bl_texts {
  int n;
  bl_text *list;
  size_t n_bytes;
} bl_texts;

/* Is a file of that name one of those that travel? */
bool bl_text_travels(const char *name);

/* Keeps a copy of a text, in the place of one of that name. One that there is no room for is left
 * out, with a note; so is a Git LFS pointer in the place of one that is not read as JSON. */
bl_code bl_texts_add(bl_texts *texts, const char *name, const char *bytes, size_t size,
                     bl_notes *notes, bl_error *error);
const bl_text *bl_texts_find(const bl_texts *texts, const char *name); /* or NULL */
void bl_texts_free(bl_texts *texts);

#endif
