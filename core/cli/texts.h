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
  int32_t *ids; /* (n_ids) of all documents */
  size_t n_ids;
  size_t *ends; /* (n_documents) in ids; NULL where the text is not divided */
  size_t n_documents;
  int64_t n_scored;
} cli_eval_text;

/* Texts that are measured one after another. */
typedef struct cli_eval {
  int n;
  cli_eval_text *list;
  bl_documents documents;               /* how they are divided */
  int64_t n_ids, n_scored, n_documents; /* of all together */
} cli_eval;

/* Reads files, with commas between their names. On failure says which, and what is wrong with it.
 * Free with cli_eval_free in any case. */
bool cli_eval_read(cli_eval *eval, const char *list);
/* Divides each as eval->documents says, cuts every document into the model's tokens, special ones
 * added as llama.cpp does, and keeps the first max_tokens of the text, all for 0. A text from which
 * nothing would be scored is an error, and so is one that `other`, unless NULL, would cut
 * differently. */
bool cli_eval_encode(cli_eval *eval, const bl_model *model, const bl_model *other,
                     int64_t max_tokens, const bl_text_options *options);
/* The options with the text's documents. */
bl_text_options cli_eval_options(const cli_eval_text *text, const bl_text_options *options);
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
