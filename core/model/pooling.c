/* How an encoder's states become one vector, from sentence-transformers' file. */
#include "model/pooling.h"

#include "base/json.h"

static bl_code read_modes(const cJSON *json, bl_pooling *pooling, bl_error *error) {
  static const struct {
    const char *key;
    int pooling; /* -1: another */
  } modes[] = {
      {"pooling_mode_mean_tokens", BL_POOL_MEAN}, {"pooling_mode_cls_token", BL_POOL_FIRST},
      {"pooling_mode_lasttoken", BL_POOL_LAST},   {"pooling_mode_max_tokens", -1},
      {"pooling_mode_mean_sqrt_len_tokens", -1},  {"pooling_mode_weightedmean_tokens", -1}};
  int n = 0;
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    bool is_on = false;
    bl_code code = bl_json_bool(BL_POOLING_FILE, json, modes[i].key, &is_on, error);
    if (code) return code;
    if (!is_on) continue;
    if (modes[i].pooling < 0 || n++ > 0)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "%s: field '%s' is true, expected one of pooling_mode_mean_tokens, "
                     "pooling_mode_cls_token and pooling_mode_lasttoken alone",
                     BL_POOLING_FILE, modes[i].key);
    *pooling = (bl_pooling)modes[i].pooling;
  }
  return BL_OK;
}

bl_code bl_pooling_of(const bl_texts *texts, bl_pooling *pooling, bl_error *error) {
  const bl_text *text = bl_texts_find(texts, BL_POOLING_FILE);
  cJSON *json = NULL;
  *pooling = BL_POOL_MEAN;
  if (!text) return BL_OK;
  bl_code code = bl_json_parse_object(BL_POOLING_FILE, text->bytes, text->size, &json, error);
  if (code == BL_OK) code = read_modes(json, pooling, error);
  cJSON_Delete(json);
  return code;
}
