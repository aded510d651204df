/* The end of the model in training: final norm, output matrix, and the loss: the cross-entropy of
 * the text's own tokens, or how far the predictions are from a teacher's (Hinton et al. 2015, at
 * temperature 1). Logits are wide, so only those of BL_TRAIN_LOGITS tokens are held at a time. */
#include <math.h>
#include <string.h>

#include "train/trainer.h"

typedef struct pass {
  bl_trainer *trainer;
  int64_t first_block;
  bool backward;
} pass;

/* The loss of one token, and in the place of its logits the gradient of that loss. */
static double cross_entropy(const bl_trainer *t, int32_t target, float *logits) {
  int64_t n = t->config.vocab_size;
  if (target < 0) {
    memset(logits, 0, (size_t)n * sizeof *logits);
    return 0;
  }
  float logit = logits[target];
  double loss = (double)t->kernels->softmax(logits, n) - (double)logit;
  logits[target] -= 1;
  return loss;
}

/* The log of the sum of e^x over n; work holds BL_GEMM_WORK. */
static float log_sum(const bl_train_kernels *kernels, const float *x, int64_t n, float *work) {
  float most = x[0], sum = 0;
  for (int64_t i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
  for (int64_t at = 0; at < n; at += BL_GEMM_WORK) {
    const int64_t left = n - at, size = left < BL_GEMM_WORK ? left : BL_GEMM_WORK;
    memcpy(work, x + at, (size_t)size * sizeof *x);
    kernels->exponentials(work, size, most);
    for (int64_t i = 0; i < size; i++) sum += work[i];
  }
  return most + logf(sum);
}

/* The divergence KL(teacher || model) at one token, in nats, and in the place of the model's logits
 * its gradient: softmax(logits) - softmax(taught). */
static double divergence(const bl_trainer *t, int thread, const float *taught, float *logits) {
  const int64_t n = t->config.vocab_size;
  float *work = t->work + thread * t->work_size;
  const float log_taught = log_sum(t->kernels, taught, n, work);
  const float log_own = log_sum(t->kernels, logits, n, work);
  double sum = 0;
  for (int64_t at = 0; at < n; at += BL_GEMM_WORK) {
    const int64_t left = n - at, size = left < BL_GEMM_WORK ? left : BL_GEMM_WORK;
    memcpy(work, taught + at, (size_t)size * sizeof *work);
    t->kernels->exponentials(work, size, log_taught);
    for (int64_t i = 0; i < size; i++)
      sum += (double)work[i] * ((double)taught[at + i] - (double)logits[at + i]);
    t->kernels->exponentials(logits + at, size, log_own);
    for (int64_t i = 0; i < size; i++) logits[at + i] -= work[i];
  }
  return sum - (double)log_taught + (double)log_own;
}

/* The logits of a block of tokens, from x as it comes out of the last layer. */
static void find_logits(const bl_trainer *t, int thread, bl_token_block b, float *logits) {
  const int64_t dim = t->config.dim, vocab_size = t->config.vocab_size;
  for (int64_t i = b.first; i < b.first + b.n; i++)
    t->final_scale[i] = t->kernels->norm(t->x + i * dim, t->final_norm->used, dim,
                                         (float)t->config.norm_eps, t->h + i * dim);
  bl_train_gemm(t, thread, b.n, vocab_size, dim, bl_rows(t->h + b.first * dim, dim),
                bl_packed(t->output->ahead), logits, vocab_size, false);
}

static void loss_task(void *context, int64_t task, int thread) {
  const pass *p = context;
  const bl_trainer *t = p->trainer;
  bl_token_block b = bl_train_block(t, p->first_block + task);
  int64_t dim = t->config.dim, vocab_size = t->config.vocab_size;
  const bl_param *output = t->output, *norm = t->final_norm;
  float *logits = t->logits + task * BL_TRAIN_BLOCK * vocab_size; /* (b.n, vocab_size) */
  float *dh = t->rows + thread * t->rows_size;                    /* (b.n, dim) */
  float *dnorm = t->dnorm + (p->first_block + task) * dim;

  find_logits(t, thread, b, logits);
  float *taught = NULL;
  if (t->teacher) {
    taught = t->teacher->logits + task * BL_TRAIN_BLOCK * vocab_size;
    find_logits(t->teacher, thread, b, taught);
  }
  for (int64_t i = 0; i < b.n; i++) {
    const int32_t target = t->targets[b.first + i];
    float *own = logits + i * vocab_size;
    t->losses[b.first + i] = taught && target >= 0
                                 ? divergence(t, thread, taught + i * vocab_size, own)
                                 : cross_entropy(t, target, own);
  }
  if (!p->backward) return;

  bl_train_gemm(t, thread, b.n, dim, vocab_size, bl_rows(logits, vocab_size),
                bl_packed(output->back), dh, dim, false);
  memset(dnorm, 0, (size_t)dim * sizeof *dnorm);
  memset(t->dx + b.first * dim, 0, (size_t)(b.n * dim) * sizeof *t->dx);
  for (int64_t i = 0; i < b.n; i++) {
    int64_t at = (b.first + i) * dim;
    t->kernels->norm_backward(t->x + at, norm->used, dh + i * dim, dim, t->final_scale[b.first + i],
                              t->dx + at, dnorm);
  }
}

void bl_train_loss(bl_trainer *t, bool backward) {
  const int64_t step = BL_TRAIN_LOGITS / BL_TRAIN_BLOCK;
  int64_t n_blocks = bl_train_n_blocks(t);
  pass p = {.trainer = t, .backward = backward};
  for (; p.first_block < n_blocks; p.first_block += step) {
    int64_t left = n_blocks - p.first_block, first = p.first_block * BL_TRAIN_BLOCK;
    bl_pool_run(t->options.pool, loss_task, &p, left < step ? left : step);
    if (!backward) continue;
    int64_t n = t->n_tokens - first < BL_TRAIN_LOGITS ? t->n_tokens - first : BL_TRAIN_LOGITS;
    bl_weight_job job = {t->output, t->logits, t->h + first * t->config.dim};
    bl_train_weights(t, &job, 1, n);
  }
  if (backward) bl_train_sum_norm(t, t->final_norm);
}
