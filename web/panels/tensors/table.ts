/** Every tensor of one lane, sortable by any column. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { TensorInfo } from '../../../wasm/types.ts';
import { Panel } from '../panel.ts';
import type { Lane } from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

type Column = 'name' | 'shape' | 'format' | 'size' | 'snr' | 'rmse' | 'maxAbs';

/** What a column is sorted by. Tensors without an error stand as the most exact ones. */
const KEYS: Record<Column, (tensor: TensorInfo) => number | string> = {
  name: (tensor) => tensor.name,
  shape: (tensor) => tensor.nRows * tensor.nCols,
  format: (tensor) => tensor.format,
  size: (tensor) => tensor.sizeBytes,
  snr: (tensor) => (tensor.error.n > 0 ? tensor.error.snrDb : Infinity),
  rmse: (tensor) => (tensor.error.n > 0 ? tensor.error.rmse : 0),
  maxAbs: (tensor) => (tensor.error.n > 0 ? tensor.error.maxAbs : 0),
};

const WORDS = { en, ko };

@customElement('bitloss-tensor-table')
export class TensorTable extends Panel {
  static override styles = [
    shared,
    css`
      .scroll {
        overflow: auto;
        max-height: 60vh;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--surface);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: calc(0.8125 * var(--rem));
        font-variant-numeric: tabular-nums;
      }
      th {
        position: sticky;
        top: 0;
        background: var(--surface);
        box-shadow: inset 0 -1px var(--edge);
        text-align: right;
        padding: 0;
      }
      th button.plain {
        width: 100%;
        min-height: 38px;
        padding: 0 12px;
        border: 0;
        border-radius: 0;
        justify-content: flex-end;
        font-size: calc(0.8125 * var(--rem));
      }
      td {
        padding: 5px 12px;
        text-align: right;
        white-space: nowrap;
        border-top: 1px solid var(--line);
      }
      th:first-child button.plain {
        justify-content: flex-start;
      }
      button.look {
        min-height: 28px;
        padding: 0;
        font: inherit;
        text-decoration: underline;
        text-decoration-color: var(--edge);
        text-underline-offset: 3px;
      }
      td:first-child {
        text-align: left;
        font-family: var(--mono);
        font-size: calc(0.75 * var(--rem));
      }
      @container (max-width: 588px) {
        td:first-child,
        button.look {
          min-width: 13em;
          white-space: normal;
          overflow-wrap: anywhere;
          text-align: left;
        }
      }
    `,
  ];

  /** Has figures. */
  @property({ attribute: false }) lane!: Lane;
  @state() private column: Column = 'snr';
  @state() private descending = false;

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    const words = this.#words;
    const columns = Object.keys(KEYS) as Column[];
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.details}>
      <table>
        <thead>
          <tr>
            ${columns.map((column) => {
              const active = column === this.column;
              const arrow = active ? (this.descending ? '↓' : '↑') : '';
              return html`<th scope="col" aria-sort=${active ? (this.descending ? 'descending' : 'ascending') : nothing}>
                <button class="plain" @click=${() => this.#sortBy(column)}>
                  ${words.columns[column]} <span aria-hidden="true">${arrow}</span>
                </button>
              </th>`;
            })}
          </tr>
        </thead>
        <tbody>
          ${this.#sorted().map((tensor) => this.#renderRow(tensor))}
        </tbody>
      </table>
    </div>`;
  }

  #renderRow(tensor: TensorInfo) {
    const words = this.#words;
    const { format } = this;
    const { error } = tensor;
    const measured = error.n > 0;
    const snr = error.snrDb === Infinity ? '∞' : format.fixed(error.snrDb, 1);
    return html`<tr>
      <td>
        ${
          tensor.nRows > 1
            ? html`<button
              class="plain look"
              aria-label=${words.look(tensor.name)}
              @click=${() => this.send({ type: 'look-at', lane: this.lane.id, tensor: tensor.name })}
            >
              ${tensor.name}
            </button>`
            : tensor.name
        }
      </td>
      <td>${tensor.nRows > 1 ? `${tensor.nRows} × ` : ''}${tensor.nCols}</td>
      <td>${tensor.format}</td>
      <td>${format.integer(tensor.sizeBytes)}</td>
      ${
        measured
          ? html`<td>${snr}</td>
            <td>${format.small(error.rmse)}</td>
            <td>${format.small(error.maxAbs)}</td>`
          : html`<td colspan="3" class="muted">${words.unchanged}</td>`
      }
    </tr>`;
  }

  #sorted(): TensorInfo[] {
    const key = KEYS[this.column];
    const sign = this.descending ? -1 : 1;
    return [...this.lane.figures!.tensors].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (typeof x === 'string') return sign * x.localeCompare(String(y), 'en', { numeric: true });
      return x === y ? 0 : sign * (x < Number(y) ? -1 : 1);
    });
  }

  #sortBy(column: Column): void {
    this.descending = column === this.column ? !this.descending : false;
    this.column = column;
  }
}
