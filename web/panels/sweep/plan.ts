/** Which recipes a sweep goes through, and how its points are told apart. */
import type { Formats, RecipeKind } from '../../../wasm/types.ts';
import { groupOf, toChoice, toRecipe, type MenuGroup } from '../../experiment/recipe.ts';

export const SELECTIONS = ['affine', 'ggml', 'all', 'own'] as const;
export type Selection = (typeof SELECTIONS)[number];

/** A list longer than this is cut: it came by mistake. */
export const MAX_OWN = 100;

function everySetting(kind: RecipeKind): string[] {
  const bits = kind.bits.length > 0 ? kind.bits : [null];
  const groups = kind.groups.length > 0 ? kind.groups : [null];
  return bits.flatMap((b) => groups.map((g) => toRecipe(kind, b, g)));
}

/** `own` is what the reader wrote: recipes between spaces, commas or line ends. */
export function recipesOf(selection: Selection, formats: Formats, own: string): string[] {
  const { kinds } = formats;
  switch (selection) {
    case 'affine':
      return kinds.filter(({ name }) => name === 'affine').flatMap(everySetting);
    case 'ggml':
      return kinds
        .filter(({ family }) => family === 'ggml')
        .map((kind) => toRecipe(kind, null, null));
    case 'all':
      return kinds.map((kind) => toRecipe(kind, null, null));
    case 'own':
      return parseList(own);
  }
}

export function parseList(text: string): string[] {
  const recipes = text.split(/[\s,]+/).filter((recipe) => recipe !== '');
  return [...new Set(recipes)].slice(0, MAX_OWN);
}

/** What a point's mark shows: its group size where all are of one format, else its family. */
export type Series = { by: 'group'; group: number } | { by: 'family'; family: MenuGroup | 'other' };

export function seriesOf(recipe: string, formats: Formats, selection: Selection): Series {
  const choice = toChoice(recipe, formats);
  if (selection === 'affine' && choice?.group) return { by: 'group', group: choice.group };
  return { by: 'family', family: choice ? groupOf(choice.kind) : 'other' };
}
