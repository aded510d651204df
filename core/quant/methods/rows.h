/* The rows of the table of methods. */
#ifndef BL_QUANT_METHODS_ROWS_H
#define BL_QUANT_METHODS_ROWS_H

#include "quant/method.h"

extern const bl_method bl_method_search, bl_method_imatrix, bl_method_gptq, bl_method_polish,
    bl_method_dwq, bl_method_distill;

#endif
