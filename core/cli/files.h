/* A model's files on disk, and the directory that a conversion writes. */
#ifndef BL_CLI_FILES_H
#define BL_CLI_FILES_H

#include "cli.h"
#include "signals.h"

typedef struct cli_file {
  char *name, *path; /* name: the last part of the path */
  uint64_t size;
  const uint8_t *bytes; /* the whole file; NULL until cli_map */
  cli_mapping *mapping; /* of weights; NULL where `bytes` were read into memory */
} cli_file;

/* What MODEL on the command line stands for: weight files, and the texts that lie beside them. */
typedef struct cli_source {
  char *path;   /* as given, without slashes at the end */
  char *folder; /* where the texts are */
  bool is_folder, is_gguf;
  bool is_to_travel; /* what the texts say will be written elsewhere */
  int n_weights;
  cli_file *weights;
  uint64_t weights_size; /* all weight files together */
  int64_t n_parts;       /* files of the model when they are numbered, "-00001-of-00002"; else 0 */
  char *missing_part;    /* the name of the first of them that is not there, or NULL */
  int n_texts;
  cli_file *texts; /* config.json, tokenizer.json …, those that are there; always read */
} cli_source;

/* Finds the files; a directory's shards are those that its index lists. On failure says why. */
bool cli_source_open(cli_source *source, const char *path);
/* The same for a look at what is there: parts of a model may be missing. */
bool cli_source_open_parts(cli_source *source, const char *path);
/* shards.c: adds all files of the set to which the numbered `name` belongs. False when the name has
 * no number, or is one of one. */
bool cli_source_add_parts(cli_source *source, const char *name);
bool cli_part_of(const char *name, const char *other); /* are both numbered parts of one model? */
/* The same without weights: a directory, or the directory that a file lies in. */
bool cli_source_open_texts(cli_source *source, const char *path);
bool cli_source_add(cli_source *source, const char *name); /* one weight file */
void cli_source_close(cli_source *source);                 /* unmaps everything */
bool cli_map(cli_file *file);
/* The text of that name, or NULL. */
const cli_file *cli_source_text(const cli_source *source, const char *name);
/* vocab.c: has it older files in the place of tokenizer.json: vocab.json and merges.txt, vocab.txt
 * or tokenizer.model? */
bool cli_has_vocab(const cli_source *source);
/* The tokenizer.json that these make, as bl_tokenizer_json_from_vocab. */
bl_code cli_make_tokenizer(const cli_source *source, char **text, size_t *size, bl_error *error);
/* config.json parsed: NULL when there is none, or it is not JSON (*ok is then false, and the reason
 * has been given). Free with cJSON_Delete. */
cJSON *cli_source_config(const cli_source *source, bool *ok);

/* tokenizer.c: the tokenizer of a model's directory or GGUF file, or that a tokenizer's own file
 * has: tokenizer.json, or one of the older ones. NULL after saying why there is none. Weights are
 * not needed. */
bl_tokenizer *cli_open_tokenizer(const char *path);

/* Loads the model. Without anything to convert the weights are used where they are mapped, so the
 * source must stay open; else they are read in slices, under a progress bar called `label`. On
 * failure or interruption returns false. */
bool cli_load(cli_source *source, const bl_load_options *options, const char *label,
              bl_model **model);

/* Would the model load, under a recipe unless that is NULL, as far as the headers of its files
 * tell? `reason` gets the sentence that loading it would end with. */
bool cli_can_load(cli_source *source, const bl_recipe *recipe, bl_error *reason);

/* A directory being written: it gets its name only when it is complete. Until then it is called
 * PATH.partial-XXXXXX, and a lock marks it as in use. */
typedef struct cli_output {
  char *path, *temporary;
  int lock; /* the temporary directory, open; valid with `temporary` */
} cli_output;

/* What earlier runs that were killed left beside the path is removed, with a note. */
bool cli_output_begin(cli_output *output, const char *path);
/* Writes one file of an export. `done` counts the bytes of all files, for the progress bar. */
bool cli_output_export(cli_output *output, const bl_export *ex, int file, uint64_t *done);
/* Does the file lie, links followed, in the model's folder, or where the hub's cache keeps what
 * that links to? */
bool cli_is_of_model(const cli_source *source, const char *path);
/* Copies a file of the source's folder as it is, when it is there and the output has none. A link
 * to a file elsewhere is left out, with a note: only the hub's own cache is followed. */
bool cli_output_copy(cli_output *output, const cli_source *source, const char *name);
/* Gives it its name; an error when something else has been given that name meanwhile. */
bool cli_output_commit(cli_output *output);
/* Instead: the one file in the directory takes the path, in the place of the directory. */
bool cli_output_commit_file(cli_output *output, const char *name);
/* Removes whatever was written, unless it was committed; always call it at the end. */
void cli_output_end(cli_output *output);

#endif
