/** What a model is and would need, before it is downloaded: facts, whether it can be opened here, and its size and
 * memory under recipes. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { RecipeNeed } from '../../../wasm/outline.ts';
import { addressName } from '../../experiment/address.ts';
import type { ModelAddress } from '../../experiment/state.ts';
import type { Look } from '../../source/look.ts';
import { shared } from '../../styles/shared.ts';
import { fitsInto } from '../budget/plan.ts';
import { Panel } from '../panel.ts';
import { en } from './look.en.ts';
import { ko } from './look.ko.ts';

const WORDS = { en, ko };

/** Of the 4 GB that a module can have, what is left for a model and a session: the rest is the engine's own, a chunk
 * of a file and rows that are being converted. */
const PAGE_BYTES = 4 * 2 ** 30 - 64 * 2 ** 20;

const totalOf = ({ weightBytes, kvBytes, activationBytes }: RecipeNeed) =>
  weightBytes + kvBytes + activationBytes;

@customElement('bitloss-look')
export class LookPanel extends Panel {
  static override styles = [
    shared,
    css`
      .look {
        display: grid;
        gap: 14px;
        padding: 18px 20px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
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
      .scroll {
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: calc(0.875 * var(--rem));
      }
      th {
        font-weight: 520;
        color: var(--muted);
      }
      th,
      td {
        padding: 6px 12px 6px 0;
        border-bottom: 1px solid var(--line);
        text-align: right;
        white-space: nowrap;
      }
      th:first-child,
      td:first-child {
        text-align: left;
      }
      th:last-child,
      td:last-child {
        padding-right: 0;
      }
      table {
        overflow-wrap: normal;
      }
      .fits {
        font-weight: 540;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
      }
      @container (max-width: 588px) {
        .wide {
          display: none;
        }
        th,
        td {
          padding-right: 8px;
        }
      }
    `,
  ];

  @property({ attribute: false }) look!: Look;
  @property({ attribute: false }) address!: ModelAddress;

  override render() {
    const words = WORDS[this.language];
    const { format, t } = this;
    const { outline, nFiles, downloadBytes, bytesRead, ms } = this.look;
    const { info, needs, refused } = outline;
    const fact = (name: string, value: string, title = '') =>
      html`<div>
        <dt>${name}</dt>
        <dd class="number" title=${title || nothing}>${value}</dd>
      </div>`;
    const exact = (bytes: number) => t.lane.exactBytes(format.integer(bytes));
    const nContext = needs[0]?.nContext ?? 0;
    return html`<section class="look" aria-labelledby="look">
      <div>
        <h2 id="look">${info.name || addressName(this.address)}</h2>
        <p class="muted small">
          ${info.name ? html`<span class="mono">${addressName(this.address)}</span>. ` : nothing}${words.nothingYet}
        </p>
      </div>
      <dl>
        ${fact(words.family, info.architecture)}
        ${fact(words.parameters, format.parameters(info.nParams), format.integer(info.nParams))}
        ${fact(words.storedAs, info.storedAs)}
        ${fact(words.size, format.bytes(info.sourceBytes), exact(info.sourceBytes))}
        ${fact(words.context, words.contextValue(format.integer(info.maxContext)))}
        ${fact(words.files, words.filesValue(format.integer(nFiles), format.bytes(downloadBytes)), exact(downloadBytes))}
      </dl>
      ${this.#renderVerdict()}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">${words.recipe}</th>
              <th scope="col" class="wide">${words.bits}</th>
              <th scope="col">${words.weights}</th>
              <th scope="col">${words.memory}</th>
              <th scope="col">${words.runsIn}</th>
            </tr>
          </thead>
          <tbody>
            ${needs.map((need) => this.#renderNeed(need, exact))}
          </tbody>
        </table>
      </div>
      ${refused.map(
        ({ recipe, message }) =>
          html`<p class="sentence notice small">${t.problems.recipe(recipe, message)}</p>`,
      )}
      <p class="muted small">
        ${words.note(format.integer(nContext))} ${words.read(format.bytes(bytesRead), format.fixed(ms / 1000, 1))}
      </p>
      <div class="buttons">
        ${
          this.#opens
            ? html`<button class="primary" @click=${() => this.send({ type: 'accept-asked' })}>
              ${words.download(format.bytes(downloadBytes))}
            </button>`
            : nothing
        }
        <button @click=${() => this.send({ type: 'cancel-opening' })}>${words.close}</button>
      </div>
    </section>`;
  }

  /** What the page would begin with; where nothing fits, the smallest. */
  get #first(): RecipeNeed {
    const { outline, begins } = this.look;
    const needs = outline.needs.filter(({ recipe }) => begins.includes(recipe));
    const bySize = [...needs].sort((a, b) => a.weightBytes - b.weightBytes);
    return needs.find(({ weightBytes }) => weightBytes <= PAGE_BYTES) ?? bySize[0]!;
  }

  get #opens(): boolean {
    const { cannotRun, isEncoder } = this.look.outline;
    return !cannotRun && !isEncoder && this.#first.weightBytes <= PAGE_BYTES;
  }

  #renderVerdict() {
    const words = WORDS[this.language];
    const { format } = this;
    const { cannotRun, isEncoder } = this.look.outline;
    const { recipe, weightBytes } = this.#first;
    const total = totalOf(this.#first);
    const notice = (text: string) => html`<p class="sentence notice">${text}</p>`;
    if (isEncoder) return notice(words.encoder);
    if (cannotRun) return notice(words.cannotRun(cannotRun));
    if (weightBytes > PAGE_BYTES) return notice(words.tooLarge(recipe, format.bytes(weightBytes)));
    if (total > PAGE_BYTES) return notice(words.tight(recipe, format.bytes(total)));
    return html`<p>${words.opens(recipe, format.bytes(total))}</p>`;
  }

  #renderNeed(need: RecipeNeed, exact: (bytes: number) => string) {
    const words = WORDS[this.language];
    const { format } = this;
    const { recipe, weightBytes, kvBytes, activationBytes, bitsPerWeight } = need;
    const parts = words.memoryParts(
      format.bytes(weightBytes),
      format.bytes(kvBytes),
      format.bytes(activationBytes),
    );
    return html`<tr data-recipe=${recipe}>
      <td>${recipe === 'reference' ? words.asStored : html`<code>${recipe}</code>`}</td>
      <td class="number wide">${format.fixed(bitsPerWeight, 2)}</td>
      <td class="number" title=${exact(weightBytes)}>${format.bytes(weightBytes)}</td>
      <td class="number" title=${`${parts}: ${exact(totalOf(need))}`}>${format.bytes(totalOf(need))}</td>
      <td class="fits">${this.#placeFor(totalOf(need))}</td>
    </tr>`;
  }

  #placeFor(bytes: number): string {
    const words = WORDS[this.language];
    if (bytes <= PAGE_BYTES) return words.page;
    const [least] = fitsInto(bytes);
    return least === undefined ? words.nowhere : words.computer(String(least));
  }
}
