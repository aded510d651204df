/* The matrices that a unit of a model is made of. */
#ifndef BL_MEASURE_UNITS_H
#define BL_MEASURE_UNITS_H

#include "model/model.h"

/* Is the weight one of the unit's matrices? */
bool bl_unit_has(const bl_unit *unit, const bl_weight *weight);

/* The pattern that matches this matrix alone, "layers.3.mlp.down_proj", and the kind of matrix that
 * it is, "down_proj": buffers of bl_unit's sizes. */
void bl_weight_pattern(const bl_weight *weight, char *pattern, size_t pattern_size);
void bl_weight_kind(const bl_weight *weight, char *kind, size_t kind_size);

/* Formats are given one at a time here: neither "reference", unless it is allowed, nor a mixture,
 * rules or integer activations. */
bl_code bl_check_single_format(const bl_recipe *recipe, bool reference_allowed, bl_error *error);

#endif
