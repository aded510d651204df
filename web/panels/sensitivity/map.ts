/** The map of a model: how much each matrix hurts when it alone is quantized. */
import { css, html, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { estimate } from '../../controls/estimate.ts';
import { WidthController } from '../../controls/width.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { Panel } from '../panel.ts';
import { mapStyles } from '../../styles/map.ts';
import { shared } from '../../styles/shared.ts';
import { shadeOf, toGrid, type UnitGrid } from './grid.ts';
import { klOf, ranking, type UnitResult } from './run.ts';

const WORDS = { en, ko };
const CELL_HEIGHT = 22;
const GAP = 2;
const CHAR_WIDTH = 7.2;
/** A cell at least this wide has its rank written in it. */
const RANK_WIDTH = 24;

@customElement('bitloss-unit-map')
export class UnitMap extends Panel {
  static override styles = [
    shared,
    mapStyles,
    css`
      svg {
        display: block;
        width: 100%;
      }
      .rank {
        font-size: 11px;
        fill: var(--ink);
        font-variant-numeric: tabular-nums;
        pointer-events: none;
        paint-order: stroke;
        stroke: var(--surface);
        stroke-width: 3px;
      }
      .scale {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 2px 8px;
        margin-top: 10px;
        white-space: nowrap;
      }
      .ramp {
        flex: 0 1 160px;
        height: 10px;
        border-radius: 3px;
        background: linear-gradient(90deg, color-mix(in srgb, var(--error) 6%, var(--track)), var(--error));
      }
      output {
        display: block;
        min-height: 2.9em;
        margin-top: 6px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) results: readonly UnitResult[] = [];
  @state() private cursor: { row: number; column: number } | null = null;
  readonly #size = new WidthController(this);

  override render() {
    const words = WORDS[this.language];
    const grid = toGrid(this.results);
    const ranked = ranking(this.results);
    const positive = ranked.map((result) => klOf(result)!).filter((kl) => kl > 0);
    const [greatest, least] = [positive[0] ?? 0, positive.at(-1) ?? 0];
    const label = 8 + CHAR_WIDTH * Math.max(...grid.rows.map(({ kind }) => kind.length), 1);
    const { width } = this.#size;
    const height = Math.max(1, grid.rows.length * CELL_HEIGHT);
    const placeOf = (row: number, column: number) => {
      // What the model has once takes the whole width.
      const n = grid.rows[row]!.cells.length === 1 ? 1 : Math.max(1, grid.nLayers);
      const step = (width - label) / n;
      return {
        x: label + column * step,
        y: row * CELL_HEIGHT,
        width: Math.max(1, step - GAP),
        height: CELL_HEIGHT - GAP,
      };
    };
    const cell = (result: UnitResult, row: number, column: number) => {
      const kl = klOf(result);
      const at = placeOf(row, column);
      const shade = kl === null ? 0 : shadeOf(kl, least, greatest);
      const rank = ranked.indexOf(result);
      return svg`<g @pointerenter=${() => (this.cursor = { row, column })}>
        <rect class="back" x=${at.x} y=${at.y} width=${at.width} height=${at.height} rx="2" />
        <rect class="cell" x=${at.x} y=${at.y} width=${at.width} height=${at.height} rx="2" fill-opacity=${shade.toFixed(3)} />
        ${
          rank >= 0 && rank < 10 && at.width >= RANK_WIDTH
            ? svg`<text class="rank" x=${at.x + at.width / 2} y=${at.y + 14} text-anchor="middle">${rank + 1}</text>`
            : nothing
        }
      </g>`;
    };
    return html`<svg viewBox="0 0 ${Math.max(width, 1)} ${height}" height=${height} tabindex="0" role="group"
        aria-label=${words.mapLabel} @keydown=${(event: KeyboardEvent) => this.#keydown(event, grid)} @pointerleave=${() => (this.cursor = null)}>
        ${(width > label ? grid.rows : []).map(
          (row, r) => svg`<text x="0" y=${r * CELL_HEIGHT + 15}>${row.kind}</text>
            ${row.cells.map((result, c) => (result ? cell(result, r, c) : nothing))}`,
        )}
        ${this.cursor && width > label ? cursorMark(placeOf(this.cursor.row, this.cursor.column)) : nothing}
      </svg>
      ${
        positive.length > 0
          ? html`<p class="scale small muted number">
            <span>${this.format.small(least)}</span><span class="ramp" aria-hidden="true"></span><span>${this.format.small(greatest)}</span>
            <span>${words.scale}</span>
          </p>`
          : nothing
      }
      <output class="small muted number" aria-live="polite">${this.#readout(grid, ranked)}</output>`;
  }

  #readout(grid: UnitGrid, ranked: readonly UnitResult[]): string {
    const words = WORDS[this.language];
    const { cursor, format } = this;
    const result = cursor && grid.rows[cursor.row]?.cells[cursor.column];
    if (!result) return words.layersAcross;
    if (!result.stats) return words.notYet(result.unit.pattern);
    const rank = ranked.indexOf(result) + 1;
    return words.cell(
      result.unit.pattern,
      estimate(format, result.stats.klMean),
      format.integer(rank),
      format.integer(ranked.length),
    );
  }

  #keydown(event: KeyboardEvent, { rows }: UnitGrid): void {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
      event.key
    ];
    if (!step || rows.length === 0) return;
    event.preventDefault();
    const from = this.cursor ?? { row: 0, column: 0 };
    const [dRow, dColumn] = this.cursor ? step : [0, 0];
    const row = Math.min(rows.length - 1, Math.max(0, from.row + dRow!));
    const column = Math.min(rows[row]!.cells.length - 1, Math.max(0, from.column + dColumn!));
    this.cursor = { row, column };
  }
}

function cursorMark({
  x,
  y,
  width,
  height,
}: {
  x: number;
  y: number;
  width: number;
  height: number;
}) {
  return svg`<rect class="cursor" rx="2" x=${x} y=${y} width=${width} height=${height} />`;
}
