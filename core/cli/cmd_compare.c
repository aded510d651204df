/* bitloss compare: one prompt, or many tasks, in several precisions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "files.h"
#include "speak.h"
#include "tasks.h"

typedef struct settings {
  cli_common common;
  const char *model, *recipes, *prompt, *tasks;
  int64_t max_tokens;
} settings;

/* One precision and what it did. The first lane is the reference. */
typedef struct lane {
  char name[BL_RECIPE_TEXT];
  bl_recipe recipe;
  bl_model_info info; /* only its numbers outlive the model */
  bl_weight_error error;
  cli_text text;
  int first_difference; /* token; -1: the text is the reference's */
  bool *is_right;       /* (tasks->n), or NULL */
} lane;

/* What every lane does: it continues the prompt, where there is one, and then answers the tasks. */
typedef struct job {
  const settings *set;
  cli_speak speak; /* its prompt is NULL where none was given */
  cli_tasks tasks; /* empty where no files were given */
} job;

/* Appends a lane, unless there is one of that name. */
static void add_lane(lane **lanes, int *n_lanes, const bl_recipe *recipe) {
  lane new = {.recipe = *recipe};
  bl_recipe_print(recipe, new.name, sizeof new.name);
  for (int i = 0; i < *n_lanes; i++)
    if (strcmp((*lanes)[i].name, new.name) == 0) return;
  *lanes = cli_grow(*lanes, ((size_t)*n_lanes + 1) * sizeof **lanes);
  (*lanes)[(*n_lanes)++] = new;
}

/* "all": every format and mixture that bitloss has, with its default settings. */
static void add_all(lane **lanes, int *n_lanes) {
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_recipe recipe;
    bl_recipe_kind_get(i, &kind);
    if (bl_recipe_parse(kind.name, &recipe, NULL) == BL_OK) add_lane(lanes, n_lanes, &recipe);
  }
}

/* Reads "affine:8:64,affine:4:64"; the reference comes first in any case, and each lane once. */
static bool parse_lanes(const char *list, lane **lanes, int *n_lanes) {
  bl_error error;
  bl_recipe recipe = {0};
  bool ok = true;
  *lanes = NULL;
  *n_lanes = 0;
  add_lane(lanes, n_lanes, &recipe);
  for (const char *text = list; ok; text++) {
    size_t size = strcspn(text, ",");
    char *name = cli_print("%.*s", (int)size, text);
    if (strcmp(name, "all") == 0)
      add_all(lanes, n_lanes);
    else if (bl_recipe_parse(name, &recipe, &error) == BL_OK)
      add_lane(lanes, n_lanes, &recipe);
    else
      ok = cli_fail("%s", error.message);
    free(name);
    text += size;
    if (!*text) break;
  }
  return ok;
}

static int find_difference(const cli_text *a, const cli_text *b) {
  int n = a->n_tokens < b->n_tokens ? a->n_tokens : b->n_tokens;
  for (int i = 0; i < n; i++) {
    if (a->ids[i] != b->ids[i]) return i;
  }
  return a->n_tokens == b->n_tokens ? -1 : n;
}

/* Loads, measures and runs one lane; its model is gone afterwards, so memory holds one at a time.
 */
static bool run_lane(cli_source *source, const job *j, lane *l) {
  bl_model *model = NULL;
  cli_speak own = j->speak;
  own.label = l->name;
  bl_load_options load = {.recipe = l->recipe, .measure = true, .pool = own.pool};
  bool ok = cli_load(source, &load, l->name, &model);
  if (ok) {
    bl_model_get_info(model, &l->info);
    bl_model_get_error(model, &l->error);
  }
  if (ok && own.prompt) ok = cli_continue(model, &own, &l->text);
  if (ok && j->tasks.n) {
    l->is_right = cli_alloc((size_t)j->tasks.n * sizeof *l->is_right);
    ok = cli_tasks_run(&j->tasks, model, l->name, own.pool, l->is_right);
  }
  bl_model_free(model);
  return ok;
}

/* ---- printing ------------------------------------------------------------------------------- */

static void print_table(const job *j, const lane *lanes, int n_lanes) {
  static const char *const headings[] = {"recipe", "size", "bits/w", "ratio",
                                         "RMSE",   "SNR",  "tok/s",  "differs at"};
  cli_table table = {
      .n_columns = j->speak.prompt ? 8 : 6, .headings = headings, .align = "lrrrrrrr"};
  for (int i = 0; i < n_lanes; i++) {
    const lane *l = &lanes[i];
    char size[16], bits[32], ratio[32], rmse[32] = "", snr[32] = "", speed[32], at[32] = "";
    snprintf(bits, sizeof bits, "%.2f", l->info.bits_per_weight);
    snprintf(ratio, sizeof ratio, "%.2fx",
             (double)lanes[0].info.size_bytes / (double)l->info.size_bytes);
    if (i) snprintf(rmse, sizeof rmse, "%.3g", l->error.n ? l->error.rmse : 0);
    if (i && l->error.n && isfinite(l->error.snr_db)) {
      snprintf(snr, sizeof snr, "%.1f dB", l->error.snr_db);
    } else if (i) {
      snprintf(snr, sizeof snr, "exact");
    }
    double rate = l->text.tokens_per_second;
    snprintf(speed, sizeof speed, rate < 1000 ? "%.1f" : "%.0f", rate);
    if (i && l->first_difference >= 0) snprintf(at, sizeof at, "token %d", l->first_difference + 1);
    if (i && l->first_difference < 0) snprintf(at, sizeof at, "never");
    const char *cells[] = {l->name,
                           cli_size(l->info.size_bytes, size),
                           bits,
                           i ? ratio : "",
                           rmse,
                           snr,
                           rate > 0 ? speed : "",
                           at};
    cli_table_add(&table, cells);
  }
  cli_table_print(&table);
  cli_table_free(&table);
}

static void print_texts(const lane *lanes, int n_lanes) {
  int width = cli_width(STDOUT_FILENO);
  for (int i = 0; i < n_lanes; i++) {
    const lane *l = &lanes[i];
    int at = l->first_difference;
    cli_wrap wrap = {.indent = 2, .width = width, .marked = at >= 0};
    if (wrap.marked) {
      wrap.mark = at < l->text.n_tokens ? l->text.starts[at] : l->text.size;
      wrap.mark_end = at + 1 < l->text.n_tokens ? l->text.starts[at + 1] : l->text.size;
    }
    printf("\n%s%s%s\n", cli_on(CLI_BOLD), l->name, cli_off());
    cli_print_wrapped(l->text.text, l->text.size, &wrap);
  }
}

/* A table per lane; below them, what was left out. */
static void print_tasks(const cli_tasks *tasks, const lane *lanes, int n_lanes) {
  for (int i = 0; i < n_lanes; i++) {
    printf("\n%s%s%s\n", cli_on(CLI_BOLD), lanes[i].name, cli_off());
    cli_tasks_print(tasks, lanes[i].is_right, i ? lanes[0].is_right : NULL);
  }
  if (tasks->n_open) {
    printf("\n%sLeft out: stories (%d), which have no one right answer.%s\n", cli_on(CLI_DIM),
           tasks->n_open, cli_off());
  }
}

/* What a lane did with the prompt. */
static void add_text(cJSON *item, const lane *l) {
  cJSON_AddNumberToObject(item, "tokens_per_second", l->text.tokens_per_second);
  cJSON_AddNumberToObject(item, "prompt_tokens_per_second", l->text.prompt_per_second);
  cli_json_ids(item, "ids", l->text.ids, l->text.n_tokens);
  if (l->first_difference >= 0) {
    cJSON_AddNumberToObject(item, "first_difference", l->first_difference);
  } else {
    cJSON_AddNullToObject(item, "first_difference");
  }
  cli_json_bytes(item, "text", l->text.text, l->text.size);
}

static void print_json(const job *j, const lane *lanes, int n_lanes) {
  cJSON *object = cJSON_CreateObject();
  cli_json_text(object, "model", j->set->model);
  if (j->speak.prompt) cli_json_text(object, "prompt", j->speak.prompt);
  if (j->tasks.n) cJSON_AddNumberToObject(object, "stories_left_out", j->tasks.n_open);
  cJSON *list = cJSON_AddArrayToObject(object, "lanes");
  for (int i = 0; i < n_lanes; i++) {
    const lane *l = &lanes[i];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "recipe", l->name);
    cJSON_AddNumberToObject(item, "size_bytes", (double)l->info.size_bytes);
    cJSON_AddNumberToObject(item, "bits_per_weight", l->info.bits_per_weight);
    cJSON_AddNumberToObject(item, "compression",
                            (double)lanes[0].info.size_bytes / (double)l->info.size_bytes);
    cli_json_number(item, "rmse", l->error.n ? l->error.rmse : 0);
    cli_json_number(item, "snr_db", l->error.n ? l->error.snr_db : (double)INFINITY);
    cli_json_number(item, "max_abs_error", l->error.n ? l->error.max_abs : 0);
    if (j->speak.prompt) add_text(item, l);
    if (j->tasks.n) cli_tasks_json(item, &j->tasks, l->is_right, i ? lanes[0].is_right : NULL);
    cJSON_AddItemToArray(list, item);
  }
  cli_json_print(object);
}

/* ---- the command ---------------------------------------------------------------------------- */

static bool compare(const job *j, lane *lanes, int n_lanes) {
  cli_source source;
  bool ok = cli_source_open(&source, j->set->model);
  for (int i = 0; ok && i < n_lanes; i++) {
    ok = run_lane(&source, j, &lanes[i]);
    lanes[i].first_difference = find_difference(&lanes[0].text, &lanes[i].text);
  }
  cli_source_close(&source);
  return ok;
}

static void print(const job *j, const lane *lanes, int n_lanes) {
  if (j->set->common.json) {
    print_json(j, lanes, n_lanes);
    return;
  }
  print_table(j, lanes, n_lanes);
  if (j->speak.prompt) print_texts(lanes, n_lanes);
  if (j->tasks.n) print_tasks(&j->tasks, lanes, n_lanes);
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  lane *lanes;
  int n_lanes;
  if (!parse_lanes(set->recipes, &lanes, &n_lanes)) {
    free(lanes);
    return CLI_USAGE;
  }
  cli_catch_interrupts();
  job j = {.set = set, .speak = {.max_tokens = (int)set->max_tokens}};
  char *prompt = set->prompt ? cli_read_prompt(set->prompt, &j.speak.prompt_size) : NULL;
  j.speak.prompt = prompt;
  j.speak.pool =
      bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
  bool ok = (prompt || !set->prompt) && (!set->tasks || cli_tasks_read(&j.tasks, set->tasks));
  ok = ok && compare(&j, lanes, n_lanes);
  if (ok) print(&j, lanes, n_lanes);
  for (int i = 0; i < n_lanes; i++) {
    cli_text_free(&lanes[i].text);
    free(lanes[i].is_right);
  }
  cli_tasks_free(&j.tasks);
  bl_pool_free(j.speak.pool);
  free(lanes);
  free(prompt);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, model),
     .value = "MODEL",
     .required = true,
     .help = "A Hugging Face or MLX directory, a .safetensors file or a .gguf file."},
    {.name = "recipes",
     .alias = "recipe",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, recipes),
     .value = "LIST",
     .fallback = "affine:8:64,affine:4:64,affine:4:32,affine:2:64",
     .help = "Recipes with commas between them; 'all' stands for every format and mixture with its "
             "default settings. The model as it is stored comes first in any case. 'bitloss help "
             "recipes' "
             "explains them."},
    {.name = "prompt",
     .letter = 'p',
     .kind = CLI_TEXT,
     .offset = offsetof(settings, prompt),
     .value = "TEXT",
     .help = "The text that each of them continues; - reads it from the standard input."},
    {.name = "max-tokens",
     .letter = 'm',
     .kind = CLI_INT,
     .offset = offsetof(settings, max_tokens),
     .value = "N",
     .fallback = "64",
     .min = 1,
     .max = 1000000,
     .help = "Tokens to write at most."},
    {.name = "tasks",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, tasks),
     .value = "FILES",
     .help = "Files of questions, with commas between them; each line is a JSON object with id, "
             "skill, lang, prompt and answer."},
    {.name = NULL}};

const cli_command cli_compare = {
    .name = "compare",
    .summary = "Quantize a model in several ways and compare size, error, text and skills.",
    .usage = "--model MODEL [--prompt TEXT] [--tasks FILES] [--recipes LIST] [options]",
    .about =
        "Runs the same prompt through the model as it is stored and under each recipe, one after "
        "the "
        "other, taking the most likely token each time. Shows what each costs and the text that it "
        "writes; the first token that differs from the reference is marked. Without a prompt or "
        "tasks it only quantizes and measures.\n\n"
        "A recipe may round activations too: affine:4:64@int8 multiplies 4-bit weights with "
        "activations in 8 bits, where there are kernels for it.\n\n"
        "With --tasks it answers questions: after each prompt the model writes greedily until a "
        "newline, the end of the text, or 8 tokens more than the answer has, and is right when "
        "that, without white space around it, is the answer exactly. Accuracy comes with its 95% "
        "interval (Wilson), and each recipe is compared with the reference task by task: p is that "
        "of McNemar's exact test, and \"no difference\" means that the interval of the "
        "difference "
        "lies within 2 points. Lines whose skill is \"stories\" are left out.\n\n"
        "Ratio is the reference's size over this one's. RMSE is the root of the mean squared "
        "change of a weight. SNR is the weights' signal to noise ratio: every bit per weight is "
        "worth about 6 dB.",
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
        "  bitloss compare --model SmolLM2-135M --recipes all\n"
        "  bitloss compare --model SmolLM2-135M --prompt 'The sea is' \\\n"
        "                  --recipes "
        "q4_0,q4_0@int8,q4_k_m,mixed_3_6,nf4,int4:64,nf4/layers.0=bf16\n"
        "  bitloss compare --model tinyworld-2M --tasks recall.en.jsonl,facts.en.jsonl\n"
        "  bitloss compare --model SmolLM2-135M --prompt - --json < ask.txt | jq "
        "'.lanes[].snr_db'\n",
    .settings_size = sizeof(settings),
    .run = run,
};
