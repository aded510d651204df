/* The table of methods. */
#include "quant/methods/rows.h"

const bl_method *const bl_methods[] = {&bl_method_search, &bl_method_imatrix, &bl_method_gptq,
                                       &bl_method_polish, &bl_method_dwq,     &bl_method_distill};
const int bl_n_methods = sizeof bl_methods / sizeof *bl_methods;
