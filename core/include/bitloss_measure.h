/* bitloss: what was lost. Part of bitloss.h.
 *
 * Everything here compares variants of a model with their reference, from single weights to the
 * task score. Each figure that is an estimate comes with its error; "no difference" and "too few
 * items to tell" are different answers. The progress callbacks are called on the caller's thread.
 */
#ifndef BITLOSS_MEASURE_H
#define BITLOSS_MEASURE_H

#include "bitloss_model.h"
#include "bitloss_run.h"
#include "bitloss_text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The normal distribution's 97.5% point: so many standard errors to either side make a 95%
 * interval, and what lies outside it is beyond doubt. */
#define BL_Z95 1.959963984540054
/* Tokens of a chunk of text unless others are asked for, as with llama.cpp's perplexity tool. */
#define BL_TEXT_CONTEXT 512
/* Tokens that a model may write beyond the length of a task's answer. */
#define BL_TASK_SPARE_TOKENS 8

/* ---- calibration --------------------------------------------------------------------------- */

/* A text as tokens, for a model to read. */
typedef struct bl_calibration {
  const int32_t *ids; /* (n_ids) */
  size_t n_ids;
  const size_t *ends; /* (n_documents), rising: where each document ends, encoded with its special
                         tokens: a model reads each by itself. NULL: all is one text */
  size_t n_documents;
  int n_context; /* tokens that are read together at most; 0: BL_TEXT_CONTEXT, or the model's limit
                    where that is less */
  bl_pool *pool;
} bl_calibration;

/* Texts for a model to be calibrated on. */
typedef struct bl_calibration_text bl_calibration_text;

/* For a model, whose config tells where documents end in a plain text without an end of its own; of
 * a classifier's lines what follows a tab is a label, and is not read. The model is not kept. NULL
 * on an error. */
bl_calibration_text *bl_calibration_text_new(const bl_model *model, bl_error *error);
/* Adds a text (size bytes and a NUL), which is copied: plain, divided at <|end|> or <|endoftext|>
 * where it has them; or JSON lines with "text", or "prompt" and perhaps "answer". `name` is for
 * sentences. */
bl_code bl_calibration_text_add(bl_calibration_text *text, const char *name, const char *bytes,
                                size_t size, bl_error *error);
/* Cuts documents of all texts in turn into `most` tokens or fewer, so that each text gives as many:
 * half of them documents each by itself, and half one after another, as one text: a model is used
 * in both ways, and what it reads in one alone lets the other suffer. An encoder reads documents
 * alone. Once; sets the ids and the
 * ends, which are the text's. */
bl_code bl_calibration_text_encode(bl_calibration_text *text, const bl_tokenizer *tokenizer,
                                   size_t most, bl_calibration *calibration, bl_error *error);
/* The same of documents each by itself alone, the last one whole: what methods that learn are
 * shown. Takes the place of what was cut before. */
bl_code bl_calibration_text_encode_apart(bl_calibration_text *text, const bl_tokenizer *tokenizer,
                                         size_t most, bl_calibration *calibration, bl_error *error);
void bl_calibration_text_free(bl_calibration_text *text);

/* Lets a model read a text, and gathers what its matrices are multiplied with, each input once:
 * that of query, key and value is one, and that of gate and up. An embedding that is only looked up
 * in has an input in which every element counts the same. `needs` says what to gather: with the
 * Hessian n_cols^2 floats for each input. Models with experts are refused. The same
 * figures come of any number of threads. Progress is counted in tokens. Free with
 * bl_statistics_free. */
bl_code bl_calibrate(const bl_model *model, bl_needs needs, const bl_calibration *text,
                     bl_progress_fn on_progress, void *context, bl_statistics **statistics,
                     bl_error *error);
void bl_statistics_free(bl_statistics *statistics);
/* Tokens that they were gathered on. */
int64_t bl_statistics_tokens(const bl_statistics *statistics);

/* The mean squares that a file of llama.cpp's imatrix has for the matrices of the model, by their
 * names in GGUF: a ".gguf" or an older ".dat", all of whose bytes are given. *n_missing of the
 * matrices are not in it (a tied embedding never is); their columns count all the same.
 * BL_ERR_INPUT where it is no such file, or of another model. Free with bl_statistics_free. */
bl_code bl_statistics_from_imatrix(const bl_model *model, const char *file_name, const void *bytes,
                                   size_t n_bytes, bl_statistics **statistics, int *n_missing,
                                   bl_error *error);
/* Such a file's bytes, to be released with free; `dataset` is the name of the text. */
bl_code bl_statistics_to_imatrix(const bl_statistics *statistics, const bl_model *model,
                                 const char *dataset, bool as_dat, char **bytes, size_t *size,
                                 bl_error *error);

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

/* One tensor of a variant against the reference's. What is not a number is in no bin; an infinity
 * is in one of the ends, and an outlier. */
typedef struct bl_weight_detail {
  bl_weight_error error;
  float low, high; /* the range of the histograms: the least and the greatest finite original */
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

/* Weights to a group: those that share a scale in the tensor's format, and where groups have none
 * of their own, as in plain floats, all of a row. `tensor` is from 0 to n_tensors - 1. */
int64_t bl_weight_group(const bl_model *model, int tensor);

/* Both models have the tensor at that index. rows (n_rows) receives each row's error and groups
 * (n_rows * n_cols / bl_weight_group of the variant) each group's RMSE; either may be NULL. */
bl_code bl_weight_detail_get(const bl_model *reference, const bl_model *variant, int tensor,
                             bl_weight_detail *detail, bl_weight_error *rows, float *groups,
                             bl_error *error);

/* ---- predictions on a text ---------------------------------------------------------------- */

const char *bl_documents_name(bl_documents by); /* "whole", "lines", "blank" */
bool bl_documents_parse(const char *name, bl_documents *by);
/* Finds the first document that begins at *at or later, in text[*start, *end), and moves *at behind
 * it; false when there is none. Line ends around it (LF, CRLF) and blank lines belong to none; a
 * line of nothing but spaces, tabs and CR is blank. WHOLE: the rest of the text as it is, unless
 * that is empty. */
bool bl_text_next_document(bl_documents by, const char *text, size_t size, size_t *at,
                           size_t *start, size_t *end);

/* How a text is cut up. Undivided, the definitions, chunking included, are those of llama.cpp's
 * perplexity tool: n_context tokens at a time go through an empty cache, those before `first` are
 * only read, and what is left over at the end is not used. Where the tokenizer puts a token before
 * every text (BOS), it replaces the first token of each chunk.
 *
 * Divided, each document is read by itself, from an empty cache, with its own special tokens: all
 * of its first n_context tokens but the first one are predicted, and one that is longer goes on in
 * chunks as above. The figures are over all tokens of all documents, and so are the errors: a token
 * counts as one independent value in either way of reading. */
typedef struct bl_text_options {
  int n_context; /* tokens of a chunk; 0: BL_TEXT_CONTEXT, the model's limit or the text,
                    whichever is least */
  int first;     /* the first token of a chunk that is predicted; 0: n_context / 2 + 1, as there */
  const size_t *ends; /* (n_documents), rising: where each document ends in the ids, each encoded
                         with its special tokens; NULL: the text is not divided */
  size_t n_documents;
  const char *kernels; /* of both sessions, as in bl_session_options */
  bl_pool *pool;
  float *ref_logits;   /* (bl_text_n_scored, vocabulary) borrowed; NULL: none are kept */
  bool has_ref_logits; /* an earlier run left them, on this reference, these ids and this way of
                          cutting: the reference is not run again. Else they are filled here, and
                          are whole only where the run succeeds */
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

/* How many tokens of a text are scored; 0 when it is too short for one. The model supplies
 * the limit of the context. */
int64_t bl_text_n_scored(const bl_model *model, size_t n_ids, const bl_text_options *options);

/* Runs the text, encoded with its special tokens, through the reference and through n_models
 * variants of it, side by side, a few tokens at a time, so that memory does not grow with the text
 * times the vocabulary. Fills scores (n_models, bl_text_n_scored). The reference itself may be
 * among the models: it then runs once. Progress is counted in tokens, once for each model that
 * runs. It is an error when the text is too short, when an id is not in the vocabulary, or when two
 * models' vocabularies differ. */
bl_code bl_text_run(const bl_model *reference, const bl_model *const *models, int n_models,
                    const int32_t *ids, size_t n_ids, const bl_text_options *options,
                    bl_progress_fn on_progress, void *context, bl_token_score *scores,
                    bl_error *error);

/* A value with one standard error. */
typedef struct bl_estimate {
  double value, error;
} bl_estimate;

/* Figures over the tokens of a text, by the formulas of llama.cpp's perplexity tool; that one keeps
 * the reference's log-probabilities in 16 bits, here nothing is rounded. With a weight that is not
 * a number they are not numbers either. Errors are INFINITY where only one token was scored. */
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
 * does not fit the model's context is an error. Where logits are not finite numbers the answer is
 * not right; *n_not_finite, unless NULL, receives how many tasks that happened in. */
bl_code bl_tasks_run(const bl_model *model, const bl_task *tasks, int n_tasks, bl_pool *pool,
                     bl_progress_fn on_progress, void *context, bool *is_right, int *n_not_finite,
                     bl_error *error);

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
 * be NULL, that of the greatest sum per byte, without the white space before the choice; on a tie
 * the first; -1 when no sum is a number. Otherwise as bl_tasks_run. These are `acc` and `acc_norm`
 * of EleutherAI's lm-evaluation-harness. As there, white space at the end of the prompt goes to the
 * choices, and a choice's tokens are those of prompt and choice together that come after the
 * prompt's own; a choice without any is an error. */
bl_code bl_choices_run(const bl_model *model, const bl_choice_task *tasks, int n_tasks,
                       bl_pool *pool, bl_progress_fn on_progress, void *context, int *picks,
                       int *picks_by_byte, bl_error *error);

/* A share with its 95% interval. */
typedef struct bl_proportion {
  double value, low, high;
} bl_proportion;

/* n_right of n, with the score interval of Wilson (1927), "Probable inference, the law of
 * succession, and statistical inference", without continuity correction. When n is 0 nothing is
 * known: 0 in [0, 1]. */
bl_proportion bl_proportion_of(int64_t n_right, int64_t n);

/* Two variants on the same tasks: what the second got right and the first did not, and so on. */
typedef struct bl_paired {
  int64_t n, n_gained, n_lost;
  bl_proportion difference; /* the second's accuracy minus the first's */
  double p;                 /* of so uneven a split of gained and lost, were there no difference */
} bl_paired;

/* p is that of McNemar's test in its exact form: the two-sided binomial test of gained against lost
 * at 1/2. The interval of the difference is method 10 of Newcombe (1998), "Improved confidence
 * intervals for the difference between binomial proportions based on paired data". */
bl_paired bl_paired_compare(const bool *first, const bool *second, int64_t n);

typedef enum bl_verdict {
  BL_VERDICT_UNCLEAR, /* too few tasks to tell */
  BL_VERDICT_SAME,    /* the whole interval lies within 2 points of no difference */
  BL_VERDICT_BETTER,  /* p < 0.05 */
  BL_VERDICT_WORSE,
} bl_verdict;

/* What the comparison allows to say. */
bl_verdict bl_paired_verdict(const bl_paired *paired);

/* ---- generations ---------------------------------------------------------------------------- */

/* How a variant's greedy text departs from the reference's for one prompt. The token that ends a
 * text is one of its tokens. Where a variant's logits are not numbers its text is over: the
 * reference's token has the last rank there, and the gap is NaN. Where the reference's are not
 * there is nothing to compare with: BL_ERR_NOT_FINITE. */
typedef struct bl_divergence {
  int n_tokens;      /* that the reference wrote */
  int first;         /* index of the first that differs; n_tokens when none does */
  int rank;          /* of the reference's token there in the variant: 1 or more; 0 when none
                        differs */
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

/* ---- layers -------------------------------------------------------------------------------- */

/* Likeliest tokens that a lens tells. */
#define BL_LENS_TOP 5

typedef struct bl_lens_token {
  int32_t id; /* -1: the vocabulary is smaller, or the logits are not numbers */
  float p;
} bl_lens_token;

/* The hidden state after one layer, the residual stream h, of a variant against the reference's: as
 * wide as the model, and what the next layer reads.
 *
 * The lens is what the model would say next if this layer were its last: its final norm and output
 * matrix on the state at the prompt's last position (nostalgebraist 2020, "interpreting GPT: the
 * logit lens"). Each model looks through its own. After the last layer it is the model's prediction
 * itself; before that it is no more than a reading: nothing in the training asks a layer to speak
 * the output's language.
 *
 * Where a variant's states are not numbers neither are the figures. */
typedef struct bl_layer_figures {
  /* |h - h_ref| / |h_ref|: over all positions the root of the mean square, so that each counts the
   * same (in many models the first has a state a hundred times as long as the others, which alone
   * would decide), and at the last position. 0 where both are 0, INFINITY where only h_ref is. */
  double distance, last_distance;
  /* h h_ref / (|h| |h_ref|): the mean over all positions, and at the last. 1 where both are 0, 0
   * where one is. */
  double cosine, last_cosine;
  double kl;          /* of the lens, sum p_ref (ln p_ref - ln p), nats */
  float p_of_ref_top; /* what the variant gives to the reference's likeliest token */
  bl_lens_token ref_top[BL_LENS_TOP]; /* the likeliest first; the lowest id on a tie */
  bl_lens_token top[BL_LENS_TOP];
} bl_layer_figures;

/* A prompt being read by a model and a variant of it, a step at a time, so that the caller can show
 * progress and stop at any moment. Both models, and the pool, are borrowed. */
typedef struct bl_layers bl_layers;

/* Begins with a prompt's ids (n_ids), which are copied. It is an error when there are none, when
 * they do not fit the context of either, or when the models differ in vocabulary, width or layers.
 */
bl_layers *bl_layers_new(const bl_model *reference, const bl_model *variant, const int32_t *ids,
                         size_t n_ids, bl_pool *pool, bl_error *error);
void bl_layers_free(bl_layers *layers);
/* Does the next part: a batch of the prompt through both, or a layer's lens. It is done when
 * *n_done is *n_total; that is counted in tokens, a lens as one for each model. BL_ERR_NOT_FINITE
 * where the reference's states are not numbers: then there is nothing to compare with. */
bl_code bl_layers_step(bl_layers *layers, int64_t *n_done, int64_t *n_total, bl_error *error);
/* (*n), borrowed: the first is of the embedding, then one for each layer, all of them once it is
 * done. */
const bl_layer_figures *bl_layers_get(const bl_layers *layers, int *n);

/* ---- sensitivity ---------------------------------------------------------------------------- */

typedef enum bl_unit_by { BL_BY_TENSOR, BL_BY_LAYER, BL_BY_KIND } bl_unit_by;

/* A part of the model that is quantized alone: one matrix, a layer's matrices, or all of a kind. */
typedef struct bl_unit {
  char pattern[48]; /* for a recipe's rule: "layers.3.mlp.down_proj", "layers.3", "down_proj" */
  int layer;        /* -1 outside the layers, and by kind */
  char kind[24];    /* "q_proj", "down_proj", "embed_tokens", "lm_head"; "" for a whole layer */
  int64_t n_params;
} bl_unit;

/* Lists the units of a model into units (capacity), in the order of its tensors; returns how many
 * there are. The embedding and the output matrix are units also by layer, and are one when tied. */
int bl_units_list(const bl_model *model, bl_unit_by by, bl_unit *units, int capacity);

/* Told the results of units as they come, in their order: false stops with BL_ERR_CANCELLED. All of
 * stats is 0, n too, where the format changes none of the unit's matrices: where its group divides
 * no row, or they are stored so already. */
typedef bool (*bl_unit_fn)(void *context, int unit, const bl_text_stats *stats);

/* Weights that are not finite, or that the format can't hold, are no error: what they do is
 * measured. Runs the text with nothing quantized but one unit at a time, to `recipe`, a single
 * format. The reference is run once for several units. Progress is counted in tokens, once for each
 * model that runs; on_progress may be NULL, and both callbacks get the context. */
bl_code bl_sensitivity_run(const bl_model *reference, const bl_recipe *recipe, const bl_unit *units,
                           int n_units, const int32_t *ids, size_t n_ids,
                           const bl_text_options *options, bl_unit_fn on_unit,
                           bl_progress_fn on_progress, void *context, bl_error *error);

/* A mixed recipe for a target size. Each unit gets one of `formats` (single formats), so that the
 * bits per weight of all units together, scales counted, come closest to target_bits from below
 * and the expected sum of KL divergences is small: kl (n_units) is what bl_sensitivity_run measured
 * under `measured`; for another format it is scaled by the ratio of the mean squared weight errors
 * of the unit in the two. Divergences are taken to add up. The size is as exact as the formats
 * allow and the sum is the least there is, unless the recipe would need more rules than it can
 * have: then units that gain little by it share a format with their kind. A format is no
 * choice for a unit with a matrix that it can't hold, unless that holds for all formats. Matrices
 * that are in no unit stay as they are; "reference" may be among the formats. Fails when even the
 * smallest formats are too large. bits and expected_kl are those of all units under the recipe.
 * Progress is counted in weights, each once for every format that is tried on it. */
bl_code bl_mix_make(const bl_model *reference, const bl_unit *units, int n_units, const double *kl,
                    const bl_recipe *measured, const bl_recipe *formats, int n_formats,
                    double target_bits, bl_pool *pool, bl_progress_fn on_progress, void *context,
                    bl_recipe *recipe, double *bits, double *expected_kl, bl_error *error);

/* ---- sweeps --------------------------------------------------------------------------------- */

/* on_front (n): is no other point both as small and as good, and better in one? Points whose loss
 * is not a number are not on it. */
void bl_pareto_front(const double *size, const double *loss, int n, bool *on_front);

/* ---- cost ----------------------------------------------------------------------------------- */

typedef struct bl_cost_options {
  int n_prompt;      /* tokens that go through together; 0: 128, or what the context leaves */
  int n_written;     /* tokens one by one, after the prompt; 0: 32, at most half the context */
  int n_runs;        /* the median of which counts; 0: 3 */
  bl_clock_fn clock; /* required */
  const char *kernels;
  bl_pool *pool;
} bl_cost_options;

/* What running a model costs on this machine, now. */
typedef struct bl_cost {
  int n_prompt, n_written;
  double prompt_seconds, written_seconds; /* of each one's median run, all tokens together */
  double prompt_work[BL_N_WORK], written_work[BL_N_WORK]; /* seconds of that run by kind */
  uint64_t model_bytes;                                   /* resident weights */
  uint64_t session_bytes;                                 /* key-value cache and work space */
} bl_cost;

/* Progress is counted in tokens, of all runs together. */
bl_code bl_cost_run(const bl_model *model, const bl_cost_options *options,
                    bl_progress_fn on_progress, void *context, bl_cost *cost, bl_error *error);

/* ---- budget --------------------------------------------------------------------------------- */

/* What a model that may be too large to load needs, from its config alone. */
typedef struct bl_budget {
  char architecture[64];
  int64_t n_params;                                           /* = the five below */
  int64_t n_embedding, n_output, n_attention, n_ffn, n_other; /* n_output: the output matrix, 0
                                when tied; or what an encoder has after its last layer */
  uint64_t weight_bytes;     /* under the recipe, scales counted: what bl_model_info.size_bytes says
                                of the model once it is loaded */
  uint64_t kv_bytes;         /* key-value cache of the whole context, in kv_dtype, also where the
                                model looks back over a part of it only; 0 for an encoder */
  uint64_t activation_bytes; /* what a bl_session of one thread takes beside its cache, for this
                                context and batch; an encoder takes its whole context together */
  double bits_per_weight;
  int64_t n_context, n_batch; /* tokens, as counted on */
} bl_budget;

typedef struct bl_budget_options {
  bl_recipe recipe;  /* zero: as stored */
  bl_dtype dtype;    /* in which the model is stored; NONE: what the config says, else bf16 */
  bl_dtype kv_dtype; /* NONE: f16 */
  int64_t n_context; /* 0: BL_SESSION_CONTEXT, or the model's limit when lower */
  int64_t n_batch;   /* 0: 64 */
} bl_budget_options;

/* `config` is the text of a config.json of any family in core/family/table.c. A recipe applies to
 * all linear layers and embeddings, those of positions too; in a model whose block is not Llama's a
 * mixture has its base format for most matrices, as it goes by Llama's names. Llama's block may
 * come quantized by MLX, bitsandbytes or torchao. */
bl_code bl_budget_from_config(const char *config, size_t config_size,
                              const bl_budget_options *options, bl_budget *budget, bl_error *error);

/* The same of a model that is loaded, or of the outline of one (bl_loader_outline): its tensors are
 * those that the files have, in the formats that they have there. `dtype` is what floats are cast
 * to first; NONE: they are kept. */
bl_code bl_budget_of_model(const bl_model *model, const bl_budget_options *options,
                           bl_budget *budget, bl_error *error);

/* A config for a size in everyday words, "7B", "70B", "1.5B", "135M", "8x7B": that of a published
 * model which is called so (its own name, "Llama-3.1-8B", will do too), or, for another size from
 * 1M to 10T, a Llama that has as many parameters within 1%. Its heads are 128 wide (64 below 1B, 32
 * below 50M), four share a key and value, and it has as nearly as possible as many layers as heads
 * and a feed-forward of 8/3 of the width, both multiples of 256 (128 and 64 below 50M); 32000
 * tokens (4096 below 50M); embedding and output are one matrix below 1B. Writes the fields of
 * config.json that decide the size, NUL-terminated; 1024 bytes suffice. "_name_or_path" tells which
 * model it is. */
bl_code bl_budget_config(const char *size, char *config, size_t config_size, bl_error *error);

/* ---- verdicts ------------------------------------------------------------------------------- */

/* What the figures allow to say of a variant; README.md has the rules too. "Beyond doubt" means
 * that the 95% interval leaves no difference out. */
typedef enum bl_loss {
  BL_LOSS_NOT_MEASURED,
  BL_LOSS_NONE,    /* no measurable loss: and enough was measured to have seen one */
  BL_LOSS_UNCLEAR, /* too little was measured to tell */
  BL_LOSS_SMALL,   /* measurable, small */
  BL_LOSS_LARGE,   /* measurable, large */
  BL_LOSS_BROKEN,
  BL_LOSS_NOT_QUANTIZED, /* the recipe changed no matrix: there is nothing to judge */
} bl_loss;

/* By the perplexity ppl / ref_ppl on a text, with the error of its logarithm, and by the mean KL
 * divergence from the reference in nats. A variant can be as good at guessing a text as the
 * reference and yet no longer say the same: then the perplexity alone shows nothing.
 *   broken    something is not a number though the reference's figures are; or the perplexity has
 * doubled, or the divergence is over 1, beyond doubt large     the perplexity is higher beyond
 * doubt, by more than 5%; or the divergence, beyond doubt over 0.01, is over 0.1 small     the
 * perplexity is higher, or the divergence over 0.01, beyond doubt none      neither is, and the
 * intervals end below 1% more and below 0.01 unclear   anything else Not measured where nothing was
 * scored, or where the reference's own figures are not numbers. */
bl_loss bl_loss_of_text(const bl_text_stats *stats);

/* By the paired comparison with the reference on the same tasks, p being McNemar's:
 *   broken    worse (p < 0.05), and more than half of what the reference got right is lost, net
 *   large     worse, by more than 5 points
 *   small     worse, by at most 5 points
 *   none      better (p < 0.05), or the whole interval lies within 2 points of no difference
 *   unclear   anything else */
bl_loss bl_loss_of_tasks(const bl_paired *paired, int64_t n_reference_right);

/* NOT_QUANTIZED for a variant whose recipe had formats for its matrices, of which none divides the
 * rows of any; else NOT_MEASURED. */
bl_loss bl_loss_of_model(const bl_model *model);

bl_loss bl_loss_worst(bl_loss a, bl_loss b); /* of two kinds of measurement; UNCLEAR gives way */
/* "no measurable loss", "measurable, small", "measurable, large", "broken", "too little to tell",
 * "nothing was quantized", "not measured" */
const char *bl_loss_words(bl_loss loss);

#ifdef __cplusplus
}
#endif
#endif
