/** The picture of a sweep: loss against bits per weight, drawn by Observable Plot, whose code comes
 * with the first picture. Marks differ in shape as well as in colour. */
import type * as Plot from './plot.ts';
import { Z95 } from '../../../wasm/measure_types.ts';
import { lossOf, type Measure, type SweepRow } from './run.ts';

/** Shapes of the series in the order in which they come, by Plot's names, and as paths for the legend;
 * seven shapes and four colours make 28 pairs before one comes again. */
export const SYMBOLS: readonly (readonly [name: string, path: string])[] = [
  ['circle', 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0'],
  ['square', 'M-4.5 -4.5h9v9h-9z'],
  ['triangle', 'M0 -6L5.5 4H-5.5z'],
  ['diamond', 'M0 -6.5L4 0L0 6.5L-4 0z'],
  ['star', 'M0 -7L1.6 -2.2H6.6L2.6 .8L4.1 5.6L0 2.7L-4.1 5.6L-2.6 .8L-6.6 -2.2H-1.6z'],
  ['cross', 'M-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z'],
  ['wye', 'M-1.8 6V1L-6 -1.4L-4.2 -4.5L0 -2L4.2 -4.5L6 -1.4L1.8 1V6z'],
];
/** Of published tables: strokes without a fill. */
const GHOSTS: readonly (readonly [name: string, path: string])[] = [
  ['plus', 'M-5.5 0H5.5M0 -5.5V5.5'],
  ['times', 'M-4 -4L4 4M-4 4L4 -4'],
];
export const ghostPath = (table: number) => GHOSTS[table % GHOSTS.length]![1];
const N_COLORS = 4;
export const seriesColor = (index: number) => `var(--series-${index % N_COLORS})`;
export const symbolPath = (index: number) => SYMBOLS[index % SYMBOLS.length]![1];

export interface ChartOptions {
  width: number;
  measure: Measure;
  axes: { x: string; y: string };
  /** The series that a row belongs to, counted from 0. */
  seriesOf: (row: SweepRow) => number;
  /** A lane's letter and colour, where a row's recipe is a lane's. */
  laneOf: (row: SweepRow) => { letter: string; color: string } | null;
  /** What there is to say of a row. */
  sentencesOf: (row: SweepRow) => string[];
  formatBits: (bits: number) => string;
  /** Points of others, which stand behind one's own. */
  ghosts: readonly Ghost[];
  /** null: no point is looked at any more; `recipe` is that of a row. */
  onFocus: (focused: Focused | null) => void;
}

/** A point of a published table; `table` counts these from 0. */
export interface Ghost {
  table: number;
  bits: number;
  loss: number;
  sentences: readonly string[];
}

export interface Focused {
  sentences: readonly string[];
  recipe: string | null;
  x: number;
  y: number;
}

/** A row that can be drawn. */
interface Point {
  row: SweepRow;
  bits: number;
  loss: number;
  low: number;
  high: number;
  series: number;
}

/** Rows whose loss is a positive number: the scale is logarithmic. */
export function drawable(rows: readonly SweepRow[], measure: Measure): SweepRow[] {
  return rows.filter((row) => row.figures !== null && (lossOf(row, measure) ?? 0) > 0);
}

function toPoint(row: SweepRow, { measure, seriesOf }: ChartOptions): Point {
  const loss = lossOf(row, measure)!;
  const estimate = {
    kl: row.stats?.klMean,
    ppl: row.stats?.ppl,
    ratio: row.stats?.lnRatio,
    error: null,
  }[measure];
  const error = Z95 * (estimate?.error ?? 0);
  // Of an error as large as the value, only the upper half can be drawn.
  const low = loss - error > 0 ? loss - error : loss;
  return {
    row,
    bits: row.figures!.bitsPerWeight,
    loss,
    low,
    high: loss + error,
    series: seriesOf(row),
  };
}

export function drawChart(
  plot: typeof Plot,
  rows: readonly SweepRow[],
  options: ChartOptions,
): SVGElement {
  const { width, measure, axes } = options;
  const points = drawable(rows, measure).map((row) => toPoint(row, options));
  const front = points.filter(({ row }) => row.onFront[measure]).sort((a, b) => a.bits - b.bits);
  const { ghosts } = options;
  const losses = [
    ...points.flatMap(({ low, high }) => [low, high]),
    ...ghosts.map(({ loss }) => loss),
  ];
  // Room above and below, so that no mark is cut.
  const domain: [number, number] =
    losses.length > 0 ? [Math.min(...losses) / 1.3, Math.max(...losses) * 1.3] : [0.001, 1];
  const ticks = logTicks(domain);
  // Of all recipes, also those without a loss yet: points that come must not move the others sideways.
  const bits = [
    ...rows.flatMap(({ figures }) => figures?.bitsPerWeight ?? []),
    ...ghosts.map((ghost) => ghost.bits),
  ];
  const reach =
    bits.length > 0 ? [Math.floor(Math.min(...bits)), Math.ceil(Math.max(...bits))] : [0, 16];
  const chart = plot.plot({
    width,
    height: Math.max(280, Math.min(420, width * 0.62)),
    marginLeft: 56,
    marginBottom: 44,
    marginTop: 30,
    marginRight: 18,
    style: { background: 'none', color: 'var(--muted)', fontSize: '12px', overflow: 'visible' },
    x: {
      label: axes.x,
      domain: reach,
      inset: 10,
      ticks: Math.min(8, Math.round(width / 70)),
      tickFormat: options.formatBits,
    },
    y: { type: 'log', domain, label: axes.y, ticks, tickFormat: tickLabel },
    marks: [
      plot.gridY(ticks, { stroke: 'var(--line)', strokeOpacity: 1 }),
      plot.dot(ghosts, {
        x: 'bits',
        y: 'loss',
        r: 4.5,
        symbol: ({ table }: Ghost) => GHOSTS[table % GHOSTS.length]![0],
        stroke: 'var(--muted)',
        strokeWidth: 1.8,
        className: 'ghosts',
      }),
      plot.line(front, {
        x: 'bits',
        y: 'loss',
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
        strokeDasharray: '5 3',
        curve: 'step-after',
      }),
      plot.ruleX(
        points.filter(({ low, high }) => high > low),
        { x: 'bits', y1: 'low', y2: 'high', stroke: 'var(--muted)' },
      ),
      plot.dot(points, {
        x: 'bits',
        y: 'loss',
        r: 5.5,
        symbol: (point: Point) => SYMBOLS[point.series % SYMBOLS.length]![0],
        fill: (point: Point) => seriesColor(point.series),
        stroke: 'var(--surface)',
        className: 'points',
      }),
      plot.dot(
        points.filter(({ row }) => options.laneOf(row)),
        {
          x: 'bits',
          y: 'loss',
          r: 11,
          stroke: (point: Point) => options.laneOf(point.row)!.color,
          strokeWidth: 2.5,
        },
      ),
      plot.text(
        points.filter(({ row }) => options.laneOf(row)),
        {
          x: 'bits',
          y: 'loss',
          text: (point: Point) => options.laneOf(point.row)!.letter,
          fill: (point: Point) => options.laneOf(point.row)!.color,
          stroke: 'var(--surface)',
          strokeWidth: 4,
          fontWeight: 700,
          fontSize: 13,
          dx: 14,
          dy: -12,
        },
      ),
    ],
    color: { type: 'identity' },
    symbol: { type: 'identity' },
  }) as SVGElement;
  tidy(chart);
  const own = points.map(({ row }) => ({
    sentences: options.sentencesOf(row),
    recipe: row.recipe,
  }));
  makeReachable(chart, 'points', own, options.onFocus);
  const others = ghosts.map(({ sentences }) => ({ sentences, recipe: null }));
  makeReachable(chart, 'ghosts', others, options.onFocus);
  return chart;
}

/** 1, 2 and 5 times the powers of ten within the domain; where these are many, only the powers. */
export function logTicks([low, high]: [number, number]): number[] {
  const nDecades = Math.log10(high / low);
  // Within less than a decade even these may be few: perplexities lie close together.
  const steps =
    nDecades > 2.5 ? [1] : nDecades > 0.8 ? [1, 2, 5] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];
  const first = Math.floor(Math.log10(low));
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - first + 1 },
    (_, i) => 10 ** (first + i),
  );
  return powers
    .flatMap((power) => steps.map((step) => step * power))
    .filter((tick) => tick >= low && tick <= high);
}

/** 0.001, 0.1, 10: as they are, and the very small as powers. */
export function tickLabel(value: number): string {
  return value < 1e-4 ? value.toExponential(0) : String(Number(value.toPrecision(2)));
}

/** Makes of what Plot has drawn a part of the page. */
export function tidy(chart: SVGElement): void {
  chart.setAttribute('role', 'group');
  // Its rules stand in styles.ts: a site may allow styles from its own files only.
  chart.querySelector('style')?.remove();
  // A group without a role can have no name; each point has one of its own.
  for (const group of chart.querySelectorAll('g[aria-label]')) group.removeAttribute('aria-label');
}

/** Lets the pointer and the keyboard come to each point of a group. */
export function makeReachable(
  chart: SVGElement,
  group: string,
  points: readonly Pick<Focused, 'sentences' | 'recipe'>[],
  onFocus: ChartOptions['onFocus'],
): void {
  const marks = chart.querySelectorAll<SVGGraphicsElement & { __data__?: number }>(
    `g.${group} > *`,
  );
  for (const mark of marks) {
    const point = points[mark.__data__ ?? -1];
    if (!point) continue;
    mark.setAttribute('tabindex', '0');
    mark.setAttribute('role', 'img');
    mark.setAttribute('aria-label', point.sentences.join('. '));
    const show = () => {
      const box = mark.getBoundingClientRect();
      const origin = chart.getBoundingClientRect();
      onFocus({
        ...point,
        x: box.x + box.width / 2 - origin.x,
        y: box.y + box.height / 2 - origin.y,
      });
    };
    const hide = () => onFocus(null);
    mark.addEventListener('pointerenter', show);
    mark.addEventListener('pointerleave', hide);
    mark.addEventListener('focus', show);
    mark.addEventListener('blur', hide);
  }
}
