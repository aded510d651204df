/* A pool of POSIX threads for data-parallel loops; builds without threads run them in place. */
#include "base/pool.h"

#include <stdlib.h>

#if defined(BL_THREADS)

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

/* The caller opens a round, does tasks as the workers do, closes the round when none is left and
 * waits for those who are inside. A worker that comes too late finds it closed and is not waited
 * for. Each begins with a range of its own, neighbours in memory as a rule, and then takes what is
 * left of the others': two cores that take turns in one stretch of memory read it hardly faster
 * than one.
 *
 * Rounds follow each other within microseconds, and waking a thread takes longer than many of them.
 * So both sides look again and again for a while before they sleep.
 *
 * Where other programs want the cores too, a worker loses its own for milliseconds, and the caller
 * waits for the task that it holds. Such a worker stays out of the rounds for a time, which doubles
 * while it happens again soon: one thread alone is then faster than two that wait for each other.
 */
enum {
  WORKER_LOOKS_US = 2000, /* between two rounds: a token is chosen and shown meanwhile */
  YIELD_US = 5,
  LOOKS = 32,             /* between two looks at the clock */
  GONE_US = 100,          /* as long between those, and the core was given to somebody else */
  SHORT_ROUND_US = 10000, /* in longer ones a lost core matters little */
  STAY_OUT_US = 10000,    /* at first, and a step of it */
  STAY_OUT_MOST_US = 80000
};

/* `state`: how many workers are inside the round, how many more have a seat, none when it is
 * closed, and its number. A round has no more seats than tasks. */
#define INSIDE UINT64_C(0xffff)
#define SEAT UINT64_C(0x10000)
#define SEATS (UINT64_C(0xffff) * SEAT)
#define ROUND (UINT64_C(0x10000) * SEAT)

struct bl_pool {
  bl_task_fn task; /* these four change while the round is closed and nobody inside */
  void *context;
  int64_t n_tasks, n_ranges;
  int n_threads; /* caller included */
  int n_started; /* workers running */
  pthread_mutex_t lock;
  pthread_cond_t start, finish;
  atomic_int n_asleep;                      /* workers that wait on `start` */
  atomic_bool caller_sleeps, is_late, stop; /* is_late: a worker keeps the others waiting */
  _Alignas(64) _Atomic uint64_t state;      /* a line that all threads write to */
  struct worker {                           /* the first is the caller's, which has no handle */
    _Alignas(64) _Atomic int64_t next;      /* of a range of tasks, which is not its own for good */
    bl_pool *pool;
    int thread;
    int64_t stays_out_us, came_back; /* the last time */
    pthread_t handle;
  } workers[];
};

static int64_t microseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Tells the core that it waits for another. */
static void pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

/* Where range i of the round's tasks begins, and the one before it ends. */
static int64_t range_start(const bl_pool *pool, int64_t i) {
  int64_t each = pool->n_tasks / pool->n_ranges, rest = pool->n_tasks % pool->n_ranges;
  return i * each + (i < rest ? i : rest);
}

/* Does tasks, those of range `own` first. Returns how many. */
static int64_t draw(bl_pool *pool, int64_t own, int thread) {
  int64_t n = 0;
  for (int64_t k = 0; k < pool->n_ranges; k++) {
    int64_t range = (own + k) % pool->n_ranges, end = range_start(pool, range + 1);
    _Atomic int64_t *next = &pool->workers[range].next;
    while (atomic_load_explicit(next, memory_order_relaxed) < end) {
      int64_t i = atomic_fetch_add_explicit(next, 1, memory_order_relaxed);
      if (i >= end) break;
      pool->task(pool->context, i, thread);
      n++;
    }
  }
  return n;
}

/* Is `state` not what a worker that has seen round `seen` waits in? */
static bool is_new(uint64_t state, uint64_t seen) {
  return state / ROUND != seen;
}

static bool is_empty(uint64_t state, uint64_t unused) {
  (void)unused;
  return (state & INSIDE) == 0;
}

typedef enum sight { SEEN, NOT_SEEN, CORE_LOST } sight;

/* Looks at the state until it is as wanted, for so many microseconds at most, and not any more when
 * the core was taken away meanwhile. Who yields lets others have the core, the caller above all,
 * which may be waiting for just this one. */
static sight look(bl_pool *pool, bool (*is_wanted)(uint64_t state, uint64_t seen), uint64_t seen,
                  int64_t limit_us, bool yields) {
  int64_t start = microseconds(), last = start;
  for (;;) {
    for (int i = 0; i < LOOKS; i++, pause())
      if (is_wanted(atomic_load(&pool->state), seen)) return SEEN;
    int64_t now = microseconds();
    if (now - last > GONE_US) return CORE_LOST;
    if (now - start > limit_us) return NOT_SEEN;
    last = now;
    if (yields && now - start > YIELD_US) sched_yield();
  }
}

/* Goes into the round that is open, if one is and has a seat; returns its
 * number, from 1 on, or 0. */
static int64_t enter(bl_pool *pool, uint64_t *seen) {
  uint64_t state = atomic_load(&pool->state);
  while (is_new(state, *seen) && (state & SEATS) != 0)
    if (atomic_compare_exchange_weak(&pool->state, &state, state - SEAT + 1)) {
      *seen = state / ROUND;
      return pool->n_ranges - (int64_t)((state & SEATS) / SEAT);
    }
  *seen = state / ROUND;
  return 0;
}

/* Returns whether it kept the others waiting. */
static bool leave(bl_pool *pool) {
  bool was_late = atomic_load(&pool->is_late);
  uint64_t state = atomic_fetch_sub(&pool->state, 1) - 1;
  if ((state & (SEATS | INSIDE)) != 0 || !atomic_load(&pool->caller_sleeps)) return was_late;
  pthread_mutex_lock(&pool->lock);
  pthread_cond_signal(&pool->finish);
  pthread_mutex_unlock(&pool->lock);
  return was_late;
}

/* In steps, so that a pool that is freed does not wait for long. */
static void stay_out(struct worker *self) {
  bool again = microseconds() - self->came_back < self->stays_out_us;
  int64_t longer = 2 * self->stays_out_us;
  self->stays_out_us = !again ? STAY_OUT_US : longer < STAY_OUT_MOST_US ? longer : STAY_OUT_MOST_US;
  const struct timespec step = {.tv_nsec = STAY_OUT_US * 1000L};
  for (int64_t us = 0; us < self->stays_out_us && !atomic_load(&self->pool->stop);
       us += STAY_OUT_US)
    nanosleep(&step, NULL);
  self->came_back = microseconds();
}

static void sleep_until_round(bl_pool *pool, uint64_t seen) {
  pthread_mutex_lock(&pool->lock);
  atomic_fetch_add(&pool->n_asleep, 1);
  while (!is_new(atomic_load(&pool->state), seen) && !atomic_load(&pool->stop))
    pthread_cond_wait(&pool->start, &pool->lock);
  atomic_fetch_sub(&pool->n_asleep, 1);
  pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *arg) {
  struct worker *self = arg;
  bl_pool *pool = self->pool;
  uint64_t seen = 0;
  while (!atomic_load(&pool->stop)) {
    bool is_late = false;
    int64_t seat = enter(pool, &seen);
    if (seat > 0) {
      draw(pool, seat, self->thread);
      is_late = leave(pool);
    }
    sight what = is_late ? CORE_LOST : look(pool, is_new, seen, WORKER_LOOKS_US, true);
    if (what == CORE_LOST) stay_out(self);
    if (what == NOT_SEEN) sleep_until_round(pool, seen);
  }
  return NULL;
}

bl_pool *bl_pool_new(int n_threads) {
  if (n_threads < 1 || n_threads > 1024) return NULL;
  bl_pool *pool = aligned_alloc(64, sizeof *pool + (size_t)n_threads * sizeof *pool->workers);
  if (!pool) return NULL;
  *pool = (bl_pool){.n_threads = n_threads};
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->finish, NULL);
  for (int i = 0; i < n_threads; i++) pool->workers[i] = (struct worker){.pool = pool, .thread = i};
  for (int i = 1; i < n_threads; i++) {
    if (pthread_create(&pool->workers[i].handle, NULL, worker_main, &pool->workers[i]) != 0) {
      bl_pool_free(pool);
      return NULL;
    }
    pool->n_started++;
  }
  return pool;
}

/* An empty round tells the workers that look. */
void bl_pool_free(bl_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->stop, true);
  atomic_fetch_add(&pool->state, ROUND);
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->lock);
  for (int i = 1; i <= pool->n_started; i++) pthread_join(pool->workers[i].handle, NULL);
  pthread_cond_destroy(&pool->finish);
  pthread_cond_destroy(&pool->start);
  pthread_mutex_destroy(&pool->lock);
  free(pool);
}

int bl_pool_threads(const bl_pool *pool) {
  return pool ? pool->n_threads : 1;
}

/* Waits until nobody is inside. The caller's own tasks tell how long that may take. */
static void wait_for_workers(bl_pool *pool, int64_t start, int64_t n_own) {
  if (is_empty(atomic_load(&pool->state), 0)) return;
  int64_t taken = microseconds() - start;
  int64_t limit = GONE_US + 2 * taken / (n_own > 0 ? n_own : 1);
  if (look(pool, is_empty, 0, limit < SHORT_ROUND_US ? limit : SHORT_ROUND_US, false) == SEEN)
    return;
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->is_late, taken < SHORT_ROUND_US);
  atomic_store(&pool->caller_sleeps, true);
  while (!is_empty(atomic_load(&pool->state), 0)) pthread_cond_wait(&pool->finish, &pool->lock);
  atomic_store(&pool->caller_sleeps, false);
  atomic_store(&pool->is_late, false);
  pthread_mutex_unlock(&pool->lock);
}

void bl_pool_run(bl_pool *pool, bl_task_fn task, void *context, int64_t n_tasks) {
  if (!pool || pool->n_threads == 1 || n_tasks <= 1) {
    for (int64_t i = 0; i < n_tasks; i++) task(context, i, 0);
    return;
  }
  pool->task = task;
  pool->context = context;
  pool->n_tasks = n_tasks;
  pool->n_ranges = n_tasks < pool->n_threads ? n_tasks : pool->n_threads;
  for (int64_t i = 0; i < pool->n_ranges; i++)
    atomic_store_explicit(&pool->workers[i].next, range_start(pool, i), memory_order_relaxed);
  uint64_t round = atomic_load(&pool->state) / ROUND + 1, n_seats = (uint64_t)pool->n_ranges - 1;
  atomic_store(&pool->state, round * ROUND + n_seats * SEAT);
  if (atomic_load(&pool->n_asleep) > 0) {
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);
  }
  int64_t start = microseconds(), n_own = draw(pool, 0, 0);
  atomic_fetch_and(&pool->state, ~SEATS);
  wait_for_workers(pool, start, n_own);
}

#else

bl_pool *bl_pool_new(int n_threads) {
  (void)n_threads;
  return NULL;
}

void bl_pool_free(bl_pool *pool) {
  (void)pool;
}

int bl_pool_threads(const bl_pool *pool) {
  (void)pool;
  return 1;
}

void bl_pool_run(bl_pool *pool, bl_task_fn task, void *context, int64_t n_tasks) {
  (void)pool;
  for (int64_t i = 0; i < n_tasks; i++) task(context, i, 0);
}

#endif
