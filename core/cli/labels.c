/* Labelled texts: reading them, and letting a classifier label them. */
#include "labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

const int cli_batches[CLI_N_BATCHES] = {1, 4, 8};

/* Batches of each size whose median counts. */
enum { N_TIMED = 31 };

/* ---- reading -------------------------------------------------------------------------------- */

static bool read_line(cli_labels *labels, size_t line, char *start, size_t size) {
  const char *file = cli_file_name(labels->path);
  if (size > 0 && start[size - 1] == '\r') size--;
  start[size] = 0;
  if (size == 0) return true;
  if (strlen(start) < size)
    return cli_fail("%s, line %zu: it holds a NUL, expected text", file, line);
  char *tab = strrchr(start, '\t');
  if (!tab)
    return cli_fail("%s, line %zu: '%.80s' has no tab, expected a text, a tab and its label", file,
                    line, start);
  *tab = 0;
  if (tab == start)
    return cli_fail("%s, line %zu: the text before the tab is empty, expected one", file, line);
  if (strchr(start, '\t'))
    return cli_fail("%s, line %zu: it has more than one tab, expected a text, a tab and its label",
                    file, line);
  if (!tab[1])
    return cli_fail("%s, line %zu: there is nothing after the tab, expected a label", file, line);
  const size_t n = (size_t)labels->n;
  if ((n & (n - 1)) == 0) /* double at powers of two */
    labels->list = cli_grow(labels->list, (2 * n + 1) * sizeof *labels->list);
  labels->list[labels->n++] =
      (cli_labelled){.text = start, .size = (size_t)(tab - start), .word = tab + 1, .line = line};
  return true;
}

bool cli_labels_read(cli_labels *labels, const char *path) {
  size_t size, line = 0;
  *labels = (cli_labels){.path = cli_copy(path)};
  labels->bytes = cli_read_file(path, CLI_MAX_TEXT, &size);
  bool ok = labels->bytes != NULL;
  for (size_t at = 0; ok && at < size;) {
    char *start = labels->bytes + at;
    const char *newline = memchr(start, '\n', size - at);
    const size_t length = newline ? (size_t)(newline - start) : size - at;
    ok = read_line(labels, ++line, start, length);
    at += length + 1;
  }
  if (ok && labels->n == 0)
    ok = cli_fail("%s: there is no labelled text, expected a text, a tab and its label a line",
                  cli_file_name(path));
  return ok;
}

/* ---- labels and tokens ---------------------------------------------------------------------- */

/* "NEGATIVE, POSITIVE", at most 8 of them. Free it. */
static char *class_names(const bl_model *model, int n) {
  char *names = cli_copy("");
  for (int i = 0; i < n && i < 8; i++) {
    char buffer[24];
    char *longer = cli_print("%s%s%s", names, i ? ", " : "", bl_model_label(model, i, buffer));
    free(names);
    names = longer;
  }
  return names;
}

/* By name or number. */
static bool find_label(const cli_labels *labels, const bl_model *model, cli_labelled *one) {
  char buffer[24], *end;
  for (int i = 0; i < labels->n_classes; i++) {
    if (strcmp(bl_model_label(model, i, buffer), one->word) != 0) continue;
    one->label = i;
    return true;
  }
  const long number = strtol(one->word, &end, 10);
  if (*one->word >= '0' && *one->word <= '9' && !*end && number < labels->n_classes) {
    one->label = (int)number;
    return true;
  }
  char *names = class_names(model, labels->n_classes);
  cli_fail("%s, line %zu: the label is '%.80s', expected one of %s, or its number from 0 to %d",
           cli_file_name(labels->path), one->line, one->word, names, labels->n_classes - 1);
  free(names);
  return false;
}

static bool tokenize(const cli_labels *labels, const bl_tokenizer *tokenizer, int limit,
                     cli_labelled *one) {
  bl_error error;
  size_t capacity = one->size + 2; /* a token is seldom less than a byte */
  for (;;) {
    one->ids = cli_grow(one->ids, capacity * sizeof *one->ids);
    if (bl_tokenizer_encode(tokenizer, one->text, one->size, true, one->ids, capacity, &one->n_ids,
                            &error) != BL_OK)
      return cli_fail("%s, line %zu: %s", cli_file_name(labels->path), one->line, error.message);
    if (one->n_ids <= capacity) break;
    capacity = one->n_ids;
  }
  if (one->n_ids >= 1 && one->n_ids <= (size_t)limit) return true;
  return cli_fail("%s, line %zu: the text has %zu tokens, expected 1 to %d, what the model takes",
                  cli_file_name(labels->path), one->line, one->n_ids, limit);
}

bool cli_labels_encode(cli_labels *labels, const bl_model *model, const char *model_path) {
  bl_model_info info;
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  bl_model_get_info(model, &info);
  labels->n_classes = bl_model_n_labels(model);
  if (labels->n_classes == 0)
    return cli_fail(
        "%s is a %s model without classes: --labels needs a classifier (bert, distilbert or "
        "roberta for sequence classification)",
        model_path, info.architecture);
  if (!tokenizer) return cli_fail("the model's files have no tokenizer: --labels needs it");
  const int limit = info.max_context < BL_SESSION_CONTEXT ? info.max_context : BL_SESSION_CONTEXT;
  for (int i = 0; i < labels->n; i++)
    if (!find_label(labels, model, &labels->list[i]) ||
        !tokenize(labels, tokenizer, limit, &labels->list[i]))
      return false;
  return true;
}

void cli_labels_free(cli_labels *labels) {
  for (int i = 0; i < labels->n; i++) free(labels->list[i].ids);
  free(labels->list);
  free(labels->bytes);
  free(labels->path);
  *labels = (cli_labels){0};
}

static int by_number(const void *a, const void *b) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

char *cli_labels_words(const cli_labels *labels, bool times) {
  char count[32];
  size_t *sizes = cli_alloc((size_t)labels->n * sizeof *sizes);
  for (int i = 0; i < labels->n; i++) sizes[i] = labels->list[i].n_ids;
  qsort(sizes, (size_t)labels->n, sizeof *sizes, by_number);
  char *words =
      cli_print("%s: %s labelled texts, the middle one of %zu tokens%s",
                cli_file_name(labels->path), cli_count(labels->n, count), sizes[labels->n / 2],
                times ? "; time until 1, 4 and 8 of them are answered, one after another, the "
                        "median of 31 runs"
                      : "");
  free(sizes);
  return words;
}

/* ---- labelling ------------------------------------------------------------------------------ */

static int likeliest(const float *logits, int n) {
  int best = 0;
  for (int i = 1; i < n; i++)
    if (logits[i] > logits[best]) best = i;
  return best;
}

static bool all_finite(const float *logits, int n) {
  for (int i = 0; i < n; i++)
    if (!isfinite(logits[i])) return false;
  return true;
}

static bl_code label_one(bl_encoder *encoder, const cli_labelled *one, float *logits,
                         bl_error *error) {
  bl_code code = bl_encoder_run(encoder, one->ids, NULL, one->n_ids, error);
  return code == BL_OK ? bl_encoder_classify(encoder, logits, error) : code;
}

static bl_code label_all(const cli_labels *labels, bl_encoder *encoder, const char *label,
                         cli_label_figures *f, bl_error *error) {
  const int n_classes = labels->n_classes;
  cli_bar bar = {.label = label, .unit = "texts"};
  for (int i = 0; i < labels->n; i++) {
    const cli_labelled *one = &labels->list[i];
    float *logits = f->logits + (size_t)i * (size_t)n_classes;
    bl_code code = label_one(encoder, one, logits, error);
    if (code != BL_OK) return code;
    const bool is_finite = all_finite(logits, n_classes);
    f->n_not_finite += !is_finite;
    f->is_right[i] = is_finite && likeliest(logits, n_classes) == one->label;
    f->n_right += f->is_right[i];
    if (!cli_bar_show(&bar, i + 1, labels->n)) return BL_ERR_CANCELLED;
  }
  return BL_OK;
}

/* The mean over texts of each one's mean over classes, with the standard error of that mean. */
static void compare_logits(const cli_labels *labels, const cli_label_figures *reference,
                           cli_label_figures *f) {
  const int n_classes = labels->n_classes;
  double sum = 0, squares = 0, n = labels->n;
  for (int i = 0; i < labels->n; i++) {
    const float *own = f->logits + (size_t)i * (size_t)n_classes;
    const float *other = reference->logits + (size_t)i * (size_t)n_classes;
    double mean = 0;
    for (int k = 0; k < n_classes; k++) mean += fabs((double)own[k] - (double)other[k]) / n_classes;
    sum += mean;
    squares += mean * mean;
    f->n_same += likeliest(own, n_classes) == likeliest(other, n_classes);
  }
  const double mean = sum / n, variance = (squares - n * mean * mean) / (n - 1);
  f->logit_diff = (bl_estimate){mean, n > 1 ? sqrt(variance > 0 ? variance / n : 0) : (double)NAN};
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Every variant answers the same texts of the file, beginning with its first. */
static bl_code time_batches(const cli_labels *labels, bl_encoder *encoder, cli_label_figures *f,
                            bl_error *error) {
  float *logits = cli_alloc((size_t)labels->n_classes * sizeof *logits);
  bl_code code = BL_OK;
  for (int b = 0; code == BL_OK && b < CLI_N_BATCHES; b++) {
    double seconds[N_TIMED];
    int next = 0;
    for (int run = 0; code == BL_OK && run < N_TIMED; run++) {
      const double start = cli_seconds();
      for (int i = 0; code == BL_OK && i < cli_batches[b]; i++, next = (next + 1) % labels->n)
        code = label_one(encoder, &labels->list[next], logits, error);
      seconds[run] = cli_seconds() - start;
    }
    qsort(seconds, N_TIMED, sizeof *seconds, by_value);
    f->batch_seconds[b] = seconds[N_TIMED / 2];
  }
  free(logits);
  return code;
}

bool cli_labels_run(const cli_labels *labels, const bl_model *model, const char *label,
                    bl_pool *pool, bool times, const cli_label_figures *reference,
                    cli_label_figures *figures) {
  bl_error error;
  size_t longest = 1;
  for (int i = 0; i < labels->n; i++)
    if (labels->list[i].n_ids > longest) longest = labels->list[i].n_ids;
  const bl_session_options options = {.n_context = (int)longest, .pool = pool};
  bl_encoder *encoder = bl_encoder_new(model, &options, &error);
  if (!encoder) return cli_fail("%s", error.message);
  const size_t n = (size_t)labels->n;
  figures->logits = cli_alloc(n * (size_t)labels->n_classes * sizeof *figures->logits);
  figures->is_right = cli_alloc(n * sizeof *figures->is_right);
  bl_code code = label_all(labels, encoder, label, figures, &error);
  if (code == BL_OK) compare_logits(labels, reference ? reference : figures, figures);
  if (code == BL_OK && times) code = time_batches(labels, encoder, figures, &error);
  bl_encoder_free(encoder);
  return cli_bar_end(code, &error);
}

void cli_label_figures_free(cli_label_figures *figures) {
  free(figures->logits);
  free(figures->is_right);
}
