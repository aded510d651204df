/** A lane's model as a file to keep. */
import { css, html, nothing, type TemplateResult } from 'lit';
import type { Container, Formats } from '../../../wasm/types.ts';
import { notes } from '../../controls/notes.ts';
import { progressBar } from '../../controls/progress.ts';
import type { Format } from '../../format.ts';
import type { Messages } from '../../i18n/index.ts';
import { laneName } from '../panel.ts';
import { describe } from '../../experiment/problem.ts';
import { containersFor } from '../../experiment/recipe.ts';
import { isUnderWay, type Figures, type Lane, type Saving } from '../../experiment/state.ts';
import type { LanesWords } from './en.ts';

export interface Files {
  t: Messages;
  words: LanesWords;
  format: Format;
  lane: Lane;
  figures: Figures;
  formats: Formats;
  onSave: (container: Container) => void;
  onCancel: () => void;
}

export function files(parts: Files): TemplateResult {
  const { t, words, lane, figures, formats, onSave } = parts;
  const containers = containersFor(figures, formats);
  // Not disabled, which would take the keyboard's focus away: while a file is being saved another
  // click does nothing.
  const isBusy = isUnderWay(lane.saving);
  return html`<div class="files">
    ${
      containers.length === 0
        ? html`<p class="small muted">${words.noContainer}</p>`
        : html`<div class="offers">
          <span class="small muted" aria-hidden="true">${words.download}</span>
          ${containers.map((container) => {
            const name = words.containers[container];
            const label = words.downloadAs(laneName(t, lane.id), name);
            return html`<button aria-label=${label} aria-disabled=${isBusy} @click=${() => onSave(container)}>${name}</button>`;
          })}
        </div>`
    }
    ${lane.saving ? status(parts, lane.saving) : nothing}
  </div>`;
}

function status({ t, words, format, onCancel }: Files, saving: Saving) {
  if (saving.kind === 'failed') {
    return html`<p class="sentence error small" role="alert">${describe(t, saving.problem)}</p>`;
  }
  if (saving.kind === 'done') {
    return html`<p class="small muted name" role="status">${words.saved(saving.name, format.bytes(saving.bytes))}</p>
      ${notes(t, saving.notes)}`;
  }
  return html`<div class="saving small">
    ${
      saving.kind === 'preparing'
        ? html`${progressBar('track', words.preparing(saving.name), saving.fraction)}
          <span class="muted">${words.preparingShort}</span>`
        : html`${progressBar('track', words.saving(saving.name), saving.bytesTotal > 0 ? saving.bytesDone / saving.bytesTotal : 0)}
          <span class="muted number">${words.savedBytes(format.bytes(saving.bytesDone), format.bytes(saving.bytesTotal))}</span>`
    }
    <button class="plain" @click=${onCancel}>${words.cancel}</button>
  </div>`;
}

export const fileStyles = css`
  .files {
    display: grid;
    gap: 8px;
    margin-top: 10px;
  }
  .offers {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 10px;
  }
  .offers button {
    min-height: 32px;
    padding: 0 12px;
    font-size: calc(0.8125 * var(--rem));
  }
  .files .sentence {
    margin: 0;
  }
  .files .name {
    overflow-wrap: anywhere;
  }
  .saving {
    display: grid;
    grid-template-columns: 1fr auto auto;
    align-items: center;
    gap: 10px;
  }
  .saving .track {
    height: 6px;
    border-radius: 3px;
    background: var(--track);
    overflow: hidden;
  }
  .saving .track div {
    height: 100%;
    background: var(--lane);
  }
  .saving button {
    min-height: 32px;
    font-size: calc(0.8125 * var(--rem));
  }
  @media (pointer: coarse) {
    .offers button,
    .saving button {
      min-height: 44px;
    }
  }
`;
