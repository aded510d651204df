/* Byte-pair encoding as a kind of model: what tokenizer.json says of one. */
#include <string.h>

#include "text/json_reading.h"
#include "text/kind.h"

/* Reads the two tokens of a merge, "a b" or ["a", "b"], into l->left and l->right. */
static bl_code read_merge_tokens(bl_json_reading *l, bl_json_reader *reader, uint64_t n) {
  bl_json_raw left, right;
  const char *expected = "\"a b\" or [\"a\", \"b\"] with two tokens";
  bl_code code = BL_OK;
  if (bl_json_peek(reader) == '"') {
    if (!bl_json_read_string(reader, &left))
      return bl_json_wrong_kind(l, "model.merges", n, expected);
    code = bl_json_unescape_to(l, left, &l->left);
    if (code) return code;
    char *space = memchr(l->left.bytes, ' ', l->left.size);
    if (!space) return bl_json_wrong_kind(l, "model.merges", n, expected);
    size_t size = (size_t)(space - l->left.bytes);
    l->right.size = 0;
    code = bl_buffer_append(&l->right, space + 1, l->left.size - size - 1, l->error);
    l->left.size = size;
    return code;
  }
  if (!bl_json_take(reader, '[', "") || !bl_json_read_string(reader, &left) ||
      !bl_json_take(reader, ',', "") || !bl_json_read_string(reader, &right) ||
      !bl_json_take(reader, ']', ""))
    return bl_json_wrong_kind(l, "model.merges", n, expected);
  code = bl_json_unescape_to(l, left, &l->left);
  return code ? code : bl_json_unescape_to(l, right, &l->right);
}

static bl_code add_merge(bl_json_reading *l, uint32_t rank) {
  bl_bpe *bpe = &l->tokenizer->bpe;
  const bl_vocab *vocab = &l->tokenizer->vocab;
  bl_buffer *left = &l->left, *right = &l->right;
  size_t left_size = left->size;
  int32_t a = bl_vocab_find(vocab, left->bytes, left_size);
  int32_t b = right->size ? bl_vocab_find(vocab, right->bytes, right->size) : -1;
  bl_code code = bl_buffer_append(left, right->bytes, right->size, l->error);
  if (code) return code;
  int32_t both = bl_vocab_find(vocab, left->bytes, left->size);
  if (a < 0 || b < 0 || both < 0)
    return bl_fail(l->error, BL_ERR_INPUT,
                   "%s: merge %u ('%.*s' and '%.*s') names a token that is not in the vocabulary",
                   bl_tokenizer_file, (unsigned)rank, bl_shown(left_size), left->bytes,
                   bl_shown(right->size), right->size ? right->bytes : "");
  return bl_bpe_add_merge(bpe, a, b, rank, both, l->error);
}

static bl_code read_merges(bl_json_reading *l) {
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

/* Options of the model that change nothing when they are empty, and are not implemented. */
static bl_code check_unused(bl_json_reading *l, const cJSON *model) {
  static const char *const keys[] = {"continuing_subword_prefix", "end_of_word_suffix"};
  for (int i = 0; i < 2; i++) {
    const char *value = "";
    bl_code code = bl_json_string(bl_tokenizer_file, model, keys[i], &value, l->error);
    if (code) return code;
    if (*value)
      return bl_fail(l->error, BL_ERR_UNSUPPORTED, "%s: a model with %s '%.64s' is not supported",
                     bl_tokenizer_file, keys[i], value);
  }
  double dropout = 0;
  bl_code code = bl_json_float(bl_tokenizer_file, model, "dropout", 0, 1, &dropout, l->error);
  if (!code && dropout > 0)
    code = bl_fail(l->error, BL_ERR_UNSUPPORTED, "%s: a model with dropout is not supported",
                   bl_tokenizer_file);
  return code;
}

static bl_code read_options(bl_json_reading *l, const cJSON *model) {
  bl_bpe *bpe = &l->tokenizer->bpe;
  const bl_vocab *vocab = &l->tokenizer->vocab;
  const char *unknown = NULL;
  bl_code code = check_unused(l, model);
  if (!code)
    code = bl_json_bool(bl_tokenizer_file, model, "byte_fallback", &bpe->byte_fallback, l->error);
  if (!code)
    code = bl_json_bool(bl_tokenizer_file, model, "fuse_unk", &bpe->fuse_unknown, l->error);
  if (!code)
    code = bl_json_bool(bl_tokenizer_file, model, "ignore_merges", &bpe->ignore_merges, l->error);
  if (!code) code = bl_json_string(bl_tokenizer_file, model, "unk_token", &unknown, l->error);
  if (code || !unknown) return code;
  bpe->unknown = bl_vocab_find(vocab, unknown, strlen(unknown));
  if (bpe->unknown < 0)
    return bl_fail(l->error, BL_ERR_INPUT, "%s: unk_token '%.64s' is not in the vocabulary",
                   bl_tokenizer_file, unknown);
  return BL_OK;
}

static bl_code read_bpe(bl_json_reading *l, const cJSON *model) {
  bl_json_raw vocabulary = l->parts.vocabulary, merges = l->parts.merges;
  bool has_vocabulary = vocabulary.bytes && vocabulary.bytes[0] == '{';
  if (!has_vocabulary || !merges.bytes || merges.bytes[0] != '[')
    return bl_fail(l->error, BL_ERR_INPUT, "%s: model.%s is missing or of the wrong type",
                   bl_tokenizer_file, has_vocabulary ? "merges" : "vocab");
  bl_code code = bl_bpe_reserve(&l->tokenizer->bpe, bl_json_count_items(merges), l->error);
  if (!code) code = bl_json_read_vocabulary(l);
  if (!code) code = read_merges(l);
  return code ? code : read_options(l, model);
}

static void finish(bl_tokenizer *tokenizer) {
  bl_bpe_finish(&tokenizer->bpe, &tokenizer->vocab);
}

static bl_code encode(const bl_tokenizer *tokenizer, void *work, const char *word, size_t size,
                      bl_ids *ids, bl_error *error) {
  return bl_bpe_encode(&tokenizer->bpe, &tokenizer->vocab, work, word, size, ids, error);
}

static void free_work(void *work) {
  bl_bpe_work_free(work);
}

const bl_kind bl_kind_bpe = {
    .name = "BPE",
    .read_json = read_bpe,
    .finish = finish,
    .encode = encode,
    .work_bytes = sizeof(bl_bpe_work),
    .free_work = free_work,
};
