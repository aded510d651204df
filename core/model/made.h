/* How a model's codes were chosen, told in what it is saved as. Nothing is told of a model whose
 * recipe names no methods. */
#ifndef BL_MODEL_MADE_H
#define BL_MODEL_MADE_H

#include "format/gguf_write.h"
#include "model/model.h"

/* Sets config.json's member "bitloss": recipe, calibration and what was learned; or takes out an
 * earlier one, where the recipe has chosen other codes since. */
bl_code bl_made_to_config(const bl_model *model, cJSON *config, bl_error *error);
/* The keys "bitloss.recipe", "bitloss.calibration" and "bitloss.learned". */
void bl_made_to_gguf(const bl_model *model, bl_gguf_header *header);
/* The model card, which may be NULL, with a section on it, in the place of an earlier one; *text
 * stays NULL where the card stays as it is. Free it. */
bl_code bl_made_to_card(const bl_model *model, const bl_text *card, char **text, size_t *size,
                        bl_error *error);

#endif
