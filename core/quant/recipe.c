/* Recipes: reading, printing, and what they do to a tensor.
 *
 *   recipe = "reference" | NAME [ ":" BITS [ ":" GROUP ] ]
 *
 * NAME is a codec that can encode; settings left out take the codec's defaults. The text may come
 * from a URL, so nothing is assumed about it. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "quant/codec.h"

static const char reference_name[] = "reference";

/* Writes "reference, affine, f32, f16 or bf16": every name that a recipe may begin with. */
static void list_names(char *text, size_t text_size) {
  int n_left = 0; /* to be written after the first */
  for (int i = 0; i < bl_codec_count(); i++) n_left += bl_codec_encodes(bl_codec_at(i));
  size_t n = (size_t)snprintf(text, text_size, "%s", reference_name);
  for (int i = 0; i < bl_codec_count() && n < text_size; i++) {
    if (!bl_codec_encodes(bl_codec_at(i))) continue;
    const char *separator = --n_left == 0 ? " or " : ", ";
    n += (size_t)snprintf(text + n, text_size - n, "%s%s", separator, bl_codec_at(i)->name);
  }
}

/* Finds the codec that `name` means; "reference" gives NULL. `text` is the whole recipe. */
static bl_code find_codec(const char *text, const char *name, size_t name_size,
                          const bl_codec **codec, bl_error *error) {
  *codec = NULL;
  if (name_size == strlen(reference_name) && memcmp(name, reference_name, name_size) == 0)
    return BL_OK;
  const bl_codec *found = bl_codec_find(name, name_size);
  if (found && bl_codec_encodes(found)) {
    *codec = found;
    return BL_OK;
  }
  char names[256];
  list_names(names, sizeof names);
  if (found)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "recipe '%.64s': format '%s' can be read but not written, expected %s", text,
                   found->name, names);
  return bl_fail(error, BL_ERR_INPUT, "recipe '%.64s': format is '%.*s', expected %s", text,
                 (int)(name_size < 64 ? name_size : 64), name, names);
}

/* Reads a decimal number of 1 to 4 digits, no sign, no leading zero. `field` is its name in the
 * error's sentence. */
static bl_code parse_number(const char *text, const char *field, const char *digits,
                            size_t n_digits, const char *choices, int *number, bl_error *error) {
  int value = 0;
  bool valid = n_digits >= 1 && n_digits <= 4 && digits[0] != '0';
  for (size_t i = 0; valid && i < n_digits; i++) {
    valid = digits[i] >= '0' && digits[i] <= '9';
    value = value * 10 + (digits[i] - '0');
  }
  if (!valid)
    return bl_fail(error, BL_ERR_INPUT, "recipe '%.64s': %s is '%.*s', expected %s", text, field,
                   (int)(n_digits < 64 ? n_digits : 64), digits, choices);
  *number = value;
  return BL_OK;
}

/* Reads what follows the name, BITS [":" GROUP], of a codec that has settings. */
static bl_code parse_settings(const char *text, const char *settings, size_t settings_size,
                              bl_recipe *recipe, bl_error *error) {
  const bl_codec *codec = recipe->codec;
  const char *colon = memchr(settings, ':', settings_size);
  size_t bits_size = colon ? (size_t)(colon - settings) : settings_size;
  bl_code code =
      parse_number(text, "bits", settings, bits_size, codec->bits_choices, &recipe->bits, error);
  if (code != BL_OK) return code;
  if (!codec->settings_valid(recipe->bits, codec->default_group))
    return bl_fail(error, BL_ERR_INPUT, "recipe '%.64s': bits is %d, expected %s", text,
                   recipe->bits, codec->bits_choices);
  if (!colon) return BL_OK;

  size_t group_size = settings_size - bits_size - 1;
  code = parse_number(text, "group", colon + 1, group_size, codec->group_choices, &recipe->group,
                      error);
  if (code != BL_OK) return code;
  if (!codec->settings_valid(recipe->bits, recipe->group))
    return bl_fail(error, BL_ERR_INPUT, "recipe '%.64s': group is %d, expected %s", text,
                   recipe->group, codec->group_choices);
  return BL_OK;
}

/* A '+' or '@' after the format would choose a method or an activation mode; there is one of each
 * so far, and they have no name in a recipe. */
static bl_code refuse_suffix(const char *text, const char *suffix, bl_error *error) {
  const char *name = suffix + 1;
  int name_size = (int)strcspn(name, "+@");
  if (name_size > 64) name_size = 64;
  return bl_fail(error, BL_ERR_UNSUPPORTED, "recipe '%.64s': %s '%.*s' is not available yet", text,
                 *suffix == '+' ? "method" : "activation mode", name_size, name);
}

bl_code bl_recipe_parse(const char *text, bl_recipe *recipe, bl_error *error) {
  const char *suffix = text + strcspn(text, "+@");
  size_t name_size = strcspn(text, ":+@");
  bl_recipe parsed = {0};
  bl_code code = find_codec(text, text, name_size, &parsed.codec, error);
  if (code != BL_OK) return code;

  bool has_settings = parsed.codec && parsed.codec->has_settings;
  if (has_settings) {
    parsed.bits = parsed.codec->default_bits;
    parsed.group = parsed.codec->default_group;
  }
  if (text[name_size] == ':') {
    const char *settings = text + name_size + 1;
    if (!has_settings)
      return bl_fail(error, BL_ERR_INPUT,
                     "recipe '%.64s': '%.*s' has no settings, expected nothing after it", text,
                     (int)name_size, text);
    code = parse_settings(text, settings, (size_t)(suffix - settings), &parsed, error);
    if (code != BL_OK) return code;
  }
  if (*suffix) return refuse_suffix(text, suffix, error);
  *recipe = parsed;
  return BL_OK;
}

/* The recipe's settings as a format. The recipe isn't "reference". */
static bl_format recipe_settings(const bl_recipe *recipe, bl_dtype param_dtype) {
  const bl_codec *codec = recipe->codec;
  if (codec->has_settings) return (bl_format){codec, recipe->bits, recipe->group, param_dtype};
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

size_t bl_recipe_print(const bl_recipe *recipe, char *text, size_t text_size) {
  if (!recipe->codec) {
    snprintf(text, text_size, "%s", reference_name);
  } else {
    bl_format format = recipe_settings(recipe, BL_DTYPE_NONE);
    bl_format_print(&format, text, text_size);
  }
  return strlen(text);
}

double bl_recipe_bits_per_weight(const bl_recipe *recipe, bl_dtype param_dtype) {
  if (!recipe->codec) return 0;
  bl_format format = recipe_settings(recipe, param_dtype);
  return bl_format_bits_per_weight(&format);
}

bool bl_recipe_format(const bl_recipe *recipe, int64_t n_rows, int64_t n_cols, bl_dtype param_dtype,
                      bl_format *format) {
  if (!recipe->codec || n_rows <= 1 || n_cols <= 0) return false;
  bl_format wanted = recipe_settings(recipe, param_dtype);
  if (n_cols % wanted.group != 0) return false;
  *format = wanted;
  return true;
}
