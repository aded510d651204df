/* Letting a model continue a prompt at the terminal: reading the prompt, printing as it comes. */
#include "completion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dialogue.h"
#include "read.h"

/* The core's top_p of 0 is none at all; here it is a probability that one token reaches. */
bl_sampling cli_sampling_of(const cli_sampling *options) {
  return (bl_sampling){.temperature = (float)options->temperature,
                       .top_k = options->top_p > 0 ? (int)options->top_k : 1,
                       .top_p = (float)options->top_p,
                       .min_p = (float)options->min_p,
                       .seed = (uint64_t)options->seed};
}

char *cli_read_prompt(const char *prompt, size_t *size) {
  *size = strlen(prompt);
  if (strcmp(prompt, "-") != 0) return cli_copy(prompt);
  return cli_read_file(prompt, CLI_MAX_PROMPT, size);
}

int32_t *cli_text_ids(const bl_tokenizer *tokenizer, const char *text, size_t size,
                      bool add_special, size_t *n_ids) {
  bl_error error;
  int32_t *ids = NULL;
  size_t capacity = 0;
  bl_code code;
  *n_ids = size + 16;
  do {
    ids = cli_grow(ids, (capacity = *n_ids) * sizeof *ids);
    code = bl_tokenizer_encode(tokenizer, text, size, add_special, ids, capacity, n_ids, &error);
  } while (code == BL_OK && *n_ids > capacity);
  if (code == BL_OK) return ids;
  if (code == BL_ERR_MEMORY) cli_die("%s", error.message);
  cli_fail("%s", error.message);
  free(ids);
  return NULL;
}

/* False when what is to be seen as it comes could not be written. */
static bool append(cli_text *text, const bl_step *step, bool stream) {
  text->text = cli_grow(text->text, text->size + step->text_size + 1);
  memcpy(text->text + text->size, step->text, step->text_size);
  text->size += step->text_size;
  text->text[text->size] = 0;
  if (!stream || step->text_size == 0) return true;
  cli_write_text(step->text, step->text_size);
  return cli_stdout_push();
}

static void add_token(cli_text *text, const bl_step *step) {
  size_t n = (size_t)text->n_tokens + 1;
  if ((n & (n - 1)) == 0) { /* double at powers of two */
    text->ids = cli_grow(text->ids, 2 * n * sizeof *text->ids);
    text->starts = cli_grow(text->starts, 2 * n * sizeof *text->starts);
  }
  text->ids[text->n_tokens] = step->id;
  text->starts[text->n_tokens] = text->size;
  text->n_tokens++;
}

/* Steps to the end. The first token costs no evaluation of its own, so decoding is timed from it
 * on: n tokens took n - 1 evaluations. */
bool cli_run_to_end(bl_generation *generation, const cli_completion *completion, cli_text *text) {
  bl_error error;
  bl_step step;
  double started = cli_seconds(), first = 0, last = 0;
  for (;;) {
    if (bl_generation_step(generation, &step, &error) != BL_OK) {
      if (completion->tolerates && error.code == BL_ERR_NOT_FINITE) {
        text->problem = cli_copy(error.message);
        return true;
      }
      return cli_fail("%s", error.message);
    }
    if (cli_interrupted()) return false;
    if (step.kind == BL_STEP_PROMPT) {
      if (text->n_prompt == 0 && step.n_done < step.n_total) {
        cli_progress_start("Reading the prompt", "tokens", (uint64_t)step.n_total);
      }
      text->n_prompt = step.n_done;
      double seconds = cli_seconds() - started;
      if (seconds > 0) text->prompt_per_second = step.n_done / seconds;
      cli_progress((uint64_t)step.n_done);
      continue;
    }
    if (step.kind == BL_STEP_TOKEN) {
      last = cli_seconds();
      if (text->n_tokens == 0) {
        first = last;
        cli_progress_end();
        if (!completion->stream && step.n_total > 1) {
          cli_progress_start(completion->label, "tokens", (uint64_t)step.n_total);
        }
      }
      add_token(text, &step);
      cli_progress((uint64_t)step.n_done);
    }
    if (!append(text, &step, completion->stream)) return false;
    if (step.kind != BL_STEP_DONE) continue;
    text->stop = step.stop;
    if (last > first) text->tokens_per_second = (text->n_tokens - 1) / (last - first);
    return true;
  }
}

/* A session that takes more is worth a word before it is used. */
#define LARGE_BYTES ((uint64_t)1000000000)

/* The positions that the prompt and what is written after it take, where nobody says how many:
 * memory is then taken for no more than that. What is wrong with the prompt is told later. */
static int needed_context(const bl_model *model, const cli_completion *completion) {
  bl_model_info info;
  bl_model_get_info(model, &info);
  if (completion->n_context) return completion->n_context;
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  bl_error error;
  size_t n = 0;
  bl_code code = tokenizer
                     ? bl_tokenizer_encode(tokenizer, completion->prompt, completion->prompt_size,
                                           !completion->is_chat, NULL, 0, &n, &error)
                     : BL_OK;
  if (code == BL_ERR_MEMORY) cli_die("%s", error.message);
  if (code != BL_OK) n = 0;
  uint64_t needed = (uint64_t)n + (uint64_t)completion->max_tokens;
  return needed < 1 ? 1 : needed < (uint64_t)info.max_context ? (int)needed : info.max_context;
}

static bl_session *open_session(const bl_model *model, const cli_completion *completion) {
  bl_error error;
  bl_session_options options = {.pool = completion->pool,
                                .n_context = needed_context(model, completion)};
  bl_session *session = bl_session_new(model, &options, &error);
  if (!session) cli_fail("%s", error.message);
  uint64_t n_bytes = session ? bl_session_memory(session) : 0;
  char size[16], count[32];
  if (n_bytes >= LARGE_BYTES && !completion->is_repeated)
    cli_note("a context of %s tokens takes up to %s of memory beside the model",
             cli_count(options.n_context, count), cli_size(n_bytes, size));
  return session;
}

bl_generation *cli_begin(bl_session *session, const bl_model *model,
                         const cli_completion *completion) {
  bl_error error;
  bl_generation *generation;
  size_t n_ids = 0;
  if (completion->is_chat) {
    int32_t *ids = cli_chat_ids(model, completion->prompt, completion->prompt_size, &n_ids);
    if (!ids) return NULL;
    generation = bl_generation_from_ids(session, ids, n_ids, &completion->sampling,
                                        completion->max_tokens, &error);
    free(ids);
  } else {
    generation = bl_generation_new(session, completion->prompt, completion->prompt_size,
                                   &completion->sampling, completion->max_tokens, &error);
  }
  if (!generation) cli_fail("%s", error.message);
  return generation;
}

bool cli_continue(const bl_model *model, const cli_completion *completion, cli_text *text) {
  *text = (cli_text){.text = cli_copy("")};
  bl_session *session = open_session(model, completion);
  if (!session) return false;
  text->n_context = bl_session_context(session);
  bl_generation *generation = cli_begin(session, model, completion);
  bool ok = generation && cli_run_to_end(generation, completion, text);
  cli_progress_end();
  bl_generation_free(generation);
  bl_session_free(session);
  return ok;
}

void cli_hint_at_template(const bl_model *model, const cli_completion *completion,
                          const cli_text *text) {
  if (text->size > 0 || text->stop != BL_STOP_END || completion->max_tokens == 0) return;
  if (bl_model_has_chat_template(model) && !completion->is_chat) {
    cli_note(
        "the model ended its text at once; it has a chat template, which --ignore-chat-template "
        "left out");
  } else {
    cli_note("the model ended its text at once");
  }
}

void cli_text_free(cli_text *text) {
  free(text->text);
  free(text->problem);
  free(text->ids);
  free(text->starts);
  *text = (cli_text){0};
}

const char *cli_stop_name(bl_stop_reason stop) {
  return stop == BL_STOP_END ? "end" : stop == BL_STOP_LENGTH ? "length" : "context";
}

void cli_tell_full_context(const bl_model *model, const cli_text *text) {
  char count[32], limit[32];
  bl_model_info info;
  if (text->stop != BL_STOP_CONTEXT) return;
  bl_model_get_info(model, &info);
  cli_count(text->n_context, count);
  if (text->n_context < info.max_context)
    cli_note("the text ends where the context of %s tokens is full; --context takes up to %s",
             count, cli_count(info.max_context, limit));
  else
    cli_note("the text ends where the context of %s tokens is full, which is the model's limit",
             count);
}

bool cli_check_context(const bl_model *model, int64_t n_context) {
  bl_model_info info;
  bl_model_get_info(model, &info);
  return n_context <= info.max_context || cli_fail("--context is %lld, the model's limit is %d",
                                                   (long long)n_context, info.max_context);
}
