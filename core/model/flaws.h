/* What becomes of weights that are not finite numbers, or that a format can't hold. */
#ifndef BL_MODEL_FLAWS_H
#define BL_MODEL_FLAWS_H

#include "model/model.h"

/* Refuses the weight's flaws where the options do, with BL_ERR_NOT_FINITE; else leaves notes of the
 * kinds "not-finite" and "lost-weights", whose subject is the tensor. */
bl_code bl_weight_judge(const bl_weight *weight, const bl_load_options *options, bl_notes *notes,
                        bl_error *error);
/* Leaves a note of the kind "vanished-weights" where a converted tensor has weights in groups that
 * are too small for its format. There is one for the whole model: its count is that of the weights,
 * its subject the first such tensor. */
bl_code bl_model_note_vanished(bl_model *model, bl_error *error);
/* loader_experts.c: what files call the tensor that the weight's not_finite is of. Where they have
 * experts' matrices one by one, that of one: "model.layers.0.mlp.experts.3.up_proj.weight". */
void bl_weight_own_name(const bl_weight *weight, char *name, size_t name_size);
/* There, too: leaves of the weight's not_finite what is in the first expert that has any. `stored`
 * has the bytes that were read. */
bl_code bl_weight_find_single(bl_weight *weight, const bl_tensor *stored, bl_pool *pool,
                              bl_error *error);
/* Finds the flaws of a weight that stays as it is stored, and judges them. */
bl_code bl_weight_judge_stored(bl_weight *weight, const bl_load_options *options, bl_notes *notes,
                               bl_error *error);

#endif
