/* The text that a recipe's methods go by: --calibrate. */
#ifndef BL_CLI_CALIBRATE_H
#define BL_CLI_CALIBRATE_H

#include "args.h"
#include "files.h"

/* A member of a command's settings. */
typedef struct cli_calibrate_settings {
  const char *files;                  /* NULL: those that lie with the model */
  const char *imatrix, *save_imatrix; /* instead of a text, and made of one; NULL: none */
  int64_t tokens;
  int64_t steps; /* of methods that learn */
} cli_calibrate_settings;

/* The options, for settings with such a member `calibrate`. */
#define CLI_CALIBRATE_OPTIONS(settings)                                                       \
  {.name = "calibrate",                                                                       \
   .kind = CLI_TEXT,                                                                          \
   .offset = offsetof(settings, calibrate.files),                                             \
   .value = "FILES",                                                                          \
   .not_empty = true,                                                                         \
   .help =                                                                                    \
       "What the model reads for methods and static activations, which go by what its "       \
       "matrices are multiplied with, "                                                       \
       "files with commas between them, taken in turn so that each gives as many tokens: "    \
       "plain text, divided as the model's config.json says, or at <|end|> where that is in " \
       "it; or JSON lines with \"text\", or \"prompt\" and \"answer\". Half of it is read "   \
       "document by document, half joined; an encoder reads documents alone, and of "         \
       "labelled texts not the labels. What should survive, "                                 \
       "in every language, should be in it. The default is calibration.txt in the model's "   \
       "folder or the one above."},                                                           \
      {.name = "calibration-tokens",                                                          \
       .kind = CLI_INT,                                                                       \
       .offset = offsetof(settings, calibrate.tokens),                                        \
       .value = "N",                                                                          \
       .fallback = "65536",                                                                   \
       .min = 16,                                                                             \
       .max = 100000000,                                                                      \
       .help = "Tokens of it to read at most."},                                              \
      {.name = "imatrix",                                                                     \
       .kind = CLI_TEXT,                                                                      \
       .offset = offsetof(settings, calibrate.imatrix),                                       \
       .value = "FILE",                                                                       \
       .not_empty = true,                                                                     \
       .help =                                                                                \
           "In place of a text, for methods that need no more: an importance matrix of "      \
           "llama.cpp's imatrix, .gguf or .dat."},                                            \
      {.name = "save-imatrix",                                                                \
       .kind = CLI_TEXT,                                                                      \
       .offset = offsetof(settings, calibrate.save_imatrix),                                  \
       .value = "FILE",                                                                       \
       .not_empty = true,                                                                     \
       .help =                                                                                \
           "Write what was seen on the text as such a file, .dat where it is called so, "     \
           "for llama-quantize --imatrix."}

/* Those of commands that learn too. */
#define CLI_LEARN_OPTIONS(settings)                                                 \
  {.name = "learn-steps",                                                           \
   .kind = CLI_INT,                                                                 \
   .offset = offsetof(settings, calibrate.steps),                                   \
   .value = "N",                                                                    \
   .fallback = "1000",                                                              \
   .min = 1,                                                                        \
   .max = 1000000,                                                                  \
   .help =                                                                          \
       "Steps of the methods that learn, dwq and distill, each of 2,048 tokens of " \
       "the same text. Ctrl-C ends learning early, and what was reached is kept."}

typedef struct cli_calibration {
  bl_statistics *statistics; /* NULL: none are needed */
  char *words;               /* "65,536 tokens of calibration.txt" */

  /* For methods that learn: every document by itself, and what stands between two. */
  int32_t *ids; /* (n_ids) */
  size_t n_ids;
  size_t *ends; /* (n_documents) */
  size_t n_documents;
  int32_t between[8]; /* (n_between) */
  size_t n_between;
} cli_calibration;

/* Lets the model read what the settings name, for the recipes of which any needs so much, or
 * learns; where none does `model` may be NULL. Says why when that fails. Free with
 * cli_calibration_free in any case. */
bool cli_calibrate(cli_calibration *calibration, const cli_calibrate_settings *settings,
                   const cli_source *source, const bl_model *model, bl_needs needs, bool learns,
                   bl_pool *pool);
/* The same for a model that is yet to be loaded: it is loaded as it is stored while it reads, and
 * options->statistics and ->calibration are set. Where the recipe learns it stays in *teacher;
 * NULL: learning is not done here. */
bool cli_calibrate_source(cli_calibration *calibration, const cli_calibrate_settings *settings,
                          cli_source *source, bl_load_options *options, bl_model **teacher);
void cli_calibration_free(cli_calibration *calibration);

#endif
