/* The methods in a recipe's text. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "quant/method.h"
#include "quant/mixture.h"
#include "quant/recipe_parse.h"

/* The chains that lose least of all known ones: without learning, and with it. */
static const char *const best_names[] = {"best", "best2"};

/* "search, imatrix, gptq, polish, dwq, distill, best and best2" */
static void list_names(char *text, size_t text_size) {
  size_t n = 0;
  for (int i = 0; i < bl_n_methods && n < text_size; i++)
    n += (size_t)snprintf(text + n, text_size - n, "%s, ", bl_methods[i]->name);
  if (n < text_size) snprintf(text + n, text_size - n, "%s and %s", best_names[0], best_names[1]);
}

static bl_code fail_unknown(bl_piece name, const char *lower, bl_error *error) {
  bl_nearest nearest = {.wanted = lower, .wanted_size = strlen(lower)};
  for (int i = 0; i < bl_n_methods; i++) bl_nearest_offer(&nearest, bl_methods[i]->name);
  for (int i = 0; i < 2; i++) bl_nearest_offer(&nearest, best_names[i]);
  if (nearest.name)
    return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': method is '%.*s', perhaps %s was meant",
                   name.recipe, bl_quoted(name.size), name.text, nearest.name);
  char names[160];
  list_names(names, sizeof names);
  return bl_fail(error, BL_ERR_RECIPE, "recipe '%.64s': method is '%.*s', the methods are %s",
                 name.recipe, bl_quoted(name.size), name.text, names);
}

/* The last of each stage's. */
static uint32_t best_methods(bool learns) {
  uint32_t methods = 0;
  for (int i = 0; i < bl_n_methods; i++)
    if (i + 1 == bl_n_methods || bl_methods[i + 1]->stage != bl_methods[i]->stage)
      methods |= (uint32_t)1 << i;
  return learns ? methods : methods & ~bl_methods_learned(methods);
}

/* The number of the chain that a name stands for; -1: none. */
static int find_best(bl_piece name) {
  char lower[8] = "";
  if (name.size >= sizeof lower) return -1;
  for (size_t i = 0; i < name.size; i++) lower[i] = bl_lower(name.text[i]);
  for (int i = 0; i < 2; i++)
    if (strcmp(lower, best_names[i]) == 0) return i;
  return -1;
}

/* Adds the method of this name to *methods, whose last is row *last. */
static bl_code add_method(bl_piece name, int *last, uint32_t *methods, bl_error *error) {
  char lower[16] = "";
  for (size_t i = 0; i < name.size && name.size < sizeof lower; i++)
    lower[i] = bl_lower(name.text[i]);
  int i = 0;
  while (i < bl_n_methods && strcmp(bl_methods[i]->name, lower) != 0) i++;
  if (i == bl_n_methods) return fail_unknown(name, lower, error);
  const bl_method *method = bl_methods[i], *before = *last >= 0 ? bl_methods[*last] : NULL;
  if (before && before->stage == method->stage)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': method '%s' follows '%s', expected one of the two: they do the "
                   "same step",
                   name.recipe, method->name, before->name);
  if (before && before->stage > method->stage)
    return bl_fail(error, BL_ERR_RECIPE,
                   "recipe '%.64s': method '%s' follows '%s', expected +%s+%s", name.recipe,
                   method->name, before->name, method->name, before->name);
  *methods |= (uint32_t)1 << i;
  *last = i;
  return BL_OK;
}

/* Refuses methods for what they can't choose the codes of. */
static bl_code check_format(bl_piece piece, const bl_recipe *recipe, bl_error *error) {
  const bl_codec *unfit = recipe->codec && !bl_gridding_of(recipe->codec) ? recipe->codec : NULL;
  const char *const *name = recipe->mixture ? recipe->mixture->codecs : NULL;
  for (; name && *name && !unfit; name++) {
    const bl_codec *codec = bl_codec_find(*name, strlen(*name));
    if (!bl_gridding_of(codec)) unfit = codec;
  }
  if (!unfit && (recipe->codec || recipe->mixture)) return BL_OK;
  const char *first = unfit ? unfit->name : "reference";
  return bl_fail(error, BL_ERR_RECIPE,
                 "recipe '%.64s': '%s' takes no methods, expected nothing after a '+': they choose "
                 "codes on a grid of its group's own",
                 piece.recipe, first);
}

bl_code bl_piece_methods(bl_piece piece, const bl_recipe *recipe, uint32_t *methods,
                         bl_error *error) {
  uint32_t found = 0;
  int last = -1;
  bl_code code = check_format(piece, recipe, error);
  for (size_t at = 0; code == BL_OK && at <= piece.size;) {
    const char *plus = memchr(piece.text + at, '+', piece.size - at);
    bl_piece name = piece;
    name.text += at;
    name.size = plus ? (size_t)(plus - name.text) : piece.size - at;
    at += name.size + 1;
    const int best = find_best(name);
    if (best < 0) {
      code = add_method(name, &last, &found, error);
      continue;
    }
    if (name.size != piece.size)
      return bl_fail(
          error, BL_ERR_RECIPE,
          "recipe '%.64s': '+%s' stands beside other methods, expected it alone: it is a "
          "chain of them",
          piece.recipe, best_names[best]);
    found = best_methods(best > 0);
  }
  if (code == BL_OK) *methods = found;
  return code;
}

void bl_methods_print(uint32_t methods, char *text, size_t text_size) {
  size_t n = 0;
  if (text_size > 0) *text = '\0';
  for (int i = 0; i < bl_n_methods && n < text_size; i++)
    if (methods >> i & 1)
      n += (size_t)snprintf(text + n, text_size - n, "+%s", bl_methods[i]->name);
}

uint32_t bl_methods_for(uint32_t methods, const bl_codec *codec) {
  return methods && bl_gridding_of(codec) ? methods : 0;
}

uint32_t bl_methods_learned(uint32_t methods) {
  for (int i = 0; i < bl_n_methods; i++)
    if (bl_methods[i]->stage != BL_STAGE_LEARN) methods &= ~((uint32_t)1 << i);
  return methods;
}

bool bl_recipe_learns(const bl_recipe *recipe) {
  return bl_methods_learned(bl_recipe_all_methods(recipe)) != 0;
}

bl_needs bl_methods_need(uint32_t methods) {
  bl_needs needs = BL_NEEDS_NOTHING;
  for (int i = 0; i < bl_n_methods; i++)
    if (methods >> i & 1) needs |= bl_methods[i]->needs;
  return needs;
}

uint32_t bl_recipe_all_methods(const bl_recipe *recipe) {
  uint32_t methods = recipe->methods;
  for (int i = 0; i < recipe->n_rules; i++) methods |= recipe->rules[i].methods;
  return methods;
}

bl_needs bl_recipe_needs(const bl_recipe *recipe) {
  const bl_needs needs = bl_methods_need(bl_recipe_all_methods(recipe));
  return bl_activations_static(recipe->activations) ? needs | BL_NEEDS_RANGES : needs;
}

int bl_method_count(void) {
  return bl_n_methods;
}

void bl_method_get(int i, bl_method_info *info) {
  const bl_method *method = bl_methods[i];
  *info = (bl_method_info){method->name, method->summary, method->needs,
                           method->stage == BL_STAGE_LEARN};
}
