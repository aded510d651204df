/* Reading recipe.json. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "read.h"
#include "train.h"

typedef enum field_kind { FIELD_INT, FIELD_INT64, FIELD_SEED, FIELD_REAL } field_kind;

/* A number of the recipe. */
typedef struct field {
  const char *name;
  field_kind kind;
  size_t offset; /* in cli_train_recipe */
  double fallback, min, max;
} field;

#define AT(member) offsetof(cli_train_recipe, member)
static const field fields[] = {
    {"context", FIELD_INT, AT(options.n_context), 256, 1, 1 << 20},
    {"batch_tokens", FIELD_INT, AT(batch_tokens), 8192, 1, 1 << 28},
    {"sequences_at_once", FIELD_INT, AT(options.n_sequences), 8, 1, 1 << 16},
    {"steps", FIELD_INT64, AT(options.n_steps), 0, 1, 1e12},
    {"stop_at", FIELD_INT64, AT(stop_at), 1e12, 1, 1e12},
    {"warmup_steps", FIELD_INT64, AT(options.warmup_steps), 100, 0, 1e12},
    {"learning_rate", FIELD_REAL, AT(options.learning_rate), 1e-3, 0, 1},
    {"final_rate", FIELD_REAL, AT(options.final_rate), 1e-4, 0, 1},
    {"beta1", FIELD_REAL, AT(options.beta1), 0.9, 0, 0.999999},
    {"beta2", FIELD_REAL, AT(options.beta2), 0.95, 0, 0.999999},
    {"epsilon", FIELD_REAL, AT(options.epsilon), 1e-8, 1e-20, 1},
    {"weight_decay", FIELD_REAL, AT(options.weight_decay), 0.1, 0, 10},
    {"max_norm", FIELD_REAL, AT(options.max_norm), 1, 0, 1e9},
    {"init_std", FIELD_REAL, AT(options.init_std), 0.02, 0, 1},
    {"shuffle", FIELD_INT, AT(shuffle), 1, 0, 1},
    {"seed", FIELD_SEED, AT(options.seed), 1, 0, 9007199254740991.0},
    {"validate_every", FIELD_INT, AT(validate_every), 250, 1, 1 << 30},
    {"validation_tokens", FIELD_INT, AT(validation_tokens), 65536, 1, 1 << 28},
    {"log_every", FIELD_INT, AT(log_every), 10, 1, 1 << 30},
    {"checkpoint_minutes", FIELD_REAL, AT(checkpoint_minutes), 5, 0, 1e6},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

char *cli_beside(const char *path, const char *name) {
  const char *slash = strrchr(path, '/');
  if (!slash || *name == '/') return cli_copy(name);
  return cli_print("%.*s/%s", (int)(slash - path), path, name);
}

static bool read_field(cli_train_recipe *recipe, const char *path, const field *f,
                       const cJSON *json) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, f->name);
  double value = item ? cJSON_GetNumberValue(item) : f->fallback;
  bool whole = f->kind == FIELD_REAL || value == floor(value);
  if (!(value >= f->min && value <= f->max) || !whole) {
    if (!item) return cli_fail("%s: field '%s' is missing", path, f->name);
    return cli_fail("%s: field '%s' is not a %snumber from %.10g to %.10g", path, f->name,
                    f->kind == FIELD_REAL ? "" : "whole ", f->min, f->max);
  }
  char *at = (char *)recipe + f->offset;
  if (f->kind == FIELD_INT) memcpy(at, &(int){(int)value}, sizeof(int));
  if (f->kind == FIELD_INT64) memcpy(at, &(int64_t){(int64_t)value}, sizeof(int64_t));
  if (f->kind == FIELD_SEED) memcpy(at, &(uint64_t){(uint64_t)value}, sizeof(uint64_t));
  if (f->kind == FIELD_REAL) memcpy(at, &value, sizeof value);
  return true;
}

/* A misspelt setting would be a silent default: it is refused. */
static bool refuse_unknown(const char *path, const cJSON *json) {
  enum { N_TEXTS = 4, N_NAMES = N_FIELDS + N_TEXTS };
  const char *names[N_NAMES] = {"config", "tokenizer", "about", "precision"};
  for (int i = 0; i < N_FIELDS; i++) names[N_TEXTS + i] = fields[i].name;
  const cJSON *item;
  cJSON_ArrayForEach(item, json) {
    bool known = false;
    for (int i = 0; i < N_NAMES; i++) known = known || strcmp(names[i], item->string) == 0;
    if (known) continue;
    const char *nearest = cli_nearest(item->string, names, N_NAMES);
    return cli_fail("%s: there is no field '%.64s'%s%s", path, item->string,
                    nearest ? "; the nearest is " : "", nearest ? nearest : "");
  }
  return true;
}

/* Reads the file that a text field names, from the recipe's folder. */
static bool read_named(const cJSON *json, const char *path, const char *key, const char *fallback,
                       uint64_t most, char **text, size_t *size) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
  if (item && !cJSON_IsString(item)) return cli_fail("%s: field '%s' is not a text", path, key);
  char *named = cli_beside(path, item ? item->valuestring : fallback);
  *text = cli_read_file(named, most, size);
  free(named);
  return *text != NULL;
}

static bool read_precision(cli_train_recipe *recipe, const char *path, const cJSON *json) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "precision");
  const char *name = item ? cJSON_GetStringValue(item) : "float32";
  recipe->options.bf16 = name && strcmp(name, "bfloat16") == 0;
  return recipe->options.bf16 || (name && strcmp(name, "float32") == 0) ||
         cli_fail("%s: field 'precision' is neither \"float32\" nor \"bfloat16\"", path);
}

static bool read_end(cli_train_recipe *recipe) {
  cJSON *json = cli_json_object("config.json", recipe->config, recipe->config_size);
  if (!json) return false;
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "eos_token_id");
  bool ok = cJSON_IsNumber(item) && item->valueint >= 0;
  if (ok) recipe->end = item->valueint;
  if (!ok)
    cli_fail(
        "config.json: field 'eos_token_id' is not the number of the token that ends a "
        "document");
  cJSON_Delete(json);
  return ok;
}

bool cli_recipe_read(cli_train_recipe *recipe, const char *path) {
  *recipe = (cli_train_recipe){0};
  size_t size;
  char *text = cli_read_file(path, CLI_MAX_CONFIG, &size);
  if (!text) return false;
  cJSON *json = cli_json_object(path, text, size);
  bool ok = json && refuse_unknown(path, json);
  for (int i = 0; ok && i < N_FIELDS; i++) ok = read_field(recipe, path, &fields[i], json);
  ok = ok && read_precision(recipe, path, json);
  ok = ok && read_named(json, path, "config", "config.json", CLI_MAX_CONFIG, &recipe->config,
                        &recipe->config_size);
  ok = ok && read_named(json, path, "tokenizer", "tokenizer.json", CLI_MAX_BESIDE,
                        &recipe->tokenizer, &recipe->tokenizer_size);
  ok = ok && read_end(recipe);
  cJSON_Delete(json);
  free(text);
  return ok;
}

void cli_recipe_free(cli_train_recipe *recipe) {
  free(recipe->config);
  free(recipe->tokenizer);
  *recipe = (cli_train_recipe){0};
}
