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

/* The text's tokens; NULL after saying why. */
static int32_t *encode(const cli_eval_text *text, const bl_model *model, size_t *n_ids) {
  bl_error error;
  const bl_tokenizer *tokenizer = bl_model_tokenizer(model);
  if (!tokenizer) {
    cli_fail("the model has no tokenizer, so that no text can be given to it");
    return NULL;
  }
  size_t capacity = text->size + 16; /* a token is rarely less than a byte */
  int32_t *ids = cli_alloc(capacity * sizeof *ids);
  for (;;) {
    if (bl_tokenizer_encode(tokenizer, text->bytes, text->size, true, ids, capacity, n_ids,
                            &error) != BL_OK) {
      cli_fail("%s: %s", text->path, error.message);
      free(ids);
      return NULL;
    }
    if (*n_ids <= capacity) return ids;
    capacity = *n_ids;
    ids = cli_grow(ids, capacity * sizeof *ids);
  }
}

/* Would the other model see the same tokens? Else its predictions are of something else. */
static bool check_same_tokens(const cli_eval_text *text, const bl_model *other) {
  size_t n_ids;
  int32_t *ids = encode(text, other, &n_ids);
  if (!ids) return false;
  bool same = n_ids == text->n_ids && memcmp(ids, text->ids, n_ids * sizeof *ids) == 0;
  free(ids);
  return same || cli_fail(
                     "%s: the two models cut the text into different tokens, so their "
                     "predictions can't be compared token by token",
                     text->path);
}

bool cli_eval_encode(cli_eval *eval, const bl_model *model, const bl_model *other,
                     int64_t max_tokens, const bl_text_options *options) {
  for (int i = 0; i < eval->n; i++) {
    cli_eval_text *text = &eval->list[i];
    text->ids = encode(text, model, &text->n_ids);
    if (!text->ids || (other && !check_same_tokens(text, other))) return false;
    if (max_tokens > 0 && text->n_ids > (size_t)max_tokens) text->n_ids = (size_t)max_tokens;
    text->n_scored = bl_text_n_scored(model, text->n_ids, options);
    if (text->n_scored == 0) {
      char *chunk = options->n_context ? cli_print("one chunk of %d tokens", options->n_context)
                                       : cli_copy("3 tokens");
      cli_fail("%s is a text of %zu token%s, expected at least %s", text->path, text->n_ids,
               text->n_ids == 1 ? "" : "s", chunk);
      free(chunk);
      return false;
    }
    eval->n_ids += (int64_t)text->n_ids;
    eval->n_scored += text->n_scored;
  }
  return true;
}

void cli_eval_free(cli_eval *eval) {
  for (int i = 0; i < eval->n; i++) {
    free(eval->list[i].path);
    free(eval->list[i].name);
    free(eval->list[i].bytes);
    free(eval->list[i].ids);
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
