/** A bar that fills, told to a screen reader as well. */
import { html, type TemplateResult } from 'lit';
import { styleMap } from './style_map.ts';

/** `share` is 0 to 1; `look` is the class that the panel's styles know it by. */
export function progressBar(look: string, label: string, share: number): TemplateResult {
  return html`<div
    class=${look}
    role="progressbar"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${Math.round(share * 100)}
  >
    <div style=${styleMap({ width: `${share * 100}%` })}></div>
  </div>`;
}
