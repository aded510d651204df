/* A tokenizer from tokenizer.json, as Hugging Face `tokenizers` 0.23 reads it. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/json_reader.h"
#include "text/parts.h"

static const char tokenizer_file[] = "tokenizer.json";

/* The two long members of the model, as they stand in the text. They are read from there: as a tree
 * they would take ten times the memory of the rest of the file. */
typedef struct long_parts {
  bl_json_raw vocabulary, merges; /* bytes NULL: absent */
} long_parts;

/* What the readers of one file share. */
typedef struct loading {
  bl_tokenizer *tokenizer;
  long_parts parts;
  size_t text_size;      /* an id must be below it: a file has no room for more tokens than bytes */
  bl_buffer left, right; /* strings of the text with escapes resolved */
  int32_t n_vocabulary;  /* tokens of the model itself */
  int32_t last_added;    /* the highest id of an added token so far, or -1 */
  int64_t n_moved;       /* added tokens that do not get the file's id */
  int64_t n_shared;      /* added tokens that get an id of the vocabulary's */
  bl_error *error;
} loading;

static int printed(size_t size) {
  return size < 64 ? (int)size : 64;
}

/* ---- model ---- */

static bl_code check_id(const loading *l, int64_t id, const char *token, size_t size) {
  if (id >= 0 && (uint64_t)id < l->text_size && id < INT32_MAX / 2) return BL_OK;
  return bl_fail(l->error, BL_ERR_INPUT,
                 "%s: the id of token '%.*s' is not a whole number that a file of %zu bytes has "
                 "room for",
                 tokenizer_file, printed(size), token, l->text_size);
}

/* Makes `out` the string with its escapes resolved. */
static bl_code unescape(const loading *l, bl_json_raw raw, bl_buffer *out) {
  out->size = 0;
  bl_code code = bl_buffer_reserve(out, raw.size + 1, l->error);
  if (!code) out->size = bl_json_unescape(raw, out->bytes);
  return code;
}

/* The reader found something else than what the format has there. */
static bl_code wrong_kind(const loading *l, const char *field, uint64_t n, const char *expected) {
  return bl_fail(l->error, BL_ERR_INPUT, "%s: item %llu of %s is not %s", tokenizer_file,
                 (unsigned long long)n, field, expected);
}

static bl_code read_vocabulary(loading *l) {
  bl_bpe *bpe = &l->tokenizer->bpe;
  bl_json_raw part = l->parts.vocabulary, key;
  bl_json_reader reader = {.text = part.bytes, .size = part.size};
  uint64_t n = 0;
  bl_json_take(&reader, '{', "'{'");
  while (bl_json_more(&reader, '}', &n)) {
    int64_t id;
    if (!bl_json_read_key(&reader, &key) || !bl_json_read_count(&reader, &id))
      return wrong_kind(l, "model.vocab", n, "a token with a whole number");
    bl_code code = unescape(l, key, &l->left);
    if (!code) code = check_id(l, id, l->left.bytes, l->left.size);
    if (code) return code;
    const char *token = l->left.bytes;
    size_t size = l->left.size;
    if (bl_bpe_has(bpe, (int32_t)id) || bl_bpe_find(bpe, token, size) >= 0)
      return bl_fail(l->error, BL_ERR_INPUT,
                     "%s: token '%.*s' with id %d: that token or that id is there already",
                     tokenizer_file, printed(size), token, (int)id);
    code = bl_bpe_add_token(bpe, (int32_t)id, token, size, l->error);
    if (code) return code;
  }
  return BL_OK;
}

/* Reads the two tokens of a merge, "a b" or ["a", "b"], into l->left and l->right. */
static bl_code read_merge_tokens(loading *l, bl_json_reader *reader, uint64_t n) {
  bl_json_raw left, right;
  const char *expected = "\"a b\" or [\"a\", \"b\"] with two tokens";
  bl_code code = BL_OK;
  if (bl_json_peek(reader) == '"') {
    if (!bl_json_read_string(reader, &left)) return wrong_kind(l, "model.merges", n, expected);
    code = unescape(l, left, &l->left);
    if (code) return code;
    char *space = memchr(l->left.bytes, ' ', l->left.size);
    if (!space) return wrong_kind(l, "model.merges", n, expected);
    size_t size = (size_t)(space - l->left.bytes);
    l->right.size = 0;
    code = bl_buffer_append(&l->right, space + 1, l->left.size - size - 1, l->error);
    l->left.size = size;
    return code;
  }
  if (!bl_json_take(reader, '[', "") || !bl_json_read_string(reader, &left) ||
      !bl_json_take(reader, ',', "") || !bl_json_read_string(reader, &right) ||
      !bl_json_take(reader, ']', ""))
    return wrong_kind(l, "model.merges", n, expected);
  code = unescape(l, left, &l->left);
  return code ? code : unescape(l, right, &l->right);
}

static bl_code add_merge(loading *l, uint32_t rank) {
  bl_bpe *bpe = &l->tokenizer->bpe;
  bl_buffer *left = &l->left, *right = &l->right;
  size_t left_size = left->size;
  int32_t a = bl_bpe_find(bpe, left->bytes, left_size);
  int32_t b = right->size ? bl_bpe_find(bpe, right->bytes, right->size) : -1;
  bl_code code = bl_buffer_append(left, right->bytes, right->size, l->error);
  if (code) return code;
  int32_t both = bl_bpe_find(bpe, left->bytes, left->size);
  if (a < 0 || b < 0 || both < 0)
    return bl_fail(l->error, BL_ERR_INPUT,
                   "%s: merge %u ('%.*s' and '%.*s') names a token that is not in the vocabulary",
                   tokenizer_file, (unsigned)rank, printed(left_size), left->bytes,
                   printed(right->size), right->size ? right->bytes : "");
  return bl_bpe_add_merge(bpe, a, b, rank, both, l->error);
}

static bl_code read_merges(loading *l) {
  bl_json_raw part = l->parts.merges;
  bl_json_reader reader = {.text = part.bytes, .size = part.size};
  uint64_t n = 0;
  bl_code code = BL_OK;
  bl_json_take(&reader, '[', "'['");
  while (!code && bl_json_more(&reader, ']', &n)) {
    code = read_merge_tokens(l, &reader, n);
    if (!code) code = add_merge(l, (uint32_t)(n - 1));
  }
  return code;
}

/* The number of members of an object or items of a list. */
static size_t count_items(bl_json_raw part) {
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

/* Options of the model that change nothing when they are empty, and are not implemented. */
static bl_code check_unused(const loading *l, const cJSON *model) {
  static const char *const keys[] = {"continuing_subword_prefix", "end_of_word_suffix"};
  for (int i = 0; i < 2; i++) {
    const char *value = "";
    bl_code code = bl_json_string(tokenizer_file, model, keys[i], &value, l->error);
    if (code) return code;
    if (*value)
      return bl_fail(l->error, BL_ERR_UNSUPPORTED, "%s: a model with %s '%.64s' is not supported",
                     tokenizer_file, keys[i], value);
  }
  double dropout = 0;
  bl_code code = bl_json_float(tokenizer_file, model, "dropout", 0, 1, &dropout, l->error);
  if (!code && dropout > 0)
    code = bl_fail(l->error, BL_ERR_UNSUPPORTED, "%s: a model with dropout is not supported",
                   tokenizer_file);
  return code;
}

static bl_code read_options(const loading *l, const cJSON *model) {
  bl_bpe *bpe = &l->tokenizer->bpe;
  const char *unknown = NULL;
  bl_code code = check_unused(l, model);
  if (!code)
    code = bl_json_bool(tokenizer_file, model, "byte_fallback", &bpe->byte_fallback, l->error);
  if (!code) code = bl_json_bool(tokenizer_file, model, "fuse_unk", &bpe->fuse_unknown, l->error);
  if (!code)
    code = bl_json_bool(tokenizer_file, model, "ignore_merges", &bpe->ignore_merges, l->error);
  if (!code) code = bl_json_string(tokenizer_file, model, "unk_token", &unknown, l->error);
  if (code || !unknown) return code;
  bpe->unknown = bl_bpe_find(bpe, unknown, strlen(unknown));
  if (bpe->unknown < 0)
    return bl_fail(l->error, BL_ERR_INPUT, "%s: unk_token '%.64s' is not in the vocabulary",
                   tokenizer_file, unknown);
  return BL_OK;
}

static bl_code read_model(loading *l, const cJSON *root, size_t n_added) {
  const cJSON *model = bl_json_member(root, "model");
  const char *type = "BPE";
  if (!cJSON_IsObject(model))
    return bl_fail(l->error, BL_ERR_INPUT, "%s: no object 'model'", tokenizer_file);
  bl_code code = bl_json_string(tokenizer_file, model, "type", &type, l->error);
  if (code) return code;
  if (strcmp(type, "BPE"))
    return bl_fail(l->error, BL_ERR_UNSUPPORTED,
                   "%s: model type '%.64s' is not supported, expected BPE", tokenizer_file, type);
  bl_json_raw vocabulary = l->parts.vocabulary, merges = l->parts.merges;
  bool has_vocabulary = vocabulary.bytes && vocabulary.bytes[0] == '{';
  if (!has_vocabulary || !merges.bytes || merges.bytes[0] != '[')
    return bl_fail(l->error, BL_ERR_INPUT, "%s: model.%s is missing or of the wrong type",
                   tokenizer_file, has_vocabulary ? "merges" : "vocab");
  code = bl_bpe_reserve(&l->tokenizer->bpe, count_items(vocabulary) + n_added, count_items(merges),
                        l->error);
  if (!code) code = read_vocabulary(l);
  if (!code) code = read_merges(l);
  return code ? code : read_options(l, model);
}

/* ---- added tokens ---- */

static bl_code note_shared(loading *l, const char *name, int32_t id) {
  l->n_shared++;
  return bl_note_add(
      &l->tokenizer->notes, l->error, "shared-id", "", l->n_shared,
      "%s: added token '%.64s' gets id %d, which a token of the vocabulary has: both "
      "become that id, and it is read as the added one, as by `tokenizers` (such "
      "tokens: %lld)",
      tokenizer_file, name, (int)id, (long long)l->n_shared);
}

/* Gives an added token the id that `tokenizers` gives it, whatever the file says: the vocabulary's,
 * or the next after as many ids as the vocabulary has tokens (added_vocabulary.rs), which is not
 * free where the vocabulary's ids have holes. */
static bl_code place_added(loading *l, bl_added_token *token) {
  const bl_bpe *bpe = &l->tokenizer->bpe;
  int32_t wanted = token->id, id = bl_bpe_find(bpe, token->text, token->size);
  bool is_new = id < 0;
  if (is_new) id = l->last_added >= l->n_vocabulary ? l->last_added + 1 : l->n_vocabulary;
  token->id = id;
  if (id > l->last_added) l->last_added = id;
  char name[64];
  bl_copy_sentence(name, sizeof name, "%.*s", printed(token->size), token->text);
  bl_code code = is_new && bl_bpe_has(bpe, id) ? note_shared(l, name, id) : BL_OK;
  if (code || id == wanted) return code;
  l->n_moved++;
  return bl_note_add(&l->tokenizer->notes, l->error, "added-token", "", l->n_moved,
                     "%s: added token '%.64s' has id %d there and gets %d, as `tokenizers` counts "
                     "(such tokens: %lld)",
                     tokenizer_file, name, (int)wanted, (int)id, (long long)l->n_moved);
}

static bl_code read_added_token(loading *l, const cJSON *item) {
  const char *content = NULL;
  bl_added_token token = {0};
  bl_code code = bl_json_string(tokenizer_file, item, "content", &content, l->error);
  if (!code && !content)
    code = bl_fail(l->error, BL_ERR_INPUT, "%s: an added token has no 'content'", tokenizer_file);
  int64_t id = -1;
  if (!code) code = bl_json_int(tokenizer_file, item, "id", 0, INT32_MAX, &id, l->error);
  if (!code && id < 0)
    code = bl_fail(l->error, BL_ERR_INPUT, "%s: added token '%.64s' has no 'id'", tokenizer_file,
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
    code = bl_json_bool(tokenizer_file, item, flags[i].key, flags[i].value, l->error);
  if (code) return code;
  token.text = content;
  token.size = strlen(content);
  if (token.size > 0 && token.size <= BL_MAX_ADDED_SIZE) code = place_added(l, &token);
  return code ? code : bl_tokenizer_add_token(l->tokenizer, tokenizer_file, &token, l->error);
}

static bl_code read_added_tokens(loading *l, const cJSON *list) {
  const cJSON *item;
  l->n_vocabulary = (int32_t)l->tokenizer->bpe.n_defined;
  l->last_added = -1;
  cJSON_ArrayForEach(item, list) {
    bl_code code = read_added_token(l, item);
    if (code) return code;
  }
  return BL_OK;
}

/* ---- all of it ---- */

static bl_code read_root(loading *l, const cJSON *root) {
  const cJSON *added = bl_json_member(root, "added_tokens");
  if (added && !cJSON_IsArray(added))
    return bl_fail(l->error, BL_ERR_INPUT, "%s: field 'added_tokens' is not a list",
                   tokenizer_file);
  bl_code code = read_model(l, root, added ? (size_t)cJSON_GetArraySize(added) : 0);
  /* The normalizer comes before the added tokens, which it may change, and the post-processor,
   * which names them, after them. */
  if (!code) code = bl_pipeline_read_steps(l->tokenizer, tokenizer_file, root, l->error);
  if (!code && added) code = read_added_tokens(l, added);
  if (!code) code = bl_pipeline_read_ends(l->tokenizer, tokenizer_file, root, l->error);
  if (!code && l->tokenizer->bpe.n_defined == 0)
    code = bl_fail(l->error, BL_ERR_INPUT, "%s: model.vocab is empty", tokenizer_file);
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
static bl_code copy_object(bl_json_reader *reader, bool is_model, long_parts *parts,
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
static bl_code parse(const char *text, size_t size, cJSON **root, long_parts *parts,
                     bl_error *error) {
  bl_json_reader reader = {.text = text, .size = size};
  bl_buffer rest = {0};
  bool is_object = bl_json_peek(&reader) == '{';
  bl_code code = is_object ? copy_object(&reader, false, parts, &rest, error)
                           : bl_json_parse_object(tokenizer_file, text, size, root, error);
  bool is_whole = !code && bl_json_end(&reader);
  if (!code)
    code = is_whole ? bl_json_parse(tokenizer_file, rest.bytes, rest.size, root, error)
                    : bl_json_parse(tokenizer_file, text, size, root, error);
  bl_buffer_free(&rest);
  return code;
}

bl_code bl_tokenizer_from_json(const char *text, size_t text_size, const char *config,
                               size_t config_size, const char *generation, size_t generation_size,
                               bl_tokenizer **tokenizer, bl_error *error) {
  cJSON *root = NULL;
  loading l = {.text_size = text_size, .error = error};
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
