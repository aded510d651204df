/* bitloss chat: a conversation with a model. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "calibrate.h"
#include "dialogue.h"
#include "files.h"
#include "read.h"

typedef struct settings {
  cli_common common;
  const char *model, *recipe, *system_prompt;
  int64_t max_tokens, context;
  cli_sampling sampling;
  cli_calibrate_settings calibrate;
} settings;

typedef struct conversation {
  const settings *set;
  const bl_model *model;
  bl_session *session;
  cli_completion completion; /* its sampling and its lengths */
  cli_dialogue dialogue;
  int32_t *ids; /* (n_ids): what the session was given last; its cache holds the first of them */
  size_t n_ids;
  bl_json_writer json; /* of the turns, with --json */
} conversation;

/* ---- what is typed ------------------------------------------------------------------------- */

typedef struct lines {
  char *bytes;
  size_t size, capacity;
  bool ended, failed;
} lines;

static bool fail_to_read(lines *in) {
  in->failed = true;
  return false;
}

/* Reads on; false when the command was interrupted, or after saying why it failed. */
static bool fill(lines *in) {
  struct pollfd one = {.fd = STDIN_FILENO, .events = POLLIN};
  if (in->capacity - in->size < 4096)
    in->bytes = cli_grow(in->bytes, in->capacity += in->capacity / 2 + 8192);
  while (!cli_interrupted() && poll(&one, 1, 100) <= 0) continue;
  if (cli_interrupted()) return false;
  ssize_t n = read(STDIN_FILENO, in->bytes + in->size, in->capacity - in->size);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (n < 0) {
    cli_fail("cannot read the standard input: %s", strerror(errno));
    return fail_to_read(in);
  }
  in->ended = n == 0;
  in->size += (size_t)n;
  if (in->size <= CLI_MAX_PROMPT) return true;
  cli_fail("a line of the standard input is over %d MB", (int)(CLI_MAX_PROMPT / 1000000));
  return fail_to_read(in);
}

/* What was typed, allocated, with a NUL behind it; NULL: there is nothing more. */
typedef struct typed {
  char *text;
  size_t size; /* it may hold NULs */
} typed;

/* The next line, without its end. */
static typed next_line(lines *in) {
  char *end;
  while (!(end = in->size ? memchr(in->bytes, '\n', in->size) : NULL) && !in->ended)
    if (!fill(in)) return (typed){0};
  if (!end && in->size == 0) return (typed){0};
  size_t n = end ? (size_t)(end - in->bytes) : in->size, taken = n + (end != NULL);
  typed line = {cli_alloc(n + 1), n};
  memcpy(line.text, in->bytes, n);
  memmove(in->bytes, in->bytes + taken, in->size -= taken);
  if (n > 0 && line.text[n - 1] == '\r') line.size--;
  line.text[line.size] = '\0';
  return line;
}

static bool is_talk(void) {
  return cli_is_terminal(STDIN_FILENO) && cli_is_terminal(STDERR_FILENO);
}

static void show_mark(const char *mark) {
  if (is_talk()) fprintf(stderr, "%s ", mark);
}

static bool is_line(const typed *line, const char *text) {
  return line->text && line->size == strlen(text) && memcmp(line->text, text, line->size) == 0;
}

/* The lines up to one that is """ alone. */
static typed next_lines(lines *in) {
  typed turn = {cli_copy(""), 0};
  size_t capacity = 0;
  for (;;) {
    show_mark(".");
    typed line = next_line(in);
    if (!line.text || is_line(&line, "\"\"\"")) {
      free(line.text);
      return turn;
    }
    size_t needed = turn.size + line.size + 2;
    if (needed > capacity) turn.text = cli_grow(turn.text, capacity = 2 * needed);
    if (turn.size > 0) turn.text[turn.size++] = '\n';
    memcpy(turn.text + turn.size, line.text, line.size + 1);
    turn.size += line.size;
    free(line.text);
    if (turn.size > CLI_MAX_PROMPT) {
      cli_fail("a turn is over %d MB", (int)(CLI_MAX_PROMPT / 1000000));
      in->failed = true;
      free(turn.text);
      return (typed){0};
    }
  }
}

/* A turn: a line, or the lines between two that are """ alone. */
static typed next_turn(lines *in) {
  show_mark(">");
  typed line = next_line(in);
  if (!is_line(&line, "\"\"\"")) return line;
  free(line.text);
  return next_lines(in);
}

/* ---- answers ------------------------------------------------------------------------------- */

static void forget(conversation *c) {
  cli_dialogue_cut(&c->dialogue, c->set->system_prompt ? 1 : 0);
}

/* The ids that the session's cache holds and that the new text begins with, but for its last: the
 * model is to say what follows that. */
static size_t count_kept(const conversation *c, const int32_t *ids, size_t n_ids) {
  size_t most = (size_t)bl_session_position(c->session), n = 0;
  if (most > c->n_ids) most = c->n_ids;
  if (most > n_ids - 1) most = n_ids - 1;
  while (n < most && c->ids[n] == ids[n]) n++;
  return n;
}

static void put_turn(conversation *c, const typed *question, const cli_text *text, size_t n_kept) {
  bl_json_writer *w = &c->json;
  bl_json_open(w, NULL, '{');
  bl_json_put_bytes(w, "user", question->text, question->size);
  bl_json_put_number(w, "prompt_tokens", text->n_prompt);
  bl_json_put_number(w, "read_tokens", (double)text->n_prompt - (double)n_kept);
  bl_json_put_number(w, "tokens_per_second", text->tokens_per_second);
  bl_json_put_string(w, "stop", cli_stop_name(text->stop));
  cli_json_ids(w, "ids", text->ids, text->n_tokens);
  bl_json_put_bytes(w, "text", text->text, text->size);
  bl_json_close(w, '}');
}

/* What was written to the end, or up to Ctrl-C, is a turn of the conversation. */
static bool keep_answer(conversation *c, const typed *question, const cli_text *text,
                        size_t n_kept) {
  size_t n = c->n_ids + (size_t)text->n_tokens;
  c->ids = cli_grow(c->ids, (n + 1) * sizeof *c->ids);
  if (text->n_tokens) memcpy(c->ids + c->n_ids, text->ids, (size_t)text->n_tokens * sizeof *c->ids);
  c->n_ids = n;
  cli_dialogue_add(&c->dialogue, "assistant", text->text, text->size);
  if (c->set->common.json) {
    put_turn(c, question, text, n_kept);
    return true;
  }
  if (text->stop == BL_STOP_LENGTH)
    cli_note("the answer ends after %d tokens; --max-tokens takes more", text->n_tokens);
  if (text->stop == BL_STOP_CONTEXT)
    cli_note("the answer ends where the context of %d tokens is full; /clear begins anew",
             bl_session_context(c->session));
  printf("\n");
  return cli_stdout_push();
}

/* Writes the answer to what the conversation has become; false only where that is the end. A turn
 * that fails is taken back. */
static bool answer(conversation *c, const typed *question) {
  bl_error error;
  size_t size = 0, n_ids = 0;
  int n_before = c->dialogue.n;
  cli_dialogue_add(&c->dialogue, "user", question->text, question->size);
  char *prompt = cli_dialogue_render(&c->dialogue, c->model, &size);
  int32_t *ids = prompt ? cli_chat_ids(c->model, prompt, size, &n_ids) : NULL;
  free(prompt);
  size_t n_kept = ids && n_ids ? count_kept(c, ids, n_ids) : 0;
  bl_generation *generation =
      ids ? bl_generation_resume(c->session, ids, n_ids, n_kept, &c->completion.sampling,
                                 c->completion.max_tokens, &error)
          : NULL;
  if (ids && !generation) cli_fail("%s", error.message);
  if (!generation) {
    free(ids);
    cli_dialogue_cut(&c->dialogue, n_before);
    return c->set->common.json ? false : cli_is_terminal(STDIN_FILENO);
  }
  free(c->ids);
  c->ids = ids;
  c->n_ids = n_ids;
  cli_text text = {.text = cli_copy(""), .n_prompt = (int)n_ids};
  cli_finish_first(true); /* Ctrl-C ends the answer, however long a token takes */
  bool ok = cli_run_to_end(generation, &c->completion, &text);
  cli_finish_first(false);
  cli_progress_end();
  bl_generation_free(generation);
  bool is_stopped = !ok && cli_take_interrupt();
  ok = (ok || is_stopped) && keep_answer(c, question, &text, n_kept);
  cli_text_free(&text);
  return ok;
}

/* ---- the command --------------------------------------------------------------------------- */

static void explain(void) {
  fprintf(stderr,
          "/clear  forget the conversation\n"
          "/exit   end it, as Ctrl-D does\n"
          "\"\"\"     begins and ends a turn of several lines\n"
          "Ctrl-C  stops an answer\n");
}

/* Does as a line that begins with '/' says; false: it is /exit. */
static bool obey(conversation *c, const char *line) {
  if (strcmp(line, "/exit") == 0 || strcmp(line, "/quit") == 0) return false;
  if (strcmp(line, "/clear") == 0)
    forget(c);
  else if (strcmp(line, "/help") == 0)
    explain();
  else
    cli_note("there is no '%s'; /help lists what there is. A turn may begin with a space", line);
  return true;
}

static bool talk(conversation *c) {
  lines in = {0};
  bool ok = true, goes_on = true;
  if (is_talk()) fprintf(stderr, "/help lists what can be typed beside a question.\n");
  while (ok && goes_on) {
    typed turn = next_turn(&in);
    if (!turn.text) break;
    if (*turn.text == '/')
      goes_on = obey(c, turn.text);
    else if (strspn(turn.text, " \t") < turn.size)
      ok = answer(c, &turn);
    free(turn.text);
  }
  ok = ok && !in.failed;
  if (is_talk() && goes_on) fprintf(stderr, "\n");
  free(in.bytes);
  return ok && !cli_interrupted();
}

static void print_json(conversation *c) {
  bl_json_writer *w = &c->json;
  bl_json_close(w, ']');
  cli_json_notes(w, c->model, NULL);
  bl_json_close(w, '}');
  cli_json_print(w);
}

static bool converse(const settings *set, const bl_model *model, bl_pool *pool) {
  bl_error error;
  if (!bl_model_has_chat_template(model))
    return cli_fail("%s has no chat template; 'bitloss generate' continues a text", set->model);
  bl_session_options options = {.pool = pool, .n_context = (int)set->context};
  conversation c = {
      .set = set,
      .model = model,
      .session = bl_session_new(model, &options, &error),
      .completion = {.sampling = cli_sampling_of(&set->sampling),
                     .max_tokens = (int)set->max_tokens,
                     .stream = !set->common.json,
                     .label = "Writing"},
      .json = {.style = &cli_json_style},
  };
  if (!c.session) return cli_fail("%s", error.message);
  if (set->system_prompt)
    cli_dialogue_add(&c.dialogue, "system", set->system_prompt, strlen(set->system_prompt));
  bl_model_info info;
  bl_model_get_info(model, &info);
  bl_json_open(&c.json, NULL, '{');
  bl_json_put_string(&c.json, "model", set->model);
  bl_json_put_string(&c.json, "recipe", info.recipe);
  bl_json_put_number(&c.json, "context", bl_session_context(c.session));
  bl_json_open(&c.json, "turns", '[');
  bool ok = talk(&c);
  if (ok && set->common.json)
    print_json(&c);
  else
    bl_json_discard(&c.json);
  cli_dialogue_free(&c.dialogue);
  bl_session_free(c.session);
  free(c.ids);
  return ok;
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  bl_error error;
  bl_load_options load = {0};
  cli_source source;
  cli_calibration calibration = {0};
  bl_model *model = NULL;
  if (bl_recipe_parse(set->recipe, &load.recipe, &error) != BL_OK) {
    cli_fail("%s", error.message);
    return CLI_USAGE;
  }
  cli_catch_interrupts();
  load.pool = bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
  bool ok = cli_source_open(&source, set->model) &&
            cli_calibrate_source(&calibration, &set->calibrate, &source, &load, NULL) &&
            cli_load(&source, &load, "Quantizing", &model) &&
            cli_check_context(model, set->context) && converse(set, model, load.pool);
  bl_model_free(model);
  cli_calibration_free(&calibration);
  cli_source_close(&source);
  bl_pool_free(load.pool);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, model),
     .value = "MODEL",
     .required = true,
     .help = "A Hugging Face or MLX directory, a .safetensors file or a .gguf file, with a chat "
             "template."},
    {.name = "recipe",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, recipe),
     .value = "RECIPE",
     .fallback = "reference",
     .help = "Quantize the weights first, such as affine:4:64."},
    CLI_CALIBRATE_OPTIONS(settings),
    {.name = "system-prompt",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, system_prompt),
     .value = "TEXT",
     .help = "What the chat template says to the model before the conversation."},
    {.name = "max-tokens",
     .letter = 'm',
     .kind = CLI_INT,
     .offset = offsetof(settings, max_tokens),
     .value = "N",
     .fallback = "512",
     .min = 1,
     .max = 1000000,
     .help = "Tokens of an answer at most."},
    {.name = "context",
     .kind = CLI_INT,
     .offset = offsetof(settings, context),
     .value = "N",
     .min = 1,
     .max = 1 << 28,
     .help =
         "Tokens of the whole conversation at most. The default is the model's own limit, up to "
         "4096. Each takes memory: 'bitloss budget MODEL --context N' tells how much."},
    CLI_SAMPLING_OPTIONS(settings),
    {.name = NULL}};

const cli_command cli_chat = {
    .name = "chat",
    .summary = "Talk with a model.",
    .usage = "--model MODEL [options]",
    .about =
        "Each line of the standard input is a turn, and the model's answer follows as it comes. "
        "The "
        "conversation is put into the words of the model's chat template; what was read before is "
        "kept, so that a turn costs its own tokens alone.\n\n"
        "Ctrl-C stops an answer; /clear forgets the conversation, /exit or Ctrl-D ends it, and "
        "/help lists what else can be typed. With --json nothing is shown until the end, and then "
        "all turns, with how many tokens of each were read.",
    .bare = "model",
    .options = options,
    .examples =
        "  bitloss chat --model SmolLM2-135M-Instruct.Q4_1.gguf\n"
        "  bitloss chat --model SmolLM2-135M-Instruct --recipe affine:3:64 \\\n"
        "               --system-prompt 'You answer in one sentence.'\n"
        "  printf '%s\\n' 'Who are you?' 'Say that in Korean.' | bitloss chat --model chat.gguf\n",
    .settings_size = sizeof(settings),
    .run = run,
};
