/* Of config.json: a language model that is a part of another, one that looks at images too, which
 * describes it in "text_config". What transformers 5.24 fills in there (Gemma3TextConfig) is
 * written out, as it differs from what a language model alone may leave out. */
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

typedef struct filled_in {
  const char *key;
  double value;
} filled_in;

static const filled_in gemma3[] = {
    {"vocab_size", 262208},
    {"hidden_size", 2304},
    {"intermediate_size", 9216},
    {"num_hidden_layers", 26},
    {"num_attention_heads", 8},
    {"num_key_value_heads", 4},
    {"head_dim", 256},
    {"sliding_window", 4096},
    {"query_pre_attn_scalar", 256},
    {"rms_norm_eps", 1e-6},
    {"max_position_embeddings", 131072},
    {NULL, 0},
};

/* Models with a language model of a family in them: what config.json calls both. */
static const struct {
  const char *whole, *part, *class_name;
  const filled_in *fields;
} nested[] = {{"gemma3", "gemma3_text", "Gemma3ForCausalLM", gemma3}};

/* What the whole's config says that is the part's too: how weights are stored and ids. */
static const char *const of_both[] = {
    "torch_dtype",  "dtype",        "quantization",        "quantization_config", "bos_token_id",
    "eos_token_id", "pad_token_id", "tie_word_embeddings", "_name_or_path",       "text_documents"};

/* Detached from one object and put into another, where that has none. */
static bl_code move(cJSON *from, cJSON *to, const char *key, bl_error *error) {
  cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(from, key);
  if (!item || bl_json_member(to, key)) {
    cJSON_Delete(item);
    return BL_OK;
  }
  return bl_json_set(to, key, item, error);
}

static bl_code fill_in(cJSON *text, const filled_in *field, bl_error *error) {
  for (; field->key; field++) {
    if (bl_json_member(text, field->key)) continue;
    bl_code code = bl_json_set(text, field->key, cJSON_CreateNumber(field->value), error);
    if (code) return code;
  }
  return BL_OK;
}

bl_code bl_config_take_text(cJSON **json, bool *was_part, bl_notes *notes, bl_error *error) {
  const char *type = cJSON_GetStringValue(bl_json_member(*json, "model_type"));
  size_t i = 0;
  *was_part = false;
  while (i < sizeof nested / sizeof *nested && (!type || strcmp(type, nested[i].whole) != 0)) i++;
  if (i == sizeof nested / sizeof *nested || !cJSON_IsObject(bl_json_member(*json, "text_config")))
    return BL_OK;
  cJSON *text = cJSON_DetachItemFromObjectCaseSensitive(*json, "text_config"), *classes = NULL;
  bl_code code = BL_OK;
  for (size_t k = 0; !code && k < sizeof of_both / sizeof *of_both; k++)
    code = move(*json, text, of_both[k], error);
  if (!code) code = fill_in(text, nested[i].fields, error);
  if (!code) code = bl_json_set(text, "model_type", cJSON_CreateString(nested[i].part), error);
  if (!code) {
    classes = cJSON_CreateStringArray(&nested[i].class_name, 1);
    code = bl_json_set(text, "architectures", classes, error);
  }
  cJSON_Delete(*json);
  *json = text;
  *was_part = true;
  if (code || !notes) return code;
  return bl_note_add(notes, error, "images-left-out", "text_config", 0,
                     "config.json: the model reads texts and images; what looks at images is left "
                     "out, and this is its language model");
}
