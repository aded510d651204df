/* The matrices that a unit of a model is made of. */
#ifndef BL_MEASURE_UNITS_H
#define BL_MEASURE_UNITS_H

#include "model/model.h"

/* Is the weight one of the unit's matrices? */
bool bl_unit_has(const bl_unit *unit, const bl_weight *weight);

/* The pattern that matches this matrix alone, "layers.3.mlp.down_proj", in a buffer of bl_unit's
 * size. bl_role_kind says the kind of matrix that it is. */
void bl_weight_pattern(const bl_config *config, const bl_weight *weight, char *pattern,
                       size_t pattern_size);

/* Formats are given one at a time here: neither "reference", unless it is allowed, nor a mixture,
 * rules or integer activations. */
bl_code bl_check_single_format(const bl_recipe *recipe, bool reference_allowed, bl_error *error);

#endif
