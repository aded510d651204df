/* bitloss: training a model of the Llama family. Part of bitloss.h. */
#ifndef BITLOSS_TRAIN_H
#define BITLOSS_TRAIN_H

#include "bitloss_files.h"
#include "bitloss_measure.h"
#include "bitloss_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A trainer holds a Llama-family model in float32, its gradient and the optimizer's state. The
 * caller pushes tokens in; a step is any number of bl_trainer_accumulate, then bl_trainer_step:
 *
 *   trainer = bl_trainer_new(config_json, …)
 *   for each step:
 *     bl_trainer_accumulate(trainer, &batch)  …        until there are as many tokens as wanted
 *     bl_trainer_step(trainer, &report)
 *   bl_trainer_export(trainer, BL_BF16, write, …)      model.safetensors
 *
 * All memory is taken by bl_trainer_new. Results do not depend on the number of threads. */
typedef struct bl_trainer bl_trainer;

typedef struct bl_train_options {
  int n_sequences;      /* that go through together at most */
  int n_context;        /* tokens of each */
  double learning_rate; /* the highest: reached at the end of the warm-up */
  double final_rate;    /* reached at the last step, along half a cosine */
  int64_t warmup_steps; /* in which the rate rises in a line from 0 */
  int64_t n_steps;      /* after which the rate stays at final_rate */
  double beta1, beta2;  /* of AdamW */
  double epsilon;
  double weight_decay; /* decoupled, of matrices only */
  double max_norm;     /* the gradient is scaled down to this length; 0: never */
  double init_std;     /* of the first weights; divided by sqrt(2 n_layers) for the two
                          matrices of a layer that write to the residual stream */
  uint64_t seed;       /* of the first weights */
  bool bf16;           /* products of factors rounded to bfloat16, where this machine has
                          instructions for them: several times faster, gradients off by some
                          parts in a thousand; sums and weights stay float32 */
  bl_recipe quantize;  /* the passes multiply by what this makes of the weights, which are rounded
                          at each step anew, as those that are exported in bf16 and then quantized
                          will be; the gradient passes straight through. Zero: weights as they are */
  const char *kernels; /* "portable", or NULL for the best this machine runs */
  bl_pool *pool;       /* borrowed for the trainer's life */
} bl_train_options;

/* `config` is the text of a config.json. */
bl_trainer *bl_trainer_new(const char *config, size_t config_size, const bl_train_options *options,
                           bl_error *error);
void bl_trainer_free(bl_trainer *trainer);
int64_t bl_trainer_n_params(const bl_trainer *trainer);
int64_t bl_trainer_n_steps_done(const bl_trainer *trainer);
const char *bl_trainer_kernels(const bl_trainer *trainer);

/* Begins with a model's weights in the place of random ones. */
bl_code bl_trainer_take_weights(bl_trainer *trainer, const bl_model *model, bl_error *error);
/* From now on it is not the text's own tokens that are learned but what another trainer's weights
 * predict at each of them: the loss is KL(teacher || model), and where there is no target, 0. The
 * teacher has the same tokens, context and pool, and room for as many sequences; it is borrowed,
 * and its weights stay as they are. */
bl_code bl_trainer_set_teacher(bl_trainer *trainer, bl_trainer *teacher, bl_error *error);

/* Sequences of n_context tokens. A position's target is the token that should follow it, or -1
 * where no loss is counted. Several documents may share a sequence: a position attends to those
 * from starts[] (which never falls within a sequence) up to itself. */
typedef struct bl_train_batch {
  int n_sequences;
  const int32_t *ids;     /* (n_sequences, n_context) */
  const int32_t *targets; /* (n_sequences, n_context) */
  const int32_t *starts;  /* (n_sequences, n_context), within the sequence; NULL: 0 */
} bl_train_batch;

/* Adds a batch to the gradient of the step. */
bl_code bl_trainer_accumulate(bl_trainer *trainer, const bl_train_batch *batch, bl_error *error);

typedef struct bl_train_report {
  int64_t step;         /* this was the step-th, from 1 on */
  int64_t n_targets;    /* that the loss is a mean over */
  double loss;          /* mean cross-entropy in nats */
  double smoothed_loss; /* its running mean over about 50 steps */
  double gradient_norm; /* before it was scaled down */
  double learning_rate;
} bl_train_report;

/* Forgets what was accumulated since the last step: the trainer stands where that left it. */
void bl_trainer_forget(bl_trainer *trainer);

/* Moves the weights along what was accumulated, and clears it. */
bl_code bl_trainer_step(bl_trainer *trainer, bl_train_report *report, bl_error *error);

/* Adds a batch's summed cross-entropy, in nats, to *loss and its number of targets to *n_targets.
 * Leaves the gradient as it is. */
bl_code bl_trainer_evaluate(bl_trainer *trainer, const bl_train_batch *batch, double *loss,
                            int64_t *n_targets, bl_error *error);

/* Writes everything that training depends on between two steps, and takes it back into a trainer
 * of the same config: training then goes on to the bit as if it had not been interrupted. */
bl_code bl_trainer_save(const bl_trainer *trainer, bl_write_fn write, void *context,
                        bl_error *error);
bl_code bl_trainer_restore(bl_trainer *trainer, const void *bytes, size_t n_bytes, bl_error *error);

/* Writes the weights as a safetensors file with Hugging Face's names. */
bl_code bl_trainer_export(const bl_trainer *trainer, bl_dtype dtype, bl_write_fn write,
                          void *context, bl_error *error);

/* ---- learning the codes of a quantized model ------------------------------------------------ */

/* What a recipe's methods learn from: a text, read in turn in two ways, as separate documents and
 * as one text in which they follow one another. */
typedef struct bl_learn_options {
  bl_calibration text; /* documents; its pool is used too */
  const int32_t
      *between; /* (n_between): tokens that stand between two of them when they are joined */
  size_t n_between;
  int64_t n_steps; /* 0: BL_LEARN_STEPS */
  int n_tokens;    /* of a step; 0: BL_LEARN_TOKENS */
  double rate;     /* the highest learning rate of codes; 0: BL_LEARN_RATE */
  uint64_t seed;   /* of the order of documents */
} bl_learn_options;

#define BL_LEARN_STEPS 1000
#define BL_LEARN_TOKENS 2048
#define BL_LEARN_RATE 0.003

/* What came of it. Divergences are KL(reference || model) in nats, means over the part of the text
 * that was held out: [0] read as documents, [1] joined. */
typedef struct bl_learn_report {
  int64_t n_steps;   /* done */
  int64_t kept_step; /* the model is as it was after this one: 0 when nothing was better than the
                        model that learning began with */
  double before[2], after[2];
} bl_learn_report;

/* BL_ERR_UNSUPPORTED, and why, where a model can't learn: it is not of the Llama family. Else
 * BL_OK, also for a recipe that learns nothing. */
bl_code bl_learn_check(const bl_model *reference, const bl_recipe *recipe, bl_error *error);
/* Bytes that learning takes beside the model and its reference, which can. */
uint64_t bl_learn_bytes(const bl_model *reference, const bl_learn_options *options);
/* Lets a model that was made from the reference by a recipe with methods that learn (its
 * bl_load_options.learns was true) learn what these say: all scales and biases at once, and with
 * "distill" codes and norms too, so that it predicts what the reference does. `cast` is what the
 * weights were cast to. Both may be in memory with others' parts in them: what is learned is the
 * model's own. Deterministic for a seed and one kind of processor, whatever the number of threads.
 * Progress is counted in steps; where on_progress says false, learning stops, and the model is left
 * as good as it has become. After an error, too. */
bl_code bl_learn(bl_model *model, const bl_model *reference, bl_dtype cast,
                 const bl_learn_options *options, bl_progress_fn on_progress, void *context,
                 bl_learn_report *report, bl_error *error);

#ifdef __cplusplus
}
#endif
#endif
