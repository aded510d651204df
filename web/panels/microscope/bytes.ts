/** What is stored for the weights that share a scale: the numbers that the scale is made of, and the bytes
 * that these and the codes are packed into. Properties: `row`, `described`, and `chosen`, the weight whose bits
 * are framed. */
import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { StoredRow } from '../../../wasm/measure_types.ts';
import { withMinus } from '../../format.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { bytesStyles } from './bytes_styles.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import type { Described } from './described.ts';
import { bitText, rawAt, type Place } from './stored.ts';

const WORDS = { en, ko };
/** Bytes of a part that are shown: a block's are fewer. Where there are more, so many around the chosen
 * weight's. */
const MAX_BYTES = 96;
const N_AROUND = 32;

/** Whose a bit is: that of weight i, of number i, or of others that share the byte. */
interface Owner {
  kind: 'code' | 'number' | 'other';
  index: number;
}

interface ShownByte {
  at: number;
  value: number;
  /** From the highest bit down, neighbours of one owner together. */
  runs: { owner: Owner; bits: string }[];
}

interface ShownPart {
  name: string;
  bytes: ShownByte[];
  /** Of the group, of which some before and after those that are shown may be left out. */
  nBytes: number;
  isCutBefore: boolean;
  isCutAfter: boolean;
}

const OTHERS: Owner = { kind: 'other', index: 0 };

/** The bytes of each part that hold something of this group. */
export function shownParts(row: StoredRow, described: Described, chosen: number): ShownPart[] {
  const owners = row.parts.map(() => new Map<number, Owner>());
  const own =
    (kind: Owner['kind']) =>
    ({ part, bits }: Place, index: number) => {
      for (const bit of bits) owners[part]!.set(bit, { kind, index });
    };
  described.codes.forEach(own('code'));
  described.numbers.map(({ place }) => place).forEach(own('number'));
  return row.parts.flatMap(({ name, bytes }, part) => {
    const places = owners[part]!;
    const at = [...new Set([...places.keys()].map((bit) => bit >> 3))].sort((a, b) => a - b);
    if (at.length === 0) return [];
    const ofChosen = described.codes[chosen];
    const middle = ofChosen?.part === part ? at.indexOf(ofChosen.bits[0]! >> 3) : 0;
    const n = at.length > MAX_BYTES ? N_AROUND : at.length;
    const first = Math.max(0, Math.min(at.length - n, middle - n / 2));
    const shown = at.slice(first, first + n).map((byte) => {
      const value = bytes[byte]!;
      const runs: ShownByte['runs'] = [];
      for (let place = 7; place >= 0; place--) {
        const owner = places.get(8 * byte + place) ?? OTHERS;
        const bit = String((value >> place) & 1);
        const last = runs.at(-1);
        if (last?.owner.kind === owner.kind && last.owner.index === owner.index) last.bits += bit;
        else runs.push({ owner, bits: bit });
      }
      return { at: byte, value, runs };
    });
    const isCutBefore = first > 0;
    const isCutAfter = first + n < at.length;
    return [{ name, bytes: shown, nBytes: at.length, isCutBefore, isCutAfter }];
  });
}

@customElement('bitloss-group-bytes')
export class GroupBytes extends Panel {
  static override styles = [shared, bytesStyles];

  @property({ attribute: false }) row!: StoredRow;
  @property({ attribute: false }) described!: Described;
  @property({ attribute: false }) chosen = 0;

  override render() {
    const words = WORDS[this.language];
    const { described, row } = this;
    const small = (value: number) => this.#small(value);
    const { scale, bias } = described.made(small);
    const line = (name: string, text: string, value: number) =>
      text === '' ? nothing : html`<p class="mono">${name} = ${text} = ${small(value)}</p>`;
    return html`${
      described.numbers.length === 0
        ? nothing
        : html`<h4>${words.stored}</h4>
          <ul class="numbers">
            ${described.numbers.map(
              ({ name, place, value }, i) => html`<li>
                <span>${words.numbers[name]}</span>
                <b class="mono"><i class="bit number${i}">${this.#shortBits(place)}</i> ${this.#say(place, value)}</b>
              </li>`,
            )}
          </ul>
          ${line(words.scale, scale, described.scale)} ${line(words.shifts[described.shift], bias, described.bias)}`
    }
      <h4>${words.packed}</h4>
      <p class="small muted">${words.packedLead(String(described.codes[0]!.bits.length))}</p>
      ${shownParts(row, described, this.chosen).map(
        ({
          name,
          bytes,
          nBytes,
          isCutBefore,
          isCutAfter,
        }) => html`<p class="small muted part"><code>${name}</code> · ${words.nBytes(nBytes)}</p>
          <ol class="bytes mono">
            ${isCutBefore ? html`<li>…</li>` : nothing}
            ${bytes.map(({ at, value, runs }) => this.#renderByte(at, value, runs))}
            ${isCutAfter ? html`<li>…</li>` : nothing}
          </ol>`,
      )}`;
  }

  #renderByte(at: number, value: number, runs: ShownByte['runs']) {
    return html`<li>
      <span class="row" aria-hidden="true">${runs.map(({ owner: { kind, index }, bits }) => {
        const look = {
          other: 'other',
          number: `number${index}`,
          code: `${index % 2 === 0 ? 'even' : 'odd'} ${index === this.chosen ? 'chosen' : ''}`,
        }[kind];
        return html`<i class="bit ${look}">${bits}</i>`;
      })}</span>
      <span class="hex"><span class="at">${at}</span> ${value.toString(16).padStart(2, '0')}</span>
    </li>`;
  }

  #small(value: number): string {
    return withMinus(this.format.small(value + 0));
  }

  /** Long numbers by their hexadecimal digits. */
  #shortBits(place: Place): string {
    if (place.bits.length <= 8) return bitText(this.row, place);
    return `0x${rawAt(this.row, place)
      .toString(16)
      .padStart(place.bits.length / 4, '0')}`;
  }

  #say({ as }: Place, value: number): string {
    if (as === 'e8m0') return `2^${Math.log2(value)} = ${this.#small(value)}`.replace('^-', '^−');
    return as === 'unsigned' || as === 'signed'
      ? String(value).replace('-', '−')
      : this.#small(value);
  }
}
