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
    const char *gguf = bl_families[i]->gguf;
    if (gguf && strlen(gguf) == name_size && memcmp(gguf, name, name_size) == 0)
      return bl_families[i];
  }
  return NULL;
}

/* The name under which a list has family i; NULL where it has not, or had it before. */
static const char *listed_name(bool gguf, int i) {
  const bl_family *family = bl_families[i];
  if (!gguf) return family->name;
  bool is_first = family->gguf && bl_family_find_gguf(family->gguf, strlen(family->gguf)) == family;
  return is_first ? family->gguf : NULL;
}

void bl_family_names(bool gguf, char *text, size_t text_size) {
  int last = -1;
  size_t n = 0;
  for (int i = 0; bl_families[i]; i++)
    if (listed_name(gguf, i)) last = i;
  for (int i = 0; i <= last && n < text_size; i++) {
    const char *name = listed_name(gguf, i);
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

/* Does `name` begin as `pattern` reads, with a number in the place of '#' and of '@'? A number is
 * written as programs write it, without a sign or leading zeros, and has at most 6 digits. *layer
 * and *expert are -1 for a pattern without one. Returns what follows in the name, or NULL. */
static const char *match(const char *pattern, const char *name, int *layer, int *expert) {
  *layer = *expert = -1;
  for (; *pattern; pattern++) {
    if (*pattern != '#' && *pattern != '@') {
      if (*name++ != *pattern) return NULL;
      continue;
    }
    int n_digits = 0, number = 0;
    for (; *name >= '0' && *name <= '9' && n_digits < 6; n_digits++)
      number = number * 10 + (*name++ - '0');
    if (n_digits == 0 || (n_digits > 1 && name[-n_digits] == '0')) return NULL;
    *(*pattern == '#' ? layer : expert) = number;
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

/* The name that mlx_lm's SwitchGLU gives to the matrix of all experts. */
static void print_mlx_pattern(const bl_family_entry *entry, char pattern[96]) {
  const int n = (int)(strstr(entry->hf, "experts.@.") - entry->hf);
  const char *kind = entry->weight == BL_EXPERT_GATE ? "gate"
                     : entry->weight == BL_EXPERT_UP ? "up"
                                                     : "down";
  snprintf(pattern, 96, "%.*sswitch_mlp.%s_proj", n, entry->hf, kind);
}

static const char *match_entry(const bl_family_entry *entry, const char *name,
                               bl_family_place *place) {
  const char *end = match(entry->hf, name, &place->layer, &place->expert);
  char pattern[96];
  if (end || !bl_role_is_expert((bl_role)entry->weight)) return end;
  print_mlx_pattern(entry, pattern);
  return match(pattern, name, &place->layer, &place->expert);
}

static const char *skip(const char *name, const char *prefix) {
  size_t n = prefix ? strlen(prefix) : 0;
  return prefix && strncmp(name, prefix, n) == 0 ? name + n : NULL;
}

static bool find_in_body(const bl_family *family, bool outside, const char *name,
                         bl_family_place *place) {
  for (const bl_family_entry *e = family->entries; name && e->hf; e++) {
    if (*e->hf != *name) continue; /* of most at once: patterns begin with a letter */
    bool is_outside = (e->when & BL_OUTSIDE) != 0;
    const char *end = is_outside == outside ? match_entry(e, name, place) : NULL;
    if (!end || !match_end(family, e, end, &place->role)) continue;
    place->entry = e;
    place->turned = (e->when & BL_TURNED) && place->role == e->weight;
    return true;
  }
  return false;
}

static bool find_gguf_name(const bl_family *family, const char *name, bl_family_place *place) {
  for (const bl_family_entry *e = family->entries; e->hf; e++) {
    if (!e->gguf || *e->gguf != *name) continue;
    const char *end = match(e->gguf, name, &place->layer, &place->expert);
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
  const char *in_body;
  name = bl_family_part_name(family, name, &in_body);
  if (find_in_body(family, false, in_body, place)) return true;
  if (find_in_body(family, true, name, place)) return true;
  if (find_in_body(family, false, skip(name, family->mlx_prefix), place)) {
    place->turned = false;
    return true;
  }
  return find_in_body(family, false, skip(name, family->prefix), place) ||
         (family->may_be_bare && find_in_body(family, false, name, place));
}

static bool is_among(const char *const *patterns, const char *name) {
  int layer, expert;
  for (; patterns && name && *patterns; patterns++) {
    const char *end = match(*patterns, name, &layer, &expert);
    if (end && *end == '\0') return true;
  }
  return false;
}

bool bl_family_ignores(const bl_family *family, bool is_gguf, const char *name) {
  if (is_gguf) return is_among(family->ignored_gguf, name);
  if (bl_family_is_of_whole(family, name)) return true;
  return is_among(family->ignored, skip(name, family->prefix)) ||
         is_among(family->ignored, skip(name, family->mlx_prefix)) ||
         (family->may_be_bare && is_among(family->ignored, name));
}

static void print_name(const char *pattern, const char *prefix, bool is_bias, int layer, int expert,
                       char *name, size_t name_size) {
  size_t n = (size_t)snprintf(name, name_size, "%s", prefix);
  for (const char *c = pattern; *c && n < name_size; c++) {
    if (*c == '@' && expert < 0)
      c++; /* and the dot behind it */
    else if (*c == '#' || *c == '@')
      n += (size_t)snprintf(name + n, name_size - n, "%d", *c == '#' ? layer : expert);
    else
      n += (size_t)snprintf(name + n, name_size - n, "%c", *c);
  }
  if (n < name_size) snprintf(name + n, name_size - n, "%s", is_bias ? ".bias" : ".weight");
}

void bl_family_print_name(const bl_family_entry *entry, const char *prefix, bool is_bias, int layer,
                          int expert, char *name, size_t name_size) {
  const bool has_prefix = prefix && !(entry->when & BL_OUTSIDE);
  print_name(prefix ? entry->hf : entry->gguf, has_prefix ? prefix : "", is_bias, layer, expert,
             name, name_size);
}

void bl_family_print_mlx_name(const bl_family_entry *entry, const char *prefix, bool is_bias,
                              int layer, char *name, size_t name_size) {
  char pattern[96];
  if (!bl_role_is_expert((bl_role)entry->weight)) {
    bl_family_print_name(entry, prefix, is_bias, layer, -1, name, name_size);
    return;
  }
  print_mlx_pattern(entry, pattern);
  print_name(pattern, prefix, is_bias, layer, -1, name, name_size);
}
