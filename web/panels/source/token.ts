/** Where the reader gives an access token for the hub, folded away. What is written goes to source/token.ts, and to
 * no state, event or attribute. */
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { canHoldToken, holdsToken, holdToken } from '../../source/token.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

/** Another site that this is embedded in could read what is written in its page: there it is not asked for. */
const isOwnPage = new URL(import.meta.url).origin === globalThis.location?.origin;

const WORDS = { en: en.token, ko: ko.token };

@customElement('bitloss-token')
export class TokenField extends Panel {
  static override styles = [
    shared,
    css`
      summary {
        width: fit-content;
        padding: 4px 0;
        font-size: calc(0.875 * var(--rem));
        color: var(--muted);
        cursor: pointer;
      }
      .body {
        display: grid;
        gap: 8px;
        padding-top: 4px;
      }
      label {
        font-size: calc(0.875 * var(--rem));
        color: var(--muted);
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      input {
        flex: 1 1 12em;
        min-width: 0;
        font-family: var(--mono);
        font-size: calc(0.875 * var(--rem));
      }
    `,
  ];

  @query('input') private input!: HTMLInputElement | null;
  @state() private isHeld = holdsToken();
  @state() private isWrong = false;

  override render() {
    const words = WORDS[this.language];
    if (!isOwnPage) return nothing;
    return html`<details>
      <summary>${words.heading}</summary>
      <div class="body">
        <p class="small muted">${canHoldToken ? words.about : words.tooOld}</p>
        ${!canHoldToken ? nothing : this.isHeld ? this.#renderHeld() : this.#renderField()}
      </div>
    </details>`;
  }

  #renderHeld() {
    const words = WORDS[this.language];
    return html`<p class="line" role="status">
      <span>${words.held}</span>
      <button @click=${() => void this.#hold('')}>${words.remove}</button>
    </p>`;
  }

  #renderField() {
    const words = WORDS[this.language];
    return html`<form @submit=${this.#submit}>
      <label for="token">${words.label}</label>
      <div class="line">
        <input id="token" type="password" autocomplete="off" spellcheck="false" autocapitalize="off" />
        <button type="submit">${words.use}</button>
      </div>
      ${this.isWrong ? html`<p class="sentence error small" role="alert">${words.wrong}</p>` : nothing}
    </form>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (this.input) void this.#hold(this.input.value);
  }

  async #hold(text: string): Promise<void> {
    this.isWrong = !holdToken(text);
    this.isHeld = holdsToken();
    if (this.isWrong) return;
    if (this.input) this.input.value = '';
    await this.updateComplete;
    // What was pressed is there no more.
    this.renderRoot.querySelector<HTMLElement>('input, button')?.focus();
  }
}
