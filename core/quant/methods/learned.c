/* The methods that learn (train/learn.c): here is what a recipe and a menu say of them. */
#include "quant/methods/rows.h"

const bl_method bl_method_dwq = {
    .name = "dwq",
    .summary =
        "Learns all scales and biases together, with the codes as they are, from what the "
        "unquantized model predicts of a text.",
    .stage = BL_STAGE_LEARN,
};

const bl_method bl_method_distill = {
    .name = "distill",
    .summary =
        "Learns codes, scales, biases and norms together from what the unquantized model "
        "predicts of a text.",
    .stage = BL_STAGE_LEARN,
    .learns_codes = true,
};
