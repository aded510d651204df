/* A pool of POSIX threads for data-parallel loops; builds without threads run them in place. */
#include "base/pool.h"

#include <stdlib.h>

#if defined(BL_THREADS)

#include <pthread.h>
#include <stdatomic.h>

/* Workers sleep on a condition until a round starts, then draw task numbers from a shared counter
 * until none is left. The caller is thread 0 and works too. */
struct bl_pool {
  pthread_mutex_t lock;
  pthread_cond_t start, finish;
  int n_threads;  /* caller included */
  int n_started;  /* workers running */
  uint64_t round; /* counts calls of bl_pool_run; a worker acts when it changes */
  int n_busy;     /* workers still in this round */
  bool stop;
  bl_task_fn task;
  void *context;
  int64_t n_tasks;
  atomic_llong next;
  struct worker {
    bl_pool *pool;
    int thread;
    pthread_t handle;
  } workers[];
};

static void draw(bl_pool *pool, int thread) {
  for (;;) {
    int64_t i = atomic_fetch_add(&pool->next, 1);
    if (i >= pool->n_tasks) return;
    pool->task(pool->context, i, thread);
  }
}

static void *worker_main(void *arg) {
  struct worker *self = arg;
  bl_pool *pool = self->pool;
  uint64_t seen = 0;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->round == seen && !pool->stop) pthread_cond_wait(&pool->start, &pool->lock);
    if (pool->stop) break;
    seen = pool->round;
    pthread_mutex_unlock(&pool->lock);
    draw(pool, self->thread);
    pthread_mutex_lock(&pool->lock);
    if (--pool->n_busy == 0) pthread_cond_signal(&pool->finish);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

bl_pool *bl_pool_new(int n_threads) {
  if (n_threads < 1 || n_threads > 1024) return NULL;
  size_t n_workers = (size_t)n_threads - 1;
  bl_pool *pool = calloc(1, sizeof *pool + n_workers * sizeof *pool->workers);
  if (!pool) return NULL;
  pool->n_threads = n_threads;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->finish, NULL);
  for (int i = 0; i < n_threads - 1; i++) {
    pool->workers[i].pool = pool;
    pool->workers[i].thread = i + 1;
    if (pthread_create(&pool->workers[i].handle, NULL, worker_main, &pool->workers[i]) != 0) {
      bl_pool_free(pool);
      return NULL;
    }
    pool->n_started++;
  }
  return pool;
}

void bl_pool_free(bl_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  pool->stop = true;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->lock);
  for (int i = 0; i < pool->n_started; i++) pthread_join(pool->workers[i].handle, NULL);
  pthread_cond_destroy(&pool->finish);
  pthread_cond_destroy(&pool->start);
  pthread_mutex_destroy(&pool->lock);
  free(pool);
}

int bl_pool_threads(const bl_pool *pool) {
  return pool ? pool->n_threads : 1;
}

void bl_pool_run(bl_pool *pool, bl_task_fn task, void *context, int64_t n_tasks) {
  if (!pool || pool->n_threads == 1 || n_tasks <= 1) {
    for (int64_t i = 0; i < n_tasks; i++) task(context, i, 0);
    return;
  }
  pthread_mutex_lock(&pool->lock);
  pool->task = task;
  pool->context = context;
  pool->n_tasks = n_tasks;
  atomic_store(&pool->next, 0);
  pool->n_busy = pool->n_started;
  pool->round++;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->lock);
  draw(pool, 0);
  pthread_mutex_lock(&pool->lock);
  while (pool->n_busy > 0) pthread_cond_wait(&pool->finish, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
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
