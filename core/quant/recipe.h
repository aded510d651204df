/* What a recipe does to one tensor. */
#ifndef BL_QUANT_RECIPE_H
#define BL_QUANT_RECIPE_H

#include "quant/codec.h"

/* Where a tensor stands in its model: what mixtures and rules look at. */
typedef struct bl_place {
  const char *name; /* Hugging Face's, with or without ".weight" */
  int layer;        /* -1 outside the layers */
  int n_layers;
  bool tied_output; /* the output matrix is the embedding */
  int n_heads, n_kv_heads;
  int n_experts;  /* of a layer; 0: there are none */
  bool at_8_bits; /* what mlx_lm gives affine in 8 bits and groups of 64 under its plain recipes */
} bl_place;

/* The format that a recipe gives to a matrix whose scales would be stored in `param_dtype`, or
 * false when it leaves it alone: the recipe or the rule for it is "reference", it is a vector (one
 * row), or the format's group does not divide a row, as in mlx_lm. */
bool bl_recipe_format(const bl_recipe *recipe, const bl_place *place, int64_t n_rows,
                      int64_t n_cols, bl_dtype param_dtype, bl_format *format);

/* The methods that choose its codes there: bits of the table's rows, 0 for rounding. A mixture may
 * give a float format, which has none. */
uint32_t bl_recipe_methods(const bl_recipe *recipe, const bl_place *place);

/* Has the recipe a format for the matrix, whose groups do not divide its rows? Then it stays as it
 * is, though it was to be quantized. */
bool bl_recipe_misfits(const bl_recipe *recipe, const bl_place *place, int64_t n_rows,
                       int64_t n_cols);

/* Does the pattern match a tensor of this name? bitloss.h says when it does. */
bool bl_pattern_matches(const char *pattern, const char *name);

#endif
