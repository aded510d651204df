/* In the place of core/model/loader_experts.c in the first module, none of whose families has
 * experts. */
#include <stdio.h>

#include "model/flaws.h"
#include "model/loader.h"

bl_code bl_loader_open_expert(bl_loader *loader, const bl_entry *entry,
                              const bl_family_place *place, int64_t n_rows, int64_t n_cols,
                              bl_error *error) {
  (void)place;
  (void)n_rows;
  (void)n_cols;
  return bl_loader_fail_unknown(loader, entry, error);
}

bl_code bl_loader_begin_expert(bl_loader *loader, const bl_entry *entry, bl_error *error) {
  return bl_loader_fail_unknown(loader, entry, error);
}

bl_code bl_loader_end_expert(bl_loader *loader, bl_error *error) {
  (void)loader;
  (void)error;
  return BL_OK;
}

bl_code bl_loader_check_experts(const bl_loader *loader, bl_error *error) {
  (void)loader;
  (void)error;
  return BL_OK;
}

void bl_weight_own_name(const bl_weight *weight, char *name, size_t name_size) {
  snprintf(name, name_size, "%s", weight->name);
}

bl_code bl_weight_find_single(bl_weight *weight, const bl_tensor *stored, bl_pool *pool,
                              bl_error *error) {
  (void)weight;
  (void)stored;
  (void)pool;
  (void)error;
  return BL_OK;
}

void bl_loader_free_experts(bl_loader *loader) {
  (void)loader;
}
