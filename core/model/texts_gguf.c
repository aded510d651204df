/* The small text files of a model that was read from GGUF, made of its metadata. */
#include "model/texts_gguf.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_print.h"
#include "model/card.h"
#include "text/tokenizer.h"

/* ---- tokenizer_config.json ------------------------------------------------------------------ */

/* The text of a token, under `key`; nothing where there is no such id. */
static bl_code put_token(bl_json_writer *w, const char *key, const bl_tokenizer *tokenizer,
                         int32_t id, bl_error *error) {
  const char *bytes;
  size_t n_bytes;
  if (id < 0) return BL_OK;
  bl_code code = bl_tokenizer_bytes(tokenizer, id, true, &bytes, &n_bytes, error);
  if (code == BL_OK && n_bytes > 0) bl_json_put_bytes(w, key, bytes, n_bytes);
  return code;
}

static void put_templates(bl_json_writer *w, const bl_chat_templates *templates) {
  bool is_one = templates->n == 1 && strcmp(templates->list[0].name, "default") == 0;
  if (is_one) bl_json_put_string(w, "chat_template", templates->list[0].text);
  if (is_one || templates->n == 0) return;
  bl_json_open(w, "chat_template", '[');
  for (int i = 0; i < templates->n; i++) {
    bl_json_open(w, NULL, '{');
    bl_json_put_string(w, "name", templates->list[i].name);
    bl_json_put_string(w, "template", templates->list[i].text);
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
}

static bl_code put_tokens(bl_json_writer *w, const bl_tokenizer *tokenizer, bl_error *error) {
  const bl_special_ids ids = bl_tokenizer_specials(tokenizer);
  bl_code code = put_token(w, "bos_token", tokenizer, ids.bos, error);
  if (code == BL_OK) code = put_token(w, "eos_token", tokenizer, ids.eos, error);
  if (code == BL_OK) code = put_token(w, "pad_token", tokenizer, ids.pad, error);
  if (code == BL_OK) code = put_token(w, "unk_token", tokenizer, ids.unknown, error);
  return code;
}

/* Ends a text and keeps it. */
static bl_code keep(bl_json_writer *w, const char *name, bl_code code, bl_model *model,
                    bl_error *error) {
  char *text = NULL;
  size_t size = 0;
  if (code == BL_OK)
    code = bl_json_finish(w, &text, &size, error);
  else
    bl_json_discard(w);
  if (code == BL_OK) code = bl_texts_add(&model->texts, name, text, size, &model->notes, error);
  free(text);
  return code;
}

static bl_code add_tokenizer_config(bl_model *model, bl_error *error) {
  bl_json_writer w = {.style = &bl_json_python};
  bool adds_bos, adds_eos;
  bl_tokenizer_ends(model->tokenizer, &adds_bos, &adds_eos);
  bl_json_open(&w, NULL, '{');
  bl_json_put_bool(&w, "add_bos_token", adds_bos);
  bl_json_put_bool(&w, "add_eos_token", adds_eos);
  put_templates(&w, &model->templates);
  bl_json_put_bool(&w, "clean_up_tokenization_spaces", false);
  bl_json_put_number(&w, "model_max_length", model->config.max_context);
  bl_json_put_string(&w, "tokenizer_class", "PreTrainedTokenizerFast");
  bl_code code = put_tokens(&w, model->tokenizer, error);
  bl_json_close(&w, '}');
  return keep(&w, "tokenizer_config.json", code, model, error);
}

/* ---- generation_config.json ----------------------------------------------------------------- */

static void put_ids(bl_json_writer *w, const bl_tokenizer *tokenizer) {
  const bl_special_ids ids = bl_tokenizer_specials(tokenizer);
  int n_ends = 0;
  for (int32_t id = 0; id < bl_tokenizer_size(tokenizer); id++)
    n_ends += bl_tokenizer_is_end(tokenizer, id);
  if (ids.bos >= 0) bl_json_put_number(w, "bos_token_id", ids.bos);
  if (n_ends > 1) bl_json_open(w, "eos_token_id", '[');
  for (int32_t id = 0; id < bl_tokenizer_size(tokenizer); id++)
    if (bl_tokenizer_is_end(tokenizer, id))
      bl_json_put_number(w, n_ends > 1 ? NULL : "eos_token_id", id);
  if (n_ends > 1) bl_json_close(w, ']');
  if (ids.pad >= 0) bl_json_put_number(w, "pad_token_id", ids.pad);
}

static bl_code add_generation_config(const bl_index *index, bl_model *model, bl_error *error) {
  bl_json_writer w = {.style = &bl_json_python};
  bl_json_open(&w, NULL, '{');
  if (model->tokenizer) put_ids(&w, model->tokenizer);
  bl_sampling_from_gguf(index, &w);
  bl_json_close(&w, '}');
  return keep(&w, "generation_config.json", BL_OK, model, error);
}

/* ---- metadata -------------------------------------------------------------------------------- */

static void put_strings(const bl_meta *meta, bl_gguf_header *header) {
  bl_gguf_put_array(header, meta->key, BL_GGUF_STRING, meta->n);
  for (uint64_t i = 0; i < meta->n; i++)
    bl_gguf_item_string(header, meta->strings[i].bytes, meta->strings[i].size);
}

/* Numbers are of the types that gguf writes under these keys. */
static bool put_meta(const bl_meta *meta, bl_gguf_header *header) {
  bool may_be_negative = strncmp(meta->key, "general.sampling.", 17) == 0;
  switch (meta->kind) {
    case BL_META_STRING:
      bl_gguf_put_string(header, meta->key, meta->s.bytes, meta->s.size);
      return true;
    case BL_META_BOOL:
      bl_gguf_put_bool(header, meta->key, meta->i);
      return true;
    case BL_META_FLOAT:
      bl_gguf_put_f32(header, meta->key, (float)meta->f);
      return true;
    case BL_META_INT:
      if (may_be_negative && meta->i >= INT32_MIN && meta->i <= INT32_MAX)
        bl_gguf_put_i32(header, meta->key, (int32_t)meta->i);
      else if (meta->i >= 0 && meta->i <= UINT32_MAX)
        bl_gguf_put_u32(header, meta->key, (uint32_t)meta->i);
      else
        return false;
      return true;
    case BL_META_ARRAY:
      if (meta->item_kind != BL_META_STRING) return false;
      put_strings(meta, header);
      return true;
  }
  return false;
}

static bl_code keep_origin(const bl_index *index, bl_model *model, bl_error *error) {
  bl_code code = BL_OK;
  model->origin.error = error;
  for (int i = 0; code == BL_OK && i < index->n_meta; i++) {
    const bl_meta *meta = &index->meta[i];
    if (bl_gguf_key_travels(meta->key) && !bl_gguf_key_of_words(index, meta->key) &&
        !put_meta(meta, &model->origin))
      code = bl_note_add(&model->notes, error, "metadata-left-out", meta->key, 0,
                         "%.128s: metadata '%.128s' has a type that is not kept: a GGUF file made "
                         "of this one lacks it",
                         index->file_name, meta->key);
  }
  model->origin.error = NULL;
  return code == BL_OK ? model->origin.code : code;
}

bl_code bl_texts_from_gguf(const bl_index *index, bl_model *model, bl_error *error) {
  bl_texts_free(&model->texts);
  bl_code code = bl_chat_templates_from_gguf(index, &model->templates, &model->notes, error);
  if (code == BL_OK) code = keep_origin(index, model, error);
  if (code == BL_OK && model->tokenizer) code = add_tokenizer_config(model, error);
  if (code == BL_OK && model->config.block.is_encoder)
    code = bl_pooling_from_gguf(index, &model->texts, &model->notes, error);
  else if (code == BL_OK)
    code = add_generation_config(index, model, error);
  if (code == BL_OK) code = bl_card_from_gguf(index, &model->texts, &model->notes, error);
  return code;
}
