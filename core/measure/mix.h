/* The parts of bl_mix_make: choosing among formats, and writing the choice down as a recipe. */
#ifndef BL_MEASURE_MIX_H
#define BL_MEASURE_MIX_H

#include "model/model.h"

/* What a part of a model costs in one of the formats: its size, and the expected KL divergence,
 * INFINITY where its weights do not stay finite. */
typedef struct bl_mix_cost {
  uint64_t bytes;
  double kl;
} bl_mix_cost;

/* Chooses for each part one of the formats, so that all parts together have at most `capacity`
 * bytes and the sum of their divergences is the least possible. costs is (n_parts, n_formats),
 * chosen (n_parts). *price is about how much divergence one byte more would save. The choice is the
 * best there is when all sizes are multiples of what the capacity can be divided into; else sizes
 * are rounded up by at most 1/65536 of what there is to distribute. Needs time and memory in
 * proportion to that and to the parts. */
bl_code bl_mix_choose(const bl_mix_cost *costs, int n_parts, int n_formats, uint64_t capacity,
                      int *chosen, double *price, bl_error *error);

/* Writes a recipe under which matrix i has the format formats[choice[i]]: a base, then rules for
 * kinds, for layers and for single matrices, as few as can be found. Returns how many rules it
 * takes; when these are more than BL_RECIPE_RULES the recipe is not written. -1: out of memory. */
int bl_mix_write(const bl_config *config, const bl_weight *const *matrices, const int *choice,
                 int n_matrices, const bl_recipe_rule *formats, int n_formats, bl_recipe *recipe);

#endif
