/* Any text as a config.json to count: what is taken must add up. */
#include <stdlib.h>
#include <string.h>

#include "bitloss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const recipes[] = {"reference", "affine:4:64", "q4_k_m", "nf4_double/0=f32"};
  for (int i = 0; i < 4; i++) {
    bl_error error = {0};
    bl_budget b;
    bl_budget_options options = {0};
    demand(bl_recipe_parse(recipes[i], &options.recipe, &error) == BL_OK);
    if (bl_budget_from_config((const char *)data, size, &options, &b, &error) != BL_OK) {
      demand(error.code != BL_ERR_MEMORY && error.message[0] != '\0');
      continue;
    }
    demand(b.n_params > 0 && b.weight_bytes > 0 && b.activation_bytes > 0 && b.n_context > 0);
    demand(b.n_embedding > 0 && b.n_output >= 0 && b.n_attention > 0 && b.n_ffn > 0);
    demand(b.n_embedding + b.n_output + b.n_attention + b.n_ffn + b.n_other == b.n_params);
    demand(b.bits_per_weight > 0 && b.bits_per_weight < 1000);
  }
  char word[64], config[1024];
  bl_error error = {0};
  size_t n = size < sizeof word - 1 ? size : sizeof word - 1;
  memcpy(word, data, n);
  word[n] = '\0';
  demand(bl_budget_config(word, config, sizeof config, &error) == BL_OK || error.message[0]);
  return 0;
}
