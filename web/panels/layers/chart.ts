/** How far each lane's hidden state is from the reference's, from the embedding to the last layer: a line for
 * each, which keys move a cursor along. */
import { css, html, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import type { LaneId } from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { distanceText, isDrawn, roundedUp } from './parting.ts';

const WORDS = { en, ko };
const HEIGHT = 180;
const TOP = 12;
const BOTTOM = 26;
const LEFT = 44;
/** Half of a marker, and of the room that the last one needs. */
const RADIUS = 5;
const RIGHT = 22;
/** A layer's number needs so much. */
const LABEL_WIDTH = 34;

export interface Series {
  id: LaneId;
  /** One for each stage; null where it is not a number. What is infinite is not drawn either. */
  distances: readonly (number | null)[];
  /** Would it say the reference's token? */
  isSame: readonly boolean[];
}

@customElement('bitloss-layer-chart')
export class LayerChart extends Panel {
  static override styles = [
    shared,
    css`
      svg {
        display: block;
        width: 100%;
        border-radius: 4px;
      }
      text {
        font-size: 12px;
        fill: var(--muted);
        font-variant-numeric: tabular-nums;
      }
      .grid {
        stroke: var(--line);
      }
      .cursor {
        stroke: var(--edge);
        stroke-dasharray: 3 3;
      }
      polyline {
        fill: none;
        stroke: var(--lane);
        stroke-width: 2;
      }
      .mark {
        fill: var(--lane);
        stroke: var(--lane);
        stroke-width: 2;
      }
      .mark[data-other] {
        fill: var(--surface);
      }
      .letter {
        fill: var(--lane);
        font-weight: 700;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 18px;
        margin-top: 4px;
        color: var(--muted);
      }
      .legend span {
        display: inline-flex;
        align-items: center;
        gap: 7px;
      }
      .legend svg {
        width: 14px;
        flex: none;
      }
      output {
        display: block;
        min-height: 2.9em;
        margin-top: 6px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) series: readonly Series[] = [];
  /** The stage that the cursor is at. */
  @state() private cursor: number | null = null;
  readonly #size = new WidthController(this);

  get #nStages(): number {
    return Math.max(1, ...this.series.map(({ distances }) => distances.length));
  }

  #x(stage: number): number {
    const width = Math.max(1, this.#size.width - LEFT - RIGHT - RADIUS);
    return LEFT + RADIUS + (width * stage) / Math.max(1, this.#nStages - 1);
  }

  override render() {
    const words = WORDS[this.language];
    const { format, series } = this;
    const { width } = this.#size;
    const all = series.flatMap(({ distances }) => distances).filter(isDrawn);
    const most = roundedUp(Math.max(0, ...all));
    const y = (value: number) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
    const names = series.map(({ id }) => laneName(this.t, id)).join(', ');
    return html`<svg
        viewBox="0 0 ${Math.max(width, 1)} ${HEIGHT}" height=${HEIGHT} tabindex="0" role="group"
        aria-label=${words.chartLabel(names)} @keydown=${this.#keydown}
        @pointermove=${this.#point} @pointerleave=${() => (this.cursor = null)}
      >
        ${[0, most / 2, most].map(
          (
            value,
          ) => svg`<line class="grid" x1=${LEFT} x2=${Math.max(width, LEFT)} y1=${y(value)} y2=${y(value)} />
            <text x=${LEFT - 8} y=${y(value) + 4} text-anchor="end">${format.exact(value)}</text>`,
        )}
        ${this.#labels()}
        ${this.cursor === null ? nothing : svg`<line class="cursor" x1=${this.#x(this.cursor)} x2=${this.#x(this.cursor)} y1=${TOP} y2=${HEIGHT - BOTTOM} />`}
        ${width > 0 ? series.map((one) => this.#line(one, y)) : nothing}
      </svg>
      <p class="legend small">
        <span>${words.distanceAxis}</span>
        <span>${sample(false)} ${words.filled}</span>
        <span>${sample(true)} ${words.hollow}</span>
      </p>
      <output class="small number" aria-live="polite" data-left-out>${this.#readout()}</output>`;
  }

  #labels() {
    const words = WORDS[this.language];
    const n = this.#nStages;
    const step = Math.max(1, Math.ceil((n * LABEL_WIDTH) / Math.max(1, this.#size.width - LEFT)));
    return (
      Array.from({ length: n }, (_, stage) => stage)
        .filter((stage) => stage % step === 0)
        .map((stage) => {
          const label = stage === 0 ? words.embedding : this.format.integer(stage);
          const x = stage === 0 ? LEFT : this.#x(stage);
          const anchor = stage === 0 ? 'start' : 'middle';
          return svg`<text x=${x} y=${HEIGHT - 6} text-anchor=${anchor}>${label}</text>`;
        })
        // The word beside the axis takes the room of several numbers.
        .filter((_, i) => i === 0 || this.#x(i * step) > LEFT + 84)
    );
  }

  #line({ id, distances, isSame }: Series, y: (value: number) => number) {
    const places = distances.flatMap((distance, stage) =>
      isDrawn(distance) ? [{ x: this.#x(stage), y: y(distance), isSame: isSame[stage] }] : [],
    );
    const end = places.at(-1);
    return svg`<g style=${styleMap({ '--lane': laneColor(id) })}>
      <polyline points=${places.map((at) => `${at.x},${at.y}`).join(' ')} />
      ${places.map((at) => svg`<circle class="mark" ?data-other=${!at.isSame} cx=${at.x} cy=${at.y} r=${RADIUS} />`)}
      ${end ? svg`<text class="letter" x=${end.x + RADIUS + 5} y=${end.y + 4}>${laneLetter(id)}</text>` : nothing}
    </g>`;
  }

  #readout(): string {
    const words = WORDS[this.language];
    const { cursor, format } = this;
    if (cursor === null) return words.chartHint;
    const name = cursor === 0 ? words.embedding : words.layer(format.integer(cursor));
    const lanes = this.series.map(({ id, distances }) => {
      const value = distanceText(distances[cursor] ?? null, words, (x) => format.small(x));
      return `${laneName(this.t, id)} ${value}`;
    });
    return `${name}: ${lanes.join(', ')}`;
  }

  readonly #point = (event: PointerEvent): void => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    const at = event.clientX - box.left;
    const stages = Array.from({ length: this.#nStages }, (_, stage) => stage);
    const away = (stage: number) => Math.abs(this.#x(stage) - at);
    this.cursor = stages.reduce((best, stage) => (away(stage) < away(best) ? stage : best), 0);
  };

  readonly #keydown = (event: KeyboardEvent): void => {
    const last = this.#nStages - 1;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const end = { Home: 0, End: last }[event.key];
    if (step === undefined && end === undefined) return;
    event.preventDefault();
    const to = end ?? (this.cursor === null ? 0 : this.cursor + step!);
    this.cursor = Math.min(last, Math.max(0, to));
  };
}

/** A marker by itself, for the legend. */
function sample(isOther: boolean) {
  return html`<svg viewBox="0 0 14 14" height="14" aria-hidden="true" style=${styleMap({ '--lane': 'var(--muted)' })}>
    <circle class="mark" ?data-other=${isOther} cx="7" cy="7" r=${RADIUS} />
  </svg>`;
}
