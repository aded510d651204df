/* A tokenizer.json from older files: here of a byte-level BPE, vocab.json and merges.txt, and what
 * lies beside them. What becomes of them is as transformers 5.24 makes of GPT2Tokenizer,
 * Qwen2Tokenizer and RobertaTokenizer. */
#include <stdlib.h>
#include <string.h>

#include "text/older.h"

static const char *const roles[] = {"bos_token", "eos_token", "unk_token", "pad_token",
                                    "cls_token", "sep_token", "mask_token"};
enum { N_ROLES = sizeof roles / sizeof *roles };

/* The objects of the files that are there. A tokenizer_config.json that is none is passed over, as
 * where it lies beside a tokenizer.json, whose reader tells of it. */
static bl_code parse_files(bl_older *m, bl_error *error) {
  const bl_vocab_files *files = m->files;
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

/* The class: of tokenizer_config.json, else the model's own, as transformers' AutoTokenizer. */
static void find_class(bl_older *o) {
  static const char *const classes[][2] = {
      {"qwen", "Qwen2Tokenizer"},      {"gpt2", "GPT2Tokenizer"},
      {"roberta", "RobertaTokenizer"}, {"bert", "BertTokenizer"},
      {"distilbert", "BertTokenizer"}, {"llama", "LlamaTokenizer"},
      {"gemma", "GemmaTokenizer"},     {"t5", "T5Tokenizer"},
      {"mt5", "T5Tokenizer"},          {"xlm-roberta", "XLMRobertaTokenizer"}};
  const char *name = cJSON_GetStringValue(bl_json_member(o->config, "tokenizer_class"));
  const char *model = o->files->model_type ? o->files->model_type : "";
  for (size_t i = 0; !name && i < sizeof classes / sizeof *classes; i++)
    if (strncmp(model, classes[i][0], strlen(classes[i][0])) == 0) name = classes[i][1];
  o->class_name = name ? name : "";
  o->class_size = strlen(o->class_name);
  if (o->class_size > 4 && strcmp(o->class_name + o->class_size - 4, "Fast") == 0)
    o->class_size -= 4;
}

bool bl_older_is_class(const bl_older *o, const char *name) {
  return strlen(name) == o->class_size && strncmp(o->class_name, name, o->class_size) == 0;
}

static bool is_qwen(const bl_older *o) {
  return bl_older_is_class(o, "Qwen2Tokenizer");
}

static bool is_roberta(const bl_older *o) {
  return bl_older_is_class(o, "RobertaTokenizer");
}

static bl_code check_class(const bl_older *o, bl_error *error) {
  if (is_qwen(o) || is_roberta(o) || bl_older_is_class(o, "GPT2Tokenizer")) return BL_OK;
  bool is_named = o->class_size > 0;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "vocab.json and merges.txt make a tokenizer of GPT2Tokenizer, Qwen2Tokenizer and "
                 "RobertaTokenizer, but tokenizer_config.json's tokenizer_class is %s%.64s%s",
                 is_named ? "'" : "", is_named ? o->class_name : "missing", is_named ? "'" : "");
}

/* ---- added tokens --------------------------------------------------------------------------- */

const char *bl_older_content(const cJSON *item) {
  return cJSON_GetStringValue(cJSON_IsObject(item) ? bl_json_member(item, "content") : item);
}

const char *bl_older_token(const bl_older *o, const char *role, const char *otherwise) {
  const cJSON *files[] = {o->config, o->map};
  for (int i = 0; i < 2; i++) {
    const cJSON *item = files[i] ? cJSON_GetObjectItemCaseSensitive(files[i], role) : NULL;
    if (item) return bl_older_content(item);
  }
  return otherwise;
}

bool bl_older_flag(const bl_older *o, const char *key, bool otherwise) {
  const cJSON *item = bl_json_member(o->config, key);
  return cJSON_IsBool(item) ? cJSON_IsTrue(item) : otherwise;
}

/* The classes' own where no file names one: Qwen's has no token before a text, GPT-2's none to fill
 * up. */
static const char *token_of(const bl_older *m, int role) {
  static const char *const robertas[] = {"<s>", "</s>", "<unk>", "<pad>", "<s>", "</s>", "<mask>"};
  bool has_own = role < 4 && (is_qwen(m) ? role != 0 : role != 3);
  const char *own = is_roberta(m) ? robertas[role] : has_own ? "<|endoftext|>" : NULL;
  return bl_older_token(m, roles[role], own);
}

static bool is_among(const cJSON *list, const char *text) {
  const cJSON *item;
  cJSON_ArrayForEach(item, list) {
    const char *content = bl_older_content(item);
    if (content && strcmp(content, text) == 0) return true;
  }
  return false;
}

static bool is_special(const bl_older *m, const char *text) {
  static const char more[] = "additional_special_tokens";
  for (int role = 0; role < N_ROLES; role++) {
    const char *token = token_of(m, role);
    if (token && strcmp(token, text) == 0) return true;
  }
  return is_among(bl_json_member(m->config, more), text) ||
         is_among(bl_json_member(m->map, more), text);
}

void bl_older_put_added(bl_older *m, double id, const char *content, bool special,
                        const cJSON *flags) {
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
static double id_of(const bl_older *m, const char *text) {
  const cJSON *id = bl_json_member(m->added, text);
  if (!id) id = bl_json_member(m->vocab, text);
  return cJSON_IsNumber(id) ? id->valuedouble : -1;
}

bool bl_older_put_decoder(bl_older *m) {
  const cJSON *decoder = bl_json_member(m->config, "added_tokens_decoder"), *item;
  cJSON_ArrayForEach(item, decoder) {
    const char *content = bl_older_content(item);
    if (content && item->string)
      bl_older_put_added(m, strtod(item->string, NULL), content,
                         cJSON_IsTrue(bl_json_member(item, "special")), item);
  }
  return decoder && decoder->child;
}

/* Those of tokenizer_config.json, by id; else those of added_tokens.json and of special tokens. */
static void put_added_tokens(bl_older *m) {
  const cJSON *item;
  bl_json_open(&m->w, "added_tokens", '[');
  bool is_all = bl_older_put_decoder(m);
  if (!is_all) {
    cJSON_ArrayForEach(item, m->added) {
      if (cJSON_IsNumber(item))
        bl_older_put_added(m, item->valuedouble, item->string, is_special(m, item->string), NULL);
    }
    for (int role = 0; role < N_ROLES; role++) {
      const char *token = token_of(m, role);
      bool is_told = !token || bl_json_member(m->added, token);
      for (int before = 0; !is_told && before < role; before++) {
        const char *other = token_of(m, before);
        is_told = other && strcmp(other, token) == 0;
      }
      if (!is_told && id_of(m, token) >= 0)
        bl_older_put_added(m, id_of(m, token), token, true, NULL);
    }
  }
  bl_json_close(&m->w, ']');
}

/* ---- the pipeline --------------------------------------------------------------------------- */

static void put_byte_level(bl_older *m, const char *key, bool adds_space, bool splits) {
  bl_json_open(&m->w, key, '{');
  bl_json_put_string(&m->w, "type", "ByteLevel");
  bl_json_put_bool(&m->w, "add_prefix_space", adds_space);
  bl_json_put_bool(&m->w, "trim_offsets", false);
  bl_json_put_bool(&m->w, "use_regex", splits);
  bl_json_close(&m->w, '}');
}

static void put_splitting(bl_older *m) {
  static const char pattern[] =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+"
      "[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  bool adds_space = cJSON_IsTrue(bl_json_member(m->config, "add_prefix_space"));
  if (!is_qwen(m)) {
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

static void put_template_token(bl_older *o, const char *token) {
  bl_json_open(&o->w, NULL, '{');
  bl_json_open(&o->w, "SpecialToken", '{');
  bl_json_put_string(&o->w, "id", token);
  bl_json_put_number(&o->w, "type_id", 0);
  bl_json_close(&o->w, '}');
  bl_json_close(&o->w, '}');
}

static void put_template_id(bl_older *o, const char *token, int64_t id) {
  bl_json_open(&o->w, token, '{');
  bl_json_put_string(&o->w, "id", token);
  bl_json_open(&o->w, "ids", '[');
  bl_json_put_number(&o->w, NULL, (double)id);
  bl_json_close(&o->w, ']');
  bl_json_open(&o->w, "tokens", '[');
  bl_json_put_string(&o->w, NULL, token);
  bl_json_close(&o->w, ']');
  bl_json_close(&o->w, '}');
}

void bl_older_put_template(bl_older *o, const char *before, int64_t before_id, const char *after,
                           int64_t after_id) {
  bool is_same = before && after && strcmp(before, after) == 0;
  bl_json_open(&o->w, "post_processor", '{');
  bl_json_put_string(&o->w, "type", "TemplateProcessing");
  bl_json_open(&o->w, "single", '[');
  if (before) put_template_token(o, before);
  bl_json_put_raw(&o->w, NULL, "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}");
  if (after) put_template_token(o, after);
  bl_json_close(&o->w, ']');
  bl_json_put_raw(&o->w, "pair", "[]");
  bl_json_open(&o->w, "special_tokens", '{');
  if (before) put_template_id(o, before, before_id);
  if (after && !is_same) put_template_id(o, after, after_id);
  bl_json_close(&o->w, '}');
  bl_json_close(&o->w, '}');
}

/* A token before every text, where GPT-2's settings ask for one; RoBERTa's has one on each side. */
static void put_ends(bl_older *m) {
  const char *bos = token_of(m, 0), *cls = bl_older_token(m, "cls_token", "<s>");
  const char *sep = bl_older_token(m, "sep_token", "</s>");
  bool adds = !is_qwen(m) && bl_older_flag(m, "add_bos_token", false);
  if (is_roberta(m) && cls && sep && id_of(m, cls) >= 0 && id_of(m, sep) >= 0)
    bl_older_put_template(m, cls, (int64_t)id_of(m, cls), sep, (int64_t)id_of(m, sep));
  else if (adds && bos && id_of(m, bos) >= 0)
    bl_older_put_template(m, bos, (int64_t)id_of(m, bos), NULL, 0);
  else
    put_byte_level(m, "post_processor", true, true);
}

/* ---- vocabulary ----------------------------------------------------------------------------- */

/* One on each line but the first, where that tells the version; blank ones are none. */
static void put_merges(bl_older *m, bl_vocab_file merges) {
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

static bl_code put_model(bl_older *m, bl_error *error) {
  bl_vocab_file file = m->files->vocab;
  char *vocab = malloc(file.size + 1);
  if (!vocab) return bl_fail_memory(error, file.size + 1);
  memcpy(vocab, file.bytes, file.size);
  vocab[file.size] = '\0';
  bl_json_open(&m->w, "model", '{');
  bl_json_put_string(&m->w, "type", "BPE");
  bl_json_put_raw(&m->w, "vocab", vocab);
  put_merges(m, m->files->merges);
  bl_json_close(&m->w, '}');
  free(vocab);
  return BL_OK;
}

static bl_code put_byte_level_files(bl_older *m, bl_error *error) {
  bl_code code = check_class(m, error);
  if (code) return code;
  put_added_tokens(m);
  put_splitting(m);
  put_ends(m);
  put_byte_level(m, "decoder", true, true);
  return put_model(m, error);
}

bl_code bl_tokenizer_json_from_vocab(const bl_vocab_files *files, char **text, size_t *text_size,
                                     bl_error *error) {
  bl_older o = {.files = files, .w = {.style = &bl_json_compact}};
  bl_code code = parse_files(&o, error);
  find_class(&o);
  if (code == BL_OK) {
    bl_json_open(&o.w, NULL, '{');
    bl_json_put_string(&o.w, "version", "1.0");
    code = files->vocab.bytes && files->merges.bytes ? put_byte_level_files(&o, error)
           : files->words.bytes                      ? bl_older_put_words(&o, error)
                                                     : bl_older_put_pieces(&o, error);
    bl_json_close(&o.w, '}');
  }
  if (code == BL_OK)
    code = bl_json_finish(&o.w, text, text_size, error);
  else
    bl_json_discard(&o.w);
  cJSON_Delete(o.vocab);
  cJSON_Delete(o.config);
  cJSON_Delete(o.added);
  cJSON_Delete(o.map);
  return code;
}
