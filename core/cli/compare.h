/* What the files of `bitloss compare` share: what was asked for, the lanes, and how they are shown.
 */
#ifndef BL_CLI_COMPARE_H
#define BL_CLI_COMPARE_H

#include "args.h"
#include "calibrate.h"
#include "completion.h"
#include "files.h"
#include "labels.h"
#include "tasks.h"
#include "texts.h"

typedef struct cli_compare_settings {
  cli_common common;
  const char *model, *against, *recipes, *prompt, *text, *documents, *tasks, *labels, *prompts,
      *layers, *sensitivity, *format, *system_prompt;
  int64_t max_tokens, context, text_tokens;
  double target_bits; /* 0: no mixture is asked for */
  bool sweep, cost, ignore_chat_template;
  cli_calibrate_settings calibrate;
} cli_compare_settings;

/* How the greedy texts of all prompts depart from the reference's. */
typedef struct cli_departures {
  int n, n_differ;
  bl_proportion differ;
  /* Over the prompts that differ, NaN when none does: medians of the first token that differs (from
   * 1), of the rank that the reference's token has there (from 1), of the probability that the
   * variant's has over it. */
  double first, rank, gap;
  double edit_share; /* mean over all prompts */
} cli_departures;

/* The prompt that is followed through the layers. */
typedef struct cli_layers {
  char *prompt; /* NULL where none was given */
  size_t size;
  int32_t *ids; /* (n_ids) */
  size_t n_ids;
} cli_layers;

/* One precision and what it did. The first lane is the reference. */
typedef struct cli_lane {
  char *name;           /* of a recipe, or of the model's file */
  char *label;          /* of the progress bar */
  const bl_model *base; /* the model that it is a variant of */
  bool is_stored;       /* it is that model as it is */
  bl_recipe recipe;
  bl_model_info info; /* only its numbers outlive the model */
  bl_byte_split bytes;
  bool has_error; /* the weights can be compared with the reference's */
  bl_weight_error error;
  cli_text written;
  bl_estimate speed;    /* tokens per second; 0: too little is written */
  int first_difference; /* token; -1: what was written is what the reference wrote */
  bl_text_stats *texts; /* of each text */
  bl_text_stats text;   /* and of all together */
  bool *is_right;       /* (tasks.n), or NULL */
  cli_label_figures labels;
  bl_paired paired; /* of tasks or labels, with the reference */
  cli_departures departures;
  int n_stages;             /* of the layers: the embedding, and each of them */
  bl_layer_figures *stages; /* (n_stages) */
  bl_cost cost;
  uint64_t work_bytes[BL_N_WORK]; /* of weights, by the kind of work that reads them */
  bl_loss loss;                   /* the worst of text and tasks */
  int n_notes;
  bl_note *notes; /* what was remarked of its model, and not of the one that it is a variant of */
  char *problem;  /* what makes it broken or, of the reference, no measure; or NULL */
  bool on_front;  /* of loss against size, in a sweep */
} cli_lane;

/* The mean loss when one unit alone is quantized. */
typedef struct cli_unit_loss {
  int64_t n; /* tokens */
  bl_estimate kl, ln_ratio, same_top, logit_diff;
} cli_unit_loss;

typedef struct cli_sensitivity {
  bl_recipe recipe; /* what each unit was quantized to */
  char recipe_name[BL_RECIPE_TEXT];
  int n;
  bl_unit *units;
  cli_unit_loss *losses; /* (n) */
  int *order;            /* (n): indices of units, the most sensitive first */
  bool has_mix;
  bl_recipe mix;
  double mix_bits, expected_kl;
} cli_sensitivity;

typedef struct cli_comparison {
  const cli_compare_settings *set;
  bool streams; /* rows are printed as they come */
  bl_pool *pool;
  cli_source source, against_source;
  bl_model *model, *against; /* `against` is NULL without --against */
  const bl_model *reference; /* one of the two */
  const char *kernels;
  cli_completion completion; /* its prompt is NULL where none was given */
  cli_eval eval;             /* these are empty where no files were given */
  cli_tasks tasks;
  cli_labels labels;
  cli_prompts prompts;
  cli_layers layers;
  bl_text_options text_options;
  int n_lanes;
  cli_lane *lanes;
  cli_calibration calibration; /* for the lanes whose methods need it */
  cli_sensitivity sensitivity; /* empty unless it was asked for */
} cli_comparison;

/* ---- compare_lanes.c ------------------------------------------------------------------------ */

/* Appends a lane, unless there is one of that recipe. `name` may be NULL: the recipe's text. */
void cli_lane_add(cli_comparison *c, const bl_recipe *recipe, const char *name);
/* Reads "affine:8:64,affine:4:64"; the reference comes first in any case, and each lane once. */
bool cli_lanes_parse(cli_comparison *c, const char *list);
void cli_lanes_free(cli_comparison *c);
bool cli_is_reference(const cli_comparison *c, const cli_lane *lane);

/* ---- compare_damage.c: lanes whose weights or logits are not finite -------------------------- */

/* Says what is to be said of a lane's model, and takes what is wrong with its weights for its
 * problem, unless the reference's have the same fault. */
void cli_lane_take_notes(const cli_comparison *c, cli_lane *lane, const bl_model *model);
/* Its logits were not numbers; a second problem is not taken. */
void cli_lane_fail(cli_lane *lane, const char *sentence);
/* The verdict, once all is measured: broken where it has a problem, none where the reference has.
 */
void cli_lane_judge(const cli_comparison *c, cli_lane *lane);
/* Is there something to say: was text or tasks measured, or is the lane broken or unquantized? */
bool cli_lane_has_verdict(const cli_comparison *c, const cli_lane *lane);
/* Has any of them? */
bool cli_lanes_have_verdict(const cli_comparison *c);

/* ---- compare_kind.c ------------------------------------------------------------------------- */

/* Encoders are measured on labelled texts, others on what they continue: an option that is not for
 * the model is refused. */
bool cli_check_kind(const cli_comparison *c);

/* ---- compare_run.c -------------------------------------------------------------------------- */

/* Quantizes and measures every lane, small ones a few at a time where there is a text, so that the
 * reference reads it once for them. A variant is gone when it was measured: memory holds the
 * reference and one of them, or few. On failure or interruption returns false. */
bool cli_lanes_run(cli_comparison *c);

/* ---- compare_cells.c: figures as words ------------------------------------------------------ */

/* A table whose cells and headings are its own. */
typedef struct cli_grid {
  cli_table table;
  const char *headings[24];
  char align[25];
} cli_grid;

/* What a table shows of the lanes. */
typedef enum cli_view {
  CLI_VIEW_MAIN, /* size and weights, and the verdict */
  CLI_VIEW_TEXT, /* predictions on the texts */
  CLI_VIEW_PROMPTS,
  CLI_VIEW_COST,
  CLI_VIEW_WORK,   /* time and bytes by kind of work */
  CLI_VIEW_LABELS, /* what a classifier loses, and how long it takes */
  CLI_VIEW_REVIEW, /* all that decides, in one row */
  CLI_VIEW_SWEEP,  /* one line of 80 columns */
} cli_view;

/* A row for each of the first n_lanes lanes. Columns of what was not measured are left out. Free
 * with cli_grid_free. */
void cli_grid_make(const cli_comparison *c, cli_view view, int n_lanes, cli_grid *grid);
void cli_grid_column(cli_grid *grid, const char *heading, char align);
/* The KL divergence on each of the first 8 texts, a row for each lane but the reference. */
void cli_grid_texts(const cli_comparison *c, cli_grid *grid);
void cli_grid_free(cli_grid *grid);

/* A number by a format for a double; "not a number", "infinite". Free it. */
char *cli_figure(const char *format, double value);
const char *cli_plus_minus(void);
/* "5.31 ± 0.10", with two digits of the error; `sign` writes a plus. Free it. */
char *cli_estimate(bl_estimate estimate, bool sign);
/* "stories.en.txt, plain.en.txt: 5,412 tokens in 24 documents with blank lines between, 5,388 of
 * them scored". Free it. */
char *cli_eval_words(const cli_eval *eval);

/* ---- compare_sensitivity.c ------------------------------------------------------------------ */

/* Measures every unit alone, ranks them and, when a target was given, mixes a recipe, which becomes
 * a lane beside those of the reference and of the uniform recipe. */
bool cli_sensitivity_run(cli_comparison *c);
/* A row for each unit, the most sensitive first; at most max_rows, 0 for all. With bars in
 * characters when `bars`. */
void cli_sensitivity_grid(const cli_sensitivity *s, int max_rows, bool bars, cli_grid *grid);
/* Adds "sensitivity" and, when there is one, "mix". */
void cli_sensitivity_json(bl_json_writer *w, const cli_comparison *c);
void cli_sensitivity_free(cli_sensitivity *s);

/* ---- compare_layers.c ----------------------------------------------------------------------- */

/* Cuts the prompt into tokens, and finds what forbids the comparison before anything is quantized.
 */
bool cli_layers_prepare(cli_comparison *c);
/* Holds a lane's hidden states against the reference's. */
bool cli_layers_run(const cli_comparison *c, const bl_model *model, cli_lane *lane);
/* "Up to layer 2 it would say the same token, after layer 3 another." Free it. */
char *cli_layers_sentence(const cli_lane *lane);
/* A row for the embedding and each layer. */
void cli_layers_grid(const cli_comparison *c, const cli_lane *lane, cli_grid *grid);
/* Adds "layers", with a row for each lane and layer. */
void cli_layers_json(bl_json_writer *w, const cli_comparison *c);
void cli_layers_free(cli_layers *layers);

/* ---- the ways to show it all ---------------------------------------------------------------- */

void cli_compare_table(const cli_comparison *c);
void cli_compare_markdown(const cli_comparison *c);
void cli_compare_csv(const cli_comparison *c);
/* Writes the object that is printed as JSON; its members "lanes", "layers" and "sensitivity" also
 * make the CSV. */
void cli_compare_json(bl_json_writer *w, const cli_comparison *c);

/* ---- compare_sweep.c ------------------------------------------------------------------------ */

/* Every setting of MLX's affine format. */
extern const char cli_sweep_recipes[];
/* Prints the row of a lane that was just measured; the heading before the first. False when that
 * could not be written. */
bool cli_sweep_row(const cli_comparison *c, int lane);
/* Marks the lanes on the Pareto front of loss against size. */
void cli_sweep_mark(cli_comparison *c);
/* Loss against bits per weight, drawn in characters, and which lanes are on the front. */
void cli_sweep_plot(const cli_comparison *c);
/* The KL divergence where there is a text, else the RMSE of the weights; NaN where there is
 * neither. */
double cli_sweep_loss(const cli_comparison *c, const cli_lane *lane);

#endif
