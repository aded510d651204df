/** The picture of a family: perplexity, or wrong answers, against bytes. A line for each model, a mark for each
 * bit width, which stands beside it. */
import { Z95 } from '../../../wasm/measure_types.ts';
import {
  logTicks,
  makeReachable,
  SYMBOLS,
  seriesColor,
  tickLabel,
  tidy,
  type Focused,
} from './chart.ts';
import { lossOf, type FamilyMeasure, type FamilyPoint } from './family.ts';
import type * as Plot from './plot.ts';

export interface FamilyChartOptions {
  width: number;
  measure: FamilyMeasure;
  axes: { x: string; y: string };
  onFront: (point: FamilyPoint) => boolean;
  sentencesOf: (point: FamilyPoint) => string[];
  formatBytes: (bytes: number) => string;
  onFocus: (focused: Focused | null) => void;
}

/** Of a perplexity so many times that of the best, only the table tells: all others would lie on one line. */
const MOST = 2;

/** Those that have a place in the picture. */
export function drawableOf(
  points: readonly FamilyPoint[],
  measure: FamilyMeasure,
): readonly FamilyPoint[] {
  const losses = points.flatMap((point) => lossOf(point, measure) ?? []);
  const least = Math.min(...losses);
  return points.filter((point) => {
    const loss = lossOf(point, measure);
    return loss !== null && (measure === 'wrong' || loss <= MOST * least);
  });
}

function intervalOf({ ppl, right }: FamilyPoint, measure: FamilyMeasure): [number, number] {
  if (measure === 'wrong') return [1 - right!.high, 1 - right!.low];
  const { value, error } = ppl!;
  return [value! - Z95 * (error ?? 0), value! + Z95 * (error ?? 0)];
}

export function drawFamily(
  plot: typeof Plot,
  all: readonly FamilyPoint[],
  options: FamilyChartOptions,
): SVGElement {
  const { width, measure } = options;
  const points = drawableOf(all, measure).map((point) => {
    const [low, high] = intervalOf(point, measure);
    return { point, bytes: point.sizeBytes, loss: lossOf(point, measure)!, low, high };
  });
  type Mark = (typeof points)[number];
  const sizes = all.map(({ sizeBytes }) => sizeBytes);
  const reach: [number, number] = [Math.min(...sizes) / 1.15, Math.max(...sizes) * 1.15];
  const losses = points.flatMap(({ low, high }) => [low, high]);
  const domain: [number, number] =
    measure === 'wrong' || losses.length === 0
      ? [0, 1]
      : [Math.min(...losses) / 1.02, Math.max(...losses) * 1.02];
  const isShare = measure === 'wrong';
  const yTicks = isShare ? [0, 0.25, 0.5, 0.75, 1] : logTicks(domain);
  const front = points
    .filter(({ point }) => options.onFront(point))
    .sort((a, b) => a.bytes - b.bytes);
  const place = { x: 'bytes', y: 'loss' } as const;
  const chart = plot.plot({
    width,
    height: Math.max(280, Math.min(420, width * 0.62)),
    marginLeft: 56,
    marginBottom: 44,
    marginTop: 30,
    marginRight: 18,
    style: { background: 'none', color: 'var(--muted)', fontSize: '12px', overflow: 'visible' },
    x: {
      type: 'log',
      label: options.axes.x,
      domain: reach,
      ticks: logTicks(reach).filter((tick) => width > 560 || String(tick).startsWith('1')),
      tickFormat: options.formatBytes,
    },
    y: {
      type: isShare ? 'linear' : 'log',
      domain,
      label: options.axes.y,
      ticks: yTicks,
      tickFormat: isShare ? (share: number) => `${Math.round(100 * share)}%` : tickLabel,
    },
    marks: [
      plot.gridY(yTicks, { stroke: 'var(--line)', strokeOpacity: 1 }),
      plot.line(front, {
        ...place,
        stroke: 'var(--ink)',
        strokeDasharray: '5 3',
        curve: 'step-after',
      }),
      plot.line(points, {
        ...place,
        z: ({ point }: Mark) => point.model,
        stroke: ({ point }: Mark) => seriesColor(point.model),
        strokeWidth: 1.2,
      }),
      plot.ruleX(points, {
        x: 'bytes',
        y1: 'low',
        y2: 'high',
        stroke: 'var(--muted)',
        strokeOpacity: 0.6,
      }),
      plot.dot(points, {
        ...place,
        r: 5.5,
        symbol: ({ point }: Mark) => SYMBOLS[point.model % SYMBOLS.length]![0],
        fill: ({ point }: Mark) => seriesColor(point.model),
        stroke: 'var(--surface)',
        className: 'points',
      }),
      plot.text(points, {
        ...place,
        text: ({ point }: Mark) => String(point.bits),
        fill: ({ point }: Mark) => seriesColor(point.model),
        stroke: 'var(--surface)',
        strokeWidth: 4,
        fontWeight: 700,
        dx: 11,
        dy: -9,
      }),
    ],
    color: { type: 'identity' },
    symbol: { type: 'identity' },
  }) as SVGElement;
  tidy(chart);
  const told = points.map(({ point }) => ({
    sentences: options.sentencesOf(point),
    recipe: `${point.model} ${point.recipe}`,
  }));
  makeReachable(chart, 'points', told, options.onFocus);
  return chart;
}
