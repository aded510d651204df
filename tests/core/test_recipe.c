/* The grammar of recipes, and what a recipe does to a tensor. Rules are in
 * test_recipe_rules.c, mixtures in test_mixture.c. */
#include "check.h"
#include "quant/mixture.h"

static void check_prints_as(const char *text, const char *canonical) {
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(text, &recipe, error));
  char printed[BL_RECIPE_TEXT];
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
  check_prints_as("mixed_3_6", "mixed_3_6:64");
  check_prints_as("mixed_2_6:32", "mixed_2_6:32");
  check_prints_as("q4_k_m", "q4_k_m");
  check_prints_as("affine:4@float", "affine:4:64");
  check_prints_as("affine/lm_head=affine:8/layers.0=reference",
                  "affine:4:64/lm_head=affine:8:64/layers.0=reference");
  check_prints_as("reference/v_proj=q8_0", "reference/v_proj=q8_0");
}

static void upper_and_lower_case_are_the_same(void) {
  check_prints_as("Q4_K_M", "q4_k_m");
  check_prints_as("Affine:4", "affine:4:64");
  check_prints_as("REFERENCE/Layers.0=Q8_0", "reference/layers.0=q8_0");
  check_prints_as("BF16@FLOAT", "bf16");
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
  check_refused("affine:7:64", BL_ERR_RECIPE,
                "recipe 'affine:7:64': bits is 7, expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:1", BL_ERR_RECIPE,
                "recipe 'affine:1': bits is 1, expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:9999", BL_ERR_RECIPE,
                "recipe 'affine:9999': bits is 9999, expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:4:16", BL_ERR_RECIPE,
                "recipe 'affine:4:16': group is 16, expected 32, 64 or 128");
}

static void a_setting_must_be_a_plain_number(void) {
  const char *bits[] = {"", "04", "-4", " 4", "4 ", "4.0", "0x4", "four", "44444", "4294967300"};
  for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
    char text[64], sentence[160];
    snprintf(text, sizeof text, "affine:%s", bits[i]);
    snprintf(sentence, sizeof sentence, "recipe '%s': bits is '%s', expected 2, 3, 4, 5, 6 or 8",
             text, bits[i]);
    check_refused(text, BL_ERR_RECIPE, sentence);
  }
  check_refused("affine::64", BL_ERR_RECIPE,
                "recipe 'affine::64': bits is '', expected 2, 3, 4, 5, 6 or 8");
  check_refused("affine:4:", BL_ERR_RECIPE,
                "recipe 'affine:4:': group is '', expected 32, 64 or 128");
  check_refused("affine:4:64:", BL_ERR_RECIPE,
                "recipe 'affine:4:64:': group is '64:', expected 32, 64 or 128");
  check_refused("affine:4:64:2", BL_ERR_RECIPE,
                "recipe 'affine:4:64:2': group is '64:2', expected 32, 64 or 128");
}

/* What is written after "expected" when nothing is near. */
static const char *examples(void) {
  static char text[256];
  bl_error error = {0};
  bl_recipe recipe;
  CHECK(bl_recipe_parse("#", &recipe, &error) == BL_ERR_RECIPE);
  snprintf(text, sizeof text, "%s", strstr(error.message, "expected"));
  return text;
}

static void an_unknown_name_gives_the_nearest_one(void) {
  check_refused("affin", BL_ERR_RECIPE,
                "recipe 'affin': format is 'affin', perhaps affine was meant");
  check_refused("references", BL_ERR_RECIPE,
                "recipe 'references': format is 'references', perhaps reference was meant");
  check_refused("Q4_MK:4", BL_ERR_RECIPE,
                "recipe 'Q4_MK:4': format is 'Q4_MK', perhaps q4_k was meant");
  check_refused("q5_k_n", BL_ERR_RECIPE,
                "recipe 'q5_k_n': format is 'q5_k_n', perhaps q5_k_s was meant");
  check_refused("mixd_36", BL_ERR_RECIPE,
                "recipe 'mixd_36': format is 'mixd_36', perhaps mixed_3_6 was meant");
}

static void a_name_like_no_other_gives_an_example_of_every_family(void) {
  CHECK_MSG(strncmp(examples(), "expected reference or a name such as affine, f32, ", 50) == 0,
            "%s", examples());
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind, other;
    bl_recipe_kind_get(i, &kind);
    bool is_first = true;
    for (int j = 0; j < i; j++) {
      bl_recipe_kind_get(j, &other);
      is_first = is_first && strcmp(kind.family, other.family) != 0;
    }
    if (is_first) CHECK_MSG(strstr(examples(), kind.name), "no %s: %s", kind.name, examples());
  }
  const char *texts[] = {"", ":4", "gguf-quantization", "this-is-far-too-long-to-be-a-name-at-all"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char sentence[512];
    snprintf(sentence, sizeof sentence, "recipe '%s': format is '%.*s', %s", texts[i],
             (int)strcspn(texts[i], ":"), texts[i], examples());
    check_refused(texts[i], BL_ERR_RECIPE, sentence);
  }
}

static void a_format_that_can_only_be_read_is_not_a_recipe(void) {
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    char sentence[128];
    snprintf(sentence, sizeof sentence, "recipe '%s': format '%s' can be read but not written",
             codec->name, codec->name);
    if (!bl_codec_encodes(codec)) check_refused(codec->name, BL_ERR_RECIPE, sentence);
  }
}

static void a_format_without_settings_takes_none(void) {
  check_refused("bf16:16", BL_ERR_RECIPE,
                "recipe 'bf16:16': 'bf16' has no settings, expected nothing after it");
  check_refused("reference:4", BL_ERR_RECIPE,
                "recipe 'reference:4': 'reference' has no settings, expected nothing after it");
  check_refused("f32:", BL_ERR_RECIPE,
                "recipe 'f32:': 'f32' has no settings, expected nothing after it");
}

static void a_mixture_has_at_most_a_group(void) {
  check_refused("mixed_3_6:48", BL_ERR_RECIPE,
                "recipe 'mixed_3_6:48': group is 48, expected 32, 64 or 128");
  check_refused("mixed_3_6:4:64", BL_ERR_RECIPE,
                "recipe 'mixed_3_6:4:64': group is '4:64', expected 32, 64 or 128");
  check_refused("q4_k_m:32", BL_ERR_RECIPE,
                "recipe 'q4_k_m:32': 'q4_k_m' has no settings, expected nothing after it");
}

static void methods_follow_the_format_in_their_order(void) {
  check_prints_as("affine+gptq", "affine:4:64+gptq");
  check_prints_as("AFFINE:3:32+GPTQ+Polish", "affine:3:32+gptq+polish");
  check_prints_as("affine:4:64+gptq@int8", "affine:4:64+gptq@int8");
  check_prints_as("affine:4+gptq/v_proj=affine:6+polish/lm_head=bf16",
                  "affine:4:64+gptq/v_proj=affine:6:64+polish/lm_head=bf16");
  check_prints_as("mixed_3_6+gptq", "mixed_3_6:64+gptq");
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse("affine/v_proj=affine+gptq", &recipe, error));
  CHECK(recipe.methods == 0 && recipe.rules[0].methods != 0);
  CHECK(bl_recipe_needs(&recipe) == BL_NEEDS_HESSIAN);
  CHECK_OK(bl_recipe_parse("affine", &recipe, error));
  CHECK(bl_recipe_needs(&recipe) == BL_NEEDS_NOTHING);
}

static void the_best_chain_is_printed_as_what_it_is(void) {
  char best[BL_RECIPE_TEXT], again[BL_RECIPE_TEXT];
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse("affine:4:64+best", &recipe, error));
  bl_recipe_print(&recipe, best, sizeof best);
  CHECK_MSG(strstr(best, "+gptq+polish") && !strstr(best, "best"), "%s", best);
  CHECK_OK(bl_recipe_parse(best, &recipe, error));
  bl_recipe_print(&recipe, again, sizeof again);
  CHECK(strcmp(best, again) == 0);
}

static void the_best_chain_that_learns_is_the_best_one_and_then_learns(void) {
  char best[BL_RECIPE_TEXT], learned[BL_RECIPE_TEXT];
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse("affine:4:64+best", &recipe, error));
  CHECK(!bl_recipe_learns(&recipe));
  bl_recipe_print(&recipe, best, sizeof best);
  CHECK_OK(bl_recipe_parse("affine:4:64+BEST2", &recipe, error));
  CHECK(bl_recipe_learns(&recipe) && bl_recipe_needs(&recipe) == BL_NEEDS_HESSIAN);
  bl_recipe_print(&recipe, learned, sizeof learned);
  strcat(best, "+distill");
  CHECK_MSG(strcmp(best, learned) == 0, "%s", learned);
  CHECK_OK(bl_recipe_parse("affine:4:64/lm_head=q8_0+dwq", &recipe, error));
  CHECK(bl_recipe_learns(&recipe) && bl_recipe_needs(&recipe) == BL_NEEDS_NOTHING);
}

static void a_wrong_method_is_refused(void) {
  char names[160] = "";
  for (int i = 0; i < bl_method_count(); i++) {
    bl_method_info info;
    bl_method_get(i, &info);
    CHECK(info.name && strlen(info.summary) > 20);
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "", info.name);
    CHECK(info.learns == (strcmp(info.name, "dwq") == 0 || strcmp(info.name, "distill") == 0));
  }
  char sentence[256];
  snprintf(
      sentence, sizeof sentence,
      "recipe 'affine+magic@int8/x=f32': method is 'magic', the methods are %s, best and best2",
      names);
  check_refused("affine+magic@int8/x=f32", BL_ERR_RECIPE, sentence);
  check_refused("affine+gtpq", BL_ERR_RECIPE,
                "recipe 'affine+gtpq': method is 'gtpq', perhaps gptq was meant");
  check_refused("affine+polish+gptq", BL_ERR_RECIPE,
                "recipe 'affine+polish+gptq': method 'gptq' follows 'polish', expected "
                "+gptq+polish");
  check_refused("affine+gptq+gptq", BL_ERR_RECIPE,
                "recipe 'affine+gptq+gptq': method 'gptq' follows 'gptq', expected one of the two: "
                "they do the same step");
  check_refused("affine+gptq+best", BL_ERR_RECIPE,
                "recipe 'affine+gptq+best': '+best' stands beside other methods, expected it "
                "alone: it is a chain of them");
  snprintf(sentence, sizeof sentence,
           "recipe 'affine+': method is '', the methods are %s, best and best2", names);
  check_refused("affine+", BL_ERR_RECIPE, sentence);
  check_refused("affine:7+gptq", BL_ERR_RECIPE,
                "recipe 'affine:7+gptq': bits is 7, expected 2, 3, 4, 5, 6 or 8");
}

static void what_has_no_codes_to_choose_takes_no_methods(void) {
  const char *texts[] = {"reference+gptq", "bf16+gptq",  "mxfp4+gptq",
                         "nvfp4+gptq",     "qint8+gptq", "affine/v_proj=f32+gptq"};
  const char *names[] = {"reference", "bf16", "mxfp4", "nvfp4", "qint8", "f32"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char sentence[256];
    snprintf(sentence, sizeof sentence,
             "recipe '%s': '%s' takes no methods, expected nothing after a '+': they choose codes "
             "on a grid of its group's own",
             texts[i], names[i]);
    check_refused(texts[i], BL_ERR_RECIPE, sentence);
  }
}

static void integer_activations_need_a_format_that_has_them(void) {
  check_refused("nf4@int8", BL_ERR_RECIPE, "recipe 'nf4@int8': 'nf4' has no integer activations");
  check_refused("reference@int8", BL_ERR_RECIPE,
                "recipe 'reference@int8': 'reference' has no integer activations");
  check_refused("MIXED_3_6@INT8/q_proj=nf4", BL_ERR_RECIPE,
                "recipe 'MIXED_3_6@INT8/q_proj=nf4': 'nf4' has no integer activations");
  check_refused("affine@int4", BL_ERR_RECIPE,
                "recipe 'affine@int4': activation mode is 'int4', expected int8, static, "
                "static:minmax or float");
  check_refused("affine@", BL_ERR_RECIPE,
                "recipe 'affine@': activation mode is '', expected int8, static, static:minmax or "
                "float");
  check_refused("affine@int8+gptq", BL_ERR_RECIPE,
                "recipe 'affine@int8+gptq': activation mode is 'int8+gptq', expected int8, static, "
                "static:minmax or float");
  check_refused("affine/v_proj=f32@float", BL_ERR_RECIPE,
                "recipe 'affine/v_proj=f32@float': '@float' follows a pattern's format, expected "
                "it before the first '/': it is for the whole model");
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_recipe recipe;
    char text[128], printed[BL_RECIPE_TEXT];
    bl_recipe_kind_get(i, &kind);
    snprintf(text, sizeof text, "%s@int8/lm_head=reference/v_proj=bf16", kind.name);
    CHECK((bl_recipe_parse(text, &recipe, NULL) == BL_OK) == kind.int8_activations);
    snprintf(printed, sizeof printed, "%s@static", kind.name);
    CHECK((bl_recipe_parse(printed, &recipe, NULL) == BL_OK) == kind.static_activations);
    CHECK((bl_recipe_parse(text, &recipe, NULL) == BL_OK) == kind.int8_activations);
    if (!kind.int8_activations) continue;
    CHECK(recipe.activations == BL_ACTIVATIONS_INT8);
    bl_recipe_print(&recipe, printed, sizeof printed);
    CHECK_MSG(strstr(printed, "@int8/lm_head=reference/v_proj=bf16"), "%s", printed);
    snprintf(text, sizeof text, "%s@int8/lm_head=nf4", kind.name);
    CHECK(bl_recipe_parse(text, &recipe, NULL) == BL_ERR_RECIPE);
  }
}

static void a_rule_is_a_pattern_and_a_single_format(void) {
  check_refused("affine/", BL_ERR_RECIPE,
                "recipe 'affine/': '' follows a '/', expected PATTERN=FORMAT such as "
                "lm_head=reference");
  check_refused("affine/v_proj", BL_ERR_RECIPE,
                "recipe 'affine/v_proj': 'v_proj' follows a '/', expected PATTERN=FORMAT such as "
                "lm_head=reference");
  check_refused("affine/=f32", BL_ERR_RECIPE,
                "recipe 'affine/=f32': a pattern is empty, expected a part of tensors' names such "
                "as v_proj or layers.0");
  check_refused("affine/v proj=f32", BL_ERR_RECIPE,
                "recipe 'affine/v proj=f32': pattern is 'v proj', expected letters, digits, '_', "
                "'-', '.' and '*' only");
  check_refused("affine/v_proj=q4_k_m", BL_ERR_RECIPE,
                "recipe 'affine/v_proj=q4_k_m': 'q4_k_m' is a mixture of formats, expected a "
                "single format after a pattern");
  check_refused("affine/v_proj=affine:7", BL_ERR_RECIPE,
                "recipe 'affine/v_proj=affine:7': bits is 7, expected 2, 3, 4, 5, 6 or 8");
  char text[BL_RECIPE_TEXT] = "f32";
  for (int i = 0; i <= BL_RECIPE_RULES; i++) strcat(text, "/layers.0.self_attn.q_proj=f16");
  check_refused(text, BL_ERR_RECIPE,
                "recipe 'f32/layers.0.self_attn.q_proj=f16/layers.0.self_attn.q_proj=f16/': more "
                "patterns than the 64 possible");
  bl_error error = {0};
  bl_recipe recipe;
  const char *longest = "f32/abcdefghijklmnopqrstuvwxyz0123456789-_.abcdefghi=f16";
  CHECK(bl_recipe_parse(longest, &recipe, &error) == BL_ERR_RECIPE);
  CHECK_MSG(strstr(error.message, "has 48 characters, expected at most 47"), "%s", error.message);
  check_prints_as("f32/abcdefghijklmnopqrstuvwxyz0123456789-_.abcdefgh=f16",
                  "f32/abcdefghijklmnopqrstuvwxyz0123456789-_.abcdefgh=f16");
}

/* The longest there can be: 64 rules with patterns of 47 characters. */
static void every_recipe_fits_the_buffer(void) {
  char text[BL_RECIPE_TEXT] = "affine:4:128", printed[BL_RECIPE_TEXT];
  for (int i = 0; i < BL_RECIPE_RULES; i++)
    strcat(text, "/abcdefghijklmnopqrstuvwxyz0123456789-_.abcdefgh=affine:8:128");
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(text, &recipe, error));
  CHECK(bl_recipe_print(&recipe, printed, sizeof printed) == strlen(text));
  CHECK(strcmp(printed, text) == 0);
  size_t longest_name = 0;
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_recipe_kind_get(i, &kind);
    if (strlen(kind.name) > longest_name) longest_name = strlen(kind.name);
  }
  size_t longest_format = longest_name + strlen(":9999:9999");
  CHECK(longest_format + strlen("@int8") + BL_RECIPE_RULES * (49 + longest_format) <
        BL_RECIPE_TEXT);
}

static void a_short_buffer_is_not_overrun(void) {
  static const char *const recipes[] = {"affine/v_proj=affine:8/lm_head=reference",
                                        "q4_k_m+search+gptq/v_proj=q8_0+search/lm_head=f16"};
  for (size_t r = 0; r < sizeof recipes / sizeof *recipes; r++) {
    bl_recipe recipe;
    CHECK_OK(bl_recipe_parse(recipes[r], &recipe, error));
    char whole[BL_RECIPE_TEXT], text[64];
    bl_recipe_print(&recipe, whole, sizeof whole);
    for (size_t size = 1; size < sizeof text; size++) {
      memset(text, '!', sizeof text);
      size_t n = bl_recipe_print(&recipe, text, size);
      CHECK(n == strlen(text) && n < size && text[size] == '!');
      CHECK(strncmp(text, whole, n) == 0);
    }
  }
}

/* A URL can hold anything; the sentence stays short and printable. */
static void hostile_texts_give_a_bounded_sentence(void) {
  uint64_t state = 1;
  const char alphabet[] = "affine:bf16+@:/=*.0123456789\x01\x1b\xff ";
  for (int round = 0; round < 20000; round++) {
    char text[400];
    size_t n = check_random(&state) % (round % 10 == 0 ? sizeof text : 12);
    const size_t kept = check_random(&state) % 8; /* of a valid beginning */
    for (size_t i = 0; i < n; i++)
      text[i] = i < kept ? "affine/"[i] : alphabet[check_random(&state) % (sizeof alphabet - 1)];
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
  CHECK(bits_per_weight("q4_0", BL_F32) == 4.5);
  CHECK(bits_per_weight("reference", BL_F16) == 0);
  CHECK(bits_per_weight("mixed_3_6", BL_F16) == 0);
  CHECK(bits_per_weight("affine/lm_head=f32", BL_F16) == 0);
}

static const bl_place some_place = {.name = "model.layers.1.mlp.up_proj.weight",
                                    .layer = 1,
                                    .n_layers = 12,
                                    .n_heads = 4,
                                    .n_kv_heads = 4};

static bool applies(const char *text, int64_t n_rows, int64_t n_cols, bl_format *format) {
  bl_recipe recipe;
  CHECK_OK(bl_recipe_parse(text, &recipe, error));
  return bl_recipe_format(&recipe, &some_place, n_rows, n_cols, BL_F16, format);
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
  CHECK(!bl_recipe_format(&zero, &some_place, 3, 128, BL_F16, &format));
  CHECK(bl_recipe_is_reference(&zero));
  CHECK(format.bits == 77);
}

static void only_a_recipe_that_does_nothing_is_the_reference(void) {
  const char *texts[] = {"affine", "f32", "mixed_3_6", "q4_k_m", "reference/lm_head=f16"};
  bl_recipe recipe;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    CHECK_OK(bl_recipe_parse(texts[i], &recipe, error));
    CHECK_MSG(!bl_recipe_is_reference(&recipe), "%s", texts[i]);
  }
  CHECK_OK(bl_recipe_parse("reference", &recipe, error));
  CHECK(bl_recipe_is_reference(&recipe));
}

static void every_kind_of_recipe_is_listed_once_and_parses(void) {
  static const char *const families[] = {"float", "mlx", "ggml", "torch", "bitsandbytes", "plain"};
  int n_mixtures = 0;
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind, other;
    bl_recipe_kind_get(i, &kind);
    bool known = false;
    for (int f = 0; f < 6; f++)
      known = known || (kind.family && strcmp(kind.family, families[f]) == 0);
    CHECK_MSG(known, "%s has the family %s", kind.name, kind.family ? kind.family : "NULL");
    for (int j = 0; j < i; j++) {
      bl_recipe_kind_get(j, &other);
      CHECK(strcmp(kind.name, other.name) != 0);
    }
    n_mixtures += kind.is_mixture;
    char text[64] = "", printed[BL_RECIPE_TEXT];
    int n = snprintf(text, sizeof text, "%s", kind.name);
    CHECK((kind.n_bits > 0) == (kind.default_bits > 0));
    CHECK((kind.n_groups > 0) == (kind.default_group > 0));
    if (kind.n_bits > 0) n += snprintf(text + n, sizeof text - (size_t)n, ":%d", kind.default_bits);
    if (kind.n_groups > 0) snprintf(text + n, sizeof text - (size_t)n, ":%d", kind.default_group);
    bl_recipe recipe;
    CHECK_OK(bl_recipe_parse(kind.name, &recipe, error));
    bl_recipe_print(&recipe, printed, sizeof printed);
    CHECK_MSG(strcmp(printed, text) == 0, "%s, expected %s", printed, text);
    CHECK(bl_recipe_bits_per_weight(&recipe, BL_F16) == kind.bits_per_weight);
    CHECK((kind.bits_per_weight == 0) == kind.is_mixture);
  }
  CHECK(n_mixtures == bl_mixture_count() && n_mixtures == 4 + 15);
}

int main(void) {
  RUN(recipes_print_in_their_full_form);
  RUN(upper_and_lower_case_are_the_same);
  RUN(every_setting_of_affine_parses);
  RUN(a_wrong_setting_is_named_with_its_choices);
  RUN(a_setting_must_be_a_plain_number);
  RUN(an_unknown_name_gives_the_nearest_one);
  RUN(a_name_like_no_other_gives_an_example_of_every_family);
  RUN(a_format_that_can_only_be_read_is_not_a_recipe);
  RUN(a_format_without_settings_takes_none);
  RUN(a_mixture_has_at_most_a_group);
  RUN(methods_follow_the_format_in_their_order);
  RUN(the_best_chain_is_printed_as_what_it_is);
  RUN(the_best_chain_that_learns_is_the_best_one_and_then_learns);
  RUN(a_wrong_method_is_refused);
  RUN(what_has_no_codes_to_choose_takes_no_methods);
  RUN(integer_activations_need_a_format_that_has_them);
  RUN(a_rule_is_a_pattern_and_a_single_format);
  RUN(every_recipe_fits_the_buffer);
  RUN(a_short_buffer_is_not_overrun);
  RUN(hostile_texts_give_a_bounded_sentence);
  RUN(bits_per_weight_count_scales_and_biases);
  RUN(affine_applies_to_matrices_that_its_groups_divide);
  RUN(a_float_recipe_converts_every_matrix_and_no_vector);
  RUN(reference_leaves_everything_alone);
  RUN(only_a_recipe_that_does_nothing_is_the_reference);
  RUN(every_kind_of_recipe_is_listed_once_and_parses);
  return check_result();
}
