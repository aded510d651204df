/* The pool of threads: every task once, in rounds that follow each other at once or after workers
 * have gone to sleep. */
#define _POSIX_C_SOURCE 200809L /* nanosleep, clock_gettime */
#include <time.h>

#include "base/pool.h"
#include "check.h"

enum { N_TASKS = 1000, MAX_THREADS = 8 };
typedef struct tally {
  uint8_t runs[N_TASKS];
  int64_t sums[MAX_THREADS]; /* by thread: no two tasks run at once with the same one */
} tally;

static void count_task(void *context, int64_t i, int thread) {
  tally *t = context;
  t->runs[i]++;
  t->sums[thread] += i;
}

static void check_round(bl_pool *pool, int n_tasks) {
  tally t = {0};
  bl_pool_run(pool, count_task, &t, n_tasks);
  int64_t sum = 0;
  for (int i = 0; i < MAX_THREADS; i++) sum += t.sums[i];
  CHECK(sum == (int64_t)n_tasks * (n_tasks - 1) / 2);
  for (int i = 0; i < N_TASKS; i++) CHECK(t.runs[i] == (i < n_tasks));
}

static void wait_ms(int ms) {
  nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static double processor_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void a_pool_runs_every_task_once(void) {
  check_round(NULL, N_TASKS);
  for (int n_threads = 1; n_threads <= MAX_THREADS; n_threads++) {
    bl_pool *pool = bl_pool_new(n_threads);
    CHECK(pool ? bl_pool_threads(pool) == n_threads : true);
    for (int round = 0; round <= 50; round++) check_round(pool, round * 20);
    bl_pool_free(pool);
  }
}

/* Each task reads what the round before wrote, whichever thread that was. */
typedef struct relay {
  const int64_t *from;
  int64_t *to;
} relay;

static void pass_on(void *context, int64_t i, int thread) {
  const relay *r = context;
  (void)thread;
  r->to[i] = r->from[(i + 7) % 40] + 1;
}

static void many_short_rounds_see_what_the_one_before_wrote(void) {
  enum { N_ROUNDS = 20000 };
  bl_pool *pool = bl_pool_new(4);
  int64_t a[40] = {0}, b[40];
  for (int round = 0; round < N_ROUNDS; round += 2) {
    bl_pool_run(pool, pass_on, &(relay){a, b}, 40);
    bl_pool_run(pool, pass_on, &(relay){b, a}, 40);
  }
  for (int i = 0; i < 40; i++) CHECK(a[i] == N_ROUNDS);
  bl_pool_free(pool);
}

/* Workers look for 2 ms, and one that lost its core stays out for 10 and more. */
static void rounds_go_on_after_workers_have_slept(void) {
  bl_pool *pool = bl_pool_new(4);
  for (int round = 0; round < 30; round++) {
    wait_ms(round % 5);
    check_round(pool, 2 + round * 30);
  }
  bl_pool_free(pool);
}

static void a_pool_can_be_freed_at_any_moment(void) {
  for (int i = 0; i < 40; i++) {
    bl_pool *pool = bl_pool_new(1 + i % MAX_THREADS);
    if (i % 2) check_round(pool, 100);
    if (i % 3) wait_ms(i % 4);
    bl_pool_free(pool);
  }
}

static void idle_workers_take_no_processor_time(void) {
  bl_pool *pool = bl_pool_new(MAX_THREADS);
  if (!pool) return; /* a build without threads */
  check_round(pool, N_TASKS);
  wait_ms(100);
  double before = processor_ms();
  wait_ms(100);
  CHECK_MSG(processor_ms() - before < 5, "%.1f ms", processor_ms() - before);
  bl_pool_free(pool);
}

static void a_pool_refuses_absurd_sizes(void) {
  CHECK(bl_pool_new(0) == NULL && bl_pool_new(-1) == NULL && bl_pool_new(1 << 20) == NULL);
  CHECK(bl_pool_threads(NULL) == 1);
  bl_pool_free(NULL);
}

int main(void) {
  RUN(a_pool_runs_every_task_once);
  RUN(many_short_rounds_see_what_the_one_before_wrote);
  RUN(rounds_go_on_after_workers_have_slept);
  RUN(a_pool_can_be_freed_at_any_moment);
  RUN(idle_workers_take_no_processor_time);
  RUN(a_pool_refuses_absurd_sizes);
  return check_result();
}
