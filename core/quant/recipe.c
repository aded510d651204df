/* Recipes: reading, printing, and what they do to a tensor. bitloss.h has the grammar. */
#include "quant/recipe.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "quant/method.h"
#include "quant/mixture.h"
#include "quant/recipe_parse.h"

/* ---- reading ------------------------------------------------------------------------------- */

/* What follows '@', by bl_activations; "static:histogram" is the third's full name. */
static const char *const modes[] = {"float", "int8", "static", "static:minmax"};
enum { N_MODES = sizeof modes / sizeof *modes };

/* Reads what follows '@'. */
static bl_code parse_activations(bl_piece mode, bl_activations *activations, bl_error *error) {
  char lower[20] = "";
  for (size_t i = 0; i < mode.size && mode.size < sizeof lower; i++)
    lower[i] = bl_lower(mode.text[i]);
  if (strcmp(lower, "static:histogram") == 0) lower[strlen("static")] = 0;
  for (int i = 0; i < N_MODES; i++) {
    *activations = (bl_activations)i;
    if (strcmp(modes[i], lower) == 0) return BL_OK;
  }
  return bl_fail(error, BL_ERR_RECIPE,
                 "recipe '%.64s': activation mode is '%.*s', expected int8, static, "
                 "static:minmax or float",
                 mode.recipe, bl_quoted(mode.size), mode.text);
}

/* Are there integer products of the kind for the format's codes? */
static bool multiplies(const bl_codec *codec, bl_activations activations) {
  return bl_activations_static(activations) ? codec->static_activations : codec->int8_activations;
}

/* With integer activations every format must have products with them; what a rule leaves in floats
 * has float activations. */
static bl_code check_activations(const char *text, const bl_recipe *recipe, bl_error *error) {
  if (recipe->activations == BL_ACTIVATIONS_FLOAT) return BL_OK;
  const char *without = NULL;
  const bool is_static = bl_activations_static(recipe->activations);
  if (recipe->mixture && (is_static || !bl_mixture_int8_activations(recipe->mixture)))
    without = recipe->mixture->name;
  else if (!recipe->mixture && !recipe->codec)
    without = "reference";
  else if (recipe->codec && !multiplies(recipe->codec, recipe->activations))
    without = recipe->codec->name;
  for (int i = 0; !without && i < recipe->n_rules; i++) {
    const bl_format format = {.codec = recipe->rules[i].codec};
    if (format.codec && bl_format_dtype(&format) == BL_DTYPE_NONE &&
        !multiplies(format.codec, recipe->activations))
      without = format.codec->name;
  }
  if (!without) return BL_OK;
  if (is_static)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': '%s' has no static activations, only int8 and qint8 have them",
                   text, without);
  return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': '%s' has no integer activations", text,
                 without);
}

bl_code bl_recipe_parse(const char *text, bl_recipe *recipe, bl_error *error) {
  bl_recipe parsed = {0};
  size_t base_size = strcspn(text, "/"), format_size = strcspn(text, "@/");
  bl_code code = bl_piece_format((bl_piece){text, text, format_size}, false, &parsed, error);
  if (code == BL_OK && text[format_size] == '@')
    code = parse_activations((bl_piece){text, text + format_size + 1, base_size - format_size - 1},
                             &parsed.activations, error);
  for (const char *at = text + base_size; code == BL_OK && *at == '/';) {
    size_t size = strcspn(at + 1, "/");
    code = bl_piece_rule((bl_piece){text, at + 1, size}, &parsed, error);
    at += 1 + size;
  }
  if (code == BL_OK) code = check_activations(text, &parsed, error);
  if (code == BL_OK) *recipe = parsed;
  return code;
}

/* ---- printing ------------------------------------------------------------------------------ */

/* A codec with the settings that a recipe gave it. */
static bl_format format_of(const bl_codec *codec, int bits, int group, bl_dtype param_dtype) {
  bool depends = bl_codec_has_settings(codec) || codec->uses_dtype;
  return (bl_format){codec, codec->bits ? bits : codec->fixed_bits,
                     codec->groups ? group : codec->fixed_group,
                     depends ? param_dtype : BL_DTYPE_NONE};
}

static void print_format(const bl_codec *codec, int bits, int group, uint32_t methods, char *text,
                         size_t text_size) {
  if (!codec) {
    snprintf(text, text_size, "reference");
    return;
  }
  bl_format format = format_of(codec, bits, group, BL_DTYPE_NONE);
  bl_format_print(&format, text, text_size);
  size_t n = strlen(text);
  bl_methods_print(methods, text + n, text_size - n);
}

size_t bl_recipe_print(const bl_recipe *recipe, char *text, size_t text_size) {
  const bl_mixture *mixture = recipe->mixture;
  if (mixture && mixture->has_group)
    snprintf(text, text_size, "%s:%d", mixture->name, recipe->group);
  else if (mixture)
    snprintf(text, text_size, "%s", mixture->name);
  else
    print_format(recipe->codec, recipe->bits, recipe->group, recipe->methods, text, text_size);
  size_t n = strlen(text);
  if (mixture) bl_methods_print(recipe->methods, text + n, text_size - n);
  n += strlen(text + n);
  if (recipe->activations != BL_ACTIVATIONS_FLOAT) {
    snprintf(text + n, text_size - n, "@%s", modes[recipe->activations]);
    n += strlen(text + n);
  }
  for (int i = 0; i < recipe->n_rules; i++) {
    const bl_recipe_rule *rule = &recipe->rules[i];
    snprintf(text + n, text_size - n, "/%s=", rule->pattern);
    n += strlen(text + n);
    print_format(rule->codec, rule->bits, rule->group, rule->methods, text + n, text_size - n);
    n += strlen(text + n);
  }
  return n;
}

/* ---- what it does -------------------------------------------------------------------------- */

double bl_recipe_bits_per_weight(const bl_recipe *recipe, bl_dtype param_dtype) {
  if (!recipe->codec || recipe->n_rules > 0) return 0;
  bl_format format = format_of(recipe->codec, recipe->bits, recipe->group, param_dtype);
  return bl_format_bits_per_weight(&format);
}

bool bl_recipe_is_reference(const bl_recipe *recipe) {
  return !recipe->codec && !recipe->mixture && recipe->n_rules == 0;
}

/* The last rule that a matrix's name matches; -1: none does. */
static int find_rule(const bl_recipe *recipe, const char *name) {
  int rule = recipe->n_rules - 1;
  while (rule >= 0 && !bl_pattern_matches(recipe->rules[rule].pattern, name)) rule--;
  return rule;
}

uint32_t bl_recipe_methods(const bl_recipe *recipe, const bl_place *place) {
  const int rule = find_rule(recipe, place->name);
  return rule >= 0 ? recipe->rules[rule].methods : recipe->methods;
}

/* The format that the recipe has for a matrix, whether or not its rows fit; its codec is NULL where
 * it is to stay as it is. */
static bl_format wanted_format(const bl_recipe *recipe, const bl_place *place, int64_t n_cols,
                               bl_dtype param_dtype) {
  const bl_codec *codec = recipe->codec;
  const int rule = find_rule(recipe, place->name);
  int bits = recipe->bits, group = recipe->group;
  if (rule >= 0) {
    codec = recipe->rules[rule].codec;
    bits = recipe->rules[rule].bits;
    group = recipe->rules[rule].group;
  } else if (recipe->mixture) {
    bl_mixture_choice choice = recipe->mixture->choose(recipe->mixture, place, n_cols);
    codec = bl_codec_find(choice.codec, strlen(choice.codec));
    bits = choice.bits;
  } else if (place->at_8_bits && codec && bl_is_mlx_mode(codec) && n_cols % 64 == 0) {
    codec = bl_codec_find("affine", 6);
    bits = 8;
    group = 64;
  }
  return codec ? format_of(codec, bits, group, param_dtype) : (bl_format){0};
}

bool bl_recipe_format(const bl_recipe *recipe, const bl_place *place, int64_t n_rows,
                      int64_t n_cols, bl_dtype param_dtype, bl_format *format) {
  if (n_rows <= 1 || n_cols <= 0) return false;
  bl_format wanted = wanted_format(recipe, place, n_cols, param_dtype);
  if (!wanted.codec || n_cols % wanted.group != 0) return false;
  *format = wanted;
  return true;
}

bool bl_recipe_misfits(const bl_recipe *recipe, const bl_place *place, int64_t n_rows,
                       int64_t n_cols) {
  if (n_rows <= 1 || n_cols <= 0) return false;
  bl_format wanted = wanted_format(recipe, place, n_cols, BL_DTYPE_NONE);
  return wanted.codec && n_cols % wanted.group != 0;
}
