/** The numbers of a few small formats on one line, each format in a row of its own. */
import { html, nothing, svg, type TemplateResult } from 'lit';

export interface LineRow {
  name: string;
  values: readonly number[];
  /** What the number becomes; null where it has no place on the line. */
  rounded: number | null;
}

const ROW = 34;
const TOP = 20;

/** From -range to range, `width` pixels wide. `value` is marked through all rows. */
export function numberLine(
  rows: readonly LineRow[],
  value: number,
  range: number,
  width: number,
  format: (value: number) => string,
): TemplateResult {
  const inset = 8;
  const x = (v: number) => inset + ((v + range) / (2 * range)) * (width - 2 * inset);
  const isIn = (v: number | null): v is number => v !== null && Math.abs(v) <= range;
  const height = TOP + rows.length * ROW + 20;
  const anchors = ['start', 'middle', 'middle', 'middle', 'end'];
  const marks = [-range, -range / 2, 0, range / 2, range];
  return html`<svg viewBox="0 0 ${width} ${height}" width=${width} height=${height} aria-hidden="true">
    ${
      isIn(value)
        ? svg`<line class="yours" x1=${x(value)} x2=${x(value)} y1="4" y2=${height - 16} />`
        : nothing
    }
    ${rows.map(({ name, values, rounded }, i) => {
      const y = TOP + i * ROW + 24;
      const ticks = values
        .filter(isIn)
        .map((v) => `M${x(v).toFixed(1)} ${y}v-9`)
        .join('');
      return svg`<text class="row" x=${inset} y=${y - 14}>${name}</text>
        <line class="base" x1=${inset} x2=${width - inset} y1=${y} y2=${y} />
        <path class="tick" d=${ticks} />
        ${isIn(rounded) ? svg`<circle class="rounded" cx=${x(rounded)} cy=${y - 4} r="5" />` : nothing}`;
    })}
    ${marks.map(
      (mark, i) =>
        svg`<text class="mark" x=${i === 0 ? inset : i === 4 ? width - inset : x(mark)} y=${height - 2} text-anchor=${anchors[i]}>${format(mark)}</text>`,
    )}
  </svg>`;
}
