/* In the place of core/family/part.c in the first module, none of whose families is a part of
 * another model. */
#include "family/family.h"

const char *bl_family_part_name(const bl_family *family, const char *name, const char **in_body) {
  (void)family;
  *in_body = NULL;
  return name;
}

bool bl_family_is_of_whole(const bl_family *family, const char *name) {
  (void)family;
  (void)name;
  return false;
}
