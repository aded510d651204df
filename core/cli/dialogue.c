/* Conversations at the terminal: turns, the chat template, the date. */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void cli_dialogue_add(cli_dialogue *dialogue, const char *role, const char *content, size_t size) {
  size_t n = (size_t)dialogue->n + 1;
  char *copy = cli_alloc(size + 1);
  if (size) memcpy(copy, content, size);
  copy[size] = '\0';
  dialogue->messages = cli_grow(dialogue->messages, n * sizeof *dialogue->messages);
  dialogue->messages[dialogue->n++] = (bl_message){role, copy, size};
}

void cli_dialogue_cut(cli_dialogue *dialogue, int n) {
  while (dialogue->n > n) free((char *)dialogue->messages[--dialogue->n].content);
}

void cli_dialogue_free(cli_dialogue *dialogue) {
  cli_dialogue_cut(dialogue, 0);
  free(dialogue->messages);
  *dialogue = (cli_dialogue){0};
}

/* What the clock on the wall shows. */
static bl_date now(void) {
  time_t seconds = time(NULL);
  struct tm local = {0};
  if (!localtime_r(&seconds, &local)) return (bl_date){0};
  return (bl_date){local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                   local.tm_hour,        local.tm_min,     local.tm_sec};
}

char *cli_dialogue_render(const cli_dialogue *dialogue, const bl_model *model, size_t *size) {
  bl_error error;
  bl_date date = now();
  char *text = NULL;
  bl_code code =
      bl_model_chat(model, dialogue->messages, dialogue->n, true, &date, &text, size, &error);
  if (code == BL_ERR_MEMORY) cli_die("%s", error.message);
  if (code == BL_OK) return text;
  cli_fail("%s", error.message);
  return NULL;
}

int32_t *cli_chat_ids(const bl_model *model, const char *text, size_t size, size_t *n_ids) {
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  if (tokenizer) return cli_text_ids(tokenizer, text, size, false, n_ids);
  cli_fail("the model has no tokenizer, so it cannot read text");
  return NULL;
}

bool cli_check_template_options(const char *system, bool ignores) {
  return !system || !ignores ||
         cli_fail(
             "--system-prompt is a part of the chat template: it can't be had with "
             "--ignore-chat-template");
}

bool cli_apply_template(const bl_model *model, const char *system, bool ignores,
                        cli_completion *completion) {
  bool has_template = bl_model_has_chat_template(model);
  if (system && !has_template)
    return cli_fail("--system-prompt needs a chat template, and the model has none");
  if (ignores || !has_template) return true;
  cli_dialogue dialogue = {0};
  size_t size = 0;
  if (system) cli_dialogue_add(&dialogue, "system", system, strlen(system));
  cli_dialogue_add(&dialogue, "user", completion->prompt, completion->prompt_size);
  char *text = cli_dialogue_render(&dialogue, model, &size);
  cli_dialogue_free(&dialogue);
  if (!text) return false;
  free((char *)completion->prompt);
  completion->prompt = text;
  completion->prompt_size = size;
  completion->is_chat = true;
  return true;
}
