/* Continuing a prompt, a step at a time. */
#include <stdlib.h>
#include <string.h>

#include "model/sample.h"
#include "model/session.h"

struct bl_generation {
  bl_session *session;
  const bl_tokenizer *tokenizer;
  bl_decoder *decoder;
  bl_sampler sampler;
  int32_t *prompt; /* (n_prompt) */
  int n_prompt, n_prompt_done;
  int n_written, max_tokens;
  int32_t last_id; /* the token written last: it is not in the cache yet */
  bl_stop_reason stop;
};

static bl_generation *generation_new(bl_session *session, const bl_sampling *sampling,
                                     int max_tokens, bl_error *error) {
  bl_generation *g = calloc(1, sizeof *g);
  if (!g) {
    bl_fail_memory(error, sizeof *g);
    return NULL;
  }
  g->session = session;
  g->tokenizer = bl_model_tokenizer(session->model);
  g->max_tokens = max_tokens;
  if (!g->tokenizer) {
    bl_fail(error, BL_ERR_UNSUPPORTED,
            "the model has no tokenizer, so it cannot read text: expected a tokenizer.json beside "
            "its weights");
    goto fail;
  }
  if (max_tokens < 0) {
    bl_fail(error, BL_ERR_ARGUMENT, "max_tokens is %d, expected at least 0", max_tokens);
    goto fail;
  }
  if (bl_sampler_init(&g->sampler, sampling, session->model->config.vocab_size, error) != BL_OK)
    goto fail;
  g->decoder = bl_decoder_new(g->tokenizer, false, error);
  if (!g->decoder) goto fail;
  return g;

fail:
  bl_generation_free(g);
  return NULL;
}

/* Makes room for n ids of the prompt. */
static bl_code make_room(bl_generation *g, size_t n, bl_error *error) {
  free(g->prompt);
  g->prompt = malloc(n * sizeof *g->prompt);
  return g->prompt ? BL_OK : bl_fail_memory(error, n * sizeof *g->prompt);
}

/* Turns the prompt into n ids. Hardly any text has more tokens than bytes and a few around it. */
static bl_code tokenize(bl_generation *g, const char *prompt, size_t prompt_size, size_t *n,
                        bl_error *error) {
  size_t capacity = prompt_size + 16;
  bl_code code = make_room(g, capacity, error);
  if (code == BL_OK)
    code = bl_tokenizer_encode_prompt(g->tokenizer, prompt, prompt_size, g->prompt, capacity, n,
                                      error);
  if (code != BL_OK || *n <= capacity) return code;
  capacity = *n;
  code = make_room(g, capacity, error);
  if (code != BL_OK) return code;
  return bl_tokenizer_encode_prompt(g->tokenizer, prompt, prompt_size, g->prompt, capacity, n,
                                    error);
}

/* Begins with the n ids of g->prompt, which must fit the context, and of which the cache holds the
 * first n_kept. */
static bl_code begin(bl_generation *g, size_t n, size_t n_kept, bl_error *error) {
  if (n == 0)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the prompt is empty, and this model has no token to begin a text with");
  if (n > (size_t)g->session->n_context)
    return bl_fail(error, BL_ERR_ARGUMENT, "the prompt is %zu tokens long, the context holds %d", n,
                   g->session->n_context);
  if (n_kept >= n || n_kept > (size_t)g->session->position)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "%zu ids of a prompt of %zu are to be kept, the session holds %d", n_kept, n,
                   g->session->position);
  g->n_prompt = (int)n;
  g->n_prompt_done = (int)n_kept;
  return bl_session_truncate(g->session, (int)n_kept, error);
}

bl_generation *bl_generation_new(bl_session *session, const char *prompt, size_t prompt_size,
                                 const bl_sampling *sampling, int max_tokens, bl_error *error) {
  bl_generation *g = generation_new(session, sampling, max_tokens, error);
  size_t n = 0;
  if (!g ||
      (tokenize(g, prompt, prompt_size, &n, error) == BL_OK && begin(g, n, 0, error) == BL_OK))
    return g;
  bl_generation_free(g);
  return NULL;
}

bl_generation *bl_generation_from_ids(bl_session *session, const int32_t *ids, size_t n_ids,
                                      const bl_sampling *sampling, int max_tokens,
                                      bl_error *error) {
  return bl_generation_resume(session, ids, n_ids, 0, sampling, max_tokens, error);
}

bl_generation *bl_generation_resume(bl_session *session, const int32_t *ids, size_t n_ids,
                                    size_t n_kept, const bl_sampling *sampling, int max_tokens,
                                    bl_error *error) {
  bl_generation *g = generation_new(session, sampling, max_tokens, error);
  if (g && begin(g, n_ids, n_kept, error) == BL_OK && make_room(g, n_ids, error) == BL_OK) {
    memcpy(g->prompt, ids, n_ids * sizeof *ids);
    return g;
  }
  bl_generation_free(g);
  return NULL;
}

void bl_generation_free(bl_generation *generation) {
  if (!generation) return;
  bl_sampler_free(&generation->sampler);
  bl_decoder_free(generation->decoder);
  free(generation->prompt);
  free(generation);
}

/* One batch of the prompt. */
static bl_code step_prompt(bl_generation *g, bl_step *step, bl_error *error) {
  int n = g->n_prompt - g->n_prompt_done;
  if (n > g->session->n_batch) n = g->session->n_batch;
  bl_code code =
      bl_session_eval(g->session, g->prompt + g->n_prompt_done, (size_t)n, NULL, NULL, error);
  if (code != BL_OK) return code;
  g->n_prompt_done += n;
  step->kind = BL_STEP_PROMPT;
  step->n_done = g->n_prompt_done;
  step->n_total = g->n_prompt;
  return BL_OK;
}

/* The first step of the end gives out what the decoder still holds. */
static bl_code step_done(bl_generation *g, bl_stop_reason stop, bl_step *step) {
  step->kind = BL_STEP_DONE;
  step->n_done = g->n_written;
  step->n_total = g->max_tokens;
  step->stop = g->stop = stop;
  bl_decoder_flush(g->decoder, &step->text, &step->text_size);
  return BL_OK;
}

/* One new token. The one before it goes through the model only now, so that the last token of a
 * text costs no evaluation. */
static bl_code step_token(bl_generation *g, bl_step *step, bl_error *error) {
  bl_session *s = g->session;
  if (g->n_written == g->max_tokens) return step_done(g, BL_STOP_LENGTH, step);
  if (g->n_written > 0) {
    if (s->position == s->n_context) return step_done(g, BL_STOP_CONTEXT, step);
    bl_code code = bl_session_eval(s, &g->last_id, 1, NULL, NULL, error);
    if (code != BL_OK) return code;
  }
  int32_t id;
  bl_code code = bl_sampler_draw(&g->sampler, bl_session_logits(s), &id, &step->probability, error);
  if (code != BL_OK) return code;
  if (bl_tokenizer_is_end(g->tokenizer, id)) return step_done(g, BL_STOP_END, step);
  if (id < bl_tokenizer_size(g->tokenizer)) { /* vocabularies are often padded: no text there */
    code = bl_decoder_push(g->decoder, id, &step->text, &step->text_size, error);
    if (code != BL_OK) return code;
  }
  g->last_id = id;
  step->kind = BL_STEP_TOKEN;
  step->id = id;
  step->n_done = ++g->n_written;
  step->n_total = g->max_tokens;
  return BL_OK;
}

/* Has nobody else moved the session since the last step? */
static bool is_undisturbed(const bl_generation *g) {
  int n_evaluated = g->n_prompt_done + (g->n_written > 0 ? g->n_written - 1 : 0);
  return g->session->position == n_evaluated &&
         (g->n_prompt_done < g->n_prompt || bl_session_logits(g->session));
}

bl_code bl_generation_step(bl_generation *generation, bl_step *step, bl_error *error) {
  bl_generation *g = generation;
  bl_step next = {.text = ""};
  bl_code code;
  if (g->stop != BL_STOP_NONE)
    code = step_done(g, g->stop, &next);
  else if (!is_undisturbed(g))
    code = bl_fail(error, BL_ERR_ARGUMENT,
                   "the session was used for something else while a text was being written");
  else if (g->n_prompt_done < g->n_prompt)
    code = step_prompt(g, &next, error);
  else
    code = step_token(g, &next, error);
  if (code == BL_OK) *step = next;
  return code;
}
