/* What was seen of the inputs of a model's matrices. */
#ifndef BL_MODEL_STATISTICS_H
#define BL_MODEL_STATISTICS_H

#include "model/model.h"
#include "quant/fitting.h"

/* Matrices that read the same vectors share an input: query, key and value, gate and up. */
struct bl_statistics {
  int n_layers;
  bl_needs kind;
  int64_t n_tokens;
  int n_inputs;
  bl_input *inputs; /* (n_inputs) */
  int *of_role; /* (n_layers + 1, BL_N_ROLES) as bl_model.by_role: an input's number; -1: none */
};

/* What a matrix reads; NULL where nothing is known of it. */
const bl_input *bl_statistics_find(const bl_statistics *statistics, bl_role role, int layer);

/* Can every matrix be fitted by the methods that the recipe gives it? BL_ERR_RECIPE where these
 * need statistics and there are none, or none of experts, of which each sees other tokens. */
bl_code bl_statistics_check(const bl_load_options *options, const bl_config *config,
                            bl_error *error);

/* Gives the matrices of a model whose recipe has static activations what their inputs are rounded
 * by. */
bl_code bl_statistics_set_scales(const bl_load_options *options, bl_model *model, bl_error *error);

#endif
