/* A tokenizer from tokenizer.json, as Hugging Face `tokenizers` 0.23 reads it. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "text/json_reading.h"
#include "text/kind.h"

const char bl_tokenizer_file[] = "tokenizer.json";

/* ---- what the kinds of models share ---- */

static bl_code check_id(bl_json_reading *l, int64_t id, const char *token, size_t size) {
  if (id >= 0 && (uint64_t)id < l->text_size && id < INT32_MAX / 2) return BL_OK;
  return bl_fail(l->error, BL_ERR_INPUT,
                 "%s: the id of token '%.*s' is not a whole number that a file of %zu bytes has "
                 "room for",
                 bl_tokenizer_file, bl_shown(size), token, l->text_size);
}

bl_code bl_json_unescape_to(bl_json_reading *l, bl_json_raw raw, bl_buffer *out) {
  out->size = 0;
  bl_code code = bl_buffer_reserve(out, raw.size + 1, l->error);
  if (!code) out->size = bl_json_unescape(raw, out->bytes);
  return code;
}

bl_code bl_json_wrong_kind(bl_json_reading *l, const char *field, uint64_t n,
                           const char *expected) {
  return bl_fail(l->error, BL_ERR_INPUT, "%s: item %llu of %s is not %s", bl_tokenizer_file,
                 (unsigned long long)n, field, expected);
}

size_t bl_json_count_items(bl_json_raw part) {
  bl_json_reader reader = {.text = part.bytes, .size = part.size};
  bool is_object = part.bytes[0] == '{';
  bl_json_raw key;
  uint64_t n = 0;
  bl_json_take(&reader, part.bytes[0], "");
  while (bl_json_more(&reader, is_object ? '}' : ']', &n)) {
    if (is_object) bl_json_read_key(&reader, &key);
    bl_json_skip(&reader);
  }
  return (size_t)n;
}

bl_code bl_json_read_vocabulary(bl_json_reading *l) {
  bl_vocab *vocab = &l->tokenizer->vocab;
  bl_json_raw part = l->parts.vocabulary, key;
  bl_json_reader reader = {.text = part.bytes, .size = part.size};
  uint64_t n = 0;
  bl_json_take(&reader, '{', "'{'");
  while (bl_json_more(&reader, '}', &n)) {
    int64_t id;
    if (!bl_json_read_key(&reader, &key) || !bl_json_read_count(&reader, &id))
      return bl_json_wrong_kind(l, "model.vocab", n, "a token with a whole number");
    bl_code code = bl_json_unescape_to(l, key, &l->left);
    if (!code) code = check_id(l, id, l->left.bytes, l->left.size);
    if (code) return code;
    const char *token = l->left.bytes;
    size_t size = l->left.size;
    if (bl_vocab_has(vocab, (int32_t)id) || bl_vocab_find(vocab, token, size) >= 0)
      return bl_fail(l->error, BL_ERR_INPUT,
                     "%s: token '%.*s' with id %d: that token or that id is there already",
                     bl_tokenizer_file, bl_shown(size), token, (int)id);
    code = bl_vocab_add(vocab, (int32_t)id, token, size, l->error);
    if (code) return code;
  }
  return BL_OK;
}

/* What a file from before 2021 is, which may not say so: the first kind whose fields it has, as for
 * `tokenizers`. */
static const char *guess_kind(const bl_json_reading *l, const cJSON *model) {
  if (l->parts.merges.bytes) return "BPE";
  if (bl_json_member(model, "max_input_chars_per_word")) return "WordPiece";
  return l->parts.vocabulary.bytes && l->parts.vocabulary.bytes[0] == '[' ? "Unigram" : "BPE";
}

static bl_code find_kind(bl_json_reading *l, const cJSON *model, const bl_kind **kind) {
  const char *type = guess_kind(l, model);
  bl_code code = bl_json_string(bl_tokenizer_file, model, "type", &type, l->error);
  for (int i = 0; !code && i < bl_n_kinds; i++) {
    *kind = bl_kinds[i];
    if (strcmp(type, bl_kinds[i]->name) == 0) return BL_OK;
  }
  if (code) return code;
  return bl_no_such_part(bl_tokenizer_file, "model type", type, l->error);
}

static bl_code read_model(bl_json_reading *l, const cJSON *root, size_t n_added) {
  const cJSON *model = bl_json_member(root, "model");
  bl_tokenizer *t = l->tokenizer;
  if (!cJSON_IsObject(model))
    return bl_fail(l->error, BL_ERR_INPUT, "%s: no object 'model'", bl_tokenizer_file);
  bl_code code = find_kind(l, model, &t->kind);
  if (code) return code;
  bl_json_raw vocabulary = l->parts.vocabulary;
  size_t n_tokens = vocabulary.bytes ? bl_json_count_items(vocabulary) : 0;
  code = bl_vocab_reserve(&t->vocab, n_tokens + n_added, l->error);
  return code ? code : t->kind->read_json(l, model);
}

/* ---- added tokens ---- */

static bl_code note_shared(bl_json_reading *l, const char *name, int32_t id) {
  l->n_shared++;
  return bl_note_add(
      &l->tokenizer->notes, l->error, "shared-id", "", l->n_shared,
      "%s: added token '%.64s' gets id %d, which a token of the vocabulary has: both "
      "become that id, and it is read as the added one, as by `tokenizers` (such "
      "tokens: %lld)",
      bl_tokenizer_file, name, (int)id, (long long)l->n_shared);
}

/* Gives an added token the id that `tokenizers` gives it, whatever the file says: the vocabulary's,
 * or the next after as many ids as the vocabulary has tokens (added_vocabulary.rs), which is not
 * free where the vocabulary's ids have holes. */
static bl_code place_added(bl_json_reading *l, bl_added_token *token) {
  const bl_vocab *vocab = &l->tokenizer->vocab;
  int32_t wanted = token->id, id = bl_vocab_find(vocab, token->text, token->size);
  bool is_new = id < 0;
  if (is_new) id = l->last_added >= l->n_vocabulary ? l->last_added + 1 : l->n_vocabulary;
  token->id = id;
  if (id > l->last_added) l->last_added = id;
  char name[64];
  bl_copy_sentence(name, sizeof name, "%.*s", bl_shown(token->size), token->text);
  bl_code code = is_new && bl_vocab_has(vocab, id) ? note_shared(l, name, id) : BL_OK;
  if (code || id == wanted) return code;
  l->n_moved++;
  return bl_note_add(&l->tokenizer->notes, l->error, "added-token", "", l->n_moved,
                     "%s: added token '%.64s' has id %d there and gets %d, as `tokenizers` counts "
                     "(such tokens: %lld)",
                     bl_tokenizer_file, name, (int)wanted, (int)id, (long long)l->n_moved);
}

static bl_code read_added_token(bl_json_reading *l, const cJSON *item) {
  const char *content = NULL;
  bl_added_token token = {0};
  bl_code code = bl_json_string(bl_tokenizer_file, item, "content", &content, l->error);
  if (!code && !content)
    code =
        bl_fail(l->error, BL_ERR_INPUT, "%s: an added token has no 'content'", bl_tokenizer_file);
  int64_t id = -1;
  if (!code) code = bl_json_int(bl_tokenizer_file, item, "id", 0, INT32_MAX, &id, l->error);
  if (!code && id < 0)
    code = bl_fail(l->error, BL_ERR_INPUT, "%s: added token '%.64s' has no 'id'", bl_tokenizer_file,
                   content);
  token.id = (int32_t)id;
  const struct {
    const char *key;
    bool *value;
  } flags[] = {{"special", &token.special},
               {"single_word", &token.single_word},
               {"lstrip", &token.left_strip},
               {"rstrip", &token.right_strip},
               {"normalized", &token.normalized}};
  for (size_t i = 0; !code && i < sizeof flags / sizeof *flags; i++)
    code = bl_json_bool(bl_tokenizer_file, item, flags[i].key, flags[i].value, l->error);
  if (code) return code;
  token.text = content;
  token.size = strlen(content);
  if (token.size > 0 && token.size <= BL_MAX_ADDED_SIZE) code = place_added(l, &token);
  return code ? code : bl_tokenizer_add_token(l->tokenizer, bl_tokenizer_file, &token, l->error);
}

static bl_code read_added_tokens(bl_json_reading *l, const cJSON *list) {
  const cJSON *item;
  l->n_vocabulary = (int32_t)l->tokenizer->vocab.n_defined;
  l->last_added = -1;
  cJSON_ArrayForEach(item, list) {
    bl_code code = read_added_token(l, item);
    if (code) return code;
  }
  return BL_OK;
}

/* ---- all of it ---- */

static bl_code read_root(bl_json_reading *l, const cJSON *root) {
  const cJSON *added = bl_json_member(root, "added_tokens");
  if (added && !cJSON_IsArray(added))
    return bl_fail(l->error, BL_ERR_INPUT, "%s: field 'added_tokens' is not a list",
                   bl_tokenizer_file);
  bl_code code = read_model(l, root, added ? (size_t)cJSON_GetArraySize(added) : 0);
  /* The normalizer comes before the added tokens, which it may change, and the post-processor,
   * which names them, after them. */
  if (!code) code = bl_pipeline_read_steps(l->tokenizer, bl_tokenizer_file, root, l->error);
  if (!code && added) code = read_added_tokens(l, added);
  if (!code) code = bl_pipeline_read_ends(l->tokenizer, bl_tokenizer_file, root, l->error);
  if (!code && l->tokenizer->vocab.n_defined == 0)
    code = bl_fail(l->error, BL_ERR_INPUT, "%s: model.vocab is empty", bl_tokenizer_file);
  return code ? code : bl_tokenizer_seal(l->tokenizer, l->error);
}

/* Copies a value of the text from where the reader is to `rest`, or, when `part` is given, notes
 * where it is and copies an empty one. */
static bl_code copy_value(bl_json_reader *reader, bl_json_raw *part, bl_buffer *rest,
                          bl_error *error) {
  bl_json_peek(reader);
  size_t start = reader->at;
  if (!bl_json_skip(reader)) return BL_OK; /* bl_json_parse will say what is wrong */
  const char *bytes = reader->text + start;
  size_t size = reader->at - start;
  if (!part) return bl_buffer_append(rest, bytes, size, error);
  *part = (bl_json_raw){bytes, size};
  return bl_buffer_print(rest, "null", error);
}

/* Copies a member's key, with its colon. */
static bl_code copy_key(bl_json_reader *reader, uint64_t n, bl_buffer *rest, bl_json_raw *key,
                        bl_error *error) {
  if (!bl_json_read_key(reader, key)) return BL_OK;
  bl_code code = bl_buffer_print(rest, n > 1 ? ",\"" : "\"", error);
  if (!code) code = bl_buffer_append(rest, key->bytes, key->size, error);
  return code ? code : bl_buffer_print(rest, "\":", error);
}

/* Copies the object at the reader to `rest` without its long parts: with `parts` those of a model,
 * else those of the model in it. */
static bl_code copy_object(bl_json_reader *reader, bool is_model, bl_long_parts *parts,
                           bl_buffer *rest, bl_error *error) {
  uint64_t n = 0;
  bl_json_raw key;
  bl_json_take(reader, '{', "'{'");
  bl_code code = bl_buffer_print(rest, "{", error);
  while (!code && bl_json_more(reader, '}', &n)) {
    code = copy_key(reader, n, rest, &key, error);
    if (code || reader->problem) break;
    bl_json_raw *part = NULL;
    if (is_model && bl_json_raw_is(key, "vocab")) part = &parts->vocabulary;
    if (is_model && bl_json_raw_is(key, "merges")) part = &parts->merges;
    bool enters = !is_model && bl_json_raw_is(key, "model") && bl_json_peek(reader) == '{';
    code = enters ? copy_object(reader, true, parts, rest, error)
                  : copy_value(reader, part, rest, error);
  }
  return code ? code : bl_buffer_print(rest, "}", error);
}

/* The file as a tree, less the long parts. */
static bl_code parse(const char *text, size_t size, cJSON **root, bl_long_parts *parts,
                     bl_error *error) {
  bl_json_reader reader = {.text = text, .size = size};
  bl_buffer rest = {0};
  bool is_object = bl_json_peek(&reader) == '{';
  bl_code code = is_object ? copy_object(&reader, false, parts, &rest, error)
                           : bl_json_parse_object(bl_tokenizer_file, text, size, root, error);
  bool is_whole = !code && bl_json_end(&reader);
  if (!code)
    code = is_whole ? bl_json_parse(bl_tokenizer_file, rest.bytes, rest.size, root, error)
                    : bl_json_parse(bl_tokenizer_file, text, size, root, error);
  bl_buffer_free(&rest);
  return code;
}

bl_code bl_tokenizer_from_json(const char *text, size_t text_size, const char *config,
                               size_t config_size, const char *generation, size_t generation_size,
                               bl_tokenizer **tokenizer, bl_error *error) {
  cJSON *root = NULL;
  bl_json_reading l = {.text_size = text_size, .error = error};
  bl_code code = parse(text, text_size, &root, &l.parts, error);
  if (code) {
    cJSON_Delete(root);
    return code;
  }
  bl_tokenizer *made = l.tokenizer = calloc(1, sizeof *made);
  if (made) {
    made->special = (bl_special_ids){-1, -1, -1, -1};
    made->budget = text_size > SIZE_MAX / BL_MAX_GROWTH ? SIZE_MAX : text_size * BL_MAX_GROWTH;
  }
  code = made ? read_root(&l, root) : bl_fail_memory(error, sizeof *made);
  cJSON_Delete(root);
  bl_buffer_free(&l.left);
  bl_buffer_free(&l.right);
  if (!code) code = bl_buffer_append(&made->source, text, text_size, error);
  if (!code && config) code = bl_tokenizer_read_config(made, config, config_size, error);
  if (!code && generation)
    code = bl_tokenizer_read_generation(made, generation, generation_size, error);
  if (code)
    bl_tokenizer_free(made);
  else
    *tokenizer = made;
  return code;
}
