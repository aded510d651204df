/* In the place of core/model/made.c in the small modules, none of whose recipes have methods. */
#include "model/made.h"
#include "base/json.h"

bl_code bl_made_to_config(const bl_model *model, cJSON *config, bl_error *error) {
  (void)error;
  /* What it says of the codes that were there before is no longer so. */
  if (!bl_recipe_is_reference(&model->recipe)) bl_json_remove(config, "bitloss");
  return BL_OK;
}

void bl_made_to_gguf(const bl_model *model, bl_gguf_header *header) {
  (void)model;
  (void)header;
}

bl_code bl_made_to_card(const bl_model *model, const bl_text *card, char **text, size_t *size,
                        bl_error *error) {
  (void)model;
  (void)card;
  (void)size;
  (void)error;
  *text = NULL;
  return BL_OK;
}
