/** Out of a hundred, against the bits: how many questions are answered right, and how many predictions
 * are as they were. The stops stand above those of the slider, so that the slider is
 * the chart's axis; a saved picture has one of its own. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { styleMap } from '../../controls/style_map.ts';
import type { Format } from '../../format.ts';
import { isBroken, nChanged, type Point } from './findings.ts';
import { placeOf, ROUNDED, WIDTHS, type Width } from './widths.ts';
import type { StageWords } from './words.ts';

export interface ChartParts {
  words: StageWords;
  format: Format;
  /** Those that the learner has seen, from the most bits down. */
  points: readonly Point[];
  hasQuestions: boolean;
  bitsOf: (width: Width) => string;
  /** Where the slider stands. */
  at: Width;
  guess: Width | null;
  /** null while it is not to be told, or nothing breaks. */
  truth: Width | null;
}

const percentOf = (share: number) => `${100 * share}%`;

/** Predictions that are as they were, 0 to 1. */
function sameShare(point: Point): number | null {
  if (point.width === 16) return 1;
  const changed = point.text && nChanged(point.text);
  return changed === null ? null : 1 - changed / 100;
}

export function chart(parts: ChartParts): TemplateResult {
  const { words, points, hasQuestions, bitsOf, guess, truth, at } = parts;
  const right = seriesOf(points, ({ answers }) => answers?.share.value ?? null);
  const same = seriesOf(points, sameShare);
  return html`<div class="chart" part="chart">
    <div class="legend small" aria-hidden="true">
      ${hasQuestions ? html`<span class="right"><i></i>${words.legendRight}</span>` : nothing}
      <span class="same"><i></i>${words.legendSame}</span>
    </div>
    <div class="plot" role="img" aria-label=${describePoints(parts)}>
      ${[100, 50, 0].map((value) => html`<span class="grid" style=${styleMap({ top: `${100 - value}%` })}><i>${value}</i></span>`)}
      <div class="field">
        ${truth === null ? nothing : brokenField(words, truth)}
        <span class="now" style=${styleMap({ left: percentOf(placeOf(at)) })}></span>
        ${guess === null ? nothing : html`<span class="guess" style=${styleMap({ left: percentOf(placeOf(guess)) })}><b>${words.yourGuess}</b></span>`}
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          ${line('same', same)} ${line('right', right)}
        </svg>
        ${same.map(({ x, y }) => dot('same', x, y, false))}
        ${right.map(({ x, y, point }) => html`${whisker(x, point)}${dot('right', x, y, isBroken(point, hasQuestions) === true)}`)}
        <div class="axis" aria-hidden="true" data-in-picture>
          ${WIDTHS.map((width) => html`<span style=${styleMap({ left: percentOf(placeOf(width)) })}>${bitsOf(width)}</span>`)}
        </div>
        ${points.length < 2 ? html`<p class="empty small muted">${words.empty}</p>` : nothing}
      </div>
    </div>
  </div>`;
}

interface Dot {
  x: number;
  y: number;
  point: Point;
}

/** Places from the left and from the top, 0 to 1. */
function seriesOf(points: readonly Point[], read: (point: Point) => number | null): Dot[] {
  return points.flatMap((point) => {
    const value = read(point);
    return value === null ? [] : { x: placeOf(point.width), y: 1 - value, point };
  });
}

function line(name: string, dots: readonly Dot[]) {
  const points = dots.map(({ x, y }) => `${100 * x},${100 * y}`).join(' ');
  return svg`<polyline class=${name} points=${points} vector-effect="non-scaling-stroke" />`;
}

function dot(name: string, x: number, y: number, broken: boolean) {
  return html`<span
    class="dot ${name}"
    ?data-broken=${broken}
    style=${styleMap({ left: percentOf(x), top: percentOf(y) })}
  ></span>`;
}

function whisker(x: number, { answers }: Point) {
  const { low, high } = answers!.share;
  const place = { left: percentOf(x), top: percentOf(1 - high), height: percentOf(high - low) };
  return html`<span class="whisker" style=${styleMap(place)}></span>`;
}

/** From the first width that breaks to the end, beginning halfway before it. */
function brokenField(words: StageWords, truth: Width) {
  const left = placeOf(truth) - 0.5 / ROUNDED.length;
  return html`<span class="broken" style=${styleMap({ left: percentOf(left) })}><b>${words.breaksHere}</b></span>`;
}

function describePoints({ words, format, points, bitsOf }: ChartParts): string {
  const known = points.flatMap((point) => {
    const { answers } = point;
    const same = sameShare(point);
    const parts = [
      ...(answers ? [words.chartRight(format.integer(100 * answers.share.value))] : []),
      ...(same === null ? [] : [words.chartSame(format.integer(100 * same))]),
    ];
    return parts.length > 0 ? `${bitsOf(point.width)}: ${parts.join(', ')}` : [];
  });
  return known.length > 0 ? words.chart(known.join('. ')) : words.empty;
}
