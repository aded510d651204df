/* The grammar of recipes, and what a recipe does to a tensor. */
#include "check.h"
#include "quant/codec.h"

static void check_prints_as(const char *text, const char *canonical) {
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(text, &recipe, error));
  char printed[64];
  size_t n = bl_recipe_print(&recipe, printed, sizeof printed);
  CHECK_MSG(strcmp(printed, canonical) == 0, "'%s' prints as '%s', expected '%s'", text, printed,
            canonical);
  CHECK(n == strlen(canonical));
}

static void recipes_print_in_their_full_form(void) {
  check_prints_as("reference", "reference");
  check_prints_as("affine", "affine:4:64");
  check_prints_as("affine:8", "affine:8:64");
  check_prints_as("affine:3:128", "affine:3:128");
  check_prints_as("f32", "f32");
  check_prints_as("f16", "f16");
  check_prints_as("bf16", "bf16");
}

static void every_setting_of_affine_parses(void) {
  const int bits[] = {2, 3, 4, 5, 6, 8}, groups[] = {32, 64, 128};
  for (int b = 0; b < 6; b++) {
    for (int g = 0; g < 3; g++) {
      char text[32];
      bl_recipe recipe;
      snprintf(text, sizeof text, "affine:%d:%d", bits[b], groups[g]);
      CHECK_OK(bl_recipe_parse(text, &recipe, error));
      CHECK(recipe.bits == bits[b] && recipe.group == groups[g]);
      check_prints_as(text, text);
    }
  }
}

/* The recipe is refused with this sentence, and what the caller had is left as it was. */
static void check_refused(const char *text, bl_code code, const char *sentence) {
  bl_recipe recipe = {.bits = 77};
  bl_error error = {0};
  bl_code found = bl_recipe_parse(text, &recipe, &error);
  CHECK_MSG(found == code && error.code == code, "'%s' gave code %d, expected %d", text, found,
            code);
  CHECK_MSG(strcmp(error.message, sentence) == 0, "'%s' gave: %s", text, error.message);
  CHECK(recipe.bits == 77);
  CHECK(bl_recipe_parse(text, &recipe, NULL) == code);
}

static void a_wrong_setting_is_named_with_its_choices(void) {
  check_refused("affine:7:64", BL_ERR_INPUT,
                "recipe 'affine:7:64': bits is 7, expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:1", BL_ERR_INPUT,
                "recipe 'affine:1': bits is 1, expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:9999", BL_ERR_INPUT,
                "recipe 'affine:9999': bits is 9999, expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:4:16", BL_ERR_INPUT,
                "recipe 'affine:4:16': group is 16, expected 32, 64 or 128");
}

static void a_setting_must_be_a_plain_number(void) {
  const char *bits[] = {"", "04", "-4", " 4", "4 ", "4.0", "0x4", "four", "44444", "4294967300"};
  for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
    char text[64], sentence[160];
    snprintf(text, sizeof text, "affine:%s", bits[i]);
    snprintf(sentence, sizeof sentence, "recipe '%s': bits is '%s', expected 2, 3, 4, 5, 6 or 8",
             text, bits[i]);
    check_refused(text, BL_ERR_INPUT, sentence);
  }
  check_refused("affine::64", BL_ERR_INPUT,
                "recipe 'affine::64': bits is '', expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:4:", BL_ERR_INPUT,
                "recipe 'affine:4:': group is '', expected 32, 64 or 128");
  check_refused("affine:4:64:", BL_ERR_INPUT,
                "recipe 'affine:4:64:': group is '64:', expected 32, 64 or 128");
  check_refused("affine:4:64:2", BL_ERR_INPUT,
                "recipe 'affine:4:64:2': group is '64:2', expected 32, 64 or 128");
}

static void an_unknown_format_lists_those_there_are(void) {
  check_refused("affin", BL_ERR_INPUT,
                "recipe 'affin': format is 'affin', expected reference, affine, f32, f16 or bf16");
  check_refused("", BL_ERR_INPUT,
                "recipe '': format is '', expected reference, affine, f32, f16 or bf16");
  check_refused("Affine:4", BL_ERR_INPUT,
                "recipe 'Affine:4': format is 'Affine', expected reference, affine, f32, f16 or "
                "bf16");
  check_refused("references", BL_ERR_INPUT,
                "recipe 'references': format is 'references', expected reference, affine, f32, f16 "
                "or bf16");
}

static void a_format_that_can_only_be_read_is_not_a_recipe(void) {
  check_refused("q4_0", BL_ERR_UNSUPPORTED,
                "recipe 'q4_0': format 'q4_0' can be read but not written, expected reference, "
                "affine, f32, f16 or bf16");
}

static void a_format_without_settings_takes_none(void) {
  check_refused("bf16:16", BL_ERR_INPUT,
                "recipe 'bf16:16': 'bf16' has no settings, expected nothing after it");
  check_refused("reference:4", BL_ERR_INPUT,
                "recipe 'reference:4': 'reference' has no settings, expected nothing after it");
  check_refused("f32:", BL_ERR_INPUT,
                "recipe 'f32:': 'f32' has no settings, expected nothing after it");
}

static void methods_and_activation_modes_are_refused_by_name(void) {
  check_refused("affine:4:64+gptq", BL_ERR_UNSUPPORTED,
                "recipe 'affine:4:64+gptq': method 'gptq' is not available yet");
  check_refused("affine@int8", BL_ERR_UNSUPPORTED,
                "recipe 'affine@int8': activation mode 'int8' is not available yet");
  check_refused("affine:8:32+awq@int8", BL_ERR_UNSUPPORTED,
                "recipe 'affine:8:32+awq@int8': method 'awq' is not available yet");
  check_refused("affine:7+gptq", BL_ERR_INPUT,
                "recipe 'affine:7+gptq': bits is 7, expected 2, 3, 4, 5, 6 or 8");
}

/* A URL can hold anything; the sentence stays short and printable. */
static void hostile_texts_give_a_bounded_sentence(void) {
  uint64_t state = 1;
  const char alphabet[] = "affine:bf16+@:0123456789\x01\x1b\xff ";
  for (int round = 0; round < 20000; round++) {
    char text[400];
    size_t n = check_random(&state) % (round % 10 == 0 ? sizeof text : 12);
    const size_t kept = check_random(&state) % 8; /* of a valid beginning */
    for (size_t i = 0; i < n; i++)
      text[i] = i < kept ? "affine:"[i] : alphabet[check_random(&state) % (sizeof alphabet - 1)];
    text[n < sizeof text ? n : sizeof text - 1] = '\0';
    bl_recipe recipe;
    bl_error error = {0};
    if (bl_recipe_parse(text, &recipe, &error) == BL_OK) continue;
    size_t length = strlen(error.message);
    CHECK(length > 0 && length < 300);
    for (size_t i = 0; i < length; i++) CHECK((unsigned char)error.message[i] >= 0x20);
  }
}

static double bits_per_weight(const char *text, bl_dtype param_dtype) {
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(text, &recipe, error));
  return bl_recipe_bits_per_weight(&recipe, param_dtype);
}

static void bits_per_weight_count_scales_and_biases(void) {
  CHECK(bits_per_weight("affine:4:64", BL_BF16) == 4.5);
  CHECK(bits_per_weight("affine:4:64", BL_F16) == 4.5);
  CHECK(bits_per_weight("affine:4:64", BL_F32) == 5);
  CHECK(bits_per_weight("affine:3:32", BL_F16) == 4);
  CHECK(bits_per_weight("affine:2:128", BL_BF16) == 2.25);
  CHECK(bits_per_weight("f32", BL_BF16) == 32);
  CHECK(bits_per_weight("bf16", BL_F32) == 16);
  CHECK(bits_per_weight("reference", BL_F16) == 0);
}

static bool applies(const char *text, int64_t n_rows, int64_t n_cols, bl_format *format) {
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(text, &recipe, error));
  return bl_recipe_format(&recipe, n_rows, n_cols, BL_F16, format);
}

static void affine_applies_to_matrices_that_its_groups_divide(void) {
  bl_format format = {0};
  CHECK(applies("affine:4:64", 3, 128, &format));
  CHECK(format.codec == bl_codec_find("affine", 6) && format.bits == 4 && format.group == 64 &&
        format.param_dtype == BL_F16);
  CHECK(!applies("affine:4:64", 3, 96, &format));
  CHECK(applies("affine:4:32", 3, 96, &format));
  CHECK(!applies("affine:4:64", 1, 128, &format));
  CHECK(!applies("affine:4:64", 3, 0, &format));
}

static void a_float_recipe_converts_every_matrix_and_no_vector(void) {
  bl_format format = {0};
  CHECK(applies("bf16", 3, 7, &format));
  CHECK(bl_format_dtype(&format) == BL_BF16 && format.group == 1 &&
        format.param_dtype == BL_DTYPE_NONE);
  CHECK(!applies("bf16", 1, 7, &format));
}

static void reference_leaves_everything_alone(void) {
  bl_format format = {.bits = 77};
  bl_recipe zero = {0};
  CHECK(!applies("reference", 3, 128, &format));
  CHECK(!bl_recipe_format(&zero, 3, 128, BL_F16, &format));
  CHECK(format.bits == 77);
}

int main(void) {
  RUN(recipes_print_in_their_full_form);
  RUN(every_setting_of_affine_parses);
  RUN(a_wrong_setting_is_named_with_its_choices);
  RUN(a_setting_must_be_a_plain_number);
  RUN(an_unknown_format_lists_those_there_are);
  RUN(a_format_that_can_only_be_read_is_not_a_recipe);
  RUN(a_format_without_settings_takes_none);
  RUN(methods_and_activation_modes_are_refused_by_name);
  RUN(hostile_texts_give_a_bounded_sentence);
  RUN(bits_per_weight_count_scales_and_biases);
  RUN(affine_applies_to_matrices_that_its_groups_divide);
  RUN(a_float_recipe_converts_every_matrix_and_no_vector);
  RUN(reference_leaves_everything_alone);
  return check_result();
}
