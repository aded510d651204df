/* What a recipe makes of a model: which format each of its tensors gets. The loader and the maker
 * of variants ask here, so that both do the same. */
#ifndef BL_MODEL_TARGET_H
#define BL_MODEL_TARGET_H

#include "model/model.h"
#include "quant/recipe.h"

/* The format that a model keeps a tensor in, which was read as `source`. Where the recipe leaves it
 * alone it is `source`, or, for a tensor of one part, what the options cast to. */
bl_format bl_target_format(const bl_load_options *options, const bl_config *config,
                           const bl_weight *weight, int64_t n_rows, int64_t n_cols,
                           const bl_format *source);

/* Leaves a note where the recipe has formats that do not divide rows: "nothing-quantized" when no
 * matrix was changed, else "left-alone"; its count is that of the matrices that stayed as they are,
 * its subject the recipe's text. */
bl_code bl_target_note_misfits(bl_model *model, bl_error *error);

/* Rows per head of a role that a file permutes when it holds q and k for interleaved rotary
 * embedding (`interleaved`), else 0. */
int64_t bl_permuted_rows(const bl_config *config, bool interleaved, bl_role role);

/* Every rule of the recipe must match a matrix of the model. One that matches none is a typing
 * error, better told before gigabytes are read than ignored. And experts must be able to have what
 * the recipe gives them. */
bl_code bl_recipe_check_rules(const bl_recipe *recipe, const bl_config *config, bl_error *error);

#endif
