/* Labelled texts, and how a classifier does on them. */
#ifndef BL_CLI_LABELS_H
#define BL_CLI_LABELS_H

#include "cli.h"

typedef struct cli_labelled {
  const char *text; /* (size), in the file's bytes */
  size_t size;
  const char *word; /* its label as it is written, with a NUL behind it */
  size_t line;
  int label;
  int32_t *ids; /* (n_ids) */
  size_t n_ids;
} cli_labelled;

typedef struct cli_labels {
  char *path, *bytes;
  int n, n_classes;
  cli_labelled *list; /* (n) */
} cli_labels;

/* So many texts are answered one after another where latency is measured. */
enum { CLI_N_BATCHES = 3 };
extern const int cli_batches[CLI_N_BATCHES];

/* How one variant did. */
typedef struct cli_label_figures {
  float *logits;  /* (n, n_classes) */
  bool *is_right; /* (n): the likeliest class is the text's label */
  int64_t n_right, n_same;
  bl_estimate logit_diff;              /* mean |logit - the reference's|, over texts and classes */
  double batch_seconds[CLI_N_BATCHES]; /* the median time until all texts of a batch are answered */
  int n_not_finite;                    /* texts with a logit that is no number */
} cli_label_figures;

/* Reads a file of lines "text<TAB>label"; blank lines are left out. On failure says which line,
 * what was found and what was expected. Free with cli_labels_free in any case. */
bool cli_labels_read(cli_labels *labels, const char *path);
/* Finds each label among the model's classes, by name or number, and cuts each text into tokens. A
 * model without classes, another label or a text that is too long is an error. */
bool cli_labels_encode(cli_labels *labels, const bl_model *model, const char *model_path);
void cli_labels_free(cli_labels *labels);
/* "held_out.tsv: 1,000 labelled texts, 41 tokens in the middle", and how latency was measured.
 * Free it. */
char *cli_labels_words(const cli_labels *labels, bool times);

/* Labels all texts under a progress bar called `label`; `reference` is NULL for the reference's own
 * run. With times measures latency too. On failure or interruption returns false. */
bool cli_labels_run(const cli_labels *labels, const bl_model *model, const char *label,
                    bl_pool *pool, bool times, const cli_label_figures *reference,
                    cli_label_figures *figures);
void cli_label_figures_free(cli_label_figures *figures);

#endif
