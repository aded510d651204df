/** Where a model comes from: dropped, picked, named, or chosen from the site's list. */
import { html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { Panel } from '../../panel.ts';
import { describe } from '../../problem.ts';
import { STALL_SECONDS } from '../../source/download.ts';
import { inputFiles } from '../../source/files.ts';
import type { ListedModel, ModelAddress, Opening } from '../../state.ts';
import { addressName } from '../../link.ts';
import { shared } from '../../styles/shared.ts';
import { styles } from './styles.ts';

@customElement('bitloss-source')
export class SourcePanel extends Panel {
  static override styles = [shared, styles];

  @property({ attribute: false }) opening: Opening = { kind: 'idle' };
  @property({ attribute: false }) listed: readonly ListedModel[] | null = null;
  /** Something is being dragged over the page. */
  @property({ type: Boolean }) dragging = false;

  @query('#address') private addressInput!: HTMLInputElement;

  override render() {
    return html`
      ${this.#renderStatus()}
      <div class="columns" ?hidden=${this.#busy || this.listed === null}>
        <div class="drop" ?data-over=${this.dragging}>
          <svg viewBox="0 0 48 48" width="44" height="44" aria-hidden="true">
            <path d="M24 6v24m0 0l-9-9m9 9l9-9M8 34v6h32v-6" fill="none" stroke="currentColor" stroke-width="2.5" />
          </svg>
          <h2>${this.dragging ? this.t.source.dropNow : this.t.source.dropTitle}</h2>
          <p class="muted small">${this.t.source.dropHint}</p>
          <div class="buttons">
            ${this.#renderPicker('files', this.t.source.chooseFiles, false)}
            ${this.#renderPicker('folder', this.t.source.chooseFolder, true)}
          </div>
        </div>
        <div class="named">
          <form @submit=${this.#submit}>
            <label for="address">${this.t.source.addressLabel}</label>
            <div class="line">
              <input
                id="address"
                type="text"
                inputmode="url"
                autocapitalize="off"
                autocomplete="off"
                spellcheck="false"
                placeholder=${this.t.source.addressPlaceholder}
              />
              <button type="submit">${this.t.source.load}</button>
            </div>
          </form>
          ${this.#renderList()}
        </div>
      </div>
    `;
  }

  get #busy(): boolean {
    return this.opening.kind === 'fetching' || this.opening.kind === 'reading';
  }

  #renderPicker(id: string, label: string, folder: boolean) {
    return html`<label class="button" for=${id}>${label}</label>
      <input
        class="visually-hidden"
        id=${id}
        type="file"
        multiple
        ?webkitdirectory=${folder}
        @change=${this.#pick}
      />`;
  }

  #renderList() {
    const { t, listed } = this;
    if (!listed || listed.length === 0)
      return html`<p class="muted small">${t.source.listEmpty}</p>`;
    return html`<h3 class="small muted">${t.source.listHeading}</h3>
      <ul>
        ${listed.map(
          (model) => html`<li>
            <button @click=${() => this.send({ type: 'open-listed', id: model.id })}>
              <span class="name">${model.name}</span>
              <span class="muted small number">${this.format.bytes(model.size)}</span>
              <span class="note muted small">${this.language === 'ko' ? model.note_ko : model.note_en}</span>
            </button>
          </li>`,
        )}
      </ul>`;
  }

  #renderStatus() {
    const { t, opening, format } = this;
    const cancel = html`<button @click=${() => this.send({ type: 'cancel-opening' })}>${t.source.cancel}</button>`;
    switch (opening.kind) {
      case 'idle':
        return this.listed === null
          ? html`<p class="progress status muted">${t.source.listLoading}</p>`
          : nothing;
      case 'failed':
        return html`<p class="sentence error status" role="alert">${describe(t, opening.problem)}</p>`;
      case 'asking':
        return html`<div class="asked status">
          <div>
            <h2>${t.source.askTitle}</h2>
            <p class="muted">${this.#askSentence(opening.address)}</p>
          </div>
          ${
            opening.address.kind === 'local'
              ? nothing
              : html`<button class="primary" @click=${() => this.send({ type: 'accept-asked' })}>
                ${t.source.askLoad}
              </button>`
          }
        </div>`;
      case 'fetching': {
        const { bytesDone, bytesTotal, secondsLeft, label } = opening;
        const total = bytesTotal > 0 ? format.bytes(bytesTotal) : null;
        const left = secondsLeft === null ? '' : ` · ${t.source.timeLeft(secondsLeft)}`;
        return html`<div class="progress status">
          <label for="bar">${t.source.fetching(label)}</label>
          <progress id="bar" max="1" value=${bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : nothing}></progress>
          <span class="muted small number">${t.source.bytes(format.bytes(bytesDone), total)}${left}</span>
          ${cancel}
          ${opening.isStalled ? html`<p class="sentence notice small" role="status">${t.source.stalled(STALL_SECONDS)}</p>` : nothing}
        </div>`;
      }
      case 'reading':
        return html`<div class="progress status">
          <label for="bar">${t.source.reading(opening.label)}</label>
          <progress id="bar" max="1" value=${opening.fraction}></progress>
          <span class="muted small number">${format.percent(opening.fraction)}</span>
          ${cancel}
        </div>`;
    }
  }

  #askSentence(address: ModelAddress): string {
    const name = addressName(address);
    if (address.kind === 'local') return this.t.source.askLocal(name);
    if (address.kind === 'url') return this.t.source.askUrl(name);
    const isListLike = address.kind === 'hub' && !address.repo.includes('/');
    return isListLike ? this.t.source.askUnlisted(name) : this.t.source.askHub(name);
  }

  #pick(event: Event): void {
    const input = event.target as HTMLInputElement;
    this.send({ type: 'open-files', files: Promise.resolve(inputFiles(input)) });
    input.value = '';
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.addressInput.value.trim() || this.t.source.addressPlaceholder;
    this.send({ type: 'open-address', text });
  }
}
