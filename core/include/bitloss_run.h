/* bitloss: running a model: sessions, sampling and generation. Part of bitloss.h. */
#ifndef BITLOSS_RUN_H
#define BITLOSS_RUN_H

#include "bitloss_base.h"
#include "bitloss_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A session is one conversation with a model: its key-value cache and its work space. */
typedef struct bl_session bl_session;

/* Seconds on a clock that never goes back. The core has none of its own. */
typedef double (*bl_clock_fn)(void);

/* Positions of a session's cache that are taken unless others are asked for: memory for more is
 * rarely wanted unasked. */
#define BL_SESSION_CONTEXT 4096

typedef struct bl_session_options {
  int n_context;       /* positions in the cache; 0: the model's own limit, at most
                          BL_SESSION_CONTEXT */
  int n_batch;         /* tokens of a prompt that go through together; 0: 64 */
  const char *kernels; /* "scalar", or NULL for the best this machine runs */
  bl_pool *pool;       /* borrowed for the session's life */
  bl_clock_fn clock;   /* times the kinds of work, for bl_session_get_times; NULL: not */
} bl_session_options;

bl_session *bl_session_new(const bl_model *model, const bl_session_options *options,
                           bl_error *error);
void bl_session_free(bl_session *session);
const char *bl_session_kernels(const bl_session *session); /* the name of the kernels in use */
int bl_session_position(const bl_session *session);        /* tokens in the cache */
int bl_session_context(const bl_session *session);         /* positions in the cache */
uint64_t bl_session_memory(const bl_session *session);     /* bytes: cache and work space */
/* Seconds spent in each kind of work since the session was made; all 0 without a clock. */
void bl_session_get_times(const bl_session *session, double seconds[BL_N_WORK]);
/* Forgets all positions from `position` on. */
bl_code bl_session_truncate(bl_session *session, int position, bl_error *error);

/* Receives logits (vocab_size) for the token at `position`; false stops with BL_ERR_CANCELLED. */
typedef bool (*bl_logits_fn)(void *context, int position, const float *logits);

/* Runs tokens through the model, after those already in the cache, in batches of n_batch. With
 * on_logits NULL only the last token's logits are computed and kept for bl_session_logits. After an
 * error the session is at the position where it was before. */
bl_code bl_session_eval(bl_session *session, const int32_t *ids, size_t n_ids,
                        bl_logits_fn on_logits, void *context, bl_error *error);
/* (vocab_size), after the last token; NULL when there are none: nothing was run since the session
 * was made or truncated, or it was stopped halfway. */
const float *bl_session_logits(const bl_session *session);

/* How the next token is chosen. Filters apply in this order: top_k, top_p, min_p, then temperature
 * and a seeded draw. temperature 0 is greedy: the most likely token, the lowest id on a tie. */
typedef struct bl_sampling {
  float temperature; /* 0: greedy */
  int top_k;         /* 0: off */
  float top_p;       /* 0 or 1: off */
  float min_p;       /* 0: off; else keep p >= min_p * p_max */
  uint64_t seed;
} bl_sampling;

/* One prompt being continued, a step at a time, so that the caller can show progress and stop at
 * any moment. Borrows the session and the model's tokenizer. */
typedef struct bl_generation bl_generation;

typedef enum bl_step_kind {
  BL_STEP_PROMPT, /* a batch of the prompt went through */
  BL_STEP_TOKEN,  /* one new token */
  BL_STEP_DONE,   /* ended; text holds what the decoder still held */
} bl_step_kind;

typedef enum bl_stop_reason {
  BL_STOP_NONE,
  BL_STOP_END,     /* the model wrote an end-of-text token */
  BL_STOP_LENGTH,  /* max_tokens were written */
  BL_STOP_CONTEXT, /* the cache is full */
} bl_stop_reason;

typedef struct bl_step {
  bl_step_kind kind;
  int n_done, n_total; /* prompt tokens so far and in all; for a token, how many were written */
  int32_t id;          /* the token, for BL_STEP_TOKEN */
  float probability;   /* of that token under the model, before any filter */
  const char *text;    /* whole UTF-8 characters that became complete; valid until next step */
  size_t text_size;
  bl_stop_reason stop; /* for BL_STEP_DONE */
} bl_step;

/* Starts at the session's position 0: earlier content is forgotten. */
bl_generation *bl_generation_new(bl_session *session, const char *prompt, size_t prompt_size,
                                 const bl_sampling *sampling, int max_tokens, bl_error *error);
/* The same for a prompt that bl_tokenizer_encode_prompt has made ids of; they are copied. */
bl_generation *bl_generation_from_ids(bl_session *session, const int32_t *ids, size_t n_ids,
                                      const bl_sampling *sampling, int max_tokens, bl_error *error);
/* The same where the cache holds the first n_kept of these ids, fewer than all, at its beginning:
 * only the others are read. What the cache holds beyond them is forgotten. */
bl_generation *bl_generation_resume(bl_session *session, const int32_t *ids, size_t n_ids,
                                    size_t n_kept, const bl_sampling *sampling, int max_tokens,
                                    bl_error *error);
void bl_generation_free(bl_generation *generation);
bl_code bl_generation_step(bl_generation *generation, bl_step *step, bl_error *error);

#ifdef __cplusplus
}
#endif

#endif
