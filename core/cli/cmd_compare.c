/* bitloss compare: one prompt, several precisions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "files.h"
#include "speak.h"

typedef struct settings {
  cli_common common;
  const char *model, *recipes, *prompt;
  int64_t max_tokens;
} settings;

/* One precision and what it did. The first lane is the reference. */
typedef struct lane {
  char name[64];
  bl_recipe recipe;
  bl_model_info info; /* only its numbers outlive the model */
  bl_weight_error error;
  cli_text text;
  int first_difference; /* token; -1: the text is the reference's */
} lane;

/* Reads "affine:8:64,affine:4:64"; the reference comes first in any case, and each lane once. */
static bool parse_lanes(const char *list, lane **lanes, int *n_lanes) {
  bl_error error;
  bool ok = true;
  *lanes = cli_alloc(sizeof **lanes);
  *n_lanes = 1;
  bl_recipe_print(&(*lanes)[0].recipe, (*lanes)[0].name, sizeof(*lanes)[0].name);
  for (const char *text = list; ok; text++) {
    size_t size = strcspn(text, ",");
    char *name = cli_print("%.*s", (int)size, text);
    lane new = {0};
    if (bl_recipe_parse(name, &new.recipe, &error) != BL_OK) {
      ok = cli_fail("%s", error.message);
    } else {
      bl_recipe_print(&new.recipe, new.name, sizeof new.name);
      bool is_new = true;
      for (int i = 0; i < *n_lanes; i++) is_new = is_new && strcmp((*lanes)[i].name, new.name) != 0;
      if (is_new) {
        *lanes = cli_grow(*lanes, ((size_t)*n_lanes + 1) * sizeof **lanes);
        (*lanes)[(*n_lanes)++] = new;
      }
    }
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
static bool run_lane(cli_source *source, const cli_speak *speak, lane *l) {
  bl_model *model = NULL;
  cli_speak own = *speak;
  own.label = l->name;
  bl_load_options load = {.recipe = l->recipe, .measure = true, .pool = speak->pool};
  bool ok = cli_load(source, &load, l->name, &model);
  if (ok) {
    bl_model_get_info(model, &l->info);
    bl_model_get_error(model, &l->error);
    ok = cli_continue(model, &own, &l->text);
  }
  bl_model_free(model);
  return ok;
}

/* ---- printing ------------------------------------------------------------------------------- */

static void print_table(const lane *lanes, int n_lanes) {
  static const char *const headings[] = {"recipe", "size", "bits/w", "ratio",
                                         "RMSE",   "SNR",  "tok/s",  "differs at"};
  cli_table table = {.n_columns = 8, .headings = headings, .align = "lrrrrrrr"};
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

static void print_json(const settings *set, const char *prompt, const lane *lanes, int n_lanes) {
  cJSON *object = cJSON_CreateObject();
  cli_json_text(object, "model", set->model);
  cli_json_text(object, "prompt", prompt);
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
    cJSON_AddNumberToObject(item, "tokens_per_second", l->text.tokens_per_second);
    cJSON_AddNumberToObject(item, "prompt_tokens_per_second", l->text.prompt_per_second);
    cli_json_ids(item, "ids", l->text.ids, l->text.n_tokens);
    if (l->first_difference >= 0) {
      cJSON_AddNumberToObject(item, "first_difference", l->first_difference);
    } else {
      cJSON_AddNullToObject(item, "first_difference");
    }
    cli_json_bytes(item, "text", l->text.text, l->text.size);
    cJSON_AddItemToArray(list, item);
  }
  cli_json_print(object);
}

/* ---- the command ---------------------------------------------------------------------------- */

static bool compare(const settings *set, const cli_speak *speak, lane *lanes, int n_lanes) {
  cli_source source;
  bool ok = cli_source_open(&source, set->model);
  for (int i = 0; ok && i < n_lanes; i++) {
    ok = run_lane(&source, speak, &lanes[i]);
    lanes[i].first_difference = find_difference(&lanes[0].text, &lanes[i].text);
  }
  cli_source_close(&source);
  return ok;
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
  size_t prompt_size;
  char *prompt = cli_read_prompt(set->prompt, &prompt_size);
  bl_pool *pool =
      bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
  cli_speak speak = {
      .prompt = prompt,
      .prompt_size = prompt_size,
      .max_tokens = (int)set->max_tokens,
      .pool = pool,
  };
  bool ok = prompt && compare(set, &speak, lanes, n_lanes);
  if (ok && set->common.json) {
    print_json(set, prompt, lanes, n_lanes);
  } else if (ok) {
    print_table(lanes, n_lanes);
    print_texts(lanes, n_lanes);
  }
  for (int i = 0; i < n_lanes; i++) cli_text_free(&lanes[i].text);
  bl_pool_free(pool);
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
     .help =
         "Recipes with commas between them. The model as it is stored comes first in any case."},
    {.name = "prompt",
     .letter = 'p',
     .kind = CLI_TEXT,
     .offset = offsetof(settings, prompt),
     .value = "TEXT",
     .required = true,
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
    {.name = NULL}};

const cli_command cli_compare = {
    .name = "compare",
    .summary = "Quantize a model in several ways and compare size, error and text.",
    .usage = "--model MODEL --prompt TEXT [--recipes LIST] [options]",
    .about =
        "Runs the same prompt through the model as it is stored and under each recipe, one after "
        "the "
        "other, taking the most likely token each time. Shows what each costs and the text that it "
        "writes; the first token that differs from the reference is marked.\n\n"
        "Ratio is the reference's size over this one's. RMSE is the root of the mean squared "
        "change of a weight. SNR is the weights' signal to "
        "noise "
        "ratio: every bit per weight is worth about 6 dB.",
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
        "  bitloss compare --model SmolLM2-135M --prompt - --json < ask.txt | jq "
        "'.lanes[].snr_db'\n",
    .settings_size = sizeof(settings),
    .run = run,
};
