/* Letting a model continue a prompt at the terminal: reading the prompt, printing as it comes. */
#include "speak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "read.h"

char *cli_read_prompt(const char *prompt, size_t *size) {
  *size = strlen(prompt);
  if (strcmp(prompt, "-") != 0) return cli_copy(prompt);
  return cli_read_file(prompt, CLI_MAX_PROMPT, size);
}

static void append(cli_text *text, const bl_step *step, bool stream) {
  text->text = cli_grow(text->text, text->size + step->text_size + 1);
  memcpy(text->text + text->size, step->text, step->text_size);
  text->size += step->text_size;
  text->text[text->size] = 0;
  if (!stream || step->text_size == 0) return;
  cli_write_text(step->text, step->text_size);
  fflush(stdout);
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
static bool run(bl_generation *generation, const cli_speak *speak, cli_text *text) {
  bl_error error;
  bl_step step;
  double started = cli_seconds(), first = 0, last = 0;
  for (;;) {
    if (bl_generation_step(generation, &step, &error) != BL_OK) {
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
        if (!speak->stream && step.n_total > 1) {
          cli_progress_start(speak->label, "tokens", (uint64_t)step.n_total);
        }
      }
      add_token(text, &step);
      cli_progress((uint64_t)step.n_done);
    }
    append(text, &step, speak->stream);
    if (step.kind != BL_STEP_DONE) continue;
    text->stop = step.stop;
    if (last > first) text->tokens_per_second = (text->n_tokens - 1) / (last - first);
    return true;
  }
}

bool cli_continue(const bl_model *model, const cli_speak *speak, cli_text *text) {
  bl_error error;
  *text = (cli_text){.text = cli_copy("")};
  bl_session_options options = {.pool = speak->pool};
  bl_session *session = bl_session_new(model, &options, &error);
  if (!session) return cli_fail("%s", error.message);
  bl_generation *generation = bl_generation_new(session, speak->prompt, speak->prompt_size,
                                                &speak->sampling, speak->max_tokens, &error);
  bool ok = generation ? run(generation, speak, text) : cli_fail("%s", error.message);
  cli_progress_end();
  bl_generation_free(generation);
  bl_session_free(session);
  return ok;
}

void cli_text_free(cli_text *text) {
  free(text->text);
  free(text->ids);
  free(text->starts);
  *text = (cli_text){0};
}

const char *cli_stop_name(bl_stop_reason stop) {
  return stop == BL_STOP_END ? "end" : stop == BL_STOP_LENGTH ? "length" : "context";
}
