/* Kinds of models that make ids of words, as byte-pair encoding is one. Each is a row of a table.
 */
#ifndef BL_TEXT_KIND_H
#define BL_TEXT_KIND_H

#include "text/buffer.h"

struct bl_tokenizer;
struct bl_json_reading; /* text/json_reading.h */
struct cJSON;

typedef struct bl_kind {
  const char *name; /* as the model's "type" in tokenizer.json */
  /* Reads the object "model", and its vocabulary, which is in the reading's parts. The table of the
   * vocabulary is there, and has room for what it and the added tokens hold. */
  bl_code (*read_json)(struct bl_json_reading *reading, const struct cJSON *model);
  /* What follows from the whole vocabulary, added tokens too; may be NULL. */
  void (*finish)(struct bl_tokenizer *tokenizer);
  /* Appends the ids of one word, which no step cuts further, to `ids`. `work` is space to work in,
   * zeroed before the first word of a text. Time is bounded by the word's length. */
  bl_code (*encode)(const struct bl_tokenizer *tokenizer, void *work, const char *word, size_t size,
                    bl_ids *ids, bl_error *error);
  size_t work_bytes;
  void (*free_work)(void *work);   /* what it holds */
  void (*free_model)(void *model); /* the tokenizer's `model`, and what it holds; never of NULL */
} bl_kind;

extern const bl_kind bl_kind_bpe, bl_kind_wordpiece, bl_kind_unigram;

/* The token for a word that a WordPiece tokenizer has no tokens for; -1: none. */
int32_t bl_wordpiece_unknown(const struct bl_tokenizer *tokenizer);

/* ---- what there is, in kinds.c, and in wasm/first/kinds.c for the first module ---- */

extern const bl_kind *const bl_kinds[];
extern const int bl_n_kinds;

/* Refuses a part of a file that no table has: "tokenizer.json", "model type", "WordLevel". */
bl_code bl_no_such_part(const char *file, const char *what, const char *name, bl_error *error);

#endif
