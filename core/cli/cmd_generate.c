/* bitloss generate: continue a prompt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "calibrate.h"
#include "dialogue.h"
#include "files.h"

typedef struct settings {
  cli_common common;
  const char *model, *prompt, *recipe, *system_prompt;
  int64_t max_tokens, context;
  cli_sampling sampling;
  bool allow_not_finite, ignore_chat_template;
  cli_calibrate_settings calibrate;
} settings;

static void report(const settings *set, const bl_model *model, const cli_completion *completion,
                   const cli_text *text) {
  char size[16];
  bl_model_info info;
  bl_model_get_info(model, &info);
  if (!set->common.json) {
    if (text->size && text->text[text->size - 1] != '\n') printf("\n");
    if (!cli_stdout_push()) return;
    if (!cli_is_terminal(STDERR_FILENO)) return;
    fprintf(stderr, "prompt %d tokens", text->n_prompt);
    if (text->prompt_per_second > 0) fprintf(stderr, ", %.1f per second", text->prompt_per_second);
    fprintf(stderr, "; text %d tokens", text->n_tokens);
    if (text->tokens_per_second > 0) fprintf(stderr, ", %.1f per second", text->tokens_per_second);
    fprintf(stderr, "; peak memory %s\n", cli_size(cli_peak_memory(), size));
    return;
  }
  bl_json_writer writer = {.style = &cli_json_style}, *w = &writer;
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "model", set->model);
  bl_json_put_string(w, "recipe", info.recipe);
  bl_json_put_number(w, "size_bytes", (double)info.size_bytes);
  bl_json_put_number(w, "bits_per_weight", info.bits_per_weight);
  bl_json_put_bool(w, "chat_template", completion->is_chat);
  bl_json_put_bytes(w, "prompt", completion->prompt, completion->prompt_size);
  bl_json_put_number(w, "context", text->n_context);
  bl_json_put_number(w, "prompt_tokens", text->n_prompt);
  bl_json_put_number(w, "prompt_tokens_per_second", text->prompt_per_second);
  bl_json_put_number(w, "tokens_per_second", text->tokens_per_second);
  bl_json_put_number(w, "peak_memory_bytes", (double)cli_peak_memory());
  bl_json_put_string(w, "stop", cli_stop_name(text->stop));
  cli_json_ids(w, "ids", text->ids, text->n_tokens);
  bl_json_put_bytes(w, "text", text->text, text->size);
  cli_json_notes(w, model, NULL);
  bl_json_close(w, '}');
  cli_json_print(w);
}

static bool generate(const settings *set, bl_load_options *load, cli_completion *completion) {
  cli_source source;
  cli_calibration calibration = {0};
  cli_text text = {0};
  bl_model *model = NULL;
  bool ok = cli_source_open(&source, set->model) &&
            cli_calibrate_source(&calibration, &set->calibrate, &source, load, NULL) &&
            cli_load(&source, load, "Quantizing", &model) &&
            cli_check_context(model, set->context) &&
            cli_apply_template(model, set->system_prompt, set->ignore_chat_template, completion) &&
            cli_continue(model, completion, &text);
  if (ok) {
    report(set, model, completion, &text);
    cli_tell_full_context(model, &text);
    cli_hint_at_template(model, completion, &text);
  } else if (text.size && completion->stream) {
    printf("\n"); /* interrupted in the middle of a line */
    cli_stdout_push();
  }
  cli_text_free(&text);
  bl_model_free(model);
  cli_calibration_free(&calibration);
  cli_source_close(&source);
  return ok;
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  bl_error error;
  bl_load_options load = {0};
  if (bl_recipe_parse(set->recipe, &load.recipe, &error) != BL_OK) {
    cli_fail("%s", error.message);
    return CLI_USAGE;
  }
  if (!cli_check_template_options(set->system_prompt, set->ignore_chat_template)) return CLI_USAGE;
  if (set->allow_not_finite) load.not_finite = BL_NOT_FINITE_ANYWHERE;
  cli_catch_interrupts();
  size_t prompt_size;
  char *prompt = cli_read_prompt(set->prompt, &prompt_size);
  if (!prompt) return CLI_FAILED;
  bl_pool *pool =
      bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
  load.pool = pool;
  cli_completion completion = {
      .prompt = prompt,
      .prompt_size = prompt_size,
      .sampling = cli_sampling_of(&set->sampling),
      .max_tokens = (int)set->max_tokens,
      .n_context = (int)set->context,
      .pool = pool,
      .stream = !set->common.json,
      .label = "Writing",
  };
  bool ok = generate(set, &load, &completion);
  bl_pool_free(pool);
  free((char *)completion.prompt);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, model),
     .value = "MODEL",
     .required = true,
     .help = "A Hugging Face or MLX directory, a .safetensors file or a .gguf file."},
    {.name = "prompt",
     .letter = 'p',
     .kind = CLI_TEXT,
     .offset = offsetof(settings, prompt),
     .value = "TEXT",
     .required = true,
     .help = "The text to continue; - reads it from the standard input. A model that has a chat "
             "template gets it as a question in that, as from mlx_lm.generate."},
    CLI_TEMPLATE_OPTIONS(settings),
    {.name = "recipe",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, recipe),
     .value = "RECIPE",
     .fallback = "reference",
     .help = "Quantize the weights first, such as affine:4:64."},
    CLI_CALIBRATE_OPTIONS(settings),
    {.name = "max-tokens",
     .letter = 'm',
     .kind = CLI_INT,
     .offset = offsetof(settings, max_tokens),
     .value = "N",
     .fallback = "128",
     .min = 0,
     .max = 1000000,
     .help = "Tokens to write at most."},
    {.name = "context",
     .kind = CLI_INT,
     .offset = offsetof(settings, context),
     .value = "N",
     .min = 1,
     .max = 1 << 28,
     .help = "Tokens that the model can look back at, prompt and text together; where they are "
             "full the text ends. The default is what the two need, up to the model's own limit, "
             "which 'bitloss inspect' shows. Each takes memory: 'bitloss budget MODEL --context N' "
             "tells how much."},
    CLI_SAMPLING_OPTIONS(settings),
    {.name = "allow-not-finite",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, allow_not_finite),
     .help = "With --recipe, go on where weights are NaN or infinite, or more than its format can "
             "hold; a note says how many there are in which tensors."},
    {.name = NULL}};

const cli_command cli_generate = {
    .name = "generate",
    .summary = "Let a model continue a prompt.",
    .usage = "--model MODEL --prompt TEXT [options]",
    .about =
        "Writes what the model says after the prompt, as it comes. On a terminal the speed and the "
        "memory follow on stderr. 'bitloss chat' goes on from there.\n\n"
        "With --recipe the weights are quantized while they are read, and the model runs on the "
        "codes: this is the text that the quantized model writes.",
    .bare = "model",
    .options = options,
    .examples =
        "  bitloss generate --model SmolLM2-135M-Instruct.Q4_1.gguf --prompt 'The sea is' -m 16\n"
        "       a place of endless wonder and mystery. It's a place where the unknown\n"
        "  bitloss generate --model SmolLM2-135M --recipe affine:3:64 --prompt 'The sea is'\n"
        "  bitloss generate --model chat.gguf --temp 0.7 --top-p 0.9 --seed 1 --prompt - < "
        "ask.txt\n",
    .settings_size = sizeof(settings),
    .run = run,
};
