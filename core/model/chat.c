/* A model's conversation, put into words by its chat template. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/model.h"

static const bl_chat_template *find_template(const bl_model *model) {
  for (int i = 0; i < model->templates.n; i++)
    if (strcmp(model->templates.list[i].name, "default") == 0) return &model->templates.list[i];
  return NULL;
}

bool bl_model_has_chat_template(const bl_model *model) {
  return find_template(model) != NULL;
}

const char *bl_model_text(const bl_model *model, const char *name) {
  if (strcmp(name, BL_CHAT_TEMPLATE) == 0) {
    const bl_chat_template *found = find_template(model);
    return found ? found->text : NULL;
  }
  const bl_text *text = bl_texts_find(&model->texts, name);
  return text ? text->bytes : NULL;
}

/* ---- special tokens ------------------------------------------------------------------------ */

static const char config_name[] = "tokenizer_config.json", map_name[] = "special_tokens_map.json";
static const char *const token_names[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                          "pad_token", "cls_token", "mask_token"};
enum { N_TOKENS = sizeof token_names / sizeof *token_names };

/* A file's object, or NULL where there is none: what is wrong with it was said when it was read. */
static bl_code read_file(const char *name, const char *text, cJSON **root, bl_error *error) {
  *root = NULL;
  if (!text) return BL_OK;
  bl_code code = bl_json_parse_object(name, text, strlen(text), root, NULL);
  return code == BL_ERR_MEMORY ? bl_fail_memory(error, strlen(text)) : BL_OK;
}

/* Puts the token that a file names: a string, or an object whose content it is. True where the file
 * has a word on it, which may be null: then there is none. */
static bool put_token(bl_json_writer *w, const cJSON *root, const char *name) {
  const cJSON *item = root ? cJSON_GetObjectItemCaseSensitive(root, name) : NULL;
  if (!item) return false;
  const char *text =
      cJSON_GetStringValue(cJSON_IsObject(item) ? bl_json_member(item, "content") : item);
  if (text) bl_json_put_string(w, name, text);
  return true;
}

static bl_code put_tokens(bl_json_writer *w, const char *config_text, const char *map_text,
                          bl_error *error) {
  cJSON *config = NULL, *map = NULL;
  bl_code code = read_file(config_name, config_text, &config, error);
  if (code == BL_OK) code = read_file(map_name, map_text, &map, error);
  for (int i = 0; code == BL_OK && i < N_TOKENS; i++)
    if (!put_token(w, config, token_names[i])) put_token(w, map, token_names[i]);
  cJSON_Delete(config);
  cJSON_Delete(map);
  return code;
}

/* ---- the variables ------------------------------------------------------------------------- */

bl_code bl_chat_variables(const char *config, const char *map, const bl_message *messages,
                          int n_messages, bool add_generation_prompt, char **text,
                          size_t *text_size, bl_error *error) {
  bl_json_writer writer = {.style = &bl_json_compact}, *w = &writer;
  for (int i = 0; i < n_messages; i++)
    if (messages[i].content_size > 0 && memchr(messages[i].content, 0, messages[i].content_size))
      return bl_fail(error, BL_ERR_INPUT,
                     "a message has a NUL character, which a chat template can't be given");
  bl_json_open(w, NULL, '{');
  bl_code code = put_tokens(w, config, map, error);
  bl_json_open(w, "messages", '[');
  for (int i = 0; i < n_messages; i++) {
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "role", messages[i].role);
    bl_json_put_bytes(w, "content", messages[i].content, messages[i].content_size);
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
  bl_json_put_null(w, "tools");
  bl_json_put_null(w, "documents");
  bl_json_put_bool(w, "add_generation_prompt", add_generation_prompt);
  bl_json_close(w, '}');
  if (code == BL_OK) return bl_json_finish(w, text, text_size, error);
  bl_json_discard(w);
  return code;
}

bl_code bl_model_chat(const bl_model *model, const bl_message *messages, int n_messages,
                      bool add_generation_prompt, const bl_date *now, char **text,
                      size_t *text_size, bl_error *error) {
  const bl_chat_template *template = find_template(model);
  char *variables = NULL;
  size_t size;
  if (!template) return bl_fail(error, BL_ERR_UNSUPPORTED, "the model has no chat template");
  bl_code code =
      bl_chat_variables(bl_model_text(model, config_name), bl_model_text(model, map_name), messages,
                        n_messages, add_generation_prompt, &variables, &size, error);
  if (code == BL_OK)
    code = bl_chat_render(template->text, strlen(template->text), variables, size, now, text,
                          text_size, error);
  free(variables);
  return code;
}
