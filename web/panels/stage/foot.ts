/** What leads one step deeper, and how the stage measures. */
import { html, nothing, type TemplateResult } from 'lit';
import { ROUNDS } from './questions.ts';
import type { StageWords } from './words.ts';

/** The panels that say why. */
export const DEEPER = ['words', 'microscope', 'skills', 'sweep'] as const;
export type Deeper = (typeof DEEPER)[number];

export interface FootParts {
  words: StageWords;
  /** Those that can be shown here. */
  panels: readonly Deeper[];
  onShow: (panel: Deeper) => void;
}

export function foot({ words, panels, onShow }: FootParts): TemplateResult {
  return html`<div class="foot">
    ${
      panels.length > 0
        ? html`<p class="why">
            <b>${words.why}</b>
            ${panels.map((panel) => html`<button class="plain" @click=${() => onShow(panel)}>${words.deeper[panel]}</button>`)}
          </p>`
        : nothing
    }
    <details class="small">
      <summary>${words.method}</summary>
      <p class="muted">${words.methodText(...(ROUNDS.map(String) as [string, string]))}</p>
    </details>
  </div>`;
}
