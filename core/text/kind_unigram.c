/* Unigram, the kind of model of T5, XLM-R and ALBERT: each token has a score, the logarithm of a
 * probability, and a word becomes the tokens whose scores have the highest sum (`tokenizers`
 * 0.23.3, models/unigram/model.rs, encode_optimized). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/json_reading.h"
#include "text/kind.h"
#include "text/trie.h"

#define UNKNOWN_PENALTY 10 /* by which an unknown character is worse than the worst token */

typedef struct unigram {
  bl_trie trie;
  double *scores; /* (n_scores) by id */
  size_t n_scores;
  double unknown_score;
  int32_t unknown; /* -1: none */
  bool byte_fallback;
  int32_t byte_ids[256]; /* of <0xNN>, or -1 */
} unigram;

static void free_model(void *pointer) {
  unigram *model = pointer;
  bl_trie_free(&model->trie);
  free(model->scores);
  free(model);
}

/* ---- reading ---- */

/* 10^n as a double, n >= 0. */
static double power_of_ten(int64_t n) {
  static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  char text[24];
  if (n < (int64_t)(sizeof exact / sizeof *exact)) return exact[n];
  snprintf(text, sizeof text, "1e%lld", (long long)n);
  return strtod(text, NULL);
}

/* The number after an "e", or a larger one than any double has. */
static int64_t read_power(const char *text) {
  bool negative = *text == '-';
  int64_t power = 0;
  for (text += negative || *text == '+'; *text && power < 10000; text++)
    power = power * 10 + (*text - '0');
  return negative ? -power : power;
}

/* A number of JSON as serde_json reads it, whose last bit may be another than strtod's; between two
 * ways that are equally good it decides. `text` is a number and ends with NUL. */
static double read_score(const char *text) {
  bool negative = *text == '-', in_fraction = false, is_full = false;
  uint64_t digits = 0;
  int64_t exponent = 0;
  for (text += negative; *text && *text != 'e' && *text != 'E'; text++) {
    if (*text == '.') {
      in_fraction = true;
      continue;
    }
    uint64_t digit = (uint64_t)(*text - '0');
    is_full = is_full || digits > (UINT64_MAX - digit) / 10;
    if (is_full) {
      exponent += !in_fraction; /* further digits of a fraction are left out */
      continue;
    }
    digits = digits * 10 + digit;
    exponent -= in_fraction;
  }
  if (*text) exponent += read_power(text + 1);
  double value = (double)digits;
  for (; exponent < -308 && value != 0; exponent += 308) value /= 1e308;
  if (exponent > 308 && value != 0) return INFINITY; /* which is refused */
  if (value != 0)
    value = exponent < 0 ? value / power_of_ten(-exponent) : value * power_of_ten(exponent);
  return negative ? -value : value;
}

/* Reads ["token", -1.5] into r->left and *score. */
static bl_code read_item(bl_json_reading *r, bl_json_reader *reader, uint64_t n, double *score) {
  bl_json_raw token;
  char number[64];
  bool is_item = bl_json_take(reader, '[', "") && bl_json_read_string(reader, &token) &&
                 bl_json_take(reader, ',', "");
  if (is_item) bl_json_peek(reader);
  size_t start = reader->at;
  is_item = is_item && bl_json_skip(reader) && reader->at - start < sizeof number;
  *score = NAN;
  if (is_item) {
    char first = reader->text[start];
    memcpy(number, reader->text + start, reader->at - start);
    number[reader->at - start] = '\0';
    if (first == '-' || (first >= '0' && first <= '9')) *score = read_score(number);
  }
  if (!is_item || !bl_json_take(reader, ']', "") || !isfinite(*score))
    return bl_json_wrong_kind(r, "model.vocab", n, "a token with its score");
  return bl_json_unescape_to(r, token, &r->left);
}

static bl_code read_scores(bl_json_reading *r, unigram *model) {
  bl_json_raw part = r->parts.vocabulary;
  bl_json_reader reader = {.text = part.bytes, .size = part.size};
  size_t capacity = bl_json_count_items(part);
  double lowest = INFINITY;
  uint64_t n = 0;
  model->scores = malloc((capacity + 1) * sizeof *model->scores);
  if (!model->scores) return bl_fail_memory(r->error, capacity * sizeof *model->scores);
  bl_json_take(&reader, '[', "'['");
  while (bl_json_more(&reader, ']', &n)) {
    double score;
    bl_code code = read_item(r, &reader, n, &score);
    if (!code)
      code = bl_vocab_add(&r->tokenizer->vocab, (int32_t)(n - 1), r->left.bytes, r->left.size,
                          r->error);
    if (code) return code;
    model->scores[model->n_scores++] = score;
    if (score < lowest) lowest = score;
  }
  model->unknown_score = lowest - UNKNOWN_PENALTY;
  return BL_OK;
}

static bl_code read_json(bl_json_reading *r, const cJSON *object) {
  bl_json_raw vocabulary = r->parts.vocabulary;
  if (!vocabulary.bytes || vocabulary.bytes[0] != '[')
    return bl_fail(r->error, BL_ERR_INPUT, "%s: model.%s is missing or of the wrong type",
                   bl_tokenizer_file, "vocab");
  unigram *model = r->tokenizer->model = calloc(1, sizeof *model);
  if (!model) return bl_fail_memory(r->error, sizeof *model);
  bl_code code = read_scores(r, model);
  int64_t unknown = -1;
  if (!code)
    code = bl_json_int(bl_tokenizer_file, object, "unk_id", 0, (int64_t)model->n_scores - 1,
                       &unknown, r->error);
  if (!code)
    code =
        bl_json_bool(bl_tokenizer_file, object, "byte_fallback", &model->byte_fallback, r->error);
  model->unknown = (int32_t)unknown;
  for (int i = 0; !code && i < 256; i++) {
    char name[8];
    snprintf(name, sizeof name, "<0x%02X>", (unsigned)i);
    model->byte_ids[i] = bl_vocab_find(&r->tokenizer->vocab, name, 6);
  }
  return code ? code : bl_trie_make(&model->trie, &r->tokenizer->vocab, r->error);
}

/* ---- encoding ---- */

/* The best way to a place in the word. */
typedef struct place {
  double score;
  int32_t id;    /* of its last token */
  int32_t start; /* where that begins; -1: no way leads here yet */
} place;

typedef struct work {
  place *places;
  size_t capacity;
  bl_ids parts; /* where the tokens of the best way begin, from the last to the first */
} work;

static void free_work(void *pointer) {
  work *w = pointer;
  free(w->places);
  bl_ids_free(&w->parts);
}

static void offer(place *to, double score, int32_t id, size_t start) {
  if (to->start >= 0 && !(score > to->score)) return;
  *to = (place){score, id, (int32_t)start};
}

/* Finds the best way to every place. */
static bl_code find_ways(const unigram *model, place *places, const char *word, size_t size,
                         bl_error *error) {
  uint64_t n_left = bl_trie_budget(size);
  size_t length;
  for (size_t i = 0; i <= size; i++) places[i] = (place){0, -1, -1};
  for (size_t at = 0; at < size; at += length) {
    bl_utf8_decode(word, size, at, &length);
    double so_far = places[at].score;
    bool has_single = false;
    uint32_t node = 0;
    for (size_t i = at; i < size; i++) {
      node = bl_trie_child(&model->trie, node, (uint8_t)word[i]);
      if (!node) break;
      if (n_left-- == 0) return bl_trie_too_slow(error);
      int32_t id = model->trie.ids[node];
      if (id < 0) continue;
      offer(&places[i + 1], model->scores[id] + so_far, id, at);
      has_single = has_single || i + 1 == at + length;
    }
    if (has_single) continue;
    if (model->unknown < 0)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "the tokenizer has no tokens for '%.*s', and none for what is unknown",
                     bl_shown(length), word + at);
    offer(&places[at + length], model->unknown_score + so_far, model->unknown, at);
  }
  return BL_OK;
}

/* Appends the id of a part of the word that may be several unknown characters. */
static bl_code append_part(const bl_tokenizer *tokenizer, const char *part, size_t size,
                           bl_ids *ids, bl_error *error) {
  const unigram *model = tokenizer->model;
  int32_t id = bl_vocab_find(&tokenizer->vocab, part, size);
  if (id >= 0) return bl_ids_append(ids, id, error);
  bool falls_back = model->byte_fallback;
  for (size_t i = 0; falls_back && i < size; i++)
    falls_back = model->byte_ids[(uint8_t)part[i]] >= 0;
  if (!falls_back) return bl_ids_append(ids, model->unknown, error);
  bl_code code = BL_OK;
  for (size_t i = 0; !code && i < size; i++)
    code = bl_ids_append(ids, model->byte_ids[(uint8_t)part[i]], error);
  return code;
}

/* Writes the best way: unknown characters that follow each other are one part. */
static bl_code write_way(const bl_tokenizer *tokenizer, work *w, const char *word, size_t size,
                         bl_ids *ids, bl_error *error) {
  const unigram *model = tokenizer->model;
  bl_code code = BL_OK;
  bool was_unknown = false;
  w->parts.n = 0;
  for (size_t end = size; !code && end > 0; end = (size_t)w->places[end].start) {
    place p = w->places[end];
    bool is_unknown = p.id == model->unknown && model->unknown >= 0;
    if (is_unknown && was_unknown)
      w->parts.ids[w->parts.n - 1] = p.start;
    else
      code = bl_ids_append(&w->parts, p.start, error);
    was_unknown = is_unknown;
  }
  for (size_t i = w->parts.n; !code && i > 0; i--) {
    size_t start = (size_t)w->parts.ids[i - 1], end = i > 1 ? (size_t)w->parts.ids[i - 2] : size;
    code = append_part(tokenizer, word + start, end - start, ids, error);
  }
  return code;
}

static bl_code encode(const bl_tokenizer *tokenizer, void *space, const char *word, size_t size,
                      bl_ids *ids, bl_error *error) {
  work *w = space;
  void *places = w->places;
  if (size > INT32_MAX / 2)
    return bl_fail(error, BL_ERR_ARGUMENT, "a text of %zu bytes is too long to encode", size);
  bl_code code = bl_grow(&places, &w->capacity, size + 1, sizeof *w->places, error);
  w->places = places;
  if (!code) code = find_ways(tokenizer->model, w->places, word, size, error);
  return code ? code : write_way(tokenizer, w, word, size, ids, error);
}

const bl_kind bl_kind_unigram = {
    .name = "Unigram",
    .read_json = read_json,
    .encode = encode,
    .work_bytes = sizeof(work),
    .free_work = free_work,
    .free_model = free_model,
};
