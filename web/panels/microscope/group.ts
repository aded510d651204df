/** Weights that share a scale: each as it was and as it became, the format's grid over them, whose scale and
 * zero are lines that can be dragged away from where the format puts them, a weight's way to its code and
 * back, and what is stored. Properties: `weights` and `converted` of a group, the `row` that holds them and
 * where in it they begin (`from`), and `section`: in formats with nested scales, which of the group's sections. Fires
 * `choose-section` with its number. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { StoredRow } from '../../../wasm/measure_types.ts';
import '../../controls/picture/element.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { withMinus } from '../../format.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { axisOf, bars, HEIGHT, MAX_BARS, type Axis } from './bars.ts';
import './bytes.ts';
import { en } from './en.ts';
import { furthest, isEven, moved, ownGrid, rmse, valuesOn, type Grid } from './grid.ts';
import { groupStyles } from './group_styles.ts';
import { ko } from './ko.ts';
import type { Described } from './described.ts';
import { LAYOUTS } from './layouts.ts';
import { bitText, type Place } from './stored.ts';

const WORDS = { en, ko };

/** What can be dragged. */
type Handle = 'scale' | 'zero';

/** How far the scale may be taken, as a multiple of its own; the zero goes half of the grid either way. */
const FACTORS = [0.3, 2.5] as const;
const REACH = 0.5;
/** Half the height of what a line is held by, which stays within the picture. */
const GRIP = 15;
/** Steps of an arrow key, of which there are 5 in a long one. */
const FACTOR_STEP = 0.02;
const SHIFT_STEP = 0.01;

const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));

/** The arrow keys' direction, times 5 for the page keys. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: 5,
  PageDown: -5,
};

@customElement('bitloss-weight-group')
export class WeightGroup extends Panel {
  static override styles = [shared, groupStyles];

  @property({ attribute: false }) weights: readonly number[] = [];
  @property({ attribute: false }) converted: readonly number[] = [];
  @property({ attribute: false }) row: StoredRow | null = null;
  @property({ attribute: false }) from = 0;
  @property({ attribute: false }) nCols = 0;
  @property({ attribute: false }) section = 0;
  /** The scale as a multiple of the format's, and how far the grid is shifted, as a share of its length. */
  @state() private factor = 1;
  @state() private shift = 0;
  @state() private chosen = 0;
  #described: Described | null = null;
  #grid: Grid | null = null;
  #isEven = false;
  /** The weights of the part, as they were and as the format makes them. */
  #was: readonly number[] = [];
  #became: readonly number[] = [];
  #axis: Axis = axisOf([]);
  /** Where the pointer is that drags, until the next frame. */
  #pointer: { handle: Handle; fraction: number } | null = null;
  readonly #size = new WidthController(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.row || !(changed.has('row') || changed.has('weights') || changed.has('section')))
      return;
    const layout = LAYOUTS[this.row.codec]!;
    const n = this.#nShared;
    const first = n * this.section;
    this.#described = layout.describe(this.row, this.nCols, this.from + first);
    this.#was = this.weights.slice(first, first + n);
    this.#became = this.converted.slice(first, first + n);
    this.#grid = ownGrid(this.row, this.#described);
    this.#isEven = this.#grid !== null && isEven(this.#grid.levels);
    this.#axis = axisOf([...this.#was, ...this.#became, ...this.#ends]);
    this.#reset();
    this.chosen = Math.min(this.chosen, n - 1);
  }

  get #nShared(): number {
    return Math.min(this.weights.length, LAYOUTS[this.row!.codec]!.nShared(this.row!, this.nCols));
  }

  get #ends(): number[] {
    const grid = this.#grid;
    if (!grid) return [];
    const levels = grid.levels.filter(Number.isFinite);
    return [Math.min(...levels), Math.max(...levels)].map((x) => x * grid.scale + grid.bias);
  }

  /* ---- moving the grid --------------------------------------------------------------------- */

  #reset(): void {
    this.#pointer = null;
    this.factor = 1;
    this.shift = 0;
  }

  get #isOwn(): boolean {
    return this.factor === 1 && this.shift === 0;
  }

  /** From the grid's lowest level to its highest. */
  get #length(): number {
    const [low, high] = this.#ends;
    return Math.abs(high! - low!);
  }

  #movedGrid(own: Grid): Grid {
    if (this.#isOwn) return own;
    return moved(this.#was, own, own.scale * this.factor, own.bias + this.shift * this.#length);
  }

  #move(handle: Handle, value: number): void {
    if (handle === 'scale') this.factor = clamp(value, ...FACTORS);
    else this.shift = clamp(value, -REACH, REACH);
  }

  /** Once for a frame, however often the pointer was seen to move. */
  #drag(handle: Handle, event: PointerEvent): void {
    const box = this.renderRoot.querySelector('.picture')!.getBoundingClientRect();
    const isFirst = this.#pointer === null;
    this.#pointer = { handle, fraction: clamp((event.clientY - box.top) / box.height, 0, 1) };
    if (isFirst) requestAnimationFrame(() => this.#follow());
  }

  #follow(): void {
    const own = this.#grid;
    if (!this.#pointer || !own) return;
    const { handle, fraction } = this.#pointer;
    this.#pointer = null;
    const value = this.#axis.at(fraction);
    const bias = own.bias + this.shift * this.#length;
    if (handle === 'zero') this.#move('zero', (value - own.bias) / this.#length);
    else this.#move('scale', (value - bias) / (furthest(own.levels) * own.scale));
  }

  #press(handle: Handle, event: KeyboardEvent): void {
    const { key } = event;
    const ends = handle === 'scale' ? FACTORS : ([-REACH, REACH] as const);
    const now = handle === 'scale' ? this.factor : this.shift;
    // Upwards in the picture, where a negative scale makes the line fall as it grows.
    const sign = handle === 'scale' && this.#isUpsideDown ? -1 : 1;
    const step = sign * (handle === 'scale' ? FACTOR_STEP : SHIFT_STEP);
    if (key === 'Escape') this.#reset();
    else if (key === 'Home') this.#move(handle, ends[0]);
    else if (key === 'End') this.#move(handle, ends[1]);
    else if (STEPS[key]) this.#move(handle, Number((now + STEPS[key] * step).toFixed(4)));
    else return;
    event.preventDefault();
  }

  get #isUpsideDown(): boolean {
    return this.#grid !== null && furthest(this.#grid.levels) * this.#grid.scale < 0;
  }

  /* ---- drawing ----------------------------------------------------------------------------- */

  override render() {
    const described = this.#described;
    const { row } = this;
    if (!described || !row || this.#was.length === 0) return nothing;
    const words = WORDS[this.language];
    const own = this.#grid;
    const grid = own && this.#movedGrid(own);
    const converted = grid && !this.#isOwn ? valuesOn(grid) : this.#became;
    const error = this.#errorText(converted);
    return html`${this.#renderSections()}
      <p class="small muted">${words.bars}</p>
      ${this.#renderPicture(converted, own, grid, error)}
      <bitloss-save-picture .language=${this.language} of=".picture" name="group" label=${words.grid}></bitloss-save-picture>
      <p class="number error-now">${error}</p>
      ${grid ? this.#renderReadings(grid) : html`<p class="sentence notice">${described.levels.length > 0 ? words.zeroScale : words.noGrid}</p>`}
      ${this.#renderWeight(converted, grid)}
      <bitloss-group-bytes
        .language=${this.language}
        .row=${row}
        .described=${described}
        .chosen=${this.chosen}
      ></bitloss-group-bytes>`;
  }

  /** The parts of a block that have scales of their own. */
  #renderSections() {
    const n = this.#nShared;
    const nSections = this.weights.length / n;
    if (nSections <= 1) return nothing;
    const words = WORDS[this.language];
    const layout = LAYOUTS[this.row!.codec]!;
    const small = (section: number) =>
      layout
        .describe(this.row!, this.nCols, this.from + section * n)
        .numbers.filter(({ name }) => name === 'subScale' || name === 'subMin')
        .map(({ value }) => value);
    const all = Array.from({ length: nSections }, (_, section) => small(section));
    const choose = (section: number) =>
      this.dispatchEvent(new CustomEvent<number>('choose-section', { detail: section }));
    return html`<fieldset class="sections">
      <legend>${words.sections(String(n), all[0]!.length > 1)}</legend>
      <div>
        ${all.map(
          (values, section) => html`<label>
            <input type="radio" name="section" .checked=${section === this.section} @change=${() => choose(section)} />
            <span
              ><span class="visually-hidden">${words.section(String(section * n), String((section + 1) * n - 1))}</span>${values.map(
                (value) => html`<b class="number">${String(value).replace('-', '−')}</b>`,
              )}</span
            >
          </label>`,
        )}
      </div>
    </fieldset>`;
  }

  #renderPicture(converted: readonly number[], own: Grid | null, grid: Grid | null, error: string) {
    const width = Math.max(200, this.#size.width);
    const n = Math.min(MAX_BARS, this.#was.length);
    const choose = (event: MouseEvent) => {
      const box = (event.currentTarget as SVGElement).getBoundingClientRect();
      this.chosen = clamp(Math.floor(((event.clientX - box.left) / box.width) * n), 0, n - 1);
    };
    return html`<div class="picture">
      <svg viewBox="0 0 ${width} ${HEIGHT}" width=${width} height=${HEIGHT} aria-hidden="true" @click=${choose}>
        ${bars(this.#was, converted, grid, this.#axis, this.chosen, width)}
      </svg>
      ${own && grid ? [this.#renderHandle('scale', own, grid, error), this.#renderHandle('zero', own, grid, error)] : nothing}
    </div>`;
  }

  #renderHandle(handle: Handle, own: Grid, grid: Grid, error: string) {
    const isScale = handle === 'scale';
    const [now, [low, high]] = isScale
      ? [this.factor, FACTORS]
      : [this.shift, [-REACH, REACH] as const];
    const value = grid.bias + (isScale ? furthest(own.levels) * grid.scale : 0);
    const name = this.#nameOf(handle);
    const down = (event: PointerEvent) => {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      (event.currentTarget as HTMLElement).focus();
      // Its own double click would select the words beside it.
      event.preventDefault();
    };
    const drag = (event: PointerEvent) => {
      if ((event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId))
        this.#drag(handle, event);
    };
    return html`<div
      class="handle ${handle}"
      role="slider"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${name}
      aria-valuemin=${low}
      aria-valuemax=${high}
      aria-valuenow=${now}
      aria-valuetext="${this.#reading(handle, grid)}. ${error}"
      style=${styleMap({ transform: `translateY(${clamp(this.#axis.y(value), GRIP, HEIGHT - GRIP).toFixed(1)}px)` })}
      @pointerdown=${down}
      @pointermove=${drag}
      @dblclick=${() => this.#reset()}
      @keydown=${(event: KeyboardEvent) => this.#press(handle, event)}
    >
      <span>${name}</span>
    </div>`;
  }

  #nameOf(handle: Handle): string {
    const words = WORDS[this.language];
    return handle === 'scale' ? words.scale : words.shifts[this.#described!.shift];
  }

  /** A scale, a bias, or the code that 0 has. */
  #reading(handle: Handle, grid: Grid): string {
    const words = WORDS[this.language];
    const { format } = this;
    if (handle === 'scale') return this.#small(grid.scale);
    if (this.#described!.shift !== 'zero' || !this.#isEven) return this.#small(grid.bias);
    // Codes in two's complement begin at 0, the others at their lowest level.
    const first = Math.min(0, grid.levels[0]!);
    return words.zeroValue(format.fixed(-grid.bias / grid.scale - first, 2));
  }

  #errorText(converted: readonly number[]): string {
    const words = WORDS[this.language];
    const { format } = this;
    const own = rmse(this.#was, this.#became);
    if (!this.#grid) return `RMSE ${format.small(own)}.`;
    if (this.#isOwn) return words.rmseOwn(format.small(own));
    const now = rmse(this.#was, converted);
    const times = own > 0 ? format.small(now / own) : '∞';
    return words.rmseNow(format.small(now), format.small(own), times);
  }

  #renderReadings(grid: Grid): TemplateResult {
    const words = WORDS[this.language];
    return html`<p class="readings">
      <span>${words.scale} <b class="number">${this.#reading('scale', grid)}</b></span>
      <span>${this.#nameOf('zero')} <b class="number">${this.#reading('zero', grid)}</b></span>
      <button aria-disabled=${this.#isOwn} @click=${() => this.#reset()}>${words.ownGrid}</button>
      <span class="small muted">${words.handles}</span>
    </p>`;
  }

  #small(value: number): string {
    return withMinus(this.format.small(value + 0));
  }

  #renderWeight(converted: readonly number[], grid: Grid | null) {
    const words = WORDS[this.language];
    const { format, chosen } = this;
    return html`<div class="way">
      <label
        ><span>${words.weight} <b class="number">${format.integer(chosen)}</b></span>
        <input type="range" name="weight" min="0" max=${this.#was.length - 1} step="1" .value=${String(chosen)}
          @input=${(event: Event) => (this.chosen = (event.target as HTMLInputElement).valueAsNumber)} />
      </label>
      <h4 class="visually-hidden">${words.formula}</h4>
      <dl class="mono">${this.#renderSteps(this.#was[chosen]!, converted[chosen]!, grid)}</dl>
    </div>`;
  }

  /** The formula with this group's numbers in it. */
  #renderSteps(was: number, became: number, grid: Grid | null) {
    const words = WORDS[this.language];
    const small = (value: number) => this.#small(value);
    const plus = (value: number) => (value < 0 ? `− ${small(-value)}` : `+ ${small(value)}`);
    const step = (name: string, text: unknown, look = '') =>
      html`<div><dt>${name}</dt><dd class=${look}>${text}</dd></div>`;
    const place: Place = this.#described!.codes[this.chosen]!;
    const off = step(words.steps.off, small(became - was), 'off');
    if (!grid)
      return html`${step('w', small(was))}
        ${step(words.steps.bits, html`<b class="code">${bitText(this.row!, place)}</b>`)}
        ${step(words.steps.back, small(became))} ${off}`;
    const code = grid.codes[this.chosen]!;
    const level = grid.levels[code]!;
    const shown = Number.isInteger(level) ? String(level).replace('-', '−') : small(level);
    const bias = grid.bias === 0 ? null : grid.bias;
    const over = bias === null ? small(was) : `(${small(was)} ${plus(-bias)})`;
    const bits = code.toString(2).padStart(place.bits.length, '0');
    const steps = small((was - grid.bias) / grid.scale);
    return html`${step('w', small(was))}
      ${step(words.steps.divide, `${over} ÷ ${small(grid.scale)} = ${steps}`)}
      ${step(words.steps.round, html`${shown}, ${words.steps.code} <b class="code">${bits}</b>`)}
      ${step(words.steps.back, `${shown} × ${small(grid.scale)} ${bias === null ? '' : plus(bias)} = ${small(became)}`)}
      ${off}`;
  }
}
