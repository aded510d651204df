/* bitloss: what was lost. Part of bitloss.h.
 *
 * Everything here compares variants of a model with their reference, from single weights to the
 * task score. Each figure that is an estimate comes with its error; "no difference" and "too few
 * items to tell" are different answers. The progress callbacks are called on the caller's thread.
 */
#ifndef BITLOSS_MEASURE_H
#define BITLOSS_MEASURE_H

#include "bitloss.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- weights ------------------------------------------------------------------------------ */

/* Where the bytes of a model go. They add up to bl_model_info.size_bytes. */
typedef struct bl_byte_split {
  uint64_t codes;     /* the quantized weights themselves */
  uint64_t scales;    /* scales, and what scales them */
  uint64_t biases;    /* biases, minima and zero points */
  uint64_t untouched; /* tensors stored as plain floats */
} bl_byte_split;
void bl_model_get_bytes(const bl_model *model, bl_byte_split *split);

/* Bins of a histogram of weights. */
#define BL_HISTOGRAM_BINS 64

/* One tensor of a variant against the reference's. */
typedef struct bl_weight_detail {
  bl_weight_error error;
  float low, high; /* the range of the histograms: the least and the greatest original weight */
  int64_t originals[BL_HISTOGRAM_BINS]; /* how many weights fall into each bin */
  int64_t converted[BL_HISTOGRAM_BINS]; /* of those after the recipe; what is outside goes to the
                                           first or the last bin */
  /* How often each code occurs, from the lowest on: what a code means is its format's own matter.
   * n_codes is 0 for plain floats. In a format whose groups have a range of their own the first
   * and the last are its ends. */
  int n_codes;
  int64_t codes[256];
  double outliers; /* share of original weights further than 4 standard deviations from the mean */
} bl_weight_detail;

/* Both models have the tensor at that index. rows (n_rows) receives each row's error and groups
 * (n_rows * n_cols / group) each group's RMSE; either may be NULL. A tensor with plain floats in
 * the variant has one group to a row. */
bl_code bl_weight_detail_get(const bl_model *reference, const bl_model *variant, int tensor,
                             bl_weight_detail *detail, bl_weight_error *rows, float *groups,
                             bl_error *error);

/* ---- predictions on a text ---------------------------------------------------------------- */

/* How a text is cut up. The definitions, chunking included, are those of llama.cpp's perplexity
 * tool: n_context tokens at a time go through an empty cache, those before `first` are only read,
 * and what is left over at the end is not used. Where the tokenizer puts a token before every text
 * (BOS), it replaces the first token of each chunk. */
typedef struct bl_text_options {
  int n_context; /* tokens of a chunk; 0: 512, the model's limit or the text, whichever is less */
  int first;     /* the first token of a chunk that is predicted; 0: n_context / 2; at least 1 */
  const char *kernels; /* of both sessions, as in bl_session_options */
  bl_pool *pool;
} bl_text_options;

/* What one token of a text suffered. Logarithms are natural. */
typedef struct bl_token_score {
  int32_t index;       /* of the predicted token in the text's ids */
  float log_p;         /* of that token under the variant */
  float ref_log_p;     /* and under the reference */
  float kl;            /* sum over the vocabulary of p_ref (ln p_ref - ln p) */
  float logit_diff;    /* mean over the vocabulary of |logit - logit_ref|: the lesson's number */
  int32_t is_same_top; /* is the most likely token the same? 0 or 1 */
} bl_token_score;

/* How many tokens of a text are scored; 0 when it is too short for one chunk. The model supplies
 * the limit of the context. */
int64_t bl_text_n_scored(const bl_model *model, size_t n_ids, const bl_text_options *options);

/* Runs the text through the reference and through n_models variants of it, side by side, a few
 * tokens at a time, so that memory does not grow with the text times the vocabulary. Fills scores
 * (n_models, bl_text_n_scored). The reference itself may be among the models: it then runs once. It
 * is an error when the text is too short, when an id is not in the vocabulary, or when two models'
 * vocabularies differ. */
bl_code bl_text_run(const bl_model *reference, const bl_model *const *models, int n_models,
                    const int32_t *ids, size_t n_ids, const bl_text_options *options,
                    bl_progress_fn on_progress, void *context, bl_token_score *scores,
                    bl_error *error);

/* A value with one standard error. */
typedef struct bl_estimate {
  double value, error;
} bl_estimate;

/* Figures over the tokens of a text, by the formulas of llama.cpp's perplexity tool. With a weight
 * that is not a number they are not numbers either. */
typedef struct bl_text_stats {
  int64_t n; /* tokens scored */
  bl_estimate ppl, ref_ppl;
  bl_estimate ln_ratio; /* ln(ppl / ref_ppl); the error takes account of the covariance */
  double correlation;   /* of ln ppl and ln ref_ppl, over tokens */
  bl_estimate kl_mean;  /* KL divergence from the reference, nats */
  double kl_median, kl_90, kl_95, kl_99, kl_999, kl_max;
  bl_estimate delta_p;     /* change of the right token's probability: mean */
  bl_estimate delta_p_rms; /* and root of the mean square */
  bl_estimate same_top;    /* share of tokens whose most likely prediction stays */
  bl_estimate logit_diff;  /* mean of the tokens' mean absolute logit differences */
} bl_text_stats;

/* Takes the scores (n) of one model. The only error is that memory ran out. */
bl_code bl_text_summarize(const bl_token_score *scores, int64_t n, bl_text_stats *stats,
                          bl_error *error);

/* ---- tasks ---------------------------------------------------------------------------------- */

/* A question with one right answer. */
typedef struct bl_task {
  const char *id; /* for errors */
  const char *prompt, *answer;
  size_t prompt_size, answer_size;
} bl_task;

/* Is the text, up to its first newline and without ASCII white space around it, the answer? The
 * answer is one line, is not empty, and has no white space around it. */
bool bl_task_is_right(const char *text, size_t text_size, const char *answer, size_t answer_size);

/* Lets the model answer every task by greedy generation: after the prompt it writes until a newline
 * or the end of the text, at most 8 tokens more than the answer has. Fills is_right (n_tasks). The
 * pool's threads work on different tasks; their number does not change the result. A prompt that
 * does not fit the model's context is an error. */
bl_code bl_tasks_run(const bl_model *model, const bl_task *tasks, int n_tasks, bl_pool *pool,
                     bl_progress_fn on_progress, void *context, bool *is_right, bl_error *error);

/* A question with several answers to choose from. */
typedef struct bl_choice_task {
  const char *id; /* for errors */
  const char *prompt;
  size_t prompt_size;
  int n_choices;              /* at least 2 */
  const char *const *choices; /* each is appended to the prompt as it is written */
  const size_t *choice_sizes;
  int answer; /* index of the right one */
} bl_choice_task;

/* Which choice does the model find likeliest? picks (n_tasks) receives the index of the choice
 * whose tokens have the greatest sum of log-probabilities after the prompt, and picks_by_byte, may
 * be NULL, that of the greatest sum per byte; on a tie the first. Otherwise as bl_tasks_run. These
 * are `acc` and `acc_norm` of EleutherAI's lm-evaluation-harness; a choice's tokens are those of
 * prompt and choice together that come after the prompt's own, as there. */
bl_code bl_choices_run(const bl_model *model, const bl_choice_task *tasks, int n_tasks,
                       bl_pool *pool, bl_progress_fn on_progress, void *context, int *picks,
                       int *picks_by_byte, bl_error *error);

/* A share with its 95% interval. */
typedef struct bl_share {
  double value, low, high;
} bl_share;

/* n_right of n, with the score interval of Wilson (1927), "Probable inference, the law of
 * succession, and statistical inference", without continuity correction. When n is 0 nothing is
 * known: 0 in [0, 1]. */
bl_share bl_share_of(int64_t n_right, int64_t n);

/* Two variants on the same tasks: what the second got right and the first did not, and so on. */
typedef struct bl_paired {
  int64_t n, n_gained, n_lost;
  bl_share difference; /* the second's accuracy minus the first's */
  double p;            /* of so uneven a split of gained and lost, were there no difference */
} bl_paired;

/* p is that of McNemar's test in its exact form: the two-sided binomial test of gained against lost
 * at 1/2. The interval of the difference is method 10 of Newcombe (1998), "Improved confidence
 * intervals for the difference between binomial proportions based on paired data". */
bl_paired bl_paired_compare(const bool *first, const bool *second, int64_t n);

typedef enum bl_verdict {
  BL_VERDICT_UNCLEAR, /* too few tasks to tell */
  BL_VERDICT_SAME,    /* the whole interval lies within the margin around no difference */
  BL_VERDICT_BETTER,  /* p < 0.05 */
  BL_VERDICT_WORSE,
} bl_verdict;

/* What the comparison allows to say; `margin` is the difference in accuracy that does not matter,
 * such as 0.02. */
bl_verdict bl_paired_verdict(const bl_paired *paired, double margin);

/* ---- generations ---------------------------------------------------------------------------- */

/* How a variant's greedy text departs from the reference's for one prompt. */
typedef struct bl_divergence {
  int n_tokens;      /* that the reference wrote */
  int first;         /* index of the first that differs; n_tokens when none does */
  int rank;          /* of the reference's token there in the variant, from 0: then 1 or more */
  float gap;         /* probability of the variant's token there less that of the reference's */
  int edit_distance; /* between the tokens that the two wrote from there on (Levenshtein) */
  double edit_share; /* edit_distance over the longer of the two; 0 when none differs */
} bl_divergence;

/* Lets both models continue every prompt greedily, by at most max_tokens. Fills divergences
 * (n_prompts). The pool's threads work on different prompts. */
bl_code bl_divergence_run(const bl_model *reference, const bl_model *variant,
                          const char *const *prompts, const size_t *prompt_sizes, int n_prompts,
                          int max_tokens, bl_pool *pool, bl_progress_fn on_progress, void *context,
                          bl_divergence *divergences, bl_error *error);

/* ---- sensitivity ---------------------------------------------------------------------------- */

typedef enum bl_unit_by { BL_BY_TENSOR, BL_BY_LAYER, BL_BY_KIND } bl_unit_by;

/* A part of the model that is quantized alone: one matrix, a layer's matrices, or all of a kind. */
typedef struct bl_unit {
  char pattern[48]; /* for a recipe's rule: "layers.3.mlp.down_proj", "layers.3", "down_proj" */
  int layer;        /* -1 outside the layers, and by kind */
  char kind[24];    /* "q_proj", "down_proj", "embed_tokens", "lm_head"; "" by layer */
  int64_t n_params;
} bl_unit;

/* Lists the units of a model into units (capacity); returns how many there are. */
int bl_units_list(const bl_model *model, bl_unit_by by, bl_unit *units, int capacity);

/* Told the results of units as they come: false stops with BL_ERR_CANCELLED. */
typedef bool (*bl_unit_fn)(void *context, int unit, const bl_text_stats *stats);

/* Runs the text with nothing quantized but one unit at a time, to `recipe`, a single format. The
 * reference is run once for several units. */
bl_code bl_sensitivity_run(const bl_model *reference, const bl_recipe *recipe, const bl_unit *units,
                           int n_units, const int32_t *ids, size_t n_ids,
                           const bl_text_options *options, bl_unit_fn on_unit, void *context,
                           bl_error *error);

/* A mixed recipe for a target size. Each unit gets one of `formats` (single formats), so that the
 * bits per weight of all units together, scales counted, come closest to target_bits from below
 * and the expected sum of KL divergences is small: kl (n_units) is what bl_sensitivity_run measured
 * under `measured`; for another format it is scaled by the ratio of the mean squared weight errors
 * of the unit in the two. Divergences are taken to add up. */
bl_code bl_mix_make(const bl_model *reference, const bl_unit *units, int n_units, const double *kl,
                    const bl_recipe *measured, const bl_recipe *formats, int n_formats,
                    double target_bits, bl_pool *pool, bl_recipe *recipe, double *bits,
                    double *expected_kl, bl_error *error);

/* ---- sweeps --------------------------------------------------------------------------------- */

/* on_front (n): is no other point both as small and as good, and better in one? Points whose loss
 * is not a number are not on it. */
void bl_pareto_front(const double *size, const double *loss, int n, bool *on_front);

/* ---- cost ----------------------------------------------------------------------------------- */

typedef struct bl_cost_options {
  int n_prompt;      /* tokens that go through together; 0: 128 */
  int n_written;     /* tokens one by one, after the prompt; 0: 32 */
  int n_runs;        /* the median of which counts; 0: 3 */
  bl_clock_fn clock; /* required */
  const char *kernels;
  bl_pool *pool;
} bl_cost_options;

/* What running a model costs on this machine, now. */
typedef struct bl_cost {
  int n_prompt, n_written;
  double prompt_seconds, written_seconds; /* of the median run, all tokens together */
  double prompt_work[BL_N_WORK], written_work[BL_N_WORK]; /* seconds of that run by kind */
  uint64_t model_bytes;                                   /* resident weights */
  uint64_t session_bytes;                                 /* key-value cache and work space */
} bl_cost;

bl_code bl_cost_run(const bl_model *model, const bl_cost_options *options, bl_cost *cost,
                    bl_error *error);

/* ---- budget --------------------------------------------------------------------------------- */

/* What a model that may be too large to load needs, from its config alone. */
typedef struct bl_budget {
  char architecture[64];
  int64_t n_params;                                           /* = the five below */
  int64_t n_embedding, n_output, n_attention, n_ffn, n_other; /* n_output is 0 when tied */
  uint64_t weight_bytes;     /* under the recipe, scales counted: what bl_model_info.size_bytes says
                                of the model once it is loaded */
  uint64_t kv_bytes;         /* key-value cache of the context, in kv_dtype; 0 for an encoder */
  uint64_t activation_bytes; /* work space of bl_session for this context and batch */
  double bits_per_weight;
} bl_budget;

typedef struct bl_budget_options {
  bl_recipe recipe;  /* zero: as stored */
  bl_dtype dtype;    /* in which the model is stored; NONE: what the config says, else bf16 */
  bl_dtype kv_dtype; /* NONE: f16 */
  int64_t n_context; /* 0: 4096, or the model's limit when lower */
  int64_t n_batch;   /* 0: 64 */
} bl_budget_options;

/* `config` is the text of a config.json: Llama, Mistral, Mixtral, Qwen2, Qwen3, GPT-2, BERT and
 * DistilBERT. */
bl_code bl_budget_from_config(const char *config, size_t config_size,
                              const bl_budget_options *options, bl_budget *budget, bl_error *error);

/* A config for a size in everyday words, "7B", "70B", "1.5B", "135M": that of a published model
 * which is called so, or, for another size, a Llama of that many parameters as nearly as its shape
 * allows. Writes the text of a config.json, NUL-terminated. */
bl_code bl_budget_config(const char *size, char *config, size_t config_size, bl_error *error);

/* ---- verdicts ------------------------------------------------------------------------------- */

/* What the figures allow to say of a variant; README.md has the rules. */
typedef enum bl_loss {
  BL_LOSS_NOT_MEASURED,
  BL_LOSS_NONE,    /* no measurable loss: and enough was measured to have seen one */
  BL_LOSS_UNCLEAR, /* too little was measured to tell */
  BL_LOSS_SMALL,   /* measurable, small */
  BL_LOSS_LARGE,   /* measurable, large */
  BL_LOSS_BROKEN,
} bl_loss;
bl_loss bl_loss_of_text(const bl_text_stats *stats);
bl_loss bl_loss_of_tasks(const bl_paired *paired, int64_t n_reference_right);
bl_loss bl_loss_worst(bl_loss a, bl_loss b); /* of two kinds of measurement; UNCLEAR gives way */
const char *bl_loss_words(bl_loss loss);     /* "no measurable loss", "measurable, small", … */

#ifdef __cplusplus
}
#endif
#endif
