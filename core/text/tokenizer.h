/* Making tokenizers, for the loader. The public half is in bitloss.h. */
#ifndef BL_TEXT_TOKENIZER_H
#define BL_TEXT_TOKENIZER_H

#include "format/index.h"

/* From the text of tokenizer.json; `config` (tokenizer_config.json) and `generation`
 * (generation_config.json) may be NULL: they name the end-of-text tokens. Copies what it needs. */
bl_code bl_tokenizer_from_json(const char *text, size_t text_size, const char *config,
                               size_t config_size, const char *generation, size_t generation_size,
                               bl_tokenizer **tokenizer, bl_error *error);

/* From GGUF metadata (tokenizer.ggml.*). *tokenizer is NULL when the file has no tokenizer. */
bl_code bl_tokenizer_from_gguf(const bl_index *index, bl_tokenizer **tokenizer, bl_error *error);

/* Marks one more id as end of text (from config.json's eos_token_id). Ignored when out of range. */
void bl_tokenizer_add_end(bl_tokenizer *tokenizer, int64_t id);

void bl_tokenizer_free(bl_tokenizer *tokenizer);

/* Writes a tokenizer.json that gives the same ids, for a tokenizer that was read from GGUF; the
 * text is allocated with malloc. One that was read from tokenizer.json gives that text back. */
bl_code bl_tokenizer_to_json(const bl_tokenizer *tokenizer, char **text, size_t *text_size,
                             bl_error *error);

#endif
