/* The rules of a recipe: which tensors a pattern matches, and which rule holds. */
#include "check.h"
#include "quant/recipe.h"

static void a_pattern_matches_whole_components(void) {
  const char *name = "model.layers.3.self_attn.v_proj.weight";
  const char *matching[] = {"v_proj",
                            "layers.3",
                            "layers",
                            "model.layers.3.self_attn.v_proj",
                            "*",
                            "self_attn.*",
                            "*_proj",
                            "layers.*.v_proj",
                            "3",
                            "l*s.3",
                            "layers.*",
                            "*v_proj",
                            "model*v_proj",
                            "**",
                            "mod*.3.*v_pro*"};
  const char *others[] = {"proj",      "v_pro",    "v_proj.weight",   "weight",
                          "layers.3.", "_proj",    ".v_proj",         "layers.30",
                          "attn",      "v_proj.*", "layers.*.k_proj", "model.3"};
  for (size_t i = 0; i < sizeof matching / sizeof *matching; i++)
    CHECK_MSG(bl_pattern_matches(matching[i], name), "%s", matching[i]);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    CHECK_MSG(!bl_pattern_matches(others[i], name), "%s", others[i]);
  CHECK(!bl_pattern_matches("layers.1", "model.layers.10.mlp.up_proj.weight"));
  CHECK(bl_pattern_matches("lm_head", "lm_head.weight"));
  CHECK(bl_pattern_matches("lm_head", "lm_head"));
  CHECK(!bl_pattern_matches("", "lm_head.weight"));
}

/* Against the definition: does any text between two boundaries equal the pattern, where '*' is
 * tried with every length? */
static bool slow_equal(const char *p, const char *text, size_t n) {
  if (!*p) return n == 0;
  if (*p != '*') return n > 0 && *p == *text && slow_equal(p + 1, text + 1, n - 1);
  for (size_t taken = 0; taken <= n; taken++)
    if (slow_equal(p + 1, text + taken, n - taken)) return true;
  return false;
}

static bool slow_matches(const char *pattern, const char *name) {
  size_t n = strlen(name);
  for (size_t begin = 0; begin <= n; begin++) {
    if (begin > 0 && name[begin - 1] != '.') continue;
    for (size_t end = begin; end <= n; end++)
      if ((end == n || name[end] == '.') && slow_equal(pattern, name + begin, end - begin))
        return true;
  }
  return false;
}

static void patterns_match_by_their_definition(void) {
  uint64_t state = 7;
  int n_matched = 0;
  for (int round = 0; round < 40000; round++) {
    char pattern[9] = "", name[13] = "";
    size_t n = 1 + check_random(&state) % 8, m = 1 + check_random(&state) % 12;
    for (size_t i = 0; i < n; i++) pattern[i] = "ab.*"[check_random(&state) % 4];
    for (size_t i = 0; i < m; i++) name[i] = "ab."[check_random(&state) % 3];
    bool expected = slow_matches(pattern, name);
    CHECK_MSG(bl_pattern_matches(pattern, name) == expected, "'%s' in '%s'", pattern, name);
    n_matched += expected;
  }
  CHECK(n_matched > 4000 && n_matched < 36000);
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

static void the_last_rule_that_matches_holds(void) {
  bl_format format = {0};
  CHECK(applies("affine:4/up_proj=affine:8:32", 3, 128, &format));
  CHECK(format.bits == 8 && format.group == 32);
  CHECK(applies("affine:4/up_proj=affine:8/layers.1=affine:3", 3, 128, &format));
  CHECK(format.bits == 3 && format.group == 64);
  CHECK(applies("affine:4/layers.1=affine:3/up_proj=affine:8", 3, 128, &format));
  CHECK(format.bits == 8);
  CHECK(applies("affine:4/layers.1=reference/up_proj=bf16", 3, 128, &format));
  CHECK(bl_format_dtype(&format) == BL_BF16);
  CHECK(!applies("affine:4/up_proj=affine:8/*=reference", 3, 128, &format));
  CHECK(applies("affine:4/layers.10=reference", 3, 128, &format) && format.bits == 4);
  CHECK(applies("reference/up_proj=affine:5", 3, 128, &format) && format.bits == 5);
  CHECK(!applies("affine:4:32/up_proj=affine:4:128", 3, 96, &format)); /* not the base instead */
  CHECK(!applies("affine/up_proj=f32", 1, 128, &format));
}

int main(void) {
  RUN(a_pattern_matches_whole_components);
  RUN(patterns_match_by_their_definition);
  RUN(the_last_rule_that_matches_holds);
  return check_result();
}
