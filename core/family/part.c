/* Language models that are a part of a model that looks at images too: its names. */
#include <string.h>

#include "family/family.h"

static const char *skip(const char *name, const char *prefix) {
  const size_t n = strlen(prefix);
  return strncmp(name, prefix, n) == 0 ? name + n : NULL;
}

const char *bl_family_part_name(const bl_family *family, const char *name, const char **in_body) {
  const char *own = family->is_part ? skip(name, "language_model.") : NULL;
  *in_body = family->is_part ? skip(name, "model.language_model.") : NULL;
  return own ? own : name;
}

bool bl_family_is_of_whole(const bl_family *family, const char *name) {
  static const char *const prefixes[] = {"vision_tower.", "multi_modal_projector.",
                                         "model.vision_tower.", "model.multi_modal_projector."};
  for (size_t i = 0; family->is_part && i < sizeof prefixes / sizeof *prefixes; i++)
    if (skip(name, prefixes[i])) return true;
  return false;
}
