/** The values that a weight may take before it is scaled, for the formats in which they are the same
 * for every weight, as places on a line from 0 to 1. */
import type { RecipeKind } from '../../../wasm/types.ts';

/** null where there is no such picture: floats, mixtures, and formats whose scales have scales. */
export function levelsOf(
  { levels, evenLevels, lowestUnused, fixedBits }: RecipeKind,
  chosenBits: number | null,
): number[] | null {
  if (levels.length > 0) {
    const low = Math.min(...levels);
    const span = Math.max(...levels) - low;
    return levels.map((level) => (level - low) / span);
  }
  if (!evenLevels) return null;
  const n = 2 ** (chosenBits ?? fixedBits) - (lowestUnused ? 1 : 0);
  return Array.from({ length: n }, (_, i) => i / (n - 1));
}
