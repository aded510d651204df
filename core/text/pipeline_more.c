/* The rarer parts of tokenizer.json: normalizers, pre-tokenizers, post-processors and decoders of
 * BERT, T5, XLM-R, ALBERT and their like. */
#include <stdlib.h>
#include <string.h>

#include "text/characters.h"
#include "text/charsmap.h"
#include "text/pipeline.h"
#include "text/steps_more.h"

#define MARK "\xe2\x96\x81" /* U+2581, which stands for a space */
static const char trim_regex[] = "\\A +| +\\z", mark_regex[] = "\\A" MARK;

/* ---- normalizers ---- */

static bl_code add_rewrite(const bl_pipeline *r, bl_rewrite_fn rewrite, uint32_t options) {
  bl_text_step step = {.action = BL_DO_REWRITE, .rewrite = rewrite, .options = options};
  return bl_text_steps_add(&r->tokenizer->normalize, step, r->error);
}

static bl_code add_form(const bl_pipeline *r, const bl_normal_form *form) {
  bl_text_step step = {.action = BL_DO_REWRITE, .rewrite = bl_rewrite_to_form, .form = form};
  return bl_text_steps_add(&r->tokenizer->normalize, step, r->error);
}

static bl_code read_nfc(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_form(r, &bl_nfc);
}

static bl_code read_nfd(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_form(r, &bl_nfd);
}

static bl_code read_nfkd(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_form(r, &bl_nfkd);
}

static bl_code read_nfkc(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_form(r, &bl_nfkc);
}

static bl_code read_lowercase(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_rewrite(r, bl_rewrite_lower, 0);
}

static bl_code read_strip_accents(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_rewrite(r, bl_rewrite_by_sets, BL_CHAR_MARK);
}

static bl_code read_nmt(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_rewrite(r, bl_rewrite_by_sets, BL_CHAR_NMT_GONE | (uint32_t)BL_CHAR_NMT_BLANK << 16);
}

/* Reads flags, each of which sets an option. */
typedef struct flag {
  const char *key;
  uint32_t option;
  bool value; /* unless the file says so */
} flag;

static bl_code read_flags(const bl_pipeline *r, const cJSON *object, const flag *flags, int n,
                          uint32_t *options) {
  bl_code code = BL_OK;
  for (int i = 0; !code && i < n; i++) {
    bool value = flags[i].value;
    code = bl_json_bool(r->file, object, flags[i].key, &value, r->error);
    if (value) *options |= flags[i].option;
  }
  return code;
}

/* Replace of the spaces at both ends by nothing. */
static bl_code read_trim(const bl_pipeline *r, const cJSON *object) {
  if (*cJSON_GetStringValue(bl_json_member(object, "content")))
    return bl_pipeline_unsupported(r, "Replace", trim_regex);
  return add_rewrite(r, bl_rewrite_trim, 0);
}

/* Replace of a mark at the beginning by two. */
static bl_code read_double_mark(const bl_pipeline *r, const cJSON *object) {
  if (strcmp(cJSON_GetStringValue(bl_json_member(object, "content")), MARK MARK))
    return bl_pipeline_unsupported(r, "Replace", mark_regex);
  return add_rewrite(r, bl_rewrite_double_mark, 0);
}

static bl_code read_strip_normalizer(const bl_pipeline *r, const cJSON *object) {
  static const flag flags[] = {{"strip_left", BL_STRIP_LEFT, true},
                               {"strip_right", BL_STRIP_RIGHT, true}};
  uint32_t options = 0;
  bl_code code = read_flags(r, object, flags, 2, &options);
  return code ? code : add_rewrite(r, bl_rewrite_strip, options);
}

/* Where nothing is said of accents, they go when capitals do. */
static bl_code read_bert_normalizer(const bl_pipeline *r, const cJSON *object) {
  static const flag flags[] = {{"clean_text", BL_BERT_CLEAN, true},
                               {"handle_chinese_chars", BL_BERT_CHINESE, true},
                               {"lowercase", BL_BERT_LOWER, true}};
  uint32_t options = 0;
  bl_code code = read_flags(r, object, flags, 3, &options);
  bool accents = options & BL_BERT_LOWER;
  if (!code) code = bl_json_bool(r->file, object, "strip_accents", &accents, r->error);
  if (accents) options |= BL_BERT_ACCENTS;
  return code ? code : add_rewrite(r, bl_rewrite_bert, options);
}

/* Decodes base64 into `bytes`, which has room for 3/4 of the text. False: it is not base64. */
static bool decode_base64(const char *text, size_t size, char *bytes, size_t *n) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint8_t values[256];
  memset(values, 0xff, sizeof values);
  for (uint8_t i = 0; i < 64; i++) values[(uint8_t)digits[i]] = i;
  uint32_t bits = 0;
  *n = 0;
  if (size % 4) return false;
  while (size > 0 && text[size - 1] == '=' && size % 4 != 2) size--;
  for (size_t i = 0; i < size; i++) {
    uint8_t value = values[(uint8_t)text[i]];
    if (value == 0xff) return false;
    bits = bits << 6 | value;
    if (i % 4 != 0) bytes[(*n)++] = (char)(bits >> (6 - 2 * (i % 4)));
  }
  return true;
}

static bl_code read_precompiled(const bl_pipeline *r, const cJSON *object) {
  const char *text;
  bl_code code = bl_pipeline_string(r, object, "precompiled_charsmap", &text);
  if (code) return code;
  bl_text_step step = {
      .action = BL_DO_REWRITE, .rewrite = bl_rewrite_by_charsmap, .keeps_first = true};
  size_t size = strlen(text);
  if (size == 0) return BL_OK; /* changes nothing */
  step.text = malloc(size);
  if (!step.text) return bl_fail_memory(r->error, size);
  if (decode_base64(text, size, step.text, &step.text_size) &&
      bl_charsmap_is_valid(step.text, step.text_size))
    return bl_text_steps_add(&r->tokenizer->normalize, step, r->error);
  free(step.text);
  return bl_fail(r->error, BL_ERR_INPUT, "%s: precompiled_charsmap is not a character map",
                 r->file);
}

/* ---- pre-tokenizers ---- */

static bl_code add_split(const bl_pipeline *r, bl_find_fn find, uint32_t options, bl_split how) {
  bl_text_step step = {.action = BL_DO_SPLIT, .find = find, .options = options, .split = how};
  return bl_text_steps_add(&r->tokenizer->split, step, r->error);
}

static bl_code read_whitespace_split(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_split(r, bl_find_in_sets, BL_CHAR_SPACE, BL_SPLIT_REMOVED);
}

static bl_code read_bert_pre_tokenizer(const bl_pipeline *r, const cJSON *object) {
  bl_code code = read_whitespace_split(r, object);
  return code ? code : add_split(r, bl_find_in_sets, BL_CHAR_PUNCTUATION, BL_SPLIT_ISOLATED);
}

static bl_code read_whitespace(const bl_pipeline *r, const cJSON *object) {
  (void)object;
  return add_split(r, bl_find_words, 0, BL_SPLIT_INVERTED);
}

static bl_code read_punctuation(const bl_pipeline *r, const cJSON *object) {
  const char *behavior = "Isolated";
  bl_split split;
  bl_code code = bl_json_string(r->file, object, "behavior", &behavior, r->error);
  if (!code) code = bl_pipeline_behavior(r, behavior, false, &split);
  return code ? code : add_split(r, bl_find_in_sets, BL_CHAR_PUNCTUATION, split);
}

static bl_code read_delimiter(const bl_pipeline *r, const cJSON *object) {
  const char *delimiter;
  bl_text_step step = {.action = BL_DO_SPLIT, .split = BL_SPLIT_REMOVED};
  bl_code code = bl_pipeline_string(r, object, "delimiter", &delimiter);
  if (!code)
    code = bl_pattern_literal(r->file, delimiter, strlen(delimiter), &step.pattern, r->error);
  return code ? code : bl_text_steps_add(&r->tokenizer->split, step, r->error);
}

static bl_code read_fixed_length(const bl_pipeline *r, const cJSON *object) {
  int64_t length = 5;
  bl_code code = bl_json_int(r->file, object, "length", 1, INT32_MAX, &length, r->error);
  return code ? code : add_split(r, bl_find_length, (uint32_t)length, BL_SPLIT_ISOLATED);
}

/* ---- post-processors ---- */

/* ["[SEP]", 102] */
static bl_code add_end(const bl_pipeline *r, const cJSON *object, const char *key, bl_ids *ids) {
  const cJSON *pair = bl_json_member(object, key), *item = cJSON_GetArrayItem(pair, 1);
  double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
  if (!cJSON_IsArray(pair) || !(id >= 0 && id < 0x1p31) || id != (double)(int32_t)id)
    return bl_fail(r->error, BL_ERR_INPUT, "%s: field '%s' of post_processor is not [token, id]",
                   r->file, key);
  return bl_ids_append(ids, (int32_t)id, r->error);
}

static bl_code add_to_pair(const bl_pipeline *r, int32_t id, int32_t type) {
  bl_code code = bl_ids_append(&r->tokenizer->pair, id, r->error);
  return code ? code : bl_ids_append(&r->tokenizer->pair_types, type, r->error);
}

/* BertProcessing; RobertaProcessing, which has a token more between two texts, all of one type. */
static bl_code read_ends(const bl_pipeline *r, const cJSON *object, bool is_roberta) {
  bl_tokenizer *t = r->tokenizer;
  bl_code code = add_end(r, object, "cls", &t->before);
  if (!code) code = add_end(r, object, "sep", &t->after);
  if (code) return code;
  int32_t cls = t->before.ids[t->before.n - 1], sep = t->after.ids[t->after.n - 1];
  const int32_t items[] = {cls, BL_FIRST_TEXT, sep, sep, BL_SECOND_TEXT, sep};
  t->pair.n = t->pair_types.n = 0;
  for (int i = 0; !code && i < 6; i++)
    if (i != 3 || is_roberta) code = add_to_pair(r, items[i], i > 3 && !is_roberta);
  return code;
}

static bl_code read_bert_ends(const bl_pipeline *r, const cJSON *object) {
  return read_ends(r, object, false);
}

static bl_code read_roberta_ends(const bl_pipeline *r, const cJSON *object) {
  return read_ends(r, object, true);
}

enum { MAX_PAIR_ITEMS = 64 };

/* An item of "pair": {"Sequence": {"id": "A", "type_id": 0}} or a SpecialToken. */
static bl_code read_pair_item(const bl_pipeline *r, const cJSON *object, const cJSON *item) {
  const cJSON *text = bl_json_member(item, "Sequence");
  const cJSON *token = bl_json_member(item, "SpecialToken"), *id;
  int64_t type = 0;
  const char *name;
  bl_code code =
      bl_json_int(r->file, text ? text : token, "type_id", 0, INT32_MAX, &type, r->error);
  if (!code) code = bl_pipeline_string(r, text ? text : token, "id", &name);
  if (code) return code;
  if (text)
    return add_to_pair(r, strcmp(name, "A") == 0 ? BL_FIRST_TEXT : BL_SECOND_TEXT, (int32_t)type);
  const cJSON *known = bl_json_member(bl_json_member(object, "special_tokens"), name);
  cJSON_ArrayForEach(id, bl_json_member(known, "ids")) {
    bool is_id = cJSON_IsNumber(id) && id->valuedouble >= 0 && id->valuedouble < 0x1p31;
    if (!code && is_id) code = add_to_pair(r, (int32_t)id->valuedouble, (int32_t)type);
  }
  return code;
}

/* One that is longer than any real one is left out: then nothing is known of pairs. */
static bl_code read_pair(const bl_pipeline *r, const cJSON *object) {
  const cJSON *pair = bl_json_member(object, "pair"), *item;
  bl_code code = BL_OK;
  r->tokenizer->pair.n = r->tokenizer->pair_types.n = 0;
  if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) > MAX_PAIR_ITEMS) return BL_OK;
  cJSON_ArrayForEach(item, pair) {
    if (!code) code = read_pair_item(r, object, item);
  }
  return code;
}

/* ---- the decoder WordPiece ---- */

/* Removes or shortens each `from` in text[0 .. size); returns the new size. */
static size_t shorten(char *text, size_t size, const char *from, const char *to) {
  size_t n_from = strlen(from), n_to = strlen(to), n = 0;
  for (size_t i = 0; i < size;) {
    if (size - i >= n_from && memcmp(text + i, from, n_from) == 0) {
      memcpy(text + n, to, n_to);
      n += n_to;
      i += n_from;
    } else {
      text[n++] = text[i++];
    }
  }
  return n;
}

static bl_code decode_piece(const bl_decoding *decoding, const char *text, size_t size,
                            bl_buffer *out, bl_error *error) {
  static const char *const shorter[][2] = {{" .", "."},     {" ?", "?"},           {" !", "!"},
                                           {" ,", ","},     {" ' ", "'"},          {" n't", "n't"},
                                           {" 'm", "'m"},   {" do not", " don't"}, {" 's", "'s"},
                                           {" 've", "'ve"}, {" 're", "'re"}};
  size_t n = decoding->prefix.size, start = out->size;
  bool goes_on = size >= n && memcmp(text, decoding->prefix.bytes, n) == 0;
  bl_code code = goes_on ? BL_OK : bl_buffer_append(out, " ", 1, error);
  if (!code)
    code = bl_buffer_append(out, text + (goes_on ? n : 0), size - (goes_on ? n : 0), error);
  if (code || !decoding->cleans_up) return code;
  size_t left = out->size - start;
  for (size_t i = 0; i < sizeof shorter / sizeof *shorter; i++)
    left = shorten(out->bytes + start, left, shorter[i][0], shorter[i][1]);
  out->size = start + left;
  return BL_OK;
}

static bl_code read_wordpiece(const bl_pipeline *r, const cJSON *object) {
  bl_decoding *decoding = &r->tokenizer->decoding;
  const char *prefix = "##";
  decoding->cleans_up = true;
  bl_code code = bl_json_string(r->file, object, "prefix", &prefix, r->error);
  if (!code) code = bl_json_bool(r->file, object, "cleanup", &decoding->cleans_up, r->error);
  if (code) return code;
  decoding->prefix.size = 0;
  code = bl_buffer_print(&decoding->prefix, prefix, r->error);
  decoding->piece = decode_piece;
  decoding->strip_start = 1;
  decoding->strip_first_only = true;
  decoding->strip_char = ' ';
  return code;
}

const bl_pipeline_row bl_pipeline_more[] = {
    {"normalizer", "NFC", read_nfc},
    {"normalizer", "NFD", read_nfd},
    {"normalizer", "NFKD", read_nfkd},
    {"normalizer", "NFKC", read_nfkc},
    {"normalizer", "Lowercase", read_lowercase},
    {"normalizer", "StripAccents", read_strip_accents},
    {"normalizer", "Nmt", read_nmt},
    {"normalizer", "Strip", read_strip_normalizer},
    {"normalizer", "BertNormalizer", read_bert_normalizer},
    {"normalizer", "Precompiled", read_precompiled},
    {"replace", trim_regex, read_trim},
    {"replace", mark_regex, read_double_mark},
    {"pre_tokenizer", "WhitespaceSplit", read_whitespace_split},
    {"pre_tokenizer", "BertPreTokenizer", read_bert_pre_tokenizer},
    {"pre_tokenizer", "Whitespace", read_whitespace},
    {"pre_tokenizer", "Punctuation", read_punctuation},
    {"pre_tokenizer", "CharDelimiterSplit", read_delimiter},
    {"pre_tokenizer", "FixedLength", read_fixed_length},
    {"post_processor", "BertProcessing", read_bert_ends},
    {"post_processor", "RobertaProcessing", read_roberta_ends},
    {"pair", "TemplateProcessing", read_pair},
    {"decoder", "WordPiece", read_wordpiece},
    {0},
};
