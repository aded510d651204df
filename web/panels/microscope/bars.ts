/** The picture of one group: each weight as it was and as it became, and the levels of the grid. It is told in
 * words beside it. */
import { nothing, svg, type TemplateResult } from 'lit';
import type { Grid } from './grid.ts';

export const HEIGHT = 240;
/** More levels than this would cover what is under them. */
const MAX_LINES = 32;
/** Groups as long as a row are cut off here: their bars would be too thin to see. */
export const MAX_BARS = 256;

/** From weights to pixels: 0 is in the middle, `reach` at the top. */
export interface Axis {
  reach: number;
  y: (value: number) => number;
  /** The value at a fraction of the height, from the top. */
  at: (fraction: number) => number;
}

export function axisOf(values: readonly number[]): Axis {
  // Room for a grid that is stretched.
  const reach = 1.3 * values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  const share = (value: number) => Math.max(-1, Math.min(1, value / reach));
  return {
    reach,
    y: (value) => (HEIGHT / 2) * (1 - share(value)),
    at: (fraction) => reach * (1 - 2 * fraction),
  };
}

/** A path for each kind of mark and not a shape for each mark: it is drawn anew at every step of a drag. */
export function bars(
  weights: readonly number[],
  converted: readonly number[],
  grid: Grid | null,
  { y, reach }: Axis,
  chosen: number,
  width: number,
): TemplateResult {
  const n = Math.min(MAX_BARS, weights.length);
  const step = width / n;
  const zero = y(0);
  const side = (step * 0.76).toFixed(2);
  const bar = (i: number) => {
    const to = y(converted[i]!);
    const height = Math.max(0.5, Math.abs(zero - to)).toFixed(2);
    const left = (i * step + step * 0.12).toFixed(2);
    return `M${left} ${Math.min(zero, to).toFixed(2)}h${side}v${height}h-${side}z`;
  };
  let became = '';
  let was = '';
  for (let i = 0; i < n; i++) {
    if (i !== chosen) became += bar(i);
    was += `M${(i * step).toFixed(2)} ${y(weights[i]!).toFixed(2)}h${step.toFixed(2)}`;
  }
  let levels = '';
  if (grid && grid.levels.length <= MAX_LINES)
    for (const level of grid.levels) {
      const value = level * grid.scale + grid.bias;
      if (Math.abs(value) <= reach) levels += `M0 ${y(value).toFixed(2)}H${width}`;
    }
  return svg`<path class="level" d=${levels} />
    <path class="became" d=${became} />
    ${chosen < n ? svg`<path class="became chosen" d=${bar(chosen)} />` : nothing}
    <line class="axis" x1="0" x2=${width} y1=${zero} y2=${zero} />
    <path class="was" d=${was} />`;
}
