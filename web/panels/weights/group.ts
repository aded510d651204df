/** One group of weights: each as it was and as it became, the format's grid over them, which can be moved,
 * a weight's way to its code and back, and the bytes that the codes are packed into. Properties: `weights`
 * and `converted` of the group, and `nCodes`, how many codes there are. */
import { html, nothing, svg, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { WidthController } from '../../controls/width.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { en } from './en.ts';
import { gridOf, moved, packed, reconstruct, rmse, type Grid } from './grids.ts';
import { groupStyles } from './group_styles.ts';
import { ko } from './ko.ts';

const WORDS = { en, ko };
const HEIGHT = 220;
/** More levels than this would cover what is under them. */
const MAX_LINES = 32;
/** Groups as long as a row are cut off here: their bars would be too thin to see. */
const MAX_BARS = 256;

/** Neighbouring bits of one weight together. */
function runs(byte: readonly { owner: number; bit: number }[]) {
  const found: { owner: number; bits: string }[] = [];
  for (const { owner, bit } of byte) {
    const last = found.at(-1);
    if (last?.owner === owner) last.bits += bit;
    else found.push({ owner, bits: String(bit) });
  }
  return found;
}

@customElement('bitloss-weight-group')
export class WeightGroup extends Panel {
  static override styles = [shared, groupStyles];

  @property({ attribute: false }) weights: readonly number[] = [];
  @property({ attribute: false }) converted: readonly number[] = [];
  @property({ attribute: false }) nCodes = 0;
  /** The scale as a multiple of the format's, and how far the grid is shifted, in steps. */
  @state() private factor = 1;
  @state() private shift = 0;
  @state() private chosen = 0;
  #grid: Grid | null = null;
  readonly #size = new WidthController(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('weights')) return;
    this.#grid = gridOf(this.weights, this.converted, this.nCodes);
    this.#reset();
    this.chosen = Math.min(this.chosen, this.weights.length - 1);
  }

  #reset(): void {
    this.factor = 1;
    this.shift = 0;
  }

  get #isOwn(): boolean {
    return this.factor === 1 && this.shift === 0;
  }

  /** As it was moved. */
  #movedGrid(own: Grid): Grid {
    if (this.#isOwn) return own;
    const scale = own.scale * this.factor;
    return moved(this.weights, own, scale, own.bias * this.factor + this.shift * scale);
  }

  override render() {
    if (this.weights.length === 0) return nothing;
    const words = WORDS[this.language];
    const own = this.#grid;
    const grid = own && this.#movedGrid(own);
    const converted =
      grid && !this.#isOwn ? reconstruct(grid, grid.scale, grid.bias) : this.converted;
    return html`<p class="small muted">${words.bars}</p>
      ${this.#renderBars(converted, grid)} ${this.#renderError(converted)}
      ${own && grid ? this.#renderHandles(own, grid) : html`<p class="sentence notice">${words.noGrid}</p>`}
      ${this.#renderWeight(converted, grid)} ${grid ? this.#renderBytes(grid) : nothing}`;
  }

  #renderBars(converted: readonly number[], grid: Grid | null) {
    const width = Math.max(200, this.#size.width);
    const n = Math.min(MAX_BARS, this.weights.length);
    const step = width / n;
    const own = this.#grid;
    const ends = own
      ? [own.levels[0]!, own.levels.at(-1)!].map((v) => v * own.scale + own.bias)
      : [];
    const greatest =
      1.08 * Math.max(1e-12, ...[...this.weights, ...this.converted, ...ends].map(Math.abs));
    const y = (value: number) =>
      HEIGHT / 2 - (Math.max(-1, Math.min(1, value / greatest)) * HEIGHT) / 2;
    const lines = grid && grid.levels.length <= MAX_LINES ? grid.levels : [];
    // One path, not a shape for each: it is drawn anew at every step of a drag.
    const bar = (i: number) => {
      const [from, to] = [y(0), y(converted[i]!)];
      const height = Math.max(0.5, Math.abs(from - to)).toFixed(2);
      const side = (step * 0.76).toFixed(2);
      return `M${(i * step + step * 0.12).toFixed(2)} ${Math.min(from, to).toFixed(2)}h${side}v${height}h-${side}z`;
    };
    const bars = Array.from({ length: n }, (_, i) => (i === this.chosen ? '' : bar(i))).join('');
    const was = this.weights
      .slice(0, n)
      .map((w, i) => `M${(i * step).toFixed(2)} ${y(w).toFixed(2)}h${step.toFixed(2)}`)
      .join('');
    const levels = lines
      .map((level) => y(level * grid!.scale + grid!.bias))
      .map((at) => `M0 ${at.toFixed(2)}H${width}`)
      .join('');
    const choose = (event: MouseEvent) => {
      const box = (event.currentTarget as SVGElement).getBoundingClientRect();
      const at = Math.floor(((event.clientX - box.left) / box.width) * n);
      this.chosen = Math.max(0, Math.min(n - 1, at));
    };
    return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width=${width} height=${HEIGHT} aria-hidden="true" @click=${choose}>
      <path class="level" d=${levels} />
      <path class="became" d=${bars} />
      ${this.chosen < n ? svg`<path class="became chosen" d=${bar(this.chosen)} />` : nothing}
      <line class="axis" x1="0" x2=${width} y1=${y(0)} y2=${y(0)} />
      <path class="was" d=${was} />
    </svg>`;
  }

  #renderError(converted: readonly number[]) {
    const words = WORDS[this.language];
    const { format } = this;
    const own = rmse(this.weights, this.converted);
    const now = rmse(this.weights, converted);
    const text = this.#isOwn
      ? words.rmseOwn(format.small(own))
      : words.rmseNow(
          format.small(now),
          format.small(own),
          own > 0 ? format.small(now / own) : '∞',
        );
    return html`<p class="number error-now" role="status">${text}</p>`;
  }

  #renderHandles(own: Grid, grid: Grid) {
    const words = WORDS[this.language];
    const { format } = this;
    const number = (event: Event) => (event.target as HTMLInputElement).valueAsNumber;
    // In codes from the grid's first level; a table's levels are no whole steps, so its shift is a value.
    const isEven = own.levels.every((level) => Number.isInteger(level));
    const zero = -grid.bias / grid.scale - (isEven ? own.levels[0]! : 0);
    const reach = isEven ? Math.min(8, own.levels.length / 2) : 0.5;
    return html`<div class="handles">
      <label
        ><span>${words.scale} <b class="number">${format.small(grid.scale)}</b></span>
        <input type="range" name="scale" min="0.3" max="2.5" step="0.01" .value=${String(this.factor)}
          aria-valuetext=${format.small(grid.scale)} @input=${(event: Event) => (this.factor = number(event))} />
      </label>
      <label
        ><span>${isEven ? words.zero : words.offset} <b class="number">${isEven ? words.zeroValue(format.fixed(zero, 2)) : format.small(grid.bias)}</b></span>
        <input type="range" name="zero" min=${-reach} max=${reach} step=${reach / 80} .value=${String(-this.shift)}
          aria-valuetext=${isEven ? words.zeroValue(format.fixed(zero, 2)) : format.small(grid.bias)}
          @input=${(event: Event) => (this.shift = 0 - number(event))} />
      </label>
      <button aria-disabled=${this.#isOwn} @click=${() => this.#reset()}>${words.ownGrid}</button>
    </div>`;
  }

  #renderWeight(converted: readonly number[], grid: Grid | null) {
    const words = WORDS[this.language];
    const { format, chosen } = this;
    const was = this.weights[chosen]!;
    const became = converted[chosen]!;
    const small = (value: number) => format.small(value).replace('e-', 'e−').replace(/^-/, '−');
    const level = (value: number) =>
      Number.isInteger(value) ? format.integer(value).replace('-', '−') : small(value);
    const plus = (value: number) => (value < 0 ? `− ${small(-value)}` : `+ ${small(value)}`);
    const code = grid?.codes[chosen] ?? 0;
    const bias = grid && grid.bias !== 0 ? grid.bias : null;
    const bits = grid ? code.toString(2).padStart(grid.bits, '0') : '';
    const over = bias === null ? small(was) : `(${small(was)} ${plus(-bias)})`;
    return html`<div class="way">
      <label
        ><span>${words.weight} <b class="number">${format.integer(chosen)}</b></span>
        <input type="range" name="weight" min="0" max=${this.weights.length - 1} step="1" .value=${String(chosen)}
          @input=${(event: Event) => (this.chosen = (event.target as HTMLInputElement).valueAsNumber)} />
      </label>
      <h4 class="visually-hidden">${words.formula}</h4>
      <dl class="mono">
        <div><dt>w</dt><dd>${small(was)}</dd></div>
        ${
          grid
            ? html`<div><dt>${words.steps.divide}</dt><dd>${over} ÷ ${small(grid.scale)} = ${small((was - grid.bias) / grid.scale)}</dd></div>
              <div><dt>${words.steps.round}</dt><dd>${code} = <b class="code">${bits}</b></dd></div>
              <div><dt>${words.steps.back}</dt><dd>${level(grid.levels[code]!)} × ${small(grid.scale)} ${bias === null ? nothing : plus(bias)} = ${small(became)}</dd></div>`
            : html`<div><dt>${words.steps.back}</dt><dd>${small(became)}</dd></div>`
        }
        <div><dt>${words.steps.off}</dt><dd class="off">${small(became - was)}</dd></div>
      </dl>
    </div>`;
  }

  #renderBytes(grid: Grid) {
    const words = WORDS[this.language];
    const all = packed(grid);
    const bytes = all.slice(0, MAX_BARS / 4);
    return html`<h4>${words.packed}</h4>
      <p class="small muted">${words.packedLead(String(grid.bits), this.format.integer(all.length))}</p>
      <ol class="bytes mono">
        ${bytes.map((byte) => {
          const value = byte.reduce((sum, { bit }) => 2 * sum + bit, 0);
          return html`<li>
            <span class="row" aria-hidden="true">${runs(byte).map(
              ({ owner, bits }) =>
                html`<i class="${owner % 2 === 0 ? 'even' : 'odd'} ${owner === this.chosen ? 'chosen' : ''}">${bits}</i>`,
            )}</span>
            <span class="hex">${value.toString(16).padStart(2, '0')}</span>
          </li>`;
        })}
        ${all.length > bytes.length ? html`<li>…</li>` : nothing}
      </ol>`;
  }
}
