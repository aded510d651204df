/* bitloss classify and bitloss embed: what an encoder makes of texts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "calibrate.h"
#include "completion.h"
#include "files.h"

typedef struct settings {
  cli_common common;
  const char *model, *text, *pair, *recipe, *ids;
  cli_calibrate_settings calibrate;
} settings;

/* A text as tokens, to be freed. */
typedef struct tokens {
  int32_t *ids;
  int32_t *types; /* of a pair, else NULL */
  size_t n;
} tokens;

static void free_tokens(tokens *t) {
  free(t->ids);
  free(t->types);
}

/* ---- texts ---------------------------------------------------------------------------------- */

/* "101,2023,102" */
static bool read_ids(const char *list, tokens *t) {
  t->ids = cli_alloc((strlen(list) / 2 + 1) * sizeof *t->ids);
  for (const char *at = list; *at;) {
    char *end;
    long id = strtol(at, &end, 10);
    if (end == at || (*end && *end != ',') || id < 0 || id > INT32_MAX)
      return cli_fail("--ids is '%s', expected token ids such as 101,2023,102", list);
    t->ids[t->n++] = (int32_t)id;
    at = *end ? end + 1 : end;
  }
  return t->n > 0 || cli_fail("--ids is empty, expected token ids such as 101,2023,102");
}

static bool tokenize_pair(const bl_tokenizer *tokenizer, const bl_pair_text texts[2], tokens *t) {
  bl_error error;
  size_t capacity = texts[0].size + texts[1].size + 16; /* a token is seldom less than a byte */
  for (;;) {
    t->ids = cli_grow(t->ids, capacity * sizeof *t->ids);
    t->types = cli_grow(t->types, capacity * sizeof *t->types);
    if (bl_tokenizer_encode_pair(tokenizer, texts, t->ids, t->types, capacity, &t->n, &error) !=
        BL_OK)
      return cli_fail("%s", error.message);
    if (t->n <= capacity) return true;
    capacity = t->n;
  }
}

/* pair is NULL for a text alone. */
static bool tokenize(const bl_model *model, const char *text, size_t size, const char *pair,
                     tokens *t) {
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  if (!tokenizer)
    return cli_fail("the model's files have no tokenizer: give the text as tokens with --ids");
  if (pair)
    return tokenize_pair(tokenizer, (bl_pair_text[]){{text, size}, {pair, strlen(pair)}}, t);
  t->ids = cli_text_ids(tokenizer, text, size, true, &t->n);
  return t->ids != NULL;
}

/* ---- the work ------------------------------------------------------------------------------- */

typedef struct run_of {
  const settings *set;
  const bl_model *model;
  bl_encoder *encoder;
  bl_json_writer *json; /* NULL: for people */
  bool classifies;
  int dim, n_texts;
} run_of;

/* Probabilities (n) of logits (n). */
static void softmax(const float *logits, int n, double *probabilities) {
  double sum = 0, max = (double)logits[0];
  for (int i = 1; i < n; i++)
    if ((double)logits[i] > max) max = (double)logits[i];
  for (int i = 0; i < n; i++) sum += probabilities[i] = exp((double)logits[i] - max);
  for (int i = 0; i < n; i++) probabilities[i] /= sum;
}

static void put_numbers(bl_json_writer *w, const char *key, const float *numbers, int n) {
  bl_json_open(w, key, '[');
  for (int i = 0; i < n; i++) bl_json_put_number(w, NULL, (double)numbers[i]);
  bl_json_close(w, ']');
}

static void show_classes(const run_of *r, const float *logits, const char *text, size_t size) {
  const int n = bl_model_n_labels(r->model);
  char buffer[24];
  int best = 0;
  double *p = cli_alloc((size_t)n * sizeof *p);
  softmax(logits, n, p);
  for (int i = 1; i < n; i++)
    if (p[i] > p[best]) best = i;
  if (r->json) {
    bl_json_put_string(r->json, "label", bl_model_label(r->model, best, buffer));
    bl_json_open(r->json, "classes", '[');
    for (int i = 0; i < n; i++) { /* a list: two labels may have one name */
      bl_json_open(r->json, NULL, '{');
      bl_json_put_string(r->json, "label", bl_model_label(r->model, i, buffer));
      bl_json_put_number(r->json, "probability", p[i]);
      bl_json_close(r->json, '}');
    }
    bl_json_close(r->json, ']');
    put_numbers(r->json, "logits", logits, n);
  } else {
    char *label = cli_plain_copy(bl_model_label(r->model, best, buffer));
    printf("%s%s%s  %.1f%%", cli_on(CLI_BOLD), label, cli_off(), 100 * p[best]);
    for (int i = 0; n <= 8 && i < n; i++) {
      char *other = cli_plain_copy(bl_model_label(r->model, i, buffer));
      if (i != best) printf(", %s %.1f%%", other, 100 * p[i]);
      free(other);
    }
    printf("%s", size ? "  " : "");
    cli_write_text(text, size);
    printf("\n");
    free(label);
  }
  free(p);
}

/* Runs one text and shows what becomes of it; the text is "" where it came as tokens. */
static bool show(run_of *r, const tokens *t, const char *text, size_t size) {
  bl_error error;
  const int n = r->classifies ? bl_model_n_labels(r->model) : r->dim;
  float *numbers = cli_alloc(((size_t)n + 1) * sizeof *numbers);
  bl_code code = bl_encoder_run(r->encoder, t->ids, t->types, t->n, &error);
  if (code == BL_OK)
    code = r->classifies ? bl_encoder_classify(r->encoder, numbers, &error)
                         : bl_encoder_embed(r->encoder, numbers, &error);
  if (code != BL_OK) {
    free(numbers);
    return cli_fail("%s", error.message);
  }
  r->n_texts++;
  if (r->json) {
    bl_json_open(r->json, NULL, '{');
    if (size) bl_json_put_bytes(r->json, "text", text, size);
    if (size && r->set->pair) bl_json_put_string(r->json, "pair", r->set->pair);
    cli_json_ids(r->json, "ids", t->ids, (int)t->n);
    if (t->types) cli_json_ids(r->json, "types", t->types, (int)t->n);
  }
  if (r->classifies)
    show_classes(r, numbers, text, size);
  else if (r->json)
    put_numbers(r->json, "embedding", numbers, n);
  for (int i = 0; !r->classifies && !r->json && i < n; i++)
    printf("%.7g%s", (double)numbers[i], i + 1 < n ? " " : "\n");
  if (r->json) bl_json_close(r->json, '}');
  cli_stdout_watch();
  free(numbers);
  return true;
}

static bool show_text(run_of *r, const char *text, size_t size) {
  tokens t = {0};
  bool ok = tokenize(r->model, text, size, r->set->pair, &t) && show(r, &t, text, size);
  free_tokens(&t);
  return ok;
}

/* Each line of the standard input that is not empty is a text; --text is one. */
static bool show_texts(run_of *r) {
  const settings *set = r->set;
  if (set->ids) {
    tokens t = {0};
    bool ok = read_ids(set->ids, &t) && show(r, &t, "", 0);
    free_tokens(&t);
    return ok;
  }
  size_t size;
  char *whole = cli_read_prompt(set->text, &size);
  bool by_line = strcmp(set->text, "-") == 0, ok = whole != NULL;
  for (size_t at = 0; ok && at < size && !cli_interrupted();) {
    const char *end = by_line ? memchr(whole + at, '\n', size - at) : NULL;
    size_t n = end ? (size_t)(end - (whole + at)) : size - at;
    size_t taken = n + 1;
    if (by_line && n > 0 && whole[at + n - 1] == '\r') n--;
    if (n > 0) ok = show_text(r, whole + at, n);
    at += taken;
  }
  free(whole);
  return ok && (r->n_texts > 0 || cli_fail("there is no text"));
}

static bool encode(const settings *set, bl_load_options *load, bool classifies) {
  cli_source source;
  bl_error error;
  bl_model_info info;
  bl_model *model = NULL;
  bl_json_writer writer = {.style = &cli_json_style};
  run_of r = {.set = set, .classifies = classifies, .json = set->common.json ? &writer : NULL};
  cli_calibration calibration = {0};
  bool ok = cli_source_open(&source, set->model) &&
            cli_calibrate_source(&calibration, &set->calibrate, &source, load, NULL) &&
            cli_load(&source, load, "Quantizing", &model);
  if (ok) {
    const bl_session_options options = {.pool = load->pool};
    r.model = model;
    r.encoder = bl_encoder_new(model, &options, &error);
    ok = r.encoder || cli_fail("%s", error.message);
    bl_model_get_info(model, &info);
    r.dim = info.dim;
  }
  if (ok && r.json) {
    bl_json_open(r.json, NULL, '{');
    bl_json_put_string(r.json, "model", set->model);
    bl_json_put_string(r.json, "recipe", info.recipe);
    bl_json_put_number(r.json, "size_bytes", (double)info.size_bytes);
    bl_json_open(r.json, "texts", '[');
  }
  ok = ok && show_texts(&r);
  if (ok && r.json) {
    bl_json_close(r.json, ']');
    cli_json_notes(r.json, model, NULL);
    bl_json_close(r.json, '}');
    cli_json_print(r.json);
  } else if (r.json) {
    bl_json_discard(r.json);
  }
  bl_encoder_free(r.encoder);
  bl_model_free(model);
  cli_calibration_free(&calibration);
  cli_source_close(&source);
  return ok;
}

static cli_status run(const settings *set, bool classifies) {
  bl_error error;
  bl_load_options load = {0};
  if (bl_recipe_parse(set->recipe, &load.recipe, &error) != BL_OK) {
    cli_fail("%s", error.message);
    return CLI_USAGE;
  }
  if (!set->text == !set->ids) {
    cli_fail(
        set->ids ? "--text and --ids are both there, expected one of them" : "%s needs --text TEXT",
        classifies ? "classify" : "embed");
    return CLI_USAGE;
  }
  if (set->ids && set->pair) {
    cli_fail("--pair is the second of two texts: with --ids there is no first");
    return CLI_USAGE;
  }
  cli_catch_interrupts();
  bl_pool *pool =
      bl_pool_new(set->common.threads ? (int)set->common.threads : cli_default_threads());
  load.pool = pool;
  bool ok = encode(set, &load, classifies);
  bl_pool_free(pool);
  return ok ? CLI_OK : CLI_FAILED;
}

static cli_status run_classify(const void *arguments) {
  return run(arguments, true);
}
static cli_status run_embed(const void *arguments) {
  return run(arguments, false);
}

/* ---- options -------------------------------------------------------------------------------- */

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, model),
     .value = "MODEL",
     .required = true,
     .help = "A directory with an encoder as Hugging Face has it (bert, distilbert, roberta): "
             "config.json, tokenizer.json, model.safetensors. Or one as GGUF."},
    {.name = "text",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, text),
     .value = "TEXT",
     .help = "The text; - reads the standard input, where each line that is not empty is one."},
    {.name = "pair",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, pair),
     .value = "TEXT",
     .help = "A second text, read together with the first: a question's answer, a sentence that "
             "may follow from it. The tokenizer says how the two go together."},
    {.name = "ids",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, ids),
     .value = "LIST",
     .help = "The text as token ids in the place of --text, such as 101,2023,102: nothing is put "
             "before or after them."},
    {.name = "recipe",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, recipe),
     .value = "RECIPE",
     .fallback = "reference",
     .help = "Quantize the weights first, such as qint8@int8, as torch's dynamic quantization."},
    CLI_CALIBRATE_OPTIONS(settings),
    {.name = NULL}};

const cli_command cli_classify = {
    .name = "classify",
    .summary = "Tell which class a text belongs to.",
    .usage = "--model DIR --text TEXT [options]",
    .about =
        "Runs a text through a classifier and prints the likeliest class, its probability, and "
        "those of the others. The names are those of the model's config.json (id2label).\n\n"
        "A probability is e^logit over the sum of all; --json has the logits themselves, which are "
        "what to compare when weights are quantized.",
    .bare = "model",
    .options = options,
    .examples =
        "  bitloss classify --model distilbert-sst2 --text 'A joy from start to end.'\n"
        "  bitloss classify --model distilbert-sst2 --recipe qint8@int8 --json --text - < "
        "reviews.txt\n",
    .settings_size = sizeof(settings),
    .run = run_classify,
};

const cli_command cli_embed = {
    .name = "embed",
    .summary = "Turn a text into a vector.",
    .usage = "--model DIR --text TEXT [options]",
    .about =
        "Runs a text through an encoder and prints the mean of its tokens' states (or the first's "
        "or last's, where 1_Pooling/config.json or the GGUF file says so), scaled to length 1: "
        "texts that mean alike have vectors that point alike, and the product of two is the cosine "
        "of the angle between them. A text is one line of numbers.",
    .bare = "model",
    .options = options,
    .examples =
        "  bitloss embed --model all-MiniLM-L6-v2 --text 'Where is the station?'\n"
        "  bitloss embed --model all-MiniLM-L6-v2 --json --text - < questions.txt\n",
    .settings_size = sizeof(settings),
    .run = run_embed,
};
