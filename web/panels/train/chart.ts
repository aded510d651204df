/** The divergence from the original against the steps, drawn while the model learns. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Format } from '../../format.ts';
import type { TrainWords } from './en.ts';
import type { Point, TrainRun } from './run.ts';

const HEIGHT = 220;
const TOP = 14;
const BOTTOM = 28;
const LEFT = 52;
const RIGHT = 12;

export interface ChartParts {
  words: TrainWords;
  format: Format;
  run: TrainRun | null;
  /** Steps that the axis is long. */
  nSteps: number;
  /** CSS pixels. */
  width: number;
}

export function chart({ words, format, run, nSteps, width }: ChartParts): TemplateResult {
  const heldOut = run?.heldOut ?? [];
  const losses = run?.losses ?? [];
  const most = roundedUp(Math.max(0.01, ...[...heldOut, ...losses].map(({ kl }) => kl)));
  const right = Math.max(LEFT + 1, width - RIGHT);
  const x = (step: number) => LEFT + ((right - LEFT) * step) / nSteps;
  const y = (kl: number) => HEIGHT - BOTTOM - (kl / most) * (HEIGHT - TOP - BOTTOM);
  const line = (points: readonly Point[]) =>
    points.map(({ step, kl }) => `${x(step).toFixed(1)},${y(kl).toFixed(1)}`).join(' ');
  const [first, last] = [heldOut[0], heldOut.at(-1)];
  return html`<figure>
    <figcaption>
      <h3>${words.chartTitle}</h3>
      <p class="legend small" aria-hidden="true">
        <span class="rounded">${words.legendRounded}</span>
        <span class="held">${words.legendHeldOut}</span>
        <span class="loss">${words.legendLoss}</span>
      </p>
    </figcaption>
    <svg
      viewBox="0 0 ${Math.max(width, 1)} ${HEIGHT}" height=${HEIGHT} role="img"
      aria-label=${first && last ? words.chart(kl(format, first), kl(format, last), format.integer(last.step)) : words.chartEmpty}
    >
      ${[0, most / 2, most].map(
        (value) => svg`<line class="grid" x1=${LEFT} x2=${right} y1=${y(value)} y2=${y(value)} />
          <text x=${LEFT - 8} y=${y(value) + 4} text-anchor="end">${format.exact(value)}</text>`,
      )}
      ${[0, Math.round(nSteps / 2), nSteps].map(
        (step, i) => svg`<text x=${x(step)} y=${HEIGHT - 8}
          text-anchor=${['start', 'middle', 'end'][i]}>${format.integer(step)}</text>`,
      )}
      ${first ? svg`<line class="rounded" x1=${LEFT} x2=${right} y1=${y(first.kl)} y2=${y(first.kl)} />` : nothing}
      <polyline class="loss" points=${line(losses)} />
      <polyline class="held" points=${line(heldOut)} />
      ${heldOut.map((point) => svg`<circle class="held" cx=${x(point.step)} cy=${y(point.kl)} r="3.5" />`)}
    </svg>
    <p class="small muted">${words.chartAxis}${first ? nothing : html`. ${words.chartEmpty}`}</p>
  </figure>`;
}

/** As it is written everywhere in the panel. */
export const kl = (format: Format, point: Point): string => format.fixed(point.kl, 3);

/** 1, 2, 3, 5 or 8 times a power of ten, so that the halves have few digits. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 5, 8, 10].find((one) => one * power >= value - 1e-12)! * power;
}
