/* What the files that write GGUF share: export_gguf.c does all models, and asks
 * export_gguf_encoder.c about encoders. */
#ifndef BL_MODEL_EXPORT_GGUF_H
#define BL_MODEL_EXPORT_GGUF_H

#include "format/gguf_write.h"
#include "model/export.h"

/* What llama.cpp would compute otherwise. */
bl_code bl_gguf_refuse_encoder(const bl_config *config, bl_error *error);
/* What is left out. */
bl_code bl_gguf_note_encoder(bl_export *ex, bl_error *error);
/* How vectors are made, classes' names and token types. */
bl_code bl_gguf_put_encoder(const bl_model *model, bl_gguf_header *header, bl_error *error);

#endif
