/** The choice of published tables to be drawn beside one's own points: whose they are, a caution, and the same
 * figures as a table. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Format } from '../../format.ts';
import { ghostPath } from './chart.ts';
import type { SweepWords } from './en.ts';
import { PUBLISHED, type PublishedTable } from './published.ts';

export type GhostId = PublishedTable['id'];

export interface GhostParts {
  words: SweepWords;
  format: Format;
  shown: ReadonlySet<GhostId>;
  onToggle: (id: GhostId) => void;
}

export function ghostChoice({ words, format, shown, onToggle }: GhostParts): TemplateResult {
  const tables = PUBLISHED.filter(({ id }) => shown.has(id));
  return html`<div class="published small" role="group" aria-label=${words.ghosts}>
    <span class="muted" aria-hidden="true">${words.ghosts}</span>
    ${PUBLISHED.map(
      ({ id, model }, i) => html`<label>
        <input type="checkbox" .checked=${shown.has(id)} @change=${() => onToggle(id)} />
        <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d=${ghostPath(i)} stroke="var(--muted)" stroke-width="1.8" /></svg>
        ${model}
      </label>`,
    )}
    ${
      tables.length === 0
        ? nothing
        : html`<p class="muted caution">
            ${words.ghostCaution}
            ${tables.map(({ model, source, url }) => html`${model}: <a href=${url} target="_blank" rel="noreferrer">${source}</a>. `)}
          </p>
          <details>
            <summary>${words.ghostTable}</summary>
            ${tables.map((table) => figuresOf(table, words, format))}
          </details>`
    }
  </div>`;
}

function figuresOf({ model, points }: PublishedTable, words: SweepWords, format: Format) {
  const hasKl = points.some(({ kl }) => kl !== null);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${model}>
    <table>
      <caption>${model}</caption>
      <thead>
        <tr>
          <th scope="col">${words.ghostColumns.recipe}</th>
          <th scope="col">${words.ghostColumns.bits}</th>
          <th scope="col">${words.ghostColumns.ratio}</th>
          ${hasKl ? html`<th scope="col">${words.ghostColumns.kl}</th>` : nothing}
        </tr>
      </thead>
      <tbody>
        ${points.map(
          ({ recipe, bitsPerWeight, lnRatio, kl }) => html`<tr>
            <th scope="row">${recipe}</th>
            <td>${format.fixed(bitsPerWeight, 2)}</td>
            <td>${format.small(lnRatio)}</td>
            ${hasKl ? html`<td>${kl === null ? '' : format.small(kl)}</td>` : nothing}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
