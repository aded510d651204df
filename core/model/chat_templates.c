/* Chat templates from the files of a folder and from GGUF metadata, and into that. */
#include "model/chat_templates.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "text/buffer.h"

#define GGUF_KEY "tokenizer.chat_template"

void bl_chat_templates_free(bl_chat_templates *templates) {
  for (int i = 0; i < templates->n; i++) {
    free(templates->list[i].name);
    free(templates->list[i].text);
  }
  free(templates->list);
  *templates = (bl_chat_templates){0};
}

static const bl_chat_template *find(const bl_chat_templates *templates, bl_str name) {
  for (int i = 0; i < templates->n; i++) {
    const char *own = templates->list[i].name;
    if (strlen(own) == name.size && memcmp(own, name.bytes, name.size) == 0)
      return &templates->list[i];
  }
  return NULL;
}

static char *copy(bl_str s) {
  char *text = malloc(s.size + 1);
  if (!text) return NULL;
  if (s.size > 0) memcpy(text, s.bytes, s.size);
  text[s.size] = '\0';
  return text;
}

/* Of several with one name the first counts. */
static bl_code add(bl_chat_templates *templates, bl_str name, bl_str text, bl_error *error) {
  if (find(templates, name)) return BL_OK;
  size_t size = ((size_t)templates->n + 1) * sizeof *templates->list;
  bl_chat_template *list = realloc(templates->list, size);
  if (!list) return bl_fail_memory(error, size);
  templates->list = list;
  bl_chat_template new = {copy(name), copy(text)};
  list[templates->n++] = new;
  return new.name &&new.text ? BL_OK : bl_fail_memory(error, text.size);
}

static const bl_str default_name = {"default", 7};

static bl_str string(const char *text) {
  return (bl_str){text, strlen(text)};
}

/* ---- a folder's files ---------------------------------------------------------------------- */

/* The member "chat_template" of a file: a text, or a list of objects with name and template. */
static bl_code add_member(const bl_texts *texts, const char *file, bl_chat_templates *templates,
                          bl_notes *notes, bl_error *error) {
  bl_error problem;
  const bl_text *text = bl_texts_find(texts, file);
  cJSON *root = NULL;
  if (!text) return BL_OK;
  bl_code code = bl_json_parse(file, text->bytes, text->size, &root, &problem);
  if (code == BL_ERR_MEMORY) return bl_fail_memory(error, text->size);
  if (code != BL_OK)
    return bl_note_add(notes, error, "text-unreadable", file, 0, "%.400s", problem.message);
  const cJSON *member = bl_json_member(root, "chat_template"), *item;
  if (cJSON_IsString(member)) {
    code = add(templates, default_name, string(member->valuestring), error);
  } else if (cJSON_IsArray(member)) {
    cJSON_ArrayForEach(item, member) {
      const cJSON *name = bl_json_member(item, "name"), *body = bl_json_member(item, "template");
      if (code == BL_OK && cJSON_IsString(name) && cJSON_IsString(body))
        code = add(templates, string(name->valuestring), string(body->valuestring), error);
    }
  }
  cJSON_Delete(root);
  return code;
}

/* chat_template.jinja and what lies in the folder beside it. */
static bl_code add_files(const bl_texts *texts, bl_chat_templates *templates, bl_error *error) {
  const size_t folder = strlen(BL_TEMPLATE_FOLDER), end = strlen(".jinja");
  const bl_text *main = bl_texts_find(texts, "chat_template.jinja");
  bl_code code =
      main ? add(templates, default_name, (bl_str){main->bytes, main->size}, error) : BL_OK;
  for (int i = 0; code == BL_OK && i < texts->n; i++) {
    const bl_text *text = &texts->list[i];
    if (strncmp(text->name, BL_TEMPLATE_FOLDER, folder) != 0) continue;
    bl_str name = {text->name + folder, strlen(text->name) - folder - end};
    code = add(templates, name, (bl_str){text->bytes, text->size}, error);
  }
  return code;
}

/* transformers reads the file, llama.cpp's converter the member. */
static bl_code note_difference(const bl_texts *texts, const bl_chat_templates *templates,
                               bl_notes *notes, bl_error *error) {
  bl_chat_templates others = {0};
  bl_code code = add_member(texts, "tokenizer_config.json", &others, notes, error);
  const bl_chat_template *a = find(templates, default_name), *b = find(&others, default_name);
  if (code == BL_OK && a && b && strcmp(a->text, b->text) != 0)
    code = bl_note_add(notes, error, "chat-templates-differ", "chat_template.jinja", 0,
                       "the chat template in chat_template.jinja differs from the one in "
                       "tokenizer_config.json: the former is taken, as transformers does");
  bl_chat_templates_free(&others);
  return code;
}

bl_code bl_chat_templates_from_texts(const bl_texts *texts, bl_chat_templates *templates,
                                     bl_notes *notes, bl_error *error) {
  bl_code code = add_files(texts, templates, error);
  if (code == BL_OK && templates->n > 0) return note_difference(texts, templates, notes, error);
  if (code == BL_OK) code = add_member(texts, "tokenizer_config.json", templates, notes, error);
  if (code == BL_OK && templates->n == 0)
    code = add_member(texts, "chat_template.json", templates, notes, error);
  return code;
}

/* ---- GGUF ----------------------------------------------------------------------------------- */

bl_code bl_chat_templates_from_gguf(const bl_index *index, bl_chat_templates *templates,
                                    bl_notes *notes, bl_error *error) {
  const size_t n = strlen(GGUF_KEY);
  bl_code code = BL_OK;
  for (int i = 0; code == BL_OK && i < index->n_meta; i++) {
    const bl_meta *meta = &index->meta[i];
    bool is_named = strncmp(meta->key, GGUF_KEY ".", n + 1) == 0 && meta->key[n + 1];
    if (!is_named && strcmp(meta->key, GGUF_KEY) != 0) continue;
    if (meta->kind != BL_META_STRING || memchr(meta->s.bytes, '\0', meta->s.size))
      code = bl_note_add(notes, error, "chat-template-left-out", meta->key, 0,
                         "%.128s: metadata '%.128s' is not a text: it is left out",
                         index->file_name, meta->key);
    else
      code = add(templates, is_named ? string(meta->key + n + 1) : default_name, meta->s, error);
  }
  return code;
}

/* A name as a part of a key: other characters than letters and digits become '_'. */
static void make_plain(char *name) {
  for (; *name; name++) {
    char c = *name;
    bool stays = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!stays) *name = '_';
  }
}

/* Copies of the names as they stand in keys; of two that are the same there the later is "". */
static bl_code plain_names(const bl_chat_templates *templates, char **names, bl_error *error) {
  for (int i = 0; i < templates->n; i++) {
    names[i] = bl_copy_string(templates->list[i].name);
    if (!names[i]) return bl_fail_memory(error, strlen(templates->list[i].name));
    make_plain(names[i]);
    for (int k = 0; k < i; k++)
      if (strcmp(names[k], names[i]) == 0) names[i][0] = '\0';
  }
  return BL_OK;
}

static bl_code put_named(const bl_chat_templates *templates, char *const *names,
                         bl_gguf_header *header, bl_error *error) {
  uint64_t n_named = 0;
  bl_buffer key = {0};
  bl_code code = BL_OK;
  for (int i = 0; code == BL_OK && i < templates->n; i++) {
    const char *text = templates->list[i].text;
    if (!*names[i] || strcmp(names[i], default_name.bytes) == 0) continue;
    n_named++;
    key.size = 0;
    code = bl_buffer_print(&key, GGUF_KEY ".", error);
    if (code == BL_OK) code = bl_buffer_append(&key, names[i], strlen(names[i]) + 1, error);
    if (code == BL_OK) bl_gguf_put_string(header, key.bytes, text, strlen(text));
  }
  bl_buffer_free(&key);
  if (code != BL_OK || n_named == 0) return code;
  bl_gguf_put_array(header, "tokenizer.chat_templates", BL_GGUF_STRING, n_named);
  for (int i = 0; i < templates->n; i++)
    if (*names[i] && strcmp(names[i], default_name.bytes) != 0)
      bl_gguf_item_string(header, names[i], strlen(names[i]));
  return BL_OK;
}

bl_code bl_chat_templates_to_gguf(const bl_chat_templates *templates, bl_gguf_header *header,
                                  bl_error *error) {
  const bl_chat_template *main = find(templates, default_name);
  size_t size = ((size_t)templates->n + 1) * sizeof(char *);
  char **names = calloc((size_t)templates->n + 1, sizeof *names);
  bl_code code = names ? plain_names(templates, names, error) : bl_fail_memory(error, size);
  if (code == BL_OK) code = put_named(templates, names, header, error);
  if (code == BL_OK && main) bl_gguf_put_string(header, GGUF_KEY, main->text, strlen(main->text));
  for (int i = 0; names && i < templates->n; i++) free(names[i]);
  free(names);
  return code;
}
