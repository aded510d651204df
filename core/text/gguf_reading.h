/* Reading a tokenizer from GGUF metadata: what its readers share, and the rarer kinds. */
#ifndef BL_TEXT_GGUF_READING_H
#define BL_TEXT_GGUF_READING_H

#include "text/parts.h"

/* What the readers of one file share. */
typedef struct bl_gguf_reading {
  bl_tokenizer *tokenizer;
  const bl_index *index;
  const bl_meta *tokens; /* strings */
  const bl_meta *types;  /* ints, or NULL */
  bl_notes *notes;
  bl_error *error;
} bl_gguf_reading;

/* An array of the given kind, or NULL when it is absent. One of more than n items is noted: those
 * beyond are left alone, as by llama.cpp. */
bl_code bl_gguf_array(const bl_gguf_reading *r, const char *key, bl_meta_kind kind, uint64_t n,
                      const bl_meta **array);
/* The token that the key names. Where it is absent or no token's id, which is noted: `otherwise`,
 * if there is such a token, or -1, as in llama.cpp. */
bl_code bl_gguf_id(const bl_gguf_reading *r, const char *key, int64_t otherwise, int64_t *id);

/* A value of tokenizer.ggml.model whose tokenizer is read by way of tokenizer.json, which is
 * allocated with malloc. */
typedef struct bl_gguf_row {
  const char *model;
  bl_code (*make)(const bl_gguf_reading *r, char **json, size_t *size);
} bl_gguf_row;
extern const bl_gguf_row *const bl_gguf_rows; /* in kinds.c; ends with one without a model */

bl_code bl_gguf_bert(const bl_gguf_reading *r, char **json, size_t *size);
bl_code bl_gguf_t5(const bl_gguf_reading *r, char **json, size_t *size);

#endif
