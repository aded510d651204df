/* A tokenizer from GGUF metadata, as llama.cpp reads it. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/gguf_reading.h"

enum { MAX_MERGED_SIZE = 256 }; /* bytes of a token that merges can make: bounds their search */
static const char metaspace[] = "\xe2\x96\x81"; /* U+2581, which stands for a space */

static const char digits[] = "\\p{N}";
static const char llama3_pattern[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
static const char qwen2_pattern[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const bl_pre_tokenizer bl_pre_tokenizers[] = {
    {"default",
     {"[\\p{P}\\$\\+<=>\\^~\\|]+", bl_gpt2_pattern, "\\p{N}+", "[0-9][0-9][0-9]"},
     false,
     false},
    {"gpt-2", {bl_gpt2_pattern}, false, false},
    {"phi-2", {bl_gpt2_pattern}, false, false},
    {"roberta-bpe", {bl_gpt2_pattern}, false, false},
    {"olmo", {bl_gpt2_pattern}, false, false},
    {"smollm", {digits, bl_gpt2_pattern}, false, false},
    {"starcoder", {digits, bl_gpt2_pattern}, false, false},
    {"refact", {digits, bl_gpt2_pattern}, false, false},
    {"command-r", {digits, bl_gpt2_pattern}, false, false},
    {"llama-bpe", {llama3_pattern}, true, true},
    {"llama3", {llama3_pattern}, true, true},
    {"llama-v3", {llama3_pattern}, true, true},
    {"falcon3", {llama3_pattern}, true, true},
    {"smaug-bpe", {llama3_pattern}, false, false},
    {"dbrx", {llama3_pattern}, false, false},
    {"qwen2", {qwen2_pattern}, false, false},
    {"deepseek-r1-qwen", {qwen2_pattern}, false, false},
    {"stablelm2", {qwen2_pattern}, false, false},
};
const int bl_n_pre_tokenizers = sizeof bl_pre_tokenizers / sizeof *bl_pre_tokenizers;

bl_code bl_gguf_array(const bl_gguf_reading *l, const char *key, bl_meta_kind kind, uint64_t n,
                      const bl_meta **array) {
  const bl_meta *meta = bl_index_meta(l->index, key);
  *array = NULL;
  if (!meta) return BL_OK;
  if (meta->kind != BL_META_ARRAY || (meta->n > 0 && meta->item_kind != kind))
    return bl_fail(l->error, BL_ERR_INPUT, "%.128s: '%s' is not an array of %s",
                   l->index->file_name, key,
                   kind == BL_META_STRING  ? "strings"
                   : kind == BL_META_FLOAT ? "floats"
                                           : "integers");
  if (n != UINT64_MAX && meta->n < n)
    return bl_fail(l->error, BL_ERR_INPUT,
                   "%.128s: '%s' has %llu items, expected one per token: %llu", l->index->file_name,
                   key, (unsigned long long)meta->n, (unsigned long long)n);
  *array = meta;
  if (n == UINT64_MAX || meta->n == n) return BL_OK;
  return bl_note_add(l->notes, l->error, "gguf-array", key, (int64_t)(meta->n - n),
                     "%.128s: '%s' has %llu items for %llu tokens: the last ones are ignored",
                     l->index->file_name, key, (unsigned long long)meta->n, (unsigned long long)n);
}

bl_code bl_gguf_id(const bl_gguf_reading *l, const char *key, int64_t otherwise, int64_t *id) {
  int64_t n = (int64_t)l->tokens->n;
  const bl_meta *meta = bl_index_meta(l->index, key);
  *id = otherwise < n ? otherwise : -1;
  bool is_token = !meta || meta->kind != BL_META_INT || (meta->i >= 0 && meta->i < n);
  if (is_token) return bl_meta_int(l->index, key, 0, n - 1, id, l->error);
  char taken[48] = "it is ignored";
  if (*id >= 0) bl_copy_sentence(taken, sizeof taken, "token %lld stands for it", (long long)*id);
  return bl_note_add(l->notes, l->error, "special-id", key, meta->i,
                     "%.128s: metadata '%s' is %lld, expected 0 to %lld: %s", l->index->file_name,
                     key, (long long)meta->i, (long long)n - 1, taken);
}

/* Texts of tokens that end what a model writes, whatever the metadata says of them (llama.cpp,
 * llama-vocab.cpp, special_eog_ids; those of tokenizers that are not read here left out). */
static const char *const end_texts[] = {"<|eot_id|>",
                                        "<|im_end|>",
                                        "<|end|>",
                                        "<end_of_turn>",
                                        "<|endoftext|>",
                                        "</s>",
                                        "<|eom_id|>",
                                        "<EOT>",
                                        "_<EOT>",
                                        "[EOT]",
                                        "[EOS]",
                                        "<|end_of_text|>",
                                        "<end_of_utterance>",
                                        "<eos>",
                                        "<｜end▁of▁sentence｜>"};
enum { N_END_TEXTS = sizeof end_texts / sizeof *end_texts };

bool bl_gguf_text_ends(bl_str text) {
  for (int i = 0; i < N_END_TEXTS; i++)
    if (strlen(end_texts[i]) == text.size && !memcmp(end_texts[i], text.bytes, text.size))
      return true;
  return false;
}

/* Tokens of fill-in-the-middle that end what a model writes, by their id in the metadata or, where
 * that names none, by their text (llama.cpp, llama-vocab.cpp, special_fim_*_id): of several texts
 * in one vocabulary the first of these; there the first that a hash map happens to have. */
static const struct {
  const char *key, *texts[6];
} fim_ends[] = {
    {"tokenizer.ggml.fim_pad_token_id",
     {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"}},
    {"tokenizer.ggml.fim_rep_token_id",
     {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"}},
    {"tokenizer.ggml.fim_sep_token_id", {"<|file_sep|>"}},
};

/* ---- vocabulary ---- */

static bl_code read_vocabulary(const bl_gguf_reading *l, size_t n_merges) {
  bl_vocab *vocab = &l->tokenizer->vocab;
  size_t n = (size_t)l->tokens->n;
  bl_code code = bl_vocab_reserve(vocab, n, l->error);
  if (!code) code = bl_bpe_reserve(&l->tokenizer->bpe, n_merges, l->error);
  for (size_t i = 0; !code && i < n; i++) {
    bl_str token = l->tokens->strings[i];
    if (!bl_utf8_is_valid(token.bytes, token.size))
      return bl_fail(l->error, BL_ERR_INPUT, "%.128s: token %zu is not UTF-8", l->index->file_name,
                     i);
    code = bl_vocab_add(vocab, (int32_t)i, token.bytes, token.size, l->error);
  }
  return code;
}

/* Control and user-defined tokens are recognised in a text, and those that end one by their text,
 * which are control tokens whatever their type says. */
static bl_code read_added_tokens(const bl_gguf_reading *l) {
  bl_code code = BL_OK;
  for (size_t i = 0; !code && i < l->tokens->n; i++) {
    int64_t type = l->types ? l->types->ints[i] : BL_TOKEN_NORMAL;
    bl_str text = l->tokens->strings[i];
    bool special = type == BL_TOKEN_CONTROL || type == BL_TOKEN_UNKNOWN || bl_gguf_text_ends(text);
    /* Of two ids with one text the other one is found. */
    if (!(special || type == BL_TOKEN_USER_DEFINED) ||
        bl_vocab_find(&l->tokenizer->vocab, text.bytes, text.size) != (int32_t)i)
      continue;
    bl_added_token token = {.text = text.bytes, .size = text.size, .id = (int32_t)i};
    token.special = special;
    code = bl_tokenizer_add_token(l->tokenizer, l->index->file_name, &token, l->error);
  }
  return code;
}

/* ---- "gpt2": byte-level BPE with merges ---- */

static bl_code read_merge(const bl_gguf_reading *l, bl_str merge, uint32_t rank,
                          bl_buffer *joined) {
  bl_bpe *bpe = &l->tokenizer->bpe;
  const bl_vocab *vocab = &l->tokenizer->vocab;
  const char *space = merge.size > 1 ? memchr(merge.bytes + 1, ' ', merge.size - 1) : NULL;
  int32_t left = -1, right = -1, both = -1;
  if (space) {
    size_t n_left = (size_t)(space - merge.bytes), n_right = merge.size - n_left - 1;
    joined->size = 0;
    bl_code code = bl_buffer_append(joined, merge.bytes, n_left, l->error);
    if (!code) code = bl_buffer_append(joined, space + 1, n_right, l->error);
    if (code) return code;
    left = bl_vocab_find(vocab, merge.bytes, n_left);
    right = bl_vocab_find(vocab, space + 1, n_right);
    both = bl_vocab_find(vocab, joined->bytes, joined->size);
  }
  if (left < 0 || right < 0 || both < 0)
    return bl_fail(
        l->error, BL_ERR_INPUT,
        "%.128s: merge %u ('%.*s') is not two tokens of the vocabulary that make a third",
        l->index->file_name, (unsigned)rank, (int)(merge.size < 64 ? merge.size : 64), merge.bytes);
  return bl_bpe_add_merge(bpe, left, right, rank, both, l->error);
}

static bl_code find_pre_tokenizer(const bl_gguf_reading *l, const bl_pre_tokenizer **pre) {
  bl_str name = {"default", 7};
  bl_code code = bl_meta_string(l->index, "tokenizer.ggml.pre", &name, l->error);
  if (code) return code;
  for (int i = 0; i < bl_n_pre_tokenizers; i++) {
    *pre = &bl_pre_tokenizers[i];
    if (strlen((*pre)->name) == name.size && memcmp((*pre)->name, name.bytes, name.size) == 0)
      return BL_OK;
  }
  return bl_fail(l->error, BL_ERR_UNSUPPORTED,
                 "%.128s: tokenizer.ggml.pre is '%.*s', which is not supported",
                 l->index->file_name, (int)(name.size < 64 ? name.size : 64), name.bytes);
}

static bl_code read_byte_level(const bl_gguf_reading *l, bool *add_bos) {
  bl_tokenizer *t = l->tokenizer;
  const bl_meta *merges;
  const bl_pre_tokenizer *pre = NULL;
  bl_code code = bl_gguf_array(l, "tokenizer.ggml.merges", BL_META_STRING, UINT64_MAX, &merges);
  if (!code && !merges)
    code = bl_fail(l->error, BL_ERR_INPUT,
                   "%.128s: the tokenizer is 'gpt2', but tokenizer.ggml.merges is missing",
                   l->index->file_name);
  if (!code && merges->n > UINT32_MAX)
    code = bl_fail(l->error, BL_ERR_INPUT, "%.128s: too many merges", l->index->file_name);
  if (!code) code = find_pre_tokenizer(l, &pre);
  if (!code) code = read_vocabulary(l, (size_t)merges->n);
  bl_buffer joined = {0};
  for (uint64_t i = 0; !code && i < merges->n; i++)
    code = read_merge(l, merges->strings[i], (uint32_t)i, &joined);
  bl_buffer_free(&joined);
  for (int i = 0; !code && i < BL_MAX_PRE_PATTERNS && pre->patterns[i]; i++) {
    const char *regex = pre->patterns[i];
    bl_text_step step = {.action = BL_DO_SPLIT};
    code = bl_pattern_new(l->index->file_name, regex, strlen(regex), &step.pattern, l->error);
    if (!code) code = bl_text_steps_add(&t->split, step, l->error);
    t->origin.patterns = pre->patterns;
    t->origin.n_patterns = i + 1;
  }
  if (code) return code;
  t->origin.pre = pre->name;
  t->byte_level = t->decoding.byte_level = true;
  t->bpe.ignore_merges = pre->ignore_merges;
  *add_bos = pre->add_bos;
  return BL_OK;
}

/* ---- "llama": SentencePiece, where the highest score goes first ---- */

typedef struct scored {
  double score;
  int32_t id;
} scored;

static int by_score(const void *a, const void *b) {
  const scored *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

/* Adds a merge for each way to make the token of two others. */
static bl_code add_merges_of(const bl_gguf_reading *l, int32_t id, uint32_t rank) {
  bl_bpe *bpe = &l->tokenizer->bpe;
  const bl_vocab *vocab = &l->tokenizer->vocab;
  bl_str token = l->tokens->strings[id];
  if (token.size > MAX_MERGED_SIZE) return BL_OK;
  if (bl_vocab_find(vocab, token.bytes, token.size) != id) return BL_OK;
  for (size_t cut = 1; cut < token.size; cut++) {
    if (bl_utf8_goes_on(token.bytes[cut])) continue;
    int32_t left = bl_vocab_find(vocab, token.bytes, cut);
    int32_t right = left < 0 ? -1 : bl_vocab_find(vocab, token.bytes + cut, token.size - cut);
    if (right < 0) continue;
    bl_code code = bl_bpe_add_merge(bpe, left, right, rank, id, l->error);
    if (code) return code;
  }
  return BL_OK;
}

static bl_code read_scores(const bl_gguf_reading *l) {
  const bl_meta *scores;
  size_t n = (size_t)l->tokens->n;
  bl_code code = bl_gguf_array(l, "tokenizer.ggml.scores", BL_META_FLOAT, n, &scores);
  if (code) return code;
  if (!scores)
    return bl_fail(l->error, BL_ERR_INPUT,
                   "%.128s: the tokenizer is 'llama', but tokenizer.ggml.scores is missing",
                   l->index->file_name);
  float *kept = l->tokenizer->origin.scores = malloc(n * sizeof *kept);
  scored *order = malloc(n * sizeof *order);
  if (!order || !kept) {
    free(order);
    return bl_fail_memory(l->error, n * sizeof *order);
  }
  for (size_t i = 0; i < n; i++) {
    /* NaN would not sort. */
    double score = scores->floats[i] == scores->floats[i] ? scores->floats[i] : 0;
    order[i] = (scored){score, (int32_t)i};
    kept[i] = (float)score;
  }
  qsort(order, n, sizeof *order, by_score);
  /* Tokens of one score are equally good, and the leftmost goes first. */
  for (size_t i = 0, rank = 0; !code && i < n; i++) {
    if (i > 0 && order[i].score != order[i - 1].score) rank = i;
    code = add_merges_of(l, order[i].id, (uint32_t)rank);
  }
  free(order);
  return code;
}

static bl_code add_rewrite(const bl_gguf_reading *l, bl_text_steps *steps, bl_step_action action,
                           const char *from, const char *to) {
  bl_text_step step = {.action = action, .text_size = strlen(to)};
  step.text = malloc(step.text_size + 1);
  if (!step.text) return bl_fail_memory(l->error, step.text_size + 1);
  memcpy(step.text, to, step.text_size + 1);
  bl_code code = BL_OK;
  if (from)
    code = bl_pattern_literal(l->index->file_name, from, strlen(from), &step.pattern, l->error);
  if (!code) return bl_text_steps_add(steps, step, l->error);
  free(step.text);
  return code;
}

static bl_code read_sentencepiece(const bl_gguf_reading *l, bool *add_bos) {
  bl_tokenizer *t = l->tokenizer;
  int64_t unknown = 0;
  bool adds_space = true;
  bl_code code = bl_meta_bool(l->index, "tokenizer.ggml.add_space_prefix", &adds_space, l->error);
  if (!code) code = bl_gguf_id(l, "tokenizer.ggml.unknown_token_id", 0, &unknown);
  if (!code) code = read_vocabulary(l, (size_t)l->tokens->n * 2);
  if (!code) code = read_scores(l);
  if (!code && adds_space) code = add_rewrite(l, &t->normalize, BL_DO_PREPEND, NULL, metaspace);
  if (!code) code = add_rewrite(l, &t->normalize, BL_DO_REPLACE, " ", metaspace);
  if (!code) code = add_rewrite(l, &t->decoding.rewrites, BL_DO_REPLACE, metaspace, " ");
  t->bpe.byte_fallback = t->bpe.fuse_unknown = t->decoding.byte_fallback = true;
  t->bpe.unknown = (int32_t)unknown;
  t->decoding.strip_start = adds_space ? 1 : 0;
  t->decoding.strip_char = ' ';
  t->origin.adds_space = adds_space;
  *add_bos = true;
  return code;
}

/* ---- all of it ---- */

/* What goes around every text, and what ends one. */
static bl_code read_ends(const bl_gguf_reading *l, bool add_bos) {
  static const char *const end_keys[] = {"tokenizer.ggml.eot_token_id",
                                         "tokenizer.ggml.eom_token_id"};
  bl_tokenizer *t = l->tokenizer;
  bool add_eos = false;
  int64_t bos, eos, unknown, pad, end;
  bl_code code = bl_meta_bool(l->index, "tokenizer.ggml.add_bos_token", &add_bos, l->error);
  if (!code) code = bl_meta_bool(l->index, "tokenizer.ggml.add_eos_token", &add_eos, l->error);
  bool has_defaults = !t->origin.is_bpe && t->kind == &bl_kind_bpe;
  int64_t no_bos = has_defaults ? 1 : -1, no_eos = has_defaults ? 2 : -1;
  if (!code) code = bl_gguf_id(l, "tokenizer.ggml.bos_token_id", no_bos, &bos);
  if (!code) code = bl_gguf_id(l, "tokenizer.ggml.eos_token_id", no_eos, &eos);
  if (!code) code = bl_gguf_id(l, "tokenizer.ggml.unknown_token_id", -1, &unknown);
  if (!code) code = bl_gguf_id(l, "tokenizer.ggml.padding_token_id", -1, &pad);
  if (code) return code;
  t->special = (bl_special_ids){(int32_t)bos, (int32_t)eos, (int32_t)unknown, (int32_t)pad};
  bool has_own = t->source.size > 0; /* its tokenizer.json says what goes around a text */
  if (!has_own && add_bos && bos >= 0) code = bl_ids_append(&t->before, (int32_t)bos, l->error);
  if (!code && !has_own && add_eos && eos >= 0)
    code = bl_ids_append(&t->after, (int32_t)eos, l->error);
  bl_tokenizer_add_end(t, eos);
  for (int i = 0; !code && i < 2; i++) {
    code = bl_gguf_id(l, end_keys[i], -1, &end);
    if (!code) bl_tokenizer_add_end(t, end);
  }
  for (int i = 0; i < N_END_TEXTS; i++)
    bl_tokenizer_add_end(t, bl_vocab_find(&t->vocab, end_texts[i], strlen(end_texts[i])));
  for (size_t i = 0; !code && i < sizeof fim_ends / sizeof *fim_ends; i++) {
    code = bl_gguf_id(l, fim_ends[i].key, -1, &end);
    for (int k = 0; !code && end < 0 && fim_ends[i].texts[k]; k++)
      end = bl_vocab_find(&t->vocab, fim_ends[i].texts[k], strlen(fim_ends[i].texts[k]));
    if (!code) bl_tokenizer_add_end(t, end);
  }
  return code;
}

/* Keeps the token types for who writes the tokenizer again. */
static bl_code keep_rest(const bl_gguf_reading *l) {
  bl_tokenizer *t = l->tokenizer;
  if (!l->types) return BL_OK;
  t->origin.types = malloc((size_t)l->tokens->n * sizeof *t->origin.types);
  if (!t->origin.types) return bl_fail_memory(l->error, l->tokens->n * sizeof *t->origin.types);
  for (uint64_t i = 0; i < l->tokens->n; i++) {
    int64_t type = l->types->ints[i];
    t->origin.types[i] =
        type >= BL_TOKEN_NORMAL && type <= BL_TOKEN_BYTE ? (int32_t)type : BL_TOKEN_NORMAL;
  }
  return BL_OK;
}

static bl_code read_tokens(bl_gguf_reading *l) {
  bl_code code = bl_gguf_array(l, "tokenizer.ggml.tokens", BL_META_STRING, UINT64_MAX, &l->tokens);
  if (!code && (!l->tokens || l->tokens->n == 0 || l->tokens->n > INT32_MAX / 2))
    code =
        bl_fail(l->error, BL_ERR_INPUT, "%.128s: tokenizer.ggml.tokens is %s", l->index->file_name,
                !l->tokens          ? "missing"
                : l->tokens->n == 0 ? "empty"
                                    : "too long");
  if (code) return code;
  return bl_gguf_array(l, "tokenizer.ggml.token_type", BL_META_INT, l->tokens->n, &l->types);
}

static bool is_called(bl_str name, const char *model) {
  return strlen(model) == name.size && memcmp(name.bytes, model, name.size) == 0;
}

/* One of the rarer kinds, by way of tokenizer.json. */
static bl_code read_row(bl_gguf_reading *l, const bl_gguf_row *row, bl_tokenizer **made) {
  char *json = NULL;
  size_t size = 0;
  bl_code code = row->make(l, &json, &size);
  if (!code) code = bl_tokenizer_from_json(json, size, NULL, 0, NULL, 0, made, l->error);
  free(json);
  l->tokenizer = *made;
  if (!code) code = keep_rest(l);
  return code ? code : read_ends(l, false);
}

/* Byte-level or SentencePiece's byte-pair encoding. */
static bl_code read_bpe(bl_gguf_reading *l, bl_tokenizer **made) {
  bl_tokenizer *t = l->tokenizer = *made = calloc(1, sizeof **made);
  if (!t) return bl_fail_memory(l->error, sizeof *t);
  bool add_bos = false;
  t->kind = &bl_kind_bpe;
  bl_str model = {NULL, 0};
  bl_code code = bl_meta_string(l->index, "tokenizer.ggml.model", &model, l->error);
  if (code) return code;
  t->origin.is_bpe = is_called(model, "gpt2");
  code = t->origin.is_bpe ? read_byte_level(l, &add_bos) : read_sentencepiece(l, &add_bos);
  t->budget = BL_MAX_GROWTH * t->vocab.bytes.size;
  if (!code) code = read_added_tokens(l);
  if (!code) code = bl_tokenizer_seal(t, l->error);
  if (!code) code = keep_rest(l);
  return code ? code : read_ends(l, add_bos);
}

static bl_code read_any(bl_gguf_reading *l, bl_str model, bl_tokenizer **made) {
  bl_code code = read_tokens(l);
  if (code) return code;
  if (is_called(model, "gpt2") || is_called(model, "llama")) return read_bpe(l, made);
  for (const bl_gguf_row *row = bl_gguf_rows; row->model; row++)
    if (is_called(model, row->model)) return read_row(l, row, made);
  char name[65];
  bl_copy_sentence(name, sizeof name, "%.*s", (int)(model.size < 64 ? model.size : 64),
                   model.bytes);
  return bl_no_such_part(l->index->file_name, "tokenizer.ggml.model", name, l->error);
}

bl_code bl_tokenizer_from_gguf(const bl_index *index, bl_tokenizer **tokenizer, bl_error *error) {
  bl_str model = {NULL, 0};
  bl_notes notes = {0};
  bl_tokenizer *made = NULL;
  bl_code code = bl_meta_string(index, "tokenizer.ggml.model", &model, error);
  if (code) return code;
  *tokenizer = NULL;
  if (!model.bytes || is_called(model, "none")) return BL_OK;
  bl_gguf_reading l = {.index = index, .notes = &notes, .error = error};
  code = read_any(&l, model, &made);
  for (int i = 0; !code && i < notes.n; i++) {
    const bl_note *note = &notes.list[i];
    code = bl_note_add(&made->notes, error, note->kind, note->subject, note->count, "%s",
                       note->message);
  }
  bl_notes_free(&notes);
  if (code)
    bl_tokenizer_free(made);
  else
    *tokenizer = made;
  return code;
}
