/* Looking things up in the table of families. */
#include "family/family.h"

#include <stdio.h>
#include <string.h>

/* ---- families ------------------------------------------------------------------------------- */

const bl_family *bl_family_find(const char *name) {
  for (int i = 0; bl_families[i]; i++)
    if (strcmp(bl_families[i]->name, name) == 0) return bl_families[i];
  return NULL;
}

const bl_family *bl_family_find_gguf(const char *name, size_t name_size) {
  for (int i = 0; bl_families[i]; i++) {
    const char *gguf = bl_families[i]->runs ? bl_families[i]->gguf : NULL;
    if (gguf && strlen(gguf) == name_size && memcmp(gguf, name, name_size) == 0)
      return bl_families[i];
  }
  return NULL;
}

/* The name under which a list has family i; NULL where it has not, or had it before. */
static const char *listed_name(bl_family_list which, int i) {
  const bl_family *family = bl_families[i];
  if (which == BL_LIST_ALL) return family->name;
  if (!family->runs) return NULL;
  if (which == BL_LIST_RUNS) return family->name;
  bool is_first = family->gguf && bl_family_find_gguf(family->gguf, strlen(family->gguf)) == family;
  return is_first ? family->gguf : NULL;
}

void bl_family_names(bl_family_list which, char *text, size_t text_size) {
  int last = -1;
  size_t n = 0;
  for (int i = 0; bl_families[i]; i++)
    if (listed_name(which, i)) last = i;
  for (int i = 0; i <= last && n < text_size; i++) {
    const char *name = listed_name(which, i);
    const char *separator = n == 0 ? "" : i == last ? " or " : ", ";
    if (name) n += (size_t)snprintf(text + n, text_size - n, "%s%s", separator, name);
  }
}

/* ---- entries -------------------------------------------------------------------------------- */

bool bl_family_holds(unsigned when, unsigned has) {
  unsigned heads = when & BL_HEADS, flags = when & ~(unsigned)(BL_HEADS | BL_OUTSIDE | BL_TURNED);
  return (heads == 0 || (heads & has)) && (flags & ~has) == 0;
}

const bl_family_entry *bl_family_entry_of(const bl_family *family, unsigned has, bl_role role) {
  const bl_family_entry *other = NULL;
  for (const bl_family_entry *e = family->entries; e->hf; e++) {
    if (e->weight != role && e->bias != role) continue;
    bool is_there =
        bl_family_holds(e->when, has) && (e->bias != role || bl_family_holds(e->bias_when, has));
    if (is_there) return e;
    if (!other) other = e;
  }
  return other;
}

/* Does `name` begin as `pattern` reads, with a number in the place of '#'? The number is written as
 * programs write it, without a sign or leading zeros, and has at most 6 digits. *layer is -1 for a
 * pattern without one. Returns what follows in the name, or NULL. */
static const char *match(const char *pattern, const char *name, int *layer) {
  *layer = -1;
  for (; *pattern; pattern++) {
    if (*pattern != '#') {
      if (*name++ != *pattern) return NULL;
      continue;
    }
    int n_digits = 0, number = 0;
    for (; *name >= '0' && *name <= '9' && n_digits < 6; n_digits++)
      number = number * 10 + (*name++ - '0');
    if (n_digits == 0 || (n_digits > 1 && name[-n_digits] == '0')) return NULL;
    *layer = number;
  }
  return name;
}

/* Is the rest of the name the weight or the bias of the entry? */
static bool match_end(const bl_family *family, const bl_family_entry *entry, const char *end,
                      bl_role *role) {
  *role = BL_NO_ROLE;
  if (strcmp(end, ".weight") == 0) *role = (bl_role)entry->weight;
  if (strcmp(end, ".bias") == 0) *role = (bl_role)entry->bias;
  const bool is_old = family->old_norms && bl_role_share((bl_role)entry->weight) == BL_IN_OTHER;
  if (is_old && strcmp(end, ".gamma") == 0) *role = (bl_role)entry->weight;
  if (is_old && strcmp(end, ".beta") == 0) *role = (bl_role)entry->bias;
  return *role != BL_NO_ROLE;
}

static const char *skip(const char *name, const char *prefix) {
  size_t n = prefix ? strlen(prefix) : 0;
  return prefix && strncmp(name, prefix, n) == 0 ? name + n : NULL;
}

static bool find_in_body(const bl_family *family, bool outside, const char *name,
                         bl_family_place *place) {
  for (const bl_family_entry *e = family->entries; name && e->hf; e++) {
    bool is_outside = (e->when & BL_OUTSIDE) != 0;
    const char *end = is_outside == outside ? match(e->hf, name, &place->layer) : NULL;
    if (!end || !match_end(family, e, end, &place->role)) continue;
    place->entry = e;
    place->turned = (e->when & BL_TURNED) && place->role == e->weight;
    return true;
  }
  return false;
}

static bool find_gguf_name(const bl_family *family, const char *name, bl_family_place *place) {
  for (const bl_family_entry *e = family->entries; e->hf; e++) {
    const char *end = e->gguf ? match(e->gguf, name, &place->layer) : NULL;
    if (!end || !match_end(family, e, end, &place->role)) continue;
    place->entry = e;
    place->turned = false;
    return true;
  }
  return false;
}

bool bl_family_find_name(const bl_family *family, bool is_gguf, const char *name,
                         bl_family_place *place) {
  if (is_gguf) return find_gguf_name(family, name, place);
  if (find_in_body(family, true, name, place)) return true;
  if (find_in_body(family, false, skip(name, family->mlx_prefix), place)) {
    place->turned = false;
    return true;
  }
  return find_in_body(family, false, skip(name, family->prefix), place) ||
         (family->may_be_bare && find_in_body(family, false, name, place));
}

static bool is_among(const char *const *patterns, const char *name) {
  int layer;
  for (; patterns && name && *patterns; patterns++) {
    const char *end = match(*patterns, name, &layer);
    if (end && *end == '\0') return true;
  }
  return false;
}

bool bl_family_ignores(const bl_family *family, bool is_gguf, const char *name) {
  if (is_gguf) return is_among(family->ignored_gguf, name);
  return is_among(family->ignored, skip(name, family->prefix)) ||
         is_among(family->ignored, skip(name, family->mlx_prefix)) ||
         (family->may_be_bare && is_among(family->ignored, name));
}

void bl_family_print_name(const bl_family_entry *entry, const char *prefix, bool is_bias, int layer,
                          int expert, char *name, size_t name_size) {
  const char *pattern = prefix ? entry->hf : entry->gguf;
  bool has_prefix = prefix && !(entry->when & BL_OUTSIDE);
  size_t n = (size_t)snprintf(name, name_size, "%s", has_prefix ? prefix : "");
  for (const char *c = pattern; *c && n < name_size; c++) {
    if (*c == '#' || *c == '@')
      n += (size_t)snprintf(name + n, name_size - n, "%d", *c == '#' ? layer : expert);
    else
      n += (size_t)snprintf(name + n, name_size - n, "%c", *c);
  }
  if (n < name_size) snprintf(name + n, name_size - n, "%s", is_bias ? ".bias" : ".weight");
}
