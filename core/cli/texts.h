/* Files of plain text: those that variants are measured on, and prompts to continue. */
#ifndef BL_CLI_TEXTS_H
#define BL_CLI_TEXTS_H

#include "cli.h"

/* Calls take(context, item) for each item of "a,b,c", until one fails. */
bool cli_each_item(const char *list, bool (*take)(void *context, const char *item), void *context);

typedef struct cli_eval_text {
  char *path, *name; /* name: the last part of the path */
  char *bytes;
  size_t size;
  int32_t *ids; /* (n_ids) */
  size_t n_ids;
  int64_t n_scored;
} cli_eval_text;

/* Texts that are measured one after another. */
typedef struct cli_eval {
  int n;
  cli_eval_text *list;
  int64_t n_ids, n_scored; /* of all together */
} cli_eval;

/* Reads files, with commas between their names. On failure says which, and what is wrong with it.
 * Free with cli_eval_free in any case. */
bool cli_eval_read(cli_eval *eval, const char *list);
/* Cuts each into the model's tokens, special ones added as llama.cpp does, and keeps the first
 * max_tokens of it, all for 0. A text from which nothing would be scored is an error, and so is one
 * that `other`, unless NULL, would cut differently. */
bool cli_eval_encode(cli_eval *eval, const bl_model *model, const bl_model *other,
                     int64_t max_tokens, const bl_text_options *options);
void cli_eval_free(cli_eval *eval);

typedef struct cli_prompts {
  int n;
  char **texts;
  size_t *sizes;
} cli_prompts;

/* Reads a file with a prompt on every line that is not blank, or, when its first character is '{',
 * JSON lines with "prompt". */
bool cli_prompts_read(cli_prompts *prompts, const char *path);
void cli_prompts_free(cli_prompts *prompts);

#endif
