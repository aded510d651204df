/** Nine number formats bit by bit: bits that flip, a number to type, what each format makes of it, and
 * their values on one line. It needs no model. */
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import '../../controls/picture/element.ts';
import { segments, segmentStyles } from '../../controls/segments.ts';
import { WidthController } from '../../controls/width.ts';
import { withMinus } from '../../format.ts';
import { shared } from '../../styles/shared.ts';
import type { PanelContext } from '../index.ts';
import { Panel } from '../panel.ts';
import { en } from './en.ts';
import {
  bitAt,
  bitsOf,
  decode,
  digits,
  encode,
  fieldsOf,
  flip,
  NAMES,
  NUMBER_FORMATS,
  parseNumber,
  rolesOf,
  scaleOf,
  valuesOf,
  type FormatId,
  type NumberFormat,
} from './formats.ts';
import { ko } from './ko.ts';
import { numberLine } from './line.ts';
import { styles } from './styles.ts';

const WORDS = { en, ko };
const EXAMPLES = ['0.1', '−0.42', '3.14159', '300', '70000'];
const RANGES = [0.5, 1, 6, 448];
/** Those with few enough values to draw each. */
const DRAWN = NUMBER_FORMATS.filter((format) => bitsOf(format) <= 8);

@customElement('bitloss-panel-numbers')
export class NumbersPanel extends Panel {
  static override styles = [shared, segmentStyles, styles];

  /** As typed, or as a flipped bit made it. */
  @state() private typed = '0.1';
  @state() private absmaxTyped = '1';
  /** The last that were numbers. */
  @state() private value = 0.1;
  @state() private absmax = 1;
  /** The bits that were flipped last: more than one code can mean the same, and some mean no number. */
  @state() private own: { id: FormatId; code: number } | null = null;
  @state() private range = 1;
  @state() private drawn: readonly FormatId[] = ['e4m3', 'e2m1', 'int4', 'nf4'];
  /** The place in each row that the Tab key comes to. */
  readonly #places = new Map<FormatId, number>();
  readonly #size = new WidthController(this);

  get #words() {
    return WORDS[this.language];
  }

  #codeOf(format: NumberFormat): number {
    return this.own?.id === format.id ? this.own.code : encode(format, this.value, this.absmax);
  }

  #type(text: string): void {
    this.typed = text;
    this.own = null;
    this.value = parseNumber(text) ?? this.value;
  }

  #typeAbsmax(text: string): void {
    this.absmaxTyped = text;
    const absmax = parseNumber(text);
    if (absmax === null || !(Math.fround(absmax / 127) > 0) || absmax > 1e30) return;
    this.absmax = absmax;
    this.own = null;
  }

  #flip(format: NumberFormat, place: number): void {
    const code = flip(this.#codeOf(format), place);
    this.own = { id: format.id, code };
    this.value = decode(format, code, this.absmax);
    this.typed = digits(this.value);
    this.#places.set(format.id, place);
  }

  #move(event: KeyboardEvent, format: NumberFormat): void {
    const last = bitsOf(format) - 1;
    const at = Number((event.target as HTMLElement).dataset.place);
    const places: Record<string, number> = {
      ArrowLeft: Math.min(last, at + 1),
      ArrowRight: Math.max(0, at - 1),
      Home: last,
      End: 0,
    };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    this.#places.set(format.id, place);
    this.requestUpdate();
    const row = event.currentTarget as HTMLElement;
    void this.updateComplete.then(() =>
      row.querySelector<HTMLElement>(`[data-place="${place}"]`)?.focus(),
    );
  }

  override render() {
    const words = this.#words;
    return html`<p class="lead">${words.lead}</p>
      ${this.#renderFields()}
      <ul class="formats" aria-label=${words.rows}>
        ${repeat(
          NUMBER_FORMATS,
          ({ id }) => id,
          (format) => this.#renderFormat(format),
        )}
      </ul>
      ${this.#renderLine()}`;
  }

  #renderFields() {
    const words = this.#words;
    const isNumber = this.own !== null || parseNumber(this.typed) !== null;
    const absmax = parseNumber(this.absmaxTyped);
    const isPositive = absmax !== null && absmax === this.absmax;
    const text = (event: Event) => (event.target as HTMLInputElement).value;
    return html`<div class="fields">
        <div class="typing">
          <label class="field"
            ><span>${words.number}</span>
            <input type="text" class="mono" name="number" inputmode="text" maxlength="24" spellcheck="false" autocomplete="off"
              aria-invalid=${!isNumber} aria-describedby="number-problem" .value=${this.typed}
              @input=${(event: Event) => this.#type(text(event))} />
          </label>
          <div class="examples" role="group" aria-label=${words.examples}>
            ${EXAMPLES.map((example) => html`<button class="number" @click=${() => this.#type(example)}>${example}</button>`)}
          </div>
        </div>
        <label class="field"
          ><span>${words.absmax}</span>
          <input type="text" class="mono" name="absmax" maxlength="16" spellcheck="false" autocomplete="off"
            aria-invalid=${!isPositive} aria-describedby="absmax-note" .value=${this.absmaxTyped}
            @input=${(event: Event) => this.#typeAbsmax(text(event))} />
        </label>
      </div>
      <p id="number-problem" class="problem" role="alert">${isNumber ? nothing : words.notNumber}</p>
      <p id="absmax-note" class="small muted" role="status">${isPositive ? words.absmaxNote : html`<span class="problem">${words.notPositive}</span>`}</p>`;
  }

  #renderFormat(format: NumberFormat) {
    const words = this.#words;
    const { id } = format;
    const code = this.#codeOf(format);
    const n = bitsOf(format);
    const focusable = this.#places.get(id) ?? n - 1;
    let above = n;
    return html`<li data-format=${id}>
      <p class="name">
        <b>${NAMES[id]}</b> <span class="small muted">${words.nBits(String(n))} · ${words.about[id]}</span>
      </p>
      <div class="bits" role="toolbar" aria-label=${words.bitsOf(NAMES[id])} @keydown=${(event: KeyboardEvent) => this.#move(event, format)}>
        ${rolesOf(format).map(({ role, n: nBits }) => {
          above -= nBits;
          const lowest = above;
          return html`<div class="field-bits" data-role=${role}>
            <span class="role small" aria-hidden="true">${words.roles[role]}${nBits > 2 ? html` <i>${nBits}</i>` : nothing}</span>
            <span class="row">
              ${Array.from({ length: nBits }, (_, i) => this.#renderBit(format, code, lowest + nBits - 1 - i, words.roles[role], focusable))}
            </span>
          </div>`;
        })}
      </div>
      <p class="result number">${this.#renderResult(format, code)}</p>
      <p class="formula mono small muted">${this.#formula(format, code)}</p>
    </li>`;
  }

  #renderBit(format: NumberFormat, code: number, place: number, role: string, focusable: number) {
    const bit = bitAt(code, place);
    return html`<button
      data-place=${place}
      tabindex=${place === focusable ? 0 : -1}
      aria-pressed=${bit === 1}
      aria-label=${this.#words.bit(role, String(place), String(bit))}
      @click=${() => this.#flip(format, place)}
    >
      ${bit}
    </button>`;
  }

  #renderResult(format: NumberFormat, code: number) {
    const words = this.#words;
    const result = decode(format, code, this.absmax);
    if (Number.isNaN(result))
      return html`<b>NaN</b> <span class="error">${words.notNumberHere}</span>`;
    const difference = result - this.value;
    if (Number.isNaN(this.value) || Math.abs(this.value) === Infinity) {
      const isSame = result === this.value;
      return html`<b class="value">${digits(result)}</b> ${isSame ? nothing : html`<span class="error">${words.notNumberHere}</span>`}`;
    }
    if (difference === 0)
      return html`<b class="value">${digits(result)}</b> <span class="muted">${words.exact}</span>`;
    if (!Number.isFinite(result))
      return html`<b class="value">${digits(result)}</b> <span class="error">${words.beyond}</span>`;
    const off = withMinus(this.format.small(Math.abs(difference)));
    const share = Math.abs(difference / this.value);
    const told =
      this.value === 0
        ? words.errorPlain(off)
        : words.error(off, share < 1e-5 ? '< 0.001%' : this.format.percent(share));
    return html`<b class="value">${digits(result)}</b> <span class="error">${told}</span>`;
  }

  /** The value from the bits, with this code's numbers in it. */
  #formula(format: NumberFormat, code: number): string {
    if (format.kind === 'table')
      return `${digits(format.values[code]!)} × ${digits(scaleOf(format, this.absmax))}`;
    if (format.kind === 'integer') {
      const steps = code < 2 ** (format.bits - 1) ? code : code - 2 ** format.bits;
      return `${digits(steps)} × ${digits(scaleOf(format, this.absmax))}`;
    }
    if (!Number.isFinite(decode(format, code, 1))) return '';
    const { sign, exponent, fraction, bias } = fieldsOf(format, code);
    const part = fraction / 2 ** format.fractionBits;
    const [power, mantissa] =
      exponent === 0 ? [`1 − ${bias}`, part] : [`${exponent} − ${bias}`, 1 + part];
    return `${sign ? '−' : '+'} 2^(${power}) × ${digits(mantissa)}`;
  }

  #renderLine() {
    const words = this.#words;
    const chosen = DRAWN.filter(({ id }) => this.drawn.includes(id));
    const rows = chosen.map((format) => {
      const values = valuesOf(format, this.absmax);
      const within = values.filter((value) => Math.abs(value) <= this.range).length;
      const count = words.count(this.format.integer(within), this.format.integer(values.length));
      const rounded = decode(format, this.#codeOf(format), this.absmax);
      return { id: format.id, name: NAMES[format.id], values, count, rounded };
    });
    const setDrawn = (id: FormatId, isOn: boolean) =>
      (this.drawn = isOn ? [...this.drawn, id] : this.drawn.filter((other) => other !== id));
    return html`<section aria-labelledby="line">
      <h3 id="line">${words.line}</h3>
      <p class="small muted">${words.lineLead}</p>
      <div class="line-choice">
        <fieldset class="drawn">
          <legend class="small muted">${words.shown}</legend>
          ${DRAWN.map(
            ({ id }) =>
              html`<label><input type="checkbox" .checked=${this.drawn.includes(id)}
                  @change=${(event: Event) => setDrawn(id, (event.target as HTMLInputElement).checked)} />${NAMES[id]}</label>`,
          )}
        </fieldset>
        ${segments(
          'range',
          words.from,
          RANGES.map((value) => ({ value, label: `±${value}` })),
          this.range,
          (value) => (this.range = value),
        )}
      </div>
      ${numberLine(
        rows.map((row) => ({ ...row, name: `${row.name} · ${row.count}` })),
        this.value,
        this.range,
        Math.max(220, this.#size.width),
        digits,
      )}
      <bitloss-save-picture .language=${this.language} of="svg" name="numbers" label=${words.line}></bitloss-save-picture>
      <ul class="visually-hidden">
        ${rows.map(({ name, count, rounded }) => html`<li>${name}: ${count}; ${digits(rounded)}</li>`)}
      </ul>
      <p class="small muted keys"><span class="key yours" aria-hidden="true"></span>${words.yours}: <b class="number">${digits(this.value)}</b></p>
    </section>`;
  }
}

export function draw({ state }: Pick<PanelContext, 'state'>) {
  return html`<bitloss-panel-numbers .language=${state.lang}></bitloss-panel-numbers>`;
}
