/** One lane's map: the SNR of every converted matrix. */
import { css, html, nothing, svg, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { TensorInfo } from '../../../wasm/types.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { relativeError } from '../../format.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import { isStale, type Lane } from '../../experiment/state.ts';
import { mapStyles } from '../../styles/map.ts';
import { badge, shared } from '../../styles/shared.ts';
import { toGrid, type Grid } from './grid.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

const LABEL = 68;
const CELL_HEIGHT = 18;
const GAP = 1.5;

/** From full colour at this SNR and below, to none at the other end and above. One scale for all
 * lanes and models, so that colours can be compared. */
export const SCALE_DB = { worst: 5, best: 50 };

export function shade(snrDb: number): number {
  const share = (SCALE_DB.best - snrDb) / (SCALE_DB.best - SCALE_DB.worst);
  return Math.min(1, Math.max(0.03, share));
}

const WORDS = { en, ko };

@customElement('bitloss-heatmap')
export class Heatmap extends Panel {
  static override styles = [
    shared,
    badge,
    mapStyles,
    css`
      h3 {
        display: flex;
        align-items: center;
        gap: 10px;
        font-size: calc(0.9375 * var(--rem));
        font-weight: 600;
        margin-bottom: 8px;
      }
      svg {
        display: block;
        width: 100%;
        border-radius: 4px;
      }
      svg[data-stale] {
        opacity: 0.5;
      }
      output {
        display: block;
        min-height: 2.9em;
        margin-top: 8px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) lane!: Lane;
  /** Row and column under the pointer or the keyboard. */
  @state() private cursor: { row: number; column: number } | null = null;

  readonly #size = new WidthController(this);
  #grid: Grid = { nLayers: 0, rows: [] };

  get #words() {
    return WORDS[this.language];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('lane')) return;
    const before = changed.get('lane');
    if (before?.figures === this.lane.figures) return;
    this.#grid = toGrid(this.lane.figures?.tensors ?? []);
    const { cursor } = this;
    if (cursor && !this.#grid.rows[cursor.row]?.cells[cursor.column]) this.cursor = null;
  }

  override render() {
    const words = this.#words;
    const { t, lane } = this;
    const { rows } = this.#grid;
    const name = `${laneName(t, lane.id)} · ${lane.figures?.recipe ?? lane.recipe}`;
    const { width } = this.#size;
    const height = Math.max(1, rows.length * CELL_HEIGHT);
    return html`<h3 style=${styleMap({ '--lane': laneColor(lane.id) })}>
        <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span>${name}
      </h3>
      <svg
        viewBox="0 0 ${Math.max(width, LABEL + 1)} ${height}"
        height=${height}
        tabindex="0"
        role="group"
        aria-label=${words.mapLabel(name)}
        ?data-stale=${isStale(lane)}
        @keydown=${this.#keydown}
        @pointerleave=${() => (this.cursor = null)}
      >
        ${(width > LABEL ? rows : []).map(
          (row, r) => svg`<text x="0" y=${r * CELL_HEIGHT + 13}>${this.#kindName(row.kind)}</text>
            ${row.cells.map((tensor, c) => (tensor ? this.#renderCell(tensor, r, c) : nothing))}`,
        )}
        ${
          this.cursor
            ? svg`<rect class="cursor" rx="2" x=${this.#cellX(this.cursor.row, this.cursor.column)}
          y=${this.cursor.row * CELL_HEIGHT + GAP / 2} width=${this.#cellWidth(this.cursor.row)} height=${CELL_HEIGHT - GAP} />`
            : nothing
        }
      </svg>
      <output class="small muted number" aria-live="polite">${this.#readout()}</output>`;
  }

  #renderCell(tensor: TensorInfo, row: number, column: number) {
    const x = this.#cellX(row, column);
    const y = row * CELL_HEIGHT + GAP / 2;
    const width = this.#cellWidth(row);
    const height = CELL_HEIGHT - GAP;
    const opacity = tensor.error.snrDb === Infinity ? 0 : shade(tensor.error.snrDb);
    return svg`<rect class="back" x=${x} y=${y} width=${width} height=${height} rx="2" />
      <rect class="cell" x=${x} y=${y} width=${width} height=${height} rx="2" fill-opacity=${opacity.toFixed(3)}
        @pointerenter=${() => (this.cursor = { row, column })} />`;
  }

  /** What the model has once takes the whole width. */
  #cellWidth(row: number): number {
    const { rows, nLayers } = this.#grid;
    const single = rows[row]!.cells.length === 1 && nLayers !== 1;
    return (this.#size.width - LABEL) / (single ? 1 : Math.max(1, nLayers)) - GAP;
  }

  #cellX(row: number, column: number): number {
    return LABEL + column * (this.#cellWidth(row) + GAP);
  }

  #kindName(kind: string): string {
    const { kinds } = this.#words;
    if (kind === 'embed') return kinds.embed;
    return kind === 'head' ? kinds.head : kind;
  }

  #readout(): string {
    const words = this.#words;
    const { t, cursor, lane, format } = this;
    const tensor = cursor && this.#grid.rows[cursor.row]?.cells[cursor.column];
    if (tensor) {
      const { snrDb } = tensor.error;
      if (snrDb === Infinity) return words.cellExact(tensor.name, tensor.format);
      return words.cell(
        tensor.name,
        tensor.format,
        format.fixed(snrDb, 1),
        format.percent(relativeError(snrDb)),
      );
    }
    const converted = lane.figures?.tensors.filter((one) => one.converted && one.error.n > 0) ?? [];
    if (converted.length === 0) return t.lane.noErrorNote;
    const worst = converted.reduce((a, b) => (b.error.snrDb < a.error.snrDb ? b : a));
    return worst.error.snrDb === Infinity
      ? t.lane.noErrorNote
      : words.worst(worst.name, format.fixed(worst.error.snrDb, 1));
  }

  #keydown(event: KeyboardEvent): void {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
      event.key
    ];
    const { rows } = this.#grid;
    if (!step || rows.length === 0) return;
    event.preventDefault();
    const from = this.cursor ?? { row: 0, column: 0 };
    const [dRow, dColumn] = this.cursor ? step : [0, 0];
    const row = Math.min(rows.length - 1, Math.max(0, from.row + dRow!));
    const column = Math.min(rows[row]!.cells.length - 1, Math.max(0, from.column + dColumn!));
    this.cursor = { row, column };
  }
}
