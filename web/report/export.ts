/** Buttons that put a report on the clipboard, and the report itself where the browser refuses. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Panel } from '../panels/panel.ts';
import { shared } from '../styles/shared.ts';
import { tableWords } from './words.ts';

/** Its property `reports`: what there is to copy, by the name on the button. */
@customElement('bitloss-export')
export class ExportButtons extends Panel {
  static override styles = [
    shared,
    css`
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      .row button {
        min-height: 36px;
        padding: 0 14px;
        font-size: calc(0.875 * var(--rem));
      }
      textarea {
        display: block;
        width: 100%;
        min-height: 160px;
        margin-top: 8px;
        font-family: var(--mono);
        font-size: calc(0.75 * var(--rem));
      }
    `,
  ];

  @property({ attribute: false }) reports: Record<string, () => string> = {};
  /** The report that was copied last. */
  @state() private copied: string | null = null;
  @state() private refused: string | null = null;

  override render() {
    const words = tableWords[this.language];
    return html`<div class="row">
        <span class="small muted">${words.copy}</span>
        ${Object.entries(this.reports).map(
          ([name, make]) => html`<button @click=${() => this.#copy(name, make())}>${name}</button>`,
        )}
        <span class="small muted" role="status">${this.copied === null ? '' : words.copied(this.copied)}</span>
      </div>
      ${
        this.refused === null
          ? nothing
          : html`<label class="small">${words.notCopied}<textarea readonly .value=${this.refused}></textarea></label>`
      }`;
  }

  async #copy(name: string, text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.copied = name;
      this.refused = null;
    } catch {
      this.copied = null;
      this.refused = text;
      await this.updateComplete;
      this.renderRoot.querySelector('textarea')?.select();
    }
  }
}
