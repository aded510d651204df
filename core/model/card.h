/* The model card: README.md, which begins with a few lines of YAML between two lines of "---" that
 * say what the model is, who made it and under which licence. */
#ifndef BL_MODEL_CARD_H
#define BL_MODEL_CARD_H

#include "base/json_write.h"
#include "format/gguf_write.h"
#include "model/texts.h"

/* Adds general.* to GGUF metadata as gguf 0.19's Metadata.load finds them: of the card its name,
 * author, version, organization, description, licence, tags, languages, base models and data sets;
 * of generation_config.json how to sample. `name` is the model's where the card has none, or NULL.
 * What GGUF has no key for gets a note. */
bl_code bl_card_to_gguf(const bl_texts *texts, const char *name, bl_gguf_header *header,
                        bl_notes *notes, bl_error *error);

/* Adds README.md with what GGUF metadata says under general.*, in the words that bl_card_to_gguf
 * and gguf's own reader know. */
bl_code bl_card_from_gguf(const bl_index *index, bl_texts *texts, bl_notes *notes, bl_error *error);

/* Puts how to sample, as GGUF metadata says it, into what becomes generation_config.json. */
void bl_sampling_from_gguf(const bl_index *index, bl_json_writer *w);

/* Does metadata under this key go from one GGUF file to another as it is? What says something of
 * the model's origin, how to sample it and which ids have which part to play, as far as
 * bl_tokenizer_to_gguf does not write it. */
bool bl_gguf_key_travels(const char *key);

/* The value of the n-th item under `key` in the YAML of a card: a text, or a list of them; without
 * its quotes, NUL-terminated. False when there is none, or when it is no such text, or too long. */
bool bl_card_value(const char *readme, size_t size, const char *key, int n, char *value,
                   size_t value_size);

#endif
