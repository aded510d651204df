/** Pictures of one tensor's weights. Each is told in words beside it, and in the table below. */
import { html, nothing, svg, type TemplateResult } from 'lit';

const HEIGHT = 150;
const AXIS = 18;

/** Counts are drawn by their square roots: spikes of a few codes would flatten all else. */
const heightOf = (count: number, greatest: number) =>
  greatest > 0 ? (HEIGHT - AXIS) * Math.sqrt(count / greatest) : 0;

/** What the weights were, as a line, and what they became, as bars; over them the levels of a grid. */
export function histogram(
  {
    originals,
    converted,
    low,
    high,
  }: { originals: readonly number[]; converted: readonly number[]; low: number; high: number },
  levels: readonly number[],
  width: number,
  format: (value: number) => string,
): TemplateResult {
  const greatest = Math.max(...originals, ...converted);
  const step = width / originals.length;
  const base = HEIGHT - AXIS;
  const line = originals
    .map((count, i) => {
      const y = (base - heightOf(count, greatest)).toFixed(1);
      return `${i === 0 ? `M0 ${base}V${y}` : `V${y}`}H${((i + 1) * step).toFixed(1)}`;
    })
    .join('');
  const grid = levels
    .filter((level) => level >= low && level <= high)
    .map((level) => `M${(((level - low) / (high - low)) * width).toFixed(1)} 0V${base}`)
    .join('');
  const zero = low < 0 && high > 0 ? (-low / (high - low)) * width : null;
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width=${width} height=${HEIGHT} aria-hidden="true">
    ${converted.map((count, i) => {
      const height = heightOf(count, greatest);
      return height > 0
        ? svg`<rect class="became" x=${i * step} y=${base - height} width=${Math.max(0.5, step - 0.5)} height=${height} />`
        : nothing;
    })}
    <path class="grid" d=${grid} />
    <path class="was" d=${`${line}V${base}`} />
    <line class="axis" x1="0" x2=${width} y1=${base} y2=${base} />
    ${
      zero === null
        ? nothing
        : svg`<line class="axis" x1=${zero} x2=${zero} y1=${base} y2=${base + 5} />
      ${zero > 60 && zero < width - 60 ? svg`<text x=${zero} y=${HEIGHT - 2} text-anchor="middle">0</text>` : nothing}`
    }
    <text x="0" y=${HEIGHT - 2}>${format(low)}</text>
    <text x=${width} y=${HEIGHT - 2} text-anchor="end">${format(high)}</text>
  </svg>`;
}

/** How often each code is used; the first and the last are the ends of a group's range. */
export function codeBars(codes: readonly number[], width: number): TemplateResult {
  const greatest = Math.max(...codes);
  const step = width / codes.length;
  const base = HEIGHT - AXIS;
  const isEnd = (i: number) => i === 0 || i === codes.length - 1;
  // Every code is numbered where there is room, else the ends.
  const isNumbered = (i: number) => isEnd(i) || (codes.length <= 16 && step >= 16);
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width=${width} height=${HEIGHT} aria-hidden="true">
    <defs>
      <pattern id="ends" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="end" width="4" height="4" opacity="0.45" />
        <rect class="end" width="2.4" height="4" />
      </pattern>
    </defs>
    ${codes.map((count, i) => {
      const height = heightOf(count, greatest);
      const anchor = codes.length > 16 ? (i === 0 ? 'start' : 'end') : 'middle';
      const at = anchor === 'start' ? 0 : anchor === 'end' ? width : (i + 0.5) * step;
      return svg`<rect class=${isEnd(i) ? '' : 'became'} fill=${isEnd(i) ? 'url(#ends)' : nothing} x=${i * step} y=${base - height}
          width=${Math.max(0.5, step * 0.86)} height=${height} />
        ${isNumbered(i) ? svg`<text x=${at} y=${HEIGHT - 2} text-anchor=${anchor}>${i}</text>` : nothing}`;
    })}
    <line class="axis" x1="0" x2=${width} y1=${base} y2=${base} />
  </svg>`;
}

/** The share of the first and of the last code. */
export function shareAtEnds(codes: readonly number[]): { first: number; last: number } {
  const total = codes.reduce((sum, count) => sum + count, 0);
  if (total === 0) return { first: 0, last: 0 };
  return { first: codes[0]! / total, last: codes.at(-1)! / total };
}
