/* In the place of core/quant/fitting.c in the first module, which knows no methods. */
#include "quant/fitting.h"

bl_code bl_fitting_begin(bl_fitting *fitting, const bl_format *format, uint32_t methods,
                         const bl_input *input, int64_t n_cols, bl_pool *pool, bl_error *error) {
  (void)fitting;
  (void)format;
  (void)methods;
  (void)input;
  (void)n_cols;
  (void)pool;
  (void)error;
  return BL_OK;
}

void bl_fitting_rows(const bl_fitting *fitting, int thread, const float *weights, int n,
                     uint8_t *const parts[][BL_MAX_PARTS]) {
  (void)fitting;
  (void)thread;
  (void)weights;
  (void)n;
  (void)parts;
}

void bl_fitting_end(bl_fitting *fitting) {
  (void)fitting;
}
