/* A tokenizer.json from SentencePiece's tokenizer.model, as transformers 5.24 makes one: of the
 * classes that have steps of their own by these, and else by what the file itself says
 * (convert_slow_tokenizer.py, build_tokenizer_from_spm_proto). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/older.h"
#include "text/sentencepiece.h"
#include "text/vocab.h"

static const char file[] = "tokenizer.model";
#define MARK "\xe2\x96\x81" /* U+2581, which stands for a space */

typedef enum style { BY_FILE, LLAMA, GEMMA, T5, XLM_ROBERTA, N_STYLES } style;

/* What is written of. */
typedef struct pieces {
  bl_older *o;
  style style;
  bl_sentencepiece model;
  bl_vocab vocab; /* the final ids */
  bool is_bpe;
  bl_buffer text; /* the last one that was asked for */
  bl_error *error;
} pieces;

/* A token's text, with a NUL behind it. */
static const char *text_of(pieces *p, int32_t id) {
  bl_token t = p->vocab.tokens[id];
  p->text.size = 0;
  if (bl_buffer_append(&p->text, p->vocab.bytes.bytes + t.at, t.size, NULL) ||
      bl_buffer_append(&p->text, "", 1, NULL)) {
    p->o->w.failed = true;
    return "";
  }
  return p->text.bytes;
}

static int32_t id_of(const pieces *p, const char *text) {
  return text ? bl_vocab_find(&p->vocab, text, strlen(text)) : -1;
}

/* ---- ids ---- */

static bl_code add(pieces *p, int32_t *id, const char *text, size_t size) {
  return bl_vocab_add(&p->vocab, (*id)++, text, size, p->error);
}

static bl_code add_named(pieces *p, int32_t *id, const char *role, const char *otherwise) {
  const char *text = bl_older_token(p->o, role, otherwise);
  if (!text) text = otherwise;
  return add(p, id, text, strlen(text));
}

enum { MAX_EXTRA_IDS = 10000 };

static int32_t n_extra_ids(const pieces *p) {
  const cJSON *item = bl_json_member(p->o->config, "extra_ids");
  double n = cJSON_IsNumber(item) ? item->valuedouble : 100;
  return p->style == T5 && n >= 0 && n <= (double)MAX_EXTRA_IDS ? (int32_t)n : 0;
}

/* XLM-R has four tokens of its own in the place of the file's first three; it has one more at the
 * end, and T5 has a hundred. */
static bl_code make_ids(pieces *p) {
  int32_t id = 0;
  size_t first = p->style == XLM_ROBERTA ? 3 : 0;
  if (p->model.n_pieces > INT32_MAX / 2)
    return bl_fail(p->error, BL_ERR_INPUT, "%s: too many pieces", file);
  bl_code code = bl_vocab_reserve(&p->vocab, p->model.n_pieces + 5 + MAX_EXTRA_IDS, p->error);
  if (first) {
    if (!code) code = add_named(p, &id, "bos_token", "<s>");
    if (!code) code = add_named(p, &id, "pad_token", "<pad>");
    if (!code) code = add_named(p, &id, "eos_token", "</s>");
    if (!code) code = add_named(p, &id, "unk_token", "<unk>");
  }
  for (size_t i = first; !code && i < p->model.n_pieces; i++)
    code = add(p, &id, p->model.pieces[i].text.bytes, p->model.pieces[i].text.size);
  if (!code && first) code = add_named(p, &id, "mask_token", "<mask>");
  for (int32_t i = n_extra_ids(p); !code && i > 0; i--) {
    char text[32];
    int size = snprintf(text, sizeof text, "<extra_id_%d>", (int)i - 1);
    code = add(p, &id, text, (size_t)size);
  }
  return code;
}

/* The piece of an id; NULL: it is not of the file. */
static const bl_sp_piece *piece_of(const pieces *p, int32_t id) {
  int64_t i = p->style == XLM_ROBERTA ? (int64_t)id - 1 : id;
  bool is_own = p->style == XLM_ROBERTA && id < 4;
  return is_own || i < 0 || (size_t)i >= p->model.n_pieces ? NULL : &p->model.pieces[i];
}

/* ---- model ---- */

static void put_scores(pieces *p) {
  bl_json_open(&p->o->w, "vocab", '[');
  for (int32_t id = 0; (size_t)id < p->vocab.n_tokens; id++) {
    const bl_sp_piece *piece = piece_of(p, id);
    bl_json_open(&p->o->w, NULL, '[');
    bl_json_put_string(&p->o->w, NULL, text_of(p, id));
    bl_json_put_number(&p->o->w, NULL, piece ? (double)piece->score : 0);
    bl_json_close(&p->o->w, ']');
  }
  bl_json_close(&p->o->w, ']');
}

/* Of several pieces with one text the last has it. */
static void put_ids(pieces *p) {
  bl_json_open(&p->o->w, "vocab", '{');
  for (int32_t id = 0; (size_t)id < p->vocab.n_tokens; id++) {
    const char *text = text_of(p, id);
    if (id_of(p, text) == id) bl_json_put_number(&p->o->w, text, id);
  }
  bl_json_close(&p->o->w, '}');
}

typedef struct merge {
  float score; /* 0 where the order is that of ids */
  int32_t id;
  uint32_t cut; /* bytes of its first part */
} merge;

static int by_order(const void *a, const void *b) {
  const merge *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  if (x->id != y->id) return x->id < y->id ? -1 : 1;
  return (x->cut > y->cut) - (x->cut < y->cut);
}

enum { MAX_MERGED_SIZE = 1024 }; /* bytes of a piece that merges can make: bounds their search */

typedef struct merges {
  merge *list;
  size_t n, capacity;
  uint64_t n_bytes; /* of the texts that they make */
} merges;

/* How many times the file's size those may be, which real ones do not reach once. */
enum { MAX_MERGES_GROWTH = 32 };

/* Is it a piece that merges are made of? */
static bool is_merged(const pieces *p, int32_t id) {
  return id >= 0 && (p->style != BY_FILE || p->model.pieces[id].type == BL_PIECE_NORMAL);
}

static bl_code add_merges_of(const pieces *p, int32_t id, merges *found) {
  bl_span text = p->model.pieces[id].text;
  bool can_be = is_merged(p, id) && text.size <= MAX_MERGED_SIZE &&
                bl_vocab_find(&p->vocab, text.bytes, text.size) == id;
  for (size_t cut = 1; can_be && cut < text.size; cut++) {
    if (((unsigned char)text.bytes[cut] & 0xc0) == 0x80) continue;
    int32_t left = bl_vocab_find(&p->vocab, text.bytes, cut);
    if (!is_merged(p, left)) continue;
    if (!is_merged(p, bl_vocab_find(&p->vocab, text.bytes + cut, text.size - cut))) continue;
    found->n_bytes += text.size;
    if (found->n_bytes > (uint64_t)p->o->files->pieces.size * MAX_MERGES_GROWTH)
      return bl_fail(p->error, BL_ERR_UNSUPPORTED,
                     "%s: its pieces can be merged in more ways than a file of %zu bytes may have",
                     file, p->o->files->pieces.size);
    void *list = found->list;
    bl_code code = bl_grow(&list, &found->capacity, found->n + 1, sizeof *found->list, p->error);
    found->list = list;
    if (code) return code;
    float score = p->style == BY_FILE ? p->model.pieces[id].score : 0;
    found->list[found->n++] = (merge){score, id, (uint32_t)cut};
  }
  return BL_OK;
}

static bl_code put_merges(pieces *p) {
  merges found = {0};
  bl_code code = BL_OK;
  for (int32_t id = 0; !code && (size_t)id < p->model.n_pieces; id++)
    code = add_merges_of(p, id, &found);
  if (found.n > 0) qsort(found.list, found.n, sizeof *found.list, by_order);
  bl_json_open(&p->o->w, "merges", '[');
  for (size_t i = 0; !code && i < found.n; i++) {
    bl_span text = p->model.pieces[found.list[i].id].text;
    size_t cut = found.list[i].cut;
    bl_json_open(&p->o->w, NULL, '[');
    bl_json_put_bytes(&p->o->w, NULL, text.bytes, cut);
    bl_json_put_bytes(&p->o->w, NULL, text.bytes + cut, text.size - cut);
    bl_json_close(&p->o->w, ']');
  }
  bl_json_close(&p->o->w, ']');
  free(found.list);
  return code;
}

static bool has_user_defined(const pieces *p) {
  for (size_t i = 0; i < p->model.n_pieces; i++)
    if (p->model.pieces[i].type == BL_PIECE_USER_DEFINED) return true;
  return false;
}

static bl_code put_model(pieces *p) {
  bl_json_writer *w = &p->o->w;
  bl_code code = BL_OK;
  bl_json_open(w, "model", '{');
  bl_json_put_string(w, "type", p->is_bpe ? "BPE" : "Unigram");
  bool of_file = p->style == BY_FILE;
  bl_json_put_bool(w, "byte_fallback", of_file ? p->model.byte_fallback : p->is_bpe);
  if (p->is_bpe) {
    bl_json_put_bool(w, "fuse_unk", true);
    bl_json_put_bool(w, "ignore_merges", of_file && has_user_defined(p));
    if (p->style != LLAMA) bl_json_put_string(w, "unk_token", text_of(p, p->model.unknown));
    put_ids(p);
    code = put_merges(p);
  } else {
    bl_json_put_number(w, "unk_id",
                       p->style == XLM_ROBERTA ? 3
                       : p->style == T5        ? 2
                                               : p->model.unknown);
    put_scores(p);
  }
  bl_json_close(w, '}');
  return code;
}

/* ---- steps ---- */

static void put_charsmap(pieces *p) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  bl_span map = p->model.charsmap;
  size_t n = (map.size + 2) / 3 * 4;
  char *text = malloc(n + 1), *at = text;
  if (!text) {
    p->o->w.failed = true;
    return;
  }
  for (size_t i = 0; i < map.size; i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; k++)
      bits = bits << 8 | (i + k < map.size ? (uint8_t)map.bytes[i + k] : 0);
    for (int k = 0; k < 4; k++) *at++ = digits[bits >> (18 - 6 * k) & 63];
  }
  for (size_t i = 0; i < (3 - map.size % 3) % 3; i++) text[n - 1 - i] = '=';
  text[n] = '\0';
  bl_json_open(&p->o->w, NULL, '{');
  bl_json_put_string(&p->o->w, "type", "Precompiled");
  bl_json_put_string(&p->o->w, "precompiled_charsmap", text);
  bl_json_close(&p->o->w, '}');
  free(text);
}

static void put_replace(pieces *p, const char *key, const char *kind, const char *from,
                        const char *to) {
  bl_json_writer *w = &p->o->w;
  bl_json_open(w, key, '{');
  bl_json_put_string(w, "type", "Replace");
  bl_json_open(w, "pattern", '{');
  bl_json_put_string(w, kind, from);
  bl_json_close(w, '}');
  bl_json_put_string(w, "content", to);
  bl_json_close(w, '}');
}

static void put_metaspace(pieces *p, const char *key, const char *scheme, bool splits) {
  bl_json_writer *w = &p->o->w;
  bl_json_open(w, key, '{');
  bl_json_put_string(w, "type", "Metaspace");
  bl_json_put_string(w, "replacement", MARK);
  bl_json_put_string(w, "prepend_scheme", scheme);
  bl_json_put_bool(w, "split", splits);
  bl_json_close(w, '}');
}

static void put_normalizer(pieces *p) {
  bl_json_writer *w = &p->o->w;
  bool of_file = p->style == BY_FILE;
  const bl_sentencepiece *m = &p->model;
  bool legacy = bl_older_flag(p->o, "legacy", true);
  bl_json_open(w, "normalizer", '{');
  bl_json_put_string(w, "type", "Sequence");
  bl_json_open(w, "normalizers", '[');
  if (m->charsmap.size > 0 && p->style != LLAMA && p->style != GEMMA) put_charsmap(p);
  if (of_file && m->trims) {
    put_replace(p, NULL, "Regex", "\\A +| +\\z", "");
    put_replace(p, NULL, "Regex", " {2,}", " ");
  }
  if (p->style == GEMMA || (of_file && m->escapes)) put_replace(p, NULL, "String", " ", MARK);
  if (of_file && m->adds_prefix && legacy) put_replace(p, NULL, "Regex", "\\A" MARK, MARK MARK);
  bl_json_close(w, ']');
  bl_json_close(w, '}');
}

/* One of the pieces that are never merged is matched first where it is longer. */
static int by_length(const void *a, const void *b) {
  const bl_sp_piece *const *x = a, *const *y = b;
  size_t n = (*x)->text.size, m = (*y)->text.size;
  return n != m ? (n < m) - (n > m) : (*x > *y) - (*x < *y);
}

/* An expression for them, escaped as by Python's re.escape. */
static bl_code user_defined(const pieces *p, bl_buffer *regex) {
  const bl_sp_piece **list = malloc((p->model.n_pieces + 1) * sizeof *list);
  if (!list) return bl_fail_memory(p->error, p->model.n_pieces * sizeof *list);
  size_t n = 0;
  for (size_t i = 0; i < p->model.n_pieces; i++)
    if (p->model.pieces[i].type == BL_PIECE_USER_DEFINED) list[n++] = &p->model.pieces[i];
  qsort(list, n, sizeof *list, by_length);
  bl_code code = BL_OK;
  for (size_t i = 0; !code && i < n; i++) {
    if (i > 0) code = bl_buffer_append(regex, "|", 1, p->error);
    for (size_t k = 0; !code && k < list[i]->text.size; k++) {
      char c = list[i]->text.bytes[k];
      if (strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", c) && c)
        code = bl_buffer_append(regex, "\\", 1, p->error);
      if (!code) code = bl_buffer_append(regex, &c, 1, p->error);
    }
  }
  free(list);
  return code ? code : bl_buffer_append(regex, "", 1, p->error);
}

static bl_code put_pre_tokenizer(pieces *p) {
  bl_json_writer *w = &p->o->w;
  bool adds = bl_older_flag(p->o, "add_prefix_space", true);
  bool legacy = bl_older_flag(p->o, "legacy", p->style == BY_FILE);
  const char *scheme = !adds && p->style != BY_FILE ? "never" : legacy ? "always" : "first";
  bl_buffer regex = {0};
  bl_code code = BL_OK;
  bl_json_open(w, "pre_tokenizer", '{');
  bl_json_put_string(w, "type", "Sequence");
  bl_json_open(w, "pretokenizers", '[');
  if (p->style == GEMMA)
    bl_json_put_raw(w, NULL,
                    "{\"type\":\"Split\",\"pattern\":{\"String\":\" \"},"
                    "\"behavior\":\"MergedWithPrevious\",\"invert\":false}");
  if (p->style == T5 || p->style == XLM_ROBERTA) {
    bl_json_put_raw(w, NULL, "{\"type\":\"WhitespaceSplit\"}");
    put_metaspace(p, NULL, adds || p->style == T5 ? "always" : "never", true);
  }
  if (p->style == LLAMA || (p->style == BY_FILE && p->model.adds_prefix))
    put_metaspace(p, NULL, scheme, false);
  if (p->style == BY_FILE && has_user_defined(p)) {
    code = user_defined(p, &regex);
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "type", "Split");
    bl_json_open(w, "pattern", '{');
    bl_json_put_string(w, "Regex", code ? "" : regex.bytes);
    bl_json_close(w, '}');
    bl_json_put_string(w, "behavior", "Isolated");
    bl_json_put_bool(w, "invert", false);
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
  bl_json_close(w, '}');
  bl_buffer_free(&regex);
  return code;
}

static void put_decoder(pieces *p) {
  bl_json_writer *w = &p->o->w;
  if (p->style == T5 || p->style == XLM_ROBERTA) {
    put_metaspace(p, "decoder", "always", true);
    return;
  }
  bool of_file = p->style == BY_FILE;
  bool strips = of_file ? p->model.adds_prefix
                        : p->style == LLAMA && bl_older_flag(p->o, "add_prefix_space", true);
  bl_json_open(w, "decoder", '{');
  bl_json_put_string(w, "type", "Sequence");
  bl_json_open(w, "decoders", '[');
  put_replace(p, NULL, "String", MARK, " ");
  if (!of_file || p->model.byte_fallback) bl_json_put_raw(w, NULL, "{\"type\":\"ByteFallback\"}");
  bl_json_put_raw(w, NULL, "{\"type\":\"Fuse\"}");
  if (strips)
    bl_json_put_raw(w, NULL, "{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}");
  bl_json_close(w, ']');
  bl_json_close(w, '}');
}

/* ---- tokens with a part to play ---- */

/* The names that a class gives them where no file does; NULL: none. */
static const char *const roles[] = {"bos_token", "eos_token", "unk_token", "pad_token",
                                    "cls_token", "sep_token", "mask_token"};
enum { N_ROLES = sizeof roles / sizeof *roles };
static const char *const defaults[N_STYLES][N_ROLES] = {
    [LLAMA] = {"<s>", "</s>", "<unk>"},
    [GEMMA] = {"<bos>", "<eos>", "<unk>", "<pad>", NULL, NULL, "<mask>"},
    [T5] = {NULL, "</s>", "<unk>", "<pad>"},
    [XLM_ROBERTA] = {"<s>", "</s>", "<unk>", "<pad>", "<s>", "</s>", "<mask>"},
};

static const char *role_text(pieces *p, int role, char text[64]) {
  const bl_sentencepiece *m = &p->model;
  const char *otherwise = defaults[p->style][role];
  if (p->style == BY_FILE && role < 3) {
    bl_span own = role == 0 ? m->bos_text : role == 1 ? m->eos_text : m->unknown_text;
    bool is_there = (role == 0 ? m->bos : role == 1 ? m->eos : m->unknown) >= 0;
    int size = own.size < 64 ? (int)own.size : 63;
    snprintf(text, 64, "%.*s", size, own.bytes);
    otherwise = is_there ? text : NULL;
  }
  return bl_older_token(p->o, roles[role], otherwise);
}

/* Those that tokenizer_config.json lists are written already. */
static void unmark_listed(const pieces *p, uint8_t *marks) {
  const cJSON *item;
  cJSON_ArrayForEach(item, bl_json_member(p->o->config, "added_tokens_decoder")) {
    char *end;
    long id = item->string ? strtol(item->string, &end, 10) : -1;
    if (id >= 0 && *end == '\0' && (size_t)id < p->vocab.n_tokens) marks[id] = 0;
  }
}

/* Marks the ids that are looked for in a text as they are: 1, and 2 where they are special. */
static void mark_added(pieces *p, uint8_t *marks) {
  for (int32_t id = 0; (size_t)id < p->vocab.n_tokens; id++) {
    const bl_sp_piece *piece = piece_of(p, id);
    if (!piece) marks[id] = p->style == T5 ? 2 : 0;
    if (piece && piece->type == BL_PIECE_CONTROL) marks[id] = 2;
    if (piece && piece->type == BL_PIECE_USER_DEFINED && p->style != BY_FILE) marks[id] = 1;
  }
  for (int role = 0; role < N_ROLES; role++) {
    char text[64];
    int32_t id = id_of(p, role_text(p, role, text));
    if (id >= 0) marks[id] = 2;
  }
}

static bl_code put_added_tokens(pieces *p) {
  uint8_t *marks = calloc(p->vocab.n_tokens + 1, 1);
  if (!marks) return bl_fail_memory(p->error, p->vocab.n_tokens);
  mark_added(p, marks);
  bl_json_open(&p->o->w, "added_tokens", '[');
  if (bl_older_put_decoder(p->o)) unmark_listed(p, marks);
  for (int32_t id = 0; (size_t)id < p->vocab.n_tokens; id++)
    if (marks[id]) bl_older_put_added(p->o, id, text_of(p, id), marks[id] == 2, NULL);
  bl_json_close(&p->o->w, ']');
  free(marks);
  return BL_OK;
}

static void put_ends(pieces *p) {
  char bos_text[64], eos_text[64];
  bool always = p->style == XLM_ROBERTA, is_t5 = p->style == T5;
  bool adds_bos = always || (!is_t5 && bl_older_flag(p->o, "add_bos_token", false));
  bool adds_eos = always || is_t5 || bl_older_flag(p->o, "add_eos_token", false);
  const char *bos = adds_bos ? role_text(p, 0, bos_text) : NULL;
  const char *eos = is_t5 ? "</s>" : adds_eos ? role_text(p, 1, eos_text) : NULL;
  if (id_of(p, bos) < 0) bos = NULL;
  if (id_of(p, eos) < 0) eos = NULL;
  if (bos || eos)
    bl_older_put_template(p->o, bos, id_of(p, bos), eos, id_of(p, eos));
  else
    bl_json_put_null(&p->o->w, "post_processor");
}

static style find_style(const bl_older *o) {
  static const char *const names[N_STYLES] = {NULL, "LlamaTokenizer", "GemmaTokenizer",
                                              "T5Tokenizer", "XLMRobertaTokenizer"};
  for (int i = 1; i < N_STYLES; i++)
    if (bl_older_is_class(o, names[i])) return (style)i;
  return BY_FILE;
}

bl_code bl_older_put_pieces(bl_older *o, bl_error *error) {
  pieces p = {.o = o, .style = find_style(o), .error = error};
  bl_vocab_file bytes = o->files->pieces;
  bl_code code = bl_sentencepiece_read(&p.model, file, bytes.bytes, bytes.size, error);
  p.is_bpe = p.model.model_type == 2;
  bool wants_bpe = p.style == LLAMA || p.style == GEMMA;
  if (!code && p.style != BY_FILE && wants_bpe != p.is_bpe)
    code = bl_fail(
        error, BL_ERR_UNSUPPORTED,
        "%s: model_type %d does not go with tokenizer_config.json's tokenizer_class '%.64s'", file,
        (int)p.model.model_type, o->class_name);
  if (!code) code = make_ids(&p);
  if (!code) code = put_added_tokens(&p);
  if (!code) put_normalizer(&p);
  if (!code) code = put_pre_tokenizer(&p);
  if (!code) put_ends(&p);
  if (!code) put_decoder(&p);
  if (!code) code = put_model(&p);
  bl_vocab_free(&p.vocab);
  bl_buffer_free(&p.text);
  bl_sentencepiece_free(&p.model);
  return code;
}
