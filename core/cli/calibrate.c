/* The text that a recipe's methods go by: read, divided into documents, cut into tokens, and read
 * by the model. */
#include "calibrate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "read.h"
#include "texts.h"

typedef struct document {
  char *text;
  size_t size;
} document;

/* The documents of one file. */
typedef struct file {
  size_t n, next; /* next: the first that was not taken yet */
  document *documents;
  size_t n_tokens; /* taken */
} file;

typedef struct reading {
  bl_documents divided; /* a plain text */
  int n_files;
  file *files;
  int32_t *ids; /* (n_ids) */
  size_t n_ids, capacity;
  size_t *ends; /* (n_documents) */
  size_t n_documents;
} reading;

/* ---- documents ------------------------------------------------------------------------------- */

/* What a model reads of a document together is some hundreds of tokens: a longer one, such as a
 * book, counts as several, so that no file and neither way of reading takes all there is to take.
 */
enum { PIECE = 8192 }; /* bytes */

/* Where a piece of text ends: after the last white space in it, or between two characters. */
static size_t piece_of(const char *text, size_t size) {
  if (size <= PIECE) return size;
  size_t n = PIECE;
  while (n > PIECE / 2 && !strchr(" \n", text[n - 1])) n--;
  if (n > PIECE / 2) return n;
  for (n = PIECE; n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80;) n--;
  return n;
}

static void add_piece(file *f, const char *text, size_t size) {
  if (strspn(text, " \t\r\n") >= size) return;
  if ((f->n & (f->n - 1)) == 0) /* double at powers of two */
    f->documents = cli_grow(f->documents, (2 * f->n + 1) * sizeof *f->documents);
  f->documents[f->n++] = (document){cli_print("%.*s", (int)size, text), size};
}

static void add_document(file *f, const char *text, size_t size) {
  for (size_t n; size > 0; text += n, size -= n) {
    n = piece_of(text, size);
    add_piece(f, text, n);
  }
}

/* A line of JSON lines: "text", or "prompt" and what may follow it, "answer". */
static bool add_json(file *f, const char *path, size_t line, const char *text, size_t size) {
  cJSON *object = cli_json_line(path, line, text, size);
  if (!object) return false;
  const char *whole = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "text"));
  const char *prompt = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "prompt"));
  const char *answer = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "answer"));
  const size_t n = prompt ? strlen(prompt) : 0;
  const bool joins = n > 0 && !strchr(" \n", prompt[n - 1]);
  char *joined = whole ? cli_copy(whole)
                 : prompt
                     ? cli_print("%s%s%s", prompt, answer && joins ? " " : "", answer ? answer : "")
                     : NULL;
  cJSON_Delete(object);
  if (!joined)
    return cli_fail("%s, line %zu: fields 'text' and 'prompt' are missing, expected one of them",
                    path, line);
  add_document(f, joined, strlen(joined));
  free(joined);
  return true;
}

static bool add_json_lines(file *f, const char *path, const char *text) {
  bool ok = true;
  for (size_t line = 1; ok && *text; line++) {
    const size_t size = strcspn(text, "\n");
    if (strspn(text, " \t\r") < size) ok = add_json(f, path, line, text, size);
    text += size + (text[size] == '\n');
  }
  return ok;
}

/* What training texts have between documents. */
static const char *find_end(const char *text, size_t *size) {
  static const char *const ends[] = {"<|end|>", "<|endoftext|>"};
  const char *first = NULL;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const char *at = strstr(text, ends[i]);
    if (!at || (first && at > first)) continue;
    first = at;
    *size = strlen(ends[i]);
  }
  return first;
}

static void add_plain(file *f, bl_documents divided, const char *text, size_t size) {
  size_t n_end = 0, at = 0, start, end;
  const char *found = find_end(text, &n_end);
  if (!found) {
    while (bl_text_next_document(divided, text, size, &at, &start, &end))
      add_document(f, text + start, end - start);
    return;
  }
  for (; found; text = found + n_end, found = find_end(text, &n_end))
    add_document(f, text, (size_t)(found - text));
  add_document(f, text, strlen(text));
}

static bool add_file(void *context, const char *path) {
  reading *r = context;
  size_t size;
  char *text = cli_read_file(path, CLI_MAX_TEXT, &size);
  if (!text) return false;
  const char *name = cli_file_name(path);
  const char *nul = memchr(text, 0, size);
  if (nul) {
    cli_fail("%s has a NUL at byte %zu, expected text in UTF-8", name, (size_t)(nul - text));
    free(text);
    return false;
  }
  r->files = cli_grow(r->files, ((size_t)r->n_files + 1) * sizeof *r->files);
  file *f = &r->files[r->n_files++];
  *f = (file){0};
  bool ok = true;
  if (text[strspn(text, " \t\r\n")] == '{')
    ok = add_json_lines(f, name, text);
  else
    add_plain(f, r->divided, text, size);
  if (ok && f->n == 0) ok = cli_fail("%s is empty, expected a text to calibrate on", name);
  free(text);
  return ok;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool append(reading *r, const bl_tokenizer *tokenizer, const document *d, bool begins) {
  bl_error error;
  size_t wanted = d->size + 16, n = 0; /* a token is rarely less than a byte */
  for (;;) {
    if (r->capacity < r->n_ids + wanted) {
      r->capacity = r->n_ids + wanted + r->n_ids / 2;
      r->ids = cli_grow(r->ids, r->capacity * sizeof *r->ids);
    }
    if (bl_tokenizer_encode(tokenizer, d->text, d->size, begins, r->ids + r->n_ids,
                            r->capacity - r->n_ids, &n, &error) != BL_OK)
      return cli_fail("the calibration text: %s", error.message);
    if (n <= r->capacity - r->n_ids) break;
    wanted = n;
  }
  r->n_ids += n;
  return true;
}

/* What was appended since the last is a document. */
static void end_document(reading *r) {
  if ((r->n_documents & (r->n_documents - 1)) == 0) /* double at powers of two */
    r->ends = cli_grow(r->ends, (2 * r->n_documents + 1) * sizeof *r->ends);
  r->ends[r->n_documents++] = r->n_ids;
}

/* Appends what was joined as one more document. */
static void append_joined(reading *r, const reading *joined) {
  if (joined->n_ids == 0) return;
  r->ids = cli_grow(r->ids, (r->n_ids + joined->n_ids) * sizeof *r->ids);
  memcpy(r->ids + r->n_ids, joined->ids, joined->n_ids * sizeof *r->ids);
  r->n_ids += joined->n_ids;
  end_document(r);
}

/* The file that has given the fewest tokens, and has a document left. */
static file *next_file(const reading *r) {
  file *next = NULL;
  for (int i = 0; i < r->n_files; i++) {
    file *f = &r->files[i];
    if (f->next < f->n && (!next || f->n_tokens < next->n_tokens)) next = f;
  }
  return next;
}

/* Documents of all files in turn, so many tokens of them: half each by itself, and half one after
 * another, as one text. A model is used in both ways, and what it reads in one alone lets the other
 * suffer. */
static bool encode(reading *r, const bl_tokenizer *tokenizer, size_t most) {
  reading joined = {0};
  file *f;
  bool ok = true;
  while (ok && r->n_ids + joined.n_ids < most && (f = next_file(r))) {
    reading *to = joined.n_ids < r->n_ids ? &joined : r;
    const size_t before = to->n_ids;
    ok = !cli_interrupted() &&
         append(to, tokenizer, &f->documents[f->next++], to == r || before == 0);
    f->n_tokens += to->n_ids - before;
    if (ok && to == r) end_document(r);
  }
  if (ok) append_joined(r, &joined);
  free(joined.ids);
  if (ok && r->n_ids > most) {
    r->n_ids = most;
    while (r->n_documents > 1 && r->ends[r->n_documents - 2] >= most) r->n_documents--;
    r->ends[r->n_documents - 1] = most;
  }
  return ok;
}

/* Documents of all files in turn, each by itself, so many tokens of them. */
static bool encode_apart(reading *r, const bl_tokenizer *tokenizer, size_t most) {
  bool ok = true;
  file *f;
  for (int i = 0; i < r->n_files; i++) r->files[i].next = r->files[i].n_tokens = 0;
  while (ok && r->n_ids < most && (f = next_file(r))) {
    const size_t before = r->n_ids;
    ok = !cli_interrupted() && append(r, tokenizer, &f->documents[f->next++], true);
    f->n_tokens += r->n_ids - before;
    if (ok) end_document(r);
  }
  return ok;
}

/* What methods that learn are shown: all of it as documents, and what joins two. */
static bool read_to_learn(cli_calibration *c, const reading *files, const bl_tokenizer *tokenizer,
                          size_t most) {
  static const char between[] = "\n\n";
  bl_error error;
  reading r = {.n_files = files->n_files, .files = files->files};
  if (!encode_apart(&r, tokenizer, most)) {
    free(r.ids);
    free(r.ends);
    return false;
  }
  c->ids = r.ids;
  c->ends = r.ends;
  c->n_ids = r.n_ids;
  c->n_documents = r.n_documents;
  return bl_tokenizer_encode(tokenizer, between, sizeof between - 1, false, c->between,
                             sizeof c->between / sizeof *c->between, &c->n_between,
                             &error) == BL_OK ||
         cli_fail("the calibration text: %s", error.message);
}

static void free_reading(reading *r) {
  for (int i = 0; i < r->n_files; i++) {
    for (size_t d = 0; d < r->files[i].n; d++) free(r->files[i].documents[d].text);
    free(r->files[i].documents);
  }
  free(r->files);
  free(r->ids);
  free(r->ends);
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

static bool run(cli_calibration *c, const reading *r, const bl_model *model, bl_needs needs,
                bl_pool *pool) {
  bl_error error;
  if (needs == BL_NEEDS_NOTHING) return true;
  const bl_calibration text = {.ids = r->ids,
                               .n_ids = r->n_ids,
                               .ends = r->ends,
                               .n_documents = r->n_documents,
                               .pool = pool};
  cli_bar bar = {.label = "Calibrating", .unit = "tokens"};
  bl_code code = bl_calibrate(model, needs, &text, cli_bar_show, &bar, &c->statistics, &error);
  return cli_bar_end(code, &error);
}

bool cli_calibrate(cli_calibration *c, const cli_calibrate_settings *settings,
                   const cli_source *source, const bl_model *model, bl_needs needs, bool learns,
                   bl_pool *pool) {
  bl_model_info info;
  *c = (cli_calibration){0};
  if (needs == BL_NEEDS_NOTHING && !learns)
    return !settings->files ||
           cli_fail("--calibrate names a text, but the recipe has no method that goes by one");
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  if (!tokenizer)
    return cli_fail("the model has no tokenizer, so that it can't read a calibration text");
  char *files = settings->files ? cli_copy(settings->files) : find_default(source);
  if (!files)
    return cli_fail(
        "the recipe's methods go by what the model's matrices are multiplied with on a text: name "
        "one with --calibrate FILES, of what the model is used for");
  bl_model_get_info(model, &info);
  reading r = {.divided = info.documents};
  bool ok = cli_each_item(files, add_file, &r) && encode(&r, tokenizer, (size_t)settings->tokens) &&
            (!learns || read_to_learn(c, &r, tokenizer, (size_t)settings->tokens)) &&
            run(c, &r, model, needs, pool);
  char *names = names_of(files), count[32];
  c->words = cli_print("%s tokens of %s", cli_count((int64_t)r.n_ids, count), names);
  free(names);
  free_reading(&r);
  free(files);
  return ok;
}

void cli_calibration_free(cli_calibration *c) {
  bl_statistics_free(c->statistics);
  free(c->ids);
  free(c->ends);
  free(c->words);
}
