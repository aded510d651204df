/* What a config makes of its family's table. */
#include "model/names.h"

#include <stdio.h>
#include <string.h>

bool bl_find_name(const bl_family *family, bl_container container, const char *name,
                  bl_family_place *place) {
  return bl_family_find_name(family, container == BL_GGUF, name, place);
}

bool bl_name_ignored(const bl_family *family, bl_container container, const char *name) {
  return bl_family_ignores(family, container == BL_GGUF, name);
}

unsigned bl_config_has(const bl_config *config) {
  return config->head | (config->tied_output ? 0 : BL_UNTIED) |
         (config->qkv_bias ? BL_WITH_QKV_BIAS : 0) | (config->o_bias ? BL_WITH_O_BIAS : 0) |
         (config->mlp_bias ? BL_WITH_MLP_BIAS : 0) | (config->qk_norm ? BL_WITH_QK_NORM : 0);
}

static void print_name(const bl_config *config, const char *prefix, bl_role role, int layer,
                       char *name, size_t name_size) {
  const bl_family_entry *entry = bl_family_entry_of(config->family, bl_config_has(config), role);
  bl_family_print_name(entry, prefix, entry->bias == role, layer, -1, name, name_size);
}

void bl_role_name(const bl_config *config, bl_role role, int layer, char *name, size_t name_size) {
  const char *prefix = config->head == BL_HEAD_NONE ? "" : config->family->prefix;
  print_name(config, prefix, role, layer, name, name_size);
}

void bl_role_mlx_name(const bl_config *config, bl_role role, int layer, char *name,
                      size_t name_size) {
  const bl_family *family = config->family;
  const bl_family_entry *entry = bl_family_entry_of(family, bl_config_has(config), role);
  const char *prefix = family->mlx_prefix             ? family->mlx_prefix
                       : config->head == BL_HEAD_NONE ? ""
                                                      : family->prefix;
  bl_family_print_mlx_name(entry, prefix, entry->bias == role, layer, name, name_size);
}

void bl_role_gguf_name(const bl_config *config, bl_role role, int layer, char *name,
                       size_t name_size) {
  const bl_family_entry *entry = bl_family_entry_of(config->family, bl_config_has(config), role);
  *name = '\0';
  if (entry->gguf) print_name(config, NULL, role, layer, name, name_size);
}

int64_t bl_extent_of(const bl_config *config, bl_extent extent) {
  const bl_config *c = config;
  int64_t q = (int64_t)c->n_heads * c->head_dim, kv = (int64_t)c->n_kv_heads * c->head_dim;
  const int64_t sizes[BL_N_EXTENTS] = {
      [BL_BY_ONE] = 1,
      [BL_BY_DIM] = c->dim,
      [BL_BY_QKV] = q + 2 * kv,
      [BL_BY_Q] = q,
      [BL_BY_KV] = kv,
      [BL_BY_HEAD] = c->head_dim,
      [BL_BY_FFN] = c->ffn_dim,
      [BL_BY_GATE_UP] = 2 * (int64_t)c->ffn_dim,
      [BL_BY_VOCAB] = c->vocab_size,
      [BL_BY_CONTEXT] = c->max_context,
      [BL_BY_TYPES] = c->n_types,
      [BL_BY_EXPERTS] = c->n_experts,
      [BL_BY_LABELS] = c->n_labels,
  };
  return sizes[extent];
}

bool bl_role_shape(const bl_config *config, bl_role role, int64_t *n_rows, int64_t *n_cols) {
  const unsigned has = bl_config_has(config);
  const bl_family_entry *entry = bl_family_entry_of(config->family, has, role);
  if (!entry) return false;
  *n_rows = bl_extent_of(config, entry->n_rows);
  *n_cols = bl_extent_of(config, entry->n_cols);
  if (bl_role_is_expert(role)) *n_rows *= config->n_experts;
  bool is_bias = entry->bias == role;
  if (is_bias && bl_role_quantizable(entry->weight)) *n_cols = *n_rows;
  if (is_bias) *n_rows = 1;
  return bl_family_holds(entry->when, has) && !(is_bias && !bl_family_holds(entry->bias_when, has));
}

/* ---- patterns ------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return n >= m && strcmp(name + n - m, end) == 0 && (n == m || name[n - m - 1] == '.');
}

/* Has a matrix that the model has under another role a name that ends so? */
static bool is_shared(const bl_config *config, const bl_family_entry *entry, const char *end) {
  const bl_family_entry *e = config->family->entries;
  for (; e->hf; e++)
    if (e->weight != entry->weight && bl_role_quantizable(e->weight) &&
        bl_family_holds(e->when, bl_config_has(config)) && ends_with(e->hf, end))
      return true;
  return false;
}

void bl_role_kind(const bl_config *config, bl_role role, char *kind, size_t kind_size) {
  const bl_family_entry *entry = bl_family_entry_of(config->family, bl_config_has(config), role);
  const char *start = entry->hf + strlen(entry->hf), *whole = start;
  while (start > entry->hf && (start == whole || is_shared(config, entry, start))) {
    const char *at = start == whole ? start : start - 1; /* at the dot before, or at the end */
    while (at > entry->hf && at[-1] != '.') at--;
    if (*at == '#') break;
    start = at;
  }
  snprintf(kind, kind_size, "%s", start);
}

void bl_layer_pattern(const bl_config *config, int layer, char *pattern, size_t pattern_size) {
  const bl_family_entry *e = config->family->entries;
  while (!strchr(e->hf, '#')) e++;
  const char *mark = strchr(e->hf, '#'), *start = mark - 1; /* at the dot before it */
  while (start > e->hf && start[-1] != '.') start--;
  snprintf(pattern, pattern_size, "%.*s%d", (int)(mark - start), start, layer);
}
