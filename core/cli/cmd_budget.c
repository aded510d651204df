/* bitloss budget: what a model needs, from its config alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "read.h"
#include "recipes.h"

typedef struct settings {
  cli_common common;
  const char *model, *recipes, *dtype, *kv_dtype;
  int64_t n_params, n_context, n_batch;
} settings;

/* The machines to fit in, in GB of 2^30 bytes, and the share of one that a model may take: the rest
 * is for the system, and for what else runs. */
static const int machines[] = {8, 16, 24, 64};
enum { N_MACHINES = sizeof machines / sizeof *machines };
#define SHARE 0.75

/* A recipe and what the model needs under it. */
typedef struct lane {
  char name[BL_RECIPE_TEXT];
  bl_recipe recipe;
  bl_budget budget;
} lane;

typedef struct lanes {
  lane *list;
  int n;
} lanes;

/* ---- the config ----------------------------------------------------------------------------- */

/* Reads the whole file, NUL-terminated; NULL after an error. */
static char *read_config(const char *path) {
  size_t size;
  struct stat info;
  bool is_large =
      stat(path, &info) == 0 && S_ISREG(info.st_mode) && (uint64_t)info.st_size > CLI_MAX_CONFIG;
  char *text = is_large ? NULL : cli_read_file(path, CLI_MAX_CONFIG, &size);
  if (!text && !is_large) return NULL;
  if (text && strncmp(text, "GGUF", 4) != 0 && strlen(text) == size) return text;
  cli_fail(
      "%s is not the text of a config.json; 'bitloss inspect' tells what is in a model's weights",
      path);
  free(text);
  return NULL;
}

/* The config that a size stands for; NULL after an error, which begins with `preface`. */
static char *config_of_size(const char *size, const char *preface) {
  bl_error error;
  char *config = cli_alloc(1024);
  if (bl_budget_config(size, config, 1024, &error) == BL_OK) return config;
  cli_fail("%s%s", preface, error.message);
  free(config);
  return NULL;
}

/* The text of the config that the arguments mean: a number of parameters, a directory, a file, or a
 * size in words. NULL after an error. */
static char *find_config(const settings *set) {
  if (set->model && set->n_params) {
    cli_fail("--params stands for a model, so '%s' is one too many", set->model);
    return NULL;
  }
  if (!set->model) {
    char *size = cli_print("%lld", (long long)set->n_params);
    char *config = config_of_size(size, "");
    free(size);
    return config;
  }
  struct stat info;
  if (stat(set->model, &info) == 0) {
    char *path = cli_print("%s%s", set->model, S_ISDIR(info.st_mode) ? "/config.json" : "");
    char *config = read_config(path);
    free(path);
    return config;
  }
  if (strchr(set->model, '/')) {
    cli_fail("cannot open %s: %s (bitloss downloads nothing)", set->model, strerror(errno));
    return NULL;
  }
  char *preface = cli_print("there is no file %s, and ", set->model);
  char *config = config_of_size(set->model, preface);
  free(preface);
  return config;
}

/* ---- recipes -------------------------------------------------------------------------------- */

static bool parse_recipes(const char *list, lanes *l) {
  cli_recipes recipes;
  bool ok = cli_recipes_parse(&recipes, list);
  if (ok) l->list = cli_alloc((size_t)recipes.n * sizeof *l->list);
  for (int i = 0; ok && i < recipes.n; i++) {
    lane *new = &l->list[l->n++];
    new->recipe = recipes.list[i];
    bl_recipe_print(&new->recipe, new->name, sizeof new->name);
  }
  free(recipes.list);
  return ok;
}

static bool count(const settings *set, const char *config, lanes *l) {
  bl_error error;
  bl_budget_options options = {.n_context = set->n_context, .n_batch = set->n_batch};
  if (set->dtype) bl_dtype_parse(set->dtype, &options.dtype);
  bl_dtype_parse(set->kv_dtype, &options.kv_dtype);
  for (int i = 0; i < l->n; i++) {
    options.recipe = l->list[i].recipe;
    if (bl_budget_from_config(config, strlen(config), &options, &l->list[i].budget, &error) !=
        BL_OK)
      return cli_fail("%s", error.message);
  }
  return true;
}

static uint64_t total_bytes(const bl_budget *b) {
  return b->weight_bytes + b->kv_bytes + b->activation_bytes;
}

static bool fits(const bl_budget *b, int machine) {
  return (double)total_bytes(b) <= SHARE * machine * (1 << 30);
}

/* ---- printing ------------------------------------------------------------------------------- */

/* The model's name: from the config, or as it was asked for. */
static char *name_of(const settings *set, const char *config) {
  bl_error error;
  cJSON *json;
  cli_json_parse("config.json", config, strlen(config), &json, &error);
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "_name_or_path"));
  char *copy = cli_plain_copy(name && *name ? name : set->model ? set->model : "");
  cJSON_Delete(json);
  return copy;
}

/* "16, 24, 64 GB" */
static void print_machines(const bl_budget *b, char *text, size_t text_size) {
  size_t n = 0;
  for (int i = 0; i < N_MACHINES; i++)
    if (fits(b, machines[i]) && n < text_size)
      n += (size_t)snprintf(text + n, text_size - n, "%s%d", n ? ", " : "", machines[i]);
  if (n < text_size) snprintf(text + n, text_size - n, "%s", n ? " GB" : "none");
}

static void print_needs(const lanes *l) {
  static const char *const headings[] = {"recipe", "weights", "KV cache", "work space",
                                         "total",  "bits/w",  "fits in"};
  cli_table table = {.n_columns = 7, .headings = headings, .align = "lrrrrrl"};
  for (int i = 0; i < l->n; i++) {
    const bl_budget *b = &l->list[i].budget;
    char weights[16], cache[16], work[16], total[16], bits[32], where[64];
    snprintf(bits, sizeof bits, "%.2f", b->bits_per_weight);
    print_machines(b, where, sizeof where);
    const char *cells[] = {l->list[i].name,
                           cli_size(b->weight_bytes, weights),
                           cli_size(b->kv_bytes, cache),
                           cli_size(b->activation_bytes, work),
                           cli_size(total_bytes(b), total),
                           bits,
                           where};
    cli_table_add(&table, cells);
  }
  cli_table_print(&table);
  cli_table_free(&table);
}

typedef struct kind {
  const char *key, *words;
  int64_t n;
} kind;

enum { N_KINDS = 5 };

static void list_kinds(const bl_budget *b, kind kinds[N_KINDS]) {
  const kind list[N_KINDS] = {
      {"embedding", "embedding", b->n_embedding},
      {"attention", "attention", b->n_attention},
      {"ffn", "feed-forward", b->n_ffn},
      {"output", "output", b->n_output},
      {"other", "norms", b->n_other},
  };
  memcpy(kinds, list, sizeof list);
}

static void print_parameters(const bl_budget *b) {
  static const char *const headings[] = {"parameters", "", ""};
  cli_table table = {.n_columns = 3, .headings = headings, .align = "lrr"};
  kind kinds[N_KINDS];
  char number[32], share[32];
  list_kinds(b, kinds);
  for (int i = 0; i < N_KINDS; i++) {
    snprintf(share, sizeof share, "%.1f%%", 100 * (double)kinds[i].n / (double)b->n_params);
    const char *cells[] = {kinds[i].words, cli_count(kinds[i].n, number), share};
    if (kinds[i].n) cli_table_add(&table, cells);
  }
  const char *cells[] = {"all", cli_count(b->n_params, number), ""};
  cli_table_add(&table, cells);
  cli_table_print(&table);
  cli_table_free(&table);
}

static void print_text(const settings *set, const char *config, const lanes *l) {
  const bl_budget *b = &l->list[0].budget;
  char *name = name_of(set, config), context[32];
  printf("%s%s%s, %s\n\n", cli_on(CLI_BOLD), name, cli_off(), b->architecture);
  print_needs(l);
  char *cache = b->kv_bytes ? cli_print(", keys and values in %s", set->kv_dtype) : cli_copy("");
  char *rule = cli_print(
      "Context: %s tokens%s, %lld tokens at a time. Fits in: those of 8, 16, 24 and 64 GB (2^30 "
      "bytes each) that have a quarter left for the system.",
      cli_count(b->n_context, context), cache, (long long)b->n_batch);
  printf("%s", cli_on(CLI_DIM));
  cli_print_wrapped(rule, strlen(rule), &(cli_wrap){.width = cli_width(STDOUT_FILENO)});
  printf("\n");
  print_parameters(b);
  free(rule);
  free(cache);
  free(name);
}

static void print_json(const settings *set, const char *config, const lanes *l) {
  const bl_budget *b = &l->list[0].budget;
  char *name = name_of(set, config);
  kind kinds[N_KINDS];
  list_kinds(b, kinds);
  bl_json_writer writer = {.style = &cli_json_style}, *w = &writer;
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "model", name);
  bl_json_put_string(w, "architecture", b->architecture);
  bl_json_put_number(w, "n_params", (double)b->n_params);
  bl_json_open(w, "parameters", '{');
  for (int i = 0; i < N_KINDS; i++) bl_json_put_number(w, kinds[i].key, (double)kinds[i].n);
  bl_json_close(w, '}');
  bl_json_put_number(w, "context", (double)b->n_context);
  bl_json_put_number(w, "batch", (double)b->n_batch);
  bl_json_put_string(w, "kv_dtype", set->kv_dtype);
  bl_json_put_number(w, "fits_share", SHARE);
  bl_json_open(w, "recipes", '[');
  for (int i = 0; i < l->n; i++) {
    b = &l->list[i].budget;
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "recipe", l->list[i].name);
    bl_json_put_number(w, "weight_bytes", (double)b->weight_bytes);
    bl_json_put_number(w, "kv_bytes", (double)b->kv_bytes);
    bl_json_put_number(w, "activation_bytes", (double)b->activation_bytes);
    bl_json_put_number(w, "total_bytes", (double)total_bytes(b));
    bl_json_put_number(w, "bits_per_weight", b->bits_per_weight);
    bl_json_open(w, "fits_gb", '[');
    for (int m = 0; m < N_MACHINES; m++)
      if (fits(b, machines[m])) bl_json_put_number(w, NULL, machines[m]);
    bl_json_close(w, ']');
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
  bl_json_close(w, '}');
  cli_json_print(w);
  free(name);
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  lanes l = {0};
  if (!set->model && !set->n_params) {
    cli_fail("budget needs a model: a config.json, a directory, a size such as 7B, or --params N");
    return CLI_USAGE;
  }
  if (!parse_recipes(set->recipes, &l)) return CLI_USAGE;
  char *config = find_config(set);
  bool ok = config && count(set, config, &l);
  if (ok && set->common.json)
    print_json(set, config, &l);
  else if (ok)
    print_text(set, config, &l);
  free(l.list);
  free(config);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, model),
     .value = "CONFIG|SIZE",
     .help =
         "A config.json, the directory it is in, or a size in words: 7B, 70B, 8x7B. A size that "
         "a published model has is that model; any other is a Llama of that many parameters. "
         "The option's name may be left out."},
    {.name = "params",
     .kind = CLI_INT,
     .offset = offsetof(settings, n_params),
     .value = "N",
     .min = 1e6,
     .max = 1e13,
     .help = "Instead: a Llama of N parameters, within 1%."},
    {.name = "recipes",
     .alias = "recipe",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, recipes),
     .value = "LIST",
     .fallback = "f16,affine:8:64,affine:4:64",
     .help =
         "Recipes with commas between them; 'reference' is as stored, 'all' is every format and "
         "mixture. 'bitloss help recipes' explains them."},
    {.name = "context",
     .kind = CLI_INT,
     .offset = offsetof(settings, n_context),
     .value = "N",
     .min = 1,
     .max = 1 << 28,
     .help = "Tokens in the key-value cache. The default is 4096, or the model's limit where that "
             "is lower."},
    {.name = "batch",
     .kind = CLI_INT,
     .offset = offsetof(settings, n_batch),
     .value = "N",
     .min = 1,
     .max = 1 << 20,
     .fallback = "64",
     .help = "Tokens of a prompt that go through together."},
    {.name = "kv-dtype",
     .kind = CLI_CHOICE,
     .offset = offsetof(settings, kv_dtype),
     .value = "f16|bf16|f32",
     .fallback = "f16",
     .help = "How keys and values are kept."},
    {.name = "dtype",
     .kind = CLI_CHOICE,
     .offset = offsetof(settings, dtype),
     .value = "f16|bf16|f32",
     .help = "How the weights are stored, and so the scales of a recipe. The default is what the "
             "config says, or bf16."},
    {.name = NULL}};

const cli_command cli_budget = {
    .name = "budget",
    .summary = "Tell the memory that a model needs, from its config alone.",
    .usage = "CONFIG|SIZE [options]",
    .about =
        "Tells what a model needs in several precisions without its weights, so also for one that "
        "is too large for this machine: the bytes of its weights, exactly those that 'bitloss "
        "convert' would give, of its key-value cache, and of the space that it works in.\n\n"
        "Weights are stored in so many bits each: 4-bit codes with a 16-bit scale and bias for "
        "every 64 of them make 4.5. The key-value cache is 2 x layers x key-value heads x their "
        "width x context x 2 bytes, whatever the weights are: for long contexts it decides. The "
        "work space is what bitloss takes beside them, on one thread; other programs take another "
        "amount.\n\n"
        "Llama, Mistral, Mixtral, Qwen2, Qwen3, with experts too, EXAONE 3, Gemma 2 and 3, Phi-3, "
        "Granite, SmolLM3, OLMo 2, GPT-2, BERT, DistilBERT and RoBERTa are known. Every linear "
        "layer and embedding whose rows the recipe's group divides is quantized; of a mixture of "
        "experts all experts are in memory, though few of them answer.",
    .bare = "model",
    .options = options,
    .examples =
        "  bitloss budget 7B\n"
        "      Llama-2-7B, llama\n"
        "      recipe       weights  KV cache  work space    total  bits/w  fits in\n"
        "      f16          13.5 GB    2.1 GB     21.0 MB  15.6 GB   16.00  24, 64 GB\n"
        "      affine:8:64   7.2 GB    2.1 GB     21.0 MB   9.3 GB    8.50  16, 24, 64 GB\n"
        "      affine:4:64   3.8 GB    2.1 GB     21.0 MB   6.0 GB    4.50  8, 16, 24, 64 GB\n"
        "  bitloss budget 70B --recipes q4_k_m,q2_k_file --context 32768\n"
        "  bitloss budget Qwen3-8B/config.json --recipes all --json\n"
        "  bitloss budget --params 6000000000\n",
    .settings_size = sizeof(settings),
    .run = run,
};
