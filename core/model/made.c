/* How a model's codes were chosen, told in what it is saved as. */
#include "model/made.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/convert_fit.h"
#include "quant/method.h"
#include "text/buffer.h"

/* The methods of all of the recipe's formats, where they had anything to choose. */
static uint32_t methods_of(const bl_model *model) {
  return bl_model_n_fitted(model) > 0 ? bl_recipe_all_methods(&model->recipe) : 0;
}

static const char heading[] = "## How its codes were chosen\n";

/* The card without an earlier section of ours, which is its end. */
static size_t size_without(const bl_text *card) {
  const size_t n = strlen(heading);
  for (size_t at = 0; card && at + n <= card->size; at++) {
    const bool begins = at == 0 || card->bytes[at - 1] == '\n';
    if (!begins || memcmp(card->bytes + at, heading, n) != 0) continue;
    while (at > 0 && card->bytes[at - 1] == '\n') at--;
    return at;
  }
  return card ? card->size : 0;
}

/* A text plays a part only where a method needs it. */
static const char *calibration_of(const bl_model *model) {
  const bool reads = bl_recipe_needs(&model->recipe) > BL_NEEDS_NOTHING;
  return reads || bl_recipe_learns(&model->recipe) ? model->calibration : "";
}

bl_code bl_made_to_config(const bl_model *model, cJSON *config, bl_error *error) {
  char recipe[BL_RECIPE_TEXT];
  if (bl_recipe_is_reference(&model->recipe)) return BL_OK;
  bl_json_remove(config, "bitloss");
  if (methods_of(model) == 0) return BL_OK;
  bl_recipe_print(&model->recipe, recipe, sizeof recipe);
  cJSON *made = cJSON_CreateObject();
  bool ok = made && cJSON_AddStringToObject(made, "recipe", recipe);
  const char *calibration = calibration_of(model);
  if (ok && *calibration) ok = cJSON_AddStringToObject(made, "calibration", calibration);
  if (ok && *model->learned) ok = cJSON_AddStringToObject(made, "learned", model->learned);
  if (ok) return bl_json_set(config, "bitloss", made, error);
  cJSON_Delete(made);
  return bl_fail_memory(error, sizeof *made);
}

void bl_made_to_gguf(const bl_model *model, bl_gguf_header *header) {
  char recipe[BL_RECIPE_TEXT];
  if (methods_of(model) == 0) return;
  bl_recipe_print(&model->recipe, recipe, sizeof recipe);
  bl_gguf_put_string(header, "bitloss.recipe", recipe, strlen(recipe));
  const char *calibration = calibration_of(model);
  if (*calibration)
    bl_gguf_put_string(header, "bitloss.calibration", calibration, strlen(calibration));
  if (*model->learned)
    bl_gguf_put_string(header, "bitloss.learned", model->learned, strlen(model->learned));
}

bl_code bl_made_to_card(const bl_model *model, const bl_text *card, char **text, size_t *size,
                        bl_error *error) {
  const uint32_t methods = methods_of(model);
  const bool is_reference = bl_recipe_is_reference(&model->recipe);
  const size_t kept = is_reference && card ? card->size : size_without(card);
  char recipe[BL_RECIPE_TEXT], line[BL_RECIPE_TEXT + 64];
  bl_buffer b = {0};
  bl_code code = BL_OK;
  *text = NULL;
  if (methods == 0 && (!card || kept == card->size)) return BL_OK;
  if (card) code = bl_buffer_append(&b, card->bytes, kept, error);
  if (card && code == BL_OK) code = bl_buffer_print(&b, methods ? "\n\n" : "\n", error);
  bl_recipe_print(&model->recipe, recipe, sizeof recipe);
  snprintf(line, sizeof line, "%s\nbitloss, recipe `%s`:\n\n", heading, recipe);
  if (code == BL_OK && methods) code = bl_buffer_print(&b, line, error);
  for (int i = 0; code == BL_OK && i < bl_n_methods; i++) {
    if (!(methods >> i & 1)) continue;
    snprintf(line, sizeof line, "- `%s`: %s\n", bl_methods[i]->name, bl_methods[i]->summary);
    code = bl_buffer_print(&b, line, error);
  }
  const char *calibration = calibration_of(model);
  snprintf(line, sizeof line, "\nCalibrated on %s.\n", calibration);
  if (code == BL_OK && methods && *calibration) code = bl_buffer_print(&b, line, error);
  snprintf(line, sizeof line, "\nLearned: %s.\n", model->learned);
  if (code == BL_OK && methods && *model->learned) code = bl_buffer_print(&b, line, error);
  if (code != BL_OK) {
    bl_buffer_free(&b);
    return code;
  }
  *text = b.bytes;
  *size = b.size;
  return BL_OK;
}
