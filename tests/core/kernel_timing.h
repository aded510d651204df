/* Times the products that a program of tests has just checked, for its mode of activations.
 *
 *   BL_TIME=FORMAT[,IMPLEMENTATION] test_kernel          or BL_TIME=all
 *   BL_TIME=FORMAT[,IMPLEMENTATION] test_kernel_int8
 *
 * The checks come first, and nothing is timed after one that failed: on random and extreme input,
 * every implementation that the CPU runs against the definition. Then one line for each
 * implementation, format, shape and token count, in 10^9 multiply-adds per second on one thread.
 * Natively and in WebAssembly. */
#ifndef BL_TESTS_KERNEL_TIMING_H
#define BL_TESTS_KERNEL_TIMING_H

#include <time.h>

#include "kernel_material.h"

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

/* On lines of 64 bytes, as a model's own are. */
static matrix make_aligned(bl_format format, int64_t n_rows, int64_t n_cols) {
  matrix m = {.w = bl_tensor_make(format, n_rows, n_cols)};
  uint64_t state = 1;
  for (int p = 0; p < format.codec->n_parts; p++)
    m.w.parts[p] = m.allocated[p] = allocate(bl_tensor_part_bytes(&m.w, p));
  fill_matrix(&m.w, m.allocated, 0.02f, &state);
  return m;
}

/* The best of many short runs, so that other programs on the machine disturb some of them only. */
static double gmacs(const bl_kernels *kernels, const bl_tensor *w, bl_activations mode,
                    int64_t n_tokens) {
  float *x = allocate((size_t)(n_tokens * w->n_cols) * sizeof *x);
  float *y = allocate((size_t)(n_tokens * w->n_rows) * sizeof *y);
  void *work = allocate(bl_matmul_work_bytes(w->n_cols, n_tokens, 1, mode));
  for (int64_t i = 0; i < n_tokens * w->n_cols; i++) x[i] = (float)(i % 13) - 6;
  double best = 0, macs = (double)n_tokens * (double)w->n_rows * (double)w->n_cols;
  int n_repeats = 1;
  for (int run = 0; run < 30;) {
    double start = seconds();
    for (int i = 0; i < n_repeats; i++) bl_matmul(kernels, NULL, w, mode, x, n_tokens, y, work);
    double taken = seconds() - start;
    if (taken < 0.003) {
      n_repeats *= 2;
      continue;
    }
    double speed = 1e-9 * macs * n_repeats / taken;
    if (speed > best) best = speed;
    run++;
  }
  free(x);
  free(y);
  free(work);
  return best;
}

static void time_format(const char *label, bl_format format, bl_activations mode,
                        const char *only_kernels) {
  static const struct {
    int64_t n_rows, n_cols;
  } shapes[] = {{576, 576}, {1536, 576}, {576, 1536}, {49152, 576}};
  static const int64_t tokens[] = {1, 64};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    if (shapes[s].n_cols % format.group != 0) continue;
    matrix m = make_aligned(format, shapes[s].n_rows, shapes[s].n_cols);
    for (size_t t = 0; t < sizeof tokens / sizeof *tokens; t++) {
      if (shapes[s].n_rows > 10000 && tokens[t] > 1) continue;
      double scalar = 0;
      for (int k = 0; k < bl_kernels_count(); k++) {
        const bl_kernels *kernels = bl_kernels_at(k);
        const char *name = bl_kernels_name(kernels);
        if (k > 0 && only_kernels && strcmp(only_kernels, name) != 0) continue;
        double speed = gmacs(kernels, &m.w, mode, tokens[t]);
        if (k == 0) scalar = speed;
        printf("%-10s %-18s %5d x %4d  %2d tokens  %7.2f GMAC/s  %5.1f x scalar\n", name, label,
               (int)m.w.n_rows, (int)m.w.n_cols, (int)tokens[t], speed, speed / scalar);
        fflush(stdout);
      }
    }
    free_matrix(&m);
  }
}

static void time_formats(const char *only_format, const char *only_kernels, bl_activations mode) {
  bl_format formats[512];
  int n_formats = list_formats(formats, 512);
  for (int i = 0; i < n_formats; i++) {
    char label[64];
    bl_format_print(&formats[i], label, sizeof label);
    bool is_usual = formats[i].codec->groups == NULL || formats[i].group == 64;
    bool has_dtype = formats[i].param_dtype != BL_DTYPE_NONE;
    if (!is_usual || (has_dtype && formats[i].param_dtype != BL_BF16)) continue;
    if (mode == BL_ACTIVATIONS_INT8 && !formats[i].codec->int8_activations) continue;
    if (strcmp(only_format, "all") == 0 || strcmp(only_format, label) == 0)
      time_format(label, formats[i], mode, only_kernels);
  }
}

/* The last line of main, after the checks. A variable, because a test's main has no arguments. */
static int check_result_and_time(bl_activations mode) {
  const char *wanted = getenv("BL_TIME");
  if (check_result() != 0 || !wanted) return check_result();
  char format[64] = {0};
  const char *comma = strchr(wanted, ',');
  size_t length = comma ? (size_t)(comma - wanted) : strlen(wanted);
  memcpy(format, wanted, length < sizeof format ? length : sizeof format - 1);
  time_formats(format, comma ? comma + 1 : NULL, mode);
  return 0;
}

#endif
