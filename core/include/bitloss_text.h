/* bitloss: tokenizers, from text to ids and back. Part of bitloss.h. */
#ifndef BITLOSS_TEXT_H
#define BITLOSS_TEXT_H

#include "bitloss_base.h"
#include "bitloss_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bl_tokenizer bl_tokenizer;
/* The model's tokenizer; NULL when its files had none. */
const bl_tokenizer *bl_model_tokenizer(const bl_model *model);

/* Do the model's files have a template for chats, called "default" where there are several? */
bool bl_model_has_chat_template(const bl_model *model);

/* One of its own, from the text of tokenizer.json; `config` (tokenizer_config.json) and
 * `generation` (generation_config.json) may be NULL: they name the end-of-text tokens. Copies what
 * it needs. */
bl_code bl_tokenizer_from_json(const char *text, size_t text_size, const char *config,
                               size_t config_size, const char *generation, size_t generation_size,
                               bl_tokenizer **tokenizer, bl_error *error);
/* The files that came before tokenizer.json: vocab.json and merges.txt, or vocab.txt, or
 * SentencePiece's tokenizer.model, and what lies beside them. Those that are missing are NULL; of
 * several the first count. */
typedef struct bl_vocab_file {
  const char *bytes;
  size_t size;
} bl_vocab_file;
typedef struct bl_vocab_files {
  bl_vocab_file vocab, merges;      /* vocab.json, merges.txt */
  bl_vocab_file words;              /* vocab.txt */
  bl_vocab_file pieces;             /* tokenizer.model, spiece.model or sentencepiece.bpe.model */
  bl_vocab_file config, added, map; /* tokenizer_config.json, added_tokens.json,
                                       special_tokens_map.json */
  const char *model_type;           /* of config.json; may be NULL */
} bl_vocab_files;
/* The text of an equivalent tokenizer.json, allocated with malloc. BL_ERR_UNSUPPORTED where the
 * tokenizer's class is one that makes something else of such files. */
bl_code bl_tokenizer_json_from_vocab(const bl_vocab_files *files, char **text, size_t *text_size,
                                     bl_error *error);
/* For a loader, in the place of tokenizer.json and after the other texts: the files that came
 * before it, of which files->model_type may be NULL. Where their kind of tokenizer is not known the
 * model has none, and a note says why. */
bl_code bl_loader_add_vocab(bl_loader *loader, const bl_vocab_files *files, bl_error *error);
void bl_tokenizer_free(bl_tokenizer *tokenizer); /* one made so, not a model's */

/* Encodes text. Special tokens written in the text ("<|im_end|>") are recognised; those that the
 * tokenizer puts around every text (such as BOS) are added when add_special is true. Writes at most
 * `capacity` ids; *n_ids is the number the text needs, which may be larger. */
bl_code bl_tokenizer_encode(const bl_tokenizer *tokenizer, const char *text, size_t text_size,
                            bool add_special, int32_t *ids, size_t capacity, size_t *n_ids,
                            bl_error *error);
/* Encodes a prompt: as bl_tokenizer_encode does with add_special, but adds nothing to one that
 * begins with the text of the token that begins texts (BOS), such as a chat template written out
 * (mlx_lm 0.32, generate.py). */
bl_code bl_tokenizer_encode_prompt(const bl_tokenizer *tokenizer, const char *text,
                                   size_t text_size, int32_t *ids, size_t capacity, size_t *n_ids,
                                   bl_error *error);
/* Encodes two texts that belong together, as the tokenizer's post-processor says: BERT's gives
 * [CLS] first [SEP] second [SEP], and as types 0 up to the first [SEP], then 1. Writes as
 * bl_tokenizer_encode does. BL_ERR_UNSUPPORTED where the tokenizer says nothing of pairs. */
typedef struct bl_pair_text {
  const char *bytes;
  size_t size;
} bl_pair_text;
bl_code bl_tokenizer_encode_pair(const bl_tokenizer *tokenizer, const bl_pair_text texts[2],
                                 int32_t *ids, int32_t *types, size_t capacity, size_t *n_ids,
                                 bl_error *error);
int bl_tokenizer_size(const bl_tokenizer *tokenizer);
/* The bytes that one id stands for; special tokens give "" unless keep_special. They may be a part
 * of a UTF-8 sequence: use a bl_decoder to stream. */
bl_code bl_tokenizer_bytes(const bl_tokenizer *tokenizer, int32_t id, bool keep_special,
                           const char **bytes, size_t *n_bytes, bl_error *error);
/* A token's text as its vocabulary spells it ("##ing", "\u0120the", "\u2581the"), where the bytes
 * above are what it stands for. Empty for an id that has none. */
void bl_tokenizer_piece(const bl_tokenizer *tokenizer, int32_t id, const char **bytes,
                        size_t *n_bytes);
/* Is it a special token, such as "<|im_end|>" or "[CLS]"? */
bool bl_tokenizer_is_special(const bl_tokenizer *tokenizer, int32_t id);
/* Which kind of model makes the ids: "BPE", "WordPiece" or "Unigram". */
const char *bl_tokenizer_kind(const bl_tokenizer *tokenizer);
/* One token by itself as a reader is shown it: its characters, a special token's name, and each
 * byte that is a part of a character only as "<EC>". Writes at most size - 1 bytes and a NUL; of a
 * longer one the beginning, then "…". "" for an id that stands for nothing. `size` is at least 8.
 */
void bl_tokenizer_label(const bl_tokenizer *tokenizer, int32_t id, char *label, size_t size);
bool bl_tokenizer_is_end(const bl_tokenizer *tokenizer, int32_t id); /* an end-of-text token */

/* Turns ids into text as they come. Never gives out a broken UTF-8 sequence: an unfinished one is
 * held back until it is complete; bytes that can't become valid give U+FFFD. */
typedef struct bl_decoder bl_decoder;
bl_decoder *bl_decoder_new(const bl_tokenizer *tokenizer, bool keep_special, bl_error *error);
void bl_decoder_free(bl_decoder *decoder);
/* The text that this id completes (may be empty); valid until the next call. */
bl_code bl_decoder_push(bl_decoder *decoder, int32_t id, const char **text, size_t *text_size,
                        bl_error *error);
/* What is left at the end: U+FFFD for an unfinished sequence, else empty. */
void bl_decoder_flush(bl_decoder *decoder, const char **text, size_t *text_size);

/* ---- chat templates ------------------------------------------------------------------------ */

/* A moment as a calendar shows it, which the core has none of; month and day begin at 1. */
typedef struct bl_date {
  int year, month, day, hour, minute, second;
} bl_date;

/* Renders a chat template, in Jinja with the settings of transformers 5.24, whose
 * apply_chat_template gives the same bytes. `variables` is a JSON object of what the template finds
 * by name: messages, add_generation_prompt, tools, bos_token and so on. `now` is for templates that
 * ask for the date; NULL: those fail. The text is allocated with malloc and ends with NUL, which
 * *text_size does not count. A template sees nothing but these values, and its steps, memory and
 * nesting have bounds that follow from the sizes; one that goes on beyond them, is malformed, or
 * refuses the conversation (raise_exception) is BL_ERR_INPUT. */
bl_code bl_chat_render(const char *source, size_t source_size, const char *variables,
                       size_t variables_size, const bl_date *now, char **text, size_t *text_size,
                       bl_error *error);

/* One turn of a conversation. */
typedef struct bl_message {
  const char *role; /* "system", "user", "assistant" */
  const char *content;
  size_t content_size;
} bl_message;

/* A conversation in the words of the model's own template, with the special tokens that its files
 * name; with `add_generation_prompt` up to where the answer begins. It holds all tokens that the
 * model is to be given: encode it with add_special false. */
bl_code bl_model_chat(const bl_model *model, const bl_message *messages, int n_messages,
                      bool add_generation_prompt, const bl_date *now, char **text,
                      size_t *text_size, bl_error *error);
/* What it takes of the model, for callers that render elsewhere: the template's text, under this
 * name, "tokenizer_config.json" and "special_tokens_map.json". NULL: there is no such text. */
#define BL_CHAT_TEMPLATE "chat_template"
const char *bl_model_text(const bl_model *model, const char *name);
/* And the variables that it makes of them, for bl_chat_render; the two files may be NULL. `text` is
 * allocated with malloc. */
bl_code bl_chat_variables(const char *config, const char *map, const bl_message *messages,
                          int n_messages, bool add_generation_prompt, char **text,
                          size_t *text_size, bl_error *error);

#ifdef __cplusplus
}
#endif

#endif
