/* One step of the optimizer: the length of the gradient, the schedule, AdamW. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "train/trainer.h"

/* Numbers of a parameter that are one task. */
enum { SLICE = 1 << 14 };

/* A slice of a parameter: numbers [first, first + n). */
typedef struct slice {
  const bl_param *param;
  int64_t first, n;
} slice;

static int64_t n_slices(const bl_param *param) {
  return (param->n_rows * param->n_cols + SLICE - 1) / SLICE;
}

int64_t bl_train_n_slices(const bl_trainer *t) {
  int64_t n = 0;
  for (int i = 0; i < t->n_params; i++) n += n_slices(&t->params[i]);
  return n;
}

static slice slice_at(const bl_trainer *t, int64_t i) {
  const bl_param *param = t->params;
  for (; i >= n_slices(param); param++) i -= n_slices(param);
  int64_t first = i * SLICE, left = param->n_rows * param->n_cols - first;
  return (slice){param, first, left < SLICE ? left : SLICE};
}

static void measure_task(void *context, int64_t i, int thread) {
  const bl_trainer *t = context;
  slice s = slice_at(t, i);
  double sum = 0;
  (void)thread;
  bl_train_hold_clipped(s.param, s.first, s.n);
  for (int64_t j = s.first; j < s.first + s.n; j += 256) {
    int64_t left = s.first + s.n - j, n = left < 256 ? left : 256;
    sum += (double)t->kernels->dot(s.param->gradient + j, s.param->gradient + j, n);
  }
  t->norms[i] = sum;
}

/* The length of the whole gradient: slices are summed in order, whoever measured them. */
static double gradient_norm(bl_trainer *t) {
  int64_t n = bl_train_n_slices(t);
  double sum = 0;
  bl_pool_run(t->options.pool, measure_task, t, n);
  for (int64_t i = 0; i < n; i++) sum += t->norms[i];
  return sqrt(sum);
}

/* Up in a line, then down along half a cosine. */
double bl_train_rate(const bl_train_options *o, int64_t step) {
  const double pi = 3.14159265358979324;
  if (step <= o->warmup_steps) return o->learning_rate * (double)step / (double)o->warmup_steps;
  if (step >= o->n_steps) return o->final_rate;
  double share = (double)(step - o->warmup_steps) / (double)(o->n_steps - o->warmup_steps);
  return o->final_rate + (o->learning_rate - o->final_rate) * 0.5 * (1 + cos(pi * share));
}

typedef struct update {
  const bl_trainer *trainer;
  bl_adamw matrix, vector;
} update;

static void update_task(void *context, int64_t i, int thread) {
  const update *u = context;
  slice s = slice_at(u->trainer, i);
  const bl_param *p = s.param;
  (void)thread;
  u->trainer->kernels->adamw(p->n_rows > 1 ? &u->matrix : &u->vector, s.n, p->value + s.first,
                             p->mean + s.first, p->square + s.first, p->gradient + s.first);
}

static void update_all(bl_trainer *t, double rate, double gradient_scale) {
  const bl_train_options *o = &t->options;
  double n = (double)t->step;
  bl_adamw settings = {.beta1 = (float)o->beta1,
                       .beta2 = (float)o->beta2,
                       .epsilon = (float)o->epsilon,
                       .decay = 1,
                       .step = (float)(rate / (1 - pow(o->beta1, n))),
                       .root = (float)(1 / sqrt(1 - pow(o->beta2, n))),
                       .gradient_scale = (float)gradient_scale};
  update u = {t, settings, settings};
  t->is_packed = false;
  u.matrix.decay = (float)(1 - rate * o->weight_decay);
  bl_pool_run(o->pool, update_task, &u, bl_train_n_slices(t));
}

bl_code bl_trainer_step(bl_trainer *t, bl_train_report *report, bl_error *error) {
  const double keep = 0.98; /* of the running mean, at each step */
  if (t->n_targets == 0)
    return bl_fail(error, BL_ERR_ARGUMENT, "a step needs at least one target to learn from");
  double count = (double)t->n_targets, norm = gradient_norm(t) / count;
  double loss = t->loss / count, clip = 1;
  if (!isfinite(norm) || !isfinite(loss))
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "step %lld: the loss is %g and the gradient's length %g: training has "
                   "diverged; a lower learning rate or a longer warm-up may keep it from that",
                   (long long)t->step + 1, loss, norm);
  if (t->options.max_norm > 0 && norm > t->options.max_norm) clip = t->options.max_norm / norm;
  t->step++;
  double rate = bl_train_rate(&t->options, t->step);
  update_all(t, rate, clip / count);
  t->smoothed = keep * t->smoothed + (1 - keep) * loss;
  *report = (bl_train_report){
      .step = t->step,
      .n_targets = t->n_targets,
      .loss = loss,
      .smoothed_loss = t->smoothed / (1 - pow(keep, (double)t->step)),
      .gradient_norm = norm,
      .learning_rate = rate,
  };
  t->loss = 0;
  t->n_targets = 0;
  return BL_OK;
}
