/* Speed of whole models: tokens per second of a prompt and of writing, for several numbers of
 * threads in turn, so that what else the machine does falls on all of them alike.
 *
 *   bench_run FILE.gguf [recipe [threads[,threads…] [prompt [written [rounds]]]]]
 *
 * Defaults: reference, 1 and all cores, 128 tokens and 48, 11 rounds. One line for each number of
 * threads: the medians with the smallest and the largest, and the processor time of a token, which
 * says more where others use the machine. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bitloss.h"

enum { MAX_ROUNDS = 101, MAX_RUNS = 8 };

typedef struct run {
  int n_threads;
  bl_pool *pool;
  bl_session *session;
  double prefill[MAX_ROUNDS], decode[MAX_ROUNDS];         /* tokens per second */
  double prefill_cpu[MAX_ROUNDS], decode_cpu[MAX_ROUNDS]; /* microseconds of a token */
} run;

static void stop(const char *message) {
  fprintf(stderr, "%s\n", message);
  exit(1);
}

static double wall_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bl_model *load(const char *path, const char *recipe) {
  bl_error error;
  struct stat info;
  int fd = open(path, O_RDONLY);
  if (fd < 0 || fstat(fd, &info) != 0) stop("cannot open the file");
  size_t size = (size_t)info.st_size;
  const uint8_t *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) stop("cannot map the file");
  close(fd);
  bl_load_options options = {0};
  bl_model *model = NULL;
  bool is_stored = strcmp(recipe, "reference") == 0;
  if (!is_stored && bl_recipe_parse(recipe, &options.recipe, &error) != BL_OK) stop(error.message);
  bl_loader *loader = bl_loader_new(&options, &error);
  if (!loader) stop(error.message);
  bl_code code = BL_OK;
  if (is_stored) code = bl_loader_add_file(loader, "model.gguf", bytes, size, &error);
  if (!is_stored) code = bl_loader_begin_file(loader, "model.gguf", size, &error);
  if (!is_stored && code == BL_OK) code = bl_loader_push(loader, bytes, size, &error);
  if (!is_stored && code == BL_OK) code = bl_loader_end_file(loader, &error);
  if (code == BL_OK) code = bl_loader_finish(loader, &model, &error);
  if (code != BL_OK) stop(error.message);
  bl_loader_free(loader);
  return model;
}

static void eval(bl_session *session, const int32_t *ids, int n) {
  bl_error error;
  if (bl_session_eval(session, ids, (size_t)n, NULL, NULL, &error) != BL_OK) stop(error.message);
}

/* A prompt, and tokens one by one after it. */
static void take(run *r, int round, const int32_t *ids, int n_prompt, int n_written) {
  bl_error error;
  if (bl_session_truncate(r->session, 0, &error) != BL_OK) stop(error.message);
  double wall = wall_seconds(), cpu = cpu_seconds();
  eval(r->session, ids, n_prompt);
  r->prefill[round] = n_prompt / (wall_seconds() - wall);
  r->prefill_cpu[round] = 1e6 * (cpu_seconds() - cpu) / n_prompt;
  wall = wall_seconds();
  cpu = cpu_seconds();
  for (int i = 0; i < n_written; i++) eval(r->session, ids + n_prompt + i, 1);
  r->decode[round] = n_written / (wall_seconds() - wall);
  r->decode_cpu[round] = 1e6 * (cpu_seconds() - cpu) / n_written;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void sort(double *values, int n) {
  qsort(values, (size_t)n, sizeof *values, by_value);
}

/* "median (least to most) tokens/s, so many us of CPU" */
static void print_speed(const char *label, double *speeds, double *cpu, int n) {
  sort(speeds, n);
  sort(cpu, n);
  printf("  %s %.1f (%.1f to %.1f) tokens/s, %.0f us of CPU", label, speeds[n / 2], speeds[0],
         speeds[n - 1], cpu[n / 2]);
}

/* One session for each of the numbers in `list`; returns how many. */
static int open_runs(const bl_model *model, const char *list, int n_context, run *runs) {
  int n = 0;
  for (const char *at = list; *at && n < MAX_RUNS; n++) {
    char *end;
    bl_error error;
    runs[n].n_threads = (int)strtol(at, &end, 10);
    if (end == at || runs[n].n_threads < 1) stop("expected numbers of threads, such as 1,2");
    at = *end == ',' ? end + 1 : end;
    runs[n].pool = bl_pool_new(runs[n].n_threads);
    bl_session_options options = {.pool = runs[n].pool, .n_context = n_context};
    runs[n].session = bl_session_new(model, &options, &error);
    if (!runs[n].session) stop(error.message);
  }
  return n;
}

int main(int argc, char **argv) {
  if (argc < 2) stop("usage: bench_run FILE.gguf [recipe [threads [prompt [written [rounds]]]]]");
  char cores[32];
  snprintf(cores, sizeof cores, "1,%ld", sysconf(_SC_NPROCESSORS_ONLN));
  int n_prompt = argc > 4 ? atoi(argv[4]) : 128, n_written = argc > 5 ? atoi(argv[5]) : 48;
  int n_rounds = argc > 6 ? atoi(argv[6]) : 11;
  if (n_prompt < 1 || n_written < 1 || n_rounds < 1 || n_rounds > MAX_ROUNDS)
    stop("expected tokens of a prompt, tokens to write and rounds, 1 or more");
  static run runs[MAX_RUNS];
  bl_model *model = load(argv[1], argc > 2 ? argv[2] : "reference");
  int n = open_runs(model, argc > 3 ? argv[3] : cores, n_prompt + n_written, runs);
  int32_t *ids = malloc((size_t)(n_prompt + n_written) * sizeof *ids);
  if (!ids) stop("out of memory");
  for (int i = 0; i < n_prompt + n_written; i++) ids[i] = 300 + i * 37 % 2000;
  for (int round = -1; round < n_rounds; round++) /* the first warms up */
    for (int i = 0; i < n; i++) take(&runs[i], round < 0 ? 0 : round, ids, n_prompt, n_written);
  printf("kernels: %s\n", bl_session_kernels(runs[0].session));
  for (int i = 0; i < n; i++) {
    printf("%d threads:", runs[i].n_threads);
    print_speed("prefill", runs[i].prefill, runs[i].prefill_cpu, n_rounds);
    print_speed("decode", runs[i].decode, runs[i].decode_cpu, n_rounds);
    printf("\n");
    bl_session_free(runs[i].session);
    bl_pool_free(runs[i].pool);
  }
  bl_model_free(model);
  free(ids);
  return 0;
}
