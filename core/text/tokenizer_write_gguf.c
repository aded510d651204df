/* GGUF metadata (tokenizer.ggml.*) for a tokenizer, with which llama.cpp gives the same ids. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/characters.h"
#include "text/parts.h"
#include "text/steps_more.h"

static const char metaspace[] = "\xe2\x96\x81"; /* U+2581, which stands for a space */

/* What the writers share. */
typedef struct writing {
  const bl_tokenizer *tokenizer;
  bl_gguf_header *header;
  int32_t n_vocab;
  const bl_added_token **added; /* (n_ids) by id, or NULL */
  bl_error *error;
} writing;

static void put_text(const writing *w, const char *key, const char *text) {
  bl_gguf_put_string(w->header, key, text, strlen(text));
}

static bl_str token_text(const bl_vocab *vocab, int32_t id) {
  return (bl_str){vocab->bytes.bytes + vocab->tokens[id].at, vocab->tokens[id].size};
}

/* The text of one that is merged, which an added token with its id does not change. */
static bl_str merged_text(const bl_vocab *vocab, uint64_t id) {
  bl_token text = bl_vocab_first_text(vocab, (int32_t)id);
  return (bl_str){vocab->bytes.bytes + text.at, text.size};
}

/* ---- byte-level: the name of the split patterns -------------------------------------------- */

/* Other spellings of the patterns in the table. */
static const struct {
  const char *regex, *same_as;
} spellings[] = {
    {"'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
     bl_gpt2_pattern},
    {bl_digits_pattern, "\\p{N}"}, /* but for 13 numbers */
};

static bool same_pattern(const char *regex, const char *known) {
  for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
    if (strcmp(regex, spellings[i].regex) == 0) regex = spellings[i].same_as;
  return strcmp(regex, known) == 0;
}

static bool splits_like(const bl_tokenizer *t, const bl_pre_tokenizer *pre) {
  size_t n = 0;
  while (n < BL_MAX_PRE_PATTERNS && pre->patterns[n]) n++;
  if (t->split.n != n || t->bpe.ignore_merges != pre->ignore_merges) return false;
  for (size_t i = 0; i < n; i++) {
    const bl_text_step *step = &t->split.steps[i];
    if (step->action != BL_DO_SPLIT || step->split != BL_SPLIT_ISOLATED ||
        !same_pattern(bl_pattern_source(step->pattern), pre->patterns[i]))
      return false;
  }
  return true;
}

static const char *find_pre(const bl_tokenizer *t) {
  if (t->origin.pre) return t->origin.pre;
  for (int i = 0; i < bl_n_pre_tokenizers; i++)
    if (splits_like(t, &bl_pre_tokenizers[i])) return bl_pre_tokenizers[i].name;
  return NULL;
}

/* Like llama.cpp's converter, takes a tokenizer for that of a known model also when it normalizes
 * text to NFC, which llama.cpp does not do. */
static bool changes_nothing_but_nfc(const bl_text_steps *steps) {
  for (size_t i = 0; i < steps->n; i++)
    if (steps->steps[i].form != &bl_nfc) return false;
  return true;
}

static bl_code put_merges(const writing *w) {
  const bl_bpe *bpe = &w->tokenizer->bpe;
  const bl_vocab *vocab = &w->tokenizer->vocab;
  bl_merge *merges;
  bl_buffer line = {0};
  bl_code code = bl_bpe_list_merges(bpe, &merges, w->error);
  if (code) return code;
  bl_gguf_put_array(w->header, "tokenizer.ggml.merges", BL_GGUF_STRING, bpe->n_merges);
  for (size_t i = 0; !code && i < bpe->n_merges; i++) {
    bl_str left = merged_text(vocab, merges[i].pair >> 32);
    bl_str right = merged_text(vocab, merges[i].pair & 0xffffffffu);
    line.size = 0;
    code = bl_buffer_append(&line, left.bytes, left.size, w->error);
    if (!code) code = bl_buffer_append(&line, " ", 1, w->error);
    if (!code) code = bl_buffer_append(&line, right.bytes, right.size, w->error);
    if (!code) bl_gguf_item_string(w->header, line.bytes, line.size);
  }
  bl_buffer_free(&line);
  free(merges);
  return code;
}

/* ---- SentencePiece: the merges as scores --------------------------------------------------- */

static bool steps_are_sentencepiece(const bl_tokenizer *t, bool *adds_space) {
  const bl_text_step *step = t->normalize.steps;
  size_t n = t->normalize.n;
  *adds_space = n > 0 && step->action == BL_DO_PREPEND && !step->unless_there &&
                !step->only_first && step->text_size == 3 && memcmp(step->text, metaspace, 3) == 0;
  if (*adds_space) step++, n--;
  return t->split.n == 0 && n == 1 && step->action == BL_DO_REPLACE && step->text_size == 3 &&
         memcmp(step->text, metaspace, 3) == 0 &&
         strcmp(bl_pattern_source(step->pattern), " ") == 0;
}

/* Is every way to make the token of two others a merge? llama.cpp takes them all. */
static bool merges_are_complete(const bl_bpe *bpe, const bl_vocab *vocab, int32_t id) {
  bl_str token = token_text(vocab, id);
  for (size_t cut = 1; cut < token.size; cut++) {
    if (bl_utf8_goes_on(token.bytes[cut])) continue;
    int32_t left = bl_vocab_find(vocab, token.bytes, cut);
    int32_t right = left < 0 ? -1 : bl_vocab_find(vocab, token.bytes + cut, token.size - cut);
    if (right >= 0 && !bl_bpe_find_merge(bpe, left, right)) return false;
  }
  return true;
}

/* Scores (n_ids) that fall in the order of the merges. False when there are none that give the same
 * ids: a token's merges do not follow one another, or some are missing. */
static bl_code make_scores(const writing *w, float *scores, bool *same) {
  const bl_bpe *bpe = &w->tokenizer->bpe;
  const bl_vocab *vocab = &w->tokenizer->vocab;
  bl_merge *merges;
  bl_code code = bl_bpe_list_merges(bpe, &merges, w->error);
  if (code) return code;
  *same = bpe->n_merges < 1 << 24; /* so that float32 tells them apart */
  int32_t last = -1;
  for (size_t i = 0, n_made = 0; i < bpe->n_merges; i++) {
    int32_t id = merges[i].id;
    if (id == last) continue;
    if (scores[id] != 0) *same = false;
    scores[id] = -(float)++n_made;
    last = id;
  }
  free(merges);
  for (size_t id = 0; *same && id < vocab->n_tokens; id++) {
    bool is_plain = bl_vocab_has(vocab, (int32_t)id) && !w->added[id];
    if (is_plain && !merges_are_complete(bpe, vocab, (int32_t)id)) *same = false;
  }
  return BL_OK;
}

static bl_code put_scores(const writing *w) {
  const bl_tokenizer *t = w->tokenizer;
  float *made = NULL;
  bool same = true;
  if (!t->origin.scores) {
    made = calloc(t->n_ids + 1, sizeof *made);
    if (!made) return bl_fail_memory(w->error, t->n_ids * sizeof *made);
    bl_code code = make_scores(w, made, &same);
    if (!code && !same)
      code = bl_fail(w->error, BL_ERR_UNSUPPORTED,
                     "the tokenizer's merges can't be written as GGUF's scores: llama.cpp would "
                     "split text in other places");
    if (code) {
      free(made);
      return code;
    }
  }
  const float *scores = made ? made : t->origin.scores;
  bl_gguf_put_array(w->header, "tokenizer.ggml.scores", BL_GGUF_F32, (uint64_t)w->n_vocab);
  for (int32_t id = 0; id < w->n_vocab; id++)
    bl_gguf_item_f32(w->header, (size_t)id < t->n_ids ? scores[id] : -1000);
  free(made);
  return BL_OK;
}

/* ---- tokens -------------------------------------------------------------------------------- */

static bool begins_and_ends(bl_str text, const char *begin, const char *end) {
  size_t n = strlen(begin), m = strlen(end);
  return text.size >= n + m && memcmp(text.bytes, begin, n) == 0 &&
         memcmp(text.bytes + text.size - m, end, m) == 0;
}

/* Tokens that llama.cpp's converter calls control tokens even where they are not marked so. */
static bool looks_special(bl_str text) {
  return begins_and_ends(text, "<|", "|>") ||
         begins_and_ends(text, "<\xef\xbd\x9c", "\xef\xbd\x9c>") ||
         begins_and_ends(text, "<unused", ">") || begins_and_ends(text, "<pad", ">") ||
         begins_and_ends(text, "<mask", ">");
}

static bl_token_type type_of(const writing *w, int32_t id) {
  const bl_tokenizer *t = w->tokenizer;
  if (!bl_vocab_has(&t->vocab, id)) return BL_TOKEN_UNUSED;
  if (t->origin.types) return (bl_token_type)t->origin.types[id];
  bl_str text = token_text(&t->vocab, id);
  bool is_bpe = t->kind == &bl_kind_bpe;
  if (is_bpe && !t->byte_level && id == t->bpe.unknown) return BL_TOKEN_UNKNOWN;
  if (w->added[id])
    return w->added[id]->special || looks_special(text) ? BL_TOKEN_CONTROL : BL_TOKEN_USER_DEFINED;
  if (t->bpe.byte_fallback && begins_and_ends(text, "<0x", ">") && text.size == 6)
    return BL_TOKEN_BYTE;
  return BL_TOKEN_NORMAL;
}

static void put_types(const writing *w) {
  bl_gguf_put_array(w->header, "tokenizer.ggml.token_type", BL_GGUF_I32, (uint64_t)w->n_vocab);
  for (int32_t id = 0; id < w->n_vocab; id++) bl_gguf_item_i32(w->header, (int32_t)type_of(w, id));
}

/* Ids that no token has get a text that none has, as in llama.cpp's converter. */
static void put_tokens(const writing *w) {
  const bl_vocab *vocab = &w->tokenizer->vocab;
  bl_gguf_put_array(w->header, "tokenizer.ggml.tokens", BL_GGUF_STRING, (uint64_t)w->n_vocab);
  for (int32_t id = 0; id < w->n_vocab; id++) {
    char unused[24];
    bl_str text = {unused, 0};
    if (bl_vocab_has(vocab, id))
      text = token_text(vocab, id);
    else
      text.size = (size_t)snprintf(unused, sizeof unused, "[PAD%d]", (int)id);
    bl_gguf_item_string(w->header, text.bytes, text.size);
  }
  put_types(w);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void put_id(const writing *w, const char *key, int32_t own, int32_t from_config) {
  int32_t id = own >= 0 ? own : from_config;
  if (id >= 0 && id < w->n_vocab) bl_gguf_put_u32(w->header, key, (uint32_t)id);
}

/* Does the id need a key to end a text? */
static bool ends_by_key(const bl_tokenizer *t, int32_t id) {
  return bl_tokenizer_is_end(t, id) && bl_vocab_has(&t->vocab, id) &&
         !bl_gguf_text_ends(token_text(&t->vocab, id));
}

/* Further ids that end a text, though their own text does not tell, have two more keys; llama.cpp
 * knows no more than that. */
static void put_other_ends(const writing *w, int32_t eos) {
  static const char *const keys[] = {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};
  int n = 0;
  for (int32_t id = 0; id < bl_tokenizer_size(w->tokenizer) && n < 2; id++)
    if (id != eos && ends_by_key(w->tokenizer, id)) put_id(w, keys[n++], id, -1);
}

/* What goes around every text: at most the token that begins one, and the one that ends one. */
static bl_code put_ends(const writing *w, const bl_special_ids *config) {
  const bl_tokenizer *t = w->tokenizer;
  bl_special_ids own = t->special;
  if (t->before.n > 1 || t->after.n > 1)
    return bl_fail(w->error, BL_ERR_UNSUPPORTED,
                   "the tokenizer puts %zu tokens before and %zu after every text, but GGUF has "
                   "room for one of each",
                   t->before.n, t->after.n);
  if (t->before.n == 1) own.bos = t->before.ids[0];
  if (t->after.n == 1) own.eos = t->after.ids[0];
  put_id(w, "tokenizer.ggml.bos_token_id", own.bos, config->bos);
  put_id(w, "tokenizer.ggml.eos_token_id", own.eos, config->eos);
  put_other_ends(w, own.eos >= 0 ? own.eos : config->eos);
  if (own.unknown < 0 && t->kind == &bl_kind_wordpiece) own.unknown = bl_wordpiece_unknown(t);
  put_id(w, "tokenizer.ggml.unknown_token_id", own.unknown, config->unknown);
  put_id(w, "tokenizer.ggml.padding_token_id", own.pad, config->pad);
  bl_gguf_put_bool(w->header, "tokenizer.ggml.add_bos_token", t->before.n == 1);
  bl_gguf_put_bool(w->header, "tokenizer.ggml.add_eos_token", t->after.n == 1);
  return BL_OK;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bl_code put_byte_level(const writing *w) {
  const char *pre =
      changes_nothing_but_nfc(&w->tokenizer->normalize) ? find_pre(w->tokenizer) : NULL;
  if (!pre)
    return bl_fail(
        w->error, BL_ERR_UNSUPPORTED,
        "the tokenizer splits text in a way that llama.cpp has no name for, so the model "
        "can't be written as GGUF; an MLX directory keeps the tokenizer as it is");
  put_text(w, "tokenizer.ggml.model", "gpt2");
  put_text(w, "tokenizer.ggml.pre", pre);
  put_tokens(w);
  return put_merges(w);
}

static bl_code put_sentencepiece(const writing *w) {
  const bl_tokenizer *t = w->tokenizer;
  bool adds_space;
  if (t->kind != &bl_kind_bpe || !t->bpe.byte_fallback || !steps_are_sentencepiece(t, &adds_space))
    return bl_fail(w->error, BL_ERR_UNSUPPORTED,
                   "the tokenizer is neither byte-level nor SentencePiece's as in Llama 2, so the "
                   "model can't be written as GGUF; an MLX directory keeps the tokenizer as it is");
  put_text(w, "tokenizer.ggml.model", "llama");
  put_text(w, "tokenizer.ggml.pre", "default");
  put_tokens(w);
  bl_gguf_put_bool(w->header, "tokenizer.ggml.add_space_prefix", adds_space);
  return put_scores(w);
}

/* ---- WordPiece ----------------------------------------------------------------------------- */

/* Are the steps BERT's for uncased text? llama.cpp does no others. */
static bool steps_are_bert(const bl_tokenizer *t) {
  const bl_text_step *normal = t->normalize.steps, *split = t->split.steps;
  const uint32_t all = BL_BERT_CLEAN | BL_BERT_CHINESE | BL_BERT_ACCENTS | BL_BERT_LOWER;
  return t->kind == &bl_kind_wordpiece && t->normalize.n == 1 && t->split.n == 2 &&
         normal->rewrite == bl_rewrite_bert && normal->options == all &&
         split[0].find == bl_find_in_sets && split[0].options == BL_CHAR_SPACE &&
         split[1].find == bl_find_in_sets && split[1].options == BL_CHAR_PUNCTUATION;
}

/* A token that begins a word has U+2581 before it, one that goes on with it no "##" any more. */
static bl_code put_word(const writing *w, int32_t id, bl_buffer *text) {
  const bl_vocab *vocab = &w->tokenizer->vocab;
  bl_str token = token_text(vocab, id);
  bool goes_on = begins_and_ends(token, "##", "") && token.size > 2;
  bool is_apart = w->added[id] != NULL;
  text->size = 0;
  bl_code code = is_apart || goes_on ? BL_OK : bl_buffer_append(text, metaspace, 3, w->error);
  size_t from = goes_on && !is_apart ? 2 : 0;
  return code ? code : bl_buffer_append(text, token.bytes + from, token.size - from, w->error);
}

static bl_code put_words(const writing *w) {
  bl_buffer text = {0};
  bl_code code = BL_OK;
  bl_gguf_put_array(w->header, "tokenizer.ggml.tokens", BL_GGUF_STRING, (uint64_t)w->n_vocab);
  for (int32_t id = 0; !code && id < w->n_vocab; id++) {
    char unused[24];
    int size = snprintf(unused, sizeof unused, "[PAD%d]", (int)id);
    bool is_there = bl_vocab_has(&w->tokenizer->vocab, id);
    if (is_there) code = put_word(w, id, &text);
    if (!code)
      bl_gguf_item_string(w->header, is_there ? text.bytes : unused,
                          is_there ? text.size : (size_t)size);
  }
  bl_buffer_free(&text);
  put_types(w);
  return code;
}

static bl_code put_wordpiece(const writing *w) {
  const bl_tokenizer *t = w->tokenizer;
  if (!steps_are_bert(t) || t->before.n != 1 || t->after.n != 1)
    return bl_fail(w->error, BL_ERR_UNSUPPORTED,
                   "the tokenizer is not WordPiece's as in BERT uncased, the only one of its kind "
                   "that llama.cpp has, so the model can't be written as GGUF");
  put_text(w, "tokenizer.ggml.model", "bert");
  put_text(w, "tokenizer.ggml.pre", "default");
  put_id(w, "tokenizer.ggml.cls_token_id", t->before.ids[0], -1);
  put_id(w, "tokenizer.ggml.seperator_token_id", t->after.ids[0], -1);
  put_id(w, "tokenizer.ggml.mask_token_id", bl_vocab_find(&t->vocab, "[MASK]", 6), -1);
  return put_words(w);
}

bl_code bl_tokenizer_to_gguf(const bl_tokenizer *tokenizer, const bl_special_ids *config,
                             int32_t n_vocab, bl_gguf_header *header, bl_error *error) {
  if (bl_tokenizer_size(tokenizer) > n_vocab)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the tokenizer has ids up to %d, but the model's embedding has %d rows: GGUF "
                   "needs a row for each",
                   bl_tokenizer_size(tokenizer) - 1, (int)n_vocab);
  writing w = {.tokenizer = tokenizer, .header = header, .n_vocab = n_vocab, .error = error};
  w.added = calloc(tokenizer->n_ids + 1, sizeof *w.added);
  if (!w.added) return bl_fail_memory(error, tokenizer->n_ids * sizeof *w.added);
  const bl_added_set *sets[] = {&tokenizer->added_normal, &tokenizer->added};
  for (int s = 0; s < 2; s++)
    for (size_t i = 0; i < sets[s]->n; i++) w.added[sets[s]->tokens[i].id] = &sets[s]->tokens[i];
  bl_code code = tokenizer->kind == &bl_kind_wordpiece                      ? put_wordpiece(&w)
                 : tokenizer->byte_level && tokenizer->kind == &bl_kind_bpe ? put_byte_level(&w)
                                                                            : put_sentencepiece(&w);
  if (!code) code = put_ends(&w, config);
  free(w.added);
  return code;
}
