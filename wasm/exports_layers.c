/* A prompt followed through the layers of a model and of a variant of it, for JavaScript; the
 * conventions are those of exports.c. Only the full module has this: the one that the page starts
 * with is linked without it (wasm/build.mjs). */
#include <math.h>

#include "exports.h"

EXPORT(bw_layers_new)
bl_layers *bw_layers_new(const bl_model *reference, const bl_model *variant, const int32_t *ids,
                         size_t n_ids) {
  return bl_layers_new(reference, variant, ids, n_ids, NULL, &bw_last_error);
}

EXPORT(bw_layers_free) void bw_layers_free(bl_layers *layers) {
  bl_layers_free(layers);
}

/* How much is done, from 0 to 1; -1 on an error. */
EXPORT(bw_layers_step) double bw_layers_step(bl_layers *layers) {
  int64_t n_done, n_total;
  if (bl_layers_step(layers, &n_done, &n_total, &bw_last_error) != BL_OK) return -1;
  return (double)n_done / (double)n_total;
}

/* JSON has no infinite numbers; null is for what is not a number. */
static void put_distance(const char *key, double x) {
  if (isinf(x))
    bw_json_string(key, "infinite");
  else
    bw_json_number(key, x);
}

static void put_token(const char *key, const bl_tokenizer *tokenizer, const bl_lens_token *token) {
  char label[64] = "";
  if (token->id >= 0) bl_tokenizer_label(tokenizer, token->id, label, sizeof label);
  bw_json_open(key, '{');
  bw_json_number("id", token->id);
  bw_json_string("text", label);
  bw_json_number("p", (double)token->p);
  bw_json_close('}');
}

static void put_top(const char *key, const bl_tokenizer *tokenizer, const bl_lens_token *top) {
  bw_json_open(key, '[');
  for (int i = 0; i < BL_LENS_TOP && top[i].id >= 0; i++) put_token(NULL, tokenizer, &top[i]);
  bw_json_close(']');
}

/* An array of LayerFigures of wasm/measure_types.ts, but "infinite" for infinity, with the tokens'
 * names of the reference, which has a tokenizer. */
EXPORT(bw_layers_figures)
const char *bw_layers_figures(const bl_layers *layers, const bl_model *reference) {
  const bl_tokenizer *tokenizer = bl_model_tokenizer(reference);
  int n;
  const bl_layer_figures *f = bl_layers_get(layers, &n);
  bw_json_begin();
  bw_json_open(NULL, '[');
  for (int i = 0; i < n; i++, f++) {
    bw_json_open(NULL, '{');
    put_distance("distance", f->distance);
    put_distance("lastDistance", f->last_distance);
    bw_json_number("cosine", f->cosine);
    bw_json_number("lastCosine", f->last_cosine);
    put_distance("kl", f->kl);
    bw_json_number("pOfReferenceTop", (double)f->p_of_ref_top);
    put_top("referenceTop", tokenizer, f->ref_top);
    put_top("top", tokenizer, f->top);
    bw_json_close('}');
  }
  bw_json_close(']');
  return bw_json_end();
}
