/* Encoding, and what an id stands for. */
#include <stdlib.h>
#include <string.h>

#include "text/parts.h"
#include "text/trie.h"

const char bl_gpt2_pattern[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

void bl_tokenizer_free(bl_tokenizer *tokenizer) {
  if (!tokenizer) return;
  bl_vocab_free(&tokenizer->vocab);
  bl_bpe_free(&tokenizer->bpe);
  if (tokenizer->model) tokenizer->kind->free_model(tokenizer->model);
  bl_added_free(&tokenizer->added);
  bl_added_free(&tokenizer->added_normal);
  bl_text_steps_free(&tokenizer->normalize);
  bl_text_steps_free(&tokenizer->split);
  bl_text_steps_free(&tokenizer->decoding.rewrites);
  bl_buffer_free(&tokenizer->decoding.prefix);
  bl_ids_free(&tokenizer->before);
  bl_ids_free(&tokenizer->after);
  bl_ids_free(&tokenizer->pair);
  bl_ids_free(&tokenizer->pair_types);
  bl_buffer_free(&tokenizer->decoded);
  bl_buffer_free(&tokenizer->source);
  free(tokenizer->origin.types);
  free(tokenizer->origin.scores);
  free(tokenizer->is_special);
  free(tokenizer->is_end);
  bl_ids_free(&tokenizer->far_ends);
  bl_notes_free(&tokenizer->notes);
  free(tokenizer->places);
  free(tokenizer);
}

/* ---- byte-level alphabet: a printable character for each byte (GPT-2's encoder.py) ---- */

static bool is_own_char(uint32_t byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

/* Bytes that are not their own character have U+0100 and up, in order. */
static uint32_t char_of_byte(uint8_t byte) {
  if (is_own_char(byte)) return byte;
  return 0x100u + (byte <= 0x20 ? byte : byte <= 0xa0 ? byte - 0x7fu + 0x21u : 0x43u);
}

static int byte_of_char(uint32_t cp) {
  if (cp < 0x100) return is_own_char(cp) ? (int)cp : -1;
  if (cp <= 0x120) return (int)cp - 0x100;
  if (cp <= 0x142) return (int)cp - 0x121 + 0x7f;
  return cp == 0x143 ? 0xad : -1;
}

bl_code bl_byte_level_append(bl_buffer *out, const char *bytes, size_t size, bl_error *error) {
  if (size > SIZE_MAX / 4) return bl_fail_memory(error, size);
  bl_code code = bl_buffer_reserve(out, 2 * size, error);
  for (size_t i = 0; !code && i < size; i++)
    code = bl_utf8_append(out, char_of_byte((uint8_t)bytes[i]), error);
  return code;
}

/* Appends the bytes that a byte-level token stands for; one with a character outside the alphabet
 * stands for itself. */
static bl_code append_byte_level(bl_buffer *out, const char *text, size_t size, bl_error *error) {
  size_t before = out->size, length;
  for (size_t at = 0; at < size; at += length) {
    int byte = byte_of_char(bl_utf8_decode(text, size, at, &length));
    if (byte < 0) {
      out->size = before;
      return bl_buffer_append(out, text, size, error);
    }
    char c = (char)byte;
    bl_code code = bl_buffer_append(out, &c, 1, error);
    if (code) return code;
  }
  return BL_OK;
}

/* ---- making ---- */

bl_code bl_tokenizer_add_token(bl_tokenizer *tokenizer, const char *file,
                               const bl_added_token *token, bl_error *error) {
  bl_vocab *vocab = &tokenizer->vocab;
  bl_added_token copy = *token;
  if (token->size > BL_MAX_ADDED_SIZE)
    return bl_fail(error, BL_ERR_UNSUPPORTED, "%s: an added token is %zu bytes long, over %d", file,
                   token->size, BL_MAX_ADDED_SIZE);
  if (token->size == 0) return BL_OK;
  int32_t known = bl_vocab_find(vocab, token->text, token->size);
  if (known >= 0 && known != token->id)
    return bl_fail(
        error, BL_ERR_INPUT, "%s: added token '%.*s' has id %d, but the vocabulary gives it %d",
        file, (int)(token->size < 64 ? token->size : 64), token->text, (int)token->id, (int)known);
  bl_code code = BL_OK;
  if (known < 0) code = bl_vocab_add(vocab, token->id, token->text, token->size, error);
  if (code || !token->normalized)
    return code ? code : bl_added_append(&tokenizer->added, copy, error);
  bl_pieces pieces = {0};
  code = bl_pieces_set(&pieces, token->text, token->size, token->size, error);
  if (!code) code = bl_text_steps_apply(&tokenizer->normalize, &pieces, &tokenizer->budget, error);
  copy.text = pieces.text.bytes;
  copy.size = pieces.text.size;
  if (!code && copy.size > 0) code = bl_added_append(&tokenizer->added_normal, copy, error);
  bl_pieces_free(&pieces);
  return code;
}

/* Appends what the decoder makes of one token's text. */
static bl_code append_decoded(bl_tokenizer *tokenizer, const char *text, size_t size,
                              bl_error *error) {
  const bl_decoding *decoding = &tokenizer->decoding;
  bl_buffer *out = &tokenizer->decoded;
  if (decoding->piece) return decoding->piece(decoding, text, size, out, error);
  if (decoding->byte_level) return append_byte_level(out, text, size, error);
  bl_pieces pieces = {0};
  bl_code code = bl_pieces_set(&pieces, text, size, size, error);
  if (!code) code = bl_text_steps_apply(&decoding->rewrites, &pieces, &tokenizer->budget, error);
  text = pieces.text.bytes;
  size = pieces.text.size;
  int byte = -1;
  if (!code && decoding->byte_fallback && size == 6 && memcmp(text, "<0x", 3) == 0 &&
      text[5] == '>' && strspn(text + 3, "0123456789abcdefABCDEF") >= 2)
    byte = (int)strtol((char[3]){text[3], text[4], 0}, NULL, 16);
  char c = (char)byte;
  if (!code && byte >= 0)
    code = bl_buffer_append(out, &c, 1, error);
  else if (!code)
    code = bl_buffer_append(out, text, size, error);
  bl_pieces_free(&pieces);
  return code;
}

/* The text of an added token as its decoder gets it: normalized where it was looked for so. */
static void use_added_texts(const bl_added_set *set, const bl_added_token **by_id) {
  for (size_t i = 0; i < set->n; i++) by_id[set->tokens[i].id] = &set->tokens[i];
}

bl_code bl_tokenizer_seal(bl_tokenizer *tokenizer, bl_error *error) {
  const bl_vocab *vocab = &tokenizer->vocab;
  size_t n = tokenizer->n_ids = vocab->n_tokens;
  if (tokenizer->kind->finish) tokenizer->kind->finish(tokenizer);
  bl_added_sort(&tokenizer->added);
  bl_added_sort(&tokenizer->added_normal);
  tokenizer->is_special = calloc(n + 1, 1);
  tokenizer->is_end = calloc(n + 1, 1);
  tokenizer->places = calloc(n + 1, sizeof *tokenizer->places);
  const bl_added_token **by_id = calloc(n + 1, sizeof(bl_added_token *));
  bl_code code = BL_OK;
  if (!tokenizer->is_special || !tokenizer->is_end || !tokenizer->places || !by_id)
    code = bl_fail_memory(error, n * sizeof *by_id);
  if (!code) {
    use_added_texts(&tokenizer->added, by_id);
    use_added_texts(&tokenizer->added_normal, by_id);
  }
  for (size_t id = 0; !code && id < n; id++) {
    bl_token t = vocab->tokens[id];
    tokenizer->places[id].at = tokenizer->decoded.size;
    if (t.at == SIZE_MAX) continue;
    const char *text = by_id[id] ? by_id[id]->text : vocab->bytes.bytes + t.at;
    size_t size = by_id[id] ? by_id[id]->size : t.size;
    code = append_decoded(tokenizer, text, size, error);
    tokenizer->places[id].size = tokenizer->decoded.size - tokenizer->places[id].at;
    tokenizer->is_special[id] = by_id[id] && by_id[id]->special;
  }
  free(by_id);
  return code;
}

void bl_tokenizer_add_end(bl_tokenizer *tokenizer, int64_t id) {
  if (id >= 0 && (uint64_t)id < tokenizer->n_ids) tokenizer->is_end[id] = 1;
}

bl_code bl_tokenizer_take_notes(bl_tokenizer *tokenizer, bl_notes *notes, bl_error *error) {
  bl_code code = BL_OK;
  for (int i = 0; !code && i < tokenizer->notes.n; i++) {
    const bl_note *note = &tokenizer->notes.list[i];
    code = bl_note_add(notes, error, note->kind, note->subject, note->count, "%s", note->message);
  }
  bl_notes_free(&tokenizer->notes);
  return code;
}

bl_special_ids bl_tokenizer_specials(const bl_tokenizer *tokenizer) {
  bl_special_ids ids = tokenizer->special;
  for (size_t id = 0; ids.eos < 0 && id < tokenizer->n_ids; id++)
    if (tokenizer->is_end[id]) ids.eos = (int32_t)id;
  return ids;
}

bool bl_tokenizer_composes(const bl_tokenizer *tokenizer) {
  for (size_t i = 0; i < tokenizer->normalize.n; i++)
    if (tokenizer->normalize.steps[i].form == &bl_nfc) return true;
  return false;
}

size_t bl_tokenizer_n_shared(const bl_tokenizer *tokenizer) {
  return tokenizer->vocab.n_earlier;
}

void bl_tokenizer_ends(const bl_tokenizer *tokenizer, bool *adds_bos, bool *adds_eos) {
  *adds_bos = tokenizer->before.n > 0;
  *adds_eos = tokenizer->after.n > 0;
}

/* ---- use ---- */

int bl_tokenizer_size(const bl_tokenizer *tokenizer) {
  return (int)tokenizer->n_ids;
}

bool bl_tokenizer_is_end(const bl_tokenizer *tokenizer, int32_t id) {
  if (id >= 0 && (size_t)id < tokenizer->n_ids) return tokenizer->is_end[id];
  for (size_t i = 0; i < tokenizer->far_ends.n; i++)
    if (tokenizer->far_ends.ids[i] == id) return true;
  return false;
}

bl_code bl_tokenizer_bytes(const bl_tokenizer *tokenizer, int32_t id, bool keep_special,
                           const char **bytes, size_t *n_bytes, bl_error *error) {
  if (id < 0)
    return bl_fail(error, BL_ERR_ARGUMENT, "token id %d is out of range: expected 0 to %d", (int)id,
                   bl_tokenizer_size(tokenizer) - 1);
  /* A model's output may be padded beyond its vocabulary: such an id stands for nothing. */
  bool nothing = (size_t)id >= tokenizer->n_ids || (tokenizer->is_special[id] && !keep_special) ||
                 tokenizer->places[id].size == 0;
  *bytes = nothing ? "" : tokenizer->decoded.bytes + tokenizer->places[id].at;
  *n_bytes = nothing ? 0 : tokenizer->places[id].size;
  return BL_OK;
}

void bl_tokenizer_piece(const bl_tokenizer *tokenizer, int32_t id, const char **bytes,
                        size_t *n_bytes) {
  bool is_there = bl_vocab_has(&tokenizer->vocab, id);
  *bytes = is_there ? tokenizer->vocab.bytes.bytes + tokenizer->vocab.tokens[id].at : "";
  *n_bytes = is_there ? tokenizer->vocab.tokens[id].size : 0;
}

bool bl_tokenizer_is_special(const bl_tokenizer *tokenizer, int32_t id) {
  return id >= 0 && (size_t)id < tokenizer->n_ids && tokenizer->is_special[id];
}

const char *bl_tokenizer_kind(const bl_tokenizer *tokenizer) {
  return tokenizer->kind->name;
}

/* Everything that one call to encode needs. */
typedef struct encoder {
  const bl_tokenizer *tokenizer;
  bl_pieces normal; /* a part of the text, normalized */
  bl_pieces words;  /* a part of that, split */
  bl_buffer mapped; /* a word in the byte-level alphabet */
  void *work;       /* of the kind */
  bl_ids ids;
  size_t normal_budget, words_budget; /* bytes that the parts may still become */
  uint64_t added_budget;              /* steps that the searches for added tokens may take */
  bl_error *error;
} encoder;

/* Encodes normalized text without added tokens. */
static bl_code encode_plain(encoder *e, const char *text, size_t size, size_t n_first) {
  const bl_tokenizer *t = e->tokenizer;
  bl_code code = bl_pieces_set(&e->words, text, size, n_first, e->error);
  if (!code) code = bl_text_steps_apply(&t->split, &e->words, &e->words_budget, e->error);
  for (size_t i = 0; !code && i < e->words.n; i++) {
    const char *word = e->words.text.bytes + e->words.pieces[i].start;
    size_t n = e->words.pieces[i].end - e->words.pieces[i].start;
    if (t->byte_level) {
      e->mapped.size = 0;
      code = bl_byte_level_append(&e->mapped, word, n, e->error);
      word = e->mapped.bytes;
      n = e->mapped.size;
    }
    if (!code) code = t->kind->encode(t, e->work, word, n, &e->ids, e->error);
  }
  return code;
}

static size_t left_of(size_t n, size_t done) {
  return n > done ? n - done : 0;
}

/* Encodes a part of the text, of which n_first bytes come of the text's first character. */
typedef bl_code (*encode_part_fn)(encoder *e, const char *text, size_t size, size_t n_first);

/* Writes the ids of the set's tokens and gives the text between them to encode_part. */
static bl_code encode_around(encoder *e, const bl_added_set *set, const char *text, size_t size,
                             size_t n_first, encode_part_fn encode_part) {
  size_t done = 0, from = 0, start, end;
  bl_code code = BL_OK;
  const bl_added_token *token;
  while (!code && (token = bl_added_find(set, text, size, from, done, &start, &end, &from,
                                         &e->added_budget))) {
    if (start > done) code = encode_part(e, text + done, start - done, left_of(n_first, done));
    if (!code) code = bl_ids_append(&e->ids, token->id, e->error);
    done = end;
  }
  if (!code && e->added_budget == 0) code = bl_trie_too_slow(e->error);
  if (!code && done < size) code = encode_part(e, text + done, size - done, left_of(n_first, done));
  return code;
}

static bl_code encode_raw(encoder *e, const char *text, size_t size, size_t n_first) {
  const bl_tokenizer *t = e->tokenizer;
  bl_code code = bl_pieces_set(&e->normal, text, size, n_first, e->error);
  if (!code) code = bl_text_steps_apply(&t->normalize, &e->normal, &e->normal_budget, e->error);
  if (code || e->normal.text.size == 0) return code;
  return encode_around(e, &t->added_normal, e->normal.text.bytes, e->normal.text.size,
                       e->normal.n_first, encode_plain);
}

static size_t first_length(const char *text, size_t size) {
  size_t length = 0;
  if (size > 0) bl_utf8_decode(text, size, 0, &length);
  return length;
}

bl_code bl_tokenizer_encode(const bl_tokenizer *tokenizer, const char *text, size_t text_size,
                            bool add_special, int32_t *ids, size_t capacity, size_t *n_ids,
                            bl_error *error) {
  encoder e = {.tokenizer = tokenizer,
               .normal_budget = bl_text_steps_budget(&tokenizer->normalize, text_size),
               .added_budget = 2 * bl_added_budget(text_size), /* it is searched twice */
               .words_budget = bl_text_steps_budget(&tokenizer->split, text_size),
               .error = error};
  e.work = calloc(1, tokenizer->kind->work_bytes);
  bl_code code = e.work ? BL_OK : bl_fail_memory(error, tokenizer->kind->work_bytes);
  for (size_t i = 0; !code && add_special && i < tokenizer->before.n; i++)
    code = bl_ids_append(&e.ids, tokenizer->before.ids[i], error);
  if (!code)
    code = encode_around(&e, &tokenizer->added, text, text_size, first_length(text, text_size),
                         encode_raw);
  for (size_t i = 0; !code && add_special && i < tokenizer->after.n; i++)
    code = bl_ids_append(&e.ids, tokenizer->after.ids[i], error);
  if (!code) {
    *n_ids = e.ids.n;
    size_t n = e.ids.n < capacity ? e.ids.n : capacity;
    if (n > 0) memcpy(ids, e.ids.ids, n * sizeof *ids);
  }
  bl_pieces_free(&e.normal);
  bl_pieces_free(&e.words);
  bl_buffer_free(&e.mapped);
  if (e.work) tokenizer->kind->free_work(e.work);
  free(e.work);
  bl_ids_free(&e.ids);
  return code;
}

/* Is the text of the token that begins texts at the beginning of this one already? */
static bool begins_itself(const bl_tokenizer *t, const char *text, size_t size) {
  int32_t id = t->special.bos;
  if (id < 0 && t->before.n > 0) id = t->before.ids[0];
  if (!bl_vocab_has(&t->vocab, id)) return false;
  bl_token bos = t->vocab.tokens[id];
  return bos.size > 0 && bos.size <= size && !memcmp(t->vocab.bytes.bytes + bos.at, text, bos.size);
}

bl_code bl_tokenizer_encode_prompt(const bl_tokenizer *tokenizer, const char *text,
                                   size_t text_size, int32_t *ids, size_t capacity, size_t *n_ids,
                                   bl_error *error) {
  bool add_special = !begins_itself(tokenizer, text, text_size);
  return bl_tokenizer_encode(tokenizer, text, text_size, add_special, ids, capacity, n_ids, error);
}
