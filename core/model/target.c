/* Which format each tensor gets from a recipe, and which rows GGUF keeps permuted. */
#include "model/target.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "quant/mixture.h"

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

static bl_place place_of(const bl_config *config, const bl_weight *weight) {
  return (bl_place){
      .name = weight->name,
      .layer = weight->layer,
      .n_layers = config->n_layers,
      .tied_output = weight->role != BL_OUTPUT && (config->tied_output || config->was_tied),
      .n_heads = config->n_heads,
      .n_kv_heads = config->n_kv_heads,
      .n_experts = config->n_experts,
      .at_8_bits = weight->role == BL_ROUTER && config->family->router_at_8_bits};
}

/* MLX quantizes every embedding, and the router of experts. llama.cpp and torch leave the router
 * and the embeddings of positions and token types as they are. */
static bool reaches(const bl_recipe *recipe, bl_role role) {
  if (role != BL_POSITIONS && role != BL_TYPES && role != BL_ROUTER)
    return bl_role_quantizable(role);
  if (recipe->mixture) return recipe->mixture->has_group;
  const bl_format format = {.codec = recipe->codec};
  return recipe->codec && (bl_is_mlx_mode(recipe->codec) || bl_format_dtype(&format));
}

bl_format bl_target_format(const bl_load_options *options, const bl_config *config,
                           const bl_weight *weight, int64_t n_rows, int64_t n_cols,
                           const bl_format *source) {
  bl_format target;
  const bl_place place = place_of(config, weight);
  if (reaches(&options->recipe, weight->role) &&
      bl_recipe_format(&options->recipe, &place, n_rows, n_cols,
                       param_dtype_of(options, config, source), &target))
    return target;
  bool casts = options->cast != BL_DTYPE_NONE && source->codec->n_parts == 1;
  return casts ? bl_format_plain(options->cast) : *source;
}

bl_code bl_target_note_misfits(bl_model *model, bl_error *error) {
  int n = 0, n_left = 0; /* matrices that the recipe has formats for, and those that do not fit */
  int64_t n_params = 0, n_params_left = 0;
  for (int i = 0; i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    const bl_tensor *t = &weight->tensor;
    const bl_place place = place_of(&model->config, weight);
    bl_format format;
    const bool misfits = bl_recipe_misfits(&model->recipe, &place, t->n_rows, t->n_cols);
    if (!reaches(&model->recipe, weight->role) ||
        (!misfits &&
         !bl_recipe_format(&model->recipe, &place, t->n_rows, t->n_cols, BL_F32, &format)))
      continue;
    n++;
    n_params += t->n_rows * t->n_cols;
    if (!misfits) continue;
    n_left++;
    n_params_left += t->n_rows * t->n_cols;
  }
  if (n_left == 0) return BL_OK;
  char recipe[BL_RECIPE_TEXT];
  bl_recipe_print(&model->recipe, recipe, sizeof recipe);
  if (n_left == n)
    return bl_note_add(&model->notes, error, "nothing-quantized", recipe, n,
                       "%.96s: nothing was quantized, no matrix of this model has rows that the "
                       "blocks divide",
                       recipe);
  return bl_note_add(&model->notes, error, "left-alone", recipe, n_left,
                     "%.96s: %d of %d matrices (%.1f%% of their weights) stay as they are, as the "
                     "blocks do not divide their rows",
                     recipe, n_left, n, 100.0 * (double)n_params_left / (double)n_params);
}

/* A count as an int; 0 for one that no model has. */
static int count_of(int64_t n) {
  return n < 0 || n > 1 << 20 ? 0 : (int)n;
}

/* A family that has a tensor of this name, in either container: the one that the container calls by
 * `architecture`, which may be NULL, or else the first. Where there are several, what recipes go by
 * is the same in all of them but for routers. */
static const bl_family *find_in_families(const char *architecture, const char *name,
                                         bl_family_place *place) {
  for (int gguf = 0; architecture && gguf < 2; gguf++) {
    const bl_family *own = gguf ? bl_family_find_gguf(architecture, strlen(architecture))
                                : bl_family_find(architecture);
    if (own && bl_family_find_name(own, gguf, name, place)) return own;
  }
  for (int gguf = 0; gguf < 2; gguf++)
    for (int i = 0; bl_families[i]; i++)
      if (bl_family_find_name(bl_families[i], gguf, name, place)) return bl_families[i];
  return NULL;
}

/* The place of a matrix in a model that is known by its outline; false for a tensor that recipes do
 * not apply to. `own` has room for a name. */
static bool find_place(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                       char own[96], bl_place *place) {
  *place = (bl_place){.name = name,
                      .layer = -1,
                      .n_layers = count_of(outline->n_layers),
                      .tied_output = outline->tied_output,
                      .n_heads = count_of(outline->n_heads),
                      .n_kv_heads = count_of(outline->n_kv_heads),
                      .n_experts = count_of(outline->n_experts)};
  if (place->n_kv_heads == 0) place->n_kv_heads = place->n_heads > 0 ? place->n_heads : 1;
  bl_family_place found;
  const bl_family *family = find_in_families(outline->architecture, name, &found);
  if (!family) return true;
  if (!reaches(recipe, found.role)) return false;
  place->at_8_bits = found.role == BL_ROUTER && family->router_at_8_bits;
  bl_family_print_name(found.entry, family->prefix, false, found.layer, -1, own, 96);
  place->name = own;
  place->layer = found.layer;
  return true;
}

uint64_t bl_recipe_bytes(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                         int64_t n_rows, int64_t n_cols, bl_dtype param_dtype) {
  char own[96];
  bl_format format;
  bl_place place;
  bool applies = find_place(recipe, outline, name, own, &place) &&
                 bl_recipe_format(recipe, &place, n_rows, n_cols, param_dtype, &format);
  return applies ? bl_format_bytes(&format, n_rows, n_cols) : 0;
}

bool bl_recipe_misfits_name(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                            int64_t n_rows, int64_t n_cols) {
  char own[96];
  bl_place place;
  return find_place(recipe, outline, name, own, &place) &&
         bl_recipe_misfits(recipe, &place, n_rows, n_cols);
}

int64_t bl_permuted_rows(const bl_config *config, bool interleaved, bl_role role) {
  bool rotated = role == BL_Q || role == BL_K || role == BL_Q_BIAS || role == BL_K_BIAS;
  return interleaved && rotated ? config->head_dim : 0;
}

/* ---- rules --------------------------------------------------------------------------------- */

/* Has the model a matrix of this role, for a recipe to apply to? */
static bool has_matrix(const bl_config *config, bl_role role) {
  int64_t n_rows, n_cols;
  if (role == BL_OUTPUT && config->output_is_there) return true;
  return bl_role_quantizable(role) && bl_role_shape(config, role, &n_rows, &n_cols);
}

static bool matches_any(const bl_config *config, const char *pattern) {
  for (int role = 0; role < BL_N_ROLES; role++) {
    bool in_layers = bl_role_in_layers((bl_role)role);
    if (!has_matrix(config, (bl_role)role)) continue;
    for (int layer = in_layers ? 0 : -1; layer < (in_layers ? config->n_layers : 0); layer++) {
      char name[128];
      bl_role_name(config, (bl_role)role, layer, name, sizeof name);
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
    bl_role_name(config, (bl_role)role, 0, name, sizeof name);
    *strrchr(name, '.') = '\0';
    const char *dot = strrchr(name, '.');
    snprintf(names[role], sizeof names[role], "%.31s", dot ? dot + 1 : name);
    bl_nearest_offer(nearest, names[role]);
    if (n < text_size)
      n += (size_t)snprintf(text + n, text_size - n, "%s%s", n ? ", " : "", names[role]);
  }
}

/* Has the recipe anything that experts are refused? */
static bool may_be_refused(const bl_recipe *recipe) {
  bool may = recipe->codec && recipe->codec->encode_tensor;
  for (int i = 0; i < recipe->n_rules; i++)
    may = may || (recipe->rules[i].codec && recipe->rules[i].codec->encode_tensor);
  return may;
}

/* A matrix of experts is refused what is one for all of its rows, as each expert would have its
 * own. */
static bl_code check_expert(const bl_recipe *recipe, const char *name, bl_error *error) {
  int rule = recipe->n_rules - 1;
  while (rule >= 0 && !bl_pattern_matches(recipe->rules[rule].pattern, name)) rule--;
  const bl_codec *codec = rule >= 0 ? recipe->rules[rule].codec : recipe->codec;
  if (!codec || !codec->encode_tensor) return BL_OK;
  return bl_fail(error, BL_ERR_RECIPE,
                 "recipe: %s has one scale for all rows of a matrix, which experts, whose matrices "
                 "lie below one another, can't be given",
                 codec->name);
}

bl_code bl_recipe_check_name(const bl_recipe *recipe, const char *name, bl_error *error) {
  char own[96];
  bl_family_place found;
  const bl_family *family = may_be_refused(recipe) ? find_in_families(NULL, name, &found) : NULL;
  if (!family || !bl_role_is_expert(found.role)) return BL_OK;
  bl_family_print_name(found.entry, family->prefix, false, found.layer, -1, own, sizeof own);
  return check_expert(recipe, own, error);
}

static bl_code check_experts(const bl_recipe *recipe, const bl_config *config, bl_error *error) {
  bl_code code = BL_OK;
  for (int l = 0; code == BL_OK && config->block.has_experts && l < config->n_layers; l++)
    for (int role = BL_EXPERT_GATE; code == BL_OK && role <= BL_EXPERT_DOWN; role++) {
      char name[128];
      bl_role_name(config, (bl_role)role, l, name, sizeof name);
      code = check_expert(recipe, name, error);
    }
  return code;
}

bl_code bl_recipe_check_rules(const bl_recipe *recipe, const bl_config *config, bl_error *error) {
  for (int i = 0; i < recipe->n_rules; i++) {
    const char *pattern = recipe->rules[i].pattern;
    if (matches_any(config, pattern)) continue;
    char names[BL_N_ROLES][32], list[256];
    bl_nearest nearest = {.wanted = pattern, .wanted_size = strlen(pattern)};
    list_matrices(config, names, &nearest, list, sizeof list);
    if (nearest.name)
      return bl_fail(error, BL_ERR_RECIPE,
                     "recipe: pattern '%s' matches no matrix of this model, perhaps %s was meant",
                     pattern, nearest.name);
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe: pattern '%s' matches no matrix of this model, which has %s, and "
                   "layers.0 to layers.%d",
                   pattern, list, config->n_layers - 1);
  }
  return check_experts(recipe, config, error);
}
