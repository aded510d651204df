/* A model card as GGUF's general.* metadata, and that metadata as a model card. Keys and names as
 * in gguf 0.19's metadata.py. */
#include "model/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/config.h"
#include "text/buffer.h"

#define HUB "https://huggingface.co/"
enum { VALUE_SIZE = 2048, MAX_ITEMS = 64 };

/* The texts of GGUF, and what they are called in a card; the first name is the one to write. */
static const struct {
  const char *key;
  const char *names[3];
} card_texts[] = {
    {"general.name", {"model_name", "name"}},
    {"general.author", {"author", "model_author", "model_creator"}},
    {"general.version", {"version", "model_version"}},
    {"general.organization", {"organization", "model_organization"}},
    {"general.finetune", {"finetune", "model_finetune"}},
    {"general.basename", {"basename", "model_basename", "model_type"}},
    {"general.description", {"description", "model_description"}},
    {"general.size_label", {"size_label", "model_size_label"}},
    {"general.license", {"license"}},
    {"general.license.name", {"license_name"}},
    {"general.license.link", {"license_link"}},
    {"general.source.url", {"url", "model_url"}},
    {"general.source.doi", {"doi", "model_doi"}},
    {"general.source.repo_url", {"repo_url", "model_repo_url"}},
};
enum { N_CARD_TEXTS = sizeof card_texts / sizeof *card_texts };

/* What both ways share. */
typedef struct writing {
  const bl_text *card; /* NULL: there is none */
  bl_gguf_header *header;
  bl_notes *notes;
  bl_error *error;
} writing;

static bool value_of(const writing *w, const char *key, int n, char value[VALUE_SIZE]) {
  return w->card && bl_card_value(w->card->bytes, w->card->size, key, n, value, VALUE_SIZE);
}

static void put_string(const writing *w, const char *key, const char *text) {
  bl_gguf_put_string(w->header, key, text, strlen(text));
}

/* ---- GGUF from a card ----------------------------------------------------------------------- */

static bool find_text(const writing *w, int i, char value[VALUE_SIZE]) {
  for (int k = 0; k < 3 && card_texts[i].names[k]; k++)
    if (value_of(w, card_texts[i].names[k], 0, value)) return true;
  return false;
}

static void put_texts(const writing *w, const char *name) {
  char value[VALUE_SIZE];
  for (int i = 0; i < N_CARD_TEXTS; i++) {
    bool found = find_text(w, i, value);
    if (found)
      put_string(w, card_texts[i].key, value);
    else if (i == 0 && name && *name)
      put_string(w, card_texts[i].key, name);
  }
}

/* The items under both keys, the second's after the first's. */
static int count_items(const writing *w, const char *const keys[2]) {
  char value[VALUE_SIZE];
  int n = 0;
  for (int k = 0; k < 2; k++)
    for (int i = 0; n < MAX_ITEMS && value_of(w, keys[k], i, value); i++) n++;
  return n;
}

static void put_list(const writing *w, const char *gguf_key, const char *first,
                     const char *second) {
  const char *const keys[2] = {first, second};
  char value[VALUE_SIZE];
  int n = count_items(w, keys), done = 0;
  if (n == 0) return;
  bl_gguf_put_array(w->header, gguf_key, BL_GGUF_STRING, (uint64_t)n);
  for (int k = 0; k < 2; k++)
    for (int i = 0; done < n && value_of(w, keys[k], i, value); i++, done++)
      bl_gguf_item_string(w->header, value, strlen(value));
}

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* "v1", "v0.2", "7b": stays as it is. */
static bool is_version(const char *word, size_t n) {
  if (is_digit(*word)) return true;
  if (*word != 'v' || n < 2 || !is_digit(word[1])) return false;
  for (size_t i = 2; i < n; i++)
    if (!is_digit(word[i]) && !(word[i] == '.' && i + 1 < n && is_digit(word[i + 1]))) return false;
  return true;
}

/* "my-model-v2" becomes "My Model v2", in place, as in gguf's id_to_title. */
static void make_title(char *id) {
  for (char *c = id; *c; c++)
    if (*c == '-') *c = ' ';
  for (char *word = id; *word;) {
    size_t n = strcspn(word, " ");
    bool all_lower = true, any_lower = false;
    for (size_t i = 0; i < n; i++) {
      all_lower = all_lower && !is_upper(word[i]);
      any_lower = any_lower || is_lower(word[i]);
    }
    bool changes = n > 0 && all_lower && any_lower && !is_version(word, n);
    for (size_t i = 0; changes && i < n; i++)
      if (is_lower(word[i]) && (i == 0 || !(is_lower(word[i - 1]) || is_upper(word[i - 1]))))
        word[i] = (char)(word[i] - 'a' + 'A');
    word += n + (word[n] == ' ');
  }
}

static void put_numbered(const writing *w, const char *what, int i, const char *field,
                         const char *value) {
  char key[64];
  snprintf(key, sizeof key, "general.%s.%d.%s", what, i, field);
  put_string(w, key, value);
}

/* "organization/name" on the hub, or an address. */
static void put_source(const writing *w, const char *what, int i, char *id) {
  char address[VALUE_SIZE + sizeof HUB], *slash = strchr(id, '/');
  if (strstr(id, "://")) {
    put_numbered(w, what, i, "repo_url", id);
    return;
  }
  snprintf(address, sizeof address, "%s%s", HUB, id);
  char *name = slash ? slash + 1 : id;
  if (slash) *slash = '\0';
  make_title(name);
  put_numbered(w, what, i, "name", name);
  if (!slash) return;
  make_title(id);
  put_numbered(w, what, i, "organization", id);
  put_numbered(w, what, i, "repo_url", address);
}

static void put_sources(const writing *w, const char *what, const char *first, const char *second) {
  const char *const keys[2] = {first, second};
  char key[64], value[VALUE_SIZE];
  int n = count_items(w, keys), done = 0;
  if (n == 0) return;
  snprintf(key, sizeof key, "general.%s.count", what);
  bl_gguf_put_u32(w->header, key, (uint32_t)n);
  for (int k = 0; k < 2; k++)
    for (int i = 0; done < n && value_of(w, keys[k], i, value); i++)
      put_source(w, what, done++, value);
}

/* ---- how to sample -------------------------------------------------------------------------- */

#define SAMPLING "general.sampling."

static const struct {
  const char *name; /* in generation_config.json */
  const char *key;
  bool is_whole;
} sampling[] = {
    {"top_k", SAMPLING "top_k", true},
    {"top_p", SAMPLING "top_p", false},
    {"min_p", SAMPLING "min_p", false},
    {"xtc_probability", SAMPLING "xtc_probability", false},
    {"xtc_threshold", SAMPLING "xtc_threshold", false},
    {"temperature", SAMPLING "temp", false},
    {"penalty_last_n", SAMPLING "penalty_last_n", true},
    {"penalty_repeat", SAMPLING "penalty_repeat", false},
    {"mirostat", SAMPLING "mirostat", true},
    {"mirostat_tau", SAMPLING "mirostat_tau", false},
    {"mirostat_eta", SAMPLING "mirostat_eta", false},
};
enum { N_SAMPLING = sizeof sampling / sizeof *sampling };

static bool put_sampling(const writing *w, const cJSON *item) {
  double x = item->valuedouble;
  for (int i = 0; i < N_SAMPLING; i++) {
    if (!cJSON_IsNumber(item) || strcmp(item->string, sampling[i].name) != 0) continue;
    if (!sampling[i].is_whole)
      bl_gguf_put_f32(w->header, sampling[i].key, (float)x);
    else if (x >= -0x1p31 && x < 0x1p31)
      bl_gguf_put_i32(w->header, sampling[i].key, (int32_t)x);
    return true;
  }
  return false;
}

/* Of generation_config.json: what is kept elsewhere, or changes nothing. */
static bool is_no_setting(const cJSON *item) {
  static const char *const keys[] = {"do_sample", "transformers_version", "_from_model_config",
                                     "_commit_hash"};
  size_t n = strlen(item->string);
  if (cJSON_IsNull(item)) return true;
  if (n > 9 && strcmp(item->string + n - 9, "_token_id") == 0) return true;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (strcmp(item->string, keys[i]) == 0) return true;
  return false;
}

static bl_code put_generation(const writing *w, const bl_text *generation) {
  char left_out[200] = "";
  int n_left_out = 0;
  cJSON *root = NULL, *item;
  bl_error problem;
  if (!generation) return BL_OK;
  bl_code code =
      bl_json_parse(generation->name, generation->bytes, generation->size, &root, &problem);
  if (code == BL_ERR_MEMORY) return bl_fail_memory(w->error, generation->size);
  if (code != BL_OK) return BL_OK; /* whoever loaded the model was told */
  cJSON_ArrayForEach(item, root) {
    if (!item->string || put_sampling(w, item) || is_no_setting(item)) continue;
    size_t used = strlen(left_out);
    snprintf(left_out + used, sizeof left_out - used, "%s%.60s", n_left_out++ ? ", " : "",
             item->string);
  }
  cJSON_Delete(root);
  if (n_left_out == 0) return BL_OK;
  return bl_note_add(w->notes, w->error, "generation-settings-left-out", "generation_config.json",
                     n_left_out, "GGUF has no key for these settings of generation_config.json: %s",
                     left_out);
}

void bl_sampling_from_gguf(const bl_index *index, bl_json_writer *w) {
  bool any = false;
  for (int i = 0; i < N_SAMPLING; i++) {
    const bl_meta *meta = bl_index_meta(index, sampling[i].key);
    bool is_whole = meta && meta->kind == BL_META_INT;
    if (!is_whole && !(meta && meta->kind == BL_META_FLOAT)) continue;
    double x = is_whole ? (double)meta->i : bl_plain_decimal(meta->f);
    bl_json_put_number(w, sampling[i].name, x);
    any = true;
  }
  if (any) bl_json_put_bool(w, "do_sample", true);
}

bl_code bl_card_to_gguf(const bl_texts *texts, const char *name, bl_gguf_header *header,
                        bl_notes *notes, bl_error *error) {
  const writing w = {bl_texts_find(texts, "README.md"), header, notes, error};
  bl_code code = put_generation(&w, bl_texts_find(texts, "generation_config.json"));
  put_texts(&w, name);
  put_sources(&w, "base_model", "base_model", "base_models");
  put_sources(&w, "dataset", "datasets", "dataset");
  put_list(&w, "general.tags", "tags", "pipeline_tag");
  put_list(&w, "general.languages", "languages", "language");
  return code;
}

bool bl_gguf_key_travels(const char *key) {
  static const char *const no_origin[] = {"general.architecture", "general.type",
                                          "general.file_type", "general.quantization_version",
                                          "general.alignment"};
  static const char *const ids[] = {"seperator", "cls", "mask", "prefix", "suffix", "middle"};
  for (size_t i = 0; i < sizeof no_origin / sizeof *no_origin; i++)
    if (strcmp(key, no_origin[i]) == 0) return false;
  if (strncmp(key, "general.", 8) == 0) return true;
  if (strncmp(key, "tokenizer.ggml.fim_", 19) == 0) return true;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    size_t n = strlen(ids[i]);
    if (strncmp(key, "tokenizer.ggml.", 15) == 0 && strncmp(key + 15, ids[i], n) == 0 &&
        strcmp(key + 15 + n, "_token_id") == 0)
      return true;
  }
  return false;
}

/* ---- a card from GGUF ----------------------------------------------------------------------- */

/* A card in the making: after an error nothing more is written. */
typedef struct maker {
  const bl_index *index;
  bl_buffer text;
  bl_code code;
  bl_error *error;
} maker;

static void print(maker *m, const char *text) {
  if (m->code == BL_OK) m->code = bl_buffer_print(&m->text, text, m->error);
}

/* In double quotes; the control characters that have no short escape are left out. */
static void print_quoted(maker *m, bl_str s) {
  print(m, "\"");
  for (size_t i = 0; m->code == BL_OK && i < s.size; i++) {
    char c = s.bytes[i], escaped[2] = {'\\', c == '\n' ? 'n' : c == '\t' ? 't' : c};
    bool is_escaped = c == '\n' || c == '\t' || c == '"' || c == '\\';
    if (is_escaped)
      m->code = bl_buffer_append(&m->text, escaped, 2, m->error);
    else if ((unsigned char)c >= 0x20)
      m->code = bl_buffer_append(&m->text, &c, 1, m->error);
  }
  print(m, "\"\n");
}

static bl_str text_at(const maker *m, const char *key) {
  const bl_meta *meta = bl_index_meta(m->index, key);
  return meta && meta->kind == BL_META_STRING ? meta->s : (bl_str){NULL, 0};
}

static void print_texts(maker *m) {
  for (int i = 0; i < N_CARD_TEXTS; i++) {
    bl_str text = text_at(m, card_texts[i].key);
    if (!text.bytes || text.size + 1 >= VALUE_SIZE) continue;
    print(m, card_texts[i].names[0]);
    print(m, ": ");
    print_quoted(m, text);
  }
}

static void print_list(maker *m, const char *gguf_key, const char *name) {
  const bl_meta *meta = bl_index_meta(m->index, gguf_key);
  bool is_list = meta && meta->kind == BL_META_ARRAY && meta->item_kind == BL_META_STRING;
  if (!is_list || meta->n == 0) return;
  print(m, name);
  print(m, ":\n");
  for (uint64_t i = 0; i < meta->n && i < MAX_ITEMS; i++) {
    print(m, "- ");
    print_quoted(m, meta->strings[i]);
  }
}

static bl_str numbered_text(const maker *m, const char *what, int i, const char *field) {
  char key[64];
  snprintf(key, sizeof key, "general.%s.%d.%s", what, i, field);
  return text_at(m, key);
}

/* Repositories on the hub by their names there, others by their addresses, or by name. */
static void print_sources(maker *m, const char *what, const char *name) {
  const size_t n = strlen(HUB);
  for (int i = 0; i < MAX_ITEMS; i++) {
    bl_str address = numbered_text(m, what, i, "repo_url");
    if (!address.bytes) address = numbered_text(m, what, i, "name");
    if (!address.bytes || address.size >= VALUE_SIZE) return;
    if (i == 0) {
      print(m, name);
      print(m, ":\n");
    }
    if (address.size > n && memcmp(address.bytes, HUB, n) == 0)
      address = (bl_str){address.bytes + n, address.size - n};
    print(m, "- ");
    print_quoted(m, address);
  }
}

bl_code bl_card_from_gguf(const bl_index *index, bl_texts *texts, bl_notes *notes,
                          bl_error *error) {
  maker m = {.index = index, .error = error};
  print(&m, "---\n");
  size_t empty = m.text.size;
  print_texts(&m);
  print_sources(&m, "base_model", "base_model");
  print_sources(&m, "dataset", "datasets");
  print_list(&m, "general.languages", "language");
  print_list(&m, "general.tags", "tags");
  bool says_something = m.text.size > empty;
  print(&m, "---\n");
  if (m.code == BL_OK && says_something)
    m.code = bl_texts_add(texts, "README.md", m.text.bytes, m.text.size, notes, error);
  bl_buffer_free(&m.text);
  return m.code;
}
