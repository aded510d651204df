/* How the states of an encoder's tokens become one vector: as sentence-transformers says it, in a
 * file beside the model's. */
#ifndef BL_MODEL_POOLING_H
#define BL_MODEL_POOLING_H

#include "model/texts.h"

#define BL_POOLING_FILE "1_Pooling/config.json"

typedef enum bl_pooling { BL_POOL_MEAN, BL_POOL_FIRST, BL_POOL_LAST } bl_pooling;

/* llama.cpp's numbers for them (LLAMA_POOLING_TYPE); RANK is that of classes. */
enum {
  BL_GGUF_POOL_MEAN = 1,
  BL_GGUF_POOL_FIRST = 2,
  BL_GGUF_POOL_LAST = 3,
  BL_GGUF_POOL_RANK = 4,
};

/* From the texts that travel with a model: the mean where none says. Any other way, or several
 * together, is refused with BL_ERR_UNSUPPORTED. */
bl_code bl_pooling_of(const bl_texts *texts, bl_pooling *pooling, bl_error *error);

#endif
