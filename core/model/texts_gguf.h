/* What the metadata of a GGUF file says beside the model's shape: as the small files of a folder,
 * and as metadata for another GGUF file. */
#ifndef BL_MODEL_TEXTS_GGUF_H
#define BL_MODEL_TEXTS_GGUF_H

#include "model/model.h"

/* Fills the model's texts, chat templates and origin, in the place of what is there; its config and
 * tokenizer are read already. */
bl_code bl_texts_from_gguf(const bl_index *index, bl_model *model, bl_error *error);

#endif
