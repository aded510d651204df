/* How fast a model writes, from several short pieces of writing: as the page does
 * (web/experiment/measure/speed.ts). */
#include <math.h>

#include "completion.h"

/* A machine does other things too, and its clocks move: less says little. */
#define LEAST_SECONDS 0.5
#define PIECE_SECONDS 0.1
enum { LEAST_PIECES = 4, MOST_TEXTS = 4096 };

/* Sums over the pieces, of tokens and of seconds. */
typedef struct pieces {
  int n;
  double tokens, seconds, tokens_2, seconds_2, both;
} pieces;

static bool is_enough(const pieces *p) {
  return p->n >= LEAST_PIECES && p->seconds >= LEAST_SECONDS;
}

static void add_piece(pieces *p, double tokens, double seconds) {
  p->n++;
  p->tokens += tokens;
  p->seconds += seconds;
  p->tokens_2 += tokens * tokens;
  p->seconds_2 += seconds * seconds;
  p->both += tokens * seconds;
}

/* All tokens over all time, with the standard error of such a ratio (Cochran, Sampling Techniques,
 * 2.46). */
static bl_estimate speed_of(const pieces *p) {
  double rate = p->tokens / p->seconds, n = p->n;
  double squares = p->tokens_2 - 2 * rate * p->both + rate * rate * p->seconds_2;
  return (bl_estimate){rate, sqrt(fmax(squares, 0) * n / (n - 1)) / p->seconds};
}

/* Writes one text and times pieces of it, from its first token on, until there are enough;
 * *n_tokens is how many it had. */
static bool time_text(bl_session *session, const bl_model *model, const cli_completion *completion,
                      pieces *p, int *n_tokens) {
  bl_error error;
  bl_step step = {0};
  bl_generation *generation = cli_begin(session, model, completion);
  bool ok = generation != NULL;
  double begun = 0, last = 0, tokens = 0;
  *n_tokens = 0;
  while (ok && !is_enough(p) && step.kind != BL_STEP_DONE) {
    if (bl_generation_step(generation, &step, &error) != BL_OK)
      ok = cli_fail("%s", error.message);
    else if (cli_interrupted())
      ok = false;
    if (!ok || step.kind != BL_STEP_TOKEN) continue;
    last = cli_seconds();
    if ((*n_tokens)++ == 0) begun = last;
    if (*n_tokens > 1) tokens++;
    if (last - begun < PIECE_SECONDS) continue;
    add_piece(p, tokens, last - begun);
    begun = last;
    tokens = 0;
  }
  if (ok && tokens > 0 && last > begun) add_piece(p, tokens, last - begun);
  bl_generation_free(generation);
  return ok;
}

bool cli_time_writing(const bl_model *model, const cli_completion *completion, int n_context,
                      bl_estimate *speed) {
  bl_error error;
  pieces p = {0};
  bl_session_options options = {.pool = completion->pool, .n_context = n_context};
  bl_session *session = bl_session_new(model, &options, &error);
  bool ok = session || cli_fail("%s", error.message);
  int n_tokens = 2;
  /* One token takes no time of its own. */
  for (int i = 0; ok && n_tokens > 1 && !is_enough(&p) && i < MOST_TEXTS; i++)
    ok = time_text(session, model, completion, &p, &n_tokens);
  bl_session_free(session);
  *speed = p.n > 1 ? speed_of(&p) : (bl_estimate){0};
  return ok;
}
