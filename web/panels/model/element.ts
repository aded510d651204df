/** What the open model is, and whether it is a fair reference. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { noteStyles, notes } from '../../controls/notes.ts';
import { Panel } from '../panel.ts';
import type { ListedModel } from '../../source/listed.ts';
import type { Figures } from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

/** "q4_1" -> 4, "affine:8:64" -> 8: the bits of a code, as the format's own name says. */
function bitsOf(format: string): number {
  return Number(/\d+/.exec(format)?.[0] ?? 0);
}

const WORDS = { en, ko };

@customElement('bitloss-model')
export class ModelPanel extends Panel {
  static override styles = [
    shared,
    noteStyles,
    css`
      .strip {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 10px 36px;
      }
      .title {
        flex: 1 1 260px;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 10px 32px;
      }
      dt {
        font-size: calc(0.8125 * var(--rem));
        color: var(--muted);
      }
      dd {
        font-weight: 540;
      }
      .sentence {
        margin-top: 14px;
      }
    `,
  ];

  @property({ attribute: false }) figures!: Figures;
  /** The file or repository it came from. */
  @property({ attribute: false }) origin = '';
  /** Its entry, when it came from the site's own list. */
  @property({ attribute: false }) entry: ListedModel | undefined;

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    const words = this.#words;
    const { t, format } = this;
    const { info, storedAs } = this.figures;
    const fact = (name: string, value: string, title = '') =>
      html`<div>
        <dt>${name}</dt>
        <dd class="number" title=${title || nothing}>${value}</dd>
      </div>`;
    const name = info.name || this.entry?.name || this.origin;
    const note = this.entry?.[`note_${this.language}`];
    return html`<div class="strip">
        <div class="title">
          <h2>${name}</h2>
          ${
            note
              ? html`<p class="small muted">${note}</p>`
              : name !== this.origin
                ? html`<p class="small muted mono">${this.origin}</p>`
                : nothing
          }
        </div>
        <dl>
          ${fact(words.architecture, info.architecture)}
          ${fact(words.parameters, format.parameters(info.nParams), words.parametersExact(format.integer(info.nParams)))}
          ${fact(words.shape, words.shapeValue(format.integer(info.nLayers), format.integer(info.dim)))}
          ${fact(words.storedAs, storedAs)}
          ${fact(words.size, format.bytes(info.sourceBytes), t.lane.exactBytes(format.integer(info.sourceBytes)))}
        </dl>
        <slot></slot>
      </div>
      ${
        info.alreadyQuantized
          ? html`<p class="sentence notice">${words.alreadyQuantized(bitsOf(storedAs), storedAs)}</p>`
          : nothing
      }
      ${info.hasTokenizer ? nothing : html`<p class="sentence notice">${words.noTokenizer}</p>`}
      ${notes(t, info.notes)}`;
  }
}
