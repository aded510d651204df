/* Texts put into the classes of an encoder, for JavaScript; the conventions are those of exports.c.
 * Only the full module has this (wasm/build.mjs): the first one has no code for encoders. */
#include "exports.h"

EXPORT(bw_encoder_new) bl_encoder *bw_encoder_new(const bl_model *model) {
  return bl_encoder_new(model, &(bl_session_options){0}, &bw_last_error);
}

EXPORT(bw_encoder_free) void bw_encoder_free(bl_encoder *encoder) {
  bl_encoder_free(encoder);
}

/* Logits, one for each of bw_model_labels, of a text of tokens. */
EXPORT(bw_encoder_classify)
int bw_encoder_classify(bl_encoder *encoder, const int32_t *ids, size_t n_ids, float *logits) {
  bl_code code = bl_encoder_run(encoder, ids, NULL, n_ids, &bw_last_error);
  if (code == BL_OK) code = bl_encoder_classify(encoder, logits, &bw_last_error);
  return (int)code;
}

/* An array of the classes' names, empty where the model has none. */
EXPORT(bw_model_labels) const char *bw_model_labels(const bl_model *model) {
  char buffer[24];
  bw_json_begin();
  bw_json_open(NULL, '[');
  for (int i = 0; i < bl_model_n_labels(model); i++)
    bw_json_string(NULL, bl_model_label(model, i, buffer));
  bw_json_close(']');
  return bw_json_end();
}
