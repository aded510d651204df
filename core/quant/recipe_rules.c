/* A recipe's rules: reading one, and the tensors that its pattern matches. */
#include <string.h>

#include "base/error.h"
#include "quant/recipe_parse.h"

static bool is_pattern_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '*' ||
         c == '-';
}

static bl_code read_pattern(bl_piece piece, char pattern[], size_t pattern_size, bl_error *error) {
  if (piece.size == 0)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': a pattern is empty, expected a part of tensors' names such as "
                   "v_proj or layers.0",
                   piece.recipe);
  if (piece.size >= pattern_size)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': pattern '%.*s' has %zu characters, expected at most %zu",
                   piece.recipe, bl_quoted(piece.size), piece.text, piece.size, pattern_size - 1);
  for (size_t i = 0; i < piece.size; i++) {
    pattern[i] = bl_lower(piece.text[i]);
    if (!is_pattern_char(pattern[i]))
      return bl_fail(error, BL_ERR_RECIPE,
                     "recipe '%.64s': pattern is '%.*s', expected letters, digits, '_', '-', '.' "
                     "and '*' only",
                     piece.recipe, bl_quoted(piece.size), piece.text);
  }
  pattern[piece.size] = '\0';
  return BL_OK;
}

bl_code bl_piece_rule(bl_piece piece, bl_recipe *recipe, bl_error *error) {
  const char *equals = memchr(piece.text, '=', piece.size);
  if (!equals)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': '%.*s' follows a '/', expected PATTERN=FORMAT such as "
                   "lm_head=reference",
                   piece.recipe, bl_quoted(piece.size), piece.text);
  if (recipe->n_rules == BL_RECIPE_RULES)
    return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': more patterns than the %d possible",
                   piece.recipe, BL_RECIPE_RULES);
  bl_recipe_rule *rule = &recipe->rules[recipe->n_rules];
  bl_piece pattern = {piece.recipe, piece.text, (size_t)(equals - piece.text)};
  bl_piece format = {piece.recipe, equals + 1, piece.size - pattern.size - 1};
  bl_code code = read_pattern(pattern, rule->pattern, sizeof rule->pattern, error);
  if (code != BL_OK) return code;
  for (size_t i = 0; i < format.size; i++) {
    if (format.text[i] != '@') continue;
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': '%.*s' follows a pattern's format, expected it before the "
                   "first '/': it is for the whole model",
                   piece.recipe, bl_quoted(format.size - i), format.text + i);
  }
  bl_recipe chosen = {0};
  code = bl_piece_format(format, true, &chosen, error);
  rule->codec = chosen.codec;
  rule->bits = chosen.bits;
  rule->group = chosen.group;
  rule->methods = chosen.methods;
  recipe->n_rules++;
  return code;
}

/* How far matches have come is a set of bits: bit i says that some text which began at the start of
 * a component, and ends here, matches the first i characters of the pattern. */
bool bl_pattern_matches(const char *pattern, const char *name) {
  static const char suffix[] = ".weight";
  size_t n_pattern = strlen(pattern), size = strlen(name), n_suffix = sizeof suffix - 1;
  if (size > n_suffix && strcmp(name + size - n_suffix, suffix) == 0) size -= n_suffix;
  uint64_t reached = 0;
  for (size_t at = 0;; at++) {
    if (at == 0 || name[at - 1] == '.') reached |= 1;
    for (size_t i = 0; i < n_pattern; i++)
      if (pattern[i] == '*' && (reached >> i & 1)) reached |= (uint64_t)1 << (i + 1);
    if ((at == size || name[at] == '.') && (reached >> n_pattern & 1)) return true;
    if (at == size) return false;
    uint64_t next = 0;
    for (size_t i = 0; i < n_pattern; i++) {
      if (!(reached >> i & 1)) continue;
      if (pattern[i] == '*')
        next |= (uint64_t)1 << i;
      else if (pattern[i] == bl_lower(name[at]))
        next |= (uint64_t)1 << (i + 1);
    }
    reached = next;
  }
}
