/** Where a model comes from: dropped, picked, named, or chosen from the site's list. */
import { html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { styleMap } from '../../controls/style_map.ts';
import { Panel } from '../panel.ts';
import './kept.ts';
import { describe } from '../../experiment/problem.ts';
import type { NotKept } from '../../source/cache.ts';
import { STALL_SECONDS } from '../../source/download.ts';
import { inputFiles } from '../../source/files.ts';
import type { ListedModel } from '../../source/listed.ts';
import type { KeptState, ModelAddress, Opening } from '../../experiment/state.ts';
import { addressName } from '../../experiment/address.ts';
import { shared } from '../../styles/shared.ts';
import { styles } from './styles.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import './token.ts';

const WORDS = { en, ko };

@customElement('bitloss-source')
export class SourcePanel extends Panel {
  static override styles = [shared, styles];

  @property({ attribute: false }) opening: Opening = { kind: 'idle' };
  @property({ attribute: false }) listed: readonly ListedModel[] | null = null;
  /** Models that the browser keeps; null where it keeps none. */
  @property({ attribute: false }) kept: KeptState | null = null;
  /** Something is being dragged over the page. */
  @property({ type: Boolean }) dragging = false;

  @query('#address') private addressInput!: HTMLInputElement;

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    return html`
      ${this.#renderStatus()}
      <div class="columns" ?hidden=${this.#busy || this.listed === null}>
        <div class="drop" ?data-over=${this.dragging}>
          <svg viewBox="0 0 48 48" width="44" height="44" aria-hidden="true">
            <path d="M24 6v24m0 0l-9-9m9 9l9-9M8 34v6h32v-6" fill="none" stroke="currentColor" stroke-width="2.5" />
          </svg>
          <h2>${this.dragging ? this.#words.dropNow : this.#words.dropTitle}</h2>
          <p class="muted small">${this.#words.dropHint}</p>
          <div class="buttons">
            ${this.#renderPicker('files', this.#words.chooseFiles, false)}
            ${this.#renderPicker('folder', this.#words.chooseFolder, true)}
          </div>
        </div>
        <div class="named">
          <form @submit=${this.#submit}>
            <label for="address">${this.#words.addressLabel}</label>
            <div class="line">
              <input
                id="address"
                type="text"
                inputmode="url"
                autocapitalize="off"
                autocomplete="off"
                spellcheck="false"
                placeholder=${this.#words.addressPlaceholder}
              />
              <button type="submit">${this.#words.load}</button>
              <button type="button" title=${this.#words.lookHint} @click=${this.#look}>${this.#words.look}</button>
            </div>
          </form>
          <bitloss-token .language=${this.language}></bitloss-token>
          ${this.#renderList()}
        </div>
      </div>
      ${this.#busy ? nothing : this.#renderKept()}
    `;
  }

  #renderKept() {
    const { kept } = this;
    if (!kept) return nothing;
    return html`<bitloss-kept .language=${this.language} .kept=${kept}></bitloss-kept>`;
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
    const words = this.#words;
    const { listed } = this;
    if (!listed || listed.length === 0) return html`<p class="muted small">${words.listEmpty}</p>`;
    return html`<h3 class="small muted">${words.listHeading}</h3>
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
    const words = this.#words;
    const { t, opening, format } = this;
    const cancel = html`<button @click=${() => this.send({ type: 'cancel-opening' })}>${words.cancel}</button>`;
    switch (opening.kind) {
      case 'idle':
        return this.listed === null
          ? html`<p class="progress status muted">${words.listLoading}</p>`
          : nothing;
      case 'failed':
        return html`<p class="sentence error status" role="alert">${describe(t, opening.problem)}</p>`;
      case 'asking':
        return html`<div class="asked status">
          <div>
            <h2>${words.askTitle}</h2>
            <p class="muted">${this.#askSentence(opening.address)}</p>
          </div>
          ${
            opening.address.kind === 'local'
              ? nothing
              : html`<div class="line">
                <button @click=${() => this.send({ type: 'look', at: opening.address })}>${words.askLook}</button>
                <button class="primary" @click=${() => this.send({ type: 'accept-asked' })}>
                  ${words.askLoad}
                </button>
              </div>`
          }
        </div>`;
      case 'choosing':
        return html`<div class="choices status">
          <h2>${words.chooseTitle(addressName(opening.address))}</h2>
          <p class="muted small">${words.chooseHint}</p>
          <ul>
            ${opening.choices.map(
              ({ label, size, address }) => html`<li>
                <button @click=${() => this.send(opening.isLook ? { type: 'look', at: address } : { type: 'open-choice', address })}>
                  <span class="name">${label}</span>
                  <span class="muted small number">${size > 0 ? format.bytes(size) : ''}</span>
                </button>
              </li>`,
            )}
          </ul>
        </div>`;
      case 'looking':
        return html`<div class="progress status">
          <label for="bar">${words.looking(addressName(opening.address))}</label>
          ${cancel}
          <progress id="bar"></progress>
        </div>`;
      case 'looked':
        // Its code comes with the first.
        void import('./look.ts');
        return html`<bitloss-look
          class="status"
          .language=${this.language}
          .look=${opening.look}
          .address=${opening.address}
        ></bitloss-look>`;
      case 'fetching': {
        const { bytesDone, bytesTotal, rate, secondsLeft, fraction, label } = opening;
        const total = bytesTotal > 0 ? format.bytes(bytesTotal) : null;
        const facts = [
          words.bytes(format.bytes(bytesDone), total),
          rate === null ? '' : words.rate(format.bytes(rate)),
          secondsLeft === null ? '' : t.timeLeft(secondsLeft),
        ].filter((fact) => fact !== '');
        return html`<div class="progress status">
          <label for="bar">${fraction > 0 ? words.streaming(label) : words.fetching(label)}</label>
          ${this.#renderBar(bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : null, fraction)}
          <span class="muted small number">${facts.join(' · ')}</span>
          ${cancel}
          ${opening.notKept ? html`<p class="sentence notice small" role="status">${this.#notKept(opening.notKept)}</p>` : nothing}
          ${opening.isStalled ? html`<p class="sentence notice small" role="status">${words.stalled(STALL_SECONDS)}</p>` : nothing}
        </div>`;
      }
      case 'reading':
        return html`<div class="progress status">
          <label for="bar">${words.reading(opening.label)}</label>
          ${this.#renderBar(1, opening.fraction)}
          <span class="muted small number">${format.percent(opening.fraction)}</span>
          ${cancel}
        </div>`;
    }
  }

  #notKept(why: NotKept): string {
    const words = this.#words.notKept;
    return why.kind === 'quota' ? words.quota(this.format.bytes(why.bytes)) : words[why.kind];
  }

  /** Full when the model is ready: what the engine has taken, on what has come. */
  #renderBar(come: number | null, taken: number) {
    return html`<progress
      id="bar"
      max="1"
      value=${come === null ? nothing : taken}
      aria-valuetext=${come === null ? nothing : this.#words.come(this.format.percent(come), this.format.percent(taken))}
      style=${styleMap({ '--come': `${100 * (come ?? 0)}%` })}
    ></progress>`;
  }

  #askSentence(address: ModelAddress): string {
    const name = addressName(address);
    if (address.kind === 'local') return this.#words.askLocal(name);
    if (address.kind === 'url') return this.#words.askUrl(name);
    const isListLike = address.kind === 'hub' && !address.repo.includes('/');
    return isListLike ? this.#words.askUnlisted(name) : this.#words.askHub(name);
  }

  #pick(event: Event): void {
    const input = event.target as HTMLInputElement;
    this.send({ type: 'open-files', files: Promise.resolve(inputFiles(input)) });
    input.value = '';
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    this.send({ type: 'open-address', text: this.#written });
  }

  readonly #look = (): void => this.send({ type: 'look', at: this.#written });

  get #written(): string {
    return this.addressInput.value.trim() || this.#words.addressPlaceholder;
  }
}
