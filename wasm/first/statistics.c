/* In the place of core/model/statistics.c in the first module, none of whose recipes need any. */
#include "model/statistics.h"

const bl_input *bl_statistics_find(const bl_statistics *statistics, bl_role role, int layer) {
  (void)statistics;
  (void)role;
  (void)layer;
  return NULL;
}

bl_code bl_statistics_check(const bl_load_options *options, const bl_config *config,
                            bl_error *error) {
  (void)options;
  (void)config;
  (void)error;
  return BL_OK;
}
