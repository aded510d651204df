/** The stops of the slider: the model as it is stored, then MLX's integers in groups of 64. */

/** 16 stands for the reference, whatever it is stored as. */
export const WIDTHS = [16, 8, 6, 5, 4, 3, 2] as const;
export type Width = (typeof WIDTHS)[number];
/** Those at which something is rounded, and so may break. */
export const ROUNDED = WIDTHS.filter((width) => width !== 16);

export function recipeFor(width: Width): string {
  return width === 16 ? 'reference' : `affine:${width}:64`;
}

/** The stop that a recipe is, or null for one that the slider does not have. */
export function widthOf(recipe: string): Width | null {
  return WIDTHS.find((width) => recipeFor(width) === recipe) ?? null;
}

/** Where a stop stands on the slider, 0 to 1 from the most bits to the fewest. */
export function placeOf(width: Width): number {
  return WIDTHS.indexOf(width) / (WIDTHS.length - 1);
}

/** The stop closest to a recipe that is none, by the bits that it really takes for a weight. */
export function nearestWidth(bitsPerWeight: number): Width {
  return WIDTHS.reduce((best, width) =>
    Math.abs(width - bitsPerWeight) < Math.abs(best - bitsPerWeight) ? width : best,
  );
}
