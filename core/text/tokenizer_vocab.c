/* A tokenizer.json from the older files of a byte-level BPE: vocab.json and merges.txt, and what
 * lies beside them. What becomes of them is as transformers 5.23 makes of GPT2Tokenizer and
 * Qwen2Tokenizer. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "text/tokenizer.h"

/* The files that are there, and what is written. */
typedef struct making {
  cJSON *vocab, *config, *added, *map; /* `vocab` is there; the others may be NULL */
  bool is_qwen;
  bl_json_writer w;
} making;

static const char *const roles[] = {"bos_token", "eos_token", "unk_token", "pad_token"};
enum { N_ROLES = sizeof roles / sizeof *roles };

/* The objects of the files that are there. A tokenizer_config.json that is none is passed over, as
 * where it lies beside a tokenizer.json, whose reader tells of it. */
static bl_code parse_files(making *m, const bl_vocab_files *files, bl_error *error) {
  const struct {
    const char *name;
    bl_vocab_file file;
    cJSON **json;
    bool may_be_odd;
  } all[] = {
      {"vocab.json", files->vocab, &m->vocab, false},
      {"tokenizer_config.json", files->config, &m->config, true},
      {"added_tokens.json", files->added, &m->added, false},
      {"special_tokens_map.json", files->map, &m->map, false},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (!all[i].file.bytes) continue;
    bl_code code =
        bl_json_parse_object(all[i].name, all[i].file.bytes, all[i].file.size, all[i].json, error);
    if (code != BL_OK && !(all[i].may_be_odd && code == BL_ERR_INPUT)) return code;
  }
  return BL_OK;
}

/* Which of the two it is: by the class, else by the model, as transformers' AutoTokenizer. */
static bl_code find_kind(making *m, const char *model_type, bl_error *error) {
  const char *name = cJSON_GetStringValue(bl_json_member(m->config, "tokenizer_class"));
  if (!name && model_type && strncmp(model_type, "qwen", 4) == 0) name = "Qwen2Tokenizer";
  if (!name && model_type && strcmp(model_type, "gpt2") == 0) name = "GPT2Tokenizer";
  size_t size = name ? strlen(name) : 0;
  if (size > 4 && strcmp(name + size - 4, "Fast") == 0) size -= 4;
  m->is_qwen = size == 14 && strncmp(name, "Qwen2Tokenizer", size) == 0;
  if (m->is_qwen || (size == 13 && strncmp(name, "GPT2Tokenizer", size) == 0)) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "vocab.json and merges.txt make a tokenizer of GPT2Tokenizer and Qwen2Tokenizer, "
                 "but tokenizer_config.json's tokenizer_class is %s%.64s%s",
                 name ? "'" : "", name ? name : "missing", name ? "'" : "");
}

/* ---- added tokens --------------------------------------------------------------------------- */

/* "<s>", or {"content": "<s>", …}. */
static const char *content_of(const cJSON *item) {
  return cJSON_GetStringValue(cJSON_IsObject(item) ? bl_json_member(item, "content") : item);
}

/* The text of a token with a part to play; NULL where there is none. */
static const char *token_of(const making *m, int role) {
  const cJSON *files[] = {m->config, m->map};
  for (int i = 0; i < 2; i++) {
    const cJSON *item = files[i] ? cJSON_GetObjectItemCaseSensitive(files[i], roles[role]) : NULL;
    if (item) return content_of(item);
  }
  /* The classes' own: Qwen's has no token before a text, GPT-2's none to fill up. */
  bool has_own = m->is_qwen ? role != 0 : role != 3;
  return has_own ? "<|endoftext|>" : NULL;
}

static bool is_among(const cJSON *list, const char *text) {
  const cJSON *item;
  cJSON_ArrayForEach(item, list) {
    const char *content = content_of(item);
    if (content && strcmp(content, text) == 0) return true;
  }
  return false;
}

static bool is_special(const making *m, const char *text) {
  static const char more[] = "additional_special_tokens";
  for (int role = 0; role < N_ROLES; role++) {
    const char *token = token_of(m, role);
    if (token && strcmp(token, text) == 0) return true;
  }
  return is_among(bl_json_member(m->config, more), text) ||
         is_among(bl_json_member(m->map, more), text);
}

static void put_added(making *m, double id, const char *content, bool special, const cJSON *flags) {
  static const char *const names[] = {"single_word", "lstrip", "rstrip", "normalized"};
  bl_json_open(&m->w, NULL, '{');
  bl_json_put_number(&m->w, "id", id);
  bl_json_put_string(&m->w, "content", content);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    bl_json_put_bool(&m->w, names[i], cJSON_IsTrue(bl_json_member(flags, names[i])));
  bl_json_put_bool(&m->w, "special", special);
  bl_json_close(&m->w, '}');
}

/* The id that added_tokens.json or vocab.json gives a text; -1 where neither has it. */
static double id_of(const making *m, const char *text) {
  const cJSON *id = bl_json_member(m->added, text);
  if (!id) id = bl_json_member(m->vocab, text);
  return cJSON_IsNumber(id) ? id->valuedouble : -1;
}

/* Those of tokenizer_config.json, by id; else those of added_tokens.json and of special tokens. */
static void put_added_tokens(making *m) {
  const cJSON *decoder = bl_json_member(m->config, "added_tokens_decoder"), *item;
  bl_json_open(&m->w, "added_tokens", '[');
  cJSON_ArrayForEach(item, decoder) {
    const char *content = content_of(item);
    if (content)
      put_added(m, strtod(item->string, NULL), content,
                cJSON_IsTrue(bl_json_member(item, "special")), item);
  }
  if (!decoder) {
    cJSON_ArrayForEach(item, m->added) {
      if (cJSON_IsNumber(item))
        put_added(m, item->valuedouble, item->string, is_special(m, item->string), NULL);
    }
    for (int role = 0; role < N_ROLES; role++) {
      const char *token = token_of(m, role);
      bool is_told = !token || bl_json_member(m->added, token);
      for (int before = 0; !is_told && before < role; before++) {
        const char *other = token_of(m, before);
        is_told = other && strcmp(other, token) == 0;
      }
      if (!is_told && id_of(m, token) >= 0) put_added(m, id_of(m, token), token, true, NULL);
    }
  }
  bl_json_close(&m->w, ']');
}

/* ---- the pipeline --------------------------------------------------------------------------- */

static void put_byte_level(making *m, const char *key, bool adds_space, bool splits) {
  bl_json_open(&m->w, key, '{');
  bl_json_put_string(&m->w, "type", "ByteLevel");
  bl_json_put_bool(&m->w, "add_prefix_space", adds_space);
  bl_json_put_bool(&m->w, "trim_offsets", false);
  bl_json_put_bool(&m->w, "use_regex", splits);
  bl_json_close(&m->w, '}');
}

static void put_splitting(making *m) {
  static const char pattern[] =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+"
      "[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  bool adds_space = cJSON_IsTrue(bl_json_member(m->config, "add_prefix_space"));
  if (!m->is_qwen) {
    bl_json_put_null(&m->w, "normalizer");
    put_byte_level(m, "pre_tokenizer", adds_space, true);
    return;
  }
  bl_json_put_raw(&m->w, "normalizer", "{\"type\":\"NFC\"}");
  bl_json_open(&m->w, "pre_tokenizer", '{');
  bl_json_put_string(&m->w, "type", "Sequence");
  bl_json_open(&m->w, "pretokenizers", '[');
  bl_json_open(&m->w, NULL, '{');
  bl_json_put_string(&m->w, "type", "Split");
  bl_json_open(&m->w, "pattern", '{');
  bl_json_put_string(&m->w, "Regex", pattern);
  bl_json_close(&m->w, '}');
  bl_json_put_string(&m->w, "behavior", "Isolated");
  bl_json_put_bool(&m->w, "invert", false);
  bl_json_close(&m->w, '}');
  put_byte_level(m, NULL, adds_space, false);
  bl_json_close(&m->w, ']');
  bl_json_close(&m->w, '}');
}

/* A token before every text, where GPT-2's settings ask for one. */
static void put_ends(making *m) {
  const char *bos = token_of(m, 0);
  bool adds = !m->is_qwen && cJSON_IsTrue(bl_json_member(m->config, "add_bos_token"));
  if (!adds || !bos || id_of(m, bos) < 0) {
    put_byte_level(m, "post_processor", true, true);
    return;
  }
  bl_json_open(&m->w, "post_processor", '{');
  bl_json_put_string(&m->w, "type", "TemplateProcessing");
  bl_json_open(&m->w, "single", '[');
  bl_json_open(&m->w, NULL, '{');
  bl_json_open(&m->w, "SpecialToken", '{');
  bl_json_put_string(&m->w, "id", bos);
  bl_json_put_number(&m->w, "type_id", 0);
  bl_json_close(&m->w, '}');
  bl_json_close(&m->w, '}');
  bl_json_put_raw(&m->w, NULL, "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}");
  bl_json_close(&m->w, ']');
  bl_json_put_raw(&m->w, "pair", "[]");
  bl_json_open(&m->w, "special_tokens", '{');
  bl_json_open(&m->w, bos, '{');
  bl_json_put_string(&m->w, "id", bos);
  bl_json_open(&m->w, "ids", '[');
  bl_json_put_number(&m->w, NULL, id_of(m, bos));
  bl_json_close(&m->w, ']');
  bl_json_open(&m->w, "tokens", '[');
  bl_json_put_string(&m->w, NULL, bos);
  bl_json_close(&m->w, ']');
  bl_json_close(&m->w, '}');
  bl_json_close(&m->w, '}');
  bl_json_close(&m->w, '}');
}

/* ---- vocabulary ----------------------------------------------------------------------------- */

/* One on each line but the first, where that tells the version; blank ones are none. */
static void put_merges(making *m, bl_vocab_file merges) {
  bl_json_open(&m->w, "merges", '[');
  for (size_t at = 0; at < merges.size;) {
    const char *line = merges.bytes + at, *end = memchr(line, '\n', merges.size - at);
    size_t size = end ? (size_t)(end - line) : merges.size - at;
    bool is_version = at == 0 && size >= 8 && memcmp(line, "#version", 8) == 0;
    at += size + 1;
    if (size > 0 && line[size - 1] == '\r') size--;
    if (size > 0 && !is_version) bl_json_put_bytes(&m->w, NULL, line, size);
  }
  bl_json_close(&m->w, ']');
}

static bl_code put_model(making *m, const bl_vocab_files *files, bl_error *error) {
  char *vocab = malloc(files->vocab.size + 1);
  if (!vocab) return bl_fail_memory(error, files->vocab.size + 1);
  memcpy(vocab, files->vocab.bytes, files->vocab.size);
  vocab[files->vocab.size] = '\0';
  bl_json_open(&m->w, "model", '{');
  bl_json_put_string(&m->w, "type", "BPE");
  bl_json_put_raw(&m->w, "vocab", vocab);
  put_merges(m, files->merges);
  bl_json_close(&m->w, '}');
  free(vocab);
  return BL_OK;
}

bl_code bl_tokenizer_json_from_vocab(const bl_vocab_files *files, char **text, size_t *text_size,
                                     bl_error *error) {
  making m = {.w = {.style = &bl_json_compact}};
  bl_code code = parse_files(&m, files, error);
  if (code == BL_OK) code = find_kind(&m, files->model_type, error);
  if (code == BL_OK) {
    bl_json_open(&m.w, NULL, '{');
    bl_json_put_string(&m.w, "version", "1.0");
    put_added_tokens(&m);
    put_splitting(&m);
    put_ends(&m);
    put_byte_level(&m, "decoder", true, true);
    code = put_model(&m, files, error);
    bl_json_close(&m.w, '}');
  }
  if (code == BL_OK)
    code = bl_json_finish(&m.w, text, text_size, error);
  else
    bl_json_discard(&m.w);
  cJSON_Delete(m.vocab);
  cJSON_Delete(m.config);
  cJSON_Delete(m.added);
  cJSON_Delete(m.map);
  return code;
}
