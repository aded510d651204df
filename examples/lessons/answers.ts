/** What each question's experiments say of it, from the tables that `bitloss-result` brings: a number for a range,
 * an id for a choice, null while something of it is not measured yet. */
import type { LaneRow, Table } from '../../web/elements/table.ts';
import type { Loss } from '../../wasm/measure_types.ts';
import type { LabelledLane } from '../../web/panels/classify/rows.ts';

export interface Answer {
  /** Compared with the guess: a number, or one of the choices. */
  truth: number | string;
  /** Of a choice: the figure behind it. */
  figure?: number;
}

/** A table for each experiment of the question, in their order; null before its first. */
type Tables = readonly (Table | null)[];
/** The same of an experiment with a classifier: what `bitloss-labels` brings. */
export interface Labelled {
  lanes: readonly LabelledLane[];
}
type AllLabelled = readonly (Labelled | null)[];

const laneOf = (table: Table | null | undefined, recipe: string): LaneRow | undefined =>
  table?.lanes.find((lane) => lane.recipe === recipe);

const ratio = (over: number | undefined, under: number | undefined): number | null =>
  over === undefined || !under ? null : over / under;

const number = (truth: number | null): Answer | null => (truth === null ? null : { truth });

/** Within a tenth counts as the same. */
const NEAR = 1.1;
const among = (figure: number | null, [less, same, more]: readonly [string, string, string]) =>
  figure === null
    ? null
    : { figure, truth: figure > NEAR ? more : figure < 1 / NEAR ? less : same };

const Q4 = 'affine:4:64';
const Q8 = 'affine:8:64';
const EXERCISE = { group32: 'affine:4:32', group128: 'affine:4:128', eight: Q8 };

/** The exercise's versions of a classifier, the widest first. */
const WIDTHS = {
  int8: 'qint8@int8/*embeddings=f16',
  four: 'affine:4:128',
  three: 'affine:3:128',
  two: 'affine:2:128',
};
const IS_LOSS: readonly unknown[] = ['small', 'large', 'broken'] satisfies Loss[];

const kl = (table: Table | null | undefined) => laneOf(table, Q4)?.klDivergence?.value ?? undefined;

export const ANSWERS: Record<string, (tables: Tables, labelled: AllLabelled) => Answer | null> = {
  /** Arithmetic: 7 thousand million weights of 4 bits, and 16 + 16 more for every 64 of them, in GB. */
  memory: () => ({ truth: (7 * (4 + 32 / 64)) / 8 }),

  size: ([table]) => {
    const share = ratio(laneOf(table, Q4)?.sizeBytes, laneOf(table, Q8)?.sizeBytes);
    return number(share === null ? null : 100 * share);
  },

  speed: ([table]) =>
    among(
      ratio(
        laneOf(table, Q4)?.tokensPerSecond?.value ?? undefined,
        laneOf(table, Q8)?.tokensPerSecond?.value ?? undefined,
      ),
      ['eight', 'same', 'four'],
    ),

  language: ([english, korean]) =>
    among(ratio(kl(korean), kl(english)), ['english', 'same', 'korean']),

  small: ([half, two]) => number(ratio(kl(half), kl(two))),

  exercise: ([table]) => {
    const rows = Object.entries(EXERCISE).map(([id, recipe]) => ({
      id,
      row: laneOf(table, recipe),
    }));
    if (rows.some(({ row }) => !row)) return null;
    const [worst] = rows.sort((one, other) => other.row!.weightError - one.row!.weightError);
    return { truth: worst!.id, figure: 100 * worst!.row!.weightError };
  },

  accuracy: ([table]) => {
    const [before, after] = [laneOf(table, 'reference')?.answers, laneOf(table, 'int8')?.answers];
    return before && after ? { truth: 100 * (before.share - after.share) } : null;
  },

  groups: ([table]) => {
    const error = (size: number) => laneOf(table, `affine:4:${size}`)?.weightError;
    const share = ratio(error(128), error(32));
    return number(share === null ? null : 100 * share);
  },

  /** The widest version with a measurable loss. */
  deploy: (_, [labelled]) => {
    if (!labelled) return null;
    for (const [id, recipe] of Object.entries(WIDTHS)) {
      const lane = labelled.lanes.find((one) => one.recipe === recipe);
      if (!lane) return null;
      if (IS_LOSS.includes(lane.verdict)) return { truth: id, figure: -100 * lane.difference! };
    }
    return { truth: 'none' };
  },
};
