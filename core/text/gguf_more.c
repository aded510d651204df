/* The rarer tokenizers of GGUF: "bert" (WordPiece, WPM in llama.cpp) and "t5" (Unigram, UGM there).
 * Each is turned into the file that its tokenizer had before, vocab.txt or tokenizer.model, and
 * read as that. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/gguf_reading.h"
#include "text/json_reading.h"

#define MARK "\xe2\x96\x81" /* U+2581: what begins a word in "bert" */

static bool begins(bl_str text, const char *with) {
  size_t n = strlen(with);
  return text.size >= n && memcmp(text.bytes, with, n) == 0;
}

/* The text of the token that a key names; {NULL, 0}: none. */
static bl_code named_token(const bl_gguf_reading *r, const char *key, int64_t otherwise,
                           int64_t *id, bl_str *text) {
  bl_code code = bl_gguf_id(r, key, otherwise, id);
  *text = *id >= 0 ? r->tokens->strings[*id] : (bl_str){0};
  return code;
}

static int64_t type_of(const bl_gguf_reading *r, uint64_t i) {
  int64_t type = r->types ? r->types->ints[i] : BL_TOKEN_NORMAL;
  return type >= BL_TOKEN_NORMAL && type <= BL_TOKEN_BYTE ? type : BL_TOKEN_NORMAL;
}

static void put_text(bl_json_writer *w, const char *key, bl_str text) {
  if (text.bytes)
    bl_json_put_bytes(w, key, text.bytes, text.size);
  else
    bl_json_put_null(w, key);
}

/* Makes tokenizer.json of the files. */
static bl_code from_files(const bl_gguf_reading *r, bl_vocab_files *files, bl_json_writer *config,
                          char **text, size_t *size) {
  char *settings = NULL;
  bl_code code = bl_json_finish(config, &settings, &files->config.size, r->error);
  files->config.bytes = settings;
  if (!code) code = bl_tokenizer_json_from_vocab(files, text, size, r->error);
  free(settings);
  return code;
}

/* ---- "bert" ---- */

/* What a token is called in vocab.txt: "▁the" is "the", and "ing" is "##ing"; those that are no
 * part of words are as they are. */
static bl_code put_word(const bl_gguf_reading *r, uint64_t i, bl_buffer *out, bool *has_capitals) {
  bl_str text = r->tokens->strings[i];
  bool is_apart = type_of(r, i) == BL_TOKEN_CONTROL || type_of(r, i) == BL_TOKEN_UNKNOWN ||
                  (begins(text, "[") && text.bytes[text.size - 1] == ']' && text.size > 2);
  bool is_start = begins(text, MARK) && text.size > 3; /* alone it is a character */
  bl_code code = is_apart || is_start ? BL_OK : bl_buffer_append(out, "##", 2, r->error);
  size_t from = is_start && !is_apart ? 3 : 0;
  for (size_t k = from; !is_apart && k < text.size; k++)
    if (text.bytes[k] >= 'A' && text.bytes[k] <= 'Z') *has_capitals = true;
  if (memchr(text.bytes, '\n', text.size))
    return bl_fail(r->error, BL_ERR_UNSUPPORTED, "%.128s: token %llu holds a line's end",
                   r->index->file_name, (unsigned long long)i);
  if (!code) code = bl_buffer_append(out, text.bytes + from, text.size - from, r->error);
  return code ? code : bl_buffer_append(out, "\n", 1, r->error);
}

/* The file does not say whether capitals count: they do where tokens have some. */
bl_code bl_gguf_bert(const bl_gguf_reading *r, char **json, size_t *size) {
  static const struct {
    const char *key, *role;
    int64_t otherwise;
  } roles[] = {{"tokenizer.ggml.unknown_token_id", "unk_token", 100},
               {"tokenizer.ggml.seperator_token_id", "sep_token", 102},
               {"tokenizer.ggml.padding_token_id", "pad_token", 0},
               {"tokenizer.ggml.mask_token_id", "mask_token", 103}};
  bl_json_writer w = {.style = &bl_json_compact};
  bl_buffer words = {0};
  bool has_capitals = false;
  int64_t id, cls;
  bl_str text;
  bl_code code = BL_OK;
  for (uint64_t i = 0; !code && i < r->tokens->n; i++) code = put_word(r, i, &words, &has_capitals);
  bl_json_open(&w, NULL, '{');
  bl_json_put_bool(&w, "do_lower_case", !has_capitals);
  for (size_t i = 0; !code && i < sizeof roles / sizeof *roles; i++) {
    code = named_token(r, roles[i].key, roles[i].otherwise, &id, &text);
    put_text(&w, roles[i].role, text);
  }
  if (!code) code = bl_gguf_id(r, "tokenizer.ggml.bos_token_id", 101, &cls);
  if (!code) code = named_token(r, "tokenizer.ggml.cls_token_id", cls, &id, &text);
  if (!code) put_text(&w, "cls_token", text);
  bl_json_close(&w, '}');
  bl_vocab_files files = {.words = {words.bytes, words.size}, .model_type = "bert"};
  if (!code)
    code = from_files(r, &files, &w, json, size);
  else
    bl_json_discard(&w);
  bl_buffer_free(&words);
  return code;
}

/* ---- "t5" ---- */

/* A protocol buffer's fields. */
static bl_code put_varint(bl_buffer *out, uint64_t value, bl_error *error) {
  char bytes[10];
  size_t n = 0;
  do {
    bytes[n++] = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value);
  return bl_buffer_append(out, bytes, n, error);
}

static bl_code put_number(bl_buffer *out, uint32_t field, uint64_t value, bl_error *error) {
  bl_code code = put_varint(out, field << 3, error);
  return code ? code : put_varint(out, value, error);
}

static bl_code put_bytes(bl_buffer *out, uint32_t field, bl_str bytes, bl_error *error) {
  bl_code code = put_varint(out, field << 3 | 2, error);
  if (!code) code = put_varint(out, bytes.size, error);
  return code ? code : bl_buffer_append(out, bytes.bytes, bytes.size, error);
}

static bl_code put_pieces(const bl_gguf_reading *r, const bl_meta *scores, bl_buffer *out,
                          bool *has_bytes) {
  bl_buffer piece = {0};
  bl_code code = BL_OK;
  for (uint64_t i = 0; !code && i < r->tokens->n; i++) {
    float score = (float)scores->floats[i];
    uint32_t bits;
    memcpy(&bits, &score, 4);
    char fixed[5] = {2 << 3 | 5, (char)bits, (char)(bits >> 8), (char)(bits >> 16),
                     (char)(bits >> 24)};
    piece.size = 0;
    *has_bytes = *has_bytes || type_of(r, i) == BL_TOKEN_BYTE;
    code = put_bytes(&piece, 1, r->tokens->strings[i], r->error);
    if (!code) code = bl_buffer_append(&piece, fixed, 5, r->error);
    if (!code) code = put_number(&piece, 3, (uint64_t)type_of(r, i), r->error);
    if (!code) code = put_bytes(out, 1, (bl_str){piece.bytes, piece.size}, r->error);
  }
  bl_buffer_free(&piece);
  return code;
}

/* The ids with a part to play, and how those tokens are called. */
static bl_code put_trainer(const bl_gguf_reading *r, bool has_bytes, bl_buffer *out) {
  static const struct {
    const char *key;
    int64_t otherwise;
    uint32_t id_field, text_field;
  } roles[] = {{"tokenizer.ggml.unknown_token_id", 2, 40, 45},
               {"tokenizer.ggml.bos_token_id", -1, 41, 46},
               {"tokenizer.ggml.eos_token_id", 1, 42, 47},
               {"tokenizer.ggml.padding_token_id", 0, 43, 48}};
  bl_buffer trainer = {0};
  bl_code code = put_number(&trainer, 3, 1, r->error);
  if (!code) code = put_number(&trainer, 35, has_bytes, r->error);
  for (size_t i = 0; !code && i < sizeof roles / sizeof *roles; i++) {
    int64_t id;
    bl_str text;
    code = named_token(r, roles[i].key, roles[i].otherwise, &id, &text);
    if (!code) code = put_number(&trainer, roles[i].id_field, (uint64_t)id, r->error);
    if (!code && id >= 0) code = put_bytes(&trainer, roles[i].text_field, text, r->error);
  }
  if (!code) code = put_bytes(out, 2, (bl_str){trainer.bytes, trainer.size}, r->error);
  bl_buffer_free(&trainer);
  return code;
}

static bl_code put_normalizer(const bl_gguf_reading *r, bl_buffer *out) {
  const bl_meta *map = bl_index_meta(r->index, "tokenizer.ggml.precompiled_charsmap");
  bool adds_space = true, trims = true;
  bl_buffer normalizer = {0}, bytes = {0};
  bl_code code = bl_meta_bool(r->index, "tokenizer.ggml.add_space_prefix", &adds_space, r->error);
  if (!code)
    code = bl_meta_bool(r->index, "tokenizer.ggml.remove_extra_whitespaces", &trims, r->error);
  bool has_map = map && map->kind == BL_META_ARRAY && map->item_kind == BL_META_INT && map->ints;
  if (!code && has_map) code = bl_buffer_reserve(&bytes, (size_t)map->n, r->error);
  for (uint64_t i = 0; !code && has_map && i < map->n; i++)
    bytes.bytes[bytes.size++] = (char)(uint8_t)(map->ints[i] & 0xff);
  if (!code && bytes.size > 0)
    code = put_bytes(&normalizer, 2, (bl_str){bytes.bytes, bytes.size}, r->error);
  if (!code) code = put_number(&normalizer, 3, adds_space, r->error);
  if (!code) code = put_number(&normalizer, 4, trims, r->error);
  if (!code) code = put_bytes(out, 3, (bl_str){normalizer.bytes, normalizer.size}, r->error);
  bl_buffer_free(&normalizer);
  bl_buffer_free(&bytes);
  return code;
}

bl_code bl_gguf_t5(const bl_gguf_reading *r, char **json, size_t *size) {
  const bl_meta *scores;
  bl_json_writer w = {.style = &bl_json_compact};
  bl_buffer model = {0};
  bool has_bytes = false, adds_bos = false, adds_eos = true;
  bl_code code = bl_gguf_array(r, "tokenizer.ggml.scores", BL_META_FLOAT, r->tokens->n, &scores);
  if (!code && !scores)
    code = bl_fail(r->error, BL_ERR_INPUT,
                   "%.128s: the tokenizer is 't5', but tokenizer.ggml.scores is missing",
                   r->index->file_name);
  if (!code) code = put_pieces(r, scores, &model, &has_bytes);
  if (!code) code = put_trainer(r, has_bytes, &model);
  if (!code) code = put_normalizer(r, &model);
  if (!code) code = bl_meta_bool(r->index, "tokenizer.ggml.add_bos_token", &adds_bos, r->error);
  if (!code) code = bl_meta_bool(r->index, "tokenizer.ggml.add_eos_token", &adds_eos, r->error);
  bl_json_open(&w, NULL, '{');
  bl_json_put_bool(&w, "add_bos_token", adds_bos);
  bl_json_put_bool(&w, "add_eos_token", adds_eos);
  bl_json_close(&w, '}');
  bl_vocab_files files = {.pieces = {model.bytes, model.size}};
  if (!code)
    code = from_files(r, &files, &w, json, size);
  else
    bl_json_discard(&w);
  bl_buffer_free(&model);
  return code;
}
