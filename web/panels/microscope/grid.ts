/** The grid that a group of weights lies on, as the format puts it or moved away from there. */
import type { StoredRow } from '../../../wasm/measure_types.ts';
import type { Described } from './described.ts';
import { rawAt } from './stored.ts';

/** w' = scale * levels[code] + bias, in float32. */
export interface Grid {
  /** By code. */
  levels: readonly number[];
  scale: number;
  bias: number;
  codes: readonly number[];
}

const { fround, abs } = Math;

/** As it is stored; null where every weight is a number by itself, or the scale is none. */
export function ownGrid(row: StoredRow, described: Described): Grid | null {
  const { levels, scale, bias, codes } = described;
  if (levels.length === 0 || scale === 0 || !Number.isFinite(scale)) return null;
  return { levels, scale, bias, codes: codes.map((place) => rawAt(row, place)) };
}

/** What the codes mean on a grid. */
export function valuesOn({ levels, scale, bias, codes }: Grid): number[] {
  return codes.map((code) => fround(fround(levels[code]! * scale) + bias));
}

/** The level that is furthest from 0: of two the positive one. */
export function furthest(levels: readonly number[]): number {
  return levels.reduce((best, x) => (abs(x) > abs(best) || (x === -best && x > 0) ? x : best), 0);
}

/** Do the levels follow one another in steps of 1? */
export function isEven(levels: readonly number[]): boolean {
  const sorted = [...levels].sort((a, b) => a - b);
  return sorted.every(
    (level, i) => Number.isInteger(level) && (i === 0 || level - sorted[i - 1]! === 1),
  );
}

/** The same levels under another scale and bias: each weight takes the nearest. */
export function moved(
  weights: readonly number[],
  { levels }: Grid,
  scale: number,
  bias: number,
): Grid {
  const order = levels
    .map((level, code) => ({ level, code }))
    .filter(({ level }) => !Number.isNaN(level))
    .sort((a, b) => a.level - b.level);
  const codes = weights.map((w) => {
    const at = (w - bias) / scale;
    let below = 0;
    let above = order.length - 1;
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (order[middle]!.level <= at) below = middle;
      else above = middle;
    }
    const [low, high] = [order[below]!, order[above]!];
    return at - low.level <= high.level - at ? low.code : high.code;
  });
  return { levels, scale, bias, codes };
}

export function rmse(weights: readonly number[], converted: readonly number[]): number {
  const sum = weights.reduce((total, w, i) => total + (w - converted[i]!) ** 2, 0);
  return Math.sqrt(sum / weights.length);
}
