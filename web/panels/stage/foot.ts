/** What leads one step deeper, how the stage measures, and its chart as a file. */
import { html, nothing, type TemplateResult } from 'lit';
import '../../controls/picture/element.ts';
import type { Lang } from '../../experiment/state.ts';
import { heading } from './heading.ts';
import { ROUNDS } from './questions.ts';
import type { StageWords } from './words.ts';

/** The panels that say why. */
export const DEEPER = ['words', 'microscope', 'skills', 'sweep'] as const;
export type Deeper = (typeof DEEPER)[number];

export interface FootParts {
  language: Lang;
  words: StageWords;
  /** Those that can be shown here. */
  panels: readonly Deeper[];
  onShow: (panel: Deeper) => void;
  /** Is there a curve to be saved? */
  hasCurve: boolean;
}

export function foot({ language, words, panels, onShow, hasCurve }: FootParts): TemplateResult {
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
      ${hasCurve ? html`<bitloss-save-picture .language=${language} of=".chart" name="stage" label=${heading[language]}></bitloss-save-picture>` : nothing}
    </details>
  </div>`;
}
