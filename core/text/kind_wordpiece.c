/* WordPiece, the kind of model of BERT: a word is cut from its beginning into the longest tokens
 * there are; one that has none at some place is one unknown token (`tokenizers` 0.23.3,
 * models/wordpiece/mod.rs). */
#include <stdlib.h>
#include <string.h>

#include "text/json_reading.h"
#include "text/kind.h"
#include "text/trie.h"

typedef struct wordpiece {
  bl_trie trie;
  uint32_t inside;   /* the node that tokens within a word lie under */
  bool has_inside;   /* whether any do */
  int32_t unknown;   /* -1: none */
  int64_t max_chars; /* a longer word is unknown */
} wordpiece;

static void free_model(void *model) {
  bl_trie_free(&((wordpiece *)model)->trie);
  free(model);
}

/* Finds where tokens within a word begin. */
static void find_inside(wordpiece *model, const char *prefix) {
  uint32_t node = 0;
  model->has_inside = true;
  for (; *prefix && model->has_inside; prefix++) {
    node = bl_trie_child(&model->trie, node, (uint8_t)*prefix);
    model->has_inside = node != 0;
  }
  model->inside = node;
}

static bl_code read_json(bl_json_reading *r, const cJSON *object) {
  const char *unknown = "[UNK]", *prefix = "##";
  bl_json_raw vocabulary = r->parts.vocabulary;
  if (!vocabulary.bytes || vocabulary.bytes[0] != '{')
    return bl_fail(r->error, BL_ERR_INPUT, "%s: model.%s is missing or of the wrong type",
                   bl_tokenizer_file, "vocab");
  wordpiece *model = r->tokenizer->model = calloc(1, sizeof *model);
  if (!model) return bl_fail_memory(r->error, sizeof *model);
  model->max_chars = 100;
  bl_code code = bl_json_string(bl_tokenizer_file, object, "unk_token", &unknown, r->error);
  if (!code)
    code =
        bl_json_string(bl_tokenizer_file, object, "continuing_subword_prefix", &prefix, r->error);
  if (!code)
    code = bl_json_int(bl_tokenizer_file, object, "max_input_chars_per_word", 0, INT32_MAX,
                       &model->max_chars, r->error);
  if (!code) code = bl_json_read_vocabulary(r);
  if (!code) code = bl_trie_make(&model->trie, &r->tokenizer->vocab, r->error);
  if (code) return code;
  find_inside(model, prefix);
  model->unknown = bl_vocab_find(&r->tokenizer->vocab, unknown, strlen(unknown));
  return BL_OK;
}

/* How many nodes this text's searches may still visit. */
typedef struct work {
  uint64_t n_visited;
} work;

static void free_work(void *w) {
  (void)w;
}

/* The longest token that `text` begins with, below a node; *end is its size. -1: none. */
static int32_t longest(const bl_trie *trie, uint32_t node, const char *text, size_t size,
                       size_t *end, work *w) {
  int32_t id = -1;
  for (size_t i = 0; i < size; i++) {
    node = bl_trie_child(trie, node, (uint8_t)text[i]);
    w->n_visited++;
    if (!node) break;
    if (trie->ids[node] < 0) continue;
    id = trie->ids[node];
    *end = i + 1;
  }
  return id;
}

static bool is_longer(const char *word, size_t size, int64_t max_chars) {
  int64_t n = 0;
  size_t length;
  if (size <= (size_t)max_chars) return false;
  for (size_t at = 0; at < size && n <= max_chars; at += length, n++)
    bl_utf8_decode(word, size, at, &length);
  return n > max_chars;
}

static bl_code encode(const bl_tokenizer *tokenizer, void *space, const char *word, size_t size,
                      bl_ids *ids, bl_error *error) {
  const wordpiece *model = tokenizer->model;
  work *w = space;
  size_t before = ids->n, end;
  bool is_known = size == 0 || !is_longer(word, size, model->max_chars);
  bl_code code = BL_OK;
  w->n_visited = 0;
  for (size_t at = 0; !code && is_known && at < size; at += end) {
    bool can_go_on = at == 0 || model->has_inside;
    int32_t id = can_go_on
                     ? longest(&model->trie, at ? model->inside : 0, word + at, size - at, &end, w)
                     : -1;
    is_known = id >= 0;
    if (is_known) code = bl_ids_append(ids, id, error);
    if (!code && w->n_visited > bl_trie_budget(size)) return bl_trie_too_slow(error);
  }
  if (code || is_known) return code;
  ids->n = before;
  if (model->unknown >= 0) return bl_ids_append(ids, model->unknown, error);
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "the tokenizer has no tokens for '%.*s', and none for what is unknown",
                 bl_shown(size), word);
}

int32_t bl_wordpiece_unknown(const bl_tokenizer *tokenizer) {
  return ((const wordpiece *)tokenizer->model)->unknown;
}

const bl_kind bl_kind_wordpiece = {
    .name = "WordPiece",
    .read_json = read_json,
    .encode = encode,
    .work_bytes = sizeof(work),
    .free_work = free_work,
    .free_model = free_model,
};
