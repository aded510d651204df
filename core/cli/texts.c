/* Plain text files for --text, and prompts for --prompts. */
#include "texts.h"

#include <stdlib.h>
#include <string.h>

#include "read.h"

bool cli_each_item(const char *list, bool (*take)(void *context, const char *item), void *context) {
  bool ok = true;
  for (const char *text = list; ok; text++) {
    size_t size = strcspn(text, ",");
    char *item = cli_print("%.*s", (int)size, text);
    ok = take(context, item);
    free(item);
    text += size;
    if (!*text) break;
  }
  return ok;
}

/* A file's text, checked: not empty, and UTF-8 without NUL. NULL after saying why. */
static char *read_checked(const char *path, size_t *size) {
  char *text = cli_read_file(path, CLI_MAX_TEXT, size);
  bool ok = text != NULL;
  path = cli_file_name(path);
  if (ok && strspn(text, " \t\r\n") == *size)
    ok = cli_fail("%s is %s, expected a text", path, *size ? "blank" : "empty");
  for (size_t at = 0; ok && at < *size;) {
    uint32_t code;
    size_t n = cli_read_char(text + at, *size - at, &code);
    if (code == 0 || (code == 0xfffd && n == 1)) {
      ok = cli_fail("%s: byte %zu is 0x%02x, expected text in UTF-8", path, at,
                    (unsigned)(unsigned char)text[at]);
    }
    at += n;
  }
  if (ok) return text;
  free(text);
  return NULL;
}

/* ---- texts to measure on -------------------------------------------------------------------- */

static bool add_text(void *context, const char *path) {
  cli_eval *eval = context;
  cli_eval_text text = {.bytes = read_checked(path, &text.size)};
  if (!text.bytes) return false;
  path = cli_file_name(path);
  const char *slash = strrchr(path, '/');
  text.path = cli_copy(path);
  text.name = cli_copy(slash ? slash + 1 : path);
  eval->list = cli_grow(eval->list, ((size_t)eval->n + 1) * sizeof *eval->list);
  eval->list[eval->n++] = text;
  return true;
}

bool cli_eval_read(cli_eval *eval, const char *list) {
  *eval = (cli_eval){0};
  return cli_each_item(list, add_text, eval);
}

/* A text's documents as tokens, one after another. */
typedef struct encoded {
  int32_t *ids; /* (n) */
  size_t n, capacity;
  size_t *ends; /* (n_documents) */
  size_t n_documents;
} encoded;

/* Appends the tokens of a document, to[*n_ids] and on. */
static bool append_document(const cli_eval_text *text, const bl_tokenizer *tokenizer, size_t start,
                            size_t end, encoded *to) {
  bl_error error;
  size_t wanted = end - start + 16, n = 0; /* a token is rarely less than a byte */
  for (;;) {
    if (to->capacity < to->n + wanted) {
      to->capacity = (to->n + wanted) + to->n / 2;
      to->ids = cli_grow(to->ids, to->capacity * sizeof *to->ids);
    }
    if (bl_tokenizer_encode(tokenizer, text->bytes + start, end - start, true, to->ids + to->n,
                            to->capacity - to->n, &n, &error) != BL_OK)
      return cli_fail("%s: %s", text->path, error.message);
    if (n <= to->capacity - to->n) break;
    wanted = n;
  }
  to->n += n;
  if ((to->n_documents & (to->n_documents - 1)) == 0) /* double at powers of two */
    to->ends = cli_grow(to->ends, (2 * to->n_documents + 1) * sizeof *to->ends);
  to->ends[to->n_documents++] = to->n;
  return true;
}

static bool encode(const cli_eval_text *text, bl_documents documents, const bl_model *model,
                   encoded *to) {
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  *to = (encoded){0};
  if (!tokenizer) return cli_fail("the model has no tokenizer, so that no text can be given to it");
  size_t at = 0, start, end;
  while (bl_text_next_document(documents, text->bytes, text->size, &at, &start, &end))
    if (cli_interrupted() || !append_document(text, tokenizer, start, end, to)) return false;
  return true;
}

static void free_encoded(encoded *e) {
  free(e->ids);
  free(e->ends);
}

/* Would the other model see the same tokens? Else its predictions are of something else. */
static bool check_same_tokens(const cli_eval_text *text, const encoded *own, bl_documents documents,
                              const bl_model *other) {
  encoded e;
  bool is_encoded = encode(text, documents, other, &e);
  bool same = is_encoded && e.n == own->n && memcmp(e.ids, own->ids, e.n * sizeof *e.ids) == 0 &&
              memcmp(e.ends, own->ends, e.n_documents * sizeof *e.ends) == 0;
  free_encoded(&e);
  return same || (is_encoded && cli_fail("%s: the two models cut the text into different tokens, "
                                         "so their predictions can't be compared token by token",
                                         text->path));
}

/* The first max_tokens tokens, and the documents that they are of. */
static void keep(encoded *e, int64_t max_tokens) {
  if (max_tokens <= 0 || e->n <= (size_t)max_tokens) return;
  e->n = (size_t)max_tokens;
  while (e->n_documents > 1 && e->ends[e->n_documents - 2] >= e->n) e->n_documents--;
  e->ends[e->n_documents - 1] = e->n;
}

bl_text_options cli_eval_options(const cli_eval_text *text, const bl_text_options *options) {
  bl_text_options own = *options;
  own.ends = text->ends;
  own.n_documents = text->n_documents;
  return own;
}

/* Says that nothing of the text would be scored. */
static bool fail_short(const cli_eval_text *text, int n_context) {
  if (text->ends)
    return cli_fail(
        "%s has no document of at least 2 tokens, of which the second could be "
        "predicted",
        text->path);
  char *chunk = n_context ? cli_print("one chunk of %d tokens", n_context) : cli_copy("3 tokens");
  cli_fail("%s is a text of %zu token%s, expected at least %s", text->path, text->n_ids,
           text->n_ids == 1 ? "" : "s", chunk);
  free(chunk);
  return false;
}

bool cli_eval_encode(cli_eval *eval, const bl_model *model, const bl_model *other,
                     int64_t max_tokens, const bl_text_options *options) {
  for (int i = 0; i < eval->n; i++) {
    cli_eval_text *text = &eval->list[i];
    encoded e;
    bool ok = encode(text, eval->documents, model, &e) &&
              (!other || check_same_tokens(text, &e, eval->documents, other));
    if (ok) keep(&e, max_tokens);
    bool is_divided = eval->documents != BL_DOCUMENTS_WHOLE;
    text->ids = e.ids;
    text->n_ids = e.n;
    text->ends = is_divided ? e.ends : NULL;
    text->n_documents = e.n_documents;
    if (!is_divided) free(e.ends);
    if (!ok) return false;
    bl_text_options own = cli_eval_options(text, options);
    text->n_scored = bl_text_n_scored(model, text->n_ids, &own);
    if (text->n_scored == 0) return fail_short(text, options->n_context);
    eval->n_ids += (int64_t)text->n_ids;
    eval->n_scored += text->n_scored;
    eval->n_documents += (int64_t)text->n_documents;
  }
  return true;
}

void cli_eval_free(cli_eval *eval) {
  for (int i = 0; i < eval->n; i++) {
    free(eval->list[i].path);
    free(eval->list[i].name);
    free(eval->list[i].bytes);
    free(eval->list[i].ids);
    free(eval->list[i].ends);
  }
  free(eval->list);
  *eval = (cli_eval){0};
}

/* ---- prompts -------------------------------------------------------------------------------- */

static void add_prompt(cli_prompts *prompts, const char *text, size_t size) {
  size_t n = (size_t)prompts->n;
  if ((n & (n - 1)) == 0) { /* double at powers of two */
    prompts->texts = cli_grow(prompts->texts, (2 * n + 1) * sizeof *prompts->texts);
    prompts->sizes = cli_grow(prompts->sizes, (2 * n + 1) * sizeof *prompts->sizes);
  }
  prompts->texts[n] = cli_print("%.*s", (int)size, text);
  prompts->sizes[n] = size;
  prompts->n++;
}

/* A line of a JSON lines file. */
static bool add_json(cli_prompts *prompts, const char *path, size_t line, const char *text,
                     size_t size) {
  cJSON *object = cli_json_line(path, line, text, size);
  if (!object) return false;
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "prompt");
  const char *prompt = cJSON_GetStringValue(item);
  bool ok = true;
  if (!prompt || !*prompt) {
    ok = cli_fail("%s, line %zu: field 'prompt' is %s, expected a text that is not empty", path,
                  line,
                  !item    ? "missing"
                  : prompt ? "\"\""
                           : "not a text");
  } else {
    add_prompt(prompts, prompt, strlen(prompt));
  }
  cJSON_Delete(object);
  return ok;
}

bool cli_prompts_read(cli_prompts *prompts, const char *path) {
  *prompts = (cli_prompts){0};
  size_t size;
  char *text = read_checked(path, &size);
  if (!text) return false;
  bool is_json = text[strspn(text, " \t\r\n")] == '{', ok = true;
  size_t line = 0;
  for (const char *at = text; ok && at < text + size; at++) {
    size_t length = strcspn(at, "\n"), n = length;
    while (n > 0 && (at[n - 1] == '\r' || (is_json && strchr(" \t", at[n - 1])))) n--;
    line++;
    if (strspn(at, " \t\r") >= n) {
      at += length;
      continue;
    }
    if (is_json) {
      ok = add_json(prompts, path, line, at, n);
    } else {
      add_prompt(prompts, at, n);
    }
    at += length;
  }
  free(text);
  return ok;
}

void cli_prompts_free(cli_prompts *prompts) {
  for (int i = 0; i < prompts->n; i++) free(prompts->texts[i]);
  free(prompts->texts);
  free(prompts->sizes);
  *prompts = (cli_prompts){0};
}
