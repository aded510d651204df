/** Published tables beside one's own points: the choice of them, whose they are, a caution, and the same figures
 * as a table; their points and their legend. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Format } from '../../format.ts';
import { ghostPath, type Ghost } from './chart.ts';
import type { SweepWords } from './en.ts';
import { PUBLISHED, type PublishedTable } from './published.ts';

export type GhostId = PublishedTable['id'];

export interface GhostParts {
  words: SweepWords;
  format: Format;
  shown: ReadonlySet<GhostId>;
}

export function ghostChoice(
  { words, format, shown }: GhostParts,
  onToggle: (id: GhostId) => void,
): TemplateResult {
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

export function ghostPoints({ words, format, shown }: GhostParts): Ghost[] {
  return PUBLISHED.flatMap(({ id, model, points }, table) =>
    shown.has(id)
      ? points.map(({ recipe, bitsPerWeight, lnRatio }) => ({
          table,
          bits: bitsPerWeight,
          loss: lnRatio,
          sentences: [
            words.ghostPoint(model, recipe, format.fixed(bitsPerWeight, 2)),
            words.pointRatio(format.small(lnRatio)),
          ],
        }))
      : [],
  );
}

export function ghostLegend({ words, shown }: GhostParts) {
  return PUBLISHED.map(({ id, model }, table) =>
    shown.has(id)
      ? html`<li>
          <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d=${ghostPath(table)} stroke="var(--muted)" stroke-width="1.8" /></svg
          >${words.ghostLegend(model)}
        </li>`
      : nothing,
  );
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
