/* A tokenizer.json from vocab.txt, as transformers 5.24 makes BertTokenizer of it: a token on each
 * line, whose number is its id. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/older.h"
#include "text/vocab.h"

static const char file[] = "vocab.txt";

static bl_code check_class(const bl_older *o, bl_error *error) {
  static const char *const known[] = {"",
                                      "BertTokenizer",
                                      "DistilBertTokenizer",
                                      "ElectraTokenizer",
                                      "MobileBertTokenizer",
                                      "ConvBertTokenizer",
                                      "SqueezeBertTokenizer"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (bl_older_is_class(o, known[i])) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "vocab.txt makes a tokenizer of BertTokenizer and its like, but "
                 "tokenizer_config.json's tokenizer_class is '%.64s'",
                 o->class_name);
}

/* Of several lines with one token the last counts. */
static bl_code read_lines(bl_vocab_file words, bl_vocab *vocab, bl_error *error) {
  size_t n_lines = 1;
  for (size_t i = 0; i < words.size; i++) n_lines += words.bytes[i] == '\n';
  if (n_lines > INT32_MAX / 2) return bl_fail(error, BL_ERR_INPUT, "%s: too many lines", file);
  bl_code code = bl_vocab_reserve(vocab, n_lines, error);
  int32_t id = 0;
  for (size_t at = 0; !code && at < words.size; id++) {
    const char *line = words.bytes + at, *end = memchr(line, '\n', words.size - at);
    size_t size = end ? (size_t)(end - line) : words.size - at;
    at += size + 1;
    if (size > 0 && line[size - 1] == '\r') size--;
    if (memchr(line, 0, size) || !bl_utf8_is_valid(line, size))
      return bl_fail(error, BL_ERR_INPUT, "%s: line %d is not UTF-8", file, (int)id + 1);
    code = bl_vocab_add(vocab, id, line, size, error);
  }
  return code;
}

static bl_code put_vocabulary(bl_older *o, const bl_vocab *vocab, bl_error *error) {
  bl_buffer key = {0};
  bl_code code = BL_OK;
  bl_json_open(&o->w, "vocab", '{');
  for (size_t id = 0; !code && id < vocab->n_tokens; id++) {
    bl_token t = vocab->tokens[id];
    const char *text = vocab->bytes.bytes + t.at;
    if (bl_vocab_find(vocab, text, t.size) != (int32_t)id) continue;
    key.size = 0;
    code = bl_buffer_append(&key, text, t.size, error);
    if (!code) code = bl_buffer_append(&key, "", 1, error);
    if (!code) bl_json_put_number(&o->w, key.bytes, (double)id);
  }
  bl_json_close(&o->w, '}');
  bl_buffer_free(&key);
  return code;
}

static const char *const roles[][2] = {{"unk_token", "[UNK]"},
                                       {"sep_token", "[SEP]"},
                                       {"pad_token", "[PAD]"},
                                       {"cls_token", "[CLS]"},
                                       {"mask_token", "[MASK]"}};

static int32_t id_of(const bl_vocab *vocab, const char *text) {
  return text ? bl_vocab_find(vocab, text, strlen(text)) : -1;
}

static void put_added_tokens(bl_older *o, const bl_vocab *vocab) {
  bl_json_open(&o->w, "added_tokens", '[');
  bool is_told = bl_older_put_decoder(o);
  for (size_t i = 0; !is_told && i < sizeof roles / sizeof *roles; i++) {
    const char *text = bl_older_token(o, roles[i][0], roles[i][1]);
    int32_t id = id_of(vocab, text);
    if (id >= 0) bl_older_put_added(o, id, text, true, NULL);
  }
  bl_json_close(&o->w, ']');
}

static void put_steps(bl_older *o) {
  bl_json_writer *w = &o->w;
  const cJSON *accents = bl_json_member(o->config, "strip_accents");
  bl_json_open(w, "normalizer", '{');
  bl_json_put_string(w, "type", "BertNormalizer");
  bl_json_put_bool(w, "clean_text", true);
  bl_json_put_bool(w, "handle_chinese_chars", bl_older_flag(o, "tokenize_chinese_chars", true));
  if (cJSON_IsBool(accents)) bl_json_put_bool(w, "strip_accents", cJSON_IsTrue(accents));
  bl_json_put_bool(w, "lowercase", bl_older_flag(o, "do_lower_case", true));
  bl_json_close(w, '}');
  bl_json_put_raw(w, "pre_tokenizer", "{\"type\":\"BertPreTokenizer\"}");
  bl_json_put_raw(w, "decoder", "{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}");
}

bl_code bl_older_put_words(bl_older *o, bl_error *error) {
  bl_vocab vocab = {0};
  bl_code code = check_class(o, error);
  if (!code) code = read_lines(o->files->words, &vocab, error);
  const char *unknown = bl_older_token(o, "unk_token", "[UNK]");
  const char *cls = bl_older_token(o, "cls_token", "[CLS]");
  const char *sep = bl_older_token(o, "sep_token", "[SEP]");
  if (!code && (id_of(&vocab, cls) < 0 || id_of(&vocab, sep) < 0 || !unknown))
    code = bl_fail(error, BL_ERR_INPUT, "%s: '%.64s' is not in it", file,
                   !unknown                 ? "[UNK]"
                   : id_of(&vocab, cls) < 0 ? (cls ? cls : "[CLS]")
                                            : (sep ? sep : "[SEP]"));
  if (!code) {
    put_added_tokens(o, &vocab);
    put_steps(o);
    bl_older_put_template(o, cls, id_of(&vocab, cls), sep, id_of(&vocab, sep));
    bl_json_open(&o->w, "model", '{');
    bl_json_put_string(&o->w, "type", "WordPiece");
    bl_json_put_string(&o->w, "unk_token", unknown);
    bl_json_put_string(&o->w, "continuing_subword_prefix", "##");
    bl_json_put_number(&o->w, "max_input_chars_per_word", 100);
    code = put_vocabulary(o, &vocab, error);
    bl_json_close(&o->w, '}');
  }
  bl_vocab_free(&vocab);
  return code;
}
