/* The methods that choose grids: by the weights alone, and by what they are multiplied with. */
#include "quant/methods/imatrix.h"
#include "quant/methods/rows.h"
#include "quant/methods/search.h"

const bl_method bl_method_search = {
    .name = "search",
    .summary =
        "Tries many grids for each group and keeps that of the least squared error, large "
        "weights counting more; needs no text.",
    .stage = BL_STAGE_GRIDS,
    .needs = BL_NEEDS_NOTHING,
    .fit = bl_search_fit,
};

const bl_method bl_method_imatrix = {
    .name = "imatrix",
    .summary =
        "Tries many grids for each group, each weight counting as much as the squares of "
        "what it is multiplied with on a calibration text.",
    .stage = BL_STAGE_GRIDS,
    .needs = BL_NEEDS_MEAN_SQUARES,
    .fit = bl_search_fit,
    .encodes = bl_imatrix_encodes,
    .encode_row = bl_imatrix_encode_row,
};
