/* What the files of `bitloss train` share: the recipe, the data, the run's directory. */
#ifndef BL_CLI_TRAIN_H
#define BL_CLI_TRAIN_H

#include "begun.h"
#include "cli.h"
#include "files.h"
#include "train/packing.h"

/* A file's path from the folder that another one is in. */
char *cli_beside(const char *path, const char *name);

/* ---- train_recipe.c ------------------------------------------------------------------------- */

/* recipe.json, with the texts of the files that it names. */
typedef struct cli_train_recipe {
  bl_train_options options; /* pool and kernels not set */
  int batch_tokens;         /* of a step; rounded to whole sequences */
  int shuffle;              /* 0: the first pass is in the order of the texts */
  int64_t stop_at;          /* step after which this run ends, if the schedule has not before */
  int validate_every;       /* steps */
  int validation_tokens;
  int log_every;             /* steps */
  double checkpoint_minutes; /* between two */
  char *config, *tokenizer;  /* texts */
  size_t config_size, tokenizer_size;
  int32_t end; /* id of the token that ends a document: config.json's eos_token_id */
} cli_train_recipe;

bool cli_recipe_read(cli_train_recipe *recipe, const char *path);
void cli_recipe_free(cli_train_recipe *recipe);

/* ---- train_data.c --------------------------------------------------------------------------- */

/* The tokens of a folder's text files, and its documents as ranges of them. */
typedef struct cli_corpus {
  uint16_t *ids;
  uint64_t n_ids, capacity;
  bl_train_document *documents; /* those to train on, then those held out */
  size_t n_documents, n_held_out, document_capacity;
} cli_corpus;

/* Reads DIR/NAME.txt in the order of their names, through the tokenizer or from its own earlier
 * results, DIR/NAME.txt.ids. The last file is held out; of a lone file, its last twentieth. */
bool cli_corpus_read(cli_corpus *corpus, const char *folder, const cli_train_recipe *recipe);
void cli_corpus_free(cli_corpus *corpus);

/* ---- train_run.c ---------------------------------------------------------------------------- */

/* The directory of a run: checkpoint.bin, log.csv, and the model as it is. */
typedef struct cli_run {
  char *folder;
  int lock;             /* the folder, open and marked as in use; -1 where that can't be */
  void *log;            /* FILE * */
  cli_begun *begun[16]; /* what goes away again when the run fails before its first checkpoint */
  int n_begun;
  const cli_source *origin; /* whose other texts the model takes with it, or NULL; borrowed */
  double seconds;           /* trained before this start */
} cli_run;

typedef struct cli_log_row {
  int64_t step, tokens;
  double loss, smoothed_loss, validation_loss; /* validation: NAN when not measured */
  double learning_rate, gradient_norm, seconds;
} cli_log_row;

/* Makes the directory, or takes up the checkpoint in it. It is this run's alone until the end. */
bool cli_run_begin(cli_run *run, const char *folder, bool resume, bl_trainer *trainer);
void cli_run_end(cli_run *run);
bool cli_run_log(cli_run *run, const cli_log_row *row);
/* Writes checkpoint.bin, config.json, tokenizer.json and model.safetensors (bf16), and what else
 * the origin says of its model, each complete or not at all. */
bool cli_run_save(cli_run *run, const bl_trainer *trainer, const cli_train_recipe *recipe);

#endif
