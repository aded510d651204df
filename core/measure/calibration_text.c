/* The text that methods go by: divided into documents, and cut into the tokens that a model reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "bitloss_measure.h"
#include "text/buffer.h"

typedef struct document {
  char *text;
  size_t size;
} document;

/* The documents of one text. */
typedef struct source {
  document *documents;
  size_t n, capacity, next; /* next: the first that was not taken yet */
  size_t n_tokens;          /* taken */
} source;

struct bl_calibration_text {
  bl_documents divided; /* a plain text */
  bool is_labelled;     /* of its lines, what follows a tab is a label */
  bool is_encoder;      /* nothing is joined */
  source *sources;
  size_t n_sources, sources_capacity;
  bl_ids ids;   /* of documents that are read each by itself, then of what is joined */
  size_t *ends; /* (n_documents) */
  size_t n_documents, ends_capacity;
};

bl_calibration_text *bl_calibration_text_new(const bl_model *model, bl_error *error) {
  bl_model_info info;
  bl_calibration_text *text = calloc(1, sizeof *text);
  if (!text) {
    bl_fail_memory(error, sizeof *text);
    return NULL;
  }
  bl_model_get_info(model, &info);
  text->is_labelled = bl_model_n_labels(model) > 0;
  text->is_encoder = info.is_encoder;
  text->divided = text->is_labelled ? BL_DOCUMENTS_LINES : info.documents;
  return text;
}

void bl_calibration_text_free(bl_calibration_text *text) {
  if (!text) return;
  for (size_t i = 0; i < text->n_sources; i++) {
    for (size_t d = 0; d < text->sources[i].n; d++) free(text->sources[i].documents[d].text);
    free(text->sources[i].documents);
  }
  free(text->sources);
  bl_ids_free(&text->ids);
  free(text->ends);
  free(text);
}

/* ---- documents ------------------------------------------------------------------------------ */

/* What a model reads of a document together is some hundreds of tokens: a longer one, such as a
 * book, counts as several, so that no text and neither way of reading takes all there is to take.
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

static bool is_blank(const char *text, size_t size) {
  size_t n = 0;
  while (n < size && text[n] && strchr(" \t\r\n", text[n])) n++;
  return n == size;
}

static bl_code add_piece(source *s, const char *text, size_t size, bl_error *error) {
  if (is_blank(text, size)) return BL_OK;
  void *documents = s->documents;
  bl_code code = bl_grow(&documents, &s->capacity, s->n + 1, sizeof *s->documents, error);
  s->documents = documents;
  if (code != BL_OK) return code;
  char *copy = malloc(size);
  if (!copy) return bl_fail_memory(error, size);
  memcpy(copy, text, size);
  s->documents[s->n++] = (document){copy, size};
  return BL_OK;
}

static bl_code add_document(source *s, const char *text, size_t size, bl_error *error) {
  bl_code code = BL_OK;
  for (size_t n; code == BL_OK && size > 0; text += n, size -= n) {
    n = piece_of(text, size);
    code = add_piece(s, text, n, error);
  }
  return code;
}

/* "text", or "prompt" and what may follow it, "answer". */
static bl_code add_object(source *s, const char *label, const cJSON *object, bl_error *error) {
  const char *whole = cJSON_GetStringValue(bl_json_member(object, "text"));
  const char *prompt = cJSON_GetStringValue(bl_json_member(object, "prompt"));
  const char *answer = cJSON_GetStringValue(bl_json_member(object, "answer"));
  if (whole) return add_document(s, whole, strlen(whole), error);
  if (!prompt)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.96s: fields 'text' and 'prompt' are missing, expected one of them", label);
  const size_t n = strlen(prompt);
  const bool joins = answer && n > 0 && !strchr(" \n", prompt[n - 1]);
  bl_buffer joined = {0};
  bl_code code = bl_buffer_print(&joined, prompt, error);
  if (code == BL_OK && joins) code = bl_buffer_print(&joined, " ", error);
  if (code == BL_OK && answer) code = bl_buffer_print(&joined, answer, error);
  if (code == BL_OK) code = add_document(s, joined.bytes, joined.size, error);
  bl_buffer_free(&joined);
  return code;
}

static bl_code add_json_lines(source *s, const char *name, const char *text, bl_error *error) {
  bl_code code = BL_OK;
  for (size_t line = 1; code == BL_OK && *text; line++) {
    const size_t size = strcspn(text, "\n");
    if (!is_blank(text, size)) {
      char label[128];
      cJSON *object = NULL;
      snprintf(label, sizeof label, "%.96s, line %zu", name, line);
      code = bl_json_parse_object(label, text, size, &object, error);
      if (code == BL_OK) code = add_object(s, label, object, error);
      cJSON_Delete(object);
    }
    text += size + (text[size] == '\n');
  }
  return code;
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

/* How much of a line is its text. */
static size_t text_of(const char *line, size_t size) {
  const char *tab = memchr(line, '\t', size);
  return tab ? (size_t)(tab - line) : size;
}

static bl_code add_plain(source *s, const bl_calibration_text *t, const char *text, size_t size,
                         bl_error *error) {
  size_t n_end = 0, at = 0, start, end;
  const char *found = find_end(text, &n_end);
  bl_code code = BL_OK;
  if (!found) {
    while (code == BL_OK && bl_text_next_document(t->divided, text, size, &at, &start, &end)) {
      const size_t n = end - start;
      code = add_document(s, text + start, t->is_labelled ? text_of(text + start, n) : n, error);
    }
    return code;
  }
  for (; code == BL_OK && found; text = found + n_end, found = find_end(text, &n_end))
    code = add_document(s, text, (size_t)(found - text), error);
  return code == BL_OK ? add_document(s, text, strlen(text), error) : code;
}

bl_code bl_calibration_text_add(bl_calibration_text *t, const char *name, const char *text,
                                size_t size, bl_error *error) {
  const char *nul = memchr(text, 0, size);
  if (nul)
    return bl_fail(error, BL_ERR_INPUT, "%.96s has a NUL at byte %zu, expected text in UTF-8", name,
                   (size_t)(nul - text));
  void *sources = t->sources;
  bl_code code =
      bl_grow(&sources, &t->sources_capacity, t->n_sources + 1, sizeof *t->sources, error);
  t->sources = sources;
  if (code != BL_OK) return code;
  source *s = &t->sources[t->n_sources++];
  *s = (source){0};
  code = text[strspn(text, " \t\r\n")] == '{' ? add_json_lines(s, name, text, error)
                                              : add_plain(s, t, text, size, error);
  if (code == BL_OK && s->n == 0)
    code = bl_fail(error, BL_ERR_INPUT, "%.96s is empty, expected a text to calibrate on", name);
  return code;
}

/* ---- tokens --------------------------------------------------------------------------------- */

static bl_code reserve(bl_ids *ids, size_t n_more, bl_error *error) {
  void *items = ids->ids;
  bl_code code = bl_grow(&items, &ids->capacity, ids->n + n_more, sizeof *ids->ids, error);
  ids->ids = items;
  return code;
}

static bl_code append(bl_ids *to, const bl_tokenizer *tokenizer, const document *d, bool begins,
                      bl_error *error) {
  size_t wanted = d->size + 16, n = 0; /* a token is rarely less than a byte */
  for (;;) {
    bl_code code = reserve(to, wanted, error);
    if (code == BL_OK)
      code = bl_tokenizer_encode(tokenizer, d->text, d->size, begins, to->ids + to->n,
                                 to->capacity - to->n, &n, error);
    if (code != BL_OK) return code;
    if (n <= to->capacity - to->n) break;
    wanted = n;
  }
  to->n += n;
  return BL_OK;
}

/* What was appended since the last is a document. */
static bl_code end_document(bl_calibration_text *t, bl_error *error) {
  void *ends = t->ends;
  bl_code code = bl_grow(&ends, &t->ends_capacity, t->n_documents + 1, sizeof *t->ends, error);
  t->ends = ends;
  if (code == BL_OK) t->ends[t->n_documents++] = t->ids.n;
  return code;
}

/* Appends what was joined as one more document. */
static bl_code append_joined(bl_calibration_text *t, const bl_ids *joined, bl_error *error) {
  if (joined->n == 0) return BL_OK;
  bl_code code = reserve(&t->ids, joined->n, error);
  if (code != BL_OK) return code;
  memcpy(t->ids.ids + t->ids.n, joined->ids, joined->n * sizeof *joined->ids);
  t->ids.n += joined->n;
  return end_document(t, error);
}

/* The text that has given the fewest tokens, and has a document left. */
static source *next_source(const bl_calibration_text *t) {
  source *next = NULL;
  for (size_t i = 0; i < t->n_sources; i++) {
    source *s = &t->sources[i];
    if (s->next < s->n && (!next || s->n_tokens < next->n_tokens)) next = s;
  }
  return next;
}

/* Takes documents of all texts in turn, so many tokens of them. */
static bl_code take(bl_calibration_text *t, const bl_tokenizer *tokenizer, size_t most,
                    bl_ids *joined, bl_error *error) {
  source *s;
  bl_code code = BL_OK;
  while (code == BL_OK && t->ids.n + joined->n < most && (s = next_source(t))) {
    bl_ids *to = joined->n < t->ids.n && !t->is_encoder ? joined : &t->ids;
    const size_t before = to->n;
    code = append(to, tokenizer, &s->documents[s->next++], to == &t->ids || before == 0, error);
    s->n_tokens += to->n - before;
    if (code == BL_OK && to == &t->ids) code = end_document(t, error);
  }
  return code;
}

static void give(const bl_calibration_text *t, bl_calibration *calibration) {
  calibration->ids = t->ids.ids;
  calibration->n_ids = t->ids.n;
  calibration->ends = t->ends;
  calibration->n_documents = t->n_documents;
}

bl_code bl_calibration_text_encode(bl_calibration_text *t, const bl_tokenizer *tokenizer,
                                   size_t most, bl_calibration *calibration, bl_error *error) {
  bl_ids joined = {0};
  bl_code code = take(t, tokenizer, most, &joined, error);
  if (code == BL_OK) code = append_joined(t, &joined, error);
  bl_ids_free(&joined);
  if (code != BL_OK) return code;
  if (t->ids.n > most) {
    t->ids.n = most;
    while (t->n_documents > 1 && t->ends[t->n_documents - 2] >= most) t->n_documents--;
    t->ends[t->n_documents - 1] = most;
  }
  give(t, calibration);
  return BL_OK;
}

bl_code bl_calibration_text_encode_apart(bl_calibration_text *t, const bl_tokenizer *tokenizer,
                                         size_t most, bl_calibration *calibration,
                                         bl_error *error) {
  source *s;
  bl_code code = BL_OK;
  t->ids.n = t->n_documents = 0;
  for (size_t i = 0; i < t->n_sources; i++) t->sources[i].next = t->sources[i].n_tokens = 0;
  while (code == BL_OK && t->ids.n < most && (s = next_source(t))) {
    const size_t before = t->ids.n;
    code = append(&t->ids, tokenizer, &s->documents[s->next++], true, error);
    s->n_tokens += t->ids.n - before;
    if (code == BL_OK) code = end_document(t, error);
  }
  give(t, calibration);
  return code;
}
