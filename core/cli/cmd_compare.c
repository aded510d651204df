/* bitloss compare: what a model loses in several precisions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "compare.h"
#include "dialogue.h"
#include "learn.h"

/* ---- the options ---------------------------------------------------------------------------- */

#define DEFAULT_RECIPES "affine:8:64,affine:4:64,affine:4:32,affine:2:64"

/* What is measured when no recipes were named. */
static const char *recipes_of(const cli_compare_settings *set) {
  if (set->recipes) return set->recipes;
  if (set->sweep) return cli_sweep_recipes;
  if (set->sensitivity) return "affine:4:64";
  return set->against ? NULL : DEFAULT_RECIPES;
}

/* Do the options make sense together? */
static bool check_settings(const cli_compare_settings *set) {
  bool is_table = strcmp(set->format, "table") == 0, is_json = strcmp(set->format, "json") == 0;
  if (set->common.json && !is_table && !is_json)
    return cli_fail("--json and --format %s can't both hold", set->format);
  if (set->sensitivity && !set->text)
    return cli_fail(
        "--sensitivity needs --text FILE: it measures what each part does to the "
        "predictions on a text");
  if (set->target_bits > 0 && !set->sensitivity)
    return cli_fail("--target-bits needs --sensitivity: a mixture is made from its ranking");
  if (set->sensitivity && set->sweep)
    return cli_fail("--sensitivity and --sweep are two runs: give one of them");
  if (set->sensitivity && set->against)
    return cli_fail("--sensitivity is of one model: it can't be had --against another");
  if (set->layers && set->prompt && strcmp(set->layers, "-") == 0 && strcmp(set->prompt, "-") == 0)
    return cli_fail("--layers and --prompt can't both be read from the standard input");
  if (set->labels && set->against)
    return cli_fail("--labels is of one model: it can't be had --against another");
  if (set->labels && set->sweep)
    return cli_fail("--sweep has no room for what --labels measures: name --recipes instead");
  if (set->documents && !set->text) return cli_fail("--documents needs --text FILE");
  if (set->text_tokens && !set->text) return cli_fail("--text-tokens needs --text FILE");
  if ((set->system_prompt || set->ignore_chat_template) && !set->prompt)
    return cli_fail("--system-prompt and --ignore-chat-template need --prompt TEXT");
  if (!cli_check_template_options(set->system_prompt, set->ignore_chat_template)) return false;
  if (set->context && !set->text && !set->prompt)
    return cli_fail("--context needs --text FILE or --prompt TEXT");
  return true;
}

/* ---- the command ---------------------------------------------------------------------------- */

/* Everything that can be wrong with a file is found before a model is loaded. */
static bool read_inputs(cli_comparison *c) {
  const cli_compare_settings *set = c->set;
  c->completion.max_tokens = (int)set->max_tokens;
  c->completion.n_context = (int)set->context;
  if (set->prompt) {
    c->completion.prompt = cli_read_prompt(set->prompt, &c->completion.prompt_size);
    if (!c->completion.prompt) return false;
  }
  if (set->layers) {
    c->layers.prompt = cli_read_prompt(set->layers, &c->layers.size);
    if (!c->layers.prompt) return false;
  }
  return (!set->text || cli_eval_read(&c->eval, set->text)) &&
         (!set->tasks || cli_tasks_read(&c->tasks, set->tasks)) &&
         (!set->labels || cli_labels_read(&c->labels, set->labels)) &&
         (!set->prompts || cli_prompts_read(&c->prompts, set->prompts));
}

/* Predictions of different vocabularies have nothing to be compared by. */
static bool check_vocabularies(const cli_comparison *c) {
  bl_model_info model, against;
  if (!c->against || (c->eval.n == 0 && c->prompts.n == 0 && !c->layers.prompt)) return true;
  bl_model_get_info(c->model, &model);
  bl_model_get_info(c->against, &against);
  if (model.vocab_size == against.vocab_size) return true;
  return cli_fail("%s has a vocabulary of %d tokens, %s one of %d: only --tasks can compare them",
                  c->set->model, model.vocab_size, c->set->against, against.vocab_size);
}

static bool open_model(cli_source *source, const char *path, bl_pool *pool, bl_model **model) {
  bl_load_options options = {.pool = pool};
  return cli_source_open(source, path) && cli_load(source, &options, path, model);
}

static bool check_context(const cli_comparison *c) {
  return cli_check_context(c->reference, c->set->context) &&
         cli_check_context(c->model, c->set->context);
}

/* The name of the kernels that encoders and sessions will use. */
static bool find_kernels(cli_comparison *c) {
  bl_error error;
  bl_model_info info;
  bl_session_options options = {.n_context = 1, .n_batch = 1};
  bl_model_get_info(c->reference, &info);
  if (info.is_encoder) {
    bl_encoder *encoder = bl_encoder_new(c->reference, &options, &error);
    if (!encoder) return cli_fail("%s", error.message);
    c->kernels = bl_encoder_kernels(encoder);
    bl_encoder_free(encoder);
    return true;
  }
  bl_session *session = bl_session_new(c->reference, &options, &error);
  if (!session) return cli_fail("%s", error.message);
  c->kernels = bl_session_kernels(session);
  bl_session_free(session);
  return true;
}

/* Of two models the reference's template holds for both: they are compared on one text. */
static bool apply_template(cli_comparison *c) {
  const cli_compare_settings *set = c->set;
  if (!set->prompt) return true;
  if (!cli_apply_template(c->reference, set->system_prompt, set->ignore_chat_template,
                          &c->completion))
    return false;
  if (c->completion.is_chat)
    cli_note(
        "the prompt is put into the model's chat template; --ignore-chat-template takes it as "
        "it is");
  return true;
}

static bool open_models(cli_comparison *c) {
  const cli_compare_settings *set = c->set;
  if (!open_model(&c->source, set->model, c->pool, &c->model)) return false;
  if (set->against && !open_model(&c->against_source, set->against, c->pool, &c->against))
    return false;
  c->reference = c->against ? c->against : c->model;
  c->text_options = (bl_text_options){.n_context = (int)set->context, .pool = c->pool};
  bl_model_info info;
  bl_model_get_info(c->reference, &info);
  c->eval.documents = info.documents;
  if (set->documents) bl_documents_parse(set->documents, &c->eval.documents);
  return cli_check_kind(c) && find_kernels(c) && check_vocabularies(c) && check_context(c) &&
         cli_eval_encode(&c->eval, c->reference, c->against ? c->model : NULL, set->text_tokens,
                         &c->text_options) &&
         (!c->labels.n || cli_labels_encode(&c->labels, c->model, set->model)) &&
         (!c->layers.prompt || cli_layers_prepare(c)) && apply_template(c);
}

/* The model itself is what is calibrated, also where another one is the reference. */
static bool calibrate(cli_comparison *c) {
  bl_needs needs = BL_NEEDS_NOTHING;
  bool learns = false;
  for (int i = 0; i < c->n_lanes; i++) {
    const bl_recipe *recipe = &c->lanes[i].recipe;
    needs |= bl_recipe_needs(recipe);
    learns = learns || bl_recipe_learns(recipe);
    if (!cli_learn_check(c->model, recipe)) return false;
  }
  return cli_calibrate(&c->calibration, &c->set->calibrate, &c->source, c->model, needs, learns,
                       c->pool);
}

static void print_json(const cli_comparison *c) {
  bl_json_writer w = {.style = &cli_json_style};
  cli_compare_json(&w, c);
  cli_json_print(&w);
}

static void print(const cli_comparison *c) {
  if (c->set->common.json || strcmp(c->set->format, "json") == 0)
    print_json(c);
  else if (strcmp(c->set->format, "md") == 0)
    cli_compare_markdown(c);
  else if (strcmp(c->set->format, "csv") == 0)
    cli_compare_csv(c);
  else
    cli_compare_table(c);
}

/* How many prompts leave less room in a context of so many tokens than a text may take? */
static int count_crowded(const cli_comparison *c, int limit) {
  const bl_tokenizer *tokenizer = bl_model_tokenizer(c->reference);
  int n_crowded = 0;
  for (int i = 0; tokenizer && i < c->prompts.n; i++) {
    size_t n = c->prompts.sizes[i]; /* bytes; a token is rarely less than one */
    if (n + (size_t)c->set->max_tokens + 16 < (size_t)limit) continue;
    if (bl_tokenizer_encode(tokenizer, c->prompts.texts[i], n, true, NULL, 0, &n, NULL) == BL_OK)
      n_crowded += n + (size_t)c->set->max_tokens > (size_t)limit + 1;
  }
  return n_crowded;
}

/* A text that ends because there was no more room says nothing else by being short. */
static void tell_full_contexts(const cli_comparison *c) {
  bl_model_info info, other;
  char limit[32];
  bl_model_get_info(c->reference, &info);
  bl_model_get_info(c->model, &other);
  if (other.max_context < info.max_context) info = other;
  int n = count_crowded(c, info.max_context);
  if (n)
    cli_note(
        "for %d of the prompts there is less room in the model's context of %s tokens than "
        "--max-tokens wants: what follows them may end there",
        n, cli_count(info.max_context, limit));
  for (int i = 0; i < c->n_lanes; i++) {
    if (c->lanes[i].written.stop != BL_STOP_CONTEXT) continue;
    cli_tell_full_context(c->lanes[i].base, &c->lanes[i].written);
    return;
  }
}

static void close_all(cli_comparison *c) {
  cli_sensitivity_free(&c->sensitivity);
  cli_lanes_free(c);
  cli_eval_free(&c->eval);
  cli_tasks_free(&c->tasks);
  cli_labels_free(&c->labels);
  cli_prompts_free(&c->prompts);
  cli_layers_free(&c->layers);
  cli_calibration_free(&c->calibration);
  bl_model_free(c->model);
  bl_model_free(c->against);
  cli_source_close(&c->source);
  cli_source_close(&c->against_source);
  bl_pool_free(c->pool);
  free((char *)c->completion.prompt);
}

static cli_status run(const void *arguments) {
  const cli_compare_settings *set = arguments;
  cli_comparison c = {.set = set};
  bool is_sound = check_settings(set) && cli_lanes_parse(&c, recipes_of(set));
  if (is_sound && set->sensitivity && c.n_lanes < 2)
    is_sound = cli_fail("--sensitivity needs a recipe other than 'reference' in --recipes");
  if (is_sound && set->layers && c.n_lanes < 2)
    is_sound = cli_fail("--layers needs a recipe other than 'reference' in --recipes");
  if (!is_sound) {
    cli_lanes_free(&c);
    return CLI_USAGE;
  }
  cli_catch_interrupts();
  c.pool = bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
  c.completion.pool = c.pool;
  c.streams = set->sweep && !set->common.json && strcmp(set->format, "table") == 0;
  bool ok = read_inputs(&c) && open_models(&c) && calibrate(&c) &&
            (!set->sensitivity || cli_sensitivity_run(&c)) && cli_lanes_run(&c);
  if (ok && set->sweep) cli_sweep_mark(&c);
  if (ok) print(&c);
  if (ok) tell_full_contexts(&c);
  close_all(&c);
  return ok ? CLI_OK : CLI_FAILED;
}

#define FIELD(name) offsetof(cli_compare_settings, name)

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = FIELD(model),
     .value = "MODEL",
     .required = true,
     .help = "A Hugging Face or MLX directory, a .safetensors file or a .gguf file."},
    {.name = "recipes",
     .alias = "recipe",
     .kind = CLI_TEXT,
     .offset = FIELD(recipes),
     .value = "LIST",
     .help = "Recipes with commas between them; 'all' stands for every format and mixture with its "
             "default settings. The model as it is stored comes first in any case. 'bitloss help "
             "recipes' explains them. (default: " DEFAULT_RECIPES ")"},
    CLI_CALIBRATE_OPTIONS(cli_compare_settings),
    CLI_LEARN_OPTIONS(cli_compare_settings),
    {.name = "against",
     .kind = CLI_TEXT,
     .offset = FIELD(against),
     .value = "MODEL",
     .not_empty = true,
     .help = "Another model to be the reference, such as the one that MODEL was made from."},
    {.name = "text",
     .kind = CLI_TEXT,
     .offset = FIELD(text),
     .value = "FILES",
     .not_empty = true,
     .help = "Plain text, files with commas between them, each of at most 1 GB, or - for the "
             "standard input: perplexity, and how far predictions move from the reference's."},
    {.name = "context",
     .kind = CLI_INT,
     .offset = FIELD(context),
     .value = "N",
     .min = 3,
     .max = 1000000,
     .help = "Tokens that a model can look back at. Of a text so many are read together, and the "
             "second half of them is scored; the default is 512, or what the model or the text has "
             "when that is less. A prompt and what is written after it get what they need, up to "
             "the model's own limit, unless this is given."},
    {.name = "documents",
     .kind = CLI_CHOICE,
     .offset = FIELD(documents),
     .value = "lines|blank|whole",
     .help = "What of a text is one document, which a model reads by itself: each line, what is "
             "between blank lines, or the whole file, as llama.cpp reads it. The default is what "
             "the model's config.json says under text_documents, else whole."},
    {.name = "text-tokens",
     .kind = CLI_INT,
     .offset = FIELD(text_tokens),
     .value = "N",
     .min = 1,
     .max = 1000000000,
     .help = "Measure on the first N tokens of each text only."},
    {.name = "tasks",
     .kind = CLI_TEXT,
     .offset = FIELD(tasks),
     .value = "FILES",
     .not_empty = true,
     .help = "Questions, files with commas between them; each line is a JSON object with id, "
             "skill, lang, prompt and answer, and for multiple choice with choices."},
    {.name = "labels",
     .kind = CLI_TEXT,
     .offset = FIELD(labels),
     .value = "FILE",
     .not_empty = true,
     .help =
         "For a classifier: lines with a text, a tab, and its label by name or number. Accuracy, "
         "how far logits move, and with --cost latency."},
    {.name = "prompt",
     .letter = 'p',
     .kind = CLI_TEXT,
     .offset = FIELD(prompt),
     .value = "TEXT",
     .help =
         "The text that each of them continues; - reads it from the standard input. A model that "
         "has a chat template gets it as a question in that."},
    CLI_TEMPLATE_OPTIONS(cli_compare_settings),
    {.name = "prompts",
     .kind = CLI_TEXT,
     .offset = FIELD(prompts),
     .value = "FILE",
     .not_empty = true,
     .help = "Many prompts, one a line, or JSON lines with \"prompt\": how often, where and how "
             "far what each writes departs from the reference. They are taken as they are."},
    {.name = "max-tokens",
     .letter = 'm',
     .kind = CLI_INT,
     .offset = FIELD(max_tokens),
     .value = "N",
     .fallback = "64",
     .min = 1,
     .max = 1000000,
     .help = "Tokens to write at most after a prompt."},
    {.name = "layers",
     .kind = CLI_TEXT,
     .offset = FIELD(layers),
     .value = "TEXT",
     .help = "A prompt, - for the standard input, that is followed through the layers: after each, "
             "how far the hidden state is from the reference's, and what the model would say next "
             "if it ended there."},
    {.name = "sweep",
     .kind = CLI_FLAG,
     .offset = FIELD(sweep),
     .help = "Show each recipe as it is measured, then loss against size and which are worth "
             "having. Without --recipes: every setting of MLX's affine format."},
    {.name = "sensitivity",
     .kind = CLI_CHOICE,
     .offset = FIELD(sensitivity),
     .value = "tensor|layer|kind",
     .implied = "tensor",
     .help = "Rank the parts of the model by what quantizing one alone does to the predictions on "
             "the text. Quantizes to the first of --recipes, or affine:4:64."},
    {.name = "target-bits",
     .kind = CLI_REAL,
     .offset = FIELD(target_bits),
     .value = "BITS",
     .min = 0.5,
     .max = 32,
     .help = "Make a mixed recipe of so many bits per weight from the ranking, and measure it "
             "beside the uniform one. Its formats are those of --recipes when there are several."},
    {.name = "cost",
     .kind = CLI_FLAG,
     .offset = FIELD(cost),
     .help = "Measure time and memory on this machine, by kind of work."},
    {.name = "format",
     .kind = CLI_CHOICE,
     .offset = FIELD(format),
     .value = "table|md|csv|json",
     .fallback = "table",
     .help = "How to print it all. --json is short for --format json."},
    {.name = NULL}};

const cli_command cli_compare = {
    .name = "compare",
    .summary = "Quantize a model in several ways and compare size, error, text and skills.",
    .usage =
        "--model MODEL [--text FILES] [--tasks FILES] [--prompt TEXT] [--recipes LIST] "
        "[options]",
    .about =
        "Quantizes a model under each recipe and measures each result against the model as it is "
        "stored, one after another, so that memory holds the model and one of them; with --text "
        "small ones go together, at most four. Without anything to measure on it compares size and "
        "weights.\n\n"
        "Ratio is the reference's size over this one's. RMSE is the root of the mean squared "
        "change of a weight. SNR is the weights' signal to noise ratio: every bit per weight is "
        "worth about 6 dB. A recipe may round activations too: affine:4:64@int8 multiplies 4-bit "
        "weights with activations in 8 bits, where there are kernels for it; qint8@static does so "
        "by scales found on the text of --calibrate.\n\n"
        "With --text it reads text and scores the prediction of each token, as llama.cpp's "
        "perplexity tool does: the file is one text, of which a chunk at a time is read, and the "
        "second half of each is scored. A model that was trained on short documents by themselves, "
        "as TinyWorld was on stories, is misjudged so: behind another story it has never seen one "
        "begin. With --documents blank or lines each document is read by itself and all of its "
        "tokens after the first are scored; the output says which way it was. ln ratio is "
        "ln(perplexity / the reference's). KL is the divergence "
        "of the predictions from the reference's, in nats: its mean, and the value that 99% of the "
        "tokens stay below. Same top is the share of tokens whose likeliest prediction stays, "
        "|logit diff| the mean absolute difference of logits. What follows a ± is one standard "
        "error.\n\n"
        "With --tasks it answers questions: after each prompt the model writes greedily until a "
        "newline, the end of the text, or 8 tokens more than the answer has, and is right when "
        "that, without white space around it, is the answer exactly. Where \"answer\" is a number, "
        "it is the index of the right one of \"choices\", from 0, and the likeliest is the "
        "model's; "
        "each is appended to the prompt as it is written. Accuracy comes with its 95% interval "
        "(Wilson), and each recipe is compared with the reference task by task: p is that of "
        "McNemar's exact test, and \"no difference\" means that the interval of the difference "
        "lies within 2 points. Lines whose skill is \"stories\" are left out.\n\n"
        "With --labels it lets a classifier label texts: each line of the file is a text, a tab "
        "and "
        "its label, by name as in the model's config.json or by number. Accuracy has the same "
        "interval, verdicts the same rules; |logit diff| is the mean absolute difference of the "
        "classes' logits. With --cost it tells how long 1, 4 and 8 texts take, one after another: "
        "the median of 31 runs.\n\n"
        "With --prompt it shows the text that each writes, taking the most likely token each time; "
        "the first token that differs from the reference is marked. Tok/s is how fast it writes on "
        "this "
        "machine, over at least half a second, with its standard error. With --prompts it counts "
        "that "
        "over many prompts: the share that differ, and medians over those of the first token that "
        "does, of the rank that the reference's token has there, and of the probability that the "
        "other has over it; edits is the mean share of tokens to change from there on.\n\n"
        "With --layers it follows a prompt through the model, where each layer reads a hidden "
        "state, a vector for each token, and adds to it. Distance is the length of the difference "
        "to the reference's state over the length of that, the root of its mean square over the "
        "tokens, and then that of the last token alone, from which the model goes on; cosine says "
        "how far the two point the same way. What a layer would say is the model's own final norm "
        "and output matrix on the last token's state, as if no layer came after: the logit lens. "
        "After the last layer that is the model's prediction; before, a reading of a state that "
        "was never trained to be read. A token may be a part of a word: <EC> is a byte of a "
        "character.\n\n"
        "A verdict says in words what text and tasks allow to say, whichever is worse: \"no "
        "measurable loss\", \"measurable, small\", \"measurable, large\", \"broken\", or that too "
        "little was measured to tell. README.md has the rules.",
    .bare = "model",
    .options = options,
    .examples =
        "  bitloss compare --model SmolLM2-135M-Instruct.Q4_1.gguf --prompt 'The sea is' \\\n"
        "                  --recipes affine:8:64,affine:4:64\n"
        "      recipe          size  bits/w  ratio     RMSE      SNR  tok/s  differs at\n"
        "      reference    96.6 MB    5.74                             24.4\n"
        "      affine:8:64   143 MB    8.51  0.68x  0.00103  44.9 dB   16.8     token 6\n"
        "      affine:4:64  75.8 MB    4.51  1.27x   0.0173  20.5 dB   17.2     token 2\n"
        "\n"
        "      affine:4:64\n"
        "         a ▸symbol of the unknown. It is a reminder that the unknown is a part of the\n"
        "        fabric of the universe.\n"
        "  bitloss compare --model tinyworld-2M --recipes affine:8:64,affine:4:64 --text "
        "stories.txt\n"
        "      stories.txt: 16,769 tokens in 200 documents with blank lines between, 16,569\n"
        "      of them scored\n"
        "      recipe          perplexity              ln ratio                  KL mean\n"
        "      reference    1.483 ± 0.010\n"
        "      affine:8:64  1.483 ± 0.010  +0.000100 ± 0.000070  0.00004521 ± 0.00000088\n"
        "      affine:4:64  1.499 ± 0.011    +0.01088 ± 0.00098        0.00922 ± 0.00026\n"
        "  bitloss compare --model tinyworld-2M --tasks recall.en.jsonl,steps2.en.jsonl --format "
        "md\n"
        "  bitloss compare --model tinyworld-2M --sweep --text stories.txt\n"
        "  bitloss compare --model tinyworld-2M --sensitivity --target-bits 4.5 --text "
        "stories.txt\n"
        "      alone                      weights                  KL mean\n"
        "      embed_tokens               524,288      0.003959 ± 0.000071  ██████████████████\n"
        "      layers.3.mlp.down_proj      65,536      0.001149 ± 0.000027  █████\n"
        "      layers.0.mlp.down_proj      65,536    0.0002464 ± 0.0000066  █\n"
        "  bitloss compare --model tinyworld-0.5M --recipes affine:2:64 \\\n"
        "                  --layers 'Tom has three red balls. Anna gives him two more. Now Tom "
        "has'\n"
        "      after layer  distance  last token's  cosine        KL  reference would say  this\n"
        "      embedding       0.374         0.338  0.9310  2.12e-05  \" has\" 100.0%        \" "
        "has\"\n"
        "      1               0.693         0.843  0.7621      2.87  \" has\" 81.7%         \" "
        "top\"\n"
        "      2               0.842         0.883  0.6259      5.63  \" gone\" 80.0%        …\n"
        "      3                1.08             1  0.3608      4.99  \" 5\" 12.5%           …\n"
        "      After the embedding it would say the same token, after layer 1 another.\n"
        "  bitloss compare --model SmolLM2-135M --recipes all\n"
        "  bitloss compare --model SmolLM2-135M --prompts questions.txt \\\n"
        "                  --recipes "
        "q4_0,q4_0@int8,q4_k_m,mixed_3_6,nf4,int4:64,nf4/layers.0=bf16\n"
        "  bitloss compare --model q4_k_m.gguf --against f16.gguf --text wiki.txt\n"
        "  bitloss compare --model SmolLM2-135M --prompt - --json < ask.txt | jq "
        "'.lanes[].snr_db'\n",
    .settings_size = sizeof(cli_compare_settings),
    .run = run,
};
