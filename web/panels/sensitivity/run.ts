/** Quantizes one part of the model at a time, and looks how much the predictions change. */
import type { Mix, TextStats, Unit } from '../../../wasm/measure_types.ts';
import type { Formats } from '../../../wasm/types.ts';
import { inGroups, type JobWatch } from '../../controls/job.ts';
import type { Session } from '../../experiment/measure/client.ts';
import type { Tokens } from '../../experiment/measure/texts.ts';
import { announcedBits, toChoice, toRecipe } from '../../experiment/recipe.ts';

export interface UnitResult {
  unit: Unit;
  /** null until it has been measured. */
  stats: TextStats | null;
}

export function klOf({ stats }: UnitResult): number | null {
  return stats?.klMean.value ?? null;
}

/** The recipe that quantizes nothing but this. */
export function recipeFor({ pattern }: Unit, format: string): string {
  return `reference/${pattern}=${format}`;
}

/** `onResults` gets a new list with each result, in the order of the units. */
export async function runSensitivity(
  session: Pick<Session, 'text'>,
  units: readonly Unit[],
  format: string,
  { ids, ends }: Tokens,
  watch: JobWatch,
  onResults: (results: readonly UnitResult[]) => void,
): Promise<void> {
  let results: UnitResult[] = units.map((unit) => ({ unit, stats: null }));
  onResults(results);
  const onFraction = (fraction: number) => watch.report(fraction);
  await inGroups(units, watch, onFraction, async (unit, i, report) => {
    const { stats } = await session.text(recipeFor(unit, format), ids, { ends }, report);
    if (watch.stopped) return;
    results = results.map((result, j) => (j === i ? { unit, stats } : result));
    onResults(results);
  });
}

/** The most sensitive first; what is not measured yet, or gave no number, is left out. */
export function ranking(results: readonly UnitResult[]): UnitResult[] {
  return results.filter((result) => klOf(result) !== null).sort((a, b) => klOf(b)! - klOf(a)!);
}

/** How many of the most sensitive it takes for at least half of the summed divergence. */
export function halfOfLoss(ranked: readonly UnitResult[]): number {
  const total = ranked.reduce((sum, result) => sum + klOf(result)!, 0);
  let sum = 0;
  return total > 0 ? 1 + ranked.findIndex((result) => (sum += klOf(result)!) >= total / 2) : 0;
}

/** Formats that a mixed recipe may choose from: those of the measured one's kind with other bits, else
 * all of its family. */
export function formatsToMix(measured: string, formats: Formats): string[] {
  const choice = toChoice(measured, formats);
  if (!choice || choice.chain) return [measured];
  const { kind, group } = choice;
  if (kind.bits.length > 1) return kind.bits.map((bits) => toRecipe(kind, bits, group));
  return formats.kinds
    .filter(({ family, isMixture }) => family === kind.family && !isMixture)
    .map((other) => toRecipe(other, null, null));
}

/** The one of the formats whose bits per weight are nearest to the target. */
export function uniformFor(
  candidates: readonly string[],
  target: number,
  formats: Formats,
  storedAs: string,
): string | null {
  const distance = (recipe: string) =>
    Math.abs((announcedBits(recipe, formats, storedAs) ?? Infinity) - target);
  const [nearest] = [...candidates].sort((a, b) => distance(a) - distance(b));
  return nearest && Number.isFinite(distance(nearest)) ? nearest : null;
}

/** A mixed recipe beside a uniform one of about its size, on the same text. */
export interface MixResult {
  mix: Mix;
  mixed: TextStats;
  uniform: { recipe: string; bitsPerWeight: number; stats: TextStats } | null;
  /** The text is not the one that the ranking was made on. */
  onOtherText: boolean;
}
