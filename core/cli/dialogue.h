/* Conversations at the terminal, put into words by a model's chat template. */
#ifndef BL_CLI_DIALOGUE_H
#define BL_CLI_DIALOGUE_H

#include "completion.h"

typedef struct cli_dialogue {
  bl_message *messages; /* (n), whose contents are its own */
  int n;
} cli_dialogue;

/* Adds a turn; the content is copied, the role stays. */
void cli_dialogue_add(cli_dialogue *dialogue, const char *role, const char *content, size_t size);
/* Takes the last turns away, down to n. */
void cli_dialogue_cut(cli_dialogue *dialogue, int n);
void cli_dialogue_free(cli_dialogue *dialogue);

/* The conversation up to where the model answers, allocated; NULL after saying why not. */
char *cli_dialogue_render(const cli_dialogue *dialogue, const bl_model *model, size_t *size);
/* The tokens of such a text, allocated; NULL after saying why not. */
int32_t *cli_chat_ids(const bl_model *model, const char *text, size_t size, size_t *n_ids);

/* Makes the prompt that was given a question in the model's chat template, where it has one that is
 * not to be ignored: its text is then replaced by one that is to be freed as it was. `system` may
 * be NULL. False after saying why not. */
bool cli_apply_template(const bl_model *model, const char *system, bool ignores,
                        cli_completion *completion);
/* Do the two options go together? */
bool cli_check_template_options(const char *system, bool ignores);

/* The two options, for a command with such settings. */
#define CLI_TEMPLATE_OPTIONS(settings)                                               \
  {.name = "system-prompt",                                                          \
   .kind = CLI_TEXT,                                                                 \
   .offset = offsetof(settings, system_prompt),                                      \
   .value = "TEXT",                                                                  \
   .help = "What the chat template says to the model before the prompt."},           \
      {.name = "ignore-chat-template",                                               \
       .kind = CLI_FLAG,                                                             \
       .offset = offsetof(settings, ignore_chat_template),                           \
       .help =                                                                       \
           "Take the prompt as it is, also where the model has a chat template: to " \
           "continue a text, or for a template that the prompt has written out."}

#endif
