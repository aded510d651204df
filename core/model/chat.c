/* A model's conversation, put into words by its chat template. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/model.h"
#include "text/tokenizer.h"

static const bl_chat_template *find_template(const bl_model *model) {
  for (int i = 0; i < model->templates.n; i++)
    if (strcmp(model->templates.list[i].name, "default") == 0) return &model->templates.list[i];
  return NULL;
}

bool bl_model_has_chat_template(const bl_model *model) {
  return find_template(model) != NULL;
}

const char *bl_model_chat_template(const bl_model *model) {
  const bl_chat_template *found = find_template(model);
  return found ? found->text : NULL;
}

/* ---- special tokens ------------------------------------------------------------------------ */

static const char *const token_names[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                          "pad_token", "cls_token", "mask_token"};
enum { N_TOKENS = sizeof token_names / sizeof *token_names };

/* A file's object, or NULL where there is none: what is wrong with it was said when it was read. */
static bl_code read_file(const bl_model *model, const char *name, cJSON **root, bl_error *error) {
  const bl_text *text = bl_texts_find(&model->texts, name);
  *root = NULL;
  if (!text) return BL_OK;
  bl_code code = bl_json_parse_object(name, text->bytes, text->size, root, NULL);
  return code == BL_ERR_MEMORY ? bl_fail_memory(error, text->size) : BL_OK;
}

/* Puts the token that a file names: a string, or an object whose content it is. True where the file
 * has a word on it, which may be null: then there is none. */
static bool put_named(bl_json_writer *w, const cJSON *root, const char *name) {
  const cJSON *item = root ? cJSON_GetObjectItemCaseSensitive(root, name) : NULL;
  if (!item) return false;
  const char *text =
      cJSON_GetStringValue(cJSON_IsObject(item) ? bl_json_member(item, "content") : item);
  if (text) bl_json_put_string(w, name, text);
  return true;
}

/* Puts the token that the tokenizer, or a GGUF's metadata, knows by its id. */
static bl_code put_known(bl_json_writer *w, const bl_model *model, const char *name,
                         bl_error *error) {
  if (!model->tokenizer) return BL_OK;
  const bl_special_ids ids = bl_tokenizer_specials(model->tokenizer);
  int32_t id = strcmp(name, "bos_token") == 0   ? ids.bos
               : strcmp(name, "eos_token") == 0 ? ids.eos
               : strcmp(name, "unk_token") == 0 ? ids.unknown
               : strcmp(name, "pad_token") == 0 ? ids.pad
                                                : -1;
  const char *bytes = NULL;
  size_t n_bytes = 0;
  if (id < 0) return BL_OK;
  bl_code code = bl_tokenizer_bytes(model->tokenizer, id, true, &bytes, &n_bytes, error);
  if (code == BL_OK) bl_json_put_bytes(w, name, bytes, n_bytes);
  return code;
}

static bl_code put_tokens(bl_json_writer *w, const bl_model *model, bl_error *error) {
  cJSON *config = NULL, *map = NULL;
  bl_code code = read_file(model, "tokenizer_config.json", &config, error);
  if (code == BL_OK) code = read_file(model, "special_tokens_map.json", &map, error);
  for (int i = 0; code == BL_OK && i < N_TOKENS; i++)
    if (!put_named(w, config, token_names[i]) && !put_named(w, map, token_names[i]))
      code = put_known(w, model, token_names[i], error);
  cJSON_Delete(config);
  cJSON_Delete(map);
  return code;
}

/* ---- the variables ------------------------------------------------------------------------- */

bl_code bl_model_chat_variables(const bl_model *model, const bl_message *messages, int n_messages,
                                bool add_generation_prompt, char **text, size_t *text_size,
                                bl_error *error) {
  bl_json_writer writer = {.style = &bl_json_compact}, *w = &writer;
  bl_json_open(w, NULL, '{');
  bl_code code = put_tokens(w, model, error);
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
  bl_code code = bl_model_chat_variables(model, messages, n_messages, add_generation_prompt,
                                         &variables, &size, error);
  if (code == BL_OK)
    code = bl_chat_render(template->text, strlen(template->text), variables, size, now, text,
                          text_size, error);
  free(variables);
  return code;
}
