/* bitloss train: a small model from texts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "train.h"

typedef struct settings {
  cli_common common;
  const char *config, *data, *out, *from, *teacher, *quantize;
  bool resume;
  int64_t steps;
} settings;

/* A run in progress. */
typedef struct training {
  const cli_train_recipe *recipe;
  const cli_corpus *corpus;
  bl_trainer *trainer, *teacher; /* teacher: NULL where the text is learned */
  cli_run run;
  cli_source origin;                  /* the texts of --from's model */
  bl_train_packing held_out, packing; /* of this epoch */
  uint64_t epoch;
  size_t next_sequence; /* of the packing */
  int sequences_per_step;
  int32_t *ids, *targets, *starts; /* (n_sequences, n_context): a batch */
  double started, saved_at, drawn_at;
  int64_t first_step;     /* done before this start */
  double validation_loss; /* NAN until measured */
  bool lacks_validation;  /* it was due after the last step, and an interruption came first */
  bl_train_report report;
} training;

/* ---- batches -------------------------------------------------------------------------------- */

/* The first pass is in the order of the files where the recipe wants it. */
static bool pack_epoch(training *t) {
  const bl_train_options *o = &t->recipe->options;
  const cli_corpus *c = t->corpus;
  bl_error error;
  t->next_sequence = 0;
  bl_code code =
      t->epoch == 0 && !t->recipe->shuffle
          ? bl_train_pack(&t->packing, c->documents, c->n_documents, o->n_context, 0, &error)
          : bl_train_pack_pass(&t->packing, c->documents, c->n_documents, o->n_context, o->seed,
                               t->epoch, &error);
  return code == BL_OK || cli_fail("%s", error.message);
}

/* Goes to where the data stands after n_steps: every run sees the same sequences in the same order,
 * however often it was interrupted. */
static bool skip_steps(training *t, int64_t n_steps) {
  uint64_t left = (uint64_t)n_steps * (uint64_t)t->sequences_per_step;
  bool ok = pack_epoch(t);
  for (; ok && left >= t->packing.n_sequences; ok = pack_epoch(t)) {
    left -= t->packing.n_sequences;
    t->epoch++;
  }
  t->next_sequence = (size_t)left;
  return ok;
}

static void fill_row(training *t, const bl_train_packing *packing, size_t sequence, int row) {
  int n_context = t->recipe->options.n_context;
  int64_t at = (int64_t)row * n_context;
  bl_train_fill_row(packing, sequence, t->corpus->ids, t->recipe->end, n_context, t->ids + at,
                    t->targets + at, t->starts + at);
}

static bool fill_next(training *t, int n_rows) {
  for (int row = 0; row < n_rows; row++) {
    if (t->next_sequence == t->packing.n_sequences) {
      t->epoch++;
      if (!pack_epoch(t)) return false;
    }
    fill_row(t, &t->packing, t->next_sequence++, row);
  }
  return true;
}

/* An interruption is not kept waiting until the step is done: *is_whole is then false, and what was
 * gathered for it is forgotten, so that the run stands where the last step left it. */
static bool step(training *t, bool *is_whole) {
  bl_error error;
  *is_whole = false;
  for (int done = 0, n; done < t->sequences_per_step; done += n) {
    if (cli_interrupted()) {
      bl_trainer_forget(t->trainer);
      return true;
    }
    int left = t->sequences_per_step - done, most = t->recipe->options.n_sequences;
    n = left < most ? left : most;
    if (!fill_next(t, n)) return false;
    bl_train_batch batch = {n, t->ids, t->targets, t->starts};
    if (bl_trainer_accumulate(t->trainer, &batch, &error) != BL_OK)
      return cli_fail("%s", error.message);
  }
  *is_whole = bl_trainer_step(t->trainer, &t->report, &error) == BL_OK;
  return *is_whole || cli_fail("%s", error.message);
}

/* The mean loss over the held-out documents, or as many as the recipe wants. An interruption waits
 * for it, but not long: *is_whole is then false, and nothing is measured. */
static bool validate(training *t, bool *is_whole) {
  const double started = cli_seconds(), patience = 0.3;
  const bl_train_options *o = &t->recipe->options;
  bl_error error;
  double loss = 0;
  int64_t n_targets = 0;
  size_t n = t->held_out.n_sequences,
         wanted = (size_t)(t->recipe->validation_tokens / o->n_context);
  if (n > wanted) n = wanted > 0 ? wanted : 1;
  *is_whole = false;
  for (size_t at = 0; at < n;) {
    if (cli_interrupted() && cli_seconds() - started > patience) return true;
    int rows = 0;
    while (rows < o->n_sequences && at < n) fill_row(t, &t->held_out, at++, rows++);
    bl_train_batch batch = {rows, t->ids, t->targets, t->starts};
    if (bl_trainer_evaluate(t->trainer, &batch, &loss, &n_targets, &error) != BL_OK)
      return cli_fail("%s", error.message);
  }
  t->validation_loss = loss / (double)n_targets;
  *is_whole = true;
  return true;
}

/* ---- progress ------------------------------------------------------------------------------- */

static void print_duration(char *text, size_t text_size, double seconds) {
  int64_t s = (int64_t)(seconds + 0.5);
  if (s < 60)
    snprintf(text, text_size, "%d s", (int)s);
  else if (s < 3600)
    snprintf(text, text_size, "%d min", (int)((s + 30) / 60));
  else
    snprintf(text, text_size, "%d h %02d min", (int)(s / 3600), (int)(s / 60 % 60));
}

static double tokens_per_second(const training *t) {
  double tokens = (double)(t->report.step - t->first_step) * t->sequences_per_step *
                  t->recipe->options.n_context;
  double taken = cli_seconds() - t->started;
  return taken > 0 ? tokens / taken : 0;
}

/* The step that this run ends with: its schedule may go on for another. */
static int64_t last_step(const cli_train_recipe *recipe) {
  int64_t n_steps = recipe->options.n_steps;
  return recipe->stop_at < n_steps ? recipe->stop_at : n_steps;
}

/* One line: on a terminal over the last one, a few times a second; else each time it is validated.
 */
static void show_progress(training *t, bool validated) {
  bool terminal = cli_is_terminal(STDERR_FILENO);
  double now = cli_seconds();
  if (terminal ? now - t->drawn_at < 0.2 : !validated) return;
  t->drawn_at = now;
  int64_t last = last_step(t->recipe);
  double per_step = (now - t->started) / (double)(t->report.step - t->first_step);
  char left[32], validation[32] = "";
  print_duration(left, sizeof left, per_step * (double)(last - t->report.step));
  if (!isnan(t->validation_loss))
    snprintf(validation, sizeof validation, "  held out %.3f", t->validation_loss);
  fprintf(stderr, "%sstep %lld of %lld  loss %.3f%s  %.0f tokens/s  rate %.2e  %s left%s",
          terminal ? "\r" : "", (long long)t->report.step, (long long)last, t->report.smoothed_loss,
          validation, tokens_per_second(t), t->report.learning_rate, left,
          terminal ? "\033[K" : "\n");
}

static bool log_step(training *t, bool validated) {
  double now = cli_seconds();
  return cli_run_log(
      &t->run, &(cli_log_row){
                   .step = t->report.step,
                   .tokens = t->report.step * t->sequences_per_step * t->recipe->options.n_context,
                   .loss = t->report.loss,
                   .smoothed_loss = t->report.smoothed_loss,
                   .validation_loss = validated ? t->validation_loss : NAN,
                   .learning_rate = t->report.learning_rate,
                   .gradient_norm = t->report.gradient_norm,
                   .seconds = t->run.seconds + now - t->started,
               });
}

/* ---- the run -------------------------------------------------------------------------------- */

static bool save(training *t) {
  t->saved_at = cli_seconds();
  return cli_run_save(&t->run, t->trainer, t->recipe);
}

/* Steps until the last one or an interruption; then everything is saved. */
static bool go_on(training *t) {
  const cli_train_recipe *recipe = t->recipe;
  int64_t last = last_step(recipe);
  bool ok = true, is_whole = true;
  t->started = t->saved_at = cli_seconds();
  t->first_step = bl_trainer_n_steps_done(t->trainer);
  cli_finish_first(true);
  for (int64_t i = t->first_step; ok && i < last && !cli_interrupted(); i++) {
    ok = step(t, &is_whole);
    if (!is_whole) break;
    bool is_due = (i + 1) % recipe->validate_every == 0 || i + 1 == last, validated = false;
    if (is_due) ok = validate(t, &validated);
    if (!ok) break;
    t->lacks_validation = is_due && !validated;
    show_progress(t, validated);
    if (is_due || (i + 1) % recipe->log_every == 0) ok = log_step(t, validated);
    if (ok && cli_seconds() - t->saved_at > 60 * recipe->checkpoint_minutes) ok = save(t);
  }
  if (cli_is_terminal(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
  /* After a failure the last checkpoint stands: it may be better than what led to it. */
  ok = ok && save(t);
  cli_finish_first(false);
  return ok;
}

static void report(const settings *set, const training *t) {
  double seconds = t->run.seconds + cli_seconds() - t->started;
  char duration[32], count[32];
  int64_t n_params = bl_trainer_n_params(t->trainer);
  if (set->common.json) {
    bl_json_writer writer = {.style = &cli_json_style}, *w = &writer;
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "output", set->out);
    bl_json_put_number(w, "n_params", (double)n_params);
    bl_json_put_number(w, "step", (double)bl_trainer_n_steps_done(t->trainer));
    bl_json_put_number(w, "loss", t->report.smoothed_loss);
    bl_json_put_number(w, "validation_loss", t->validation_loss);
    bl_json_put_number(w, "tokens_per_second", tokens_per_second(t));
    bl_json_put_number(w, "seconds", seconds);
    bl_json_close(w, '}');
    cli_json_print(w);
    return;
  }
  print_duration(duration, sizeof duration, seconds);
  printf("%s parameters, step %lld, loss %.4f", cli_count(n_params, count),
         (long long)bl_trainer_n_steps_done(t->trainer), t->report.smoothed_loss);
  if (!isnan(t->validation_loss)) printf(", held out %.4f", t->validation_loss);
  char *path = cli_plain_copy(set->out);
  printf(", %.0f tokens/s, %s: %s\n", tokens_per_second(t), duration, path);
  free(path);
}

/* ---- beginning ------------------------------------------------------------------------------ */

/* Gives a trainer the weights of the model at a path. */
static bool take_weights(bl_trainer *trainer, const char *path, bl_pool *pool) {
  const bl_load_options load = {.pool = pool};
  cli_source source;
  bl_model *model = NULL;
  bl_error error;
  bool ok = cli_source_open(&source, path) && cli_load(&source, &load, "Reading", &model) &&
            (bl_trainer_take_weights(trainer, model, &error) == BL_OK ||
             cli_fail("%s: %s", path, error.message));
  if (ok) cli_model_notes(model);
  bl_model_free(model);
  cli_source_close(&source);
  return ok;
}

/* The model whose predictions are learned: trained no further, and not rounded. */
static bool begin_teacher(training *t, const char *path) {
  bl_train_options options = t->recipe->options;
  bl_error error;
  options.quantize = (bl_recipe){0};
  t->teacher = bl_trainer_new(t->recipe->config, t->recipe->config_size, &options, &error);
  return (t->teacher || cli_fail("%s", error.message)) &&
         take_weights(t->teacher, path, options.pool) &&
         (bl_trainer_set_teacher(t->trainer, t->teacher, &error) == BL_OK ||
          cli_fail("%s: %s", path, error.message));
}

static bool begin(training *t, const settings *set) {
  bl_error error;
  t->trainer =
      bl_trainer_new(t->recipe->config, t->recipe->config_size, &t->recipe->options, &error);
  if (!t->trainer) return cli_fail("%s", error.message);
  if (set->from && (!take_weights(t->trainer, set->from, t->recipe->options.pool) ||
                    !cli_source_open_texts(&t->origin, set->from)))
    return false;
  if (set->teacher && !begin_teacher(t, set->teacher)) return false;
  if (!cli_run_begin(&t->run, set->out, set->resume, t->trainer)) return false;
  t->run.origin = set->from && t->origin.is_folder ? &t->origin : NULL;
  return true;
}

/* What --quantize asks for. */
static bool read_quantize(const settings *set, bl_train_options *options) {
  bl_error error;
  if (!set->quantize) return true;
  if (bl_recipe_parse(set->quantize, &options->quantize, &error) != BL_OK)
    return cli_fail("%s", error.message);
  if (options->quantize.activations != BL_ACTIVATIONS_FLOAT)
    return cli_fail("--quantize %s: training rounds weights, not activations; leave out @int8",
                    set->quantize);
  if (bl_recipe_is_reference(&options->quantize))
    return cli_fail("--quantize %s rounds nothing: leave it out", set->quantize);
  return true;
}

static bool check(const settings *set) {
  if (set->resume && set->from)
    return cli_fail(
        "--from begins a run with a model's weights, and --resume has those of its checkpoint: "
        "leave out one of them");
  return true;
}

static bool train(const settings *set, cli_train_recipe *recipe, const cli_corpus *corpus) {
  training t = {.recipe = recipe, .corpus = corpus, .validation_loss = NAN, .run = {.lock = -1}};
  int n_context = recipe->options.n_context;
  t.sequences_per_step = recipe->batch_tokens / n_context;
  if (t.sequences_per_step < 1) t.sequences_per_step = 1;
  if (recipe->options.n_sequences > t.sequences_per_step)
    recipe->options.n_sequences = t.sequences_per_step;
  size_t size = (size_t)recipe->options.n_sequences * (size_t)n_context * sizeof *t.ids;
  t.ids = cli_alloc(size);
  t.targets = cli_alloc(size);
  t.starts = cli_alloc(size);
  bool ok = begin(&t, set);
  if (ok) {
    bl_error error;
    ok = bl_train_pack(&t.held_out, corpus->documents + corpus->n_documents, corpus->n_held_out,
                       n_context, 0, &error) == BL_OK ||
         cli_fail("%s", error.message);
    int64_t n_done = bl_trainer_n_steps_done(t.trainer);
    if (ok && n_done < last_step(recipe)) ok = skip_steps(&t, n_done);
    ok = ok && go_on(&t);
  }
  if (ok && cli_interrupted())
    cli_note("stopped after step %lld%s; the same command with --resume%s goes on from there",
             (long long)bl_trainer_n_steps_done(t.trainer),
             t.lacks_validation ? ", without the loss on what is held out" : "",
             set->from ? " in the place of --from" : "");
  bool idle = ok && t.report.step == 0 && !cli_interrupted();
  if (idle)
    cli_note("%s has done its %lld steps: nothing is left to do", set->out,
             (long long)bl_trainer_n_steps_done(t.trainer));
  if (ok && !idle && !cli_interrupted()) report(set, &t);
  cli_run_end(&t.run);
  bl_train_packing_free(&t.held_out);
  bl_train_packing_free(&t.packing);
  bl_trainer_free(t.trainer);
  bl_trainer_free(t.teacher);
  cli_source_close(&t.origin);
  free(t.ids);
  free(t.targets);
  free(t.starts);
  return ok;
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  cli_train_recipe recipe = {0};
  cli_corpus corpus = {0};
  cli_catch_interrupts();
  bool ok =
      check(set) && cli_recipe_read(&recipe, set->config) && read_quantize(set, &recipe.options);
  if (ok && set->steps) recipe.options.n_steps = set->steps;
  ok = ok && cli_corpus_read(&corpus, set->data, &recipe);
  bl_pool *pool =
      bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
  recipe.options.pool = pool;
  ok = ok && train(set, &recipe, &corpus);
  bl_pool_free(pool);
  cli_corpus_free(&corpus);
  cli_recipe_free(&recipe);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "config",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, config),
     .value = "RECIPE",
     .required = true,
     .not_empty = true,
     .help = "The recipe: a JSON file. The model's config.json lies beside it."},
    {.name = "data",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, data),
     .value = "DIR",
     .required = true,
     .not_empty = true,
     .help =
         "A directory of .txt files, whose documents end with the tokenizer's end token written "
         "out, such as <|end|>. The last file by name is held out: the model never learns from "
         "it."},
    {.name = "out",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, out),
     .value = "DIR",
     .required = true,
     .not_empty = true,
     .help = "Where the model, its checkpoint and log.csv go."},
    {.name = "from",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, from),
     .value = "MODEL",
     .not_empty = true,
     .help = "Begin with this model's weights, not with random ones. Its shapes are those of the "
             "recipe's config.json."},
    {.name = "quantize",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, quantize),
     .value = "RECIPE",
     .not_empty = true,
     .help = "Quantization-aware training: the model learns through the rounding of a format, such "
             "as affine:4:64 or q4_0. What is saved are the weights before it; `bitloss convert` "
             "with the same recipe makes of them, to the bit, what was trained."},
    {.name = "teacher",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, teacher),
     .value = "MODEL",
     .not_empty = true,
     .help = "Learn what this model predicts at each token of the texts, not the texts themselves: "
             "the loss is the divergence KL(teacher || model). Of the same shapes."},
    {.name = "resume",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, resume),
     .help =
         "Go on from the checkpoint in --out, to the bit as if there had been no interruption."},
    {.name = "steps",
     .kind = CLI_INT,
     .offset = offsetof(settings, steps),
     .value = "N",
     .min = 1,
     .max = 1e12,
     .help = "Steps in all, in the place of the recipe's. The learning rate's schedule ends with "
             "them."},
    {.name = NULL}};

const cli_command cli_train = {
    .name = "train",
    .summary = "Train a small model from texts.",
    .usage =
        "--config RECIPE --data DIR --out DIR [--from MODEL] [--quantize RECIPE] [--resume] "
        "[options]",
    .about =
        "Trains a Llama-family model on this machine's processor, with AdamW. The first run makes "
        "tokens "
        "of the texts and keeps them beside each, as NAME.txt.ids.\n\n"
        "The recipe is a JSON object: steps, stop_at (to end before the learning rate's schedule "
        "does), batch_tokens (of a step), context (tokens of a "
        "sequence), sequences_at_once (fewer need less memory and give the same model up to "
        "rounding), learning_rate, final_rate, warmup_steps, weight_decay, beta1, beta2, epsilon, "
        "max_norm, init_std, seed, shuffle (0: the first pass takes the documents in the order of "
        "the "
        "texts), validate_every, validation_tokens, log_every, "
        "checkpoint_minutes, precision (float32; or bfloat16, which rounds the factors of matrix "
        "products on CPUs with AMX and is about 2.5 times faster there), and two paths from its "
        "own folder: config (config.json) and tokenizer (tokenizer.json). Only steps must be "
        "given.\n\n"
        "Documents are packed into sequences whole and do not see each other. The model is written "
        "with each checkpoint, so it can be tried while it learns; Ctrl-C writes one and stops, as "
        "soon as the sequences that are being read are done. A text may be 4 GB long. "
        "The number of threads does not change the result.",
    .bare = "config",
    .options = options,
    .examples =
        "  bitloss train --config recipe/2M/01_stage1_looking_back.json --data texts --out model\n"
        "  bitloss train --config recipe/2M/01_stage1_looking_back.json --data texts --out model "
        "--resume\n"
        "  bitloss generate --model model --prompt 'Once upon a time'\n"
        "  bitloss train --config qat.json --data texts --out qat --from model --teacher model "
        "--quantize affine:3:64\n",
    .settings_size = sizeof(settings),
    .run = run,
};
