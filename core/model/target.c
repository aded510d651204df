/* Which format each tensor gets from a recipe, and which rows GGUF keeps permuted. */
#include "model/target.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"

/* ---- formats ------------------------------------------------------------------------------- */

/* Where scales and biases of a converted tensor are stored: in the tensor's own type, as MLX does;
 * f16 where the source has blocks of codes; in the type of the source's own scales, or of the
 * weights before they were quantized, where it has several parts. */
static bl_dtype param_dtype_of(const bl_load_options *options, const bl_config *config,
                               const bl_format *source) {
  if (options->cast != BL_DTYPE_NONE) return options->cast;
  if (source->codec->n_parts > 1)
    return source->param_dtype != BL_DTYPE_NONE ? source->param_dtype : config->float_dtype;
  bl_dtype dtype = bl_format_dtype(source);
  return dtype != BL_DTYPE_NONE ? dtype : BL_F16;
}

bl_format bl_target_format(const bl_load_options *options, const bl_config *config,
                           const bl_weight *weight, int64_t n_rows, int64_t n_cols,
                           const bl_format *source) {
  bl_format target;
  const bl_place place = {.name = weight->name,
                          .layer = weight->layer,
                          .n_layers = config->n_layers,
                          .tied_output = config->tied_output,
                          .n_heads = config->n_heads,
                          .n_kv_heads = config->n_kv_heads};
  if (bl_role_quantizable(weight->role) &&
      bl_recipe_format(&options->recipe, &place, n_rows, n_cols,
                       param_dtype_of(options, config, source), &target))
    return target;
  bool casts = options->cast != BL_DTYPE_NONE && source->codec->n_parts == 1;
  return casts ? bl_format_plain(options->cast) : *source;
}

/* A count as an int; 0 for one that no model has. */
static int count_of(int64_t n) {
  return n < 0 || n > 1 << 20 ? 0 : (int)n;
}

uint64_t bl_recipe_bytes(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                         int64_t n_rows, int64_t n_cols, bl_dtype param_dtype) {
  char own[96];
  bl_role role;
  bl_format format;
  bl_place place = {.name = name,
                    .layer = -1,
                    .n_layers = count_of(outline->n_layers),
                    .tied_output = outline->tied_output,
                    .n_heads = count_of(outline->n_heads),
                    .n_kv_heads = count_of(outline->n_kv_heads)};
  if (place.n_kv_heads == 0) place.n_kv_heads = place.n_heads > 0 ? place.n_heads : 1;
  if (bl_role_from_name(BL_SAFETENSORS, name, &role, &place.layer) ||
      bl_role_from_name(BL_GGUF, name, &role, &place.layer)) {
    if (!bl_role_quantizable(role)) return 0;
    bl_role_name(role, place.layer, own, sizeof own);
    place.name = own;
  }
  bool applies = bl_recipe_format(recipe, &place, n_rows, n_cols, param_dtype, &format);
  return applies ? bl_format_bytes(&format, n_rows, n_cols) : 0;
}

int64_t bl_permuted_rows(const bl_config *config, bool interleaved, bl_role role) {
  bool rotated = role == BL_Q || role == BL_K || role == BL_Q_BIAS || role == BL_K_BIAS;
  return interleaved && rotated ? config->head_dim : 0;
}

/* ---- rules --------------------------------------------------------------------------------- */

/* Has the model a matrix of this role, for a recipe to apply to? */
static bool has_matrix(const bl_config *config, bl_role role) {
  int64_t n_rows, n_cols;
  return bl_role_quantizable(role) && bl_role_shape(config, role, &n_rows, &n_cols);
}

static bool matches_any(const bl_config *config, const char *pattern) {
  for (int role = 0; role < BL_N_ROLES; role++) {
    bool in_layers = role > BL_OUTPUT;
    if (!has_matrix(config, (bl_role)role)) continue;
    for (int layer = in_layers ? 0 : -1; layer < (in_layers ? config->n_layers : 0); layer++) {
      char name[128];
      bl_role_name((bl_role)role, layer, name, sizeof name);
      if (bl_pattern_matches(pattern, name)) return true;
    }
  }
  return false;
}

/* "embed_tokens, q_proj, k_proj" …: the last component of every matrix's name. The nearest of them
 * is left in `nearest`. */
static void list_matrices(const bl_config *config, char names[][32], bl_nearest *nearest,
                          char *text, size_t text_size) {
  size_t n = 0;
  *text = '\0';
  for (int role = 0; role < BL_N_ROLES; role++) {
    char name[128];
    if (!has_matrix(config, (bl_role)role)) continue;
    bl_role_name((bl_role)role, 0, name, sizeof name);
    *strrchr(name, '.') = '\0';
    const char *dot = strrchr(name, '.');
    snprintf(names[role], sizeof names[role], "%.31s", dot ? dot + 1 : name);
    bl_nearest_offer(nearest, names[role]);
    if (n < text_size)
      n += (size_t)snprintf(text + n, text_size - n, "%s%s", n ? ", " : "", names[role]);
  }
}

bl_code bl_recipe_check_rules(const bl_recipe *recipe, const bl_config *config, bl_error *error) {
  for (int i = 0; i < recipe->n_rules; i++) {
    const char *pattern = recipe->rules[i].pattern;
    if (matches_any(config, pattern)) continue;
    char names[BL_N_ROLES][32], list[256];
    bl_nearest nearest = {.wanted = pattern, .wanted_size = strlen(pattern)};
    list_matrices(config, names, &nearest, list, sizeof list);
    if (nearest.name)
      return bl_fail(error, BL_ERR_ARGUMENT,
                     "recipe: pattern '%s' matches no matrix of this model, perhaps %s was meant",
                     pattern, nearest.name);
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "recipe: pattern '%s' matches no matrix of this model, which has %s, and "
                   "layers.0 to layers.%d",
                   pattern, list, config->n_layers - 1);
  }
  return BL_OK;
}
