/** One bar made of several parts, with a legend that carries the numbers: the parts differ in pattern
 * as well as in colour. */
import { css, html, nothing, type TemplateResult } from 'lit';
import { styleMap } from './style_map.ts';

export interface Part {
  label: string;
  value: number;
  /** The value in words, "3.94 GB". */
  text: string;
}

/** `full` is the value that a bar of the whole width stands for; left out, that of the parts. */
export function stack(parts: readonly Part[], full?: number): TemplateResult {
  const total = full ?? parts.reduce((sum, { value }) => sum + value, 0);
  return html`<div class="stack" aria-hidden="true">
    ${parts.map(({ value }, i) =>
      value > 0 && total > 0
        ? html`<span data-part=${i} style=${styleMap({ width: `${(100 * value) / total}%` })}></span>`
        : nothing,
    )}
  </div>`;
}

/** Parts that are nothing are still listed: that there are no biases is worth knowing. */
export function stackLegend(parts: readonly Part[]): TemplateResult {
  return html`<ul class="stack-legend small">
    ${parts.map(
      ({ label, text }, i) =>
        html`<li><span class="swatch" data-part=${i} aria-hidden="true"></span>${label} <b class="number">${text}</b></li>`,
    )}
  </ul>`;
}

export const stackStyles = css`
  .stack {
    display: flex;
    height: 24px;
    border-radius: 6px;
    overflow: hidden;
    background: var(--track);
  }
  .stack span {
    min-width: 1px;
    box-shadow: inset -1px 0 var(--surface);
  }
  [data-part='0'] {
    background: var(--ink);
  }
  [data-part='1'] {
    background: repeating-linear-gradient(45deg, var(--muted) 0 3px, color-mix(in srgb, var(--muted) 45%, var(--surface)) 3px 6px);
  }
  [data-part='2'] {
    background: repeating-linear-gradient(90deg, var(--muted) 0 1.5px, color-mix(in srgb, var(--muted) 18%, var(--surface)) 1.5px 5px);
  }
  [data-part='3'] {
    background: color-mix(in srgb, var(--muted) 45%, var(--surface));
  }
  [data-part='4'] {
    background: radial-gradient(circle, var(--muted) 1.2px, color-mix(in srgb, var(--muted) 12%, var(--surface)) 1.4px) 0 0 / 5px 5px;
  }
  .stack-legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 18px;
    margin: 8px 0 0;
    padding: 0;
    list-style: none;
    color: var(--muted);
  }
  .stack-legend li {
    display: inline-flex;
    align-items: center;
    gap: 7px;
  }
  .stack-legend b {
    font-weight: 560;
    color: var(--ink);
  }
  .swatch {
    flex: none;
    width: 14px;
    height: 14px;
    border-radius: 3px;
  }
`;
