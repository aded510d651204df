/** Goes through a list of recipes: all weights first, which is quick, then the text under each. */
import type { TextStats, VariantFigures } from '../../../wasm/measure_types.ts';
import { inGroups, type JobWatch } from '../../controls/job.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { isCancelled, type Session } from '../../experiment/measure/client.ts';
import type { Tokens } from '../../experiment/measure/texts.ts';
import type { Problem } from '../../experiment/problem.ts';

/** The losses that a chart can show. */
export const MEASURES = ['kl', 'ppl', 'ratio', 'error'] as const;
export type Measure = (typeof MEASURES)[number];

export interface SweepRow {
  recipe: string;
  figures: VariantFigures | null;
  stats: TextStats | null;
  /** Why this recipe could not be measured; the others go on. */
  problem: Problem | null;
  /** By measure: no other row is both as small and as good, and better in one. */
  onFront: Record<Measure, boolean>;
}

export function lossOf({ figures, stats }: SweepRow, measure: Measure): number | null {
  if (measure === 'kl') return stats?.klMean.value ?? null;
  if (measure === 'ppl') return stats?.ppl.value ?? null;
  if (measure === 'ratio') return stats?.lnRatio.value ?? null;
  return figures && figures.error.n > 0 ? figures.error.rmse : null;
}

/** Weights take about this share of the time of a text: for the progress bar only. */
const WEIGHTS_SHARE = 0.1;

export type SweepMeasurer = Pick<Session, 'weights' | 'text' | 'paretoFront'>;

/** `tokens` is null where the model has no tokenizer: then only weights are measured. `onRows` gets a new
 * list whenever something came; a recipe that fails keeps its problem and does not end the sweep. */
export async function runSweep(
  measurer: SweepMeasurer,
  recipes: readonly string[],
  tokens: Tokens | null,
  watch: JobWatch,
  onRows: (rows: readonly SweepRow[]) => void,
): Promise<void> {
  const noFront = { kl: false, ppl: false, ratio: false, error: false };
  let rows: SweepRow[] = recipes.map((recipe) => ({
    recipe,
    figures: null,
    stats: null,
    problem: null,
    onFront: noFront,
  }));
  onRows(rows);
  const weightsShare = tokens ? WEIGHTS_SHARE : 1;
  const set = (i: number, patch: Partial<SweepRow>) => {
    rows = rows.map((row, j) => (j === i ? { ...row, ...patch } : row));
    if (!watch.stopped) onRows(rows);
  };
  /** A stop ends the sweep; any other failure belongs to its recipe. */
  const attempt = async (i: number, work: () => Promise<Partial<SweepRow>>) => {
    try {
      set(i, await work());
    } catch (error) {
      if (watch.stopped || isCancelled(error)) throw error;
      set(i, { problem: problemOf(error) });
    }
  };
  const markFront = async (measures: readonly Measure[]) => {
    for (const measure of measures) {
      const sizes = rows.map(({ figures }) => figures?.sizeBytes ?? Number.MAX_VALUE);
      const front = await measurer.paretoFront(
        sizes,
        rows.map((row) => lossOf(row, measure)),
      );
      rows = rows.map((row, i) => ({
        ...row,
        onFront: { ...row.onFront, [measure]: front[i] ?? false },
      }));
    }
    if (!watch.stopped) onRows(rows);
  };

  for (const [i, recipe] of recipes.entries()) {
    if (watch.stopped) return;
    await attempt(i, async () => ({ figures: await measurer.weights(recipe) }));
    watch.report((weightsShare * (i + 1)) / recipes.length);
  }
  await markFront(['error']);
  if (!tokens) return;
  const { ids, ends } = tokens;
  const onFraction = (fraction: number) =>
    watch.report(weightsShare + (1 - weightsShare) * fraction);
  await inGroups(recipes, watch, onFraction, async (recipe, i, report) => {
    if (rows[i]!.problem) return;
    await attempt(i, async () => ({
      stats: (await measurer.text(recipe, ids, { ends }, report)).stats,
    }));
    await markFront(['kl', 'ppl', 'ratio']);
  });
}
