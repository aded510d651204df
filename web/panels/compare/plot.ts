/** SNR against bits per weight, one point per lane. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { styleMap } from '../../controls/style_map.ts';
import type { Format } from '../../format.ts';
import type { Messages } from '../../i18n/index.ts';
import type { CompareWords } from './en.ts';
import { laneColor, laneLetter, laneName } from '../panel.ts';
import { isStale, type Lane } from '../../experiment/state.ts';

const HEIGHT = 280;
const MARGIN = { top: 16, right: 20, bottom: 42, left: 46 };
const RADIUS = 11;
const GAP = 8;

/** Steps of 1, 2 or 5 times a power of ten, so that at most `n` ticks cover [0, max]. */
export function ticks(max: number, n: number): number[] {
  const rough = max / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, i) => i * step);
}

/** Where to draw marks, `size` across, so that none covers another: each stays at its height and goes right until it is
 * free of those before it, with a gap for the line that leads back, or left when that would take it past `limit`. */
export function spread(
  points: readonly { x: number; y: number }[],
  size: number,
  limit: number,
): number[] {
  const placed: { x: number; y: number }[] = [];
  const covers = (x: number, y: number) =>
    placed.find((other) => Math.hypot(x - other.x, y - other.y) < size);
  for (const { x, y } of points) {
    const go = (direction: 1 | -1) => {
      let at = x;
      for (let other = covers(at, y); other; other = covers(at, y)) {
        at = other.x + direction * Math.sqrt((size + GAP) ** 2 - (y - other.y) ** 2);
      }
      return at;
    };
    const right = go(1);
    placed.push({ x: right > limit ? go(-1) : right, y });
  }
  return placed.map((mark) => mark.x);
}

/** `lanes` have figures; `width` is in CSS pixels. A lane without error stands above the scale, on a line of its own. */
export function plot(
  lanes: readonly Lane[],
  t: Messages,
  words: CompareWords,
  format: Format,
  width: number,
): TemplateResult {
  const reference = lanes.find((lane) => lane.id === 'reference');
  const variants = lanes.filter((lane) => lane.id !== 'reference');
  const xTicks = ticks(Math.max(...lanes.map((lane) => lane.figures!.info.bitsPerWeight)), 8);
  const finite = variants.map((lane) => lane.figures!.error.snrDb).filter(Number.isFinite);
  const yTicks = ticks(Math.max(10, ...finite) * 1.08, 6);
  const hasExact = variants.some(
    (lane) => !Number.isFinite(lane.figures!.error.snrDb) || lane.figures!.error.n === 0,
  );

  const bottom = HEIGHT - MARGIN.bottom;
  const top = MARGIN.top + (hasExact ? 34 : 0);
  const x = (bits: number) =>
    MARGIN.left + (bits / xTicks.at(-1)!) * (width - MARGIN.left - MARGIN.right);
  const y = (db: number) => bottom - (db / yTicks.at(-1)!) * (bottom - top);
  const exactY = MARGIN.top + RADIUS;
  const points = variants.map(({ figures }) => {
    const { info, error } = figures!;
    const exact = error.n === 0 || !Number.isFinite(error.snrDb);
    return { x: x(info.bitsPerWeight), y: exact ? exactY : y(error.snrDb), exact };
  });
  const marks = spread(points, 2 * RADIUS, width - RADIUS);

  return html`<svg class="plot" viewBox="0 0 ${width} ${HEIGHT}" width=${width} height=${HEIGHT} role="group" aria-label=${words.plotLabel}>
    ${yTicks.map(
      (
        db,
      ) => svg`<line class="grid" x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${y(db)} y2=${y(db)} />
      <text x=${MARGIN.left - 8} y=${y(db) + 4} text-anchor="end">${format.integer(db)}</text>`,
    )}
    ${xTicks.map((bits) => svg`<text x=${x(bits)} y=${bottom + 18} text-anchor="middle">${format.integer(bits)}</text>`)}
    <text class="axis" x=${(MARGIN.left + width - MARGIN.right) / 2} y=${HEIGHT - 6} text-anchor="middle">${words.xAxis}</text>
    <text class="axis" transform="translate(12 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${words.yAxis}</text>
    ${hasExact ? svg`<text x=${MARGIN.left} y=${exactY + 4}>${words.noError}</text>` : nothing}
    ${reference ? referenceLine(reference) : nothing}
    ${variants.map(lead)} ${variants.map(point)}
  </svg>`;

  function referenceLine(lane: Lane) {
    const bits = lane.figures!.info.bitsPerWeight;
    const anchor = x(bits) > width * 0.6 ? 'end' : 'start';
    const label = words.referenceLine(format.fixed(bits, 1));
    return svg`<line class="reference" x1=${x(bits)} x2=${x(bits)} y1=${MARGIN.top} y2=${bottom} />
      <text class="axis" x=${x(bits) + (anchor === 'end' ? -6 : 6)} y=${bottom - 8} text-anchor=${anchor}>${label}</text>`;
  }

  /** From where a mark belongs to where it is. */
  function lead(lane: Lane, i: number) {
    const { x: from, y: at } = points[i]!;
    if (marks[i] === from) return nothing;
    return svg`<line class="lead-line" x1=${from} x2=${marks[i]!} y1=${at} y2=${at} style=${styleMap({ '--lane': laneColor(lane.id) })} />`;
  }

  function point(lane: Lane, i: number) {
    const { info, error } = lane.figures!;
    const { y: cy, exact } = points[i]!;
    const name = laneName(t, lane.id);
    const bits = format.fixed(info.bitsPerWeight, 2);
    const label = exact
      ? words.exact(name, bits)
      : words.point(name, bits, format.fixed(error.snrDb, 1));
    const cx = marks[i]!;
    return svg`<g class="point" role="img" tabindex="0" aria-label=${label} style=${styleMap({ '--lane': laneColor(lane.id) })}
        opacity=${isStale(lane) ? 0.5 : 1}>
      <title>${label}</title>
      <circle cx=${cx} cy=${cy} r=${RADIUS} />
      <text class="letter" x=${cx} y=${cy + 4.5} text-anchor="middle">${laneLetter(lane.id)}</text>
    </g>`;
  }
}
