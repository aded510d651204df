/** Which text the losses are measured on: a built-in one, or the reader's own. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { textsFor } from '../../experiment/measure/texts.ts';
import { Panel } from '../panel.ts';
import { describe } from '../../experiment/problem.ts';
import {
  entryOf,
  MAX_TEXT_CHARS,
  N_QUICK_TOKENS,
  type EvaluationText,
  type TextId,
} from '../../experiment/state.ts';
import type { ListedModel } from '../../source/listed.ts';
import { shared } from '../../styles/shared.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };

@customElement('bitloss-panel-text')
export class TextPanel extends Panel {
  static override styles = [
    shared,
    css`
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
      }
      label {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 10px;
        min-width: 0;
      }
      select {
        min-height: 36px;
        max-width: 100%;
        padding: 4px 8px;
        font-size: calc(0.875 * var(--rem));
      }
      form {
        display: grid;
        justify-items: start;
        gap: 8px;
        margin-top: 10px;
      }
      textarea {
        width: 100%;
        min-height: 8em;
        resize: vertical;
        line-height: 1.5;
      }
      .sentence {
        margin-top: 8px;
      }
      @media (pointer: coarse) {
        select {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) text!: EvaluationText;
  /** The model's in the site's list. */
  @property({ attribute: false }) entry: ListedModel | undefined;
  @property({ attribute: false }) ownText = '';
  @property({ type: Boolean }) whole = false;
  /** Tokens that were scored in the lanes; 0 when nothing was measured yet. */
  @property({ attribute: false }) nScored = 0;

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    const words = this.#words;
    const { t, text, format } = this;
    const chooseText = (event: Event) =>
      this.send({ type: 'set-text', text: (event.target as HTMLSelectElement).value as TextId });
    const chooseLength = (event: Event) =>
      this.send({
        type: 'set-text-length',
        isWhole: (event.target as HTMLSelectElement).value === 'whole',
      });
    return html`<div class="row small">
        <label>
          <span class="muted">${words.on}</span>
          <select @change=${chooseText}>
            ${textsFor(this.entry).map(
              (id) =>
                html`<option value=${id} .selected=${id === text.id}>${t.measure.texts[id]}</option>`,
            )}
          </select>
        </label>
        <select aria-label=${words.length} @change=${chooseLength}>
          <option value="beginning" .selected=${!this.whole}>${words.beginning(format.integer(N_QUICK_TOKENS))}</option>
          <option value="whole" .selected=${this.whole}>${words.whole}</option>
        </select>
        ${this.nScored > 0 ? html`<span class="muted number">${words.scored[text.documents](format.integer(this.nScored))}</span>` : nothing}
      </div>
      ${text.id === 'own' ? this.#renderOwn() : nothing}
      ${text.problem ? html`<p class="sentence small ${text.id === 'own' ? 'notice' : 'error'}" role="status">${describe(t, text.problem)}</p>` : nothing}`;
  }

  #renderOwn() {
    const words = this.#words;
    const submit = (event: SubmitEvent) => {
      event.preventDefault();
      const { value } = (event.target as HTMLFormElement).querySelector('textarea')!;
      this.send({ type: 'set-own-text', content: value });
    };
    return html`<form @submit=${submit}>
      <textarea
        aria-label=${words.own}
        aria-describedby="own-hint"
        maxlength=${MAX_TEXT_CHARS}
        .value=${this.ownText}
      ></textarea>
      <p class="small muted" id="own-hint">${words.ownHint}</p>
      <button class="primary">${words.ownUse}</button>
    </form>`;
  }
}

export function draw({ state }: PanelContext) {
  const { lang, lanes, text, ownText, isWholeText } = state;
  return html`<bitloss-panel-text
    .language=${lang}
    .text=${text}
    .entry=${entryOf(state)}
    .ownText=${ownText}
    .nScored=${lanes.find((lane) => lane.text.isFresh)?.text.value?.n ?? 0}
    ?whole=${isWholeText}
  ></bitloss-panel-text>`;
}
