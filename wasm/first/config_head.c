/* In the place of core/model/config_head.c in the first module, whose families have one kind of
 * model each. */
#include <string.h>

#include "model/config_check.h"

bl_code bl_config_read_head(const char *file_name, const cJSON *json, bl_config *config,
                            bl_error *error) {
  (void)json;
  return bl_config_refuse_family(file_name, false, config->architecture,
                                 (int)strlen(config->architecture), error);
}

bl_code bl_config_read_block(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error) {
  return bl_config_read_head(file_name, json, config, error);
}
