/* Letting a model continue a prompt. */
#ifndef BL_CLI_COMPLETION_H
#define BL_CLI_COMPLETION_H

#include "cli.h"

typedef struct cli_text {
  char *text;
  size_t size;
  int n_tokens, n_prompt;
  int32_t *ids;                                /* (n_tokens) */
  size_t *starts;                              /* (n_tokens): where in the text each token begins */
  double prompt_per_second, tokens_per_second; /* 0 where too little was done to tell */
  bl_stop_reason stop;
  int n_context; /* tokens that there was room for */
  char *problem; /* why it ended where logits were not numbers, or NULL */
} cli_text;

typedef struct cli_completion {
  const char *prompt; /* allocated */
  size_t prompt_size;
  bool is_chat; /* the prompt is in the words of a chat template, with all of its tokens */
  bl_sampling sampling;
  int max_tokens;
  int n_context; /* tokens of prompt and text together; 0: what they need, up to the model's limit
                  */
  bl_pool *pool;
  bool stream;       /* print the text as it comes */
  bool is_repeated;  /* not the first of several: what was noted of the first holds for it too */
  const char *label; /* of the progress bar, where the text is not printed */
  bool tolerates;    /* a text may end where logits are not numbers: that is no failure */
} cli_completion;

/* Starts to continue the prompt in a session; NULL after saying why not. */
bl_generation *cli_begin(bl_session *session, const bl_model *model,
                         const cli_completion *completion);
/* Steps to the end of what was begun, which `text` receives. On failure or interruption returns
 * false, with what had been written until then. */
bool cli_run_to_end(bl_generation *generation, const cli_completion *completion, cli_text *text);
/* Fills `text`; free it with cli_text_free. On failure or interruption returns false, with what
 * had been written until then. */
bool cli_continue(const bl_model *model, const cli_completion *completion, cli_text *text);
/* How fast the model writes after the prompt, in tokens per second, with a standard error: over at
 * least half a second, for which a short text is written again and again. 0 where no text has two
 * tokens. On failure or interruption returns false. */
bool cli_time_writing(const bl_model *model, const cli_completion *completion, int n_context,
                      bl_estimate *speed);
void cli_text_free(cli_text *text);
/* Says why there may be nothing to see, where a model ended its text at once. */
void cli_hint_at_template(const bl_model *model, const cli_completion *completion,
                          const cli_text *text);
const char *cli_stop_name(bl_stop_reason stop); /* "end", "length", "context" */
/* A note where the text ends only because the context was full. */
void cli_tell_full_context(const bl_model *model, const cli_text *text);
/* Is --context, 0 for none, one that the model can have? Else says so. */
bool cli_check_context(const bl_model *model, int64_t n_context);

/* The prompt as given, or all of stdin for "-". Free it. NULL when it can't be read or is too long
 * (the reason has been given). */
char *cli_read_prompt(const char *prompt, size_t *size);

/* The tokens of a text, however many they are, with those that the tokenizer puts around every text
 * where `add_special`: allocated; NULL after saying why not. */
int32_t *cli_text_ids(const bl_tokenizer *tokenizer, const char *text, size_t size,
                      bool add_special, size_t *n_ids);

/* How tokens are chosen, as options say it. */
typedef struct cli_sampling {
  double temperature, top_p, min_p;
  int64_t top_k, seed;
} cli_sampling;

bl_sampling cli_sampling_of(const cli_sampling *options);

/* The options, for a command whose settings have them as `sampling`. */
#define CLI_SAMPLING_OPTIONS(settings)                                                          \
  {.name = "temp",                                                                              \
   .alias = "temperature",                                                                      \
   .kind = CLI_REAL,                                                                            \
   .offset = offsetof(settings, sampling.temperature),                                          \
   .value = "T",                                                                                \
   .fallback = "0",                                                                             \
   .min = 0,                                                                                    \
   .max = 100,                                                                                  \
   .help = "0 takes the most likely token each time; above it, a token is drawn."},             \
      {.name = "top-k",                                                                         \
       .kind = CLI_INT,                                                                         \
       .offset = offsetof(settings, sampling.top_k),                                            \
       .value = "N",                                                                            \
       .fallback = "0",                                                                         \
       .min = 0,                                                                                \
       .max = 10000000,                                                                         \
       .help = "Draw from the N likeliest; 0: from all."},                                      \
      {.name = "top-p",                                                                         \
       .kind = CLI_REAL,                                                                        \
       .offset = offsetof(settings, sampling.top_p),                                            \
       .value = "P",                                                                            \
       .fallback = "1",                                                                         \
       .min = 0,                                                                                \
       .max = 1,                                                                                \
       .help =                                                                                  \
           "Draw from the fewest tokens whose probabilities reach P: from one, the likeliest, " \
           "where P is 0."},                                                                    \
      {.name = "min-p",                                                                         \
       .kind = CLI_REAL,                                                                        \
       .offset = offsetof(settings, sampling.min_p),                                            \
       .value = "P",                                                                            \
       .fallback = "0",                                                                         \
       .min = 0,                                                                                \
       .max = 1,                                                                                \
       .help = "Leave out tokens less likely than P times the likeliest."},                     \
      {.name = "seed",                                                                          \
       .kind = CLI_INT,                                                                         \
       .offset = offsetof(settings, sampling.seed),                                             \
       .value = "N",                                                                            \
       .fallback = "0",                                                                         \
       .min = 0,                                                                                \
       .max = 9007199254740991,                                                                 \
       .help = "The same seed draws the same text."}

#endif
