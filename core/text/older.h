/* Making a tokenizer.json of the files that came before it: what the kinds of them share. */
#ifndef BL_TEXT_OLDER_H
#define BL_TEXT_OLDER_H

#include "base/json.h"
#include "text/tokenizer.h"

/* The files that are there, and what is written. */
typedef struct bl_older {
  const bl_vocab_files *files;
  cJSON *vocab, *config, *added, *map; /* NULL: not there */
  const char *class_name;              /* of transformers, or "" */
  size_t class_size;                   /* of it without "Fast" at its end */
  bl_json_writer w;
} bl_older;

bool bl_older_is_class(const bl_older *o, const char *name);

/* The text of a token with a part to play, "bos_token", by tokenizer_config.json or else
 * special_tokens_map.json; `otherwise` where neither names it, NULL where they say that there is
 * none.
 */
const char *bl_older_token(const bl_older *o, const char *role, const char *otherwise);
/* A setting of tokenizer_config.json. */
bool bl_older_flag(const bl_older *o, const char *key, bool otherwise);
/* The text of "<s>", or of {"content": "<s>", …}. */
const char *bl_older_content(const cJSON *item);

/* An item of added_tokens. `flags` may be NULL: none is set. */
void bl_older_put_added(bl_older *o, double id, const char *content, bool special,
                        const cJSON *flags);
/* Those of tokenizer_config.json. False when it has none. */
bool bl_older_put_decoder(bl_older *o);
/* The post_processor, of what goes before and after every text; NULL: nothing. */
void bl_older_put_template(bl_older *o, const char *before, int64_t before_id, const char *after,
                           int64_t after_id);

/* Writes all members of tokenizer.json but its version. */
bl_code bl_older_put_words(bl_older *o, bl_error *error);  /* vocab.txt */
bl_code bl_older_put_pieces(bl_older *o, bl_error *error); /* tokenizer.model */

#endif
