/* Making tokenizers, for the loader. The public half, bl_tokenizer_from_json
 * among it, is in bitloss.h. */
#ifndef BL_TEXT_TOKENIZER_H
#define BL_TEXT_TOKENIZER_H

#include "base/notes.h"
#include "format/gguf_write.h"
#include "format/index.h"

/* Ids with a part to play, as tokenizer_config.json, config.json or GGUF metadata name them; -1:
 * not named. */
typedef struct bl_special_ids {
  int32_t bos, eos, unknown, pad;
} bl_special_ids;

/* The ids with a part to play, and what goes around every text: the id that begins one, the id that
 * ends one. */
bl_special_ids bl_tokenizer_specials(const bl_tokenizer *tokenizer);
void bl_tokenizer_ends(const bl_tokenizer *tokenizer, bool *adds_bos, bool *adds_eos);

/* Does it compose characters (NFC) before it splits a text? What GGUF says has no place for that.
 */
bool bl_tokenizer_composes(const bl_tokenizer *tokenizer);

/* How many ids stand for two texts, an added token's and one of the vocabulary: GGUF has room for
 * the added token's alone. */
size_t bl_tokenizer_n_shared(const bl_tokenizer *tokenizer);

/* From the text of special_tokens_map.json: ids that tokenizer_config.json did not name. One that
 * is not JSON is passed over; fails only for want of memory. */
bl_code bl_tokenizer_add_specials(bl_tokenizer *tokenizer, const char *text, size_t size,
                                  bl_error *error);

/* Marks one more id as end of text. Ignored when out of range. */
void bl_tokenizer_add_end(bl_tokenizer *tokenizer, int64_t id);

/* Marks the ids that the member "eos_token_id" of config.json or generation_config.json names: a
 * number or a list of them. What is no token's id stops nothing and is noted (kind "end-token", the
 * file, how many). */
struct cJSON;
bl_code bl_tokenizer_add_ends(bl_tokenizer *tokenizer, const char *file, const struct cJSON *root,
                              bl_error *error);

/* Moves what was noted while the tokenizer was made to another list. */
bl_code bl_tokenizer_take_notes(bl_tokenizer *tokenizer, bl_notes *notes, bl_error *error);

/* Writes a tokenizer.json that gives the same ids, for a tokenizer that was read from GGUF; the
 * text is allocated with malloc. One that was read from tokenizer.json gives that text back. */
bl_code bl_tokenizer_to_json(const bl_tokenizer *tokenizer, char **text, size_t *text_size,
                             bl_error *error);

/* Adds tokenizer.ggml.* to a GGUF header, with a token for each of n_vocab
 * ids. `config` has the ids that config.json names; the tokenizer's own come first. A tokenizer
 * that llama.cpp would not do the same with is refused. */
bl_code bl_tokenizer_to_gguf(const bl_tokenizer *tokenizer, const bl_special_ids *config,
                             int32_t n_vocab, bl_gguf_header *header, bl_error *error);

#endif
