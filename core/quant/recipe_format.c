/* The names and settings in a recipe's text, and the list of names for menus. The text may come
 * from a URL, so nothing is assumed about it. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "quant/mixture.h"
#include "quant/recipe_parse.h"

static const char reference_name[] = "reference";

/* ---- names --------------------------------------------------------------------------------- */

static const bl_codec *affine(void) {
  return bl_codec_find("affine", 6);
}

static int n_writable(void) {
  int n = 0;
  for (int i = 0; i < bl_codec_count(); i++) n += bl_codec_encodes(bl_codec_at(i));
  return n;
}

int bl_recipe_kind_count(void) {
  return n_writable() + bl_mixture_count();
}

static const bl_codec *writable_at(int i) {
  int c = 0;
  while (!bl_codec_encodes(bl_codec_at(c)) || i-- > 0) c++;
  return bl_codec_at(c);
}

static void list_bits(const bl_codec *codec, bl_recipe_kind *kind) {
  kind->default_bits = codec->default_bits;
  while (codec->bits && codec->bits[kind->n_bits]) {
    kind->bits[kind->n_bits] = codec->bits[kind->n_bits];
    kind->n_bits++;
  }
}

static void list_groups(const bl_codec *codec, bl_recipe_kind *kind) {
  kind->default_group = codec->default_group;
  while (codec->groups && codec->groups[kind->n_groups]) {
    kind->groups[kind->n_groups] = codec->groups[kind->n_groups];
    kind->n_groups++;
  }
}

/* Whatever can hold all that the mixture gives; floats are held by all. */
static unsigned containers_of(const bl_mixture *mixture) {
  unsigned containers = BL_HOLDS_MLX | BL_HOLDS_GGUF | BL_HOLDS_TORCH;
  for (const char *const *name = mixture->codecs; *name; name++)
    containers &= bl_codec_find(*name, strlen(*name))->containers;
  return containers;
}

void bl_recipe_kind_get(int i, bl_recipe_kind *kind) {
  int n_formats = n_writable();
  *kind = (bl_recipe_kind){0};
  if (i >= n_formats) {
    const bl_mixture *mixture = bl_mixture_at(i - n_formats);
    kind->name = mixture->name;
    kind->family = mixture->family;
    kind->is_mixture = true;
    kind->int8_activations = bl_mixture_int8_activations(mixture);
    kind->containers = containers_of(mixture);
    if (mixture->has_group) list_groups(affine(), kind);
    return;
  }
  const bl_codec *codec = writable_at(i);
  bl_recipe by_default;
  kind->name = codec->name;
  kind->family = codec->family;
  list_bits(codec, kind);
  list_groups(codec, kind);
  kind->int8_activations = codec->int8_activations;
  kind->static_activations = codec->static_activations;
  kind->containers = codec->containers;
  kind->fixed_bits = codec->bits ? 0 : codec->fixed_bits;
  kind->even_levels = codec->even_levels;
  kind->lowest_unused = codec->lowest_unused;
  kind->n_levels = bl_codec_levels(codec, kind->levels);
  if (bl_recipe_parse(codec->name, &by_default, NULL) == BL_OK)
    kind->bits_per_weight = bl_recipe_bits_per_weight(&by_default, BL_F16);
}

/* Writes "reference or a name such as affine, f32 or q4_0": the first of every family. */
static void list_examples(char *text, size_t text_size) {
  const char *families[16], *names[16];
  int n_families = 0, n_kinds = bl_recipe_kind_count();
  for (int i = 0; i < n_kinds && n_families < 16; i++) {
    bl_recipe_kind kind;
    bl_recipe_kind_get(i, &kind);
    bool is_new = true;
    for (int f = 0; f < n_families; f++) is_new = is_new && strcmp(families[f], kind.family) != 0;
    if (!is_new) continue;
    families[n_families] = kind.family;
    names[n_families++] = kind.name;
  }
  size_t n = (size_t)snprintf(text, text_size, "%s or a name such as ", reference_name);
  for (int f = 0; f < n_families && n < text_size; f++) {
    const char *separator = f == 0 ? "" : f + 1 == n_families ? " or " : ", ";
    n += (size_t)snprintf(text + n, text_size - n, "%s%s", separator, names[f]);
  }
}

/* `name` is in lower case, or empty where what was written is too long to be a name. */
static bl_code fail_unknown(bl_piece name, const char *lower, bl_error *error) {
  bl_nearest nearest = {.wanted = lower, .wanted_size = strlen(lower)};
  int n_kinds = bl_recipe_kind_count();
  bl_nearest_offer(&nearest, reference_name);
  for (int i = 0; i < n_kinds; i++) {
    bl_recipe_kind kind;
    bl_recipe_kind_get(i, &kind);
    bl_nearest_offer(&nearest, kind.name);
  }
  if (nearest.name)
    return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': format is '%.*s', perhaps %s was meant",
                   name.recipe, bl_quoted(name.size), name.text, nearest.name);
  char examples[256];
  list_examples(examples, sizeof examples);
  return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': format is '%.*s', expected %s", name.recipe,
                 bl_quoted(name.size), name.text, examples);
}

/* Sets the codec or the mixture that the name means; "reference" sets neither. */
static bl_code find_name(bl_piece name, bool is_rule, bl_recipe *recipe, bl_error *error) {
  char lower[32] = "";
  for (size_t i = 0; i < name.size && name.size < sizeof lower; i++)
    lower[i] = bl_lower(name.text[i]);
  size_t size = strlen(lower);
  recipe->codec = bl_codec_find(lower, size);
  recipe->mixture = bl_mixture_find(lower, size);
  if (recipe->codec && !bl_codec_encodes(recipe->codec))
    return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': format '%s' can be read but not written",
                   name.recipe, recipe->codec->name);
  if (recipe->mixture && is_rule)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': '%s' is a mixture of formats, expected a single format after "
                   "a pattern",
                   name.recipe, recipe->mixture->name);
  if (recipe->codec || recipe->mixture || strcmp(lower, reference_name) == 0) return BL_OK;
  return fail_unknown(name, lower, error);
}

/* ---- settings ------------------------------------------------------------------------------ */

/* One of the numbers after a name. */
typedef struct setting {
  const char *field;
  char choices[BL_CHOICES_TEXT]; /* in words */
  int *value;
} setting;

static void add_setting(const char *field, const uint16_t *choices, int *value, setting *settings,
                        int *n_settings) {
  setting *s = &settings[(*n_settings)++];
  s->field = field;
  s->value = value;
  bl_print_choices(choices, s->choices);
}

/* Reads a decimal number of 1 to 4 digits, no sign, no leading zero. */
static bl_code parse_number(bl_piece digits, const setting *s, bl_error *error) {
  int value = 0;
  bool valid = digits.size >= 1 && digits.size <= 4 && digits.text[0] != '0';
  for (size_t i = 0; valid && i < digits.size; i++) {
    valid = digits.text[i] >= '0' && digits.text[i] <= '9';
    value = value * 10 + (digits.text[i] - '0');
  }
  if (!valid)
    return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': %s is '%.*s', expected %s", digits.recipe,
                   s->field, bl_quoted(digits.size), digits.text, s->choices);
  *s->value = value;
  return BL_OK;
}

/* Reads the numbers of `codec`'s settings, separated by ':'. The last takes all that is left. */
static bl_code parse_settings(bl_piece piece, const bl_codec *codec, const setting *settings,
                              int n_settings, const int *bits, const int *group, bl_error *error) {
  for (int i = 0; i < n_settings; i++) {
    const char *colon = i + 1 < n_settings ? memchr(piece.text, ':', piece.size) : NULL;
    bl_piece digits = piece;
    if (colon) digits.size = (size_t)(colon - piece.text);
    bl_code code = parse_number(digits, &settings[i], error);
    if (code != BL_OK) return code;
    if (!bl_codec_takes(codec, *bits, *group))
      return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': %s is %d, expected %s", piece.recipe,
                     settings[i].field, *settings[i].value, settings[i].choices);
    if (!colon) break;
    piece.size -= digits.size + 1;
    piece.text = colon + 1;
  }
  return BL_OK;
}

static bl_code read_format(bl_piece piece, bool is_rule, bl_recipe *recipe, bl_error *error) {
  const char *colon = memchr(piece.text, ':', piece.size);
  bl_piece name = piece;
  if (colon) name.size = (size_t)(colon - piece.text);
  bl_code code = find_name(name, is_rule, recipe, error);
  if (code != BL_OK) return code;

  /* A mixture's group is a setting of its codec's. */
  bool has_group = recipe->mixture && recipe->mixture->has_group;
  const bl_codec *codec = has_group ? affine() : recipe->codec;
  const uint16_t *bits_choices = codec && !has_group ? codec->bits : NULL;
  const uint16_t *group_choices = codec ? codec->groups : NULL;
  int bits = 0, group = 0;
  if (codec) {
    bits = codec->bits ? codec->default_bits : codec->fixed_bits;
    group = codec->groups ? codec->default_group : codec->fixed_group;
  }
  setting settings[2];
  int n_settings = 0;
  if (bits_choices) add_setting("bits", bits_choices, &bits, settings, &n_settings);
  if (group_choices) add_setting("group", group_choices, &group, settings, &n_settings);
  if (colon && n_settings == 0)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': '%.*s' has no settings, expected nothing after it",
                   piece.recipe, bl_quoted(name.size), name.text);
  if (colon) {
    bl_piece numbers = {piece.recipe, colon + 1, piece.size - name.size - 1};
    code = parse_settings(numbers, codec, settings, n_settings, &bits, &group, error);
  }
  recipe->bits = bits_choices ? bits : 0;
  recipe->group = group_choices ? group : 0;
  return code;
}

bl_code bl_piece_format(bl_piece piece, bool is_rule, bl_recipe *recipe, bl_error *error) {
  const char *plus = memchr(piece.text, '+', piece.size);
  bl_piece format = piece;
  if (plus) format.size = (size_t)(plus - piece.text);
  bl_code code = read_format(format, is_rule, recipe, error);
  if (code != BL_OK || !plus) return code;
  bl_piece methods = {piece.recipe, plus + 1, piece.size - format.size - 1};
  return bl_piece_methods(methods, recipe, &recipe->methods, error);
}
