/* Tokens with a part to play, by the files beside tokenizer.json: what begins, ends and fills a
 * text. */
#include <string.h>

#include "base/json.h"
#include "text/parts.h"

/* The id of a token that tokenizer_config.json names: by a string, or an object with the string as
 * its content. -1: it names none that the vocabulary has, which is noted. */
static bl_code read_special(bl_tokenizer *tokenizer, const char *file, const cJSON *root,
                            const char *key, int32_t *id, bl_error *error) {
  const cJSON *item = bl_json_member(root, key);
  *id = -1;
  if (!item) return BL_OK;
  const char *token =
      cJSON_GetStringValue(cJSON_IsObject(item) ? bl_json_member(item, "content") : item);
  if (token) *id = bl_vocab_find(&tokenizer->vocab, token, strlen(token));
  if (*id >= 0) return BL_OK;
  char found[96] = "not a token's text";
  if (token) bl_copy_sentence(found, sizeof found, "'%.64s', which is no token", token);
  return bl_note_add(&tokenizer->notes, error, "special-token", key, 0,
                     "%s: field '%s' is %s: it is ignored", file, key, found);
}

/* Reads those of the special tokens that are not known yet. */
static bl_code read_specials(bl_tokenizer *tokenizer, const char *file, const cJSON *root,
                             bl_error *error) {
  bl_special_ids *special = &tokenizer->special;
  const struct {
    const char *key;
    int32_t *id;
  } tokens[] = {{"bos_token", &special->bos},
                {"eos_token", &special->eos},
                {"unk_token", &special->unknown},
                {"pad_token", &special->pad}};
  bl_code code = BL_OK;
  for (size_t i = 0; !code && i < sizeof tokens / sizeof *tokens; i++) {
    if (*tokens[i].id >= 0) continue;
    code = read_special(tokenizer, file, root, tokens[i].key, tokens[i].id, error);
  }
  if (!code) bl_tokenizer_add_end(tokenizer, special->eos);
  return code;
}

/* An object that a file beside tokenizer.json may hold or not: of one that is no JSON object only a
 * note remains, and *root is NULL. */
static bl_code parse_beside(bl_tokenizer *tokenizer, const char *file, const char *kind,
                            const char *text, size_t size, cJSON **root, bl_error *error) {
  bl_error own = {0};
  *root = NULL;
  bl_code code = bl_json_parse(file, text, size, root, &own);
  if (code == BL_ERR_MEMORY) {
    if (error) *error = own;
    return code;
  }
  if (code == BL_OK && cJSON_IsObject(*root)) return BL_OK;
  cJSON_Delete(*root);
  *root = NULL;
  if (code == BL_OK)
    bl_copy_sentence(own.message, sizeof own.message, "%s: not a JSON object", file);
  return bl_note_add(&tokenizer->notes, error, kind, file, 0, "%s: it is ignored", own.message);
}

bl_code bl_tokenizer_read_config(bl_tokenizer *tokenizer, const char *text, size_t size,
                                 bl_error *error) {
  static const char file[] = "tokenizer_config.json";
  cJSON *root;
  bl_code code = parse_beside(tokenizer, file, "tokenizer-config", text, size, &root, error);
  if (root) code = read_specials(tokenizer, file, root, error);
  cJSON_Delete(root);
  return code;
}

enum { MAX_FAR_ENDS = 64 };

/* One of the ids that end a text; *n_wrong counts what is none. An id that only the model's output
 * has, beyond the tokens, can end a text too. */
static bl_code add_end(bl_tokenizer *tokenizer, const cJSON *item, int64_t *n_wrong,
                       bl_error *error) {
  double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
  bool is_id = id >= 0 && id < 0x1p31 && id == (double)(int64_t)id;
  bool is_token = is_id && bl_vocab_has(&tokenizer->vocab, (int32_t)id);
  if (is_id) bl_tokenizer_add_end(tokenizer, (int64_t)id);
  if (!is_token) ++*n_wrong;
  bool is_far = is_id && (size_t)id >= tokenizer->n_ids && tokenizer->far_ends.n < MAX_FAR_ENDS;
  return is_far ? bl_ids_append(&tokenizer->far_ends, (int32_t)id, error) : BL_OK;
}

bl_code bl_tokenizer_add_ends(bl_tokenizer *tokenizer, const char *file, const cJSON *root,
                              bl_error *error) {
  const cJSON *ends = bl_json_member(root, "eos_token_id"), *item;
  int64_t n_wrong = 0;
  bl_code code = BL_OK;
  if (!cJSON_IsArray(ends) && ends) code = add_end(tokenizer, ends, &n_wrong, error);
  for (item = cJSON_IsArray(ends) ? ends->child : NULL; item && !code; item = item->next)
    code = add_end(tokenizer, item, &n_wrong, error);
  if (code || n_wrong == 0) return code;
  return bl_note_add(&tokenizer->notes, error, "end-token", file, n_wrong,
                     "%s: %lld of the values of eos_token_id %s no token's id", file,
                     (long long)n_wrong, n_wrong == 1 ? "is" : "are");
}

bl_code bl_tokenizer_add_specials(bl_tokenizer *tokenizer, const char *text, size_t size,
                                  bl_error *error) {
  cJSON *root = NULL;
  bl_code code = bl_json_parse("special_tokens_map.json", text, size, &root, NULL);
  if (code == BL_ERR_MEMORY) return bl_fail_memory(error, size);
  if (code == BL_OK) code = read_specials(tokenizer, "special_tokens_map.json", root, error);
  cJSON_Delete(root);
  return code == BL_ERR_MEMORY ? code : BL_OK;
}

bl_code bl_tokenizer_read_generation(bl_tokenizer *tokenizer, const char *text, size_t size,
                                     bl_error *error) {
  static const char file[] = "generation_config.json";
  cJSON *root;
  bl_code code = parse_beside(tokenizer, file, "generation-config", text, size, &root, error);
  if (root) code = bl_tokenizer_add_ends(tokenizer, file, root, error);
  cJSON_Delete(root);
  return code;
}
