/** Recipes as the lane controls show them. The grammar and its errors belong to the core: a text
 * that is not one of these choices is still handed to it, and what it answers is shown. */

export const BITS = [2, 3, 4, 5, 6, 8] as const;
export const GROUPS = [32, 64, 128] as const;
export const FLOATS = ['bf16', 'f16'] as const;
export type Bits = (typeof BITS)[number];
export type Group = (typeof GROUPS)[number];
export type FloatType = (typeof FLOATS)[number];

export type Choice =
  | { mode: 'affine'; bits: Bits; group: Group }
  | { mode: FloatType };

/** The longest recipe text that is passed on; longer ones come from a broken link. */
export const MAX_RECIPE_CHARS = 63;

/** The choice that a recipe text stands for, or null when the controls cannot show it. */
export function toChoice(recipe: string): Choice | null {
  const float = FLOATS.find((name) => name === recipe);
  if (float) return { mode: float };
  const [mode, bitsText, groupText, ...rest] = recipe.split(':');
  const bits = BITS.find((b) => String(b) === bitsText);
  const group = GROUPS.find((g) => String(g) === groupText);
  if (mode !== 'affine' || !bits || !group || rest.length > 0) return null;
  return { mode, bits, group };
}

export function toRecipe(choice: Choice): string {
  return choice.mode === 'affine' ? `affine:${choice.bits}:${choice.group}` : choice.mode;
}

/** A variant to add: the first of these that no lane has yet. */
const SUGGESTIONS = ['affine:4:64', 'affine:8:64', 'affine:3:64', 'affine:2:64', 'affine:4:32', 'affine:4:128', 'affine:6:64'];
export function suggestRecipe(taken: readonly string[]): string {
  return SUGGESTIONS.find((recipe) => !taken.includes(recipe)) ?? 'affine:4:64';
}
