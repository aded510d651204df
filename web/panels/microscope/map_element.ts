/** The map of a matrix: the error of each group, or the weights themselves, from which a group is chosen by
 * pointer, by arrow keys or by its numbers. Properties: `nRows`, `nCols`, `groupRmse` (nRows, groupsPerRow),
 * `groupsPerRow`, the chosen `group`, `hasError` (false: every weight is exact), and `fetchWeights`, which gives
 * the weights' cells, or null where they could not be had. Fires `choose-group` with the number of a group. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import '../../controls/picture/element.ts';
import { segments, segmentStyles, unequalSegmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { cellsOf, drawMap, groupAt, mapSize, type MapSize } from './map.ts';
import { mapStyles } from './map_styles.ts';

const WORDS = { en, ko };

export type Shown = 'error' | 'before' | 'after';
export type FetchWeights = (
  which: 'before' | 'after',
  size: MapSize,
) => Promise<Float32Array | null>;

@customElement('bitloss-weight-map')
export class WeightMap extends Panel {
  static override styles = [shared, segmentStyles, unequalSegmentStyles, mapStyles];

  @property({ attribute: false }) nRows = 1;
  @property({ attribute: false }) nCols = 1;
  @property({ attribute: false }) groupRmse = new Float32Array();
  @property({ attribute: false }) groupsPerRow = 1;
  @property({ attribute: false }) group = 0;
  @property({ attribute: false }) hasError = true;
  @property({ attribute: false }) fetchWeights: FetchWeights = async () => null;
  @state() private choice: Shown = 'error';
  /** What the canvas shows, once it is there. */
  @state() private picture: { shows: Shown; size: MapSize; cells: Float32Array } | null = null;
  #wanted = '';
  #isKeyed = false;
  readonly #size = new WidthController(this);

  get #shown(): Shown {
    return this.hasError ? this.choice : 'before';
  }

  /* ---- the picture ------------------------------------------------------------------------- */

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('groupRmse')) this.#wanted = '';
    const { width } = this.#size;
    if (width === 0) return;
    const shown = this.#shown;
    const wanted = `${shown} ${width}`;
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    const isError = shown === 'error';
    const size = mapSize(this.nRows, isError ? this.groupsPerRow : this.nCols, width);
    if (isError) {
      const cells = cellsOf(size, this.groupRmse, this.groupsPerRow);
      this.picture = { shows: shown, size, cells };
    } else void this.#fetch(wanted, shown, size);
  }

  async #fetch(wanted: string, which: 'before' | 'after', size: MapSize): Promise<void> {
    const { groupRmse } = this;
    const cells = await this.fetchWeights(which, size);
    if (wanted !== this.#wanted || groupRmse !== this.groupRmse) return;
    // They are asked for again when something else here changes.
    if (!cells) this.#wanted = '';
    else this.picture = { shows: which, size, cells };
  }

  /** What cost an arrow key a new picture of the same would be felt. */
  protected override updated(changed: PropertyValues): void {
    if (changed.has('picture')) this.#draw();
    if (!this.#isKeyed) return;
    this.#isKeyed = false;
    this.renderRoot.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }

  #draw(): void {
    const canvas = this.renderRoot.querySelector('canvas');
    if (!canvas || !this.picture) return;
    const { shows, size, cells } = this.picture;
    drawMap(canvas, size, cells, shows !== 'error');
  }

  /* ---- choosing a group -------------------------------------------------------------------- */

  #choose(row: number, at: number): void {
    const detail = row * this.groupsPerRow + at;
    if (detail !== this.group)
      this.dispatchEvent(new CustomEvent<number>('choose-group', { detail }));
  }

  #press(event: MouseEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    const size = mapSize(this.nRows, this.groupsPerRow, this.#size.width);
    const { row, group } = groupAt(size, this.groupRmse, this.groupsPerRow, x, y);
    this.#choose(row, group);
  }

  get #at() {
    return { row: Math.floor(this.group / this.groupsPerRow), at: this.group % this.groupsPerRow };
  }

  /** As in the picture: right and left is from row to row, up and down from group to group. */
  #move(event: KeyboardEvent): void {
    const { row, at } = this.#at;
    const last = this.nRows - 1;
    const next = {
      ArrowRight: [row + 1, at],
      ArrowLeft: [row - 1, at],
      ArrowDown: [row, at + 1],
      ArrowUp: [row, at - 1],
      Home: [0, event.ctrlKey ? 0 : at],
      End: [last, event.ctrlKey ? this.groupsPerRow - 1 : at],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    const [newRow, newAt] = next as [number, number];
    if (newRow < 0 || newRow > last || newAt < 0 || newAt >= this.groupsPerRow) return;
    this.#isKeyed = true;
    this.#choose(newRow, newAt);
  }

  override render() {
    const words = WORDS[this.language].map;
    const choices = (['error', 'before', 'after'] as const).map((value) => ({
      value,
      label: words.shown[value],
    }));
    return html`${
      this.hasError
        ? segments('shown', words.show, choices, this.choice, (value) => (this.choice = value))
        : nothing
    }
      <p class="small muted">${words.leads[this.#shown]} ${words.choose}</p>
      <div class="map">
        <canvas
          data-shows=${this.picture?.shows ?? nothing}
          aria-hidden="true"
          @click=${this.#press}
          @transitionend=${() => this.#draw()}
        ></canvas>
        ${this.#renderGrid()}
      </div>
      <bitloss-save-picture .language=${this.language} of=".map" name="map" label="${words.grid}: ${words.shown[this.#shown]}"></bitloss-save-picture>
      ${this.#renderNumbers()}`;
  }

  /** Only the chosen cell and its neighbours: there may be a million of them. */
  #renderGrid() {
    const words = WORDS[this.language].map;
    const { row, at } = this.#at;
    const near = (i: number, n: number) => [i - 1, i, i + 1].filter((x) => x >= 0 && x < n);
    return html`<div
      role="grid"
      aria-label=${words.grid}
      aria-rowcount=${this.groupsPerRow}
      aria-colcount=${this.nRows}
      @keydown=${this.#move}
    >
      ${repeat(
        near(at, this.groupsPerRow),
        (y) => y,
        (y) => html`<div role="row" aria-rowindex=${y + 1}>
          ${repeat(
            near(row, this.nRows),
            (x) => x,
            (x) => this.#renderCell(x, y, x === row && y === at),
          )}
        </div>`,
      )}
    </div>`;
  }

  #renderCell(row: number, at: number, isChosen: boolean) {
    const words = WORDS[this.language].map;
    const { format } = this;
    const size = this.nCols / this.groupsPerRow;
    const error = format.small(this.groupRmse[row * this.groupsPerRow + at]!);
    return html`<div
      role="gridcell"
      tabindex=${isChosen ? 0 : -1}
      aria-selected=${isChosen}
      aria-colindex=${row + 1}
      aria-label="${words.place(format.integer(row), format.integer(at * size), format.integer((at + 1) * size - 1))}, RMSE ${error}"
      style=${styleMap({
        left: `${(100 * (row + 0.5)) / this.nRows}%`,
        top: `${(100 * (at + 0.5)) / this.groupsPerRow}%`,
        width: `max(8px, ${100 / this.nRows}%)`,
        height: `max(8px, ${100 / this.groupsPerRow}%)`,
      })}
    ></div>`;
  }

  #renderNumbers() {
    const words = WORDS[this.language].map;
    const { format, groupsPerRow, nRows } = this;
    const { row, at } = this.#at;
    const size = this.nCols / groupsPerRow;
    const field = (
      name: string,
      label: string,
      value: number,
      n: number,
      take: (x: number) => void,
    ) =>
      html`<label>${label}
        <input type="number" name=${name} min="0" max=${n - 1} .value=${String(value)}
          @change=${(event: Event) => {
            const x = (event.target as HTMLInputElement).valueAsNumber;
            if (Number.isInteger(x) && x >= 0 && x < n) take(x);
          }} /></label>`;
    return html`<div class="choice">
      ${field('row', words.row, row, nRows, (x) => this.#choose(x, at))}
      ${groupsPerRow > 1 ? field('group', words.group, at, groupsPerRow, (x) => this.#choose(row, x)) : nothing}
      <b class="number">${words.place(format.integer(row), format.integer(at * size), format.integer((at + 1) * size - 1))}</b>
      <span class="small muted number">RMSE ${format.small(this.groupRmse[this.group]!)}</span>
    </div>`;
  }
}
