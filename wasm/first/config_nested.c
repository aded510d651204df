/* In the place of core/model/config_nested.c in the first module, none of whose families is a part
 * of other models. */
#include "model/config.h"

bl_code bl_config_take_text(cJSON **json, bool *was_part, bl_notes *notes, bl_error *error) {
  (void)json;
  (void)notes;
  (void)error;
  *was_part = false;
  return BL_OK;
}
