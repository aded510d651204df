/* In the place of core/model/convert_fit.c in the small modules, whose table of methods is empty.
 */
#include "model/convert_fit.h"

void bl_conversion_set_methods(bl_conversion *c, const bl_format *target,
                               const bl_load_options *options) {
  (void)c;
  (void)target;
  (void)options;
}

bl_code bl_conversion_begin_fitting(bl_conversion *c, bl_error *error) {
  (void)c;
  (void)error;
  return BL_OK;
}

void bl_conversion_fit_rows(bl_batch *b) {
  (void)b;
}

void bl_conversion_end_fitting(bl_conversion *c) {
  (void)c;
}

int bl_model_n_fitted(const bl_model *model) {
  (void)model;
  return 0;
}

bl_code bl_model_note_not_fitted(bl_model *model, bl_error *error) {
  (void)model;
  (void)error;
  return BL_OK;
}
