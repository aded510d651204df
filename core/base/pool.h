/* Data-parallel loops over a bl_pool. */
#ifndef BL_BASE_POOL_H
#define BL_BASE_POOL_H

#include "bitloss.h"

/* Runs task(context, i, thread) for every i in [0, n_tasks) and returns when all are done; `thread`
 * is in [0, bl_pool_threads(pool)) and no two tasks run at once with the same one. With a NULL pool
 * the tasks run in order on the calling thread. Must not be nested. */
typedef void (*bl_task_fn)(void *context, int64_t i, int thread);
void bl_pool_run(bl_pool *pool, bl_task_fn task, void *context, int64_t n_tasks);

#endif
