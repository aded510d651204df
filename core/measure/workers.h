/* Work that runs a model on many items, one thread to an item: each thread has a session of its
 * own. */
#ifndef BL_MEASURE_WORKERS_H
#define BL_MEASURE_WORKERS_H

#include "base/error.h"

/* ASCII white space. */
static inline bool bl_is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Does one item; `thread` is in [0, bl_pool_threads(pool)), and no two items run at once with the
 * same one. An error stops them all. */
typedef bl_code (*bl_worker_fn)(void *context, int64_t item, int thread, bl_error *error);

/* Does all items. on_progress, unless NULL, is called on the caller's thread after an item that it
 * did, and when all are done; false stops with BL_ERR_CANCELLED. */
bl_code bl_workers_run(bl_pool *pool, int64_t n_items, bl_worker_fn work, void *context,
                       bl_progress_fn on_progress, void *progress_context, bl_error *error);

/* Sessions for n_threads, each with n_context positions; NULL after an error. */
bl_session **bl_worker_sessions(const bl_model *model, int n_threads, int n_context,
                                bl_error *error);
void bl_worker_sessions_free(bl_session **sessions, int n_threads);

/* A text's tokens with those that the tokenizer puts around every text. *ids is to be freed. */
bl_code bl_encode_new(const bl_tokenizer *tokenizer, const char *text, size_t text_size,
                      int32_t **ids, size_t *n_ids, bl_error *error);

#endif
