/* The text that a recipe's methods go by: its files, and the model that reads it. */
#include "calibrate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imatrix.h"
#include "learn.h"
#include "read.h"
#include "texts.h"

static bool add_file(void *context, const char *path) {
  bl_calibration_text *text = context;
  bl_error error;
  size_t size;
  char *bytes = cli_read_file(path, CLI_MAX_TEXT, &size);
  if (!bytes) return false;
  bl_code code = bl_calibration_text_add(text, cli_file_name(path), bytes, size, &error);
  free(bytes);
  return code == BL_OK || cli_fail("%s", error.message);
}

/* ---- the model reads --------------------------------------------------------------------------
 */

/* calibration.txt in the model's folder or the one above; NULL where there is none. */
static char *find_default(const cli_source *source) {
  const char *folder = *source->folder ? source->folder : ".";
  for (int above = 0; above < 2; above++) {
    char *path = cli_print("%s%s/calibration.txt", folder, above ? "/.." : "");
    if (access(path, R_OK) == 0) return path;
    free(path);
  }
  return NULL;
}

/* The last parts of paths, as they were given. */
static char *names_of(const char *list) {
  char *names = cli_copy("");
  while (*list) {
    const size_t n = strcspn(list, ",");
    size_t start = n;
    while (start > 0 && list[start - 1] != '/') start--;
    char *longer = cli_print("%s%s%.*s", names, *names ? ", " : "", (int)(n - start), list + start);
    free(names);
    names = longer;
    list += n + (list[n] == ',');
  }
  return names;
}

static bool run(cli_calibration *c, const bl_calibration *text, const bl_model *model,
                bl_needs needs) {
  bl_error error;
  if (needs == BL_NEEDS_NOTHING) return true;
  cli_bar bar = {.label = "Calibrating", .unit = "tokens"};
  bl_code code = bl_calibrate(model, needs, text, cli_bar_show, &bar, &c->statistics, &error);
  return cli_bar_end(code, &error);
}

/* What methods that learn are shown: all of it as documents, and what joins two. */
static bool read_to_learn(cli_calibration *c, bl_calibration_text *text,
                          const bl_tokenizer *tokenizer, size_t most) {
  static const char between[] = "\n\n";
  bl_error error;
  bl_calibration apart = {0};
  if (bl_calibration_text_encode_apart(text, tokenizer, most, &apart, &error) != BL_OK ||
      bl_tokenizer_encode(tokenizer, between, sizeof between - 1, false, c->between,
                          sizeof c->between / sizeof *c->between, &c->n_between, &error) != BL_OK)
    return cli_fail("the calibration text: %s", error.message);
  c->n_ids = apart.n_ids;
  c->n_documents = apart.n_documents;
  c->ids = cli_grow(NULL, apart.n_ids * sizeof *c->ids);
  c->ends = cli_grow(NULL, apart.n_documents * sizeof *c->ends);
  memcpy(c->ids, apart.ids, apart.n_ids * sizeof *c->ids);
  memcpy(c->ends, apart.ends, apart.n_documents * sizeof *c->ends);
  return true;
}

/* Reads the files, and lets the model read what they hold. */
static bool read_all(cli_calibration *c, char *files, const cli_calibrate_settings *settings,
                     const bl_model *model, bl_needs needs, bool learns, bl_pool *pool) {
  bl_error error;
  bl_calibration tokens = {.pool = pool};
  bl_calibration_text *text = bl_calibration_text_new(model, &error);
  if (!text) return cli_fail("%s", error.message);
  bool ok = cli_each_item(files, add_file, text);
  if (ok && bl_calibration_text_encode(text, bl_model_tokenizer(model), (size_t)settings->tokens,
                                       &tokens, &error) != BL_OK)
    ok = cli_fail("the calibration text: %s", error.message);
  char *names = names_of(files), count[32];
  c->words = cli_print("%s tokens of %s", cli_count((int64_t)tokens.n_ids, count), names);
  ok = ok && run(c, &tokens, model, needs) &&
       (!learns || read_to_learn(c, text, bl_model_tokenizer(model), (size_t)settings->tokens));
  bl_calibration_text_free(text);
  free(names);
  return ok;
}

/* An importance matrix in place of a text. */
static bool take_imatrix(cli_calibration *c, const cli_calibrate_settings *settings,
                         const bl_model *model, bl_needs needs, bool learns) {
  if (settings->files) return cli_fail("--imatrix and --calibrate exclude each other");
  if (settings->save_imatrix) return cli_fail("--imatrix and --save-imatrix exclude each other");
  if (learns || (needs != BL_NEEDS_NOTHING && needs != BL_NEEDS_MEAN_SQUARES))
    return cli_fail(
        "an importance matrix tells how much each column counts, and the recipe needs more than "
        "that: --calibrate takes a text");
  if (needs == BL_NEEDS_NOTHING)
    return cli_fail("--imatrix names a file, but the recipe has no method that goes by one");
  const char *slash = strrchr(settings->imatrix, '/');
  c->words = cli_print("the importance matrix %s", slash ? slash + 1 : settings->imatrix);
  return cli_read_imatrix(settings->imatrix, model, &c->statistics);
}

/* Will there be what --save-imatrix is to write, and a place for it? Told before the model reads.
 */
static bool check_save(const cli_calibrate_settings *settings, bl_needs needs) {
  if (!settings->save_imatrix) return true;
  if (!(needs & BL_NEEDS_MEAN_SQUARES))
    return cli_fail(
        "--save-imatrix names a file, but the recipe has no method that goes by how much columns "
        "count, such as +imatrix");
  return access(settings->save_imatrix, F_OK) != 0 ||
         cli_fail("%s already exists: remove it, or give another path", settings->save_imatrix);
}

bool cli_calibrate(cli_calibration *c, const cli_calibrate_settings *settings,
                   const cli_source *source, const bl_model *model, bl_needs needs, bool learns,
                   bl_pool *pool) {
  *c = (cli_calibration){0};
  if (settings->imatrix) return take_imatrix(c, settings, model, needs, learns);
  if (!check_save(settings, needs)) return false;
  if (needs == BL_NEEDS_NOTHING && !learns)
    return !settings->files ||
           cli_fail(
               "--calibrate names a text, but the recipe has no method that goes by one, nor "
               "static activations");
  if (!bl_model_tokenizer(model))
    return cli_fail("the model has no tokenizer, so that it can't read a calibration text");
  char *files = settings->files ? cli_copy(settings->files) : find_default(source);
  if (!files)
    return cli_fail(
        "the recipe goes by what the model's matrices are multiplied with on a text: name one with "
        "--calibrate FILES, of what the model is used for");
  const bool ok = read_all(c, files, settings, model, needs, learns, pool) &&
                  (!settings->save_imatrix ||
                   cli_save_imatrix(settings->save_imatrix, model, c->statistics, c->words));
  free(files);
  return ok;
}

bool cli_calibrate_source(cli_calibration *c, const cli_calibrate_settings *settings,
                          cli_source *source, bl_load_options *options, bl_model **teacher) {
  const bl_needs needs = bl_recipe_needs(&options->recipe);
  const bool learns = teacher && bl_recipe_learns(&options->recipe);
  const bl_load_options as_stored = {.pool = options->pool, .not_finite = BL_NOT_FINITE_ANYWHERE};
  bl_model *model = NULL;
  bool ok =
      ((needs == BL_NEEDS_NOTHING && !learns) || cli_load(source, &as_stored, "Reading", &model)) &&
      (!learns || cli_learn_check(model, &options->recipe)) &&
      cli_calibrate(c, settings, source, model, needs, learns, options->pool);
  if (ok && learns)
    *teacher = model;
  else
    bl_model_free(model);
  options->statistics = c->statistics;
  options->calibration = c->words;
  return ok;
}

void cli_calibration_free(cli_calibration *c) {
  bl_statistics_free(c->statistics);
  free(c->ids);
  free(c->ends);
  free(c->words);
}
