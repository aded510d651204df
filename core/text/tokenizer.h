/* Making tokenizers, for the loader. The public half, bl_tokenizer_from_json
 * among it, is in bitloss.h. */
#ifndef BL_TEXT_TOKENIZER_H
#define BL_TEXT_TOKENIZER_H

#include "format/index.h"

/* From GGUF metadata (tokenizer.ggml.*). *tokenizer is NULL when the file has no tokenizer. */
bl_code bl_tokenizer_from_gguf(const bl_index *index, bl_tokenizer **tokenizer, bl_error *error);

/* Marks one more id as end of text (from config.json's eos_token_id). Ignored when out of range. */
void bl_tokenizer_add_end(bl_tokenizer *tokenizer, int64_t id);

/* Writes a tokenizer.json that gives the same ids, for a tokenizer that was read from GGUF; the
 * text is allocated with malloc. One that was read from tokenizer.json gives that text back. */
bl_code bl_tokenizer_to_json(const bl_tokenizer *tokenizer, char **text, size_t *text_size,
                             bl_error *error);

#endif
