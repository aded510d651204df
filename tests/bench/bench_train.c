/* Speed of training: tokens per second of a recipe's model, and which share of the machine's peak
 * that is: the multiply-adds that the model's own sums need, over what the matrix product reaches
 * on one thread for a shape that suits it, times the threads.
 *
 *   bench_train FOLDER/config.json [threads [sequences [context [kernels]]]]     default: 1 8 256
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "train/trainer.h"

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *allocate(size_t size) {
  void *p = aligned_alloc(64, (size + 63) / 64 * 64);
  if (!p) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return p;
}

/* 10^9 multiply-adds per second on one thread, the best of many short runs. */
static double peak(const bl_train_kernels *kernels) {
  enum { M = 128, N = 256, K = 128 };
  float *a = allocate(M * K * sizeof *a), *b = allocate(K * N * sizeof *b);
  float *c = allocate(M * N * sizeof *c), *work = allocate(BL_GEMM_WORK * sizeof *work);
  for (int i = 0; i < M * K; i++) a[i] = (float)(i % 13) - 6;
  for (int i = 0; i < K * N; i++) b[i] = (float)(i % 7) - 3;
  double best = 0;
  for (int run = 0; run < 100; run++) {
    double start = seconds();
    for (int i = 0; i < 20; i++)
      kernels->gemm(M, N, K, bl_rows(a, K), bl_rows(b, N), c, N, false, work);
    double speed = 20e-9 * M * N * K / (seconds() - start);
    if (speed > best) best = speed;
  }
  free(a);
  free(b);
  free(c);
  free(work);
  return best;
}

/* Multiply-adds for one token, forward and backward: three for each weight of a matrix, and for
 * each of the positions that attention looks back on, on average. */
static double macs_per_token(const bl_trainer *t) {
  double macs = 0, seen = 0.5 * (t->options.n_context + 1);
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    if (p->n_rows > 1 && (p != t->embed || t->output == t->embed))
      macs += 3.0 * (double)p->n_rows * (double)p->n_cols;
  }
  return macs + 3.0 * 2 * seen * t->config.n_layers * t->config.n_heads * t->config.head_dim;
}

static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  char *text = allocate(1 << 16);
  *size = fread(text, 1, 1 << 16, file);
  fclose(file);
  return text;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: bench_train config.json [threads [sequences [context [kernels]]]]\n");
    return 2;
  }
  size_t size;
  char *config = read_file(argv[1], &size);
  bl_train_options options = {.n_sequences = argc > 3 ? atoi(argv[3]) : 8,
                              .n_context = argc > 4 ? atoi(argv[4]) : 256,
                              .learning_rate = 1e-3,
                              .n_steps = 1000,
                              .beta1 = 0.9,
                              .beta2 = 0.95,
                              .epsilon = 1e-8,
                              .init_std = 0.02,
                              .kernels = argc > 5 ? argv[5] : NULL,
                              .pool = bl_pool_new(argc > 2 ? atoi(argv[2]) : 1)};
  bl_error error;
  bl_trainer *t = bl_trainer_new(config, size, &options, &error);
  if (!t) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  int64_t n = (int64_t)options.n_sequences * options.n_context;
  int32_t *ids = allocate((size_t)(n + 1) * sizeof *ids);
  for (int64_t i = 0; i <= n; i++) ids[i] = (int32_t)(i * 7919 % t->config.vocab_size);
  bl_train_batch batch = {options.n_sequences, ids, ids + 1, NULL};
  bl_train_report report;
  double best = 1e9, started = seconds(), accumulate = 0;
  for (int step = 0; step < 200 && (step < 4 || seconds() - started < 5); step++) {
    double start = seconds();
    if (bl_trainer_accumulate(t, &batch, &error) != BL_OK) return 1;
    double middle = seconds();
    if (bl_trainer_step(t, &report, &error) != BL_OK) return 1;
    double taken = seconds() - start;
    if (taken < best) accumulate = middle - start;
    if (taken < best) best = taken;
  }
  double speed = (double)n / best, per_core = peak(t->kernels), macs = macs_per_token(t);
  printf(
      "%s: %.2fM parameters, %d x %d tokens, %d threads: %.0f tokens/s, %.1f GMAC/s, %.0f%% of "
      "%d x %.1f; %.1f ms a step, of which AdamW %.1f\n",
      bl_trainer_kernels(t), 1e-6 * (double)bl_trainer_n_params(t), options.n_sequences,
      options.n_context, t->n_threads, speed, 1e-9 * speed * macs,
      1e-7 * speed * macs / (per_core * t->n_threads), t->n_threads, per_core, 1e3 * best,
      1e3 * (best - accumulate));
  bl_trainer_free(t);
  bl_pool_free(options.pool);
  free(ids);
  free(config);
  return 0;
}
